# SPDX-License-Identifier: GPL-2.0-or-later
"""
Packets to many destinations, all the time, and what became of every one.

A round sends one packet to each destination and waits for nothing; what came
out is gathered as it comes.  check() knows of each packet sent where it had to
come out: once, there, with these MAC addresses and this TTL.  Which path it
took is not asked.

Neighbours: edge.py, packets.py.
"""

import struct

import packets
from routing import neighbour_mac, port_mac
from tools import until

# A packet the kernel cannot route is answered with an error that quotes it.
ICMP_TYPES = (1, 58)


class Probe:
    """Destinations of packets from the host behind `via`."""

    def __init__(self, edge, ways, via="sw1"):
        """`ways`: {destination: (port, n-th neighbour) or None: nowhere}."""
        self.sw, self.via = edge.sw, via
        self.tap = edge.sw.tap(via + "w")
        self.sent = {}    # serial -> (destination, way at that time)
        self.got = {}     # serial -> [(device, frame)]
        self.frames = {}  # destination -> bytes of a packet to it
        self.edge = edge
        self.ways = {}
        self.lead(ways)
        self.macs = {n: packets.mac(port_mac(n))
                     for n in self.sw.port_names()}
        self.sw.listen()
        self.sw.heard()

    def lead(self, ways):
        """From now on."""
        for dst in set(ways) - set(self.frames):
            f = self.edge.packet(dst, self.via, payload=packets.MARK + bytes(4))
            self.frames[dst] = packets.make(dict(f, proto=253))
        self.ways = dict(ways)

    def round(self):
        for dst, way in self.ways.items():
            serial = len(self.sent)
            self.sent[serial] = (dst, way)
            self.tap.send(self.frames[dst][:-4] + struct.pack("!I", serial))
        self.gather()

    def gather(self):
        for device, frame in self.sw.heard():
            at = 20 if frame[12:14] == b"\x86\xdd" else 23
            if device.endswith("w") and frame[at] not in ICMP_TYPES:
                serial, = struct.unpack("!I", frame[-4:])
                self.got.setdefault(serial, []).append((device, frame))

    def _wrong(self, serial):
        """What is wrong with a packet, or nothing."""
        dst, way = self.sent[serial]
        got = self.got.get(serial, [])
        if not way:
            return got and "%s should go nowhere, went to %s" % (
                dst, got[0][0])
        port, n = way
        if [device for device, _ in got] != [port + "w"]:
            return "%s should go to %s, went to %s" % (
                dst, port, [device for device, _ in got] or "nowhere")
        frame = got[0][1]
        at = 21 if frame[12:14] == b"\x86\xdd" else 22
        mine = self.frames[dst]
        if frame[:6] != packets.mac(neighbour_mac(int(port[2:]), n)) or \
                frame[6:12] != self.macs[port]:
            return "%s: MAC addresses %s" % (dst, frame[:12].hex())
        if frame[at] != mine[at] - 1:
            return "%s: TTL %d" % (dst, frame[at])
        if at == 22 and packets.checksum(frame[14:34]):
            return "%s: the checksum is wrong" % dst
        return None

    def wrong(self):
        """All that went wrong so far; waits for what is on its way."""
        expected = [s for s, (_, way) in self.sent.items() if way]

        def arrived():
            self.gather()
            return all(s in self.got for s in expected)

        try:
            until("all packets", arrived)
        except AssertionError:
            pass  # told below, one by one
        return [w for w in map(self._wrong, self.sent) if w]

    def check(self):
        found = self.wrong()
        assert not found, "%d of %d packets:\n%s" % (
            len(found), len(self.sent), "\n".join(found[:20]))
        return len(self.sent)
