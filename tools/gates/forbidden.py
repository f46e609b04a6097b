#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls and words that have no place in this tree.

  everywhere   a shell started from C or Python, unbounded string functions,
               SQL put together by printf, marks of unfinished work
  the product  programs started, SQLite but through lib/sqldb.c, scripts for it
               that are no literal
  pure rooms   clocks, sockets, logging, randomness
  the house    a flow's state written by anyone but ofl_flow_transition()
"""
import re

from common import PURE, Gate, line_of, room_of, strip_c

C_CALLS = {
    "system": "starts a shell", "popen": "starts a shell",
    "wordexp": "starts a shell",
    "sprintf": "has no bound; snprintf", "vsprintf": "has no bound; vsnprintf",
    "strcpy": "has no bound; strlcpy", "strcat": "has no bound; strlcat",
    "stpcpy": "has no bound; strlcpy", "strncat": "is misread; strlcat",
    "gets": "has no bound; fgets", "alloca": "has no bound",
    "strtok": "keeps state; strsep or strtok_r",
    "atoi": "cannot tell an error; strtoul", "atol": "cannot tell an error; strtol",
    "atoll": "cannot tell an error; strtoll", "atof": "cannot tell an error; strtod",
    "mktemp": "is a race; mkstemp", "tmpnam": "is a race; mkstemp",
}
PURE_CALLS = (
    r"ofl_clock_\w+|ofl_ev_\w+|clock_gettime|gettimeofday|time|monotime|"
    r"socket|connect|bind|listen|accept|send|sendto|sendmsg|recv|recvfrom|"
    r"recvmsg|open|fopen|read|write|printf|fprintf|syslog|zlog\w*|flog_\w+|"
    r"ofl_debug|rand|random|getrandom|frr_weak_random|sleep|usleep")
# Split, so that this file does not contain what it looks for.
UNFINISHED = re.compile(r"\b(" + "|".join(
    ("TO" "DO", "FIX" "ME", "XX" "X", "not " "implemented", "place" "holder"))
    + r")\b(?!X)")
SQL = re.compile(r"^\s*(SELECT|INSERT|UPDATE|DELETE|REPLACE|CREATE|DROP|ALTER|"
                 r"ATTACH|VACUUM)\b", re.I)
PRINTF = re.compile(r"\b(?:as|s|sn|vs|vsn|vas|f|d)?n?printf(?:frr)?\s*\(|"
                    r"\bsqlite3_v?m?s?n?printf\s*\(|\bbprintfrr\s*\(")
STRING = re.compile(r'"((?:\\.|[^"\\\n])*)"')
CALL = re.compile(r"(?<![\w.>])(%s)\s*\(" % "|".join(C_CALLS))
PURE_CALL = re.compile(r"(?<![\w.>])(%s)\s*\(" % PURE_CALLS)
PROGRAM = re.compile(
    r"(?<![\w.>])(exec[lv]p?e?|execvpe|fexecve|posix_spawnp?|v?fork)\s*\(")
SHELL = re.compile(r'(?<![\w.>])(exec[lv]p?e?|posix_spawnp?)\s*\([^;]*?'
                   r'"(?:/bin/|/usr/bin/)?(?:ba|da|k)?sh"')
SQLITE = re.compile(r"(?<![\w.>])(sqlite3_(?:exec|prepare\w*|get_table))\s*\(")
SQL_EXEC = re.compile(r"(?<![\w.>])ofl_sqldb_exec\s*\(")
# Where SQL is carried out, and where its scripts are in a table of constants.
SQLDB = "lib/sqldb.c"
SCRIPTS = {"offloadd/store/schema.c": "ladder[v]"}
STATE = re.compile(r"\b(?:f|flow)->state\s*=(?!=)")
PYTHON = [
    (re.compile(r"\bos\.(system|popen)\s*\("), "starts a shell"),
    (re.compile(r"\bshell\s*=\s*True\b"), "starts a shell"),
    (re.compile(r"\.execute(?:many|script)?\(\s*(?:f[\"']|[\"'][^\"'\n]*[\"']\s*(?:%|\.format|\+))"),
     "puts SQL together from text"),
]


def statement_end(code, start):
    """Offset after the closing parenthesis of the call that opens at start."""
    depth = 0
    for i in range(start, len(code)):
        if code[i] == "(":
            depth += 1
        elif code[i] == ")":
            depth -= 1
            if not depth:
                return i
    return len(code)


def check_sql(gate, path, code, full):
    """code: without strings; full: with them, same offsets."""
    for m in PRINTF.finditer(code):
        end = statement_end(code, m.end() - 1)
        texts = STRING.findall(full[m.end():end])
        if any(SQL.match(t) for t in texts) and any("%" in t for t in texts):
            gate.fault(path, line_of(code, m.start()),
                       "SQL put together by printf; bind a parameter")


def is_literal(path, code, start, end):
    """Is the last argument of the call a string, or a constant named above?"""
    argument = code[start + 1:end].split(",", 1)[-1].strip()
    strings = re.fullmatch(r'(?:"[^"]*"\s*|[A-Z_0-9]+\s*)+', argument)
    return bool(strings) or argument == SCRIPTS.get(path)


def check_programs(gate, path, code, full):
    """No program is started by the product, a shell by nobody; and SQL is
    text of ours, not of the world's."""
    if room_of(path):
        for m in PROGRAM.finditer(code):
            gate.fault(path, line_of(code, m.start()),
                       "%s() starts a program" % m.group(1))
    else:
        for m in SHELL.finditer(full):
            gate.fault(path, line_of(full, m.start()),
                       "%s() starts a shell" % m.group(1))
    if not room_of(path) or path == SQLDB:
        return
    for m in SQLITE.finditer(code):
        gate.fault(path, line_of(code, m.start()),
                   "%s() outside %s" % (m.group(1), SQLDB))
    for m in SQL_EXEC.finditer(code):
        if path.endswith(".c") and not is_literal(
                path, code, m.end() - 1, statement_end(code, m.end() - 1)):
            gate.fault(path, line_of(code, m.start()),
                       "ofl_sqldb_exec() of something that is no literal")


