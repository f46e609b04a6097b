# SPDX-License-Identifier: GPL-2.0-or-later
"""
A loaded tcamsim: its tools, its files in debugfs, packets through its ports.

Lab loads the module, and unloads it in a way that notices what stays behind.
It refuses to be used outside a virtual machine: a kernel module under test
may take the kernel with it.

Neighbours: tools.py (tc, ip, devlink), wire.py (sockets), packets.py (bytes).
"""

import collections
import contextlib
import json
import os
import socket
import threading

import packets
import tools
import wire
from tools import until
from wire import sysctl, write

DEBUGFS = "/sys/kernel/debug/tcamsim"
MODULE = "tcamsim"


def read(path):
    with open(path) as f:
        return f.read()


def udp_socket(namespace, address):
    """A host's socket; waits a little for what comes."""
    with wire.inside(namespace):
        ret = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        ret.bind((address, 5000))
    ret.settimeout(0.2)
    return ret


class Lab(tools.Tools):
    """One loading of the module; ports of all its switches."""

    def __init__(self, module, **parameters):
        super().__init__()
        self.taps = {}
        self.made = []
        self.listeners = []
        self.before = self.traces()
        # Nobody speaks IPv6 unless a test says so: less noise on the wires.
        sysctl("net/ipv6/conf/default/disable_ipv6", 1)
        self.parameters = parameters
        wire.load_module(module, " ".join(
            "%s=%d" % p for p in sorted(parameters.items())))
        self.n_switches = parameters.get("switches", 1)
        self.n_ports = parameters.get("ports", 4) * self.n_switches
        self.ports_up()

    def port_names(self):
        return ["sw%d" % n for n in range(1, self.n_ports + 1)]

    def ports_up(self):
        """Both ends of all ports up; all a qdisc to hang filters on."""
        self.restart()
        names = self.port_names()
        self.ip(*("link set %s%s up" % (n, end) for n in names
                  for end in ("", "w")))
        self.tc(*("qdisc add dev %s clsact" % n for n in names))
        until("carrier", lambda: all(
            read("/sys/class/net/%s/operstate" % n) == "up\n" for n in names))

    def restart(self):
        """After devices were made anew: forget their numbers."""
        for tap in self.taps.values():
            tap.close()
        self.taps = {}
        self.stop()

    # ------------------------------------------------------------ coming, going

    @staticmethod
    def traces():
        """What a module leaves in the system while it is there."""
        devices = {d for d in os.listdir("/sys/class/net")
                   if d.startswith("sw")}
        platform = {d for d in os.listdir("/sys/bus/platform/devices")
                    if d.startswith(MODULE)}
        return devices | platform | {
            p for p in (DEBUGFS, "/sys/module/" + MODULE) if os.path.exists(p)}

    @staticmethod
    def unload():
        """Seconds of patience, then an error: a lost reference hangs rmmod."""
        trouble = []

        def work():
            try:
                wire.unload_module(MODULE)
            except OSError as e:
                trouble.append(e)

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        thread.join(tools.PATIENCE)
        assert not thread.is_alive(), "the module does not go"
        assert not trouble, trouble[0]

    def close(self):
        """The module goes, and nothing of it stays; all of this is tried."""
        with contextlib.ExitStack() as last:
            for name in self.made:
                last.callback(wire.namespace_del, name)
            last.callback(self.stop)
            for path in ("net/ipv4/ip_forward", "net/ipv6/conf/all/forwarding"):
                last.callback(sysctl, path, 0)
            # Routes that hang on no device of ours.
            for ip in (self.ip, self.ip6):
                last.callback(ip.run, "route flush table all type blackhole")
            if wire.module_is_loaded(MODULE):
                last.callback(self.unload)
            for stoppable in self.listeners:
                last.callback(stoppable.stop)
            for tap in self.taps.values():
                last.callback(tap.close)
        self.made, self.listeners, self.taps = [], [], {}
        now = self.traces()
        assert now == self.before, "left behind: %s" % (now - self.before)

    # ------------------------------------------------------------ hosts

    def namespace(self, name):
        wire.namespace_add(name)
        self.made.append(name)
        return name

    def host(self, name, port, *commands):
        """A namespace with the wire end of `port`, set up by ip commands."""
        self.namespace(name)
        device = port + "w"
        self.forget(device)
        self.ip("link set %s netns %s" % (device, name))
        self.ip.restart()  # it would keep the namespace open
        tool = tools.Tool("ip", "-n", name, "-force", "-batch", "-")
        try:
            tool("link set lo up", "link set %s up" % device, *commands)
        finally:
            tool.stop()
        until("carrier of " + port, lambda: read(
            "/sys/class/net/%s/operstate" % port) == "up\n")
        self.taps[device] = wire.Tap(device, name)
        return name

    def listener(self, *command):
        """`tc monitor` and the like, until the end of the test."""
        self.listeners.append(tools.Listener(*command))
        return self.listeners[-1]

    # ------------------------------------------------------------ debugfs

    @staticmethod
    def path(name, switch=0):
        return "%s/%s.%d/%s" % (DEBUGFS, MODULE, switch, name)

    def debug(self, name, value=None, switch=0):
        """Read a file of debugfs, or write it."""
        if value is None:
            return read(self.path(name, switch))
        return write(self.path(name, switch), value)

    def lines(self, name, switch=0):
        return [json.loads(line)
                for line in self.debug(name, switch=switch).splitlines()]

    def tcam(self, switch=0):
        return self.lines("tcam", switch)

    def installed(self, switch=0):
        return [e for e in self.tcam(switch) if e["installed"]]

    def counters(self, port):
        switch = (int(port[2:]) - 1) * self.n_switches // self.n_ports
        for line in self.lines("ports", switch):
            if line["port"] == port:
                return collections.Counter(
                    {k: v for k, v in line.items() if k != "port"})
        raise AssertionError("no port %s in debugfs" % port)

    def resources(self, switch=0):
        """{name: resource} of all levels."""
        ret = {}

        def walk(some, depth):
            for one in some:
                ret[one["name"]] = dict(one, depth=depth)
                walk(one.get("resources", []), depth + 1)

        handle = "platform/%s.%d" % (MODULE, switch)
        walk(self.devlink("resource show " + handle)["resources"][handle], 0)
        return ret

    def occ(self, name="acl_tcam", switch=0):
        """Slots in use, as devlink says."""
        return self.resources(switch)[name]["occ"]

    # ------------------------------------------------------------ filters

    def filters(self, where="dev sw1 ingress"):
        """Filters, without the lines that stand for a whole priority."""
        return [f for f in self.tc("filter show " + where)
                if "options" in f and set(f["options"]) - {"chain"}]

    def add(self, rule, port="sw1"):
        self.tc("filter add dev %s ingress %s" % (port, rule))

    def refused(self, rule, text, port="sw1"):
        return self.tc.fails("filter add dev %s ingress %s" % (port, rule),
                             text)

    def clear(self, port="sw1"):
        """No filter left in any chain."""
        self.tc("qdisc del dev %s clsact" % port,
                "qdisc add dev %s clsact" % port)

    # ------------------------------------------------------------ packets

    def tap(self, device):
        if device not in self.taps:
            self.taps[device] = wire.Tap(device)
        return self.taps[device]

    def forget(self, device):
        if device in self.taps:
            self.taps.pop(device).close()

    def listen(self):
        """Open all taps, so that nothing is missed."""
        for name in self.port_names():
            self.tap(name)
            self.tap(name + "w")

    def heard(self):
        """[(device, frame)]: "sw2w" left the switch, "sw1" went to the CPU."""
        return [(device, frame) for device, tap in self.taps.items()
                for frame in tap.heard(packets.MARK)]

    def punts(self, port):
        """Packets of the wire that went on to the CPU.  The counters of the
        network device are no help: as in hardware they count all."""
        count = self.counters(port)
        return count["trapped"] + count["missed"]

    def inject(self, port, *frames):
        """Frames from the wire into `port`; back when it has decided."""
        self.listen()
        before = self.counters(port)
        for frame in frames:
            self.tap(port + "w").send(frame)
        verdicts = ("hw_forwarded", "hw_dropped", "trapped", "missed")

        def decided():
            now = self.counters(port) - before
            return now["from_wire"] >= len(frames) and \
                sum(now[v] for v in verdicts) >= len(frames)

        until("a verdict of %s: %s" % (port, self.counters(port)), decided)

    def expect(self, port, frame, **wanted):
        """
        What comes out for `frame`, and nothing else does: sw2=bytes out of
        port 2, cpu=bytes up from `port`; a list for several.
        """
        want = []
        for where, these in wanted.items():
            device = port if where == "cpu" else where + "w"
            these = these if isinstance(these, list) else [these]
            want += [(device, each) for each in these]
        self.listen()
        self.heard()
        self.inject(port, frame)
        got = []

        def enough():
            got.extend(self.heard())
            return len(got) >= len(want)

        if want:
            until("%r" % wanted, enough)
        got.extend(self.heard())
        assert sorted(show(got)) == sorted(show(want))


def show(pairs):
    """Comparable and readable."""
    return [(device, frame.hex(" ", 2)) for device, frame in pairs]
