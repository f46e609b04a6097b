# SPDX-License-Identifier: GPL-2.0-or-later
"""Every kind of route goes in; the decision and its reason come out."""

import os

import pytest

import offload
from offload import HOST4, HOST6, LINK, wait_for

EDGE = {
    "zebra": "interface r1-eth1\n ip address 10.0.2.1/24\nexit\n",
    "bgpd": """
router bgp 65001
 no bgp ebgp-requires-policy
 neighbor 10.0.2.2 remote-as 65002
 neighbor 10.0.2.2 timers 3 9
 neighbor 10.0.2.2 timers connect 1
""",
}
PEER = {
    "zebra": "interface r2-eth0\n ip address 10.0.2.2/24\nexit\n",
    "bgpd": """
router bgp 65002
 no bgp ebgp-requires-policy
 no bgp network import-check
 neighbor 10.0.2.1 remote-as 65001
 neighbor 10.0.2.1 timers 3 9
 neighbor 10.0.2.1 timers connect 1
 address-family ipv4 unicast
  network 192.0.2.0/24
 exit-address-family
""",
}

edge = offload.module_edge("routes", extra=EDGE, peer=PEER)


def test_connected_stays_in_software(edge):
    edge.wait_route("10.0.1.0/24", "waiting", "connected")
    edge.wait_route("2001:db8:1::/64", "waiting", "connected")


def test_static_is_offloaded(edge):
    edge.static(("10.10.0.0/16", HOST4[0]))
    r = edge.wait_route("10.10.0.0/16", "offloaded")
    assert r["protocol"] == "static"
    assert r["class"] == "best-effort"
    assert r["table"] == "main"
    assert r["slots"] == 1


def test_ipv6_costs_more(edge):
    edge.static(("2001:db8:10::/48", HOST6[0]))
    r = edge.wait_route("2001:db8:10::/48", "offloaded")
    assert r["slots"] == 2


def test_critical_by_prefix_list(edge):
    edge.static(("198.18.7.0/24", HOST4[0]))
    r = edge.wait_route("198.18.7.0/24", "offloaded")
    assert r["class"] == "critical"
    assert r["rule"] == 10


def test_ecmp(edge):
    edge.static(("10.11.0.0/16", HOST4[0]), ("10.11.0.0/16", HOST4[1]))
    wait_for(
        lambda: len(edge.route("10.11.0.0/16").get("nexthops", [])) == 2,
        "two next hops",
    )
    edge.wait_route("10.11.0.0/16", "offloaded")


def test_ecmp_waits_for_the_last_neighbor(edge):
    edge.static(("10.12.0.0/16", HOST4[0]), ("10.12.0.0/16", "10.0.1.77"))
    edge.wait_route("10.12.0.0/16", "waiting", "neighbor-unresolved")
    edge.static(("10.12.0.0/16", "10.0.1.77", "no"))
    edge.wait_route("10.12.0.0/16", "offloaded")


def test_blackhole_is_offloaded(edge):
    edge.static(("10.13.0.0/16", "blackhole"))
    edge.wait_route("10.13.0.0/16", "offloaded")


def test_reject_stays_in_software(edge):
    edge.static(("10.14.0.0/16", "reject"))
    edge.wait_route("10.14.0.0/16", "waiting", "action-unsupported")


def test_recursive(edge):
    edge.static(("10.15.0.0/16", "10.99.0.1"))
    edge.static(("10.99.0.0/24", HOST4[2]))
    edge.wait_route("10.15.0.0/16", "offloaded")
    # What it resolves through moves: so does it, without a gap in between.
    edge.static(("10.99.0.0/24", HOST4[3]), ("10.99.0.0/24", HOST4[2], "no"))
    wait_for(
        lambda: HOST4[3] in str(edge.route("10.15.0.0/16").get("nexthops")),
        "recursive next hop follows",
    )
    edge.wait_route("10.15.0.0/16", "offloaded")


def test_bgp(edge):
    r = edge.wait_route("192.0.2.0/24", "offloaded")
    assert r["protocol"] == "bgp"
    assert "10.0.2.2" in str(r["nexthops"])
    r2 = offload.get_topogen().gears["r2"]
    r2.vtysh_cmd("configure terminal\nrouter bgp 65002\n"
                 "address-family ipv4 unicast\nno network 192.0.2.0/24")
    edge.wait_gone("192.0.2.0/24")


