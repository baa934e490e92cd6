# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Sourced: what lists of mutants share. A line is "WHAT IS BROKEN|WHO TELLS|FILE|EDIT"; the script
# that has the list has one(), which gets these four and returns 0 if that check tells.

# mutate FROM EDIT TO: FROM with a line broken; one whose line is not there any more is told
mutate()
{
	sed "$2" "$1" >"$3" || return 2
	! cmp -s "$1" "$3" || { echo "no such line: ${1##*/}: $2"; return 1; }
}

# mutants_all MUTANT...: whether none lives
mutants_all()
{
	local passed=0 failed=0 mutant what where file edit

	for mutant; do
		IFS='|' read -r what where file edit <<<"$mutant"
		if one "$what" "$where" "$file" "$edit"; then
			passed=$((passed + 1))
		else
			failed=$((failed + 1))
		fi
	done
	echo "$passed passed, $failed failed, 0 skipped"
	[ $failed -eq 0 ]
}
