# SPDX-License-Identifier: GPL-2.0-or-later
"""
Every key and action through the kernel: what it echoes, and what a dump says
later, is what was asked; and `tc` shows people what they expect.
"""

import socket

import pytest

import lab

V4, V6 = "ethertype=0x800", "ethertype=0x86dd"
TCP, UDP, SCTP = "protocol=6", "protocol=17", "protocol=132"

# (match, what tc says of it)
KEYS = [
    ("", []),
    ("ethertype=0x806", ["eth_type arp"]),
    (V4, ["eth_type ipv4"]),
    ("src_mac=0x020000000001 dst_mac=0x0a0000000000/0xff0000000000",
     ["src_mac 02:00:00:00:00:01", "dst_mac 0a:00:00:00:00:00/8"]),
    ("src_mac=0x1/0x1", ["src_mac 00:00:00:00:00:01/00:00:00:00:00:01"]),
    ("src4=10.0.0.0/255.0.0.0 dst4=192.0.2.1",
     ["src_ip 10.0.0.0/8", "dst_ip 192.0.2.1"]),
    ("src4=10.0.0.5/255.0.0.255", ["src_ip 10.0.0.5/255.0.0.255"]),
    ("src6=2001:db8::/ffff:ffff:: dst6=::5/::ff",
     ["src_ip 2001:db8::/32", "dst_ip ::5/::ff"]),
    (V4 + " protocol=47", ["ip_proto 2f"]),
    (V6 + " protocol=58 icmp_type=128 icmp_code=0",
     ["ip_proto icmpv6", "icmp_type 128", "icmp_code 0"]),
    (V4 + " protocol=1 icmp_type=8/0xf8", ["icmp_type 8/248"]),
    (V4 + " dscp=46", ["ip_tos 184/0xfc"]),
    (V6 + " dscp=0x20/0x38", ["ip_tos 128/0xe0"]),
    (V4 + " ttl=64", ["ip_ttl 64"]),
    (V4 + " ttl=0-1", ["ip_ttl 0/0xfe"]),
    (V6 + " ttl=128-255", ["ip_ttl 128/0x80"]),
    (V4 + " fragment=0/1", ["ip_flags nofrag"]),
    (V4 + " fragment=1/1", ["ip_flags frag"]),
    (V6 + " fragment=1/3", ["ip_flags frag/firstfrag"]),
    (V4 + " fragment=2/2", ["ip_flags frag/nofirstfrag"]),
    (V4 + " " + TCP + " dport=80", ["ip_proto tcp", "dst_port 80"]),
    (V4 + " " + UDP + " sport=0-1023", ["src_port 0/0xfc00"]),
    (V4 + " " + UDP + " sport=1024-65535", ["src_port 1024-65535"]),
    (V6 + " " + SCTP + " sport=5 dport=1-65534",
     ["ip_proto sctp", "src_port 5", "dst_port 1-65534"]),
    (V4 + " " + TCP + " sport=0-999 dport=10-11",
     ["src_port 0-999", "dst_port 10/0xfffe"]),
    (V4 + " " + TCP + " tcp_flags=0x2/0x12", ["tcp_flags 0x2/12"]),
    ("vlan=1", []),
    ("vlan=1 vlan_id=100 vlan_pcp=5", ["vlan_id 100", "vlan_prio 5"]),
    ("vlan=1 vlan_id=100 dst4=10.0.0.0/255.0.0.0",
     ["vlan_id 100", "vlan_ethtype ip", "dst_ip 10.0.0.0/8"]),
    ("vlan=1 " + V6 + " " + UDP + " dport=53",
     ["vlan_ethtype ipv6", "dst_port 53"]),
]
UNTAGGED = [
    ("vlan=0", ["num_of_vlans 0"]),
    ("vlan=0 " + V4 + " " + TCP, ["num_of_vlans 0", "eth_type ipv4"]),
]

# (actions, what tc says; of IPv4 packets)
ACTS = [
    ("accept", ["gact action pass"]),
    ("drop", ["gact action drop"]),
    ("goto=128", ["gact action goto chain 128"]),
    ("redirect=%d", ["mirred (Egress Redirect to device %s) stolen"]),
    ("mirror=%d accept", ["mirred (Egress Mirror to device %s) pipe",
                          "gact action pass"]),
    ("mark=0x2a accept", ["skbedit  mark 42 pipe"]),
    ("dscp=46 accept", ["pedit action pipe keys 1", "key #0  at ipv4+0: val "
                        "00b80000 mask ff03ffff", "csum (iph) action pipe"]),
    ("police=125000/10000 accept",
     ["rate 1Mbit burst 10000b mtu 1020Kb action drop/pipe"]),
    ("police=5000000000/1000000 accept", ["rate 40Gbit burst"]),
    ("mark=7 dscp=10 police=1000000/64000 mirror=%d drop",
     ["skbedit  mark 7 pipe", "csum (iph)", "rate 8Mbit", "gact action drop"]),
]
HARD_ONLY = [("trap", ["gact action trap"]),
             ("mark=9 trap", ["skbedit  mark 9 pipe", "gact action trap"])]
