#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Run the tests of filters of ACLs in a virtual machine.

    tests/hw/acl.py --live FILE [--engine uml|qemu] [--source PACKAGE]
                    [ARGUMENT OF PYTEST]...

FILE is tests/unit/acl_live of a build (`make tests/unit/acl_live`): it writes
filters with the provider's encoder into the kernel, in software and into the
switch tcamsim, and reads them back; packets tell what they match
(acl_tests/).  `-k echo`, `-x` and the like are handed on to pytest.  ACL_SEED
repeats the random tests.

The last line is `N passed, N failed`.  A kernel that complains (warning, oops,
leak, see tests/hw/vm) is one failed test.
"""
import os
import sys

import tcamsim


def live(words):
    """(the program, the other words)"""
    if "--live" not in words or words[-1] == "--live":
        sys.exit("acl: which --live? see --help")
    at = words.index("--live")
    file = os.path.abspath(words[at + 1])
    if not os.access(file, os.X_OK):
        sys.exit("acl: %s cannot be run" % file)
    return file, words[:at] + words[at + 2:]


def main():
    words = sys.argv[1:]
    if words[:1] in (["-h"], ["--help"]):
        print(__doc__.strip())
        return 0
    file, words = live(words)
    engine, source, words = tcamsim.arguments(words, __doc__)
    return tcamsim.build_and_run(
        "acl", engine, source, words, "acl_tests",
        ["ACL_LIVE=" + file] + tcamsim.given("ACL_SEED", "TCAMSIM_PATIENCE"))


if __name__ == "__main__":
    sys.exit(main())
