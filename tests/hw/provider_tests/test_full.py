# SPDX-License-Identifier: GPL-2.0-or-later
"""A table that is too small: watermarks, who leaves, what hardware refuses."""

import ipaddress

from edge import configuration, via
from probe import Probe

CRITICAL = ("rule 10", " match prefix-length 25 28", " set class critical",
            "exit")


def subnets(net, length, count):
    every = ipaddress.ip_network(net).subnets(new_prefix=length)
    return [str(next(every)) for _ in range(count)]


def inside(prefix):
    return str(ipaddress.ip_network(prefix)[5])


def spread(prefixes):
    """Each by the next of two ports: (prefix, port number)."""
    return [(p, 2 + i % 2) for i, p in enumerate(prefixes)]


def ways(pairs):
    return {inside(p): ("sw%d" % n, 2) for p, n in pairs}


def test_watermark_both_ways(edge):
    one = edge()
    one.start(configuration(one.ports, table=(
        "capacity 50", "low-watermark 30 slots", "high-watermark 40 slots",
        "reserve 0")))
    some = spread(subnets("198.18.0.0/15", 24, 60))
    probe = Probe(one, ways(some))
    one.add(*((p, via(n)) for p, n in some))
    one.until("full to the high watermark", lambda: one.table()["used"] == 40
              and one.table()["admission"] == "closed")
    one.quiet()
    states = one.states([p for p, _ in some])
    inside_it = [p for p, s in states.items() if s == "offloaded"]
    assert len(inside_it) == 40
    outside = next(p for p in states if p not in inside_it)
    assert one.route(outside)["reason"] == "high-watermark"
    probe.round()
    # Below the low one they are admitted again.
    one.delete(*inside_it[:12])
    one.until("full again", lambda: one.table()["deleted"] >= 12
              and one.table()["used"] == 40)
    left = [(p, n) for p, n in some if p not in inside_it[:12]]
    probe.lead(ways(left))
    probe.round()
    assert probe.check() == 60 + 48


def test_critical_evicts_and_nothing_is_lost(edge):
    """Every prefix is probed all the time: those that leave, those that come,
    those that come below one that leaves or stays."""
    one = edge()
    one.start(configuration(one.ports, table=("capacity 40",), more=CRITICAL))
    best = spread(subnets("198.18.0.0/15", 24, 45))
    one.add(*((p, via(n)) for p, n in best))
    one.until("full", lambda: one.table()["admission"] == "closed")
    one.quiet()
    apart = spread(subnets("203.0.113.0/24", 28, 10))
    below = [(subnets(p, 26, 1)[0], 5 - n) for p, n in best[:10]]
    # Hardware learns of a route after the kernel: what a new one takes from
    # an old one is asked for when the new one is said to be there.
    plain = {d: w for d, w in ways(best).items() if d not in ways(below)}
    probe = Probe(one, plain)
    probe.round()
    one.sw.debug("delay_ms", 5)  # many rounds while it is at work
    one.add(*((p, via(n)) for p, n in apart + below))
    probe.lead(dict(plain, **ways(apart)))

    def there():
        probe.round()
        return all(s == "offloaded" for s in one.states(
            [p for p, _ in apart + below]).values())

    one.until("all critical are in hardware", there)
    probe.lead(dict(plain, **ways(apart), **ways(below)))
    one.until("nothing moves", lambda: probe.round() or
              not one.table()["inFlight"])
    one.delete(*(p for p, _ in apart + below))
    probe.lead(plain)
    one.until("best effort comes back", lambda: probe.round() or
              one.table()["critical"] == 0 and
              one.table()["used"] == one.table()["high"])
    assert one.table()["evictions"] > 0
    assert probe.check() >= 170


def test_hardware_has_less_room(edge):
    """40 slots configured, 24 there: ENOSPC is told, and learned from."""
    one = edge(tcam_slots=24)
    one.start(configuration(one.ports, table=("capacity 40",), more=(
        "timers retry 60000",)))
    some = spread(subnets("198.18.0.0/15", 24, 30))
    probe = Probe(one, ways(some))
    one.add(*((p, via(n)) for p, n in some))
    one.until("the hardware is full", lambda: probe.round() or
              one.sw.occ() == 24 and one.table()["refused"])
    one.quiet()
    states = one.states([p for p, _ in some])
    room = 24 - sum(e["slots"] for e in one.sw.installed()
                    if e["chain"] == 0 or e["pref"] == 1)
    held = [p for p, s in states.items() if s == "offloaded"]
    assert len(held) == one.table()["used"] == room
    assert one.table()["learned"] == room
    for prefix in set(states) - set(held):
        assert one.route(prefix)["reason"] in (
            "hardware-no-space", "capacity-reduced", "high-watermark"), \
            one.route(prefix)

    def said():
        return [h for p in states for h in one.show("history " + p)["history"]
                if h["reason"] == "hardware-no-space" and h["from"] == "sent"]

    one.until("the history has it", said)  # it is written behind
    assert all("is full" in h["text"] for h in said()), said()
    probe.round()
    assert probe.check() >= 60


def test_refusal_by_hardware_is_told_and_tried_again(edge):
    one = edge()
    one.start(configuration(one.ports))
    one.sw.debug("fail_tcam", "1 22")
    one.add(("198.51.100.0/24", via(2)))
    answer = one.becomes("198.51.100.0/24", "offloaded")
    found = one.past("198.51.100.0/24", to="failed")
    assert len(found) == 1 and found[0]["text"], (answer, found)
    assert one.table()["refused"] == 1
    one.by_hardware("198.51.100.1", "sw2")


def test_route_that_costs_a_cover(edge):
    """Announced and withdrawn under traffic: covers come first, go last."""
    one = edge()
    one.start(configuration(one.ports, more=(
        "rule 10", " match prefix-length 24", " set class never", "exit")))
    nested = subnets("198.18.0.0/20", 24, 8)
    one.add(*((p, via(3)) for p in nested))
    probe = Probe(one, {inside(p): ("sw3", 2) for p in nested})
    for _ in range(5):
        one.add(("198.18.0.0/20", via(2)))
        for state in ("offloaded", None):
            def there():
                probe.round()
                return one.states(["198.18.0.0/20"])["198.18.0.0/20"] == state

            one.until("the aggregate is %s" % state, there)
            if state:
                one.delete("198.18.0.0/20")
    one.until("empty", lambda: not one.entries())
    assert probe.check() >= 80


def test_evicted_cover_is_seen_by_the_probe(edge):
    """A deliberate defect, in the switch: the probe must not be blind."""
    one = edge()
    one.compared = False
    one.start(configuration(one.ports, more=(
        "rule 10", " match prefix-length 24", " set class never", "exit")))
    one.add(("198.18.3.0/24", via(3)), ("198.18.0.0/20", via(2)))
    one.becomes("198.18.3.0/24", "covered")
    one.becomes("198.18.0.0/20", "offloaded")
    probe = Probe(one, {"198.18.3.5": ("sw3", 2), "198.18.4.5": ("sw2", 2)})
    probe.round()
    assert probe.wrong() == []
    cover = [e for e in one.sw.installed()
             if e["chain"] == 4096 and e["actions"] == ["trap"]
             and e["pref"] != 1]
    assert len(cover) == 1
    one.sw.debug("evict", cover[0]["cookie"])
    probe.round()
    assert probe.wrong() == ["198.18.3.5 should go to sw3, went to ['sw2w']"]
