#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Thousands of route changes a second, half of them of routes that flap.

    tests/fault/overload.py BUILD-DIR [--rate N] [--seconds N] [--routes N]

The feeder announces routes to the packaged zebra and goes on changing them;
offloadd's table is too small for them all, and its hardware is slow: routes
change again before a write is answered.  Meanwhile it is asked what people ask,
over a fresh connection each time.  Queues must stay bounded, hardware be written
more rarely than routes change, and when the storm is over everything must be as
if it had never been.

Prints one line of figures (times among them, of which none is judged) and
"N passed, N failed".  Needs root.
"""

import signal
import time

from router import Failure, Router, Vty, program
from world import GATEWAY4, NEXTHOPS, Feeder

IN_FLIGHT_MAX = 4096     # OFL_OPS_IN_FLIGHT
STORE_QUEUE_MAX = 200000  # ofl_store_conf_init()
RSS_RATIO_MAX = 1.5
ASK_S = 0.1


def feeder_start(args):
    return Feeder([
        args.feeder, "--count", str(args.routes), "--nested",
        "--nexthop", GATEWAY4, "--nexthops", str(NEXTHOPS),
        "--seed", str(args.seed), "--churn", str(args.rate),
        "--churn-wait", "--churn-seconds", str(args.seconds), "--churn-flap", str(args.flap)])


class Watch:
    """What was seen while the storm lasted: the largest of each."""

    def __init__(self, router):
        self.router = router
        self.most = {}
        self.asked = 0

    def note(self, name, value):
        self.most[name] = max(self.most.get(name, 0), value)

    def look(self):
        daemon = self.router.offloadd
        for command in ("summary", "route 16.0.0.0/8", "table"):
            began = time.monotonic()
            answer = daemon.ask_json(f"show offload {command} json")
            self.note("answerMs", 1000 * (time.monotonic() - began))
            self.asked += 1
            if command == "summary":
                self.note("dirty", answer["dirty"])
                self.note("storeQueued", answer["store"]["queued"])
                self.note("storeBehindMs", answer["store"]["behindMs"])
            if command == "table":
                self.note("inFlight", answer["tables"][0]["inFlight"])
        self.note("rssBytes", daemon.rss_bytes())


def wait_for(feeder, event, watch, timeout):
    deadline = time.monotonic() + timeout
    while event not in feeder.said:
        feeder.look()
        if time.monotonic() > deadline:
            raise Failure(f"the feeder did not come to: {event}")
        if watch:
            watch.look()
        time.sleep(ASK_S)
    return feeder.said[event]


def command(router, line):
    Vty(router.offloadd.vty_path).run("enable", line)


def audit(router):
    """Differences that a pass finds when all is quiet."""
    ask = router.offloadd.ask_json
    passes = ask("show offload audit json")["passes"]
    command(router, "offload audit")
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        a = ask("show offload audit json")
        if a["passes"] > passes and not a["running"]:
            return a["last"]["differences"]
        time.sleep(0.1)
    raise Failure("the audit does not end")


class Overload:
    def __init__(self, args):
        self.args = args
        self.router = Router(args, args.slots, 500)
        self.feeder, self.seen = None, {}

    def ask(self, what):
        return self.router.offloadd.ask_json(f"show offload {what} json")

    def writes(self):
        t = self.router.table()
        return t["added"] + t["replaced"] + t["deleted"]

    def run(self):
        router, args = self.router, self.args
        router.start()
        router.offloadd.wait_vty(30)
        self.feeder = feeder_start(args)
        wait_for(self.feeder, "announced", None, 60)
        while self.ask("summary")["flows"] < args.routes:
            time.sleep(ASK_S)
        router.wait_steady(120)
        command(router, "offload exercise table hw0 latency "
                f"{1000 * args.latency_ms}")
        turn_before = self.ask("summary")["turnMaxUs"]
        rss_before, written = router.offloadd.rss_bytes(), self.writes()
        cpu = router.offloadd.cpu_s()
        watch = Watch(router)
        self.feeder.process.send_signal(signal.SIGUSR1)
        churned = wait_for(self.feeder, "churned", watch, args.seconds + 120)
        command(router, "offload exercise table hw0 latency 0")
        router.wait_steady(120)
        summary = self.ask("summary")
        self.seen = {
            "changes": churned["routes"],
            "changesPerSecond": churned["routesPerSecond"],
            "hardwareWrites": self.writes() - written,
            "asked": watch.asked,
            "turnMaxUs": summary["turnMaxUs"],
            "turnMaxUsBefore": turn_before,
            "cpuSeconds": round(router.offloadd.cpu_s() - cpu, 2),
            "rssRatio": round(watch.most["rssBytes"] / rss_before, 3),
            **{k: round(v) for k, v in watch.most.items()},
            "storeDropped": summary["store"]["dropped"],
            "illegalTransitions": summary["illegalTransitions"],
            "flows": summary["flows"],
            "auditDifferences": audit(router),
        }

    def stop(self):
        if self.feeder:
            self.feeder.stop()
        self.router.stop()

    def figures(self):
        return self.seen

    def checks(self):
        f, args = self.seen, self.args
        yield "every change was sent", \
            f["changes"] >= args.rate * args.seconds * 0.95
        yield "no more operations on their way than allowed", \
            f["inFlight"] <= IN_FLIGHT_MAX
        yield "the store's queue is bounded", \
            f["storeQueued"] <= STORE_QUEUE_MAX
        yield "nothing was lost for the history", f["storeDropped"] == 0
        yield "memory does not grow with the changes", \
            f["rssRatio"] <= RSS_RATIO_MAX
        yield "hardware is written more rarely than routes change", \
            f["hardwareWrites"] < f["changes"] / 2
        yield "every route has its flow at the end", \
            f["flows"] >= args.routes
        yield "no impossible change of state", f["illegalTransitions"] == 0
        yield "intent, hardware and database agree", \
            f["auditDifferences"] == 0


if __name__ == "__main__":
    program(__file__, __doc__, {
        "routes": 20000, "slots": 5000, "rate": 5000, "seconds": 8,
        "latency-ms": 1000, "flap": 200, "seed": 1}, Overload)
