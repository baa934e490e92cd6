/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The server's half of one gRPC connection: HTTP/2 (nghttp2) with one message a
 * request. Sans-I/O: bytes in, requests out; answers in, bytes out; time is an
 * argument. It knows no method but by its path, and no message but by its length.
 *
 * Whoever is at the other end may send what it likes: each of the numbers below
 * is a limit, and what a connection keeps for its peer is taken from a budget
 * that it shares with others.
 */
#ifndef DAMCD_GRPC_H2_H
#define DAMCD_GRPC_H2_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "class1_json.h"

/* Bytes of a request's message; of a request's header fields, 32 for each. */
#define H2_MESSAGE_MAX (1024 * 1024)
#define H2_HEADERS_MAX 16384
/* Calls of one connection at a time. */
#define H2_CALLS_MAX 100
/* Entries of a SETTINGS frame; CONTINUATION frames of a header. */
#define H2_SETTINGS_MAX 16
#define H2_CONTINUATIONS_MAX 4
/* Answers to SETTINGS and PING that wait to be sent. */
#define H2_ACKS_MAX 64
/* Streams that the peer resets: at once, and each second from then on. */
#define H2_RESETS_BURST 200
#define H2_RESETS_RATE 20
/* Frames that carry nothing (PING, SETTINGS, PRIORITY, empty DATA), likewise. */
#define H2_IDLE_FRAMES_BURST 200
#define H2_IDLE_FRAMES_RATE 20
/* Seconds for a request to arrive; for a connection without a call. */
#define H2_REQUEST_S 60
#define H2_IDLE_S 60
/* What a connection, a call are charged as, beside what they buffer. */
#define H2_CONN_COST 49152
#define H2_CALL_COST 4096

/* Bytes that may be kept, and are. */
struct h2_budget {
	size_t max;
	size_t used;
};

/* What is said where the budget is spent. */
extern const struct class1_problem h2_spent;

struct h2_conn;
struct evbuffer;

/**
 * struct h2_call - a stream
 * @method: index of its path among the connection's
 * @user: for who answers
 * The rest is the core's own.
 */
struct h2_call {
	LIST_ENTRY(h2_call) list;
	unsigned int method;
	void *user;
	struct h2_conn *conn;
	int32_t id;
	uint64_t began_us;
	size_t header_bytes;
	struct evbuffer *in;
	struct evbuffer *out;
	const struct class1_problem *refuse;
	struct class1_problem why;
	bool has_path;
	bool is_grpc;
	bool whole;
	bool begun;
	bool waiting;
	bool finished;
	bool failed;
};

/**
 * struct h2_ops - what a connection says
 * @request: a call's message is there; to be answered now or later
 * @ended: a call is over, whoever ended it, and freed after this
 * @wake: there is something to be sent
 * None may free the connection.
 */
struct h2_ops {
	void (*request)(void *arg, struct h2_call *call, const void *bytes,
			size_t len);
	void (*ended)(void *arg, struct h2_call *call);
	void (*wake)(void *arg);
};

/**
 * struct h2_config - what connections have in common
 * @path: of each method, such as "/package.Service/Method"
 */
struct h2_config {
	const struct h2_ops *ops;
	struct h2_budget *budget;
	const char *const *path;
	unsigned int n_paths;
};

/* NULL: no memory, or the budget is spent. */
struct h2_conn *h2_conn_new(const struct h2_config *config, void *arg,
			    uint64_t now_us);
/* Its calls end. */
void h2_conn_free(struct h2_conn *conn);

/**
 * h2_conn_input() - bytes came
 *
 * Return: 0; -EPROTONOSUPPORT: this is no HTTP/2; -EPROTO: it broke HTTP/2's
 * rules or a limit: the connection is to be closed.
 */
int h2_conn_input(struct h2_conn *conn, const void *bytes, size_t len,
		  uint64_t now_us);
/*
 * The next bytes to send, good until the next call; 0: none; or -EPROTO. The
 * peer speaks first.
 */
int h2_conn_output(struct h2_conn *conn, const uint8_t **bytes);
/* It has said all, and will hear no more. */
bool h2_conn_done(const struct h2_conn *conn);

/*
 * Requests that do not arrive are ended; true if there was no call for too long.
 * To be called every few seconds.
 */
bool h2_conn_tick(struct h2_conn *conn, uint64_t now_us);
/* Tell the peer to go; from then on nothing new is taken. */
void h2_conn_shut(struct h2_conn *conn);

/* A message of the answer: 0, or -ENOBUFS if the budget is spent. */
int h2_call_send(struct h2_call *call, const void *bytes, size_t len);
/* Bytes of messages that are not sent yet. */
size_t h2_call_queued(const struct h2_call *call);
/* The answer is complete: well (NULL), or not. Later answers are dropped. */
void h2_call_finish(struct h2_call *call, const struct class1_problem *problem);

#endif /* DAMCD_GRPC_H2_H */
