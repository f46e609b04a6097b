#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""How fast do routes come through, and what do they cost?

Feeds N generated routes to the packaged zebra and, beside it, to offloadd
with an emulated table, and prints one run's figures of both: routes a second,
CPU seconds, bytes a route.

Everything runs in network, mount and process namespaces of its own (two veth
ends, private /run/frr, /etc/frr and /var/tmp): a FRRouting that runs on this
machine is not touched, and nothing is left behind however the run ends.
Needs root.
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import time

from world import (GATEWAY4, GATEWAY6, IN_MOTION, NEXTHOPS, RUN, TICK_S, Daemon,
                   Failure, Feeder, enter, make_world)

TICK_MAX_S = 0.25
# What the project promises of offloadd; see --check.
CPU_RATIO_MAX = 1 / 3
ROUTE_BYTES_MAX = 400


def write_config(args):
    path = "/etc/frr/offloadd.conf"
    if args.config:
        shutil.copy(args.config, path)
    else:
        with open(path, "w") as f:
            f.write(f"offload\n table bench\n  capacity {args.slots}\n"
                    " exit\nexit\n")
    shutil.chown(path, "frr", "frr")
    return path


def start_zebra(args):
    zebra = Daemon("zebra", [args.zebra, "-A", "127.0.0.1",
                             "--log", f"file:{RUN}/zebra.log"])
    zebra.wait_vty(30)
    return zebra


def start_offloadd(args):
    daemon = Daemon("offloadd", [
        args.offloadd, "-A", "127.0.0.1", "-f", write_config(args),
        "--database", f"{RUN}/offload.db",
        "--log", f"file:{RUN}/offloadd.log"])
    daemon.wait_vty(30)
    deadline = time.monotonic() + 90
    while True:
        feed = daemon.ask_json("show offload summary json")["feed"]
        if feed["connected"] and feed["settled"]:
            return daemon
        if time.monotonic() > deadline:
            raise Failure("offloadd does not settle with zebra\n"
                          + daemon.tail())
        time.sleep(TICK_S)


def start_feeder(args):
    command = [args.feeder, "--nexthops", str(NEXTHOPS),
               "--nexthop", GATEWAY4, "--seed", str(args.seed)]
    if args.count6 or args.routes:
        command += ["--nexthop", GATEWAY6]
    if args.routes:
        command += ["--routes", args.routes]
    if args.count is not None:
        command += ["--count", str(args.count)]
    elif not args.routes:
        command += ["--count", "100000"]
    if args.count6 is not None:
        command += ["--count6", str(args.count6)]
    return Feeder(command)


# --- the measurement ---


def zebra_routes(zebra, v6):
    """(in the RIB, in the kernel), all protocols."""
    rib = fib = 0
    for family in ("ip", "ipv6") if v6 else ("ip",):
        summary = zebra.ask_json(f"show {family} route summary json")
        rib += summary["routesTotal"]
        fib += summary["routesTotalFib"]
    return rib, fib


class Snapshot:
    def __init__(self, daemon):
        self.cpu_s = daemon.cpu_s()
        self.rss_bytes = daemon.rss_bytes()


