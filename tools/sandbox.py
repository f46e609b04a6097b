#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Run a command in PID and mount namespaces of its own.

    tools/sandbox.py COMMAND [ARGUMENT]...

Whatever the command starts dies with it, also when this program is killed;
whatever it mounts is seen by nobody else.  /run is empty and private, so
daemons of the machine are neither met nor disturbed.  The exit status is the
command's.  OFFLOAD_SANDBOX is in its environment: who mounts over files of the
machine looks for it first.

In a chroot, namespace tools refuse to work ("cannot change root filesystem
propagation") or lead out of it; there the root is first made the root of the
new mount namespace, which is why this is no one-line unshare.
"""

import ctypes
import errno
import os
import signal
import sys

CLONE_NEWNS, CLONE_NEWPID = 0x00020000, 0x20000000
MS_BIND, MS_REC, MS_PRIVATE = 0x1000, 0x4000, 0x40000
MNT_DETACH, PR_SET_PDEATHSIG = 2, 1
PIVOT_ROOT = {"x86_64": 155, "i686": 217, "armv7l": 218}  # others: 41

libc = ctypes.CDLL(None, use_errno=True)


def call(name, *args):
    """A function of libc; failure is an OSError that names it."""
    if getattr(libc, name)(*args) < 0:
        number = ctypes.get_errno()
        raise OSError(number, "%s: %s" % (name, os.strerror(number)))


def mount(source, target, kind, flags, data=None):
    call("mount", source, target, kind, ctypes.c_ulong(flags), data)


def pivot_root_here():
    """The working directory, a mount point, becomes the root."""
    number = PIVOT_ROOT.get(os.uname().machine, 41)
    call("syscall", ctypes.c_long(number), b".", b".")
    call("umount2", b".", MNT_DETACH)
    os.chdir("/")


def enter(root):
    """A directory becomes the root; what is mounted below it comes along."""
    os.fchdir(root)
    os.close(root)
    mount(b".", b".", None, MS_BIND | MS_REC)
    os.chdir(os.getcwd())  # onto the new mount
    try:
        pivot_root_here()
    except OSError as error:
        if error.errno != errno.EINVAL:  # an initramfs cannot be pivoted
            raise
        os.chroot(".")
        os.chdir("/")


def own_root():
    """Make mounts private; in a chroot, make it a real root first: whoever
    enters a mount namespace lands in its root, not in a chroot."""
    chroot = os.open("/", os.O_RDONLY | os.O_DIRECTORY)
    namespace = os.open("/proc/self/ns/mnt", os.O_RDONLY)
    call("setns", namespace, CLONE_NEWNS)  # to the namespace's own root
    os.close(namespace)
    mount(None, b"/", None, MS_REC | MS_PRIVATE)
    here, root = os.fstat(chroot), os.stat("/")
    if (here.st_dev, here.st_ino) == (root.st_dev, root.st_ino):
        os.close(chroot)
        return
    enter(chroot)


def furnish(directory):
    own_root()
    mount(b"proc", b"/proc", b"proc", 0)
    mount(b"sandbox", b"/run", b"tmpfs", 0)
    os.makedirs("/run/netns")
    os.makedirs("/run/lock")
    os.chdir(directory)


def exit_status(status):
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


def first_process(argv, prepare):
    """Process 1 inside: prepare(), run the command, bury orphans."""
    call("prctl", PR_SET_PDEATHSIG, signal.SIGKILL)
    prepare()
    command = os.fork()
    if command == 0:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        try:
            os.execvp(argv[0], argv)
        except OSError as error:
            print("sandbox: %s: %s" % (argv[0], error.strerror),
                  file=sys.stderr)
        os._exit(127)
    # A signal from the terminal ends the whole sandbox from outside.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        pid, status = os.wait()
        if pid == command:
            return exit_status(status)


def run(argv, prepare):
    """The command in namespaces made ready by prepare(); its exit status."""
    call("unshare", CLONE_NEWNS | CLONE_NEWPID)
    child = os.fork()
    if child == 0:
        status = 1
        try:
            status = first_process(argv, prepare)
        except OSError as error:
            print("sandbox: %s" % error, file=sys.stderr)
        finally:
            os._exit(status)

    def end(number, _frame):
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os._exit(128 + number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end)
    return exit_status(os.waitpid(child, 0)[1])


def main():
    if len(sys.argv) < 2 or sys.argv[1] in ("-h", "--help"):
        print(__doc__.strip())
        return 0
    if os.geteuid() != 0:
        print("sandbox: namespaces need root", file=sys.stderr)
        return 1
    directory = os.getcwd()
    os.environ["OFFLOAD_SANDBOX"] = "1"
    return run(sys.argv[1:], lambda: furnish(directory))


if __name__ == "__main__":
    sys.exit(main())
