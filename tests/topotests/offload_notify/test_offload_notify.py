# SPDX-License-Identifier: GPL-2.0-or-later
"""What offloadd says without being asked: a watermark crossed both ways, however
often; critical and offload-or-fail flows out of hardware, and in it again;
entries that hardware dropped; a feed that is held or lost; a database that is
not written.  Each by its line in the log and by `show offload alarms`."""

import os
import re
import signal

import offload
from offload import HOST4, wait_for

CAPACITY, HIGH, LOW = 100, 97, 90
FILL = offload.subnets("10.64.0.0/10", 24, 120)
CUSTOMERS = offload.subnets("198.18.0.0/15", 24, 60)
MUST = "203.0.113.0/24"
UNRESOLVED = "10.0.1.77"

edge = offload.module_edge("notify", capacity=CAPACITY)


def alarms(edge):
    return edge.show("alarms") or {}


def alarm(edge, name, table=None):
    """The one of that name that is raised now, or {}."""
    for a in alarms(edge).get("alarms", []):
        if a["alarm"] == name and table in (None, a.get("table")):
            return a
    return {}


def told(edge, name):
    return alarms(edge)["notifications"][name]["told"]


def suppressed(edge, name):
    return alarms(edge)["notifications"][name]["suppressed"]


def lines(edge, name):
    """Lines of the log that tell a notification, not an event of that name."""
    return re.findall(r"(?<!offload: )%s: (.*)" % name, edge.log())


def critical(edge):
    return alarms(edge).get("criticalNotOffloaded", {})


def is_told(edge, name, count):
    """So many were told, and the log has each of them."""
    return told(edge, name) == count == len(lines(edge, name))


def exercise(edge, line):
    rc, out = edge.vtysh("offload exercise table main " + line)
    assert rc == 0 and not out.strip(), out


def fits(edge, command):
    _, text = edge.vtysh(command)
    assert max(len(line) for line in text.splitlines()) <= 80, text
    return text


def test_all_is_well(edge):
    a = alarms(edge)
    assert a["alarms"] == []
    assert a["criticalNotOffloaded"] == {"count": 0, "toldCount": 0, "flows": []}
    assert a["offloadOrFailFailed"]["count"] == 0
    for name, n in a["notifications"].items():
        assert n["told"] == 0, (name, n)
    text = fits(edge, "show offload alarms")
    assert "watermark-crossed" in text


def test_watermark_up_and_down(edge):
    edge.static(*[(p, HOST4[0]) for p in FILL])
    edge.wait_table(admission="closed")
    a = wait_for(lambda: alarm(edge, "watermark-crossed"), "it is raised")
    assert a["table"] == "main" and a["high"] == HIGH and a["low"] == LOW
    assert a["capacity"] == CAPACITY and a["since"]
    wait_for(lambda: lines(edge, "watermark-crossed"), "it is told")
    assert "table main above high" in lines(edge, "watermark-crossed")[0]
    assert "table main above high" in " ".join(
        fits(edge, "show offload alarms").split()
    )
    edge.static(*[(p, HOST4[0], "no") for p in FILL[30:]])
    edge.wait_table(used=30, admission="open")
    wait_for(
        lambda: "below low" in lines(edge, "watermark-crossed")[-1], "its end is told"
    )
    assert alarm(edge, "watermark-crossed") == {}
    assert told(edge, "watermark-crossed") == len(lines(edge, "watermark-crossed"))


def test_flapping_watermark(edge):
    """A level that changes all the time is told now and then, and right."""
    edge.wait_quiet()
    before, crossed = told(edge, "watermark-crossed"), edge.table()["crossingsHigh"]
    for i in range(12):
        edge.static(*[(p, HOST4[0]) for p in FILL[30:]])
        edge.wait_table(admission="closed")
        edge.static(*[(p, HOST4[0], "no") for p in FILL[30:]])
        edge.wait_table(used=30, admission="open")
    edge.static(*[(p, HOST4[0]) for p in FILL[30:]])
    edge.wait_table(admission="closed")
    t = edge.table()
    changes = t["crossingsHigh"] + t["crossingsLow"]
    assert t["crossingsHigh"] >= crossed + 13
    said = wait_for(
        lambda: "above high" in lines(edge, "watermark-crossed")[-1]
        and alarm(edge, "watermark-crossed"),
        "what holds last is told",
    )
    # Every crossing was told, or is counted as not told.
    wait_for(
        lambda: told(edge, "watermark-crossed")
        + suppressed(edge, "watermark-crossed")
        == changes,
        "the numbers add up",
    )
    assert suppressed(edge, "watermark-crossed") > 0, said
    assert told(edge, "watermark-crossed") - before < 25
    edge.static(*[(p, HOST4[0], "no") for p in FILL[30:]])
    edge.wait_table(used=30, admission="open")
    wait_for(
        lambda: "below low" in lines(edge, "watermark-crossed")[-1]
        and not alarm(edge, "watermark-crossed"),
        "its end is told",
    )
    edge.static(*[(p, HOST4[0], "no") for p in FILL[:30]])
    edge.wait_table(used=0)


