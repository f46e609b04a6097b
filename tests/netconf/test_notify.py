# SPDX-License-Identifier: GPL-2.0-or-later
"""Notifications: of a real table that fills, of the server itself; filters,
replay, interleaving."""

import datetime
import time

import pytest

import nc
from house import wait
from nc import NAMES, NCN, NMN, NOTIF, OFL, ok, refused, set_capacity
from world import GATEWAY4, NEXTHOPS

CROSSED = f'<watermark-crossed xmlns="{OFL}"/>'
CHANGED = f'<netconf-config-change xmlns="{NCN}"/>'


def subscribe(m, content="", stream=None, start=None, stop=None):
    parts = "" if stream is None else f"<stream>{stream}</stream>"
    parts += content
    parts += "" if start is None else f"<startTime>{start}</startTime>"
    parts += "" if stop is None else f"<stopTime>{stop}</stopTime>"
    return m.dispatch(nc.element(
        f'<create-subscription xmlns="{NOTIF}">{parts}'
        "</create-subscription>"))


def subtree(inner):
    return f'<filter type="subtree">{inner}</filter>'


def take(m, seconds=30):
    n = m.take_notification(timeout=seconds)
    return None if n is None else n.notification_ele


def name(n):
    return n[1].tag.rpartition("}")[2]


def value(n, leaf):
    found = n.xpath(f"*/*[local-name()='{leaf}']")
    return found[0].text if found else None


def at(n):
    text = n.findtext(f"{{{NOTIF}}}eventTime")
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def stamp(moment):
    return moment.isoformat()


def now():
    return datetime.datetime.now(datetime.timezone.utc)


@pytest.fixture
def listener(connect):
    def new(user="admin", **what):
        m = connect(user)
        ok(subscribe(m, **what))
        return m
    return new


