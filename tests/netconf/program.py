# SPDX-License-Identifier: GPL-2.0-or-later
"""What the programs beside the tests share: arguments, namespaces, a last line
that tools/run-tests.py understands."""

import argparse
import json
import os
import sys

import house


def program(path, text, options, make):
    """make(args) has run(), figures() and checks(): what, whether it is so."""
    p = argparse.ArgumentParser(
        description=text, formatter_class=argparse.RawTextHelpFormatter)
    p.add_argument("build", metavar="BUILD-DIR", type=os.path.abspath)
    for name, default in options.items():
        p.add_argument("--" + name, type=int, default=default,
                       help=f"(default {default})")
    p.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    args = p.parse_args()
    daemon = f"{args.build}/offloadd/offloadd"
    if os.geteuid() != 0 or not os.access(daemon, os.X_OK):
        print(f"it needs root, and {daemon}")
        sys.exit(77)
    if not args.inside:
        house.enter(path, sys.argv[1:])
    sys.exit(inside(make(args)))


def inside(test):
    test.house = None
    try:
        test.run()
        results = list(test.checks())
    except (house.Failure, OSError, AssertionError) as e:
        print(f"{type(e).__name__}: {e}")
        results = [("it ran to its end", False)]
    finally:
        if test.house:
            if not test.house.offloadd.is_alive():
                print(test.house.offloadd.tail())
            test.house.stop()
    print(json.dumps(test.figures()))
    for what, is_so in results:
        print(f"{'ok' if is_so else 'not ok'} - {what}")
    failed = sum(not is_so for _, is_so in results)
    print(f"{len(results) - failed} passed, {failed} failed", flush=True)
    return 1 if failed else 0
