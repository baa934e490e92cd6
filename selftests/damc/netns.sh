#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Namespaces and interfaces come and go, and so does the module: what rested on them goes, the rest
# stays.
cd "$(dirname "$0")" && . ./lib.sh
ksft_need damc

# So many unloads, or as many as fit in so many seconds; unload.sh has those under a flood.
LOADS=20
LOAD_SECONDS=15

# count NS OBJECT: how many of bind, route, neigh or dev there are
count()
{
	damc -n "$1" "$2" show | grep -c .
}

# has NS OBJECT WORD: one of them has this word
has()
{
	damc -n "$1" "$2" show | grep -qw -- "$3"
}

# two_links: $a with v0 (up) and e0 (edge), their other ends v1 and e1 in $b, and what rests on both
two_links()
{
	setup_ns a b
	veth_pair "$a" v0 "$b" v1 && veth_pair "$a" e0 "$b" e1 && veth_pair "$a" w0 "$b" w1 &&
		damc -n "$a" -b - >/dev/null <<-END && return
		info set name /damc/node/a
		dev set v0 up
		dev set w0 up
		dev set e0 edge
		neigh add dev v0 lladdr 02:00:00:00:00:01
		neigh add dev w0 lladdr 02:00:00:00:00:02
		route add /only dev v0
		route add /both dev v0
		route append /both dev w0
		route add /stays dev w0
		route add /closed prohibit
		bind add /pod/1 dev e0
		bind add /pod/2 dev e0
		END
	ksft_bail "cannot set up two links"
}

# v0 and what rested on it is gone; w0's is not
check_v0_gone()
{
	has "$a" route /only
	check_fail $? "a route without a next hop is left"
	has "$a" route v0
	check_fail $? "a route leads to what is gone"
	has "$a" neigh v0
	check_fail $? "a neighbour is left"
	has "$a" route /both && has "$a" route /stays && has "$a" route /closed
	check_err $? "a route is gone that had another next hop, or none"
	has "$a" bind /pod/1 && has "$a" neigh 02:00:00:00:00:02
	check_err $? "a binding or neighbour elsewhere is gone"
}

namespaces_are_apart()
{
	two_links
	[ "$(count "$b" route)" -eq 0 ] && [ "$(count "$b" bind)" -eq 0 ] &&
		[ "$(count "$b" neigh)" -eq 0 ] && [ "$(count "$b" dev)" -eq 0 ]
	check_err $? "the other namespace holds something"
	damc -n "$b" -b - <<-END
	info set name /damc/node/a
	route add /only prohibit
	END
	check_err $? "what one namespace has, another may have"
	cleanup_all_ns
	log_test "namespaces are apart"
}

dev_set_down()
{
	two_links
	damc -n "$a" dev set v0 down
	check_err $? "dev set down"
	check_v0_gone
	damc -n "$a" dev set e0 down
	[ "$(count "$a" bind)" -eq 0 ]
	check_err $? "bindings are left"
	has "$a" route /pod
	check_fail $? "a binding's route is left"
	ip -n "$a" maddress show dev v0 | grep -q 03:44:41:4d:43:00
	check_fail $? "v0 still listens to the group"
	cleanup_all_ns
	log_test "an interface that is set down takes along what rests on it"
}

link_deleted()
{
	two_links
	ip -n "$a" link del v0
	check_v0_gone
	ip -n "$a" link del e0
	[ "$(count "$a" bind)" -eq 0 ]
	check_err $? "bindings are left"
	cleanup_all_ns
	log_test "so does one that is deleted"
}

link_moved()
{
	two_links
	ip -n "$a" link set v0 netns "$b"
	check_err $? "v0 cannot be moved"
	check_v0_gone
	[ "$(count "$b" dev)" -eq 0 ]
	check_err $? "it is enabled where it went"
	damc -n "$b" dev set v0 up
	check_err $? "it cannot be enabled there"
	cleanup_all_ns
	log_test "so does one that moves to another namespace"
}

# Down is not gone: routes wait for the link.
link_down()
{
	two_links
	ip -n "$a" link set v0 down
	has "$a" route /only && has "$a" neigh v0 && has "$a" dev v0
	check_err $? "something went with the link that was only down"
	damc -n "$a" route get /only 2>&1 | grep -q no-route
	check_err $? "it would be used: $(damc -n "$a" route get /only)"
	ip -n "$a" link set v0 up
	busywait 3000 not eval 'damc -n "$a" route get /only 2>&1 | grep -q no-route'
	check_err $? "it is not used again"
	cleanup_all_ns
	log_test "a link that is down keeps what rests on it, and is not used"
}

# traffic_setup: $c - $r - $d, where $r forwards; traffic_start: pings /d from $c until killed
traffic_setup()
{
	setup_ns c r d
	veth_pair "$c" tor "$r" toc && veth_pair "$r" tod "$d" tor && traffic_config && return
	ksft_bail "cannot set up three nodes"
}

