# SPDX-License-Identifier: GPL-2.0-or-later
"""A feed that loses its routes at once is not believed at once, and hardware
that falls silent changes nobody's state: nothing flaps, and states say so."""

import signal

import offload
from offload import HOST4, wait_for

ROUTES = offload.subnets("10.64.0.0/10", 24, 60)
OTHER = offload.subnets("10.192.0.0/10", 24, 12)
# The last routes lead to a host of their own.
VIA = {p: HOST4[1] if p in ROUTES[55:] else HOST4[0] for p in ROUTES + OTHER}

edge = offload.module_edge("guard")


def announce(edge, prefixes):
    edge.static(*[(p, VIA[p]) for p in prefixes])


def withdraw(edge, prefixes):
    edge.static(*[(p, VIA[p], "no") for p in prefixes])


def feed(edge):
    return edge.summary().get("feed", {})


def guard(edge, words):
    edge.configure("offload", words)


def held(edge):
    return {p for p, r in edge.routes().items() if r.get("held")}


def events(edge, kind):
    rows = (edge.show("events") or {}).get("events", [])
    return [r.get("text", "") for r in rows if r["kind"] == kind]


def full(edge):
    edge.wait_table(used=len(ROUTES))
    edge.wait_quiet()


def lives(edge, prefixes):
    """What no flow may have changed by a flap: any arrow sets `since` anew."""
    routes = edge.routes()
    return [
        (p, routes[p]["id"], routes[p]["state"], routes[p]["since"]) for p in prefixes
    ]


def test_burst_is_held(edge):
    edge.configure("offload", "timers settle 1000", "timers hardware-timeout 500")
    guard(edge, "feed shrink-guard percent 25 hold 600 minimum 10")
    assert "no feed" not in "\n".join(edge.offload_block())
    announce(edge, ROUTES)
    full(edge)
    assert feed(edge)["state"] == "settled"
    assert feed(edge)["holding"] is False
    withdraw(edge, ROUTES[20:])
    wait_for(lambda: feed(edge)["routesDeleted"] >= 40, "zebra withdrew them")
    f = feed(edge)
    assert f["holding"] is True and f["state"] == "settled"
    # A quarter went before it was too much; of some more than 60.
    now = held(edge)
    assert now == set(ROUTES[20:]) & set(edge.routes())
    assert f["held"] == len(now) and 20 <= len(now) <= 26
    edge.wait_quiet()
    edge.wait_table(used=20 + len(now))
    r = edge.route(ROUTES[59])
    assert r["held"] is True and r["state"] == "offloaded"
    assert r["heldReason"] == "withdrawn" and r["heldUntil"] > r["heldSince"]
    assert edge.route(ROUTES[0])["held"] is False
    _, text = edge.vtysh("show offload route " + ROUTES[59])
    assert "Held until:" in text and "(in 0d 00:0" in text
    _, text = edge.vtysh("show offload")
    assert "Held by shrink-guard:" in text
    assert max(len(line) for line in text.splitlines()) <= 80
    (said,) = wait_for(lambda: events(edge, "feed-held"), "it is on record")
    assert "routes are lost" in said and "600 s" in said
    assert edge.log().count("the feed shrank at once") == 1


def test_announced_again_is_not_held(edge):
    some = sorted(held(edge))[:5]
    before = lives(edge, some)
    announce(edge, some)
    wait_for(lambda: not held(edge) & set(some), "believed again")
    edge.wait_quiet()
    for p in some:
        assert edge.route(p)["state"] == "offloaded"
    assert lives(edge, some) == before, "nothing was written for them"


def test_lost_neighbor_takes_effect(edge):
    h1 = offload.get_topogen().gears["h1"]
    last = ROUTES[59]
    assert last in held(edge) and ROUTES[30] not in edge.routes()
    h1.cmd_raises("ip addr del %s/24 dev h1-eth0" % VIA[last])
    edge.kernel("neigh", "flush", "to", VIA[last])
    edge.wait_route(last, "waiting", "neighbor-unresolved")
    assert edge.route(last)["held"] is True
    h1.cmd_raises("ip addr add %s/24 dev h1-eth0" % VIA[last])
    edge.wait_route(last, "offloaded")


def test_release_by_command(edge):
    count = len(held(edge))
    assert count
    rc, out = edge.vtysh("offload feed release")
    assert rc == 0, out
    wait_for(lambda: not held(edge) and not feed(edge)["holding"], "let go")
    edge.wait_table(used=25)
    (said,) = wait_for(lambda: events(edge, "feed-released"), "it is on record")
    assert said == "by command; %d routes withdrawn" % count
    rc, out = edge.vtysh("offload feed release")
    assert "Nothing is held." in out


