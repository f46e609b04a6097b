#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What tests/deb/run.sh runs in the bare root: /packages/1 and /packages/2 are
# two revisions of the packages, /packages/other/frr.deb is another release of
# FRRouting by its number; /result/counts is to say how many passed and failed.  It installs into the machine it runs on: never
# outside such a root.
set -u
export DEBIAN_FRONTEND=noninteractive
[ -n "${OFFLOAD_DEB_TEST:-}" ] && [ -d /packages/1 ] || {
	echo "inside.sh is for tests/deb/run.sh" >&2
	exit 2
}
work=$(mktemp -d)
passed=0 failed=0

# check WORDS COMMAND...
check() {
	if ("${@:2}") > "$work/out" 2>&1 < /dev/null; then
		passed=$((passed + 1))
		echo "ok - $1"
	else
		failed=$((failed + 1))
		echo "not ok - $1"
		tail -n 40 "$work/out" | sed 's/^/# /'
	fi
}
# does TEXT COMMAND...: succeeds and says the text
does() { "${@:2}" > "$work/said" 2>&1 || { cat "$work/said"; return 1; }
	cat "$work/said"; grep -q -F -e "$1" "$work/said"; }
# refuses TEXT COMMAND...: fails and says the text
refuses() { ! "${@:2}" > "$work/said" 2>&1 || { cat "$work/said"; return 1; }
	cat "$work/said"; grep -q -F -e "$1" "$work/said"; }
not() { ! "$@"; }
# soon COMMAND...: within a generous minute
soon() {
	local tries=300
	while ! "$@" > "$work/soon" 2>&1; do
		[ $((tries -= 1)) -gt 0 ] || { cat "$work/soon"; return 1; }
		sleep 0.2
	done
}
apt() { apt-get -q -y --no-install-recommends "$@"; }
# pid NAME: of a daemon of FRR; empty if it does not run
pid() {
	local n
	n=$(cat "/run/frr/$1.pid" 2>/dev/null) || return 1
	[ "$(cat "/proc/$n/comm" 2>/dev/null)" = "$1" ] && echo "$n"
}
runs() { pid "$1" > /dev/null; }
ended() { ! runs "$1"; }
# Whom did a step leave running?
others() { pid zebra && pid staticd || echo "not all run"; }
same() { [ "$1" != "not all run" ] && [ "$1" = "$2" ] || { echo "was '$1', is '$2'"; return 1; }; }
is() { [ "$1" = "$2" ] || { echo "is '$1', not '$2'"; return 1; }; }

# --- what is looked at ---
v1=$(dpkg-deb -f /packages/1/offloadd_*.deb Version)
v2=$(dpkg-deb -f /packages/2/offloadd_*.deb Version)
sum() { sha256sum < "$1"; }
# files: all that is in this system, with owner, mode and content.  Left out are
# what dpkg and apt remember, and logs.
files() {
	local less=(-path /var/lib/dpkg -o -path /var/lib/apt
		-o -path /var/cache -o -path /var/log -o -path /root)
	{ find / -xdev \( "${less[@]}" \) -prune -o -printf '%p %y %m %u:%g %l\n'
	find / -xdev \( "${less[@]}" \) -prune -o -type f -print0 |
		xargs -0 sha256sum | sed -E 's/^(\S+)  (.*)/\2 \1/'; } | sort
}
is_frrs_vtysh() {
	local want
	want=$(sed -n 's, *usr/bin/vtysh$,,p' /var/lib/dpkg/info/frr.md5sums)
	is "$(md5sum < "$1" | cut -d' ' -f1)" "$want"
}
knows_offload() { does offloadd "$1" --help; }
# Only a conffile that an operator edited may differ.
frr_is_whole() { is "$(dpkg --verify frr | grep -v ' c /etc/frr/')" ""; }
is_in_hardware() { vtysh -c "show offload route $1" | tee "$work/route" | grep -q -i "in.hardware\|offloaded"; }
number() { # NAME: of the table, by JSON
	vtysh -c 'show offload table main json' | python3 -c '
import json, sys
def look(o):
    if isinstance(o, dict):
        if sys.argv[1] in o: return o[sys.argv[1]]
        o = list(o.values())
    for v in o if isinstance(o, list) else []:
        r = look(v)
        if r is not None: return r
print(look(json.load(sys.stdin)))' "$1"
}
config() { vtysh -c 'show running-config'; }
is_watched() { vtysh -c 'show watchfrr' | grep -q '^  offloadd  *Up'; }
all_up() { runs zebra && runs staticd && runs offloadd && is_watched; }

