# SPDX-License-Identifier: GPL-2.0-or-later
"""
tc and ip, each one process that reads its commands from a pipe; devlink.

Starting a program costs 15-100 ms in User-Mode Linux, a command in a batch one:
that is why they stay.  The price is that they remember which device has which
name; restart() when devices were made anew.

Neighbours: lab.py asks, nothing else should start these programs for long.
"""

import json
import os
import select
import subprocess
import time

# Seconds that anything may take before it counts as hanging; never a
# measurement.
PATIENCE = float(os.environ.get("TCAMSIM_PATIENCE", 30))


class ToolError(AssertionError):
    """A command that should have worked."""


class Answer:
    """What one command said: .ok, .text (complaints), .json (output)."""

    def __init__(self, command, ok, out, text):
        self.command = command
        self.ok = ok
        self.text = text
        self.out = out

    @property
    def json(self):
        out = self.out.strip()
        if not out:
            return []
        value, end = json.JSONDecoder().raw_decode(out)
        assert not out[end:].strip(), "two answers to %r: %r" % (
            self.command, out)
        return value


class Tool:
    """`program` reading its commands from a pipe; started when first asked."""

    # No program knows this object: its complaint marks the end of an answer.
    END = "zz"

    def __init__(self, *command):
        self.command = command
        self.process = None
        self.line = 0

    def _start(self):
        self.process = subprocess.Popen(
            self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)
        self.line = 0
        for stream in (self.process.stdout, self.process.stderr):
            os.set_blocking(stream.fileno(), False)

    def stop(self):
        if not self.process:
            return
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.stderr.close()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        finally:
            self.process = None

    restart = stop

    def _read(self, end):
        """Output and complaints until the complaint `end`."""
        out, err = self.process.stdout, self.process.stderr
        texts = {out: b"", err: b""}
        deadline = time.monotonic() + PATIENCE
        while not texts[err].endswith(end):
            ready, _, _ = select.select([out, err], [], [], 1)
            for stream in ready:
                texts[stream] += os.read(stream.fileno(), 1 << 20)
            if self.process.poll() is not None:
                raise ToolError("%s ended: %r" % (self.command, texts[err]))
            if time.monotonic() > deadline:
                raise ToolError("%s does not answer" % (self.command,))
        try:
            while True:
                more = os.read(out.fileno(), 1 << 20)
                if not more:
                    break
                texts[out] += more
        except BlockingIOError:
            pass
        return texts[out].decode(), texts[err].decode()

    def run(self, *commands):
        """An Answer to all of them; .ok if none failed."""
        if not self.process:
            self._start()
        before = self.line
        self.line += len(commands) + 1
        text = "".join(c + "\n" for c in commands + (self.END,))
        self.process.stdin.write(text.encode())
        self.process.stdin.flush()
        out, err = self._read(b"Command failed -:%d\n" % self.line)
        said = []
        failed = False
        for line in err.splitlines():
            if line.startswith("Command failed -:"):
                failed |= int(line.rpartition(":")[2]) - before <= len(commands)
            else:
                said.append(line)
        said.pop()  # about END
        return Answer("; ".join(commands), not failed, out, "\n".join(said))

    def __call__(self, *commands):
        """Commands that must not fail; the JSON of a single one."""
        for i in range(0, len(commands), 200):
            answer = self.run(*commands[i:i + 200])
            if not answer.ok:
                raise ToolError("%s %s\n%s" % (
                    self.command[0], answer.command, answer.text))
        return answer.json if len(commands) == 1 else None

    def fails(self, command, text=""):
        """A command that must fail and say `text`."""
        answer = self.run(command)
        assert not answer.ok, "%s %s was taken" % (self.command[0], command)
        assert text in answer.text, "%s %s: said %r, not %r" % (
            self.command[0], command, answer.text, text)
        return answer.text


class Listener:
    """A program that reports what happens, as `tc monitor` does."""

    def __init__(self, *command):
        self.command = command
        self.text = ""
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT)
        os.set_blocking(self.process.stdout.fileno(), False)
        until("%s listens" % (command,), self._listens)

    def _listens(self):
        """
        Has a socket of its joined a group, and does it sleep, with nothing
        unread?  Before, it asks for names of devices and misses news.
        """
        proc = "/proc/%d/" % self.process.pid
        with open(proc + "stat") as f:
            if f.read().rpartition(")")[2].split()[0] != "S":
                return False
        mine = {os.readlink(proc + "fd/" + fd)
                for fd in os.listdir(proc + "fd")}
        with open("/proc/net/netlink") as f:
            for line in f:
                # sk Eth Pid Groups Rmem ... Inode
                words = line.split()
                if "socket:[%s]" % words[-1] in mine and \
                        words[3].strip("0") and words[4] == "0":
                    return True
        return False

    def until(self, what, look):
        """All it has said, once look(that) is true."""

        def more():
            try:
                self.text += os.read(self.process.stdout.fileno(),
                                     1 << 20).decode()
            except BlockingIOError:
                pass
            return look(self.text)

        try:
            until(what, more)
        finally:
            print(self.command, "said:", self.text)
        return self.text

    def stop(self):
        self.process.terminate()
        self.process.wait(PATIENCE)
        self.process.stdout.close()


class Tools:
    """The three of them."""

    def __init__(self):
        self.tc = Tool("tc", "-j", "-s", "-force", "-batch", "-")
        self.ip = Tool("ip", "-j", "-d", "-s", "-force", "-batch", "-")
        self.ip6 = Tool("ip", "-6", "-j", "-d", "-force", "-batch", "-")

    @staticmethod
    def devlink(command):
        """The JSON of a command that must not fail; devlink has no batch that
        would say at once what it has to say."""
        done = Tools.devlink_run(command)
        if done.returncode:
            raise ToolError("devlink %s\n%s" % (command, done.stderr))
        return json.loads(done.stdout) if done.stdout.strip() else {}

    @staticmethod
    def devlink_run(command):
        return subprocess.run(["devlink", "-j"] + command.split(),
                              capture_output=True, text=True,
                              timeout=PATIENCE)

    def stop(self):
        for tool in (self.tc, self.ip, self.ip6):
            tool.stop()


def until(what, look):
    """The first true value of look(); `what` says what is waited for."""
    deadline = time.monotonic() + PATIENCE
    while True:
        value = look()
        if value:
            return value
        assert time.monotonic() < deadline, "in vain: " + what
        time.sleep(0.002)
