# SPDX-License-Identifier: GPL-2.0-or-later
"""Operational state of the model, as FRR's northbound serves it: the same facts
as the show commands have.

FRR 8.4's command cannot ask for a list or for an entry of one, so lists are
taken from a container above them; that keys are served is a unit test's."""

import json

import offload
from offload import HOST4, wait_for

ROUTES = offload.subnets("10.64.0.0/10", 24, 60)
CRITICAL = offload.subnets("198.18.0.0/15", 24, 3)
CAPACITY = 32

edge = offload.module_edge("yang", capacity=CAPACITY)

# Asks the daemon itself: vtysh of FRR offers this command for FRR's own
# daemons only.
ASK = r"""
import glob, socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(glob.glob("/var/run/frr/offloadd.vty")[0])
out = b""
for line in ["enable", sys.argv[1]]:
    s.sendall(line.encode() + b"\0")
    out = b""
    while out[-4:-1] != b"\0\0\0":
        got = s.recv(65536)
        if not got:
            sys.exit("the daemon closed")
        out += got
print(out[:-4].decode())
"""


def state(edge, path=""):
    """What is below /frr-offload:offload/state/PATH; {} if nothing is."""
    xpath = "/frr-offload:offload/state" + ("/" + path if path else "")
    rc, out, err = edge.net.cmd_status(
        ["python3", "-c", ASK, "show yang operational-data " + xpath], warn=False
    )
    assert rc == 0, out + err
    at = out.find("{")
    data = json.loads(out[at:]) if at >= 0 else {}
    return data.get("frr-offload:offload", {}).get("state", {})


def entries(edge, which, **keys):
    """Entries of a list of the state, those with these keys."""
    return [
        e
        for e in state(edge).get(which, [])
        if all(e[k] == v for k, v in keys.items())
    ]


def flow(edge, prefix):
    got = entries(edge, "flow", vrf="default", prefix=prefix)
    assert len(got) < 2, got
    return got[0] if got else {}


def test_settled(edge):
    edge.static(*[(p, HOST4[0]) for p in ROUTES])
    edge.static(*[(p, HOST4[1]) for p in CRITICAL])
    for p in CRITICAL:
        edge.wait_route(p, "offloaded")
    edge.wait_quiet()


def test_sums(edge):
    shown, got = edge.summary(), state(edge, "flows")["flows"]
    assert int(got["total"]) == shown["flows"]
    assert {s["name"]: int(s["flows"]) for s in got["state"]} == shown["states"]
    assert {s["name"]: int(s["flows"]) for s in got["class"]} == shown["classes"]
    reasons = {r["name"]: r for r in got["reason"]}
    for name, count in shown["reasons"].items():
        assert int(reasons[name]["flows"]) == count
    asked = {r["reason"]: r for r in edge.show("reasons")["reasons"]}
    assert set(asked) == set(reasons)
    for name, r in reasons.items():
        assert r["meaning"] == asked[name]["meaning"]
        assert r["remedy"] == asked[name]["remedy"]


def test_feed_and_store(edge):
    shown, got = edge.summary(), state(edge)
    assert got["feed"]["state"] == shown["feed"]["state"] == "settled"
    assert int(got["feed"]["routes"]) == shown["feed"]["routes"]
    assert got["feed"]["hold"]["active"] is False
    assert "since" not in got["feed"]["hold"]
    assert got["store"]["state"] == shown["store"]["state"] == "ok"
    assert got["store"]["path"] == shown["store"]["path"]
    assert int(got["store"]["file-size"]) > 0
    assert got["fib"] == {"observed": False}
    assert int(got["kernel"]["links"]) == shown["kernel"]["links"]


