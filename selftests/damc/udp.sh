#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# DAMC in UDP: a chain of nodes with a hop over IPv4 and one over IPv6, and who is kept out.
#
#	 pod1 /a/1                                            pod2 /b/4
#	   |                                                    |
#	  g1 ----10.1/24---- x ----10.2/24---- r ----fd00:2::---- g2
#
# x is a plain IP router. pod1 and pod2 are edges, over Ethernet.
cd "$(dirname "$0")" && . ./lib.sh && . ./figure2.sh
ksft_need damc

PORT=3625
report=$(mktemp)

# What a packet in UDP has around it.
OVER_V4=28 OVER_V6=48

# mtu_is NODE NAME MTU: what route get says of the way
mtu_is()
{
	damc -n "${!1}" -br route get "$2" | grep -q " mtu $3\b"
}

# bound NODE: whether something listens on the port there
bound()
{
	in_ns "$1" grep -qi ":$(printf %04X $PORT) " /proc/net/udp /proc/net/udp6
}

underlay()
{
	setup_ns pod1 g1 x r g2 pod2
	veth_pair "$g1" pod "$pod1" up0 && veth_pair "$g1" x "$x" g1 && veth_pair "$x" r "$r" x &&
		veth_pair "$r" g2 "$g2" r && veth_pair "$g2" pod "$pod2" up0 || return 1
	ip -n "$g1" addr add 10.1.0.1/24 dev x
	ip -n "$x" addr add 10.1.0.2/24 dev g1
	ip -n "$x" addr add 10.2.0.2/24 dev r
	ip -n "$r" addr add 10.2.0.1/24 dev x
	ip -n "$r" addr add fd00:2::1/64 dev g2 nodad
	ip -n "$g2" addr add fd00:2::2/64 dev r nodad
	ip -n "$g1" route add 10.2.0.0/24 via 10.1.0.2
	ip -n "$r" route add 10.1.0.0/24 via 10.2.0.2
	ip -n "$g1" addr add 10.9.0.1/24 dev pod
	ip -n "$pod1" addr add 10.9.0.2/24 dev up0
	ip -n "$pod1" route add default via 10.9.0.1
	for ns in "$x" "$g1"; do
		ip netns exec "$ns" sysctl -qw net.ipv4.ip_forward=1
	done
}

overlay()
{
	damc -n "$pod1" -b - <<-END &&
		info set name /pod/g1/1
		dev set up0 uplink
		route add / dev up0
	END
	damc -n "$pod2" -b - <<-END &&
		info set name /pod/g2/1
		dev set up0 uplink
		route add / dev up0
	END
	damc -n "$g1" -b - <<-END &&
		info set name /damc/node/g1
		info set udp-port $PORT
		dev set pod edge
		bind add /a/1 dev pod
		bind add /pod/g1/1 dev pod
		route add /b/4 udp 10.2.0.1
		route add /pod/g2 udp 10.2.0.1
	END
	damc -n "$r" -b - <<-END &&
		info set name /damc/node/r
		info set udp-port $PORT
		route add /a/1 udp 10.1.0.1
		route add /pod/g1 udp 10.1.0.1
		route add /b/4 udp fd00:2::2
		route add /pod/g2 udp fd00:2::2 port $PORT
	END
	damc -n "$g2" -b - <<-END
		info set name /damc/node/g2
		info set udp-port $PORT
		dev set pod edge
		bind add /b/4 dev pod
		bind add /pod/g2/1 dev pod
		route add /a/1 udp fd00:2::1
		route add /pod/g1 udp fd00:2::1
	END
}

call_is_answered()
{
	call_goes "a call goes over IPv4 and IPv6, and back; the packets recorded it" \
		"/damc/node/g1 /damc/node/r /damc/node/g2" "/damc/node/g2 /damc/node/r /damc/node/g1"
}

