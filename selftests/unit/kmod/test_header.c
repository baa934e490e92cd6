// SPDX-License-Identifier: GPL-2.0
/* The header: published vectors, round trips, mutations, the record. */
#include "header.h"
#include "names.h"

static u8 *hold(const u8 *data, size_t len)
{
	/* Exactly as long as told, for the sanitizer to see a read beyond. */
	u8 *copy = malloc(len ?: 1);

	memcpy(copy, data, len);
	return copy;
}

static size_t unhex(const char *text, u8 *to)
{
	unsigned int byte;
	size_t n = 0;

	while (sscanf(text, " %2x", &byte) == 1) {
		to[n++] = byte;
		text += strspn(text, " ") + 2;
	}
	return n;
}

static int parse(const u8 *data, size_t len, struct damc_pkt *pkt)
{
	u8 *copy = hold(data, len);
	int header, err = -EINVAL;

	header = len < sizeof(struct damc_hdr) ? -EINVAL :
		 damc_hdr_len((struct damc_hdr *)copy);
	if (header >= 0 && (size_t)header <= len)
		err = damc_hdr_parse(copy, header, len, pkt);
	else if (header < 0)
		err = header;
	free(copy);
	return err;
}

static void check_good(const u8 *data, size_t len, char *fields)
{
	struct damc_pkt pkt;
	unsigned int v[9], pool = 0;
	const char *more;
	int n;

	n = sscanf(fields,
		   "hop=%u class=%u proto=%u flow=%x path=%x dst=%u src=%u payload=%u record=%u",
		   &v[0], &v[1], &v[2], &v[3], &v[4], &v[5], &v[6], &v[7],
		   &v[8]);
	assert_int_equal(n, 9);
	more = strstr(fields, " pool=");
	if (more)
		assert_int_equal(sscanf(more, " pool=%u", &pool), 1);
	assert_int_equal(parse(data, len, &pkt), 0);
	assert_int_equal(pkt.hop_limit, v[0]);
	assert_int_equal(pkt.traffic_class, v[1]);
	assert_int_equal(pkt.next_proto, v[2]);
	assert_int_equal(pkt.flow, v[3]);
	assert_int_equal(pkt.path, v[4]);
	assert_int_equal(pkt.dst_len, v[5]);
	assert_int_equal(pkt.src_len, v[6]);
	assert_int_equal(pkt.payload_len, v[7]);
	assert_int_equal(pkt.record_len, v[8]);
	assert_int_equal(pkt.pool_len, pool);
}

/* Lines: good|bad|version TAB hexadecimal TAB what it says. */
static void vectors_hold(void **state)
{
	FILE *f = fopen(VECTORS "/packets.txt", "r");
	unsigned int good = 0, bad = 0;
	char line[8192];

	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		char *save = NULL, *kind, *hex, *rest;
		struct damc_pkt pkt;
		u8 data[2048];
		size_t len;

		line[strcspn(line, "\n")] = 0;
		kind = strtok_r(line, "\t", &save);
		hex = strtok_r(NULL, "\t", &save);
		rest = strtok_r(NULL, "\t", &save);
		if (!kind || *kind == '#' || !hex || !rest)
			continue;
		len = unhex(hex, data);
		if (!strcmp(kind, "good")) {
			check_good(data, len, rest);
			good++;
		} else {
			int want = strcmp(kind, "version") ? -EINVAL :
							     -EPROTONOSUPPORT;

			if (parse(data, len, &pkt) != want)
				fail_msg("taken, or refused otherwise: %s",
					 rest);
			bad++;
		}
	}
	fclose(f);
	assert_true(good >= 5 && bad >= 15);
	(void)state;
}

static struct damc_hdr_args random_args(struct test_name *dst,
					struct test_name *src)
{
	static const u8 protos[] = { 1, 2, 3, 5 };
	u8 record = check_below(3) ? 0 : 2 + check_below(254);

	do {
		*dst = test_name_random(8, 60);
		*src = test_name_random(8, 60);
	} while (!dst->len || !src->len);
	return (struct damc_hdr_args){
		.dst = test_view(dst),
		.src = test_view(src),
		.flow = check_random(),
		.payload_len = check_below(100),
		.next_proto = protos[check_below(4)],
		.hop_limit = check_random(),
		.traffic_class = check_random(),
		.record_len = record,
		.first = check_below(2),
	};
}

static bool all_zero(const u8 *data, unsigned int len)
{
	while (len && !*data)
		data++, len--;
	return !len;
}

static void written_is_read(void **state)
{
	int round;

	check_seed();
	for (round = 0; round < 20000; round++) {
		struct test_name dst, src;
		struct damc_hdr_args args = random_args(&dst, &src);
		unsigned int size = damc_hdr_size(&args);
		struct damc_pkt wrote, read;
		u8 *data = malloc(size + args.payload_len);

		/* What stood there before is not to be sent. */
		memset(data, 0xa5, size + args.payload_len);
		assert_true(size <= DAMC_HDR_MAX && size % 4 == 0);
		memset(&wrote, 0, sizeof(wrote));
		memset(&read, 0, sizeof(read));
		damc_hdr_write(data, &args, &wrote);
		assert_int_equal(damc_hdr_parse(data, size,
						size + args.payload_len,
						&read), 0);
		assert_memory_equal(&wrote, &read, sizeof(read));
		assert_true(damc_name_equal(&args.dst, &(struct damc_name){
			damc_pkt_dst(&read, data).wire, read.dst_len }));
		assert_true(damc_name_equal(&args.src, &(struct damc_name){
			damc_pkt_src(&read, data).wire, read.src_len }));
		assert_true(all_zero(data + read.record, read.record_len));
		free(data);
	}
	(void)state;
}

