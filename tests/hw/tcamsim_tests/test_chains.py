# SPDX-License-Identifier: GPL-2.0-or-later
"""Chains: goto, what a miss means there, templates, and an end to all loops."""

import os

import pytest

from lab import read
from packets import fields, frame, make

OUT = "action mirred egress redirect dev sw2"


def software_count(sw, pref, chain=0):
    one, = [f for f in sw.filters() if f["pref"] == pref
            and f["chain"] == chain]
    return one["options"]["actions"][0]["stats"]["packets"]


def test_goto(lasting):
    lasting.add("pref 1 protocol ip flower dst_ip 10.0.0.0/8 skip_sw "
                "action goto chain 5")
    lasting.add("pref 1 chain 5 protocol ip flower ip_proto udp dst_port 53 "
                "skip_sw " + OUT)
    lasting.add("pref 2 chain 5 protocol ip flower skip_sw action drop")
    dns, other = frame(dst="10.0.0.1", dport=53), frame(dst="10.0.0.1")
    lasting.expect("sw1", dns, sw2=dns)
    lasting.expect("sw1", other)
    outside = frame(dst="11.0.0.1", dport=53)
    lasting.expect("sw1", outside, cpu=outside)
    assert [(e["chain"], e["packets"]) for e in lasting.tcam()] == \
        [(0, 2), (5, 1), (5, 1)]


def test_chain_without_goto_is_never_asked(lasting):
    lasting.add("pref 1 chain 1 protocol ip flower skip_sw action drop")
    one = frame()
    lasting.expect("sw1", one, cpu=one)
    assert lasting.tcam()[0]["packets"] == 0


def test_goto_reads_a_changed_packet_again(lasting):
    f = fields(dst="10.0.0.1")
    lasting.add("pref 1 protocol ip flower dst_ip 10.0.0.0/8 skip_sw "
                "action pedit ex munge eth dst set 02:00:00:00:00:77 munge ip "
                "ttl set 9 pipe action csum ip4h pipe action goto chain 1")
    lasting.add("pref 1 chain 1 protocol ip flower ip_ttl 64 skip_sw "
                "action drop")
    lasting.add("pref 2 chain 1 protocol ip flower dst_mac 02:00:00:00:00:77 "
                "ip_ttl 9 skip_sw " + OUT)
    lasting.expect("sw1", make(f), sw2=make(dict(
        f, dmac="02:00:00:00:00:77", ttl=9)))


def test_goto_behind_a_pushed_tag(lasting):
    f = fields(dst="10.0.0.1")
    lasting.add("pref 1 protocol ip flower dst_ip 10.0.0.0/8 skip_sw "
                "action vlan push id 9 pipe action goto chain 1")
    lasting.add("pref 1 chain 1 protocol 802.1q flower vlan_id 9 "
                "vlan_ethtype ip dst_ip 10.0.0.1 skip_sw " + OUT)
    lasting.expect("sw1", make(f), sw2=make(dict(f, vlan=(9, 0))))


def kernel_resumes():
    """Can a driver say in which chain to go on?  Nothing in a running kernel
    tells, so it takes its configuration."""
    release = os.uname().release
    for path in (os.environ.get("TCAMSIM_CONFIG", ""),
                 "/boot/config-" + release,
                 "/lib/modules/%s/build/.config" % release):
        if os.path.exists(path):
            return "\nCONFIG_NET_TC_SKB_EXT=y\n" in read(path)
    pytest.skip("no kernel configuration; TCAMSIM_CONFIG may name one")


