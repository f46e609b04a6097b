# SPDX-License-Identifier: GPL-2.0-or-later
"""
Random filters and random packets: what the encoder wrote into the kernel
matches what match.h says.

Three ways: flower in software, flower in the switch, and programs in software
mixed with flower, which know marks and lengths besides.  Every packet has to
come out where the first rule that match.h says matches it sends it, and every
filter has to have counted its packets.

A failure prints its seed; ACL_SEED runs that one again.
"""

import os
import random
import socket
import struct

import pytest

import packets
from live import DEST, HOP, make
from packets import ICMP, ICMP6, SCTP, TCP, UDP
from tools import until

RULES = 30
PACKETS = 600
AT_ONCE = 200
SO_MARK = 36

SEED = int(os.environ.get("ACL_SEED", random.randrange(1 << 32)))

MACS = ["02:00:00:00:00:%02x" % n for n in (1, 2, 3, 0x11)]
V4 = ["10.0.0.1", "10.0.0.2", "10.0.1.1", "10.1.0.1", "11.0.0.1"]
V6 = ["2001:db8::1", "2001:db8::2", "2001:db8:0:1::1", "2001:db9::1"]
MASKS = {4: ["255.255.255.255", "255.255.255.254", "255.255.0.0", "255.0.0.0",
             "255.255.0.255", "0.0.0.3"],
         6: ["ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff::",
             "ffff:ffff:ffff:ffff::", "::3", "::ffff:0:0:0:0"]}
PORTS = [0, 1, 2, 3, 79, 80, 81, 1023, 1024, 4096, 65534, 65535]
TTLS = [0, 1, 2, 63, 64, 65, 128, 255]
LENGTHS = [28, 42, 43, 54, 62, 100, 200]
MARKS = [0, 1, 5, 0x105, 1 << 31]


def masked(rng, values, masks):
    mask = rng.choice(masks)
    return "0x%x/0x%x" % (rng.choice(values) & mask, mask)


def between(rng, values):
    return "%d-%d" % tuple(sorted(rng.choice(values) for _ in range(2)))


def link_words(rng, words):
    for key in ("src_mac", "dst_mac"):
        if rng.random() < 0.1:
            words[key] = masked(rng, [2 << 40 | n for n in (1, 2, 3, 0x11)],
                                [(1 << 48) - 1, (1 << 48) - 16, 1])
    kind = rng.random()
    if kind < 0.15:
        words["vlan"] = 1
        if rng.random() < 0.7:
            words["vlan_id"] = rng.choice([0, 5, 6])
        if rng.random() < 0.5:
            words["vlan_pcp"] = rng.choice([0, 1, 7])
    elif kind < 0.2:
        words["vlan"] = 0


def transport_words(rng, words, six):
    proto = rng.choice([TCP, TCP, UDP, UDP, SCTP, ICMP6 if six else ICMP, 59])
    words["protocol"] = proto
    if proto in (TCP, UDP, SCTP):
        for key in ("sport", "dport"):
            if rng.random() < 0.4:
                words[key] = rng.choice([between(rng, PORTS),
                                         rng.choice(PORTS)])
    if proto == TCP and rng.random() < 0.3:
        words["tcp_flags"] = rng.choice(["0x2/0x2", "0x10/0x12", "0x12",
                                         "0/0x800"])
    if proto in (ICMP, ICMP6):
        if rng.random() < 0.7:
            words["icmp_type"] = rng.choice([8, 128, "0x80/0x80", 0])
        if rng.random() < 0.3:
            words["icmp_code"] = rng.choice([0, 1])


def random_match(rng, rich):
    """{word: value}; rich: also what flower cannot say."""
    words = {}
    link_words(rng, words)
    family = rng.choice([4, 4, 4, 6, 6, 6, None])
    if family is None:
        words["ethertype"] = rng.choice(["0x806", "0x800", "0x86dd"])
        if rich and rng.random() < 0.5:
            del words["ethertype"]
    else:
        words["ethertype"] = "0x800" if family == 4 else "0x86dd"
        for key in ("src", "dst"):
            if rng.random() < 0.4:
                words["%s%d" % (key, family)] = "%s/%s" % (
                    rng.choice(V4 if family == 4 else V6),
                    rng.choice(MASKS[family]))
        if rng.random() < 0.15:
            words["ttl"] = rng.choice([64, "0-1", "128-255"])
        if rng.random() < 0.15:
            words["dscp"] = rng.choice([0, 46, "0x20/0x38"])
        if rng.random() < 0.2:
            words["fragment"] = rng.choice(["0/1", "0/3", "1/1", "1/3", "3/3",
                                            "2/2"])
        if rng.random() < 0.5:
            transport_words(rng, words, family == 6)
    if rich:
        rich_words(rng, words)
    return words


