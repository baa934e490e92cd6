/* SPDX-License-Identifier: GPL-2.0 */
/* Liveness messages as packets; see liveness.h. */
#ifndef _DAMC_LIVENESS_PACKET_H
#define _DAMC_LIVENESS_PACKET_H

#include "liveness.h"

/* While keys change a message is sent twice, by each. */
#define DAMC_LIVENESS_OUT_MAX 2

/**
 * struct damc_liveness_out - messages to be sent once the lock is let go
 */
struct damc_liveness_out {
	struct damc_liveness_hdr hdr[DAMC_LIVENESS_OUT_MAX];
	unsigned int n;
};

void damc_liveness_prepare(struct damc_liveness *l,
			   struct damc_liveness_out *out, u64 now);
void damc_liveness_send(const struct damc_liveness *l,
			const struct damc_liveness_out *out);
void damc_liveness_act(struct damc_liveness *l, unsigned int what, u64 now)
	__releases(&l->lock);

#endif /* _DAMC_LIVENESS_PACKET_H */
