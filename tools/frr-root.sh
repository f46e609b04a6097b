#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The root file systems with other releases of FRRouting that the tests run in
# (./check.sh --frr SUITE): a bare Debian of that release, the packages that
# the tests need, and the headers of its FRRouting (tools/frr-sdk.sh).
#
# One in the cache is complete or absent, never half made: it is made in a
# directory beside, under a lock, and moves into place as a whole.  It is used
# as long as the packages wanted and the scripts that make it are the same;
# --refresh asks the archive whether there is a newer FRRouting.
#
# It refuses to pin: which FRRouting a release has is the release's business,
# and an archive that does not answer is an error, not an old root.
set -eu

usage() {
	cat <<-'USAGE'
	usage: tools/frr-root.sh [OPTION]... SUITE
	       tools/frr-root.sh [OPTION]... SUITE -- COMMAND [ARGUMENT]...

	Makes the root of a Debian release (trixie, forky) if it is missing and
	prints its directory.  With a COMMAND: runs that in it instead; what it
	writes there is gone afterwards, this tree is to be read at its own path.

	  --refresh    make a new one if the archive has a newer frr
	  --print      print the directory of a finished root; exit 1 if none
	  --version    print the version of FRRouting in it; exit 1 if none
	  --rw DIR     a directory of this machine that COMMAND may write to
	  --env N=V    environment for COMMAND
	  --cache DIR  where roots are kept; default $OFFLOAD_SDK_CACHE, else
	               $XDG_CACHE_HOME/offloadd, else ~/.cache/offloadd
	USAGE
}
die() { echo "frr-root: $*" >&2; exit 1; }
say() { echo "frr-root: $*" >&2; }

top=$(cd "$(dirname "$0")/.." && pwd)
py="/usr/bin/python3 -B"
cache=${OFFLOAD_SDK_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/offloadd}
refresh=no
mode=make
options=
suite=
while [ $# -gt 0 ]; do
	case $1 in
	--cache|--rw|--env) [ $# -ge 2 ] || die "$1 wants an argument"
		case $1 in
		--cache) cache=$2 ;;
		*) case $2 in *[[:space:]]*) die "$1: no blanks, please: '$2'" ;; esac
			options="$options $1 $2" ;;
		esac
		shift ;;
	--refresh) refresh=yes ;;
	--print|--version) mode=${1#--} ;;
	-h|--help) usage; exit 0 ;;
	--) break ;;
	-*) usage >&2; die "unknown argument '$1'" ;;
	*) [ -z "$suite" ] || die "one release at a time"
		suite=$1 ;;
	esac
	shift
done
case $suite in ''|*[!a-z0-9.-]*) usage >&2; die "which release?" ;; esac
if [ "${1:-}" = -- ]; then
	[ $# -gt 1 ] || die "-- wants a command"
	shift
fi
home=$cache/frr-root-$suite # root/ and complete: its key

# What a root hashes to: the packages, and the scripts that make it.
sets="run build test netconf"
key() {
	{ "$top/tools/setup.sh" names $sets
	cat "$top/tools/debian-root.sh" "$top/tools/frr-root.sh" \
		"$top/tools/frr-sdk.sh" "$top/tools/setup.sh"; } | sha256sum | cut -c 1-16
}
is_finished() { [ "$(cat "$home/complete" 2>/dev/null)" = "$(key)" ]; }
version_in() {
	dpkg-query --admindir="$1/root/var/lib/dpkg" -W -f='${Version}\n' frr
}
# inside ROOT [--keep] -- COMMAND...: run it in the root
inside() {
	exec $py "$top/tools/in-root.py" --ro "$top" --chdir "$top" \
		--env LC_ALL=C.UTF-8 $options "$@"
}

away="is the network away?"
# fail LOG WORDS: its end, and the sentence
fail() {
	tail -n 20 "$1" >&2
	die "$2"
}

# --- is there a newer one? ---
# apt's lists in a root are not kept: each time anew, into memory.
is_outdated() {
	(inside "$home/root" -- sh -c 'apt-get -qq update --error-on=any >&2 &&
		apt-cache policy frr') > "$home/policy" 2> "$home/policy.log" ||
		fail "$home/policy.log" "cannot ask the archive for its frr; $away"
	newest=$(sed -n 's/^ *Candidate: //p' "$home/policy")
	[ -n "$newest" ] || die "the archive of $suite has no frr any more"
	[ "$newest" != "$(version_in "$home")" ]
}

make_root() {
	say "making a root of $suite"
	began=$(date +%s)
	made_of=$(key)
	tmp=$(mktemp -d "$cache/.making-root.XXXXXX") || die "cannot write to $cache"
	trap 'rm -rf --one-file-system "$tmp"' EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	chmod 755 "$tmp"
	"$top/tools/debian-root.sh" "$suite" "$tmp/root" 2> "$tmp/log" ||
		fail "$tmp/log" "cannot make a root of $suite; $away"
	# It is whole or it is removed: no package needs a disk's word for it.
	echo force-unsafe-io > "$tmp/root/etc/dpkg/dpkg.cfg.d/unsafe-io"
	# Nothing is started in here that a test does not start.
	printf '#!/bin/sh\nexit 101\n' > "$tmp/root/usr/sbin/policy-rc.d"
	chmod 755 "$tmp/root/usr/sbin/policy-rc.d"
	(inside "$tmp/root" --keep -- "$top/tools/setup.sh" install $sets) \
		> "$tmp/log" 2>&1 ||
		fail "$tmp/log" "cannot install what the tests need in $suite; $away"
	version=$(version_in "$tmp")
	say "frr $version: making its SDK"
	(inside "$tmp/root" --keep -- "$top/tools/frr-sdk.sh") > "$tmp/log" 2>&1 ||
		fail "$tmp/log" "cannot make the SDK of frr $version"
	(cd "$tmp/root" && rm -rf var/lib/apt/lists/* var/cache/apt/*)
	echo "$made_of" > "$tmp/complete"
	rm -rf --one-file-system "$home"
	mv "$tmp" "$home"
	trap - EXIT INT TERM HUP
	say "$suite has frr $version: ready after $(($(date +%s) - began)) s"
}

case $mode in
print|version)
	is_finished || die "no root of $suite; run tools/frr-root.sh $suite"
	if [ $mode = print ]; then echo "$home/root"; else version_in "$home"; fi
	exit 0 ;;
esac
[ "$(id -u)" = 0 ] || die "must run as root: it mounts and makes namespaces"
mkdir -p "$cache" || die "cannot create $cache"
exec 9> "$cache/.frr-root-$suite.lock"
flock 9
if ! is_finished; then
	make_root 9>&-
elif [ $refresh = yes ] && is_outdated 9>&-; then
	make_root 9>&-
fi
exec 9>&-
if [ $# = 0 ]; then
	echo "$home/root"
	exit 0
fi
inside "$home/root" -- "$@"
