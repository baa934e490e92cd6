// SPDX-License-Identifier: GPL-2.0
/*
 * Who may say what: roles, grants, ends, revocations, domain time, and that
 * nothing is verified twice.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lab.h"

static enum dc_verdict give(struct dc_trust *trust,
			    const struct lab_object *object, uint64_t now_us)
{
	struct dc_object read;

	return dc_trust_check(trust, object->bytes, object->len, &read, now_us);
}

static enum dc_verdict announce(struct dc_trust *trust, const char *node,
				const char *name, enum dc_right right,
				const struct lab_object *grant)
{
	struct dc_prefix prefix = lab_prefix(name, right, grant);
	struct dc_node_id id = lab_id(node);

	return dc_trust_prefix(trust, &id, &prefix, 0);
}

static void a_grant_allows(void **state)
{
	struct dc_identity spa = { 0 }, n1 = { 0 }, n2 = { 0 };
	const struct dc_identity *others[] = { &spa, &n2 };
	struct lab_object grant;
	struct dc_trust *trust;
	struct lab lab;

	(void)state;
	lab_init(&lab, &dc_ed25519, 1);
	lab_enrol(&lab, &spa, "spa1", DC_ROLE_SPA, "/");
	lab_enrol(&lab, &n1, "n1", DC_ROLE_SG, "");
	lab_enrol(&lab, &n2, "n2", DC_ROLE_SG, "");
	trust = lab_trust(&lab, &n1, others, 2);
	lab_grant(&lab, &spa, "/b", DC_RIGHT_MEMBER, "n1", &grant);
	assert_int_equal(announce(trust, "n1", "/b/4", DC_RIGHT_MEMBER, &grant),
			 DC_UNKNOWN);
	assert_int_equal(give(trust, &grant, 0), DC_VALID);
	assert_int_equal(announce(trust, "n1", "/b/4", DC_RIGHT_MEMBER, &grant),
			 DC_VALID);
	assert_int_equal(announce(trust, "n2", "/b/4", DC_RIGHT_MEMBER, &grant),
			 DC_NOT_ALLOWED);
	assert_int_equal(announce(trust, "n1", "/b/4", DC_RIGHT_MEMBER, NULL),
			 DC_NOT_ALLOWED);
	dc_trust_free(trust);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_grant_allows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
