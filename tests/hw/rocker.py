#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Run the test of offloadd on QEMU's switch rocker.

    tests/hw/rocker.py --offloadd FILE

One boot of the stock kernel (tests/hw/vm --engine qemu --rocker 2): a driver
nobody here wrote, which flags next hops instead of routes.  The guest's part
is drivers/rocker_fib.py.  The last line is `N passed, N failed`.
"""
import json
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from harness.check import HERE, Tests, vm     # noqa: E402

tests = Tests()
offloadd = ""


@tests.add("qemu")
def flags_of_next_hops(t):
    """They are shown as the driver's word on the route."""
    run = vm(t, "/usr/bin/python3", "-B",
             os.path.join(HERE, "drivers", "rocker_fib.py"),
             options=("--rocker", "2", "--timeout", "240",
                      "--env", "TCAMSIM_PATIENCE=60",
                      "--env", "PROVIDER_OFFLOADD=" + offloadd))
    t.true(run.code == 0, "exit code %d, %r" % (run.code, run.err[-3000:]))
    said = json.loads(run.out.decode().splitlines()[-1])
    route, fib = said["route"], said["fib"]
    t.same((route["state"], route["reason"], route["table"]),
           ("offloaded", "driver-offloaded", "fib"))
    t.true(fib["news"]["byNexthop"], "next hops are not told: %r" % fib)
    t.true(fib["ipv4"]["offloaded"] >= 1, "no route is counted: %r" % fib)


def main():
    global offloadd
    words = sys.argv[1:]
    if "--offloadd" in words[:-1]:
        at = words.index("--offloadd")
        offloadd = os.path.abspath(words[at + 1])
        sys.argv[1:] = words[:at] + words[at + 2:]
    elif words not in (["-h"], ["--help"]):
        sys.exit("rocker: which offloadd? see --help")
    return tests.main(__doc__)


if __name__ == "__main__":
    sys.exit(main())
