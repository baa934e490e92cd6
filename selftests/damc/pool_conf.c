// SPDX-License-Identifier: GPL-2.0
/* Pools as they are configured, and as bindings make them. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>
#include <linux/genetlink.h>

#include "../kselftest_harness.h"
#include "pools.h"

FIXTURE(pool_conf) {
	struct dt_node node;
};

FIXTURE_SETUP(pool_conf)
{
	ASSERT_EQ(0, pools_open(&self->node));
}

FIXTURE_TEARDOWN(pool_conf)
{
	close(self->node.v);
	close(self->node.w);
}

TEST_F(pool_conf, pool_or_name)
{
	/* A pool is no name ... */
	EXPECT_NE(0, dt_damc("bind add /b dev v0\n"));
	EXPECT_NE(0, dt_damc("route add /b dev w0\n"));
	EXPECT_NE(0, dt_damc("route replace /b dev w0\n"));
	EXPECT_NE(0, dt_damc("route append /b dev w0\n"));
	EXPECT_NE(0, dt_damc("route del /b\n"));
	EXPECT_NE(0, dt_damc("info set name /b\n"));
	EXPECT_LT(dt_bound(0, "/b"), 0);
	EXPECT_EQ(EADDRINUSE, errno);
	/* ... and a name no pool. */
	ASSERT_EQ(0, dt_damc("route add /c dev w0\n"));
	EXPECT_NE(0, dt_damc("pool add /c member /c/1\n"));
	EXPECT_NE(0, dt_damc("pool add /p member /p/1\n"));
	EXPECT_NE(0, dt_damc("pool add /damc/node/g member /damc/node/g/1\n"));
	EXPECT_NE(0, dt_damc("bind add /c/1 dev v0 member\n"));
	EXPECT_NE(0, dt_damc("bind add /p/1 dev v0 member\n"));
	EXPECT_NE(0, dt_damc("bind add /x dev v0 member\n"));
	EXPECT_NE(0, dt_damc("pool add / member /x\n"));
	/* What failed left nothing behind. */
	EXPECT_EQ(0, DAMC("bind add /c/1 dev v0",
			  "bind add /p/1 dev v0"));
	EXPECT_NE(0, dt_damc("pool get /c\n"));
}

TEST_F(pool_conf, configured_and_bound)
{
	/* What is bound is not configured, and the other way round. */
	EXPECT_NE(0, dt_damc("bind add /b/1 dev v0 member\n"));
	ASSERT_EQ(0, dt_damc("route del /b/1\n"));
	EXPECT_NE(0, dt_damc("bind add /b/1 dev v0 member\n"));
	ASSERT_EQ(0, DAMC("pool del /b member /b/1",
			  "bind add /b/1 dev v0 member weight 7"));
	EXPECT_NE(0, dt_damc("pool append /b member /b/1\n"));
	EXPECT_NE(0, dt_damc("pool del /b member /b/1\n"));
	EXPECT_NE(0, dt_damc("pool del /b member /b/9\n"));
	EXPECT_NE(0, dt_damc("pool add /b member /b/8\n"));
	EXPECT_NE(0, dt_damc("pool append /b member /b/2\n"));
	EXPECT_NE(0, dt_damc("pool replace /b member /b/2 member /b/2\n"));
	/* Nothing but the bound one is left, and then nothing. */
	ASSERT_EQ(0, DAMC("pool del /b",
			  "pool get /b"));
	EXPECT_NE(0, dt_damc("pool del /b\n"));
	ASSERT_EQ(0, dt_damc("bind del /b/1\n"));
	EXPECT_NE(0, dt_damc("pool get /b\n"));
	/* The name is free again; and a configured pool stays when empty. */
	ASSERT_EQ(0, DAMC("route add /b dev w0",
			  "route del /b",
			  "pool add /b",
			  "bind add /b/1 dev v0 member",
			  "bind del /b/1",
			  "pool get /b"));
}

