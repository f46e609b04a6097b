# SPDX-License-Identifier: GPL-2.0-or-later
"""
What the ports take: tried before anything depends on it, told by `show`, and
nothing is written that cannot be.

tcamsim refuses keys and actions by name and counts every filter that it was
asked to add.
"""

import pytest

import compare
import daemons
from edge import BLOCK, configuration, port_mac, via
from routing import neighbour_mac
from test_dry import DRY, dry  # noqa: F401, a fixture
from wire import sysctl

PREFIX, INSIDE = "198.51.100.0/24", "198.51.100.9"
SIX, INSIDE6 = "2001:db8:100::/48", "2001:db8:100::9"
V4, V6 = (PREFIX, via(2)), (SIX, via(2, six=True))
KEYS = ["destination MAC", "ingress device", "TTL", "hop limit",
        "IPv4 destination", "IPv6 destination"]
ACTIONS = ["trap", "pass", "drop", "goto chain", "redirect", "MAC rewrite",
           "TTL decrement", "hop limit decrement", "VLAN push"]


def rows(edge, port=None):
    """{name: row} of a port, or {(port, name): row} of all."""
    told = edge.show("table main capabilities")["capabilities"]
    return {r["name"] if port else (r["port"], r["name"]): r for r in told
            if port in (None, r["port"])}


def refuse(edge, *words):
    edge.sw.debug("refuse", " ".join(words) + "\n")


def additions(edge):
    return int(edge.sw.debug("additions"))


def refused(edge, *routes):
    """These routes are refused, and nobody asked hardware: their texts."""
    before = additions(edge)
    edge.add(*routes)
    texts = [edge.becomes(prefix, "failed", "hardware-unsupported")["text"]
             for prefix, _ in routes]
    edge.quiet()
    assert additions(edge) == before, "hardware was asked"
    return texts


def nothing_left(edge):
    """No filter of a try, no block but the table's."""
    assert not compare.tries(edge)
    for port in edge.ports:
        shown = edge.sw.tc("qdisc show dev " + port)[-1]
        assert shown["ingress_block"] == BLOCK, shown


def test_everything_is_taken(edge):
    one = edge(ipv6=True)
    one.start()
    told = rows(one)
    assert sorted(told) == sorted((port, name) for port in one.ports
                                  for name in KEYS + ACTIONS)
    for (_, name), row in told.items():
        assert row["state"] == "ok" and not row["ofBlock"], row
        assert row["kind"] == ("key" if name in KEYS else "action"), row
        assert "errno" not in row and "text" not in row, row
    nothing_left(one)
    one.offload(V4, V6)
    one.by_hardware(INSIDE, "sw2")
    _, text = daemons.vtysh("show offload table none capabilities")
    assert "There is no table none." in text


def test_a_try_takes_one_slot_at_a_time(edge):
    """In a table that could not hold all of them."""
    one = edge(tcam_slots=8)
    one.ports = ["sw1", "sw2"]
    one.start(configuration(one.ports))
    assert {r["state"] for r in rows(one).values()} == {"ok"}
    assert not any(r["ofBlock"] for r in rows(one).values())
    nothing_left(one)


# (what tcamsim refuses, the row that says so, refused route, one that is not)
CASES = [
    ("ip_ttl", "TTL", V4, V6),
    ("ip6_hoplimit", "hop limit", V6, V4),
    ("dst_ip", "IPv4 destination", V4, V6),
    ("dst_ip6", "IPv6 destination", V6, V4),
    ("add", "TTL decrement", V4, V6),
    ("add", "TTL decrement", V4, (PREFIX, "blackhole")),
    ("add6", "hop limit decrement", V6, V4),
    ("set", "MAC rewrite", V4, (PREFIX, "blackhole")),
    ("redirect", "redirect", V6, (PREFIX, "blackhole")),
    ("drop", "drop", (PREFIX, "blackhole"), V4),
]


@pytest.mark.parametrize("word, name, no, yes", CASES, ids=[
    "%s-%s" % (c[0], c[3][1]) for c in CASES])
