# SPDX-License-Identifier: GPL-2.0-or-later
"""Routes that do not fit, fail, or are thrown out: their flags and packets."""

import errno

import pytest

from packets import make
from routing import Router
from tools import until
from wire import sysctl


def small(switch, slots, **more):
    """A router whose table has `slots` slots left."""
    ipv6 = more.pop("ipv6", False)
    probe = Router(switch(lpm_slots=512, **more), ipv6)
    used = probe.sw.occ("lpm")
    probe.sw.close()
    return Router(switch(lpm_slots=used + slots, **more), ipv6)


def free(router):
    table = router.sw.resources()["lpm"]
    return table["size"] - table["occ"]


def test_fill_to_the_last_slot(switch):
    router = small(switch, 4)
    for n in range(4):
        assert free(router) == 4 - n
        router.add("172.16.%d.0/24" % n, "via 10.0.2.2")
    assert free(router) == 0
    router.add("172.16.4.0/24", "via 10.0.2.2", "offload_failed")
    assert free(router) == 0
    router.goes("172.16.3.1", "sw2")
    router.punted("172.16.4.1")
    line, = [r for r in router.sw.lines("lpm")
             if r["prefix"] == "172.16.4.0/24"]
    assert line["offload_failed"] and not line["installed"]
    router.sw.ip("route del 172.16.0.0/24")
    until("a slot", lambda: free(router) == 1)
    router.add("172.16.5.0/24", "via 10.0.2.2")
    router.goes("172.16.5.1", "sw2")


def test_a_shorter_prefix_takes_its_packets(switch):
    """As in real hardware: the kernel would send them elsewhere."""
    router = small(switch, 1)
    router.add("172.16.0.0/12", "via 10.0.2.2")
    router.add("172.16.1.0/24", "via 10.0.3.2", "offload_failed")
    router.goes("172.16.1.1", "sw2")


def test_without_a_shorter_prefix_software_forwards(switch):
    router = small(switch, 0)
    sysctl("net/ipv4/ip_forward", 1)
    router.add("172.16.1.0/24", "via 10.0.3.2", "offload_failed")
    f = router.packet("sw1", "172.16.1.1")
    router.sw.expect("sw1", make(f), cpu=make(f), sw3=router.routed(f, "sw3"))
    assert router.sw.counters("sw1")["hw_forwarded"] == 0


def test_ipv6_takes_two(switch):
    router = small(switch, 5, ipv6=True)
    router.add("2001:db8:a::/48", "via 2001:db8:2::2")
    assert free(router) == 3
    router.add("2001:db8:b::/48", "via 2001:db8:2::2")
    assert free(router) == 1
    router.add("2001:db8:c::/48", "via 2001:db8:2::2", "offload_failed")
    router.add("172.16.0.0/16", "via 10.0.2.2")
    assert free(router) == 0
    router.goes("2001:db8:b::1", "sw2")
    router.punted("2001:db8:c::1")


def test_ipv6_takes_what_was_asked_for(switch):
    router = Router(switch(lpm_slots=512, ipv6_slots=4), ipv6=True)
    before = router.sw.occ("lpm")
    router.add("2001:db8:a::/48", "via 2001:db8:2::2")
    router.add("172.16.0.0/16", "via 10.0.2.2")
    assert router.sw.occ("lpm") == before + 5


def test_a_route_that_changes_keeps_its_slot(switch):
    router = small(switch, 1)
    router.add("172.16.1.0/24", "via 10.0.2.2")
    for _ in range(3):
        router.sw.ip("route replace 172.16.1.0/24 via 10.0.3.2")
        until("the new way", lambda: [
            r for r in router.sw.lines("lpm")
            if r["prefix"] == "172.16.1.0/24" and r.get("port") == "sw3"])
        router.becomes("172.16.1.0/24", "offload")
        router.sw.ip("route replace 172.16.1.0/24 via 10.0.2.2")
        until("the old way", lambda: [
            r for r in router.sw.lines("lpm")
            if r["prefix"] == "172.16.1.0/24" and r.get("port") == "sw2"])
    router.becomes("172.16.1.0/24", "offload")
    assert free(router) == 0


@pytest.mark.parametrize("prefix, via", [
    ("172.16.1.0/24", "via 10.0.2.2"),
    ("2001:db8:a::/48", "via 2001:db8:2::2")])
def test_write_fails(switch, prefix, via):
    router = Router(switch(lpm_slots=512), ipv6=True)
    before = router.sw.occ("lpm")
    router.sw.debug("fail_lpm", "1 %d" % errno.EBUSY)
    router.add(prefix, via, "offload_failed")
    assert router.sw.occ("lpm") == before
    router.ip_for(prefix)("route del " + prefix)
    router.add(prefix, via)


