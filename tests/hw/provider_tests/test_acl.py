# SPDX-License-Identifier: GPL-2.0-or-later
"""
Access control lists: what a packet meets is the list, whichever of hardware and
software answers, and the counters of both together are the packets.

A failure prints its seed; PROVIDER_SEED runs that one again.
"""

import os
import random
import signal
import struct

import pytest

import packets
from edge import configuration, via
from packets import TCP, UDP
from rules import Rule, first, random_packet, random_rule, serial

SEED = int(os.environ.get("PROVIDER_SEED", random.randrange(1 << 32)))
PACKETS = int(os.environ.get("PROVIDER_PACKETS", 3000))
RULES = 300
AT_ONCE = 100
PREFIX = "198.51.100.0/24"


def acl(rules, name="WEB", head=(), port="sw1"):
    """Lines of a list and where it is attached."""
    return ["acl " + name, *head, *(r.words() for r in rules), "exit",
            "access-group %s interface %s in" % (name, port)]


class Lists:
    """What the tests ask of offloadd about lists."""

    def __init__(self, one):
        self.one = one

    def acl(self, name="WEB"):
        return self.one.show("acl " + name)

    def attached(self, port, bound, name="WEB"):
        """Wait until packets of a port meet the list as it is configured."""
        last = {}

        def there():
            answer = self.acl(name)
            last.update(answer or {})
            return answer and any(
                a["interface"] == port and a["bound"] == bound and
                a["current"] for a in answer["attachedTo"])

        try:
            self.one.until("%s meets %s" % (port, name), there)
        except AssertionError as e:
            raise AssertionError("%s: %r" % (e, last.get(
                "attachedTo"))) from None

    def counted(self, name="WEB"):
        """{seq or None: (software, hardware)} packets."""
        answer = self.acl(name)
        ret = {e["sequence"]: self.both(e) for e in answer["aces"]}
        ret[None] = self.both(answer["lists"][0]["default"])
        return ret

    @staticmethod
    def both(e):
        return e["software"]["packets"], e["hardware"]["packets"]

    def entry(self, seq, name="WEB"):
        return next(e for e in self.acl(name)["aces"]
                    if e["sequence"] == seq)

    def entry_becomes(self, seq, state, name="WEB"):
        last = {}

        def there():
            last.update(self.entry(seq, name))
            return last["state"] == state

        try:
            self.one.until("entry %d becomes %s" % (seq, state), there)
        except AssertionError as e:
            raise AssertionError("%s, is %r" % (e, last)) from None
        return last

    def quiet(self, name="WEB"):
        """Nothing of it is under way, nor of what it was."""
        def still():
            answer = self.acl(name)
            # An entry that is gone from the list is shown nowhere else.
            if any("table" in a for a in answer["attachedTo"]):
                slots = self.one.table().get("lists")
                if slots and slots["used"] != slots["planned"]:
                    return False
            return all(a["current"] for a in answer["attachedTo"]) and \
                not any(e["state"] in ("seen", "sent", "leaving")
                        for e in answer["aces"])

        self.one.until("the list is at rest", still)


class Traffic:
    """Packets from behind sw1, and which of them came out of sw2."""

    def __init__(self, one):
        self.one, self.sw = one, one.sw
        self.tap = one.sw.tap("sw1w")
        self.sent = []
        self.out = {}
        self.sw.listen()
        self.sw.heard()

    def send(self, f):
        """The number of a packet with these fields."""
        n = len(self.sent)
        payload = f["payload"][:-4] + struct.pack("!I", n)
        f = dict(f, payload=payload)
        self.sent.append(f)
        self.tap.send(packets.make(f))
        if not n % AT_ONCE:
            self.gather()
        return n

    def gather(self):
        for device, frame in self.sw.heard():
            # Not what the router says itself.
            if device == "sw2w" and packets.MARK in frame and \
                    frame[23] in (1, TCP, UDP, 253) and frame[26:28] == \
                    packets.make(self.sent[0])[26:28]:
                self.out[serial(frame)] = self.out.get(serial(frame), 0) + 1

    def verdicts(self, wanted):
        """All that should come out (numbers) did, and nothing else."""
        def arrived():
            self.gather()
            return all(n in self.out for n in wanted)

        try:
            self.one.until("all packets", arrived)
        except AssertionError:
            pass  # told below, one by one
        lost = [self.sent[n] for n in wanted if n not in self.out]
        more = [self.sent[n] for n in self.out if n not in wanted]
        assert not lost and not more, "%d lost, %d too many of %d: %r %r" % (
            len(lost), len(more), len(self.sent), lost[:3], more[:3])
        assert all(n == 1 for n in self.out.values()), "doubled"


