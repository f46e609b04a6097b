# SPDX-License-Identifier: GPL-2.0-or-later
"""Daemons in namespaces of their own, and how a program looks at them.

For programs that run the packaged FRRouting beside offloadd: bench/run.py and
tests/fault.  It measures and judges nothing.  What is made here is gone with
the namespaces: enter() runs the program again inside of them.
"""

import grp
import json
import os
import pwd
import re
import select
import socket
import subprocess
import sys
import time

TREE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
RUN = "/var/run/frr"
NEXTHOPS = 16
GATEWAY4, GATEWAY6 = "192.0.2.10", "2001:db8::10"
TICK_S = 0.02
IN_MOTION = ("seen", "sent", "leaving")


class Failure(Exception):
    """Something that makes the figures worthless; the text says what."""


# --- the processes ---


class Daemon:
    """A child process with a log, seen through /proc and its vty socket."""

    def __init__(self, name, command, env=None):
        self.name = name
        self.log = f"{RUN}/{name}.log"
        self.vty_path = f"{RUN}/{name}.vty"
        if os.path.exists(self.vty_path):
            os.unlink(self.vty_path)  # of one that was killed
        with open(f"{RUN}/{name}.out", "w") as out:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                env=env)

    def is_alive(self):
        return self.process.poll() is None

    def check(self):
        if not self.is_alive():
            raise Failure(f"{self.name} ended with {self.process.returncode}"
                          f"\n{self.tail()}")

    def tail(self):
        lines = []
        for path in (f"{RUN}/{self.name}.out", self.log):
            try:
                with open(path, errors="replace") as f:
                    lines += f.read().splitlines()[-15:]
            except OSError:
                pass
        return "\n".join(f"  {line}" for line in lines)

    def ask(self, command, timeout=60):
        """One command over the vty socket, as vtysh sends it."""
        self.check()
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as s:
            s.settimeout(timeout)
            try:
                s.connect(self.vty_path)
                s.sendall(command.encode() + b"\0")
                data = b""
                while data[-4:-1] != b"\0\0\0":
                    part = s.recv(1 << 16)
                    if not part:
                        time.sleep(0.5)  # it may be dying
                        raise OSError("the connection was closed")
                    data += part
            except OSError as e:
                self.check()
                raise Failure(f"{self.name}: {command}: {e}") from e
        return data[:-4].rstrip(b"\0").decode()

    def ask_json(self, command):
        text = self.ask(command)
        try:
            return json.loads(text)
        except ValueError as e:
            raise Failure(f"{self.name}: {command}: not JSON: {text[:200]!r}"
                          ) from e

    def wait_vty(self, timeout):
        deadline = time.monotonic() + timeout
        while not os.path.exists(self.vty_path):
            self.check()
            if time.monotonic() > deadline:
                raise Failure(f"{self.name} does not come up\n{self.tail()}")
            time.sleep(0.02)

    def cpu_s(self):
        with open(f"/proc/{self.process.pid}/stat") as f:
            fields = f.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def rss_bytes(self):
        with open(f"/proc/{self.process.pid}/status") as f:
            return int(re.search(r"VmRSS:\s+(\d+) kB", f.read())[1]) * 1024

    def stop(self):
        if self.is_alive():
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


class Vty:
    """A lasting connection, as vtysh has one, for many commands."""

    def __init__(self, path, timeout=60):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(timeout)
        self.sock.connect(path)
        self.run("enable")

    def run(self, *lines):
        """The answer to the last of them."""
        for line in lines:
            self.sock.sendall(line.encode() + b"\0")
            data = b""
            while data[-4:-1] != b"\0\0\0":
                part = self.sock.recv(1 << 16)
                if not part:
                    raise Failure(f"the daemon hung up on: {line}")
                data += part
            text = data[:-4].rstrip(b"\0").decode()
            if data[-1]:
                raise Failure(f"{line}: {text}")
        return text

    def close(self):
        self.sock.close()


class Feeder(Daemon):
    """The source of routes; tells on its standard output when it is done."""

    def __init__(self, command):
        self.name = "feeder"
        self.log = ""
        self.said = {}  # by event
        self.text = b""
        with open(f"{RUN}/feeder.out", "w") as err:
            self.process = subprocess.Popen(
                command, stdin=sys.stdin, stdout=subprocess.PIPE, stderr=err)

    def look(self):
        """Has it said something?  Never blocks."""
        self.check()
        out = self.process.stdout.fileno()
        while select.select([out], [], [], 0)[0]:
            part = os.read(out, 4096)
            if not part:
                break
            *lines, self.text = (self.text + part).split(b"\n")
            for word in map(json.loads, lines):
                self.said[word["event"]] = word

    @property
    def announced(self):
        return self.said.get("announced")


# --- the world they live in ---


def ip(*lines):
    subprocess.run(["ip", "-batch", "-"], input="\n".join(lines) + "\n",
                   text=True, check=True)


def hide_machine(*more):
    """Empty directories over those of the machine's FRR, and over more."""
    # What follows hides files of the machine from whoever sees these mounts.
    if "OFFLOAD_SANDBOX" not in os.environ:
        raise RuntimeError("not in tools/sandbox.py: see enter()")
    owner = f"mode=755,uid={pwd.getpwnam('frr').pw_uid}," \
            f"gid={grp.getgrnam('frr').gr_gid}"
    # /var/tmp has crash logs by process id, and ids are small in here.
    for path, options in (*((path, owner) for path in more), (RUN, owner),
                          ("/etc/frr", owner), ("/var/tmp", "mode=1777")):
        path = os.path.realpath(path)
        os.makedirs(path, exist_ok=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", options,
                        "offload-bench", path], check=True)


def make_world():
    hide_machine()
    ip("link set lo up")
    make_link()


def drop_link():
    """And every route through it, also those of a zebra that was killed while
    it took them back."""
    ip("link del bench0")


def make_link():
    lines = ["link add bench0 type veth peer name bench1",
             "link set bench0 up", "link set bench1 up",
             "addr add 192.0.2.1/24 dev bench0",
             "addr add 2001:db8::1/64 dev bench0 nodad"]
    # Neighbours of the far end: a link-layer address is all that is needed.
    for i in range(NEXTHOPS):
        mac = f"02:00:00:00:00:{i:02x}"
        lines.append(f"neigh add 192.0.2.{10 + i} lladdr {mac} "
                     "dev bench0 nud permanent")
        lines.append(f"neigh add 2001:db8::{0x10 + i:x} lladdr {mac} "
                     "dev bench0 nud permanent")
    ip(*lines)


def enter(program, arguments):
    """Run the program again, with --inside, in its own namespaces."""
    sandbox = os.path.join(TREE, "tools", "sandbox.py")
    os.execv(sys.executable, [
        sys.executable, "-B", sandbox, "unshare", "--net",
        sys.executable, "-B", os.path.abspath(program), "--inside",
        *arguments])
