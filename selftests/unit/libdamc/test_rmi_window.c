// SPDX-License-Identifier: GPL-2.0
/*
 * RMI's window, its parts and its memory, each alone.
 */
#include <errno.h>
#include <string.h>

#include "check.h"
#include "rmi_gather.h"
#include "rmi_memory.h"
#include "rmi_rtt.h"
#include "rmi_window.h"

#define RTT 10000

/* Send all that there is room for; packets sent. */
static uint32_t fill(struct rmi_window *window, uint64_t now)
{
	uint32_t n = 0;

	while (rmi_window_room(window, now)) {
		rmi_window_sent(window, 0, now);
		n++;
	}
	return n;
}

/* A round trip in which all is answered, or the first is lost. */
static void round_trip(struct rmi_window *window, uint64_t *now, bool lose)
{
	uint32_t n = fill(window, *now);
	uint64_t sent_at = *now;

	*now += RTT;
	for (; n; n--) {
		if (lose)
			rmi_window_lost(window, sent_at, *now);
		else
			rmi_window_answered(window, sent_at);
		lose = false;
	}
	assert_int_equal(window->flight, 0);
}

static void test_slow_start(void **state)
{
	struct rmi_window window;
	uint64_t now = 1000000;

	(void)state;
	rmi_window_init(&window);
	assert_int_equal(fill(&window, now), RMI_WINDOW_INITIAL);
	assert_int_equal(rmi_window_room(&window, now), 0);
	while (window.flight)
		rmi_window_forget(&window);
	assert_int_equal(window.size, RMI_WINDOW_INITIAL);
	round_trip(&window, &now, false);
	/* Twice as many, if they had come one by one. */
	assert_in_range(window.size, 13, 20);
	while (window.size < RMI_WINDOW_MAX)
		round_trip(&window, &now, false);
	assert_true(now < 1000000 + 20 * RTT);
	round_trip(&window, &now, false);
	assert_int_equal(window.size, RMI_WINDOW_MAX);
}

static void test_halves_once(void **state)
{
	struct rmi_window window;
	uint64_t now = 1000000;
	uint32_t before;
	int i;

	(void)state;
	rmi_window_init(&window);
	for (i = 0; i < 3; i++)
		round_trip(&window, &now, false);
	before = window.size;
	fill(&window, now);
	for (i = 0; i < 5; i++)
		rmi_window_lost(&window, now, now + RTT + i);
	assert_int_equal(window.size, before / 2);
	/* What left after the cut counts again. */
	rmi_window_lost(&window, now + RTT + 1, now + 2 * RTT);
	assert_int_equal(window.size, before / 4);
	for (i = 0; i < 100; i++)
		rmi_window_lost(&window, now + i * RTT, now + i * RTT);
	assert_int_equal(window.size, RMI_WINDOW_MIN);
	assert_int_equal(window.flight, 0);
}

static void test_additive(void **state)
{
	struct rmi_window window;
	uint64_t now = 1000000;
	uint32_t before;
	int i;

	(void)state;
	rmi_window_init(&window);
	for (i = 0; i < 4; i++)
		round_trip(&window, &now, false);
	round_trip(&window, &now, true);
	before = window.size;
	for (i = 0; i < 20; i++)
		round_trip(&window, &now, false);
	assert_in_range(window.size, before + 10, before + 22);
}

static void test_unused_does_not_grow(void **state)
{
	struct rmi_window window;
	int i;

	(void)state;
	rmi_window_init(&window);
	for (i = 0; i < 1000; i++) {
		rmi_window_sent(&window, RTT, 1000000 + i * RTT);
		rmi_window_answered(&window, 1000000 + i * RTT);
	}
	assert_int_equal(window.size, RMI_WINDOW_INITIAL);
}

