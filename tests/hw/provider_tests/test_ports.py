# SPDX-License-Identifier: GPL-2.0-or-later
"""Ports: refused, foreign, renumbered, up and down; filters of others."""

import compare
from edge import BLOCK, configuration, port_mac, via
from routing import neighbour_mac
from wire import sysctl

PREFIX, INSIDE = "198.51.100.0/24", "198.51.100.9"


def qdiscs(edge, port):
    return [q["kind"] for q in edge.sw.tc("qdisc show dev " + port)]


def test_port_with_a_foreign_qdisc_is_left_alone(edge):
    one = edge()
    one.sw.tc("qdisc add dev sw3 clsact",
              "filter add dev sw3 ingress pref 5 protocol ip flower skip_sw "
              "dst_ip 192.0.2.1 action drop")
    one.ports = ["sw1", "sw2"]
    one.start(configuration(["sw1", "sw2", "sw3"]))
    one.until("the log tells", lambda: "sw3 is not used: it has an ingress "
              "qdisc of somebody else" in one.offloadd.words())
    one.offload((PREFIX, via(2)))
    one.by_hardware(INSIDE, "sw2")
    one.to_cpu(INSIDE, via="sw3")
    theirs = one.sw.filters("dev sw3 ingress")
    assert [f["pref"] for f in theirs] == [5]
    assert "ingress_block" not in one.sw.tc("qdisc show dev sw3")[-1]
    # Once theirs is gone it is ours.
    one.sw.tc("qdisc del dev sw3 clsact")
    one.ports = one.sw.port_names()
    one.until("the port is taken", lambda: any(
        f.options.get("indev") == "sw3" for f in compare.kernel(one)[0]))
    one.by_hardware(INSIDE, "sw2", via="sw3")


def test_device_without_offload_is_refused(edge):
    """And said to be, while the switch's ports do their work."""
    one = edge()
    one.sw.ip("link add no0 type dummy", "link set no0 up")
    try:
        one.start(configuration(one.ports + ["no0"]))
        one.offload((PREFIX, via(2)))
        one.by_hardware(INSIDE, "sw2")
        one.until("the log tells", lambda: "tc port no0" in
                  one.offloadd.words())
    finally:
        one.sw.ip("link del no0")


def test_port_that_comes_later(edge):
    one = edge()
    one.start(configuration(one.ports + ["late0"]))
    one.sw.ip("link set sw3 down", "link set sw3 name late0")
    one.ports = ["sw1", "sw2", "late0"]
    one.sw.ip.restart()
    one.sw.tc.restart()
    one.until("the port gets the block", lambda: one.sw.tc(
        "qdisc show dev late0")[-1].get("ingress_block") == BLOCK)
    one.sw.ip("link set late0 down", "link set late0 name sw3",
              "link set sw3 up")
    one.ports = one.sw.port_names()
    one.until("and has it with its old name too", lambda: one.sw.tc(
        "qdisc show dev sw3")[-1].get("ingress_block") == BLOCK)
    one.offload((PREFIX, via(2)))
    one.by_hardware(INSIDE, "sw2", via="sw3")


def test_foreign_filters_stay(edge):
    """In chain 0 of the block and in a chain of its own: not touched."""
    one = edge()
    one.start()
    theirs = ("filter add block 4096 pref 7 protocol ip flower skip_sw "
              "dst_ip 203.0.113.0/24 action drop",
              "filter add block 4096 chain 9 pref 1 protocol ip flower "
              "skip_sw action drop",
              "filter add block 4096 chain 4096 pref 60000 protocol ip flower "
              "skip_sw dst_ip 198.51.100.0/24 action drop")
    one.sw.tc(*theirs)
    one.offload((PREFIX, via(2)), ("203.0.113.0/24", via(3)))
    one.by_hardware(INSIDE, "sw2")
    one.by_hardware("203.0.113.1", None)  # theirs comes before ours
    one.stop()
    one.start()
    one.becomes(PREFIX, "offloaded")
    prefs = [(f["chain"], f["pref"]) for f in one.sw.filters("block 4096")]
    assert {(0, 7), (9, 1), (4096, 60000)} <= set(prefs), prefs


