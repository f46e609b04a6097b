#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The long run: libFuzzer on each target, beginning with the seeds.
#
# Not a layer of ./check.sh: it takes as long as it is given, and clang.  What
# it finds is written beside the build; to keep a finding, give it to the
# target with -minimize_crash=1 and put the result into tests/fuzz/corpus.
#
# It refuses to touch the corpus: what libFuzzer adds goes to its own directory
# until --merge takes the few that reach something new.
set -eu

usage() {
	cat <<-'USAGE'
	usage: tests/fuzz/run.sh [OPTION...] [TARGET...]

	Without targets: all, one after the other.

	  --seconds N      for each target (default 600)
	  --build-dir DIR  build there (default build/fuzz)
	  --merge          then add to tests/fuzz/corpus what reaches more
	  --list           name the targets
	  --help           this text

	What reached something new is in DIR/found/TARGET, what failed in
	DIR/crashes, the output in DIR/logs/TARGET.log.  Exit status 1: a target
	found something.
	USAGE
}

die() { echo "fuzz: $*" >&2; exit 2; }
say() { echo "fuzz: $*"; }

top=$(cd "$(dirname "$0")/../.." && pwd)
seconds=600
build=$top/build/fuzz
merge=no
known=$(cd "$top/tests/fuzz" && ls fuzz_*.c | sed 's/^fuzz_//; s/\.c$//')
targets=
while [ $# -gt 0 ]; do
	case $1 in
	--seconds) [ $# -ge 2 ] || die "--seconds wants a number"
		seconds=$2; shift ;;
	--build-dir) [ $# -ge 2 ] || die "--build-dir wants a directory"
		build=$2; shift ;;
	--merge) merge=yes ;;
	--list) echo "$known"; exit 0 ;;
	-h|--help) usage; exit 0 ;;
	-*) usage >&2; die "unknown option '$1'" ;;
	*) echo "$known" | grep -qx "$1" || die "no target '$1'"
		targets="$targets $1" ;;
	esac
	shift
done
[ -n "$targets" ] || targets=$known
case $seconds in ''|*[!0-9]*) die "--seconds wants a number" ;; esac

programs=
for t in $targets; do programs="$programs tests/fuzz/fuzz_$t"; done
mkdir -p "$build"
build=$(cd "$build" && pwd)
"$top/tools/setup.sh" build "$build" --enable-fuzzers --disable-vtysh -- $programs
mkdir -p "$build/crashes" "$build/logs"

failed=0
for t in $targets; do
	found=$build/found/$t
	seeds=$top/tests/fuzz/corpus/$t
	log=$build/logs/$t.log
	mkdir -p "$found" "$seeds"
	say "$t: $seconds s"
	"$build/tests/fuzz/fuzz_$t" -max_total_time="$seconds" -max_len=2000 \
		-timeout=20 -artifact_prefix="$build/crashes/$t-" \
		"$found" "$seeds" > "$log" 2>&1 || {
		failed=1
		grep -m1 -E 'ERROR|not so|runtime error' "$log" || true
		say "$t: it found something: $log"
		continue
	}
	grep -E '^#[0-9]+[[:space:]]+DONE|^Done' "$log" | sed "s/^/fuzz: $t: /"
	[ $merge = no ] || "$build/tests/fuzz/fuzz_$t" -merge=1 \
		"$seeds" "$found" >> "$log" 2>&1
done
exit $failed
