# SPDX-License-Identifier: GPL-2.0-or-later
"""
Filters of ACLs by the provider's thread: what it answers is what the kernel
did, what went takes its last counters along, and a dump tells of everybody's
filters.
"""

import json
import socket

import pytest

from live import make
from packets import fields

SKIP_HW, SKIP_SW = 1, 2
SKIPS = {"skip_hw": SKIP_HW, "skip_sw": SKIP_SW}
V4 = "ethertype=0x800"
BLOCK = 22


class Software:
    skip, device, other = "skip_hw", "rf1", "rf2"

    def __init__(self, software):
        self.tools = software

    def send(self, frames):
        self.tools.through(frames)

    def counts(self, packets):
        return [packets, 0]


class Switch(Software):
    skip, device, other = "skip_sw", "sw1", "sw2"

    def send(self, frames):
        self.tools.inject("sw1", *frames)

    def counts(self, packets):
        return [packets, packets]


@pytest.fixture(params=[Software, Switch])
def place(request, switch, software):
    return request.param(switch if request.param is Switch else software)


def check(answer, n, skip, kind="flower", **more):
    assert (answer["errno"], answer["echoed"]) == (0, True), answer
    assert answer["acl"] and answer["as_asked"] and n in answer["same"], answer
    assert answer["kind"] == kind and answer["flags"] == SKIPS[skip], answer
    assert answer["in_hw"] == (skip == "skip_sw") and not answer["route"]
    assert answer["handle"], answer
    for key, value in more.items():
        assert answer[key] == value, (key, answer)


def done(live, command):
    return not live.ask(command)["errno"]


# Programs are software's.
@pytest.mark.parametrize("place, kind", [
    (Software, "flower"), (Software, "bpf"), (Switch, "flower")],
    indirect=["place"])
def test_life(live, place, kind):
    """Added, counted, replaced, counted, gone: each told by its answer."""
    one = live(place.device)
    first = one.new(5, kind, place.skip, "ours " + V4, "goto=3")
    answer, = one.wire("add", first)
    check(answer, first, place.skip, kind, goto=3, pref=5, chain=0,
          packets=[0, 0], block=0)
    assert one.wire("add", one.new(
        5, kind, place.skip, "ours handle=%d %s" % (answer["handle"], V4),
        "drop"))[0]["errno"] == 17
    # A chain that ends lets a packet pass; it was counted.
    place.send([make(fields())] * 3)
    second = one.new(5, kind, place.skip,
                     "ours handle=%d %s" % (answer["handle"], V4), "drop")
    assert one.found()[5, answer["handle"]]["packets"] == place.counts(3)
    check(one.wire("replace", second)[0], second, place.skip, kind,
          handle=answer["handle"], goto=0, packets=[0, 0])
    if kind == "flower":
        # What it looks at stays what it is.
        wider = one.new(5, kind, place.skip, "ours handle=%d %s dscp=0" % (
            answer["handle"], V4), "drop")
        assert one.wire("replace", wider)[0]["errno"] == 22
    place.send([make(fields())] * 2)
    gone, = one.wire("del", second)
    check(gone, second, place.skip, kind, handle=answer["handle"],
          packets=place.counts(2))
    assert (5, answer["handle"]) not in one.found()
    again, = one.wire("del", second)
    assert again["errno"] == 2 and not again["echoed"] and not again["acl"]
    again, = one.wire("replace", second)
    assert again["errno"] == 2 and not again["acl"], again


def test_chains(live, place):
    """One chain, or all; a chain is taken away whole."""
    one = live(place.device)
    made = {(chain, pref): one.new(pref, "flower", place.skip,
                                   "ours chain=%d dst4=10.0.0.%d" %
                                   (chain, pref), "drop")
            for chain in (0, 3, 4) for pref in (5, 6)}
    for (chain, pref), answer in zip(made, one.wire("add", *made.values())):
        check(answer, made[chain, pref], place.skip, chain=chain, pref=pref)
    for chain in (0, 3, 4):
        got = one.found(chain)
        assert {f["chain"] for f in got.values()} == {chain}
        ours = {f["pref"]: f["same"] for f in got.values() if f["same"]}
        assert ours == {pref: [made[chain, pref]] for pref in (5, 6)}
    assert one.found(77) == {} and done(one, "flush 77")
    assert done(one, "flush 3")
    assert one.found(3) == {} and len(one.found(4)) == 2
    assert len([f for f in one.ask("found")["found"] if f["same"]]) == 4


