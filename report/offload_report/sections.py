# SPDX-License-Identifier: GPL-2.0-or-later
"""The parts of the page, each from its figures."""
import json
import os

from .chart import (Plot, as_table, count, figure, lane, nice_ticks, table,
                    time_grid, value_axis)
from .figures import CHURNERS, EVENTS_SHOWN, IN_HARDWARE, WORDS
from .markup import join, tag
from .span import duration, machine, stamp

SERIES = 6  # reasons with a colour of their own; the rest is one
CLASSES = ("critical", "best-effort", "never")
STATES = ("offloaded", "elided", "covered", "sent", "leaving", "waiting",
          "failed", "seen")
ADMISSION = {"open": "best effort admitted",
             "closed": "best effort not admitted",
             "not-ready": "the provider is not ready"}
KINDS = {  # classes of ticks; others are plain
    "watermark-high": "high", "watermark-low": "low", "start": "start",
    "stop": "stop", "table-down": "bad", "store-lost": "bad",
    "feed-down": "bad", "hardware-lost": "bad"}


def reasons():
    """{name: (what it means, what would change it)}, from the daemon's own."""
    path = os.path.join(os.path.dirname(__file__), "reasons.json")
    try:
        with open(path, encoding="utf-8") as f:
            return json.load(f)
    except OSError:
        return {}


def ident(*words):
    """For an attribute id: letters and digits of any name."""
    return "-".join("".join(c if c.isascii() and c.isalnum() else
                            f"_{ord(c):x}" for c in w) for w in words)


def moment(us):
    return tag("time", stamp(us), datetime=machine(us))


def times(n):
    return "once" if n == 1 else f"{count(n)} times"


def percent(part, whole):
    return f"{100 * part / whole:.1f} %" if whole else "-"


def code(words):
    return tag("code", words) if words else tag("span", "-", class_="none")


def section(name, title, *children):
    return tag("section", tag("h2", title, id=name + "-h"), *children,
               id=name, aria_labelledby=name + "-h")


def tile(value, words, note=None):
    return tag("div", tag("dt", words), tag("dd", value),
               tag("dd", note, class_="sub") if note else None)


def hatch(plot, f, gaps=None):
    """What was not recorded, in a chart of the history."""
    span = plot.span
    if f.unknown_until is not None:
        plot.area(span.begin, f.unknown_until, "gap",
                  "history of this time was deleted")
    for a, b in f.gaps if gaps is None else gaps:
        plot.area(a, b, "gap", f"nothing was recorded from {stamp(a)} to "
                  f"{stamp(b)}")


def has_hatch(f):
    return bool(f.gaps) or f.unknown_until is not None


# --- one table: how full ---
def draw_occupancy(f, o, plot):
    hatch(plot, f, o.gaps)
    for run in o.runs:
        used = [(t, last) for t, last, _, _ in run.used]
        plot.under(used, run.end, "fill")
        plot.band([(t, least, most) for t, _, least, most in run.used],
                  run.end, "band")
    for run in o.runs:
        if o.has_lists:
            plot.steps(run.lists, run.end, "lists")
        plot.steps([(t, last) for t, last, _, _ in run.used], run.end, "used")
        # Above it: a table at its watermark is what one looks for.
        for name in ("low", "high", "capacity"):
            plot.steps(run.limits[name], run.end, name)


def at_time(points, at):
    """The value that held at a time; None before the first."""
    value = None
    for t, v in points:
        if t > at:
            break
        value = v
    return value


def bucket_of(o, a, b):
    """What is known of a bucket: a dict, or None."""
    least = most = None
    found = None
    for run in o.runs:
        if run.begin >= b or run.end < a:
            continue
        found = run
        inside = [(p[2], p[3]) for p in run.used if a <= p[0] < b]
        held = at_time([(p[0], p[1]) for p in run.used], a)
        if held is not None:
            inside.append((held, held))
        for low, high in inside:
            least = low if least is None else min(least, low)
            most = high if most is None else max(most, high)
    if found is None or most is None:
        return None
    at = min(b - 1, found.end)
    out = {name: at_time(line, at) for name, line in found.limits.items()}
    out.update(least=least, most=most,
               admission=at_time(found.admission, at),
               answered=at_time(found.answered, at))
    return out


