// SPDX-License-Identifier: GPL-2.0
/* The map of a message's fragments, against a twin that marks every byte. */
#include "check.h"
#include "reassembly_map.h"

/* Whose each byte is: 0 nobody's, else the fragment's offset plus one. */
struct twin {
	u32 owner[DAMC_MESSAGE_MAX];
	unsigned int total;
	unsigned int size;
};

static struct twin twin;

static bool is_last(const struct damc_fragment *f)
{
	return f->offset + f->len == f->total;
}

/* The rules as protocol.rst has them, said another way. */
static bool twin_valid(const struct damc_fragment *f)
{
	unsigned int end = (unsigned int)f->offset + f->len;

	if (f->total > 65000 || f->len == 0 || end > f->total)
		return false;
	if (f->offset == 0 && end == f->total)
		return false;
	if (end == f->total)
		return f->offset >= 512;
	return f->len >= 512 && f->offset / f->len * f->len == f->offset;
}

static enum damc_reassembly_verdict twin_conflict(void)
{
	return DAMC_REASSEMBLY_CONFLICT;
}

/* All that is there, and the new one: one size, the last apart; no overlap. */
static bool twin_sizes_agree(const struct damc_fragment *f)
{
	unsigned int i, len, size = is_last(f) ? 0 : f->len;
	unsigned int last = is_last(f) ? f->offset : 0;

	for (i = 0; i < twin.total; i += len) {
		for (len = 1; i + len < twin.total &&
		     twin.owner[i + len] == twin.owner[i]; len++)
			;
		if (!twin.owner[i])
			continue;
		if (i + len == twin.total) {
			last = i;
			continue;
		}
		if (size && size != len)
			return false;
		size = len;
	}
	return !last || !size || (last % size == 0 && twin.total - last <= size);
}

static enum damc_reassembly_verdict twin_add(const struct damc_fragment *f)
{
	unsigned int i, mine = 0, free = 0;

	if (twin.total && twin.total != f->total)
		return twin_conflict();
	twin.total = f->total;
	for (i = f->offset; i < f->offset + f->len; i++) {
		free += !twin.owner[i];
		mine += twin.owner[i] == f->offset + 1u;
	}
	if (mine == f->len && (i == f->total || twin.owner[i] != f->offset + 1u))
		return DAMC_REASSEMBLY_DUPLICATE;
	if (free != f->len || !twin_sizes_agree(f))
		return twin_conflict();
	for (i = f->offset; i < f->offset + f->len; i++)
		twin.owner[i] = f->offset + 1;
	for (i = 0; i < twin.total; i++)
		if (!twin.owner[i])
			return DAMC_REASSEMBLY_TAKEN;
	return DAMC_REASSEMBLY_COMPLETE;
}

static unsigned int count(unsigned int total, unsigned int size)
{
	return (total + size - 1) / size;
}

static struct damc_fragment nth(unsigned int total, unsigned int size,
				unsigned int n)
{
	struct damc_fragment f = { .offset = n * size, .total = total };

	f.len = total - f.offset < size ? total - f.offset : size;
	return f;
}

static void shuffle(u8 *order, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		order[i] = i;
	for (i = n; i > 1; i--) {
		unsigned int j = check_below(i);
		u8 swap = order[i - 1];

		order[i - 1] = order[j];
		order[j] = swap;
	}
}

/* In any order, each once and some twice: whole with the last to come. */
static void any_order_completes(void **state)
{
	unsigned int round;

	for (round = 0; round < 2000; round++) {
		unsigned int size = 512 + check_below(9000);
		unsigned int total = size + 1 + check_below(65000 - size);
		unsigned int n = count(total, size), i;
		struct damc_reassembly_map map = {};
		u8 order[DAMC_FRAGMENTS_MAX];

		assert_true(n >= 2 && n <= DAMC_FRAGMENTS_MAX);
		shuffle(order, n);
		for (i = 0; i < n; i++) {
			struct damc_fragment f = nth(total, size, order[i]);

			assert_true(damc_fragment_valid(&f));
			assert_int_equal(damc_reassembly_map_add(&map, &f),
					 i + 1 == n ? DAMC_REASSEMBLY_COMPLETE :
						      DAMC_REASSEMBLY_TAKEN);
			assert_int_equal(damc_reassembly_map_add(&map, &f),
					 DAMC_REASSEMBLY_DUPLICATE);
		}
	}
	(void)state;
}

