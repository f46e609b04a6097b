# SPDX-License-Identifier: GPL-2.0-or-later
"""
Every key a filter may match on: a packet that hits, packets that just miss.

Each row goes through the switch and, to prove the row itself, through
cls_flower in software.
"""

import pytest

import reference
from packets import ETH_ARP, ETH_IP, ETH_QINQ, ICMP, ICMP6, SCTP, \
    TCP, UDP, frame

V6 = {"src": "2001:db8::1", "dst": "2001:db8:ffff::1"}


def v6(**changes):
    return dict(V6, **changes)


# (filter, fields of a packet that hits, fields of packets that miss)
ROWS = [
    ("protocol ip flower", {}, [V6, {"type": ETH_ARP}]),
    ("protocol ipv6 flower", V6, [{}]),
    ("protocol all flower", {"type": 0x1234}, []),
    ("protocol arp flower", {"type": ETH_ARP}, [{}]),
    ("protocol 0x1234 flower", {"type": 0x1234}, [{}, {"type": 0x1235}]),
    ("protocol all flower src_mac 02:00:00:00:00:0a",
     {"smac": "02:00:00:00:00:0a"},
     [{"smac": "02:00:00:00:00:0b"}, {"smac": "12:00:00:00:00:0a"},
      {"dmac": "02:00:00:00:00:0a"}]),
    ("protocol all flower dst_mac 02:00:00:00:00:0a",
     {"dmac": "02:00:00:00:00:0a"},
     [{"dmac": "02:00:00:00:00:08"}, {"smac": "02:00:00:00:00:0a"}]),
    ("protocol all flower dst_mac 02:00:00:aa:00:00/ff:ff:ff:ff:00:00",
     {"dmac": "02:00:00:aa:12:34"},
     [{"dmac": "02:00:00:ab:00:00"}, {"dmac": "02:00:01:aa:00:00"}]),
    ("protocol all flower src_mac 02:00:00:00:00:01/ff:ff:ff:ff:ff:01",
     {"smac": "02:00:00:00:00:ff"}, [{"smac": "02:00:00:00:00:fe"}]),
    ("protocol ip flower dst_ip 10.1.2.3", {"dst": "10.1.2.3"},
     [{"dst": "10.1.2.2"}, {"dst": "11.1.2.3"}, {"src": "10.1.2.3"}]),
    ("protocol ip flower src_ip 10.1.2.3", {"src": "10.1.2.3"},
     [{"src": "10.1.2.1"}, {"dst": "10.1.2.3"}]),
    ("protocol ip flower dst_ip 10.1.0.0/17", {"dst": "10.1.127.255"},
     [{"dst": "10.1.128.0"}, {"dst": "10.0.255.255"}]),
    ("protocol ip flower src_ip 10.1.2.2/31", {"src": "10.1.2.3"},
     [{"src": "10.1.2.4"}, {"src": "10.1.2.1"}]),
    ("protocol ip flower dst_ip 128.0.0.0/1", {"dst": "128.0.0.1"},
     [{"dst": "127.255.255.255"}]),
    ("protocol ipv6 flower dst_ip 2001:db8:1::5", v6(dst="2001:db8:1::5"),
     [v6(dst="2001:db8:1::4"), v6(dst="2001:db8:2::5"),
      v6(src="2001:db8:1::5")]),
    ("protocol ipv6 flower src_ip 2001:db8:1::5", v6(src="2001:db8:1::5"),
     [v6(src="2001:db8:1::1:5"), v6(dst="2001:db8:1::5")]),
    ("protocol ipv6 flower dst_ip 2001:db8:1:8000::/49",
     v6(dst="2001:db8:1:ffff::1"), [v6(dst="2001:db8:1:7fff::1")]),
    ("protocol ipv6 flower src_ip 2001:db8::8/125", v6(src="2001:db8::f"),
     [v6(src="2001:db8::10"), v6(src="2001:db8::7")]),
    # The last one: a header of 16 bytes is none.
    ("protocol ip flower ip_proto tcp", {"proto": TCP},
     [{"proto": UDP}, {"type": ETH_IP,
                       "payload": b"\x44" + b"\6" * 59 + b"lab:"}]),
    # tc reads the number as hexadecimal.
    ("protocol ip flower ip_proto 59", {"proto": 0x59}, [{"proto": 59}]),
    ("protocol ipv6 flower ip_proto udp", v6(proto=UDP), [v6(proto=TCP)]),
    ("protocol ip flower ip_tos 0x28", {"tos": 0x28},
     [{"tos": 0x29}, {"tos": 0x08}]),
    ("protocol ip flower ip_tos 0x20/0xe0", {"tos": 0x3f},
     [{"tos": 0x40}, {"tos": 0x1f}]),
    ("protocol ipv6 flower ip_tos 0x28", v6(tos=0x28), [v6(tos=0x2c)]),
    ("protocol ip flower ip_ttl 7", {"ttl": 7}, [{"ttl": 6}, {"ttl": 8}]),
    ("protocol ip flower ip_ttl 0x80/0x80", {"ttl": 200}, [{"ttl": 127}]),
    ("protocol ipv6 flower ip_ttl 1", v6(ttl=1), [v6(ttl=2)]),
    ("protocol ip flower ip_flags frag", {"frag": "first"}, [{}]),
    ("protocol ip flower ip_flags nofrag", {},
     [{"frag": "first"}, {"frag": "later"}]),
    ("protocol ip flower ip_flags frag/firstfrag", {"frag": "first"},
     [{"frag": "later"}, {}]),
    ("protocol ip flower ip_flags frag/nofirstfrag", {"frag": "later"},
     [{"frag": "first"}, {}]),
    ("protocol ip flower ip_proto udp dst_port 53", {"dport": 53},
     [{"dport": 54}, {"sport": 53}, {"dport": 53, "proto": TCP},
      {"dport": 53, "frag": "later"}]),
    ("protocol ip flower ip_proto tcp src_port 179",
     {"sport": 179, "proto": TCP},
     [{"sport": 178, "proto": TCP}, {"dport": 179, "proto": TCP},
      {"sport": 179, "proto": TCP, "frag": "later"}]),
    ("protocol ip flower ip_proto sctp dst_port 7",
     {"proto": SCTP, "dport": 7}, [{"proto": SCTP, "dport": 8}]),
    ("protocol ipv6 flower ip_proto udp dst_port 53", v6(dport=53),
     [v6(dport=52), v6(dport=53, proto=TCP)]),
    ("protocol ip flower ip_proto udp dst_port 0x1000/0xf000",
     {"dport": 0x1fff}, [{"dport": 0x2000}, {"dport": 0x0fff}]),
    ("protocol ip flower ip_proto udp src_port 1/1", {"sport": 777},
     [{"sport": 776}]),
    ("protocol ip flower ip_proto udp dst_port 1000-2000", {"dport": 1000},
     [{"dport": 999}, {"dport": 2001}, {"sport": 1500}]),
    ("protocol ip flower ip_proto tcp src_port 1000-2000",
     {"sport": 2000, "proto": TCP},
     [{"sport": 2001, "proto": TCP}, {"sport": 999, "proto": TCP}]),
    ("protocol ip flower ip_proto udp src_port 10-20 dst_port 30-40",
     {"sport": 15, "dport": 35},
     [{"sport": 15, "dport": 41}, {"sport": 9, "dport": 35}]),
    ("protocol ipv6 flower ip_proto tcp dst_port 1-65534",
     v6(proto=TCP, dport=65534), [v6(proto=TCP, dport=65535)]),
    ("protocol ip flower ip_proto tcp tcp_flags 0x2/0x2",
     {"proto": TCP, "flags": 0x12}, [{"proto": TCP, "flags": 0x10}]),
    ("protocol ip flower ip_proto tcp tcp_flags 0x10",
     {"proto": TCP, "flags": 0x10}, [{"proto": TCP, "flags": 0x11}]),
    ("protocol ipv6 flower ip_proto tcp tcp_flags 0x4/0x4",
     v6(proto=TCP, flags=0x14), [v6(proto=TCP, flags=0x10)]),
    ("protocol ip flower ip_proto icmp type 8 code 0",
     {"proto": ICMP, "icmp": (8, 0)},
     [{"proto": ICMP, "icmp": (0, 0)}, {"proto": ICMP, "icmp": (8, 1)}]),
    ("protocol ip flower ip_proto icmp type 3", {"proto": ICMP,
                                                 "icmp": (3, 4)},
     [{"proto": ICMP, "icmp": (11, 4)}]),
    ("protocol ipv6 flower ip_proto icmpv6 type 128 code 0",
     v6(proto=ICMP6, icmp=(128, 0)), [v6(proto=ICMP6, icmp=(129, 0))]),
    ("protocol 802.1q flower vlan_id 100", {"vlan": (100, 0)},
     [{"vlan": (101, 0)}, {}]),
    ("protocol 802.1q flower vlan_prio 3", {"vlan": (100, 3)},
     [{"vlan": (100, 2)}]),
    ("protocol 802.1q flower vlan_id 4095 vlan_prio 7", {"vlan": (4095, 7)},
     [{"vlan": (4094, 7)}, {"vlan": (4095, 6)}]),
    ("protocol 802.1q flower vlan_ethtype ip", {"vlan": (9, 0)},
     [v6(vlan=(9, 0)), {}]),
    ("protocol 802.1q flower vlan_id 5 vlan_ethtype ip dst_ip 10.0.0.0/8",
     {"vlan": (5, 1), "dst": "10.9.9.9"},
     [{"vlan": (6, 1), "dst": "10.9.9.9"}, {"vlan": (5, 1)},
      {"dst": "10.9.9.9"}]),
    ("protocol 802.1q flower vlan_id 5 vlan_ethtype ipv6 ip_proto udp "
     "dst_port 53", v6(vlan=(5, 0), dport=53), [v6(vlan=(5, 0), dport=54)]),
    ("protocol 802.1ad flower vlan_id 5", {"vlan": (5, 0, ETH_QINQ)},
     [{"vlan": (5, 0)}, {"vlan": (6, 0, ETH_QINQ)}]),
    ("protocol ip flower src_mac 02:00:00:00:00:0a dst_ip 10.0.0.1 ip_proto "
     "udp dst_port 9", {"smac": "02:00:00:00:00:0a", "dst": "10.0.0.1",
                        "dport": 9},
     [{"smac": "02:00:00:00:00:0b", "dst": "10.0.0.1", "dport": 9},
      {"smac": "02:00:00:00:00:0a", "dst": "10.0.0.2", "dport": 9},
      {"smac": "02:00:00:00:00:0a", "dst": "10.0.0.1", "dport": 8}]),
    # Five words of a key that differ in one bit each.
    ("protocol ip flower src_ip 10.0.0.1 dst_ip 10.0.0.2 ip_proto udp "
     "src_port 5 dst_port 6 ip_tos 4 ip_ttl 9",
     {"src": "10.0.0.1", "dst": "10.0.0.2", "sport": 5, "dport": 6, "tos": 4,
      "ttl": 9},
     [{"src": "10.0.0.1", "dst": "10.0.0.2", "sport": 5, "dport": 6, "tos": 4,
       "ttl": 8},
      {"src": "10.0.0.0", "dst": "10.0.0.2", "sport": 5, "dport": 6, "tos": 4,
       "ttl": 9},
      {"src": "10.0.0.1", "dst": "10.0.0.2", "sport": 4, "dport": 6, "tos": 4,
       "ttl": 9}]),
]
IDS = [row[0].replace("protocol ", "").replace(" flower", "") for row in ROWS]