def check_table(got, shown):
    assert got["provider"] == shown["provider"]
    assert got["state"] == ("ready" if shown["ready"] else "not-ready")
    assert got["max-limit"] == shown["capacity"] == CAPACITY
    assert got["used"] == shown["used"]
    assert got["committed"] == shown["planned"]
    assert got["used"] + got["free"] == got["max-limit"]
    assert got["used"] <= got["high-watermark"] <= got["max-limit"]
    assert got["used-threshold-upper"] == shown["high"] * 100 // CAPACITY
    assert got["used-threshold-upper-clear"] == shown["low"] * 100 // CAPACITY
    assert got["used-threshold-upper-exceeded"] == (shown["admission"] == "closed")
    assert got["routes"]["count"] == shown["routes"]
    assert got["routes"]["waiting"] == shown["waiting"]
    assert got["hardware"]["entries"] == shown["entries"]
    assert int(got["writes"]["ok"]) == shown["opsOk"]
    assert got["placement"]["valid"] == shown["placement"]["valid"]
    if got["placement"]["valid"]:
        assert int(got["placement"]["value"]) == shown["placement"]["value"]


def test_table(edge):
    one = entries(edge, "table", name="main")
    assert len(one) == 1
    check_table(one[0], edge.table())
    assert [t["name"] for t in entries(edge, "table")] == ["main"]


def check_flow(got, shown):
    """Every leaf that both have is the same."""
    for yang, js in (
        ("vrf", "vrf"), ("prefix", "prefix"), ("protocol", "protocol"),
        ("distance", "distance"), ("metric", "metric"), ("tag", "tag"),
        ("instance", "instance"), ("class", "class"), ("rule", "rule"),
        ("weight", "weight"), ("offload-or-fail", "offloadOrFail"),
        ("state", "state"), ("reason", "reason"), ("text", "text"),
        ("held", "held"), ("table", "table"), ("entry", "entry"),
        ("wanted-entry", "wantedEntry"), ("slots", "slots"), ("cover", "cover"),
        ("covers-needed", "coversNeededCount"), ("action", "action"),
    ):
        assert got.get(yang) == shown.get(js), (yang, got, shown)
    assert int(got["id"]) == shown["id"]
    assert got["since"][:19] == shown["since"][:19]
    assert [
        (n["interface"], n["gateway"], n["mac"], n["weight"])
        for n in got.get("next-hop", [])
    ] == [
        (n["interface"], n["gateway"], n["mac"], n["weight"])
        for n in shown.get("nexthops", [])
    ]


def test_each_leaf(edge):
    waiting = [r["prefix"] for r in edge.routes().values() if r["state"] == "waiting"]
    for prefix in CRITICAL + waiting[:3] + ["127.0.0.0/8", "fe80::/10"]:
        check_flow(flow(edge, prefix), edge.route(prefix))
    assert not flow(edge, "192.0.2.0/24")


def test_all_flows(edge):
    all_of_them = entries(edge, "flow")
    shown = edge.routes()
    assert len(all_of_them) == len(shown)
    assert {f["prefix"] for f in all_of_them} == set(shown)
    for f in all_of_them:
        assert f["state"] == shown[f["prefix"]]["state"]


def test_refusal(edge):
    """The error number and the words of hardware are told."""
    prefix = offload.subnets("198.19.0.0/16", 24, 1)[0]
    rc, out = edge.vtysh("offload exercise table main fail 1 out of luck")
    assert rc == 0, out
    edge.static((prefix, HOST4[1]))

    def refused():
        f = flow(edge, prefix)
        return f.get("reason") == "hardware-error" and f

    got = wait_for(refused, "the refusal is told")
    assert (got["errno"], got["text"]) == (5, "out of luck")
    edge.wait_route(prefix, "offloaded")
    assert "errno" not in flow(edge, prefix)


