// SPDX-License-Identifier: GPL-2.0
/*
 * Pools at one node: what is picked, what a pin keeps, what is refused. v0 is
 * an edge to which /p is bound; the instances /b/1 to /b/4 are behind w0.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../kselftest_harness.h"
#include "testlib.h"

#define MTU 1500
#define FIRST DAMC_F_FIRST

/* Packets sent in a row, fewer than a link's queue holds. */
#define PINS_ROUND 512
/* Seconds to fill an edge's pins under emulation; less than they last. */
#define LONG 110

/* Runs of commands, one an argument. */
#define DAMC(...) dt_damc_all((const char * const []){ __VA_ARGS__, NULL })

static int dt_damc_all(const char * const *commands)
{
	char text[1024];
	size_t at = 0;

	for (; *commands; commands++)
		at += snprintf(text + at, sizeof(text) - at, "%s\n", *commands);
	return dt_damc(text);
}

FIXTURE(pool) {
	struct dt_node node;
};

FIXTURE_SETUP(pool)
{
	ASSERT_EQ(0, dt_node_open(&self->node, "edge"));
	ASSERT_EQ(0, DAMC("route add /b/1 dev w0", "route add /b/2 dev w0",
			  "route add /b/3 dev w0", "route add /b/4 dev w0",
			  "pool add /b member /b/1 member /b/2 member /b/3 member /b/4"));
}

FIXTURE_TEARDOWN(pool)
{
	close(self->node.v);
	close(self->node.w);
}

static int inject(struct dt_node *node, const struct dt_packet *packet)
{
	return dt_frame_send(node->v, node->packet,
			     dt_packet_write(node->packet, packet));
}

/* The instance that the next packet out is for; 0 if none comes, -1 if odd. */
static int instance(struct dt_node *node, int ms)
{
	const struct damc_hdr *hdr = (const void *)node->got;
	char name[8];
	int i;

	if (dt_frame_recv(node->w, node->got, sizeof(node->got), ms) < 0)
		return 0;
	if (hdr->dst_len != 4)
		return -1;
	for (i = 1; i <= 9; i++) {
		snprintf(name, sizeof(name), "/b/%d", i);
		if (dt_packet_name(node->got, 0, name))
			return i;
	}
	return -1;
}

/* Where a packet to the pool goes. */
static int picked(struct dt_node *node, uint32_t flow, uint8_t flags)
{
	struct dt_packet packet = {
		.dst = "/b", .src = "/p", .flow = flow, .flags = flags,
	};

	return inject(node, &packet) ? -1 : instance(node, 3000);
}

/* The code of the error that comes back by a link; -1 if none does. */
static int told(struct dt_node *node, int link)
{
	const struct damc_hdr *hdr = (const void *)node->got;
	const struct damc_error_hdr *error;
	int i;

	/* Packets that the test sent are not errors, and pass by. */
	for (i = 0; i < 100; i++) {
		if (dt_frame_recv(link, node->got, sizeof(node->got), 2000) < 0)
			return -1;
		if (hdr->next_proto != DAMC_PROTO_ERROR)
			continue;
		error = (const void *)(node->got + hdr->header_len * 4);
		return error->code;
	}
	return -1;
}

static int refused(struct dt_node *node, const struct dt_packet *packet)
{
	return inject(node, packet) ? -1 : told(node, node->v);
}

static int refused_flow(struct dt_node *node, uint32_t flow, uint8_t flags)
{
	return refused(node, &(struct dt_packet){
		.dst = "/b", .src = "/p", .flow = flow, .flags = flags });
}

static int damc(const char *format, int number)
{
	char command[256];

	snprintf(command, sizeof(command), format, number, number);
	return dt_damc(command);
}

