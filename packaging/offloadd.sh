# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034
#
# offloadd among FRRouting's daemons: FRRouting's start scripts read this,
# through the lines that offload-enable puts into /etc/frr/daemons.  It stays
# harmless without the daemon.
#
# offload-enable and offload-disable leave a word in FRRouting's run directory
# while they have the start scripts put another watchfrr in the place of the
# one that runs: then nothing but that shall be done, frr.conf is not loaded.
if [ -x /usr/lib/frr/offloadd ]; then
	DAEMONS="$DAEMONS offloadd"
	offloadd=yes
	# frr-reload.py does not know the configuration of offloadd.
	RELOAD_SCRIPT=/usr/bin/offload-reload
	if [ -e "${V_PATH:-/run/frr}/offloadd.starting" ]; then
		RELOAD_SCRIPT=/bin/true
	elif [ -e "${V_PATH:-/run/frr}/offloadd.stopping" ]; then
		RELOAD_SCRIPT=/bin/true
		offloadd=no
	fi
fi
