# SPDX-License-Identifier: GPL-2.0-or-later
"""The emulated table's file, read as offloadd/provider/prov_emulated_file.h
describes it: by another program than the one that wrote it.

A key is (VRF, family, address as a number, prefix length).
"""

import mmap
import socket
import struct

HEAD = struct.Struct("=8sIIQQQQ16x")
RECORD = struct.Struct("=QIBB2x16sQQ16x")
REAL, PUNT = 1, 2
HASH_BITS = 46
MASK64 = (1 << 64) - 1


class Garbled(Exception):
    """The file is no table, or breaks one of its own rules."""


def address_bits(family):
    return 32 if family == socket.AF_INET else 128


class Entry:
    def __init__(self, does):
        self.kind = does >> 62
        self.slots = does >> HASH_BITS & 0xffff
        self.hash = does & (1 << HASH_BITS) - 1


class Table:
    """What the file holds at this moment."""

    def __init__(self, path):
        with open(path, "rb") as f:
            data = mmap.mmap(f.fileno(), 0, prot=mmap.PROT_READ)
        magic, version, size, self.room, self.added, self.replaced, \
            self.deleted = HEAD.unpack_from(data)
        if (magic, version, size) != (b"OFLEMUTB", 1, RECORD.size):
            raise Garbled(f"head {magic} {version} {size}")
        self.entries = {}
        for i in range(self.room):
            self.add(*RECORD.unpack_from(data, HEAD.size + i * RECORD.size))

    def add(self, does, vrf, family, plen, address, _packets, _bytes):
        if not does:
            return
        bits = address_bits(family)
        number = int.from_bytes(address[:bits // 8], "big")
        key = (vrf, family, number, plen)
        entry = Entry(does)
        if entry.kind not in (REAL, PUNT) or not entry.slots or plen > bits \
           or number & ((1 << bits - plen) - 1):
            raise Garbled(f"entry {key}: {does:x}")
        if key in self.entries:
            raise Garbled(f"two entries {key}")
        self.entries[key] = entry

    def counters(self):
        return {"added": self.added, "replaced": self.replaced,
                "deleted": self.deleted}


def action_hash(kind, nexthops):
    """kind 0: forward, 1: discard; a next hop is (ifindex, vrf, family,
    weight, mac, gateway), the last two as bytes."""
    data = bytes([kind])
    for ifindex, vrf, family, weight, mac, gateway in nexthops:
        data += struct.pack(">IIBB6s16s", ifindex, vrf, family, weight, mac,
                            gateway)
    h = 0xcbf29ce484222325
    for byte in data:
        h = (h ^ byte) * 0x100000001b3 & MASK64
    h = (h >> HASH_BITS ^ h) & (1 << HASH_BITS) - 1
    return h or 1
