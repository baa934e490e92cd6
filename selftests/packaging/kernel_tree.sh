# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# selftests/damc, copied into a kernel tree, is built, installed and run by that tree's rules.
# Sourced by ./check.

# The tree is linked to, but for the directory that is written to.
tree_make()
{
	local src=$1 entry

	mkdir -p "$tree/tools/testing" || return 1
	for entry in "$src"/* "$src"/tools/* "$src"/tools/testing/*; do
		case $entry in
		"$src/tools"|"$src/tools/testing"|"$src/tools/testing/selftests") ;;
		*) ln -s "$entry" "$tree/${entry#"$src/"}" || return 1 ;;
		esac
	done
	cp -r "$src/tools/testing/selftests" "$tree/tools/testing/" &&
		cp -r "$top/selftests/damc" "$tree/tools/testing/selftests/"
}

tree_ksft()
{
	make -s -C "$tree/tools/testing/selftests" TARGETS=damc FORCE_TARGETS=1 "$@"
}

# Nothing but what is in that directory and that tree is asked for.
tree_has_all()
{
	! grep -rn 'DAMC_TOP\|\.\./\.\.' "$tree/tools/testing/selftests/damc" --include='*.[ch]' \
		--include=Makefile --include='*.sh'
}

# config NAME: the fragment's options are Kconfig's, as merge_config.sh would have them
tree_config_is_known()
{
	local line option

	while IFS= read -r line; do
		case $line in
		CONFIG_*=[ym]) ;;
		'#'*|'') continue ;;
		*) echo "no option: $line"; return 1 ;;
		esac
		option=${line%%=*}
		grep -rqE "^(menu)?config ${option#CONFIG_}$" --include='Kconfig*' \
			"$tree/init/" "$tree/net/" "$tree/drivers/net/" || { echo "no such option: $option"; return 1; }
	done <"$tree/tools/testing/selftests/damc/config"
}

tree_settings_are_read()
{
	grep -qx 'timeout=[0-9]*' "$tree/tools/testing/selftests/damc/settings"
}

tree_list_is_whole()
{
	local file list=$tmp/ksft/kselftest-list.txt

	for file in "$top"/selftests/damc/*.sh; do
		[ -x "$file" ] || continue
		grep -qx "damc:${file##*/}" "$list" || { echo "${file##*/} is not listed"; return 1; }
	done
	while IFS=: read -r _ file; do
		[ -x "$tmp/ksft/damc/$file" ] || { echo "$file is not there"; return 1; }
	done <"$list"
}

# Where nobody has the module, each program says so and is skipped, as kselftest wants it.
tree_skips_without_module()
{
	local out

	out=$(cd "$tmp/ksft" && unshare -n ./run_kselftest.sh -c damc 2>&1) || true
	printf '%s\n' "$out"
	! grep -q '^not ok ' <<<"$out" &&
		[ "$(grep -c '^ok [0-9].*# SKIP' <<<"$out")" -eq "$(wc -l <"$tmp/ksft/kselftest-list.txt")" ]
}

test_kernel_tree()
{
	local src

	if ! src=$("$top/tools/linux-source" 2>/dev/null); then
		skip "there is no kernel source (Debian package linux-source-6.1)"
		return
	fi
	tree=$tmp/tree
	must "copy into a kernel tree" tree_make "$src"
	must "the copy refers to nothing outside" tree_has_all
	must "make TARGETS=damc in it" tree_ksft
	must "make TARGETS=damc install in it" tree_ksft install KSFT_INSTALL_PATH="$tmp/ksft"
	must "the config fragment" tree_config_is_known
	must "the settings" tree_settings_are_read
	must "each program is listed and installed" tree_list_is_whole
	if [ -d /sys/module/damc ]; then
		skip "the module is loaded here"
	else
		must "without a module all is skipped" tree_skips_without_module
	fi
}
