# SPDX-License-Identifier: GPL-2.0-or-later
"""
Packets nobody should send: cut off, with lying lengths, odd headers in odd
places.  The switch must make of them what cls_flower in software makes of
them, except for tunnels, and must survive.

What such a packet is called is in its source address, whatever else happens to
it; so no filter here looks at that.
"""

import random
import struct

import pytest

from packets import ETH_QINQ, ETH_VLAN, ICMP6, MARK, TCP, UDP, fields, \
    make
from reference import Reference
from test_random import SEED, load, random_match, random_packet, \
    through_software
from tools import until

PACKETS = 1000
AT_ONCE = 100

HOP, ROUTING, FRAGMENT, NOTHING, OPTIONS = 0, 43, 44, 59, 60


def named(frame, number):
    """The same with a name for its source address."""
    return frame[:6] + MARK + struct.pack("!H", number) + frame[12:]


def cut(rng, frame):
    return frame[:rng.randrange(14, min(len(frame), 90) + 1)]


def flip(rng, frame):
    """Bits of one to four bytes behind the addresses."""
    ret = bytearray(frame)
    for _ in range(rng.randrange(1, 5)):
        ret[rng.randrange(12, min(len(ret), 70))] ^= 1 << rng.randrange(8)
    return bytes(ret)


def grow(rng, frame):
    """One to three tags in front of whatever there is."""
    tags = b"".join(struct.pack("!HH", rng.choice([ETH_VLAN, ETH_QINQ]),
                                rng.randrange(1 << 16))
                    for _ in range(rng.randrange(1, 4)))
    return frame[:12] + tags + frame[12:]


def option_of(rng, follows):
    """An IPv6 extension header; its length may be a lie."""
    kind = rng.choice([HOP, ROUTING, FRAGMENT, OPTIONS])
    if kind == FRAGMENT:
        return kind, struct.pack("!BBHI", follows, 0,
                                 rng.choice([0, 1, 8, 9]), 7)
    units = rng.choice([0, 0, 1, 2])
    said = units if rng.random() < 0.8 else rng.randrange(256)
    return kind, struct.pack("!BB", follows, said) + bytes(6 + 8 * units)


def extend(rng, _frame):
    """An IPv6 packet with extension headers."""
    f = fields(src="2001:db8::1", dst="2001:db8::2", proto=rng.choice(
        [UDP, TCP, ICMP6, NOTHING]), dport=rng.choice([80, 81]))
    whole = make(f)
    follows, body = f["proto"], whole[54:]
    for _ in range(rng.randrange(1, 5)):
        kind, option = option_of(rng, follows)
        follows, body = kind, option + body
    head = whole[14:54]
    return whole[:14] + head[:4] + struct.pack(
        "!HB", len(body), follows) + head[7:] + body


def lengthen(rng, _frame):
    """An IPv4 packet with options, and a header length that may be a lie."""
    f = fields(src="10.0.0.1", dst="10.0.0.2",
               proto=rng.choice([UDP, TCP]), dport=rng.choice([80, 81]),
               options=bytes(4 * rng.randrange(1, 11)))
    whole = bytearray(make(f))
    if rng.random() < 0.3:
        whole[14] = 0x40 | rng.randrange(16)
    return bytes(whole)


WAYS = [cut, flip, grow, extend, lengthen]


def mangle(rng, number):
    packet = random_packet(rng)
    frame = make(packet)
    for _ in range(rng.choice([1, 1, 2, 3])):
        frame = rng.choice(WAYS)(rng, frame)
    return named(frame, number)


def is_tunnel(frame):
    """Might software look into it?  Everything that could begin another
    packet, anywhere behind the Ethernet header, is left out."""
    text = frame[12:]
    return bool({4, 41, 47} & set(text[2:70])) or b"\x88\x47" in text


def is_half_a_tag(frame):
    """The kernel drops it where it receives it, unseen by anybody."""
    return frame[12:14] in (b"\x81\0", b"\x88\xa8") and len(frame) < 20


