#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The gates catch what they are for.

Each case plants a violation in a small tree and expects the gate to name the
file and the fault; a clean tree must pass.  A gate that looks at built files
gets a small build of its own with a library that stands for libfrr.
"""
import importlib.util
import os
import subprocess
import sys
import tempfile

TREE = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
C = "// SPDX-License-Identifier: GPL-2.0-or-later\n"
H = "/* SPDX-License-Identifier: GPL-2.0-or-later */\n"
AM = "# SPDX-License-Identifier: GPL-2.0-or-later\n"
# Put together here, so that this file does not contain what gates refuse.
UNFINISHED = "TO" + "DO"
HOME = "/ho" + "me/someone"
ARCHIVE = "http://de" + "b.example.org/x"


def header(path, body="extern int ofl_dummy;\n"):
    guard = path.upper().replace("/", "_").replace(".", "_")
    return "%s#ifndef %s\n#define %s\n%s#endif\n" % (H, guard, guard, body)


COMMAND = C + """DEFPY(ofl_dig, ofl_dig_cmd,
	"[no] dig hole (1-9)$n [<deep$deep|wide>] [json$json]",
	"Dig\\n")
{
	return 0;
}
"""

MODULE = C + """module %s {
  namespace "urn:x";
  prefix x;
  leaf a {
    type string;
  }
}
"""

CLEAN = {
    "yang/frr-clean.yang": MODULE % "frr-clean",
    "lib/text.h": header("lib/text.h"),
    "lib/text.c": C + '#include "lib/text.h"\n\nint ofl_dummy;\n',
    "offloadd/base/names.c": C + '#include <zebra.h>\n#include "zclient.h"\n',
    "offloadd/flow/key.h": header("offloadd/flow/key.h",
                                  '#include "typesafe.h"\nextern int ofl_key;\n'),
    "offloadd/flow/key.c": C + '#include "offloadd/flow/key.h"\n\nint ofl_key;\n',
    "offloadd/store/store.h": header("offloadd/store/store.h"),
    "offloadd/source/zapi.c":
        C + '#include <zebra.h>\n#include "zclient.h"\n'
        '#include "offloadd/flow/key.h"\n',
    "offloadd/engine/engine.c":
        C + '#include "offloadd/store/store.h"\n'
        "\nint ofl_turn(int n)\n{\n\treturn n; /* not system() */\n}\n",
    "tests/unit/flow.am":
        AM + "tests_unit_test_key_SOURCES = tests/unit/test_key.c\n"
        "tests_unit_test_key_LDADD = offloadd/flow/libofl_flow.a "
        "lib/libofl_lib.a\n",
    "offloadd/store/sym.c": C + "int ofl_sym;\n",
    "doc/metrics.md": "| `offloadd_it` | gauge | | x |\n",
    "offloadd/metrics/metric.def":
        H + 'OFL_METRIC(IT, GAUGE, "offloadd_it", "", "x")\n',
    "README.md": "See [the guide](doc/user-guide.md).\n",
    "doc/user-guide.md": "`none`: nothing.\n",
    "doc/operator-guide.md": "| `none` | | nothing |\n",
    "doc/offloadd.8": '.\\" SPDX-License-Identifier: GPL-2.0-or-later\n'
                      ".B \\-h\n.B \\-\\-help\n.B \\-\\-database\n",
    "offloadd/flow/reason.def":
        H + 'OFL_REASON(NONE, "none", "Nothing.", "Nothing.")\n',
}
LONG = "int ofl_long(void)\n{\n" + "\t;\n" * 70 + "\treturn 0;\n}\n"

# gate, files planted over the clean tree, what the gate must say
CASES = [
    ("deps", {"offloadd/flow/bad.c": C + '#include "offloadd/engine/engine.h"\n',
              "offloadd/engine/engine.h": header("offloadd/engine/engine.h")},
     "offloadd/flow/bad.c:2: room flow includes upward: engine"),
    ("deps", {"offloadd/policy/bad.c": C + '#include "offloadd/store/store.h"\n'},
     "room policy includes its sibling store"),
    ("deps", {"lib/bad.c": C + '#include "offloadd/flow/key.h"\n'},
     "room lib includes upward"),
    ("deps", {"lib/bad.c": C + "#include <zebra.h>\n"},
     "lib/ includes zebra.h of FRR"),
    ("deps", {"lib/bad.c": C + '#include "memory.h"\n'},
     "lib/ includes memory.h of FRR"),
    ("deps", {"offloadd/placement/bad.c":
              C + '#include <zebra.h>\n#include "prefix.h"\n'},
     "the pure room placement includes prefix.h of FRR"),
    ("deps", {"offloadd/flow/bad.c":
              C + '#include <zebra.h>\n#include "offloadd/base/loop.h"\n',
              "offloadd/base/loop.h": header("offloadd/base/loop.h",
                                             '#include "thread.h"\n')},
     "includes thread.h of FRR through offloadd/base/loop.h"),
    ("deps", {"offloadd/flow/bad.c": C + '#include "memory.h"\n'},
     "does not include <zebra.h> first"),
    ("deps", {"offloadd/store/bad.c": C + '#include <zebra.h>\n'
              '#include "zclient.h"\n'},
     "only the feeds include zclient.h"),
    ("deps", {"offloadd/flow/bad.c": C + '#include "key.h"\n'},
     "includes our key.h without its full path"),
    ("deps", {"offloadd/flow/bad.c": C + '#include "offloadd/flow/no.h"\n'},
     "which does not exist"),
    ("deps", {"offloadd/cellar/bad.c": C}, "is in no room of the house"),
    ("deps", {"offloadd/flow/fine.c":
              C + '/* #include "offloadd/engine/engine.h" */\n'}, None),
    ("links", {"tests/unit/policy.am":
               AM + "x_LDADD = offloadd/store/libofl_store.a\n"},
     "tests/unit/policy.am:2: a test of policy links store"),
    ("links", {"tests/unit/policy.am":
               AM + "x_LDADD = offloadd/engine/libofl_engine.a\n"},
     "a test of policy links engine"),
    ("links", {"tests/unit/flow.am":
               AM + "tests_unit_t_SOURCES = tests/unit/t.c \\\n"
               "\toffloadd/store/store.c\n"},
     "compiles offloadd/store/store.c itself"),
    ("links", {"tests/unit/attic.am": AM}, "is named after no room"),
    ("links", {"tests/unit/flow_more.am":
               AM + "x_LDADD = offloadd/store/libofl_store.a\n"},
     "a test of flow links store"),
    ("forbidden", {"offloadd/store/bad.c":
                   C + "void f(void)\n{\n\tsystem(\"ls\");\n}\n"},
     "offloadd/store/bad.c:4: system() starts a shell"),
    ("forbidden", {"lib/bad.c": C + "void f(char *a)\n{\n"
                   "\tsprintf(a, \"x\");\n}\n"}, "sprintf() has no bound"),
    ("forbidden", {"lib/bad.c": C + "int f(char *a)\n{\n"
                   "\treturn atoi(a);\n}\n"}, "atoi() cannot tell an error"),
    ("forbidden", {"lib/fine.c": C + "/* atoi(x), strcpy(a, b) */\n"
                   "const char *ofl_x = \"system(y)\";\n"}, None),
    ("forbidden", {"offloadd/store/bad.c":
                   C + "void f(char *b, char *n)\n{\n\tsnprintf(b, 9,\n"
                   "\t\t\"SELECT x FROM y WHERE z = '%s'\", n);\n}\n"},
     "SQL put together by printf"),
    ("forbidden", {"offloadd/store/bad.c":
                   C + "void f(char *n)\n{\n\tasprintf(&n, \"DELETE FROM y \"\n"
                   "\t\t\"WHERE z = %s\", n);\n}\n"},
     "SQL put together by printf"),
    ("forbidden", {"offloadd/store/fine.c":
                   C + "void f(char *b)\n{\n\tsnprintf(b, 9, \"%d selected\", 1);"
                   "\n}\n"}, None),
    ("forbidden", {"offloadd/engine/bad.c":
                   C + "void f(void)\n{\n\texecvp(a, b);\n}\n"},
     "execvp() starts a program"),
    ("forbidden", {"bench/bad.c":
                   C + "void f(void)\n{\n\texecl(\"/bin/sh\", \"sh\", \"-c\","
                   " x, NULL);\n}\n"}, "execl() starts a shell"),
    ("forbidden", {"bench/fine.c":
                   C + "void f(void)\n{\n\texeclp(\"gzip\", \"gzip\", NULL);"
                   "\n}\n"}, None),
    ("forbidden", {"offloadd/store/bad.c":
                   C + "void f(void)\n{\n\tsqlite3_exec(db, \"x\", 0, 0, 0);"
                   "\n}\n"}, "sqlite3_exec() outside lib/sqldb.c"),
    ("forbidden", {"offloadd/store/bad.c":
                   C + "void f(void)\n{\n\tofl_sqldb_exec(db, text);\n}\n"},
     "ofl_sqldb_exec() of something that is no literal"),
    ("forbidden", {"offloadd/store/fine.c":
                   C + "void f(void)\n{\n\tofl_sqldb_exec(db, \"DELETE \"\n"
                   "\t\t\"FROM x\");\n}\n"}, None),
    ("forbidden", {"doc/bad.md": "%s: write this\n" % UNFINISHED},
     "marks something unfinished"),
    ("forbidden", {"offloadd/placement/bad.c":
                   C + "long f(void)\n{\n\treturn ofl_clock_mono_us();\n}\n"},
     "ofl_clock_mono_us() in the pure room placement"),
    ("forbidden", {"offloadd/engine/bad.c":
                   C + "void f(struct ofl_flow *flow)\n{\n"
                   "\tflow->state = 3;\n}\n"},
     "only ofl_flow_transition() changes a flow's state"),
    ("forbidden", {"offloadd/engine/fine.c":
                   C + "int f(struct ofl_flow *flow)\n{\n"
                   "\treturn flow->state == 3;\n}\n"}, None),
    ("forbidden", {"tests/golden/bad.py":
                   AM + "import subprocess\nsubprocess.run('x', shell=True)\n"},
     "starts a shell"),
    ("forbidden", {"tests/golden/bad.py":
                   AM + "db.execute(f'SELECT {x}')\n"},
     "puts SQL together from text"),
    ("style", {"lib/bad.c": "int ofl_x;\n"},
     "lib/bad.c:1: does not begin with its SPDX line"),
    ("style", {"tools/bad": "#!/bin/sh\necho\n"},
     "does not begin with its SPDX line"),
    ("style", {"lib/bad.c": C + "int ofl_x; \n"}, "lib/bad.c:2: trailing space"),
    ("style", {"lib/bad.c": C + "int ofl_x;\r\n"}, "carriage return"),
    ("style", {"lib/bad.c": C + "int ofl_x;"}, "has no newline at its end"),
    ("style", {"lib/bad.c": C + "int ofl_x;\n" * 801}, "has 802 lines, over 800"),
    ("style", {"lib/bad.c": C + "\n" + LONG}, "ofl_long() has 73 lines, over 60"),
    ("style", {"tests/unit/fine.c": C + "\n" + LONG}, None),
    ("style", {"lib/bad.h": H + "#ifndef X_H\n#define X_H\n#endif\n"},
     "has no guard LIB_BAD_H"),
    ("style", {"doc/bad.md": "Look into %s/x.\n" % HOME},
     "is a path of one machine"),
    ("style", {"tools/fine.sh": "#!/bin/sh\n" + AM + 'ls "$dir%s"\n' % HOME},
     None),
    ("style", {"doc/bad.md": "Get it from %s.\n" % ARCHIVE},
     "is the name of a package archive"),
    ("docs", {"offloadd/flow/reason.def":
              CLEAN["offloadd/flow/reason.def"]
              + 'OFL_REASON(NEW, "new-one", "x", "y")\n'},
     "does not explain the reason `new-one`"),
    ("docs", {"offloadd/metrics/metric.def":
              CLEAN["offloadd/metrics/metric.def"]
              + 'OFL_METRIC(NEW, COUNTER, "offloadd_new", "", "x")\n'},
     "does not say the metric offloadd_new_total"),
    ("docs", {"doc/metrics.md": "| `offloadd_it` | counter | | x |\n"},
     "offloadd_it is a gauge"),
    ("docs", {"doc/metrics.md": "| `offloadd_it` | gauge | | x |\n"
              "| `offloadd_old` | gauge | | x |\n"},
     "there is no metric offloadd_old"),
    ("docs", {"offloadd/flow/reason.def":
              CLEAN["offloadd/flow/reason.def"]
              + 'OFL_REASON(NEW, "new-one", "x", "y")\n'},
     "has no row for the reason `new-one`"),
    ("docs", {"doc/operator-guide.md": "| `none` | look | |\n"},
     "does not say what to do about `none`"),
    ("docs", {"doc/operator-guide.md": CLEAN["doc/operator-guide.md"]
              + "| `old-one` | | nothing |\n"},
     "there is no reason `old-one`"),
    ("docs", {"doc/offloadd.8": CLEAN["doc/offloadd.8"].replace(
        ".B \\-\\-database\n", "")}, "does not say option --database"),
    ("docs", {"offloadd/northbound/cli.c": COMMAND},
     "cli.c:2: `dig hole` has no entry in the documents"),
    ("docs", {"offloadd/northbound/cli.c": COMMAND,
              "doc/user/dig.md": ":::{clicmd} dig hole N\n\nDigs.\n:::\n"},
     "`dig hole`: no entry of it says `deep`"),
    ("docs", {"offloadd/northbound/cli.c": COMMAND,
              "doc/user/dig.md":
              ":::{clicmd} dig hole N [deep|`wide`]\n\nDigs.\n:::\n"}, None),
    ("docs", {"offloadd/northbound/cli.c": COMMAND,
              "doc/user/dig.md": "| command | does |\n|---|---|\n"
              "| `dig hole N [deep\\|wide]` | digs |\n"}, None),
    ("docs", {"offloadd/northbound/cli.c": COMMAND,
              "doc/user/dig.md": "| word | is |\n|---|---|\n"
              "| `dig hole N [deep\\|wide]` | digs |\n"},
     "has no entry in the documents"),
    ("docs", {"README.md": "[x](doc/nowhere.md)\n"},
     "README.md:1: links to doc/nowhere.md"),
    ("headers", {"lib/bad.h": header("lib/bad.h", "uint32_t ofl_f(void);\n")},
     "lib/bad.h: does not compile alone"),
    ("headers", {"lib/bad.h": H + "static inline int ofl_f(void)\n"
                 "{\n\treturn 0;\n}\n"}, "lib/bad.h: does not compile alone"),
    ("symbols", {"offloadd/store/sym.c": C + "int frr_thing;\n"},
     "frr_thing (sym.o) replaces libfrr's own"),
    ("symbols", {"offloadd/store/sym.c": C + "int unprefixed;\n"},
     "unprefixed (sym.o) is global without ofl_"),
    ("symbols", {"offloadd/store/sym.c":
                 C + "int ofl_fine;\nstatic int frr_thing;\n"
                 "int *ofl_use(void)\n{\n\treturn &frr_thing;\n}\n"}, None),
    ("yang", {"yang/frr-bad.yang": "module frr-bad {\n"}, "yanglint says"),
    ("yang", {"yang/frr-fine.yang": MODULE % "frr-fine"}, None),
    ("yang", {"yang/frr-offload.yang": MODULE % "frr-offload",
              "yang/frr-offload-acl.yang": MODULE % "frr-offload-acl",
              "doc/yang-tree.md": "another tree\n"},
     "is not what tools/yang-tree.py prints"),
]
NEEDS_BUILD = {"docs", "headers", "symbols", "yang"}
GATES = ["deps", "links", "forbidden", "style", "docs", "headers", "symbols",
         "yang"]


def plant(root, files):
    for path, text in files.items():
        full = os.path.join(root, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w", encoding="utf-8", newline="") as f:
            f.write(text)


def run(*command, cwd=None):
    subprocess.run(command, cwd=cwd, check=True, stdout=subprocess.DEVNULL)


def make_build(root, build):
    """A Makefile with the variables gates ask for, a library that stands for
    libfrr, a daemon that knows --help, and one room."""
    os.makedirs(build + "/offloadd/store")
    plant(build, {
        "Makefile": "CC = gcc\nAM_CPPFLAGS = -I%s/frr\nAM_CFLAGS = -Wall\n"
                    "FRR_LIBFRR = %s/libfrr.so.0\n" % (build, build),
        "frr/typesafe.h": "#pragma once\n", "frr/thread.h": "#pragma once\n",
        "frr.c": "int frr_thing;\n",
        "offloadd/offloadd": "#!/bin/sh\necho '  -h, --help  x'\n"
                             "echo '      --database  y'\n",
    })
    os.chmod(build + "/offloadd/offloadd", 0o755)
    run("gcc", "-shared", "-o", "libfrr.so.0", "frr.c", cwd=build)
    run("gcc", "-c", "-o", "offloadd/store/sym.o",
        root + "/offloadd/store/sym.c", cwd=build)
    run("ar", "rc", "offloadd/store/libofl_store.a",
        "offloadd/store/sym.o", cwd=build)


def run_gate(gate, files):
    """(exit status, output) of a gate on the clean tree plus `files`."""
    with tempfile.TemporaryDirectory() as tmp:
        root, build = tmp + "/tree", tmp + "/build"
        plant(root, dict(CLEAN, **files))
        command = [sys.executable, "%s/tools/gates/%s.py" % (TREE, gate),
                   "--root", root]
        if gate in NEEDS_BUILD:
            make_build(root, build)
            command += ["--build", build]
        result = subprocess.run(command, text=True, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT)
        return result.returncode, result.stdout


def judge(gate, files, wanted):
    """None if the gate does as it should, else a sentence."""
    status, output = run_gate(gate, files)
    if wanted is None:
        return None if status == 0 else "refused a clean tree:\n" + output
    if status == 0:
        return "let it pass: " + wanted
    if wanted not in output:
        return "did not say '%s' but:\n%s" % (wanted, output)
    return None


# output, exit status -> passed, failed, skipped
TALLIES = [
    ("x\n3 passed, 0 failed\n", 0, (3, 0, 0)),
    ("3 passed, 1 failed, 2 skipped\n", 1, (3, 1, 2)),
    ("3 passed, 0 failed\n", 1, (3, 1, 0)),
    ("3 passed, 0 failed\nmore\n", 0, (0, 1, 0)),
    ("1..2\nok 1 - a\nok 2 - b\n", 0, (2, 0, 0)),
    ("1..2\nok 1 - a\nnot ok 2 - b\n", 1, (1, 1, 0)),
    ("1..3\nok 1 - a\nok 2 # SKIP x\n", 0, (1, 1, 1)),
    ("1..1\nok 1\n1..1\nok 1\n", 0, (2, 0, 0)),
    ("1..2\nok 1 - a\n", -11, (1, 1, 0)),
    ("1..2\nok 1 - a\nnot ok 2 - b\n", -6, (1, 2, 0)),
    ("", 0, (0, 1, 0)),
    ("", 77, (0, 0, 1)),
]


def tally_cases():
    spec = importlib.util.spec_from_file_location(
        "run_tests", TREE + "/tools/run-tests.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for output, status, wanted in TALLIES:
        got = module.tally(output, status)[:3]
        yield "tally of %r, status %d" % (output, status), \
            None if got == wanted else "is %s, not %s" % (got, wanted)


# Says so if a second one is there at the same time; gives up after a while.
MEETS = """import os, sys, time
me, other = sys.argv[1:]
open(me, "w").close()
for _ in range(500):
    if os.path.exists(other):
        break
    time.sleep(0.02)
