# SPDX-License-Identifier: GPL-2.0-or-later
"""
Random filters and random packets: the switch, a naive model and cls_flower in
software must agree on every packet and on every counter.

A failure prints its seed; TCAMSIM_SEED runs that one again.
"""

import ipaddress
import os
import random

import pytest

import model
from packets import ICMP, TCP, UDP, fields, make
from reference import Reference
from tools import until

RULES = 24       # in two chains
PACKETS = 1000
AT_ONCE = 200    # packets under way
CHAINS = (0, 1)

SEED = int(os.environ.get("TCAMSIM_SEED", random.randrange(1 << 32)))

MACS = ["02:00:00:00:00:%02x" % n for n in (1, 2, 3, 0x11)]
V4 = ["10.0.0.1", "10.0.0.2", "10.0.1.1", "10.1.0.1", "11.0.0.1"]
V6 = ["2001:db8::1", "2001:db8::2", "2001:db8:0:1::1", "2001:db9::1"]
PORTS = [1, 2, 3, 79, 80, 81, 1023, 1024, 4096, 65534, 65535]
ADDRESS = {"ip": ([32, 31, 24, 16, 8], V4),
           "ipv6": ([128, 127, 64, 32], V6)}


def random_address(rng, protocol):
    lengths, addresses = ADDRESS[protocol]
    return str(ipaddress.ip_network(
        (rng.choice(addresses), rng.choice(lengths)), strict=False))


def random_port(rng):
    kind = rng.randrange(3)
    if kind == 0:
        return rng.choice(PORTS)
    if kind == 1:
        mask = rng.choice([0xffff, 0xfff0, 0xff00, 0x1, 0x8000])
        return "0x%x/0x%x" % (rng.choice(PORTS) & mask, mask)
    low, high = sorted(rng.sample(PORTS, 2))
    return low, high


def random_mac(rng):
    mask = rng.choice(["ff:ff:ff:ff:ff:ff", "ff:ff:ff:ff:ff:f0",
                       "00:00:00:00:00:01"])
    return "%s/%s" % (rng.choice(MACS), mask)


def random_match(rng):
    """A filter that leaves room for the others."""
    while True:
        match = any_match(rng)
        if model.slots(match) <= 40:
            return match


def any_match(rng):
    """{key: value}; a filter on one address family, or on all."""
    match = {"protocol": rng.choice(["ip", "ip", "ip", "ipv6", "ipv6",
                                     "all"])}
    protocol = match["protocol"]
    for key in ("src_mac", "dst_mac"):
        if rng.random() < (0.15 if protocol != "all" else 0.7):
            match[key] = random_mac(rng)
    if protocol == "all":
        return match
    for key in ("src_ip", "dst_ip"):
        if rng.random() < 0.5:
            match[key] = random_address(rng, protocol)
    if rng.random() < 0.15:
        match["ip_ttl"] = rng.choice([64, 2, "0x40/0x40"])
    if rng.random() < 0.15:
        match["ip_tos"] = rng.choice(["0x10", "0x10/0x10", "0xb8/0xfc"])
    if rng.random() < 0.6:
        match["ip_proto"] = rng.choice(["tcp", "udp"])
        for key in ("src_port", "dst_port"):
            if rng.random() < 0.5:
                match[key] = random_port(rng)
        if match["ip_proto"] == "tcp" and rng.random() < 0.2:
            match["tcp_flags"] = rng.choice(["0x2/0x2", "0x10/0x12"])
    return match


