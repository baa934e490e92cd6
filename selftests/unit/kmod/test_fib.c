// SPDX-License-Identifier: GPL-2.0
/*
 * The name FIB beside a naive twin: a list that is searched from end to end.
 * Both are changed alike at random, and asked the same questions.
 */
#include "fib.h"
#include "names.h"

struct damc_target {
	unsigned int number;
};

#define TWIN_MAX 4096

static struct {
	struct test_name name;
	struct damc_target *target;
} twin[TWIN_MAX];
static unsigned int twin_count;
static struct damc_target targets[8];

static struct damc_fib fib;
static struct mutex lock;

static int start(void **state)
{
	siphash_key_t key;

	check_seed();
	key.key[0] = check_random();
	key.key[1] = check_random();
	damc_fib_init(&fib, &lock, &key);
	twin_count = 0;
	shim_allocated = 0;
	shim_alloc_budget = -1;
	(void)state;
	return 0;
}

static int twin_find(const struct test_name *name)
{
	unsigned int i;

	for (i = 0; i < twin_count; i++)
		if (twin[i].name.len == name->len &&
		    !memcmp(twin[i].name.wire, name->wire, name->len))
			return i;
	return -1;
}

/* The longest entry whose bytes begin the name's and end with a component. */
static struct damc_target *twin_lookup(const struct test_name *name)
{
	unsigned int depth;

	for (depth = DAMC_COMPONENTS_MAX + 1; depth--;) {
		struct test_name cut = test_name_cut(*name, depth);
		int at = twin_find(&cut);

		if (at >= 0)
			return twin[at].target;
	}
	return NULL;
}

static bool twin_depth_fits(const struct test_name *name)
{
	bool seen[DAMC_COMPONENTS_MAX + 1] = { false };
	unsigned int i, n = 0;

	seen[damc_name_depth(name->wire, name->len)] = true;
	for (i = 0; i < twin_count; i++)
		seen[damc_name_depth(twin[i].name.wire,
				     twin[i].name.len)] = true;
	for (i = 1; i <= DAMC_COMPONENTS_MAX; i++)
		n += seen[i];
	return n <= DAMC_DEPTHS_MAX;
}

static void insert(const struct test_name *name)
{
	struct damc_target *target = &targets[check_below(8)];
	struct damc_name view = test_view(name);
	int err = damc_fib_insert(&fib, &view, 2, target);

	if (twin_find(name) >= 0) {
		assert_int_equal(err, -EEXIST);
	} else if (!twin_depth_fits(name)) {
		assert_int_equal(err, -E2BIG);
	} else {
		assert_int_equal(err, 0);
		twin[twin_count].name = *name;
		twin[twin_count++].target = target;
	}
}

static void drop(const struct test_name *name)
{
	struct damc_name view = test_view(name);
	struct damc_fib_entry *entry = damc_fib_find(&fib, &view);
	int at = twin_find(name);

	assert_int_equal(!entry, at < 0);
	if (!entry)
		return;
	damc_fib_remove(&fib, entry);
	twin[at] = twin[--twin_count];
}

static void ask(const struct test_name *name)
{
	struct damc_name view = test_view(name);
	struct damc_fib_entry *entry = damc_fib_lookup(&fib, &view);

	assert_ptr_equal(entry ? entry->target : NULL, twin_lookup(name));
}

/* Several at once get what each would get alone. */
static void ask_together(unsigned int depth, unsigned int words)
{
	struct damc_fib_entry *entries[DAMC_BATCH];
	struct test_name names[DAMC_BATCH];
	struct damc_name views[DAMC_BATCH];
	unsigned int n = check_below(DAMC_BATCH + 1), i;

	for (i = 0; i < n; i++) {
		names[i] = test_name_random(depth, words);
		views[i] = test_view(&names[i]);
	}
	damc_fib_lookup_all(&fib, views, n, entries);
	for (i = 0; i < n; i++)
		assert_ptr_equal(entries[i] ? entries[i]->target : NULL,
				 twin_lookup(&names[i]));
}

#define ASKERS 32

/* Names that are asked for again and again, by who remembers the answers. */
static struct {
	struct test_name name;
	struct damc_match match;
} askers[ASKERS];

static void ask_again(void)
{
	unsigned int i = check_below(ASKERS);
	struct damc_name view = test_view(&askers[i].name);
	struct damc_fib_entry *entry;

	entry = damc_fib_lookup_again(&fib, &view, &askers[i].match);
	assert_ptr_equal(entry ? entry->target : NULL,
			 twin_lookup(&askers[i].name));
}