def check_c(gate, path, text):
    code = strip_c(text)
    check_programs(gate, path, code, strip_c(text, strings=False))
    for m in CALL.finditer(code):
        gate.fault(path, line_of(code, m.start()), "%s() %s"
                   % (m.group(1), C_CALLS[m.group(1)]))
    check_sql(gate, path, code, strip_c(text, strings=False))
    room = room_of(path)
    if room in PURE:
        for m in PURE_CALL.finditer(code):
            gate.fault(path, line_of(code, m.start()),
                       "%s() in the pure room %s" % (m.group(1), room))
    if room and room != "flow":
        for m in STATE.finditer(code):
            gate.fault(path, line_of(code, m.start()),
                       "only ofl_flow_transition() changes a flow's state")


def check_python(gate, path, text):
    for pattern, why in PYTHON:
        for m in pattern.finditer(text):
            gate.fault(path, line_of(text, m.start()),
                       "%s %s" % (m.group(0).strip(), why))


def main():
    gate = Gate(__doc__)
    for path in gate.files(".c", ".h", ".def", ".py", ".sh", ".am", ".ac",
                           ".yang", ".md", ".8"):
        text = gate.read(path)
        for m in UNFINISHED.finditer(text):
            gate.fault(path, line_of(text, m.start()),
                       "'%s' marks something unfinished" % m.group(0))
        if path.endswith((".c", ".h")):
            check_c(gate, path, text)
        elif path.endswith(".py") and not path.startswith(
                ("tools/gates/", "tests/gates/")):
            check_python(gate, path, text)
    gate.finish()


if __name__ == "__main__":
    main()
