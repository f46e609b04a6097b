# SPDX-License-Identifier: GPL-2.0-or-later
"""What is done with a block of each language.  A function gets the world and
the block, and raises Wrong with a sentence if the page is not right.
"""

import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET

import compare
from place import DEADLINE_S, TREE, run_program
from terminal import Terminal

# What is to become so in a while has so long; each look is a new question.
patience_s = 30
LOOK_S = 0.2
NO_SHELL = {"|", "||", "&", "&&", ";", ">", ">>", "<", "<<"}
DATABASE = "/var/lib/frr/offloadd.db"


# What FRR says of an error; of success it says so in the same way.
ERROR = re.compile(r"^\s*%(?!.* successfully)", re.M)


class Wrong(Exception):
    pass


def until(ask, judge, patient):
    """ask() until judge() of it is None; what it says in the end otherwise."""
    end = time.monotonic() + (patience_s if patient else 0)
    while True:
        answer = ask()
        complaint = judge(answer)
        if complaint is None:
            return answer
        if time.monotonic() > end:
            raise Wrong(complaint)
        time.sleep(LOOK_S)


# --- console ---

def commands(text):
    """(command, the lines that follow it as one text)"""
    found = []
    for line in text.replace("\\\n", " ").splitlines():
        if line.startswith(("# ", "$ ")):
            found.append((line[2:].strip(), []))
        elif found:
            found[-1][1].append(line)
        elif line.strip():
            raise Wrong(f"output before the first command: {line}")
    if not found:
        raise Wrong("there is no command: one begins with `# ` or `$ `")
    return [(command, "\n".join(lines)) for command, lines in found]


def words_of(command):
    words = shlex.split(command, comments=True)
    used = NO_SHELL & set(words)
    if used:
        raise Wrong(f"{command}: the runner is no shell, so no {used.pop()}")
    return words


def only_looks(argv):
    """Asking again does no harm."""
    name = os.path.basename(argv[0])
    if name == "vtysh":
        asked = [argv[i + 1] for i, w in enumerate(argv[:-1]) if w == "-c"]
        return bool(asked) and all(c.startswith("show ") for c in asked)
    return name in ("sqlite3", "tc", "ip", "cat", "ls")


def console(world, block):
    for command, wanted in commands(block.text):
        argv = words_of(command)

        def judge(result, command=command, wanted=wanted):
            status, said = result
            wrong = compare.output(wanted, said)
            # A refusal that the page shows is meant.
            if status and wanted.strip() in ("", compare.ANY):
                wrong = f"status {status}\n{said}"
            return wrong and f"{command}: {wrong}"
        until(lambda argv=argv: run_program(argv), judge, only_looks(argv))


# --- vtysh ---

def typed_at_terminal(lines):
    """Where vtysh lacks the commands: the daemon's own."""
    terminal = Terminal(DEADLINE_S)
    try:
        for line in lines:
            said = terminal.type(line)
            if ERROR.search(said):
                raise Wrong(f"an error after {line}\n{said}")
    finally:
        terminal.close()


def vtysh(world, block):
    """All lines in one vtysh.  -E has it say each before its answer."""
    lines = [line.strip() for line in block.text.splitlines() if line.strip()
             and not line.strip().startswith("!")]
    if not lines:
        raise Wrong("there is no line")
    if world.has_terminal:
        typed_at_terminal(lines)
        return
    argv = ["vtysh", "-E"]
    for line in lines:
        argv += ["-c", line]
    status, said = run_program(argv)
    if status or ERROR.search(said):
        raise Wrong(f"an error (status {status}) in\n{said}")


# --- configuration ---

def frr(world, block):
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as f:
        f.write(block.text)
        f.flush()
        status, said = run_program(["vtysh", "-f", f.name])
    if status or ERROR.search(said):
        raise Wrong(f"it does not load (status {status})\n{said}")
    _, running = run_program(["vtysh", "-c", "show running-config"])
    wrong = compare.configuration(block.text, running)
    if wrong:
        raise Wrong(wrong)


# --- NETCONF ---

