// SPDX-License-Identifier: GPL-2.0
/*
 * How long a router that knows nothing takes to verify a domain's names: SERVICES
 * services of INSTANCES each, a tree grant and LSAs of 64 names for each. Every
 * object is signed before the clock starts; Ed25519. Prints, judges nothing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lab.h"

#define SERVICES 1000
#define INSTANCES 1000
#define SHARDS (1 + (INSTANCES - 1) / 64)
#define OBJECTS (SERVICES * (SHARDS + 1))

static struct lab_object object[OBJECTS];

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

static void make_shard(const struct lab *lab, const struct dc_identity *node,
		       int service, int shard, const struct lab_object *grant,
		       struct lab_object *lsa)
{
	struct dc_prefix_lsa body = { 0 };
	uint8_t bytes[DC_OBJECT_MAX];
	struct dc_object header = {
		.type = DC_PREFIX_LSA, .lifetime = 3600,
		.shard = service * SHARDS + shard, .body = bytes,
		.subject = lab_name("/damc/node/n1"),
	};
	int i = shard * DC_PREFIXES_MAX;
	char name[64];

	for (; i < INSTANCES && body.n < DC_PREFIXES_MAX; i++) {
		snprintf(name, sizeof(name), "/shop/s%03d/%d", service, i);
		body.prefix[body.n++] = lab_prefix(name, DC_RIGHT_MEMBER,
						   grant);
	}
	header.body_len = dc_prefix_lsa_write(&body, bytes, sizeof(bytes));
	lab_sign(lab, node, &header, lsa);
}

static size_t make_all(struct lab *lab, const struct dc_identity *spa,
		       const struct dc_identity *node)
{
	struct lab_object *at = object, *grant;
	char name[64];
	size_t bytes = 0;
	int service, shard;

	for (service = 0; service < SERVICES; service++) {
		snprintf(name, sizeof(name), "/shop/s%03d", service);
		grant = at++;
		lab_grant(lab, spa, name, DC_RIGHT_TREE, "", grant);
		for (shard = 0; shard < SHARDS; shard++)
			make_shard(lab, node, service, shard, grant, at++);
	}
	for (service = 0; service < OBJECTS; service++)
		bytes += object[service].len;
	return bytes;
}

/* Each object, and of the LSAs each name: how many names were valid. */
static uint32_t verify_all(struct dc_trust *trust)
{
	static struct dc_prefix_lsa lsa;
	struct dc_node_id n1 = lab_id("n1");
	struct dc_object read;
	uint32_t i, j, valid = 0;

	for (i = 0; i < OBJECTS; i++) {
		if (dc_trust_check(trust, object[i].bytes, object[i].len, &read,
				   0) != DC_VALID)
			abort();
		if (read.type != DC_PREFIX_LSA)
			continue;
		if (dc_prefix_lsa_read(&lsa, &read))
			abort();
		for (j = 0; j < lsa.n; j++)
			valid += dc_trust_prefix(trust, &n1, &lsa.prefix[j],
						 0) == DC_VALID;
	}
	return valid;
}

int main(void)
{
	static struct dc_identity spa, node;
	const struct dc_identity *others[] = { &spa };
	struct dc_trust_counts counts;
	struct dc_trust *trust;
	struct lab lab;
	double start;
	size_t bytes;
	uint32_t valid;
	int round;

	lab_init(&lab, &dc_ed25519, 1);
	lab_enrol(&lab, &spa, "spa1", DC_ROLE_SPA, "/shop");
	lab_enrol(&lab, &node, "n1", DC_ROLE_SG, "");
	start = now_s();
	bytes = make_all(&lab, &spa, &node);
	printf("signed %d objects, %.1f bytes for each name, in %.2f s\n",
	       OBJECTS, (double)bytes / SERVICES / INSTANCES, now_s() - start);
	trust = lab_trust(&lab, &node, others, 1);
	for (round = 0; round < 2; round++) {
		start = now_s();
		valid = verify_all(trust);
		dc_trust_counts(trust, &counts);
		printf("%s: %u of %d names valid in %.2f s",
		       round ? "again" : "first", valid, SERVICES * INSTANCES,
		       now_s() - start);
		printf("; %llu signatures verified, %llu remembered\n",
		       (unsigned long long)counts.verified,
		       (unsigned long long)counts.remembered);
	}
	dc_trust_free(trust);
	return 0;
}
