// SPDX-License-Identifier: GPL-2.0
/* What is wrong with a request is told, whatever it quotes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "class1_json.h"

/* A problem as it goes out: its status, or the test fails. */
static int told(const char *body)
{
	struct class1_problem problem;
	struct dc_reg_want want;
	json_t *json;

	assert_false(class1_want(&want, body, strlen(body), &problem));
	json = class1_problem_json(&problem);
	assert_non_null(json);
	assert_non_null(json_object_get(json, "message"));
	json_decref(json);
	return problem.status;
}

/* A key of letters of two bytes, which is cut in the middle of one, or is not. */
static void key_is_cut(void **state)
{
	char key[128], body[256];
	int i;

	(void)state;
	for (i = 0; i + 2 < (int)sizeof(key); i += 2)
		memcpy(key + i, "\u00e9", 2);
	key[i] = '\0';
	for (i = 0; i < 4; i++) {
		snprintf(body, sizeof(body), "{\"%.*s%s\": 1}", i, "aaaa", key);
		assert_int_equal(told(body), 400);
	}
}

static void no_json(void **state)
{
	(void)state;
	assert_int_equal(told("{\"name\": \xff}"), 400);
	assert_int_equal(told("[1]"), 400);
	assert_int_equal(told(""), 400);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(key_is_cut),
		cmocka_unit_test(no_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
