# SPDX-License-Identifier: GPL-2.0-or-later
"""A router of which every show command has something to say, with names as long
as they may be: for tests of how answers look.

The namespaces and daemons are run.py's.  stages() brings the router from one
state to the next; at each of them every command of commands() may be asked.
It judges nothing.
"""

import json
import os
import re
import socket
import struct
import subprocess
import time

import run as v
from run import RUN, SCRATCH, ask, check, empty_etc, put, wait

TREE = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
PORT, PEER = "wide-port-names", "wide-peer"
TABLE = "table-" + 57 * "t"
DOWN = "down-" + 58 * "d"
ACL = "acl-" + 59 * "a"
FRAMES = "frames-" + 56 * "f"
FLOW = "flow-" + 58 * "f"
GROUP = "group-" + 58 * "g"
LIST = "list-" + 59 * "l"
RULE = "rule-" + 59 * "r"
USER = "user-" + 27 * "u"
PREFIX_LIST = "LIST-" + 58 * "P"
VRF = "vrf-" + 11 * "v"
WORDS = "out of slots, said the driver, and there is nothing to be done about " \
    "it before somebody buys a larger switch"
V4, V6 = "192.0.2", "2001:db8:ffff:ffff:ffff:ffff:ffff"
# Longest as text.
HOSTS = [f"2001:db8:aaaa:bbbb:cccc:dddd:eeee:{i:x}/128"
         for i in range(0x1001, 0x1011)]
NETS = [f"198.51.100.{i}/32" for i in range(100, 120)]
DATABASE = f"{SCRATCH}/{'long-directory-name-' * 4}/offload.db"

CONFIG = f"""\
ip prefix-list {PREFIX_LIST} seq 5 permit 10.0.0.0/8
ipv6 prefix-list {PREFIX_LIST} seq 5 permit 2001:db8::/32
ip prefix-list NEVER seq 5 permit 10.1.0.0/16
ip prefix-list NEVER seq 10 permit 11.0.0.0/8 ge 16
ip prefix-list LIMITED seq 5 permit 11.0.0.0/8
ip prefix-list DOWN seq 5 permit 12.0.0.0/8 le 32
access-list NEAR seq 5 permit 192.0.2.0/24
vrf {VRF}
exit-vrf
offload
 default table {TABLE}
 table {TABLE}
  provider emulated
  capacity 16
  reserve 0
  high-watermark 12 slots
  low-watermark 8 slots
  critical-cover-limit 3
  rebalance-interval 3600
  slot-cost ipv6 1
  exit
 table {DOWN}
  provider emulated
  capacity 100
  exit
 table ports
  provider tc
  tc port {PORT}
  tc port lo
  tc mode hardware
  exit
 rule 5
  match prefix-list NEVER
  set class never
  exit
 rule 10
  match prefix-list {PREFIX_LIST}
  match family ipv4
  match prefix-length 0 32
  match distance 0 200
  match metric 0 100000
  match protocol static
  match vrf default
  set class critical
  set weight 7
  set offload-or-fail
  exit
 rule 12
  match prefix-list LIMITED
  set class critical
  exit
 rule 15
  match prefix-list DOWN
  match tag 12
  set mice-filter kilobytes 4294967295 window 3600
  set class best-effort
  set table {DOWN}
  exit
 rule 20
  match nexthop-interface {PORT}
  match access-list NEAR
  set class never
  exit
 acl {ACL} mixed
  remark {'the servers of the customers ' * 3}
  seq 10 permit tcp 2001:db8:aaaa:bbbb::/64 range 1024 65535 2001:db8:aaaa:bbbb:cccc:dddd:eeee:1001/128 range 8000 9000 flags syn
  seq 4294967290 permit ip any any
  exit
 acl {FRAMES} ethernet
  seq 5 permit ethernet ethertype arp
  exit
 access-group {ACL} interface {PORT} in
 access-group {ACL} interface {PORT} out
 access-group NEAR interface lo in
 access-group {'absent-' + 56 * 'x'} interface {PEER} in
 flow {FLOW} interface {PORT} priority 7 permit tcp 2001:db8:aaaa:bbbb::/64 any eq 22 class critical
 flow {FLOW} remark whatever happens to the others
 flow short interface lo deny ethernet ethertype lldp
 database batch 50
 metrics unix {RUN}/metrics-{'long-' * 10}.sock
 metrics tcp 9475 address ::1
 timers settle 200 max 2000
 timers hardware-timeout 100
 timers retry 3600000
 no feed shrink-guard
 exit
nacm
 group {GROUP}
  user {USER}
  user admin
  exit
 rule-list {LIST}
  group {GROUP}
  rule {RULE}
   module frr-offload
   path /frr-offload:offload/table[name='{TABLE}']/high-watermark
   access create update
   comment {'nobody may do that ' * 6}
   action deny
   exit
  rule rpcs
   rpc {'operation-' + 40 * 'o'}
   action permit
   exit
  exit
 exit
"""


