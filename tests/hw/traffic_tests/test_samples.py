# SPDX-License-Identifier: GPL-2.0-or-later
"""
What software forwards is sampled, and forwarded as if it were not; the filters
that do it are there once, as long as they are asked for.
"""

import socket

import packets
from tools import until
from world import PREF, SOFTWARE

NET, HOST = "10.9.0.0/24", "10.9.0.7"
SOFT, SOFT6 = "10.8.0.0/16", "2001:db8:e::/48"
SOFTWARE_BINDS = 2  # enum ofl_list_bound
ROUTES = 4096 - 2048 + 2 + 128  # the chain behind lists


def software(w):
    w.sw.ip("route add %s via 10.0.2.2" % SOFT)


def test_misses_are_sampled_and_forwarded(world):
    w = world(ipv6=True)
    software(w)
    w.sw.ip6("route add %s via 2001:db8:2::2" % SOFT6)
    live = w.live("sw1", "sw2")
    live.route(NET, 2)
    live.sample(1)
    port = socket.if_nametoindex("sw1")
    four, cpu = w.send("10.8.1.1", 20)
    assert cpu == 20
    six, cpu = w.send("2001:db8:e::5", 7)
    assert cpu == 7
    _, cpu = w.send(HOST, 9)  # hardware's
    assert cpu == 0
    got = live.sampled(27)
    assert got == [[port, 1, four, "10.8.1.1"]] * 20 + \
        [[port, 1, six, "2001:db8:e::5"]] * 7
    state = live.sampling()
    assert state["samples"] - state["odd"] == 27
    assert state["lost"] == 0 and state["text"] == ""
    assert live.counted() == {NET: [9, 9 * four]}


def test_one_of_so_many(world):
    """Each is taken by chance: 400 packets, one of 4."""
    w = world()
    software(w)
    live = w.live("sw1", "sw2")
    live.sample(4)
    w.send("10.8.1.1", 400)
    got = live.sampled(1)
    assert 40 <= len(got) <= 180
    assert {g[1] for g in got} == {4}


def test_what_is_not_the_routers_is_odd(world):
    w = world()
    live = w.live("sw1", "sw2")
    live.sample(1)
    before = live.sampling()["odd"]
    frames = [
        packets.make(w.wires.packet("sw1", "10.8.1.1",
                                    dmac="02:00:00:00:99:99")),
        packets.make(packets.fields(type=0x88b5,
                                    dmac="02:00:00:00:99:99")),
    ]
    w.sw.inject("sw1", *frames)
    until("they are odd", lambda: live.sampling()["odd"] >= before + 2)
    assert live.sampled(0) == []


def tagged(w, pref):
    """Packets that no guard leads to routes: software begins in chain 0 with
    them whatever the kernel.  One of others drops those of priority 3."""
    software(w)
    w.sw.ip("link add link sw1 name sw1.5 type vlan id 5",
            "link set sw1.5 up", "address add 10.0.55.1/24 dev sw1.5")
    live = w.live("sw1", "sw2")
    w.sw.tc("filter add block 4096 pref %d protocol 802.1q flower skip_hw "
            "vlan_prio 3 action drop" % pref)
    live.sample(1)
    return live


def test_what_others_drop_is_not_sampled(world):
    w = world()
    live = tagged(w, PREF - 2)
    w.send("10.8.6.6", 3, None, vlan=(5, 3))
    length, cpu = w.send("10.8.1.1", 2, vlan=(5, 0))
    assert cpu == 2
    got = live.sampled(2)
    assert [g[3] for g in got] == ["10.8.1.1"] * 2
    # The kernel has the tag apart.
    assert {g[2] for g in got} == {length - 4}


def test_what_a_list_drops_is_not_sampled(world):
    """Packets of its port come by behind it, when it accepted them."""
    w = world()
    live = w.live("sw1", "sw2")
    w.sw.ip("link add link sw1 name sw1.5 type vlan id 5",
            "link set sw1.5 up", "address add 10.0.55.1/24 dev sw1.5")
    software(w)
    live.route(NET, 2)
    live.sample(1)
    assert live.ask("list sw1 10.8.6.6")["bound"] >= SOFTWARE_BINDS
    until("a filter that samples behind the list",
          lambda: live.ask("run 10") or ROUTES in w.samplers())
    live.sampled(0)
    for more in ({}, {"vlan": (5, 0)}):
        w.send("10.8.6.6", 3, None, **more)
        w.send("10.8.1.1", 2, **more)
        assert [g[3] for g in live.sampled(2)] == ["10.8.1.1"] * 2
    assert live.ask("audit")["differs"] == []
    assert live.sampling()["lost"] == 0
    live.sample(0)
    w.samplers_are(0)


def test_filters_behind_still_meet_the_packet(world):
    """The action continues: what others have behind it is not skipped."""
    w = world()
    live = tagged(w, PREF + 10)
    w.send("10.8.6.6", 3, None, vlan=(5, 3))
    w.send("10.8.1.1", 2, vlan=(5, 0))
    assert len(live.sampled(5)) == 5


