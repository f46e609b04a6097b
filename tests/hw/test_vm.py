#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The harness's own tests: does vm tell the truth, and leave nothing behind?

    tests/hw/test_vm.py [--engine uml|qemu] [-k WORD]

Without --engine both; -k runs the tests whose name contains WORD.  Faults are
planted with the module in planted/.  Every run gets a TMPDIR of its own, in
which nothing may remain.  The last line is `N passed, N failed`.

Neighbours: test_vm_host.py (processes, signals, several at once), check.py
(running vm, counting).  It refuses to judge by a clock: where time matters
the guest's is compared with the host's.
"""
import os
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from harness.check import Tests, planted, vm     # noqa: E402
from harness.kernlog import KernelLog            # noqa: E402

tests = Tests()
BYTES = bytes(range(256))


# --- what comes back ---
@tests.add("uml", "qemu")
def exit_code(t):
    t.same(vm(t, "sh", "-c", "exit 7").code, 7)


@tests.add("uml")
def exit_code_zero(t):
    run = vm(t, "true")
    t.same((run.code, run.out, run.err), (0, b"", b""))


@tests.add("uml")
def exit_code_of_a_signal(t):
    t.same(vm(t, "sh", "-c", "kill -TERM $$").code, 143)


@tests.add("uml")
def no_such_command(t):
    run = vm(t, "no-such-command-here")
    t.same(run.code, 127)
    t.has(run.err, b"no-such-command-here")


@tests.add("uml", "qemu")
def output_is_binary(t):
    """Every byte, 3 MB of them, on both streams, nothing lost at the end."""
    write = ("import sys; b = bytes(range(256)) * 12000\n"
             "sys.stdout.buffer.write(b); sys.stderr.buffer.write(b[::-1])")
    run = vm(t, "/usr/bin/python3", "-c", write)
    t.same(run.code, 0)
    t.true(run.out == BYTES * 12000, "standard output differs: %d bytes"
           % len(run.out))
    t.true(run.err == (BYTES * 12000)[::-1], "standard error differs: "
           "%d bytes" % len(run.err))


@tests.add("uml")
def output_of_a_daemon(t):
    """What is left running does not hold up the end, its output arrives."""
    run = vm(t, "sh", "-c", "(echo early; exec sleep 1000) & sleep 0.3")
    t.same((run.code, run.out), (0, b"early\n"))


@tests.add("uml")
def output_is_no_terminal(t):
    t.same(vm(t, "sh", "-c", "test ! -t 1 && test ! -t 2 && ! read x").code, 0)


# --- what goes in ---
@tests.add("uml", "qemu")
def arguments(t):
    words = ["a b", "", "'", '"', "$HOME", "`id`", "x\ny", "*", "-e", "ä\udcff"]
    run = vm(t, "printf", "<%s>", *words)
    t.same(run.out, b"".join(b"<" + os.fsencode(w) + b">" for w in words))


@tests.add("uml")
def environment(t):
    os.environ["OFFLOAD_TEST_SEEN"] = "it's"
    os.environ["OFFLOAD_TEST_UNSEEN"] = "x"
    run = vm(t, "env", options=["--env", "OFFLOAD_TEST_SEEN",
                                "--env", "OTHER=a b=c"])
    lines = run.out.decode().splitlines()
    for line in ("OFFLOAD_TEST_SEEN=it's", "OTHER=a b=c", "OFFLOAD_VM=uml",
                 "HOME=/root"):
        t.true(line in lines, "no %s in %s" % (line, lines))
    t.true(not any("UNSEEN" in line for line in lines), "the host's shows")


@tests.add("uml")
def current_directory(t):
    where = os.path.join(t.scratch, "with space")
    os.mkdir(where)
    with open(os.path.join(where, "file"), "w", encoding="utf-8") as file:
        file.write("here")
    run = vm(t, "sh", "-c", "cat file; pwd", cwd=where)
    t.same(run.out.decode(), "here" + where + "\n")


@tests.add("uml", "qemu")
def root_stays_as_it_is(t):
    name = os.path.join(t.scratch, "made")
    etc = "/etc/offload-vm-test"
    run = vm(t, "sh", "-c", 'echo x > "$0" && echo y > "$1" && cat "$0" "$1"',
             name, etc)
    t.same((run.code, run.out), (0, b"x\ny\n"))
    t.true(not os.path.exists(name) and not os.path.exists(etc),
           "a guest's file is on the host")


@tests.add("uml", "qemu")
def shared_directory(t):
    share = os.path.join(t.scratch, "share")
    os.mkdir(share)
    with open(os.path.join(share, "in"), "wb") as file:
        file.write(BYTES * 4000)
    run = vm(t, "sh", "-c", 'cd "$OFFLOAD_VM_SHARE" && mkdir d && cp in d/out',
             options=["--share", share])
    t.same((run.code, run.err), (0, b""))
    with open(os.path.join(share, "d", "out"), "rb") as file:
        t.true(file.read() == BYTES * 4000, "the copy differs")


@tests.add("uml", "qemu")
def machine_is_empty(t):
    run = vm(t, "sh", "-c", "ls -d /sys/class/net/*/; id -u; lsmod | grep -c dummy; "
             "ls /sys/kernel/debug >/dev/null && mountpoint -q /dev/shm && "
             "ip netns add x && ip route get 127.0.0.1 >/dev/null && echo fine")
    t.same(run.out.decode(), "/sys/class/net/lo/\n0\n0\nfine\n")


@tests.add("uml", "qemu")
def modules_of_the_kernel(t):
    """Those beside it, by modprobe, with a name it finds by itself."""
    run = vm(t, "sh", "-ec", "modprobe netdevsim; modprobe vrf; "
             "ip link add v type vrf table 9; ls /sys/bus/netdevsim")
    t.same(run.code, 0)
    t.has(run.out, b"new_device")


# --- the kernel complains ---
def faulty(t, fault, command=("true",), options=()):
    return vm(t, *command, options=[
        "--module", "%s fault=%s" % (planted(t.engine), fault), *options])


@tests.add("uml", "qemu")
def module_without_fault(t):
    run = faulty(t, "none", ("lsmod",), ["--leaks", "no"])
    t.same(run.code, 0)
    t.has(run.out, b"planted")


@tests.add("uml", "qemu")
def module_refused(t):
    run = faulty(t, "nonsense")
    t.same(run.code, 126)
    t.has(run.err, b"Invalid argument")


COMPLAINTS = """\
WARNING: CPU: 0 PID: 61 at net/core/dev.c:1 f+0x1/0x2
WARNING: possible circular locking dependency detected
BUG: sleeping function called from invalid context at mm/slab.h:1
BUG: kernel NULL pointer dereference, address: 0000000000000000
BUG: KASAN: slab-use-after-free in f+0x1/0x2
BUG x (Tainted: G    B  ): Objects remaining in x on __kmem_cache_shutdown()
kernel BUG at net/core/dev.c:1!
Oops: 0002 [#1] PREEMPT SMP NOPTI
general protection fault, probably for non-canonical address 0xdead
Kernel panic - not syncing: x
INFO: task rmmod:61 blocked for more than 20 seconds.
INFO: trying to register non-static key.
rcu: INFO: rcu_sched self-detected stall on CPU
watchdog: BUG: soft lockup - CPU#0 stuck for 22s!
unregister_netdevice: waiting for sw0 to become free. Usage count = 2
ref_tracker: netdev@00000000 has 1/1 users at
refcount_t: underflow; use-after-free.
kmem_cache_destroy x: Slab cache still has objects
list_del corruption. prev->next should be x
ODEBUG: free active (active state 0) object: x
kmemleak: 1 new suspected memory leaks (see /sys/kernel/debug/kmemleak)"""
ORDINARY = """\
planted: loading out-of-tree module taints kernel.
planted: module verification failed: signature and/or required key missing
netlink: 4 bytes leftover after parsing attributes in process `tc'.
IPv6: ADDRCONF(NETDEV_CHANGE): eth3: link becomes ready
kmemleak: Kernel memory leak detector initialized (mem pool available: 1)
sh[61]: segfault at 0 ip 0 sp 0 error 4
hung_task: INFO is a word
no warning: nothing is a BUG here
random: crng init done"""


@tests.add("uml")
def words_that_complain(t):
    for text, wanted in ((COMPLAINTS, True), (ORDINARY, False)):
        for line in text.split("\n"):
            log = KernelLog(os.path.join(t.scratch, "log"))
            log.feed(b"left by a program[   12.345678] %s\r\n"
                     % line.encode())
            log.close()
            t.same((line, log.count > 0), (line, wanted))


def complaint(name, text, engines=("uml",), options=("--leaks", "no")):
    def check(t):
        run = faulty(t, name, options=options)
        t.same(run.code, 125)
        t.has(run.err, text)
        t.has(run.err, b"log: ")
        t.has(t.kept_log(), text)
    check.__name__ = "complaint_" + name
    tests.add(*engines)(check)


complaint("warn", b"planted: a warning", ("uml", "qemu"))
complaint("bug", b"planted.c", ("uml", "qemu"))
complaint("oops", b"Kernel panic")
complaint("atomic", b"BUG: scheduling while atomic")
complaint("lockdep", b"possible circular locking dependency")
complaint("refcount", b"refcount_t: addition on 0")
complaint("leak", b"fault_leak", options=["--time-travel"])


@tests.add("uml")
def complaint_hung(t):
    """khungtaskd finds it; time travel spares us its 40 s."""
    run = faulty(t, "hung", ("sleep", "100"), ["--time-travel"])
    t.same(run.code, 125)
    t.has(run.err, b"INFO: task planted:")


@tests.add("uml")
def complaint_leak_in_real_time(t):
    run = faulty(t, "leak")
    t.same(run.code, 125)
    t.has(run.err, b"suspected memory leak")


@tests.add("uml")
def no_leak(t):
    """auto looks, because of the module, and finds nothing."""
    t.same(faulty(t, "none", options=["--time-travel"]).code, 0)


@tests.add("uml")
def complaint_beats_the_command(t):
    run = faulty(t, "warn", ("sh", "-c", "exit 3"), ["--leaks", "no"])
    t.same(run.code, 125)
    t.has(run.err, b"exit code: 3")


@tests.add("uml", "qemu")
def panic(t):
    run = vm(t, "sh", "-c", "echo c > /proc/sysrq-trigger; sleep 1000")
    t.same(run.code, 125)
    t.has(run.err, b"Kernel panic")


@tests.add("uml")
def rmmod_for_ever(t):
    """The commonest end of a driver with a forgotten reference."""
    run = faulty(t, "rmmod", ("rmmod", "planted"),
                 ["--time-travel", "--timeout", "4"])
    t.same(run.code, 124)
    t.has(run.err, b"unregister_netdevice: waiting for planted0")


# --- time ---
@tests.add("uml", "qemu")
def timeout(t):
    run = vm(t, "sh", "-c", "echo begun; sleep 1000",
             options=["--timeout", "2"])
    t.same((run.code, run.out), (124, b"begun\n"))
    t.has(run.err, b"did not end within 2 s")
    t.has(t.kept_log(), b"init")


@tests.add("uml")
def timeout_names_blocked_tasks(t):
    """Before khungtaskd would."""
    run = faulty(t, "hung", ("sleep", "1000"), ["--timeout", "2"])
    t.same(run.code, 124)
    t.has(t.kept_log(), b"task:planted")


@tests.add("uml")
def time_travel(t):
    began = time.monotonic()
    run = vm(t, "sh", "-c", "date +%s; sleep 100; date +%s",
             options=["--time-travel"])
    here = time.monotonic() - began
    first, second = map(int, run.out.split())
    t.true(second - first >= 100, "only %d s passed" % (second - first))
    t.true(second - first > 2 * here, "%d s of the guest took %d s"
           % (second - first, here))


# --- words ---
@tests.add("uml", "qemu")
def log_file(t):
    path = os.path.join(t.scratch, "log")
    run = vm(t, "sh", "-c", "echo a word from below > /dev/kmsg",
             options=["--log", path])
    t.same((run.code, run.err), (0, b""))
    with open(path, "rb") as file:
        text = file.read()
    t.has(text, b"a word from below")
    t.true(b"\r" not in text and b"\0" not in text, "control characters")


@tests.add("uml")
def options_are_explained(t):
    for options, words in (
            (["--bogus"], b"--bogus"),
            (["--engine", "vax", "true"], b"unknown engine 'vax'"),
            ([], b"which command?"),
            (["--timeout", "0", "true"], b"--timeout wants"),
            (["--timeout", "soon", "true"], b"--timeout"),
            (["--memory", "1", "true"], b"--memory wants"),
            (["--leaks", "maybe", "true"], b"--leaks"),
            (["--share", "/no/such", "true"], b"is not a directory"),
            (["--log", "/no/such/log", "true"], b"no such directory"),
            (["--module", "/etc/passwd", "true"], b"no such .ko file"),
            (["--env", "no_such_variable_here", "true"], b"no such variable"),
            (["--env", "a-b=c", "true"], b"--env wants"),
            (["--kernel", "/etc", "true"], b"no kernel made by"),
            (["--kernel", "vmlinuz", "true"], b"linux-source-6.12"),
            (["--cpus", "2", "true"], b"--cpus is for"),
            (["--rocker", "4", "true"], b"--rocker is for"),
            (["--engine", "qemu", "--time-travel", "true"],
             b"--time-travel is for"),
            (["--engine", "qemu", "--leaks", "yes", "true"],
             b"has no kmemleak")):
        run = vm(t, options=options)
        t.true(run.code == 126 and words in run.err and
               b"Traceback" not in run.err,
               "%s: %d %r" % (options, run.code, run.err))


@tests.add("uml")
def not_a_module(t):
    path = os.path.join(t.scratch, "x.ko")
    with open(path, "w", encoding="utf-8") as file:
        file.write("x")
    run = vm(t, "true", options=["--module", path])
    t.same(run.code, 126)
    t.has(run.err, b"is not a kernel module")


if __name__ == "__main__":
    sys.exit(tests.main(__doc__))