def test_time_and_switching_off_let_go(edge):
    announce(edge, ROUTES)
    full(edge)
    guard(edge, "feed shrink-guard hold 2")
    withdraw(edge, ROUTES)
    wait_for(lambda: len(events(edge, "feed-held")) == 2, "held")
    edge.wait_table(used=0)
    wait_for(lambda: len(events(edge, "feed-released")) == 2, "released")
    assert events(edge, "feed-released")[0].startswith("the time is over")
    announce(edge, ROUTES)
    full(edge)
    guard(edge, "feed shrink-guard hold 600")
    withdraw(edge, ROUTES)
    wait_for(lambda: held(edge), "held")
    guard(edge, "no feed shrink-guard")
    edge.wait_table(used=0)
    assert " no feed shrink-guard" in edge.offload_block()
    guard(edge, "feed shrink-guard percent 25 hold 600 minimum 10")


def test_half_of_it_comes_back_with_zebra(edge):
    """zebra dies twice, the second time before it said much."""
    announce(edge, ROUTES)
    full(edge)
    before, writes = lives(edge, ROUTES), edge.table()["opsSent"]
    edge.signal("zebra", signal.SIGKILL)
    wait_for(lambda: feed(edge)["state"] == "lost", "the loss is told")
    withdraw(edge, ROUTES[30:])
    edge.start("zebra")
    wait_for(lambda: feed(edge)["state"] == "syncing", "it says what it has")
    f = feed(edge)
    assert f["toAnnounceAgain"] >= 60 and f["settled"] is False
    assert f["announcedAgain"] < f["toAnnounceAgain"]
    edge.signal("zebra", signal.SIGKILL)
    wait_for(lambda: feed(edge)["state"] == "lost", "the loss is told")
    edge.start("zebra")
    wait_for(lambda: feed(edge)["state"] == "settled", "settled", deadline=120)
    assert held(edge) == set(ROUTES[30:])
    f = feed(edge)
    assert f["holding"] is True and f["held"] == 30
    assert edge.route(ROUTES[30])["heldReason"] == "stale"
    assert edge.table()["used"] == len(ROUTES)
    assert edge.table()["opsSent"] == writes, "nothing was written"
    assert lives(edge, ROUTES) == before, "no state changed"
    rc, out = edge.vtysh("offload feed release")
    assert rc == 0, out
    edge.wait_table(used=30)
    reasons = wait_for(
        lambda: edge.sql(
            "SELECT reason FROM history WHERE prefix = ? AND to_state = 'gone'"
            " ORDER BY at_us DESC LIMIT 1",
            ROUTES[30],
        ),
        "the end is on record",
    )
    assert reasons


def test_silent_hardware_flaps_nothing(edge):
    stay = ROUTES[5:]
    announce(edge, ROUTES)
    full(edge)
    before = lives(edge, stay)
    offload_line = "offload exercise table main "
    rc, out = edge.vtysh(offload_line + "silent on")
    assert rc == 0, out
    announce(edge, OTHER)
    withdraw(edge, ROUTES[:5])
    t = edge.wait_table(silent=True)
    assert t["ready"] is True and t["silentSince"]
    edge.wait_table(inFlight=len(OTHER) + 5)
    edge.wait_route(OTHER[0], "sent", "hardware-silent")
    edge.wait_route(ROUTES[0], "leaving")
    _, text = edge.vtysh("show offload")
    text = " ".join(text.split())
    assert "silent for" in text and "17 operations unanswered" in text
    rc, out = edge.vtysh(offload_line + "silent off")
    assert rc == 0, out
    edge.wait_table(silent=False, inFlight=0, used=len(stay) + len(OTHER))
    edge.wait_quiet()
    for p in OTHER:
        assert edge.route(p)["state"] == "offloaded"
    assert lives(edge, stay) == before, "nobody else noticed"
    # The database is written a moment later.
    wait_for(
        lambda: {"hardware-silent", "hardware-answers"}
        <= {r["kind"] for r in edge.show("events")["events"]},
        "both are on record",
    )


def test_absent_provider_flaps_nothing(edge):
    stay = ROUTES[5:]
    before = lives(edge, stay)
    offload_line = "offload exercise table main "
    for _ in range(3):
        edge.vtysh(offload_line + "down")
        wait_for(lambda: edge.table().get("ready") is False, "not ready")
        withdraw(edge, OTHER[:6])
        announce(edge, ROUTES[:5])
        edge.wait_route(ROUTES[0], "waiting", "table-down")
        (t,) = edge.summary()["tables"]
        assert t["notReadyText"] and t["readySince"]
        _, text = edge.vtysh("show offload")
        assert "not ready for" in text
        assert edge.route(stay[0])["state"] == "offloaded"
        edge.vtysh(offload_line + "up")
        edge.wait_table(ready=True, used=len(ROUTES) + len(OTHER) - 6)
        edge.wait_quiet()
        announce(edge, OTHER[:6])
        withdraw(edge, ROUTES[:5])
        edge.wait_table(used=len(stay) + len(OTHER))
        edge.wait_quiet()
    assert lives(edge, stay) == before, "nobody else noticed"
