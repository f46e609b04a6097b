# SPDX-License-Identifier: GPL-2.0-or-later
"""
Drivers that offload the kernel's routes by themselves: the switch's own table
of routes, too small, filled by the kernel first come, first served.

A route that finds no room while a shorter one is in hardware has its packets
stolen; offloadd is to notice and to repair, and a packet tells.
"""

import os
import subprocess

import pytest

import daemons
import packets
import wire
from edge import TIMERS, Edge, via
from tools import Tools
from wire import sysctl

COVER, INNER, INSIDE = "172.16.0.0/12", "172.16.1.0/24", "172.16.1.9"
ELSEWHERE = "172.16.2.9"  # by COVER
SLOTS = 64
NOTIFY = "net/%s/fib_notify_on_flag_change"
# What fills the table may not leave it.
PINNED = ("rule 5", " match prefix-length 30", " set class critical", "exit")


def configuration(*lines):
    return "\n".join(("offload", " fib observe") + tuple(
        " " + line for line in TIMERS + PINNED + lines) + ("exit",))


@pytest.fixture
def fib(edge):
    """fib(free, *lines): a router whose table of routes has `free` left."""
    def make(free, *lines, ipv6=False, announced=True, resource="lpm"):
        for family in ("ipv4", "ipv6"):
            sysctl(NOTIFY % family, int(announced))
        one = edge(ipv6, lpm_slots=SLOTS)
        one.compared = False  # there is no tc table
        one.wires.settle = lambda: None
        if resource:
            lines = ("fib resource " + resource,) + lines
        one.start(configuration(*lines), ready=False)
        one.settled()
        one.until("flags for all", lambda: not one.wires.without_flag())
        used = one.sw.occ("lpm")
        fillers = ["198.19.0.%d/30" % (4 * n)
                   for n in range(SLOTS - used - free)]
        one.add(*((p, via(2)) for p in fillers))
        one.all_become(fillers, "offloaded")
        assert one.sw.occ("lpm") == SLOTS - free
        return one

    yield make
    for family in ("ipv4", "ipv6"):
        sysctl(NOTIFY % family, 0)


def seen(one, prefix):
    found = one.routes().get(prefix, {})
    return found.get("state"), found.get("reason"), found.get("table")


def wait_for(one, prefix, *wanted):
    """State, reason and table of a route."""
    try:
        one.until(prefix, lambda: seen(one, prefix) == wanted)
    except AssertionError:
        raise AssertionError("%s is %r, should be %r: %s" % (
            prefix, seen(one, prefix), wanted,
            one.offloadd.ask("show offload fib"))) from None


OFFLOADED = ("offloaded", "driver-offloaded", "fib")
SHADOWED = ("failed", "driver-shadowed", "fib")
REFUSED = ("failed", "driver-refused", "fib")
DEMOTED = ("waiting", "driver-demoted", "fib")


def kernel(one, prefix):
    """The kernel's routes of this prefix, but for what a driver says."""
    ip = one.sw.ip6 if ":" in prefix else one.sw.ip
    found = ip("route show table main exact " + prefix)
    for route in found:
        route["flags"] = [f for f in route["flags"] if not f.startswith("rt_")]
    return found


def repairs(one):
    return one.show("fib")["repairs"]


def events(one, kind):
    return [e["text"] if "text" in e else "" for e in
            one.show("events")["events"] if e["kind"] == kind]


def test_what_a_driver_took_is_shown(fib):
    one = fib(2)
    one.add((COVER, via(2)), ("172.17.0.0/24", "via 10.0.2.77"),
            ("192.88.99.0/24", via(3)))
    wait_for(one, COVER, *OFFLOADED)
    wait_for(one, "172.17.0.0/24", "covered", "driver-trapped", "fib")
    wait_for(one, "192.88.99.0/24", *REFUSED)
    said = one.show("fib")
    assert said["observed"] and said["drivers"]
    assert said["news"]["announcedIpv4"] and said["news"]["announcedIpv6"]
    flags = [one.wires.flag_of(r) for r in one.wires.routes()]
    one.until("the counts", lambda: [
        one.show("fib")["ipv4"][name] for name in ("offloaded", "failed")
    ] == [flags.count("offload"), flags.count("offload_failed")])
    assert flags.count("offload") > 10


