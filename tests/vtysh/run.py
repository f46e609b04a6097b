#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The rebuilt vtysh against packaged daemons and offloadd.

usage: tests/vtysh/run.py VTYSH OFFLOADD

Runs as root in network, mount and process namespaces of its own, with
private directories over /etc/frr, FRR's run directory and /var/lib: the
machine's FRR is neither seen nor touched, and nothing outlives the test.
The last line is "N passed, N failed"; 77 is the status when it cannot run.
"""

import json
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import time
import traceback

PACKAGED = "/usr/bin/vtysh"
SBIN = "/usr/lib/frr"
ETC = "/etc/frr"
RUN = "/var/run/frr"
SCRATCH = "/var/lib/scratch"
DEADLINE_S = 60
# Since 10.0 mgmtd has the configuration of static routes.
HAS_MGMTD = os.path.exists(f"{SBIN}/mgmtd")
FRR_DAEMONS = (*(("mgmtd",) if HAS_MGMTD else ()), "zebra", "staticd")

CONFIG = """\
ip prefix-list CUSTOMERS seq 5 permit 10.0.0.0/8 le 24
ipv6 prefix-list CUSTOMERS6 seq 5 permit 2001:db8::/32 le 48
access-list NEAR seq 5 permit 192.0.2.0/24
ip route 198.51.100.0/24 blackhole
offload
 table main
  tc port swp1
  tc mode software
  critical-cover-limit 16
  no exact-placement
  capacity 2000
  exit
 rule 10
  match prefix-list CUSTOMERS
  set class critical
  exit
 rule 20
  set class never
  exit
 exit
"""
BLOCK = ("offload", " table main", "  tc port swp1", "  tc mode software",
         "  critical-cover-limit 16", "  no exact-placement",
         "  capacity 2000", " rule 10",
         "  match prefix-list CUSTOMERS", "  set class critical", " rule 20",
         "  set class never")
SHARED = ("ip prefix-list CUSTOMERS seq 5 permit 10.0.0.0/8 le 24",
          "ipv6 prefix-list CUSTOMERS6 seq 5 permit 2001:db8::/32 le 48",
          "access-list NEAR seq 5 permit 192.0.2.0/24")

vtysh_path = offloadd_path = None
daemons = {}


class Failed(Exception):
    pass


def check(truth, sentence, *context):
    if not truth:
        raise Failed("\n".join([sentence] + [str(c) for c in context]))


def contains(text, lines, sentence):
    have = text.splitlines()
    for line in lines:
        check(line in have, f"{sentence}: '{line}' is missing in", text)


def wait(condition, sentence):
    end = time.monotonic() + DEADLINE_S
    while not condition():
        check(time.monotonic() < end, f"in {DEADLINE_S} s not so: {sentence}")
        time.sleep(0.05)


def put(path, text):
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    shutil.chown(path, "frr", "frr")


def get(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def run(*args, program=None, status=0, text=None):
    """A vtysh with these arguments; both outputs in one text."""
    argv = [program or vtysh_path, *args]
    proc = subprocess.run(argv, stdout=subprocess.PIPE, input=text,
                          stderr=subprocess.STDOUT, text=True,
                          timeout=DEADLINE_S, check=False)
    if status is not None:
        check(proc.returncode == status, f"{argv} left with "
              f"{proc.returncode} instead of {status}", proc.stdout)
    return proc.stdout


def ask(*commands, **kwargs):
    """Commands by -c, each with an argument of its own."""
    return run(*[a for c in commands for a in ("-c", c)], **kwargs)


def start(name, *args):
    path = offloadd_path if name == "offloadd" else f"{SBIN}/{name}"
    with open(f"{SCRATCH}/{name}.log", "ab") as log:
        daemons[name] = subprocess.Popen(
            [path, *args], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    wait(lambda: os.path.exists(f"{RUN}/{name}.vty") or
         daemons[name].poll() is not None, f"{name} listens")
    check(daemons[name].poll() is None,
          f"{name} ended with {daemons[name].returncode}",
          get(f"{SCRATCH}/{name}.log"))


def stop(name, sig=signal.SIGTERM):
    proc = daemons.pop(name)
    proc.send_signal(sig)
    proc.wait(timeout=DEADLINE_S)
    if os.path.exists(f"{RUN}/{name}.vty"):
        os.unlink(f"{RUN}/{name}.vty")


def restart():
    """The daemons, fresh, with what they find in /etc/frr."""
    for name in list(daemons):
        stop(name)
    for name in (*FRR_DAEMONS, "offloadd"):
        start(name)
    wait(lambda: "is not running" not in ask("show offload", status=None),
         "offloadd answers")


def empty_etc(*files):
    for name in os.listdir(ETC):
        os.unlink(f"{ETC}/{name}")
    for name in ("vtysh.conf",) + files:
        put(f"{ETC}/{name}", "")


def configured(integrated=True):
    """Daemons with CONFIG, in one of FRR's two modes of writing."""
    empty_etc(*(("frr.conf",) if integrated else ()))
    if not integrated:
        put(f"{ETC}/vtysh.conf", "no service integrated-vtysh-config\n")
    restart()
    ask("configure terminal", *CONFIG.splitlines())


