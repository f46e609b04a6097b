#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Make an "SDK" for exactly the FRRouting that is installed: headers,
# config.h, route_types.h and clippy, none of which Debian 12 packages.
#
# The source package of the installed version is fetched with apt and
# configured with the package's own configure line, so that every structure
# has the size libfrr was compiled with.  Nothing of FRR is compiled but
# clippy.  The result is cached by package version; the cache is complete or
# absent, never half made.  The machine's apt configuration is read, not
# changed.
#
# It refuses to guess: another FRR version than the installed one, or a
# source that cannot be had, is an error in one sentence.
set -eu

usage() {
	cat <<-'USAGE'
	usage: tools/frr-sdk.sh [--cache DIR] [--jobs N] [--quiet]
	                        [--print | --need | --help]

	Fetches the sources of the installed frr package and prepares headers,
	config.h and clippy.  Prints the SDK's directory as its last line.

	  --cache DIR  where SDKs are kept; default $OFFLOAD_SDK_CACHE, else
	               $XDG_CACHE_HOME/offloadd, else ~/.cache/offloadd
	  --jobs N     parallel make jobs; default: number of processors
	  --quiet      no progress on standard error
	  --print      print the directory of a finished SDK; exit 1 if none
	  --need       print the Debian packages this script needs, then exit;
	               A|B are the names of one in different releases
	USAGE
}

die() { echo "frr-sdk: $*" >&2; exit 1; }
say() { [ "$quiet" = yes ] || echo "frr-sdk: $*" >&2; }

# FRRouting 10 wants a C++ compiler and protobuf to be configured at all.
need="gcc g++ make autoconf automake libtool pkg-config bison flex perl
python3-dev libelf-dev libjson-c-dev libyang2-dev|libyang-dev libreadline-dev
libcap-dev libpam0g-dev libc-ares-dev protobuf-c-compiler libprotobuf-c-dev
dpkg-dev ca-certificates"

cache=${OFFLOAD_SDK_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/offloadd}
jobs=$(nproc)
quiet=no
mode=make
while [ $# -gt 0 ]; do
	case $1 in
	--cache) [ $# -ge 2 ] || die "--cache wants a directory"
		cache=$2; shift ;;
	--jobs) [ $# -ge 2 ] || die "--jobs wants a number"
		jobs=$2; shift ;;
	--quiet) quiet=yes ;;
	--print) mode=print ;;
	--need) mode=need ;;
	-h|--help) usage; exit 0 ;;
	*) usage >&2; die "unknown argument '$1'" ;;
	esac
	shift
done

if [ "$mode" = need ]; then
	echo $need
	exit 0
fi

version=$(dpkg-query -W -f='${Version}' frr 2>/dev/null) || version=
[ -n "$version" ] || die "package frr is not installed (apt-get install frr)"
zebra=$(dpkg -L frr | grep '/zebra$' | head -n 1)
[ -x "${zebra:-/}" ] && [ -n "$zebra" ] || die "package frr has no zebra"
headers=/usr/include/frr
# ':' of an epoch and '~' are legal in file names but awkward in make.
sdk=$cache/frr-sdk-$(echo "$version" | tr ':~' '__')

if [ "$mode" = print ]; then
	[ -e "$sdk/complete" ] || die "no SDK for frr $version; run tools/frr-sdk.sh"
	echo "$sdk"
	exit 0
fi
if [ -e "$sdk/complete" ]; then
	say "frr $version: cached"
	echo "$sdk"
	exit 0
fi

