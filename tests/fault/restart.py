#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A restart writes nothing that is right already, however it came about.

    tests/fault/restart.py BUILD-DIR [--routes N]

So many routes are in a table of their size.  offloadd is ended by SIGTERM and
by SIGKILL and started again; once it is at rest hardware is to have what it
had, and the table's own counters, which no life resets, are to be as they were.
Then twice more, while zebra has lost all those routes: hardware is to keep them
(feed shrink-guard), and once to find them back, once to let go of them by
command.  How long it took from exec to rest is printed, not judged; the last line but
one is JSON.  Needs root.
"""

import signal
import time

from router import Failure, Router, Vty, program
from world import GATEWAY4, NEXTHOPS, Feeder

SETTLE_MS, SETTLE_MAX_MS = 3000, 60000  # the defaults
GUARD = " feed shrink-guard percent 25 hold 3600 minimum 100\n"
FEED_S, REST_S = 400, 300


class Restart:
    def __init__(self, args):
        self.args = args
        # A few entries more: covers of the addresses of this router.
        self.router = Router(args, args.routes + args.routes // 4 + 1000,
                             SETTLE_MS, rules=GUARD,
                             settle_max=SETTLE_MAX_MS)
        self.lives = []

    def feed(self):
        self.feeder = Feeder([
            self.args.feeder, "--count",
            str(self.args.routes), "--nexthop", GATEWAY4,
            "--nexthops", str(NEXTHOPS)])
        deadline = time.monotonic() + FEED_S
        while self.flows() < self.args.routes:
            self.feeder.look()
            if time.monotonic() > deadline:
                raise Failure(f"{self.flows()} routes come through")
            time.sleep(0.5)

    def summary(self):
        return self.router.offloadd.ask_json("show offload summary json")

    def flows(self):
        return self.summary()["flows"]

    def wait_feed(self, holding):
        """Complete, and the guard holds routes or does not."""
        deadline = time.monotonic() + REST_S
        while True:
            feed = self.summary()["feed"]
            if feed["settled"] and feed["holding"] is holding:
                return feed["held"]
            if time.monotonic() > deadline:
                raise Failure(f"the guard: {feed}")
            time.sleep(0.1)

    def life_without_routes(self, come_back):
        """Nobody announces them any more when it starts."""
        before = self.router.hardware()
        self.router.kill(signal.SIGKILL)
        self.feeder.stop()
        self.router.start()
        self.router.offloadd.wait_vty(30)
        held = self.wait_feed(True)
        self.router.wait_steady(REST_S)
        meanwhile = self.router.hardware()
        if come_back:
            self.feed()
        else:
            Vty(self.router.offloadd.vty_path).run("enable",
                                                   "offload feed release")
        self.wait_feed(False)
        self.router.wait_steady(REST_S)
        after = self.router.hardware()
        counters, base = after.counters(), before.counters()
        return {
            "held": held, "kept": same(before, meanwhile),
            "same": same(before, after), "entries": len(after.entries),
            **{name: counters[name] - base[name] for name in base},
        }

    def life(self, number):
        """End it and begin anew: what changed meanwhile."""
        before = self.router.hardware()
        at_end = time.monotonic()
        status = self.router.kill(number)
        gone = time.monotonic()
        left = self.router.hardware()
        began = time.monotonic()
        self.router.start()
        self.router.wait_steady(REST_S, tick=0.02)
        now = time.monotonic()
        after = self.router.hardware()
        counters, base = after.counters(), before.counters()
        self.lives.append({
            "signal": signal.Signals(number).name, "status": status,
            "secondsToEnd": round(gone - at_end, 2),
            "secondsToRest": round(now - began, 2),
            **{name: counters[name] - base[name] for name in base},
            "entries": len(after.entries),
            "keptAtEnd": same(before, left), "kept": same(before, after),
            "flows": self.flows(),
        })

    def run(self):
        self.router.start()
        self.router.wait_steady(60)
        self.feed()
        self.router.wait_steady(REST_S)
        self.first = self.router.hardware()
        for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGKILL):
            self.life(number)
        self.back = self.life_without_routes(True)
        self.gone = self.life_without_routes(False)

    def stop(self):
        if hasattr(self, "feeder"):
            self.feeder.stop()
        self.router.stop()

    def figures(self):
        return {"routes": self.args.routes, "lives": self.lives,
                "back": getattr(self, "back", None),
                "gone": getattr(self, "gone", None)}

    def checks(self):
        routes = self.args.routes
        yield "the routes were in hardware", \
            len(self.first.entries) >= routes // 2
        yield "there were three restarts", len(self.lives) == 3
        for life in self.lives:
            name = life["signal"]
            yield f"{name} ends it", life["status"] in (
                0, -signal.SIGKILL) and life["secondsToEnd"] is not None
            yield f"after {name} hardware is as it was", life["keptAtEnd"]
            yield f"after {name} and a start hardware is as it was", \
                life["kept"]
            yield f"after {name} nothing was added, replaced or deleted", \
                (life["added"], life["replaced"], life["deleted"]) == (0, 0, 0)
            yield f"after {name} every route is back", life["flows"] >= routes
        back, gone = self.back, self.gone
        for case in back, gone:
            yield "routes that are missing at a start are held", \
                case["held"] >= routes
            yield "meanwhile hardware is as it was", case["kept"]
        yield "back again, hardware is as it was", back["same"]
        yield "let go, every entry leaves", gone["entries"] < routes / 100
        yield "let go, nothing is written but this", \
            gone["added"] == 0 and \
            gone["deleted"] == back["entries"] - gone["entries"]


def same(a, b):
    def values(table):
        return {key: (e.kind, e.slots, e.hash)
                for key, e in table.entries.items()}
    return values(a) == values(b)


if __name__ == "__main__":
    program(__file__, __doc__, {"routes": 20000}, Restart)
