# SPDX-License-Identifier: GPL-2.0-or-later
"""What the routes are, and what a packet may therefore meet in hardware.

A net is (family, address as a number, prefix length), a content what its route
does: a frozenset of next hops (numbers), DISCARD, or SOFTWARE for what hardware
may never answer.  For each address at the edge of a net it is kept what its
longest route did since the last reset(): hardware may lag behind, but a packet
may not meet what no moment ever said.
"""

import bisect
import collections
import ipaddress
import threading

import emufile

DISCARD, SOFTWARE = "discard", "software"


def net_of(text):
    n = ipaddress.ip_network(text)
    family = 2 if n.version == 4 else 10
    return family, int(n.network_address), n.prefixlen


def net_text(net):
    family, number, plen = net
    address = ipaddress.IPv4Address(number) if family == 2 \
        else ipaddress.IPv6Address(number)
    return f"{address}/{plen}"


class Longest:
    """The longest of many nets that contains an address, and its value."""

    def __init__(self):
        self.values = {}
        self.lengths = collections.Counter()

    def set(self, net, value):
        if net not in self.values:
            self.lengths[net[0], net[2]] += 1
        self.values[net] = value

    def drop(self, net):
        if self.values.pop(net, None) is not None:
            self.lengths[net[0], net[2]] -= 1

    def find(self, family, number):
        bits = emufile.address_bits(family)
        for plen in range(bits, -1, -1):
            if self.lengths[family, plen] <= 0:
                continue
            net = (family, number >> bits - plen << bits - plen, plen)
            if net in self.values:
                return self.values[net]
        return None


class Truth:
    def __init__(self, nets, hash_of):
        self.lock = threading.Lock()
        self.hash_of = hash_of
        self.routes = Longest()
        points = set()
        for family, number, plen in nets:
            bits = emufile.address_bits(family)
            last = number + (1 << bits - plen) - 1
            points |= {(family, p) for p in
                       (number - 1, number, last, last + 1)
                       if 0 <= p < 1 << bits}
        self.points = sorted(points)
        self.said = {p: set() for p in self.points}
        self.reset()

    def within(self, net):
        family, number, plen = net
        last = number + (1 << emufile.address_bits(family) - plen) - 1
        return self.points[bisect.bisect_left(self.points, (family, number)):
                           bisect.bisect_right(self.points, (family, last))]

    def change(self, net, content):
        """From now on the route does this; None: there is none."""
        with self.lock:
            if content is None:
                self.routes.drop(net)
            else:
                self.routes.set(net, content)
            for p in self.within(net):
                self.said[p].add(self.routes.find(*p))

    def reset(self):
        """All that was said before now has reached everyone."""
        with self.lock:
            for p in self.points:
                self.said[p] = {self.routes.find(*p)}

    def content(self, net):
        with self.lock:
            return self.routes.values.get(net)

    def violations(self, table):
        """Packets that this hardware would treat as no route ever said."""
        hardware = Longest()
        for (vrf, *net), entry in table.entries.items():
            if vrf == 0:
                hardware.set(tuple(net), (tuple(net), entry))
            else:
                yield f"an entry of VRF {vrf}"
        with self.lock:
            for p in self.points:
                net, entry = hardware.find(*p) or (None, None)
                if entry is None or entry.kind == emufile.PUNT:
                    continue
                may = {self.hash_of(p[0], c) for c in self.said[p]
                       if c not in (None, SOFTWARE)}
                if entry.hash not in may:
                    yield f"{net_text((*p, emufile.address_bits(p[0])))}: " \
                        f"hardware does {entry.hash:x} by " \
                        f"{net_text(net)}, routes said " \
                        f"{[str(c) for c in self.said[p]]}"
