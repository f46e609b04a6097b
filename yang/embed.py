#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Compile YANG modules into one C table, for a loadable module that carries
its modules with it.  FRR's embedmodel.py is no help there: what it makes is
entered into libfrr's own list, for libfrr's own context.

Usage: embed.py HEADER OUTPUT MODULE.yang ...
"""
import re
import sys

NAME = re.compile(r"^\s*(?:sub)?module\s+([A-Za-z0-9_.-]+)\s*\{", re.M)
REVISION = re.compile(r"^\s*revision\s+\"?(\d{4}-\d\d-\d\d)\"?\s*[;{]", re.M)


def literal(text):
    """C string literals, one for each line."""
    out = []
    for line in text.splitlines():
        line = line.replace("\\", "\\\\").replace('"', '\\"')
        line = line.replace("\t", "\\t").replace("?", "\\?")
        out.append('\t\t"%s\\n"' % line)
    return "\n".join(out)


def main(argv):
    if len(argv) < 4:
        sys.exit(__doc__)
    header, output, paths = argv[1], argv[2], argv[3:]
    with open(output, "w", encoding="ascii") as out:
        out.write("/* Made by embed.py. */\n#include <stddef.h>\n"
                  '#include "%s"\n\n' % header)
        out.write("const struct ofl_nc_module ofl_nc_modules[] = {\n")
        for path in paths:
            with open(path, encoding="ascii") as file:
                text = file.read()
            name, revisions = NAME.search(text), REVISION.findall(text)
            if not name or not revisions:
                sys.exit("%s: no name or no revision" % path)
            out.write('\t{"%s", "%s",\n%s},\n'
                      % (name.group(1), max(revisions), literal(text)))
        out.write("\t{NULL, NULL, NULL},\n};\n")


main(sys.argv)
