#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Twelve daemons with identities, three rows of four; a service at one corner, who calls it at the
# other, the SPA between. Printed: how long it takes from the registration to the last table of the
# twelve, and from the revocation of its grant to the last, and where that time went; by then calls
# to it end. While it is measured nothing else runs: tables tell of their changes, with the time,
# daemons keep what they did (damc convergence), and both are read afterwards.
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

# An operator's command: it needs the store, no network.
spa_do()
{
	damc-spa -c "$DAMCD_DIR/spa.yaml" "$@"
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

# us: of times of the wall clock, a line each
us()
{
	date -f - +%s%6N
}

now_us()
{
	echo "${EPOCHREALTIME/[.,]/}"
}

# first_from SINCE: of times in us on standard input, how long after that the first is, in us
first_from()
{
	awk -v since="$1" '$1 >= since { print $1 - since; found = 1; exit } END { exit !found }'
}

# when NODE SINCE PATTERN: us from then to the first such line
when()
{
	sed -nE "/$3/s/^\[([^]]*)\].*/\1/p" "$DAMCD_DIR/$1.routes" | us | first_from "$2"
}

all_tell()
{
	local node

	for node in "${NODES[@]}"; do
		when "$node" "$1" "$2" >/dev/null || return 1
	done
}

# await SINCE PATTERN WHAT: not looked for all the time, which would be what is measured
await()
{
	local tries

	for ((tries = 0; tries < 10; tries++)); do
		sleep 2
		all_tell "$1" "$2" && return
	done
	check_err 1 "$3: not in all tables: $(grep -cE "$2" "$DAMCD_DIR"/*.routes)"
}

# How long the machine takes for something that is always the same, in ms: the least of some.
pace()
{
	local i since us least=

	for ((i = 0; i < 5; i++)); do
		since=$(now_us)
		damc-spa help >/dev/null
		us=$(($(now_us) - since))
		[ "${least:-$us}" -lt "$us" ] || least=$us
	done
	echo $((least / 1000))
}

# ms US: or "-" if there is none
ms()
{
	[ -n "$1" ] && echo $(($1 / 1000)) || echo -
}

# did NODE SINCE: what its daemon did about /svc, in us from then: heard told table
did()
{
	damc -n "${!1}" -j convergence | tr '{' '\n' | awk -v since="$2" '
		function number(key) {
			return match($0, "\"" key "\": *[0-9]+") ?
				substr($0, RSTART + length(key) + 3, RLENGTH - length(key) - 3) + 0 : ""
		}
		function after(key, us) { us = number(key); return us == "" ? "-" : at + us }
		/"about": *"\/svc"/ {
			at = number("time-ms") * 1000 - since
			if (at + number("fib-us") >= 0) {
				print at, after("flood-us"), after("fib-us")
				exit
			}
		}'
}

# tell SINCE ASKED PATTERN WHAT: the last table, then who did what when, all in ms from SINCE on;
# ASKED: how long who asked for it had to wait
tell()
{
	local node us heard told table last=0 rows=''

	for node in "${NODES[@]}"; do
		us=$(when "$node" "$1" "$3")
		[ "${us:-0}" -le "$last" ] || last=$us
		read -r heard told table <<<"$(did "$node" "$1")"
		rows+=$(printf '# %-6s %8s %8s %8s %8s' "$node" "$(ms "$heard")" "$(ms "${told#-}")" \
			"$(ms "${table#-}")" "$(ms "$us")")$'\n'
	done
	echo "# $4: the last of ${#NODES[@]} tables after $((last / 1000)) ms," \
		"the command ended after $(($2 / 1000)) ms; a program that does nothing takes $(pace) ms"
	printf '# %-6s %8s %8s %8s %8s\n' node heard told written seen
	printf '%s' "$rows"
}

# The commit touches the log; the first news after it is what the SPA calls nodes with.
split()
{
	local committed called

	committed=$(stat -c @%.6Y "$DAMCD_DIR/spa/audit.log" | us)
	called=$(sed -n 's/^time=\([^ ]*\) .* event=news .*/\1/p' "$DAMCD_DIR/spa.log" | us |
		first_from "$committed")
	committed=$((committed - $1))
	echo "# in the SPA's store after $((committed / 1000)) ms, all that asked it were called after" \
		"$(((committed + called) / 1000)) ms"
}

registered()
{
	local since asked

	ip netns exec "$pod2" damc serve /svc >/dev/null &
	sleep 1
	since=$(now_us)
	HTTP=$(damcd_http "$pod2" POST 10.0.2.1 8500 /v1/names '{"name": "/svc", "lease": 600}')
	[[ $HTTP == *" 201 "* ]]
	check_err $? "answer: $HTTP"
	asked=$(($(now_us) - since))
	await "$since" '\/svc( |$)' "registered"
	tell "$since" "$asked" '\/svc( |$)' "registered"
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
	local since asked gone='(Deleted|unreachable) \/svc( |$)'

	since=$(now_us)
	spa_do grant revoke /svc >/dev/null
	check_err $? "not revoked"
	asked=$(($(now_us) - since))
	await "$since" "$gone" "revoked"
	tell "$since" "$asked" "$gone" "revoked"
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
