#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Every statement there is survives: each leaf of the models is set by a golden
configuration, and is the same after it was printed and loaded again.

    leaves.py DAEMON YANG-DIRECTORY...

asks yanglint for the leaves of the models that can be configured, and DAEMON
for the leaves that each NAME.conf sets to something else than the default.  A
leaf that none sets is one failed test: a new leaf needs a golden file.
"""
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import run as golden

MODULES = ("frr-offload", "frr-offload-acl")
YANG = golden.HERE.parent.parent / "yang"
# One line of the tree: its depth, its flags, its name, its mark, what follows.
NODE = re.compile(r"^((?:\|  |   |  )*)[+]--(rw|ro|-x|-n)? ?([^ ?*!]+)([?*!]?)"
                  r"(.*)$")


def plain(name):
    return name.split(":")[-1]


def schema_leaves(directories):
    """Paths of the leaves of configuration, without prefixes, without choices
    and their cases, which are not in data."""
    command = ["yanglint", "-f", "tree"]
    for directory in directories:
        command += ["-p", directory]
    proc = subprocess.run(
        [*command, *[str(YANG / f"{m}.yang") for m in MODULES]],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        check=False)
    if proc.returncode != 0:
        raise golden.Failure(f"yanglint: {proc.stdout}")
    # The second tree is that of the augment alone, its groupings not expanded.
    tree = proc.stdout.split("\nmodule: ")[0].splitlines()
    leaves, stack = set(), []
    for line in tree:
        node = NODE.match(line)
        if not node:
            continue
        depth, flags, name, mark, after = node.groups()
        del stack[len(depth):]
        stack += [""] * (len(depth) - len(stack))
        choice = name.startswith(("(", ":("))
        stack.append("" if choice else plain(name))
        is_list = after.lstrip().startswith("[")
        if flags == "rw" and not choice and mark != "!" and not is_list and \
           after.strip():
            leaves.add("/".join(s for s in stack if s))
    return leaves


def data_leaves(data, at=()):
    """Paths of the leaves in the JSON of a configuration."""
    if isinstance(data, dict):
        for name, value in data.items():
            yield from data_leaves(value, (*at, plain(name)))
    elif isinstance(data, list) and any(isinstance(d, dict) for d in data):
        for value in data:
            yield from data_leaves(value, at)
    else:
        yield "/".join(at)


def sorted_data(data):
    """Lists in one order, as the printed one may be another; and nothing that
    is empty, as a container is whose leaf was taken away."""
    if isinstance(data, dict):
        return {k: sorted_data(value) for k, value in data.items()
                if value != {}}
    if isinstance(data, list):
        return sorted((sorted_data(d) for d in data),
                      key=lambda d: json.dumps(d, sort_keys=True))
    return data


def loaded(daemon, config):
    """The data of a configuration, defaults aside; what is printed of it."""
    with golden.Daemon(daemon, [], config) as vty:
        code, text = vty.command("do show configuration running json")
        if code != 0:
            raise golden.Failure(text)
        data = json.loads(text).get("frr-offload:offload", {})
        return sorted_data(data), vty.running()


def survives(daemon, path, ret_seen):
    data, printed = loaded(daemon, golden.read(path))
    again, _ = loaded(daemon, printed)
    golden.compare("data after printing and loading",
                   json.dumps(data, indent=1).splitlines(),
                   json.dumps(again, indent=1).splitlines())
    ret_seen.update(data_leaves(data, ("offload",)))


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    if not shutil.which("yanglint"):
        print("yanglint is not there")
        sys.exit(77)
    daemon = os.path.abspath(sys.argv[1])
    seen = set()
    passed = failed = 0

    def told(name, failure):
        nonlocal passed, failed
        print(f"FAIL {name}: {failure}" if failure else f"ok   {name}")
        passed, failed = passed + (not failure), failed + bool(failure)

    for path in sorted(golden.HERE.glob("*.conf")):
        try:
            survives(daemon, path, seen)
        except golden.Failure as failure:
            told(path.name, failure)
        else:
            told(path.name, None)
    wanted = schema_leaves([str(YANG), *sys.argv[2:]])
    for leaf in sorted(wanted | seen):
        told(leaf, "no golden configuration sets it" if leaf not in seen else
             "not in the models" if leaf not in wanted else None)
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()
