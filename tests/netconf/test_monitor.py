# SPDX-License-Identifier: GPL-2.0-or-later
"""What the server says of itself: schemas, sessions, counters; and
kill-session."""

import json
import subprocess
import time

import pytest

import nc
from house import SOCKET, SOCKET_GROUP, wait
from nc import NAMES, ok, refused, subtree, texts
from raw import Closed


def state(m, what=""):
    return ok(m.get(subtree(f'<netconf-state xmlns="{nc.MON}">{what}'
                            "</netconf-state>"))).data_ele


def library(m):
    return ok(m.get(subtree(f'<yang-library xmlns="{nc.LIB}"/>'))).data_ele


def schemas(m):
    return {(s.findtext(f"{{{nc.MON}}}identifier"),
             s.findtext(f"{{{nc.MON}}}version"))
            for s in state(m, "<schemas/>").iter(f"{{{nc.MON}}}schema")}


def test_capabilities(admin):
    said = texts(state(admin, "<capabilities/>").iter(
        f"{{{nc.MON}}}capability"))
    assert sorted(said) == sorted(admin.server_capabilities)


def test_library_and_schemas_agree(admin):
    data = library(admin)
    modules = {(m.findtext(f"{{{nc.LIB}}}name"),
                m.findtext(f"{{{nc.LIB}}}revision") or "")
               for kind in ("module", "import-only-module", "submodule")
               for m in data.iter(f"{{{nc.LIB}}}{kind}")}
    have = {(name, version or "") for name, version in schemas(admin)}
    assert modules == have
    implemented = texts(data.xpath("//lib:module-set/lib:module/lib:name",
                                   namespaces=NAMES))
    for name in ("frr-offload", "frr-offload-acl", "ietf-netconf",
                 "ietf-netconf-acm", "ietf-netconf-monitoring",
                 "ietf-netconf-notifications", "ietf-yang-library",
                 "ietf-netconf-with-defaults", "notifications",
                 "nc-notifications", "frr-filter", "frr-interface"):
        assert implemented.count(name) == 1, (name, implemented)


def test_library_names_the_datastores(admin):
    data = library(admin)
    names = [t.rpartition(":")[2] for t in texts(data.xpath(
        "//lib:datastore/lib:name", namespaces=NAMES))]
    assert {"running", "candidate"} <= set(names)
    sets = texts(data.xpath("//lib:schema/lib:name", namespaces=NAMES))
    assert set(texts(data.xpath("//lib:datastore/lib:schema",
                                namespaces=NAMES))) <= set(sets)
    content = data.findtext(f".//{{{nc.LIB}}}content-id")
    said = [c for c in admin.server_capabilities if "yang-library" in c]
    assert content and content in said[0]


def test_get_schema_of_all(admin, tmp_path):
    """Every one that is named can be had, and together they are valid."""
    files = []
    for name, version in schemas(admin):
        text = ok(admin.get_schema(name, version or None)).data
        assert text.split()[0] in ("module", "submodule") or \
            f"module {name} " in text, text[:200]
        at = f"@{version}" if version else ""
        path = tmp_path / f"{name}{at}.yang"
        path.write_text(text)
        files.append((name, path, "\nsubmodule " in "\n" + text))
    assert len(files) > 15
    # One of FRR's has a default whose identity is in a module that has to be
    # implemented before, as FRR does it.
    files.sort(key=lambda row: (not row[0].endswith("-types"), row[0]))
    main = [str(path) for name, path, is_sub in files if not is_sub]
    proc = subprocess.run(
        ["yanglint", "-D", "-p", str(tmp_path), *main],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        timeout=60, check=False)
    assert proc.returncode == 0, proc.stdout[-3000:]


def test_get_schema_is_the_source(admin, house):
    from house import TREE
    with open(TREE + "/yang/ietf/ietf-netconf-acm@2018-02-14.yang",
              encoding="utf-8") as f:
        want = f.read().split()
    text = ok(admin.get_schema("ietf-netconf-acm")).data
    assert "rule-list" in text and len(text.split()) > len(want) // 2


@pytest.mark.parametrize("args,tag", [
    (("no-such-module",), "invalid-value"),
    (("frr-offload", "1999-01-01"), "invalid-value"),
    (("frr-offload", None, "rng"), "invalid-value")])
