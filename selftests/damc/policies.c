// SPDX-License-Identifier: GPL-2.0
/*
 * Policies at one node, whose links are w0 (neighbour 1) and v0 (neighbour 2):
 * where packets go with them, what is prohibited, what ends, what is refused.
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
#define FLOWS 16
/* Of the traffic class. */
#define SELECTOR(n) ((n) << 5)

FIXTURE(policies) {
	struct dt_node node;
	struct dt_nl ear;
	int fd;
};

FIXTURE_SETUP(policies)
{
	ASSERT_EQ(0, dt_node_open(&self->node, "up"));
	ASSERT_EQ(0, ear_open(&self->ear));
	self->fd = dt_bound(0, "/damc/node/g/t");
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, dt_damc("route add /x nexthop dev v0 nexthop dev w0\n"));
	ear_text(&self->ear);
}

FIXTURE_TEARDOWN(policies)
{
	close(self->fd);
	close(self->node.v);
	close(self->node.w);
	close(self->node.nl.fd);
	close(self->ear.fd);
}

#define MUST(commands) ASSERT_EQ(0, dt_damc(commands "\n"))
#define REFUSED(commands) EXPECT_EQ(0, dt_damc_refused(commands "\n"))
#define EXPECT_HEARD(text) EXPECT_STREQ(text, ear_text(&self->ear))
/* What a policy's counters are now. */
#define EXPECT_COUNTED(key, text) \
	EXPECT_EQ(0, dt_run("damc -o -s policy get " key " | grep -q '" text "'"))

/* Which link a packet to @to comes out of: 'v', 'w'; '-' if of none. */
static int seen(struct dt_node *node, const char *to, int tries)
{
	for (int i = 0; i < tries; i++) {
		if (dt_frame_recv(node->v, node->got, sizeof(node->got), 5) > 0 &&
		    dt_packet_name(node->got, 0, to))
			return 'v';
		if (dt_frame_recv(node->w, node->got, sizeof(node->got), 5) > 0 &&
		    dt_packet_name(node->got, 0, to))
			return 'w';
	}
	return '-';
}

/* Of one that is made here. */
static int leaves(struct dt_node *node, int fd, const char *to, uint32_t flow)
{
	struct sockaddr_damc sa;
	socklen_t len = dt_addr(&sa, to, flow);

	if (sendto(fd, "x", 1, 0, (struct sockaddr *)&sa, len) != 1)
		return '-';
	return seen(node, to, 300);
}

#define LEAVES(to, flow) leaves(&self->node, self->fd, to, flow)

/*
 * Of one that comes in by w0: 'v' or '-'. Another follows, which always comes
 * out by v0, so that it is known when there is no more to wait for.
 */
static int crosses(struct dt_node *node, const struct dt_packet *packet)
{
	struct dt_packet after = {
		.dst = "/p/after", .src = "/far/s", .payload = "x",
		.payload_len = 1, .hop_limit = 9, .class = SELECTOR(7),
	};
	size_t len = dt_packet_write(node->packet, packet);
	int out = '-';

	dt_frame_send(node->w, node->packet, len);
	len = dt_packet_write(node->packet, &after);
	dt_frame_send(node->w, node->packet, len);
	for (int i = 0; i < 600; i++) {
		if (dt_frame_recv(node->v, node->got, sizeof(node->got), 5) <= 0)
			continue;
		if (dt_packet_name(node->got, 0, packet->dst))
			out = 'v';
		if (dt_packet_name(node->got, 0, after.dst))
			return out;
	}
	return '?';
}

#define CROSSES(...) crosses(&self->node, &(struct dt_packet){ \
	.payload = "x", .payload_len = 1, .hop_limit = 9, __VA_ARGS__ })

