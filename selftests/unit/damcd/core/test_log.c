// SPDX-License-Identifier: GPL-2.0
/* The log's words as JSON. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "log.h"

/* What becomes of @words: an object, or NULL if it is none. */
static json_t *json_of(const char *words)
{
	char *text = log_json("2026-01-02T03:04:05.000006Z", LOG_WARNING,
			      "event-name", words);
	json_t *json;

	assert_non_null(text);
	assert_null(strchr(text, '\n'));
	json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	free(text);
	assert_non_null(json);
	return json;
}

static void is(json_t *json, const char *key, const char *want)
{
	const char *have = json_string_value(json_object_get(json, key));

	assert_non_null(have);
	assert_string_equal(have, want);
}

static void test_plain(void **state)
{
	json_t *json = json_of("name=/b/4 link=7 why=");

	(void)state;
	assert_int_equal(json_object_size(json), 6);
	is(json, "time", "2026-01-02T03:04:05.000006Z");
	is(json, "level", "warning");
	is(json, "event", "event-name");
	is(json, "name", "/b/4");
	is(json, "link", "7");
	is(json, "why", "");
	json_decref(json);
	json = json_of("");
	assert_int_equal(json_object_size(json), 3);
	json_decref(json);
}

static void test_quoted(void **state)
{
	json_t *json = json_of("error=\"No such file\" hint=\"\" after=3ms");

	(void)state;
	is(json, "error", "No such file");
	is(json, "hint", "");
	is(json, "after", "3ms");
	json_decref(json);
	/* Others' words are in quotes as they are. */
	json = json_of("reason=\"no \"x\" there\" dev=a");
	is(json, "reason", "no \"x\" there");
	is(json, "dev", "a");
	json_decref(json);
	/* Cut off: what there is of it. */
	json = json_of("reason=\"no end");
	is(json, "reason", "no end");
	json_decref(json);
}

static void test_bytes(void **state)
{
	json_t *json = json_of("a=\"x\ny\" b=\xff\xfe c=\xc3\xa4");

	(void)state;
	is(json, "a", "x\ny");
	is(json, "b", "??");
	is(json, "c", "\xc3\xa4");
	json_decref(json);
	json = json_of("no words at all");
	is(json, "words", "no words at all");
	json_decref(json);
}

static void test_names(void **state)
{
	(void)state;
	assert_int_equal(log_format_of("json"), LOG_JSON);
	assert_int_equal(log_format_of("logfmt"), LOG_LOGFMT);
	assert_int_equal(log_format_of("xml"), -1);
	assert_int_equal(log_level_of("debug"), LOG_DEBUG);
	assert_int_equal(log_level_of("loud"), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_quoted),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
