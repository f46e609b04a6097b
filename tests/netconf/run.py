#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""NETCONF with the clients that people use: ncclient and yangcli over OpenSSH,
and a raw one for what these cannot be brought to.

    tests/netconf/run.py BUILD-DIR [PYTEST-ARGUMENT]...

One router (house.py) is made for all tests, in namespaces of its own.  The last
line is "N passed, N failed"; 77 is the status when it cannot run.  Needs root.
"""

import os
import sys

import house

HERE = os.path.dirname(os.path.abspath(__file__))
MODULES = ("pytest", "ncclient", "lxml")


class Count:
    """Of pytest's tests; an error in what surrounds one is a failure too."""

    def __init__(self, made):
        self.house = made
        self.passed = self.failed = self.skipped = 0

    def pytest_configure(self, config):
        config.house = self.house

    def pytest_runtest_logreport(self, report):
        if report.failed:
            self.failed += 1
        elif report.skipped:
            self.skipped += 1
        elif report.when == "call":
            self.passed += 1

    def pytest_collectreport(self, report):
        if report.failed:
            self.failed += 1


def tests(build, arguments):
    import pytest
    made = house.House(build)
    count = Count(made)
    try:
        status = pytest.main(
            ["-p", "no:cacheprovider", "--rootdir", HERE, "-q", "-rs",
             "--basetemp", house.DIR + "/pytest", "--durations=8",
             "-W", "ignore::DeprecationWarning",
             *(arguments if any(a.startswith(HERE) for a in arguments)
               else [HERE, *arguments])], plugins=[count])
        if status not in (0, 1) or not made.offloadd.is_alive():
            count.failed += 1
        if count.failed:
            print(made.offloadd.tail())
    finally:
        made.stop()
    tail = f", {count.skipped} skipped" if count.skipped else ""
    print(f"{count.passed} passed, {count.failed} failed{tail}", flush=True)
    return 1 if count.failed else 0


def main():
    inside = sys.argv[1:2] == ["--inside"]
    words = sys.argv[2 if inside else 1:]
    if not words or words[0].startswith("-"):
        sys.exit(__doc__)
    build = os.path.abspath(words[0])
    why = house.missing(build)
    for name in MODULES:
        try:
            __import__(name)
        except ImportError:
            why.append(f"Python's {name}")
    if os.geteuid() != 0:
        why.append("root")
    if why:
        print("missing: " + ", ".join(why))
        sys.exit(77)
    if not inside:
        house.enter(__file__, [build, *words[1:]])
    sys.exit(tests(build, words[1:]))


if __name__ == "__main__":
    main()
