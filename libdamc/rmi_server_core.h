/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The answering side of RMI without sockets or clocks: packets, results and
 * the time go in; packets and calls to execute come out. Times are
 * microseconds of a clock that doesn't go back while the core lives.
 */
#ifndef _DAMC_RMI_SERVER_CORE_H
#define _DAMC_RMI_SERVER_CORE_H

#include "rmi_msg.h"

/**
 * struct rmi_limits - what a server remembers at most
 * @callers: client objects, whose calls may still arrive
 * @calls: calls of all callers
 * @refusals: calls beyond these of which it is only known that they were
 *	refused
 * @caller_calls: calls of one caller, and half as many refusals
 * @bytes: of replies kept, room for those being made, requests in parts
 * @source_share: one source has at most one in so many of callers, calls and
 *	bytes; 0: all
 */
struct rmi_limits {
	unsigned int callers;
	unsigned int calls;
	unsigned int refusals;
	unsigned int caller_calls;
	size_t bytes;
	unsigned int source_share;
};

extern const struct rmi_limits rmi_limits_default;

/* How long after its end a call is still remembered. */
#define RMI_MARGIN_MS 60000

/* A call may end this far ahead: the longest deadline, and what clocks err. */
#define RMI_TIME_AHEAD_MS (86400000ull + RMI_MARGIN_MS)

/* Parts of a reply that are sent before they are asked for, or by one PULL. */
#define RMI_PARTS_UNASKED 4
#define RMI_PARTS_PULLED 32

struct rmi_server_core;
struct rmi_execution;

/**
 * struct rmi_work - what a packet led to
 * @len: bytes of the packet to send back now, 0 for none; after it
 *	rmi_server_core_more() gives the next
 * @record: it should record its path
 * @execute: if not NULL, a call to execute now; then rmi_server_core_finish()
 * @method, @method_len, @data, @data_len: of it, inside the packet received or
 *	inside the core, until it is finished
 * @gathered: the latter
 * @remaining_ms: until its end
 * @reply, @want: the core's: parts of a reply that are still to be sent
 */
struct rmi_work {
	size_t len;
	bool record;
	struct rmi_execution *execute;
	const uint8_t *method;
	size_t method_len;
	const uint8_t *data;
	size_t data_len;
	bool gathered;
	uint32_t remaining_ms;
	struct rmi_execution *reply;
	uint64_t want;
};

/* @incarnation: random, not 0. NULL: no memory. */
struct rmi_server_core *rmi_server_core_new(uint64_t incarnation,
					    const struct rmi_limits *limits,
					    uint64_t now);
void rmi_server_core_free(struct rmi_server_core *core);

/*
 * A packet came from @from, with @record of @record_len bytes if that is not
 * 0. What to send back is written to @out of @size bytes.
 */
void rmi_server_core_input(struct rmi_server_core *core,
			   const struct damc_name *from, const void *buf,
			   size_t len, const void *record, size_t record_len,
			   struct rmi_work *work, void *out, size_t size,
			   uint64_t now);

/* The next packet of the same work, if there is one: see @work->len. */
void rmi_server_core_more(struct rmi_server_core *core, struct rmi_work *work,
			  void *out, size_t size, uint64_t now);

/* Milliseconds until the call's end; 0: it must not be begun any more. */
uint32_t rmi_server_core_remaining(const struct rmi_server_core *core,
				   const struct rmi_execution *execution,
				   uint64_t now);

/* A call takes its time: tell its caller that it was taken. */
void rmi_server_core_working(struct rmi_server_core *core,
			     struct rmi_execution *execution,
			     struct rmi_work *work, void *out, size_t size,
			     uint64_t now);

/* The method ended; @data is copied. The reply is written to @out. */
void rmi_server_core_finish(struct rmi_server_core *core,
			    struct rmi_execution *execution,
			    enum damc_rmi_status status, const void *data,
			    size_t data_len, struct rmi_work *work, void *out,
			    size_t size, uint64_t now);

/* A reply to @caller that starts with @quote does not fit on its way. */
void rmi_server_core_too_big(struct rmi_server_core *core,
			     const struct damc_name *caller, const void *quote,
			     size_t len, struct rmi_work *work, void *out,
			     size_t size, uint64_t now);

/* What it remembers, for tests and counters. */
struct rmi_server_use {
	unsigned int callers;
	unsigned int calls;
	size_t bytes;
};

struct rmi_server_use rmi_server_core_use(const struct rmi_server_core *core);

#endif /* _DAMC_RMI_SERVER_CORE_H */
