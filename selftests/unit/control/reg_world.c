// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "reg_world.h"

static struct world_name *name_of(struct world *world,
				  const struct damc_name *name)
{
	unsigned int i;

	for (i = 0; i < world->n; i++)
		if (damc_name_equal(&world->name[i].name, name))
			return &world->name[i];
	/* Tests with more names than that look at counts only. */
	if (world->n == WORLD_NAMES)
		return NULL;
	world->name[world->n].name = *name;
	return &world->name[world->n++];
}

static void note(struct world *world, char letter)
{
	if (world->n_log < WORLD_LOG)
		world->log[world->n_log++] = letter;
}

static bool op_ask(void *arg, uint64_t ticket, const struct dc_reg_entry *entry,
		   struct dc_reg_answer *answer)
{
	struct world *world = arg;

	note(world, 'a');
	assert_int_equal(entry->ticket, ticket);
	world->asked = ticket;
	world->asked_name = entry->want.name;
	world->n_asked++;
	*answer = world->answer;
	return world->answers;
}

static int op_bind(void *arg, const struct dc_reg_entry *entry,
		   struct dc_reg_outcome *outcome)
{
	struct world *world = arg;
	struct world_name *name = name_of(world, &entry->want.name);

	note(world, 'B');
	if (world->bind_err) {
		snprintf(outcome->reason, sizeof(outcome->reason), "the world");
		return world->bind_err;
	}
	if (!name)
		return 0;
	assert_true(!name->bound || name->edge == entry->want.edge);
	name->bound = true;
	name->edge = entry->want.edge;
	name->weight = entry->want.weight;
	return 0;
}

static void op_unbind(void *arg, const struct dc_reg_entry *entry)
{
	struct world *world = arg;
	struct world_name *name = name_of(world, &entry->want.name);

	note(world, 'U');
	if (!name)
		return;
	assert_true(name->bound);
	assert_false(name->announced);
	assert_int_equal(name->edge, entry->want.edge);
	name->bound = false;
}

static enum dc_verdict op_announce(void *arg, const struct dc_reg_entry *entry,
				   const void *grant, size_t len)
{
	struct world *world = arg;
	struct world_name *name = name_of(world, &entry->want.name);

	note(world, 'A');
	assert_int_equal(!grant, !len);
	if (world->verdict != DC_VALID)
		return world->verdict;
	if (!name)
		return DC_VALID;
	assert_true(name->bound);
	name->announced = true;
	name->grant = entry->grant;
	return DC_VALID;
}

static void op_withdraw(void *arg, const struct dc_reg_entry *entry)
{
	struct world *world = arg;
	struct world_name *name = name_of(world, &entry->want.name);

	note(world, 'W');
	if (!name)
		return;
	assert_true(name->announced);
	name->announced = false;
}

static void op_told(void *arg, uint64_t ticket,
		    const struct dc_reg_entry *entry,
		    const struct dc_reg_outcome *outcome)
{
	struct world *world = arg;

	(void)entry;
	note(world, outcome->code == DC_REG_DONE ? '+' : '-');
	world->told = outcome->code;
	world->told_ticket = ticket;
	strcpy(world->reason, outcome->reason);
}

static void op_forget(void *arg, const struct dc_reg_want *want)
{
	(void)want;
	note(arg, 'f');
}

static const struct dc_reg_ops ops = {
	.ask = op_ask,
	.bind = op_bind,
	.unbind = op_unbind,
	.announce = op_announce,
	.withdraw = op_withdraw,
	.told = op_told,
	.forget = op_forget,
};

void world_open(struct world *world, bool answers)
{
	const struct dc_reg_config config = {
		.seed = 1, .drain_us = 2 * WORLD_US,
	};

	memset(world, 0, sizeof(*world));
	world->now_us = 1000 * WORLD_US;
	world->answers = answers;
	world->answer.code = DC_REG_DONE;
	world->answer.until_us = UINT64_MAX;
	world->verdict = DC_VALID;
	world->reg = dc_reg_new(&config, &ops, world);
	assert_non_null(world->reg);
}

void world_close(struct world *world)
{
	dc_reg_free(world->reg);
}

const char *world_log(struct world *world)
{
	world->log[world->n_log] = '\0';
	world->n_log = 0;
	return world->log;
}

struct dc_reg_want world_want(const char *text, uint32_t edge, uint32_t lease_s)
{
	struct dc_reg_want want = {
		.edge = edge, .right = DC_RIGHT_NAME, .weight = 1,
		.lease_s = lease_s, .epoch = 7,
	};
	char pod[32];

	snprintf(pod, sizeof(pod), "/pod/sg1/%u", edge);
	assert_int_equal(damc_name_parse(&want.name, text, NULL), 0);
	assert_int_equal(damc_name_parse(&want.pod, pod, NULL), 0);
	return want;
}

enum dc_reg_code world_add(struct world *world, const struct dc_reg_want *want,
			   struct dc_reg_holder *holder)
{
	struct dc_reg_outcome outcome;
	uint64_t ticket = 0;

	dc_reg_add(world->reg, want, holder, world->now_us, &ticket, &outcome);
	if (outcome.code == DC_REG_ASKED)
		assert_int_not_equal(ticket, 0);
	return outcome.code;
}

void world_grant(struct world *world, uint8_t hash, uint64_t until_us)
{
	static const uint8_t grant[300];
	struct dc_reg_answer answer = {
		.code = DC_REG_DONE, .grant = grant,
		.grant_len = sizeof(grant), .until_us = until_us,
	};

	memset(&answer.hash, hash, sizeof(answer.hash));
	dc_reg_answer(world->reg, &world->asked_name, world->asked, &answer,
		      world->now_us);
}

void world_refuse(struct world *world, enum dc_reg_code code)
{
	struct dc_reg_answer answer = { .code = code, .reason = "so" };

	dc_reg_answer(world->reg, &world->asked_name, world->asked, &answer,
		      world->now_us);
}

void world_pass(struct world *world, uint64_t us)
{
	uint64_t end = world->now_us + us, next;

	while ((next = dc_reg_next(world->reg)) <= end) {
		if (next > world->now_us)
			world->now_us = next;
		dc_reg_timer(world->reg, world->now_us);
	}
	world->now_us = end;
}

struct world_name *world_find(struct world *world, const char *text)
{
	struct damc_name name;
	unsigned int i;

	damc_name_parse(&name, text, NULL);
	for (i = 0; i < world->n; i++)
		if (damc_name_equal(&world->name[i].name, &name))
			return &world->name[i];
	return NULL;
}

bool world_bound(struct world *world, const char *text)
{
	const struct world_name *name = world_find(world, text);

	return name && name->bound;
}

bool world_announced(struct world *world, const char *text)
{
	const struct world_name *name = world_find(world, text);

	return name && name->announced;
}

/* ---- a test's ---------------------------------------------------------- */

struct world world;

int world_setup_asked(void **state)
{
	(void)state;
	world_open(&world, false);
	return 0;
}

int world_setup_lab(void **state)
{
	(void)state;
	world_open(&world, true);
	return 0;
}

int world_teardown(void **state)
{
	(void)state;
	world_close(&world);
	return 0;
}
