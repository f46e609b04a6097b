# SPDX-License-Identifier: GPL-2.0-or-later
"""Operational state: filters over 10,000 routes, a route by its key, and the
operations of the daemon."""

import time

import pytest

import nc
from house import wait
from nc import NAMES, OFL, offload, ok, refused, subtree, texts, xpath
from raw import Raw
from world import GATEWAY4, NEXTHOPS

ROUTES = 10000


@pytest.fixture(scope="module")
def world(house):
    """Routes in zebra that have come to rest in the daemon."""
    house.feed("--count", str(ROUTES), "--nexthop", GATEWAY4,
               "--nexthops", str(NEXTHOPS))

    def rest():
        s = house.summary()
        return s["flows"] >= ROUTES and s["feed"]["settled"] and \
            not s["dirty"] and not s["states"].get("sent") and \
            not s["states"].get("seen") and not s["states"].get("leaving")
    wait(rest, "routes are in hardware")
    time.sleep(0.5)
    wait(rest, "and stay")
    yield
    house.unfeed()
    wait(lambda: house.summary()["flows"] < 100, "routes are gone")


@pytest.fixture(autouse=True)
def routes(world):
    """Every test is about them."""


@pytest.fixture
def flows(house):
    """What the daemon's command says of each: prefix -> row."""
    rows = house.offloadd.ask_json("show offload flow json")["flows"]
    return {row["prefix"]: row for row in rows}


def state(inner=""):
    return subtree(offload(f"<state>{inner}</state>"))


def found(reply):
    """prefix -> the entry of the list."""
    entries = ok(reply).data_ele.xpath("o:offload/o:state/o:flow",
                                       namespaces=NAMES)
    out = {e.findtext(f"{{{OFL}}}prefix"): e for e in entries}
    assert len(out) == len(entries), "a route twice"
    return out


def one(entry, name):
    return entry.findtext(f"{{{OFL}}}{name}")


def test_all(admin, flows):
    have = found(admin.get(state("<flow/>")))
    assert len(have) >= ROUTES
    assert set(have) == set(flows)
    for prefix, entry in have.items():
        row = flows[prefix]
        assert (one(entry, "state"), one(entry, "class")) == \
            (row["state"], row["class"]), prefix


def test_only_keys(admin, flows):
    have = found(admin.get(state("<flow><prefix/></flow>")))
    assert set(have) == set(flows)
    assert {len(e) for e in have.values()} == {2}  # vrf and prefix


@pytest.mark.parametrize("name,value", [
    ("state", "offloaded"), ("class", "critical"), ("state", "waiting"),
    ("state", "failed")])
def test_content_match(admin, flows, name, value):
    want = {p for p, row in flows.items() if row[name] == value}
    inner = f"<flow><{name}>{value}</{name}></flow>"
    assert set(found(admin.get(state(inner)))) == want
    have = admin.get(xpath(f"/o:offload/o:state/o:flow[o:{name}='{value}']"))
    assert set(found(have)) == want


