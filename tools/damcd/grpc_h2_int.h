/* SPDX-License-Identifier: GPL-2.0 */
/* What grpc_h2.c (the connection) and grpc_h2_call.c (its calls) owe each other. */
#ifndef DAMCD_GRPC_H2_INT_H
#define DAMCD_GRPC_H2_INT_H

#include <nghttp2/nghttp2.h>

#include "grpc_h2.h"

struct h2_conn {
	struct h2_config config;
	void *arg;
	nghttp2_session *session;
	LIST_HEAD(, h2_call) calls;
	uint64_t now_us;
	uint64_t idle_us;
	uint64_t frames_us;
	uint32_t frames;
	bool heard;
};

bool h2_take(struct h2_conn *conn, size_t bytes);
void h2_give(struct h2_conn *conn, size_t bytes);

/* NULL: no memory, or the budget is spent. */
struct h2_call *h2_call_new(struct h2_conn *conn, int32_t id);
void h2_call_free(struct h2_call *call);

/* A header field of the request came. */
void h2_call_header(struct h2_call *call, nghttp2_rcbuf *name,
		    nghttp2_rcbuf *value);
/* All of its header did: it is refused now, if it is to be. */
void h2_call_headed(struct h2_call *call);
/* Bytes of its message. */
void h2_call_data(struct h2_call *call, const void *bytes, size_t len);
/* The peer has said all: the request is told of. */
void h2_call_whole(struct h2_call *call);
/* It was too long in coming. */
void h2_call_late(struct h2_call *call);

#endif /* DAMCD_GRPC_H2_INT_H */
