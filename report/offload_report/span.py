# SPDX-License-Identifier: GPL-2.0-or-later
"""Times: read from the command line, printed, and cut into buckets.

All are microseconds since 1970, UTC, as in the database.
"""
import datetime
import re

SECOND = 1_000_000
MINUTE, HOUR, DAY = 60 * SECOND, 3600 * SECOND, 86400 * SECOND
UNITS = {"s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY, "w": 7 * DAY}
# Before this a clock was not set: machines without a battery begin in 1970.
SANE = 946684800 * SECOND

STEPS = [SECOND * n for n in (1, 2, 5, 10, 15, 30)] + \
    [MINUTE * n for n in (1, 2, 5, 10, 15, 30)] + \
    [HOUR * n for n in (1, 2, 3, 6, 12)] + \
    [DAY * n for n in (1, 2, 7, 14, 28, 91, 182, 364, 3640, 36400, 364000)]
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
FORMATS = ("%Y-%m-%dT%H:%M:%S.%f", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M",
           "%Y-%m-%d")


def parse_time(text):
    """A time on the command line; ValueError with a sentence."""
    plain = re.sub(r"(?i)z$", "", text.strip()).replace(" ", "T")
    for form in FORMATS:
        try:
            when = datetime.datetime.strptime(plain, form)
        except ValueError:
            continue
        return (when.replace(tzinfo=datetime.timezone.utc) - EPOCH) \
            // datetime.timedelta(microseconds=1)
    raise ValueError(f"'{text}' is no time: write 2026-01-31, or "
                     "2026-01-31T12:00, in UTC")


def parse_duration(text):
    m = re.fullmatch(r"(\d{1,6})\s*([smhdw])", text.strip().lower())
    if not m or not int(m.group(1)):
        raise ValueError(f"'{text}' is no duration: write a number and s, m, "
                         "h, d or w, as 24h")
    return int(m.group(1)) * UNITS[m.group(2)]


def moment(us):
    # A damaged file may say anything.
    us = min(max(us, -62135596800 * SECOND), 253402300799 * SECOND)
    return EPOCH + datetime.timedelta(microseconds=us)


def stamp(us):
    return moment(us).strftime("%Y-%m-%d %H:%M:%S")


def machine(us):
    """For the attribute of <time>."""
    return moment(us).strftime("%Y-%m-%dT%H:%M:%SZ")


def duration(us):
    """In words, two units at most."""
    parts = []
    for unit, name in ((DAY, "day"), (HOUR, "hour"), (MINUTE, "minute"),
                       (SECOND, "second")):
        n, us = divmod(us, unit)
        if n:
            parts.append(f"{n} {name}{'s' if n > 1 else ''}")
        if len(parts) == 2 or (parts and not n):
            break
    return " ".join(parts) or "less than a second"


class Span:
    """From `begin` to `end` (exclusive), in `count` buckets of `width`."""

    def __init__(self, begin, end, most=120):
        self.begin, self.end = begin, max(end, begin + SECOND)
        length = self.end - self.begin
        self.width = next((s for s in STEPS if length / s <= most), STEPS[-1])
        self.origin = self.begin // self.width * self.width
        self.count = -(-(self.end - self.origin) // self.width)

    def bucket(self, us):
        return min(max((us - self.origin) // self.width, 0), self.count - 1)

    def edges(self, i):
        """Of bucket i, inside the span."""
        a = self.origin + i * self.width
        return max(a, self.begin), min(a + self.width, self.end)

    def part(self, us):
        """Where a time is, from 0 to 1."""
        part = (us - self.begin) / (self.end - self.begin)
        return min(max(part, 0.0), 1.0)

    def words(self, i):
        a, b = self.edges(i)
        if self.width < DAY and moment(a).date() == moment(b).date():
            return f"{stamp(a)} to {stamp(b)[11:]}"
        return f"{stamp(a)} to {stamp(b)}"

    def ticks(self, most=8):
        """[(time, label, is a new day)] at round times."""
        length = self.end - self.begin
        step = next((s for s in STEPS if length / s <= most), STEPS[-1])
        at = -(-self.begin // step) * step
        out = []
        while at <= self.end:
            when = moment(at)
            midnight = at % DAY == 0
            if step >= DAY or midnight:
                label = when.strftime("%-d %b")
            elif step >= MINUTE:
                label = when.strftime("%H:%M")
            else:
                label = when.strftime("%H:%M:%S")
            out.append((at, label, midnight))
            at += step
        return out
