# SPDX-License-Identifier: GPL-2.0-or-later
"""
Kinds of lists and of matches, each with packets that meet it and packets that
just do not: the same in hardware and in software alone.
"""

import daemons
import pytest
from edge import configuration, via
from met import Met, both_ways, software_alone
from packets import ICMP6, TCP, UDP
from test_acl import Lists

OUT = "sw2w"
V4, V6 = "198.51.100.0/24", "2001:db8:f::/48"
HOST4, HOST6 = "198.51.100.1", "2001:db8:f::1"
EF = 46 << 2


def begin(one, lines, ports=("sw1",), name="WEB"):
    """A list with these lines, and routes for all of its packets."""
    more = lines + ["exit"] + [
        "access-group %s interface %s in" % (name, p) for p in ports]
    one.start(configuration(one.ports, more=tuple(more)))
    one.offload((V4, via(2)))
    if one.wires.ipv6:
        one.offload((V6, via(2, six=True)))
    lists = Lists(one)
    for port in ports:
        lists.attached(port, "hardware", name)
    lists.quiet(name)
    return lists


def p4(one, dst=HOST4, **more):
    return one.packet(dst, **more)


def check(one, lists, cases, **more):
    """(fields, does it pass?) each; some of both in hardware."""
    did = both_ways(one, lists, [(f, OUT if out else None)
                                 for f, out in cases], **more)
    assert did["hw_dropped"] and did["hw_forwarded"], did


def test_ipv6(edge):
    one = edge(ipv6=True)
    lists = begin(one, [
        "acl WEB ipv6",
        "seq 10 deny udp 2001:db8:1::/64 2001:db8:f::/64 eq 53",
        "seq 20 deny icmpv6 any any icmp-type 128",
        "seq 30 permit tcp any host 2001:db8:f::1 range 80 90",
        "seq 40 permit ip host 2001:db8:1::2 2001:db8:f::/48 dscp ef"])
    check(one, lists, [
        (p4(one, HOST6, dport=53), False),
        (p4(one, HOST6, dport=54), False),
        (p4(one, HOST6, dport=54, tos=EF), True),
        (p4(one, HOST6, dport=53, tos=EF), False),
        (p4(one, HOST6, dport=54, tos=EF, src="2001:db8:1::3"), False),
        (p4(one, HOST6, proto=TCP, dport=80), True),
        (p4(one, HOST6, proto=TCP, dport=90), True),
        (p4(one, HOST6, proto=TCP, dport=91), False),
        (p4(one, "2001:db8:f::2", proto=TCP, dport=85), False),
        (p4(one, HOST6, proto=ICMP6, icmp=(128, 0), tos=EF), False),
        (p4(one, HOST6, proto=ICMP6, icmp=(129, 0), tos=EF), True),
        (p4(one), True)])  # not of this list's kind


def test_mixed(edge):
    """One entry on both versions of IP; others on one."""
    one = edge(ipv6=True)
    lists = begin(one, [
        "acl WEB mixed",
        "seq 10 deny udp any any eq 53",
        "seq 20 permit tcp 0.0.0.0/0 any eq 80",
        "seq 30 permit ip any 2001:db8:f::/64"])
    check(one, lists, [
        (p4(one, dport=53), False),
        (p4(one, HOST6, dport=53), False),
        (p4(one, dport=54), False),
        (p4(one, HOST6, dport=54), True),
        (p4(one, proto=TCP, dport=80), True),
        (p4(one, proto=TCP, dport=81), False),
        (p4(one, HOST6, proto=TCP, dport=81), True),
        (p4(one, "2001:db8:f:1::1", proto=TCP, dport=80), False)])


def test_ethernet(edge):
    """MAC addresses with masks, ethertypes, tags."""
    one = edge(ipv6=True)
    one.sw.ip(*("link add link sw1 name sw1.%d type vlan id %d" % (n, n)
                for n in (5, 6)))
    one.sw.ip(*("link set sw1.%d up" % n for n in (5, 6)))
    lists = begin(one, [
        "acl WEB ethernet", "default-action permit",
        "seq 10 deny ethernet source-mac 02:00:00:00:0a:00 "
        "ff:ff:ff:ff:ff:f0",
        "seq 20 deny ethernet vlan 5",
        "seq 30 deny ethernet vlan-priority 3",
        "seq 40 deny ethernet ethertype ipv6"])
    check(one, lists, [
        (p4(one), True),
        (p4(one, smac="02:00:00:00:0a:0f"), False),
        (p4(one, smac="02:00:00:00:0a:10"), True),
        (p4(one, HOST6), False),
        (p4(one, vlan=(5, 0)), False),
        (p4(one, vlan=(6, 0)), True),
        (p4(one, vlan=(6, 3)), False),
        (p4(one, vlan=(6, 2)), True),
        (p4(one, HOST6, vlan=(6, 0)), False)])


