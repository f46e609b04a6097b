# SPDX-License-Identifier: GPL-2.0-or-later
"""
A router whose ports are tcamsim's, and the tc provider on them, asked over
pipes; routes of software are the kernel's own.

Neighbours: tests/unit/tc_live.c has the commands; lab.py the switch;
routing.py the addresses.
"""

import contextlib
import json
import os
import signal
import subprocess
import time

import packets
import routing
from routing import neighbour_mac
from tools import PATIENCE, until
from wire import sysctl

BLOCK = 4096
CHAIN = 4096  # the first of routes: IPv4 of the default VRF
PREF = 49152
HARDWARE, SOFTWARE = "hardware", "software"


class Live:
    """One tc_live."""

    def __init__(self):
        self.process = subprocess.Popen(
            [os.environ["TC_LIVE"]], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE)

    def ask(self, line):
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        assert "wrong" not in answer, (line, answer)
        return answer

    def kill(self):
        self.process.kill()
        self._wait()

    @contextlib.contextmanager
    def paused(self):
        """Nothing is mended meanwhile."""
        self.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)

    def stop(self):
        """What was being written is finished."""
        self._wait()

    def _wait(self):
        self.process.stdin.close()
        self.process.wait(PATIENCE)
        self.process.stdout.close()

    # ------------------------------------------------------------ commands

    def table(self, *ports, name="main", mode=HARDWARE, block=BLOCK):
        answer = self.ask("table %s %s %d %s" % (
            name, mode, block, " ".join(ports)))
        assert answer["ready"], answer
        return answer

    def write(self, line):
        answer = self.ask(line)
        assert answer["status"] == "ok", (line, answer)

    def route(self, prefix, port, n=2, what="add"):
        self.write("%s %s sw%d %s" % (what, prefix, port,
                                      neighbour_mac(port, n)))

    def count(self):
        answer = self.ask("count")
        assert not answer["text"], answer
        return answer

    def counted(self):
        return self.count()["counted"]

    def sample(self, rate):
        """Samples are taken, and listened to, at this rate."""
        self.ask("sample %d" % rate)
        last = {}

        def so():
            last.update(self.ask("sampling"))
            return last["on"] == bool(rate) and last["rate"] == rate

        until("sampling at %d: %r" % (rate, last), so)
        self.ask("run 50")

    def sampling(self):
        return self.ask("sampling")

    def sampled(self, count):
        """The samples, when so many came (not fewer; who wants none waits)."""
        got = []

        def enough():
            got.extend(self.ask("sampled")["sampled"])
            return len(got) >= count

        if count:
            until("%d samples" % count, enough)
        self.ask("run 100")
        return got + self.ask("sampled")["sampled"]


class Wires(routing.Router):
    """The switch with addresses; it has no table of routes to wait for."""

    def settle(self):
        pass


class World:
    def __init__(self, lab, ipv6=False):
        self.sw = lab
        self.lives = []
        sysctl("net/ipv4/ip_forward", 1)
        if ipv6:
            sysctl("net/ipv6/conf/all/forwarding", 1)
        self.wires = Wires(lab, ipv6)

    def live(self, *ports, **more):
        """A provider; with ports, its table is ready."""
        one = Live()
        self.lives.append(one)
        if ports:
            self.table(one, *ports, **more)
        return one

    def table(self, one, *ports, block=BLOCK, **more):
        """A life of a table; packets are led to its routes.  Its answer."""
        answer = one.table(*ports, block=block, **more)

        def led():
            one.ask("run 1")
            return 2 * len(ports) == len(
                [f for f in self.sw.filters("block %d" % block)
                 if f["pref"] in (PREF, PREF + 1)])

        until("guards of all ports", led)
        return answer

    def ended(self, one, kill=False):
        self.lives.remove(one)
        if kill:
            one.kill()
        else:
            one.stop()

    def close(self):
        for one in self.lives:
            one.kill()
        for ip in (self.sw.ip, self.sw.ip6):
            ip.run("route flush table main proto boot")

    # ------------------------------------------------------------ packets

    def send(self, dst, count=1, to="sw2", via="sw1", **more):
        """So many packets; all leave by `to` (None: none does).  (their
        length, how many the CPU saw)"""
        self.sw.listen()
        self.sw.heard()
        before = self.sw.punts(via)
        wanted, length = [], 0
        for _ in range(count):
            f = self.wires.packet(via, dst, **more)
            frame = packets.make(f)
            length = len(frame)
            self.sw.inject(via, frame)
            if to:
                wanted.append(self.wires.routed(dict(f, vlan=None), to))
        got = []

        def enough():
            got.extend(frame for device, frame in self.sw.heard()
                       if device == (to or "sw2") + "w")
            return len(got) >= len(wanted)

        until("%d packets to %s by %s" % (count, dst, to), enough)
        assert sorted(got) == sorted(wanted)
        return length, self.sw.punts(via) - before

    # ------------------------------------------------------------ filters

    def samplers(self, block=BLOCK):
        """{chain: [(rate, group, pref)]} of the filters that sample."""
        ret = {}
        if not self.sw.tc.run("filter show block %d" % block).ok:
            return ret  # with its last port it went
        for f in self.sw.filters("block %d" % block):
            for act in f["options"].get("actions", []):
                if act["kind"] != "sample":
                    continue
                assert f["options"].get("skip_hw"), f
                ret.setdefault(f.get("chain", f["options"].get("chain", 0)),
                               []).append((rate_of(act), act["group"],
                                           f["pref"]))
        return ret

    def samplers_are(self, rate):
        """One in each place, all of this rate (0: none); their group."""
        def so():
            found = self.samplers()
            if not rate:
                return not found
            places = {CHAIN, CHAIN + 1, 0}
            return set(found) == places and all(
                len(f) == 1 and f[0][0] == rate for f in found.values())

        try:
            until("filters that sample", so)
        except AssertionError:
            raise AssertionError("%r" % self.samplers()) from None
        return {f[0][1] for f in self.samplers().values()}


def rate_of(act):
    """tc has it as "1/100"."""
    return int(str(act["rate"]).rpartition("/")[2])


def pause(seconds):
    time.sleep(seconds)
