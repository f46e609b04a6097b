# SPDX-License-Identifier: GPL-2.0-or-later
"""What tc says of filters that may live in hardware and in software."""

from packets import frame

FLOWER = "pref 1 protocol ip flower dst_ip 10.0.0.%d %s action drop"


def flags(sw):
    return [(f["options"].get("in_hw", False),
             f["options"].get("not_in_hw", False)) for f in sw.filters()]


def test_both_paths(switch):
    sw = switch(ports=1, tcam_slots=2)
    sw.add(FLOWER % (1, ""))
    sw.add(FLOWER % (2, "skip_sw"))
    sw.add(FLOWER % (3, "skip_hw"))
    assert sorted(flags(sw)) == [(False, True), (True, False), (True, False)]
    assert sw.occ() == 2


def test_refusal_is_silent_without_skip_sw(switch):
    """rc 0, not_in_hw: the packet meets it in software."""
    sw = switch(ports=1, tcam_slots=1)
    sw.add(FLOWER % (1, "skip_sw"))
    sw.add(FLOWER % (2, ""))
    assert flags(sw) in ([(True, False), (False, True)],
                         [(False, True), (True, False)])
    for n in (1, 2):
        before = sw.punts("sw1")
        one = frame(dst="10.0.0.%d" % n)
        sw.inject("sw1", one)
        assert sw.punts("sw1") - before == n - 1
    packets = {f["options"]["keys"]["dst_ip"]: f["options"]["actions"][0]
               ["stats"]["packets"] for f in sw.filters()}
    assert packets == {"10.0.0.1": 1, "10.0.0.2": 1}
    # Room that comes later does not bring it in.
    sw.tc("filter del dev sw1 ingress pref 1 protocol ip handle 1 flower")
    assert sw.occ() == 0 and flags(sw) == [(False, True)]


def test_a_hit_in_hardware_is_not_counted_twice(switch):
    """A trapped packet meets the same filter in software again."""
    sw = switch(ports=2)
    sw.add("pref 1 protocol ip flower dst_ip 10.0.0.1 "
           "action mirred egress redirect dev sw2")
    one = frame(dst="10.0.0.1")
    sw.expect("sw1", one, sw2=one)
    shown, = sw.filters()
    assert shown["options"]["in_hw_count"] == 1
    stats = shown["options"]["actions"][0]["stats"]
    assert stats["packets"] == 1


def test_skip_hw_is_never_offered(switch):
    sw = switch(ports=1, tcam_slots=1)
    for n in range(5):
        sw.add(FLOWER % (n, "skip_hw"))
    assert sw.tcam() == [] and sw.occ() == 0


def test_matchall_flags(switch):
    sw = switch(ports=1, tcam_slots=1)
    sw.add("pref 1 protocol all matchall skip_sw action drop")
    sw.refused("pref 2 protocol all matchall skip_sw action drop", "is full")
    sw.add("pref 3 protocol all matchall action drop")
    shown = {f["pref"]: f["options"] for f in
             sw.tc("filter show dev sw1 ingress") if "options" in f}
    assert shown[1].get("in_hw") and shown[3].get("not_in_hw")


def test_monitor_tells_of_hardware(switch):
    """A listener to tc events learns whether a filter is in hardware."""
    sw = switch(ports=1, tcam_slots=1)
    listener = sw.listener("tc", "monitor")
    sw.add(FLOWER % (1, ""))
    sw.add(FLOWER % (2, ""))
    text = listener.until("the second filter", lambda text:
                          "10.0.0.2" in text and "not_in_hw" in text)
    assert "in_hw in_hw_count 1" in text
