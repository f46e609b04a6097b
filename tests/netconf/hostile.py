#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Damaged NETCONF to a daemon that was built with sanitizers.

    tests/netconf/hostile.py BUILD-DIR [--frames N] [--seed N]

Valid conversations, in both framings, are damaged at random, the same for the
same seed, and sent over the unix socket by several users, many frames at once:
most are framed well and damaged inside, so that they come far; some are damaged
in their frames.  After it the daemon is to answer, to have no session but the
one that asks, to have grown no more, and to have had nothing to report.

The last line but a few is JSON: figures.  Needs root.
"""

import random
import re
import select
import socket
import time

import house
from program import program
from raw import BASE, BASE10, BASE11, EOM, Raw, chunked, hello, rpc

OFL = "http://frrouting.org/yang/offload"
ACM = "urn:ietf:params:xml:ns:yang:ietf-netconf-acm"
MON = "urn:ietf:params:xml:ns:yang:ietf-netconf-monitoring"
NOTIF = "urn:ietf:params:xml:ns:netconf:notification:1.0"
YANG = "urn:ietf:params:xml:ns:yang:1"
WD = "urn:ietf:params:xml:ns:yang:ietf-netconf-with-defaults"


def edit(inner, store="candidate", more=""):
    return f"<edit-config><target><{store}/></target>{more}<config>" \
           f'<offload xmlns="{OFL}" xmlns:nc="{BASE}">{inner}</offload>' \
           "</config></edit-config>"


def get(filter, what="get", source=""):
    return f"<{what}>{source}<filter {filter}</{what}>"


RUNNING = "<source><running/></source>"
SEEDS = [
    edit("<table><name>t1</name><capacity>5</capacity><tc><port>p1</port>"
         "</tc></table>"),
    edit('<rule nc:operation="create"><sequence>7</sequence><match><tag>4'
         "</tag></match><set><class>never</class></set></rule>", "running"),
    edit('<rule nc:operation="remove"><sequence>7</sequence></rule>',
         "running", "<default-operation>none</default-operation>"),
    edit('<table nc:operation="replace"><name>t1</name><high-watermark>'
         "<percent>50</percent></high-watermark></table>", "candidate",
         "<test-option>test-only</test-option>"),
    edit('<table nc:operation="delete"><name>main</name></table>', "candidate",
         "<error-option>rollback-on-error</error-option>"),
    "<edit-config><target><candidate/></target><config>"
    f'<nacm xmlns="{ACM}"><rule-list xmlns:y="{YANG}" y:insert="before" '
    'y:key="[name=\'a\']"><name>b</name><group>g</group><rule><name>r</name>'
    f'<path xmlns:o="{OFL}">/o:offload/o:rule</path><access-operations>read'
    "</access-operations><action>deny</action></rule></rule-list></nacm>"
    "</config></edit-config>",
    get(f'type="subtree"><offload xmlns="{OFL}"><rule><sequence>10</sequence>'
        "</rule></offload></filter>", "get-config", RUNNING),
    get(f'xmlns:o="{OFL}" type="xpath" select="/o:offload/o:rule[o:sequence='
        "'10' or count(o:match) &gt; 1]/o:set\"/>", "get-config", RUNNING),
    get(f'type="subtree"><offload xmlns="{OFL}"><state><flow><vrf>default'
        "</vrf><prefix>192.0.2.0/24</prefix></flow></state></offload>"
        "</filter>"),
    get(f'xmlns:o="{OFL}" type="xpath" select="//o:flow[o:state=\'waiting\']'
        '/o:reason"/>'),
    "<get/>",
    f'<get-config>{RUNNING}<with-defaults xmlns="{WD}">report-all-tagged'
    "</with-defaults></get-config>",
    "<copy-config><target><candidate/></target><source><running/></source>"
    "</copy-config>",
    "<copy-config><target><candidate/></target><source><config>"
    f'<offload xmlns="{OFL}"><default-class>never</default-class></offload>'
    "</config></source></copy-config>",
    "<delete-config><target><candidate/></target></delete-config>",
    "<lock><target><candidate/></target></lock>",
    "<unlock><target><candidate/></target></unlock>",
    "<lock><target><running/></target></lock>",
    "<unlock><target><running/></target></unlock>",
    "<validate><source><candidate/></source></validate>",
    "<commit/>",
    "<commit><confirmed/><confirm-timeout>1</confirm-timeout><persist>p"
    "</persist></commit>",
    "<commit><persist-id>p</persist-id></commit>",
    "<cancel-commit><persist-id>p</persist-id></cancel-commit>",
    "<discard-changes/>",
    "<kill-session><session-id>4</session-id></kill-session>",
    f'<get-schema xmlns="{MON}"><identifier>frr-offload</identifier><version/>'
    "<format>yang</format></get-schema>",
    f'<create-subscription xmlns="{NOTIF}"><stream>NETCONF</stream>'
    "<startTime>2026-01-01T00:00:00Z</startTime></create-subscription>",
    f'<create-subscription xmlns="{NOTIF}"><filter type="subtree">'
    f'<watermark-crossed xmlns="{OFL}"/></filter></create-subscription>',
    f'<explain xmlns="{OFL}"><prefix>192.0.2.1</prefix></explain>',
    f'<find-flows xmlns="{OFL}"><state>waiting</state><limit>3</limit>'
    "<after><vrf>default</vrf><prefix>10.0.0.0/8</prefix></after>"
    "</find-flows>",
    f'<rebalance xmlns="{OFL}"/>', f'<audit xmlns="{OFL}"/>',
]
ENDS = [chunked(rpc("<close-session/>", 1).encode()), b"\n#5\nab", EOM,
        b"\n#1\n" * 1000, b"x" * 100000, chunked(b"<a>" * 30000)]
WORDS = [w.encode() for w in (
    "<", ">", "/>", "</", "&", "&amp;", "&#0;", "&#x10ffff;", "&lt;", "]]>",
    "]]>]]>", "\n#", "\n##\n", "\n#4294967295\n", "<!--", "-->", "<![CDATA[",
    "<?xml version='1.1'?>", "<!DOCTYPE a [<!ENTITY b 'c'>]>", "%s%n", "'",
    '"', ' xmlns=""', f' xmlns:nc="{BASE}"', ' nc:operation="delete"',
    f' xmlns:y="{YANG}" y:insert="after"', "../..", "//*", "[1]", "count(//*)",
    "4294967296", "-1", "18446744073709551616", "é", "\x00",
    "a" * 300, "<a>" * 50, " b='1'" * 30)] + [b"\xff\xfe", b"\xc0\x80"]


class Mutator:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def damage(self, data, times):
        data, r = bytearray(data), self.random
        for _ in range(times):
            at = r.randrange(len(data) + 1)
            end = min(len(data), at + r.choice((1, 2, 5, 20, 100)))
            kind = r.randrange(7)
            if kind == 0 and at < len(data):
                data[at] ^= 1 << r.randrange(8)
            elif kind == 1:
                del data[at:end]
            elif kind == 2:
                data[at:at] = data[at:end] * r.choice((1, 1, 3, 50))
            elif kind in (3, 4):
                data[at:at] = r.choice(WORDS)
            elif kind == 5:
                other = r.choice(SEEDS).encode()
                begin = r.randrange(len(other))
                data[at:end] = other[begin:begin + r.randrange(60)]
            else:
                numbers = list(re.finditer(rb"\d+", data))
                if numbers:
                    m = r.choice(numbers)
                    data[m.start():m.end()] = r.choice(
                        (b"0", b"-1", b"65536", b"4294967296", b"9" * 30))
        return bytes(data)

    def message(self, number):
        r = self.random
        text = rpc(r.choice(SEEDS), number).encode()
        return self.damage(text, r.choice((0, 1, 1, 1, 2, 3, 8)))

    def conversation(self, count, is_chunked):
        """Bytes of so many frames after a hello.  A frame that is broken ends
        it, so there is one at the end at most; base 1.0 has no other answer
        to what is malformed than to hang up."""
        r = self.random
        greet = hello(BASE10, BASE11) if is_chunked else hello(BASE10)
        first = greet.encode()
        if r.random() < 0.02:
            first = self.damage(first, 2)
        frames = []
        for number in range(count if is_chunked else count // 10 + 1):
            text = self.message(number)
            frames.append(chunked(text, r.choice((0, 0, 0, 1, 30)))
                          if is_chunked else text + EOM)
        frames.append(self.damage(frames[-1], 2))
        if r.random() < 0.2:
            frames.append(r.choice(ENDS))
        return first + EOM + b"".join(frames)


MARK = b"</rpc-reply>"


def exchange(user, data, quiet_s=0.05, end_s=60):
    """Send and take what comes, until the daemon hangs up or says no more.
    Bytes that came, answers in them, and whether it hung up in time."""
    taken, sent, answers, tail = 0, 0, 0, b""
    deadline = time.monotonic() + end_s
    with socket.socket(socket.AF_UNIX) as s:
        with house.as_user(user):
            s.connect(house.SOCKET)
        s.setblocking(False)
        is_shut = False
        while time.monotonic() < deadline:
            want = [s] if sent < len(data) else []
            ready, room, _ = select.select([s], want, [], quiet_s)
            if not ready and not room and not is_shut:
                s.shutdown(socket.SHUT_WR)
                is_shut, data = True, b""
            try:
                if ready:
                    part = s.recv(1 << 18)
                    if not part:
                        return taken, answers, True
                    taken += len(part)
                    both = tail + part
                    answers += both.count(MARK) - tail.count(MARK)
                    tail = both[-len(MARK):]
                if room:
                    sent += s.send(data[sent:sent + 65536])
            except BlockingIOError:
                pass
            except OSError:  # it hung up
                return taken, answers, True
    return taken, answers, False


class Hostile:
    USERS = ("root", "root", "admin", "oper", "guest")

    def __init__(self, args):
        self.args = args
        self.seen = {}

    def reset(self):
        """What damage may have configured goes."""
        for line in ("no offload", "no nacm"):
            self.house.offloadd.cli("configure terminal", line)
        self.house.offloadd.cli("configure terminal",
                                *house.CONFIG.splitlines())

    def run(self):
        args = self.args
        env = {"ASAN_OPTIONS": "detect_leaks=0:quarantine_size_mb=8:"
                               "detect_stack_use_after_return=1",
               "UBSAN_OPTIONS": "print_stacktrace=1"}
        self.house = house.House(args.build, env=env, sshd=False)
        daemon, mutator = self.house.offloadd, Mutator(args.seed)
        answered = taken = stuck = conversations = 0
        rss = None
        began, cpu = time.monotonic(), daemon.cpu_s()
        while answered < args.frames and daemon.is_alive():
            data = mutator.conversation(args.batch,
                                        mutator.random.random() < 0.85)
            got, frames, ended = exchange(mutator.random.choice(self.USERS),
                                          data)
            answered, taken, stuck = answered + frames, taken + got, \
                stuck + (not ended)
            conversations += 1
            if conversations % 20 == 0:
                self.reset()
            if rss is None and answered >= args.frames // 4:
                rss = daemon.rss_bytes()
        daemon.check()
        self.seen = {
            "framesAnswered": answered, "conversations": conversations,
            "stuck": stuck, "bytesTaken": taken,
            "seconds": round(time.monotonic() - began, 1),
            "cpuSeconds": round(daemon.cpu_s() - cpu, 1),
            "rssBytes": daemon.rss_bytes(), "rssBytesAtQuarter": rss,
            "seed": args.seed}
        self.look()

    def look(self):
        def sessions():
            with Raw("root") as s:
                reply = s.do(f'<get><filter><netconf-state xmlns="{MON}">'
                             "<sessions/></netconf-state></filter></get>")
                return len(reply.all("session"))
        house.wait(lambda: sessions() == 1, "every session is gone", 30)
        self.seen["sessionsLeft"] = sessions() - 1
        self.house.offloadd.stop()
        with open(f"{house.RUN}/offloadd.out", errors="replace",
                  encoding="utf-8") as f:
            text = f.read()
        found = re.findall(r"runtime error:.*|ERROR: \w+Sanitizer.*", text)
        self.seen["reports"] = sorted(set(found))
        if found:
            print(text[-6000:])
        self.seen["status"] = self.house.offloadd.process.returncode

    def figures(self):
        return self.seen

    def checks(self):
        f = self.seen
        yield "so many frames were answered", \
            f["framesAnswered"] >= self.args.frames
        yield "every conversation ended", f["stuck"] == 0
        yield "no session is left", f["sessionsLeft"] == 0
        # What the sanitizer keeps, and what a leak would: each frame's tree.
        yield "memory does not grow without end", \
            f["rssBytes"] - f["rssBytesAtQuarter"] < (
                12 << 20) + 150 * f["framesAnswered"]
        yield "the sanitizers have nothing to report", not f["reports"]
        yield "it ends when it is told to", f["status"] == 0


if __name__ == "__main__":
    program(__file__, __doc__, {"frames": 4000, "seed": 1, "batch": 50},
            Hostile)
