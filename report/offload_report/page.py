# SPDX-License-Identifier: GPL-2.0-or-later
"""The page: one file, without anything from elsewhere.

It is readable without its script, and the policy in its head lets nothing else
run or be fetched, whatever a word from the database may contain.
"""
import base64
import hashlib
import os

from .chart import count
from .markup import join, raw, tag
from .sections import (churners, classes, events, ident, moment, one_table,
                       tile, times, why, words)
from .span import duration, stamp


def part_of(name):
    """page.css, page.js: ours, and beside this file."""
    path = os.path.join(os.path.dirname(__file__), name)
    with open(path, encoding="utf-8") as f:
        return raw(f.read())


def size(n):
    for unit in ("KiB", "MiB"):
        n /= 1024
        if n < 1024:
            return f"{n:.1f} {unit}"
    n /= 1024
    return f"{n:.1f} GiB"


def plural(n, word):
    return f"{count(n)} {word}" + ("" if n == 1 else "s")


def notes(f, options):
    """What is not in it, and why; sentences."""
    out = []
    if f.lost_records or f.lost:
        out.append(f"{plural(f.lost_records, 'record')} of this span were "
                   "lost because the disk could not be written; the last time "
                   f"this was said at {stamp(f.lost[-1][0])}. Sums of changes "
                   "are too low by as much.")
    if f.unknown_until is not None:
        out.append(f"History before {stamp(f.unknown_until)} was deleted, as "
                   "configured by database history-limit, history-days and "
                   "size-limit, or by hand: charts of changes begin there.")
    if f.gaps:
        gone = sum(b - a for a, b in f.gaps)
        out.append("offloadd did not run, or did not record, "
                   f"{times(len(f.gaps))}, {duration(gone)} in all: "
                   "the grey stretches.")
    if "table_sample" not in f.rows:
        out.append("The database was made by an older offloadd, which did "
                   f"not record how full tables are (schema {f.version}): "
                   "these charts are missing.")
    if f.stale:
        out.append(f"{plural(f.stale, 'flow')} of an earlier run of offloadd "
                   "are not counted as flows of now: not all routes are back "
                   "after a restart, or the daemon ended before they were.")
    if f.off_clock:
        out.append(f"{plural(f.off_clock, 'record')} with a time before the "
                   "year 2000 or in the future, when the clock was wrong, "
                   "in no chart.")
    if options.table is not None:
        out.append(f"Only table {options.table} is shown.")
    return out


def header(f, options):
    facts = [tile(count(f.rows["history"]), "changes recorded",
                  f"{count(f.in_span['history'])} in this span"),
             tile(count(f.rows["event"]), "events recorded",
                  f"{count(f.in_span['event'])} in this span")]
    if "table_sample" in f.rows:
        facts.append(tile(count(f.rows["table_sample"]), "samples recorded",
                          f"{count(f.in_span['table_sample'])} in this span"))
    facts += [tile(count(f.rows["flow"]), "flows now"),
              tile(count(f.lost_records), "records lost",
                   "in this span" if f.span else None)]
    lines = [tag("p", "From ", moment(f.span.begin), " to ",
                 moment(f.span.end), f" UTC, {duration(f.span.end - f.span.begin)}",
                 class_="span") if f.span else None,
             tag("p", "Database ", tag("code", f.path), f", {size(f.bytes)}, "
                 "read ", moment(f.made_us),
                 " while offloadd had it open" if f.is_live else "",
                 class_="source")]
    return tag("header", tag("h1", f.title), *lines,
               tag("dl", *facts, class_="tiles"))


def navigation(links):
    return tag("nav", tag("ul", *[tag("li", tag("a", words, href="#" + name))
                                  for name, words in links]),
               aria_label="Sections")


def note_box(sentences):
    if not sentences:
        return None
    return tag("aside", tag("h2", "What is not in it"),
               tag("ul", *[tag("li", s) for s in sentences]),
               class_="notes", aria_label="What is not in it")


def body(f, options):
    if f.span is None:
        empty = "The database is empty: offloadd has recorded nothing yet." \
            if not f.now else "Nothing is recorded with a time; the flows of " \
            "now are below."
        parts = [tag("p", empty, class_="nothing empty")]
        if f.now:
            parts += [classes(f), why(f)]
        return join([header(f, options), tag("main", *parts, id="main")])
    tables = [f.tables[name] for name in sorted(f.tables)
              if name != "fib" or f.tables[name].occupancy
              or any(f.tables[name].arrived)]
    links = [(ident("table", t.name), "Table " + t.name) for t in tables]
    links += [("why", "Why in software"), ("classes", "Classes and states"),
              ("hardware", "Refused"), ("events", "Events"),
              ("churn", "Changed most")]
    sections = [one_table(f, t) for t in tables]
    if not tables:
        sections = [tag("p", "Nothing is recorded of a hardware table in "
                        "this span.", class_="nothing")]
    sections += [why(f), classes(f), words(f), events(f), churners(f)]
    return join([header(f, options), navigation(links),
                 note_box(notes(f, options)),
                 tag("main", *sections, id="main")])


def policy(script):
    digest = base64.b64encode(hashlib.sha256(
        script.encode("utf-8")).digest()).decode()
    return ("default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
            f"script-src 'sha256-{digest}'; base-uri 'none'; "
            "form-action 'none'")


def make_page(f, options):
    script = part_of("page.js")
    head = tag(
        "head", tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy",
            content=policy(script)),
        tag("meta", name="viewport",
            content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("meta", name="generator",
            content=f"offload-report {options.version}"),
        # Without it a browser asks the directory for a picture.
        tag("link", rel="icon", href="data:,"),
        tag("title", f.title), tag("style", part_of("page.css")))
    footer = tag(
        "footer", tag("p", "All times are UTC. A line is drawn only where a "
                      "value was recorded. Made by offload-report "
                      f"{options.version}."))
    return "<!DOCTYPE html>\n" + tag(
        "html", head, tag("body", tag("a", "To the charts", href="#main",
                                      class_="skip"), body(f, options),
                          footer, tag("div", id="tip", role="status",
                                      aria_live="polite", hidden=True),
                          tag("script", script)), lang="en") + "\n"
