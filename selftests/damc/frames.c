// SPDX-License-Identifier: GPL-2.0
/*
 * Frames that are broken, cut short, random, padded or in pieces. Each must be
 * counted once, and good traffic must pass after.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>

#include "../kselftest_harness.h"
#include "testlib.h"

/* At most, and in so many seconds: emulation under KASAN is slow. */
#define RANDOM_FRAMES 50000
#define RANDOM_SECONDS 30

FIXTURE(frames) {
	struct dt_node node;
};

FIXTURE_SETUP(frames)
{
	ASSERT_EQ(0, dt_node_open(&self->node, "up"));
}

FIXTURE_TEARDOWN(frames)
{
	close(self->node.v);
	close(self->node.w);
}

/* A message from /p to /far passes, its bytes unharmed. */
static bool passes(struct dt_node *node)
{
	struct dt_packet packet = {
		.dst = "/far/x", .src = "/p/y", .payload = "good", .payload_len = 4,
		.flow = 7,
	};
	size_t len = dt_packet_write(node->packet, &packet);
	ssize_t got;

	while (dt_frame_recv(node->w, node->got, sizeof(node->got), 0) >= 0)
		;
	if (dt_frame_send(node->v, node->packet, len))
		return false;
	got = dt_frame_recv(node->w, node->got, sizeof(node->got), 3000);
	return got == (ssize_t)len && !memcmp(node->got + got - 4, "good", 4);
}

/* Every packet that came is in one outcome, and only in one. */
static bool balanced(struct dt_node *node)
{
	uint64_t *now = node->after;

	return !dt_stats(&node->nl, now) && !dt_stats_balance(now);
}

static size_t from_hex(const char *hex, uint8_t *to)
{
	unsigned int byte;
	size_t len = 0;

	while (sscanf(hex + 2 * len, "%2x", &byte) == 1)
		to[len++] = byte;
	return len;
}

/* Send each vector of a kind; how many there were, or -1. */
static int send_vectors(struct dt_node *node, const char *kind)
{
	FILE *file = fopen("packets.txt", "r");
	size_t kind_len = strlen(kind), len;
	static char line[4096];
	int n = 0;

	if (!file)
		return -1;
	while (fgets(line, sizeof(line), file)) {
		if (strncmp(line, kind, kind_len) || line[kind_len] != '\t')
			continue;
		len = from_hex(line + kind_len + 1, node->packet);
		if (dt_frame_send(node->v, node->packet, len)) {
			n = -1;
			break;
		}
		n++;
	}
	fclose(file);
	return n;
}

TEST_F(frames, bad_vectors)
{
	struct dt_node *node = &self->node;
	int n = send_vectors(node, "bad");

	ASSERT_GT(n, 0);
	EXPECT_EQ(n, dt_node_grew(node, DAMC_A_STATS_RX_PACKETS));
	EXPECT_EQ(n, dt_node_grew(node, DAMC_A_STATS_DROP_MALFORMED));
	EXPECT_EQ(0, dt_node_grew(node, DAMC_A_STATS_ERRORS_SENT));
	EXPECT_TRUE(passes(node));
	EXPECT_TRUE(balanced(node));
}

TEST_F(frames, version_vectors)
{
	struct dt_node *node = &self->node;
	int n = send_vectors(node, "version");

	ASSERT_GT(n, 0);
	EXPECT_EQ(n, dt_node_grew(node, DAMC_A_STATS_DROP_VERSION));
	EXPECT_EQ(0, dt_node_grew(node, DAMC_A_STATS_ERRORS_SENT));
	EXPECT_TRUE(passes(node));
}

/* Good ones, none of which has a route here. */
TEST_F(frames, good_vectors)
{
	struct dt_node *node = &self->node;
	int n = send_vectors(node, "good");

	ASSERT_GT(n, 0);
	EXPECT_EQ(n, dt_node_grew(node, DAMC_A_STATS_RX_PACKETS));
	EXPECT_EQ(0, dt_node_grew(node, DAMC_A_STATS_DROP_MALFORMED));
	EXPECT_EQ(0, dt_node_grew(node, DAMC_A_STATS_DROP_VERSION));
	EXPECT_TRUE(balanced(node));
}