# --- commands ---

def templates():
    """Every show command of ours, as vtysh has it."""
    found = set()
    for line in ask("find show").splitlines():
        m = re.fullmatch(r"\s*\((?:view|enable)\)\s+(show (?:offload|nacm|netconf)\b.*)",
                         line)
        if m:
            found.add(re.sub(r"\s+", " ", m.group(1).strip()))
    check(len(found) > 15, "vtysh tells too few commands", found)
    return found


def word_form(template):
    """A template without what may be left out, <...> as X, and so {...}."""
    text = re.sub(r"\{.*\}", "X", template)
    while True:
        shorter = re.sub(r"\[[^][]*\]", "", text)
        shorter = re.sub(r"<[^<>]*>", "X", shorter)
        if shorter == text:
            return re.sub(r"\s+", " ", text).strip()
        text = shorter


# By word_form(): the commands to ask, each with the section of
# doc/show-json.md.
COMMANDS = {
    "show offload": [
        ("show offload", "show offload"),
        ("show offload summary", "show offload")],
    "show offload table": [
        ("show offload table", "show offload table"),
        (f"show offload table {TABLE}", "show offload table NAME"),
        (f"show offload table {DOWN}", "show offload table NAME"),
        ("show offload table ports", "show offload table NAME")],
    "show offload table WORD entries": [
        (f"show offload table {TABLE} entries",
         "show offload table NAME entries")],
    "show offload table WORD capabilities": [
        (f"show offload table {TABLE} capabilities",
         "show offload table NAME capabilities"),
        ("show offload table ports capabilities",
         "show offload table NAME capabilities")],
    "show offload route": [
        ("show offload route", "show offload route"),
        ("show offload route 2001:db8::/32 longer-prefixes",
         "show offload route"),
        (f"show offload route {HOSTS[0]}", "show offload route PREFIX"),
        ("show offload route 10.0.0.0/8", "show offload route PREFIX"),
        ("show offload route 10.1.0.0/16", "show offload route PREFIX"),
        ("show offload route 10.2.0.0/16", "show offload route PREFIX"),
        ("show offload route 10.9.9.9", "show offload route PREFIX"),
        ("show offload route 11.0.0.0/8", "show offload route PREFIX"),
        ("show offload route 12.1.0.0/16", "show offload route PREFIX"),
        (f"show offload route {NETS[0]}", "show offload route PREFIX"),
        (f"show offload route {HOSTS[0]} vrf {VRF}",
         "show offload route PREFIX")],
    "show offload flow": [
        ("show offload flow", "show offload flow"),
        ("show offload flow 1", "show offload flow ID")],
    "show offload flow WORD": [
        (f"show offload flow {FLOW}", "show offload flow static NAME")],
    "show offload flow static": [
        ("show offload flow static", "show offload flow static"),
        (f"show offload flow static {FLOW}", "show offload flow static NAME")],
    "show offload explain X": [
        (f"show offload explain {what}", "show offload explain PREFIX")
        for what in (HOSTS[0], HOSTS[-1], NETS[0], NETS[-1], "10.0.0.0/8",
                     "10.1.0.0/16", "10.2.0.0/16", "10.9.9.9", "10.9.0.0/16",
                     "11.0.0.0/8", "12.1.0.0/16", "127.0.0.0/8", "203.0.113.0/24",
                     "2001:db8:dddd:eeee:ffff:aaaa:bbbb:cccc",
                     "192.0.2.0/24", f"{HOSTS[0]} vrf {VRF}")],
    "show offload explain acl WORD (1-4294967295)": [
        (f"show offload explain acl {ACL} 10",
         "show offload explain acl NAME SEQUENCE"),
        (f"show offload explain acl {FRAMES} 5",
         "show offload explain acl NAME SEQUENCE"),
        (f"show offload explain acl {FRAMES} 6",
         "show offload explain acl NAME SEQUENCE")],
    "show offload acl": [
        ("show offload acl", "show offload acl"),
        (f"show offload acl {ACL}", "show offload acl NAME"),
        (f"show offload acl {FRAMES}", "show offload acl NAME"),
        ("show offload acl NEAR", "show offload acl NAME")],
    "show offload alarms": [("show offload alarms", "show offload alarms")],
    "show offload audit": [("show offload audit", "show offload audit")],
    "show offload foreign": [
        ("show offload foreign", "show offload foreign"),
        ("show offload foreign table ports", "show offload foreign")],
    "show offload fib": [("show offload fib", "show offload fib")],
    "show offload metrics": [("show offload metrics", "show offload metrics")],
    "show offload traffic": [
        ("show offload traffic", "show offload traffic"),
        ("show offload traffic top 1000", "show offload traffic"),
        (f"show offload traffic table {TABLE} top 1", "show offload traffic"),
        (f"show offload traffic table {DOWN}", "show offload traffic"),
        ("show offload traffic table absent", "show offload traffic")],
    "show offload simulate": [
        ("show offload simulate", "show offload simulate")],
    "show offload simulate WORD X": [
        (f"show offload simulate {TABLE} {change}", "show offload simulate")
        for change in ("capacity 11", "high-watermark 9 slots",
                       "low-watermark 1 slots reserve 2", f"class critical "
                       f"prefix-list {PREFIX_LIST} capacity 12",
                       f"class never prefix {NETS[0]}",
                       "class critical prefix ::/0 ge 1 capacity 10")] + [
        ("show offload simulate absent capacity 3", "show offload simulate"),
        (f"show offload simulate {DOWN} capacity 5", "show offload simulate")],
    "show offload rules": [("show offload rules", "show offload rules")],
    "show offload history": [
        ("show offload history", "show offload history"),
        (f"show offload history {HOSTS[0]}", "show offload history"),
        ("show offload history since never", "show offload history")],
    "show offload events": [("show offload events", "show offload events")],
    "show offload reasons": [("show offload reasons", "show offload reasons")],
    "show nacm": [("show nacm", "show nacm")],
    "show nacm user WORD": [
        (f"show nacm user {USER}", "show nacm user NAME"),
        ("show nacm user root", "show nacm user NAME")],
    "show netconf": [("show netconf", "show netconf")],
    "show netconf sessions": [
        ("show netconf sessions", "show netconf sessions")],
}


