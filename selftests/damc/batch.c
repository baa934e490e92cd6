// SPDX-License-Identifier: GPL-2.0
/*
 * Several routes in one request: all or nothing, told of as one, and an error
 * says which of them it was.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/genetlink.h>
#include <linux/damc_netlink.h>

#include "../kselftest_harness.h"
#include "ear.h"
#include "testlib.h"

#define MANY 4000

/* Seconds; emulation with sanitizers is slow. */
#define LONG 200

/* All that can be seen of a namespace. */
struct scene {
	size_t len;
	uint8_t bytes[4 << 20];
};

/* A request as large as may be, and larger. */
static union {
	struct dt_msg msg;
	uint8_t room[DAMC_BATCH_MAX + 4096];
} big;

static struct scene before, after;

FIXTURE(batch) {
	struct dt_nl nl, ear;
	uint32_t v0;
	/* Where each route of the request in making begins. */
	uint32_t at[MANY];
	unsigned int n;
};

/* /r and /s lead to one neighbour, /self is the namespace's. */
FIXTURE_SETUP(batch)
{
	ASSERT_GE(dt_netns_new(), 0);
	ASSERT_EQ(0, dt_ip("link add v0 type veth peer name v1\n"));
	ASSERT_EQ(0, dt_damc("info set name /self\ndev set v0 up\n"
			     "route add /r dev v0 lladdr 02:00:00:00:00:01\n"
			     "route add /s dev v0 lladdr 02:00:00:00:00:01\n"));
	self->v0 = if_nametoindex("v0");
	ASSERT_EQ(0, dt_nl_open(&self->nl));
	ASSERT_EQ(0, ear_open(&self->ear));
}

FIXTURE_TEARDOWN(batch)
{
	close(self->nl.fd);
	close(self->ear.fd);
}

typedef FIXTURE_DATA(batch) batch;

static void begin(batch *self, uint8_t cmd)
{
	dt_msg_init(&self->nl, &big.msg, cmd, 0);
	self->n = 0;
}

/* A route by the neighbour with this link address; 0: prohibit; -1: name only. */
static void put(batch *self, const char *name, int lladdr)
{
	uint8_t mac[6] = { 2, 0, 0, 0, 0, lladdr };
	struct nlattr *nest, *hop;

	if (self->n < MANY)
		self->at[self->n] = big.msg.nlh.nlmsg_len;
	self->n++;
	nest = dt_nest(&big.msg, DAMC_A_ROUTE);
	dt_put_name(&big.msg, DAMC_A_ROUTE_NAME, name);
	if (lladdr > 0) {
		hop = dt_nest(&big.msg, DAMC_A_ROUTE_NEXTHOP);
		dt_put_u32(&big.msg, DAMC_A_NEXTHOP_IFINDEX, self->v0);
		dt_put(&big.msg, DAMC_A_NEXTHOP_LLADDR, mac, sizeof(mac));
		dt_nest_end(&big.msg, hop);
	} else if (!lladdr) {
		dt_put_u32(&big.msg, DAMC_A_ROUTE_TYPE,
			   DAMC_ROUTE_TYPE_PROHIBIT);
	}
	dt_nest_end(&big.msg, nest);
}

static void put_many(batch *self, int from, int n, int lladdr)
{
	char name[16];

	for (; n; n--) {
		snprintf(name, sizeof(name), "/b/%06d", from++);
		put(self, name, lladdr);
	}
}

static int commit(batch *self)
{
	return dt_talk(&self->nl, &big.msg, NULL);
}

static void scene_add(const struct nlmsghdr *nlh, void *arg)
{
	size_t at = NLMSG_HDRLEN, len = nlh->nlmsg_len - at;
	struct scene *scene = arg;

	if (scene->len + len <= sizeof(scene->bytes)) {
		memcpy(scene->bytes + scene->len, (const char *)nlh + at, len);
		scene->len += len;
	}
}

