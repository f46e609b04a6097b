# SPDX-License-Identifier: GPL-2.0-or-later
"""Sessions: hello, framing, limits, peers that misbehave."""

import os
import stat

import pytest

import nc
from house import SOCKET, Failure, wait
from raw import (BASE, BASE10, BASE11, EOM, Closed, Raw, Reply, chunked, hello,
                 rpc)

CAPABILITY = "urn:ietf:params:netconf:capability:"
PROMISED = [
    BASE10, BASE11, *(CAPABILITY + c for c in (
        "writable-running:1.0", "candidate:1.0", "confirmed-commit:1.1",
        "rollback-on-error:1.0", "validate:1.1", "xpath:1.0",
        "notification:1.0", "interleave:1.0"))]
# Cheap, and of known size.
ASK = f'<get-config><source><running/></source><filter>{nc.offload()}' \
      "</filter></get-config>"


def alive(root):
    return root.do(ASK).ok


def sessions(root):
    reply = root.do(f'<get><filter><netconf-state xmlns="{nc.MON}"><sessions/>'
                    "</netconf-state></filter></get>")
    return [int(e.text) for e in reply.all("session-id")]


# --- hello ---

def test_capabilities(admin):
    have = list(admin.server_capabilities)
    assert [c for c in PROMISED if c not in have] == []
    assert len(have) == len(set(have))
    for name in "startup", "url":
        assert not [c for c in have if f"capability:{name}:" in c]
    modes = admin.server_capabilities[":with-defaults"].parameters
    assert {modes["basic-mode"], *modes["also-supported"].split(",")} == {
        "report-all", "report-all-tagged", "trim", "explicit"}
    library, = [c for c in have if c.startswith(CAPABILITY + "yang-library")]
    assert "content-id=" in library or "module-set-id=" in library


def test_session_ids_differ(root, connect):
    ids = [root.id] + [connect.raw().id for _ in range(3)]
    assert len(set(ids)) == 4 and 0 not in ids


@pytest.mark.parametrize("text", [
    hello("urn:x:nothing"), hello(), "<hello/>", rpc(ASK),
    hello(BASE10, BASE11).replace("</hello>",
                                  "<session-id>4</session-id></hello>"),
    "no XML at all", "<!DOCTYPE a [<!ENTITY b 'c'>]>" + hello(BASE10)])
def test_bad_hello(root, connect, text):
    s = connect.raw(greet=None)
    s.write(text.encode() + EOM)
    assert s.is_closed()
    assert alive(root)


def test_ssh_of_one_who_may_not(root, connect):
    """The shell's user exists; the socket's group decides."""
    with pytest.raises(PermissionError):
        Raw("outsider")
    before = sessions(root)
    with pytest.raises(Exception):
        connect("outsider")
    assert sessions(root) == before


# --- framing ---

def test_base_10(connect):
    s = connect.raw(greet=(BASE10,))
    assert not s.is_chunked
    for _ in range(3):
        assert s.do(ASK).find("capacity").text == "2000"
    s.write((rpc(ASK, 11).encode() + EOM) * 2)
    assert [s.reply().id, s.reply().id] == ["11", "11"]


def test_end_mark_split(connect):
    s = connect.raw(greet=(BASE10,))
    data = rpc(ASK, 5).encode() + EOM
    for i in range(len(data)):
        s.write(data[i:i + 1])
    assert s.reply().id == "5"


@pytest.mark.parametrize("size", [1, 2, 7, 100])
def test_chunks(connect, size):
    s = connect.raw()
    s.write(chunked(rpc(ASK, 7).encode(), size))
    assert s.reply().find("capacity").text == "2000"


def test_a_byte_at_a_time(connect):
    s = connect.raw()
    data = chunked(rpc(ASK, 8).encode(), 50)
    for i in range(len(data)):
        s.write(data[i:i + 1])
    assert s.reply().id == "8"


def test_pipelined(connect):
    s = connect.raw()
    s.write(b"".join(chunked(rpc(ASK, i).encode()) for i in range(100)))
    assert [s.reply().id for _ in range(100)] == [str(i) for i in range(100)]


@pytest.mark.parametrize("data", [
    b"\n#0\n", b"\n#01\na\n##\n", b"\n#abc\n", b"\n#4294967296\na",
    b"\n#-1\n", b"\nx3\nabc\n##\n", b"\n##\n", b"rubbish, no frame",
    b"\n# 3\nabc\n##\n",
    b"\n#3\nabcd\n##\n", b"\n#12345678901\n"])
