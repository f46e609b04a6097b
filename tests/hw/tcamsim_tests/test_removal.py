# SPDX-License-Identifier: GPL-2.0-or-later
"""The module goes, whatever hangs on it; the fixture looks for what it left."""

import errno
import threading

import pytest

import wire
from conftest import MODULE
from lab import Lab, read
from packets import frame
from routing import Router
from tools import until

RULE = "pref 1 protocol ip flower dst_ip 10.0.0.%d %s action drop"


def test_nothing_in_use(switch):
    switch(ports=1).unload()


def test_again_and_again(switch):
    for _ in range(10):
        sw = switch(ports=2, lpm_slots=16, switches=2)
        sw.add(RULE % (1, "skip_sw"))
        sw.close()


def test_filters_of_all_kinds(switch):
    sw = switch(ports=4)
    sw.tc(*("filter add dev sw1 ingress " + RULE % (n % 256, "skip_sw")
            for n in range(256)))
    sw.tc("chain add dev sw2 ingress chain 3 protocol ip flower "
          "dst_ip 0.0.0.0/16")
    sw.add("pref 1 chain 3 protocol ip flower dst_ip 10.1.0.0/16 skip_sw "
           "action mirred egress redirect dev sw3", "sw2")
    sw.add("pref 1 protocol ip flower skip_sw action goto chain 3", "sw2")
    sw.add("pref 1 protocol ip flower skip_sw action police rate 1mbit burst "
           "10k conform-exceed drop/pipe action mirred egress mirror dev sw1",
           "sw3")
    sw.add("pref 1 protocol all matchall skip_sw action trap", "sw4")
    sw.add("pref 2 protocol ip flower skip_hw action drop", "sw4")
    sw.unload()


def test_shared_blocks(switch):
    sw = switch(ports=2, switches=2)
    for port in sw.port_names():
        sw.tc("qdisc del dev %s clsact" % port,
              "qdisc add dev %s ingress_block 9 clsact" % port)
    sw.tc(*("filter add block 9 " + RULE % (n, "skip_sw") for n in range(20)))
    sw.unload()


def test_a_block_shared_with_a_foreign_device(switch):
    """The block lives on without the switch, in software."""
    sw = switch(ports=1)
    sw.ip("link add other type veth peer name otherw")
    try:
        sw.tc("qdisc del dev sw1 clsact",
              "qdisc add dev sw1 ingress_block 9 clsact",
              "qdisc add dev other ingress_block 9 clsact",
              "filter add block 9 " + RULE % (1, ""))
        assert sw.occ() == 1
        sw.unload()
        shown, = sw.filters("block 9")
        assert not shown["options"].get("in_hw")
    finally:
        sw.ip("link del other")


def test_routes(switch):
    router = Router(switch(lpm_slots=2048), ipv6=True)
    sw = router.sw
    sw.ip("nexthop add id 7 via 10.0.2.2 dev sw2",
          "route add 172.31.0.0/16 nhid 7",
          *("route add 172.16.%d.0/24 via 10.0.2.2" % n for n in range(200)))
    sw.ip6(*("route add 2001:db8:%x::/48 via 2001:db8:2::2" % (100 + n)
             for n in range(50)))
    # No waiting: some of them are still on their way.
    sw.unload()


def test_wires_in_namespaces(switch):
    sw = switch(ports=3)
    for n in (1, 2, 3):
        sw.host("h%d" % n, "sw%d" % n, "address add 10.0.0.%d/24 dev sw%dw"
                % (n, n))
    sw.unload()
    for n in (1, 2, 3):
        with wire.inside("h%d" % n):
            assert "sw" not in read("/proc/net/dev")


def test_a_namespace_with_a_wire_dies(switch):
    """The wire comes home, or goes; the port stays either way."""
    sw = switch(ports=2)
    sw.host("h1", "sw1")
    sw.forget("sw1w")
    wire.namespace_del("h1")
    sw.made.remove("h1")
    until("the wire is not in limbo",
          lambda: "sw1w:" in read("/proc/net/dev")
          or "NO-CARRIER" in sw.ip("link show sw1")[0]["flags"])
    sw.add(RULE % (1, "skip_sw"))
    assert sw.occ() == 1


