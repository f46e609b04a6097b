# SPDX-License-Identifier: GPL-2.0-or-later
"""Routes that change all the while, and the truth about them.

Nets of several depths inside each other; the next hops of each depth are its
own, so that a packet which meets another net's entry is seen.  Most nets
always have a route that leads here and there, every fifth comes and goes.
Each change is in the truth before anybody is told: the truth is never late.
"""

import random
import threading
import time

import truth
from router import NEXTHOPS, Vty, nexthop_text

PAUSE_S = 0.004
CRITICAL_PLEN = 16
# depth: (nets of it, how much longer each is than what it is in)
SHAPE4 = ((12, 12), (60, 6), (150, 6), (40, 2))  # /16, /22, /28, /30
SHAPE6 = ((8, 24), (30, 16))  # /32, /48
ALWAYS = {
    # Next hops of several depths: no other net has these.
    "0.0.0.0/0": frozenset({0, 4, 8}),
    "192.0.2.0/24": truth.SOFTWARE, "192.0.2.1/32": truth.SOFTWARE,
    "2001:db8::/64": truth.SOFTWARE, "2001:db8::1/128": truth.SOFTWARE,
    "127.0.0.0/8": truth.SOFTWARE, "224.0.0.0/4": truth.SOFTWARE,
}


def nets_make(rng, root, shape):
    """[(net, depth)], each inside one of the depth before, and no twins."""
    nets, above = [], [root]
    for depth, (count, longer) in enumerate(shape):
        made = set()
        while len(made) < count:
            family, number, plen = rng.choice(above)
            bits = (32 if family == 2 else 128) - plen - longer
            made.add((family, number | rng.randrange(1 << longer) << bits,
                      plen + longer))
        above = sorted(made)
        nets += [(net, depth) for net in above]
    return nets


class Churn:
    def __init__(self, seed, hash_of):
        self.rng = random.Random(seed)
        self.nets = nets_make(self.rng, truth.net_of("16.0.0.0/4"), SHAPE4) + \
            nets_make(self.rng, truth.net_of("3000::/8"), SHAPE6)
        self.fixed = {truth.net_of(t): c for t, c in ALWAYS.items()}
        self.truth = truth.Truth([*(n for n, _ in self.nets), *self.fixed],
                                 hash_of)
        self.flapping = {n for n, _ in self.nets if self.rng.random() < 0.2}
        self.discards = {n for n in self.flapping if self.rng.random() < 0.2}
        self.changes = 0
        self.may_run = threading.Event()
        self.is_idle = threading.Event()
        self.failure = None
        self.thread = threading.Thread(target=self.run, daemon=True)

    def start(self, vty_path):
        """Tell the first contents, and go on from there."""
        self.vty = Vty(vty_path)
        self.vty.run("enable", "configure terminal")
        for net, content in self.fixed.items():
            if content == truth.SOFTWARE:
                self.truth.change(net, content)
            else:
                self.become(net, content)
        for net, depth in self.nets:
            self.become(net, self.draw(net, depth))
        # No reset() of the truth here: zebra may not have them all yet.
        self.thread.start()

    def draw(self, net, depth):
        if net in self.discards:
            return truth.DISCARD
        first = depth * 4 % NEXTHOPS
        hops = {first + self.rng.randrange(4)}
        if self.rng.random() < 0.2:
            hops.add(first + self.rng.randrange(4))
        return frozenset(hops)

    # --- one command at a time, each of which is a content of its own ---

    def tell(self, net, content, no, where):
        self.truth.change(net, content)
        self.vty.run(f"{no}{'ip' if net[0] == 2 else 'ipv6'} route "
                     f"{truth.net_text(net)} {where}")
        self.changes += 1

    def become(self, net, content):
        old = self.truth.content(net)
        if truth.DISCARD in (old, content):
            if old != content:
                self.tell(net, content, "no " if content is None else "",
                          "blackhole")
            return
        hops, want = set(old or ()), set(content or ())
        for hop in sorted(want - hops):
            hops.add(hop)
            self.tell(net, frozenset(hops), "", nexthop_text(net[0], hop))
        for hop in sorted(hops - want):
            hops.discard(hop)
            self.tell(net, frozenset(hops) or None, "no ",
                      nexthop_text(net[0], hop))

    def step(self):
        net, depth = self.rng.choice(self.nets)
        if net in self.flapping and self.truth.content(net) is not None:
            self.become(net, None)
        else:
            self.become(net, self.draw(net, depth))

    # --- the thread ---

    def run(self):
        try:
            while True:
                if not self.may_run.is_set():
                    self.is_idle.set()
                    self.may_run.wait()
                self.step()
                time.sleep(PAUSE_S)
        except Exception as e:  # whatever it is, the test is to fail by it
            self.failure = e
            self.is_idle.set()

    def go(self):
        self.is_idle.clear()
        self.may_run.set()

    def rest(self):
        self.may_run.clear()
        self.is_idle.wait()
        if self.failure:
            raise self.failure
