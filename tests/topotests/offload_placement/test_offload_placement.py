# SPDX-License-Identifier: GPL-2.0-or-later
"""A table of 100 slots for twice as many routes: who gets a slot is a matter of
price, the certificate says how good the choice is, and critical routes may
spend only so many slots on covers."""

import time

import offload
from offload import HOST4, wait_for

CAPACITY, HIGH, LOW = 100, 97, 90
COLD = offload.subnets("10.64.0.0/10", 24, 150)
HOT = offload.subnets("10.128.0.0/10", 24, 40)
FAMILY = "10.200.0.0/16"
CHILDREN = offload.subnets(FAMILY, 24, 20)
CUSTOMER = "198.18.0.0/16"
# Of the customer, but to stay in software: each needs a cover.
NEVER = offload.subnets(CUSTOMER, 24, 6)
KNOBS = [
    "hysteresis 15",
    "residence 2",
    "critical-cover-limit 4",
    "optional-writes 1000",
    "rebalance-interval 1",
]
CONF = """
ip prefix-list HOT seq 5 permit 10.128.0.0/10 le 32
ip prefix-list NEVER seq 5 permit {customer} ge 24
offload
 table main
  {knobs}
 exit
 rule 5
  match prefix-list NEVER
  set class never
 exit
 rule 20
  match prefix-list HOT
  set weight 1000
  set class best-effort
 exit
exit
""".format(customer=CUSTOMER, knobs="\n  ".join(KNOBS))

edge = offload.module_edge("placement", capacity=CAPACITY, extra={"offloadd": CONF})


def certified(edge, **want):
    """The table once its choice is made and certified, with these members of
    the certificate."""

    def right():
        t = edge.table()
        p = t.get("placement", {})
        return (
            p.get("valid")
            and not p["improving"]
            and t["used"] == t["planned"]
            and all(p[k] == v for k, v in want.items())
            and t
        )

    edge.wait_quiet()
    return wait_for(right, "a certificate with %s: %s" % (want, edge.table()))


def check_certificate(p):
    assert 90 <= p["qualityPercent"] <= 100, p
    assert 0 <= p["hitPercent"] <= 100, p
    for cls in ("", "Critical"):
        assert 0 <= p["value" + cls] <= p["bound" + cls] <= p["total" + cls], p
    assert p["price"] == 0 or p["priceCritical"] == 0, p


def states(edge, prefixes):
    routes = edge.routes()
    return {routes.get(p, {}).get("state") for p in prefixes}


def test_configured_and_shown(edge):
    block = [x.strip() for x in edge.offload_block()]
    for line in KNOBS:
        assert line in block, (line, block)
    assert not [x for x in block if x.startswith(("reserve", "no "))], block
    assert edge.table()["reserve"] == 3, "3 percent at most, by itself"


def test_room_for_all_has_no_price(edge):
    edge.static(*[(p, HOST4[0]) for p in COLD[:50]])
    edge.wait_table(used=50)
    t = certified(edge)
    check_certificate(t["placement"])
    assert t["placement"]["price"] == 0
    assert t["placement"]["qualityPercent"] == 100
    assert t["placement"]["value"] >= 50 * 100


def test_the_table_goes_to_the_heavy(edge):
    """The hot ones come last, when the table is full."""
    edge.static(*[(p, HOST4[0]) for p in COLD[50:]])
    wait_for(lambda: edge.table()["used"] >= LOW, "the table is full")
    edge.static(*[(p, HOST4[1]) for p in HOT])
    wait_for(lambda: states(edge, HOT) == {"offloaded"}, "all the hot ones are in")
    t = certified(edge, exact=True, qualityPercent=100)
    p = t["placement"]
    check_certificate(p)
    assert t["used"] == HIGH, t
    assert p["price"] > 0, "some wait"
    # A route counts one more than its weight.
    assert p["value"] == len(HOT) * 1001 + (HIGH - len(HOT)) * 101, p
    waiting = [r for r in edge.routes().values() if r["state"] == "waiting"]
    reasons = {r["reason"] for r in waiting if r["prefix"] in COLD}
    assert reasons and reasons <= {
        "below-price",
        "high-watermark",
        "evicted-for-better",
    }, reasons


