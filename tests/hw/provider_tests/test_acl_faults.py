# SPDX-License-Identifier: GPL-2.0-or-later
"""
Access control lists on hardware that is slow, full, silent or forgetful: at
every moment a packet gets the verdict of a list that was in force.
"""

import errno
import os
import random
import time

import pytest
from edge import configuration, via
from met import Met
from packets import TCP, UDP
from probe import Probe
from rules import Rule, first, random_packet, random_rule
from test_acl import (PACKETS, PREFIX, SEED, Lists, Traffic, acl, make, spread,
                      start)

HOST = "198.51.100.1"
ROUTES = ["203.0.%d.0/24" % n for n in range(40)]


def rules_of(rng, n):
    return [random_rule(rng, 10 * k) for k in range(1, n + 1)]


def steps(rules, new):
    """The lists between these two (the last is the new one), and the line that
    makes each: every line is a change of its own."""
    now, lists, lines = {r.seq: r for r in rules}, [], []
    for r in rules:
        if r.seq not in {x.seq for x in new}:
            del now[r.seq]
            lists.append(list(now.values()))
            lines.append("no seq %d" % r.seq)
    for r in new:
        if r not in rules:
            now[r.seq] = r
            lists.append(list(now.values()))
            lines.append(r.words())
    return lists, lines


def changed(rng, rules):
    """Lists on the way to one that differs in some entries, and lines."""
    new = [r if rng.random() < 0.8 else random_rule(rng, r.seq)
           for r in rules if rng.random() < 0.9]
    new += [random_rule(rng, rng.randrange(1, 60) * 10 + 5)]
    return steps(rules, list({r.seq: r for r in new}.values()))


def verdict(rules, f):
    return (first(rules, f) or Rule(0, True)).permit


