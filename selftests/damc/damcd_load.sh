#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A fabric at work: pod1 behind sg1 calls services behind sg2 and sg3, by sr1 or sr2, a hundred
# times a second. Keys rotate, routers and gateways are drained, configurations are reloaded, every
# daemon is ended and started again: no call fails, and no adjacency is lost.
cd "$(dirname "$0")" || exit 1
. ./lib.sh
. ./damcd.sh
ksft_need damc
[ -x ./steady ] || { echo "1..0 # SKIP steady was not built: it needs libdamc"; exit $ksft_skip; }

ksft_not_on debug "a debug kernel in emulation does not carry the calls beside five daemons"

trap damcd_end EXIT

NODES=(sg1 sg2 sg3 sr1 sr2)
RATE=100

wire()
{
	local n r

	setup_ns "${NODES[@]}" pod1 pod2 pod3
	for n in 1 2 3; do
		local sg=sg$n pod=pod$n
		for r in sr1 sr2; do
			veth_pair "${!sg}" $r "${!r}" $sg || return 1
		done
		veth_pair "${!sg}" pod "${!pod}" sg && damcd_pod $n "${!sg}" "${!pod}" || return 1
	done
}

# configure HELLO: by sr1 it costs less. An emulated processor may stand still for a second.
configure()
{
	local n timers="timers: {hello: $1, liveness: 1s, rotate: 2s, sweep: 5s}"

	for n in 1 2 3; do
		damcd_conf sg$n sg "$timers" "edges:" \
			"  - {interface: pod, pod: /pod/sg$n/1, listen: ['10.0.$n.1:8500']}" \
			"fabric: [{interface: sr1, cost: 5}, {interface: sr2, cost: 10}]"
	done
	for n in 1 2; do
		damcd_conf sr$n sr "$timers" \
			"fabric: [{interface: sg1, cost: $((n * 5))}, {interface: sg2, cost: $((n * 5))}, {interface: sg3, cost: $((n * 5))}]"
	done
}

# full NODE LINKS: it has so many neighbours
full()
{
	[ "$(damc -n "${!1}" router show | grep -c ' full ')" -ge "$2" ]
}

links_of()
{
	case $1 in
	sg*)	echo 2 ;;
	sr*)	echo 3 ;;
	esac
}

# way NAME: the neighbour by which sg1's kernel sends to it
way()
{
	damc -n "$sg1" -j route get "$1" 2>/dev/null | grep -o '"dev": *"[^"]*"' | head -n 1 |
		sed 's/.*"\(.*\)"/\1/'
}

is_way()
{
	[ "$(way "$1")" = "$2" ]
}

# register POD BODY
register()
{
	HTTP=$(damcd_http "${!1}" POST "10.0.${1#pod}.1" 8500 /v1/names "$2")
	[[ $HTTP == *" 201 "* ]]
	check_err $? "answer: $HTTP"
}

# called WORDS: of the calls since the last time none failed
called()
{
	damcd_calls
	[ "$failed" -eq 0 ] && [ "$answered" -gt 0 ]
	check_err $? "$1: $answered answered, $failed failed: $(head -n 3 "$DAMCD_DIR/calls.failed")"
	echo "# $1: $answered calls, $failed failed, $repeated sent again, the slowest $slowest ms"
}

start()
{
	local node

	wire && configure 1s
	check_err $? "no network"
	for node in "${NODES[@]}"; do
		damcd_start "$node"
		check_err $? "$node does not start"
	done
	for node in "${NODES[@]}"; do
		busywait 30000 full "$node" "$(links_of "$node")"
		check_err $? "$node has not all its neighbours"
	done
	ip netns exec "$pod2" damc serve /svc >/dev/null &
	ip netns exec "$pod2" damc serve /b/4 >/dev/null &
	ip netns exec "$pod3" damc serve /b/5 >/dev/null &
	register pod2 '{"name": "/svc", "lease": 600}'
	register pod2 '{"name": "/b/4", "right": "member", "lease": 600}'
	register pod3 '{"name": "/b/5", "right": "member", "lease": 600}'
	busywait 10000 is_way /svc sr1
	check_err $? "the way to /svc is \"$(way /svc)\""
	damcd_calls_begin "$pod1" /svc $RATE
	sleep 1
	called "at rest"
	log_test "calls are answered"
}

rotations()
{
	cat "$DAMCD_DIR/$1".log* | grep -c 'event=key-rotated'
}

rotated()
{
	local node

	for node in "${NODES[@]}"; do
		[ "$(rotations "$node")" -ge 3 ] || return 1
	done
}

keys_rotate()
{
	busywait 30000 rotated
	check_err $? "not rotated: $(for node in "${NODES[@]}"; do rotations "$node"; done | xargs)"
	called "session keys rotate"
	log_test "keys rotate under load"
}

router_drained()
{
	damc -n "$sr1" router drain
	busywait 10000 is_way /svc sr2
	check_err $? "the way is \"$(way /svc)\" yet"
	called "sr1 is drained"
	damc -n "$sr1" router drain off
	busywait 10000 is_way /svc sr1
	check_err $? "the way is not by sr1 again"
	called "and is not any more"
	log_test "a router in use is drained"
}

