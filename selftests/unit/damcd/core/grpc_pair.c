// SPDX-License-Identifier: GPL-2.0
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "array.h"
#include "grpc_pair.h"

/* ---- the server's half ------------------------------------------------- */

static void on_request(void *arg, struct h2_call *call, const void *bytes,
		       size_t len)
{
	struct pair *pair = arg;

	assert_int_equal(call->method, 1);
	assert_true(pair->n_calls < PAIR_CALLS_MAX);
	pair->call[pair->n_calls++] = call;
	pair->requests++;
	pair->len = len;
	memcpy(pair->message, bytes,
	       len < sizeof(pair->message) ? len : sizeof(pair->message));
}

static void on_ended(void *arg, struct h2_call *call)
{
	struct pair *pair = arg;
	unsigned int i;

	pair->ended++;
	for (i = 0; i < pair->n_calls; i++)
		if (pair->call[i] == call)
			pair->call[i] = pair->call[--pair->n_calls];
}

static void on_wake(void *arg)
{
	(void)arg;
}

static const struct h2_ops ops = {
	.request = on_request,
	.ended = on_ended,
	.wake = on_wake,
};

/* ---- the client -------------------------------------------------------- */

static void keep(char *to, size_t size, const uint8_t *bytes, size_t len)
{
	if (len >= size)
		len = size - 1;
	memcpy(to, bytes, len);
	to[len] = '\0';
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame,
		     const uint8_t *name, size_t name_len, const uint8_t *value,
		     size_t len, uint8_t flags, void *arg)
{
	struct pair *pair = arg;

	(void)session;
	(void)frame;
	(void)flags;
	(void)name_len;
	if (!strcmp((const char *)name, ":status"))
		keep(pair->got.http, sizeof(pair->got.http), value, len);
	if (!strcmp((const char *)name, "grpc-status"))
		keep(pair->got.status, sizeof(pair->got.status), value, len);
	if (!strcmp((const char *)name, "damc-code"))
		keep(pair->got.code, sizeof(pair->got.code), value, len);
	if (!strcmp((const char *)name, "grpc-message"))
		keep(pair->got.text, sizeof(pair->got.text), value, len);
	return 0;
}

static int on_data(nghttp2_session *session, uint8_t flags, int32_t id,
		   const uint8_t *bytes, size_t len, void *arg)
{
	struct pair *pair = arg;
	size_t room = sizeof(pair->got.bytes) - pair->got.len;

	(void)session;
	(void)flags;
	(void)id;
	pair->got.total += len;
	if (len > room)
		len = room;
	memcpy(pair->got.bytes + pair->got.len, bytes, len);
	pair->got.len += len;
	return 0;
}

static int on_close(nghttp2_session *session, int32_t id, uint32_t error,
		    void *arg)
{
	struct pair *pair = arg;

	(void)session;
	(void)id;
	pair->got.closed++;
	pair->got.reset = error;
	return 0;
}

static void open_client(struct pair *pair)
{
	nghttp2_session_callbacks *to;

	nghttp2_session_callbacks_new(&to);
	nghttp2_session_callbacks_set_on_header_callback(to, on_header);
	nghttp2_session_callbacks_set_on_data_chunk_recv_callback(to, on_data);
	nghttp2_session_callbacks_set_on_stream_close_callback(to, on_close);
	assert_int_equal(nghttp2_session_client_new(&pair->client, to, pair), 0);
	nghttp2_session_callbacks_del(to);
	nghttp2_submit_settings(pair->client, NGHTTP2_FLAG_NONE, NULL, 0);
}

void pair_init(struct pair *pair, size_t budget)
{
	static const char *const paths[] = { "/test.Service/No", PAIR_PATH };
	const struct h2_config config = {
		.ops = &ops, .budget = &pair->budget, .path = paths,
		.n_paths = ARRAY_SIZE(paths),
	};

	memset(pair, 0, sizeof(*pair));
	pair->budget.max = budget;
	pair->now_us = 1000000;
	pair->server = h2_conn_new(&config, pair, pair->now_us);
	assert_non_null(pair->server);
	open_client(pair);
}

