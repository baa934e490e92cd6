// SPDX-License-Identifier: GPL-2.0
/*
 * Print commands that add routes, for damc -b and ip -6 -batch.
 *
 * usage: routes damc25|damc40|ip6 ROUTES
 */
#include <stdlib.h>

#include "names.h"

static void print_route(const char *kind, unsigned int i)
{
	char text[BENCH_NAME_ROOM];

	if (!strcmp(kind, "ip6")) {
		printf("route add 2001:db8:%x:%x::/64 via fe80::99 dev out\n", i >> 16, i & 0xffff);
		return;
	}
	bench_route(text, !strcmp(kind, "damc25") ? 25 : 40, i);
	printf("route add %s dev out lladdr 02:00:00:00:00:99\n", text);
}

int main(int argc, char **argv)
{
	unsigned int i;

	if (argc != 3)
		return 2;
	for (i = 0; i < strtoul(argv[2], NULL, 10); i++)
		print_route(argv[1], i);
	return 0;
}