show_tells_where()
{
	damc -n "$r" neigh show >"$report"
	grep -q " udp 10.1.0.1 port $PORT mtu 1472" "$report"
	check_err $? "IPv4 neighbour: $(cat "$report")"
	grep -q " udp fd00:2::2 port $PORT mtu 1452" "$report"
	check_err $? "IPv6 neighbour: $(cat "$report")"
	[ "$(grep -c udp "$report")" -eq 2 ]
	check_err $? "equal next hops are not one neighbour: $(cat "$report")"
	damc -n "$r" -j route show /b/4 | grep -q '"udp":"fd00:2::2","port":3625'
	check_err $? "JSON of the route: $(damc -n "$r" -j route show /b/4)"
	damc -n "$r" info | grep -q "udp-port $PORT"
	check_err $? "info: $(damc -n "$r" info)"
	log_test "neigh, route and info tell of UDP"
}

neighbour_comes_and_goes()
{
	local id

	id=$(damc -n "$r" -echo neigh add udp 10.1.0.77 port 4000 local 10.2.0.1 dev x)
	damc -n "$r" neigh show | grep -q "^$id udp 10.1.0.77 port 4000 local 10.2.0.1 dev x "
	check_err $? "not shown: $(damc -n "$r" neigh show)"
	damc -n "$r" neigh add udp 10.1.0.77 port 4000 local 10.2.0.1 dev x 2>"$report"
	check_fail $? "added twice"
	damc -n "$r" neigh del udp 10.1.0.77 port 4000 local 10.2.0.1 dev x
	check_err $? "not deleted"
	log_test "a neighbour with port, address and interface of ours comes and goes"
}

nonsense_is_refused()
{
	local words

	for words in "udp 0.0.0.0" "udp 224.0.0.1" "udp 255.255.255.255" "udp ::" "udp ff02::1" \
		"udp fe80::1" "udp ::ffff:10.0.0.1" "udp 10.0.0.1 local fd00::1" \
		"udp 10.0.0.1 local 224.0.0.1"; do
		# shellcheck disable=SC2086 # words
		damc -n "$g1" neigh add $words 2>"$report"
		check_fail $? "taken: $words"
		grep -q "^Error: .* " "$report"
		check_err $? "no words about $words: $(cat "$report")"
	done
	damc -n "$g1" neigh add udp 10.0.0.1 dev pod 2>"$report"
	check_fail $? "a neighbour behind an edge"
	damc -n "$x" neigh add udp 10.0.0.1 2>"$report"
	check_fail $? "a neighbour without an open port"
	grep -qi "UDP port" "$report"
	check_err $? "words: $(cat "$report")"
	damc -n "$g1" info set udp-port 4000 2>"$report"
	check_fail $? "another port under neighbours"
	log_test "what makes no sense is refused, with words"
}

# link_narrows NODE DEV AROUND WORD: what then does not fit is told, with WORD, and for a while only
link_narrows()
{
	ip -n "${!1}" link set "$2" mtu 1280
	mtu_is "$1" /b/4 $((1280 - $3))
	check_err $? "route get: $(damc -n "${!1}" -br route get /b/4)"
	in_ns pod1 damc ping /b/4 size 1300 count 1 deadline 3 from /a/1 >"$report" 2>&1
	check_fail $? "1300 bytes went over 1280"
	grep -q "Too big" "$report" && grep -q "$4" "$report"
	check_err $? "words: $(cat "$report")"
	ip -n "${!1}" link set "$2" mtu 1500
	mtu_is "$1" /b/4 $((1500 - $3))
	check_err $? "not back: $(damc -n "${!1}" -br route get /b/4)"
}

first_hop_mtu()
{
	link_narrows g1 x $OVER_V4 $((1280 - OVER_V4))
	log_test "the MTU is the route's, and what does not fit is told"
}

ipv6_mtu()
{
	link_narrows r g2 $OVER_V6 /damc/node/r
	log_test "the same over IPv6, told by the node that cannot send it on"
}

# The second link of the IPv4 path shrinks: only ICMP tells g1, about a source port of no socket.
path_mtu_is_learnt()
{
	ip -n "$x" link set r mtu 1300
	in_ns pod1 damc ping /b/4 size 1350 count 1 deadline 1 from /a/1 >"$report" 2>&1
	check_fail $? "1350 bytes went over 1300"
	mtu_is g1 /b/4 $((1300 - OVER_V4))
	check_err $? "route get: $(damc -n "$g1" -br route get /b/4)"
	in_ns pod1 damc ping /b/4 size 1350 count 1 deadline 3 from /a/1 >"$report" 2>&1
	grep -q "Too big" "$report" && grep -q /damc/node/g1 "$report"
	check_err $? "words: $(cat "$report")"
	in_ns pod1 damc ping /b/4 size 1000 count 1 deadline 3 from /a/1 >"$report" 2>&1
	check_err $? "what fits does not go: $(cat "$report")"
	ip -n "$x" link set r mtu 1500
	ip -n "$g1" route flush cache
	log_test "a smaller MTU further on is learnt from ICMP"
}

