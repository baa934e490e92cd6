// SPDX-License-Identifier: GPL-2.0
/* Sockets for fake.c: there are none. fake_echo.c has some in their place. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "damc.h"

int damc_socket(enum damc_proto proto)
{
	const char *mode = getenv("DAMC_FAKE");

	(void)proto;
	return mode && !strcmp(mode, "nomodule") ? -EAFNOSUPPORT : -EACCES;
}

socklen_t damc_sockaddr(struct sockaddr_damc *sa, const struct damc_name *name)
{
	memset(sa, 0, sizeof(*sa));
	return DAMC_SOCKADDR_MIN + name->len;
}

int damc_sockaddr_name(struct damc_name *name, const struct sockaddr_damc *sa,
		       socklen_t len)
{
	(void)name;
	(void)sa;
	(void)len;
	return -EINVAL;
}
