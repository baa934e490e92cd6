#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Neighbours by UDP, which the configuration names: r1 and r2 have a link and an IPv6 network between
# them, r3 is reached over IPv4 alone. x is a router that knows nothing of DAMC.
#
#	 r1 ------------- r2        cost 5
#	  \ fd00:1::   fd00:2:: /   cost 20, by UDP
#	   `------ x ----------'
#	           | 10.3.0.0/24
#	           r3               by UDP
cd "$(dirname "$0")" || exit 1
. ./lib.sh
. ./damcd.sh
ksft_need damc
ksft_not_on debug "what it has beyond damcd_line.sh and udp.sh is all in user space"

trap damcd_end EXIT

NODES=(r1 r2 r3)
report=$DAMCD_DIR/report

wire()
{
	setup_ns r1 r2 r3 x
	veth_pair "$r1" r2 "$r2" r1 && veth_pair "$r1" x "$x" r1 && veth_pair "$r2" x "$x" r2 &&
		veth_pair "$r3" x "$x" r3 || return 1
	ip netns exec "$x" sysctl -qw net.ipv6.conf.all.forwarding=1 net.ipv4.ip_forward=1
	address r1 x fd00:1::1/64 && address x r1 fd00:1::ff/64 &&
		address r2 x fd00:2::1/64 && address x r2 fd00:2::ff/64 &&
		address r2 x 10.2.0.1/24 && address x r2 10.2.0.254/24 &&
		address r3 x 10.3.0.1/24 && address x r3 10.3.0.254/24 &&
		ip -n "$r1" route add default via fd00:1::ff &&
		ip -n "$r2" route add default via fd00:2::ff &&
		ip -n "$r2" route add default via 10.2.0.254 &&
		ip -n "$r3" route add default via 10.3.0.254
}

# address NODE DEV ADDRESS
address()
{
	case $3 in
	*:*)	ip -n "${!1}" addr add "$3" dev "$2" nodad ;;
	*)	ip -n "${!1}" addr add "$3" dev "$2" ;;
	esac
}

# conf NODE LINE...: with its usual timers
conf()
{
	local node=$1
	shift

	damcd_conf "$node" sr "timers: {hello: 200ms, liveness: 300ms, sweep: 2s}" "fabric:" "$@"
}

configure()
{
	conf r1 "  - {interface: r2, cost: 5}" "  - {udp: 'fd00:2::1', cost: 20}"
	conf r2 "  - {interface: r1, cost: 5}" "  - {udp: 10.3.0.1, cost: 10}" \
		"  - {udp: 'fd00:1::1', local: 'fd00:2::1', interface: x, cost: 20}"
	conf r3 "  - {udp: 10.2.0.1, interface: x}"
}

# full NODE N [WORDS]: it has so many neighbours, or so many at such a place
full()
{
	[ "$(damc -n "${!1}" router show | grep -c " full .*${3-}")" -eq "$2" ]
}

# way NODE NAME WORDS: its kernel sends there by that
way()
{
	damc -n "${!1}" -br route get "$2" 2>/dev/null | grep -q "$3"
}

# pings NODE NAME: one of three is answered
pings()
{
	damc -n "${!1}" ping "$2" count 3 interval 100ms deadline 2 >"$report" 2>&1
}

# watched NODE WORDS: its kernel and the neighbour's hear of each other
watched()
{
	damc -n "${!1}" neigh show | grep "$2" | grep -q 'liveness .* up.*forwards'
}

not_watched()
{
	! watched "$@"
}

start()
{
	local node

	wire && configure
	check_err $? "no network"
	for node in "${NODES[@]}"; do
		damcd_start "$node"
		check_err $? "$node does not start"
	done
	busywait 20000 full r1 2 && busywait 20000 full r2 3 && busywait 20000 full r3 1
	check_err $? "neighbours: $(for n in "${NODES[@]}"; do damc -n "${!n}" router show; done)"
	full r2 1 "udp fd00:1::1 port 3625 local fd00:2::1 dev x cost 20" &&
		full r2 1 "udp 10.3.0.1 port 3625 cost 10" && full r1 1 "dev r2 lladdr"
	check_err $? "router show: $(damc -n "$r2" router show)"
	damc -n "$r2" -j router show | grep -q '"udp":"fd00:1::1","port":3625,"local":"fd00:2::1","dev":"x"'
	check_err $? "in JSON: $(damc -n "$r2" -j router show)"
	log_test "neighbours by UDP find each other, over IPv4 and IPv6"
}

watching()
{
	busywait 10000 watched r1 "udp fd00:2::1" && busywait 10000 watched r3 "udp 10.2.0.1"
	check_err $? "$(damc -n "$r1" neigh show; damc -n "$r3" neigh show)"
	log_test "their kernels watch each other"
}

routes()
{
	busywait 10000 way r1 /damc/node/r2 "dev r2" && busywait 10000 way r1 /damc/node/r3 "dev r2"
	check_err $? "r1: $(damc -n "$r1" route show)"
	busywait 10000 way r3 /damc/node/r1 "udp 10.2.0.1"
	check_err $? "r3: $(damc -n "$r3" route show)"
	pings r1 /damc/node/r3
	check_err $? "no answer: $(cat "$report")"
	damc -n "$r3" rib show | grep -q '^/damc/node/r1 via r2 udp 10.2.0.1 port 3625 dev x'
	check_err $? "rib show: $(damc -n "$r3" rib show)"
	log_test "routes lead by link and by UDP"
}

