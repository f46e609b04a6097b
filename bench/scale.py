#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A full table: how long until every route of it is decided, and at what cost?

Feeds N generated IPv4 routes (or those of a file) through the packaged zebra
to offloadd, whose emulated table has room for a part of them, by each feed in
turn, and prints one run's figures:

  live      zebra gets the routes while offloadd listens
  resync    offloadd is started again; zebra has them all
  withdraw  the feeder takes all of them back

`seen` is when offloadd has a flow for each route, `decided` when each was
judged and placed (in hardware or on its way there, or in software with the
reason), `settled` when hardware has answered everything, and `stored` when the
last decision is on disk.  Seconds of a live phase begin with the feeder's first
route, those of a resync with the first that offloadd has read.  zebra is not
asked anything meanwhile: walking a million routes for an answer would be what
is measured.  `mainCpuSeconds` are those of the thread that decides, up to the
same moments (in a resync from the start of the program on): on a machine that
does other things, too, the figure to compare.

Everything runs in namespaces of its own, as with run.py.  Needs root.
"""

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time

from world import (GATEWAY4, IN_MOTION, NEXTHOPS, RUN, TICK_S, Daemon, Failure,
                   Feeder, drop_link, enter, hide_machine, ip, make_link)

FEEDS = ("zapi", "fpm")
FPM_PORT = 2620
# What the project promises; see --check.
RESYNC_MAX_S = {"fpm": 4}
ROUTE_BYTES_MAX = 300
ACK_COST_MAX = 0.1
TURN_MAX_US = 50000


# --- what is looked at in /proc ---


def memory_bytes(daemon, what):
    """VmRSS, or VmHWM since peak_reset()."""
    with open(f"/proc/{daemon.process.pid}/status") as f:
        return int(re.search(what + r":\s+(\d+) kB", f.read())[1]) * 1024


def peak_reset(daemon):
    with open(f"/proc/{daemon.process.pid}/clear_refs", "w") as f:
        f.write("5")


def main_cpu_s(daemon):
    """CPU seconds of the thread that decides, without the writer's."""
    pid = daemon.process.pid
    with open(f"/proc/{pid}/task/{pid}/schedstat") as f:
        return int(f.read().split()[0]) / 1e9


class Meter:
    """What a phase costs each daemon."""

    def __init__(self, daemons):
        self.daemons = daemons
        self.cpu_s = {d: d.cpu_s() for d in daemons}
        for d in daemons:
            peak_reset(d)

    def figures(self):
        return {d.name: {"cpuSeconds": round(d.cpu_s() - self.cpu_s[d], 2),
                         "rssBytes": memory_bytes(d, "VmRSS"),
                         "peakRssBytes": memory_bytes(d, "VmHWM")}
                for d in self.daemons}


# --- the daemons ---


def write_config(name, *lines):
    path = f"/etc/frr/{name}.conf"
    with open(path, "w") as f:
        f.write("\n".join(lines) + "\n")
    shutil.chown(path, "frr", "frr")
    return path


def start_zebra(args, feed, ack):
    command = [args.zebra, "-A", "127.0.0.1", "--log",
               f"file:{RUN}/zebra.log"]
    lines = []
    if feed == "fpm":
        command += ["-M", "dplane_fpm_nl"]
        lines.append(f"fpm address 127.0.0.1 port {FPM_PORT}")
    # The same zebra with answers and without.
    if args.ack and feed == "fpm":
        command.append("--asic-offload=notify_on_offload")
    zebra = Daemon("zebra", [*command, "-f", write_config("zebra", *lines)])
    zebra.wait_vty(30)
    return zebra


