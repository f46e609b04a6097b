#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""offloadd is killed at any moment, and hardware never does what no route
ever said.

    tests/fault/kills.py BUILD-DIR [--cycles N] [--seed S]

Routes change all the while; offloadd is started and killed by SIGKILL again
and again: after a random time, when its table took or did the Nth operation,
and at the Nth write or sync of its database, before it, after it or in the
middle.  After each kill the table's file and a copy of the database are looked
at.  Now and then the routes rest, and then what offloadd says is compared with
what is there.  Needs root and a C compiler; the last line but one is JSON.
"""

import collections
import json
import os
import random
import signal
import sys
import subprocess
import time

import churn
import truth
from router import RUN, Failure, Router, Vty, emufile, nexthop, program

SLOTS = 120
# The routes change all the while: they are never quiet for long.
SETTLE_MS, SETTLE_MAX_MS = 200, 400
RULES = f""" rule 10
  match prefix-length {churn.CRITICAL_PLEN}
  set class critical
 exit
"""
REST_EVERY = 10  # cycles; the truth is sharp again after each
REST_S, LATE_S = 60, 2
SHOWN = 20


def make_shim():
    path = RUN + "/killshim.so"
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                          "killshim.c")
    subprocess.run(["cc", "-O1", "-Wall", "-Werror", "-shared", "-fPIC", "-o",
                    path, source, "-ldl"], check=True)
    return path


class Kills:
    def __init__(self, args):
        self.args = args
        self.rng = random.Random(args.seed)
        self.router = Router(args, SLOTS, SETTLE_MS, RULES,
                             SETTLE_MAX_MS)
        self.churn = churn.Churn(args.seed, self.hash_of)
        self.shim = make_shim()
        self.kills = collections.Counter()
        self.violations, self.rests = [], 0
        self.checked = collections.Counter()

    def hash_of(self, family, content):
        if content == truth.DISCARD:
            return emufile.action_hash(1, [])
        return emufile.action_hash(0, [nexthop(self.router, family, i)
                                       for i in sorted(content)])

    def fault(self, text):
        self.violations.append(text)
        print(f"violation: {text}", flush=True)

    # --- one life ---

    def cycle(self):
        kind = self.rng.choice(("time", "taken", "done", "sync", "write"))
        env = None
        if kind in ("sync", "write"):
            n = self.rng.randint(1, 2 if kind == "sync" else 60)
            when = self.rng.choice(("before", "half", "after"))
            kind = f"{kind} {when}"
            env = {"LD_PRELOAD": self.shim,
                   "KILLSHIM": f"{kind.split()[0]} {n} {when}"}
        self.router.start(env)
        if kind == "time":
            time.sleep(self.rng.uniform(0, 1.5))
        else:
            if kind in ("taken", "done"):
                self.exercise(f"kill-when {kind} {self.rng.randint(1, 100)}")
            if self.router.wait_end(LATE_S) is None:
                kind += ", not reached"
        status = self.router.kill(signal.SIGKILL)
        if status != -signal.SIGKILL:
            self.fault(f"killed ({kind}) it ended with {status}\n"
                       + self.router.offloadd.tail())
        self.kills[kind] += 1
        self.look(kind)

    def exercise(self, line):
        self.router.offloadd.wait_vty(30)
        Vty(self.router.offloadd.vty_path).run(
            "enable", f"offload exercise table hw0 {line}")

    def look(self, kind):
        """After a kill: what is in hardware and on disk."""
        try:
            hardware = self.router.hardware()
        except FileNotFoundError:
            self.checked["no file yet"] += 1
            return
        except (emufile.Garbled, ValueError) as e:
            if os.path.getsize(f"{RUN}/hw0.table"):
                self.fault(f"after a kill ({kind}): {e}")
            return
        self.checked["files"] += 1
        self.checked["entries"] += len(hardware.entries)
        for text in self.churn.truth.violations(hardware):
            self.fault(f"after a kill ({kind}): {text}")
        for text in self.router.database_faults():
            self.fault(f"after a kill ({kind}): {text}")

    # --- at rest ---

    def rest(self):
        self.churn.rest()
        self.router.start()
        self.router.wait_steady(REST_S)
        self.wait_routes()
        self.router.wait_steady(REST_S)
        self.churn.truth.reset()
        self.rests += 1
        hardware = self.router.hardware()
        for text in self.churn.truth.violations(hardware):
            self.fault(f"at rest: {text}")
        self.compare(hardware)
        self.audit_well()
        self.mend()
        if self.router.kill(signal.SIGKILL) != -signal.SIGKILL:
            self.fault("at rest it ended by itself")
        self.look("at rest")
        self.churn.go()

    def routes(self):
        rows = self.router.offloadd.ask_json("show offload route json")
        return {truth.net_of(r["prefix"]): r for r in rows["routes"]}

    def wait_routes(self):
        """Every route of the truth has come through, and no other is left."""
        deadline = time.monotonic() + REST_S
        want = {n for n in self.churn.truth.routes.values}
        ours = {n for n, _ in self.churn.nets} | set(self.churn.fixed)
        while set(self.routes()) & ours != want:
            if time.monotonic() > deadline:
                raise Failure("routes do not come through: "
                              f"{set(self.routes()) & ours ^ want}")
            time.sleep(0.1)

    def compare(self, hardware):
        """What it says of each route against what is there."""
        entries = dict(hardware.entries)
        told = self.router.table()["entries"]
        if told != len(entries):
            self.fault(f"at rest: it tells {told} entries of {len(entries)}")
        for net, row in self.routes().items():
            entry = entries.pop((0, *net), None)
            kind = entry.kind if entry else None
            want = {"offloaded": emufile.REAL, "covered": emufile.PUNT}
            if kind != want.get(row["state"]):
                self.fault(f"at rest: {row['prefix']} is {row['state']}, "
                           f"hardware has {kind}")
            elif kind == emufile.REAL and entry.hash != self.hash_of(
                    net[0], self.churn.truth.content(net)):
                self.fault(f"at rest: {row['prefix']} does something else")
            self.checked[row["state"]] += 1
        for key in entries:
            self.fault(f"at rest: entry {key} is no route's")

    def audit(self):
        """The daemon's own comparison; what the last pass says."""
        daemon = self.router.offloadd
        passes = daemon.ask_json("show offload audit json")["passes"]
        Vty(daemon.vty_path).run("enable", "offload audit")
        deadline = time.monotonic() + REST_S
        while True:
            status = daemon.ask_json("show offload audit json")
            if status["passes"] > passes and not status["running"]:
                break
            if time.monotonic() > deadline:
                raise Failure(f"no audit: {json.dumps(status)}")
            time.sleep(0.05)
        self.checked["audits"] += 1
        return status

    def audit_well(self):
        status = self.audit()
        if status["last"]["differences"]:
            self.fault(f"at rest, an audit: {json.dumps(status)}")

    def mend(self):
        """What went wrong in hardware, and nobody said so, is made right."""
        offloaded = [truth.net_text(net) for net, row in self.routes().items()
                     if row["state"] == "offloaded"]
        lost, changed = self.rng.sample(sorted(offloaded), 2)
        for line in (f"lose-silently {lost}", f"change {changed}",
                     "appear 198.51.100.0/24"):
            self.exercise(line)
        status = self.audit()
        if status["last"]["differences"] != 3:
            self.fault(f"three drills, an audit: {json.dumps(status)}")
        self.router.wait_steady(REST_S)
        self.compare(self.router.hardware())
        self.audit_well()

    # --- all of it ---

    def run(self):
        self.router.start_staticd()
        self.churn.start(f"{RUN}/staticd.vty")
        self.churn.go()
        for i in range(self.args.cycles):
            if i and i % 50 == 0:
                print(f"... {i} of {self.args.cycles} cycles, "
                      f"{len(self.violations)} violations",
                      file=sys.stderr, flush=True)
            self.cycle()
            if (i + 1) % REST_EVERY == 0:
                self.rest()
            if self.churn.failure:
                raise self.churn.failure
        self.rest()

    def stop(self):
        self.churn.may_run.clear()
        self.router.stop()

    def figures(self):
        return {"cycles": sum(self.kills.values()),
                "kills": dict(sorted(self.kills.items())),
                "changes": self.churn.changes, "rests": self.rests,
                "addresses": len(self.churn.truth.points),
                "checked": dict(self.checked),
                "violations": self.violations[:SHOWN],
                "violationCount": len(self.violations)}

    def checks(self):
        yield "it was killed as often as asked", \
            sum(self.kills.values()) == self.args.cycles
        reached = {k.split()[0] for k in self.kills if "not reached" not in k}
        yield "in each of the ways", self.args.cycles < 30 or \
            reached == {"time", "taken", "done", "sync", "write"}
        yield "routes changed meanwhile", self.churn.changes > 10 * self.args.cycles
        yield "routes were in hardware", self.checked["entries"] > 0
        yield "some were offloaded, others waited", \
            self.checked["offloaded"] and self.checked["waiting"]
        yield "nothing was ever wrong", not self.violations


if __name__ == "__main__":
    program(__file__, __doc__, {"cycles": 40, "seed": 1}, Kills)