struct vector {
	char kind[8];
	struct damc_fragment_hdr hdr;
	struct damc_fragment f;
};

/* A line of fragments.txt: false if it is a comment. */
static bool vector_read(const char *line, struct vector *v)
{
	u8 *to = (u8 *)&v->hdr;
	char hex[2 * sizeof(v->hdr) + 1];
	unsigned int i, byte;

	if (sscanf(line, "%7[a-z]\t%24[0-9a-f]\t%hu\t", v->kind, hex,
		   &v->f.len) != 3)
		return false;
	for (i = 0; i < sizeof(v->hdr); i++) {
		assert_int_equal(sscanf(hex + 2 * i, "%2x", &byte), 1);
		to[i] = byte;
	}
	v->f.offset = be16_to_cpu(v->hdr.offset);
	v->f.total = be16_to_cpu(v->hdr.total);
	return true;
}

/* Whose message the fragment is of is not the map's to judge. */
static bool vector_valid(const struct vector *v)
{
	return (v->hdr.next_proto == DAMC_PROTO_MESSAGE ||
		v->hdr.next_proto == DAMC_PROTO_ECHO) &&
	       damc_fragment_valid(&v->f);
}

static bool vector_clashes(const struct vector *v)
{
	static const struct damc_fragment first = { 0, 512, 3000 };
	struct damc_reassembly_map map = {};

	damc_reassembly_map_add(&map, &first);
	return damc_reassembly_map_add(&map, &v->f) == DAMC_REASSEMBLY_CONFLICT;
}

static void vectors_hold(void **state)
{
	FILE *file = fopen(VECTORS "/fragments.txt", "r");
	unsigned int good = 0, bad = 0, clash = 0;
	struct vector v;
	char line[256];

	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		if (!vector_read(line, &v))
			continue;
		good += !strcmp(v.kind, "good");
		bad += !strcmp(v.kind, "bad");
		clash += !strcmp(v.kind, "clash");
		if (vector_valid(&v) == !strcmp(v.kind, "bad") ||
		    (!strcmp(v.kind, "clash") && !vector_clashes(&v)))
			fail_msg("%s", line);
	}
	fclose(file);
	assert_true(good >= 7 && bad >= 17 && clash >= 5);
	(void)state;
}

/* A fragment of the message, or one that is off by a little. */
static struct damc_fragment random_fragment(unsigned int total,
					    unsigned int size)
{
	struct damc_fragment f = nth(total, size,
				     check_below(count(total, size)));

	switch (check_below(24)) {
	case 0:
		f.total += check_below(3) - 1;
		break;
	case 1:
		f.offset += check_below(3) - 1;
		break;
	case 2:
		f.len += check_below(3) - 1;
		break;
	case 3:
		f.len = f.total - f.offset;
		break;
	case 4:
		f = nth(total, 512 + check_below(2000), check_below(3));
		break;
	case 5:
		f = (struct damc_fragment){ check_random(), check_random(),
					    check_below(2) ? total :
					    check_random() };
		break;
	}
	return f;
}

static void twin_agrees(void **state)
{
	unsigned int round, verdicts[4] = {};

	for (round = 0; round < 3000; round++) {
		unsigned int size = 512 + check_below(3) * check_below(1000);
		unsigned int total = size + 1 + check_below(6 * size);
		struct damc_reassembly_map map = {};
		enum damc_reassembly_verdict got, want;
		int i;

		memset(&twin, 0, sizeof(twin));
		for (i = 0; i < 40; i++) {
			struct damc_fragment f = random_fragment(total, size);

			assert_int_equal(damc_fragment_valid(&f),
					 twin_valid(&f));
			if (!damc_fragment_valid(&f))
				continue;
			want = twin_add(&f);
			got = damc_reassembly_map_add(&map, &f);
			assert_int_equal(got, want);
			verdicts[got]++;
			if (got == DAMC_REASSEMBLY_CONFLICT ||
			    got == DAMC_REASSEMBLY_COMPLETE)
				break;
		}
	}
	assert_true(verdicts[DAMC_REASSEMBLY_TAKEN] > 1000);
	assert_true(verdicts[DAMC_REASSEMBLY_COMPLETE] > 200);
	assert_true(verdicts[DAMC_REASSEMBLY_DUPLICATE] > 200);
	assert_true(verdicts[DAMC_REASSEMBLY_CONFLICT] > 200);
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors_hold),
		cmocka_unit_test(any_order_completes),
		cmocka_unit_test(twin_agrees),
	};

	check_seed();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
