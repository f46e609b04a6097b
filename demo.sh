#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The demonstration: installs what is missing, builds, and shows the main job
# of offloadd in network namespaces that vanish with it.
#
# It refuses to touch the machine's own FRR, its namespaces or its
# configuration: the story runs in a sandbox (tools/sandbox.py).
set -eu

usage() {
	cat <<-'USAGE'
	usage: ./demo.sh [OPTION...]

	An upstream router announces a routing table by BGP to an edge router
	whose hardware table is far too small for it.  offloadd, beside zebra and
	bgpd on the edge, decides which routes get a slot.  Needs root.

	  --count N        prefixes announced; default 20000
	  --slots N        slots of the hardware table; default 2000
	  --routes FILE    take the prefixes from a file (plain or .gz, one a line;
	                   more words on the line are ignored) instead of making
	                   them up; --count 0 takes all of them
	  --keep           at the end wait for Enter before everything is removed,
	                   to look around from another terminal
	  --no-build       install and build nothing; the build directory is ready
	  --build-dir DIR  build there instead of build/demo
	  --help           this text
	USAGE
}
die() { echo "demo: $*" >&2; exit 2; }

top=$(cd "$(dirname "$0")" && pwd)
build=$top/build/demo
make=yes
count=20000 slots=2000 routes= keep=
while [ $# -gt 0 ]; do
	case $1 in
	--count|--slots|--routes|--build-dir)
		[ $# -ge 2 ] || die "$1 wants a value"
		case $1 in
		--count) count=$2 ;;
		--slots) slots=$2 ;;
		--routes) routes=$(readlink -m "$2") ;;
		--build-dir) build=$(readlink -m "$2") ;;
		esac
		shift ;;
	--keep) keep=--keep ;;
	--no-build) make=no ;;
	-h|--help) usage; exit 0 ;;
	*) usage >&2; die "unknown option '$1'" ;;
	esac
	shift
done
for number in "$count" "$slots"; do
	case $number in
	''|*[!0-9]*|?????????*) die "'$number' is not a number of routes or slots" ;;
	esac
done
[ -z "$routes" ] || [ -r "$routes" ] || die "cannot read $routes"
[ "$(id -u)" = 0 ] || die "network namespaces need root"

if [ $make = yes ]; then
	"$top/tools/setup.sh" install run build demo
	"$top/tools/setup.sh" build "$build" -- \
		offloadd/offloadd vtysh/vtysh
fi
for program in offloadd vtysh; do
	[ -x "$build/$program/$program" ] ||
		die "$build/$program/$program is not there; run without --no-build"
done
exec /usr/bin/python3 -B "$top/tools/sandbox.py" \
	/usr/bin/python3 -B "$top/demo/demo.py" \
	--offloadd "$build/offloadd/offloadd" --vtysh "$build/vtysh/vtysh" \
	--count "$count" --slots "$slots" ${routes:+--routes "$routes"} $keep
