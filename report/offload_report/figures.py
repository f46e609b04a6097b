# SPDX-License-Identifier: GPL-2.0-or-later
"""What the database says of a span of time, as figures.

Sums are made by SQLite, a slice of time after the other, so that ten million
rows take little memory and it can be said how far it is.  Nothing is guessed:
what was not recorded is a gap, and has its place among the figures.
"""
import collections
import os
import time

from .database import Refused, number, text
from .samples import read_samples
from .span import DAY, SANE, SECOND, Span

IN_HARDWARE = ("offloaded", "elided")
EVICTED = ("evicted-for-", "capacity-reduced")
ON_THE_WAY = ("admitted", "none")  # to hardware: why it is not there yet
SLICES = 40
EVENTS_SHOWN = 200
CHURNERS = 20
WORDS = 50
STARTS = 200


class Table:
    """Of one hardware table; lists have one number a bucket."""

    def __init__(self, name, buckets):
        self.name = name
        self.arrived = [0] * buckets
        self.evicted = [0] * buckets
        self.left = [0] * buckets
        self.evicted_why = collections.Counter()
        self.occupancy = None  # samples.Occupancy, if there are samples


class Figures:
    def __init__(self, path, title):
        self.path, self.title = path, title
        self.made_us = time.time_ns() // 1000
        self.notes = []        # sentences: what is not in it
        self.span = None       # None: there is nothing
        self.whole = None      # (first, last) of all records
        self.rows = collections.Counter()
        self.in_span = collections.Counter()
        self.lost = []         # [(time, sentence)]
        self.lost_records = 0
        self.gaps = []         # [(begin, end)]: the daemon did not run
        self.unknown_until = None  # older history was deleted
        self.tables = {}
        self.now = collections.Counter()  # (table, class, state, reason)
        self.stale = 0
        self.why = {}          # reason: [number a bucket]
        self.words = []        # what hardware said
        self.failures = None   # [number a bucket]
        self.events = []       # the newest
        self.event_counts = collections.Counter()  # (kind, table)
        self.event_marks = collections.defaultdict(dict)
        self.churners = []

    def table(self, name):
        if name not in self.tables:
            self.tables[name] = Table(name, self.span.count)
        return self.tables[name]