def make(one):
    return lambda dst, **more: one.packet(dst, **more)


def spread(one, rules, f_of, n):
    """Send n packets; what each rule has to have counted."""
    traffic, expected, wanted = Traffic(one), {}, set()
    for _ in range(n):
        f = f_of()
        number = traffic.send(f)
        rule = first(rules, traffic.sent[number])
        seq = rule.seq if rule else None
        expected[seq] = expected.get(seq, 0) + 1
        if rule and rule.permit:
            wanted.add(number)
    traffic.verdicts(wanted)
    return expected


def add_up(lists, expected, before=None, name="WEB"):
    """Hardware and software together counted these packets."""
    last = {}

    def there():
        last.clear()
        now = lists.counted(name)
        for seq, both in now.items():
            was = (before or {}).get(seq, (0, 0))
            if sum(both) - sum(was):
                last[seq] = sum(both) - sum(was)
        return last == expected

    try:
        lists.one.until("the counters add up", there)
    except AssertionError:
        wrong = {s: (expected.get(s, 0), last.get(s, 0))
                 for s in set(expected) | set(last)
                 if expected.get(s, 0) != last.get(s, 0)}
        raise AssertionError("expected and counted: %r" % wrong) from None
    return lists.counted(name)


MIXED = [
    Rule(10, False, TCP, dst=PREFIX, dport=(23, 23), more="weight 1000"),
    Rule(20, True, UDP, dst=PREFIX, dport=(53, 53), more="weight 1000"),
    Rule(30, False, UDP, dst=PREFIX, more="placement software"),
    # Hardware has no key for a length: its half matches the rest.
    Rule(40, True, TCP, dst=PREFIX, dport=(80, 80), length=(0, 60)),
    Rule(50, True, dst=PREFIX, more="class never"),
]


def start(one, lines, table=("capacity 100",), routes=True):
    one.start(configuration(one.ports, table=table, more=tuple(lines)))
    if routes:
        one.offload((PREFIX, via(2)))
    return Lists(one)


def test_both_sides_add_up(edge):
    """Rules of hardware, of software, and one that is split."""
    one = edge()
    lists = start(one, acl(MIXED))
    lists.attached("sw1", "hardware")
    for seq, state in ((10, "offloaded"), (20, "offloaded")):
        lists.entry_becomes(seq, state)
    assert lists.entry(30)["state"] != "offloaded"
    split = lists.entry(40)
    one.until("the hardware half of the split rule",
              lambda: lists.entry(40).get("part"))
    flows = [dict(proto=TCP, dport=23), dict(proto=UDP, dport=53),
             dict(proto=UDP, dport=54), dict(proto=TCP, dport=80),
             dict(proto=TCP, dport=80, payload=packets.MARK + bytes(60)),
             dict(proto=TCP, dport=443), dict(proto=253)]
    rng = random.Random(1)
    before = one.sw.counters("sw1")
    expected = spread(one, MIXED, lambda: one.packet(
        "198.51.100.9", **rng.choice(flows)), 700)
    now = one.sw.counters("sw1") - before
    counted = add_up(lists, expected)
    assert sum(sum(c) for c in counted.values()) == 700
    hardware = {seq: c[1] for seq, c in counted.items()}
    # What hardware answers it answers wholly, and nothing else.
    assert hardware[10] == expected[10] and hardware[20] == expected[20]
    assert counted[30] == (expected[30], 0), counted
    assert now["hw_dropped"] == expected[10], now
    assert now["hw_forwarded"] == expected[20], now
    # The mark was seen: its rules were met in the list of the part.
    text = str(one.sw.tc("filter show block 4096"))
    assert "skbedit" in text, split


