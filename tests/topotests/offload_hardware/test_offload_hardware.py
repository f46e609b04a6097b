# SPDX-License-Identifier: GPL-2.0-or-later
"""Hardware that refuses, forgets and falls silent: the emulated table's
faults, seen from the router."""

import offload
from offload import HOST4, wait_for

edge = offload.module_edge("hardware", capacity=100)


def exercise(edge, line):
    rc, out = edge.vtysh("offload exercise table main " + line)
    assert rc == 0, out


def test_failed_entry_is_tried_again(edge):
    exercise(edge, "fail 1 a cosmic ray")
    edge.static(("10.40.0.0/16", HOST4[0]))
    edge.wait_route("10.40.0.0/16", "offloaded")
    failed = wait_for(
        lambda: edge.sql(
            "SELECT reason, text FROM history WHERE prefix = '10.40.0.0/16'"
            " AND to_state = 'failed'"
        ),
        "the failure is in history",
    )
    assert failed == [("hardware-error", "a cosmic ray")]


def test_refused_entry_says_why_and_waits_for_another_next_hop(edge):
    exercise(edge, "refuse real the chip is on strike")
    edge.static(("10.43.0.0/16", HOST4[0]))
    r = edge.wait_route("10.43.0.0/16", "failed", "hardware-unsupported")
    assert r["text"] == "the chip is on strike"
    exercise(edge, "accept")
    edge.static(("10.43.0.0/16", HOST4[1]), ("10.43.0.0/16", HOST4[0], "no"))
    edge.wait_route("10.43.0.0/16", "offloaded")
    edge.static(("10.43.0.0/16", HOST4[1], "no"))
    edge.wait_gone("10.43.0.0/16")


def test_lost_entry_is_decided_again(edge):
    sent = edge.table()["added"]
    exercise(edge, "lose 10.40.0.0/16")
    wait_for(lambda: edge.table()["lost"] == 1, "the loss is counted")
    wait_for(lambda: edge.table()["added"] == sent + 1, "it is written again")
    edge.wait_route("10.40.0.0/16", "offloaded")
    wait_for(
        lambda: edge.sql("SELECT text FROM event WHERE kind = 'hardware-lost'")
        == [("10.40.0.0/16",)],
        "the loss is on record",
    )


def test_silence_is_not_success(edge):
    """Nothing is called offloaded before hardware said so."""
    exercise(edge, "silent on")
    edge.static(("10.41.0.0/16", HOST4[0]))
    edge.wait_route("10.41.0.0/16", "sent")
    exercise(edge, "silent off")
    edge.wait_route("10.41.0.0/16", "offloaded", deadline=90)


def test_smaller_hardware_than_promised(edge):
    routes = offload.subnets("10.64.0.0/10", 24, 40)
    edge.static(*[(p, HOST4[0]) for p in routes])
    wait_for(lambda: edge.table().get("used") == 42, "all in")
    exercise(edge, "capacity 20")
    wait_for(lambda: edge.table().get("used", 99) <= 20, "shrunk")
    edge.wait_quiet()
    exercise(edge, "capacity 100")
    wait_for(lambda: edge.table().get("used") == 42, "all in again", deadline=90)


def test_provider_down_and_up(edge):
    exercise(edge, "down")
    wait_for(lambda: edge.table().get("ready") is False, "not ready")
    edge.static(("10.42.0.0/16", HOST4[0]))
    edge.wait_route("10.42.0.0/16", "waiting", "table-down")
    exercise(edge, "up")
    edge.wait_route("10.42.0.0/16", "offloaded")
    edge.wait_route("10.40.0.0/16", "offloaded")


def test_a_route_that_changes_its_table(edge):
    """It is leaving until the old table let go of its entry, and only then
    what the new one says."""
    edge.configure("offload", "default table main")
    edge.configure("offload", "table second", "capacity 50")
    edge.wait_route("10.40.0.0/16", "offloaded")
    assert edge.route("10.40.0.0/16")["table"] == "main"
    held = edge.table()["entries"]
    exercise(edge, "silent on")
    edge.configure(
        "ip prefix-list MOVES seq 5 permit 10.40.0.0/16",
        "offload",
        "rule 10",
        "match family ipv4",
        "match prefix-list MOVES",
        "set table second",
        "set class best-effort",
    )
    edge.wait_route("10.40.0.0/16", "leaving", "class-changed")
    assert edge.table()["entries"] == held
    exercise(edge, "silent off")
    edge.wait_route("10.40.0.0/16", "offloaded", deadline=90)
    assert edge.route("10.40.0.0/16")["table"] == "second"
    wait_for(lambda: edge.table()["entries"] == held - 1, "main let go")
    assert edge.table("second")["entries"] == 1
    # A table that goes hands its flows back, in safe order.
    edge.configure("offload", "no rule 10", "no table second")
    wait_for(lambda: edge.table()["entries"] == held, "all in main again")
    edge.wait_route("10.40.0.0/16", "offloaded")
    assert edge.route("10.40.0.0/16")["table"] == "main"
    edge.configure("offload", "no default table")
    edge.wait_quiet()
