# SPDX-License-Identifier: GPL-2.0-or-later
"""devlink: sizes, occupancy, ports, and reload with everything in use."""

import pytest

from lab import read
from packets import frame
from routing import Router
from tools import until
from wire import inside, sysctl

HANDLE = "platform/tcamsim.%d"
RULE = "pref 1 protocol ip flower dst_ip 10.0.0.%d skip_sw action drop"


def resize(sw, path, size, switch=0):
    sw.devlink("resource set %s path %s size %d" % (
        HANDLE % switch, path, size))


def reload(sw, switch=0, more=""):
    sw.listen()  # sockets on the ports do not hold it up
    sw.devlink("dev reload %s%s" % (HANDLE % switch, more))
    sw.restart()


def test_resources(switch):
    sw = switch(ports=1, tcam_slots=77, lpm_slots=33)
    found = sw.resources()
    assert {n: (r["size"], r["unit"], r["occ"]) for n, r in found.items()} \
        == {"acl_tcam": (77, "entry", 0),
            "lpm": (33, "entry", found["lpm"]["occ"])}


def test_coupled_resources(switch):
    sw = switch(ports=1, tcam_slots=77, lpm_slots=33, coupled=1)
    found = sw.resources()
    assert sorted(found) == ["acl_tcam", "lpm", "memory"]
    assert found["memory"]["size"] == 110
    assert found["memory"]["depth"] < found["acl_tcam"]["depth"] == \
        found["lpm"]["depth"]


def test_ports(switch):
    sw = switch(ports=2, switches=2)
    ports = sw.devlink("port show")["port"]
    mine = {v["netdev"]: (k, v["flavour"], v.get("port")) for k, v in
            ports.items() if "tcamsim" in k}
    assert sorted(mine) == ["sw1", "sw2", "sw3", "sw4"]
    for name, (handle, flavour, _) in mine.items():
        assert flavour == "physical"
        assert handle.startswith(HANDLE % (name in ("sw3", "sw4")))
    links = {n: sw.ip("link show " + n)[0] for n in sw.port_names()}
    assert [links[n]["phys_port_name"] for n in sw.port_names()] == \
        ["p1", "p2", "p3", "p4"]


def test_size_is_in_force_after_reload(switch):
    sw = switch(ports=1, tcam_slots=8)
    before = sw.ip("link show sw1")[0]["ifindex"]
    resize(sw, "acl_tcam", 3)
    table = sw.resources()["acl_tcam"]
    assert (table["size"], table["size_new"]) == (8, 3)
    for n in range(5):
        sw.add(RULE % n)
    reload(sw)
    assert sw.ip("link show sw1")[0]["ifindex"] != before
    table = sw.resources()["acl_tcam"]
    assert (table["size"], table["occ"]) == (3, 0)
    sw.ports_up()
    assert sw.filters() == [] and sw.tcam() == []
    for n in range(3):
        sw.add(RULE % n)
    sw.refused(RULE % 3, "0 of 3 free")
    sw.expect("sw1", frame(dst="10.0.0.1"))


def test_larger(switch):
    sw = switch(ports=1, tcam_slots=1)
    resize(sw, "acl_tcam", 3000)
    reload(sw)
    sw.ports_up()
    sw.tc(*("filter add dev sw1 ingress pref 1 protocol ip flower dst_ip "
            "10.0.%d.%d skip_sw action drop" % (n >> 8, n & 255)
            for n in range(3000)))
    assert sw.occ() == 3000
    sw.refused(RULE.replace("10.0", "10.99") % 1, "0 of 3000 free")


@pytest.mark.parametrize("words", ["path acl_tcam size 100000000000",
                                   "path nothing size 5"])
def test_nonsense_sizes(switch, words):
    sw = switch(ports=1)
    refusal = sw.devlink_run("resource set %s %s" % (HANDLE % 0, words))
    assert refusal.returncode and refusal.stderr
    assert sw.resources()["acl_tcam"]["size"] == 1024
    assert "size_new" not in sw.resources()["acl_tcam"]


def test_coupled_tables_change_places(switch):
    sw = switch(ports=1, tcam_slots=8, lpm_slots=8, coupled=1)
    resize(sw, "memory/lpm", 4)
    resize(sw, "memory/acl_tcam", 12)
    reload(sw)
    found = sw.resources()
    assert (found["memory"]["size"], found["acl_tcam"]["size"],
            found["lpm"]["size"]) == (16, 12, 4)