def rich_words(rng, words):
    if rng.random() < 0.3:
        words["mark"] = masked(rng, MARKS, [0xffffffff, 0xff, 1 << 31])
    if rng.random() < 0.2:
        words["length"] = between(rng, LENGTHS)
    if rng.random() < 0.2:
        words["ttl"] = between(rng, TTLS)
    if rng.random() < 0.1:
        words["fragment"] = "0/2"
    if rng.random() < 0.1:
        words["sport"] = between(rng, PORTS)
    if rng.random() < 0.1:
        words["icmp_type"] = rng.choice([0, 8, 128])


def random_packet(rng):
    """Fields of live.make()."""
    six = rng.random() < 0.5
    proto = rng.choice([TCP, UDP, SCTP, ICMP6 if six else ICMP, 59])
    if rng.random() < 0.05:
        kind = {"type": rng.choice([0x806, 0x1234])}
    else:
        kind = {}
    f = packets.fields(
        smac=rng.choice(MACS), dmac=rng.choice(MACS),
        src=rng.choice(V6 if six else V4), dst=rng.choice(V6 if six else V4),
        vlan=rng.choice([None] * 4 + [(0, 0), (5, 0), (5, 7), (6, 1)]),
        proto=proto, sport=rng.choice(PORTS), dport=rng.choice(PORTS),
        ttl=rng.choice(TTLS), tos=rng.choice([0, 3, 0x80, 0xb8, 0xbb]),
        frag=rng.choice([None] * 5 + ["first", "later"]),
        flags=rng.choice([2, 0x10, 0x12, 0x802]),
        icmp=rng.choice([(8, 0), (128, 0), (0, 1), (129, 1)]), **kind)
    f["payload"] += bytes(rng.choice([0, 1, 60, 150]))
    if six and not kind:
        f["ext"] = rng.choice([()] * 4 + [(HOP,), (DEST,), (HOP, DEST),
                                          (HOP, 43, DEST)])
    elif not six:
        f["options"] = rng.choice([b""] * 4 + [b"\1" * 4, b"\1" * 40])
    return f


def number(rng, value):
    """One that a word like 7, 0x2/0x12 or 1-9 matches, at an end of it."""
    value = str(value)
    if "-" in value:
        return int(rng.choice(value.split("-")))
    return int(value.partition("/")[0], 0)


def aim(rng, f, match):
    """Change a packet so that it is (nearly) one that a filter matches."""
    six = match.get("ethertype") == "0x86dd"
    if match.get("ethertype") in ("0x800", "0x86dd"):
        f.update(type=None, options=b"", ext=(),
                 src=rng.choice(V6 if six else V4),
                 dst=rng.choice(V6 if six else V4))
    for word, value in match.items():
        value = str(value)
        if word[:3] in ("src", "dst") and word[3:] in "46":
            f[word[:3]] = value.partition("/")[0]
        elif word in ("src_mac", "dst_mac"):
            f[word[0] + "mac"] = number(rng, value).to_bytes(
                6, "big").hex(":")
        elif word in ("ttl", "sport", "dport"):
            f[word] = number(rng, value)
        elif word == "protocol":
            f["proto"] = int(value)
        elif word == "dscp":
            f["tos"] = number(rng, value) << 2
        elif word == "tcp_flags":
            f["flags"] = number(rng, value)
        elif word == "fragment":
            f["frag"] = {0: None, 1: "first"}.get(number(rng, value), "later")
    if "vlan" in match:
        f["vlan"] = (match.get("vlan_id", 5), match.get("vlan_pcp", 0)) if \
            match["vlan"] else None
    f["icmp"] = (number(rng, match.get("icmp_type", 8)),
                 match.get("icmp_code", 0))


def said(words):
    return " ".join("%s=%s" % pair for pair in words.items())


