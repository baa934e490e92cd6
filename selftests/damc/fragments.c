// SPDX-License-Identifier: GPL-2.0
/*
 * Fragments: how a message is cut, how it is put together, and what becomes of
 * fragments that are wrong, too many, or alone. What is injected comes by v0;
 * what the node sends to /far leaves by w0, whose MTU is 1500.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "../kselftest_harness.h"
#include "testlib.h"

#define MTU 1500
/* Fixed part and the names /far/x and /s. */
#define HEADER 28
/* With it a header and the least fragment are more than DAMC_PATH_MTU_MIN. */
#define LONG "0123456789012345678901234567890123456789012345678901234567890123"
#define DATA (MTU - HEADER - (int)sizeof(struct damc_fragment_hdr))

static uint8_t whole[DAMC_MESSAGE_MAX + 1], got[DAMC_MESSAGE_MAX + 1];

/* A fragment to be injected. */
struct piece {
	const char *dst, *src;
	unsigned int offset, len, total, id;
	uint8_t proto;
};

FIXTURE(fragments) {
	struct dt_node node;
	int fd;
};

FIXTURE_SETUP(fragments)
{
	uint64_t seed = dt_seed();
	size_t i;

	for (i = 0; i < sizeof(whole); i++)
		whole[i] = dt_random(&seed);
	ASSERT_EQ(0, dt_node_open(&self->node, "up"));
	self->fd = dt_bound(0, "/s");
	ASSERT_GE(self->fd, 0);
}

FIXTURE_TEARDOWN(fragments)
{
	close(self->fd);
	close(self->node.v);
	close(self->node.w);
}

static int inject(struct dt_node *node, struct piece piece)
{
	struct damc_fragment_hdr hdr = {
		.next_proto = piece.proto ?: DAMC_PROTO_MESSAGE,
		.offset = htons(piece.offset),
		.total = htons(piece.total),
		.id = htonl(piece.id),
	};
	uint8_t payload[DT_FRAME_MAX];
	struct dt_packet packet = {
		.dst = piece.dst ?: "/s", .src = piece.src ?: "/p/1", .payload = payload,
		.proto = DAMC_PROTO_FRAGMENT, .flow = 7,
		.payload_len = sizeof(hdr) + piece.len,
	};

	memcpy(payload, &hdr, sizeof(hdr));
	memcpy(payload + sizeof(hdr), whole + piece.offset, piece.len);
	return dt_frame_send(node->v, node->packet,
			     dt_packet_write(node->packet, &packet));
}

/* The n-th of those that a message of so many bytes is cut into. */
static int inject_nth(struct dt_node *node, const char *src, unsigned int id,
		      unsigned int total, unsigned int size, unsigned int n)
{
	unsigned int offset = n * size;

	return inject(node, (struct piece){
		.src = src, .offset = offset, .total = total, .id = id,
		.len = total - offset < size ? total - offset : size });
}

/* What is received is the start of @whole, all of it. */
static bool comes(int fd, size_t len)
{
	return dt_recv(fd, got, sizeof(got), NULL) == (ssize_t)len &&
	       !memcmp(got, whole, len);
}

/* Waits: frames are handled while they are sent, or a little later. */
static bool grew(struct dt_node *node, int counter, int64_t want)
{
	int i;

	for (i = 0; i < 100 && dt_node_grew(node, counter) < want; i++)
		poll(NULL, 0, 20);
	return dt_node_grew(node, counter) == want;
}

/* A fragment that the node sent to /far/x, in node->got. */
static const struct damc_fragment_hdr *far_sees(struct dt_node *node,
						unsigned int *len)
{
	ssize_t n = dt_frame_recv(node->w, node->got, sizeof(node->got), 1000);
	const struct damc_hdr *hdr = (const void *)node->got;
	const struct damc_fragment_hdr *fragment;

	fragment = (const void *)(node->got + hdr->header_len * 4);
	if (n < HEADER || n > MTU || hdr->header_len * 4 != HEADER ||
	    hdr->next_proto != DAMC_PROTO_FRAGMENT)
		return NULL;
	*len = ntohs(hdr->payload_len) - sizeof(*fragment);
	return fragment;
}

/* Cut as protocol.rst wants it: equal parts in order, one id. */
static bool cut_well(struct dt_node *node, unsigned int total, unsigned int size)
{
	const struct damc_fragment_hdr *f;
	unsigned int at, len, id = 0;

	for (at = 0; at < total; at += len) {
		f = far_sees(node, &len);
		if (!f || f->next_proto != DAMC_PROTO_MESSAGE || !len ||
		    ntohs(f->offset) != at || ntohs(f->total) != total ||
		    (at && ntohl(f->id) != id) || at + len > total ||
		    (at + len < total && len != size) ||
		    memcmp(f + 1, whole + at, len))
			return false;
		id = ntohl(f->id);
	}
	return true;
}