@pytest.mark.parametrize("slots", (4000, 300, 60))
def test_random_rules(edge, slots):
    """Hundreds of rules, as many in hardware as there is room for: each has
    counted the packets that meet it first."""
    rng = random.Random("%d %d" % (SEED, slots))
    one = edge(tcam_slots=slots)
    rules = [random_rule(rng, 10 * n, apart=slots != 60)
             for n in range(1, RULES + 1)]
    lists = start(one, acl(rules, head=("default-action permit",)),
                  table=("capacity %d" % slots, "acl-slots 50 percent"))
    lists.attached("sw1", "hardware")
    lists.quiet()
    rules.append(Rule(1 << 30, True))  # the default
    expected = spread(one, rules,
                      lambda: random_packet(rng, make(one)), PACKETS)
    expected[None] = expected.pop(1 << 30, 0)
    print("PROVIDER_SEED=%d" % SEED)
    if slots != 60:
        counted = add_up(lists, {k: v for k, v in expected.items() if v})
    else:
        # Where they do the same, one may have counted for another.
        def total():
            return sum(sum(c) for c in lists.counted().values())

        one.until("the sums add up", lambda: total() == PACKETS)
        counted = lists.counted()
    hardware = sum(c[1] for c in counted.values())
    assert hardware, "hardware answers nothing"
    one.quiet()


def test_changes_under_traffic(edge):
    """Each packet gets the verdict of a list of before or of now."""
    rng = random.Random(SEED)
    one = edge(tcam_slots=400)
    rules = [random_rule(rng, 10 * n) for n in range(1, 61)]
    lists = start(one, acl(rules, head=("default-action permit",)),
                  table=("capacity 400",))
    lists.attached("sw1", "hardware")
    lists.quiet()
    traffic = Traffic(one)
    must, may = set(), set()
    for step in range(12):
        old = list(rules)
        kind = rng.choice(["add", "del", "change"])
        if kind == "add":
            rules.append(random_rule(rng, 10 * rng.randrange(1, 60) +
                                     rng.randrange(1, 9)))
            rules[:-1] = [r for r in rules[:-1] if r.seq != rules[-1].seq]
        else:
            gone = rules.pop(rng.randrange(len(rules)))
            if kind == "change":
                rules.append(random_rule(rng, gone.seq))
        lines = ["no seq %d" % r.seq for r in old
                 if r.seq not in {x.seq for x in rules}]
        lines += [r.words() for r in rules if r not in old]
        one.configure("acl WEB", *lines)
        for _ in range(150):
            f = random_packet(rng, make(one))
            n = traffic.send(f)
            verdicts = {(first(x, traffic.sent[n]) or Rule(0, True)).permit
                        for x in (old, rules)}
            if True in verdicts:
                may.add(n)
            if verdicts == {True}:
                must.add(n)
        lists.quiet()
        lists.attached("sw1", "hardware")
        traffic.gather()
    traffic.verdicts(must | (may & set(traffic.out)))


def test_attach_and_detach(edge):
    one = edge()
    deny = [Rule(10, False, UDP)]
    lists = start(one, acl(deny, head=("default-action permit",))[:-1])
    one.by_hardware("198.51.100.1", "sw2")
    one.configure("access-group WEB interface sw1 in")
    lists.attached("sw1", "hardware")
    lists.entry_becomes(10, "offloaded")
    one.by_hardware("198.51.100.1", None)
    one.by_hardware("198.51.100.1", "sw2", via="sw3")
    one.by_hardware("198.51.100.1", "sw2", proto=253)
    one.configure("no access-group WEB interface sw1 in")
    one.until("nothing is led there", lambda: not [
        f for f in one.sw.filters("block 4096")
        if not f["chain"] and f["pref"] < 49152])
    one.quiet()
    one.until("hardware leads on", lambda: [
        f for f in one.sw.filters("block 4096")
        if not f["chain"] and f["options"].get("indev") == "sw1"])
    one.by_hardware("198.51.100.1", "sw2")
    one.until("all of it is gone", lambda: all(
        f["chain"] in (0, 4096, 4097) for f in one.sw.filters("block 4096")))


def test_enforced_without_room(edge):
    """Hardware takes nothing: software has it all."""
    one = edge()
    lists = start(one, acl([Rule(10, False, UDP)],
                           head=("default-action permit",)), routes=False)
    lists.attached("sw1", "hardware")
    lists.entry_becomes(10, "offloaded")
    one.add((PREFIX, via(2)))
    one.becomes(PREFIX, "offloaded")
    one.configure("acl WEB", "class never")
    one.until("it leaves", lambda: not lists.entry(10)["hardware"]["slots"])
    before = one.sw.counters("sw1")
    frame = packets.make(one.packet("198.51.100.1"))
    one.sw.expect("sw1", frame, cpu=frame)
    now = one.sw.counters("sw1") - before
    assert now["hw_dropped"] == 0 and now["trapped"] == 1, now


