// SPDX-License-Identifier: GPL-2.0
/*
 * Many prefixes, loaded by batches: a dump while some change has what stayed
 * exactly once, lookups agree with a naive twin, all can be taken away again.
 * Memory of a prefix and times are printed.
 *
 * DAMC_ROUTES sets how many; a million wants 2 GB: selftests/vm/run --memory
 * 2500 --timeout 1800 -- env DAMC_ROUTES=1000000 ./damc/million
 */
#define _GNU_SOURCE
#include <errno.h>
#include <net/if.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <linux/genetlink.h>
#include <linux/damc_netlink.h>

#include "../kselftest_harness.h"
#include "ear.h"
#include "testlib.h"

#define ROUTES 50000
#define BATCH_BYTES 65536
#define LOOKUPS 4000
/* Neighbours that routes lead to; a route of number 0 is prohibited. */
#define NEIGHS 16

static union {
	struct dt_msg msg;
	uint8_t room[BATCH_BYTES + 4096];
} big;

/* The twin: where route i leads, plus 1; 0: there is none. */
static uint8_t *twin;
static uint8_t *seen;
static unsigned int routes, wrong, strange;
static uint32_t v0;

/*
 * Of four routes, the second is below the first. So of /m/I/x below the first
 * the longest prefix is I + 1, or I where that is gone.
 */
static void route_name(char *name, unsigned int i)
{
	if (i % 4 == 1)
		sprintf(name, "/m/%u/x", i - 1);
	else if (i % 4 == 3)
		sprintf(name, "/n/%u/y/z", i);
	else
		sprintf(name, "/m/%u", i);
}

static int route_number(const char *name)
{
	char rest[DAMC_NAME_MAX] = "";
	unsigned int i;

	if (sscanf(name, "/m/%u%s", &i, rest) >= 1)
		return *rest ? i + 1 : i;
	return sscanf(name, "/n/%u", &i) == 1 ? (int)i : -1;
}

static void put_route(unsigned int i, int lead)
{
	uint8_t mac[6] = { 2, 0, 0, 0, 0, lead };
	struct nlattr *nest, *hop;
	char name[64];

	route_name(name, i);
	nest = dt_nest(&big.msg, DAMC_A_ROUTE);
	dt_put_name(&big.msg, DAMC_A_ROUTE_NAME, name);
	if (lead > 0) {
		hop = dt_nest(&big.msg, DAMC_A_ROUTE_NEXTHOP);
		dt_put_u32(&big.msg, DAMC_A_NEXTHOP_IFINDEX, v0);
		dt_put(&big.msg, DAMC_A_NEXTHOP_LLADDR, mac, sizeof(mac));
		dt_nest_end(&big.msg, hop);
	} else if (!lead) {
		dt_put_u32(&big.msg, DAMC_A_ROUTE_TYPE,
			   DAMC_ROUTE_TYPE_PROHIBIT);
	}
	dt_nest_end(&big.msg, nest);
}

/* Routes from @from up to @to, in requests of 64 KiB: what libdamc sends. */
static int change(struct dt_nl *nl, uint8_t cmd, unsigned int from,
		  unsigned int to, unsigned int shift)
{
	int err = 0;

	while (!err && from < to) {
		dt_msg_init(nl, &big.msg, cmd, 0);
		for (; from < to && big.msg.nlh.nlmsg_len < BATCH_BYTES; from++) {
			int lead = cmd == DAMC_CMD_ROUTE_DEL ? -1 :
				   (int)((from + shift) % (NEIGHS + 1));

			put_route(from, lead);
			twin[from] = lead + 1;
		}
		err = dt_talk(nl, &big.msg, NULL);
	}
	return err;
}

/* Until killed: routes from @from up are deleted, made and replaced. */
static void churn(unsigned int from)
{
	struct dt_nl nl;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (dt_nl_open(&nl))
		exit(1);
	for (;;) {
		change(&nl, DAMC_CMD_ROUTE_DEL, from, routes, 0);
		change(&nl, DAMC_CMD_ROUTE_ADD, from, routes, 1);
		change(&nl, DAMC_CMD_ROUTE_REPLACE, from, routes, 2);
	}
}

static int lead_of(const struct nlattr *nest)
{
	const struct nlattr *hop = ear_inner(nest, DAMC_A_ROUTE_NEXTHOP);
	const struct nlattr *lladdr;

	lladdr = hop ? ear_inner(hop, DAMC_A_NEXTHOP_LLADDR) : NULL;
	return lladdr ? ((const uint8_t *)(lladdr + 1))[5] : 0;
}

/* Up to *@arg the twin knows where each leads. */
static void take_route(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *nest = ear_attr(nlh, DAMC_A_ROUTE);
	unsigned int known = *(unsigned int *)arg;
	int i;

	i = route_number(ear_name(ear_inner(nest, DAMC_A_ROUTE_NAME)));
	if (i < 0 || i >= (int)routes) {
		strange++;
		return;
	}
	seen[i]++;
	wrong += i < (int)known && lead_of(nest) + 1 != twin[i];
}

