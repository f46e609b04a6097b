# SPDX-License-Identifier: GPL-2.0-or-later
"""
What an earlier life left in the table is taken over: routes that did not change
see no write at all, packets flow meanwhile, and only the difference is written.
"""

import signal

import pytest

import compare
from edge import configuration, via
from probe import Probe
from routing import neighbour_mac
from test_full import inside, spread, subnets, ways
from written import Written

PREFIX, INSIDE = "198.51.100.0/24", "198.51.100.9"
OTHER, OTHER_INSIDE = "203.0.113.0/24", "203.0.113.9"
NEVER24 = ("rule 10", " match prefix-length 24", " set class never", "exit")
SIGNALS = pytest.mark.parametrize(
    "number", (signal.SIGKILL, signal.SIGTERM), ids=("killed", "stopped"))


def ours(one):
    """Filters of routes and guards: (chain, pref, handle, cookie) and what the
    switch calls them, which a new one would be called otherwise."""
    kernel = {(f["chain"], f["pref"], f["options"]["handle"],
               f["options"]["actions"][0]["cookie"])
              for f in one.sw.filters("block 4096")
              if compare._kind(f) in (compare.GUARD, compare.ROUTE)}
    return kernel, {e["cookie"] for e in one.sw.installed()}


def route_of(one, prefix=PREFIX, chain=4096):
    """The filter of a route, as tc shows it."""
    return [f for f in one.sw.filters("block 4096")
            if f["options"]["keys"].get("dst_ip") == prefix
            and f["chain"] == chain][0]


def back(one, text=None):
    """It is started again and has nothing more to do."""
    one.start(text)
    one.quiet()
    one.until("nothing is left to adopt", lambda: not any(
        e.get("found") for e in one.entries()))
    one.quiet()


def away(one, number=signal.SIGKILL):
    one.quiet()
    one.stop(number)


def with_vrf(edge, **more):
    """A switch whose sw4 is in VRF red; ends with the switch."""
    one = edge(ports=4, **more)
    one.sw.ip("link add red type vrf table 10", "link set red up",
              "link set sw4 master red",
              "neigh replace 10.0.4.2 lladdr %s dev sw4 nud permanent" %
              neighbour_mac(4))
    return one


@SIGNALS
def test_untouched(edge, number):
    """Every kind of entry, and guards: not one write, not one packet lost."""
    one = edge(ipv6=True)
    one.sw.ip("link add link sw2 name sw2.7 type vlan id 7",
              "link set sw2.7 up", "address add 10.7.0.1/24 dev sw2.7",
              "neigh replace 10.7.0.2 lladdr %s dev sw2.7 nud permanent" %
              neighbour_mac(7))
    text = configuration(one.ports, more=NEVER24)
    one.start(text)
    some = spread(subnets("198.18.0.0/15", 25, 20))
    one.offload(*((p, via(n)) for p, n in some))
    one.offload(("2001:db8:100::/48", via(3, six=True)),
                ("203.0.113.0/25", "blackhole"),
                ("203.0.113.128/25", "via 10.7.0.2"))
    one.add(("198.51.100.0/24", via(3)), ("198.51.0.0/16", via(2)))
    one.becomes("198.51.0.0/16", "offloaded")
    one.becomes("198.51.100.0/24", "covered")
    probe = Probe(one, dict(ways(some), **{
        "2001:db8:100::9": ("sw3", 2), "203.0.113.1": None,
        "198.51.99.1": ("sw2", 2), "198.51.100.1": ("sw3", 2)}))
    probe.round()
    one.quiet()
    before = ours(one)
    seen = one.sw.counters("sw1")
    with Written() as written:
        one.stop(number)
        probe.round()
        one.start(text)
        probe.round()
        one.quiet()
        # An audit finds nothing to mend either.
        one.until("counters were read", lambda: any(
            e["packets"] for e in one.entries()))
        assert written() == []
    assert ours(one) == before
    probe.round()
    probe.check()
    now = one.sw.counters("sw1") - seen
    assert now["hw_forwarded"] == 3 * 22 and now["hw_dropped"] == 3, now
    assert one.table()["added"] == one.table()["deleted"] == 0
    one.becomes("198.51.100.0/24", "covered")
    # The next entries get handles that nobody has.
    one.offload(("192.0.2.0/25", via(2)), ("192.0.2.128/25", via(3)))
    one.by_hardware("192.0.2.1", "sw2")
    one.by_hardware("192.0.2.129", "sw3")