static int look(struct dt_nl *nl, struct scene *scene)
{
	static const uint8_t dumps[] = {
		DAMC_CMD_ROUTE_GET, DAMC_CMD_NEIGH_GET, DAMC_CMD_DEV_GET,
	};
	static const uint8_t gets[] = { DAMC_CMD_INFO_GET, DAMC_CMD_STATS_GET };
	struct dt_msg msg;
	int i, err = 0;

	scene->len = 0;
	for (i = 0; !err && i < 3; i++) {
		dt_msg_init(nl, &msg, dumps[i], NLM_F_DUMP);
		err = dt_each(nl, &msg, scene_add, scene);
	}
	for (i = 0; !err && i < 2; i++) {
		dt_msg_init(nl, &msg, gets[i], 0);
		err = dt_each(nl, &msg, scene_add, scene);
	}
	return err;
}

static bool changed(struct dt_nl *nl)
{
	return look(nl, &after) || before.len != after.len ||
	       memcmp(before.bytes, after.bytes, before.len);
}

/* Refused for route @which (from 0): without effect, unheard, and it says so. */
static bool refused(batch *self, int err, unsigned int which)
{
	uint32_t from = self->at[which], offset;
	uint32_t to = which + 1 < self->n ? self->at[which + 1] :
					    big.msg.nlh.nlmsg_len;
	char said[256], number[32];
	int got;

	ear_text(&self->ear);
	if (look(&self->nl, &before))
		return false;
	got = commit(self);
	offset = self->nl.offset;
	snprintf(said, sizeof(said), "%s", self->nl.message);
	snprintf(number, sizeof(number), "Route %u: ", which + 1);
	if (got == -err && offset >= from && offset < to && *said &&
	    (strncmp(said, "Route ", 6) || !strncmp(said, number, strlen(number))) &&
	    !*ear_text(&self->ear) && !changed(&self->nl))
		return true;
	fprintf(stderr, "# error %d, \"%s\", offset %u of %u..%u%s\n", got, said,
		offset, from, to, changed(&self->nl) ? ", changed" : "");
	return false;
}

static void count_routes(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *nest = NULL;
	int *n = arg;

	while ((nest = ear_next(nlh, DAMC_A_ROUTE, nest)))
		n[0]++;
	n[1]++;
	n[2] |= nlh->nlmsg_flags;
}

TEST_F_TIMEOUT(batch, many, LONG)
{
	int n[3] = {}, i;
	const char *text;
	char want[24];

	begin(self, DAMC_CMD_ROUTE_ADD);
	put_many(self, 0, MANY, 1);
	ASSERT_EQ(0, commit(self));
	/* All told of, in order. */
	text = ear_text(&self->ear);
	for (i = 0; i < MANY; i++) {
		snprintf(want, sizeof(want), "route+/b/%06d ", i);
		ASSERT_EQ(0, strncmp(text, want, strlen(want)));
		text += strlen(want);
	}
	EXPECT_EQ('\0', *text);
	begin(self, DAMC_CMD_ROUTE_REPLACE);
	put_many(self, 0, MANY, 0);
	ASSERT_EQ(0, commit(self));
	EXPECT_LT(0, ear_each(&self->ear, count_routes, n));
	EXPECT_EQ(MANY, n[0]);
	EXPECT_GT(MANY / 100, n[1]);
	EXPECT_EQ(NLM_F_CREATE | NLM_F_REPLACE, n[2]);
	begin(self, DAMC_CMD_ROUTE_DEL);
	put_many(self, 0, MANY, -1);
	ASSERT_EQ(0, commit(self));
	memset(n, 0, sizeof(n));
	EXPECT_LT(0, ear_each(&self->ear, count_routes, n));
	EXPECT_EQ(MANY, n[0]);
}

