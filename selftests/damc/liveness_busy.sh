#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A CPU that others have all of: a real-time process, and packets that never end, so that softirqs
# are left to a ksoftirqd that does not run (6.1; later kernels leave it none). Liveness goes on.
cd "$(dirname "$0")" && . ./lib.sh
ksft_need damc act_mirred sch_ingress

cpu=$(($(nproc) - 1))
[ "$cpu" -gt 0 ] || { echo "1..0 # SKIP one CPU"; exit $ksft_skip; }
limit=$(cat /proc/sys/kernel/sched_rt_runtime_us)
HOG=

finish()
{
	[ -z "$HOG" ] || { kill -KILL "$HOG" && wait "$HOG"; } 2>/dev/null
	ip -n "$a" link del loop0
	echo "$limit" >/proc/sys/kernel/sched_rt_runtime_us
	cleanup_all_ns
}
trap finish EXIT

# received VAR: messages of its neighbour
received()
{
	damc -n "${!1}" -s neigh show | sed -n 's/.* received \([0-9]*\) .*/\1/p'
}

more_than()
{
	[ "$(received a)" -gt "$1" ] && [ "$(received b)" -gt "$2" ]
}

# What comes out at one end of a link goes back into it. The first packet's CPU is that of all.
packets_without_end()
{
	local dev

	ip netns exec "$a" sh -c 'echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6' || return 1
	veth_pair "$a" loop0 "$a" loop1 || return 1
	ip -n "$a" address add 192.0.2.1/24 dev loop0 || return 1
	ip -n "$a" neigh add 192.0.2.2 lladdr 02:00:00:00:00:02 dev loop0 || return 1
	for dev in loop0 loop1; do
		tc -n "$a" qdisc add dev $dev clsact || return 1
		tc -n "$a" filter add dev $dev ingress matchall \
			action mirred egress redirect dev $dev || return 1
	done
	ip netns exec "$a" taskset -c "$cpu" bash -c 'echo >/dev/udp/192.0.2.2/9'
}

hog_begin()
{
	echo -1 >/proc/sys/kernel/sched_rt_runtime_us || return 1
	taskset -c "$cpu" chrt -f 50 bash -c 'end=$((SECONDS + 15)); while [ $SECONDS -lt $end ]; do :; done' &
	HOG=$!
	sleep 1
}

goes_on()
{
	local n m i

	packets_without_end
	check_err $? "no packets"
	hog_begin
	check_err $? "nothing has the CPU"
	n=$(($(received a) + 2)) m=$(($(received b) + 2))
	for ((i = 0; i < 8; i++)); do
		! more_than "$n" "$m" || break
		sleep 0.3
	done
	[ $i -lt 8 ]
	check_err $? "of $n, $m messages $(received a), $(received b) came"
	kill -0 "$HOG" 2>/dev/null || RET=$ksft_skip KSFT_MESSAGE="the CPU was given back meanwhile"
	log_test "liveness goes on where ksoftirqd does not run"
}

setup_ns a b
veth_pair "$a" v0 "$b" v1
for side in "$a v0" "$b v1"; do
	read -r ns dev <<<"$side"
	taskset -c "$cpu" damc -n "$ns" -b - <<EOF
info set name /node
dev set $dev up
neigh add dev $dev
neigh set dev $dev liveness 100x5 key 000102030405060708090a0b0c0d0e0f
EOF
done
busywait 20000 more_than 3 3 || ksft_bail "not alive: $(damc -n "$a" -s neigh show)"
ksft_run goes_on
