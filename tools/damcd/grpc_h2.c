// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>

#include "array.h"
#include "grpc_h2_int.h"

#define S 1000000ULL

#define WINDOW 65535

/* ---- what is kept ------------------------------------------------------ */

bool h2_take(struct h2_conn *conn, size_t bytes)
{
	struct h2_budget *budget = conn->config.budget;

	if (bytes > budget->max - budget->used)
		return false;
	budget->used += bytes;
	return true;
}

void h2_give(struct h2_conn *conn, size_t bytes)
{
	conn->config.budget->used -= bytes;
}

/* ---- what came --------------------------------------------------------- */

static struct h2_call *call_of(nghttp2_session *session, int32_t id)
{
	return nghttp2_session_get_stream_user_data(session, id);
}

/* One more frame that carries nothing: false if there were too many. */
static bool take_frame(struct h2_conn *conn)
{
	uint64_t more = (conn->now_us - conn->frames_us) *
			H2_IDLE_FRAMES_RATE / S;

	if (more) {
		conn->frames_us = conn->now_us;
		conn->frames = more < conn->frames ? conn->frames - more : 0;
	}
	return conn->frames++ < H2_IDLE_FRAMES_BURST;
}

static int on_begin_frame(nghttp2_session *session, const nghttp2_frame_hd *hd,
			  void *arg)
{
	(void)session;
	switch (hd->type) {
	case NGHTTP2_HEADERS:
	case NGHTTP2_CONTINUATION:
	case NGHTTP2_WINDOW_UPDATE:
	case NGHTTP2_RST_STREAM:
		return 0;
	case NGHTTP2_DATA:
		if (hd->length || hd->flags & NGHTTP2_FLAG_END_STREAM)
			return 0;
	}
	return take_frame(arg) ? 0 : NGHTTP2_ERR_CALLBACK_FAILURE;
}

static int on_begin_headers(nghttp2_session *session,
			    const nghttp2_frame *frame, void *arg)
{
	int32_t id = frame->hd.stream_id;
	struct h2_call *call;

	if (frame->headers.cat != NGHTTP2_HCAT_REQUEST)
		return 0;
	call = h2_call_new(arg, id);
	if (call)
		return nghttp2_session_set_stream_user_data(session, id, call);
	return nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, id,
					 NGHTTP2_REFUSED_STREAM);
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame,
		     nghttp2_rcbuf *name, nghttp2_rcbuf *value, uint8_t flags,
		     void *arg)
{
	struct h2_call *call = call_of(session, frame->hd.stream_id);

	(void)flags;
	(void)arg;
	if (call)
		h2_call_header(call, name, value);
	return 0;
}

static int on_frame(nghttp2_session *session, const nghttp2_frame *frame,
		    void *arg)
{
	struct h2_call *call;

	(void)arg;
	if (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA)
		return 0;
	call = call_of(session, frame->hd.stream_id);
	if (!call)
		return 0;
	if (frame->hd.type == NGHTTP2_HEADERS)
		h2_call_headed(call);
	if (frame->hd.flags & NGHTTP2_FLAG_END_STREAM)
		h2_call_whole(call);
	return 0;
}

static int on_data(nghttp2_session *session, uint8_t flags, int32_t id,
		   const uint8_t *bytes, size_t len, void *arg)
{
	struct h2_call *call = call_of(session, id);

	(void)flags;
	(void)arg;
	if (call)
		h2_call_data(call, bytes, len);
	return 0;
}

/* An answer to what was not asked in full: the peer need not go on asking. */
static int on_sent(nghttp2_session *session, const nghttp2_frame *frame,
		   void *arg)
{
	struct h2_call *call;

	(void)arg;
	if (frame->hd.type != NGHTTP2_HEADERS ||
	    !(frame->hd.flags & NGHTTP2_FLAG_END_STREAM))
		return 0;
	call = call_of(session, frame->hd.stream_id);
	if (!call || call->whole)
		return 0;
	return nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, call->id,
					 NGHTTP2_NO_ERROR);
}

static int on_closed(nghttp2_session *session, int32_t id, uint32_t error,
		     void *arg)
{
	struct h2_call *call = call_of(session, id);

	(void)error;
	(void)arg;
	if (!call)
		return 0;
	nghttp2_session_set_stream_user_data(session, id, NULL);
	h2_call_free(call);
	return 0;
}

/* ---- start and end ----------------------------------------------------- */

