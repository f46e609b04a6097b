#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Every show command at its widest, explanations, and names that vtysh
completes.

usage: tests/vtysh/shows.py VTYSH OFFLOADD

Routers, names and commands are everything.py's; as run.py, whose private
directories these are: root, nothing of the machine is touched.  The last line
is "N passed, N failed".
"""

import json
import os
import re
import sys

import everything as e
import run as v
from run import ask, check

COLUMNS = 80
build = None


# --- how wide ---

def too_wide(text):
    # "% Unknown command: ..." would be vtysh's own.
    return [line for line in text.splitlines() if len(line) > COLUMNS]


def names_in(text):
    """Long names that are there, whole."""
    return {n for n in (e.TABLE, e.DOWN, e.ACL, e.FLOW, e.GROUP, e.LIST,
                        e.RULE, e.PREFIX_LIST, e.HOSTS[0], e.HOSTS[-1])
            if n in text}


def test_width():
    """Of every command, in every state; nothing is cut off."""
    whole, count = "", 0
    for stage, reach in e.stages(build):
        reach()
        for command, _ in e.commands():
            text = ask(command, status=None)
            count += 1
            check(not too_wide(text), f"{command} ({stage}) is wider than "
                  f"{COLUMNS}", *too_wide(text))
            check("Unknown command" not in text, f"{command} is not known",
                  text)
            whole += text
    check(len(names_in(whole)) == 10, "names were cut off or not shown",
          names_in(whole))
    print(f"  {count} answers, the widest has "
          f"{max(map(len, whole.splitlines()))} columns")


# --- explanations ---

def explain(what):
    """The answer in words, its lines joined; and in JSON, which must agree."""
    text = " ".join(ask(f"show offload explain {what}", status=None).split())
    answer = json.loads(ask(f"show offload explain {what} json", status=None))
    for sentence in answer.get("answers", {}).values():
        # A time may have gone on meanwhile; nothing else.
        check(" ".join(sentence.split()) in text, "text and JSON differ", text,
              sentence)
    return text, answer


def says(what, *words, key=None):
    text, answer = explain(what)
    where = answer["answers"][key] if key else text
    for word in words:
        check(word in where, f"{what}: does not say: {word}", where)
    return answer


def test_explain():
    e.start(build)
    e.crowded()
    a = says("10.0.0.0/8", "Hardware forwards it (offloaded)",
             f"table {e.TABLE} since ", " UTC.", key="state")
    says("10.0.0.0/8", "Its class is critical by rule 10", "prefix-list",
         e.PREFIX_LIST, "Its weight is 7.", "offload-or-fail", key="class")
    says("10.0.0.0/8", "hides 1 more specific route", "10.1.0.0/16",
         key="shadow")
    says("10.0.0.0/8", "takes 1 slot and 1 cover takes 1 more, 2 in all",
         key="cost")
    check("why" not in a["answers"] and "remedy" not in a["answers"],
          "of what is in hardware", a)
    check(a["cost"] == {"ownSlots": 1, "covers": 1, "coverSlots": 1,
                        "moreSlots": 0, "allCounted": True} and
          a["known"] and a["room"]["limit"] == "capacity", "its numbers", a)
    says("10.2.0.0/16", "by a shorter entry (elided)", "10.0.0.0/8, which "
         "forwards it alike")
    says("10.1.0.0/16", "sends its packets to software (covered)",
         "never by rule 5", "Reason rule-never.", "its own entry sends them")
    says("127.0.0.0/8", "whatever the rules say", "Reason reserved.")
    says("12.1.0.0/16", "The table is not ready: ", "Reason table-down.",
         "The provider coming back.")


def test_explain_room():
    """What is missing, of which limit, is as the table has it."""
    rows = json.loads(ask("show offload route json"))["routes"]
    prefix = next(r["prefix"] for r in rows if r["state"] == "waiting" and
                  r["reason"] in ("high-watermark", "below-price") and
                  r["prefix"] in e.HOSTS + e.NETS)
    table = json.loads(ask(f"show offload table {e.TABLE} json"))
    a = says(prefix, "(the high-watermark)", "low-watermark", key="remedy")
    room = a["room"]
    check((room["limitSlots"], room["plannedSlots"], room["admission"]) ==
          (table["high"], table["planned"], table["admission"]),
          "other limits than the table's", room, table)
    check(room["missingSlots"] == max(
        0, table["planned"] + a["cost"]["moreSlots"] - table["high"]),
          "what is missing", a)
    more = table["planned"] - table["low"] + 1
    says(prefix, f"{more} more have to become free", key="remedy")
    # With so many more slots it is admitted.
    high = table["high"] + 40
    e.offload(f"table {e.TABLE}", "capacity 100",
              f"high-watermark {high} slots", f"low-watermark {high - 1} slots",
              "exit")
    e.has_state(prefix, "offloaded")
    says(prefix, "Hardware forwards it", key="state")


def test_explain_cover_limit():
    a = says("11.0.0.0/8", "Reason critical-cover-limit.",
             "Its covers would take 8 slots; critical-cover-limit allows 3.",
             "An entry for it would hide 8 more specific routes that need a "
             "cover.", "would take 1 slot and 8 covers take 8 more, 9 in all")
    check(a["cost"]["covers"] == 8 and a["cost"]["moreSlots"] == 9, "numbers",
          a)
    e.offload(f"table {e.TABLE}", "critical-cover-limit 8", "exit")
    e.has_state("11.0.0.0/8", "offloaded")
    says("11.0.0.0/8", "hides 8 more specific routes", "and 5 more.",
         key="shadow")


def test_explain_refusal():
    e.exercise(f"{e.TABLE} refuse real {e.WORDS}")
    e.routes(["10.0.0.0/8"], 2, no=True)
    e.routes(["10.0.0.0/8"], 4)
    e.has_state("10.0.0.0/8", "failed")
    a = says("10.0.0.0/8", "It was refused", "Reason hardware-",
             f"Hardware says: {e.WORDS} (error ")
    check(a["text"] == e.WORDS and a["errno"] > 0, "hardware's words", a)


def test_explain_unknown():
    text, a = explain("10.9.0.0/16")
    check("There is no route 10.9.0.0/16 in VRF default. The longest route "
          "that contains it is 10.0.0.0/8" in text and
          a["prefix"] == "10.0.0.0/8" and not a["known"] and
          a["state"] == "failed", "the longest route", text, a)
    text, a = explain("203.0.113.0/24")
    check("Nor is there a shorter one" in text and "answers" not in a and
          a["asked"] == "203.0.113.0/24", "nothing at all", text, a)
    text, a = explain("10.9.9.9")
    check(a["known"] and a["prefix"] == "10.0.0.0/8" and
          a["asked"] == "10.9.9.9/32", "an address", a)
    for words in (f"10.0.0.0/8 vrf {e.VRF}", "10.0.0.0/8 vrf none"):
        text, a = explain(words)
        check("VRF" in text and list(a) == ["error"], f"{words} is no error",
              text, a)


def test_explain_acl():
    text, a = explain(f"acl {e.FRAMES} 5")
    for words in ("No interface has the list of this entry.",
                  "Reason acl-not-attached.", "An access-group with the name",
                  "Its list is attached nowhere."):
        check(words in text, f"does not say: {words}", text)
    check(a["sequence"] == 5 and a["state"] == "waiting" and
          a["origin"] == "acl", "its numbers", a)
    text, a = explain(f"acl {e.ACL} 10")
    check(f"{e.PORT} in: " in text and f"{e.PORT} out: " in text,
          "where it applies", text)
    text, a = explain(f"acl {e.ACL} 11")
    check("has no sequence 11." in text and list(a) == ["error"], "no entry",
          text, a)
    text, a = explain("acl none 1")
    check("There is no access control list none." in text, "no list", text)


# --- completion ---

# Beginning of a line, in which nodes: names of the daemon that ? offers.
COMPLETIONS = (
    ((), "show offload table ", (e.TABLE, e.DOWN, "ports")),
    ((), "show offload foreign table ", ("ports",)),
    ((), "offload rebalance ", (e.TABLE,)),
    ((), "offload exercise table ", (e.TABLE,)),
    ((), "show offload acl ", (e.ACL, e.FRAMES, "NEAR")),
    ((), "show offload explain acl ", (e.ACL, e.FRAMES)),
    ((), "show offload flow static ", (e.FLOW, "short")),
    ((), "show offload flow ", (e.FLOW, "short")),
    ((), "show offload route vrf ", ("default", e.VRF)),
    ((), "show offload explain 10.0.0.0/8 vrf ", ("default", e.VRF)),
    ((), "show offload history vrf ", ("default", e.VRF)),
    ((), "show nacm user ", (e.USER, "admin")),
    (("offload",), "rule ", ("5", "10", "12")),
    (("offload",), "no rule ", ("5", "10", "12")),
    (("offload",), "table ", (e.TABLE, "ports")),
    (("offload",), "no table ", (e.TABLE, "ports")),
    (("offload",), "default table ", (e.TABLE, "ports")),
    (("offload",), "acl ", (e.ACL, e.FRAMES)),
    (("offload",), "no acl ", (e.ACL, e.FRAMES)),
    (("offload",), "acl rename ", (e.ACL, e.FRAMES)),
    (("offload",), "access-group ", (e.ACL, "NEAR")),
    (("offload",), "no access-group ", (e.ACL, "NEAR")),
    (("offload",), f"access-group {e.ACL} interface ", (e.PORT, e.PEER, "lo")),
    (("offload",), "flow ", (e.FLOW, "short")),
    (("offload",), "no flow ", (e.FLOW, "short")),
    (("offload", "rule 10"), "match prefix-list ", (e.PREFIX_LIST, "NEVER")),
    (("offload", "rule 10"), "match access-list ", ("NEAR",)),
    (("offload", "rule 10"), "match vrf ", ("default", e.VRF)),
    (("offload", "rule 10"), "match nexthop-interface ", (e.PORT,)),
    (("offload", "rule 10"), "set table ", (e.TABLE, "ports")),
    (("offload", "table ports"), "tc port ", (e.PORT, e.PEER)),
    (("offload", "table ports"), "provider ", ("emulated", "tc")),
    (("nacm",), "group ", (e.GROUP,)),
    (("nacm",), "no group ", (e.GROUP,)),
    (("nacm",), "rule-list ", (e.LIST,)),
    (("nacm",), "move rule-list ", (e.LIST,)),
    (("nacm",), f"move rule-list {e.LIST} before ", (e.LIST,)),
    (("nacm", f"group {e.GROUP}"), "user ", (e.USER, "admin")),
    (("nacm", f"group {e.GROUP}"), "no user ", (e.USER, "admin")),
    (("nacm", f"rule-list {e.LIST}"), "group ", (e.GROUP,)),
    (("nacm", f"rule-list {e.LIST}"), "rule ", (e.RULE, "rpcs")),
    (("nacm", f"rule-list {e.LIST}"), "no rule ", (e.RULE, "rpcs")),
    (("nacm", f"rule-list {e.LIST}"), "move rule rpcs before ",
     (e.RULE, "rpcs")),
    (("nacm", f"rule-list {e.LIST}", f"rule {e.RULE}"), "module ",
     ("frr-offload", "ietf-netconf-acm")),
)


def test_completion():
    for nodes, line, names in COMPLETIONS:
        enter = ("configure terminal", *nodes) if nodes else ()
        offered = ask(*enter, f"{line}?", status=None).split()
        for name in names:
            check(name in offered, f"{nodes} {line}? does not offer {name}",
                  offered)


def test_completion_at_the_terminal():
    """TAB, where names are as long as they may be."""
    term = v.Terminal()
    try:
        # The line scrolls: its end is what is there.
        term.type("show offload table ta\t", "t{20} ")
        term.type("ent\t", "entries ")
        term.type("\n", r"# $")
        term.type("show offload explain acl fr\t", "f{20} ")
        term.type("5\n", r"# $")
        term.type("conf t\n", r"\(config\)# $")
        term.type("offload\n", r"\(config-offload\)# $")
        term.type("no flow sh\t", "short ")
        term.type("\n", r"\(config-offload\)# $")
    finally:
        term.close()
    left = json.loads(ask("show offload flow static json"))["staticFlows"]
    check([f["name"] for f in left] == [e.FLOW], "the completed line", left)


NAME = re.compile(r"\b(?:WORD|NAME|IFNAME|PREFIXLIST_NAME|ACCESSLIST_NAME)"
                  r"(?:\$(\w+))?")
# Names of libfrr's lists, and words that nobody has a list of.
KNOWN = {"vrf_name", "ifname", "flow_port"}
FREE = {"path", "first", "name"}


def test_every_name():
    """Each name in a command is completed, or has no list to be."""
    where = os.path.join(e.TREE, "offloadd", "northbound")
    texts = {}
    for name in sorted(os.listdir(where)):
        if name.endswith(".c"):
            with open(os.path.join(where, name), encoding="utf-8") as f:
                texts[name] = f.read()
    handled = set(re.findall(r'\.varname = "(\w+)"', "".join(texts.values())))
    commands = [(name, m.group(1)) for name, text in texts.items() for m in
                re.finditer(r'^(?:DEFPY|ALIAS)\w*\([^"]*?"([^"]+)"', text,
                            re.MULTILINE)]
    check(len(commands) > 100, "too few commands were found", len(commands))
    words = {(file, word) for file, command in commands
             for word in NAME.findall(command) if word}
    lost = sorted((f, w) for f, w in words if w not in handled | KNOWN | FREE
                  and not ("LIST_NAME$" + w in texts[f]))
    check(not lost, "names that nothing completes", *lost)
    check(len({w for _, w in words} & handled) > 8, "too few are completed",
          words)


if __name__ == "__main__":
    v.enter(__file__, __doc__)
    build = os.path.dirname(os.path.dirname(v.offloadd_path))
    e.make_links()
    sys.exit(v.run_tests(globals()))
