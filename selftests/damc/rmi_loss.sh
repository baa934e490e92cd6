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

: "${RMI_SMALL:=300}" "${RMI_LARGE:=30}" "${RMI_RESTART:=200}" "${RMI_CLIENTS:=8}"
log=$(mktemp)
words=$(mktemp)
server=

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

start_server()
{
	: >"$words"
	ip netns exec "$pod4" ./rmi_load serve /b/4 "$log" >"$words" 2>&1 &
	server=$!
	busywait 5000 grep -q "^serving" "$words"
}

stop_server()
{
	kill "-${1-TERM}" "$server" 2>/dev/null
	wait "$server" 2>/dev/null
	return 0
}

# value WORD LINE: the number after a word
value()
{
	local rest=${2#*"$1" }
	echo "${rest%% *}"
}

# calls COUNT SIZE OPEN: make them; what came of it in $came, what was executed in $executed
calls()
{
	came=$(in_ns pod1 ./rmi_load call /b/4 "$1" "$2" "$RMI_CLIENTS" "$3" 30000)
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

# loss PERCENT COUNT SIZE OPEN
loss()
{
	: >"$log"
	netem loss "$1%" duplicate 10% delay 2ms 1ms reorder 10%
	check_err $? "no netem"
	start_server
	check_err $? "no server: $(cat "$words")"
	calls "$2" "$3" "$4"
	[ $(($(value answered "$came") * 1000)) -ge $(($2 * 999)) ]
	check_err $? "answered: $came"
	stop_server
}

small_calls()
{
	loss 20 "$RMI_SMALL" 1024 8
	log_test "calls of 1 KiB, every link loses 20 %"
}

large_calls()
{
	loss 2 "$RMI_LARGE" 64000 2
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
		trap 'stop_server KILL; exit 0' TERM
		while start_server; do
			sleep 1
			stop_server KILL
			sleep 0.2
		done
	) &
	restarter=$!
	calls "$RMI_RESTART" 1024 2
	kill "$restarter"
	wait "$restarter" 2>/dev/null
	log_test "calls while the server is killed and started again"
}

fig2_setup || ksft_bail "cannot make Figure 2"
trap 'stop_server KILL; cleanup_all_ns; rm -f "$log" "$words"' EXIT
ksft_run small_calls large_calls restarts
