// SPDX-License-Identifier: GPL-2.0
/* Linked into each test program: skips it whole where it cannot run. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "testlib.h"

#define KSFT_SKIP 4

static void skip(const char *why)
{
	printf("TAP version 13\n1..0 # SKIP %s\n", why);
	exit(KSFT_SKIP);
}

/* Asking for the family loads the module, where there is one. */
static void __attribute__((constructor)) need(void)
{
	struct dt_nl nl;
	int err;

	if (geteuid())
		skip("needs root");
	err = dt_nl_open(&nl);
	close(nl.fd);
	if (err == -ENOENT)
		skip("no module damc");
}
