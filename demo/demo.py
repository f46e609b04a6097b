# SPDX-License-Identifier: GPL-2.0-or-later
"""The demonstration's story, told on the terminal and checked as it goes.

Ends with status 1 and a sentence if something it tells did not happen.
"""

import argparse
import os
import sqlite3
import sys
import time

import lab
import prefixes
from lab import Failed, wait_for

# 300 with 2,000 slots: more than the room above the low watermark holds.
CRITICAL_LEAST = 300
EVICTIONS = 100
QUALITY_LEAST = 90  # percent of the upper bound; after a sweep it is 99
TTY = sys.stdout.isatty()


def title(text):
    print("\n%s%s%s" % ("\033[1m" if TTY else "== ", text,
                        "\033[0m" if TTY else ""), flush=True)


def say(text=""):
    print("  " + text, flush=True)


class Progress:
    """One line that grows on a terminal, a line a change elsewhere."""

    WIDTH = 30

    def __init__(self):
        self.last = None

    def show(self, value, limit, text):
        filled = min(self.WIDTH, value * self.WIDTH // max(1, limit))
        line = "  [%s%s] %s" % ("#" * filled, "." * (self.WIDTH - filled), text)
        if line == self.last:
            return
        self.last = line
        print(("\r\033[K" + line) if TTY else line, end="" if TTY else "\n",
              flush=True)

    def end(self):
        if TTY and self.last:
            print(flush=True)


def number(n):
    return format(n, ",")


class Story:
    def __init__(self, options):
        self.options = options
        self.database = lab.HOME + "/edge/offload.db"
        self.routers = []
        self.critical_count = max(CRITICAL_LEAST,
                                  options.slots * 10 // 100 + EVICTIONS)

    # --- questions to the edge ---
    def table(self):
        return self.edge.json("show offload table main") or {}

    def summary(self):
        return self.edge.json("show offload summary") or {}

    def certificate(self):
        """What the table says of its own choice once it is made, or None."""
        p = self.table().get("placement", {})
        return p if p.get("valid") and not p["improving"] else None

    def at_rest(self):
        states = self.summary().get("states", {})
        return states and not any(
            states.get(s, 0) for s in ("seen", "sent", "leaving"))

    def rows(self, query, *parameters):
        db = sqlite3.connect("file:%s?mode=ro" % self.database, uri=True,
                             timeout=10)
        try:
            return db.execute(query, parameters).fetchall()
        finally:
            db.close()

    # --- chapters ---
    def make_routes(self):
        o, ways = self.options, len(lab.UPSTREAM)
        passed_over = 0
        if o.routes:
            self.routes, passed_over = prefixes.read(o.routes, o.count, ways)
        else:
            self.routes = prefixes.make(o.count, ways)
        if len(self.routes) <= o.slots:
            raise Failed(
                "%d prefixes do not fill a table of %d slots; choose a larger "
                "--count or fewer --slots" % (len(self.routes), o.slots))
        if o.slots < 2 * CRITICAL_LEAST:
            raise Failed("the story needs at least %d slots"
                         % (2 * CRITICAL_LEAST))
        nested, deepest = prefixes.shape(self.routes)
        title("A routing table")
        say("%s prefixes %s; %d %% lie under another, at most %d deep"
            % (number(len(self.routes)),
               "of " + o.routes if o.routes else "made up like a real table",
               round(100 * nested), deepest))
        if passed_over:
            say("%s lines passed over (IPv6, reserved or no prefix)"
                % number(passed_over))

    def build(self):
        o = self.options
        title("Two routers in network namespaces of their own")
        lab.prepare()
        self.up = lab.Router("upstream", o.vtysh)
        self.routers.append(self.up)
        self.edge = lab.Router("edge", o.vtysh)
        self.routers.append(self.edge)
        lab.connect(self.up, self.edge)
        zebra, bgpd = lab.FRR + "/zebra", lab.FRR + "/bgpd"
        self.edge.start(zebra, lab.interface([lab.EDGE]))
        self.edge.start(o.offloadd, lab.edge_offload(
            o.slots, self.database, prefixes.CUSTOMERS))
        wait_for(lambda: self.table().get("capacity") == o.slots,
                 "offloadd has its table")
        say("edge      zebra bgpd offloadd   a table of %s slots, emulated"
            % number(o.slots))
        self.up.start(zebra, lab.interface(lab.UPSTREAM))
        self.up.start(bgpd, lab.upstream_bgp(self.routes))
        say("upstream  zebra bgpd            %d next hops towards the world"
            % len(lab.UPSTREAM))
        self.edge.start(bgpd, lab.edge_bgp())

    def fill(self):
        title("The table fills up to its watermarks")
        want, bar = len(self.routes), Progress()
        began = time.monotonic()

        def filled():
            t, s = self.table(), self.summary()
            if "used" not in t or not s:
                return False
            known = s.get("flows", 0)
            bar.show(t["used"], t["capacity"],
                     "%5s of %s slots, %6s routes known"
                     % (number(t["used"]), number(t["capacity"]),
                        number(known)))
            p = t["placement"]
            return known >= want and t["used"] >= t["low"] \
                and t["used"] == t["planned"] and p["valid"] \
                and not p["improving"] and self.at_rest() and t

        try:
            t = wait_for(filled, "all routes are known and the table is full",
                         deadline=120 + want // 1000)
        finally:
            bar.end()
        say("after %.0f s: %s slots used, high watermark %s, low watermark %s"
            % (time.monotonic() - began, number(t["used"]), number(t["high"]),
               number(t["low"])))
        # Covers are compulsory above the watermark too: a little each way.
        slack = t["capacity"] // 100
        if not t["low"] - slack <= t["used"] <= t["high"] + slack:
            raise Failed("occupancy is %d and not between the watermarks, %d "
                         "and %d" % (t["used"], t["low"], t["high"]))
        reasons = self.summary()["reasons"]
        waiting = sum(reasons.get(r, 0)
                      for r in ("high-watermark", "below-price"))
        say("best-effort admission is %s: %s routes wait in software"
            % (t["admission"], number(waiting)))
        say("%s of the %s entries are covers: they send to software what a "
            "shorter" % (number(t["covers"]), number(t["entries"])))
        say("prefix in hardware would otherwise steal")
        if t["elided"]:
            say("%s routes need no entry: a shorter prefix in hardware "
                "forwards alike" % number(t["elided"]))
        if not waiting:
            raise Failed("no best-effort route waits for a slot")

    def quality(self):
        title("How good is that choice?  The table's own certificate")
        # Who came after the first price is looked at by the next sweep.
        say("edge# offload rebalance main")
        self.edge.vtysh("offload rebalance main")
        p = wait_for(self.certificate, "the table has a certificate",
                     deadline=120 + len(self.routes) // 1000)
        say("edge# show offload table main")
        text = self.edge.vtysh("show offload table main")
        for line in text[text.find("Placement"):].rstrip().splitlines():
            say("  " + line)
        say()
        say("no choice of entries for these slots could answer more than the "
            "upper")
        say("bound: this one is at least %.3f %% of the best there is"
            % p["qualityPercent"])
        if not QUALITY_LEAST <= p["qualityPercent"] <= 100:
            raise Failed("a quality of %s %%" % p["qualityPercent"])
        if p["price"] <= 0 and not p["exact"]:
            raise Failed("a slot has no price, yet routes wait for one")

    def critical(self):
        count = self.critical_count
        title("%d new routes of customers, critical, push best-effort out"
              % count)
        self.customers = prefixes.customers(count, len(lab.UPSTREAM))
        before = self.table()["evictions"]
        self.up.vtysh_file(
            ["router bgp 65100", " address-family ipv4 unicast"]
            + lab.networks(self.customers))
        bar = Progress()

        def arrived():
            t = self.table()
            bar.show(t.get("critical", 0), count,
                     "%3d of %d critical offloaded, %d best-effort evicted"
                     % (t.get("critical", 0), count,
                        t.get("evictions", 0) - before))
            return t.get("critical", 0) >= count and self.at_rest()

        try:
            wait_for(arrived, "all critical routes are offloaded")
        finally:
            bar.end()
        self.check_critical(before)

    def check_critical(self, evicted_before):
        t = self.table()
        evicted = t["evictions"] - evicted_before
        say("%s of %s slots used: %d evictions made room, up to the watermark"
            % (number(t["used"]), number(t["capacity"]), evicted))
        query = ("SELECT COUNT(*) FROM flow WHERE class = 'critical'"
                 " AND state = 'offloaded'")
        wait_for(lambda: self.rows(query) == [(self.critical_count,)],
                 "the database says that all critical routes are offloaded")
        if self.rows("SELECT COUNT(*) FROM flow WHERE class = 'critical'"
                     " AND state <> 'offloaded'") != [(0,)]:
            raise Failed("a critical route waits")
        if evicted <= 0:
            raise Failed("no best-effort route was evicted")
        p = wait_for(self.certificate, "the table has a certificate again",
                     deadline=120 + len(self.routes) // 1000)
        say("their covers take %s slots; the choice is %.3f %% of its upper "
            "bound" % (number(p["criticalCoverSlots"]), p["qualityPercent"]))
        if p["valueCritical"] < p["totalCritical"]:
            raise Failed("a critical route is not answered by hardware")
        if self.summary().get("illegalTransitions"):
            raise Failed("the state machine took a forbidden turn")

    def explain(self):
        title("One route explained")
        critical = self.customers[self.critical_count // 2][0]
        victim = wait_for(lambda: self.rows(
            "SELECT prefix FROM history WHERE reason LIKE 'evicted-for-%'"
            " ORDER BY seq DESC LIMIT 1"), "an evicted route is on record")
        self.victim = victim[0][0]
        for prefix in (critical, self.victim):
            command = "show offload route " + prefix
            say("edge# " + command)
            answer = self.edge.vtysh(command).rstrip()
            if prefix not in answer:
                raise Failed("'%s' does not know the route: %s"
                             % (command, answer))
            for line in answer.splitlines():
                say("  " + line)
            say()

    def history(self):
        title("The history of that route, read from SQLite")
        say(self.database)
        for at, start, end, reason in self.rows(
                "SELECT at_us, from_state, to_state, reason FROM history"
                " WHERE prefix = ? ORDER BY seq", self.victim):
            say("%s  %-9s -> %-9s  %s" % (clock(at), start, end, reason))
        say()
        say("and of the table:")
        events = self.rows(
            "SELECT at_us, kind, used_slots, capacity_slots FROM event"
            " WHERE kind LIKE 'watermark-%' ORDER BY seq")
        if not events:
            raise Failed("no watermark crossing is on record")
        for at, kind, used, capacity in events[-5:]:
            say("%s  %-15s %s of %s slots" % (clock(at), kind, used, capacity))
        count = self.rows("SELECT COUNT(*) FROM history")[0][0]
        say("%s transitions recorded in all" % number(count))

    def keep(self):
        title("Kept for you to look around; Enter removes everything")
        say("from another terminal:")
        say("  nsenter -a -t $(pgrep -n offloadd) %s -N edge"
            % self.options.vtysh)
        sys.stdin.readline()

    def tell(self):
        self.make_routes()
        self.build()
        self.fill()
        self.quality()
        self.critical()
        self.explain()
        self.history()
        if self.options.keep:
            self.keep()

    def end(self):
        for router in reversed(self.routers):
            router.stop()


def clock(at):
    """Microseconds since 1970 as a time of day."""
    return "%s.%06d" % (time.strftime("%H:%M:%S", time.localtime(at // 10**6)),
                        at % 10**6)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--offloadd", required=True)
    parser.add_argument("--vtysh", required=True)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--slots", type=int, required=True)
    parser.add_argument("--routes")
    parser.add_argument("--keep", action="store_true")
    story = Story(parser.parse_args())
    began = time.monotonic()
    status = 1
    try:
        story.tell()
        status = 0
    except Failed as error:
        print("\ndemo: %s" % error, file=sys.stderr)
        if story.routers:
            log = story.routers[-1].logged("offloadd").splitlines()
            for line in log[-15:]:
                print("  offloadd: " + line, file=sys.stderr)
    except KeyboardInterrupt:
        status = 130
    finally:
        story.end()
    if status == 0:
        title("All of it happened as told, in %.0f s; nothing is left behind"
              % (time.monotonic() - began))
    return status


if __name__ == "__main__":
    sys.exit(main())