SOFT_ONLY = [
    ("redirect_in=%d", ["mirred (Ingress Redirect to device %s) stolen"]),
    ("mirror_in=%d accept", ["mirred (Ingress Mirror to device %s) pipe"]),
    ("sample=1/7 accept", ["sample rate 1/1 group 7 pipe"]),
    ("sample=100/7/128 drop", ["sample rate 1/100 group 7 trunc_size 128"]),
]


class Place:
    """A device, what its filters skip, and where packets may be sent."""

    def __init__(self, tools, live, skip, other):
        self.tools, self.live, self.skip, self.other = tools, live, skip, other

    def fill(self, text):
        if "%d" in text:
            return text % socket.if_nametoindex(self.other)
        return text % self.other if "%s" in text else text

    def shown(self, pref):
        """tc's words, as people see them; one blank between."""
        out = lab.tools.subprocess.run(
            ["tc", "filter", "show", "dev", self.live.device, "ingress",
             "pref", str(pref)], capture_output=True, text=True, check=True)
        return out.stdout

    def check(self, kind, match, acts, says):
        n = self.live.taken(5, kind, self.skip, match, self.fill(acts))
        told = self.live.ask("dump")
        assert told["found"] == told["equal"] == 1, (match, told)
        text = self.shown(5)
        protocol = "802.1Q" if "vlan=1" in match and kind == "flower" else "all"
        assert "filter protocol %s %s chain 0 handle 0x1" % (
            protocol, kind) in text, text
        for line in says:
            assert self.fill(line) in text, (line, text)
        assert not self.live.ask("del %d" % n)["errno"]
        assert self.live.ask("dump")["found"] == 0


@pytest.fixture(params=["hardware", "software"])
def place(request, live, switch, software):
    if request.param == "hardware":
        return Place(switch, live("sw1"), "skip_sw", "sw2")
    return Place(software, live("rf1"), "skip_hw", "rf2")


def test_keys(place):
    for match, says in KEYS:
        place.check("flower", match, "drop", says)


def test_ingress_device(place):
    device = place.live.device
    place.check("flower", "indev=%s %s" % (device, V4), "drop",
                ["indev " + device])


def test_actions(place):
    for acts, says in ACTS:
        place.check("flower", V4, acts, says)


def test_dscp_of_ipv6(place):
    place.check("flower", V6, "dscp=46 accept",
                ["key #0  at ipv6+0: val 0b800000 mask f03fffff"])


def test_only_hardware(live, switch):
    place = Place(switch, live("sw1"), "skip_sw", "sw2")
    for acts, says in HARD_ONLY:
        place.check("flower", V4, acts, says)


def test_only_software(live, software, switch):
    place = Place(software, live("rf1"), "skip_hw", "rf2")
    for acts, says in SOFT_ONLY:
        place.check("flower", V4, acts, says)
    for match, says in UNTAGGED:
        place.check("flower", match, "drop", says)
    # The switch says why it cannot.
    hard = live("sw1")
    for match, acts, text in [
            (V4, "sample=1/7 accept", "action sample"),
            (V4, "redirect_in=%d" % hard.ifindex, "mirred ingress"),
            (UNTAGGED[0][0], "drop", "number of VLAN tags")]:
        answer = hard.add(5, "flower", "skip_sw", match, acts)
        assert answer["errno"] == 95 and text in answer["text"], answer


def test_programs(live, software):
    place = Place(software, live("rf1"), "skip_hw", "rf2")
    for match, _ in KEYS + UNTAGGED:
        place.check("bpf", match, "drop", [])
    for acts, says in ACTS + SOFT_ONLY:
        place.check("bpf", "mark=5/0xff " + V4 + " length=100-200 ttl=3-200",
                    acts, says)
    place.check("bpf", V6, "dscp=46 accept", ["ipv6+0"])


def test_what_flower_cannot_say(live, software):
    """Bits as in prov_tc_keys.h."""
    one = live("rf1")
    for match, missing in [
            ("mark=1", 1 << 13),
            (V4 + " length=0-100", 1 << 18),
            (V4 + " ttl=1-2", 1 << 19),
            ("ttl=64", 1 << 19),
            (V4 + " dport=80", 1 << 17),
            (V4 + " tcp_flags=2/2", 1 << 6),
            (TCP, 1 << 3),
            ("dscp=8", 1 << 4),
            ("vlan_id=8", 1 << 10),
            ("vlan=1 vlan_id=8/0xff", 1 << 10),
            (V4 + " fragment=0/2", 1 << 5),
            (V4 + " protocol=58 icmp_type=1", 1 << 7),
            ("ethertype=0x800/0xff00", 1 << 2),
            ("ethertype=0x8100", 1 << 2),
            ("mark=1 length=7 ttl=64", 1 << 13 | 1 << 18 | 1 << 19)]:
        answer = one.add(5, "flower", "skip_hw", match, "drop")
        assert (answer["missing"], answer["echoed"]) == (missing, False), match
