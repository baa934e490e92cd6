// SPDX-License-Identifier: GPL-2.0
/*
 * Liveness between two kernels' halves: namespaces a and b, joined by v0-v1, and
 * from a a second link w0-w1. What takes it down, what the other is told, what a
 * forger can do. Nothing asserts how long anything takes.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <linux/damc_netlink.h>

#include "../kselftest_harness.h"
#include "ear.h"
#include "testlib.h"

/* Seconds; emulation with sanitizers is slow. */
#define LONG 300
/* Tenths of a second until what must come is given up. */
#define PATIENCE 600

#define KEY "000102030405060708090a0b0c0d0e0f"
#define OTHER_KEY "ffffffffffffffffffffffffffffffff"
/* So slow that no machine is ever late. */
#define WATCH "neigh set dev %s liveness 200x5 key " KEY "\n"

struct side {
	int net;
	const char *dev;
	struct dt_nl nl;
	struct dt_nl ear;
	uint64_t before[DAMC_A_STATS_MAX + 1];
};

FIXTURE(live) {
	struct side a, b;
	int outside;
};

/* A neighbour's liveness as it was just now. */
struct seen {
	uint32_t status, state, reason, flags, downs;
	uint64_t received, lost, delay;
};

static uint64_t fact(const struct nlattr *nest, uint16_t type)
{
	const struct nlattr *attr = nest ? ear_inner(nest, type) : NULL;

	return attr ? dt_uint(attr) : 0;
}

static struct seen look(struct side *side)
{
	const struct nlattr *state;
	struct dt_msg msg, reply;
	struct nlattr *nest;

	dt_netns_enter(side->net);
	dt_msg_init(&side->nl, &msg, DAMC_CMD_NEIGH_GET, 0);
	nest = dt_nest(&msg, DAMC_A_NEIGH);
	dt_put_u32(&msg, DAMC_A_NEIGH_IFINDEX, if_nametoindex(side->dev));
	dt_nest_end(&msg, nest);
	if (dt_talk(&side->nl, &msg, &reply))
		return (struct seen){ 0 };
	state = dt_reply_find(&reply, DAMC_A_NEIGH_STATE);
	return (struct seen){
		.status = fact(state, DAMC_A_NEIGH_STATE_STATUS),
		.state = fact(state, DAMC_A_NEIGH_STATE_LIVE_STATE),
		.reason = fact(state, DAMC_A_NEIGH_STATE_LIVE_REASON),
		.flags = fact(state, DAMC_A_NEIGH_STATE_LIVE_FLAGS),
		.downs = fact(state, DAMC_A_NEIGH_STATE_LIVE_DOWNS),
		.received = fact(state, DAMC_A_NEIGH_STATE_LIVE_RECEIVED),
		.lost = fact(state, DAMC_A_NEIGH_STATE_LIVE_LOST),
		.delay = fact(state, DAMC_A_NEIGH_STATE_LIVE_DELAY),
	};
}

#define AWAIT(side, condition) ({ \
	struct seen seen_ = look(side), *it = &seen_; \
	int tries_ = 0; \
	for (; !(condition) && tries_ < PATIENCE; tries_++) { \
		usleep(100000); \
		seen_ = look(side); \
	} \
	EXPECT_TRUE(condition) { \
		TH_LOG("status %u state %u reason %u flags %u downs %u", \
		       it->status, it->state, it->reason, it->flags, it->downs); \
	} \
	seen_; })

#define UP(side) AWAIT(side, it->state == DAMC_LIVENESS_STATE_UP && \
		       it->status == DAMC_NEIGH_STATUS_UP)
#define NOT_LIVE(side, why) AWAIT(side, \
	it->status == DAMC_NEIGH_STATUS_NOT_LIVE && it->reason == (why))

static int say(struct side *side, const char *format)
{
	char text[512];

	dt_netns_enter(side->net);
	snprintf(text, sizeof(text), format, side->dev);
	return dt_damc(text);
}

static int refuses(struct side *side, const char *command)
{
	dt_netns_enter(side->net);
	return dt_run("printf '%s\\n' | damc -b - 2>/dev/null", command);
}

static int64_t grew(struct side *side, int counter)
{
	uint64_t after[DAMC_A_STATS_MAX + 1];

	dt_netns_enter(side->net);
	return dt_stats(&side->nl, after) ? -1 :
	       (int64_t)(after[counter] - side->before[counter]);
}

