/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What grpc_service.c (names: Register, Hold, Renew, Withdraw, Nonce) and grpc_watch.c
 * (who has which: List, Watch) owe each other.
 */
#ifndef DAMCD_GRPC_SERVICE_H
#define DAMCD_GRPC_SERVICE_H

#include "grpc_int.h"
#include "grpc_msg.h"

/**
 * struct grpc_ask - a request that is being answered
 * @bytes: its message, of @len bytes
 */
struct grpc_ask {
	struct grpc_peer *peer;
	struct h2_call *call;
	struct grpc *grpc;
	struct class1_edge *edge;
	struct registrar *registrar;
	struct dc_reg *reg;
	const void *bytes;
	size_t len;
};

/* ---- grpc_service.c ---------------------------------------------------- */

void grpc_send_message(struct h2_call *call, const ProtobufCMessage *message);
/* @why: NULL: none is to be told. */
void grpc_send_change(struct h2_call *call, bool up, struct grpc_name *name,
		      const char *why);
/* What lasts beyond the request, and ends with the call; NULL: no memory. */
struct grpc_work *grpc_work_new(const struct grpc_ask *ask);

/* ---- grpc_watch.c ------------------------------------------------------ */

void grpc_run_list(const struct grpc_ask *ask);
void grpc_run_watch(const struct grpc_ask *ask);
void grpc_end_watching(struct grpc_work *work);
/* @edge: whose name it is, 0: nobody's here. @why it went, or NULL. */
void grpc_tell_watches(struct grpc *grpc, uint32_t edge,
		       const struct damc_name *is, bool up,
		       struct grpc_name *name, const char *why);

#endif /* DAMCD_GRPC_SERVICE_H */
