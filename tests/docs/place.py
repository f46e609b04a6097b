# SPDX-License-Identifier: GPL-2.0-or-later
"""The router that a page is about: packaged FRRouting, offloadd, interfaces and
neighbours, in namespaces that are ours alone (tools/sandbox.py).

Which world a block wants is the first word of its name; what follows a slash
is only to tell two of them apart.  A name that is not below is `emulated`.
"""

import contextlib
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TREE = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, TREE + "/tests/netconf")
import house  # noqa: E402
from house import DEADLINE_S, Daemon, wait  # noqa: E402
from terminal import SECRET  # noqa: E402
from world import hide_machine, ip  # noqa: E402

SBIN = "/usr/lib/frr"
STATE = "/var/lib/frr"
BIN = "/usr/local/bin"
ETC = "/etc/frr"
SSH_PORT = 830
FRR_DAEMONS = ("zebra", "staticd", "bgpd", "ospfd")
# Worlds that are not just offloadd with the emulated provider: more words for
# a daemon, and whether there is an SSH server before NETCONF.
KINDS = {
    "fpm": {"zebra": ["-M", "dplane_fpm_nl"]},
    "tcli": {"offloadd": ["--tcli"], "terminal": True},
    "ssh": {"sshd": True},
}
# Of each port: the networks behind it, and neighbours .10 to .25 in them.
PORTS = {"swp1": ("192.0.2", "2001:db8:0:1:"),
         "swp2": ("203.0.113", "2001:db8:0:2:"),
         "swp3": ("198.18.3", "2001:db8:0:3:"),
         "swp4": ("198.18.4", "2001:db8:0:4:")}
# What make install puts where, and from where in the build directory.
PROGRAMS = {f"{SBIN}/offloadd": "offloadd/offloadd",
            f"{SBIN}/offloadd-netconf": "offloadd/netconf/offloadd-netconf",
            f"{BIN}/vtysh": "vtysh/vtysh",
            f"{BIN}/offload-reload": "reload/offload-reload"}


def make_links():
    lines = ["link set lo up"]
    for number, (port, (v4, v6)) in enumerate(PORTS.items()):
        lines += [f"link add {port} type veth peer name peer{number}",
                  f"link set {port} up", f"link set peer{number} up",
                  f"addr add {v4}.1/24 dev {port}",
                  f"addr add {v6}:1/64 dev {port} nodad"]
        for i in range(10, 26):
            mac = f"02:00:00:00:{number:02x}:{i:02x}"
            lines += [f"neigh add {v4}.{i} lladdr {mac} dev {port} "
                      "nud permanent",
                      f"neigh add {v6}:{i:x} lladdr {mac} dev {port} "
                      "nud permanent"]
    ip(*lines)


class World:
    """What is up; stop() ends it."""

    def __init__(self, build, name):
        self.build = os.path.abspath(build)
        self.kind = KINDS.get(name.split("/")[0], {})
        self.has_terminal = self.kind.get("terminal", False)
        self.daemons, self.ssh, self.session = [], None, None
        self.asked = None
        self.dir = "/run/docs"
        self.make_place()
        try:
            self.start()
        except BaseException:
            self.stop()
            raise

    def make_place(self):
        os.makedirs(self.dir + "/sbin")
        subprocess.run(["mount", "--bind", SBIN, self.dir + "/sbin"],
                       check=True)
        hide_machine(STATE, BIN, SBIN)
        for name in os.listdir(self.dir + "/sbin"):
            os.symlink(f"{self.dir}/sbin/{name}", f"{SBIN}/{name}")
        for path, made in PROGRAMS.items():
            if os.path.islink(path):  # of an installation
                os.unlink(path)
            os.symlink(f"{self.build}/{made}", path)
        os.makedirs(house.DIR)
        os.chmod(house.DIR, 0o755)
        house.make_users()
        os.makedirs(self.dir + "/cwd")
        os.environ.update(
            HOME=house.DIR, LC_ALL="C.UTF-8", TZ="UTC", COLUMNS="200",
            PATH=f"{BIN}:{SBIN}:/usr/sbin:/usr/bin:/sbin:/bin")
        os.chdir(self.dir + "/cwd")
        self.put("vtysh.conf", "")
        if self.has_terminal:
            self.put("offloadd.conf", f"password {SECRET}\n")
        else:
            self.put("frr.conf", "")
        make_links()

    @staticmethod
    def put(name, text):
        path = f"{ETC}/{name}"
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        shutil.chown(path, "frr", "frr")

    def start(self):
        for name in FRR_DAEMONS:
            self.run(name, f"{SBIN}/{name}")
        self.start_offloadd()
        if self.kind.get("sshd"):
            self.start_sshd()

    def run(self, name, program, *words):
        daemon = Daemon(name, [
            program, "-A", "127.0.0.1", "--log",
            f"file:{house.RUN}/{name}.log", *words,
            *self.kind.get(name, ())])
        self.daemons.append(daemon)
        daemon.wait_vty(DEADLINE_S)
        return daemon

    def start_offloadd(self):
        self.offloadd = self.run(
            "offloadd", f"{self.build}/offloadd/offloadd",
            *house.module_argument(self.build, house.SOCKET, {}))
        wait(lambda: os.path.exists(house.SOCKET) or
             not self.offloadd.is_alive(), "offloadd listens for NETCONF")
        self.offloadd.check()

    def start_sshd(self):
        """On every address; whoever is root here logs in as admin, by key,
        and knows the host."""
        house.SSHD_CONFIG = house.SSHD_CONFIG.replace(
            "ListenAddress 127.0.0.1", "ListenAddress 0.0.0.0")
        self.ssh = house.Sshd(f"{SBIN}/offloadd-netconf", house.SOCKET,
                              SSH_PORT)
        where = house.DIR + "/.ssh"
        os.makedirs(where, mode=0o700)
        shutil.copy(self.ssh.keys["admin"], where + "/id_ecdsa")
        with open(house.DIR + "/host_key.pub", encoding="utf-8") as f:
            key = f.read()
        with open(where + "/known_hosts", "w", encoding="utf-8") as f:
            for host in ("127.0.0.1", *(v4 + ".1" for v4, _ in
                                        PORTS.values())):
                f.write(f"[{host}]:{SSH_PORT} {key}")

    def netconf(self):
        """The page's session, as root."""
        if self.session is None:
            from raw import Raw
            self.session = Raw()
        return self.session

    def check(self):
        for daemon in self.daemons:
            daemon.check()

    def stop(self):
        if self.ssh:
            self.ssh.stop()
        for daemon in reversed(self.daemons):
            daemon.stop()


def missing(build):
    """What a run cannot do without."""
    paths = [f"{build}/{path}" for path in PROGRAMS.values()]
    paths += [f"{SBIN}/{name}" for name in FRR_DAEMONS]
    return [path for path in paths if not os.access(path, os.X_OK)]


def run_program(argv, timeout=DEADLINE_S, text=None):
    """Status and both outputs in one text."""
    with contextlib.suppress(FileNotFoundError):
        proc = subprocess.run(
            argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, errors="replace", timeout=timeout, check=False,
            **({"input": text} if text is not None
               else {"stdin": subprocess.DEVNULL}))
        return proc.returncode, proc.stdout
    return 127, f"{argv[0]}: there is no such program"


__all__ = ["DEADLINE_S", "TREE", "World", "missing", "run_program"]
