#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Make the bare root file system of a Debian release, as mmdebstrap's smallest
# variant has it, for tests to run in (tools/in-root.py).
#
# Its packages come from where this machine's come from: the machine's own apt
# sources for that release or, if it has none, its Debian archive with the
# release's name in place of its own.  How apt reaches it (proxies, snapshots)
# comes along, as do key files that a source names.
#
# It refuses to touch a directory that is not empty, and to know any host.
set -eu

usage() { echo "usage: tools/debian-root.sh SUITE DIR"; }
die() { echo "debian-root: $*" >&2; exit 1; }

case ${1:-} in -h|--help) usage; exit 0 ;; esac
[ $# = 2 ] || { usage >&2; exit 1; }
suite=$1 root=$2
case $suite in ''|*[!a-z0-9.-]*) die "'$suite' is not the name of a release" ;; esac
[ "$(id -u)" = 0 ] || die "must run as root: it makes device files and owners"
command -v mmdebstrap >/dev/null ||
	die "mmdebstrap is missing (apt-get install mmdebstrap)"
[ ! -e "$root" ] || [ -z "$(ls -A "$root")" ] || die "$root is not empty"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# --- the machine's apt sources, one a line ---
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
# of SUITE: its lines.  Entries of other suites (third-party repositories) have
# no place in a bare root.
of() {
	sources | awk -v suite="$1" '{
		i = 2
		if ($i ~ /^\[/) while ($i !~ /\]$/ && i < NF) i++
		if ($2 ~ /^\[/) i++
		if ($(i + 1) == suite || index($(i + 1), suite "-") == 1 ||
		    $(i + 1) == suite "/updates") print }' | sort -u
}
of "$suite" > "$work/sources.list"
here=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
if [ ! -s "$work/sources.list" ] && [ -n "$here" ]; then
	# The archive itself: its updates and security need not be there under
	# the same names.
	of "$here" | sed -n "s/ $here / $suite /p" > "$work/sources.list"
fi
[ -s "$work/sources.list" ] ||
	die "this machine's apt has no source of $suite or of its own release"
apt-config dump 2>/dev/null |
	sed -n '/^Acquire::\(Check-\|https\{0,1\}::\|Retries\)/p' \
	> "$work/acquire.conf"

mmdebstrap --quiet --variant=minbase --aptopt="$work/acquire.conf" \
	--aptopt='Acquire::Check-Valid-Until "false"' \
	"$suite" "$root" "$work/sources.list" > "$work/log" 2>&1 || {
	tail -n 20 "$work/log" >&2
	die "cannot make a root of $suite: does the archive answer?"
}
for key in $(sed -n 's/.*signed-by=\([^] ]*\).*/\1/p' "$work/sources.list" |
	tr ',' '\n' | sort -u); do
	[ -e "$root$key" ] || install -D -m 644 "$key" "$root$key"
done
