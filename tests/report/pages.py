#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""offload-report on databases that are made for it: what it counts, what it
refuses, what it does with words that would be more than words.

    tests/report/pages.py BUILD-DIR

Prints "N passed, N failed".  Everything is in a directory that goes.
"""
import contextlib
import html
import os
import re
import resource
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from html.parser import HTMLParser

sys.dont_write_bytecode = True  # in the source tree
import made  # noqa: E402
from checks import check, run_tests  # noqa: E402
from made import BEGIN, H, S, Made  # noqa: E402

TREE = made.TREE
sys.path.insert(0, TREE + "/report")
from offload_report import chart, markup, span  # noqa: E402

program = scratch = None


def path(name="db"):
    return os.path.join(scratch, name)


def run(*args, status=0, **kwargs):
    proc = subprocess.run([program, *args], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=120, check=False,
                          **kwargs)
    check(proc.returncode == status, f"{args}: status {proc.returncode}",
          proc.stderr.decode())
    return proc.stdout.decode(), proc.stderr.decode()


class Shape(HTMLParser):
    """Elements that are open must be closed; ids are there once; no reference
    leads out of the page."""
    VOID = {"meta", "link", "br"}

    def __init__(self, page):
        super().__init__(convert_charrefs=True)
        self.open, self.ids, self.links, self.named = [], [], [], []
        self.tags = {}
        self.feed(page)
        self.close()
        check(not self.open, "not closed", self.open)
        check(len(self.ids) == len(set(self.ids)), "an id is there twice",
              sorted(i for i in self.ids if self.ids.count(i) > 1))
        for name in self.links + self.named:
            check(name in self.ids, f"'{name}' leads nowhere")

    def handle_starttag(self, name, attrs):
        attrs = dict(attrs)
        self.tags[name] = self.tags.get(name, 0) + 1
        if name not in self.VOID:
            self.open.append(name)
        if "id" in attrs:
            self.ids.append(attrs["id"])
        self.named += (attrs.get("aria-labelledby") or "").split()
        for key in ("src", "href", "action", "data", "poster", "srcset"):
            value = attrs.get(key)
            if value is None:
                continue
            check(key == "href" and value.startswith(("#", "data:,")),
                  f"{name} {key}={value} leads out of the page")
            if value.startswith("#"):
                self.links.append(value[1:])
        for key in attrs:
            check(not key.startswith("on"), f"{name} has {key}")

    def handle_startendtag(self, name, attrs):
        self.handle_starttag(name, attrs)
        if name not in self.VOID:
            self.open.pop()

    def handle_endtag(self, name):
        check(self.open and self.open[-1] == name,
              f"</{name}> closes {self.open[-1:]}")
        self.open.pop()


def page(*args, db=None, **kwargs):
    out, said = run(db or path(), "-o", "-", *args, **kwargs)
    check(said == "", "something is said", said)
    shape = Shape(out)
    check(shape.tags["main"] == 1 and shape.tags["h1"] == 1, "its frame")
    check("url(" not in out and "@import" not in out, "a style leads out")
    return out


def plain(text):
    text = re.sub(r"<(script|style)\b.*?</\1>", "", text, flags=re.S)
    return html.unescape(re.sub(r"<[^>]*>", " ", text))


def says(text, *sentences):
    text = re.sub(r"\s+", " ", plain(text))
    for sentence in sentences:
        check(sentence in text, f"'{sentence}' is missing in", text)


def says_not(text, *sentences):
    for sentence in sentences:
        check(sentence not in plain(text), f"'{sentence}' is there")


# --- what is not a database of ours ---

def refused(sentence, *args):
    out, said = run(*args, status=1)
    check(out == "" and sentence in said, f"'{sentence}' is not said", said)
    check(said.count("\n") == 1, "it is one line", said)


def test_refusals():
    refused("there is no such file", path("none"), "-o", "-")
    refused("is a directory", scratch, "-o", "-")
    with open(path("words"), "w", encoding="ascii") as f:
        f.write("these are words, and no database at all\n")
    refused("is no SQLite database", path("words"), "-o", "-")
    open(path("empty"), "w", encoding="ascii").close()
    refused("is an empty file", path("empty"), "-o", "-")
    db = sqlite3.connect(path("foreign"))
    db.execute("CREATE TABLE meta (key, value)")
    db.close()
    refused("none of offloadd", path("foreign"), "-o", "-")
    m = Made(path())
    m.meta("schema", 99)
    m.close()
    refused("written by a newer offloadd (schema 99", path(), "-o", "-")
    with open(path(), "r+b") as f:
        f.truncate(6000)
    refused("cannot be read", path(), "-o", "-")


def test_usage():
    Made(path()).close()
    for args in ((), (path(),), (path(), "-o", "-", "--last", "soon"),
                 (path(), "-o", "-", "--from", "yesterday"),
                 (path(), "-o", "-", "--last", "1h", "--from", "2026-01-31"),
                 (path(), "-o", "-", "--from", "2026-02-01", "--to",
                  "2026-01-31")):
        out, said = run(*args, status=2)
        check(out == "" and "offload-report: error:" in said, "not told",
              args, said)
    out, _ = run("--help")
    manual = open(TREE + "/doc/offload-report.8", encoding="utf-8").read()
    manual = manual.replace("\\-", "-")
    for option in re.findall(r"(?<!\w)--?[a-z][a-z-]*", out):
        check(option in manual, f"the manual page does not have {option}")
    check("offload-report" in run("--version")[0], "the version")


# --- where the page goes ---

def test_output():
    made_simple()
    target = path("out.html")
    with open(target, "w", encoding="ascii") as f:
        f.write("old")
    before = set(os.listdir(scratch))
    run(path(), "-o", target)
    check(os.path.getsize(target) > 10000, "it is written")
    check(set(os.listdir(scratch)) == before, "something is left",
          os.listdir(scratch))
    os.symlink(target, path("link"))
    run(path(), "-o", path("link"))
    check(os.path.islink(path("link")), "the link is still one")
    run(path(), "-o", "/dev/null")
    check(not os.path.isfile("/dev/null"), "the device is still one")
    refused("is the database itself", path(), "-o", path())
    refused("cannot be written", path(), "-o", path("no/such/dir.html"))
    refused("is a directory", path(), "-o", scratch)
    # A disk that takes no more: nothing is left of it.
    out, said = run(path(), "-o", target, status=1, preexec_fn=lambda:
                    resource.setrlimit(resource.RLIMIT_FSIZE, (9999, 9999)))
    check("cannot be written: File too large" in said, "it is not told", said)
    check(set(os.listdir(scratch)) == before | {"link"}, "something is left",
          os.listdir(scratch))
    # What is there stays as it is when there is no page.
    with open(target, "w", encoding="ascii") as f:
        f.write("old")
    refused("nothing is recorded of a table", path(), "-o", target,
            "--table", "nope")
    check(open(target, encoding="ascii").read() == "old", "it was changed")


def made_simple():
    m = Made(path())
    m.event(BEGIN, "start")
    for i in range(60):
        m.sample(BEGIN + 10 * i * S, 100 + i)
        m.change(BEGIN + 10 * i * S, "sent", "offloaded", n=i)
    m.flow("offloaded", "admitted", n=60)
    m.close()


# --- what is counted ---

def test_empty():
    Made(path()).close()
    out = page()
    says(out, "The database is empty: offloadd has recorded nothing yet.")
    says_not(out, "Table")


def test_counts():
    m = Made(path())
    m.event(BEGIN, "start")
    for i in range(20):
        m.change(BEGIN + i * S, "sent", "offloaded", n=i)
    for i in range(5):
        m.change(BEGIN + 60 * S + i, "offloaded", "leaving",
                 "evicted-for-critical", n=i)
    m.change(BEGIN + 61 * S, "offloaded", "leaving", "evicted-for-cover", n=9)
    m.change(BEGIN + 62 * S, "offloaded", "leaving", "withdrawn", n=10)
    m.change(BEGIN + 63 * S, "offloaded", "offloaded", "admitted", n=11)
    m.change(BEGIN + 70 * S, "sent", "failed", "hardware-error", n=12,
             cls="critical", text="bank 3 is broken")
    m.change(BEGIN + 71 * S, "seen", "waiting", "high-watermark", n=13)
    m.change(BEGIN + 72 * S, "waiting", "waiting", "admitted", n=13)
    m.sample(BEGIN + S, 10)
    m.sample(BEGIN + 60 * S, 970, admission="closed", answered=500, lists=7)
    m.sample(BEGIN + 80 * S, 950, capacity=960, high=940, low=900)
    m.flow("offloaded", "admitted", "critical", n=3)
    m.flow("waiting", "high-watermark", n=8)
    m.flow("waiting", "rule-never", "never", n=2)
    m.flow("waiting", "below-price", generation=0, n=4)
    m.close()
    out = page()
    says(out, "20 came into hardware, 6 were evicted (5 evicted-for-critical,"
         " 1 evicted-for-cover), 1 left for other reasons.",
         "950 of 960", "most in this span 970", "940 / 900",
         "10 flows are in software", "high-watermark (1)",
         "bank 3 is broken", "A flow failed once",
         "4 flows of an earlier run", "critical 3 0 3 100.0 %",
         "The table reached its high watermark",
         "50.0 % in hardware")
    says_not(out, "below-price", "admitted (")


def test_churners():
    """By prefix and VRF; one prefix of two VRFs is two flows."""
    m = Made(path())
    for i in range(100):
        for k in range(i + 1):
            m.change(BEGIN + k * S, "seen", "waiting", "none",
                     n=f"198.18.{i}.0/24", vrf="red" if k % 3 else "default")
    m.close()
    rows = m_rows = None
    db = sqlite3.connect(path())
    m_rows = db.execute("SELECT prefix, vrf, count(*) FROM history GROUP BY"
                        " 1, 2 ORDER BY 3 DESC LIMIT 20").fetchall()
    db.close()
    for args in ((), ("--table", "main"),
                 ("--to", span.stamp(BEGIN + 3600 * S))):
        out = page(*args)
        part = out[out.index('id="churn"'):]
        rows = re.findall(r"<tr><td><code>([^<]*)</code></td><td><code>([^<]*)"
                          r"</code></td><td class=\"n\">(\d+)</td>", part)
        got = [(p, v, int(n)) for p, v, n in rows]
        check(sorted(r[2] for r in got) == sorted(r[2] for r in m_rows),
              "other sums", got, m_rows)
        check(set(got[:15]) == set(m_rows[:15]), "other flows", got, m_rows)


def test_churners_of_many_vrfs():
    """Prefixes that change most in sum have no flow that does."""
    m = Made(path())
    for i in range(70):
        for k in range(100):
            m.change(BEGIN + k * S, "seen", "waiting", "none",
                     n=f"198.18.{i}.0/24", vrf=f"vrf{k % 10}")
    for i in range(20):
        for k in range(50):
            m.change(BEGIN + k * S, "seen", "waiting", "none",
                     n=f"203.0.{i}.0/24")
    m.close()
    out = page()
    part = out[out.index('id="churn"'):]
    rows = re.findall(r"<tr><td><code>203\.0\.\d+\.0/24</code></td>", part)
    check(len(rows) == 20 and "198.18." not in part, "other flows", rows)


# --- truth: what was not recorded is not drawn ---

def drawn(out, cls):
    """The stretches of time, 0 to 1000, where a line is drawn."""
    found = []
    for d in re.findall(rf'<path d="([^"]*)" class="line {cls}"', out):
        xs = [float(x) for x in re.findall(r"[MH](-?[\d.]+)", d)]
        found.append((min(xs), max(xs)))
    return sorted(found)


def test_gaps():
    m = Made(path())
    m.event(BEGIN, "start")
    for t in (0, 300, 600):  # five minutes apart: nothing changed
        m.sample(BEGIN + t * S, 100)
    m.event(BEGIN + 600 * S, "stop")
    m.event(BEGIN + 800 * S, "start")
    m.sample(BEGIN + 800 * S, 50)
    m.sample(BEGIN + 1000 * S, 60)  # killed
    m.sample(BEGIN + 1500 * S, 70)  # no start was written, either
    m.event(BEGIN + 2000 * S, "start")
    m.close()
    out = page()
    lines = drawn(out, "used")
    check(len(lines) == 3, "three runs", lines)
    for (a, b), (x, y) in zip(lines, ((0, 300), (400, 500), (750, 750))):
        check(abs(a - x) < 2 and abs(b - y) < 2, "another place", lines)
    check(drawn(out, "high") == lines, "the watermark is no longer than that",
          drawn(out, "high"))
    says(out, "offloadd did not run, or did not record, 2 times",
         "not recorded")


def test_samples_are_aggregated():
    """A month of them, and the peak is still there."""
    m = Made(path())
    for i in range(20000):
        m.sample(BEGIN + i * 100 * S, 998 if i == 7777 else 500 + i % 2)
    m.close()
    out = page()
    says(out, "most in this span 998", "500 to 998 of 1,000 slots used")
    check(len(out) < 600000, "the page is small", len(out))
    check(re.search(r'class="band"', out), "least and most are a band")


def test_span():
    made_simple()
    out = page("--from", span.stamp(BEGIN + 300 * S))
    says(out, "30 came into hardware")
    check(drawn(out, "used")[0][0] < 2, "what held before goes on",
          drawn(out, "used"))
    says(page("--last", "5m"), "30 came into hardware")
    says(page("--from", "2001-01-01", "--to", "2001-01-02"),
         "Nothing is recorded of a hardware table")
    out = page("--title", "A & B <i>")
    says(out, "A & B <i>")


def test_history_that_was_cut():
    m = Made(path())
    m.event(BEGIN, "start")
    m.db.execute("INSERT INTO history (seq, at_us, flow_id, prefix, vrf,"
                 " from_state, to_state, reason, class, rule) VALUES (5000,"
                 " ?, 1, '10.0.0.0/8', 'default', 'seen', 'waiting',"
                 " 'table-full', 'critical', 1)", (BEGIN + H,))
    m.event(BEGIN + 2 * H, "store-lost", text="1234 records were lost")
    m.change(1, "seen", "waiting", "none", n=3)
    m.close()
    out = page()
    says(out, "1,234 records of this span were lost",
         f"History before {span.stamp(BEGIN + H)} was deleted",
         "1 record with a time before the year 2000")
    check('class="gap"' in out, "it is hatched")


def test_older_schemas():
    for version in (1, 2, 3):
        m = Made(path(f"db{version}"), version)
        m.event(BEGIN, "start")
        m.change(BEGIN + S, "sent", "offloaded")
        m.change(BEGIN + 2 * S, "offloaded", "gone", "withdrawn")
        m.flow("offloaded", "admitted")
        m.close()
        out = page(db=path(f"db{version}"))
        says(out, "made by an older offloadd",
             "1 came into hardware, 0 were evicted, 1 left",
             "over time is not recorded")


# --- words that would be more ---

EVIL = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>',
        "</title></style></svg><b>", "'; DROP TABLE history; --", "&lt;&amp;",
        "a\x00b\x1b[31m\x85", "\ud7ff\ufffe", "x" * 4000, "\u202egnp.exe",
        "{{7*7}}", "--><script>", "%s%n", "javascript:alert(1)", ""]


def test_words_stay_words():
    m = Made(path())
    for i, evil in enumerate(EVIL):
        m.sample(BEGIN + i * S, 1, table=evil, admission=evil)
        m.event(BEGIN + i * S, evil, evil, text=evil)
        m.change(BEGIN + i * S, "sent", "failed", evil, n=evil, text=evil,
                 vrf=evil, table=evil, cls=evil)
        m.change(BEGIN + i * S, evil, evil, evil, n=evil, table=evil)
        m.flow(evil, evil, evil, evil)
    m.close()
    out = page("--title", EVIL[0])
    check(out.count("<script") == 1, "a script came in")
    check("<img" not in out and "<b>" not in out, "a mark came in")
    check(not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", out),
          "a control character came in")
    says(out, "<script>alert(1)</script>", "'; DROP TABLE history; --")
    check("script-src 'sha256-" in html.unescape(out), "the policy")


def test_wrong_types():
    """SQLite keeps anything in any column."""
    m = Made(path())
    made_values = (None, "x", b"\xff\xfe", 1.5, -1, 2 ** 62, -2 ** 62)
    for v in made_values:
        m.db.execute("INSERT INTO event (at_us, kind, used_slots,"
                     " capacity_slots) VALUES (?, ?, ?, ?)",
                     (BEGIN if v is None else v, *(
                         "" if v is None else v,) * 3))
        for used in made_values[1:]:
            m.sample(BEGIN, used, capacity=used, high=used, low=used,
                     answered=used if used != 2 ** 62 else None)
    m.event(BEGIN, "start")
    m.close()
    page()


# --- while it is written ---

def test_live():
    """A writer holds a transaction; what is committed in the log is seen."""
    m = Made(path())
    m.change(BEGIN, "sent", "offloaded")
    m.db.execute("COMMIT")
    m.db.execute("BEGIN IMMEDIATE")
    m.change(BEGIN + S, "offloaded", "leaving", "withdrawn")
    before = sorted(os.listdir(scratch))
    out = page()
    says(out, "1 came into hardware, 0 were evicted, 0 left",
         "while offloadd had it open")
    check(sorted(os.listdir(scratch)) == before, "files came or went",
          before, os.listdir(scratch))
    m.close()


def test_nothing_is_left():
    made_simple()
    os.chmod(path(), 0o440)
    before = sorted(os.listdir(scratch))
    check(before == ["db"], "alone", before)
    page()
    check(sorted(os.listdir(scratch)) == before, "something is left",
          os.listdir(scratch))


def test_stopped_halfway():
    """A signal while it reads leaves no half page."""
    m = Made(path())
    m.db.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE"
        " i < 600000) INSERT INTO history (at_us, flow_id, prefix, vrf,"
        " from_state, to_state, reason, class, rule, hw_table) SELECT ?1 + i,"
        " i, i || '', 'default', 'seen', 'waiting', 'none', 'critical', 1,"
        " 'main' FROM n", (BEGIN,))
    m.close()
    before = sorted(os.listdir(scratch))
    with subprocess.Popen([program, path(), "-o", path("page")],
                          stderr=subprocess.DEVNULL) as proc:
        time.sleep(0.3)
        proc.send_signal(signal.SIGTERM)
        proc.wait(timeout=60)
    left = set(os.listdir(scratch)) - set(before)
    check(proc.returncode == 143 and not left or
          proc.returncode == 0 and left == {"page"}, "left behind",
          proc.returncode, left)


# --- the parts ---

def test_times():
    for text in ("2026-01-31", "2026-01-31T12:00", "2026-01-31 12:00:01Z"):
        check(span.stamp(span.parse_time(text)).startswith("2026-01-31"),
              text)
    check(span.parse_duration("36h") == 36 * H, "a duration")
    check(span.duration(90061 * S) == "1 day 1 hour", "in words",
          span.duration(90061 * S))
    for length in (1, S, 59 * S, H, 30 * H, 900 * H, 20000 * H, 10 ** 6 * H):
        s = span.Span(BEGIN + 17, BEGIN + 17 + length)
        check(1 <= s.count <= 130, "buckets", length, s.count)
        edges = [s.edges(i) for i in range(s.count)]
        check(edges[0][0] == s.begin and edges[-1][1] == s.end and all(
            a[1] == b[0] for a, b in zip(edges, edges[1:])), "edges", length)
        check(len(s.ticks()) <= 10, "ticks", length)


def test_scales():
    for most in (0, 1, 2, 3, 7, 10, 11, 99, 101, 970, 12345, 10 ** 9, 2.5):
        ticks = chart.nice_ticks(most)
        check(ticks[0] == 0 and ticks[-1] >= most and len(ticks) >= 2
              and ticks == sorted(set(ticks)), "ticks", most, ticks)
    check(markup.tag("b", "<&\"'", title='"') ==
          '<b title="&quot;">&lt;&amp;&quot;&#x27;</b>', "a mark")


@contextlib.contextmanager
def own_directory():
    global scratch
    with tempfile.TemporaryDirectory(prefix="ofl-report-") as scratch:
        yield


def main():
    global program
    if len(sys.argv) != 2:
        sys.exit("usage: tests/report/pages.py BUILD-DIR")
    program = os.path.abspath(sys.argv[1]) + "/report/offload-report"
    return run_tests(globals(), own_directory)


if __name__ == "__main__":
    sys.exit(main())
