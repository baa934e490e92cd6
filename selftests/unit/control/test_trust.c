// SPDX-License-Identifier: GPL-2.0
/*
 * Who may say what: roles, names, revocations. What is remembered is
 * test_trust_room.c's, time test_trust_time.c's, keys that change
 * test_trust_keys.c's.
 */
#include <errno.h>
#include <string.h>

#include "check.h"
#include "trust_say.h"

/* ---- roles ------------------------------------------------------------- */

/* Who may sign each sample, with a certificate for all names. */
static const uint8_t may_sign[SAMPLES] = {
	[SAMPLE_GRANT_KEY] = DC_ROLE_SPA,
	[SAMPLE_GRANT_POD] = DC_ROLE_SPA,
	[SAMPLE_LINK_LSA] = DC_ROLE_SG | DC_ROLE_SR,
	[SAMPLE_PREFIX_LSA] = DC_ROLE_SG | DC_ROLE_SR,
	[SAMPLE_TOMBSTONE] = DC_ROLE_SG | DC_ROLE_SR,
	[SAMPLE_REVOCATION] = DC_ROLE_SPA,
	[SAMPLE_BEACON] = DC_ROLE_SPA,
	[SAMPLE_CALL_RULE] = DC_ROLE_SPA,
	[SAMPLE_POLICY] = DC_ROLE_SCSC,
	[SAMPLE_PATH] = DC_ROLE_SCSC,
};

/* The sample as if @signer, who is called so, had made it. */
static enum dc_verdict signed_by(const struct samples *samples, int number,
				 const struct dc_identity *signer,
				 const char *name)
{
	const struct lab_object *sample = &samples->object[number];
	const struct dc_identity *others[] = { signer };
	struct lab_object again;
	struct dc_object object;
	enum dc_verdict verdict;
	struct dc_trust *trust;

	assert_int_equal(dc_object_read(&object, sample->bytes, sample->len,
					NULL), 0);
	if (may_sign[number] & (DC_ROLE_SG | DC_ROLE_SR) ||
	    number == SAMPLE_BEACON)
		object.subject = lab_name(name);
	lab_sign(&samples->lab, signer, &object, &again);
	trust = lab_trust(&samples->lab, &samples->node, others, 1);
	verdict = give(trust, &again);
	dc_trust_free(trust);
	return verdict;
}

static void each_role_says_what_is_its_own(void **state)
{
	struct samples samples;
	int i;
	uint8_t roles;

	(void)state;
	samples_make(&samples, &dc_stand_in);
	for (roles = 1; roles < 16; roles++) {
		struct dc_identity signer = { 0 };

		lab_enrol(&samples.lab, &signer, "signer", roles, "/");
		for (i = 0; i < SAMPLES; i++)
			assert_int_equal(signed_by(&samples, i, &signer,
						   "/damc/node/signer"),
					 i == SAMPLE_BINDING ? DC_MALFORMED :
					 may_sign[i] & roles ? DC_VALID :
					 DC_NOT_ALLOWED);
	}
}

static void nobody_speaks_for_another_node(void **state)
{
	struct dc_identity signer = { 0 };
	struct samples samples;
	int i;

	(void)state;
	samples_make(&samples, &dc_stand_in);
	lab_enrol(&samples.lab, &signer, "signer", 15, "/");
	for (i = SAMPLE_LINK_LSA; i <= SAMPLE_TOMBSTONE; i++)
		assert_int_equal(signed_by(&samples, i, &signer,
					   "/damc/node/n1"), DC_NOT_ALLOWED);
	assert_int_equal(signed_by(&samples, SAMPLE_BEACON, &signer,
				   "/damc/node/spa1"), DC_NOT_ALLOWED);
}

static void nobody_leaves_its_subtrees(void **state)
{
	static const int bound[] = {
		SAMPLE_GRANT_KEY, SAMPLE_REVOCATION, SAMPLE_CALL_RULE,
		SAMPLE_POLICY, SAMPLE_PATH,
	};
	struct dc_identity signer = { 0 };
	struct samples samples;
	int i;

	(void)state;
	samples_make(&samples, &dc_stand_in);
	lab_enrol(&samples.lab, &signer, "signer", 15, "/other /shop/cart/9");
	for (i = 0; i < 5; i++)
		assert_int_equal(signed_by(&samples, bound[i], &signer, NULL),
				 DC_NOT_ALLOWED);
	lab_enrol(&samples.lab, &signer, "signer", 15, "/other /shop");
	for (i = 0; i < 5; i++)
		assert_int_equal(signed_by(&samples, bound[i], &signer, NULL),
				 DC_VALID);
}