def test_mac_of_a_port_changes(edge):
    """Guards and source addresses follow."""
    one = edge()
    one.start().offload((PREFIX, via(2)))
    old = port_mac("sw1")
    new = {"sw1": "02:00:00:00:aa:01", "sw2": "02:00:00:00:aa:02"}
    for port, mac in new.items():
        n = int(port[2:])
        # The kernel forgets the neighbours of such a port.
        one.sw.ip("link set %s address %s" % (port, mac),
                  "neigh replace 10.0.%d.2 lladdr %s dev %s nud permanent" % (
                      n, neighbour_mac(n), port))
    one.until("the filter has the new address", lambda: [
        f.does for f in compare.kernel(one)[1].values()] == [
            ("forward", "sw2", neighbour_mac(2), new["sw2"], None)])
    one.until("the guards too", lambda: {
        (f.options["indev"], f.keys["dst_mac"])
        for f in compare.kernel(one)[0] if not f.chain} >= set(new.items()))
    one.becomes(PREFIX, "offloaded")
    one.quiet()
    one.by_hardware(INSIDE, "sw2")
    one.to_cpu(INSIDE, dmac=old)


def test_neighbour_mac_changes(edge):
    one = edge()
    one.start().offload((PREFIX, via(2)))
    one.sw.ip("neigh replace 10.0.2.2 lladdr %s dev sw2 nud permanent" %
              neighbour_mac(2, 77))
    one.until("the filter follows", lambda: one.route(PREFIX)["nexthops"][0][
        "mac"] == neighbour_mac(2, 77) and one.table()["replaced"])
    one.becomes(PREFIX, "offloaded")
    one.by_hardware(INSIDE, "sw2", n=77)


def test_port_down_and_up(edge):
    """Its routes leave with the link and come again with it."""
    one = edge(ipv6=True)
    sysctl("net/ipv6/conf/sw2/keep_addr_on_down", 1)
    one.start().offload((PREFIX, via(2)), ("203.0.113.0/24", via(3)))
    one.sw.ip("link set sw2 down")
    one.until("no entry", lambda: [e["prefix"] for e in one.entries()] == [
        "203.0.113.0/24"])
    one.to_cpu(INSIDE)
    one.by_hardware("203.0.113.1", "sw3")
    one.sw.ip("link set sw2 up", "neigh replace 10.0.2.2 lladdr %s dev sw2 "
              "nud permanent" % neighbour_mac(2))
    one.offload((PREFIX, via(2)))
    one.by_hardware(INSIDE, "sw2")
    one.by_hardware("203.0.113.1", "sw3", via="sw2")


def test_devlink_reload(edge):
    """All ports are new devices: everything is written again."""
    one = edge()
    one.start().offload((PREFIX, via(2)))
    one.sw.restart()
    one.sw.devlink("dev reload platform/tcamsim.0")
    for n in one.sw.port_names():
        sysctl("net/ipv6/conf/%s/disable_ipv6" % n, 1)
        one.sw.ip("link set %s up" % n, "link set %sw up" % n)
    one.wires.setup()
    one.until("the table is ready", lambda: one.table()["ready"])
    one.offload((PREFIX, via(2)), ("203.0.113.0/24", via(3)))
    one.by_hardware(INSIDE, "sw2")
    one.by_hardware("203.0.113.1", "sw3", via="sw2")


def test_no_port_is_there(edge):
    """Not ready, and it says why; ready when one comes."""
    one = edge()
    one.ports = ["sw1", "sw2"]
    one.sw.ip(*("link set %s down" % n for n in ("sw1", "sw2")))
    one.sw.ip("link set sw1 name off1", "link set sw2 name off2")
    one.start(ready=False)
    one.until("a reason", lambda: "none of its ports is there" in
              one.table().get("notReadyText", ""))
    one.sw.ip("link set off1 name sw1", "link set off2 name sw2",
              "link set sw1 up", "link set sw2 up")
    one.sw.ip("neigh replace 10.0.2.2 lladdr %s dev sw2 nud permanent" %
              neighbour_mac(2))
    one.until("the table is ready", lambda: one.table()["ready"])
    one.offload((PREFIX, via(2)))
    one.by_hardware(INSIDE, "sw2")
