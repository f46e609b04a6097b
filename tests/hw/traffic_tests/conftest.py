# SPDX-License-Identifier: GPL-2.0-or-later
"""
Fixtures of the tests of the tc provider's counters and samples, and their
counts.

They run as root inside a virtual machine, in one boot (tests/hw/traffic.py).
The switch, its wires and packets are the library of tcamsim's own tests.  The
last line is "N passed, N failed[, N skipped]".
"""

import os
import sys

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(1, os.path.join(os.path.dirname(HERE), "tcamsim_tests"))
pytest.register_assert_rewrite("lab", "tools", "routing", "world")

import lab  # noqa: E402, after the lines above
import world as worlds  # noqa: E402
from counting import (  # noqa: E402, F401, hooks of pytest
    pytest_collectreport, pytest_runtest_logreport, pytest_unconfigure)

MODULE = os.environ.get("TCAMSIM_KO", "")


def pytest_configure(config):
    for name in ("TCAMSIM_KO", "TC_LIVE"):
        if not os.path.exists(os.environ.get(name, "")):
            pytest.exit("%s names no file" % name, 2)
    if os.path.exists("/sys/module/" + lab.MODULE):
        pytest.exit("a tcamsim is loaded; rmmod it first", 2)


@pytest.fixture
def world():
    """world(ipv6=False, **parameters of the module)"""
    made = []

    def make(ipv6=False, **parameters):
        switch = lab.Lab(MODULE, **dict({"ports": 3, "tcam_slots": 200},
                                        **parameters))
        made.append(switch)
        switch.tc(*("qdisc del dev %s clsact" % n
                    for n in switch.port_names()))
        made.append(worlds.World(switch, ipv6))
        return made[-1]

    yield make
    errors = []
    for one in reversed(made):
        try:
            one.close()
        except BaseException as e:  # all of this is tried
            errors.append(e)
    if errors:
        raise errors[0]
