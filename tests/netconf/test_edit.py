# SPDX-License-Identifier: GPL-2.0-or-later
"""edit-config: operations, what each refuses and where, and that a refusal
changes nothing."""

import pytest

import nc
from nc import (capacity, edit, get, leaf, offload, ok, refused, rule,
                set_capacity, table, texts)

STORES = ["running", "candidate"]
TABLE = "/offload/table[name='main']"


def table_names(m, store):
    """The last one first: newer ones of libyang sort lists by their keys."""
    return sorted(texts(get(m, "//o:table/o:name", store)), reverse=True)


# --- the operations ---

@pytest.mark.parametrize("store", STORES)
def test_merge(admin, store):
    ok(edit(admin, table("<capacity>300</capacity>") +
            table("<capacity>700</capacity>", "b"), store))
    assert capacity(admin, store) == "300"
    assert leaf(admin, "table[main]/rebalance-interval", store) == "3600"
    assert table_names(admin, store) == ["main", "b"]
    if store == "candidate":
        assert capacity(admin) == "2000"


@pytest.mark.parametrize("store", STORES)
def test_same_leaf_again_and_again(admin, store):
    """libyang may find no sibling where the value differs: two would be."""
    for value in "11", "12", "13", "13":
        ok(set_capacity(admin, value, store))
        assert texts(get(admin, "//o:capacity", store)) == [value]


@pytest.mark.parametrize("store", STORES)
def test_replace(admin, store):
    ok(edit(admin, table("<residence>3</residence>", op="replace"), store))
    assert leaf(admin, "table[main]/residence", store) == "3"
    assert capacity(admin, store) in (None, "1024", "auto") or \
        capacity(admin, store) != "2000"
    assert leaf(admin, "table[main]/rebalance-interval", store) is None
    assert leaf(admin, "rule[10]/set/class", store) == "critical"


@pytest.mark.parametrize("store", STORES)
def test_create(admin, store):
    ok(edit(admin, rule(20, "<set><class>never</class></set>", "create"),
            store))
    assert leaf(admin, "rule[20]/set/class", store) == "never"
    error = refused(edit(admin, rule(20, op="create"), store), "data-exists",
                    "/offload/rule[sequence='20']", type="application")
    assert error.message
    refused(edit(admin, table('<capacity nc:operation="create">1</capacity>'),
                 store), "data-exists", TABLE + "/capacity")
    assert capacity(admin, store) == "2000"


@pytest.mark.parametrize("store", STORES)
def test_create_what_is_implicit(admin, store):
    """A leaf with its default, a container without presence: not there."""
    ok(edit(admin, table('<hysteresis nc:operation="create">20</hysteresis>'
                         '<slot-cost nc:operation="create"><ipv6>3</ipv6>'
                         "</slot-cost>"), store))
    assert leaf(admin, "table[main]/slot-cost/ipv6", store) == "3"


@pytest.mark.parametrize("store", STORES)
def test_delete(admin, store):
    ok(edit(admin, rule(10, op="delete"), store))
    assert get(admin, "//o:rule", store) == []
    refused(edit(admin, rule(10, op="delete"), store), "data-missing",
            "/offload/rule[sequence='10']", type="application")
    refused(edit(admin, table('<reserve nc:operation="delete"/>'), store),
            "data-missing", TABLE + "/reserve")


@pytest.mark.parametrize("store", STORES)
def test_remove(admin, store):
    for _ in range(2):
        ok(edit(admin, rule(10, op="remove") +
                table('<rebalance-interval nc:operation="remove"/>'), store))
        assert get(admin, "//o:rule|//o:rebalance-interval", store) == []
    assert capacity(admin, store) == "2000"


@pytest.mark.parametrize("store", STORES)
def test_delete_within_what_is_merged(admin, store):
    ok(edit(admin, table("<capacity>500</capacity><rebalance-interval "
                         'nc:operation="delete"/>'), store))
    assert capacity(admin, store) == "500"
    assert get(admin, "//o:rebalance-interval", store) == []


@pytest.mark.parametrize("store", STORES)
def test_all_of_offload(admin, store):
    ok(admin.edit_config(target=store, config=nc.config(
        offload(attributes=' nc:operation="delete"'))))
    assert get(admin, "o:offload", store) == []
    if store == "running":
        ok(edit(admin, table()))
        assert table_names(admin, store) == ["main"]


def test_seen_by_the_other_side(admin, house):
    ok(set_capacity(admin, 123))
    assert house.offloadd.ask_json("show offload table json")["tables"][0][
        "capacity"] == 123
    assert "  capacity 123" in house.vtysh("show running-config offloadd")[1]
    status, out = house.vtysh("configure terminal", "offload", "table main",
                              "capacity 124")
    assert status == 0, out
    assert capacity(admin) == "124"