def operation_of(text):
    """Name of what an rpc does, and its text with a message-id."""
    try:
        root = ET.fromstring(text)
    except ET.ParseError as e:
        raise Wrong(f"not XML: {e}") from e
    if root.tag.rpartition("}")[2] != "rpc":
        raise Wrong("neither an rpc nor {reply} nor {notification}")
    return root[0].tag.rpartition("}")[2] if len(root) else ""


def send(session, text):
    session.send(text.strip())
    return session.reply()


def xml(world, block):
    """The reply stays in the world for a block {reply} that may follow."""
    session = world.netconf()
    if block.info == "{reply}":
        reply_is(world, block)
        return
    if block.info == "{notification}":
        notification_is(session, block)
        return
    operation = operation_of(block.text)
    reply = send(session, block.text)
    world.asked = (operation, block.text, reply)
    if block.info != "{refused}" and not reply.ok:
        raise Wrong(f"refused: {reply.errors}\n{reply.text}")
    if block.info == "{refused}" and reply.ok:
        raise Wrong(f"not refused\n{reply.text}")


def reply_is(world, block):
    if getattr(world, "asked", None) is None:
        raise Wrong("a reply, but nothing was asked before it")
    operation, text, first = world.asked
    kept = [first]

    def ask():
        return kept.pop() if kept else send(world.netconf(), text)
    until(ask, lambda reply: compare.xml(block.text, reply.text),
          operation.startswith("get"))


def notification_is(session, block):
    """It comes, after others maybe."""
    seen = []
    end = time.monotonic() + patience_s
    while time.monotonic() < end:
        text = session.notification(max(0.1, end - time.monotonic()))
        if text is None:
            break
        if compare.xml(block.text, text) is None:
            return
        seen.append(text)
    raise Wrong("no such notification came, but these:\n" + "\n".join(seen))


# --- the others ---

def sql(world, block):
    """Statements that read; they wait for the database to be there."""
    until(lambda: run_program(["sqlite3", "-readonly", "-bail", DATABASE],
                              text=block.text),
          lambda result: result[1] if result[0] else None, True)


def as_json(world, block):
    try:
        json.loads(block.text)
    except ValueError as e:
        raise Wrong(f"not JSON: {e}") from e


def python(world, block):
    status, said = run_program([sys.executable, "-B", "-W", "ignore", "-c",
                                block.text])
    if status:
        raise Wrong(said)


CHECKS = {"sshd_config": ["/usr/sbin/sshd", "-t", "-h",
                          "/run/netconf-test/host_key", "-f"],
          "daemons": ["sh", "-n"]}


def file(world, block):
    """A file of the system: put there, and given to the program that reads
    it if that can check it."""
    path = block.info
    if not path.startswith("/"):
        raise Wrong("`file` is followed by an absolute path")
    if not path.startswith(("/etc/frr/", "/run/", "/var/lib/frr/")):
        path = "/run/docs" + path
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        f.write(block.text)
    check = CHECKS.get(os.path.basename(path))
    if check and os.path.exists(check[0] if check[0].startswith("/")
                                else "/bin/sh"):
        status, said = run_program([*check, path])
        if status:
            raise Wrong(said)


def c(world, block):
    """Lines of a file of the tree, one after the other; how far they are
    indented does not count, and `...` stands for any."""
    try:
        with open(f"{TREE}/{block.info}", encoding="utf-8") as f:
            have = compare.lines_of(f.read())
    except OSError as e:
        raise Wrong(f"`c` is followed by a file of the tree: {e}") from e
    wanted = [compare.ANY, *compare.lines_of(block.text), compare.ANY]
    at = compare.all_match(wanted, have, lambda w, h: compare.squeezed(w) ==
                           compare.squeezed(h))
    if at is not None:
        raise Wrong(f"not in {block.info}: " + (
            wanted[at].strip() if at < len(wanted) else "this"))


LANGUAGES = {"console": console, "vtysh": vtysh, "frr": frr, "xml": xml,
             "sql": sql, "json": as_json, "python": python, "file": file,
             "c": c}


def do(world, block):
    """The sentence that says what is wrong, or None."""
    try:
        LANGUAGES[block.language](world, block)
        world.check()
    except Wrong as e:
        return str(e)
    except subprocess.TimeoutExpired:
        return f"it did not end in {DEADLINE_S} s"
    except Exception as e:  # pylint: disable=broad-except
        return f"{type(e).__name__}: {e}"
    return None