def test_stolen_packet(fib):
    """Before: hardware sends it elsewhere.  Right after: where it belongs."""
    one = fib(1, "fib repair none")
    one.add((COVER, via(2)))
    wait_for(one, COVER, *OFFLOADED)
    one.add((INNER, via(3)))
    wait_for(one, INNER, *SHADOWED)
    one.by_hardware(INSIDE, "sw2")  # wrong, and by hardware
    said = one.show("fib")
    assert [(s["prefix"], s["forwardedBy"]) for s in said["shadowed"]] == [
        (INNER, COVER)]
    assert COVER in one.route(INNER)["text"]
    before = kernel(one, COVER) + kernel(one, INNER)
    one.configure("fib repair demote")
    wait_for(one, INNER, *OFFLOADED)
    wait_for(one, COVER, *DEMOTED)
    one.by_hardware(INSIDE, "sw3")
    one.by_software(ELSEWHERE, "sw2")
    assert kernel(one, COVER) + kernel(one, INNER) == before
    done = repairs(one)
    assert (done["shadowed"], done["written"], done["mended"]) == (0, 1, 1)
    one.until("it is told", lambda: events(one, "fib-repair") == [
        "%s in place of %s" % (INNER, COVER)] and
        events(one, "fib-mended") == [INNER])


def test_at_once(fib):
    """One notification, one write."""
    one = fib(1)
    one.add((COVER, via(2)))
    wait_for(one, COVER, *OFFLOADED)
    lists = one.show("fib")["news"]["lists"]
    one.add((INNER, via(3)))
    wait_for(one, INNER, *OFFLOADED)
    one.by_hardware(INSIDE, "sw3")
    one.by_software(ELSEWHERE, "sw2")
    said = one.show("fib")
    assert (said["repairs"]["written"], said["news"]["lists"]) == (1, lists)


def test_the_cheapest_leaves(fib):
    """Not the cover but what is worth less."""
    one = fib(2, "rule 10", " match prefix-length 28", " set weight 1",
              " set class best-effort", "exit")
    one.add((COVER, via(2)), ("198.51.100.0/28", via(2)))
    one.all_become((COVER, "198.51.100.0/28"), "offloaded")
    one.add((INNER, via(3)))
    wait_for(one, INNER, *OFFLOADED)
    wait_for(one, "198.51.100.0/28", *DEMOTED)
    wait_for(one, COVER, *OFFLOADED)
    one.by_hardware(INSIDE, "sw3")
    one.by_hardware(ELSEWHERE, "sw2")
    one.by_software("198.51.100.1", "sw2")


def test_ipv6(fib):
    one = fib(2, ipv6=True)
    one.add(("2001:db8:f000::/36", via(2, six=True)))
    wait_for(one, "2001:db8:f000::/36", *OFFLOADED)
    one.add(("2001:db8:f001::/48", via(3, six=True)))
    wait_for(one, "2001:db8:f001::/48", *OFFLOADED)
    wait_for(one, "2001:db8:f000::/36", *DEMOTED)
    one.by_hardware("2001:db8:f001::9", "sw3")
    one.by_software("2001:db8:f002::9", "sw2")


def test_failed_without_a_cover_is_left_alone(fib):
    """Software forwards it: there is nothing to repair."""
    one = fib(1)
    one.add(("198.51.100.0/24", via(2)))
    wait_for(one, "198.51.100.0/24", *OFFLOADED)
    one.add((INNER, via(3)))
    wait_for(one, INNER, *REFUSED)
    one.by_software(INSIDE, "sw3")
    assert repairs(one)["begun"] == 0


def test_evicted_by_hardware(fib):
    """There is room, so it is only offered again."""
    one = fib(12)
    one.add((COVER, via(2)), (INNER, via(3)))
    one.all_become((COVER, INNER), "offloaded")
    one.until("the use is known", lambda: one.show("fib")["resource"].get(
        "used") == one.sw.occ("lpm"))
    one.sw.debug("evict_route", INNER)
    one.until("repaired", lambda: repairs(one)["mended"] == 1)
    wait_for(one, INNER, *OFFLOADED)
    one.by_hardware(INSIDE, "sw3")
    one.until("it is told", lambda: events(one, "fib-repair") == [
        INNER + " once more"])


