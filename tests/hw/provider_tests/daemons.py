# SPDX-License-Identifier: GPL-2.0-or-later
"""
zebra and offloadd of a test: started, asked, stopped by their process ids.

Questions go where vtysh would send them, to the daemon's own socket, without
starting a program for each; configuration goes through vtysh itself.  Nothing
here knows what is configured or answered.

Neighbours: edge.py decides what runs, tools.py has the patience.
"""

import json
import os
import shutil
import signal
import socket
import subprocess

import tools
from tools import until

ZEBRA = "/usr/lib/frr/zebra"
OFFLOADD = os.environ.get("PROVIDER_OFFLOADD", "")
VTYSH = os.environ.get("PROVIDER_VTYSH", "")
# Of the guest, gone with it.
HOME = "/run/provider"
TAIL = 80


class Vty:
    """A daemon's own socket, as vtysh uses it: a line, then text and code."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(tools.PATIENCE)
        self.socket.connect(path)
        self("enable")

    def __call__(self, line):
        """(code, text)"""
        self.socket.sendall(line.encode() + b"\0")
        said = b""
        while len(said) < 4 or said[-4:-1] != b"\0\0\0":
            more = self.socket.recv(1 << 20)
            if not more:
                raise ConnectionError("the daemon is gone: " + line)
            said += more
        return said[-1], said[:-4].decode()

    def close(self):
        self.socket.close()


class Daemon:
    """One process that logs to a file and answers on a socket."""

    def __init__(self, name, binary, configuration, *more):
        self.name = name
        self.log = "%s/%s.log" % (HOME, name)
        self.path = "%s/%s.vty" % (HOME, name)
        self.vty = None
        open(self.log, "w").close()
        text = "%s/%s.conf" % (HOME, name)
        with open(text, "w") as f:
            f.write("hostname %s\n%s\n" % (name, configuration))
        for path in (self.log, text):
            shutil.chown(path, "frr", "frr")
        self.process = subprocess.Popen(
            [binary, "-f", text, "--vty_socket", HOME, "-A", "127.0.0.1",
             "-P", "0", "-z", HOME + "/zserv.api", "-i", "%s/%s.pid" % (
                 HOME, name), "--log", "file:" + self.log, *more],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=open(self.log + ".err", "w"))
        until(name + " answers", self.connect)

    def alive(self):
        return self.process.poll() is None

    def connect(self):
        assert self.alive(), "%s ended:\n%s" % (self.name, self.words())
        try:
            self.vty = Vty(self.path)
        except OSError:
            return False
        return True

    def ask(self, line):
        code, text = self.vty(line)
        assert code == 0, "%s: %s" % (line, text)
        return text

    def words(self):
        """What it said last, for people."""
        lines = []
        for path in (self.log, self.log + ".err"):
            with open(path, errors="replace") as f:
                lines += f.read().splitlines()
        return "\n".join(lines[-TAIL:])

    def stop(self, number=signal.SIGTERM):
        """It must go, and by that signal or in peace."""
        if self.vty:
            self.vty.close()
            self.vty = None
        if not self.alive():
            raise AssertionError("%s ended by itself, with %s:\n%s" % (
                self.name, self.process.returncode, self.words()))
        self.process.send_signal(number)
        try:
            code = self.process.wait(tools.PATIENCE)
        except subprocess.TimeoutExpired:
            # Its last words are where it was.
            self.process.send_signal(signal.SIGABRT)
            self.process.wait(tools.PATIENCE)
            raise AssertionError("%s does not stop:\n%s" % (
                self.name, self.words())) from None
        finally:
            if os.path.exists(self.path):
                os.unlink(self.path)
        assert number == signal.SIGKILL or code == 0, "%s stopped with %s" % (
            self.name, code)


def home():
    os.makedirs(HOME, exist_ok=True)
    shutil.chown(HOME, "frr", "frr")


def zebra():
    home()
    ret = Daemon("zebra", ZEBRA, "")
    until("zebra's own socket", lambda: os.path.exists(HOME + "/zserv.api"))
    return ret


def offloadd(configuration, keep=False):
    """`keep`: it finds the database of its last life."""
    home()
    for name in os.listdir(HOME):
        if name.startswith("offload.db") and not keep:
            os.unlink(os.path.join(HOME, name))
    return Daemon("offloadd", OFFLOADD, configuration)


def vtysh(*lines):
    """(exit status, text) of vtysh with these lines."""
    argv = [VTYSH, "--vty_socket", HOME]
    for line in lines:
        argv += ["-c", line]
    done = subprocess.run(argv, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True,
                          timeout=tools.PATIENCE)
    return done.returncode, done.stdout + done.stderr


def parsed(text):
    """JSON, or None where there was only a complaint."""
    try:
        return json.loads(text)
    except ValueError:
        return None