def occupancy_words(span, i, s):
    if s is None:
        return f"{span.words(i)}: not recorded"
    used = count(s["most"]) if s["least"] == s["most"] else \
        f"{count(s['least'])} to {count(s['most'])}"
    return (f"{span.words(i)}: {used} of {count(s['capacity'])} slots used; "
            f"high watermark {count(s['high'])}, low {count(s['low'])}; "
            + ADMISSION.get(s["admission"], s["admission"] or ""))


def admission_lane(span, o):
    stretches = []
    for run in o.runs:
        line = run.admission + [(run.end, None)]
        for (a, word), (b, _) in zip(line, line[1:]):
            cls = word if word in ADMISSION else "not-ready"
            stretches.append((a, b, "adm-" + cls,
                              f"{stamp(a)} to {stamp(b)}: "
                              + ADMISSION.get(word, word)))
    return lane(span, "best effort", [], spans=stretches)


def event_lanes(f, only=None, most=14):
    """A strip a kind of event; `only`: a table's and the daemon's."""
    kinds = {}
    for (kind, table_name), marks in f.event_marks.items():
        if only is not None and table_name not in (only, None):
            continue
        for at, n, words in marks.values():
            kinds.setdefault(kind, []).append((at, n, table_name, words))
    out = []
    for kind in sorted(kinds, key=lambda k: min(m[0] for m in kinds[k]))[
            :most]:
        marks = [(at, f"{stamp(at)}: {times(n)} {kind}" if n > 1 else
                  f"{stamp(at)}: {kind}" + (f" of {name}" if name else "")
                  + (f": {words}" if words else ""))
                 for at, n, name, words in sorted(kinds[kind],
                                                  key=lambda m: m[0])]
        out.append(lane(f.span, kind, marks,
                        "tick " + KINDS.get(kind, "plain")))
    return out


def occupancy(f, t, base):
    o, span = t.occupancy, f.span
    if o is None:
        return tag("p", "How full this table was over time is not recorded "
                   "in this span.", class_="nothing")
    top = max(o.most * 1.05, 1)  # so that a line is not the edge
    ticks = [v for v in nice_ticks(o.most) if v <= top]
    plot = Plot(span, top, height=240)
    plot.grid(ticks)
    time_grid(plot)
    draw_occupancy(f, o, plot)
    known = [(i, bucket_of(o, *span.edges(i))) for i in range(span.count)]
    plot.hits([(i, occupancy_words(span, i, s)) for i, s in known])
    last = o.last
    summary = (
        f"Slots used in table {t.name} from {stamp(span.begin)} to "
        f"{stamp(span.end)}: at most {count(o.peak[1])}, last "
        f"{count(last['used'])} of {count(last['capacity'])}; high watermark "
        f"{count(last['high'])}, low {count(last['low'])}.")
    entries = [("used", "slots used"), ("capacity", "capacity"),
               ("high", "high watermark"), ("low", "low watermark")]
    if o.has_lists:
        entries.insert(1, ("lists", "of these, by lists"))
    if o.gaps:
        entries.append(("gap", "not recorded"))
    entries += [("adm-open", ADMISSION["open"]),
                ("adm-closed", ADMISSION["closed"])]
    data = as_table(
        f"Occupancy of {t.name}",
        ("from", "least used", "most used", "high", "low", "capacity",
         "best effort"),
        [(stamp(span.edges(i)[0]),
          *(map(count, (s["least"], s["most"], s["high"], s["low"],
                        s["capacity"])) if s else ["not recorded"] + [""] * 4),
          (s["admission"] or "") if s else "") for i, s in known],
        numbers=(1, 2, 3, 4, 5))
    return figure(
        base + "-slots", "Occupancy",
        plot.svg(base + "-s", f"Occupancy of table {t.name}", summary),
        value_axis(plot, ticks), span,
        extra=[admission_lane(span, o)] + event_lanes(f, t.name),
        note="Slots, looked at every ten seconds; the lighter band spans the "
        "least and the most that falls onto one place.",
        entries=entries, data=data)