class Rules:
    """Random rules in the kernel; where each sends what it matches."""

    def __init__(self, live, rng, skip, ports, rich):
        self.live, self.rng, self.skip, self.ports = live, rng, skip, ports
        self.does, self.pref, self.counts = {}, {}, {}
        self.matches, self.matched = [], set()
        n = 0
        while n < RULES:
            match = random_match(rng, rich)
            # Most narrow ones before most wide ones, or nothing reaches them.
            width = max(0, 8 - len(match))
            if len(match) > 2:
                width = max(0, width + rng.choice([0, 0, -3, 3]))
            pref = (width * 100 + rng.randrange(1, 100)) * RULES + n
            n += self.put(pref, match, rich and rng.random() < 0.6)

    def put(self, pref, match, program):
        """False: this one cannot be written here."""
        does = self.rng.choice([2, 3, "drop"])
        acts = does if does == "drop" else "redirect=%d" % self.ports[does]
        answer = self.live.add(pref, "bpf" if program else "flower", self.skip,
                               said(match), acts)
        if answer["missing"] and not program:
            assert answer["errno"] == 22 and not answer["echoed"]
            return False
        if answer["errno"] == 95 and match.get("vlan") == 0:
            return False  # the switch counts no tags
        assert not answer["errno"] and answer["equal"], (match, answer)
        self.does[answer["n"]], self.pref[answer["n"]] = does, pref
        self.matches.append(match)
        return True

    def of(self, f, mark=0):
        """Where a packet comes out; counts it."""
        hits = self.live.hits(f, mark=mark)
        self.matched.update(hits)
        if not hits:
            return None
        first = min(hits, key=self.pref.get)
        self.counts[first] = self.counts.get(first, 0) + 1
        return self.does[first]

    def check_counts(self, hardware):
        told = self.live.ask("dump")
        assert told["found"] == told["equal"] == RULES
        for n in self.does:
            want = self.counts.get(n, 0)
            assert told["packets"][str(n)] == [want, want if hardware else 0]
        assert len(self.matched) > RULES // 3, "few rules were tried"


def ports(names):
    with_index = {}
    for n, name in names.items():
        with open("/sys/class/net/%s/ifindex" % name) as file:
            with_index[n] = int(file.read())
    return with_index


def in_software(software, frames):
    """{frame: port}"""
    return {frame: None if port == "rf4" else int(port[2:])
            for port, frame in software.through(frames)}


def in_hardware(sw, frames):
    sw.listen()
    sw.heard()
    before = sw.counters("sw1")
    sw.inject("sw1", *frames)
    count = sw.counters("sw1") - before
    want = count["hw_forwarded"] + count["trapped"] + count["missed"]
    got = []
    until("%d packets" % want,
          lambda: got.extend(sw.heard()) or len(got) >= want)
    return {frame: None if device == "sw1" else int(device[2])
            for device, frame in got}


def compare(rules, send, rng, mark=lambda value: None):
    print("seed %d" % SEED)
    for _ in range(0, PACKETS, AT_ONCE):
        now = rng.choice(MARKS)
        mark(now)
        some = [random_packet(rng) for _ in range(AT_ONCE)]
        for f in some[::2]:
            aim(rng, f, rng.choice(rules.matches))
        frames = [make(f) for f in some]
        came = send(frames)
        for f, frame in zip(some, frames):
            assert came.get(frame, "drop") == rules.of(f, now), (f, now)


@pytest.mark.parametrize("number", range(6))
def test_flower_in_software(live, software, number):
    rng = random.Random(SEED + number)
    rules = Rules(live("rf1"), rng, "skip_hw", ports({2: "rf2", 3: "rf3"}),
                  rich=False)
    compare(rules, lambda frames: in_software(software, frames), rng)
    rules.check_counts(hardware=False)


@pytest.mark.parametrize("number", range(6))
def test_programs_among_flower(live, software, number):
    rng = random.Random(SEED + number)
    rules = Rules(live("rf1"), rng, "skip_hw", ports({2: "rf2", 3: "rf3"}),
                  rich=True)
    tap = software.taps["rf1"].socket
    compare(rules, lambda frames: in_software(software, frames), rng,
            lambda value: tap.setsockopt(socket.SOL_SOCKET, SO_MARK,
                                         struct.pack("=I", value)))
    rules.check_counts(hardware=False)


@pytest.mark.parametrize("number", range(6))
def test_flower_in_the_switch(live, switch, number):
    rng = random.Random(SEED + number)
    rules = Rules(live("sw1"), rng, "skip_sw", ports({2: "sw2", 3: "sw3"}),
                  rich=False)
    compare(rules, lambda frames: in_hardware(switch, frames), rng)
    rules.check_counts(hardware=True)
