// SPDX-License-Identifier: GPL-2.0
/*
 * The netlink family: what each command refuses, that it says why, and that
 * nothing has changed then; who may ask; dumps while all changes.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/capability.h>
#include <linux/genetlink.h>
#include <sys/syscall.h>

#include "../kselftest_harness.h"
#include "testlib.h"

#define ROUTES 3000

/* What a command is about: its nest, its name attribute, its interface's. */
static const struct command {
	uint8_t cmd;
	uint16_t nest, name, ifindex;
	bool open, dump;
} commands[] = {
	{ DAMC_CMD_INFO_SET, DAMC_A_INFO, DAMC_A_INFO_NAME, 0, false, false },
	{ DAMC_CMD_DEV_SET, DAMC_A_DEV, 0, DAMC_A_DEV_IFINDEX, false, false },
	{ DAMC_CMD_DEV_GET, DAMC_A_DEV, 0, DAMC_A_DEV_IFINDEX, true, true },
	{ DAMC_CMD_NEIGH_ADD, DAMC_A_NEIGH, 0, DAMC_A_NEIGH_IFINDEX, false, false },
	{ DAMC_CMD_NEIGH_DEL, DAMC_A_NEIGH, 0, DAMC_A_NEIGH_IFINDEX, false, false },
	{ DAMC_CMD_NEIGH_GET, DAMC_A_NEIGH, 0, DAMC_A_NEIGH_IFINDEX, true, true },
	{ DAMC_CMD_ROUTE_ADD, DAMC_A_ROUTE, DAMC_A_ROUTE_NAME, 0, false, false },
	{ DAMC_CMD_ROUTE_REPLACE, DAMC_A_ROUTE, DAMC_A_ROUTE_NAME, 0, false, false },
	{ DAMC_CMD_ROUTE_APPEND, DAMC_A_ROUTE, DAMC_A_ROUTE_NAME, 0, false, false },
	{ DAMC_CMD_ROUTE_DEL, DAMC_A_ROUTE, DAMC_A_ROUTE_NAME, 0, false, false },
	{ DAMC_CMD_ROUTE_GET, DAMC_A_ROUTE, DAMC_A_ROUTE_NAME, 0, false, true },
	{ DAMC_CMD_ROUTE_LOOKUP, DAMC_A_LOOKUP, DAMC_A_LOOKUP_NAME, 0, false, false },
	{ DAMC_CMD_BIND_ADD, DAMC_A_BIND, DAMC_A_BIND_NAME, DAMC_A_BIND_IFINDEX, false, false },
	{ DAMC_CMD_BIND_DEL, DAMC_A_BIND, DAMC_A_BIND_NAME, 0, false, false },
	{ DAMC_CMD_BIND_GET, DAMC_A_BIND, DAMC_A_BIND_NAME, 0, false, true },
};

#define N_COMMANDS (sizeof(commands) / sizeof(*commands))

FIXTURE(nl) {
	struct dt_nl nl;
	struct dt_msg msg, reply;
	uint32_t v0, e0;
};

/* v0 is up, e0 an edge with /pod; a neighbour, a route; the name /self. */
FIXTURE_SETUP(nl)
{
	ASSERT_GE(dt_netns_new(), 0);
	ASSERT_EQ(0, dt_ip("link add v0 type veth peer name v1\n"
			   "link add e0 type veth peer name e1\n"));
	ASSERT_EQ(0, dt_damc("info set name /self\ndev set v0 up\ndev set e0 edge\n"
			     "neigh add dev v0 lladdr 02:00:00:00:00:01\n"
			     "route add /r dev v0\nbind add /pod dev e0\n"));
	self->v0 = if_nametoindex("v0");
	self->e0 = if_nametoindex("e0");
	ASSERT_EQ(0, dt_nl_open(&self->nl));
}

FIXTURE_TEARDOWN(nl)
{
	close(self->nl.fd);
}

/* Number of routes, bindings and neighbours, and the name; as one number. */
static uint64_t state(struct dt_nl *nl)
{
	const struct nlattr *nest;
	struct dt_msg msg, reply;
	uint64_t sum = 0;
	size_t i;

	dt_msg_init(nl, &msg, DAMC_CMD_INFO_GET, 0);
	if (dt_talk(nl, &msg, &reply))
		return -1;
	for (i = NLMSG_HDRLEN + GENL_HDRLEN; i < reply.nlh.nlmsg_len; i++)
		sum = sum * 31 + ((uint8_t *)&reply)[i];
	nest = dt_reply_find(&reply, DAMC_A_INFO_STATE);
	return nest ? sum : -1;
}

