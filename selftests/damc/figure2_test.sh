#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The draft's Figure 2: calls by name, the ways packets take, and what is said when one is closed.
cd "$(dirname "$0")" && . ./lib.sh && . ./figure2.sh
ksft_need damc

THERE="/damc/node/sg1 /damc/node/sr1 /damc/node/sr2 /damc/node/sg4"
BACK="/damc/node/sg4 /damc/node/sr3 /damc/node/sr1 /damc/node/sg1"
report=$(mktemp)

call_is_answered()
{
	call_goes "/a/1 calls /b/4; the packets recorded both ways" "$THERE" "$BACK"
}

# /b/1 lives in pod1, /b/4 in pod4: each name leads to its own, and to no other for want of it.
instances_are_apart()
{
	local four=$FIG2_PID

	fig2_serve pod1 /b/1 exec echo one
	check_err $? "/b/1 does not serve"
	answer=$(in_ns pod2 damc call /b/1 echo deadline 5 2>"$report")
	[ "$answer" = one ]
	check_err $? "/b/1 said \"$answer\": $(cat "$report")"
	answer=$(in_ns pod2 damc call /b/4 echo four deadline 5 2>"$report")
	[ "$answer" = four ]
	check_err $? "/b/4 said \"$answer\": $(cat "$report")"
	fig2_stop
	answer=$(in_ns pod2 damc call /b/1 echo four deadline 5 2>"$report")
	[ $? -eq 2 ] && [ -z "$answer" ] && grep -q no-listener "$report"
	check_err $? "/b/1 is gone, and said \"$answer\": $(cat "$report")"
	FIG2_PID=$four
	log_test "instances of one service are told apart by their names"
}

# Six forwards' worth of hop limit: the record and the counters tell the same story.
counters_agree()
{
	local before after

	before=$(counter sr2 forwarded)
	call /b/4
	check_err $? "call failed: $(cat "$report")"
	after=$(counter sr2 forwarded)
	[ "$((after - before))" -ge 1 ]
	check_err $? "sr2 forwarded $before, then $after"
	[ "$(counter sr3 forwarded)" -ge 1 ]
	check_err $? "sr3 forwarded nothing"
	[ "$(counter sg2 forwarded)" -eq 0 ]
	check_err $? "sg2 is on no way, and forwarded"
	log_test "forwarding counters agree with the record"
}

all_pods_reach_each_other()
{
	local from to name

	for from in 1 2 3 4; do
		for to in 1 2 3 4; do
			[ $from -ne $to ] || continue
			name=/pod/sg$to/1
			in_ns pod$from damc ping "$name" count 1 deadline 5 >"$report" 2>&1
			check_err $? "pod$from to $name: $(cat "$report")"
		done
	done
	log_test "every pod reaches every other"
}

trace_tells_the_way()
{
	local node

	in_ns pod1 damc trace /b/4 queries 1 >"$report" 2>&1
	check_err $? "trace failed: $(cat "$report")"
	for node in $THERE /b/4; do
		grep -q " $node " "$report"
		check_err $? "no $node in: $(cat "$report")"
	done
	[ "$(grep -c '^ *[0-9]' "$report")" -eq 5 ]
	check_err $? "not 5 hops: $(cat "$report")"
	log_test "trace names each node and ends at /b/4"
}

ping_records_both_ways()
{
	in_ns pod1 damc -j ping /b/4 count 1 deadline 5 record >"$report" 2>&1
	check_err $? "ping failed: $(cat "$report")"
	tr -d '", ' <"$report" | grep -q "$(echo "$THERE /b/4 $BACK" | tr -d ' ')"
	check_err $? "path: $(cat "$report")"
	log_test "an echo records the way there, its end, and the way back"
}

no_route_is_told()
{
	call /nobody/9
	[ $? -eq 2 ]
	check_err $? "status of a call to /nobody/9: $(cat "$report")"
	grep -q no-route "$report" && grep -q /damc/node/sg1 "$report"
	check_err $? "words: $(cat "$report")"
	log_test "a name nobody has is refused by the gateway, as no-route"
}

far_no_route_is_told()
{
	damc -n "$sr2" route del /b/4
	call /b/4
	[ $? -eq 2 ]
	check_err $? "call without a route at sr2"
	grep -q no-route "$report" && grep -q /damc/node/sr2 "$report"
	check_err $? "words: $(cat "$report")"
	damc -n "$sr2" route add /b/4 dev sg4
	call /b/4
	check_err $? "call after the route came back: $(cat "$report")"
	log_test "a route missing on the way is told by the router that misses it"
}

typed_routes_refuse()
{
	damc -n "$sr2" route replace /b/4 prohibit
	call /b/4
	[ $? -eq 2 ] && grep -q prohibited "$report" && grep -q /damc/node/sr2 "$report"
	check_err $? "prohibit: $(cat "$report")"
	damc -n "$sr2" route replace /b/4 unreachable
	call /b/4
	[ $? -eq 2 ] && grep -q no-route "$report"
	check_err $? "unreachable: $(cat "$report")"
	damc -n "$sr2" route replace /b/4 dev sg4
	call /b/4
	check_err $? "call after the route was replaced: $(cat "$report")"
	log_test "prohibit and unreachable refuse, each with its error"
}

