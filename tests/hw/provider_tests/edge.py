# SPDX-License-Identifier: GPL-2.0-or-later
"""
A router whose ports are tcamsim's and whose routes offloadd puts into them.

Port swN has 10.0.N.1/24 and 2001:db8:N::1/64, behind it stand neighbours .2 to
.5 that never answer and are never asked (routing.py).  Routes are the kernel's
own: zebra hands them on as it does any other.

Neighbours: lab.py (the switch), daemons.py (the programs), compare.py (do all
of them say the same).
"""

import daemons
import packets
import routing
from routing import port_mac
from tools import until
from wire import sysctl

TABLE = "main"
BLOCK = 4096
# Quick where the defaults are slow: a test waits for nothing but work.
TIMERS = ("timers settle 100 max 3000", "timers retry 300",
          "timers hardware-timeout 1000", "database batch 50",
          "database path /run/provider/offload.db")


def configuration(ports, *, table=("capacity 100",), more=()):
    """An offload block; `table` and `more` are lines of the two levels."""
    lines = ["offload", " table " + TABLE]
    lines += ["  tc port " + port for port in ports]
    lines += ["  " + line for line in table if line.startswith("tc ")]
    lines += ["  provider tc"]
    lines += ["  " + line for line in table if not line.startswith("tc ")]
    lines += [" exit"]
    lines += [" " + line for line in TIMERS + tuple(more)] + ["exit"]
    return "\n".join(lines)


class Wires(routing.Router):
    """The switch with addresses; it has no table of routes to wait for."""

    def settle(self):
        pass


class Edge:
    """The switch, its routes, and offloadd."""

    def __init__(self, lab, ipv6=False):
        self.sw = lab
        self.offloadd = None
        self.started = False
        self.ports = lab.port_names()  # that offloadd may use
        self.compared = True  # after the test; one that breaks it says so
        self.led = ("ipv4", "ipv6")  # families that hardware looks at
        sysctl("net/ipv4/ip_forward", 1)
        if ipv6:
            sysctl("net/ipv6/conf/all/forwarding", 1)
        self.wires = Wires(lab, ipv6)

    def start(self, text=None, ready=True):
        """offloadd with this configuration; back when its table is ready."""
        self.offloadd = daemons.offloadd(text or configuration(self.ports),
                                         keep=self.started)
        self.started = True
        if ready:
            self.until("the table is ready", lambda: self.table()["ready"])
            self.settled()
        return self

    def settled(self):
        self.until("zebra's routes are known",
                   lambda: self.show("summary")["feed"]["settled"])

    def stop(self, *number):
        one, self.offloadd = self.offloadd, None
        if one:
            one.stop(*number)

    # ------------------------------------------------------------ questions

    def until(self, what, look):
        return until(what, look)

    def show(self, what):
        return daemons.parsed(
            self.offloadd.ask("show offload %s json" % what))

    def table(self):
        return self.show("table " + TABLE)

    def entries(self):
        return self.show("table %s entries" % TABLE)["entries"]

    def routes(self):
        return {r["prefix"]: r for r in self.show("route")["routes"]}

    def route(self, prefix):
        return self.show("route " + prefix)

    def states(self, prefixes):
        routes = self.routes()
        return {p: routes[p]["state"] if p in routes else None
                for p in prefixes}

    def configure(self, *lines):
        """Through vtysh, into the block."""
        code, text = daemons.vtysh("configure terminal", "offload", *lines)
        assert code == 0, (lines, text)

    def past(self, prefix, **wanted):
        """Wait until the history of a route has this."""
        def there():
            return [h for h in self.show("history " + prefix)["history"]
                    if all(h.get(k) == v for k, v in wanted.items())]

        return self.until("history of %s: %r" % (prefix, wanted), there)

    def quiet(self):
        """Nothing is under way."""
        def still():
            all_of_it = self.show("summary")
            table = self.table()
            return not all_of_it["dirty"] and not table["inFlight"] and \
                not all_of_it["states"]["sent"] and \
                not all_of_it["states"]["leaving"]

        self.until("nothing is under way", still)

    # ------------------------------------------------------------ routes

    def add(self, *routes):
        """(prefix, what follows) each: the kernel's routes, many at once."""
        for ip, six in ((self.sw.ip, False), (self.sw.ip6, True)):
            lines = ["route add %s" % spelled(p, rest) for p, rest in routes
                     if (":" in p) == six]
            if lines:
                ip(*lines)

    def delete(self, *prefixes):
        for ip, six in ((self.sw.ip, False), (self.sw.ip6, True)):
            lines = ["route del " + p for p in prefixes if (":" in p) == six]
            if lines:
                ip(*lines)

    def becomes(self, prefix, state, reason=None):
        """Wait for a state of one route; its answer to questions."""
        last = {}

        def there():
            found = self.routes().get(prefix)
            if found:
                last.update(found)
            return found and found["state"] == state and \
                reason in (None, found["reason"])

        try:
            self.until("%s becomes %s %s" % (prefix, state, reason or ""),
                       there)
        except AssertionError as e:
            raise AssertionError("%s, is %r" % (e, last)) from None
        return self.route(prefix)

    def all_become(self, prefixes, state):
        last = {}

        def there():
            last.update(self.states(prefixes))
            return all(s == state for s in last.values())

        try:
            self.until("all become " + state, there)
        except AssertionError as e:
            raise AssertionError("%s: %r" % (e, {
                p: s for p, s in last.items() if s != state})) from None

    def offload(self, *routes):
        """These routes, in hardware."""
        self.add(*routes)
        for prefix, _ in routes:
            self.becomes(prefix, "offloaded")

    # ------------------------------------------------------------ packets

    def packet(self, dst, via="sw1", **more):
        return self.wires.packet(via, dst, **more)

    def by_hardware(self, dst, port, n=2, via="sw1", **more):
        """A packet to `dst` leaves by `port`, and the CPU sees nothing."""
        self.wires.goes(dst, port, n, via, **more)

    def by_software(self, dst, port, n=2, via="sw1", **more):
        """The same result by the CPU."""
        f = self.packet(dst, via, **more)
        one = packets.make(f)
        before = self.sw.counters(via)
        wanted = {"cpu": one}
        if port:
            wanted[port] = self.wires.routed(f, port, n)
        self.sw.expect(via, one, **wanted)
        now = self.sw.counters(via) - before
        assert now["hw_forwarded"] == now["hw_dropped"] == 0

    def to_cpu(self, dst, via="sw1", **more):
        """Hardware leaves it alone, whatever software makes of it."""
        before = self.sw.counters(via)
        self.sw.inject(via, packets.make(self.packet(dst, via, **more)))
        now = self.sw.counters(via) - before
        assert now["missed"] + now["trapped"] == 1, now
        assert now["hw_forwarded"] == now["hw_dropped"] == 0, now

    def close(self):
        try:
            self.stop()
        finally:
            for ip, name in ((self.sw.ip, "4"), (self.sw.ip6, "6")):
                ip.run("route flush table main proto boot")


def via(port, n=2, six=False):
    """The rest of a route's line: by the n-th neighbour behind swPORT."""
    if six:
        return "via 2001:db8:%x::%d" % (port, n)
    return "via 10.0.%d.%d" % (port, n)


def spelled(prefix, rest):
    return "blackhole " + prefix if rest == "blackhole" else \
        prefix + " " + rest


__all__ = ["Edge", "Wires", "configuration", "port_mac", "via"]