# --- default-operation, test-option, error-option ---

@pytest.mark.parametrize("store", STORES)
def test_default_none(admin, store):
    ok(edit(admin, rule(10, op="delete"), store, default_operation="none"))
    assert get(admin, "//o:rule", store) == []
    ok(set_capacity(admin, 500, store, default_operation="none"))
    assert capacity(admin, store) == "2000"
    refused(edit(admin, table('<capacity nc:operation="merge">500</capacity>',
                              "absent"), store, default_operation="none"),
            "data-missing", "/offload/table[name='absent']")


@pytest.mark.parametrize("store", STORES)
def test_default_replace(admin, store):
    acl = nc.get(admin, "o:offload", store)
    assert acl
    # Everything that is not said goes, the rules of access control too: they
    # are said again.
    whole = ok(admin.get_config(store)).data_ele
    rest = "".join(nc.etree.tostring(e).decode() for e in whole
                   if e.tag != f"{{{nc.OFL}}}offload")
    ok(admin.edit_config(target=store, default_operation="replace",
                         config=nc.config(offload(table("", "other")), rest)))
    assert table_names(admin, store) == ["other"]
    assert get(admin, "//o:rule", store) == []


def test_test_only(admin):
    for value, good in ("500", True), ("0", False):
        reply = set_capacity(admin, value, test_option="test-only")
        assert reply.ok == good
        assert capacity(admin) == "2000"


@pytest.mark.parametrize("option", ["rollback-on-error", "stop-on-error"])
def test_a_refused_edit_changes_nothing(admin, option):
    reply = edit(admin, table("<capacity>500</capacity>") +
                 rule(10, op="create"), error_option=option)
    refused(reply, "data-exists")
    assert capacity(admin) == "2000"


# --- what cannot be ---

@pytest.mark.parametrize("inner,tag,path,info", [
    (table("<capacity>0</capacity>"), "invalid-value", TABLE + "/capacity",
     {}),
    (table("<capacity>many</capacity>"), "invalid-value",
     TABLE + "/capacity", {}),
    (table("<hysteresis>101</hysteresis>"), "invalid-value",
     TABLE + "/hysteresis", {}),
    (table("", "no good name"), "invalid-value", None, {}),
    (rule(10, "<set><class>royal</class></set>"), "invalid-value",
     "/offload/rule[sequence='10']/set/class", {}),
    (rule(0), "invalid-value", None, {}),
    ("<table><capacity>1</capacity></table>", "missing-element", None,
     {"bad-element": "name"}),
    (table("<colour>red</colour>"), "unknown-element", None,
     {"bad-element": "colour"}),
    (table('<colour xmlns="urn:other">red</colour>'), "unknown-namespace",
     None, {"bad-element": "colour", "bad-namespace": "urn:other"}),
    (table('<capacity nc:operation="improve">1</capacity>'),
     ("bad-attribute", "invalid-value"), None, {}),
    ("<state/>", ("unknown-element", "operation-not-supported",
                  "invalid-value"), None, {}),
    ("text", ("invalid-value", "bad-element", "unknown-element",
              "malformed-message"), None, {}),
])
@pytest.mark.parametrize("store", STORES)
def test_refused(admin, store, inner, tag, path, info):
    reply = edit(admin, inner, store)
    if isinstance(tag, tuple):
        assert not reply.ok and reply.errors[0].tag in tag, reply.xml
    else:
        error = refused(reply, tag, path, info)
        assert error.message
    assert capacity(admin, store) == "2000"
    assert leaf(admin, "rule[10]/set/class", store) == "critical"


def test_unknown_top(admin):
    for top, tag in (("<thing xmlns='urn:other'/>", "unknown-namespace"),
                     (f"<thing xmlns='{nc.OFL}'/>", "unknown-element")):
        refused(admin.edit_config(target="running", config=nc.config(top)),
                tag, info={"bad-element": "thing"})