def test_the_rate_changes_in_place(world):
    w = world()
    software(w)
    live = w.live("sw1", "sw2")
    assert w.samplers() == {}
    live.sample(100)
    groups = w.samplers_are(100)
    assert len(groups) == 1
    live.sample(1)
    assert w.samplers_are(1) == groups
    w.send("10.8.1.1", 3)
    assert {g[1] for g in live.sampled(3)} == {1}
    live.sample(0)
    w.samplers_are(0)
    w.send("10.8.1.1", 3)
    assert live.sampled(0) == []
    live.sample(1)
    w.send("10.8.1.1", 2)
    assert len(live.sampled(2)) == 2
    assert live.sampling()["lost"] == 0


def test_a_restart_leaves_one(world):
    w = world()
    software(w)
    live = w.live("sw1", "sw2")
    live.route(NET, 2)  # or all would go with the table
    live.sample(7)
    groups = w.samplers_are(7)
    w.ended(live, kill=True)
    assert w.samplers_are(7) == groups  # nobody took them away
    live = w.live("sw1", "sw2")
    live.sample(1)
    assert w.samplers_are(1) == groups
    assert live.ask("audit")["differs"] == []
    w.send("10.8.1.1", 2)
    assert len(live.sampled(2)) == 2
    # An orderly end takes them away: nobody listens.
    w.ended(live)
    w.samplers_are(0)
    # What a life that sampled left goes in one that does not.
    live = w.live("sw1", "sw2")
    live.sample(9)
    w.samplers_are(9)
    w.ended(live, kill=True)
    live = w.live("sw1", "sw2")
    w.samplers_are(0)


def test_clear_leaves_none(world):
    w = world()
    live = w.live("sw1", "sw2")
    live.route(NET, 2)
    live.sample(7)
    w.samplers_are(7)
    live.ask("clear")
    w.samplers_are(0)


def test_audits_mend(world):
    w = world()
    software(w)
    live = w.live("sw1", "sw2")
    live.route(NET, 2)
    live.sample(1)
    w.samplers_are(1)
    w.sw.tc("filter del block 4096 pref %d" % (PREF - 1))
    answer = live.ask("audit")
    assert any("samples" in text for text in answer["differs"]), answer
    w.samplers_are(1)
    w.sw.tc("filter replace block 4096 pref %d protocol all handle 1000 "
            "flower skip_hw action sample rate 50 group 9" % (PREF - 1))
    live.ask("audit")
    w.samplers_are(1)
    # An audit that the kernel's notice began may tell of it, too.
    until("it is right", lambda: live.ask("audit")["differs"] == [])
    w.send("10.8.1.1", 2)
    assert len(live.sampled(2)) == 2


def test_what_finds_no_room_is_lost_and_counted(world):
    w = world()
    software(w)
    live = w.live("sw1", "sw2")
    live.sample(1)
    before = live.sampling()
    n = 4000
    live.process.stdin.write(b"pause 100\n" * 200)
    live.process.stdin.flush()
    w.sw.inject("sw1", *[packets.make(w.wires.packet("sw1", "10.8.1.1"))
                         for _ in range(n)])
    for _ in range(200):
        live.process.stdout.readline()
    w.send("10.8.1.2", 1)  # its number tells of the rest
    until("it came", lambda: live.sampled(0) or True)

    def all_told():
        now = live.sampling()
        return now["samples"] - before["samples"] + \
            now["lost"] - before["lost"] >= n + 1

    until("all are told: %r" % live.sampling(), all_told)
    now = live.sampling()
    assert now["lost"] > before["lost"]
    assert now["samples"] - before["samples"] + now["lost"] - \
        before["lost"] - (now["odd"] - before["odd"]) == n + 1


def test_two_tables_do_not_mix(world):
    w = world(ports=4)
    software(w)
    one = w.live("sw1", "sw2", name="one", block=21)
    two = w.live("sw3", "sw4", name="two", block=22)
    one.sample(1)
    two.sample(1)
    w.send("10.8.1.1", 3)
    w.send("10.8.1.2", 2, via="sw3")
    assert [g[3] for g in one.sampled(3)] == ["10.8.1.1"] * 3
    assert [g[3] for g in two.sampled(2)] == ["10.8.1.2"] * 2
    assert one.sampling()["lost"] == two.sampling()["lost"] == 0


def test_a_table_in_software_samples_what_misses_it(world):
    w = world()
    software(w)
    live = w.live("sw1", "sw2", mode=SOFTWARE)
    live.route(NET, 2)
    live.sample(1)
    length, _ = w.send(HOST, 3)
    w.send("10.8.1.1", 2)
    assert [g[3] for g in live.sampled(2)] == ["10.8.1.1"] * 2
    assert live.counted() == {NET: [3, 3 * (length - 14)]}


def test_ports_go_and_come(world):
    """With its last port the block goes, and all filters with it."""
    w = world()
    software(w)
    live = w.live("sw1", "sw2")
    live.sample(1)
    w.sw.tc("qdisc del dev sw1 clsact", "qdisc del dev sw2 clsact")
    until("it has its ports again", lambda: live.ask("run 100") or
          live.sampling()["on"] and w.samplers())
    w.samplers_are(1)
    w.send("10.8.1.1", 2)
    assert len(live.sampled(2)) == 2
