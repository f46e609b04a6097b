# SPDX-License-Identifier: GPL-2.0-or-later
"""What of a Markdown page is to be executed: its blocks, in their order, each
with its language, its world and what an HTML comment before it says.

It runs nothing.  A page that cannot be read as it should gives blocks with a
`fault`: the sentence that says what is wrong.
"""

import re

from markdown_it import MarkdownIt

# What blocks of a language are is told in run.py, next to what is done to them.
EXECUTED = ("console", "vtysh", "frr", "xml", "sql", "json", "python", "file",
            "c")
PICTURES = ("text",)
COMMENT = re.compile(r"<!--\s*docs:\s*(.*?)\s*-->", re.S)
WORLD = re.compile(r"[a-z][a-z0-9]*(/[a-z0-9-]+)?")
DEFAULT_WORLD = "emulated"


class Block:
    def __init__(self, line, language, info, text, world):
        self.line, self.language, self.info = line, language, info
        self.text, self.world = text, world
        self.skip = None   # why it is left out
        self.fault = None  # what is wrong with the page here
        self.hidden = False

    def __repr__(self):
        return f"{self.line} {self.language} {self.world}"


def tokens(tokens_of_page):
    """Those that matter, in their order: fences, indented code, HTML."""
    for token in tokens_of_page:
        if token.type in ("fence", "code_block", "html_block"):
            yield token


def fenced(token, world):
    info = token.info.strip()
    language, _, rest = info.partition(" ")
    block = Block(token.map[0] + 1, language, rest.strip(), token.content,
                  world)
    if language not in EXECUTED:
        block.fault = f"no language '{language}'; there are " \
            + ", ".join(EXECUTED + PICTURES)
    return block


def hidden(line, words, world):
    """A comment of several lines: a language and what it is to do, unseen."""
    first, _, text = words.partition("\n")
    language, _, rest = first.strip().partition(" ")
    block = Block(line, language, rest.strip(), text + "\n", world)
    block.hidden = True
    if language not in EXECUTED:
        block.fault = f"no language '{language}' in a comment of several lines"
    return block


class Reader:
    """Comments are about the next block; this is what they have said."""

    def __init__(self, only_marked):
        self.only_marked = only_marked
        self.blocks = []
        self.forget()

    def forget(self):
        self.world, self.skip, self.marked = DEFAULT_WORLD, None, None

    def wrong(self, line, sentence):
        block = Block(line, "comment", "", "", DEFAULT_WORLD)
        block.fault = sentence
        self.blocks.append(block)

    def comment(self, line, words):
        if "\n" in words:
            self.blocks.append(hidden(line, words, self.world))
            self.forget()
        elif words.split()[:1] == ["skip"]:
            self.skip = words[4:].strip()
            self.marked = line
            if not self.skip:
                self.wrong(line, "`docs: skip` does not say why")
        elif words == "run":
            self.marked = line
        elif WORLD.fullmatch(words):
            self.world, self.marked = words, line
        else:
            self.wrong(line, f"'{words}' is neither `skip WHY` nor a world")

    def html(self, token):
        for m in COMMENT.finditer(token.content):
            self.comment(token.map[0] + 1 + token.content.count(
                "\n", 0, m.start()), m[1])

    def code(self, token):
        """A block; a fence like {note} is a directive, its content prose."""
        if token.type == "fence" and token.info.strip() in PICTURES:
            return
        if token.type == "code_block":
            block = Block(token.map[0] + 1, "indented", "", token.content,
                          self.world)
            block.fault = "indented: make it a fence with a language"
        else:
            block = fenced(token, self.world)
        block.skip = self.skip
        if self.marked is not None or not self.only_marked:
            self.blocks.append(block)
        self.forget()

    def end(self):
        if self.marked is not None:
            self.wrong(self.marked, "this comment is about no block")


def is_directive(token):
    return token.type == "fence" and token.info.strip().startswith("{")


def read(text, only_marked=False):
    """The blocks of a page.  With only_marked those count that have a comment
    before them: a page for whom reads it first is not all for execution."""
    reader = Reader(only_marked)
    for token in tokens(MarkdownIt("commonmark").parse(text)):
        if token.type == "html_block":
            reader.html(token)
        elif not is_directive(token):
            reader.code(token)
    reader.end()
    return reader.blocks
