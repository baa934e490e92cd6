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
#include "killed.h"
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

/* ---- kill -9 ----------------------------------------------------------- */

/* Numbers of changes, beyond any that these tests reach. */
#define CHANGES_MAX 16

static int one_step(void *arg)
{
	(void)arg;
	return run(cmd_anchor, "rotate A");
}

static void load_anchor(struct dc_identity *identity)
{
	char why[DC_WHY_MAX];

	assert_int_equal(dc_anchor_load(identity, "A/anchor.txt", why), 0);
}

/* A node that had all changes there are, in turn, believes who was enrolled now. */
static void nodes_follow(void)
{
	struct dc_trust *trust = trust_of("n1");
	char path[64];
	int i;

	assert_non_null(trust);
	assert_int_equal(run(cmd_enrol,
			     "n2 role sr request n2/request anchor A"), 0);
	for (i = 0; i < CHANGES_MAX; i++) {
		snprintf(path, sizeof(path), "A/change-%d.damc", i);
		if (!access(path, F_OK))
			assert_int_equal(verdict(trust, path), DC_VALID);
	}
	assert_int_equal(verdict(trust, "n2/cert.damc"), DC_VALID);
	dc_trust_free(trust);
}

/* Whatever was left is all of a step, or none of it; and the change of keys goes on. */
static void rotate_on(const struct dc_identity *first)
{
	struct dc_identity now;
	int steps;

	nodes_follow();
	for (steps = 0; steps < 2; steps++) {
		load_anchor(&now);
		if (memcmp(now.anchor[0], first->anchor[0], DC_KEY_BYTES))
			break;
		assert_int_equal(one_step(NULL), 0);
		nodes_follow();
	}
	load_anchor(&now);
	assert_memory_not_equal(now.anchor[0], first->anchor[0], DC_KEY_BYTES);
}

/* A step of the two, ended before each of its changes to a file. */
static void step_killed(void)
{
	struct dc_identity first;
	unsigned int kills = 0;

	load_anchor(&first);
	assert_int_equal(system("cp -a A B"), 0);
	while (killed_before(kills, one_step, NULL)) {
		kills++;
		rotate_on(&first);
		assert_int_equal(system("rm -r A && cp -a B A"), 0);
	}
	rotate_on(&first);
	printf("ended before %u changes\n", kills);
	/* The key, the change, anchor.txt, the log, the store: each is one at least. */
	assert_true(kills > 5);
}

static void rotate_killed(void **state)
{
	(void)state;
	assert_int_equal(run(cmd_key, "new n2"), 0);
	step_killed();
}

static void second_rotate_killed(void **state)
{
	(void)state;
	assert_int_equal(run(cmd_key, "new n2"), 0);
	assert_int_equal(one_step(NULL), 0);
	step_killed();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(enrolled, setup, teardown),
		cmocka_unit_test_setup_teardown(rotated, setup, teardown),
		cmocka_unit_test_setup_teardown(rotate_killed, setup, teardown),
		cmocka_unit_test_setup_teardown(second_rotate_killed, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
