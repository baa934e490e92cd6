#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# tools/iproute2/dispatch: which words go to damc and which to ip.
set -u

top=$(dirname "$(readlink -f "$0")")/../..
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
for name in damc ip; do
	printf '#!/bin/sh\nprintf %%s "%s"\nfor w; do printf " [%%s]" "$w"; done\n' \
		$name >"$tmp/$name"
	chmod +x "$tmp/$name"
done

count=0
failed=0

# check EXPECTED WORD...
check()
{
	expected=$1
	shift
	count=$((count + 1))
	got=$(DAMC=$tmp/damc IP=$tmp/ip "$top/tools/iproute2/dispatch" "$@")
	if [ "$got" = "$expected" ]; then
		echo "ok $count - ip $*"
	else
		failed=$((failed + 1))
		echo "not ok $count - ip $*: $got, not $expected"
	fi
}

echo "TAP version 13"
check 'damc [route]' damc route
check 'damc [r] [s]' d r s
check 'damc [-j] [-p] [route]' -j -p damc route
check 'damc [-n] [ns] [route]' -n ns damc route
check 'damc [-netns] [damc] [dev]' -netns damc damc dev
check 'damc [-br] [-force] [dev]' -br -force damc dev
check 'damc [--json] [dev]' --json damc dev
check 'damc [call] [/b] [m] [two words] []' damc call /b m 'two words' ''
check 'damc [call] [/b] [m] [damc]' damc call /b m damc
check 'ip [link]' link
check 'ip [link] [show] [damc]' link show damc
check 'ip [-n] [damc] [link]' -n damc link
check 'ip [-b] [damc]' -b damc
check 'ip [-batch] [damc]' -batch damc
check 'ip [-f] [inet] [addr]' -f inet addr
check 'ip [-V]' -V
check 'ip' 
check 'ip [-n]' -n
echo "1..$count"
[ "$failed" = 0 ]
