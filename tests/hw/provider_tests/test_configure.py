# SPDX-License-Identifier: GPL-2.0-or-later
"""The configuration changes, and VRFs and bridges, with routes in hardware."""

import signal

import compare
import daemons
from edge import configuration, via
from probe import Probe
from routing import neighbour_mac
from test_full import spread, subnets, ways

PREFIX, INSIDE = "198.51.100.0/24", "198.51.100.9"


def test_port_is_taken_out(edge):
    """Its guards and our qdisc go; the other ports have nothing of it."""
    one = edge()
    one.start().offload((PREFIX, via(2)))
    one.configure("table main", "no tc port sw3")
    one.ports = ["sw1", "sw2"]
    one.until("sw3 is let go", lambda: "ingress_block" not in str(
        one.sw.tc("qdisc show dev sw3")))
    one.until("ready", lambda: one.table()["ready"])
    one.becomes(PREFIX, "offloaded")
    one.quiet()
    one.by_hardware(INSIDE, "sw2")
    one.to_cpu(INSIDE, via="sw3")


def test_other_pref_and_chain(edge):
    """An empty table to begin with: nothing stays where it was."""
    one = edge()
    one.start().offload((PREFIX, via(2)))
    one.configure("table main", "tc pref 100", "tc chain 500")

    def moved():
        # For a moment there is no block.
        shown = one.sw.tc.run("filter show block 4096")
        return shown.ok and {
            (f["chain"], f["pref"]) for f in shown.json if "options" in f} == {
                (0, 100), (0, 101), (500, 1), (501, 1), (500, 10)}

    one.until("all is in its new place", moved)
    one.becomes(PREFIX, "offloaded")
    one.quiet()
    one.by_hardware(INSIDE, "sw2")


def test_single_path_by_choice_and_back(edge):
    one = edge()
    one.start().add((PREFIX, "nexthop %s nexthop %s" % (via(2), via(3))))
    one.becomes(PREFIX, "failed", "hardware-unsupported")
    one.configure("table main", "tc multipath single-path")
    one.becomes(PREFIX, "offloaded")
    one.configure("table main", "no tc multipath")
    one.becomes(PREFIX, "failed", "hardware-unsupported")
    one.until("no entry", lambda: not one.entries())
    one.to_cpu(INSIDE)


def test_port_changes_its_vrf(edge):
    """What comes in is looked up in the routes of the VRF it is in now."""
    one = edge(ports=4)
    one.sw.ip("link add red type vrf table 10", "link set red up",
              "link set sw4 master red",
              "neigh replace 10.0.4.2 lladdr %s dev sw4 nud permanent" %
              neighbour_mac(4))
    try:
        one.start().offload((PREFIX, via(2)))
        one.sw.ip("route add %s %s table 10" % (PREFIX, via(4)))
        one.until("two entries", lambda: len(one.entries()) == 2)
        one.by_hardware(INSIDE, "sw2", via="sw3")
        one.sw.ip("link set sw3 master red")
        one.until("the guard leads to the VRF", lambda: any(
            f.options.get("indev") == "sw3" and f.does[1] not in (4096, 4097)
            for f in compare.kernel(one)[0]))
        one.by_hardware(INSIDE, "sw4", via="sw3")
        one.by_hardware(INSIDE, "sw2")
    finally:
        one.stop()
        one.sw.ip("link del red")


def test_port_of_a_bridge_does_not_route(edge):
    one = edge()
    one.ports = ["sw1", "sw2"]
    one.start(configuration(["sw1", "sw2", "sw3"])).offload((PREFIX, via(2)))
    one.sw.ip("link add br0 type bridge", "link set br0 up",
              "link set sw3 master br0")
    try:
        one.until("its guards go", lambda: not any(
            f.options.get("indev") == "sw3" for f in compare.kernel(one)[0]))
        one.to_cpu(INSIDE, via="sw3")
        one.by_hardware(INSIDE, "sw2")
        one.sw.ip("link set sw3 nomaster")
        one.until("and come again", lambda: sum(
            f.options.get("indev") == "sw3"
            for f in compare.kernel(one)[0]) == 2)
        one.ports = ["sw1", "sw2", "sw3"]
    finally:
        one.sw.ip("link del br0")


def test_stop_while_hardware_is_silent(edge):
    """The daemon ends all the same."""
    one = edge()
    one.start().offload((PREFIX, via(2)))
    one.sw.debug("timeout_ms", 2000)
    one.sw.debug("silent", 1)
    one.add(*((p, via(3)) for p in subnets("198.18.0.0/15", 24, 5)))
    one.until("under way", lambda: one.table()["inFlight"])
    one.stop()
    one.sw.debug("silent", 0)
    one.by_hardware(INSIDE, "sw2")


def test_killed_while_writing(edge):
    """Whatever half of it was done: the next life ends with the whole."""
    one = edge()
    one.start()
    one.sw.debug("delay_ms", 20)
    some = spread(subnets("198.18.0.0/15", 24, 30))
    one.add(*((p, via(n)) for p, n in some))
    one.until("half way", lambda: len(one.sw.installed()) > 15)
    one.stop(signal.SIGKILL)
    one.sw.debug("delay_ms", 0)
    probe = Probe(one, ways(some))
    probe.round()
    one.start()
    one.until("all", lambda: probe.round() or set(one.states(
        [p for p, _ in some]).values()) == {"offloaded"})
    probe.check()


def test_two_tables_want_the_same(edge):
    """The second is refused with a sentence and nothing changes."""
    one = edge()
    one.ports = ["sw1", "sw2"]
    one.start(configuration(one.ports, more=("default table main",)))
    code, text = daemons.vtysh(
        "configure terminal", "offload", "table other", "tc port sw3",
        "provider tc")
    assert code and "block" in text, (code, text)
    one.offload((PREFIX, via(2)))
    one.by_hardware(INSIDE, "sw2")
