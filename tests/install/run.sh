#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What `make install` puts where, and that `make uninstall` takes all of it.
# Into a DESTDIR: the machine itself is not touched.
set -u

[ $# -eq 1 ] && [ -e "$1/Makefile" ] || {
	echo "usage: tests/install/run.sh BUILD-DIR" >&2
	exit 2
}
build=$(cd "$1" && pwd)
dest=$(mktemp -d)
trap 'rm -rf "$dest"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
passed=0
failed=0

# check WORDS: COMMAND...
check() {
	what=$1
	shift
	if "$@" > "$dest.out" 2>&1; then
		passed=$((passed + 1))
		echo "ok - $what"
	else
		failed=$((failed + 1))
		echo "not ok - $what"
		sed 's/^/# /' "$dest.out"
	fi
	rm -f "$dest.out"
}
var() {
	make -s --no-print-directory -C "$build" \
		--eval="ofl-print: ; @echo \$($1)" ofl-print
}
has_mode() { [ "$(stat -c %a "$dest$1")" = "$2" ]; }
runs() { "$@" < /dev/null; }
says() {
	text=$1
	shift
	"$@" < /dev/null 2>&1 | grep -F -e "$text"
}
is_empty() { [ -z "$(find "$dest" ! -type d -print)" ]; }
only_known() {
	# Nothing outside the directories that were asked for.
	find "$dest" ! -type d -printf '/%P\n' | while read -r f; do
		case $f in
		"$daemondir"/*|"$bindir"/*|"$yangdir"/*|"$mandir"/*) ;;
		"$reportdir"/*) ;;
		"$moduledir"/offloadd_netconf.so) ;;
		*) echo "unexpected: $f"; echo >> "$dest.bad" ;;
		esac
	done
	[ ! -e "$dest.bad" ] || { rm -f "$dest.bad"; return 1; }
}

daemondir=$(var daemondir)
bindir=$(var bindir)
yangdir=$(var yangdir)
mandir=$(var mandir)
moduledir=$(var frrmoduledir)
reportdir=$(var reportdir)
version=$(var PACKAGE_VERSION)
zebra=$(var FRR_SBINDIR)/zebra

check "make install" make -s -C "$build" install DESTDIR="$dest"
check "the daemon is beside zebra" [ "$daemondir/zebra" = "$zebra" ]
check "the daemon is installed" has_mode "$daemondir/offloadd" 755
check "the daemon starts" runs "$dest$daemondir/offloadd" --help
check "the daemon says its version" \
	says "$version" "$dest$daemondir/offloadd" --version
check "the NETCONF module is beside FRR's" \
	has_mode "$moduledir/offloadd_netconf.so" 755
check "FRR looks for modules there" [ -e "$moduledir/dplane_fpm_nl.so" ]
check "the NETCONF relay is installed" \
	has_mode "$daemondir/offloadd-netconf" 755
check "the NETCONF relay says what it lacks" \
	says "/nowhere: No such file" "$dest$daemondir/offloadd-netconf" /nowhere
check "the relay's manual page is installed" \
	has_mode "$mandir/man8/offloadd-netconf.8" 644
check "vtysh is installed" has_mode "$bindir/vtysh" 755
check "vtysh comes before FRR's in the usual PATH" \
	[ "$bindir" = /usr/local/bin ]
check "vtysh starts" runs "$dest$bindir/vtysh" --help
check "the YANG module is beside FRR's" \
	has_mode "$yangdir/frr-offload.yang" 644
check "so is that of access control lists" \
	has_mode "$yangdir/frr-offload-acl.yang" 644
check "FRR's own modules are there" [ -e "$yangdir/frr-interface.yang" ]
check "the manual page is installed" has_mode "$mandir/man8/offloadd.8" 644
check "offload-reload is installed" has_mode "$bindir/offload-reload" 755
check "offload-reload starts" runs "$dest$bindir/offload-reload" --help
check "it knows where the daemon is" \
	says "$daemondir/offloadd" "$dest$bindir/offload-reload" --help
check "its manual page is installed" \
	has_mode "$mandir/man8/offload-reload.8" 644
check "offload-report is installed" has_mode "$bindir/offload-report" 755
check "it has its parts" has_mode "$reportdir/page.css" 644
check "and knows where they are" grep -qF "\"$reportdir\"" \
	"$dest$bindir/offload-report"
check "it starts with the parts that were installed" \
	says "$version" env PYTHONPATH="$dest${reportdir%/*}" \
	"$dest$bindir/offload-report" --version
check "its manual page is installed" \
	has_mode "$mandir/man8/offload-report.8" 644
check "nothing is elsewhere" only_known
check "make uninstall" make -s -C "$build" uninstall DESTDIR="$dest"
check "nothing is left" is_empty

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