mkdir -p "$cache" || die "cannot create $cache"
tmp=$(mktemp -d "$cache/.making.XXXXXX") || die "cannot write to $cache"
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# --- a private source list: every binary entry of the machine as deb-src ---
mkdir -p "$tmp/apt/parts" "$tmp/apt/lists/partial" "$tmp/apt/cache/archives/partial"
eval "$(apt-config shell list Dir::Etc::sourcelist/f parts Dir::Etc::sourceparts/d)"
{ [ -f "$list" ] && cat "$list"; cat "$parts"/*.list 2>/dev/null; } |
	sed -n 's/^[[:space:]]*deb\([[:space:]]\)/deb-src\1/p' |
	sort -u > "$tmp/apt/sources.list"
for f in "$parts"/*.sources; do
	[ -f "$f" ] || continue
	sed 's/^Types:.*/Types: deb-src/' "$f" > "$tmp/apt/parts/${f##*/}"
done
private_apt() {
	apt-get -qq -o Dir::Etc::SourceList="$tmp/apt/sources.list" \
		-o Dir::Etc::SourceParts="$tmp/apt/parts" \
		-o Dir::State::Lists="$tmp/apt/lists" \
		-o Dir::Cache="$tmp/apt/cache" "$@"
}
say "frr $version: fetching the source package"
private_apt update >"$tmp/apt.log" 2>&1 || true	# one sick repository is no reason to stop
mkdir "$tmp/fetch"
cd "$tmp/fetch"
private_apt source "frr=$version" >>"$tmp/apt.log" 2>&1 || {
	# Of a release in the making a mirror may lack Debian's part of a source.
	# Upstream's will do where the package's own headers are installed.
	rm -rf ./*
	private_apt --tar-only source "frr=$version" >>"$tmp/apt.log" 2>&1 &&
		tar -xf ./*.tar.* 2>>"$tmp/apt.log" && rm -f ./*.tar.* &&
		[ -d "$headers" ] &&
		say "frr $version: headers of frr-dev, source without Debian's patches"
} || {
	tail -n 5 "$tmp/apt.log" >&2
	die "cannot fetch the source of frr $version; do the machine's apt sources still carry it?"
}
cd "$tmp"
src=$(find "$tmp/fetch" -mindepth 1 -maxdepth 1 -type d)
[ -f "$src/lib/zclient.h" ] || die "the fetched source has no lib/zclient.h"
mv "$src" "$tmp/src"
rm -rf "$tmp/fetch" "$tmp/apt"

# frr-dev has the headers as the package was built with them.
[ ! -d "$headers" ] || cp -r "$headers/." "$tmp/src/"

# --- configure it as the package was configured, then build clippy ---
# Paths must be final before configure runs, but a half-made SDK must not be
# found: the directory moves into place first, "complete" is written last.
rm -rf "$sdk"
mkdir "$tmp/build"
mv "$tmp" "$sdk"
tmp=$sdk
cd "$sdk/src"
say "preparing configure"
autoreconf -is -Wno-all >"$sdk/autoreconf.log" 2>&1 ||
	die "autoreconf failed, see its output with: autoreconf -is in an unpacked frr source"
cd "$sdk/build"
args=$("$zebra" --version | sed -n 's/^\t//p')
say "configuring with the package's own options"
# Daemons stay enabled: strings in route_types.h depend on them.
eval "../src/configure -q $args --disable-rpki --disable-snmp --disable-doc \
	--disable-doc-html --disable-scripting --without-libpam PYTHON=/usr/bin/python3" \
	>"$sdk/configure.log" 2>&1 ||
	{ tail -n 5 "$sdk/configure.log" >&2; die "configure of frr failed"; }
say "building clippy"
make -s -j"$jobs" clippy-only >"$sdk/make.log" 2>&1 ||
	{ tail -n 5 "$sdk/make.log" >&2; die "building clippy failed"; }
make -s lib/version.h >>"$sdk/make.log" 2>&1 || true
# Headers of 10.0 to 10.3 include this one (protobuf-c-compiler makes it).
[ ! -e ../src/lib/mgmt.proto ] || make -s lib/mgmt.pb-c.h >>"$sdk/make.log" 2>&1 ||
	{ tail -n 5 "$sdk/make.log" >&2; die "making mgmt.pb-c.h failed: is protobuf-c-compiler installed?"; }
for f in config.h lib/clippy lib/route_types.h lib/version.h; do
	# What frr-dev brought is not made again, but clippy looks here only.
	[ -e "$f" ] || [ ! -e "../src/$f" ] || cp "../src/$f" "$f"
	[ -e "$f" ] || die "the SDK lacks $f"
done
echo "$version" > "$sdk/version"
: > "$sdk/complete"
trap - EXIT
say "frr $version: ready"
echo "$sdk"
