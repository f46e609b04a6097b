# SPDX-License-Identifier: GPL-2.0-or-later
"""
Packets, made byte by byte from their fields.

A test of an action makes the packet that should come out from its changed
fields, checksums and all, and compares bytes: nothing here ever edits a packet.

Neighbours: model.py reads the same fields.
"""

import ipaddress
import itertools
import struct

# Every packet carries it, so that a tap can tell them from the machine's own.
MARK = b"lab:"
_serial = itertools.count()

ICMP, TCP, UDP, ICMP6, GRE, SCTP = 1, 6, 17, 58, 47, 132
ETH_IP, ETH_ARP, ETH_VLAN, ETH_IP6, ETH_QINQ = \
    0x0800, 0x0806, 0x8100, 0x86dd, 0x88a8

DEFAULTS = {
    "smac": "02:00:00:00:00:01",
    "dmac": "02:00:00:00:00:02",
    "vlan": None,       # (id, priority) or (id, priority, tpid); list: many
    "type": None,       # of a packet that is neither IPv4 nor IPv6
    "src": "192.0.2.1",
    "dst": "198.51.100.1",
    "proto": UDP,
    "sport": 1234,
    "dport": 4321,
    "ttl": 64,
    "tos": 0,
    "ip_id": 0x1234,
    "frag": None,       # "first": offset 0, more to come; "later": offset 64
    "options": b"",
    "flags": 0x10,      # of TCP
    "icmp": (8, 0),
    "payload": None,
}


def mac(text):
    return bytes(int(x, 16) for x in text.split(":"))


def checksum(data):
    """RFC 1071, the slow and obvious way."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def fields(**changes):
    """All fields of a packet: the defaults and what is given."""
    unknown = set(changes) - set(DEFAULTS)
    assert not unknown, unknown
    ret = dict(DEFAULTS, **changes)
    if ret["payload"] is None:
        ret["payload"] = MARK + b"%010d" % next(_serial)
    if ret["proto"] == ICMP6 and "icmp" not in changes:
        ret["icmp"] = (128, 0)
    return ret


def _transport(f, pseudo):
    """The segment; `pseudo` is the header its checksum covers too."""
    body = f["payload"]
    if f["proto"] == UDP:
        size = 8 + len(body)
        head = struct.pack("!HHHH", f["sport"], f["dport"], size, 0)
        total = checksum(pseudo + head + body) or 0xffff
        return head[:6] + struct.pack("!H", total) + body
    if f["proto"] == TCP:
        head = struct.pack("!HHIIHHHH", f["sport"], f["dport"], 1, 2,
                           5 << 12 | f["flags"], 1000, 0, 0)
        total = checksum(pseudo + head + body)
        return head[:16] + struct.pack("!H", total) + head[18:] + body
    if f["proto"] in (ICMP, ICMP6):
        head = struct.pack("!BBHI", *f["icmp"], 0, 7)
        covered = pseudo if f["proto"] == ICMP6 else b""
        total = checksum(covered + head + body)
        return head[:2] + struct.pack("!H", total) + head[4:] + body
    if f["proto"] == SCTP:
        return struct.pack("!HHII", f["sport"], f["dport"], 1, 0) + body
    return b"\0\0\0\0" + body


def _ipv4(f):
    src, dst = (ipaddress.IPv4Address(f[k]).packed for k in ("src", "dst"))
    assert len(f["options"]) % 4 == 0
    if f["frag"] == "later":
        body = f["payload"]
    else:
        length = len(_transport(f, b""))
        body = _transport(f, src + dst + struct.pack("!BBH", 0, f["proto"],
                                                     length))
    bits = {None: 0x4000, "first": 0x2000, "later": 8}[f["frag"]]
    size = 20 + len(f["options"])
    head = struct.pack("!BBHHHBBH", 0x40 | size // 4, f["tos"],
                       size + len(body), f["ip_id"], bits, f["ttl"],
                       f["proto"], 0) + src + dst + f["options"]
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + body


def _ipv6(f):
    src, dst = (ipaddress.IPv6Address(f[k]).packed for k in ("src", "dst"))
    assert f["frag"] is None and not f["options"]
    length = len(_transport(f, b""))
    body = _transport(f, src + dst + struct.pack("!IxxxB", length,
                                                 f["proto"]))
    return struct.pack("!IHBB", 6 << 28 | f["tos"] << 20, length, f["proto"],
                       f["ttl"]) + src + dst + body


def tags(f):
    """[(tpid, tci)] of a packet, outermost first."""
    vlan = f["vlan"] or []
    if isinstance(vlan, tuple):
        vlan = [vlan]
    return [((v + (ETH_VLAN,))[2], v[1] << 13 | v[0]) for v in vlan]


def make(f):
    """The frame with these fields."""
    if f["type"] is not None:
        kind, body = f["type"], f["payload"]
    elif ":" in f["src"]:
        kind, body = ETH_IP6, _ipv6(f)
    else:
        kind, body = ETH_IP, _ipv4(f)
    ret = mac(f["dmac"]) + mac(f["smac"])
    for tpid, tci in tags(f):
        ret += struct.pack("!HH", tpid, tci)
    return ret + struct.pack("!H", kind) + body


def frame(**changes):
    return make(fields(**changes))
