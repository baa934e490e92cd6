// SPDX-License-Identifier: GPL-2.0
/*
 * Users who want all memory: so many user namespaces, made by nobody, each with a
 * network namespace, a socket, and routes until there is no memory for more.
 *
 * usage: hog COUNT	prints "ready N" once N are full, then stays
 */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/damc_netlink.h>

#include "testlib.h"

#define NOBODY 65534

/* How many are put into one request. */
#define AT_ONCE 300

static int eat(struct dt_nl *nl, unsigned int from)
{
	static struct dt_msg msg;
	struct nlattr *nest;
	unsigned int i;
	char name[80];

	dt_msg_init(nl, &msg, DAMC_CMD_ROUTE_ADD, 0);
	for (i = from; i < from + AT_ONCE; i++) {
		snprintf(name, sizeof(name), "/hog/%u", i);
		nest = dt_nest(&msg, DAMC_A_ROUTE);
		dt_put_name(&msg, DAMC_A_ROUTE_NAME, name);
		dt_put_u32(&msg, DAMC_A_ROUTE_TYPE, DAMC_ROUTE_TYPE_PROHIBIT);
		dt_nest_end(&msg, nest);
	}
	return dt_talk(nl, &msg, NULL);
}

static void hog(int ready)
{
	struct dt_nl nl;
	unsigned int n;

	if (setgid(NOBODY) || setuid(NOBODY) ||
	    unshare(CLONE_NEWUSER | CLONE_NEWNET) || dt_nl_open(&nl))
		exit(1);
	/* Forgotten when ids change. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	socket(AF_DAMC_DEFAULT, SOCK_DGRAM, 0);
	for (n = 0; !eat(&nl, n); n += AT_ONCE)
		;
	if (write(ready, "", 1) == 1)
		pause();
}

int main(int argc, char **argv)
{
	int count = argc > 1 ? atoi(argv[1]) : 0, i, ends[2], full = 0;
	char byte;

	if (count <= 0 || pipe(ends))
		return 2;
	for (i = 0; i < count; i++) {
		pid_t child = fork();

		if (!child)
			hog(ends[1]);
		if (child < 0)
			break;
	}
	/* Those that were killed do not tell: the pipe ends with the last. */
	close(ends[1]);
	while (full < count && read(ends[0], &byte, 1) == 1)
		full++;
	printf("ready %d\n", full);
	fflush(stdout);
	pause();
	return 0;
}
