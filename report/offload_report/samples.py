# SPDX-License-Identifier: GPL-2.0-or-later
"""How full a table was, from its samples; see `table_sample` in
doc/database.md.

A sample holds until the next one.  Where none came for longer than the daemon
ever waits, where it started in between, or where the clock went back, nobody
knows: the line ends and begins again.
"""
import bisect

from .database import number, text
from .span import MINUTE, SECOND

# The daemon writes one every five minutes at least, and looks each second.
SILENCE = 5 * MINUTE + 30 * SECOND
PLACES = 700  # along the axis; more cannot be seen
LIMITS = ("capacity", "high", "low")


class Run:
    """Samples without a gap between them."""

    def __init__(self, at):
        self.begin = self.end = at
        self.inside = 0      # samples in the span
        # used: [(time, last, least, most)] a place; others where they change
        self.used = []
        self.lists = []
        self.limits = {name: [] for name in LIMITS}
        self.answered = []   # (time, permille or None)
        self.admission = []  # (time, word)


class Occupancy:
    def __init__(self):
        self.runs = []
        self.gaps = []       # [(begin, end)] between them
        self.count = 0       # samples in the span
        self.most = 0        # slots, capacity included
        self.last = None     # the newest sample, as a dict
        self.peak = None     # (time, slots)
        self.has_lists = self.has_answered = False


def changed(line, at, value):
    if not line or line[-1][1] != value:
        line.append((at, value))


class Walk:
    """The samples of one table, in the order they were written."""

    def __init__(self, span, breaks):
        self.span, self.breaks = span, breaks
        self.width = max((span.end - span.begin) // PLACES, 1)
        self.out = Occupancy()
        self.before = None   # time of the last one, unclamped

    def is_gap(self, at):
        before = self.before
        if before is None or at < before or at - before > SILENCE:
            return True
        i = bisect.bisect_right(self.breaks, before)
        return i < len(self.breaks) and self.breaks[i] <= at

    def add(self, at, s):
        o, shown = self.out, max(at, self.span.begin)
        if self.is_gap(at):
            if o.runs and o.runs[-1].end < shown:
                o.gaps.append((o.runs[-1].end, shown))
            if at < self.span.begin and o.runs:
                o.runs.pop()
            o.runs.append(Run(shown))
        self.before = at
        run = o.runs[-1]
        run.end = max(run.end, shown)
        self.put_used(run, shown, s["used"])
        changed(run.lists, shown, s["lists"])
        for name in LIMITS:
            changed(run.limits[name], shown, s[name])
        changed(run.answered, shown, s["answered"])
        changed(run.admission, shown, s["admission"])
        o.most = max(o.most, s["used"], s["capacity"])
        o.has_lists |= s["lists"] > 0
        o.has_answered |= s["answered"] is not None
        o.last = dict(s, at=at)
        if o.peak is None or s["used"] > o.peak[1]:
            o.peak = shown, s["used"]
        if at >= self.span.begin:
            run.inside += 1
            o.count += 1

    def put_used(self, run, at, used):
        """Of those that fall onto one place: the last, the least, the most."""
        place = (at - self.span.begin) // self.width
        if run.used and (run.used[-1][0] - self.span.begin) // self.width \
                == place:
            t, _, least, most = run.used[-1]
            run.used[-1] = t, used, min(least, used), max(most, used)
        else:
            run.used.append((at, used, used, used))


def read_breaks(db, only_kinds=("start", "table-removed")):
    """{table or None: sorted times} after which nothing is as before."""
    out = {}
    for kind, table, at in db.walk(
            "SELECT kind, hw_table, at_us FROM event WHERE kind IN (?, ?)",
            only_kinds):
        out.setdefault(text(table), []).append(number(at))
    return out


def read_samples(db, figures, only, latest):
    span = figures.span
    breaks = read_breaks(db)
    walks = {}
    rows = db.walk(
        "SELECT at_us, hw_table, used_slots, list_slots, capacity_slots,"
        " high_slots, low_slots, admission, answered_permille"
        " FROM table_sample WHERE at_us >= ?1 AND at_us < ?2 AND at_us < ?4"
        " AND (?3 IS NULL OR hw_table = ?3) ORDER BY seq",
        (span.begin - SILENCE, span.end, only, latest))
    for at, table, used, lists, capacity, high, low, admission, answered \
            in rows:
        table = text(table)
        if table not in walks:
            walks[table] = Walk(span, sorted(breaks.get(table, []) +
                                             breaks.get(None, [])))
        walks[table].add(number(at), {
            "used": number(used), "lists": number(lists),
            "capacity": number(capacity), "high": number(high),
            "low": number(low), "admission": text(admission) or "",
            "answered": answered if isinstance(answered, int) else None})
    for table, walk in walks.items():
        occupancy = walk.out
        # One that ended before the span says nothing of it.
        occupancy.runs = [r for r in occupancy.runs if r.inside]
        if occupancy.runs:
            figures.table(table).occupancy = occupancy
            figures.in_span["table_sample"] += occupancy.count
