# SPDX-License-Identifier: GPL-2.0-or-later
"""Routing tables for the demonstration: made up, or read from a file.

The made-up table is nested like a real one (901,899 IPv4 routes of October
2025: half of the routes lie under another, nine in ten have none below, two
in five share the next hop of what they lie under) and always the same.
"""

import gzip
import ipaddress
import random
import socket

# Prefix lengths of routes that have others below, and of those that do not.
AGGREGATES = [(12, 2), (13, 3), (14, 6), (15, 8), (16, 20), (17, 10), (18, 14),
              (19, 18), (20, 19)]
LEAVES = [(20, 4), (21, 5), (22, 12), (23, 10), (24, 69)]
NESTED = 0.53   # of the leaves lie under an aggregate
SAME_WAY = 0.43  # of the nested routes leave by the same next hop

# What a router must not be told, and what the demonstration needs itself.
FORBIDDEN = [(int(n.network_address), int(n.broadcast_address) + 1)
             for n in map(ipaddress.ip_network, (
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8",
    "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16", "198.18.0.0/15",
    "224.0.0.0/3"))]
CUSTOMERS = ipaddress.ip_network("198.18.0.0/15")


def draw(rng, table):
    return rng.choices([x for x, _ in table], [w for _, w in table])[0]


def usable(base, length):
    size = 1 << (32 - length)
    return not any(base < end and start < base + size
                   for start, end in FORBIDDEN)


class _Table:
    """The table in the making: (base, length) -> group of next hops."""

    def __init__(self, groups):
        self.rng = random.Random(20)
        self.groups = groups
        self.routes = {}
        self.aggregates = []

    def somewhere(self, length):
        while True:
            base = self.rng.getrandbits(length) << (32 - length)
            if usable(base, length):
                return base

    def below(self, parent, length):
        base, plen = parent
        return base | self.rng.getrandbits(length - plen) << (32 - length)

    def put(self, base, length, parent=None):
        if (base, length) in self.routes:
            return False
        if parent is not None and self.rng.random() < SAME_WAY:
            group = self.routes[parent]
        else:
            group = self.rng.randrange(self.groups)
        self.routes[base, length] = group
        return True

    def add_aggregate(self):
        length = draw(self.rng, AGGREGATES)
        parent = None
        if self.aggregates and self.rng.random() < 0.3:
            parent = self.rng.choice(self.aggregates)
        if parent and parent[1] < length:
            base = self.below(parent, length)
        else:
            parent, base = None, self.somewhere(length)
        if self.put(base, length, parent):
            self.aggregates.append((base, length))

    def add_leaf(self):
        length = draw(self.rng, LEAVES)
        if self.aggregates and self.rng.random() < NESTED:
            # A few have very many below them, most have few.
            index = int(len(self.aggregates) * self.rng.random() ** 3)
            parent = self.aggregates[index]
            if parent[1] < length:
                self.put(self.below(parent, length), length, parent)
                return
        self.put(self.somewhere(length), length)


def make(count, groups):
    """`count` prefixes with a next-hop group each: [("192.0.2.0/24", 3)]."""
    table = _Table(groups)
    while len(table.routes) < min(count, count // 10 + 1):
        table.add_aggregate()
    while len(table.routes) < count:
        table.add_leaf()
    return [("%s/%d" % (ipaddress.ip_address(b), n), g)
            for (b, n), g in sorted(table.routes.items())]


def parse(text):
    """(base, length) of an IPv4 prefix, or None."""
    address, _, length = text.partition("/")
    try:
        base = int.from_bytes(socket.inet_pton(socket.AF_INET, address), "big")
        length = int(length)
    except (OSError, ValueError):
        return None
    if not 1 <= length <= 32 or base & ((1 << (32 - length)) - 1):
        return None
    return base, length


def read(path, count, groups):
    """At most `count` (0: all) IPv4 prefixes of a file, in whole stretches so
    that nesting survives.  Returns the routes and how many were passed over.
    """
    opener = gzip.open if path.endswith(".gz") else open
    prefixes, passed_over = {}, 0
    with opener(path, "rt", errors="replace") as f:
        for line in f:
            word = line.split("#")[0].split()[:1]
            if not word:
                continue
            route = parse(word[0])
            if route and usable(*route):
                prefixes[route] = None
            else:
                passed_over += 1
    keys = sorted(prefixes)
    if count and count < len(keys):
        stretches = min(50, count)
        chosen = []
        for i in range(stretches):
            start = i * len(keys) // stretches
            want = (i + 1) * count // stretches - i * count // stretches
            chosen += keys[start:start + want]
        keys = chosen
    rng = random.Random(20)
    return [("%s/%d" % (ipaddress.ip_address(b), n), rng.randrange(groups))
            for b, n in keys], passed_over


def customers(count, groups):
    """`count` prefixes inside the customers' block, a next-hop group each."""
    rng = random.Random(300)
    length = 24
    while 1 << (length - CUSTOMERS.prefixlen) < count * 3 // 2:
        length += 1
    base = int(CUSTOMERS.network_address)
    nets = rng.sample(range(1 << (length - CUSTOMERS.prefixlen)), count)
    return [("%s/%d" % (ipaddress.ip_address(base + (n << (32 - length))),
                        length), rng.randrange(groups)) for n in sorted(nets)]


def shape(routes):
    """(share that lies under another, greatest depth) of a table."""
    nets = sorted((int(ipaddress.ip_address(a)), int(n)) for a, n in
                  (p.split("/") for p, _ in routes))
    above, nested, deepest = [], 0, 0
    for base, length in nets:
        while above and base >> (32 - above[-1][1]) != \
                above[-1][0] >> (32 - above[-1][1]):
            above.pop()
        nested += bool(above)
        deepest = max(deepest, len(above))
        above.append((base, length))
    return nested / max(1, len(nets)), deepest
