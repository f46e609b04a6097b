# SPDX-License-Identifier: GPL-2.0-or-later
"""get-config and get: filters, defaults, what is where."""

import pytest

import nc
from nc import OFL, get, offload, ok, refused, subtree, table, texts, xpath


@pytest.fixture
def rules(admin):
    """Some entries to choose from."""
    ok(nc.edit(admin, "".join(
        nc.rule(n, f"<match><tag>{n % 3}</tag></match><set><weight>{n}"
                "</weight><class>best-effort</class></set>")
        for n in range(100, 110)) + table("<capacity>50</capacity>", "b")))
    return admin


def sequences(data):
    return texts(data.xpath("o:offload/o:rule/o:sequence",
                            namespaces=nc.NAMES))


def read(m, filter=None, **options):
    return ok(m.get_config("running", filter=filter, **options)).data_ele


def names(node):
    return [c.tag.rpartition("}")[2] for c in node]


def test_everything(admin):
    data = read(admin)
    tops = {c.tag for c in data}
    assert {f"{{{OFL}}}offload", f"{{{nc.ACM}}}nacm"} <= tops
    assert len(tops) == len(data), "a container twice"
    assert not data.xpath("//o:state", namespaces=nc.NAMES)
    assert texts(data.xpath("//o:table/o:name", namespaces=nc.NAMES)) == [
        "main"]
    # FRR's own lists are the daemon's too.
    assert "CUSTOMERS" in nc.etree.tostring(data).decode()


# --- subtree filters ---

def test_subtree_selection(rules):
    data = read(rules, subtree(offload("<rule><sequence/></rule>")))
    assert sequences(data) == ["10"] + [str(n) for n in range(100, 110)]
    assert not data.xpath("//o:weight|//o:table", namespaces=nc.NAMES)


def test_subtree_content_match(rules):
    data = read(rules, subtree(offload(
        "<rule><match><tag>1</tag></match></rule>")))
    # The containers that the match is in are selected, entries are not
    # filtered by what is deeper (RFC 6241, 6.2.5), but named by their keys.
    assert {"100", "103", "106", "109"} <= set(sequences(data))
    assert set(texts(data.xpath("//o:tag", namespaces=nc.NAMES))) == {"1"}


def test_subtree_by_key(rules):
    data = read(rules, subtree(offload("<rule><sequence>104</sequence></rule>"
                                       "<table><name>b</name></table>")))
    assert sequences(data) == ["104"]
    assert texts(data.xpath("//o:weight", namespaces=nc.NAMES)) == ["104"]
    assert texts(data.xpath("//o:table/*", namespaces=nc.NAMES)) == [
        "b", "50"]


def test_subtree_key_and_leaf(rules):
    data = read(rules, subtree(offload(
        "<rule><sequence>104</sequence><set><weight/></set></rule>")))
    entry, = data.xpath("o:offload/o:rule", namespaces=nc.NAMES)
    assert names(entry) == ["sequence", "set"]
    assert names(entry[1]) == ["weight"]


def test_subtree_several(rules):
    data = read(rules, subtree(offload(
        "<rule><sequence>101</sequence></rule>"
        "<rule><sequence>105</sequence></rule>")))
    assert sequences(data) == ["101", "105"]
    assert len(data) == 1


def test_subtree_nothing(rules):
    assert len(read(rules, subtree(offload("<rule><sequence>7</sequence>"
                                           "</rule>")))) == 0
    assert len(read(rules, subtree('<offload xmlns="urn:other"/>'))) == 0
    empty = nc.element(f'<filter xmlns="{nc.BASE}"/>')
    assert len(read(rules, empty)) == 0


def test_subtree_any_namespace(rules):
    f = f'<filter xmlns="{nc.BASE}" type="subtree"><offload xmlns="">' \
        "<table><name>b</name></table></offload></filter>"
    reply = ok(rules.rpc(nc.element(
        f'<get-config xmlns="{nc.BASE}"><source><running/></source>{f}'
        "</get-config>")))
    assert "<capacity>50</capacity>" in reply.xml


def test_whitespace_is_no_content(rules):
    data = read(rules, subtree(offload("\n <rule>\n  <sequence> 104 "
                                       "</sequence>\n </rule>\n")))
    assert sequences(data) == ["104"]


# --- XPath ---

