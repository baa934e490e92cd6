#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Twelve daemons with identities, three rows of four; a service at one corner, who calls it at the
# other, the SPA between. Printed: how long it takes from the registration to the last table of the
# twelve, and from the revocation of its grant to the last; by then calls to it end.
#
#	n1 --- n2 --- n3 --- n4
#	 |      |      |      |
#	n5 --- n6 --- n7 --- n8        n6: SPA
#	 |      |      |      |
#	n9 -- n10 -- n11 -- n12        n1: pod2, who serves; n12: pod1, who calls
cd "$(dirname "$0")" || exit 1
. ./lib.sh
. ./damcd.sh
ksft_need damc
type -P damc-spa >/dev/null || { echo "1..0 # SKIP no damc-spa"; exit 4; }

ksft_not_on debug "a debug kernel in emulation does not carry twelve daemons"

trap damcd_end EXIT

ROW=4
NODES=(n1 n2 n3 n4 n5 n6 n7 n8 n9 n10 n11 n12)
SPA_PID=
MONITORS=()
declare -A LINKS

# link NODE NODE
link()
{
	veth_pair "${!1}" "$2" "${!2}" "$1" || return 1
	LINKS[$1]+="{interface: $2}, "
	LINKS[$2]+="{interface: $1}, "
}

wire()
{
	local i n=${#NODES[@]}

	setup_ns "${NODES[@]}" pod1 pod2
	for ((i = 1; i <= n; i++)); do
		[ $((i % ROW)) -eq 0 ] || link "n$i" "n$((i + 1))" || return 1
		[ $((i + ROW)) -gt "$n" ] || link "n$i" "n$((i + ROW))" || return 1
	done
	veth_pair "$n1" pod "$pod2" sg && veth_pair "$n12" pod "$pod1" sg &&
		pod n1 "$n1" "$pod2" 2 && pod n12 "$n12" "$pod1" 1
}

# pod NODE GATEWAY POD NUMBER
pod()
{
	ip -n "$2" addr add "10.0.$4.1/24" dev pod
	ip -n "$3" addr add "10.0.$4.2/24" dev sg
	printf '%s\n' "info set name /pod/$1/1" "dev set sg uplink" "route add / dev sg" |
		damc -n "$3" -b -
}

domain()
{
	local node

	damc-spa anchor new "$DAMCD_DIR/anchor" test >/dev/null || return 1
	for node in "${NODES[@]}"; do
		case $node in
		n6)	damcd_enrol n6 sr,spa subtree / ;;
		*)	damcd_enrol "$node" sg,sr ;;
		esac || return 1
	done
	cat >"$DAMCD_DIR/policy.yaml" <<-YAML
		version: 1
		domain: test
		allow:
		  - { rule: svc, pod: /pod/*/*, name: /svc, right: name }
	YAML
	damc-spa policy sign "$DAMCD_DIR/policy.yaml" anchor "$DAMCD_DIR/anchor" >/dev/null &&
		printf '%s\n' "identity: $DAMCD_DIR/n6.id" "state: $DAMCD_DIR/spa" \
			"policy: $DAMCD_DIR/policy.yaml" "sync: quick" "log-level: debug" \
			>"$DAMCD_DIR/spa.yaml"
}

configure()
{
	local node timers="timers: {hello: 1s, liveness: 2s}"

	for node in "${NODES[@]}"; do
		case $node in
		n1)	damcd_identity n1 sg "$DAMCD_DIR/n1.id" "record: 0" "$timers" \
				"fabric: [${LINKS[n1]}]" "edges:" \
				"  - {interface: pod, pod: /pod/n1/1, listen: ['10.0.2.1:8500']}" ;;
		n12)	damcd_identity n12 sg "$DAMCD_DIR/n12.id" "record: 0" "$timers" \
				"fabric: [${LINKS[n12]}]" "edges:" \
				"  - {interface: pod, pod: /pod/n12/1, listen: ['10.0.1.1:8500']}" ;;
		*)	damcd_identity "$node" sr "$DAMCD_DIR/$node.id" "record: 0" "$timers" \
				"fabric: [${LINKS[$node]}]" ;;
		esac
	done
}

spa()
{
	ip netns exec "$n6" damc-spa -c "$DAMCD_DIR/spa.yaml" "$@"
}

can_route()
{
	damc -n "${!1}" route get "$2" >/dev/null 2>&1
}

reached()
{
	local node

	for node in "${NODES[@]}"; do
		can_route n12 "/damc/node/$node" && can_route "$node" /damc/node/n1 || return 1
	done
}

# What its kernel's table comes to, each change with its time.
monitor()
{
	damc -n "${!1}" -ts monitor route bind >"$DAMCD_DIR/$1.routes" 2>&1 &
	MONITORS+=("$!")
}

start()
{
	local node

	domain
	check_err $? "no domain"
	wire && configure
	check_err $? "no network"
	for node in "${NODES[@]}"; do
		damcd_start "$node"
		check_err $? "$node does not start"
	done
	spa serve >"$DAMCD_DIR/spa.log" 2>&1 &
	SPA_PID=$!
	busywait 60000 reached
	check_err $? "not all are reached"
	for node in "${NODES[@]}"; do
		monitor "$node"
	done
	# The SPA calls those with news that asked it for some; a node at its host does each 5 s.
	sleep 6
	log_test "a domain of twelve routers and an SPA starts"
}

# us TIME: of the wall clock
us()
{
	echo $(($(date -d "$1" +%s%N) / 1000))
}

now_us()
{
	echo $(($(date +%s%N) / 1000))
}

# when NODE SINCE PATTERN: us from then to the first such line
when()
{
	local line time

	while read -r line; do
		time=${line#[}
		time=$(us "${time%%]*}")
		[ "$time" -lt "$2" ] || { echo $((time - $2)); return 0; }
	done < <(grep -E "$3" "$DAMCD_DIR/$1.routes")
	return 1
}

all_tell()
{
	local node

	for node in "${NODES[@]}"; do
		when "$node" "$1" "$2" >/dev/null || return 1
	done
}

# tell SINCE PATTERN WHAT: each node's time, and the last; how long who asked for it had to wait
tell()
{
	local node us list='' last=0 asked=$(($(now_us) - $1))

	busywait 20000 all_tell "$1" "$2"
	check_err $? "$3: not in all tables: $(grep -cE "$2" "$DAMCD_DIR"/*.routes)"
	for node in "${NODES[@]}"; do
		us=$(when "$node" "$1" "$2") || continue
		list+=" $((us / 1000))"
		[ "$us" -le "$last" ] || last=$us
	done
	echo "# $3: the last of ${#NODES[@]} tables after $((last / 1000)) ms, the command ended after" \
		"$((asked / 1000)) ms; n1 to n12:$list"
}

# tell_at US WHAT TIME: what was at a time of the wall clock, both in us
tell_at()
{
	echo "# $2: $((($3 - $1) / 1000)) ms after the command began"
}

# The commit touches the log; the first news after it is what the SPA calls nodes with.
split()
{
	local committed news time

	committed=$(us "@$(stat -c %.9Y "$DAMCD_DIR/spa/audit.log")")
	tell_at "$1" "in the SPA's store" "$committed"
	while read -r time; do
		news=$(us "$time")
		[ "$news" -lt "$committed" ] || { tell_at "$1" "nodes are called" "$news"; return; }
	done < <(sed -n 's/^time=\([^ ]*\) .* event=news .*/\1/p' "$DAMCD_DIR/spa.log")
}

