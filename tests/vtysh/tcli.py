#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The candidate mode of FRR: offloadd --tcli, at its own terminal and by vtysh.

usage: tests/vtysh/tcli.py VTYSH OFFLOADD

As run.py, whose private directories these are: root, nothing of the machine is
touched.  The last line is "N passed, N failed".
"""
import json
import re
import socket
import sys

import run as v
from run import ETC, SCRATCH, ask, check, put, running

PORT = 2625
SECRET = "candidate"


class Terminal:
    """The daemon's terminal on loopback, in configuration mode."""

    def __init__(self, *enter):
        self.sock = socket.create_connection(("127.0.0.1", PORT),
                                             v.DEADLINE_S)
        self.sock.settimeout(v.DEADLINE_S)
        self.expect(r"Password: $")
        self.type(SECRET, r"> $")
        # As many lines as there are: nobody presses a key for more.
        self.type("enable", r"# $")
        self.do("terminal length 0", *(enter or ("configure terminal",)))

    def expect(self, pattern):
        seen = ""
        while not re.search(pattern, seen):
            data = self.sock.recv(65536)
            check(data, f"hung up before '{pattern}'", seen)
            # Negotiation of telnet: three bytes each.
            data = re.sub(rb"\xff..", b"", data, flags=re.DOTALL)
            seen += data.decode().replace("\r", "")
        return seen

    def type(self, line, pattern=r"\n?\S+# $"):
        self.sock.sendall(line.encode() + b"\n")
        return self.expect(pattern)

    def do(self, *lines):
        """What the last of them answers, without its echo and the prompt."""
        for line in lines:
            said = self.type(line)
        return "\n".join(said.split("\n")[1:-1])

    def bad(self, line, *words):
        said = self.do(line)
        for word in words:
            check(word in said, f"{line}: not explained: {word}", said)

    def candidate(self):
        return block(self.do("show configuration candidate"))

    def close(self):
        self.sock.close()


def block(text):
    lines = text.splitlines()
    return v.block_of(text) if "offload" in lines else []


def begin(*lines, tcli=True):
    """The three daemons, offloadd in candidate mode, with these lines."""
    v.empty_etc()
    put(f"{ETC}/vtysh.conf", "no service integrated-vtysh-config\n")
    put(f"{ETC}/offloadd.conf", f"password {SECRET}\n" +
        "".join(line + "\n" for line in lines))
    for name in list(v.daemons):
        v.stop(name)
    v.start("zebra")
    v.start("staticd")
    v.start("offloadd", *(["--tcli"] if tcli else []),
            "-A", "127.0.0.1", "-P", str(PORT))
    v.wait(lambda: "is not running" not in ask("show offload", status=None),
           "offloadd answers")


def lists():
    said = json.loads(ask("show offload acl json"))
    return sorted(a["name"] for a in said["acls"])


BLOCK = ["offload", " table hw0", "  capacity 2000", " exit", " acl WEB",
         "  seq 10 permit tcp any any eq 80",
         "  seq 20 permit tcp any any eq 443", " exit", "exit"]


def nothing_yet(what, before=()):
    check(block(running("offloadd")) == list(before),
          f"{what}: applied before the commit", running("offloadd"))


def test_boot():
    """A file is one transaction; what is written loads again."""
    begin(*BLOCK)
    check(block(running("offloadd")) == BLOCK, "read", running("offloadd"))
    check(lists() == ["WEB"], "the engine", lists())
    term = Terminal()
    check(term.candidate() == BLOCK, "the candidate", term.candidate())
    said = term.do("end", "write")
    check("onfiguration saved" in said, "write", said)
    term.close()
    begin(*v.get(f"{ETC}/offloadd.conf").splitlines())
    check(block(running("offloadd")) == BLOCK, "written and read",
          running("offloadd"))