/* A window's packets are spread over a round trip, but for a burst. */
static void test_pacing(void **state)
{
	const uint32_t rtt = 100000;
	struct rmi_window window;
	uint64_t now = 1000000;
	uint32_t n = 0;

	(void)state;
	rmi_window_init(&window);
	window.size = 100;
	window.threshold = 50;
	while (rmi_window_room(&window, now)) {
		rmi_window_sent(&window, rtt, now);
		n++;
	}
	assert_in_range(n, RMI_PACE_BURST, 2 * RMI_PACE_BURST);
	while (n < 100) {
		assert_true(window.pace_at > now);
		now = window.pace_at;
		assert_true(rmi_window_room(&window, now));
		rmi_window_sent(&window, rtt, now);
		n++;
	}
	assert_in_range(now - 1000000, rtt / 2, rtt);
}

static void test_lost_at(void **state)
{
	struct rmi_window window;

	(void)state;
	rmi_window_init(&window);
	assert_int_equal(rmi_window_lost_at(&window, 5000, 100), 5200);
	window.flight = 1;
	rmi_window_answered(&window, 5001);
	assert_int_equal(rmi_window_lost_at(&window, 5000, 100), 5100);
	assert_int_equal(rmi_window_lost_at(&window, 5001, 100), 5201);
}

/* Two windows with one queue: whoever has more gives more. */
static void test_two_converge(void **state)
{
	struct rmi_window a, b;
	uint64_t now = 1000000;
	int i;

	(void)state;
	rmi_window_init(&a);
	rmi_window_init(&b);
	a.size = 200;
	a.threshold = 4;
	b.threshold = 4;
	for (i = 0; i < 1000; i++) {
		uint64_t then = now;
		bool full = a.size + b.size > 220;

		round_trip(&a, &now, full);
		round_trip(&b, &then, full);
	}
	print_message("# from 200 and 10 to %u and %u\n", a.size, b.size);
	assert_in_range(a.size, b.size - b.size / 4, b.size + b.size / 4);
}

static struct rmi_msg part_msg(uint8_t *bytes, unsigned int index,
			       unsigned int size, unsigned int total)
{
	struct rmi_msg msg = {
		.type = RMI_PART,
		.part = {
			.whole = RMI_REPLY, .index = index, .size = size,
			.total = total,
		},
	};

	msg.data = bytes + (size_t)index * size;
	msg.len = rmi_part_len(&msg.part);
	return msg;
}

/* In any order, some twice. */
static void test_gather(void **state)
{
	static uint8_t bytes[RMI_MESSAGE_MAX];
	struct rmi_gather gather;
	size_t i;
	int round;

	(void)state;
	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = check_random();
	for (round = 0; round < 300; round++) {
		unsigned int size = 1 + check_below(1500);
		size_t total = size + 1 + check_below(63 * size);
		struct rmi_msg msg;

		if (total > RMI_MESSAGE_MAX)
			continue;
		msg = part_msg(bytes, 0, size, total);
		assert_int_equal(rmi_gather_init(&gather, &msg.part), 0);
		while (rmi_gather_missing(&gather)) {
			unsigned int index = check_below(rmi_parts(&msg.part));
			bool there = gather.come >> index & 1;

			msg = part_msg(bytes, index, size, total);
			assert_int_equal(rmi_gather_add(&gather, &msg), !there);
		}
		assert_memory_equal(gather.buf, bytes, total);
		msg.part.total--;
		assert_int_equal(rmi_gather_add(&gather, &msg), -EBADMSG);
		rmi_gather_free(&gather);
	}
}

/* Every cut of a message gives the message's own bytes. */
static void test_encode_part(void **state)
{
	static uint8_t data[30000], whole_bytes[RMI_MESSAGE_MAX], buf[2000];
	static const uint8_t record[7] = { 5, 0, 4, 3, 's', 'g', '1' };
	struct rmi_msg whole = {
		.type = RMI_REPLY, .flags = RMI_F_RECORD, .tx = 1, .client = 2,
		.call = 3, .incarnation = 4, .time = 5, .oldest = 6,
		.record = record, .record_len = sizeof(record), .data = data,
		.len = sizeof(data),
	};
	int total, len, round;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(data); i++)
		data[i] = check_random();
	total = rmi_encode(&whole, whole_bytes, sizeof(whole_bytes));
	assert_int_equal(total, rmi_size(&whole));
	for (round = 0; round < 200; round++) {
		unsigned int size = total / 64 + 1 + check_below(1400), index;
		struct rmi_msg part = {
			.type = RMI_PART, .tx = 9, .client = 2, .call = 3,
			.incarnation = 4, .time = 5,
			.part = { RMI_REPLY, 0, size, total },
		}, read;

		index = check_below(rmi_parts(&part.part));
		part.part.index = index;
		len = rmi_encode_part(&part, &whole, buf, sizeof(buf));
		assert_int_equal(len, RMI_HEADER_SIZE + RMI_PART_HEAD_SIZE +
				      rmi_part_len(&part.part));
		assert_int_equal(rmi_decode(&read, buf, len), 0);
		assert_memory_equal(read.data, whole_bytes + index * size,
				    read.len);
		assert_int_equal(rmi_encode_part(&part, &whole, buf, len - 1),
				 -EMSGSIZE);
	}
}

