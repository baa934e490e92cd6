// SPDX-License-Identifier: GPL-2.0
/*
 * Mutated frames into a forwarding node, by a link of the fabric and by an edge:
 * each frame is in one counter of what became of it, good traffic still passes,
 * and the kernel has nothing to report, which is the runner's to judge.
 *
 * DAMC_FRAMES: how many for each of the two; DAMC_SEED: to have the same again.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../kselftest_harness.h"
#include "testlib.h"

#define FRAMES 10000
#define VECTORS_MAX 256
#define FRAME_MAX 4096

/* Sockets that what ends here finds: messages, echo, one with a peer. */
enum { SOCK_MESSAGE, SOCK_ECHO, SOCK_PEER, SOCKS };

FIXTURE(fuzz) {
	struct dt_node node;
	int fd[SOCKS];
	uint64_t random;
};

FIXTURE_VARIANT(fuzz) {
	const char *mode;
};

FIXTURE_VARIANT_ADD(fuzz, up) { .mode = "up" };
FIXTURE_VARIANT_ADD(fuzz, edge) { .mode = "edge" };

static struct {
	uint8_t data[512];
	size_t len;
} vectors[VECTORS_MAX];
static size_t n_vectors;

static const char * const names[] = {
	"/far/x", "/p/y", "/s", "/e", "/c", "/damc/node/g", "/nowhere", "/shut",
	"/localhop/x", "/localhost/x", "/far/a/b/c/d/e", "/s/below", "/p", "/",
};

static uint32_t below(uint64_t *random, uint32_t n)
{
	return dt_random(random) % n;
}

static const char *any_name(uint64_t *random)
{
	return names[below(random, sizeof(names) / sizeof(*names))];
}

static void read_vectors(void)
{
	FILE *file = fopen("packets.txt", "r");
	static char line[4096];
	unsigned int byte;
	char *hex;

	n_vectors = 0;
	while (file && n_vectors < VECTORS_MAX && fgets(line, sizeof(line), file)) {
		hex = strchr(line, '\t');
		if (line[0] == '#' || !hex)
			continue;
		vectors[n_vectors].len = 0;
		for (hex++; vectors[n_vectors].len < 512 &&
		     sscanf(hex, "%2x", &byte) == 1; hex += 2)
			vectors[n_vectors].data[vectors[n_vectors].len++] = byte;
		if (vectors[n_vectors].len)
			n_vectors++;
	}
	if (file)
		fclose(file);
}

FIXTURE_SETUP(fuzz)
{
	struct sockaddr_damc sa;
	int i, on = 1;

	read_vectors();
	ASSERT_LT(10, n_vectors);
	ASSERT_EQ(0, dt_node_open(&self->node, variant->mode));
	ASSERT_EQ(0, dt_damc("route add /shut unreachable\n"
			     "route add /localhop/x local\n"));
	self->fd[SOCK_MESSAGE] = dt_bound(0, "/s");
	self->fd[SOCK_ECHO] = dt_bound(DAMC_PROTO_ECHO, "/e");
	self->fd[SOCK_PEER] = dt_bound(0, "/c");
	for (i = 0; i < SOCKS; i++)
		ASSERT_LE(0, self->fd[i]);
	ASSERT_EQ(0, setsockopt(self->fd[SOCK_ECHO], SOL_DAMC, DAMC_RECVERR,
				&on, sizeof(on)));
	ASSERT_EQ(0, connect(self->fd[SOCK_PEER], (void *)&sa,
			     dt_addr(&sa, "/p/y", 7)));
}

FIXTURE_TEARDOWN(fuzz)
{
	int i;

	for (i = 0; i < SOCKS; i++)
		close(self->fd[i]);
	close(self->node.v);
	close(self->node.w);
}

/* So that there is always room. */
static void drain(int fd)
{
	static uint8_t data[FRAME_MAX];

	while (recv(fd, data, sizeof(data), MSG_DONTWAIT) >= 0 ||
	       (errno != EAGAIN && errno != EINVAL))
		;
	while (recv(fd, data, sizeof(data), MSG_DONTWAIT | MSG_ERRQUEUE) >= 0)
		;
}

/* TLVs whose lengths fit, mostly; returns how many bytes. */
static size_t some_tlvs(uint64_t *random, uint8_t *to, uint8_t *flags)
{
	static const uint8_t types[] = {
		DAMC_TLV_PAD, DAMC_TLV_POOL, DAMC_TLV_RECORD, 0x7f, 0x80, 0xff,
	};
	unsigned int n = below(random, 5);
	size_t at = 0, len;

	while (n--) {
		to[at] = types[below(random, sizeof(types))];
		*flags |= to[at] & DAMC_TLV_HOP ? DAMC_F_HOP_TLV : 0;
		if (to[at++] == DAMC_TLV_PAD)
			continue;
		len = below(random, 8) ? below(random, 40) : below(random, 256);
		to[at++] = len;
		memset(to + at, 0, len);
		if (len && !below(random, 4))
			to[at] = dt_random(random);
		at += len;
	}
	return at;
}

