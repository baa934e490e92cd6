# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What a kernel says when something is wrong.
#
#   console_report FILE [ALLOW]   the first report in a console log with what surrounds it
#
# ALLOW lists regular expressions of lines that name reports the bare kernel makes too.

console_patterns='WARNING:
BUG:
Oops
Kernel panic
general protection fault
kernel NULL pointer
stack segment
double fault
UBSAN:
KASAN:
KFENCE:
KCSAN:
ODEBUG:
possible (circular|recursive|irq|deadlock|unsafe|reason: unannotated)
possible irq lock inversion
inconsistent lock state
suspicious RCU usage
(INFO|rcu): .*(stall|blocked for more|hung)
INFO: task .* blocked
INFO: trying to register non-static key
soft lockup
hard LOCKUP
workqueue lockup
refcount_t:
ref_tracker:
unreferenced object
unregister_netdevice: waiting
list_(add|del) corruption
scheduling while atomic
sleeping function called from invalid context
Slab cache still has objects
Objects remaining in
Poison overwritten|Redzone overwritten|Object already free|Left Redzone
usercopy:'

# Numbers of the lines that match a pattern and are not, nor are followed within three lines
# by, what the allow-list has.
console_hits()
{
	grep -naE -f <(printf '%s\n' "$console_patterns") "$1" | cut -d: -f1 |
		awk 'NR == FNR { allowed[$1] = 1; next }
		!($1 in allowed || $1 + 1 in allowed || $1 + 2 in allowed || $1 + 3 in allowed)' \
		<(grep -v '^#' "$2" | grep -naE -f - "$1" | cut -d: -f1; echo 0) -
}

console_report()
{
	local clean hit

	clean=$(mktemp) || return 1
	tr -d '\r' <"$1" >"$clean"
	hit=$(console_hits "$clean" "${2-/dev/null}" | head -1)
	[ -z "$hit" ] || sed -n "$((hit > 2 ? hit - 2 : 1)),$((hit + 30))p" "$clean"
	rm -f "$clean"
	[ -n "$hit" ]
}

# The report's own words, without the time: "BUG: ...".
console_headline()
{
	grep -aoE "($(printf '%s\n' "$console_patterns" | paste -sd'|')).*" | head -1
}
