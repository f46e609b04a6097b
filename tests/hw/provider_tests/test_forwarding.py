# SPDX-License-Identifier: GPL-2.0-or-later
"""
A packet takes the hardware path for an offloaded route and the software path
otherwise, with the same result: port, both MAC addresses, TTL, checksum.
"""

import ipaddress

import pytest

import compare
import packets
from edge import configuration, port_mac, via
from routing import neighbour_mac

NEVER24 = ("rule 10", " match prefix-length 24", " set class never", "exit")


@pytest.mark.parametrize("six", (False, True), ids=("ipv4", "ipv6"))
def test_same_by_hardware_and_software(edge, six):
    prefix, inside = ("2001:db8:100::/48", "2001:db8:100:7::9") if six \
        else ("198.51.100.0/24", "198.51.100.9")
    one = edge(ipv6=six)
    one.add((prefix, via(2, six=six)))
    one.by_software(inside, "sw2")
    one.start().becomes(prefix, "offloaded", "admitted")
    one.by_hardware(inside, "sw2")
    one.by_hardware(inside, "sw2", via="sw3")
    one.by_hardware(inside, "sw2", ttl=2)
    one.stop()
    one.sw.tc("filter del block 4096")
    one.sw.tc("filter del block 4096 chain %d" % (4097 if six else 4096))
    one.by_software(inside, "sw2")


def test_default_route(edge):
    """Everything is in it, but not what ends at the router or beside it."""
    one = edge(ipv6=True)
    one.start().offload(("0.0.0.0/0", via(3)), ("::/0", via(2, six=True)))
    one.by_hardware("203.0.113.9", "sw3")
    one.by_hardware("2001:db8:ffff::1", "sw2")
    for there in ("10.0.2.1", "224.0.0.9", "2001:db8:2::1"):
        one.to_cpu(there)
    one.by_software("10.0.2.4", "sw2", n=4)
    one.by_software("2001:db8:3::5", "sw3", n=5)


def test_replace_moves_packets(edge):
    one = edge()
    one.start().offload(("198.51.100.0/24", via(2)))
    one.by_hardware("198.51.100.1", "sw2")
    one.sw.ip("route replace 198.51.100.0/24 " + via(3, 4))
    one.until("the filter follows", lambda: any(
        h["gateway"] == "10.0.3.4" for h in one.route("198.51.100.0/24").get(
            "nexthops", [])) and one.becomes("198.51.100.0/24", "offloaded"))
    one.quiet()
    one.by_hardware("198.51.100.1", "sw3", n=4)
    assert one.table()["replaced"] == 1


def test_withdrawn_goes_to_software(edge):
    one = edge()
    one.start().offload(("198.51.100.0/24", via(2)))
    one.delete("198.51.100.0/24")
    one.until("no entry", lambda: not one.entries())
    one.to_cpu("198.51.100.1")


def test_blackhole_is_dropped(edge):
    one = edge()
    one.start().offload(("198.18.0.0/15", "blackhole"))
    before = one.sw.counters("sw1")
    one.by_hardware("198.19.0.1", None)
    assert (one.sw.counters("sw1") - before)["hw_dropped"] == 1


def test_cover_traps(edge):
    """A /24 that stays in software is not taken by the /16 in hardware."""
    one = edge()
    one.start(configuration(one.ports, more=NEVER24))
    one.add(("198.51.100.0/24", via(3)), ("198.51.0.0/16", via(2)))
    one.becomes("198.51.0.0/16", "offloaded")
    one.becomes("198.51.100.0/24", "covered")
    one.by_hardware("198.51.99.255", "sw2")
    before = one.sw.counters("sw1")["trapped"]
    one.by_software("198.51.100.77", "sw3")
    assert one.sw.counters("sw1")["trapped"] == before + 1
    one.delete("198.51.100.0/24")
    one.until("the cover goes", lambda: len(one.entries()) == 1)
    one.by_hardware("198.51.100.77", "sw2")


def test_elided_takes_no_slot(edge):
    one = edge()
    one.start().add(("198.51.0.0/16", via(2)), ("198.51.100.0/24", via(2)))
    one.becomes("198.51.100.0/24", "elided", "same-as-cover")
    assert one.table()["used"] == 1
    one.by_hardware("198.51.100.1", "sw2")


ECMP = "nexthop %s nexthop %s" % (via(2), via(3))


