#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The documents as HTML: they build without a warning, what is in them can be
found, and what is wrong in a page is not built over.

    tests/docs/build.py BUILD-DIR

The last line is "N passed, N failed"; 77 is the status when Sphinx is not
there.
"""

import glob
import html
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TREE = os.path.dirname(os.path.dirname(HERE))
PAGE = "# A page\n\n"
ENTRY = ":::{clicmd} dig hole N|all\n:mode: %s\n:default: \"on\"\n\nDigs.\n:::\n"
TABLE = "| command | does |\n|---|---|\n| `fill hole`, `fill N\\|all` | x |\n"


def sphinx(source, out):
    return subprocess.run(
        [sys.executable, "-B", "-m", "sphinx", "-q", "-W", "--keep-going",
         "-b", "html", "-d", out + "/doctrees", source, out + "/html"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        check=False)


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


# --- a small tree ---

def small(text, **more):
    """(status, output, the page) of a tree with one page of this text."""
    with tempfile.TemporaryDirectory() as tmp:
        os.makedirs(tmp + "/doc")
        shutil.copy(TREE + "/configure.ac", tmp)
        shutil.copy(TREE + "/doc/conf.py", tmp + "/doc")
        for name in ("ext", "static"):
            shutil.copytree(f"{TREE}/doc/{name}", f"{tmp}/doc/{name}")
        for name, content in {"index": PAGE + text, **more}.items():
            with open(f"{tmp}/doc/{name}.md", "w", encoding="utf-8") as f:
                f.write(content)
        done = sphinx(tmp + "/doc", tmp + "/out")
        page = tmp + "/out/html/index.html"
        index = tmp + "/out/html/genindex.html"
        return done.returncode, done.stdout, "".join(
            read(p) for p in (page, index) if os.path.exists(p))


def builds(text, *wanted, **more):
    status, output, page = small(text, **more)
    if status:
        return "it does not build:\n" + output
    for words in wanted:
        if words not in page:
            return f"not in the page or the index: {words}"
    return None


def refused(text, words, **more):
    status, output, _ = small(text, **more)
    if status == 0:
        return "it builds"
    return None if words in output else f"not said: {words}\n{output}"


SMALL = {
    "an entry has syntax, mode, default, anchor and a place in the index":
        lambda: builds(ENTRY % "table", 'id="cmd-table-dig-hole-n-all"',
                       "dig hole N|all", "default: on",
                       'index.html#cmd-table-dig-hole-n-all'),
    "commands of a table are in the index":
        lambda: builds(TABLE, 'id="cmd-enable-fill-hole"',
                       'index.html#cmd-enable-fill-n-all'),
    "another table is none of commands":
        lambda: refused(
            TABLE.replace("| command", "| word")
            + "\n[x](#cmd-enable-fill-hole)\n", "cmd-enable-fill-hole"),
    "a mode that is none is refused":
        lambda: refused(ENTRY % "cellar", "no mode 'cellar'"),
    "one command has one entry":
        lambda: refused(ENTRY % "table" + "\n```{toctree}\nother\n```\n",
                        "is described in", other=PAGE + ENTRY % "table"),
    "a link that leads nowhere is refused":
        lambda: refused("[x](nowhere.md)\n", "nowhere.md"),
    "an anchor that is not there is refused":
        lambda: refused("[x](other.md#nowhere)\n```{toctree}\nother\n```\n",
                        "nowhere", other=PAGE),
    "a link to a file of the tree is its text":
        lambda: builds("See [the file](../configure.ac).\n",
                       "See the file."),
    "a page that nothing leads to is refused":
        lambda: refused("", "toctree", other=PAGE),
}


# --- the documents ---

def entries_said():
    """Commands that have an entry, by a look at the sources."""
    found = 0
    for path in glob.glob(TREE + "/doc/**/*.md", recursive=True):
        found += len(re.findall(r"^:::\{clicmd\}|^:also: ", read(path), re.M))
    return found


def documents(out):
    done = sphinx(TREE + "/doc", out)
    return done.stdout or "warnings" if done.returncode else None


def index(out):
    page = read(out + "/html/genindex.html")
    anchors = set(re.findall(r"#(cmd-[a-z0-9-]+)", page))
    print(f"  {len(anchors)} commands in the index")
    if len(anchors) < entries_said():
        return f"{entries_said()} have an entry, {len(anchors)} are in the " \
            "index"
    return None


def pictures(out):
    """Each is shown somewhere, and the page has it."""
    text = "".join(read(p) for p in glob.glob(out + "/html/**/*.html",
                                              recursive=True))
    shown = set(re.findall(r'src="[./]*_images/([^"]+)"', html.unescape(text)))
    for path in sorted(glob.glob(TREE + "/doc/pictures/*.svg")):
        if os.path.basename(path) not in shown:
            return f"{os.path.basename(path)} is shown nowhere"
    return None if shown else "there is no picture"


def from_outside(out):
    """Whoever reads them without a network misses nothing."""
    for path in glob.glob(out + "/html/**/*.html", recursive=True):
        m = re.search(r'<(?:script|link|img)[^>]*(?:src|href)="(https?:[^"]*)"',
                      read(path))
        if m:
            return f"{os.path.basename(path)} loads {m[1]}"
    return None


WHOLE = {"the documents build without a warning": documents,
         "every command is in the index": index,
         "every picture is shown": pictures,
         "nothing comes from a network": from_outside}


def main():
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        print(__doc__.strip())
        return 1
    try:
        import myst_parser  # noqa: F401
        import sphinx as _  # noqa: F401
    except ImportError as e:
        print(f"build.py: {e}: install python3-sphinx, python3-myst-parser")
        return 77
    out = os.path.abspath(sys.argv[1]) + "/doc"
    # Whole: what an earlier run has built says nothing of its warnings.
    for name in ("html", "doctrees"):
        shutil.rmtree(f"{out}/{name}", ignore_errors=True)
    passed = failed = 0
    checks = {**SMALL, **{what: (lambda f=f: f(out))
                          for what, f in WHOLE.items()}}
    for what, check in checks.items():
        wrong = check()
        passed, failed = passed + (not wrong), failed + bool(wrong)
        print(f"not ok - {what}: {wrong}" if wrong else f"ok - {what}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
