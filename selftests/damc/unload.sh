#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The module goes while frames are forwarded and echo requests answered, again and again, and does
# not go while a socket is open. DAMC_ROUNDS: how often (4).
cd "$(dirname "$0")" && . ./lib.sh
ksft_need damc

ROUNDS=${DAMC_ROUNDS:-4}

grows()
{
	[ "$(counter a "$1")" -gt 0 ]
}

# v0 is a link and leads on by w0, e0 is an edge, which UDP is kept out of.
configure()
{
	damc -n "$a" -b - <<-END
		info set name /a
		info set udp-port 3625
		dev set v0 up
		dev set w0 up
		dev set e0 edge rate 100000
		route add /far dev v0
		route add /far/y dev w0
		bind add /pod dev e0
	END
}

links()
{
	setup_ns a b
	veth_pair "$a" v0 "$b" v1 && veth_pair "$a" w0 "$b" w1 && veth_pair "$a" e0 "$b" e1 ||
		ksft_bail "no links"
	floods=()
	for dev in v1 w1 e1; do
		ip netns exec "$b" ./flood $dev &
		floods+=($!)
	done
}

floods_end()
{
	kill "${floods[@]}"
	wait "${floods[@]}" 2>/dev/null
	cleanup_all_ns
}

goes_under_traffic()
{
	local round

	links
	for ((round = 1; round <= ROUNDS; round++)); do
		configure
		check_err $? "setting up, round $round" || break
		slowwait 10 grows forwarded && slowwait 10 grows echo-replies
		check_err $? "nothing is forwarded or answered, round $round" || break
		modprobe -r damc
		check_err $? "unload $round" || break
		[ ! -d /sys/module/damc ]
		check_err $? "still there after unload $round" || break
		modprobe damc
		check_err $? "load $round" || break
	done
	kill -0 "${floods[@]}"
	check_err $? "a flood ended"
	floods_end
	log_test "$((round - 1)) unloads under forwarded frames and echo"
}

# A socket that is bound, one that is not, and one that has not read what came.
stays_with_sockets()
{
	local server before round

	links
	configure
	ip netns exec "$a" damc serve /a/busy >/dev/null 2>&1 &
	server=$!
	slowwait 10 eval 'damc -n "$a" bind show | grep -q /a/busy'
	check_err $? "the server does not bind"
	for ((round = 1; round <= ROUNDS; round++)); do
		modprobe -r damc 2>/dev/null
		check_fail $? "it went with a socket open, round $round" || break
	done
	before=$(counter a forwarded)
	slowwait 10 eval '[ "$(counter a forwarded)" -gt "$before" ]'
	check_err $? "nothing is forwarded any more"
	ip netns exec "$a" damc call /a/busy echo hi deadline 10 >/dev/null 2>&1
	check_err $? "the socket was harmed"
	kill $server
	wait $server 2>/dev/null
	# The socket's memory, and with it the module, is held for a grace period more.
	slowwait 10 modprobe -r damc 2>/dev/null
	check_err $? "it does not go after the socket"
	modprobe damc
	floods_end
	log_test "$((round - 1)) unloads refused while a socket is open, without harm"
}

ksft_run goes_under_traffic stays_with_sockets