def test_candidate():
    """Edits of every kind change the candidate alone, and a commit all."""
    begin()
    term = Terminal()
    term.do("offload", "table hw0", "capacity 2000", "exit", "acl LATE",
            "seq 5 permit tcp any any eq 80", "seq 6 deny ip any any",
            "seq 6 remark words", "seq 7 permit tcp any any eq 443",
            "no seq 6", "resequence 10 10", "exit", "acl rename LATE WEB",
            "flow ssh interface port-1 permit tcp any any eq 22",
            "flow ssh remark kept",
            "flow ssh interface port-1 deny tcp any any eq 22")
    want = BLOCK[:-1] + [
        " flow ssh interface port-1 deny tcp any any eq 22",
        " flow ssh remark kept", "exit"]
    check(sorted(term.candidate()) == sorted(want), "the candidate",
          term.candidate())
    nothing_yet("edits")
    check(lists() == [], "the engine", lists())
    check("validated successfully" in term.do("commit check"), "check")
    nothing_yet("commit check")
    check("committed successfully" in term.do("commit"), "commit")
    check(block(running("offloadd")) == term.candidate(), "committed",
          running("offloadd"))
    check(lists() == ["WEB", "flows port-1"], "the engine", lists())
    check("No configuration changes" in term.do("commit"), "again")
    term.close()


def test_compare_and_discard():
    begin(*BLOCK)
    term = Terminal()
    term.do("offload", "acl WEB", "seq 10 deny ip any any",
            "seq 20 remark new")
    said = term.do("show configuration compare running candidate")
    check("+  seq 10 deny ip any any" in said and
          "-  seq 10 permit tcp any any eq 80" in said, "compare", said)
    term.do("discard")
    check(term.candidate() == BLOCK, "discarded", term.candidate())
    check("No configuration changes" in term.do("commit"), "commit")
    term.close()


def test_no_offload():
    begin(*BLOCK)
    term = Terminal()
    term.do("no offload")
    check(term.candidate() == [], "the candidate", term.candidate())
    nothing_yet("no offload", BLOCK)
    check(lists() == ["WEB"], "the engine", lists())
    check("committed successfully" in term.do("commit"), "commit")
    check(block(running("offloadd")) == [] and lists() == [], "committed",
          running("offloadd"), lists())
    term.close()


def test_errors_are_explained():
    """What cannot be is said at the commit, and the candidate is kept."""
    begin(*BLOCK)
    term = Terminal()
    term.do("offload", "table hw0", "low-watermark 99 percent")
    kept = term.candidate()
    for command in ("commit check", "commit"):
        term.bad(command, "Failed", "low watermark (99 percent)")
        check(term.candidate() == kept, f"{command}: the candidate changed",
              term.candidate())
        nothing_yet(command, BLOCK)
    term.do("no low-watermark", "exit")
    term.bad("acl rename NONE OTHER", "There is no access control list NONE")
    term.bad("no flow none", "There is no flow none")
    term.do("acl WEB")
    term.bad("no seq 30", "There is no sequence 30")
    term.bad("seq 30 permit ip any any eq 80", "Sequence 30: ports need")
    term.bad("resequence 4294967295 1", "above 4294967295")
    check(term.candidate() == BLOCK, "the candidate", term.candidate())
    term.close()


def test_two_terminals():
    """The candidate is shared; a list may go while another edits it."""
    begin(*BLOCK)
    one, two = Terminal(), Terminal()
    one.do("offload", "acl WEB")
    two.do("offload", "no acl WEB")
    one.bad("seq 30 permit ip any any", "The access control list is gone")
    one.bad("resequence 1 1", "The access control list is gone")
    check("committed successfully" in two.do("commit"), "commit")
    check(lists() == [], "the engine", lists())
    one.close()
    two.close()


def test_private():
    """Two candidates: the second commit has to take the first one in."""
    begin(*BLOCK)
    one, two = Terminal("configure private"), Terminal("configure private")
    one.do("offload", "acl WEB", "seq 30 permit udp any any eq 53")
    check(two.candidate() == BLOCK, "the other sees it", two.candidate())
    two.do("offload", "table hw0", "capacity 3000")
    check("committed successfully" in one.do("commit"), "commit")
    two.bad("commit", "needs to be updated")
    two.do("update")
    check("committed successfully" in two.do("commit"), "after update")
    v.contains("\n".join(block(running("offloadd"))),
               ("  capacity 3000", "  seq 30 permit udp any any eq 53"),
               "both are there")
    one.close()
    two.close()


