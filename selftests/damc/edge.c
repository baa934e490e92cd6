// SPDX-License-Identifier: GPL-2.0
/*
 * What a pod may send: v0 is an edge to which /p is bound, w0 leads to /far.
 * Also what is said back, and how often.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/virtio_net.h>

#include "../kselftest_harness.h"
#include "testlib.h"

FIXTURE(edge) {
	struct dt_node node;
};

FIXTURE_SETUP(edge)
{
	ASSERT_EQ(0, dt_node_open(&self->node, "edge"));
}

FIXTURE_TEARDOWN(edge)
{
	close(self->node.v);
	close(self->node.w);
}

static int inject(struct dt_node *node, const struct dt_packet *packet)
{
	return dt_frame_send(node->v, node->packet,
			     dt_packet_write(node->packet, packet));
}

static const struct damc_hdr *far_sees(struct dt_node *node)
{
	if (dt_frame_recv(node->w, node->got, sizeof(node->got), 3000) < 0)
		return NULL;
	return (const void *)node->got;
}

static bool far_sees_nothing(struct dt_node *node)
{
	return dt_frame_recv(node->w, node->got, sizeof(node->got), 200) < 0;
}

/* The pod's side: the error that came back; NULL if none did. */
static const struct damc_error_hdr *pod_is_told(struct dt_node *node)
{
	const struct damc_hdr *hdr = (const void *)node->got;
	ssize_t len = dt_frame_recv(node->v, node->got, sizeof(node->got), 1000);

	if (len < 0 || hdr->next_proto != DAMC_PROTO_ERROR ||
	    len > DAMC_ERROR_SIZE_MAX)
		return NULL;
	return (const void *)(node->got + hdr->header_len * 4);
}

static bool pod_is_told_nothing(struct dt_node *node)
{
	return dt_frame_recv(node->v, node->got, sizeof(node->got), 200) < 0;
}

TEST_F(edge, own_source_passes)
{
	struct dt_node *node = &self->node;
	struct dt_packet deep = { .dst = "/far/x", .src = "/p/deep/er" };

	ASSERT_EQ(0, inject(node, &deep));
	EXPECT_NE(NULL, far_sees(node));
	EXPECT_EQ(1, dt_node_grew(node, DAMC_A_STATS_FORWARDED));
}

TEST_F(edge, foreign_source_is_dropped)
{
	static const char * const sources[] = {
		"/q", "/far/x", "/pp", "/damc/node/g", "/damc/node/z",
	};
	struct dt_node *node = &self->node;
	size_t i;

	for (i = 0; i < 5; i++)
		ASSERT_EQ(0, inject(node, &(struct dt_packet){
			.dst = "/far/x", .src = sources[i] }));
	EXPECT_EQ(5, dt_node_grew(node, DAMC_A_STATS_DROP_EDGE_SOURCE));
	EXPECT_TRUE(far_sees_nothing(node));
	EXPECT_TRUE(pod_is_told_nothing(node));
}

/* A source that is the root: only an error may have it, no pod may be it. */
TEST_F(edge, root_source_is_dropped)
{
	struct dt_node *node = &self->node;

	ASSERT_EQ(0, inject(node, &(struct dt_packet){
		.dst = "/far/x", .src = "/", .proto = DAMC_PROTO_ERROR,
		.payload = "12345678", .payload_len = 8 }));
	EXPECT_EQ(1, dt_node_grew(node, DAMC_A_STATS_DROP_EDGE_SOURCE));
}

TEST_F(edge, control_is_prohibited)
{
	struct dt_node *node = &self->node;
	const struct damc_error_hdr *error;

	ASSERT_EQ(0, inject(node, &(struct dt_packet){
		.dst = "/far/x", .src = "/p", .proto = DAMC_PROTO_CONTROL }));
	EXPECT_EQ(1, dt_node_grew(node, DAMC_A_STATS_DROP_EDGE_PROHIBITED));
	error = pod_is_told(node);
	ASSERT_NE(NULL, error);
	EXPECT_EQ(DAMC_ERROR_CODE_PROHIBITED, error->code);
	EXPECT_TRUE(far_sees_nothing(node));
}

