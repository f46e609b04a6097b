#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""offload-report on what a real offloadd recorded.

    tests/report/daemon.py BUILD-DIR

Packaged zebra and staticd, offloadd with an emulated table that is too small:
it fills, crosses the high watermark, evicts for critical routes, refuses
entries in words of its own, is made smaller, falls below the low watermark, is
killed and comes back.  The page is made while the daemon runs, and once more
when it is down; the database is not changed by that.  What the page says is
compared with what the daemon says of itself.

Prints "N passed, N failed".  Needs root.  The database and the last page are
copied to the directory that OFFLOAD_REPORT_KEEP names, if it does.
"""
import hashlib
import html
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time

sys.dont_write_bytecode = True  # in the source tree
TREE = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
sys.path.insert(0, TREE + "/tests/fault")
from router import (DATABASE, RUN, Failure, Router, Vty,  # noqa: E402
                    program)

SLOTS, ROUTES = 100, 150
RULES = (" rule 10\n  match prefix-list VIP\n  set class critical\n exit\n")
PAGE = RUN + "/page.html"


def wait(condition, what, timeout=90):
    end = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > end:
            raise Failure(f"in {timeout} s not so: {what}")
        time.sleep(0.1)


def route(i):
    return f"198.18.{i}.0/24 192.0.2.{10 + i % 4}"


def plain(page):
    """Words of the page, without its marks."""
    return html.unescape(re.sub(r"<[^>]*>", " ", page))


def entries(path):
    """What is where the database is, each with its content."""
    out = {}
    for name in sorted(os.listdir(os.path.dirname(path))):
        if name.startswith(os.path.basename(path)):
            with open(os.path.join(os.path.dirname(path), name), "rb") as f:
                out[name] = hashlib.sha256(f.read()).hexdigest()
    return out


class Story:
    def __init__(self, args):
        self.args = args
        self.router = Router(args, SLOTS, 500, rules=RULES)
        self.results = []

    def ask(self, what):
        return self.router.offloadd.ask_json(f"show offload {what} json")

    def type(self, *lines):
        Vty(self.router.offloadd.vty_path).run("enable", *lines)

    def static(self, first, last, no=False):
        Vty(self.router.staticd.vty_path).run(
            "enable", "configure terminal",
            *(("no " if no else "") + "ip route " + route(i)
              for i in range(first, last)), "end")

    def kinds(self, kind):
        db = sqlite3.connect(f"file:{DATABASE}?mode=ro", uri=True)
        try:
            return db.execute("SELECT count(*) FROM event WHERE kind = ?",
                              (kind,)).fetchone()[0]
        finally:
            db.close()

    def failures(self):
        db = sqlite3.connect(f"file:{DATABASE}?mode=ro", uri=True)
        try:
            return db.execute("SELECT count(*) FROM history WHERE to_state ="
                              " 'failed'").fetchone()[0]
        finally:
            db.close()

    def samples(self):
        db = sqlite3.connect(f"file:{DATABASE}?mode=ro", uri=True)
        try:
            return db.execute(
                "SELECT used_slots, capacity_slots, admission FROM"
                " table_sample ORDER BY seq").fetchall()
        finally:
            db.close()

    def report(self, *options, status=0):
        argv = [self.args.build + "/report/offload-report", DATABASE, "-o",
                PAGE, "--title", "A story", *options]
        proc = subprocess.run(argv, stdout=subprocess.PIPE, text=True,
                              stderr=subprocess.STDOUT, timeout=60,
                              check=False)
        if proc.returncode != status:
            raise Failure(f"{argv} ended with {proc.returncode}: "
                          f"{proc.stdout}")
        with open(PAGE, encoding="utf-8") as f:
            return f.read()

    def check(self, what, is_so):
        self.results.append((what, bool(is_so)))

    # --- the story ---
    def run(self):
        router = self.router
        router.start_staticd()
        router.start()
        router.offloadd.wait_vty(30)
        self.type("configure terminal",
                  "ip prefix-list VIP seq 5 permit 198.18.120.0/21 le 24",
                  "end")
        # While it fills there is nothing but entries to add.
        router.wait_steady()
        self.type("offload exercise table hw0 fail 3 out of rows")
        self.static(0, 110)
        wait(lambda: self.ask("table")["tables"][0]["crossingsHigh"] > 0,
             "the high watermark is crossed")
        self.static(110, ROUTES)  # 120 to 127 are critical
        wait(self.evictions, "critical routes evict others")
        wait(self.failures, "hardware refuses one")
        wait(lambda: any(s[2] == "closed" for s in self.samples()),
             "a sample says so")
        self.while_it_runs()
        self.type("configure terminal", "offload", "table hw0",
                  "capacity 80", "end")
        wait(lambda: any(s[1] == 80 for s in self.samples()),
             "a sample says that it is smaller")
        self.static(0, 100, no=True)
        wait(lambda: self.kinds("watermark-low") > 0,
             "it falls below the low watermark")
        router.wait_steady()
        router.kill(signal.SIGKILL)
        self.after_a_kill()
        router.start()
        router.wait_steady()
        router.kill(signal.SIGTERM)
        self.when_it_is_down()

    def evictions(self):
        db = sqlite3.connect(f"file:{DATABASE}?mode=ro", uri=True)
        try:
            return db.execute("SELECT count(*) FROM v_eviction").fetchone()[0]
        finally:
            db.close()

    def while_it_runs(self):
        table = self.ask("table")["tables"][0]
        evicted = self.evictions()  # before the page: more may follow
        page = plain(self.report())
        self.check("the page is made while the daemon writes",
                   "while offloadd had it open" in page)
        self.check("its samples say how full it was",
                   re.search(r"of 100 slots used", page))
        self.check("the watermarks are those of the daemon",
                   f"{table['high']} / {table['low']}" in page)
        self.check("the crossing is told", "watermark-high" in page)
        self.check("what hardware said is told",
                   "out of rows" in page and "A flow failed" in page)
        m = re.search(r"([\d,]+) were evicted \(([^)]*)\)", page)
        self.check("evictions are counted as the view counts them",
                   m and int(m.group(1).replace(",", "")) >= evicted > 0
                   and "evicted-for-" in m.group(2))

    def after_a_kill(self):
        before = entries(DATABASE)
        page = plain(self.report())
        after = entries(DATABASE)
        self.check("after a kill the page is made from file and log",
                   "What hardware refused" in page)
        self.check("and neither is changed", all(
            after.get(k) == v for k, v in before.items()
            if not k.endswith("-shm")) and set(after) == set(before))

    def when_it_is_down(self):
        before = entries(DATABASE)
        page = plain(self.report())
        self.check("without a daemon nothing is left beside the database",
                   entries(DATABASE) == before and len(before) == 1)
        self.check("the time after the kill is a gap",
                   "did not run, or did not record, once" in page)
        self.check("the smaller capacity is drawn", "of 80 slots" in page)
        self.check("both starts are told", page.count(": start") >= 2)
        used = [s for s in self.samples()][-1][0]
        self.check("the last sample is of the end", f"{used} of {SLOTS}" in page)
        self.check("another table is refused", "is recorded of a table 'x'"
                   in self.refusal("--table", "x"))

    def refusal(self, *options):
        argv = [self.args.build + "/report/offload-report", DATABASE, "-o",
                "-", *options]
        proc = subprocess.run(argv, stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, text=True, timeout=60,
                              check=False)
        return proc.stderr if proc.returncode == 1 else ""

    def figures(self):
        samples = self.samples() if os.path.exists(DATABASE) else []
        keep = os.environ.get("OFFLOAD_REPORT_KEEP")
        if keep:
            for path in (DATABASE, PAGE):
                if os.path.exists(path):
                    shutil.copy(path, keep)
        return {"samples": len(samples), "checks": len(self.results)}

    def checks(self):
        return self.results

    def stop(self):
        self.router.stop()


if __name__ == "__main__":
    program(os.path.abspath(__file__), __doc__, {}, Story)
