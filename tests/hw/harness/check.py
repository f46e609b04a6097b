# SPDX-License-Identifier: GPL-2.0-or-later
"""What the laboratory's test programs share: running vm, judging, counting.

A test is a function that gets a Case and says what it expects of it; the
engines it is for stand in its decorator.  Whatever a test started ends with
it.  It refuses a choice that no test matches.  Neighbours: ../test_*.py.
"""
import atexit
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import traceback

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VM = os.path.join(HERE, "vm")


class Failed(Exception):
    pass


class Case:
    """One test on one engine, with a scratch directory of its own."""

    def __init__(self, engine):
        self.engine = engine
        self.scratch = tempfile.mkdtemp(prefix="offloadd-hw-test.")
        self.tmp = os.path.join(self.scratch, "tmp")
        os.mkdir(self.tmp)
        self.started = []

    def same(self, seen, wanted):
        self.true(seen == wanted, "%.300r instead of %.300r" % (seen, wanted))

    def has(self, text, words):
        self.true(words in text, "no %r in %.2000r" % (words, text))

    def true(self, fact, complaint):
        if not fact:
            raise Failed(complaint)

    def kept_log(self):
        """The one file a run may leave in its TMPDIR."""
        names = os.listdir(self.tmp)
        self.true(len(names) == 1 and names[0].endswith(".log"),
                  "left behind: %s" % names)
        with open(os.path.join(self.tmp, names[0]), "rb") as file:
            return file.read()

    def clean(self):
        for process in self.started:
            if process.poll() is None:
                process.kill()
            process.communicate()
        shutil.rmtree(self.scratch, ignore_errors=True)


class Run:
    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err


def start(case, *command, options=(), cwd=None):
    engine = [] if "--engine" in options else ["--engine", case.engine]
    process = subprocess.Popen(
        [VM, *engine, *options, *(["--", *command] if command else [])],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, cwd=cwd, env=dict(os.environ, TMPDIR=case.tmp))
    case.started.append(process)
    return process


def finish(case, process):
    """What it said; a run that went well leaves nothing in its TMPDIR."""
    out, err = process.communicate(timeout=280)
    run = Run(process.returncode, out, err)
    if run.code not in (124, 125, 126):
        case.same(os.listdir(case.tmp), [])
    return run


def vm(case, *command, **how):
    return finish(case, start(case, *command, **how))


_built = {}


def planted(engine):
    """The module of faults, built once for each engine."""
    if engine not in _built:
        out = tempfile.mkdtemp(prefix="offloadd-hw-planted.")
        atexit.register(shutil.rmtree, out, ignore_errors=True)
        _built[engine] = out
        subprocess.run([os.path.join(HERE, "kernels.sh"), "--quiet", "module",
                        os.path.join(HERE, "planted"), engine, "--out", out],
                       check=True, stdout=subprocess.DEVNULL)
    return os.path.join(_built[engine], "planted.ko")


class Tests:
    def __init__(self):
        self.all = []

    def add(self, *engines):
        def keep(function):
            self.all.append((function, engines))
            return function
        return keep

    def main(self, text):
        words = sys.argv[1:]
        wanted = {"--engine": "", "-k": ""}
        if words in (["-h"], ["--help"]):
            print(text.strip())
            return 0
        while words:
            if words[0] not in wanted or len(words) < 2:
                print("unknown argument '%s'; see --help" % words[0],
                      file=sys.stderr)
                return 2
            wanted[words[0]] = words[1]
            words = words[2:]
        chosen = [(f, e) for f, engines in self.all for e in engines
                  if wanted["--engine"] in ("", e)
                  and wanted["-k"] in f.__name__]
        if not chosen:
            print("no test is called so", file=sys.stderr)
            return 2
        # ends through the tests' own cleaning
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        failed = [self.one(*case) for case in chosen].count(False)
        print("%d passed, %d failed" % (len(chosen) - failed, failed))
        return 1 if failed else 0

    @staticmethod
    def one(function, engine):
        case = Case(engine)
        name = "%s [%s]" % (function.__name__, engine)
        try:
            function(case)
            print("passed: " + name, flush=True)
            return True
        except Failed as reason:
            print("FAILED: %s: %s" % (name, reason), flush=True)
        except Exception:
            print("FAILED: %s: %s" % (name, traceback.format_exc()),
                  flush=True)
        finally:
            case.clean()
        return False