registered()
{
	local since

	ip netns exec "$pod2" damc serve /svc >/dev/null &
	since=$(now_us)
	HTTP=$(damcd_http "$pod2" POST 10.0.2.1 8500 /v1/names '{"name": "/svc", "lease": 600}')
	[[ $HTTP == *" 201 "* ]]
	check_err $? "answer: $HTTP"
	tell "$since" '/svc( |$)' "registered"
	busywait 10000 called
	check_err $? "no answer: $(ip netns exec "$pod1" damc call /svc echo data hello deadline 2 2>&1)"
	log_test "a name is registered, and in all twelve tables"
}

called()
{
	[ "$(ip netns exec "$pod1" damc call /svc echo data hello deadline 2 2>/dev/null)" = hello ]
}

revoked()
{
	local since

	since=$(now_us)
	spa grant revoke /svc >/dev/null
	check_err $? "not revoked"
	tell "$since" '(Deleted|unreachable) /svc( |$)' "revoked"
	split "$since"
	called
	check_fail $? "it is called all the same"
	damc -n "$n1" bind show | grep -q '^/svc '
	check_fail $? "it is still bound"
	HTTP=$(damcd_http "$pod2" POST 10.0.2.1 8500 /v1/names '{"name": "/svc", "lease": 600}')
	[[ $HTTP == *" 403 "* ]]
	check_err $? "registered again: $HTTP"
	log_test "its grant is revoked, and it is in none of them"
}

damcd_end()
{
	[ "$EXIT_STATUS" -eq 0 ] || { damcd_tell n1 n6 n12; cat "$DAMCD_DIR/spa.log" "$DAMCD_DIR/n12.routes"; }
	[ "${#MONITORS[@]}" -eq 0 ] || kill "${MONITORS[@]}" 2>/dev/null
	[ -z "$SPA_PID" ] || ip netns pids "$n6" | xargs -r -n1 sh -c \
		'grep -q "^damc-spa" /proc/$0/comm && kill $0' 2>/dev/null
	damcd_kill_all
	cleanup_all_ns
	rm -rf "$DAMCD_DIR"
}

ksft_run start registered revoked
