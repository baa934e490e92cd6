# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The triangle with nothing but the kernel: the floor. Sourced; see outage.

multipath_settings()
{
	cat <<-END
		kernel: a to c by nexthops c (weight 256) and b (weight 1); ignore_routes_with_linkdown, fib_multipath_hash_policy 1
	END
}

multipath_start()
{
	ip -n a route add 10.255.0.3 nexthop via 10.0.13.3 dev c weight 256 nexthop via 10.0.12.2 dev b weight 1
	ip -n b route add 10.255.0.3 via 10.0.23.3 dev c
	ip -n c route add 10.255.0.1 via 10.0.13.1 dev a
}

multipath_ready()
{
	[[ $(ip -n a route get 10.255.0.3 from 10.255.0.1 ipproto udp sport 18888 dport 18888) == *" dev c "* ]]
}

multipath_probe()
{
	echo "udp 10.255.0.1,10.255.0.3"
}

multipath_detected()
{
	:
}
