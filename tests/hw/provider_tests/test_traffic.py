# SPDX-License-Identifier: GPL-2.0-or-later
"""
Traffic decides who is in hardware: what hardware counts, what is sampled of
software, and that every packet arrives whatever moves.
"""

import time

from edge import configuration, via
from probe import Probe
from test_full import subnets

PERIOD_S = 2
SLOTS = 12
TABLE = ("capacity %d" % SLOTS, "reserve 0", "low-watermark 8 slots",
         "high-watermark 10 slots", "rebalance-interval 1", "residence 0")
COUNTED = ("traffic count packets", "traffic period %d" % PERIOD_S,
           "traffic half-life 4", "traffic sampling rate 4",
           "traffic sampling budget 100000")
HEAVY = 60  # addresses


def inside(prefix, n):
    """{n addresses of a /24}"""
    return [prefix.replace("0/24", str(10 + i)) for i in range(n)]


class Carried:
    """Prefixes, and how many packets each gets a round."""

    def __init__(self, one, prefixes):
        self.one = one
        self.port = {p: 2 + i % 2 for i, p in enumerate(prefixes)}
        one.add(*((p, via(n)) for p, n in self.port.items()))
        self.probe = Probe(one, {})

    def carry(self, packets):
        """{prefix: packets a round}, from now on."""
        self.probe.lead({dst: ("sw%d" % self.port[p], 2)
                         for p, n in packets.items() for dst in inside(p, n)})

    def round(self):
        self.probe.round()
        time.sleep(0.1)

    def until(self, what, look):
        self.one.until(what, lambda: self.round() or look())

    def readings(self):
        return self.one.show("traffic")["tables"][0]["readings"]["count"]

    def periods(self, prefix, state):
        """Until the prefix is in that state: so many readings of counters."""
        began = self.readings()
        self.until("%s is %s" % (prefix, state),
                   lambda: self.one.routes()[prefix]["state"] == state)
        return self.readings() - began


def routed(edge, more=()):
    one = edge()
    one.start(configuration(one.ports, table=TABLE, more=COUNTED + more))
    prefixes = subnets("198.18.0.0/15", 24, 30)
    return one, Carried(one, prefixes), prefixes


def filled(edge, more=()):
    """A table full of routes that carry a little."""
    one, carried, prefixes = routed(edge, more)
    one.until("full", lambda: one.table()["admission"] == "closed")
    one.quiet()
    states = one.states(prefixes)
    held = [p for p in prefixes if states[p] == "offloaded"]
    left = [p for p in prefixes if states[p] == "waiting"]
    assert len(held) == 10 and len(held) + len(left) == 30, states
    carried.carry({p: 3 for p in prefixes})
    began = carried.readings()
    carried.until("some periods", lambda: carried.readings() >= began + 3)
    one.quiet()
    return one, carried, prefixes


def outside(one, prefixes):
    states = one.states(prefixes)
    return [p for p in prefixes if states[p] == "waiting"]


def test_heavy_one_moves_in_and_out(edge):
    one, carried, prefixes = filled(edge)
    heavy, other = outside(one, prefixes)[:2]
    packets = {p: 3 for p in prefixes}
    carried.carry(dict(packets, **{heavy: HEAVY}))
    assert carried.periods(heavy, "offloaded") <= 3
    # Hardware's counters keep it there.
    began = carried.readings()
    carried.until("some periods", lambda: carried.readings() >= began + 4)
    assert one.routes()[heavy]["state"] == "offloaded"
    # It cools down, all of the others warm up: one of them has its place.
    some = [p for p in prefixes if p != heavy][:10]
    carried.carry({p: HEAVY // 2 for p in some})
    carried.until("another has its place",
                  lambda: one.routes()[heavy]["state"] == "waiting")
    carried.until("the heaviest are in hardware", lambda: all(
        s == "offloaded" for s in one.states(some).values()))
    assert carried.probe.check() > 1000


def test_without_samples(edge):
    """Counters zoom in to the heavy one."""
    one, carried, prefixes = filled(edge, more=(
        "traffic sampling by counters",))
    heavy = outside(one, prefixes)[0]
    carried.carry({p: 3 for p in prefixes} | {heavy: HEAVY})
    assert carried.periods(heavy, "offloaded") <= 12
    said = one.show("traffic")["tables"][0]["sampling"]
    assert not said["active"] and said["regions"] > 0, said
    assert said["samples"] == 0, said
    one.configure("traffic sampling by samples")
    carried.until("samples again", lambda: one.show("traffic")["tables"][0][
        "sampling"]["active"])
    assert one.show("traffic")["tables"][0]["sampling"]["regions"] == 0
    assert carried.probe.check() > 500


def test_shown(edge):
    one, carried, prefixes = filled(edge)
    left = outside(one, prefixes)[0]
    carried.carry({left: 5, **{p: 20 for p in prefixes if p != left}})
    began = carried.readings()
    carried.until("some periods", lambda: carried.readings() >= began + 3)
    said = one.show("traffic")["tables"][0]
    assert said["sampling"]["active"] and said["sampling"]["samples"] > 0, said
    assert said["sampling"]["lost"] == 0, said
    # 10 of 30 are in hardware, and carry about a third.
    assert 20 < said["hardwarePercent"] < 50, said
    assert carried.probe.check()


def test_mice_stay_in_software(edge):
    """All of the table is free, and only who has carried enough is written."""
    one, carried, prefixes = routed(edge, more=(
        "rule 10", " set class best-effort",
        " set mice-filter packets 1000 window 20", "exit"))
    one.quiet()
    packets = {p: 2 for p in prefixes}
    carried.carry(packets)
    began = carried.readings()
    carried.until("some periods", lambda: carried.readings() >= began + 4)
    assert set(one.states(prefixes).values()) == {"waiting"}
    assert one.table()["added"] == 0
    elephant = prefixes[7]
    carried.carry(dict(packets, **{elephant: HEAVY}))
    carried.periods(elephant, "offloaded")
    states = one.states(prefixes)
    assert [p for p in prefixes if states[p] != "waiting"] == [elephant]
    assert carried.probe.check() > 1000