@SIGNALS
def test_untouched_in_a_vrf(edge, number):
    one = with_vrf(edge)
    try:
        one.start().offload((PREFIX, via(2)))
        one.sw.ip("route add %s %s table 10" % (PREFIX, via(4)))
        one.until("two entries", lambda: len(one.entries()) == 2)
        one.sw.ip("link set sw3 master red")
        one.until("the guard leads to the VRF", lambda: any(
            f.options.get("indev") == "sw3" and f.does[1] not in (4096, 4097)
            for f in compare.kernel(one)[0]))
        one.quiet()
        before = ours(one)
        with Written() as written:
            one.stop(number)
            one.by_hardware(INSIDE, "sw4", via="sw3")
            back(one)
            assert written() == []
        assert ours(one) == before
        one.by_hardware(INSIDE, "sw4", via="sw3")
        one.by_hardware(INSIDE, "sw2")
        assert len(one.entries()) == 2
    finally:
        one.stop()
        one.sw.ip("link del red")


def test_vrf_is_another_device(edge):
    """Its routes are nobody's: they leave, and no packet meets them."""
    one = with_vrf(edge)
    try:
        one.start().offload((OTHER, via(2)))
        one.sw.ip("route add %s %s table 10" % (PREFIX, via(4)))
        one.until("two entries", lambda: len(one.entries()) == 2)
        away(one)
        one.sw.ip("link del red", "link add blue type vrf table 11",
                  "link set blue up", "link set sw4 master blue",
                  "address replace 10.0.4.1/24 dev sw4",
                  "neigh replace 10.0.4.2 lladdr %s dev sw4 nud permanent" %
                  neighbour_mac(4))
        back(one)
        one.until("the other is gone", lambda: len(one.entries()) == 1)
        one.until("its filter, too", lambda: not [
            f for f in one.sw.filters("block 4096")
            if f["options"]["keys"].get("dst_ip") == PREFIX])
        one.to_cpu(INSIDE, via="sw4")
        one.to_cpu(INSIDE, via="sw1")
        one.by_hardware(OTHER_INSIDE, "sw2")
    finally:
        one.stop()
        one.sw.ip.run("link del red")
        one.sw.ip.run("link del blue")


def test_only_the_difference_is_written(edge):
    """One route went, one changed its way, one came: three writes."""
    one = edge()
    one.start()
    some = spread(subnets("198.18.0.0/15", 24, 20))
    one.offload(*((p, via(n)) for p, n in some))
    away(one)
    one.delete(some[0][0])
    one.sw.ip("route replace %s %s" % (some[1][0], via(5 - some[1][1])))
    one.add((PREFIX, via(2)))
    rest = [(some[1][0], 5 - some[1][1]), (PREFIX, 2)] + some[2:]
    with Written() as written:
        back(one)
        one.all_become([p for p, _ in rest], "offloaded")
        one.until("the orphan is gone", lambda: len(one.entries()) == 20)
        one.quiet()
        assert sorted(written.words()) == [
            ("deleted", "route"), ("written", "route"), ("written", "route")]
    probe = Probe(one, ways(rest))
    probe.round()
    probe.check()
    one.to_cpu(inside(some[0][0]))


def tamper(one, rest, prefix=PREFIX):
    """Our filter of this prefix, with something else in it."""
    mine = route_of(one, prefix)
    one.sw.tc("filter replace block 4096 chain %d pref %d protocol ip handle "
              "%d flower skip_sw dst_ip %s action %s cookie %s" % (
                  mine["chain"], mine["pref"], mine["options"]["handle"],
                  prefix, rest, mine["options"]["actions"][0]["cookie"]))


@pytest.mark.parametrize("rest", (
    "drop", "trap", "goto chain 7", "mirred egress redirect dev sw3"),
    ids=("drop", "trap", "goto", "redirect"))
def test_changed_while_away(edge, rest):
    """Put right where it stands, and nothing else is touched."""
    one = edge()
    one.start().offload((PREFIX, via(2)), (OTHER, via(3)))
    away(one)
    tamper(one, rest)
    with Written() as written:
        back(one)
        one.until("it is put right", lambda: [
            f.does[:2] for (_, p), f in compare.kernel(one)[1].items()
            if p == PREFIX] == [("forward", "sw2")])
        assert written.words() == [("written", "route")]
    one.becomes(PREFIX, "offloaded")
    one.by_hardware(INSIDE, "sw2")
    one.by_hardware(OTHER_INSIDE, "sw3")


