#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Draws what ./demo.sh printed, shortened, as a terminal.

    ./demo.sh > FILE && tools/demo-picture.py FILE --write

makes doc/pictures/demo.svg anew; without --write it is printed.  Lines are as
they were: some are left out, none is changed.
"""
import argparse
import os
import re
import sys
from xml.sax.saxutils import escape

TREE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PICTURE = TREE + "/doc/pictures/demo.svg"
TITLE = "== "
# What is shown of the section whose title begins so; the last match of each.
SHOWN = (
    ("A routing table", (r"prefixes made up",)),
    ("Two routers", (r"edge +zebra", r"upstream +zebra")),
    ("The table fills", (r"\[#", r"after \d+ s", r"routes wait in software",
                         r"entries are covers", r"prefix in hardware would",
                         r"routes need no entry")),
    ("How good is that", (r"show offload table main", r"Slots:", r"Quality:",
                          r"Hit share:", r"Price of a slot:")),
    ("300 new routes", (r"\[#", r"evictions made room")),
    ("One route explained", (r"edge# show offload route", r"State:",
                             r"Reason:", r"Meaning:", r"Changed by:")),
    ("The history", (r"seen +->", r"sent +->", r"-> leaving",
                     r"leaving +-> waiting")),
    ("All of it happened", ()),
)
CHAR, LINE, SIZE, EDGE, BAR = 7.25, 17, 12, 14, 26
PAPER, INK, BRIGHT, GREEN, GREY = ("#1e2430", "#d5dae3", "#ffffff", "#8fce8f",
                                   "#8a93a3")


class Wrong(Exception):
    pass


def sections(text):
    """(title, its lines)"""
    found = []
    for line in text.splitlines():
        if line.startswith(TITLE):
            found.append((line[len(TITLE):], []))
        elif found:
            found[-1][1].append(line.rstrip())
    return found


def shorten(text):
    """The lines of the picture; (line, is it a title)."""
    there = sections(text)
    lines = []
    for begin, patterns in SHOWN:
        section = next((s for s in there if s[0].startswith(begin)), None)
        if section is None:
            raise Wrong(f"there is no section '{begin}...'")
        last = {}
        for number, line in enumerate(section[1]):
            for pattern in patterns:
                if re.search(pattern, line):
                    last[pattern] = number
        missing = [p for p in patterns if p not in last]
        if missing:
            raise Wrong(f"section '{begin}...' has no line with {missing[0]}")
        lines += [("", False)] if lines else []
        lines.append((section[0], True))
        lines += [(section[1][n], False) for n in sorted(set(last.values()))]
    return lines


def drawn(lines):
    width = round(max(len(line) for line, _ in lines) * CHAR) + 2 * EDGE
    height = BAR + EDGE + len(lines) * LINE + EDGE // 2
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} '
        f'{height}" width="{width}" height="{height}" role="img" '
        f'font-family="monospace" font-size="{SIZE}">',
        "<!-- SPDX-License-Identifier: GPL-2.0-or-later -->",
        "<!-- Made by tools/demo-picture.py. -->",
        "<title>./demo.sh</title>",
        "<desc>What the demonstration prints, shortened</desc>",
        f'<rect width="{width}" height="{height}" rx="8" fill="{PAPER}"/>',
    ]
    out += [f'<circle cx="{18 + 18 * i}" cy="15" r="5" fill="{GREY}"/>'
            for i in range(3)]
    out.append(f'<text x="{width // 2}" y="19" fill="{GREY}" '
               'text-anchor="middle"># ./demo.sh</text>')
    for number, (line, is_title) in enumerate(lines):
        if not line:
            continue
        ink = BRIGHT if is_title else GREEN if "edge#" in line else INK
        bold = ' font-weight="bold"' if is_title else ""
        out.append(
            f'<text x="{EDGE}" y="{BAR + EDGE + number * LINE}" fill="{ink}"'
            f'{bold} textLength="{len(line) * CHAR:.1f}" '
            f'lengthAdjust="spacing" xml:space="preserve">{escape(line)}'
            "</text>")
    return "\n".join(out) + "\n</svg>\n"


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("file", help="what ./demo.sh printed")
    parser.add_argument("--write", action="store_true",
                        help="write doc/pictures/demo.svg")
    args = parser.parse_args()
    try:
        with open(args.file, encoding="utf-8") as f:
            picture = drawn(shorten(f.read()))
    except (OSError, Wrong) as e:
        print(f"demo-picture: {e}", file=sys.stderr)
        return 1
    if not args.write:
        sys.stdout.write(picture)
        return 0
    with open(PICTURE, "w", encoding="utf-8") as f:
        f.write(picture)
    return 0


if __name__ == "__main__":
    sys.exit(main())
