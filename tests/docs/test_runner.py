#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The runner of blocks notices what is wrong with a page.

    tests/docs/test_runner.py BUILD-DIR

Pages, comparisons, and a page that is executed.  The last line is "N passed, N
failed"; 77 is the status when it cannot run.
"""

import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))


def faults(text, only_marked=False):
    return [b.fault for b in page.read(text, only_marked) if b.fault]


def blocks(text, only_marked=False):
    return [(b.language, b.info, b.world, b.skip, b.hidden)
            for b in page.read(text, only_marked)]


FENCE = "```%s\nshow x\n```\n"
# what, what is computed, what it should be
PAGES = (
    ("a block", lambda: blocks(FENCE % "vtysh"),
     [("vtysh", "", "emulated", None, False)]),
    ("a block in a list", lambda: blocks("* x\n\n  ```vtysh\n  x\n  ```\n"),
     [("vtysh", "", "emulated", None, False)]),
    ("a block in an entry of a command",
     lambda: blocks(":::{clicmd} x\n\n" + FENCE % "vtysh" + ":::\n"),
     [("vtysh", "", "emulated", None, False)]),
    ("words after the language", lambda: blocks(FENCE % "xml {reply}"),
     [("xml", "{reply}", "emulated", None, False)]),
    ("a picture is none", lambda: blocks(FENCE % "text"), []),
    ("a directive is none", lambda: blocks(FENCE % "{toctree}"), []),
    ("a world", lambda: blocks("<!-- docs: fpm/x -->\n" + FENCE % "frr"
                               + "\n" + FENCE % "frr"),
     [("frr", "", "fpm/x", None, False), ("frr", "", "emulated", None, False)]),
    ("a skip", lambda: blocks("<!-- docs: skip no device -->\n"
                              + FENCE % "vtysh"),
     [("vtysh", "", "emulated", "no device", False)]),
    ("a block that is not shown",
     lambda: blocks("<!-- docs: vtysh\nconfigure\n-->\n"),
     [("vtysh", "", "emulated", None, True)]),
    ("only what is marked", lambda: blocks(
        FENCE % "vtysh" + "\n<!-- docs: run -->\n" + FENCE % "frr", True),
     [("frr", "", "emulated", None, False)]),
    ("a language that is none", lambda: len(faults(FENCE % "bash")), 1),
    ("no language", lambda: len(faults(FENCE % "")), 1),
    ("an indented block", lambda: len(faults("x\n\n    show y\n")), 1),
    ("a skip without a reason",
     lambda: faults("<!-- docs: skip -->\n" + FENCE % "vtysh"),
     ["`docs: skip` does not say why"]),
    ("a comment that is neither",
     lambda: len(faults("<!-- docs: Some Thing -->\n" + FENCE % "vtysh")), 1),
    ("a comment about no block",
     lambda: faults("<!-- docs: fpm -->\nwords\n"),
     ["this comment is about no block"]),
)


def differs(wanted, have):
    return compare.output(wanted, have) is not None


RPC = "<rpc-reply message-id='1'><data><a x=\"1\">two</a><b/></data></rpc-reply>"
CONF = "offload\n table a\n  capacity 2\n exit\n table b\n exit\nexit\n"
COMPARISONS = (
    ("equal", lambda: differs("a b\nc", "a   b\n\nc\n"), False),
    ("a line is missing", lambda: differs("a\nb", "a"), True),
    ("a line is too many", lambda: differs("a", "a\nb"), True),
    ("any lines", lambda: differs("a\n...\nd", "a\nb\nc\nd"), False),
    ("no lines are any lines", lambda: differs("a\n...", "a"), False),
    ("any lines, and then another", lambda: differs("...\nx", "a\nb"), True),
    ("as many as it takes", lambda: differs("...\nb\nc", "b\nb\nc"), False),
    ("anything in a line", lambda: differs("Used: ... of 9", "Used: 3 of 9"),
     False),
    ("not everything in a line", lambda: differs("Used: ... of 9",
                                                 "Used: 3 of 8"), True),
    ("no pattern but this", lambda: differs("a.c", "abc"), True),
    ("nothing is wanted", lambda: differs("", "a"), True),
    ("XML", lambda: compare.xml(RPC, RPC.replace("<b/>", "<b>\n</b>")), None),
    ("XML with a piece left out",
     lambda: compare.xml("<data> ... <b/> </data>", RPC), None),
    ("a piece of XML", lambda: compare.xml("<a x='1'>...</a>", RPC), None),
    ("other XML", lambda: compare.xml("<a x='1'>three</a>", RPC) is None,
     False),
    ("XML that is longer",
     lambda: compare.xml(RPC.replace("<b/>", ""), RPC) is None, False),
    ("configuration", lambda: compare.configuration(
        "offload\n table a\n  capacity 2\n", CONF), None),
    ("configuration in another place", lambda: compare.configuration(
        "offload\n table b\n  capacity 2\n", CONF) is None, False),
    ("another value", lambda: compare.configuration(
        "offload\n table a\n  capacity 3\n", CONF) is None, False),
)

# A page that goes wrong in every way, and what is said of each block.
EXECUTED = """\
```frr
offload
 table main
  capacity 50
 exit
exit
```
```frr
offload
 table main
  capacity many
 exit
exit
```
```frr
offload
 table main
  provider emulated
 exit
exit
```
```vtysh
configure
offload
no table nowhere x
```
```console
# vtysh -c 'show offload table main'
...
  Capacity (slots):     50
...
# vtysh -c 'show offload reasons | include none'
...
```
```console
# cat /etc/hostname | wc
```
```console
# no-such-program
```
```xml
<rpc message-id="1" xmlns="urn:ietf:params:xml:ns:netconf:base:1.0">
<get-config><source><running/></source></get-config></rpc>
```
```xml {reply}
<capacity>50</capacity>
```
```xml
<rpc message-id="2" xmlns="urn:ietf:params:xml:ns:netconf:base:1.0">
<delete-config><target><running/></target></delete-config></rpc>
```
```xml {refused}
<rpc message-id="3" xmlns="urn:ietf:params:xml:ns:netconf:base:1.0">
<delete-config><target><running/></target></delete-config></rpc>
```
```sql
SELECT nothing FROM nowhere;
```
```json
{"a": }
```
```c offloadd/main.c
not a line of it
```
<!-- docs: other -->
```console
# vtysh -c 'show running-config'
...
frr defaults traditional
...
```
<!-- docs: skip it is a test -->
```vtysh
reload
```
"""
VERDICTS = ("ok frr", "not ok frr", "not ok frr", "not ok vtysh", "ok console",
            "not ok console", "not ok console", "ok xml", "ok xml",
            "not ok xml", "ok xml", "not ok sql", "not ok json", "not ok c",
            "ok console", "skip vtysh")


def executed(build):
    """What the runner says of the page."""
    with tempfile.NamedTemporaryFile("w", suffix=".md") as f:
        f.write(EXECUTED)
        f.flush()
        done = subprocess.run(
            [sys.executable, "-B", HERE + "/blocks.py", "--patience", "1",
             build, f.name], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, check=False)
    said = []
    for line in done.stdout.splitlines():
        verdict, _, rest = line.partition(" - ")
        if verdict in ("ok", "not ok", "skip"):
            said.append(f"{verdict} {rest.split()[1].rstrip(':')}")
    wanted = [*VERDICTS, "6 passed, 9 failed, 1 skipped", 1]
    have = [*said, done.stdout.splitlines()[-1], done.returncode]
    return None if have == wanted else f"{have}\n{done.stdout}"


def empty(build):
    """A page of which nothing was executed proves nothing."""
    with tempfile.NamedTemporaryFile("w", suffix=".md") as f:
        f.write("<!-- docs: skip all -->\n" + FENCE % "vtysh")
        f.flush()
        done = subprocess.run(
            [sys.executable, "-B", HERE + "/blocks.py", build, f.name],
            stdout=subprocess.PIPE, text=True, check=False)
    return None if done.returncode == 1 else done.stdout


def no_router(build):
    """Nothing was heard of a block whose world could not be made."""
    with tempfile.TemporaryDirectory() as tmp:
        for path in ("offloadd/offloadd", "vtysh/vtysh",
                     "reload/offload-reload",
                     "offloadd/netconf/offloadd-netconf"):
            os.makedirs(os.path.dirname(f"{tmp}/{path}"), exist_ok=True)
            os.symlink("/bin/false", f"{tmp}/{path}")
        with open(tmp + "/page.md", "w", encoding="utf-8") as f:
            f.write(FENCE % "vtysh")
        done = subprocess.run(
            [sys.executable, "-B", HERE + "/blocks.py", tmp,
             tmp + "/page.md"], stdout=subprocess.PIPE, text=True,
            check=False)
    if "it was not executed" in done.stdout and done.returncode == 1:
        return None
    return done.stdout


def main():
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        print(__doc__.strip())
        return 1
    passed = failed = 0

    def tell(what, wrong):
        nonlocal passed, failed
        passed, failed = passed + (not wrong), failed + bool(wrong)
        print(f"not ok - {what}: {wrong}" if wrong else f"ok - {what}")

    for what, compute, wanted in PAGES + COMPARISONS:
        have = compute()
        tell(what, None if have == wanted else f"{have}, not {wanted}")
    if os.geteuid() == 0:
        tell("a page that goes wrong", executed(sys.argv[1]))
        tell("a page that is left out", empty(sys.argv[1]))
        tell("a router that does not start", no_router(sys.argv[1]))
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        import compare
        import page
    except ImportError as error:
        print(f"test_runner.py: {error}: install python3-markdown-it")
        sys.exit(77)
    sys.exit(main())
