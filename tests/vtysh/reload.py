#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""offload-reload against a running offloadd, with FRR's frr-reload.py.

usage: tests/vtysh/reload.py VTYSH OFFLOADD OFFLOAD-RELOAD

Every statement there is has a program of its own, statements.py.
As run.py, whose daemons and private directories these are: root, nothing of
the machine is touched.  The last line is "N passed, N failed".
"""
import functools
import json
import os
import subprocess
import sys

import run as v
from run import ETC, SCRATCH, SBIN, ask, check, put, running

FILE = f"{SCRATCH}/wanted.conf"
reload_path = None

HARDWARE = """\
ip route 198.51.100.0/25 192.0.2.2
ip route 198.51.100.128/25 192.0.2.2
ip prefix-list OLD seq 5 permit 198.51.100.0/24 le 32
debug offload state
offload
 table hw0
  critical-cover-limit 16
  capacity 2000
 exit
 table spare
  hysteresis 15
 exit
 rule 10
  match prefix-list OLD
  set class critical
 exit
 acl WEB
  seq 10 remark the first
  seq 10 permit tcp any any eq 80
  seq 20 permit tcp any any eq 443
 exit
 flow ssh interface port-1 permit tcp any any eq 22
 flow ssh remark kept
 default table hw0
exit
"""


def reload(*args, text=None, status=0, mode="--reload"):
    """Its standard output and error in one text."""
    if text is not None:
        put(FILE, text)
    return v.run(mode, "--bindir", os.path.dirname(v.vtysh_path),
                 "--daemon-path", v.offloadd_path, *args, FILE,
                 program=reload_path, status=status)


def planned(text, *args, mode="--test"):
    """The commands for it, as it says them in JSON."""
    said = json.loads(reload("--json", *args, text=text, mode=mode))
    check(said["ok"] and said["error"] is None, "not well", said)
    check(said["changes"] == bool(said["commands"]), "changes", said)
    return said["commands"]


def only_ours(*args, text=None, status=0, mode="--reload"):
    return reload("--offload-only", *args, text=text, status=status, mode=mode)


def daemons_part(text):
    """What is offloadd's of a configuration it printed."""
    lines = text.splitlines()
    out = [l for l in lines if l.startswith("debug offload")]
    for head in ("nacm", "offload"):
        out += v.block_of(text, head) if head in lines else []
    return out


def ours():
    return daemons_part(running("offloadd"))


@functools.cache  # loading the models takes longer than a test does else
def canonical(text):
    text = "".join(l + "\n" for l in text.splitlines()
                   if not l.startswith("ip route"))
    proc = subprocess.run([v.offloadd_path, "--print-config"], input=text,
                          stdout=subprocess.PIPE, text=True, check=True)
    return daemons_part(proc.stdout)


def are_ours(wanted, what):
    got = ours()
    check(got == canonical(wanted), what, "\n".join(got))


def fresh(*lines):
    v.empty_etc("frr.conf")
    v.restart()
    if lines:
        ask("configure terminal", *lines)


def values(said, key):
    if isinstance(said, dict):
        for k, value in said.items():
            if k == key:
                yield value
            yield from values(value, key)


def hardware(table="hw0"):
    """Operations that were sent, and entries that are there."""
    said = json.loads(ask(f"show offload table {table} json"))
    return [next(values(said, key), None) for key in ("opsSent", "entries")]


def step(before, after, commands):
    """From one block to another takes exactly these commands."""
    only_ours(text=f"offload\n{before}exit\n")
    wanted = f"offload\n{after}exit\n"
    got = planned(wanted, "--offload-only")
    check(got == commands, f"for {after!r}: other commands", got)
    only_ours(text=wanted)
    are_ours(wanted, "another result")


def test_few_commands():
    """The differences and nothing else."""
    fresh()
    table = " table a\n  capacity 1000\n exit\n"
    step(table, table, [])
    step(table, " table a\n  capacity 2000\n exit\n",
         ["offload", " table a", "  capacity 2000"])
    step(table, " table a\n exit\n", ["offload", " table a",
                                      "  no capacity 1000"])
    step(table, table + " table b\n  capacity 1000\n exit\n",
         ["offload", " table b", "  capacity 1000"])
    step(table + " table b\n  capacity 1000\n exit\n",
         " table b\n  capacity 1000\n exit\n", ["offload", " no table a"])
    step(table, "", ["offload", " no table a"])
    step(" table a\n  no exact-placement\n exit\n", " table a\n exit\n",
         ["offload", " table a", "  exact-placement"])
    step(" timers settle 500 max 9000\n", " timers settle 600\n",
         ["offload", " no timers settle 500 max 9000", " timers settle 600"])
    acl = " acl A\n  seq 10 permit ip any any\n  seq 20 remark two\n" \
          "  seq 20 deny tcp any any\n exit\n"
    step(acl, acl.replace("deny tcp", "deny udp"),
         ["offload", " acl A", "  seq 20 deny udp any any"])
    step(acl, acl.replace("two", "three"),
         ["offload", " acl A", "  seq 20 remark three"])
    step(acl, acl.replace("  seq 20 remark two\n", ""),
         ["offload", " acl A", "  no seq 20 remark"])
    step(acl, acl.replace("  seq 20 deny tcp any any\n", ""),
         ["offload", " acl A", "  no seq 20", "  seq 20 remark two"])
    step(acl, " acl A\n  seq 10 permit ip any any\n exit\n",
         ["offload", " acl A", "  no seq 20"])
    step(acl, acl.replace("acl A", "acl A mixed"),
         ["offload", " no acl A", " acl A mixed",
          "  seq 10 permit ip any any", "  seq 20 remark two",
          "  seq 20 deny tcp any any"])
    flow = " flow f interface p permit ip any any\n flow f remark words\n"
    step(flow, flow.replace("permit", "deny"),
         ["offload", " flow f interface p deny ip any any"])
    step(flow, "", ["offload", " no flow f"])
    group = " access-group A interface p in\n"
    step(group, group.replace("A", "B"),
         ["offload", " access-group B interface p in"])