met = os.path.exists(other)
print("%d passed, %d failed" % (met, not met))
sys.exit(not met)
"""


def jobs_cases():
    with tempfile.TemporaryDirectory() as tmp:
        a, b = tmp + "/a", tmp + "/b"
        out = subprocess.run(
            [sys.executable, TREE + "/tools/run-tests.py", "--jobs", "2",
             "--", sys.executable, "-c", MEETS, a, b,
             "--", sys.executable, "-c", MEETS, b, a],
            stdout=subprocess.PIPE, text=True).stdout
    got = out.splitlines()[-1]
    yield "run-tests --jobs 2", \
        None if got == "2 passed, 0 failed" else "says %s" % got


def cases():
    for gate in GATES:
        yield gate + " passes a clean tree", judge(gate, {}, None)
    for gate, files, wanted in CASES:
        yield "%s: %s" % (gate, wanted or "no false alarm about "
                          + ", ".join(files)), judge(gate, files, wanted)
    yield from tally_cases()
    yield from jobs_cases()


def main():
    sys.dont_write_bytecode = True
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    passed = failed = 0
    for what, fault in cases():
        if fault:
            failed += 1
            print("not ok - %s\n  %s" % (what, fault.replace("\n", "\n  ")))
        else:
            passed += 1
            print("ok - " + what)
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
