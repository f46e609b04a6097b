#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Run the tests of the tc provider in a virtual machine.

    tests/hw/provider.py --offloadd FILE --vtysh FILE [--engine uml|qemu]
                         [--source PACKAGE] [ARGUMENT OF PYTEST]...

zebra, the offloadd given and the switch tcamsim, one boot (provider_tests/).
The module is built for the kernel of the engine (uml unless told otherwise);
`-k full`, `-x`, `--durations 5` and the like are handed on to pytest.
PROVIDER_SEED repeats the random tests, PROVIDER_PACKETS sets their packets;
PROVIDER_KILLS, _ENTRIES and _SECONDS how often, how many and how long in the
tests of access control lists.

The last line is `N passed, N failed`.  A kernel that complains (warning, oops,
leak, see tests/hw/vm) is one failed test.
"""
import os
import subprocess
import sys

import tcamsim

ZEBRA = "/usr/lib/frr/zebra"


def binaries(words):
    """({option: file}, the other words)"""
    found, rest = {}, []
    words = iter(words)
    for word in words:
        if word in ("--offloadd", "--vtysh"):
            value = next(words, None)
            if value is None:
                sys.exit("provider: %s wants a file; see --help" % word)
            found[word] = os.path.abspath(value)
        else:
            rest.append(word)
    return found, rest


def check(found):
    """Both are there and can be run where only the machine's files are."""
    for option in ("--offloadd", "--vtysh"):
        if option not in found:
            sys.exit("provider: which %s? see --help" % option[2:])
        if not os.access(found[option], os.X_OK):
            sys.exit("provider: %s cannot be run" % found[option])
        done = subprocess.run([found[option], "--help"],
                              stdin=subprocess.DEVNULL, capture_output=True)
        if done.returncode:
            sys.exit("provider: %s does not start: %s" % (
                found[option], done.stderr.decode(errors="replace").strip()))
    if not os.access(ZEBRA, os.X_OK):
        sys.exit("provider: there is no %s: install frr" % ZEBRA)


def main():
    found, words = binaries(sys.argv[1:])
    engine, source, words = tcamsim.arguments(words, __doc__)
    check(found)
    return tcamsim.build_and_run(
        "provider", engine, source, words, "provider_tests",
        ["PROVIDER_OFFLOADD=" + found["--offloadd"],
         "PROVIDER_VTYSH=" + found["--vtysh"]] +
        tcamsim.given("PROVIDER_SEED", "PROVIDER_PACKETS", "PROVIDER_KILLS",
                      "PROVIDER_ENTRIES", "PROVIDER_SECONDS",
                      "TCAMSIM_PATIENCE"))


if __name__ == "__main__":
    sys.exit(main())