def test_reload_with_everything_in_use(switch):
    sw = switch(ports=4, lpm_slots=256)
    router = Router(sw)
    router.add("172.16.0.0/16", "via 10.0.2.2")
    used = sw.occ("lpm")
    sw.tc("qdisc del dev sw1 clsact", "qdisc del dev sw2 clsact",
          "qdisc add dev sw1 ingress_block 1 clsact",
          "qdisc add dev sw2 ingress_block 1 clsact",
          *("filter add block 1 " + RULE % n for n in range(100)))
    sw.add("pref 1 chain 7 protocol all matchall skip_sw action trap", "sw3")
    sw.add("pref 1 protocol all matchall skip_sw action goto chain 7", "sw3")
    sw.host("away", "sw4")
    reload(sw)
    sw.taps.clear()
    assert sw.tcam() == [] and sw.occ() == 0
    sw.ports_up()
    with inside("away"):
        assert "sw4w" not in read("/proc/net/dev")
    # It is a router again when it has been told so again.
    router.setup()
    router.add("172.16.0.0/16", "via 10.0.2.2")
    assert sw.occ("lpm") == used
    router.goes("172.16.1.1", "sw2")


def test_routes_that_stay_are_offered_again(switch):
    """Not those of the ports, which are new; of all other devices."""
    sw = switch(ports=1, lpm_slots=64)
    sw.ip("route add blackhole 172.16.0.0/16")
    try:
        until("in the table", lambda: [
            r for r in sw.lines("lpm") if r["prefix"] == "172.16.0.0/16"])
        reload(sw)
        until("in the table again", lambda: [
            r for r in sw.lines("lpm") if r["prefix"] == "172.16.0.0/16"])
    finally:
        sw.ip("route del blackhole 172.16.0.0/16")


def test_an_lpm_table_comes_and_goes(switch):
    sw = switch(ports=2)
    assert sw.lines("lpm") == []
    resize(sw, "lpm", 200)
    reload(sw)
    sw.ports_up()
    router = Router(sw)
    router.add("172.16.0.0/16", "via 10.0.2.2")
    router.goes("172.16.1.1", "sw2")
    resize(sw, "lpm", 0)
    reload(sw)
    assert sw.lines("lpm") == [] and sw.occ("lpm") == 0
    sw.ip("rule add pref 100 to 10.0.0.0/8 table 50", "rule del pref 100")


def test_monitor(switch):
    """Whoever listens sees ports go and come."""
    sw = switch(ports=1)
    listener = sw.listener("devlink", "monitor")
    reload(sw)
    text = listener.until(
        "a new port", lambda text: "[port,new]" in
        text[text.find("[port,del]"):] and "sw1" in text
        if "[port,del]" in text else False)
    assert HANDLE % 0 in text


def test_reload_of_one_switch_leaves_the_other(switch):
    sw = switch(ports=1, switches=2)
    sw.add(RULE % 1, "sw1")
    sw.add(RULE % 1, "sw2")
    reload(sw, switch=1)
    assert (sw.occ(switch=0), sw.occ(switch=1)) == (1, 0)
    sw.ip("link set sw2w up", "link set sw2 up")
    sw.expect("sw1", frame(dst="10.0.0.1"))


def test_a_port_stays_in_its_namespace(switch):
    sw = switch(ports=1)
    sw.namespace("elsewhere")
    sw.ip.fails("link set sw1 netns elsewhere")
    sw.ip("link set sw1w netns elsewhere")


def test_move_to_a_namespace(switch):
    """The whole switch moves; it goes home when the namespace dies."""
    sw = switch(ports=2, lpm_slots=64)
    sw.add(RULE % 1)
    sw.namespace("elsewhere")
    sw.restart()
    sw.devlink("dev reload %s netns elsewhere" % (HANDLE % 0))
    with inside("elsewhere"):
        assert "sw1:" in read("/proc/net/dev")
        sysctl("net/ipv4/ip_forward", 0)
    assert "sw1:" not in read("/proc/net/dev")
    assert sw.tcam() == []
    # Unloading works from there as well; see test_removal.py for the rest.


def test_reload_many_times(switch):
    sw = switch(ports=2, lpm_slots=64)
    for n in range(5):
        sw.add(RULE % n)
        sw.ip("address add 10.0.1.1/24 dev sw1")
        reload(sw)
        sw.ports_up()
    assert sw.occ() == 0
