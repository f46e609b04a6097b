# SPDX-License-Identifier: GPL-2.0-or-later
"""
What every topotest of offloadd needs: the topology, questions, patience.

One edge router r1 (zebra, staticd, bgpd where wanted, offloadd) and one plain
host h1 with many addresses, the next hops.  Tests ask through vtysh's JSON
and wait for facts with generous deadlines; nothing here sleeps for a fixed
time and hopes.
"""

import glob
import ipaddress
import json
import os
import re
import shutil
import sqlite3
import subprocess
import time

import pytest

from lib.topogen import Topogen, TopoRouter, get_topogen

# Seconds to wait for a fact; slow machines may want more.
DEADLINE = int(os.environ.get("OFFLOAD_TOPO_DEADLINE", "60"))

# One directory a topology, owned by the daemon's user.
DATABASES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "db")

# The edge's link, its addresses and those of the host behind it.
LINK = "r1-eth0"
EDGE4, EDGE6 = "10.0.1.1", "2001:db8:1::1"
HOST4 = ["10.0.1.%d" % i for i in range(2, 10)]
HOST6 = ["2001:db8:1::%d" % i for i in range(2, 4)]

ZEBRA_CONF = """
interface {link}
 ip address {edge4}/24
 ipv6 address {edge6}/64
 ipv6 nd suppress-ra
exit
""".format(link=LINK, edge4=EDGE4, edge6=EDGE6)

OFFLOAD_CONF = """
debug memstats-at-exit
ip prefix-list CUSTOMERS seq 5 permit 198.18.0.0/15 le 32
offload
 table main
  capacity {capacity}
  high-watermark 97 percent
  low-watermark 90 percent
  provider emulated
 exit
 rule 10
  match prefix-list CUSTOMERS
  match family ipv4
  set class critical
 exit
 default class best-effort
 database path {database}
exit
"""


def wait_for(ask, what, deadline=DEADLINE):
    """Ask until the answer is true, and return it."""
    end = time.monotonic() + deadline
    while True:
        answer = ask()
        if answer:
            return answer
        if time.monotonic() > end:
            raise AssertionError("waited %d s in vain: %s" % (deadline, what))
        time.sleep(0.1)


def vrf_possible():
    """Can this kernel make VRF devices?"""
    tgen = get_topogen()
    r1 = tgen.gears["r1"].net
    rc, _, _ = r1.cmd_status(
        ["ip", "link", "add", "vrfprobe", "type", "vrf", "table", "99"], warn=False
    )
    if rc == 0:
        r1.cmd_status(["ip", "link", "del", "vrfprobe"], warn=False)
    return rc == 0


