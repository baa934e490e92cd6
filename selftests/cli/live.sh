#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# damc against the real module: to be run as root where it is loaded, with damc
# and an ip that knows damc in PATH. Arguments choose among the functions called
# at the end. Lines "JSON SCHEMA TEXT" are for the host
# to check (./live), which has a validator.
set -u

here=$(dirname "$(readlink -f "$0")")
tmp=$(mktemp -d)
. "$here/tap.sh"
nodes="cli-a cli-b cli-1 cli-2 cli-3"

cleanup()
{
	local ns

	for ns in $nodes; do
		ip netns pids $ns 2>/dev/null | xargs -r kill 2>/dev/null
		ip netns del $ns 2>/dev/null
	done
	rm -rf "$tmp"
}
trap cleanup EXIT

# check CODE REGEX NODE WORD...: exit code, a regular expression in the output.
check()
{
	local code=$1 regex=$2 node=$3

	shift 3
	timeout 60 damc -n "$node" "$@" >"$tmp/out" 2>"$tmp/err" </dev/null
	[ $? = "$code" ] &&
		grep -qE -- "$regex" <(cat "$tmp/out" "$tmp/err" | tr '\n' '|')
	verdict $? "$node: damc $*"
}

# json SCHEMA NODE WORD...
json()
{
	local schema=$1 node=$2

	shift 2
	echo "JSON $schema $(timeout 60 damc -n "$node" -j "$@" 2>/dev/null)"
}

# link NS1 DEV1 MAC1 NS2 DEV2 MAC2
link()
{
	ip -n "$1" link add "$2" address "$3" type veth \
		peer name "$5" address "$6" netns "$4"
	ip -n "$1" link set "$2" up
	ip -n "$4" link set "$5" up
}

equal_live()
{
	local ns

	for ns in cli-a cli-b; do
		ip netns add $ns
		ip -n $ns link set lo up
		link $ns v0 02:00:00:00:00:01 $ns v1 02:00:00:00:00:02
	done
	LIVE=1 RUN_DAMC='ip netns exec cli-a' RUN_IP='ip netns exec cli-b' \
		"$here/equal.sh" "$here/live.table" \
		>"$tmp/out" 2>"$tmp/err"
	verdict $? "$(tail -n 1 "$tmp/out")"
	grep -v '^ok' "$tmp/out" | sed 's/^/# /'
}

# Three nodes in a row: /b/4 is served on the third.
line()
{
	local i

	for i in 1 2 3; do
		ip netns add cli-$i
		ip -n cli-$i link set lo up
	done
	link cli-1 right 02:00:00:00:01:02 cli-2 left 02:00:00:00:02:01
	link cli-2 right 02:00:00:00:02:03 cli-3 left 02:00:00:00:03:02
	ip -n cli-1 -b - <<-END
		damc info set name /damc/node/n1
		damc dev set right up
		damc route add / dev right lladdr 02:00:00:00:02:01
	END
	ip -n cli-2 -b - <<-END
		damc info set name /damc/node/n2
		damc dev set left up
		damc dev set right up
		link set right mtu 1400
		damc route add /damc/node/n1 dev left lladdr 02:00:00:00:01:02
		damc route add /damc/node/n3 dev right lladdr 02:00:00:00:03:02
		damc route add /b dev right lladdr 02:00:00:00:03:02
		damc route add /forbidden prohibit
	END
	ip -n cli-3 -b - <<-END
		damc info set name /damc/node/n3
		damc dev set left up
		link set left mtu 1400
		damc route add /damc/node/n1 dev left lladdr 02:00:00:00:02:03
	END
	verdict $? "three nodes in a row, by batches of ip"
}

wait_for()
{
	local i

	for i in $(seq 100); do
		grep -q "$1" "$2" && return 0
		sleep 0.1
	done
	return 1
}

