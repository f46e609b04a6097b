#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The bench program works: a few thousand routes come through, are judged,
and the figures add up.  How fast is not asked here; the figures are printed.

    tests/bench/run.py BUILD-DIR
"""
import json
import os
import subprocess
import sys

TREE = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
COUNT4, COUNT6, SLOTS = 5000, 1000, 1000
SETTLED = {"waiting", "offloaded", "covered", "elided"}


def bench(build):
    """(exit status, the run's figures or None)"""
    result = subprocess.run(
        [sys.executable, "-B", TREE + "/bench/run.py",
         "--offloadd", build + "/offloadd/offloadd",
         "--feeder", build + "/bench/feeder",
         "--count", str(COUNT4), "--count6", str(COUNT6),
         "--slots", str(SLOTS), "--timeout", "90"],
        text=True, stdout=subprocess.PIPE)
    print(result.stdout, flush=True)
    try:
        return result.returncode, json.loads(result.stdout.splitlines()[-1])
    except (IndexError, ValueError):
        return result.returncode, None


def checks(status, r):
    """(what, whether it is so)"""
    yield "the bench program ends well", status == 0
    yield "it prints its figures as JSON", r is not None
    if r is None:
        return
    o = r["offloadd"]
    states = {name: n for name, n in o["states"].items() if n}
    yield "every route was announced", \
        (r["ipv4"], r["ipv6"]) == (COUNT4, COUNT6)
    yield "offloadd has a flow for each", o["flows"] >= COUNT4 + COUNT6
    yield "every flow is in one state", sum(states.values()) == o["flows"]
    yield "every flow is judged and settled", set(states) <= SETTLED
    entries = states.get("offloaded", 0) + states.get("covered", 0)
    yield "the table was filled", 0 < entries
    yield "and not beyond its capacity", entries <= SLOTS
    yield "some routes had to stay out", states.get("waiting", 0) > 0
    for name in ("zebra", "offloadd"):
        yield "%s has a rate" % name, r[name]["routesPerSecond"] > 0


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__.strip())
    passed = failed = 0
    for what, is_so in checks(*bench(os.path.abspath(sys.argv[1]))):
        passed, failed = passed + is_so, failed + (not is_so)
        print("%sok - %s" % ("" if is_so else "not ", what))
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
