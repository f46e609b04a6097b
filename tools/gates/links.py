#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Law 2 of the house: a unit test links its room and those below.

tests/unit/ROOM.am (or ROOM_PART.am, of a room with many tests) may name
libofl_ROOM.a and the libraries of lower floors.
If placement called a provider, its test would not link; that only proves
something while nobody adds the provider to the test.  Refuses another
library, and a source file of a room named directly.
"""
import re

from common import LEVEL, Gate

LIBRARY = re.compile(r"\blibofl_(\w+)\.a\b")
SOURCES = re.compile(r"^tests_unit_\w+_SOURCES\s*[+]?=((?:.*\\\n)*.*)", re.M)


def check(gate, path, room, text):
    for m in LIBRARY.finditer(text):
        other = m.group(1)
        line = text.count("\n", 0, m.start()) + 1
        if other not in LEVEL:
            gate.fault(path, line, "names libofl_%s.a of no room" % other)
        elif other != room and LEVEL[other] >= LEVEL[room]:
            gate.fault(path, line, "a test of %s links %s" % (room, other))
    for m in SOURCES.finditer(text):
        for word in m.group(1).split():
            if word.startswith(("offloadd/", "lib/")):
                gate.fault(path, text.count("\n", 0, m.start()) + 1,
                           "a test compiles %s itself; link its room" % word)


def main():
    gate = Gate(__doc__)
    for path in gate.files(".am", under=("tests/unit/",)):
        room = path.rsplit("/", 1)[-1][:-len(".am")].split("_")[0]
        if room not in LEVEL:
            gate.fault(path, 0, "is named after no room")
            continue
        check(gate, path, room, gate.read(path))
    gate.finish()


if __name__ == "__main__":
    main()
