# SPDX-License-Identifier: GPL-2.0-or-later
"""Databases for the tests of offload-report: with the tables that the daemon
makes, read from its own source, and rows that a test makes up.
"""
import os
import random
import re
import sqlite3
import zlib

TREE = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
APP_ID = 0x4f464c44
S = 1_000_000
H = 3600 * S
BEGIN = 1_700_000_000 * S // (24 * H) * (24 * H)


def scripts():
    """What takes an empty file from version to version."""
    with open(TREE + "/offloadd/store/schema.c", encoding="utf-8") as f:
        text = re.sub(r"/\*.*?\*/", "", f.read(), flags=re.S)
    text = text.replace("\\\n", "")
    macros = dict(re.findall(r"^#define (\w+)\s+(.*)$", text, re.M))

    def words(body):
        out = ""
        for string, name in re.findall(r'"((?:[^"\\]|\\.)*)"|(\w+)', body):
            out += words(macros[name]) if name else string
        return out

    return [words(m) for m in re.findall(
        r"static const char v\d+\[\] =(.*?);\n", text, re.S)]


class Made:
    """A database that is being made; close() it before it is read."""

    def __init__(self, path, version=None, log=True):
        steps = scripts()
        self.version = version or len(steps)
        self.db = sqlite3.connect(path, isolation_level=None)
        if log:
            self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("PRAGMA application_id = 1330007108")
        for step in steps[:self.version]:
            self.db.executescript(step)
        self.db.execute("BEGIN")
        self.meta("schema", self.version)
        self.meta("generation", 1)
        self.flows = 0

    def meta(self, key, value):
        self.db.execute("REPLACE INTO meta VALUES (?, ?)", (key, value))

    def change(self, at, was, to, reason="admitted", n=1, cls="best-effort",
               table="main", text=None, vrf="default", op=None):
        prefix = n if isinstance(n, str) else f"10.{n >> 8}.{n & 255}.0/24"
        self.db.execute(
            "INSERT INTO history (at_us, flow_id, prefix, vrf, from_state,"
            " to_state, reason, class, rule, hw_table, op, text)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, 10, ?, ?, ?)",
            (at, zlib.crc32(prefix.encode()), prefix, vrf, was, to, reason, cls,
             table, op, text))

    def flow(self, state, reason, cls="best-effort", table="main",
             generation=1, n=1):
        for _ in range(n):
            self.flows += 1
            self.db.execute(
                "INSERT INTO flow (flow_id, prefix, vrf, state, reason, class,"
                " hw_table, protocol, rule, weight, since_us, generation)"
                " VALUES (?, ?, 'default', ?, ?, ?, ?, 'bgp', 10, 1, ?, ?)",
                (self.flows, f"10.{self.flows >> 8}.{self.flows & 255}.0/24",
                 state, reason, cls, table, BEGIN, generation))

    def event(self, at, kind, table=None, used=0, capacity=0, text=None):
        self.db.execute(
            "INSERT INTO event (at_us, kind, hw_table, used_slots,"
            " capacity_slots, text) VALUES (?, ?, ?, ?, ?, ?)",
            (at, kind, table, used, capacity, text))

    def sample(self, at, used, table="main", capacity=1000, high=970, low=900,
               admission="open", answered=None, lists=0):
        self.db.execute(
            "INSERT INTO table_sample (at_us, hw_table, used_slots,"
            " list_slots, capacity_slots, high_slots, low_slots, admission,"
            " answered_permille) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (at, table, used, lists, capacity, high, low, admission,
             answered))

    def close(self):
        self.db.execute("COMMIT")
        self.db.close()


def day(path, seed=1, hours=30, scale=1):
    """Something like a day of a table that is too small."""
    rng = random.Random(seed)
    m = Made(path)
    state = {"used": 0, "closed": False, "last": None}
    capacity = 2000
    m.event(BEGIN, "start")
    m.event(BEGIN + S, "table-ready", "main", 0, capacity)
    m.event(BEGIN + 4 * S, "feed-settled", text="20000 routes")
    t = BEGIN + S
    while t < BEGIN + hours * H:
        if 14 * H <= t - BEGIN < 14 * H + 40 * 60 * S:  # it was killed
            if state["last"] is not None:
                m.event(BEGIN + 14 * H + 40 * 60 * S, "start")
                state["last"] = None
            t += 10 * S
            continue
        step(m, rng, state, t, capacity if t < BEGIN + 22 * H else 1700)
        if t // (10 * S) == (BEGIN + 22 * H) // (10 * S):
            m.event(t, "capacity", "main", state["used"], 1700)
        churn(m, rng, t, scale)
        t += 10 * S
    for cls, sums in (("critical", (310, 0, 12)), ("best-effort", (1240, 96,
                                                                 9000)),
                      ("never", (0, 0, 800))):
        m.flow("offloaded", "admitted", cls, n=sums[0])
        m.flow("elided", "same-as-cover", cls, n=sums[1])
        m.flow("waiting", "high-watermark" if cls == "best-effort" else
               "rule-never" if cls == "never" else "neighbor-unresolved", cls,
               n=sums[2])
    m.flow("waiting", "below-price", n=7300)
    m.flow("covered", "compulsory-cover", n=41)
    m.flow("failed", "hardware-no-space", "critical", n=3)
    m.close()


def step(m, rng, state, t, capacity):
    hour = (t - BEGIN) / H
    high, low = capacity * 97 // 100, capacity * 90 // 100
    wanted = min(high + 15, 400 + 180 * hour) if hour < 10 else \
        high - 40 + 90 * ((hour * 3) % 1) if hour < 18 else high - 150
    used = int(min(capacity, max(0, wanted + rng.randrange(-12, 12))))
    closed = state["closed"]
    if not closed and used >= high:
        closed = True
        m.event(t, "watermark-high", "main", used, capacity,
                "best-effort flows are not admitted any longer")
    elif closed and used < low:
        closed = False
        m.event(t, "watermark-low", "main", used, capacity,
                "best-effort flows are admitted again")
    state.update(used=used, closed=closed)
    if rng.random() < 0.7 or state["last"] is None or \
            t - state["last"] > 290 * S:
        m.sample(t, used, capacity=capacity, high=high, low=low,
                 admission="closed" if closed else "open",
                 answered=min(990, 420 + int(hour * 21)),
                 lists=64 if hour > 12 else 0)
        state["last"] = t


def churn(m, rng, t, scale):
    for _ in range(rng.randrange(0, 4) * scale):
        n = int(rng.paretovariate(0.6)) % 20000
        kind = rng.random()
        if kind < 0.5:
            m.change(t, "sent", "offloaded", n=n, op="add")
        elif kind < 0.7:
            m.change(t, "offloaded", "leaving", "evicted-for-critical", n=n)
            m.change(t + 1, "leaving", "waiting", "high-watermark", n=n)
        elif kind < 0.85:
            m.change(t, "seen", "waiting", rng.choice(
                ["high-watermark", "below-price", "neighbor-unresolved",
                 "nexthop-unresolved", "rule-never", "covers-too-many",
                 "link-down", "connected"]), n=n)
        elif kind < 0.98:
            m.change(t, "offloaded", "leaving", "withdrawn", n=n)
        elif kind < 0.985:
            m.change(t, "sent", "failed", "hardware-no-space", n=n,
                     text="no room in the hash table (bank 3)")
        elif kind < 0.987:
            m.change(t, "sent", "failed", "hardware-error", n=n,
                     text="mlxsw_spectrum: EMAD reg access failed")
