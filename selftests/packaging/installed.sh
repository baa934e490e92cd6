# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What "make install" installs, below DESTDIR: programs are built against it, the manual is whole,
# and modprobe finds the module by what asks for it. Sourced by ./check.

# A clean copy, so that nothing is left beside the sources, and nothing that lies there is used.
installed_make()
{
	local kernel

	kernel=$("$top/selftests/vm/kernels/get" 6.1) || return 1
	release=$(cat "$kernel/release")
	mkdir "$tmp/src" && (cd "$top" && git ls-files -z | xargs -0 cp -P --parents -t "$tmp/src") &&
		make -s -C "$tmp/src" install KDIR="$kernel/build" DESTDIR="$dest" PREFIX=/usr \
			WITH_IP_DISPATCH=yes
}

installed_is_there()
{
	local file

	for file; do
		[ -s "$dest/$file" ] || { echo "no /$file"; return 1; }
	done
}

installed_pages()
{
	local symbol page target

	for symbol in $(sed -n 's/^\t\(damc_[a-z_]*\);/\1/p' "$top/libdamc/libdamc.map"); do
		[ -s "$dest/usr/share/man/man3/$symbol.3" ] || { echo "no page $symbol(3)"; return 1; }
	done
	for page in "$dest"/usr/share/man/man*/*; do
		target=$(sed -n 's/^\.so //p' "$page")
		[ -z "$target" ] || [ -s "$dest/usr/share/man/$target" ] ||
			{ echo "${page##*/} leads to $target, which is not there"; return 1; }
	done
}

pkg()
{
	PKG_CONFIG_SYSROOT_DIR=$dest PKG_CONFIG_PATH=$dest/usr/lib/pkgconfig \
		PKG_CONFIG_ALLOW_SYSTEM_CFLAGS=1 PKG_CONFIG_ALLOW_SYSTEM_LIBS=1 pkg-config "$@" libdamc
}

# The example of damc(7), against what is installed and nothing else.
installed_example()
{
	sed -n '/^\.SH EXAMPLES/,$p' "$dest/usr/share/man/man7/damc.7" |
		sed -n '/^\.EX/,/^\.EE/p' | sed -e '/^\.E/d' -e 's/\\e/\\/g' >"$tmp/example.c"
	# shellcheck disable=SC2046 # options
	gcc -Wall -Wextra -Werror -o "$tmp/example" "$tmp/example.c" $(pkg --cflags --libs) &&
		LD_LIBRARY_PATH=$dest/usr/lib ldd "$tmp/example" | grep -q "$dest/usr/lib/libdamc.so.0"
}

# Debian has no static libmnl, so only this library is.
installed_static()
{
	# shellcheck disable=SC2046 # options
	gcc -o "$tmp/static" "$tmp/example.c" $(pkg --cflags) "$dest/usr/lib/libdamc.a" \
		$(pkg --static --libs-only-l | sed 's/-ldamc//') &&
		! ldd "$tmp/static" | grep libdamc
}

# Each header by itself.
installed_headers()
{
	local header

	for header in damc.h linux/damc.h linux/damc_netlink.h; do
		echo "#include <$header>" >"$tmp/one.c"
		# shellcheck disable=SC2046 # options
		gcc -Wall -Wextra -Werror -fsyntax-only $(pkg --cflags) "$tmp/one.c" || return 1
	done
}

# What is exported is what the map says.
installed_symbols()
{
	diff <(sed -n 's/^\t\(damc_[a-z_]*\);/\1/p' "$top/libdamc/libdamc.map" | sort) \
		<(nm -D --defined-only --without-symbol-versions "$dest/usr/lib/libdamc.so.0" |
		sed -n 's/.* T //p' | sort)
}

installed_command()
{
	"$dest/usr/sbin/damc" help | grep -q '^Usage: damc' &&
		PATH=$dest/usr/sbin:$PATH ip damc help | cmp - <("$dest/usr/sbin/damc" help)
}

# alias NAME: modprobe would load the module for it
installed_alias()
{
	modprobe -d "$dest" -S "$release" --show-depends "$1" | grep -q 'updates/.*damc\.ko'
}

test_installed()
{
	local man=usr/share/man

	dest=$tmp/dest
	must "make install DESTDIR=" installed_make
	[ -d "$dest" ] || return
	must "files" installed_is_there usr/sbin/damc usr/sbin/ip usr/lib/libdamc.so \
		usr/lib/libdamc.so.0 usr/lib/libdamc.a usr/lib/pkgconfig/libdamc.pc \
		usr/include/damc.h usr/include/linux/damc.h usr/include/linux/damc_netlink.h \
		usr/sbin/damcd usr/share/damc/class1.proto usr/share/damc/class1.yaml \
		$man/man3/libdamc.3 $man/man7/damc.7 $man/man8/damc.8 $man/man8/ip-damc.8
	must "a page for each function" installed_pages
	must "pkg-config, and the example of damc(7)" installed_example
	must "the same, linked statically" installed_static
	must "headers" installed_headers
	must "exported symbols" installed_symbols
	must "damc, and ip damc by the dispatcher" installed_command
	must "depmod" depmod -b "$dest" "$release"
	must "socket() finds the module" installed_alias net-pf-18
	must "the netlink family finds the module" installed_alias net-pf-16-proto-16-family-damc
	must "modprobe damc" installed_alias damc
}
