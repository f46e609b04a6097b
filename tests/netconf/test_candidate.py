# SPDX-License-Identifier: GPL-2.0-or-later
"""The candidate: commits, others' changes meanwhile, commits that have to be
confirmed."""

import time

import pytest

import nc
from house import wait
from nc import capacity, edit, leaf, ok, refused, rule, set_capacity, table

NEVER = "<set><class>never</class></set>"


def cli(house, *lines):
    status, out = house.vtysh("configure terminal", "offload", *lines)
    assert status == 0, out


def prepare(m, value="500"):
    ok(set_capacity(m, value, "candidate"))


# --- commit, discard ---

def test_commit(admin, house):
    ok(edit(admin, table("<capacity>500</capacity>") + rule(20, NEVER),
            "candidate"))
    assert capacity(admin) == "2000"
    ok(admin.validate())
    ok(admin.commit())
    assert capacity(admin) == capacity(admin, "candidate") == "500"
    assert leaf(admin, "rule[20]/set/class") == "never"
    assert "  capacity 500" in house.vtysh("show running-config offloadd")[1]


def test_commit_of_nothing(admin):
    for _ in range(2):
        ok(admin.commit())


def test_discard(admin):
    prepare(admin)
    ok(admin.discard_changes())
    assert capacity(admin, "candidate") == "2000"
    ok(admin.commit())
    assert capacity(admin) == "2000"


def test_candidate_is_shared(admin, connect):
    other = connect()
    prepare(admin)
    assert capacity(other, "candidate") == "500"
    ok(edit(other, rule(20, NEVER), "candidate"))
    ok(admin.commit())
    assert (capacity(other), leaf(other, "rule[20]/set/class")) == (
        "500", "never")


# --- somebody else's changes ---

def test_clean_candidate_follows(admin, house):
    assert capacity(admin, "candidate") == "2000"
    cli(house, "table main", "capacity 44")
    assert capacity(admin, "candidate") == "44"
    ok(admin.commit())
    assert capacity(admin) == "44"


@pytest.mark.parametrize("how", ["vtysh", "netconf"])
def test_other_changes_survive_a_commit(admin, connect, house, how):
    prepare(admin)
    if how == "vtysh":
        cli(house, "rule 30", "set class never", "exit", "table main",
            "residence 4", "exit", "no rule 10")
    else:
        ok(edit(connect(), rule(30, NEVER) + rule(10, op="delete") +
                table("<residence>4</residence>")))
    ok(admin.commit())
    assert capacity(admin) == "500"
    assert leaf(admin, "rule[30]/set/class") == "never"
    assert leaf(admin, "rule[10]/set/class") is None
    assert leaf(admin, "table[main]/residence") == "4"
    assert capacity(admin, "candidate") == "500"


@pytest.mark.parametrize("how", ["vtysh", "netconf"])
def test_conflict(admin, connect, house, how):
    """The same leaf: whoever commits later is told, and nothing is taken back
    behind anybody's back."""
    prepare(admin)
    if how == "vtysh":
        cli(house, "table main", "capacity 600")
    else:
        ok(set_capacity(connect(), 600))
    reply = admin.commit()
    assert not reply.ok, "the change in between was silently reverted"
    error = reply.errors[0]
    assert "capacity" in (error.path or "") + (error.message or ""), \
        nc.show(error)
    assert capacity(admin) == "600"
    ok(admin.discard_changes())
    assert capacity(admin, "candidate") == "600"
    prepare(admin, "700")
    ok(admin.commit())
    assert capacity(admin) == "700"


def test_conflict_of_a_removed_table(admin, house):
    ok(edit(admin, table("<capacity>900</capacity>", "b")))
    ok(edit(admin, table("<residence>3</residence>", "b"), "candidate"))
    cli(house, "no table b")
    reply = admin.commit()
    assert nc.get(admin, "//o:table[o:name='b']/o:capacity") == []
    assert not reply.ok
    ok(admin.discard_changes())


def test_same_change_twice_is_no_conflict(admin, house):
    prepare(admin)
    cli(house, "table main", "capacity 500")
    ok(admin.commit())
    assert capacity(admin) == "500"


# --- confirmed commit ---

def provisional(m, value="500", timeout="120", **options):
    prepare(m, value)
    ok(m.commit(confirmed=True, timeout=timeout, **options))
    assert capacity(m) == value


