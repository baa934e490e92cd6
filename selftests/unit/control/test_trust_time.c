// SPDX-License-Identifier: GPL-2.0
/*
 * Domain time: before a beacon, by beacons, never backwards; and what ends by
 * it.
 */
#include <string.h>

#include "check.h"
#include "lab.h"

#define S_US 1000000ull
#define DAY_MS (24 * 3600 * 1000ull)

struct domain {
	struct lab lab;
	struct dc_identity spa, spa2, node;
	struct dc_trust *trust;
};

/* The node starts with a clock that is @skew_ms off. */
static void make(struct domain *domain, int64_t skew_ms)
{
	struct lab *lab = &domain->lab;

	memset(domain, 0, sizeof(*domain));
	lab_init(lab, &dc_stand_in, 5);
	lab_enrol(lab, &domain->spa, "spa1", DC_ROLE_SPA, "/");
	lab_enrol(lab, &domain->spa2, "spa2", DC_ROLE_SPA, "/");
	lab_enrol(lab, &domain->node, "n1", DC_ROLE_SG, "");
	domain->trust = dc_trust_new(&domain->node, lab->crypto, 0,
				     LAB_TIME_MS + skew_ms);
	assert_non_null(domain->trust);
}

static enum dc_verdict give(struct domain *domain, const void *bytes,
			    size_t len, uint64_t now_us)
{
	struct dc_object object;

	return dc_trust_check(domain->trust, bytes, len, &object, now_us);
}

static void enter_spas(struct domain *domain)
{
	assert_int_equal(give(domain, domain->spa.cert, domain->spa.cert_len,
			      0), DC_VALID);
	assert_int_equal(give(domain, domain->spa2.cert, domain->spa2.cert_len,
			      0), DC_VALID);
}

/* A beacon of @ms after the domain's beginning, heard at @now_us. */
static enum dc_verdict beacon(struct domain *domain,
			      const struct dc_identity *spa, uint64_t ms,
			      uint64_t now_us)
{
	struct lab_object object;

	domain->lab.time_ms = LAB_TIME_MS + ms;
	lab_beacon(&domain->lab, spa, &object);
	return give(domain, object.bytes, object.len, now_us);
}

static uint64_t time_at(const struct domain *domain, uint64_t now_us)
{
	return dc_trust_time(domain->trust, now_us) - LAB_TIME_MS;
}

static enum dc_verdict announce(struct domain *domain,
				const struct lab_object *grant, uint64_t now_us)
{
	struct dc_prefix prefix = lab_prefix("/b", DC_RIGHT_NAME, grant);
	struct dc_node_id id = lab_id("n1");

	return dc_trust_prefix(domain->trust, &id, &prefix, now_us);
}

static void before_a_beacon_it_is_a_guess(void **state)
{
	struct domain domain;

	(void)state;
	make(&domain, 5000);
	assert_int_equal(time_at(&domain, 0), 5000);
	assert_int_equal(time_at(&domain, 7 * S_US), 12000);
	assert_int_equal(dc_trust_beacon_age(domain.trust, 7 * S_US),
			 UINT32_MAX);
	dc_trust_free(domain.trust);
	/* A clock that is behind: not before the certificate was issued. */
	make(&domain, -(int64_t)LAB_TIME_MS);
	assert_int_equal(time_at(&domain, 0), 0);
	dc_trust_free(domain.trust);
}

static void a_beacon_tells(void **state)
{
	struct dc_trust_counts counts;
	struct domain domain;

	(void)state;
	make(&domain, 1000);
	enter_spas(&domain);
	assert_int_equal(beacon(&domain, &domain.spa, 60000, 2 * S_US),
			 DC_VALID);
	assert_int_equal(time_at(&domain, 2 * S_US), 60000);
	assert_int_equal(time_at(&domain, 12 * S_US), 70000);
	assert_int_equal(dc_trust_beacon_age(domain.trust, 12 * S_US), 10);
	dc_trust_counts(domain.trust, &counts);
	assert_int_equal(counts.skew_ms, 57000);
	dc_trust_free(domain.trust);
}

