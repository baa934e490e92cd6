// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <event2/buffer.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "grpc_h2_int.h"
#include "grpc_status.h"

/* Of a message: whether it is compressed, and its length. */
#define PREFIX 5

static const struct class1_problem no_grpc = {
	415, "bad-request", "This is no gRPC request.",
	"Use a gRPC client, or HTTP/JSON at the address for that.",
};

static const struct class1_problem no_post = {
	405, "bad-method", "A gRPC request is a POST.", "Use a gRPC client.",
};

static const struct class1_problem no_method = {
	501, "not-found", "There is no such service or method.",
	"See class1.proto, the API's description.",
};

static const struct class1_problem large_header = {
	413, "too-large", "The request's metadata is longer than 16 KiB.",
	"Send less of it.",
};

static const struct class1_problem large = {
	413, "too-large", "The message is longer than 1 MiB.",
	"Ask for less at once.",
};

const struct class1_problem h2_spent = {
	429, "full", "The gateway keeps too much for this pod already.",
	"Read answers, end streams that are not needed, and try again.",
};

static const struct class1_problem compressed = {
	501, "compressed", "Compressed messages are not understood.",
	"Switch compression off (grpc-encoding: identity).",
};

static const struct class1_problem no_message = {
	400, "bad-request", "The request is not one message.",
	"Use a gRPC client with class1.proto, the API's description.",
};

static const struct class1_problem late = {
	408, "timeout", "The request did not arrive within a minute.",
	"Send the message, and end the request's stream.",
};

/* ---- life -------------------------------------------------------------- */

struct h2_call *h2_call_new(struct h2_conn *conn, int32_t id)
{
	struct h2_call *call;

	if (!h2_take(conn, H2_CALL_COST))
		return NULL;
	call = calloc(1, sizeof(*call));
	if (!call) {
		h2_give(conn, H2_CALL_COST);
		return NULL;
	}
	call->conn = conn;
	call->id = id;
	call->began_us = conn->now_us;
	call->refuse = &no_post;
	LIST_INSERT_HEAD(&conn->calls, call, list);
	return call;
}

static void drop(struct h2_call *call, struct evbuffer **buffer)
{
	if (!*buffer)
		return;
	h2_give(call->conn, evbuffer_get_length(*buffer));
	evbuffer_free(*buffer);
	*buffer = NULL;
}

void h2_call_free(struct h2_call *call)
{
	struct h2_conn *conn = call->conn;

	conn->config.ops->ended(conn->arg, call);
	LIST_REMOVE(call, list);
	conn->idle_us = conn->now_us;
	drop(call, &call->in);
	drop(call, &call->out);
	h2_give(conn, H2_CALL_COST);
	free(call);
}

/* ---- the request ------------------------------------------------------- */

static bool is(nghttp2_vec text, const char *word)
{
	return text.len == strlen(word) && !memcmp(text.base, word, text.len);
}

static bool begins(nghttp2_vec text, const char *word)
{
	return text.len >= strlen(word) &&
	       !memcmp(text.base, word, strlen(word));
}

static void find_method(struct h2_call *call, nghttp2_vec path)
{
	const struct h2_config *config = &call->conn->config;
	unsigned int i;

	for (i = 0; i < config->n_paths; i++)
		if (is(path, config->path[i])) {
			call->method = i;
			call->has_path = true;
		}
}

void h2_call_header(struct h2_call *call, nghttp2_rcbuf *name,
		    nghttp2_rcbuf *value)
{
	nghttp2_vec key = nghttp2_rcbuf_get_buf(name);
	nghttp2_vec text = nghttp2_rcbuf_get_buf(value);

	call->header_bytes += key.len + text.len + 32;
	if (call->header_bytes > H2_HEADERS_MAX)
		call->refuse = &large_header;
	else if (is(key, ":method") && is(text, "POST"))
		call->refuse = NULL;
	else if (is(key, ":path"))
		find_method(call, text);
	else if (is(key, "content-type"))
		call->is_grpc = is(text, "application/grpc") ||
				begins(text, "application/grpc+proto") ||
				begins(text, "application/grpc;");
}

void h2_call_headed(struct h2_call *call)
{
	if (!call->refuse && !call->is_grpc)
		call->refuse = &no_grpc;
	if (!call->refuse && !call->has_path)
		call->refuse = &no_method;
	if (call->refuse)
		h2_call_finish(call, call->refuse);
}

static const struct class1_problem *add(struct h2_call *call,
					const void *bytes, size_t len)
{
	if (!call->in)
		call->in = evbuffer_new();
	if (!call->in)
		return &h2_spent;
	if (evbuffer_get_length(call->in) + len > PREFIX + H2_MESSAGE_MAX)
		return &large;
	if (!h2_take(call->conn, len))
		return &h2_spent;
	if (!evbuffer_add(call->in, bytes, len))
		return NULL;
	h2_give(call->conn, len);
	return &h2_spent;
}

void h2_call_data(struct h2_call *call, const void *bytes, size_t len)
{
	const struct class1_problem *problem;

	if (call->finished)
		return;
	problem = add(call, bytes, len);
	if (!problem)
		return;
	drop(call, &call->in);
	h2_call_finish(call, problem);
}

static uint32_t length_of(const uint8_t *prefix)
{
	return (uint32_t)prefix[1] << 24 | prefix[2] << 16 | prefix[3] << 8 |
	       prefix[4];
}