def test_ecmp_stays_in_software(edge):
    one = edge()
    one.start().add(("198.51.100.0/24", ECMP), ("203.0.113.0/24", via(2)))
    one.becomes("203.0.113.0/24", "offloaded")
    answer = one.becomes("198.51.100.0/24", "failed", "hardware-unsupported")
    assert "several next hops" in answer["text"], answer
    one.to_cpu("203.0.114.1")
    one.to_cpu("198.51.100.1")


def test_ecmp_single_path_by_choice(edge):
    one = edge()
    one.start(configuration(one.ports, table=(
        "tc multipath single-path", "capacity 100")))
    one.offload(("198.51.100.0/24", ECMP))
    to = [f for f in one.sw.filters("block 4096")
          if f["options"]["keys"].get("dst_ip") == "198.51.100.0/24"]
    port = to[0]["options"]["actions"][-1]["to_dev"]
    for host in range(1, 6):
        one.by_hardware("198.51.100.%d" % host, port)


def test_vlan_sub_interface(edge):
    """Out of sw2 with tag 7; what comes in with a tag is the CPU's."""
    one = edge()
    one.sw.ip("link add link sw2 name sw2.7 type vlan id 7",
              "link set sw2.7 up", "address add 10.7.0.1/24 dev sw2.7",
              "neigh replace 10.7.0.2 lladdr %s dev sw2.7 nud permanent" %
              neighbour_mac(7))
    one.start().offload(("198.51.100.0/24", "via 10.7.0.2"))
    f = one.packet("198.51.100.9")
    before = one.sw.punts("sw1")
    one.sw.expect("sw1", packets.make(f), sw2=packets.make(dict(
        f, smac=port_mac("sw2"), dmac=neighbour_mac(7), ttl=f["ttl"] - 1,
        vlan=(7, 0))))
    assert one.sw.punts("sw1") == before
    tagged = packets.make(dict(one.packet("198.51.100.9", via="sw2"),
                               vlan=(9, 0)))
    one.sw.expect("sw2", tagged, cpu=tagged)


def test_vrf(edge):
    """The same prefix twice: each VRF has chains of its own."""
    one = edge(ports=4)
    one.sw.ip("link add red type vrf table 10", "link set red up",
              "link set sw3 master red", "link set sw4 master red")
    one.sw.ip(*("neigh replace 10.0.%d.2 lladdr %s dev sw%d nud permanent" % (
        n, neighbour_mac(n), n) for n in (3, 4)))
    one.start().offload(("198.51.100.0/24", via(2)))
    one.sw.ip("route add 198.51.100.0/24 %s table 10" % via(4))
    one.until("two entries", lambda: len(one.entries()) == 2)
    # Until then packets of its ports are software's.
    one.until("the guard leads to the VRF", lambda: any(
        f.options.get("indev") == "sw3" and f.does[1] not in (4096, 4097)
        for f in compare.kernel(one)[0]))
    one.by_hardware("198.51.100.9", "sw2")
    one.by_hardware("198.51.100.9", "sw4", via="sw3")
    one.sw.ip("route del 198.51.100.0/24 table 10")
    one.until("one entry", lambda: len(one.entries()) == 1)
    one.to_cpu("198.51.100.9", via="sw3")
    one.by_hardware("198.51.100.9", "sw2")


# ---------------------------------------------------------------- guards

def _icmp_error(edge, frame, kind, six):
    """Sent by the CPU to who sent `frame`."""
    edge.sw.listen()
    edge.sw.heard()
    edge.sw.inject("sw1", frame)
    where = 14 + (40 if six else 20)

    def there():
        return any(device == "sw1w" and f[where] == kind
                   for device, f in edge.sw.heard())

    edge.until("an ICMP error of type %d" % kind, there)


@pytest.mark.parametrize("six", (False, True), ids=("ipv4", "ipv6"))
def test_spent_ttl_is_answered(edge, six):
    prefix = "2001:db8:100::/48" if six else "198.51.100.0/24"
    one = edge(ipv6=six)
    one.start().offload((prefix, via(2, six=six)))
    dst = str(ipaddress.ip_network(prefix)[9])
    one.by_hardware(dst, "sw2", ttl=2)
    before = one.sw.counters("sw1")
    _icmp_error(one, packets.make(one.packet(dst, ttl=1)),
                3 if six else 11, six)
    now = one.sw.counters("sw1") - before
    assert now["trapped"] == 1 and now["hw_forwarded"] == 0


def test_other_mac_is_not_routed(edge):
    """Nor the MAC of another port."""
    one = edge()
    one.start().offload(("198.51.100.0/24", via(2)))
    for other in ("02:00:00:00:77:77", port_mac("sw2"), "ff:ff:ff:ff:ff:ff"):
        one.wires.punted("198.51.100.1", dmac=other)
