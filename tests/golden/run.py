#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Golden configurations: what the daemon prints loads again, unchanged.

    run.py DAEMON [ARGUMENT...]

runs DAEMON alone (no zebra) in a private directory.  In an ARGUMENT, {dir}
stands for that directory.

    NAME.conf             is loaded, printed, loaded, printed: both prints are
                          equal to NAME.expect, or without one to NAME.conf
    bad/NAME.cmds         is typed into bad/base.conf; a command after a line
                          "! expect: WORDS" must fail with these words, others
                          must not; the configuration stays as it was
    edit/NAME.cmds        is typed into edit/NAME.conf and makes of it
                          edit/NAME.expect, which is a fixpoint too
"""
import grp
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
DEADLINE_S = 30
# Lines of the running configuration that are not ours to compare.
NOISE = re.compile(r"^(!.*|frr version .*|frr defaults .*|hostname .*|log .*|"
                   r"no ipv6 forwarding|end|\s*)$")


class Failure(Exception):
    pass


class Vty:
    """The daemon's end of vtysh: a command, its answer, its return code."""

    def __init__(self, path):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(DEADLINE_S)
        self.sock.connect(str(path))

    def command(self, line):
        self.sock.sendall(line.encode() + b"\0")
        answer = bytearray()
        while answer[-4:-1] != b"\0\0\0":
            data = self.sock.recv(65536)
            if not data:
                raise Failure(f"the daemon hung up on: {line}")
            answer += data
        return answer[-1], answer[:-4].decode()

    def running(self):
        code, text = self.command("do show running-config")
        if code != 0:
            raise Failure(f"show running-config: {text}")
        return normal(text)


def normal(text):
    return [line for line in text.splitlines() if not NOISE.match(line)]


class Daemon:
    """One run of the daemon with a configuration file; a context manager."""

    def __init__(self, program, arguments, config):
        self.program, self.arguments, self.config = program, arguments, config

    def __enter__(self):
        self.dir = Path(tempfile.mkdtemp(prefix="offloadd-golden-"))
        self.process = None
        try:
            self.start()
            return self.connect()
        except BaseException:
            self.__exit__()
            raise

    def start(self):
        (self.dir / "conf").write_text("\n".join(self.config) + "\n")
        command = [self.program, "-f", self.dir / "conf",
                   "--vty_socket", self.dir, "-i", self.dir / "pid",
                   "-z", self.dir / "zserv.api", "-P", "0",
                   "--database", self.dir / "offloadd.db",
                   "--log", "stdout"]
        if os.geteuid() == 0:
            user = pwd.getpwnam("frr")
            os.chown(self.dir, user.pw_uid, user.pw_gid)
            os.chown(self.dir / "conf", user.pw_uid, user.pw_gid)
        else:
            me = pwd.getpwuid(os.geteuid())
            command += ["-u", me.pw_name, "-g", grp.getgrgid(me.pw_gid).gr_name]
        command += [a.replace("{dir}", str(self.dir)) for a in self.arguments]
        with open(self.dir / "log", "w") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log,
                                            stdin=subprocess.DEVNULL)

    def connect(self):
        path = self.dir / "offloadd.vty"
        end = time.monotonic() + DEADLINE_S
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise Failure("the daemon ended: " + self.log())
            try:
                vty = Vty(path)
            except OSError:
                time.sleep(0.02)
                continue
            # The configuration is read by the first event: before this.
            for line in ("enable", "configure terminal"):
                vty.command(line)
            return vty
        raise Failure("the daemon does not answer: " + self.log())

    def log(self):
        return (self.dir / "log").read_text(errors="replace")[-2000:]

    def __exit__(self, *_):
        code = None
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                code = self.process.wait(DEADLINE_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                code = "killed"
        log = self.log() if (self.dir / "log").exists() else ""
        shutil.rmtree(self.dir)
        if code not in (None, 0):
            raise Failure(f"the daemon ended with {code}: {log}")


def compare(what, expected, got):
    if expected == got:
        return
    import difflib
    diff = difflib.unified_diff(expected, got, "expected", "got", lineterm="")
    raise Failure(what + "\n" + "\n".join(diff))


def read(path):
    return path.read_text().splitlines()


def load_and_print(run, config):
    with run(config) as vty:
        return vty.running()


def check_fixpoint(run, config, expected):
    printed = load_and_print(run, config)
    compare("printed", expected, printed)
    compare("printed, loaded and printed", printed,
            load_and_print(run, printed))


def check_conf(run, path):
    expect = path.with_suffix(".expect")
    expected = normal((expect if expect.exists() else path).read_text())
    check_fixpoint(run, read(path), expected)


def type_commands(vty, lines):
    """Type; a line "! expect: WORDS" is about the next command."""
    expected = None
    for line in lines:
        if line.startswith("! expect: "):
            expected = line[len("! expect: "):]
            continue
        code, text = vty.command(line)
        if expected is None and code != 0:
            raise Failure(f"{line}: {text}")
        if expected is not None and code == 0:
            raise Failure(f"{line}: was accepted")
        if expected is not None and expected not in text:
            raise Failure(f"{line}: expected: {expected}\ngot: {text}")
        expected = None


def check_bad(run, path):
    with run(read(path.parent / "base.conf")) as vty:
        before = vty.running()
        compare("base.conf", normal((path.parent / "base.conf").read_text()),
                before)
        type_commands(vty, read(path))
        compare("running configuration", before, vty.running())


def check_edit(run, path):
    expected = normal(path.with_suffix(".expect").read_text())
    with run(read(path.with_suffix(".conf"))) as vty:
        type_commands(vty, read(path))
        compare("edited", expected, vty.running())
    compare("edited and loaded", expected, load_and_print(run, expected))


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    program, arguments = os.path.abspath(sys.argv[1]), sys.argv[2:]

    def run(config):
        return Daemon(program, arguments, config)

    checks = [(check_conf, p) for p in sorted(HERE.glob("*.conf"))]
    checks += [(check_bad, p) for p in sorted(HERE.glob("bad/*.cmds"))]
    checks += [(check_edit, p) for p in sorted(HERE.glob("edit/*.cmds"))]
    passed = failed = 0
    for check, path in checks:
        name = path.relative_to(HERE)
        try:
            check(run, path)
        except Failure as failure:
            failed += 1
            print(f"FAIL {name}: {failure}")
        else:
            passed += 1
            print(f"ok   {name}")
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()
