#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The page of offload-report in a real browser: wide and narrow, light and
dark, with a script and without, on paper, by keyboard and by mouse.

    tests/report/browser.py BUILD-DIR [--pictures DIR]

Prints "N passed, N failed".  Needs Debian's chromium; nothing is fetched, and
no file stays, but pictures if a directory for them is named.
"""
import os
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True  # in the source tree
import made  # noqa: E402
from checks import check, run_tests  # noqa: E402
from chromium import PROGRAM, Browser, colors  # noqa: E402

CHARTS = ("table-main-slots", "table-main-answered", "table-main-moves",
          "why-time")
LOOKS = (("wide-light", 1280, False), ("wide-dark", 1280, True),
         ("narrow-light", 360, False), ("narrow-dark", 360, True))
browser = pictures = directory = None


def page(name):
    return os.path.join(directory, name + ".html")


def is_well():
    said = browser.complaints()
    check(not said, "the console is not empty", *said)


def light_of(color):
    return sum(color) / 3


def has_charts():
    for name in CHARTS:
        box = browser.ask(
            f"(() => {{ const s = document.querySelector('#{name} svg.plot');"
            " if (!s) return null; const b = s.getBoundingClientRect();"
            " return [b.width, b.height, s.querySelectorAll('path').length]"
            " })()")
        check(box and box[0] > 200 and box[1] > 80 and box[2] > 4,
              f"{name} is no chart", box)
    return len(CHARTS)


def test_looks():
    for name, width, dark in LOOKS:
        browser.open(page("day"), width=width, dark=dark)
        is_well()
        has_charts()
        inside = browser.ask("document.documentElement.scrollWidth")
        check(inside <= width, f"{name}: it is wider than the window", inside)
        over = browser.ask(
            "[...document.querySelectorAll('.lane-name, .values span,"
            " .times span')].filter(e => { const b ="
            " e.getBoundingClientRect(); return b.left < 0 || b.right >"
            " innerWidth }).map(e => e.textContent)")
        check(not over, f"{name}: words leave the page", over)
        shot = browser.screenshot()
        seen = colors(shot)
        check(len(seen) > 60, f"{name}: it is blank", len(seen))
        paper = max(seen, key=seen.get)
        check((light_of(paper) < 60) == dark, f"{name}: its paper", paper)
        if pictures:
            with open(os.path.join(pictures, name + ".png"), "wb") as f:
                f.write(browser.screenshot(whole=True))


def test_lines_are_drawn():
    """Each line has its color, and where nothing is known none is."""
    browser.open(page("day"))
    for cls in ("used", "capacity", "high", "low", "lists"):
        stroke = browser.ask(
            f"getComputedStyle(document.querySelector('.line.{cls}')).stroke")
        check(stroke not in ("none", "rgb(0, 0, 0)"), cls, stroke)
    check(browser.ask("document.querySelectorAll('#table-main-slots .line"
                      ".used').length") == 2, "two runs: it was killed once")
    check(browser.ask("document.querySelectorAll('#table-main-slots"
                      " svg.plot rect.gap').length") == 1, "and one gap")


def test_without_a_script():
    browser.open(page("day"), script=False)
    is_well()
    browser.call("Emulation.setScriptExecutionDisabled", value=False)
    has_charts()
    check(browser.ask("document.querySelectorAll('.hits rect title').length")
          > 100, "charts have words")
    check(browser.ask("document.getElementById('tip').hidden"), "no tip")


def tip():
    return browser.ask("(() => { const t = document.getElementById('tip');"
                       " return t.hidden ? '' : t.textContent })()")


def test_mouse():
    browser.open(page("day"))
    x, y = browser.ask(
        "(() => { const d = document.querySelector('#table-main-slots"
        " .drawing'); d.scrollIntoView({block: 'center'});"
        " const b = d.getBoundingClientRect();"
        " return [b.left + b.width * 0.7, b.top + b.height / 2] })()")
    # What scrolls hides the tip: that is over after two frames.
    browser.ask("new Promise(done => requestAnimationFrame(() =>"
                " requestAnimationFrame(() => done(0))))")
    browser.point(x, y)
    check("slots used; high watermark 1,940" in tip(), "the tip", tip())
    browser.point(x, 5)
    check(tip() == "", "it goes", tip())
    check(browser.ask("document.querySelectorAll('.hits rect:not(:has(title))"
                      "').length") == 0, "every title is back")
    is_well()


def test_keyboard():
    browser.open(page("day"))
    browser.key("Tab")
    check(browser.ask("document.activeElement.className") == "skip",
          "the first is the way to the charts")
    seen = set()
    for _ in range(200):
        browser.key("Tab")
        where = browser.ask(
            "(() => { const e = document.activeElement, f ="
            " e.closest('figure'); return e.className === 'drawing' && f ?"
            " f.id : '' })()")
        if where:
            seen.add(where)
        if where == "table-main-slots":
            browser.key("ArrowRight")
            first = tip()
            browser.key("ArrowRight")
            check(first and tip() and tip() != first, "arrows walk", first)
            browser.key("End")
            check("05:" in tip(), "to the end", tip())
            browser.key("Escape")
            check(tip() == "", "it goes")
        if len(seen) == len(CHARTS):
            break
    check(seen == set(CHARTS), "not every chart is reached", seen)
    is_well()


def test_screen_reader():
    browser.open(page("day"))
    names = browser.names()
    images = [n for role, n in names if role in ("image", "img")]
    check(len(images) >= len(CHARTS) and all(images), "images without a name",
          images)
    check(any("Occupancy of table main" in n for n in images), "its title",
          images)
    for role in ("heading", "navigation", "main", "table"):
        check(any(r == role for r, _ in names), f"no {role}")
    check(all(n for r, n in names if r in ("heading", "link", "region")),
          "something has no name")
    is_well()


def contrast(a, b):
    def luminance(color):
        parts = [c / 255 for c in color]
        parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
                 for c in parts]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_contrast():
    """Words 4.5 : 1, lines 3 : 1, as WCAG 2 wants them."""
    for dark in (False, True):
        browser.open(page("day"), dark=dark)
        got = browser.ask(
            "(() => { const s = getComputedStyle(document.documentElement);"
            " const out = {}; for (const n of ['paper', 'card', 'ink', 'soft',"
            " 'link', 'warn', 'used', 'capacity', 'high', 'low', 'lists',"
            " 's1', 's2', 's3', 's4', 's5', 's6', 's7', 'down'])"
            " out[n] = s.getPropertyValue('--' + n).trim(); return out })()")
        rgb = {}
        for name, text in got.items():
            digits = text[1:] if len(text) > 4 else \
                "".join(c * 2 for c in text[1:])
            rgb[name] = [int(digits[i:i + 2], 16) for i in (0, 2, 4)]
        for words in ("ink", "soft", "link", "high", "low", "s3", "down"):
            for ground in ("card",) if words in ("high", "low", "s3", "down") \
                    else ("paper", "card"):
                c = contrast(rgb[words], rgb[ground])
                check(c >= 4.5, f"{words} on {ground}, dark: {dark}", c)
        for line in ("used", "capacity", "lists", "s1", "s2", "s4", "s5",
                     "s6", "s7"):
            c = contrast(rgb[line], rgb["card"])
            check(c >= 3, f"{line}, dark: {dark}", c)


def test_paper():
    browser.open(page("day"), dark=True)
    pdf = browser.pdf()
    check(pdf.startswith(b"%PDF") and len(pdf) > 20000, "no print", len(pdf))
    if pictures:
        with open(os.path.join(pictures, "paper.pdf"), "wb") as f:
            f.write(pdf)
    is_well()


def test_words_of_hardware():
    """Would be a script, if they were not words."""
    browser.open(page("evil"))
    is_well()
    check(browser.ask("window.evil === undefined"), "it ran")
    check(browser.ask("document.body.textContent.includes("
                      "'<script>window.evil')"), "it is not told")
    check(browser.ask("document.images.length") == 0, "a picture came in")


def test_empty():
    browser.open(page("empty"))
    is_well()
    check(browser.ask("document.body.textContent.includes('is empty')"),
          "it does not say so")


def make_pages(program):
    made.day(os.path.join(directory, "day"))
    made.Made(os.path.join(directory, "empty")).close()
    evil = "<script>window.evil = 1</script><img src=x onerror=evil=1>"
    m = made.Made(os.path.join(directory, "evil"))
    for i in range(3):
        m.sample(made.BEGIN + i * made.S, i, table=evil)
        m.event(made.BEGIN, evil, evil, text=evil)
        m.change(made.BEGIN, "sent", "failed", evil, table=evil, text=evil,
                 n=evil, vrf=evil, cls=evil)
    m.close()
    for name in ("day", "empty", "evil"):
        subprocess.run([program, os.path.join(directory, name), "-o",
                        page(name), "--title", "A router"], check=True)


def main():
    global browser, pictures, directory
    arguments = sys.argv[1:]
    if len(arguments) == 3 and arguments[1] == "--pictures":
        pictures = arguments[2]
    elif len(arguments) != 1:
        sys.exit("usage: tests/report/browser.py BUILD-DIR [--pictures DIR]")
    if not shutil.which(PROGRAM):
        print(f"{PROGRAM} is not installed")
        sys.exit(77)
    directory = tempfile.mkdtemp(prefix="ofl-report-")
    try:
        make_pages(os.path.abspath(arguments[0]) + "/report/offload-report")
        browser = Browser()
        try:
            return run_tests(globals())
        finally:
            browser.close()
    finally:
        shutil.rmtree(directory)


if __name__ == "__main__":
    sys.exit(main())