def test_nothing_may_leave(fib):
    """Only critical routes: tried a few times, then told, and left."""
    one = fib(1, "rule 6", " match prefix-length 12", " set class critical",
              "exit")
    one.add((COVER, via(2)))
    wait_for(one, COVER, *OFFLOADED)
    one.add((INNER, via(3)))
    one.until("it is given up", lambda: repairs(one)["givenUp"] == 1)
    assert repairs(one)["begun"] == 1
    one.until("it is told", lambda: events(one, "fib-shadowed"))
    wait_for(one, INNER, *SHADOWED)
    assert "no repair helped" in one.route(INNER)["text"]
    one.delete(COVER)
    one.until("not shadowed any longer",
              lambda: repairs(one)["shadowed"] == 0)


def test_watermarks(fib):
    """Both ways, by what devlink says."""
    one = fib(40, "fib watermarks 50 90")
    one.until("the size is known",
              lambda: one.show("fib")["resource"].get("capacity") == SLOTS)
    assert not one.show("fib")["resource"]["aboveHigh"]
    some = ["172.16.%d.0/24" % n for n in range(36)]
    one.add(*((p, via(2)) for p in some))
    one.until("high", lambda: one.show("fib")["resource"]["aboveHigh"])
    one.until("it is told", lambda: events(one, "watermark-high"))
    one.delete(*some)
    one.until("low", lambda: not one.show("fib")["resource"]["aboveHigh"])
    one.until("it is told", lambda: events(one, "watermark-low"))


def test_without_announcements(fib):
    """The sysctls are off: it is said, and lists tell, later."""
    one = fib(1, announced=False)
    said = one.show("fib")["news"]
    assert not said["announcedIpv4"] and not said["announcedIpv6"]
    assert "fib_notify_on_flag_change" in one.offloadd.ask("show offload fib")
    one.add((COVER, via(2)))
    wait_for(one, COVER, *OFFLOADED)
    one.add((INNER, via(3)))
    wait_for(one, INNER, *OFFLOADED)
    one.by_hardware(INSIDE, "sw3")


def test_many(fib):
    """More specific routes, one after the other, in a full table: in the end
    every packet goes where software would send it."""
    one = fib(8)
    one.add(*(("172.%d.0.0/16" % n, via(2)) for n in range(16, 24)))
    one.all_become(["172.%d.0.0/16" % n for n in range(16, 24)], "offloaded")
    inner = ["172.%d.7.0/24" % n for n in range(16, 24)]
    one.add(*((p, via(3)) for p in inner))
    one.until("nothing is shadowed", lambda: all(
        state in ("offloaded", "waiting", "failed")
        for state in one.states(inner).values()) and
        repairs(one)["shadowed"] == 0 and not one.wires.without_flag())
    for prefix in inner:
        out(one, one.packet(prefix.replace(".0/24", ".9")), "sw3")
        out(one, one.packet(prefix.replace(".7.0/24", ".9.9")), "sw2")


def out(one, f, port):
    """It leaves there, whoever forwards it."""
    one.sw.listen()
    one.sw.heard()
    one.sw.inject("sw1", packets.make(f))
    found = []

    def there():
        found.extend(d for d, _ in one.sw.heard() if d.endswith("w"))
        return found

    one.until("a packet", there)
    assert found == [port + "w"]


def test_routes_of_zebra(fib):
    """Routes that zebra installs and watches over: it puts back what others
    delete, and the end is the same."""
    one = fib(1)
    staticd = daemons.Daemon(
        "staticd", "/usr/lib/frr/staticd",
        "ip route %s 10.0.2.2" % COVER)
    try:
        wait_for(one, COVER, *OFFLOADED)
        code, text = daemons.vtysh("configure terminal",
                                   "ip route %s 10.0.3.2" % INNER)
        assert code == 0, text
        wait_for(one, INNER, *OFFLOADED)
        wait_for(one, COVER, *DEMOTED)
        one.by_hardware(INSIDE, "sw3")
        one.by_software(ELSEWHERE, "sw2")
        assert [r["protocol"] for p in (COVER, INNER)
                for r in kernel(one, p)] == ["196", "196"] or [
                    r["protocol"] for p in (COVER, INNER)
                    for r in kernel(one, p)] == ["static", "static"]
        assert repairs(one)["written"] == 1
        code, text = daemons.vtysh("configure terminal",
                                   "no ip route %s 10.0.3.2" % INNER,
                                   "no ip route %s 10.0.2.2" % COVER)
        assert code == 0, text
        one.until("gone", lambda: not kernel(one, COVER) +
                  kernel(one, INNER))
    finally:
        staticd.stop()