TEST_F(edge, fabric_is_prohibited)
{
	struct dt_node *node = &self->node;
	const struct damc_error_hdr *error;

	ASSERT_EQ(0, inject(node, &(struct dt_packet){
		.dst = "/damc/node/g", .src = "/p", .proto = DAMC_PROTO_ECHO,
		.payload = "\0\0\0\0", .payload_len = 4 }));
	error = pod_is_told(node);
	ASSERT_NE(NULL, error);
	EXPECT_EQ(DAMC_ERROR_CODE_PROHIBITED, error->code);
	EXPECT_EQ(0, dt_node_grew(node, DAMC_A_STATS_ECHO_REPLIES));
}

TEST_F(edge, path_and_class_are_masked)
{
	struct dt_node *node = &self->node;
	const struct damc_hdr *hdr;

	ASSERT_EQ(0, inject(node, &(struct dt_packet){
		.dst = "/far/x", .src = "/p", .path = 0x12345678,
		.class = 0xe3 }));
	hdr = far_sees(node);
	ASSERT_NE(NULL, hdr);
	EXPECT_EQ(0, hdr->path);
	/* Class 7 is gone, ECN is not. */
	EXPECT_EQ(0x03, hdr->traffic_class);
	ASSERT_EQ(0, inject(node, &(struct dt_packet){
		.dst = "/far/x", .src = "/p", .class = 0xdc }));
	hdr = far_sees(node);
	ASSERT_NE(NULL, hdr);
	EXPECT_EQ(0xdc, hdr->traffic_class);
}

TEST_F(edge, back_to_the_pod_is_dropped)
{
	struct dt_node *node = &self->node;
	struct dt_packet own = { .dst = "/p/x", .src = "/p/y" };

	ASSERT_EQ(0, inject(node, &own));
	EXPECT_EQ(1, dt_node_grew(node, DAMC_A_STATS_DROP_SAME_LINK));
	EXPECT_TRUE(pod_is_told_nothing(node));
}

TEST_F(edge, scope_ends_at_the_link)
{
	static const char * const names[] = {
		"/localhost", "/localhost/x", "/localhop/x",
	};
	struct dt_node *node = &self->node;
	size_t i;

	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, inject(node, &(struct dt_packet){
			.dst = names[i], .src = "/p" }));
		ASSERT_EQ(0, inject(node, &(struct dt_packet){
			.dst = "/far", .src = names[i], .hop_limit = 255 }));
	}
	EXPECT_EQ(6, dt_node_grew(node, DAMC_A_STATS_DROP_SCOPE));
	/* What the link itself said has spent no hop; nobody is told of it. */
	ASSERT_EQ(0, inject(node, &(struct dt_packet){
		.dst = "/localhop/x", .src = "/p", .hop_limit = 255 }));
	EXPECT_EQ(1, dt_node_grew(node, DAMC_A_STATS_DROP_NO_ROUTE));
	EXPECT_TRUE(pod_is_told_nothing(node));
}

TEST_F(edge, hop_limit_is_spent)
{
	struct dt_node *node = &self->node;
	const struct damc_error_hdr *error;
	struct dt_packet packet = { .dst = "/far/x", .src = "/p" };
	const struct damc_hdr *hdr;
	size_t len;

	packet.hop_limit = 1;
	ASSERT_EQ(0, inject(node, &packet));
	error = pod_is_told(node);
	ASSERT_NE(NULL, error);
	EXPECT_EQ(DAMC_ERROR_CODE_HOP_LIMIT, error->code);
	len = dt_packet_write(node->packet, &packet);
	node->packet[2] = 0;
	ASSERT_EQ(0, dt_frame_send(node->v, node->packet, len));
	EXPECT_EQ(2, dt_node_grew(node, DAMC_A_STATS_DROP_HOP_LIMIT));
	EXPECT_TRUE(far_sees_nothing(node));
	packet.hop_limit = 2;
	ASSERT_EQ(0, inject(node, &packet));
	hdr = far_sees(node);
	ASSERT_NE(NULL, hdr);
	EXPECT_EQ(1, hdr->hop_limit);
}