def test_miss_after_goto_goes_on_in_software_there(lasting):
    """Not in chain 0 again, hardware has done that; if the kernel can."""
    lasting.add("pref 1 protocol ip flower dst_ip 10.0.0.0/8 "
                "action goto chain 5")
    lasting.add("pref 7 chain 5 protocol ip flower dst_ip 10.0.0.9 skip_sw "
                "action drop")
    lasting.add("pref 8 chain 5 protocol ip flower skip_hw action pass")
    one = frame(dst="10.0.0.1")
    lasting.expect("sw1", one, cpu=one)
    assert software_count(lasting, 8, 5) == 1
    # The goto was counted by hardware, and only by it.
    assert software_count(lasting, 1) == (1 if kernel_resumes() else 2)
    entry, = [e for e in lasting.tcam() if e["chain"] == 0]
    assert entry["packets"] == 1


def test_goto_of_a_chain_that_is_not_there(lasting):
    lasting.add("pref 1 protocol ip flower skip_sw action goto chain 77")
    one = frame()
    lasting.expect("sw1", one, cpu=one)


def chain_of(sw, count):
    """count gotos, then out."""
    for n in range(count):
        sw.add("pref 1 chain %d protocol ip flower skip_sw action goto "
               "chain %d" % (n, n + 1))
    sw.add("pref 1 chain %d protocol ip flower skip_sw %s" % (count, OUT))


def test_a_long_way(lasting):
    chain_of(lasting, 12)
    one = frame()
    lasting.expect("sw1", one, sw2=one)
    assert all(e["packets"] == 1 for e in lasting.tcam())


def test_too_long_a_way_ends_at_the_cpu(lasting):
    chain_of(lasting, 20)
    one = frame()
    lasting.expect("sw1", one, cpu=one)
    reached = [e["packets"] for e in lasting.tcam()]
    assert sum(reached) == 16 and reached == sorted(reached, reverse=True)


def test_a_loop_ends_at_the_cpu(lasting):
    lasting.add("pref 1 protocol ip flower skip_sw action goto chain 1")
    lasting.add("pref 1 chain 1 protocol ip flower skip_sw "
                "action goto chain 2")
    lasting.add("pref 1 chain 2 protocol ip flower skip_sw "
                "action goto chain 1")
    one = frame()
    lasting.expect("sw1", one, cpu=one)


def test_template(lasting):
    """Filters of a chain with a template: its masks, or a refusal."""
    lasting.tc("chain add dev sw1 ingress chain 3 protocol ip flower "
               "dst_ip 0.0.0.0/16")
    lasting.add("pref 1 chain 3 protocol ip flower dst_ip 10.1.0.0/16 "
                "skip_sw " + OUT)
    lasting.refused("pref 2 chain 3 protocol ip flower dst_ip 10.1.0.0/24 "
                    "skip_sw " + OUT, "")
    lasting.refused("pref 2 chain 3 protocol ip flower src_ip 10.1.0.0/16 "
                    "skip_sw " + OUT, "")
    assert lasting.occ() == 1
    lasting.add("pref 1 protocol ip flower skip_sw action goto chain 3")
    one = frame(dst="10.1.2.3")
    lasting.expect("sw1", one, sw2=one)


def test_template_alone_takes_no_slot(lasting):
    lasting.tc("chain add dev sw1 ingress chain 3 protocol ip flower "
               "dst_ip 0.0.0.0/16 ip_proto udp")
    assert lasting.occ() == 0
    lasting.tc("chain del dev sw1 ingress chain 3")


def test_same_filter_in_two_chains(lasting):
    for chain, port in ((0, "sw2"), (1, "sw3"), (2, "sw4")):
        lasting.add("pref 1 chain %d protocol ip flower dst_ip 10.0.0.1 "
                    "skip_sw action mirred egress redirect dev %s"
                    % (chain, port))
    assert lasting.occ() == 3
    one = frame(dst="10.0.0.1")
    lasting.expect("sw1", one, sw2=one)
    lasting.tc("filter del dev sw1 ingress chain 0 pref 1")
    lasting.expect("sw1", one, cpu=one)
    lasting.tc("filter del dev sw1 ingress chain 2")
    assert [e["chain"] for e in lasting.tcam()] == [1]
