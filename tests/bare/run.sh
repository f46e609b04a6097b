#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Run the README's commands in a bare Debian root file system: proof that they
# do all the set-up themselves and owe nothing to the machine they were
# written on.
#
# The root holds what `mmdebstrap --variant=minbase` installs and a clone of
# this tree, nothing else.  Its apt sources are this machine's own for this
# Debian release.  It gets mounts of its own (proc, sys, dev, run) in a mount
# and process namespace of its own, so nothing outlives the run.
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

if [ -z "$root" ]; then
	work=$(mktemp -d "${TMPDIR:-/var/tmp}/offloadd-bare.XXXXXX")
else
	mkdir -p "$root"
	root=$(cd "$root" && pwd)
	work=$(mktemp -d "$root.work.XXXXXX")
fi
child=
cleanup() {
	rc=$?
	trap '' INT TERM
	if [ -n "$child" ]; then
		# unshare is deaf to TERM; what it started is killed with it.
		kill -KILL "$child" 2>/dev/null || true
		wait "$child" 2>/dev/null || true
	fi
	rm -rf --one-file-system "$work"
	exit $rc
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
: "${root:=$work/root}"

# --- this machine's apt sources for the release, one a line ---
# Entries of other suites (third-party repositories) have no place in a bare
# root.  Options such as signed-by come along; their key files do too.
sources() {
	eval "$(apt-config shell list Dir::Etc::sourcelist/f \
		parts Dir::Etc::sourceparts/d)"
	cat "$list" "$parts"/*.list 2>/dev/null |
		sed -n 's/^[[:space:]]*deb[[:space:]]/deb /p'
	# deb822: one line for each type x URI x suite
	cat /dev/null "$parts"/*.sources 2>/dev/null | sed '/^#/d' | awk '
		function flush(	n, m, i, j, o, u, s) {
			if (tolower(f["enabled"]) != "no" && f["types"] ~ /deb( |$)/) {
				o = ""
				if (f["signed-by"] ~ /^\//)
					o = "[signed-by=" f["signed-by"] "] "
				n = split(f["uris"], u, " ")
				m = split(f["suites"], s, " ")
				for (i = 1; i <= n; i++)
					for (j = 1; j <= m; j++)
						print "deb " o u[i] " " s[j] " " f["components"]
			}
			split("", f)
		}
		/^[ \t]*$/ { flush(); next }
		/^[ \t]/ { sub(/^[ \t]+/, " "); f[k] = f[k] $0; next }
		{ k = tolower($0); sub(/:.*/, "", k); v = $0
		  sub(/^[^:]*:[ \t]*/, "", v); f[k] = v }
		END { flush() }'
}
sources | awk -v suite="$suite" '{
	i = 2
	if ($i ~ /^\[/) while ($i !~ /\]$/ && i < NF) i++
	if ($2 ~ /^\[/) i++
	if ($(i + 1) == suite || index($(i + 1), suite "-") == 1 ||
	    $(i + 1) == suite "/updates") print }' | sort -u > "$work/sources.list"
[ -s "$work/sources.list" ] ||
	die "this machine's apt has no source for $suite"

# --- the root file system ---
if [ -e "$root/etc/debian_version" ]; then
	say "using $root as it is"
else
	say "making a bare $suite in $root"
	# How apt reaches the archive here (proxies, snapshots) is part of the
	# machine, as its sources are.
	apt-config dump 2>/dev/null |
		sed -n '/^Acquire::\(Check-\|https\{0,1\}::\|Retries\)/p' \
		> "$work/acquire.conf"
	mmdebstrap --quiet --variant=minbase \
		--aptopt="$work/acquire.conf" \
		"$suite" "$root" "$work/sources.list" \
		> "$work/mmdebstrap.log" 2>&1 || {
		tail -n 20 "$work/mmdebstrap.log" >&2
		die "mmdebstrap failed"
	}
	for key in $(sed -n 's/.*signed-by=\([^] ]*\).*/\1/p' "$work/sources.list" |
		tr ',' '\n' | sort -u); do
		[ -e "$root$key" ] || install -D -m 644 "$key" "$root$key"
	done
fi
# The address of the name server belongs to the network, not to the root.
rm -f "$root/etc/resolv.conf"
cp -L /etc/resolv.conf "$root/etc/resolv.conf"

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
cat > "$work/inside.sh" <<-'INSIDE'
	# $1: root; the rest: the command.  In mount and pid namespaces of its own.
	set -eu
	root=$1
	shift
	mount --bind "$root" "$root"
	mount -t proc proc "$root/proc"
	mount -t sysfs sysfs "$root/sys"
	mount -t tmpfs -o mode=755,size=1m tmpfs "$root/dev"
	mkdir "$root/dev/pts" "$root/dev/shm"
	mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts "$root/dev/pts"
	mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
	for node in null:1:3 zero:1:5 full:1:7 random:1:8 urandom:1:9 tty:5:0; do
		name=${node%%:*} dev=${node#*:}
		mknod -m 666 "$root/dev/$name" c "${dev%:*}" "${dev#*:}"
	done
	ln -s pts/ptmx "$root/dev/ptmx"
	ln -s /proc/self/fd "$root/dev/fd"
	ln -s /proc/self/fd/0 "$root/dev/stdin"
	ln -s /proc/self/fd/1 "$root/dev/stdout"
	ln -s /proc/self/fd/2 "$root/dev/stderr"
	# A tmpfs of its own: `ip netns add` mounts below /run and wants that
	# mount to be shared, which must not reach the machine's.
	mount -t tmpfs -o mode=755 tmpfs "$root/run"
	mkdir "$root/run/lock"
	exec chroot "$root" /usr/bin/env -i HOME=/root TERM="${TERM:-dumb}" \
		PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
		${http_proxy:+http_proxy="$http_proxy"} \
		${https_proxy:+https_proxy="$https_proxy"} \
		${no_proxy:+no_proxy="$no_proxy"} \
		sh -c 'cd ~/offloadd && exec "$@"' sh "$@"
INSIDE
say "running in it: $*"
begin=$(date +%s)
# KILL: the first process of a namespace does not hear TERM.  Mounts, network
# namespaces and processes of the root end with it.
unshare --mount --propagation private --pid --fork --kill-child=KILL \
	sh "$work/inside.sh" "$root" "$@" &
child=$!
rc=0
wait "$child" || rc=$?
child=
say "exit status $rc after $(($(date +%s) - begin)) s"
[ "$keep" = no ] || say "the root stays in $root"
exit $rc