TEST_F(pool, flow_stays_with_its_instance)
{
	struct dt_node *node = &self->node;
	const struct damc_hdr *hdr = (const void *)node->got;
	int first = picked(node, 77, FIRST), i;

	ASSERT_GT(first, 0);
	/* 20, /b/N, /p, POOL of /b: 20 + 4 + 2 + 4 + 2 */
	ASSERT_EQ(32, hdr->header_len * 4);
	EXPECT_TRUE(dt_packet_name(node->got, 1, "/p"));
	EXPECT_EQ(0, memcmp(node->got + 26, "\x01\x02\x01\x62\0\0", 6));
	EXPECT_EQ(FIRST, hdr->flags);
	EXPECT_EQ(63, hdr->hop_limit);
	for (i = 0; i < 6; i++)
		EXPECT_EQ(first, picked(node, 77, i % 2 ? FIRST : 0));
	EXPECT_EQ(1, dt_node_grew(node, DAMC_A_STATS_PINS_MADE));
	EXPECT_EQ(7, dt_node_grew(node, DAMC_A_STATS_POOL_PICKS));
	EXPECT_EQ(0, dt_stats_balance(node->after) -
		     dt_stats_balance(node->before));
}

TEST_F(pool, flows_spread)
{
	struct dt_node *node = &self->node;
	unsigned int got[10] = { 0 }, flow;
	int at;

	for (flow = 1; flow <= 120; flow++) {
		at = picked(node, flow, FIRST);
		ASSERT_GT(at, 0);
		got[at]++;
	}
	/* Each is to get 30; less than 6 is less likely than 1 in 10^8. */
	for (at = 1; at <= 4; at++)
		EXPECT_GE(got[at], 6);
}

TEST_F(pool, weight_attracts)
{
	struct dt_node *node = &self->node;
	unsigned int got[10] = { 0 }, flow;
	int at;

	ASSERT_EQ(0, dt_damc("pool replace /b member /b/1 member /b/2 weight 65535\n"));
	for (flow = 1; flow <= 40; flow++) {
		at = picked(node, flow, FIRST);
		ASSERT_GT(at, 0);
		got[at]++;
	}
	EXPECT_GE(got[2], 39);
}

TEST_F(pool, pin_survives_change)
{
	struct dt_node *node = &self->node;
	int first[8], i;

	for (i = 0; i < 8; i++) {
		first[i] = picked(node, 100 + i, FIRST);
		ASSERT_GT(first[i], 0);
	}
	ASSERT_EQ(0, DAMC("route add /b/5 dev w0",
			  "pool append /b member /b/5 weight 65535"));
	/* Who is new goes to the heavy one; who is pinned stays. */
	EXPECT_EQ(5, picked(node, 200, FIRST));
	for (i = 0; i < 8; i++)
		EXPECT_EQ(first[i], picked(node, 100 + i, i % 2 ? FIRST : 0));
}

TEST_F(pool, without_pin_is_lost)
{
	struct dt_node *node = &self->node;

	EXPECT_EQ(DAMC_ERROR_CODE_PIN_LOST, refused_flow(node, 7, 0));
	EXPECT_EQ(1, dt_node_grew(node, DAMC_A_STATS_DROP_PIN_LOST));
	EXPECT_EQ(0, dt_node_grew(node, DAMC_A_STATS_PINS_MADE));
	EXPECT_EQ(0, instance(node, 100));
}

/* Not another instance instead, until a packet says that it may begin anew. */
TEST_F(pool, pin_to_who_left_is_lost)
{
	struct dt_node *node = &self->node;
	int first = picked(node, 9, FIRST);

	ASSERT_GT(first, 0);
	ASSERT_EQ(0, damc("pool del /b member /b/%d\n", first));
	EXPECT_EQ(DAMC_ERROR_CODE_PIN_LOST, refused_flow(node, 9, FIRST));
	EXPECT_EQ(DAMC_ERROR_CODE_PIN_LOST, refused_flow(node, 9, 0));
	/* It comes back, but what was lost stays lost. */
	ASSERT_EQ(0, damc("pool append /b member /b/%d\n", first));
	EXPECT_EQ(DAMC_ERROR_CODE_PIN_LOST, refused_flow(node, 9, 0));
	EXPECT_GT(picked(node, 9, FIRST), 0);
	EXPECT_EQ(3, dt_node_grew(node, DAMC_A_STATS_DROP_PIN_LOST));
}

