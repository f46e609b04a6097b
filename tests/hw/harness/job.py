# SPDX-License-Identifier: GPL-2.0-or-later
"""What a guest is told: a scratch directory of the host with `settings`
(variables for guest/init), `modules` (what it loads) and `run` (the command).

All three are shell text with every word quoted: any byte a command line may
hold arrives.  The command's environment is made here, it is not the caller's:
a run must not depend on whose shell it was started from.  It refuses
directories that the guest covers with its own.  Neighbours: machine.py,
guest/init.
"""
import os
import shlex
import shutil
import subprocess
import tempfile

from .engines import Refused

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def hidden(path):
    """Does the guest mount something of its own there?"""
    path = os.path.realpath(path)
    return any(path == top or path.startswith(top + "/")
               for top in ("/dev", "/proc", "/run", "/sys"))


def directory(options, engine):
    """Make it; whoever runs the guest removes it."""
    where = os.path.realpath(tempfile.gettempdir())
    if hidden(where) or any(c.isspace() for c in where):
        where = "/tmp"
    path = tempfile.mkdtemp(prefix="offloadd-vm.", dir=where)
    try:
        write(path, "settings", settings(options, engine))
        write(path, "modules", modules(path, options.module))
        write(path, "run", script(options, engine))
    except BaseException:
        shutil.rmtree(path, ignore_errors=True)
        raise
    return path


def write(directory_, name, text):
    with open(os.path.join(directory_, name), "wb") as file:
        file.write(os.fsencode(text))


def quoted(words):
    return " ".join(map(shlex.quote, words))


def settings(options, engine):
    values = {"engine": engine, "hostname": "vm", "leaks": options.leaks,
              "share": options.share or ""}
    return "".join("%s=%s\n" % (k, shlex.quote(v)) for k, v in values.items())


def modules(path, wanted):
    """A line for each module: what it depends on, a copy (so that it may lie
    anywhere), its parameters."""
    ours = {stem(file) for file, *_ in wanted}
    text = ""
    for number, (file, *parameters) in enumerate(wanted):
        found = subprocess.run(["/sbin/modinfo", "-F", "depends", file],
                               capture_output=True, text=True, check=False)
        if found.returncode:
            raise Refused("%s is not a kernel module" % file)
        needs = [n for n in found.stdout.strip().split(",")
                 if n and n.replace("-", "_") not in ours]
        copy = "%d.ko" % number
        shutil.copyfile(file, os.path.join(path, copy))
        text += "load %s || return 1\n" % quoted(
            [" ".join(needs), "/run/hw/" + copy, *parameters])
    return text


def stem(file):
    return os.path.basename(file)[:-len(".ko")].replace("-", "_")


def script(options, engine):
    cwd = os.getcwd()
    if hidden(cwd):
        raise Refused("the current directory %s is not in the guest, which "
                      "has its own /dev, /proc, /run and /sys" % cwd)
    env = {"PATH": PATH, "HOME": "/root", "USER": "root", "LOGNAME": "root",
           "SHELL": "/bin/sh", "TERM": "dumb", "LANG": "C.UTF-8",
           "OFFLOAD_VM": engine}
    if options.share:
        env["OFFLOAD_VM_SHARE"] = options.share
    env.update(options.env)
    return "cd %s || exit 126\nexec /usr/bin/env -i %s\n" % (
        shlex.quote(cwd),
        quoted(["%s=%s" % item for item in env.items()] + options.command))