def test_exclusive():
    begin(*BLOCK)
    one = Terminal("configure exclusive")
    two = Terminal("show version")
    two.bad("configure exclusive", "locked by other client")
    two.do("configure terminal", "no offload")
    two.bad("commit", "Failed", "locked")
    nothing_yet("under another's lock", BLOCK)
    two.do("discard")
    one.do("offload", "acl WEB", "no seq 20")
    check("committed successfully" in one.do("commit"), "the holder")
    one.close()
    v.wait(lambda: "locked" not in two.do("end", "configure exclusive"),
           "the lock goes with its terminal")
    two.close()


def test_confirmed():
    """Who leaves without confirming takes the commit back."""
    begin(*BLOCK)
    term = Terminal()
    term.do("offload", "acl WEB", "no seq 20")
    check("committed successfully" in term.do("commit confirmed 10"),
          "commit confirmed")
    check("  seq 20 permit tcp any any eq 443" not in
          running("offloadd").splitlines(), "not applied")
    said = term.do("end")
    check("Rolling back" in said, "leaving", said)
    check(block(running("offloadd")) == BLOCK, "rolled back",
          running("offloadd"))
    check([e[1] for e in v.acl_entries("WEB")] == [10, 20], "the engine",
          v.acl_entries("WEB"))
    term.do("configure terminal", "discard", "offload", "acl WEB",
            "no seq 20", "commit confirmed 10")
    check("Commit complete" in term.do("commit"), "confirmed")
    term.do("end")
    check("  seq 20 permit tcp any any eq 443" not in
          running("offloadd").splitlines(), "not kept")
    term.close()


def test_by_vtysh():
    """vtysh edits the candidate that is shared, and has no commit: the
    daemon's terminal has."""
    begin(*BLOCK)
    ask("configure terminal", "offload", "acl WEB", "resequence 100 10",
        "exit", "acl rename WEB SITE", "no table hw0")
    nothing_yet("by vtysh", BLOCK)
    check("nknown command" in ask("configure terminal", "commit",
                                  status=None), "vtysh knows commit")
    term = Terminal()
    check(" acl SITE" in term.candidate(), "the candidate", term.candidate())
    check("committed successfully" in term.do("commit"), "commit")
    check(lists() == ["SITE"], "the engine", lists())
    term.close()


def test_one_file_of_edits():
    """The same edits in a file, without candidate mode: they wait for the
    next command that is no edit, and are one transaction then."""
    begin(tcli=False)
    put(f"{SCRATCH}/in.conf", "\n".join([
        "offload", "table hw0", "capacity 2000", "acl LATE",
        "seq 5 permit tcp any any eq 80", "seq 6 deny ip any any",
        "no seq 6", "seq 7 permit tcp any any eq 443", "resequence 10 10",
        "acl rename LATE WEB", ""]))
    v.run("-f", f"{SCRATCH}/in.conf")
    check(block(running("offloadd")) == BLOCK, "by vtysh -f",
          running("offloadd"))
    put(f"{SCRATCH}/in.conf", "\n".join([
        "offload", "acl WEB", "resequence 1 1", "acl rename WEB OTHER",
        "table hw0", "low-watermark 99 percent", ""]))
    out = v.run("-f", f"{SCRATCH}/in.conf", status=None)
    check("low watermark (99 percent)" in out,
          "not explained", out)
    check(block(running("offloadd")) == BLOCK, "half of it was taken",
          running("offloadd"))
    ask("configure terminal", "offload", "acl WEB", "no seq 20")
    check(lists() == ["WEB"], "the next edit", lists())


if __name__ == "__main__":
    v.enter(__file__, __doc__)
    sys.exit(v.run_tests(globals()))