# Conditions over several nodes, which the daemon checks.
# FRR does not say which: the path is what would change.
@pytest.mark.parametrize("inner,words,path", [
    (table("<low-watermark><percent>99</percent></low-watermark>"),
     "watermark", TABLE + "/low-watermark/percent"),
    ("<default-table>nowhere</default-table>", "nowhere",
     "/offload/default-table"),
    (table("<provider>tc</provider>"), "port", TABLE + "/provider"),
])
def test_refused_by_the_daemon(admin, inner, words, path):
    reply = edit(admin, inner)
    assert not reply.ok
    error = reply.errors[0]
    refused(reply, error.tag, path, words=words)
    assert error.tag in ("operation-failed", "invalid-value"), nc.show(error)
    assert capacity(admin) == "2000"
    # In the candidate it may stand, until somebody asks.
    ok(edit(admin, inner, "candidate"))
    for ask in admin.validate, admin.commit:
        reply = ask()
        assert not reply.ok
        refused(reply, reply.errors[0].tag, path, words=words)
    ok(admin.discard_changes())
    ok(admin.validate())


def test_validate_what_is_given(admin):
    good = nc.element(nc.config(offload(table("<capacity>900</capacity>"))))
    ok(admin.validate(good))
    bad = nc.element(nc.config(offload(table("<capacity>0</capacity>"))))
    refused(admin.validate(bad), "invalid-value", TABLE + "/capacity")
    bad = nc.element(nc.config(offload(table(
        "<low-watermark><percent>99</percent></low-watermark>"))))
    assert not admin.validate(bad).ok
    ok(admin.validate("running"))


# --- lists whose order counts ---

def rule_list(name, where="", key=""):
    key = f' y:key="[name=&apos;{key}&apos;]"' if key else ""
    insert = f' y:insert="{where}"{key}' if where else ""
    return f"""<rule-list xmlns:y="urn:ietf:params:xml:ns:yang:1"{insert}>
        <name>{name}</name><group>nobody</group></rule-list>"""


def acl(m, inner, store):
    return m.edit_config(target=store, config=nc.config(nc.nacm(inner)))


def order(m, store):
    data = ok(m.get_config(store, filter=nc.subtree(nc.nacm()))).data_ele
    return texts(data.xpath("//acm:rule-list/acm:name", namespaces=nc.NAMES))


@pytest.mark.parametrize("store", STORES)
def test_insert(admin, store):
    ok(acl(admin, rule_list("a") + rule_list("c"), store))
    assert order(admin, store) == ["managers", "a", "c"]
    ok(acl(admin, rule_list("b", "before", "c"), store))
    ok(acl(admin, rule_list("z", "first"), store))
    ok(acl(admin, rule_list("y", "last"), store))
    ok(acl(admin, rule_list("d", "after", "c"), store))
    assert order(admin, store) == ["z", "managers", "a", "b", "c", "d", "y"]
    ok(acl(admin, rule_list("a", "last"), store))  # one that is there moves
    assert order(admin, store) == ["z", "managers", "b", "c", "d", "y", "a"]
    ok(acl(admin, rule_list("b"), store))  # without a word it stays
    assert order(admin, store) == ["z", "managers", "b", "c", "d", "y", "a"]


def test_insert_that_cannot_be(admin):
    error = refused(acl(admin, rule_list("b", "before", "none"), "running"),
                    "bad-attribute", app_tag="missing-instance")
    assert "key" in (error.info or "")
    reply = acl(admin, rule_list("b", "sideways"), "running")
    assert not reply.ok
    assert reply.errors[0].tag in ("bad-attribute", "invalid-value")
    refused(acl(admin, rule_list("b", "after"), "running"),
            "missing-attribute")
    assert order(admin, "running") == ["managers"]


# --- copy-config, delete-config ---

def test_copy_config(admin):
    ok(set_capacity(admin, 500, "candidate"))
    ok(admin.copy_config(source="running", target="candidate"))
    assert capacity(admin, "candidate") == "2000"
    ok(set_capacity(admin, 600, "candidate"))
    ok(admin.copy_config(source="candidate", target="running"))
    assert capacity(admin) == "600"


def test_copy_config_to_itself(admin):
    reply = admin.copy_config(source="running", target="running")
    refused(reply, "invalid-value")


def test_copy_config_of_what_is_given(admin):
    whole = ok(admin.get_config("running")).data_ele
    whole.find(f".//{{{nc.OFL}}}capacity").text = "77"
    inner = "".join(nc.etree.tostring(e).decode() for e in whole)
    reply = admin.rpc(nc.element(
        f'<copy-config xmlns="{nc.BASE}"><target><running/></target>'
        f"<source><config>{inner}</config></source></copy-config>"))
    ok(reply)
    assert capacity(admin) == "77"


def test_delete_config(admin):
    for target in "running", "candidate":
        reply = admin.delete_config(target)
        assert not reply.ok
        assert reply.errors[0].tag in (
            "operation-not-supported", "invalid-value", "unknown-element",
            "operation-failed", "bad-element"), reply.xml
        assert capacity(admin, target) == "2000"
