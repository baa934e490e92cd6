#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Data fills the links of pod1 - sg1 - sr1 - sg2 - pod2 three times over and more, towards sg2:
# control goes first, so no adjacency is lost, and what is announced and withdrawn is known at once.
# The same while somebody forges control from sr1's own address.
cd "$(dirname "$0")" || exit 1
. ./lib.sh
. ./damcd.sh
ksft_need damc sch_tbf sch_prio

ksft_not_on debug "a debug kernel in emulation does not fill a link three times over"

trap damcd_end EXIT

MBIT=10
FLOOD=

configure()
{
	local n timers="timers: {hello: 1s, liveness: 1s}"

	for n in 1 2; do
		damcd_conf sg$n sg "$timers" "fabric: [{interface: sr1}]" "edges:" \
			"  - {interface: pod, pod: /pod/sg$n/1, listen: ['10.0.$n.1:8500']}"
	done
	damcd_conf sr1 sr "$timers" "fabric: [{interface: sg1}, {interface: sg2}]"
}

# slow NS DEV: control has the first band, as it has where nobody configures anything
slow()
{
	tc -n "$1" qdisc add dev "$2" root handle 1: tbf rate ${MBIT}mbit burst 3000 limit 100000 &&
		tc -n "$1" qdisc add dev "$2" parent 1: handle 2: prio
}

full()
{
	[ "$(damc -n "$sr1" router show | grep -c ' full ')" -eq 2 ]
}

can_route()
{
	damc -n "$sg1" route get "$1" >/dev/null 2>&1
}

cannot_route()
{
	! can_route "$1"
}

# http METHOD PATH [BODY]: pod2 asks sg2
http()
{
	damcd_http "$pod2" "$1" 10.0.2.1 8500 "$2" "${3-}"
}

start()
{
	damcd_line_wire && configure
	check_err $? "no network"
	slow "$sg1" sr1 && slow "$sr1" sg2
	check_err $? "no qdisc"
	damcd_start sg1 && damcd_start sr1 && damcd_start sg2
	check_err $? "a daemon did not start"
	busywait 30000 full
	check_err $? "sr1 has not two neighbours"
	[[ $(http POST /v1/names '{"name": "/b/4", "lease": 600}') == *" 201 "* ]]
	check_err $? "not registered"
	busywait 20000 can_route /b/4
	check_err $? "sg1 has no route to it"
	log_test "three damcd on slow links"
}

# How many bytes sg1's queue has sent and how many packets it had no room for.
queue()
{
	tc -n "$sg1" -s qdisc show dev sr1 root |
		sed -n 's/^ Sent \([0-9]*\) bytes \([0-9]*\) pkt (dropped \([0-9]*\),.*/\2 \3/p'
}

filled()
{
	local sent dropped

	read -r sent dropped < <(queue)
	[ "$dropped" -ge $((2 * sent)) ] && [ "$sent" -ge 500 ]
}

links_are_full()
{
	ip netns exec "$pod1" ./flood sg /pod/sg1/1 /b/4 &
	FLOOD=$!
	busywait 60000 filled
	check_err $? "sent and dropped: $(queue)"
	echo "# sent and dropped: $(queue)"
	log_test "links are full three times over"
}

names_come_and_go()
{
	local i

	for i in 1 2 3; do
		[[ $(http POST /v1/names "{\"name\": \"/n/$i\", \"lease\": 600}") == *" 201 "* ]]
		check_err $? "/n/$i is not registered"
		busywait 20000 can_route /n/$i
		check_err $? "sg1 does not hear of /n/$i"
		http DELETE /v1/names/n/$i >/dev/null
		busywait 30000 cannot_route /n/$i
		check_err $? "sg1 does not hear of the end of /n/$i"
	done
	filled
	check_err $? "the links were not full all the time: $(queue)"
	log_test "names come and go"
}

adjacencies_kept()
{
	local lost

	kill "$FLOOD" && wait "$FLOOD" 2>/dev/null
	FLOOD=
	lost=$(grep -h 'event=neighbour-down' "$DAMCD_DIR"/*.log)
	[ -z "$lost" ]
	check_err $? "$lost"
	full
	check_err $? "$(damc -n "$sr1" router show)"
	echo "# probes lost a neighbour $(cat "$DAMCD_DIR"/*.log | grep -c 'event=neighbour-lost') times"
	log_test "no adjacency was lost"
}

was_refused()
{
	[ "$(counter sg1 drop-control-unsealed)" -ge "$1" ]
}

# Of what sr1's daemon itself sends nothing is kept out.
control_is_forged()
{
	local i

	tc -n "$sr1" qdisc del dev sg1 root
	ip netns exec "$sr1" ./flood control sg1 &
	FLOOD=$!
	busywait 60000 was_refused 10000
	check_err $? "nothing was refused: $(damc -n "$sg1" -s stats)"
	for i in 1 2 3; do
		[[ $(http POST /v1/names "{\"name\": \"/f/$i\", \"lease\": 600}") == *" 201 "* ]]
		check_err $? "/f/$i is not registered"
		busywait 20000 can_route /f/$i
		check_err $? "sg1 does not hear of /f/$i"
	done
	was_refused 20000
	check_err $? "too little was forged: $(counter sg1 drop-control-unsealed)"
	[ "$(counter sg1 drop-control-neigh)" -eq 0 ]
	check_err $? "of the session was refused: $(counter sg1 drop-control-neigh)"
	kill "$FLOOD" && wait "$FLOOD" 2>/dev/null
	FLOOD=
	! grep -h 'event=neighbour-down' "$DAMCD_DIR"/*.log
	check_err $? "an adjacency was lost"
	full
	check_err $? "$(damc -n "$sr1" router show)"
	log_test "control forged from a neighbour's own address"
}

damcd_end()
{
	[ -z "$FLOOD" ] || kill "$FLOOD"
	[ "$EXIT_STATUS" -eq 0 ] || damcd_tell sg1 sr1 sg2
	damcd_kill_all
	cleanup_all_ns
	rm -rf "$DAMCD_DIR"
}

ksft_run start links_are_full names_come_and_go adjacencies_kept control_is_forged