def commands():
    """(command, section) of all commands that there are; a command that is not
    in COMMANDS is a failure."""
    forms = {word_form(t): t for t in templates()}
    new = sorted(t for f, t in forms.items() if f not in COMMANDS)
    check(not new, "tests/vtysh/everything.py does not ask", "\n".join(new))
    gone = sorted(set(COMMANDS) - set(forms))
    check(not gone, "vtysh does not have", "\n".join(gone))
    without = sorted(t for t in forms.values() if "[json]" not in t)
    check(not without, "these do not take json", "\n".join(without))
    return [pair for form in sorted(forms) for pair in COMMANDS[form]]


# --- the router ---

def ip(*lines):
    subprocess.run(["ip", "-batch", "-"], input="\n".join(lines) + "\n",
                   text=True, check=True)


def make_links():
    ip("link set lo up",
       f"link add {PORT} type veth peer name {PEER}",
       f"link set {PORT} up", f"link set {PEER} up",
       f"addr add {V4}.1/24 dev {PORT}",
       f"addr add {V6}:1/112 dev {PORT} nodad",
       *[f"neigh add {where}{i} lladdr 02:00:00:00:00:0{i} dev {PORT} "
         "nud permanent" for i in range(2, 6) for where in (f"{V4}.",
                                                            f"{V6}:")])