def forwarded(sw, frames):
    """{frame: port} of what the switch forwarded; the rest is not waited
    for."""
    sw.listen()
    sw.heard()
    before = sw.counters("sw1")
    sw.inject("sw1", *frames)
    want = (sw.counters("sw1") - before)["hw_forwarded"]
    got = []

    def enough():
        got.extend(pair for pair in sw.heard() if pair[0].endswith("w"))
        return len(got) >= want

    until("%d packets" % want, enough)
    return {frame: int(device[2]) for device, frame in got}


def random_rules(rng):
    rules = []
    for n in range(16):
        match = random_match(rng)
        match.pop("src_mac", None)
        rules.append((0, 100 + 8 * n, match, rng.choice([2, 3])))
    return rules + [(0, 900, {"protocol": "ip"}, 2),
                    (0, 901, {"protocol": "ipv6"}, 3)]


@pytest.fixture
def software():
    one = Reference()
    yield one
    one.close()


@pytest.mark.parametrize("number", range(3))
def test_two_opinions(lasting, software, number):
    rng = random.Random(SEED + 100 + number)
    print("seed %d, number %d" % (SEED, number))
    rules = random_rules(rng)
    load(lasting.tc, "sw", rules, "skip_sw", "trap")
    load(software.tc, "rf", rules, "skip_hw",
         "mirred egress redirect dev rf4")
    frames = [mangle(rng, n) for n in range(PACKETS)]
    frames = [f for f in frames if not is_tunnel(f) and not is_half_a_tag(f)]
    assert len(frames) > PACKETS // 4
    matched = 0
    for begin in range(0, len(frames), AT_ONCE):
        some = frames[begin:begin + AT_ONCE]
        hardware = forwarded(lasting, some)
        reference = through_software(software, some)
        for frame in some:
            assert hardware.get(frame, "trap") == \
                reference.get(frame, "trap"), frame.hex(" ", 2)
            matched += hardware.get(frame, "trap") != "trap"
    assert matched


@pytest.mark.parametrize("outer", ["10.0.0.1", "2001:db8::1"])
def test_tunnels_are_not_looked_into(lasting, outer):
    """A switch sees the outer header."""
    inner = make(fields(src="10.9.9.1", dst="10.9.9.9"))[14:]
    f = fields(src=outer, dst=outer, proto=4, payload=inner)
    whole = make(f)
    # make() puts four bytes in front of what it does not know.
    at = 14 + (40 if ":" in outer else 20)
    whole = whole[:at] + whole[at + 4:]
    lasting.add("pref 1 protocol ip flower dst_ip 10.9.9.9 skip_sw "
                "action drop")
    lasting.add("pref 2 protocol %s flower dst_ip %s skip_sw action mirred "
                "egress redirect dev sw2"
                % ("ipv6" if ":" in outer else "ip", outer))
    lasting.expect("sw1", whole, sw2=whole)


def test_no_crash(lasting):
    """All actions that edit, on everything."""
    rng = random.Random(SEED)
    print("seed %d" % SEED)
    lasting.add("pref 1 protocol ip flower skip_sw action pedit ex munge eth "
                "dst set 02:00:00:00:00:77 munge ip ttl add 255 munge ip tos "
                "set 4 pipe action csum ip4h pipe action vlan push id 5 pipe "
                "action mirred egress mirror dev sw3 pipe action vlan pop pipe "
                "action mirred egress redirect dev sw2")
    lasting.add("pref 2 protocol ipv6 flower skip_sw action pedit ex munge ip6 "
                "hoplimit add 255 pipe action vlan push id 5 pipe "
                "action goto chain 1")
    lasting.add("pref 1 chain 1 protocol 802.1q flower vlan_id 5 skip_sw "
                "action vlan modify id 6 pipe action mirred egress redirect "
                "dev sw2")
    lasting.add("pref 3 protocol 802.1q flower skip_sw action vlan pop pipe "
                "action mirred egress redirect dev sw4")
    lasting.add("pref 4 protocol 802.1ad flower skip_sw action vlan modify "
                "id 9 pipe action mirred egress redirect dev sw4")
    frames = [mangle(rng, n) for n in range(PACKETS)]
    lasting.inject("sw1", *frames)
    assert lasting.counters("sw1")["from_wire"] >= PACKETS
