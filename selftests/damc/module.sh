#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The module comes, goes, and comes again.
cd "$(dirname "$0")" && . ./lib.sh
ksft_need damc

loaded()
{
	[ -d /sys/module/damc ]
}

unloads()
{
	modprobe -r damc
	check_err $? "modprobe -r failed"
	loaded
	check_fail $? "still in /sys/module"
	log_test "unload"
}

loads_again()
{
	local i

	for i in 1 2 3; do
		modprobe damc
		check_err $? "load $i failed"
		modprobe -r damc
		check_err $? "unload $i failed"
	done
	modprobe damc
	check_err $? "last load failed"
	loaded
	check_err $? "not in /sys/module"
	log_test "load and unload three times"
}

no_slabs_left()
{
	modprobe -r damc
	grep -q '^damc' /proc/slabinfo
	check_fail $? "slab caches remain: $(grep -o '^damc[^ ]*' /proc/slabinfo | tr '\n' ' ')"
	modprobe damc
	check_err $? "load failed"
	log_test "no slab cache outlives the module"
}

ksft_run unloads loads_again no_slabs_left