ip link set lo up 2>/dev/null # ip comes with frr

# --- refused ---
refused() {
	check "another release of FRR is here" dpkg -i /packages/other/frr.deb
	check "apt refuses" refuses "Depends: frr (<" \
		apt-get -s install --no-install-recommends /packages/1/offloadd_*.deb
	check "dpkg does not configure it" refuses "dependency problems" \
		dpkg -i /packages/1/offloadd_*.deb
	check "and takes it away" dpkg --purge offloadd
	check "nothing stays diverted" is "$(dpkg-divert --list '*vtysh*')" ""
	check "the other release goes" dpkg --purge frr
}
refused

# --- installed ---
check "apt finds all it depends on" does "Inst libmnl0" \
	apt-get -s install --no-install-recommends /packages/1/offloadd_*.deb
check "frr is installed and what offloadd depends on" apt install \
	frr frr-pythontools python3 libmicrohttpd12 libmnl0 libsqlite3-0 iproute2
check "lo is up" ip link set lo up
check "FRR starts" eval '/usr/lib/frr/frrinit.sh start && soon runs zebra && soon runs staticd'
cp -p /etc/frr/daemons /etc/frr/frr.conf "$work/"
files > "$work/before"
before=$(others)

check "the packages are installed" apt install /packages/1/offloadd_*.deb \
	/packages/1/offloadd-tcamsim-source_*.deb /packages/1/offloadd-dbgsym_*.deb
check "as they were made" is "$(dpkg --verify offloadd offloadd-dbgsym offloadd-tcamsim-source)" ""
check "FRR's daemons run on" same "$before" "$(others)"
check "offloadd is not started" ended offloadd
check "FRR's files are not edited" frr_is_whole
check "daemons is not edited" cmp /etc/frr/daemons "$work/daemons"
check "vtysh is ours" knows_offload /usr/bin/vtysh
check "FRR's steps aside" is_frrs_vtysh /usr/bin/vtysh.frr
check "dpkg knows" does "by offloadd to: /usr/bin/vtysh.frr" dpkg -S /usr/bin/vtysh
check "the database's directory is FRR's" is "$(stat -c %a:%U:%G /var/lib/frr)" 750:frr:frr
check "the daemon says what it is" does offloadd /usr/lib/frr/offloadd --version
check "the NETCONF relay is there" test -x /usr/lib/frr/offloadd-netconf
check "the models are there" test -s /usr/share/yang/frr-offload.yang -a \
	-s /usr/share/yang/frr-offload-acl.yang
for page in offloadd offload-reload offloadd-netconf offload-enable offload-disable; do
	check "manual page $page" does ".TH" zcat "/usr/share/man/man8/$page.8.gz"
done
check "the guide is there" does offload zcat /usr/share/doc/offloadd/user-guide.md.gz
module_is_whole() {
	local src=/usr/src/offloadd-tcamsim o
	for o in $(sed -n '/tcamsim-y/,$p' $src/Kbuild | grep -o '[a-z]*\.o'); do
		[ -s "$src/${o%.o}.c" ] || { echo "no source of $o"; return 1; }
	done
	[ -s $src/Makefile ]
}
check "the kernel module's source is whole" module_is_whole

# --- enabled ---
check "hand-written lines are not ours to edit" eval '
	echo "offloadd=yes" >> /etc/frr/daemons
	refuses "not from this command" offload-enable; rc=$?
	cp -p "$work/daemons" /etc/frr/daemons; exit $rc'
check "options with a command in them are refused" refuses "--options" \
	offload-enable --options '$(reboot)'
