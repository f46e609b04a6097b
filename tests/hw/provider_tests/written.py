# SPDX-License-Identifier: GPL-2.0-or-later
"""
What was written to the filters of routes and guards, as the kernel tells it.

Every addition, replacement and deletion of a filter makes a notification as
long as somebody listens; this listens, and keeps those of a block that carry
offloadd's cookie of a route or a guard.  Tries of what a port takes and access
control lists are not meant.

Neighbours: test_adopt*.py.
"""

import socket
import struct

RTM_NEWTFILTER, RTM_DELTFILTER = 44, 45
GROUP_TC = 1 << (4 - 1)
OF_BLOCK = 0xffffffff  # instead of a device's number
COOKIE = b"ofl\x01"
GUARD, ROUTE = 1, 2
RCVBUF = 4 << 20


class Written:
    """From its making to its end; each a word and what it is of."""

    def __init__(self, block=4096):
        self.block = block
        self.found = []
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW,
                                    socket.NETLINK_ROUTE)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RCVBUF)
        self.socket.bind((0, GROUP_TC))
        self.socket.setblocking(False)

    def __enter__(self):
        return self

    def __exit__(self, *ignored):
        self.socket.close()

    def _take(self, kind, payload):
        _, ifindex, handle, _, info = struct.unpack_from("=B3xiIII", payload)
        # With a block its number stands where a parent would be.
        block = struct.unpack_from("=I", payload, 12)[0]
        if ifindex & 0xffffffff != OF_BLOCK or block != self.block:
            return
        at = payload.find(COOKIE)
        of = payload[at + 8] if at >= 0 else None
        word = "written" if kind == RTM_NEWTFILTER else "deleted"
        if of in (GUARD, ROUTE):
            self.found.append((word, "guard" if of == GUARD else "route",
                               info >> 16, handle))
        elif of is None and kind == RTM_DELTFILTER:
            self.found.append((word, "all of a pref", info >> 16, handle))

    def __call__(self):
        """All so far: (word, of what, pref, handle) each."""
        while True:
            try:
                data = self.socket.recv(1 << 16)
            except BlockingIOError:
                return list(self.found)
            while len(data) >= 16:
                size, kind = struct.unpack_from("=IH", data)
                if kind in (RTM_NEWTFILTER, RTM_DELTFILTER):
                    self._take(kind, data[16:size])
                data = data[(size + 3) & ~3:]

    def words(self):
        """Without numbers, in order."""
        return [f[:2] for f in self()]
