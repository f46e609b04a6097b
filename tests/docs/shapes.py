#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""doc/show-json.md against the answers of every show command.

usage: tests/docs/shapes.py BUILD_DIR

A router is brought from one state to the next (tests/vtysh/everything.py); in
each of them every command is asked with `json`.  Every member of an answer has
to be in the tables of the document, with its type, and every member of the
tables that is not marked *(if)* in every answer.  Marked ones that were never
seen are counted and named: what hardware of this machine cannot show.

Runs as root in namespaces of its own.  The last line is "N passed, N failed";
77 is the status when it cannot run.
"""

import json
import os
import re
import sys

TREE = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
sys.path.insert(0, TREE + "/tests/vtysh")
import everything  # noqa: E402
import run as v  # noqa: E402
from run import ask, check  # noqa: E402

DOCUMENT = TREE + "/doc/show-json.md"
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
HEADING = re.compile(r"(##|###) (.*)")
MEMBER = re.compile(r"`([^`]+)`( \*\(if\)\*)?")
TYPE = re.compile(r"(`array of` )?(?:`(\w+)`|\[([\w-]+)\]\(#([\w-]+)\))")
SIMPLE = {
    "string": lambda x: isinstance(x, str),
    "boolean": lambda x: isinstance(x, bool),
    "number": lambda x: isinstance(x, int) and not isinstance(x, bool),
    "real": lambda x: isinstance(x, (int, float)) and not isinstance(x, bool),
    "time": lambda x: isinstance(x, str) and bool(TIME.fullmatch(x)),
}


class Member:
    """A row of a table: one name, or any (`*`)."""

    def __init__(self, is_if, is_array, simple, shape):
        self.is_if, self.is_array = is_if, is_array
        self.simple, self.shape = simple, shape
        self.seen = 0


class Shape:
    def __init__(self, name):
        self.name = name
        self.members = {}
        self.spread = []  # names of shapes whose members it has
        self.used = False


class Document:
    """Its commands and its shapes, each a Shape; raises Failed if a table is
    not of the regular form."""

    def __init__(self, text):
        self.commands, self.shapes = {}, {}
        here = None
        for number, line in enumerate(text.splitlines(), 1):
            m = HEADING.fullmatch(line)
            if m:
                here = self.section(m.group(1), m.group(2), number)
            elif here and line.startswith("|"):
                self.row(here, line, number)
        for shape in [*self.commands.values(), *self.shapes.values()]:
            check(shape.members or shape.spread,
                  f"section {shape.name} has no table")
            named = {m.shape for m in shape.members.values() if m.shape}
            for name in named | set(shape.spread):
                check(name in self.shapes,
                      f"{shape.name} names {name}, which has no section")

    def section(self, level, title, number):
        where = self.commands if level == "##" else self.shapes
        if level == "##":
            check(title.startswith("show ") and title.endswith(" json"),
                  f"line {number}: no command: {title}")
            title = title[:-len(" json")]
        check(title not in where, f"line {number}: {title} is there twice")
        where[title] = Shape(title)
        return where[title]

    def row(self, shape, line, number):
        cells = [c.strip() for c in line.strip("|").split("|")]
        if cells == ["member", "type", "meaning"] or \
                all(re.fullmatch("-+", c) for c in cells):
            return
        check(len(cells) == 3, f"line {number}: not three cells: {line}")
        names = MEMBER.findall(cells[0])
        types = TYPE.findall(cells[1])
        check(names and MEMBER.sub("", cells[0]).strip(", ") == "",
              f"line {number}: no names: {cells[0]}")
        check(types and TYPE.sub("", cells[1]).strip(", ") == "" and
              len(types) in (1, len(names)),
              f"line {number}: no type: {cells[1]}")
        for (name, is_if), kind in zip(names, types * len(names)
                                       if len(types) == 1 else types):
            array, simple, text, link = kind
            check(text == link, f"line {number}: a link to somewhere else")
            check(not simple or simple in SIMPLE,
                  f"line {number}: no type: {simple}")
            if name == "...":
                check(text and not array, f"line {number}: no shape to spread")
                shape.spread.append(text)
                continue
            check(name not in shape.members, f"line {number}: {name} again")
            shape.members[name] = Member(bool(is_if), bool(array), simple,
                                         text)

    def members(self, shape):
        """Of the shape and of those it spreads."""
        shape.used = True
        found = dict(shape.members)
        for name in shape.spread:
            for key, member in self.members(self.shapes[name]).items():
                check(key not in found, f"{shape.name}: {key} is there twice")
                found[key] = member
        return found


class Judge:
    """Holds answers against the document, and keeps what is wrong."""

    def __init__(self, document):
        self.document = document
        self.faults = {}
        self.answers = self.errors = 0

    def fault(self, where, what, command):
        self.faults.setdefault(f"{where}: {what}", command)

    def answer(self, section, command, value):
        self.answers += 1
        if not isinstance(value, dict):
            self.fault(section, "the answer is no object", command)
            return
        if "error" in value:
            self.errors += 1
            if not isinstance(value.pop("error"), str):
                self.fault(section, "error is no string", command)
            if not value:
                return
        self.object(section, self.document.commands[section], value, command)

    def object(self, where, shape, value, command):
        members = self.document.members(shape)
        for key, part in value.items():
            member = members.get(key) or members.get("*")
            if not member:
                self.fault(where, f"{key} is not in the document", command)
                continue
            member.seen += 1
            self.value(f"{where}.{key}", member, part, command)
        for key, member in members.items():
            if not member.is_if and key != "*" and key not in value:
                self.fault(where, f"{key} is missing", command)

    def value(self, where, member, part, command):
        if member.is_array and not isinstance(part, list):
            self.fault(where, "is no array", command)
            return
        for item in part if member.is_array else [part]:
            if member.simple:
                if not SIMPLE[member.simple](item):
                    self.fault(where, f"is no {member.simple}: {item!r}",
                               command)
            elif not isinstance(item, dict):
                self.fault(where, "is no object", command)
            else:
                self.object(where, self.document.shapes[member.shape], item,
                            command)


# --- tests ---

build = document = judge = None


def test_document():
    """Every table is of the regular form."""
    global document, judge
    with open(DOCUMENT, encoding="utf-8") as f:
        document = Document(f.read())
    judge = Judge(document)
    print(f"  {len(document.commands)} commands, {len(document.shapes)} shapes")


def ask_all(stage):
    for command, section in everything.commands():
        check(section in document.commands,
              f"doc/show-json.md has no section: {section} json")
        out = ask(f"{command} json", status=None)
        try:
            judge.answer(section, f"{command} json ({stage})",
                         json.loads(out))
        except ValueError as e:
            judge.fault(command, f"is no JSON: {e}", stage)


def test_answers():
    for stage, reach in everything.stages(build):
        reach()
        ask_all(stage)
    check(judge.answers > 100, "too few answers", judge.answers)
    print(f"  {judge.answers} answers, {judge.errors} of them errors")
    check(not judge.faults, "answers and document differ",
          *[f"{what}  [{command}]" for what, command in
            sorted(judge.faults.items())])


def test_sections():
    """No section is of a command, and no shape of an answer, that is not."""
    asked = {section for _, section in everything.commands()}
    check(set(document.commands) == asked, "sections of no command",
          *(set(document.commands) ^ asked))
    named = {m.shape for s in [*document.commands.values(),
                               *document.shapes.values()]
             for m in s.members.values()}
    for shape in [*document.commands.values(), *document.shapes.values()]:
        named.update(shape.spread)
    check(set(document.shapes) <= named, "shapes that nothing names",
          *(set(document.shapes) - named))


def test_seen():
    """What must be there was seen; what may be is told."""
    unseen, count = [], 0
    for shape in [*document.commands.values(), *document.shapes.values()]:
        for name, member in shape.members.items():
            count += 1
            if not member.seen:
                unseen.append((shape.name, name, member.is_if))
    print(f"  {count - len(unseen)} of {count} members were seen; not seen:")
    for shape, name, _ in unseen:
        print(f"    {shape}: {name}")
    check(len(unseen) * 4 < count, "most must be seen")


def main():
    global build
    inside = sys.argv[1:2] == ["--inside"]
    paths = sys.argv[2 if inside else 1:]
    if len(paths) != 1:
        sys.exit(__doc__)
    build = os.path.abspath(paths[0])
    v.vtysh_path = f"{build}/vtysh/vtysh"
    v.offloadd_path = f"{build}/offloadd/offloadd"
    for path in (v.vtysh_path, v.offloadd_path, f"{v.SBIN}/zebra"):
        if not os.access(path, os.X_OK):
            print(f"{path} is not there")
            sys.exit(77)
    v.enter_namespaces(__file__, inside, [build])
    everything.make_links()
    sys.exit(v.run_tests(globals()))


if __name__ == "__main__":
    main()
