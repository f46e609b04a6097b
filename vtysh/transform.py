#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Make the sources of a vtysh that knows offloadd out of FRR's own.

FRR's vtysh has its daemons, nodes and commands compiled in.  This copies the
sources of the SDK, edits the copies, and runs FRR's own extractor over the
commands of all daemons and of offloadd.  Nothing of FRR stays in our tree.

It refuses to go on when an edit does not match exactly once, when FRR is of a
series it has no edits for, or when a command of offloadd would be missing in
the result; it never guesses.

Neighbours: subdir.am calls it, vtysh_offload.c is what the edits call.
A further FRR series is one more entry in SERIES.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys

COPIES = ("vtysh.c", "vtysh.h", "vtysh_config.c", "vtysh_main.c",
          "vtysh_user.c", "vtysh_user.h")

# (file, why, pattern, replacement): the pattern must match exactly once.
EDITS_8_4 = (
    # --- the daemon and the commands it shares with others ---
    ("vtysh/vtysh.h", "the daemon's bit",
     r"^#define VTYSH_PIM6D .*\n",
     r"\g<0>#define VTYSH_OFFLOADD  0x40000000\n"),
    ("vtysh/vtysh.h", "commands of every daemon",
     r"^#define VTYSH_ALL +", r"\g<0>VTYSH_OFFLOADD|"),
    ("vtysh/vtysh.h", "access lists",
     r"^#define VTYSH_ACL +", r"\g<0>VTYSH_OFFLOADD|"),
    ("vtysh/vtysh.h", "interfaces and VRFs",
     r"^#define VTYSH_INTERFACE_SUBSET +\\\n\t", r"\g<0>VTYSH_OFFLOADD | "),
    ("vtysh/vtysh.c", "the daemon's socket",
     r"^\t\{\.name = \"pim6d\", \.flag = VTYSH_PIM6D\},\n",
     r'\g<0>	{.name = "offloadd", .flag = VTYSH_OFFLOADD},\n'),
    # --- nodes ---
    ("vtysh/vtysh.c", "our declarations",
     r'^#include "vtysh/vtysh_daemons\.h"\n',
     r'\g<0>#include "vtysh/vtysh_offload.h"\n'),
    ("vtysh/vtysh.c", "nodes before the first command",
     r"^\tcmd_variable_handler_register\(vtysh_var_handler\);\n",
     r"\g<0>	vtysh_offload_init();\n"),
    # --- show running-config and write ---
    ("vtysh/vtysh_config.c", "the blocks and their closing exit",
     r'^\t\telse if \(strncmp\(line, "bfd", strlen\("bfd"\)\) == 0\)\n',
     '\t\telse if (strcmp(line, "offload") == 0)\n'
     "\t\t\tconfig = config_get(OFFLOAD_NODE, line);\n"
     '\t\telse if (strcmp(line, "nacm") == 0)\n'
     "\t\t\tconfig = config_get(NACM_NODE, line);\n"
     r"\g<0>"),
    ("vtysh/vtysh_config.c", "the nodes of the blocks",
     r'^#include "vtysh/vtysh_user\.h"\n',
     r'\g<0>#include "offloadd/northbound/nodes.h"\n'),
    ("vtysh/vtysh.c", "watchfrr would write with the packaged vtysh",
     r"^\t\t\tused_watchfrr = true;\n",
     '\t\t\tint ofl = vtysh_client_lookup("offloadd");\n\n'
     "\t\t\tif (vtysh_client[ofl].fd >= 0 && vtysh_offload_must_write()) {\n"
     "\t\t\t\tbool all_up = true;\n\n"
     "\t\t\t\tvty->of_saved = vty->of;\n"
     "\t\t\t\tvty->of = NULL;\n"
     "\t\t\t\tvtysh_client_run(&vtysh_client[i],\n"
     '\t\t\t\t\t\t "do show watchfrr",\n'
     "\t\t\t\t\t\t vtysh_offload_watch_line,\n"
     "\t\t\t\t\t\t &all_up, NULL);\n"
     "\t\t\t\tvty->of = vty->of_saved;\n"
     "\t\t\t\treturn vtysh_offload_write(all_up);\n"
     "\t\t\t}\n"
     r"\g<0>"),
    ("vtysh/vtysh_main.c", "--help tells the two programs apart",
     r"Integrated shell for FRR \(version ",
     "Integrated shell for FRR and offloadd (FRR version "),
    # --- the extractor ---
    ("extract.pl", "flags of our sources, and of SNMP's",
     r" -E -P -std=gnu11 ",
     r"\g<0>@{[$file =~ m,/northbound/, ? $ENV{OFL_CPP} :"
     r" $file =~ m,lib/agentx\.c$, ? $ENV{OFL_SNMP} : '']} "),
    ("extract.pl", "our commands go to our daemon",
     r"^        elsif \(\$fabricd\) \{\n",
     "        elsif ($file =~ m,/northbound/[^/]*\\.c$,) {\n"
     '           $protocol = "VTYSH_OFFLOADD";\n'
     "        }\n"
     r"\g<0>"),
    ("extract.pl", "our nodes in the list of commands",
     r'^#include "vtysh/vtysh\.h"\n',
     r'\g<0>#include "offloadd/northbound/nodes.h"\n'),
    ("extract.pl", "IPv6 prefix lists",
     r'^ +\$protocol = "VTYSH_RIPNGD\|VTYSH_OSPF6D[|A-Z0-9_]*VTYSH_FABRICD',
     r"\g<0>|VTYSH_OFFLOADD"),
    ("extract.pl", "IPv4 prefix lists",
     r'^ +\$protocol = "VTYSH_RIPD\|VTYSH_OSPFD[|A-Z0-9_]*VTYSH_FABRICD',
     r"\g<0>|VTYSH_OFFLOADD"),
)


