# SPDX-License-Identifier: GPL-2.0-or-later
"""Routes from zebra's module dplane_fpm_nl: the same flows as over ZAPI, and
nothing flaps when the session, zebra or offloadd comes and goes."""

import json
import signal
import struct

import offload
from offload import HOST4, HOST6, LINK, wait_for

EDGE = {
    "zebra": "fpm address 127.0.0.1 port 2621\n"
    "interface r1-eth1\n ip address 10.0.2.1/24\nexit\n",
    "offloadd": "offload\n rib feed fpm port 2621\nexit\n",
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
  network 198.51.100.0/24
 exit-address-family
""",
}
BLOCK = offload.subnets("10.64.0.0/10", 24, 60)

edge = offload.module_edge(
    "fpm", extra=EDGE, peer=PEER, options={"zebra": "-M dplane_fpm_nl"}
)


def fpm(edge):
    return edge.summary().get("fpm", {})


def settled(edge):
    feed = edge.summary().get("feed", {})
    return feed.get("connected") and feed.get("settled")


def wait_settled(edge, what):
    wait_for(lambda: settled(edge), what, deadline=120)
    edge.wait_quiet()


def flows(edge):
    """What a feed makes of the routes: who they are, where they lead, what
    became of them."""
    keep = ("id", "state", "reason", "class", "table", "slots", "protocol")
    answer = {}
    for prefix in edge.routes():
        r = edge.route(prefix)
        answer[prefix] = {k: r.get(k) for k in keep}
        answer[prefix]["nexthops"] = r.get("nexthops")
    return answer


def writes(edge):
    t = edge.table()
    return [t[k] for k in ("added", "replaced", "deleted", "opsSent")]


def differences(a, b):
    return {p: (a.get(p), b.get(p)) for p in set(a) | set(b) if a.get(p) != b.get(p)}


# --- what comes ---


def test_routes_come_over_fpm(edge):
    edge.static(("10.10.0.0/16", HOST4[0]))
    r = edge.wait_route("10.10.0.0/16", "offloaded")
    assert r["protocol"] == "static"
    assert "tag" not in r and "distance" not in r, "it is not told"
    s = edge.summary()
    assert s["feed"]["source"] == "fpm"
    assert s["fpm"]["connected"] and s["fpm"]["frames"] > 0
    assert s["fpm"]["peer"].startswith("127.0.0.1:")
    edge.wait_route("10.0.1.0/24", "waiting", "connected")
    edge.wait_route("2001:db8:1::/64", "waiting", "connected")
    assert edge.route("10.0.1.0/24")["distance"] == 0, "this one is"


def test_every_kind(edge):
    edge.static(
        ("2001:db8:10::/48", HOST6[0]),
        ("10.11.0.0/16", HOST4[0]),
        ("10.11.0.0/16", HOST4[1]),
        ("10.13.0.0/16", "blackhole"),
        ("10.14.0.0/16", "reject"),
        ("10.99.0.0/24", HOST4[2]),
        ("10.15.0.0/16", "10.99.0.1"),
        ("198.18.7.0/24", HOST4[0] + " tag 77"),
        ("127.77.0.0/16", HOST4[0]),
    )
    edge.static(*[(p, HOST4[0]) for p in BLOCK])
    edge.kernel("route", "add", "10.20.0.0/16", "via", HOST4[1])
    edge.kernel("route", "add", "10.21.0.0/16", "via", HOST4[1], "proto", "boot")
    edge.wait_route("2001:db8:10::/48", "offloaded")
    edge.wait_route("10.11.0.0/16", "offloaded")
    edge.wait_route("10.13.0.0/16", "offloaded")
    edge.wait_route("10.14.0.0/16", "waiting", "action-unsupported")
    edge.wait_route("10.15.0.0/16", "offloaded")
    assert edge.wait_route("10.20.0.0/16", "offloaded")["protocol"] == "kernel"
    edge.wait_route("10.21.0.0/16", "offloaded")
    assert edge.wait_route("192.0.2.0/24", "offloaded")["protocol"] == "bgp"
    for p in BLOCK:
        edge.wait_route(p, "offloaded")
    assert not edge.route("127.77.0.0/16")


def test_both_feeds_yield_the_same_flows(edge):
    """And hardware is not touched when the feed is changed."""
    wait_settled(edge, "the feed settled")
    by_fpm, before = flows(edge), writes(edge)
    edge.configure("offload", "rib feed zapi")
    wait_for(lambda: edge.summary()["feed"]["source"] == "zapi", "zapi")
    wait_settled(edge, "zapi settled")
    by_zapi = flows(edge)
    assert edge.route("198.18.7.0/24")["tag"] == 77
    assert not differences(by_fpm, by_zapi), json.dumps(differences(by_fpm, by_zapi))
    assert writes(edge) == before
    edge.configure("offload", "rib feed fpm port 2621")
    wait_for(lambda: edge.summary()["feed"]["source"] == "fpm", "fpm")
    wait_settled(edge, "fpm settled")
    again = flows(edge)
    assert not differences(by_fpm, again), json.dumps(differences(by_fpm, again))
    assert writes(edge) == before


# --- changes ---


def test_an_update_is_no_withdrawal(edge):
    before, merged = edge.route("10.10.0.0/16"), fpm(edge)["merged"]
    edge.static(("10.10.0.0/16", HOST4[1]), ("10.10.0.0/16", HOST4[0], "no"))
    wait_for(
        lambda: HOST4[1] in str(edge.route("10.10.0.0/16").get("nexthops"))
        and HOST4[0] not in str(edge.route("10.10.0.0/16").get("nexthops")),
        "the new next hop",
    )
    after = edge.wait_route("10.10.0.0/16", "offloaded")
    assert after["id"] == before["id"], "the same flow, not a new one"
    # A newer zebra says it in one message.
    assert fpm(edge)["merged"] > merged or offload.frr_version() >= (10, 0)


def test_recursive_follows(edge):
    edge.static(("10.99.0.0/24", HOST4[3]), ("10.99.0.0/24", HOST4[2], "no"))
    wait_for(
        lambda: HOST4[3] in str(edge.route("10.15.0.0/16").get("nexthops")),
        "recursive next hop follows",
    )
    edge.wait_route("10.15.0.0/16", "offloaded")


def test_withdrawals(edge):
    edge.static(("10.13.0.0/16", "blackhole", "no"))
    edge.wait_gone("10.13.0.0/16")
    edge.kernel("route", "del", "10.20.0.0/16")
    edge.wait_gone("10.20.0.0/16")
    r2 = offload.get_topogen().gears["r2"]
    r2.vtysh_cmd("configure terminal\nrouter bgp 65002\n"
                 "address-family ipv4 unicast\nno network 198.51.100.0/24")
    edge.wait_gone("198.51.100.0/24")


def test_a_prefix_goes_from_one_source_to_the_other(edge):
    """Static, then connected, then static again: FPM, ZAPI, FPM."""
    edge.static(("10.30.0.0/24", HOST4[0]))
    edge.wait_route("10.30.0.0/24", "offloaded")
    for _ in range(3):
        edge.kernel("addr", "add", "10.30.0.1/24", "dev", LINK)
        r = edge.wait_route("10.30.0.0/24", "waiting", "connected")
        assert r["protocol"] == "connected"
        edge.kernel("addr", "del", "10.30.0.1/24", "dev", LINK)
        assert edge.wait_route("10.30.0.0/24", "offloaded")["protocol"] == "static"
    for _ in range(10):
        edge.kernel("addr", "add", "10.30.0.1/24", "dev", LINK)
        edge.kernel("addr", "del", "10.30.0.1/24", "dev", LINK)
    edge.wait_quiet()
    assert edge.wait_route("10.30.0.0/24", "offloaded")["protocol"] == "static"
    edge.static(("10.30.0.0/24", HOST4[0], "no"))
    edge.wait_gone("10.30.0.0/24")


def test_link_down_and_up(edge):
    edge.kernel("link", "set", LINK, "down")
    wait_for(
        lambda: edge.route("10.10.0.0/16").get("state") not in ("offloaded", "leaving"),
        "not offloaded over a dead link",
    )
    edge.kernel("link", "set", LINK, "up")
    edge.wait_route("10.10.0.0/16", "offloaded")
    edge.wait_route("2001:db8:10::/48", "offloaded")
    for p in BLOCK:
        edge.wait_route(p, "offloaded")


# --- configuration ---


def test_a_rule_that_could_never_match_is_refused(edge):
    block = edge.offload_block()
    rc, out = edge.vtysh(
        "configure terminal", "offload", "rule 20", "match tag 5", "set class never"
    )
    assert "Rule 20 could never match" in out and "tag" in out, out
    edge.vtysh("configure terminal", "offload", "no rule 20")
    assert edge.offload_block() == block
    # Of kernel routes zebra tells it.
    edge.configure("offload", "rule 20", "match protocol kernel", "match metric 1 5",
                   "set class never")
    edge.configure("offload", "no rule 20")


# --- comings and goings ---


def test_resync_by_command(edge):
    wait_settled(edge, "settled before")
    known = flows(edge)
    before, sessions = writes(edge), fpm(edge)["connects"]
    rc, out = edge.vtysh("offload resync")
    assert rc == 0, out
    wait_for(lambda: fpm(edge)["connects"] == sessions + 1, "a new session")
    wait_settled(edge, "settled again")
    changed = differences(known, flows(edge))
    assert not changed, json.dumps(changed)
    assert writes(edge) == before
    for p in BLOCK:
        edge.wait_route(p, "offloaded")


def test_garbage(edge):
    """Whoever else connects ends the session, and it begins anew."""
    for data in (
        b"\x00" * 64,
        b"GET / HTTP/1.0\r\n\r\n",
        struct.pack("!BBH", 1, 1, 3),
        struct.pack("!BBH", 1, 1, 40) + b"\xff" * 36,
        # A route that is cut short.
        struct.pack("!BBH", 1, 1, 24) + struct.pack("<IHHII", 20, 24, 0, 0, 0) + b"\x02" * 4,
    ):
        wait_settled(edge, "settled before")
        before, bad, sessions = writes(edge), fpm(edge)["malformed"], fpm(edge)["connects"]
        talk(edge, data)
        wait_for(lambda: fpm(edge)["malformed"] > bad, "it is counted")
        wait_for(lambda: fpm(edge)["connects"] >= sessions + 2, "zebra is back")
        wait_settled(edge, "settled again")
        assert writes(edge) == before, "nothing is lost"
        assert edge.table()["used"] >= len(BLOCK)


def talk(edge, data):
    """Say this to offloadd, from the router's own namespace."""
    program = (
        "import socket,sys; s=socket.create_connection(('127.0.0.1',2621),5);"
        "s.settimeout(2);s.sendall(bytes.fromhex(sys.argv[1]));\n"
        "try: s.recv(1)\n"
        "except OSError: pass"
    )
    rc, out, err = edge.net.cmd_status(
        ["/usr/bin/python3", "-c", program, data.hex()], warn=False
    )
    assert rc == 0, out + err


def test_zebra_killed_and_restarted(edge):
    wait_settled(edge, "settled before")
    before, known = writes(edge), flows(edge)
    edge.signal("zebra", signal.SIGKILL)
    wait_for(lambda: edge.summary()["feed"]["connected"] is False, "the loss")
    assert not fpm(edge)["connected"]
    assert edge.table()["used"] >= len(BLOCK), "hardware goes on forwarding"
    edge.start("zebra")
    wait_settled(edge, "settled again")
    for p in BLOCK:
        edge.wait_route(p, "offloaded")
    # Not every daemon of FRR 8.4 says again what it had said to the zebra
    # before, nor is all of it active again; what zebra does not use is gone.
    now = flows(edge)
    lost = differences(known, now)
    for p in lost:
        _, out = edge.vtysh("show ip route %s json" % p)
        assert '"installed":true' not in out, "%s: %s\n%s" % (p, lost[p], out)
    added, replaced, deleted, _ = writes(edge)
    assert [added, replaced, deleted - len(lost)] == before[:3]


def test_offloadd_restarted(edge):
    lost = BLOCK[0]
    edge.wait_quiet()
    before = {p: f["id"] for p, f in flows(edge).items() if p in BLOCK}
    edge.signal("offloadd", signal.SIGTERM)
    edge.static((lost, HOST4[0], "no"))
    edge.start("offloadd")
    wait_settled(edge, "settled again")
    edge.wait_gone(lost)
    after = {p: f["id"] for p, f in flows(edge).items() if p in BLOCK}
    assert after == {p: i for p, i in before.items() if p != lost}
    edge.static((lost, HOST4[0]))
    edge.wait_route(lost, "offloaded")