def test_what_others_have(live, software):
    """Of classifiers this daemon never writes, too; no head of a pref, no
    table of u32."""
    one = live("rf1")
    software.tc(
        "filter add dev rf1 ingress pref 10 protocol all matchall skip_hw "
        "action pass cookie 0123456789abcdef0123456789abcdef",
        "filter add dev rf1 ingress pref 11 chain 9 protocol ip u32 match "
        "ip dst 10.0.0.0/8 skip_hw action goto chain 12",
        "filter add dev rf1 ingress pref 12 chain 9 protocol ip handle 7 fw "
        "action drop",
        "filter add dev rf1 ingress pref 13 chain 9 protocol ip flower "
        "skip_hw dst_ip 10.0.0.1 indev rf1 action drop",
        "filter add dev rf1 ingress pref 14 chain 9 protocol all basic "
        "match 'meta(nf_mark eq 1)' action drop")
    software.through([make(fields())] * 3)
    told = one.found()
    kinds = {f["pref"]: f["kind"] for f in told.values()}
    assert kinds == {1: "flower", 65000: "matchall", 10: "matchall",
                     11: "u32", 12: "fw", 13: "flower", 14: "basic"}
    assert len(told) == len(kinds)
    by_pref = {f["pref"]: f for f in told.values()}
    assert all(f["acl"] and not f["same"] for f in told.values())
    assert by_pref[10]["flags"] == SKIP_HW
    assert by_pref[10]["packets"] == [3, 0], by_pref[10]
    assert (by_pref[11]["goto"], by_pref[11]["chain"]) == (12, 9)
    assert by_pref[11]["protocol"] == 0x800 and by_pref[12]["handle"] == 7
    assert by_pref[13]["indev"] == "rf1" and by_pref[13]["route"]
    software.tc("filter del dev rf1 ingress pref 10",
                *("filter del dev rf1 ingress chain 9 pref %d" % pref
                  for pref in (11, 12, 13, 14)))


def test_what_others_have_in_hardware(live, switch):
    switch.tc("filter add dev sw1 ingress pref 10 protocol ip flower skip_sw "
              "dst_ip 10.0.0.2 action drop")
    switch.inject("sw1", make(fields(dst="10.0.0.2")))
    f, = live("sw1").found().values()
    assert f["acl"] and f["route"] and f["in_hw"] and not f["same"]
    assert f["packets"] == [1, 1] and f["flags"] == SKIP_SW


def test_sides_of_a_device(live, software):
    ways = {side: live("rf2", side) for side in ("ingress", "egress")}
    assert done(ways["egress"], "attach")
    for pref, (side, one) in enumerate(ways.items(), 5):
        n = one.new(pref, "flower", "skip_hw", "ours " + V4, "accept")
        check(one.wire("add", n)[0], n, "skip_hw")
    # Out of rf2, not in.
    n = live("rf1").taken(5, "flower", "skip_hw", V4,
                          "redirect=%d" % socket.if_nametoindex("rf2"))
    assert n == 0
    software.through([make(fields())] * 4)
    for pref, (side, one) in enumerate(ways.items(), 5):
        (at, _), f = one.found().popitem()
        assert at == pref and f["packets"] == [4 * (side == "egress"), 0]
        assert done(one, "flush 0")
        assert one.found() == {}
    assert done(one, "detach")
    assert "clsact" not in json.dumps(software.tc("qdisc show dev rf2"))


def test_block(live, switch):
    """As at devices; and the wire tells which block."""
    switch.tc("qdisc del dev sw1 clsact",
              "qdisc add dev sw1 ingress_block %d clsact" % BLOCK)
    one = live("sw1")
    one.ask("at block %d" % BLOCK)
    n = one.new(5, "flower", "skip_sw", "ours chain=2 indev=sw1", "drop")
    check(one.wire("add", n)[0], n, "skip_sw", block=BLOCK, indev="sw1")
    f, = one.found(2).values()
    assert f["same"] == [n] and f["in_hw"] and f["block"] == BLOCK
    check(one.wire("del", n)[0], n, "skip_sw", block=BLOCK)
    one.ask("at block %d" % (BLOCK + 1))
    assert one.wire("add", n)[0]["errno"] == 22
    assert one.found() == {}


def test_a_long_batch(live, software):
    """More than one send holds; one that is refused harms no other."""
    one = live("rf1")
    acts = " ".join(["police=125000/10000"] * 7 + ["drop"])
    made = [one.new(100 + n, "flower", "skip_hw", "ours %s dscp=%d" % (V4, n),
                    acts) for n in range(64)]
    twice = one.new(120, "flower", "skip_hw", "ours %s dscp=20" % V4, "drop")
    order = made[:40] + [twice] + made[40:-1]
    for n, answer in zip(order, one.wire("add", *order)):
        if n == twice:
            assert answer["errno"] == 17 and not answer["acl"]
        else:
            check(answer, n, "skip_hw", pref=100 + n)
    told = one.wire("del", *made)
    assert [a["errno"] for a in told] == [0] * 63 + [2]
    assert set(one.found()) == {(1, 1), (65000, 1)}


def test_the_longest_filter(live, software):
    """The kernel echoes from one page: the most that there can be fits."""
    one = live("rf1")
    n = one.new(5, "bpf", "skip_hw",
                "ours mark=1/3 vlan=1 vlan_id=1 src_mac=1 dst_mac=1 src6=::1 "
                "dst6=::2 protocol=1/1 dscp=1 fragment=0/2 length=1-2 ttl=1-2 "
                "sport=1-2 dport=1-2 tcp_flags=1/1 icmp_type=1 icmp_code=1",
                " ".join(["police=5000000000/100000"] * 7 + ["drop"]))
    answer, = one.wire("add", n)
    check(answer, n, "skip_hw", "bpf")
    assert one.found()[5, answer["handle"]]["same"] == [n]
    check(one.wire("del", n)[0], n, "skip_hw", "bpf")
