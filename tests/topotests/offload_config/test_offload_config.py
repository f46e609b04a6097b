# SPDX-License-Identifier: GPL-2.0-or-later
"""Configuration: typed in vtysh, written, loaded again, refused when bad."""

import os
import signal

import pytest

import offload
from offload import HOST4, wait_for

edge = offload.module_edge("config")


def test_what_was_loaded_is_printed(edge):
    block = [x.strip() for x in edge.offload_block()]
    for line in (
        "table main",
        "capacity 1000",
        "rule 10",
        "match prefix-list CUSTOMERS",
        "match family ipv4",
        "set class critical",
        "database path " + edge.database,
    ):
        assert line in block, (line, block)


def test_edit_takes_effect(edge):
    edge.static(("10.10.0.0/16", HOST4[0]), ("198.18.1.0/24", HOST4[0]))
    edge.wait_route("10.10.0.0/16", "offloaded")
    edge.configure("offload", "default class never")
    edge.wait_route("10.10.0.0/16", "waiting", "rule-never")
    assert edge.wait_route("198.18.1.0/24", "offloaded")["class"] == "critical"
    edge.configure(
        "offload", "rule 20", "match protocol static", "set class best-effort"
    )
    assert edge.wait_route("10.10.0.0/16", "offloaded")["rule"] == 20
    edge.configure("offload", "no rule 20")
    edge.wait_route("10.10.0.0/16", "waiting", "rule-never")
    edge.configure("offload", "no default class")
    edge.wait_route("10.10.0.0/16", "offloaded")


BAD = [
    ("low above high", ["offload", "table main", "low-watermark 98 percent"]),
    ("high below low", ["offload", "table main", "high-watermark 50 percent"]),
    ("more than all", ["offload", "table main", "high-watermark 101 percent"]),
    ("no slot at all", ["offload", "table main", "capacity 0"]),
    ("covers for all", ["offload", "table main", "critical-cover-limit 1001"]),
    ("too sticky", ["offload", "table main", "hysteresis 101"]),
    ("always a sweep", ["offload", "table main", "rebalance-interval 0"]),
    ("unknown provider", ["offload", "table main", "provider moonbeam"]),
    ("tc without a port", ["offload", "table main", "provider tc"]),
    ("no interface", ["offload", "table main", "tc port up/down"]),
    ("block zero", ["offload", "table main", "tc block 0"]),
    ("unknown class", ["offload", "rule 10", "set class urgent"]),
    ("unknown protocol", ["offload", "rule 10", "match protocol smoke"]),
    ("unknown table", ["offload", "rule 10", "set table nowhere"]),
    ("rule number zero", ["offload", "rule 0"]),
    ("negative tag", ["offload", "rule 10", "match tag -1"]),
    ("unknown default table", ["offload", "default table nowhere"]),
    ("nonsense", ["offload", "fly"]),
    ("nonsense in a table", ["offload", "table main", "colour blue"]),
]


@pytest.mark.parametrize("what,lines", BAD, ids=[b[0].replace(" ", "-") for b in BAD])
def test_bad_configuration_changes_nothing(edge, what, lines):
    before = edge.offload_block()
    pid = edge.pid("offloadd")
    rc, out = edge.vtysh("configure terminal", *lines)
    assert edge.offload_block() == before, what
    assert out.strip(), what + ": refused without a word"
    assert edge.pid("offloadd") == pid and offload.is_running(pid)


def test_written_and_loaded_again(edge):
    edge.configure(
        "offload",
        "table main",
        "capacity 512",
        "low-watermark 300 slots",
        "high-watermark 400 slots",
        "reserve 100",
        "hysteresis 50",
        "residence 0",
        "critical-cover-limit 20",
        "optional-writes 0",
        "rebalance-interval 60",
        "no exact-placement",
        "exit",
        "rule 30",
        "match protocol bgp",
        "match family ipv6",
        "set class never",
        "exit",
    )
    block = edge.offload_block()
    rc, out = edge.vtysh("write memory")
    assert rc == 0, out
    rc, saved, _ = edge.net.cmd_status(["cat", "/etc/frr/offloadd.conf"])
    for line in block:
        assert line in saved.splitlines(), (line, saved)
    edge.signal("offloadd", signal.SIGTERM)
    edge.start("offloadd")
    wait_for(lambda: edge.table().get("capacity") == 512, "the written capacity")
    assert edge.offload_block() == block
    t = edge.table()
    assert (t["high"], t["low"], t["reserve"]) == (400, 300, 100)
    assert "optionalLeft" not in t["placement"], "they are not limited"


def test_written_integrated_and_loaded_by_vtysh(edge):
    """One frr.conf for all daemons: our block survives write and vtysh -b."""
    block = edge.offload_block()
    edge.net.cmd_raises("echo 'service integrated-vtysh-config' > /etc/frr/vtysh.conf")
    edge.net.cmd_raises("chown frr:frrvty /etc/frr/vtysh.conf")
    rc, out = edge.vtysh("write memory")
    assert rc == 0, out
    _, saved, _ = edge.net.cmd_status(["cat", "/etc/frr/frr.conf"])
    start = saved.splitlines().index("offload")
    assert saved.splitlines()[start : start + len(block)] == block
    # With frr.conf there offloadd starts empty; vtysh -b fills it.
    edge.net.cmd_raises("rm -f /etc/frr/offloadd.conf")
    edge.signal("offloadd", signal.SIGTERM)
    edge.start("offloadd")
    rc, out, err = edge.net.cmd_status(["vtysh", "-b"], warn=False)
    assert rc == 0, out + err
    assert "Unknown command" not in out + err, out + err
    assert edge.offload_block() == block
    edge.wait_route("10.10.0.0/16", "offloaded")


