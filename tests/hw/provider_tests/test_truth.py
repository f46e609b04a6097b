# SPDX-License-Identifier: GPL-2.0-or-later
"""Hardware slow, silent or forgetful; operators; death of the daemon."""

import signal

import compare
import daemons
from edge import configuration, via
from probe import Probe
from routing import neighbour_mac
from test_full import inside, spread, subnets, ways

PREFIX, INSIDE = "198.51.100.0/24", "198.51.100.9"


def answers(edge):
    """vtysh itself, as people use it."""
    code, text = daemons.vtysh("show offload table main json")
    assert code == 0, text
    return daemons.parsed(text)


def test_slow_hardware(edge):
    """Nobody waits for it but the routes."""
    one = edge()
    one.start()
    one.sw.debug("delay_ms", 50)
    some = spread(subnets("198.18.0.0/15", 24, 20))
    one.add(*((p, via(n)) for p, n in some))
    probe = Probe(one, ways(some))
    seen = set()

    def all_in():
        probe.round()
        states = one.states([p for p, _ in some])
        seen.update(states.values())
        return set(states.values()) == {"offloaded"}

    one.until("some are sent", lambda: one.table()["inFlight"])
    assert answers(one)["inFlight"] > 0
    one.until("all are in hardware", all_in)
    assert "sent" in seen, seen
    probe.check()


def test_silent_hardware(edge):
    """Told as silent; routes are there when it answers again."""
    one = edge()
    one.start().offload((PREFIX, via(2)))
    one.sw.debug("timeout_ms", 3000)
    one.sw.debug("silent", 1)
    one.add(("203.0.113.0/24", via(3)))
    one.becomes("203.0.113.0/24", "sent", "hardware-silent")
    assert answers(one)["oldestInFlightMs"] >= 1000
    one.by_hardware(INSIDE, "sw2")
    one.sw.debug("silent", 0)
    one.becomes("203.0.113.0/24", "offloaded")
    one.by_hardware("203.0.113.1", "sw3")


def test_operator_deletes_a_filter(edge):
    one = edge()
    one.start().offload((PREFIX, via(2)), ("203.0.113.0/24", via(3)))
    mine = [f for f in one.sw.filters("block 4096")
            if f["options"]["keys"].get("dst_ip") == PREFIX][0]
    one.sw.tc("filter del block 4096 chain %d pref %d protocol ip handle %d "
              "flower" % (mine["chain"], mine["pref"],
                          mine["options"]["handle"]))
    one.until("it is missed", lambda: one.table()["lost"] == 1)
    one.becomes(PREFIX, "offloaded")
    one.past(PREFIX, reason="hardware-lost")
    one.by_hardware(INSIDE, "sw2")


def test_operator_deletes_everything(edge):
    """All filters of the block, guards included."""
    one = edge()
    one.start().offload((PREFIX, via(2)))
    one.sw.tc("filter del block 4096 chain 4096")
    one.until("it is missed", lambda: one.table()["lost"] == 1)
    one.becomes(PREFIX, "offloaded")
    one.until("the TTL guard is there again", lambda: any(
        f["chain"] == 4096 and f["pref"] == 1
        for f in one.sw.filters("block 4096")))
    one.by_hardware(INSIDE, "sw2")
    one.to_cpu(INSIDE, ttl=1)


def test_operator_deletes_a_guard(edge):
    one = edge()
    one.start().offload((PREFIX, via(2)))
    one.sw.tc("filter del block 4096 pref 49152")
    one.until("guards are there again", lambda: len(
        [f for f in one.sw.filters("block 4096")
         if f["pref"] == 49152]) == 3)
    one.by_hardware(INSIDE, "sw2")


def test_operator_deletes_the_qdisc(edge):
    """Of one port: it gets the block again."""
    one = edge()
    one.start().offload((PREFIX, via(2)))
    one.sw.tc("qdisc del dev sw1 clsact")
    one.until("the port is back", lambda: any(
        q.get("ingress_block") == 4096
        for q in one.sw.tc("qdisc show dev sw1")))
    one.until("with its guard", lambda: any(
        f["options"].get("indev") == "sw1"
        for f in one.sw.filters("block 4096")))
    one.by_hardware(INSIDE, "sw2")


def test_operator_changes_a_filter(edge):
    """Another way out under our number: put right."""
    one = edge()
    one.start().offload((PREFIX, via(2)))
    mine = [f for f in one.sw.filters("block 4096")
            if f["options"]["keys"].get("dst_ip") == PREFIX][0]
    one.sw.tc("filter replace block 4096 chain %d pref %d protocol ip handle "
              "%d flower skip_sw dst_ip %s action drop cookie %s" % (
                  mine["chain"], mine["pref"], mine["options"]["handle"],
                  PREFIX, mine["options"]["actions"][0]["cookie"]))
    one.until("it is put right", lambda: [
        f.does[0] for f in compare.kernel(one)[1].values()] == ["forward"])
    one.becomes(PREFIX, "offloaded")
    one.quiet()
    one.by_hardware(INSIDE, "sw2")