TEST_F_TIMEOUT(policies, steers, LONG)
{
	int i, v = 0;

	for (i = 0; i < FLOWS; i++)
		v += LEAVES("/x/y", i) == 'v';
	EXPECT_LT(0, v);
	EXPECT_GT(FLOWS, v);
	MUST("policy add /x neigh 1");
	EXPECT_HEARD("policy+1 ");
	for (i = 0; i < FLOWS; i++)
		EXPECT_EQ('w', LEAVES("/x/y", i));
	MUST("policy replace /x neigh 2");
	EXPECT_HEARD("policy+1 ");
	for (i = 0; i < FLOWS; i++)
		EXPECT_EQ('v', LEAVES("/x/y", i));
	EXPECT_COUNTED("/x", "packets 32 .* inactive 0");
	/* What is longer counts. */
	MUST("policy add /x/y neigh 1");
	EXPECT_EQ('w', LEAVES("/x/y", 0));
	EXPECT_EQ('v', LEAVES("/x/z", 0));
	MUST("policy del /x/y\npolicy del id 1");
	EXPECT_HEARD("policy+2 policy-2 policy-1 ");
	for (i = v = 0; i < FLOWS; i++)
		v += LEAVES("/x/y", i) == 'v';
	EXPECT_LT(0, v);
	EXPECT_GT(FLOWS, v);
}

/* By sets, and by a pool's instances, too. */
TEST_F_TIMEOUT(policies, steers_sets_and_pools, LONG)
{
	int i;

	MUST("set add 5 nexthop dev v0 nexthop dev w0\nroute add /b/1 set 5\n"
	     "pool add /b member /b/1\npolicy add /b neigh 2");
	for (i = 0; i < FLOWS; i++)
		EXPECT_EQ('v', LEAVES("/b/1", i));
	MUST("policy replace /b neigh 1");
	for (i = 0; i < FLOWS; i++) {
		ASSERT_EQ(1, dt_send(self->fd, "/b", "x", 1));
		EXPECT_EQ('w', seen(&self->node, "/b/1", 300));
	}
	EXPECT_EQ(0, dt_run("damc route get /b | grep -q 'policy 1 .*dev w0'"));
	/* How large a message's parts may be is told by the way it goes. */
	EXPECT_EQ(0, dt_run("damc route get /b | grep -q 'mtu 1[0-9]*'"));
	MUST("policy replace /b neigh 2");
	EXPECT_EQ(0, dt_run("damc route get /b | grep -q 'mtu [89][0-9]*'"));
}

/* Only among the next hops of the route, and only while they can be used. */
TEST_F_TIMEOUT(policies, inactive, LONG)
{
	MUST("policy add /p neigh 1\npolicy add /x neigh 1");
	EXPECT_EQ('v', LEAVES("/p", 0));
	EXPECT_COUNTED("/p", "packets 1 .* inactive 1");
	EXPECT_EQ('w', LEAVES("/x", 0));
	EXPECT_EQ(0, dt_run("damc route get /p | grep -q 'policy 1 (inactive)'"));
	EXPECT_NE(0, dt_run("damc route get /x | grep -q '(inactive)'"));
	MUST("neigh set id 1 admin down");
	EXPECT_EQ('v', LEAVES("/x", 0));
	EXPECT_COUNTED("/x", "packets 2 .* inactive 1");
	MUST("neigh set id 1 admin up");
	EXPECT_EQ('w', LEAVES("/x", 0));
	/* A neighbour may go; none takes over its id. */
	MUST("dev set w0 down");
	EXPECT_EQ('v', LEAVES("/x", 0));
	MUST("dev set w0 up\nroute replace /x nexthop dev v0 nexthop dev w0");
	EXPECT_EQ(0, dt_run("damc route get /x flow 3 | grep -q 'policy 2 (inactive)'"));
}