check "damaged lines are refused" eval '
	echo "# <<< offloadd" >> /etc/frr/daemons
	refuses "damaged" offload-enable; rc=$?
	refuses "damaged" offload-disable || rc=1
	cp -p "$work/daemons" /etc/frr/daemons; exit $rc'
check "nothing was changed by these" cmp /etc/frr/daemons "$work/daemons"
check "offload-enable, and undone" eval '
	offload-enable && not cmp /etc/frr/daemons "$work/daemons" &&
	offload-disable && cmp /etc/frr/daemons "$work/daemons"'
check "owner and mode stay" is "$(stat -c %a:%U:%G /etc/frr/daemons)" \
	"$(stat -c %a:%U:%G "$work/daemons")"
before=$(others)
check "offload-enable --now" offload-enable --now --options "-A 127.0.0.1 -M netconf"
check "offloadd runs and is watched" soon all_up
check "FRR's daemons run on" same "$before" "$(others)"
check "the NETCONF module is loaded" soon test -S /run/frr/offloadd-netconf.sock
cp -p /etc/frr/daemons "$work/daemons.enabled"
check "a second call changes nothing" eval '
	does "already" offload-enable --now && cmp /etc/frr/daemons "$work/daemons.enabled"'

# --- used ---
configure() {
	vtysh -c 'configure terminal' \
		-c 'ip route 198.51.100.0/24 blackhole' \
		-c 'ip route 203.0.113.0/24 blackhole' \
		-c 'offload' -c 'table main' -c 'provider emulated' \
		-c 'capacity 100' -c 'emulated file /var/lib/frr/table' -c 'exit' \
		-c 'rule 10' -c 'match protocol static' -c 'set class critical' \
		-c 'end' -c 'write'
}
check "it is configured with vtysh" configure
check "the block is written" grep -q '^offload$' /etc/frr/frr.conf
check "show offload summary" does main vtysh -c 'show offload summary'
check "a route is in hardware" soon is_in_hardware 198.51.100.0/24
check "the database is there" soon test -s /var/lib/frr/offloadd.db
check "FRR's restart brings all of it back" eval '
	/usr/lib/frr/frrinit.sh restart && soon all_up && soon is_in_hardware 198.51.100.0/24'
config > "$work/config"
before=$(others)
check "reload takes a changed frr.conf" eval '
	sed -i "s/^  capacity 100/  capacity 90/" /etc/frr/frr.conf
	/usr/lib/frr/frrinit.sh reload && soon all_up &&
	config | grep -q "capacity 90"'
check "FRR's daemons run on" same "$before" "$(others)"

