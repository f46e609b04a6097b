# SPDX-License-Identifier: GPL-2.0-or-later
"""
Fixtures of the tests of tcamsim, and their counts.

The tests run as root inside a virtual machine, in one boot:

    TCAMSIM_KO=.../tcamsim.ko python3 -m pytest tests/hw/tcamsim_tests

A module that does not go away ends the run: what came after would only fail
for that reason.  The last line is "N passed, N failed[, N skipped]".
"""

import os

import pytest

pytest.register_assert_rewrite("lab", "tools", "routing")

import lab  # noqa: E402, after the line above
from counting import (  # noqa: E402, F401, hooks of pytest
    Count, pytest_collectreport, pytest_runtest_logreport, pytest_unconfigure)

MODULE = os.environ.get("TCAMSIM_KO", "")


def pytest_configure(config):
    if not os.path.exists(MODULE):
        pytest.exit("TCAMSIM_KO names no module: %r" % MODULE, 2)
    if os.path.exists("/sys/module/" + lab.MODULE):
        pytest.exit("a tcamsim is loaded; rmmod it first", 2)


def _close(one):
    try:
        one.close()
    except BaseException:
        if os.path.exists("/sys/module/" + lab.MODULE):
            Count.failed += 1
            pytest.exit("tcamsim stays loaded", 1)
        raise


class _Lasting:
    """The Lab that tests share which change nothing but tables."""

    one = None

    @classmethod
    def close(cls):
        one, cls.one = cls.one, None
        if one:
            _close(one)


@pytest.fixture
def switch():
    """switch(ports=2, tcam_slots=16): a Lab of its own for one test."""
    loaded = []

    def load(**parameters):
        _Lasting.close()
        loaded.append(lab.Lab(MODULE, **parameters))
        return loaded[-1]

    yield load
    for one in loaded:
        _close(one)


@pytest.fixture(scope="session")
def _end_of_lasting():
    yield
    _Lasting.close()


@pytest.fixture
def lasting(_end_of_lasting):
    """A Lab with default parameters; its tables are empty after each test."""
    if not _Lasting.one:
        _Lasting.one = lab.Lab(MODULE)
    one = _Lasting.one
    yield one
    for port in one.port_names():
        one.clear(port)
    assert one.tcam() == []
    assert one.occ() == 0