# --- hardware ---

def with_hardware():
    without_hardware()
    fresh()
    for words in ("link add port-9 type veth peer name port-8",
                  "link set port-9 up", "link set port-8 up",
                  "address add 192.0.2.1/24 dev port-9",
                  "neighbour add 192.0.2.2 lladdr 02:00:00:00:00:02 dev port-9"
                  " nud permanent"):
        subprocess.run(["ip", *words.split()], check=True)
    put(f"{ETC}/frr.conf", HARDWARE)
    v.run("-b")
    # Two on the way: a table made anew would count fewer operations.
    v.wait(lambda: hardware()[1] == 2, "two routes in hardware")
    ask("configure terminal", "no ip route 198.51.100.0/25 192.0.2.2")
    v.wait(lambda: hardware()[1] == 1, "one is gone")
    ask("configure terminal", "ip route 198.51.100.0/25 192.0.2.2")
    v.wait(lambda: hardware()[1] == 2, "and is back")


def without_hardware():
    subprocess.run(["ip", "link", "del", "port-9"], check=False,
                   stderr=subprocess.DEVNULL)


def test_order_of_access_control():
    """Which rule comes first is what it is about."""
    fresh()
    rules = "nacm\n rule-list a\n  group *\n  rule {}\n   action permit\n" \
        "  exit\n  rule {}\n   action deny\n  exit\n exit\nexit\n"
    only_ours(text=rules.format("x", "y"))
    check(planned(rules.format("x", "y"), "--offload-only") == [],
          "the same is not the same")
    for order in (("y", "x"), ("x", "y")):
        wanted = rules.format(*order)
        only_ours(text=wanted)
        are_ours(wanted, "another order")
    only_ours(text="offload\nexit\n")
    check(ours() == ["offload", "exit"], "still there", ours())


def test_hardware_is_left_alone():
    """What both sides have is not written anew, whatever else changes."""
    with_hardware()
    try:
        before = hardware()
        for text in (
                HARDWARE,
                HARDWARE.replace("hysteresis 15", "hysteresis 30"),
                HARDWARE.replace(" table spare\n  hysteresis 15\n exit\n", ""),
                HARDWARE.replace("  seq 20 permit tcp any any eq 443\n", ""),
                HARDWARE.replace(" flow ssh remark kept\n", ""),
                HARDWARE.replace("capacity 2000", "capacity 2500"),
                HARDWARE.replace("debug offload state\n", ""),
                HARDWARE):
            reload(text=text)
            are_ours(text, "another result")
            # A turn of the engine later.
            ask("offload audit")
            check(hardware() == before, "hardware was written", text,
                  before, hardware())
    finally:
        without_hardware()


def test_lists_before_rules():
    """A rule changes to another list: no moment without one."""
    with_hardware()
    try:
        before = hardware()
        text = HARDWARE.replace("OLD", "NEW")
        commands = planned(text)
        check(commands == [
            "ip prefix-list NEW seq 5 permit 198.51.100.0/24 le 32", "offload",
            " rule 10", "  match prefix-list NEW"], "other commands", commands)
        reload(text=text)
        check(hardware() == before, "hardware was written", hardware())
        check("OLD" not in running(), "the old list is there", running())
        check(planned(text) == [], "not the same twice")
    finally:
        without_hardware()


# --- with frr-reload.py ---

def test_whole_file():
    """The rest by frr-reload.py, with neither side of ours."""
    fresh()
    reload(text=HARDWARE)
    once = running()
    v.contains(once, ("ip route 198.51.100.0/25 192.0.2.2", " table hw0"),
               "loaded")
    said = json.loads(reload("--json"))
    check(not said["changes"] and running() == once, "twice", said)
    out = json.loads(reload("--json", mode="--test"))
    check(not any("offload" in l or "table" in l for l in out["rest"]
                  if "INFO" not in l), "frr-reload.py sees ours", out)
    text = HARDWARE.replace("ip route 198.51.100.0/25 192.0.2.2\n", "")
    before = ours()
    reload(text=text)
    check("198.51.100.0/25" not in running(), "the route", running())
    check(ours() == before, "ours changed", ours())
    # All of ours goes, the rest stays.
    reload(text="ip route 198.51.100.128/25 192.0.2.2\n")
    check(ours() == [], "ours is there", ours())
    v.contains(running(), ("ip route 198.51.100.128/25 192.0.2.2",), "rest")


