/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The calling side of RMI without sockets or clocks: packets, refusals and the
 * time go in; packets, the next time to look and results come out. Times are
 * microseconds of any clock that doesn't go back.
 *
 * The core owns its calls until rmi_call_free().
 */
#ifndef _DAMC_RMI_CLIENT_CORE_H
#define _DAMC_RMI_CLIENT_CORE_H

#include "rmi_msg.h"

/* Open calls of one client; more are refused with -ENOBUFS. */
#define RMI_CALLS_MAX 1024

/* Servers remembered while no call is open to them. */
#define RMI_PEERS_MAX 64

#define RMI_DEADLINE_MAX_MS 86400000u

struct rmi_client_core;
struct rmi_call;

/* @call is NULL for a packet of no call's. */
struct rmi_packet {
	struct rmi_call *call;
	struct damc_name to;
	uint32_t flow;
	bool record;
	size_t len;
};

/* @seed: of all its random numbers. NULL: no memory. */
struct rmi_client_core *rmi_client_core_new(uint64_t seed);
void rmi_client_core_free(struct rmi_client_core *core);

/* Begin a call; @request is copied. NULL: errno EINVAL, ENOMEM, ENOBUFS. */
struct rmi_call *rmi_client_core_start(struct rmi_client_core *core,
				       const struct damc_rmi_request *request,
				       uint64_t now);

/* The next packet to send now, written to @buf: false if there is none. */
bool rmi_client_core_output(struct rmi_client_core *core,
			    struct rmi_packet *packet, void *buf, size_t size,
			    uint64_t now);

/* The last packet of @call did not leave: @err is a positive errno. */
void rmi_client_core_unsent(struct rmi_client_core *core,
			    struct rmi_call *call, int err, uint64_t now);

/* A packet came; @record of @record_len bytes with it, if that is not 0. */
void rmi_client_core_input(struct rmi_client_core *core,
			   const struct damc_name *from, const void *buf,
			   size_t len, const void *record, size_t record_len,
			   uint64_t now);

/* The fabric refused a packet that starts with @quote. */
void rmi_client_core_refused(struct rmi_client_core *core, const void *quote,
			     size_t len, enum damc_error_code code,
			     const struct damc_name *offender, uint64_t now);

/* Do what is due. */
void rmi_client_core_timer(struct rmi_client_core *core, uint64_t now);

/* When something will be due, UINT64_MAX for never. */
uint64_t rmi_client_core_next(const struct rmi_client_core *core);

/* No more calls: output gives the servers' DONE messages. */
void rmi_client_core_shutdown(struct rmi_client_core *core);

bool rmi_call_ended(const struct rmi_call *call);

/*
 * What came of an ended call; @reply's data is then the caller's.
 * Return: 0, or the negative errno that the socket failed with.
 */
int rmi_call_result(struct rmi_call *call, struct damc_rmi_reply *reply);

/* End with it, whether it has ended or not. */
void rmi_call_free(struct rmi_client_core *core, struct rmi_call *call);

#endif /* _DAMC_RMI_CLIENT_CORE_H */
