#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What `show offload simulate` says comes true.

    tests/bench/simulate.py BUILD-DIR [--routes N] [--slots N]

Routes whose weights fall as Zipf's law says come through the packaged zebra to
offloadd with an emulated table that is too small for them.  One change after
another is simulated and then made: hit share, slots used, and the entries that
leave and come are to be within 5 % of what was said.  And a simulation changes
nothing: no state, no operation, no row.

Prints what was said and what came, one line of figures (times among them, of
which none is judged) and "N passed, N failed".  Needs root.
"""
import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import time

TREE = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
sys.path.insert(0, TREE + "/bench")
from world import (GATEWAY4, IN_MOTION, NEXTHOPS, RUN, Daemon,  # noqa: E402
                   Failure, Feeder, Vty, enter, make_world)

WITHIN = 0.05
LEAST = 5  # entries that are no difference
TOP_WEIGHT = 1000000
CALM_S = 2.2  # of sweeps every second without a write
TIMEOUT_S = 60
CHANGES = (
    # what is simulated, and the commands that make it so
    ("capacity 8000", ("table hw0", "capacity 8000")),
    ("capacity 4000", ("table hw0", "capacity 4000")),
    ("high-watermark 70 percent low-watermark 60 percent",
     ("table hw0", "low-watermark 60 percent", "high-watermark 70 percent")),
    ("class never rule 10", ("rule 10", "set class never")),
    ("class critical rule 12", ("rule 12", "set class critical")),
    ("capacity 6000 high-watermark 95 percent low-watermark 90 percent "
     "class best-effort rule 12",
     ("table hw0", "capacity 6000", "high-watermark 95 percent",
      "low-watermark 90 percent", "exit", "rule 12", "set class best-effort")),
)


def shares(prefixes):
    """Prefixes by tag, with a weight: tag k has the ranks of Zipf's law from
    2^(k-1) on, in any place of the address space."""
    prefixes = prefixes[:]
    random.Random(1).shuffle(prefixes)
    tag = 1
    while prefixes:
        yield tag, TOP_WEIGHT * 2 // (3 << tag - 1), prefixes[:1 << tag - 1]
        prefixes = prefixes[1 << tag - 1:]
        tag += 1


def config(tags, slots):
    rules = "".join(
        f" rule {tag}\n  match tag {tag}\n  set class best-effort\n"
        f"  set weight {max(weight, 1)}\n exit\n" for tag, weight in tags)
    return (f"offload\n table hw0\n  capacity {slots}\n"
            f"  rebalance-interval 1\n exit\n{rules}"
            " timers settle 500 max 20000\nexit\n")


class Simulate:
    def __init__(self, args):
        self.args = args
        self.daemons, self.vty = [], None
        self.results = []
        self.seen = {"answerMs": 0, "rssBytes": 0, "sliceMaxUs": 0}

    # --- the world ---

    def start(self):
        args = self.args
        make_world()
        zebra = Daemon("zebra", [args.zebra, "-A", "127.0.0.1",
                                 "--log", f"file:{RUN}/zebra.log"])
        self.daemons.append(zebra)
        zebra.wait_vty(30)
        text = subprocess.run(
            [args.feeder, "--print", str(args.routes)], check=True, text=True,
            stdout=subprocess.PIPE).stdout
        parts = list(shares(text.split()))
        with open("/etc/frr/offloadd.conf", "w") as f:
            f.write(config([(t, w) for t, w, _ in parts], args.slots))
        shutil.chown("/etc/frr/offloadd.conf", "frr", "frr")
        self.daemon = Daemon("offloadd", [
            args.offloadd, "-A", "127.0.0.1", "-f", "/etc/frr/offloadd.conf",
            "--database", f"{RUN}/offload.db",
            "--log", f"file:{RUN}/offloadd.log"])
        self.daemons.append(self.daemon)
        self.daemon.wait_vty(30)
        self.vty = Vty(self.daemon.vty_path)
        for tag, _, part in parts:
            self.feed(tag, part)

    def feed(self, tag, prefixes):
        path = f"{RUN}/routes.{tag}"
        with open(path, "w") as f:
            f.write("\n".join(prefixes) + "\n")
        # Next hops in turn: each feeder begins with another.
        feeder = Feeder([
            self.args.feeder, "--routes", path, "--tag", str(tag),
            "--instance", str(tag), "--nexthop", GATEWAY4,
            "--nexthops", str(NEXTHOPS), "--seed", str(tag)])
        self.daemons.append(feeder)
        deadline = time.monotonic() + TIMEOUT_S
        while not feeder.announced:
            feeder.look()
            if time.monotonic() > deadline:
                raise Failure("the feeder does not come to an end")
            time.sleep(0.02)

    def stop(self):
        if self.vty:
            self.vty.close()
        for daemon in reversed(self.daemons):
            daemon.stop()

    # --- what is asked ---

    def ask(self, what):
        began = time.monotonic()
        answer = self.daemon.ask_json(f"show offload {what} json")
        if what == "summary":
            took_ms = 1000 * (time.monotonic() - began)
            self.seen["answerMs"] = max(self.seen["answerMs"], took_ms)
        return answer

    def table(self):
        return self.ask("table hw0")

    def real(self):
        return {e["prefix"] for e in self.ask("table hw0 entries")["entries"]
                if e["entry"] == "real"}

    def marks(self):
        """What a simulation leaves as it is."""
        s, t = self.ask("summary"), self.table()
        for key in ("oldestInFlightMs",):
            t.pop(key)
        t["placement"].pop("optionalLeft", None)  # it fills up with time
        return {"table": t, "states": s["states"], "reasons": s["reasons"],
                "transitions": s["transitions"], "flows": s["flows"]}

    def wait_calm(self):
        """Until sweep after sweep writes nothing."""
        deadline, since, last = time.monotonic() + TIMEOUT_S, 0, None
        while time.monotonic() < deadline:
            s, t = self.ask("summary"), self.table()
            now = (t["opsSent"], s["flows"], s["store"]["written"])
            busy = s["dirty"] or s["store"]["queued"] or t["inFlight"] or \
                t["placement"]["improving"] or not s["feed"]["settled"] or \
                s["flows"] < self.args.routes or \
                any(s["states"].get(name) for name in IN_MOTION)
            if now != last or busy:
                last, since = now, time.monotonic()
            elif time.monotonic() - since > CALM_S:
                return
            time.sleep(0.1)
        raise Failure(f"it does not come to rest: {json.dumps(t)}")

    def simulate(self, change):
        said = json.loads(self.vty.run(
            f"show offload simulate hw0 {change} json"))
        last = -1
        deadline = time.monotonic() + TIMEOUT_S
        while said["state"] == "running":
            if time.monotonic() > deadline or said["percent"] < last:
                raise Failure(f"{change}: {said}")
            last = said["percent"]
            self.seen["rssBytes"] = max(self.seen["rssBytes"],
                                        self.daemon.rss_bytes())
            self.ask("summary")
            time.sleep(0.02)
            said = self.ask("simulate")
        if said["state"] != "done":
            raise Failure(f"{change}: {said}")
        return said

    # --- said and done ---

    def result(self, what, is_so):
        self.results.append((what, bool(is_so)))

    def near(self, change, what, told, true, least=0.0):
        print(f"  {what:24}{told:12.3f} told {true:12.3f} true")
        self.result(f"{change}: {what}",
                    abs(told - true) <= max(least, WITHIN * true))

    def change(self, change, commands):
        before, marks = self.real(), self.marks()
        said = self.simulate(change)
        after = self.marks()
        self.result(f"{change}: simulating changes nothing", marks == after)
        if marks != after:
            print(marks, after, sep="\n")
        self.result(f"{change}: entries are the same", before == self.real())
        self.result(f"{change}: it was as the table says",
                    said["now"]["used"] == marks["table"]["used"] and
                    said["now"]["hitPercent"] ==
                    marks["table"]["placement"]["hitPercent"])
        # All of it at once, as a configuration file: what a table makes of
        # one part before it hears of the next is not what was asked about.
        self.vty.run("configure terminal", "XFRR_start_configuration",
                     "offload", *commands, "exit", "XFRR_end_configuration",
                     "end")
        self.wait_calm()
        t, then, real = self.table(), said["then"], self.real()
        print(f"{change}: asked {said['tookMs']} ms, "
              f"{said['sweeps']} sweeps")
        self.near(change, "hit share", then["hitPercent"],
                  t["placement"]["hitPercent"])
        self.near(change, "slots used", then["used"], t["used"])
        self.near(change, "slots of covers", then["covers"], t["covers"],
                  LEAST)
        self.near(change, "critical slots", then["critical"], t["critical"],
                  LEAST)
        self.near(change, "evictions", said["evictions"],
                  len(before - real), LEAST)
        self.near(change, "admissions", said["admissions"],
                  len(real - before), LEAST)
        for key in ("capacity", "high", "low", "reserve", "admission"):
            self.result(f"{change}: {key}", then[key] == t[key])
        self.seen[change] = said["tookMs"]
        self.seen["sliceMaxUs"] = max(self.seen["sliceMaxUs"],
                                      self.ask("simulate")["sliceMaxUs"])

    def refusals(self):
        """Bad questions are refused with a sentence, and nothing is begun."""
        for question in ("nobody capacity 5", "hw0 capacity 1",
                         "hw0 low-watermark 99 percent",
                         "hw0 class never prefix 10.0.0.0/8 ge 4",
                         "hw0 class never prefix 10.0.0.0/8 le 33"):
            try:
                text = self.vty.run(f"show offload simulate {question}")
                self.result(f"{question}: {text}", False)
            except Failure as e:
                self.result(f"{question} is refused", ": % " in str(e))

    def one_at_a_time(self):
        self.vty.run("show offload simulate hw0 capacity 100")
        try:
            self.vty.run("show offload simulate hw0 capacity 200")
            self.result("a second one is refused", False)
        except Failure as e:
            self.result("a second one is refused", "under way" in str(e))
        self.vty.run("clear offload simulate")
        self.result("it can be given up",
                    self.ask("simulate") == {"state": "none"})
        said = self.simulate("class never prefix 0.0.0.0/0 le 32")
        self.result("all routes are within the default route",
                    said["reclassified"] > 0.99 * self.args.routes)
        self.result("a table of none is empty", said["then"]["used"] == 0)
        said = self.simulate("capacity 200 class critical rule 13")
        print(self.vty.run("show offload simulate"))
        self.result("critical routes without room are counted",
                    said["unfitCritical"] > 1000)
        self.result("and ten of them named", len(said["unfit"]) == 10 and
                    all(u["reason"] and "coverSlots" in u
                        for u in said["unfit"]))

    def run(self):
        self.start()
        self.wait_calm()
        self.seen["rssBytesBefore"] = self.daemon.rss_bytes()
        for change, commands in CHANGES:
            self.change(change, commands)
        self.refusals()
        self.one_at_a_time()
        summary = self.ask("summary")
        self.seen["turnMaxUs"] = summary["turnMaxUs"]
        self.result("no impossible change of state",
                   summary["illegalTransitions"] == 0)


def inside(test):
    try:
        test.run()
    except (Failure, OSError, KeyError, subprocess.CalledProcessError) as e:
        print(f"{type(e).__name__}: {e}")
        test.result("it ran to its end", False)
    finally:
        test.stop()
    print(json.dumps(test.seen))
    for what, is_so in test.results:
        print(f"{'ok' if is_so else 'not ok'} - {what}")
    failed = sum(not is_so for _, is_so in test.results)
    print(f"{len(test.results) - failed} passed, {failed} failed", flush=True)
    return 1 if failed else 0


def main():
    p = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    p.add_argument("build", metavar="BUILD-DIR", type=os.path.abspath)
    p.add_argument("--routes", type=int, default=100000, metavar="N")
    p.add_argument("--slots", type=int, default=5000, metavar="N")
    p.add_argument("--zebra", metavar="PATH", default="/usr/lib/frr/zebra")
    p.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    args = p.parse_args()
    args.offloadd = args.build + "/offloadd/offloadd"
    args.feeder = args.build + "/bench/feeder"
    if not args.inside:
        enter(__file__, sys.argv[1:])
    sys.exit(inside(Simulate(args)))


if __name__ == "__main__":
    main()
