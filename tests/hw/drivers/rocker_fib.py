# SPDX-License-Identifier: GPL-2.0-or-later
"""
Inside a guest of QEMU with --rocker 2: offloadd observes a switch that flags
next hops, not routes, and announces nothing.

Prints what offloadd says, one JSON object: the route that rocker.sh made and
had pings sent by, and `show offload fib`.  ../rocker.py judges.
"""

import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
for directory in ("provider_tests", "tcamsim_tests"):
    sys.path.insert(1, os.path.join(os.path.dirname(HERE), directory))

import daemons  # noqa: E402, after the lines above
from tools import until  # noqa: E402

PREFIX = "10.3.0.0/24"
CONFIGURATION = """offload
 fib observe
 timers settle 100 max 3000
 database path /run/provider/offload.db
exit"""


def main():
    said = subprocess.run(["sh", os.path.join(HERE, "rocker.sh")], check=True,
                          stdout=subprocess.PIPE, text=True).stdout
    print(said, file=sys.stderr)
    zebra = daemons.zebra()
    offloadd = daemons.offloadd(CONFIGURATION)

    def route():
        routes = daemons.parsed(offloadd.ask("show offload route json"))
        for one in routes["routes"]:
            if one["prefix"] == PREFIX and one["state"] not in ("seen", "waiting"):
                return one
        return None

    try:
        found = until("an answer about " + PREFIX, route)
        print(json.dumps({
            "route": found,
            "fib": daemons.parsed(offloadd.ask("show offload fib json"))}))
    finally:
        offloadd.stop()
        zebra.stop()


if __name__ == "__main__":
    main()
