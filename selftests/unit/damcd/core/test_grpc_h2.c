// SPDX-License-Identifier: GPL-2.0
/* gRPC over HTTP/2: what a well-behaved client gets, and what a bad one does. */
#include <errno.h>
#include <string.h>

#include "check.h"
#include "grpc_pair.h"

#define MIB (1024 * 1024)
#define S 1000000ULL
#define GRPC "application/grpc"

static const struct class1_problem problem = {
	409, "name-taken", "100 % taken:\xc3\xa4.", "Do so.",
};

/* A message of @len zeros, with its prefix, to be freed. */
static uint8_t *message(size_t len)
{
	uint8_t *bytes = calloc(1, 5 + len);

	bytes[1] = len >> 24;
	bytes[2] = len >> 16;
	bytes[3] = len >> 8;
	bytes[4] = len;
	return bytes;
}

static void ask_for(struct pair *pair, size_t len)
{
	uint8_t *bytes = message(len);

	pair_ask(pair, PAIR_PATH, GRPC, bytes, 5 + len);
	free(bytes);
	pair_run(pair);
}

static void test_answer(void **state)
{
	static const uint8_t sent[] = { 0, 0, 0, 0, 3, 'a', 'b', 'c' };
	static const uint8_t both[] = { 0, 0, 0, 0, 2, 'o', 'k', 0, 0, 0, 0, 0 };
	struct pair pair;

	(void)state;
	pair_init(&pair, 16 * MIB);
	pair_ask(&pair, PAIR_PATH, "application/grpc+proto", sent, sizeof(sent));
	pair_run(&pair);
	assert_int_equal(pair.requests, 1);
	assert_int_equal(pair.len, 3);
	assert_memory_equal(pair.message, "abc", 3);
	assert_int_equal(h2_call_send(pair.call[0], "ok", 2), 0);
	pair_run(&pair);
	assert_int_equal(pair.got.closed, 0);
	assert_int_equal(h2_call_send(pair.call[0], "", 0), 0);
	h2_call_finish(pair.call[0], NULL);
	pair_run(&pair);
	assert_string_equal(pair.got.http, "200");
	assert_string_equal(pair.got.status, "0");
	assert_int_equal(pair.got.len, sizeof(both));
	assert_memory_equal(pair.got.bytes, both, sizeof(both));
	assert_int_equal(pair.got.closed, 1);
	assert_int_equal(pair.ended, 1);
	pair_end(&pair);
}

static void test_problem(void **state)
{
	struct pair pair;
	int i;

	(void)state;
	pair_init(&pair, 16 * MIB);
	/* With and without messages before it. */
	for (i = 0; i < 2; i++) {
		ask_for(&pair, 1);
		if (i)
			h2_call_send(pair.call[0], "x", 1);
		h2_call_finish(pair.call[0], &problem);
		h2_call_finish(pair.call[0], NULL);
		pair_run(&pair);
		assert_string_equal(pair.got.status, "6");
		assert_string_equal(pair.got.code, "name-taken");
		assert_string_equal(pair.got.text,
				    "100 %25 taken:%C3%A4. Do so.");
		assert_int_equal(pair.got.len, 6 * i);
	}
	pair_end(&pair);
}

static void test_refused(void **state)
{
	static const struct {
		const char *path, *type, *http, *status, *code;
	} bad[] = {
		{ "/x", GRPC, "200", "12", "not-found" },
		{ PAIR_PATH "x", GRPC, "200", "12", "not-found" },
		{ PAIR_PATH, "text/html", "415", "13", "bad-request" },
		{ PAIR_PATH, "application/grpc-web", "415", "13", "bad-request" },
	};
	struct pair pair;
	size_t i;

	(void)state;
	pair_init(&pair, 16 * MIB);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		pair_ask(&pair, bad[i].path, bad[i].type, "\0\0\0\0", 5);
		pair_run(&pair);
		assert_string_equal(pair.got.http, bad[i].http);
		assert_string_equal(pair.got.status, bad[i].status);
		assert_string_equal(pair.got.code, bad[i].code);
	}
	assert_int_equal(pair.requests, 0);
	pair_end(&pair);
}