/* Every entry once, in the order of hashes. */
static void walk(void)
{
	struct damc_fib_entry *entry;
	unsigned int n = 0;
	u64 last = 0;

	for (entry = damc_fib_first(&fib); entry;
	     entry = damc_fib_after(&fib, entry->node.hash)) {
		assert_true(!n || entry->node.hash > last);
		last = entry->node.hash;
		n++;
	}
	assert_int_equal(n, twin_count);
}

static void empty(void)
{
	struct damc_fib_entry *entry;

	while ((entry = damc_fib_first(&fib)))
		damc_fib_remove(&fib, entry);
	assert_int_equal(fib.depths.used, 0);
	assert_int_equal(fib.table.count, 0);
	damc_fib_free(&fib);
	assert_int_equal(shim_allocated, 0);
}

static void random_changes(unsigned int depth, unsigned int words,
			   unsigned int rounds)
{
	unsigned int round, growing = 1, i;

	for (i = 0; i < ASKERS; i++) {
		askers[i].name = test_name_random(depth + 2, words);
		askers[i].match = (struct damc_match){};
	}
	for (round = 0; round < rounds; round++) {
		struct test_name name = test_name_random(depth, words);

		if (!check_below(500))
			growing = check_below(2);
		if (check_below(3) < 1 + growing && twin_count < TWIN_MAX)
			insert(&name);
		else
			drop(twin_count && check_below(2) ?
			     &twin[check_below(twin_count)].name : &name);
		name = test_name_random(depth + 2, words);
		ask(&name);
		ask_again();
		if (!check_below(8))
			ask_together(depth + 2, words);
		if (!check_below(1000))
			walk();
	}
	walk();
	empty();
}

static void agrees_with_twin(void **state)
{
	random_changes(5, 12, 60000);
	(void)state;
}

static void agrees_when_sparse(void **state)
{
	random_changes(8, 200, 6000);
	(void)state;
}

static void refuses_one_depth_too_many(void **state)
{
	random_changes(14, 3, 20000);
	(void)state;
}

/* Without memory an insert fails and nothing has changed; with it, it works. */
static void survives_no_memory(void **state)
{
	int round;

	for (round = 0; round < 3000; round++) {
		struct test_name name = test_name_random(5, 30);
		struct damc_name view = test_view(&name);
		unsigned int count = fib.table.count;
		int err;

		if (twin_find(&name) >= 0)
			continue;
		shim_alloc_budget = check_below(2);
		err = damc_fib_insert(&fib, &view, 2, &targets[0]);
		shim_alloc_budget = -1;
		if (err) {
			assert_int_equal(err, -ENOMEM);
			assert_int_equal(fib.table.count, count);
			assert_null(damc_fib_find(&fib, &view));
			insert(&name);
		} else {
			twin[twin_count].name = name;
			twin[twin_count++].target = &targets[0];
		}
		ask(&name);
	}
	walk();
	empty();
	(void)state;
}

/* A walk that goes on after changes meets what stayed exactly once. */
static void walk_survives_changes(void **state)
{
	static u8 met[1000];
	struct damc_fib_entry *entry;
	char text[16];
	unsigned int i, n;
	u64 hash;

	memset(met, 0, sizeof(met));
	for (i = 0; i < 1000; i++) {
		n = sprintf(text, "%cS%u", 0, i);
		text[0] = n - 1;
		assert_int_equal(damc_fib_insert(&fib, &(struct damc_name){
			(u8 *)text, n }, 2, &targets[0]), 0);
	}
	for (entry = damc_fib_first(&fib); entry;
	     entry = damc_fib_after(&fib, hash)) {
		struct test_name more = test_name_random(3, 200);
		struct damc_name view = test_view(&more);
		unsigned int number;

		hash = entry->node.hash;
		if (entry->node.wire[1] == 'S') {
			char digits[8] = "";

			memcpy(digits, entry->node.wire + 2,
			       entry->node.len - 2);
			number = atoi(digits);
			assert_true(number < 1000);
			met[number]++;
		}
		/* Grow and shrink under the walk; take away the one met. */
		if (check_below(4))
			damc_fib_insert(&fib, &view, 2, &targets[1]);
		if (entry->node.wire[1] != 'S' && check_below(2))
			damc_fib_remove(&fib, entry);
	}
	for (i = 0; i < 1000; i++)
		assert_int_equal(met[i], 1);
	empty();
	(void)state;
}