# --- upgraded ---
config > "$work/config"
before=$(others)
old=$(pid offloadd)
inode=$(stat -c %i /var/lib/frr/offloadd.db)
check "the next revision is installed over it" dpkg -i /packages/2/*.deb
check "it is the next one" is "$(dpkg-query -W -f='${Version}' offloadd)" "$v2"
check "offloadd was started again by watchfrr" soon all_up
check "it is another process" not same "$old" "$(pid offloadd)"
check "of the new program" is "$(readlink "/proc/$(pid offloadd)/exe")" /usr/lib/frr/offloadd
check "FRR's daemons run on" same "$before" "$(others)"
check "the configuration is kept" soon eval 'config | cmp - "$work/config"'
check "the route is in hardware" soon is_in_hardware 198.51.100.0/24
check "it was adopted, not written" is "$(number added) $(number deleted)" "0 0"
check "the database is kept" is "$(stat -c %i /var/lib/frr/offloadd.db)" "$inode"
check "vtysh is ours" knows_offload /usr/bin/vtysh
check "dpkg's files are whole" is "$(dpkg --verify offloadd)" ""
policy() {
	printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d
	chmod 755 /usr/sbin/policy-rc.d
	dpkg -i /packages/1/*.deb
	rc=$?
	rm -f /usr/sbin/policy-rc.d
	return $rc
}
old=$(pid offloadd)
check "back to the first, where the policy forbids a restart" policy
check "the daemon runs on" same "$old" "$(pid offloadd)"
check "FRR's package again leaves our vtysh alone" eval '
	cp /var/cache/apt/archives/frr_*.deb "$work/" && dpkg --unpack "$work"/frr_*.deb &&
	knows_offload /usr/bin/vtysh && is_frrs_vtysh /usr/bin/vtysh.frr'
check "and is configured" dpkg --configure -a
soon all_up
check "a frr that is too new is not taken beside it" refuses offloadd \
	apt-get -s install --no-remove --no-install-recommends /packages/other/frr.deb

# --- removed ---
cp -p /etc/frr/frr.conf "$work/frr.conf.used"
before=$(others)
check "removed while it runs" does "stopping offloadd" \
	dpkg --remove offloadd-dbgsym offloadd
check "offloadd has ended" soon ended offloadd
check "FRR's daemons run on" same "$before" "$(others)"
check "vtysh is FRR's" is_frrs_vtysh /usr/bin/vtysh
check "nothing is diverted" is "$(dpkg-divert --list '*vtysh*')" ""
check "vtysh.frr is gone" not test -e /usr/bin/vtysh.frr
check "FRR's files are whole" frr_is_whole
check "watchfrr does not miss it" not grep -q -a offloadd "/proc/$(pid watchfrr)/cmdline"
check "frr.conf stays" cmp /etc/frr/frr.conf "$work/frr.conf.used"
check "the database stays" test -s /var/lib/frr/offloadd.db
check "FRR writes" soon does "[OK]" vtysh -c write
check "FRR starts with the lines that are left" eval '
	/usr/lib/frr/frrinit.sh restart > "$work/restart" 2>&1; cat "$work/restart"
	soon runs zebra && soon runs staticd && not grep -q offloadd "$work/restart"'

# --- installed again ---
cp -p "$work/frr.conf.used" /etc/frr/frr.conf
check "installed again" apt install /packages/2/offloadd_*.deb
check "FRR's restart starts it" eval '
	/usr/lib/frr/frrinit.sh restart && soon all_up && soon is_in_hardware 198.51.100.0/24'
check "with the database it had" is "$(stat -c %i /var/lib/frr/offloadd.db)" "$inode"
before=$(others)
check "offload-disable --now" does "what it was before" offload-disable --now
check "offloadd has ended" ended offloadd
check "FRR's daemons run on" same "$before" "$(others)"
check "daemons is what it was" cmp /etc/frr/daemons "$work/daemons"
check "a second call changes nothing" does "no lines" offload-disable

# --- purged ---
cp -p /etc/frr/frr.conf "$work/frr.conf.used"
echo old > /var/lib/frr/offloadd.db.corrupt-20260101T000000
check "purged" dpkg --purge offloadd-dbgsym offloadd-tcamsim-source offloadd
check "frr.conf stays" cmp /etc/frr/frr.conf "$work/frr.conf.used"
check "a table the operator named stays" test -e /var/lib/frr/table
rm -f /var/lib/frr/table
rmdir /var/lib/frr
cp -p "$work/frr.conf" /etc/frr/frr.conf
rm -f /etc/frr/frr.conf.sav
files > "$work/after"
check "nothing is left" diff -U0 "$work/before" "$work/after"

# --- purged while it runs ---
check "installed a third time" apt install /packages/1/offloadd_*.deb
check "offload-enable --now" offload-enable --now
soon all_up
check "a table-less daemon keeps its database" soon test -s /var/lib/frr/offloadd.db
check "purged while it runs" does "lines in /etc/frr/daemons stay" dpkg --purge offloadd
check "offloadd has ended" soon ended offloadd
sed -i '/^# >>> offloadd/,/^# <<< offloadd/d' /etc/frr/daemons
check "the lines are all that was left in daemons" cmp /etc/frr/daemons "$work/daemons"
cp -p "$work/daemons" /etc/frr/daemons
files > "$work/after"
check "nothing else is left" diff -U0 "$work/before" "$work/after"

/usr/lib/frr/frrinit.sh stop > /dev/null 2>&1
echo "$passed $failed" > /result/counts
[ $failed = 0 ]