def test_refused_beforehand(edge, word, name, no, yes):
    one = edge(ipv6=True)
    refuse(one, word)
    one.start()
    for port in one.ports:
        row = rows(one, port)[name]
        assert row["state"] == "refused" and row["errno"] == 95, row
        assert "as told" in row["text"], row
    nothing_left(one)
    for text in refused(one, no):
        assert text.startswith("sw1: %s: tcamsim: cannot " % name), text
    one.delete(no[0])
    one.until("it is gone", lambda: no[0] not in one.routes())
    one.offload(yes)
    if yes == V4:
        one.by_hardware(INSIDE, "sw2")
    # A family whose guards cannot be is not looked at by hardware at all.
    if name == "TTL":
        one.led = ("ipv6",)
        one.to_cpu(INSIDE)
    elif name == "hop limit":
        one.led = ("ipv4",)


def test_what_is_built_upon_it_is_not_judged(edge):
    """Without a redirect nobody knows whether the TTL can be lowered."""
    one = edge()
    refuse(one, "redirect")
    one.start()
    told = rows(one, "sw1")
    for name in ("MAC rewrite", "TTL decrement", "VLAN push"):
        assert told[name]["state"] == "unknown", told[name]
        assert told[name]["text"] == "redirect is refused", told[name]
    assert told["drop"]["state"] == "ok"


@pytest.mark.parametrize("words, name", [
    (("trap",), "trap"), (("goto",), "goto chain"),
    (("dst_mac",), "destination MAC"), (("indev",), "ingress device"),
    (("ip_ttl", "ip6_hoplimit"), "TTL")])
def test_port_that_cannot_have_guards_is_not_used(edge, words, name):
    """No packet could be led to routes, and no route could be covered."""
    one = edge()
    refuse(one, *words)
    one.compared = False  # there is no table to compare
    one.start(ready=False)
    one.until("why", lambda: one.table().get("notReadyText", "").startswith(
        "sw1: %s: tcamsim: cannot " % name))
    one.settled()
    one.add(V4)
    one.becomes(PREFIX, "waiting", "table-down")
    assert one.sw.tcam() == []
    assert rows(one, "sw1")[name]["state"] == "refused"


def test_vlan(edge):
    one = edge()
    refuse(one, "vlan-push")
    one.sw.ip("link add link sw2 name sw2.7 type vlan id 7",
              "link set sw2.7 up", "address add 10.7.0.1/24 dev sw2.7",
              "neigh replace 10.7.0.2 lladdr %s dev sw2.7 nud permanent" %
              neighbour_mac(7))
    one.start()
    text, = refused(one, ("203.0.113.0/24", "via 10.7.0.2"))
    assert text.startswith("sw1: VLAN push: tcamsim: "), text
    one.offload(V4)
    one.by_hardware(INSIDE, "sw2")


def test_full_while_it_is_tried(edge):
    """No room is no refusal: it is tried again when there is some."""
    one = edge(tcam_slots=8)
    one.sw.tc("qdisc add dev sw3 clsact", *(
        "filter add dev sw3 ingress pref %d protocol ip flower skip_sw dst_ip "
        "192.0.2.%d action drop" % (n, n) for n in range(1, 9)))
    assert one.sw.occ() == 8
    one.ports = ["sw1", "sw2"]
    one.start(configuration(one.ports))
    told = rows(one)
    assert {r["state"] for r in told.values()} == {"unknown"}
    assert all("is full" in r["text"] and r["errno"] == 28
               for r in told.values())
    one.sw.tc("qdisc del dev sw3 clsact")

    def known():
        # Its own audit comes every ten seconds; this makes it look.
        one.sw.tc("filter add block 4096 chain 7 pref 1 protocol ip flower "
                  "skip_hw action pass", "filter del block 4096 chain 7")
        return {r["state"] for r in rows(one).values()} == {"ok"}

    one.until("all is known", known)
    assert all(r["ofBlock"] for r in rows(one).values())
    one.offload(V4)
    one.until("the guards are there", lambda: sum(
        g.chain == 0 for g in compare.kernel(one)[0]) == 4)
    one.by_hardware(INSIDE, "sw2")
    nothing_left(one)