def test_table_that_goes_is_no_alarm(edge):
    """Its end is told though nobody is left to ask."""
    edge.configure("offload", "table main", "capacity 20")
    edge.static(*[(p, HOST4[0]) for p in FILL[:30]])
    edge.wait_table(capacity=20, admission="closed")
    wait_for(
        lambda: "above high" in lines(edge, "watermark-crossed")[-1], "it is told"
    )
    edge.configure("offload", "no table main")
    wait_for(lambda: not edge.table(), "the table is gone")
    wait_for(
        lambda: lines(edge, "watermark-crossed")[-1].startswith("table main gone"),
        "its end is told",
    )
    edge.configure(
        "offload", "table main", "capacity %d" % CAPACITY, "provider emulated"
    )
    edge.wait_table(used=30, admission="open")
    edge.static(*[(p, HOST4[0], "no") for p in FILL[:30]])
    edge.wait_table(used=0)


def test_momentary_is_no_alarm(edge):
    """Critical routes that come, also if their neighbour has to be found."""
    name = "critical-not-offloaded"
    before = told(edge, name)
    edge.static((CUSTOMERS[0], HOST4[1]))
    edge.wait_route(CUSTOMERS[0], "offloaded")
    flaps = suppressed(edge, name)
    edge.static((CUSTOMERS[1], HOST4[1]))
    edge.wait_route(CUSTOMERS[1], "offloaded")
    assert suppressed(edge, name) == flaps, "to be asked for is no change"
    edge.static(*[(p, HOST4[1], "no") for p in CUSTOMERS[:2]])
    edge.wait_gone(CUSTOMERS[0])
    edge.wait_gone(CUSTOMERS[1])
    assert told(edge, name) == before
    assert critical(edge)["count"] == 0


def test_silent_hardware(edge):
    """Asked for, and no answer: only then is a critical route out."""
    edge.configure("offload", "timers hardware-timeout 500")
    exercise(edge, "silent on")
    edge.static((CUSTOMERS[3], HOST4[1]))
    edge.wait_route(CUSTOMERS[3], "sent", "hardware-silent")
    wait_for(lambda: critical(edge)["toldCount"] == 1, "it is told")
    assert "hardware-silent" in lines(edge, "critical-not-offloaded")[-1]
    exercise(edge, "silent off")
    edge.wait_route(CUSTOMERS[3], "offloaded")
    wait_for(lambda: critical(edge)["toldCount"] == 0, "its end is told")
    edge.configure("offload", "no timers hardware-timeout")
    edge.static((CUSTOMERS[3], HOST4[1], "no"))
    edge.wait_gone(CUSTOMERS[3])


def test_critical_out_and_in(edge):
    """Its neighbour does not answer; by name, with the reason."""
    before = told(edge, "critical-not-offloaded")
    edge.static((CUSTOMERS[1], UNRESOLVED))
    edge.wait_route(CUSTOMERS[1], "waiting", "neighbor-unresolved")
    wait_for(lambda: critical(edge)["toldCount"] == 1, "it is told")
    wait_for(
        lambda: is_told(edge, "critical-not-offloaded", before + 1), "it is logged"
    )
    said = lines(edge, "critical-not-offloaded")[-1]
    assert CUSTOMERS[1] in said and "neighbor-unresolved" in said
    (flow,) = critical(edge)["flows"]
    assert flow["prefix"] == CUSTOMERS[1] and flow["vrf"] == "default"
    assert flow["reason"] == "neighbor-unresolved" and flow["since"]
    text = fits(edge, "show offload alarms")
    assert CUSTOMERS[1] in text
    edge.static((CUSTOMERS[1], UNRESOLVED, "no"), (CUSTOMERS[1], HOST4[1]))
    edge.wait_route(CUSTOMERS[1], "offloaded")
    wait_for(
        lambda: is_told(edge, "critical-not-offloaded", before + 2), "its end is told"
    )
    said = lines(edge, "critical-not-offloaded")[-1]
    assert CUSTOMERS[1] in said and "over" in said and "(0 in all)" in said
    assert critical(edge) == {"count": 0, "toldCount": 0, "flows": []}
    edge.static((CUSTOMERS[1], HOST4[1], "no"))
    edge.wait_gone(CUSTOMERS[1])