TEST_F(fragments, cut_to_the_link)
{
	static const unsigned int sizes[] = {
		MTU - HEADER + 1, 2 * DATA - 1, 2 * DATA, 2 * DATA + 1,
		44 * DATA, 64999, 65000,
	};
	struct dt_node *node = &self->node;
	size_t i;

	ASSERT_EQ(MTU - HEADER, dt_send(self->fd, "/far/x", whole, MTU - HEADER));
	ASSERT_EQ(MTU, dt_frame_recv(node->w, node->got, DT_FRAME_MAX, 1000));
	for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		ASSERT_EQ(sizes[i], dt_send(self->fd, "/far/x", whole, sizes[i]));
		EXPECT_TRUE(cut_well(node, sizes[i], DATA))
			TH_LOG("%u bytes", sizes[i]);
	}
	EXPECT_EQ(0, dt_stats(&node->nl, node->after));
	EXPECT_EQ(0, dt_stats_balance(node->after));
}

TEST_F(fragments, what_is_too_long)
{
	int small = 4096;

	EXPECT_EQ(-1, dt_send(self->fd, "/far/x", whole, 65001));
	EXPECT_EQ(EMSGSIZE, errno);
	ASSERT_EQ(0, setsockopt(self->fd, SOL_SOCKET, SO_SNDBUF, &small,
				sizeof(small)));
	EXPECT_EQ(-1, dt_send(self->fd, "/far/x", whole, 10000));
	EXPECT_EQ(EMSGSIZE, errno);
	EXPECT_EQ(4000, dt_send(self->fd, "/far/x", whole, 4000));
	EXPECT_EQ(3, dt_node_grew(&self->node, DAMC_A_STATS_ORIGINATED));
}

/* Forwards, backwards, each twice; the sizes around those that have limits. */
TEST_F(fragments, any_order)
{
	static const unsigned int sizes[][2] = {
		{ 513, 512 }, { 1024, 512 }, { 1025, 512 }, { 65000, 512 },
		{ 65000, 1448 }, { 65000, 8900 }, { 17800, 8900 },
	};
	struct dt_node *node = &self->node;
	unsigned int i, n, count, id = 100;

	for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		unsigned int total = sizes[i][0], size = sizes[i][1];

		count = (total + size - 1) / size;
		for (n = 0; n < count; n++)
			ASSERT_EQ(0, inject_nth(node, NULL, id, total, size, n));
		EXPECT_TRUE(comes(self->fd, total)) TH_LOG("%u %u", total, size);
		id++;
		for (n = count; n-- > 1;) {
			ASSERT_EQ(0, inject_nth(node, NULL, id, total, size, n));
			ASSERT_EQ(0, inject_nth(node, NULL, id, total, size, n));
		}
		EXPECT_FALSE(dt_readable(self->fd, 20));
		ASSERT_EQ(0, inject_nth(node, NULL, id, total, size, 0));
		EXPECT_TRUE(comes(self->fd, total)) TH_LOG("%u %u", total, size);
		id++;
	}
	EXPECT_EQ(2 * i, dt_node_grew(node, DAMC_A_STATS_REASSEMBLED));
	EXPECT_EQ(0, dt_stats_balance(node->after));
}

/* Each contradicts the first fragment, and ends its message. */
TEST_F(fragments, contradictions)
{
	static const struct piece pieces[] = {
		{ .offset = 0, .len = 600, .total = 3000 },
		{ .offset = 600, .len = 600, .total = 3000 },
		{ .offset = 1536, .len = 512, .total = 3001 },
		{ .offset = 1000, .len = 2000, .total = 3000 },
		{ .offset = 2048, .len = 952, .total = 3000 },
	};
	struct dt_node *node = &self->node;
	unsigned int i, n = sizeof(pieces) / sizeof(*pieces);

	for (i = 0; i < n; i++) {
		struct piece piece = pieces[i];

		piece.id = i;
		ASSERT_EQ(0, inject_nth(node, NULL, i, 3000, 512, 0));
		ASSERT_EQ(0, inject(node, piece));
	}
	EXPECT_TRUE(grew(node, DAMC_A_STATS_DROP_REASSEMBLY_OVERLAP, 2 * n));
	EXPECT_FALSE(dt_readable(self->fd, 0));
	EXPECT_EQ(0, dt_stats_balance(node->after));
}

