#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# bind() is a registration: three damcd on a line, pod1 - sg1 - sr1 - sg2 - pod2, whose pods' bindings
# are managed. What pod2 binds is called from pod1, until it is closed; nobody asks by HTTP.
cd "$(dirname "$0")" || exit 1
. ./lib.sh
. ./damcd.sh
ksft_need damc
ksft_not_on debug "what it has beyond damcd_line.sh and claim is all in user space"

trap damcd_end EXIT
SERVE=

configure()
{
	local n

	for n in 1 2; do
		damcd_conf sg$n sg "fabric: [{interface: sr1}]" "edges:" \
			"  - {interface: pod, pod: /pod/sg$n/1, listen: []}"
	done
	damcd_conf sr1 sr "fabric: [{interface: sg1}, {interface: sg2}]"
}

can_route()
{
	damc -n "$sg1" route get "$1" >/dev/null 2>&1
}

start()
{
	damcd_line_wire && configure
	check_err $? "no network"
	damc -n "$pod1" info set bind-policy managed && damc -n "$pod2" info set bind-policy managed
	check_err $? "no policy"
	damcd_start sg1 && damcd_start sr1 && damcd_start sg2
	check_err $? "a daemon did not start"
	busywait 20000 can_route /damc/node/sg2
	check_err $? "sg1 has no route to sg2"
	log_test "three damcd start"
}

# serve NAME: in pod2, its process in SERVE
serve()
{
	ip netns exec "$pod2" damc serve "$1" >/dev/null &
	SERVE=$!
}

call_works()
{
	[ "$(ip netns exec "$pod1" damc call /b/4 echo data hello deadline 2 2>/dev/null)" = hello ]
}

# stands STANDING: what pod2 knows of its name
stands()
{
	damc -n "$pod2" bind show | grep -q "^/b/4 .* $1"
}

bound()
{
	serve /b/4
	busywait 10000 stands granted
	check_err $? "not granted: $(damc -n "$pod2" bind show)"
	busywait 10000 call_works
	check_err $? "no answer: $(ip netns exec "$pod1" damc call /b/4 echo data hello 2>&1)"
	damc -n "$sg2" router names | grep -q '^/b/4 name registered pod /pod/sg2/1 lease'
	check_err $? "router names: $(damc -n "$sg2" router names)"
	log_test "what is bound is registered, and called"
}

registered()
{
	damc -n "$sg2" router names | grep -q '^/b/4 name registered'
}

restarted()
{
	damcd_kill sg2 KILL
	call_works
	check_err $? "a call failed without sg2's daemon"
	damcd_start sg2
	check_err $? "sg2's daemon does not come back"
	busywait 10000 registered
	check_err $? "not registered again: $(damc -n "$sg2" router names)"
	busywait 10000 call_works
	check_err $? "no call works with sg2's daemon back"
	stands granted
	check_err $? "$(damc -n "$pod2" bind show)"
	log_test "a gateway's daemon is killed and comes back"
}

# All that the gateway knew of the pod is gone, and is asked for anew.
relinked()
{
	damc -n "$sg2" bind del /b/4
	damcd_kill sg2 KILL
	damcd_start sg2
	check_err $? "sg2's daemon does not come back"
	busywait 20000 call_works
	check_err $? "not asked for anew: $(damc -n "$sg2" router names)"
	log_test "a gateway that has forgotten the name is told again"
}

gone()
{
	! can_route /b/4
}

closed()
{
	kill "$SERVE"
	wait "$SERVE" 2>/dev/null
	busywait 10000 gone
	check_err $? "sg1 still has a route"
	busywait 10000 unbound
	check_err $? "sg2 still has it: $(damc -n "$sg2" bind show)"
	log_test "what is closed is withdrawn"
}

unbound()
{
	! damc -n "$sg2" bind show | grep -q '^/b/4 '
}

refused()
{
	serve /pod/x
	busywait 10000 not kill -0 "$SERVE" 2>/dev/null
	check_err $? "who serves it has not heard"
	damc -n "$sg2" bind show | grep -q '^/pod/x '
	check_fail $? "it is bound all the same"
	log_test "a name that no pod may have is refused, and who serves it ends"
}

damcd_end()
{
	[ "$EXIT_STATUS" -eq 0 ] || { damcd_tell sg1 sr1 sg2; damc -n "$pod2" bind show; damc -n "$pod2" stats; }
	[ -z "$SERVE" ] || kill "$SERVE" 2>/dev/null
	damcd_kill_all
	cleanup_all_ns
	rm -rf "$DAMCD_DIR"
}

ksft_run start bound restarted relinked closed refused