longest_prefix_decides()
{
	damc -n "$sr1" route add /b prohibit
	call /b/4
	check_err $? "/b covers /b/4, whose own route is longer: $(cat "$report")"
	damc -n "$sr1" route add /e prohibit
	damc -n "$sg1" route add /e dev sr1
	call /e/7
	[ $? -eq 2 ] && grep -q prohibited "$report"
	check_err $? "/e/7 is covered by /e: $(cat "$report")"
	call /ee
	[ $? -eq 2 ] && grep -q no-route "$report"
	check_err $? "/ee is not below /e: $(cat "$report")"
	damc -n "$sg1" route del /e
	damc -n "$sr1" route del /e
	damc -n "$sr1" route del /b
	log_test "the longest prefix decides, by whole components"
}

loop_ends_by_hop_limit()
{
	damc -n "$sr1" route add /loop dev sr2
	damc -n "$sr2" route add /loop dev sr3
	damc -n "$sr3" route add /loop dev sr1
	damc -n "$sg1" route add /loop dev sr1
	call /loop/x
	[ $? -eq 2 ] && grep -q hop-limit "$report"
	check_err $? "call into a loop: $(cat "$report")"
	damc -n "$sr1" route del /loop
	damc -n "$sr2" route del /loop
	damc -n "$sr3" route del /loop
	damc -n "$sg1" route del /loop
	log_test "a loop is ended by the hop limit, and told"
}

service_gone_is_told()
{
	fig2_stop
	call /b/4
	[ $? -eq 2 ]
	check_err $? "call to a service that ended"
	grep -q no-listener "$report" && grep -q /pod/sg4/1 "$report"
	check_err $? "words: $(cat "$report")"
	fig2_serve pod4 /b/4
	check_err $? "/b/4 does not come back"
	call /b/4
	check_err $? "call after it came back: $(cat "$report")"
	log_test "a service that ended is refused by its pod, and comes back"
}

# A pod may speak as what is bound to its interface, and as nothing else.
edge_checks_source()
{
	local before after

	before=$(counter sg1 drop-edge-source)
	in_ns pod1 damc ping /b/4 count 1 deadline 1 from /a/4 >"$report" 2>&1
	check_fail $? "pod1 spoke as /a/4"
	after=$(counter sg1 drop-edge-source)
	[ "$after" -gt "$before" ]
	check_err $? "drop-edge-source $before, then $after"
	log_test "a pod that speaks as another's name is dropped at its gateway"
}

edge_keeps_pods_from_the_fabric()
{
	in_ns pod1 damc ping /damc/node/sr1 count 1 deadline 2 from /a/1 >"$report" 2>&1
	check_fail $? "pod1 reached /damc/node/sr1"
	grep -qi prohibited "$report"
	check_err $? "words: $(cat "$report")"
	in_ns sg1 damc ping /damc/node/sg4 count 1 deadline 5 >"$report" 2>&1
	check_err $? "sg1 does not reach /damc/node/sg4: $(cat "$report")"
	log_test "a pod does not reach the fabric's own names; a gateway does"
}

released_name_is_gone()
{
	damc -n "$sg4" bind del /b/4
	check_err $? "bind del"
	call /b/4
	[ $? -eq 2 ] && grep -q no-instance "$report" && grep -q /damc/node/sg4 "$report"
	check_err $? "call to a released name: $(cat "$report")"
	damc -n "$sg4" bind add /b/4 dev pod member
	call /b/4
	check_err $? "call after it was bound again: $(cat "$report")"
	log_test "a name released from its edge is unreachable until bound again"
}

second_way_takes_over()
{
	damc -n "$sr1" route append /b/4 dev sr3
	check_err $? "append a next hop"
	ip -n "$sr1" link set sr2 down
	call /b/4 record
	check_err $? "call with the first way down: $(cat "$report")"
	grep -q "^there:.*/sr3 " "$report"
	check_err $? "request went: $(grep ^there: "$report")"
	ip -n "$sr1" link set sr2 up
	damc -n "$sr1" route replace /b/4 dev sr2
	log_test "with one of two next hops down, the other is taken"
}

pod_gone_is_told()
{
	fig2_stop
	cleanup_ns "$pod4"
	sleep 0.2
	call /b/4
	[ $? -eq 2 ] && grep -q no-instance "$report" && grep -q /damc/node/sg4 "$report"
	check_err $? "call to a pod that is gone: $(cat "$report")"
	[ "$(damc -n "$sg4" bind show | grep -c /b/4)" -eq 0 ]
	check_err $? "sg4 still lists /b/4"
	log_test "with the pod's interface go its names"
}

# What arrived is accounted for: forwarded, delivered, answered, an error, or dropped.
packets_are_accounted_for()
{
	local node name value rx out

	for node in "${FIG2_NODES[@]}"; do
		rx=0 out=0
		while read -r name value; do
			case $name in
			rx-packets)	rx=$value ;;
			forwarded|delivered|echo-replies|errors-received|drop-*)
					out=$((out + value)) ;;
			esac
		done < <(damc -n "${!node}" -s stats)
		[ "$rx" -le "$out" ]
		check_err $? "$node: $rx arrived, $out accounted for"
	done
	log_test "every packet that arrived is accounted for"
}

fig2_setup && fig2_serve pod4 /b/4 || ksft_bail "no Figure 2"
ksft_run call_is_answered counters_agree all_pods_reach_each_other trace_tells_the_way \
	ping_records_both_ways no_route_is_told far_no_route_is_told typed_routes_refuse \
	longest_prefix_decides instances_are_apart loop_ends_by_hop_limit service_gone_is_told edge_checks_source \
	edge_keeps_pods_from_the_fabric released_name_is_gone second_way_takes_over \
	pod_gone_is_told packets_are_accounted_for