def test_watermark(admin, house, listener):
    """Routes fill a table of 100 slots; then they go."""
    ok(set_capacity(admin, 100))
    m = listener(content=subtree(CROSSED))
    before = now()
    house.feed("--count", "300", "--flat", "--nexthop", GATEWAY4,
               "--nexthops", str(NEXTHOPS))
    try:
        n = take(m, 60)
        assert name(n) == "watermark-crossed"
        assert (value(n, "table"), value(n, "level")) == ("main",
                                                          "above-high")
        assert value(n, "max-limit") == "100"
        assert int(value(n, "used")) >= int(value(n, "high"))
        assert at(n) >= before - datetime.timedelta(seconds=2)
    finally:
        house.unfeed()
    wait(lambda: house.summary()["flows"] < 100, "routes are gone")
    levels = ["above-high"]
    while (n := take(m, 60 if levels[-1] == "above-high" else 1.5)) is not None:
        levels.append(value(n, "level"))
    # Each change once, and what is true in the end is told last.
    assert levels == ["above-high", "below-low"] * (len(levels) // 2)
    assert len(levels) <= 6


def test_interleave(admin, listener):
    """The session goes on answering."""
    m = listener(content=subtree(CHANGED))
    for i in range(5):
        ok(set_capacity(m, 100 + i))
        assert nc.capacity(m) == str(100 + i)
    told = [take(m) for _ in range(5)]
    assert [name(n) for n in told] == ["netconf-config-change"] * 5
    assert {n.xpath("string(//ncn:changed-by//ncn:username)",
                    namespaces=NAMES) for n in told} == {"admin"}
    assert {n.xpath("string(//ncn:changed-by//ncn:session-id)",
                    namespaces=NAMES) for n in told} == {m.session_id}


def test_change_by_vtysh_is_told(house, listener):
    m = listener(content=subtree(CHANGED))
    house.vtysh("configure terminal", "offload", "table main", "capacity 55")
    n = take(m)
    assert name(n) == "netconf-config-change"
    assert value(n, "datastore") == "running"
    # libfrr 8.4 does not tell who it was, but it was none of ours.
    assert value(n, "username") not in house.ssh.keys


def test_sessions_are_told(connect, listener):
    m = listener(content=subtree(f'<netconf-session-start xmlns="{NCN}"/>'
                                 f'<netconf-session-end xmlns="{NCN}"/>'))
    s = connect.raw("guest")
    n = take(m)
    assert (name(n), value(n, "username"), value(n, "session-id")) == (
        "netconf-session-start", "guest", str(s.id))
    s.do("<close-session/>")
    n = take(m)
    assert (name(n), value(n, "session-id"), value(
        n, "termination-reason")) == (
            "netconf-session-end", str(s.id), "closed")
    s = connect.raw("guest")
    take(m)
    s.close()
    assert value(take(m), "termination-reason") == "dropped"
    s = connect.raw("guest")
    take(m)
    with connect.raw("admin") as killer:
        take(m)
        killer.do(f"<kill-session><session-id>{s.id}</session-id>"
                  "</kill-session>")
        n = take(m)
        assert value(n, "termination-reason") == "killed"
        assert value(n, "killed-by") == str(killer.id)


def test_confirmed_commit_is_told(admin, listener):
    m = listener(content=subtree(f'<netconf-confirmed-commit xmlns="{NCN}"/>'))
    ok(set_capacity(admin, 500, "candidate"))
    ok(admin.commit(confirmed=True, timeout="1"))
    n = take(m)
    assert (value(n, "confirm-event"), value(n, "timeout")) == ("start", "1")
    assert value(take(m), "confirm-event") == "timeout"
    for ask, event in ((admin.commit, "complete"),
                       (admin.cancel_commit, "cancel")):
        ok(set_capacity(admin, 600, "candidate"))
        ok(admin.commit(confirmed=True))
        assert value(take(m), "confirm-event") == "start"
        ok(ask())
        assert value(take(m), "confirm-event") == event
        ok(set_capacity(admin, 2000))


# --- filters, streams ---

def test_filter_by_xpath(admin, listener):
    m = listener(content=f'<filter xmlns:ncn="{NCN}" type="xpath" '
                 'select="/ncn:netconf-config-change"/>')
    other = listener(content=f'<filter xmlns:o="{OFL}" type="xpath" select='
                     '"/o:watermark-crossed[o:table=\'none\']"/>')
    ok(set_capacity(admin, 500))
    assert name(take(m)) == "netconf-config-change"
    assert take(other, 0.5) is None


def test_filter_by_content(admin, listener):
    def user(who):
        return subtree(f'<netconf-config-change xmlns="{NCN}"><changed-by>'
                       f"<username>{who}</username></changed-by>"
                       "</netconf-config-change>")
    mine, others = listener(content=user("admin")), \
        listener(content=user("nobody"))
    ok(set_capacity(admin, 500))
    assert name(take(mine)) == "netconf-config-change"
    assert take(others, 0.5) is None


def test_streams(admin):
    data = ok(admin.get(nc.subtree(f'<netconf xmlns="{NMN}"><streams/>'
                                   "</netconf>"))).data_ele
    names = nc.texts(data.xpath("//nmn:stream/nmn:name", namespaces=NAMES))
    assert "NETCONF" in names
    replay = data.xpath("//nmn:stream[nmn:name='NETCONF']/nmn:replaySupport",
                        namespaces=NAMES)[0].text
    assert replay == "true"


@pytest.mark.parametrize("what,tag", [
    ({"stream": "no-such"}, "invalid-value"),
    ({"stop": "2030-01-01T00:00:00Z"}, "missing-element"),
    ({"start": "2030-01-01T00:00:00Z"}, "bad-element"),
    ({"start": "2020-01-02T00:00:00Z", "stop": "2020-01-01T00:00:00Z"},
     "bad-element"),
    ({"start": "yesterday"}, "invalid-value"),
    ({"content": '<filter type="xpath" select="/["/>'}, "invalid-value"),
])
def test_refused(connect, what, tag):
    m = connect()
    refused(subscribe(m, **what), tag)
    ok(subscribe(m))  # nothing is left of it


def test_one_subscription(listener):
    m = listener()
    reply = subscribe(m)
    assert not reply.ok
    assert reply.errors[0].tag in ("operation-failed", "in-use")


# --- replay ---

def test_replay(admin, connect):
    start = now()
    for i in range(3):
        ok(set_capacity(admin, 200 + i))
    m = connect()
    ok(subscribe(m, subtree(CHANGED), start=stamp(
        start - datetime.timedelta(seconds=1))))
    told = []
    while True:
        n = take(m)
        told.append(name(n))
        if told[-1] == "replayComplete":
            break
    assert told.count("netconf-config-change") >= 3
    ok(set_capacity(admin, 30))
    assert name(take(m)) == "netconf-config-change"  # and goes on


def test_replay_with_an_end(admin, connect):
    start = now() - datetime.timedelta(seconds=1)
    ok(set_capacity(admin, 20))
    m = connect()
    ok(subscribe(m, subtree(CHANGED), start=stamp(start),
                 stop=stamp(now() + datetime.timedelta(seconds=2))))
    told = []
    while not told or told[-1] != "notificationComplete":
        n = take(m)
        assert n is not None, told
        told.append(name(n))
    assert "netconf-config-change" in told
    assert told.index("replayComplete") < told.index("notificationComplete")
    ok(set_capacity(admin, 21))
    assert take(m, 0.5) is None
    assert nc.capacity(m) == "21"  # the session lives on
    ok(subscribe(m))  # and may have another


def test_replay_of_a_past_interval(admin, connect):
    start = now()
    ok(set_capacity(admin, 20))
    time.sleep(1.1)  # stop times have whole seconds
    stop = now()
    ok(set_capacity(admin, 21))
    m = connect()
    ok(subscribe(m, subtree(CHANGED),
                 start=stamp(start - datetime.timedelta(seconds=0.5)),
                 stop=stamp(stop)))
    told = []
    while not told or told[-1] != "notificationComplete":
        n = take(m)
        assert n is not None, told
        told.append(name(n))
    assert told.count("netconf-config-change") >= 1


# --- peers ---

def test_a_listener_that_does_not_read(admin, house, connect):
    """It does not cost without end, nor does it hold up others."""
    deaf = connect.raw("admin")
    deaf.do(f'<create-subscription xmlns="{NOTIF}"/>')
    before = house.offloadd.rss_bytes()
    with connect.raw("admin") as busy:
        for i in range(3000):
            busy.do("<edit-config><target><running/></target><config>" +
                    nc.offload(nc.table(f"<capacity>{100 + i % 2}</capacity>"))
                    + "</config></edit-config>")
    assert house.offloadd.rss_bytes() < before + (64 << 20)


def test_counted(admin, connect):
    m = connect.raw("admin")
    m.do(f'<create-subscription xmlns="{NOTIF}"/>')
    ok(set_capacity(admin, 500))
    assert m.notification() is not None
    reply = m.do(f'<get><filter><netconf-state xmlns="{nc.MON}"><sessions>'
                 f"<session><session-id>{m.id}</session-id></session>"
                 "</sessions></netconf-state></filter></get>")
    assert int(reply.find("out-notifications").text) >= 1
