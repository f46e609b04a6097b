# SPDX-License-Identifier: GPL-2.0-or-later
"""HTML that cannot be anything else than what was meant.

Text becomes markup only by tag() and raw(): every other string is escaped, so
words from hardware or names of tables stay words.
"""
import html
import re

# Not allowed in HTML, not even as references.
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff"
                     "\ufdd0-\ufdef\ufffe\uffff]")
VOID = {"br", "meta", "link", "rect", "path", "line", "hr"}


class Markup(str):
    """Text that is HTML already."""
    __slots__ = ()


def raw(text):
    """For text of the program's own, never for text of a database."""
    return Markup(text)


def escape(value):
    if isinstance(value, Markup):
        return value
    text = CONTROL.sub("\ufffd", str(value))
    return Markup(html.escape(text, quote=True))


def join(parts, between=""):
    return Markup(between.join(
        escape(p) for p in parts if p is not None and p != ""))


def attributes(attrs):
    out = []
    for name, value in attrs.items():
        if value is None or value is False:
            continue
        name = name.rstrip("_").replace("_", "-")
        out.append(f" {name}" if value is True
                   else f' {name}="{escape(value)}"')
    return "".join(out)


def tag(name, /, *children, **attrs):
    """<name attrs>children</name>; None among the children is left out."""
    if name in VOID and not children:
        return Markup(f"<{name}{attributes(attrs)}>" if name in
                      ("br", "meta", "link", "hr")
                      else f"<{name}{attributes(attrs)}/>")
    return Markup(f"<{name}{attributes(attrs)}>{join(children)}</{name}>")