/* New neighbours among them: they come and go unheard. */
TEST_F_TIMEOUT(batch, last_fails, LONG)
{
	begin(self, DAMC_CMD_ROUTE_ADD);
	put_many(self, 0, 999, 7);
	put(self, "/r", 8);
	EXPECT_TRUE(refused(self, EEXIST, 999));

	begin(self, DAMC_CMD_ROUTE_REPLACE);
	put(self, "/r", 7);
	put(self, "/s", 8);
	put_many(self, 0, 500, 9);
	put(self, "/r", 0);
	put(self, "/self", 7);
	EXPECT_TRUE(refused(self, EBUSY, 503));

	begin(self, DAMC_CMD_ROUTE_APPEND);
	put(self, "/r", 7);
	put(self, "/r", 8);
	put(self, "/new", 8);
	put(self, "/s", 1);
	EXPECT_TRUE(refused(self, EEXIST, 3));

	begin(self, DAMC_CMD_ROUTE_DEL);
	put(self, "/r", -1);
	put(self, "/s", -1);
	put(self, "/none", -1);
	EXPECT_TRUE(refused(self, ESRCH, 2));
}

TEST_F_TIMEOUT(batch, first_fails, LONG)
{
	begin(self, DAMC_CMD_ROUTE_ADD);
	put(self, "/r", 0);
	put_many(self, 0, 100, 0);
	EXPECT_TRUE(refused(self, EEXIST, 0));
	begin(self, DAMC_CMD_ROUTE_DEL);
	put(self, "/self", -1);
	put(self, "/r", -1);
	EXPECT_TRUE(refused(self, EBUSY, 0));
}

TEST_F_TIMEOUT(batch, one_name_twice, LONG)
{
	begin(self, DAMC_CMD_ROUTE_ADD);
	put(self, "/x", 7);
	put(self, "/x", 7);
	EXPECT_TRUE(refused(self, EEXIST, 1));
	begin(self, DAMC_CMD_ROUTE_DEL);
	put(self, "/r", -1);
	put(self, "/r", -1);
	EXPECT_TRUE(refused(self, ESRCH, 1));
	begin(self, DAMC_CMD_ROUTE_APPEND);
	put(self, "/r", 7);
	put(self, "/r", 7);
	EXPECT_TRUE(refused(self, EEXIST, 1));
	/* The last one stays; what stood between was never there. */
	begin(self, DAMC_CMD_ROUTE_REPLACE);
	put(self, "/r", 7);
	put(self, "/r", 8);
	put(self, "/r", 0);
	EXPECT_EQ(0, commit(self));
	EXPECT_STREQ("route+/r route+/r route+/r ", ear_text(&self->ear));
	EXPECT_EQ(0, dt_run("damc route show /r | grep -q '^prohibit /r'"));
}

/* A neighbour is told of before its first route, and its end after the last. */
TEST_F_TIMEOUT(batch, neighbours_in_order, LONG)
{
	begin(self, DAMC_CMD_ROUTE_ADD);
	put(self, "/x", 1);
	put(self, "/y", 7);
	ASSERT_EQ(0, commit(self));
	EXPECT_STREQ("neigh+2 route+/x route+/y ", ear_text(&self->ear));
	begin(self, DAMC_CMD_ROUTE_REPLACE);
	put(self, "/y", 8);
	ASSERT_EQ(0, commit(self));
	EXPECT_STREQ("neigh+3 route+/y neigh-2 ", ear_text(&self->ear));
	begin(self, DAMC_CMD_ROUTE_DEL);
	put(self, "/x", -1);
	put(self, "/y", -1);
	put(self, "/r", -1);
	put(self, "/s", -1);
	ASSERT_EQ(0, commit(self));
	EXPECT_STREQ("route-/x route-/y route-/r route-/s neigh-3 neigh-1 ",
		     ear_text(&self->ear));
}

TEST_F_TIMEOUT(batch, append_adds_up, LONG)
{
	begin(self, DAMC_CMD_ROUTE_APPEND);
	put(self, "/x", 7);
	put(self, "/x", 8);
	put(self, "/x", 9);
	ASSERT_EQ(0, commit(self));
	EXPECT_EQ(0, dt_run("damc -o route show /x | grep -q '02:00.*02:00.*02:00'"));
}

