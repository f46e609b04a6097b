# SPDX-License-Identifier: GPL-2.0-or-later
"""
System calls for which Python 3.11 has no names: modules, network namespaces;
and packet sockets at the ends of wires.

Nothing is forked here: a namespace is entered only long enough to open a
socket in it or to move a device.

Neighbours: lab.py owns what is made here and takes it away again.
"""

import contextlib
import ctypes
import errno
import os
import select
import socket
import struct
import time

_libc = ctypes.CDLL(None, use_errno=True)
_FINIT_MODULE = 313
_DELETE_MODULE = 176
_CLONE_NEWNET = 0x40000000
_MS_BIND = 4096
_MNT_DETACH = 2
_MINE = "/proc/thread-self/ns/net"

_SOL_PACKET = 263
_PACKET_AUXDATA = 8
_PACKET_IGNORE_OUTGOING = 23
_ETH_P_ALL = 3
_SO_RCVBUFFORCE = 33
# struct tpacket_auxdata
_AUXDATA = struct.Struct("=IIIHHHH")
_VLAN_VALID, _TPID_VALID = 1 << 4, 1 << 6


def _check(result, what):
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, "%s: %s" % (what, os.strerror(number)))


def load_module(path, parameters):
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        _check(_libc.syscall(_FINIT_MODULE, fd, parameters.encode(), 0),
               "loading " + path)
    finally:
        os.close(fd)


def unload_module(name):
    """Blocks for as long as the module takes."""
    _check(_libc.syscall(_DELETE_MODULE, name.encode(), os.O_NONBLOCK),
           "unloading " + name)


def module_is_loaded(name):
    with open("/proc/modules") as f:
        return any(line.split()[0] == name for line in f)


@contextlib.contextmanager
def inside(namespace):
    """This thread in a network namespace (None: where it is)."""
    if namespace is None:
        yield
        return
    here = os.open(_MINE, os.O_RDONLY | os.O_CLOEXEC)
    there = os.open("/run/netns/" + namespace, os.O_RDONLY | os.O_CLOEXEC)
    try:
        _check(_libc.setns(there, _CLONE_NEWNET), "setns")
        try:
            yield
        finally:
            _check(_libc.setns(here, _CLONE_NEWNET), "setns")
    finally:
        os.close(there)
        os.close(here)


def write(path, text):
    """One write(2), whose errno is the caller's."""
    fd = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(fd, str(text).encode())
    finally:
        os.close(fd)


def sysctl(name, value, namespace=None):
    with inside(namespace):
        write("/proc/sys/" + name, value)


def namespace_add(name):
    """A namespace that `ip netns` knows too."""
    path = "/run/netns/" + name
    os.makedirs("/run/netns", exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_CLOEXEC))
    here = os.open(_MINE, os.O_RDONLY | os.O_CLOEXEC)
    try:
        _check(_libc.unshare(_CLONE_NEWNET), "unshare")
        try:
            _check(_libc.mount(_MINE.encode(), path.encode(), None, _MS_BIND,
                               None), "mount")
        finally:
            _check(_libc.setns(here, _CLONE_NEWNET), "setns")
    finally:
        os.close(here)


def namespace_del(name):
    path = "/run/netns/" + name
    _libc.umount2(path.encode(), _MNT_DETACH)
    os.unlink(path)


def namespaces():
    try:
        return os.listdir("/run/netns")
    except FileNotFoundError:
        return []


class Tap:
    """Frames that a device receives; frames it sends."""

    def __init__(self, device, namespace=None):
        with inside(namespace):
            self.socket = socket.socket(
                socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_NONBLOCK, 0)
            self.socket.setsockopt(_SOL_PACKET, _PACKET_AUXDATA, 1)
            self.socket.setsockopt(_SOL_PACKET, _PACKET_IGNORE_OUTGOING, 1)
            self.socket.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, 8 << 20)
            # Only now: nothing of other devices is ever heard.
            self.socket.bind((device, _ETH_P_ALL))
        self.device = device

    def close(self):
        self.socket.close()

    def send(self, frame):
        deadline = time.monotonic() + 30
        while True:
            try:
                self.socket.send(frame)
                return
            except BlockingIOError:
                assert time.monotonic() < deadline, "no room to send"
                select.select([], [self.socket], [], 1)

    def _receive(self):
        """One frame with its VLAN tag where it was; None: nothing there."""
        try:
            data, extra, _, _ = self.socket.recvmsg(65536, 64)
        except BlockingIOError:
            return None
        except OSError as e:
            # Told once of a device that went down, or away.
            if e.errno not in (errno.ENETDOWN, errno.ENODEV):
                raise
            return self._receive()
        for level, kind, value in extra:
            if level != _SOL_PACKET or kind != _PACKET_AUXDATA:
                continue
            status, _, _, _, _, tci, tpid = _AUXDATA.unpack(value)
            if status & _VLAN_VALID:
                tpid = tpid if status & _TPID_VALID else 0x8100
                data = data[:12] + struct.pack("!HH", tpid, tci) + data[12:]
        return data

    def heard(self, mark):
        """Frames with `mark` in them, all there are now."""
        frames = []
        while True:
            frame = self._receive()
            if frame is None:
                return frames
            if mark in frame:
                frames.append(frame)
