# SPDX-License-Identifier: GPL-2.0-or-later
"""A router that is managed by NETCONF: users of its own, the packaged zebra,
offloadd with the module, and OpenSSH's server on loopback.

Everything is in namespaces (bench/world.py, tools/sandbox.py) and ends with
them; the machine's users, keys and daemons are neither seen nor changed.  It
judges nothing: that is for the tests beside it.
"""

import contextlib
import os
import pwd
import re
import shutil
import socket
import subprocess
import sys
import time

TREE = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
sys.path.insert(0, TREE + "/bench")
from world import (RUN, Daemon, Failure, Feeder, enter,  # noqa: E402
                   make_world)

# Private to the sandbox: its /run is empty at the beginning.
DIR = "/run/netconf-test"
SOCKET = RUN + "/netconf.sock"
MODULE = "netconf"
RELAY_NAME = "offloadd-netconf"
PORT = 8300
SOCKET_GROUP = "netconf"
DEADLINE_S = 60
# name: uid, and the groups it is in besides its own.
USERS = {
    "admin": (2001, (SOCKET_GROUP,)),
    "oper": (2002, (SOCKET_GROUP, "operators")),
    "guest": (2003, (SOCKET_GROUP,)),
    "outsider": (2004, ()),
}
GROUPS = {SOCKET_GROUP: 2100, "operators": 2101}
# The daemon gives its socket to the group, so its user is in it.
MEMBERS = {**USERS, "frr": (None, (SOCKET_GROUP,))}

CONFIG = """\
ip prefix-list CUSTOMERS seq 5 permit 10.0.0.0/8 le 24
offload
 no feed shrink-guard
 table main
  capacity 2000
  rebalance-interval 3600
 exit
 rule 10
  match prefix-list CUSTOMERS
  set class critical
 exit
 database batch 50
 timers settle 200 max 2000
exit
"""

SSHD_CONFIG = """\
ListenAddress 127.0.0.1
Port {port}
HostKey {dir}/host_key
PidFile none
AuthorizedKeysFile {dir}/keys/%u.pub
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin yes
UseDNS no
MaxStartups 200
MaxSessions 100
LogLevel VERBOSE
Subsystem netconf {relay} {socket}
"""


def wait(condition, sentence, seconds=DEADLINE_S):
    """Until the condition gives something true, which is returned."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise Failure(f"in {seconds} s not so: {sentence}")
        time.sleep(0.02)


# --- users ---

def passwd_lines():
    yield "/etc/passwd", [
        f"{name}:x:{uid}:{uid}::{DIR}/home/{name}:/bin/sh"
        for name, (uid, _) in USERS.items()]
    yield "/etc/shadow", [f"{name}:*:19000:0:99999:7:::" for name in USERS]
    yield "/etc/group", [
        f"{name}:x:{uid}:" for name, (uid, _) in USERS.items()] + [
        f"{group}:x:{gid}:" + ",".join(
            name for name, (_, groups) in MEMBERS.items() if group in groups)
        for group, gid in GROUPS.items()]
    yield "/etc/gshadow", [f"{name}:!::" for name in [*USERS, *GROUPS]]


def make_users():
    """The system's users and these, in files that only we see."""
    os.makedirs(DIR + "/etc")
    files = dict(passwd_lines())
    if os.path.exists("/etc/nsswitch.conf"):
        files["/etc/nsswitch.conf"] = None
    for path, lines in files.items():
        if not os.path.exists(path):
            continue
        copy = DIR + path
        if lines is None:
            text = "passwd: files\ngroup: files\nshadow: files\n" \
                   "gshadow: files\nhosts: files\n"
        else:
            with open(path, encoding="utf-8") as f:
                text = "".join(line for line in f if line.split(":")[0] not in
                               {*USERS, *GROUPS})
            # Programs that look there for a home, and write, find a private
            # one.
            text = re.sub(r"^(root:.*:)[^:]*(:[^:]*)$", rf"\1{DIR}\2", text,
                          flags=re.M) if path == "/etc/passwd" else text
            text += "\n".join(lines) + "\n"
        with open(copy, "w", encoding="utf-8") as f:
            f.write(text)
        shutil.copystat(path, copy)
        subprocess.run(["mount", "--bind", copy, path], check=True)
    for name, (uid, _) in USERS.items():
        home = f"{DIR}/home/{name}"
        os.makedirs(home)
        os.chown(home, uid, uid)