def test_a_route_that_changes_meanwhile(fib):
    """A repair writes what it read a moment ago; whoever was quicker wins."""
    one = fib(1)
    one.add((COVER, via(2)))
    wait_for(one, COVER, *OFFLOADED)
    for n in range(40):
        one.sw.ip(*(["route replace %s %s" % (INNER, via(3, n % 4 + 2)),
                     "route replace %s %s" % (COVER, via(2, n % 4 + 2))] * 2))
        last = n % 4 + 2
        if n % 4 == 3:
            one.sw.ip("route del " + INNER)
    one.add((INNER, via(3, 2)))
    one.sw.ip("route replace %s %s" % (INNER, via(3, last)))
    one.until("nothing is shadowed", lambda:
              repairs(one)["shadowed"] == 0 and not one.wires.without_flag())
    wait_for(one, INNER, *OFFLOADED)
    assert [(r["gateway"], r["dev"]) for r in kernel(one, INNER)] == [
        ("10.0.3.%d" % last, "sw3")]
    assert [(r["gateway"], r["dev"]) for r in kernel(one, COVER)] == [
        ("10.0.2.%d" % last, "sw2")]
    one.by_hardware(INSIDE, "sw3", last)


def test_withdrawn_victim_does_not_come_back(fib):
    """The victim of a repair is withdrawn while the repair is on its way."""
    one = fib(1)
    for _ in range(10):
        one.sw.ip("route add %s %s" % (COVER, via(2)))
        wait_for(one, COVER, *OFFLOADED)
        one.sw.ip("route add %s %s" % (INNER, via(3)),
                  "route del " + COVER, "route del " + INNER)
        one.until("gone", lambda: not {COVER, INNER} & set(one.routes()))
        assert not kernel(one, COVER) + kernel(one, INNER)


class Alone:
    """offloadd on a device that is not the switch."""

    show, routes, until = Edge.show, Edge.routes, Edge.until

    def __init__(self, offloadd):
        self.offloadd = offloadd


@pytest.fixture
def netdevsim(zebra):
    """The port of a netdevsim; it counts every route and sends all packets
    to software."""
    tools = Tools()
    subprocess.run(["modprobe", "netdevsim"], check=True)
    wire.write("/sys/bus/netdevsim/new_device", "1 1")
    devices = "/sys/bus/netdevsim/devices/netdevsim1/net"
    port, = os.listdir(devices)
    offloadd = None
    for family in ("ipv4", "ipv6"):
        sysctl(NOTIFY % family, 1)
    try:
        tools.ip("address add 192.0.2.1/24 dev " + port,
                 "link set %s up" % port)
        offloadd = daemons.offloadd(configuration("fib resource IPv4/fib"))
        yield tools, Alone(offloadd)
    finally:
        for family in ("ipv4", "ipv6"):
            sysctl(NOTIFY % family, 0)
        if offloadd:
            offloadd.stop()
        wire.write("/sys/bus/netdevsim/del_device", "1")
        tools.stop()
        subprocess.run(["rmmod", "netdevsim"], check=True)


def test_netdevsim(netdevsim):
    """A route its driver failed to take, offered again when it would."""
    tools, one = netdevsim
    fail = "/sys/kernel/debug/netdevsim/netdevsim1/fib/fail_route_offload"
    tools.ip("route add %s via 192.0.2.2" % COVER)
    wait_for(one, COVER, "covered", "driver-trapped", "fib")
    wire.write(fail, 1)
    tools.ip("route add %s via 192.0.2.3" % INNER)
    wait_for(one, INNER, *REFUSED)
    one.until("it is offered again", lambda: repairs(one)["begun"])
    wire.write(fail, 0)
    wait_for(one, INNER, "covered", "driver-trapped", "fib")
    said = one.show("fib")
    assert said["resource"]["used"] > 0 and said["ipv4"]["failed"] == 0