/* Of few messages, so that some become whole. */
static size_t fragment(uint64_t *random, uint8_t *payload)
{
	static const uint16_t totals[] = { 513, 1024, 1500, 3000, 65000 };
	struct damc_fragment_hdr hdr = { .next_proto = DAMC_PROTO_MESSAGE };
	uint32_t id = below(random, 10), total = totals[id % 5];
	uint32_t size = id & 1 ? 512 : 700;
	uint32_t offset = below(random, (total + size - 1) / size) * size;
	uint32_t len = total - offset < size ? total - offset : size;

	if (!below(random, 32))
		hdr.next_proto = dt_random(random);
	else if (id & 2)
		hdr.next_proto = DAMC_PROTO_ECHO;
	if (!below(random, 32))
		offset = dt_random(random);
	hdr.offset = htons(offset);
	hdr.total = htons(total);
	hdr.id = htonl(id);
	memcpy(payload, &hdr, sizeof(hdr));
	return sizeof(hdr) + len;
}

/* About a packet that its receiver may have sent. */
static size_t error(uint64_t *random, uint8_t *payload, const char *receiver)
{
	struct damc_error_hdr hdr = {
		.code = below(random, 40), .info = htonl(below(random, 2000)),
	};

	memcpy(payload, &hdr, sizeof(hdr));
	return sizeof(hdr) + dt_packet_write(payload + sizeof(hdr),
					     &(struct dt_packet){
		.dst = any_name(random), .src = receiver, .flow = 7,
		.proto = below(random, 2) ? DAMC_PROTO_MESSAGE
					  : DAMC_PROTO_ECHO });
}

static size_t some_payload(uint64_t *random, const struct dt_packet *packet,
			   uint8_t *payload)
{
	switch (packet->proto) {
	case DAMC_PROTO_FRAGMENT:
		return fragment(random, payload);
	case DAMC_PROTO_ERROR:
		return error(random, payload, packet->dst);
	case DAMC_PROTO_ECHO:
		payload[0] = below(random, 3);
		break;
	}
	return below(random, 8) ? below(random, 300) : below(random, 2000);
}

static size_t made(uint64_t *random, uint8_t *to)
{
	static const uint8_t protos[] = { 1, 1, 2, 3, 4, 5, 5, 41, 44, 44, 44, 99 };
	static const uint8_t hops[] = { 255, 64, 2, 1 };
	static uint8_t payload[FRAME_MAX], tlvs[2048];
	struct dt_packet packet = {
		.dst = any_name(random), .src = any_name(random),
		.proto = protos[below(random, sizeof(protos))],
		.hop_limit = hops[below(random, 4)], .class = dt_random(random),
		.flow = below(random, 2) ? 7 : dt_random(random),
		.path = below(random, 4) ? 0 : dt_random(random),
		.payload = payload, .tlvs = tlvs,
	};

	if (packet.proto == DAMC_PROTO_FRAGMENT && below(random, 4)) {
		packet.dst = below(random, 2) ? "/s" : "/damc/node/g";
		packet.src = below(random, 2) ? "/p/y" : "/far/x";
		packet.flow = 7;
	}
	packet.payload_len = some_payload(random, &packet, payload);
	if (!below(random, 4))
		packet.tlvs_len = some_tlvs(random, tlvs, &packet.flags);
	return dt_packet_write(to, &packet);
}

/* A byte that is a length, or at its end, more often than another. */
static uint8_t bad_byte(uint64_t *random)
{
	static const uint8_t values[] = { 0, 1, 0x7f, 0x80, 0xfe, 0xff };

	return below(random, 2) ? values[below(random, 6)] : dt_random(random);
}

static size_t mutate(uint64_t *random, uint8_t *packet, size_t len)
{
	unsigned int n = below(random, 4);
	size_t at;

	while (n--) {
		at = below(random, 4) && len > 40 ? below(random, 40) :
						   below(random, len);
		packet[at] = bad_byte(random);
	}
	switch (below(random, 16)) {
	case 0:
		return below(random, len) + 1;
	case 1:
		at = below(random, 60);
		memset(packet + len, dt_random(random), at);
		return len + at;
	case 2:
		at = below(random, len);
		memmove(packet + at, packet, len - at);
		return len;
	default:
		return len;
	}
}

