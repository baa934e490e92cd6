// SPDX-License-Identifier: GPL-2.0
/* Names: well-formedness against a naive reader, texts, scopes, hashes. */
#include "names.h"

static const siphash_key_t key = { { 0x0706050403020100, 0x0f0e0d0c0b0a0908 } };

/* Naive: consume one component after another, recursively. */
static int naive_depth(const u8 *wire, size_t len)
{
	int rest;

	if (!len)
		return 0;
	if (!wire[0] || (size_t)wire[0] + 1 > len)
		return -1;
	rest = naive_depth(wire + wire[0] + 1, len - wire[0] - 1);
	return rest < 0 ? -1 : rest + 1;
}

static void depth_agrees_with_naive(void **state)
{
	int round;

	check_seed();
	for (round = 0; round < 200000; round++) {
		u8 wire[140];
		size_t len = check_below(sizeof(wire)), i;
		int naive;

		for (i = 0; i < len; i++)
			wire[i] = check_below(4) ? check_below(6)
						 : check_random();
		naive = naive_depth(wire, len);
		if (len > DAMC_NAME_MAX || naive > DAMC_COMPONENTS_MAX)
			naive = -1;
		assert_int_equal(damc_name_depth(wire, len) < 0, naive < 0);
		if (naive >= 0)
			assert_int_equal(damc_name_depth(wire, len), naive);
	}
	(void)state;
}

static size_t unhex(const char *text, u8 *to)
{
	size_t n = 0;
	unsigned int byte;

	if (!strcmp(text, "-"))
		return 0;
	while (sscanf(text + 2 * n, "%2x", &byte) == 1)
		to[n++] = byte;
	return n;
}

/* The wire forms and texts that libdamc is held to, too. */
static void vectors_hold(void **state)
{
	char line[4096], text[DAMC_NAME_TEXT_MAX];
	FILE *f = fopen(VECTORS "/names.txt", "r");
	unsigned int n = 0;

	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		char *field[4] = { 0 }, *save = NULL, *word;
		u8 wire[2048];
		size_t len;
		int i = 0;

		line[strcspn(line, "\n")] = 0;
		for (word = strtok_r(line, "\t", &save); word && i < 4;
		     word = strtok_r(NULL, "\t", &save))
			field[i++] = word;
		if (i >= 2 && !strcmp(field[0], "wire")) {
			len = unhex(field[1], wire);
			assert_true(damc_name_depth(wire, len) < 0);
			n++;
		}
		if (i != 4 || strcmp(field[0], "ok"))
			continue;
		len = unhex(field[2], wire);
		assert_true(damc_name_depth(wire, len) >= 0);
		assert_int_equal(damc_name_text(&(struct damc_name){
					wire, len }, text, sizeof(text)),
				 strlen(field[3]));
		assert_string_equal(text, field[3]);
		n++;
	}
	fclose(f);
	assert_true(n > 20);
	(void)state;
}

static void longest_text_fits(void **state)
{
	char text[DAMC_NAME_TEXT_MAX];
	u8 wire[DAMC_NAME_MAX] = { DAMC_NAME_MAX - 1 };
	struct damc_name name = { wire, sizeof(wire) };

	assert_int_equal(damc_name_text(&name, text, sizeof(text)),
			 1 + 3 * (DAMC_NAME_MAX - 1));
	assert_int_equal(damc_name_text(&name, text, sizeof(text) - 1),
			 -ENOSPC);
	(void)state;
}

static void scopes_go_by_first_component(void **state)
{
	static const struct {
		const char *wire;
		enum damc_scope scope;
	} cases[] = {
		{ "\4damc", DAMC_SCOPE_FABRIC },
		{ "\4damc\4node", DAMC_SCOPE_FABRIC },
		{ "\5damcx", DAMC_SCOPE_GLOBAL },
		{ "\3dam", DAMC_SCOPE_GLOBAL },
		{ "\10localhop\1x", DAMC_SCOPE_LINK },
		{ "\11localhost", DAMC_SCOPE_HOST },
		{ "\11localhosT", DAMC_SCOPE_GLOBAL },
		{ "\1a\4damc", DAMC_SCOPE_GLOBAL },
		{ "", DAMC_SCOPE_GLOBAL },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct damc_name name = { (const u8 *)cases[i].wire,
					  strlen(cases[i].wire) };

		assert_int_equal(damc_name_scope(&name), cases[i].scope);
	}
	(void)state;
}

static bool bindable(unsigned int a, unsigned int b)
{
	u8 wire[DAMC_NAME_MAX] = { 0 };

	wire[0] = a;
	if (b)
		wire[a + 1] = b;
	return damc_name_bindable(&(struct damc_name){
		wire, a ? a + 1 + (b ? b + 1 : 0) : 0 });
}

static void bindable_has_bounds(void **state)
{
	assert_false(bindable(0, 0));
	assert_true(bindable(1, 0));
	assert_true(bindable(63, 0));
	assert_false(bindable(64, 0));
	assert_true(bindable(63, 35));
	assert_false(bindable(63, 36));
	(void)state;
}

/* What a table keeps a prefix under is what a lookup probes it by. */
static void prefixes_hash_as_wholes(void **state)
{
	int round;

	check_seed();
	for (round = 0; round < 20000; round++) {
		struct test_name name = test_name_random(12, 40);
		struct damc_name view = test_view(&name);
		struct damc_prefix_hash out;
		u64 depths = 0;
		unsigned int i;

		for (i = 0; i < DAMC_DEPTHS_MAX; i++)
			depths |= BIT_ULL(1 + check_below(14));
		depths |= check_below(2);
		damc_name_hash(&key, &view, depths, &out);
		assert_true(out.n <= DAMC_DEPTHS_MAX + 1);
		for (i = 0; i < out.n; i++) {
			struct damc_name part = { name.wire, out.len[i] };
			int depth = damc_name_depth(part.wire, part.len);

			assert_true(depth >= 0 && depths >> depth & 1);
			assert_int_equal(out.hash[i],
					 damc_name_hash_whole(&key, &part));
		}
	}
	(void)state;
}

static void hash_depends_on_order_and_key(void **state)
{
	static const siphash_key_t other = { { 1, 2 } };
	struct damc_name ab = { (const u8 *)"\1a\1b", 4 };
	struct damc_name ba = { (const u8 *)"\1b\1a", 4 };
	struct damc_name joined = { (const u8 *)"\3a\1b", 4 };

	assert_int_not_equal(damc_name_hash_whole(&key, &ab),
			     damc_name_hash_whole(&key, &ba));
	assert_int_not_equal(damc_name_hash_whole(&key, &ab),
			     damc_name_hash_whole(&key, &joined));
	assert_int_not_equal(damc_name_hash_whole(&key, &ab),
			     damc_name_hash_whole(&other, &ab));
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(depth_agrees_with_naive),
		cmocka_unit_test(vectors_hold),
		cmocka_unit_test(longest_text_fits),
		cmocka_unit_test(scopes_go_by_first_component),
		cmocka_unit_test(bindable_has_bounds),
		cmocka_unit_test(prefixes_hash_as_wholes),
		cmocka_unit_test(hash_depends_on_order_and_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