/* The one message, or what is wrong with it. */
static const struct class1_problem *message(struct h2_call *call,
					    const uint8_t **bytes, size_t *len)
{
	*len = call->in ? evbuffer_get_length(call->in) : 0;
	if (*len < PREFIX)
		return &no_message;
	*bytes = evbuffer_pullup(call->in, -1);
	if (!*bytes)
		return &h2_spent;
	if (**bytes)
		return &compressed;
	if (length_of(*bytes) > H2_MESSAGE_MAX)
		return &large;
	if (length_of(*bytes) != *len - PREFIX)
		return &no_message;
	*bytes += PREFIX;
	*len -= PREFIX;
	return NULL;
}

void h2_call_whole(struct h2_call *call)
{
	const struct h2_conn *conn = call->conn;
	const struct class1_problem *problem;
	const uint8_t *bytes;
	size_t len;

	call->whole = true;
	if (call->finished)
		return;
	problem = message(call, &bytes, &len);
	if (problem)
		h2_call_finish(call, problem);
	else
		conn->config.ops->request(conn->arg, call, bytes, len);
	drop(call, &call->in);
}

void h2_call_late(struct h2_call *call)
{
	h2_call_finish(call, &late);
}

/* ---- the answer -------------------------------------------------------- */

static nghttp2_nv field(const char *name, const char *value, size_t len)
{
	return (nghttp2_nv){
		.name = (uint8_t *)name, .namelen = strlen(name),
		.value = (uint8_t *)value, .valuelen = len,
		.flags = NGHTTP2_NV_FLAG_NO_COPY_NAME,
	};
}

static nghttp2_nv text_field(const char *name, const char *value)
{
	return field(name, value, strlen(value));
}

#define STATUS_FIELDS 3

/* Fields of the status; @text is what they point to. */
static size_t put_status(nghttp2_nv *nv, const struct class1_problem *problem,
			 char text[GRPC_STATUS_TEXT_MAX])
{
	if (!problem) {
		nv[0] = text_field("grpc-status", "0");
		return 1;
	}
	nv[0] = text_field("grpc-status", grpc_status_code(problem));
	nv[1] = field("grpc-message", text, grpc_status_text(text, problem));
	nv[2] = text_field("damc-code", problem->code);
	return STATUS_FIELDS;
}

static int put_trailer(struct h2_call *call)
{
	char text[GRPC_STATUS_TEXT_MAX];
	nghttp2_nv nv[STATUS_FIELDS];
	size_t n = put_status(nv, call->failed ? &call->why : NULL, text);

	return nghttp2_submit_trailer(call->conn->session, call->id, nv, n);
}

static ssize_t read_out(nghttp2_session *session, int32_t id, uint8_t *to,
			size_t room, uint32_t *flags,
			nghttp2_data_source *source, void *arg)
{
	struct h2_call *call = source->ptr;
	int n = evbuffer_remove(call->out, to, room);

	(void)session;
	(void)id;
	(void)arg;
	if (n < 0)
		return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
	h2_give(call->conn, n);
	if (call->finished && !evbuffer_get_length(call->out)) {
		*flags |= NGHTTP2_DATA_FLAG_EOF |
			  NGHTTP2_DATA_FLAG_NO_END_STREAM;
		if (put_trailer(call))
			return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
	} else if (!n) {
		call->waiting = true;
		return NGHTTP2_ERR_DEFERRED;
	}
	return n;
}

static int begin(struct h2_call *call)
{
	nghttp2_nv nv[] = {
		text_field(":status", "200"),
		text_field("content-type", "application/grpc+proto"),
	};
	nghttp2_data_provider provider = {
		.source.ptr = call, .read_callback = read_out,
	};

	if (!call->out)
		call->out = evbuffer_new();
	if (!call->out ||
	    nghttp2_submit_response(call->conn->session, call->id, nv,
				    ARRAY_SIZE(nv), &provider))
		return -ENOBUFS;
	call->begun = true;
	return 0;
}

/* What was added is to be sent. */
static void resume(struct h2_call *call)
{
	if (call->waiting)
		nghttp2_session_resume_data(call->conn->session, call->id);
	call->waiting = false;
	call->conn->config.ops->wake(call->conn->arg);
}

int h2_call_send(struct h2_call *call, const void *bytes, size_t len)
{
	const uint8_t prefix[PREFIX] = {
		0, len >> 24, len >> 16, len >> 8, len
	};

	if (call->finished)
		return 0;
	if (!call->begun && begin(call))
		return -ENOBUFS;
	if (!h2_take(call->conn, PREFIX + len))
		return -ENOBUFS;
	if (evbuffer_expand(call->out, PREFIX + len)) {
		h2_give(call->conn, PREFIX + len);
		return -ENOBUFS;
	}
	evbuffer_add(call->out, prefix, PREFIX);
	evbuffer_add(call->out, bytes, len);
	resume(call);
	return 0;
}

size_t h2_call_queued(const struct h2_call *call)
{
	return call->out ? evbuffer_get_length(call->out) : 0;
}

/* An answer that is nothing but its status. */
static void answer_status(struct h2_call *call,
			  const struct class1_problem *problem)
{
	bool http = problem && (problem->status == 405 || problem->status == 415);
	nghttp2_nv nv[2 + STATUS_FIELDS] = {
		text_field(":status", !http ? "200" :
				      problem->status == 405 ? "405" : "415"),
		text_field("content-type", "application/grpc+proto"),
	};
	char text[GRPC_STATUS_TEXT_MAX];
	size_t n = 2 + put_status(nv + 2, problem, text);

	nghttp2_submit_response(call->conn->session, call->id, nv, n, NULL);
	call->conn->config.ops->wake(call->conn->arg);
}

void h2_call_finish(struct h2_call *call, const struct class1_problem *problem)
{
	if (call->finished)
		return;
	call->finished = true;
	if (!call->begun) {
		answer_status(call, problem);
		return;
	}
	call->failed = problem;
	if (problem)
		call->why = *problem;
	resume(call);
}
