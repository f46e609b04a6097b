#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Form that keeps a room pleasant.

SPDX line first; no .c over 800 lines; no function over 60 in the product;
header guards after the path; no trailing spaces, carriage returns or missing
final newline; no paths of one machine, no host names of package archives.
"""
import re

from common import Gate, line_of, strip_c

SPDX = "SPDX-License-Identifier: GPL-2.0-or-later"
SPDX_FIRST = (".c", ".h", ".def", ".py", ".sh", ".am", ".ac", ".yang", ".8")
TEXT = SPDX_FIRST + (".md", ".conf", ".json")
PRODUCT = ("lib/", "offloadd/", "vtysh/", "bench/")
FILE_LINES = 800
FUNCTION_LINES = 60
# {"path:function": lines}: none is tolerated, and none should be.
TOLERATED = {}

# A function body: '{' in the first column after a line that ends with ')',
# possibly with attributes between; FRR's DEFUN and DEFPY look the same.
BODY = re.compile(r"^\{$.*?^\}", re.M | re.S)
NAME = re.compile(r"(\w+)\s*\(")

# Home directories, scratch and work space of one machine.  A path that
# follows a variable or another directory is fine, so is a mkstemp template.
MACHINE = re.compile(
    r"(?<![\w$}\)\]>*.~-])/(?:home|root|work|mnt|srv|Users|tmp)/(?!\S*X{6})[\w.]+")
# Named by FRR's own code that we work around; not ours to choose.
FOREIGN = {"/tmp/gearlogdir", "/tmp/topotests"}
# Hosts that are called "deb", "registry" and the like: where packages come
# from is the machine's affair.
ARCHIVE = re.compile(
    r"\b(?:deb|security|snapshot|archive|ftp\d*|registry|repos?|mirrors?|"
    r"proxy|index|pypi|packages)\.[a-z0-9-]+\.(?:org|com|io|net|dev)\b", re.I)


def check_first_line(gate, path, lines):
    first = lines[1] if lines[0].startswith("#!") and len(lines) > 1 \
        else lines[0]
    if SPDX not in first:
        gate.fault(path, 1, "does not begin with its SPDX line")


def check_guard(gate, path, text):
    guard = re.sub(r"\W", "_", path).upper()
    m = re.search(r"^#ifndef (\w+)\n#define \1$", text, re.M)
    # vtysh/vtysh_x.h: the directory need not be said twice.
    short = "OFL_" + guard.split("_", 1)[1]
    if not m or m.group(1) not in (guard, short):
        gate.fault(path, 1, "has no guard %s" % guard)


def check_functions(gate, path, text):
    code = strip_c(text)
    for m in BODY.finditer(code):
        before = code[:m.start()].rstrip()
        if not before.endswith(")"):
            continue
        start = before.rfind("\n\n") + 1
        name = NAME.search(before, start)
        name = name.group(1) if name else "?"
        lines = m.group(0).count("\n") + 1
        if lines > TOLERATED.get("%s:%s" % (path, name), FUNCTION_LINES):
            gate.fault(path, line_of(code, m.start()),
                       "%s() has %d lines, over %d"
                       % (name, lines, FUNCTION_LINES))


def check_lines(gate, path, text, lines):
    for i, line in enumerate(lines, 1):
        if line.endswith("\r"):
            gate.fault(path, i, "ends with a carriage return")
        elif line != line.rstrip():
            gate.fault(path, i, "trailing space")
        m = MACHINE.search(line)
        if m and m.group(0) not in FOREIGN:
            gate.fault(path, i, "%s is a path of one machine" % m.group(0))
        m = ARCHIVE.search(line)
        if m:
            gate.fault(path, i, "%s is the name of a package archive"
                       % m.group(0))
    if not text.endswith("\n"):
        gate.fault(path, len(lines), "has no newline at its end")


def main():
    gate = Gate(__doc__)
    for path in gate.files(""):
        # Inputs of fuzzers: any bytes; modules of others, as they were
        # published.
        if path.startswith(("tests/fuzz/corpus/", "yang/ietf/")):
            continue
        if not path.endswith(TEXT) and "." in path.rsplit("/", 1)[-1]:
            continue
        text = gate.read(path)
        if path == "COPYING" or not text or "\0" in text:
            continue
        lines = text.split("\n")
        if lines[-1] == "":
            lines.pop()
        check_lines(gate, path, text, lines)
        if path.endswith(SPDX_FIRST) or lines[0].startswith("#!"):
            check_first_line(gate, path, lines)
        if path.endswith(".c") and len(lines) > FILE_LINES:
            gate.fault(path, len(lines), "has %d lines, over %d"
                       % (len(lines), FILE_LINES))
        if path.endswith(".h") and path.startswith(PRODUCT):
            check_guard(gate, path, text)
        if path.endswith((".c", ".h")) and path.startswith(PRODUCT):
            check_functions(gate, path, text)
    gate.finish()


if __name__ == "__main__":
    main()
