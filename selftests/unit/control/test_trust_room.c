// SPDX-License-Identifier: GPL-2.0
/* That nothing is verified twice, what there is room for, and whose trust it is. */
#include <errno.h>
#include <string.h>

#include "check.h"
#include "trust_say.h"

static void nothing_is_verified_twice(void **state)
{
	struct dc_trust_counts first, second;
	struct samples samples;
	struct dc_trust *trust;
	int i, round;

	(void)state;
	samples_make(&samples, &dc_stand_in);
	trust = samples_trust(&samples);
	for (round = 0; round < 3; round++) {
		/* The revocation is of the first grant. */
		for (i = SAMPLE_GRANT_KEY; i < SAMPLES; i++)
			if (i != SAMPLE_REVOCATION)
				assert_int_equal(give(trust, &samples.object[i]),
						 DC_VALID);
		if (!round)
			dc_trust_counts(trust, &first);
	}
	dc_trust_counts(trust, &second);
	assert_int_equal(first.verified, 3 + SAMPLES - SAMPLE_GRANT_KEY - 1);
	assert_int_equal(first.remembered, 0);
	assert_int_equal(second.verified, first.verified);
	assert_int_equal(second.remembered,
			 2 * (SAMPLES - SAMPLE_GRANT_KEY - 1));
	assert_int_equal(second.grants, 2);
	assert_int_equal(second.certs, 3);
	/* What is forged is verified each time, and never remembered. */
	samples.object[SAMPLE_PATH].bytes[40] ^= 1;
	for (round = 0; round < 2; round++)
		assert_int_equal(give(trust, &samples.object[SAMPLE_PATH]),
				 DC_FORGED);
	dc_trust_counts(trust, &first);
	assert_int_equal(first.verified, second.verified + 2);
	dc_trust_free(trust);
}

/* The cap on grants, and room again when some have ended. */
static void grants_are_capped(void **state)
{
	struct dc_trust_counts counts;
	struct lab_object grant, first, revocation;
	struct dc_hash ended;
	struct names names;
	int i;

	(void)state;
	make_names(&names);
	lab_grant(&names.lab, &names.spa, "/b", DC_RIGHT_NAME, "", &first);
	assert_int_equal(give(names.trust, &first), DC_VALID);
	for (i = 1; i < DC_TRUST_GRANTS; i++) {
		lab_grant(&names.lab, &names.spa, "/b", DC_RIGHT_NAME, "",
			  &grant);
		if (give(names.trust, &grant) != DC_VALID)
			break;
	}
	assert_int_equal(i, DC_TRUST_GRANTS);
	lab_grant(&names.lab, &names.spa, "/b", DC_RIGHT_NAME, "", &grant);
	assert_int_equal(give(names.trust, &grant), DC_FULL);
	lab_revoke(&names.lab, &names.spa, first.bytes, first.len, &revocation);
	assert_int_equal(give(names.trust, &revocation), DC_VALID);
	assert_true(dc_trust_ended(names.trust, &ended, 0));
	assert_int_equal(give(names.trust, &grant), DC_VALID);
	dc_trust_counts(names.trust, &counts);
	assert_int_equal(counts.grants, DC_TRUST_GRANTS);
	/* Long gone from the older half of what was verified. */
	assert_int_equal(counts.remembered, 1);
	assert_int_equal(give(names.trust, &first), DC_REVOKED);
	dc_trust_free(names.trust);
}

/* One SPA fills the table; the other still ends its certificate. */
static void revocations_are_capped(void **state)
{
	struct lab_object grant, revocation;
	struct dc_trust_counts counts;
	struct names names;
	int i;

	(void)state;
	make_names(&names);
	lab_grant(&names.lab, &names.all, "/b", DC_RIGHT_NAME, "", &grant);
	for (i = 0; i < DC_TRUST_REVOCATIONS; i++) {
		lab_revoke(&names.lab, &names.all, grant.bytes, grant.len,
			   &revocation);
		if (give(names.trust, &revocation) != DC_VALID)
			break;
	}
	assert_int_equal(i, DC_TRUST_REVOCATIONS);
	lab_revoke(&names.lab, &names.all, grant.bytes, grant.len, &revocation);
	assert_int_equal(give(names.trust, &revocation), DC_FULL);
	lab_revoke(&names.lab, &names.spa, names.all.cert, names.all.cert_len,
		   &revocation);
	assert_int_equal(give(names.trust, &revocation), DC_VALID);
	assert_int_equal(announce(names.trust, "all", "/any", DC_RIGHT_NAME,
				  NULL), DC_REVOKED);
	dc_trust_counts(names.trust, &counts);
	assert_int_equal(counts.revocations, DC_TRUST_REVOCATIONS + 1);
	dc_trust_free(names.trust);
}

static void an_identity_must_fit(void **state)
{
	struct samples samples;
	struct dc_identity bad;

	(void)state;
	samples_make(&samples, &dc_ed25519);
	bad = samples.node;
	memcpy(bad.secret, samples.spa.secret, sizeof(bad.secret));
	assert_null(dc_trust_new(&bad, &dc_ed25519, 0, 0));
	assert_int_equal(errno, EINVAL);
	bad = samples.node;
	bad.anchor[0][0] ^= 1;
	assert_null(dc_trust_new(&bad, &dc_ed25519, 0, 0));
	bad = samples.node;
	bad.domain[0] ^= 1;
	assert_null(dc_trust_new(&bad, &dc_ed25519, 0, 0));
	bad = samples.node;
	bad.cert_len--;
	assert_null(dc_trust_new(&bad, &dc_ed25519, 0, 0));
	bad = samples.node;
	bad.cert[bad.cert_len - 1] ^= 1;
	assert_null(dc_trust_new(&bad, &dc_ed25519, 0, 0));
	assert_int_equal(errno, EINVAL);
}

static void what_is_signed_is_valid(void **state)
{
	static const uint8_t no_links[5];
	struct samples samples;
	struct dc_object object = {
		.type = DC_LINK_LSA, .lifetime = 60, .body = no_links,
		.body_len = sizeof(no_links), .seq = { 77, 1, 2 },
		.subject = lab_name("/damc/node/n1"),
	};
	struct dc_trust *trust;
	uint8_t bytes[DC_OBJECT_MAX];
	int len;

	(void)state;
	samples_make(&samples, &dc_ed25519);
	trust = samples_trust(&samples);
	len = dc_trust_sign(trust, &object, bytes);
	assert_true(len > 0);
	assert_int_equal(dc_trust_check(trust, bytes, len, &object, 0),
			 DC_VALID);
	assert_int_equal(object.seq.serial, 1);
	object.lifetime = 0;
	assert_int_equal(dc_trust_sign(trust, &object, bytes), -EINVAL);
	dc_trust_free(trust);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_verified_twice),
		cmocka_unit_test(grants_are_capped),
		cmocka_unit_test(revocations_are_capped),
		cmocka_unit_test(an_identity_must_fit),
		cmocka_unit_test(what_is_signed_is_valid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