def running(*daemon):
    return ask(" ".join(("show running-config", *daemon, "no-header")))


def block_of(text, head="offload"):
    """The lines of the block, which must be there once."""
    lines = text.splitlines()
    check(lines.count(head) == 1, "not exactly one block in", text)
    first = lines.index(head)
    check("exit" in lines[first:], "the block is not closed", text)
    return lines[first:lines.index("exit", first) + 1]


# --- what needs no daemon ---

def all_commands(program):
    """Every command of every node, hidden ones aside."""
    return run("-C", "-c", "find .", program=program).splitlines()


def test_superset():
    ours = {c.replace("|offloadd>", ">")
            for c in all_commands(vtysh_path)}
    packaged = set(all_commands(PACKAGED))
    check(len(packaged) > 4000, "the packaged vtysh does not tell its list")
    missing = sorted(packaged - ours)
    check(not missing, f"{len(missing)} commands of the package are missing",
          "\n".join(missing))
    own = sorted(ours - packaged)
    check(all(re.search("offload|nacm|netconf", c) for c in own),
          "foreign additions", "\n".join(own))
    print(f"  package {len(all_commands(PACKAGED))} commands, "
          f"ours {len(all_commands(vtysh_path))}")


def test_linked_alike():
    def libraries(program):
        out = subprocess.run(["ldd", program], stdout=subprocess.PIPE,
                             text=True, check=True).stdout
        return {os.path.basename(line.split()[0])
                for line in out.splitlines()}
    for lib in ("libpam.so.0", "libpam_misc.so.0", "libfrr.so.0"):
        check((lib in libraries(PACKAGED)) == (lib in libraries(vtysh_path)),
              f"the two are not linked alike to {lib}")


def test_help():
    ours = run("--help")
    check("FRR and offloadd" in ours, "--help does not name offloadd", ours)

    def options(text):
        return re.findall(r"^-\w|--\w+", text[text.index("-b, --boot"):],
                          re.MULTILINE)
    packaged = run("--help", program=PACKAGED)
    check(options(ours) == options(packaged), "options differ", ours)


def test_dry_run():
    put(f"{SCRATCH}/good.conf", CONFIG)
    put(f"{SCRATCH}/bad.conf",
        CONFIG.replace("set class critical", "set klass"))
    run("-C", "-f", f"{SCRATCH}/good.conf")
    out = run("-C", "-f", f"{SCRATCH}/bad.conf", status=2)
    check("Unknown command" in out and "set klass" in out,
          "the bad line is not told", out)


def test_mark_file():
    put(f"{SCRATCH}/good.conf", CONFIG)
    out = run("-m", "-f", f"{SCRATCH}/good.conf")
    contains(out, BLOCK, "marked file")


# --- configuration ---

def test_config_and_running_config():
    configured()
    text = running()
    contains(text, BLOCK + SHARED, "running configuration")
    for line in BLOCK + SHARED:
        check(text.splitlines().count(line) == 1,
              f"'{line}' is there more than once", text)
    check(text.index("ip prefix-list") < text.index("\noffload\n"),
          "the block comes before the lists it names", text)
    check(block_of(text) == block_of(running("offloadd")),
          "merged and own block differ", text)
    text = running("offloadd")
    contains(text, SHARED, "lists known to offloadd")
    check("ip route" not in text, "static routes are not ours", text)


def test_one_argument_of_many_lines():
    configured()
    before = running()
    restart()
    check("\noffload\n" not in running(), "the daemon kept configuration")
    run("-c", "configure terminal\n" + CONFIG)
    check(running() == before, "another result", running())


def test_input_file_and_no_form():
    empty_etc("frr.conf")
    restart()
    put(f"{SCRATCH}/in.conf", CONFIG)
    run("-f", f"{SCRATCH}/in.conf")
    contains(running(), BLOCK, "after -f")
    ask("configure terminal", "no offload")
    check("\noffload\n" not in running(), "no offload left it", running())


def test_nested_nodes():
    configured()
    out = run("-E", *[a for c in (
        "configure terminal", "offload", "table main", "exit", "rule 10",
        "rule 30", "set class never", "ip prefix-list OTHER permit any",
        "offload", "rule 30", "end", "show offload") for a in ("-c", c)])
    prompts = [m for m in re.findall(r"\(config[^)]*\)", out)]
    check(prompts == ["(config)", "(config-offload)",
                      "(config-offload-table)", "(config-offload)",
                      "(config-offload-rule)", "(config-offload-rule)",
                      "(config-offload-rule)", "(config)",
                      "(config-offload)", "(config-offload-rule)"],
          "other prompts", prompts, out)
    contains(running(), (" rule 30",), "entered from a sibling")
    contains(running("zebra"), ("ip prefix-list OTHER seq 5 permit any",),
             "a command of the parent, to the other daemons too")


