# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What the scripts that run in the VM share. Sourced; they print lines "KEY VALUE", ns each.
trap 'jobs -p | xargs -r kill' EXIT

die()
{
	echo "bench: $*"
	exit 1
}

# gateway NS POD: pod --veth-- gateway --dummy. The dummy frees what it is given, so that what is
# left over the sink's run is forwarding alone, from the frame's arrival to the driver.
gateway()
{
	ip netns add "$2" && ip netns add "$1" || die "namespaces"
	ip link add pod netns "$1" address 02:00:00:00:00:02 type veth \
		peer name gw address 02:00:00:00:00:01 netns "$2" || die "veth"
	ip -n "$1" link add out type dummy && ip -n "$1" link set out arp on || die "dummy"
	ip netns exec "$1" sysctl -qw net.ipv6.conf.all.forwarding=1 || die "sysctl"
	ip -n "$2" link set gw up && ip -n "$1" link set pod up && ip -n "$1" link set out up ||
		die "up"
	ip -n "$1" -6 neigh add fe80::99 dev out lladdr 02:00:00:00:00:99 nud permanent ||
		die "neigh"
	damc -n "$1" -b - <<-END || die "damc"
		info set name /damc/node/gw1
		dev set out up
		dev set pod edge
		bind add /pod/gw1/p1 dev pod
	END
}
