#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The set-up that demo.sh and check.sh share: which Debian packages are
# needed, installing those that are missing, and one build from nothing.
#
# It refuses to touch what is there: a package that is installed stays as it
# is, apt's configuration is not changed, nothing is written outside the build
# directory, the cache of frr-sdk.sh and (bootstrap.sh) the source tree.
set -eu

usage() {
	cat <<-'USAGE'
	usage: tools/setup.sh packages|names SET...
	       tools/setup.sh install [--no-install] SET...
	       tools/setup.sh bootstrap
	       tools/setup.sh build DIR [CONFIGURE-ARGUMENT...] [-- MAKE-ARGUMENT...]

	packages  print the Debian packages of the sets, one a line
	names     the same as written here: A|B where releases differ
	install   install those that are missing (root); with --no-install only
	          name them: exit status 1 if there are any
	bootstrap what of the build is made in the source tree, if anything is new
	build     SDK, ./bootstrap.sh, configure in DIR, make; a second call does
	          only what is left to do

	Sets: run (what the daemon needs), build, demo, test, hw (virtual machines
	for tests), netconf (an SSH server and clients for tests), docs (what builds
	the documents), roots (root file systems of other releases for tests), deb
	(Debian packages, and their tests).
	Progress goes to standard error, one line a step; details to DIR/build.log.
	USAGE
}

die() { echo "setup: $*" >&2; exit 1; }
say() { echo "setup: $*" >&2; }

top=$(cd "$(dirname "$0")/.." && pwd)

# One package a line with what it is for.  A|B: the names of one package in
# different releases; A|-: done without where no release has it.
run_set() {
	cat <<-'SET'
	frr             the routing suite offloadd is a part of
	iproute2        ip: interfaces and network namespaces
	SET
}
# Of frr as installed, else as apt would install it.
frr_version() {
	v=$(dpkg-query -W -f='${Version}' frr 2>/dev/null) || v=
	[ -n "$v" ] || v=$(apt-cache policy frr 2>/dev/null |
		sed -n 's/^ *Candidate: //p')
	echo "${v#*:}"
}
build_set() {
	for p in $("$top/tools/frr-sdk.sh" --need); do
		echo "$p headers and tools of the installed FRRouting"
	done
	# vtysh of FRRouting 10 has the commands of these modules, too.
	case $(frr_version) in
	[1-9][0-9].*)
		echo "frr-snmp        commands of vtysh"
		echo "frr-rpki-rtrlib commands of vtysh" ;;
	esac
	cat <<-'SET'
	frr-dev|-       its headers as packaged: what ours are compared with
	libc6-dev       the C library
	libsqlite3-dev  the database
	libmnl-dev      netlink
	libmicrohttpd-dev HTTP, for metrics
	python3         YANG modules and the command table of vtysh are generated
	SET
}
demo_set() {
	cat <<-'SET'
	procps          ps, sysctl
	ccache          what was compiled before is not compiled again: a clean clone is tested sooner
	python3         the routes are generated
	SET
}
test_set() {
	cat <<-'SET'
	libcmocka-dev   unit tests
	procps          ps, sysctl
	ccache          what was compiled before is not compiled again: a clean clone is tested sooner
	libyang2-tools|libyang3-tools|libyang-tools yanglint: the models are clean, drawn in doc/, and tested whole
	frr-pythontools frr-reload.py, which offload-reload runs
	python3-prometheus-client a reader of metrics that is not ours
	SET
	for p in $("$top/tests/topotests/run.sh" --need); do
		echo "$p topotests"
	done
}
hw_set() {
	for p in $("$top/tests/hw/kernels.sh" --need); do
		echo "$p virtual machines with hardware to offload to"
	done
}

netconf_set() {
	cat <<-'SET'
	openssh-server  the transport of NETCONF; the tests start one of their own
	openssh-client  keys for the tests
	python3-ncclient a NETCONF client
	yangcli         another one
	libyang2-tools|libyang3-tools|libyang-tools yanglint: the schemas that the server gives are read again
	python3-pytest  the tests
	SET
}

docs_set() {
	cat <<-'SET'
	python3-sphinx  the documents as HTML
	python3-myst-parser they are Markdown; its parser finds the blocks that tests execute
	groff-base      manual pages as a part of them
	sqlite3         questions to the database that they show
	chromium        the page of offload-report, looked at by a real browser
	SET
}

roots_set() {
	echo "mmdebstrap root file systems with other releases of FRRouting"
}

deb_set() {
	cat <<-'SET'
	debhelper       builds the packages of make deb
	build-essential dpkg-buildpackage, and what it takes for granted
	lintian         what Debian thinks of them
	mmdebstrap      a root file system to install them in
	SET
}

# list SET...: "package why" as written above, each once
list() {
	for set in "$@"; do
		case $set in
		run|build|demo|test|hw|netconf|docs|roots|deb) ${set}_set ;;
		*) usage >&2; die "unknown set '$set'" ;;
		esac
	done | awk '!seen[$1]++ { $1 = $1; print }'
}

is_installed() {
	[ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}
# Can apt install it?  As far as its lists tell.
is_known() {
	apt-cache policy "$1" 2>/dev/null | grep -q '^ *Candidate: [^(]'
}
# name A|B: what it is called here: as installed, else as apt knows it, else A
name() {
	case $1 in *'|'*) ;; *) echo "$1"; return ;; esac
	for p in $(echo "$1" | tr '|' ' '); do
		! is_installed "$p" || { echo "$p"; return; }
	done
	for p in $(echo "$1" | tr '|' ' '); do
		[ "$p" != - ] || return 0
		! is_known "$p" || { echo "$p"; return; }
	done
	echo "${1%%|*}"
}
# packages SET...: their names here
packages() {
	list "$@" | while read -r p why; do name "$p"; done | awk '!seen[$0]++'
}
# missing SET...: "package why" of those that are not installed
missing() {
	list "$@" | while read -r p why; do
		p=$(name "$p")
		[ -z "$p" ] || is_installed "$p" || echo "$p $why"
	done | awk '!seen[$1]++'
}

