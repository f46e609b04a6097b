#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Each of our headers compiles alone, twice in a row, with the flags of the
build: what it needs it includes itself, and its guard works."""
import shlex
import subprocess
from concurrent.futures import ThreadPoolExecutor

from common import Gate, make_vars


def compile_alone(command, root, header):
    source = '#include "%s"\n#include "%s"\nextern int ofl_gate;\n' \
        % (header, header)
    return subprocess.run(command, input=source, cwd=root, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def main():
    gate = Gate(__doc__, needs_build=True)
    # AM_CPPFLAGS is written for a command line in the build directory.
    cc, cppflags, cflags = make_vars(gate.build, "CC", "AM_CPPFLAGS",
                                     "AM_CFLAGS")
    command = shlex.split(cc) + ["-I" + gate.build, "-I" + gate.root] \
        + shlex.split(cppflags) + shlex.split(cflags) \
        + ["-Werror", "-fsyntax-only", "-x", "c", "-"]
    # What lies below tests/hw/ is the kernel's: its own build compiles it.
    headers = [h for h in gate.files(".h", under=("lib/", "offloadd/", "vtysh/",
                                                  "bench/", "tests/"))
               if not h.startswith("tests/hw/")]
    with ThreadPoolExecutor(2) as pool:
        results = pool.map(lambda h: compile_alone(command, gate.root, h),
                           headers)
        for header, result in zip(headers, results):
            if result.returncode:
                print(result.stdout, end="")
                gate.fault(header, 0, "does not compile alone")
    gate.finish()


if __name__ == "__main__":
    main()