/* Every shorter frame than a whole one, in which each length is at an end. */
TEST_F(frames, truncated)
{
	static const uint8_t record[10] = { DAMC_TLV_RECORD, 8 };
	struct dt_packet packet = {
		.dst = "/far/x", .src = "/p/y", .payload = "0123456789",
		.payload_len = 10, .tlvs = record, .tlvs_len = sizeof(record),
		.flags = DAMC_F_HOP_TLV,
	};
	struct dt_node *node = &self->node;
	size_t len = dt_packet_write(node->packet, &packet), cut;

	for (cut = 1; cut < len; cut++)
		ASSERT_EQ(0, dt_frame_send(node->v, node->packet, cut));
	EXPECT_EQ(len - 1, dt_node_grew(node, DAMC_A_STATS_DROP_MALFORMED));
	EXPECT_EQ(0, dt_node_grew(node, DAMC_A_STATS_FORWARDED));
	EXPECT_TRUE(passes(node));
	EXPECT_TRUE(balanced(node));
}

/* What the link appended does not travel on. */
TEST_F(frames, padding_is_cut)
{
	struct dt_packet packet = {
		.dst = "/far/x", .src = "/p/y", .payload = "z", .payload_len = 1,
	};
	struct dt_node *node = &self->node;
	size_t len = dt_packet_write(node->packet, &packet);

	memset(node->packet + len, 0xaa, 40);
	ASSERT_EQ(0, dt_frame_send(node->v, node->packet, len + 40));
	EXPECT_EQ(len, dt_frame_recv(node->w, node->got, sizeof(node->got),
				     3000));
}

/* A frame of more than a page comes in pieces: 14 bytes, then the rest. */
static size_t large_packet(struct dt_node *node, struct dt_packet *packet)
{
	static uint8_t payload[6000];

	memset(payload, 'x', sizeof(payload));
	packet->payload = payload;
	packet->payload_len = sizeof(payload);
	return dt_packet_write(node->packet, packet);
}

TEST_F(frames, pieces_to_socket)
{
	struct dt_packet packet = { .dst = "/s", .src = "/p/y" };
	struct dt_node *node = &self->node;
	int fd = dt_bound(0, "/s");

	ASSERT_GE(fd, 0);
	ASSERT_EQ(0, dt_frame_send(node->v, node->packet,
				   large_packet(node, &packet)));
	ASSERT_EQ(6000, dt_recv(fd, node->got, sizeof(node->got), NULL));
	EXPECT_EQ('x', node->got[0]);
	EXPECT_EQ('x', node->got[5999]);
	close(fd);
}

TEST_F(frames, pieces_of_echo_reply)
{
	struct dt_packet packet = {
		.dst = "/s", .src = "/p/y", .proto = DAMC_PROTO_ECHO,
	};
	struct dt_node *node = &self->node;
	int fd = dt_bound(DAMC_PROTO_ECHO, "/s");
	size_t len;

	ASSERT_GE(fd, 0);
	len = large_packet(node, &packet);
	node->packet[len - 6000] = DAMC_ECHO_REPLY;
	ASSERT_EQ(0, dt_frame_send(node->v, node->packet, len));
	EXPECT_EQ(5996, dt_recv(fd, node->got, sizeof(node->got), NULL));
	close(fd);
}

TEST_F(frames, pieces_of_echo_request)
{
	struct dt_packet packet = {
		.dst = "/damc/node/g", .src = "/p/y", .proto = DAMC_PROTO_ECHO,
	};
	struct dt_node *node = &self->node;
	size_t len = large_packet(node, &packet);

	node->packet[len - 6000] = DAMC_ECHO_REQUEST;
	ASSERT_EQ(0, dt_frame_send(node->v, node->packet, len));
	EXPECT_EQ(len, dt_frame_recv(node->v, node->got, sizeof(node->got),
				     3000));
	EXPECT_EQ(DAMC_ECHO_REPLY, node->got[len - 6000]);
	EXPECT_EQ('x', node->got[len - 1]);
}

/* Too big for w0: the refusal quotes a packet that is in pieces. */
TEST_F(frames, pieces_refused)
{
	struct dt_packet packet = { .dst = "/far/x", .src = "/p/y" };
	struct dt_node *node = &self->node;
	size_t len = large_packet(node, &packet);
	const struct damc_hdr *hdr = (void *)node->got;

	ASSERT_EQ(0, dt_frame_send(node->v, node->packet, len));
	EXPECT_EQ(576, dt_frame_recv(node->v, node->got, sizeof(node->got),
				     3000));
	EXPECT_EQ(DAMC_PROTO_ERROR, hdr->next_proto);
	EXPECT_EQ('x', node->got[575]);
	EXPECT_EQ(1, dt_node_grew(node, DAMC_A_STATS_DROP_TOO_BIG));
}

