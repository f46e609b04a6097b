#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The test command tells the truth.

check.sh runs in a small tree whose set-up does nothing and whose layer
`install` is a script of each case: what it prints and how it ends decides what
the last line and the exit status must be.
"""
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

TREE = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
DEADLINE = 60

# what, the layer's script, last line, exit status
CASES = [
    ("all is well", "echo 3 passed, 0 failed", "3 passed, 0 failed", 0),
    ("TAP counts", "echo ok 1; echo ok 2; echo 1..2", "2 passed, 0 failed", 0),
    ("a failure", "echo 2 passed, 1 failed, 1 skipped; exit 1",
     "2 passed, 1 failed, 1 skipped", 1),
    ("a failure without status", "echo 2 passed, 1 failed",
     "2 passed, 1 failed", 1),
    ("no test at all", "true", "0 passed, 1 failed", 1),
    ("nothing counted", "echo 0 passed, 0 failed", "0 passed, 1 failed", 1),
    ("skipped tests only", "exit 77", "0 passed, 1 failed, 1 skipped", 1),
    ("status without a failure", "echo 3 passed, 0 failed; exit 3",
     "3 passed, 1 failed", 1),
    ("a crash", "echo ok 1; kill -SEGV $$", "1 passed, 1 failed", 1),
    ("a process left behind", "sleep %d & echo $! > left; echo 1 passed, 0 failed"
     % DEADLINE, "1 passed, 1 failed", 1),
]


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    os.chmod(path, 0o755)


def make_tree(root, script, setup="exit 0"):
    shutil.copy(TREE + "/check.sh", root)
    os.makedirs(root + "/tools")
    shutil.copy(TREE + "/tools/run-tests.py", root + "/tools")
    write(root + "/tools/setup.sh", "#!/bin/sh\n%s\n" % setup)
    write(root + "/tests/install/run.sh",
          "#!/bin/sh\ncd %s\n%s\n" % (root, script))


def check(root, *args):
    """(exit status, output)"""
    result = subprocess.run([root + "/check.sh", *args], text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            timeout=DEADLINE)
    return result.returncode, result.stdout


def expect(result, last, status):
    lines = result[1].splitlines()
    if result[0] != status:
        return "exit status %d, not %d:\n%s" % (result[0], status, result[1])
    if not lines or lines[-1] != last:
        return "does not end with '%s':\n%s" % (last, result[1])
    return None


def end_left(root):
    """A case may leave a process of its own behind."""
    try:
        with open(root + "/left", encoding="utf-8") as f:
            os.kill(int(f.read()), signal.SIGKILL)
    except (OSError, ValueError):
        pass


def judge_layer(script, last, status, setup="exit 0"):
    with tempfile.TemporaryDirectory() as root:
        make_tree(root, script, setup)
        try:
            return expect(check(root, "install"), last, status)
        finally:
            end_left(root)


def wait_until(what):
    end = time.monotonic() + DEADLINE
    while not what():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def is_alive(pid):
    try:
        with open("/proc/%d/stat" % pid, encoding="utf-8") as f:
            return f.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def judge_interrupt():
    """What a layer started ends with the command."""
    with tempfile.TemporaryDirectory() as root:
        make_tree(root, "echo $$ > pid.new; mv pid.new left; exec sleep %d"
                  % (5 * DEADLINE))
        with subprocess.Popen([root + "/check.sh", "install"],
                              stdout=subprocess.DEVNULL) as child:
            try:
                if not wait_until(lambda: os.path.exists(root + "/left")):
                    return "the layer did not start"
                with open(root + "/left", encoding="utf-8") as f:
                    pid = int(f.read())
                child.send_signal(signal.SIGTERM)
                status = child.wait(timeout=DEADLINE)
                if status != 143:
                    return "exit status %d, not 143" % status
                if not wait_until(lambda: not is_alive(pid)):
                    return "the layer's process is still there"
                return None
            except subprocess.TimeoutExpired:
                return "the command does not end"
            finally:
                child.kill()
                end_left(root)


def judge_broken():
    """A layer that cannot even start is a failure."""
    with tempfile.TemporaryDirectory() as root:
        make_tree(root, "echo 3 passed, 0 failed")
        os.unlink(root + "/tools/run-tests.py")
        return expect(check(root, "install"), "0 passed, 1 failed", 1)


# A root that says what it was asked for.
ASKED = """case " $* " in
*" -- "*) for a; do echo "asked $a"; done; echo 5 passed, 0 failed ;;
*) echo /nowhere ;;
esac"""


def make_root(root, script):
    make_tree(root, "exit 1")
    write(root + "/tools/frr-root.sh", "#!/bin/sh\n%s\n" % script)


def cache():
    """Where check.sh keeps what is made once."""
    e = os.environ
    return e.get("OFFLOAD_SDK_CACHE") or \
        e.get("XDG_CACHE_HOME", e.get("HOME", "/root") + "/.cache") + "/offloadd"


def judge_other_root():
    """--frr runs the command in there, and what that says counts."""
    with tempfile.TemporaryDirectory() as root:
        make_root(root, ASKED)
        result = check(root, "--build-dir", root + "/b", "--frr", "trixie",
                       "install")
        build = root + "/b/trixie"
        kept = os.environ.get("CCACHE_DIR", cache() + "/ccache")
        words = ["--rw", build, "--rw", kept, "--env", "CCACHE_DIR=" + kept,
                 "--env", "OFFLOAD_CHECK_ROOT=trixie", "trixie",
                 "--", root + "/check.sh", "--no-install", "--build-dir",
                 build, "install"]
        asked = [line[6:] for line in result[1].splitlines()
                 if line.startswith("asked ")]
        if asked != words:
            return "asked for %s" % asked
        return expect(result, "5 passed, 0 failed", 0)


def judge_no_root():
    """A root that cannot be made is a failure, and nothing runs without."""
    with tempfile.TemporaryDirectory() as root:
        make_root(root, "echo frr-root: away >&2; exit 1")
        result = check(root, "--frr", "forky", "install")
        if "frr-root: away" not in result[1]:
            return "does not say why:\n" + result[1]
        return expect(result, "0 passed, 1 failed", 1)


def judge_layer_frr10():
    """The newest one's tests count, and its version is named."""
    if os.geteuid() != 0:
        return None  # the layer is refused
    with tempfile.TemporaryDirectory() as root:
        make_root(root, ASKED + "\necho check: FRR 10.7.1-6, Debian\n"
                  "echo 5 passed, 0 failed")
        result = check(root, "frr10")
        if "check: frr10: FRR 10.7.1-6: 5 passed, 0 failed" not in result[1]:
            return "does not name the version:\n" + result[1]
        return expect(result, "5 passed, 0 failed", 0)


