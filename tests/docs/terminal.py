# SPDX-License-Identifier: GPL-2.0-or-later
"""The daemon's own terminal, which is a TCP port and what telnet shows: for
commands that vtysh does not have."""

import re
import socket

PORT = 2625
SECRET = "guide"
PROMPT = r"\n?[^\n]*[>#] $"


class Terminal:
    def __init__(self, timeout):
        self.socket = socket.create_connection(("127.0.0.1", PORT), timeout)
        self.expect(r"Password: $")
        self.type(SECRET)
        self.type("enable")
        self.type("terminal length 0")

    def expect(self, pattern):
        seen = ""
        while not re.search(pattern, seen):
            data = self.socket.recv(1 << 16)
            if not data:
                raise OSError(f"the terminal hung up after: {seen}")
            # Negotiation of telnet: three bytes each.
            data = re.sub(rb"\xff..", b"", data, flags=re.S)
            seen += data.decode(errors="replace").replace("\r", "")
        return seen

    def type(self, line):
        """What it answers, without the echo of the line and the prompt."""
        self.socket.sendall(line.encode() + b"\n")
        return "\n".join(self.expect(PROMPT).split("\n")[1:-1])

    def close(self):
        self.socket.close()