static void it_never_goes_back(void **state)
{
	uint64_t last = 0, now_us, t;
	struct domain domain;
	int i;

	(void)state;
	make(&domain, 0);
	enter_spas(&domain);
	/* Two SPAs, one 10 s behind, beacons of all kinds of delays. */
	for (i = 1; i < 200; i++) {
		now_us = i * 30 * S_US + check_below(20 * S_US);
		assert_int_equal(beacon(&domain, i % 2 ? &domain.spa :
					&domain.spa2, i * 30000 + 60000 -
					(i % 2 ? 0 : 10000), now_us), DC_VALID);
		t = time_at(&domain, now_us);
		assert_true(t >= last);
		/* Near what the best of them says. */
		assert_in_range(t, i * 30000 + 40000, i * 30000 + 90000);
		last = t;
	}
	dc_trust_free(domain.trust);
}

/* This host's clock is the faster one: domain time waits for the SPA's. */
static void it_stands_still_instead(void **state)
{
	struct domain domain;

	(void)state;
	make(&domain, 0);
	enter_spas(&domain);
	assert_int_equal(beacon(&domain, &domain.spa, 60000, 0), DC_VALID);
	assert_int_equal(time_at(&domain, 60 * S_US), 120000);
	assert_int_equal(beacon(&domain, &domain.spa, 110000, 60 * S_US),
			 DC_VALID);
	assert_int_equal(time_at(&domain, 60 * S_US), 120000);
	assert_int_equal(time_at(&domain, 70 * S_US), 120000);
	assert_int_equal(time_at(&domain, 71 * S_US), 121000);
	dc_trust_free(domain.trust);
}

/* An old one again, and one of somebody who is no SPA. */
static void old_beacons_change_nothing(void **state)
{
	struct lab_object old;
	struct domain domain;

	(void)state;
	make(&domain, 0);
	enter_spas(&domain);
	lab_beacon(&domain.lab, &domain.spa, &old);
	assert_int_equal(give(&domain, old.bytes, old.len, 0), DC_VALID);
	assert_int_equal(beacon(&domain, &domain.spa, 60000, 60 * S_US),
			 DC_VALID);
	assert_int_equal(give(&domain, old.bytes, old.len, 90 * S_US),
			 DC_VALID);
	assert_int_equal(time_at(&domain, 90 * S_US), 90000);
	assert_int_equal(dc_trust_beacon_age(domain.trust, 90 * S_US), 30);
	assert_int_equal(beacon(&domain, &domain.node, 120000, 90 * S_US),
			 DC_NOT_ALLOWED);
	/* In the end it is too old. */
	assert_int_equal(give(&domain, old.bytes, old.len,
			      31 * 86400 * S_US), DC_EXPIRED);
	dc_trust_free(domain.trust);
}

#define HOUR_MS (3600 * 1000ull)
/* Of the lab's beacons. */
#define LIFE_MS (30 * DAY_MS)

/* Of @ms after the beginning, heard at @now_us, with so much of its life left. */
static void old_beacon(struct domain *domain, const struct dc_identity *spa,
		       uint64_t ms, uint64_t left_ms, uint64_t now_us)
{
	struct lab_object bytes;
	struct dc_object object;

	domain->lab.time_ms = LAB_TIME_MS + ms;
	lab_beacon(&domain->lab, spa, &bytes);
	assert_int_equal(dc_trust_check(domain->trust, bytes.bytes, bytes.len,
					&object, now_us), DC_VALID);
	dc_trust_beacon_left(domain->trust, &object, left_ms, now_us);
}