@pytest.mark.parametrize("how", ["unload", "namespace"])
def test_a_switch_in_a_namespace(switch, how):
    sw = switch(ports=2, lpm_slots=64)
    sw.namespace("elsewhere")
    sw.devlink("dev reload platform/tcamsim.0 netns elsewhere")
    sw.restart()
    if how == "namespace":
        wire.namespace_del("elsewhere")
        sw.made.remove("elsewhere")
        until("it is home", lambda: "sw1:" in read("/proc/net/dev"))
    sw.unload()


class Traffic:
    """A thread that sends without end."""

    def __init__(self, tap, frames):
        self.tap = tap
        self.frames = frames
        self.sent = 0
        self.stopped = False
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        while not self.stopped:
            for one in self.frames:
                try:
                    self.tap.socket.send(one)
                    self.sent += 1
                except OSError:
                    return  # the device is gone: that is the test

    def stop(self):
        self.stopped = True
        self.thread.join()


def busy(sw):
    """Traffic into sw1 that meets all of it."""
    sw.add("pref 1 protocol ip flower dst_ip 10.0.0.0/8 skip_sw action mirred "
           "egress mirror dev sw2 pipe action goto chain 1")
    sw.add("pref 1 chain 1 protocol ip flower ip_proto udp skip_sw action "
           "pedit ex munge ip ttl add 255 pipe action csum ip4h pipe "
           "action mirred egress redirect dev sw2")
    sw.add("pref 2 protocol ipv6 flower skip_sw action trap")
    return Traffic(sw.tap("sw1w"), [
        frame(dst="10.0.0.1"), frame(dst="11.0.0.1"),
        frame(src="2001:db8::1", dst="2001:db8::2"),
        frame(dst="10.0.0.1", proto=6)])


def test_removal_under_traffic(switch):
    sw = switch(ports=2)
    traffic = busy(sw)
    try:
        until("packets", lambda: traffic.sent > 100)
        sw.unload()
    finally:
        traffic.stop()


def test_changes_under_traffic(switch):
    """Filters, blocks, ports, evictions and reloads while packets come."""
    sw = switch(ports=2)
    traffic = busy(sw)
    try:
        for n in range(20):
            sw.add("pref %d protocol ip flower dst_ip 10.0.0.1 skip_sw "
                   "action drop" % (10 + n))
            if n % 3 == 0:
                sw.debug("evict", sw.installed()[-1]["cookie"])
            if n % 2:
                sw.tc("filter del dev sw1 ingress pref %d" % (10 + n))
            if n % 7 == 6:
                sw.tc("qdisc del dev sw1 clsact", "qdisc add dev sw1 clsact")
        assert traffic.sent
        sw.devlink("dev reload platform/tcamsim.0")
        sw.restart()
    finally:
        traffic.stop()
    sw.ports_up()
    one = frame()
    sw.expect("sw1", one, cpu=one)


def test_removal_while_filters_come(switch):
    """tc adds filters as fast as it can; its port goes away under it."""
    sw = switch(ports=1)
    tool = sw.tc

    def work():
        for n in range(2000):
            if not tool.run("filter add dev sw1 ingress pref 1 protocol ip "
                            "flower dst_ip 10.0.%d.%d skip_sw action drop"
                            % (n >> 8, n & 255)).ok:
                return

    thread = threading.Thread(target=work)
    thread.start()
    try:
        until("filters", lambda: sw.occ() > 5)
        sw.unload()
    finally:
        thread.join()


@pytest.mark.parametrize("parameters", [
    {"ports": 0}, {"ports": 65}, {"switches": 0}, {"switches": 1000},
    {"ipv6_slots": 0}, {"nonsense": 1}])
def test_nonsense_parameters(parameters):
    """Refused, or (what the kernel does not know) ignored; never half there."""
    before = Lab.traces()
    try:
        wire.load_module(MODULE, " ".join("%s=%d" % p
                                          for p in parameters.items()))
    except OSError as refusal:
        assert refusal.errno == errno.EINVAL
    else:
        Lab.unload()
        assert "nonsense" in parameters
    assert Lab.traces() == before
