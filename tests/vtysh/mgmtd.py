#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""offloadd --mgmtd with packaged mgmtd and packaged vtysh.

usage: tests/vtysh/mgmtd.py VTYSH OFFLOADD MODULE

MODULE is mgmtd_offload.so; VTYSH the rebuilt one, which only asks.  As run.py,
whose daemons and private directories these are: root, nothing of the machine is
touched.  Where FRR's mgmtd does not take daemons it was not compiled for, MODULE
is "none" and the option must be refused.  The last line is "N passed, N
failed"; 77 is the status when it cannot run.
"""
import json
import os
import re
import signal
import subprocess
import sys

import run as v
from run import ETC, ask, check, wait

PACKAGED = v.PACKAGED
# mgmtd takes a commit from who holds the locks.
LOCKED = "configure terminal file-lock"
BUSY = "locked by another session"
TABLE = "/frr-offload:offload/table[name='hw0']"
NOT_HERE = "The configuration is mgmtd's"
module_path = None


def stock(*commands, **kwargs):
    """The packaged vtysh."""
    return ask(*commands, program=PACKAGED, **kwargs)


def locked(*commands, **kwargs):
    """As configuration, with the locks: mgmtd that reads its files at the
    start, or a session that is just ending, may have them a moment longer."""
    said = []

    def took():
        try:
            said[:] = [stock(LOCKED, *commands, **kwargs)]
        except v.Failed as e:
            said[:] = [str(e)]
            if BUSY not in said[0]:
                raise
        return BUSY not in said[0]
    wait(took, "the locks are free")
    return said[0]


def mgmt(*commands):
    """The same, committed."""
    return locked(*commands, "mgmt commit apply")


def data(path, *words):
    return json.loads(stock(" ".join(("show mgmt get-data", path, *words))))


def configured():
    """The configuration the daemon says it has."""
    return v.running("offloadd")


def state():
    return json.loads(ask("show offload json"))


def start_mgmtd():
    v.start("mgmtd", "--moduledir", os.path.dirname(module_path), "-M",
            "offload")


def start_offloadd():
    v.start("offloadd", "--mgmtd")
    wait(lambda: "offloadd" in stock("show mgmt backend-adapter all"),
         "mgmtd knows offloadd")


def begin(*commands):
    """mgmtd with the module, zebra and offloadd; nothing configured yet."""
    v.empty_etc("frr.conf")
    for name in list(v.daemons):
        v.stop(name)
    start_mgmtd()
    v.start("zebra")
    start_offloadd()
    if commands:
        mgmt(*commands)
        wait(lambda: "table hw0" in configured(), "it was told")


HW0 = (f"mgmt set-config {TABLE}/provider emulated",
       f"mgmt set-config {TABLE}/capacity 2000")


def test_commit():
    begin()
    check("\noffload\n" not in configured(), "there is something",
          configured())
    locked(*HW0, "mgmt commit check")
    check("table hw0" not in configured(), "before the commit", configured())
    mgmt(*HW0)
    v.contains(configured(), ("offload", " table hw0", "  capacity 2000"),
               "after the commit")
    mgmt(f"mgmt delete-config {TABLE}")
    check("table hw0" not in configured(), "deleted", configured())


def test_get_data():
    begin(*HW0)
    wait(lambda: "hw0" in ask("show offload table"), "the engine has it")
    whole = data("/frr-offload:offload")["frr-offload:offload"]
    check("flows" in whole["state"], "state", whole)
    whole = data("/frr-offload:offload", "with-config")["frr-offload:offload"]
    check([(t["name"], t["capacity"]) for t in whole["table"]] ==
          [("hw0", 2000)] and "state" in whole, "with-config", whole)
    out = stock("show mgmt get-data /frr-offload:nothing", status=None)
    check("doesn't resolve" in out, "of a path that is not there", out)
    only = data(f"{TABLE}/capacity", "datastore running only-config")
    check("2000" in json.dumps(only), "of one leaf", only)


def test_operation():
    begin(*HW0)
    stock("configure terminal", "mgmt rpc /frr-offload:resync json")
    out = stock("configure terminal", "mgmt rpc /frr-offload:explain json "
                '{"frr-offload:explain":{"prefix":"192.0.2.0/24"}}', status=None)
    check("No route in VRF default" in out, "a refusal is told", out)


def test_prefix_lists():
    """By the packaged vtysh's own command: mgmtd passes it on."""
    begin(*HW0)
    stock("configure terminal",
          "ip prefix-list NEAR seq 5 permit 192.0.2.0/24")
    wait(lambda: "ip prefix-list NEAR seq 5 permit 192.0.2.0/24" in
         configured(), "the list is there")


def test_validation():
    """What offloadd refuses, mgmtd does not commit; the words arrive."""
    begin(*HW0)
    out = locked(f"mgmt set-config {TABLE}/low-watermark/percent 99",
                 "mgmt commit apply", status=None)
    check("low watermark" in out, "not explained", out)
    check("low-watermark" not in configured(), "applied", configured())
    locked("mgmt commit abort")
    for path in ("/frr-offload:offload/nothing", "/nowhere:offload"):
        out = locked(f"mgmt set-config {path} 1",
                     "mgmt commit apply", status=None)
        check("Failed to edit" in out or "nknown" in out,
              f"{path} is taken", out)


