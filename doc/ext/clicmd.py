# SPDX-License-Identifier: GPL-2.0-or-later
"""Commands of offloadd in Sphinx: each has an entry with its syntax, an anchor
and a place in the index.

    :::{clicmd} capacity (1-16777216)|auto
    :mode: table
    :default: `auto`
    :also: no capacity

    What it does.
    :::

`mode` is the block in which the command is given; without it, it is one of the
enable mode.  A table whose first column is headed `command` makes the same of
each command in that column, without a definition.  A roff manual page is put in
by {manpage}, its text made by groff.

The builder is told how many entries there are.
"""

import re
import subprocess

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx import addnodes
from sphinx.directives import ObjectDescription
from sphinx.errors import SphinxError
from sphinx.transforms import SphinxTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

log = logging.getLogger(__name__)
MODES = {
    "offload": "in `offload`", "table": "in `offload`, `table`",
    "rule": "in `offload`, `rule`", "acl": "in `offload`, `acl`",
    "nacm": "in `nacm`", "group": "in `nacm`, `group`",
    "rule-list": "in `nacm`, `rule-list`",
    "nacm-rule": "in `nacm`, `rule-list`, `rule`",
    "configure": "configuration", "terminal": "at the daemon's terminal",
}


def anchor(mode, syntax):
    """cmd-table-capacity-1-16777216-auto"""
    words = re.findall(r"[a-z0-9]+", f"{mode or 'enable'} {syntax}".lower())
    return "-".join(["cmd", *words])


def entries(env):
    if not hasattr(env, "clicmd_entries"):
        env.clicmd_entries = {}
    return env.clicmd_entries


def index_of(mode, syntax, node_id):
    """One syntax may be there in several blocks."""
    return ("single", f"{syntax} ({mode})" if mode else syntax, node_id, "",
            None)


def remember(env, docname, node_id, where):
    """One command has one entry: two would be two truths."""
    known = entries(env).setdefault(node_id, docname)
    if known != docname:
        log.warning("%s is described in %s, too", node_id, known,
                    location=where)


class Clicmd(ObjectDescription):
    option_spec = {"mode": directives.unchanged_required,
                   "default": directives.unchanged_required,
                   "also": directives.unchanged_required,
                   "noindex": directives.flag}

    def get_signatures(self):
        return [self.arguments[0].strip(),
                *filter(None, [self.options.get("also", "").strip()])]

    def handle_signature(self, sig, signode):
        signode += addnodes.desc_name(sig, sig)
        return sig

    def add_target_and_index(self, name, sig, signode):
        mode = self.options.get("mode")
        if mode and mode not in MODES:
            log.warning("no mode '%s'; there are %s", mode, ", ".join(MODES),
                        location=signode)
        node_id = anchor(mode, name)
        signode["ids"].append(node_id)
        self.state.document.note_explicit_target(signode)
        remember(self.env, self.env.docname, node_id, signode)
        self.indexnode["entries"].append(index_of(mode, name, node_id))

    def words(self, text):
        """Text with code in it, as Markdown has it."""
        line = nodes.inline(classes=["clicmd-where"])
        for i, part in enumerate(text.split("`")):
            line += nodes.literal(part, part) if i % 2 else nodes.Text(part)
        return line

    def transform_content(self, contentnode):
        mode = self.options.get("mode")
        said = [MODES.get(mode, "")] if mode else []
        if "default" in self.options:
            said.append("default: " + self.options["default"])
        if said:
            contentnode.insert(0, nodes.paragraph(
                "", "", self.words("; ".join(said)), classes=["clicmd-where"]))


class CommandTables(SphinxTransform):
    """The commands in the first column of tables of them."""

    default_priority = 400

    def apply(self, **kwargs):
        for table in self.document.findall(nodes.table):
            head = next(iter(table.findall(nodes.thead)), None)
            if head is not None and head.astext().startswith("command"):
                for row in next(table.findall(nodes.tbody)).children:
                    self.row(row.children[0])

    def row(self, cell):
        for code in list(cell.findall(nodes.literal)):
            syntax = code.astext()
            node_id = anchor(None, syntax)
            index = addnodes.index(entries=[index_of(None, syntax, node_id)])
            target = nodes.target("", "", ids=[node_id])
            self.document.note_explicit_target(target)
            remember(self.env, self.env.docname, node_id, code)
            code.parent.insert(code.parent.index(code), [index, target])


class Manpage(SphinxDirective):
    """A page of this directory, as a terminal shows it."""

    required_arguments = 1

    def run(self):
        _, path = self.env.relfn2path(self.arguments[0])
        self.env.note_dependency(path)
        command = ["groff", "-man", "-Tutf8", "-rLL=80n", "-P-c", "-P-b",
                   "-P-u", path]
        try:
            done = subprocess.run(command, capture_output=True, text=True,
                                  check=True)
        except (OSError, subprocess.CalledProcessError) as e:
            raise SphinxError(f"{path}: groff cannot show it: {e}") from e
        if done.stderr:
            log.warning("%s: %s", path, done.stderr.strip())
        return [nodes.literal_block(done.stdout, done.stdout,
                                    language="none")]


def forget(app, env, docname):
    for node_id in [i for i, d in entries(env).items() if d == docname]:
        del entries(env)[node_id]


def count(app, env):
    log.info("%d commands have an entry", len(entries(env)))


def setup(app):
    app.add_directive("clicmd", Clicmd)
    app.add_directive("manpage", Manpage)
    app.add_transform(CommandTables)
    app.connect("env-purge-doc", forget)
    app.connect("env-check-consistency", count)
    return {"version": "1", "parallel_read_safe": False}