/* Refused with this error (0: any), with words, and without effect. */
static bool refused(struct dt_nl *nl, struct dt_msg *msg, int err)
{
	char said[256];
	uint64_t before = state(nl);
	int got = dt_talk(nl, msg, NULL);
	bool words = nl->has_message;
	const struct genlmsghdr *genl;

	snprintf(said, sizeof(said), "%s", nl->message);
	if (got < 0 && (!err || got == -err) && words && state(nl) == before)
		return true;
	genl = NLMSG_DATA(&msg->nlh);
	fprintf(stderr, "# command %u: error %d, \"%s\"%s\n", genl->cmd, got,
		said, state(nl) == before ? "" : ", and something changed");
	return false;
}

TEST_F(nl, missing_nest)
{
	size_t i;

	for (i = 0; i < N_COMMANDS; i++) {
		dt_msg_init(&self->nl, &self->msg, commands[i].cmd, 0);
		EXPECT_TRUE(refused(&self->nl, &self->msg, EINVAL));
	}
}

TEST_F(nl, empty_nest)
{
	size_t i;

	for (i = 0; i < N_COMMANDS; i++) {
		dt_msg_init(&self->nl, &self->msg, commands[i].cmd, 0);
		dt_nest(&self->msg, commands[i].nest);
		EXPECT_TRUE(refused(&self->nl, &self->msg, EINVAL));
	}
}

/* A name that fits the policy is enough for some; not for these. */
TEST_F(nl, name_alone)
{
	static const uint8_t cmds[] = {
		DAMC_CMD_ROUTE_ADD, DAMC_CMD_ROUTE_REPLACE,
		DAMC_CMD_ROUTE_APPEND,
	};
	struct nlattr *nest;
	size_t i;

	for (i = 0; i < 3; i++) {
		dt_msg_init(&self->nl, &self->msg, cmds[i], 0);
		nest = dt_nest(&self->msg, DAMC_A_ROUTE);
		dt_put_name(&self->msg, DAMC_A_ROUTE_NAME, "/new");
		dt_nest_end(&self->msg, nest);
		EXPECT_TRUE(refused(&self->nl, &self->msg, EINVAL));
	}
	dt_msg_init(&self->nl, &self->msg, DAMC_CMD_BIND_ADD, 0);
	nest = dt_nest(&self->msg, DAMC_A_BIND);
	dt_put_name(&self->msg, DAMC_A_BIND_NAME, "/new");
	dt_nest_end(&self->msg, nest);
	EXPECT_TRUE(refused(&self->nl, &self->msg, EINVAL));
}

/* A request that would be taken: names, where it has any, are @name. */
static void whole(struct dt_nl *nl, struct dt_msg *msg,
		  const struct command *command, const char *name,
		  uint32_t ifindex)
{
	struct nlattr *nest;

	dt_msg_init(nl, msg, command->cmd, 0);
	nest = dt_nest(msg, command->nest);
	if (command->name)
		dt_put_name(msg, command->name, name);
	if (command->ifindex)
		dt_put_u32(msg, command->ifindex, ifindex);
	if (command->cmd == DAMC_CMD_DEV_SET)
		dt_put_u32(msg, DAMC_A_DEV_MODE, DAMC_DEV_MODE_UP);
	if (command->cmd >= DAMC_CMD_ROUTE_ADD &&
	    command->cmd <= DAMC_CMD_ROUTE_APPEND)
		dt_put_u32(msg, DAMC_A_ROUTE_TYPE, DAMC_ROUTE_TYPE_PROHIBIT);
	dt_nest_end(msg, nest);
}

/* Changes of routes take several, one after the other, and none that is empty. */
TEST_F(nl, second_nest)
{
	struct nlattr *nest;
	size_t i;
	int err;

	for (i = 0; i < N_COMMANDS; i++) {
		err = commands[i].cmd == DAMC_CMD_ROUTE_DEL ? ESRCH : EINVAL;
		whole(&self->nl, &self->msg, &commands[i], "/new", self->v0);
		nest = dt_nest(&self->msg, commands[i].nest);
		dt_nest_end(&self->msg, nest);
		EXPECT_TRUE(refused(&self->nl, &self->msg, err));
	}
}

