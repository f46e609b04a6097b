# SPDX-License-Identifier: GPL-2.0-or-later
"""
Long lists, and many: they load, change, and what is too much is said plainly.
Figures are printed (-rP), nothing here asserts a time.
"""

import os
import time

from edge import configuration, via
from met import Met
from packets import TCP
from test_acl import PREFIX, Lists

HOST = "198.51.100.1"
ENTRIES = int(os.environ.get("PROVIDER_ENTRIES", 2000))


def memory_kb(one):
    with open("/proc/%d/status" % one.offloadd.process.pid) as f:
        for line in f:
            if line.startswith("VmRSS"):
                return int(line.split()[1])
    return 0


def entries(n):
    """Half of them deny, and the last but one is met."""
    ret = []
    for k in range(1, n + 1):
        verb = "deny" if k % 2 else "permit"
        ret.append("seq %d %s tcp 10.%d.%d.0/24 any eq %d" % (
            10 * k, verb, 100 + k % 100, k // 100, 1 + k))
    return ret


def test_long_list(edge):
    one = edge(tcam_slots=1000)
    one.start(configuration(one.ports, table=("capacity 800",)))
    one.offload((PREFIX, via(2)))
    small = memory_kb(one)
    one.stop()
    begun = time.monotonic()
    one.start(configuration(one.ports, table=("capacity 800",), more=tuple(
        ["acl WEB", "default-action permit"] + entries(ENTRIES) +
        ["seq 900000 deny udp any any", "exit",
         "access-group WEB interface sw1 in"])))
    lists = Lists(one)
    lists.attached("sw1", "hardware")
    loaded = time.monotonic() - begun
    one.quiet()
    lists.quiet()
    placed = time.monotonic() - begun
    met = Met(one)
    met.send(one.packet(HOST), None)
    met.send(one.packet(HOST, proto=TCP), "sw2w")
    met.check()
    changes = []
    for n in range(3):
        begun = time.monotonic()
        one.configure("acl WEB", "seq %d deny tcp any any eq %d" % (
            15 + n, 4321 - n))
        lists.attached("sw1", "hardware")
        changes.append(time.monotonic() - begun)
    lists.quiet()
    met.send(one.packet(HOST, proto=TCP), None)
    met.check()
    summary = one.show("summary")
    print("FIGURE %d entries: in force %.2f s, at rest %.2f s after the "
          "start; a change %s s; memory %d kB, without %d kB; turn %r" % (
              ENTRIES, loaded, placed, ["%.2f" % c for c in changes],
              memory_kb(one), small,
              {k: v for k, v in summary.items() if "urn" in k}))


def test_too_many_lists(edge):
    """The 65th says so; one less, and it has its place."""
    one = edge()
    names = ["d%d" % n for n in range(33)]
    one.sw.ip(*("link add %s type dummy" % n for n in names))
    try:
        one.sw.ip(*("link set %s up" % n for n in names))
        lines = []
        for n in range(66):
            lines += ["acl L%d" % n, "seq 10 deny udp any any eq %d" % (n + 1),
                      "exit", "access-group L%d interface d%d %s" % (
                          n, n // 2, "out" if n % 2 else "in")]
        one.start(configuration(one.ports, more=tuple(lines)))

        def standing():
            ret = {}
            for n in range(66):
                said = one.show("acl L%d" % n)["attachedTo"]
                ret[n] = said[0] if said else {"bound": None}
            return ret

        def in_force():
            return [n for n, a in standing().items()
                    if a["bound"] == "software" and a["current"]]

        one.until("64 are in force", lambda: len(in_force()) == 64)
        left = {n: a for n, a in standing().items()
                if a["bound"] != "software"}
        assert len(left) == 2 and all(
            "too many lists" in a["why"] for a in left.values()), left
        text = one.offloadd.ask("show offload acl L%d" % min(left))
        assert "too many lists" in text, text
        one.configure("no access-group L0 interface d0 in",
                      "no access-group L1 interface d0 out")
        one.until("all others are in force",
                  lambda: set(in_force()) >= set(left) or not (
                      set(left) - {0, 1}))
    finally:
        one.stop()
        one.sw.ip(*("link del " + n for n in names))
