// SPDX-License-Identifier: GPL-2.0
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "alloc.h"
#include "cost.h"
#include "measure.h"
#include "node.h"

/* The best of so many rounds: what else the machine does is not what it costs. */
#define ROUNDS 5
#define TIMES 100
#define BATCH_BYTES 4096

/* What is measured: sets up once, then is called often. */
struct bench {
	unsigned char bytes[BATCH_BYTES];
	unsigned char key[crypto_sign_PUBLICKEYBYTES];
	unsigned char secret[crypto_sign_SECRETKEYBYTES];
	unsigned char signature[crypto_sign_BYTES];
	int pair[2];
};

static void do_sign(struct bench *b)
{
	crypto_sign_detached(b->signature, NULL, b->bytes, 1000, b->secret);
}

static void do_verify(struct bench *b)
{
	if (crypto_sign_verify_detached(b->signature, b->bytes, 1000, b->key))
		abort();
}

static void through(struct bench *b, size_t len)
{
	if (send(b->pair[0], b->bytes, len, 0) != (ssize_t)len ||
	    recv(b->pair[1], b->bytes, len, 0) != (ssize_t)len)
		abort();
}

/* There are two ends, and each is charged half. */
static void do_packet(struct bench *b)
{
	unsigned char mac[DC_MAC_BYTES];

	crypto_generichash(mac, sizeof(mac), b->bytes, DC_PACKET_MAX, b->key,
			   sizeof(b->key));
	through(b, DC_PACKET_MAX);
	crypto_generichash(mac, sizeof(mac), b->bytes, DC_PACKET_MAX, b->key,
			   sizeof(b->key));
}

static void do_batch(struct bench *b)
{
	through(b, BATCH_BYTES);
	through(b, 64);
}

static uint64_t measure(struct bench *b, void (*what)(struct bench *b))
{
	uint64_t best = UINT64_MAX;
	int i, round;

	for (round = 0; round < ROUNDS; round++) {
		uint64_t since = measure_cpu();

		for (i = 0; i < TIMES; i++)
			what(b);
		since = (measure_cpu() - since) / TIMES;
		if (since < best)
			best = since;
	}
	return best;
}

void cost_measure(struct cost *cost)
{
	struct bench b = { .pair = { -1, -1 } };

	if (sodium_init() < 0 || socketpair(AF_UNIX, SOCK_DGRAM, 0, b.pair))
		abort();
	crypto_sign_keypair(b.key, b.secret);
	cost->sign = measure(&b, do_sign);
	cost->verify = measure(&b, do_verify);
	cost->packet = measure(&b, do_packet) / 2;
	cost->batch = measure(&b, do_batch);
	cost_measure_core(cost);
	close(b.pair[0]);
	close(b.pair[1]);
}

static const struct {
	const char *name;
	size_t at;
} fields[] = {
	{ "sign", offsetof(struct cost, sign) },
	{ "verify", offsetof(struct cost, verify) },
	{ "packet", offsetof(struct cost, packet) },
	{ "spf", offsetof(struct cost, spf) },
	{ "batch", offsetof(struct cost, batch) },
	{ "change", offsetof(struct cost, change) },
};

static uint64_t *field(struct cost *cost, size_t i)
{
	return (uint64_t *)((char *)cost + fields[i].at);
}

bool cost_parse(struct cost *cost, const char *text)
{
	size_t i, len;
	char *end;

	*cost = (struct cost){ 0 };
	if (!strcmp(text, "none"))
		return true;
	for (i = 0; i < ARRAY_SIZE(fields); i++) {
		len = strlen(fields[i].name);
		if (strncmp(text, fields[i].name, len) || text[len] != '=')
			return false;
		*field(cost, i) = strtoull(text + len + 1, &end, 10);
		if (*end != (i + 1 < ARRAY_SIZE(fields) ? ',' : '\0'))
			return false;
		text = end + 1;
	}
	return true;
}

void cost_format(const struct cost *cost, char text[COST_TEXT_MAX])
{
	size_t i, at = 0;

	for (i = 0; i < ARRAY_SIZE(fields); i++)
		at += snprintf(text + at, COST_TEXT_MAX - at, "%s%s=%llu",
			       i ? "," : "", fields[i].name,
			       (unsigned long long)*field((struct cost *)cost, i));
}