def test_neighbor_appears_and_vanishes(edge):
    ghost = "10.0.1.50"
    edge.static(("10.16.0.0/16", ghost))
    edge.wait_route("10.16.0.0/16", "waiting", "neighbor-unresolved")
    edge.kernel("neigh", "replace", ghost, "lladdr", "02:00:00:00:00:50",
                "nud", "permanent", "dev", LINK)
    edge.wait_route("10.16.0.0/16", "offloaded")
    edge.kernel("neigh", "del", ghost, "dev", LINK)
    edge.wait_route("10.16.0.0/16", "waiting", "neighbor-unresolved")


def test_next_hop_changes(edge):
    edge.static(("10.17.0.0/16", HOST4[0]))
    before = edge.wait_route("10.17.0.0/16", "offloaded")
    edge.static(("10.17.0.0/16", HOST4[1]), ("10.17.0.0/16", HOST4[0], "no"))
    wait_for(
        lambda: HOST4[1] in str(edge.route("10.17.0.0/16").get("nexthops")),
        "the new next hop",
    )
    after = edge.wait_route("10.17.0.0/16", "offloaded")
    assert after["id"] == before["id"], "the same flow, not a new one"


def test_link_down_and_up(edge):
    edge.static(("10.18.0.0/16", HOST4[0]))
    edge.wait_route("10.18.0.0/16", "offloaded")
    edge.kernel("link", "set", LINK, "down")
    # zebra withdraws the route, or it waits for the link: never offloaded.
    wait_for(
        lambda: edge.route("10.18.0.0/16").get("state") not in ("offloaded", "leaving"),
        "not offloaded over a dead link",
    )
    edge.kernel("link", "set", LINK, "up")
    # The kernel forgets IPv6 addresses of a link that goes down; FRR's lab
    # keeps them, and zebra configures them again where it does not.
    edge.wait_route("10.18.0.0/16", "offloaded")


def test_nested_routes_are_safe(edge):
    """A covering route must not steal the packets of one left in software."""
    edge.static(("10.20.0.0/16", HOST4[0]), ("10.20.1.0/24", "10.0.1.78"))
    outer = edge.wait_route("10.20.0.0/16", "offloaded")
    inner = edge.wait_route("10.20.1.0/24", "covered")
    assert inner["reason"] in ("neighbor-unresolved", "compulsory-cover")
    assert "10.20.1.0/24" in str(outer.get("coversNeeded"))
    # The same way as its cover: no entry is needed.
    edge.static(("10.20.1.0/24", "10.0.1.78", "no"), ("10.20.1.0/24", HOST4[0]))
    edge.wait_route("10.20.1.0/24", "elided", "same-as-cover")


def test_withdrawn(edge):
    edge.static(("10.19.0.0/16", HOST4[0]))
    edge.wait_route("10.19.0.0/16", "offloaded")
    entries = edge.table()["entries"]
    edge.static(("10.19.0.0/16", HOST4[0], "no"))
    edge.wait_gone("10.19.0.0/16")
    wait_for(lambda: edge.table()["entries"] < entries, "one entry less")


def test_vrf(edge):
    if not offload.vrf_possible():
        pytest.skip("this kernel has no VRF devices")
    edge.kernel("link", "add", "blue", "type", "vrf", "table", "77")
    edge.kernel("link", "set", "blue", "up")
    edge.configure("vrf blue", "ip route 10.30.0.0/16 blackhole", "exit-vrf")

    def there():
        return edge.routes("blue").get("10.30.0.0/16", {}).get("state") == "offloaded"

    wait_for(there, "a route of VRF blue offloaded")
    edge.kernel("link", "del", "blue")
    wait_for(lambda: not there(), "the routes of a removed VRF gone")


def test_database_tells_the_same(edge):
    edge.wait_quiet()

    # Asked anew each time: a route may still be on its way.
    def shown():
        return {p: (r["state"], r["class"]) for p, r in edge.routes().items()}

    assert len(shown()) > 10

    def stored():
        return {
            p: (s, c) for p, s, c in edge.sql("SELECT prefix, state, class FROM flow")
        }

    wait_for(lambda: stored() == shown(), "the database says what show says")
    mode = os.stat(edge.database).st_mode & 0o777
    assert mode == 0o640, oct(mode)


def test_history_is_complete(edge):
    """Every flow's last transition in history leads to its current state,
    and each row starts where the row before it ended."""
    edge.wait_quiet()

    def chains():
        rows = edge.sql(
            'SELECT flow_id, from_state, to_state, reason FROM history ORDER BY seq'
        )
        last = {}
        for flow, start, end, reason in rows:
            if flow in last and last[flow] != start:
                return None
            assert reason
            last[flow] = end
        return last

    def consistent():
        last = chains()
        return last and all(
            last.get(r["id"]) == r["state"] for r in edge.routes().values()
        )

    wait_for(consistent, "history leads to the present")
    assert edge.summary()["illegalTransitions"] == 0