/* A name alone is like the one before it, and nothing without one. */
TEST_F_TIMEOUT(batch, name_alone, LONG)
{
	begin(self, DAMC_CMD_ROUTE_ADD);
	put(self, "/v", 7);
	put(self, "/w", -1);
	put(self, "/x", 0);
	put(self, "/y", -1);
	put(self, "/z", -1);
	ASSERT_EQ(0, commit(self));
	EXPECT_STREQ("neigh+2 route+/v route+/w route+/x route+/y route+/z ",
		     ear_text(&self->ear));
	EXPECT_EQ(0, dt_run("damc route show /w | grep -q ' 02:00:00:00:00:07'"));
	EXPECT_EQ(0, dt_run("damc route show /z | grep -q '^prohibit /z'"));
	begin(self, DAMC_CMD_ROUTE_REPLACE);
	put(self, "/r", 0);
	put(self, "/w", -1);
	ASSERT_EQ(0, commit(self));
	EXPECT_STREQ("route+/r route+/w ", ear_text(&self->ear));
	EXPECT_EQ(0, dt_run("damc route show /w | grep -q '^prohibit /w'"));

	begin(self, DAMC_CMD_ROUTE_ADD);
	put(self, "/m", -1);
	put(self, "/n", 7);
	EXPECT_TRUE(refused(self, EINVAL, 0));
	begin(self, DAMC_CMD_ROUTE_ADD);
	put(self, "/m", 7);
	put(self, "/v", -1);
	EXPECT_TRUE(refused(self, EEXIST, 1));
	begin(self, DAMC_CMD_ROUTE_APPEND);
	put(self, "/v", 6);
	put(self, "/s", -1);
	EXPECT_TRUE(refused(self, EINVAL, 1));
}

static void put_proto(batch *self, const char *name, uint32_t proto, bool first)
{
	struct nlattr *nest = dt_nest(&big.msg, DAMC_A_ROUTE);

	if (first)
		dt_put_name(&big.msg, DAMC_A_ROUTE_NAME, name);
	dt_put_u32(&big.msg, DAMC_A_ROUTE_TYPE, DAMC_ROUTE_TYPE_PROHIBIT);
	dt_put_u32(&big.msg, DAMC_A_ROUTE_PROTOCOL, proto);
	if (!first)
		dt_put_name(&big.msg, DAMC_A_ROUTE_NAME, name);
	dt_nest_end(&big.msg, nest);
}

/* What was said in another order does not pass to those like one before. */
TEST_F_TIMEOUT(batch, name_comes_last, LONG)
{
	begin(self, DAMC_CMD_ROUTE_ADD);
	put_proto(self, "/w", DAMC_ROUTE_PROTOCOL_STATIC, true);
	put_proto(self, "/x", DAMC_ROUTE_PROTOCOL_DAMCD, false);
	put_proto(self, "/y", DAMC_ROUTE_PROTOCOL_STATIC, true);
	put_proto(self, "/z", DAMC_ROUTE_PROTOCOL_DAMCD, false);
	put(self, "/zz", -1);
	ASSERT_EQ(0, commit(self));
	EXPECT_EQ(0, dt_run("damc route show /x | grep -q 'proto damcd'"));
	EXPECT_NE(0, dt_run("damc route show /y | grep -q 'proto damcd'"));
	EXPECT_EQ(0, dt_run("damc route show /zz | grep -q 'proto damcd'"));
}