def test_removing_everything(edge):
    edge.configure("no offload")
    wait_for(lambda: not edge.table(), "no table any more")
    assert edge.offload_block() in ([], ["offload", "exit"])
    edge.wait_route("10.10.0.0/16", "waiting", "no-table")
    edge.configure(
        "offload", "database path " + edge.database, "table main", "capacity 100"
    )
    edge.wait_route("10.10.0.0/16", "offloaded")


def test_every_show_command_answers(edge):
    for what in (
        "",
        "summary",
        "table",
        "table main",
        "route",
        "route 10.10.0.0/16",
        "flow",
        "rules",
        "history",
        "history 10.10.0.0/16",
        "history 10.10.0.0/16 since 1d until 2100-01-01T00:00:00Z limit 5",
        "history vrf default since 2026-01-01T00:00",
        "events since 12h",
        "events",
        "reasons",
    ):
        rc, out = edge.vtysh(("show offload " + what).strip())
        assert rc == 0 and out.strip(), what
        assert "Unknown command" not in out, what
        if what:
            assert edge.show(what) is not None, what + ": no JSON"


def test_unknown_route_is_said_plainly(edge):
    rc, out = edge.vtysh("show offload route 203.0.113.0/24")
    assert out.strip()
    assert not edge.route("203.0.113.0/24")


def test_history_of_a_time(edge):
    """A route, a time, a reason in plain words; times that are none are refused."""
    rows = wait_for(
        lambda: edge.show("history 10.10.0.0/16 since 1h")["history"], "history"
    )
    assert {r["prefix"] for r in rows} == {"10.10.0.0/16"}
    assert [r["sequence"] for r in rows] == sorted(
        (r["sequence"] for r in rows), reverse=True
    )
    never = [r for r in rows if r["reason"] == "rule-never"]
    assert never and "stays in software" in never[0]["meaning"]
    assert edge.show("history 10.10.0.0/16 until 1d")["history"] == []
    assert edge.show("history since 2100-01-01")["history"] == []
    assert edge.show("events since 2100-01-01")["events"] == []
    rc, out = edge.vtysh("show offload history 10.10.0.0/16 since 1h limit 1")
    assert rc == 0 and "the newest 1;" in out, out
    for what, why in (
        ("history since yesterday", "since yesterday: not a time; write 2026-"),
        ("history until 2026-02-30", "until 2026-02-30: not a day of the calendar"),
        ("history since 1h until 2h", "since is not before until"),
        ("history 10.10.1.0/16", "10.10.1.0/16 has host bits; the route is 10.10.0.0/16"),
        ("history 2001:db8::1/32", "the route is 2001:db8::/32"),
        ("events since 5w", "since 5w: not a time"),
    ):
        rc, out = edge.vtysh("show offload " + what)
        assert why in out, (what, out)
        assert why in edge.show(what)["error"], what


def test_summary_tells_the_database(edge):
    store = edge.show("summary")["store"]
    assert store["state"] == "ok" and store["error"] == ""
    assert "degradedSince" not in store
    assert store["queueLimit"] > 0 and store["dropped"] == 0
    rc, out = edge.vtysh("show offload summary")
    assert "Queue limit" in out and "Degraded since" not in out
    edge.configure("offload", "database path /nonexistent/offloadd/x.db")
    store = wait_for(
        lambda: next(
            (s for s in [edge.show("summary")["store"]] if s["state"] == "degraded"),
            None,
        ),
        "degraded",
    )
    assert "No such file" in store["error"] and store["degradedSince"].endswith("Z")
    rc, out = edge.vtysh("show offload summary")
    assert "Degraded since" in out
    edge.configure("offload", "database path " + edge.database)
    wait_for(
        lambda: edge.show("summary")["store"]["state"] == "ok"
        and edge.show("summary")["store"]["queued"] == 0,
        "well again",
    )


def test_clear_history(edge):
    wait_for(lambda: edge.sql("SELECT COUNT(*) FROM history") > [(0,)], "history")
    rc, out = edge.vtysh("clear offload history")
    assert rc == 0, out
    wait_for(lambda: edge.sql("SELECT COUNT(*) FROM history") == [(0,)], "emptied")


def test_frr_user_and_no_more_rights_than_needed(edge):
    pid = edge.pid("offloadd")
    with open("/proc/%d/status" % pid) as f:
        status = dict(x.split(":\t", 1) for x in f.read().splitlines() if ":\t" in x)
    assert status["Uid"].split()[0] != "0", "runs as root"
    # Nothing beyond CAP_NET_ADMIN (12) and CAP_NET_RAW (13), if that.
    allowed = (1 << 12) | (1 << 13)
    assert int(status["CapPrm"], 16) & ~allowed == 0, status["CapPrm"]
    assert os.stat(edge.database).st_uid == int(status["Uid"].split()[0])