def test_killed_and_back(edge):
    """What it wrote stays in force while it is away, and is taken over."""
    one = edge()
    rules = [Rule(10, False, UDP), Rule(20, True, TCP)]
    lists = start(one, acl(rules))
    lists.attached("sw1", "hardware")
    one.by_hardware("198.51.100.1", None)
    one.stop(signal.SIGKILL)
    traffic = Traffic(one)
    for _ in range(50):
        traffic.send(one.packet("198.51.100.1", payload=packets.MARK +
                                bytes(4)))
    one.start(configuration(one.ports, more=tuple(acl(rules))), ready=False)
    for _ in range(400):
        traffic.send(one.packet("198.51.100.1", payload=packets.MARK +
                                bytes(4)))
    one.until("the table is ready", lambda: one.table()["ready"])
    lists.attached("sw1", "hardware")
    for _ in range(50):
        traffic.send(one.packet("198.51.100.1", payload=packets.MARK +
                                bytes(4)))
    one.settled()
    one.becomes(PREFIX, "offloaded")
    traffic.verdicts(set())
    one.by_hardware("198.51.100.1", "sw2", proto=TCP)
    # What the earlier life left has gone.
    one.until("one list is left", lambda: len({
        f["chain"] for f in one.sw.filters("block 4096")
        if f["chain"] >= 0x01000000}) == 1)


def test_port_of_no_table(edge):
    """Software alone serves an interface that is no table's port."""
    one = edge()
    one.ports = ["sw2", "sw3"]
    lists = start(one, acl([Rule(10, False, UDP)],
                           head=("default-action permit",)))
    lists.attached("sw1", "software")
    assert "table" not in lists.acl()["attachedTo"][0]
    one.by_software("198.51.100.1", "sw2", proto=253)
    traffic = Traffic(one)
    for _ in range(20):
        traffic.send(one.packet("198.51.100.1"))
    traffic.verdicts(set())
    add_up(lists, {10: 20, None: 1})
    one.configure("no access-group WEB interface sw1 in")
    one.until("its qdisc is gone", lambda: "clsact" not in str(
        one.sw.tc("qdisc show dev sw1")))
    one.by_software("198.51.100.1", "sw2")


def test_leftover_of_no_table(edge):
    """What an earlier life enforced and nobody wants any more goes."""
    one = edge()
    one.ports = ["sw2", "sw3"]
    lists = start(one, acl([Rule(10, False, UDP)]))
    lists.attached("sw1", "software")
    one.stop(signal.SIGKILL)
    assert "clsact" in str(one.sw.tc("qdisc show dev sw1"))
    one.start(configuration(one.ports))
    one.until("its qdisc is gone", lambda: "clsact" not in str(
        one.sw.tc("qdisc show dev sw1")))
    one.becomes(PREFIX, "offloaded")
    one.by_software("198.51.100.1", "sw2")


def test_egress_is_software(edge):
    """Nothing is forwarded in hardware past a list for what leaves."""
    one = edge()
    rules = [Rule(10, False, UDP, dst=PREFIX)]
    lines = acl(rules, head=("default-action permit",))
    lines[-1] = "access-group WEB interface sw2 out"
    lists = start(one, lines[:-1])
    one.by_hardware("198.51.100.1", "sw2")
    one.configure(lines[-1])
    lists.attached("sw2", "software")
    answer = one.becomes(PREFIX, "failed")
    assert "sw2" in answer["text"], answer
    traffic = Traffic(one)
    for _ in range(20):
        traffic.send(one.packet("198.51.100.1"))
    traffic.verdicts(set())
    one.by_software("198.51.100.1", "sw2", proto=253)
    add_up(lists, {10: 20, None: 1})
    # Taken away by others, it comes back; so does what stands there.
    one.sw.tc("filter del dev sw2 egress pref 49150")
    one.until("it is led there again", lambda: [
        f for f in one.sw.filters("dev sw2 egress") if f["pref"] == 49150])
    one.stop(signal.SIGKILL)
    for _ in range(20):
        traffic.send(one.packet("198.51.100.1"))
    one.start(configuration(one.ports, more=tuple(lines)))
    lists.attached("sw2", "software")
    for _ in range(20):
        traffic.send(one.packet("198.51.100.1"))
    traffic.verdicts(set())
    one.until("one list is left", lambda: len({
        f["chain"] for f in one.sw.filters("dev sw2 egress")
        if f["chain"]}) == 1)
    one.configure("no " + lines[-1])
    one.becomes(PREFIX, "offloaded")
    one.by_hardware("198.51.100.1", "sw2")
    one.until("nothing is left", lambda: not one.sw.filters(
        "dev sw2 egress"))


