# SPDX-License-Identifier: GPL-2.0-or-later
"""
`tc resource`: how large the table is and how full, as devlink says; and what
occupancy alone can tell: hardware that lost entries in silence.
"""

import pytest

import compare
from edge import configuration, via
from probe import Probe
from test_full import spread, subnets, ways
from wire import sysctl

PREFIX, INSIDE = "198.51.100.0/24", "198.51.100.9"
FOLLOW = dict(table=("tc resource acl_tcam", "capacity auto"))


def other_slots(edge):
    """Slots of the switch that hold no route of ours."""
    return edge.sw.occ() - edge.table()["used"]


def room(edge, size):
    """Capacity as it should be: what is not taken by guards and others.  A
    driver may want a free slot for a replace, so there may be a little less."""
    free = size - other_slots(edge)
    return free - 4 <= edge.table()["capacity"] <= free


def test_capacity_from_devlink(edge):
    one = edge(tcam_slots=40)
    one.start(configuration(one.ports, **FOLLOW))
    one.until("the size is known", lambda: room(one, 40))
    some = spread(subnets("198.18.0.0/15", 24, 60))
    probe = Probe(one, ways(some))
    one.add(*((p, via(n)) for p, n in some))
    one.until("full", lambda: probe.round() or
              one.table()["admission"] == "closed")
    one.quiet()
    assert one.table()["refused"] == 0, "tried what could not fit"
    assert one.sw.occ() <= 40
    assert probe.check() >= 60


def test_filters_of_others_take_room(edge):
    one = edge(tcam_slots=60)
    one.start(configuration(one.ports, **FOLLOW))
    one.until("the size is known", lambda: room(one, 60))
    before = one.table()["capacity"]
    one.sw.tc(*("filter add block 4096 chain 7 pref %d protocol ip flower "
                "skip_sw dst_ip 192.0.2.%d action drop" % (n, n)
                for n in range(1, 21)))
    one.until("less room", lambda: one.table()["capacity"] == before - 20)
    one.sw.tc("filter del block 4096 chain 7")
    one.until("the room is back", lambda: one.table()["capacity"] == before)
    assert one.table()["lost"] == 0, "what others took away is no loss"


def test_reload_with_another_size(edge):
    one = edge(tcam_slots=60)
    one.start(configuration(one.ports, **FOLLOW))
    one.offload((PREFIX, via(2)))
    one.sw.restart()
    one.sw.devlink("resource set platform/tcamsim.0 path acl_tcam size 100")
    one.sw.devlink("dev reload platform/tcamsim.0")
    for n in one.sw.port_names():
        sysctl("net/ipv6/conf/%s/disable_ipv6" % n, 1)
        one.sw.ip("link set %s up" % n, "link set %sw up" % n)
    one.wires.setup()
    one.until("the table is ready", lambda: one.table()["ready"])
    one.offload((PREFIX, via(2)))
    one.until("the new size is known", lambda: room(one, 100))
    one.by_hardware(INSIDE, "sw2")


@pytest.mark.parametrize("what", ("one", "all"))
def test_silent_eviction_is_noticed(edge, what):
    """No driver can tell that entries are gone; occupancy can."""
    one = edge()
    one.start(configuration(one.ports, **FOLLOW))
    some = spread(subnets("198.18.0.0/15", 24, 10))
    one.offload(*((p, via(n)) for p, n in some))
    one.until("the size is known", lambda: room(one, 200))
    one.quiet()
    # A loss is seen against a reading of the full table: this is one.
    before = one.table()["capacity"]
    one.sw.tc("filter add block 4096 chain 7 pref 1 protocol ip flower "
              "skip_sw dst_ip 192.0.2.1 action drop")
    one.until("a reading", lambda: one.table()["capacity"] == before - 1)
    held = len(one.sw.installed())
    mine = [e for e in one.sw.installed() if e["actions"][-1] == "redirect"]
    probe = Probe(one, ways(some))
    one.sw.debug("evict", "all" if what == "all" else mine[0]["cookie"])
    assert len(one.sw.installed()) < held
    one.until("it is noticed", lambda: probe.round() or one.table()["lost"])
    one.until("all of ours are there again", lambda: probe.round() or
              len(one.sw.installed()) == held - (what == "all"))
    before = one.sw.counters("sw1")["hw_forwarded"]
    probe.round()
    probe.check()
    assert one.sw.counters("sw1")["hw_forwarded"] >= before + 10
    one.sw.tc("filter del block 4096 chain 7")


def test_wrong_resource_is_told(edge):
    """The table works all the same, and learns its size the hard way."""
    one = edge(tcam_slots=24)
    one.start(configuration(one.ports, table=(
        "tc resource no_such_thing", "capacity auto")))
    one.offload((PREFIX, via(2)))
    one.by_hardware(INSIDE, "sw2")


def move(edge, prefixes):
    """All of them by sw3, as one change."""
    edge.sw.ip(*("route replace %s %s" % (p, via(3)) for p in prefixes))
    edge.until("known", lambda: all(
        hop["interface"] == "sw3"
        for hop in edge.route(prefixes[-1]).get("nexthops", [])))
    edge.quiet()


def test_thousand_slots_full_with_replaces(edge):
    """At 100 %: nothing lost, nothing doubled, ledger and occupancy the same
    after each step."""
    one = edge(tcam_slots=1000)
    one.start(configuration(one.ports, more=(
        "rule 10", " match prefix-length 24", " set class critical", "exit"),
        **FOLLOW))
    one.until("the size is known", lambda: room(one, 1000))
    some = subnets("198.0.0.0/12", 24, 1020)
    to = dict.fromkeys(some, 2)
    one.add(*((p, via(2)) for p in some))
    one.until("full", lambda: one.table()["used"] == one.table()["capacity"])
    compare.compare(one)
    for first in (0, 300, 700):
        move(one, some[first:first + 150])
        to.update(dict.fromkeys(some[first:first + 150], 3))
        compare.compare(one)
    for prefix in some[140:200]:
        one.delete(prefix)
        del to[prefix]
    one.until("all there are", lambda: one.table()["used"] == len(to))
    probe = Probe(one, ways(list(to.items())))
    probe.round()
    assert probe.check() == 960
    assert one.table()["refused"] == 0