def test_by_design_is_no_alarm(edge):
    """Connected routes are never in hardware, whatever their class."""
    edge.configure("ip prefix-list CUSTOMERS seq 20 permit 10.0.1.0/24")
    wait_for(lambda: edge.route("10.0.1.0/24").get("class") == "critical", "critical")
    # One that does alarm came later: this one would have been told by then.
    before = told(edge, "critical-not-offloaded")
    edge.static((CUSTOMERS[2], UNRESOLVED))
    wait_for(lambda: told(edge, "critical-not-offloaded") > before, "it is told")
    assert [f["prefix"] for f in critical(edge)["flows"]] == [CUSTOMERS[2]]
    assert critical(edge)["count"] == 1
    edge.configure("no ip prefix-list CUSTOMERS seq 20 permit 10.0.1.0/24")
    # It ends with its route.
    edge.static((CUSTOMERS[2], UNRESOLVED, "no"))
    wait_for(
        lambda: told(edge, "critical-not-offloaded") == before + 2, "its end is told"
    )
    assert "withdrawn" in lines(edge, "critical-not-offloaded")[-1]


def test_many_critical_flows(edge):
    """The first twenty are shown, all are counted."""
    edge.static(*[(p, UNRESOLVED) for p in CUSTOMERS])
    wait_for(lambda: critical(edge)["toldCount"] == len(CUSTOMERS), "all are told")
    assert critical(edge)["count"] == len(CUSTOMERS)
    assert len(critical(edge)["flows"]) == 20
    text = fits(edge, "show offload alarms")
    assert "and %d more" % (len(CUSTOMERS) - 20) in text
    # They cease to be critical.
    edge.configure("no ip prefix-list CUSTOMERS seq 5 permit 198.18.0.0/15 le 32")
    wait_for(lambda: critical(edge)["toldCount"] == 0, "all are over")
    edge.configure("ip prefix-list CUSTOMERS seq 5 permit 198.18.0.0/15 le 32")
    edge.static(*[(p, UNRESOLVED, "no") for p in CUSTOMERS])
    edge.wait_quiet()
    wait_for(lambda: critical(edge)["count"] == 0, "none is left")


def test_offload_or_fail(edge):
    def failed():
        return alarms(edge)["offloadOrFailFailed"]

    edge.configure("ip prefix-list MUST seq 5 permit " + MUST)
    edge.configure(
        "offload",
        "rule 5",
        "match prefix-list MUST",
        "set offload-or-fail",
        "set class best-effort",
    )
    exercise(edge, "refuse add not today")
    edge.static((MUST, HOST4[2]))
    edge.wait_route(MUST, "failed", "hardware-unsupported")
    wait_for(lambda: failed()["toldCount"] == 1, "it is told")
    said = wait_for(lambda: lines(edge, "offload-or-fail-failed"), "in the log")
    assert MUST in said[0] and "not today" in said[0]
    assert critical(edge)["count"] == 0
    # It is tried again and refused again: one level, told once.
    refused = edge.table()["opsFailed"]
    edge.static((MUST, HOST4[3]))
    edge.static((MUST, HOST4[2], "no"))
    wait_for(lambda: edge.table()["opsFailed"] > refused, "refused again")
    edge.wait_route(MUST, "failed", "hardware-unsupported")
    assert told(edge, "offload-or-fail-failed") == 1
    exercise(edge, "accept")
    edge.static((MUST, HOST4[4]))
    edge.static((MUST, HOST4[3], "no"))
    edge.wait_route(MUST, "offloaded")
    wait_for(lambda: told(edge, "offload-or-fail-failed") == 2, "its end is told")
    assert failed() == {"count": 0, "toldCount": 0, "flows": []}
    edge.configure("offload", "no rule 5")