def test_static_flow(edge):
    """Met before the list; other packets meet the list."""
    one = edge()
    lists = start(one, acl([Rule(10, False, UDP)],
                           head=("default-action permit",)))
    lists.attached("sw1", "hardware")
    one.by_hardware("198.51.100.1", None)
    one.configure("flow PASS interface sw1 permit udp any host 198.51.100.1 "
                  "eq 4321")
    one.until("the flow is in hardware", lambda: any(
        f["state"] == "offloaded" for f in one.show("flow static")["staticFlows"]))
    lists.attached("sw1", "hardware")
    one.by_hardware("198.51.100.1", "sw2")
    one.by_hardware("198.51.100.2", None)
    one.configure("no flow PASS")
    lists.attached("sw1", "hardware")
    one.until("the flow is gone", lambda: not one.show("flow static")["staticFlows"])
    lists.quiet()
    one.by_hardware("198.51.100.1", None)


def test_foreign_is_told(edge):
    one = edge()
    one.start()
    one.sw.tc("filter add block 4096 chain 7 pref 9 protocol ip flower "
              "dst_ip 192.0.2.0/24 skip_sw action drop",
              "filter add block 4096 chain 7 pref 8 matchall skip_hw "
              "action pass")

    def told():
        return {(f["pref"], f["classifier"]): f["inHardware"]
                for f in one.show("foreign")["filters"]}

    one.sw.tc("filter add dev sw3 egress pref 7 matchall action pass")
    one.until("all are told", lambda: told() == {
        (9, "flower"): True, (8, "matchall"): False,
        (7, "matchall"): False})
    assert one.table()["capacity"] == 99
    one.stop(signal.SIGTERM)
    assert len([f for f in one.sw.filters("block 4096")
                if f["chain"] == 7]) == 2


def test_taken_away_by_others(edge):
    """Filters that somebody deleted come back."""
    one = edge()
    lists = start(one, acl([Rule(10, False, UDP), Rule(20, True)]))
    lists.attached("sw1", "hardware")
    lists.entry_becomes(10, "offloaded")
    for f in one.sw.filters("block 4096"):
        if f["chain"] >= 0x01000000 or 2048 <= f["chain"] < 4096:
            one.sw.tc("filter del block 4096 chain %d pref %d" % (
                f["chain"], f["pref"]))
            break
    one.until("it was noticed", lambda: one.table() and lists.acl())
    lists.attached("sw1", "hardware")
    lists.quiet()
    one.by_hardware("198.51.100.1", None)
    one.by_hardware("198.51.100.1", "sw2", proto=253)


def test_hardware_evicts_entries(edge):
    """Nobody tells of it but the occupancy."""
    one = edge()
    lists = start(one, acl([Rule(10, False, UDP), Rule(20, True)]),
                  table=("tc resource acl_tcam", "capacity 100"))
    lists.attached("sw1", "hardware")
    lists.entry_becomes(10, "offloaded")
    one.quiet()
    occ = one.sw.occ()
    one.until("it was looked at", lambda: one.table()["used"] == 1)
    one.sw.debug("evict", "all")
    one.until("all of it is back", lambda: one.sw.occ() >= occ)
    lists.attached("sw1", "hardware")
    lists.entry_becomes(10, "offloaded")
    one.by_hardware("198.51.100.1", None)


def test_nothing_is_done_twice(edge):
    """Hardware accepts and mirrors; the routes send the packet to software,
    which does not mirror it again."""
    one = edge()
    rules = [Rule(10, True, UDP, more="mirror sw3"), Rule(20, True)]
    lists = start(one, acl(rules), routes=False)
    lists.attached("sw1", "hardware")
    lists.entry_becomes(10, "offloaded")
    one.configure("rule 10", "match prefix-length 28", "set class never",
                  "exit")
    one.offload((PREFIX, via(2)))
    one.add(("198.51.100.64/28", via(2)))
    one.becomes("198.51.100.64/28", "covered")
    for dst, cpu in (("198.51.100.1", False), ("198.51.100.65", True)):
        f = one.packet(dst)
        frame = packets.make(f)
        before = one.sw.counters("sw1")
        wanted = {"sw2": one.wires.routed(f, "sw2"), "sw3": frame}
        if cpu:
            wanted["cpu"] = frame
        one.sw.expect("sw1", frame, **wanted)
        now = one.sw.counters("sw1") - before
        assert (now["trapped"] + now["missed"] > 0) == cpu, now
    add_up(lists, {10: 2})
    assert lists.counted()[10] == (0, 2)