TEST_F(pool, pin_to_who_has_no_route_is_lost)
{
	struct dt_node *node = &self->node;
	int first = picked(node, 9, FIRST);

	ASSERT_GT(first, 0);
	ASSERT_EQ(0, damc("route del /b/%d\n", first));
	EXPECT_EQ(DAMC_ERROR_CODE_PIN_LOST, refused_flow(node, 9, 0));
	EXPECT_NE(first, picked(node, 9, FIRST));
}

TEST_F(pool, without_usable_instance)
{
	struct dt_node *node = &self->node;

	ASSERT_EQ(0, DAMC("route add /b/9 unreachable",
			  "route add / dev w0",
			  "pool replace /b member /b/8 member /b/9"));
	EXPECT_EQ(DAMC_ERROR_CODE_NO_INSTANCE, refused_flow(node, 1, FIRST));
	ASSERT_EQ(0, dt_damc("pool replace /b\n"));
	EXPECT_EQ(DAMC_ERROR_CODE_NO_INSTANCE, refused_flow(node, 1, FIRST));
	EXPECT_EQ(2, dt_node_grew(node, DAMC_A_STATS_DROP_NO_INSTANCE));
	EXPECT_EQ(0, instance(node, 100));
}

/* What is below a pool and not there never falls back to anything. */
TEST_F(pool, no_such_instance)
{
	static const char * const names[] = { "/b/9", "/b/9/x", "/b/44" };
	struct dt_node *node = &self->node;
	size_t i;

	ASSERT_EQ(0, dt_damc("route add / dev w0\n"));
	for (i = 0; i < 3; i++)
		EXPECT_EQ(DAMC_ERROR_CODE_NO_INSTANCE,
			  refused(node, &(struct dt_packet){
				.dst = names[i], .src = "/p", .flow = 3,
				.flags = FIRST }));
	EXPECT_EQ(3, dt_node_grew(node, DAMC_A_STATS_DROP_NO_INSTANCE));
	EXPECT_EQ(0, instance(node, 100));
	/* An instance's own name is as good as any. */
	ASSERT_EQ(0, inject(node, &(struct dt_packet){
		.dst = "/b/3", .src = "/p" }));
	EXPECT_EQ(3, instance(node, 3000));
}

/* Acceptance: /b/4 ended at a gateway that serves /b/1. */
TEST_F(pool, withdrawn_instance_is_not_another)
{
	struct dt_node *node = &self->node;
	struct dt_packet packet = {
		.dst = "/b/4", .src = "/far/x", .flow = 5, .flags = FIRST,
	};
	size_t len;

	ASSERT_EQ(0, DAMC("pool del /b",
			  "route del /b/1",
			  "route del /b/4",
			  "route add / dev w0",
			  "bind add /b/1 dev v0 member",
			  "bind add /b/4 dev v0 member"));
	len = dt_packet_write(node->packet, &packet);
	ASSERT_EQ(0, dt_frame_send(node->w, node->packet, len));
	ASSERT_GT(dt_frame_recv(node->v, node->got, sizeof(node->got), 3000), 0);
	EXPECT_TRUE(dt_packet_name(node->got, 0, "/b/4"));
	ASSERT_EQ(0, dt_damc("bind del /b/4\n"));
	ASSERT_EQ(0, dt_frame_send(node->w, node->packet, len));
	EXPECT_EQ(DAMC_ERROR_CODE_NO_INSTANCE, told(node, node->w));
	EXPECT_LT(dt_frame_recv(node->v, node->got, sizeof(node->got), 200), 0);
}

TEST_F(pool, transit_does_not_pick)
{
	struct dt_node *node = &self->node;
	struct dt_packet packet = {
		.dst = "/b", .src = "/far/x", .flow = 5, .flags = FIRST,
	};
	size_t len = dt_packet_write(node->packet, &packet);

	ASSERT_EQ(0, dt_frame_send(node->w, node->packet, len));
	EXPECT_EQ(DAMC_ERROR_CODE_NO_INSTANCE, told(node, node->w));
	EXPECT_EQ(0, dt_node_grew(node, DAMC_A_STATS_POOL_PICKS));
	EXPECT_EQ(0, dt_node_grew(node, DAMC_A_STATS_PINS_MADE));
}