static void test_message(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *status;
	} bad[] = {
		{ "", 0, "3" },
		{ "\0\0\0\0", 4, "3" },
		{ "\0\0\0\0\0\0", 6, "3" },		/* shorter than it is */
		{ "\0\0\0\0\2x", 6, "3" },		/* and longer */
		{ "\1\0\0\0\1x", 6, "12" },		/* compressed */
		{ "\0\377\377\377\377x", 6, "8" },	/* 4 GiB */
	};
	struct pair pair;
	size_t i;

	(void)state;
	pair_init(&pair, 16 * MIB);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		pair_ask(&pair, PAIR_PATH, GRPC, bad[i].bytes, bad[i].len);
		pair_run(&pair);
		assert_string_equal(pair.got.status, bad[i].status);
	}
	assert_int_equal(pair.requests, 0);
	ask_for(&pair, MIB);
	assert_int_equal(pair.requests, 1);
	h2_call_finish(pair.call[0], NULL);
	ask_for(&pair, MIB + 1);
	assert_int_equal(pair.requests, 1);
	assert_string_equal(pair.got.code, "too-large");
	pair_end(&pair);
}

/* An answer before the question is whole ends the stream, too. */
static void test_early(void **state)
{
	struct pair pair;

	(void)state;
	pair_init(&pair, 16 * MIB);
	pair_begin(&pair);
	pair_run(&pair);
	assert_false(h2_conn_tick(pair.server, pair.now_us + 59 * S));
	pair_run(&pair);
	assert_int_equal(pair.got.closed, 0);
	h2_conn_tick(pair.server, pair.now_us + 60 * S);
	pair_run(&pair);
	assert_string_equal(pair.got.status, "4");
	assert_int_equal(pair.got.closed, 1);
	assert_int_equal(pair.ended, 1);
	pair_end(&pair);
}

static void test_idle(void **state)
{
	struct pair pair;

	(void)state;
	pair_init(&pair, 16 * MIB);
	ask_for(&pair, 0);
	assert_false(h2_conn_tick(pair.server, pair.now_us + 1000 * S));
	pair.now_us += 1000 * S;
	h2_call_finish(pair.call[0], NULL);
	pair_run(&pair);
	assert_false(h2_conn_tick(pair.server, pair.now_us + 59 * S));
	assert_true(h2_conn_tick(pair.server, pair.now_us + 60 * S));
	h2_conn_shut(pair.server);
	pair_run(&pair);
	assert_true(h2_conn_done(pair.server));
	pair_end(&pair);
}

/* One that never said a word is told to go, too. */
static void test_silent(void **state)
{
	const uint8_t *said;
	struct pair pair;

	(void)state;
	pair_init(&pair, MIB);
	assert_true(h2_conn_tick(pair.server, pair.now_us + 60 * S));
	h2_conn_shut(pair.server);
	while (h2_conn_output(pair.server, &said) > 0)
		;
	assert_true(h2_conn_done(pair.server));
	pair_end(&pair);
}

/* Answers wait for the client's window, and are charged as long. */
static void test_window(void **state)
{
	uint8_t *bytes = calloc(1, MIB);
	struct pair pair;
	int i;

	(void)state;
	pair_init(&pair, 4 * MIB);
	ask_for(&pair, 0);
	for (i = 0; i < 3; i++)
		assert_int_equal(h2_call_send(pair.call[0], bytes, MIB), 0);
	assert_int_equal(h2_call_queued(pair.call[0]), 3 * (MIB + 5));
	assert_int_equal(h2_call_send(pair.call[0], bytes, MIB), -ENOBUFS);
	pair_run(&pair);
	assert_int_equal(pair.got.total, 3 * (MIB + 5));
	assert_int_equal(h2_call_queued(pair.call[0]), 0);
	assert_int_equal(h2_call_send(pair.call[0], bytes, MIB), 0);
	pair_end(&pair);
	free(bytes);
}