static int open_side(struct side *side, const char *dev)
{
	side->dev = dev;
	return dt_netns_enter(side->net) || dt_nl_open(&side->nl) ||
	       ear_open(&side->ear) ||
	       dt_ip("link set %s up\n", dev) ||
	       say(side, "info set name /node\ndev set %s up\n") ||
	       say(side, "neigh add dev %s\n") ||
	       dt_stats(&side->nl, side->before);
}

FIXTURE_SETUP(live)
{
	self->outside = dt_netns_new();
	self->b.net = dt_netns_new();
	self->a.net = dt_netns_new();
	ASSERT_LE(0, self->a.net);
	ASSERT_EQ(0, dt_ip("link add v0 type veth peer name v1 netns " DT_FD "%d\n"
			   "link add w0 type veth peer name w1 netns " DT_FD "%d\n"
			   "link set w0 up\n",
			   self->b.net, self->outside));
	ASSERT_EQ(0, dt_netns_enter(self->outside));
	ASSERT_EQ(0, dt_ip("link set w1 up\n"));
	ASSERT_EQ(0, dt_netns_enter(self->a.net));
	ASSERT_EQ(0, open_side(&self->a, "v0"));
	ASSERT_EQ(0, open_side(&self->b, "v1"));
	ASSERT_EQ(0, say(&self->a, "dev set w0 up\n"));
}

FIXTURE_TEARDOWN(live)
{
	close(self->a.nl.fd);
	close(self->b.nl.fd);
	close(self->a.ear.fd);
	close(self->b.ear.fd);
	close(self->a.net);
	close(self->b.net);
	close(self->outside);
}

static int watch(struct side *a, struct side *b)
{
	return say(a, WATCH) || say(b, WATCH);
}

TEST_F_TIMEOUT(live, comes_up, LONG)
{
	struct seen seen;

	/* As long as it never was, nothing is kept from it. */
	ASSERT_EQ(0, say(&self->a, WATCH));
	seen = look(&self->a);
	EXPECT_EQ(DAMC_LIVENESS_STATE_DOWN, seen.state);
	EXPECT_EQ(DAMC_LIVENESS_REASON_NONE, seen.reason);
	EXPECT_EQ(DAMC_NEIGH_STATUS_UP, seen.status);
	ASSERT_EQ(0, say(&self->b, WATCH));
	seen = UP(&self->a);
	EXPECT_EQ(DAMC_LIVENESS_FLAGS_FORWARDS, seen.flags);
	UP(&self->b);
	AWAIT(&self->a, it->received > 3 && it->delay);
	seen = look(&self->b);
	EXPECT_EQ(0, seen.downs);
	EXPECT_EQ(0, seen.lost);
	EXPECT_EQ(0, grew(&self->a, DAMC_A_STATS_DROP_LIVENESS));
	EXPECT_EQ(0, refuses(&self->a, "neigh set dev v0 liveness 300x3"));
	usleep(500000);
	EXPECT_EQ(DAMC_LIVENESS_STATE_UP, look(&self->a).state);
}

/* A node without a name has no voice. Its neighbour says that it hears nothing. */
TEST_F_TIMEOUT(live, silence, LONG)
{
	ASSERT_EQ(0, watch(&self->a, &self->b));
	UP(&self->a);
	UP(&self->b);
	ASSERT_EQ(0, say(&self->b, "info set name none\n"));
	NOT_LIVE(&self->a, DAMC_LIVENESS_REASON_SILENT);
	NOT_LIVE(&self->b, DAMC_LIVENESS_REASON_UNHEARD);
	EXPECT_EQ(1, look(&self->a).downs);
	ASSERT_EQ(0, say(&self->b, "info set name /node\n"));
	UP(&self->a);
	UP(&self->b);
}

TEST_F_TIMEOUT(live, drained, LONG)
{
	ASSERT_EQ(0, watch(&self->a, &self->b));
	UP(&self->a);
	ASSERT_EQ(0, say(&self->b, "neigh set dev %s liveness off\n"));
	NOT_LIVE(&self->a, DAMC_LIVENESS_REASON_DRAINED);
	EXPECT_EQ(DAMC_NEIGH_STATUS_UP, look(&self->b).status);
	ASSERT_EQ(0, say(&self->b, WATCH));
	UP(&self->a);
	UP(&self->b);
	/* The end of the interface's use says so, too; then of the namespace's. */
	ASSERT_EQ(0, say(&self->b, "dev set %s down\n"));
	NOT_LIVE(&self->a, DAMC_LIVENESS_REASON_DRAINED);
	/* Who watches no more makes it usable again. */
	ASSERT_EQ(0, say(&self->a, "neigh set dev %s liveness off\n"));
	EXPECT_EQ(DAMC_NEIGH_STATUS_UP, look(&self->a).status);
}

