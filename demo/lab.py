# SPDX-License-Identifier: GPL-2.0-or-later
"""Two routers in network namespaces: started, asked, stopped.

Runs inside tools/sandbox.py: /run is private and empty, processes die with
the sandbox.  Daemons are still stopped here, in order, so that the edge's
offloadd ends as it would on a real router.
"""

import json
import os
import shutil
import signal
import subprocess
import time

HOME = "/run/offload-demo"
FRR = "/usr/lib/frr"
LINK = "link0"
UPSTREAM = ["10.0.0.%d" % i for i in range(2, 10)]
EDGE = "10.0.0.1"


class Failed(Exception):
    """Something expected did not happen; the text says what."""


def run(*argv, check=True):
    p = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                       stderr=subprocess.STDOUT, text=True)
    if check and p.returncode:
        raise Failed("%s: %s" % (" ".join(argv), p.stdout.strip()))
    return p.stdout


def is_running(pid):
    try:
        with open("/proc/%d/stat" % pid) as f:
            return f.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except (OSError, IndexError):
        return False


def wait_for(ask, what, deadline=90):
    """Ask until the answer is true, and return it."""
    end = time.monotonic() + deadline
    while True:
        answer = ask()
        if answer:
            return answer
        if time.monotonic() > end:
            raise Failed("waited %d s in vain: %s" % (deadline, what))
        time.sleep(0.2)


class Router:
    """FRR daemons in one network namespace, in FRR's path space of its name."""

    def __init__(self, name, vtysh):
        self.name = name
        self.vtysh_path = vtysh
        self.dir = "%s/%s" % (HOME, name)
        self.started = []
        os.makedirs(self.dir)
        # FRR looks for sockets and vtysh.conf below its path space.
        for d in ("/run/frr/" + name, "/etc/frr/" + name):
            os.makedirs(d)
            shutil.chown(d, "frr", "frr")
        open("/etc/frr/%s/vtysh.conf" % name, "w").close()
        shutil.chown(self.dir, "frr", "frr")
        run("ip", "netns", "add", name)
        self.ip("link", "set", "lo", "up")

    def ip(self, *argv):
        return run("ip", "-n", self.name, *argv)

    def inside(self, *argv):
        return ("nsenter", "--net=/run/netns/" + self.name) + argv

    def start(self, program, config, *options):
        daemon = os.path.basename(program)
        path = "%s/%s.conf" % (self.dir, daemon)
        with open(path, "w") as f:
            f.write(config)
        shutil.chown(path, "frr", "frr")
        out = "%s/%s.out" % (self.dir, daemon)
        # A daemon keeps its standard output: a file, never a pipe.
        with open(out, "w") as f:
            rc = subprocess.call(
                self.inside(program, "-d", "-N", self.name, "-f", path,
                            "--log", "file:%s/%s.log" % (self.dir, daemon),
                            *options),
                stdin=subprocess.DEVNULL, stdout=f, stderr=f)
        pidfile = "/run/frr/%s/%s.pid" % (self.name, daemon)
        if rc or not os.path.exists(pidfile):
            with open(out) as f:
                raise Failed("%s did not start: %s" % (daemon, f.read()[-500:]))
        with open(pidfile) as f:
            self.started.append((daemon, int(f.read())))

    def stop(self):
        for daemon, pid in reversed(self.started):
            if not is_running(pid):
                continue
            os.kill(pid, signal.SIGTERM)
            end = time.monotonic() + 10
            while is_running(pid) and time.monotonic() < end:
                time.sleep(0.05)
            if is_running(pid):
                os.kill(pid, signal.SIGKILL)
        self.started = []

    def vtysh(self, *lines):
        argv = [self.vtysh_path, "-N", self.name]
        for line in lines:
            argv += ["-c", line]
        return run(*self.inside(*argv), check=False)

    def vtysh_file(self, lines):
        path = self.dir + "/batch.conf"
        with open(path, "w") as f:
            f.write("\n".join(lines) + "\n")
        out = run(*self.inside(self.vtysh_path, "-N", self.name, "-f", path),
                  check=False)
        if "%" in out:
            raise Failed("%s refused: %s" % (self.name, out.strip()[:300]))

    def json(self, command):
        """The parsed answer, or None while there is none."""
        try:
            return json.loads(self.vtysh(command + " json"))
        except ValueError:
            return None

    def logged(self, daemon):
        try:
            with open("%s/%s.log" % (self.dir, daemon), errors="replace") as f:
                return f.read()
        except OSError:
            return ""


def prepare():
    """The private places both routers share."""
    os.makedirs(HOME)
    run("mount", "-t", "tmpfs", "demo", "/etc/frr")
    shutil.chown("/etc/frr", "frr", "frr")
    os.makedirs("/run/frr")
    shutil.chown("/run/frr", "frr", "frr")


def connect(upstream, edge):
    run("ip", "link", "add", LINK, "netns", upstream.name, "type", "veth",
        "peer", "name", LINK, "netns", edge.name)
    for router in (upstream, edge):
        router.ip("link", "set", LINK, "up")


# --- configurations ---
def interface(addresses):
    return "interface %s\n%sexit\n" % (
        LINK, "".join(" ip address %s/24\n" % a for a in addresses))


def networks(routes):
    return ["  network %s route-map WAY%d" % (p, g) for p, g in routes]


def upstream_bgp(routes):
    """bgpd of the upstream: prefix groups leave by next hops of their own."""
    conf = ["router bgp 65100", " bgp router-id " + UPSTREAM[0],
            " no bgp ebgp-requires-policy", " no bgp network import-check",
            " neighbor %s remote-as 65000" % EDGE,
            " neighbor %s timers connect 1" % EDGE,
            " neighbor %s advertisement-interval 0" % EDGE,
            " address-family ipv4 unicast",
            "  neighbor %s route-map OUT out" % EDGE]
    conf += networks(routes)
    conf += [" exit-address-family", "exit"]
    for group, address in enumerate(UPSTREAM):
        conf += ["bgp community-list standard WAY%d permit 65100:%d"
                 % (group, group),
                 "route-map WAY%d permit 10" % group,
                 " set community 65100:%d" % group, "exit",
                 "route-map OUT permit %d" % (10 + group),
                 " match community WAY%d" % group,
                 " set ip next-hop " + address, "exit"]
    return "\n".join(conf) + "\n"


def edge_bgp():
    return """router bgp 65000
 bgp router-id {edge}
 no bgp ebgp-requires-policy
 neighbor {up} remote-as 65100
 neighbor {up} timers connect 1
exit
""".format(edge=EDGE, up=UPSTREAM[0])


def edge_offload(slots, database, customers):
    return """ip prefix-list CUSTOMERS seq 5 permit {customers} le 32
offload
 table main
  provider emulated
  capacity {slots}
  high-watermark 97 percent
  low-watermark 90 percent
 exit
 rule 10
  match prefix-list CUSTOMERS
  match family ipv4
  set class critical
 exit
 default class best-effort
 database path {database}
exit
""".format(slots=slots, database=database, customers=customers)