class Edge:
    """The router under test, seen through vtysh, the kernel and SQLite."""

    def __init__(self, gear):
        self.gear = gear
        self.net = gear.net
        # Not among the logs: the framework changes permissions there.
        self.database = os.path.join(DATABASES, gear.tgen.modname, "offload.db")

    # --- vtysh ---
    def vtysh(self, *lines):
        """Run lines in one vtysh; returns (exit status, output)."""
        argv = ["vtysh"]
        for line in lines:
            argv += ["-c", line]
        rc, out, err = self.net.cmd_status(argv, warn=False)
        return rc, out + err

    def configure(self, *lines):
        """Lines that must be accepted."""
        rc, out = self.vtysh("configure terminal", *lines)
        assert rc == 0, "refused: %s\n%s" % (lines, out)
        return out

    def configure_file(self, lines):
        """Many lines at once."""
        path = os.path.join(self.gear.gearlogdir, "batch.conf")
        with open(path, "w") as f:
            f.write("\n".join(lines) + "\n")
        rc, out, err = self.net.cmd_status(["vtysh", "-f", path], warn=False)
        assert rc == 0, out + err

    def show(self, what):
        """`show offload WHAT json`, parsed; None while there is no answer."""
        _, out = self.vtysh("show offload %s json" % what)
        try:
            return json.loads(out)
        except ValueError:
            return None

    def running_config(self):
        rc, out = self.vtysh("show running-config")
        assert rc == 0, out
        return out

    def offload_block(self):
        """The offload block of the running configuration, as lines."""
        block, inside = [], False
        for line in self.running_config().splitlines():
            if line.rstrip() == "offload":
                inside = True
            if inside:
                block.append(line.rstrip())
                if line.rstrip() == "exit":
                    break
        return block

    # --- questions ---
    def table(self, name="main"):
        """The status of a table; {} while there is none."""
        answer = self.show("table " + name) or {}
        return answer if answer.get("name") == name else {}

    def summary(self):
        return self.show("summary") or {}

    def routes(self, vrf="default"):
        """All flows of a VRF, by prefix."""
        answer = self.show("route") or {}
        return {r["prefix"]: r for r in answer.get("routes", []) if r["vrf"] == vrf}

    def route(self, prefix):
        """One flow, or {} if offloadd does not know it."""
        answer = self.show("route " + prefix) or {}
        return answer if answer.get("prefix") == prefix else {}

    def wait_route(self, prefix, state, reason=None, deadline=DEADLINE):
        """Wait until the flow has a state (and reason); returns it."""
        seen = {}

        def right():
            seen.update(now=self.route(prefix))
            r = seen["now"]
            return r.get("state") == state and reason in (None, r.get("reason")) and r

        try:
            return wait_for(right, "", deadline)
        except AssertionError:
            raise AssertionError(
                "%s: wanted %s (%s), it is %s"
                % (prefix, state, reason or "any reason", json.dumps(seen.get("now")))
            )

    def wait_gone(self, prefix):
        wait_for(lambda: not self.route(prefix), prefix + " gone")

    def wait_table(self, deadline=DEADLINE, **want):
        """Wait until the main table's members have these values."""
        seen = {}

        def right():
            seen.update(now=self.table())
            return all(seen["now"].get(k) == v for k, v in want.items())

        try:
            wait_for(right, "", deadline)
        except AssertionError:
            raise AssertionError(
                "table: wanted %s, it is %s" % (want, json.dumps(seen["now"]))
            )
        return seen["now"]

    def wait_quiet(self):
        """Wait until nothing is judged, sent or leaving any more."""

        def quiet():
            s = self.summary().get("states", {})
            t = self.table()
            return (
                s
                and not any(s.get(x, 0) for x in ("seen", "sent", "leaving"))
                and not t.get("inFlight", 0)
            )

        wait_for(quiet, "offloadd at rest")

    def kernel(self, *argv):
        rc, out, err = self.net.cmd_status(["ip"] + list(argv), warn=False)
        assert rc == 0, "ip %s: %s%s" % (" ".join(argv), out, err)

    # --- static routes ---
    def static(self, *routes):
        """("10.0.0.0/8", "10.0.1.2"): announce; a third member "no" withdraws."""
        lines = []
        for prefix, where, *no in routes:
            family = "ipv6" if ":" in prefix else "ip"
            lines.append(
                "%s%s route %s %s" % ("no " if no else "", family, prefix, where)
            )
        self.configure_file(lines)

    # --- the database ---
    def sql(self, query, *parameters):
        """Rows of the live database, read-only; [] while it is not there."""
        if not os.path.exists(self.database):
            return []
        db = sqlite3.connect("file:%s?mode=ro" % self.database, uri=True, timeout=10)
        try:
            return db.execute(query, parameters).fetchall()
        except sqlite3.OperationalError as error:
            if "no such table" in str(error):
                return []
            raise
        finally:
            db.close()

    # --- processes ---
    def pid(self, daemon):
        rc, out, _ = self.net.cmd_status(
            ["cat", "/var/run/frr/%s.pid" % daemon], warn=False
        )
        return int(out) if rc == 0 and out.strip() else 0

    def signal(self, daemon, number):
        pid = self.pid(daemon)
        assert pid, daemon + " does not run"
        os.kill(pid, number)
        wait_for(lambda: not is_running(pid), "%s (%d) ended" % (daemon, pid))
        self.net.cmd_status(["rm", "-f", "/var/run/frr/%s.pid" % daemon])
        return pid

    def start(self, daemon):
        self.gear.startDaemons([daemon])
        wait_for(lambda: is_running(self.pid(daemon)), daemon + " runs")

    def log(self, daemon="offloadd"):
        path = os.path.join(self.gear.gearlogdir, daemon + ".log")
        if not os.path.exists(path):
            return ""
        with open(path, errors="replace") as f:
            return f.read()


def is_running(pid):
    """A zombie has ended."""
    try:
        with open("/proc/%d/stat" % pid) as f:
            return f.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except (OSError, IndexError):
        return False


def leak_report(edge, pid):
    """libfrr's memory report of an offloadd that ended, "" if all is well.

    With "debug memstats-at-exit" libfrr leaves a file in /tmp, which is the
    router's own, only if some memory was not given back.
    """
    name = "frr-memstats-offloadd-%d-*" % pid
    text = ""
    for path in glob.glob("/proc/%d/root/tmp/%s" % (edge.net.pid, name)):
        with open(path) as f:
            text += f.read()
    return text


