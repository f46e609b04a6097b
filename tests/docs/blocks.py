#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Every command that the documents show is carried out.

    tests/docs/blocks.py [--jobs N] [--patience S] BUILD-DIR [FILE...]

Without FILE: all of doc/*.md and doc/user/*.md, and of README.md the blocks
that are marked.  Blocks are fences with a language:

    console   `# ` or `$ ` and a command, without a shell; then its output,
              where a line `...` is any lines and `...` in a line is anything
    vtysh     lines that are typed there, without prompts; none is refused
    frr       a piece of frr.conf: it loads, and show running-config has it
    xml       an rpc over NETCONF that is not refused; `xml {refused}` is one
              that is; `xml {reply}` and `xml {notification}` are what comes
    sql       statements on the database, which only read
    json      a text that is JSON
    python    a program
    file PATH what is to be in a file of the system
    c PATH    lines of a file of this tree
    text      a picture: not carried out

A comment `<!-- docs: NAME -->` before a block names its world (place.py),
`<!-- docs: skip WHY -->` leaves it out, `<!-- docs: run -->` only marks it.  A
comment that begins with `docs: LANGUAGE` and goes on for more lines is a block
that the reader does not see.  Each world of a page is one router, started once,
in namespaces of its own; blocks are carried out in their order.

One line a block; the last is "N passed, N failed, N skipped".  77 is the status
when it cannot run.  Needs root.
"""

import argparse
import concurrent.futures
import glob
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TREE = os.path.dirname(os.path.dirname(HERE))
TIMEOUT_S = 300
NOT_HERE = 77


def pages():
    """The documents; decisions are history."""
    found = glob.glob(TREE + "/doc/*.md") + glob.glob(TREE + "/doc/user/*.md")
    return sorted(found) + [TREE + "/README.md"]


def blocks_of(path):
    import page
    with open(path, encoding="utf-8") as f:
        return page.read(f.read(),
                         only_marked=os.path.basename(path) == "README.md")


# --- inside of a sandbox: one world of one page ---

def inside(build, path, name, patience):
    """A line of JSON for each block, on standard output as it was."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    import doing
    import place
    doing.patience_s = patience
    world = place.World(build, name)
    try:
        for block in blocks_of(path):
            if block.world == name and not block.skip and not block.fault:
                wrong = doing.do(world, block)
                print(json.dumps({"line": block.line, "wrong": wrong}),
                      file=out, flush=True)
    finally:
        world.stop()
    return 0


# --- outside ---

def run_world(build, path, name, patience):
    """What became of the blocks of a world, by line, and what else it said."""
    command = [sys.executable, "-B", TREE + "/tools/sandbox.py", "unshare",
               "--net", sys.executable, "-B", os.path.abspath(__file__),
               "--inside", name, "--patience", str(patience), build, path]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          errors="replace") as process:
        try:
            said, errors = process.communicate(timeout=TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.terminate()  # all that is in it goes with it
            said, errors = process.communicate()
            errors += f"not done in {TIMEOUT_S} s\n"
    results = [json.loads(line) for line in said.splitlines()]
    return {r["line"]: r["wrong"] for r in results}, errors.strip()


class Count:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def tell(self, where, block, wrong):
        what = f"{where}:{block.line} {block.language}" \
            + (" (not shown)" if block.hidden else "")
        if block.fault or wrong:
            self.failed += 1
            print(f"not ok - {what}\n" + "\n".join(
                "    " + line for line in
                (block.fault or wrong).splitlines()))
        elif block.skip:
            self.skipped += 1
            print(f"skip - {what}: {block.skip}")
        else:
            self.passed += 1
            print(f"ok - {what}")
        sys.stdout.flush()


def tell_page(count, path, blocks, results):
    """A block of which nothing was heard has not been executed: it failed."""
    where = os.path.relpath(path, TREE)
    for block in blocks:
        done, errors = results.get(block.world, ({}, ""))
        wrong = None
        if not block.skip and not block.fault:
            wrong = done[block.line] if block.line in done else \
                "it was not executed\n" + errors
        count.tell(where, block, wrong)


def worlds_of(blocks):
    names = [b.world for b in blocks if not b.skip and not b.fault]
    return list(dict.fromkeys(names))


def run_pages(build, paths, jobs, patience):
    count = Count()
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        todo = []
        for path in paths:
            blocks = blocks_of(path)
            todo.append((path, blocks, {
                name: pool.submit(run_world, build, path, name, patience)
                for name in worlds_of(blocks)}))
        for path, blocks, running in todo:
            tell_page(count, path, blocks,
                      {name: f.result() for name, f in running.items()})
    print(f"{count.passed} passed, {count.failed} failed, "
          f"{count.skipped} skipped")
    return 0 if count.passed and not count.failed else 1


def cannot(build):
    """Why this cannot run here, or None."""
    if os.geteuid() != 0:
        return "it makes namespaces: needs root"
    try:
        import page  # noqa: F401
        import place
    except ImportError as e:
        return f"{e}; python3-markdown-it has what reads Markdown"
    absent = place.missing(build)
    return f"there is no {absent[0]}" if absent else None


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--inside", help=argparse.SUPPRESS)
    parser.add_argument("--jobs", type=int, default=2,
                        help="worlds at a time (2)")
    parser.add_argument("--patience", type=int, default=30, metavar="S",
                        help="how long what is to become so may take (30)")
    parser.add_argument("build")
    parser.add_argument("files", nargs="*")
    args = parser.parse_args()
    build = os.path.abspath(args.build)
    files = [os.path.abspath(f) for f in args.files] or pages()
    if args.inside:
        return inside(build, files[0], args.inside, args.patience)
    reason = cannot(build)
    if reason:
        print(f"blocks.py: {reason}")
        return NOT_HERE
    for path in files:
        if not os.path.exists(path):
            print(f"blocks.py: there is no {path}")
            return 1
    return run_pages(build, files, args.jobs, args.patience)


if __name__ == "__main__":
    sys.exit(main())
