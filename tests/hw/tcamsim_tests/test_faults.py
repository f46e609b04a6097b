# SPDX-License-Identifier: GPL-2.0-or-later
"""What goes wrong with hardware, on demand; and what the kernel sees of it."""

import errno
from concurrent.futures import ThreadPoolExecutor

import pytest

import nl
from packets import frame
from tools import until

RULE = "pref 1 protocol ip flower dst_ip 10.0.0.%d skip_sw action drop"


def flows(sw):
    """In hardware as tc sees it."""
    return [f["options"].get("in_hw", False) for f in sw.filters()]


def test_the_nth_add_fails_once(switch):
    sw = switch(ports=1)
    sw.debug("fail_tcam", "3")
    sw.add(RULE % 1)
    assert sw.debug("fail_tcam").split()[0] == "2"
    sw.add(RULE % 2)
    sw.refused(RULE % 3, "tcamsim: write refused on request")
    assert sw.debug("fail_tcam").split()[0] == "0"
    assert sw.occ() == 2
    sw.add(RULE % 3)
    assert sw.occ() == 3


@pytest.mark.parametrize("number", [errno.EIO, errno.ENOMEM, errno.ENOSPC,
                                    errno.EBUSY])
def test_with_this_errno(switch, number):
    sw = switch(ports=1)
    sw.debug("fail_tcam", "1" if number == errno.EIO else "1 %d" % number)
    assert nl.add_drop("sw1", "10.0.0.1") == (
        number, "tcamsim: write refused on request")
    assert sw.tcam() == [] and sw.occ() == 0
    assert nl.add_drop("sw1", "10.0.0.1") == (0, "")


def test_deletions_do_not_count(switch):
    sw = switch(ports=1)
    sw.add(RULE % 1)
    sw.debug("fail_tcam", "1")
    sw.clear()
    assert sw.debug("fail_tcam").split()[0] == "1"
    sw.refused(RULE % 1, "write refused")


def test_fault_without_skip_sw_is_silent(switch):
    sw = switch(ports=1)
    sw.debug("fail_tcam", "1")
    sw.add("pref 1 protocol ip flower dst_ip 10.0.0.1 action drop")
    assert flows(sw) == [False] and sw.occ() == 0


@pytest.mark.parametrize("name, text", [
    ("fail_tcam", "x"), ("fail_tcam", ""), ("fail_tcam", "1 2 3 x"),
    ("fail_tcam", "-1"), ("fail_tcam", "1 0"), ("fail_tcam", "1 -5"),
    ("fail_tcam", "1 100000"), ("fail_lpm", "nine"), ("delay_ms", "long"),
    ("silent", "perhaps"), ("evict", "0xzz"), ("evict", "0x1"),
    ("evict_route", "10.0.0.0"), ("evict_route", "10.0.0.0/33"),
    ("evict_route", "10.0.0.0/8"), ("age_ms", "-1"),
    ("fail_tcam", "9" * 5000)])
def test_nonsense_is_refused(lasting, name, text):
    with pytest.raises(OSError) as refusal:
        if text:
            lasting.debug(name, text)
        else:
            lasting.debug(name, "\n")
    assert refusal.value.errno in (errno.EINVAL, errno.ENOENT, errno.ERANGE,
                                   errno.E2BIG, errno.ENODEV)
    lasting.add(RULE % 1)  # and nothing was set by it
    assert lasting.occ() == 1


def test_slow_writes_come_in_order(switch):
    sw = switch(ports=1)
    sw.debug("delay_ms", "5")
    assert int(sw.debug("delay_ms")) == 5
    for n in range(5):
        sw.add(RULE % n)
        assert sw.occ() == n + 1
    sw.clear()
    assert sw.occ() == 0
    sw.debug("delay_ms", "0")


