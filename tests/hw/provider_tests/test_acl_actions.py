# SPDX-License-Identifier: GPL-2.0-or-later
"""
What entries do besides permit and deny: the same whether hardware does it or
software.
"""

import packets
import pytest
from edge import configuration, via
from met import Met, software_alone
from packets import TCP
from test_acl import Lists
from wire import sysctl

V4, HOST = "198.51.100.0/24", "198.51.100.1"


def begin(one, *entries, route=True):
    one.start(configuration(one.ports, more=(
        "acl WEB", "default-action permit") + entries + (
            "exit", "access-group WEB interface sw1 in")))
    if route:
        one.offload((V4, via(2)))
    lists = Lists(one)
    lists.attached("sw1", "hardware")
    lists.quiet()
    return lists


def comes_out(one, hardware, f=None, **wanted):
    """Frames by device, and by which half."""
    f = f or one.packet(HOST)
    frame = packets.make(f)
    want = {k: [frame] if v is None else [v] for k, v in wanted.items()}
    if not hardware:
        want["cpu"] = [frame]
    before = one.sw.counters("sw1")
    one.sw.expect("sw1", frame, **want)
    now = one.sw.counters("sw1") - before
    answered = now["hw_forwarded"] + now["hw_dropped"]
    assert answered == (1 if hardware else 0), now


def both(one, lists, f=None, **wanted):
    lists.entry_becomes(10, "offloaded")
    comes_out(one, True, f, **wanted)
    software_alone(one, lists)
    comes_out(one, False, f, **wanted)


def routed(one, f, **changes):
    return one.wires.routed(dict(f, **changes), "sw2")


def test_mirror(edge):
    """The copy is the packet as it came."""
    one = edge()
    lists = begin(one, "seq 10 permit udp any any mirror sw3")
    f = one.packet(HOST)
    both(one, lists, f, sw2=routed(one, f), sw3=None)
    f = one.packet(HOST, proto=TCP)
    comes_out(one, False, f, sw2=routed(one, f))


def test_mirror_of_what_is_dropped(edge):
    one = edge()
    lists = begin(one, "seq 10 deny udp any any mirror sw3")
    both(one, lists, sw3=None)


def test_redirect(edge):
    one = edge()
    lists = begin(one, "seq 10 permit udp any any redirect sw3")
    both(one, lists, sw3=None)


def make_macvlan(one):
    one.sw.ip("link add mv0 link sw3 type macvlan mode private",
              "link set mv0 up")
    sysctl("net/ipv4/conf/mv0/forwarding", 0)  # else it routes what it gets


def test_redirect_to_a_macvlan(edge):
    """It receives the packet as it came; hardware cannot."""
    one = edge()
    make_macvlan(one)
    lists = begin(one, "seq 10 permit udp any any redirect mv0")
    assert lists.entry(10)["state"] != "offloaded"
    def goes_to(*wanted):
        frame = packets.make(one.packet(HOST))
        one.sw.listen()
        one.sw.heard()
        one.sw.inject("sw1", frame)
        got = []

        def enough():
            got.extend(one.sw.heard())
            return len(got) > len(wanted)

        one.until("%r and the CPU" % (wanted,), enough)
        assert sorted(got) == sorted([("sw1", frame)] + [
            (w, frame) for w in wanted]), got

    one.sw.tap("mv0")
    goes_to("mv0")
    one.sw.forget("mv0")
    one.sw.ip("link del mv0")
    goes_to()  # nobody is there to have it
    make_macvlan(one)
    one.until("its new number is known", lambda: "to_dev': 'mv0" in str(
        one.sw.filters("block 4096")))
    lists.attached("sw1", "hardware")
    one.sw.tap("mv0")
    goes_to("mv0")


def test_set_dscp(edge):
    one = edge()
    lists = begin(one, "seq 10 permit udp any any set-dscp ef")
    f = one.packet(HOST, tos=3)
    both(one, lists, f, sw2=routed(one, f, tos=46 << 2 | 3))


def test_set_dscp_of_ipv6(edge):
    one = edge(ipv6=True)
    one.start(configuration(one.ports, more=(
        "acl WEB ipv6", "default-action permit",
        "seq 10 permit udp any any set-dscp af11", "exit",
        "access-group WEB interface sw1 in")))
    one.offload(("2001:db8:f::/48", via(2, six=True)))
    lists = Lists(one)
    lists.attached("sw1", "hardware")
    lists.quiet()
    f = one.packet("2001:db8:f::1")
    both(one, lists, f, sw2=routed(one, f, tos=10 << 2))


def test_set_mark(edge):
    """The kernel's own rules see it; no route in hardware takes the packet."""
    one = edge()
    one.sw.ip("route add table 77 198.51.100.0/24 via 10.0.3.2",
              "rule add fwmark 77 lookup 77 pref 77")
    try:
        lists = begin(one, "seq 10 permit udp any any set-mark 77",
                      route=False)
        for alone in (False, True):
            if alone:
                software_alone(one, lists)
            met = Met(one)
            met.send(one.packet(HOST), "sw3w")
            met.send(one.packet(HOST, proto=TCP), None)  # no route
            met.check()
    finally:
        one.sw.ip("rule del pref 77", "route flush table 77")


def test_police(edge):
    """Above the rate packets go: some come through, not all."""
    one = edge()
    # 60 bytes a second: none within the test but the burst.
    lists = begin(one, "seq 10 permit udp any any police 8000 burst 2000")
    for alone in (False, True):
        if alone:
            software_alone(one, lists)
        met = Met(one)
        for _ in range(100):
            met.send(one.packet(HOST), None)
        met.send(one.packet(HOST, proto=TCP), "sw2w")
        met.wrong()
        passed = len(met.out) - 1
        print("police: %d of 100, software alone: %s" % (passed, alone))
        assert 100 in met.out and 10 < passed < 80, passed
        did = one.sw.counters("sw1") - met.before
        assert bool(did["hw_dropped"]) != alone, did


@pytest.mark.parametrize("verb", ("deny", "reject"))
def test_reject_is_deny(edge, verb):
    one = edge()
    lists = begin(one, "seq 10 %s udp any any" % verb)
    both(one, lists)


def test_log(edge):
    """It is done and does no harm; nobody listens."""
    one = edge()
    lists = begin(one, "seq 10 permit udp any any log",
                  "seq 20 deny tcp any any log")
    assert "sample" in str(one.sw.tc("filter show block 4096"))
    met = Met(one)
    for _ in range(3):
        met.send(one.packet(HOST), "sw2w")
        met.send(one.packet(HOST, proto=TCP), None)
    met.check()
    assert lists.entry(10)["state"] != "offloaded"  # hardware has no sample
