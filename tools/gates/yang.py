#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The models are clean and drawn.

  - yanglint has nothing to say about any module in yang/, but those of yang/ietf,
    which are as they were published;
  - doc/yang-tree.md is what tools/yang-tree.py prints.
"""
import os
import shutil
import subprocess
import sys

from common import Gate, HERE


def yang_dir(gate):
    """Where FRR's modules are, as the build was configured."""
    with open(os.path.join(gate.build, "Makefile"), encoding="utf-8") as f:
        for line in f:
            if line.startswith("FRR_YANGDIR = "):
                return line.split(" = ")[1].strip()
    return "/usr/share/yang"


def run(*command):
    return subprocess.run(command, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)


def check_module(gate, path, frr):
    gate.checked += 1
    places = []
    for where in (os.path.join(gate.root, "yang"),
                  os.path.join(gate.root, "yang", "ietf"), frr):
        if os.path.isdir(where):
            places += ["-p", where]
    result = run("yanglint", *places, os.path.join(gate.root, path))
    if result.returncode or result.stdout:
        gate.fault(path, 0, "yanglint says: " + result.stdout.strip())


def check_tree(gate, frr):
    gate.checked += 1
    result = run(sys.executable, os.path.join(HERE, "..", "yang-tree.py"),
                 "--root", gate.root, "--yang-dir", frr)
    if not gate.exists("doc/yang-tree.md") or \
            result.stdout != gate.read("doc/yang-tree.md"):
        gate.fault("doc/yang-tree.md", 0,
                   "is not what tools/yang-tree.py prints")


def main():
    gate = Gate(__doc__, needs_build=True)
    if not shutil.which("yanglint"):
        print("skipped: there is no yanglint (libyang2-tools)")
        sys.exit(77)
    frr = yang_dir(gate)
    modules = [p for p in gate.files(".yang")
               if p.startswith("yang/") and not p.startswith("yang/ietf/")]
    for path in modules:
        check_module(gate, path, frr)
    if "yang/frr-offload.yang" in modules:
        check_tree(gate, frr)
    gate.finish()


if __name__ == "__main__":
    main()
