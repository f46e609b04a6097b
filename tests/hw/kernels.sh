#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The laboratory's kernels, made from Debian packages: `uml`, User-Mode Linux
# with our own configuration out of linux-source-X.Y, and `qemu`, the stock
# kernel of the release, unpacked, with netdevsim and rocker built beside it.
# tests/hw/vm boots them; modules are built against them with `module`.
#
# A kernel in the cache is complete or absent, never half made: it is made in
# a directory beside, under a lock, and moves into place as a whole.  It is
# keyed on the package's version and on the recipe (our configuration and the
# scripts in recipes/).  A finished one is used as long as the recipe stays
# what it is; --refresh asks apt whether there is a newer package.
#
# It refuses to install or to configure anything: packages are fetched with
# apt and unpacked, the machine's apt configuration is read, not changed.
set -eu

usage() {
	cat <<-'USAGE'
	usage: tests/hw/kernels.sh [OPTION...] uml|qemu...
	       tests/hw/kernels.sh [OPTION...] --print uml|qemu
	       tests/hw/kernels.sh [OPTION...] --print-build uml|qemu
	       tests/hw/kernels.sh [OPTION...] module DIR [uml|qemu] --out OUT
	                           [-- MAKE-ARGUMENT...]
	       tests/hw/kernels.sh --need | --help

	Makes the kernels named, if they are missing, and prints the directory of
	each, one a line.  module copies the sources of the module in DIR into
	OUT, builds them there (default: for uml), making the kernel first if it
	is missing, and prints the names of the .ko files.

	  --source PKG   User-Mode Linux from this package; default
	                 linux-source-6.12, else $OFFLOAD_HW_SOURCE
	  --lean         uml without what checks it and costs time: for measuring
	  --refresh      make a new one if apt has a newer package
	  --print        print the directory of a finished kernel; exit 1 if none
	  --print-build  print its build tree (make -C DIR M=$PWD modules; for
	                 uml also ARCH=um); exit 1 if none
	  --cache DIR    where kernels are kept; default $OFFLOAD_SDK_CACHE, else
	                 $XDG_CACHE_HOME/offloadd, else ~/.cache/offloadd
	  --jobs N       parallel make jobs; default: number of processors
	  --quiet        no progress on standard error
	  --need         print the Debian packages this script and tests/hw/vm
	                 need, then exit
	USAGE
}

die() { echo "kernels: $*" >&2; exit 1; }
say() { [ "$quiet" = yes ] || echo "kernels: $*" >&2; }

here=$(cd "$(dirname "$0")" && pwd)
cache=${OFFLOAD_SDK_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/offloadd}
source=${OFFLOAD_HW_SOURCE:-linux-source-6.12}
jobs=$(nproc)
quiet=no
refresh=no
lean=no
mode=make
out=
words=
while [ $# -gt 0 ]; do
	case $1 in
	--cache|--jobs|--source|--out)
		[ $# -ge 2 ] || die "$1 wants an argument"
		case $1 in
		--cache) cache=$2 ;;
		--jobs) jobs=$2 ;;
		--source) source=$2 ;;
		--out) out=$2 ;;
		esac
		shift ;;
	--quiet) quiet=yes ;;
	--refresh) refresh=yes ;;
	--lean) lean=yes ;;
	--print) mode=print ;;
	--print-build) mode=build ;;
	--need) mode=need ;;
	-h|--help) usage; exit 0 ;;
	--) shift; break ;;
	-*) usage >&2; die "unknown argument '$1'" ;;
	module)
		[ $# -ge 2 ] || die "module wants a directory"
		mode=module
		module=$2
		shift ;;
	uml|qemu) words="$words $1" ;;
	*) usage >&2; die "unknown argument '$1'" ;;
	esac
	shift
