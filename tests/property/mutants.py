#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Do the property tests notice defects?  Each one here is put into a copy of
the placement room and of the engine's lists, and one of the tests must fail on
it.

    mutants.py --builddir DIR [--srcdir DIR] [--only NAME]... [--all] [--list]

The unchanged copy must pass first.  A defect whose text is no longer found
exactly once, that does not compile, or that no test notices, is a failed test.
Nothing is written to either directory.
"""
import argparse
import concurrent.futures
import os
import re
import resource
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

TREE = Path(__file__).resolve().parent.parent.parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(TREE / "tools" / "gates"))
sys.path.insert(0, str(Path(__file__).resolve().parent))
from common import make_vars  # noqa: E402
import mutants_lists  # noqa: E402

ROOM = "offloadd/placement"
TEST = "tests/property"
LISTS = "offloadd/engine"
FAKE = "tests/unit"
# What of them is copied, and compiled; the rest of the engine is linked.
COPIED = {ROOM: "*.[ch]", TEST: "*.[ch]", LISTS: "list*.[ch]",
          FAKE: "list_fake.[ch]"}
NOT_COMPILED = ("list_engine.c",)
LIBRARIES = ("offloadd/flow/libofl_flow.a", "offloadd/base/libofl_base.a",
             "lib/libofl_lib.a")
LISTS_LIBRARIES = tuple(f"offloadd/{room}/libofl_{room}.a" for room in (
    "engine", "source", "policy", "provider", "store", "traffic")) + LIBRARIES
# (program, arguments, the end of what it says if all is well)
PROGRAMS = [
    ("test_placement", ["--universes", "600"], "607 passed, 0 failed\n"),
    ("test_faults", ["--scenarios", "60"], "60 passed, 0 failed\n"),
    ("test_acl", ["--universes", "1200"], "1200 passed, 0 failed\n"),
    ("test_lists", ["--universes", "300"], "300 passed, 0 failed\n"),
]
# Processor time, so that a busy machine makes no defect look noticed.
LIMIT_CPU_S = 10
LIMIT_BYTES = 1 << 30
AT_ONCE = 2

# (name, what is wrong, file of the room, text, text instead); a space in the
# text is any white space.  Only what really changes what hardware holds or what
# is told: a defect that others make good again proves nothing about the test.
MUTANTS = [
    ("real-always-safe",
     "a REAL entry is written before the covers below it", "executor.c",
     "return ofl_bare_is_safe(n, n->identity);",
     "return true;"),
    ("replace-always-safe",
     "a REAL entry changes before the covers below it come", "executor.c",
     "return ofl_bare_is_safe(n, n->identity);",
     "return n->hw == OFL_ENTRY_REAL || ofl_bare_is_safe(n, n->identity);"),
    ("del-always-safe",
     "an entry goes whatever stands above it", "executor.c",
     "if (!identity_above(n, &above)) return false;",
     "return true;"),
    ("ghost-rule",
     "a withdrawn route still vouches for its addresses", "executor.c",
     "for (r = n; r && !r->route; r = ofl_lpm_up(r)) ;",
     "r = n;"),
    ("exposed-below",
     "an entry goes although it shields routes below", "executor.c",
     "return ofl_bare_is_safe(n, above);",
     "return true;"),
    ("unanswered-above",
     "an unanswered write above counts as absent", "executor.c",
     "n->op != OFL_OP_NONE && n->op_entry == OFL_ENTRY_REAL",
     "false"),
    ("unanswered-del",
     "an entry whose removal is unanswered counts as held", "lpm.h",
     "return n->hw != OFL_ENTRY_NONE && n->op != OFL_OP_DEL;",
     "return n->hw != OFL_ENTRY_NONE;"),
    ("capacity-plus-one",
     "one slot more than there are", "executor.c",
     "(uint64_t)p->st.used_slots + ofl_lpm_cost(p, n) <=",
     "(uint64_t)p->st.used_slots + ofl_lpm_cost(p, n) - 1 <="),
    ("deadlock",
     "nobody gives way when everything waits for everything", "executor.c",
     "return next_scheduled(p, ret_op) || break_deadlock(p, ret_op);",
     "return next_scheduled(p, ret_op);"),
    ("abort-keeps-slot",
     "an aborted add keeps its slot", "executor.c",
     "if (n->op == OFL_OP_ADD) p->st.used_slots -=",
     "if (false) p->st.used_slots -="),
    ("lost-ignored",
     "an entry that hardware lost is believed to be there", "placement.c",
     "ofl_exec_lost(p, n);",
     ";"),
    ("never-elided",
     "a shorter entry may answer a route that hardware may not", "lpm.h",
     "return n->identity && n->identity == identity;",
     "return !n->identity || n->identity == identity;"),
    ("never-not-bare",
     "a route that hardware may not answer needs no cover", "bare.c",
     "n->identity && n->identity <= OFL_PLACE_IDENTITY_MAX",
     "n->identity <= OFL_PLACE_IDENTITY_MAX"),
    ("half-unseen",
     "what is below the right child is not seen", "bare.c",
     "b->child[1] ? ofl_lpm_child(b, 1)->bare_hw : 0",
     "0"),
    ("cover-skipped",
     "the first cover that an entry needs is left out", "closure.c",
     "struct ofl_lpm_node *d = n; while ((d = ofl_bare_next(n, d, identity)))",
     "struct ofl_lpm_node *d = ofl_bare_next(n, n, identity);"
     " while (d && (d = ofl_bare_next(n, d, identity)))"),
    ("covers-unlimited",
     "covers of best effort have no limit", "choice.c",
     "if (own <= room && ofl_closure_count(p, n, n->identity, room - own,"
     " &covers))",
     "if (own <= room && ofl_closure_count(p, n, n->identity, UINT32_MAX,"
     " &covers))"),
    ("own-uncounted",
     "an entry's own slot is not counted with its covers'", "choice.c",
     "if (own <= room && ofl_closure_count(p, n, n->identity, room - own,"
     " &covers))",
     "if (own <= room && ofl_closure_count(p, n, n->identity, room,"
     " &covers))"),
    ("shield-dropped",
     "a punt that shields routes below is not counted upon", "value.c",
     "t.in = c->punt_failed ? c->in : worth_max(c->in, punt);",
     "t.in = c->in;"),
    ("punt-refused",
     "the entry above stays although its cover was refused", "choice.c",
     "n->want == OFL_ENTRY_PUNT && n->punt_failed &&",
     "false &&"),
    ("watermark-high",
     "best effort fills the table", "choice.c",
     "return MIN(p->conf.high_slots, ofl_choice_capacity(p));",
     "return ofl_choice_capacity(p);"),
    ("watermark-low",
     "once closed, best effort stays out", "choice.c",
     "if (ofl_watermark_update(&p->mark, p->st.planned_slots))",
     "if (false)"),
    ("critical-not-first",
     "critical routes are worth what they weigh", "value.h",
     "if (a.critical != b.critical)",
     "a.critical += a.best_effort; b.critical += b.best_effort;"
     " if (a.critical != b.critical)"),
    ("cover-limit",
     "covers of critical routes have no limit", "choice.c",
     "if (!limit || n->cls != OFL_CLASS_CRITICAL)",
     "if (true)"),
    ("never-form",
     "a route that hardware may not answer is summed like others", "value.h",
     "return n->route && n->identity && !n->blocked;",
     "return n->route && !n->blocked;"),
    ("sum-withdrawn",
     "a withdrawn route stays in the sums above it", "value.c",
     "term_add(&delta, &own, -1);",
     ";"),
    ("sum-weight",
     "a weight does not reach the sums", "value.c",
     "ofl_worth_sub(ofl_value_own(n), change->own)",
     "(struct ofl_worth){0}"),
    ("sum-refused",
     "a refused cover counts as one that can be", "value.c",
     "t.in = c->punt_failed ? c->in : worth_max(c->in, punt);",
     "t.in = worth_max(c->in, punt);"),
    ("bound-low",
     "the certificate says less than could be", "certificate.c",
     "ofl_worth_mul(p->price, slots));",
     "ofl_worth_mul(p->price, slots / 2));"),
    ("bound-of-high",
     "the certificate is for less slots than the plan takes",
     "certificate.c",
     "slots = MAX(slots, p->st.planned_slots);",
     ";"),
    ("value-kept",
     "what hardware no longer answers counts as answered", "choice.c",
     "if (n->answered) {",
     "if (n->answered && sign > 0) {"),
    ("bound-without-floor",
     "the certificate takes more slots for dearer than they are",
     "certificate.c",
     "bound.best_effort -= floor * slots - paid;",
     "bound.best_effort -= 2 * (floor * slots - paid);"),
    ("floor-ignored",
     "an open table takes whoever comes", "choice.c",
     "else if (ofl_choice_is_too_little(p, n) && !is_found(n))",
     "else if (false)"),
    ("floor-for-weight",
     "the floor is for an entry, not for its slots", "choice.c",
     "return own.best_effort <= floor * ofl_lpm_cost(p, n) ||",
     "return own.best_effort <= floor ||"),
    ("floor-of-optimum",
     "the optimum does not pay the floor", "pin.c",
     "ofl_exact_charge(x->exact, ofl_value_floor(p) * x->parts);",
     ";"),
    ("floor-of-punt",
     "the optimum does not pay the floor for covers", "exact.c",
     "with_n.best_effort -= s->charge * s->n_cost;",
     ";"),
    ("cold-stays",
     "who gains too little never leaves", "swap.c",
     "return MIN(r->cooled.sum, excess(planned, low - 1));",
     "return 0;"),
    ("vain-forever",
     "best effort leaves for whom no room lets in", "swap.c",
     "r->vain < VAIN) r->vain++;",
     "false) r->vain++;"),
    ("floor-unwritten",
     "what is not worth it any longer is written all the same", "choice.c",
     "} else if (pin == OFL_PIN_FREE && is_unwanted(p, n)) {",
     "} else if (false) {"),
    ("tokens-ignored",
     "optional writes have no limit", "round.c",
     "if (!p->conf.optional_burst || p->round->tokens) return true;",
     "return true;"),
    ("adopted-uncounted",
     "the slots of an adopted entry are not counted", "placement.c",
     "n->hw_identity = entry == OFL_ENTRY_REAL ? identity : 0;"
     " p->st.used_slots += ofl_lpm_cost(p, n);",
     "n->hw_identity = entry == OFL_ENTRY_REAL ? identity : 0;"),
    ("adopted-rewritten",
     "an adopted entry is written again", "placement.c",
     "n->hw_identity = entry == OFL_ENTRY_REAL ? identity : 0;",
     "n->hw_identity = 0;"),
    ("acl-real-always-sound",
     "a REAL entry is written before the covers above it", "acl_exec.c",
     "if (r->bare) return false; for",
     "for"),
    ("acl-pref-ignored",
     "a cover behind the entry it protects from counts", "acl_exec.c",
     "if (d->hw_pref >= pref)",
     "if (false)"),
    ("acl-cover-skipped",
     "the first cover that an entry needs is left out", "acl_exec.c",
     "*ret_blocker = NULL; if (r->bare)",
     "*ret_blocker = NULL; if (r->bare > 1)"),
    ("acl-plan-skips-cover",
     "the plan forgets one rule above", "acl_choice.c",
     "ofl_ace_mark_changed(p, r); if (r->replan)",
     "ofl_ace_mark_changed(p, r); if (r->replan || (!r->want &&"
     " r->position == 7))"),
    ("acl-del-always-safe",
     "an entry goes whatever REAL entry behind it needs it", "acl_exec.c",
     "const struct ofl_ace *blocker = needs(p, r); if (!blocker &&"
     " !r->del_failed)",
     "const struct ofl_ace *blocker = NULL; if (!blocker && !r->del_failed)"),
    ("acl-break-always-safe",
     "without room to move, an entry goes whoever needs it", "acl_exec.c",
     "blocker = needs(p, r); if (!blocker) return",
     "blocker = NULL; if (!blocker) return"),
    ("acl-ghost-exposed",
     "what hides the entry of a rule that is gone may go", "acl_exec.c",
     "if (ofl_ace_is_ghost(l) || l->bare)",
     "if (!ofl_ace_is_ghost(l) && l->bare)"),
    ("acl-unsafe-exposed",
     "what hides an entry without its covers may go", "acl_exec.c",
     "if (ofl_ace_is_ghost(l) || l->bare)",
     "if (ofl_ace_is_ghost(l))"),
    ("acl-unanswered-del",
     "an entry whose removal is unanswered counts as a cover", "acl_exec.c",
     "return r->hw != OFL_ENTRY_NONE && (r->op != OFL_OP_DEL || r->op_old);",
     "return r->hw != OFL_ENTRY_NONE;"),
    ("acl-unanswered-real",
     "a REAL entry on its way needs no covers", "acl_exec.c",
     "return r->hw == OFL_ENTRY_REAL || r->op_entry == OFL_ENTRY_REAL;",
     "return r->hw == OFL_ENTRY_REAL;"),
    ("acl-no-retreat",
     "what waits for a cover waits for its slot, too", "acl_exec.c",
     "if (ofl_ace_is_unsafe(l)) retreat(p, l);",
     ";"),
    ("acl-capacity-plus-one",
     "one slot more than there are", "acl_exec.c",
     "(uint64_t)p->st.used_slots + r->slots <= limit;",
     "(uint64_t)p->st.used_slots + r->slots <= limit + 1ull;"),
    ("acl-never-answered",
     "a rule that hardware may not answer needs no cover", "acl_list.h",
     "return a->identity == 0 || a->identity != b->identity;",
     "return a->identity && a->identity != b->identity;"),
    ("acl-new-rule-unseen",
     "a rule that comes above an entry is not seen", "acl_dep.c",
     "if (!l->wide) relate(p, r, l);",
     "if (!l->wide && !l->want) relate(p, r, l);"),
    ("acl-shift-always",
     "a rule may change places with any other", "acl_dep.c",
     "if (o->position > low && o->position < high &&",
     "if (false &&"),
    ("acl-level-blind",
     "an entry's level does not mind what is above it", "acl_level.c",
     "above = above_of(p, r);",
     "above = 0;"),
    ("acl-lost-twice",
     "a lost entry gives its slots back twice", "acl_done.c",
     "r->op_lost = true;",
     ";"),
    ("acl-critical-waits",
     "best effort does not make room for a critical rule", "acl_swap.c",
     "return slots <= limit ? cheapest(p) : ofl_ace_heap_top(&p->critical);",
     "return ofl_ace_heap_top(&p->critical);"),
    ("acl-watermark",
     "best effort may have the whole table", "acl_swap.c",
     "if (cls == OFL_CLASS_CRITICAL) return hard;",
     "return hard;"),
    ("acl-slots-forgotten",
     "slots that a candidate lacks are counted wrongly", "acl_choice.c",
     "l->missing_slots -= sign * d->slots;",
     "l->missing_slots -= d->slots;"),
]
MUTANTS += mutants_lists.LISTS
EVERY = MUTANTS + mutants_lists.MORE


class Failure(Exception):
    pass


class Children:
    """What was started, so that an interrupt leaves nothing behind."""

    def __init__(self):
        self.lock = threading.Lock()
        self.running = set()
        self.stopped = False

    def run(self, command, cwd=None, limited=False):
        """(exit status, output)"""
        with self.lock:
            if self.stopped:
                raise Failure("interrupted")
            child = subprocess.Popen(
                command, cwd=cwd, text=True, errors="replace",
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT)
            self.running.add(child)
            if limited:
                self.limit(child)
        output = child.communicate()[0]
        with self.lock:
            self.running.discard(child)
        return child.returncode, output

    @staticmethod
    def limit(child):
        try:
            resource.prlimit(child.pid, resource.RLIMIT_CPU,
                             (LIMIT_CPU_S, LIMIT_CPU_S + 1))
            resource.prlimit(child.pid, resource.RLIMIT_AS,
                             (LIMIT_BYTES, LIMIT_BYTES))
        except ProcessLookupError:
            pass

    def stop(self):
        with self.lock:
            self.stopped = True
            for child in self.running:
                child.kill()


class Bench:
    """Compiles copies of the room against the property tests."""
    NAMES = ("CC", "DEFS", "DEFAULT_INCLUDES", "INCLUDES", "AM_CPPFLAGS",
             "CPPFLAGS", "AM_CFLAGS", "CFLAGS", "AM_LDFLAGS", "LDFLAGS",
             "FRR_LIBFRR", "LIBS", "OFL_LIBS")

    def __init__(self, srcdir, builddir, work):
        self.srcdir = srcdir
        self.builddir = builddir
        self.work = work
        self.children = Children()
        self.flags = dict(zip(self.NAMES, (
            shlex.split(v) for v in make_vars(str(builddir), *self.NAMES))))
        self.objects = {}

    def words(self, *names):
        return [word for name in names for word in self.flags[name]]

    def compile(self, source, top, out):
        """The headers of the copy `top` come first."""
        status, output = self.children.run(
            self.words("CC") + [f"-I{top}"] +
            self.words("DEFS", "DEFAULT_INCLUDES", "INCLUDES", "AM_CPPFLAGS",
                       "CPPFLAGS", "AM_CFLAGS", "CFLAGS") +
            ["-O1", "-g0", "-w", "-c", "-o", str(out), str(source)],
            cwd=self.builddir)
        if status:
            raise Failure(f"does not compile:\n{output}")
        return out

    def link(self, objects, out, libraries):
        status, output = self.children.run(
            self.words("CC", "AM_CFLAGS", "CFLAGS", "AM_LDFLAGS", "LDFLAGS") +
            ["-o", str(out)] + [str(o) for o in objects] +
            [str(self.builddir / a) for a in libraries] +
            self.words("OFL_LIBS", "FRR_LIBFRR", "LIBS"), cwd=self.builddir)
        if status:
            raise Failure(f"does not link:\n{output}")

    def copy(self, name):
        """A copy of the room and its tests, as they were at the beginning."""
        first = self.work / "unchanged"
        source = first if first.exists() else self.srcdir
        top = self.work / name
        for part, names in COPIED.items():
            (top / part).mkdir(parents=True)
            for path in (source / part).glob(names):
                shutil.copy(path, top / part)
        return top

    def build(self, top, changed, pool=None):
        """Compile what `changed` concerns; the rest is as in the unchanged
        copy."""
        sources = [s for s in sorted(top.rglob("*.c"))
                   if s.name not in NOT_COMPILED and
                   (not changed.endswith(".c") or s.name == changed)]
        outs = [s.with_suffix(".o") for s in sources]
        each = pool.map if pool else map
        made = dict(zip((s.name for s in sources),
                        each(self.compile, sources, [top] * len(outs), outs)))
        if not changed:
            self.objects = made
        objects = {**self.objects, **made}
        for name, _, _ in PROGRAMS:
            of_lists = name == "test_lists"
            parts = (ROOM, LISTS, FAKE) if of_lists else (ROOM, TEST)
            others = [f"{n}.c" for n, _, _ in PROGRAMS if n != name]
            self.link([o for s, o in objects.items() if s == f"{name}.c" or
                       (s not in others and
                        str(o.parent).endswith(parts))],
                      top / name,
                      LISTS_LIBRARIES if of_lists else LIBRARIES)

    def test(self, top, changed):
        """(noticed, what was said)"""
        for name, arguments, end in PROGRAMS:
            if changed and name not in concerned(changed):
                continue
            status, output = self.children.run(
                [str(top / name)] + arguments, limited=True)
            if status == -signal.SIGKILL:
                raise Failure("killed from outside: nothing is known")
            if status or not output.endswith(end):
                return True, f"{name}: {how(status, output)}"
        return False, "passed"


def concerned(file):
    """Programs that may notice a defect in this file."""
    if file.startswith("list") or file.startswith("acl_order"):
        return ("test_lists",)
    # Routes and ACLs share no file of the room.
    if file.startswith("acl"):
        return ("test_acl", "test_lists")
    return ("test_placement", "test_faults")


def how(status, output):
    """What the test said, in a few words."""
    if status == -signal.SIGXCPU:
        return f"not done after {LIMIT_CPU_S} s"
    if status < 0:
        return f"died: {signal.Signals(-status).name}"
    m = re.search(r"^FAILED at (.*)$", output, re.M)
    return m.group(1) if m else f"exit status {status}"


def put_in(path, old, new):
    where = r"\s+".join(re.escape(word) for word in old.split())
    text, count = re.subn(where, lambda _: new, path.read_text())
    if count != 1:
        raise Failure(f"its text is {count} times in {path.name}, not once")
    path.write_text(text)


def judge(bench, mutant):
    """(noticed, sentence)"""
    name, _, file, old, new = mutant
    began = time.monotonic()
    top = bench.copy(name)
    try:
        put_in(next(p for p in top.rglob(file)), old, new)
        bench.build(top, file)
        noticed, words = bench.test(top, file)
        if not noticed:
            words = f"not noticed: {mutant[1]}"
    except Failure as e:
        noticed, words = False, str(e)
    shutil.rmtree(top)
    return noticed, f"{name} ({time.monotonic() - began:.1f} s): {words}"


def unchanged(bench, pool):
    """The copy without a defect passes; else nothing else means anything."""
    began = time.monotonic()
    top = bench.copy("unchanged")
    bench.build(top, "", pool)
    noticed, words = bench.test(top, "")
    if noticed:
        raise Failure(f"without a defect: {words}")
    print(f"ok     unchanged ({time.monotonic() - began:.1f} s): {words}",
          flush=True)


def run(bench, mutants):
    """(passed, failed)"""
    counts = [0, 0]
    pool = concurrent.futures.ThreadPoolExecutor(AT_ONCE)
    try:
        unchanged(bench, pool)
        counts[0] += 1
        for noticed, words in pool.map(lambda m: judge(bench, m), mutants):
            counts[not noticed] += 1
            print("ok    " if noticed else "FAILED", words, flush=True)
    except Failure as e:
        counts[1] += 1
        print("FAILED", e)
    finally:
        bench.children.stop()
        pool.shutdown(cancel_futures=True)
    return counts


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--srcdir", type=Path, default=TREE,
                        help="the source tree")
    parser.add_argument("--builddir", type=Path,
                        help="a configured and built directory")
    parser.add_argument("--only", action="append", metavar="NAME",
                        choices=[m[0] for m in EVERY],
                        help="this defect; may be repeated")
    parser.add_argument("--all", action="store_true",
                        help="those that are left out by default, too")
    parser.add_argument("--list", action="store_true",
                        help="name the defects")
    args = parser.parse_args()
    if not args.list and not args.builddir:
        parser.error("--builddir is missing")
    return args


def stop(number, _frame):
    sys.exit(128 + number)


def main():
    args = arguments()
    mutants = [m for m in EVERY if m[0] in args.only] if args.only else \
        EVERY if args.all or args.list else MUTANTS
    if args.list:
        for name, what, file, _, _ in mutants:
            print(f"{name:22} {file:12} {what}")
        return 0
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with tempfile.TemporaryDirectory(prefix="ofl-mutants-") as work:
        bench = Bench(args.srcdir.resolve(), args.builddir.resolve(),
                      Path(work))
        passed, failed = run(bench, mutants)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