static void the_anchor_says_only_its_own(void **state)
{
	struct samples samples;
	struct dc_trust *trust;
	int i;

	(void)state;
	samples_make(&samples, &dc_stand_in);
	for (i = SAMPLE_GRANT_KEY; i < SAMPLES; i++) {
		struct lab_object *sample = &samples.object[i];
		struct dc_object object;
		uint8_t bytes[DC_OBJECT_MAX];
		int len;

		dc_object_read(&object, sample->bytes, sample->len, NULL);
		len = dc_object_sign(&object, &dc_stand_in, samples.lab.anchor,
				     samples.lab.anchor_secret, bytes);
		trust = samples_trust(&samples);
		assert_int_equal(dc_trust_check(trust, bytes, len, &object, 0),
				 i == SAMPLE_REVOCATION ? DC_VALID :
				 i == SAMPLE_BINDING ? DC_MALFORMED :
				 DC_NOT_ALLOWED);
		dc_trust_free(trust);
	}
}

/* A key that is none of the domain's, and one of another domain. */
static void strangers_are_not_heard(void **state)
{
	struct dc_identity stranger = { 0 }, twin;
	struct lab_object object;
	struct samples samples;
	struct dc_trust *trust;
	struct dc_object read;
	struct lab other;

	(void)state;
	samples_make(&samples, &dc_stand_in);
	lab_init(&other, &dc_stand_in, 99);
	lab_enrol(&other, &stranger, "spa1", DC_ROLE_SPA, "/");
	lab_grant(&other, &stranger, "/b", DC_RIGHT_NAME, "", &object);
	trust = samples_trust(&samples);
	assert_int_equal(dc_trust_check(trust, stranger.cert, stranger.cert_len,
					&read, 0), DC_UNKNOWN);
	assert_int_equal(give(trust, &object), DC_UNKNOWN);
	/* Its own domain's name in another one's. */
	object = samples.object[SAMPLE_GRANT_KEY];
	object.bytes[4] ^= 1;
	assert_int_equal(give(trust, &object), DC_FOREIGN);
	/* With the SPA's key id, but not its key. */
	twin = samples.spa;
	dc_object_read(&read, object.bytes, object.len, NULL);
	memcpy(object.bytes, samples.object[SAMPLE_GRANT_KEY].bytes,
	       object.len);
	dc_stand_in.sign(object.bytes + object.len - DC_SIGNATURE_BYTES,
			 object.bytes, object.len - DC_SIGNATURE_BYTES,
			 twin.secret);
	assert_int_equal(give(trust, &object), DC_FORGED);
	dc_trust_free(trust);
}

static void no_serial_is_above_the_certificate(void **state)
{
	struct samples samples;
	struct lab_object *sample = &samples.object[SAMPLE_LINK_LSA];
	struct dc_cert cert;
	struct dc_object object;
	struct dc_trust *trust;
	uint8_t bytes[DC_OBJECT_MAX];
	uint32_t serial;
	int len;

	(void)state;
	samples_make(&samples, &dc_stand_in);
	trust = samples_trust(&samples);
	dc_object_read(&object, samples.node.cert, samples.node.cert_len, NULL);
	dc_cert_read(&cert, &object);
	for (serial = 0; serial < 3; serial++) {
		dc_object_read(&object, sample->bytes, sample->len, NULL);
		object.seq.serial = serial;
		len = dc_object_sign(&object, &dc_stand_in, cert.key,
				     samples.node.secret, bytes);
		assert_int_equal(dc_trust_check(trust, bytes, len, &object, 0),
				 serial <= 1 ? DC_VALID : DC_NOT_ALLOWED);
	}
	dc_trust_free(trust);
}