def test_traffic():
    """Off, on and off again; what cannot be is refused and changes nothing."""
    configured()
    check("Traffic is not counted" in ask("show offload traffic"), "not said")
    check(json.loads(ask("show offload traffic json")) == {"count": "off"},
          "in JSON")
    ask("configure terminal", "offload", "traffic count bytes",
        "traffic half-life 120", "traffic sampling rate 10", "rule 30",
        "set mice-filter kilobytes 64 window 30", "set class best-effort")
    lines = (" traffic count bytes", " traffic half-life 120",
             " traffic sampling rate 10",
             "  set mice-filter kilobytes 64 window 30")
    contains(running(), BLOCK + lines, "configured")
    said = json.loads(ask("show offload traffic json"))
    check((said["count"], said["halfLifeSeconds"], said["periodSeconds"]) ==
          ("bytes", 120, 5), "as configured", said)
    rule = json.loads(ask("show offload rules json"))["rules"][-1]
    check(rule["miceFilter"] == {"kilobytes": 64, "windowSeconds": 30},
          "the filter", rule)
    for command, words in (
            ("set class critical", "only; remove it, or set another class"),
            ("set class never", "only; remove it, or set another class")):
        out = ask("configure terminal", "offload", "rule 30", command,
                  status=None)
        check(words in out, command, out)
    contains(running(), lines, "after what was refused")
    out = ask("show offload traffic table absent", status=None)
    check("There is no table absent." in out, "a table", out)
    ask("configure terminal", "offload", "no traffic count",
        "no traffic half-life", "no traffic sampling rate", "rule 30",
        "no set mice-filter", "set class critical")
    check("traffic" not in running() and "mice" not in running(),
          "it is still there", running())
    check("Traffic is not counted" in ask("show offload traffic"),
          "it is counted still")


NACM = """\
nacm
 write-default permit
 group operators
  user alice
 exit
 rule-list second
  group operators
  rule nothing
   path /frr-offload:offload/table[name='main']
   access create update delete
   action deny
  exit
 exit
 rule-list first
  group *
 exit
exit
"""


def test_block_nacm():
    """Two blocks of ours, each with its own exit; order is kept."""
    configured()
    ask("configure terminal", *NACM.splitlines())
    text = running()
    check(NACM in text.replace("!\n", ""), "the block nacm differs", text)
    check(block_of(text) == block_of(running("offloadd")),
          "the block offload suffers", text)
    out = run("-E", *[a for c in (
        "configure terminal", "nacm", "rule-list first", "rule late", "exit",
        "move rule late first", "exit", "move rule-list first first",
        "group operators", "no user alice", "offload", "end")
        for a in ("-c", c)])
    prompts = re.findall(r"\(config[^)]*\)", out)
    check(prompts == ["(config)", "(config-nacm)", "(config-nacm-rules)",
                      "(config-nacm-rule)", "(config-nacm-rules)",
                      "(config-nacm-rules)", "(config-nacm)",
                      "(config-nacm)", "(config-nacm-group)",
                      "(config-nacm-group)", "(config-offload)"],
          "other prompts", prompts, out)
    before = running()
    check(before.index(" rule-list first") < before.index(" rule-list second"),
          "it was not moved", before)
    check("alice" not in before, "the user is there", before)
    ask("write")
    restart()
    check("nacm" not in running(), "the daemon kept configuration")
    run("-b")
    check(running() == before, "write and boot changed it", before,
          running())


def test_answers_nacm():
    configured()
    ask("configure terminal", *NACM.splitlines())
    answer = json.loads(ask("show nacm json"))
    check([r["list"] + "/" + r["rule"] for r in answer["rules"]] ==
          ["second/nothing"] and answer["writeDefault"] == "permit" and
          answer["groups"] == [{"name": "operators", "users": "alice"}] and
          answer["deniedOperations"] == 0, "show nacm json", answer)
    check("path /frr-offload:offload/table[name='main']" in ask("show nacm"),
          "show nacm", ask("show nacm"))
    answer = json.loads(ask("show nacm user alice json"))
    check(answer["groups"] == "operators" and not answer["recovery"] and
          len(answer["rules"]) == 1, "show nacm user alice", answer)
    answer = json.loads(ask("show nacm user nobodyknows json"))
    check(answer["groups"] == "none" and answer["rules"] == [],
          "show nacm user of nobody", answer)
    check(json.loads(ask("show nacm user root json"))["recovery"],
          "show nacm user root")


