#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Messages in fragments across the draft's Figure 2: calls and pings of many sizes, over links that
# lose, repeat and exchange packets, and one that carries less than the others.
cd "$(dirname "$0")" && . ./lib.sh && . ./figure2.sh
ksft_need damc

data=$(mktemp)
answer=$(mktemp)
report=$(mktemp)

# call SIZE [ARG...]: an echo of SIZE bytes comes back as it went
call()
{
	head -c "$1" /dev/urandom >"$data"
	in_ns pod1 damc call /b/4 echo - from /a/1 "${@:2}" <"$data" >"$answer" 2>"$report" &&
		cmp -s "$data" "$answer"
}

# netem DEV ARG...: on sr2's side of a link
netem()
{
	ip netns exec "$sr2" tc qdisc replace dev "$1" root netem "${@:2}"
}

calls_of_all_sizes()
{
	local size

	for size in 0 1 1300 1400 1450 1500 2900 20000 64000; do
		call $size deadline 10
		check_err $? "$size bytes: $(cat "$report")"
	done
	log_test "calls of 0 to 64,000 bytes"
}

pings_of_all_sizes()
{
	local size

	for size in 1460 1500 5000 30000 64996; do
		in_ns pod1 damc ping /pod/sg4/1 size $size count 2 interval 0.1 deadline 5 \
			>"$report" 2>&1
		check_err $? "size $size: $(cat "$report")"
	done
	in_ns pod1 damc ping /pod/sg4/1 size 64997 count 1 deadline 5 >"$report" 2>&1
	check_fail $? "a ping of 65,001 bytes was sent"
	log_test "pings of 1,464 to 65,000 bytes"
}

bad_links()
{
	local n

	netem sg4 loss 1% duplicate 5% delay 1ms 1ms reorder 50%
	check_err $? "no netem"
	for n in 1 2 3 4 5 6 7 8; do
		call 64000 deadline 60
		check_err $? "call $n: $(cat "$report")"
	done
	ip netns exec "$sr2" tc qdisc del dev sg4 root
	log_test "calls of 64,000 bytes over a link that loses, repeats and exchanges"
}

# The first attempt meets a too-big error; the socket keeps to it.
narrow_link()
{
	ip -n "$sr2" link set sg4 mtu 900
	in_ns pod1 damc ping /pod/sg4/1 size 5000 count 5 interval 0.2 deadline 5 >"$report" 2>&1
	grep -q ' [1-9] received' "$report"
	check_err $? "no ping was answered: $(cat "$report")"
	call 20000 deadline 20
	check_err $? "call: $(cat "$report")"
	ip -n "$sr2" link set sg4 mtu 1500
	log_test "a link on the way that carries less"
}

# beside ARG...: a second pod at pod1's gateway calls pod4
beside_calls()
{
	head -c 20000 /dev/urandom >"$data"
	in_ns beside damc call /b/4 echo - from /a/2 deadline 30 <"$data" >"$answer" 2>"$report" &&
		cmp -s "$data" "$answer"
}

# pod1 sends fragments of messages that never become whole to the pod that both talk to, under a
# thousand names of its own, as fast as it can.
flooding_pod()
{
	local flood n limited

	setup_ns beside
	veth_pair "$sg1" pod2 "$beside" sg
	printf '%s\n' "dev set pod2 edge" "bind add /a/2 dev pod2" | damc -n "$sg1" -b -
	printf '%s\n' "info set name /pod/sg1/2" "dev set sg uplink" "route add / dev sg" |
		damc -n "$beside" -b -
	for n in sr1 sr2 sr3 sg4; do
		damc -n "${!n}" -br route show /a/1 | sed -n 's,^/a/1 *.* dev \([^ ]*\).*,route add /a/2 dev \1,p' |
			damc -n "${!n}" -b -
	done
	beside_calls
	check_err $? "call before the flood: $(cat "$report")"
	in_ns pod1 ./flood sg /a/1 /b/4 &
	flood=$!
	slowwait 10 eval '[ "$(counter pod4 drop-reassembly-limit)" -gt 0 ]'
	check_err $? "the flood reaches no limit"
	limited=$(counter pod4 drop-reassembly-limit)
	for n in 1 2 3 4 5; do
		beside_calls
		check_err $? "call $n: $(cat "$report")"
	done
	kill $flood
	wait $flood 2>/dev/null
	[ "$(counter pod4 drop-reassembly-limit)" -gt "$limited" ]
	check_err $? "the flood was over before the calls were"
	log_test "a pod that floods fragments does not harm the pod beside it"
}

fig2_setup || ksft_bail "cannot make Figure 2"
trap "fig2_stop; cleanup_all_ns; rm -f \"\$data\" \"\$answer\" \"\$report\"" EXIT
fig2_serve pod4 /b/4 || ksft_bail "no server"
ksft_run calls_of_all_sizes pings_of_all_sizes bad_links narrow_link flooding_pod
