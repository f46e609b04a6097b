#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The bench of full tables works: a few thousand routes come by each feed, come
again after a restart and go, and the figures add up.  How fast is not asked
here; the figures are printed.

    tests/bench/scale.py BUILD-DIR
"""
import json
import os
import subprocess
import sys

TREE = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
FEEDS = ("zapi", "fpm")
COUNT, SLOTS = 20000, 2000
SETTLED = {"waiting", "offloaded", "covered", "elided"}


def bench(build):
    """(exit status, the run's figures or None)"""
    result = subprocess.run(
        [sys.executable, "-B", TREE + "/bench/scale.py",
         "--offloadd", build + "/offloadd/offloadd",
         "--feeder", build + "/bench/feeder", "--count", str(COUNT),
         "--slots", str(SLOTS), "--timeout", "90",
         *(word for feed in FEEDS for word in ("--feed", feed))],
        text=True, stdout=subprocess.PIPE)
    print(result.stdout, flush=True)
    try:
        return result.returncode, json.loads(result.stdout.splitlines()[-1])
    except (IndexError, ValueError):
        return result.returncode, None


def phase_checks(feed, name, r):
    """(what, whether it is so)"""
    here = f"{feed}, {name}: "
    s = r["seconds"]
    yield here + "every route", r["routes"] == COUNT
    yield here + "seen, decided, settled and stored in that order", \
        0 < s["decided"] and \
        s["seen"] <= s["decided"] <= s["settled"] <= s["stored"]
    yield here + "no impossible change of state", r["illegalTransitions"] == 0
    yield here + "nothing is left undecided", set(r["states"]) <= SETTLED
    for daemon in ("zebra", "offloadd"):
        yield here + f"{daemon} has a peak", \
            r[daemon]["peakRssBytes"] >= r[daemon]["rssBytes"] > 0


def feed_checks(r):
    feed = r["feed"]
    for name in ("live", "resync", "withdraw"):
        yield from phase_checks(feed, name, r[name])
    for name in ("live", "resync"):
        states = r[name]["states"]
        entries = states.get("offloaded", 0) + states.get("covered", 0)
        yield f"{feed}, {name}: a flow for each route", \
            sum(states.values()) >= COUNT
        yield f"{feed}, {name}: the table is in use, and not beyond", \
            0 < entries <= SLOTS
    left = r["withdraw"]["states"]
    yield f"{feed}: what is left are no routes of the feeder", \
        sum(left.values()) < 100 and set(left) <= {"waiting"}
    yield f"{feed}: memory a route", r["live"]["bytesPerRoute"] > 0


def checks(status, report):
    yield "the bench program ends well", status == 0
    yield "it prints its figures as JSON", report is not None
    if report is None:
        return
    yield "of each feed", \
        [r["feed"] for r in report["feeds"]] == list(FEEDS)
    for r in report["feeds"]:
        yield from feed_checks(r)


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
