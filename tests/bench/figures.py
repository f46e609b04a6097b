# SPDX-License-Identifier: GPL-2.0-or-later
"""
What the tests of benches have in common: running one, reading its figures,
counting what is so.

Neighbours: acl.py, lpm.py.
"""
import json
import os
import subprocess

TREE = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
DATA = os.path.join(os.path.dirname(TREE), "shared", "data")


class Bench:
    """A program of bench/ and the count of its checks."""

    def __init__(self, program):
        self.program = program
        self.passed = self.failed = self.skipped = 0

    def run(self, *args):
        return subprocess.run([self.program, *map(str, args)], text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE)

    def figures(self, *args):
        result = self.run(*args)
        try:
            return json.loads(result.stdout)
        except ValueError:
            print("%s\nexit status %d\n%s%s" % (
                " ".join(map(str, args)), result.returncode, result.stdout,
                result.stderr))
            return None

    def check(self, what, is_so):
        print("%sok - %s" % ("" if is_so else "not ", what))
        if is_so:
            self.passed += 1
        else:
            self.failed += 1

    def skip(self, why):
        print("skipped: %s" % why)
        self.skipped += 1

    def end(self):
        """The last line, and the exit status."""
        print("%d passed, %d failed%s" % (
            self.passed, self.failed,
            ", %d skipped" % self.skipped if self.skipped else ""))
        return 1 if self.failed else 0
