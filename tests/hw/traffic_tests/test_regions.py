# SPDX-License-Identifier: GPL-2.0-or-later
"""
Where packets are not sampled, those that software gets are counted, by filters
that each stand for a region of destinations; and forwarded as if they were not.
"""

from tools import until
from world import CHAIN, PREF, SOFTWARE

NET, HOST = "10.9.0.0/24", "10.9.0.7"
SOFT = "10.8.0.0/16"
LOW, HIGH, ALL6 = "10.8.0.0/17", "10.8.128.0/17", "::/0"
SOFTWARE_BINDS = 2  # enum ofl_list_bound
HANDLE = 4096  # of the first


def routed(w):
    w.sw.ip("route add %s via 10.0.2.2" % SOFT)


def counters(w, block=4096):
    """{(chain, handle)} of the filters that count regions."""
    if not w.sw.tc.run("filter show block %d" % block).ok:
        return set()
    return {(f["chain"], f["options"]["handle"])
            for f in w.sw.filters("block %d" % block)
            if HANDLE <= f["options"].get("handle", 0) < HANDLE + 128 and
            f["options"].get("skip_hw")}


def addressed(w):
    """What the first of chain 0 matches; None: there is none, or everything."""
    for f in w.sw.filters("block 4096"):
        if f["chain"] == 0 and f["options"].get("handle") == HANDLE:
            return f["options"]["keys"].get("dst_ip")


def wanted(w, live, *regions):
    live.ask("regions " + " ".join(regions))
    last = {}

    def so():
        live.ask("run 20")
        last.update(live.sampling())
        return last["regions"] == len(regions)

    until("regions are counted: %r" % last, so)
    live.ask("run 100")
    live.count()
    assert live.sampling()["text"] == ""


def come(live, last=None):
    """{region: packets} since it was asked last."""
    return {p: n for p, (n, _) in live.count()["regions"].items()}


def test_misses_are_counted_and_forwarded(world):
    w = world(ipv6=True)
    routed(w)
    w.sw.ip6("route add 2001:db8:e::/48 via 2001:db8:2::2")
    live = w.live("sw1", "sw2")
    live.route(NET, 2)
    wanted(w, live, LOW, HIGH, ALL6)
    length, cpu = w.send("10.8.1.1", 20)
    assert cpu == 20
    w.send("10.8.200.1", 3)
    w.send("2001:db8:e::5", 7)
    w.send(HOST, 9)  # hardware's
    answer = live.count()
    assert {p: n for p, (n, _) in answer["regions"].items()
            if p != ALL6} == {LOW: 20, HIGH: 3}
    assert answer["regions"][ALL6][0] >= 7  # neighbours ask, too
    assert answer["regions"][LOW][1] in (20 * length, 20 * (length - 14))
    assert answer["counted"][NET][0] == 9
    assert come(live).get(LOW) is None  # nothing is told twice
    w.send("10.8.1.1", 2)
    assert come(live)[LOW] == 2


def test_regions_change(world):
    """Those that stay go on, others come and go; in the end none is left."""
    w = world()
    routed(w)
    live = w.live("sw1", "sw2")
    assert counters(w) == set()
    wanted(w, live, LOW, HIGH)
    w.send("10.8.1.1", 5)
    wanted_before = counters(w)
    assert {c for c, _ in wanted_before} >= {0, CHAIN}
    live.ask("regions %s 10.8.128.0/18 10.8.192.0/18" % LOW)
    until("three", lambda: live.ask("run 20") or
          live.sampling()["regions"] == 3)
    live.ask("run 100")
    w.send("10.8.200.1", 4)
    # What it counted before it is asked for is not lost by the change.
    assert come(live) == {LOW: 5, "10.8.192.0/18": 4}
    live.ask("regions")
    until("none", lambda: live.ask("run 20") or counters(w) == set())
    w.send("10.8.1.1", 5)
    assert come(live) == {}


def test_as_many_as_there_may_be(world):
    w = world()
    routed(w)
    live = w.live("sw1", "sw2")
    some = ["10.8.%d.0/24" % i for i in range(64)]
    others = ["10.8.%d.0/24" % i for i in range(64, 128)]
    wanted(w, live, *some)
    wanted(w, live, *others)
    w.send("10.8.100.1", 3)
    w.send("10.8.1.1", 3)
    assert come(live) == {"10.8.100.0/24": 3}


def test_what_a_list_drops_is_not_counted(world):
    w = world()
    routed(w)
    live = w.live("sw1", "sw2")
    wanted(w, live, LOW)
    assert live.ask("list sw1 10.8.6.6")["bound"] >= SOFTWARE_BINDS
    live.ask("run 500")
    come(live)
    w.send("10.8.6.6", 3, None)
    w.send("10.8.1.1", 2)
    assert come(live) == {LOW: 2}


def test_what_an_earlier_life_left_goes(world):
    w = world()
    routed(w)
    live = w.live("sw1", "sw2")
    live.route(NET, 2)  # or all would go with the table
    wanted(w, live, LOW, HIGH)
    w.ended(live, kill=True)
    assert counters(w)
    live = w.live("sw1", "sw2")
    until("they go", lambda: live.ask("run 20") or counters(w) == set())
    wanted(w, live, HIGH)
    w.send("10.8.200.1", 2)
    assert come(live) == {HIGH: 2}
    assert live.ask("audit")["differs"] == []
    # An orderly end takes them away: nobody asks.
    w.ended(live)
    assert counters(w) == set()


def test_audits_mend(world):
    w = world()
    routed(w)
    live = w.live("sw1", "sw2")
    live.route(NET, 2)
    wanted(w, live, LOW)
    before = counters(w)
    w.sw.tc("filter del block 4096 pref %d" % (PREF - 1))
    answer = live.ask("audit")
    assert any("counts" in text for text in answer["differs"]), answer
    until("they are back", lambda: live.ask("run 20") or
          counters(w) == before)
    # Something else has its place before it is put back.
    at = "block 4096 pref %d protocol all handle %d flower" % (PREF - 1, HANDLE)
    with live.paused():
        w.sw.tc("filter del " + at)
        w.sw.tc("filter add %s skip_hw action continue" % at)
    answer = live.ask("audit")
    assert any("counts" in text for text in answer["differs"]), answer

    def ours():
        live.ask("run 20")
        assert live.sampling()["text"] == "", "that is waited for"
        return addressed(w) == LOW

    until("ours has its place", ours)
    until("it is right", lambda: live.ask("audit")["differs"] == [])
    come(live)
    w.send("10.8.1.1", 2)
    assert come(live) == {LOW: 2}


def test_a_table_in_software_counts_what_misses_it(world):
    w = world()
    routed(w)
    live = w.live("sw1", "sw2", mode=SOFTWARE)
    live.route(NET, 2)
    wanted(w, live, LOW, "10.9.0.0/16")
    w.send(HOST, 3)
    w.send("10.8.1.1", 2)
    assert come(live) == {LOW: 2}