class Failure(Exception):
    """What is wrong, as a sentence."""


def read(path):
    try:
        with open(path, encoding="utf-8") as f:
            return f.read()
    except OSError as e:
        raise Failure(f"{path} cannot be read: {e.strerror}") from e


def write(path, text):
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


def run(argv, **kwargs):
    """Standard output of a command; a failure is a Failure."""
    proc = subprocess.run(argv, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, check=False,
                          **kwargs)
    if proc.returncode != 0:
        sys.stderr.write(proc.stderr)
        raise Failure(f"{os.path.basename(argv[0])} failed with status "
                      f"{proc.returncode}: {' '.join(argv[:4])}")
    return proc.stdout, proc.stderr


def make_variable(build, name):
    """A variable of FRR's Makefile, by the target FRR has for this."""
    env = {k: v for k, v in os.environ.items()
           if k not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES",
                        "VPATH", "V")}
    out, _ = run(["make", "-s", "-C", build, "--no-print-directory",
                  f"var-{name}"], env=env)
    return out.split()


def apply_edits(out, edits):
    for name, why, pattern, replacement in edits:
        path = os.path.join(out, name)
        text, n = re.subn(pattern, replacement, read(path),
                          flags=re.MULTILINE)
        if n != 1:
            raise Failure(f'the edit "{why}" of {name} matched {n} times '
                          "instead of once: this FRR differs from the one "
                          "the edits were written for")
        write(path, text)


def strip_comments(text):
    return re.sub(r"/\*.*?\*/|//[^\n]*", "", text, flags=re.DOTALL)


def check_commands(cmd_c, cli_files, nodes_c):
    """Every command of offloadd arrived: extracted, or entered by hand."""
    have = set(re.findall(r"install_element \((\w+), &(\w+)_vtysh\)", cmd_c))
    by_hand = set(re.findall(r'"([^"\n]+)"', read(nodes_c)))
    defun = re.compile(r"\b((?:DEFUN|DEFPY|ALIAS)\w*)\s*\(([^\"]*)\"([^\"]*)\"")
    count = 0
    for path in cli_files:
        text = strip_comments(read(path))
        nosh = {}
        for macro, names, string in defun.findall(text):
            cmd = names.replace(",", " ").split()[-1]
            if "_NOSH" in macro:
                nosh[cmd] = string
        installed = re.findall(r"install_element\s*\(\s*(\w+)\s*,\s*&(\w+)",
                               text)
        for node, cmd in installed:
            if (node, cmd) in have:
                count += 1
            elif cmd not in nosh:
                raise Failure(f"the command {cmd} of {node} in {path} did "
                              "not reach vtysh: was its macro not seen, or "
                              "is its text used twice in that node?")
        for string in nosh.values():
            # vtysh asks each daemon for these on its own.
            if string.startswith("show debugging"):
                continue
            if string not in by_hand:
                raise Failure(f'"{string}" in {path} is marked NOSH, but '
                              f"{nodes_c} has no command of this text")
    if count == 0:
        raise Failure("no command of offloadd was found in "
                      + " ".join(cli_files))
    return count


def fake_snmp(args):
    """Flags for lib/agentx.c, whose commands the packaged vtysh has.  Only
    its preprocessed text is read, so empty headers do for net-snmp's."""
    root = os.path.join(args.out, "snmp")
    text = read(os.path.join(args.frr_src, "lib", "agentx.c"))
    for header in re.findall(r"#include <(net-snmp/[\w/-]+\.h)>", text):
        path = os.path.join(root, header)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        write(path, "")
    return f"-DSNMP_AGENTX -I{root}"