/* A pod is not the pool, nor an instance that it has not bound. */
TEST_F(pool, pod_may_not_be_a_pool)
{
	struct dt_node *node = &self->node;

	ASSERT_EQ(0, DAMC("route del /b/1",
			  "pool del /b member /b/1",
			  "bind add /b/1 dev v0 member"));
	ASSERT_EQ(0, inject(node, &(struct dt_packet){
		.dst = "/far/x", .src = "/b" }));
	ASSERT_EQ(0, inject(node, &(struct dt_packet){
		.dst = "/far/x", .src = "/b/2" }));
	ASSERT_EQ(0, inject(node, &(struct dt_packet){
		.dst = "/far/x", .src = "/b/9" }));
	EXPECT_EQ(3, dt_node_grew(node, DAMC_A_STATS_DROP_EDGE_SOURCE));
	ASSERT_EQ(0, inject(node, &(struct dt_packet){
		.dst = "/far/x", .src = "/b/1" }));
	EXPECT_GT(dt_frame_recv(node->w, node->got, sizeof(node->got), 3000), 0);
}

/* It says for itself what was picked, or sends something that was, to a pool. */
TEST_F(pool, pod_may_not_say_what_was_picked)
{
	struct dt_node *node = &self->node;

	EXPECT_EQ(DAMC_ERROR_CODE_PROHIBITED, refused(node, &(struct dt_packet){
		.dst = "/b/1", .src = "/p", .tlvs = "\x01\x02\x01\x62",
		.tlvs_len = 4 }));
	EXPECT_EQ(0, instance(node, 100));
}

/* The pod that asks does not get its own packet back. */
TEST_F(pool, own_instance_is_not_picked)
{
	struct dt_node *node = &self->node;
	uint32_t flow;

	ASSERT_EQ(0, DAMC("route del /b/1",
			  "pool replace /b member /b/2",
			  "bind add /b/1 dev v0 member weight 65535"));
	for (flow = 1; flow <= 10; flow++)
		EXPECT_EQ(2, picked(node, flow, FIRST));
}

/* The header grows by 8: what would not fit then is refused before, whole. */
TEST_F(pool, growth_counts)
{
	static const char payload[MTU];
	struct dt_node *node = &self->node;
	struct dt_packet packet = {
		.dst = "/b", .src = "/p", .flow = 1, .flags = FIRST,
		.payload = payload, .payload_len = MTU - 24 - 8,
	};
	const struct damc_hdr *hdr = (const void *)node->got, *quote;
	const struct damc_error_hdr *error;

	ASSERT_EQ(0, inject(node, &packet));
	ASSERT_EQ(MTU, dt_frame_recv(node->w, node->got, sizeof(node->got),
				     3000));
	packet.payload_len++;
	ASSERT_EQ(DAMC_ERROR_CODE_TOO_BIG, refused(node, &packet));
	error = (const void *)(node->got + hdr->header_len * 4);
	EXPECT_EQ(MTU - 8, ntohl(error->info));
	quote = (const void *)(error + 1);
	EXPECT_EQ(2, quote->dst_len);
	EXPECT_EQ(6, quote->header_len);
}

/* What the caller is told of farther on quotes the pool it sent to. */
TEST_F(pool, quote_tells_the_pool)
{
	struct dt_node *node = &self->node;
	const struct damc_hdr *hdr = (const void *)node->got;
	struct dt_packet packet = {
		.dst = "/b/1", .src = "/far/x", .flow = 1, .hop_limit = 1,
		.tlvs = "\x01\x02\x01\x62", .tlvs_len = 4,
	};
	size_t len = dt_packet_write(node->packet, &packet);
	const uint8_t *quote;

	ASSERT_EQ(0, dt_frame_send(node->w, node->packet, len));
	ASSERT_EQ(DAMC_ERROR_CODE_HOP_LIMIT, told(node, node->w));
	quote = node->got + hdr->header_len * 4 + sizeof(struct damc_error_hdr);
	EXPECT_TRUE(dt_packet_name(quote, 0, "/b/1"));
	EXPECT_EQ(0, memcmp(quote + 30, "\x01\x02\x01\x62", 4));
}