class Run:
    """One feed, from the first route until everyone has every route."""

    def __init__(self, zebra, offloadd, feeder, args, base):
        self.zebra, self.offloadd, self.feeder = zebra, offloadd, feeder
        self.v6 = bool(args.count6 or args.routes)
        self.base_routes, self.base_flows = base
        self.deadline = time.monotonic() + args.timeout
        self.rib_s = self.fib_s = self.flows_s = None
        self.summary = None

    def wait(self):
        """Ask often, but not so often that asking is what is measured."""
        calm = 0
        while calm < 3:
            start = time.monotonic()
            if start > self.deadline:
                raise Failure(self.progress())
            self.feeder.look()
            done = self.look_zebra()
            if self.offloadd:
                done = self.look_offloadd() and done
            calm = calm + 1 if done else 0
            took = time.monotonic() - start
            time.sleep(min(max(TICK_S, 3 * took), TICK_MAX_S))

    def want(self):
        return self.feeder.announced["routes"]

    def look_zebra(self):
        if self.fib_s:
            return True
        rib, fib = zebra_routes(self.zebra, self.v6)
        now = time.monotonic()
        if self.feeder.announced:
            if not self.rib_s and rib - self.base_routes[0] >= self.want():
                self.rib_s = now
            if fib - self.base_routes[1] >= self.want():
                self.fib_s = now
        return bool(self.fib_s)

    def look_offloadd(self):
        self.summary = s = self.offloadd.ask_json("show offload summary json")
        if not self.feeder.announced or \
           s["flows"] - self.base_flows < self.want():
            return False
        if not self.flows_s:
            self.flows_s = time.monotonic()
        # Its work is done when the last decision is on disk.
        return s.get("dirty", 0) == 0 and s["store"]["queued"] == 0 and \
            not any(s["states"].get(name, 0) for name in IN_MOTION)

    def progress(self):
        rib, fib = zebra_routes(self.zebra, self.v6)
        text = f"not done in time: zebra has {rib} routes, {fib} installed"
        if self.offloadd:
            text += f"; offloadd: {json.dumps(self.summary)}"
        return f"{text}; feeder: {self.feeder.announced}"

    def offloadd_span_s(self):
        """From the first route of the feed to the last that offloadd saw."""
        start = self.feeder.announced["startUs"] / 1e6
        feed = self.summary["feed"]
        first, last = feed["firstRouteUs"] / 1e6, feed["lastRouteUs"] / 1e6
        if not start < last <= self.flows_s + 1:
            return self.flows_s - start
        return last - max(first, start)


def rate(n, seconds):
    return round(n / seconds) if seconds > 0 else 0


def measure(zebra, offloadd, args):
    base_flows = 0
    if offloadd:
        base_flows = offloadd.ask_json("show offload summary json")["flows"]
    base = zebra_routes(zebra, bool(args.count6 or args.routes)), base_flows
    before = {d: Snapshot(d) for d in (zebra, offloadd) if d}
    feeder = start_feeder(args)
    try:
        run = Run(zebra, offloadd, feeder, args, base)
        run.wait()
        time.sleep(1.5)  # the database is written at most a second later
        after = {d: Snapshot(d) for d in before}
    finally:
        feeder.stop()
    return figures(run, before, after, args)


def figures(run, before, after, args):
    n = run.want()
    start = run.feeder.announced["startUs"] / 1e6

    def cost(daemon):
        rss = after[daemon].rss_bytes - before[daemon].rss_bytes
        return {
            "cpuSeconds":
                round(after[daemon].cpu_s - before[daemon].cpu_s, 2),
            "rssBytes": after[daemon].rss_bytes,
            "rssBytesPerRoute": round(rss / n),
        }

    result = {
        "routes": n,
        "ipv4": run.feeder.announced["ipv4"],
        "ipv6": run.feeder.announced["ipv6"],
        "cpus": os.cpu_count(),
        "feeder": {"seconds": run.feeder.announced["seconds"],
                   "routesPerSecond":
                       run.feeder.announced["routesPerSecond"]},
        "zebra": {
            "routesPerSecond": rate(n, run.rib_s - start),
            "installedPerSecond": rate(n, run.fib_s - start),
            **cost(run.zebra),
        },
    }
    if run.offloadd:
        s = run.summary
        result["offloadd"] = {
            "routesPerSecond": rate(n, run.offloadd_span_s()),
            "flows": s["flows"],
            "states": s["states"],
            "transitions": s["transitions"],
            "recordsWritten": s["store"]["written"],
            "messages": s["feed"]["messages"],
            "turnMaxUs": s.get("turnMaxUs"),
            **cost(run.offloadd),
        }
        cpu = result["zebra"]["cpuSeconds"]
        result["cpuRatio"] = \
            round(result["offloadd"]["cpuSeconds"] / cpu, 3) if cpu else None
    return result