def start_offloadd(args, feed, ack):
    lines = ["offload"]
    if feed == "fpm":
        lines.append(f" rib feed fpm port {FPM_PORT}")
    if ack:
        lines.append(" " + args.ack)
    lines += [" no feed shrink-guard", " table bench",
              f"  capacity {args.slots}", " exit", "exit"]
    daemon = Daemon("offloadd", [
        args.offloadd, "-A", "127.0.0.1", "-f",
        write_config("offloadd", *lines),
        "--log", f"file:{RUN}/offloadd.log",
        *(("--database", f"{RUN}/{feed}{'-ack' if ack else ''}.db")
          if args.store else ())])
    daemon.wait_vty(30)
    return daemon


def start_feeder(args):
    command = [args.feeder, "--nexthops", str(NEXTHOPS), "--nexthop", GATEWAY4,
               "--seed", str(args.seed), "--withdraw"]
    if args.routes:
        command += ["--routes", args.routes]
    if args.count is not None or not args.routes:
        command += ["--count", str(args.count or 1000000)]
    return Feeder(command)


def ask(offloadd):
    return offloadd.ask_json("show offload summary json")


def wait_settled(offloadd, deadline):
    while True:
        feed = ask(offloadd)["feed"]
        if feed["connected"] and feed["settled"]:
            return
        if time.monotonic() > deadline:
            raise Failure(f"offloadd does not settle: {json.dumps(feed)}")
        time.sleep(TICK_S)


# --- the phases ---


class Watch:
    """Asks offloadd until it is done with `want` flows, and notes when it got
    how far."""

    def __init__(self, offloadd, is_wanted, feeder, timeout):
        self.offloadd, self.is_wanted, self.feeder = \
            offloadd, is_wanted, feeder
        self.deadline = time.monotonic() + timeout
        self.at = {}
        self.cpu_s = {}  # of the main thread, at the same moments
        self.began_cpu_s = main_cpu_s(offloadd)
        self.summary = None

    def note(self, *what):
        for name in what:
            if name not in self.at:
                self.at[name] = time.monotonic()
                self.cpu_s[name] = main_cpu_s(self.offloadd)

    def forget(self, *what):
        for name in what:
            self.at.pop(name, None)

    def look(self):
        """True: there is nothing to wait for any longer."""
        self.summary = s = ask(self.offloadd)
        if not self.is_wanted(s):
            return False
        self.note("seen")
        if s["dirty"] or s["states"]["seen"]:
            self.forget("decided", "settled", "stored")
            return False
        self.note("decided")
        if any(s["states"].get(name, 0) for name in IN_MOTION):
            self.forget("settled", "stored")
            return False
        self.note("settled")
        if s["store"]["queued"]:
            self.forget("stored")
            return False
        self.note("stored")
        return True

    def wait(self):
        """Three looks in a row, the last a second later: what was thought to
        be done may be undone by who looks for better places."""
        calm = 0
        while calm < 3:
            start = time.monotonic()
            if start > self.deadline:
                raise Failure(f"not done in time: {json.dumps(self.summary)}")
            if self.feeder:
                self.feeder.look()
            calm = calm + 1 if self.look() else 0
            time.sleep(max(TICK_S, 3 * (time.monotonic() - start)))
        return self

    def figures(self, n, start):
        seconds = {name: round(at - start, 3) for name, at in self.at.items()}
        decided = seconds["decided"]
        s = self.summary
        cpu = {name: round(self.cpu_s[name] - self.began_cpu_s, 3)
               for name in self.at}
        return {
            "routes": n,
            "seconds": seconds,
            "mainCpuSeconds": cpu,
            "routesPerSecond": round(n / decided) if decided > 0 else 0,
            "turnMaxUs": s["turnMaxUs"],
            "transitions": s["transitions"],
            "illegalTransitions": s["illegalTransitions"],
            "recordsWritten": s["store"]["written"],
            "recordsDropped": s["store"]["dropped"],
            "states": {k: v for k, v in s["states"].items() if v},
        }


def phase(meter, watch, n, start):
    return {**watch.figures(n, start), **meter.figures()}