TEST_F(fragments, malformed)
{
	static const struct piece pieces[] = {
		{ .offset = 0, .len = 511, .total = 3000 },
		{ .offset = 0, .len = 0, .total = 3000 },
		{ .offset = 0, .len = 600, .total = 600 },
		{ .offset = 0, .len = 600, .total = 599 },
		{ .offset = 0, .len = 600, .total = 65001 },
		{ .offset = 513, .len = 512, .total = 3000 },
		{ .offset = 300, .len = 300, .total = 600 },
		{ .offset = 0, .len = 600, .total = 900,
		  .proto = DAMC_PROTO_CONTROL },
		{ .offset = 0, .len = 600, .total = 900,
		  .proto = DAMC_PROTO_ERROR },
		{ .offset = 0, .len = 600, .total = 900,
		  .proto = DAMC_PROTO_FRAGMENT },
	};
	struct dt_node *node = &self->node;
	unsigned int i, n = sizeof(pieces) / sizeof(*pieces);

	for (i = 0; i < n; i++)
		ASSERT_EQ(0, inject(node, pieces[i]));
	EXPECT_TRUE(grew(node, DAMC_A_STATS_DROP_FRAGMENT_MALFORMED, n));
	EXPECT_FALSE(dt_readable(self->fd, 0));
	EXPECT_EQ(0, dt_stats_balance(node->after));
}

TEST_F(fragments, time_is_limited)
{
	struct dt_node *node = &self->node;

	ASSERT_EQ(0, inject_nth(node, NULL, 1, 3000, 512, 0));
	ASSERT_EQ(0, inject_nth(node, NULL, 1, 3000, 512, 3));
	poll(NULL, 0, DAMC_REASSEMBLY_TIMEOUT_MS / 2);
	EXPECT_EQ(0, dt_node_grew(node, DAMC_A_STATS_DROP_REASSEMBLY_TIMEOUT));
	EXPECT_NE(0, dt_stats_balance(node->after));
	poll(NULL, 0, DAMC_REASSEMBLY_TIMEOUT_MS / 2 + 100);
	EXPECT_TRUE(grew(node, DAMC_A_STATS_DROP_REASSEMBLY_TIMEOUT, 2));
	EXPECT_EQ(0, dt_stats_balance(node->after));
}

/* Of 17 open from one to one, the oldest goes. */
TEST_F(fragments, pair_is_limited)
{
	struct dt_node *node = &self->node;
	unsigned int i;

	for (i = 0; i <= DAMC_REASSEMBLIES_PAIR_MAX; i++)
		ASSERT_EQ(0, inject_nth(node, NULL, i, 1000, 512, 0));
	EXPECT_TRUE(grew(node, DAMC_A_STATS_DROP_REASSEMBLY_LIMIT, 1));
	ASSERT_EQ(0, inject_nth(node, NULL, 0, 1000, 512, 1));
	EXPECT_FALSE(dt_readable(self->fd, 100));
	ASSERT_EQ(0, inject_nth(node, NULL, i - 1, 1000, 512, 1));
	EXPECT_TRUE(comes(self->fd, 1000));
}

static long since_ms(const struct timespec *start)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - start->tv_sec) * 1000 +
	       (now.tv_nsec - start->tv_nsec) / 1000000;
}

/* A pod under 600 names of its own, then under one; its neighbour is not hit. */
TEST_F(fragments, flood_hits_who_floods)
{
	struct dt_node *node = &self->node;
	struct timespec start;
	char src[64];
	unsigned int i;

	ASSERT_EQ(0, inject_nth(node, "/p/good", 1, 17000, 8600, 0));
	/* What waits must not wait for too long: a machine may be slow. */
	clock_gettime(CLOCK_MONOTONIC, &start);
	for (i = 0; i < 3000 && (i % 16 || since_ms(&start) < 1000); i++) {
		snprintf(src, sizeof(src), "/p/evil/%u/%u", i % 600, i % 7);
		ASSERT_EQ(0, inject_nth(node, src, i, 60000, 8600, i % 5));
	}
	EXPECT_LT(0, dt_node_grew(node, DAMC_A_STATS_DROP_REASSEMBLY_LIMIT));
	ASSERT_EQ(0, inject_nth(node, "/p/good", 1, 17000, 8600, 1));
	EXPECT_TRUE(comes(self->fd, 17000));
	poll(NULL, 0, DAMC_REASSEMBLY_TIMEOUT_MS + 500);
	EXPECT_EQ(0, dt_stats(&node->nl, node->after));
	EXPECT_EQ(0, dt_stats_balance(node->after));
}

