#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The test command: sets up what is missing, builds, runs every layer of
# tests and says how many passed.
#
# It refuses to hide anything: a layer that ran no test has failed, a layer
# that cannot run here stops the command before anything is built, and one
# layer's failure does not keep the others from running.
set -u

top=$(cd "$(dirname "$0")" && pwd)

# name | needs root | seconds a layer may take | what it is
layers="
gates      no   120 the house's laws: includes, symbols, headers, calls, style
unit       no   120 each room by itself (cmocka)
unit-san   no   600 the same under AddressSanitizer and UBSan
fuzz       no   180 seeds and damaged seeds to all that reads what comes from outside
property   no   300 random operations against a naive model
golden     yes  180 a configuration loads, prints, and loads again the same: every leaf
vtysh      yes  480 the rebuilt vtysh: commands, completion, write, reload, --tcli, --mgmtd
netconf    yes  240 NETCONF by the clients that people use, and by hostile ones
topotests  yes  480 routers in namespaces: FRR's own framework and daemons
install    no   120 what make install puts where, and make uninstall takes
fault      yes  300 offloadd is killed at any moment: hardware stays right, a restart writes nothing
bench      yes  180 the bench programs with a few routes: they work, not how fast
docs       yes  300 the documents build, every command in them is carried out, and the report is looked at
frr10      yes  900 unit to topotests again with the newest FRRouting, in a root of its own
hw         yes  600 a limited switch in virtual machines: the kernel's own offload path
"

usage() {
	cat <<-'USAGE'
	usage: ./check.sh [OPTION...] [LAYER...]

	Installs what the tests need (Debian packages; root), builds in build/check
	and runs the layers: all, or those named.  The last line is
	`N passed, N failed`; the exit status is 0 if none failed.

	  --list           name the layers
	  --skip LAYER     leave one out; may be repeated
	  --build-dir DIR  build there instead of build/check
	  --frr SUITE      with the FRRouting of a Debian release (trixie, forky)
	                   in a root file system of it (tools/frr-root.sh), the
	                   layers that meet FRRouting or those named; builds in
	                   BUILD-DIR/SUITE
	  --no-install     install nothing; say what is missing and stop
	  --help           this text

	A layer's whole output is in BUILD-DIR/logs/LAYER.log.
	USAGE
}

die() { echo "check: $*" >&2; exit 2; }
say() { echo "check: $*"; }
# field NAME N: a column of the table above
field() { awk -v l="$1" -v n="$2" '$1 == l { print $n }' <<<"$layers"; }
names() { awk 'NF { print $1 }' <<<"$layers"; }
is_layer() { [ -n "$(field "$1" 1)" ]; }

build=$top/build/check
may_install=
# Where the newest FRRouting is, and what runs a daemon of it or links libfrr.
newest=forky
meets_frr="unit golden vtysh netconf topotests"
frr=
skip=" "
chosen=
while [ $# -gt 0 ]; do
	case $1 in
	--list)
		awk 'NF { $2 = $2 == "yes" ? "[root]" : "      "; n = $1; r = $2
			$1 = $2 = $3 = ""; sub(/^ +/, "")
			printf "%-10s %s %s\n", n, r, $0 }' <<<"$layers"
		exit 0 ;;
	--skip) [ $# -ge 2 ] || die "--skip wants a layer"
		is_layer "$2" || die "no layer '$2'; ./check.sh --list names them"
		skip="$skip$2 "; shift ;;
	--build-dir) [ $# -ge 2 ] || die "--build-dir wants a directory"
		build=$2; shift ;;
	--frr) [ $# -ge 2 ] || die "--frr wants a Debian release"
		case $2 in ''|*[!a-z0-9.-]*) die "'$2' is not the name of a release" ;; esac
		frr=$2; shift ;;
	--no-install) may_install=--no-install ;;
	-h|--help) usage; exit 0 ;;
	-*) usage >&2; die "unknown option '$1'" ;;
	*) is_layer "$1" || die "no layer '$1'; ./check.sh --list names them"
		chosen="$chosen $1" ;;
	esac
	shift
