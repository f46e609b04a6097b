# SPDX-License-Identifier: GPL-2.0-or-later
"""The other table: routes in hardware, their flags, and the way of packets."""

import ipaddress
import random

import pytest

import lab
from packets import make
from routing import Router, neighbour_mac
from tools import until
from wire import sysctl


@pytest.fixture
def router(switch):
    return Router(switch(lpm_slots=512))


@pytest.fixture
def router6(switch):
    return Router(switch(lpm_slots=512), ipv6=True)


def test_flags(router):
    """What is in the table as what."""
    assert router.flag("10.0.1.0/24") == "trap"
    assert router.flag("10.0.1.1", "local") == "trap"
    router.add("172.16.0.0/16", "via 10.0.2.2")
    router.add("172.17.0.0/16", "via 10.0.2.99", "trap")  # nobody answers
    router.add("172.18.0.0/16", "blackhole", "offload")
    router.sw.ip("route add 172.19.0.0/16 nexthop via 10.0.2.2 "
                 "nexthop via 10.0.3.2")
    router.becomes("172.19.0.0/16", "trap")
    lines = {(r["prefix"], r["does"]) for r in router.sw.lines("lpm")}
    assert {("172.16.0.0/16", "forward"), ("172.17.0.0/16", "trap"),
            ("172.18.0.0/16", "drop"), ("172.19.0.0/16", "trap"),
            ("10.0.1.0/24", "trap")} <= lines
    line, = [r for r in router.sw.lines("lpm")
             if r["prefix"] == "172.16.0.0/16"]
    assert (line["table"], line["slots"], line["port"], line["dmac"],
            line["installed"], line["offload_failed"]) == (
        254, 1, "sw2", neighbour_mac(2), True, False)


def test_flags_ipv6(router6):
    router6.add("2001:db8:a::/48", "via 2001:db8:2::2")
    router6.add("2001:db8:b::/48", "via 2001:db8:2::99", "trap")
    router6.add("2001:db8:c::/48", "blackhole", "offload")
    assert router6.flag("2001:db8:1::/64") == "trap"
    assert router6.flag("2001:db8:1::1", "local") == "trap"


def test_forwards(router):
    count = router.sw.counters("sw1")
    router.add("172.16.0.0/16", "via 10.0.2.2")
    router.add("172.17.0.0/16", "via 10.0.3.3")
    router.goes("172.16.5.5", "sw2")
    router.goes("172.17.5.5", "sw3", 3)
    router.goes("172.17.5.5", "sw3", 3, ttl=2)
    router.goes("172.17.5.5", "sw3", 3, ttl=255, tos=0xb8, proto=6)
    router.goes("172.17.5.5", "sw3", 3, via="sw4")
    count = router.sw.counters("sw1") - count
    assert count["lpm_hits"] == count["hw_forwarded"] == 4


def test_forwards_ipv6(router6):
    router6.add("2001:db8:a::/48", "via 2001:db8:2::2")
    router6.add("2001:db8:a:b::/64", "via 2001:db8:3::4")
    router6.goes("2001:db8:a:c::1", "sw2")
    router6.goes("2001:db8:a:b::1", "sw3", 4, tos=0xff)
    router6.goes("2001:db8:a:b::1", "sw3", 4, ttl=2)
    router6.punted("2001:db8:a:b::1", ttl=1)


def test_goes_to_the_cpu(router):
    """What a router's hardware leaves to its processor."""
    router.add("172.16.0.0/16", "via 10.0.2.2")
    router.punted("172.16.1.1", ttl=1)
    router.punted("172.16.1.1", ttl=0)
    router.punted("172.16.1.1", options=b"\1\1\1\0")
    router.punted("10.0.1.1", proto=6)  # the router itself
    router.punted("10.0.2.2")  # in a connected network
    router.punted("224.0.0.5", dmac="01:00:5e:00:00:05")
    router.punted("255.255.255.255", dmac="ff:ff:ff:ff:ff:ff")
    router.punted("172.16.1.1", dmac="02:00:00:00:00:99")  # not for us
    router.punted("192.0.2.1")  # no route
    one = make(dict(router.packet("sw1", "172.16.1.1"), vlan=(5, 0)))
    router.sw.expect("sw1", one, cpu=one)
    count = router.sw.counters("sw1")
    assert count["hw_forwarded"] == count["hw_dropped"] == 0