@pytest.mark.parametrize("select,want", [
    ("/o:offload/o:rule[o:sequence='104']", ["104"]),
    ("/o:offload/o:rule[o:match/o:tag=1]/o:set/o:weight",
     ["100", "103", "106", "109"]),
    ("//o:rule[o:sequence > 107]", ["108", "109"]),
    ("/o:offload/o:rule[104 = o:sequence]|//o:rule[o:sequence=101]",
     ["101", "104"]),
    ("/o:offload/o:rule[o:sequence='7']", []),
])
def test_xpath(rules, select, want):
    assert sequences(read(rules, xpath(select))) == want


def test_xpath_of_one_leaf(rules):
    data = read(rules, xpath("/o:offload/o:table[o:name='b']/o:capacity"))
    entry, = data.xpath("o:offload/o:table", namespaces=nc.NAMES)
    assert names(entry) == ["name", "capacity"]


@pytest.mark.parametrize("select", [
    "/o:offload[", "//zz:thing", "/o:offload/o:rule[bogus()]", ""])
def test_xpath_that_is_none(admin, select):
    reply = admin.get_config("running", filter=xpath(select))
    refused(reply, "invalid-value")
    assert ok(admin.get_config("running")).data_ele is not None


def test_xpath_without_select(admin):
    reply = admin.rpc(nc.element(
        f'<get-config xmlns="{nc.BASE}"><source><running/></source>'
        '<filter type="xpath"/></get-config>'))
    assert reply.errors[0].tag in ("missing-attribute", "invalid-value")


def test_filter_of_unknown_type(admin):
    reply = admin.rpc(nc.element(
        f'<get-config xmlns="{nc.BASE}"><source><running/></source>'
        '<filter type="magic"/></get-config>'))
    assert reply.errors[0].tag in ("bad-attribute", "invalid-value")


# --- with-defaults ---

@pytest.mark.parametrize("mode,untouched,said", [
    ("report-all", "20", "1"), ("trim", None, None),
    ("explicit", None, "1"), ("report-all-tagged", "20", "1")])
@pytest.mark.parametrize("source", ["running", "candidate"])
def test_with_defaults(admin, source, mode, untouched, said):
    """hysteresis is not configured; residence is, to its default.  Alone that
    would be no change for libfrr, which then keeps what it had."""
    ok(nc.edit(admin, table("<residence>1</residence><reserve>7</reserve>"),
               source))
    what = {"with_defaults": mode}
    assert nc.leaf(admin, "table[main]/hysteresis", source, **what) == \
        untouched
    assert nc.leaf(admin, "table[main]/residence", source, **what) == said
    assert nc.leaf(admin, "table[main]/capacity", source, **what) == "2000"
    if mode == "report-all-tagged":
        def tags(name):
            node, = get(admin, f"//o:{name}", source, **what)
            return node.get(f"{{{nc.WD_ATTRIBUTE}}}default")
        assert tags("hysteresis") == "true"
        assert tags("capacity") is None
        # By the basic mode, explicit, what was set is no default.
        assert tags("residence") is None


def test_with_defaults_basic_mode(admin):
    basic = admin.server_capabilities[":with-defaults"].parameters[
        "basic-mode"]
    def data(**mode):
        return nc.etree.tostring(read(admin, subtree(offload()), **mode))
    assert data() == data(with_defaults=basic)


def test_with_defaults_of_get(admin):
    def find(mode):
        reply = ok(admin.get(subtree(offload("<table/>")),
                             with_defaults=mode))
        return texts(reply.data_ele.xpath("//o:hysteresis",
                                          namespaces=nc.NAMES))
    assert (find("report-all"), find("trim")) == (["20"], [])


def test_with_defaults_mode_unknown(admin):
    reply = admin.rpc(nc.element(
        f'<get-config xmlns="{nc.BASE}"><source><running/></source>'
        f'<with-defaults xmlns="{nc.WD}">sometimes</with-defaults>'
        "</get-config>"))
    refused(reply, "invalid-value")


# --- get ---

def test_get_has_both(admin):
    data = ok(admin.get(subtree(offload()))).data_ele
    assert texts(data.xpath("o:offload/o:table/o:capacity",
                            namespaces=nc.NAMES)) == ["2000"]
    assert texts(data.xpath("o:offload/o:state/o:table/o:max-limit",
                            namespaces=nc.NAMES)) == ["2000"]
    assert len(data) == 1, "configuration and state are one container"


def test_get_without_filter(admin):
    data = ok(admin.get()).data_ele
    tops = {c.tag.rpartition("}")[2] for c in data}
    assert {"offload", "nacm", "netconf-state", "yang-library"} <= tops


def test_get_config_has_no_state(admin):
    for select in "//o:state", "//mon:netconf-state", "//lib:yang-library":
        assert len(read(admin, xpath(select))) == 0
