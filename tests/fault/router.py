# SPDX-License-Identifier: GPL-2.0-or-later
"""A router for the tests of faults: packaged zebra and staticd, and offloadd
with an emulated table in a file and a database, that can be killed and
started again.  Judges nothing.
"""

import argparse
import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time

TREE = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
sys.path.insert(0, TREE + "/bench")
from world import (IN_MOTION, NEXTHOPS, RUN, Daemon, Failure,  # noqa: E402
                   Vty, enter, ip, make_world)
import emufile  # noqa: E402

TABLE_FILE, DATABASE = RUN + "/hw0.table", RUN + "/offload.db"
CONFIG = """offload
 table hw0
  emulated file {file}
  rebalance-interval 1
  capacity {slots}
 exit
{rules} database batch 50
 timers settle {settle} max {settle_max}
exit
"""


class Router:
    def __init__(self, args, slots, settle, rules="", settle_max=20000):
        self.args = args
        make_world()
        self.zebra = Daemon("zebra", [args.zebra, "-A", "127.0.0.1",
                                      "--log", f"file:{RUN}/zebra.log"])
        self.zebra.wait_vty(30)
        self.staticd = self.offloadd = None
        with open("/etc/frr/offloadd.conf", "w") as f:
            f.write(CONFIG.format(file=TABLE_FILE, slots=slots, rules=rules,
                                  settle=settle, settle_max=settle_max))
        self.ifindex = socket.if_nametoindex("bench0")

    def start_staticd(self):
        self.staticd = Daemon("staticd", [
            os.path.dirname(self.args.zebra) + "/staticd", "-A", "127.0.0.1",
            "--log", f"file:{RUN}/staticd.log"])
        self.staticd.wait_vty(30)

    def start(self, env=None):
        self.offloadd = Daemon("offloadd", [
            self.args.offloadd, "-A", "127.0.0.1",
            "-f", "/etc/frr/offloadd.conf", "--database", DATABASE,
            "--log", f"file:{RUN}/offloadd.log"],
            env={**os.environ, **(env or {})})

    def kill(self, number):
        """End offloadd by this signal, unless it has ended."""
        if self.offloadd.is_alive():
            self.offloadd.process.send_signal(number)
        return self.wait_end(30)

    def wait_end(self, timeout):
        """Its status, or None: it is still there."""
        try:
            return self.offloadd.process.wait(timeout)
        except subprocess.TimeoutExpired:
            return None

    def stop(self):
        for daemon in (self.offloadd, self.staticd, self.zebra):
            if daemon:
                daemon.stop()

    # --- what it says ---

    def hardware(self):
        return emufile.Table(TABLE_FILE)

    def table(self):
        status = self.offloadd.ask_json("show offload table json")
        return status["tables"][0]

    def is_steady(self):
        s = self.offloadd.ask_json("show offload summary json")
        if not s["feed"]["settled"] or s.get("dirty", 0) or \
           s["store"]["queued"] or \
           any(s["states"].get(name, 0) for name in IN_MOTION):
            return False
        hw = self.table()
        return hw["found"] == 0 and hw["inFlight"] == 0

    def wait_steady(self, timeout=60, times=5, tick=0.05):
        """Nothing is in motion, several times in a row."""
        deadline = time.monotonic() + timeout
        self.offloadd.wait_vty(timeout)
        calm = 0
        while calm < times:
            if time.monotonic() > deadline:
                summary = self.offloadd.ask_json("show offload summary json")
                raise Failure("offloadd does not come to rest: "
                              f"{json.dumps(summary)} "
                              f"{json.dumps(self.table())}")
            calm = calm + 1 if self.is_steady() else 0
            time.sleep(tick)

    def database_faults(self):
        """Of a copy: a look at the database itself would change it."""
        with tempfile.TemporaryDirectory(dir=RUN) as copy:
            for end in ("", "-wal"):
                if os.path.exists(DATABASE + end):
                    shutil.copy(DATABASE + end, copy + "/db" + end)
            if not os.path.exists(copy + "/db"):
                return []
            db = sqlite3.connect(copy + "/db")
            try:
                return database_faults(db)
            except sqlite3.DatabaseError as e:
                return [f"database: {e}"]
            finally:
                db.close()


def database_faults(db):
    faults = [f"integrity_check: {row[0]}"
              for row in db.execute("PRAGMA integrity_check")
              if row[0] != "ok"]
    names = {row[0] for row in db.execute("SELECT name FROM sqlite_master")}
    if not {"flow", "history"} <= names:
        return faults  # killed while it was made
    twice = db.execute("""
        SELECT flow_id, count(*) FROM (
            SELECT flow_id, prefix, vrf FROM flow UNION
            SELECT flow_id, prefix, vrf FROM history)
        GROUP BY flow_id HAVING count(*) > 1""").fetchall()
    return faults + [f"flow {row[0]} has {row[1]} prefixes" for row in twice]


def nexthop_text(family, i):
    return f"192.0.2.{10 + i}" if family == 2 else f"2001:db8::{0x10 + i:x}"


def nexthop(router, family, i):
    """As emufile.action_hash() wants it."""
    assert 0 <= i < NEXTHOPS
    gateway = socket.inet_pton(family, nexthop_text(family, i))
    return (router.ifindex, 0, family, 1,
            bytes([2, 0, 0, 0, 0, i]), gateway.ljust(16, b"\0"))


# --- the programs ---

def program(path, text, options, make):
    """Run a test of faults in namespaces of its own: make(args) has run(),
    figures(), checks() (what, whether it is so) and stop()."""
    p = argparse.ArgumentParser(
        description=text, formatter_class=argparse.RawTextHelpFormatter)
    p.add_argument("build", metavar="BUILD-DIR", type=os.path.abspath)
    for name, default in options.items():
        p.add_argument("--" + name, type=int, default=default,
                       help=f"(default {default})")
    p.add_argument("--zebra", metavar="PATH", default="/usr/lib/frr/zebra")
    p.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    args = p.parse_args()
    args.offloadd = args.build + "/offloadd/offloadd"
    args.feeder = args.build + "/bench/feeder"
    if not args.inside:
        enter(path, sys.argv[1:])
    sys.exit(inside(make(args)))


def inside(test):
    try:
        test.run()
        results = list(test.checks())
    except (Failure, OSError, KeyError, subprocess.CalledProcessError) as e:
        print(f"{type(e).__name__}: {e}")
        if test.router.offloadd:
            print(test.router.offloadd.tail())
        results = [("it ran to its end", False)]
    finally:
        test.stop()
    print(json.dumps(test.figures()))
    for what, is_so in results:
        print(f"{'ok' if is_so else 'not ok'} - {what}")
    failed = sum(not is_so for _, is_so in results)
    print(f"{len(results) - failed} passed, {failed} failed", flush=True)
    return 1 if failed else 0


__all__ = ["DATABASE", "NEXTHOPS", "RUN", "TABLE_FILE", "TREE", "Failure",
           "Router", "Vty",
           "emufile", "ip", "nexthop", "nexthop_text", "program"]
