# SPDX-License-Identifier: GPL-2.0-or-later
"""
One tc filter by netlink, to see the errno: where the kernel adds a sentence,
tc prints that alone.  Also the ioctl behind `ethtool -K`.

Neighbours: tools.py, for everything that can be said with tc.
"""

import array
import fcntl
import ipaddress
import socket
import struct

_RTM_NEWTFILTER = 44
_NLMSG_ERROR = 2
_REQUEST, _ACK, _EXCL, _CREATE = 1, 4, 0x200, 0x400
_INGRESS = 0xfffffff2  # of a clsact qdisc
_NETLINK_EXT_ACK = 11
_SOL_NETLINK = 270
_TCA_KIND, _TCA_OPTIONS = 1, 2
_FLOWER_ACT, _FLOWER_ETH_TYPE, _FLOWER_FLAGS = 3, 8, 22
_FLOWER_IPV4_DST, _FLOWER_IPV4_DST_MASK = 12, 13
_SKIP_SW = 2
_ACT_KIND, _ACT_OPTIONS, _GACT_PARMS = 1, 2, 2
_ACT_SHOT = 2
_ERR_MSG = 1


def _attribute(kind, value):
    size = 4 + len(value)
    return struct.pack("=HH", size, kind) + value + b"\0" * (-size % 4)


def _drop_filter(destination):
    parms = struct.pack("=IIiii", 0, 0, _ACT_SHOT, 0, 0)
    action = _attribute(_ACT_KIND, b"gact\0") + \
        _attribute(_ACT_OPTIONS, _attribute(_GACT_PARMS, parms))
    return _attribute(_TCA_KIND, b"flower\0") + _attribute(
        _TCA_OPTIONS,
        _attribute(_FLOWER_ETH_TYPE, struct.pack("!H", 0x0800)) +
        _attribute(_FLOWER_IPV4_DST,
                   ipaddress.IPv4Address(destination).packed) +
        _attribute(_FLOWER_IPV4_DST_MASK, b"\xff" * 4) +
        _attribute(_FLOWER_FLAGS, struct.pack("=I", _SKIP_SW)) +
        _attribute(_FLOWER_ACT, _attribute(1, action)))


def _sentence(attributes):
    while len(attributes) >= 4:
        size, kind = struct.unpack_from("=HH", attributes)
        if kind & 0x3fff == _ERR_MSG:
            return attributes[4:size].rstrip(b"\0").decode()
        attributes = attributes[(size + 3) & ~3:]
    return ""


def add_drop(device, destination, pref=1):
    """
    (errno or 0, sentence) of: filter add dev DEVICE ingress pref PREF
    protocol ip flower skip_sw dst_ip DESTINATION action drop
    """
    body = struct.pack("=BxxxiIII", 0, socket.if_nametoindex(device), 0,
                       _INGRESS, pref << 16 | socket.htons(0x0800))
    body += _drop_filter(destination)
    head = struct.pack("=IHHII", 16 + len(body), _RTM_NEWTFILTER,
                       _REQUEST | _ACK | _EXCL | _CREATE, 1, 0)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as s:
        s.bind((0, 0))
        s.setsockopt(_SOL_NETLINK, _NETLINK_EXT_ACK, 1)
        s.send(head + body)
        answer = s.recv(65536)
    _, kind, flags, _, _ = struct.unpack_from("=IHHII", answer)
    assert kind == _NLMSG_ERROR, kind
    error, length = struct.unpack_from("=iI", answer, 16)
    # The request comes back before the sentence, unless cut to its header.
    size = 16 if flags & 0x100 else length
    return -error, _sentence(answer[20 + size:])


class _Ethtool:
    """struct ethtool_* by hand; see ethtool(8) -k and -K."""

    SSET_INFO, GSTRINGS, GFEATURES, SFEATURES = 0x37, 0x1b, 0x3a, 0x3b
    SIOCETHTOOL = 0x8946
    FEATURES = 4

    def __init__(self, device):
        self.device = device

    def ask(self, data):
        buffer = array.array("B", data)
        address, _ = buffer.buffer_info()
        request = struct.pack("16sP16x", self.device.encode(), address)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            fcntl.ioctl(s, self.SIOCETHTOOL, request)
        return buffer.tobytes()

    def index(self, name):
        info = self.ask(struct.pack("=IIQI", self.SSET_INFO, 0,
                                    1 << self.FEATURES, 0))
        count, = struct.unpack_from("=I", info, 16)
        strings = self.ask(struct.pack("=III", self.GSTRINGS, self.FEATURES,
                                       count) + bytes(32 * count))
        names = [strings[12 + 32 * i:44 + 32 * i].rstrip(b"\0").decode()
                 for i in range(count)]
        return names.index(name), (count + 31) // 32


def feature(device, name, value=None):
    """
    Is a feature on?  With a value: ask for that first; a driver that refuses
    leaves it as it was, that is all an ioctl can see.
    """
    tool = _Ethtool(device)
    index, blocks = tool.index(name)
    word, bit = 8 + 16 * (index // 32), 1 << index % 32
    if value is not None:
        data = bytearray(struct.pack("=II", tool.SFEATURES, blocks) +
                         bytes(8 * blocks))
        struct.pack_into("=II", data, 8 + 8 * (index // 32), bit,
                         bit if value else 0)
        tool.ask(bytes(data))
    got = tool.ask(struct.pack("=II", tool.GFEATURES, blocks) +
                   bytes(16 * blocks))
    # available, requested, active, never_changed
    return bool(struct.unpack_from("=I", got, word + 8)[0] & bit)