def test_lost_news_are_made_up_for(edge):
    """More notifications than a socket holds: the kernel is asked again."""
    one = edge()
    one.start().offload((PREFIX, via(2)), ("203.0.113.0/24", via(3)))
    mine = [f for f in one.sw.filters("block 4096")
            if f["options"]["keys"].get("dst_ip") == PREFIX][0]
    one.offloadd.process.send_signal(signal.SIGSTOP)
    try:
        one.sw.tc("filter del block 4096 chain %d pref %d protocol ip handle "
                  "%d flower" % (mine["chain"], mine["pref"],
                                 mine["options"]["handle"]),
                  "qdisc add dev lo clsact")
        one.sw.tc(*("filter add dev lo ingress protocol ip pref 1 handle %d "
                    "flower skip_hw dst_ip 10.%d.%d.1 action drop" % (
                        n, n >> 8, n & 255) for n in range(1, 6000)))
        one.sw.tc("qdisc del dev lo clsact")
    finally:
        one.offloadd.process.send_signal(signal.SIGCONT)
    one.until("it is told", lambda: "news of the kernel were lost" in
              one.offloadd.words())
    one.until("it is missed", lambda: one.table()["lost"] == 1)
    one.becomes(PREFIX, "offloaded")
    one.by_hardware(INSIDE, "sw2")


def test_killed_daemon_leaves_forwarding(edge):
    """SIGKILL: packets go on; the next life takes over without a stray."""
    one = edge()
    one.start()
    some = spread(subnets("198.18.0.0/15", 24, 20))
    one.offload(*((p, via(n)) for p, n in some))
    one.quiet()
    held = one.sw.occ()
    one.stop(signal.SIGKILL)
    probe = Probe(one, ways(some))
    before = one.sw.counters("sw1")
    probe.round()
    probe.check()
    assert (one.sw.counters("sw1") - before)["hw_forwarded"] == 20
    assert one.sw.occ() == held
    # While it was away one went and one changed its way.
    one.delete(some[0][0])
    one.sw.ip("route replace %s %s" % (some[1][0], via(5 - some[1][1])))
    one.start()
    rest = [(some[1][0], 5 - some[1][1])] + some[2:]
    one.all_become([p for p, _ in rest], "offloaded")
    probe.lead(ways(rest))
    probe.round()
    probe.check()
    one.to_cpu(inside(some[0][0]))


def test_stopped_daemon_leaves_forwarding(edge):
    one = edge()
    one.start().offload((PREFIX, via(2)))
    one.stop()
    one.by_hardware(INSIDE, "sw2")


def test_clean_on_exit(edge):
    """Nothing of ours stays, and ports are as they were."""
    one = edge()
    one.start(configuration(one.ports, more=("clean-on-exit",)))
    one.offload((PREFIX, via(2)))
    one.stop()
    assert one.sw.tcam() == []
    for port in one.sw.port_names():
        assert "clsact" not in [
            q["kind"] for q in one.sw.tc("qdisc show dev " + port)]


def test_table_without_provider_lets_go(edge):
    """`no table`: filters go in safe order, the qdisc with them."""
    one = edge()
    one.compared = False
    one.start().offload((PREFIX, via(2)))
    one.configure("no table main")
    one.until("nothing of ours is left", lambda: one.sw.tcam() == [])


def test_counters_of_entries(edge):
    """What hardware counted is shown by offloadd, sooner or later."""
    one = edge()
    one.start().offload((PREFIX, via(2)), ("203.0.113.0/24", via(3)))
    for _ in range(7):
        one.by_hardware(INSIDE, "sw2")
    one.until("it is shown", lambda: {
        e["prefix"]: e["packets"] for e in one.entries()} == {
            PREFIX: 7, "203.0.113.0/24": 0})


def test_neighbour_of_many_routes_moves(edge):
    """All filters follow, under traffic; none is left behind."""
    one = edge()
    one.start()
    some = [(p, 2) for p in subnets("198.18.0.0/15", 24, 60)]
    one.offload(*((p, via(n)) for p, n in some))
    probe = Probe(one, {})
    other = neighbour_mac(2, 9)
    one.sw.ip("neigh replace 10.0.2.2 lladdr %s dev sw2 nud permanent" % other)
    one.until("all follow", lambda: {
        f.does[2] for f in compare.kernel(one)[1].values()} == {other})
    one.quiet()
    probe.lead({inside(p): ("sw2", 9) for p, _ in some})
    probe.round()
    assert probe.check() == 60


def test_without_a_guard_nothing_is_offloaded(edge):
    """An entry that no packet is led to forwards nothing: it is not there."""
    one = edge()
    one.start().offload((PREFIX, via(2)))
    one.sw.debug("refuse", "ip_ttl")
    one.sw.tc("filter del block 4096 chain 4096 pref 1")
    answer = one.becomes(PREFIX, "failed", "hardware-error")
    assert "no packet is led to it: the guard for TTL: " in answer["text"]
    one.until("no entry is left", lambda: not one.entries())
    one.to_cpu(INSIDE)
    one.sw.debug("refuse", "")
    one.becomes(PREFIX, "offloaded")
    one.by_hardware(INSIDE, "sw2")
    one.to_cpu(INSIDE, ttl=1)
