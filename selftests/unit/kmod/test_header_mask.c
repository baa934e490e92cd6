// SPDX-License-Identifier: GPL-2.0
/* What a pod may not choose in a header; and token buckets, against a twin. */
#include "bucket.h"
#include "header.h"
#include "names.h"

#define CLASS 3

static struct test_name some_name(void)
{
	struct test_name name;

	do
		name = test_name_random(4, 20);
	while (!name.len);
	return name;
}

/* A header with random fields and TLVs of a random granted or foreign kind. */
static unsigned int random_header(u8 *data)
{
	struct damc_hdr *hdr = (struct damc_hdr *)data;
	struct test_name dst = some_name();
	struct test_name src = some_name();
	unsigned int at = sizeof(*hdr), len, n = check_below(5);
	bool record = false;

	memset(data, 0, DAMC_HDR_MAX);
	*hdr = (struct damc_hdr){
		.version = DAMC_VERSION << 4, .next_proto = DAMC_PROTO_MESSAGE,
		.traffic_class = check_random(), .hop_limit = 9,
		.flags = check_random() & ~DAMC_F_HOP_TLV,
		.path = check_below(2) ? check_random() : 0,
		.reserved = check_below(2) ? check_random() : 0,
		.dst_len = dst.len, .src_len = src.len,
	};
	memcpy(data + at, dst.wire, dst.len);
	at += dst.len;
	memcpy(data + at, src.wire, src.len);
	at += src.len;
	while (n--) {
		u8 type = check_below(3) ? check_random() : DAMC_TLV_RECORD;

		/* One record; what names a pool an edge refuses. */
		if ((type == DAMC_TLV_RECORD && record) || type == DAMC_TLV_POOL)
			type = 2;
		record |= type == DAMC_TLV_RECORD;
		data[at++] = type;
		if (type == DAMC_TLV_PAD)
			continue;
		if (type & DAMC_TLV_HOP)
			hdr->flags |= DAMC_F_HOP_TLV;
		len = 2 + check_below(30);
		data[at++] = len;
		data[at] = 0;
		at += len;
	}
	at = ALIGN(at, 4);
	hdr->header_len = at / 4;
	return at;
}

/* Only RECORD and pad bytes are left, and all else is as it was. */
static void check_masked(const u8 *data, const u8 *before, unsigned int len)
{
	const struct damc_hdr *hdr = (const void *)data, *old;
	unsigned int at, size;

	old = (const void *)before;
	at = sizeof(*hdr) + hdr->dst_len + hdr->src_len;
	assert_memory_equal(data + sizeof(*hdr), before + sizeof(*hdr),
			    at - sizeof(*hdr));
	assert_int_equal(hdr->path, 0);
	assert_int_equal(hdr->reserved, 0);
	assert_int_equal(hdr->traffic_class & 3, old->traffic_class & 3);
	assert_int_equal(hdr->flow, old->flow);
	assert_int_equal(hdr->hop_limit, old->hop_limit);
	for (; at < len; at += size) {
		size = before[at] ? 2 + before[at + 1] : 1;
		if (before[at] == DAMC_TLV_RECORD) {
			assert_memory_equal(data + at, before + at, size);
			continue;
		}
		for (unsigned int i = 0; i < size; i++)
			assert_int_equal(data[at + i], 0);
	}
}

static void only_what_is_granted_is_left(void **state)
{
	static u8 data[DAMC_HDR_MAX], before[DAMC_HDR_MAX];
	struct damc_pkt pkt, again;
	int round;

	check_seed();
	for (round = 0; round < 20000; round++) {
		unsigned int len = random_header(data);
		bool exceeds;

		assert_int_equal(damc_hdr_parse(data, len, len, &pkt), 0);
		memcpy(before, data, sizeof(before));
		exceeds = damc_hdr_exceeds(data, &pkt, CLASS);
		damc_hdr_mask(data, &pkt, CLASS);
		assert_int_equal(exceeds, memcmp(before, data, len) != 0);
		check_masked(data, before, len);
		/* Still well formed, and as the caller was told. */
		assert_int_equal(damc_hdr_parse(data, len, len, &again), 0);
		assert_memory_equal(&again, &pkt, sizeof(pkt));
		assert_false(damc_hdr_exceeds(data, &pkt, CLASS));
	}
	(void)state;
}

static void class_above_is_best_effort(void **state)
{
	static u8 data[DAMC_HDR_MAX];
	struct damc_hdr *hdr = (struct damc_hdr *)data;
	struct damc_hdr_args args = {
		.dst = { .wire = (const u8 *)"\1d", .len = 2 },
		.src = { .wire = (const u8 *)"\1s", .len = 2 },
		.next_proto = DAMC_PROTO_MESSAGE,
	};
	struct damc_pkt pkt;
	unsigned int class;

	for (class = 0; class < 256; class++) {
		args.traffic_class = class;
		damc_hdr_write(data, &args, &pkt);
		damc_hdr_mask(data, &pkt, CLASS);
		assert_int_equal(hdr->traffic_class,
				 class < (CLASS + 1) << 5 ? class : class & 3);
		assert_int_equal(pkt.traffic_class, hdr->traffic_class);
	}
	(void)state;
}

/* A bucket that counts tokens, in fractions as fine as its clock. */
struct twin {
	u64 tokens_cost;
	u64 last;
};

static bool twin_take(struct twin *twin, u64 now, u32 rate, u32 burst)
{
	u64 cost = DAMC_BUCKET_SECOND / rate, most = cost * burst;

	twin->tokens_cost += now - twin->last;
	if (twin->tokens_cost > most)
		twin->tokens_cost = most;
	twin->last = now;
	if (twin->tokens_cost < cost)
		return false;
	twin->tokens_cost -= cost;
	return true;
}

static void bucket_is_as_its_twin(void **state)
{
	static const u32 rates[] = { 1, 2, 3, 200, 1000, 999983, 10000000 };
	static const u32 bursts[] = { 1, 4, 100, 1000000 };
	int round, i;

	check_seed();
	for (round = 0; round < 200; round++) {
		u32 rate = rates[check_below(7)], burst = bursts[check_below(4)];
		u64 cost = DAMC_BUCKET_SECOND / rate;
		u64 now = cost * burst + check_below(1ULL << 50), full = 0;
		struct twin twin = { cost * burst, now };

		for (i = 0; i < 5000; i++) {
			now += check_below(2) ? check_below(2 * cost) :
						check_below(3);
			assert_int_equal(damc_bucket_step(&full, now, rate, burst),
					 twin_take(&twin, now, rate, burst));
		}
	}
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_is_granted_is_left),
		cmocka_unit_test(class_above_is_best_effort),
		cmocka_unit_test(bucket_is_as_its_twin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
