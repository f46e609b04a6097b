#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The harness on its host: nothing outlives it, runs do not meet.

    tests/hw/test_vm_host.py [--engine uml|qemu] [-k WORD]

The last line is `N passed, N failed`.  Processes are watched by id and start
time, never looked for by name.  Neighbours: test_vm.py (what a run says),
harness/check.py (running vm, counting).
"""
import os
import re
import signal
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from harness.check import HERE, Tests, finish, start, vm   # noqa: E402

tests = Tests()
DEADLINE = 60


def process_table():
    """{pid: (parent, start time)}"""
    table = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open("/proc/%s/stat" % name, encoding="utf-8",
                      errors="replace") as file:
                fields = file.read().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[0] != "Z":
            table[int(name)] = (int(fields[1]), fields[19])
    return table


def family(pid):
    """The process and all its descendants, as {(pid, start time)}."""
    table = process_table()
    found = {pid}
    while True:
        more = {p for p, (parent, _) in table.items() if parent in found}
        if more <= found:
            return {(p, table[p][1]) for p in found if p in table}
        found |= more


def alive(processes):
    return {(p, began) for p, (_, began) in process_table().items()} \
        & processes


def ready(t, process):
    """Wait for the guest's first line, which must not wait for its end."""
    t.same(process.stdout.readline(), b"ready\n")
    members = family(process.pid)
    t.true(len(members) >= 4, "only %d processes" % len(members))
    return members


def gone(t, members):
    deadline = time.monotonic() + DEADLINE
    while alive(members):
        t.true(time.monotonic() < deadline, "left: %s" % alive(members))
        time.sleep(0.02)


def engine_of(pid):
    """vm -> keeper -> reaper -> the engine, see harness/guardian.py"""
    table = process_table()
    for _ in range(3):
        pid = next(p for p, (parent, _) in table.items() if parent == pid)
    return pid


WAIT = ("sh", "-c", "echo ready; sleep 1000")


def stopped_by(number):
    def check(t):
        process = start(t, *WAIT)
        members = ready(t, process)
        process.send_signal(number)
        finish(t, process)
        t.same(process.returncode, 128 + number)
        # with vm, not some time after it
        t.same(alive(members), set())
        t.same(os.listdir(t.tmp), [])
    check.__name__ = "stopped_by_" + signal.Signals(number).name
    return check


tests.add("uml", "qemu")(stopped_by(signal.SIGTERM))
tests.add("uml")(stopped_by(signal.SIGINT))


@tests.add("uml", "qemu")
def killed(t):
    """Files cannot be removed any more, but no guest goes on."""
    process = start(t, *WAIT)
    members = ready(t, process)
    process.kill()
    process.wait()
    gone(t, members)


@tests.add("uml", "qemu")
def guest_killed(t):
    """Somebody kills the guest under vm: that is no success."""
    process = start(t, *WAIT)
    members = ready(t, process)
    os.kill(engine_of(process.pid), signal.SIGKILL)
    run = finish(t, process)
    t.same(run.code, 125)
    t.has(run.err, b"the guest died")
    gone(t, members)


@tests.add("uml")
def nobody_reads(t):
    """As in `vm yes | head -n 1`."""
    process = start(t, "yes")
    t.same(process.stdout.readline(), b"y\n")
    members = family(process.pid)
    process.stdout.close()
    process.stdout = None
    t.same(process.wait(timeout=DEADLINE), 141)
    gone(t, members)


@tests.add("uml", "qemu")
def several_at_once(t):
    """The same names in each, and none sees another's."""
    count = 4 if t.engine == "uml" else 2
    text = ("echo %d > same && echo %d > /run/same && ip link add same "
            "type dummy && sleep 2 && cat same /run/same")
    load = "modprobe dummy numdummies=0 2>/dev/null;"
    runs = [start(t, "sh", "-c", load + text % (n, n)) for n in range(count)]
    for n, process in enumerate(runs):
        out, err = process.communicate(timeout=280)
        t.same((process.returncode, out, err),
               (0, b"%d\n%d\n" % (n, n), b""))
    t.same(os.listdir(t.tmp), [])


@tests.add("uml")
def another_user(t):
    """User-Mode Linux needs no rights; the guest's root has only its user's
    on the machine's files."""
    if os.geteuid() != 0:
        t.same(vm(t, "id", "-u").out, b"0\n")
        return
    os.chmod(t.scratch, 0o755)
    os.chmod(t.tmp, 0o777)
    kernel = subprocess.run([os.path.join(HERE, "kernels.sh"), "--print",
                             "uml"], capture_output=True, text=True,
                            check=True).stdout.strip()
    copy = os.path.join(t.scratch, "tree")
    subprocess.run(["cp", "-R", HERE, copy], check=True)
    subprocess.run(["cp", "-R", kernel, os.path.join(copy, "kernel")],
                   check=True)
    subprocess.run(["chmod", "-R", "a+rX", copy], check=True)
    run = subprocess.run(
        ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
         "env", "TMPDIR=" + t.tmp, os.path.join(copy, "vm"), "--kernel",
         os.path.join(copy, "kernel"), "sh", "-c",
         "id -u; echo x > /etc/x && cat /etc/x; cat /etc/shadow"],
        cwd="/", capture_output=True, timeout=280, check=False,
        stdin=subprocess.DEVNULL)
    t.same(run.stdout, b"0\nx\n")
    t.has(run.stderr, b"Permission denied")
    t.same(os.listdir(t.tmp), [])


