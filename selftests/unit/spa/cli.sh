#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# damc-spa's command line: each line of cli.table in turn, in one place.
# Usage: DAMC_SPA=damc-spa cli.sh
set -u

here=$(dirname "$(readlink -f "$0")")
spa=$(readlink -f "${DAMC_SPA:-damc-spa}")
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp" || exit 1
. "$here/../../cli/tap.sh"

# yaml NAME: a policy from standard input
yaml()
{
	cat >"$1.yaml"
}

place()
{
	"$spa" anchor new A lab
	"$spa" key new spa
	"$spa" key new n1
	"$spa" enrol spa1 role spa subtree /shop subtree /b subtree /damc \
		request spa/request anchor A out spa1.out
	"$spa" enrol n1 role sg,sr request n1/request anchor A out n1.out
	"$spa" join spa spa1.out
	sed 's/key ./key 0/' n1/request >bad-request
	cmp -s n1/request bad-request && sed 's/key ./key 1/' n1/request >bad-request
	yaml good <<-'END'
		version: 1
		domain: lab
		allow:
		  - rule: cart
		    pod: /pod/*/web
		    with: { uid: 1000 }
		    name: /shop/cart/**
		    right: [ name, tree ]
		    at: n1
		    max-each: 10
		  - { rule: b, pod: /pod/**, name: /b, right: member }
		  - rule: keyed
		    key: 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff
		    name: /shop/k/*
		    right: name
		    portable: yes
		calls:
		  - { callee: /shop/cart, callers: [ /shop/web, /pod/n1 ] }
	END
	printf '%s\n' 'version: 1' 'domain: lab' 'mode: enforce' '    ' >bad1.yaml
	yaml bad1 <<-'END'
		version: 1
		domain: lab
		allow:
		  - alow: x
	END
	yaml bad2 <<-'END'
		version: 1
		domain: lab
		allow: [ { rule: x, pod: /pod/**, name: /b,
		    right: all } ]
	END
	yaml bad3 <<-'END'
		{ version: 1, domain: lab, allow: [ {
		    rule: x,
		          name: /b//c } ] }
	END
	yaml bad4 <<-'END'
		{ version: 1, domain: lab, allow: [

		    { rule: x, name: /b, right: name } ] }
	END
	yaml bad5 <<-'END'
		version: 1
		version: 2
	END
	printf 'a: [ b\n' >bad6.yaml
	yaml bad7 <<-'END'
		version: 1
		domain: lab
		allow: [ { rule: x, pod: /pod/**, right: name, name: /damc/x } ]
	END
	echo 'version: 1' >bad8.yaml
	echo '{ "version":    x }' >bad9.yaml
	conf c spa good 'unsigned-policy: yes'
	conf unsigned.conf spa good
	conf other.conf spa other
	echo 'identty: spa' >c.bad
	echo 'log-format: xml' >c.format
	echo 'log-level: loud' >c.level
	# Signed, and then changed.
	cp good.yaml other.yaml
	"$spa" policy sign other.yaml anchor A
	echo 'mode: observe' >>other.yaml
}

# conf FILE IDENTITY POLICY [LINE]
conf()
{
	printf 'identity: %s\nstate: state\npolicy: %s.yaml\nsync: quick\n%s\n' "$2" "$3" "${4-}" >"$1"
}

# one CODE WORDS PATTERN
one()
{
	local code=$1 pattern=$3 got
	local -a words

	read -ra words <<<"$2"
	timeout 20 "$spa" "${words[@]}" >out 2>err </dev/null
	got=$?
	if [ "$got" != "$code" ]; then
		echo "exit code $got, not $code" >>err
		verdict 1 "damc-spa $2"
		return
	fi
	# Nothing at all is what ^$ asks for.
	if [ "$pattern" = '^$' ]; then
		[ ! -s out ] && [ ! -s err ]
	else
		cat out err | grep -Eq -- "$pattern"
	fi
	verdict $? "damc-spa $2"
}

# In a namespace without the module there is nothing to serve on: told, not crashed.
no_module()
{
	timeout 20 "$spa" -c c serve >out 2>err
	[ $? = 2 ] && grep -q 'Error: serve /damc/spa/spa1: ' err
	verdict $? "serve without the module says so"
}

# What the log says cannot be changed unseen.
tampered()
{
	sed -i 's/grant 1 /grant 2 /' state/audit.log
	timeout 20 "$spa" -c c audit verify >out 2>err
	[ $? = 2 ] && grep -q 'is not the one that was written' err
	verdict $? "a changed log is found"
}

place >/dev/null || exit 1
while IFS='|' read -r code words pattern; do
	case $code in ''|'#'*) continue ;; esac
	one "$code" "$words" "$pattern"
done <"$here/cli.table"
[ -e /sys/module/damc ] || no_module
tampered
echo "1..$count"
[ "$failed" = 0 ]
