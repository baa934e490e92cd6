# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The draft's Figure 2 as network namespaces joined by veth, routes put in by hand. Sourced after
# lib.sh by the tests and the demo.
#
#	 pod1 /a/1 /b/1            pod2 /b/2 /c/2
#	   |                         |
#	  sg1 ------ sr1 ------ sr2 ------ sg2
#	            /   \      /   \
#	          sg3     sr3       sg4
#	         / |     /   \     /  |
#	      pod3  +---+     +---+   pod4 /a/4 /b/4
#	     /d/3
#
# /b is a pool of two instances, /b/2 and /b/4: bound as such at their gateways, and configured at
# all, for want of a routing daemon. /b/1 is a name and no more.
#
# sg3 and sg4 have a second way, by sr3. Requests from pod1 to pod4 go by sr1 and sr2; what comes
# back goes by sr3, so that the two ways a packet recorded cannot be mistaken for each other.

FIG2_NODES=(sg1 sg2 sg3 sg4 sr1 sr2 sr3)
FIG2_PODS=(pod1 pod2 pod3 pod4)
FIG2_LINKS="sg1-sr1 sg2-sr2 sg3-sr1 sg3-sr3 sg4-sr2 sg4-sr3 sr1-sr2 sr1-sr3 sr2-sr3"

# fig2_ns NODE: its network namespace
fig2_ns()
{
	echo "${!1}"
}

# call NAME [ARG...]: pod1 says Hello to NAME, as /a/1: what was answered in $answer, the command's
# words in $report
call()
{
	answer=$(in_ns pod1 damc call "$1" echo Hello from /a/1 deadline 5 "${@:2}" 2>"$report")
}

# call_goes TEST THERE BACK: /b/4 answers so, by these nodes and those
call_goes()
{
	call /b/4 record
	check_err $? "call failed: $(cat "$report")"
	[ "$answer" = Hello ]
	check_err $? "answer \"$answer\""
	grep -qx "there: $2" "$report"
	check_err $? "request went: $(grep ^there: "$report")"
	grep -qx "back: $3" "$report"
	check_err $? "reply went: $(grep ^back: "$report")"
	log_test "$1"
}

# The service names of pod N, and those of its gateway and itself.
FIG2_SERVICES=("" "/a/1 /b/1" "/b/2 /c/2" "/d/3" "/a/4 /b/4")

# The pool, its instances, and at which gateway each is.
FIG2_POOL=/b
declare -A FIG2_MEMBERS=([/b/2]=2 [/b/4]=4)

# Bash alone writes the commands, and few processes run them: emulation makes each one dear.

fig2_ip_batch()
{
	local link a b n

	for a in "${FIG2_NODES[@]}" "${FIG2_PODS[@]}"; do
		echo "netns add ${!a}"
	done
	for link in $FIG2_LINKS; do
		a=${link%-*} b=${link#*-}
		echo "link add $b netns ${!a} type veth peer name $a netns ${!b}"
	done
	for n in 1 2 3 4; do
		a=sg$n b=pod$n
		echo "link add pod netns ${!a} type veth peer name sg netns ${!b}"
	done
}

# fig2_devs NODE: the interfaces that join it to other nodes; in fig2_result
fig2_devs()
{
	local link

	fig2_result=
	for link in $FIG2_LINKS; do
		case $link in
		"$1"-*)	fig2_result+=" ${link#*-}" ;;
		*-"$1")	fig2_result+=" ${link%-*}" ;;
		esac
	done
}

fig2_link_batch()
{
	local dev

	case $1 in
	pod*)	fig2_result=sg ;;
	sg*)	fig2_devs "$1"; fig2_result+=" pod" ;;
	*)	fig2_devs "$1" ;;
	esac
	for dev in lo $fig2_result; do
		echo "link set $dev up"
	done
}

# A pod has a name, and sends everything to its gateway.
fig2_pod()
{
	printf '%s\n' "info set name /pod/sg$1/1" "dev set sg uplink" "route add / dev sg"
}

fig2_node()
{
	local dev

	echo "info set name /damc/node/$1"
	fig2_devs "$1"
	for dev in $fig2_result; do
		echo "dev set $dev up"
	done
}

# A gateway owns its pod's names, on the interface that faces it.
fig2_edge()
{
	local name

	echo "dev set pod edge"
	for name in ${FIG2_SERVICES[$1]} "/pod/sg$1/1"; do
		echo "bind add $name dev pod${FIG2_MEMBERS[$name]:+ member}"
	done
}

# What a gateway is told of the pool's instances at others.
fig2_pool()
{
	local name members=

	for name in "${!FIG2_MEMBERS[@]}"; do
		[ "${FIG2_MEMBERS[$name]}" = "$1" ] || members+=" member $name"
	done
	echo "pool add $FIG2_POOL$members"
}

# fig2_via DEV N...: routes to the pods and nodes of gateways N by a neighbour
fig2_via()
{
	local n name dev=$1
	shift
	for n; do
		for name in ${FIG2_SERVICES[$n]} "/pod/sg$n" "/damc/node/sg$n"; do
			echo "route add $name dev $dev"
		done
	done
}

fig2_routes()
{
	case $1 in
	sg1)	fig2_via sr1 2 3 4 ;;
	sg2)	fig2_via sr2 1 3 4 ;;
	sg3)	fig2_via sr1 1 2; fig2_via sr3 4 ;;
	sg4)	fig2_via sr2 2; fig2_via sr3 1 3 ;;
	sr1)	fig2_via sg1 1; fig2_via sg3 3; fig2_via sr2 2 4 ;;
	sr2)	fig2_via sg2 2; fig2_via sg4 4; fig2_via sr1 1 3 ;;
	sr3)	fig2_via sg3 3; fig2_via sg4 4; fig2_via sr1 1; fig2_via sr2 2 ;;
	esac
}

fig2_damc_batch()
{
	case $1 in
	pod*)	fig2_pod "${1#pod}" ;;
	sg*)	fig2_node "$1"; fig2_edge "${1#sg}"; fig2_routes "$1"; fig2_pool "${1#sg}" ;;
	*)	fig2_node "$1"; fig2_routes "$1" ;;
	esac
}

# fig2_setup: make it all; false, with the command's own words, if a step failed
fig2_setup()
{
	local node

	for node in "${FIG2_NODES[@]}" "${FIG2_PODS[@]}"; do
		printf -v "$node" '%s-%s' "$node" "$$"
		NS_LIST+=("${!node}")
	done
	fig2_ip_batch | ip -b - || return 1
	for node in "${FIG2_NODES[@]}" "${FIG2_PODS[@]}"; do
		fig2_link_batch "$node" | ip -n "${!node}" -b - || return 1
		fig2_damc_batch "$node" | damc -n "${!node}" -b - || return 1
	done
}

# fig2_serve POD NAME [ARG...]: start a server there, its pid in FIG2_PID, and wait until it serves
fig2_serve()
{
	local ns=${!1} name=$2 log
	shift
	log=$(mktemp)
	ip netns exec "$ns" damc serve "$@" >"$log" 2>&1 &
	FIG2_PID=$!
	if ! busywait 5000 grep -q "^serving $name" "$log"; then
		cat "$log"
		return 1
	fi
	rm -f "$log"
}

# fig2_stop: end the server that fig2_serve started last
fig2_stop()
{
	kill "$FIG2_PID" 2>/dev/null
	wait "$FIG2_PID" 2>/dev/null
	return 0
}
