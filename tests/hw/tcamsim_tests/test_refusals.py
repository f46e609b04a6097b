# SPDX-License-Identifier: GPL-2.0-or-later
"""What the device cannot do it refuses with a sentence; nothing changes."""

import pytest

import nl
from packets import frame

NO_MATCH = "tcamsim: cannot match on "
NO_ACTION = "tcamsim: cannot do "
IP = "protocol ip flower "
UDP = IP + "ip_proto udp "

# (filter without its action, beginning of the sentence)
MATCHES = [
    ("protocol 802.1q flower vlan_id 1 vlan_ethtype 802.1q cvlan_id 5",
     NO_MATCH),
    ("protocol mpls_uc flower mpls_label 5", NO_MATCH),
    ("protocol arp flower arp_tip 10.0.0.1", NO_MATCH),
    (IP + "enc_key_id 5", NO_MATCH),
    (IP + "enc_dst_ip 10.0.0.1", NO_MATCH),
    (IP + "ct_state +trk", NO_MATCH),
    ("protocol ppp_ses flower ppp_proto ip", NO_MATCH),
]

# (words after skip_sw, beginning of the sentence)
ACTIONS = [
    ("action continue", ""),
    ("action mirred ingress redirect dev sw2", NO_ACTION),
    ("action mirred ingress mirror dev sw2", NO_ACTION),
    ("action skbedit priority 3", NO_ACTION),
    ("action skbedit ptype host", NO_ACTION),
    ("action mirred egress redirect dev lo", "tcamsim: "),
    ("action mirred egress mirror dev sw2w", "tcamsim: "),
    ("action pedit ex munge ip ttl add 255", "tcamsim: "),
    ("action pedit ex munge ip ttl set 5 pipe action drop", "tcamsim: "),
    ("action pedit ex munge ip tos set 4 pipe "
     "action mirred egress redirect dev sw2", "tcamsim: "),
    ("action pedit ex munge udp dport set 5", "tcamsim: "),
    ("action pedit ex munge ip dst set 10.0.0.9 pipe action csum ip4h and udp",
     "tcamsim: "),
    ("action sample rate 2 group 5", NO_ACTION),
    ("action tunnel_key unset", NO_ACTION),
    ("action drop hw_stats immediate", ""),
    ("action drop hw_stats delayed", ""),
    ("action drop hw_stats disabled", ""),
]


@pytest.mark.parametrize("match, text", MATCHES, ids=[m[0] for m in MATCHES])
def test_match(lasting, match, text):
    lasting.add("pref 9 %s skip_sw action drop" % IP)
    before = lasting.tcam()
    lasting.refused("pref 1 %s skip_sw action drop" % match, text)
    assert lasting.tcam() == before and lasting.occ() == 1
    # Without skip_sw the kernel takes it, in software alone.
    lasting.add("pref 1 %s action drop" % match)
    shown, _ = lasting.filters()
    assert shown["options"]["not_in_hw"] and lasting.tcam() == before


@pytest.mark.parametrize("action, text", ACTIONS, ids=[a[0] for a in ACTIONS])
def test_action(lasting, action, text):
    lasting.add("pref 9 %s skip_sw action drop" % IP)
    before = lasting.tcam()
    lasting.refused("pref 1 %s skip_sw %s" % (UDP, action), text)
    assert lasting.tcam() == before and lasting.occ() == 1


TTL = "action pedit ex munge %s add 255 pipe %s action drop"

# (word, filter that needs it, one that does not)
WORDS = [
    ("dst_mac", IP + "dst_mac 02:00:00:00:00:01", IP, "action drop"),
    ("indev", IP + "indev sw1", IP, "action drop"),
    ("ip_ttl", IP + "ip_ttl 5", "protocol ipv6 flower ip_ttl 5", "action drop"),
    ("ip6_hoplimit", "protocol ipv6 flower ip_ttl 5", IP + "ip_ttl 5",
     "action drop"),
    ("dst_ip", IP + "dst_ip 10.0.0.1", IP + "src_ip 10.0.0.1", "action drop"),
    ("dst_ip6", "protocol ipv6 flower dst_ip 2001:db8::1",
     IP + "dst_ip 10.0.0.1", "action drop"),
    ("add", IP + "ip_proto udp", None,
     TTL % ("ip ttl", "action csum ip4h pipe")),
    ("add6", "protocol ipv6 flower ip_proto udp", None,
     TTL % ("ip6 hoplimit", "")),
]


@pytest.mark.parametrize("word, needs, other, action", WORDS,
                         ids=[w[0] for w in WORDS])
def test_on_request(lasting, word, needs, other, action):
    before = int(lasting.debug("additions"))
    lasting.debug("refuse", "police %s\n" % word)
    try:
        lasting.refused("pref 1 %s skip_sw %s" % (needs, action),
                        "as told")
        if other:
            lasting.add("pref 2 %s skip_sw %s" % (other, action))
    finally:
        lasting.debug("refuse", "\n")
    lasting.add("pref 1 %s skip_sw %s" % (needs, action))
    assert int(lasting.debug("additions")) == before + 2 + bool(other)


def test_unknown_word(lasting):
    with pytest.raises(OSError):
        lasting.debug("refuse", "gravity\n")


def test_egress(lasting):
    lasting.tc.fails("filter add dev sw1 egress pref 1 protocol ip flower "
                     "skip_sw action drop")
    assert lasting.occ() == 0


def test_egress_block(switch):
    sw = switch(ports=1)
    sw.tc("qdisc del dev sw1 clsact",
          "qdisc add dev sw1 egress_block 7 clsact")
    sw.tc.fails("filter add block 7 pref 1 protocol ip flower skip_sw "
                "action drop")
    assert sw.tcam() == [] and sw.occ() == 0


def test_more_actions_than_an_entry_holds(lasting):
    """Sixteen are taken, or fewer if tc holds fewer; never too many."""
    mirrors = " ".join(["action mirred egress mirror dev sw2 pipe"] * 17)
    lasting.refused("pref 1 %s skip_sw %s action drop" % (IP, mirrors), "")
    assert lasting.occ() == 0
    mirrors = " ".join(["action mirred egress mirror dev sw2 pipe"] * 15)
    lasting.add("pref 1 %s skip_sw %s action drop" % (IP, mirrors))
    one = frame()
    lasting.expect("sw1", one, sw2=[one] * 15)


def test_offload_cannot_be_switched_off_under_filters(lasting):
    assert nl.feature("sw1", "hw-tc-offload")
    lasting.add("pref 1 %s skip_sw action drop" % IP)
    assert nl.feature("sw1", "hw-tc-offload", False)
    lasting.clear()
    assert not nl.feature("sw1", "hw-tc-offload", False)
    lasting.tc.fails("filter add dev sw1 ingress pref 1 protocol ip flower "
                     "skip_sw action drop")
    assert nl.feature("sw1", "hw-tc-offload", True)


def test_a_wire_end_offers_nothing(lasting):
    rule = "pref 1 protocol ip flower dst_ip 10.0.0.1 %s action pass"
    lasting.tc("qdisc add dev sw1w clsact")
    try:
        lasting.refused(rule % "skip_sw", "", port="sw1w")
        lasting.add(rule % "", port="sw1w")
        assert lasting.occ() == 0
    finally:
        lasting.tc("qdisc del dev sw1w clsact")
