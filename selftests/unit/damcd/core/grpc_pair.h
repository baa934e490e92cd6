/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The server's half of a gRPC connection (grpc_h2.h) and a client that nghttp2
 * plays, or that sends whatever bytes a test likes.
 */
#ifndef GRPC_PAIR_H
#define GRPC_PAIR_H

#include <nghttp2/nghttp2.h>

#include "grpc_h2.h"

#define PAIR_CALLS_MAX 256

/**
 * struct pair - both
 * @call: those that were told of and have not ended
 * @got: of the last answer: its fields that matter, and its messages
 * @error: what the server's half said of the last input
 */
struct pair {
	struct h2_budget budget;
	struct h2_conn *server;
	nghttp2_session *client;
	uint64_t now_us;
	struct h2_call *call[PAIR_CALLS_MAX];
	unsigned int n_calls;
	unsigned int requests;
	unsigned int ended;
	uint8_t message[64];
	size_t len;
	struct {
		char http[8];
		char status[8];
		char code[64];
		char text[512];
		uint8_t bytes[4096];
		size_t len;
		size_t total;
		unsigned int closed;
		uint32_t reset;
	} got;
	int error;
};

#define PAIR_PATH "/test.Service/Method"

void pair_init(struct pair *pair, size_t budget);
void pair_end(struct pair *pair);

/* A request: its message's bytes as they go over the wire, prefix and all. */
int32_t pair_ask(struct pair *pair, const char *path, const char *type,
		 const void *bytes, size_t len);
/* One whose message never comes. */
int32_t pair_begin(struct pair *pair);
/* What both have to say, until neither has more. */
void pair_run(struct pair *pair);

/* Bytes to the server without a client; what it answers is dropped. */
void pair_raw(struct pair *pair, const void *bytes, size_t len);
/* The client's preface, and SETTINGS without entries. */
void pair_preface(struct pair *pair);
/* A frame with a payload of zeros. */
void pair_frame(struct pair *pair, uint8_t type, uint8_t flags, int32_t id,
		size_t len);

#endif /* GRPC_PAIR_H */
