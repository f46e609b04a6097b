# SPDX-License-Identifier: GPL-2.0-or-later
"""Locks on both datastores, and between NETCONF and vtysh."""

import pytest

import nc
from house import wait
from nc import capacity, ok, refused, set_capacity
from raw import Raw

STORES = ["running", "candidate"]
# FRR's own sentence.
LOCKED = "locked by another client"


def holder(m, store):
    data = ok(m.get(nc.subtree(
        f'<netconf-state xmlns="{nc.MON}"><datastores/></netconf-state>'))
    ).data_ele
    found = data.xpath(
        f"//mon:datastore[mon:name='{store}']/mon:locks/mon:global-lock/"
        "mon:locked-by-session/text()", namespaces=nc.NAMES)
    return found[0] if found else None


@pytest.mark.parametrize("store", STORES)
def test_lock_and_unlock(admin, connect, store):
    other = connect()
    ok(admin.lock(store))
    assert holder(other, store) == admin.session_id
    refused(other.lock(store), "lock-denied", type="protocol",
            info={"session-id": admin.session_id})
    refused(admin.lock(store), "lock-denied",
            info={"session-id": admin.session_id})
    assert not other.unlock(store).ok
    refused(set_capacity(other, 500, store), "in-use")
    ok(set_capacity(admin, 600, store))
    assert capacity(other, store) == "600"
    if store == "candidate":
        ok(admin.discard_changes())
    ok(admin.unlock(store))
    assert holder(other, store) is None
    refused(admin.unlock(store), "operation-failed")
    ok(other.lock(store))
    ok(set_capacity(other, 700, store))
    if store == "candidate":
        ok(other.discard_changes())
    ok(other.unlock(store))


def test_commit_into_a_locked_running(admin, connect):
    other = connect()
    ok(set_capacity(other, 500, "candidate"))
    ok(admin.lock("running"))
    refused(other.commit(), "in-use")
    assert capacity(other) == "2000"
    ok(admin.unlock("running"))
    ok(other.commit())
    assert capacity(other) == "500"


def test_locked_candidate(admin, connect):
    other = connect()
    ok(admin.lock("candidate"))
    ok(set_capacity(admin, 500, "candidate"))
    refused(other.commit(), "in-use")
    refused(other.discard_changes(), "in-use")
    refused(other.copy_config(source="running", target="candidate"), "in-use")
    ok(set_capacity(other, 900))  # running is another matter
    ok(admin.discard_changes())
    ok(admin.unlock("candidate"))


def test_lock_of_a_changed_candidate(admin, connect):
    """RFC 6241, 7.5: it is somebody's work."""
    ok(set_capacity(admin, 500, "candidate"))
    refused(connect().lock("candidate"), "lock-denied")
    ok(admin.discard_changes())


def test_unlock_discards(admin):
    """RFC 6241, 8.3.5.2."""
    ok(admin.lock("candidate"))
    ok(set_capacity(admin, 500, "candidate"))
    ok(admin.unlock("candidate"))
    assert capacity(admin, "candidate") == "2000"


@pytest.mark.parametrize("end", ["close", "kill", "die"])
@pytest.mark.parametrize("store", STORES)
def test_the_holder_goes(admin, connect, house, store, end):
    s = connect.raw("admin")
    s.do(f"<lock><target><{store}/></target></lock>")
    if store == "candidate":
        s.do("<edit-config><target><candidate/></target><config>"
             f"{nc.offload(nc.table('<capacity>500</capacity>'))}</config>"
             "</edit-config>")
    refused(admin.lock(store), "lock-denied", info={"session-id": str(s.id)})
    if end == "close":
        s.do("<close-session/>")
    elif end == "kill":
        ok(admin.kill_session(str(s.id)))
        assert s.is_closed()
    else:
        s.close()
    wait(lambda: admin.lock(store).ok, "the lock is free")
    assert capacity(admin, store) == "2000"
    ok(admin.unlock(store))


def test_ssh_client_dies(admin, connect):
    """The relay sees the end of its standard input, the server that of the
    relay."""
    other = connect()
    ok(other.lock("running"))
    other._session.transport.sock.close()
    wait(lambda: admin.lock("running").ok, "the lock is free")
    ok(admin.unlock("running"))


def test_vtysh_while_we_hold_the_lock(admin, house):
    ok(admin.lock("running"))
    out = house.vtysh("configure terminal", "offload", "table main",
                      "capacity 500")[1]
    assert LOCKED in out, out
    assert capacity(admin) == "2000"
    out = house.vtysh("configure terminal", "no offload")[1]
    assert LOCKED in out, out
    ok(set_capacity(admin, 600))
    ok(admin.unlock("running"))
    status, out = house.vtysh("configure terminal", "offload", "table main",
                              "capacity 700")
    assert status == 0, out
    assert capacity(admin) == "700"


@pytest.fixture(scope="module")
def exclusive(house):
    """`configure exclusive` is a command of FRR's transactional mode."""
    daemon = house.beside("exclusive", more=["--tcli"])
    yield daemon
    house.end(daemon)


def test_we_while_vtysh_holds_the_lock(exclusive):
    def lock(s):
        return s.ask("<lock><target><running/></target></lock>")

    def change(s, store):
        text = nc.offload(nc.table("<capacity>500</capacity>"))
        return s.ask(f"<edit-config><target><{store}/></target><config>{text}"
                     "</config></edit-config>")
    with Raw("root", exclusive.socket) as s:
        with exclusive.terminal() as vty:
            vty("configure exclusive")
            error, = lock(s).errors
            assert (error.tag, error.info) == ("lock-denied",
                                               {"session-id": "0"})
            assert change(s, "running").errors[0].tag == "in-use"
            assert change(s, "candidate").ok
            assert s.ask("<commit/>").errors[0].tag == "in-use"
            s.do("<discard-changes/>")
        wait(lambda: lock(s).ok, "vtysh's lock went with it")
        with exclusive.terminal() as vty:
            assert "configuration" in vty("configure exclusive") or \
                "lock" in vty("configure exclusive")


def test_transactional_vtysh_while_we_hold_the_lock(exclusive):
    """Its candidate can be edited, but not committed."""
    with Raw("root", exclusive.socket) as s, exclusive.terminal() as vty:
        s.do("<lock><target><running/></target></lock>")
        out = vty("configure terminal", "offload", "table main",
                  "capacity 700", "commit")
        assert LOCKED in out, out
        reply = s.do("<get-config><source><running/></source></get-config>")
        assert reply.find("capacity") is None
