# SPDX-License-Identifier: GPL-2.0-or-later
"""
Fixtures of the tests of ACL filters, and their counts.

They run as root inside a virtual machine, in one boot (tests/hw/acl.py).  The
switch, its wires, packets and cls_flower in software are the library of
tcamsim's own tests.  The last line is "N passed, N failed[, N skipped]".
"""

import os
import sys

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(1, os.path.join(os.path.dirname(HERE), "tcamsim_tests"))
pytest.register_assert_rewrite("lab", "tools", "reference", "live")

import lab  # noqa: E402, after the lines above
from counting import (  # noqa: E402, F401, hooks of pytest
    pytest_collectreport, pytest_runtest_logreport, pytest_unconfigure)
from live import Live  # noqa: E402
from reference import Reference  # noqa: E402

MODULE = os.environ.get("TCAMSIM_KO", "")


def pytest_configure(config):
    for name in ("TCAMSIM_KO", "ACL_LIVE"):
        if not os.path.exists(os.environ.get(name, "")):
            pytest.exit("%s names no file" % name, 2)
    if os.path.exists("/sys/module/" + lab.MODULE):
        pytest.exit("a tcamsim is loaded; rmmod it first", 2)


@pytest.fixture
def live():
    """live(device): the program at work there."""
    made = []

    def start(device, side="ingress"):
        made.append(Live(os.environ["ACL_LIVE"], device, side))
        return made[-1]

    yield start
    for one in made:
        one.stop()


@pytest.fixture(scope="session")
def _switch():
    one = lab.Lab(MODULE, tcam_slots=4096)
    yield one
    one.close()


@pytest.fixture
def switch(_switch):
    """A Lab; its tables are empty after each test."""
    yield _switch
    for port in _switch.port_names():
        _switch.clear(port)
    assert _switch.tcam() == []


@pytest.fixture
def software():
    one = Reference()
    yield one
    one.close()
