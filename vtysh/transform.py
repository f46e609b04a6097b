#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Make the sources of a vtysh that knows offloadd out of FRR's own.

FRR's vtysh has its daemons, nodes and commands compiled in.  This copies the
sources of the SDK, edits the copies, and runs FRR's own extractor over the
commands of all daemons and of offloadd: the sources of FRR 8, the packaged
programs of FRR 10.  Nothing of FRR stays in our tree.

It refuses to go on when an edit does not match exactly once, when FRR is of a
series it has no edits for, or when a command of offloadd would be missing in
the result; it never guesses.

Neighbours: subdir.am calls it, vtysh_offload.c is what the edits call.
A further FRR series is one more entry in SERIES.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys

COPIES = ("vtysh.c", "vtysh.h", "vtysh_config.c", "vtysh_main.c",
          "vtysh_user.c", "vtysh_user.h")

# (file, why, pattern, replacement): the pattern must match exactly once.
EDITS_ALL = (
    # --- the daemon and the commands it shares with others ---
    ("vtysh/vtysh.h", "commands of every daemon",
     r"^#define VTYSH_ALL +(\\\n\t)?", r"\g<0>VTYSH_OFFLOADD | "),
    ("vtysh/vtysh.h", "interfaces and VRFs",
     r"^#define VTYSH_INTERFACE_SUBSET +\\\n\t", r"\g<0>VTYSH_OFFLOADD | "),
    ("vtysh/vtysh.c", "the daemon's socket",
     r"^\t\{\.name = \"pim6d\", \.flag = VTYSH_PIM6D\},\n",
     r'\g<0>	{.name = "offloadd", .flag = VTYSH_OFFLOADD},\n'),
    # --- nodes ---
    ("vtysh/vtysh.c", "our declarations",
     r'^#include "(vtysh|lib)/vtysh_daemons\.h"\n',
     r'\g<0>#include "vtysh/vtysh_offload.h"\n'),
    ("vtysh/vtysh.c", "nodes before the first command",
     r"^\tcmd_variable_handler_register\(vtysh_var_handler\);\n",
     r"\g<0>	vtysh_offload_nodes_init();\n"),
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
     "\t\t\t\treturn vtysh_offload_write(vty, all_up);\n"
     "\t\t\t}\n"
     r"\g<0>"),
    ("vtysh/vtysh_main.c", "--help tells the two programs apart",
     r"Integrated shell for FRR \(version ",
     "Integrated shell for FRR and offloadd (FRR version "),
)

