#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Run test programs one after the other and count what they say.

    tools/run-tests.py [--timeout S] [--jobs N] -- COMMAND ARG... [-- ...]...

A test program tells its counts in one of two ways:
  - its last line is `N passed, N failed` or `N passed, N failed, N skipped`;
  - TAP: lines `ok ...` and `not ok ...`, `# SKIP` in them, a plan `1..N`.
Exit status 77 without counts is one skipped test, as in automake.  A program
that exits non-zero without a failed test, that dies, runs out of time, says
fewer tests than its plan, says nothing, or leaves processes behind, is one
failed test.

Everything a program prints is printed; lines that begin with `== ` are for
whoever watches.  The last line has the same form as a program's own.

With --jobs, N of them run at a time, started in their order; what one prints
is then printed when it has ended, so that it stays together.
"""
import concurrent.futures
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time

TOTAL = re.compile(r"(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$")
TAP = re.compile(r"^(not )?ok\b(.*)$", re.M)
PLAN = re.compile(r"^1\.\.(\d+)", re.M)
SKIP = re.compile(r"#\s*SKIP", re.I)


def tally(output, status):
    """(passed, failed, skipped, complaint or None) of one program's run."""
    lines = output.rstrip().splitlines()
    m = TOTAL.match(lines[-1].strip()) if lines else None
    missing = 0
    if m:
        passed, failed, skipped = (int(n or 0) for n in m.groups())
    else:
        passed = failed = skipped = 0
        for bad, rest in TAP.findall(output):
            if SKIP.search(rest):
                skipped += 1
            elif bad:
                failed += 1
            else:
                passed += 1
        planned = sum(int(n) for n in PLAN.findall(output))
        missing = planned - passed - failed - skipped
    if status == 77 and not passed + failed + skipped:
        return 0, 0, 1, None
    if status < 0:
        return passed, failed + 1, skipped, "died: %s" \
            % signal.Signals(-status).name
    if status and not failed:
        return passed, 1, skipped, "exit status %d" % status
    if missing > 0:
        return passed, failed + 1, skipped, "%d planned tests are missing" \
            % missing
    if not passed + failed + skipped:
        return 0, 1, 0, "no tests counted"
    return passed, failed, skipped, None


class Runner:
    """One program at a time."""

    def __init__(self, timeout, live):
        self.timeout = timeout
        self.live = live  # print what comes as it comes
        self.child = None

    def kill_group(self):
        """The program and what it started, unless that left its group."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.child.pid, number)
                self.child.wait(timeout=10)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                pass

    def left_behind(self):
        """Did it end before what it started?  Then that ends now."""
        deadline = time.monotonic() + 2
        while time.monotonic() < deadline:
            try:
                os.killpg(self.child.pid, 0)
            except ProcessLookupError:
                return False
            time.sleep(0.02)
        self.kill_group()
        return True

    def run(self, command):
        """(output, status or None if it ran out of time, left_behind)"""
        # To a file: a daemon that keeps the output open holds up nobody.
        with tempfile.TemporaryFile() as out:
            self.child = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out,
                stderr=subprocess.STDOUT, start_new_session=True,
                env=dict(os.environ, CMOCKA_MESSAGE_OUTPUT="TAP"))
            status = self.follow(out)
            left = self.left_behind()
            self.child = None
            out.seek(0)
            return out.read().decode(errors="replace"), status, left

    def follow(self, out):
        """Print what comes, until the program ends."""
        deadline = time.monotonic() + self.timeout
        offset = 0
        while True:
            status = self.child.poll()
            text = os.pread(out.fileno(), 1 << 20, offset)
            offset += len(text)
            if self.live:
                sys.stdout.buffer.write(text)
                sys.stdout.flush()
            if status is not None and not text:
                return status
            if time.monotonic() > deadline:
                self.kill_group()
                return None
            if not text:
                time.sleep(0.02)


def judge(runner, command):
    """((passed, failed, skipped), complaint or None, output)"""
    try:
        output, status, left = runner.run(command)
    except OSError as e:
        return (0, 1, 0), str(e), ""
    if status is None:
        passed, failed, skipped, _ = tally(output, 0)
        return (passed, max(failed, 1), skipped), \
            "not done after %g s" % runner.timeout, output
    passed, failed, skipped, complaint = tally(output, status)
    if left and not failed:
        return (passed, 1, skipped), "left processes behind", output
    return (passed, failed, skipped), complaint, output


def label(command):
    """What a reader calls it: the first word that is not an interpreter, and
    the last, if that is one."""
    words = [w for w in command if not os.path.basename(w).startswith("python")]
    first, *rest = words or command
    name = re.sub(r"^.*?/(?=(tests|tools|bench)/)", "", first)
    return name + "".join(" " + w for w in rest[-1:]
                          if re.fullmatch("[a-z_]+", w))


def split(words):
    commands = []
    for word in words:
        if word == "--":
            commands.append([])
        elif commands:
            commands[-1].append(word)
    return [c for c in commands if c]


class Pool:
    """Programs on several threads, one summary line each."""

    def __init__(self, timeout, jobs):
        self.timeout = timeout
        self.jobs = jobs
        self.runners = set()
        self.lock = threading.Lock()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.stop)

    def stop(self, number, _frame):
        # os._exit: the other threads are waiting for what has just ended.
        for runner in list(self.runners):
            if runner.child:
                runner.kill_group()
        sys.stdout.flush()
        os._exit(128 + number)

    def one(self, command):
        runner = Runner(self.timeout, self.jobs == 1)
        self.runners.add(runner)
        began = time.monotonic()
        counts, complaint, output = judge(runner, command)
        self.runners.discard(runner)
        passed, failed, skipped = counts
        with self.lock:
            if not runner.live:
                sys.stdout.buffer.write(output.encode())
            print("== %s %s: %d passed%s%s%s (%.1f s)" % (
                "FAIL" if failed else "ok  ", label(command), passed,
                ", %d failed" % failed if failed else "",
                ", %d skipped" % skipped if skipped else "",
                ", " + complaint if complaint else "",
                time.monotonic() - began), flush=True)
        return counts

    def run(self, commands):
        """(passed, failed, skipped) of all"""
        if self.jobs == 1:
            counts = [self.one(c) for c in commands]
        else:
            with concurrent.futures.ThreadPoolExecutor(self.jobs) as pool:
                counts = list(pool.map(self.one, commands))
        return [sum(column) for column in zip((0, 0, 0), *counts)]


def main():
    args = sys.argv[1:]
    if args in (["-h"], ["--help"]):
        print(__doc__.strip())
        return 0
    timeout, jobs = 300.0, 1
    while len(args) > 1 and args[0] in ("--timeout", "--jobs"):
        if args[0] == "--timeout":
            timeout = float(args[1])
        else:
            jobs = int(args[1])
        args = args[2:]
    if jobs < 1 or args and args[0] != "--":
        sys.exit("run-tests: unknown argument '%s'; see --help"
                 % (args or ["--jobs"])[0])
    total = Pool(timeout, jobs).run(split(args))
    if not sum(total):
        print("== FAIL nothing ran")
        total[1] = 1
    print("%d passed, %d failed%s" % (
        total[0], total[1], ", %d skipped" % total[2] if total[2] else ""))
    return 1 if total[1] else 0


if __name__ == "__main__":
    sys.exit(main())
