#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Run the tests of the kernel module tcamsim in a virtual machine.

    tests/hw/tcamsim.py [--engine uml|qemu] [--source PACKAGE]
                        [ARGUMENT OF PYTEST]...

Builds the module for the kernel of the engine (uml unless told otherwise) in a
directory of its own, runs all tests in one boot; `-k lpm`, `-x`, `--durations
5` and the like are handed on to pytest.  --source names another source package
for uml, such as linux-source-7.2.  TCAMSIM_SEED repeats random tests.

The last line is `N passed, N failed`.  A kernel that complains (warning, oops,
leak, see tests/hw/vm) is one failed test.
"""
import os
import re
import signal
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
COUNTS = re.compile(r"(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$")
# Seconds: some ten times what it takes on a small machine.
TIMEOUT = {"uml": 600, "qemu": 1800}
VERDICTS = {124: "did not end in time", 125: "made the kernel complain",
            126: "could not be run"}


def arguments(words, doc=None):
    """(engine, options of kernels.sh, arguments of pytest)"""
    engine, source = "uml", []
    while words:
        if words[0] in ("-h", "--help"):
            print((doc or __doc__).strip())
            sys.exit(0)
        if words[0] not in ("--engine", "--source"):
            break
        if len(words) < 2:
            sys.exit("tcamsim: %s wants an argument; see --help" % words[0])
        if words[0] == "--source":
            source = ["--source", words[1]]
        else:
            engine = words[1]
        words = words[2:]
    if engine not in TIMEOUT:
        sys.exit("tcamsim: no engine '%s'; there are uml and qemu" % engine)
    if source and engine != "uml":
        sys.exit("tcamsim: --source is for uml")
    return engine, source, words


def build(engine, source, out):
    """The module's file; None if it does not build."""
    done = subprocess.run(
        [os.path.join(HERE, "kernels.sh")] + source +
        ["module", os.path.join(HERE, "tcamsim"), engine, "--out", out],
        stdout=subprocess.PIPE, text=True)
    files = [line for line in done.stdout.splitlines()
             if line.endswith("/tcamsim.ko")]
    return files[-1] if done.returncode == 0 and files else None


def configuration(engine, source):
    """The file the kernel was configured with."""
    done = subprocess.run(
        [os.path.join(HERE, "kernels.sh")] + source +
        ["--print-build", engine], stdout=subprocess.PIPE, text=True)
    return os.path.join(done.stdout.strip(), ".config")


def run(engine, source, words, suite, environment):
    """(counts as said by pytest or None, exit status); prints what it says.
    `suite` is a directory beside this file."""
    suite = os.path.join(HERE, suite)
    command = [
        os.path.join(HERE, "vm"), "--engine", engine,
        "--timeout", str(TIMEOUT[engine]),
        "--leaks", "yes" if engine == "uml" else "auto"]
    if source:
        command += ["--kernel", source[1]]
    for assignment in environment:
        command += ["--env", assignment]
    command += ["--", "/usr/bin/python3", "-B", "-m", "pytest", "-q",
                "-p", "no:cacheprovider", "--color=no",
                "--rootdir", suite]
    paths = [w for w in words if ".py" in w]
    command += words + ([] if paths else [suite])
    counts = None
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True,
                          errors="replace") as child:
        try:
            for line in child.stdout:
                found = COUNTS.match(line.strip())
                if found:
                    counts = [int(n or 0) for n in found.groups()]
                else:
                    print(line, end="", flush=True)
        except BaseException:
            child.terminate()  # the guest ends with it
            raise
    return counts, child.returncode


def stop(number, _frame):
    sys.exit(128 + number)


def given(*names):
    """Those of the variables that are set."""
    return [name for name in names if name in os.environ]


def tell(name, counts, status):
    """The last line, and what else people should know; an exit status."""
    passed, failed, skipped = counts or (0, 0, 0)
    if status and not (status == 1 and failed):
        failed += 1
        print("%s: the run %s" % (name, VERDICTS.get(
            status, "ended with exit status %d" % status)))
    elif not counts:
        failed += 1
        print("%s: the run told no counts" % name)
    print("%d passed, %d failed%s" % (
        passed, failed, ", %d skipped" % skipped if skipped else ""))
    return 1 if failed else 0


def build_and_run(name, engine, source, words, suite, environment):
    """All of it, in a directory that goes away; an exit status."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    with tempfile.TemporaryDirectory(prefix=name + ".") as out:
        module = build(engine, source, os.path.join(out, "module"))
        if not module:
            print("%s: the module does not build for %s" % (name, engine))
            print("0 passed, 1 failed")
            return 1
        counts, status = run(engine, source, words, suite,
                             ["TCAMSIM_KO=" + module] + environment)
    return tell(name, counts, status)


def main():
    engine, source, words = arguments(sys.argv[1:])
    return build_and_run(
        "tcamsim", engine, source, words, "tcamsim_tests",
        ["TCAMSIM_CONFIG=" + configuration(engine, source)] +
        given("TCAMSIM_SEED", "TCAMSIM_PATIENCE"))


if __name__ == "__main__":
    sys.exit(main())