static void put_type(struct dt_msg *msg, const char *name, uint32_t type, bool name_last)
{
	struct nlattr *nest = dt_nest(msg, DAMC_A_ROUTE);

	if (!name_last)
		dt_put_name(msg, DAMC_A_ROUTE_NAME, name);
	dt_put_u32(msg, DAMC_A_ROUTE_TYPE, type);
	if (name_last)
		dt_put_name(msg, DAMC_A_ROUTE_NAME, name);
	dt_nest_end(msg, nest);
}

static void put_hop(struct dt_msg *msg, const char *name, uint32_t ifindex, uint32_t weight)
{
	struct nlattr *nest = dt_nest(msg, DAMC_A_ROUTE), *hop;

	dt_put_name(msg, DAMC_A_ROUTE_NAME, name);
	hop = dt_nest(msg, DAMC_A_ROUTE_NEXTHOP);
	dt_put_u32(msg, DAMC_A_NEXTHOP_IFINDEX, ifindex);
	dt_put_u32(msg, DAMC_A_NEXTHOP_WEIGHT, weight);
	dt_nest_end(msg, hop);
	dt_nest_end(msg, nest);
}

/* So often in the list of routes. */
static bool shown(const char *what, int times)
{
	return !dt_run("damc -j route show | grep -o '%s' | grep -c . | grep -qx %d",
		       what, times);
}

/* Routes of a batch that differ by name alone are read once, and only those. */
TEST_F(nl, alike_in_a_batch)
{
	struct nlattr *nest;

	dt_msg_init(&self->nl, &self->msg, DAMC_CMD_ROUTE_REPLACE, 0);
	put_hop(&self->msg, "/h1", self->v0, 3);
	put_hop(&self->msg, "/h2", self->v0, 3);
	put_hop(&self->msg, "/h3", self->v0, 4);
	put_type(&self->msg, "/t1", DAMC_ROUTE_TYPE_PROHIBIT, false);
	put_type(&self->msg, "/t2", DAMC_ROUTE_TYPE_PROHIBIT, false);
	put_type(&self->msg, "/t3", DAMC_ROUTE_TYPE_UNREACHABLE, false);
	put_type(&self->msg, "/t4", DAMC_ROUTE_TYPE_PROHIBIT, true);
	put_hop(&self->msg, "/h4", self->v0, 4);
	put_hop(&self->msg, "/h1", self->v0, 4);
	ASSERT_EQ(0, dt_talk(&self->nl, &self->msg, NULL));
	EXPECT_TRUE(shown("\"prohibit\"", 3));
	EXPECT_TRUE(shown("\"unreachable\"", 1));
	EXPECT_TRUE(shown("\"weight\":3", 1));
	EXPECT_TRUE(shown("\"weight\":4", 3));
	/* What is alike but for a bad name is refused, and all with it. */
	dt_msg_init(&self->nl, &self->msg, DAMC_CMD_ROUTE_ADD, 0);
	put_type(&self->msg, "/u1", DAMC_ROUTE_TYPE_PROHIBIT, false);
	nest = dt_nest(&self->msg, DAMC_A_ROUTE);
	dt_put(&self->msg, DAMC_A_ROUTE_NAME, "\7u", 2);
	dt_put_u32(&self->msg, DAMC_A_ROUTE_TYPE, DAMC_ROUTE_TYPE_PROHIBIT);
	dt_nest_end(&self->msg, nest);
	EXPECT_TRUE(refused(&self->nl, &self->msg, EINVAL));
	dt_msg_init(&self->nl, &self->msg, DAMC_CMD_ROUTE_ADD, 0);
	put_hop(&self->msg, "/u1", self->v0, 1);
	put_hop(&self->msg, "/u2", self->v0, 1);
	put_hop(&self->msg, "/u1", self->v0, 1);
	EXPECT_TRUE(refused(&self->nl, &self->msg, EEXIST));
}

TEST_F(nl, unknown_attributes)
{
	static const uint16_t types[] = { 0, 13, 99, 0x3fff };
	struct nlattr *nest;
	size_t i, t;

	for (i = 0; i < N_COMMANDS; i++)
		for (t = 1; t < 4; t++) {
			whole(&self->nl, &self->msg, &commands[i], "/new",
			      self->v0);
			dt_put_u32(&self->msg, types[t], 1);
			EXPECT_TRUE(refused(&self->nl, &self->msg, 0));
			dt_msg_init(&self->nl, &self->msg, commands[i].cmd, 0);
			nest = dt_nest(&self->msg, commands[i].nest);
			dt_put_u32(&self->msg, types[t], 1);
			dt_nest_end(&self->msg, nest);
			EXPECT_TRUE(refused(&self->nl, &self->msg, 0));
		}
}