unknown_source_is_dropped()
{
	local before

	before=$(counter r drop-udp-source)
	ip -n "$x" addr add 10.2.0.66/24 dev r
	damc -n "$x" -b - <<-END
		info set name /damc/node/x
		info set udp-port $PORT
		route add /damc/node/r udp 10.2.0.1
	END
	in_ns x damc ping /damc/node/r count 1 deadline 1 >"$report" 2>&1
	check_fail $? "a stranger was answered"
	[ "$(counter r drop-udp-source)" -eq $((before + 1)) ]
	check_err $? "drop-udp-source $before, then $(counter r drop-udp-source)"
	[ "$(damc -n "$r" neigh show | grep -c udp)" -eq 2 ]
	check_err $? "a neighbour came of it: $(damc -n "$r" neigh show)"
	damc -n "$x" info set udp-port off
	log_test "a datagram from no neighbour is dropped and counted, and makes none"
}

# Whatever a pod sends by UDP, with its gateway's help or to its gateway.
edge_cannot_inject()
{
	local before

	damc -n "$g1" neigh add udp 10.9.0.2
	damc -n "$pod1" info set udp-port $PORT
	damc -n "$pod1" route add /damc/node/g1 udp 10.9.0.1
	damc -n "$pod1" route add /damc/node/r udp 10.2.0.1
	before=$(counter g1 drop-udp-edge)
	in_ns pod1 damc ping /damc/node/g1 count 1 deadline 1 >"$report" 2>&1
	check_fail $? "the gateway answered by UDP"
	[ "$(counter g1 drop-udp-edge)" -eq $((before + 1)) ]
	check_err $? "to the gateway: $before, then $(counter g1 drop-udp-edge)"
	before=$(counter r rx-packets)
	in_ns pod1 damc ping /damc/node/r count 1 deadline 1 >"$report" 2>&1
	check_fail $? "a router answered by UDP"
	[ "$(counter r rx-packets)" -eq "$before" ]
	check_err $? "the gateway routed it to r's port"
	damc -n "$g1" neigh del udp 10.9.0.2
	damc -n "$pod1" info set udp-port off
	call /b/4
	check_err $? "the pod's own way is gone: $(cat "$report")"
	log_test "a pod does not get in by UDP, neither at its gateway nor through it"
}

edge_cannot_inject_ipv6()
{
	local before

	ip -n "$g2" addr add fd00:9::1/64 dev pod nodad
	ip -n "$pod2" addr add fd00:9::2/64 dev up0 nodad
	ip -n "$pod2" route add default via fd00:9::1
	ip -n "$r" route add fd00:9::/64 via fd00:2::2
	ip netns exec "$g2" sysctl -qw net.ipv6.conf.all.forwarding=1
	in_ns pod2 ping -6 -c 1 -W 5 fd00:2::1 >"$report" 2>&1
	check_err $? "no way for IPv6: $(cat "$report")"
	damc -n "$g2" neigh add udp fd00:9::2
	damc -n "$r" neigh add udp fd00:9::2
	damc -n "$pod2" info set udp-port $PORT
	damc -n "$pod2" route add /damc/node/g2 udp fd00:9::1
	damc -n "$pod2" route add /damc/node/r udp fd00:2::1
	before=$(counter g2 drop-udp-edge)
	in_ns pod2 damc ping /damc/node/g2 count 1 deadline 1 >"$report" 2>&1
	check_fail $? "the gateway answered by UDP"
	[ "$(counter g2 drop-udp-edge)" -eq $((before + 1)) ]
	check_err $? "to the gateway: $before, then $(counter g2 drop-udp-edge)"
	before=$(counter r rx-packets)
	in_ns pod2 damc ping /damc/node/r count 1 deadline 1 >"$report" 2>&1
	check_fail $? "a router answered by UDP"
	[ "$(counter r rx-packets)" -eq "$before" ]
	check_err $? "the gateway routed it to r's port"
	damc -n "$g2" neigh del udp fd00:9::2
	damc -n "$r" neigh del udp fd00:9::2
	damc -n "$pod2" info set udp-port off
	log_test "nor by UDP over IPv6"
}