def test_packets_do_not_wait_for_a_write(switch):
    """While the device is busy with a write it forwards as before."""
    sw = switch(ports=1)
    sw.add(RULE % 1)
    sw.debug("delay_ms", "300")
    with ThreadPoolExecutor(1) as pool:
        # Its answer comes only when the write is done.
        write = pool.submit(sw.add, RULE % 2)
        sw.tap("sw1w").send(frame(dst="10.0.0.1"))
        until("a verdict", lambda: sw.counters("sw1")["hw_dropped"] == 1)
        write.result()
    sw.debug("delay_ms", "0")
    assert sw.occ() == 2


def test_silence(switch):
    sw = switch(ports=1)
    sw.debug("timeout_ms", "20")
    sw.add(RULE % 1)
    one = frame(dst="10.0.0.1")
    sw.expect("sw1", one)
    sw.debug("silent", "1")
    assert nl.add_drop("sw1", "10.0.0.2") == (
        errno.ETIMEDOUT, "tcamsim: the device does not answer")
    # It forwards as it did, but nobody can read its counters.
    sw.expect("sw1", one)
    shown, = sw.filters()
    told = shown["options"]["actions"][0]["stats"]["packets"]
    sw.expect("sw1", one)
    shown, = sw.filters()
    assert shown["options"]["actions"][0]["stats"]["packets"] == told
    sw.debug("silent", "0")
    shown, = sw.filters()
    assert shown["options"]["actions"][0]["stats"]["packets"] == 3
    sw.add(RULE % 2)
    assert sw.occ() == 2


def test_deletion_in_silence_is_carried_out_later(switch):
    sw = switch(ports=1)
    sw.debug("timeout_ms", "20")
    sw.add(RULE % 1)
    sw.debug("silent", "1")
    sw.tc("filter del dev sw1 ingress")
    assert sw.filters() == []
    # The table still has it: hardware drops, whatever the kernel thinks.
    sw.expect("sw1", frame(dst="10.0.0.1"))
    sw.debug("silent", "0")
    one = frame(dst="10.0.0.1")

    def gone():
        return sw.occ() == 0

    until("the deletion", gone)
    sw.expect("sw1", one, cpu=one)


def test_removal_while_silent(switch):
    """The module goes, however little its device says."""
    sw = switch(ports=2)
    sw.debug("timeout_ms", "20")
    for n in range(4):
        sw.add(RULE % n)
    sw.debug("silent", "1")
    sw.clear()
    sw.add("pref 1 protocol ip flower dst_ip 10.0.0.1 action drop")
    sw.unload()


def test_silent_eviction(switch):
    """The kernel is not told: only packets and occupancy show it."""
    sw = switch(ports=1)
    sw.add(RULE % 1)
    sw.add(RULE % 2)
    sw.expect("sw1", frame(dst="10.0.0.1"))
    victim = sw.tcam()[0]
    sw.debug("evict", victim["cookie"])
    assert flows(sw) == [True, True]
    assert sw.occ() == 1
    assert [e["installed"] for e in sw.tcam()] == [False, True]
    one, two = frame(dst="10.0.0.1"), frame(dst="10.0.0.2")
    sw.expect("sw1", one, cpu=one)
    sw.expect("sw1", two)
    counts = {f["options"]["keys"]["dst_ip"]:
              f["options"]["actions"][0]["stats"]["packets"]
              for f in sw.filters()}
    assert counts == {"10.0.0.1": 1, "10.0.0.2": 1}
    # Its slot is free for another; deleting it gives nothing back twice.
    sw.add(RULE % 3)
    assert sw.occ() == 2
    sw.clear()
    assert sw.occ() == 0 and sw.tcam() == []


