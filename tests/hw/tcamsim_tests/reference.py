# SPDX-License-Identifier: GPL-2.0-or-later
"""
cls_flower in software, on plain veth: what a filter really matches.

Ports rf1, rf2... with wire ends like those of the switch; the same filters
with skip_hw.  What no filter takes leaves by the last port, so that there is
something to see.

Neighbours: test_match.py and test_random.py compare the switch with it.
"""

import packets
import tools
import wire
from tools import until


class Reference(tools.Tools):
    N_PORTS = 4
    # Packets of this type mark the end of what was sent; priority 1 is theirs.
    LAST = 0x88b5

    def __init__(self):
        super().__init__()
        self.taps = {}
        names = ["rf%d" % n for n in range(1, self.N_PORTS + 1)]
        wire.sysctl("net/ipv6/conf/default/disable_ipv6", 1)
        self.ip(*("link add %s type veth peer name %sw" % (n, n)
                  for n in names))
        self.ip(*("link set %s%s up" % (n, end) for n in names
                  for end in ("", "w")))
        out = "skip_hw action mirred egress redirect dev " + names[-1]
        self.tc("qdisc add dev rf1 clsact",
                "filter add dev rf1 ingress pref 1 protocol 0x%x flower %s"
                % (self.LAST, out),
                "filter add dev rf1 ingress pref 65000 protocol all matchall "
                + out)
        self.names = names
        for name in names:
            self.taps[name] = wire.Tap(name + "w")

    def close(self):
        for tap in self.taps.values():
            tap.close()
        try:
            self.ip(*("link del " + name for name in self.names))
        finally:
            self.stop()

    def add(self, pref, match, action):
        self.tc("filter add dev rf1 ingress pref %d %s skip_hw action %s"
                % (pref, match, action))

    def delete(self, pref):
        self.tc("filter del dev rf1 ingress pref %d" % pref)

    def through(self, frames):
        """[(port, frame)] that came out, in the order of each port."""
        last = packets.frame(type=self.LAST)
        for frame in list(frames) + [last]:
            self.taps["rf1"].send(frame)
        got = []

        def done():
            got.extend((name, frame) for name, tap in self.taps.items()
                       for frame in tap.heard(packets.MARK))
            return (self.names[-1], last) in got

        until("the last packet", done)
        return [pair for pair in got if pair[1] != last]