def test_too_long_for_the_way_out(router):
    router.add("172.16.0.0/16", "via 10.0.2.2")
    router.sw.ip("link set sw2 mtu 1000")
    fits = b"lab:" + bytes(1000 - 28 - 4)
    router.goes("172.16.1.1", "sw2", payload=fits)
    router.punted("172.16.1.1", payload=fits + b"\0")


def test_longest_prefix(router):
    router.add("0.0.0.0/0", "via 10.0.4.2")
    router.add("172.16.0.0/12", "via 10.0.2.2")
    router.add("172.16.0.0/16", "via 10.0.3.2")
    router.add("172.16.8.0/24", "blackhole", "offload")
    router.add("172.16.8.8/32", "via 10.0.2.3")
    router.goes("8.8.8.8", "sw4")
    router.goes("172.31.255.255", "sw2")
    router.goes("172.16.255.255", "sw3")
    router.goes("172.16.8.7", None)
    router.goes("172.16.8.8", "sw2", 3)
    router.sw.ip("route del 172.16.8.8/32", "route del 172.16.0.0/12")
    until("two routes less", lambda: len(
        [r for r in router.sw.lines("lpm")
         if r["prefix"].startswith("172")]) == 2)
    router.goes("172.16.8.8", None)
    router.goes("172.31.255.255", "sw4")


def test_routes_change(router):
    router.add("172.16.0.0/16", "via 10.0.2.2")
    router.goes("172.16.1.1", "sw2")
    router.sw.ip("route replace 172.16.0.0/16 via 10.0.3.3")
    router.becomes("172.16.0.0/16", "offload")
    until("the new way", lambda: [
        r for r in router.sw.lines("lpm")
        if r["prefix"] == "172.16.0.0/16" and r.get("port") == "sw3"])
    router.goes("172.16.1.1", "sw3", 3)
    # The same prefix with a worse metric waits behind it.
    router.sw.ip("route add 172.16.0.0/16 via 10.0.4.4 metric 50")
    router.goes("172.16.1.1", "sw3", 3)
    router.sw.ip("route del 172.16.0.0/16 via 10.0.3.3")
    until("the other way", lambda: [
        r for r in router.sw.lines("lpm")
        if r["prefix"] == "172.16.0.0/16" and r.get("port") == "sw4"])
    router.goes("172.16.1.1", "sw4", 4)
    assert len([r for r in router.sw.lines("lpm")
                if r["prefix"] == "172.16.0.0/16"]) == 1


def test_neighbour_changes(router):
    sw = router.sw
    router.add("172.16.0.0/16", "via 10.0.2.2")
    new = "02:00:00:00:02:05"
    sw.ip("neigh replace 10.0.2.2 lladdr %s dev sw2 nud permanent" % new)
    until("the new address", lambda: [r for r in sw.lines("lpm")
                                      if r.get("dmac") == new])
    router.goes("172.16.1.1", "sw2", 5)
    sw.ip("neigh del 10.0.2.2 dev sw2")
    router.becomes("172.16.0.0/16", "trap")
    router.punted("172.16.1.1")
    sw.ip("neigh replace 10.0.2.2 lladdr %s dev sw2 nud permanent"
          % neighbour_mac(2))
    router.becomes("172.16.0.0/16", "offload")
    router.goes("172.16.1.1", "sw2")


def test_neighbour_changes_ipv6(router6):
    sw = router6.sw
    router6.add("2001:db8:a::/48", "via 2001:db8:2::2")
    sw.ip("neigh del 2001:db8:2::2 dev sw2")
    router6.becomes("2001:db8:a::/48", "trap")
    router6.punted("2001:db8:a::1")
    sw.ip("neigh replace 2001:db8:2::2 lladdr %s dev sw2 nud permanent"
          % neighbour_mac(2, 3))
    router6.becomes("2001:db8:a::/48", "offload")
    router6.goes("2001:db8:a::1", "sw2", 3)