def test_evicted_and_deleted_at_the_last_slot(switch):
    sw = switch(ports=1, tcam_slots=2)
    sw.add(RULE % 1)
    sw.add(RULE % 2)
    sw.debug("evict", "all")
    assert sw.occ() == 0 and flows(sw) == [True, True]
    sw.tc("filter add dev sw1 ingress pref 2 protocol ip flower dst_ip "
          "10.0.0.3 skip_sw action drop",
          "filter add dev sw1 ingress pref 2 protocol ip flower dst_ip "
          "10.0.0.4 skip_sw action drop")
    assert sw.occ() == 2
    sw.tc("filter del dev sw1 ingress pref 1")
    assert sw.occ() == 2
    sw.tc.fails("filter add dev sw1 ingress pref 2 protocol ip flower dst_ip "
                "10.0.0.5 skip_sw action drop", "is full")


def test_evicted_rule_works_on_in_software(switch):
    sw = switch(ports=1)
    sw.add("pref 1 protocol ip flower dst_ip 10.0.0.1 action drop")
    one = frame(dst="10.0.0.1")
    sw.expect("sw1", one)
    sw.debug("evict", "all")
    sw.expect("sw1", one, cpu=one)  # the tap hears it before tc does
    shown, = sw.filters()
    stats = shown["options"]["actions"][0]["stats"]
    assert stats["packets"] == 2 and shown["options"]["in_hw"]


def test_evicted_goto(switch):
    sw = switch(ports=1)
    sw.add("pref 1 protocol ip flower dst_ip 10.0.0.0/8 skip_sw "
           "action goto chain 1")
    sw.add("pref 1 chain 1 protocol ip flower skip_sw action drop")
    sw.expect("sw1", frame(dst="10.0.0.1"))
    sw.debug("evict", sw.tcam()[0]["cookie"])
    one = frame(dst="10.0.0.1")
    sw.expect("sw1", one, cpu=one)


def test_evict_what_is_gone(switch):
    sw = switch(ports=1)
    sw.add(RULE % 1)
    cookie = sw.tcam()[0]["cookie"]
    sw.debug("evict", cookie)
    sw.clear()
    with pytest.raises(OSError) as refusal:
        sw.debug("evict", cookie)
    assert refusal.value.errno == errno.ENOENT


def test_replace_of_an_evicted_entry(switch):
    sw = switch(ports=1, tcam_slots=1)
    sw.add(RULE % 1)
    sw.debug("evict", "all")
    sw.tc("filter replace dev sw1 ingress handle 1 " + RULE % 1)
    assert sw.occ() == 1
    assert [e["installed"] for e in sw.tcam()] == [True]
    sw.expect("sw1", frame(dst="10.0.0.1"))


def test_ageing(switch):
    """Idle entries vanish; nobody is told."""
    sw = switch(ports=1)
    sw.add(RULE % 1)
    sw.add(RULE % 2)
    sw.debug("age_ms", "100")
    until("all idle entries are gone", lambda: sw.occ() == 0)
    assert flows(sw) == [True, True]
    assert [e["installed"] for e in sw.tcam()] == [False, False]
    sw.debug("age_ms", "0")
    sw.add(RULE % 3)
    assert sw.occ() == 1


def test_ageing_spares_the_busy(switch):
    """One is hit again and again, one is idle: the idle one goes first."""
    sw = switch(ports=1)
    sw.add(RULE % 1)
    sw.add(RULE % 2)
    sw.debug("age_ms", "1500")
    busy = frame(dst="10.0.0.1")

    def idle_gone():
        sw.inject("sw1", busy)
        return not [e for e in sw.installed() if not e["packets"]]

    until("the idle one is gone", idle_gone)
    sw.debug("age_ms", "0")
    assert [e["packets"] > 0 for e in sw.installed()] == [True]


def test_faults_of_one_switch_only(switch):
    sw = switch(ports=1, switches=2)
    sw.debug("fail_tcam", "1", switch=1)
    sw.add(RULE % 1, "sw1")
    sw.refused(RULE % 1, "write refused", port="sw2")
    sw.add(RULE % 1, "sw2")
    sw.debug("evict", "all", switch=1)
    assert (sw.occ(switch=0), sw.occ(switch=1)) == (1, 0)
