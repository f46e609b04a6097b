#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Traffic decides who is in the emulated table: what it counts, what is sampled
of the rest, mice, new routes, restarts, and what is shown of all that.

usage: tests/vtysh/traffic.py VTYSH OFFLOADD

As run.py, whose private directories these are: root, nothing of the machine is
touched.  The last line is "N passed, N failed".
"""
import glob
import json
import os
import sys
import time

import run as v
from run import ask, check

ROUTES = 40
SLOTS = 10
TABLE = "/var/lib/frr/table"
CONFIG = f"""\
offload
 table main
  capacity 12
  reserve 0
  low-watermark 8 slots
  high-watermark {SLOTS} slots
  rebalance-interval 1
  residence 0
  emulated file {TABLE}
  exit
 default table main
 timers settle 200
 traffic count packets
 traffic half-life 4
 traffic period 1
 traffic sampling rate 10
 traffic sampling budget 100000
 exit
"""


def shown(command):
    return json.loads(ask(f"show offload {command} json"))


def traffic():
    return shown("traffic")["tables"][0]


def routes():
    return {r["prefix"]: r for r in shown("route")["routes"]}


def states():
    return {p: r["state"] for p, r in routes().items()
            if p.startswith("10.1.")}


def prefix(i):
    return f"10.1.{i}.0/24"


def fresh(*more):
    # Nothing is known of an earlier life.
    if "offloadd" in v.daemons:
        database = shown("summary")["store"]["path"]
        v.stop("offloadd")
        for name in (TABLE, *glob.glob(database + "*")):
            if os.path.exists(name):
                os.unlink(name)
    v.empty_etc("frr.conf")
    v.restart()
    ask("configure terminal", *CONFIG.splitlines(), *more,
        *(f"ip route {prefix(i)} blackhole" for i in range(ROUTES)))
    settled(ROUTES)


def settled(count):
    def there():
        said = shown("summary")
        return said["feed"]["state"] == "settled" and \
            said["states"]["seen"] == 0 and said["dirty"] == 0 and \
            len(states()) == count and \
            all(not t["inFlight"] for t in said["tables"])
    v.wait(there, "everything is decided")


def carry(packets):
    """{prefix: packets}, once."""
    ask(*(f"offload exercise table main traffic {p} {n}"
          for p, n in packets.items()))


def until(packets, condition, sentence):
    """The same again and again."""
    def look():
        carry(packets)
        time.sleep(0.2)
        return condition()
    v.wait(look, sentence)


def held():
    return {p for p, s in states().items() if s == "offloaded"}


def test_off_by_default():
    v.empty_etc("frr.conf")
    v.restart()
    ask("configure terminal", "offload", "table main", "capacity 100")
    said = shown("traffic")
    check(said["count"] == "off" and not said.get("tables"), "it counts", said)
    check("traffic count" in ask("show offload traffic"), "not said how")


def test_heavy_ones_move():
    """Sampled in software, they move; counted in hardware, they stay; they
    cool down, others have their places."""
    fresh()
    check(len(held()) == SLOTS, "not full", states())
    heavy = [p for p in states() if p not in held()][:3]
    packets = {p: 1000 for p in heavy}
    until(packets, lambda: held() >= set(heavy), "the heavy ones move")
    said = traffic()
    check(said["sampling"]["samples"] > 0 and said["sampling"]["active"],
          "sampling", said)
    count = said["readings"]["count"]
    until(packets, lambda: traffic()["readings"]["count"] >= count + 5,
          "counters are read")
    check(held() >= set(heavy), "they did not stay", states())
    said = traffic()
    check(said["hardwarePercent"] > 50 and said["hardwarePackets"] > 0,
          "hardware's share", said)
    others = [p for p in states() if p not in heavy][:SLOTS]
    until({p: 1000 for p in others}, lambda: held() == set(others),
          "others have their places")


def test_what_came_before_is_not_counted():
    fresh()
    one = sorted(held())[0]
    ask("configure terminal", "offload", "no traffic count")
    carry({one: 70000})
    ask("configure terminal", "offload", "traffic count packets")
    v.wait(lambda: traffic()["readings"]["count"] >= 3, "counters are read")
    check(traffic()["hardwarePackets"] == 0, "of before", traffic())
    carry({one: 300})
    v.wait(lambda: traffic()["hardwarePackets"] == 300, "it counts")


def test_without_samples():
    """What cannot be sampled is counted, in regions that zoom in; as soon as
    it can be sampled, it is."""
    fresh()
    ask("offload exercise table main sampling off")
    v.wait(lambda: traffic()["sampling"]["regions"] > 0, "it is counted")
    check(not traffic()["sampling"]["active"], "it is sampled", traffic())
    check("regions" in ask("show offload traffic"), "not said")
    heavy = [p for p in states() if p not in held()][-1]
    until({heavy: 1000}, lambda: heavy in held(), "the heavy one moves")
    check(traffic()["sampling"]["samples"] == 0, "samples", traffic())
    ask("offload exercise table main sampling on")
    v.wait(lambda: traffic()["sampling"]["active"] and
           traffic()["sampling"]["regions"] == 0, "it is sampled")
    ask("configure terminal", "offload", "traffic sampling by counters")
    v.wait(lambda: traffic()["sampling"]["regions"] > 0, "as configured")
    ask("configure terminal", "offload", "traffic sampling rate 0")
    v.wait(lambda: traffic()["sampling"]["regions"] == 0, "nothing is")


def test_no_writes_at_rest():
    fresh()
    packets = {p: 200 for p in list(states())[:SLOTS]}
    until(packets, lambda: held() == set(packets), "those that carry are in")
    sent = shown("table main")["opsSent"]
    count = traffic()["readings"]["count"]
    until(packets, lambda: traffic()["readings"]["count"] >= count + 6, "readings")
    check(shown("table main")["opsSent"] == sent, "it writes",
          shown("table main"))


def test_mice():
    """Nothing before it has carried enough; what is left of the table stays
    empty for it."""
    fresh("offload", "rule 10", "set class best-effort",
          "set mice-filter packets 20000 window 10", "exit", "exit")
    v.wait(lambda: shown("summary")["dirty"] == 0, "decided")
    some = [p for p in states() if p not in held()]
    mouse, elephant = some[:2]
    count = traffic()["readings"]["count"]
    until({mouse: 20, elephant: 8000}, lambda: elephant in held(),
          "the elephant moves")
    until({mouse: 20, elephant: 8000},
          lambda: traffic()["readings"]["count"] > count + 6, "readings")
    check(mouse not in held(), "the mouse is in", states())
    said = ask(f"show offload explain {mouse}")
    check("mice" in said or "mouse" in said, "not explained", said)


def test_restart_keeps():
    """Entries stay, and what was known of those that hold them."""
    fresh()
    packets = {p: 500 for p in list(states())[-SLOTS:]}
    until(packets, lambda: held() == set(packets), "those that carry are in")
    v.wait(lambda: not shown("summary")["store"]["queued"], "it is written")
    ask("write memory")
    v.stop("offloadd")
    v.start("offloadd")
    v.run("-b")
    settled(ROUTES)
    table = shown("table main")
    check(held() == set(packets) and table["added"] == table["deleted"] == 0,
          "it was written", states(), table)
    total = table["placement"]["total"]
    check(total > 1000 * SLOTS, "nothing is known of what they carried", total)


def test_waits_for_its_configuration():
    """With a database of before, and none: `vtysh -b` is to come.  What is
    typed instead ends the wait."""
    fresh()
    v.stop("offloadd")
    v.start("offloadd")
    check(not shown("summary")["begun"], "it did not wait")
    check("waited" in ask("show offload"), "not said", ask("show offload"))
    check("stateSince" not in shown("summary")["feed"], "since 1970")
    ask("configure terminal", "offload", "timers retry 6000")
    v.wait(lambda: shown("summary")["begun"], "it begins")
    v.stop("offloadd")
    v.start("offloadd")
    v.stop("offloadd")  # also while it waits
    v.start("offloadd")


def test_new_route_like_its_neighbours():
    fresh()
    packets = {p: 500 for p in list(states())[:SLOTS]}
    until(packets, lambda: held() == set(packets), "those that carry are in")
    ask("configure terminal", "ip route 10.1.200.0/24 blackhole")
    v.wait(lambda: "10.1.200.0/24" in states(), "it is there")


if __name__ == "__main__":
    v.enter(__file__, __doc__)
    sys.exit(v.run_tests(globals()))