EDITS_8_4 = EDITS_ALL + (
    ("vtysh/vtysh.h", "the daemon's bit",
     r"^#define VTYSH_PIM6D .*\n",
     r"\g<0>#define VTYSH_OFFLOADD  0x40000000\n"),
    ("vtysh/vtysh.h", "access lists",
     r"^#define VTYSH_ACL +", r"\g<0>VTYSH_OFFLOADD|"),
    ("vtysh/vtysh.c", "our entering commands",
     r"^\tvtysh_offload_nodes_init\(\);\n",
     r"\g<0>	vtysh_offload_init();\n"),
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

# Since 10.0 the commands come as ready graphs, installed into empty nodes.
EDITS_10 = EDITS_ALL + (
    ("vtysh/vtysh.h", "the daemon's bit",
     r"^#define VTYSH_MGMTD .*\n",
     r"\g<0>#define VTYSH_OFFLOADD 0x40000000\n"),
    ("vtysh/vtysh.h", "access lists, to configure",
     r"^#define VTYSH_ACL_CONFIG +\\\n\t", r"\g<0>VTYSH_OFFLOADD | "),
    ("vtysh/vtysh.h", "access lists, to show",
     r"^#define VTYSH_ACL_SHOW +\\\n\t", r"\g<0>VTYSH_OFFLOADD | "),
    ("vtysh/vtysh.h", "access lists that vtysh asks for",
     r"^#define VTYSH_ACCESS_LIST_SHOW +\\\n\t", r"\g<0>VTYSH_OFFLOADD | "),
    ("vtysh/vtysh.h", "prefix lists that vtysh asks for",
     r"^#define VTYSH_PREFIX_LIST_SHOW +\\\n\t", r"\g<0>VTYSH_OFFLOADD | "),
    ("vtysh/vtysh.h", "one daemon more",
     r"^(extern struct vtysh_client vtysh_client)\[22\];", r"\1[23];"),
    ("vtysh/vtysh.c", "our entering commands",
     r"^\tvtysh_init_cmd\(\);\n", r"\g<0>	vtysh_offload_init();\n"),
    # --- the extractor ---
    ("xref2vtysh.py", "FRR's sources are elsewhere",
     r"^frr_top_src = .*\n", 'frr_top_src = os.environ["OFL_FRR_SRC"]\n'),
    ("xref2vtysh.py", "our nodes have names",
     r'^(        text = text)\.split\(\)\n',
     r'\1.split() + os.environ["OFL_NODES"].split()\n'),
    ("xref2vtysh.py", "our nodes in the list of commands",
     r'^#include "vtysh/vtysh\.h"\n',
     r'\g<0>#include "offloadd/northbound/nodes.h"\n'),
    ("xref2vtysh.py", "IPv6 prefix lists",
     r'^ +"VTYSH_RIPNGD\|VTYSH_OSPF6D[|A-Z0-9_]*VTYSH_FABRICD',
     r"\g<0>|VTYSH_OFFLOADD"),
    ("xref2vtysh.py", "IPv4 prefix lists",
     r'^ +"VTYSH_RIPD\|VTYSH_OSPFD[|A-Z0-9_]*VTYSH_FABRICD',
     r"\g<0>|VTYSH_OFFLOADD"),
    ("xref2vtysh.py", "it wants a list of files",
     r"CommandEntry\.run\(data, sys\.stdout\)",
     "CommandEntry.run(data, [sys.stdout])"),
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


def installed_8(cmd_c):
    """(node, command) of all that vtysh_cmd.c installs."""
    return set(re.findall(r"install_element \((\w+), &(\w+)_vtysh\)", cmd_c))


def installed_10(cmd_c):
    return {(node, cmd) for node, body in
            re.findall(r"^static void install_(\w+)\(void\)\n\n\{\n(.*?)^\}",
                       cmd_c, re.MULTILINE | re.DOTALL)
            for cmd in re.findall(r"vector_set\(node->cmd_vector, "
                                  r"&(\w+)_vtysh\);", body)}


def check_commands(have, cli_files, nodes_c):
    """Every command of offloadd arrived in the set HAVE: extracted, or
    entered by hand."""
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
    return text, installed_8(text)


def our_nodes(path):
    """Names of our nodes, in the order of their numbers."""
    found = re.findall(r"^#define (\w+_NODE) .*NODE_TYPE_MAX \+ (\d+)",
                       read(path), re.MULTILINE)
    if not found or [int(n) for _, n in found] != \
            list(range(1, len(found) + 1)):
        raise Failure(f"the nodes of {path} are not numbered one by one")
    return [name for name, _ in found]


def packaged_binaries(args):
    """Everything of FRR that may have commands, and nothing of ours."""
    def is_elf(path):
        with open(path, "rb") as f:
            return f.read(4) == b"\x7fELF"
    lib = os.path.dirname(args.libfrr)
    paths = [os.path.join(lib, name) for name in
             ("libfrr.so.0", "libfrrcares.so.0", "libfrrsnmp.so.0",
              "libmgmt_be_nb.so.0")]
    for where in (args.daemons, args.modules):
        paths += sorted(os.path.join(where, name)
                        for name in os.listdir(where)
                        if "offload" not in name)
    for module, package in (("bgpd_snmp.so", "frr-snmp"),
                            ("bgpd_rpki.so", "frr-rpki-rtrlib")):
        if os.path.join(args.modules, module) not in paths:
            raise Failure(f"FRR's module {module} is not installed, but the "
                          "packaged vtysh has its commands (apt-get install "
                          f"{package})")
    return [p for p in paths if os.path.isfile(p) and is_elf(p)]


def read_xrefs(args, out, binaries):
    """The commands in BINARIES by FRR's xrelfo.py; OUT keeps them, for as
    long as the binaries are the same."""
    key = "".join(f"{p} {os.stat(p).st_mtime_ns} {os.stat(p).st_size}\n"
                  for p in binaries)
    if not os.path.exists(out + ".of") or read(out + ".of") != key:
        # It looks for its description of structures from its own directory.
        run([os.path.join(args.frr_build, "lib", "clippy"),
             os.path.join(args.frr_src, "python", "xrelfo.py"), "-o", out]
            + binaries, cwd=args.frr_build)
        write(out + ".of", key)
    return json.loads(read(out))["cli"]


def name_origins(cli, origin_of):
    """For xref2vtysh.py a file's directory and name tell whose commands it
    has, as they were when FRR was built."""
    for origins in cli.values():
        for path in list(origins):
            spec = origins.pop(path)
            origins[origin_of(path, spec)] = spec


def frr_origin(path, spec):
    """bgpd/bgpd, isisd/fabricd, zebra/zebra_fpm.so"""
    name = os.path.basename(path)
    if "." not in name:
        return {"fabricd": "isisd/fabricd"}.get(name, f"{name}/{name}")
    # The commands of daemons that mgmtd answers.
    if name.startswith("libmgmt_be_nb"):
        return f"mgmtd/{name}"
    source = os.path.dirname(spec.get("defun", {}).get("file", "lib/lib.c"))
    return f"{os.path.basename(source)}/{name}"


def read_commands(args, cli_files):
    """vtysh_cmd.c by FRR's xref2vtysh.py, of compiled programs (FRR 10)."""
    if not args.offloadd:
        raise Failure("the commands of FRR 10 are read from programs: "
                      "--offloadd, --libfrr, --daemons and --modules are "
                      "needed")
    cli = read_xrefs(args, os.path.join(args.out, "frr.xref"),
                     packaged_binaries(args))
    name_origins(cli, frr_origin)
    for spec in (s for origins in cli.values() for s in origins.values()):
        if "defun" in spec:
            # From the directory FRR was compiled in, whose depth varies.
            spec["defun"]["file"] = os.path.join(
                args.frr_src, re.sub(r"^(\.\./)+", "", spec["defun"]["file"]))
    ours = read_xrefs(args, os.path.join(args.out, "offloadd.xref"),
                      [args.offloadd])
    name_origins(ours, lambda path, spec: "offloadd/offloadd")
    for name, origins in ours.items():
        for origin, spec in cli.get(name, {}).items():
            # A function name defined twice would be two of one name in C.
            if spec.get("defun") != origins["offloadd/offloadd"].get("defun"):
                raise Failure(f"the function name {name} is {origin}'s, too; "
                              "names must be unique over all of FRR")
        cli.setdefault(name, {}).update(origins)
    merged = os.path.join(args.out, "all.xref")
    write(merged, json.dumps({"cli": cli}))
    text, _ = run(
        [os.path.join(args.frr_build, "lib", "clippy"),
         os.path.join(args.out, "xref2vtysh.py"), merged], cwd=args.frr_build,
        env=dict(os.environ, OFL_FRR_SRC=args.frr_src,
                 OFL_NODES=" ".join(our_nodes(args.nodes_h))))
    return text, installed_10(text)


def configured_daemons(args):
    return make_variable(args.frr_build, "vtysh_daemons")


def packaged_daemons(args):
    """As the package's commands name them: the SDK may lack some."""
    lists = re.findall(r"<(zebra\|[a-z0-9|]+\|pathd)>", json.dumps(read_xrefs(
        args, os.path.join(args.out, "frr.xref"), packaged_binaries(args))))
    if len(set(lists)) != 1:
        raise Failure("no command of the packaged programs lists the daemons")
    return lists[0].split("|")


# What is copied beside COPIES: (from, name), and where the list of daemons
# goes.
SERIES_8 = (("build", "vtysh/extract.pl"), "vtysh/vtysh_daemons.h")
SERIES_10 = (("src", "python/xref2vtysh.py"), "lib/vtysh_daemons.h")
# Per FRR series: the files of its kind, edits, and how the lists of commands
# and of daemons are made.
SERIES = {
    "8.4": (SERIES_8, EDITS_8_4, extract_commands, configured_daemons),
    "10.3": (SERIES_10, EDITS_10, read_commands, packaged_daemons),
    "10.7": (SERIES_10, EDITS_10, read_commands, packaged_daemons),
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


def install(made, out):
    """Moves what was MADE to OUT, but leaves what is the same alone: what is
    not newer is not compiled again."""
    for where, _, names in os.walk(made):
        to = os.path.join(out, os.path.relpath(where, made))
        os.makedirs(to, exist_ok=True)
        for name in names:
            old, new = os.path.join(to, name), os.path.join(where, name)
            if not os.path.exists(old) or read(old) != read(new):
                os.replace(new, old)


def make_sources(args, made, series):
    """All but the list of commands, edited."""
    ((kind, tool), daemons_h), edits, _, _ = SERIES[series]
    for sub in ("vtysh", os.path.dirname(daemons_h)):
        os.makedirs(os.path.join(made, sub), exist_ok=True)
    for name in COPIES:
        shutil.copyfile(os.path.join(args.frr_src, "vtysh", name),
                        os.path.join(made, "vtysh", name))
    root = {"build": args.frr_build, "src": args.frr_src}[kind]
    shutil.copyfile(os.path.join(root, tool),
                    os.path.join(made, os.path.basename(tool)))
    apply_edits(made, edits)

    daemons = SERIES[series][3](args) + ["offloadd"]
    header, _ = run([args.perl,
                     os.path.join(args.frr_src, "vtysh", "daemons.pl")]
                    + daemons)
    write(os.path.join(made, daemons_h), header)

    # clippy looks for its templates from FRR's build directory.
    run([os.path.join(args.frr_build, "lib", "clippy"),
         os.path.join(args.frr_src, "python", "clidef.py"),
         "-o", os.path.join(made, "vtysh", "vtysh_clippy.c"),
         os.path.join(made, "vtysh", "vtysh.c")], cwd=args.frr_build)


def transform(args):
    series = frr_series(args.frr_build)
    stamp = os.path.join(args.out, "stamp")
    made = os.path.join(args.out, "new")
    if os.path.exists(stamp):
        os.unlink(stamp)
    shutil.rmtree(made, ignore_errors=True)
    make_sources(args, made, series)
    install(made, args.out)

    defines = re.compile(r"\binstall_element\s*\(")
    cli_files = [f for f in args.cli if defines.search(read(f))]
    cmd_c, have = SERIES[series][2](args, cli_files)
    check_commands(have, cli_files, args.nodes)
    write(os.path.join(made, "vtysh", "vtysh_cmd.c"), cmd_c)
    install(made, args.out)
    shutil.rmtree(made)
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
    parser.add_argument("--nodes-h", required=True, metavar="FILE",
                        help="the header with our nodes")
    parser.add_argument("--offloadd", help="our program, for FRR 10")
    parser.add_argument("--libfrr", help="FRR's library")
    parser.add_argument("--daemons", help="directory of FRR's daemons")
    parser.add_argument("--modules", help="directory of FRR's modules")
    parser.add_argument("cli", nargs="+", help="sources with commands")
    args = parser.parse_args()
    for name, value in vars(args).items():
        if value and name not in ("perl", "cpp", "cli"):
            setattr(args, name, os.path.abspath(value))
    args.cli = [os.path.abspath(f) for f in args.cli]
    try:
        transform(args)
    except Failure as e:
        sys.exit(f"vtysh/transform.py: {e}.")
    except OSError as e:
        sys.exit(f"vtysh/transform.py: {e.filename}: {e.strerror}.")


if __name__ == "__main__":
    main()
