# SPDX-License-Identifier: GPL-2.0-or-later
"""A NETCONF client that does only what it is told, on the unix socket.

For what a well-behaved library cannot be brought to: both framings, pipelining,
silence, nonsense.  Standard library only, for the programs beside the tests.
"""

import re
import socket
import time
import xml.etree.ElementTree as ET

from house import SOCKET, as_user

BASE = "urn:ietf:params:xml:ns:netconf:base:1.0"
BASE10 = "urn:ietf:params:netconf:base:1.0"
BASE11 = "urn:ietf:params:netconf:base:1.1"
EOM = b"]]>]]>"
CHUNK = re.compile(rb"\n#([1-9][0-9]{0,9})\n")
END = b"\n##\n"


class Closed(Exception):
    """The server hung up."""


def hello(*capabilities):
    caps = "".join(f"<capability>{c}</capability>" for c in capabilities)
    return f'<hello xmlns="{BASE}"><capabilities>{caps}</capabilities></hello>'


def rpc(content, number=1, attributes=""):
    return f'<rpc xmlns="{BASE}" message-id="{number}"{attributes}>' \
           f"{content}</rpc>"


def chunked(data, size=0):
    """A message as base 1.1 sends it, in chunks of this size or in one."""
    size = size or max(len(data), 1)
    out = b""
    for at in range(0, len(data), size):
        part = data[at:at + size]
        out += b"\n#%d\n" % len(part) + part
    return out + END


def local(element):
    return element.tag.rpartition("}")[2]


class Error:
    """One rpc-error."""

    def __init__(self, element):
        def text(name):
            return element.findtext(f"{{{BASE}}}{name}")
        self.type, self.tag = text("error-type"), text("error-tag")
        self.severity, self.app_tag = text("error-severity"), \
            text("error-app-tag")
        self.path, self.message = text("error-path"), text("error-message")
        info = element.find(f"{{{BASE}}}error-info")
        self.info = {} if info is None else {
            local(child): (child.text or "").strip() for child in info}

    def __repr__(self):
        return f"{self.type}/{self.tag} at {self.path}: {self.message} " \
               f"{self.info}"


class Reply:
    def __init__(self, text):
        self.text = text
        self.root = ET.fromstring(text)
        self.id = self.root.get("message-id")
        self.errors = [Error(e) for e in
                       self.root.iter(f"{{{BASE}}}rpc-error")]
        self.ok = not self.errors

    def find(self, name):
        """The first element of that local name."""
        return next((e for e in self.root.iter() if local(e) == name), None)

    def all(self, name):
        return [e for e in self.root.iter() if local(e) == name]

    def texts(self, name):
        return [e.text for e in self.all(name)]


class Raw:
    """A session; `greet` None says no hello."""

    def __init__(self, user="root", path=SOCKET, greet=(BASE10, BASE11),
                 timeout=60):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(timeout)
        with as_user(user):
            self.socket.connect(path)
        self.data = bytearray()
        self.is_chunked = False
        self.number = 0
        self.notifications = []
        if greet is None:
            return
        self.socket.sendall(hello(*greet).encode() + EOM)
        self.hello = self.read()
        self.is_chunked = BASE11 in greet and BASE11 in self.hello
        ids = re.findall(r"session-id>(\d+)<", self.hello)
        self.id = int(ids[0]) if ids else None

    # --- bytes ---

    def more(self):
        try:
            part = self.socket.recv(1 << 18)
        except ConnectionResetError as e:
            raise Closed() from e
        if not part:
            raise Closed()
        self.data += part

    def read(self):
        """The next message."""
        if not self.is_chunked:
            while EOM not in self.data:
                self.more()
            text, _, self.data = self.data.partition(EOM)
            return text.decode()
        text = []
        while True:
            while len(self.data) < 4:
                self.more()
            if self.data[:4] == END:
                del self.data[:4]
                return b"".join(text).decode()
            head = CHUNK.match(self.data)
            if head is None:
                if len(self.data) > 16:
                    raise ValueError(f"no chunk: {self.data[:40]!r}")
                self.more()
                continue
            begin, end = head.end(), head.end() + int(head[1])
            while len(self.data) < end:
                self.more()
            text.append(bytes(self.data[begin:end]))
            del head
            del self.data[:end]

    def write(self, data):
        self.socket.sendall(data)

    def send(self, text):
        data = text.encode()
        self.write(chunked(data) if self.is_chunked else data + EOM)

    # --- messages ---

    def reply(self):
        while True:
            text = self.read()
            if "<notification" not in text[:200]:
                return Reply(text)
            self.notifications.append(text)

    def ask(self, content):
        """One operation and its answer."""
        self.number += 1
        self.send(rpc(content, self.number))
        reply = self.reply()
        assert reply.id == str(self.number), (reply.id, self.number)
        return reply

    def do(self, content):
        """One that is not to fail."""
        reply = self.ask(content)
        assert reply.ok, (content[:500], reply.errors)
        return reply

    def notification(self, seconds=30):
        """The next one, or None."""
        end = time.monotonic() + seconds
        try:
            while not self.notifications:
                self.socket.settimeout(max(0.01, end - time.monotonic()))
                self.notifications.append(self.read())
        except TimeoutError:
            return None
        finally:
            self.socket.settimeout(60)
        return self.notifications.pop(0)

    def is_closed(self, seconds=30):
        """Does the server hang up, whatever it says before?"""
        self.socket.settimeout(seconds)
        try:
            while True:
                self.more()
        except Closed:
            return True
        except TimeoutError:
            return False

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