def test_get_schema_of_none(admin, args, tag):
    # The library's class for this looks for data without asking for errors.
    identifier, version, kind = (*args, None, None)[:3]
    reply = admin.dispatch(nc.element(
        f'<get-schema xmlns="{nc.MON}"><identifier>{identifier}</identifier>' +
        (f"<version>{version}</version>" if version else "") +
        (f"<format>{kind}</format>" if kind else "") + "</get-schema>"))
    refused(reply, tag)


def session(m, number):
    found = state(m, "<sessions/>").xpath(
        f"//mon:session[mon:session-id='{number}']", namespaces=NAMES)
    return {e.tag.rpartition("}")[2]: e.text for e in found[0]} \
        if found else None


def test_sessions(admin, oper):
    me, other = (session(admin, m.session_id) for m in (admin, oper))
    assert (me["username"], other["username"]) == ("admin", "oper")
    assert me["transport"].rpartition(":")[2]
    login = time.strptime(me["login-time"][:19], "%Y-%m-%dT%H:%M:%S")
    assert login.tm_year >= 2024


def test_counters_of_a_session(admin, connect):
    s = connect.raw("admin")
    before = session(admin, s.id)
    assert int(before["in-rpcs"]) == 0
    s.do("<validate><source><running/></source></validate>")
    s.ask("<lock><target><running/></target></lock>")
    s.ask("<lock><target><running/></target></lock>")  # refused
    s.send("<rpc xmlns='" + nc.BASE + "'><get/></rpc>")  # no message-id
    s.reply()
    after = session(admin, s.id)
    assert int(after["in-rpcs"]) - int(before["in-rpcs"]) == 3
    assert int(after["in-bad-rpcs"]) == 1
    assert int(after["out-rpc-errors"]) == 2
    assert int(after["out-notifications"]) == 0


def statistics(m):
    return {e.tag.rpartition("}")[2]: e.text for e in state(
        m, "<statistics/>").xpath("//mon:statistics/*", namespaces=NAMES)}


def test_statistics(admin, connect):
    before = statistics(admin)
    with pytest.raises(Closed):
        bad = connect.raw("admin", greet=("urn:x",))
        bad.read()
    gone = connect.raw("admin")
    gone.close()
    wait(lambda: session(admin, gone.id) is None, "it is gone")
    after = statistics(admin)

    def more(name):
        return int(after[name]) - int(before[name])
    assert more("in-sessions") == 2  # as many as were greeted
    assert more("in-bad-hellos") == 1
    assert more("dropped-sessions") >= 1
    assert more("in-rpcs") >= 1
    assert after["netconf-start-time"] == before["netconf-start-time"]


def test_datastores(admin):
    names = texts(state(admin, "<datastores/>").xpath(
        "//mon:datastore/mon:name", namespaces=NAMES))
    assert sorted(names) == ["candidate", "running"]


def test_kill_session(admin, connect):
    victim = connect.raw("admin")
    refused(admin.kill_session(admin.session_id), "invalid-value")
    refused(admin.kill_session("4000000000"), "invalid-value")
    refused(admin.kill_session("0"), "invalid-value")
    ok(admin.kill_session(str(victim.id)))
    assert victim.is_closed()
    assert session(admin, victim.id) is None
    refused(admin.kill_session(str(victim.id)), "invalid-value")


# --- the daemon's own commands ---

def shown(house, what=""):
    status, out = house.vtysh(f"show netconf{what} json")
    assert status == 0, out
    return json.loads(out)


def test_show_netconf(house, admin, connect):
    before = shown(house)
    assert (before["socket"], before["group"]) == (SOCKET, SOCKET_GROUP)
    s = connect.raw("guest")
    after = shown(house)
    assert after["sessions"] == before["sessions"] + 1
    rows = shown(house, " sessions")["sessions"]
    mine, = [row for row in rows if row["id"] == s.id]
    assert mine["user"] == "guest"
    assert len(rows) == after["sessions"]


def test_clear_netconf_session(house, connect):
    s = connect.raw("guest")
    status, out = house.vtysh(f"clear netconf session {s.id}")
    assert status == 0, out
    assert s.is_closed()
    assert s.id not in [row["id"] for row in
                        shown(house, " sessions")["sessions"]]
    status, out = house.vtysh(f"clear netconf session {s.id}")
    assert str(s.id) in out  # there is none
