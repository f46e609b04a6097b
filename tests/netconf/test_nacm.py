# SPDX-License-Identifier: GPL-2.0-or-later
"""Access control: who may read, write and call what, and that what is not
allowed is not given away."""

import os
import socket

import pytest

import nc
from house import SOCKET
from nc import (ACM, NAMES, OFL, capacity, edit, offload, ok, refused, rule,
                set_capacity, subtree, table, texts, xpath)
from raw import BASE10, EOM, Closed, Raw, hello

NEVER = "<set><class>never</class></set>"


@pytest.fixture
def rules(root):
    """Rules for the users in `group`, before all others."""
    def put(*entries, group="*", settings=""):
        """Each: name, its content."""
        text = "".join(
            f"<rule><name>{i}</name>{entry}</rule>"
            for i, entry in enumerate(entries))
        root.do("<edit-config><target><running/></target><config>" + nc.nacm(
            settings + '<rule-list xmlns:y="urn:ietf:params:xml:ns:yang:1" '
            f'y:insert="first"><name>t</name><group>{group}</group>{text}'
            "</rule-list>") + "</config></edit-config>")
    return put


def settings(root, inner):
    root.do("<edit-config><target><running/></target><config>" +
            nc.nacm(inner) + "</config></edit-config>")


def path(select, operations, action):
    return f'<path xmlns:o="{OFL}">{select}</path>' \
           f"<access-operations>{operations}</access-operations>" \
           f"<action>{action}</action>"


def rpc(module, name, action="deny"):
    return f"<module-name>{module}</module-name><rpc-name>{name}</rpc-name>" \
           f"<access-operations>exec</access-operations>" \
           f"<action>{action}</action>"


def everything(m, **options):
    return ok(m.get_config("running", **options)).data_ele


# --- without rules ---

def test_read_only_user(oper):
    assert capacity(oper) == "2000"
    refused(set_capacity(oper, 500), "access-denied",
            "/offload/table[name='main']/capacity", type="application")
    refused(edit(oper, rule(20, NEVER)), "access-denied",
            "/offload/rule[sequence='20']")
    refused(edit(oper, rule(10, op="delete")), "access-denied",
            "/offload/rule[sequence='10']")
    assert capacity(oper) == "2000"
    ok(edit(oper, table()))  # changes nothing, so nothing is asked


def test_read_only_user_and_the_candidate(oper, admin):
    refused(set_capacity(oper, 500, "candidate"), "access-denied",
            "/offload/table[name='main']/capacity")
    assert capacity(oper, "candidate") == "2000"
    ok(set_capacity(admin, 500, "candidate"))
    # RFC 8341, 3.2.5: what a commit changes is asked for again.
    refused(oper.commit(), "access-denied",
            "/offload/table[name='main']/capacity")
    assert capacity(admin) == "2000"


def test_read_only_user_and_copy_config(oper):
    reply = oper.rpc(nc.element(
        f'<copy-config xmlns="{nc.BASE}"><target><running/></target><source>'
        f"{nc.config(offload(table()))}</source></copy-config>"))
    refused(reply, "access-denied")
    assert capacity(oper) == "2000"


def test_denied_by_the_model(oper):
    """default-deny-all of the models themselves."""
    assert not everything(oper).xpath("//acm:*", namespaces=NAMES)
    assert not everything(oper, filter=xpath("/acm:nacm")).xpath(
        "//acm:*", namespaces=NAMES)
    refused(oper.kill_session("1"), "access-denied", type="protocol")
    assert everything(oper).xpath("//o:offload", namespaces=NAMES)


def test_recovery_user(lasting):
    m = lasting["root"].get()
    assert everything(m).xpath("//acm:rule-list", namespaces=NAMES)
    ok(set_capacity(m, 500))


# --- with rules ---

def test_denied_subtree(rules, oper, admin):
    rules(path("/o:offload/o:rule", "read", "deny"), group="operators")
    for read in (everything(oper), everything(oper, filter=subtree(offload())),
                 everything(oper, filter=xpath("//o:rule")),
                 ok(oper.get(subtree(offload("<rule/>")))).data_ele):
        assert not read.xpath("//o:rule", namespaces=NAMES)
    assert capacity(oper) == "2000"
    assert everything(admin).xpath("//o:rule", namespaces=NAMES)


