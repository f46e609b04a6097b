#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Metrics as those who scrape get them: over TCP and over a socket, read with
the parser of Prometheus' own client, compared with the show commands; and what
hostile peers can do.

usage: tests/vtysh/metrics.py VTYSH OFFLOADD

As run.py, whose private directories these are: root, nothing of the machine is
touched.  The last line is "N passed, N failed".
"""
import grp
import http.client
import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time

import run as v
from run import RUN, SCRATCH, ask, check

try:
    from prometheus_client import parser as plain_parser
    from prometheus_client.openmetrics import parser as open_parser
except ImportError:
    print("python3-prometheus-client is not installed")
    sys.exit(77)

PORT = 9475
SOCKET = f"{RUN}/metrics.sock"
DOC = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                   "../../doc/metrics.md")
OPEN_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8"
PLAIN_TYPE = "text/plain; version=0.0.4; charset=utf-8"
# What Prometheus 2 says.
ACCEPT = ("application/openmetrics-text;version=1.0.0,"
          "application/openmetrics-text;version=0.0.1;q=0.75,"
          "text/plain;version=0.0.4;q=0.5,*/*;q=0.1")
TCP = ("127.0.0.1", PORT)
# As in http.h: connections at once, and how long one may last.
CLIENTS = 16
LIFE_S = 10

ROUTES = 40
CONFIG = f"""\
ip prefix-list TOP seq 5 permit 10.1.0.0/16 le 32
ip prefix-list NOT seq 5 permit 10.2.0.0/16 le 32
offload
 table main
  low-watermark 10 slots
  high-watermark 16 slots
  capacity 20
  exit
 table other
  capacity 100
  exit
 default table main
 rule 10
  match prefix-list TOP
  set class critical
  exit
 rule 20
  match prefix-list NOT
  set class never
  exit
 acl WEB
  seq 10 permit tcp any any eq 80
  seq 20 permit tcp any any eq 443
  exit
 timers settle 200
 metrics unix {SOCKET}
 metrics tcp {PORT}
 exit
"""


# --- asking ---

class At(http.client.HTTPConnection):
    """HTTP at an address, or at a path."""

    def __init__(self, place):
        super().__init__("localhost", timeout=v.DEADLINE_S)
        self.place = place

    def connect(self):
        self.sock = dial(self.place)


def dial(place):
    sock = socket.socket(
        socket.AF_UNIX if isinstance(place, str) else
        socket.AF_INET6 if ":" in place[0] else socket.AF_INET)
    sock.settimeout(v.DEADLINE_S)
    try:
        sock.connect(place)
    except OSError:
        sock.close()
        raise
    return sock


def get(place, path="/metrics", method="GET", **headers):
    """Status, headers, text."""
    at = At(place)
    try:
        at.request(method, path, headers=headers)
        said = at.getresponse()
        return said.status, said.headers, said.read().decode()
    finally:
        at.close()


def scrape(place=TCP):
    """{family: family}, by the parser of OpenMetrics, which is strict."""
    status, headers, text = get(place, Accept=ACCEPT)
    check(status == 200 and headers["Content-Type"] == OPEN_TYPE,
          "another answer", status, headers)
    check(text.endswith("# EOF\n"), "no end", text[-200:])
    families = list(open_parser.text_string_to_metric_families(text))
    found = {f.name: f for f in families}
    check(len(found) == len(families), "a family is there twice", text)
    for f in families:
        check(f.documentation and f.type != "unknown",
              f"{f.name} has no help, or no type")
        keys = [(s.name, tuple(sorted(s.labels.items()))) for s in f.samples]
        check(len(set(keys)) == len(keys), f"{f.name}: a sample twice", keys)
    return found


def value(families, name, **labels):
    """Of the one sample with these labels; `name` as the sample's."""
    base = re.sub("_(total|info)$", "", name)
    check(base in families, f"there is no {base}", sorted(families))
    found = [s.value for s in families[base].samples
             if s.name == name and s.labels == labels]
    check(len(found) == 1, f"{name} {labels}: {len(found)} of them",
          families[base].samples)
    return found[0]


