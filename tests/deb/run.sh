#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What `make deb` makes, in a bare Debian: installed, used, upgraded, removed,
# purged, refused (tests/deb/inside.sh says what is looked at).
#
# The packages are made by the build directory that is named; a second revision
# of the same program is the upgrade.  The root file system holds what
# mmdebstrap's smallest variant has, and in apt's cache the packages that are
# installed in it, so that the test itself needs no network.  It is kept beside
# FRRouting's headers and used read-only: what a run writes is in memory.
# Processes, mounts, devices and the network are the run's own
# (tools/in-root.py), so nothing outlives it, also when it is killed.
set -eu

usage() {
	cat <<-'USAGE'
	usage: tests/deb/run.sh [OPTION...] BUILD-DIR

	  --packages DIR  do not make the packages: those in DIR/1 and DIR/2
	  --cache DIR     where the root is kept; default $OFFLOAD_SDK_CACHE, else
	                  $XDG_CACHE_HOME/offloadd, else ~/.cache/offloadd
	  --refresh       make a new root
	  --shell         a shell in the root, with the packages in /packages
	USAGE
}
die() { echo "deb: $*" >&2; exit 2; }
say() { echo "== deb: $*"; }

top=$(cd "$(dirname "$0")/../.." && pwd)
cache=${OFFLOAD_SDK_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/offloadd}
build='' packages='' refresh=no shell=no
while [ $# -gt 0 ]; do
	case $1 in
	--packages|--cache)
		[ $# -ge 2 ] || die "$1 wants a directory"
		case $1 in --packages) packages=$2 ;; *) cache=$2 ;; esac
		shift ;;
	--refresh) refresh=yes ;;
	--shell) shell=yes ;;
	-h|--help) usage; exit 0 ;;
	-*) usage >&2; die "unknown option '$1'" ;;
	*) build=$1 ;;
	esac
	shift
done
[ -n "$build" ] && [ -e "$build/Makefile" ] || { usage >&2; die "which build directory?"; }
[ "$(id -u)" = 0 ] || die "must run as root: it mounts and makes namespaces"
for tool in mmdebstrap dpkg-buildpackage dh lintian; do
	command -v $tool >/dev/null ||
		die "$tool is missing (apt-get install $("$top/tools/setup.sh" packages deb | tr '\n' ' '))"
done
suite=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
[ -n "$suite" ] || die "this machine does not say which release it is"
frr=$(dpkg-query -W -f='${Version}' frr) || die "package frr is not installed"

work=$(mktemp -d "${TMPDIR:-/var/tmp}/offloadd-deb.XXXXXX")
making=
child=
cleanup() {
	rc=$?
	trap '' INT TERM HUP
	if [ -n "$child" ]; then
		kill -TERM "$child" 2>/dev/null || true
		wait "$child" 2>/dev/null || true
	fi
	rm -rf --one-file-system "$work" ${making:+"$making"}
	exit $rc
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
# run COMMAND...: so that a signal is heard at once, and that the command ends
# when this shell is killed
run() {
	setpriv --pdeathsig TERM "$@" < /dev/null &
	child=$!
	rc=0
	wait "$child" || rc=$?
	child=
	return $rc
}
in_root=(/usr/bin/python3 -B "$top/tools/in-root.py")
# What a build starts ends with it.
sandbox=(/usr/bin/python3 -B "$top/tools/sandbox.py")

# --- the root ---
# What is there before offloadd comes: its dependencies are among what is
# compared before and after.
needs="frr frr-pythontools python3 libmicrohttpd12 libmnl0 libsqlite3-0 iproute2"
home=$cache/deb-root-$suite
key() {
	{ echo "$needs $frr"
	cat "$top/tools/debian-root.sh"; declare -f make_root; } | sha256sum | cut -c 1-16
}
make_root() {
	say "making a root of $suite"
	mkdir -p "$cache"
	making=$(mktemp -d "$cache/.making-deb-root.XXXXXX")
	chmod 755 "$making"
	run "${sandbox[@]}" "$top/tools/debian-root.sh" "$suite" "$making/root" ||
		die "cannot make a root of $suite; is the network away?"
	# Nobody's disk: no package needs its word.
	echo force-unsafe-io > "$making/root/etc/dpkg/dpkg.cfg.d/unsafe-io"
	run "${in_root[@]}" --keep "$making/root" -- sh -ec "
		apt-get -qq update
		apt-get -qq -y --no-install-recommends --download-only install $needs" \
		> "$making/log" 2>&1 || {
		tail -n 20 "$making/log" >&2
		die "cannot fetch what the test installs; is the network away?"
	}
	rm -f "$making/log"
	key > "$making/complete"
	rm -rf --one-file-system "$home"
	mv "$making" "$home"
	making=
}
if [ $refresh = yes ] || [ "$(cat "$home/complete" 2>/dev/null)" != "$(key)" ]; then
	make_root
