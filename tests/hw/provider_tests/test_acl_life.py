# SPDX-License-Identifier: GPL-2.0-or-later
"""
Access control lists while ports, tables and the daemon come and go.  What must
never be: a packet that no list would have let through, once a list is in force,
unless the hole is told here and closes.
"""

import os
import random
import signal
import time

import pytest
from edge import configuration, via
from met import Met
from packets import TCP, UDP
from rules import Rule
from test_acl import PREFIX, SEED, Lists, acl, start

HOST = "198.51.100.1"
DENY = (Rule(10, False, UDP), Rule(20, True, TCP))
KILLS = int(os.environ.get("PROVIDER_KILLS", 4))


def deny_udp(one, n, met=None):
    """n packets that no list lets through."""
    met = met or Met(one)
    for _ in range(n):
        met.send(one.packet(HOST), None)
    return met


def tells(met, what):
    """How long was the hole?"""
    met.wrong()
    slipped = [met.times[n] for n in met.out if not met.sent[n][1]]
    print("FIGURE %s: %d of %d packets slipped through, within %d ms" % (
        what, len(slipped), len(met.sent),
        1000 * (max(slipped) - min(slipped)) if slipped else 0))
    return len(slipped)


def in_force(one, lists, bound="hardware"):
    lists.attached("sw1", bound)
    lists.quiet()
    met = deny_udp(one, 5)
    for _ in range(5):
        met.send(one.packet(HOST, proto=TCP), "sw2w")
    return met.check()


def chains(one):
    """Of software's versions."""
    return {f["chain"] for f in one.sw.filters("block 4096")
            if f["chain"] >= 0x01000000}


def begin(one, rules=DENY):
    lists = start(one, acl(list(rules)))
    in_force(one, lists)
    return lists


def test_down_and_up(edge):
    one = edge()
    lists = begin(one)
    for _ in range(3):
        one.sw.ip("link set sw1 down", "link set sw1 up")
    one.sw.ip(*("neigh replace 10.0.1.%d lladdr 02:00:00:00:01:%02x dev sw1 "
                "nud permanent" % (n, n) for n in range(2, 6)))
    one.until("carrier", lambda: one.sw.ip("link show dev sw1")[0][
        "operstate"] == "UP")
    did = in_force(one, lists)
    assert did["hw_dropped"] == 5, did
    one.quiet()


def test_renamed(edge):
    """It is no port then, and its list is nowhere; and back again."""
    one = edge()
    lists = begin(one)
    one.sw.ip("link set sw1 down", "link set sw1 name away",
              "link set away up")
    one.until("it is noticed", lambda: lists.acl()["attachedTo"][0][
        "bound"] == "binding")
    one.sw.ip("link set away down", "link set away name sw1",
              "link set sw1 up")
    one.until("carrier", lambda: one.sw.ip("link show dev sw1")[0][
        "operstate"] == "UP")
    in_force(one, lists)


def test_made_again(edge):
    """All ports are new devices, the block too."""
    one = edge()
    lists = begin(one)
    one.sw.devlink("dev reload platform/tcamsim.0")
    one.sw.restart()
    one.sw.ip(*("link set %s%s up" % (n, end) for n in one.sw.port_names()
                for end in ("", "w")))
    one.wires.setup()
    one.add((PREFIX, via(2)))
    one.becomes(PREFIX, "offloaded")
    in_force(one, lists)


def test_port_leaves_its_table(edge):
    """The list goes on in software alone, and comes back."""
    one = edge()
    lists = begin(one)
    met = Met(one)
    one.ports = ["sw2", "sw3"]
    for step, line in enumerate(("no tc port sw1", "tc port sw1")):
        one.configure("table main", line)
        where = "hardware" if step else "software"

        def there():
            deny_udp(one, 1, met)
            at = lists.acl()["attachedTo"][0]
            return at["bound"] == where and at["current"]

        one.until("it is in force by %s" % where, there)
        tells(met, line)
        one.until("the table is ready", lambda: one.table()["ready"])
        in_force(one, lists, where)
    one.ports = ["sw1", "sw2", "sw3"]
    one.becomes(PREFIX, "offloaded")


