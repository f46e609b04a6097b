# SPDX-License-Identifier: GPL-2.0-or-later
"""What an entry costs: written down, by a model, and by devlink."""

import random

import pytest

import model
from packets import TCP, frame

MAC = "02:00:00:00:00:0a"
# (keys of a filter, slots)
ROWS = [
    ({"protocol": "ip"}, 1),
    ({"protocol": "all"}, 1),
    ({"protocol": "all", "src_mac": MAC, "dst_mac": MAC}, 1),
    ({"protocol": "ip", "src_mac": MAC}, 1),
    ({"protocol": "ip", "dst_ip": "10.0.0.1", "src_ip": "10.0.0.0/8"}, 1),
    ({"protocol": "ip", "ip_proto": "udp", "dst_ip": "10.0.0.1",
      "src_port": 5, "dst_port": 6}, 1),
    ({"protocol": "ip", "src_mac": MAC, "dst_ip": "10.0.0.1"}, 2),
    ({"protocol": "ip", "dst_mac": MAC, "ip_tos": "0x4"}, 2),
    ({"protocol": "ip", "dst_mac": MAC, "ip_ttl": 4}, 2),
    ({"protocol": "ip", "dst_mac": MAC, "ip_proto": "udp"}, 2),
    ({"protocol": "ip", "dst_mac": MAC, "ip_proto": "udp", "dst_port": 4}, 2),
    ({"protocol": "ipv6", "ip_proto": "udp", "dst_port": 4}, 1),
    ({"protocol": "ipv6", "dst_ip": "2001:db8::1"}, 2),
    ({"protocol": "ipv6", "src_ip": "2001:db8::/32"}, 2),
    ({"protocol": "ipv6", "src_ip": "2001:db8::/32",
      "dst_ip": "2001:db8::/32"}, 2),
    ({"protocol": "ipv6", "src_ip": "2001:db8::/32", "dst_mac": MAC}, 3),
    ({"protocol": "ip", "ip_proto": "tcp", "dst_port": (1, 65534)}, 30),
    ({"protocol": "ip", "ip_proto": "tcp", "dst_port": (1, 65535)}, 16),
    ({"protocol": "ip", "ip_proto": "tcp", "dst_port": (1, 32767)}, 15),
    ({"protocol": "ip", "ip_proto": "tcp", "dst_port": (1024, 65535)}, 6),
    ({"protocol": "ip", "ip_proto": "tcp", "dst_port": (32768, 65535)}, 1),
    ({"protocol": "ip", "ip_proto": "tcp", "dst_port": (1000, 2000)}, 8),
    ({"protocol": "ip", "ip_proto": "tcp", "dst_port": (80, 81)}, 1),
    ({"protocol": "ip", "ip_proto": "tcp", "dst_port": (81, 82)}, 2),
    ({"protocol": "ip", "ip_proto": "tcp", "src_port": (1, 6),
      "dst_port": (1, 14)}, 4 * 6),
    ({"protocol": "ip", "ip_proto": "udp", "src_port": (1, 65534),
      "dst_port": (1, 65534)}, 900),
    ({"protocol": "ip", "ip_proto": "udp", "src_mac": MAC,
      "dst_port": (1, 65534)}, 60),
    ({"protocol": "ipv6", "ip_proto": "udp", "dst_ip": "2001:db8::1",
      "src_mac": MAC, "dst_port": (1, 6)}, 12),
    ({"protocol": "ip", "ip_proto": "udp", "src_port": 7,
      "dst_port": (1, 6)}, 4),
    ({"protocol": "ip", "ip_proto": "udp", "dst_port": "0x1000/0xf000"}, 1),
]


@pytest.mark.parametrize("match, slots", ROWS,
                         ids=[model.command(m) for m, _ in ROWS])
def test_cost(lasting, match, slots):
    assert model.slots(match) == slots
    lasting.add("pref 1 %s skip_sw action drop" % model.command(match))
    assert lasting.occ() == slots
    assert lasting.tcam()[0]["slots"] == slots


@pytest.mark.parametrize("ipv6_slots", [1, 4])
def test_ipv6_costs_what_was_asked_for(switch, ipv6_slots):
    sw = switch(ports=1, ipv6_slots=ipv6_slots)
    total = 0
    for n, (match, _) in enumerate(ROWS, 1):
        if model.slots(match) < 100:
            sw.add("pref %d %s skip_sw action drop"
                   % (n, model.command(match)))
            total += model.slots(match, ipv6_slots)
            assert sw.occ() == total


def test_matchall_costs_one(lasting):
    lasting.add("pref 1 protocol all matchall skip_sw action drop")
    assert lasting.occ() == 1


def test_what_is_dropped_from_software_too_costs_the_same(lasting):
    lasting.add("pref 1 protocol ipv6 flower dst_ip 2001:db8::1 action drop")
    lasting.add("pref 2 protocol ipv6 flower dst_ip 2001:db8::2 skip_hw "
                "action drop")
    assert lasting.occ() == 2


def test_random_ranges_cost_and_edges(lasting):
    """Any range: its slots, and exactly its ports match."""
    seed = random.randrange(1 << 32)
    print("seed", seed)
    rng = random.Random(seed)
    for _ in range(25):
        low = rng.randrange(1, 65535)
        high = min(65535, low + 1 + rng.randrange(1 << rng.randrange(1, 17)))
        match = {"protocol": "ip", "ip_proto": "tcp", "dst_port": (low, high)}
        lasting.add("pref 1 %s skip_sw action drop" % model.command(match))
        assert lasting.occ() == model.slots(match), (low, high)
        ports = {p for p in (low - 1, low, high, high + 1, (low + high) // 2)
                 if 0 <= p <= 65535}
        lasting.inject("sw1", *(frame(proto=TCP, dport=p) for p in ports))
        within = sum(low <= p <= high for p in ports)
        assert lasting.tcam()[0]["packets"] == within, (low, high)
        lasting.clear()
