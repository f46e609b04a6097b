# SPDX-License-Identifier: GPL-2.0-or-later
"""
A filter that is wrong and cannot be made right where it stands: a trap instead,
or nobody is led there until it is.  A shorter prefix never gets its packets.
"""

import contextlib
import signal

import compare
from edge import configuration, via
from probe import Probe
from test_adopt import route_of, tamper
from written import Written

# The shorter one leads elsewhere: it would steal the packets of the longer.
SHORT, LONG, INSIDE = "198.51.0.0/16", "198.51.100.0/24", "198.51.100.9"
OTHER, OTHER_INSIDE = "203.0.113.0/24", "203.0.113.9"


@contextlib.contextmanager
def asleep(one):
    """offloadd sees what happens here all at once, afterwards."""
    one.offloadd.process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        one.offloadd.process.send_signal(signal.SIGCONT)


def started(edge, **more):
    one = edge(**more)
    one.start(configuration(one.ports, table=("capacity 1000",)))
    one.offload((SHORT, via(3)), (LONG, via(2)), (OTHER, via(3)))
    one.quiet()
    return one, Probe(one, {INSIDE: ("sw2", 2), "198.51.7.7": ("sw3", 2),
                            OTHER_INSIDE: ("sw3", 2)})


def mended(one, probe):
    """All is in hardware as it was, and no packet went astray."""
    def right():
        probe.round()
        found = [f.does[:2] for (_, p), f in compare.kernel(one)[1].items()
                 if p == LONG]
        return found == [("forward", "sw2")]

    one.until("it is put right", right)
    one.all_become([SHORT, LONG, OTHER], "offloaded")
    one.until("all ports are led", lambda: probe.round() or len(
        [f for f in compare.kernel(one)[0] if f.chain == 0]) == 6)
    one.quiet()
    probe.round()
    probe.check()
    one.by_hardware(INSIDE, "sw2")


def test_trap_where_it_is_refused(edge):
    """Hardware takes a trap, but not the way: software's, until it does."""
    one, probe = started(edge)
    one.compared = False  # a route that failed has a trap
    with Written() as written:
        with asleep(one):
            tamper(one, "trap", LONG)
            one.sw.debug("refuse", "redirect")
        one.until("it failed", lambda: probe.round() or
                  one.states([LONG])[LONG] in ("failed", "covered"))
        one.quiet()
        probe.round()
        probe.check()
        assert ("deleted", "route") not in written.words(), written()
        assert not [w for w in written.words() if w[1] == "guard"]
    one.by_software(INSIDE, "sw2")
    assert route_of(one, LONG)["options"]["actions"][0][
        "control_action"]["type"] == "trap"
    one.by_hardware("198.51.7.7", "sw3")


def test_one_refusal(edge):
    """Once: what is asked for next is taken."""
    one, probe = started(edge)
    with asleep(one):
        tamper(one, "trap", LONG)
        one.sw.debug("fail_tcam", 1)
    one.past(LONG, reason="hardware-error")
    mended(one, probe)


def test_full_table(edge):
    """No room for a second one: guards away, one out, one in, guards back."""
    one, probe = started(edge, tcam_slots=60)
    one.compared = False  # filters of others take slots
    with Written() as written:
        with asleep(one):
            tamper(one, "trap", LONG)
            n = 0
            while one.sw.tc.run(
                    "filter add block 4096 chain 900 pref 1 protocol ip handle "
                    "%d flower skip_sw dst_ip 192.0.2.%d action drop" % (
                        n + 1, n)).ok:
                n += 1
            assert n
        mended(one, probe)
        words = [w for w in written.words() if w[0] != "all of a pref"]
    assert words.count(("deleted", "route")) == 1, words
    assert words.count(("deleted", "guard")) == 3, words
    assert one.table()["lost"] == 0
    at = words.index(("deleted", "route"))
    assert words[:at].count(("deleted", "guard")) == 3, words
    assert words[at:].count(("written", "guard")) == 3, words


def test_nothing_is_taken(edge):
    """Nobody is led there until all have left; then all begins again."""
    one, probe = started(edge)
    with asleep(one):
        tamper(one, "trap", LONG)
        one.sw.debug("refuse", "dst_ip")
    one.until("it is lost", lambda: probe.round() or one.table()["lost"] == 1)
    one.until("all leave", lambda: probe.round() or not one.entries())
    assert "cannot be made right" in one.offloadd.words()
    one.until("no filter is left", lambda: probe.round() or
              not compare.kernel(one)[1])
    one.sw.debug("refuse", "")
    mended(one, probe)


def found(one):
    """{(what, prefix)} that the provider told."""
    return {(f["what"], f["prefix"]) for f in one.show("audit")["found"]
            if f["by"] == "provider"}


def test_audit_tells(edge):
    """What was made right is told: of routes, and of guards."""
    one, probe = started(edge)
    before = one.show("audit")["sinceStart"]
    assert not before["changed"] and not before["missing"]
    with asleep(one):
        tamper(one, "trap", LONG)
        f = route_of(one, OTHER)
        one.sw.tc("filter del block 4096 chain %d pref %d protocol ip "
                  "handle 0x%x flower" % (
                      f["chain"], f["pref"], f["options"]["handle"]))
    one.until("both are told", lambda: found(one) >= {
        ("changed", LONG), ("missing", OTHER)})
    mended(one, probe)
    after = one.show("audit")["sinceStart"]
    assert after["providerAudits"] > before["providerAudits"]
    with asleep(one):
        guard = next(f for f in one.sw.filters("block 4096")
                     if f["chain"] == 0)
        one.sw.tc("filter del block 4096 chain 0 pref %d protocol %s "
                  "handle 0x%x flower" % (
                      guard["pref"], guard["protocol"],
                      guard["options"]["handle"]))
    one.until("the guard is told", lambda: any(
        what in ("missing", "changed") and not prefix
        for what, prefix in found(one)))
    mended(one, probe)
