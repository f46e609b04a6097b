#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""offload-reload with every statement of the golden configurations.

usage: tests/vtysh/statements.py VTYSH OFFLOADD OFFLOAD-RELOAD

A part of reload.py that takes as long as the rest of it, so that they can run
side by side.  The last line is "N passed, N failed".
"""
from pathlib import Path

import reload as r
import run as v
from run import check

GOLDEN = Path(__file__).resolve().parent.parent / "golden"


def only_blocks(text):
    """The configuration without all leaves: every one has to be taken away."""
    heads = ("offload", " table ", " rule ", " acl ", "nacm", " group ",
             " rule-list ", "  rule ")
    return "".join(l + "\n" for l in r.canonical(text)
                   if l.startswith(heads) or l.strip() == "exit")


def test_every_statement():
    """From each golden configuration to the next, and to its bare blocks."""
    r.fresh()
    for file in sorted(GOLDEN.glob("*.conf")):
        text = file.read_text()
        for what, wanted in (("whole", text), ("bare", only_blocks(text))):
            r.only_ours(text=wanted)
            r.are_ours(wanted, f"{file.name}, {what}")
        # Another spelling of it.
        r.only_ours(text="\n".join(
            "offl" if l == "offload" else l.strip()
            for l in r.canonical(text)) + "\n")
        r.are_ours(text, f"{file.name}: unindented")
        v.run("-f", r.FILE)
        r.are_ours(text, f"{file.name}: by vtysh -f")
        check(r.planned(text, "--offload-only") == [],
              f"{file.name}: not the same twice")
    r.only_ours(text="!\n")
    got = r.ours()
    check(got == [], "nothing wanted", got)


if __name__ == "__main__":
    r.main(__file__, globals())
