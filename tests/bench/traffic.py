#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""bench/traffic_bench works: its figures are there and fit together, hardware
never answers wrongly, a few thousand routes show what it is about, and what it
cannot do it refuses.  How fast is not asked here.

    tests/bench/traffic.py BUILD-DIR
"""
import gzip
import os
import re
import subprocess
import sys
import tempfile

import figures

COUNT = 6000
TRACES = {"zipf", "drift", "flash", "adversary", "mice"}
METHODS = {"ours", "first_come", "lru", "ovs"}
NEARLY = 0.0001  # figures are rounded
# About as many packets a slot as the default has.
FAST = ("--count", 5000, "--periods", 40, "--warm-up", 26, "--pps", 500000,
        "--drift-top", 0, "--flash", 10)


def write_tables(b, where):
    result = subprocess.run([b.feeder, "--print", str(COUNT)], text=True,
                            check=True, stdout=subprocess.PIPE)
    path = os.path.join(where, "routes.gz")
    with gzip.open(path, "wt") as f:
        f.write(result.stdout)
    plain = os.path.join(where, "few")
    with open(plain, "w", encoding="utf-8") as f:
        f.write("10.0.0.0/8 192.0.2.1,eth0\n10.1.2.3/32 receive,eth0\n"
                "192.0.2.0/24 192.0.2.2,eth0\n198.51.100.0/24 attached,eth1\n"
                "0.0.0.0/0 192.0.2.1,eth0\n203.0.113.0/24 192.0.2.1,eth0\n")
    return path, plain


class Traffic(figures.Bench):
    def __init__(self, build):
        super().__init__(build + "/bench/traffic_bench")
        self.feeder = build + "/bench/feeder"


# --- what must be so of any trace ---
def check_method(b, name, t, m, f):
    b.check(name + ": hardware answers as the full table",
            m["wrong_packets"] == 0 and m["misforwarded_during"] == 0)
    b.check(name + ": no write is refused, no slot too many is taken",
            m["refused"] == 0 and 0 < m["used"] <= f["slots"])
    b.check(name + ": it answers something, and no more than the optimum",
            0 < m["share"] <= t["optimum_share"] + NEARLY and
            m["of_optimum_least"] <= m["of_optimum"] + NEARLY)
    b.check(name + ": writes add up",
            m["adds"] + m["deletes"] + m["replaces"] == m["writes"] and
            m["insertions"] <= m["adds"] + m["replaces"] and
            m["writes"] <= m["writes_all"])


def check_trace(b, t, f):
    name = "%s %s" % (t["trace"], t["zipf"])
    for method, m in t["methods"].items():
        if m is not None:
            check_method(b, "%s, %s" % (name, method), t, m, f)
    ours = t["methods"]["ours"]
    b.check(name + ": writes are checked, and come to an end",
            ours["looked_up_during"] > 0 and ours["settled"] is True)
    b.check(name + ": the filter is for mice",
            (t["methods"]["ours_filtered"] is None) == (t["trace"] != "mice"))
    b.check(name + ": first come, first served never writes again",
            t["methods"]["first_come"]["writes"] == 0)


def check_promises(b, f):
    for p in f["promises"]:
        limit = p.get("at_least", p.get("at_most"))
        kept = p["found"] >= limit - NEARLY if "at_least" in p else \
            p["found"] <= limit + NEARLY
        title = "%s %s, %s: %s" % (p["trace"], p["zipf"], p["method"],
                                   p["what"])
        b.check(title + " is judged as it says", kept == p["kept"])


def of(f, trace, zipf=1.0):
    return next(t for t in f["traces"]
                if t["trace"] == trace and t["zipf"] == zipf)


# --- what the traces are about, with wide bounds ---
def check_traces(b, f):
    for zipf in (0.9, 1.0, 1.2):
        ours = of(f, "drift", zipf)["methods"]["ours"]
        b.check("drift %s: near the optimum" % zipf,
                ours["of_optimum"] >= 0.9)
    for trace in sorted(TRACES):
        m = of(f, trace)["methods"]
        b.check(trace + ": better than all others",
                all(m["ours"]["share"] >= m[other]["share"]
                    for other in METHODS - {"ours"}))
        b.check(trace + ": with fewer writes than LRU",
                m["ours"]["writes"] < m["lru"]["writes"])
    flash = of(f, "flash")["methods"]["ours"]
    b.check("flash: a crowd is felt, and got over",
            flash["of_optimum_least"] < flash["of_optimum"] - 0.05 and
            flash["of_optimum"] >= 0.9)
    m = of(f, "adversary")["methods"]
    b.check("adversary: is not followed",
            m["ours"]["writes"] < m["ovs"]["writes"] / 5)
    b.check("adversary: optional writes keep to their budget",
            m["ours"]["optional_all"] <= f["optional_per_s"] *
            f["period_s"] * (f["periods"] + 1))
    m = of(f, "mice")["methods"]
    b.check("mice: the filter keeps them out",
            m["ours_filtered"]["insertions"] * 5 <=
            m["ours"]["insertions"] and m["ours_filtered"]["mice"] > 0)
    b.check("mice: and little is lost by it",
            m["ours_filtered"]["share"] >= m["ours"]["share"] - 0.02)


def names_of(value):
    if isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from names_of(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from names_of(inner)


def test_all(b, path):
    args = ("--routes", path) + FAST
    f = b.figures(*args)
    b.check("there are figures", f is not None)
    if f is None:
        return
    text = b.run("--help").stdout
    b.check("--help explains every member",
            all(re.search(r"\b%s\b" % name, text) for name in names_of(f)))
    b.check("all traces are run", {t["trace"] for t in f["traces"]} == TRACES)
    b.check("a part of the routes is taken, and a part of these has slots",
            4500 <= f["routes"] <= 5000 and f["slots"] == f["routes"] // 50)
    for t in f["traces"]:
        check_trace(b, t, f)
    check_promises(b, f)
    b.check("kept is all of them",
            f["kept"] == all(p["kept"] for p in f["promises"]))
    check_traces(b, f)


def test_repeat(b, path):
    args = ("--routes", path, "--trace", "drift", "--zipf", 1.0) + FAST
    f, again = b.figures(*args), b.figures(*args)
    other = b.figures(*args, "--seed", 2)
    b.check("the same seed gives the same figures", f == again)
    b.check("another one gives others", f["traces"] != other["traces"])


def test_check(b, path, few):
    """--check fails if and only if a promise is broken."""
    args = ("--routes", path, "--check", "--trace", "drift", "--zipf", 1.0,
            "--count", 2000, "--periods", 8, "--warm-up", 2)
    for more in ((), ("--writes", 1, "--drift-permille", 200)):
        f = b.figures(*args, *more)
        status = b.run(*args, *more).returncode
        b.check("--check %s tells whether all were kept" % (more,),
                status == (0 if f["kept"] else 1))
    b.check("--check %s: they were not" % (more,), status == 1)
    f = b.figures("--routes", few, "--slots", 2, "--trace", "zipf",
                  "--periods", 3, "--warm-up", 1, "--high", 100, "--low", 50)
    b.check("a route of the router itself stays in software",
            f is not None and
            all(m is None or m["wrong_packets"] == 0 and m["share"] < 1
                for m in f["traces"][0]["methods"].values()))


# --- what is refused ---
def test_refusals(b, few, where):
    good = ("--routes", few, "--slots", 2)
    for what, args, word in (
            ("no options", (), "--routes"),
            ("an unknown option", good + ("--speed", 1), "--speed"),
            ("a missing value", good + ("--zipf",), "--zipf"),
            ("a word too much", good + ("more",), "more"),
            ("an unknown trace", good + ("--trace", "flood"), "flood"),
            ("an unknown family", good + ("--family", "ipx"), "ipx"),
            ("no number", good + ("--pps", "many"), "--pps"),
            ("no sampling", good + ("--sampling", 0), "--sampling"),
            ("only a warm-up", good + ("--periods", 5, "--warm-up", 5),
             "--warm-up"),
            ("watermarks upside down", good + ("--low", 98), "--low"),
            ("more packets than can be counted",
             good + ("--pps", 4e8, "--period", 20), "--pps"),
            ("too many slots", ("--routes", few, "--slots", 4), "slots"),
            ("a share that is no slot",
             ("--routes", few, "--slots-percent", 1), "slots"),
            ("no such file", ("--routes", where + "/none"), "none")):
        result = b.run(*args)
        said = result.stderr.splitlines()
        b.check("refused: " + what, result.returncode == 2 and
                not result.stdout and word in (said or [""])[-1])


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__.strip())
    b = Traffic(os.path.abspath(sys.argv[1]))
    with tempfile.TemporaryDirectory() as where:
        path, few = write_tables(b, where)
        test_all(b, path)
        test_repeat(b, path)
        test_check(b, path, few)
        test_refusals(b, few, where)
    return b.end()


if __name__ == "__main__":
    sys.exit(main())
