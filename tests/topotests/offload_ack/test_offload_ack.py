# SPDX-License-Identifier: GPL-2.0-or-later
"""bgpd waits for hardware: zebra is told over FPM what became of its routes,
and with suppress-fib-pending a peer is told what hardware forwards.

r2 announces, r1 (the router under test) forwards, r3 hears what r1 says."""

import json

import offload
import pytest
from offload import HOST4, wait_for

BGP = """
router bgp {asn}
 no bgp ebgp-requires-policy
 no bgp network import-check
 neighbor {neighbor} remote-as {peer}
 neighbor {neighbor} timers 3 9
 neighbor {neighbor} timers connect 1
 neighbor {neighbor} advertisement-interval 0
"""
ANNOUNCED = ["192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24"]
EDGE = {
    "zebra": "fpm address 127.0.0.1 port 2621\n"
    "interface r1-eth1\n ip address 10.0.2.1/24\nexit\n"
    "interface r1-eth2\n ip address 10.0.3.1/24\nexit\n",
    "offloadd": "offload\n rib feed fpm port 2621\n rib acknowledge offloaded\nexit\n",
    "bgpd": BGP.format(asn=65001, neighbor="10.0.2.2", peer=65002)
    + " bgp suppress-fib-pending\n neighbor 10.0.3.2 remote-as 65003\n"
    " neighbor 10.0.3.2 timers 3 9\n neighbor 10.0.3.2 timers connect 1\n"
    " neighbor 10.0.3.2 advertisement-interval 0\n",
}
PEER = {
    "zebra": "interface r2-eth0\n ip address 10.0.2.2/24\nexit\n",
    "bgpd": BGP.format(asn=65002, neighbor="10.0.2.1", peer=65001),
}
OBSERVER = {
    "zebra": "interface r3-eth0\n ip address 10.0.3.2/24\nexit\n",
    "bgpd": BGP.format(asn=65003, neighbor="10.0.3.1", peer=65001),
}

pytestmark = pytest.mark.skipif(
    offload.frr_version() < (10, 0),
    reason="zebra of FRRouting %d.%d reads no acknowledgements" % offload.frr_version(),
)
edge = offload.module_edge(
    "ack",
    extra=EDGE,
    peer=PEER,
    observer=OBSERVER,
    options={"zebra": "-M dplane_fpm_nl --asic-offload=notify_on_offload"},
)


def exercise(edge, line):
    rc, out = edge.vtysh("offload exercise table main " + line)
    assert rc == 0, out


def on(name, *lines):
    """Lines for a neighbour of the router."""
    offload.Edge(offload.get_topogen().gears[name]).configure(*lines)


def announce(prefix, no=""):
    on("r2", "router bgp 65002", "address-family ipv4 unicast", no + "network " + prefix)


def heard(prefix):
    """Did r3 hear of it?"""
    r3 = offload.Edge(offload.get_topogen().gears["r3"])
    _, out = r3.vtysh("show bgp ipv4 unicast %s json" % prefix)
    return bool(json.loads(out or "{}").get("paths"))


def wait_heard(prefix):
    wait_for(lambda: heard(prefix), "r3 hears of " + prefix)


def wait_unheard(prefix):
    wait_for(lambda: not heard(prefix), "r3 hears no longer of " + prefix)


def known(edge, prefix):
    """Has bgpd of the router the path?"""
    _, out = edge.vtysh("show bgp ipv4 unicast %s json" % prefix)
    return bool(json.loads(out or "{}").get("paths"))


def told(edge):
    return edge.summary().get("acknowledged", {})


def flags(edge, prefix):
    _, out = edge.vtysh("show ip route %s json" % prefix)
    route = [r for r in json.loads(out)[prefix] if r["protocol"] == "bgp"][0]
    return [k for k in ("offloaded", "offloadFailed", "failed") if route.get(k)]


def others_heard(edge):
    """bgpd says what it has to say: another prefix, confirmed at once."""
    wait_for(lambda: told(edge).get("waiting") == 0, "all answers given")


def test_a_prefix_is_heard_of_when_hardware_has_it(edge):
    exercise(edge, "silent on")
    announce("192.0.2.0/24")
    edge.wait_route("192.0.2.0/24", "sent")
    assert known(edge, "192.0.2.0/24")
    others_heard(edge)
    assert not heard("192.0.2.0/24")
    assert told(edge)["installed"] == 0
    exercise(edge, "silent off")
    edge.wait_route("192.0.2.0/24", "offloaded", deadline=90)
    wait_heard("192.0.2.0/24")
    assert told(edge)["installed"] >= 1