/* Only a first fragment is answered, and nothing waits for nobody. */
TEST_F(fragments, nobody_waits)
{
	struct dt_node *node = &self->node;

	close(self->fd);
	self->fd = -1;
	ASSERT_EQ(0, dt_damc("info set name /s\n"));
	ASSERT_EQ(0, inject(node, (struct piece){
		.dst = "/s/x", .offset = 512, .len = 488, .total = 1000 }));
	ASSERT_EQ(0, inject(node, (struct piece){
		.dst = "/s/x", .len = 512, .total = 1000 }));
	EXPECT_TRUE(grew(node, DAMC_A_STATS_DROP_NO_LISTENER, 2));
	EXPECT_EQ(1, dt_node_grew(node, DAMC_A_STATS_ERRORS_SENT));
}

/* A too-big error about the message's first fragment in node->got. */
static int inject_too_big(struct dt_node *node, uint32_t mtu)
{
	struct damc_error_hdr error = {
		.code = DAMC_ERROR_CODE_TOO_BIG, .info = htonl(mtu),
	};
	uint8_t payload[256];
	struct dt_packet packet = {
		.dst = "/s", .src = "/damc/node/r", .payload = payload,
		.payload_len = sizeof(payload), .proto = DAMC_PROTO_ERROR,
		.flow = ntohl(((struct damc_hdr *)node->got)->flow),
	};

	memcpy(payload, &error, sizeof(error));
	memcpy(payload + sizeof(error), node->got,
	       sizeof(payload) - sizeof(error));
	return dt_frame_send(node->v, node->packet,
			     dt_packet_write(node->packet, &packet));
}

/* The next message is cut smaller; a limit below reason is not believed. */
TEST_F(fragments, path_mtu_is_learned)
{
	struct dt_node *node = &self->node;
	unsigned int len;

	ASSERT_EQ(2000, dt_send(self->fd, "/far/x", whole, 2000));
	ASSERT_NE(NULL, far_sees(node, &len));
	ASSERT_EQ(0, inject_too_big(node, 1000));
	EXPECT_TRUE(grew(node, DAMC_A_STATS_ERRORS_RECEIVED, 1));
	ASSERT_NE(NULL, far_sees(node, &len));
	ASSERT_EQ(3000, dt_send(self->fd, "/far/x", whole, 3000));
	EXPECT_TRUE(cut_well(node, 3000, 1000 - HEADER -
			     sizeof(struct damc_fragment_hdr)));
	ASSERT_EQ(2000, dt_send(self->fd, "/far/x", whole, 2000));
	ASSERT_NE(NULL, far_sees(node, &len));
	ASSERT_EQ(0, inject_too_big(node, 575));
	EXPECT_TRUE(grew(node, DAMC_A_STATS_ERRORS_RECEIVED, 2));
	while (far_sees(node, &len))
		;
	ASSERT_EQ(3000, dt_send(self->fd, "/far/x", whole, 3000));
	EXPECT_TRUE(cut_well(node, 3000, 1000 - HEADER -
			     sizeof(struct damc_fragment_hdr)));
}

/* Whoever says so: a path that could carry no fragment stops no message. */
TEST_F(fragments, path_mtu_leaves_room_for_fragments)
{
	struct dt_node *node = &self->node;
	const struct damc_hdr *hdr = (const void *)node->got;
	char far[] = "/far/" LONG;
	unsigned int len;

	ASSERT_EQ(2000, dt_send(self->fd, "/far/x", whole, 2000));
	ASSERT_NE(NULL, far_sees(node, &len));
	ASSERT_EQ(0, inject_too_big(node, DAMC_PATH_MTU_MIN));
	EXPECT_TRUE(grew(node, DAMC_A_STATS_ERRORS_RECEIVED, 1));
	while (far_sees(node, &len))
		;
	ASSERT_EQ(2000, dt_send(self->fd, far, whole, 2000));
	ASSERT_GT(dt_frame_recv(node->w, node->got, sizeof(node->got), 3000), 0);
	ASSERT_EQ(DAMC_PROTO_FRAGMENT, hdr->next_proto);
	ASSERT_LT(DAMC_PATH_MTU_MIN, hdr->header_len * 4 + DAMC_FRAGMENT_MIN);
	EXPECT_EQ(sizeof(struct damc_fragment_hdr) + DAMC_FRAGMENT_MIN,
		  ntohs(hdr->payload_len));
}

TEST_HARNESS_MAIN
