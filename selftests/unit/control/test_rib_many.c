// SPDX-License-Identifier: GPL-2.0
/* Names, many of them: pools that are full, what ends at once. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rib_world.h"

#define HOLD_US 5000000ull

static struct dc_node_id text_id(const char *text)
{
	struct dc_node_id id;

	memset(&id, 0, sizeof(id));
	id.len = strlen(text);
	memcpy(id.byte, text, id.len);
	return id;
}

static void crowd_member(struct dc_rib *rib, const struct dc_node_id *node,
			 uint32_t i, bool present)
{
	struct dc_prefix prefix = { .right = DC_RIGHT_MEMBER, .weight = 1 };
	char text[32];

	snprintf(text, sizeof(text), "/crowd/%u", i);
	assert_int_equal(damc_name_parse(&prefix.name, text, NULL), 0);
	assert_int_equal(dc_rib_prefix(rib, node, &prefix, present), 0);
}

/* ---- a pool that is full ------------------------------------------------ */

#define CROWD 300

/* Which of /crowd/0, /crowd/1... the table has as members, and how many. */
struct places {
	bool has[CROWD];
	uint32_t n;
};

static void place(void *arg, const struct dc_fib_change *change)
{
	bool has = change->op == DC_FIB_MEMBER;
	struct places *places = arg;
	char text[DAMC_NAME_TEXT_MAX];
	int i;

	if (!has && change->op != DC_FIB_MEMBER_DEL)
		return;
	assert_true(damc_name_format(&change->name, text, sizeof(text)) > 0);
	i = atoi(strrchr(text, '/') + 1);
	places->n += has - places->has[i];
	places->has[i] = has;
	assert_true(places->n <= 256);
}

/* Of @from to @to, how many have a place. */
static uint32_t placed(const struct places *places, uint32_t from, uint32_t to)
{
	uint32_t n = 0;

	for (; from < to; from++)
		n += places->has[from];
	return n;
}

/* a has links to b and to c, or to one of them. */
static void star(struct dc_rib *rib, bool to_b, bool to_c)
{
	static const char * const names[] = { "b", "c" };
	const bool up[] = { to_b, to_c };
	struct dc_link_lsa all = { 0 }, one;
	uint32_t i;

	for (i = 0; i < 2; i++) {
		one = (struct dc_link_lsa){ .n = up[i] };
		one.link[0] = (struct dc_link){
			.id = 9, .peer_id = i + 1, .cost = 1, .peer = text_id("a")
		};
		assert_true(dc_rib_links(rib, &(struct dc_node_id){
			.len = 1, .byte = { *names[i] } }, &one) >= 0);
		if (up[i])
			all.link[all.n++] = (struct dc_link){
				.id = i + 1, .peer_id = 9, .cost = 1,
				.peer = text_id(names[i])
			};
	}
	assert_true(dc_rib_links(rib, &(struct dc_node_id){
		.len = 1, .byte = { 'a' } }, &all) >= 0);
	dc_rib_compute(rib);
}

static void hold_over(struct dc_rib *rib, uint64_t *now)
{
	while (dc_rib_next(rib) != UINT64_MAX) {
		if (dc_rib_next(rib) > *now)
			*now = dc_rib_next(rib);
		dc_rib_timer(rib, *now);
	}
}

/* Those that there is no way to leave their places, and get them back. */
static void test_places(void **state)
{
	struct dc_node_id a = text_id("a"), b = text_id("b"), c = text_id("c");
	static const struct dc_fib_ops ops = { .change = place };
	struct places places = { 0 };
	struct dc_rib *rib = dc_rib_new(&a, &ops, &places);
	uint64_t now = 1;
	uint32_t i;

	(void)state;
	star(rib, true, true);
	for (i = 0; i < CROWD; i++)
		crowd_member(rib, i < 200 ? &b : &c, i, true);
	assert_int_equal(placed(&places, 0, 256), 256);
	star(rib, false, true);
	assert_int_equal(placed(&places, 0, 200), 200);
	hold_over(rib, &now);
	assert_int_equal(placed(&places, 0, 200), 0);
	assert_int_equal(placed(&places, 200, CROWD), 100);
	star(rib, true, true);
	assert_int_equal(placed(&places, 0, 200), 156);
	assert_int_equal(placed(&places, 200, CROWD), 100);
	/* While there is no way to b: who comes there waits, who comes at c does not. */
	star(rib, false, true);
	hold_over(rib, &now);
	for (i = 0; i < 200; i++)
		crowd_member(rib, &b, i, false);
	for (i = 0; i < 170; i++)
		crowd_member(rib, &b, i, true);
	assert_int_equal(placed(&places, 0, CROWD), 100);
	for (i = 170; i < 200; i++)
		crowd_member(rib, &c, i, true);
	assert_int_equal(placed(&places, 170, CROWD), 130);
	dc_rib_free(rib);
}

