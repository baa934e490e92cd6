#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What namespaces cost: those where nobody uses DAMC next to nothing, and what users who want all
# of the memory get is their control group's, however many namespaces they make.
#
# DAMC_USERNS (60) and DAMC_MEMCG_MB (32) set how many, and how much they may have.
cd "$(dirname "$0")" && . ./lib.sh
ksft_need damc

ksft_not_on debug "a debug kernel's memory tells nothing of others', and it has no memory groups"

NETNS=200
UNUSED_MAX=4096
USERNS=${DAMC_USERNS:-60}
MEMCG_MB=${DAMC_MEMCG_MB:-32}
cgroup=

# kernel_kib: memory that the kernel has for itself
kernel_kib()
{
	awk '/^(SUnreclaim|VmallocUsed|Percpu):/ { n += $2 } END { print n }' /proc/meminfo
}

free_kib()
{
	awk '/^MemAvailable:/ { print $2 }' /proc/meminfo
}

# load_cost: KiB that loading the module takes
load_cost()
{
	local before after

	rmmod damc && echo 3 >/proc/sys/vm/drop_caches && before=$(kernel_kib) && modprobe damc &&
		after=$(kernel_kib) && echo $((after - before))
}

# The module makes its state in each namespace when it is loaded: more of them, more of it.
unused_namespaces()
{
	local i few many each

	load_cost >/dev/null
	few=$(load_cost) || ksft_bail "the module does not reload"
	for ((i = 0; i < NETNS; i++)); do
		ip netns add "unused$i" || ksft_bail "cannot add namespaces"
	done
	many=$(load_cost)
	check_err $? "the module does not reload with namespaces"
	for ((i = 0; i < NETNS; i++)); do
		ip netns del "unused$i"
	done
	each=$(((many - few) * 1024 / NETNS))
	echo "# an unused namespace takes $each bytes"
	[ "$each" -le "$UNUSED_MAX" ]
	check_err $? "an unused namespace takes $each bytes, more than $UNUSED_MAX"
	log_test "namespaces without use"
}

# A control group with a limit on memory, or nothing
make_cgroup()
{
	local root=/sys/fs/cgroup

	grep -q cgroup2 /proc/filesystems || return 1
	if [ ! -f $root/cgroup.controllers ]; then
		mkdir -p $root && mount -t cgroup2 none $root || return 1
	fi
	grep -qw memory $root/cgroup.controllers || return 1
	echo +memory >$root/cgroup.subtree_control || return 1
	mkdir $root/damc-hog && echo "${MEMCG_MB}M" >$root/damc-hog/memory.max || return 1
	cgroup=$root/damc-hog
}

end_cgroup()
{
	local pid

	while read -r pid; do
		kill -KILL "$pid"
	done <$cgroup/cgroup.procs
	wait 2>/dev/null
	slowwait 20 rmdir $cgroup 2>/dev/null
}

hogs_end()
{
	[ -s "$log" ] || ! kill -0 "$hog" 2>/dev/null
}

# Beyond the limit, what a namespace is before anybody is charged for it: 96 KiB at most
user_namespaces()
{
	local before taken charged allowed log hog

	make_cgroup || { log_test_skip "user namespaces" "no memory control groups"; return; }
	log=$(mktemp)
	before=$(free_kib)
	# shellcheck disable=SC2016 # for the inner shell
	bash -c 'echo $$ >"$1/cgroup.procs" && exec ./hog "$2"' _ $cgroup "$USERNS" >"$log" &
	hog=$!
	slowwait 120 hogs_end
	check_err $? "they do not come to an end"
	taken=$((before - $(free_kib)))
	charged=$(($(cat $cgroup/memory.current) / 1024))
	allowed=$((MEMCG_MB * 1024 + USERNS * 96 + 8192))
	echo "# $USERNS namespaces took $taken KiB, charged $charged of $((MEMCG_MB * 1024)): $(cat "$log")"
	[ "$taken" -le "$allowed" ]
	check_err $? "they took $taken KiB of the host, more than $allowed"
	damc route show >/dev/null && damc route add /still/works prohibit && damc route del /still/works
	check_err $? "the host cannot go on"
	end_cgroup
	rm -f "$log"
	# Waits until all namespaces have been taken down.
	rmmod damc && modprobe damc
	check_err $? "the module does not go after them"
	log_test "user namespaces in a control group"
}

ksft_run unused_namespaces user_namespaces
