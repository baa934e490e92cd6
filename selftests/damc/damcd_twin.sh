#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Two nodes of one name: t1 - mid - t2 hear of each other by what mid floods, and t3 on t1's link by
# hello. It is detected, told, and backed off from; the rest of the fabric goes on, and when one of
# them is gone the other is reached again.
cd "$(dirname "$0")" || exit 1
. ./lib.sh
. ./damcd.sh
ksft_need damc
ksft_not_on debug "what it has beyond damcd_line.sh is all in user space"

trap damcd_end EXIT

NODES=(t1 t2 t3 mid far)
report=$DAMCD_DIR/report

wire()
{
	setup_ns "${NODES[@]}"
	veth_pair "$t1" mid "$mid" t1 && veth_pair "$t2" mid "$mid" t2 && veth_pair "$mid" far "$far" mid &&
		veth_pair "$t1" t3 "$t3" t1
}

# conf NODE NAME LINKS
conf()
{
	damcd_write "$1" sr "insecure-lab: {node: $2}" "timers: {hello: 200ms}" "fabric: [$3]"
}

configure()
{
	conf t1 twin "{interface: mid}, {interface: t3}"
	conf t2 twin "{interface: mid}"
	conf t3 twin "{interface: t1}"
	conf mid mid "{interface: t1}, {interface: t2}, {interface: far}"
	conf far far "{interface: mid}"
}

can_route()
{
	damc -n "${!1}" route get "$2" >/dev/null 2>&1
}

one_alone()
{
	wire && configure
	check_err $? "no network"
	damcd_start mid && damcd_start far && damcd_start t1
	check_err $? "a daemon did not start"
	busywait 20000 can_route far /damc/node/twin && busywait 20000 can_route t1 /damc/node/far
	check_err $? "far has no route to the only one"
	damc -n "$t1" router status | grep -q duplicate
	check_fail $? "it tells of another: $(damc -n "$t1" router status)"
	log_test "one node of a name is reached"
}

# told NODE WORDS: by its log, as a warning
told()
{
	grep 'level=warning event=duplicate-node-id' "$DAMCD_DIR/$1.log" | grep -q "$2"
}

by_hello()
{
	damcd_start t3 && busywait 20000 told t1 heard=hello && busywait 20000 told t3 heard=hello
	check_err $? "not told: $(tail -n 5 "$DAMCD_DIR/t1.log")"
	damc -n "$t1" router status | grep -q '^duplicate node id, heard by hello [0-9]*s ago'
	check_err $? "status: $(damc -n "$t1" router status)"
	damc -n "$t1" router show | grep -q '^twin'
	check_fail $? "it became a neighbour: $(damc -n "$t1" router show)"
	damcd_kill t3
	log_test "another on a link is told of, and is no neighbour"
}

either_silent()
{
	told t1 heard=lsa || told t2 heard=lsa
}

by_flooding()
{
	damcd_start t2 && busywait 60000 either_silent
	check_err $? "not told: $(tail -n 5 "$DAMCD_DIR/t1.log" "$DAMCD_DIR/t2.log")"
	told t1 heard=lsa && loser=t1 winner=t2 || loser=t2 winner=t1
	damc -n "${!loser}" router status >"$report"
	grep -q '^duplicate node id, heard by lsa [0-9]*s ago, silent for [0-9]*s' "$report"
	check_err $? "status: $(cat "$report")"
	damc -n "${!loser}" -j router status | grep -q '"duplicate":{"heard":"lsa"'
	check_err $? "in JSON: $(damc -n "${!loser}" -j router status)"
	can_route far /damc/node/mid && can_route mid /damc/node/far
	check_err $? "the others are not reached"
	log_test "another further away is told of, and one of them falls silent"
}

# How often it speaks of itself: epochs that it took.
epochs()
{
	cat "$DAMCD_DIR"/t[12].log | grep -c 'event=epoch'
}

no_fight()
{
	local before

	sleep 2
	before=$(epochs)
	sleep 8
	[ "$(epochs)" -eq "$before" ]
	check_err $? "they took $(($(epochs) - before)) epochs more in 8 s"
	echo "# $before epochs until one fell silent"
	log_test "it is backed off from"
}

# The one that is left says what it is; where it was silent, at the end of that.
one_left()
{
	damcd_kill "$winner"
	slowwait 100 can_route far /damc/node/twin
	check_err $? "not reached again"
	busywait 30000 pinged
	check_err $? "no answer: $(cat "$report")"
	log_test "when one is gone the other is reached"
}

pinged()
{
	damc -n "$far" ping /damc/node/twin count 1 deadline 2 >"$report" 2>&1
}

damcd_end()
{
	[ "$EXIT_STATUS" -eq 0 ] || damcd_tell "${NODES[@]}"
	damcd_kill_all
	cleanup_all_ns
	rm -rf "$DAMCD_DIR"
}

ksft_run one_alone by_hello by_flooding no_fight one_left