/* Each nest that a command has not. */
TEST_F(nl, attributes_of_other_commands)
{
	static const uint8_t none[] = { DAMC_CMD_INFO_GET, DAMC_CMD_STATS_GET };
	uint16_t type;
	size_t i;

	for (i = 0; i < N_COMMANDS; i++)
		for (type = DAMC_A_INFO; type <= DAMC_A_MAX; type++) {
			if (type == commands[i].nest)
				continue;
			whole(&self->nl, &self->msg, &commands[i], "/new",
			      self->v0);
			dt_nest(&self->msg, type);
			EXPECT_TRUE(refused(&self->nl, &self->msg, EINVAL));
		}
	for (i = 0; i < 2; i++)
		for (type = DAMC_A_INFO; type <= DAMC_A_MAX; type++) {
			dt_msg_init(&self->nl, &self->msg, none[i], 0);
			dt_nest(&self->msg, type);
			EXPECT_TRUE(refused(&self->nl, &self->msg, EINVAL));
		}
}

TEST_F(nl, nest_without_flag)
{
	struct nlattr *nest;
	size_t i;

	for (i = 0; i < N_COMMANDS; i++) {
		whole(&self->nl, &self->msg, &commands[i], "/new", self->v0);
		nest = (void *)(self->msg.rest + GENL_HDRLEN);
		nest->nla_type &= ~NLA_F_NESTED;
		EXPECT_TRUE(refused(&self->nl, &self->msg, EINVAL));
	}
}

TEST_F(nl, bad_names)
{
	static uint8_t wire[200];
	static const struct {
		const char *bytes;
		size_t len;
	} names[] = {
		{ "\0", 1 }, { "\1", 1 }, { "\2a", 2 }, { "\1a\0", 3 },
		{ "\1a\5b", 4 }, { "\377a", 2 },
	};
	struct nlattr *nest;
	size_t i, n;

	for (i = 0; i < N_COMMANDS; i++) {
		if (!commands[i].name)
			continue;
		for (n = 0; n < 8; n++) {
			dt_msg_init(&self->nl, &self->msg, commands[i].cmd, 0);
			nest = dt_nest(&self->msg, commands[i].nest);
			if (n < 6)
				dt_put(&self->msg, commands[i].name,
				       names[n].bytes, names[n].len);
			else	/* 33 components; longer than any name. */
				dt_put(&self->msg, commands[i].name,
				       memset(wire, 1, sizeof(wire)),
				       n == 6 ? 66 : 114);
			if (commands[i].ifindex)
				dt_put_u32(&self->msg, commands[i].ifindex,
					   self->e0);
			if (commands[i].nest == DAMC_A_ROUTE &&
			    commands[i].cmd < DAMC_CMD_ROUTE_DEL)
				dt_put_u32(&self->msg, DAMC_A_ROUTE_TYPE,
					   DAMC_ROUTE_TYPE_PROHIBIT);
			dt_nest_end(&self->msg, nest);
			EXPECT_TRUE(refused(&self->nl, &self->msg, 0));
		}
	}
}

/* One attribute in a nest, with this value. */
static bool one_refused(struct dt_nl *nl, uint8_t cmd, uint16_t type,
			uint16_t attr, const void *value, size_t len)
{
	struct dt_msg msg;
	struct nlattr *nest;

	dt_msg_init(nl, &msg, cmd, 0);
	nest = dt_nest(&msg, type);
	dt_put(&msg, attr, value, len);
	dt_nest_end(&msg, nest);
	return refused(nl, &msg, 0);
}

