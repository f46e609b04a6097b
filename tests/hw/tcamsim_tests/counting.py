# SPDX-License-Identifier: GPL-2.0-or-later
"""
Counts outcomes and tells them in the last line, "N passed, N failed[, N
skipped]": hooks of pytest that a conftest.py takes over by importing them.
"""


class Count:
    passed = failed = skipped = 0


def pytest_runtest_logreport(report):
    if report.failed:
        Count.failed += 1
    elif report.skipped:
        Count.skipped += 1
    elif report.passed and report.when == "call":
        Count.passed += 1


def pytest_collectreport(report):
    if report.failed:
        Count.failed += 1


def pytest_unconfigure(config):
    line = "%d passed, %d failed" % (Count.passed, Count.failed)
    if Count.skipped:
        line += ", %d skipped" % Count.skipped
    print(line, flush=True)
