# SPDX-License-Identifier: GPL-2.0-or-later
"""
Do all who hold the table say the same of every entry?

    offloadd   show offload route, show offload table NAME entries
    kernel     tc -j -s filter show block N
    switch     /sys/kernel/debug/tcamsim/*/tcam
    devlink    occupancy

Each prefix must be in the first three or in none, do the same in all, count the
same packets and be in hardware; slots must add up to the occupancy.  Only
filters with offloadd's cookie are looked at: what others put there is theirs.
Asked while nothing is under way; if something happened meanwhile, asked again.

Neighbours: edge.py.
"""

import ipaddress

from edge import BLOCK, TABLE
from routing import port_mac
from tools import until

COOKIE = "6f666c01"  # "ofl", version 1
GUARD, ROUTE, TRY = 1, 2, 3
# Where struct tcamsim_key has what offloadd matches: words of 32 bits.
DST = 10
KINDS = {"trap": "punt", "drop": "drop", "forward": "forward"}


class Disagree(AssertionError):
    """What somebody says and another does not."""


def _differ(what, left, right):
    """Two dictionaries that must be equal, and where they are not."""
    wrong = ["%s: %r and %r" % (key, left.get(key), right.get(key))
             for key in sorted(set(left) | set(right), key=str)
             if left.get(key) != right.get(key)]
    if wrong:
        raise Disagree("%s differ:\n%s" % (what, "\n".join(wrong)))


# ---------------------------------------------------------------- the kernel

def _word(key, name):
    return int(key[name], 16)


def rewritten(keys):
    """(destination MAC, source MAC) that pedit writes."""
    ether = bytearray(12)
    for key in keys:
        if key["htype"] == "eth":
            assert key["cmd"] == "set" and _word(key, "mask") == 0, key
            at = key["offset"]
            ether[at:at + 4] = _word(key, "val").to_bytes(4, "big")
    return ether[:6].hex(":"), ether[6:].hex(":")


def _lowers_ttl(keys):
    found = [(k["htype"], k["offset"], k["cmd"], _word(k, "val"),
              _word(k, "mask")) for k in keys if k["htype"] != "eth"]
    return found in ([("ipv4", 8, "add", 0xff000000, 0x00ffffff)],
                     [("ipv6", 4, "add", 0xff, 0xffffff00)])


def does(options):
    """("trap",), ("drop",), ("goto", chain), or ("forward", port, dmac, smac,
    VLAN or None)."""
    actions = options["actions"]
    first = actions[0]
    if first["kind"] == "gact":
        control = first["control_action"]
        assert len(actions) == 1, actions
        kind = control["type"]
        return (kind, control["chain"]) if kind == "goto" else (kind,)
    kinds = [a["kind"] for a in actions]
    assert kinds[0] == "pedit" and kinds[-1] == "mirred", kinds
    assert ("csum" in kinds) == (options["keys"]["eth_type"] == "ipv4"), kinds
    assert _lowers_ttl(first["keys"]), first
    vlan = [a["id"] for a in actions if a["kind"] == "vlan"]
    assert actions[-1]["mirred_action"] == "redirect", actions[-1]
    return ("forward", actions[-1]["to_dev"]) + rewritten(first["keys"]) + (
        vlan[0] if vlan else None,)


class Filter:
    """One of ours, as tc shows it."""

    def __init__(self, shown):
        options = shown["options"]
        self.chain, self.pref = shown["chain"], shown["pref"]
        self.options, self.keys = options, options["keys"]
        self.does = does(options)
        self.in_hw = bool(options.get("in_hw"))
        self.count = options.get("in_hw_count", 0)
        self.packets = options["actions"][-1]["stats"]["packets"]

    @property
    def prefix(self):
        text = self.keys.get("dst_ip")
        if text is None:
            text = "::/0" if self.keys["eth_type"] == "ipv6" else "0.0.0.0/0"
        return str(ipaddress.ip_network(text))


def _kind(shown):
    """GUARD, ROUTE, or None: not ours."""
    cookie = shown["options"]["actions"][0].get("cookie", "")
    return int(cookie[16:18], 16) if cookie.startswith(COOKIE) else None


def kernel(edge, block=BLOCK):
    """(guards, {(chain, prefix): route}, prefs of others) of the block."""
    guards, routes, foreign = [], {}, set()
    for shown in edge.sw.filters("block %d" % block):
        kind = _kind(shown)
        one = Filter(shown) if kind in (GUARD, ROUTE) else None
        if kind == GUARD:
            guards.append(one)
        elif kind == TRY:
            raise Disagree("a filter that only tried something: %r" % shown)
        elif kind == ROUTE:
            key = (one.chain, one.prefix)
            assert key not in routes, "doubled: %s %s" % key
            routes[key] = one
        else:
            foreign.add((shown["chain"], shown["pref"]))
    return guards, routes, foreign


def tries(edge, block=BLOCK):
    """Filters of ours that tried what ports take; none lasts."""
    return [f for f in edge.sw.filters("block %d" % block)
            if _kind(f) == TRY]


# ---------------------------------------------------------------- the switch

def _destination(line):
    """The prefix an entry of the switch compares with."""
    bits, value = 0, [0] * 4
    for word in line["match"]:
        if DST <= word["word"] < DST + 4:
            bits += bin(int(word["mask"], 16)).count("1")
            value[word["word"] - DST] = int(word["value"], 16)
    number = 0
    for word in value:
        number = number << 32 | word
    if any(w["word"] == 3 and int(w["value"], 16) & 0xffff == 0x86dd
           for w in line["match"]):
        return str(ipaddress.IPv6Network((number, bits)))
    return str(ipaddress.IPv4Network((number >> 96, bits)))