/* SPAs are silent for 13 h; this clock is wrong, a neighbour's was put right. */
static void a_neighbour_tells_how_old(void **state)
{
	static const int64_t skew_ms[] = { -5 * DAY_MS, 0, 5 * DAY_MS };
	struct lab_object grant;
	struct domain domain;
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		make(&domain, skew_ms[i]);
		lab_grant(&domain.lab, &domain.spa, "/b", DC_RIGHT_NAME, "",
			  &grant);
		enter_spas(&domain);
		old_beacon(&domain, &domain.spa, 1000,
			   LIFE_MS - 13 * HOUR_MS, S_US);
		assert_int_equal(time_at(&domain, S_US), 1000 + 13 * HOUR_MS);
		assert_int_equal(time_at(&domain, 2 * S_US),
				 2000 + 13 * HOUR_MS);
		/* As he tells it to the next. */
		assert_int_equal(dc_trust_heard_time(domain.trust, 2 * S_US),
				 LAB_TIME_MS + 2000 + 13 * HOUR_MS);
		assert_int_equal(dc_trust_beacon_age(domain.trust, 2 * S_US),
				 13 * 3600 + 1);
		assert_int_equal(give(&domain, grant.bytes, grant.len, 2 * S_US),
				 DC_VALID);
		dc_trust_free(domain.trust);
	}
}

/* He may lie: no more than the beacon lasts, and until an SPA speaks again. */
static void a_neighbours_word_is_the_spas_to_mend(void **state)
{
	struct lab_object grant;
	struct domain domain;

	(void)state;
	make(&domain, 0);
	lab_grant(&domain.lab, &domain.spa, "/b", DC_RIGHT_NAME, "", &grant);
	enter_spas(&domain);
	old_beacon(&domain, &domain.spa, 1000, 0, S_US);
	assert_int_equal(time_at(&domain, S_US), 1000 + LIFE_MS);
	/* Longer than it lasts at all: it is new, as far as he knows. */
	old_beacon(&domain, &domain.spa, 61000, LIFE_MS + 1, 61 * S_US);
	assert_int_equal(time_at(&domain, 61 * S_US), 61000);
	assert_int_equal(give(&domain, grant.bytes, grant.len, 61 * S_US),
			 DC_VALID);
	/* And it is the SPA's word from now on. */
	old_beacon(&domain, &domain.spa, 121000, LIFE_MS - HOUR_MS, 121 * S_US);
	assert_int_equal(time_at(&domain, 121 * S_US), 121000);
	old_beacon(&domain, &domain.spa2, 121001, LIFE_MS - HOUR_MS,
		   121 * S_US);
	assert_int_equal(time_at(&domain, 121 * S_US), 121001);
	dc_trust_free(domain.trust);
}

/* Of two SPAs' last words the newer one counts, whichever comes first. */
static void the_newest_of_old_beacons_counts(void **state)
{
	struct domain domain;
	int newer_first;

	(void)state;
	for (newer_first = 0; newer_first < 2; newer_first++) {
		make(&domain, 0);
		enter_spas(&domain);
		if (newer_first)
			old_beacon(&domain, &domain.spa2, 2 * HOUR_MS,
				   LIFE_MS - HOUR_MS, S_US);
		old_beacon(&domain, &domain.spa, HOUR_MS,
			   LIFE_MS - 2 * HOUR_MS, S_US);
		if (!newer_first)
			old_beacon(&domain, &domain.spa2, 2 * HOUR_MS,
				   LIFE_MS - HOUR_MS, S_US);
		assert_int_equal(time_at(&domain, S_US), 3 * HOUR_MS);
		dc_trust_free(domain.trust);
	}
}

/* A clock two years ahead: all seems expired, until the first beacon. */
static void the_first_beacon_puts_right(void **state)
{
	struct lab_object grant;
	struct domain domain;
	struct dc_hash ended;

	(void)state;
	make(&domain, 730 * DAY_MS);
	lab_grant(&domain.lab, &domain.spa, "/b", DC_RIGHT_NAME, "", &grant);
	enter_spas(&domain);
	assert_int_equal(announce(&domain, &grant, 0), DC_EXPIRED);
	assert_int_equal(give(&domain, grant.bytes, grant.len, 0), DC_EXPIRED);
	while (dc_trust_ended(domain.trust, &ended, 0))
		;
	assert_int_equal(beacon(&domain, &domain.spa, 1000, S_US), DC_VALID);
	assert_int_equal(time_at(&domain, S_US), 1000);
	assert_int_equal(give(&domain, grant.bytes, grant.len, S_US), DC_VALID);
	assert_int_equal(announce(&domain, &grant, S_US), DC_VALID);
	assert_false(dc_trust_ended(domain.trust, &ended, S_US));
	dc_trust_free(domain.trust);
}

