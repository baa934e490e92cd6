// SPDX-License-Identifier: GPL-2.0
/*
 * Policies beside a naive twin: a list of which the best match is sought from
 * end to end. Both are changed alike at random, and asked the same questions.
 */
#include "policy.h"
#include "names.h"

#define TWIN_MAX 2048

/* What the module adds to one; none of the pure part's business. */
struct damc_policy_stats {
	int unused;
};

static struct {
	struct test_name dst;
	struct damc_policy *policy;
} twin[TWIN_MAX];
static unsigned int twin_count;

static struct damc_policies policies;
static struct mutex lock;

static int start(void **state)
{
	siphash_key_t key;

	check_seed();
	key.key[0] = check_random();
	key.key[1] = check_random();
	damc_policies_init(&policies, &lock, &key);
	twin_count = 0;
	shim_allocated = 0;
	shim_alloc_budget = -1;
	(void)state;
	return 0;
}

static struct damc_policy *make(const struct test_name *src, u8 class)
{
	struct damc_policy *policy = calloc(1, sizeof(*policy));

	assert_non_null(policy);
	policy->class = class;
	policy->src_len = src->len;
	memcpy(policy->src, src->wire, src->len);
	return policy;
}

static u8 random_class(void)
{
	return check_below(2) ? DAMC_POLICY_CLASS_ANY :
				check_below(DAMC_POLICY_CLASS_MAX + 1);
}

static bool same(const struct test_name *name, const u8 *wire, u8 len)
{
	return name->len == len && !memcmp(name->wire, wire, len);
}

static int twin_find(const struct test_name *dst, const struct test_name *src,
		     u8 class)
{
	unsigned int i;

	for (i = 0; i < twin_count; i++)
		if (same(&twin[i].dst, dst->wire, dst->len) &&
		    same(src, twin[i].policy->src, twin[i].policy->src_len) &&
		    twin[i].policy->class == class)
			return i;
	return -1;
}

/* By components, not by bytes. */
static bool covers(const u8 *prefix, u8 len, const struct test_name *name)
{
	unsigned int depth;

	for (depth = 0; depth <= DAMC_COMPONENTS_MAX; depth++) {
		struct test_name cut = test_name_cut(*name, depth);

		if (same(&cut, prefix, len))
			return true;
	}
	return false;
}

/* Longer destination, then longer source, then a class. */
static bool better(unsigned int a, unsigned int b)
{
	if (twin[a].dst.len != twin[b].dst.len)
		return twin[a].dst.len > twin[b].dst.len;
	if (twin[a].policy->src_len != twin[b].policy->src_len)
		return twin[a].policy->src_len > twin[b].policy->src_len;
	return twin[a].policy->class != DAMC_POLICY_CLASS_ANY;
}

static struct damc_policy *twin_match(const struct test_name *dst,
				      const struct test_name *src, u8 class)
{
	int best = -1;
	unsigned int i;

	for (i = 0; i < twin_count; i++) {
		const struct damc_policy *policy = twin[i].policy;

		if (covers(twin[i].dst.wire, twin[i].dst.len, dst) &&
		    covers(policy->src, policy->src_len, src) &&
		    (policy->class == DAMC_POLICY_CLASS_ANY ||
		     policy->class == class) &&
		    (best < 0 || better(i, best)))
			best = i;
	}
	return best < 0 ? NULL : twin[best].policy;
}

static unsigned int twin_at_prefix(const struct test_name *dst)
{
	unsigned int i, n = 0;

	for (i = 0; i < twin_count; i++)
		n += same(&twin[i].dst, dst->wire, dst->len);
	return n;
}

static bool twin_depth_fits(const struct test_name *name)
{
	bool seen[DAMC_COMPONENTS_MAX + 1] = { false };
	unsigned int i, n = 0;

	seen[damc_name_depth(name->wire, name->len)] = true;
	for (i = 0; i < twin_count; i++)
		seen[damc_name_depth(twin[i].dst.wire, twin[i].dst.len)] = true;
	for (i = 1; i <= DAMC_COMPONENTS_MAX; i++)
		n += seen[i];
	return n <= DAMC_DEPTHS_MAX;
}

static struct damc_policy_key key_of(const struct test_name *dst,
				     const struct test_name *src, u8 class)
{
	return (struct damc_policy_key){
		.dst = test_view(dst), .src = test_view(src), .class = class,
	};
}

static void add(const struct test_name *dst, const struct test_name *src,
		u8 class)
{
	struct damc_policy *policy = make(src, class);
	struct damc_name view = test_view(dst);
	int err = damc_policy_insert(&policies, &view, policy);

	if (twin_at_prefix(dst) == DAMC_POLICIES_PREFIX_MAX)
		assert_int_equal(err, -ENOSPC);
	else if (!twin_depth_fits(dst))
		assert_int_equal(err, -E2BIG);
	else
		assert_int_equal(err, 0);
	if (err) {
		free(policy);
		return;
	}
	twin[twin_count].dst = *dst;
	twin[twin_count++].policy = policy;
}

static void drop(unsigned int at)
{
	damc_policy_remove(&policies, twin[at].policy);
	free(twin[at].policy);
	twin[at] = twin[--twin_count];
}