traffic_config()
{
	printf '%s\n' "info set name /c" "dev set tor up" "route add / dev tor" | damc -n "$c" -b - &&
		printf '%s\n' "info set name /r" "dev set toc up" "dev set tod up" \
			"route add /c dev toc" "route add /d dev tod" | damc -n "$r" -b - &&
		printf '%s\n' "info set name /d" "dev set tor up" "route add / dev tor" | damc -n "$d" -b -
} >/dev/null

traffic_start()
{
	ip netns exec "$c" damc ping /d interval 0.01 deadline 60 >/dev/null 2>&1 &
	traffic=$!
	slowwait 5 eval 'damc -n "$r" -s stats | grep -q "^forwarded *[1-9]"'
	check_err $? "no traffic"
}

traffic_stop()
{
	kill "$traffic" 2>/dev/null
	wait "$traffic" 2>/dev/null
	return 0
}

router_deleted()
{
	traffic_setup
	traffic_start
	ip netns delete "$r"
	check_err $? "the router's namespace cannot be deleted"
	sleep 0.3
	kill -0 "$traffic"
	check_err $? "the pings ended with it"
	traffic_stop
	cleanup_all_ns
	log_test "a router's namespace is deleted under traffic"
}

links_flap()
{
	local i

	traffic_setup
	traffic_start
	for i in 1 2 3 4 5 6 7 8; do
		damc -n "$r" dev set tod down
		printf '%s\n' "dev set tod up" "route add /d dev tod" | damc -n "$r" -b - >/dev/null
		check_err $? "round $i"
	done
	ip netns exec "$c" damc ping /d count 1 deadline 5 >/dev/null
	check_err $? "no answer after it"
	traffic_stop
	cleanup_all_ns
	log_test "an interface is enabled and disabled under traffic"
}

open_socket_is_in_the_way()
{
	local server

	setup_ns a
	ip netns exec "$a" damc serve /busy >/dev/null 2>&1 &
	server=$!
	slowwait 5 has "$a" bind /busy
	check_err $? "the server does not bind"
	modprobe -r damc 2>/dev/null
	check_fail $? "the module went with a socket open"
	has "$a" bind /busy
	check_err $? "the refused unload did harm"
	ip netns exec "$a" damc call /busy echo hi deadline 5 >/dev/null 2>&1
	kill $server
	wait $server 2>/dev/null
	cleanup_all_ns
	modprobe -r damc
	check_err $? "the module does not go after the socket"
	modprobe damc
	log_test "an open socket keeps the module"
}

# Forwarded packets are in flight at each unload. Pings hold a socket, so they end first.
reload_under_traffic()
{
	local i end=$((SECONDS + LOAD_SECONDS))

	traffic_setup
	for ((i = 1; i <= LOADS && SECONDS < end; i++)); do
		ip netns exec "$c" damc ping /d interval 0.001 count 30 deadline 5 >/dev/null 2>&1 &
		traffic=$!
		sleep 0.05
		kill -9 $traffic
		wait $traffic 2>/dev/null
		busywait 2000 modprobe -r damc 2>/dev/null
		check_err $? "unload $i" || break
		modprobe damc && traffic_config
		check_err $? "load $i" || break
	done
	ip netns exec "$c" damc ping /d count 1 deadline 5 >/dev/null
	check_err $? "no answer after $((i - 1)) loads"
	cleanup_all_ns
	log_test "$((i - 1)) unloads with packets about, and all works again"
}

loaded()
{
	[ -d /sys/module/damc ]
}

comes_when_asked_for()
{
	modprobe -r damc
	loaded
	check_fail $? "it does not go"
	damc info >/dev/null
	check_err $? "damc info"
	loaded
	check_err $? "damc info did not load it"
	modprobe -r damc
	./flood socket
	check_err $? "socket(18)"
	loaded
	check_err $? "socket(18) did not load it"
	log_test "the module comes when the command or a socket asks for it"
}

# arrived NS: packets that the module looked at
arrived()
{
	damc -n "$1" -s stats | sed -n 's/^rx-packets *//p'
}

# /proc/net/ptype tells handlers of all interfaces, but not those of one.
idle_looks_at_nothing()
{
	local flood before

	setup_ns a b
	veth_pair "$a" v0 "$b" v1
	ip netns exec "$b" ./flood v1 &
	flood=$!
	sleep 0.2
	grep -q damc /proc/net/ptype
	check_fail $? "a packet handler for all interfaces"
	[ "$(arrived "$a")" -eq 0 ]
	check_err $? "frames are looked at on an interface that is not enabled"
	damc -n "$a" dev set v0 up
	slowwait 5 eval '[ "$(arrived "$a")" -gt 0 ]'
	check_err $? "none is looked at on one that is"
	damc -n "$a" dev set v0 down
	before=$(arrived "$a")
	sleep 0.2
	[ "$(arrived "$a")" -eq "$before" ]
	check_err $? "frames are looked at on an interface that was set down"
	kill $flood
	wait $flood 2>/dev/null
	cleanup_all_ns
	log_test "frames are looked at on enabled interfaces only"
}

ksft_run namespaces_are_apart dev_set_down link_deleted link_moved link_down router_deleted \
	links_flap open_socket_is_in_the_way reload_under_traffic comes_when_asked_for idle_looks_at_nothing
