#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Pools across two gateways: who picks, what stays where it is, and what a caller is told.
#
#	 caller /a/1                         p1 /b/1
#	    |                               /
#	   g1 --------- mid ------------ g2
#	                                    \
#	                                     p2 /b/2
#
# g1 has the pool /b configured; g2 has it by its bindings.
cd "$(dirname "$0")" && . ./lib.sh
ksft_need damc

out=$(mktemp)

# conf NODE: damc's commands on standard input, there
conf()
{
	damc -n "${!1}" -b -
}

# serve NODE NAME ANSWER [WORD...]: a server there whose every answer is ANSWER; its pid in pid_NODE
serve()
{
	local log program
	log=$(mktemp) program=$(mktemp)
	printf '#!/bin/sh\nprintf %%s "%s"\n' "$3" >"$program"
	chmod +x "$program"
	ip netns exec "${!1}" damc serve "$2" "${@:4}" exec "$program" >"$log" 2>&1 &
	printf -v "pid_$1" %s $!
	busywait 5000 grep -q "^serving" "$log" || { cat "$log"; return 1; }
}

# call NAME [ARG...]: as the caller; what was answered in $answer
call()
{
	answer=$(in_ns caller damc call "$1" greet deadline 10 "${@:2}" 2>"$out")
}

links()
{
	setup_ns caller g1 mid g2 p1 p2
	veth_pair "$g1" pod "$caller" gw && veth_pair "$g1" mid "$mid" g1 && veth_pair "$mid" g2 "$g2" mid &&
		veth_pair "$g2" pod1 "$p1" gw && veth_pair "$g2" pod2 "$p2" gw
}

# pod NODE NAME: a pod that sends everything to its gateway
pod()
{
	printf '%s\n' "info set name $2" "dev set gw uplink" "route add / dev gw" | conf "$1"
}

fabric()
{
	conf g1 <<-END &&
		info set name /damc/node/g1
		dev set mid up
		dev set pod edge
		bind add /a/1 dev pod
		bind add /pod/g1/1 dev pod
		route add /b/1 dev mid
		route add /b/2 dev mid
		route add /pod/g2 dev mid
		route add /damc/node dev mid
		pool add /b member /b/1 member /b/2
	END
	conf mid <<-END &&
		info set name /damc/node/mid
		dev set g1 up
		dev set g2 up
		route add /b/1 dev g2
		route add /b/2 dev g2
		route add /pod/g2 dev g2
		route add /a dev g1
		route add /pod/g1 dev g1
	END
	conf g2 <<-END
		info set name /damc/node/g2
		dev set mid up
		dev set pod1 edge
		dev set pod2 edge
		bind add /b/1 dev pod1 member
		bind add /b/2 dev pod2 member weight 3
		bind add /pod/g2/1 dev pod1
		bind add /pod/g2/2 dev pod2
		route add /a dev mid
		route add /pod/g1 dev mid
		route add /damc/node dev mid
	END
}

set_up()
{
	links && fabric && pod caller /pod/g1/1 && pod p1 /pod/g2/1 && pod p2 /pod/g2/2
	check_err $? "the topology could not be made"
	serve p1 /b/1 one && serve p2 /b/2 two
	check_err $? "a server does not serve"
	log_test "a pool of two instances behind another gateway"
}

a_call_to_a_pool_is_answered_by_an_instance()
{
	call /b
	check_err $? "the call to /b: $(cat "$out")"
	[ "$answer" = one ] || [ "$answer" = two ]
	check_err $? "answered: $answer"
	in_ns caller damc ping /b count 2 >"$out" 2>&1
	check_err $? "ping /b: $(cat "$out")"
	log_test "${FUNCNAME[0]}"
}

# Every call has a flow of its own; which instance it is for is a matter of chance, and weight.
calls_reach_both_instances()
{
	local i one=0 two=0

	for i in {1..60}; do
		call /b
		case $answer in
		one)	one=$((one + 1)) ;;
		two)	two=$((two + 1)) ;;
		esac
		[ $one -eq 0 ] || [ $two -eq 0 ] || break
	done
	[ $one -gt 0 ] && [ $two -gt 0 ]
	check_err $? "$one and $two of $i calls"
	[ "$(counter mid pool-picks)" -eq 0 ] && [ "$(counter g2 pool-picks)" -eq 0 ]
	check_err $? "somebody else than g1 picked"
	log_test "${FUNCNAME[0]}"
}

# The namespace has no pool, so the packet reaches a node that has one: which does not pick.
transit_does_not_pick()
{
	damc -n "$g1" pool del /b && damc -n "$g1" route add /b dev mid && damc -n "$mid" route add /b dev g2
	check_err $? "a route in the pool's place"
	call /b
	[ $? -eq 2 ] && grep -q no-instance "$out" && grep -q /damc/node/g2 "$out"
	check_err $? "a call by way of transit: $(cat "$out")"
	damc -n "$mid" route del /b && damc -n "$g1" route del /b &&
		damc -n "$g1" pool add /b member /b/1 member /b/2
	check_err $? "the pool is back"
	log_test "${FUNCNAME[0]}"
}

