/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Inside the answering core: what it says, whole or in parts.
 */
#ifndef _DAMC_RMI_SERVER_ANSWER_H
#define _DAMC_RMI_SERVER_ANSWER_H

#include "rmi_memory.h"
#include "rmi_server_core.h"

struct rmi_server_core {
	uint64_t incarnation;
	uint64_t started;
	uint64_t swept;
	struct rmi_memory memory;
};

/* Where one packet's answer goes. */
struct rmi_answer {
	struct rmi_work *work;
	void *out;
	size_t size;
	uint64_t now;
};

uint64_t rmi_server_clock_ms(const struct rmi_server_core *core, uint64_t now);

/* Answer @request with a message that has nothing but a type and a reason. */
void rmi_answer_short(struct rmi_server_core *core, const struct rmi_answer *to,
		      const struct rmi_msg *request, enum rmi_type type,
		      uint8_t reason);

/* Which parts of the request have come. */
void rmi_answer_ack(struct rmi_server_core *core, const struct rmi_answer *to,
		    const struct rmi_msg *request, uint64_t come);

/* The reply, whole if it is small, else those parts that are wanted. */
void rmi_answer_reply(struct rmi_server_core *core, const struct rmi_answer *to,
		      struct rmi_execution *call, uint64_t want);

/* The reply or its beginning. */
void rmi_answer_first(struct rmi_server_core *core, const struct rmi_answer *to,
		      struct rmi_execution *call);

#endif /* _DAMC_RMI_SERVER_ANSWER_H */