# --- one table: how much of the weight ---
def answered(f, t, base):
    o, span = t.occupancy, f.span
    if o is None or not o.has_answered:
        return None
    plot = Plot(span, 1000, height=110)
    ticks = [0, 500, 1000]
    plot.grid(ticks)
    time_grid(plot)
    hatch(plot, f, o.gaps)
    values = []
    for run in o.runs:
        part = []
        for at, v in run.answered + [(run.end, None)]:
            if v is not None:
                part.append((at, v))
                values.append(v)
            elif part:
                plot.under(part, at, "fill answered")
                plot.steps(part, at, "answered")
                part = []
    words = []
    for i in range(span.count):
        s = bucket_of(o, *span.edges(i))
        v = s and s["answered"]
        words.append((i, f"{span.words(i)}: " + (
            "not recorded" if v is None else f"{v / 10:.1f} % in hardware")))
    plot.hits(words)
    summary = (f"Between {min(values) / 10:.1f} % and "
               f"{max(values) / 10:.1f} %.")
    return figure(
        base + "-answered", "Weight answered by hardware",
        plot.svg(base + "-a", f"Weight answered by table {t.name}", summary),
        value_axis(plot, ticks, lambda v: f"{v // 10} %"), span,
        note="Of the weight of all the table's routes, what hardware answers "
        "by the plan of that time. " + summary)


# --- one table: what came and went ---
def moves(f, t, base):
    span = f.span
    up, down = max(t.arrived), max(map(sum, zip(t.evicted, t.left)))
    if not up and not down:
        return tag("p", "Nothing came into this table or left it in this "
                   "span, as far as it is recorded.", class_="nothing")
    top = nice_ticks(max(up, down), 3)
    high = next(v for v in top if v >= up)
    low = next(v for v in top if v >= down)
    plot = Plot(span, high, -low, height=190)
    ticks = sorted({v for v in top if v <= high} |
                   {-v for v in top if v <= low})
    plot.grid(ticks)
    time_grid(plot)
    hatch(plot, f)
    plot.bars(t.arrived, "s1")
    plot.bars([-v for v in t.left], "s8")
    plot.bars([-v for v in t.evicted], "s2", [-v for v in t.left])
    plot.hits([(i, f"{span.words(i)}: {count(t.arrived[i])} came, "
                f"{count(t.evicted[i])} evicted, {count(t.left[i])} left "
                "otherwise") for i in range(span.count)])
    why = ", ".join(f"{count(n)} {reason}" for reason, n
                    in t.evicted_why.most_common())
    summary = (f"{count(sum(t.arrived))} came into hardware, "
               f"{count(sum(t.evicted))} were evicted"
               + (f" ({why})" if why else "")
               + f", {count(sum(t.left))} left for other reasons.")
    entries = [("b1", "came into hardware"), ("b2", "evicted"),
               ("b8", "left otherwise: withdrawn, changed, lost")]
    if has_hatch(f):
        entries.append(("gap", "not recorded"))
    data = as_table(
        f"Into and out of {t.name}", ("from", "came", "evicted",
                                      "left otherwise"),
        [(stamp(span.edges(i)[0]), count(t.arrived[i]), count(t.evicted[i]),
          count(t.left[i])) for i in range(span.count)
         if t.arrived[i] or t.evicted[i] or t.left[i]], numbers=(1, 2, 3))
    return figure(
        base + "-moves", "Into and out of hardware",
        plot.svg(base + "-m", f"Into and out of table {t.name}", summary),
        value_axis(plot, ticks), span, note=summary + " Flows "
        f"per {duration(span.width)}.", entries=entries, data=data)


def table_tiles(f, t):
    flows = {}
    for (name, cls, state, _), n in f.now.items():
        if name == t.name and state in IN_HARDWARE:
            flows[cls] = flows.get(cls, 0) + n
    out = []
    o = t.occupancy
    if o is not None:
        s = o.last
        out += [
            tile(f"{count(s['used'])} of {count(s['capacity'])}",
                 "slots used at last",
                 f"{percent(s['used'], s['capacity'])}, {stamp(s['at'])}"),
            tile(count(o.peak[1]), "most in this span", stamp(o.peak[0])),
            tile(f"{count(s['high'])} / {count(s['low'])}",
                 "watermarks, high / low", ADMISSION.get(s["admission"])),
        ]
    out += [tile(count(sum(flows.values())), "flows in hardware now",
                 ", ".join(f"{count(flows[c])} {c}" for c in CLASSES
                           if flows.get(c))),
            tile(count(sum(t.evicted)), "evictions in this span")]
    return tag("dl", *out, class_="tiles")