def test_nexthop_objects(router):
    sw = router.sw
    sw.ip("nexthop add id 7 via 10.0.2.2 dev sw2")
    sw.ip("route add 172.16.0.0/16 nhid 7")
    router.becomes("172.16.0.0/16", "offload")
    router.goes("172.16.1.1", "sw2")
    sw.ip("nexthop add id 8 blackhole", "route add 172.17.0.0/16 nhid 8")
    router.becomes("172.17.0.0/16", "offload")
    router.goes("172.17.1.1", None)
    sw.ip("nexthop replace id 7 via 10.0.3.3 dev sw3")
    until("the new way", lambda: [
        r for r in sw.lines("lpm") if r["prefix"] == "172.16.0.0/16"
        and (r.get("port") == "sw3" or r["does"] == "trap")])
    # By hardware the new way or by the CPU; never the old one.
    one = router.packet("sw1", "172.16.1.1")
    if router.flag("172.16.0.0/16") == "offload":
        router.goes("172.16.1.1", "sw3", 3)
    else:
        sw.expect("sw1", make(one), cpu=make(one))
    sw.ip("nexthop del id 7", "nexthop del id 8")
    until("no route left", lambda: not [
        r for r in sw.lines("lpm") if r["prefix"].startswith("172")])
    router.punted("172.16.1.1")


def test_port_goes_down(router):
    router.add("172.16.0.0/16", "via 10.0.2.2")
    router.goes("172.16.1.1", "sw2")
    router.sw.ip("link set sw2 down")
    until("no route by it", lambda: not [
        r for r in router.sw.lines("lpm") if r.get("port") == "sw2"])
    router.punted("172.16.1.1")


def test_routes_by_other_devices(router):
    """They are in the table, as something for the CPU."""
    sw = router.sw
    sw.ip("link add other type veth peer name otherw", "link set other up",
          "link set otherw up", "address add 10.9.0.1/24 dev other",
          "neigh add 10.9.0.2 lladdr 02:00:00:00:99:02 dev other nud "
          "permanent")
    try:
        router.add("172.16.0.0/12", "via 10.0.2.2")
        router.add("172.16.0.0/16", "via 10.9.0.2", "trap")
        router.punted("172.16.1.1")
        router.goes("172.17.1.1", "sw2")
    finally:
        sw.ip("link del other")


def test_tcam_goes_first(router):
    sw = router.sw
    router.add("172.16.0.0/16", "via 10.0.2.2")
    sw.add("pref 1 protocol ip flower dst_ip 172.16.1.0/24 skip_sw action drop")
    sw.add("pref 2 protocol ip flower dst_ip 172.16.2.0/24 skip_sw action trap")
    sw.add("pref 3 protocol ip flower dst_ip 172.16.3.0/24 skip_sw action pass")
    sw.add("pref 4 protocol ip flower skip_sw action drop")
    router.goes("172.16.1.1", None)
    router.punted("172.16.2.1")
    router.goes("172.16.3.1", "sw2")
    count = sw.counters("sw1")
    assert (count["tcam_hits"], count["lpm_hits"]) == (3, 1)


def test_policy_rules_are_refused(router, switch):
    text = router.sw.ip.fails("rule add pref 100 to 10.0.0.0/8 table 50")
    assert "tcamsim: " in text, text
    router.sw.ip.fails("rule add pref 100 iif sw1 blackhole", "tcamsim: ")
    assert len(router.sw.ip("rule show")) == 3


def test_policy_rules_without_a_table(switch):
    sw = switch(ports=1)
    sw.ip("rule add pref 100 to 10.0.0.0/8 table 50")
    sw.ip("rule del pref 100")
    assert sw.lines("lpm") == []