done
[ -z "$frr" ] || chosen=${chosen:-$meets_frr}
todo=
for layer in $(names); do
	case " ${chosen:-$(names | tr '\n' ' ')} " in *" $layer "*) ;; *) continue ;; esac
	case $skip in *" $layer "*) continue ;; esac
	todo="$todo $layer"
done
[ -n "$todo" ] || die "every layer is left out"
case "$frr $todo " in
[a-z0-9]*" frr10 "*|[a-z0-9]*" hw "*)
	die "the layers frr10 and hw are for the machine's own FRRouting" ;;
esac
if [ "$(id -u)" != 0 ]; then
	for layer in $todo; do
		[ "$(field "$layer" 2)" = no ] ||
			die "layer $layer makes network namespaces: run as root, or --skip $layer"
	done
fi

began=$SECONDS
mkdir -p "$build/logs" || die "cannot write to $build"
build=$(cd "$build" && pwd)
plain=$build/plain
san=$build/san

# --- set-up ---
failed_setup() { echo "0 passed, 1 failed"; exit 1; }
if [ -n "$frr" ]; then
	"$top/tools/setup.sh" install $may_install build roots || failed_setup
	"$top/tools/setup.sh" bootstrap || failed_setup
	"$top/tools/frr-root.sh" "$frr" || failed_setup
	# What ccache keeps (tools/setup.sh), there and here.
	kept=${CCACHE_DIR:-${OFFLOAD_SDK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/offloadd}/ccache}
	mkdir -p "$build/$frr" "$kept" || die "cannot write to $build or $kept"
	exec "$top/tools/frr-root.sh" --rw "$build/$frr" --rw "$kept" \
		--env CCACHE_DIR="$kept" --env OFFLOAD_CHECK_ROOT="$frr" "$frr" -- \
		"$top/check.sh" --no-install --build-dir "$build/$frr" $todo
fi
sets="run build test"
# Kernels, compilers for them and an emulator: only for the layer they are for.
case "$todo " in *" hw "*) sets="$sets hw" ;; esac
# An SSH server, and clients, likewise.
case "$todo " in *" netconf "*) sets="$sets netconf" ;; esac
# What builds the documents, and the programs that they call.
case "$todo " in *" docs "*) sets="$sets docs netconf" ;; esac
# Root file systems of other releases.
case "$todo " in *" frr10 "*) sets="$sets roots" ;; esac
"$top/tools/setup.sh" install $may_install $sets || failed_setup
say "FRR $(dpkg-query -W -f='${Version}' frr 2>/dev/null), $(. /etc/os-release && echo "$PRETTY_NAME")"
"$top/tools/setup.sh" build "$plain" --enable-werror || failed_setup