def test_confirmed(admin):
    provisional(admin, timeout="1")
    ok(admin.commit())
    # Longer than the time it had: nothing happens, so there is nothing to
    # wait for.
    time.sleep(1.5)
    assert capacity(admin) == "500"


def test_not_confirmed(admin):
    provisional(admin, timeout="1")
    wait(lambda: capacity(admin) == "2000", "it is rolled back")
    assert capacity(admin, "candidate") == "2000"
    refused(admin.cancel_commit(), "operation-failed")


def test_followed_by_another(admin):
    """It extends the time, and a rollback goes behind both."""
    provisional(admin, "500")
    provisional(admin, "600", timeout="1")
    wait(lambda: capacity(admin) == "2000", "both are rolled back")


def test_cancelled(admin):
    provisional(admin)
    ok(admin.cancel_commit())
    assert capacity(admin) == "2000"
    refused(admin.cancel_commit(), "operation-failed")


def test_only_by_its_own_session(admin, connect):
    provisional(admin)
    other = connect()
    assert not other.commit().ok
    assert not other.cancel_commit().ok
    assert capacity(admin) == "500"
    ok(admin.cancel_commit())


@pytest.mark.parametrize("end", ["confirm", "cancel"])
def test_persist(admin, connect, end):
    first = connect()
    provisional(first, persist="tok<en")
    first.close_session()
    assert capacity(admin) == "500"
    refused(admin.commit(persist_id="other"), "invalid-value")
    assert not admin.commit().ok
    assert not admin.cancel_commit().ok
    refused(admin.cancel_commit(persist_id="other"), "invalid-value")
    assert capacity(admin) == "500"
    if end == "confirm":
        ok(admin.commit(persist_id="tok<en"))
        assert capacity(admin) == "500"
        assert not admin.cancel_commit(persist_id="tok<en").ok
    else:
        ok(admin.cancel_commit(persist_id="tok<en"))
        assert capacity(admin) == "2000"


def test_persist_times_out(admin, connect):
    first = connect()
    provisional(first, timeout="2", persist="x")
    first.close_session()
    wait(lambda: capacity(admin) == "2000", "it is rolled back")


def test_persist_id_of_nothing(admin):
    refused(admin.commit(persist_id="x"), "invalid-value")


@pytest.mark.parametrize("end", ["close", "kill", "die"])
def test_its_session_ends(admin, connect, end):
    s = connect.raw("admin")
    s.do("<edit-config><target><candidate/></target><config>"
         f"{nc.offload(table('<capacity>500</capacity>'))}</config>"
         "</edit-config>")
    s.do("<commit><confirmed/></commit>")
    assert capacity(admin) == "500"
    if end == "close":
        s.do("<close-session/>")
    elif end == "kill":
        ok(admin.kill_session(str(s.id)))
    else:
        s.close()
    wait(lambda: capacity(admin) == "2000", "it is rolled back")


def test_others_changes_survive_the_rollback(admin, house):
    provisional(admin, timeout="600")
    cli(house, "rule 30", "set class never")
    ok(admin.cancel_commit())
    assert capacity(admin) == "2000"
    assert leaf(admin, "rule[30]/set/class") == "never"


def test_others_change_of_the_same_leaf_survives(admin, house):
    provisional(admin)
    cli(house, "table main", "capacity 66")
    ok(admin.cancel_commit())
    assert capacity(admin) == "66"


def test_with_persist_id_at_once(admin):
    """A confirmed commit goes on as another one by its token."""
    provisional(admin, persist="a")
    prepare(admin, "600")
    reply = admin.rpc(nc.element(
        f'<commit xmlns="{nc.BASE}"><confirmed/><confirm-timeout>600'
        "</confirm-timeout><persist>b</persist><persist-id>a</persist-id>"
        "</commit>"))
    ok(reply)
    refused(admin.cancel_commit(persist_id="a"), "invalid-value")
    ok(admin.cancel_commit(persist_id="b"))
    assert capacity(admin) == "2000"


def test_timeout_of_nothing(admin):
    refused(admin.rpc(nc.element(
        f'<commit xmlns="{nc.BASE}"><confirmed/><confirm-timeout>0'
        "</confirm-timeout></commit>")), "invalid-value")