static nghttp2_session_callbacks *callbacks_new(void)
{
	nghttp2_session_callbacks *to;

	if (nghttp2_session_callbacks_new(&to))
		return NULL;
	nghttp2_session_callbacks_set_on_begin_frame_callback(to,
							      on_begin_frame);
	nghttp2_session_callbacks_set_on_begin_headers_callback(to,
								on_begin_headers);
	nghttp2_session_callbacks_set_on_header_callback2(to, on_header);
	nghttp2_session_callbacks_set_on_frame_recv_callback(to, on_frame);
	nghttp2_session_callbacks_set_on_data_chunk_recv_callback(to, on_data);
	nghttp2_session_callbacks_set_on_frame_send_callback(to, on_sent);
	nghttp2_session_callbacks_set_on_stream_close_callback(to, on_closed);
	return to;
}

static nghttp2_option *option_new(void)
{
	nghttp2_option *to;

	if (nghttp2_option_new(&to))
		return NULL;
	nghttp2_option_set_max_outbound_ack(to, H2_ACKS_MAX);
	nghttp2_option_set_max_settings(to, H2_SETTINGS_MAX);
	nghttp2_option_set_max_continuations(to, H2_CONTINUATIONS_MAX);
	nghttp2_option_set_stream_reset_rate_limit(to, H2_RESETS_BURST,
						   H2_RESETS_RATE);
	nghttp2_option_set_no_closed_streams(to, 1);
	return to;
}

static int settle(nghttp2_session *session)
{
	static const nghttp2_settings_entry settings[] = {
		{ NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, H2_CALLS_MAX },
		{ NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, WINDOW },
		{ NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, H2_HEADERS_MAX },
		{ NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1 },
	};

	return nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, settings,
				       ARRAY_SIZE(settings));
}

static int open_session(struct h2_conn *conn)
{
	nghttp2_session_callbacks *callbacks = callbacks_new();
	nghttp2_option *option = option_new();
	int err = -ENOMEM;

	if (callbacks && option &&
	    !nghttp2_session_server_new2(&conn->session, callbacks, conn,
					 option))
		err = settle(conn->session) ? -ENOMEM : 0;
	nghttp2_option_del(option);
	nghttp2_session_callbacks_del(callbacks);
	return err;
}

struct h2_conn *h2_conn_new(const struct h2_config *config, void *arg,
			    uint64_t now_us)
{
	struct h2_conn *conn = calloc(1, sizeof(*conn));

	if (!conn)
		return NULL;
	conn->config = *config;
	conn->arg = arg;
	conn->now_us = now_us;
	conn->idle_us = now_us;
	conn->frames_us = now_us;
	if (!h2_take(conn, H2_CONN_COST)) {
		free(conn);
		return NULL;
	}
	if (!open_session(conn))
		return conn;
	h2_conn_free(conn);
	return NULL;
}

void h2_conn_free(struct h2_conn *conn)
{
	while (!LIST_EMPTY(&conn->calls))
		h2_call_free(LIST_FIRST(&conn->calls));
	nghttp2_session_del(conn->session);
	h2_give(conn, H2_CONN_COST);
	free(conn);
}

/* ---- bytes and time ---------------------------------------------------- */

int h2_conn_input(struct h2_conn *conn, const void *bytes, size_t len,
		  uint64_t now_us)
{
	ssize_t ret;

	conn->now_us = now_us;
	ret = nghttp2_session_mem_recv(conn->session, bytes, len);
	if (ret == NGHTTP2_ERR_BAD_CLIENT_MAGIC)
		return -EPROTONOSUPPORT;
	if (ret < 0)
		return -EPROTO;
	conn->heard = true;
	return 0;
}

int h2_conn_output(struct h2_conn *conn, const uint8_t **bytes)
{
	ssize_t ret = 0;

	/* It may be one that takes no HTTP/2. */
	if (conn->heard)
		ret = nghttp2_session_mem_send(conn->session, bytes);
	return ret < 0 ? -EPROTO : ret;
}

bool h2_conn_done(const struct h2_conn *conn)
{
	return !nghttp2_session_want_read(conn->session) &&
	       !nghttp2_session_want_write(conn->session);
}

bool h2_conn_tick(struct h2_conn *conn, uint64_t now_us)
{
	struct h2_call *call;

	conn->now_us = now_us;
	LIST_FOREACH(call, &conn->calls, list)
		if (!call->whole && now_us >= call->began_us + H2_REQUEST_S * S)
			h2_call_late(call);
	return LIST_EMPTY(&conn->calls) &&
	       now_us >= conn->idle_us + H2_IDLE_S * S;
}

void h2_conn_shut(struct h2_conn *conn)
{
	nghttp2_session_terminate_session(conn->session, NGHTTP2_NO_ERROR);
	conn->heard = true;
	conn->config.ops->wake(conn->arg);
}