TEST_F_TIMEOUT(policies, prohibits, LONG)
{
	struct dt_node *node = &self->node;
	struct sockaddr_damc sa;
	socklen_t len = dt_addr(&sa, "/p/secret/1", 0);

	MUST("policy add /p/secret prohibit\npolicy add /p/secret/open pass");
	dt_node_mark(node);
	EXPECT_EQ('-', CROSSES(.dst = "/p/secret/1", .src = "/far/s"));
	EXPECT_EQ(1, dt_node_grew(node, DAMC_A_STATS_DROP_POLICY));
	EXPECT_EQ(1, dt_node_grew(node, DAMC_A_STATS_ERRORS_SENT));
	EXPECT_EQ(0, dt_node_grew(node, DAMC_A_STATS_DROP_PROHIBITED));
	EXPECT_EQ('w', seen(node, "/far/s", 100));
	EXPECT_EQ(DAMC_PROTO_ERROR,
		  ((struct damc_hdr *)node->got)->next_proto);
	EXPECT_EQ('v', CROSSES(.dst = "/p/secret/open/1", .src = "/far/s"));
	EXPECT_EQ('v', CROSSES(.dst = "/p/secrets", .src = "/far/s"));
	EXPECT_EQ(-1, sendto(self->fd, "x", 1, 0, (struct sockaddr *)&sa, len));
	EXPECT_EQ(EACCES, errno);
	EXPECT_EQ(0, dt_run("damc route get /p/secret/1 2>&1 | grep -q 'error prohibited'"));
	EXPECT_EQ(0, dt_stats_balance(node->after) -
		     dt_stats_balance(node->before));
	/* An error finds its way back, whatever becomes of other packets. */
	MUST("policy add /far prohibit");
	EXPECT_EQ('-', CROSSES(.dst = "/p/secret/2", .src = "/far/s2"));
	EXPECT_EQ('w', seen(node, "/far/s2", 100));
	/* The fabric's own class, too. */
	EXPECT_EQ('v', CROSSES(.dst = "/p/secret/3", .src = "/far/s",
			       .class = SELECTOR(7)));
}

TEST_F_TIMEOUT(policies, by_source_and_class, LONG)
{
	MUST("policy add / from /far prohibit\n"
	     "policy add / from /far/friend pass\n"
	     "policy add / class 2 from /far/friend prohibit\n"
	     "policy add /p/open class 0 pass");
	EXPECT_EQ('-', CROSSES(.dst = "/p/1", .src = "/far/s"));
	EXPECT_EQ('v', CROSSES(.dst = "/p/2", .src = "/far/friend/1"));
	EXPECT_EQ('-', CROSSES(.dst = "/p/3", .src = "/far/friend/1",
			       .class = SELECTOR(2) | 3));
	EXPECT_EQ('v', CROSSES(.dst = "/p/4", .src = "/far/friend/1",
			       .class = SELECTOR(3)));
	EXPECT_EQ('v', CROSSES(.dst = "/p/5", .src = "/farfriend"));
	/* The destination counts for more than source and class. */
	EXPECT_EQ('v', CROSSES(.dst = "/p/open/6", .src = "/far/s"));
	EXPECT_EQ('-', CROSSES(.dst = "/p/open/7", .src = "/far/s",
			       .class = SELECTOR(1)));
	EXPECT_EQ(0, dt_run("damc route get /p/1 from /far/friend | grep -q 'policy 2'"));
	EXPECT_NE(0, dt_run("damc route get /p/1 from /far/friend class 2 2>/dev/null"));
	/* What ends here was not sent on. */
	EXPECT_EQ(0, dt_run("damc route get /damc/node/g/t from /far/s >/dev/null"));
}