def judge_refusals():
    for words, sentence in (
            (["--frr"], "--frr wants a Debian release"),
            (["--frr", "no/where"], "'no/where' is not the name of a release"),
            (["--frr", "forky", "frr10"], "machine's own FRRouting")):
        status, output = check(TREE, *words)
        if status != 2 or sentence not in output:
            return "%s: exit status %d:\n%s" % (words, status, output)
    return None


def judge_list():
    status, output = check(TREE, "--list")
    names = [line.split()[0] for line in output.splitlines()]
    if status or names[:2] != ["gates", "unit"] or len(names) != len(set(names)):
        return "--list says:\n" + output
    return None


def judge_unknown():
    status, output = check(TREE, "cellar")
    if status != 2 or "no layer 'cellar'" not in output:
        return "exit status %d:\n%s" % (status, output)
    return None


def cases():
    for what, script, last, status in CASES:
        yield what, judge_layer(script, last, status)
    yield "a failed set-up", judge_layer(
        "echo 3 passed, 0 failed", "0 passed, 1 failed", 1, setup="exit 1")
    yield "a layer that cannot start", judge_broken()
    yield "an interrupt", judge_interrupt()
    yield "--frr", judge_other_root()
    yield "a root that cannot be made", judge_no_root()
    yield "the layer frr10", judge_layer_frr10()
    yield "refusals of --frr", judge_refusals()
    yield "--list", judge_list()
    yield "an unknown layer", judge_unknown()


def main():
    passed = failed = 0
    for what, fault in cases():
        if fault:
            failed += 1
            print("not ok - %s\n  %s" % (what, fault.replace("\n", "\n  ")))
        else:
            passed += 1
            print("ok - " + what)
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
