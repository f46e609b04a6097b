#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Inside a guest: routes on a netdevsim device, taken and refused.  Prints
# `ip -j route` of one route that the device took, one that it failed to take
# (debugfs fail_route_offload) and an IPv6 one that it failed to take, a line
# each.  test_drivers.py judges.  It refuses a kernel without netdevsim.
set -eu

# await FLAG ROUTE-ARGUMENT...: the route as JSON, once it has any such flag
await() {
	flag=$1
	shift
	for _ in $(seq 100); do
		route=$(ip -j "$@")
		case $route in *"$flag"*) break ;; esac
		sleep 0.1
	done
	echo "$route"
}

modprobe netdevsim
echo "1 1" > /sys/bus/netdevsim/new_device
for net in /sys/bus/netdevsim/devices/netdevsim1/net/*; do
	port=${net##*/}
done
ip addr add 192.0.2.1/24 dev "$port"
ip link set "$port" up
ip route add 198.51.100.0/24 via 192.0.2.2
await rt_ route show 198.51.100.0/24
echo 1 > /sys/kernel/debug/netdevsim/netdevsim1/fib/fail_route_offload
ip route add 203.0.113.0/24 via 192.0.2.2
await rt_ route show 203.0.113.0/24
ip -6 route add 2001:db8:1::/64 dev "$port"
await rt_ -6 route show 2001:db8:1::/64
echo 1 > /sys/bus/netdevsim/del_device
rmmod netdevsim
