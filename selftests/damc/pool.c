// SPDX-License-Identifier: GPL-2.0
/* Pools, packet by packet: what is picked, what a pin keeps, what is refused. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../kselftest_harness.h"
#include "pools.h"

#define MTU 1500
#define FIRST DAMC_F_FIRST

/* Packets sent in a row, fewer than a link's queue holds. */
#define PINS_ROUND 512
/* Seconds to fill an edge's pins under emulation; less than they last. */
#define LONG 110

FIXTURE(pool) {
	struct dt_node node;
};

FIXTURE_SETUP(pool)
{
	ASSERT_EQ(0, pools_open(&self->node));
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

/* Where a packet to the pool goes. */
static int picked(struct dt_node *node, uint32_t flow, uint8_t flags)
{
	struct dt_packet packet = {
		.dst = "/b", .src = "/p", .flow = flow, .flags = flags,
	};

	return inject(node, &packet) ? -1 : pools_instance(node, 3000);
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

/* An instance of weight 0 keeps its flows, and gets no other. */
TEST_F(pool, weight_0_drains)
{
	struct dt_node *node = &self->node;
	uint32_t flow;

	ASSERT_EQ(0, dt_damc("pool replace /b member /b/1\n"));
	ASSERT_EQ(1, picked(node, 9, FIRST));
	ASSERT_EQ(0, dt_damc("pool replace /b member /b/1 weight 0 member /b/2\n"));
	EXPECT_EQ(0, dt_run("damc pool get /b | grep -q 'member /b/1 weight 0$'"));
	for (flow = 100; flow < 120; flow++)
		EXPECT_EQ(2, picked(node, flow, FIRST));
	EXPECT_EQ(1, picked(node, 9, 0));
	/* All of them: to who is new it is as if there were none. */
	ASSERT_EQ(0, dt_damc("pool replace /b member /b/1 weight 0 member /b/2 weight 0\n"));
	EXPECT_EQ(DAMC_ERROR_CODE_NO_INSTANCE, refused_flow(node, 200, FIRST));
	EXPECT_EQ(1, dt_node_grew(node, DAMC_A_STATS_DROP_NO_INSTANCE));
	EXPECT_EQ(1, picked(node, 9, FIRST));
	EXPECT_EQ(2, picked(node, 100, 0));
	EXPECT_EQ(0, dt_node_grew(node, DAMC_A_STATS_DROP_PIN_LOST));
}

TEST_F(pool, without_pin_is_lost)
{
	struct dt_node *node = &self->node;

	EXPECT_EQ(DAMC_ERROR_CODE_PIN_LOST, refused_flow(node, 7, 0));
	EXPECT_EQ(1, dt_node_grew(node, DAMC_A_STATS_DROP_PIN_LOST));
	EXPECT_EQ(0, dt_node_grew(node, DAMC_A_STATS_PINS_MADE));
	EXPECT_EQ(0, pools_instance(node, 100));
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
	EXPECT_EQ(0, pools_instance(node, 100));
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
	EXPECT_EQ(0, pools_instance(node, 100));
	/* An instance's own name is as good as any. */
	ASSERT_EQ(0, inject(node, &(struct dt_packet){
		.dst = "/b/3", .src = "/p" }));
	EXPECT_EQ(3, pools_instance(node, 3000));
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
	EXPECT_EQ(0, pools_instance(node, 100));
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
	fd = pools_connected("/b");
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

TEST_HARNESS_MAIN