# --- kernels.sh ---
def kernels(t, *words, **more):
    run = subprocess.run([os.path.join(HERE, "kernels.sh"), *words],
                         capture_output=True, text=True, check=False,
                         timeout=280, stdin=subprocess.DEVNULL,
                         env=dict(os.environ, **more))
    t.true("kernels: " in run.stderr or run.returncode == 0,
           "no sentence: %r" % run.stderr)
    return run


@tests.add("uml")
def kernels_words(t):
    for words, sentence in (
            ((), "which kernel"),
            (("vax",), "unknown argument 'vax'"),
            (("--bogus",), "unknown argument '--bogus'"),
            (("--jobs", "many", "uml"), "--jobs wants a number"),
            (("--source", "vmlinuz", "uml"), "--source wants a package"),
            (("--print",), "--print wants"),
            (("--print", "uml", "--cache", t.scratch), "no finished kernel"),
            (("uml", "--", "W=1"), "only module takes"),
            (("module", t.scratch), "module wants --out"),
            (("module", t.scratch, "--out", t.tmp), "holds no Makefile")):
        run = kernels(t, *words)
        t.true(run.returncode == 1 and sentence in run.stderr,
               "%s: %d %r" % (words, run.returncode, run.stderr))


@tests.add("uml")
def half_a_kernel_is_none(t):
    """A directory without `complete` is not used."""
    done = kernels(t, "--print", "uml").stdout.strip()
    os.mkdir(os.path.join(t.scratch, os.path.basename(done)))
    run = kernels(t, "--print", "uml", "--cache", t.scratch)
    t.same((run.returncode, run.stdout), (1, ""))


@tests.add("uml")
def build_leaves_the_sources_alone(t):
    """Objects go to --out; what is there and not of its making stays."""
    source = os.path.join(HERE, "planted")
    before = sorted(os.listdir(source))
    out = os.path.join(t.scratch, "out")
    run = kernels(t, "module", source, "--out", out)
    t.same(run.stdout, os.path.join(out, "planted.ko") + "\n")
    t.same(sorted(os.listdir(source)), before)
    run = kernels(t, "module", source, "--out", source)
    t.true("own directory" in run.stderr, run.stderr)
    other = os.path.join(t.scratch, "other")
    os.mkdir(other)
    with open(os.path.join(other, "mine"), "w", encoding="utf-8"):
        pass
    run = kernels(t, "module", source, "--out", other)
    t.true("not empty" in run.stderr and run.returncode == 1, run.stderr)
    t.same(os.listdir(other), ["mine"])


@tests.add("uml")
def build_says_what_is_wrong(t):
    source = os.path.join(t.scratch, "bad")
    os.mkdir(source)
    with open(os.path.join(source, "Makefile"), "w", encoding="utf-8") as file:
        file.write("obj-m := bad.o\n")
    with open(os.path.join(source, "bad.c"), "w", encoding="utf-8") as file:
        file.write("int bad(void) { return nowhere; }\n")
    run = kernels(t, "module", source, "--out", os.path.join(t.scratch, "o"))
    t.same((run.returncode, run.stdout), (1, ""))
    t.true("nowhere" in run.stderr and "failed" in run.stderr, run.stderr)


@tests.add("uml")
def lost_option_is_refused(t):
    """recipes/uml.sh compares the fragment with what kconfig made of it."""
    with open(os.path.join(t.scratch, "uml.config"), "w",
              encoding="utf-8") as file:
        file.write("CONFIG_A=y\nCONFIG_B=y\nCONFIG_C=n\nCONFIG_D=n\n")
    with open(os.path.join(t.scratch, ".config"), "w",
              encoding="utf-8") as file:
        file.write("CONFIG_A=y\nCONFIG_BB=y\n# CONFIG_B is not set\n"
                   "CONFIG_D=m\n")
    run = subprocess.run(
        ["sh", "-euc", '. "$0"; fail() { echo "$*"; exit 1; }; uml_lost',
         os.path.join(HERE, "recipes", "uml.sh")],
        env=dict(os.environ, tmp=t.scratch, tree=t.scratch, source="x"),
        capture_output=True, text=True, check=False)
    t.same(run.returncode, 1)
    t.same(re.findall(r"CONFIG_\w+=\w", run.stdout),
           ["CONFIG_B=y", "CONFIG_D=n"])


if __name__ == "__main__":
    sys.exit(tests.main(__doc__))
