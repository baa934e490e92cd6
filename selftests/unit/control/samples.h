/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One object of each type and body, signed by who may: for tests that go over
 * all of them. The order is that of struct samples.
 */
#ifndef DC_TEST_SAMPLES_H
#define DC_TEST_SAMPLES_H

#include "lab.h"

enum sample {
	SAMPLE_CERT,
	SAMPLE_ANCHOR,
	SAMPLE_GRANT_KEY,
	SAMPLE_GRANT_POD,
	SAMPLE_LINK_LSA,
	SAMPLE_PREFIX_LSA,
	SAMPLE_TOMBSTONE,
	SAMPLE_BINDING,
	SAMPLE_REVOCATION,
	SAMPLE_BEACON,
	SAMPLE_CALL_RULE,
	SAMPLE_POLICY,
	SAMPLE_PATH,
	SAMPLES,
};

/**
 * struct samples - the objects and who signed them
 * @spa, @node, @scsc: of the domain; @node is an sg and sr
 * @holder: of the key in SAMPLE_GRANT_KEY
 */
struct samples {
	struct lab lab;
	struct dc_identity spa;
	struct dc_identity node;
	struct dc_identity scsc;
	struct lab_holder holder;
	uint8_t next[DC_KEY_BYTES];
	uint8_t next_secret[DC_SECRET_BYTES];
	struct lab_object object[SAMPLES];
};

void samples_make(struct samples *samples, const struct dc_crypto *crypto);
/* A trust of @node's that knows all certificates. */
struct dc_trust *samples_trust(const struct samples *samples);

/* A change of anchor to these keys, proven by @proof's key. */
void samples_anchor(const struct lab *lab, uint32_t serial,
		    const uint8_t current[DC_KEY_BYTES],
		    const uint8_t next[DC_KEY_BYTES],
		    const uint8_t proof[DC_SECRET_BYTES],
		    struct lab_object *change);

#endif /* DC_TEST_SAMPLES_H */