# weight_is MEMBER WEIGHT: in sg1's pool
weight_is()
{
	damc -n "$sg1" pool get /b | grep -q "$1 weight $2"
}

# Its instance keeps the flows it has, and gets no new ones; then it can go.
gateway_drained()
{
	damcd_calls_end
	damcd_calls_begin "$pod1" /b $RATE
	sleep 1
	called "a pool of two"
	damc -n "$sg2" router drain
	busywait 10000 weight_is /b/4 0
	check_err $? "the pool is $(damc -n "$sg1" pool get /b)"
	called "sg2 is drained"
	# Who called it all the time stays with it; who comes now does not go there.
	damcd_calls_end
	damcd_calls_begin "$pod1" /b $RATE
	sleep 1
	HTTP=$(damcd_http "$pod2" DELETE 10.0.2.1 8500 /v1/names/b/4)
	sleep 3
	called "its instance has gone"
	damc -n "$sg2" router drain off
	register pod2 '{"name": "/b/4", "right": "member", "lease": 600}'
	sleep 2
	called "and is there again"
	damcd_calls_end
	damcd_calls_begin "$pod1" /svc $RATE
	log_test "a gateway in use is drained"
}

reloaded()
{
	local node hello

	for hello in 200ms 3s 1s; do
		configure $hello
		for node in "${NODES[@]}"; do
			damc -n "${!node}" router reload
			check_err $? "$node does not reload"
		done
		sleep 2
	done
	called "hellos each 200 ms, 3 s, 1 s"
	log_test "timers are reloaded under load"
}

# settled NODE: met its neighbours again, and has its own table
settled()
{
	full "$1" "$(links_of "$1")" && grep -q 'event=table-released' "$DAMCD_DIR/$1.log" &&
		grep -q 'event=names-released' "$DAMCD_DIR/$1.log"
}

restarted()
{
	local node signal

	for node in "${NODES[@]}"; do
		for signal in TERM KILL; do
			damcd_kill "$node" $signal
			damcd_start "$node" && busywait 30000 settled "$node"
			check_err $? "$node does not come back"
			called "$node, SIG$signal"
		done
	done
	log_test "every daemon is restarted under load"
}

leases_kept()
{
	damc -n "$sg2" router names | grep -q '^/svc name registered pod /pod/sg2/1 lease [1-5][0-9][0-9]'
	check_err $? "$(damc -n "$sg2" router names)"
	log_test "a lease outlives its gateway's daemon"
}

# Epoch, leases and grants are gone: what it said before has a higher number.
state_lost()
{
	damcd_kill sg2 KILL
	rm -r "$DAMCD_DIR/sg2.state"
	damcd_start sg2 && busywait 30000 settled sg2
	check_err $? "sg2 does not come back"
	busywait 10000 grep -q 'event=epoch' "$DAMCD_DIR/sg2.log"
	check_err $? "it did not meet what it had said"
	register pod2 '{"name": "/svc", "lease": 600}'
	called "sg2 forgot all"
	log_test "a daemon that lost its state is restarted"
}

is_swept()
{
	! damc -n "$sr2" route show | grep -q '^/stale'
}

# What nobody confirms is taken out, and nothing else.
swept()
{
	local before

	before=$(damc -n "$sr2" route show | grep -c damcd)
	damcd_kill sr2 KILL
	damc -n "$sr2" route add /stale unreachable proto damcd
	check_err $? "no stale route"
	damcd_start sr2 && busywait 30000 settled sr2
	check_err $? "sr2 does not come back"
	busywait 20000 is_swept
	check_err $? "it is there yet"
	busywait 5000 grep -q 'event=swept' "$DAMCD_DIR/sr2.log"
	check_err $? "it was not swept"
	[ "$(damc -n "$sr2" route show | grep -c damcd)" -eq "$before" ]
	check_err $? "$before routes before: $(damc -n "$sr2" route show)"
	log_test "what was not confirmed is swept"
}

# Whatever happened above, neighbours were neighbours all the time. A link that the kernels' probes
# took for lost on the way is told of: a machine that stands still for 3 s does that, too.
adjacencies_kept()
{
	local lost

	damcd_calls_end
	[ "$failed" -eq 0 ]
	check_err $? "$failed calls failed"
	lost=$(grep -h 'event=neighbour-down' "$DAMCD_DIR"/*.log "$DAMCD_DIR"/*.log.old)
	[ -z "$lost" ]
	check_err $? "$lost"
	echo "# probes lost a neighbour $(cat "$DAMCD_DIR"/*.log "$DAMCD_DIR"/*.log.old |
		grep -c 'event=neighbour-lost') times"
	log_test "no adjacency was lost"
}

damcd_end()
{
	[ "$EXIT_STATUS" -eq 0 ] || damcd_tell "${NODES[@]}"
	damcd_kill_all
	cleanup_all_ns
	rm -rf "$DAMCD_DIR"
}

ksft_run start keys_rotate router_drained gateway_drained reloaded restarted leases_kept state_lost swept \
	adjacencies_kept
