#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The documents say what the program does.

  - the user guide explains every reason of reason.def by name;
  - the operator guide has a row for every reason, and for no other: what to look
    at, and what to do next;
  - every command has an entry, which Sphinx puts into the index: a directive
    {clicmd}, or a row of a table whose first column is headed `command`; and
    each of its keywords is in an entry of that command, or in the text of one;
  - doc/metrics.md has every metric of metric.def, with its type, and no other;
  - the manual page names every option that `offloadd --help` prints;
  - a link from one document to a file of the tree leads somewhere.
"""
import os
import re
import subprocess

from common import Gate, line_of, strip_c

REASON = re.compile(r'^OFL_REASON\(\w+,\s*"([^"]+)"', re.M)
OPTION = re.compile(r"^\s*(?:(-\w)(?:, (--[\w-]+))?|(--[\w-]+))\b", re.M)
METRIC = re.compile(r'^OFL_METRIC\(\w+,\s*(\w+),\s*"(\w+)"', re.M)
METRIC_ROW = re.compile(r"^\| `(offloadd_\w+)` \| (\w+) \|", re.M)
SUFFIX = {"COUNTER": "_total", "INFO": "_info"}
LINK = re.compile(r"\[[^\]]*\]\(([^)#:\s]+)(?:#[^)]*)?\)")
DEFPY = re.compile(r"^DEF(?:PY|UN)\w*\(\s*\w+,\s*\w+,\s*((?:[^,\"]|\"[^\"]*\")*),",
                   re.M)
CLICMD = re.compile(r"^:::\{clicmd\} (.*)\n((?:.*\n)*?):::$", re.M)
ALSO = re.compile(r"^:also: (.*)$", re.M)
ROW = re.compile(r"^\|(.*?)(?<!\\)\|(.*)$")
# A reason, what to look at, what to do next.
TO_DO = re.compile(r"^\| `([a-z-]+)` \|[^|]*\|([^|]*)\|$", re.M)
# Words that every command of their kind takes, explained once.
EVERYWHERE = {"no", "json"}
# What FRR has and a daemon only answers.
OF_FRR = {"show debugging"}


def guide_pages(gate):
    return [p for p in gate.files(".md", under=("doc/",))
            if not p.startswith("doc/decisions/")]


def check_reasons(gate):
    guide = "".join(gate.read(p) for p in gate.files(
        ".md", under=("doc/user-guide.md", "doc/user/")))
    for name in REASON.findall(gate.read("offloadd/flow/reason.def")):
        gate.checked += 1
        if "`%s`" % name not in guide:
            gate.fault("doc/user/states.md", 0,
                       "does not explain the reason `%s`" % name)


def check_what_to_do(gate):
    page = "doc/operator-guide.md"
    text = gate.read(page)
    told = {m[1]: m for m in TO_DO.finditer(text)}
    for name in REASON.findall(gate.read("offloadd/flow/reason.def")):
        gate.checked += 1
        row = told.pop(name, None)
        if not row:
            gate.fault(page, 0, "has no row for the reason `%s`" % name)
        elif not row[2].strip():
            gate.fault(page, line_of(text, row.start()),
                       "does not say what to do about `%s`" % name)
    for name, row in told.items():
        gate.fault(page, line_of(text, row.start()),
                   "there is no reason `%s`" % name)


def rows(text):
    """(command cell, the rest) of tables of commands."""
    inside = False
    for line in text.splitlines():
        m = ROW.match(line)
        if not m:
            inside = False
        elif m[1].strip().startswith("command"):
            inside = True
        elif inside and not m[1].startswith("---"):
            yield m[1], m[2]


def entries(gate):
    """(words of the syntax, all that is said) of each entry."""
    for path in guide_pages(gate):
        text = gate.read(path)
        for m in CLICMD.finditer(text):
            for syntax in [m[1], *ALSO.findall(m[2])]:
                yield syntax, m[0]
        for cell, rest in rows(text):
            for syntax in re.findall(r"`([^`]+)`", cell):
                yield syntax.replace("\\|", "|"), cell + rest


def leads(syntax):
    """The fixed words that a command begins with; several if it begins with
    one of several."""
    syntax = re.sub(r"\$\w+", "", syntax)
    syntax = re.sub(r"^(\[no\]|no)\s+", "", syntax)
    m = re.match(r"<([a-z|-]+)>", syntax)
    if m:
        return [(word,) for word in m[1].split("|")]
    found = []
    for word in syntax.split():
        if not re.fullmatch(r"[a-z][a-z0-9-]*", word):
            break
        found.append(word)
    return [tuple(found)]


def keywords(syntax):
    """Those after what it begins with, if that is one of several."""
    syntax = re.sub(r"\$\w+", "", syntax)
    syntax = re.sub(r"^(no\s+)?<[a-z|-]+>", "", syntax)
    return set(re.findall(r"(?<![\w.:-])[a-z][a-z0-9-]*(?![\w:-])",
                          syntax)) - EVERYWHERE


def commands(gate):
    """(path, line, syntax) of what the daemon defines."""
    for path in gate.files(".c", under=("offloadd/",)):
        text = strip_c(gate.read(path), strings=False)
        for m in DEFPY.finditer(text):
            syntax = "".join(re.findall(r'"([^"]*)"', m[1]))
            yield path, line_of(text, m.start()), syntax


def check_commands(gate):
    said = [(tuple(re.findall(r"[^\s|\[\]()<>{}]+", syntax)), text)
            for syntax, text in entries(gate)]
    said = [(words[1:] if words[:1] == ("no",) else words, text)
            for words, text in said]
    for path, line, syntax in commands(gate):
        if syntax in OF_FRR:
            continue
        gate.checked += 1
        for lead in leads(syntax):
            about = [text for words, text in said
                     if words[:len(lead)] == lead]
            if not about:
                gate.fault(path, line, "`%s` has no entry in the documents"
                           % " ".join(lead))
                continue
            known = set(re.findall(r"[a-z][a-z0-9-]*", " ".join(about)))
            for word in sorted(keywords(syntax) - known):
                gate.fault(path, line, "`%s`: no entry of it says `%s`"
                           % (" ".join(lead), word))


def check_metrics(gate):
    page = "doc/metrics.md"
    text = gate.read(page)
    rows = {m.group(1): m for m in METRIC_ROW.finditer(text)}
    for kind, family in METRIC.findall(
            gate.read("offloadd/metrics/metric.def")):
        gate.checked += 1
        name = family + SUFFIX.get(kind, "")
        row = rows.pop(name, None)
        if not row:
            gate.fault(page, 0, "does not say the metric %s" % name)
        elif row.group(2) != kind.lower():
            gate.fault(page, line_of(text, row.start()),
                       "%s is a %s" % (name, kind.lower()))
    for name, row in rows.items():
        gate.fault(page, line_of(text, row.start()),
                   "there is no metric %s" % name)


def check_options(gate):
    daemon = os.path.join(gate.build, "offloadd/offloadd")
    result = subprocess.run([daemon, "--help"], text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    page = gate.read("doc/offloadd.8").replace("\\-", "-")
    options = {o for m in OPTION.finditer(result.stdout)
               for o in m.groups() if o}
    if not options:
        gate.fault("offloadd", 0, "--help prints no option")
    for option in sorted(options):
        gate.checked += 1
        if not re.search(r"(?<![\w-])%s(?![\w-])" % re.escape(option), page):
            gate.fault("doc/offloadd.8", 0, "does not say option %s" % option)


def check_links(gate):
    for path in gate.files(".md"):
        text = gate.read(path)
        for m in LINK.finditer(text):
            target = os.path.normpath(
                os.path.join(os.path.dirname(path), m.group(1)))
            if not gate.exists(target) and m.group(1) != "genindex":
                gate.fault(path, line_of(text, m.start()),
                           "links to %s, which does not exist" % m.group(1))


def main():
    gate = Gate(__doc__, needs_build=True)
    check_reasons(gate)
    check_what_to_do(gate)
    check_commands(gate)
    check_metrics(gate)
    check_options(gate)
    check_links(gate)
    gate.finish()


if __name__ == "__main__":
    main()