static void grants_end(void **state)
{
	struct lab_object grant, longer;
	struct domain domain;
	struct dc_hash ended;

	(void)state;
	make(&domain, 0);
	enter_spas(&domain);
	domain.lab.life_ms = 10000;
	lab_grant(&domain.lab, &domain.spa, "/b", DC_RIGHT_NAME, "", &grant);
	domain.lab.life_ms = 20000;
	lab_grant(&domain.lab, &domain.spa, "/b", DC_RIGHT_NAME, "", &longer);
	assert_int_equal(give(&domain, longer.bytes, longer.len, 0), DC_VALID);
	assert_int_equal(give(&domain, grant.bytes, grant.len, 0), DC_VALID);
	assert_int_equal(announce(&domain, &grant, 10 * S_US - 1000), DC_VALID);
	assert_false(dc_trust_ended(domain.trust, &ended, 10 * S_US - 1000));
	assert_int_equal(announce(&domain, &grant, 10 * S_US), DC_EXPIRED);
	assert_int_equal(announce(&domain, &longer, 10 * S_US), DC_VALID);
	assert_true(dc_trust_ended(domain.trust, &ended, 10 * S_US));
	assert_memory_equal(&ended, &grant.hash, sizeof(ended));
	assert_false(dc_trust_ended(domain.trust, &ended, 10 * S_US));
	assert_int_equal(give(&domain, grant.bytes, grant.len, 11 * S_US),
			 DC_EXPIRED);
	/* A beacon can end more at once. */
	assert_int_equal(beacon(&domain, &domain.spa, 20000, 12 * S_US),
			 DC_VALID);
	assert_true(dc_trust_ended(domain.trust, &ended, 12 * S_US));
	assert_memory_equal(&ended, &longer.hash, sizeof(ended));
	dc_trust_free(domain.trust);
}

/* To the microsecond, whatever a beacon makes of the clock meanwhile. */
static void it_says_when_to_ask(void **state)
{
	const uint64_t odd = 2 * S_US + 172;
	struct lab_object grant;
	struct domain domain;
	struct dc_hash ended;
	uint64_t next;

	(void)state;
	make(&domain, 0);
	enter_spas(&domain);
	domain.lab.life_ms = 10000;
	lab_grant(&domain.lab, &domain.spa, "/b", DC_RIGHT_NAME, "", &grant);
	assert_int_equal(give(&domain, grant.bytes, grant.len, 0), DC_VALID);
	assert_true(dc_trust_next(domain.trust) == 10 * S_US);
	assert_int_equal(beacon(&domain, &domain.spa, 2000, odd), DC_VALID);
	assert_true(dc_trust_next(domain.trust) == 8 * S_US + odd);
	assert_int_equal(beacon(&domain, &domain.spa, 5500, 2 * odd), DC_VALID);
	next = dc_trust_next(domain.trust);
	assert_true(next == 4500 * 1000 + 2 * odd);
	assert_false(dc_trust_ended(domain.trust, &ended, next - 1));
	assert_true(dc_trust_next(domain.trust) == next);
	assert_true(dc_trust_ended(domain.trust, &ended, next));
	assert_true(dc_trust_next(domain.trust) > 300 * 86400 * S_US);
	dc_trust_free(domain.trust);
}

/* By a beacon that tells a later time: at once. */
static void it_says_that_something_ended(void **state)
{
	struct lab_object grant;
	struct domain domain;
	struct dc_hash ended;

	(void)state;
	make(&domain, 0);
	enter_spas(&domain);
	domain.lab.life_ms = 10000;
	lab_grant(&domain.lab, &domain.spa, "/b", DC_RIGHT_NAME, "", &grant);
	assert_int_equal(give(&domain, grant.bytes, grant.len, 0), DC_VALID);
	assert_int_equal(beacon(&domain, &domain.spa, 20000, S_US), DC_VALID);
	assert_true(dc_trust_next(domain.trust) <= S_US);
	assert_true(dc_trust_ended(domain.trust, &ended, S_US));
	dc_trust_free(domain.trust);
}

