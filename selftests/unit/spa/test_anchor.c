// SPDX-License-Identifier: GPL-2.0
/* What the anchor's commands write is what nodes' trust believes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "identity_file.h"
#include "spa_tool.h"
#include "trust.h"

#define WORDS_MAX 16

/* Run a command with words of @line: its exit code. */
static int run(int (*command)(struct tool *tool), const char *line)
{
	char copy[512], *words[WORDS_MAX], *at = NULL, *word;
	struct tool tool = { .next = words };
	int ret;

	snprintf(copy, sizeof(copy), "%s", line);
	for (word = strtok_r(copy, " ", &at); word;
	     word = strtok_r(NULL, " ", &at))
		words[tool.left++] = word;
	ret = command(&tool);
	json_decref(tool.rows);
	return ret;
}

static int setup(void **state)
{
	char *dir = strdup("/tmp/damc-spa-XXXXXX");

	assert_non_null(mkdtemp(dir));
	assert_int_equal(chdir(dir), 0);
	*state = dir;
	assert_int_equal(run(cmd_anchor, "new A lab"), 0);
	assert_int_equal(run(cmd_key, "new n1"), 0);
	assert_int_equal(run(cmd_enrol,
			     "n1 role sg request n1/request anchor A out o"),
			 0);
	assert_int_equal(run(cmd_join, "n1 o"), 0);
	return 0;
}

static int teardown(void **state)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", (char *)*state);
	assert_int_equal(chdir("/"), 0);
	assert_int_equal(system(command), 0);
	free(*state);
	return 0;
}

static struct dc_trust *trust_of(const char *dir)
{
	struct dc_identity identity;
	char why[DC_WHY_MAX];

	assert_int_equal(dc_identity_load(&identity, dir, why), 0);
	return dc_trust_new(&identity, &dc_ed25519, 0, tool_wall_ms());
}

static enum dc_verdict verdict(struct dc_trust *trust, const char *path)
{
	char bytes[DC_FILE_MAX], why[DC_WHY_MAX];
	struct dc_object object;
	int len = dc_file_read(path, bytes, false, why);

	assert_true(len > 0);
	return dc_trust_check(trust, bytes, len, &object, 0);
}

static void enrolled(void **state)
{
	struct dc_trust *trust = trust_of("n1");

	(void)state;
	assert_non_null(trust);
	assert_int_equal(run(cmd_key, "new n2"), 0);
	assert_int_equal(run(cmd_enrol,
			     "n2 role sr request n2/request anchor A"), 0);
	assert_int_equal(verdict(trust, "n2/cert.damc"), DC_VALID);
	dc_trust_free(trust);
}

/* Through both steps, the nodes follow; what was not renewed ends. */
static void rotated(void **state)
{
	struct dc_trust *trust = trust_of("n1");

	(void)state;
	assert_int_equal(run(cmd_anchor, "rotate A"), 0);
	assert_int_equal(verdict(trust, "A/change-2.damc"), DC_VALID);
	assert_int_equal(run(cmd_key, "new n2"), 0);
	assert_int_equal(run(cmd_enrol,
			     "n2 role sr request n2/request anchor A"), 0);
	assert_int_equal(verdict(trust, "n2/cert.damc"), DC_VALID);
	assert_int_equal(run(cmd_anchor, "rotate A"), 0);
	assert_int_equal(verdict(trust, "A/change-4.damc"), DC_VALID);
	assert_int_equal(verdict(trust, "n2/cert.damc"), DC_VALID);
	assert_int_not_equal(verdict(trust, "o/cert.damc"), DC_VALID);
	dc_trust_free(trust);
	/* A change that was made before is none any more. */
	assert_int_equal(run(cmd_enrol,
			     "n1 role sg request n1/request anchor A out o"),
			 0);
	assert_int_equal(run(cmd_join, "n1 o"), 0);
	trust = trust_of("n1");
	assert_non_null(trust);
	assert_int_not_equal(verdict(trust, "A/change-2.damc"), DC_VALID);
	dc_trust_free(trust);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(enrolled, setup, teardown),
		cmocka_unit_test_setup_teardown(rotated, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