static void an_lsa_has_no_more_names_than_allowed(void **state)
{
	struct samples samples;
	struct dc_identity node = { 0 };
	struct dc_cert cert = { .roles = DC_ROLE_SG, .issued = LAB_TIME_MS };
	struct dc_object object;
	struct lab_object lsa;
	struct dc_trust *trust;

	(void)state;
	samples_make(&samples, &dc_stand_in);
	lab_keypair(&samples.lab, cert.key, node.secret);
	for (cert.max_prefixes = 3; cert.max_prefixes < 5;
	     cert.max_prefixes++) {
		lab_certify(&samples.lab, &node, "n1", cert.max_prefixes,
			    &cert);
		trust = dc_trust_new(&node, &dc_stand_in, 0, LAB_TIME_MS);
		dc_object_read(&object,
			       samples.object[SAMPLE_PREFIX_LSA].bytes,
			       samples.object[SAMPLE_PREFIX_LSA].len, NULL);
		lab_sign(&samples.lab, &node, &object, &lsa);
		assert_int_equal(give(trust, &lsa), cert.max_prefixes == 4 ?
				 DC_VALID : DC_NOT_ALLOWED);
		dc_trust_free(trust);
	}
}

/* ---- names ------------------------------------------------------------- */

struct claim {
	const char *node;
	const char *name;
	enum dc_right right;
	enum dc_verdict verdict;
};

static const struct claim by_cert[] = {
	{ "n1", "/damc/node/n1", DC_RIGHT_NAME, DC_VALID },
	{ "n1", "/damc/node/n1", DC_RIGHT_MEMBER, DC_NOT_ALLOWED },
	{ "n1", "/damc/node/n2", DC_RIGHT_NAME, DC_NOT_ALLOWED },
	{ "n1", "/damc/node/n1/x", DC_RIGHT_NAME, DC_NOT_ALLOWED },
	{ "n1", "/damc/node", DC_RIGHT_NAME, DC_NOT_ALLOWED },
	{ "n1", "/damc", DC_RIGHT_NAME, DC_NOT_ALLOWED },
	{ "n1", "/damc/spa/n1", DC_RIGHT_MEMBER, DC_NOT_ALLOWED },
	{ "n1", "/", DC_RIGHT_NAME, DC_NOT_ALLOWED },
	{ "n1", "/localhost/a", DC_RIGHT_NAME, DC_NOT_ALLOWED },
	{ "n1", "/localhop", DC_RIGHT_NAME, DC_NOT_ALLOWED },
	{ "n1", "/pod/n1", DC_RIGHT_NAME, DC_VALID },
	{ "n1", "/pod/n1/7", DC_RIGHT_NAME, DC_VALID },
	{ "n1", "/pod/n1/7", DC_RIGHT_MEMBER, DC_NOT_ALLOWED },
	{ "n1", "/pod/n2/7", DC_RIGHT_NAME, DC_NOT_ALLOWED },
	{ "n1", "/pod", DC_RIGHT_NAME, DC_NOT_ALLOWED },
	{ "n1", "/own", DC_RIGHT_NAME, DC_VALID },
	{ "n1", "/own/a/b", DC_RIGHT_NAME, DC_VALID },
	{ "n1", "/own/a", DC_RIGHT_MEMBER, DC_VALID },
	{ "n1", "/own", DC_RIGHT_MEMBER, DC_NOT_ALLOWED },
	{ "n1", "/also/own", DC_RIGHT_MEMBER, DC_NOT_ALLOWED },
	{ "n1", "/owner", DC_RIGHT_NAME, DC_NOT_ALLOWED },
	{ "n1", "/own", DC_RIGHT_TREE, DC_NOT_ALLOWED },
	{ "all", "/damc/spa/all", DC_RIGHT_MEMBER, DC_VALID },
	{ "all", "/damc/spa/all", DC_RIGHT_NAME, DC_NOT_ALLOWED },
	{ "all", "/damc/spa/n1", DC_RIGHT_MEMBER, DC_NOT_ALLOWED },
	{ "all", "/damc/spa/all/x", DC_RIGHT_MEMBER, DC_NOT_ALLOWED },
	{ "all", "/damc/scsc/all", DC_RIGHT_MEMBER, DC_VALID },
	{ "all", "/damc/any", DC_RIGHT_NAME, DC_NOT_ALLOWED },
	{ "all", "/any", DC_RIGHT_NAME, DC_VALID },
	{ "all", "/", DC_RIGHT_NAME, DC_NOT_ALLOWED },
	{ "sr", "/pod/sr/7", DC_RIGHT_NAME, DC_NOT_ALLOWED },
	{ "sr", "/damc/node/sr", DC_RIGHT_NAME, DC_VALID },
	{ "sr", "/any", DC_RIGHT_NAME, DC_NOT_ALLOWED },
	{ "who", "/damc/node/who", DC_RIGHT_NAME, DC_UNKNOWN },
};