def test_shared_commands():
    configured()
    ask("configure terminal", "interface lo", "description loop", "exit",
        "vrf RED", "ip route 203.0.113.0/24 blackhole", "exit-vrf",
        "log timestamp precision 6", "debug northbound")
    text = running("offloadd")
    contains(text, ("interface lo", " description loop"), "shared commands")
    # From 10.4 on mgmtd alone tells about logging.
    teller = "mgmtd" if HAS_MGMTD and "log " in running("mgmtd") else "offloadd"
    contains(running(teller), ("log timestamp precision 6",),
             "shared commands")
    check("debug northbound" in text, "debug northbound", text)
    merged = running().splitlines()
    for line in ("interface lo", "vrf RED", "log timestamp precision 6"):
        check(merged.count(line) == 1, f"'{line}' is doubled",
              "\n".join(merged))
    check("offloadd" in ask("show daemons"), "show daemons")
    check(re.search(r"(?i)offload", ask("show debugging")),
          "show debugging asks offloadd", ask("show debugging"))
    for what in ("ip prefix-list", "ipv6 prefix-list"):
        out = ask(f"show {what}")
        check(re.search(rf"(?im)^OFFLOAD\w*: {what} CUSTOMERS", out),
              f"show {what} asks offloadd", out)
    check(re.search(r"(?im)^OFFLOAD\w*:", ask("show ip access-list")),
          "show ip access-list asks offloadd", ask("show ip access-list"))
    check("qmem libfrr" in ask("show memory offloadd"), "show memory",
          ask("show memory offloadd"))
    run("-d", "offloadd", "-c", "show offload")


def test_bad_commands():
    configured()
    before = running()
    out = ask("configure terminal", "offload", "table main",
              "capacity much", status=1)
    check("Unknown command" in out, "not refused in words", out)
    check(running() == before, "it changed something", running())
    stop("offloadd")
    out = ask("show offload", status=None)
    check("offloadd is not running" in out, "a stopped daemon", out)


# --- write ---

def test_write_integrated_and_boot():
    configured()
    before = running()
    out = ask("write")
    check("[OK]" in out, "write", out)
    written = get(f"{ETC}/frr.conf")
    check(block_of(written) == block_of(before), "the file's block", written)
    check(not os.path.exists(f"{ETC}/offloadd.conf"), "a file of its own")
    state = os.stat(f"{ETC}/frr.conf")
    check(state.st_mode & 0o777 == 0o640 and state.st_uid != 0,
          "mode and owner of frr.conf", state)
    restart()
    check("\noffload\n" not in running(), "there before it was loaded")
    out = run("-b")
    check("Unknown" not in out and "rror" not in out, "vtysh -b", out)
    check(running() == before, "write and boot changed it", before,
          running())
    run("-w")
    check(get(f"{ETC}/frr.conf") == written, "the second write differs",
          get(f"{ETC}/frr.conf"))
    run("-b")
    check(running() == before, "a second load doubled something", running())


def test_boot_by_the_scripts_of_frr():
    configured()
    before = running()
    ask("write")
    restart()
    put(f"{ETC}/daemons", f"VTYSH={vtysh_path}\n")
    run("-c", ". /lib/lsb/init-functions; . " + SBIN + "/frrcommon.sh; "
        "vtysh_b", program="/bin/bash")
    check(running() == before, "VTYSH in /etc/frr/daemons is not enough",
          running())


def test_write_per_daemon():
    configured(integrated=False)
    # In this mode mgmtd of 10.7 writes no file: its static routes are lost.
    whole = () if not HAS_MGMTD else ("offloadd",)
    before = running(*whole)
    ask("write")
    check(not os.path.exists(f"{ETC}/frr.conf"), "frr.conf was written")
    own = get(f"{ETC}/offloadd.conf")
    check(block_of(own) == block_of(before), "the daemon's file", own)
    check("\noffload\n" not in get(f"{ETC}/zebra.conf"), "in zebra's file")
    restart()
    check(running(*whole) == before, "the daemon's own file does not restore "
          "it", before, running())


def test_write_beside_watchfrr():
    configured()
    before = running()
    watch = ["zebra", "staticd", "offloadd"]
    nothing = "/bin/true %s"
    start("watchfrr", "-s", nothing, "-k", nothing, "-r", nothing, *watch)
    # Twenty columns of name, then the state.
    wait(lambda: len(re.findall(r"^  \w+ +Up$", ask("show watchfrr"),
                                re.MULTILINE)) == 3, "watchfrr sees three")
    out = ask("write")
    check("[OK]" in out and "watchfrr" in out, "write", out)
    written = get(f"{ETC}/frr.conf")
    check(block_of(written) == block_of(before),
          "watchfrr's vtysh dropped the block", written)
    stop("staticd", signal.SIGKILL)
    wait(lambda: not re.search(r"^  staticd +Up$", ask("show watchfrr"),
                               re.MULTILINE), "watchfrr misses staticd")
    out = ask("write", status=1)
    check("Not all daemons are up" in out, "a daemon was down", out)
    check(get(f"{ETC}/frr.conf") == written, "the file changed")


