# SPDX-License-Identifier: GPL-2.0-or-later
"""
Packets of which each has to come out at one place, or nowhere, whatever their
kind: what tests of access control lists send when a rule of rules.py cannot
say it.  Which path a packet took is told by the switch's counters.

Neighbours: edge.py (the switch), test_acl.py (Lists), packets.py.
"""

import struct
import time

import packets


def numbered(f, n):
    """These fields with a number at the end of the packet."""
    return dict(f, payload=f["payload"][:-4] + struct.pack("!I", n))


class Met:
    """Packets into one port, and where they came out."""

    def __init__(self, one, via="sw1"):
        self.one, self.sw, self.via = one, one.sw, via
        self.sent = []  # (fields, device or None)
        self.times = []
        self.out = {}   # number -> [(device, frame)]
        self.sw.listen()
        self.sw.heard()
        self.before = self.sw.counters(via)

    def send(self, f, device):
        """`device`: where it has to come out, as "sw2w", or None."""
        n = len(self.sent)
        self.sent.append((f, device))
        self.times.append(time.monotonic())
        self.sw.tap(self.via + "w").send(packets.make(numbered(f, n)))
        if not n % 50:
            self.gather()
        return n

    def gather(self):
        for device, frame in self.sw.heard():
            # Not what the router itself answers to the sender.
            if device not in (self.via, self.via + "w"):
                n, = struct.unpack("!I", frame[-4:])
                self.out.setdefault(n, []).append((device, frame))

    def wrong(self):
        """[(fields, wanted, got)]; waits for what is on its way."""
        wanted = {n for n, (_, device) in enumerate(self.sent) if device}

        def arrived():
            self.gather()
            now = self.sw.counters(self.via) - self.before
            return now["from_wire"] >= len(self.sent) and \
                wanted <= set(self.out)

        try:
            self.one.until("all packets", arrived)
        except AssertionError:
            pass  # told below
        self.gather()
        return [(f, device, [d for d, _ in self.out.get(n, [])])
                for n, (f, device) in enumerate(self.sent)
                if [d for d, _ in self.out.get(n, [])] !=
                ([device] if device else [])]

    def check(self):
        """What the switch did with them."""
        found = self.wrong()
        assert not found, "%d of %d packets: %s" % (
            len(found), len(self.sent), "\n".join(map(str, found[:5])))
        return self.sw.counters(self.via) - self.before


def both_ways(one, lists, cases, name="WEB", via="sw1"):
    """All of it with hardware's half, and again without one.  What the switch
    did in the first place."""
    def run():
        met = Met(one, via)
        for f, out in cases:
            met.send(f, out)
        return met.check()

    lists.quiet(name)
    with_hardware = run()
    software_alone(one, lists, name)
    now = run()
    assert not now["hw_dropped"] and not now["hw_forwarded"], now
    return with_hardware


def hardware_entries(one):
    """Of lists, but the floors below them."""
    return [e for e in one.sw.installed()
            if 2048 < e["chain"] < 2177 and e["pref"] < 65535]


def software_alone(one, lists, name="WEB"):
    """Not what offloadd says counts here, but what the switch has."""
    one.configure("acl " + name, "class never")
    one.until("nothing of it is in hardware",
              lambda: not hardware_entries(one))
    lists.quiet(name)