TEST_F(nl, values_out_of_range)
{
	static const uint32_t zero, four = 4, six = 6, high = 0x80000000, all = ~0;
	struct dt_nl *nl = &self->nl;

#define REFUSED(cmd, type, attr, value) \
	EXPECT_TRUE(one_refused(nl, cmd, type, attr, &(value), sizeof(value)))
	REFUSED(DAMC_CMD_DEV_SET, DAMC_A_DEV, DAMC_A_DEV_IFINDEX, zero);
	REFUSED(DAMC_CMD_DEV_SET, DAMC_A_DEV, DAMC_A_DEV_IFINDEX, high);
	REFUSED(DAMC_CMD_DEV_SET, DAMC_A_DEV, DAMC_A_DEV_MODE, four);
	REFUSED(DAMC_CMD_DEV_SET, DAMC_A_DEV, DAMC_A_DEV_MODE, all);
	REFUSED(DAMC_CMD_DEV_GET, DAMC_A_DEV, DAMC_A_DEV_IFINDEX, all);
	REFUSED(DAMC_CMD_NEIGH_GET, DAMC_A_NEIGH, DAMC_A_NEIGH_ID, zero);
	REFUSED(DAMC_CMD_NEIGH_GET, DAMC_A_NEIGH, DAMC_A_NEIGH_ID, all);
	REFUSED(DAMC_CMD_NEIGH_DEL, DAMC_A_NEIGH, DAMC_A_NEIGH_IFINDEX, zero);
	REFUSED(DAMC_CMD_ROUTE_ADD, DAMC_A_ROUTE, DAMC_A_ROUTE_TYPE, zero);
	REFUSED(DAMC_CMD_ROUTE_ADD, DAMC_A_ROUTE, DAMC_A_ROUTE_TYPE, six);
	REFUSED(DAMC_CMD_ROUTE_ADD, DAMC_A_ROUTE, DAMC_A_ROUTE_PROTOCOL, zero);
	REFUSED(DAMC_CMD_ROUTE_ADD, DAMC_A_ROUTE, DAMC_A_ROUTE_PROTOCOL, four);
	REFUSED(DAMC_CMD_BIND_ADD, DAMC_A_BIND, DAMC_A_BIND_IFINDEX, high);
#undef REFUSED
}

TEST_F(nl, wrong_lengths)
{
	static const uint8_t bytes[64];
	static const size_t lens[] = { 0, 1, 3, 5, 8 };
	size_t i, l;

	for (i = 0; i < N_COMMANDS; i++) {
		if (!commands[i].ifindex)
			continue;
		for (l = 0; l < 5; l++)
			EXPECT_TRUE(one_refused(&self->nl, commands[i].cmd,
						commands[i].nest,
						commands[i].ifindex, bytes,
						lens[l]));
	}
	for (l = 0; l <= 33; l++)
		if (l != 6) {
			struct nlattr *nest;

			dt_msg_init(&self->nl, &self->msg, DAMC_CMD_NEIGH_ADD, 0);
			nest = dt_nest(&self->msg, DAMC_A_NEIGH);
			dt_put_u32(&self->msg, DAMC_A_NEIGH_IFINDEX, self->v0);
			dt_put(&self->msg, DAMC_A_NEIGH_LLADDR, bytes, l);
			dt_nest_end(&self->msg, nest);
			EXPECT_TRUE(refused(&self->nl, &self->msg, 0));
		}
}

/* A route of /new whose next hops are these attributes, each u32. */
static void route(struct dt_nl *nl, struct dt_msg *msg, uint8_t cmd,
		  const char *name, unsigned int n, const uint32_t (*hops)[2])
{
	struct nlattr *nest, *hop;
	unsigned int i;

	dt_msg_init(nl, msg, cmd, 0);
	nest = dt_nest(msg, DAMC_A_ROUTE);
	dt_put_name(msg, DAMC_A_ROUTE_NAME, name);
	for (i = 0; i < n; i++) {
		hop = dt_nest(msg, DAMC_A_ROUTE_NEXTHOP);
		if (hops[i][0])
			dt_put_u32(msg, hops[i][0], hops[i][1]);
		dt_nest_end(msg, hop);
	}
	dt_nest_end(msg, nest);
}

