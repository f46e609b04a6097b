# SPDX-License-Identifier: GPL-2.0-or-later
"""
What ACL actions do to packets, in software and in the switch; a rule in two
halves; and what the kernel wants of prefs.
"""

import pytest

from live import make
from packets import ETH_QINQ, TCP, fields

V6 = {"src": "2001:db8::1", "dst": "2001:db8::2"}


class Software:
    skip = "skip_hw"

    def __init__(self, live, software):
        self.live, self.software = live("rf1"), software
        self.live.out = {n: live("rf%d" % n).ifindex for n in (2, 3)}

    def through(self, frame):
        return [(int(port[2:]), got)
                for port, got in self.software.through([frame])]


class Switch:
    skip = "skip_sw"

    def __init__(self, live, switch):
        self.live, self.switch = live("sw1"), switch
        self.live.out = {n: live("sw%d" % n).ifindex for n in (2, 3)}

    def through(self, frame):
        self.switch.listen()
        self.switch.heard()
        before = self.switch.counters("sw1")
        self.switch.inject("sw1", frame)
        count = self.switch.counters("sw1") - before
        assert not count["trapped"] and not count["missed"]
        return [(int(device[2]), got) for device, got in self.switch.heard()]


@pytest.fixture(params=[Software, Switch])
def place(request, live, switch, software):
    return request.param(live, switch if request.param is Switch else software)


def add(place, match, acts):
    return place.live.taken(5, "flower", place.skip, match,
                            acts % {"out2": place.live.out[2],
                                    "out3": place.live.out[3]})


@pytest.mark.parametrize("more", [{}, V6, {"vlan": (5, 1)}])
@pytest.mark.parametrize("tos", [0, 0xff])
def test_dscp(place, more, tos):
    """What congestion has written beside it stays; the checksum is right."""
    f = fields(tos=tos, **more)
    add(place, "ethertype=0x%x" % (0x86dd if more == V6 else 0x800),
        "dscp=46 redirect=%(out2)d")
    want = make(dict(f, tos=46 << 2 | tos & 3))
    assert place.through(make(f)) == [(2, want)]


def test_mirror(place):
    frame = make(fields())
    add(place, "ethertype=0x800", "mirror=%(out2)d redirect=%(out3)d")
    assert sorted(place.through(frame)) == [(2, frame), (3, frame)]


def test_police(place):
    """A burst for three packets, at a rate that gives no fourth."""
    frame = make(fields(payload=b"lab:" + bytes(200)))
    add(place, "ethertype=0x800", "police=1/%d redirect=%%(out2)d" % 250)
    assert place.through(frame) == [(2, frame)]
    assert place.through(frame) == []


def test_large_packets_are_not_above_any_rate(place):
    frame = make(fields(payload=b"lab:" + bytes(1400)))
    add(place, "ethertype=0x800",
        "police=1000000000/1000000 redirect=%(out2)d")
    for _ in range(5):
        assert place.through(frame) == [(2, frame)]


def test_two_halves(live, switch):
    """Hardware matches what it can and marks; software matches the mark and
    the rest.  Both count."""
    one, out = live("sw1"), live("sw3").ifindex
    hard = one.taken(1, "flower", "skip_sw",
                     "src4=10.0.0.0/255.0.0.0 protocol=6", "mark=7 trap")
    soft = one.taken(2, "bpf", "skip_hw",
                     "ethertype=0x800 protocol=6 tcp_flags=2/2 mark=7",
                     "redirect=%d" % out)
    for n in range(3):
        for flags in (0x02, 0x12, 0x10):
            frame = make(fields(src="10.1.2.3", proto=TCP, flags=flags,
                                ip_id=n + 1))
            # What listens at the port hears it before software's filters.
            way = {"sw3": frame} if flags & 2 else {}
            switch.expect("sw1", frame, cpu=frame, **way)
        other = make(fields(src="11.1.2.3", proto=TCP, flags=2))
        switch.expect("sw1", other, cpu=other)
    told = one.ask("dump")["packets"]
    assert told[str(hard)] == [9, 9] and told[str(soft)] == [6, 0]


def test_prefs(live, software):
    """Three classes that do not share one; and no filter twice."""
    one = live("rf1")
    one.taken(5, "flower", "skip_hw", "src4=10.0.0.1", "drop")
    one.taken(5, "flower", "skip_hw", "dst6=::1 dscp=7", "drop")
    one.taken(5, "flower", "skip_hw", "", "drop")
    for kind, match in (("flower", "vlan=1"), ("bpf", "mark=1")):
        answer = one.add(5, kind, "skip_hw", match, "drop")
        assert answer["errno"] == 22, answer
    answer = one.add(5, "flower", "skip_hw", "src4=10.0.0.1", "accept")
    assert answer["errno"] == 17, answer


def test_egress(live, software):
    one = live("rf1", "egress")
    one.taken(5, "flower", "skip_hw", "src4=10.0.0.1", "drop")
    one.taken(6, "bpf", "skip_hw", "length=0-100", "drop")
    told = one.ask("dump")
    assert told["found"] == told["equal"] == 2


@pytest.mark.parametrize("kind", ["flower", "bpf"])
def test_service_tags(live, software, kind):
    """Neither a tag nor the absence of one."""
    one = live("rf1")
    for pref, match in ((5, "vlan=1"), (6, "vlan=0")):
        one.taken(pref, kind, "skip_hw", match, "drop")
    for vlan, out in (((5, 0, ETH_QINQ), True), ((5, 0), False),
                      (None, False)):
        frame = make(fields(vlan=vlan))
        assert software.through([frame]) == [("rf4", frame)] * out
