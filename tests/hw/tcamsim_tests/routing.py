# SPDX-License-Identifier: GPL-2.0-or-later
"""
A switch with addresses and neighbours: what the tests of its LPM table share.

Port swN has 10.0.N.1/24 and 2001:db8:N::1/64; behind it are neighbours .2 to .5
(::2 to ::5), never asked, so that no test waits for ARP.

Neighbours: lab.py, packets.py.
"""

import packets
from lab import read
from tools import until
from wire import sysctl


def neighbour_mac(port, n=2):
    return "02:00:00:00:%02x:%02x" % (port, n)


def port_mac(name):
    return read("/sys/class/net/%s/address" % name).strip()


class Router:
    """A Lab whose ports route."""

    def __init__(self, sw, ipv6=False):
        self.sw = sw
        self.ipv6 = ipv6
        self.setup()

    def setup(self):
        sw = self.sw
        for n, name in enumerate(sw.port_names(), 1):
            if self.ipv6:
                sysctl("net/ipv6/conf/%s/disable_ipv6" % name, 0)
                sw.ip("link set %s addrgenmode none" % name,
                      "address flush dev %s scope link" % name,
                      "address add 2001:db8:%x::1/64 dev %s nodad" % (n, name))
                sw.ip(*("neigh replace 2001:db8:%x::%d lladdr %s dev %s nud "
                        "permanent" % (n, h, neighbour_mac(n, h), name)
                        for h in range(2, 6)))
            sw.ip("address add 10.0.%d.1/24 dev %s" % (n, name))
            sw.ip(*("neigh replace 10.0.%d.%d lladdr %s dev %s nud permanent"
                    % (n, h, neighbour_mac(n, h), name) for h in range(2, 6)))
        self.settle()

    def settle(self):
        """Until the driver has dealt with all routes the kernel has."""
        until("a flag for every route: %r" % (self.without_flag(),),
              lambda: not self.without_flag())

    def without_flag(self):
        # Multicast routes are no concern of the table's.
        return [r["dst"] for r in self.routes()
                if str(r.get("dev", "")).startswith("sw")
                and r.get("type") != "multicast" and r["dst"] != "ff00::/8"
                and not self.flag_of(r)]

    def routes(self):
        found = self.sw.ip("route show table all")
        if self.ipv6:
            found = found + self.sw.ip6("route show table all")
        return found

    @staticmethod
    def flag_of(route):
        """"offload", "trap", "offload_failed" or nothing."""
        flags = [f[3:] for f in route.get("flags", [])
                 if f in ("rt_offload", "rt_trap", "rt_offload_failed")]
        assert len(flags) <= 1, flags
        return flags[0] if flags else ""

    def ip_for(self, prefix):
        return self.sw.ip6 if ":" in prefix else self.sw.ip

    def flag(self, prefix, table="main"):
        routes = self.ip_for(prefix)("route show table %s exact %s" % (
            table, prefix))
        assert len(routes) == 1, (prefix, routes)
        return self.flag_of(routes[0])

    def becomes(self, prefix, flag, table="main"):
        until("%s becomes %s, is %s" % (prefix, flag,
                                        self.flag(prefix, table)),
              lambda: self.flag(prefix, table) == flag)

    def add(self, prefix, rest, flag="offload", table="main"):
        kind = "blackhole " if rest == "blackhole" else ""
        self.ip_for(prefix)("route add %s%s %s table %s" % (
            kind, prefix, "" if kind else rest, table))
        self.becomes(prefix, flag, table)

    def packet(self, port, dst, **more):
        """Fields of a packet from a host at `port` to somewhere else."""
        n = int(port[2:])
        src = "2001:db8:%x::2" % n if ":" in dst else "10.0.%d.2" % n
        return packets.fields(**{
            "smac": neighbour_mac(n), "dmac": port_mac(port), "src": src,
            "dst": dst, **more})

    @staticmethod
    def routed(f, port, n=2):
        """The packet behind the router."""
        return packets.make(dict(
            f, smac=port_mac(port), dmac=neighbour_mac(int(port[2:]), n),
            ttl=f["ttl"] - 1))

    def goes(self, dst, port, n=2, via="sw1", **more):
        """A packet to `dst` leaves by `port` (None: it ends), by hardware."""
        f = self.packet(via, dst, **more)
        before = self.sw.punts(via)
        if port is None:
            self.sw.expect(via, packets.make(f))
        else:
            self.sw.expect(via, packets.make(f),
                           **{port: self.routed(f, port, n)})
        assert self.sw.punts(via) == before

    def punted(self, dst, via="sw1", **more):
        """A packet to `dst` goes to the CPU as it came."""
        one = packets.make(self.packet(via, dst, **more))
        self.sw.expect(via, one, cpu=one)
