# SPDX-License-Identifier: GPL-2.0-or-later
"""
What hardware cannot have must not make it answer wrongly: a refused route
below one in hardware, a route that turns into one hardware cannot do.
"""

from edge import via
from probe import Probe
from routing import neighbour_mac

AGGREGATE = ("198.51.0.0/16", via(2))
PREFIX, INSIDE = "198.51.100.0/24", "198.51.100.9"
ECMP = "nexthop %s nexthop %s" % (via(3), via(3, 3))


def elsewhere(edge):
    """A device that is no port of the switch, with a neighbour behind it."""
    edge.sw.ip("link add no0 type dummy", "link set no0 up",
               "address add 10.9.0.1/24 dev no0",
               "neigh replace 10.9.0.2 lladdr %s dev no0 nud permanent" %
               neighbour_mac(9))


def test_no_port_of_the_switch(edge):
    """Refused in the driver's own words."""
    one = edge()
    elsewhere(one)
    try:
        one.start().add((PREFIX, "via 10.9.0.2"), ("203.0.113.0/24", via(2)))
        one.becomes("203.0.113.0/24", "offloaded")
        one.until("refused", lambda: one.routes()[PREFIX]["reason"] in (
            "hardware-unsupported", "hardware-error"))
        assert "no port of this switch" in one.route(PREFIX)["text"]
        one.to_cpu(INSIDE)
    finally:
        one.sw.ip("link del no0")


def test_refused_below_an_aggregate(edge):
    """It gets a cover, whichever came first."""
    one = edge()
    one.start().offload(AGGREGATE)
    for _ in range(2):
        one.add((PREFIX, ECMP))
        one.becomes("198.51.0.0/16", "offloaded")
        one.until("it is covered, or nothing above it is there", lambda: {
            e["prefix"]: e["entry"] for e in one.entries()} in (
                {"198.51.0.0/16": "real", PREFIX: "punt"}, {}))
        one.quiet()
        one.to_cpu(INSIDE)
        one.delete("198.51.0.0/16")
        one.until("no entry", lambda: not one.entries())
        one.add(AGGREGATE)
        one.becomes("198.51.0.0/16", "offloaded")
        one.to_cpu(INSIDE)
        one.by_hardware("198.51.99.1", "sw2")
        one.delete(PREFIX)
        one.until("the cover goes", lambda: len(one.entries()) == 1)
        one.by_hardware(INSIDE, "sw2")


def test_route_turns_into_what_hardware_cannot_do(edge):
    """The old entry must not stay."""
    one = edge()
    one.start().offload((PREFIX, via(2)))
    one.sw.ip("route replace %s %s" % (PREFIX, ECMP))
    one.until("no entry", lambda: not one.entries())
    one.quiet()
    one.to_cpu(INSIDE)
    one.sw.ip("route replace %s %s" % (PREFIX, via(3)))
    one.becomes(PREFIX, "offloaded")
    one.quiet()
    one.by_hardware(INSIDE, "sw3")
    one.sw.ip("route replace blackhole %s" % PREFIX)
    one.until("it drops", lambda: one.route(PREFIX).get(
        "action") == "discard" and one.routes()[PREFIX]["state"] ==
        "offloaded")
    one.quiet()
    one.by_hardware(INSIDE, None)


def test_replace_that_fails_is_made_good(edge):
    """The old filter stays where a replace fails: it must not for long."""
    one = edge()
    one.start().offload((PREFIX, via(2)))
    one.sw.debug("fail_tcam", "1 12")
    one.sw.ip("route replace %s %s" % (PREFIX, via(3)))
    one.until("it leads to sw3", lambda: one.table()["refused"] and
              one.routes()[PREFIX]["state"] == "offloaded" and
              one.route(PREFIX)["nexthops"][0]["interface"] == "sw3")
    one.quiet()
    one.by_hardware(INSIDE, "sw3")


def test_every_hop_counts(edge):
    """Link-local next hops; routes without a gateway stay in software."""
    one = edge(ipv6=True)
    one.sw.ip6("neigh replace fe80::2 lladdr %s dev sw2 nud permanent" %
               neighbour_mac(2))
    one.start()
    one.offload(("2001:db8:100::/48", "via fe80::2 dev sw2"))
    one.by_hardware("2001:db8:100::1", "sw2")
    one.add((PREFIX, "dev sw2"))
    one.until("known", lambda: PREFIX in one.routes())
    one.quiet()
    assert one.routes()[PREFIX]["state"] == "waiting", one.route(PREFIX)
    one.to_cpu(INSIDE)


def test_larger_packets_than_can_leave(edge):
    """Software would answer that a packet is too big; hardware would send it.
    What the smaller port takes is asked of no hardware until it takes more."""
    one = edge()
    one.start().offload(("198.51.0.0/16", via(3)), (PREFIX, via(2)),
                        ("203.0.113.0/24", via(3)))
    probe = Probe(one, {INSIDE: ("sw2", 2), "198.51.7.7": ("sw3", 2)})
    probe.round()
    # Slow enough for packets between a removal and the cover that follows.
    one.sw.debug("delay_ms", 200)
    one.sw.ip("link set sw2 mtu 1400")
    one.until("it has left", lambda: probe.round() or (
        one.routes()[PREFIX]["reason"] == "hardware-error" and
        {e["prefix"]: e["entry"] for e in one.entries()}.get(PREFIX) !=
        "real" and not one.table()["inFlight"]))
    one.sw.debug("delay_ms", 0)
    probe.check()  # never by the shorter one
    assert "sw2 takes 1400" in one.route(PREFIX)["text"]
    one.to_cpu(INSIDE)
    one.by_hardware("203.0.113.1", "sw3")
    one.sw.ip("link set sw1 mtu 1400", "link set sw3 mtu 1400")
    one.becomes(PREFIX, "offloaded")
    one.by_hardware(INSIDE, "sw2")
    # Jumbo frames come in at one port.
    one.sw.ip("link set sw1 mtu 9000")
    one.until("nothing is left in hardware", lambda: not one.entries())
    one.to_cpu(INSIDE)
    one.sw.ip(*("link set sw%d mtu 1500" % n for n in (1, 2, 3)))
    one.all_become((PREFIX, "203.0.113.0/24"), "offloaded")
    one.by_hardware(INSIDE, "sw2")