def test_filters_give_nothing_away(rules, oper):
    """Conditions on what cannot be read do not hold."""
    ask = xpath("/o:offload[o:rule/o:sequence='10']/o:table")
    assert everything(oper, filter=ask).xpath("//o:table", namespaces=NAMES)
    rules(path("/o:offload/o:rule", "*", "deny"), group="operators")
    assert not everything(oper, filter=ask).xpath("//o:table",
                                                  namespaces=NAMES)
    hidden = subtree(offload("<rule><sequence>10</sequence></rule>"))
    assert not everything(oper, filter=hidden).xpath("//o:rule",
                                                     namespaces=NAMES)


def test_denied_leaf_and_entry(rules, oper, admin):
    ok(edit(admin, rule(20, NEVER)))
    rules(path("/o:offload/o:rule[o:sequence='20']", "read", "deny"),
          path("/o:offload/o:table/o:capacity", "read", "deny"),
          group="operators")
    data = everything(oper)
    assert texts(data.xpath("//o:rule/o:sequence", namespaces=NAMES)) == ["10"]
    assert not data.xpath("//o:capacity", namespaces=NAMES)
    assert data.xpath("//o:table/o:rebalance-interval", namespaces=NAMES)


def test_allowed_subtree(rules, oper):
    rules(path("/o:offload/o:rule", "create update", "permit"),
          group="operators")
    ok(edit(oper, rule(20, NEVER)))
    ok(edit(oper, rule(20, "<set><class>critical</class></set>")))
    refused(edit(oper, rule(20, op="delete")), "access-denied",
            "/offload/rule[sequence='20']")
    refused(set_capacity(oper, 500), "access-denied")
    # One that is not allowed spoils the rest.
    refused(edit(oper, rule(30, NEVER) + table("<capacity>500</capacity>")),
            "access-denied")
    assert not everything(oper).xpath("//o:rule[o:sequence='30']",
                                      namespaces=NAMES)


def test_first_rule_decides(rules, oper):
    rules(path("/o:offload/o:table/o:capacity", "*", "permit"),
          path("/o:offload/o:table", "*", "deny"), group="operators")
    data = everything(oper)
    assert texts(data.xpath("//o:capacity", namespaces=NAMES)) == []
    # The table itself is denied, so nothing of it is seen.
    assert not data.xpath("//o:table", namespaces=NAMES)


def test_module_rule(rules, oper):
    rules("<module-name>frr-offload</module-name><access-operations>read"
          "</access-operations><action>deny</action>", group="operators")
    assert not everything(oper).xpath("//o:*", namespaces=NAMES)
    assert len(everything(oper))  # FRR's lists


def test_exec(rules, oper, admin):
    rules(rpc("frr-offload", "explain"), rpc("ietf-netconf", "lock"),
          group="operators")
    call = nc.element(f'<explain xmlns="{OFL}"><prefix>192.0.2.1</prefix>'
                      "</explain>")
    refused(oper.dispatch(call), "access-denied", type="protocol")
    refused(oper.lock("running"), "access-denied")
    ok(oper.validate("running"))
    ok(admin.lock("running"))
    ok(admin.unlock("running"))


def test_no_exec_at_all(rules, oper):
    rules("<module-name>*</module-name><access-operations>exec"
          "</access-operations><action>deny</action>", group="operators")
    refused(oper.get_config("running"), "access-denied")
    refused(oper.commit(), "access-denied")
    # RFC 8341, 3.2.1: close-session is always allowed.
    with Raw("oper") as s:
        assert s.do("<close-session/>").ok


def test_notification(rules, connect, admin):
    from test_notify import CHANGED, subscribe, take
    from test_notify import subtree as only
    rules("<module-name>ietf-netconf-notifications</module-name>"
          "<notification-name>netconf-config-change</notification-name>"
          "<access-operations>read</access-operations><action>deny</action>",
          group="operators")
    deaf, other = connect("oper"), connect("guest")
    ok(subscribe(deaf, only(CHANGED)))
    ok(subscribe(other, only(CHANGED)))
    ok(set_capacity(admin, 500))
    assert take(other) is not None
    assert take(deaf, 0.5) is None