def extract_commands(args, cli_files):
    """vtysh_cmd.c by FRR's extract.pl (FRR 8)."""
    flags = [f for name in ("HAVE_ISISD", "HAVE_FABRICD")
             for f in make_variable(args.frr_build, name)]
    scan = [os.path.join(args.frr_src, f)
            for f in make_variable(args.frr_build, "vtysh_scan")]
    # Its include paths are relative to FRR's build directory.
    text, warnings = run(
        [args.perl, os.path.join(args.out, "extract.pl")] + flags + scan
        + cli_files,
        cwd=args.frr_build,
        env=dict(os.environ, OFL_CPP=args.cpp, OFL_SNMP=fake_snmp(args)))
    # A function name defined twice in FRR silently replaces a command.
    if "Duplicate CLI Function" in warnings:
        sys.stderr.write(warnings)
        raise Failure("two commands have the same function name; names "
                      "must be unique over all of FRR")
    write(os.path.join(args.out, "vtysh", "vtysh_cmd.c"), text)
    return text


def prepare_8(args):
    shutil.copyfile(os.path.join(args.frr_build, "vtysh", "extract.pl"),
                    os.path.join(args.out, "extract.pl"))


# Per FRR series: files to copy besides COPIES, edits, and how the list of
# commands is made.
SERIES = {
    "8.4": (prepare_8, EDITS_8_4, extract_commands),
}


def frr_series(build):
    m = re.search(r'^#define FRR_VERSION +"(\d+\.\d+)',
                  read(os.path.join(build, "lib", "version.h")), re.MULTILINE)
    if not m:
        raise Failure(f"{build}/lib/version.h names no version")
    if m[1] not in SERIES:
        raise Failure(f"there are no edits for vtysh of FRR {m[1]}; known: "
                      + ", ".join(SERIES) + " (configure --disable-vtysh "
                      "builds without it)")
    return m[1]


def transform(args):
    prepare, edits, make_commands = SERIES[frr_series(args.frr_build)]
    gen = os.path.join(args.out, "vtysh")
    stamp = os.path.join(args.out, "stamp")
    os.makedirs(gen, exist_ok=True)
    if os.path.exists(stamp):
        os.unlink(stamp)
    for name in COPIES:
        shutil.copyfile(os.path.join(args.frr_src, "vtysh", name),
                        os.path.join(gen, name))
    prepare(args)
    apply_edits(args.out, edits)

    daemons = make_variable(args.frr_build, "vtysh_daemons") + ["offloadd"]
    header, _ = run([args.perl,
                     os.path.join(args.frr_src, "vtysh", "daemons.pl")]
                    + daemons)
    write(os.path.join(gen, "vtysh_daemons.h"), header)

    # clippy looks for its templates from FRR's build directory.
    run([os.path.join(args.frr_build, "lib", "clippy"),
         os.path.join(args.frr_src, "python", "clidef.py"),
         "-o", os.path.join(gen, "vtysh_clippy.c"),
         os.path.join(gen, "vtysh.c")], cwd=args.frr_build)

    defines = re.compile(r"\binstall_element\s*\(")
    cli_files = [f for f in args.cli if defines.search(read(f))]
    cmd_c = make_commands(args, cli_files)
    check_commands(cmd_c, cli_files, args.nodes)
    write(stamp, "")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--frr-src", required=True, help="FRR's sources")
    parser.add_argument("--frr-build", required=True,
                        help="FRR's configured build directory")
    parser.add_argument("--out", required=True, help="directory to write")
    parser.add_argument("--perl", default="perl")
    parser.add_argument("--cpp", default="", metavar="FLAGS",
                        help="preprocessor flags of the commands' sources")
    parser.add_argument("--nodes", required=True, metavar="FILE",
                        help="the source with the entering commands")
    parser.add_argument("cli", nargs="+", help="sources with commands")
    args = parser.parse_args()
    for name in ("frr_src", "frr_build", "out", "nodes"):
        setattr(args, name, os.path.abspath(getattr(args, name)))
    args.cli = [os.path.abspath(f) for f in args.cli]
    try:
        transform(args)
    except Failure as e:
        sys.exit(f"vtysh/transform.py: {e}.")
    except OSError as e:
        sys.exit(f"vtysh/transform.py: {e.filename}: {e.strerror}.")


if __name__ == "__main__":
    main()