static void test_budget(void **state)
{
	struct pair pair;
	int32_t id;
	int i;

	(void)state;
	pair_init(&pair, H2_CONN_COST + 3 * H2_CALL_COST + 2000);
	for (i = 0; i < 3; i++)
		ask_for(&pair, 0);
	assert_int_equal(pair.requests, 3);
	id = pair_begin(&pair);
	pair_run(&pair);
	assert_int_equal(pair.requests, 3);
	assert_int_equal(pair.got.reset, NGHTTP2_REFUSED_STREAM);
	assert_true(id > 0);
	h2_call_finish(pair.call[0], NULL);
	pair_run(&pair);
	ask_for(&pair, 3000);
	assert_string_equal(pair.got.code, "full");
	pair_end(&pair);
}

static void test_calls(void **state)
{
	struct pair pair;
	int i;

	(void)state;
	pair_init(&pair, 16 * MIB);
	ask_for(&pair, 0);
	/* The client keeps to what it was told. */
	for (i = 0; i < 150; i++)
		ask_for(&pair, 0);
	assert_int_equal(pair.requests, H2_CALLS_MAX);
	for (i = 1; i <= 51; i++) {
		h2_call_finish(pair.call[0], NULL);
		pair_run(&pair);
		assert_int_equal(pair.requests, H2_CALLS_MAX + i);
	}
	pair_end(&pair);
}

static void test_cancel(void **state)
{
	struct pair pair;
	int32_t id;

	(void)state;
	pair_init(&pair, 16 * MIB);
	id = pair_ask(&pair, PAIR_PATH, GRPC, "\0\0\0\0", 5);
	pair_run(&pair);
	assert_int_equal(pair.n_calls, 1);
	nghttp2_submit_rst_stream(pair.client, 0, id, NGHTTP2_CANCEL);
	pair_run(&pair);
	assert_int_equal(pair.n_calls, 0);
	assert_int_equal(pair.ended, 1);
	pair_end(&pair);
}

/* ---- who does not play by the rules ------------------------------------ */

static void test_magic(void **state)
{
	static const char get[] = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
	const uint8_t *said;
	struct pair pair;

	(void)state;
	pair_init(&pair, MIB);
	assert_int_equal(h2_conn_output(pair.server, &said), 0);
	pair_raw(&pair, get, strlen(get));
	assert_int_equal(pair.error, -EPROTONOSUPPORT);
	pair_end(&pair);
}

/* A request's header in HPACK: POST, http, authority x, path, content-type. */
static const uint8_t header[] =
	"\x83\x86\x01\x01x\x04\x14" PAIR_PATH "\x0f\x10\x10" GRPC;

static void put_header(struct pair *pair, uint8_t flags, int32_t id)
{
	uint8_t frame[9 + sizeof(header) - 1] = {
		0, 0, sizeof(header) - 1, NGHTTP2_HEADERS, flags, 0, 0,
		id >> 8, id,
	};

	memcpy(frame + 9, header, sizeof(header) - 1);
	pair_raw(pair, frame, sizeof(frame));
}

static void test_rapid_reset(void **state)
{
	struct pair pair;
	int32_t i;

	(void)state;
	pair_init(&pair, 16 * MIB);
	pair_preface(&pair);
	for (i = 0; i < 3 * H2_RESETS_BURST && !h2_conn_done(pair.server); i++) {
		put_header(&pair, NGHTTP2_FLAG_END_HEADERS, 2 * i + 1);
		assert_int_equal(pair.error, 0);
		pair_frame(&pair, NGHTTP2_RST_STREAM, 0, 2 * i + 1, 4);
	}
	assert_in_range(i, H2_RESETS_BURST, 2 * H2_RESETS_BURST);
	assert_int_equal(pair.ended, i);
	pair_end(&pair);
}

/* Frames that carry nothing, of one kind: how many until it is enough. */
static int flood(uint8_t type, int32_t id, size_t len, uint64_t pause_us)
{
	struct pair pair;
	int i;

	pair_init(&pair, 16 * MIB);
	pair_preface(&pair);
	put_header(&pair, NGHTTP2_FLAG_END_HEADERS, 1);
	for (i = 0; i < 2000 && !pair.error; i++) {
		pair_frame(&pair, type, 0, id, len);
		pair.now_us += pause_us;
	}
	pair_end(&pair);
	return i;
}