static struct damc_name pod_name(unsigned int pod, unsigned int socket)
{
	struct damc_name name;
	char text[64];

	snprintf(text, sizeof(text), "/pod/sg1/%u/~%u", pod, socket);
	assert_int_equal(damc_name_parse(&name, text, NULL), 0);
	return name;
}

/* One pod, under names and objects without end, leaves room for the others. */
static void test_source_share(void **state)
{
	struct rmi_memory memory = {
		.limits = {
			.callers = 64, .calls = 400, .refusals = 40,
			.caller_calls = 100, .bytes = 1 << 20,
			.source_share = 4,
		},
	};
	struct rmi_caller *caller = NULL, *good;
	struct damc_name name;
	unsigned int i, calls = 0;

	(void)state;
	for (i = 0; i < 64; i++) {
		struct rmi_caller *new;

		name = pod_name(1, i);
		new = rmi_memory_add_caller(&memory, &name, i + 1);
		if (!new)
			break;
		caller = new;
		for (; rmi_memory_has_room(&memory, caller, 4096); calls++)
			rmi_memory_charge(&memory,
					  rmi_memory_add_call(&memory, caller,
							      calls + 1),
					  4096);
	}
	assert_int_equal(i, 16);
	/* Bytes ran out first: a quarter of a MiB. */
	assert_int_equal(calls, 64);
	assert_int_equal(caller->source->calls, 64);
	name = pod_name(2, 0);
	good = rmi_memory_add_caller(&memory, &name, 1);
	assert_non_null(good);
	assert_ptr_not_equal(good->source, caller->source);
	assert_true(rmi_memory_has_room(&memory, good, 65536));
	assert_true(rmi_memory_has_room_to_refuse(&memory, good));
	/* Their time passes: all of it comes back. */
	rmi_memory_sweep(&memory, 2 * RMI_MARGIN_MS);
	assert_int_equal(memory.n_callers, 0);
	assert_int_equal(memory.bytes, 0);
	assert_null(memory.sources_tree);
}

static void test_rtt(void **state)
{
	struct rmi_rtt rtt = { 0 };
	int i;

	(void)state;
	assert_int_equal(rmi_rtt_timeout(&rtt), RMI_TIMEOUT_INITIAL);
	for (i = 0; i < 100; i++)
		rmi_rtt_sample(&rtt, 50000);
	assert_in_range(rmi_rtt_timeout(&rtt), 50000, 52000);
	assert_true(rmi_rtt_loss(&rtt) > 75000);
	rmi_rtt_sample(&rtt, 0);
	assert_true(rmi_rtt_timeout(&rtt) >= RMI_TIMEOUT_MIN);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_slow_start),
		cmocka_unit_test(test_halves_once),
		cmocka_unit_test(test_additive),
		cmocka_unit_test(test_unused_does_not_grow),
		cmocka_unit_test(test_pacing),
		cmocka_unit_test(test_lost_at),
		cmocka_unit_test(test_two_converge),
		cmocka_unit_test(test_gather),
		cmocka_unit_test(test_encode_part),
		cmocka_unit_test(test_source_share),
		cmocka_unit_test(test_rtt),
	};

	check_seed();
	return cmocka_run_group_tests_name("rmi_window", tests, NULL, NULL);
}
