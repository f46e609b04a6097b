# SPDX-License-Identifier: GPL-2.0-or-later
"""The table is exactly as large as it says, and gives back what it took."""

import errno

import nl
from packets import frame
from tools import until


def rule(n, more="", action="drop"):
    return "pref 1 protocol ip flower dst_ip 10.%d.%d.%d %s skip_sw " \
        "action %s" % (n >> 16, n >> 8 & 255, n & 255, more, action)


def fill(sw, count, begin=0):
    sw.tc(*("filter add dev sw1 ingress " + rule(n)
            for n in range(begin, begin + count)))


def test_fill_to_the_last_slot(switch):
    sw = switch(ports=1, tcam_slots=16)
    assert sw.resources()["acl_tcam"]["size"] == 16
    for n in range(16):
        assert sw.occ() == n
        sw.add(rule(n))
    assert sw.occ() == 16
    sw.refused(rule(16), "tcamsim: table acl_tcam is full: "
               "1 slots wanted, 0 of 16 free")
    assert sw.occ() == 16 and len(sw.tcam()) == len(sw.filters()) == 16


def test_full_is_enospc(switch):
    switch(ports=1, tcam_slots=1)
    assert nl.add_drop("sw1", "10.0.0.1") == (0, "")
    error, text = nl.add_drop("sw1", "10.0.0.2")
    assert error == errno.ENOSPC
    assert text == "tcamsim: table acl_tcam is full: 1 slots wanted, " \
        "0 of 1 free"


def test_one_goes_one_comes(switch):
    sw = switch(ports=1, tcam_slots=16)
    fill(sw, 16)
    for entry in sw.filters()[3:6]:
        sw.tc("filter del dev sw1 ingress pref 1 handle %d protocol ip flower"
              % entry["options"]["handle"])
        assert sw.occ() == 15
        sw.add(rule(100 + entry["options"]["handle"]))
        assert sw.occ() == 16
        sw.refused(rule(200), "is full")


def test_a_wide_entry_needs_all_its_slots(switch):
    sw = switch(ports=1, tcam_slots=16)
    fill(sw, 13)
    wide = rule(50, "ip_proto udp dst_port 1-30")  # eight prefixes
    sw.refused(wide, "8 slots wanted, 3 of 16 free")
    assert sw.occ() == 13
    wide = rule(50, "ip_proto udp dst_port 1-6")  # 1, 2-3, 4-5, 6: four
    sw.refused(wide, "4 slots wanted, 3 of 16 free")
    sw.tc("filter del dev sw1 ingress pref 1 handle 1 protocol ip flower")
    sw.add(wide)
    assert sw.occ() == 16


def test_every_entry_hit_once_in_hardware_only(switch):
    sw = switch(ports=1)
    fill(sw, 1024)
    assert sw.occ() == 1024
    sw.refused(rule(1024), "1 slots wanted, 0 of 1024 free")
    frames = [frame(dst="10.0.%d.%d" % (n >> 8, n & 255))
              for n in range(1024)]
    sw.listen()
    sw.inject("sw1", *frames)
    assert sw.heard() == []
    count = sw.counters("sw1")
    assert count["hw_dropped"] == count["tcam_hits"] == 1024
    assert {e["packets"] for e in sw.tcam()} == {1}
    size = len(frames[0])
    for shown in sw.filters():
        stats = shown["options"]["actions"][0]["stats"]
        assert (stats["packets"], stats["bytes"]) == (1, size)
        assert shown["options"]["in_hw"]


def test_replace_wants_a_slot_of_its_own(switch):
    """At a full table `replace` fails and the old entry stays."""
    sw = switch(ports=2, tcam_slots=2)
    sw.add(rule(1, action="mirred egress redirect dev sw2"))
    sw.add(rule(2))
    handle = sw.filters()[0]["options"]["handle"]
    old = sw.tcam()
    change = "filter replace dev sw1 ingress handle %d %s" % (handle, rule(1))
    sw.tc.fails(change, "1 slots wanted, 0 of 2 free")
    assert sw.tcam() == old
    one = frame(dst="10.0.0.1")
    sw.expect("sw1", one, sw2=one)
    other = [f for f in sw.filters() if f["options"]["handle"] != handle][0]
    sw.tc("filter del dev sw1 ingress pref 1 handle %d protocol ip flower"
          % other["options"]["handle"])
    sw.tc(change)
    assert sw.occ() == 1
    sw.expect("sw1", one)


def test_slots_come_back_by_every_way_of_deletion(switch):
    sw = switch(ports=1, tcam_slots=64)
    delete = "filter del dev sw1 ingress "
    for ways in ([delete, delete + "chain 3"],
                 [delete + "pref 1", delete + "chain 3 pref 2",
                  "chain del dev sw1 ingress chain 3"],
                 ["qdisc del dev sw1 clsact"]):
        fill(sw, 8)
        sw.add("pref 2 chain 3 protocol ipv6 flower dst_ip 2001:db8::/32 "
               "skip_sw action drop")
        sw.add("pref 1 chain 3 protocol all matchall skip_sw action drop")
        seen = [sw.occ()]
        for way in ways:
            sw.tc(way)
            seen.append(sw.occ())
        assert seen == {2: [11, 3, 0], 3: [11, 3, 1, 0], 1: [11, 0]}[
            len(ways)]
        assert sw.tcam() == []


def test_prefs_of_their_own(switch):
    """As many priorities as entries, in a bad order and out in another."""
    sw = switch(ports=1, tcam_slots=300)
    order = sorted(range(1, 301), key=lambda n: n * 7919 % 301)
    sw.tc(*("filter add dev sw1 ingress pref %d protocol ip flower dst_ip "
            "10.0.%d.%d skip_sw action drop" % (n, n >> 8, n & 255)
            for n in order))
    assert sw.occ() == 300
    assert [e["pref"] for e in sw.tcam()] == list(range(1, 301))
    sw.tc(*("filter del dev sw1 ingress pref %d" % n for n in order[::2]))
    assert sw.occ() == 150
    assert [e["pref"] for e in sw.tcam()] == sorted(order[1::2])


def test_coupled_memory_is_one(switch):
    sw = switch(ports=2, tcam_slots=8, lpm_slots=24, coupled=1)
    memory = sw.resources()
    assert memory["memory"]["size"] == 32
    free = 32 - memory["memory"]["occ"]
    fill(sw, free)
    after = sw.resources()
    assert after["acl_tcam"]["occ"] == free
    assert after["memory"]["occ"] == 32 == \
        after["acl_tcam"]["occ"] + after["lpm"]["occ"]
    sw.refused(rule(free), "1 slots wanted, 0 of")
    # The other table is full with it, by no entry of its own.
    sw.ip("address add 192.0.2.1/24 dev sw2")
    until("a route without a slot", lambda: [
        r for r in sw.ip("route show 192.0.2.0/24")
        if "rt_offload_failed" in r["flags"]])
    sw.clear()
    assert sw.resources()["acl_tcam"]["occ"] == 0
