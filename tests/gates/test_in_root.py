#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What runs in a root (tools/in-root.py) neither changes it nor outlives it.

The root is this machine's own: to be looked at, and never written.  Exit
status 77 without the right to mount.  The last line is "N passed, N failed".
"""
import os
import signal
import subprocess
import sys
import tempfile
import time

TREE = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
IN_ROOT = [sys.executable, "-B", TREE + "/tools/in-root.py"]
DEADLINE = 60


class Failed(Exception):
    pass


def check(condition, *what):
    if not condition:
        raise Failed(*what)


def inside(script, *options, env=None):
    """(exit status, output) of a shell script in there."""
    result = subprocess.run(
        [*IN_ROOT, *options, "/", "--", "sh", "-c", script], text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=DEADLINE,
        env=dict(os.environ, **(env or {})))
    return result.returncode, result.stdout


def wait_until(what):
    end = time.monotonic() + DEADLINE
    while not what():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def mounts():
    with open("/proc/self/mounts", encoding="utf-8") as f:
        return f.read()


def runs(word):
    """Is there a process with this word in its command line?"""
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open("/proc/%s/cmdline" % pid, "rb") as f:
                words = f.read().split(b"\0")
        except OSError:
            continue
        if word.encode() in words:
            return True
    return False


def test_exit_status(_):
    check(inside("exit 7")[0] == 7, "not the command's")
    check(inside("kill -ABRT $$")[0] == 134, "not that of a signal")
    check(subprocess.run([*IN_ROOT, "/", "--", "/nowhere"], check=False,
                         stderr=subprocess.DEVNULL).returncode == 127,
          "no such command")


def test_root_stays_as_it_was(directory):
    before = mounts()
    name = "/etc/" + os.path.basename(directory)
    status, said = inside("echo a > %s && cat %s && rm /etc/debian_version"
                          % (name, name))
    check(status == 0 and said == "a\n", "not to be written inside", said)
    check(not os.path.exists(name), "it is here")
    check(os.path.exists("/etc/debian_version"), "gone here, too")
    check(mounts() == before, "a mount is left")


def test_shown_directories(directory):
    for name in ("see", "write"):
        os.mkdir(directory + "/" + name)
    status, said = inside(
        "touch {0}/see/a; touch {0}/write/a /there/b".format(directory),
        "--ro", directory + "/see", "--rw", directory + "/write",
        "--rw", directory + "/write:/there")
    check(status == 0 and "Read-only" in said, said)
    check(os.listdir(directory + "/see") == [], "written")
    check(sorted(os.listdir(directory + "/write")) == ["a", "b"],
          "not written")
    status, said = inside("true", "--ro", directory + "/nowhere")
    check(status == 2 and "does not exist" in said, said)


def test_links_lead_nowhere(directory):
    """A mount point behind a link of the root would be one of the machine."""
    status, said = inside("true", "--ro", directory + ":/proc/self/cwd/x")
    check(status == 1 and "has a link in it" in said, said)


def test_machine_of_its_own(_):
    status, said = inside(
        "ls -A /run /tmp /var/tmp; ps -e -o pid= | wc -l; echo > /dev/null; "
        "test -c /dev/ptmx; test -d /proc/1; ip netns add a && ip netns")
    check(status == 0 and said.split() ==
          ["/run:", "lock", "/tmp:", "/var/tmp:", said.split()[4], "a"] and
          int(said.split()[4]) < 6, said)


def test_environment(_):
    _, said = inside("env", "--env", "A=b c", "--chdir", "/usr",
                     env={"CARRIED": "over", "OFFLOAD_SANDBOX": "1"})
    check("A=b c\n" in said and "PWD=/usr\n" in said, said)
    check("CARRIED" not in said and "OFFLOAD_SANDBOX" not in said, said)


def test_sandbox_within(_):
    status, said = inside("exec %s -B %s/tools/sandbox.py sh -c 'ls /run; "
                          "echo $OFFLOAD_SANDBOX; ls /dev/null'"
                          % (sys.executable, TREE), "--ro", TREE)
    check(status == 0 and said.split() == ["lock", "netns", "1", "/dev/null"],
          said)


def end_by(directory, number):
    """What it started ends with it, however deep in a session of its own."""
    before = mounts()
    word = "60.%d%d" % (os.getpid(), number)
    with subprocess.Popen([*IN_ROOT, "/", "--", "sh", "-c",
                           "setsid sleep %s & wait" % word]) as child:
        try:
            check(wait_until(lambda: runs(word)), "it did not start")
            child.send_signal(number)
            return child.wait(timeout=DEADLINE)
        finally:
            child.kill()
            check(wait_until(lambda: not runs(word)), "it is still there")
            check(mounts() == before, "a mount is left")


def test_terminated(directory):
    check(end_by(directory, signal.SIGTERM) == 143, "another exit status")


def test_killed(directory):
    check(end_by(directory, signal.SIGKILL) == -9, "another exit status")


def main():
    if os.geteuid() != 0:
        print("mounts need root")
        return 77
    passed = failed = 0
    for name, test in list(globals().items()):
        if not name.startswith("test_"):
            continue
        with tempfile.TemporaryDirectory() as directory:
            try:
                test(os.path.realpath(directory))
            except (Failed, subprocess.TimeoutExpired) as e:
                failed += 1
                print("not ok - %s: %s" % (name[5:], e))
            else:
                passed += 1
                print("ok - " + name[5:])
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