TEST_F(nl, bad_next_hops)
{
	const uint32_t none[1][2] = {}, gone[1][2] = {
		{ DAMC_A_NEXTHOP_IFINDEX, 9999 } },
		unknown[1][2] = { { DAMC_A_NEXTHOP_NEIGH_ID, 9999 } },
		weight[1][2] = { { DAMC_A_NEXTHOP_WEIGHT, 1 } },
		edge[1][2] = { { DAMC_A_NEXTHOP_IFINDEX, self->e0 } },
		twice[2][2] = { { DAMC_A_NEXTHOP_IFINDEX, self->v0 },
				{ DAMC_A_NEXTHOP_IFINDEX, self->v0 } },
		good[1][2] = { { DAMC_A_NEXTHOP_IFINDEX, self->v0 } };
	const uint32_t (*bad[])[2] = { none, gone, unknown, weight, edge };
	struct dt_nl *nl = &self->nl;
	size_t i;

	for (i = 0; i < 5; i++) {
		route(nl, &self->msg, DAMC_CMD_ROUTE_ADD, "/new", 1, bad[i]);
		EXPECT_TRUE(refused(nl, &self->msg, 0));
	}
	route(nl, &self->msg, DAMC_CMD_ROUTE_ADD, "/new", 2, twice);
	EXPECT_TRUE(refused(nl, &self->msg, EINVAL));
	route(nl, &self->msg, DAMC_CMD_ROUTE_ADD, "/r", 1, good);
	EXPECT_TRUE(refused(nl, &self->msg, EEXIST));
	route(nl, &self->msg, DAMC_CMD_ROUTE_APPEND, "/r", 1, good);
	EXPECT_TRUE(refused(nl, &self->msg, EEXIST));
	/* What the kernel put in is not a route command's to touch. */
	route(nl, &self->msg, DAMC_CMD_ROUTE_REPLACE, "/pod", 1, good);
	EXPECT_TRUE(refused(nl, &self->msg, EBUSY));
	route(nl, &self->msg, DAMC_CMD_ROUTE_REPLACE, "/self", 1, good);
	EXPECT_TRUE(refused(nl, &self->msg, EBUSY));
	route(nl, &self->msg, DAMC_CMD_ROUTE_DEL, "/self", 0, NULL);
	EXPECT_TRUE(refused(nl, &self->msg, EBUSY));
	route(nl, &self->msg, DAMC_CMD_ROUTE_ADD, "/new", 1, good);
	EXPECT_EQ(0, dt_talk(nl, &self->msg, NULL));
}

TEST_F(nl, too_many_next_hops)
{
	uint32_t hops[17][2];
	int i;

	for (i = 0; i < 17; i++) {
		ASSERT_EQ(0, dt_run("damc neigh add dev v0 lladdr 02:00:00:00:01:%02x", i));
		hops[i][0] = DAMC_A_NEXTHOP_NEIGH_ID;
		/* 1 is the fixture's, 2 the route's, 3 the edge's. */
		hops[i][1] = 4 + i;
	}
	route(&self->nl, &self->msg, DAMC_CMD_ROUTE_ADD, "/new", 17, hops);
	EXPECT_TRUE(refused(&self->nl, &self->msg, ENOSPC));
	route(&self->nl, &self->msg, DAMC_CMD_ROUTE_ADD, "/new", 16, hops);
	EXPECT_EQ(0, dt_talk(&self->nl, &self->msg, NULL));
	route(&self->nl, &self->msg, DAMC_CMD_ROUTE_APPEND, "/new", 1, hops + 16);
	EXPECT_TRUE(refused(&self->nl, &self->msg, ENOSPC));
}

TEST_F(nl, not_there)
{
	struct dt_nl *nl = &self->nl;
	size_t i;

	for (i = 0; i < N_COMMANDS; i++) {
		uint8_t cmd = commands[i].cmd;

		if (cmd != DAMC_CMD_ROUTE_DEL && cmd != DAMC_CMD_ROUTE_GET &&
		    cmd != DAMC_CMD_BIND_DEL && cmd != DAMC_CMD_BIND_GET &&
		    cmd != DAMC_CMD_DEV_GET && cmd != DAMC_CMD_DEV_SET &&
		    cmd != DAMC_CMD_NEIGH_ADD && cmd != DAMC_CMD_NEIGH_DEL &&
		    cmd != DAMC_CMD_NEIGH_GET)
			continue;
		whole(nl, &self->msg, &commands[i], "/not/there", 9999);
		EXPECT_TRUE(refused(nl, &self->msg, 0));
	}
}

/* The ninth depth is one too many, for routes, bindings and the name. */
TEST_F(nl, too_many_depths)
{
	char name[40] = "";
	int depth, fd;

	for (depth = 1; depth <= 8; depth++) {
		strcat(name, "/d");
		ASSERT_EQ(0, dt_run("damc route add %s prohibit", name));
	}
	strcat(name, "/d");
	whole(&self->nl, &self->msg, &commands[6], name, 0);
	EXPECT_TRUE(refused(&self->nl, &self->msg, E2BIG));
	whole(&self->nl, &self->msg, &commands[0], name, 0);
	EXPECT_TRUE(refused(&self->nl, &self->msg, E2BIG));
	whole(&self->nl, &self->msg, &commands[12], name, self->e0);
	EXPECT_TRUE(refused(&self->nl, &self->msg, E2BIG));
	fd = dt_bound(0, name);
	EXPECT_EQ(-1, fd);
	EXPECT_EQ(E2BIG, errno);
}

