#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What sessions cost that say nothing.

    tests/netconf/idle.py BUILD-DIR [--sessions N] [--seconds N]

For so many seconds without sessions, and again with them: CPU time of the
daemon, printed as percent of one CPU, and how often it woke up, which is what
is judged: sessions must wake nobody.  Needs root.
"""

import os
import re
import time

import house
from program import program
from raw import Raw


class Idle:
    USERS = ("root", "admin", "oper", "guest")

    def __init__(self, args):
        self.args = args
        self.seen = {}

    def wakeups(self):
        with open(f"/proc/{self.house.offloadd.process.pid}/status",
                  encoding="ascii") as f:
            return int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)",
                                 f.read(), re.M)[1])

    def watch(self):
        daemon = self.house.offloadd
        time.sleep(1)  # what was begun ends
        before, cpu = self.wakeups(), daemon.cpu_s()
        time.sleep(self.args.seconds)
        return {"wakeups": self.wakeups() - before,
                "cpuPercent": round(100 * (daemon.cpu_s() - cpu)
                                    / self.args.seconds, 3)}

    def run(self):
        n = self.args.sessions
        config = house.CONFIG.replace("rebalance-interval 1",
                                      "rebalance-interval 3600")
        self.house = house.House(self.args.build, config, sshd=False,
                                 options={"sessions": n + 4,
                                          "user-sessions": n})
        house.wait(lambda: self.house.summary()["feed"]["settled"],
                   "it is at rest")
        self.seen = {"sessions": n, "seconds": self.args.seconds,
                     "clockTicksPerSecond": os.sysconf("SC_CLK_TCK"),
                     "without": self.watch()}
        rss = self.house.offloadd.rss_bytes()
        open_ = [Raw(self.USERS[i % 4]) for i in range(n)]
        self.seen["with"] = self.watch()
        self.seen["bytesPerSession"] = (
            self.house.offloadd.rss_bytes() - rss) // n
        self.seen["answers"] = sum(s.do("<commit/>").ok for s in open_[::4])
        for s in open_:
            s.close()

    def figures(self):
        return self.seen

    def checks(self):
        without, with_ = self.seen["without"], self.seen["with"]
        yield "idle sessions wake nobody", \
            with_["wakeups"] <= 1.5 * without["wakeups"] + 10
        yield "they are there afterwards", \
            self.seen["answers"] == len(range(0, self.args.sessions, 4))


if __name__ == "__main__":
    program(__file__, __doc__, {"sessions": 50, "seconds": 5}, Idle)