fi

# --- the packages ---
# make_packages REVISION [ARGUMENT]
make_packages() {
	say "make deb, revision $1"
	run "${sandbox[@]}" make -s -C "$build" deb DEB_REVISION="$1" ${2:+"$2"}
	mkdir "$work/packages/$1"
	cp "$build"/deb/*.deb "$build"/deb/*.changes "$build"/deb/*.buildinfo \
		"$work/packages/$1/"
}
mkdir "$work/packages"
passed=0 failed=0
# check WORDS: COMMAND...
check() {
	if "${@:2}" > "$work/out" 2>&1; then
		passed=$((passed + 1))
		echo "ok - $1"
	else
		failed=$((failed + 1))
		echo "not ok - $1"
		sed 's/^/# /' "$work/out"
	fi
}
# state: of the source tree, but for times
state() {
	(cd "$top" && git status --porcelain --ignored 2>/dev/null
	find .. -maxdepth 1 \( -name '*offloadd*_*' -o -name '*.deb' \))
}
no_errors() {
	lintian --allow-root --fail-on error "$work"/packages/1/*.changes
}
if [ -n "$packages" ]; then
	cp -r "$packages/1" "$packages/2" "$work/packages/"
else
	state > "$work/before"
	make_packages 1
	make_packages 2 DEB_KEEP=yes
	state > "$work/after"
	check "make deb leaves the source tree and its parent alone" \
		diff -u "$work/before" "$work/after"
	check "lintian finds no error" no_errors
	sed 's/^/# /' "$work/out"
fi

# A frr that these packages are not for: nothing but the name and the number.
upstream=$(basename "$work"/packages/1/offloadd_*.deb | sed 's/.*+frr\(.*\)_.*/\1/')
other=${upstream%.*}.$((${upstream##*.} + 1))
mkdir -p "$work/fake/DEBIAN" "$work/packages/other"
cat > "$work/fake/DEBIAN/control" <<-CONTROL
	Package: frr
	Version: $other-1
	Architecture: all
	Maintainer: nobody <nobody@localhost>
	Description: another release of FRRouting, for a test
CONTROL
dpkg-deb -b --root-owner-group "$work/fake" "$work/packages/other/frr.deb" > /dev/null

# --- the test ---
# The network is away: a namespace in which nothing is but loopback.
if [ $shell = yes ]; then
	"${in_root[@]}" --ro "$work/packages:/packages" --ro "$top/tests/deb:/tests" \
		"$home/root" -- unshare --net bash
	exit
fi
say "installing, upgrading, removing in a bare $suite"
mkdir "$work/result"
rc=0
run "${in_root[@]}" --ro "$work/packages:/packages" --ro "$top/tests/deb:/tests" \
	--rw "$work/result:/result" --env LC_ALL=C.UTF-8 \
	--env OFFLOAD_DEB_TEST=yes "$home/root" -- \
	unshare --net bash /tests/inside.sh || rc=$?
read -r p f 2>/dev/null < "$work/result/counts" || { p=0 f=1; }
if [ $rc != 0 ] && [ "$f" = 0 ]; then
	echo "not ok - the test in the root ends well (status $rc)"
	f=1
fi
passed=$((passed + p)) failed=$((failed + f))
echo "$passed passed, $failed failed"
[ $failed = 0 ]