/* A binding puts the instance into the table: the others have one place less. */
static void test_own_place(void **state)
{
	struct dc_node_id a = text_id("a"), b = text_id("b"), c = text_id("c");
	static const struct dc_fib_ops ops = { .change = place };
	struct places places = { 0 };
	struct dc_rib *rib = dc_rib_new(&a, &ops, &places);
	uint32_t i;

	(void)state;
	star(rib, true, true);
	for (i = 0; i < 280; i++)
		crowd_member(rib, i < 200 ? &b : &c, i, true);
	assert_int_equal(places.n, 256);
	for (i = 280; i < CROWD; i++)
		crowd_member(rib, &a, i, true);
	assert_int_equal(placed(&places, 0, 280), 236);
	assert_int_equal(places.n, 236);
	for (i = 280; i < CROWD; i++)
		crowd_member(rib, &a, i, false);
	assert_int_equal(placed(&places, 0, 280), 256);
	dc_rib_free(rib);
}

/* ---- many --------------------------------------------------------------- */

struct crowd {
	int64_t routes;
	int64_t members;
	int64_t sets;
};

static void count(void *arg, const struct dc_fib_change *change)
{
	struct crowd *crowd = arg;

	crowd->routes += change->op == DC_FIB_ROUTE;
	crowd->routes -= change->op == DC_FIB_ROUTE_DEL;
	crowd->members += change->op == DC_FIB_MEMBER;
	crowd->members -= change->op == DC_FIB_MEMBER_DEL;
	crowd->sets += change->op == DC_FIB_SET;
	crowd->sets -= change->op == DC_FIB_SET_DEL;
}

static void connect_two(struct dc_rib *rib, const struct dc_node_id *a,
			const struct dc_node_id *b, bool up)
{
	struct dc_link_lsa lsa = { .n = up };

	lsa.link[0] = (struct dc_link){ .id = 1, .peer_id = 2, .cost = 1 };
	lsa.link[0].peer = *b;
	assert_true(dc_rib_links(rib, a, &lsa) >= 0);
	lsa.link[0] = (struct dc_link){ .id = 2, .peer_id = 1, .cost = 1 };
	lsa.link[0].peer = *a;
	assert_true(dc_rib_links(rib, b, &lsa) >= 0);
	dc_rib_compute(rib);
}

/* The table takes 256 instances of a pool; who waits comes in when one goes. */
static void test_full_pool(void **state)
{
	static const struct dc_fib_ops ops = { .change = count };
	struct dc_node_id a = text_id("a"), b = text_id("b");
	struct crowd crowd = { 0 };
	struct dc_rib_entry entry;
	struct damc_name last;
	struct dc_rib *rib = dc_rib_new(&a, &ops, &crowd);
	uint32_t i;

	(void)state;
	connect_two(rib, &a, &b, true);
	for (i = 0; i < 300; i++)
		crowd_member(rib, &b, i, true);
	assert_int_equal(crowd.routes, 300);
	assert_int_equal(crowd.members, 256);
	assert_int_equal(damc_name_parse(&last, "/crowd/299", NULL), 0);
	assert_int_equal(dc_rib_explain(rib, &last, &entry), 0);
	assert_string_equal(entry.not_in_pool,
			    "the pool has 256 instances before it");
	crowd_member(rib, &b, 7, false);
	assert_int_equal(crowd.members, 256);
	assert_int_equal(dc_rib_explain(rib, &last, &entry), 0);
	assert_null(entry.not_in_pool);
	for (i = 0; i < 300; i++)
		crowd_member(rib, &b, i, false);
	assert_int_equal(crowd.members, 0);
	assert_int_equal(crowd.routes, 0);
	assert_int_equal(crowd.sets, 0);
	dc_rib_free(rib);
}

/* Many ends of holds are not one long call. */
static void test_ends_in_portions(void **state)
{
	static const struct dc_fib_ops ops = { .change = count };
	struct dc_node_id a = text_id("a");
	struct crowd crowd = { 0 };
	struct dc_rib *rib = dc_rib_new(&a, &ops, &crowd);
	struct damc_name name;
	char text[32];
	uint32_t i;

	(void)state;
	for (i = 0; i < 10000; i++) {
		snprintf(text, sizeof(text), "/held/%u", i);
		assert_int_equal(damc_name_parse(&name, text, NULL), 0);
		assert_int_equal(dc_rib_hold(rib, &name, 0), 0);
	}
	assert_int_equal(crowd.routes, 10000);
	dc_rib_timer(rib, HOLD_US);
	assert_int_equal(crowd.routes, 10000 - 4096);
	assert_true(dc_rib_next(rib) <= HOLD_US);
	dc_rib_timer(rib, HOLD_US);
	dc_rib_timer(rib, HOLD_US);
	assert_int_equal(crowd.routes, 0);
	assert_true(dc_rib_next(rib) == UINT64_MAX);
	dc_rib_free(rib);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_own_place),
		cmocka_unit_test(test_full_pool),
		cmocka_unit_test(test_ends_in_portions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
