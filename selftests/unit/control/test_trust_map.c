// SPDX-License-Identifier: GPL-2.0
/*
 * Trust's table and heap beside arrays that do the same.
 */
#include <errno.h>
#include <string.h>

#include "check.h"
#include "trust_map.h"

#define KEYS 700
#define STEPS 200000

static const uint8_t seed[DC_MAP_SEED_BYTES] = { 1, 2, 3 };

static struct dc_hash key_of(uint32_t i)
{
	struct dc_hash key = { 0 };

	memcpy(key.byte, &i, sizeof(i));
	return key;
}

/* Sums over all values, for what a walk finds is all there is. */
static void check_walk(const struct dc_map *map, char * const *twin)
{
	uint32_t at = 0, n = 0, i;
	uintptr_t sum = 0, expected = 0;
	void *value;

	while ((value = dc_map_next(map, &at))) {
		sum += (uintptr_t)value;
		n++;
	}
	for (i = 0; i < KEYS; i++)
		expected += (uintptr_t)twin[i];
	assert_int_equal(n, map->n);
	assert_true(sum == expected);
}

static void a_map_is_as_an_array(void **state)
{
	static char values[KEYS];
	static char *twin[KEYS];
	struct dc_map map;
	uint32_t step, i, n = 0;

	(void)state;
	dc_map_init(&map, seed);
	for (step = 0; step < STEPS; step++) {
		/* Now mostly filled, now mostly emptied. */
		bool add = check_below(100) < (step / 20000 % 2 ? 35 : 65);
		struct dc_hash key;

		i = check_below(KEYS);
		key = key_of(i);
		assert_ptr_equal(dc_map_get(&map, &key), twin[i]);
		if (add) {
			n += !twin[i];
			twin[i] = &values[check_below(KEYS)];
			assert_int_equal(dc_map_put(&map, &key, twin[i]), 0);
		} else {
			n -= !!twin[i];
			twin[i] = NULL;
			dc_map_del(&map, &key);
		}
		assert_ptr_equal(dc_map_get(&map, &key), twin[i]);
		assert_int_equal(map.n, n);
		if (!(step % 1000))
			check_walk(&map, twin);
	}
	dc_map_clear(&map);
}

static void a_heap_gives_the_first(void **state)
{
	static uint64_t twin[1000];
	struct dc_heap heap = { 0 };
	struct dc_hash hash;
	uint32_t step, i, n = 0, first;

	(void)state;
	for (step = 0; step < 20000; step++) {
		if (n < 1000 && check_below(2)) {
			twin[n] = check_below(5000);
			hash = key_of(twin[n]);
			assert_int_equal(dc_heap_push(&heap, twin[n++], &hash),
					 0);
			continue;
		}
		for (first = 0, i = 1; i < n; i++)
			if (twin[i] < twin[first])
				first = i;
		if (!n) {
			assert_false(dc_heap_pop(&heap, UINT64_MAX, &hash));
			continue;
		}
		if (twin[first])
			assert_false(dc_heap_pop(&heap, twin[first] - 1,
						 &hash));
		assert_true(dc_heap_pop(&heap, twin[first], &hash));
		assert_memory_equal(&hash, &(struct dc_hash[]){
				    key_of(twin[first]) }, sizeof(hash));
		twin[first] = twin[--n];
	}
	dc_heap_clear(&heap);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_map_is_as_an_array),
		cmocka_unit_test(a_heap_gives_the_first),
	};

	check_seed();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
