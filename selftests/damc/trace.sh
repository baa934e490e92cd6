#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Tracepoints tell where a name led, where a packet went, and why one was dropped.
cd "$(dirname "$0")" && . ./lib.sh
ksft_need damc

tracing=/sys/kernel/tracing
mountpoint -q $tracing || mount -t tracefs tracefs $tracing 2>/dev/null
[ -d $tracing/events/damc ] || { echo "1..0 # SKIP no tracefs"; exit $ksft_skip; }

# seen REGEX: the trace holds such a line
seen()
{
	grep -qE "$1" $tracing/trace
	check_err $? "no /$1/ in: $(grep damc_ $tracing/trace | tail -n 5)"
}

events_tell()
{
	: >$tracing/trace
	echo 1 >$tracing/events/damc/enable
	ip netns exec "$a" damc ping /b/1 count 1 deadline 5 >/dev/null
	check_err $? "no echo"
	ip netns exec "$a" damc ping /c/1 count 1 deadline 5 >/dev/null
	check_fail $? "an echo from nobody"
	echo 0 >$tracing/events/damc/enable
	seen 'damc_lookup: dst=/b/1 prefix=/b type=unicast'
	seen 'damc_lookup: dst=/b/1 prefix=/b/1 type=local'
	seen 'damc_lookup: dst=/c/1 prefix=/ type=none'
	seen 'damc_send: src=/a/~[^ ]* dst=/b/1 neigh=[0-9]+ ifindex=[0-9]+ hop_limit=64 len=[0-9]+'
	seen 'damc_drop: src=/a/~[^ ]* dst=/c/1 reason=no-route'
	log_test "lookup, send and drop are traced, by name"
}

setup_ns a b
veth_pair "$a" to-b "$b" to-a
damc -n "$a" -b - <<EOF
info set name /a
dev set to-b up
route add /b dev to-b
EOF
damc -n "$b" -b - <<EOF
info set name /b/1
dev set to-a up
route add /a dev to-a
EOF
ksft_run events_tell