def crash_report(edge):
    """Lines of offloadd's log and stderr that no healthy daemon writes."""
    path = os.path.join(edge.gear.gearlogdir, "offloadd.err")
    text = edge.log()
    if os.path.exists(path):
        with open(path, errors="replace") as f:
            text += f.read()
    bad = ("received signal 6", "received signal 11", "assertion", "AddressSanitizer")
    lines = [x for x in text.splitlines() if any(b.lower() in x.lower() for b in bad)]
    for path in glob.glob(edge.gear.logdir + "/*.asan*"):
        with open(path, errors="replace") as f:
            lines += f.read().splitlines()
    return "\n".join(lines)


def build(tgen):
    r1 = tgen.add_router("r1")
    h1 = tgen.add_host("h1", ip=HOST4[0] + "/24", defaultRoute="via " + EDGE4)
    tgen.add_link(r1, h1, LINK, "h1-eth0")


def build_with_peer(tgen):
    build(tgen)
    tgen.add_link(tgen.gears["r1"], tgen.add_router("r2"), "r1-eth1", "r2-eth0")


def build_with_observer(tgen):
    build_with_peer(tgen)
    tgen.add_link(tgen.gears["r1"], tgen.add_router("r3"), "r1-eth2", "r3-eth0")


def frr_version():
    """Of the daemons beside ours: (10, 7)."""
    out = subprocess.run(
        ["/usr/lib/frr/zebra", "--version"], stdout=subprocess.PIPE, check=True
    ).stdout.decode()
    return tuple(int(n) for n in re.search(r"version (\d+)\.(\d+)", out).groups())


def host_up():
    """Give the host its addresses: the next hops of the tests."""
    h1 = get_topogen().gears["h1"]
    for address in HOST4[1:]:
        h1.cmd_raises("ip addr add %s/24 dev h1-eth0" % address)
    for address in HOST6:
        h1.cmd_raises("ip addr add %s/64 dev h1-eth0 nodad" % address)


def load(gear, daemon, text, options=None):
    """Configuration, and options beside, a daemon of a router starts with."""
    path = os.path.join(gear.gearlogdir, daemon + ".start")
    with open(path, "w") as f:
        f.write(text)
    gear.load_config({v: k for k, v in TopoRouter.RD.items()}[daemon], path, options)


def start(name, capacity=1000, extra=None, peer=None, options=None, observer=None):
    """Build the topology, start the daemons, return the edge.

    `extra`: {daemon: configuration} of r1 beside the usual.  `peer`: the same
    for a second router r2 behind r1-eth1; none without it.  `observer`: for a
    third, r3 behind r1-eth2.  `options`: {daemon: command line} of r1.
    """
    make = build_with_observer if observer else build_with_peer if peer else build
    tgen = Topogen(make, name)
    tgen.start_topology()
    host_up()
    gear = tgen.gears["r1"]
    edge = Edge(gear)
    os.makedirs(os.path.dirname(edge.database))
    shutil.chown(os.path.dirname(edge.database), "frr", "frr")
    confs = {"zebra": ZEBRA_CONF}
    confs["offloadd"] = OFFLOAD_CONF.format(
        capacity=capacity, database=edge.database
    )
    for daemon, text in (extra or {}).items():
        # A newer zebra leaves interfaces, and the rest of its file, to mgmtd.
        if daemon == "zebra":
            confs[daemon] = text + confs[daemon]
        else:
            confs[daemon] = confs.get(daemon, "") + text
    for daemon, text in confs.items():
        load(gear, daemon, text, (options or {}).get(daemon))
    for daemon, text in (peer or {}).items():
        load(tgen.gears["r2"], daemon, text)
    for daemon, text in (observer or {}).items():
        load(tgen.gears["r3"], daemon, text)
    tgen.start_router()
    assert is_running(edge.pid("offloadd")), "offloadd does not run: %s%s" % (
        gear.net.getStdErr("offloadd"),
        edge.log()[-1000:],
    )
    wait_for(
        lambda: edge.summary().get("feed", {}).get("settled") and edge.table(),
        "offloadd heard all of zebra and has its table",
    )
    return edge


def stop(edge):
    """Stop everything; fails if offloadd crashed or left memory behind."""
    complaint = ""
    try:
        if edge is not None:
            pid = edge.pid("offloadd")
            edge.gear.stop()
            complaint = crash_report(edge) + leak_report(edge, pid)
    finally:
        get_topogen().stop_topology()
    assert not complaint, "offloadd did not end well:\n" + complaint


def module_edge(name, **how):
    """A pytest fixture: one edge for a whole module."""

    @pytest.fixture(scope="module")
    def edge():
        made = None
        try:
            made = start(name, **how)
            yield made
        finally:
            if get_topogen() is not None:
                stop(made)

    return edge


def subnets(block, length, count):
    """The first `count` subnets of a block, as text."""
    result = []
    for net in ipaddress.ip_network(block).subnets(new_prefix=length):
        if len(result) == count:
            break
        result.append(str(net))
    return result