void pair_end(struct pair *pair)
{
	h2_conn_free(pair->server);
	nghttp2_session_del(pair->client);
	/* Nothing is kept that nobody has. */
	assert_int_equal(pair->budget.used, 0);
	assert_int_equal(pair->n_calls, 0);
}

/* A message of the client's, as far as it is sent. */
struct upload {
	size_t len;
	size_t at;
	bool open;
	uint8_t bytes[];
};

static ssize_t read_upload(nghttp2_session *session, int32_t id, uint8_t *to,
			   size_t room, uint32_t *flags,
			   nghttp2_data_source *source, void *arg)
{
	struct upload *up = source->ptr;
	size_t n = up->len - up->at < room ? up->len - up->at : room;

	(void)session;
	(void)id;
	(void)arg;
	if (up->open && !n)
		return NGHTTP2_ERR_DEFERRED;
	memcpy(to, up->bytes + up->at, n);
	up->at += n;
	if (up->at < up->len || up->open)
		return n;
	*flags |= NGHTTP2_DATA_FLAG_EOF;
	free(up);
	return n;
}

static int32_t submit(struct pair *pair, const char *path, const char *type,
		      struct upload *up)
{
#define FIELD(name, value) { (uint8_t *)(name), (uint8_t *)(value), \
			     strlen(name), strlen(value), 0 }
	const nghttp2_nv nv[] = {
		FIELD(":method", "POST"), FIELD(":scheme", "http"),
		FIELD(":path", path), FIELD(":authority", "x"),
		FIELD("content-type", type),
	};
	nghttp2_data_provider from = {
		.source.ptr = up, .read_callback = read_upload,
	};

	return nghttp2_submit_request(pair->client, NULL, nv, ARRAY_SIZE(nv),
				      &from, NULL);
}

int32_t pair_ask(struct pair *pair, const char *path, const char *type,
		 const void *bytes, size_t len)
{
	struct upload *up = calloc(1, sizeof(*up) + len);

	memcpy(up->bytes, bytes, len);
	up->len = len;
	memset(&pair->got, 0, sizeof(pair->got));
	return submit(pair, path, type, up);
}

int32_t pair_begin(struct pair *pair)
{
	static struct upload none = { .open = true };

	return submit(pair, PAIR_PATH, "application/grpc", &none);
}

static bool to_server(struct pair *pair)
{
	const uint8_t *bytes;
	ssize_t n = nghttp2_session_mem_send(pair->client, &bytes);

	if (n > 0)
		pair->error = h2_conn_input(pair->server, bytes, n,
					    pair->now_us);
	return n > 0 && !pair->error;
}

static bool to_client(struct pair *pair)
{
	const uint8_t *bytes;
	int n = h2_conn_output(pair->server, &bytes);

	assert_true(n >= 0);
	if (n > 0)
		assert_int_equal(nghttp2_session_mem_recv(pair->client, bytes,
							  n), n);
	return n > 0;
}

void pair_run(struct pair *pair)
{
	while (to_server(pair) || to_client(pair))
		;
}

/* ---- without a client -------------------------------------------------- */

void pair_raw(struct pair *pair, const void *bytes, size_t len)
{
	const uint8_t *dropped;

	pair->error = h2_conn_input(pair->server, bytes, len, pair->now_us);
	while (!pair->error && h2_conn_output(pair->server, &dropped) > 0)
		;
}

void pair_preface(struct pair *pair)
{
	pair_raw(pair, NGHTTP2_CLIENT_MAGIC, NGHTTP2_CLIENT_MAGIC_LEN);
	pair_frame(pair, NGHTTP2_SETTINGS, 0, 0, 0);
}

void pair_frame(struct pair *pair, uint8_t type, uint8_t flags, int32_t id,
		size_t len)
{
	uint8_t frame[9 + 16384] = {
		len >> 16, len >> 8, len, type, flags,
		id >> 24, id >> 16, id >> 8, id,
	};

	assert_true(len <= 16384);
	pair_raw(pair, frame, 9 + len);
}