static void test_floods(void **state)
{
	(void)state;
	assert_in_range(flood(NGHTTP2_PING, 0, 8, 0), 190, 210);
	assert_in_range(flood(NGHTTP2_SETTINGS, 0, 0, 0), 190, 210);
	assert_in_range(flood(NGHTTP2_DATA, 1, 0, 0), 190, 210);
	/* As often as one may. */
	assert_int_equal(flood(NGHTTP2_PING, 0, 8, S / H2_IDLE_FRAMES_RATE),
			 2000);
}

static void test_settings(void **state)
{
	struct pair pair;

	(void)state;
	pair_init(&pair, MIB);
	pair_preface(&pair);
	pair_frame(&pair, NGHTTP2_SETTINGS, 0, 0, 6 * H2_SETTINGS_MAX);
	assert_false(h2_conn_done(pair.server));
	pair_frame(&pair, NGHTTP2_SETTINGS, 0, 0, 6 * (H2_SETTINGS_MAX + 1));
	assert_true(pair.error || h2_conn_done(pair.server));
	pair_end(&pair);
}

static void test_continuations(void **state)
{
	struct pair pair;
	int i;

	(void)state;
	pair_init(&pair, MIB);
	pair_preface(&pair);
	put_header(&pair, 0, 1);
	for (i = 0; i < 20 && !pair.error && !h2_conn_done(pair.server); i++)
		pair_frame(&pair, NGHTTP2_CONTINUATION, 0, 1, 0);
	assert_int_equal(i, H2_CONTINUATIONS_MAX + 1);
	pair_end(&pair);
}

/* An indexed field of 4,000 bytes, again and again for a byte each. */
static void test_bomb(void **state)
{
	uint8_t frame[9 + 8192] = { 0, 0x20, 0, NGHTTP2_HEADERS,
				    NGHTTP2_FLAG_END_HEADERS, 0, 0, 0, 1 };
	uint8_t *at = frame + 9;
	struct pair pair;

	(void)state;
	memcpy(at, header, sizeof(header) - 1);
	at += sizeof(header) - 1;
	/* "x": 4,000 times "a", kept in the table as its first entry. */
	memcpy(at, "\x40\x01x\x7f\xa1\x1e", 6);
	memset(at + 6, 'a', 4000);
	at += 4006;
	memset(at, 0xbe, frame + sizeof(frame) - at);
	pair_init(&pair, MIB);
	pair_preface(&pair);
	pair.error = h2_conn_input(pair.server, frame, sizeof(frame),
				   pair.now_us);
	assert_int_equal(pair.error, 0);
	/* It was answered, and closed. */
	pair_raw(&pair, "", 0);
	assert_int_equal(pair.requests, 0);
	assert_int_equal(pair.ended, 1);
	pair_end(&pair);
}

/* Whatever the pieces are that it comes in. */
static void test_pieces(void **state)
{
	static const uint8_t end[] = {
		0, 0, 6, NGHTTP2_DATA, NGHTTP2_FLAG_END_STREAM, 0, 0, 0, 1,
		0, 0, 0, 0, 1, 'z',
	};
	struct pair pair;
	size_t i;

	(void)state;
	pair_init(&pair, MIB);
	pair_preface(&pair);
	put_header(&pair, NGHTTP2_FLAG_END_HEADERS, 1);
	for (i = 0; i < sizeof(end); i++)
		pair_raw(&pair, end + i, 1);
	assert_int_equal(pair.requests, 1);
	assert_int_equal(pair.message[0], 'z');
	pair_end(&pair);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answer),
		cmocka_unit_test(test_problem),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_message),
		cmocka_unit_test(test_early),
		cmocka_unit_test(test_idle),
		cmocka_unit_test(test_silent),
		cmocka_unit_test(test_window),
		cmocka_unit_test(test_budget),
		cmocka_unit_test(test_calls),
		cmocka_unit_test(test_cancel),
		cmocka_unit_test(test_magic),
		cmocka_unit_test(test_rapid_reset),
		cmocka_unit_test(test_floods),
		cmocka_unit_test(test_settings),
		cmocka_unit_test(test_continuations),
		cmocka_unit_test(test_bomb),
		cmocka_unit_test(test_pieces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