def test_own_address_changed_while_away(edge):
    """Filters follow in place; only guards of that port are made anew."""
    one = edge()
    one.start().offload((PREFIX, via(2)), (OTHER, via(3)))
    away(one)
    one.compared = False  # the wires' notes have the address of before
    one.sw.ip("link set sw2 address 02:00:00:00:77:02",
              "neigh replace 10.0.2.2 lladdr %s dev sw2 nud permanent" %
              neighbour_mac(2))
    with Written() as written:
        back(one)
        one.until("it follows", lambda: compare.rewritten(
            route_of(one)["options"]["actions"][0]["keys"])[1] ==
            "02:00:00:00:77:02")
        one.until("guards follow", lambda: sum(
            f.keys.get("dst_mac") == "02:00:00:00:77:02"
            for f in compare.kernel(one)[0]) == 2)
        assert sorted(written.words()) == [("deleted", "guard")] * 2 + [
            ("written", "guard")] * 2 + [("written", "route")]
    one.by_hardware(OTHER_INSIDE, "sw3")


def begins_anew(one, why):
    """All that was there goes, guards first, and it is said why."""
    with Written() as written:
        back(one)
        one.becomes(PREFIX, "offloaded")
        one.becomes(OTHER, "offloaded")
        gone = [of for word, of, *_ in written() if word == "deleted"]
        assert gone.count("route") >= 2
        leads = [i for i, f in enumerate(written())
                 if f[0] == "deleted" and f[1] == "guard" and f[2] > 1]
        assert len(leads) == 6, written()
        first = [i for i, f in enumerate(written()) if f[:2] == (
            "deleted", "route")][0]
        assert max(leads) < first, written()
    words = one.offloadd.words()
    assert "filters of an earlier life are taken away" in words
    assert why in words, words
    one.quiet()
    one.by_hardware(INSIDE, "sw2")
    one.by_hardware(OTHER_INSIDE, "sw3")


@pytest.mark.parametrize("garbled, why", (
    # Another match under our number; a prefix where another length stands;
    # one more in the routes; without a VRF in its cookie, as of old.
    ("chain 4096 pref 10 protocol ip flower skip_sw dst_ip 192.0.2.0/24 "
     "src_ip 10.0.1.0/24 action drop cookie {cookie}", "not understood"),
    ("chain 4096 pref 12 protocol ip flower skip_sw dst_ip 192.0.2.0/24 "
     "action drop cookie {cookie}", "stands where another would"),
    ("chain 4100 pref 10 protocol ip handle 1 flower skip_sw "
     "dst_ip 192.0.2.0/24 action drop cookie {cookie}", "of another VRF"),
    ("chain 4096 pref 11 protocol ip handle {handle} flower skip_sw "
     "dst_ip 192.0.2.0/23 action drop cookie {cookie}", "another's"),
    ("chain 4096 pref 10 protocol ip flower skip_sw dst_ip 192.0.2.0/24 "
     "action drop cookie {cookie:.18}00000000000000", "of which VRF"),
    ("chain 5000 pref 10 protocol ip flower skip_sw dst_ip 192.0.2.0/24 "
     "action drop cookie {cookie}", "where no route does"),
), ids=("match", "place", "vrf", "handle", "older", "chain"))
def test_what_cannot_be_taken_over(edge, garbled, why):
    one = edge()
    one.start().offload((PREFIX, via(2)), (OTHER, via(3)))
    away(one)
    mine = route_of(one)["options"]
    one.sw.tc("filter add block 4096 " + garbled.format(
        cookie=mine["actions"][0]["cookie"], handle=mine["handle"]))
    begins_anew(one, why)
    assert not [f for f in one.sw.filters("block 4096")
                if "192.0.2" in str(f["options"]["keys"])]


def test_other_place(edge):
    """Another chain and pref: what stood at the old place goes, in order."""
    one = edge()
    one.start().offload((PREFIX, via(2)), (OTHER, via(3)))
    away(one)
    one.start(configuration(one.ports, table=(
        "capacity 100", "tc pref 100", "tc chain 500")))
    one.becomes(PREFIX, "offloaded")
    one.quiet()
    assert {(f["chain"], f["pref"]) for f in one.sw.filters("block 4096")} == {
        (0, 100), (0, 101), (500, 1), (501, 1), (500, 10)}
    one.by_hardware(INSIDE, "sw2")