def live(args, zebra, offloadd, run):
    wait_settled(offloadd, time.monotonic() + 90)
    idle = memory_bytes(offloadd, "VmRSS")
    run["base"] = ask(offloadd)["flows"]
    meter = Meter((zebra, offloadd))
    run["feeder"] = feeder = start_feeder(args)

    def is_wanted(s):
        said = feeder.announced
        return said and s["flows"] - run["base"] >= said["routes"]

    watch = Watch(offloadd, is_wanted, feeder, args.timeout).wait()
    said = feeder.announced
    run["routes"] = n = said["routes"]
    figures = phase(meter, watch, n, said["startUs"] / 1e6)
    rss = figures["offloadd"]["rssBytes"] - idle
    peak = figures["offloadd"]["peakRssBytes"] - idle
    return {**figures, "idleRssBytes": idle, "bytesPerRoute": round(rss / n),
            "peakBytesPerRoute": round(peak / n)}


def resync(args, zebra, old, run, ack):
    old.stop()
    time.sleep(1)  # zebra has seen its end
    began = time.monotonic()
    new = start_offloadd(args, run["feed"], ack)
    meter = Meter((zebra, new))
    meter.cpu_s[new] = 0  # from its first instruction on
    want = run["base"] + run["routes"]
    watch = Watch(new, lambda s: s["flows"] >= want, None, args.timeout)
    watch.began_cpu_s = 0
    watch.wait()
    first = watch.summary["feed"]["firstRouteUs"] / 1e6
    figures = phase(meter, watch, run["routes"], first)
    figures["seconds"]["startedBefore"] = round(first - began, 3)
    return new, figures


def withdraw(args, zebra, offloadd, run):
    wait_settled(offloadd, time.monotonic() + 90)
    meter = Meter((zebra, offloadd))
    start = time.monotonic()
    run["feeder"].process.terminate()
    return phase(meter, Watch(offloadd, lambda s: s["flows"] <= run["base"],
                              None, args.timeout).wait(), run["routes"], start)


def measure(args, feed, ack):
    run = {"feed": feed}
    daemons = []
    make_link()
    try:
        daemons.append(start_zebra(args, feed, ack))
        daemons.append(start_offloadd(args, feed, ack))
        zebra, offloadd = daemons
        result = {"feed": feed, "ack": ack}
        result["live"] = live(args, zebra, offloadd, run)
        print(line(result, "live"), file=sys.stderr, flush=True)
        daemons[1], result["resync"] = resync(args, zebra, offloadd, run, ack)
        print(line(result, "resync"), file=sys.stderr, flush=True)
        if args.withdraw:
            result["withdraw"] = withdraw(args, zebra, daemons[1], run)
            print(line(result, "withdraw"), file=sys.stderr, flush=True)
        return result
    except Exception:
        for daemon in daemons:
            print(f"{daemon.name}:\n{daemon.tail()}", file=sys.stderr)
        raise
    finally:
        for daemon in (run.get("feeder"), *reversed(daemons)):
            if daemon:
                daemon.stop()
        drop_link()


# --- what is printed ---

HEAD = (f"{'feed':9}{'phase':9}{'decided s':>10}{'routes/s':>10}"
        f"{'zebra CPU':>10}{'peak MB':>8}{'offl. CPU':>10}{'decided':>8}"
        f"{'peak MB':>8}{'turn ms':>8}")


def line(result, name):
    r = result[name]
    z, o = r["zebra"], r["offloadd"]
    feed = result["feed"] + ("+ack" if result["ack"] else "")
    return (f"{feed:9}{name:9}{r['seconds']['decided']:10.2f}"
            f"{r['routesPerSecond']:10,}{z['cpuSeconds']:10.2f}"
            f"{z['peakRssBytes'] / 1e6:8.0f}{o['cpuSeconds']:10.2f}"
            f"{r['mainCpuSeconds']['decided']:8.2f}"
            f"{o['peakRssBytes'] / 1e6:8.0f}{r['turnMaxUs'] / 1000:8.1f}")


