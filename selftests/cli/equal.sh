#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# damc X and ip damc X: the same bytes on both outputs, the same exit code.
# Usage: [ DAMC=damc ] [ IP=ip ] equal.sh [ TABLE ]...
#
# A table's line is MODE|OPTIONS|WORDS|CODE: DAMC_FAKE for a fake library,
# options before the object, the words after "damc", quoted as for a shell, and
# the exit code that both must have; without it they need only be equal. With
# LIVE=1, against a real kernel, lines with a mode are left out ("fake" is one
# without any other meaning), and codes are not looked at; RUN_DAMC and
# RUN_IP are then commands to run each in a namespace of its own, so that both
# begin with the same state and reach the same.
# A line "in:TEXT" is given to the next command on standard input (\n is a new
# line); FILE in a line stands for a file that holds the same.
set -u

here=$(dirname "$(readlink -f "$0")")
DAMC=${DAMC:-damc}
IP=${IP:-ip}
LIVE=${LIVE:-}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp" || exit 1
[ $# -gt 0 ] || set -- "$here/equal.table"

count=0
failed=0

# one NAME COMMAND...: run it, keep its outputs and code under NAME.
one()
{
	local name=$1

	shift
	timeout 20 "$@" <"$tmp/in" >"$tmp/$name.out" 2>"$tmp/$name.err"
	echo $? >"$tmp/$name.code"
}

compare()
{
	local mode=$1 line=$5
	local -a options words

	eval "options=($2)"
	eval "words=($3)"
	export DAMC_FAKE=$mode
	one damc ${RUN_DAMC:-} "$DAMC" "${options[@]}" "${words[@]}"
	# A batch is ip's own object, so to say: its lines name damc.
	if [[ " ${options[*]} " =~ " -b "|" -batch " ]]; then
		one ip ${RUN_IP:-} "$IP" "${options[@]}"
	else
		one ip ${RUN_IP:-} "$IP" "${options[@]}" damc "${words[@]}"
	fi
	count=$((count + 1))
	for what in out err code; do
		cmp -s "damc.$what" "ip.$what" && continue
		failed=$((failed + 1))
		echo "not ok $count - $line"
		diff -u --label "damc ($what)" --label "ip damc ($what)" \
			"damc.$what" "ip.$what" | sed 's/^/# /'
		return
	done
	if [ -z "$LIVE" ] && [ -n "$4" ] && [ "$(cat damc.code)" != "$4" ]; then
		failed=$((failed + 1))
		echo "not ok $count - $line (exit $(cat damc.code), not $4)"
		return
	fi
	[ -z "${VERBOSE:-}" ] || sed 's/^/# /' damc.out damc.err damc.code
	echo "ok $count - $line (exit $(cat damc.code))"
}

echo "TAP version 13"
: >"$tmp/in"
: >"$tmp/FILE"
while IFS= read -r line; do
	case $line in
	''|'#'*) continue ;;
	in:*)
		printf '%b' "${line#in:}" >"$tmp/in"
		cp "$tmp/in" "$tmp/FILE"
		continue ;;
	esac
	IFS='|' read -r mode options words code <<<"$line"
	[ -z "$LIVE" ] || [ -z "$mode" ] || continue
	compare "$mode" "$options" "$words" "$code" "$line"
	: >"$tmp/in"
done < <(cat "$@")
echo "1..$count"
echo "# $((count - failed)) of $count lines equal"
[ "$count" -gt 0 ] && [ "$failed" = 0 ]
