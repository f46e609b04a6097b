# SPDX-License-Identifier: GPL-2.0-or-later
"""Shared blocks: one entry a switch, however many ports; ports come and go."""

from packets import frame

RULE = "filter add block 1 pref %d protocol ip flower dst_ip 10.0.0.%d " \
    "skip_sw action %s"


def bind(sw, *ports, block=1):
    for port in ports:
        sw.tc.run("qdisc del dev %s clsact" % port)
        sw.tc("qdisc add dev %s ingress_block %d clsact" % (port, block))


def count(sw, block=1):
    return [f["options"]["in_hw_count"] for f in sw.filters(
        "block %d" % block)]


def test_one_entry_for_all_ports(switch):
    sw = switch(ports=4)
    bind(sw, "sw1", "sw2", "sw3")
    sw.tc(RULE % (1, 1, "mirred egress redirect dev sw4"))
    assert sw.occ() == 1 and count(sw) == [1]
    for port in ("sw1", "sw2", "sw3"):
        one = frame(dst="10.0.0.1")
        sw.expect(port, one, sw4=one)
    one = frame(dst="10.0.0.1")
    sw.expect("sw4", one, cpu=one)
    entry, = sw.tcam()
    assert entry["packets"] == 3
    stats, = [f["options"]["actions"][0]["stats"]["packets"]
              for f in sw.filters("block 1")]
    assert stats == 3


def test_blocks_of_their_own_do_not_mix(switch):
    sw = switch(ports=3)
    for port, to in (("sw1", "sw2"), ("sw2", "sw3")):
        sw.add("pref 1 protocol ip flower dst_ip 10.0.0.1 skip_sw "
               "action mirred egress redirect dev " + to, port)
    assert sw.occ() == 2
    one = frame(dst="10.0.0.1")
    sw.expect("sw1", one, sw2=one)
    sw.expect("sw2", one, sw3=one)
    assert len({e["region"] for e in sw.tcam()}) == 2


def test_two_switches_two_entries(switch):
    sw = switch(ports=2, switches=2)
    bind(sw, "sw1", "sw2", "sw3")
    sw.tc(RULE % (1, 1, "drop"))
    assert (sw.occ(switch=0), sw.occ(switch=1)) == (1, 1)
    assert count(sw) == [2]
    for port in ("sw1", "sw2", "sw3"):
        sw.expect(port, frame(dst="10.0.0.1"))
    assert [e["packets"] for e in sw.tcam(0) + sw.tcam(1)] == [2, 1]
    stats, = [f["options"]["actions"][0]["stats"]["packets"]
              for f in sw.filters("block 1")]
    assert stats == 3


def test_two_switches_share_nothing_else(switch):
    """Redirect across switches is refused, by both or by one."""
    sw = switch(ports=2, switches=2)
    sw.refused("pref 1 protocol ip flower skip_sw action mirred egress "
               "redirect dev sw3", "tcamsim: ", port="sw1")
    assert sw.occ(switch=0) == sw.occ(switch=1) == 0
    ids = [sw.ip("link show " + p)[0]["phys_switch_id"]
           for p in sw.port_names()]
    assert ids[0] == ids[1] != ids[2] == ids[3]


def test_one_of_two_switches_is_full(switch):
    """skip_sw wants all; what the other had taken is given back."""
    sw = switch(ports=1, switches=2, tcam_slots=1)
    sw.add("pref 1 protocol ip flower dst_ip 10.9.9.9 skip_sw action drop",
           "sw2")
    sw.tc("qdisc del dev sw1 clsact",
          "qdisc add dev sw1 ingress_block 1 clsact")
    sw.tc("filter del dev sw2 ingress", "qdisc del dev sw2 clsact",
          "qdisc add dev sw2 ingress_block 1 clsact")
    sw.debug("fail_tcam", "1", switch=1)
    sw.tc.fails(RULE % (1, 1, "drop"), "tcamsim: write refused on request")
    assert (sw.occ(switch=0), sw.occ(switch=1)) == (0, 0)
    sw.tc(RULE % (1, 1, "drop"))
    assert (sw.occ(switch=0), sw.occ(switch=1)) == (1, 1)


def test_a_port_leaves(switch):
    sw = switch(ports=2)
    bind(sw, "sw1", "sw2")
    sw.tc(RULE % (1, 1, "drop"), RULE % (2, 2, "drop"))
    sw.tc("qdisc del dev sw1 clsact")
    assert sw.occ() == 2 and count(sw) == [1, 1]
    one = frame(dst="10.0.0.1")
    sw.expect("sw1", one, cpu=one)
    sw.expect("sw2", one)
    sw.tc("qdisc del dev sw2 clsact")
    assert sw.occ() == 0 and sw.tcam() == []


def test_a_port_joins_a_block_with_rules(switch):
    sw = switch(ports=3)
    bind(sw, "sw1")
    sw.tc(RULE % (1, 1, "mirred egress redirect dev sw3"))
    bind(sw, "sw2")
    assert sw.occ() == 1 and count(sw) == [1]
    one = frame(dst="10.0.0.1")
    sw.expect("sw2", one, sw3=one)
    sw.expect("sw1", one, sw3=one)


def test_a_port_of_another_switch_joins(switch):
    """The rules are offered to it, and taken back when it leaves."""
    sw = switch(ports=1, switches=2)
    bind(sw, "sw1")
    sw.tc(RULE % (1, 1, "drop"), RULE % (1, 2, "drop"))
    bind(sw, "sw2")
    assert (sw.occ(switch=0), sw.occ(switch=1)) == (2, 2)
    assert count(sw) == [2, 2]
    sw.tc("qdisc del dev sw1 clsact")
    assert (sw.occ(switch=0), sw.occ(switch=1)) == (0, 2)
    assert count(sw) == [1, 1]
    sw.expect("sw2", frame(dst="10.0.0.1"))


def test_no_room_for_a_block_that_joins(switch):
    """Its skip_sw rules do not fit: the port cannot join, nothing is lost."""
    sw = switch(ports=1, switches=2, tcam_slots=2)
    bind(sw, "sw1")
    sw.tc(RULE % (1, 1, "drop"), RULE % (1, 2, "drop"))
    sw.tc("qdisc del dev sw2 clsact")
    sw.debug("fail_tcam", "2", switch=1)
    sw.tc.fails("qdisc add dev sw2 ingress_block 1 clsact")
    assert (sw.occ(switch=0), sw.occ(switch=1)) == (2, 0)
    assert count(sw) == [1, 1]
    sw.expect("sw1", frame(dst="10.0.0.1"))


def test_matchall_in_a_shared_block(switch):
    sw = switch(ports=2)
    bind(sw, "sw1", "sw2")
    sw.tc("filter add block 1 pref 1 protocol all matchall skip_sw action drop")
    assert sw.occ() == 1
    sw.expect("sw1", frame())
    sw.expect("sw2", frame(type=0x1234))
    assert sw.tcam()[0]["packets"] == 2