def shown(command):
    return json.loads(ask(f"show offload {command} json"))


def listeners():
    return {at["kind"]: at for at in shown("metrics")["listeners"]}


def counters():
    said = shown("metrics")
    return said["scrapes"], said["errors"]


def fresh(*lines):
    v.empty_etc("frr.conf")
    v.restart()
    if lines:
        ask("configure terminal", *lines)


def configured():
    """Routes of every class, more than there is room for, all decided."""
    fresh(*CONFIG.splitlines(),
          *(f"ip route 10.{c}.{i}.0/24 blackhole"
            for c in range(4) for i in range(ROUTES // 4)))

    def settled():
        said = shown("summary")
        return said["feed"]["state"] == "settled" and \
            said["states"]["seen"] == 0 and said["dirty"] == 0 and \
            sum(said["classes"].values()) >= ROUTES and \
            all(not t["inFlight"] for t in said["tables"]) and \
            shown("table main")["placement"]["valid"]
    v.wait(settled, "everything is decided")


# --- where ---

def test_off_by_default():
    fresh("offload", "table main", "capacity 100")
    said = shown("metrics")
    check(said["listeners"] == [] and said["scrapes"] == 0, "it listens", said)
    check("Metrics are off" in ask("show offload metrics"), "not said")
    with open("/proc/net/tcp", encoding="utf-8") as f:
        check(f":{PORT:04X} " not in f.read(), "somebody listens")
    check(not os.path.exists(SOCKET), "there is a socket")


def test_places():
    """Each by itself, changed and taken away; at ::1, too."""
    fresh("offload", f"metrics unix {SOCKET}")
    v.wait(lambda: os.path.exists(SOCKET), "the socket")
    scrape(SOCKET)
    check(list(listeners()) == ["unix"], "listeners", listeners())
    st = os.lstat(SOCKET)
    check(stat.S_IMODE(st.st_mode) == 0o660, "its mode", oct(st.st_mode))
    check(grp.getgrgid(st.st_gid).gr_name == "frrvty", "its group", st.st_gid)

    ask("configure terminal", "offload", f"metrics tcp {PORT}")
    check(scrape(TCP).keys() == scrape(SOCKET).keys(), "they differ")
    # A change elsewhere lets both be: the file is the same.
    ask("configure terminal", "offload", "timers settle 300")
    check(os.lstat(SOCKET).st_ino == st.st_ino, "the socket was made anew")
    ask("configure terminal", "offload",
        f"metrics tcp {PORT + 1} address ::1", "no metrics unix")
    check(not os.path.exists(SOCKET), "the socket is still there")
    scrape(("::1", PORT + 1))
    for place in (TCP, ("127.0.0.1", PORT + 1), SOCKET):
        try:
            dial(place).close()
        except OSError:
            continue
        check(False, f"{place} still listens")
    check(listeners()["tcp"]["where"] == f"[::1]:{PORT + 1}",
          "where", listeners())
    ask("configure terminal", "no offload")
    check(listeners() == {}, "no offload left it", listeners())


def test_address_refused():
    fresh("offload", f"metrics tcp {PORT}")
    for address in ("0.0.0.0", "192.0.2.1", "127.0.0.2", "::",
                    "::ffff:127.0.0.1"):
        said = ask("configure terminal", "offload",
                   f"metrics tcp {PORT} address {address}", status=None)
        check("is not this machine alone" in said, address, said)
    said = ask("configure terminal", "offload", "metrics unix relative",
               status=None)
    check("absolute path" in said, "a path", said)
    said = ask("configure terminal", "offload", "metrics unix /" + 107 * "x",
               status=None)
    check("longer than 107" in said, "a path", said)
    check(listeners()["tcp"]["where"] == f"127.0.0.1:{PORT}" and
          "unix" not in listeners(), "it changed", listeners())


def second_daemon():
    """Another one, configured alike, in a space of its own."""
    space = f"{RUN}/other"
    os.makedirs(space, exist_ok=True)
    v.shutil.chown(space, "frr", "frrvty")
    conf = f"{SCRATCH}/other.conf"
    v.put(conf, f"offload\n metrics unix {SOCKET}\n metrics tcp {PORT}\n"
          "exit\n")
    with open(f"{SCRATCH}/other.log", "ab") as log:
        v.daemons["other"] = subprocess.Popen(
            [v.offloadd_path, "-N", "other", "-f", conf, "--vty_socket",
             space, "-i", f"{space}/offloadd.pid", "--database",
             f"{SCRATCH}/other.db", "-P", "0"],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def command(line):
        said = b""
        try:
            at = dial(f"{space}/offloadd.vty")
        except OSError:
            return None
        with at:
            at.sendall(line.encode() + b"\0")
            while said[-4:-1] != b"\0\0\0":
                data = at.recv(65536)
                if not data:
                    return None
                said += data
        return json.loads(said[:-4].decode())
    v.wait(lambda: (command("show offload metrics json") or
                    {"listeners": []})["listeners"],
           "the second daemon answers")
    return lambda: {a["kind"]: a for a in
                    command("show offload metrics json")["listeners"]}


def test_not_stolen():
    """Who has it keeps it; when he ends, who waits has it."""
    fresh("offload", f"metrics unix {SOCKET}", f"metrics tcp {PORT}")
    ours = os.lstat(SOCKET).st_ino
    other = second_daemon()
    said = other()
    check(not said["unix"]["listening"] and
          "it is in use" in said["unix"]["error"], "the socket", said)
    check(not said["tcp"]["listening"] and "in use" in said["tcp"]["error"],
          "the port", said)
    check(os.lstat(SOCKET).st_ino == ours, "the socket is another one")
    before = counters()
    scrape(TCP)
    scrape(SOCKET)
    check(counters()[0] == before[0] + 2, "the other one answered", counters())
    v.stop("offloadd")
    v.wait(lambda: all(a["listening"] for a in other().values()),
           "the second daemon has both")
    scrape(TCP)
    scrape(SOCKET)
    v.stop("other")
    check(not os.path.exists(SOCKET), "the second one left its socket")


def test_socket_of_the_dead():
    """Removed at the end; replaced after a death; else left alone."""
    fresh("offload", f"metrics unix {SOCKET}")
    scrape(SOCKET)
    v.stop("offloadd")
    check(not os.path.exists(SOCKET), "it was left")
    fresh("offload", f"metrics unix {SOCKET}")
    v.stop("offloadd", signal.SIGKILL)
    check(os.path.exists(SOCKET), "nothing was left to be replaced")
    fresh("offload", f"metrics unix {SOCKET}")
    scrape(SOCKET)
    ask("configure terminal", "offload", "no metrics unix")
    v.put(SOCKET, "precious")
    ask("configure terminal", "offload", f"metrics unix {SOCKET}")
    check("there is something else" in listeners()["unix"]["error"],
          "no reason", listeners())
    check(v.get(SOCKET) == "precious", "it was replaced")
    os.unlink(SOCKET)
    v.wait(lambda: listeners()["unix"]["listening"], "it is tried again")
    ask("configure terminal", "offload", f"metrics unix {RUN}/none/m.sock")
    check("No such file" in listeners()["unix"]["error"], "no reason",
          listeners())


# --- what ---

def test_formats():
    """By the header Accept; the older format has the same samples."""
    configured()
    for accept, kind in (
            (ACCEPT, OPEN_TYPE), ("application/openmetrics-text", OPEN_TYPE),
            ("*/*", PLAIN_TYPE), ("text/plain", PLAIN_TYPE),
            ("application/openmetrics-text; version=0.0.1", PLAIN_TYPE),
            ("application/openmetrics-text;q=0.2, text/plain", PLAIN_TYPE)):
        got = get(TCP, Accept=accept)[1]["Content-Type"]
        check(got == kind, f"{accept}: {got}")
    status, headers, text = get(SOCKET)
    check(headers["Content-Type"] == PLAIN_TYPE, "without Accept", headers)
    check("# EOF" not in text and "# UNIT" not in text, "of the newer format",
          text)
    plain = {s.name for f in plain_parser.text_string_to_metric_families(text)
             for s in f.samples}
    new = {s.name for f in scrape().values() for s in f.samples}
    check(plain == new, "other samples", plain ^ new)
    status, headers, body = get(TCP, method="HEAD")
    check(status == 200 and body == "" and
          int(headers["Content-Length"]) > 1000, "HEAD", status, headers)


def documented():
    """{family: (type, labels)} of the tables in the documentation."""
    rows = re.findall(r"^\| `(offloadd_\w+)` \| (\w+) \|([^|]*)\|",
                      v.get(DOC), re.M)
    return {name: (kind, tuple(sorted(re.findall(r"`(\w+)`", labels))))
            for name, kind, labels in rows}


def test_documented():
    """Every family with its type and labels, and no other."""
    configured()
    said = documented()
    for name, f in scrape().items():
        full = name + {"counter": "_total", "info": "_info"}.get(f.type, "")
        check(full in said, f"doc/metrics.md does not say {full}")
        kind, labels = said.pop(full)
        check(kind == f.type, f"{full} is a {f.type}, not a {kind}")
        have = {tuple(sorted(s.labels)) for s in f.samples} or {labels}
        if f.type == "stateset":
            have = {tuple(n for n in h if n != name) for h in have}
        check(have == {labels}, f"{full} has other labels", have, labels)
    check(not said, "doc/metrics.md says of what is not there", said)


TABLE = {"capacity": "capacity_slots", "used": "used_slots",
         "planned": "planned_slots", "covers": "cover_slots",
         "critical": "critical_slots", "high": "high_watermark_slots",
         "low": "low_watermark_slots", "reserve": "reserve_slots",
         "routes": "routes", "eligible": "eligible_routes",
         "waiting": "waiting_routes", "elided": "elided_routes",
         "entries": "entries", "opsSent": "operations_sent_total",
         "evictions": "evictions_total", "inFlight": "operations_in_flight",
         "ready": "ready", "silent": "silent"}
SPREAD = {"crossingsHigh": ("watermark_crossings_total", "watermark", "high"),
          "crossingsLow": ("watermark_crossings_total", "watermark", "low"),
          "opsOk": ("operations_answered_total", "result", "ok"),
          "opsFailed": ("operations_answered_total", "result", "failed"),
          **{k: ("entry_changes_total", "change", k) for k in
             ("added", "replaced", "deleted", "refused", "lost")}}


def same_table(families, name, said):
    def is_like(metric, want, **labels):
        have = value(families, f"offloadd_table_{metric}", table=name,
                     **labels)
        check(have == want, f"{name}: {metric} {labels} is {have}, shown "
              f"{want}")
    for key, metric in TABLE.items():
        is_like(metric, float(said[key]))
    for key, (metric, label, word) in SPREAD.items():
        is_like(metric, said[key], **{label: word})
    for state in ("open", "closed"):
        is_like("admission", float(said["admission"] == state),
                offloadd_table_admission=state)
    place = said["placement"]
    is_like("certificate_valid", float(place["valid"]))
    for ratio, key in (("quality_ratio", "qualityPercent"),
                       ("hit_ratio", "hitPercent")):
        have = value(families, f"offloadd_table_{ratio}", table=name)
        check(0 <= have <= 1 and abs(have * 100 - place[key]) < 0.002,
              f"{name}: {ratio} is {have}, shown {place[key]}")
    for cls, end in (("best-effort", ""), ("critical", "Critical")):
        for metric, key in (("plan_weight", "value"),
                            ("bound_weight", "bound"),
                            ("routes_weight", "total")):
            have = value(families, f"offloadd_table_{metric}", table=name,
                         **{"class": cls})
            check(abs(have - place[key + end]) <= 1,
                  f"{name}: {metric} of {cls} is {have}", place)


def same_sums(families, said):
    flows = families["offloadd_flows"].samples
    for label, key in (("state", "states"), ("class", "classes")):
        for word, want in said[key].items():
            have = sum(s.value for s in flows if s.labels[label] == word)
            check(have == want, f"flows, {label} {word}: {have}, shown {want}")
    for s in families["offloadd_flows_by_reason"].samples:
        check(s.value == said["reasons"].get(s.labels["reason"], 0),
              "by reason", s, said["reasons"])
    for name, want in (
            ("flow_transitions_total", said["transitions"]),
            ("flow_illegal_transitions_total", 0),
            ("feed_routes", said["feed"]["routes"]),
            ("feed_held_routes", said["feed"]["held"]),
            ("feed_connected", 1),
            ("feed_messages_total", said["feed"]["messages"]),
            ("feed_received_bytes_total", said["feed"]["bytes"]),
            ("feed_announced_routes_total", said["feed"]["routesAdded"]),
            ("feed_withdrawn_routes_total", said["feed"]["routesDeleted"]),
            ("store_dropped_records_total", said["store"]["dropped"]),
            ("store_queue_limit_records", said["store"]["queueLimit"]),
            ("acl_lists", 1), ("acl_entries", 2), ("acl_attachments", 0)):
        have = value(families, f"offloadd_{name}")
        check(have == want, f"{name} is {have}, shown {want}")
    for state in ("connecting", "syncing", "settled", "lost"):
        have = value(families, "offloadd_feed_state",
                     offloadd_feed_state=state)
        check(have == (state == said["feed"]["state"]), f"feed {state}", have)
    for state in ("off", "ok", "degraded"):
        have = value(families, "offloadd_store_state",
                     offloadd_store_state=state)
        check(have == (state == said["store"]["state"]), f"store {state}",
              have)
    turn = value(families, "offloadd_loop_longest_turn_seconds")
    check(0 < turn <= said["turnMaxUs"] / 1e6, "longest turn", turn)


def walked():
    """Flows by class and state, one by one."""
    sums = {}
    for f in shown("route")["routes"]:
        key = (f["class"], f["state"])
        sums[key] = sums.get(key, 0) + 1
    return sums


def test_same_numbers():
    """As the show commands say it at the same moment."""
    configured()
    families, said = scrape(), shown("summary")
    same_sums(families, said)
    for name in ("main", "other"):
        same_table(families, name, shown(f"table {name}"))
    flows = {(s.labels["class"], s.labels["state"]): s.value
             for s in families["offloadd_flows"].samples if s.value}
    check(flows == walked(), "class by state", flows, walked())
    check(len({c for c, _ in flows}) == 3 and len(flows) > 3,
          "too little happened", flows)
    alarms = {s.labels["alarm"]: s.value
              for s in families["offloadd_alarms"].samples}
    raised = shown("alarms")
    want = dict.fromkeys(alarms, 0)
    for a in raised["alarms"]:
        want[a["alarm"]] += 1
    want["critical-not-offloaded"] = raised["criticalNotOffloaded"]["count"]
    check(alarms == want, "alarms", alarms, want)
    check(alarms["watermark-crossed"] == 1, "the table is not closed", alarms)
    version = families["offloadd_build"].samples[0].labels["version"]
    check(version in v.run("--version", program=v.offloadd_path), "version",
          version)


def test_traffic():
    """No sample of it while none is counted; then those of the show command."""
    configured()

    def samples():
        return {s.name for f in scrape().values() for s in f.samples
                if re.search("_traffic_|_sampl|_counter_reading", s.name)}
    check(not samples(), "without traffic", samples())
    ask("configure terminal", "offload", "traffic count packets")
    families, said = scrape(), shown("traffic")
    check(value(families, "offloadd_traffic_flows", held_back="yes") ==
          said["heldBack"], "held back", said)
    for table in said["tables"]:
        check(value(families, "offloadd_table_traffic_packets_total",
                    table=table["name"], by="hardware") <=
              table["hardwarePackets"], "packets", table)
        for result in ("ok", "lost", "not-routed"):
            value(families, "offloadd_table_samples_total",
                  table=table["name"], result=result)
    ask("configure terminal", "offload", "no traffic count")
    check(not samples(), "it is counted no longer", samples())


def test_failures_counted():
    configured()
    before = value(scrape(), "offloadd_flow_failures_total",
                   reason="hardware-error")
    check("%" not in ask("offload exercise table main fail 1 no luck"),
          "the exercise")
    ask("configure terminal", "ip route 10.1.200.0/24 blackhole")
    v.wait(lambda: value(scrape(), "offloadd_flow_failures_total",
                         reason="hardware-error") > before,
           "the failure is counted")
    v.wait(lambda: value(scrape(), "offloadd_table_operations_answered_total",
                         table="main", result="failed") > 0, "and the answer")


# --- who ---

def test_not_asked_for():
    """Other paths and methods; each is an error, and explained."""
    fresh("offload", f"metrics tcp {PORT}")
    for path, method, status, words in (
            ("/", "GET", 404, "are at /metrics"),
            ("/metrics/x", "GET", 404, "are at /metrics"),
            ("/metrics", "POST", 405, "GET only"),
            ("/metrics", "DELETE", 405, "GET only")):
        said = get(TCP, path, method)
        check(said[0] == status and words in said[2], f"{method} {path}", said)
    check(get(TCP, method="PUT")[1]["Allow"] == "GET, HEAD", "Allow")
    check(get(TCP, "/metrics?name=x")[0] == 200, "a query")
    v.wait(lambda: counters() == (1, 5), f"counted: {counters()}")


def answer(sock):
    """All that comes until the end; a reset is an end, too."""
    said = b""
    try:
        while True:
            data = sock.recv(65536)
            if not data:
                return said
            said += data
    except ConnectionError:
        return said


def hostile(sock, data):
    try:
        sock.sendall(data)
    except OSError:
        pass


def test_too_long():
    """Requests of any length, and no request at all."""
    fresh("offload", f"metrics tcp {PORT}")
    for data in (b"GET /metrics HTTP/1.1\r\nHost: x\r\nX: " + 200000 * b"y",
                 b"GET /" + 200000 * b"y" + b" HTTP/1.1\r\nHost: x\r\n\r\n",
                 b"GET /metrics HTTP/1.1\r\nHost: x\r\n" +
                 5000 * b"A: b\r\n" + b"\r\n",
                 b"GET /metrics HTTP/1.1\r\nHost: x\r\nAccept: " +
                 1000 * b"text/plain," + b"\r\n\r\n",
                 b"POST /metrics HTTP/1.1\r\nHost: x\r\n"
                 b"Content-Length: 99999999999999999999\r\n\r\n",
                 b"POST /metrics HTTP/1.1\r\nHost: x\r\n"
                 b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
                 b"GET /metrics HTTP/1.1\r\n\r\n",
                 b"\0\xff\r\n\r\n" + os.urandom(3000), 40000 * b"\r\n",
                 b"G"):
        sock = dial(TCP)
        hostile(sock, data)
        try:
            sock.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        said = answer(sock)
        sock.close()
        check(not said.startswith(b"HTTP/1.1 200"), "taken", data[:60], said)
        scrape()
    check(v.daemons["offloadd"].poll() is None, "it died")
    check(counters()[0] == 10, "scrapes", counters())


def test_one_a_connection():
    """What follows a request is not answered."""
    fresh("offload", f"metrics tcp {PORT}")
    sock = dial(TCP)
    hostile(sock, 100 * b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
    said = answer(sock)
    check(said.count(b"HTTP/1.1 200") == 1, "so many were answered",
          said.count(b"HTTP/1.1 200"))
    check(b"\r\nConnection: close\r\n" in said, "not said", said[:400])
    sock.close()


def test_slow_and_many():
    """Those that say nothing, a byte now and then, or take no answer have a
    place for some seconds; others wait meanwhile, and so does no other work."""
    fresh("offload", f"metrics tcp {PORT}", f"metrics unix {SOCKET}")
    began = time.monotonic()
    idle = [dial(TCP) for _ in range(CLIENTS // 2)]
    slow = [dial(TCP) for _ in range(CLIENTS // 2)]
    v.wait(lambda: listeners()["tcp"]["clients"] == CLIENTS, "all places")
    late = dial(TCP)
    hostile(late, b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
    more = []
    for _ in range(200):
        sock = socket.socket()
        sock.setblocking(False)
        sock.connect_ex(TCP)
        more.append(sock)
    check(listeners()["tcp"]["clients"] <= CLIENTS, "more than the limit")
    # The other place has its own, and the daemon has time.
    scrape(SOCKET)
    head = b"GET /metrics HTTP/1.1\r\nHost: x\r\nX-Slow: "
    at = 0
    while slow and time.monotonic() - began < 3 * LIFE_S:
        for sock in list(slow):
            hostile(sock, head[at:at + 1] or b"y")
            try:
                sock.setblocking(False)
                if not sock.recv(4096):
                    raise ConnectionResetError
            except BlockingIOError:
                pass
            except OSError:
                sock.close()
                slow.remove(sock)
        at += 1
        time.sleep(0.2)
    check(not slow, "a byte now and then keeps a place")
    for sock in more:
        sock.close()
    said = answer(late)
    check(said.startswith(b"HTTP/1.1 200"), "who waited got no answer", said)
    for sock in (*idle, late):
        check(sock is late or answer(sock).startswith((b"", b"HTTP/1.1 408")),
              "an answer to nothing")
        sock.close()
    v.wait(lambda: listeners()["tcp"]["clients"] == 0, "all are gone")
    scrape()
    check(counters()[1] >= CLIENTS, "errors", counters())


def test_no_reader():
    """Who asks and does not read the answer."""
    configured()
    socks = []
    for _ in range(CLIENTS):
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
        sock.connect(TCP)
        hostile(sock, b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
        socks.append(sock)
    scrape(SOCKET)
    v.wait(lambda: listeners()["tcp"]["clients"] == 0, "they are gone")
    scrape()
    for sock in socks:
        sock.close()


def test_crowd():
    """A thousand, one after the other and at once; nothing is left of them."""
    fresh("offload", f"metrics tcp {PORT}", f"metrics unix {SOCKET}")
    pid = v.daemons["offloadd"].pid
    files = len(os.listdir(f"/proc/{pid}/fd"))
    for i in range(1000):
        try:
            sock = dial(SOCKET if i % 2 else TCP)
        except BlockingIOError:
            continue  # as many wait as may
        if i % 3:
            hostile(sock, b"GET /metrics HTTP/1.0\r\n\r\n"[:i % 30])
        sock.close()
    v.wait(lambda: all(a["clients"] == 0 for a in listeners().values()),
           "all are gone")
    scrape()
    v.wait(lambda: len(os.listdir(f"/proc/{pid}/fd")) <= files + 1,
           "descriptors are left")
    turn = shown("metrics")["longestUs"]
    print(f"  longest scrape {turn} us")


if __name__ == "__main__":
    v.enter(__file__, __doc__)
    sys.exit(v.run_tests(globals()))