TEST_F(pool, pool_or_name)
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

TEST_F(pool, configured_and_bound)
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

TEST_F(pool, uplink_has_no_pools)
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
TEST_F(pool, bound_under_an_uplink_leaves_the_pool)
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

TEST_F(pool, too_many_members)
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

static int open_member(const char *name, int weight)
{
	struct sockaddr_damc sa;
	int fd = socket(AF_DAMC_DEFAULT, SOCK_DGRAM, 0);
	socklen_t len = dt_addr(&sa, name, 0);

	if (setsockopt(fd, SOL_DAMC, DAMC_MEMBER, &weight, sizeof(weight)) ||
	    bind(fd, (struct sockaddr *)&sa, len)) {
		close(fd);
		return -1;
	}
	return fd;
}

static int open_connected(const char *name)
{
	struct sockaddr_damc sa;
	int fd = socket(AF_DAMC_DEFAULT, SOCK_DGRAM, 0);
	socklen_t len = dt_addr(&sa, name, 0);

	return connect(fd, (struct sockaddr *)&sa, len) ? -1 : fd;
}

static bool peer_is(int fd, const char *name)
{
	struct sockaddr_damc sa;
	socklen_t len = sizeof(sa);

	return !getpeername(fd, (struct sockaddr *)&sa, &len) &&
	       dt_addr_is(&sa, name);
}

/* Receive on @fd, and answer whoever it was with @text. */
static int answer(int fd, const char *text)
{
	struct sockaddr_damc from;
	char data[64];

	if (!dt_readable(fd, 3000) || dt_recv(fd, data, sizeof(data), &from) < 0)
		return -1;
	return sendto(fd, text, strlen(text), 0, (struct sockaddr *)&from,
		      DAMC_SOCKADDR_MIN + from.sdamc_nlen) < 0 ? -1 : 0;
}

TEST_F(pool, connected_socket_settles)
{
	int one = open_member("/s/1", 1), two = open_member("/s/2", 1);
	int fd = open_connected("/s"), is, other;
	char data[64];

	ASSERT_GE(one, 0);
	ASSERT_GE(two, 0);
	ASSERT_GE(fd, 0);
	ASSERT_EQ(2, send(fd, "hi", 2, 0));
	is = dt_readable(one, 500) ? one : two;
	other = is == one ? two : one;
	EXPECT_FALSE(dt_readable(other, 100));
	EXPECT_TRUE(peer_is(fd, "/s"));
	/* Unsettled it stays with one, too. */
	ASSERT_EQ(2, send(fd, "hi", 2, 0));
	ASSERT_EQ(0, answer(is, "ok"));
	ASSERT_EQ(0, answer(is, "ok"));
	ASSERT_EQ(2, dt_recv(fd, data, sizeof(data), NULL));
	ASSERT_EQ(2, dt_recv(fd, data, sizeof(data), NULL));
	EXPECT_TRUE(peer_is(fd, is == one ? "/s/1" : "/s/2"));
	/* It hears that one alone now, and sends to it by name. */
	dt_node_mark(&self->node);
	ASSERT_EQ(2, send(fd, "hi", 2, 0));
	EXPECT_EQ(0, dt_node_grew(&self->node, DAMC_A_STATS_POOL_PICKS));
	EXPECT_TRUE(dt_readable(is, 3000));
}

/* Who else may be called so has not been asked: the flow label tells. */
TEST_F(pool, settles_by_flow_label)
{
	int one = open_member("/s/1", 1), fd = open_connected("/s");
	struct sockaddr_damc from, me;
	socklen_t len = sizeof(me);
	char data[8];

	ASSERT_EQ(0, getsockname(fd, (struct sockaddr *)&me, &len));
	/* Not the label that /s is called under. */
	me.sdamc_flow = 12345;
	EXPECT_LT(sendto(one, "ha", 2, 0, (struct sockaddr *)&me, len), 0);
	EXPECT_EQ(ECONNREFUSED, errno);
	EXPECT_TRUE(peer_is(fd, "/s"));
	ASSERT_EQ(2, send(fd, "hi", 2, 0));
	ASSERT_EQ(2, dt_recv(one, data, sizeof(data), &from));
	EXPECT_EQ(2, sendto(one, "ok", 2, 0, (struct sockaddr *)&from,
			    DAMC_SOCKADDR_MIN + from.sdamc_nlen));
	EXPECT_TRUE(peer_is(fd, "/s/1"));
}

