#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What a large table costs those who ask.

    tests/netconf/scale.py BUILD-DIR [--routes N] [--asks N]

With so many routes: the time of a get of one route by its key over the socket,
of `show offload summary json`, and of a get of all of them, while another
session asks for one again and again: the longest time it had to wait for an
answer says how long the daemon does nothing else.  Times are printed, not
judged; what is judged is that answers are whole.  Needs root.
"""

import os
import statistics
import time

import house
from program import program
from raw import BASE, Raw
from world import GATEWAY4, NEXTHOPS

OFL = "http://frrouting.org/yang/offload"
REST_S = 400


def flow_filter(inner):
    return f'<get><filter type="subtree"><offload xmlns="{OFL}"><state>' \
           f"<flow>{inner}</flow></state></offload></filter></get>"


def key(prefix):
    return flow_filter(f"<vrf>default</vrf><prefix>{prefix}</prefix>")


def timed(ask, times):
    """Milliseconds of each."""
    out = []
    for i in range(times):
        began = time.monotonic()
        ask(i)
        out.append(1000 * (time.monotonic() - began))
    return {"medianMs": round(statistics.median(out), 2),
            "maxMs": round(max(out), 2)}


class Reader:
    """A process that asks for all routes and counts them."""

    def __init__(self):
        self.fd, end = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                os.write(end, b"%d %d" % self.read())
            finally:
                os._exit(0)
        os.close(end)

    @staticmethod
    def read():
        flows = size = 0
        with Raw("root") as s:
            s.send(f'<rpc xmlns="{BASE}" message-id="1">{flow_filter("")}'
                   "</rpc>")
            tail = b""
            while not tail.endswith(b"</rpc-reply>\n##\n"):
                part = s.socket.recv(1 << 18)
                if not part:
                    break
                # A mark that is cut in two counts with the next piece.
                both = tail + part
                flows += both.count(b"</flow>") - tail.count(b"</flow>")
                size += len(part)
                tail = both[-64:]
        return flows, size

    def is_done(self):
        return os.waitpid(self.pid, os.WNOHANG)[0] != 0

    def counts(self):
        with os.fdopen(self.fd) as f:
            words = f.read().split()
        return [int(w) for w in words] or [0, 0]


class Scale:
    def __init__(self, args):
        self.args = args
        self.seen = {}

    def feed(self):
        routes = self.args.routes
        self.house.feed("--count", str(routes), "--nexthop", GATEWAY4,
                        "--nexthops", str(NEXTHOPS))

        def rest():
            s = self.house.summary()
            return s["flows"] >= routes and s["feed"]["settled"] and \
                not s["dirty"] and not s["store"]["queued"] and \
                not any(s["states"].get(name) for name in
                        ("seen", "sent", "leaving"))
        for _ in range(3):
            house.wait(rest, "routes are in hardware", REST_S)
            time.sleep(0.5)

    def run(self):
        args = self.args
        config = house.CONFIG.replace(
            "capacity 2000", f"capacity {2 * args.routes}").replace(
            "rebalance-interval 1", "rebalance-interval 3600")
        self.house = house.House(args.build, config, sshd=False)
        self.feed()
        offloadd = self.house.offloadd
        summary = self.house.summary()
        first = Raw("root")
        found = first.do(f'<find-flows xmlns="{OFL}"><state>offloaded</state>'
                         f"<limit>{min(1000, args.asks)}</limit>"
                         "</find-flows>").texts("prefix")
        self.whole = 0

        def one(i):
            reply = first.do(key(found[i % len(found)]))
            self.whole += len(reply.all("flow")) == 1
        self.seen = {
            "flows": summary["flows"], "rssBytes": offloadd.rss_bytes(),
            "oneFlow": timed(one, args.asks),
            "summary": timed(lambda i: self.house.summary(), args.asks // 4),
        }
        self.seen["oneFlowWhole"] = self.whole
        self.seen["all"] = self.all_of_them(first, found[0])
        self.seen["rssBytesAfter"] = offloadd.rss_bytes()

    def all_of_them(self, session, prefix):
        before = self.house.summary()["turnMaxUs"]
        cpu = self.house.offloadd.cpu_s()
        began, reader, gaps = time.monotonic(), Reader(), []
        while not reader.is_done():
            at = time.monotonic()
            session.do(key(prefix))
            gaps.append(1000 * (time.monotonic() - at))
        took = time.monotonic() - began
        flows, size = reader.counts()
        return {"flows": flows, "bytes": size, "seconds": round(took, 2),
                "cpuSeconds": round(self.house.offloadd.cpu_s() - cpu, 2),
                "othersAnswered": len(gaps),
                "othersMedianMs": round(statistics.median(gaps), 2),
                "othersMaxMs": round(max(gaps), 2), "turnMaxUsBefore": before,
                "turnMaxUs": self.house.summary()["turnMaxUs"]}

    def figures(self):
        return self.seen

    def checks(self):
        f = self.seen
        yield "there are so many routes", f["flows"] >= self.args.routes
        yield "each was found by its key", f["oneFlowWhole"] == self.args.asks
        yield "all of them came", f["all"]["flows"] == f["flows"]
        yield "others were answered meanwhile", \
            f["all"]["othersAnswered"] > 10


if __name__ == "__main__":
    program(__file__, __doc__, {"routes": 20000, "asks": 200}, Scale)
