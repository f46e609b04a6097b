#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Law 1 of the house: includes go down only; siblings never meet.

Reads every #include of lib/ and offloadd/ and refuses
  - an include of a room above, or of a sibling on the same floor;
  - any FRR header in lib/;
  - FRR headers other than typesafe.h, memory.h and jhash.h in the pure rooms
    (flow, policy, placement), also when one of our headers brings them;
    <zebra.h> is let in for its config.h alone, and
  - memory.h without <zebra.h> first: the layout of memory types depends on
    config.h, so the program would disagree with libfrr;
  - zclient.h outside the feeds and base/names.c;
  - our headers by a path that is not full from the root, or that is not there.
"""
import os
import re

from common import LEVEL, PURE, Gate, line_of, room_of, strip_c

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:"([^"\n]+)"|<([^>\n]+)>)',
                     re.M)
PURE_FRR = {"zebra.h", "typesafe.h", "memory.h", "jhash.h"}
# FRR's headers that are included with angle brackets.
FRR_ANGLE = {"zebra.h", "memory.h"}
ZCLIENT = re.compile(r"offloadd/(source/(zapi\w*\.c|zapi_private\.h|fpm\.c)|"
                     r"base/names\.c)$")


def includes(gate, path, cache={}):
    key = (gate.root, path)
    if key not in cache:
        text = strip_c(gate.read(path), strings=False)
        cache[key] = [(m.group(1), m.group(2), line_of(text, m.start()))
                      for m in INCLUDE.finditer(text)]
    return cache[key]


def is_ours(name):
    return name.startswith(("offloadd/", "lib/"))


def frr_reached(gate, path, seen):
    """FRR headers a file includes, itself or through headers of ours."""
    for quoted, angle, _ in includes(gate, path):
        if angle in FRR_ANGLE:
            yield angle, path
        elif quoted and is_ours(quoted):
            if quoted not in seen and gate.exists(quoted):
                seen.add(quoted)
                yield from frr_reached(gate, quoted, seen)
        elif quoted and quoted != "offload-config.h":
            yield quoted, path


def check_ours(gate, path, room, target, line):
    other = room_of(target)
    if not gate.exists(target):
        if not target.endswith("_clippy.c"):
            gate.fault(path, line, "includes %s, which does not exist" % target)
    elif other not in LEVEL:
        gate.fault(path, line, "includes %s of an unknown room" % target)
    elif other != room and LEVEL[other] == LEVEL[room]:
        gate.fault(path, line, "room %s includes its sibling %s (%s)"
                   % (room, other, target))
    elif LEVEL[other] > LEVEL[room]:
        gate.fault(path, line, "room %s includes upward: %s (%s)"
                   % (room, other, target))


def check_file(gate, path):
    room = room_of(path)
    if room not in LEVEL:
        gate.fault(path, 0, "is in no room of the house")
        return
    for quoted, angle, line in includes(gate, path):
        name = quoted or angle
        if quoted and is_ours(quoted):
            check_ours(gate, path, room, quoted, line)
            continue
        if quoted and gate.exists(os.path.join(os.path.dirname(path), quoted)) \
                and not quoted.endswith("_clippy.c"):
            gate.fault(path, line, "includes our %s without its full path"
                       % quoted)
            continue
        if room == "lib" and (quoted and quoted != "offload-config.h"
                              or angle in FRR_ANGLE):
            gate.fault(path, line, "lib/ includes %s of FRR" % name)
        if name == "zclient.h" and not ZCLIENT.match(path):
            gate.fault(path, line, "only the feeds include zclient.h")
    reached = list(frr_reached(gate, path, set()))
    first = [angle for quoted, angle, _ in includes(gate, path)
             if quoted != "offload-config.h"][:1]
    if path.endswith(".c") and first != ["zebra.h"] \
            and any(name == "memory.h" for name, _ in reached):
        gate.fault(path, 0, "uses memory.h but does not include <zebra.h> first")
    if room in PURE:
        for name, via in reached:
            if name not in PURE_FRR:
                gate.fault(path, 0, "the pure room %s includes %s of FRR%s" % (
                    room, name, "" if via == path else " through " + via))


def main():
    gate = Gate(__doc__)
    for path in gate.files(".c", ".h", ".def", under=("lib/", "offloadd/")):
        check_file(gate, path)
    gate.finish()


if __name__ == "__main__":
    main()