/* What leads to a neighbour that is not live, or does not forward, leaves it. */
TEST_F_TIMEOUT(live, backup, LONG)
{
	ASSERT_EQ(0, say(&self->a,
			 "set add 1 nexthop dev v0 backup dev w0\nroute add /x set 1\n"));
	ASSERT_EQ(0, watch(&self->a, &self->b));
	UP(&self->a);
	UP(&self->b);
	dt_netns_enter(self->a.net);
	EXPECT_EQ(0, dt_run("damc route get /x | grep -q 'dev v0'"));
	ASSERT_EQ(0, say(&self->b, "info set forward off\n"));
	AWAIT(&self->a, it->status == DAMC_NEIGH_STATUS_NOT_FORWARDING);
	EXPECT_EQ(DAMC_LIVENESS_STATE_UP, look(&self->a).state);
	EXPECT_EQ(0, dt_run("damc route get /x | grep -q 'dev w0'"));
	EXPECT_EQ(DAMC_NEIGH_STATUS_UP, look(&self->b).status);
	ASSERT_EQ(0, say(&self->b, "info set forward on\n"));
	UP(&self->a);
	EXPECT_EQ(0, dt_run("damc route get /x | grep -q 'dev v0'"));
	EXPECT_EQ(0, look(&self->a).downs);
	ASSERT_EQ(0, say(&self->b, "info set name none\n"));
	NOT_LIVE(&self->a, DAMC_LIVENESS_REASON_SILENT);
	EXPECT_EQ(0, dt_run("damc route get /x | grep -q 'dev w0'"));
}

TEST_F_TIMEOUT(live, lease, LONG)
{
	ASSERT_EQ(0, watch(&self->a, &self->b));
	UP(&self->a);
	EXPECT_EQ(DAMC_LIVENESS_FLAGS_FORWARDS, look(&self->a).flags);
	ASSERT_EQ(0, say(&self->b, "info set lease 5000\n"));
	AWAIT(&self->a, it->flags & DAMC_LIVENESS_FLAGS_CONTROL);
	/* It ends by itself, and the neighbour stays up. */
	AWAIT(&self->a, it->flags == DAMC_LIVENESS_FLAGS_FORWARDS);
	EXPECT_EQ(DAMC_NEIGH_STATUS_UP, look(&self->a).status);
	EXPECT_EQ(0, look(&self->a).downs);
}

TEST_F_TIMEOUT(live, keys, LONG)
{
	ASSERT_EQ(0, say(&self->a, WATCH));
	ASSERT_EQ(0, say(&self->b, "neigh set dev %s liveness 200x5 key "
			 OTHER_KEY "\n"));
	sleep(1);
	EXPECT_EQ(DAMC_LIVENESS_STATE_DOWN, look(&self->a).state);
	EXPECT_EQ(DAMC_LIVENESS_STATE_DOWN, look(&self->b).state);
	EXPECT_LT(0, grew(&self->a, DAMC_A_STATS_DROP_LIVENESS));
	/* Each end has known the other's key. */
	ASSERT_EQ(0, say(&self->b, "neigh set dev %s liveness off\n"));
	ASSERT_EQ(0, say(&self->b, WATCH));
	UP(&self->a);
	UP(&self->b);
	/* Changed here, much later there. */
	ASSERT_EQ(0, say(&self->a, "neigh set dev %s key " OTHER_KEY "\n"));
	sleep(2);
	ASSERT_EQ(0, say(&self->b, "neigh set dev %s key " OTHER_KEY "\n"));
	sleep(2);
	EXPECT_EQ(0, look(&self->a).downs);
	EXPECT_EQ(0, look(&self->b).downs);
	EXPECT_EQ(DAMC_LIVENESS_STATE_UP, look(&self->a).state);
	EXPECT_EQ(0, look(&self->a).lost);
}

