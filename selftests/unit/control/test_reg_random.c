// SPDX-License-Identifier: GPL-2.0
/* The registration core at random, beside a twin. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "reg_world.h"

#define NAMES 8
#define EDGES 3
#define HOLDERS 4
#define STEPS 20000

/* What the core should think, in the plainest way. */
struct twin {
	bool active;
	uint32_t edge;
	int holder;
	uint64_t lease_us;
};

static struct twin twins[NAMES];
static struct dc_reg_holder *holders[HOLDERS];

static uint32_t pick(unsigned int *seed, uint32_t below)
{
	return (uint32_t)rand_r(seed) % below;
}

static void twin_expire(void)
{
	int i;

	for (i = 0; i < NAMES; i++)
		if (twins[i].active && twins[i].lease_us <= world.now_us)
			twins[i].active = false;
}

static void step_add(unsigned int *seed, int i, const char *text)
{
	uint32_t edge = 1 + pick(seed, EDGES);
	int holder = pick(seed, 2) ? (int)pick(seed, HOLDERS) : -1;
	uint32_t lease = holder < 0 ? 5 + pick(seed, 30) : 0;
	struct dc_reg_want want = world_want(text, edge, lease);
	bool other = twins[i].active && twins[i].edge != edge;

	assert_int_equal(world_add(&world, &want,
				   holder < 0 ? NULL : holders[holder]),
			 other ? DC_REG_TAKEN : DC_REG_DONE);
	if (other)
		return;
	twins[i] = (struct twin){
		true, edge, holder,
		lease ? world.now_us + lease * WORLD_US : UINT64_MAX,
	};
}

static void step_del(unsigned int *seed, int i, const char *text)
{
	uint32_t edge = 1 + pick(seed, EDGES);
	struct dc_reg_want want = world_want(text, edge, 1);
	int want_ret = !twins[i].active ? -ENOENT :
		       twins[i].edge != edge ? -EPERM : 0;

	assert_int_equal(dc_reg_del(world.reg, &want.name, edge, world.now_us),
			 want_ret);
	if (!want_ret)
		twins[i].active = false;
}

static void step_holder(unsigned int *seed)
{
	int i, gone = pick(seed, HOLDERS);

	dc_reg_holder_gone(world.reg, holders[gone], world.now_us);
	holders[gone] = dc_reg_holder_new(world.reg);
	for (i = 0; i < NAMES; i++)
		if (twins[i].holder == gone)
			twins[i].active = false;
}

static void step(unsigned int *seed)
{
	char text[16];
	int i = pick(seed, NAMES);

	snprintf(text, sizeof(text), "/n/%d", i);
	switch (pick(seed, 8)) {
	case 0:
		step_del(seed, i, text);
		break;
	case 1:
		step_holder(seed);
		break;
	case 2:
	case 3:
		world_pass(&world, pick(seed, 4 * WORLD_US));
		twin_expire();
		break;
	default:
		step_add(seed, i, text);
	}
}

static void compare(int step)
{
	char text[16];
	int i;

	for (i = 0; i < NAMES; i++) {
		snprintf(text, sizeof(text), "/n/%d", i);
		if (world_announced(&world, text) != twins[i].active)
			fail_msg("step %d: %s is %d", step, text,
				 !twins[i].active);
		if (twins[i].active)
			assert_int_equal(world_find(&world, text)->edge,
					 twins[i].edge);
	}
}

static void test_random(void **state)
{
	const char *text = getenv("SEED");
	unsigned int seed = text ? strtoul(text, NULL, 10) : 4711, first = seed;
	int i;

	(void)state;
	print_message("SEED=%u\n", first);
	memset(twins, 0, sizeof(twins));
	for (i = 0; i < HOLDERS; i++)
		holders[i] = dc_reg_holder_new(world.reg);
	for (i = 0; i < STEPS; i++) {
		step(&seed);
		compare(i);
		world_log(&world);
	}
	for (i = 0; i < HOLDERS; i++)
		dc_reg_holder_gone(world.reg, holders[i], world.now_us);
	/* All ends, and nothing is left bound. */
	world_pass(&world, 100 * WORLD_US);
	for (i = 0; i < (int)world.n; i++)
		assert_false(world.name[i].bound);
	assert_int_equal(dc_reg_next(world.reg), UINT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		REG_LAB(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
