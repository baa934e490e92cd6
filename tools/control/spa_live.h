/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The grants of an SPA that have not ended, by name: who holds what, and how
 * many by which rule. In memory; the store has what is to outlive a restart.
 */
#ifndef DC_SPA_LIVE_H
#define DC_SPA_LIVE_H

#include "object.h"
#include "spa_policy.h"

/* The name without its last component; false for the root. */
bool dc_spa_to_parent(struct damc_name *name);

/* As many as a node's trust takes (trust.h); 500 bytes each. */
#define DC_SPA_LIVE_MAX 131072

struct dc_spa_live;

/**
 * struct dc_spa_holding - a live grant
 * @subject: hash of a key, or of a pod's name
 * @number: the grant's, unique
 * @until: domain time in ms
 * @revoked: by hand: nobody's any more, and not to be had again by its subject
 * @label: of the rule that allowed it, "" if none did
 */
struct dc_spa_holding {
	struct damc_name name;
	uint8_t rights;
	struct dc_hash subject;
	uint64_t number;
	uint64_t until;
	bool revoked;
	char label[DC_SPA_LABEL_MAX + 1];
};

/* @secret: for the table's hashes. NULL: no memory. */
struct dc_spa_live *dc_spa_live_new(const uint8_t secret[16]);
void dc_spa_live_free(struct dc_spa_live *live);

/*
 * A grant, in the place of the one that the same subject has of the same name
 * and rights: 0, -ENOMEM, -ENOSPC.
 */
int dc_spa_live_add(struct dc_spa_live *live,
		    const struct dc_spa_holding *holding);

/* False if it was not there, or was revoked before. */
bool dc_spa_live_revoke(struct dc_spa_live *live, uint64_t number);

/* Forget what ended by @now_ms. */
void dc_spa_live_expire(struct dc_spa_live *live, uint64_t now_ms);

/* Who stands in the way of a grant like @wanted, or NULL. */
const struct dc_spa_holding *
dc_spa_live_conflict(const struct dc_spa_live *live,
		     const struct dc_spa_holding *wanted);

/* The one that @wanted would take the place of, or NULL. */
const struct dc_spa_holding *
dc_spa_live_same(const struct dc_spa_live *live,
		 const struct dc_spa_holding *wanted);

struct dc_spa_live_counts {
	uint32_t all;
	uint32_t rule;		/* by the rule called as in @wanted */
	uint32_t each;		/* of those, its subject's */
};

void dc_spa_live_count(const struct dc_spa_live *live,
		       const struct dc_spa_holding *wanted,
		       struct dc_spa_live_counts *counts);

#endif /* DC_SPA_LIVE_H */