# --- answers ---

def test_table_of_provider_tc():
    configured()
    check("tc" not in json.loads(ask("show offload table main json")),
          "another provider tells of tc")
    check(json.loads(ask("show offload table main capabilities json")) ==
          {"name": "main", "capabilities": []}, "a table in memory refuses")
    contains(ask("show offload table main capabilities"),
             ("Nothing was tried.",), "in words")
    contains(ask("show offload table none capabilities", status=None),
             ("% There is no table none.",), "of a table that is not")
    ports = [f"port-{i}" for i in range(20)]
    ask("configure terminal", "offload", "table other",
        *[f"tc port {p}" for p in reversed(ports)], "tc block 77",
        "tc mode software", "provider tc")
    try:
        table = json.loads(ask("show offload table other json"))
        text = ask("show offload table other")
    finally:
        ask("configure terminal", "offload", "no table other")
    check(table["tc"] == {"ports": [{"name": p} for p in ports],
                          "mode": "software", "block": 77},
          "another shape", table)
    contains(text, ("  Mode:                 software",
                    "  Block:                77"), "in words")
    words = text[text.index("  Ports:"):text.index("  Mode:")].split()
    check(words == ["Ports:"] + ports, "the ports in words", text)
    check(max(map(len, text.splitlines())) < 80, "a line is too long", text)


ACL_CONFIG = """\
access-list NEAR seq 5 permit 192.0.2.0/24
ipv6 access-list NEAR seq 5 deny 2001:db8::/32
ipv6 access-list NEAR seq 6 permit any
offload
 acl WEB
  seq 30 permit icmp any any icmp-type echo
  seq 10 permit tcp any 192.0.2.0/24 eq 80 log
  seq 10 remark the servers
  seq 20 permit ip any any bogus 1
  seq 20 permit ip any any eq 80
  exit
 acl FRAMES ethernet
  seq 5 permit ethernet ethertype arp
  exit
 access-group WEB interface port-1 in
 access-group NEAR interface port-1 out
 access-group ABSENT interface port-2 in
 exit
"""
ACL_BLOCK = (" acl FRAMES ethernet", "  seq 5 permit ethernet ethertype arp",
             " acl WEB", "  seq 10 remark the servers",
             "  seq 10 permit tcp any 192.0.2.0/24 eq 80 log",
             "  seq 30 permit icmp any any icmp-type echo",
             " access-group WEB interface port-1 in",
             " access-group NEAR interface port-1 out",
             " access-group ABSENT interface port-2 in")


def acl_entries(name):
    answer = json.loads(ask(f"show offload acl {name} json"))
    return [(e["list"], e["sequence"], e["entry"]) for e in answer["aces"]]


def test_acls():
    empty_etc("frr.conf")
    restart()
    put(f"{SCRATCH}/in.conf", ACL_CONFIG)
    out = run("-f", f"{SCRATCH}/in.conf", status=None)
    check("Sequence 20: ports need tcp, udp or sctp." in out,
          "a bad entry in a file", out)
    before = running()
    contains(before, ACL_BLOCK, "after -f")
    check("seq 20" not in before, "a bad entry did something", before)
    whole = json.loads(ask("show offload acl json"))
    check({(a["name"], a["origin"], a["entries"], a["attached"])
           for a in whole["acls"]} ==
          {("WEB", "acl", 2, True), ("FRAMES", "acl", 1, False),
           ("NEAR", "access-list", 1, True),
           ("NEAR", "ipv6 access-list", 2, True)}, "other lists", whole)
    check([(a["interface"], a["direction"], a["name"], a["exists"])
           for a in whole["attachments"]] ==
          [("port-1", "in", "WEB", True), ("port-1", "out", "NEAR", True),
           ("port-2", "in", "ABSENT", False)], "other attachments", whole)
    aces = {name: json.loads(ask(f"show offload acl {name} json"))["aces"]
            for name in ("WEB", "FRAMES")}
    check([(e["state"], e["reason"]) for e in aces["FRAMES"]] ==
          [("waiting", "acl-not-attached")], "of a list nowhere", aces)
    # port-1 does not exist.
    check(all(e["state"] not in ("offloaded", "covered") and
              e["reason"] != "acl-not-attached" and
              e["hardware"]["real"] == 0 and e["hardware"]["slots"] == 0
              for e in aces["WEB"]), "more is claimed than is so", aces)
    places = json.loads(ask("show offload acl WEB json"))["attachedTo"]
    check([(p["interface"], p["direction"]) for p in places] ==
          [("port-1", "in")] and places[0]["bound"] != "hardware",
          "where it is attached", places)
    check(acl_entries("NEAR") ==
          [("access-list", 5, "permit ip 192.0.2.0/24 any"),
           ("ipv6 access-list", 5, "deny ip 2001:db8::/32 any"),
           ("ipv6 access-list", 6, "permit ip any any")],
          "FRR's lists", acl_entries("NEAR"))
    ask("configure terminal", "no access-list NEAR seq 5 permit 192.0.2.0/24",
        "access-list NEAR seq 7 deny 198.51.100.0/24")
    wait(lambda: acl_entries("NEAR")[0] ==
         ("access-list", 7, "deny ip 198.51.100.0/24 any"),
         "a change of FRR's list is seen")
    out = ask("show offload acl NONE", status=None)
    check("There is no access control list NONE." in out, "of none", out)
    for text in (ask("show offload acl"), ask("show offload acl WEB")):
        check(max(map(len, text.splitlines())) < 80, "a long line", text)


