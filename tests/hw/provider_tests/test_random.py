# SPDX-License-Identifier: GPL-2.0-or-later
"""
No forwarding difference: random nested routes come and go in a table that is
far too small, random packets, each where the longest match leads it.  In the
end hardware is made to do wrong, and that must be seen.

The model is a dictionary and a loop.  PROVIDER_SEED repeats a run,
PROVIDER_PACKETS sets how many packets of both families (100,000).
"""

import ipaddress
import os
import random
import time

import pytest

from edge import configuration, via
from probe import Probe

SEED = int(os.environ.get("PROVIDER_SEED") or time.time_ns() % 10 ** 9)
PACKETS = int(os.environ.get("PROVIDER_PACKETS") or 100000)
PHASES = 8
DESTINATIONS = 250
BASE4 = int(ipaddress.IPv4Address("198.18.0.0"))
BASE6 = int(ipaddress.IPv6Address("2001:db8:1200::"))


def configured(six):
    """The longest are critical, some never, the shortest worth most."""
    more = 32 if six else 0
    return dict(table=("capacity %d" % (120 if six else 60),), more=(
        "rule 10", " match prefix-length %d" % (27 + more),
        " set class critical", "exit",
        "rule 20", " match prefix-length %d" % (22 + more),
        " set class never", "exit",
        "rule 30", " match prefix-length %d %d" % (16 + more, 18 + more),
        " set weight 1000", " set class best-effort", "exit"))


class Model:
    """Routes as a dictionary; the longest match by looking at all."""

    def __init__(self, chance, six):
        self.chance, self.six = chance, six
        self.routes = {}  # network -> (port number, n-th neighbour) or None

    def network(self):
        """Somewhere in 198.18.0.0/15, likely below or above another."""
        length = self.chance.choice((16, 17, 18, 20, 22, 22, 24, 24, 24, 27))
        address = self.chance.choice((0, 1)) << 16 | self.chance.getrandbits(
            4) << 12 | self.chance.getrandbits(12)
        if self.six:  # the same tree, 32 bits further down
            return ipaddress.ip_network((
                BASE6 | address << 64, length + 32), strict=False)
        return ipaddress.ip_network((BASE4 | address, length), strict=False)

    def way(self):
        if self.chance.random() < 0.08:
            return None
        return self.chance.choice((2, 3)), self.chance.choice((2, 3))

    def change(self, edge, count):
        """Some go, some come; all at once."""
        gone = self.chance.sample(sorted(self.routes),
                                  min(len(self.routes) // 3, count))
        edge.delete(*map(str, gone))
        for network in gone:
            del self.routes[network]
        new = {}
        while len(new) < count:
            network = self.network()
            # None that just went: whether it is the new one could not be seen.
            if network not in self.routes and network not in gone:
                new[network] = self.way()
        edge.add(*((str(n), via(*w, self.six) if w else "blackhole")
                   for n, w in new.items()))
        self.routes.update(new)

    def lookup(self, address):
        best = max((n for n in self.routes if address in n),
                   key=lambda n: n.prefixlen, default=None)
        way = self.routes.get(best)
        return way and ("sw%d" % way[0], way[1])

    def ways(self):
        """Random destinations, many of them just inside a route."""
        ret = {}
        some = sorted(self.routes)
        while len(ret) < DESTINATIONS:
            address = self.chance.choice(some)[0] + (self.chance.choice(
                (0, 1, 31, 32, 255, 256, 1024)) << (64 if self.six else 0))
            ret[str(address)] = self.lookup(address)
        return ret


def without_covers(edge):
    """Hardware silently forgets what keeps packets from shorter prefixes."""
    covers = [e for e in edge.sw.tcam() if e["actions"] == ["trap"]
              and e["pref"] > 1]
    for cover in covers:
        edge.sw.debug("evict", cover["cookie"])
    return len(covers)


@pytest.mark.parametrize("six", (False, True), ids=("ipv4", "ipv6"))
def test_random_routes(edge, six):
    print("PROVIDER_SEED=%d" % SEED)
    one = edge(ipv6=six)
    one.start(configuration(one.ports, **configured(six)))
    model = Model(random.Random(SEED), six)
    probe = Probe(one, {})
    for _ in range(PHASES):
        model.change(one, 60)
        every = {str(n) for n in model.routes}
        one.until("exactly these routes are known", lambda: {
            p for p, r in one.routes().items() if r["protocol"] == "kernel"
            and r["vrf"] == "default"} == every)
        one.quiet()
        for _ in range(PACKETS // 2 // PHASES // DESTINATIONS):
            probe.lead(model.ways())
            probe.round()
        found = probe.wrong()
        assert not found, "PROVIDER_SEED=%d: %s" % (SEED, found[:10])
    assert one.sw.counters("sw1")["hw_forwarded"] > len(probe.sent) // 10
    assert one.table()["deleted"] > 0
    assert without_covers(one)
    probe.round()
    assert probe.wrong(), "a defect was not seen"
    one.compared = False  # kernel and hardware differ now
