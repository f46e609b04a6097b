#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Prints doc/yang-tree.md, or writes it: the tree diagram of the models.

Both modules are loaded, so what frr-offload-acl adds stands where it belongs.
The gate `yang` compares what this prints with what is there.
"""
import argparse
import os
import subprocess
import sys

TREE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
HEAD = """# The models as a tree

`frr-offload` with what `frr-offload-acl` adds to it, as RFC 8340 draws trees.
Written by `tools/yang-tree.py --write`; what each node means is said in
[yang/frr-offload.yang](../yang/frr-offload.yang) and
[yang/frr-offload-acl.yang](../yang/frr-offload-acl.yang).

```text
"""


def tree(root, yang_dir):
    """The diagram; ends the program if yanglint has anything to say."""
    models = [os.path.join(root, "yang", m + ".yang")
              for m in ("frr-offload-acl", "frr-offload")]
    result = subprocess.run(
        ["yanglint", "-p", os.path.join(root, "yang"), "-p", yang_dir,
         "-f", "tree"] + models,
        text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if result.returncode or result.stderr:
        sys.exit("yanglint: " + result.stderr.strip())
    # The second one has the nodes of the first in their places.
    lines = result.stdout.splitlines()
    return lines[lines.index("module: frr-offload"):]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--root", default=TREE, help="the source tree")
    parser.add_argument("--yang-dir", default="/usr/share/yang",
                        help="where FRR's models are")
    parser.add_argument("--write", action="store_true",
                        help="write the document instead of printing it")
    args = parser.parse_args()
    lines = (line.rstrip() for line in tree(args.root, args.yang_dir))
    text = HEAD + "\n".join(lines).rstrip("\n") + "\n```\n"
    if not args.write:
        sys.stdout.write(text)
        return
    path = os.path.join(args.root, "doc/yang-tree.md")
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


if __name__ == "__main__":
    main()
