#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The documents say what the program does.

  - the user guide explains every reason of reason.def by name;
  - the manual page names every option that `offloadd --help` prints;
  - a link from one document to a file of the tree leads somewhere.
"""
import os
import re
import subprocess

from common import Gate, line_of

REASON = re.compile(r'^OFL_REASON\(\w+,\s*"([^"]+)"', re.M)
OPTION = re.compile(r"^\s*(?:(-\w)(?:, (--[\w-]+))?|(--[\w-]+))\b", re.M)
LINK = re.compile(r"\[[^\]]*\]\(([^)#:\s]+)(?:#[^)]*)?\)")


def check_reasons(gate):
    guide = gate.read("doc/user-guide.md")
    for name in REASON.findall(gate.read("offloadd/flow/reason.def")):
        gate.checked += 1
        if "`%s`" % name not in guide:
            gate.fault("doc/user-guide.md", 0,
                       "does not explain the reason `%s`" % name)


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
            if not gate.exists(target):
                gate.fault(path, line_of(text, m.start()),
                           "links to %s, which does not exist" % m.group(1))


def main():
    gate = Gate(__doc__, needs_build=True)
    check_reasons(gate)
    check_options(gate)
    check_links(gate)
    gate.finish()


if __name__ == "__main__":
    main()