# --- the layers: each is a list of commands for run-tests.py ---
# print_var DIR NAME: a make variable of a build directory
print_var() {
	make -s --no-print-directory -C "$1" \
		--eval="ofl-print: ; @echo \$($2)" ofl-print
}
# programs DIR WHERE: the test programs below tests/WHERE/
programs() {
	for p in $(print_var "$1" check_PROGRAMS); do
		case $p in "tests/$2/"*) echo "$p" ;; esac
	done | sort
}
# Two programs at a time, or as many as the layer says: one has one processor
# or waits.  They are started in their order: the longest is best first.
jobs=1
[ "$(nproc)" -lt 2 ] || jobs=2
run_tests() {
	exec "$top/tools/run-tests.py" --timeout "$limit" --jobs "$jobs" "$@"
}
# run_programs DIR PROGRAM...: build, then run what `also` has and them; one that
# does not build keeps the others from nothing, but is a failure even if an
# old one is there
also=()
run_programs() {
	local dir=$1 p
	local args=()
	shift
	[ $# -gt 0 ] || { echo "no test program is listed"; exit 1; }
	"$top/tools/setup.sh" build "$dir" "${configure[@]}" -- -k "$@" ||
		args+=(-- sh -c 'echo "not ok - the test programs build"')
	for p in "$@"; do args+=(-- "$dir/$p"); done
	cd "$dir" && run_tests "${also[@]}" "${args[@]}"
}
layer_gates() {
	local py=/usr/bin/python3 args=() g
	for g in deps links forbidden style; do
		args+=(-- $py "$top/tools/gates/$g.py")
	done
	for g in symbols headers docs yang; do
		args+=(-- $py "$top/tools/gates/$g.py" --build "$plain")
	done
	run_tests -- $py "$top/tests/gates/run.py" \
		-- $py "$top/tests/gates/test_command.py" \
		-- $py "$top/tests/gates/test_in_root.py" "${args[@]}"
}
layer_unit() {
	configure=(--enable-werror)
	run_programs "$plain" $(programs "$plain" unit)
}
layer_unit-san() {
	configure=(--enable-sanitizers --disable-vtysh)
	# No strict_string_checks: libyang 2.1 hands strndup() text without an end.
	export ASAN_OPTIONS=detect_stack_use_after_return=1
	export UBSAN_OPTIONS=print_stacktrace=1
	run_programs "$san" $(programs "$plain" unit)
}
# Every target, with rounds for some seconds each: what is slow gets fewer.
layer_fuzz() {
	local t rounds args=() dir=$san
	local targets=$(print_var "$plain" OFL_FUZZ_TARGETS)
	local programs=()
	export ASAN_OPTIONS=detect_stack_use_after_return=1
	export UBSAN_OPTIONS=print_stacktrace=1
	for t in $targets; do programs+=("tests/fuzz/replay_$t"); done
	[ ${#programs[@]} -gt 0 ] || { echo "no target is listed"; exit 1; }
	"$top/tools/setup.sh" build "$dir" --enable-sanitizers --disable-vtysh \
		-- -k "${programs[@]}" ||
		args+=(-- sh -c 'echo "not ok - the replay programs build"')
	for t in $targets; do
		case $t in
		store) rounds=400 ;;
		conf) rounds=10000 ;;
		exercise|tc_round) rounds=40000 ;;
		*) rounds=150000 ;;
		esac
		args+=(-- "$dir/tests/fuzz/replay_$t" --rounds "$rounds"
			--save "$build/logs/fuzz-$t.input"
			"$top/tests/fuzz/corpus/$t")
	done
	run_tests "${args[@]}"
}
layer_property() {
	configure=(--enable-werror)
	# Would these programs notice a defect?
	also=(-- /usr/bin/python3 "$top/tests/property/mutants.py"
		--srcdir "$top" --builddir "$plain")
	run_programs "$plain" $(programs "$plain" property)
}
layer_golden() {
	export PYTHONDONTWRITEBYTECODE=1
	run_tests -- /usr/bin/python3 "$top/tests/golden/run.py" \
		"$plain/offloadd/offloadd" \
		-- /usr/bin/python3 "$top/tests/golden/leaves.py" \
		"$plain/offloadd/offloadd" /usr/share/yang
}
layer_vtysh() {
	local module="$plain/mgmtd/mgmtd_offload.so"

	export PYTHONDONTWRITEBYTECODE=1
	local p args=()
	# Not built for an FRR whose mgmtd does not take offloadd.
	[ -e "$module" ] || module=none
	# What is asked over HTTP, and what traffic makes of a table, is the
	# same with every FRRouting.
	[ -n "${OFFLOAD_CHECK_ROOT:-}" ] ||
		args+=(-- /usr/bin/python3 "$top/tests/vtysh/metrics.py"
			"$plain/vtysh/vtysh" "$plain/offloadd/offloadd"
			-- /usr/bin/python3 "$top/tests/vtysh/traffic.py"
			"$plain/vtysh/vtysh" "$plain/offloadd/offloadd")
	for p in statements reload; do
		args+=(-- /usr/bin/python3 "$top/tests/vtysh/$p.py"
			"$plain/vtysh/vtysh" "$plain/offloadd/offloadd"
			"$plain/reload/offload-reload")
	done
	run_tests "${args[@]}" \
		-- /usr/bin/python3 "$top/tests/vtysh/run.py" \
		"$plain/vtysh/vtysh" "$plain/offloadd/offloadd" \
		-- /usr/bin/python3 "$top/tests/vtysh/shows.py" \
		"$plain/vtysh/vtysh" "$plain/offloadd/offloadd" \
		-- /usr/bin/python3 "$top/tests/vtysh/tcli.py" \
		"$plain/vtysh/vtysh" "$plain/offloadd/offloadd" \
		-- /usr/bin/python3 "$top/tests/vtysh/mgmtd.py" \
		"$plain/vtysh/vtysh" "$plain/offloadd/offloadd" "$module"
}
# The hostile client is for a daemon with sanitizers; with another FRRouting
# the same code is not built a second time for it.
layer_netconf() {
	local nc=$top/tests/netconf py=/usr/bin/python3 san=$san
	"$top/tools/setup.sh" build "$plain" --enable-werror -- \
		bench/feeder || exit 1
	if [ -n "${OFFLOAD_CHECK_ROOT:-}" ]; then
		san=$plain
	else
		"$top/tools/setup.sh" build "$san" --enable-sanitizers \
			--disable-vtysh || exit 1
	fi
	export PYTHONDONTWRITEBYTECODE=1
	run_tests -- $py "$nc/run.py" "$plain" \
		-- $py "$nc/hostile.py" "$san" \
		-- $py "$nc/idle.py" "$plain" \
		-- $py "$nc/scale.py" "$plain"
}
layer_topotests() {
	local d args=()
	# Each in a sandbox of its own, the longest first.  They mostly wait: for
	# daemons to start, and for what is not to happen.
	for d in $(cd "$top/tests/topotests" && ls -d offload_*/ |
		awk '{ print $0 ~ /_(fpm|notify|restart|guard)/ ? 0 : 1, $0 }' |
		sort | cut -d' ' -f2); do
		args+=(-- "$top/tests/topotests/run.sh" --offloadd
			"$plain/offloadd/offloadd" --vtysh "$plain/vtysh/vtysh"
			"${d%/}")
	done
	[ $jobs = 1 ] || jobs=3
	run_tests "${args[@]}"
}
# The command itself, in the other root.
layer_frr10() {
	exec "$top/check.sh" --no-install --build-dir "$build" --frr "$newest"
}
layer_install() {
	run_tests -- "$top/tests/install/run.sh" "$plain"
}
layer_fault() {
	"$top/tools/setup.sh" build "$plain" --enable-werror -- \
		bench/feeder || exit 1
	export PYTHONDONTWRITEBYTECODE=1
	run_tests -- /usr/bin/python3 "$top/tests/fault/kills.py" "$plain" \
		-- /usr/bin/python3 "$top/tests/fault/restart.py" "$plain" \
		-- /usr/bin/python3 "$top/tests/fault/overload.py" "$plain"
}
layer_bench() {
	"$top/tools/setup.sh" build "$plain" --enable-werror -- \
		bench/feeder bench/lpm_bench bench/acl_bench \
		bench/traffic_bench || exit 1
	run_tests -- /usr/bin/python3 "$top/tests/bench/simulate.py" "$plain" \
		-- /usr/bin/python3 "$top/tests/bench/lpm.py" "$plain" \
		-- /usr/bin/python3 "$top/tests/bench/acl.py" "$plain" \
		-- /usr/bin/python3 "$top/tests/bench/traffic.py" "$plain" \
		-- /usr/bin/python3 "$top/tests/bench/run.py" "$plain" \
		-- /usr/bin/python3 "$top/tests/bench/scale.py" "$plain"
}
layer_docs() {
	local docs=$top/tests/docs py=/usr/bin/python3
	export PYTHONDONTWRITEBYTECODE=1
	run_tests -- $py "$docs/build.py" "$plain" \
		-- $py "$docs/test_runner.py" "$plain" \
		-- $py "$docs/blocks.py" "$plain" \
		-- $py "$docs/shapes.py" "$plain" \
		-- $py "$top/tests/report/browser.py" "$plain" \
		-- $py "$top/tests/report/pages.py" "$plain" \
		-- $py "$top/tests/report/daemon.py" "$plain"
}