# --- what is printed ---


def table(result):
    rows = [("", "zebra", "offloadd")]
    zebra, offloadd = result["zebra"], result.get("offloadd", {})

    def row(text, key):
        cells = (d.get(key, "-") for d in (zebra, offloadd))
        rows.append((text, *(f"{c:,}" if not isinstance(c, str) else c
                             for c in cells)))

    row("routes a second", "routesPerSecond")
    row("installed a second", "installedPerSecond")
    row("CPU seconds", "cpuSeconds")
    row("bytes a route", "rssBytesPerRoute")
    lines = [f"{result['ipv4']:,} IPv4 and {result['ipv6']:,} IPv6 routes, "
             f"{result['cpus']} CPUs"]
    lines += [f"{a:20}{b:>14}{c:>14}" for a, b, c in rows]
    if offloadd:
        lines.append(f"offloadd takes {result['cpuRatio']} of zebra's CPU time"
                     f" and has {offloadd['flows']:,} flows: " + ", ".join(
                         f"{count:,} {state}" for state, count
                         in offloadd["states"].items() if count))
    return "\n".join(lines)


def misses(result):
    """The promises that were not kept, in words."""
    offloadd = result["offloadd"]
    if result["cpuRatio"] is None or result["cpuRatio"] >= CPU_RATIO_MAX:
        yield f"CPU ratio {result['cpuRatio']} is not below a third"
    if offloadd["rssBytesPerRoute"] >= ROUTE_BYTES_MAX:
        yield f"{offloadd['rssBytesPerRoute']} bytes a route are not below " \
              f"{ROUTE_BYTES_MAX}"


def parse_args():
    p = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    p.add_argument("--offloadd", metavar="PATH",
                   help="the built daemon (without it: zebra alone)")
    p.add_argument("--feeder", metavar="PATH", default="bench/feeder",
                   help="the built feeder (default bench/feeder)")
    p.add_argument("--zebra", metavar="PATH", default="/usr/lib/frr/zebra")
    p.add_argument("--count", type=int, metavar="N",
                   help="IPv4 routes (default 100000)")
    p.add_argument("--count6", type=int, metavar="N",
                   help="IPv6 routes (default 0)")
    p.add_argument("--routes", metavar="FILE",
                   help="prefixes of a file instead; - is standard input")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--slots", type=int, default=10000, metavar="N",
                   help="capacity of the emulated table (default 10000)")
    p.add_argument("--config", metavar="FILE",
                   help="configuration of offloadd instead of one table")
    p.add_argument("--timeout", type=int, default=600, metavar="SECONDS")
    p.add_argument("--json", action="store_true",
                   help="print the JSON object only")
    p.add_argument("--check", action="store_true",
                   help="fail if offloadd misses its promised figures")
    p.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    return p.parse_args()


def inside(args):
    """In the namespaces; a signal ends the sandbox and everything in it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    daemons = []
    try:
        make_world()
        zebra = start_zebra(args)
        daemons.append(zebra)
        offloadd = None
        if args.offloadd:
            offloadd = start_offloadd(args)
            daemons.append(offloadd)
        result = measure(zebra, offloadd, args)
    except (Failure, subprocess.CalledProcessError, OSError, KeyError) as e:
        print(f"bench: {type(e).__name__}: {e}", file=sys.stderr)
        for daemon in daemons:
            print(f"{daemon.name}:\n{daemon.tail()}", file=sys.stderr)
        return 1
    finally:
        for daemon in reversed(daemons):
            daemon.stop()
    if not args.json:
        print(table(result))
    print(json.dumps(result), flush=True)
    failed = list(misses(result)) if args.check and offloadd else []
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
        if path and not os.access(path, os.X_OK):
            sys.exit(f"bench: {path}: not a program")
    return enter(__file__, sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
