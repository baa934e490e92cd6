# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What echo.sh and live.sh count; they leave what a command said in $tmp/out and $tmp/err.
count=0
failed=0

# verdict STATUS WHAT
verdict()
{
	count=$((count + 1))
	if [ "$1" = 0 ]; then
		echo "ok $count - $2"
	else
		failed=$((failed + 1))
		echo "not ok $count - $2"
		sed 's/^/# /' "$tmp/out" "$tmp/err"
	fi
}
