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

# fabric NS: out of NS' gateway by another node, NS-far, to that node's dummy. Between the two is a
# veth with IPv4, on it DAMC in UDP and a VXLAN, both ready.
fabric()
{
	local near=$1 far=$1-far

	ip -n "$near" link del out && ip netns add "$far" || die "namespaces"
	ip link add wire netns "$near" type veth peer name wire netns "$far" || die "veth"
	fabric_node "$near" 1 2
	fabric_node "$far" 2 1
	ip -n "$far" link add out type dummy && ip -n "$far" link set out up arp on || die "dummy"
	ip netns exec "$far" sysctl -qw net.ipv6.conf.all.forwarding=1 || die "sysctl"
	ip -n "$far" -6 neigh add fe80::99 dev out lladdr 02:00:00:00:00:99 nud permanent ||
		die "neigh"
	damc -n "$far" -b - <<-END || die "damc"
		info set name /damc/node/far
		dev set out up
	END
}

# fabric_node NS NUMBER OTHER
fabric_node()
{
	ip -n "$1" addr add "192.0.2.$2/24" dev wire || die "link"
	ip -n "$1" link set wire address "02:00:00:00:02:0$2" up || die "link"
	ip -n "$1" neigh add "192.0.2.$3" dev wire lladdr "02:00:00:00:02:0$3" nud permanent ||
		die "neigh"
	ip -n "$1" link add vx type vxlan id 7 local "192.0.2.$2" remote "192.0.2.$3" dstport 4789 \
		nolearning || die "vxlan"
	ip -n "$1" link set vx address "02:00:00:00:01:0$2" up || die "vxlan"
	ip -n "$1" -6 neigh add fe80::99 dev vx lladdr "02:00:00:00:01:0$3" nud permanent ||
		die "neigh"
	damc -n "$1" info set udp-port 3625 && damc -n "$1" neigh add udp "192.0.2.$3" ||
		die "damc udp"
}

# Give the namespaces back, one by one. To take 100,000 routes apart takes IPv6 longer than the
# runner waits for all at once; sleeping costs no time.
leave()
{
	local ns

	for ns in $(ip netns list | cut -d' ' -f1); do
		ip netns del "$ns"
		sleep 30
	done
}