/* Addressed to another host: seen, since the interface listens to all. */
TEST_F(frames, other_host)
{
	struct dt_packet packet = { .dst = "/far/x", .src = "/p/y" };
	struct dt_node *node = &self->node;
	struct sockaddr_ll ll;
	socklen_t ll_len = sizeof(ll);
	size_t len = dt_packet_write(node->packet, &packet);

	ASSERT_EQ(0, dt_run("ip link set v0 promisc on"));
	ASSERT_EQ(0, getsockname(node->v, (void *)&ll, &ll_len));
	ll.sll_halen = ETH_ALEN;
	memcpy(ll.sll_addr, "\x02\x00\x5e\x00\x53\x01", ETH_ALEN);
	ASSERT_EQ(len, sendto(node->v, node->packet, len, 0, (void *)&ll,
			      sizeof(ll)));
	EXPECT_EQ(1, dt_node_grew(node, DAMC_A_STATS_DROP_NOT_FOR_US));
	EXPECT_EQ(0, dt_node_grew(node, DAMC_A_STATS_FORWARDED));
}

/* Flip, cut or lengthen a good packet somewhere. */
static size_t mutate(uint8_t *packet, size_t len, uint64_t *random)
{
	unsigned int flips = dt_random(random) % 4 + 1;

	while (flips--) {
		uint32_t r = dt_random(random);

		/* Three in four within the header. */
		packet[(r >> 8) % (r & 3 ? 40 : len)] = dt_random(random);
	}
	if (!(dt_random(random) % 8))
		len = dt_random(random) % len + 1;
	return len;
}

static size_t random_packet(struct dt_node *node, uint64_t *random)
{
	static const char * const names[] = {
		"/far/x", "/p/y", "/s", "/damc/node/g", "/nowhere", "/localhop/x",
		"/localhost/x", "/far/a/b/c/d/e", "/s/below",
	};
	static const uint8_t protos[] = { 1, 1, 2, 3, 4, 5, 5, 41, 99 };
	static uint8_t record[34] = { DAMC_TLV_RECORD, 32 };
	static uint8_t payload[300];
	uint32_t r = dt_random(random);
	struct dt_packet packet = {
		.dst = names[r % 9], .src = names[(r >> 8) % 9],
		.proto = protos[(r >> 16) % 9], .hop_limit = r >> 24 & 3 ?: 255,
		.payload = payload, .payload_len = dt_random(random) % 300,
		.flow = dt_random(random), .path = r & 64 ? r : 0,
	};

	if (r & 0x80) {
		packet.tlvs = record;
		packet.tlvs_len = sizeof(record);
		packet.flags = DAMC_F_HOP_TLV;
	}
	/* An error's quote that may be one. */
	if (packet.proto == DAMC_PROTO_ERROR && packet.payload_len > 100)
		dt_packet_write(payload + sizeof(struct damc_error_hdr),
				&(struct dt_packet){ .dst = "/far/x",
						     .src = packet.dst });
	return dt_packet_write(node->packet, &packet);
}

TEST_F_TIMEOUT(frames, random, 60)
{
	struct dt_node *node = &self->node;
	uint64_t seed = dt_seed(), random = seed;
	time_t end = time(NULL) + RANDOM_SECONDS;
	int fd = dt_bound(0, "/s"), i;
	size_t len;

	ASSERT_GE(fd, 0);
	for (i = 0; i < RANDOM_FRAMES && time(NULL) < end; i++) {
		len = random_packet(node, &random);
		len = mutate(node->packet, len, &random);
		ASSERT_EQ(0, dt_frame_send(node->v, node->packet, len));
		if (!(i % 64))
			while (recv(fd, node->got, sizeof(node->got),
				    MSG_DONTWAIT) >= 0)
				;
	}
	TH_LOG("DAMC_SEED=%#llx: %d frames", (unsigned long long)seed, i);
	EXPECT_LT(1000, i);
	EXPECT_EQ(i, dt_node_grew(node, DAMC_A_STATS_RX_PACKETS));
	EXPECT_EQ(0, dt_stats_balance(node->after));
	EXPECT_LT(0, dt_node_grew(node, DAMC_A_STATS_FORWARDED));
	EXPECT_LT(0, dt_node_grew(node, DAMC_A_STATS_DELIVERED));
	EXPECT_LT(0, dt_node_grew(node, DAMC_A_STATS_DROP_MALFORMED));
	close(fd);
	EXPECT_TRUE(passes(node));
}

TEST_HARNESS_MAIN
