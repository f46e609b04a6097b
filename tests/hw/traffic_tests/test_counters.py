# SPDX-License-Identifier: GPL-2.0-or-later
"""What entries in hardware forwarded: all of it is told, and once."""

from world import CHAIN, SOFTWARE

NET, HOST = "10.9.0.0/24", "10.9.0.7"


def test_what_hardware_forwards_is_counted(world):
    w = world()
    live = w.live("sw1", "sw2")
    live.route(NET, 2)
    assert live.count() == {"entries": 1, "text": "", "counted": {},
                            "regions": {}}
    length, cpu = w.send(HOST, 5)
    assert cpu == 0
    assert live.counted() == {NET: [5, 5 * length]}
    assert live.counted() == {}
    w.send(HOST, 2)
    assert live.counted() == {NET: [2, 2 * length]}


def test_each_entry_its_own(world):
    w = world(ipv6=True)
    live = w.live("sw1", "sw2", "sw3")
    live.route(NET, 2)
    live.route("10.9.0.7/32", 3)
    live.route("2001:db8:f::/48", 2)
    live.write("punt 10.8.0.0/16")
    w.sw.ip("route add 10.8.0.0/16 via 10.0.2.2")
    one, _ = w.send("10.9.0.1", 1)
    w.send(HOST, 2, "sw3")
    six, cpu = w.send("2001:db8:f::1", 3)
    assert cpu == 0
    _, cpu = w.send("10.8.0.1", 4)
    assert cpu == 4
    answer = live.count()
    assert answer["entries"] == 3  # a cover forwards nothing
    assert answer["counted"] == {NET: [1, one], "10.9.0.7/32": [2, 2 * one],
                                 "2001:db8:f::/48": [3, 3 * six]}


def test_a_replace_begins_anew(world):
    w = world()
    live = w.live("sw1", "sw2", "sw3")
    live.route(NET, 2)
    length, _ = w.send(HOST, 6)
    assert live.counted() == {NET: [6, 6 * length]}
    live.route(NET, 3, what="replace")
    w.send(HOST, 2, "sw3")
    assert live.counted() == {NET: [2, 2 * length]}
    # More than the first one had when it was read last.
    live.route(NET, 2, what="replace")
    w.send(HOST, 8)
    assert live.counted() == {NET: [8, 8 * length]}
    live.write("del " + NET)
    live.route(NET, 2)
    w.send(HOST, 9)
    assert live.counted() == {NET: [9, 9 * length]}


def test_audits_tell_as_well_and_nothing_twice(world):
    w = world()
    live = w.live("sw1", "sw2")
    live.route(NET, 2)
    length, _ = w.send(HOST, 3)
    answer = live.ask("audit")
    assert answer["differs"] == []
    assert answer["counted"] == {NET: [3, 3 * length]}
    assert live.counted() == {}


def test_adopted_entries_begin_where_they_are(world):
    w = world()
    live = w.live("sw1", "sw2")
    live.route(NET, 2)
    length, _ = w.send(HOST, 5)
    w.ended(live, kill=True)
    live = w.live()
    assert w.table(live, "sw1", "sw2")["found"] == 1
    assert live.counted() == {}
    assert live.ask("adopt %s sw2 02:00:00:00:02:02" % NET)["adopted"]
    assert live.counted() == {}
    w.send(HOST, 2)
    assert live.counted() == {NET: [2, 2 * length]}


def test_what_others_have_in_the_block_does_not_matter(world):
    """Classifiers that cannot be dumped tersely, elsewhere and in between."""
    w = world()
    live = w.live("sw1", "sw2")
    live.route(NET, 2)
    w.sw.tc("filter add block 4096 pref 1 protocol ip u32 skip_hw match ip dst "
            "192.0.2.9/32 action pass",
            "filter add block 4096 chain %d pref 200 protocol ip matchall "
            "skip_hw action continue" % (CHAIN + 1))
    length, _ = w.send(HOST, 2)
    assert live.counted() == {NET: [2, 2 * length]}
    w.sw.tc("filter add block 4096 chain %d pref 3 protocol ip u32 skip_hw "
            "match u32 0 0 action continue" % CHAIN)
    w.send(HOST, 4)
    assert live.count() == {"entries": 1, "text": "",
                            "counted": {NET: [4, 4 * length]}, "regions": {}}


def test_a_table_in_software_counts(world):
    w = world()
    live = w.live("sw1", "sw2", mode=SOFTWARE)
    live.route(NET, 2)
    length, cpu = w.send(HOST, 3)
    assert cpu == 3
    # Software counts without the Ethernet header.
    assert live.counted() == {NET: [3, 3 * (length - 14)]}
