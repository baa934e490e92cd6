#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Three damcd on a line, pod1 - sg1 - sr1 - sg2 - pod2: a pod registers over HTTP, the other
# pod's calls arrive. No route is typed.
cd "$(dirname "$0")" || exit 1
. ./lib.sh
. ./damcd.sh
ksft_need damc

trap damcd_end EXIT

configure()
{
	local n

	for n in 1 2; do
		damcd_conf sg$n sg "fabric: [{interface: sr1}]" "edges:" \
			"  - {interface: pod, pod: /pod/sg$n/1, listen: ['10.0.$n.1:8500']}"
	done
	damcd_conf sr1 sr "fabric: [{interface: sg1}, {interface: sg2}]"
}

daemons_start()
{
	damcd_line_wire && configure
	check_err $? "no network"
	damcd_start sg1 && damcd_start sr1 && damcd_start sg2
	check_err $? "a daemon did not start"
	log_test "three damcd start"
}

neighbours_full()
{
	[ "$(grep -c 'event=neighbour-up' "$DAMCD_DIR/sr1.log")" -ge 2 ]
}

neighbours_found()
{
	busywait 20000 neighbours_full
	check_err $? "sr1 has not two neighbours"
	log_test "neighbours find each other"
}

can_route()
{
	damc -n "$sg1" route get "$1" >/dev/null 2>&1
}

nodes_reached()
{
	busywait 20000 can_route /damc/node/sg2
	check_err $? "sg1 has no route to sg2"
	log_test "nodes have routes to each other"
}

register()
{
	ip netns exec "$pod2" damc serve /b/4 >/dev/null &
	HTTP=$(damcd_http "$pod2" POST 10.0.2.1 8500 /v1/names '{"name": "/b/4", "lease": 600}')
	[[ $HTTP == *" 201 "* ]]
	check_err $? "answer: $HTTP"
	log_test "a pod registers by HTTP"
}

call_works()
{
	[ "$(ip netns exec "$pod1" damc call /b/4 echo data hello deadline 2 2>/dev/null)" = hello ]
}

called()
{
	busywait 20000 call_works
	check_err $? "no answer: $(ip netns exec "$pod1" damc call /b/4 echo data hello 2>&1)"
	log_test "another gateway's pod calls it"
}

# What the daemons say of themselves, over their control sockets.
shown()
{
	local rib=$DAMCD_DIR/rib lsdb=$DAMCD_DIR/lsdb

	HTTP=$(damcd_http "$pod1" GET 10.0.1.1 8500 '/v1/names?fabric=1')
	[[ $HTTP == *'"name":"/b/4"'*'"gateways":["sg2"]'* ]]
	check_err $? "names of the fabric: $HTTP"
	[ "$(damc -n "$sr1" router show | grep -c ' full ')" -eq 2 ]
	check_err $? "router show: $(damc -n "$sr1" router show)"
	damc -n "$sg1" rib explain /b/4 >"$rib" && grep -q 'sg2 name used cost 20' "$rib"
	check_err $? "rib explain: $(cat "$rib")"
	damc -n "$sg1" -d lsdb show >"$lsdb" && grep -q 'name /b/4' "$lsdb"
	check_err $? "lsdb show"
	damc -n "$sg1" -j spf show | grep -q '"node":"sg2","cost":20'
	check_err $? "spf show: $(damc -n "$sg1" -j spf show)"
	damc -n "$sg2" router names | grep -q '^/b/4 name registered pod /pod/sg2/1 lease'
	check_err $? "router names: $(damc -n "$sg2" router names)"
	damc -n "$sg1" convergence show | grep -q ' fib [0-9]*us'
	check_err $? "convergence show: $(damc -n "$sg1" convergence show)"
	log_test "router, lsdb, rib, spf, names, convergence are shown"
}

# calls N: so many, one after the other; how many failed
calls()
{
	local i failed=0

	for ((i = 0; i < $1; i++)); do
		call_works || failed=$((failed + 1))
	done
	echo "$failed"
}

alive()
{
	[ "$(damc -n "$sr1" neigh show | grep -c 'liveness .* up.*forwards')" -eq 2 ]
}

# The kernels agree on the key that the daemons gave them.
watched()
{
	busywait 5000 alive
	check_err $? "$(damc -n "$sr1" neigh show)"
	log_test "neighbours' kernels watch each other"
}

# kill -9 of a daemon is nothing to traffic, and its successor takes over what it finds.
restarted()
{
	local before after

	before=$(damc -n "$sr1" route show | grep -c damcd)
	damcd_kill sr1 KILL
	[ "$(calls 5)" -eq 0 ]
	check_err $? "calls failed without sr1's daemon"
	damcd_start sr1
	check_err $? "sr1's daemon does not come back"
	[ "$(calls 5)" -eq 0 ]
	check_err $? "calls failed while sr1's daemon was back"
	after=$(damc -n "$sr1" route show | grep -c damcd)
	[ "$after" -ge "$before" ]
	check_err $? "$before routes before, $after after"
	log_test "a router's daemon is killed and comes back"
}

# A gateway's: what is bound stays bound, and is announced again.
gateway_restarted()
{
	damcd_kill sg2 TERM
	[ "$(calls 3)" -eq 0 ]
	check_err $? "calls failed without sg2's daemon"
	damcd_start sg2
	check_err $? "sg2's daemon does not come back"
	slowwait 10 registered
	check_err $? "not adopted: $(damc -n "$sg2" router names)"
	[ "$(calls 5)" -eq 0 ]
	check_err $? "calls failed while sg2's daemon was back"
	log_test "a gateway's daemon ends and comes back"
}

registered()
{
	damc -n "$sg2" router names | grep -q '^/b/4 name registered'
}

gone()
{
	! can_route /b/4
}

withdrawn()
{
	HTTP=$(damcd_http "$pod2" DELETE 10.0.2.1 8500 /v1/names/b/4)
	[[ $HTTP == *" 204 "* ]]
	check_err $? "answer: $HTTP"
	busywait 5000 gone
	check_err $? "sg1 still has a route"
	log_test "a name is withdrawn, and its route goes"
}

# A lease that is the connection ends with it.
lease_ends()
{
	ip netns exec "$pod2" bash -c '
		exec 3<>/dev/tcp/10.0.2.1/8500
		body="{\"name\": \"/b/4\"}"
		printf "POST /v1/names HTTP/1.1\r\nHost: x\r\nContent-Length: %s\r\n\r\n%s" "${#body}" "$body" >&3
		read -t 60 -u 4
	' 4<>"$DAMCD_DIR/hold" &
	local holder=$!

	busywait 5000 can_route /b/4
	check_err $? "not reachable"
	kill -9 $holder
	wait $holder 2>/dev/null
	busywait 5000 gone
	check_err $? "still reachable"
	log_test "the end of the connection withdraws"
}

link_is_down()
{
	! can_route /damc/node/sg2
}

link_lost()
{
	ip -n "$sr1" link set sg2 down
	busywait 5000 link_is_down
	check_err $? "sg1 still has a route to sg2"
	ip -n "$sr1" link set sg2 up
	busywait 10000 can_route /damc/node/sg2
	check_err $? "the route does not come back"
	log_test "a link's loss is heard of, and its return"
}

damcd_end()
{
	[ "$EXIT_STATUS" -eq 0 ] || damcd_tell sg1 sr1 sg2
	damcd_kill_all
	cleanup_all_ns
	rm -rf "$DAMCD_DIR"
}

mkfifo "$DAMCD_DIR/hold"
ksft_run daemons_start neighbours_found nodes_reached register called shown watched restarted \
	gateway_restarted withdrawn lease_ends link_lost
