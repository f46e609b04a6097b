#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Topotests: FRR's own framework, taken from the fetched source of the
# installed version, runs the packaged daemons beside our offloadd.
#
# Nothing is written into the SDK or this tree: framework and tests are copied
# to a private /run, which vanishes with the sandbox, as do all processes and
# network namespaces, also when a test fails or this script is killed.
set -eu

usage() {
	cat <<-'USAGE'
	usage: tests/topotests/run.sh --offloadd PATH --vtysh PATH [--sdk DIR]
	                              [--logs DIR] [PYTEST ARGUMENT]...

	  --offloadd PATH  the daemon under test
	  --vtysh PATH     the vtysh that knows it
	  --sdk DIR        made by tools/frr-sdk.sh; default: where it keeps it
	  --logs DIR       keep the logs of the run there
	  --need           print the Debian packages this layer needs

	Arguments of pytest choose tests (offload_watermark, "-k watermark", "-x").
	The last line is "N passed, N failed" (", N skipped" if any).
	USAGE
}
die() { echo "topotests: $*" >&2; exit 2; }

here=$(dirname "$(readlink -f "$0")")
top=$(readlink -f "$here/../..")

# --- inside the sandbox ---
if [ -n "${OFFLOAD_TOPO_STAGE:-}" ]; then
	suite=/run/topotests
	framework=$OFFLOAD_TOPO_SDK/src/tests/topotests
	mkdir -p $suite/bin $suite/frr $suite/tmp $suite/log
	cp -r "$framework/lib" "$framework/conftest.py" "$framework/pytest.ini" \
		$suite/
	# The framework of FRRouting 10 stands on another one beside it.
	[ ! -d "$framework/munet" ] || cp -r "$framework/munet" $suite/
	cp -r "$here"/*.py "$here"/offload_*/ $suite/
	# The framework reads its configuration here; [topogen] is the last section.
	echo "frrdir = $suite/frr" >> $suite/pytest.ini
	for daemon in /usr/lib/frr/*; do
		ln -s "$daemon" "$suite/frr/${daemon##*/}"
	done
	# Copies: where they were built may be hidden in a router.
	rm -f $suite/frr/offloadd
	cp "$OFFLOAD_TOPO_DAEMON" $suite/frr/offloadd
	cp "$OFFLOAD_TOPO_VTYSH" $suite/bin/vtysh
	cd $suite
	PATH=$suite/bin:/usr/sbin:/usr/bin:/sbin:/bin
	PYTHONPATH=$suite
	TMPDIR=$suite/tmp
	chmod 1777 $suite/tmp
	export PATH PYTHONPATH TMPDIR
	rc=0
	/usr/bin/python3 -B -m pytest -p no:cacheprovider -p offload_plugin \
		-rs --show-capture=stdout --rundir $suite/log "$@" || rc=$?
	if [ -n "$OFFLOAD_TOPO_LOGS" ]; then
		mkdir -p "$OFFLOAD_TOPO_LOGS"
		cp -r $suite/log/. "$OFFLOAD_TOPO_LOGS/"
	fi
	[ -s $suite/count ] || echo "0 passed, 1 failed" > $suite/count
	cat $suite/count
	exit $rc
fi

daemon= vtysh= sdk= logs=
while [ $# -gt 0 ]; do
	case $1 in
	--offloadd|--vtysh|--sdk|--logs)
		[ $# -ge 2 ] || die "$1 wants a path"
		path=$(readlink -m "$2")
		case $1 in
		--offloadd) daemon=$path ;;
		--vtysh) vtysh=$path ;;
		--sdk) sdk=$path ;;
		--logs) logs=$path ;;
		esac
		shift 2 ;;
	--need) echo frr python3-pytest iproute2 procps; exit 0 ;;
	--help) usage; exit 0 ;;
	*) break ;;
	esac
done
[ "$(id -u)" = 0 ] || die "network namespaces need root"
[ -n "$daemon" ] || die "--offloadd PATH is missing"
[ -n "$vtysh" ] || die "--vtysh PATH is missing"
[ -x "$daemon" ] || die "$daemon: no such program"
[ -x "$vtysh" ] || die "$vtysh: no such program"
[ -n "$sdk" ] || sdk=$("$top/tools/frr-sdk.sh" --print) || exit 2
[ -f "$sdk/src/tests/topotests/conftest.py" ] ||
	die "$sdk has no src/tests/topotests: not made by tools/frr-sdk.sh?"
/usr/bin/python3 -c 'import pytest' 2>/dev/null ||
	die "python3-pytest is missing"

OFFLOAD_TOPO_STAGE=inside OFFLOAD_TOPO_SDK=$sdk OFFLOAD_TOPO_DAEMON=$daemon
OFFLOAD_TOPO_VTYSH=$vtysh OFFLOAD_TOPO_LOGS=$logs
export OFFLOAD_TOPO_STAGE OFFLOAD_TOPO_SDK OFFLOAD_TOPO_DAEMON
export OFFLOAD_TOPO_VTYSH OFFLOAD_TOPO_LOGS
exec /usr/bin/python3 -B "$top/tools/sandbox.py" "$here/run.sh" "$@"