def test_at_rest_nothing_is_written(edge):
    """Several sweeps of the same weights change nothing."""
    before = certified(edge)["opsSent"]
    end = time.monotonic() + 3
    while time.monotonic() < end:
        assert edge.table()["opsSent"] == before
        time.sleep(0.2)


def test_more_weight_is_worth_a_slot(edge):
    routes = edge.routes()
    cold = [p for p in COLD if routes[p]["state"] == "waiting"][0]
    edge.configure("ip prefix-list HOT seq 50 permit " + cold)
    edge.wait_route(cold, "offloaded")
    check_certificate(certified(edge)["placement"])
    edge.configure("no ip prefix-list HOT seq 50 permit " + cold)
    wait_for(lambda: edge.route(cold)["weight"] == 100, "as light as before")


def test_placement_by_price(edge):
    """Which may well be the optimum, too: then the bound says so."""
    before = certified(edge)["placement"]["searches"]
    edge.configure("offload", "table main", "no exact-placement")
    wait_for(
        lambda: certified(edge)["placement"]["searches"] > before,
        "a price was sought",
    )
    p = certified(edge)["placement"]
    check_certificate(p)
    assert p["exact"] == (p["value"] == p["bound"]), p


def test_exact_placement(edge):
    edge.configure("offload", "table main", "exact-placement")
    check_certificate(certified(edge, exact=True, qualityPercent=100)["placement"])


def test_one_entry_for_a_family(edge):
    """Twenty routes that lead where their parent does need no entries."""
    edge.static(*[(p, HOST4[2]) for p in [FAMILY] + CHILDREN])
    edge.wait_route(FAMILY, "offloaded")
    wait_for(lambda: states(edge, CHILDREN) == {"elided"}, "all of them elided")
    t = certified(edge)
    check_certificate(t["placement"])
    assert t["elided"] == len(CHILDREN), t
    edge.static(*[(p, HOST4[2], "no") for p in [FAMILY] + CHILDREN])
    edge.wait_gone(FAMILY)


def test_cover_limit_keeps_a_critical_route_out(edge):
    edge.static(*[(p, HOST4[3]) for p in NEVER])
    edge.static((CUSTOMER, HOST4[4]))
    r = edge.wait_route(CUSTOMER, "waiting", "critical-cover-limit")
    assert r["class"] == "critical"
    assert "critical-cover-limit" in r["remedy"]
    assert states(edge, NEVER) == {"waiting"}
    p = certified(edge)["placement"]
    assert (p["criticalCovers"], p["criticalCoverSlots"]) == ([], 0), p


def test_a_higher_limit_lets_it_in(edge):
    edge.configure("offload", "table main", "critical-cover-limit 6")
    edge.wait_route(CUSTOMER, "offloaded")
    wait_for(lambda: states(edge, NEVER) == {"covered"}, "covers are there")
    t = certified(edge)
    assert t["placement"]["criticalCoverSlots"] == len(NEVER)
    assert t["placement"]["criticalCoverRoutes"] == 1
    assert t["placement"]["criticalCovers"] == [
        {"prefix": CUSTOMER, "vrf": "default", "coverSlots": len(NEVER)}
    ]
    assert t["covers"] >= len(NEVER)
    check_certificate(t["placement"])


def test_the_certificate_in_words(edge):
    rc, out = edge.vtysh("show offload table main")
    assert rc == 0, out
    words = out[out.index("\nPlacement\n"):]
    for label in ("Slots", "Quality", "Value", "Hit share", "Price of a slot"):
        assert "\n  %s:" % label in words, words
    assert "%s: %d slots" % (CUSTOMER, len(NEVER)) in words, words
    assert max(map(len, out.splitlines())) < 80, out


def test_a_lower_limit_puts_it_out_again(edge):
    edge.configure("offload", "table main", "critical-cover-limit 5")
    edge.wait_route(CUSTOMER, "waiting", "critical-cover-limit")
    edge.configure("offload", "table main", "no critical-cover-limit")
    edge.wait_route(CUSTOMER, "offloaded")


def test_back_to_the_defaults(edge):
    edge.configure(
        "offload", "table main", *["no " + line.split()[0] for line in KNOBS]
    )
    block = " ".join(edge.offload_block())
    for line in KNOBS:
        assert line.split()[0] not in block, block
    check_certificate(certified(edge)["placement"])