TEST_F(pool, errno_says_it)
{
	int one = open_member("/s/1", 1), fd = open_connected("/s");

	ASSERT_EQ(2, send(fd, "hi", 2, 0));
	/* A second instance keeps the pool. */
	ASSERT_GE(open_member("/s/2", 1), 0);
	close(one);
	EXPECT_LT(send(fd, "hi", 2, 0), 0);
	EXPECT_EQ(ECONNRESET, errno);
	/* Told once, it may begin anew. */
	EXPECT_EQ(2, send(fd, "hi", 2, 0));
	EXPECT_LT(dt_send(fd, "/s/9", "hi", 2), 0);
	EXPECT_EQ(EHOSTUNREACH, errno);
}

/* Errors from afar: by the pool's name, whatever was picked. */
TEST_F(pool, errors_find_the_socket)
{
	struct dt_node *node = &self->node;
	const struct damc_hdr *hdr = (const void *)node->got;
	struct damc_error_hdr error = { .code = DAMC_ERROR_CODE_NO_LISTENER };
	uint8_t payload[256];
	struct dt_packet packet = {
		.dst = "/c", .src = "/far/x", .proto = DAMC_PROTO_ERROR,
		.payload = payload,
	};
	struct sockaddr_damc sa;
	int fd, len;

	fd = dt_bound(0, "/c");
	len = dt_addr(&sa, "/b", 0);
	ASSERT_EQ(0, connect(fd, (struct sockaddr *)&sa, len));
	ASSERT_EQ(2, send(fd, "hi", 2, 0));
	len = dt_frame_recv(node->w, node->got, sizeof(node->got), 3000);
	ASSERT_GT(len, 0);
	EXPECT_EQ(FIRST, hdr->flags);
	memcpy(payload, &error, sizeof(error));
	memcpy(payload + sizeof(error), node->got, len);
	packet.payload_len = sizeof(error) + len;
	len = dt_packet_write(node->packet, &packet);
	ASSERT_EQ(0, dt_frame_send(node->w, node->packet, len));
	EXPECT_LT(recv(fd, payload, sizeof(payload), 0), 0);
	EXPECT_EQ(ECONNREFUSED, errno);
}

/* All fragments go where the first goes, each marked, none too large. */
TEST_F(pool, fragments_follow)
{
	static char message[5000];
	struct dt_node *node = &self->node;
	const struct damc_hdr *hdr = (const void *)node->got;
	int fd = open_connected("/b"), first, i, n;

	ASSERT_EQ((int)sizeof(message), send(fd, message, sizeof(message), 0));
	first = instance(node, 3000);
	ASSERT_GT(first, 0);
	for (i = 1, n = 0; i < 20; i++) {
		EXPECT_EQ(DAMC_PROTO_FRAGMENT, hdr->next_proto);
		EXPECT_EQ(FIRST, hdr->flags);
		n = instance(node, 500);
		if (!n)
			break;
		EXPECT_EQ(first, n);
	}
	EXPECT_EQ(4, i);
	EXPECT_EQ(0, dt_node_grew(node, DAMC_A_STATS_DROP_TOO_BIG));
	EXPECT_EQ(1, dt_node_grew(node, DAMC_A_STATS_PINS_MADE));
}

/* New flows of /p, until one is refused a pin; the link may lose some. */
static int fill_pins(struct dt_node *node)
{
	struct dt_packet packet = { .dst = "/b", .src = "/p", .flags = FIRST };

	while (packet.flow < 2 * DAMC_PINS_OWNER_MAX) {
		packet.flow++;
		if (inject(node, &packet))
			return -1;
		/* What is sent before the last is handled, may be too much. */
		if (packet.flow % PINS_ROUND == 0 &&
		    dt_node_grew(node, DAMC_A_STATS_DROP_PIN_LIMIT) > 0)
			return 0;
	}
	return -1;
}