def test_hardware_removes_entries(edge):
    edge.static(*[(p, HOST4[0]) for p in FILL[:40]])
    for p in FILL[:40]:
        edge.wait_route(p, "offloaded")
    name = "entry-removed-by-hardware"
    exercise(edge, "lose " + FILL[3])
    wait_for(lambda: FILL[3] in " ".join(lines(edge, name)), "it is told")
    edge.wait_route(FILL[3], "offloaded")
    for p in FILL[5:35]:
        exercise(edge, "lose " + p)

    def entries():
        return alarms(edge)["notifications"][name]["entries"]

    def in_log():
        """Each line is about one and maybe more."""
        total = 0
        for line in lines(edge, name):
            more = re.search(r" and (\d+) more", line)
            total += 1 + int(more.group(1) if more else 0)
        return total

    wait_for(lambda: entries() == 31, "all are counted")
    wait_for(lambda: in_log() == 31, "all are told")
    assert told(edge, name) == len(lines(edge, name))
    # One that hardware drops without a word is found by an audit.
    exercise(edge, "lose-silently " + FILL[4])
    edge.vtysh("offload audit")
    wait_for(lambda: entries() == 32 and in_log() == 32, "the audit tells")
    assert "audit" in lines(edge, name)[-1]
    edge.wait_route(FILL[4], "offloaded")


def test_feed_held(edge):
    edge.configure("offload", "feed shrink-guard percent 25 hold 600 minimum 10")
    edge.static(*[(p, HOST4[0], "no") for p in FILL[:40]])
    a = wait_for(lambda: alarm(edge, "feed-held"), "it is raised")
    assert a["held"] > 0 and a["of"] >= 40 and a["until"] and a["since"]
    wait_for(lambda: lines(edge, "feed-held"), "it is told")
    assert "routes are held" in lines(edge, "feed-held")[-1]
    fits(edge, "show offload alarms")
    edge.vtysh("offload feed release")
    wait_for(lambda: lines(edge, "feed-held")[-1] == "nothing is held", "its end")
    assert alarm(edge, "feed-held") == {}
    assert told(edge, "feed-held") == len(lines(edge, "feed-held")) == 2
    edge.configure("offload", "no feed shrink-guard")


def test_feed_lost(edge):
    edge.configure("offload", "timers settle 1000")
    assert lines(edge, "feed-state") == [], "a start is no alarm"
    edge.signal("zebra", signal.SIGKILL)
    wait_for(lambda: "lost" in lines(edge, "feed-state"), "the loss is told")
    assert alarm(edge, "feed-state")["state"] in ("lost", "connecting")
    edge.start("zebra")
    wait_for(
        lambda: lines(edge, "feed-state")[-1].startswith("settled"),
        "its end is told",
        deadline=120,
    )
    assert alarm(edge, "feed-state") == {}


def test_store_degraded(edge):
    path = edge.database
    edge.configure("offload", "database path /nonexistent/offload.db")
    a = wait_for(lambda: alarm(edge, "store-degraded"), "it is raised")
    assert a["text"] and a["since"]
    wait_for(lambda: lines(edge, "store-degraded"), "it is told")
    assert lines(edge, "store-degraded")[-1].startswith("not written")
    edge.configure("offload", "database path " + path)
    wait_for(
        lambda: lines(edge, "store-degraded")[-1].startswith("written again"),
        "its end is told",
    )
    assert alarm(edge, "store-degraded") == {}
    assert os.path.exists(path)


def test_restart_is_no_alarm(edge):
    """Only who is out of hardware after it has settled is told."""
    edge.static(*[(p, HOST4[1]) for p in CUSTOMERS[:10]])
    edge.static((CUSTOMERS[20], UNRESOLVED))
    for p in CUSTOMERS[:10]:
        edge.wait_route(p, "offloaded")
    wait_for(lambda: critical(edge)["toldCount"] == 1, "it is told")
    edge.signal("offloadd", signal.SIGKILL)
    edge.start("offloadd")
    wait_for(lambda: critical(edge).get("toldCount"), "it is told again")
    (flow,) = critical(edge)["flows"]
    assert flow["prefix"] == CUSTOMERS[20]
    for p in CUSTOMERS[:10]:
        edge.wait_route(p, "offloaded")
    assert told(edge, "critical-not-offloaded") == 1
    assert told(edge, "feed-state") == 0