/* The quote: fixed part and names as they were, no TLVs, then the payload. */
TEST_F(edge, quote)
{
	static const uint8_t tlvs[4] = { 0x05, 2, 1, 2 };
	static uint8_t payload[1000];
	struct dt_packet packet = {
		.dst = "/nowhere/else", .src = "/p/y", .flow = 0xabcdef01,
		.payload = payload, .payload_len = sizeof(payload),
		.tlvs = tlvs, .tlvs_len = sizeof(tlvs),
	};
	struct dt_node *node = &self->node;
	const struct damc_error_hdr *error;
	const struct damc_hdr *hdr, *quote;

	memset(payload, 'q', sizeof(payload));
	ASSERT_EQ(0, inject(node, &packet));
	error = pod_is_told(node);
	ASSERT_NE(NULL, error);
	hdr = (const void *)node->got;
	EXPECT_TRUE(dt_packet_name(node->got, 0, "/p/y"));
	EXPECT_TRUE(dt_packet_name(node->got, 1, "/damc/node/g"));
	EXPECT_EQ(DAMC_ERROR_SIZE_MAX,
		  hdr->header_len * 4 + ntohs(hdr->payload_len));
	EXPECT_EQ(DAMC_ERROR_CODE_NO_ROUTE, error->code);
	EXPECT_EQ(htonl(0xabcdef01), hdr->flow);
	quote = (const void *)(error + 1);
	EXPECT_TRUE(dt_packet_name((const void *)quote, 0, "/nowhere/else"));
	EXPECT_TRUE(dt_packet_name((const void *)quote, 1, "/p/y"));
	EXPECT_EQ(htons(sizeof(payload)), quote->payload_len);
	EXPECT_EQ((sizeof(*quote) + 13 + 4 + 3) / 4, quote->header_len);
	EXPECT_EQ('q', ((const uint8_t *)quote)[quote->header_len * 4]);
}

/* Longest names: the error still fits, and still holds both. */
TEST_F(edge, quote_of_longest_names)
{
	struct dt_node *node = &self->node;
	char dst[113] = "/", src[113] = "/p/";
	const struct damc_error_hdr *error;
	const struct damc_hdr *quote;

	memset(dst + 1, 'n', 111);
	memset(src + 3, 's', 109);
	ASSERT_EQ(0, inject(node, &(struct dt_packet){
		.dst = dst, .src = src, .payload = dst, .payload_len = 112 }));
	error = pod_is_told(node);
	ASSERT_NE(NULL, error);
	quote = (const void *)(error + 1);
	EXPECT_TRUE(dt_packet_name((const void *)quote, 0, dst));
	EXPECT_TRUE(dt_packet_name((const void *)quote, 1, src));
}

TEST_F(edge, nothing_about_errors_and_answers)
{
	struct dt_node *node = &self->node;

	ASSERT_EQ(0, inject(node, &(struct dt_packet){
		.dst = "/nowhere", .src = "/p", .proto = DAMC_PROTO_ERROR,
		.payload = "12345678", .payload_len = 8 }));
	ASSERT_EQ(0, inject(node, &(struct dt_packet){
		.dst = "/nowhere", .src = "/p", .proto = DAMC_PROTO_ECHO,
		.payload = "\1\0\0\0", .payload_len = 4 }));
	ASSERT_EQ(0, inject(node, &(struct dt_packet){
		.dst = "/nowhere", .src = "/p", .proto = DAMC_PROTO_ECHO }));
	EXPECT_EQ(3, dt_node_grew(node, DAMC_A_STATS_DROP_NO_ROUTE));
	EXPECT_EQ(0, dt_node_grew(node, DAMC_A_STATS_ERRORS_SENT));
	EXPECT_TRUE(pod_is_told_nothing(node));
}

/* 200 in a row, then a thousand a second. */
TEST_F(edge, errors_are_limited)
{
	struct dt_node *node = &self->node;
	struct timespec start, end;
	uint64_t sent, ms;
	int i;

	clock_gettime(CLOCK_MONOTONIC, &start);
	for (i = 0; i < 2000; i++)
		ASSERT_EQ(0, inject(node, &(struct dt_packet){
			.dst = "/nowhere", .src = "/p" }));
	clock_gettime(CLOCK_MONOTONIC, &end);
	ms = (end.tv_sec - start.tv_sec) * 1000 +
	     (end.tv_nsec - start.tv_nsec) / 1000000;
	EXPECT_EQ(2000, dt_node_grew(node, DAMC_A_STATS_DROP_NO_ROUTE));
	sent = dt_node_grew(node, DAMC_A_STATS_ERRORS_SENT);
	EXPECT_LE(200, sent);
	EXPECT_EQ(2000 - sent, dt_node_grew(node, DAMC_A_STATS_ERRORS_LIMITED));
	/* However slow the machine: what the time it took allows, and no more. */
	EXPECT_GE(200 + ms + 100, sent);
}

