# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Programs bring the shared libraries they name.
#
#   elf_files FILE...   those of FILEs that are dynamic ELF programs or libraries
#   libs_of FILE...     every library they need, by this machine's paths

elf_files()
{
	local file magic

	for file; do
		[ -f "$file" ] || continue
		IFS= read -r -d '' -n 4 magic <"$file" 2>/dev/null
		[ "${magic-}" = $'\177ELF' ] && printf '%s\n' "$file"
	done
	return 0
}

libs_of()
{
	[ $# -eq 0 ] || ldd "$@" 2>/dev/null |
		sed -nE 's/^.*=> (\/[^ ]+) \(0x.*/\1/p; s/^[ \t]+(\/[^ ]+) \(0x.*/\1/p' | sort -u
}
