#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# damc monitor: shows what changes, in order, and comes to an end.
cd "$(dirname "$0")" && . ./lib.sh
ksft_need damc

log=$(mktemp)

# monitor ARG...: "damc -n $a ARG..." in the background, once it listens; its id in $monitor
monitor()
{
	: >"$log"
	damc -n "$a" "$@" >"$log" 2>&1 &
	monitor=$!
	# Until what happens is shown.
	slowwait 10 shows_something
}

shows_something()
{
	damc -n "$a" route replace /tick prohibit && [ -s "$log" ] && grep -q tick "$log"
}

shown()
{
	grep -q -- "$1" "$log"
}

setup_ns a
ip -n "$a" link add v0 type veth peer name v1 || ksft_bail "no link"

in_order()
{
	monitor monitor
	check_err $? "nothing is shown"
	damc -n "$a" -b - <<-END
		dev set v0 up
		route add /x dev v0
		route del /x
		dev set v0 down
		END
	slowwait 10 shown 'Deleted v0'
	check_err $? "the end of v0 is not shown"
	kill -INT "$monitor"
	wait "$monitor"
	check_err $? "exit status $?"
	[ "$(grep -v tick "$log" | grep -o '^\[[A-Z]*\]\(Deleted\)\?' | tr '\n' ' ')" = \
		"[DEV] [NEIGH] [ROUTE] [ROUTE]Deleted [NEIGH]Deleted [DEV]Deleted " ]
	check_err $? "shown: $(tr '\n' ';' <"$log")"
	log_test "in order"
}

json_ends()
{
	monitor -j monitor route
	check_err $? "nothing is shown"
	kill -TERM "$monitor"
	wait "$monitor"
	check_err $? "exit status $?"
	[[ $(tr -d '\n' <"$log") = "[{"*"}]" ]]
	check_err $? "no whole array: $(cat "$log")"
	log_test "an array ends with the program"
}

closed_pipe()
{
	(damc -n "$a" monitor route; echo "ended" >"$log.end") | head -n 1 >/dev/null &
	# Each change is written, until there is nobody to read it.
	slowwait 20 ended
	check_err $? "it goes on without a reader"
	rm -f "$log.end"
	log_test "a closed pipe"
}

ended()
{
	damc -n "$a" route replace /tick prohibit
	[ -e "$log.end" ]
}

only_what_is_named()
{
	monitor monitor bind route
	damc -n "$a" -b - <<-END
		info set name /n
		info set name none
		route replace /last prohibit
		END
	slowwait 10 shown /last
	check_err $? "a route is not shown"
	kill -INT "$monitor"
	wait "$monitor"
	! grep -q INFO "$log" && shown '^\[ROUTE\]local /n'
	check_err $? "shown: $(tr '\n' ';' <"$log")"
	log_test "only what is named"
}

# Who listens does not hold the module, and hears of nothing that goes with it.
unload()
{
	monitor monitor
	damc -n "$a" -b - <<-END
		dev set v0 up
		route add /x dev v0
		END
	slowwait 10 shown /x
	check_err $? "a route is not shown"
	rmmod damc
	check_err $? "the module stays"
	shown 'Deleted /x'
	check_fail $? "the end of a route is shown"
	modprobe damc && damc -n "$a" route add /y prohibit
	check_err $? "the module does not come back"
	kill -INT "$monitor"
	wait "$monitor"
	check_err $? "exit status $?"
	log_test "unload while somebody listens"
}

ksft_run in_order json_ends closed_pipe only_what_is_named unload
