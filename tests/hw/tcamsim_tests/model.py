# SPDX-License-Identifier: GPL-2.0-or-later
"""
What an entry costs and what a filter matches, told a second time.

The costs come from the rule in the module's README, not from its code: ranges
are counted by halving intervals, where the module may do as it likes.  The
filters are dictionaries {key of tc: value}; of packets only the fields of
packets.py are looked at, never their bytes.
"""

import ipaddress

import packets

MAC_KEYS = {"src_mac", "dst_mac"}
IP_KEYS = {"src_ip", "dst_ip", "ip_proto", "ip_tos", "ip_ttl", "ip_flags",
           "src_port", "dst_port", "tcp_flags", "type", "code"}


def prefixes(low, high, begin=0, size=1 << 16):
    """The least number of prefixes that cover low..high and no more."""
    if high < begin or low >= begin + size:
        return 0
    if low <= begin and begin + size - 1 <= high:
        return 1
    half = size // 2
    return prefixes(low, high, begin, half) + \
        prefixes(low, high, begin + half, half)


def is_range(value):
    return isinstance(value, tuple)


def is_ipv6(value):
    return ":" in str(value)


def slots(match, ipv6_slots=2):
    """What an entry with these keys costs."""
    keys = set(match)
    width = 1
    if keys & MAC_KEYS and keys & IP_KEYS:
        width += 1
    if any(is_ipv6(match[k]) for k in keys & {"src_ip", "dst_ip"}):
        width += ipv6_slots - 1
    expansion = 1
    for key in ("src_port", "dst_port"):
        if is_range(match.get(key)):
            expansion *= prefixes(*match[key])
    return width * expansion


def command(match):
    """The words of tc for a filter; "protocol" is one of its keys."""
    words = ["protocol %s" % match["protocol"], "flower"]
    for key, value in match.items():
        if key == "protocol":
            continue
        if is_range(value):
            value = "%d-%d" % value
        words.append("%s %s" % (key, value))
    return " ".join(words)


def _masked(text, bits, number):
    """Does a number fit "value/mask", "value/length" or "value"?"""
    value, _, mask = str(text).partition("/")
    mask = int(mask, 0) if mask else (1 << bits) - 1
    return (number ^ int(value, 0)) & mask == 0


def _mac(text, mine):
    value, _, mask = text.partition("/")
    mask = packets.mac(mask or "ff:ff:ff:ff:ff:ff")
    return all((a ^ b) & m == 0 for a, b, m in zip(
        packets.mac(value), packets.mac(mine), mask))


def _address(text, mine):
    net = ipaddress.ip_network(text)
    return ipaddress.ip_address(mine) in net


def _port(value, mine):
    if is_range(value):
        return value[0] <= mine <= value[1]
    return _masked(value, 16, mine)


def hits(match, f):
    """Does a filter match a packet (without tags) with fields `f`?"""
    family = "ipv6" if ":" in f["src"] else "ip"
    if match["protocol"] not in (family, "all"):
        return False
    number = {"tcp": packets.TCP, "udp": packets.UDP, "icmp": packets.ICMP,
              "icmpv6": packets.ICMP6}
    ported = f["proto"] in (packets.TCP, packets.UDP, packets.SCTP)
    tests = {
        "protocol": lambda v: True,
        "src_mac": lambda v: _mac(v, f["smac"]),
        "dst_mac": lambda v: _mac(v, f["dmac"]),
        "src_ip": lambda v: _address(v, f["src"]),
        "dst_ip": lambda v: _address(v, f["dst"]),
        "ip_proto": lambda v: number[v] == f["proto"],
        "ip_tos": lambda v: _masked(v, 8, f["tos"]),
        "ip_ttl": lambda v: _masked(v, 8, f["ttl"]),
        "src_port": lambda v: ported and _port(v, f["sport"]),
        "dst_port": lambda v: ported and _port(v, f["dport"]),
        "tcp_flags": lambda v: f["proto"] == packets.TCP and _masked(
            v, 12, f["flags"]),
    }
    return all(tests[key](value) for key, value in match.items())


def verdict(rules, f):
    """The action of the first rule that matches; None: none does."""
    for match, action in rules:
        if hits(match, f):
            return action
    return None
