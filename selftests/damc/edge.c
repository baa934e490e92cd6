// SPDX-License-Identifier: GPL-2.0
/*
 * What a pod may send: v0 is an edge to which /p is bound, w0 leads to /far.
 * Also what is said back, and how often.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
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

/* A class that the pod was not granted, and one that it was. */
TEST_F(edge, class_is_granted)
{
	struct dt_node *node = &self->node;
	const struct damc_hdr *hdr;

	ASSERT_EQ(0, dt_damc("dev set v0 edge class 2\n"));
	ASSERT_EQ(0, inject(node, &(struct dt_packet){
		.dst = "/far/x", .src = "/p", .class = 0x5d }));
	hdr = far_sees(node);
	ASSERT_NE(NULL, hdr);
	EXPECT_EQ(0x5d, hdr->traffic_class);
	/* Expedited forwarding, ECN capable: best effort, ECN capable. */
	ASSERT_EQ(0, inject(node, &(struct dt_packet){
		.dst = "/far/x", .src = "/p", .class = 0xba }));
	hdr = far_sees(node);
	ASSERT_NE(NULL, hdr);
	EXPECT_EQ(0x02, hdr->traffic_class);
	EXPECT_EQ(1, dt_node_grew(node, DAMC_A_STATS_EDGE_MASKED));
}

/* Of flags, reserved bits and TLVs only what is on the list goes on. */
TEST_F(edge, flags_and_tlvs_are_masked)
{
	static const uint8_t tlvs[] = {
		0x02, 4, 2, 0x2f, 0x62, 0,
		0x7f, 1, 9,
		DAMC_TLV_RECORD, 16, 2, 0, 1, 'x', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		0xfe, 2, 8, 8,
	};
	struct dt_packet packet = {
		.dst = "/far/xx", .src = "/p/y", .payload = "good",
		.payload_len = 4, .tlvs = tlvs, .tlvs_len = sizeof(tlvs),
		.flags = 0xff,
	};
	struct dt_node *node = &self->node;
	const struct damc_hdr *hdr;
	const uint8_t *tlv;
	size_t len, i;

	len = dt_packet_write(node->packet, &packet);
	((struct damc_hdr *)node->packet)->reserved = 0xffff;
	ASSERT_EQ(0, dt_frame_send(node->v, node->packet, len));
	hdr = far_sees(node);
	ASSERT_NE(NULL, hdr);
	EXPECT_EQ(DAMC_F_FIRST | DAMC_F_HOP_TLV, hdr->flags);
	EXPECT_EQ(0, hdr->reserved);
	EXPECT_EQ(len, hdr->header_len * 4 + ntohs(hdr->payload_len));
	EXPECT_EQ(0, memcmp("good", (const uint8_t *)hdr + len - 4, 4));
	tlv = (const uint8_t *)(hdr + 1) + hdr->dst_len + hdr->src_len;
	for (i = 0; i < 9; i++)
		EXPECT_EQ(0, tlv[i]);
	EXPECT_EQ(DAMC_TLV_RECORD, tlv[9]);
	EXPECT_EQ(16, tlv[10]);
	for (i = 27; i < sizeof(tlvs); i++)
		EXPECT_EQ(0, tlv[i]);
	/* A hop-by-hop TLV that went takes its flag with it. */
	packet.tlvs = tlvs + 27;
	packet.tlvs_len = 4;
	packet.flags = DAMC_F_HOP_TLV;
	ASSERT_EQ(0, inject(node, &packet));
	hdr = far_sees(node);
	ASSERT_NE(NULL, hdr);
	EXPECT_EQ(0, hdr->flags);
	EXPECT_EQ(2, dt_node_grew(node, DAMC_A_STATS_EDGE_MASKED));
	/* What has nothing of the kind is not touched. */
	packet.tlvs = tlvs + 9;
	packet.tlvs_len = 18;
	ASSERT_EQ(0, inject(node, &(struct dt_packet){
		.dst = "/far/x", .src = "/p" }));
	packet.flags = DAMC_F_HOP_TLV;
	ASSERT_EQ(0, inject(node, &packet));
	EXPECT_EQ(2, dt_node_grew(node, DAMC_A_STATS_EDGE_MASKED));
	EXPECT_EQ(4, dt_node_grew(node, DAMC_A_STATS_FORWARDED));
}

