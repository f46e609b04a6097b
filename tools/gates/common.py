# SPDX-License-Identifier: GPL-2.0-or-later
"""What every gate needs: the files of the tree, C without its comments, and
one way to report.

A gate is a program `tools/gates/NAME.py [--root DIR] [--build DIR]`.  It
prints one line `path:line: sentence` for each violation, then its counts, and
exits 1 if there was one; a gate counts as one test.  Gates read; they change nothing.  Standard library
only, so that they run before anything is installed.
"""
import argparse
import fnmatch
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TREE = os.path.dirname(os.path.dirname(HERE))

# Floors of the house, bottom first.  Rooms on one floor are siblings.
FLOORS = [
    ["lib"],
    ["base"],
    ["flow"],
    ["source", "policy", "placement", "provider", "store", "traffic"],
    ["engine"],
    # What it tells is all the engine's; northbound configures it.
    ["metrics"],
    ["northbound"],
    ["netconf"],
    ["main"],
]
LEVEL = {room: i for i, rooms in enumerate(FLOORS) for room in rooms}
PURE = {"flow", "policy", "placement", "traffic"}


def room_of(path):
    """The room of a path relative to the root; None outside the house."""
    parts = path.split("/")
    if parts[0] == "lib" and len(parts) == 2:
        return "lib"
    if parts[0] != "offloadd":
        return None
    return "main" if len(parts) == 2 else parts[1]


class Gate:
    """One run of a gate: its arguments, its findings, its exit status."""

    def __init__(self, doc, needs_build=False):
        self.name = os.path.splitext(os.path.basename(sys.argv[0]))[0]
        parser = argparse.ArgumentParser(
            description=doc, formatter_class=argparse.RawTextHelpFormatter)
        parser.add_argument("--root", default=TREE, help="the source tree")
        if needs_build:
            parser.add_argument("--build", required=True,
                                help="a configured and built directory")
        args = parser.parse_args()
        self.root = os.path.abspath(args.root)
        self.build = os.path.abspath(args.build) if needs_build else None
        self.findings = 0
        self.checked = 0

    def files(self, *suffixes, under=("",)):
        """Paths relative to the root, sorted; what git ignores is left out."""
        for path in tree_files(self.root):
            if path.endswith(suffixes) and path.startswith(tuple(under)):
                self.checked += 1
                yield path

    def read(self, path):
        with open(os.path.join(self.root, path), encoding="utf-8",
                  errors="replace", newline="") as f:
            return f.read()

    def exists(self, path):
        return os.path.exists(os.path.join(self.root, path))

    def fault(self, path, line, sentence):
        where = "%s:%d" % (path, line) if line else path
        print("%s: %s" % (where, sentence))
        self.findings += 1

    def finish(self):
        if not self.checked:
            print("%s: nothing was checked" % self.name)
            self.findings += 1
        print("%s: %d checked, %d violations"
              % (self.name, self.checked, self.findings))
        print("0 passed, 1 failed" if self.findings else "1 passed, 0 failed")
        sys.exit(1 if self.findings else 0)


def ignore_patterns(root):
    try:
        with open(os.path.join(root, ".gitignore"), encoding="utf-8") as f:
            lines = [line.strip() for line in f]
    except OSError:
        lines = []
    return [line for line in lines if line and not line.startswith("#")]


def is_ignored(path, is_dir, patterns):
    """The part of git's rules this tree uses: names, /anchors, dirs/."""
    for pattern in patterns:
        if pattern.endswith("/"):
            if not is_dir:
                continue
            pattern = pattern[:-1]
        if "/" in pattern:
            if fnmatch.fnmatch(path, pattern.lstrip("/")):
                return True
        elif fnmatch.fnmatch(path.rsplit("/", 1)[-1], pattern):
            return True
    return False


def tree_files(root):
    """Works without git: a release has no repository."""
    patterns = ignore_patterns(root)
    found = []
    for top, dirs, names in os.walk(root):
        rel = os.path.relpath(top, root)
        prefix = "" if rel == "." else rel + "/"
        dirs[:] = [d for d in dirs if d != ".git"
                   and not is_ignored(prefix + d, True, patterns)]
        found += [prefix + n for n in names
                  if not is_ignored(prefix + n, False, patterns)
                  and not os.path.islink(os.path.join(top, n))]
    return sorted(found)


TOKEN = re.compile(
    r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def blank(text):
    """The same number of characters and lines, without content."""
    return re.sub(r"[^\n]", " ", text)


def strip_c(text, strings=True):
    """C without comments, and without the inside of strings unless wanted.
    Offsets and line numbers stay."""
    def one(m):
        token = m.group(0)
        if token[0] == "/":
            return blank(token)
        if strings:
            return token[0] + blank(token[1:-1]) + token[0]
        return token
    return TOKEN.sub(one, text)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def make_vars(build, *names):
    """Values of make variables of a configured directory."""
    # Not -f -: make leaves its copy of standard input behind when it starts
    # itself again.
    rules = "ofl-print-vars:\n" + "".join(
        "\t@printf '%%s\\n' '$(%s)'\n" % n for n in names)
    out = subprocess.run(
        ["make", "-s", "--no-print-directory", "--eval=" + rules,
         "ofl-print-vars"],
        cwd=build, text=True, check=True, stdout=subprocess.PIPE)
    return out.stdout.splitlines()[-len(names):]