/* A route makes room for a binding if it is of the protocol that was named. */
TEST_F(nl, bound_over_a_route)
{
	const char *shows = "damc route get /k | grep -q '%s'";

	ASSERT_EQ(0, dt_damc("route add /k dev v0 proto damcd\npool add /p member /p/1\n"));
	EXPECT_NE(0, dt_run("damc bind add /k dev e0"));
	EXPECT_NE(0, dt_run("damc bind add /k dev e0 over static"));
	EXPECT_NE(0, dt_run("damc bind add /k dev e0 over kernel"));
	EXPECT_EQ(0, dt_run(shows, "proto damcd"));
	EXPECT_EQ(0, dt_run("damc bind add /k dev e0 over damcd"));
	EXPECT_EQ(0, dt_run(shows, "proto kernel"));
	/* From now on it is like any binding's. */
	EXPECT_NE(0, dt_run("damc bind add /k dev e0 over damcd"));
	EXPECT_NE(0, dt_run("damc route replace /k dev v0 proto damcd"));
	EXPECT_EQ(0, dt_run("damc bind del /k"));
	EXPECT_NE(0, dt_run("damc route get /k"));
	/* What is not there makes room, too; a pool does not. */
	EXPECT_EQ(0, dt_run("damc bind add /k/1 dev e0 member over damcd"));
	EXPECT_NE(0, dt_run("damc bind add /p dev e0 over static"));
}

/* Everyone binds names; half of the depths that there are is not for that. */
TEST_F(nl, depths_kept_back)
{
	char name[40] = "";
	int depth;

	ASSERT_EQ(0, setuid(65534));
	for (depth = 1; depth <= 4; depth++) {
		strcat(name, "/d");
		EXPECT_LE(0, dt_bound(0, name));
	}
	strcat(name, "/d");
	EXPECT_EQ(-1, dt_bound(0, name));
	EXPECT_EQ(E2BIG, errno);
	EXPECT_LE(0, dt_bound(0, "/d/other/d"));
}

TEST_F(nl, dump_takes_no_attributes)
{
	size_t i;

	for (i = 0; i < N_COMMANDS; i++) {
		if (!commands[i].dump)
			continue;
		whole(&self->nl, &self->msg, &commands[i], "/r", self->v0);
		self->msg.nlh.nlmsg_flags |= NLM_F_DUMP;
		EXPECT_TRUE(refused(&self->nl, &self->msg, EINVAL));
		dt_msg_init(&self->nl, &self->msg, commands[i].cmd, NLM_F_DUMP);
		EXPECT_EQ(0, dt_talk(&self->nl, &self->msg, NULL));
	}
}

static int drop_capabilities(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2] = {};

	return syscall(SYS_capset, &header, data);
}

TEST_F(nl, unprivileged)
{
	struct dt_nl *nl = &self->nl;
	size_t i;

	ASSERT_EQ(0, drop_capabilities());
	/* A descriptor opened before keeps no right either. */
	for (i = 0; i < N_COMMANDS; i++) {
		whole(nl, &self->msg, &commands[i], "/r", self->v0);
		if (commands[i].cmd != DAMC_CMD_NEIGH_GET)
			EXPECT_EQ(commands[i].open ? 0 : -EPERM,
				  dt_talk(nl, &self->msg, NULL));
		if (!commands[i].dump)
			continue;
		dt_msg_init(nl, &self->msg, commands[i].cmd, NLM_F_DUMP);
		EXPECT_EQ(commands[i].open ? 0 : -EPERM,
			  dt_talk(nl, &self->msg, NULL));
	}
	dt_msg_init(nl, &self->msg, DAMC_CMD_INFO_GET, 0);
	EXPECT_EQ(0, dt_talk(nl, &self->msg, NULL));
}

/* Root of a namespace that an ordinary user made. */
TEST(user_namespace)
{
	struct dt_nl nl;
	struct dt_msg msg;

	ASSERT_EQ(0, setgid(65534));
	ASSERT_EQ(0, setuid(65534));
	ASSERT_EQ(0, unshare(CLONE_NEWUSER | CLONE_NEWNET));
	ASSERT_EQ(0, dt_nl_open(&nl));
	whole(&nl, &msg, &commands[0], "/mine", 0);
	EXPECT_EQ(0, dt_talk(&nl, &msg, NULL));
	whole(&nl, &msg, &commands[6], "/route", 0);
	EXPECT_EQ(0, dt_talk(&nl, &msg, NULL));
	dt_msg_init(&nl, &msg, DAMC_CMD_ROUTE_GET, NLM_F_DUMP);
	EXPECT_EQ(0, dt_talk(&nl, &msg, NULL));
	EXPECT_LE(0, dt_bound(DAMC_PROTO_CONTROL, "/damc/x"));
	EXPECT_EQ(0, drop_capabilities());
	whole(&nl, &msg, &commands[6], "/route/2", 0);
	EXPECT_EQ(-EPERM, dt_talk(&nl, &msg, NULL));
}

