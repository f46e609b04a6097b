# SPDX-License-Identifier: GPL-2.0-or-later
"""
Fixtures of the tests of the tc provider, and their counts.

They run as root inside a virtual machine, in one boot (tests/hw/provider.py):
zebra once, the switch and offloadd anew for every test.  The switch, its wires
and packets are the library of the module's own tests.  After each test all who
hold a table are asked about every entry (compare.py).  The last line is
"N passed, N failed[, N skipped]".
"""

import os
import sys

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(1, os.path.join(os.path.dirname(HERE), "tcamsim_tests"))
pytest.register_assert_rewrite("lab", "tools", "routing", "edge", "compare")

import compare  # noqa: E402, after the lines above
import daemons  # noqa: E402
import edge as edges  # noqa: E402
import lab  # noqa: E402
from counting import (  # noqa: E402, F401, hooks of pytest
    pytest_collectreport, pytest_runtest_logreport, pytest_unconfigure)

MODULE = os.environ.get("TCAMSIM_KO", "")


def pytest_configure(config):
    for name in ("TCAMSIM_KO", "PROVIDER_OFFLOADD", "PROVIDER_VTYSH"):
        if not os.path.exists(os.environ.get(name, "")):
            pytest.exit("%s names no file" % name, 2)
    if os.path.exists("/sys/module/" + lab.MODULE):
        pytest.exit("a tcamsim is loaded; rmmod it first", 2)


@pytest.fixture(scope="session")
def zebra():
    one = daemons.zebra()
    yield one
    one.stop()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    if report.when == "call":
        item.stash[PASSED] = report.passed


PASSED = pytest.StashKey[bool]()


def _show(one):
    """On failure: what people would ask first."""
    if one.offloadd:
        print("offloadd:", one.offloadd.words())
        try:
            print(one.offloadd.ask("show offload table " + edges.TABLE))
            print(one.offloadd.ask("show offload route"))
        except (AssertionError, OSError) as e:
            print("it does not answer:", e)
    if os.path.exists(lab.DEBUGFS):
        print(one.sw.debug("tcam"), one.sw.debug("ports"))


@pytest.fixture
def edge(request, zebra):
    """edge(ipv6=False, **parameters of the module): a switch with routes."""
    made = []

    def make(ipv6=False, **parameters):
        switch = lab.Lab(MODULE, **dict({"ports": 3, "tcam_slots": 200},
                                        **parameters))
        made.append((switch, None))
        switch.tc(*("qdisc del dev %s clsact" % n
                    for n in switch.port_names()))
        made[-1] = (switch, edges.Edge(switch, ipv6))
        return made[-1][1]

    yield make
    passed = request.node.stash.get(PASSED, False)
    try:
        for _, one in made:
            if one and passed and one.compared and one.offloadd:
                compare.compare(one)
    except BaseException:
        passed = False
        raise
    finally:
        for switch, one in reversed(made):
            if one and not passed:
                _show(one)
            try:
                if one:
                    one.close()
            finally:
                switch.close()
