#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Inside a guest of QEMU with --rocker 2: a host behind each port of the
# switch, a route, pings through it.  Prints
#	route JSON
#	received N		replies to PINGS pings
#	rx BEFORE AFTER		packets the port gave to the kernel meanwhile
# test_drivers.py judges.  It refuses a machine without two rocker ports.
set -eu
PINGS=6

die() { echo "rocker.sh: $*" >&2; exit 1; }

modprobe virtio_net
modprobe rocker
ports=
hosts=
for net in /sys/class/net/*/; do
	[ -e "$net/device/driver" ] || continue
	name=$(basename "$net")
	case $(basename "$(readlink "$net/device/driver")") in
	rocker) ports="$ports $name" ;;
	virtio_net) hosts="$hosts $name" ;;
	esac
done
set -- $ports
[ $# -eq 2 ] || die "not two rocker ports but:$ports"
first=$1
second=$2
echo 1 > /proc/sys/net/ipv4/ip_forward
n=0
for card in $hosts; do
	n=$((n + 1))
	ip netns add h$n
	ip link set "$card" netns h$n name wire
	ip -n h$n link set lo up
	ip -n h$n addr add 10.$n.0.2/24 dev wire
	ip -n h$n link set wire up
	ip -n h$n route add default via 10.$n.0.1
done
ip addr add 10.1.0.1/24 dev "$first"
ip addr add 10.2.0.1/24 dev "$second"
ip link set "$first" up
ip link set "$second" up
ip -n h2 addr add 10.3.0.1/32 dev lo
ip route add 10.3.0.0/24 via 10.2.0.2

ping() { ip netns exec h1 busybox ping -q -W 5 "$@"; }
received() { sed -n 's/.* \([0-9]*\) packets received.*/\1/p'; }
rx() { cat "/sys/class/net/$first/statistics/rx_packets"; }
# The kernel must have learnt both neighbours, and told the switch.
for _ in $(seq 30); do
	[ "$(ping -c 1 10.3.0.1 | received)" = 1 ] && break
	sleep 0.2
done
before=$(rx)
count=$(ping -c $PINGS 10.3.0.1 | received)
after=$(rx)
echo "route $(ip -j route show 10.3.0.0/24)"
echo "received $count"
echo "rx $before $after"
