# SPDX-License-Identifier: GPL-2.0-or-later
"""
Access control lists on hardware that lacks something: what it cannot do is done
in software, the verdicts are the same, and the state of an entry says why.
"""

import random

import pytest
from edge import configuration, via
from met import Met, hardware_entries
from packets import TCP, UDP
from rules import Rule, random_packet, random_rule
from test_acl import PACKETS, PREFIX, SEED, Lists, acl, add_up, make, spread

HOST = "198.51.100.1"


def begin(one, refuse, lines, table=("capacity 100",), route=True,
          bound="hardware"):
    one.sw.debug("refuse", refuse)
    one.start(configuration(one.ports, table=table, more=tuple(lines)),
              ready=route)
    if route:
        one.offload((PREFIX, via(2)))
    lists = Lists(one)
    lists.attached("sw1", bound)
    lists.quiet()
    return lists


def drops(one):
    return [e for e in hardware_entries(one) if e["actions"] == ["drop"]]


def test_port_range_is_several(edge):
    """An entry is several filters, and all of them or none."""
    one = edge()
    rules = [Rule(10, False, UDP, dport=(1000, 2000)),
             Rule(20, False, TCP, sport=(5, 9), dport=(80, 90))]
    lists = begin(one, "port_range", acl(rules, head=("default-action "
                                                      "permit",)),
                  table=("capacity 150",))
    for rule in rules:
        lists.entry_becomes(rule.seq, "offloaded")
    # 1000-1007, 1008-1023, 1024-1535, ...; 5, 6-7, 8-9 times 80-87, 88-89, 90
    assert len(drops(one)) == \
        lists.entry(10)["hardware"]["slots"] + 3 * 3, hardware_entries(one)
    assert lists.entry(10)["hardware"]["slots"] == 8
    met = Met(one)
    for port, out in ((999, True), (1000, False), (1023, False),
                      (1024, False), (2000, False), (2001, True)):
        met.send(one.packet(HOST, dport=port), "sw2w" if out else None)
    for sport, dport, out in ((4, 80, True), (5, 80, False), (9, 90, False),
                              (9, 91, True), (10, 85, True)):
        met.send(one.packet(HOST, proto=TCP, sport=sport, dport=dport),
                 "sw2w" if out else None)
    did = met.check()
    assert did["hw_dropped"] == 6 and did["hw_forwarded"] == 5, did


@pytest.mark.parametrize("nth", (1, 8))
def test_port_range_fails_in_the_middle(edge, nth):
    """One filter of an entry fails: none of it stays, and later all are."""
    one = edge()
    lists = begin(one, "port_range", acl([], head=("default-action permit",)))
    one.quiet()
    lists.one.until("the default is in hardware", lambda: [
        e for e in hardware_entries(one) if e["actions"] == ["goto"]])
    one.sw.debug("fail_tcam", nth)
    one.configure("acl WEB", "seq 10 deny udp any any range 1000 2000")
    seen = set()

    def whole():
        seen.add(len(drops(one)))
        return lists.entry(10)["state"] == "offloaded"

    one.until("the entry is in hardware", whole)
    lists.attached("sw1", "hardware")
    assert len(drops(one)) == 8 and lists.entry(10)["hardware"]["slots"] == 8
    met = Met(one)
    for port, out in ((999, True), (1000, False), (2000, False),
                      (2001, True)):
        met.send(one.packet(HOST, dport=port), "sw2w" if out else None)
    met.check()


@pytest.mark.parametrize("nth", (4, 8))
def test_replace_fails_in_the_middle(edge, nth):
    """Of an entry that is several filters some are the new ones: it is neither
    the old entry nor the new one, and does not stay so."""
    one = edge()
    rules = [Rule(10, False, UDP, dport=(1000, 2000))]
    lists = begin(one, "port_range", acl(rules, head=("default-action "
                                                      "permit",)))
    lists.entry_becomes(10, "offloaded")
    one.sw.debug("fail_tcam", nth)
    one.configure("acl WEB",
                  "seq 10 deny udp any any range 1000 2000 mirror sw3")

    def whole():
        at = [e["actions"] for e in hardware_entries(one)
              if "drop" in e["actions"]]
        return at == 8 * [["mirror", "drop"]]

    one.until("all of it is new", whole)
    lists.attached("sw1", "hardware")
    lists.entry_becomes(10, "offloaded")
    met = Met(one)
    for port, out in ((999, "sw2w"), (1000, "sw3w"), (1008, "sw3w"),
                      (2000, "sw3w"), (2001, "sw2w")):
        met.send(one.packet(HOST, dport=port), out)
    assert met.check()["hw_dropped"] == 3