/* It ends by itself, and says so. */
TEST_F_TIMEOUT(policies, lifetime, LONG)
{
	char heard[64] = "";
	int i;

	MUST("policy add /p prohibit lifetime 300\n"
	     "policy add /p/1 prohibit lifetime 600s\n"
	     "policy add /x prohibit");
	EXPECT_HEARD("policy+1 policy+2 policy+3 ");
	EXPECT_EQ('-', LEAVES("/p", 0));
	EXPECT_EQ(0, dt_run("damc policy get id 1 | grep -q 'lifetime 300000ms left 2'"));
	MUST("policy replace /p prohibit lifetime 50ms");
	for (i = 0; i < 3000 && !strchr(heard, '-'); i++) {
		dt_readable(self->ear.fd, 10);
		strncat(heard, ear_text(&self->ear),
			sizeof(heard) - strlen(heard) - 1);
	}
	EXPECT_STREQ("policy+1 policy-1 ", heard);
	EXPECT_EQ('v', LEAVES("/p", 0));
	EXPECT_EQ('-', LEAVES("/p/1", 0));
	/* One that is given no end has none. */
	MUST("policy replace /p/1 pass");
	EXPECT_NE(0, dt_run("damc policy get id 2 | grep -q lifetime"));
	MUST("policy flush");
	EXPECT_HEARD("policy+2 policy-2 policy-3 ");
	EXPECT_EQ(0, dt_run("test -z \"$(damc policy)\""));
}

/* A policy, of all but what is 0 or NULL. */
struct ask {
	uint32_t id, action, neigh, protocol, lifetime;
	const char *name, *from;
	int neighs;
};

static int send_policy(struct dt_nl *nl, uint8_t cmd, const struct ask *ask)
{
	struct dt_msg msg, reply;
	struct nlattr *nest;
	int i;

	dt_msg_init(nl, &msg, cmd, 0);
	nest = dt_nest(&msg, DAMC_A_POLICY);
	if (ask->id)
		dt_put_u32(&msg, DAMC_A_POLICY_ID, ask->id);
	if (ask->name)
		dt_put_name(&msg, DAMC_A_POLICY_NAME, ask->name);
	if (ask->from)
		dt_put_name(&msg, DAMC_A_POLICY_FROM, ask->from);
	if (ask->action)
		dt_put_u32(&msg, DAMC_A_POLICY_ACTION, ask->action);
	if (ask->protocol)
		dt_put_u32(&msg, DAMC_A_POLICY_PROTOCOL, ask->protocol);
	for (i = 0; i < (ask->neighs ?: !!ask->neigh); i++)
		dt_put_u32(&msg, DAMC_A_POLICY_NEIGH, ask->neigh + i);
	dt_nest_end(&msg, nest);
	return dt_talk(nl, &msg, &reply);
}

#define EXPECT_REFUSED(err, text, cmd, ...) do { \
	EXPECT_EQ(err, send_policy(nl, DAMC_CMD_POLICY_ ## cmd, \
				   &(struct ask){ __VA_ARGS__ })); \
	EXPECT_STREQ(text, nl->message); \
} while (0)