/* Which of /d/N a dumped route is; -1 for others. */
static int route_number(const struct nlmsghdr *nlh)
{
	size_t at = NLMSG_HDRLEN + GENL_HDRLEN;
	const struct nlattr *nest, *name;
	char text[12] = "";
	const uint8_t *wire;

	nest = dt_find((const char *)nlh + at, nlh->nlmsg_len - at, DAMC_A_ROUTE);
	name = nest ? dt_find(nest + 1, nest->nla_len - NLA_HDRLEN,
			      DAMC_A_ROUTE_NAME) : NULL;
	if (!name || name->nla_len < NLA_HDRLEN + 4)
		return -1;
	wire = (const uint8_t *)(name + 1);
	if (wire[0] != 1 || wire[1] != 'd' || wire[2] > 10)
		return -1;
	memcpy(text, wire + 3, wire[2]);
	return atoi(text);
}

/* Count each route in a dump; how many messages, or an error. */
static int dump_routes(struct dt_nl *nl, uint8_t *seen)
{
	static char buf[65536];
	struct nlmsghdr *nlh;
	struct dt_msg msg;
	int n = 0, number;
	ssize_t len;

	dt_msg_init(nl, &msg, DAMC_CMD_ROUTE_GET, NLM_F_DUMP);
	msg.nlh.nlmsg_seq = ++nl->seq;
	if (send(nl->fd, &msg, msg.nlh.nlmsg_len, 0) < 0)
		return -errno;
	for (;;) {
		len = recv(nl->fd, buf, sizeof(buf), 0);
		if (len < 0)
			return -errno;
		for (nlh = (void *)buf; NLMSG_OK(nlh, len);
		     nlh = NLMSG_NEXT(nlh, len)) {
			if (nlh->nlmsg_type == NLMSG_DONE)
				return n;
			if (nlh->nlmsg_type == NLMSG_ERROR)
				return -1;
			number = route_number(nlh);
			if (number >= 0 && number < 2 * ROUTES)
				seen[number]++;
			n++;
		}
	}
}

static int change_route(struct dt_nl *nl, uint8_t cmd, int number)
{
	struct nlattr *nest;
	struct dt_msg msg;
	char name[24];

	snprintf(name, sizeof(name), "/d/%d", number);
	dt_msg_init(nl, &msg, cmd, 0);
	nest = dt_nest(&msg, DAMC_A_ROUTE);
	dt_put_name(&msg, DAMC_A_ROUTE_NAME, name);
	if (cmd != DAMC_CMD_ROUTE_DEL)
		dt_put_u32(&msg, DAMC_A_ROUTE_TYPE, DAMC_ROUTE_TYPE_PROHIBIT);
	dt_nest_end(&msg, nest);
	return dt_talk(nl, &msg, NULL);
}

/* Add and delete others, so that the table grows and shrinks, until killed. */
static void churn(struct dt_nl *nl)
{
	int i;

	for (;;) {
		for (i = 0; i < 1500; i++)
			change_route(nl, DAMC_CMD_ROUTE_ADD, ROUTES + i);
		for (i = 0; i < 1500; i++)
			change_route(nl, DAMC_CMD_ROUTE_DEL, ROUTES + i);
	}
}

TEST_F_TIMEOUT(nl, dump_while_routes_change, 90)
{
	static uint8_t seen[2 * ROUTES];
	int i, round, wrong = 0;
	struct dt_nl other;
	pid_t child;

	for (i = 0; i < ROUTES; i++)
		ASSERT_EQ(0, change_route(&self->nl, DAMC_CMD_ROUTE_ADD, i));
	child = fork();
	if (!child) {
		dt_nl_open(&other);
		churn(&other);
	}
	for (round = 0; round < 10; round++) {
		memset(seen, 0, sizeof(seen));
		EXPECT_LE(ROUTES, dump_routes(&self->nl, seen));
		for (i = 0; i < 2 * ROUTES; i++)
			wrong += i < ROUTES ? seen[i] != 1 : seen[i] > 1;
	}
	EXPECT_EQ(0, wrong);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	for (i = 0; i < ROUTES; i++)
		ASSERT_EQ(0, change_route(&self->nl, DAMC_CMD_ROUTE_DEL, i));
}

TEST_HARNESS_MAIN
