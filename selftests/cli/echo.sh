#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# damc ping and trace against fake_echo.c: what they print, how they exit.
set -u

here=$(dirname "$(readlink -f "$0")")
DAMC=${DAMC:-damc}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
. "$here/tap.sh"

# check CODE REGEX WORD...: exit code, and a regular expression in the output.
check()
{
	local code=$1 regex=$2

	shift 2
	timeout 20 "$DAMC" "$@" >"$tmp/out" 2>"$tmp/err"
	[ $? = "$code" ] && grep -qP -- "$regex" <(tr '\n' '|' <"$tmp/out")
	verdict $? "$*"
}

# fits SCHEMA WORD...
fits()
{
	local schema=$1

	shift
	timeout 20 "$DAMC" -j "$@" >"$tmp/out" 2>"$tmp/err"
	"$here/schema.py" "$schema=$tmp/out" >>"$tmp/err"
	verdict $? "-j $* fits $schema"
}

time='[0-9]+\.[0-9]{3}'

echo "TAP version 13"
check 0 "^PING /b 60\(64\) bytes of data\.\|64 bytes from /b: seq=1 hops-left=61 time=$time ms\|.*3 packets transmitted, 3 received, 0% packet loss, time [0-9]+ms\|rtt min/avg/max/mdev = $time/$time/$time/$time ms\|\$" \
	ping /b count 3 interval 5ms
check 0 'path: /s1 /s2 \(and 1 not recorded\)' ping /b count 1 record
check 0 '^PING /b 60\(64\) bytes of data\.\|\|---' -br ping /b count 1
check 0 '\|\[[0-9]+\.[0-9]{6}\] 64 bytes' -t ping /b count 1
check 0 '1500 bytes from /b' ping /b count 1 size 1496
check 1 '\|From /damc/node/n2 seq=2 No route\|.*\+2 errors, 100% packet loss' \
	ping /none count 2 interval 5ms
check 1 'From /damc/node/n2 seq=1 Too big, 1280 bytes fit' ping /big count 1
check 1 'From /damc/node/n2 seq=1 Hop limit' ping /b count 1 hop-limit 2
check 0 '\(DUP!\).*2 received, \+2 duplicates, 0% packet loss' \
	ping /dup count 2 interval 5ms
check 0 '4 packets transmitted, 2 received, 50% packet loss' \
	ping /half count 4 interval 5ms
check 0 '3 received, \+3 duplicates' ping /late count 3 interval 5ms
check 1 '1 packets transmitted, 0 received, 100%' \
	ping /forged count 1 deadline 200ms
check 1 'Not sent seq=1 Network is unreachable' ping /local count 1
check 0 '2 received' ping /short count 2 interval 5ms
check 1 '[34] packets transmitted, 0 received' \
	ping /lost interval 50ms deadline 175ms
check 0 "^trace to /b, 30 hops at most\| 1  /damc/node/n1  $time ms  $time ms  $time ms\|.*\| 4  /b  $time ms" \
	trace /b
check 1 '\| 2  /damc/node/n2  [0-9.]+ ms !no-route\|$' trace /none queries 1
check 1 '!too-big \(1280 bytes fit\)' trace /big
check 1 '\| 5  \*  \*\|$' trace /lost max-hops 5 wait 20ms queries 2
check 1 '\| 1  !Network is unreachable\|$' trace /local queries 1
fits damc_ping ping /b count 2 interval 5ms record
fits damc_ping ping /dup count 1
fits damc_ping ping /none count 1
fits damc_ping ping /big count 1
fits damc_ping ping /local count 1
fits damc_ping ping /lost deadline 50ms
fits damc_trace trace /b
fits damc_trace trace /none
fits damc_trace trace /big
fits damc_trace trace /local
fits damc_trace trace /lost max-hops 5 wait 10ms

# An interrupt ends it with the summary, and so does a termination.
for signal in INT TERM; do
	"$DAMC" ping /b interval 20ms >"$tmp/out" 2>"$tmp/err" &
	sleep 0.3
	kill -$signal $!
	wait $!
	[ $? = 0 ] && grep -q '^rtt min' "$tmp/out"
	verdict $? "SIG$signal ends ping with its summary"
done
echo "1..$count"
[ "$failed" = 0 ]
