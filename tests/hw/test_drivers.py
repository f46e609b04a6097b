#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Smoke tests of offload by drivers nobody here wrote: netdevsim and rocker.

    tests/hw/test_drivers.py [--engine uml|qemu] [-k WORD]

They say that the kernels of the laboratory carry the flags our provider reads.
The guests' part is in drivers/.  The last line is `N passed, N failed`.
"""
import json
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from harness.check import HERE, Tests, vm     # noqa: E402

tests = Tests()


def inside(t, script, *options):
    run = vm(t, "sh", os.path.join(HERE, "drivers", script), options=options)
    t.true(run.code == 0, "exit code %d, %r" % (run.code, run.err))
    return run.out.decode().splitlines()


@tests.add("uml", "qemu")
def netdevsim(t):
    """A route the device took is trapped, one it failed to take says so."""
    taken, failed, failed6 = map(json.loads, inside(t, "netdevsim.sh"))
    t.same(taken[0]["flags"], ["rt_trap"])
    t.same(failed[0]["flags"], ["rt_offload_failed"])
    t.same(failed6[0]["flags"], ["rt_offload_failed"])


@tests.add("qemu")
def rocker(t):
    """The next hop says offload, and most pings never reach the kernel."""
    words = dict(line.split(" ", 1) for line in
                 inside(t, "rocker.sh", "--rocker", "2"))
    route = json.loads(words["route"])
    t.same((route[0]["gateway"], route[0]["flags"]),
           ("10.2.0.2", ["offload"]))
    t.same(words["received"], "6")
    before, after = map(int, words["rx"].split())
    t.true(after - before < 6, "the kernel forwarded: %s" % words["rx"])


if __name__ == "__main__":
    sys.exit(tests.main(__doc__))
