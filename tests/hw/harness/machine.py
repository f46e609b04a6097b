# SPDX-License-Identifier: GPL-2.0-or-later
"""One run: a scratch directory, a guest, its output, a verdict.

Output is passed on as it comes and as it is; the console goes to the log.
The verdict follows the exit codes that vm documents.  It refuses to guess: a
guest that ends without saying `end` has died.  Neighbours: job.py (what the
guest is told), engines.py (what is run), guardian.py (how), kernlog.py (what
the kernel said), guest/init (the words on the control port).
"""
import contextlib
import os
import selectors
import shutil
import sys
import tempfile
import time

from . import job
from .engines import Refused
from .guardian import Guardian
from .kernlog import KernelLog

TIMED_OUT, KERNEL, BROKEN = 124, 125, 126
BOOTS_WITHIN = 60               # seconds; it takes 1 to 5


def say(text):
    print("vm: " + text, file=sys.stderr, flush=True)


class Stopped(Exception):
    """A signal asks us to end, or nobody reads our output any more."""

    def __init__(self, code):
        super().__init__()
        self.code = code


class Machine:
    def __init__(self, engine, options):
        self.engine = engine
        self.options = options
        self.scratch = self.guest = self.log = None
        self.words = b""            # of the control port, not yet a line
        self.booted = self.ended = False
        self.since = 0.0            # when it was started, then when it booted
        self.code = None            # of the command
        self.error = None           # a sentence of the guest's init

    def run(self):
        """The exit code of vm."""
        code = None
        try:
            self.scratch = job.directory(self.options, self.engine.name)
            path = self.options.log
            if not path:
                fd, path = tempfile.mkstemp(prefix="offloadd-vm.",
                                            suffix=".log")
                os.close(fd)
            self.log = KernelLog(path)
            deadline = self.attempt()
            if deadline and not self.booted and self.guest.status is None:
                self.again()
                deadline = self.attempt()
            code = self.verdict(deadline)
        except Stopped as stop:
            code = stop.code
        finally:
            self.clean(code)
        return code

    def again(self):
        """Rarely a guest of QEMU stops during its boot; nobody knows why."""
        say("the guest did not boot; trying once more")
        self.log.note("the guest did not boot; trying once more")
        self.guest.kill()
        self.words = b""

    def clean(self, code):
        if self.guest:
            self.guest.kill()
        if self.scratch:
            shutil.rmtree(self.scratch, ignore_errors=True)
        if self.log:
            self.log.close()
            if not self.options.log and code not in (TIMED_OUT, KERNEL, BROKEN):
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(self.log.path)

    # --- while it runs ---
    def attempt(self):
        """Boot and follow until it ends or time is up; True if that is so."""
        pipes = {name: self.engine.port()
                 for name in ("out", "err", "control", "log")}
        ports = [pair[1] for pair in pipes.values()]
        argv, env = self.engine.command(self.scratch, ports)
        self.log.note(" ".join(argv))
        self.guest = Guardian(argv, env, ports[:3], ports[3])
        for fd in ports:
            os.close(fd)
        self.since = time.monotonic()
        with selectors.DefaultSelector() as selector:
            for name, (fd, _) in pipes.items():
                selector.register(fd, selectors.EVENT_READ, name)
            late = self.follow(selector)
            if late and self.booted:
                self.log.judging = False
                self.engine.explain()
                self.drain(selector, time.monotonic() + 1)
        for fd, _ in pipes.values():
            os.close(fd)
        return late

    def limit(self):
        return self.options.timeout if self.booted else BOOTS_WITHIN

    def follow(self, selector):
        while selector.get_map():
            left = self.since + self.limit() - time.monotonic()
            if left <= 0:
                return True
            if self.ended or self.log.panicked or self.error:
                # it only has to switch itself off
                self.drain(selector, time.monotonic() + min(left, 5))
                return False
            self.take(selector, left)
        return False

    def drain(self, selector, deadline):
        while selector.get_map() and time.monotonic() < deadline:
            self.take(selector, deadline - time.monotonic())

    def take(self, selector, left):
        for key, _ in selector.select(min(left, 1)):
            data = os.read(key.fd, 1 << 16)
            if not data:
                selector.unregister(key.fd)
            elif key.data == "log":
                self.log.feed(data)
            elif key.data == "control":
                self.hear(data)
            else:
                pass_on(1 if key.data == "out" else 2, data)

    def hear(self, data):
        *lines, self.words = (self.words + data).split(b"\n")
        for line in lines:
            word, _, rest = line.decode(errors="replace").strip() \
                .partition(" ")
            if word == "init":
                self.booted = True
                self.since = time.monotonic()
            elif word == "exit":
                self.code = int(rest)
            elif word == "error":
                self.error = rest
            elif word == "end":
                self.ended = True
            self.log.note("guest: %s %s" % (word, rest))

    # --- afterwards ---
    def verdict(self, late):
        status = self.guest.status if late else self.wait()
        log = self.log
        if log.rest:
            log.feed(b"\n")
        for line in log.first:
            say("| " + line)
        if late:
            what = "did not boot" if not self.booted else \
                "did not end" if self.code is None else \
                "did not end after the command had (exit code %d)" % self.code
            code = TIMED_OUT if self.booted else BROKEN
            say("the guest %s within %g s; log: %s"
                % (what, self.limit(), log.path))
        elif log.count:
            code = KERNEL
            say("the kernel complained%s; log: %s" % (
                "" if self.code is None else
                " (the command's exit code: %d)" % self.code, log.path))
        elif self.error:
            code = BROKEN
            say("%s; log: %s" % (self.error, log.path))
        elif not self.ended:
            code = KERNEL if self.booted else BROKEN
            say("the guest died%s (%s); log: %s" % (
                "" if self.booted else " before it had booted",
                "it vanished" if status is None else
                "%s's exit code %d" % (self.engine.name, status), log.path))
        else:
            code = self.code
        return code

    def wait(self):
        """The engine's status; it has closed its end of the pipes."""
        deadline = time.monotonic() + 2
        while self.guest.poll() is None and time.monotonic() < deadline:
            time.sleep(0.002)
        return self.guest.status


def pass_on(fd, data):
    view = memoryview(data)
    while view:
        try:
            view = view[os.write(fd, view):]
        except BrokenPipeError:
            raise Stopped(141) from None
        except BlockingIOError:         # somebody else made it so
            time.sleep(0.01)


__all__ = ["Machine", "Refused", "Stopped", "say"]