@pytest.fixture(scope="module")
def software():
    one = reference.Reference()
    yield one
    one.close()


@pytest.mark.parametrize("row", ROWS, ids=IDS)
def test_software_agrees_with_the_row(software, row):
    rule, hit, misses = row
    software.add(2, rule, "mirred egress redirect dev rf2")
    try:
        hit, misses = frame(**hit), [frame(**miss) for miss in misses]
        assert software.through([hit]) == [("rf2", hit)]
        assert software.through(misses) == [("rf4", miss) for miss in misses]
    finally:
        software.delete(2)


@pytest.mark.parametrize("row", ROWS, ids=IDS)
def test_hardware(lasting, row):
    rule, hit, misses = row
    lasting.add("pref 1 %s skip_sw action mirred egress redirect dev sw2"
                % rule)
    before = lasting.punts("sw1")
    one = frame(**hit)
    lasting.expect("sw1", one, sw2=one)
    assert lasting.punts("sw1") == before
    for miss in misses:
        one = frame(**miss)
        lasting.expect("sw1", one, cpu=one)
    assert lasting.punts("sw1") == before + len(misses)
    entry, = lasting.tcam()
    assert entry["packets"] == 1
    shown, = lasting.filters()
    assert shown["options"]["in_hw"] and shown["options"]["in_hw_count"] == 1
    stats = shown["options"]["actions"][0]["stats"]
    assert (stats["packets"], stats["bytes"]) == (1, len(frame(**hit)))