def test_audit(edge):
    before = edge.show("audit")["passes"]
    rc, out = edge.vtysh("offload audit")
    assert rc == 0, out
    wait_for(lambda: edge.show("audit")["passes"] > before, "the pass ended")
    got, shown = state(edge, "audit")["audit"], edge.show("audit")
    assert int(got["passes"]) == shown["passes"]
    assert int(got["last"]["flows"]) == shown["last"]["flows"]
    assert got["last"]["began"][:19] == shown["last"]["began"][:19]
    assert [d["kind"] for d in got["difference"]] == [
        "missing", "changed", "extra", "stored"
    ]


def test_lists(edge):
    edge.configure(
        "offload",
        "acl EDGE",
        "seq 10 permit tcp any any eq 80",
        "seq 20 deny udp any any",
        "exit",
        "access-group EDGE interface %s in" % offload.LINK,
        "flow web interface %s priority 5 permit tcp any any eq 443" % offload.LINK,
    )
    got = state(edge)
    shown = edge.show("acl")
    assert got["frr-offload-acl:acl-totals"]["acls"] == shown["count"] == 2
    lists = {a["name"]: a for a in got["frr-offload-acl:acl"]}
    assert set(lists) == {a["name"] for a in shown["acls"]}
    for a in shown["acls"]:
        assert lists[a["name"]]["entries"] == a["entries"]
        assert lists[a["name"]]["attached"] == a["attached"]
    points = got["frr-offload-acl:attachment"]
    assert [(p["interface"], p["direction"], p["acl"]) for p in points] == [
        (offload.LINK, "in", "EDGE")
    ]
    aces = {
        e["sequence"]: e
        for e in got["frr-offload-acl:acl-entry"]
        if e["origin"] == "acl"
    }
    for a in edge.show("acl EDGE")["aces"]:
        e = aces.pop(a["sequence"])
        for leaf in "state", "reason", "forwarding", "match", "class", "weight":
            assert e[leaf] == a[leaf]
        assert e["software"]["in-force"] == a["software"]["inForce"]
    assert not aces
    web = edge.show("flow static web")
    (web_state,) = got["frr-offload-acl:static-flow"]
    for leaf in "name", "interface", "priority", "state", "reason", "match":
        assert web_state[leaf] == web[leaf]


def test_rebalance(edge):
    rc, out = edge.vtysh("offload rebalance main")
    assert rc == 0, out
    rc, out = edge.vtysh("offload rebalance")
    assert rc == 0, out
    _, out = edge.vtysh("offload rebalance nothing")
    assert "There is no table nothing." in out


def test_resync_keeps_everything(edge):
    """Zebra is asked again, nothing leaves hardware, and what zebra does not
    name any more goes when it has settled."""
    before = edge.table()
    stale = state(edge, "feed")["feed"]["stale-removed"]
    rc, out = edge.vtysh("offload resync")
    assert rc == 0, out
    assert edge.summary()["feed"]["state"] == "syncing"

    def settled():
        feed = edge.summary()["feed"]
        return feed["state"] == "settled" and feed

    feed = wait_for(settled, "the feed settled again")
    assert feed["announcedAgain"] == feed["toAnnounceAgain"] > len(ROUTES)
    assert state(edge, "feed")["feed"]["stale-removed"] == stale
    after = edge.table()
    assert after["deleted"] == before["deleted"]
    assert after["added"] == before["added"]
    # A resync is no loss of zebra.
    assert feed["connects"] == 1
    edge.static((CRITICAL[0], HOST4[1], "no"))
    edge.wait_gone(CRITICAL[0])
    assert not flow(edge, CRITICAL[0])


def test_clear_history(edge):
    def rows():
        return edge.sql("SELECT COUNT(*) FROM history")[0][0]

    wait_for(lambda: rows() > len(ROUTES), "history is written")
    _, out = edge.vtysh("clear offload history before 2026-13-01")
    assert "not a day of the calendar" in out
    had = rows()
    rc, out = edge.vtysh("clear offload history before 2000-01-01")
    assert rc == 0, out
    rc, out = edge.vtysh("clear offload history")
    assert rc == 0, out
    wait_for(lambda: rows() < had, "history is gone")