static void certificates_end(void **state)
{
	struct dc_identity brief = { 0 };
	struct lab_object grant;
	struct dc_node_id id = lab_id("brief");
	struct domain domain;
	struct dc_hash ended;
	int n = 0;

	(void)state;
	make(&domain, 0);
	domain.lab.cert_life_ms = 5000;
	lab_enrol(&domain.lab, &brief, "brief", DC_ROLE_SPA, "/b");
	assert_int_equal(give(&domain, brief.cert, brief.cert_len, 0),
			 DC_VALID);
	lab_grant(&domain.lab, &brief, "/b", DC_RIGHT_NAME, "", &grant);
	assert_int_equal(give(&domain, grant.bytes, grant.len, 0), DC_VALID);
	assert_non_null(dc_trust_cert_of_node(domain.trust, &id));
	while (dc_trust_ended(domain.trust, &ended, 5 * S_US))
		n++;
	assert_int_equal(n, 2);
	assert_null(dc_trust_cert_of_node(domain.trust, &id));
	assert_int_equal(announce(&domain, &grant, 5 * S_US), DC_EXPIRED);
	assert_int_equal(give(&domain, grant.bytes, grant.len, 5 * S_US),
			 DC_EXPIRED);
	dc_trust_free(domain.trust);
}

/* Its certificate ran out, and was renewed with the same key. */
static void grants_come_back_with_their_spa(void **state)
{
	struct lab_object grant;
	struct dc_identity brief;
	struct dc_object object;
	struct domain domain;
	struct dc_cert cert;
	struct dc_hash ended;
	int told, n = 0;

	(void)state;
	for (told = 0; told < 2; told++) {
		memset(&brief, 0, sizeof(brief));
		make(&domain, 0);
		domain.lab.cert_life_ms = 5000;
		lab_enrol(&domain.lab, &brief, "brief", DC_ROLE_SPA, "/b");
		give(&domain, brief.cert, brief.cert_len, 0);
		lab_grant(&domain.lab, &brief, "/b", DC_RIGHT_NAME, "", &grant);
		give(&domain, grant.bytes, grant.len, 0);
		assert_int_equal(announce(&domain, &grant, 5 * S_US),
				 DC_EXPIRED);
		while (told && dc_trust_ended(domain.trust, &ended, 5 * S_US))
			n++;
		dc_object_read(&object, brief.cert, brief.cert_len, NULL);
		dc_cert_read(&cert, &object);
		domain.lab.cert_life_ms = 50000;
		lab_certify(&domain.lab, &brief, "brief", 9, &cert);
		assert_int_equal(give(&domain, brief.cert, brief.cert_len,
				      6 * S_US), DC_VALID);
		assert_int_equal(give(&domain, grant.bytes, grant.len,
				      6 * S_US), DC_VALID);
		assert_int_equal(announce(&domain, &grant, 6 * S_US), DC_VALID);
		assert_int_equal(announce(&domain, &grant, 50 * S_US),
				 DC_EXPIRED);
		dc_trust_free(domain.trust);
	}
	assert_int_equal(n, 2);
}

/* As long as what it ended would have lasted, and somewhat longer. */
static void revocations_are_kept(void **state)
{
	struct lab_object grant, revocation;
	struct dc_trust_counts counts;
	struct domain domain;
	struct dc_hash ended;

	(void)state;
	make(&domain, 0);
	enter_spas(&domain);
	domain.lab.life_ms = 10000;
	lab_grant(&domain.lab, &domain.spa, "/b", DC_RIGHT_NAME, "", &grant);
	lab_revoke(&domain.lab, &domain.spa, grant.bytes, grant.len,
		   &revocation);
	assert_int_equal(give(&domain, revocation.bytes, revocation.len, 0),
			 DC_VALID);
	assert_int_equal(give(&domain, grant.bytes, grant.len, 9 * S_US),
			 DC_REVOKED);
	dc_trust_counts(domain.trust, &counts);
	assert_int_equal(counts.revocations, 1);
	assert_false(dc_trust_ended(domain.trust, &ended, 129 * S_US));
	dc_trust_counts(domain.trust, &counts);
	assert_int_equal(counts.revocations, 1);
	assert_false(dc_trust_ended(domain.trust, &ended, 130 * S_US));
	dc_trust_counts(domain.trust, &counts);
	assert_int_equal(counts.revocations, 0);
	assert_int_equal(give(&domain, revocation.bytes, revocation.len,
			      130 * S_US), DC_EXPIRED);
	assert_int_equal(give(&domain, grant.bytes, grant.len, 130 * S_US),
			 DC_EXPIRED);
	dc_trust_free(domain.trust);
}