def test_by_key(admin, flows):
    prefix = sorted(flows)[len(flows) // 2]
    inner = f"<flow><vrf>default</vrf><prefix>{prefix}</prefix></flow>"
    for filter in (state(inner), xpath(
            "/o:offload/o:state/o:flow[o:vrf='default']"
            f"[o:prefix='{prefix}']")):
        have = found(admin.get(filter))
        assert list(have) == [prefix]
        assert one(have[prefix], "state") == flows[prefix]["state"]
    inner = f"<flow><prefix>{prefix}</prefix></flow>"  # one key of two
    assert list(found(admin.get(state(inner)))) == [prefix]


def test_by_key_nothing(admin):
    for prefix in "203.0.113.77/32", "no prefix":
        inner = f"<flow><vrf>default</vrf><prefix>{prefix}</prefix></flow>"
        assert found(admin.get(state(inner))) == {}


def test_xpath_of_a_leaf(admin, flows):
    have = found(admin.get(xpath("/o:offload/o:state/o:flow/o:reason")))
    assert set(have) == set(flows)


def test_table(admin, house):
    row = house.offloadd.ask_json("show offload table json")["tables"][0]
    data = ok(admin.get(state("<table><name>main</name></table>"))).data_ele
    entry, = data.xpath("//o:state/o:table", namespaces=NAMES)
    assert one(entry, "max-limit") == str(row["capacity"]) == "2000"
    assert one(entry, "used") == str(row["used"])
    assert int(one(entry, "used")) <= 2000
    assert not data.xpath("//o:flow", namespaces=NAMES)


def test_sums(admin, house):
    data = ok(admin.get(state("<flows/>"))).data_ele
    total = data.findtext(f".//{{{OFL}}}total")
    assert int(total) == house.summary()["flows"]
    by_state = {one(e, "name"): int(one(e, "flows")) for e in data.xpath(
        "//o:flows/o:state", namespaces=NAMES)}
    assert sum(by_state.values()) == int(total)
    assert by_state["offloaded"] == house.summary()["states"]["offloaded"]


def test_rules_of_reading(admin, oper):
    """A list that comes in pieces is filtered by access control too."""
    ok(admin.edit_config(target="running", config=nc.config(nc.nacm(f"""
        <rule-list><name>flows</name><group>*</group>
         <rule><name>none</name><path xmlns:o="{OFL}">/o:offload/o:state/o:flow
          </path><access-operations>read</access-operations>
          <action>deny</action></rule></rule-list>"""))))
    assert found(oper.get(state("<flow/>"))) == {}
    assert found(oper.get(xpath("//o:flow[o:state='offloaded']"))) == {}
    assert len(found(admin.get(state("<flow><prefix/></flow>")))) >= ROUTES


def test_others_are_answered_meanwhile(connect):
    """All routes on one session; another's question does not wait for the
    end."""
    long, short = connect.raw(), connect.raw()
    long.send('<rpc message-id="1" xmlns="' + nc.BASE + '"><get><filter>' +
              offload("<state><flow/></state>") + "</filter></get></rpc>")
    answered = 0
    while len(long.data) < 1000:
        long.more()
    for _ in range(10):
        short.do("<get-config><source><candidate/></source><filter>"
                 f"{offload('<table/>')}</filter></get-config>")
        answered += 1
    assert answered == 10
    assert long.reply().text.count("</flow>") >= ROUTES


# --- operations ---

def call(m, name, inner="", ns=OFL):
    return m.dispatch(nc.element(f'<{name} xmlns="{ns}">{inner}</{name}>'))


def output(reply, name):
    return texts(nc.element(ok(reply).xml.encode()).iter(f"{{{OFL}}}{name}"))


def test_explain(admin, flows):
    prefix = next(p for p, row in flows.items()
                  if row["state"] == "offloaded" and ":" not in p)
    reply = call(admin, "explain", f"<prefix>{prefix}</prefix>")
    assert output(reply, "prefix")[0] == prefix
    assert output(reply, "state") == ["offloaded"]
    assert output(reply, "sentences")
    address = prefix.partition("/")[0]
    assert output(call(admin, "explain", f"<prefix>{address}</prefix>"),
                  "state")


def test_explain_refused(admin):
    refused(call(admin, "explain"), "missing-element")
    refused(call(admin, "explain", "<prefix>nonsense</prefix>"),
            "invalid-value")
    refused(call(admin, "explain", "<prefix>203.0.113.77/32</prefix>"
                 "<vrf>nowhere</vrf>"), "operation-failed")
    refused(call(admin, "explain", "<colour/>"), "unknown-element")


def test_find_flows_by_pages(admin, flows):
    after, seen, calls = "", [], 0
    while calls < 1000:
        reply = call(admin, "find-flows", "<state>offloaded</state>"
                     f"<limit>300</limit>{after}")
        root = nc.element(ok(reply).xml.encode())
        seen += texts(root.xpath("o:flow/o:prefix", namespaces=NAMES))
        calls += 1
        last = root.xpath("o:next/o:prefix", namespaces=NAMES)
        if not last:
            break
        after = f"<after><vrf>default</vrf><prefix>{last[0].text}</prefix>" \
                "</after>"
    assert sorted(seen) == sorted(p for p, row in flows.items()
                                  if row["state"] == "offloaded")
    assert calls > 3


def test_find_flows_refused(admin):
    refused(call(admin, "find-flows", "<limit>1001</limit>"),
            "invalid-value", "/find-flows/limit")


def passes(house):
    return house.offloadd.ask_json("show offload audit json")["passes"]


def test_audit(admin, house):
    before = passes(house)
    assert output(call(admin, "audit"), "begun") in (["true"], ["false"])
    wait(lambda: passes(house) > before, "a pass ends")


def inner(reply, node, name):
    root = nc.element(ok(reply).xml.encode())
    return texts(root.xpath(f"//o:{node}/o:{name}", namespaces=NAMES))


def simulated(admin, change):
    reply = call(admin, "simulate", f"<table>main</table>{change}")
    ok(reply)

    def answer():
        nonlocal reply
        if output(reply, "state") == ["running"]:
            reply = call(admin, "simulation")
        return output(reply, "state") == ["done"]
    wait(answer, "the simulation ends")
    return reply


def test_simulate(admin, house):
    before = house.offloadd.ask_json("show offload table main json")
    reply = simulated(admin, "<capacity>600</capacity><high-watermark>"
                      "<percent>95</percent></high-watermark>")
    assert output(reply, "table") == ["main"]
    assert inner(reply, "now", "used") == [str(before["used"])]
    assert inner(reply, "then", "capacity") == ["600"]
    assert inner(reply, "then", "high") == ["570"]
    assert 0 < int(inner(reply, "then", "used")[0]) <= 600
    assert output(reply, "rests") == ["true"]
    reply = simulated(admin, "<class>critical</class>"
                      "<prefix>0.0.0.0/0</prefix><le>32</le>")
    unfit = int(output(reply, "unfit-critical")[0])
    assert unfit > 10
    assert len(inner(reply, "unfit", "prefix")) == 10
    assert house.offloadd.ask_json(
        "show offload table main json")["opsSent"] == before["opsSent"]


def test_simulate_refused(admin):
    refused(call(admin, "simulate", "<capacity>600</capacity>"),
            "missing-element")
    refused(call(admin, "simulate", "<table>none</table>"
                 "<capacity>600</capacity>"), "operation-failed")
    refused(call(admin, "simulate", "<table>main</table>"
                 "<capacity>0</capacity>"), "invalid-value")


def test_rebalance(admin):
    ok(call(admin, "rebalance"))
    ok(call(admin, "rebalance", "<table>main</table>"))
    refused(call(admin, "rebalance", "<table>none</table>"),
            "operation-failed")


def test_resync(admin, house):
    before = house.summary()["feed"]
    ok(call(admin, "resync"))
    wait(lambda: house.summary()["feed"]["settled"] and
         house.summary()["feed"]["messages"] > before["messages"],
         "the feed settles again")
    assert house.summary()["flows"] >= ROUTES


def test_clear_history(admin, house):
    ok(call(admin, "clear-history"))
    refused(call(admin, "clear-history", "<before>yesterday</before>"),
            "invalid-value")


def test_release_of_nothing(admin):
    refused(call(admin, "release-feed"), "operation-failed")


def test_state_cannot_be_written(admin):
    reply = nc.edit(admin, "<state><flow><vrf>default</vrf>"
                    "<prefix>192.0.2.0/24</prefix></flow></state>")
    assert not reply.ok


def test_a_slow_reader_of_all(house, connect):
    """Pieces are made as they are taken; in between routes come and go."""
    s = connect.raw()
    s.send('<rpc message-id="1" xmlns="' + nc.BASE + '"><get><filter>' +
           offload("<state><flow/></state>") + "</filter></get></rpc>")
    time.sleep(0.2)  # the queue is full now, whatever else is true
    with Raw("root") as other:
        other.do("<commit/>")
    assert s.reply().text.count("</flow>") >= ROUTES
