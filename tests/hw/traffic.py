#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Run the tests of the tc provider's counters and samples in a virtual machine.

    tests/hw/traffic.py --live FILE [--engine uml|qemu] [--source PACKAGE]
                        [ARGUMENT OF PYTEST]...

FILE is tests/unit/tc_live of a build (`make tests/unit/tc_live`): the provider
without the rest of the daemon, on ports of the switch tcamsim; packets come in
at the ends of its wires (traffic_tests/).  `-k sample`, `-x` and the like are
handed on to pytest.

The last line is `N passed, N failed`.  A kernel that complains (warning, oops,
leak, see tests/hw/vm) is one failed test.
"""
import os
import sys

import tcamsim


def live(words):
    """(the program, the other words)"""
    if "--live" not in words or words[-1] == "--live":
        sys.exit("traffic: which --live? see --help")
    at = words.index("--live")
    file = os.path.abspath(words[at + 1])
    if not os.access(file, os.X_OK):
        sys.exit("traffic: %s cannot be run" % file)
    return file, words[:at] + words[at + 2:]


def main():
    words = sys.argv[1:]
    if words[:1] in (["-h"], ["--help"]):
        print(__doc__.strip())
        return 0
    file, words = live(words)
    engine, source, words = tcamsim.arguments(words, __doc__)
    return tcamsim.build_and_run(
        "traffic", engine, source, words, "traffic_tests",
        ["TC_LIVE=" + file] + tcamsim.given("TCAMSIM_PATIENCE"))


if __name__ == "__main__":
    sys.exit(main())