class Reader:
    """One walk through the database."""

    def __init__(self, db, options, say):
        self.db, self.options, self.say = db, options, say
        self.figures = Figures(db.path, options.title)
        self.latest = self.figures.made_us + DAY
        # NULL: of all tables.
        self.only = options.table

    def read(self):
        f = self.figures
        self.count_rows()
        self.find_span()
        self.read_now()
        if not f.span:
            return f
        self.check_table()
        self.read_events()
        self.read_gaps()
        if self.db.has_samples:
            read_samples(self.db, f, self.only, self.latest)
        self.read_history()
        self.read_churners()
        self.note_what_is_missing()
        return f

    # --- what there is ---
    def count_rows(self):
        f, db = self.figures, self.db
        f.rows["history"] = number(db.one("SELECT count(*) FROM history"))
        f.rows["event"] = number(db.one("SELECT count(*) FROM event"))
        if db.has_samples:
            f.rows["table_sample"] = number(
                db.one("SELECT count(*) FROM table_sample"))
        f.rows["flow"] = number(db.one("SELECT count(*) FROM flow"))
        f.bytes = db.bytes()
        f.version = db.version
        f.is_live = db.is_live

    def times(self):
        """First and last time of the tables that have times."""
        bounds = (SANE, self.latest)
        out = []
        for sql in ("SELECT min(at_us), max(at_us) FROM history"
                    " WHERE at_us >= ? AND at_us < ?",
                    "SELECT min(at_us), max(at_us) FROM event"
                    " WHERE at_us >= ? AND at_us < ?",
                    "SELECT min(at_us), max(at_us) FROM table_sample"
                    " WHERE at_us >= ? AND at_us < ?"):
            if "table_sample" in sql and not self.db.has_samples:
                continue
            a, b = self.db.ask(sql, bounds)[0]
            if isinstance(a, int) and isinstance(b, int):
                out.append((a, b))
        return out

    def find_span(self):
        f, o = self.figures, self.options
        times = self.times()
        if not times:
            return
        first = min(a for a, b in times)
        last = max(b for a, b in times)
        f.whole = first, last
        begin = first if o.from_us is None else o.from_us
        end = last + 1 if o.to_us is None else o.to_us
        if o.last_us is not None:
            begin = end - o.last_us
        if begin >= end:
            raise Refused("the span of time is empty: what is recorded goes "
                          "from %s to %s" % (o.stamp(first), o.stamp(last)))
        f.span = Span(begin, end)
        f.failures = [0] * f.span.count

    def check_table(self):
        """A name that nobody has is a mistake; better to say so."""
        if self.only is None:
            return
        names = {text(r[0]) for r in self.db.ask(
            "SELECT DISTINCT hw_table FROM flow UNION"
            " SELECT DISTINCT hw_table FROM event")}
        if self.db.has_samples:
            names |= {text(r[0]) for r in self.db.ask(
                "SELECT DISTINCT hw_table FROM table_sample")}
        names.discard(None)
        if self.only in names or self.db.one(
                "SELECT 1 FROM history WHERE hw_table = ? LIMIT 1",
                (self.only,)):
            return
        raise Refused(f"nothing is recorded of a table '{self.only}'; there "
                      "is: " + (", ".join(sorted(names)) or "none"))

    # --- the decisions of now ---
    def read_now(self):
        f, db = self.figures, self.db
        generation = db.meta.get("generation", 0)
        rows = db.ask(
            "SELECT hw_table, class, state, reason, generation = ?1, count(*)"
            " FROM flow WHERE ?2 IS NULL OR hw_table = ?2"
            " GROUP BY 1, 2, 3, 4, 5", (generation, self.only))
        for table, cls, state, reason, current, n in rows:
            if current:
                f.now[text(table), text(cls), text(state), text(reason)] += n
            else:
                f.stale += n

    # --- events ---
    def read_events(self):
        f, db, span = self.figures, self.db, self.figures.span
        bounds = (span.begin, span.end, self.only)
        where = (" FROM event WHERE at_us >= ?1 AND at_us < ?2 AND"
                 " (?3 IS NULL OR hw_table IS NULL OR hw_table = ?3)")
        fine = max((span.end - span.begin) // 600, 1)
        rows = db.walk(
            "SELECT kind, hw_table, (at_us - ?1) / ?4 AS place, count(*),"
            " min(at_us), max(text)" + where + " GROUP BY 1, 2, 3",
            bounds + (fine,))
        for kind, table, place, n, at, words in rows:
            key = text(kind), text(table)
            f.event_counts[key] += n
            f.in_span["event"] += n
            f.event_marks[key][place] = (number(at), n, text(words))
        f.events = [(number(at), text(kind), text(table), number(used),
                     number(capacity), text(words))
                    for at, kind, table, used, capacity, words in db.ask(
                        "SELECT at_us, kind, hw_table, used_slots,"
                        " capacity_slots, text" + where +
                        " ORDER BY seq DESC LIMIT ?4",
                        bounds + (EVENTS_SHOWN,))]
        for at, words in db.walk("SELECT at_us, text" + where +
                                 " AND kind = 'store-lost' ORDER BY seq",
                                 bounds):
            words = text(words) or ""
            first = words.split(" ", 1)[0]
            f.lost_records += int(first) if first.isdecimal() else 0
            f.lost.append((number(at), words))

    def read_gaps(self):
        """Before each start: since the record before it nobody looked."""
        f, db, span = self.figures, self.db, self.figures.span
        starts = [number(r[0]) for r in db.ask(
            "SELECT at_us FROM event WHERE kind = 'start' AND at_us > ?"
            " AND at_us < ? ORDER BY seq DESC LIMIT ?",
            (span.begin, span.end + DAY, STARTS))]
        history = ("SELECT max(at_us) FROM history WHERE at_us < ?"
                   " AND at_us >= ?")
        questions = ["SELECT max(at_us) FROM event WHERE at_us < ?"
                     " AND at_us >= ?"]
        if db.has_times:
            questions.append(history)
        if db.has_samples:
            questions.append("SELECT max(at_us) FROM table_sample"
                             " WHERE at_us < ? AND at_us >= ?")
        for at in starts:
            # What is said at the start is written in the same moment.
            before = [db.one(q, (at - SECOND // 10, SANE)) for q in questions]
            before = [b for b in before if isinstance(b, int)]
            if before and max(before) < span.end:
                f.gaps.append((max(before), at))
        f.gaps.sort()

    # --- history ---
    def slices(self):
        """(first, last + 1) of buckets that are asked for at once."""
        span = self.figures.span
        # Without an index of times each question reads everything.
        size = span.count if not self.db.has_times \
            else max(1, span.count // SLICES)
        for a in range(0, span.count, size):
            yield a, min(a + size, span.count)

    def read_history(self):
        f, db, span = self.figures, self.db, self.figures.span
        words = collections.defaultdict(lambda: [0, None, 0])
        for a, b in self.slices():
            begin, end = span.edges(a)[0], span.edges(b - 1)[1]
            is_refused = False
            for row in db.walk(
                    "SELECT (at_us - ?1) / ?2, hw_table, from_state,"
                    " to_state, reason, count(*) FROM history"
                    " WHERE at_us >= ?3 AND at_us < ?4"
                    " AND (?5 IS NULL OR hw_table = ?5)"
                    " GROUP BY 1, 2, 3, 4, 5",
                    (span.origin, span.width, begin, end, self.only)):
                is_refused |= self.fold(*row)
            if is_refused:
                self.read_words(begin, end, words)
            self.say("history", b / span.count)
        f.words = sorted(((*k, *v) for k, v in words.items()),
                         key=lambda w: -w[3])[:WORDS]

    def fold(self, bucket, table, was, to, reason, n):
        """One sum; True if hardware refused or lost something."""
        f = self.figures
        table, was, to, reason = map(text, (table, was, to, reason))
        f.in_span["history"] += n
        if table is not None:
            t = f.table(table)
            if to == "offloaded" and was != "offloaded":
                t.arrived[bucket] += n
            elif was == "offloaded" and (reason or "").startswith(EVICTED):
                t.evicted[bucket] += n
                t.evicted_why[reason] += n
            elif was == "offloaded" and to not in ("offloaded", "elided"):
                t.left[bucket] += n
        if to in ("waiting", "failed", "covered") and reason not in ON_THE_WAY:
            f.why.setdefault(reason, [0] * f.span.count)[bucket] += n
        if to == "failed":
            f.failures[bucket] += n
        return to == "failed" or (reason or "").startswith("hardware-")

    def read_words(self, begin, end, words):
        for table, reason, said, n, first, last in self.db.walk(
                "SELECT hw_table, reason, text, count(*),"
                " min(at_us), max(at_us)"
                " FROM history WHERE at_us >= ?1 AND at_us < ?2"
                " AND (to_state = 'failed' OR reason GLOB 'hardware-*')"
                " AND (?3 IS NULL OR hw_table = ?3) GROUP BY 1, 2, 3"
                " ORDER BY 4 DESC LIMIT 1000", (begin, end, self.only)):
            w = words[text(table), text(reason), text(said)]
            w[0] += n
            w[1] = number(first) if w[1] is None else min(w[1], number(first))
            w[2] = max(w[2], number(last))

    # --- who changed most ---
    def read_churners(self):
        f = self.figures
        self.say("flows that changed most", None)
        if self.only is None and f.in_span["history"] == f.rows["history"]:
            pairs = self.churners_of_all()
        else:
            pairs = self.db.ask(
                "SELECT prefix, vrf, count(*) FROM history"
                " WHERE at_us >= ?1 AND at_us < ?2"
                " AND (?3 IS NULL OR hw_table = ?3)"
                " GROUP BY prefix, vrf ORDER BY 3 DESC, 1, 2 LIMIT ?4",
                (f.span.begin, f.span.end, self.only, CHURNERS))
        for prefix, vrf, n in pairs:
            self.read_churner(prefix, vrf, n)

    def churners_of_all(self):
        """By the index of prefixes alone; a prefix of several VRFs counts for
        none more than for all, so nobody is missed."""
        most = 3 * CHURNERS
        while True:
            prefixes = self.db.ask(
                "SELECT prefix, count(*) FROM history GROUP BY prefix"
                " ORDER BY 2 DESC, 1 LIMIT ?", (most,))
            pairs = []
            for prefix, n in prefixes:
                if len(pairs) >= CHURNERS and n <= pairs[CHURNERS - 1][2]:
                    return pairs[:CHURNERS]
                pairs += self.db.ask(
                    "SELECT prefix, vrf, count(*) FROM history"
                    " WHERE prefix = ? GROUP BY vrf", (prefix,))
                pairs.sort(key=lambda p: -p[2])
            if len(prefixes) < most:
                return pairs[:CHURNERS]
            most *= 4

    def read_churner(self, prefix, vrf, n):
        f, span = self.figures, self.figures.span
        # (+ keeps off the index of times: rows of one prefix are fewer.)
        where = (" FROM history WHERE prefix = ?3 AND vrf = ?4"
                 " AND +at_us >= ?1 AND +at_us < ?2")
        values = (span.begin, span.end, prefix, vrf)
        line = [0] * span.count
        for bucket, count in self.db.walk(
                "SELECT (at_us - ?5) / ?6, count(*)" + where + " GROUP BY 1",
                values + (span.origin, span.width)):
            line[bucket] += count
        arrived, evicted = self.db.ask(
            "SELECT total(to_state = 'offloaded'), total(from_state ="
            " 'offloaded' AND reason GLOB 'evicted-for-*')" + where, values)[0]
        last = self.db.ask("SELECT at_us, to_state, reason, class" + where +
                           " ORDER BY seq DESC LIMIT 1", values)[0]
        f.churners.append((text(prefix), text(vrf), n, int(arrived),
                           int(evicted), number(last[0]), text(last[1]),
                           text(last[2]), text(last[3]), line))

    # --- what is not in it ---
    def note_what_is_missing(self):
        f, db = self.figures, self.db
        oldest = db.ask("SELECT seq, at_us FROM history ORDER BY seq LIMIT 1")
        gone = number(oldest[0][0]) - 1 if oldest \
            else db.meta.get("last_history_seq", 0)
        if gone > 0:
            f.gone = gone
            f.unknown_until = number(oldest[0][1]) if oldest else f.span.end
            if f.unknown_until <= f.span.begin:
                f.unknown_until = None
        f.off_clock = 0
        if db.has_times:
            f.off_clock = number(db.one(
                "SELECT (SELECT count(*) FROM history WHERE at_us < ?1)"
                " + (SELECT count(*) FROM history WHERE at_us >= ?2)",
                (SANE, self.latest)))

    gone = 0


def read_figures(db, options, say):
    figures = Reader(db, options, say).read()
    figures.name = os.path.basename(db.path)
    return figures