def test_written():
    """Another file than frr.conf is written to it; frr.conf stays as it is."""
    fresh()
    reload(text=HARDWARE)
    check(v.block_of(v.get(f"{ETC}/frr.conf")) ==
          v.block_of(running()), "written", v.get(f"{ETC}/frr.conf"))
    own = "! words of an operator\n" + HARDWARE
    put(f"{ETC}/frr.conf", own)
    v.run("--reload", "--bindir", os.path.dirname(v.vtysh_path),
          "--daemon-path", v.offloadd_path, f"{ETC}/frr.conf",
          program=reload_path)
    check(v.get(f"{ETC}/frr.conf") == own, "written over")
    before = v.get(f"{ETC}/frr.conf")
    reload(mode="--test", text="!\n")
    check(v.get(f"{ETC}/frr.conf") == before and ours() != [], "by --test")


# --- refusals: nothing changes ---

def refused(text, *words, args=()):
    before = running()
    said = reload(*args, text=text, status=1)
    for word in words:
        check(word in said, f"not explained: {word}", said)
    check(running() == before, "something changed", running())


def test_refusals():
    fresh()
    reload(text=HARDWARE)
    refused(HARDWARE.replace("capacity", "capasity"), "line 8", "capasity")
    refused(HARDWARE.replace("capacity 2000",
                             "low-watermark 99 percent"), "low watermark")
    refused(HARDWARE.replace("ip route", "ip road"), "ip road")
    # A block that nobody closes takes in what comes after it.
    refused(HARDWARE.rstrip()[:-len("exit")] + "router bgp 1\n", "router bgp",
            "line")
    refused(HARDWARE + " table late\n", "table late")
    refused(HARDWARE, "frr-pythontools", args=("--frr-reload", "/nowhere"))
    refused(HARDWARE, "/nowhere", args=("--daemon-path", "/nowhere"))
    os.unlink(FILE)
    check("No such file" in reload(status=1), "no file")
    for args in (("--reload",), ("--test", "--reload", FILE), (FILE,),
                 ("--test", "--what", FILE)):
        out = v.run(*args, program=reload_path, status=2)
        check("usage:" in out, "usage", out)
    check("--offload-only" in v.run("--help", program=reload_path), "--help")
    v.stop("offloadd")
    out = reload(text=HARDWARE, status=1)
    check("offloadd" in out and "running" in out, "no daemon", out)


def test_not_what_was_wanted():
    """What vtysh does not carry out is seen, and told."""
    fresh()
    reload(text=HARDWARE)
    os.makedirs(f"{SCRATCH}/bin", exist_ok=True)
    fake = f"{SCRATCH}/bin/vtysh"
    put(fake, '#!/bin/sh\nfor a; do case $a in */commands.conf) exit 0;; esac;'
        f' done\nexec {v.vtysh_path} "$@"\n')
    os.chmod(fake, 0o755)
    text = HARDWARE.replace("hysteresis 15", "hysteresis 30")
    out = reload("--bindir", f"{SCRATCH}/bin", text=text, status=1)
    check("-  hysteresis 30" in out and "+  hysteresis 15" in out,
          "the difference is not told", out)
    out = json.loads(reload("--json", "--bindir", f"{SCRATCH}/bin",
                            status=1))
    check(not out["ok"] and not out["applied"], "in JSON", out)


def test_candidate_mode():
    """Nothing is committed there, and that is seen."""
    fresh()
    v.stop("offloadd")
    v.start("offloadd", "--tcli")
    v.wait(lambda: "offloadd" in ask("show daemons"), "offloadd answers")
    out = only_ours(text="offload\n timers retry 200\nexit\n", status=1)
    check("- timers retry 200" in out, "the difference is not told", out)
    check(ours() == [], "it was applied", ours())


def main(program, tests):
    global reload_path
    inside = sys.argv[1:2] == ["--inside"]
    paths = [os.path.abspath(p) for p in sys.argv[2 if inside else 1:]]
    if len(paths) != 3:
        sys.exit(f"usage: {program} VTYSH OFFLOADD OFFLOAD-RELOAD")
    v.vtysh_path, v.offloadd_path, reload_path = paths
    for path in (*paths, f"{SBIN}/zebra", f"{SBIN}/frr-reload.py"):
        if not os.access(path, os.X_OK):
            print(f"{path} is not there")
            sys.exit(77)
    v.enter_namespaces(program, inside, paths)
    sys.exit(v.run_tests(tests))


if __name__ == "__main__":
    main(__file__, globals())