def test_slow_hardware(edge):
    """The list changes while writes of the last change are under way."""
    rng = random.Random(SEED)
    one = edge(tcam_slots=400)
    rules = rules_of(rng, 40)
    lists = start(one, acl(rules, head=("default-action permit",)),
                  table=("capacity 400",))
    lists.attached("sw1", "hardware")
    one.sw.debug("delay_ms", 10)
    traffic, must, may = Traffic(one), set(), set()
    alive = [rules]  # lists that may be met
    for _ in range(6):
        new, lines = changed(rng, alive[-1])
        one.configure("acl WEB", *lines)
        alive += new
        for _ in range(PACKETS // 30):
            n = traffic.send(random_packet(rng, make(one)))
            said = {verdict(x, traffic.sent[n]) for x in alive}
            if True in said:
                may.add(n)
            if said == {True}:
                must.add(n)
    print("PROVIDER_SEED=%d" % SEED)
    one.sw.debug("delay_ms", 0)
    lists.quiet()
    lists.attached("sw1", "hardware")
    traffic.gather()
    traffic.verdicts(must | (may & set(traffic.out)))
    rules = alive[-1] + [Rule(1 << 30, True)]
    spread(one, rules, lambda: random_packet(rng, make(one)), 100)


@pytest.mark.parametrize("slots,share", ((60, 25), (60, 50), (90, 75)))
def test_full(edge, slots, share):
    """Routes and a list want more than there is: each has its part, and the
    device refuses nothing that placement could have known."""
    rng = random.Random("%d %d" % (SEED, share))
    one = edge(tcam_slots=slots)
    rules = [random_rule(rng, 10 * n, rich=0) for n in range(1, 81)]
    lists = start(one, acl(rules, head=("default-action permit",)),
                  routes=False,
                  table=("tc resource acl_tcam", "capacity auto",
                         "acl-slots %d percent" % share))
    one.add((PREFIX, via(2)), *((r, via(2)) for r in ROUTES))
    one.until("routes are in hardware", lambda: sum(
        s == "offloaded" for s in one.states(ROUTES).values()) >= 5)
    lists.attached("sw1", "hardware")
    one.quiet()
    lists.quiet()
    table = one.table()
    said = table["lists"]
    print("slots %d share %d: table %r lists %r occupancy %d" % (
        slots, share, {k: table[k] for k in ("capacity", "used")}, said,
        one.sw.occ()))
    assert one.sw.occ() <= slots
    rules.append(Rule(1 << 30, True))
    spread(one, rules, lambda: random_packet(rng, make(one)), PACKETS // 10)


@pytest.mark.parametrize("error", (errno.EIO, errno.ENOSPC, errno.EBUSY))
def test_additions_fail(edge, error):
    """Again and again, while the list changes."""
    rng = random.Random("%d %d" % (SEED, error))
    one = edge(tcam_slots=300)
    rules = rules_of(rng, 30)
    lists = start(one, acl(rules, head=("default-action permit",)),
                  table=("capacity 300",))
    lists.attached("sw1", "hardware")
    traffic, must, may = Traffic(one), set(), set()
    for _ in range(5):
        one.sw.debug("fail_tcam", "%d %d" % (rng.randrange(1, 8), error))
        new, lines = changed(rng, rules)
        one.configure("acl WEB", *lines)
        for _ in range(60):
            n = traffic.send(random_packet(rng, make(one)))
            said = {verdict(x, traffic.sent[n]) for x in [rules] + new}
            if True in said:
                may.add(n)
            if said == {True}:
                must.add(n)
        rules = new[-1]
        lists.quiet()
        lists.attached("sw1", "hardware")
    print("PROVIDER_SEED=%d" % SEED)
    traffic.gather()
    traffic.verdicts(must | (may & set(traffic.out)))
    spread(one, rules + [Rule(1 << 30, True)],
           lambda: random_packet(rng, make(one)), 100)


def test_silent_hardware(edge):
    """Software goes on meanwhile: a list that changes is in force there."""
    one = edge()
    lists = start(one, acl([Rule(10, False, UDP)],
                           head=("default-action permit",)))
    lists.attached("sw1", "hardware")
    lists.entry_becomes(10, "offloaded")
    one.sw.debug("silent", 1)
    one.configure("acl WEB", "seq 5 permit udp any any eq 4321")
    met = Met(one)
    # Hardware still has the old list, which denies.
    for _ in range(10):
        met.send(one.packet(HOST, proto=TCP), "sw2w")
        met.send(one.packet(HOST, dport=1), None)
    met.check()
    one.sw.debug("silent", 0)
    lists.attached("sw1", "hardware")
    lists.entry_becomes(5, "offloaded")
    lists.quiet()
    one.by_hardware(HOST, "sw2")
    one.by_hardware(HOST, None, dport=1)


def test_one_entry_is_evicted(edge):
    """Of a cover, so that what it covers would answer wrongly: occupancy
    tells, and all is written again."""
    one = edge()
    lists = start(one, acl([Rule(10, False, UDP, dport=(53, 53)),
                            Rule(20, True, UDP)]),
                  table=("tc resource acl_tcam", "capacity 100"))
    lists.attached("sw1", "hardware")
    lists.entry_becomes(10, "offloaded")
    lists.entry_becomes(20, "offloaded")
    one.quiet()
    time.sleep(2.5)  # devlink is asked every second, and has to be twice
    before = {e["cookie"]: e["packets"] for e in one.sw.installed()}
    one.by_hardware(HOST, None, dport=53)
    drop = next(e for e in one.sw.installed() if e["actions"] == ["drop"] and
                e["packets"] > before[e["cookie"]])
    occ = one.sw.occ()
    one.sw.debug("evict", drop["cookie"])
    met = Met(one)

    def back():
        met.send(one.packet(HOST, dport=53), None)
        return one.sw.occ() == occ

    one.until("it is back", back)
    slipped = len(met.wrong())
    print("evicted cover: %d of %d packets slipped through" % (
        slipped, len(met.sent)))
    lists.attached("sw1", "hardware")
    lists.quiet()
    one.by_hardware(HOST, None, dport=53)
    one.by_hardware(HOST, "sw2", dport=54)


def test_routes_and_lists_change(edge):
    """Both at once for a while; every packet is right."""
    seconds = float(os.environ.get("PROVIDER_SECONDS", 4))
    rng = random.Random(SEED)
    one = edge(tcam_slots=200)
    text = ["seq 10 deny udp any 198.51.100.128/25",
            "seq 1000 permit ip any any"]
    one.start(configuration(one.ports, table=("capacity 200",), more=(
        "acl WEB", *text, "exit", "access-group WEB interface sw1 in")))
    lists = Lists(one)
    ways = {"203.0.%d.1" % n: ("sw%d" % (2 + n % 2), 2) for n in range(40)}
    one.add(*(("203.0.%d.0/24" % n, via(2 + n % 2)) for n in range(40)))
    one.add((PREFIX, via(2)))
    lists.attached("sw1", "hardware")
    one.all_become(["203.0.%d.0/24" % n for n in range(0, 20)], "offloaded")
    probe = Probe(one, dict(ways, **{"198.51.100.5": ("sw2", 2)}))
    until, changes = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        n = rng.randrange(20, 40)
        port = rng.choice((2, 3))
        # A more specific route that leads elsewhere, for nobody's packets.
        one.sw.ip("route replace 203.0.%d.128/25 via 10.0.%d.3" % (n, port))
        seq = rng.randrange(20, 900)
        one.configure("acl WEB", rng.choice((
            "seq %d deny tcp any 203.0.%d.0/24 range %d 9000" % (
                seq, n, rng.randrange(1, 9000)),
            "seq %d deny ip any 203.0.%d.128/25 length 1 1000" % (seq, n),
            "seq %d permit ip any 203.0.%d.0/24 count" % (seq, n))))
        probe.round()
        changes += 1
    lists.attached("sw1", "hardware")
    lists.quiet()
    probe.round()
    print("PROVIDER_SEED=%d: %d changes, %d packets" % (
        SEED, changes, probe.check()))