static const struct claim by_name[] = {
	{ "n1", "/b", DC_RIGHT_NAME, DC_VALID },
	{ "n1", "/b/c/d", DC_RIGHT_NAME, DC_VALID },
	{ "n1", "/b/4", DC_RIGHT_MEMBER, DC_NOT_ALLOWED },
	{ "n1", "/bb", DC_RIGHT_NAME, DC_NOT_ALLOWED },
	{ "n1", "/a", DC_RIGHT_NAME, DC_NOT_ALLOWED },
	{ "n1", "/", DC_RIGHT_NAME, DC_NOT_ALLOWED },
	{ "sr", "/b", DC_RIGHT_NAME, DC_NOT_ALLOWED },
	{ "all", "/b", DC_RIGHT_NAME, DC_VALID },
};

static const struct claim by_member[] = {
	{ "n1", "/b/4", DC_RIGHT_MEMBER, DC_VALID },
	{ "n1", "/b/4", DC_RIGHT_NAME, DC_NOT_ALLOWED },
	{ "n1", "/b", DC_RIGHT_MEMBER, DC_NOT_ALLOWED },
	{ "n1", "/b", DC_RIGHT_NAME, DC_NOT_ALLOWED },
	{ "n1", "/b/c/4", DC_RIGHT_MEMBER, DC_NOT_ALLOWED },
};

static const struct claim by_tree[] = {
	{ "n1", "/b/4", DC_RIGHT_MEMBER, DC_VALID },
	{ "n1", "/b/c/4", DC_RIGHT_MEMBER, DC_VALID },
	{ "n1", "/b/c", DC_RIGHT_NAME, DC_VALID },
	{ "n1", "/b", DC_RIGHT_NAME, DC_NOT_ALLOWED },
	{ "n1", "/b", DC_RIGHT_MEMBER, DC_NOT_ALLOWED },
	{ "n1", "/c/4", DC_RIGHT_MEMBER, DC_NOT_ALLOWED },
};

static void check_claims(struct names *names, const struct claim *claim,
			 size_t n, const struct lab_object *grant)
{
	enum dc_verdict verdict;

	for (; n; n--, claim++) {
		verdict = announce(names->trust, claim->node, claim->name,
				   claim->right, grant);
		if (verdict != claim->verdict)
			fail_msg("%s announces %s (%d): %s", claim->node,
				 claim->name, claim->right,
				 dc_verdict_text(verdict));
	}
}

#define CHECK_CLAIMS(names, claims, grant) \
	check_claims(names, claims, ARRAY_SIZE(claims), grant)

static void a_certificate_allows(void **state)
{
	struct names names;

	(void)state;
	make_names(&names);
	CHECK_CLAIMS(&names, by_cert, NULL);
	dc_trust_free(names.trust);
}

static void each_right_allows_its_own(void **state)
{
	struct lab_object grant;
	struct names names;

	(void)state;
	make_names(&names);
	lab_grant(&names.lab, &names.spa, "/b", DC_RIGHT_NAME, "", &grant);
	assert_int_equal(give(names.trust, &grant), DC_VALID);
	CHECK_CLAIMS(&names, by_name, &grant);
	lab_grant(&names.lab, &names.spa, "/b", DC_RIGHT_MEMBER, "", &grant);
	assert_int_equal(announce(names.trust, "n1", "/b/4", DC_RIGHT_MEMBER,
				  &grant), DC_UNKNOWN);
	assert_int_equal(give(names.trust, &grant), DC_VALID);
	CHECK_CLAIMS(&names, by_member, &grant);
	lab_grant(&names.lab, &names.spa, "/b", DC_RIGHT_TREE, "", &grant);
	assert_int_equal(give(names.trust, &grant), DC_VALID);
	CHECK_CLAIMS(&names, by_tree, &grant);
	dc_trust_free(names.trust);
}