/* An answer nobody asked for finds no socket, and starts nothing. */
TEST_F(edge, echo_reply_unasked)
{
	struct dt_node *node = &self->node;
	int fd = dt_bound(0, "/s");

	ASSERT_GE(fd, 0);
	ASSERT_EQ(0, inject(node, &(struct dt_packet){
		.dst = "/s", .src = "/p", .proto = DAMC_PROTO_ECHO,
		.payload = "\1\0\0\0", .payload_len = 4 }));
	ASSERT_EQ(0, inject(node, &(struct dt_packet){
		.dst = "/s", .src = "/p", .proto = DAMC_PROTO_ECHO,
		.payload = "\377\0\0\0", .payload_len = 4 }));
	EXPECT_EQ(2, dt_node_grew(node, DAMC_A_STATS_DROP_PROTOCOL));
	EXPECT_TRUE(pod_is_told_nothing(node));
	EXPECT_FALSE(dt_readable(fd, 100));
	close(fd);
}

/* An error packet to @dst that quotes a packet of @quoted's. */
static int inject_error(struct dt_node *node, const char *dst,
			const struct dt_packet *quoted)
{
	uint8_t payload[600] = { DAMC_ERROR_CODE_PROHIBITED };
	size_t len = sizeof(struct damc_error_hdr);

	len += dt_packet_write(payload + len, quoted);
	return inject(node, &(struct dt_packet){
		.dst = dst, .src = "/p", .proto = DAMC_PROTO_ERROR,
		.payload = payload, .payload_len = len });
}

static int connected(const char *name, const char *peer)
{
	struct sockaddr_damc sa;
	socklen_t len = dt_addr(&sa, peer, 0);
	int fd = dt_bound(0, name);

	if (fd >= 0 && connect(fd, (void *)&sa, len)) {
		close(fd);
		return -1;
	}
	return fd;
}

static int socket_error(int fd)
{
	socklen_t len = sizeof(int);
	int err = -1;

	getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len);
	return err;
}

TEST_F(edge, forged_errors_are_dropped)
{
	struct dt_node *node = &self->node;
	int fd = connected("/s", "/far/x");

	ASSERT_GE(fd, 0);
	/* Not the receiver's packet; not its protocol; no packet at all. */
	ASSERT_EQ(0, inject_error(node, "/s", &(struct dt_packet){
		.dst = "/far/x", .src = "/t" }));
	ASSERT_EQ(0, inject_error(node, "/s", &(struct dt_packet){
		.dst = "/far/x", .src = "/s", .proto = DAMC_PROTO_ECHO }));
	ASSERT_EQ(0, inject(node, &(struct dt_packet){
		.dst = "/s", .src = "/p", .proto = DAMC_PROTO_ERROR,
		.payload = "12345678junk", .payload_len = 12 }));
	ASSERT_EQ(0, inject(node, &(struct dt_packet){
		.dst = "/s", .src = "/p", .proto = DAMC_PROTO_ERROR,
		.payload = "1234567", .payload_len = 7 }));
	EXPECT_EQ(4, dt_node_grew(node, DAMC_A_STATS_DROP_ERROR_UNKNOWN));
	EXPECT_EQ(0, socket_error(fd));
	close(fd);
}

/* A pod that knows both names does not know the flow label. */
TEST_F(edge, forged_flow_is_not_believed)
{
	struct dt_node *node = &self->node;
	int fd = connected("/s", "/far/x");
	const struct damc_hdr *hdr;

	ASSERT_GE(fd, 0);
	ASSERT_EQ(1, send(fd, "x", 1, 0));
	hdr = far_sees(node);
	ASSERT_NE(NULL, hdr);
	ASSERT_EQ(0, inject_error(node, "/s", &(struct dt_packet){
		.dst = "/far/x", .src = "/s", .flow = ~ntohl(hdr->flow) }));
	EXPECT_EQ(0, socket_error(fd));
	ASSERT_EQ(0, inject_error(node, "/s", &(struct dt_packet){
		.dst = "/far/x", .src = "/s", .flow = ntohl(hdr->flow) }));
	EXPECT_EQ(EACCES, socket_error(fd));
	close(fd);
}

TEST_HARNESS_MAIN