@pytest.mark.parametrize("prefix, via, dst", [
    ("172.16.1.0/24", "via 10.0.2.2", "172.16.1.1"),
    ("2001:db8:a::/48", "via 2001:db8:2::2", "2001:db8:a::1")])
def test_evicted_route(switch, prefix, via, dst):
    router = Router(switch(lpm_slots=512), ipv6=True)
    sw = router.sw
    before = sw.occ("lpm")
    family = "ipv6" if ":" in prefix else "ipv4"
    sysctl("net/%s/fib_notify_on_flag_change" % family, 1)
    try:
        router.add(prefix, via)
        router.goes(dst, "sw2")
        listener = sw.listener("ip", "-d", "monitor", "route")
        sw.debug("evict_route", prefix)
        router.becomes(prefix, "offload_failed")
        listener.until("news of the failure",
                       lambda text: prefix in text
                       and "rt_offload_failed" in text)
        router.punted(dst)
        assert sw.occ("lpm") == before
    finally:
        sysctl("net/%s/fib_notify_on_flag_change" % family, 0)


def test_evicted_route_of_another_table(switch):
    router = Router(switch(lpm_slots=512))
    router.add("172.16.1.0/24", "via 10.0.2.2")
    router.add("172.16.1.0/24", "via 10.0.2.2", table="50")
    router.sw.debug("evict_route", "172.16.1.0/24 table 50")
    router.becomes("172.16.1.0/24", "offload_failed", "50")
    assert router.flag("172.16.1.0/24") == "offload"
    with pytest.raises(OSError) as refusal:
        router.sw.debug("evict_route", "172.16.1.0/24 table 51")
    assert refusal.value.errno == errno.ENOENT
    router.goes("172.16.1.1", "sw2")


def test_evicted_route_uncovers_a_shorter_one(switch):
    router = Router(switch(lpm_slots=512))
    router.add("172.16.0.0/12", "via 10.0.3.2")
    router.add("172.16.1.0/24", "via 10.0.2.2")
    router.goes("172.16.1.1", "sw2")
    router.sw.debug("evict_route", "172.16.1.0/24")
    router.becomes("172.16.1.0/24", "offload_failed")
    router.goes("172.16.1.1", "sw3")


def test_silent_device(switch):
    """Writes time out: the route is flagged, and fits when it comes again."""
    router = Router(switch(lpm_slots=512))
    router.sw.debug("timeout_ms", "20")
    router.add("172.16.2.0/24", "via 10.0.2.2")
    router.sw.debug("silent", "1")
    router.add("172.16.1.0/24", "via 10.0.2.2", "offload_failed")
    router.sw.ip("route del 172.16.2.0/24")
    router.sw.debug("silent", "0")
    until("the deletion is carried out", lambda: not [
        r for r in router.sw.lines("lpm") if r["prefix"] == "172.16.2.0/24"])
    router.punted("172.16.2.1")
    router.sw.ip("route del 172.16.1.0/24")
    router.add("172.16.1.0/24", "via 10.0.2.2")
    router.goes("172.16.1.1", "sw2")


def test_many_routes(switch):
    """A thousand, in and out again: the slots come back."""
    router = Router(switch(lpm_slots=2048))
    sw = router.sw
    before = sw.occ("lpm")
    nets = ["172.%d.%d.0/24" % (16 + n // 256, n % 256) for n in range(1000)]
    sw.ip(*("route add %s via 10.0.2.2" % net for net in nets))
    until("a thousand slots", lambda: sw.occ("lpm") == before + 1000)
    router.settle()
    assert {router.flag_of(r) for r in sw.ip("route show table main")
            if r.get("gateway")} == {"offload"}
    sw.ip(*("route del " + net for net in nets))
    until("all slots back", lambda: sw.occ("lpm") == before)


def test_coupled_routes_leave_less_for_filters(switch):
    sw = switch(tcam_slots=32, lpm_slots=32, coupled=1)
    router = Router(sw)
    left = 64 - sw.resources()["memory"]["occ"]
    for n in range(4):
        router.add("172.16.%d.0/24" % n, "via 10.0.2.2")
    sw.tc(*("filter add dev sw1 ingress pref 1 protocol ip flower dst_ip "
            "10.9.0.%d skip_sw action drop" % n for n in range(left - 4)))
    sw.refused("pref 1 protocol ip flower dst_ip 10.9.9.9 skip_sw action drop",
               "tcamsim: table")
    router.add("172.16.4.0/24", "via 10.0.2.2", "offload_failed")
    sw.clear()
    router.add("172.16.5.0/24", "via 10.0.2.2")