def one_table(f, t):
    base = ident("table", t.name)
    return section(base, join(["Table ", tag("code", t.name)]),
                   table_tiles(f, t), occupancy(f, t, base),
                   answered(f, t, base), moves(f, t, base))


# --- why in software ---
def reason_cell(name, known):
    means = known.get(name or "")
    return join([code(name), tag("span", means[0], class_="means")
                 if means else None])


def why_now(f, known):
    sums, classes = {}, {}
    for (_, cls, state, reason), n in f.now.items():
        if state in IN_HARDWARE:
            continue
        sums[reason] = sums.get(reason, 0) + n
        classes[reason, cls] = classes.get((reason, cls), 0) + n
    total = sum(sums.values())
    if not total:
        return tag("p", "No flow is in software.", class_="nothing")
    most = max(sums.values())
    rows = []
    for reason in sorted(sums, key=lambda r: (-sums[r], r or "")):
        parts = [tag("i", class_="cls-" + c, style="width:%.2f%%"
                     % (100 * classes[reason, c] / most))
                 for c in CLASSES if classes.get((reason, c))]
        rows.append((reason_cell(reason, known), count(sums[reason]),
                     percent(sums[reason], total),
                     tag("span", *parts, class_="hbar", aria_hidden="true")))
    return join([
        tag("h3", "Now"),
        tag("p", f"{count(total)} flows are in software: the last decision "
            "of each.", class_="note"),
        tag("ul", *[tag("li", tag("i", class_="swatch cls-" + c), c)
                    for c in CLASSES], class_="legend"),
        table(("reason", "flows", "share", ""), rows,
              caption="Why flows are in software now", cls="reasons",
              numbers=(1, 2))])


def why_over_time(f):
    span = f.span
    order = sorted(f.why, key=lambda r: (-sum(f.why[r]), r or ""))
    if not order:
        return None
    shown = order[:SERIES]
    lines = [(r or "-", f.why[r]) for r in shown]
    if order[SERIES:]:
        rest = [sum(v) for v in zip(*(f.why[r] for r in order[SERIES:]))]
        lines.append((f"{len(order) - SERIES} other reasons", rest))
    totals = [sum(v) for v in zip(*(v for _, v in lines))]
    ticks = nice_ticks(max(totals))
    plot = Plot(span, ticks[-1], height=210)
    plot.grid(ticks)
    time_grid(plot)
    hatch(plot, f)
    base = [0] * span.count
    entries = []
    for i, (name, values) in enumerate(lines):
        color = i + 1 if i < SERIES else 8
        plot.bars(values, f"s{color}", base)
        base = [a + b for a, b in zip(base, values)]
        entries.append((f"b{color}", f"{name} ({count(sum(values))})"))
    plot.hits([(i, f"{span.words(i)}: " + (", ".join(
        f"{count(v[i])} {name}" for name, v in lines if v[i]) or "none"))
        for i in range(span.count)])
    if has_hatch(f):
        entries.append(("gap", "not recorded"))
    data = as_table("Changes to software by reason",
                    ("from", *(name for name, _ in lines)),
                    [(stamp(span.edges(i)[0]), *(count(v[i])
                                                 for _, v in lines))
                     for i in range(span.count) if totals[i]],
                    numbers=range(1, len(lines) + 1))
    return figure(
        "why-time", "Over time",
        plot.svg("why-t", "Changes to software by reason",
                 f"{count(sum(totals))} changes; most often "
                 + ", ".join(r or "-" for r in shown[:3]) + "."),
        value_axis(plot, ticks), span,
        note="How often a flow came into software, or stayed there for "
        f"another reason, per {duration(span.width)}; one flow may be "
        "counted many times.", entries=entries, data=data)


def why(f):
    return section("why", "Why flows are in software",
                   why_now(f, reasons()), why_over_time(f) if f.span
                   else None)