def test_table_is_removed(edge):
    """Its ports are interfaces like others then; and back again."""
    one = edge()
    lists = begin(one)
    lines = configuration(one.ports).splitlines()
    table = [x.strip() for x in lines[lines.index(" table main"):
                                      lines.index(" exit") + 1]]
    for what, change, where in (
            ("removal", ["no table main"], "software"),
            ("return", table, "hardware")):
        met = Met(one)
        deny_udp(one, 3, met)
        one.configure(*change)

        def there():
            deny_udp(one, 1, met)
            at = lists.acl()["attachedTo"][0]
            return at["bound"] == where and at["current"]

        one.until("it is in force by %s" % where, there)
        tells(met, "table, " + what)
        in_force(one, lists, where)
    one.becomes(PREFIX, "offloaded")


def test_clean_on_exit(edge):
    one = edge()
    one.start(configuration(one.ports, more=tuple(acl(list(DENY))) + (
        "clean-on-exit",)))
    one.offload((PREFIX, via(2)))
    in_force(one, Lists(one))
    one.stop(signal.SIGTERM)
    assert not one.sw.installed()
    assert all("clsact" not in str(one.sw.tc("qdisc show dev " + p))
               for p in one.ports)
    one.start(configuration(one.ports, more=tuple(acl(list(DENY)))))
    in_force(one, Lists(one))


@pytest.mark.parametrize("number", (signal.SIGTERM, signal.SIGKILL))
def test_another_list_after_a_restart(edge, number):
    """No packet passes that neither of both lists lets through."""
    one = edge()
    begin(one)
    met = deny_udp(one, 20)
    one.stop(number)
    deny_udp(one, 20, met)
    new = (Rule(5, False, UDP), Rule(30, True, TCP, dport=(80, 80)),
           Rule(40, True, None))
    one.start(configuration(one.ports, more=tuple(acl(list(new)))),
              ready=False)
    lists = Lists(one)

    def there():
        deny_udp(one, 5, met)
        at = (lists.acl() or {}).get("attachedTo") or [{}]
        return at[0].get("bound") == "hardware" and at[0]["current"]

    one.until("the new list is in force", there)
    deny_udp(one, 20, met)
    assert not tells(met, "restart after %s" % number.name)
    in_force(one, lists)
    one.becomes(PREFIX, "offloaded")


def test_killed_in_the_middle(edge):
    """Again and again, while the list changes: what is left is taken over,
    and nothing is doubled or stays behind."""
    rng = random.Random(SEED)
    one = edge(tcam_slots=400)
    rules = {10: Rule(10, False, UDP), 9000: Rule(9000, True, None)}
    text = configuration(one.ports, table=("capacity 400",))

    def lines():
        return tuple(acl([rules[s] for s in sorted(rules)]))

    lists = start(one, list(lines()), table=("capacity 400",))
    met = deny_udp(one, 10)
    in_force(one, lists)
    for _ in range(KILLS):
        for _ in range(rng.randrange(1, 6)):
            seq = rng.randrange(20, 8000)
            rules[seq] = Rule(seq, rng.random() < 0.5, TCP,
                              dport=(rng.randrange(100, 9000),) * 2)
            one.configure("acl WEB", rules[seq].words())
            deny_udp(one, 3, met)
        time.sleep(rng.random() * 0.1)
        one.stop(signal.SIGKILL)
        deny_udp(one, 5, met)
        text = configuration(one.ports, table=("capacity 400",),
                             more=lines())
        one.start(text, ready=False)
        time.sleep(rng.random() * 0.3)
        if rng.random() < 0.5:  # and once more, while it begins
            deny_udp(one, 5, met)
            one.stop(signal.SIGKILL)
            one.start(text, ready=False)
        deny_udp(one, 5, met)
    print("PROVIDER_SEED=%d" % SEED)
    one.until("the table is ready", lambda: one.table()["ready"])
    in_force(one, lists)
    assert not tells(met, "%d kills" % KILLS)
    one.becomes(PREFIX, "offloaded")
    lists.quiet()
    one.until("chains of one list are left", lambda: len(chains(one)) == 1)
    one.until("one chain of hardware is left", lambda: len({
        f["chain"] for f in one.sw.filters("block 4096")
        if 2048 < f["chain"] < 2177}) == 1)
    hard = [str(f["options"]["keys"]) for f in one.sw.filters("block 4096")
            if 2048 < f["chain"] < 2177 and f["pref"] < 65534]
    assert len(hard) == len(set(hard)), "doubled"
    led = [f["options"]["indev"] for f in one.sw.filters("block 4096")
           if not f["chain"] and f["pref"] < 49152]
    assert sorted(led) == ["sw1", "sw1"], led