def test_fewer_ports(edge):
    """One that is taken out is led nowhere; routes stay as they are."""
    one = edge()
    one.start().offload((PREFIX, via(2)))
    away(one)
    one.ports = ["sw1", "sw2"]
    with Written() as written:
        back(one)
        one.until("its guards go", lambda: not any(
            f.options.get("indev") == "sw3" for f in compare.kernel(one)[0]))
        assert written.words() == [("deleted", "guard")] * 2
    one.to_cpu(INSIDE, via="sw3")
    one.by_hardware(INSIDE, "sw2")


def test_ports_are_numbered_anew(edge):
    """Guards are, too: none stands in another's way."""
    one = edge()
    one.start().offload((PREFIX, via(2)))
    away(one)
    one.ports = ["sw2", "sw3"]
    with Written() as written:
        back(one)
        one.until("all are there", lambda: written.words() == [
            ("deleted", "guard")] * 6 + [("written", "guard")] * 4)
    one.to_cpu(INSIDE, via="sw1")
    one.by_hardware(INSIDE, "sw2", via="sw3")


@pytest.mark.parametrize("pref", (1, 10), ids=("ttl", "port"))
def test_guard_missing(edge, pref):
    """Nobody is led to routes that do not look at the TTL."""
    one = edge()
    one.start().offload((PREFIX, via(2)))
    away(one)
    guard = [f for f in one.sw.filters("block 4096")
             if f["options"]["keys"]["eth_type"] == "ipv4" and (
                 (f["chain"] == 4096 and f["pref"] == 1) if pref == 1 else
                 f["options"].get("indev") == "sw1")][0]
    one.sw.tc("filter del block 4096 chain %d pref %d protocol ip handle %d "
              "flower" % (guard["chain"], guard["pref"],
                          guard["options"]["handle"]))
    with Written() as written:
        back(one)
        one.until("it is there", lambda: ("written", "guard") in
                  written.words())
        assert not [w for w in written.words() if w[1] == "route"]
        found = written()
        if pref == 1:
            # Those that lead there went before it was made.
            at = [i for i, f in enumerate(found)
                  if f[0] == "written" and f[2] == 1]
            led = [i for i, f in enumerate(found) if f[0] == "deleted"]
            assert len(at) == 1 and len(led) == 3 and max(led) < at[0], found
    one.until("all ports are led", lambda: len(
        [f for f in compare.kernel(one)[0] if f.chain == 0]) == 6)
    one.by_hardware(INSIDE, "sw2")
    one.to_cpu(INSIDE, ttl=1)


def test_filters_of_others_stay(edge):
    """In chain 0 and among the routes: not one is written or deleted."""
    one = edge()
    one.start().offload((PREFIX, via(2)))
    away(one)
    one.compared = False
    one.sw.tc(
        "filter add block 4096 pref 7 protocol ip handle 9 flower skip_sw "
        "dst_ip 192.0.2.1 action drop",
        "filter add block 4096 chain 4096 pref 10 protocol ip handle 9000 "
        "flower skip_sw dst_ip 192.0.2.0/24 action drop cookie 0badc0de")
    before = ours(one)
    with Written() as written:
        back(one)
        assert written() == []
    assert ours(one) == before
    one.by_hardware(INSIDE, "sw2")
    one.stop()
    one.start()
    assert ours(one) == before


def test_killed_again_and_again(edge):
    """Handles do not run away, and nothing is doubled."""
    one = edge()
    one.start()
    some = spread(subnets("198.18.0.0/15", 24, 30))
    one.offload(*((p, via(n)) for p, n in some))
    probe = Probe(one, ways(some))
    for n in range(5):
        away(one)
        one.delete(some[n][0])
        one.add(("192.0.%d.0/24" % n, via(2)))
        probe.lead(ways(some[n + 1:]))
        probe.round()
        back(one)
        one.becomes("192.0.%d.0/24" % n, "offloaded")
        one.until("as many as before", lambda: len(one.entries()) == 30)
        compare.compare(one)
    assert probe.check() == 29 + 28 + 27 + 26 + 25
    assert max(f["options"]["handle"] for f in one.sw.filters("block 4096")
               if compare._kind(f) == compare.ROUTE) < 5000