def ack_cost(results):
    """How much of its rate a live feed loses by acknowledging; None: not
    measured."""
    rates = {r["ack"]: r["live"]["routesPerSecond"] for r in results
             if r["feed"] == "fpm"}
    if len(rates) < 2 or not rates[False]:
        return None
    return round(1 - rates[True] / rates[False], 3)


def misses(report):
    """The promises that were not kept, in words."""
    for r in report["feeds"]:
        bound = RESYNC_MAX_S.get(r["feed"])
        took = r["resync"]["seconds"]["decided"]
        if bound and took >= bound:
            yield f"{r['feed']}: a resync takes {took} s, not below {bound}"
        if r["live"]["bytesPerRoute"] >= ROUTE_BYTES_MAX:
            yield f"{r['feed']}: {r['live']['bytesPerRoute']} bytes a route " \
                  f"are not below {ROUTE_BYTES_MAX}"
        for name in ("live", "resync", "withdraw"):
            turn = r.get(name, {}).get("turnMaxUs", 0)
            if turn >= TURN_MAX_US:
                yield f"{r['feed']}: a turn of {turn} us in {name}"
    cost = report["ackCost"]
    if cost is not None and cost >= ACK_COST_MAX:
        yield f"acknowledging costs {cost} of the rate"


def parse_args():
    p = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    p.add_argument("--offloadd", metavar="PATH", default="offloadd/offloadd",
                   help="the built daemon (default offloadd/offloadd)")
    p.add_argument("--feeder", metavar="PATH", default="bench/feeder",
                   help="the built feeder (default bench/feeder)")
    p.add_argument("--zebra", metavar="PATH", default="/usr/lib/frr/zebra")
    p.add_argument("--feed", choices=FEEDS, action="append",
                   help="one of them (default both)")
    p.add_argument("--count", type=int, metavar="N",
                   help="IPv4 routes (default 1000000; of a file: all)")
    p.add_argument("--routes", metavar="FILE",
                   help="prefixes of a file instead; - is standard input")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--slots", type=int, default=100000, metavar="N",
                   help="capacity of the emulated table (default 100000)")
    p.add_argument("--no-store", dest="store", action="store_false",
                   help="without a database")
    p.add_argument("--no-withdraw", dest="withdraw", action="store_false",
                   help="without that phase")
    p.add_argument("--ack", metavar="COMMAND", nargs="?",
                   const="rib acknowledge offloaded",
                   help="the FPM feed once more with acknowledgements (FRR "
                   "10.x),\nswitched on by this command")
    p.add_argument("--timeout", type=int, default=300, metavar="SECONDS",
                   help="of a phase (default 300)")
    p.add_argument("--check", action="store_true",
                   help="fail if a promised figure is missed")
    p.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    return p.parse_args()


def inside(args):
    """In the namespaces; a signal ends the sandbox and everything in it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    feeds = [(feed, False) for feed in args.feed or FEEDS]
    if args.ack:
        feeds.append(("fpm", True))
    print(HEAD, file=sys.stderr)
    try:
        hide_machine()
        ip("link set lo up")
        results = [measure(args, feed, ack) for feed, ack in feeds]
    except (Failure, subprocess.CalledProcessError, OSError, KeyError) as e:
        print(f"bench: {type(e).__name__}: {e}", file=sys.stderr)
        return 1
    report = {"cpus": os.cpu_count(), "slots": args.slots,
              "store": args.store, "feeds": results,
              "ackCost": ack_cost(results)}
    print(json.dumps(report), flush=True)
    failed = list(misses(report)) if args.check else []
    for text in failed:
        print(f"bench: {text}", file=sys.stderr)
    return 1 if failed else 0


def main():
    args = parse_args()
    if args.inside:
        return inside(args)
    if os.geteuid() != 0:
        sys.exit("bench: network namespaces need root")
    for path in (args.feeder, args.zebra, args.offloadd):
        if not os.access(path, os.X_OK):
            sys.exit(f"bench: {path}: not a program")
    return enter(__file__, sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
