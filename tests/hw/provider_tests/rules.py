# SPDX-License-Identifier: GPL-2.0-or-later
"""
Entries of access control lists as a test knows them: their words for offloadd,
and, a second time, what they mean: the first that matches decides.

Neighbours: packets.py has the fields, test_acl.py sends them.
"""

import ipaddress
import struct

import packets
from packets import ICMP, TCP, UDP

NAMES = {TCP: "tcp", UDP: "udp", ICMP: "icmp", None: "ip"}
ANY = ipaddress.ip_network("0.0.0.0/0")
# "none" of these matches fragments: they have no ports, flags or types.


def network(text):
    return ANY if text == "any" else ipaddress.ip_network(text)


class Rule:
    """One entry, of an IPv4 list."""

    def __init__(self, seq, permit, proto=None, src="any", dst="any",
                 sport=None, dport=None, flags=None, dscp=None, length=None,
                 ttl=None, more=""):
        self.seq, self.permit, self.proto = seq, permit, proto
        self.src, self.dst = network(src), network(dst)
        self.sport, self.dport = sport, dport  # (lowest, highest)
        self.flags = flags                     # (value, mask)
        self.dscp, self.length, self.ttl = dscp, length, ttl
        self.more = more                       # words that match nothing

    @staticmethod
    def _end(net, ports):
        words = "any" if net == ANY else str(net)
        if ports:
            words += " eq %d" % ports[0] if ports[0] == ports[1] else \
                " range %d %d" % ports
        return words

    def words(self):
        ret = ["seq %d" % self.seq, "permit" if self.permit else "deny",
               NAMES[self.proto], self._end(self.src, self.sport),
               self._end(self.dst, self.dport)]
        if self.flags:
            ret.append("flags %d/%d" % self.flags)
        if self.dscp is not None:
            ret.append("dscp %d" % self.dscp)
        for name, span in (("length", self.length), ("ttl", self.ttl)):
            if span:
                ret.append("%s %d %d" % ((name,) + span))
        return " ".join(ret + [self.more] if self.more else ret)

    def takes(self, f):
        """Does it match the packet with these fields?"""
        whole = f["frag"] is None
        if self.proto is not None and f["proto"] != self.proto:
            return False
        if ipaddress.ip_address(f["src"]) not in self.src or \
                ipaddress.ip_address(f["dst"]) not in self.dst:
            return False
        for ports, value in ((self.sport, f["sport"]),
                             (self.dport, f["dport"])):
            if ports and not (whole and ports[0] <= value <= ports[1]):
                return False
        if self.flags and not (whole and f["flags"] & self.flags[1] ==
                               self.flags[0]):
            return False
        if self.dscp is not None and f["tos"] >> 2 != self.dscp:
            return False
        size = len(packets.make(f)) - 14
        return (not self.length or self.length[0] <= size <= self.length[1]) \
            and (not self.ttl or self.ttl[0] <= f["ttl"] <= self.ttl[1])


def first(rules, f):
    """The rule that decides, or None: the default."""
    for rule in sorted(rules, key=lambda r: r.seq):
        if rule.takes(f):
            return rule
    return None


def serial(frame):
    """The number at the end of a packet's payload."""
    return struct.unpack("!I", frame[-4:])[0]


PORTS = [0, 1, 22, 79, 80, 81, 443, 1023, 1024, 33000, 65535]
SOURCES = ["10.0.1.%d" % n for n in (2, 3, 4, 5, 130)]
DESTINATIONS = ["198.51.100.%d" % n for n in (1, 2, 9, 77, 78, 128, 200, 255)]
NETS = ["any", "any", "10.0.1.0/24", "10.0.1.0/30", "10.0.1.2/32",
        "10.0.1.128/25"]
TO = ["any", "198.51.100.0/24", "198.51.100.0/25", "198.51.100.76/30",
      "198.51.100.128/26", "198.51.100.9/32", "198.51.100.200/32"]


def random_rule(rng, seq, rich=0.15, apart=False):
    proto = rng.choice([TCP, TCP, UDP, UDP, ICMP, None])
    more = {}
    if proto in (TCP, UDP):
        for end in ("sport", "dport"):
            if rng.random() < 0.5:
                span = sorted(rng.choice(PORTS) for _ in range(2))
                more[end] = tuple(span) if rng.random() < 0.4 else \
                    (span[0], span[0])
    if proto == TCP and rng.random() < 0.2:
        more["flags"] = rng.choice([(2, 2), (2, 0x12), (0x10, 0x10)])
    if rng.random() < 0.1:
        more["dscp"] = rng.choice([0, 46])
    if rng.random() < rich:  # hardware has no key for it
        more["length"] = rng.choice([(0, 60), (61, 65535), (44, 80)])
    if rng.random() < 0.05:
        more["ttl"] = rng.choice([(0, 63), (64, 64), (65, 255)])
    if apart:
        more["more"] = "count"
    return Rule(seq, rng.random() < 0.5, proto, rng.choice(NETS),
                rng.choice(TO), **more)


def random_packet(rng, make):
    """Fields; `make` fills in what leads it to the router."""
    return make(rng.choice(DESTINATIONS), src=rng.choice(SOURCES),
                proto=rng.choice([TCP, UDP, ICMP, 253]),
                sport=rng.choice(PORTS), dport=rng.choice(PORTS),
                flags=rng.choice([2, 0x10, 0x12]),
                tos=rng.choice([0, 0, 46 << 2]), ttl=rng.choice([2, 63, 64, 65]),
                payload=packets.MARK + bytes(rng.choice([4, 4, 30, 60])))