@contextlib.contextmanager
def as_user(name):
    """What is opened in here is opened by that user, as the kernel says."""
    who = pwd.getpwnam(name)
    if who.pw_uid == 0:
        yield
        return
    before = os.getgroups(), os.getegid()
    os.setgroups(os.getgrouplist(name, who.pw_gid))
    os.setegid(who.pw_gid)
    os.seteuid(who.pw_uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(before[1])
        os.setgroups(before[0])


# --- daemons ---

def module_argument(build, path, options):
    words = {"socket": path, "group": SOCKET_GROUP, **options}
    return ["--moduledir", f"{build}/offloadd/netconf", "-M",
            MODULE + ":" + ",".join(f"{k}={v}" for k, v in words.items())]


class Offloadd(Daemon):
    """offloadd with the module; another name than the first one's is for a
    daemon beside it, with other limits and without zebra."""

    def __init__(self, build, config=CONFIG, name="offloadd", env=None,
                 more=(), **options):
        self.socket = SOCKET if name == "offloadd" else f"{RUN}/{name}.sock"
        where = f"{RUN}/{name}"
        os.makedirs(where, exist_ok=True)
        conf = f"/etc/frr/{name}.conf"
        with open(conf, "w", encoding="utf-8") as f:
            f.write(config)
        for path in (where, conf):
            shutil.chown(path, "frr", "frr")
        command = [f"{build}/offloadd/offloadd", "-A", "127.0.0.1", "-P", "0",
                   "-f", conf, "--database", f"{where}/offload.db",
                   "--log", f"file:{RUN}/{name}.log",
                   *module_argument(build, self.socket, options), *more]
        if name != "offloadd":
            command += ["--vty_socket", where, "-i", where + "/pid",
                        "-z", where + "/zserv.api"]
        super().__init__(name, command, env and {**os.environ, **env})
        if name != "offloadd":
            self.vty_path = f"{where}/offloadd.vty"

    def wait_socket(self):
        self.wait_vty(DEADLINE_S)

        def listens():
            self.check()
            with socket.socket(socket.AF_UNIX) as s:
                return s.connect_ex(self.socket) == 0
        wait(listens, f"{self.name} listens on {self.socket}")

    @contextlib.contextmanager
    def terminal(self):
        """A lasting connection, as a vtysh has one: call it with commands,
        which may be refused; it returns the answer to the last one."""
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(DEADLINE_S)
            s.connect(self.vty_path)

            def run(*lines):
                text = ""
                for line in lines:
                    s.sendall(line.encode() + b"\0")
                    data = b""
                    while data[-4:-1] != b"\0\0\0":
                        part = s.recv(1 << 16)
                        if not part:
                            raise Failure(f"the daemon hung up on: {line}")
                        data += part
                    text = data[:-4].rstrip(b"\0").decode()
                return text
            run("enable")
            yield run

    def cli(self, *lines):
        with self.terminal() as run:
            return run(*lines)


class Sshd:
    """OpenSSH's server, in the foreground; `Subsystem netconf` is the relay."""

    def __init__(self, relay, path, port=PORT):
        self.port = port
        os.makedirs("/run/sshd", mode=0o755, exist_ok=True)
        os.makedirs(DIR + "/keys", exist_ok=True)
        # Built somewhere where users may have no way to.
        program = f"{DIR}/{os.path.basename(relay)}"
        shutil.copy(relay, program)
        os.chmod(program, 0o755)
        self.keys = {name: self.key(name) for name in ("root", *USERS)}
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f",
                        DIR + "/host_key"], check=True)
        with open(DIR + "/sshd_config", "w", encoding="utf-8") as f:
            f.write(SSHD_CONFIG.format(dir=DIR, port=port, relay=program,
                                       socket=path))
            # Newer servers shut those out for a while whom they refused.
            if self.knows("PerSourcePenalties=no"):
                f.write("PerSourcePenalties no\n")
        self.log = DIR + "/sshd.log"
        with open(self.log, "w", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                ["/usr/sbin/sshd", "-D", "-e", "-f", DIR + "/sshd_config"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait(self.listens, "sshd listens")

    @staticmethod
    def knows(option):
        return subprocess.run(
            ["/usr/sbin/sshd", "-t", "-f", "/dev/null", "-o", option, "-h",
             DIR + "/host_key"], stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, check=False).returncode == 0

    @staticmethod
    def key(name):
        # What the old library of yangcli can do: no RSA with SHA-2, and PEM.
        path = f"{DIR}/keys/{name}"
        subprocess.run(["ssh-keygen", "-q", "-t", "ecdsa", "-m",
                        "PEM", "-N", "", "-C", name, "-f", path], check=True)
        return path

    def listens(self):
        if self.process.poll() is not None:
            with open(self.log, encoding="utf-8") as f:
                raise Failure("sshd ended: " + f.read()[-2000:])
        with socket.socket() as s:
            return s.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(10)


class House:
    def __init__(self, build, config=CONFIG, env=None, sshd=True,
                 options=None):
        self.build = build
        self.daemons, self.ssh, self.feeder = [], None, None
        make_world()
        os.makedirs(DIR)
        os.chmod(DIR, 0o755)
        make_users()
        os.environ["HOME"] = DIR
        with open("/etc/frr/vtysh.conf", "w", encoding="utf-8"):
            pass
        try:
            self.start_zebra()
            self.offloadd = Offloadd(build, config, env=env,
                                     **(options or {}))
            self.daemons.append(self.offloadd)
            self.offloadd.wait_socket()
            if sshd:
                self.ssh = Sshd(f"{build}/offloadd/netconf/{RELAY_NAME}",
                                SOCKET)
        except BaseException:
            self.stop()
            raise

    def start_zebra(self):
        self.zebra = Daemon("zebra", [
            "/usr/lib/frr/zebra", "-A", "127.0.0.1", "-P", "0",
            "--log", f"file:{RUN}/zebra.log"])
        self.daemons.append(self.zebra)
        self.zebra.wait_vty(DEADLINE_S)

    def beside(self, name, **options):
        """Another offloadd, with these options of the module (`more`: of the
        daemon)."""
        daemon = Offloadd(self.build, "", name=name, **options)
        self.daemons.append(daemon)
        daemon.wait_socket()
        return daemon

    def end(self, daemon):
        self.daemons.remove(daemon)
        daemon.stop()

    def feed(self, *options):
        """Routes, until unfeed()."""
        before = sys.stdin  # what pytest puts there is no file
        with open(os.devnull, encoding="ascii") as sys.stdin:
            self.feeder = Feeder([f"{self.build}/bench/feeder", *options])
        sys.stdin = before

        def announced():
            self.feeder.look()
            return self.feeder.announced
        wait(announced, "the feeder has announced its routes", 400)

    def unfeed(self):
        if self.feeder:
            self.feeder.stop()
            self.feeder = None

    def summary(self):
        return self.offloadd.ask_json("show offload summary json")

    def vtysh(self, *commands):
        """Our vtysh: status and what it printed."""
        proc = subprocess.run(
            [f"{self.build}/vtysh/vtysh",
             *[word for c in commands for word in ("-c", c)]],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            timeout=DEADLINE_S, check=False)
        return proc.returncode, proc.stdout

    def stop(self):
        self.unfeed()
        if self.ssh:
            self.ssh.stop()
        for daemon in reversed(self.daemons):
            daemon.stop()


def missing(build):
    """What a run cannot do without."""
    paths = [f"{build}/offloadd/offloadd", f"{build}/vtysh/vtysh",
             f"{build}/offloadd/netconf/{RELAY_NAME}", "/usr/lib/frr/zebra",
             "/usr/sbin/sshd", "/usr/bin/ssh-keygen"]
    return [path for path in paths if not os.access(path, os.X_OK)]


__all__ = ["DIR", "House", "Failure", "Offloadd", "PORT", "RUN", "SOCKET",
           "SOCKET_GROUP", "TREE", "USERS", "as_user", "enter", "missing",
           "wait"]