def test_vrf(router):
    """A port in a VRF looks into the VRF's table first, as the kernel does."""
    sw = router.sw
    if not sw.ip.run("link add red type vrf table 100").ok:
        pytest.skip("this kernel has no VRF")
    try:
        sw.ip("link set red up", "link set sw3 master red",
              "link set sw4 master red")
        for n in (3, 4):
            sw.ip("neigh replace 10.0.%d.2 lladdr %s dev sw%d nud permanent"
                  % (n, neighbour_mac(n), n))
        router.add("172.16.0.0/16", "via 10.0.2.2")
        router.add("172.16.0.0/16", "via 10.0.4.2", table="100")
        router.goes("172.16.1.1", "sw2", via="sw1")
        router.goes("172.16.1.1", "sw4", via="sw3")
        sw.ip("route del 172.16.0.0/16 table 100")
        until("one is left", lambda: len(
            [r for r in sw.lines("lpm")
             if r["prefix"] == "172.16.0.0/16"]) == 1)
        # The kernel goes on with table main, so does the switch.
        router.goes("172.16.1.1", "sw2", via="sw3")
        router.add("0.0.0.0/0", "blackhole", table="100")
        router.goes("172.16.1.1", None, via="sw3")
        router.goes("172.16.1.1", "sw2", via="sw1")
    finally:
        sw.ip("link del red")


def test_two_hosts(router):
    """Sockets of two hosts, ARP and all: the first packets by software, then
    none."""
    sw = router.sw
    for n in (1, 2):
        sw.ip("neigh del 10.0.%d.2 dev sw%d" % (n, n))
        sw.host("h%d" % n, "sw%d" % n,
                "address add 10.0.%d.2/24 dev sw%dw" % (n, n),
                "address add 172.16.%d.1/32 dev lo" % n,
                "route add default via 10.0.%d.1 src 172.16.%d.1" % (n, n))
        sw.ip("route add 172.16.%d.0/24 via 10.0.%d.2" % (n, n))
    sysctl("net/ipv4/ip_forward", 1)
    one, two = (lab.udp_socket("h%d" % n, "172.16.%d.1" % n) for n in (1, 2))
    with one, two:
        address = two.getsockname()

        def answered():
            one.sendto(b"lab: anyone?", address)
            try:
                _, back = two.recvfrom(100)
                two.sendto(b"lab: yes", back)
                return one.recv(100)
            except TimeoutError:
                return None

        until("an answer", answered)
        router.becomes("172.16.1.0/24", "offload")
        router.becomes("172.16.2.0/24", "offload")
        before = [sw.counters(p) for p in ("sw1", "sw2")]
        assert answered() == b"lab: yes"
        for port, count in zip(("sw1", "sw2"), before):
            count = sw.counters(port) - count
            assert count["hw_forwarded"] == 1


def random_routes(rng, count):
    """{prefix: (port, neighbour) or None} in a corner where many overlap."""
    routes = {}
    while len(routes) < count:
        length = rng.choice([12, 14, 16, 17, 20, 23, 24, 25, 28, 30, 31, 32])
        base = 0xac100000 | rng.getrandbits(6) << rng.choice([0, 4, 8, 14])
        net = ipaddress.ip_network((base, length), strict=False)
        routes[net] = rng.choice(
            [None] + [(p, n) for p in ("sw2", "sw3", "sw4")
                      for n in (2, 3, 4)])
    return routes


def test_random_routes_against_a_model(router):
    seed = random.randrange(1 << 32)
    print("seed", seed)
    rng = random.Random(seed)
    sw = router.sw
    routes = random_routes(rng, 120)
    sw.ip(*("route add %s via 10.0.%s.%d" % (net, to[0][2:], to[1])
            if to else "route add blackhole %s" % net
            for net, to in routes.items()))
    gone = rng.sample(sorted(routes), 30)
    sw.ip(*("route del %s%s" % ("" if routes[net] else "blackhole ", net)
            for net in gone))
    for net in gone:
        del routes[net]
    until("all routes in the table", lambda: {
        ipaddress.ip_network(r["prefix"]) for r in sw.lines("lpm")
        if r["prefix"].startswith("172.")} == set(routes))
    sw.listen()
    sw.heard()
    sent, want = [], []
    for _ in range(300):
        net = rng.choice(sorted(routes))
        dst = net[rng.randrange(net.num_addresses)]
        best = max((n for n in routes if dst in n),
                   key=lambda n: n.prefixlen)
        f = router.packet("sw1", str(dst), ttl=rng.randrange(2, 256))
        sent.append(make(f))
        if routes[best]:
            port, n = routes[best]
            want.append((port + "w", router.routed(f, port, n)))
    sw.inject("sw1", *sent)
    got = []
    until("all packets", lambda: got.extend(sw.heard()) or
          len(got) >= len(want))
    assert sorted(got) == sorted(want)