def start(build):
    """The packaged daemons, and offloadd with its NETCONF server."""
    for name in list(v.daemons):
        v.stop(name)
    empty_etc("frr.conf")
    os.makedirs(os.path.dirname(DATABASE), exist_ok=True)
    v.shutil.chown(os.path.dirname(DATABASE), "frr", "frr")
    for name in v.FRR_DAEMONS:
        v.start(name)
    module = f"{build}/offloadd/netconf"
    v.start("offloadd", "--database", DATABASE,
            *(("--moduledir", module, "-M",
               f"netconf:socket={RUN}/netconf.sock")
              if os.path.isdir(module) else ()))
    wait(lambda: "is not running" not in ask("show offload", status=None),
         "offloadd answers")


def configure(*lines):
    put(f"{SCRATCH}/in.conf", "\n".join(lines) + "\n")
    out = v.run("-f", f"{SCRATCH}/in.conf", status=None)
    check("%" not in out, "not configured", out)


def offload(*lines):
    configure("offload", *lines, "exit")


def exercise(*lines):
    ask(*[f"offload exercise table {line}" for line in lines])


def routes(prefixes, gateway, no=False, more=""):
    """Static routes by the Nth neighbour."""
    configure(*[
        ("no " if no else "") +
        (f"ipv6 route {p} {V6}:{gateway}{more}" if ":" in p else
         f"ip route {p} {V4}.{gateway}{more}") for p in prefixes])


def route(prefix):
    rows = json.loads(ask("show offload route json"))["routes"]
    return next((r for r in rows if r["prefix"] == prefix), {})


def has_state(prefix, *states):
    wait(lambda: route(prefix).get("state") in states,
         f"{prefix} is {' or '.join(states)}: {route(prefix)}")


class Netconf:
    """A session after hello, which lasts."""

    def __init__(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(v.DEADLINE_S)
        self.sock.connect(f"{RUN}/netconf.sock")
        self.sock.sendall(
            b'<hello xmlns="urn:ietf:params:xml:ns:netconf:base:1.0">'
            b"<capabilities><capability>urn:ietf:params:netconf:base:1.0"
            b"</capability></capabilities></hello>]]>]]>")
        data = b""
        while not data.endswith(b"]]>]]>"):
            part = self.sock.recv(65536)
            check(part, "the NETCONF server hung up", data)
            data += part

    def close(self):
        # Reset, so that nothing of it is left.
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                             struct.pack("ii", 1, 0))
        self.sock.close()


def settled():
    feed = json.loads(ask("show offload json"))["feed"]
    return feed["state"] == "settled"


def crowded():
    """Routes of every state in a table that is too small."""
    configure(*CONFIG.splitlines())
    wait(settled, "the feed settled")
    exercise(f"{DOWN} down")
    routes(["10.0.0.0/8", "10.2.0.0/16"], 2)
    has_state("10.0.0.0/8", "offloaded")
    has_state("10.2.0.0/16", "elided")
    configure("ip route 10.1.0.0/16 blackhole")
    has_state("10.1.0.0/16", "covered")
    # Its covers are more than its limit.
    routes(["11.0.0.0/8"], 2)
    configure(*[f"ip route 11.{i}.0.0/16 {V4}.{i % 2 + 3} tag 9"
                for i in range(8)])
    routes(["12.1.0.0/16"], 3, more=" tag 12")
    exercise(f"{TABLE} refuse real {WORDS}")
    routes(HOSTS[:1], 4)
    has_state(HOSTS[0], "failed", "waiting")
    exercise(f"{TABLE} accept")
    routes(HOSTS[1:] + NETS, 3)
    has_state(NETS[-1], "waiting", "offloaded")
    wait(lambda: any(r["reason"] == "high-watermark" or
                     r["reason"] == "below-price" for r in
                     json.loads(ask("show offload route json"))["routes"]),
         "the table is full")