def test_restart_adopts(edge):
    """Ports that have the block already are tried in it, all at once."""
    one = edge(ipv6=True)
    one.start().offload(V4, V6)
    one.stop()
    refuse(one, "add")
    one.start()
    told = rows(one)
    for (port, name), row in told.items():
        assert row["ofBlock"], row
        assert row["state"] == (
            "refused" if name == "TTL decrement" else
            # It is tried on top of that.
            "unknown" if name == "VLAN push" else "ok"), row
    one.becomes(SIX, "offloaded")
    # What is there stays; what is new is refused.
    one.becomes(PREFIX, "offloaded")
    text, = refused(one, ("203.0.113.0/24", via(2)))
    assert text.startswith("sw1: TTL decrement: "), text
    one.by_hardware(INSIDE, "sw2")
    nothing_left(one)


def test_port_that_can_less_comes_later(edge):
    """What is there stays, unless it must be covered and cannot be."""
    one = edge()
    one.sw.ip("link set sw3 down", "link set sw3 name late0")
    one.sw.ip.restart()
    one.sw.tc.restart()
    one.ports = ["sw1", "sw2"]
    one.start(configuration(["sw1", "sw2", "sw3"], more=(
        "rule 10", " match prefix-length 26", " set class never", "exit")))
    one.offload(V4)
    refuse(one, "dst_ip")
    one.sw.ip("link set late0 name sw3", "link set sw3 up")
    one.ports = one.sw.port_names()
    one.until("it is tried", lambda: rows(one, "sw3"))
    one.until("it is attached", lambda: any(
        f.options.get("indev") == "sw3" for f in compare.kernel(one)[0]))
    assert rows(one, "sw1")["IPv4 destination"]["state"] == "ok"
    assert rows(one, "sw3")["IPv4 destination"]["state"] == "refused"
    one.quiet()
    assert one.states([PREFIX]) == {PREFIX: "offloaded"}
    one.by_hardware(INSIDE, "sw2")
    text, = refused(one, ("203.0.113.0/24", via(2)))
    assert text.startswith("sw3: IPv4 destination: "), text
    # A route below it that needs a cover, which cannot be.
    before = additions(one)
    one.add(("198.51.100.0/26", via(2, 3)))
    one.until("the aggregate is out", lambda: not one.entries())
    one.quiet()
    assert additions(one) == before
    one.to_cpu(INSIDE)
    one.delete("198.51.100.0/26")
    one.until("it is gone", lambda: "198.51.100.0/26" not in one.routes())
    # Without that port all can be again, and is.
    refuse(one)
    one.sw.ip("link set sw3 down", "link set sw3 name late0")
    one.ports = ["sw1", "sw2"]
    one.until("it has gone", lambda: not rows(one, "sw3"))
    one.all_become([PREFIX, "203.0.113.0/24"], "offloaded")
    one.quiet()
    one.by_hardware(INSIDE, "sw2")
    one.by_hardware("203.0.113.9", "sw2")
    one.sw.ip("link set late0 name sw3")


def test_filter_of_an_interrupted_try_goes(edge):
    """As SIGKILL in between would leave it."""
    one = edge()
    one.start().offload(V4)
    ours, = [f for f in one.sw.filters("block 4096")
             if f["options"]["keys"].get("dst_ip") == PREFIX]
    cookie = ours["options"]["actions"][0]["cookie"]
    stray = ("filter add block 4096 chain 4224 pref 65000 protocol ip flower "
             "skip_sw action drop cookie %s03%s" % (cookie[:16], cookie[18:]))
    one.sw.tc(stray)
    one.until("it is noticed", lambda: not compare.tries(one))
    one.stop()
    one.sw.tc(stray)
    one.start()
    nothing_left(one)
    one.becomes(PREFIX, "offloaded")
    one.by_hardware(INSIDE, "sw2")


def test_text_fits(edge):
    one = edge()
    refuse(one, "drop", "dst_ip6")
    one.start()
    text = one.offloadd.ask("show offload table main capabilities")
    assert all(len(line) <= 80 for line in text.splitlines()), text
    assert "cannot do drop, as told" in text


def test_dry_run(dry):  # noqa: F811
    dry.start(configuration(dry.ports, table=DRY))
    for (_, name), row in rows(dry).items():
        assert row["state"] == ("unused" if name == "trap" else "ok"), row
    dry.offload((PREFIX, via(2)))
    nothing_left(dry)