/* A pod can fill its own share; the namespace's sockets have another. */
TEST_F_TIMEOUT(pool, pins_of_an_edge_are_bounded, LONG)
{
	struct dt_node *node = &self->node;
	int fd;

	ASSERT_EQ(0, fill_pins(node));
	EXPECT_EQ(DAMC_PINS_OWNER_MAX,
		  dt_node_grew(node, DAMC_A_STATS_PINS_MADE));
	fd = open_connected("/b");
	EXPECT_EQ(2, send(fd, "hi", 2, 0));
	/* They go with the edge. */
	ASSERT_EQ(0, DAMC("dev set v0 down",
			  "dev set v0 edge",
			  "bind add /p dev v0"));
	dt_node_mark(node);
	ASSERT_EQ(0, inject(node, &(struct dt_packet){
		.dst = "/b", .src = "/p", .flow = 1, .flags = FIRST }));
	EXPECT_EQ(1, dt_node_grew(node, DAMC_A_STATS_PINS_MADE));
}

/* Root there, too, or "damc" would have no rights. */
static bool be_root(void)
{
	int fd = open("/proc/self/uid_map", O_WRONLY);
	bool ok = fd >= 0 && write(fd, "0 0 1", 5) == 5;

	close(fd);
	return ok;
}

/* A packet that may make a pin for flow @label: 0 or an errno. */
static int call_flow(int fd, uint32_t label)
{
	struct sockaddr_damc sa;
	socklen_t len = dt_addr(&sa, "/s", label);

	return sendto(fd, "", 0, 0, (struct sockaddr *)&sa, len) < 0 ? errno : 0;
}

/* How many pins this process' socket can have to /s, which is @member's. */
static int fill_own_pins(int member)
{
	int fd = socket(AF_DAMC_DEFAULT, SOCK_DGRAM, 0), n, err;
	char byte;

	for (n = 0; n <= DAMC_PINS_OWNER_MAX; n++) {
		err = call_flow(fd, n + 1);
		if (err)
			return err == ENOBUFS ? n : -1;
		/* A full buffer would refuse, too. */
		recv(member, &byte, 1, MSG_DONTWAIT);
	}
	return n;
}

/* In another user namespace: what fill_own_pins() says, then wait for the end. */
static int foreign_process(int to, int until)
{
	int member, n = -1;

	if (!unshare(CLONE_NEWUSER | CLONE_NEWNET) && be_root() &&
	    !dt_damc("info set name /n\n")) {
		member = open_member("/s/1", 1);
		n = member < 0 ? -1 : fill_own_pins(member);
	}
	if (write(to, &n, sizeof(n)) != sizeof(n))
		return 1;
	return read(until, &n, sizeof(n)) != 0;
}

/* Whether another user has pins to be had in @pid's namespace: 0 or an errno. */
static int other_user(pid_t pid)
{
	char path[64];
	int net, fd;

	snprintf(path, sizeof(path), "/proc/%d/ns/net", pid);
	net = open(path, O_RDONLY);
	if (net < 0 || setns(net, CLONE_NEWNET))
		return errno;
	setfsuid(12345);
	fd = socket(AF_DAMC_DEFAULT, SOCK_DGRAM, 0);
	setfsuid(0);
	return fd < 0 ? errno : call_flow(fd, DAMC_PINS_OWNER_MAX);
}

/* What one user's sockets take, another's still have. */
TEST(foreign_pins_are_fewer)
{
	int status, result[2], end[2], n = 0;
	pid_t pid;

	ASSERT_EQ(0, pipe(result));
	ASSERT_EQ(0, pipe(end));
	pid = fork();
	if (!pid) {
		close(end[1]);
		_exit(foreign_process(result[1], end[0]));
	}
	ASSERT_EQ((ssize_t)sizeof(n), read(result[0], &n, sizeof(n)));
	EXPECT_EQ(DAMC_PINS_OWNER_MAX / DAMC_FOREIGN_SHARE, n);
	EXPECT_EQ(0, other_user(pid));
	close(end[1]);
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
}

TEST_HARNESS_MAIN