TEST_F_TIMEOUT(policies, refused, LONG)
{
	struct dt_nl *nl = &self->node.nl;
	const uint32_t pass = DAMC_POLICY_ACTION_PASS;
	const uint32_t by = DAMC_POLICY_ACTION_NEIGH;
	static const char * const reserved[] = {
		"/damc", "/localhop/a", "/localhost",
	};
	int i;

	EXPECT_REFUSED(-ESRCH, "No such policy", DEL, .name = "/p");
	EXPECT_REFUSED(-ESRCH, "No such policy", GET, .id = 1);
	EXPECT_REFUSED(-EINVAL, "Which policy?", DEL, .from = "/p");
	EXPECT_REFUSED(-EINVAL, "A policy about which name?", ADD,
		       .action = pass);
	EXPECT_REFUSED(-EINVAL, "What is to become of the packets?", ADD,
		       .name = "/p");
	EXPECT_REFUSED(-EINVAL, "Ids are the kernel's to choose", ADD, .id = 7,
		       .name = "/p", .action = pass);
	EXPECT_REFUSED(-EINVAL, "Policies are not the kernel's", ADD,
		       .name = "/p", .action = pass,
		       .protocol = DAMC_ROUTE_PROTOCOL_KERNEL);
	EXPECT_REFUSED(-EINVAL, "By which neighbours?", ADD, .name = "/p",
		       .action = by);
	EXPECT_REFUSED(-EINVAL, "Only a policy of action neigh takes neighbours",
		       ADD, .name = "/p", .action = pass, .neigh = 1);
	EXPECT_REFUSED(-ENOENT, "No such neighbour", ADD, .name = "/p",
		       .action = by, .neigh = 77);
	for (i = 0; i < 3; i++)
		EXPECT_REFUSED(-EINVAL,
			       "No policy is about /damc, /localhop or /localhost",
			       ADD, .action = pass, .name = reserved[i]);
	REFUSED("policy add /p neigh 1 neigh 1");
	EXPECT_EQ(0, send_policy(nl, DAMC_CMD_POLICY_ADD,
				 &(struct ask){ .name = "/p", .action = pass }));
	EXPECT_REFUSED(-EEXIST, "There is a policy about these packets", ADD,
		       .name = "/p", .action = by, .neigh = 1);
	EXPECT_REFUSED(-EINVAL,
		       "The id alone says which policy, or name, source and class",
		       DEL, .id = 1, .name = "/p");
	EXPECT_REFUSED(-EINVAL,
		       "The id alone says which policy, or name, source and class",
		       GET, .name = "/p", .action = pass);
	EXPECT_REFUSED(-ESRCH, "No such policy", DEL, .name = "/p",
		       .from = "/far");
	EXPECT_HEARD("policy+1 ");
	EXPECT_EQ(0, send_policy(nl, DAMC_CMD_POLICY_DEL,
				 &(struct ask){ .id = 1 }));
	/* What may not change routes may not see policies either. */
	EXPECT_EQ(0, dt_run("setpriv --reuid=65534 damc policy 2>&1 | grep -qi permitted"));
}

TEST_F_TIMEOUT(policies, caps, LONG)
{
	struct dt_nl *nl = &self->node.nl;
	struct ask ask = { .action = DAMC_POLICY_ACTION_PASS };
	char name[64], from[64];
	int i;

	ask.name = name;
	ask.from = from;
	for (i = 0; i < DAMC_POLICIES_MAX; i++) {
		snprintf(name, sizeof(name), "/p/%d",
			 i / DAMC_POLICIES_PREFIX_MAX);
		snprintf(from, sizeof(from), "/s/%d", i);
		ASSERT_EQ(0, send_policy(nl, DAMC_CMD_POLICY_ADD, &ask));
	}
	snprintf(name, sizeof(name), "/q");
	EXPECT_EQ(-ENOSPC, send_policy(nl, DAMC_CMD_POLICY_ADD, &ask));
	EXPECT_STREQ("Too many policies", nl->message);
	EXPECT_EQ(0, send_policy(nl, DAMC_CMD_POLICY_DEL,
				 &(struct ask){ .id = DAMC_POLICIES_MAX }));
	snprintf(name, sizeof(name), "/p/0");
	EXPECT_EQ(-ENOSPC, send_policy(nl, DAMC_CMD_POLICY_REPLACE, &ask));
	EXPECT_STREQ("Too many policies about this destination prefix",
		     nl->message);
	EXPECT_EQ(0, dt_run("test $(damc policy | wc -l) = %d",
			    DAMC_POLICIES_MAX - 1));
	MUST("policy flush");
	ask.from = NULL;
	name[0] = 0;
	for (i = 0; i < DAMC_DEPTHS_MAX; i++) {
		strcat(name, "/d");
		EXPECT_EQ(0, send_policy(nl, DAMC_CMD_POLICY_ADD, &ask));
	}
	strcat(name, "/d");
	EXPECT_EQ(-E2BIG, send_policy(nl, DAMC_CMD_POLICY_ADD, &ask));
}

struct churn {
	int net;
	bool stop;
	int err;
};