# The virtual machines' kernels are made once and kept; the first time takes
# some minutes.  A guest has one processor and the longest program is half of
# the work: with two processors the others run beside it.
layer_hw() {
	local hw=$top/tests/hw py=/usr/bin/python3
	"$hw/kernels.sh" uml qemu || exit 1
	make -C "$plain" tests/unit/acl_live tests/unit/tc_live || exit 1
	run_tests \
		-- $py "$hw/provider.py" --offloadd "$plain/offloadd/offloadd" \
			--vtysh "$plain/vtysh/vtysh" \
		-- $py "$hw/test_vm.py" -- $py "$hw/test_vm_host.py" \
		-- $py "$hw/test_drivers.py" \
		-- $py "$hw/tcamsim.py" --engine uml \
		-- $py "$hw/tcamsim.py" --engine qemu \
		-- $py "$hw/acl.py" --live "$plain/tests/unit/acl_live" \
		-- $py "$hw/acl.py" --live "$plain/tests/unit/acl_live" \
			--engine qemu \
		-- $py "$hw/traffic.py" --live "$plain/tests/unit/tc_live" \
		-- $py "$hw/traffic.py" --live "$plain/tests/unit/tc_live" \
			--engine qemu \
		-- $py "$hw/rocker.py" --offloadd "$plain/offloadd/offloadd"
}