def test_wildcards(edge):
    """Bits in the middle of an address."""
    one = edge()
    lists = begin(one, [
        "acl WEB", "default-action permit",
        "seq 10 deny udp 10.0.0.3 0.0.255.0 any",
        "seq 20 deny udp any 198.51.100.1 0.0.0.254",
        "seq 30 permit ip any 198.51.100.0 0.0.0.0",
        "seq 40 deny ip any 198.51.100.0 0.0.0.239"])
    check(one, lists, [
        (p4(one, "198.51.100.2"), False),       # 40
        (p4(one, "198.51.100.18"), True),
        (p4(one, "198.51.100.18", src="10.0.1.3"), False),
        (p4(one, "198.51.100.19"), False),      # 20: odd
        (p4(one, "198.51.100.19", proto=TCP), True),
        (p4(one, "198.51.100.0"), True),
        (p4(one, "198.51.100.4", proto=TCP), False)])


def test_access_lists_of_frr(edge):
    one = edge(ipv6=True)
    one.start(configuration(one.ports,
                            more=("access-group OLD interface sw1 in",)))
    one.offload((V4, via(2)), (V6, via(2, six=True)))
    one.by_hardware(HOST4, "sw2")
    code, text = daemons.vtysh(
        "configure terminal",
        "access-list OLD seq 5 deny 10.0.1.2/32",
        "access-list OLD seq 10 permit 10.0.1.0/24")
    assert code == 0, text
    lists = Lists(one)
    lists.attached("sw1", "hardware", "OLD")
    met = Met(one)
    met.send(p4(one), None)
    met.send(p4(one, src="10.0.1.3"), OUT)
    met.send(p4(one, src="10.0.3.3"), None)
    met.send(p4(one, HOST6), OUT)
    met.check()
    code, text = daemons.vtysh(
        "configure terminal",
        "no access-list OLD seq 5 deny 10.0.1.2/32",
        "no access-list OLD seq 10 permit 10.0.1.0/24")
    assert code == 0, text
    one.until("it drops nothing any more", lambda: not [
        f for f in one.sw.filters("block 4096")
        if not f["chain"] and f["pref"] < 49152])
    one.quiet()
    one.until("hardware leads on", lambda: [
        f for f in one.sw.filters("block 4096")
        if not f["chain"] and f["options"].get("indev") == "sw1"])
    one.by_hardware(HOST4, "sw2")


def test_interface(edge):
    """A list of two ports, with an entry about one of them."""
    one = edge()
    lists = begin(one, ["acl WEB", "default-action permit",
                        "seq 10 deny udp any any interface sw1"],
                  ports=("sw1", "sw3"))
    lists.entry_becomes(10, "offloaded")
    one.by_hardware(HOST4, None)
    one.by_hardware(HOST4, "sw2", via="sw3")
    software_alone(one, lists)
    one.by_software(HOST4, None)
    one.by_software(HOST4, "sw2", via="sw3")


@pytest.mark.parametrize("lines,cases", [
    (["seq 10 deny ip any any fragment later",
      "seq 20 deny udp any any fragment first",
      "seq 30 permit udp any any eq 4321",
      "seq 40 permit tcp any any fragment any",
      "seq 50 permit tcp any any eq 80 fragment none"],
     [(dict(frag="later"), False), (dict(frag="first"), False),
      (dict(), True), (dict(dport=1), False),
      (dict(proto=TCP, frag="first"), True),
      (dict(proto=TCP, frag="later"), False),
      (dict(proto=TCP, dport=80), True), (dict(proto=TCP, dport=81), False)]),
    # No fragment has ports, not even the first.
    (["default-action permit", "seq 10 deny udp any any eq 4321",
      "seq 20 deny udp any any lt 2000"],
     [(dict(), False), (dict(frag="first"), True), (dict(frag="later"), True),
      (dict(dport=1999), False), (dict(dport=2000), True)]),
    (["default-action permit", "seq 10 deny udp any any ttl 10 200",
      "seq 20 deny tcp any any ttl 64"],
     [(dict(ttl=9), True), (dict(ttl=10), False), (dict(ttl=64), False),
      (dict(ttl=200), False), (dict(ttl=201), True), (dict(ttl=255), True),
      (dict(proto=TCP), False), (dict(proto=TCP, ttl=63), True)]),
    (["default-action permit", "seq 10 deny tcp any any flags syn/syn,ack",
      "seq 20 deny tcp any any flags fin,psh,urg"],
     [(dict(proto=TCP, flags=2), False), (dict(proto=TCP, flags=0x12), True),
      (dict(proto=TCP, flags=0x10), True),
      (dict(proto=TCP, flags=0xc2), False),
      (dict(proto=TCP, flags=0x29), False),
      (dict(proto=TCP, flags=0x28), True)]),
], ids=["fragments", "fragments have no ports", "ttl", "flags"])
def test_ipv4(edge, lines, cases):
    one = edge()
    lists = begin(one, ["acl WEB"] + lines)
    did = both_ways(one, lists, [(p4(one, **f), OUT if out else None)
                                 for f, out in cases])
    assert did["hw_dropped"], did
