# SPDX-License-Identifier: GPL-2.0-or-later
"""yangcli, a client that shares nothing with ncclient: it takes each module's
schema from the server and makes its commands of it."""

import os
import re
import subprocess

import pytest

import nc
from house import PORT
from nc import capacity, ok
from test_monitor import schemas

YANGCLI = "/usr/bin/yangcli"
# With this one it takes a hello for the end of the stream, whoever sends it:
# the same version of yangcli with libxml2.so.2 does not.
DEAF_WITH = "libxml2.so.16"


@pytest.fixture(scope="module")
def home(lasting, tmp_path_factory):
    """A home directory with the schemas that the server gives.  It would fetch
    them itself, but only asks for what `hello' names: modules of YANG 1.1 are
    in the YANG library alone (RFC 7950, 5.6.4)."""
    if not os.access(YANGCLI, os.X_OK):
        pytest.fail("yangcli is not there")
    libraries = subprocess.run(["ldd", YANGCLI], stdout=subprocess.PIPE,
                               text=True, check=True).stdout
    if DEAF_WITH in libraries:
        pytest.skip(f"a yangcli with {DEAF_WITH} reads no hello at all")
    path = tmp_path_factory.mktemp("yangcli")
    (path / "modules").mkdir()
    m = lasting["admin"].get()
    for name, version in schemas(m):
        if re.match("frr-|offload", name):
            text = ok(m.get_schema(name, version or None)).data
            (path / "modules" / f"{name}.yang").write_text(text)
    return path


@pytest.fixture
def yangcli(house, home):
    def run(*commands, user="admin"):
        key = house.ssh.keys[user]
        script = home / "script"
        script.write_text("\n".join(("mgrload frr-offload", *commands, "")))
        proc = subprocess.run(
            [YANGCLI, "--batch-mode", "--server=127.0.0.1",
             f"--ncport={PORT}", f"--user={user}", "--password=none",
             f"--public-key={key}.pub", f"--private-key={key}",
             f"--home={home}", "--autohistory=false", "--autoaliases=false",
             "--autouservars=false", "--display-mode=plain",
             f"--modpath={home}/modules:/usr/share/yuma/modules",
             f"--run-script={script}"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, timeout=120, cwd=home,
            env={**os.environ, "HOME": str(home)}, check=False)
        print(proc.stdout[-4000:])
        assert proc.returncode == 0, proc.stdout[-2000:]
        assert "NETCONF session established" in proc.stdout
        return proc.stdout
    return run


def test_hello(yangcli):
    out = yangcli()
    for word in ("base:1.1", "candidate:1.0", "confirmed-commit:1.1",
                 "rollback-on-error:1.0", "validate:1.1", "xpath:1.0",
                 "notification:1.0", "interleave:1.0",
                 "Default target set to: <candidate>"):
        assert word in out, word


def test_get_config(yangcli):
    out = yangcli("sget-config source=running /offload/table")
    assert re.search(r"capacity\s+2000", out)
    out = yangcli("xget-config source=running "
                  "select=/offload/rule[sequence='10']")
    assert re.search(r"class\s+critical", out)


def test_edit_and_commit(yangcli, admin):
    out = yangcli("merge /offload/table[name='main']/capacity value=321",
                  "sget-config source=candidate /offload/table")
    assert re.search(r"capacity\s+321", out)
    assert capacity(admin) == "2000"
    assert capacity(admin, "candidate") == "321"
    yangcli("commit")
    assert capacity(admin) == "321"


def test_discard(yangcli, admin):
    yangcli("merge /offload/table[name='main']/capacity value=321",
            "discard-changes")
    assert capacity(admin, "candidate") == "2000"


def test_create_and_delete(yangcli, admin):
    yangcli("create /offload/rule[sequence='77']/set/class value=never",
            "commit")
    assert nc.leaf(admin, "rule[77]/set/class") == "never"
    yangcli("delete /offload/rule[sequence='77']", "commit")
    assert nc.leaf(admin, "rule[77]/set/class") is None


def test_refusal(yangcli, admin):
    out = yangcli("delete /offload/rule[sequence='77']")
    assert "data-missing" in out or "data missing" in out


def test_lock(yangcli, admin):
    ok(admin.lock("running"))
    out = yangcli("lock target=running")
    assert "lock-denied" in out or "lock denied" in out
    ok(admin.unlock("running"))
    out = yangcli("lock target=running", "unlock target=running",
                  "lock target=candidate", "unlock target=candidate")
    assert "error" not in out.lower().partition("checking server")[2], out
    ok(admin.lock("running"))


def test_read_only_user(yangcli, admin):
    out = yangcli("merge /offload/table[name='main']/capacity value=321",
                  user="oper")
    assert "access-denied" in out or "access denied" in out
    assert capacity(admin, "candidate") == "2000"


def test_state_of_a_flow(yangcli):
    """Routes of the router itself are flows."""
    out = yangcli("xget select=/offload/state/flow"
                  "[vrf='default'][prefix='192.0.2.0/24']")
    assert "192.0.2.0/24" in out
    assert re.search(r"reason\s+connected", out)