def test_a_loss_is_a_withdrawal(edge):
    exercise(edge, "silent on")
    exercise(edge, "lose 192.0.2.0/24")
    wait_unheard("192.0.2.0/24")
    assert known(edge, "192.0.2.0/24")
    assert told(edge)["failed"] >= 1
    exercise(edge, "silent off")
    edge.wait_route("192.0.2.0/24", "offloaded", deadline=90)
    wait_heard("192.0.2.0/24")


def test_a_refusal_is_never_heard_of(edge):
    exercise(edge, "refuse real the chip is on strike")
    announce("198.51.100.0/24")
    edge.wait_route("198.51.100.0/24", "failed", "hardware-unsupported")
    others_heard(edge)
    assert known(edge, "198.51.100.0/24")
    assert not heard("198.51.100.0/24")
    exercise(edge, "accept")
    announce("198.51.100.0/24", "no ")
    edge.wait_gone("198.51.100.0/24")


def test_an_update_is_acknowledged_again(edge):
    """bgpd waits anew for each: also if the flow stays as it is."""
    before = told(edge)["installed"]
    on(
        "r2",
        "route-map MED permit 10",
        "set metric 50",
        "exit",
        "router bgp 65002",
        "address-family ipv4 unicast",
        "network 192.0.2.0/24 route-map MED",
    )
    wait_for(lambda: told(edge)["installed"] > before, "it was answered")
    wait_heard("192.0.2.0/24")


def test_what_was_decided_for_software(edge):
    """Counts or not, as configured."""
    edge.configure(
        "ip prefix-list SOFT seq 5 permit 203.0.113.0/24",
        "offload",
        "rule 5",
        "match prefix-list SOFT",
        "set class never",
    )
    announce("203.0.113.0/24")
    edge.wait_route("203.0.113.0/24", "waiting", "rule-never")
    others_heard(edge)
    assert not heard("203.0.113.0/24")
    edge.configure("offload", "rib acknowledge offloaded-or-software")
    wait_heard("203.0.113.0/24")
    assert heard("192.0.2.0/24")
    edge.configure("offload", "rib acknowledge offloaded")
    wait_unheard("203.0.113.0/24")
    assert heard("192.0.2.0/24")
    edge.configure("offload", "no rule 5")
    wait_heard("203.0.113.0/24")
    announce("203.0.113.0/24", "no ")
    edge.wait_gone("203.0.113.0/24")


def test_offloadd_comes_back(edge):
    """zebra says all again, and hears of it again; peers see nothing."""
    pid = edge.signal("offloadd", 15)
    announce("198.51.100.0/24")
    wait_for(lambda: known(edge, "198.51.100.0/24"), "bgpd has it")
    assert heard("192.0.2.0/24")
    assert not heard("198.51.100.0/24")
    edge.start("offloadd")
    assert edge.pid("offloadd") != pid
    wait_heard("198.51.100.0/24")
    assert heard("192.0.2.0/24")
    announce("198.51.100.0/24", "no ")


def test_without_acknowledgements_nothing_changes(edge):
    """bgpd that does not wait says what it knows, whatever hardware does."""
    edge.configure("offload", "no rib acknowledge")
    edge.configure("router bgp 65001", "no bgp suppress-fib-pending")
    edge.wait_quiet()
    before = told(edge)
    exercise(edge, "silent on")
    announce("198.51.100.0/24")
    edge.wait_route("198.51.100.0/24", "sent")
    wait_heard("198.51.100.0/24")
    exercise(edge, "silent off")
    edge.wait_route("198.51.100.0/24", "offloaded", deadline=90)
    after = told(edge)
    assert after["mode"] == "none"
    assert (after["installed"], after["failed"]) == (
        before["installed"],
        before["failed"],
    )
    edge.configure("router bgp 65001", "bgp suppress-fib-pending")
    edge.configure("offload", "rib acknowledge offloaded")


def test_it_needs_fpm(edge):
    rc, out = edge.vtysh("configure terminal", "offload", "rib feed zapi")
    assert rc != 0 or "rib feed fpm" in out
    assert "Acknowledgements go to zebra over FPM" in out
    assert edge.summary()["feed"]["source"] == "fpm"