# --- run them ---
# The work is a child whose output goes to a file: a daemon that forgets to
# close it cannot hold us up.  What is worth seeing is shown as it comes.
child=
stop() {
	trap '' INT TERM HUP
	if [ -n "$child" ]; then
		kill -TERM -- "-$child" 2>/dev/null
		wait "$child" 2>/dev/null
	fi
	exit "$1"
}
trap 'stop 130' INT
trap 'stop 143' TERM
trap 'stop 129' HUP

# show_news LOG SEEN: print the marked lines after line SEEN; sets $seen
show_news() {
	local lines
	lines=$(wc -l < "$1")
	[ "$lines" -le "$seen" ] ||
		sed -n "$((seen + 1)),${lines}s/^\(== \|setup: \|kernels: \|frr-root: \|check: \)/  /p" "$1"
	[ "$lines" -le "$seen" ] || { seen=$lines; quiet=0; }
}
# follow LOG: until the child ends
follow() {
	local log=$1 last
	seen=0 quiet=0
	while kill -0 "$child" 2>/dev/null; do
		sleep 0.2
		show_news "$log"
		quiet=$((quiet + 1))
		[ $quiet -lt 100 ] && continue
		quiet=0
		last=$(tail -n 1 "$log" | tr -cd '[:print:]' | cut -c 1-60)
		echo "  ... $((SECONDS - start)) s${last:+: $last}"
	done
	wait "$child"
	rc=$?
	show_news "$log"
}

# cpu_s: what ended children took; a layer far below its seconds sleeps
cpu_s() {
	awk -v hz="$(getconf CLK_TCK)" '{ printf "%d\n", ($16 + $17) / hz }' \
		"/proc/$$/stat"
}
passed=0 failed=0 skipped=0
for layer in $todo; do
	log=$build/logs/$layer.log
	limit=$(field "$layer" 3)
	start=$SECONDS
	cpu_before=$(cpu_s)
	say "$layer"
	: > "$log"
	set -m # a process group of its own, to be stopped as one
	("layer_$layer") > "$log" 2>&1 < /dev/null &
	child=$!
	set +m
	follow "$log"
	child=
	counts=$(tail -n 1 "$log" |
		sed -nE 's/^([0-9]+) passed, ([0-9]+) failed(, ([0-9]+) skipped)?$/\1 \2 \4/p')
	read -r p f s <<<"${counts:-0 0}"
	# Not counted as failed, but not well either: that is one failure.
	if [ "$f" = 0 ] && { [ $rc != 0 ] || [ "$p" = 0 ]; }; then
		f=1
	fi
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + ${s:-0}))
	# Which one it was, if not the machine's.
	with=$(sed -n '/^check: FRR /{s/^check: \([^,]*\).*/\1: /p;q}' "$log")
	say "$layer: $with$p passed, $f failed${s:+, $s skipped} ($((SECONDS - start)) s," \
		"CPU $(($(cpu_s) - cpu_before)) s)"
	if [ "$f" != 0 ]; then
		echo "--- the end of $log:"
		tail -n 60 "$log"
		echo "---"
	fi
done
say "all of it took $((SECONDS - began)) s; logs are in $build/logs"
tail=
[ $skipped = 0 ] || tail=", $skipped skipped"
echo "$passed passed, $failed failed$tail"
[ $failed = 0 ]
