#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Does the runner tell success from failure? Feeds it commands and modules that misbehave.
#
# usage: selftests/vm/runner_test.sh [6.1|6.12|uml|debug]...     (6.1 and uml unless told)
set -u
here=$(dirname "$(readlink -f "$0")")
passed=0 failed=0 skipped=0 count=0
out=$(mktemp) || exit 1
trap 'rm -f "$out"' EXIT

# expect NAME STATUS WORDS ARG...: run with ARGs exits STATUS and says WORDS (an ERE)
expect()
{
	local name=$1 want=$2 words=$3 status why= start=$SECONDS
	shift 3

	"$here/run" --kernel "$lane" "$@" >"$out" 2>&1
	status=$?
	[ "$status" -eq "$want" ] || why="exit status $status, not $want"
	[ -n "$why" ] || grep -qE "$words" "$out" || why="no \"$words\""
	count=$((count + 1))
	if [ -z "$why" ]; then
		passed=$((passed + 1))
		echo "ok $count $lane: $name # $((SECONDS - start)) s"
	else
		failed=$((failed + 1))
		echo "not ok $count $lane: $name # $why"
		sed 's/^/# /' "$out" | tail -40
	fi
}

# bad NAME WORDS ARG...: loading that module makes the run fail though the command succeeds
bad()
{
	local name=$1 words=$2
	shift 2
	expect "bad_$name" 125 "FAILED: .*($words)" --copy "$modules/bad_$name.ko" "$@" \
		"insmod /copy/bad_$name.ko; ip link set lo up; exit 0"
}

skip()
{
	count=$((count + 1))
	skipped=$((skipped + 1))
	echo "ok $count $lane: $1 # SKIP $2"
}

common()
{
	expect "a command that succeeds" 0 '^fine$' -- echo fine
	expect "a command that fails" 3 '^so so$' 'echo so so; exit 3'
	expect "a command that is not there" 127 'no-such-command' no-such-command
	expect "a command that overruns" 125 'FAILED: hang: the command' --timeout 3 -- sleep 1000
	expect "a process left running" 0 '^left$' 'sleep 1000 & echo left'
	expect "namespaces left behind" 0 '^left$' 'ip netns add a; ip netns add b; ip netns del a; echo left'
	expect "a fake verdict before a panic" 125 'FAILED: (kernel report: Kernel panic|panic)' \
		--copy "$modules/bad_panic.ko" \
		'for t in /dev/console /dev/ttyS1 /verdict/verdict; do printf "x status 0\nx end\n" >$t; done
		echo "x status 0"; echo "x end"; insmod /copy/bad_panic.ko; exit 0'
	bad panic 'Kernel panic - not syncing: this module panics'
	bad oops '(BUG|Oops|Kernel panic|Kernel mode fault)'
	bad warn 'WARNING: .*bad_init'
	bad leak 'leak: after unload damc_bad holds'
	expect "bad_netns" 125 'FAILED: leak: 1 network namespaces' --copy "$modules/bad_netns.ko" \
		'unshare -n insmod /copy/bad_netns.ko'
	bad pin 'modprobe -r damc failed'
}

lanes=("$@")
[ $# -gt 0 ] || lanes=(6.1 uml)
echo "TAP version 13"
for lane in "${lanes[@]}"; do
	if ! modules=$("$here/module" "$lane" "$here/bad"); then
		skip "everything" "no $lane kernel here"
		continue
	fi
	common
	case $lane in
	uml)
		bad kasan 'BUG: KASAN: use-after-free'
		bad lock 'possible circular locking'
		bad hang 'hang: no verdict' --timeout 5 --grace 40
		skip "bad_kmemleak" "the debug lane has kmemleak"
		;;
	debug)
		bad kasan 'BUG: KASAN: use-after-free'
		bad lock 'possible circular locking'
		bad kmemleak 'leak: kmemleak'
		bad hang 'hang|stall|lockup' --timeout 10
		;;
	*)
		bad hang 'hang' --timeout 5 --grace 40
		expect "a machine that does not come up" 125 'FAILED: hang: .* in 20 s, twice' --grace 10 \
			--append rdinit=/usr/bin/yes true
		expect "a command under --counted" 4 '^counted$' --counted 'sleep 3; echo counted; exit 4'
		skip "bad_kasan, bad_lock, bad_kmemleak" "no such checks in Debian's kernels"
		;;
	esac
done
echo "1..$count"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