done
case $source in
linux-source-[1-9]*.[0-9]*) ;;
*) die "--source wants a package such as linux-source-6.12, not '$source'" ;;
esac
case $jobs in
''|*[!0-9]*|0) die "--jobs wants a number, not '$jobs'" ;;
esac
[ $# -eq 0 ] || [ $mode = module ] || die "only module takes arguments for make"

need="gcc libc6-dev make flex bison bc perl python3 libelf1 iproute2
xz-utils kmod cpio busybox-static qemu-system-x86 util-linux ca-certificates"

# --- the cache ---
# key ENGINE: what the recipe hashes to
key() {
	if [ "$1" = uml ]; then
		set -- "$here/uml.config" "$here/recipes/uml.sh"
	else
		set -- "$here/guest/initramfs" "$here/recipes/qemu.sh"
	fi
	cat "$@" | sha256sum | cut -c 1-10
}
# stem ENGINE: the part of a kernel's name before its version
stem() {
	case $1-$lean in
	uml-no) echo "hw-uml-${source#linux-source-}" ;;
	uml-yes) echo "hw-uml-lean-${source#linux-source-}" ;;
	*) echo hw-qemu ;;
	esac
}
# finished ENGINE: the newest complete one of today's recipe
finished() {
	newest=$(for d in "$cache/$(stem "$1")"-*-"$(key "$1")"; do
		[ ! -e "$d/complete" ] || echo "${d##*/}"
	done | sort -V | tail -n 1)
	[ -n "$newest" ] && echo "$cache/$newest"
}

# --- packages ---
# fetch DIR PACKAGE[=VERSION]...: the .deb files into DIR.  With the machine's
# own package lists; if these are missing or too old, with fresh private ones.
fetch() {
	dir=$1
	shift
	apt_options=
	mkdir -p "$dir"
	(cd "$dir" && apt-get -q download "$@") >> "$log" 2>&1 && return 0
	private_lists
	(cd "$dir" && apt-get -q $apt_options download "$@") >> "$log" 2>&1 ||
		fail "cannot fetch $*; do the machine's apt sources carry it?"
}
private_lists() {
	case $tmp in *[[:space:]]*) fail "the cache's path has a space: $cache" ;; esac
	mkdir -p "$tmp/apt/lists/partial" "$tmp/apt/cache/archives/partial"
	apt_options="-o Dir::State::Lists=$tmp/apt/lists -o Dir::Cache=$tmp/apt/cache"
	# one sick repository is no reason to stop
	[ -e "$tmp/apt/done" ] ||
		apt-get -q $apt_options update >> "$log" 2>&1 || true
	: > "$tmp/apt/done"
}
# candidate PACKAGE: sets $candidate to the version apt would install
candidate() {
	apt_options=
	candidate=$(policy "$1")
	if [ -z "$candidate" ]; then
		private_lists
		candidate=$(policy "$1")
	fi
	[ -n "$candidate" ] ||
		fail "apt knows no package $1; is it in the machine's apt sources?"
}
policy() {
	LC_ALL=C apt-cache $apt_options policy "$1" |
		sed -n 's/^  Candidate: //p' | grep -v '^(none)$' || true
}

# --- making ---
fail() {
	tail -n 12 "$log" >&2 2>/dev/null || true
	die "$* (log: $log)"
}
# step WHAT COMMAND...
step() {
	what=$1
	shift
	say "$engine: $what"
	echo "== $*" >> "$log"
	"$@" >> "$log" 2>&1 < /dev/null || fail "$what failed"
}

