// SPDX-License-Identifier: GPL-2.0
/*
 * Pools: the order of instances, and the pick, against a naive twin that
 * reckons in floating point.
 */
#include <math.h>

#include "pool.h"
#include "names.h"

static struct damc_member member_of(unsigned int number, u32 weight)
{
	struct damc_member member = { .weight = weight };
	char text[16];

	member.len = 1 + snprintf(text, sizeof(text), "%u", number);
	member.wire[0] = member.len - 1;
	memcpy(member.wire + 1, text, member.len - 1);
	/* Any hash will do that differs from number to number. */
	member.id = (number + 1) * 0x9e3779b97f4a7c15ULL;
	return member;
}

/* Instances 0..n-1, of these weights, or 1 each. */
static struct damc_pool *pool_of(unsigned int n, const u32 *weights)
{
	struct damc_pool *pool = damc_pool_alloc(n);
	unsigned int i;

	for (i = 0; i < n; i++) {
		struct damc_member member = member_of(i, weights ? weights[i] :
								   1);

		assert_int_equal(damc_pool_put(pool, &member), 0);
	}
	return pool;
}

static u64 random64(void)
{
	return (u64)check_random() << 32 | check_random();
}

static bool every(const struct damc_member *member, void *arg)
{
	(void)member;
	(void)arg;
	return true;
}

static bool not_this(const struct damc_member *member, void *arg)
{
	return member->id != *(u64 *)arg;
}

static bool none(const struct damc_member *member, void *arg)
{
	(*(unsigned int *)arg)++;
	(void)member;
	return false;
}

static void members_are_found_in_order(void **state)
{
	struct damc_pool *pool = damc_pool_alloc(DAMC_POOL_MEMBERS_MAX + 1);
	struct damc_member member;
	unsigned int i;

	for (i = 0; i < DAMC_POOL_MEMBERS_MAX; i++) {
		/* An odd factor: each number once, in no order. */
		member = member_of(i * 77 % DAMC_POOL_MEMBERS_MAX, i + 1);
		assert_int_equal(damc_pool_put(pool, &member), 0);
		assert_int_equal(damc_pool_put(pool, &member), -EEXIST);
	}
	for (i = 0; i < pool->n; i++) {
		const struct damc_member *found;

		member = member_of(i, 1);
		found = damc_pool_find(pool, member.wire, member.len);
		assert_non_null(found);
		assert_int_equal(found->id, member.id);
		if (i)
			assert_true(memcmp(pool->member[i - 1].wire,
					   pool->member[i].wire,
					   pool->member[i].len) < 0);
	}
	member = member_of(1000, 1);
	assert_null(damc_pool_find(pool, member.wire, member.len));
	assert_int_equal(damc_pool_put(pool, &member), -ENOSPC);
	damc_pool_free(pool);
	(void)state;
}

/* -log2(x / 2^64), to a double's last digits wherever x is. */
static double twin_cost(u64 x)
{
	if (x >> 63)
		return -log1p(ldexp(-((double)~x + 1), -64)) / M_LN2;
	return 64 - log2((double)(x ?: 1));
}

static void cost_is_the_logarithm(void **state)
{
	static const u64 fixed[] = {
		1, 2, 3, 1ULL << 32, 1ULL << 63, (1ULL << 63) - 1,
		U64_MAX, U64_MAX - 1, U64_MAX << 32, U64_MAX << 11,
	};
	unsigned int i;

	check_seed();
	for (i = 0; i < 200000; i++) {
		u64 hash = i < 10 ? fixed[i] : random64() >> check_below(64);
		double cost = damc_pool_cost(hash), want;

		want = twin_cost(hash) * 0x1p31;
		assert_true(cost >= 1);
		/* The last digits of the smallest are all there is of them. */
		if (fabs(cost - want) > want * 0.004 + 2)
			fail_msg("cost of %llx: %f, not %f",
				 (unsigned long long)hash, cost, want);
	}
	assert_int_equal(damc_pool_cost(0), damc_pool_cost(1));
	assert_true(damc_pool_cost(1) == 64ULL << 31);
	(void)state;
}

/* The same mixing, the rest in floating point. */
static const struct damc_member *twin_pick(const struct damc_pool *pool,
					   u64 flow, double *margin)
{
	const struct damc_member *best = NULL;
	double least = 0, second = INFINITY;
	u32 i;

	for (i = 0; i < pool->n; i++) {
		u64 x = flow ^ pool->member[i].id;
		double cost;

		if (!pool->member[i].weight)
			continue;
		x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ULL;
		x = (x ^ x >> 27) * 0x94d049bb133111ebULL;
		x ^= x >> 31;
		cost = twin_cost(x) / pool->member[i].weight;
		if (!best || cost < least) {
			second = best ? least : second;
			best = &pool->member[i];
			least = cost;
		} else if (cost < second) {
			second = cost;
		}
	}
	*margin = best ? second / least - 1 : INFINITY;
	return best;
}

/* Where two are all but equal, the table's straight lines may decide. */
static void pick_is_the_twins(void **state)
{
	unsigned int round, close = 0;

	check_seed();
	for (round = 0; round < 20000; round++) {
		u32 weights[40], n = 1 + check_below(40), i;
		const struct damc_member *is, *should;
		struct damc_pool *pool;
		double margin;
		u64 flow = random64();

		for (i = 0; i < n; i++)
			weights[i] = check_below(2 << check_below(17));
		for (i = 0; i < n; i++)
			if (weights[i] > DAMC_WEIGHT_MAX)
				weights[i] = DAMC_WEIGHT_MAX;
		pool = pool_of(n, weights);
		is = damc_pool_pick(pool, flow, every, NULL);
		should = twin_pick(pool, flow, &margin);
		if (is != should && margin > 0.01)
			fail_msg("another instance than the twin's, though %f apart",
				 margin);
		close += is != should;
		damc_pool_free(pool);
	}
	assert_true(close < 200);
	(void)state;
}

