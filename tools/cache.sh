# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# A cache shared by every clone on the machine; anything in it can be made again.
#
#   cache_once NAME MAKER [ARG]...   print $DAMC_CACHE/NAME, made by "MAKER TMPDIR ARG..."
#
# MAKER fills an empty directory, which is renamed into place only when MAKER succeeded, so a
# reader never sees half of one. Two callers of one NAME wait for each other.
DAMC_CACHE=${DAMC_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/damc}

cache_say()
{
	printf '%s: %s\n' "${0##*/}" "$*" >&2
}

cache_once()
{
	local name=$1 maker=$2
	local dir=$DAMC_CACHE/$name
	shift 2

	if [ ! -d "$dir" ]; then
		mkdir -p "${dir%/*}" "$DAMC_CACHE/lock"
		(
			flock -w "${DAMC_CACHE_WAIT:-3600}" 9 || {
				cache_say "waited too long for another run making $dir"
				exit 1
			}
			[ -d "$dir" ] && exit 0
			tmp=$(mktemp -d "$DAMC_CACHE/tmp.XXXXXX") || exit 1
			chmod 755 "$tmp"
			trap 'rm -rf "$tmp"' EXIT
			trap 'exit 1' INT TERM
			("$maker" "$tmp" "$@") >&2 9>&- && mv -T "$tmp" "$dir"
		) 9>"$DAMC_CACHE/lock/$(printf '%s' "$name" | tr / _)" || return 1
	fi
	printf '%s\n' "$dir"
}