route_get_explains_the_pick()
{
	damc -n "$g1" route get /b from /a/1 flow 5 >"$out"
	check_err $? "route get /b"
	grep -q "picked:  /b/[12], of weight 1: By hash" "$out"
	check_err $? "$(cat "$out")"
	damc -n "$g1" -j route get /b from /a/1 flow 5 | grep -q '"prefix":"/b".*"instance":"/b/[12]","reason":"hash"'
	check_err $? "in JSON"
	damc -n "$g1" route get /b/7 >"$out" 2>&1
	[ $? -eq 2 ] && grep -q no-instance "$out"
	check_err $? "route get /b/7: $(cat "$out")"
	log_test "${FUNCNAME[0]}"
}

# A gateway that serves /b/1 says so, and never delivers to it what is for /b/2.
withdrawn_instance_is_told()
{
	damc -n "$g2" bind del /b/2
	call /b/2
	[ $? -eq 2 ] && grep -q no-instance "$out" && grep -q /damc/node/g2 "$out"
	check_err $? "a call to what was withdrawn: $(cat "$out") $answer"
	damc -n "$g2" bind add /b/2 dev pod2 member weight 3
	call /b/2
	[ "$answer" = two ]
	check_err $? "a call after it came back: $(cat "$out") $answer"
	log_test "${FUNCNAME[0]}"
}

# The instance in use ends while it executes: the caller is told, and nobody executes it again.
no_second_execution()
{
	local ran program call status victim node
	ran=$(mktemp) program=$(mktemp)
	printf '#!/bin/sh\necho ran >>%s; exec sleep 60\n' "$ran" >"$program"
	chmod +x "$program"
	kill "$pid_p1" "$pid_p2"
	wait "$pid_p1" "$pid_p2" 2>/dev/null
	for victim in 1 2; do
		node=p$victim
		ip netns exec "${!node}" damc serve /b/$victim exec "$program" \
			>"$program.$victim" 2>&1 &
		printf -v "pid_p$victim" %s $!
		busywait 5000 grep -q "^serving" "$program.$victim"
	done
	in_ns caller damc call /b work x deadline 20 2>"$out" &
	call=$!
	busywait 5000 test -s "$ran"
	check_err $? "nobody executes it: $(cat "$out")"
	# Who is only asked to end still answers, that the call was broken off.
	kill -9 "$pid_p1" "$pid_p2"
	wait "$pid_p1" "$pid_p2" 2>/dev/null
	wait "$call"
	status=$?
	[ $status -eq 5 ]
	check_err $? "status $status: $(cat "$out")"
	[ "$(wc -l <"$ran")" -eq 1 ]
	check_err $? "executed $(wc -l <"$ran") times"
	cat <(ip netns pids "$p1") <(ip netns pids "$p2") | xargs -r kill -9
	log_test "${FUNCNAME[0]}"
}

# On a host without an uplink a server makes the pool that it is an instance of, and ends it.
a_server_enters_its_pool()
{
	serve g2 /s/1 here member weight 3
	check_err $? "a server that is an instance"
	damc -n "$g2" pool get /s >"$out"
	grep -q "member /s/1 weight 3 bound" "$out"
	check_err $? "the pool: $(cat "$out")"
	answer=$(in_ns g2 damc call /s greet deadline 10 2>"$out")
	[ "$answer" = here ]
	check_err $? "a call to it: $answer $(cat "$out")"
	kill "$pid_g2"
	wait "$pid_g2" 2>/dev/null
	! damc -n "$g2" pool get /s >"$out" 2>&1
	check_err $? "it stays when the server is gone: $(cat "$out")"
	log_test "${FUNCNAME[0]}"
}

# What was configured goes, what is bound stays.
flush_deletes_pools()
{
	damc -n "$g1" pool add /c proto damcd && damc -n "$g2" pool add /c
	check_err $? "more pools"
	damc -n "$g1" pool flush proto damcd && damc -n "$g1" pool >"$out"
	grep -q "^/b" "$out" && ! grep -q "^/c" "$out"
	check_err $? "flush of damcd's: $(cat "$out")"
	[ "$(damc -n "$g1" -s pool flush all)" = "1 pools deleted" ] && [ -z "$(damc -n "$g1" pool)" ]
	check_err $? "flush of all"
	damc -n "$g2" pool flush all && damc -n "$g2" pool >"$out"
	grep -q "^/b" "$out" && ! grep -q "^/c" "$out"
	check_err $? "flush beside bound ones: $(cat "$out")"
	log_test "${FUNCNAME[0]}"
}

ksft_run set_up a_call_to_a_pool_is_answered_by_an_instance calls_reach_both_instances \
	transit_does_not_pick route_get_explains_the_pick withdrawn_instance_is_told \
	no_second_execution a_server_enters_its_pool flush_deletes_pools