def switch(edge, others):
    """{(chain, pref, prefix): (kind, slots, packets)} of all entries later than
    chain 0 that are installed, but those at (chain, pref) of others."""
    ret = {}
    for line in edge.sw.installed():
        if not line["chain"] or (line["chain"], line["pref"]) in others:
            continue
        actions = line["actions"]
        kind = actions[0] if len(actions) == 1 else "forward"
        assert kind != "forward" or actions[-1] == "redirect", line
        ret[line["chain"], line["pref"], _destination(line)] = (
            kind, line["slots"], line["packets"])
    return ret


# ---------------------------------------------------------------- offloadd

def one_route(edge, entry):
    vrf = entry["vrf"]
    return edge.show("route " + entry["prefix"] + (
        " vrf " + vrf if vrf != "default" else ""))


def expected(edge, route):
    """What the filter of a route in state "offloaded" may do: a list."""
    if route["action"] == "discard":
        return [("drop",)]
    ret = []
    for hop in route["nexthops"]:
        device, _, tag = hop["interface"].partition(".")
        ret.append(("forward", device, hop["mac"],
                    port_mac(hop["interface"]), int(tag) if tag else None))
    return ret


def _check_states(edge, entries):
    """Every route that claims an entry has it, and the other way round."""
    claim = {"offloaded": "real", "covered": "punt"}
    routes = {(r["vrf"], r["prefix"]): claim[r["state"]]
              for r in edge.show("route")["routes"] if r["state"] in claim}
    _differ("show offload route, and entries", routes,
            {key: e["entry"] for key, e in entries.items()})


def _check_routes(edge, entries, filters):
    """tc has what offloadd says, and does what the route says."""
    _differ("prefixes of offloadd and of tc", dict.fromkeys(
        (p for _, p in entries), True), dict.fromkeys(
            (p for _, p in filters), True))
    assert len(entries) == len(filters), "a filter too many: %r" % (
        sorted(filters),)
    asked = {}  # one route of those that forward alike
    for (_, prefix), one in filters.items():
        network = ipaddress.ip_network(prefix)
        assert one.pref == 2 + network.max_prefixlen - network.prefixlen, \
            "%s stands at pref %d" % (prefix, one.pref)
        mine = [e for (_, p), e in entries.items() if p == prefix]
        if any(e["entry"] == "punt" for e in mine):
            allowed = [("trap",)]
        else:
            for e in mine:
                if e["identity"] not in asked:
                    asked[e["identity"]] = expected(edge, one_route(edge, e))
            allowed = [w for e in mine for w in asked[e["identity"]]]
        if one.does not in allowed:
            raise Disagree("%s: tc does %r, the route says %r" % (
                prefix, one.does, allowed))
        if not one.in_hw or one.count != 1:
            raise Disagree("%s: in_hw %s, count %s" % (
                prefix, one.in_hw, one.count))


def _check_guards(edge, guards):
    """Each port that is up leads what is for its MAC into the routes."""
    want, got = set(), set()
    for port in edge.ports:
        if "UP" not in edge.sw.ip("link show dev " + port)[0]["flags"]:
            continue
        for family in edge.led:
            want.add((port, family, port_mac(port)))
    for one in guards:
        assert one.in_hw, one.options
        # In chain 0, or behind the list of its port.
        if one.does[0] == "goto":
            got.add((one.options["indev"], one.keys["eth_type"],
                     one.keys["dst_mac"]))
        else:
            assert one.does == ("trap",) and one.pref == 1, one.options
    _differ("guards and ports", dict.fromkeys(want, True),
            dict.fromkeys(got, True))
    spent = {one.chain for one in guards if one.does[0] != "goto"}
    led = {one.does[1] for one in guards if one.does[0] == "goto"}
    assert led <= spent, "chains without a guard for the TTL: %r" % (
        led - spent)


def _check_switch(edge, entries, guards, filters, foreign):
    """Hardware holds the very same, and it adds up."""
    ours = {(f.chain, f.pref, p): f for (_, p), f in filters.items()}
    routes = switch(edge, foreign | {(g.chain, g.pref) for g in guards})
    _differ("the switch and tc", {k: v[0] for k, v in routes.items()},
            {k: f.does[0] for k, f in ours.items()})
    _differ("packets of the switch and of tc",
            {k: v[2] for k, v in routes.items()},
            {k: f.packets for k, f in ours.items()})
    used = sum(e["slots"] for e in entries.values())
    # An IPv6 default route has no address to compare with: a slot less.
    slots = sum(v[1] for v in routes.values()) + sum(
        1 for k in routes if k[2] == "::/0")
    told = edge.table()["used"]
    if not used == slots == told:
        raise Disagree("slots: entries %d, switch %d, table %d" % (
            used, slots, told))
    everything = sum(line["slots"] for line in edge.sw.installed())
    if edge.sw.occ() != everything:
        raise Disagree("occupancy %d, entries of the switch %d" % (
            edge.sw.occ(), everything))


def once(edge):
    entries = {(e["vrf"], e["prefix"]): e for e in edge.entries()}
    assert edge.table()["entries"] == len(entries)
    _check_states(edge, entries)
    guards, filters, foreign = kernel(edge)
    _check_routes(edge, entries, filters)
    _check_guards(edge, guards)
    _check_switch(edge, entries, guards, filters, foreign)


def compare(edge):
    """Agreement on every entry, or what they disagree on."""
    def moves():
        table = edge.table()
        return [table[k] for k in ("added", "replaced", "deleted", "lost",
                                   "refused", "inFlight", "opsSent")] + \
            [table.get("lists", {}).get("writes")]

    def settled():
        edge.quiet()
        before = moves()
        try:
            once(edge)
        except AssertionError:
            if moves() == before:
                raise
            return False  # it was at work meanwhile
        return True

    until("%s at rest long enough to look" % TABLE, settled)