static int send_one(struct dt_node *node, uint64_t *random)
{
	static const char * const others[] = {
		"\377\377\377\377\377\377", "\003DAMC\001", "\002\0\0\0\0\1",
	};
	const char *to = below(random, 32) ? "\003DAMC\0"
					   : others[below(random, 3)];
	int fd = below(random, 8) ? node->v : node->w;
	size_t len, i;

	if (below(random, 8)) {
		len = made(random, node->packet);
	} else {
		i = below(random, n_vectors);
		len = vectors[i].len;
		memcpy(node->packet, vectors[i].data, len);
	}
	if (below(random, 2))
		len = mutate(random, node->packet, len);
	/* What w1 takes. */
	if (fd == node->w && len > 1500)
		len = 1500;
	return dt_frame_send_to(fd, to, node->packet, len);
}

/* A message from the pod, or a neighbour, passes unharmed. */
static bool passes(struct dt_node *node)
{
	struct dt_packet packet = {
		.dst = "/far/x", .src = "/p/y", .payload = "good traffic",
		.payload_len = 12, .flow = 7,
	};
	size_t len = dt_packet_write(node->packet, &packet);
	ssize_t got;

	while (dt_frame_recv(node->w, node->got, sizeof(node->got), 0) >= 0)
		;
	if (dt_frame_send(node->v, node->packet, len))
		return false;
	got = dt_frame_recv(node->w, node->got, sizeof(node->got), 3000);
	return got == (ssize_t)len &&
	       !memcmp(node->got + got - 12, "good traffic", 12);
}

static void tell(struct dt_node *node, struct __test_metadata *_metadata)
{
	static const int counters[] = {
		DAMC_A_STATS_FORWARDED, DAMC_A_STATS_DELIVERED,
		DAMC_A_STATS_ECHO_REPLIES, DAMC_A_STATS_ERRORS_SENT,
		DAMC_A_STATS_REASSEMBLED, DAMC_A_STATS_DROP_MALFORMED,
		DAMC_A_STATS_DROP_EDGE_SOURCE, DAMC_A_STATS_EDGE_MASKED,
	};
	uint64_t n[8];
	int i;

	for (i = 0; i < 8; i++)
		n[i] = node->after[counters[i]] - node->before[counters[i]];
	TH_LOG("forwarded %llu delivered %llu echo %llu errors %llu",
	       (unsigned long long)n[0], (unsigned long long)n[1],
	       (unsigned long long)n[2], (unsigned long long)n[3]);
	TH_LOG("whole %llu malformed %llu source %llu masked %llu",
	       (unsigned long long)n[4], (unsigned long long)n[5],
	       (unsigned long long)n[6], (unsigned long long)n[7]);
}

static unsigned long frames(void)
{
	const char *given = getenv("DAMC_FRAMES");

	return given ? strtoul(given, NULL, 0) : FRAMES;
}

TEST_F_TIMEOUT(fuzz, mutated, 100000)
{
	uint64_t seed = dt_seed(), random = seed;
	unsigned long n = frames(), good = 0, i;
	struct dt_node *node = &self->node;
	int s;

	TH_LOG("DAMC_SEED=%#llx DAMC_FRAMES=%lu", (unsigned long long)seed, n);
	for (i = 0; i < n; i++) {
		ASSERT_EQ(0, send_one(node, &random)) TH_LOG("frame %lu", i);
		if (i % 64 == 0)
			for (s = 0; s < SOCKS; s++)
				drain(self->fd[s]);
		if (i % (n / 10 + 1) == 0) {
			ASSERT_TRUE(passes(node)) TH_LOG("after frame %lu", i);
			good++;
		}
	}
	/* Until nothing waits for fragments any more. */
	poll(NULL, 0, DAMC_REASSEMBLY_TIMEOUT_MS + 1000);
	EXPECT_EQ(n + good, dt_node_grew(node, DAMC_A_STATS_RX_PACKETS));
	EXPECT_EQ(0, dt_stats_balance(node->after));
	tell(node, _metadata);
	EXPECT_LT(0, dt_node_grew(node, DAMC_A_STATS_FORWARDED));
	EXPECT_LT(0, dt_node_grew(node, DAMC_A_STATS_DELIVERED));
	EXPECT_LT(0, dt_node_grew(node, DAMC_A_STATS_ECHO_REPLIES));
	EXPECT_LT(0, dt_node_grew(node, DAMC_A_STATS_DROP_MALFORMED));
	EXPECT_TRUE(passes(node));
}

TEST_HARNESS_MAIN