/* A bucket that more nodes belong to than it can count, and others after it. */
static void one_home_for_all(void **state)
{
	static struct {
		u64 hash;
		u8 len;
		u8 wire[2];
	} stored[1200];
	struct damc_table *table = &fib.table;
	unsigned int i, round;

	for (round = 0; round < 2; round++) {
		for (i = 0; i < ARRAY_SIZE(stored); i++) {
			stored[i].hash = i * 7;
			stored[i].len = 2;
			stored[i].wire[0] = 1;
			stored[i].wire[1] = i;
			assert_int_equal(damc_table_insert(table, (void *)&stored[i]), 0);
		}
		for (i = 0; i < ARRAY_SIZE(stored); i++) {
			struct damc_name name = { stored[i].wire, 2 };
			bool odd = i & 1;

			assert_ptr_equal(damc_table_find(table, i * 7, &name), &stored[i]);
			assert_null(damc_table_find(table, i * 7 + 1, &name));
			if (odd)
				damc_table_remove(table, (void *)&stored[i]);
			assert_ptr_equal(damc_table_find(table, i * 7, &name),
					 odd ? NULL : (void *)&stored[i]);
		}
		for (i = 0; i < ARRAY_SIZE(stored); i += 2)
			damc_table_remove(table, (void *)&stored[i]);
	}
	empty();
	(void)state;
}

static void root_matches_all(void **state)
{
	struct damc_name root = { (const u8 *)"", 0 };
	struct damc_name any = { (const u8 *)"\1x\1y", 4 };

	assert_null(damc_fib_lookup(&fib, &any));
	assert_int_equal(damc_fib_insert(&fib, &root, 2, &targets[3]), 0);
	assert_ptr_equal(damc_fib_lookup(&fib, &any)->target, &targets[3]);
	assert_ptr_equal(damc_fib_lookup(&fib, &root)->target, &targets[3]);
	empty();
	(void)state;
}

/* Depths that everyone may take are fewer; one in use is open to all. */
/* What was found is kept until entries come or go, and no longer. */
static void remembers(void **state)
{
	struct damc_name name = { (const u8 *)"\1a", 2 };
	struct damc_name root = { name.wire, 0 };
	struct damc_fib_entry *entry, other;
	struct damc_match match = {};

	assert_null(damc_fib_lookup_again(&fib, &name, &match));
	match.entry = &other;
	assert_ptr_equal(damc_fib_lookup_again(&fib, &name, &match), &other);
	assert_int_equal(damc_fib_insert(&fib, &root, 2, &targets[1]), 0);
	entry = damc_fib_lookup_again(&fib, &name, &match);
	assert_ptr_equal(entry, damc_fib_lookup(&fib, &name));
	/* Where an entry leads is no concern of the FIB's. */
	entry->target = &targets[2];
	match.entry = &other;
	assert_ptr_equal(damc_fib_lookup_again(&fib, &name, &match), &other);
	damc_fib_remove(&fib, entry);
	assert_null(damc_fib_lookup_again(&fib, &name, &match));
	/* What was refused has changed nothing. */
	assert_int_equal(damc_fib_insert(&fib, &root, 2, &targets[1]), 0);
	damc_fib_lookup_again(&fib, &name, &match);
	match.entry = &other;
	assert_int_equal(damc_fib_insert(&fib, &root, 2, &targets[1]), -EEXIST);
	assert_ptr_equal(damc_fib_lookup_again(&fib, &name, &match), &other);
	empty();
	(void)state;
}

static void keeps_depths_back(void **state)
{
	static const u8 wire[] = "\1a\1b\1c\1d\1e\1f\1g\1h\1i";
	unsigned int depth;

	for (depth = 1; depth <= DAMC_DEPTHS_MAX; depth++) {
		struct damc_name name = { wire, 2 * depth };
		struct damc_name deeper = { wire, 2 * depth + 2 };

		assert_int_equal(damc_fib_has_depth(&fib, &name, 4), depth <= 4);
		assert_int_equal(damc_fib_insert(&fib, &name, 2, &targets[0]),
				 0);
		assert_true(damc_fib_has_depth(&fib, &name, 4));
		assert_int_equal(damc_fib_has_depth(&fib, &deeper, 8),
				 depth < 8);
	}
	empty();
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(agrees_with_twin, start),
		cmocka_unit_test_setup(agrees_when_sparse, start),
		cmocka_unit_test_setup(refuses_one_depth_too_many, start),
		cmocka_unit_test_setup(survives_no_memory, start),
		cmocka_unit_test_setup(walk_survives_changes, start),
		cmocka_unit_test_setup(one_home_for_all, start),
		cmocka_unit_test_setup(root_matches_all, start),
		cmocka_unit_test_setup(remembers, start),
		cmocka_unit_test_setup(keeps_depths_back, start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
