# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What a kernel says when something is wrong.
#
#   console_report FILE [ALLOW]   the first report in a console log with what surrounds it
#
# ALLOW lists regular expressions of whole report headlines that the bare kernel prints too.

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
usercopy:
damc-vm: problem:'

console_report()
{
	local log=$1 allow=${2-/dev/null} hit

	[ -f "$allow" ] || allow=/dev/null
	hit=$(tr -d '\r' <"$log" | grep -naE -f <(printf '%s\n' "$console_patterns") |
		grep -avE -f <(grep -v '^#' "$allow"; echo '^$') | head -1)
	[ -n "$hit" ] || return 1
	hit=${hit%%:*}
	tr -d '\r' <"$log" | sed -n "$((hit > 2 ? hit - 2 : 1)),$((hit + 30))p"
}

# The report's own words, without the time: "BUG: ...".
console_headline()
{
	grep -aoE "($(printf '%s\n' "$console_patterns" | paste -sd'|')).*" | head -1
}
