# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What a run may not leave behind: processes' grip on the module, namespaces, slab objects,
# memory, taint. Each finding is one call of problem().

leak=/sys/kernel/debug/kmemleak
# A namespace is taken down in the background, slowly where everything is checked.
patience=20
[ "${DAMC_KERNEL-}" != debug ] || patience=90

# until SECONDS COMMAND...: true as soon as COMMAND is
until_true()
{
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.2
	done
}

# Live objects of a slab cache; shrinking first gives back what only caches hold.
slab_objects()
{
	[ ! -w "/sys/kernel/slab/$1/shrink" ] || echo 1 >"/sys/kernel/slab/$1/shrink"
	awk -v name="$1" '$1 == name { n = $2 } END { print n + 0 }' /proc/slabinfo
}

# A stock kernel keeps the first namespace's memory for good, whoever made it.
check_baseline()
{
	ip netns add baseline && ip netns delete baseline
	netns_before=$(slab_objects net_namespace)
	read -r started _ </proc/uptime
	[ ! -w "$leak" ] || echo scan=off >"$leak"
}

netns_gone()
{
	netns_now=$(slab_objects net_namespace)
	[ "$netns_now" -le "$netns_before" ]
}

stop_processes()
{
	kill -TERM -1 2>/dev/null
	sleep 0.2
	kill -KILL -1 2>/dev/null
	ip -all netns delete 2>/dev/null
	find /run/netns -mindepth 1 -delete 2>/dev/null
}

loaded()
{
	lsmod | awk '$1 ~ /^damc/ { print $1 }' | sort -r
}

unload()
{
	local pid

	# shellcheck disable=SC2046 # one word per module
	modprobe -r $(loaded | grep -vx damc) damc >/run/unload 2>&1 &
	pid=$!
	if ! until_true 40 [ ! -e "/proc/$pid/cmdline" ]; then
		cat "/proc/$pid/stack" >/dev/kmsg 2>/dev/null
		[ ! -w /proc/sysrq-trigger ] || echo w >/proc/sysrq-trigger
		problem "hang: modprobe -r damc did not finish in 40 s"
		return 1
	fi
	wait "$pid" && [ -z "$(loaded)" ] && return 0
	problem "modprobe -r damc failed: $(tr '\n' ' ' </run/unload)($(loaded |
		while read -r m; do echo "$m: $(cat "/sys/module/$m/refcnt") references"; done))"
	return 1
}

no_slabs()
{
	slabs=$(awk '$1 ~ /^damc/ { print $1 " holds " $2 " objects" }' /proc/slabinfo)
	[ -z "$slabs" ]
}

# A first scan only learns what memory looks like; a second, when everything has been let go for
# five seconds, reports. What the bare kernel lost before the module came is not ours.
check_leaks()
{
	local found

	[ -w "$leak" ] || return
	echo scan >"$leak"
	sleep 6
	echo scan >"$leak"
	read -r now _ </proc/uptime
	found=$(awk -v limit="$now" -v start="$started" '
		/^unreferenced object/ { head = $0; keep = 0; next }
		head != "" { age = $0; sub(/.*\(age /, "", age); keep = age + start <= limit + 1
			if (keep) print head; head = "" }
		keep' "$leak")
	[ -n "$found" ] || return
	printf '%s\n' "$found" | head -200 | while IFS= read -r line; do
		echo "kmemleak: $line" >/dev/kmsg
	done
	problem "leak: kmemleak: $(printf '%s\n' "$found" | grep -c '^unreferenced') unreferenced objects"
}

# O, out of tree, and E, unsigned, are what our module is expected to set.
check_taint()
{
	local taint

	read -r taint </proc/sys/kernel/tainted
	[ $((taint & ~(4096 | 8192))) -eq 0 ] || problem "taint: kernel tainted, /proc/sys/kernel/tainted is $taint"
}

check_all()
{
	stop_processes
	until_true "$patience" netns_gone ||
		problem "leak: $((netns_now - netns_before)) network namespaces still exist"
	if unload; then
		until_true 3 no_slabs || problem "leak: after unload $(echo "$slabs" | paste -sd,)"
		check_leaks
	fi
	check_taint
}