static void a_grant_is_for_its_gateways(void **state)
{
	struct dc_grant body = {
		.rights = DC_RIGHT_NAME, .number = 9,
		.pod = lab_name("/pod/all/3"),
	};
	struct dc_object object = {
		.type = DC_GRANT, .subject = lab_name("/b"),
		.not_after = LAB_TIME_MS + 1000,
	};
	uint8_t bytes[DC_OBJECT_MAX];
	struct lab_object grant;
	struct names names;

	(void)state;
	make_names(&names);
	lab_grant(&names.lab, &names.spa, "/b", DC_RIGHT_NAME, "x all", &grant);
	assert_int_equal(give(names.trust, &grant), DC_VALID);
	assert_int_equal(announce(names.trust, "n1", "/b", DC_RIGHT_NAME,
				  &grant), DC_NOT_ALLOWED);
	assert_int_equal(announce(names.trust, "all", "/b", DC_RIGHT_NAME,
				  &grant), DC_VALID);
	/* A pod's: only its gateway can attest it. */
	object.body = bytes;
	object.body_len = dc_grant_write(&body, bytes, sizeof(bytes));
	lab_sign(&names.lab, &names.spa, &object, &grant);
	assert_int_equal(give(names.trust, &grant), DC_VALID);
	assert_int_equal(announce(names.trust, "n1", "/b", DC_RIGHT_NAME,
				  &grant), DC_NOT_ALLOWED);
	assert_int_equal(announce(names.trust, "all", "/b", DC_RIGHT_NAME,
				  &grant), DC_VALID);
	dc_trust_free(names.trust);
}

static void some_names_are_never_granted(void **state)
{
	static const char * const reserved[] = {
		"/", "/damc", "/damc/spa", "/damc/node/n1", "/localhost",
		"/localhost/a", "/localhop", "/localhop/a", "/pod",
		"/pod/n1/7",
	};
	struct lab_object grant;
	struct names names;
	size_t i;

	(void)state;
	make_names(&names);
	for (i = 0; i < ARRAY_SIZE(reserved); i++) {
		lab_grant(&names.lab, &names.spa, reserved[i], 7, "", &grant);
		assert_int_equal(give(names.trust, &grant), DC_NOT_ALLOWED);
	}
	lab_grant(&names.lab, &names.spa, "/damcx", 7, "", &grant);
	assert_int_equal(give(names.trust, &grant), DC_VALID);
	dc_trust_free(names.trust);
}

/* ---- revocation -------------------------------------------------------- */

static void a_revocation_ends_a_grant(void **state)
{
	struct lab_object grant, revocation;
	struct names names;
	struct dc_hash ended;

	(void)state;
	make_names(&names);
	lab_grant(&names.lab, &names.spa, "/b", DC_RIGHT_NAME, "", &grant);
	lab_revoke(&names.lab, &names.spa, grant.bytes, grant.len, &revocation);
	assert_int_equal(give(names.trust, &grant), DC_VALID);
	assert_false(dc_trust_ended(names.trust, &ended, 0));
	assert_int_equal(give(names.trust, &revocation), DC_VALID);
	assert_int_equal(announce(names.trust, "n1", "/b", DC_RIGHT_NAME,
				  &grant), DC_REVOKED);
	assert_true(dc_trust_ended(names.trust, &ended, 0));
	assert_memory_equal(&ended, &grant.hash, sizeof(ended));
	assert_false(dc_trust_ended(names.trust, &ended, 0));
	assert_int_equal(give(names.trust, &grant), DC_REVOKED);
	assert_int_equal(give(names.trust, &revocation), DC_VALID);
	assert_false(dc_trust_ended(names.trust, &ended, 0));
	dc_trust_free(names.trust);
}

static void a_revocation_may_come_first(void **state)
{
	struct lab_object grant, revocation;
	struct names names;

	(void)state;
	make_names(&names);
	lab_grant(&names.lab, &names.spa, "/b", DC_RIGHT_NAME, "", &grant);
	lab_revoke(&names.lab, &names.spa, grant.bytes, grant.len, &revocation);
	assert_int_equal(give(names.trust, &revocation), DC_VALID);
	/* It need not come to be known for that. */
	assert_int_equal(announce(names.trust, "n1", "/b", DC_RIGHT_NAME,
				  &grant), DC_REVOKED);
	assert_int_equal(give(names.trust, &grant), DC_REVOKED);
	assert_int_equal(announce(names.trust, "n1", "/b", DC_RIGHT_NAME,
				  &grant), DC_REVOKED);
	dc_trust_free(names.trust);
}