#define FLOWS 200000

/* Each instance's part of the flows, within 6 standard deviations and 0.5 %. */
static void shares_are_as_the_weights(void **state)
{
	static const u32 weights[] = { 1, 1, 2, 3, 10, 100, 1, 50 };
	struct damc_pool *pool = pool_of(8, weights);
	unsigned int got[8] = { 0 }, sum = 168, i;

	check_seed();
	for (i = 0; i < FLOWS; i++)
		got[damc_pool_pick(pool, random64(), every, NULL) -
		    pool->member]++;
	for (i = 0; i < 8; i++) {
		double want = (double)FLOWS * weights[i] / sum;

		if (fabs(got[i] - want) > 6 * sqrt(want) + want * 0.005)
			fail_msg("weight %u of %u got %u flows, not %.0f",
				 weights[i], sum, got[i], want);
	}
	damc_pool_free(pool);
	(void)state;
}

/* Flows that are picked for otherwise in @after than in @before, by instance. */
static void moves(const struct damc_pool *before,
		  const struct damc_pool *after, u64 *from, u64 *to,
		  unsigned int *moved)
{
	unsigned int i;

	*moved = 0;
	for (i = 0; i < FLOWS / 10; i++) {
		u64 flow = random64();
		const struct damc_member *a, *b;

		a = damc_pool_pick(before, flow, every, NULL);
		b = damc_pool_pick(after, flow, every, NULL);
		if (a->id == b->id)
			continue;
		(*moved)++;
		*from = !*from || *from == a->id ? a->id : U64_MAX;
		*to = !*to || *to == b->id ? b->id : U64_MAX;
	}
}

/* Only flows of the one that went, to the one that came, are moved. */
static void change_moves_no_other_flow(void **state)
{
	static const u32 weights[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 };
	static const u32 heavier[] = { 1, 2, 3, 4, 5, 6, 7, 80, 9, 10 };
	struct damc_pool *nine = pool_of(9, weights), *ten = pool_of(10, weights);
	struct damc_pool *heavy = pool_of(10, heavier);
	u64 last = member_of(9, 1).id, seventh = member_of(7, 1).id;
	u64 from = 0, to = 0;
	unsigned int moved;

	check_seed();
	moves(ten, nine, &from, &to, &moved);
	assert_true(from == last && moved);
	from = 0;
	to = 0;
	moves(nine, ten, &from, &to, &moved);
	assert_true(to == last && moved);
	from = 0;
	to = 0;
	moves(ten, heavy, &from, &to, &moved);
	assert_true(to == seventh && moved);
	from = 0;
	to = 0;
	moves(heavy, ten, &from, &to, &moved);
	assert_true(from == seventh && moved);
	damc_pool_free(nine);
	damc_pool_free(ten);
	damc_pool_free(heavy);
	(void)state;
}

/* One that can't be reached is as one that is not there. */
static void unusable_is_as_gone(void **state)
{
	struct damc_pool *nine = pool_of(9, NULL), *ten = pool_of(10, NULL);
	u64 last = member_of(9, 1).id;
	unsigned int i, asked = 0;

	check_seed();
	for (i = 0; i < 10000; i++) {
		u64 flow = random64();

		assert_true(damc_pool_pick(ten, flow, not_this, &last)->id ==
			    damc_pool_pick(nine, flow, every, NULL)->id);
	}
	assert_null(damc_pool_pick(ten, 1, none, &asked));
	assert_int_equal(asked, 10);
	ten->n = 0;
	assert_null(damc_pool_pick(ten, 1, every, NULL));
	damc_pool_free(nine);
	damc_pool_free(ten);
	(void)state;
}

/* Of weight 0 is as one that is not there, to new flows; but it is there. */
static void without_weight_is_as_gone(void **state)
{
	static const u32 weights[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 0 };
	static const u32 nothing[] = { 0, 0 };
	struct damc_pool *nine = pool_of(9, weights), *ten = pool_of(10, weights);
	struct damc_pool *drained = pool_of(2, nothing);
	struct damc_member last = member_of(9, 0);
	unsigned int i, asked = 0;

	check_seed();
	for (i = 0; i < 10000; i++) {
		u64 flow = random64();

		assert_true(damc_pool_pick(ten, flow, every, NULL)->id ==
			    damc_pool_pick(nine, flow, every, NULL)->id);
		assert_null(damc_pool_pick(drained, flow, every, NULL));
	}
	assert_non_null(damc_pool_find(ten, last.wire, last.len));
	assert_null(damc_pool_pick(ten, 1, none, &asked));
	assert_int_equal(asked, 9);
	damc_pool_free(nine);
	damc_pool_free(ten);
	damc_pool_free(drained);
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_are_found_in_order),
		cmocka_unit_test(cost_is_the_logarithm),
		cmocka_unit_test(pick_is_the_twins),
		cmocka_unit_test(shares_are_as_the_weights),
		cmocka_unit_test(change_moves_no_other_flow),
		cmocka_unit_test(unusable_is_as_gone),
		cmocka_unit_test(without_weight_is_as_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