def test_one_owner():
    """Whatever edits at the daemon itself is refused with a sentence."""
    begin(*HW0)
    before = configured()
    for commands in (("offload",), ("no offload",), ("nacm",), ("no nacm",)):
        out = ask("configure terminal", *commands, status=None)
        check(NOT_HERE in out, f"{commands} is not refused", out)
    out = v.run("-d", "offloadd", "-c", "configure terminal", "-c",
                "ip prefix-list MINE permit any", status=None)
    check("locked" in out, "a list is not refused", out)
    check(configured() == before, "something changed", configured())


def test_replay():
    """Who comes later is told what there is."""
    begin(*HW0)
    before = configured()
    v.stop("offloadd", signal.SIGKILL)
    mgmt(f"mgmt set-config {TABLE}/capacity 3000")
    start_offloadd()
    wait(lambda: configured() == before.replace("2000", "3000"),
         "a restarted offloadd is told")
    wait(lambda: state()["tables"], "and its engine is running")


def test_mgmtd_restarts():
    """offloadd keeps what it has, connects again, and takes what is new."""
    begin(*HW0)
    stock("configure terminal", f"mgmt save-config running {ETC}/saved.json")
    before = configured()
    v.stop("mgmtd")
    check(configured() == before, "without mgmtd", configured())
    start_mgmtd()
    wait(lambda: "offloadd" in stock("show mgmt backend-adapter all"),
         "connected again")
    check(configured() == before, "mgmtd has nothing to tell", configured())
    mgmt(f"mgmt load-config {ETC}/saved.json replace",
         f"mgmt set-config {TABLE}/capacity 3000")
    wait(lambda: configured() == before.replace("2000", "3000"),
         "the new one is told")


def is_idle():
    """No feed: nothing is decided, and hardware is left as it is."""
    for words in ("", " table", " acl", " flow", " history"):
        ask(f"show offload{words}", status=None)
    return bool(re.search(r"Connections made: +0\n", ask("show offload")))


def test_waits_for_mgmtd():
    """Nothing is decided before mgmtd told of a configuration that can be."""
    v.empty_etc("frr.conf")
    for name in list(v.daemons):
        v.stop(name)
    v.start("zebra")
    v.start("offloadd", "--mgmtd")
    check(is_idle(), "without mgmtd", ask("show offload"))
    v.stop("offloadd")
    v.start("mgmtd")
    start_offloadd()
    check(is_idle(), "mgmtd without the module", ask("show offload"))
    out = locked(*HW0, "mgmt commit apply", status=None)
    check("Failed to edit" in out, "it has the models", out)
    begin()
    check(is_idle(), "nothing is configured", ask("show offload"))
    v.stop("offloadd")
    # Who is not there cannot refuse.
    mgmt(*HW0, f"mgmt set-config {TABLE}/low-watermark/percent 99")
    start_offloadd()
    check(is_idle(), "a configuration that was refused", ask("show offload"))
    mgmt(f"mgmt delete-config {TABLE}/low-watermark/percent")
    wait(lambda: "table hw0" in configured() and not is_idle(),
         "one that can be")


def refused(words, *args):
    proc = subprocess.run([v.offloadd_path, *args], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, timeout=v.DEADLINE_S, check=False)
    check(proc.returncode == 1 and words in proc.stdout and
          "--mgmtd:" in proc.stdout, f"{args}: not refused", proc.stdout)


def test_options():
    v.put(f"{ETC}/other.conf", "")
    refused("no file", "--mgmtd", "-f", f"{ETC}/other.conf")
    refused("no file", "-f", f"{ETC}/other.conf", "--mgmtd")
    refused("candidates", "--mgmtd", "--tcli")
    refused("check or print", "--mgmtd", "--print-config")


def test_default_is_not_mgmtds():
    """Without the option no client is made, and files are read."""
    v.empty_etc("frr.conf")
    v.restart()
    check("offloadd" not in stock("show mgmt backend-adapter all"),
          "mgmtd knows offloadd")
    ask("configure terminal", "offload", "table hw0")
    check("table hw0" in configured(), "refused", configured())


def test_refused_by_old_frr():
    refused("does not take offloadd", "--mgmtd")


def main():
    global module_path
    inside = sys.argv[1:2] == ["--inside"]
    paths = sys.argv[2 if inside else 1:]
    if len(paths) != 3:
        sys.exit(__doc__)
    v.vtysh_path, v.offloadd_path = map(os.path.abspath, paths[:2])
    tests = {name: test for name, test in globals().items()
             if name.startswith("test_")}
    old = tests.pop("test_refused_by_old_frr")
    if paths[2] == "none":
        tests = {"test_refused_by_old_frr": old}
    else:
        module_path = os.path.abspath(paths[2])
    for path in (v.vtysh_path, v.offloadd_path, module_path or "/",
                 f"{v.SBIN}/zebra"):
        if not os.path.exists(path):
            print(f"{path} is not there")
            sys.exit(77)
    v.enter_namespaces(__file__, inside,
                       (v.vtysh_path, v.offloadd_path, module_path or "none"))
    sys.exit(v.run_tests(tests))


if __name__ == "__main__":
    main()