def test_acl_commands():
    empty_etc("frr.conf")
    restart()
    put(f"{SCRATCH}/in.conf", ACL_CONFIG)
    run("-f", f"{SCRATCH}/in.conf", status=None)
    before = running()
    for commands, words in (
            (("acl WEB", "seq 10 permit udp any any flags syn"),
             "Sequence 10: TCP flags need tcp."),
            (("acl WEB ipv6",),
             "ACL WEB, sequence 10: a list of type ipv6 has IPv6 entries"),
            (("acl rename WEB FRAMES",),
             "There is an access control list FRAMES already."),
            (("acl WEB", "no seq 11"), "There is no sequence 11."),
            (("acl WEB", "resequence 4294967295 1"),
             "The last number would be above 4294967295.")):
        out = ask("configure terminal", "offload", *commands, status=1)
        check(words in out, f"{commands}: not refused in words", out)
        check(running() == before, f"{commands} changed something", running())
    ask("configure terminal", "offload", "acl rename WEB SITE", "acl SITE",
        "resequence 100 50", "end")
    after = before.replace("acl WEB", "acl SITE").replace(
        "access-group WEB", "access-group SITE").replace(
        "  seq 10 ", "  seq 100 ").replace("  seq 30 ", "  seq 150 ")
    check(sorted(running().splitlines()) == sorted(after.splitlines()),
          "renamed and numbered anew", running())
    check([e[1] for e in acl_entries("SITE")] == [100, 150], "the engine",
          acl_entries("SITE"))
    ask("write")
    restart()
    run("-b")
    contains(running(), ("  seq 150 permit icmp any any icmp-type echo",
                         " access-group SITE interface port-1 in"),
             "written and read again")
    ask("configure terminal", "no offload")
    check(json.loads(ask("show offload acl json"))["acls"] == [],
          "no offload left lists", ask("show offload acl json"))


FLOW_CONFIG = """\
offload
 acl WEB
  seq 10 permit tcp any 192.0.2.0/24 eq 80
  exit
 flow ssh interface port-1 priority 7 permit tcp any any eq 22 class critical
 flow ssh remark whatever happens
 flow lldp interface port-1 deny ethernet ethertype lldp
 flow bad interface port-1 permit ip any any eq 80
 flow any interface port-2 permit ip any any
 marks first 0x100 count 16
 access-group WEB interface port-1 in
 exit
"""
FLOW_BLOCK = (" flow ssh interface port-1 priority 7 permit tcp any any eq 22 "
              "class critical", " flow ssh remark whatever happens",
              " flow lldp interface port-1 deny ethernet ethertype lldp",
              " flow any interface port-2 permit ip any any",
              " marks first 0x100 count 16")


def static_flows():
    rows = json.loads(ask("show offload flow static json"))["staticFlows"]
    return [(r["name"], r["interface"], r["priority"], r["entry"])
            for r in rows]


