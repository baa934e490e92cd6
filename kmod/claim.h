/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A claim: what a pod's kernel and its gateway say to each other about one bound
 * name (Documentation/protocol.rst, "Bindings"). Messages to a checked struct and
 * back; when to ask, and what an answer means. Pure: no skb, no clock, no
 * allocation; also compiled in user space.
 */
#ifndef _DAMC_CLAIM_H
#define _DAMC_CLAIM_H

#include <linux/types.h>

#include <linux/damc.h>

#include "name.h"

#define DAMC_CLAIM_MSG_MAX (sizeof(struct damc_bind_hdr) + DAMC_NAME_MAX + \
			    DAMC_BIND_REASON_MAX)

/**
 * struct damc_claim_msg - a message
 * @type: enum damc_bind_msg_type
 * @weight: see struct damc_bind_hdr
 * @reason_len: bytes of @reason
 * @id: the binding's
 * @name: in the message's own bytes
 * @reason: likewise, printable
 */
struct damc_claim_msg {
	u8 type;
	u8 reason_len;
	u16 weight;
	u64 id;
	struct damc_name name;
	const u8 *reason;
};

enum damc_claim_state {
	DAMC_CLAIM_WANTED,
	DAMC_CLAIM_GRANTED,
	DAMC_CLAIM_REFUSED,
	DAMC_CLAIM_LEAVING,	/* the socket is closed, the gateway is told */
	DAMC_CLAIM_OVER,
};

/**
 * struct damc_claim - what a pod knows of a name that it bound
 * @id: random, so that who has not seen it cannot answer for the gateway
 * @due: when to say it again, in ns; U64_MAX: never
 * @wait: how long after that, in ns
 * @state: enum damc_claim_state
 * @tries: how often it was said that the name is left
 */
struct damc_claim {
	u64 id;
	u64 due;
	u64 wait;
	u8 state;
	u8 tries;
};

int damc_claim_read(const u8 *data, size_t len, struct damc_claim_msg *msg);
unsigned int damc_claim_write(u8 *data, const struct damc_claim_msg *msg);

void damc_claim_init(struct damc_claim *claim, u64 id, u64 now);
bool damc_claim_expire(struct damc_claim *claim, u64 now, u32 random);
bool damc_claim_answer(struct damc_claim *claim,
		       const struct damc_claim_msg *msg, u64 now);
void damc_claim_again(struct damc_claim *claim, u64 now, u32 random);
void damc_claim_leave(struct damc_claim *claim, u64 now);

#endif /* _DAMC_CLAIM_H */
