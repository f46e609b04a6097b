# SPDX-License-Identifier: GPL-2.0-or-later
"""The auditor: what hardware or the database lost, or has too much, behind
offloadd's back is found, told and made right."""

import sqlite3

import offload
from offload import HOST4, wait_for

ROUTES = offload.subnets("10.64.0.0/10", 24, 40)

edge = offload.module_edge("audit")


def audit(edge):
    """A whole pass; returns what `show offload audit` says after it."""
    before = edge.show("audit")["passes"]
    rc, out = edge.vtysh("offload audit")
    assert rc == 0, out
    wait_for(
        lambda: edge.show("audit")["passes"] > before
        and not edge.show("audit")["running"],
        "the pass ended",
    )
    return edge.show("audit")


def found(edge, what):
    return [x for x in edge.show("audit")["found"] if x["what"] == what]


def exercise(edge, line):
    rc, out = edge.vtysh("offload exercise table main " + line)
    assert rc == 0, out


def test_nothing_to_find(edge):
    edge.static(*[(p, HOST4[0]) for p in ROUTES])
    edge.wait_table(used=len(ROUTES))
    edge.wait_quiet()
    last = audit(edge)["last"]
    assert last["differences"] == 0
    assert last["entries"] == len(ROUTES)
    assert last["flows"] >= len(ROUTES)
    assert last["rows"] >= len(ROUTES)
    assert not edge.show("audit")["found"]


def test_lost_silently(edge):
    lost = ROUTES[:3]
    for p in lost:
        exercise(edge, "lose-silently " + p)
    assert edge.table()["entries"] == len(ROUTES) - len(lost)
    assert audit(edge)["last"]["differences"] == len(lost)
    assert {x["prefix"] for x in found(edge, "missing")} == set(lost)
    edge.wait_table(used=len(ROUTES), entries=len(ROUTES))
    for p in lost:
        edge.wait_route(p, "offloaded")
        wait_for(
            lambda: ("hardware-lost",)
            in edge.sql("SELECT reason FROM history WHERE prefix = ?", p),
            "the loss is in the history",
        )
    assert audit(edge)["last"]["differences"] == 0


def write(edge, statement):
    """Somebody else writes into the database."""
    db = sqlite3.connect(edge.database, timeout=10)
    with db:
        n = db.execute(statement).rowcount
    db.close()
    return n


def test_database_says_otherwise(edge):
    wait_for(
        lambda: edge.sql("SELECT COUNT(*) FROM flow WHERE state = 'offloaded'")
        == [(len(ROUTES),)],
        "the database caught up",
    )
    before = audit(edge)["sinceStart"]["stored"]
    assert write(edge, "UPDATE flow SET state = 'waiting' WHERE prefix = '%s'" % ROUTES[4]) == 1
    assert write(edge, "DELETE FROM flow WHERE prefix = '%s'" % ROUTES[5]) == 1
    assert write(
        edge,
        "INSERT INTO flow (flow_id, prefix, vrf, state, reason, class, hw_table,"
        " protocol, rule, weight, since_us, text, generation)"
        " SELECT flow_id + 1000000, '192.0.2.0/24', vrf, state,"
        " reason, class, hw_table, protocol, rule, weight, since_us, text,"
        " generation FROM flow WHERE prefix = '%s'" % ROUTES[6],
    ) == 1
    assert audit(edge)["sinceStart"]["stored"] == before + 3
    wait_for(
        lambda: edge.sql("SELECT COUNT(*) FROM flow WHERE state = 'offloaded'")
        == [(len(ROUTES),)],
        "the rows are right again",
    )
    assert not edge.sql("SELECT 1 FROM flow WHERE prefix = '192.0.2.0/24'")
    assert audit(edge)["last"]["differences"] == 0


def test_events_tell(edge):
    texts = [
        t
        for t, in edge.sql("SELECT text FROM event WHERE kind = 'audit-difference'")
    ]
    assert any(ROUTES[0] in t and "missing" in t for t in texts), texts
    assert any(ROUTES[4] in t and "stored" in t for t in texts), texts


def test_by_itself(edge):
    """At its interval, and not while there is none."""
    edge.configure("offload", "audit interval 0")
    assert "nextInSeconds" not in edge.show("audit")
    exercise(edge, "lose-silently " + ROUTES[9])
    edge.configure("offload", "audit interval 5")
    edge.wait_table(used=len(ROUTES), entries=len(ROUTES))
    assert found(edge, "missing")[0]["prefix"] == ROUTES[9]
