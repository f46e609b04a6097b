#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Our globals beside libfrr's.

A global of a program silently replaces the library's own of the same name,
and libfrr exports some 1,700 without a prefix.  Refuses a global of our
libraries, our daemon or its modules that libfrr exports too, and one that does
not begin with ofl_ or OFL_; and what a module takes from the daemon and the
daemon does not have, which would be seen when it is loaded only.
"""
import glob
import os
import re
import subprocess
import sys

from common import Gate, make_vars

# Not ours to name: main, and what FRR's macros make (DEFINE_MGROUP,
# DEFINE_MTYPE, DEFINE_HOOK paste their own prefix before the name;
# FRR_DAEMON_INFO makes the daemon itself the first module, FRR_MODULE_SETUP
# names the others).
EXCEPT = re.compile(r"^(main|frr_module|_frrmod_this_module|_mg_OFFLOADD|(_mt|MTYPE)_OFL_\w+|_hook_ofl_\w+)$")
OURS = re.compile(r"^(ofl_|OFL_)")
# B bss, C common, D data, R read-only, T text, V/W weak, i indirect function
DEFINED = set("BCDGRSTVWi")


def globals_of(path, *options):
    """{symbol: object it is in}"""
    out = subprocess.run(["nm", "-A", "-g", "--defined-only", *options, path],
                         text=True, stdout=subprocess.PIPE,
                         stderr=subprocess.DEVNULL, check=True).stdout
    found = {}
    for line in out.splitlines():
        where, _, rest = line.rpartition(":")
        parts = rest.split()
        if len(parts) == 3 and parts[1] in DEFINED:
            found[parts[2].split("@")[0]] = where.split(":")[-1]
    return found


def check_modules(gate):
    """What a module of ours wants, the daemon has."""
    daemon = os.path.join(gate.build, "offloadd", "offloadd")
    modules = glob.glob(gate.build + "/offloadd/**/*.so", recursive=True)
    if not modules or not os.path.exists(daemon):
        return
    have = globals_of(daemon, "-D")
    for path in sorted(modules):
        out = subprocess.run(["nm", "-D", "-u", path], text=True,
                             stdout=subprocess.PIPE, check=True).stdout
        for name in (line.split()[-1] for line in out.splitlines()):
            if not OURS.match(name):
                continue
            gate.checked += 1
            if name not in have:
                gate.fault(os.path.relpath(path, gate.build), 0,
                           "wants %s, which the daemon does not have" % name)


def main():
    gate = Gate(__doc__, needs_build=True)
    libfrr = make_vars(gate.build, "FRR_LIBFRR")[0]
    frr = globals_of(libfrr, "-D")
    if not frr:
        sys.exit("symbols: %s exports nothing?" % libfrr)
    archives = [p for p in glob.glob(gate.build + "/**/libofl_*.a",
                                     recursive=True)]
    objects = glob.glob(gate.build + "/offloadd/*.o") + \
        glob.glob(gate.build + "/yang/*.o") + \
        glob.glob(gate.build + "/offloadd/netconf/offloadd_netconf_*module.o")
    for path in sorted(archives + objects):
        for name, where in sorted(globals_of(path).items()):
            gate.checked += 1
            rel = os.path.relpath(path, gate.build)
            if EXCEPT.match(name):
                continue
            if name in frr:
                gate.fault(rel, 0, "%s (%s) replaces libfrr's own"
                           % (name, where))
            elif not OURS.match(name):
                gate.fault(rel, 0, "%s (%s) is global without ofl_"
                           % (name, where))
    check_modules(gate)
    gate.finish()


if __name__ == "__main__":
    main()
