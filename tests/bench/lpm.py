#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""bench/lpm_bench works: it reads the three forms of tables, its figures are
there and fit together, hardware never answers wrongly, and what it cannot do
it refuses.  How fast is not asked here.

    tests/bench/lpm.py BUILD-DIR [DATA-DIR]

Real tables are in ../shared/data beside the tree, or in DATA-DIR; without them
that part is skipped.
"""
import gzip
import os
import random
import re
import subprocess
import sys
import tempfile

import figures

COUNT4, COUNT6 = 3000, 300
NEXT_HOPS = 12
NEARLY = 0.001  # figures are rounded
TIMES = ("update_us", "withdraw_announce_us", "next_hop_us", "counter_us",
         "turn_us")
METHODS = {"first_come", "longest_first", "lfu", "dependent_set", "mixed_set",
           "priced"}
SAFE_METHODS = ("dependent_set", "mixed_set", "priced")
MEMBERS = TIMES + (
    "routes", "routes_ipv4", "routes_ipv6", "capacity", "used", "hit_rate",
    "critical_offloaded", "best_effort_hit_rate", "misforwarded",
    "misforwarded_during", "upper_bound", "quality", "exact_optimum",
    "exact_ratio", "methods", "build_us_per_route", "bytes_per_route",
    "writes_per_sweep")


class Lpm(figures.Bench):
    def __init__(self, build):
        super().__init__(build + "/bench/lpm_bench")
        self.feeder = build + "/bench/feeder"

    def prefixes(self):
        result = subprocess.run(
            [self.feeder, "--print", str(COUNT4), "--count6", str(COUNT6)],
            text=True, check=True, stdout=subprocess.PIPE)
        return result.stdout.split()


# --- what must be so of any run ---
def check_sane(b, name, f):
    b.check(name + ": there are figures", f is not None)
    if f is None:
        return False
    b.check(name + ": hardware answers as the full table",
            f["misforwarded"] == 0 and f["looked_up"] >= f["routes"])
    b.check(name + ": after every write, too",
            f["misforwarded_during"] == 0 and f["looked_up_during"] > 0)
    b.check(name + ": the table is not overfilled",
            0 < f["used"] <= f["used_max"] <= f["capacity"])
    b.check(name + ": no write is refused", f["refused"] == 0)
    b.check(name + ": it comes to an end", f["settled"] is True)
    b.check(name + ": some traffic is answered", 0 < f["hit_rate"] <= 100)
    if f["upper_bound"] is not None:
        b.check(name + ": not more than the certificate allows",
                f["hit_rate"] <= f["upper_bound"] + NEARLY)
    return True


def check_methods(b, name, f):
    methods = f["methods"]
    b.check(name + ": all methods are compared", set(methods) == METHODS)
    first = methods["first_come"]
    b.check(name + ": better than first come first served",
            f["hit_rate"] >= first["hit_rate"] - first["misforwarded"])
    b.check(name + ": the methods that mind dependencies are right",
            all(methods[m]["misforwarded"] == 0 for m in SAFE_METHODS))


def check_exact(b, name, f):
    """Two searches for the best choice, and what both say of the others."""
    best = f["exact_optimum"]
    b.check(name + ": there is an exact optimum", best is not None)
    if best is None:
        return
    b.check(name + ": nobody is better than the optimum",
            f["hit_rate"] <= best + NEARLY and f["exact_ratio"] <= 1 and
            all(f["methods"][m]["hit_rate"] <= best + NEARLY
                for m in SAFE_METHODS))
    b.check(name + ": nor is the optimum better than the bound",
            best <= f["methods"]["priced"]["upper_bound"] + NEARLY)


# --- generated tables ---
def write_tables(b, where):
    """The same routes in the three forms."""
    prefixes = b.prefixes()
    draw = random.Random(1)
    paths = {}
    for form in ("prefix", "prefix AS", "prefix nexthop"):
        paths[form] = os.path.join(where, form.replace(" ", "-") + ".gz")
        with gzip.open(paths[form], "wt") as f:
            for p in prefixes:
                n = draw.randrange(NEXT_HOPS)
                f.write(p + {"prefix": "", "prefix AS": "\t%d" % (64512 + n),
                             "prefix nexthop": " 192.0.2.%d,eth%d" % (n, n)
                             }[form] + "\n")
    plain = os.path.join(where, "local")
    with open(plain, "w", encoding="utf-8") as f:
        f.write("# by hand\n0.0.0.0/0 192.0.2.1,eth0\n10.0.0.0/8 drop,\n"
                "10.0.0.0/8 192.0.2.2,eth0\n10.1.2.3/32 receive,eth0\n"
                "192.0.2.0/24 attached,eth0\n192.0.2.7/32 receive\n")
    paths["local"] = plain
    return paths


def test_generated(b, paths):
    args = ("--routes", paths["prefix"], "--capacity-percent", 5, "--methods",
            "--exact", "--churn", 600, "--drift", 3, "--noise", 2,
            "--samples", 20000)
    f = b.figures(*args)
    if not check_sane(b, "generated", f):
        return
    b.check("generated: all members are there",
            all(name in f for name in MEMBERS))
    text = b.run("--help").stdout
    b.check("generated: --help explains every member",
            all(re.search(r"\b%s\b" % name, text) for name in f))
    b.check("generated: all routes are read",
            (f["routes_ipv4"], f["routes_ipv6"]) == (COUNT4, COUNT6))
    b.check("generated: the capacity is a share of the routes",
            f["capacity"] == (COUNT4 + COUNT6) * 5 // 100)
    b.check("generated: every kind of change is timed",
            all(f[name]["count"] > 0 and
                0 < f[name]["mean"] <= f[name]["max"] and
                f[name]["p99"] <= f[name]["max"] for name in TIMES))
    b.check("generated: sweeps are counted",
            f["drift"]["sweeps"] == 3 and f["noise"]["sweeps"] == 2 and
            f["writes_per_sweep"]["mean"] <= f["writes_per_sweep"]["max"])
    check_methods(b, "generated", f)
    check_exact(b, "generated", f)
    again = b.figures(*args)
    b.check("generated: the same seed gives the same figures",
            all(f[name] == again[name]
                for name in ("hit_rate", "used", "methods", "drift", "noise")))


def test_critical(b, paths):
    f = b.figures("--routes", paths["prefix"], "--capacity-percent", 10,
                  "--critical", 30, "--churn", 90, "--samples", 20000)
    if check_sane(b, "critical", f):
        b.check("critical: all are offloaded", f["critical_offloaded"] == 100)
        b.check("critical: what was not asked for is null",
                f["methods"] is None and f["exact_optimum"] is None and
                f["drift"] is None and f["writes_per_sweep"] is None)


def test_forms(b, paths):
    for form in ("prefix AS", "prefix nexthop"):
        f = b.figures("--routes", paths[form], "--capacity", 200, "--samples",
                      20000, "--next-hops", NEXT_HOPS, "--family", "ipv4")
        if check_sane(b, form, f):
            b.check(form + ": is told", f["format"] == form)
            b.check(form + ": another family is left out",
                    (f["routes"], f["routes_ipv6"]) == (COUNT4, 0))
            b.check(form + ": next hops are told apart",
                    f["next_hops"] == NEXT_HOPS)
    f = b.figures("--routes", paths["local"], "--capacity", 6, "--methods",
                  "--exact", "--churn", 60, "--samples", 5000)
    if check_sane(b, "local", f):
        b.check("local: a prefix counts once",
                (f["routes"], f["duplicates"]) == (5, 1))
        b.check("local: addresses of the router are never offloaded",
                f["never"] == 2 and f["hit_rate"] < 100)
        check_exact(b, "local", f)


# --- what is refused ---
def test_refusals(b, paths, where):
    def table(name, text):
        path = os.path.join(where, name)
        with open(path, "wb") as f:
            f.write(text)
        return path

    with open(paths["prefix AS"], "rb") as f:
        half = f.read()
    half = table("half.gz", half[:len(half) // 2])
    small = ("--capacity", 8)
    good = ("--routes", paths["local"])
    for what, args, word in (
            ("no options", (), "--routes"),
            ("no capacity", good, "--capacity"),
            ("an unknown option", good + small + ("--speed", 1), "--speed"),
            ("a missing value", good + ("--capacity",), "--capacity"),
            ("a capacity of nothing", good + ("--capacity", 0), "--capacity"),
            ("a share that is no slot", good + ("--capacity-percent", 1),
             "slots"),
            ("an unknown family", good + small + ("--family", "ipx"), "ipx"),
            ("a word too much", good + small + ("more",), "more"),
            ("watermarks upside down",
             good + small + ("--low", 90, "--high", 80), "--low"),
            ("no number", good + small + ("--zipf", "steep"), "--zipf"),
            ("no such file", ("--routes", where + "/none") + small, "none"),
            ("a line that is no prefix", ("--routes", table(
                "bad", b"192.0.2.0/24\n\n192.0.2.0/33\n")) + small, "line 3"),
            ("forms mixed", ("--routes", table(
                "mixed", b"192.0.2.0/24 1\n198.51.100.0/24\n")) + small,
             "line 2"),
            ("an AS number that is none", ("--routes", table(
                "as", b"192.0.2.0/24 4294967296\n")) + small, "line 1"),
            ("an endless line", ("--routes", table(
                "long", b"1" * 5000)) + small, "line 1"),
            ("an empty table", ("--routes", table("empty", b"#\n")) + small,
             "no route"),
            ("half a gzip file", ("--routes", half) + small, "gzip")):
        result = b.run(*args)
        said = result.stderr.splitlines()
        b.check("refused: " + what, result.returncode == 2 and
                not result.stdout and word in (said or [""])[-1])


# --- real tables ---
def test_real(b, data):
    if not os.path.isdir(data):
        b.skip("no data")
        return
    for name in ("stanford-fib/yoza", "stanford-fib/bbra",
                 "internet2-fib/atla"):
        path = os.path.join(data, name + ".txt.gz")
        for size in (("--capacity-percent", 5), ("--capacity", 32)):
            title = "%s, %s %s" % ((name,) + size)
            f = b.figures("--routes", path, *size, "--methods", "--exact",
                          "--churn", 300, "--samples", 50000)
            if not check_sane(b, title, f):
                continue
            check_methods(b, title, f)
            check_exact(b, title, f)
            if f["quality"] is not None:
                b.check(title + ": near the exact optimum",
                        f["exact_ratio"] >= 0.99)


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__.strip())
    b = Lpm(os.path.abspath(sys.argv[1]))
    with tempfile.TemporaryDirectory() as where:
        paths = write_tables(b, where)
        test_generated(b, paths)
        test_critical(b, paths)
        test_forms(b, paths)
        test_refusals(b, paths, where)
    test_real(b, sys.argv[2] if len(sys.argv) == 3 else figures.DATA)
    return b.end()


if __name__ == "__main__":
    sys.exit(main())
