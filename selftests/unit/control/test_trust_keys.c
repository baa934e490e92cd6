// SPDX-License-Identifier: GPL-2.0
/*
 * Keys that change: a node's, with the old one's words lasting, and the
 * anchor's.
 */
#include <string.h>

#include "check.h"
#include "samples.h"

static enum dc_verdict give_cert(struct dc_trust *trust,
				 const struct dc_identity *identity)
{
	struct dc_object object;

	return dc_trust_check(trust, identity->cert, identity->cert_len,
			      &object, 0);
}

static enum dc_verdict give(struct dc_trust *trust,
			    const struct lab_object *object)
{
	struct dc_object read;

	return dc_trust_check(trust, object->bytes, object->len, &read, 0);
}

static enum dc_verdict announce(struct dc_trust *trust,
				const struct lab_object *grant)
{
	struct dc_prefix prefix = lab_prefix("/b", DC_RIGHT_NAME, grant);
	struct dc_node_id id = lab_id("n1");

	return dc_trust_prefix(trust, &id, &prefix, 0);
}

/* A domain whose SPA was enrolled three times, each time with a new key. */
struct domain {
	struct lab lab;
	struct dc_identity spa[3], node;
	struct lab_object grant[3];
	struct dc_trust *trust;
};

static void make(struct domain *domain)
{
	struct lab *lab = &domain->lab;
	int i;

	memset(domain, 0, sizeof(*domain));
	lab_init(lab, &dc_ed25519, 8);
	lab_enrol(lab, &domain->node, "n1", DC_ROLE_SG, "");
	for (i = 0; i < 3; i++) {
		if (i)
			domain->spa[i] = domain->spa[i - 1];
		lab_enrol(lab, &domain->spa[i], "spa1", DC_ROLE_SPA, "/");
		lab_grant(lab, &domain->spa[i], "/b", DC_RIGHT_NAME, "",
			  &domain->grant[i]);
	}
	domain->trust = lab_trust(lab, &domain->node, NULL, 0);
}

static uint32_t count_ended(struct dc_trust *trust)
{
	struct dc_hash ended;
	uint32_t n = 0;

	while (dc_trust_ended(trust, &ended, 0))
		n++;
	return n;
}

static const uint8_t *current_key(const struct domain *domain)
{
	struct dc_node_id id = lab_id("spa1");

	return dc_trust_cert_of_node(domain->trust, &id)->key;
}

static bool is_current(const struct domain *domain, int number)
{
	struct dc_object object;
	struct dc_cert cert;

	dc_object_read(&object, domain->spa[number].cert,
		       domain->spa[number].cert_len, NULL);
	dc_cert_read(&cert, &object);
	return !memcmp(current_key(domain), cert.key, DC_KEY_BYTES);
}

static void two_keys_overlap(void **state)
{
	struct domain domain;

	(void)state;
	make(&domain);
	assert_int_equal(give_cert(domain.trust, &domain.spa[0]), DC_VALID);
	assert_int_equal(give(domain.trust, &domain.grant[0]), DC_VALID);
	assert_int_equal(give_cert(domain.trust, &domain.spa[1]), DC_VALID);
	assert_true(is_current(&domain, 1));
	assert_int_equal(announce(domain.trust, &domain.grant[0]), DC_VALID);
	assert_int_equal(give(domain.trust, &domain.grant[0]), DC_VALID);
	assert_int_equal(give(domain.trust, &domain.grant[1]), DC_VALID);
	assert_int_equal(count_ended(domain.trust), 0);
	/* The third ends the first, with what it signed. */
	assert_int_equal(give_cert(domain.trust, &domain.spa[2]), DC_VALID);
	assert_int_equal(announce(domain.trust, &domain.grant[0]), DC_EXPIRED);
	assert_int_equal(announce(domain.trust, &domain.grant[1]), DC_VALID);
	assert_int_equal(count_ended(domain.trust), 2);
	assert_int_equal(give_cert(domain.trust, &domain.spa[0]), DC_EXPIRED);
	assert_int_equal(give_cert(domain.trust, &domain.spa[1]), DC_VALID);
	assert_true(is_current(&domain, 2));
	dc_trust_free(domain.trust);
}

/* Whatever order they come in, the two newest count. */
static void order_does_not_matter(void **state)
{
	static const uint8_t orders[6][3] = {
		{ 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 },
		{ 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 },
	};
	struct domain domain;
	int order, i;

	(void)state;
	for (order = 0; order < 6; order++) {
		make(&domain);
		for (i = 0; i < 3; i++)
			give_cert(domain.trust, &domain.spa[orders[order][i]]);
		assert_true(is_current(&domain, 2));
		assert_int_equal(give(domain.trust, &domain.grant[2]),
				 DC_VALID);
		assert_int_equal(give(domain.trust, &domain.grant[1]),
				 DC_VALID);
		assert_int_not_equal(give(domain.trust, &domain.grant[0]),
				     DC_VALID);
		dc_trust_free(domain.trust);
	}
}