def random_rules(rng):
    """[(chain, pref, match, action)]; an action is a port, or a word."""
    rules = []
    for n in range(RULES):
        chain = CHAINS[n * len(CHAINS) // RULES]
        action = rng.choice([2, 3, "drop", "trap"] +
                            (["goto"] * 2 if chain == 0 else []))
        match = random_match(rng)
        # Most narrow filters before most wide ones, or nothing reaches them.
        width = max(0, 8 - len(match) + rng.choice([0, 0, 0, -3, 3]))
        pref = width * 4000 + rng.randrange(1, 100) * RULES + n
        rules.append((chain, pref, match, action))
    return rules


def random_packet(rng):
    v6 = rng.random() < 0.4
    addresses = V6 if v6 else V4
    proto = rng.choice([TCP, UDP, TCP, UDP, 132 if v6 else ICMP])
    return fields(
        smac=rng.choice(MACS), dmac=rng.choice(MACS),
        src=rng.choice(addresses), dst=rng.choice(addresses), proto=proto,
        sport=rng.choice(PORTS), dport=rng.choice(PORTS),
        ttl=rng.choice([1, 2, 64, 65, 255]),
        tos=rng.choice([0, 0x10, 0xb8, 0xbb]),
        flags=rng.choice([2, 0x10, 0x12]))


class Expected:
    """The model's answers, and how often each rule was hit."""

    def __init__(self, rules):
        self.hits = {rule[:2]: 0 for rule in rules}
        self.chains = {c: sorted((r for r in rules if r[0] == c),
                                 key=lambda r: r[1]) for c in CHAINS}

    def of(self, packet):
        """A port, "drop" or "trap"."""
        for chain in CHAINS:
            for rule in self.chains[chain]:
                if model.hits(rule[2], packet):
                    break
            else:
                return "trap"
            self.hits[rule[:2]] += 1
            if rule[3] != "goto":
                return rule[3]
        raise AssertionError("a goto in the last chain")


def words(action, device, trap):
    if action == "goto":
        return "goto chain 1"
    if action == "trap":
        return trap
    if action == "drop":
        return "drop"
    return "mirred egress redirect dev %s%d" % (device, action)


def load(tc, port, rules, skip, trap):
    """The rules, and for software what a miss means in each chain."""
    tc(*("filter add dev %s1 ingress chain %d pref %d %s %s action %s" % (
        port, chain, pref, model.command(match), skip,
        words(action, port, trap)) for chain, pref, match, action in rules))


def through_switch(sw, frames):
    """{frame: where it came out}"""
    sw.listen()
    sw.heard()
    before = sw.counters("sw1")
    sw.inject("sw1", *frames)
    count = sw.counters("sw1") - before
    want = count["hw_forwarded"] + count["trapped"] + count["missed"]
    got = []
    until("%d packets" % want,
          lambda: got.extend(sw.heard()) or len(got) >= want)
    assert len(got) == want
    return {frame: "trap" if device == "sw1" else int(device[2])
            for device, frame in got}


def through_software(software, frames):
    return {frame: "trap" if port == "rf4" else int(port[2])
            for port, frame in software.through(frames)}


def counts(tc, device, rules):
    """{(chain, pref): packets} as tc tells them."""
    ret = {}
    for shown in tc("filter show dev %s1 ingress" % device):
        actions = shown.get("options", {}).get("actions")
        if actions and 1 < shown["pref"] < 65000:
            ret[shown["chain"], shown["pref"]] = \
                actions[0]["stats"]["packets"]
    assert set(ret) == {rule[:2] for rule in rules}
    return ret


@pytest.fixture
def software():
    one = Reference()
    yield one
    one.close()


@pytest.mark.parametrize("number", range(6))
def test_three_opinions(lasting, software, number):
    rng = random.Random(SEED + number)
    print("seed %d, number %d" % (SEED, number))
    rules = random_rules(rng)
    load(lasting.tc, "sw", rules, "skip_sw", "trap")
    load(software.tc, "rf", rules, "skip_hw",
         "mirred egress redirect dev rf4")
    software.tc("filter add dev rf1 ingress chain 1 pref 65000 protocol all "
                "matchall skip_hw action mirred egress redirect dev rf4")
    assert lasting.occ() == sum(model.slots(rule[2]) for rule in rules)
    expected = Expected(rules)
    for _ in range(0, PACKETS, AT_ONCE):
        packets = [random_packet(rng) for _ in range(AT_ONCE)]
        frames = [make(p) for p in packets]
        hardware = through_switch(lasting, frames)
        reference = through_software(software, frames)
        for packet, frame in zip(packets, frames):
            want = expected.of(packet)
            assert (hardware.get(frame, "drop"),
                    reference.get(frame, "drop")) == (want, want), packet
    assert counts(lasting.tc, "sw", rules) == expected.hits
    assert any(expected.hits.values())