# --- users and groups ---

def test_groups_of_the_system(rules, root, oper, guest):
    rules(path("/o:offload/o:rule", "*", "deny"), group="operators")
    assert not everything(oper).xpath("//o:rule", namespaces=NAMES)
    assert everything(guest).xpath("//o:rule", namespaces=NAMES)
    settings(root, "<enable-external-groups>false</enable-external-groups>")
    assert everything(oper).xpath("//o:rule", namespaces=NAMES)


def test_groups_of_the_configuration(root, rules, guest):
    settings(root, "<groups><group><name>g</name><user-name>guest</user-name>"
             "</group></groups>")
    rules(path("/o:offload", "*", "permit"), group="g")
    ok(set_capacity(guest, 500))
    settings(root, "<groups><group><name>g</name><user-name nc:operation="
             '"delete">guest</user-name></group></groups>')
    refused(set_capacity(guest, 600), "access-denied")


def test_defaults(root, guest):
    settings(root, "<read-default>deny</read-default>")
    assert len(everything(guest)) == 0
    assert len(ok(guest.get()).data_ele) == 0
    settings(root, "<read-default>permit</read-default>"
             "<write-default>permit</write-default>")
    ok(set_capacity(guest, 500))
    settings(root, "<exec-default>deny</exec-default>")
    refused(guest.get_config("running"), "access-denied")


def test_switched_off(root, guest):
    refused(set_capacity(guest, 500), "access-denied")
    settings(root, "<enable-nacm>false</enable-nacm>")
    ok(set_capacity(guest, 500))


def test_without_configuration_nobody_writes(root, admin):
    ok(set_capacity(admin, 500))
    root.do("<edit-config><target><running/></target><config>" + nc.nacm(
        "", ' nc:operation="remove"') + "</config></edit-config>")
    refused(set_capacity(admin, 600), "access-denied")
    assert capacity(admin) == "500"


def test_nobody_lets_himself_in(oper):
    reply = oper.edit_config(target="running", config=nc.config(nc.nacm(
        "<enable-nacm>false</enable-nacm>")))
    refused(reply, "access-denied")


@pytest.fixture
def nameless():
    """A connection of a process whose user has no name, with the socket's
    group."""
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(30)
    before = os.getgroups()
    os.setgroups([])
    os.setegid(2100)
    os.seteuid(2999)
    try:
        s.connect(SOCKET)
    finally:
        os.seteuid(0)
        os.setegid(0)
        os.setgroups(before)
    yield s
    s.close()


def test_unknown_user(nameless):
    """Who has no name gets no session, or one that may do nothing that needs
    a name."""
    data = b""
    try:
        nameless.sendall(hello(BASE10).encode() + EOM)
        text = "<edit-config><target><running/></target><config>" + offload(
            table("<capacity>500</capacity>")) + "</config></edit-config>"
        nameless.sendall(f'<rpc xmlns="{nc.BASE}" message-id="1">{text}</rpc>'
                         .encode() + EOM)
        while data.count(EOM) < 2:
            part = nameless.recv(65536)
            if not part:
                raise Closed()
            data += part
    except (Closed, OSError):
        assert b"<ok/>" not in data
        return
    assert b"access-denied" in data and b"<ok/>" not in data


# --- what it counts ---

def counts(m):
    data = ok(m.get(subtree(f'<nacm xmlns="{ACM}"/>'))).data_ele
    return {n: int(data.findtext(f".//{{{ACM}}}{n}")) for n in (
        "denied-operations", "denied-data-writes", "denied-notifications")}


def test_counters(admin, oper):
    before = counts(admin)
    refused(oper.kill_session("1"), "access-denied")
    refused(set_capacity(oper, 500), "access-denied")
    after = counts(admin)
    assert after["denied-operations"] - before["denied-operations"] == 1
    assert after["denied-data-writes"] - before["denied-data-writes"] == 1
    assert after["denied-notifications"] >= before["denied-notifications"]


def test_in_the_running_configuration(house, root):
    """vtysh prints it as any other configuration."""
    text = house.vtysh("show running-config offloadd")[1]
    assert "managers" in text and "admin" in text, text
