# SPDX-License-Identifier: GPL-2.0-or-later
"""
The dry run: `tc mode software`, filters in the kernel, devices of any kind.

Two wires (veth) instead of a switch.  The kernel forwards by our filters, so
the result must be the same as with hardware; that it was the filter and not
the routing table tells the filter's own counter.
"""

import pytest

import compare
import packets
import wire
from edge import Edge, configuration, via
from lab import Lab
from routing import neighbour_mac, port_mac

PREFIX, INSIDE = "198.51.100.0/24", "198.51.100.9"
DRY = ("tc mode software", "capacity 100")


class Cables(Lab):
    """Two veth pairs named as the switch's ports are; no module."""

    def __init__(self):
        super(Lab, self).__init__()
        self.taps, self.made, self.listeners = {}, [], []
        self.n_ports, self.n_switches = 2, 1
        wire.sysctl("net/ipv6/conf/default/disable_ipv6", 1)
        self.ip("link add sw1 type veth peer name sw1w",
                "link add sw2 type veth peer name sw2w")
        self.before = set()
        self.ip(*("link set %s%s up" % (n, end) for n in self.port_names()
                  for end in ("", "w")))

    def close(self):
        try:
            self.ip("link del sw1", "link del sw2")
        finally:
            super().close()


@pytest.fixture
def dry(zebra):
    cables = Cables()
    one = Edge(cables)
    try:
        yield one
    finally:
        try:
            one.close()
        finally:
            cables.close()


def route(edge):
    """The filter of PREFIX."""
    found = [f for f in edge.sw.filters("block 4096")
             if f["options"]["keys"].get("dst_ip") == PREFIX]
    assert len(found) == 1, found
    return found[0]["options"]


def hits(edge):
    return route(edge)["actions"][-1]["stats"]["packets"]


def forwarded(edge, dst=INSIDE):
    """A packet to `dst` comes out of sw2 as a router sends it."""
    f = edge.packet(dst)
    edge.sw.listen()
    edge.sw.heard()
    edge.sw.tap("sw1w").send(packets.make(f))
    out = []

    def there():
        out.extend(frame for device, frame in edge.sw.heard()
                   if device == "sw2w")
        return out

    edge.until("a packet out of sw2", there)
    assert out == [edge.wires.routed(f, "sw2")]


def test_dry_run(dry):
    dry.start(configuration(dry.ports, table=DRY))
    dry.offload((PREFIX, via(2)))
    assert dry.table()["tc"]["mode"] == "software"
    shown = route(dry)
    assert shown.get("skip_hw") and not shown.get("in_hw"), shown
    assert compare.does(shown) == (
        "forward", "sw2", neighbour_mac(2), port_mac("sw2"), None)
    before = hits(dry)
    forwarded(dry)
    assert hits(dry) == before + 1
    dry.delete(PREFIX)
    dry.until("no entry", lambda: not dry.entries())
    assert [f for f in dry.sw.filters("block 4096")
            if "dst_ip" in f["options"]["keys"]] == []


def test_dry_cover_hands_over(dry):
    """A cover passes on to the routes of the kernel: nothing is swallowed."""
    dry.start(configuration(dry.ports, table=DRY, more=(
        "rule 10", " match prefix-length 24", " set class never", "exit")))
    dry.add(("198.51.0.0/16", "blackhole"), (PREFIX, via(2)))
    dry.becomes("198.51.0.0/16", "offloaded")
    dry.becomes(PREFIX, "covered")
    forwarded(dry)
    assert hits(dry) == 1


def test_hardware_mode_on_such_devices_is_refused(dry):
    """Nothing claims to be in hardware that there is not."""
    dry.start(configuration(dry.ports), ready=False)
    dry.settled()
    dry.add((PREFIX, via(2)))
    dry.until("known", lambda: PREFIX in dry.routes())
    dry.quiet()
    assert dry.routes()[PREFIX]["state"] in ("failed", "waiting")
    assert dry.entries() == []
    forwarded(dry)
    dry.until("why", lambda: dry.table().get("notReadyText") or
              dry.route(PREFIX).get("text"))
