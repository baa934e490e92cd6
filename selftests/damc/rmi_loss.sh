#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Remote method invocation across the draft's Figure 2, with netem on every link: each loses, repeats
# a tenth, and exchanges packets. All but a thousandth of the calls are answered, the rest end by
# their deadline with a status, and nothing is executed twice.
#
# RMI_SMALL=10000 RMI_LARGE=1000 RMI_RESTART=2000 is the full measure; see "make check-rmi".
cd "$(dirname "$0")" && . ./lib.sh && . ./figure2.sh
ksft_need damc
[ -x ./rmi_load ] || { echo "1..0 # SKIP rmi_load was not built: it needs libdamc"; exit $ksft_skip; }

# A debug kernel is asked for reports, not for figures.
[ "${DAMC_KERNEL-}" != debug ] || : "${RMI_SMALL:=100}" "${RMI_LARGE:=10}"
: "${RMI_SMALL:=300}" "${RMI_LARGE:=30}" "${RMI_RESTART:=200}" "${RMI_CLIENTS:=8}"
log=$(mktemp)
words=$(mktemp)
servers=()

# netem ARG...: on both ends of every link; none: take it away
netem()
{
	local node dev

	for node in "${FIG2_NODES[@]}" "${FIG2_PODS[@]}"; do
		case $node in
		pod*)	fig2_result=sg ;;
		sg*)	fig2_devs "$node"; fig2_result+=" pod" ;;
		*)	fig2_devs "$node" ;;
		esac
		for dev in $fig2_result; do
			echo "qdisc replace dev $dev root netem limit 10000 $*"
		done | tc -n "${!node}" -b - || return 1
	done
}

# serve POD NAME: its pid is one of $servers at once, since a signal may come before it serves
serve()
{
	: >"$words"
	ip netns exec "$1" ./rmi_load serve "$2" "$log" >"$words" 2>&1 &
	servers+=($!)
	busywait 5000 grep -q "^serving" "$words"
}

start_server()
{
	serve "$pod4" /b/4
}

stop_servers()
{
	local pid

	for pid in "${servers[@]}"; do
		kill "-${1-TERM}" "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null
	done
	servers=()
}

# value WORD LINE: the number after a word
value()
{
	local rest=${2#*"$1" }
	echo "${rest%% *}"
}

# calls NAME COUNT SIZE CLIENTS OPEN: make them; what came of it in $came, what was executed in
# $executed
calls()
{
	local name=$1
	shift
	came=$(in_ns pod1 ./rmi_load call "$name" "$1" "$2" "$3" "$4" 30000)
	check_err $? "rmi_load: $came"
	executed=$(./rmi_load check "$log")
	echo "# $1 calls of $2 bytes: $came"
	echo "# $executed"
	[ "$(value ended "$came")" = "$1" ]
	check_err $? "calls that never ended: $came"
	[ "$(value wrong "$came")" = 0 ]
	check_err $? "replies that are not the call's: $came"
	[ "$(value twice "$executed")" = 0 ]
	check_err $? "executed twice: $executed"
}

# loss PERCENT COUNT SIZE CLIENTS OPEN
loss()
{
	: >"$log"
	netem loss "$1%" duplicate 10% delay 2ms 1ms reorder 10%
	check_err $? "no netem"
	start_server
	check_err $? "no server: $(cat "$words")"
	calls /b/4 "$2" "$3" "$4" "$5"
	nearly_all "$2"
	stop_servers
}

# All but a thousandth; of fewer than that, all but one.
nearly_all()
{
	local others=$(($1 - $(value answered "$came")))

	[ $others -le 1 ] || [ $((others * 1000)) -le "$1" ]
	check_err $? "answered: $came"
}

small_calls()
{
	loss 20 "$RMI_SMALL" 1024 "$RMI_CLIENTS" 8
	log_test "calls of 1 KiB, every link loses 20 %"
}

# Few at once: emulated links carry a few such calls a second, and 30 s is the time of each.
large_calls()
{
	loss 2 "$RMI_LARGE" 64000 8 2
	log_test "calls of 64,000 bytes, every link loses 2 %"
}

# What each server executed, it executed once; links that repeat can bring a call to two.
restarts()
{
	local restarter

	: >"$log"
	netem loss 5% duplicate 10% delay 2ms 1ms reorder 10%
	check_err $? "no netem"
	(
		trap 'stop_servers KILL; exit 0' TERM
		while start_server; do
			sleep 1
			stop_servers KILL
			sleep 0.2
		done
	) &
	restarter=$!
	calls /b/4 "$RMI_RESTART" 1024 "$RMI_CLIENTS" 2
	kill "$restarter"
	wait "$restarter" 2>/dev/null
	log_test "calls while the server is killed and started again"
}

# The callers' gateway is told of another pool each third of a second, never of none. An instance
# that left still answers the callers that know it, so nothing need fail. A client stays with the
# instance that it found: of 32, some find each.
pool_changes()
{
	local changer members=("member /b/2 member /b/4" "member /b/2" "member /b/4")

	: >"$log"
	netem loss 5% duplicate 10% delay 2ms 1ms reorder 10%
	check_err $? "no netem"
	start_server && serve "$pod2" /b/2
	check_err $? "no server: $(cat "$words")"
	(
		trap 'exit 0' TERM
		for ((i = 0; ; i = (i + 1) % 3)); do
			damc -n "$sg1" pool replace /b ${members[i]} || exit 1
			sleep 0.3
		done
	) &
	changer=$!
	calls /b "$RMI_RESTART" 1024 32 2
	nearly_all "$RMI_RESTART"
	[ "$(value incarnations "$executed")" = 2 ]
	check_err $? "the pool did not spread: $executed"
	kill "$changer"
	check_err $? "the pool stopped changing"
	wait "$changer" 2>/dev/null
	stop_servers
	log_test "calls to a pool while its members change"
}

fig2_setup || ksft_bail "cannot make Figure 2"
trap 'stop_servers KILL; cleanup_all_ns; rm -f "$log" "$words"' EXIT
ksft_run small_calls large_calls restarts pool_changes