/* An SPA for /c names a grant of /b as one of /c. */
static void nobody_revokes_what_is_anothers(void **state)
{
	struct dc_identity small = { 0 };
	struct lab_object grant, revocation;
	struct dc_object object;
	struct names names;

	(void)state;
	make_names(&names);
	lab_enrol(&names.lab, &small, "spa2", DC_ROLE_SPA, "/c");
	assert_int_equal(dc_trust_check(names.trust, small.cert, small.cert_len,
					&object, 0), DC_VALID);
	lab_grant(&names.lab, &names.spa, "/b", DC_RIGHT_NAME, "", &grant);
	assert_int_equal(give(names.trust, &grant), DC_VALID);
	lab_revoke(&names.lab, &small, grant.bytes, grant.len, &revocation);
	assert_int_equal(give(names.trust, &revocation), DC_NOT_ALLOWED);
	dc_object_read(&object, revocation.bytes, revocation.len, NULL);
	object.subject = lab_name("/c");
	lab_sign(&names.lab, &small, &object, &revocation);
	assert_int_equal(give(names.trust, &revocation), DC_VALID);
	assert_int_equal(announce(names.trust, "n1", "/b", DC_RIGHT_NAME,
				  &grant), DC_VALID);
	assert_int_equal(give(names.trust, &grant), DC_VALID);
	dc_trust_free(names.trust);
}

/* With the certificate of the SPA go its grants. */
static void a_revoked_spa_has_granted_nothing(void **state)
{
	struct dc_identity bad = { 0 };
	struct lab_object grant, other, revocation;
	struct dc_object object;
	struct dc_keyid key;
	struct dc_cert cert;
	struct names names;
	struct dc_hash ended;
	int n = 0;

	(void)state;
	make_names(&names);
	lab_enrol(&names.lab, &bad, "bad", DC_ROLE_SPA, "/b");
	assert_int_equal(dc_trust_check(names.trust, bad.cert, bad.cert_len,
					&object, 0), DC_VALID);
	lab_grant(&names.lab, &bad, "/b", DC_RIGHT_NAME, "", &grant);
	lab_grant(&names.lab, &names.spa, "/b", DC_RIGHT_NAME, "", &other);
	assert_int_equal(give(names.trust, &grant), DC_VALID);
	assert_int_equal(give(names.trust, &other), DC_VALID);
	lab_revoke(&names.lab, &names.spa, bad.cert, bad.cert_len, &revocation);
	assert_int_equal(give(names.trust, &revocation), DC_VALID);
	assert_int_equal(announce(names.trust, "n1", "/b", DC_RIGHT_NAME,
				  &grant), DC_REVOKED);
	assert_int_equal(announce(names.trust, "n1", "/b", DC_RIGHT_NAME,
				  &other), DC_VALID);
	while (dc_trust_ended(names.trust, &ended, 0))
		n++;
	assert_int_equal(n, 2);
	assert_int_equal(dc_trust_check(names.trust, bad.cert, bad.cert_len,
					&object, 0), DC_REVOKED);
	lab_grant(&names.lab, &bad, "/b/c", DC_RIGHT_NAME, "", &grant);
	assert_int_equal(give(names.trust, &grant), DC_REVOKED);
	dc_object_read(&object, bad.cert, bad.cert_len, NULL);
	dc_cert_read(&cert, &object);
	dc_keyid_of(&key, cert.key);
	assert_null(dc_trust_cert_of_key(names.trust, &key));
	dc_trust_free(names.trust);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_role_says_what_is_its_own),
		cmocka_unit_test(nobody_speaks_for_another_node),
		cmocka_unit_test(nobody_leaves_its_subtrees),
		cmocka_unit_test(the_anchor_says_only_its_own),
		cmocka_unit_test(strangers_are_not_heard),
		cmocka_unit_test(no_serial_is_above_the_certificate),
		cmocka_unit_test(an_lsa_has_no_more_names_than_allowed),
		cmocka_unit_test(a_certificate_allows),
		cmocka_unit_test(each_right_allows_its_own),
		cmocka_unit_test(a_grant_is_for_its_gateways),
		cmocka_unit_test(some_names_are_never_granted),
		cmocka_unit_test(a_revocation_ends_a_grant),
		cmocka_unit_test(a_revocation_may_come_first),
		cmocka_unit_test(nobody_revokes_what_is_anothers),
		cmocka_unit_test(a_revoked_spa_has_granted_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