mixed_next_hops()
{
	damc -n "$r" dev set g2 up
	damc -n "$g2" dev set r up
	damc -n "$r" route append /b/4 dev g2
	check_err $? "append an Ethernet next hop to one by UDP"
	damc -n "$r" -br route show /b/4 >"$report"
	grep -q "udp fd00:2::2" "$report" && grep -q "dev g2" "$report"
	check_err $? "route show: $(cat "$report")"
	ip -n "$r" route add unreachable fd00:2::2/128
	call /b/4
	check_err $? "call with the UDP next hop unreachable: $(cat "$report")"
	ip -n "$r" route del unreachable fd00:2::2/128
	damc -n "$r" dev set g2 down
	call /b/4
	check_err $? "call with the Ethernet next hop gone: $(cat "$report")"
	damc -n "$g2" dev set r down
	log_test "next hops by UDP and Ethernet stand in for each other"
}

sending_is_counted()
{
	damc -n "$g1" -s neigh show | grep -q "tx-packets [1-9]"
	check_err $? "nothing counted: $(damc -n "$g1" -s neigh show)"
	log_test "what was sent to a neighbour by UDP is counted"
}

own_port_loop_ends()
{
	damc -n "$r" route add /loop udp 10.2.0.1
	damc -n "$r" ping /loop/x count 1 deadline 2 >"$report" 2>&1
	check_fail $? "a loop answered"
	[ "$(counter r drop-hop-limit)" -ge 1 ]
	check_err $? "not ended by the hop limit: $(cat "$report")"
	damc -n "$r" route del /loop
	log_test "datagrams to a node's own port end by the hop limit"
}

closed_port_is_closed()
{
	bound g2
	check_err $? "not bound while open"
	damc -n "$g2" info set udp-port off
	check_err $? "close"
	bound g2
	check_fail $? "still bound"
	[ "$(damc -n "$g2" neigh show | grep -c udp)" -eq 0 ]
	check_err $? "neighbours left: $(damc -n "$g2" neigh show)"
	[ "$(damc -n "$g2" route show | grep -c udp)" -eq 0 ]
	check_err $? "routes left: $(damc -n "$g2" route show)"
	call /b/4
	check_fail $? "a call through a closed port"
	log_test "a closed port is closed, and its neighbours and routes are gone"
}

taken_port_is_refused()
{
	damc -n "$g2" info set udp-port $PORT
	check_err $? "open again"
	damc -n "$g2" info set udp-port 70000 2>"$report"
	check_fail $? "70000 is a port"
	damc -n "$g2" info set udp-port 4000
	check_err $? "another port without neighbours: $?"
	bound g2
	check_fail $? "the old one is still bound"
	log_test "without neighbours the port may change"
}

# Cached routes, sockets and neighbours go with it; whatever is left, the machine's checks find.
namespace_ends_under_traffic()
{
	in_ns pod1 damc ping /b/4 count 20 interval 10ms deadline 2 >/dev/null 2>&1 &
	damc -n "$g2" info set udp-port off
	cleanup_ns "$r"
	wait $!
	damc -n "$g1" route show | grep -q udp
	check_err $? "g1 lost its route"
	log_test "a namespace ends with its port open"
}

unload_with_open_port()
{
	fig2_stop
	modprobe -r damc
	check_err $? "modprobe -r"
	bound g1
	check_fail $? "still bound"
	modprobe damc
	check_err $? "modprobe"
	log_test "the module goes with ports open"
}

underlay && overlay && fig2_serve pod2 /b/4 || ksft_bail "no chain"
ksft_run call_is_answered show_tells_where neighbour_comes_and_goes nonsense_is_refused \
	first_hop_mtu ipv6_mtu path_mtu_is_learnt unknown_source_is_dropped edge_cannot_inject \
	edge_cannot_inject_ipv6 \
	mixed_next_hops sending_is_counted own_port_loop_ends closed_port_is_closed \
	taken_port_is_refused namespace_ends_under_traffic unload_with_open_port
