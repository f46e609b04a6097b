# SPDX-License-Identifier: GPL-2.0-or-later
"""What a test of NETCONF is given, and that it leaves everything as it was."""

import pytest

import nc
from raw import BASE, Raw

# The first words that the recovery user says: who may do what.
RULES = nc.nacm("""
 <groups>
  <group><name>managers</name><user-name>admin</user-name></group>
 </groups>
 <rule-list>
  <name>managers</name><group>managers</group>
  <rule><name>all</name><module-name>*</module-name>
   <access-operations>*</access-operations><action>permit</action></rule>
 </rule-list>""")


@pytest.fixture(scope="session")
def house(request):
    return request.config.house


@pytest.fixture(scope="session")
def root(house):
    """The recovery user, on the socket."""
    with Raw("root") as session:
        session.do("<edit-config><target><running/></target>"
                   f"<config>{RULES}</config></edit-config>")
        yield session


def running(root):
    reply = root.do("<get-config><source><running/></source></get-config>")
    inner = reply.text.partition("<data")[2].partition(">")[2]
    return inner.rpartition("</data>")[0]


@pytest.fixture(scope="session")
def base(root):
    """The configuration that every test begins with."""
    return running(root)


class Sessions:
    """ncclient's managers; those of a test end with it."""

    def __init__(self, house):
        self.house = house
        self.open = []

    def __call__(self, user="admin"):
        m = nc.connect(user, self.house.ssh.keys[user])
        self.open.append(m)
        return m

    def raw(self, user="admin", **options):
        session = Raw(user, **options)
        self.open.append(session)
        return session

    def close(self):
        for m in self.open:
            if isinstance(m, Raw):
                m.close()
            elif m.connected:
                m.close_session()
        self.open = []


@pytest.fixture
def connect(house, root):
    sessions = Sessions(house)
    yield sessions
    sessions.close()


class Lasting:
    """One manager for many tests: to connect takes a good part of a second."""

    def __init__(self, house, user):
        self.sessions, self.user, self.m = Sessions(house), user, None

    def get(self):
        if self.m is None or not self.m.connected:
            self.m = self.sessions(self.user)
        return self.m


@pytest.fixture(scope="session")
def lasting(house, root):
    users = {user: Lasting(house, user) for user in house.ssh.keys}
    yield users
    for one in users.values():
        one.sessions.close()


@pytest.fixture
def admin(lasting):
    return lasting["admin"].get()


@pytest.fixture
def oper(lasting):
    return lasting["oper"].get()


@pytest.fixture
def guest(lasting):
    return lasting["guest"].get()


def locks(root):
    reply = root.do(f'<get><filter><netconf-state xmlns="{nc.MON}">'
                    "<datastores/></netconf-state></filter></get>")
    for store in reply.all("datastore"):
        holder = [e.text for e in store.iter()
                  if e.tag.endswith("}locked-by-session")]
        if holder:
            yield holder[0], store.findtext(f"{{{nc.MON}}}name")


@pytest.fixture(autouse=True)
def as_it_was(house, root, base, connect, lasting):
    """After a test: its sessions ended, no locks, no changes."""
    yield
    connect.close()
    for holder, store in locks(root):
        for one in lasting.values():
            if one.m is not None and one.m.session_id == holder:
                one.m.unlock(store)
    root.ask("<cancel-commit/>")
    root.ask("<discard-changes/>")
    if running(root) != base:
        root.do("<copy-config><target><running/></target><source>"
                f'<config xmlns="{BASE}">{base}</config>'
                "</source></copy-config>")
        root.do("<discard-changes/>")
        assert running(root) == base