def troubled():
    """Failures, operations without an answer, differences, held routes."""
    exercise(f"{TABLE} lose-silently 10.0.0.0/8")
    ask("offload audit")
    wait(lambda: json.loads(ask("show offload audit json"))["found"],
         "the audit found it")
    exercise(f"{TABLE} silent on")
    routes(["10.0.0.0/8"], 2, no=True)
    routes(["10.0.0.0/8"], 5)
    wait(lambda: json.loads(ask(f"show offload table {TABLE} json"))["silent"],
         "the table is silent")
    offload("feed shrink-guard percent 1 hold 3600 minimum 1")
    routes(NETS, 3, no=True)
    wait(lambda: json.loads(ask("show offload json"))["feed"]["holding"],
         "withdrawals are held")


def refused():
    """A critical route that hardware refuses, for longer than alarms wait."""
    ask("offload feed release")
    exercise(f"{TABLE} silent off", f"{TABLE} refuse real {WORDS}")
    routes(["10.0.0.0/8"], 5, no=True)
    routes(["10.0.0.0/8"], 4)
    has_state("10.0.0.0/8", "failed")
    alarms = "criticalNotOffloaded", "offloadOrFailFailed"
    wait(lambda: all(json.loads(ask("show offload alarms json"))[a]["flows"]
                     for a in alarms), "the alarms are told")


def learns():
    """Has it?  Whose operation is refused is not known: so once more."""
    exercise(f"{TABLE} no-space 1")
    routes(["10.0.0.0/8"], 2)
    time.sleep(1)
    if "learned" in json.loads(ask(f"show offload table {TABLE} json")):
        return True
    routes(["10.0.0.0/8"], 2, no=True)
    wait(lambda: not route("10.0.0.0/8"), "the route is gone once more")
    return False


def smaller():
    """Hardware has no room although slots are left."""
    offload("no feed shrink-guard")
    routes(["10.0.0.0/8"], 4, no=True)
    wait(lambda: not route("10.0.0.0/8"), "the route is gone")
    exercise(f"{TABLE} accept")
    for _ in range(5):
        if learns():
            break


def counted():
    """Traffic decides."""
    offload("traffic count bytes", "traffic half-life 5", "traffic period 1",
            "traffic sampling rate 1")
    def said():
        return json.loads(ask("show offload traffic json"))
    wait(lambda: said()["count"] == "bytes", "traffic is counted")

    def seen():
        routes = json.loads(ask("show offload route json"))["routes"]
        exercise(*(f"{TABLE} traffic {r['prefix']} 5000" for r in routes
                   if r["state"] == "waiting" and r["vrf"] == "default"))
        return said()["heaviest"]
    wait(seen, "some of it is software's")


def lost():
    """No zebra, and no place for the database."""
    v.stop("zebra")
    offload("database path /proc/nowhere/offload.db")
    wait(lambda: {"feed-state", "store-degraded"} <=
         {a["alarm"] for a in json.loads(ask("show offload alarms json"))
          ["alarms"]}, "both are told")


def observed():
    """Drivers that offload by themselves are looked at; routes over FPM."""
    offload("rule 10", "no match distance", "no match metric", "exit")
    offload("no default table", f"no table {TABLE}", "no table ports",
            f"no table {DOWN}", "no rule 15", "fib observe",
            "fib resource /a/resource/with/a/name/that/is/rather/long/indeed",
            "rib feed fpm port 2699", "rib acknowledge offloaded",
            f"no access-group {ACL} interface {PORT} out")
    wait(lambda: "fpm" in json.loads(ask("show offload json")),
         "the feed is FPM")


def stages(build):
    """(name of a state, how to reach it from the one before)."""
    session = []

    def connect():
        crowded()
        if os.path.exists(f"{RUN}/netconf.sock"):
            session.append(Netconf())

    def bare():
        start(build)

    yield "bare", bare
    yield "crowded", connect
    yield "troubled", troubled
    yield "refused", refused
    yield "smaller", smaller
    yield "counted", counted
    yield "lost", lost
    yield "observed", observed
    for s in session:
        s.close()