# A second process that wants the same kernel waits for the first one's.
make_kernel() {
	engine=$1
	mkdir -p "$cache" || die "cannot create $cache"
	cache=$(cd "$cache" && pwd)
	lock=$cache/.$(stem "$engine").lock
	{ : >> "$lock"; } 2>/dev/null || die "cannot write to $cache"
	exec 9<> "$lock"
	if ! flock -n 9; then
		say "$engine: another process is making it; waiting"
		flock 9
	fi
	if [ $refresh = yes ] || ! finished "$engine" > /dev/null; then
		make_locked
	fi
	exec 9>&-
}
make_locked() {
	log=$cache/$(stem "$engine").log
	tmp=$cache/.making-$(stem "$engine")
	rm -rf --one-file-system "$tmp"	# what a killed run left
	mkdir "$tmp"
	: > "$log"
	trap 'rm -rf --one-file-system "$tmp"' EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM
	for tool in $tools; do
		command -v "$tool" > /dev/null ||
			fail "$tool is missing; packages needed: $(echo $need)"
	done
	. "$here/recipes/$engine.sh"
	"${engine}_version"
	# ':' of an epoch and '~' are legal in file names but awkward in make.
	final=$cache/$(stem "$engine")-$(echo "$version" | tr ':~' '__')-$(key "$engine")
	if [ -e "$final/complete" ]; then
		say "$engine: $version is the newest"
	else
		mkdir "$tmp/new"
		"${engine}_make" "$tmp/new"
		echo "$version" > "$tmp/new/version"
		: > "$tmp/new/complete"
		rm -rf --one-file-system "$final"
		mv "$tmp/new" "$final"
		say "$engine: $version is ready ($(du -sh "$final" | cut -f 1))"
	fi
	rm -rf --one-file-system "$tmp"
	trap - EXIT INT TERM
}
tools="gcc make flex bison bc perl xz depmod cpio flock apt-get dpkg-deb"

# build_tree ENGINE KERNEL, make_arguments ENGINE
build_tree() {
	if [ "$1" = uml ]; then echo "$2/build"
	else echo "$2/build/usr/src/linux-headers-$(cat "$2/release")"; fi
}
make_arguments() { [ "$1" != uml ] || echo ARCH=um; }

# module_make ENGINE MAKE-ARGUMENT...
module_make() {
	engine=$1
	shift
	[ -n "$out" ] || die "module wants --out DIR, where it is built"
	[ -e "$module/Makefile" ] || [ -e "$module/Kbuild" ] ||
		die "$module holds no Makefile or Kbuild of a module"
	kernel=$(finished "$engine") || {
		make_kernel "$engine"
		kernel=$(finished "$engine")
	}
	mkdir -p "$out" || die "cannot create $out"
	out=$(cd "$out" && pwd)
	[ "$(cd "$module" && pwd)" != "$out" ] ||
		die "--out must not be the module's own directory"
	# Objects for another kernel are of no use, and make would keep them.
	if [ "$(cat "$out/.kernel" 2>/dev/null)" != "$kernel" ]; then
		[ -e "$out/.kernel" ] || [ -z "$(ls -A "$out")" ] ||
			die "--out $out is not empty and not of this script's making"
		find "$out" -mindepth 1 -delete
		echo "$kernel" > "$out/.kernel"
	fi
	(cd "$module" && tar -c --exclude='*.o' --exclude='*.ko' \
		--exclude='*.mod' --exclude='*.mod.c' --exclude='.*' \
		--exclude=Module.symvers --exclude=modules.order \
		--exclude=__pycache__ -- *) | tar -x -C "$out"
	log=$out/.make.log
	make -C "$(build_tree "$engine" "$kernel")" $(make_arguments "$engine") \
		M="$out" -j"$jobs" "$@" modules > "$log" 2>&1 < /dev/null || {
		grep -v '^make' "$log" | tail -n 30 >&2
		die "building $module for $engine failed (log: $log)"
	}
	# what the compiler warned of is for whoever builds
	grep -A 5 'warning:' "$log" >&2 || true
	find "$out" -name '*.ko'
}

words=${words# }
case $mode in
need) echo $need ;;
print|build)
	[ -n "$words" ] || { usage >&2; die "--print wants uml or qemu"; }
	for engine in $words; do
		kernel=$(finished "$engine") ||
			die "no finished kernel for $engine; run tests/hw/kernels.sh $engine"
		if [ $mode = print ]; then echo "$kernel"
		else build_tree "$engine" "$kernel"; fi
	done ;;
module)
	case ${words:=uml} in *' '*) die "module is for one kernel, not '$words'" ;; esac
	module_make "$words" "$@" ;;
make)
	[ -n "$words" ] || { usage >&2; die "which kernel: uml or qemu?"; }
	for engine in $words; do
		make_kernel "$engine"
		finished "$engine"
	done ;;
esac