TEST_F(edge, link_address_is_checked)
{
	struct dt_packet packet = { .dst = "/far/x", .src = "/p" };
	struct dt_node *node = &self->node;
	char command[128];
	struct ifreq ifr = { .ifr_name = "v1" };
	const uint8_t *mac = (const uint8_t *)ifr.ifr_hwaddr.sa_data;

	ASSERT_EQ(0, dt_damc("dev set v0 edge lladdr 02:00:00:00:00:99\n"));
	ASSERT_EQ(0, inject(node, &packet));
	EXPECT_EQ(1, dt_node_grew(node, DAMC_A_STATS_DROP_EDGE_LLADDR));
	EXPECT_TRUE(far_sees_nothing(node));
	EXPECT_TRUE(pod_is_told_nothing(node));
	/* The socket is in the namespace of v1. */
	ASSERT_EQ(0, ioctl(node->v, SIOCGIFHWADDR, &ifr));
	snprintf(command, sizeof(command),
		 "dev set v0 edge lladdr %02x:%02x:%02x:%02x:%02x:%02x\n",
		 mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
	ASSERT_EQ(0, dt_damc(command));
	ASSERT_EQ(0, inject(node, &packet));
	EXPECT_NE(NULL, far_sees(node));
	ASSERT_EQ(0, dt_damc("dev set v0 edge lladdr any\n"));
	ASSERT_EQ(0, inject(node, &packet));
	EXPECT_NE(NULL, far_sees(node));
	EXPECT_EQ(1, dt_node_grew(node, DAMC_A_STATS_DROP_EDGE_LLADDR));
}

/* One a second, ten in a row: of fifty, most are dropped. */
TEST_F(edge, rate_is_held)
{
	struct dt_packet packet = { .dst = "/far/x", .src = "/p" };
	struct dt_node *node = &self->node;
	int64_t dropped, passed;
	int i;

	ASSERT_EQ(0, dt_damc("dev set v0 edge rate 1 burst 10\n"));
	for (i = 0; i < 50; i++)
		ASSERT_EQ(0, inject(node, &packet));
	dropped = dt_node_grew(node, DAMC_A_STATS_DROP_EDGE_RATE);
	passed = dt_node_grew(node, DAMC_A_STATS_FORWARDED);
	EXPECT_EQ(50, dropped + passed);
	EXPECT_LE(10, passed);
	EXPECT_LT(0, dropped);
	EXPECT_TRUE(dt_run("damc dev show v0 | grep -q ' rate 1 burst 10 '") == 0);
	ASSERT_EQ(0, dt_damc("dev set v0 edge rate off\n"));
	for (i = 0; i < 50; i++)
		ASSERT_EQ(0, inject(node, &packet));
	EXPECT_EQ(dropped, dt_node_grew(node, DAMC_A_STATS_DROP_EDGE_RATE));
	EXPECT_EQ(0, dt_stats_balance(node->after));
}

TEST_F(edge, what_cannot_be_set)
{
	static const char * const commands[] = {
		"lladdr 03:00:00:00:00:01", "lladdr 00:00:00:00:00:00",
		"lladdr ff:ff:ff:ff:ff:ff", "lladdr 02:00:00:00:00:00:01",
		"class 7", "burst 0", "rate 10000001",
	};
	size_t i;

	for (i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		EXPECT_NE(0, dt_run("damc dev set v0 edge %s 2>/dev/null",
				    commands[i]))
			TH_LOG("taken: %s", commands[i]);
	EXPECT_EQ(0, dt_run("damc -j dev show v0 | grep -q '\"class\":6'"));
	EXPECT_NE(0, dt_run("damc -j dev show v0 | grep -q lladdr"));
}

/* What is for everyone on the link is not for this node to send on. */
TEST_F(edge, frames_for_all)
{
	struct dt_packet packet = { .dst = "/far/x", .src = "/p" };
	struct dt_node *node = &self->node;
	size_t len = dt_packet_write(node->packet, &packet);

	ASSERT_EQ(0, dt_frame_send_to(node->v, "\377\377\377\377\377\377",
				      node->packet, len));
	EXPECT_EQ(1, dt_node_grew(node, DAMC_A_STATS_DROP_GROUP));
	ASSERT_EQ(0, dt_run("ip maddr add 33:33:00:00:00:01 dev v0"));
	ASSERT_EQ(0, dt_frame_send_to(node->v, "\063\063\0\0\0\1",
				      node->packet, len));
	EXPECT_EQ(2, dt_node_grew(node, DAMC_A_STATS_DROP_GROUP));
	EXPECT_TRUE(far_sees_nothing(node));
	EXPECT_TRUE(pod_is_told_nothing(node));
	ASSERT_EQ(0, dt_frame_send_to(node->v, "\002\0\0\0\0\1",
				      node->packet, len));
	EXPECT_EQ(1, dt_node_grew(node, DAMC_A_STATS_DROP_NOT_FOR_US));
	EXPECT_EQ(0, dt_stats_balance(node->after));
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

static uint64_t ms_since(const struct timespec *start)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - start->tv_sec) * 1000 +
	       (now.tv_nsec - start->tv_nsec) / 1000000;
}

/* So many in a row, then so many a second: however slow the machine. */
static bool within(uint64_t sent, uint64_t rate, uint64_t burst, uint64_t ms)
{
	return sent >= burst && sent <= burst + rate * (ms + 100) / 1000 + 1;
}

TEST_F(edge, errors_are_limited)
{
	struct dt_node *node = &self->node;
	struct timespec start;
	uint64_t sent, ms;
	int i;

	clock_gettime(CLOCK_MONOTONIC, &start);
	for (i = 0; i < 2000; i++)
		ASSERT_EQ(0, inject(node, &(struct dt_packet){
			.dst = "/nowhere", .src = "/p" }));
	ms = ms_since(&start);
	EXPECT_EQ(2000, dt_node_grew(node, DAMC_A_STATS_DROP_NO_ROUTE));
	sent = dt_node_grew(node, DAMC_A_STATS_ERRORS_SENT);
	EXPECT_EQ(2000 - sent, dt_node_grew(node, DAMC_A_STATS_ERRORS_LIMITED));
	EXPECT_TRUE(within(sent, DAMC_ERROR_SOURCE_RATE,
			   DAMC_ERROR_SOURCE_BURST, ms))
		TH_LOG("%lu in %lu ms", sent, ms);
}

static int inject_big(struct dt_node *node, uint32_t flow)
{
	static uint8_t payload[2000];

	return inject(node, &(struct dt_packet){
		.dst = "/far/x", .src = "/p/y", .flow = flow,
		.payload = payload, .payload_len = sizeof(payload) });
}

/* A pod that spent its errors: too-big has its own, and so has the other link. */
TEST_F(edge, a_noisy_pod_silences_itself_alone)
{
	struct dt_node *node = &self->node;
	struct dt_packet other = { .dst = "/nowhere", .src = "/far/x" };
	struct timespec start;
	int64_t sent;
	int i;

	clock_gettime(CLOCK_MONOTONIC, &start);
	for (i = 0; i < 1000; i++)
		ASSERT_EQ(0, inject(node, &(struct dt_packet){
			.dst = "/nowhere", .src = "/p" }));
	if (within(1000, DAMC_ERROR_SOURCE_RATE, DAMC_ERROR_SOURCE_BURST,
		   ms_since(&start)))
		SKIP(return, "this machine sends no faster than errors may be told");
	EXPECT_LT(0, dt_node_grew(node, DAMC_A_STATS_ERRORS_LIMITED));
	sent = dt_node_grew(node, DAMC_A_STATS_ERRORS_SENT);
	ASSERT_EQ(0, inject_big(node, 1));
	EXPECT_EQ(sent + 1, dt_node_grew(node, DAMC_A_STATS_ERRORS_SENT));
	ASSERT_EQ(0, dt_frame_send(node->w, node->packet,
				   dt_packet_write(node->packet, &other)));
	EXPECT_EQ(sent + 2, dt_node_grew(node, DAMC_A_STATS_ERRORS_SENT));
	EXPECT_EQ(0, dt_stats_balance(node->after));
}

/* A flow that does not listen is told less; others are told. */
TEST_F(edge, too_big_is_limited_by_flow)
{
	struct dt_node *node = &self->node;
	struct timespec start;
	int64_t sent, more;
	uint64_t ms;
	int i;

	clock_gettime(CLOCK_MONOTONIC, &start);
	for (i = 0; i < 200; i++)
		ASSERT_EQ(0, inject_big(node, 1));
	ms = ms_since(&start);
	EXPECT_EQ(200, dt_node_grew(node, DAMC_A_STATS_DROP_TOO_BIG));
	sent = dt_node_grew(node, DAMC_A_STATS_ERRORS_SENT);
	EXPECT_TRUE(within(sent, DAMC_TOO_BIG_FLOW_RATE,
			   DAMC_TOO_BIG_FLOW_BURST, ms))
		TH_LOG("%lu in %lu ms", sent, ms);
	/* Of eight others, not all share its bucket. */
	for (i = 2; i < 10; i++)
		ASSERT_EQ(0, inject_big(node, i));
	more = dt_node_grew(node, DAMC_A_STATS_ERRORS_SENT) - sent;
	EXPECT_LE(4, more);
}

/* Who cannot be one node or pod is told nothing: a source that has no entry. */
TEST_F(edge, nothing_to_a_source_that_is_nowhere)
{
	struct dt_node *node = &self->node;
	static const char * const sources[] = { "/unknown", "/shut", "/forbidden" };
	struct dt_packet packet = { .dst = "/nowhere" };
	size_t i;

	ASSERT_EQ(0, dt_damc("route add /shut unreachable\n"
			     "route add /forbidden prohibit\n"));
	for (i = 0; i < 3; i++) {
		packet.src = sources[i];
		ASSERT_EQ(0, dt_frame_send(node->w, node->packet,
					   dt_packet_write(node->packet, &packet)));
	}
	EXPECT_EQ(3, dt_node_grew(node, DAMC_A_STATS_DROP_NO_ROUTE));
	EXPECT_EQ(0, dt_node_grew(node, DAMC_A_STATS_ERRORS_SENT));
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