/* Of routes up to @known each is dumped once, of others none twice. */
static int dump(struct dt_nl *nl, unsigned int known)
{
	struct dt_msg msg;
	unsigned int i;
	int err;

	memset(seen, 0, routes);
	wrong = 0;
	strange = 0;
	dt_msg_init(nl, &msg, DAMC_CMD_ROUTE_GET, NLM_F_DUMP);
	err = dt_each(nl, &msg, take_route, &known);
	for (i = 0; i < routes; i++)
		wrong += i < known ? seen[i] != !!twin[i] : seen[i] > 1;
	return err;
}

static int lookup(struct dt_nl *nl, const char *name)
{
	const struct nlattr *nest;
	struct dt_msg msg, reply;

	dt_msg_init(nl, &msg, DAMC_CMD_ROUTE_LOOKUP, 0);
	nest = dt_nest(&msg, DAMC_A_LOOKUP);
	dt_put_name(&msg, DAMC_A_LOOKUP_NAME, name);
	dt_nest_end(&msg, (struct nlattr *)nest);
	if (dt_talk(nl, &msg, &reply))
		return -2;
	nest = dt_reply_find(&reply, DAMC_A_ROUTE);
	return nest ? route_number(ear_name(ear_inner(nest, DAMC_A_ROUTE_NAME))) :
		      -1;
}

/* What the longest prefix of route i's name and something below is. */
static int twin_lookup(unsigned int i)
{
	if (i < routes && twin[i])
		return i;
	return i % 4 == 1 && i <= routes && twin[i - 1] ? (int)i - 1 : -1;
}

static unsigned int check_lookups(struct dt_nl *nl)
{
	uint64_t random = dt_seed();
	unsigned int i, n, bad = 0;
	char name[80];

	for (n = 0; n < LOOKUPS; n++) {
		/* Some are beyond the last. */
		i = dt_random(&random) % (routes + routes / 8);
		route_name(name, i);
		if (n % 2)
			strcat(name, i % 4 == 0 ? "/other/y" : "/below");
		bad += lookup(nl, name) != twin_lookup(i);
	}
	return bad;
}

/* Bytes of memory that the kernel has for itself. */
static long long kernel_bytes(void)
{
	long long sum = 0, kib;
	char line[128];
	FILE *file;

	file = fopen("/proc/meminfo", "r");
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "SUnreclaim: %lld", &kib) == 1 ||
		    sscanf(line, "VmallocUsed: %lld", &kib) == 1 ||
		    sscanf(line, "Percpu: %lld", &kib) == 1)
			sum += kib * 1024;
	if (file)
		fclose(file);
	return sum;
}

static double seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static int start(struct dt_nl *nl)
{
	const char *count = getenv("DAMC_ROUTES");

	routes = count ? atoi(count) : dt_checked() ? ROUTES / 5 : ROUTES;
	twin = calloc(1, routes + 1);
	seen = calloc(1, routes + 1);
	if (!twin || !seen || dt_netns_new() < 0 ||
	    dt_ip("link add v0 type veth peer name v1\n") ||
	    dt_damc("dev set v0 up\n") || dt_nl_open(nl))
		return -1;
	v0 = if_nametoindex("v0");
	return 0;
}

/* For the sake of a timeout. */
FIXTURE(many) {
};

FIXTURE_SETUP(many)
{
}

FIXTURE_TEARDOWN(many)
{
}

TEST_F_TIMEOUT(many, prefixes, 1700)
{
	long long before;
	unsigned int stay;
	struct dt_nl nl;
	int round, status;
	double begin;
	pid_t child;

	ASSERT_EQ(0, start(&nl));
	before = kernel_bytes();
	begin = seconds();
	ASSERT_EQ(0, change(&nl, DAMC_CMD_ROUTE_ADD, 0, routes, 0));
	TH_LOG("%u prefixes, %.1f s to load, %lld bytes each", routes,
	       seconds() - begin, (kernel_bytes() - before) / routes);
	EXPECT_EQ(0, dump(&nl, routes));
	EXPECT_EQ(0, wrong + strange);

	stay = routes - routes / 4;
	child = fork();
	if (!child)
		churn(stay);
	for (round = 0; round < 3; round++) {
		begin = seconds();
		EXPECT_EQ(0, dump(&nl, stay));
		EXPECT_EQ(0, wrong + strange);
		TH_LOG("%.1f s to dump while a quarter changes",
		       seconds() - begin);
	}
	kill(child, SIGKILL);
	waitpid(child, &status, 0);
	EXPECT_TRUE(WIFSIGNALED(status));

	/* Some of all kinds are missing then. */
	change(&nl, DAMC_CMD_ROUTE_DEL, stay - stay / 8, stay, 0);
	change(&nl, DAMC_CMD_ROUTE_REPLACE, stay, routes, 3);
	EXPECT_EQ(0, check_lookups(&nl));
	begin = seconds();
	EXPECT_EQ(0, change(&nl, DAMC_CMD_ROUTE_DEL, 0, stay - stay / 8, 0));
	EXPECT_EQ(0, change(&nl, DAMC_CMD_ROUTE_DEL, stay, routes, 0));
	TH_LOG("%.1f s to delete", seconds() - begin);
	EXPECT_EQ(0, dump(&nl, routes));
	EXPECT_EQ(0, wrong + strange);
}

TEST_HARNESS_MAIN
