#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""bench/acl_bench works: it reads rule files, its figures are there and fit
together, hardware never answers wrongly, and what it cannot do it refuses.
How fast is not asked here.

    tests/bench/acl.py BUILD-DIR [DATA-DIR]

Real lists are in ../shared/data beside the tree, or in DATA-DIR; without them
that part is skipped.
"""
import gzip
import os
import random
import re
import sys
import tempfile

import figures

COUNT = 600
NEARLY = 0.001  # figures are rounded
QUICK = ("--packets", 3000, "--pairs", 3000)
MEMBERS = ("rules", "capacity", "used", "hit_rate", "misclassified",
           "upper_bound", "dependent_set", "load_s", "plan_step_max_ms",
           "change_ms",
           "moves_per_insert", "distinct_masks")
REAL = ("stanford-acl/yoza_168.acl.gz", "stanford-acl/coza_inACL.acl.gz",
        "classbench/acl1_1k.rules.gz", "classbench/fw1_1k.rules.gz",
        "classbench/ipc1_1k.rules.gz")


# --- what must be so of any run ---
def check_sane(b, name, f):
    b.check(name + ": there are figures", f is not None)
    if f is None:
        return False
    b.check(name + ": hardware answers as the list",
            f["misclassified"] == 0 and f["looked_up"] >= f["rules"])
    b.check(name + ": the table is not overfilled",
            0 < f["used"] <= f["used_max"] <= f["capacity"])
    b.check(name + ": it is filled with what it says",
            f["real"] + f["covers"] <= f["used"])
    b.check(name + ": no write is refused", f["refused"] == 0)
    b.check(name + ": it comes to an end", f["settled"] is True)
    b.check(name + ": some traffic is answered", 0 < f["hit_rate"] <= 100)
    b.check(name + ": what its rules carry is answered, looked up",
            f["hit_rate_packets"] >= f["hit_rate"] - NEARLY)
    b.check(name + ": no worse than the simple method",
            f["hit_rate"] >= f["dependent_set"] - NEARLY)
    if f["upper_bound"] is not None:
        b.check(name + ": nobody is better than the bound",
                f["upper_bound"] <= f["cut_bound"] + NEARLY and
                max(f["hit_rate"], f["dependent_set"]) <=
                f["upper_bound"] + NEARLY)
        b.check(name + ": not far from the bound", f["of_bound"] >= 0.965)
    return True


# --- generated lists ---
def prefix(draw, length):
    address = (10 << 24) | draw.getrandbits(5) << 16 | draw.getrandbits(16)
    address &= 0xffffffff << (32 - length) & 0xffffffff
    return "%d.%d.%d.%d/%d" % (address >> 24, address >> 16 & 255,
                               address >> 8 & 255, address & 255, length)


def one_rule(draw, action):
    lengths = (8, 16, 24, 28, 32)
    port = draw.choice(("0 : 65535", "80 : 80", "1024 : 65535", "53 : 99"))
    proto = draw.choice(("0x06/0xFF", "0x11/0xFF", "0x00/0x00"))
    return "@%s\t%s\t0 : 65535\t%s\t%s\t0x0000/0x0000\t%s" % (
        prefix(draw, draw.choice(lengths)), prefix(draw, draw.choice(lengths)),
        port, proto, draw.choice("pd") if action else "")


def write_lists(where):
    draw = random.Random(1)
    paths = {}
    for name, action in (("plain", False), ("action", True)):
        paths[name] = os.path.join(where, name + ".gz")
        with gzip.open(paths[name], "wt") as f:
            f.write("# by chance\n\n")
            for _ in range(COUNT):
                f.write(one_rule(draw, action) + "\n")
    paths["hand"] = os.path.join(where, "hand")
    with open(paths["hand"], "w", encoding="utf-8") as f:
        # the third hides nothing of the first two; the fourth is never reached
        f.write("@10.0.0.1/32 0.0.0.0/0 0:65535 0:65535 6/0xff 0/0 d\r\n"
                "10.0.0.9/32 0.0.0.0/0 0 : 65535 22 : 22 0x06/0xFF p\n"
                "  @10.0.0.0/8 0.0.0.0/0 0 : 65535 0 : 65535 0/0 0/0 p\n"
                "@10.1.0.0/16 0.0.0.0/0 0 : 65535 0 : 65535 0/0 0/0 p")
    return paths


def test_generated(b, paths):
    for actions, path in (("distinct", "plain"), ("two", "plain"),
                          ("file", "action")):
        args = ("--rules", paths[path], "--capacity-percent", 10, "--actions",
                actions, "--bound", "--changes", 60, *QUICK)
        name = "generated, %s" % actions
        f = b.figures(*args)
        if not check_sane(b, name, f):
            continue
        b.check(name + ": all members are there",
                all(m in f for m in MEMBERS))
        b.check(name + ": the whole list is read",
                (f["rules"], f["capacity"]) == (COUNT, COUNT // 10))
        times = f["change_ms"]
        b.check(name + ": every change is timed",
                times["count"] == 60 and 0 < times["mean"] <= times["max"])
        again = b.figures(*args)
        b.check(name + ": the same seed gives the same figures",
                all(f[m] == again[m] for m in
                    ("hit_rate", "used", "upper_bound", "dependent_set",
                     "moves_per_insert", "relabels")))
    text = b.run("--help").stdout
    b.check("--help explains every member",
            all(re.search(r"\b%s\b" % m, text) for m in f))
    b.check("--help fits on a screen's width",
            max(map(len, text.splitlines())) <= 80)


def test_options(b, paths):
    f = b.figures("--rules", paths["plain"], "--capacity", 40, "--ranges",
                  "expand", "--high", 90, "--low", 80, "--changes", 0, *QUICK)
    if check_sane(b, "options", f):
        b.check("options: best effort stays below the high watermark",
                f["used_max"] <= 36)
        b.check("options: ranges take more slots than there are entries",
                f["used"] > f["real"] + f["covers"])
        b.check("options: what was not asked for is null",
                f["upper_bound"] is None and f["change_ms"] is None and
                f["moves_per_insert"] is None)


def test_hand(b, paths):
    f = b.figures("--rules", paths["hand"], "--capacity", 4, "--actions",
                  "file", "--bound", "--changes", 40, *QUICK)
    if check_sane(b, "by hand", f):
        b.check("by hand: a hidden rule gets no traffic",
                (f["rules"], f["reached"]) == (4, 3))
        b.check("by hand: all traffic fits", f["hit_rate"] == 100)


# --- what is refused ---
def test_refusals(b, paths, where):
    def rules(name, text):
        path = os.path.join(where, name)
        with open(path, "wb") as f:
            f.write(text)
        return path

    good = b"@10.0.0.0/8 0.0.0.0/0 0 : 65535 0 : 65535 0x06/0xFF 0x0/0x0"
    with open(paths["plain"], "rb") as f:
        half = f.read()
    half = rules("half.gz", half[:len(half) // 2])
    small = ("--capacity", 8)
    hand = ("--rules", paths["hand"])
    for what, args, word in (
            ("no options", (), "--rules"),
            ("no capacity", hand, "--capacity"),
            ("an unknown option", hand + small + ("--speed", 1), "--speed"),
            ("a missing value", hand + ("--capacity",), "--capacity"),
            ("a capacity of nothing", hand + ("--capacity", 0), "--capacity"),
            ("unknown actions", hand + small + ("--actions", "three"),
             "distinct, two or file"),
            ("a word too much", hand + small + ("more",), "more"),
            ("watermarks upside down",
             hand + small + ("--low", 90, "--high", 80), "--low"),
            ("no number", hand + small + ("--zipf", "steep"), "--zipf"),
            ("no such file", ("--rules", where + "/none") + small, "none"),
            ("actions that are not there",
             ("--rules", paths["plain"], "--actions", "file") + small,
             "action"),
            ("an empty list", ("--rules", rules("empty", b"#\n")) + small,
             "no rule"),
            ("half a gzip file", ("--rules", half) + small, "gzip")):
        result = b.run(*args)
        said = result.stderr.splitlines()
        b.check("refused: " + what, result.returncode == 2 and
                not result.stdout and word in (said or [""])[-1])
    for what, line in (
            ("a length", good.replace(b"/8", b"/33")),
            ("an address", good.replace(b"10.0.0.0", b"10.0.256.0")),
            ("half an address", b"@10.0.0/8 0.0.0.0/0 0 : 1 0 : 1 6/255"),
            ("a port", good.replace(b"65535", b"65536")),
            ("ports upside down", good.replace(b"0 : 65535", b"9 : 8")),
            ("no ports", b"@10.0.0.0/8 0.0.0.0/0 6/255 0/0"),
            ("a protocol", good.replace(b"0x06", b"0x106")),
            ("flags", good.replace(b"0x0/", b"0x10000/")),
            ("an action", good + b" x"),
            ("more than an action", good + b" p p"),
            ("an endless line", good + b" " * 5000),
            ("bytes", b"\0\1\2\xff")):
        result = b.run("--rules", rules("bad", good + b"\n\n" + line + b"\n"),
                       *small)
        b.check("refused: " + what, result.returncode == 2 and
                not result.stdout and "line 3" in result.stderr)


# --- real lists ---
def test_real(b, data):
    if not os.path.isdir(data):
        b.skip("no data")
        return
    for name in REAL:
        for percent in (1, 10):
            title = "%s, %s %%" % (name, percent)
            f = b.figures("--rules", os.path.join(data, name),
                          "--capacity-percent", percent, "--bound",
                          "--changes", 100, *QUICK)
            check_sane(b, title, f)


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__.strip())
    b = figures.Bench(os.path.abspath(sys.argv[1]) + "/bench/acl_bench")
    with tempfile.TemporaryDirectory() as where:
        paths = write_lists(where)
        test_generated(b, paths)
        test_options(b, paths)
        test_hand(b, paths)
        test_refusals(b, paths, where)
    test_real(b, sys.argv[2] if len(sys.argv) == 3 else figures.DATA)
    return b.end()


if __name__ == "__main__":
    sys.exit(main())