# The link's end is heard of at once: what is lost is what was on its way.
failover()
{
	damc -n "$r1" ping /damc/node/r2 count 200 interval 20ms deadline 10 >"$report" 2>&1 &
	sleep 1
	ip -n "$r2" link set r1 down
	busywait 10000 way r1 /damc/node/r2 "udp fd00:2::1"
	check_err $? "the way is $(damc -n "$r1" -br route get /damc/node/r2)"
	wait $!
	echo "# the link goes down: $(tail -n 2 "$report" | head -n 1)"
	pings r1 /damc/node/r3
	check_err $? "no answer: $(cat "$report")"
	ip -n "$r2" link set r1 up
	busywait 20000 way r1 /damc/node/r2 "dev r2"
	check_err $? "the link is not used again"
	log_test "a link that goes down is stood in for by UDP"
}

# r1's own link goes on: only the probes tell.
silence()
{
	local lost

	lost=$(grep -c 'event=neighbour-lost' "$DAMCD_DIR/r1.log")
	ip -n "$x" link set r2 down
	busywait 20000 not_watched r1 "udp fd00:2::1"
	check_err $? "$(damc -n "$r1" neigh show)"
	[ "$(grep -c 'event=neighbour-lost' "$DAMCD_DIR/r1.log")" -gt "$lost" ]
	check_err $? "r1's daemon was not told"
	pings r1 /damc/node/r2
	check_err $? "the link is not used: $(cat "$report")"
	ip -n "$x" link set r2 up
	address x r2 fd00:2::ff/64
	busywait 20000 watched r1 "udp fd00:2::1" && busywait 20000 full r1 2
	check_err $? "it does not come back: $(damc -n "$r1" router show)"
	busywait 20000 full r3 1
	check_err $? "r3's does not: $(damc -n "$r3" router show)"
	log_test "a silent way is found out by the probes"
}

cost_changes()
{
	local before after

	before=$(grep -c 'event=neighbour-down' "$DAMCD_DIR/r1.log")
	conf r1 "  - {interface: r2, cost: 5}" "  - {udp: 'fd00:2::1', cost: 1}"
	damc -n "$r1" router reload
	busywait 10000 way r1 /damc/node/r2 "udp fd00:2::1"
	check_err $? "the way is $(damc -n "$r1" -br route get /damc/node/r2)"
	after=$(grep -c 'event=neighbour-down' "$DAMCD_DIR/r1.log")
	[ "$before" -eq "$after" ]
	check_err $? "a neighbour was lost by it"
	log_test "a cost is changed at run time"
}

no_udp_neighbour()
{
	! damc -n "${!1}" neigh show | grep -q udp
}

goes_and_comes()
{
	conf r1 "  - {interface: r2, cost: 5}"
	damc -n "$r1" router reload
	busywait 10000 no_udp_neighbour r1
	check_err $? "the kernel has it yet: $(damc -n "$r1" neigh show)"
	damc -n "$r1" info | grep -q udp-port
	check_fail $? "the port is open yet"
	busywait 10000 way r1 /damc/node/r2 "dev r2" && pings r1 /damc/node/r3
	check_err $? "no answer: $(cat "$report")"
	busywait 20000 full r2 2
	check_err $? "r2 has it yet: $(damc -n "$r2" router show)"
	configure
	damc -n "$r1" router reload
	busywait 20000 full r1 2 && busywait 20000 full r2 3
	check_err $? "not there again: $(damc -n "$r1" router show)"
	log_test "a neighbour is taken out and put in at run time"
}

port_changes()
{
	conf r3 "  - {udp: 10.2.0.1, interface: x, port: 3625}" "udp-port: 4000"
	damc -n "$r3" router reload
	check_err $? "r3 does not reload"
	conf r2 "  - {interface: r1, cost: 5}" "  - {udp: 10.3.0.1, port: 4000, cost: 10}" \
		"  - {udp: 'fd00:1::1', local: 'fd00:2::1', interface: x, cost: 20}"
	damc -n "$r2" router reload
	check_err $? "r2 does not reload"
	busywait 20000 full r3 1 && busywait 20000 full r2 1 "udp 10.3.0.1 port 4000"
	check_err $? "$(damc -n "$r2" router show; damc -n "$r3" router show)"
	busywait 10000 pings r1 /damc/node/r3
	check_err $? "no answer: $(cat "$report")"
	log_test "the port is changed at run time"
}

# settled NODE: it has its own table
settled()
{
	grep -q 'event=table-released' "$DAMCD_DIR/$1.log"
}

daemon_dies()
{
	local before

	before=$(grep -c 'event=neighbour-down' "$DAMCD_DIR/r3.log")
	damcd_kill r2 KILL
	pings r1 /damc/node/r3
	check_err $? "no answer without r2's daemon: $(cat "$report")"
	damcd_start r2 && busywait 30000 settled r2
	check_err $? "r2 does not come back"
	full r2 3
	check_err $? "$(damc -n "$r2" router show)"
	pings r1 /damc/node/r3
	check_err $? "no answer after that: $(cat "$report")"
	[ "$(grep -c 'event=neighbour-down' "$DAMCD_DIR/r3.log")" -eq "$before" ]
	check_err $? "r3 counted it as gone: $(grep 'event=neighbour-down' "$DAMCD_DIR/r3.log")"
	log_test "a daemon with neighbours by UDP is killed and comes back"
}

damcd_end()
{
	[ "$EXIT_STATUS" -eq 0 ] || damcd_tell "${NODES[@]}"
	damcd_kill_all
	cleanup_all_ns
	rm -rf "$DAMCD_DIR"
}

ksft_run start watching routes failover silence cost_changes goes_and_comes port_changes daemon_dies
