# SPDX-License-Identifier: GPL-2.0-or-later
"""
The program acl_live, asked over pipes; and what a packet shows of itself, in
its words.

What flower reads of a packet is told here a second time, from the fields a
packet was made from: nobody parses bytes.

Neighbours: tests/unit/acl_live.c has the commands; packets.py the fields.
"""

import json
import struct
import subprocess

import packets
from packets import ICMP, ICMP6, SCTP, TCP, UDP

HOP, FRAGMENT, DEST = 0, 44, 60


class Live:
    """One acl_live, its filters on one side of one device."""

    def __init__(self, program, device, side):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE)
        self.device = device
        self.ifindex = self.ask("at %s %s" % (device, side))["ifindex"]
        assert self.ifindex, device

    def stop(self):
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()

    def ask(self, line):
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        assert "wrong" not in answer, (line, answer)
        return answer

    def add(self, pref, kind, skip, match, acts):
        return self.ask("add %d %s %s %s do %s" % (
            pref, kind, skip, match, acts))

    def taken(self, pref, kind, skip, match, acts):
        """Number of a filter that the kernel took and echoed as it was."""
        answer = self.add(pref, kind, skip, match, acts)
        assert not answer["errno"] and answer["echoed"], (match, acts, answer)
        assert answer["understood"] and answer["equal"], (match, acts, answer)
        assert answer["in_hw"] == (skip == "skip_sw"), answer
        return answer["n"]

    def new(self, pref, kind, skip, match, acts):
        """Number of a filter that is not in the kernel yet."""
        return self.ask("new %d %s %s %s do %s" % (
            pref, kind, skip, match, acts))["n"]

    def wire(self, what, *numbers):
        """The answers of the provider's thread, asked in one go."""
        return self.ask("ask %s %s" % (
            what, " ".join(str(n) for n in numbers)))["replies"]

    def found(self, *chain):
        """What its dump tells, by pref and handle."""
        answer = self.ask(" ".join(["found"] + [str(c) for c in chain]))
        assert not answer["errno"], answer
        return {(f["pref"], f["handle"]): f for f in answer["found"]}

    def hits(self, f, ifindex=None, mark=0):
        return self.ask("packet " + words(f, ifindex or self.ifindex,
                                          mark))["hits"]


def is_ipv6(f):
    return f["type"] is None and ":" in f["src"]


def ethertype(f):
    if f["type"] is not None:
        return f["type"]
    return 0x86dd if is_ipv6(f) else 0x800


def words(f, ifindex, mark=0, extension=None):
    """
    A packet as flower reads it.  `f` as in packets.py, of IPv6 with `ext`:
    extension headers before the transport's.
    """
    tag = packets.tags(f)[0][1] if packets.tags(f) else None
    ret = {"ethertype": ethertype(f), "port": ifindex, "mark": mark,
           "src_mac": int.from_bytes(packets.mac(f["smac"]), "big"),
           "dst_mac": int.from_bytes(packets.mac(f["dmac"]), "big"),
           "vlan": int(tag is not None)}
    if tag is not None:
        ret.update(vlan_id=tag & 0xfff, vlan_pcp=tag >> 13)
    if f["type"] is None:
        ret.update(_above(f))
    return " ".join("%s=%s" % pair for pair in ret.items())


def _above(f):
    family = "6" if is_ipv6(f) else "4"
    size = len(make(f)) - 14 - 4 * len(packets.tags(f))
    ret = {"src" + family: f["src"], "dst" + family: f["dst"],
           "protocol": f["proto"], "dscp": f["tos"] >> 2, "ttl": f["ttl"],
           "length": size,
           "fragment": {None: 0, "first": 1, "later": 3}[f["frag"]]}
    if f["frag"]:
        return ret
    if f["proto"] in (TCP, UDP, SCTP):
        ret.update(sport=f["sport"], dport=f["dport"])
    if f["proto"] == TCP:
        ret["tcp_flags"] = f["flags"]
    if f["proto"] in (ICMP, ICMP6):
        ret.update(icmp_type=f["icmp"][0], icmp_code=f["icmp"][1])
    return ret


def _extensions(f):
    """[(number, header without its next header)] of an IPv6 packet."""
    ret = [(number, b"\0" + bytes([1, 4, 0, 0, 0, 0])) for number in
           f.get("ext", ())]
    if f["frag"]:
        offset = 8 << 3 if f["frag"] == "later" else 1
        ret.append((FRAGMENT, struct.pack("!BHI", 0, offset, 77)))
    return ret


def make(f):
    """The frame with these fields, as packets.make, but IPv6 may have
    extension headers and fragments."""
    plain = {k: v for k, v in f.items() if k != "ext"}
    if not is_ipv6(f):
        return packets.make(plain)
    frame = packets.make(dict(plain, frag=None))
    at = 14 + 4 * len(packets.tags(f))
    chain = _extensions(f)
    numbers = [number for number, _ in chain] + [f["proto"]]
    body = b"".join(bytes([after]) + rest for (_, rest), after in
                    zip(chain, numbers[1:]))
    if f["frag"] == "later":
        body += f["payload"]
    else:
        body += frame[at + 40:]
    return frame[:at + 4] + struct.pack("!HB", len(body), numbers[0]) + \
        frame[at + 7:at + 40] + body
