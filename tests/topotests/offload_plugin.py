# SPDX-License-Identifier: GPL-2.0-or-later
"""
Makes FRR's topotest framework know offloadd, from outside.

The framework is used as it was fetched; what does not fit packaged binaries
or a machine that is not ours alone is replaced here, before its conftest.py
is imported.  Counts the outcomes for the line "N passed, N failed".
"""

import os
import resource
import time

from lib import micronet, topogen, topotest

SUITE = os.path.dirname(os.path.abspath(__file__))

# The framework insists on pim6d, reads /proc/modules, and sets sysctls of
# the whole machine.
topotest.module_present = lambda *args, **kwargs: 0
topogen.diagnose_env = lambda rundir: True


def _limits():
    topotest.rlimit_atleast(resource.RLIMIT_NOFILE, 16 * 1024)


topotest.fix_host_limits = _limits

# One more daemon.
topogen.TopoRouter.RD_OFFLOADD = 1000
topogen.TopoRouter.RD[1000] = "offloadd"

_router_init = topotest.Router.__init__


def _init(self, name, **params):
    _router_init(self, name, **params)
    self.daemons["offloadd"] = 0


topotest.Router.__init__ = _init

# The newer framework looks for each daemon in zebra's list of clients, which
# names them by protocol: ours has none.  Tests of offloadd wait for its feed.
_cmd = topotest.Router.cmd


def _cmd_with_us(self, command, *args, **kwargs):
    out = _cmd(self, command, *args, **kwargs)
    return out + "offloadd" if "show zebra client summary" in str(command) else out


topotest.Router.cmd = _cmd_with_us

# /etc/snmp and /tmp/gearlogdir would be made on the machine's own disk; libfrr
# writes memory reports to /tmp.
topogen.TopoRouter.PRIVATE_DIRS = ["/etc/frr", "/var/run/frr", "/var/log", "/tmp"]
_bind_mount = micronet.LinuxNamespace.bind_mount


def _bind(self, outer, inner):
    if inner != "/tmp/gearlogdir":
        _bind_mount(self, outer, inner)


micronet.LinuxNamespace.bind_mount = _bind

# The newer framework (munet) takes a nested namespace for made as soon as it is
# not the test's own: it may be the one that it is nested in, still.
_popen = micronet.Commander.popen
_namespaces = {os.readlink("/proc/self/ns/net")}


def _new_namespace(pid):
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            net = os.readlink("/proc/%d/ns/net" % pid)
        except OSError:
            return  # it has ended, and the framework says so
        if net not in _namespaces:
            _namespaces.add(net)
            return
        time.sleep(0.005)


def _popen_namespace(self, cmd, **kwargs):
    p = _popen(self, cmd, **kwargs)
    if not isinstance(cmd, str) and str(cmd[0]).endswith("mutini.py"):
        _new_namespace(p.pid)
    return p


micronet.Commander.popen = _popen_namespace


class _Count:
    passed = failed = skipped = 0
    module = None


def pytest_runtest_logstart(nodeid, location):
    # Lines that begin with "== " are progress for whoever watches.
    module = nodeid.split("/")[0]
    if module != _Count.module:
        _Count.module = module
        print("\n== " + module, flush=True)


def pytest_runtest_logreport(report):
    if report.failed:
        _Count.failed += 1
    elif report.skipped:
        _Count.skipped += 1
    elif report.passed and report.when == "call":
        _Count.passed += 1


def pytest_collectreport(report):
    if report.failed:
        _Count.failed += 1


def pytest_unconfigure(config):
    line = "%d passed, %d failed" % (_Count.passed, _Count.failed)
    if _Count.skipped:
        line += ", %d skipped" % _Count.skipped
    with open(os.path.join(SUITE, "count"), "w") as f:
        f.write(line + "\n")
