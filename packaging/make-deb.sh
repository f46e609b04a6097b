#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Debian packages of this tree, for exactly one release of FRRouting: what
# `make deb` runs.
#
# The tree is copied to OUT/tree and built there, so that neither the source
# tree nor its parent is written to.  What changes from build to build is made
# beside the copied packaging/debian: the changelog, which has the version, and
# shlibs.local, which says what a program linked with libfrr depends on.
#
# It refuses to fetch anything: FRRouting's headers are those that the build
# directory was configured with.
set -eu

usage() {
	cat <<-'USAGE'
	usage: packaging/make-deb.sh --sdk DIR --frr VERSION --version VERSION
	                             [--revision N] [--keep yes|no] OUT

	  --sdk DIR          what tools/frr-sdk.sh made
	  --frr VERSION      of the package frr it was made for
	  --version VERSION  of offloadd
	  --revision N       of the packages; default 1
	  --keep yes         package again what is compiled in OUT, without
	                     looking at the source tree

	The packages are in OUT, what the tools said is in OUT/build.log.
	USAGE
}
die() { echo "make-deb: $*" >&2; exit 1; }
say() { echo "make-deb: $*" >&2; }

top=$(cd "$(dirname "$0")/.." && pwd)
sdk='' frr='' version='' revision=1 keep=no out=
while [ $# -gt 0 ]; do
	case $1 in
	--sdk|--frr|--version|--revision|--keep)
		[ $# -ge 2 ] || die "$1 wants a value"
		case $1 in
		--sdk) sdk=$2 ;;
		--frr) frr=$2 ;;
		--version) version=$2 ;;
		--revision) revision=$2 ;;
		--keep) keep=$2 ;;
		esac
		shift ;;
	-h|--help) usage; exit 0 ;;
	-*) usage >&2; die "unknown option '$1'" ;;
	*) [ -z "$out" ] || die "one directory for the packages"
		out=$1 ;;
	esac
	shift
done
[ -n "$sdk" ] && [ -n "$frr" ] && [ -n "$version" ] && [ -n "$out" ] || {
	usage >&2
	exit 1
}
[ -e "$sdk/complete" ] || die "$sdk is no SDK; run tools/frr-sdk.sh"
case $revision in ''|*[!A-Za-z0-9.~]*) die "'$revision' is no revision" ;; esac
case $keep in yes|no) ;; *) die "--keep yes or --keep no" ;; esac
command -v dpkg-buildpackage >/dev/null && command -v dh >/dev/null ||
	die "tools are missing: apt-get install $("$top/tools/setup.sh" packages deb |
		tr '\n' ' ')"

# --- versions ---
# libfrr has one soname and no promise: an upstream release is one interface,
# Debian's revisions of it are the same.  8.4.4-1.1~deb12u2 becomes 8.4.4 and,
# as the first that will not do, 8.4.5~; 10.3-3 becomes 10.3 and 10.3.1~.
upstream=${frr#*:}
upstream=${upstream%-*}
numbers=$(echo "$upstream" | sed -n 's/^\([0-9][0-9.]*[0-9]\).*/\1/p')
case $numbers in
*.*.*) next=${numbers%.*}.$((${numbers##*.} + 1))~ ;;
*.*) next=$numbers.1~ ;;
*) die "cannot tell FRRouting's release from '$frr'" ;;
esac
epoch=
case $frr in *:*) epoch=${frr%%:*}: ;; esac
full=$version-$revision+frr$numbers

mkdir -p "$out"
out=$(cd "$out" && pwd)
tree=$out/tree
log=$out/build.log
case $out/ in
"$top"/) die "$out is the source tree" ;;
esac

# --- the tree ---
copy_tree() {
	rm -rf "$tree"
	mkdir -p "$tree"
	if [ -e "$top/.git" ] && command -v git >/dev/null; then
		(cd "$top" && git ls-files -z -co --exclude-standard)
	else
		(cd "$top" && find . \( -path ./build -o -name autom4te.cache \
			-o -path "./${out#"$top"/}" \) -prune -o ! -type d -print0)
	fi | (cd "$top" && tar -c --null -T - --ignore-failed-read 2>/dev/null) |
		tar -x -C "$tree" --no-same-owner
	cp -r "$tree/packaging/debian" "$tree/debian"
}
# The day of the sources, so that the same ones make the same packages.
day() {
	if [ -n "${SOURCE_DATE_EPOCH:-}" ]; then
		echo "$SOURCE_DATE_EPOCH"
	else
		git -C "$top" log -1 --format=%ct 2>/dev/null ||
			stat -c %Y "$top/NEWS.md"
	fi
}
write_changelog() {
	maintainer=$(sed -n 's/^Maintainer: //p' "$tree/debian/control")
	cat > "$tree/debian/changelog" <<-CHANGELOG
	offloadd ($full) unstable; urgency=medium

	  * Release $version for FRRouting $numbers; what is new is in changelog.gz.

	 -- $maintainer  $(LC_ALL=C date -u -R -d "@$(day)")
	CHANGELOG
	echo "libfrr 0 frr (>= $epoch$numbers), frr (<< $epoch$next)" \
		> "$tree/debian/shlibs.local"
}
if [ "$keep" = yes ] && [ -e "$tree/debian/debhelper-build-stamp" ]; then
	again=-nc
else
	again=
	copy_tree
fi
write_changelog

# --- the packages ---
say "offloadd $full"
began=$(date +%s)
rm -f "$out"/*.deb "$out"/*.changes "$out"/*.buildinfo "$tree/debian/files"
# dpkg-buildpackage leaves what it made in the parent of the tree: OUT.
(cd "$tree" && OFL_FRR_SDK=$sdk dpkg-buildpackage -b -us -uc -j"$(nproc)" $again) \
	> "$log" 2>&1 < /dev/null || {
	tail -n 30 "$log" >&2
	die "the packages could not be made; all of it: $log"
}
say "$(($(date +%s) - began)) s"
(cd "$out" && ls -1 ./*.deb | sed "s,^\./,$out/,")
