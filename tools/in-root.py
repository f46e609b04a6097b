#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Run a command in a root file system, as if that were the machine.

    tools/in-root.py [OPTION]... ROOT -- COMMAND [ARGUMENT]...

  --ro PATH[:INSIDE]  show a file or directory of this machine inside, not to
                      be written; at the same path unless INSIDE says another
  --rw PATH[:INSIDE]  the same, to be written
  --chdir DIR         where the command starts; default /root
  --env NAME=VALUE    the command's environment, beside HOME, PATH, TERM and
                      what names a proxy
  --keep              what the command writes into ROOT stays there

Processes, mounts and devices are its own (tools/sandbox.py): nothing outlives
the command, also when this program is killed.  Without --keep ROOT is only the
lower half of an overlay whose upper half is memory: a run leaves it as it was,
and several may use it at once.  /run, /tmp and /var/tmp are empty and private
either way.  The network is the machine's; the tests make namespaces.

It refuses to be clever about what a root is: whoever made it knows.
"""

import argparse
import os
import stat
import sys

import sandbox

MS_RDONLY, MS_REMOUNT = 0x1, 0x20
DEVICES = (("null", 1, 3), ("zero", 1, 5), ("full", 1, 7), ("random", 1, 8),
           ("urandom", 1, 9), ("tty", 5, 0))
LINKS = (("ptmx", "pts/ptmx"), ("fd", "/proc/self/fd"),
         ("stdin", "fd/0"), ("stdout", "fd/1"), ("stderr", "fd/2"))
PROXIES = ("http_proxy", "https_proxy", "no_proxy")


def parse(arguments):
    p = argparse.ArgumentParser(usage="%(prog)s [OPTION]... ROOT -- COMMAND "
                                "[ARGUMENT]...", description=__doc__,
                                formatter_class=argparse.RawTextHelpFormatter)
    for name in ("--ro", "--rw"):
        p.add_argument(name, action="append", default=[],
                       metavar="PATH[:INSIDE]", help=argparse.SUPPRESS)
    p.add_argument("--chdir", default="/root", help=argparse.SUPPRESS)
    p.add_argument("--env", action="append", default=[], metavar="NAME=VALUE",
                   help=argparse.SUPPRESS)
    p.add_argument("--keep", action="store_true", help=argparse.SUPPRESS)
    p.add_argument("root", metavar="ROOT", help=argparse.SUPPRESS)
    # Split by hand: the command may have a -- of its own.
    at = arguments.index("--") if "--" in arguments else len(arguments)
    args = p.parse_args(arguments[:at])
    args.command = arguments[at + 1:]
    if not args.command:
        p.error("-- COMMAND is missing")
    args.root = os.path.realpath(args.root).rstrip("/")
    if not os.path.isdir(args.root + "/usr"):
        p.error(args.root + " is not a root file system")
    args.binds = []
    for words, flags in ((args.ro, MS_RDONLY), (args.rw, 0)):
        for word in words:
            path, _, inside = word.partition(":")
            path = os.path.realpath(path)
            if not os.path.exists(path):
                p.error(path + " does not exist")
            args.binds.append((path, inside or path, flags))
    for word in args.env:
        if "=" not in word:
            p.error("--env wants NAME=VALUE, not '%s'" % word)
    return args


def tmpfs(path, options="mode=755"):
    sandbox.mount(b"in-root", path.encode(), b"tmpfs", 0, options.encode())


def bind(source, target, flags=0):
    sandbox.mount(source.encode(), target.encode(), None,
                  sandbox.MS_BIND | sandbox.MS_REC)
    if flags:
        sandbox.mount(None, target.encode(), None,
                      sandbox.MS_BIND | MS_REMOUNT | flags)


def overlay(root):
    """The root to be written without being changed; /mnt is in every Debian."""
    here = root + "/mnt"
    tmpfs(here)
    for name in ("upper", "work", "new"):
        os.mkdir("%s/%s" % (here, name), 0o755)
    sandbox.mount(b"in-root", (here + "/new").encode(), b"overlay", 0,
                  ("lowerdir=%s,upperdir=%s/upper,workdir=%s/work"
                   % (root or "/", here, here)).encode())
    return here + "/new"


def make_devices(dev):
    tmpfs(dev, "mode=755,size=1m")
    os.mkdir(dev + "/pts")
    os.mkdir(dev + "/shm")
    sandbox.mount(b"devpts", (dev + "/pts").encode(), b"devpts", 0,
                  b"newinstance,ptmxmode=0666,mode=620")
    tmpfs(dev + "/shm", "mode=1777")
    for name, major, minor in DEVICES:
        path = dev + "/" + name
        os.mknod(path, 0o666 | stat.S_IFCHR, os.makedev(major, minor))
        os.chmod(path, 0o666)
    for name, target in LINKS:
        os.symlink(target, dev + "/" + name)


def make_place(source, new, inside):
    """A mount point for source in the root that is to be."""
    target = new + inside
    if os.path.islink(target):
        os.unlink(target)
    # Links of the root are not for us to follow: they lead out of it.
    if os.path.realpath(target) != target:
        raise OSError("%s has a link in it" % target)
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
    elif not os.path.exists(target):
        os.makedirs(os.path.dirname(target), exist_ok=True)
        os.close(os.open(target, os.O_CREAT | os.O_WRONLY, 0o644))


def furnish(args):
    sandbox.own_root()
    if args.keep:
        new = args.root
        bind(new or "/", new or "/")
    else:
        new = overlay(args.root)
    sandbox.mount(b"proc", (new + "/proc").encode(), b"proc", 0)
    sandbox.mount(b"sysfs", (new + "/sys").encode(), b"sysfs", 0)
    make_devices(new + "/dev")
    tmpfs(new + "/run")
    os.mkdir(new + "/run/lock")
    tmpfs(new + "/tmp", "mode=1777")
    tmpfs(new + "/var/tmp", "mode=1777")
    # The address of the name server belongs to the network, not to the root.
    if os.path.exists("/etc/resolv.conf"):
        args.binds.append((os.path.realpath("/etc/resolv.conf"),
                           "/etc/resolv.conf", MS_RDONLY))
    for path, inside, flags in args.binds:
        make_place(path, new, inside)
        bind(path, new + inside, flags)
    sandbox.enter(os.open(new or "/", os.O_RDONLY | os.O_DIRECTORY))
    os.chdir(args.chdir)


def environment(extra):
    result = {
        "HOME": "/root", "TERM": os.environ.get("TERM", "dumb"),
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
    result.update((k, os.environ[k]) for k in PROXIES if k in os.environ)
    result.update(word.split("=", 1) for word in extra)
    return result


def main():
    args = parse(sys.argv[1:])
    if os.geteuid() != 0:
        print("in-root: mounts need root", file=sys.stderr)
        return 1
    settings = environment(args.env)
    os.environ.clear()
    os.environ.update(settings)
    return sandbox.run(args.command, lambda: furnish(args))


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    sys.exit(main())
