#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Keys and certificates under load: pod1 - sg1 - sr1 - sg2 - pod2, an SPA on a host of its own at
# sr1. While pod1 calls, every node's certificate is renewed, the SPA gets another key, and what was
# registered with a key comes back after a restart: no call fails, no adjacency of a router is lost.
# Call rules decide what pods are told of.
cd "$(dirname "$0")" || exit 1
. ./lib.sh
. ./damcd.sh
ksft_need damc
type -P damc-spa >/dev/null || { echo "1..0 # SKIP no damc-spa"; exit 4; }
[ -x ./steady ] || { echo "1..0 # SKIP steady was not built: it needs libdamc"; exit $ksft_skip; }

ksft_not_on debug "a debug kernel in emulation does not carry the calls beside four daemons"

trap damcd_end EXIT
SPA_PID=
WATCH_PID=
ROUTERS=(sg1 sr1 sg2)
RATE=50

policy()
{
	cat <<-YAML
		version: $1
		domain: test
		allow:
		  - { rule: svc, pod: /pod/*/*, name: /svc/**, right: name }
		  - { rule: keyed, key: $KEY, name: /k, right: name }
	YAML
}

# certify NODE ROLES [OPTION...]: a certificate for the key in NODE.id, joined; its $SERIAL
certify()
{
	local dir=$DAMCD_DIR/$1.id node=$1 roles=$2
	shift 2

	rm -rf "$DAMCD_DIR/$node.out"
	SERIAL=$(damc-spa -j enrol "$node" role "$roles" request "$dir/request" \
		anchor "$DAMCD_DIR/anchor" out "$DAMCD_DIR/$node.out" "$@" |
		grep -o '"serial":[0-9]*' | grep -o '[0-9]*$')
	[ -n "$SERIAL" ] && damc-spa join "$dir" "$DAMCD_DIR/$node.out" >/dev/null
}

# enrol NODE ROLES [OPTION...]: with a new key
enrol()
{
	rm -rf "$DAMCD_DIR/$1.id"
	damc-spa key new "$DAMCD_DIR/$1.id" >/dev/null && certify "$@"
}

sign_policy()
{
	policy "$1" >"$DAMCD_DIR/policy.yaml"
	damc-spa policy sign "$DAMCD_DIR/policy.yaml" anchor "$DAMCD_DIR/anchor" >/dev/null
}

domain()
{
	damc-spa anchor new "$DAMCD_DIR/anchor" test >/dev/null || return 1
	enrol sg1 sg && enrol sg2 sg && enrol sr1 sr && enrol spa1 sr,spa subtree / || return 1
	damc-spa key new "$DAMCD_DIR/pod.id" >/dev/null || return 1
	KEY=$(damc-spa -j key show "$DAMCD_DIR/pod.id" | grep -o '[0-9a-f]\{64\}')
	sign_policy 1 || return 1
	printf '%s\n' "identity: $DAMCD_DIR/spa1.id" "state: $DAMCD_DIR/spa" \
		"policy: $DAMCD_DIR/policy.yaml" "sync: quick" >"$DAMCD_DIR/spa.yaml"
}

spa()
{
	ip netns exec "$spa1" damc-spa -c "$DAMCD_DIR/spa.yaml" "$@"
}

spa_start()
{
	ip netns exec "$spa1" damc-spa -c "$DAMCD_DIR/spa.yaml" serve >"$DAMCD_DIR/spa.log" 2>&1 &
	SPA_PID=$!
	busywait 5000 grep -q 'event=serving name=/localhost' "$DAMCD_DIR/spa.log" ||
		{ cat "$DAMCD_DIR/spa.log"; return 1; }
}

spa_stop()
{
	[ -z "$SPA_PID" ] || { kill "$SPA_PID"; wait "$SPA_PID"; } 2>/dev/null
	SPA_PID=
}

wire()
{
	damcd_line_wire && setup_ns spa1 && veth_pair "$spa1" sr1 "$sr1" spa1
}

configure()
{
	local n

	for n in 1 2; do
		damcd_identity sg$n sg "$DAMCD_DIR/sg$n.id" "fabric: [{interface: sr1}]" "edges:" \
			"  - {interface: pod, pod: /pod/sg$n/1, listen: ['10.0.$n.1:8500']}"
	done
	damcd_identity sr1 sr "$DAMCD_DIR/sr1.id" \
		"fabric: [{interface: sg1}, {interface: sg2}, {interface: spa1}]"
	damcd_identity spa1 sr "$DAMCD_DIR/spa1.id" "fabric: [{interface: sr1}]"
}

can_route()
{
	damc -n "${!1}" route get "$2" >/dev/null 2>&1
}

# post POD BODY: register; the answer in HTTP
post()
{
	HTTP=$(damcd_http "${!1}" POST "10.0.${1#pod}.1" 8500 /v1/names "$2")
}

# get POD PATH: the answer in HTTP
get()
{
	HTTP=$(damcd_http "${!1}" GET "10.0.${1#pod}.1" 8500 "$2")
}

# called WORDS: of the calls since the last time none failed
called()
{
	damcd_calls
	[ "$failed" -eq 0 ] && [ "$answered" -gt 0 ]
	check_err $? "$1: $answered answered, $failed failed: $(head -n 3 "$DAMCD_DIR/calls.failed")"
	echo "# $1: $answered calls, $failed failed, the slowest $slowest ms"
}

start()
{
	local node

	domain
	check_err $? "no domain"
	wire && configure
	check_err $? "no network"
	for node in "${ROUTERS[@]}" spa1; do
		damcd_start "$node"
		check_err $? "$node does not start"
	done
	spa_start
	check_err $? "the SPA did not start"
	busywait 20000 can_route sg2 /damc/spa/spa1
	check_err $? "sg2 has no route to the SPA"
	ip netns exec "$pod2" damc serve /svc/1 >/dev/null &
	post pod2 '{"name": "/svc/1", "lease": 600}'
	[[ $HTTP == *" 201 "* ]]
	check_err $? "answer: $HTTP"
	busywait 10000 can_route sg1 /svc/1
	check_err $? "sg1 has no route"
	damcd_calls_begin "$pod1" /svc/1 $RATE
	sleep 1
	called "at rest"
	log_test "a domain, its SPA, and calls"
}

# has_cert NODE SERIAL: it goes by that
has_cert()
{
	grep -q "event=certificate serial=$2" "$DAMCD_DIR/$1.log"
}

# The same key, another certificate: taken up by a reload, known everywhere, good for class 3.
renewed()
{
	local node

	for node in "${ROUTERS[@]}"; do
		certify "$node" "${node%[0-9]}"
		check_err $? "$node: no certificate"
		damc -n "${!node}" router reload
		check_err $? "$node does not reload"
		busywait 5000 has_cert "$node" "$SERIAL"
		check_err $? "$node did not take certificate $SERIAL"
	done
	sleep 3
	called "certificates are renewed"
	post pod1 '{"name": "/svc/7", "lease": 600}'
	[[ $HTTP == *" 201 "* ]]
	check_err $? "asked with the new certificate: $HTTP"
	log_test "nodes renew their certificates under load"
}

# Both keys are certified while nodes hear of the new one; what the old one granted goes on.
spa_rotated()
{
	local was now

	was=$(damc-spa -j key show "$DAMCD_DIR/spa1.id" | grep -o '[0-9a-f]\{64\}')
	spa_stop
	damcd_kill spa1
	enrol spa1 sr,spa subtree /
	check_err $? "no new key"
	now=$(damc-spa -j key show "$DAMCD_DIR/spa1.id" | grep -o '[0-9a-f]\{64\}')
	[ "$was" != "$now" ]
	check_err $? "the key is the same"
	damcd_start spa1
	check_err $? "spa1 does not come back"
	spa_start
	check_err $? "the SPA does not come back"
	busywait 20000 can_route sg1 /damc/spa/spa1
	check_err $? "sg1 has no route to the SPA"
	called "the SPA has another key"
	post pod1 '{"name": "/svc/8", "lease": 600}'
	[[ $HTTP == *" 201 "* ]]
	check_err $? "granted with the new key: $HTTP"
	post pod2 '{"name": "/svc/1", "lease": 600}'
	[[ $HTTP == *" 201 "* ]]
	check_err $? "granted with the old key: $HTTP"
	called "and grants with it"
	log_test "the SPA's key rotates under load"
}

is_registered()
{
	damc -n "$sg2" router names | grep -q "^/k name registered pod /pod/sg2/1 lease [1-5][0-9][0-9]"
}

is_written()
{
	[ "$(grep -c '"name": *"/k"' "$DAMCD_DIR/sg2.state/leases")" -eq 2 ]
}

# Name and grant are in the leases file, with the binding as its holder signed it.
key_comes_back()
{
	ip netns exec "$pod2" damc register /k key "$DAMCD_DIR/pod.id/key" lease 600 \
		at 10.0.2.1:8500 >"$DAMCD_DIR/k.registered" 2>&1
	check_err $? "$(cat "$DAMCD_DIR/k.registered")"
	busywait 10000 can_route sg1 /k
	check_err $? "sg1 has no route"
	# It is written within a second, or later where to write takes long.
	busywait 30000 is_written
	check_err $? "it is not in the leases file"
	damcd_kill sg2 KILL
	damcd_start sg2
	check_err $? "sg2 does not come back"
	busywait 30000 is_registered
	check_err $? "$(damc -n "$sg2" router names)"
	damc -n "$sg2" -d lsdb show | grep -A 2 '^grant /k ' | grep -q ' key '
	check_err $? "no grant for the key: $(damc -n "$sg2" -d lsdb show | grep '^grant')"
	called "sg2 is restarted"
	log_test "what was registered with a key outlives its gateway's daemon"
}

# sees POD NAME
sees()
{
	get "$1" '/v1/names?fabric=1'
	[[ $HTTP == *"\"$2\""* ]]
}

is_hidden()
{
	sleep 1
	! sees "$1" "$2"
}

watch_ended()
{
	grep -q '"code":"rules-changed"' "$DAMCD_DIR/watch"
}

discovery()
{
	busywait 10000 sees pod1 /svc/1
	check_err $? "not seen at first: $HTTP"
	# Of the fabric's names a pod may ask once a second.
	sleep 2
	damcd_http "$pod1" GET 10.0.1.1 8500 '/v1/names?fabric=1&watch=1' >"$DAMCD_DIR/watch" &
	WATCH_PID=$!
	busywait 5000 grep -q '"/svc/1"' "$DAMCD_DIR/watch"
	check_err $? "not watched: $(cat "$DAMCD_DIR/watch")"
	spa rule add /svc/1 caller /pod/sg2 >/dev/null
	check_err $? "no rule"
	busywait 15000 is_hidden pod1 /svc/1
	check_err $? "seen by pod1 yet: $HTTP"
	busywait 5000 watch_ended
	check_err $? "the watch goes on: $(cat "$DAMCD_DIR/watch")"
	get pod1 /v1/names/svc/1
	[[ $HTTP == *" 403 "*'"code":"not-callable"'*'does not name the caller'* ]]
	check_err $? "answer: $HTTP"
	spa rule add /svc/1 caller /svc/7 >/dev/null
	busywait 15000 sees pod1 /svc/1
	check_err $? "not seen as /svc/7: $HTTP"
	damcd_http "$pod1" DELETE 10.0.1.1 8500 /v1/names/svc/7 >/dev/null
	sleep 1
	is_hidden pod1 /svc/1
	check_err $? "seen without being /svc/7: $HTTP"
	spa rule del /svc/1 >/dev/null
	sleep 2
	is_hidden pod1 /svc/1
	check_err $? "a rule that went opened it: $HTTP"
	spa rule add /svc/1 caller / >/dev/null
	busywait 15000 sees pod1 /svc/1
	check_err $? "not seen by all: $HTTP"
	called "call rules come and go"
	log_test "pods are told of what call rules let them call"
}

adjacencies_kept()
{
	local lost

	damcd_calls_end
	[ "$failed" -eq 0 ]
	check_err $? "$failed calls failed"
	lost=$(cat "$DAMCD_DIR"/{sg1,sr1,sg2}.log "$DAMCD_DIR"/*.log.old | grep 'event=neighbour-down' |
		grep -v 'id=spa1 ')
	[ -z "$lost" ]
	check_err $? "$lost"
	echo "# sr1 lost spa1 $(grep -c 'event=neighbour-down.*id=spa1 ' "$DAMCD_DIR/sr1.log") times"
	log_test "no adjacency on the calls' way was lost"
}

damcd_end()
{
	[ -z "$WATCH_PID" ] || kill "$WATCH_PID" 2>/dev/null
	spa_stop
	[ "$EXIT_STATUS" -eq 0 ] || { damcd_tell "${ROUTERS[@]}" spa1; cat "$DAMCD_DIR/spa.log"; }
	damcd_kill_all
	cleanup_all_ns
	rm -rf "$DAMCD_DIR"
}

ksft_run start renewed spa_rotated key_comes_back discovery adjacencies_kept