def test_ingress_port_in_a_shared_block(switch):
    sw = switch(ports=3)
    sw.tc("qdisc del dev sw1 clsact", "qdisc del dev sw2 clsact",
          "qdisc add dev sw1 ingress_block 1 clsact",
          "qdisc add dev sw2 ingress_block 1 clsact",
          "filter add block 1 pref 1 protocol ip flower indev sw2 skip_sw "
          "action mirred egress redirect dev sw3")
    one = frame()
    sw.expect("sw2", one, sw3=one)
    sw.expect("sw1", one, cpu=one)


def test_priority_decides_then_age(lasting):
    lasting.add("pref 5 protocol ip flower dst_ip 10.0.0.0/8 skip_sw "
                "action mirred egress redirect dev sw2")
    lasting.add("pref 7 protocol ip flower dst_ip 10.1.0.0/16 skip_sw "
                "action mirred egress redirect dev sw3")
    one = frame(dst="10.1.1.1")
    lasting.expect("sw1", one, sw2=one)
    lasting.add("pref 3 protocol ip flower dst_ip 10.1.0.0/16 skip_sw "
                "action mirred egress redirect dev sw4")
    lasting.expect("sw1", one, sw4=one)
    lasting.tc("filter del dev sw1 ingress pref 3",
               "filter del dev sw1 ingress pref 5")
    lasting.expect("sw1", one, sw3=one)
    # Two that overlap at the same priority: the older one.
    lasting.add("pref 7 protocol ip flower dst_ip 10.1.1.0/24 skip_sw "
                "action mirred egress redirect dev sw4")
    lasting.expect("sw1", one, sw3=one)


def test_cut_off_packets_match_nothing_they_lack(lasting):
    """What is not there is not 0: it does not match, and nothing crashes."""
    lasting.add("pref 1 protocol ip flower ip_proto udp dst_port 53 skip_sw "
                "action mirred egress redirect dev sw2")
    whole = frame(dport=53)
    # A mark must stay in it for us to hear it: it is the Ethernet source.
    smac = b"lab:\0\0"
    for length in (14, 15, 20, 33, 34, 35, 37):
        cut = whole[:6] + smac + whole[12:length]
        lasting.expect("sw1", cut, cpu=cut)