ping_and_trace()
{
	check 0 '^PING /damc/node/n3 60\(64\) bytes of data\.\|64 bytes from /damc/node/n3: seq=1 hops-left=[0-9]+ time=[0-9.]+ ms\|.*3 received, 0% packet loss' \
		cli-1 ping /damc/node/n3 count 3 interval 0.1
	check 1 'From /damc/node/n2 seq=1 No route\|' \
		cli-1 ping /nowhere count 1
	check 1 'From /damc/node/n2 seq=1 Prohibited\|' \
		cli-1 ping /forbidden/x count 1
	check 1 'From /damc/node/n2 seq=1 Hop limit\|' \
		cli-1 ping /damc/node/n3 count 1 hop-limit 1
	check 1 'From /damc/node/n3 seq=1 No listener\|' \
		cli-1 ping /damc/node/n3/x count 1
	check 0 'From /damc/node/n2 seq=1 Too big.*\|3004 bytes from /damc/node/n3: seq=3 ' \
		cli-1 ping /damc/node/n3 count 3 interval 0.2 size 3000
	check 0 ' 1  /damc/node/n2 .*\| 2  /damc/node/n3 ' \
		cli-1 trace /damc/node/n3
	check 1 ' 1  /damc/node/n2 .* !no-route' cli-1 trace /nowhere
	check 0 ' 0% packet loss' cli-1 ping /damc/node/n3 count 1 record
	json damc_ping cli-1 ping /damc/node/n3 count 2 interval 0.1 record
	json damc_ping cli-1 ping /nowhere count 2 interval 0.1
	json damc_trace cli-1 trace /damc/node/n3
	json damc_trace cli-1 trace /nowhere
	json damc_route cli-2 route
	json damc_neigh cli-2 -s neigh
	json damc_route_get cli-2 route get /b/4
	json damc_stats cli-2 stats
	json damc_info cli-2 info
}

serve()
{
	damc -n cli-3 serve "$@" >"$tmp/serve" 2>&1 &
	server=$!
	wait_for "^serving" "$tmp/serve"
	verdict $? "serve $* says that it is ready"
}

stop()
{
	kill -"$1" $server
	wait $server
	verdict $? "serve ends cleanly on SIG$1"
}

calls()
{
	serve /b/4
	check 0 '^hello\|?$' cli-1 call /b/4 echo hello
	check 0 'there: .*/damc/node/n2.*\|back: .*transmissions: [0-9]+\|' \
		cli-1 call /b/4 echo hello record
	head -c 1000 /dev/zero | damc -n cli-1 call /b/4 echo - >"$tmp/out" 2>"$tmp/err"
	[ "$(stat -c %s "$tmp/out")" = 1000 ]
	verdict $? "1000 bytes there and back"
	json damc_call cli-1 call /b/4 echo hello record
	json damc_bind cli-3 bind
	check 2 'Address already in use' cli-3 serve /b/4
	stop TERM

	check 2 'no-listener|no-route' cli-1 call /b/4 echo hello deadline 2
	json damc_call cli-1 call /b/4 echo hello deadline 2

	# shellcheck disable=SC2016 # the served shell's own variables
	serve /b/4 exec bash -c \
		'case $DAMC_METHOD in fail) echo sorry >&2; exit 3;; slow) sleep 9;; *) tr a-z A-Z; printf " %s" "$DAMC_METHOD" "$DAMC_CALLER";; esac'
	check 0 '^HELLO up /damc/node/n1/' cli-1 call /b/4 up hello
	check 4 'sorry' cli-1 call /b/4 fail x
	# Its deadline is the call's: who tells first is open.
	damc -n cli-1 call /b/4 slow x deadline 500ms >"$tmp/out" 2>"$tmp/err"
	case $? in 3|4|5) true ;; *) false ;; esac
	verdict $? "a call that takes too long: $(head -n 1 "$tmp/err")"
	check 0 '^HI \$\(touch /tmp/bad\) ' cli-1 call /b/4 '$(touch /tmp/bad)' hi
	[ ! -e /tmp/bad ]
	verdict $? "a method's name is not run"
	json damc_call cli-1 call /b/4 fail x
	stop INT

	serve /b/4 method only
	check 0 '^x\|?$' cli-1 call /b/4 only x
	check 2 . cli-1 call /b/4 other x
	stop TERM
}

echo "TAP version 13"
[ $# -gt 0 ] || set -- equal_live line ping_and_trace calls
for part; do
	"$part"
done
echo "1..$count"
[ "$failed" = 0 ]