def test_bad_chunks(root, connect, data):
    s = connect.raw()
    s.write(data)
    assert s.is_closed()
    assert alive(root)


# --- messages ---

def test_attributes_come_back(connect):
    s = connect.raw()
    inner = ASK.replace("<get-config>", f'<get-config xmlns="{BASE}">')
    s.send(f'<x:rpc xmlns:x="{BASE}" xmlns:e="urn:e" message-id="a&lt;&quot;b"'
           f' e:user="f&amp;g" plain="1">{inner}</x:rpc>')
    reply = s.reply()
    assert reply.id == 'a<"b'
    assert reply.root.get("{urn:e}user") == "f&g"
    assert reply.root.get("plain") == "1"
    assert reply.find("capacity").text == "2000"


def test_without_message_id(connect):
    s = connect.raw()
    s.send(f'<rpc xmlns="{BASE}">{ASK}</rpc>')
    error, = s.reply().errors
    assert (error.type, error.tag) == ("rpc", "missing-attribute")
    assert error.info == {"bad-attribute": "message-id", "bad-element": "rpc"}
    assert s.do(ASK).ok  # goes on


@pytest.mark.parametrize("content,tags", [
    ("<make-coffee/>", ("operation-not-supported", "unknown-element")),
    ('<explain xmlns="urn:other"/>',
     ("operation-not-supported", "unknown-namespace", "unknown-element")),
    ("", ("missing-element", "operation-not-supported")),
    ("<get-config/>", ("missing-element",)),
    ("<get-config><source><startup/></source></get-config>",
     ("unknown-element", "operation-not-supported", "invalid-value",
      "bad-element")),
    ("<get-config><source><running/></source><colour/></get-config>",
     ("unknown-element",)),
    ("<edit-config><target><running/></target></edit-config>",
     ("missing-element",)),
    ("<edit-config><target><running/></target><default-operation>maybe"
     "</default-operation><config/></edit-config>", ("invalid-value",))])
def test_bad_operations(connect, content, tags):
    s = connect.raw()
    reply = s.ask(content)
    assert reply.errors and reply.errors[0].tag in tags, reply.text
    assert s.do(ASK).ok


@pytest.mark.parametrize("text", [
    "<rpc", "", "plain text", "<a/>", "<rpc message-id='1'><get/></rpc>",
    f'<rpc xmlns="{BASE}" message-id="1"><get></rpc>',
    f'<!DOCTYPE a [<!ENTITY b "{"c" * 1000}">]><rpc xmlns="{BASE}" '
    'message-id="1"><get>&b;</get></rpc>'])
def test_no_rpc(root, connect, text):
    """An answer that says so, or the end; the daemon is well."""
    s = connect.raw()
    s.send(text or " ")
    s.socket.settimeout(20)
    try:
        assert not s.reply().ok
    except Closed:
        pass
    assert alive(root)


@pytest.mark.parametrize("depth", [200, 100000])
def test_deep(root, connect, depth):
    s = connect.raw()
    deep = "<a>" * depth + "</a>" * depth
    s.send(rpc("<edit-config><target><candidate/></target><config>"
               f"{deep}</config></edit-config>"))
    try:
        assert not s.reply().ok
    except Closed:
        pass
    assert alive(root)


def test_many_attributes(root, connect):
    s = connect.raw()
    many = " ".join(f'a{i}="{i}"' for i in range(20000))
    s.send(rpc(f"<get-config {many}><source><running/></source></get-config>"))
    try:
        s.reply()
    except Closed:
        pass
    assert alive(root)


def test_close_session(root, connect):
    s = connect.raw()
    assert s.id in sessions(root)
    s.write(chunked(rpc("<close-session/>", 1).encode()) +
            chunked(rpc(ASK, 2).encode()))
    assert s.reply().find("ok") is not None
    assert s.is_closed() and not s.data
    assert s.id not in sessions(root)


def test_gone_without_a_word(root, connect):
    s = connect.raw()
    s.write(chunked(rpc(ASK).encode())[:-3])
    s.close()
    wait(lambda: s.id not in sessions(root), "the session is gone")


# --- limits ---

@pytest.fixture(scope="module")
def small(house):
    """A daemon with little patience."""
    daemon = house.beside("small", hello=1, sessions=5, **{
        "user-sessions": 3, "message": 20000})
    yield daemon
    house.end(daemon)


def test_hello_in_time(small):
    with Raw("admin", small.socket, greet=None) as silent, \
            Raw("oper", small.socket) as greeted:
        assert silent.is_closed()
        assert greeted.do(ASK).ok