/* What was recorded on the link and is sent again; bits of it changed. */
TEST_F_TIMEOUT(live, forged, LONG)
{
	uint8_t packet[DT_FRAME_MAX];
	int64_t before;
	ssize_t len;
	int fd, i;

	ASSERT_EQ(0, watch(&self->a, &self->b));
	UP(&self->a);
	dt_netns_enter(self->b.net);
	fd = dt_frames_open("v1");
	ASSERT_LE(0, fd);
	/* One of a's, back to a; then one of b's, a second time. */
	len = dt_frame_recv(fd, packet, sizeof(packet), 20000);
	ASSERT_LT(64, len);
	before = grew(&self->a, DAMC_A_STATS_DROP_LIVENESS);
	for (i = 0; i < 20; i++)
		ASSERT_EQ(0, dt_frame_send(fd, packet, len));
	for (i = len - 64; i < len; i++) {
		packet[i] ^= 1;
		ASSERT_EQ(0, dt_frame_send(fd, packet, len));
		packet[i] ^= 1;
	}
	for (i = 0; i < 100 && grew(&self->a, DAMC_A_STATS_DROP_LIVENESS) <
			       before + 84; i++)
		usleep(100000);
	EXPECT_LE(before + 84, grew(&self->a, DAMC_A_STATS_DROP_LIVENESS));
	EXPECT_EQ(DAMC_LIVENESS_STATE_UP, look(&self->a).state);
	EXPECT_EQ(0, look(&self->a).downs);
	EXPECT_EQ(0, look(&self->a).lost);
	close(fd);

	/* And from a to b: b has taken it before. */
	dt_netns_enter(self->a.net);
	fd = dt_frames_open("v0");
	before = grew(&self->b, DAMC_A_STATS_DROP_LIVENESS);
	ASSERT_EQ(0, dt_frame_send(fd, packet, len));
	for (i = 0; i < 100 && grew(&self->b, DAMC_A_STATS_DROP_LIVENESS) ==
			       before; i++)
		usleep(100000);
	EXPECT_LT(before, grew(&self->b, DAMC_A_STATS_DROP_LIVENESS));
	EXPECT_EQ(0, look(&self->b).downs);
	close(fd);
}

TEST_F_TIMEOUT(live, told, LONG)
{
	int i;

	ASSERT_EQ(0, watch(&self->a, &self->b));
	UP(&self->a);
	sleep(1);
	ear_text(&self->a.ear);
	ASSERT_EQ(0, say(&self->b, "neigh set dev %s liveness off\n"));
	for (i = 0; i < PATIENCE; i++) {
		dt_readable(self->a.ear.fd, 100);
		if (strstr(ear_text(&self->a.ear), "neigh+1 "))
			break;
	}
	EXPECT_GT(PATIENCE, i);
	NOT_LIVE(&self->a, DAMC_LIVENESS_REASON_DRAINED);
}

TEST_F_TIMEOUT(live, refused, LONG)
{
	static char text[66 * 128];
	size_t at = 0;
	int i;

	EXPECT_NE(0, refuses(&self->a, "neigh set dev v0 key " KEY));
	ASSERT_EQ(0, say(&self->a, "info set name none\n"));
	EXPECT_NE(0, refuses(&self->a, "neigh set dev v0 liveness 100x3"));
	ASSERT_EQ(0, say(&self->a, "info set name /node\n"));
	EXPECT_EQ(0, refuses(&self->a, "neigh set dev v0 liveness off"));
	/* No more than so many messages a second. */
	for (i = 0; i < 66; i++)
		at += snprintf(text + at, sizeof(text) - at,
			       "neigh add dev w0 lladdr 02:00:00:00:00:%02x\n%s%02x%s",
			       i, i < 65 ?
			       "neigh set dev w0 liveness 1x3 lladdr 02:00:00:00:00:" :
			       "#", i, "\n");
	ASSERT_EQ(0, dt_damc(text));
	EXPECT_NE(0, refuses(&self->a,
			     "neigh set dev w0 lladdr 02:00:00:00:00:41 liveness 1x3"));
	EXPECT_EQ(0, refuses(&self->a,
			     "neigh set dev w0 lladdr 02:00:00:00:00:00 liveness off"));
	EXPECT_EQ(0, refuses(&self->a,
			     "neigh set dev w0 lladdr 02:00:00:00:00:41 liveness 1x3"));
}

/* Every packet is counted once, whatever became of it. */
TEST_F_TIMEOUT(live, counted, LONG)
{
	uint64_t after[DAMC_A_STATS_MAX + 1];

	ASSERT_EQ(0, watch(&self->a, &self->b));
	UP(&self->a);
	ASSERT_EQ(0, say(&self->a, "neigh set dev %s liveness off\n"));
	ASSERT_EQ(0, say(&self->b, "neigh set dev %s liveness off\n"));
	dt_netns_enter(self->a.net);
	usleep(200000);
	ASSERT_EQ(0, dt_stats(&self->a.nl, after));
	EXPECT_EQ(dt_stats_balance(self->a.before), dt_stats_balance(after));
	EXPECT_LT(self->a.before[DAMC_A_STATS_TX_PACKETS],
		  after[DAMC_A_STATS_TX_PACKETS]);
}

TEST_HARNESS_MAIN
