# SPDX-License-Identifier: GPL-2.0-or-later
"""A guest is several host processes; they must end together, whatever ends us.

The program runs below two processes of ours: vm -> keeper -> reaper ->
program.  Each asks the kernel to be killed with its parent (PDEATHSIG), and
the reaper is the first process of a process namespace, with which everything
in it dies.  Without the right to make a namespace there remain PDEATHSIG and
the process group, which is enough for what UML and QEMU start themselves.

It refuses to look for processes by name.  Neighbour: machine.py.
"""
import ctypes
import os
import signal
import subprocess
import time

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
CLONE_NEWPID = 0x20000000
ADDR_NO_RANDOMIZE = 0x0040000
libc = ctypes.CDLL(None, use_errno=True)


def die_with(parent):
    """Killed when parent is, which may have happened already."""
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if parent and os.getppid() != parent:
        os._exit(1)


def plain_signals():
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP,
                   signal.SIGPIPE):
        signal.signal(number, signal.SIG_DFL)


class Guardian:
    """One program and everything it starts."""

    def __init__(self, argv, env, fds, log_fd):
        """fds are inherited under their numbers; log_fd is its stdout and
        stderr."""
        self.status = None
        libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        me = os.getpid()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                die_with(me)
                plain_signals()
                os.setsid()
                keep(argv, env, fds, log_fd)
            finally:
                os._exit(126)

    def poll(self):
        """Exit status of the program (128 + n: by a signal), or None."""
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = plain(status)
        return self.status

    def kill(self):
        if self.poll() is not None:
            return
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:      # it has not called setsid yet
            os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        self.status = 128 + signal.SIGKILL
        self.bury()

    @staticmethod
    def bury():
        """Wait for the orphans: they become children of ours (subreaper), and
        the reaper is gone only when all of its namespace is."""
        deadline = time.monotonic() + 10
        try:
            while time.monotonic() < deadline:
                if os.waitpid(-1, os.WNOHANG)[0] == 0:
                    time.sleep(0.005)
        except ChildProcessError:
            pass


def plain(status):
    if os.WIFSIGNALED(status):
        return 128 + os.WTERMSIG(status)
    return os.WEXITSTATUS(status)


def keep(argv, env, fds, log_fd):
    """The keeper: makes the namespace, in which only its children are."""
    own = libc.unshare(CLONE_NEWPID) == 0
    me = os.getpid()
    reaper = os.fork()
    if reaper == 0:
        try:
            # of a parent outside the namespace, getppid says 0
            die_with(0 if own else me)
            reap(argv, env, fds, log_fd)
        finally:
            os._exit(126)
    for fd in (*fds, log_fd):
        os.close(fd)
    os._exit(plain(os.waitpid(reaper, 0)[1]))


def begin(parent):
    die_with(parent)
    # UML puts its memory behind its own heap: at an unlucky place for that,
    # one boot in some fails.
    libc.personality(ADDR_NO_RANDOMIZE)


def reap(argv, env, fds, log_fd):
    """The reaper: runs the program, and waits for whatever falls to it."""
    null = os.open(os.devnull, os.O_RDWR)
    me = os.getpid()
    child = subprocess.Popen(
        argv, env=env, stdin=null, stdout=log_fd, stderr=log_fd,
        pass_fds=fds, preexec_fn=lambda: begin(me))
    for fd in (*fds, log_fd):
        os.close(fd)
    while True:
        pid, status = os.wait()
        if pid == child.pid:
            os._exit(plain(status))
