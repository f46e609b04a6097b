# SPDX-License-Identifier: GPL-2.0-or-later
"""zebra dies, offloadd stops, offloadd is killed: nothing flaps, leaks or
is forgotten."""

import os
import signal

import offload
from offload import HOST4, wait_for

ROUTES = offload.subnets("10.64.0.0/10", 24, 60)

edge = offload.module_edge("restart")


def counters(edge):
    """What hardware and history saw of these routes so far."""
    states = {p: r["state"] for p, r in edge.routes().items() if p in ROUTES}
    rows = edge.sql("SELECT COUNT(*) FROM history WHERE prefix LIKE '10.%'")
    table = edge.table()
    writes = [table[k] for k in ("added", "replaced", "deleted", "opsSent")]
    return states, rows, writes


def test_routes_in(edge):
    edge.static(*[(p, HOST4[0]) for p in ROUTES])
    edge.wait_table(used=len(ROUTES))
    edge.wait_quiet()


def test_zebra_killed_and_restarted(edge):
    # History is on disk about a second late: compare when it stands still.
    wait_for(
        lambda: edge.sql("SELECT COUNT(*) FROM flow WHERE state = 'offloaded'")
        == [(len(ROUTES),)],
        "the database caught up",
    )
    before = counters(edge)
    transitions = edge.summary()["transitions"]
    edge.signal("zebra", signal.SIGKILL)
    wait_for(
        lambda: edge.summary()["feed"]["connected"] is False, "the loss is noticed"
    )
    assert edge.table()["used"] == len(ROUTES), "hardware goes on forwarding"
    edge.start("zebra")
    wait_for(
        lambda: edge.summary()["feed"]["connected"]
        and edge.summary()["feed"]["settled"],
        "the feed settled again",
        deadline=120,
    )
    edge.wait_quiet()
    assert edge.table()["used"] == len(ROUTES)
    after = counters(edge)
    assert after[0] == before[0]
    assert after[1:] == before[1:], "no entry was written, no route changed"
    moved = edge.summary()["transitions"] - transitions
    # Connected and local routes may come and go with zebra; ours may not.
    assert moved < len(ROUTES)


def test_withdrawn_while_zebra_was_away(edge):
    """Mark and sweep: what is not announced again leaves, reason stale."""
    lost = ROUTES[:7]
    edge.signal("zebra", signal.SIGKILL)
    pid = edge.pid("staticd")
    edge.static(*[(p, HOST4[0], "no") for p in lost])
    edge.start("zebra")
    for p in lost:
        wait_for(lambda: not edge.route(p), p + " swept", deadline=120)
    edge.wait_table(used=len(ROUTES) - len(lost))
    assert edge.pid("staticd") == pid
    reasons = wait_for(
        lambda: edge.sql(
            "SELECT DISTINCT reason FROM history WHERE prefix = ? AND to_state = 'gone'",
            lost[0],
        ),
        "history has the end",
    )
    assert reasons[-1] == ("stale",) or ("withdrawn",) in reasons
    edge.static(*[(p, HOST4[0]) for p in lost])
    edge.wait_table(used=len(ROUTES))


def test_sigterm_stops_without_a_leak(edge):
    edge.wait_quiet()
    pid = edge.signal("offloadd", signal.SIGTERM)
    leak = offload.leak_report(edge, pid)
    assert not leak, leak
    assert not offload.crash_report(edge)
    # Everything is on disk before the end.
    assert edge.sql("SELECT COUNT(*) FROM flow WHERE state = 'offloaded'") == [
        (len(ROUTES),)
    ]


def test_start_again(edge):
    ids = dict(edge.sql("SELECT prefix, flow_id FROM flow WHERE vrf = 'default'"))
    edge.start("offloadd")
    edge.wait_table(used=len(ROUTES))
    edge.wait_quiet()
    now = {p: r["id"] for p, r in edge.routes().items()}
    assert now == {p: ids[p] for p in now}, "flows are who they were"
    # A new one is nobody who ever was.
    new = "10.127.0.0/24"
    edge.static((new, HOST4[0]))
    edge.wait_route(new, "offloaded")
    highest = edge.sql("SELECT MAX(flow_id) FROM history")[0][0]
    assert edge.route(new)["id"] > max(ids.values())
    assert edge.route(new)["id"] >= highest
    edge.static((new, HOST4[0], "no"))
    edge.wait_gone(new)
    edge.wait_table(used=len(ROUTES))


def test_killed_and_started_again(edge):
    edge.signal("offloadd", signal.SIGKILL)
    edge.start("offloadd")
    edge.wait_table(used=len(ROUTES))
    edge.wait_quiet()
    # One row a flow: those of the killed process are swept.
    wait_for(
        lambda: edge.sql("SELECT COUNT(*) FROM flow WHERE prefix = ?", ROUTES[0])
        == [(1,)],
        "no row twice",
    )


def test_sigint_and_sighup(edge):
    """SIGHUP must not hurt; SIGINT stops like SIGTERM."""
    pid = edge.pid("offloadd")
    os.kill(pid, signal.SIGHUP)
    edge.wait_table(used=len(ROUTES))
    assert edge.pid("offloadd") == pid
    edge.signal("offloadd", signal.SIGINT)
    assert not offload.leak_report(edge, pid)
    edge.start("offloadd")
    edge.wait_table(used=len(ROUTES))


def test_clean_on_exit_takes_every_entry_out(edge):
    edge.configure("offload", "clean-on-exit")
    pid = edge.signal("offloadd", signal.SIGTERM)
    assert not offload.leak_report(edge, pid)
    assert not offload.crash_report(edge)
    states = dict(
        edge.sql("SELECT state, COUNT(*) FROM v_flow WHERE NOT stale GROUP BY state")
    )
    assert "offloaded" not in states and "leaving" not in states, states
    (entries,) = edge.sql(
        "SELECT COUNT(*) FROM history WHERE from_state = 'leaving'"
        " AND op = 'delete' AND at_us >="
        " (SELECT MAX(at_us) - 10000000 FROM history)"
    )
    assert entries[0] >= len(ROUTES)
    # Written nowhere but in the running configuration: gone with it.
    edge.start("offloadd")
    edge.wait_table(used=len(ROUTES))