/* The digest tells who lacks a revocation. */
static void a_missing_revocation_is_noticed(void **state)
{
	struct lab_object grant, revocation;
	struct dc_trust_counts counts;
	struct domain domain;
	int i;

	(void)state;
	make(&domain, 0);
	enter_spas(&domain);
	for (i = 1; i <= 3; i++) {
		lab_grant(&domain.lab, &domain.spa, "/b", DC_RIGHT_NAME, "",
			  &grant);
		lab_revoke(&domain.lab, &domain.spa, grant.bytes, grant.len,
			   &revocation);
		assert_int_equal(beacon(&domain, &domain.spa, 2 * i * 1000,
					2 * i * S_US), DC_VALID);
		dc_trust_counts(domain.trust, &counts);
		assert_int_equal(counts.behind, 1);
		assert_int_equal(give(&domain, revocation.bytes, revocation.len,
				      2 * i * S_US), DC_VALID);
		assert_int_equal(beacon(&domain, &domain.spa, 2 * i * 1000 + 1,
					2 * i * S_US), DC_VALID);
		dc_trust_counts(domain.trust, &counts);
		assert_int_equal(counts.behind, 0);
	}
	dc_trust_free(domain.trust);
}

/* Each SPA's digest is over its own, and what it said before is no news. */
static void each_spa_counts_its_own(void **state)
{
	struct lab_object grant, revocation, early;
	struct dc_trust_counts counts;
	struct domain domain;
	struct lab other;

	(void)state;
	make(&domain, 0);
	enter_spas(&domain);
	lab_beacon(&domain.lab, &domain.spa, &early);
	other = domain.lab;
	lab_grant(&other, &domain.spa2, "/b", DC_RIGHT_NAME, "", &grant);
	lab_revoke(&other, &domain.spa2, grant.bytes, grant.len, &revocation);
	assert_int_equal(give(&domain, revocation.bytes, revocation.len, 0),
			 DC_VALID);
	assert_int_equal(give(&domain, early.bytes, early.len, 0), DC_VALID);
	dc_trust_counts(domain.trust, &counts);
	assert_int_equal(counts.behind, 0);
	lab_grant(&domain.lab, &domain.spa, "/b", DC_RIGHT_NAME, "", &grant);
	lab_revoke(&domain.lab, &domain.spa, grant.bytes, grant.len,
		   &revocation);
	assert_int_equal(beacon(&domain, &domain.spa, 1000, S_US), DC_VALID);
	assert_int_equal(give(&domain, early.bytes, early.len, S_US), DC_VALID);
	dc_trust_counts(domain.trust, &counts);
	assert_int_equal(counts.behind, 1);
	dc_trust_free(domain.trust);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(before_a_beacon_it_is_a_guess),
		cmocka_unit_test(a_beacon_tells),
		cmocka_unit_test(it_never_goes_back),
		cmocka_unit_test(it_stands_still_instead),
		cmocka_unit_test(old_beacons_change_nothing),
		cmocka_unit_test(a_neighbour_tells_how_old),
		cmocka_unit_test(a_neighbours_word_is_the_spas_to_mend),
		cmocka_unit_test(the_newest_of_old_beacons_counts),
		cmocka_unit_test(the_first_beacon_puts_right),
		cmocka_unit_test(grants_end),
		cmocka_unit_test(it_says_when_to_ask),
		cmocka_unit_test(it_says_that_something_ended),
		cmocka_unit_test(certificates_end),
		cmocka_unit_test(grants_come_back_with_their_spa),
		cmocka_unit_test(revocations_are_kept),
		cmocka_unit_test(a_missing_revocation_is_noticed),
		cmocka_unit_test(each_spa_counts_its_own),
	};

	check_seed();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
