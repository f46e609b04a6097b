#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""reason.def as JSON: {name: [what it means, what would change it]}.

usage: report/reasons.py REASON.DEF
"""
import json
import re
import sys

ROW = re.compile(r'^OFL_REASON\(\w+,\s*"([^"]+)",\s*"([^"]+)",\s*"([^"]+)"\)',
                 re.M)


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        text = f.read()
    rows = ROW.findall(text)
    if not rows or len(rows) != len(re.findall(r"^OFL_REASON\(", text, re.M)):
        sys.exit(f"{sys.argv[1]}: not every reason was understood")
    json.dump({name: words for name, *words in rows}, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