TEST_F(pool_conf, uplink_has_no_pools)
{
	EXPECT_NE(0, DAMC("dev set w0 down",
			  "dev set w0 uplink"));
	ASSERT_EQ(0, DAMC("pool del /b",
			  "dev set w0 uplink"));
	EXPECT_NE(0, dt_damc("pool add /b\n"));
	/* An instance here is one of its gateway's pool. */
	ASSERT_EQ(0, dt_damc("bind add /b/1 dev v0 member\n"));
	EXPECT_NE(0, dt_damc("pool get /b\n"));
	ASSERT_EQ(0, dt_damc("bind del /b/1\n"));
}

/* What was no instance here when it was bound, takes none away when it ends. */
TEST_F(pool_conf, bound_under_an_uplink_leaves_the_pool)
{
	ASSERT_EQ(0, DAMC("pool del /b",
			  "dev set w0 down",
			  "dev set w0 uplink",
			  "bind add /b/1 dev v0 member",
			  "dev set w0 down",
			  "pool add /b member /b/1",
			  "bind del /b/1"));
	EXPECT_EQ(0, dt_run("damc pool get /b | grep -q 'member /b/1'"));
}

TEST_F(pool_conf, too_many_members)
{
	static char command[DAMC_POOL_MEMBERS_MAX * 24];
	size_t at = 0;
	int i;

	/* Half of them a line. */
	for (i = 0; i < DAMC_POOL_MEMBERS_MAX; i++)
		at += snprintf(command + at, sizeof(command) - at,
			       "%s member /c/%d",
			       i == 0 ? "pool add /c" :
			       i == DAMC_POOL_MEMBERS_MAX / 2 ?
			       "\npool append /c" : "", i);
	snprintf(command + at, sizeof(command) - at, "\n");
	ASSERT_EQ(0, dt_damc(command));
	/* It is told whole. */
	ASSERT_EQ(0, dt_run("test $(damc pool get /c | grep -c member) = %d",
			    DAMC_POOL_MEMBERS_MAX));
	ASSERT_EQ(0, dt_run("test $(damc pool | grep -c member) = %d",
			    DAMC_POOL_MEMBERS_MAX + 4));
	EXPECT_NE(0, dt_damc("pool append /c member /c/x\n"));
	EXPECT_NE(0, dt_damc("bind add /c/x dev v0 member\n"));
	EXPECT_EQ(0, DAMC("pool del /c member /c/7",
			  "bind add /c/x dev v0 member"));
}

static void count_members(const struct nlmsghdr *nlh, void *arg)
{
	size_t at = NLMSG_HDRLEN + GENL_HDRLEN;
	const struct nlattr *pool, *attr = NULL;

	pool = dt_find((const char *)nlh + at, nlh->nlmsg_len - at, DAMC_A_POOL);
	while (pool && (attr = dt_next(pool, attr)))
		*(int *)arg += (attr->nla_type & NLA_TYPE_MASK) ==
			       DAMC_A_POOL_MEMBER;
}

/*
 * The largest pool, to a reader that has received nothing yet: the kernel does
 * not know what it has room for, and begins with little.
 */
TEST_F(pool_conf, full_pool_is_dumped)
{
	static char command[DAMC_POOL_MEMBERS_MAX * 96];
	struct dt_nl fresh = self->node.nl;
	struct dt_msg msg;
	int i, n = 0;
	size_t at = 0;

	/* 32 a line, of the longest name that can be bound. */
	for (i = 0; i < DAMC_POOL_MEMBERS_MAX; i++)
		at += snprintf(command + at, sizeof(command) - at,
			       "%s member /c/%0*d",
			       i == 0 ? "pool del /b\npool add /c" :
			       i % 32 == 0 ? "\npool append /c" : "",
			       DAMC_COMPONENT_BOUND_MAX, i);
	snprintf(command + at, sizeof(command) - at, "\n");
	ASSERT_EQ(0, dt_damc(command));
	fresh.fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	ASSERT_LE(0, fresh.fd);
	dt_msg_init(&fresh, &msg, DAMC_CMD_POOL_GET, NLM_F_DUMP);
	EXPECT_EQ(0, dt_each(&fresh, &msg, count_members, &n));
	EXPECT_EQ(DAMC_POOL_MEMBERS_MAX, n);
	close(fresh.fd);
}

TEST_HARNESS_MAIN
