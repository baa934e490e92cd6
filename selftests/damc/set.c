// SPDX-License-Identifier: GPL-2.0
/*
 * Next-hop sets at one node, whose links are v0 and w0: where routes to a set
 * lead, what one replacement changes, what happens as neighbours go down and
 * come back, what is refused.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <net/if.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/damc_netlink.h>
#include <linux/genetlink.h>

#include "../kselftest_harness.h"
#include "ear.h"
#include "testlib.h"

/* Seconds; emulation with sanitizers is slow. */
#define LONG 300
#define MANY 1000
#define FLOWS 64

FIXTURE(set) {
	struct dt_node node;
	struct dt_nl ear;
	int fd;
};

FIXTURE_SETUP(set)
{
	ASSERT_EQ(0, dt_node_open(&self->node, "up"));
	ASSERT_EQ(0, ear_open(&self->ear));
	self->fd = dt_bound(0, "/damc/node/g/t");
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(set)
{
	close(self->fd);
	close(self->node.v);
	close(self->node.w);
	close(self->node.nl.fd);
	close(self->ear.fd);
}

#define MUST(commands) ASSERT_EQ(0, dt_damc(commands "\n"))
#define REFUSED(commands) ASSERT_EQ(0, dt_damc_refused(commands "\n"))
#define EXPECT_HEARD(text) EXPECT_STREQ(text, ear_text(&self->ear))

/* What is told first, within so long as the core takes to tell of a link. */
static const char *heard_soon(struct dt_nl *ear)
{
	const char *text = "";
	int i;

	for (i = 0; i < 1000 && !*text; i++) {
		dt_readable(ear->fd, 10);
		text = ear_text(ear);
	}
	return text;
}

/* By which link a packet to @to leaves: 'v', 'w'; '-' by none. */
static int leaves(struct dt_node *node, int fd, const char *to)
{
	if (dt_send(fd, to, "x", 1) != 1)
		return '-';
	for (int i = 0; i < 300; i++) {
		if (dt_frame_recv(node->v, node->got, sizeof(node->got), 5) > 0 &&
		    dt_packet_name(node->got, 0, to))
			return 'v';
		if (dt_frame_recv(node->w, node->got, sizeof(node->got), 5) > 0 &&
		    dt_packet_name(node->got, 0, to))
			return 'w';
	}
	return '-';
}

#define LEAVES(to) leaves(&self->node, self->fd, to)

/* The neighbour that a flow would go to; 0 if none. */
static uint32_t chosen(struct dt_nl *nl, const char *name, uint32_t flow)
{
	const struct nlattr *decision, *id;
	struct dt_msg msg, reply;
	struct nlattr *nest;

	dt_msg_init(nl, &msg, DAMC_CMD_ROUTE_LOOKUP, 0);
	nest = dt_nest(&msg, DAMC_A_LOOKUP);
	dt_put_name(&msg, DAMC_A_LOOKUP_NAME, name);
	dt_put_u32(&msg, DAMC_A_LOOKUP_FLOW, flow);
	dt_nest_end(&msg, nest);
	if (dt_talk(nl, &msg, &reply))
		return 0;
	decision = dt_reply_find(&reply, DAMC_A_DECISION);
	id = decision ? ear_inner(decision, DAMC_A_DECISION_NEIGH_ID) : NULL;
	return id ? dt_uint(id) : 0;
}

/* A request about one set that has nothing but an id, and maybe a next hop. */
static void set_msg(const struct dt_nl *nl, struct dt_msg *msg, uint8_t cmd)
{
	dt_msg_init(nl, msg, cmd, 0);
}

static void put_hop(struct dt_msg *msg, uint16_t type, const char *dev,
		    uint32_t weight)
{
	struct nlattr *nest = dt_nest(msg, type);

	dt_put_u32(msg, DAMC_A_NEXTHOP_IFINDEX, if_nametoindex(dev));
	if (weight)
		dt_put_u32(msg, DAMC_A_NEXTHOP_WEIGHT, weight);
	dt_nest_end(msg, nest);
}

/* One set with one next hop. */
static void put_set(struct dt_msg *msg, uint32_t id, const char *dev)
{
	struct nlattr *nest = dt_nest(msg, DAMC_A_SET);

	dt_put_u32(msg, DAMC_A_SET_ID, id);
	if (dev)
		put_hop(msg, DAMC_A_SET_NEXTHOP, dev, 1);
	dt_nest_end(msg, nest);
}

static int send_set(struct dt_nl *nl, uint8_t cmd, uint32_t id, const char *dev)
{
	struct dt_msg msg, reply;

	set_msg(nl, &msg, cmd);
	put_set(&msg, id, dev);
	return dt_talk(nl, &msg, &reply);
}

TEST_F_TIMEOUT(set, routes_follow, LONG)
{
	MUST("set add 1 nexthop dev v0");
	MUST("route add /x set 1\nroute add /y set 1");
	EXPECT_EQ('v', LEAVES("/x"));
	EXPECT_EQ('v', LEAVES("/y/z"));
	MUST("set replace 1 nexthop dev w0");
	EXPECT_EQ('w', LEAVES("/x"));
	EXPECT_EQ('w', LEAVES("/y/z"));
	/* A route may leave it, and come back. */
	MUST("route replace /y dev v0");
	EXPECT_EQ('v', LEAVES("/y"));
	MUST("route replace /y set 1");
	EXPECT_EQ('w', LEAVES("/y"));
}

/* What one replacement changes is told of the set, not of its routes. */
TEST_F_TIMEOUT(set, many_routes_one_change, LONG)
{
	static char text[MANY * 32];
	size_t at = 0;
	int i;

	MUST("set add 7 nexthop dev v0");
	for (i = 0; i < MANY; i++)
		at += snprintf(text + at, sizeof(text) - at,
			       "route add /m/%d set 7\n", i);
	ASSERT_EQ(0, dt_damc(text));
	ear_text(&self->ear);
	MUST("set replace 7 nexthop dev w0");
	EXPECT_HEARD("set+7 ");
	for (i = 0; i < MANY; i += 97) {
		snprintf(text, sizeof(text), "/m/%d", i);
		EXPECT_EQ('w', LEAVES(text));
	}
}

TEST_F_TIMEOUT(set, told_in_order, LONG)
{
	ear_text(&self->ear);
	MUST("set add 3 nexthop dev v0 lladdr 02:00:00:00:00:07");
	EXPECT_HEARD("neigh+3 set+3 ");
	MUST("route add /x set 3");
	EXPECT_HEARD("route+/x ");
	MUST("set replace 3");
	EXPECT_HEARD("set+3 neigh-3 ");
	REFUSED("set del 3");
	MUST("route del /x");
	EXPECT_HEARD("route-/x ");
	MUST("set del 3");
	EXPECT_HEARD("set-3 ");
}

TEST_F_TIMEOUT(set, refused, LONG)
{
	struct dt_nl *nl = &self->node.nl;
	struct dt_msg msg, reply;
	struct nlattr *nest;
	int i;

	EXPECT_EQ(-ESRCH, send_set(nl, DAMC_CMD_SET_DEL, 1, NULL));
	EXPECT_STREQ("No such set", nl->message);
	EXPECT_EQ(-ESRCH, send_set(nl, DAMC_CMD_SET_GET, 1, NULL));
	EXPECT_EQ(0, send_set(nl, DAMC_CMD_SET_ADD, 1, "v0"));
	EXPECT_EQ(-EEXIST, send_set(nl, DAMC_CMD_SET_ADD, 1, "v0"));
	EXPECT_EQ(-ERANGE, send_set(nl, DAMC_CMD_SET_ADD, 0, "v0"));
	EXPECT_EQ(-EINVAL, send_set(nl, DAMC_CMD_SET_DEL, 1, "v0"));
	EXPECT_STREQ("The id alone says which set", nl->message);
	EXPECT_EQ(-EINVAL, send_set(nl, DAMC_CMD_SET_GET, 1, "v0"));
	MUST("route add /x set 1");
	EXPECT_EQ(-EBUSY, send_set(nl, DAMC_CMD_SET_DEL, 1, NULL));
	EXPECT_STREQ("Routes lead to the set", nl->message);
	EXPECT_LT(0, nl->offset);
	REFUSED("route add /y set 2");
	REFUSED("route append /x dev w0");
	REFUSED("route add /y set 1 dev v0");
	REFUSED("set add 2 nexthop dev v0 nexthop dev v0");
	REFUSED("set add 2 nexthop dev v0 backup dev v0");
	REFUSED("set add 2 nexthop neigh 77");
	REFUSED("set add 2 proto kernel");

	set_msg(nl, &msg, DAMC_CMD_SET_ADD);
	nest = dt_nest(&msg, DAMC_A_SET);
	dt_put_u32(&msg, DAMC_A_SET_ID, 2);
	put_hop(&msg, DAMC_A_SET_BACKUP, "v0", 1);
	dt_nest_end(&msg, nest);
	EXPECT_EQ(-EINVAL, dt_talk(nl, &msg, &reply));
	EXPECT_STREQ("A backup has no weight", nl->message);

	set_msg(nl, &msg, DAMC_CMD_SET_ADD);
	nest = dt_nest(&msg, DAMC_A_SET);
	dt_put_u32(&msg, DAMC_A_SET_ID, 2);
	for (i = 0; i <= DAMC_NEXTHOPS_MAX; i++) {
		uint8_t lladdr[] = { 2, 0, 0, 0, 0, i };
		struct nlattr *hop = dt_nest(&msg, DAMC_A_SET_NEXTHOP);

		dt_put_u32(&msg, DAMC_A_NEXTHOP_IFINDEX, if_nametoindex("v0"));
		dt_put(&msg, DAMC_A_NEXTHOP_LLADDR, lladdr, sizeof(lladdr));
		dt_nest_end(&msg, hop);
	}
	dt_nest_end(&msg, nest);
	EXPECT_EQ(-ENOSPC, dt_talk(nl, &msg, &reply));
	/* Neighbours that it made are gone with it. */
	EXPECT_EQ(0, dt_run("test $(damc neigh | wc -l) = 2"));
}

TEST_F_TIMEOUT(set, all_or_none, LONG)
{
	struct dt_nl *nl = &self->node.nl;
	struct dt_msg msg, reply;

	MUST("set add 1 nexthop dev v0\nroute add /x set 1");
	ear_text(&self->ear);
	set_msg(nl, &msg, DAMC_CMD_SET_REPLACE);
	put_set(&msg, 1, "w0");
	put_set(&msg, 2, "v0");
	put_set(&msg, 3, "lo");
	EXPECT_EQ(-ENODEV, dt_talk(nl, &msg, &reply));
	EXPECT_EQ('v', LEAVES("/x"));
	EXPECT_EQ(-ESRCH, send_set(nl, DAMC_CMD_SET_GET, 2, NULL));
	EXPECT_HEARD("");

	set_msg(nl, &msg, DAMC_CMD_SET_REPLACE);
	put_set(&msg, 1, "w0");
	put_set(&msg, 2, "v0");
	/* The last word of a request counts. */
	put_set(&msg, 2, NULL);
	EXPECT_EQ(0, dt_talk(nl, &msg, &reply));
	EXPECT_EQ('w', LEAVES("/x"));
	EXPECT_EQ(0, send_set(nl, DAMC_CMD_SET_GET, 2, NULL));

	/* A deletion, too; and one set is not deleted twice. */
	set_msg(nl, &msg, DAMC_CMD_SET_DEL);
	put_set(&msg, 2, NULL);
	put_set(&msg, 1, NULL);
	EXPECT_EQ(-EBUSY, dt_talk(nl, &msg, &reply));
	EXPECT_EQ(0, send_set(nl, DAMC_CMD_SET_GET, 2, NULL));
	set_msg(nl, &msg, DAMC_CMD_SET_DEL);
	put_set(&msg, 2, NULL);
	put_set(&msg, 2, NULL);
	EXPECT_EQ(-EBUSY, dt_talk(nl, &msg, &reply));
	EXPECT_EQ(0, send_set(nl, DAMC_CMD_SET_DEL, 2, NULL));
}

TEST_F_TIMEOUT(set, backup, LONG)
{
	MUST("set add 1 nexthop dev v0 backup dev w0\nroute add /x set 1");
	EXPECT_EQ('v', LEAVES("/x"));
	ear_text(&self->ear);
	MUST("neigh set dev v0 admin down");
	EXPECT_HEARD("neigh+2 ");
	EXPECT_EQ('w', LEAVES("/x"));
	/* A route without a set, too. */
	EXPECT_EQ('-', LEAVES("/p"));
	MUST("neigh set dev v0 admin down");
	EXPECT_HEARD("");
	MUST("neigh set dev v0 admin up");
	EXPECT_EQ('v', LEAVES("/x"));
	EXPECT_EQ('v', LEAVES("/p"));
	EXPECT_HEARD("neigh+2 ");
	/* A backup alone is used. */
	MUST("set replace 1 backup dev w0");
	EXPECT_EQ('w', LEAVES("/x"));
}

TEST_F_TIMEOUT(set, carrier, LONG)
{
	MUST("set add 1 nexthop dev v0 backup dev w0\nroute add /x set 1");
	EXPECT_EQ('v', LEAVES("/x"));
	ear_text(&self->ear);
	ASSERT_EQ(0, dt_run("nsenter --net=/proc/self/fd/%d ip link set v1 down",
			    self->node.outside));
	EXPECT_EQ('w', LEAVES("/x"));
	EXPECT_EQ(0, dt_run("damc neigh | grep -q 'dev v0.* status no-link'"));
	EXPECT_EQ(0, dt_run("damc neigh | grep -q 'dev w0.* status up'"));
	EXPECT_STREQ("neigh+2 ", heard_soon(&self->ear));
	ASSERT_EQ(0, dt_run("nsenter --net=/proc/self/fd/%d ip link set v1 up",
			    self->node.outside));
	EXPECT_EQ('v', LEAVES("/x"));
	EXPECT_STREQ("neigh+2 ", heard_soon(&self->ear));
	ASSERT_EQ(0, dt_run("ip link set v0 down"));
	EXPECT_EQ('w', LEAVES("/x"));
}

/* Flows whose next hop stays usable stay with it. */
TEST_F_TIMEOUT(set, flows_stay, LONG)
{
	struct dt_nl *nl = &self->node.nl;
	uint32_t before[FLOWS], count[16] = { 0 }, now;
	int i;

	MUST("neigh add dev v0 lladdr 02:00:00:00:00:01\n"
	     "neigh add dev v0 lladdr 02:00:00:00:00:02\n"
	     "neigh add dev v0 lladdr 02:00:00:00:00:03\n"
	     "set add 1 nexthop neigh 3 nexthop neigh 4 weight 2 backup neigh 5\n"
	     "route add /x set 1");
	for (i = 0; i < FLOWS; i++) {
		before[i] = chosen(nl, "/x", i);
		ASSERT_LT(2, before[i]);
		ASSERT_GT(5, before[i]);
		count[before[i]]++;
	}
	EXPECT_LT(0, count[3]);
	EXPECT_LT(count[3], count[4]);
	MUST("neigh set id 4 admin down");
	for (i = 0; i < FLOWS; i++)
		EXPECT_EQ(3, chosen(nl, "/x", i));
	MUST("neigh set id 3 admin down");
	for (i = 0; i < FLOWS; i++)
		EXPECT_EQ(5, chosen(nl, "/x", i));
	MUST("neigh set id 5 admin down");
	EXPECT_EQ(0, chosen(nl, "/x", 0));
	MUST("neigh set id 4 admin up\nneigh set id 3 admin up");
	for (i = 0; i < FLOWS; i++) {
		now = chosen(nl, "/x", i);
		EXPECT_EQ(before[i], now);
	}
}

/* Without next hops a set refuses; so it is when its interfaces go. */
TEST_F_TIMEOUT(set, empty, LONG)
{
	MUST("set add 1\nroute add /x set 1\nroute add /p/x unreachable");
	EXPECT_EQ('-', LEAVES("/x"));
	MUST("set replace 1 nexthop dev v0 nexthop dev w0");
	EXPECT_NE('-', LEAVES("/x"));
	ear_text(&self->ear);
	ASSERT_EQ(0, dt_run("damc dev set v0 down"));
	EXPECT_EQ('w', LEAVES("/x"));
	EXPECT_EQ(0, dt_run("damc set show 1 | grep -q 'dev w0'"));
	EXPECT_NE(0, dt_run("damc set show 1 | grep -q 'dev v0'"));
	EXPECT_NE(NULL, strstr(ear_text(&self->ear), "set+1 "));
	ASSERT_EQ(0, dt_run("damc dev set w0 down"));
	EXPECT_EQ('-', LEAVES("/x"));
	EXPECT_EQ(0, dt_run("damc route show /x | grep -q 'set 1'"));
	EXPECT_EQ(0, dt_run("damc dev set w0 up && damc set replace 1 nexthop dev w0"));
	EXPECT_EQ('w', LEAVES("/x"));
}

static void count_set(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *set = ear_attr(nlh, DAMC_A_SET);
	const struct nlattr *id = set ? ear_inner(set, DAMC_A_SET_ID) : NULL;
	unsigned int *seen = arg;

	if (id && dt_uint(id) <= MANY)
		seen[dt_uint(id)]++;
}

TEST_F_TIMEOUT(set, dump, LONG)
{
	static unsigned int seen[MANY + 1];
	struct dt_nl *nl = &self->node.nl;
	struct dt_msg msg;
	int i;

	for (i = 1; i <= MANY; i++)
		ASSERT_EQ(0, send_set(nl, DAMC_CMD_SET_ADD, i, i % 2 ? "v0" : "w0"));
	dt_msg_init(nl, &msg, DAMC_CMD_SET_GET, NLM_F_DUMP);
	ASSERT_EQ(0, dt_each(nl, &msg, count_set, seen));
	for (i = 1; i <= MANY; i++)
		ASSERT_EQ(1, seen[i]);
	MUST("route add /x set 5\nroute add /y set 5");
	EXPECT_EQ(0, dt_run("damc set show 5 | grep -q 'routes 2'"));
}

/* An instance of a pool is reached as any name. */
TEST_F_TIMEOUT(set, pool, LONG)
{
	MUST("set add 1 nexthop dev v0\nroute add /b/1 set 1\npool add /b member /b/1");
	ASSERT_EQ(1, dt_send(self->fd, "/b", "x", 1));
	EXPECT_LT(0, dt_frame_recv(self->node.v, self->node.got,
				   sizeof(self->node.got), 3000));
	EXPECT_TRUE(dt_packet_name(self->node.got, 0, "/b/1"));
}

struct churn {
	int net;
	bool stop;
	int err;
};

static void *churn(void *arg)
{
	struct churn *churn = arg;
	struct dt_nl nl;
	int i;

	churn->err = dt_netns_enter(churn->net) || dt_nl_open(&nl);
	for (i = 0; !churn->err && !__atomic_load_n(&churn->stop, __ATOMIC_RELAXED); i++)
		churn->err = send_set(&nl, DAMC_CMD_SET_REPLACE, 1,
				      i % 2 ? "v0" : "w0");
	return NULL;
}

/* Each packet goes the old way or the new one. */
TEST_F_TIMEOUT(set, swapped_under_traffic, LONG)
{
	struct churn state = { .net = self->node.net };
	pthread_t thread;
	int i, lost = 0;

	MUST("set add 1 nexthop dev v0\nroute add /x set 1");
	ASSERT_EQ(0, pthread_create(&thread, NULL, churn, &state));
	for (i = 0; i < 300; i++)
		lost += dt_send(self->fd, "/x", "x", 1) != 1;
	__atomic_store_n(&state.stop, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	EXPECT_EQ(0, state.err);
	EXPECT_EQ(0, lost);
	EXPECT_EQ(0, dt_node_grew(&self->node, DAMC_A_STATS_DROP_NEIGH_DOWN));
}

TEST_HARNESS_MAIN
