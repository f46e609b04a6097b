# SPDX-License-Identifier: GPL-2.0-or-later
"""Links in Markdown that lead out of doc/, to a file of the tree, and languages
of blocks that only tests/docs/blocks.py knows.

In the tree such a link is right (tools/gates/docs.py looks); beside HTML there
is no such file, so there it is its text.  `{reply}` after a language and a path
after `file` or `c` are for the program that executes blocks.
"""

import os
import re

from pygments.lexers.special import TextLexer

# `file` and `frr` have no colours; the others are known to Pygments.
PLAIN = ("frr", "vtysh", "file", "text")


class Plain(TextLexer):
    aliases = list(PLAIN)


def leads_out(app, docname, target):
    """Is it a file of the tree that Sphinx has no page of?"""
    path = target.split("#")[0]
    where = os.path.normpath(os.path.join(
        app.srcdir, os.path.dirname(docname), path))
    inside = where.startswith(app.srcdir + os.sep)
    if inside and os.path.splitext(where)[1] == ".md":
        return False
    return os.path.exists(where)


def unlink(app, docname, source):
    """Before the parser sees it: `[text](../x)` becomes its text."""
    def one(m):
        return m[1] if leads_out(app, docname, m[2]) else m[0]
    source[0] = re.sub(r"(?<!!)\[([^\]]*)\]\(([^)#:\s]+)(?:#[^)]*)?\)", one,
                       source[0])
    # What stands after the language of a fence is not Sphinx's.
    source[0] = re.sub(r"(?m)^(\s*```(?:xml|file|c)) .*$", r"\1", source[0])


def setup(app):
    app.connect("source-read", unlink)
    for name in PLAIN:
        app.add_lexer(name, Plain)
    return {"version": "1", "parallel_read_safe": True}