static void swap(unsigned int at)
{
	struct damc_policy *old = twin[at].policy;
	struct test_name src = { .len = old->src_len };

	memcpy(src.wire, old->src, old->src_len);
	twin[at].policy = make(&src, old->class);
	damc_policy_swap(&policies, old, twin[at].policy);
	free(old);
}

static void change(unsigned int depth, unsigned int words)
{
	struct test_name dst = test_name_random(depth, words);
	struct test_name src = test_name_random(3, words);
	u8 class = random_class();
	struct damc_policy_key key = key_of(&dst, &src, class);
	int at = twin_find(&dst, &src, class);

	assert_ptr_equal(damc_policy_find(&policies, &key),
			 at < 0 ? NULL : twin[at].policy);
	if (at < 0 && twin_count < TWIN_MAX)
		add(&dst, &src, class);
	else if (at >= 0 && check_below(2))
		drop(at);
	else if (at >= 0)
		swap(at);
	if (twin_count && !check_below(3))
		drop(check_below(twin_count));
}

static void ask(unsigned int depth, unsigned int words)
{
	struct test_name dst = test_name_random(depth, words);
	struct test_name src = test_name_random(4, words);
	u8 class = check_below(DAMC_POLICY_CLASS_MAX + 1);
	struct damc_policy_key key = key_of(&dst, &src, class);

	assert_ptr_equal(damc_policy_match(&policies, &key),
			 twin_match(&dst, &src, class));
}

static void empty(void)
{
	while (twin_count)
		drop(twin_count - 1);
	assert_false(damc_policies_any(&policies));
	assert_int_equal(policies.table.count, 0);
	damc_policies_free(&policies);
	assert_int_equal(shim_allocated, 0);
}

static void agrees_with_twin(void **state)
{
	unsigned int i;

	for (i = 0; i < 6000; i++) {
		change(3, 4);
		ask(5, 4);
		ask(2, 4);
	}
	assert_true(twin_count > 20);
	empty();
	(void)state;
}

/* More about a prefix than there may be, and more depths. */
static void agrees_at_limits(void **state)
{
	unsigned int i;

	for (i = 0; i < 3000; i++) {
		struct test_name dst = test_name_random(14, 2);
		struct test_name src = test_name_random(3, 12);
		u8 class = random_class();

		if (check_below(2))
			dst.len = 0;
		if (twin_find(&dst, &src, class) < 0 && twin_count < TWIN_MAX)
			add(&dst, &src, class);
		if (!check_below(8) && twin_count)
			drop(check_below(twin_count));
		ask(14, 2);
	}
	empty();
	(void)state;
}

static struct damc_name literal(const char *wire)
{
	return (struct damc_name){ (const u8 *)wire, strlen(wire) };
}

/* The fabric's own names and class are nobody's to steer. */
static void leaves_the_fabric_alone(void **state)
{
	struct test_name none = { .len = 0 };
	struct damc_policy_key key = { .dst = literal("\4damc\1x") };

	add(&none, &none, DAMC_POLICY_CLASS_ANY);
	assert_null(damc_policy_match(&policies, &key));
	key.dst = literal("\10localhop\1x");
	assert_null(damc_policy_match(&policies, &key));
	key.dst = literal("\5damcx");
	assert_non_null(damc_policy_match(&policies, &key));
	key.class = DAMC_POLICY_CLASS_MAX;
	assert_non_null(damc_policy_match(&policies, &key));
	key.class = DAMC_POLICY_CLASS_MAX + 1;
	assert_null(damc_policy_match(&policies, &key));
	empty();
	(void)state;
}

/* A source's prefix ends where a component does. */
static void sources_are_components(void **state)
{
	struct test_name none = { .len = 0 };
	struct test_name source = { .wire = "\2ab", .len = 3 };
	struct damc_policy_key key = { .dst = literal("\1d") };

	add(&none, &source, DAMC_POLICY_CLASS_ANY);
	key.src = literal("\3abc");
	assert_null(damc_policy_match(&policies, &key));
	key.src = literal("\2ab\1c");
	assert_non_null(damc_policy_match(&policies, &key));
	key.src = literal("\2ab");
	assert_non_null(damc_policy_match(&policies, &key));
	key.src = literal("\1a");
	assert_null(damc_policy_match(&policies, &key));
	empty();
	(void)state;
}

static void without_memory_nothing_changes(void **state)
{
	struct test_name none = { .len = 0 };
	struct test_name dst = { .wire = "\1d", .len = 2 };
	struct damc_policy *policy = make(&none, DAMC_POLICY_CLASS_ANY);
	struct damc_name view = test_view(&dst);
	struct damc_policy_key key = { .dst = view };
	int budget;

	for (budget = 0; budget < 2; budget++) {
		shim_alloc_budget = budget;
		assert_int_equal(damc_policy_insert(&policies, &view, policy),
				 -ENOMEM);
		assert_false(damc_policies_any(&policies));
		assert_null(damc_policy_match(&policies, &key));
	}
	shim_alloc_budget = -1;
	free(policy);
	add(&dst, &none, DAMC_POLICY_CLASS_ANY);
	empty();
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(agrees_with_twin, start),
		cmocka_unit_test_setup(agrees_at_limits, start),
		cmocka_unit_test_setup(leaves_the_fabric_alone, start),
		cmocka_unit_test_setup(sources_are_components, start),
		cmocka_unit_test_setup(without_memory_nothing_changes, start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
