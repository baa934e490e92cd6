/* SPDX-License-Identifier: GPL-2.0 */
/* An SPA's inside, which spa.c, spa_decide.c and spa_sign.c share. */
#ifndef DC_SPA_CORE_H
#define DC_SPA_CORE_H

#include "class3_nonce.h"
#include "spa.h"

/**
 * struct dc_spa - an SPA
 * @not_after: its certificate's end, which nothing that it signs outlives
 * @serial: its certificate's
 */
struct dc_spa {
	const struct dc_crypto *crypto;
	const struct dc_spa_policy *policy;
	struct dc_spa_ops ops;
	void *arg;
	struct dc_identity identity;
	struct dc_cert cert;
	struct dc_node_id id;
	uint64_t domain;
	uint64_t not_after;
	uint32_t serial;
	struct dc_trust *trust;
	struct dc_c3_nonces *nonces;
	struct dc_spa_live *live;
	struct dc_spa_counts counts;
};

/* Why not, in @decision: always false. */
bool spa_refuse(struct dc_spa_decision *decision, enum dc_c3_code code,
		const char *words, ...) __attribute__((format(printf, 3, 4)));

/* What a grant needs whoever asks: not reserved, of a subtree, not taken. */
bool spa_may_be_had(struct dc_spa *spa, struct dc_spa_decision *decision,
		    uint64_t now_us);

/* One more can be held, or it is a renewal. */
bool spa_has_room(struct dc_spa *spa, struct dc_spa_decision *decision);

/* Sign a grant, store it, hold it: false with the reason in @decision. */
bool spa_make(struct dc_spa *spa, struct dc_spa_decision *decision,
	      struct dc_grant *grant, uint8_t object[DC_OBJECT_MAX],
	      uint64_t now_us);

/* From now on: domain time in ms at which a grant of @lifetime s ends. */
uint64_t spa_until(const struct dc_spa *spa, uint32_t lifetime,
		   uint64_t now_us);

/* Judge a request of a gateway: false with the reason. */
bool spa_decide(struct dc_spa *spa, const void *bytes, size_t len,
		struct dc_spa_decision *decision, struct dc_grant *grant,
		uint64_t now_us);

#endif /* DC_SPA_CORE_H */
