# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Three nodes, a, b, c, each linked to both others; interfaces are named for the node behind
# them, addresses are 10.255.0.N on lo and 10.0.XY.X on the links. Sourced.

NODES="a b c"
declare -A NUMBER=([a]=1 [b]=2 [c]=3)

die()
{
	echo "outage: $*"
	exit 1
}

# within SECONDS COMMAND...: true as soon as COMMAND is
within()
{
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 1
	done
}

# link X Y: indexes differ at both ends. Where they do not, the kernel takes a veth for no lower
# device of another, and may tell of a lost carrier up to a second late.
link()
{
	local x=${NUMBER[$1]} y=${NUMBER[$2]}

	ip link add name "$2" netns "$1" index "$x$y" type veth \
		peer name "$1" netns "$2" index "$y$x" || die "veth"
	link_end "$1" "$2" "10.0.$x$y.$x/24"
	link_end "$2" "$1" "10.0.$x$y.$y/24"
}

# Dropping once loads what it needs.
link_end()
{
	ip -n "$1" addr add "$3" dev "$2" && ip -n "$1" link set dev "$2" up || die "link"
	tc -n "$1" qdisc add dev "$2" clsact || die "clsact"
	tc -n "$1" filter add dev "$2" egress matchall action drop || die "drop"
	tc -n "$1" filter del dev "$2" egress
}

node()
{
	ip netns add "$1" && ip -n "$1" link set lo up &&
		ip -n "$1" addr add "10.255.0.${NUMBER[$1]}/32" dev lo || die "node"
	ip netns exec "$1" sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0 \
		net.ipv4.conf.default.rp_filter=0 net.ipv4.conf.all.ignore_routes_with_linkdown=1 \
		net.ipv4.conf.default.ignore_routes_with_linkdown=1 \
		net.ipv4.fib_multipath_hash_policy=1 || die "sysctl"
}

triangle()
{
	local n

	for n in $NODES; do
		node "$n"
	done
	link a b
	link a c
	link b c
}

triangle_end()
{
	local n

	for n in $NODES; do
		ip netns delete "$n"
	done
}

# fault NAME: what the probe is to break, from a to c, in $fault
fault()
{
	case $1 in
	carrier)	fault=(down c a) ;;
	silent)		fault=(drop a c c a) ;;
	oneway)		fault=(drop a c) ;;
	esac
}

mend()
{
	case $1 in
	carrier)	ip -n c link set dev a up ;;
	silent)		tc -n a filter del dev c egress; tc -n c filter del dev a egress ;;
	oneway)		tc -n a filter del dev c egress ;;
	esac
}

# direct X Y: the kernel of X sends IP for Y's loopback to Y itself
direct()
{
	local words

	words=$(ip -n "$1" route get "10.255.0.${NUMBER[$2]}" 2>/dev/null) && [[ $words == *" dev $2 "* ]]
}

direct_all()
{
	direct a b && direct a c && direct b a && direct b c && direct c a && direct c b
}