@pytest.mark.parametrize("refuse", ("tcp_flags", "tcp_flags mark",
                                    "port_range tcp_flags ip_ttl"))
def test_parts(edge, refuse):
    """What hardware cannot match is split, with marks or without; each entry
    still counts the packets that meet it first."""
    rng = random.Random("%d %s" % (SEED, refuse))
    one = edge(tcam_slots=2000)
    rules = [random_rule(rng, 10 * n, apart=True) for n in range(1, 61)]
    rules += [Rule(2, False, TCP, flags=(2, 0x12), dport=(80, 80),
                   more="count"),
              Rule(4, True, TCP, flags=(0x10, 0x10), dport=(80, 80),
                   more="count")]
    lines = acl(rules, head=("default-action permit", "class critical"))
    lists = begin(one, refuse, lines, table=("capacity 1500",
                                             "acl-slots 50 percent"),
                  route="ip_ttl" not in refuse)
    if "ip_ttl" in refuse:  # then no route is in hardware, no guard either
        one.led = ("ipv6",)
        one.until("the table is ready", lambda: one.table()["ready"])
        one.add((PREFIX, via(2)))
        one.becomes(PREFIX, "failed")
    split = lists.entry(2)
    assert split["part"] == lists.entry(4)["part"], split
    expected = spread(one, rules + [Rule(1 << 30, True)],
                      lambda: random_packet(rng, make(one)), PACKETS // 3)
    expected[None] = expected.pop(1 << 30, 0)
    print("PROVIDER_SEED=%d" % SEED)
    if "ip_ttl" in refuse:
        return  # what hardware permits is counted in software again
    counted = add_up(lists, {k: v for k, v in expected.items() if v})
    assert sum(c[1] for c in counted.values()), "hardware answers nothing"


def enforced(one, lists, hardware):
    """A packet of each verdict.  `hardware`: it answers some."""
    met = Met(one)
    for _ in range(5):
        met.send(one.packet(HOST), None)
        met.send(one.packet(HOST, proto=TCP), "sw2w")
    did = met.check()
    assert bool(did["hw_dropped"] + did["hw_forwarded"]) == hardware, did


DENY = ("acl WEB", "default-action permit", "seq 10 deny udp any any", "exit",
        "access-group WEB interface sw1 in")


@pytest.mark.parametrize("refuse", ("trap", "goto", "indev", "dst_mac"))
def test_no_hardware_at_all(edge, refuse):
    """Without this no port can have guards: software has the whole list."""
    one = edge()
    one.compared = False  # there is no block of routes
    lists = begin(one, refuse, DENY, route=False, bound="software")
    one.add((PREFIX, via(2)))
    enforced(one, lists, False)
    why = [a.get("why", "") for a in lists.acl()["attachedTo"]]
    assert any(why), lists.acl()["attachedTo"]
    print(refuse, why, lists.entry(10))


def test_drop_is_refused(edge):
    """Hardware permits and hands over; software drops."""
    one = edge()
    lists = begin(one, "drop", DENY)
    enforced(one, lists, True)
    entry = lists.entry(10)
    assert entry["state"] != "offloaded" and "drop" in str(entry), entry
    one.by_hardware(HOST, "sw2", proto=TCP)


def test_redirect_is_refused(edge):
    one = edge()
    one.sw.debug("refuse", "redirect")
    one.start(configuration(one.ports, more=(
        "acl WEB", "default-action permit",
        "seq 10 permit udp any any redirect sw3",
        "seq 20 deny tcp any any", "exit",
        "access-group WEB interface sw1 in")))
    lists = Lists(one)
    lists.attached("sw1", "hardware")
    lists.entry_becomes(20, "offloaded")
    entry = lists.entry(10)
    assert entry["state"] != "offloaded" and "redirect" in str(entry), entry
    met = Met(one)
    met.send(one.packet(HOST), "sw3w")
    met.send(one.packet(HOST, proto=TCP), None)
    assert met.check()["hw_dropped"] == 1
