// SPDX-License-Identifier: GPL-2.0
/* The way to the kernel, and how its refusals are told. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"

static struct damc_ctl *ctl;

static bool no_module(int err)
{
	return err == ENOENT || err == EAFNOSUPPORT || err == EPROTONOSUPPORT;
}

static void say_no_module(void)
{
	fprintf(stderr,
		"damc: kernel module not loaded (try: modprobe damc)\n");
}

struct damc_ctl *cli_ctl(void)
{
	/* Kept open: a batch asks thousands of times. */
	if (ctl)
		return ctl;

	ctl = damc_ctl_open();
	if (ctl)
		return ctl;
	if (cli_quiet)
		return NULL;
	if (no_module(errno))
		say_no_module();
	else
		fprintf(stderr, "damc: netlink: %s\n", strerror(errno));
	return NULL;
}

/* Nothing a call is refused with says more than these do. */
static const char *hint(int err)
{
	return err == EPERM ? " (it takes CAP_NET_ADMIN)" : "";
}

int cli_refused(int err)
{
	const char *words = ctl ? damc_ctl_error(ctl) : "";
	size_t len = strlen(words);

	if (err < 0)
		err = -err;
	if (len)
		fprintf(stderr, "Error: %s%s\n", words,
			strchr(".?!", words[len - 1]) ? "" : ".");
	else
		fprintf(stderr, "Error: %s%s.\n", strerror(err), hint(err));
	return CLI_KERNEL;
}

int cli_outcome(int err)
{
	return err ? cli_refused(err) : CLI_OK;
}

int cli_failed(const char *what, int err)
{
	if (err < 0)
		err = -err;
	if (err == EAFNOSUPPORT)
		say_no_module();
	else
		fprintf(stderr, "Error: %s: %s.\n", what, strerror(err));
	return CLI_KERNEL;
}
