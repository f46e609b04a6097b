# SPDX-License-Identifier: GPL-2.0-or-later
"""A table of 100 slots: full at 97, open again below 90, critical first.

So small a table is placed at the exact optimum; all routes weigh the same, so
that is every slot up to the high watermark, and nobody driven out for it."""

import offload
from offload import HOST4, wait_for

CAPACITY, HIGH, LOW = 100, 97, 90
FILL = offload.subnets("10.64.0.0/10", 24, 150)
CUSTOMERS = offload.subnets("198.18.0.0/15", 24, 140)

edge = offload.module_edge("watermark", capacity=CAPACITY)


def offloaded(edge, prefixes):
    routes = edge.routes()
    return [p for p in prefixes if routes.get(p, {}).get("state") == "offloaded"]


def wait_optimum(edge, **want):
    """Wait until the table is at rest, placed at the exact optimum."""

    def right():
        t = edge.table()
        p = t.get("placement", {})
        return (
            p.get("valid")
            and p["exact"]
            and not p["improving"]
            and t["used"] == t["planned"]
            and not t["inFlight"]
            and all(t[k] == v for k, v in want.items())
            and t
        )

    t = wait_for(right, "the exact optimum with %s" % want)
    edge.wait_quiet()
    assert t["placement"]["qualityPercent"] == 100, t
    return t


def test_limits_are_shown(edge):
    t = edge.wait_table(capacity=CAPACITY, high=HIGH, low=LOW, admission="open")
    assert t["used"] == 0


def test_below_high_everything_goes_in(edge):
    edge.static(*[(p, HOST4[0]) for p in FILL[:80]])
    edge.wait_table(used=80, admission="open")
    assert len(offloaded(edge, FILL)) == 80


def test_best_effort_stops_at_high(edge):
    edge.static(*[(p, HOST4[0]) for p in FILL[80:]])
    wait_optimum(edge, used=HIGH, admission="closed")
    routes = edge.routes()
    inside = offloaded(edge, FILL)
    assert len(inside) == HIGH
    for p in FILL:
        if p not in inside:
            assert routes[p]["state"] == "waiting", routes[p]
            assert routes[p]["reason"] == "high-watermark", routes[p]
    assert edge.table()["crossingsHigh"] >= 1


def test_between_the_marks_nothing_moves(edge):
    victims = offloaded(edge, FILL)[:5]
    edge.static(*[(p, HOST4[0], "no") for p in victims])
    for p in victims:
        edge.wait_gone(p)
    edge.wait_quiet()
    edge.wait_table(used=HIGH - 5, admission="closed")
    edge.static(*[(p, HOST4[0]) for p in victims])
    for p in victims:
        edge.wait_route(p, "waiting", "high-watermark")
    edge.wait_table(used=HIGH - 5, admission="closed")


def wait_refilled(edge, crossed):
    """Fallen below low, filled up to high again, at rest."""
    wait_for(lambda: edge.table()["crossingsLow"] > crossed, "the door opened")
    t = wait_optimum(edge, used=HIGH)
    assert len(offloaded(edge, FILL)) == HIGH - t["critical"]
    assert t["admission"] == "closed", "full, and some wait"


def test_below_low_best_effort_comes_again(edge):
    before = edge.table()
    crossed = before["crossingsLow"]
    victims = offloaded(edge, FILL)[:5]
    edge.static(*[(p, HOST4[0], "no") for p in victims])
    for p in victims:
        edge.wait_gone(p)
    # 87 slots used: below the low mark, filled up to the high one again.
    wait_refilled(edge, crossed)
    t = edge.table()
    assert t["crossingsLow"] == crossed + 1
    edge.static(*[(p, HOST4[0]) for p in victims])


def test_critical_evicts_best_effort(edge):
    """At rest the room above the watermark is free again, for the next."""
    evicted = edge.table()["evictions"]
    edge.static(*[(p, HOST4[1]) for p in CUSTOMERS[:20]])
    wait_for(lambda: len(offloaded(edge, CUSTOMERS[:20])) == 20, "20 critical in")
    t = wait_optimum(edge, used=HIGH, critical=20)
    assert t["evictions"] == evicted + 20
    out = [r for r in edge.routes().values() if r["reason"] == "evicted-for-critical"]
    assert len(out) == 20, "each eviction names its reason"


def test_critical_fills_the_table(edge):
    """More critical routes than slots: the table is theirs, all of it."""
    edge.static(*[(p, HOST4[1]) for p in CUSTOMERS[20:]])
    wait_for(
        lambda: len(offloaded(edge, CUSTOMERS)) == CAPACITY, "only critical inside"
    )
    wait_optimum(edge, used=CAPACITY, critical=CAPACITY)
    assert not offloaded(edge, FILL)
    for p, r in edge.routes().items():
        if p in CUSTOMERS and r["state"] != "offloaded":
            assert r["state"] == "waiting", r
            # Among equals the optimum may have let another one in.
            assert r["reason"] in ("table-full", "evicted-for-critical"), r


def test_best_effort_returns_when_critical_leaves(edge):
    crossed = edge.table()["crossingsLow"]
    edge.static(*[(p, HOST4[1], "no") for p in CUSTOMERS])
    for p in CUSTOMERS:
        edge.wait_gone(p)
    wait_refilled(edge, crossed)
    assert edge.table()["critical"] == 0


def test_class_follows_the_prefix_list(edge):
    """A route becomes critical by an edit of the list, and ceases to be."""
    edge.wait_quiet()
    waiting = [p for p in FILL if p not in offloaded(edge, FILL)][0]
    edge.configure("ip prefix-list CUSTOMERS seq 10 permit %s" % waiting)
    r = edge.wait_route(waiting, "offloaded")
    assert r["class"] == "critical"
    edge.configure("no ip prefix-list CUSTOMERS seq 10 permit %s" % waiting)
    wait_for(
        lambda: edge.route(waiting)["class"] == "best-effort", "best-effort again"
    )


def test_crossings_are_in_the_database(edge):
    t = edge.table()

    def rows(kind):
        return edge.sql("SELECT COUNT(*) FROM event WHERE kind = ?", kind)[0][0]

    wait_for(
        lambda: rows("watermark-high") == t["crossingsHigh"]
        and rows("watermark-low") == t["crossingsLow"],
        "one event a crossing",
    )


def test_smaller_table_by_configuration(edge):
    edge.configure("offload", "table main", "capacity 50")
    wait_optimum(edge, capacity=50, high=48, low=45, used=48)
    edge.configure("offload", "table main", "capacity 100")
    wait_optimum(edge, capacity=CAPACITY, used=HIGH)