def test_static_flows():
    empty_etc("frr.conf")
    restart()
    put(f"{SCRATCH}/in.conf", FLOW_CONFIG)
    out = run("-f", f"{SCRATCH}/in.conf", status=None)
    check("Flow bad: ports need tcp, udp or sctp." in out,
          "a bad flow in a file", out)
    contains(running(), FLOW_BLOCK, "after -f")
    want = [("ssh", "port-1", 7, "permit tcp any any eq 22 class critical"),
            ("lldp", "port-1", 1000, "deny ethernet ethertype lldp"),
            ("any", "port-2", 1000, "permit ip any any")]
    check(static_flows() == want, "other flows", static_flows())
    whole = json.loads(ask("show offload acl json"))
    check({(a["name"], a["origin"], a["entries"], a["attached"])
           for a in whole["acls"]} ==
          {("WEB", "acl", 1, True), ("flows port-1", "flow", 2, True),
           ("flows port-2", "flow", 1, True)}, "lists of flows", whole)
    check((whole["marksFirst"], whole["marksCount"]) == (0x100, 16),
          "other marks", whole)
    one = json.loads(ask("show offload flow static ssh json"))
    check((one["remark"], one["class"], one["attachedTo"][0]["interface"]) ==
          ("whatever happens", "critical", "port-1"), "of one flow", one)
    check(json.loads(ask("show offload flow ssh json")) == one,
          "the short form says something else")
    check(all("prefix" in f for f in
              json.loads(ask("show offload flow json"))["flows"]),
          "routes by number", ask("show offload flow json"))
    out = ask("show offload flow static NONE", status=None)
    check("There is no static flow NONE." in out, "of none", out)
    for text in (ask("show offload flow static"), ask("show offload flow ssh"),
                 ask("show offload foreign")):
        check(max(map(len, text.splitlines())) < 80, "a long line", text)
    check(json.loads(ask("show offload foreign json")) ==
          {"count": 0, "inHardware": 0, "filters": []}, "foreign filters",
          ask("show offload foreign json"))
    out = ask("show offload foreign table none", status=None)
    check("There is no table none." in out, "foreign filters of none", out)

    ask("configure terminal", "offload", "no flow lldp",
        "flow ssh interface port-2 priority 9 deny tcp any any eq 22",
        "no marks")
    want = [("ssh", "port-2", 9, "deny tcp any any eq 22"), want[2]]
    check(static_flows() == want, "after edits", static_flows())
    ask("write")
    restart()
    run("-b")
    check(static_flows() == want, "written and read again", static_flows())
    contains(running(), (" flow ssh remark whatever happens",),
             "written and read again")
    check("marks" not in running(), "no marks", running())
    ask("configure terminal", "no offload")
    check(static_flows() == [], "no offload left flows", static_flows())
    whole = json.loads(ask("show offload acl json"))
    check((whole["marksFirst"], whole["marksCount"]) == (0x6f660000, 4096),
          "no offload left marks", whole)


def test_long_acl():
    """Thousands of entries in one file are all there, in their order."""
    empty_etc("frr.conf")
    restart()
    count = 3000
    lines = [f"  seq {i} permit tcp 10.{i % 250}.{i // 250}.0/24 any eq {i}"
             for i in range(1, count + 1)]
    put(f"{SCRATCH}/in.conf", "\n".join(
        ["offload", " acl LONG", *reversed(lines), " exit",
         " access-group LONG interface port-1 in", "exit", ""]))
    run("-f", f"{SCRATCH}/in.conf")
    text = running()
    check([l for l in text.splitlines() if l.startswith("  seq ")] == lines,
          "other entries", text[:2000])
    check([e[1] for e in acl_entries("LONG")] ==
          list(range(1, count + 1)), "the engine has others")


# --- at the terminal ---

class Terminal:
    """vtysh on a pseudo terminal."""

    def __init__(self):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ["TERM"] = "dumb"
            os.execv(vtysh_path, ["vtysh"])
        self.expect(r"# $")

    def expect(self, pattern):
        seen = ""
        end = time.monotonic() + DEADLINE_S
        while not re.search(pattern, seen):
            check(time.monotonic() < end, f"no '{pattern}' in", seen)
            if select.select([self.fd], [], [], 0.2)[0]:
                seen += re.sub(r"[\r\a]", "",
                               os.read(self.fd, 4096).decode())
        return seen

    def type(self, text, pattern):
        os.write(self.fd, text.encode())
        return self.expect(pattern)

    def close(self):
        os.close(self.fd)
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


def test_completion_of_entries():
    configured()
    ask("configure terminal", "offload", "acl WEB")
    term = Terminal()
    try:
        term.type("conf t\n", r"\(config\)# $")
        term.type("offload\n", r"\(config-offload\)# $")
        term.type("acl W\t", r"WEB ")
        term.type("\n", r"\(config-offload-acl\)# $")
        out = term.type("seq 5 permit tcp any any ?", r"redirect(?s:.*)# ")
        check("TCP flags" in out and "Fragments" in out, "? of options", out)
        term.type("fl\t", r"flags ")
        term.type("syn lo\t", r"log ")
        term.type("\n", r"\(config-offload-acl\)# $")
        term.type("exit\n", r"\(config-offload\)# $")
        term.type("access-group WEB interface l\t", r"lo ")
        term.type("in\n", r"\(config-offload\)# $")
        out = term.type("flow ssh interface lo ?", r"reject(?s:.*)# ")
        check("priority" in out, "? of a flow", out)
        term.type("prio\t", r"priority ")
        term.type("5 permit tcp any any eq 22 lo\t", r"log ")
        term.type("\n", r"\(config-offload\)# $")
        term.type("flow s\t", r"ssh ")
        term.type("remark kept\n", r"\(config-offload\)# $")
    finally:
        term.close()
    contains(running(), ("  seq 5 permit tcp any any flags syn log",
                         " access-group WEB interface lo in",
                         " flow ssh interface lo priority 5 permit tcp any any "
                         "eq 22 log", " flow ssh remark kept"),
             "typed at the terminal")


