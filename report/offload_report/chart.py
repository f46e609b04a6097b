# SPDX-License-Identifier: GPL-2.0-or-later
"""Charts as SVG inside the page.

The drawing is stretched to whatever width there is; lines keep their width and
words are HTML beside it, so both stay readable on a telephone and on paper.
What a place of the drawing says is a <title> in it: browsers show it without
any script, page.js shows it sooner and by keyboard.
"""
import math

from .markup import join, tag

WIDTH = 1000


def count(n):
    return f"{n:,}"


def short(n):
    """For an axis."""
    for unit, size in (("G", 10 ** 9), ("M", 10 ** 6), ("k", 10 ** 3)):
        if abs(n) >= size * 10 or (abs(n) >= size and n % (size // 10) == 0):
            return f"{n / size:g}{unit}"
    return f"{n:g}"


def nice_ticks(most, parts=4):
    """Round numbers from 0 to at least `most`."""
    step = 1
    if most > parts:
        size = 10 ** math.floor(math.log10(most / parts))
        step = next(size * m for m in (1, 2, 2.5, 5, 10)
                    if size * m * parts >= most and size * m == int(size * m))
    ticks = [int(step * i) for i in range(parts + 1)]
    while len(ticks) > 2 and ticks[-2] >= most:
        ticks.pop()
    return ticks


def coordinate(v):
    return f"{v:.1f}".rstrip("0").rstrip(".")


class Plot:
    """One drawing over a span of time; values from `low` to `high`."""

    def __init__(self, span, high, low=0, height=200):
        self.span, self.height = span, height
        self.high, self.low = max(high, low + 1), low
        self.parts = []

    def x(self, at):
        return self.span.part(at) * WIDTH

    def y(self, value):
        part = (value - self.low) / (self.high - self.low)
        return (1 - min(max(part, 0), 1)) * self.height

    def add(self, name, *children, **attrs):
        self.parts.append(tag(name, *children, **attrs))

    def grid(self, values):
        for v in values:
            y = coordinate(self.y(v))
            self.add("path", d=f"M0 {y}H{WIDTH}",
                     class_="axis" if v == 0 else "grid")

    def area(self, a, b, cls, title=None):
        """From one time to another, over the whole height."""
        x, end = self.x(a), self.x(b)
        self.add("rect", tag("title", title) if title else None,
                 x=coordinate(x), y=0, width=coordinate(max(end - x, 1)),
                 height=self.height, class_=cls)

    def steps(self, points, end, cls):
        """A value holds until the next one, the last until `end`."""
        if not points:
            return
        d = [f"M{coordinate(self.x(points[0][0]))}"
             f" {coordinate(self.y(points[0][1]))}"]
        for at, value in points[1:]:
            d.append(f"H{coordinate(self.x(at))}V{coordinate(self.y(value))}")
        # A run of one sample is a dot: round ends make it one.
        d.append(f"H{coordinate(self.x(end))}")
        if len(points) == 1:
            d[-1] = f"H{coordinate(max(self.x(end), self.x(points[0][0])))}"
        self.add("path", d="".join(d), class_="line " + cls)

    def under(self, points, end, cls):
        """The area below such a line."""
        if not points:
            return
        d = [f"M{coordinate(self.x(points[0][0]))} {self.height}"]
        for at, value in points:
            d.append(f"H{coordinate(self.x(at))}V{coordinate(self.y(value))}")
        d.append(f"H{coordinate(self.x(end))}V{self.height}Z")
        self.add("path", d="".join(d), class_=cls)

    def band(self, points, end, cls):
        """Between least and most, where they differ: (at, least, most)."""
        d = []
        for i, (at, least, most) in enumerate(points):
            if least == most:
                continue
            until = points[i + 1][0] if i + 1 < len(points) else end
            x, right = self.x(at), max(self.x(until), self.x(at) + 1)
            d.append(f"M{coordinate(x)} {coordinate(self.y(least))}"
                     f"V{coordinate(self.y(most))}H{coordinate(right)}"
                     f"V{coordinate(self.y(least))}Z")
        if d:
            self.add("path", d="".join(d), class_=cls)

    def bars(self, values, cls, base=None):
        """One a bucket, from `base` (a list, or 0) up or down."""
        d = []
        for i, v in enumerate(values):
            if not v:
                continue
            a, b = self.span.edges(i)
            x, right = self.x(a), self.x(b)
            inset = min((right - x) * 0.08, 2)
            low = base[i] if base else 0
            d.append(f"M{coordinate(x + inset)} {coordinate(self.y(low))}"
                     f"V{coordinate(self.y(low + v))}"
                     f"H{coordinate(right - inset)}"
                     f"V{coordinate(self.y(low))}Z")
        if d:
            self.add("path", d="".join(d), class_="bar " + cls)

    def hits(self, words):
        """What each bucket says: (bucket, sentence)."""
        parts = []
        for i, sentence in words:
            a, b = self.span.edges(i)
            x, right = self.x(a), self.x(b)
            parts.append(tag("rect", tag("title", sentence),
                             x=coordinate(x), y=0, height=self.height,
                             width=coordinate(max(right - x, 0.5))))
        self.add("g", *parts, class_="hits")

    def svg(self, ident, title, summary, cls=""):
        return tag(
            "svg", tag("title", title, id=ident + "-t"),
            tag("desc", summary, id=ident + "-d"), *self.parts,
            viewBox=f"0 0 {WIDTH} {self.height}", preserveAspectRatio="none",
            role="img", aria_labelledby=f"{ident}-t {ident}-d",
            class_="plot " + cls, style=f"height:{self.height}px")


def label(part, text, cls=""):
    return tag("span", text, class_=cls, style=f"left:{part * 100:.2f}%")


def time_axis(span):
    ticks = span.ticks()
    out = []
    for i, (at, text, is_day) in enumerate(ticks):
        part = span.part(at)
        cls = ("day" if is_day else "") + (" odd" if i % 2 else "")
        # Words in the middle of the edge would leave the drawing.
        if part < 0.03:
            cls += " first"
        if part < 0.97:
            out.append(label(part, text, cls.strip() or None))
    return tag("div", *out, class_="times", aria_hidden="true")


def time_grid(plot):
    for at, _, is_day in plot.span.ticks():
        plot.add("path", d=f"M{coordinate(plot.x(at))} 0V{plot.height}",
                 class_="grid day" if is_day else "grid")


def value_axis(plot, ticks, words=None):
    out = [tag("span", words(v) if words else short(v),
               style=f"top:{plot.y(v) / plot.height * 100:.2f}%")
           for v in ticks]
    return tag("div", *out, class_="values", aria_hidden="true")


def legend(entries):
    """[(class of the swatch, words)]"""
    return tag("ul", *[tag("li", tag("i", class_="swatch " + cls), text)
                       for cls, text in entries], class_="legend")


def lane(span, name, marks, cls="tick", spans=()):
    """A strip beside a chart: marks [(time, title)] and stretches
    [(begin, end, class, title)]."""
    plot = Plot(span, 1, height=14)
    for a, b, kind, title in spans:
        plot.area(a, b, kind, title)
    for at, title in marks:
        x = plot.x(at)
        plot.add("path", tag("title", title),
                 d=f"M{coordinate(min(max(x, 1), WIDTH - 1))} 1V13",
                 class_="line " + cls)
    drawing = tag("svg", *plot.parts, viewBox=f"0 0 {WIDTH} 14",
                  preserveAspectRatio="none", class_="lane",
                  aria_hidden="true")
    return tag("div", tag("span", name, class_="lane-name"), drawing,
               class_="lane-row")


def table(head, rows, caption=None, cls=None, numbers=()):
    """numbers: columns that are."""
    def cell(name, i, value):
        return tag(name, value, class_="n" if i in numbers else None,
                   scope="col" if name == "th" else None)

    return tag(
        "div", tag(
            "table", tag("caption", caption) if caption else None,
            tag("thead", tag("tr", *[cell("th", i, h)
                                     for i, h in enumerate(head)])),
            tag("tbody", *[tag("tr", *[cell("td", i, c)
                                       for i, c in enumerate(row)])
                           for row in rows]), class_=cls),
        class_="scroll", tabindex="0", role="region",
        aria_label=caption or "table")


def as_table(title, head, rows, numbers=()):
    """The figures of a chart, for who does not see it or wants them."""
    rows = list(rows)
    return tag("details", tag("summary", "The figures as a table"),
               table(head, rows, caption=title, numbers=numbers),
               class_="figures")


def figure(ident, title, drawing, axis, span, extra=(), note=None,
           entries=(), data=None):
    return tag(
        "figure",
        tag("figcaption", tag("h3", title, id=ident + "-h"),
            tag("p", note, class_="note") if note else None),
        legend(entries) if entries else None,
        tag("div", axis, tag("div", drawing, class_="drawing", tabindex="0",
                             role="group", aria_labelledby=ident + "-h"),
            class_="chart"),
        tag("div", join(extra), time_axis(span), class_="below"),
        data, id=ident)