static bool stopped(struct churn *churn)
{
	return churn->err || __atomic_load_n(&churn->stop, __ATOMIC_RELAXED);
}

/* Policies come, change and go, with and without an end. */
static void *churn(void *arg)
{
	struct churn *churn = arg;
	struct ask ask = { .name = "/x" };
	struct dt_nl nl;
	int i;

	churn->err = dt_netns_enter(churn->net) || dt_nl_open(&nl);
	for (i = 0; !stopped(churn); i++) {
		ask.from = i % 3 ? "/damc" : NULL;
		ask.action = i % 2 ? DAMC_POLICY_ACTION_PASS :
				     DAMC_POLICY_ACTION_NEIGH;
		ask.neigh = i % 2 ? 0 : 1 + i / 2 % 2;
		churn->err = send_policy(&nl, DAMC_CMD_POLICY_REPLACE, &ask);
		ask.action = 0;
		ask.neigh = 0;
		if (!churn->err && i % 5 == 0)
			churn->err = send_policy(&nl, DAMC_CMD_POLICY_DEL, &ask);
	}
	return NULL;
}

#define KEPT 100

static void count_policy(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *policy = ear_attr(nlh, DAMC_A_POLICY);
	const struct nlattr *id = policy ? ear_inner(policy, DAMC_A_POLICY_ID) :
					   NULL;
	unsigned int *count = arg;

	if (id && dt_uint(id) <= KEPT)
		count[dt_uint(id)]++;
}

/* Packets go the old way or the new one; a dump tells of all that stays, once. */
TEST_F_TIMEOUT(policies, under_change, LONG)
{
	struct churn state = { .net = self->node.net };
	struct dt_nl *nl = &self->node.nl;
	unsigned int count[KEPT + 1];
	struct dt_msg msg;
	pthread_t thread;
	char name[32];
	int i, j, lost = 0;

	for (i = 0; i < KEPT; i++) {
		snprintf(name, sizeof(name), "/k/%d", i);
		ASSERT_EQ(0, send_policy(nl, DAMC_CMD_POLICY_ADD, &(struct ask){
			.name = name, .action = DAMC_POLICY_ACTION_PASS }));
	}
	ASSERT_EQ(0, pthread_create(&thread, NULL, churn, &state));
	for (i = 0; i < 20; i++) {
		for (j = 0; j < 20; j++)
			lost += dt_send(self->fd, "/x", "x", 1) != 1;
		memset(count, 0, sizeof(count));
		dt_msg_init(nl, &msg, DAMC_CMD_POLICY_GET, NLM_F_DUMP);
		EXPECT_EQ(0, dt_each(nl, &msg, count_policy, count));
		for (j = 1; j <= KEPT; j++)
			EXPECT_EQ(1, count[j]);
	}
	__atomic_store_n(&state.stop, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	EXPECT_EQ(0, state.err);
	EXPECT_EQ(0, lost);
	EXPECT_EQ(0, dt_node_grew(&self->node, DAMC_A_STATS_DROP_NEIGH_DOWN));
}

/* Each namespace has its own; one that ends takes them along, also armed ones. */
TEST_F_TIMEOUT(policies, namespaces, LONG)
{
	int i, fd;

	MUST("policy add / prohibit lifetime 600s");
	for (i = 0; i < 10; i++) {
		fd = dt_netns_new();
		ASSERT_LE(0, fd);
		EXPECT_EQ(0, dt_run("test -z \"$(damc policy)\""));
		MUST("policy add /a pass lifetime 20ms\n"
		     "policy add /b from /x class 1 prohibit lifetime 600s\n"
		     "policy add /c pass");
		close(fd);
	}
	EXPECT_EQ(0, dt_netns_enter(self->node.net));
	EXPECT_EQ(0, dt_run("test $(damc policy | wc -l) = 1"));
}

TEST_HARNESS_MAIN