def test_completion_and_help():
    configured()
    term = Terminal()
    try:
        term.type("conf t\n", r"\(config\)# $")
        term.type("offl\t", r"offload ")
        term.type("\n", r"\(config-offload\)# $")
        out = term.type("?", r"table[^\n]*\n(?s:.*)# $")
        check("rule" in out and "exit" in out, "? in the block", out)
        term.type("tab\t", r"table ")
        term.type("m\t", r"main ")
        term.type("\n", r"\(config-offload-table\)# $")
        out = term.type("capa?", r"capacity +\S")
        term.type("city 3000\n", r"\(config-offload-table\)# $")
        term.type("tc po\t", r"port ")
        term.type("l\t", r"lo ")
        term.type("\n", r"\(config-offload-table\)# $")
        term.type("rule 20\n", r"\(config-offload-rule\)# $")
        term.type("match prefix-list CUST\t", r"CUSTOMERS")
        term.type("\n", r"\(config-offload-rule\)# $")
        term.type("end\n", r"[^)]# $")
        term.type("show offl\t", r"offload ")
        term.type("\n", r"# $")
    finally:
        term.close()
    text = running()
    contains(text, ("  capacity 3000", "  tc port lo"),
             "typed at the terminal")
    check(text.count("  match prefix-list CUSTOMERS\n") == 2,
          "the completed line", text)
    out = ask("list", "configure terminal", "offload", "list")
    check(re.search(r"^ *table ", out, re.MULTILINE), "list", out)
    check(re.search(r"\(offload table\) +capacity", ask("find capacity")),
          "find", ask("find capacity"))
    check("set" in ask("configure terminal", "offload", "rule 10", "?"),
          "-c with a question mark")


def run_tests(tests):
    passed = failed = 0
    for name, test in list(tests.items()):
        if not name.startswith("test_"):
            continue
        try:
            test()
        except (Failed, OSError, subprocess.SubprocessError) as e:
            failed += 1
            if not isinstance(e, Failed):
                traceback.print_exc(file=sys.stdout)
            print(f"FAIL {name[5:]}: {e}", flush=True)
        else:
            passed += 1
            print(f"ok   {name[5:]}", flush=True)
    print(f"{passed} passed, {failed} failed")
    return failed != 0


def private_directories():
    def mount(path, user, group, mode):
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"mode={mode}",
                        "tmpfs", path], check=True)
        shutil.chown(path, user, group)
    # All of /run: FRR's part of it is made at boot, and may not be there.
    mount(os.path.dirname(os.path.realpath(RUN)), "root", "root", "0755")
    os.mkdir(os.path.realpath(RUN))
    shutil.chown(RUN, "frr", "frrvty")
    mount(ETC, "frr", "frr", "0755")
    mount("/var/lib", "root", "root", "0755")
    # Crash logs by process id: ids are small in here, and others' are too.
    mount("/var/tmp", "root", "root", "1777")
    os.mkdir(SCRATCH)
    os.mkdir("/var/lib/frr", 0o755)
    shutil.chown("/var/lib/frr", "frr", "frr")
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)


def enter_namespaces(program, inside, paths):
    """Come back inside of them: PROGRAM is run again with --inside PATHS."""
    if os.geteuid() != 0:
        print("only root can make namespaces")
        sys.exit(77)
    if not inside:
        # The end of the process namespace ends every daemon in it.
        os.execvp("unshare", [
            "unshare", "--net", "--mount", "--pid", "--fork", "--mount-proc",
            "--kill-child", sys.executable, os.path.abspath(program),
            "--inside", *paths])
    private_directories()
    empty_etc()
    os.environ.update(HOME=SCRATCH, VTYSH_HISTFILE=f"{SCRATCH}/history",
                      VTYSH_PAGER="cat")


def enter(program, usage, *needed):
    """Take VTYSH and OFFLOADD from the command line of the program, which can
    do without nothing of `needed`, and go inside."""
    global vtysh_path, offloadd_path
    inside = sys.argv[1:2] == ["--inside"]
    paths = sys.argv[2 if inside else 1:]
    if len(paths) != 2:
        sys.exit(usage)
    vtysh_path, offloadd_path = map(os.path.abspath, paths)
    for path in (vtysh_path, offloadd_path, f"{SBIN}/zebra", *needed):
        if not os.access(path, os.X_OK):
            print(f"{path} is not there")
            sys.exit(77)
    enter_namespaces(program, inside, (vtysh_path, offloadd_path))


if __name__ == "__main__":
    enter(__file__, __doc__, PACKAGED)
    sys.exit(run_tests(globals()))