# --- classes and states ---
def classes(f):
    sums = {}
    for (_, cls, state, _), n in f.now.items():
        sums[cls, state] = sums.get((cls, state), 0) + n
    names = [c for c in CLASSES] + sorted(
        {c for c, _ in sums} - set(CLASSES), key=str)
    states = [s for s in STATES if any(s == x for _, x in sums)] + sorted(
        {s for _, s in sums} - set(STATES), key=str)
    if not sums:
        return section("classes", "Flows by class and state", tag(
            "p", "No flow is in the database.", class_="nothing"))
    rows = []
    for c in names:
        total = sum(n for (x, _), n in sums.items() if x == c)
        inside = sum(sums.get((c, s), 0) for s in IN_HARDWARE)
        bar = [tag("i", class_="st-" + ident(str(s)),
                   style="width:%.2f%%" % (100 * sums[c, s] / total))
               for s in states if sums.get((c, s))]
        rows.append((code(c), *(count(sums.get((c, s), 0)) for s in states),
                     count(total), percent(inside, total),
                     tag("span", *bar, class_="hbar wide",
                         aria_hidden="true")))
    return section(
        "classes", "Flows by class and state",
        tag("ul", *[tag("li", tag("i", class_="swatch st-" + ident(str(s))),
                        s) for s in states], class_="legend"),
        table(("class", *states, "all", "in hardware", ""), rows,
              caption="Flows by class and state now", cls="classes",
              numbers=range(1, len(states) + 3)))


# --- what hardware said ---
def words(f):
    total = sum(f.failures)
    if not f.words:
        return section("hardware", "What hardware refused", tag(
            "p", "Hardware refused nothing in this span, as far as it is "
            "recorded.", class_="nothing"))
    plot = Plot(f.span, 1, height=14)
    marks = [(f.span.edges(i)[0], f"{f.span.words(i)}: refused {times(n)}")
             for i, n in enumerate(f.failures) if n]
    hatch(plot, f)
    rows = [(code(name), code(reason), said or tag("span", "no words",
                                                   class_="none"),
             count(n), moment(first), moment(last))
            for name, reason, said, n, first, last in f.words]
    note = f"A flow failed {times(total)} in this span."
    if len(f.words) == WORDS:
        note += f" The {WORDS} most frequent."
    return section(
        "hardware", "What hardware refused", tag("p", note, class_="note"),
        table(("table", "reason", "its own words", "times", "first", "last"),
              rows, caption="What hardware refused or lost", numbers=(3,)),
        tag("div", lane(f.span, "refusals", marks, "tick bad"),
            class_="below alone"))


# --- events ---
def events(f):
    if not f.event_counts:
        return section("events", "Events", tag(
            "p", "No event is recorded in this span.", class_="nothing"))
    total = sum(f.event_counts.values())
    rows = [(moment(at), tag("code", kind, class_="kind-" + KINDS.get(
        kind, "plain")), code(name), f"{count(used)} of {count(capacity)}"
        if capacity else "", text or "")
        for at, kind, name, used, capacity, text in f.events]
    title = "The events, newest first" if total <= EVENTS_SHOWN else \
        f"The {EVENTS_SHOWN} newest of {count(total)} events"
    return section(
        "events", "Events",
        tag("figure", tag("figcaption", tag(
            "p", "When each kind happened. Point at a mark to read it; all "
            "are in the list below.", class_="note")),
            tag("div", *event_lanes(f, most=40), _axis(f), class_="below "
                "alone")),
        tag("details", tag("summary", title),
            table(("time (UTC)", "kind", "table", "slots used", "what"), rows,
                  caption=title), open=len(rows) <= 30))


def _axis(f):
    from .chart import time_axis
    return time_axis(f.span)


# --- churners ---
def spark(f, values):
    plot = Plot(f.span, max(values), height=22)
    plot.bars(values, "s1")
    return tag("svg", *plot.parts, viewBox="0 0 1000 22", class_="spark",
               preserveAspectRatio="none", aria_hidden="true")


def churners(f):
    if not f.churners:
        return section("churn", "Flows that changed most", tag(
            "p", "No flow changed in this span, as far as it is recorded.",
            class_="nothing"))
    rows = [(tag("code", prefix), code(vrf), count(n), count(came),
             count(out), spark(f, line), code(cls),
             join([tag("code", state), " ", tag("span", reason,
                                                class_="means")]),
             moment(last))
            for prefix, vrf, n, came, out, last, state, reason, cls, line
            in f.churners]
    note = f"The {len(rows)} with the most changes of state." \
        if len(rows) == CHURNERS else "All that changed."
    return section(
        "churn", "Flows that changed most", tag("p", note, class_="note"),
        table(("prefix", "VRF", "changes", "came in", "evicted", "when",
               "class", "last state", "last change"), rows,
              caption="Flows that changed most", cls="churn",
              numbers=(2, 3, 4)))
