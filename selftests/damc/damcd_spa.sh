#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# damcd with identities and an SPA: pod1 - sg1 - sr1 - sg2 - pod2, the SPA on sr1's host. What the
# policy allows registers; what it does not, is told why; without the SPA what is granted goes on;
# what is revoked ends, its flows with it. Who holds a key registers with it, and is where it went
# last.
cd "$(dirname "$0")" || exit 1
. ./lib.sh
. ./damcd.sh
ksft_need damc
type -P damc-spa >/dev/null || { echo "1..0 # SKIP no damc-spa"; exit 4; }
ksft_not_on debug "what it has beyond damcd_line.sh is all in user space"

trap damcd_end EXIT
SPA_PID=
REGISTERS=()
WAITING=

policy()
{
	cat <<-YAML
		version: 1
		domain: test
		allow:
		  - rule: b
		    pod: /pod/*/*
		    name: /b
		    right: member
		  - rule: web
		    pod: /pod/sg2/1
		    name: /web
		    right: name
		  - rule: roaming
		    key: $KEY
		    name: /k
		    right: name
		    portable: yes
	YAML
}

domain()
{
	damc-spa anchor new "$DAMCD_DIR/anchor" test >/dev/null || return 1
	damcd_enrol sg1 sg && damcd_enrol sg2 sg && damcd_enrol sr1 sr,spa subtree / || return 1
	damc-spa key new "$DAMCD_DIR/pod.id" >/dev/null || return 1
	KEY=$(damc-spa -j key show "$DAMCD_DIR/pod.id" | grep -o '[0-9a-f]\{64\}')
	policy >"$DAMCD_DIR/policy.yaml"
	damc-spa policy sign "$DAMCD_DIR/policy.yaml" anchor "$DAMCD_DIR/anchor" >/dev/null || return 1
	printf '%s\n' "identity: $DAMCD_DIR/sr1.id" "state: $DAMCD_DIR/spa" \
		"policy: $DAMCD_DIR/policy.yaml" "sync: quick" \
		>"$DAMCD_DIR/spa.yaml"
}

spa()
{
	ip netns exec "$sr1" damc-spa -c "$DAMCD_DIR/spa.yaml" "$@"
}

spa_start()
{
	spa serve >"$DAMCD_DIR/spa.log" 2>&1 &
	SPA_PID=$!
	busywait 5000 grep -q 'event=serving name=/localhost' "$DAMCD_DIR/spa.log" ||
		{ cat "$DAMCD_DIR/spa.log"; return 1; }
}

spa_stop()
{
	[ -z "$SPA_PID" ] && return
	ip netns pids "$sr1" | xargs -r -n1 sh -c 'grep -q "^damc-spa" /proc/$0/comm && kill $0' 2>/dev/null
	wait "$SPA_PID" 2>/dev/null
	SPA_PID=
}

configure()
{
	local n

	for n in 1 2; do
		damcd_identity sg$n sg "$DAMCD_DIR/sg$n.id" "fabric: [{interface: sr1}]" "edges:" \
			"  - {interface: pod, pod: /pod/sg$n/1, listen: ['10.0.$n.1:8500']}"
	done
	damcd_identity sr1 sr "$DAMCD_DIR/sr1.id" "fabric: [{interface: sg1}, {interface: sg2}]"
}

can_route()
{
	damc -n "$sg1" route get "$1" >/dev/null 2>&1
}

start()
{
	domain
	check_err $? "no domain"
	damcd_line_wire && configure
	check_err $? "no network"
	damcd_start sg1 && damcd_start sr1 && damcd_start sg2
	check_err $? "a daemon did not start"
	spa_start
	check_err $? "the SPA did not start"
	busywait 20000 can_route /damc/node/sg2
	check_err $? "sg1 has no route to sg2"
	log_test "a domain, three damcd and an SPA start"
}

# post POD BODY: register; the answer in HTTP
post()
{
	HTTP=$(damcd_http "${!1}" POST "10.0.${1#pod}.1" 8500 /v1/names "$2")
}

# An answer to method slow takes longer than a revocation.
serve()
{
	ip netns exec "$pod2" damc serve "$1" exec sh -c '[ "$DAMC_METHOD" != slow ] || sleep 4; cat' \
		>/dev/null &
}

granted()
{
	serve /b/4
	post pod2 '{"name": "/b/4", "right": "member", "lease": 600}'
	[[ $HTTP == *" 201 "* ]]
	check_err $? "answer: $HTTP"
	busywait 10000 can_route /b/4
	check_err $? "sg1 has no route"
	damc -n "$sg1" -d lsdb show | grep -q '^grant /b '
	check_err $? "sg1 has not got the grant"
	log_test "what the policy allows registers, its grant is flooded"
}

refused()
{
	post pod1 '{"name": "/web", "lease": 600}'
	[[ $HTTP == *" 403 "*'"code":"refused"'*'no policy allows it'* ]]
	check_err $? "answer: $HTTP"
	can_route /web
	check_fail $? "there is a route all the same"
	log_test "what it does not allow is refused, with the reason"
}

call_pool()
{
	[ "$(ip netns exec "$pod1" damc call /b echo data hello deadline 2 2>/dev/null)" = hello ]
}

called()
{
	busywait 10000 call_pool
	check_err $? "no answer: $(ip netns exec "$pod1" damc call /b echo data hello 2>&1)"
	log_test "a pool is called by its name"
}

without_spa()
{
	spa_stop
	post pod2 '{"name": "/b/5", "right": "member", "lease": 600}'
	[[ $HTTP == *" 201 "* ]]
	check_err $? "a second instance, by the pool's grant: $HTTP"
	post pod2 '{"name": "/web", "lease": 600}'
	[[ $HTTP == *" 503 "*'"code":"no-authority"'* ]]
	check_err $? "without a grant: $HTTP"
	spa_start
	check_err $? "the SPA does not come back"
	post pod2 '{"name": "/web", "lease": 600}'
	[[ $HTTP == *" 201 "* ]]
	check_err $? "with the SPA back: $HTTP"
	log_test "without the SPA what has a grant registers, what has none is told"
}

# register_key POD: with the key, until it is killed; its process in REGISTER
register_key()
{
	ip netns exec "${!1}" damc register /k key "$DAMCD_DIR/pod.id/key" \
		at "10.0.${1#pod}.1:8500" >"$DAMCD_DIR/$1.registered" 2>&1 &
	REGISTER=$!
	REGISTERS+=("$!")
	busywait 10000 grep -q '"state":"registered"' "$DAMCD_DIR/$1.registered"
	check_err $? "$1: $(cat "$DAMCD_DIR/$1.registered")"
}

routes_at()
{
	damc -n "${!1}" route get /k >/dev/null 2>&1
}

bound_at()
{
	damc -n "${!1}" bind show | grep -q '^/k '
}

unbound_at()
{
	! bound_at "$1"
}

keyed()
{
	post pod1 '{"name": "/k", "lease": 600}'
	[[ $HTTP == *" 403 "*'"code":"refused"'* ]]
	check_err $? "without the key: $HTTP"
	register_key pod1
	busywait 10000 routes_at sg2
	check_err $? "sg2 has no route"
	damc -n "$sg2" -d lsdb show | grep -q '^binding /k '
	check_err $? "sg2 has not got the binding"
	log_test "who holds a key registers with it"
}

moved()
{
	local first=$REGISTER

	register_key pod2
	busywait 10000 bound_at sg2
	check_err $? "not bound at sg2"
	busywait 10000 unbound_at sg1
	check_err $? "sg1 still has it"
	busywait 10000 routes_at sg1
	check_err $? "sg1 has no route to where it went"
	grep -q 'event=unregistered name=/k .*bound it elsewhere' "$DAMCD_DIR/sg1.log"
	check_err $? "sg1 does not say why"
	grep -q 'event=route-refused name=/k ' "$DAMCD_DIR/sg1.log" "$DAMCD_DIR/sg2.log"
	check_fail $? "the kernel refused a route"
	kill "$REGISTER" "$first"
	busywait 10000 unbound_at sg2
	check_err $? "its holder has ended, and it has not"
	log_test "a key that registers elsewhere has moved there"
}

gone()
{
	! can_route /b/4
}

# flows_begin: calls to the pool under one label, which sg1 pins to an instance; and a call that is
# taken and not answered yet
flows_begin()
{
	serve /b/5
	damcd_calls_begin "$pod1" /b 10
	sleep 2
	damcd_calls
	[ "${answered:-0}" -gt 0 ]
	check_err $? "no calls before: $answered answered, $failed failed"
	ip netns exec "$pod1" damc call /b slow data hello deadline 8 >"$DAMCD_DIR/slow" 2>&1 &
	WAITING=$!
	sleep 1
}

flows_ended()
{
	damcd_calls
	sleep 2
	damcd_calls
	echo "# flows of what was revoked, in the 2 s from then: $answered answered, $failed failed:" \
		"$(sed 's/.*: //' "$DAMCD_DIR/calls.failed" | sort | uniq -c | tr -s ' \n' ' ')"
	[ "$answered" -eq 0 ] && [ "$failed" -gt 0 ]
	check_err $? "calls go on: $answered answered, $failed failed"
	damcd_calls_end
	wait "$WAITING"
	check_fail $? "a call under way was answered: $(cat "$DAMCD_DIR/slow")"
	echo "# the call under way: $(cat "$DAMCD_DIR/slow")"
}

revoked()
{
	busywait 5000 can_route /b/4
	check_err $? "not there before"
	# Who is to be called it forgot when it ended; the node at its own host asks each 5 s.
	sleep 6
	flows_begin
	spa grant revoke /b >/dev/null
	check_err $? "not revoked"
	busywait 10000 gone
	check_err $? "sg1 still has a route"
	flows_ended
	damc -n "$sg2" bind show | grep -q '^/b/4'
	check_fail $? "it is still bound"
	post pod2 '{"name": "/b/4", "right": "member", "lease": 600}'
	[[ $HTTP == *" 403 "* ]]
	check_err $? "registered again: $HTTP"
	busywait 10000 grep -q 'event=news-pushed .*to=node' "$DAMCD_DIR/sr1.log"
	check_err $? "the SPA's node was not called with the news"
	log_test "what is revoked ends everywhere, and calls to it"
}

damcd_end()
{
	[ "${#REGISTERS[@]}" -eq 0 ] || kill "${REGISTERS[@]}" 2>/dev/null
	[ -z "$WAITING" ] || kill "$WAITING" 2>/dev/null
	spa_stop
	[ "$EXIT_STATUS" -eq 0 ] || { damcd_tell sg1 sr1 sg2; cat "$DAMCD_DIR/spa.log"; }
	damcd_kill_all
	cleanup_all_ns
	rm -rf "$DAMCD_DIR"
}

ksft_run start granted refused called keyed moved without_spa revoked