def test_limit_of_sessions(small):
    mine = [Raw("admin", small.socket) for _ in range(3)]
    others = []

    def room(user):
        s = Raw(user, small.socket, greet=None)
        try:
            s.write(hello(BASE10, BASE11).encode() + EOM)
            return s if "session-id" in s.read() else s.close()
        except (Closed, OSError):
            return s.close()
    try:
        assert room("admin") is None
        others = [Raw("oper", small.socket), Raw("oper", small.socket)]
        assert room("guest") is None
        assert all(s.do(ASK).ok for s in mine + others)
        mine.pop().close()
        others.append(wait(lambda: room("guest"), "there is room again"))
    finally:
        for s in mine + others:
            s.close()


@pytest.mark.parametrize("version", [BASE10, BASE11])
def test_message_too_long(small, version):
    def one():
        try:
            return Raw("admin", small.socket, greet=(BASE10, version))
        except (Closed, OSError):
            return None
    with wait(one, "there is room") as s:
        assert s.do(ASK.replace("<get-config>",
                                f"<get-config><!--{'x' * 15000}-->")).ok
        s.socket.settimeout(30)
        try:
            # More than any buffer on the way holds.
            for _ in range(300):
                part = b"x" * 20000
                s.write(b"\n#%d\n" % len(part) + part if s.is_chunked else
                        part)
        except OSError:
            pass
        assert s.is_closed()
    with wait(one, "it goes on") as s:
        assert s.do(ASK).ok


def test_stuck_peer(house, root, connect):
    """Asks for much and reads nothing: others are answered meanwhile, and
    nothing is made for it without end."""
    stuck = connect.raw()
    stuck.socket.setblocking(False)
    data = b"".join(chunked(rpc("<get/>", i).encode()) for i in range(200))
    sent = 0
    for _ in range(2000):
        try:
            sent += stuck.socket.send(data[sent % len(data):])
        except BlockingIOError:
            break
    before = house.offloadd.rss_bytes()
    for _ in range(200):
        assert alive(root)
    assert house.offloadd.rss_bytes() < before + (64 << 20)
    with Raw("admin") as other:
        assert other.do(ASK).ok
    stuck.socket.settimeout(60)
    assert Reply(stuck.read()).id == "0"  # and what was asked comes


LEAKS = [
    ASK, "<commit/>", "<make-coffee/>", "<validate><source><candidate/>"
    "</source></validate>", "<get-config><source><running/></source><filter "
    f'type="xpath" xmlns:o="{nc.OFL}" select="//o:table[o:name=1]"/>'
    "</get-config>", f"<get><filter>{nc.offload('<state><table/></state>')}"
    "</filter></get>", "<edit-config><target><candidate/></target><config>"
    f"{nc.offload(nc.table('<capacity>500</capacity>'))}</config>"
    "</edit-config>", "<edit-config><target><candidate/></target><config>"
    f"{nc.offload(nc.table('<capacity>0</capacity>'))}</config>"
    "</edit-config>", "<discard-changes/>", "<lock><target><running/></target>"
    "</lock>", "<unlock><target><running/></target></unlock>"]


@pytest.mark.parametrize("content", LEAKS)
def test_memory_is_given_back(house, connect, content):
    """A leak of 300 bytes would be seen."""
    s = connect.raw("admin")
    batch = b"".join(chunked(rpc(content, i).encode()) for i in range(100))

    def ask(times):
        for _ in range(times):
            s.write(batch)
            for _ in range(100):
                s.reply()
        return house.offloadd.rss_bytes()
    before = ask(10)
    assert ask(30) - before < 900000


def test_killed_and_started_again(house):
    """What it left does not keep the next one out; a stop in good order, with
    sessions in it, leaves nothing."""
    for end in "kill", "terminate":
        daemon = house.beside("again")
        with Raw("root", daemon.socket) as s:
            s.do("<lock><target><candidate/></target></lock>")
            getattr(daemon.process, end)()
            status = daemon.process.wait(30)
            assert s.is_closed()
        house.end(daemon)
        assert (status, os.path.exists(daemon.socket)) == (
            (-9, True) if end == "kill" else (0, False))


def test_second_daemon_on_the_same_socket(house, root):
    """It is refused, and the first one keeps its socket."""
    with pytest.raises(Failure):
        house.beside("thief", socket=SOCKET)
    house.end(house.daemons[-1])
    with Raw("root") as s:
        assert s.do(ASK).ok


def test_sockets_mode():
    mode = os.stat(SOCKET)
    assert stat.S_IMODE(mode.st_mode) == 0o660
    assert mode.st_gid == 2100