static bool at_is(const u8 *data, unsigned int at, const struct damc_name *name)
{
	return !memcmp(data + at, name->wire, name->len);
}

/* A header in which an instance was put in the place of the pool. */
static void check_picked(const u8 *data, const struct damc_hdr_args *args,
			 const struct damc_pkt *was, const u8 *member, u8 len)
{
	unsigned int more = damc_hdr_pick_size(args->dst.len, len);
	struct damc_pkt pkt;

	memset(&pkt, 0, sizeof(pkt));
	assert_int_equal(damc_hdr_parse(data, was->header_len + more,
					was->header_len + more +
					args->payload_len, &pkt), 0);
	assert_int_equal(pkt.header_len, was->header_len + more);
	assert_int_equal(pkt.flags, was->flags);
	assert_int_equal(pkt.flow, was->flow);
	assert_int_equal(pkt.record_len, was->record_len);
	if (pkt.record)
		assert_int_equal(pkt.record, was->record + more);
	assert_int_equal(pkt.dst_len, args->dst.len + len);
	assert_true(at_is(data, 20, &args->dst));
	assert_memory_equal(data + 20 + args->dst.len, member, len);
	assert_int_equal(pkt.src_len, args->src.len);
	assert_true(at_is(data, 20 + pkt.dst_len, &args->src));
	assert_int_equal(pkt.pool_len, args->dst.len);
	assert_true(at_is(data, pkt.pool, &args->dst));
}

/* Whatever stands in a header, an instance is written into it in place. */
static void picked_is_read(void **state)
{
	int round;

	check_seed();
	for (round = 0; round < 20000; round++) {
		struct test_name dst, src;
		struct damc_hdr_args args = random_args(&dst, &src);
		u8 member[64], len = 2 + check_below(63);
		struct damc_pkt was, pkt;
		unsigned int more, size;
		u8 *data;

		if (!args.src.len || args.dst.len + len > DAMC_NAME_MAX)
			continue;
		memset(member, 'm', sizeof(member));
		member[0] = len - 1;
		more = damc_hdr_pick_size(args.dst.len, len);
		size = damc_hdr_size(&args);
		data = malloc(more + size + args.payload_len);
		memset(data, 0xa5, more + size + args.payload_len);
		memset(&was, 0, sizeof(was));
		damc_hdr_write(data + more, &args, &was);
		pkt = was;
		damc_hdr_pick(data, &pkt, member, len);
		check_picked(data, &args, &was, member, len);
		free(data);
	}
	(void)state;
}

/* What is accepted is inside its bounds, whatever the bytes are. */
static void check_bounds(const struct damc_pkt *pkt, const u8 *data, size_t len)
{
	assert_true(pkt->header_len + (size_t)pkt->payload_len <= len);
	assert_true(sizeof(struct damc_hdr) + pkt->dst_len + pkt->src_len <=
		    pkt->header_len);
	assert_true(damc_name_depth(damc_pkt_dst(pkt, data).wire,
				    pkt->dst_len) > 0);
	assert_true(damc_name_depth(damc_pkt_src(pkt, data).wire,
				    pkt->src_len) >= 0);
	if (pkt->record)
		assert_true(pkt->record + pkt->record_len <= pkt->header_len &&
			    data[pkt->record] + 2 <= pkt->record_len);
}

static void mutations_stay_in_bounds(void **state)
{
	int round, taken = 0;

	check_seed();
	for (round = 0; round < 300000; round++) {
		struct test_name dst, src;
		struct damc_hdr_args args = random_args(&dst, &src);
		size_t len = damc_hdr_size(&args) + args.payload_len;
		unsigned int hits = check_below(4);
		struct damc_pkt pkt;
		u8 data[2048] = { 0 };

		damc_hdr_write(data, &args, &pkt);
		while (hits--)
			data[check_below(check_below(2) ? 20 : len)] =
				check_below(2) ? check_random()
					       : check_below(8);
		if (!check_below(4))
			len = check_below(len + 1);
		if (parse(data, len, &pkt))
			continue;
		check_bounds(&pkt, data, len);
		taken++;
	}
	assert_true(taken > 1000);
	(void)state;
}

static unsigned int record_names(const u8 *value)
{
	unsigned int at = 0, n = 0;

	for (; at < value[0]; at += value[2 + at] + 1)
		n++;
	assert_int_equal(at, value[0]);
	return n;
}

static void record_never_overruns(void **state)
{
	int round;

	check_seed();
	for (round = 0; round < 20000; round++) {
		u8 len = 2 + check_below(254);
		u8 *value = calloc(1, len);
		unsigned int i, hops = check_below(300);

		for (i = 0; i < hops; i++) {
			struct test_name name = test_name_random(4, 30);
			struct damc_name view = test_view(&name);
			bool missed = value[1];

			damc_record_append(value, len, &view);
			assert_true(!missed || value[1]);
		}
		assert_true(value[0] + 2 <= len);
		assert_int_equal(record_names(value) + value[1],
				 value[1] == 255 ? record_names(value) + 255 :
						   hops);
		free(value);
	}
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors_hold),
		cmocka_unit_test(written_is_read),
		cmocka_unit_test(picked_is_read),
		cmocka_unit_test(mutations_stay_in_bounds),
		cmocka_unit_test(record_never_overruns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