/* The same key certified anew: nothing of what it signed is lost. */
static void a_renewed_key_stays(void **state)
{
	struct dc_identity renewed;
	struct dc_object object;
	struct domain domain;
	struct dc_cert cert;

	(void)state;
	make(&domain);
	renewed = domain.spa[0];
	dc_object_read(&object, renewed.cert, renewed.cert_len, NULL);
	dc_cert_read(&cert, &object);
	cert.max_lsas = 5;
	assert_int_equal(give_cert(domain.trust, &domain.spa[0]), DC_VALID);
	assert_int_equal(give(domain.trust, &domain.grant[0]), DC_VALID);
	lab_certify(&domain.lab, &renewed, "spa1", 2, &cert);
	assert_int_equal(give_cert(domain.trust, &renewed), DC_VALID);
	assert_int_equal(announce(domain.trust, &domain.grant[0]), DC_VALID);
	assert_int_equal(give(domain.trust, &domain.grant[0]), DC_VALID);
	/* The old certificate, and nothing else. */
	assert_int_equal(count_ended(domain.trust), 1);
	assert_int_equal(give_cert(domain.trust, &domain.spa[0]), DC_EXPIRED);
	/* And the key is this node's only. */
	lab_certify(&domain.lab, &renewed, "spa9", 3, &cert);
	assert_int_equal(give_cert(domain.trust, &renewed), DC_NOT_ALLOWED);
	dc_trust_free(domain.trust);
}

/* ---- anchor ------------------------------------------------------------ */

struct anchors {
	struct samples samples;
	struct lab next;	/* as the lab, with the next anchor's key */
	struct lab_object introduce;
	struct lab_object rotate;
	struct dc_identity old, young;
	struct dc_trust *trust;
};

static void make_anchors(struct anchors *anchors)
{
	struct samples *samples = &anchors->samples;

	memset(anchors, 0, sizeof(*anchors));
	samples_make(samples, &dc_ed25519);
	anchors->next = samples->lab;
	memcpy(anchors->next.anchor, samples->next, DC_KEY_BYTES);
	memcpy(anchors->next.anchor_secret, samples->next_secret,
	       DC_SECRET_BYTES);
	anchors->next.seed += 1000;
	anchors->introduce = samples->object[SAMPLE_ANCHOR];
	samples_anchor(&samples->lab, 2, samples->next, NULL,
		       samples->next_secret, &anchors->rotate);
	lab_enrol(&samples->lab, &anchors->old, "old", DC_ROLE_SG, "");
	lab_enrol(&anchors->next, &anchors->young, "young", DC_ROLE_SG, "");
	anchors->trust = samples_trust(samples);
}

static void an_anchor_changes_in_two_steps(void **state)
{
	struct dc_node_id old = lab_id("old"), young = lab_id("young");
	struct anchors a;

	(void)state;
	make_anchors(&a);
	assert_int_equal(give_cert(a.trust, &a.old), DC_VALID);
	assert_int_equal(give_cert(a.trust, &a.young), DC_UNKNOWN);
	/* The second step before the first. */
	assert_int_equal(give(a.trust, &a.rotate), DC_UNKNOWN);
	assert_int_equal(give(a.trust, &a.introduce), DC_VALID);
	assert_int_equal(give_cert(a.trust, &a.young), DC_VALID);
	assert_non_null(dc_trust_cert_of_node(a.trust, &old));
	assert_int_equal(count_ended(a.trust), 0);
	assert_int_equal(give(a.trust, &a.rotate), DC_VALID);
	assert_null(dc_trust_cert_of_node(a.trust, &old));
	assert_non_null(dc_trust_cert_of_node(a.trust, &young));
	/* All but the young one's: two SPAs' samples, its own, the old. */
	assert_int_equal(count_ended(a.trust), 4);
	/* The key that left cannot come back. */
	assert_int_equal(give(a.trust, &a.introduce), DC_UNKNOWN);
	dc_trust_free(a.trust);
}

static void an_anchor_changes_with_both_keys_only(void **state)
{
	uint8_t other[DC_KEY_BYTES], other_secret[DC_SECRET_BYTES];
	struct lab_object change;
	struct anchors a;
	struct lab *lab = &a.samples.lab;

	(void)state;
	make_anchors(&a);
	lab_keypair(lab, other, other_secret);
	/* Proven by a key that is not the new one. */
	samples_anchor(lab, 1, lab->anchor, a.samples.next, other_secret,
		       &change);
	assert_int_equal(give(a.trust, &change), DC_FORGED);
	/* Both new; the current one gone; no change at all. */
	samples_anchor(lab, 1, other, a.samples.next, a.samples.next_secret,
		       &change);
	assert_int_equal(give(a.trust, &change), DC_UNKNOWN);
	samples_anchor(lab, 1, other, NULL, other_secret, &change);
	assert_int_equal(give(a.trust, &change), DC_UNKNOWN);
	samples_anchor(lab, 1, lab->anchor, NULL, lab->anchor_secret, &change);
	assert_int_equal(give(a.trust, &change), DC_UNKNOWN);
	/* Signed by the next, not by the current. */
	assert_int_equal(give(a.trust, &a.introduce), DC_VALID);
	samples_anchor(&a.next, 2, a.samples.next, NULL, lab->anchor_secret,
		       &change);
	assert_int_equal(give(a.trust, &change), DC_NOT_ALLOWED);
	/* A number that was used: heard, and nothing follows. */
	samples_anchor(lab, 1, a.samples.next, NULL, a.samples.next_secret,
		       &change);
	assert_int_equal(give(a.trust, &change), DC_VALID);
	assert_int_equal(give_cert(a.trust, &a.old), DC_VALID);
	dc_trust_free(a.trust);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_keys_overlap),
		cmocka_unit_test(order_does_not_matter),
		cmocka_unit_test(a_renewed_key_stays),
		cmocka_unit_test(an_anchor_changes_in_two_steps),
		cmocka_unit_test(an_anchor_changes_with_both_keys_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