apt() {
	DEBIAN_FRONTEND=noninteractive apt-get -q -y \
		-o DPkg::Lock::Timeout=300 "$@" >> "$log" 2>&1 < /dev/null
}

# An SSH server that is only there for tests to start: Debian's package would
# start one and start it with the machine.  Both are kept from it if the package
# was not there before; a machine with a policy of its own has decided already.
policy=/usr/sbin/policy-rc.d
without_services() {
	case " $missing " in *" openssh-server "*) ;; *) "$@"; return ;; esac
	ours=
	if [ ! -e $policy ]; then
		ours=yes
		trap 'rm -f $policy' EXIT
		trap 'exit 1' INT TERM HUP
		printf '#!/bin/sh\n[ "$1" != ssh ] || exit 101\n' > $policy
		chmod 755 $policy
	fi
	status=0
	"$@" || status=$?
	if [ -n "$ours" ]; then
		rm -f $policy
		trap - EXIT INT TERM HUP
	fi
	! command -v systemctl >/dev/null ||
		systemctl --quiet disable ssh.service >> "$log" 2>&1 || :
	return $status
}

# install yes|no SET...
install_missing() {
	may_install=$1
	shift
	command -v dpkg-query >/dev/null || die "this is not Debian: no dpkg"
	wanted=$(missing "$@") || exit 1
	[ -n "$wanted" ] || return 0
	if [ "$may_install" = no ] || [ "$(id -u)" != 0 ]; then
		echo "$wanted" | sed 's/^\([^ ]*\) \(.*\)/setup: missing: \1 (\2)/' >&2
		[ "$may_install" = no ] || say "installing needs root; or, once:" \
			"apt-get install" $(echo "$wanted" | cut -d' ' -f1)
		return 1
	fi
	log=$(mktemp)
	# One sick repository of the machine is no reason to stop.
	apt update || say "apt-get update had errors, going on"
	# Now apt knows what a package is called here.
	missing=$(missing "$@" | cut -d' ' -f1 | tr '\n' ' ')
	set -- $missing
	say "installing $# packages with apt-get"
	without_services apt install --no-install-recommends "$@" || {
		tail -n 20 "$log" >&2
		rm -f "$log"
		die "apt-get could not install: $missing"
	}
	rm -f "$log"
}

# step WORDS: COMMAND... with its output in the log, its time on the terminal
step() {
	what=$1
	shift
	say "$what"
	began=$(date +%s)
	echo "== $what: $*" >> "$log"
	"$@" >> "$log" 2>&1 < /dev/null || {
		tail -n 30 "$log" >&2
		die "$what failed; all of it: $log"
	}
	took=$(($(date +%s) - began))
	[ $took -lt 5 ] || say "$what: $took s"
}

# For a build that may not write to the source tree.
bootstrap() {
	[ ! -e "$top/configure" ] || [ ! -e "$top/Makefile.in" ] ||
		[ -n "$(cd "$top" && find configure.ac Makefile.am */ -name '*.a[cm]' \
			-newer Makefile.in -print -quit)" ] || return 0
	log=$(mktemp)
	step "bootstrap" "$top/bootstrap.sh"
	rm -f "$log"
}

# With ccache, if it is installed: objects are kept beside the SDK, and found
# again by another clone.
use_ccache() {
	command -v ccache > /dev/null || return 0
	cache=${OFFLOAD_SDK_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/offloadd}
	export CC="ccache ${CC:-gcc}"
	export CCACHE_DIR="${CCACHE_DIR:-$cache/ccache}"
	export CCACHE_BASEDIR="$top" CCACHE_NOHASHDIR=1 CCACHE_MAXSIZE=1G
}

build() {
	[ $# -ge 1 ] || die "build wants a directory"
	mkdir -p "$1"
	dir=$(cd "$1" && pwd)
	shift
	args=
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		args="$args $1"
		shift
	done
	[ $# -eq 0 ] || shift
	log=$dir/build.log
	: > "$log"
	[ ! -e "$top/config.status" ] ||
		die "the source tree itself is configured; make distclean there first"
	sdk=$("$top/tools/frr-sdk.sh" --jobs "$(nproc)") || exit 1
	if [ ! -e "$top/configure" ] || [ ! -e "$top/Makefile.in" ]; then
		step "bootstrap" "$top/bootstrap.sh"
	fi
	use_ccache
	cd "$dir"
	wanted="--with-frr-sdk=$sdk$args"
	if [ ! -e Makefile ] || [ "$(cat .configured 2>/dev/null)" != "$wanted" ]; then
		rm -f .configured
		step "configure" "$top/configure" $wanted
		echo "$wanted" > .configured
	fi
	step "make" make -j"$(nproc)" "$@"
}

case ${1:-} in
packages) shift; packages "$@" ;;
names) shift; list "$@" | cut -d' ' -f1 ;;
install) shift
	may=yes
	[ "${1:-}" != --no-install ] || { may=no; shift; }
	install_missing $may "$@" ;;
bootstrap) bootstrap ;;
build) shift; build "$@" ;;
-h|--help) usage ;;
*) usage >&2; exit 1 ;;
esac
