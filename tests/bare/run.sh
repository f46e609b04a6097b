#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Run the README's commands in a bare Debian root file system: proof that they
# do all the set-up themselves and owe nothing to the machine they were
# written on.
#
# The root holds what `mmdebstrap --variant=minbase` installs and a clone of
# this tree, nothing else (tools/debian-root.sh).  It gets mounts, devices and
# processes of its own (tools/in-root.py), so nothing outlives the run.
#
# It refuses to run without root: mounts and network namespaces need it.
set -eu

usage() {
	cat <<-'USAGE'
	usage: tests/bare/run.sh [OPTION...] [demo] [check]
	       tests/bare/run.sh [OPTION...] -- COMMAND...

	Without words: demo, then check.  COMMAND runs in the cloned tree.

	  --worktree    copy the working tree as it is instead of cloning HEAD
	  --root DIR    use or make the root file system DIR and keep it
	                (default: a new one, removed at the end)
	  --suite NAME  Debian release; default: this machine's
	  --help        this text
	USAGE
}

die() { echo "bare: $*" >&2; exit 1; }
say() { echo "bare: $*" >&2; }

top=$(cd "$(dirname "$0")/../.." && pwd)
root=
keep=no
worktree=no
suite=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
while [ $# -gt 0 ]; do
	case $1 in
	--worktree) worktree=yes ;;
	--root) [ $# -ge 2 ] || die "--root wants a directory"
		root=$2; keep=yes; shift ;;
	--suite) [ $# -ge 2 ] || die "--suite wants a name"
		suite=$2; shift ;;
	-h|--help) usage; exit 0 ;;
	--) break ;;
	-*) usage >&2; die "unknown option '$1'" ;;
	*) break ;;
	esac
	shift
done
if [ "${1:-}" = -- ]; then
	shift
	[ $# -gt 0 ] || die "-- wants a command"
else
	for word in "$@"; do
		case $word in
		demo|check) ;;
		*) usage >&2; die "unknown word '$word'" ;;
		esac
	done
	[ $# -gt 0 ] || set -- demo check
	script=
	for word in "$@"; do
		script="${script:+$script && }./$word.sh"
	done
	set -- sh -c "$script"
fi

[ "$(id -u)" = 0 ] || die "must run as root: it mounts and makes namespaces"
[ -n "$suite" ] || die "this machine does not say which release it is; use --suite"
command -v mmdebstrap >/dev/null ||
	die "mmdebstrap is missing (apt-get install mmdebstrap)"

work=
if [ -z "$root" ]; then
	work=$(mktemp -d "${TMPDIR:-/var/tmp}/offloadd-bare.XXXXXX")
	root=$work/root
fi
child=
cleanup() {
	rc=$?
	trap '' INT TERM
	if [ -n "$child" ]; then
		# What it started ends with it: processes, mounts, namespaces.
		kill -TERM "$child" 2>/dev/null || true
		wait "$child" 2>/dev/null || true
	fi
	[ -z "$work" ] || rm -rf --one-file-system "$work"
	exit $rc
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
mkdir -p "$root"
root=$(cd "$root" && pwd)

# --- the root file system ---
if [ -e "$root/etc/debian_version" ]; then
	say "using $root as it is"
else
	say "making a bare $suite in $root"
	"$top/tools/debian-root.sh" "$suite" "$root" || exit 1
fi

# --- the tree ---
tree=$root/root/offloadd
rm -rf --one-file-system "$tree"
if [ "$worktree" = yes ]; then
	mkdir -p "$tree"
	(cd "$top" && git ls-files -z -co --exclude-standard) |
		(cd "$top" && tar -c --null -T - --ignore-failed-read) |
		tar -x -C "$tree" --no-same-owner
else
	git clone -q --no-hardlinks "$top" "$tree"
fi

# --- run ---
say "running in it: $*"
begin=$(date +%s)
/usr/bin/python3 -B "$top/tools/in-root.py" --keep --chdir "${tree#"$root"}" \
	"$root" -- "$@" &
child=$!
rc=0
wait "$child" || rc=$?
child=
say "exit status $rc after $(($(date +%s) - begin)) s"
[ "$keep" = no ] || say "the root stays in $root"
exit $rc