/* The attribute that is at fault, not only its route. */
TEST_F_TIMEOUT(batch, says_which_attribute, LONG)
{
	struct nlattr *nest;
	uint32_t at;

	begin(self, DAMC_CMD_ROUTE_ADD);
	put_many(self, 0, 3, 0);
	self->at[self->n++] = big.msg.nlh.nlmsg_len;
	nest = dt_nest(&big.msg, DAMC_A_ROUTE);
	at = big.msg.nlh.nlmsg_len;
	dt_put(&big.msg, DAMC_A_ROUTE_NAME, "\5ab", 3);
	dt_put_u32(&big.msg, DAMC_A_ROUTE_TYPE, DAMC_ROUTE_TYPE_PROHIBIT);
	dt_nest_end(&big.msg, nest);
	EXPECT_TRUE(refused(self, EINVAL, 3));
	commit(self);
	EXPECT_EQ(at, self->nl.offset);

	begin(self, DAMC_CMD_ROUTE_ADD);
	put_many(self, 0, 3, 0);
	self->at[self->n++] = big.msg.nlh.nlmsg_len;
	nest = dt_nest(&big.msg, DAMC_A_ROUTE);
	dt_put_name(&big.msg, DAMC_A_ROUTE_NAME, "/x");
	at = big.msg.nlh.nlmsg_len;
	dt_put_u32(&big.msg, DAMC_A_ROUTE_TYPE, 99);
	dt_nest_end(&big.msg, nest);
	EXPECT_TRUE(refused(self, ERANGE, 3));
	commit(self);
	EXPECT_EQ(at, self->nl.offset);
}

TEST_F_TIMEOUT(batch, attribute_twice, LONG)
{
	struct nlattr *nest, *hop;
	uint32_t at;

	begin(self, DAMC_CMD_ROUTE_REPLACE);
	put(self, "/r", 0);
	self->at[self->n++] = big.msg.nlh.nlmsg_len;
	nest = dt_nest(&big.msg, DAMC_A_ROUTE);
	dt_put_name(&big.msg, DAMC_A_ROUTE_NAME, "/x");
	at = big.msg.nlh.nlmsg_len;
	dt_put_name(&big.msg, DAMC_A_ROUTE_NAME, "/y");
	dt_put_u32(&big.msg, DAMC_A_ROUTE_TYPE, DAMC_ROUTE_TYPE_PROHIBIT);
	dt_nest_end(&big.msg, nest);
	EXPECT_TRUE(refused(self, EINVAL, 1));
	commit(self);
	EXPECT_EQ(at, self->nl.offset);

	begin(self, DAMC_CMD_ROUTE_REPLACE);
	self->at[self->n++] = big.msg.nlh.nlmsg_len;
	nest = dt_nest(&big.msg, DAMC_A_ROUTE);
	dt_put_name(&big.msg, DAMC_A_ROUTE_NAME, "/x");
	hop = dt_nest(&big.msg, DAMC_A_ROUTE_NEXTHOP);
	dt_put_u32(&big.msg, DAMC_A_NEXTHOP_IFINDEX, self->v0);
	at = big.msg.nlh.nlmsg_len;
	dt_put_u32(&big.msg, DAMC_A_NEXTHOP_IFINDEX, self->v0);
	dt_nest_end(&big.msg, hop);
	dt_nest_end(&big.msg, nest);
	EXPECT_TRUE(refused(self, EINVAL, 0));
	commit(self);
	EXPECT_EQ(at, self->nl.offset);
}

/* Up to 192 KiB, not one route more; which one is too many cannot be said. */
TEST_F_TIMEOUT(batch, cap, LONG)
{
	uint32_t each, room = DAMC_BATCH_MAX - NLMSG_HDRLEN - GENL_HDRLEN;

	begin(self, DAMC_CMD_ROUTE_ADD);
	put_many(self, 0, 1, 0);
	each = big.msg.nlh.nlmsg_len - NLMSG_HDRLEN - GENL_HDRLEN;
	begin(self, DAMC_CMD_ROUTE_ADD);
	put_many(self, 0, room / each + 1, 0);
	ASSERT_EQ(0, look(&self->nl, &before));
	EXPECT_EQ(-EMSGSIZE, commit(self));
	EXPECT_TRUE(self->nl.has_message);
	EXPECT_FALSE(changed(&self->nl));
	begin(self, DAMC_CMD_ROUTE_ADD);
	put_many(self, 0, room / each, 0);
	EXPECT_EQ(0, commit(self));
	begin(self, DAMC_CMD_ROUTE_DEL);
	put_many(self, 0, room / each, -1);
	EXPECT_EQ(0, commit(self));
	EXPECT_FALSE(changed(&self->nl));
}

TEST_HARNESS_MAIN
