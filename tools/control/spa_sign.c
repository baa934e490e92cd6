// SPDX-License-Identifier: GPL-2.0
/* What an SPA signs: grants, revocations, beacons, call rules. */
#include <errno.h>
#include <string.h>

#include "spa_core.h"

/*
 * They are made each minute, but whoever starts while the SPA is silent has its
 * time from the last one: it is kept for as long as a grant may last.
 */
#define BEACON_LIFETIME_MS (DC_SPA_LIFETIME_MAX_S * 1000ull)

uint64_t spa_until(const struct dc_spa *spa, uint32_t lifetime, uint64_t now_us)
{
	uint64_t until = dc_trust_time(spa->trust, now_us) + lifetime * 1000ull;

	return until < spa->not_after ? until : spa->not_after;
}

/*
 * Of this SPA's certificate: an object that is numbered is its own newest
 * version, for its number is in its shard, too.
 */
static int sign(struct dc_spa *spa, struct dc_object *object, uint64_t counter,
		const uint8_t *body, int body_len, uint8_t *buf)
{
	if (body_len < 0)
		return body_len;
	object->domain = spa->domain;
	object->seq.serial = spa->serial;
	object->seq.counter = counter;
	object->body = body;
	object->body_len = body_len;
	return dc_trust_sign(spa->trust, object, buf);
}

bool spa_make(struct dc_spa *spa, struct dc_spa_decision *decision,
	      struct dc_grant *grant, uint8_t object[DC_OBJECT_MAX],
	      uint64_t now_us)
{
	struct dc_spa_holding *holding = &decision->holding;
	struct dc_object made = {
		.type = DC_GRANT, .not_after = holding->until,
		.subject = holding->name
	};
	uint8_t body[DC_OBJECT_MAX];
	int len;

	if (holding->until <= dc_trust_time(spa->trust, now_us))
		return spa_refuse(decision, DC_C3_BUSY,
				  "this SPA's certificate has ended");
	/* Not even a policy that only observes, or a hand, goes beyond that. */
	if (!spa_has_room(spa, decision))
		return false;
	if (spa->ops.number(spa->arg, &holding->number))
		return spa_refuse(decision, DC_C3_BUSY,
				  "the store has no number for a grant");
	grant->number = holding->number;
	made.shard = holding->number;
	len = sign(spa, &made, holding->number, body,
		   dc_grant_write(grant, body, sizeof(body)), object);
	if (len < 0)
		return spa_refuse(decision, DC_C3_BUSY,
				  "the grant could not be signed");
	decision->body = grant;
	decision->grant = object;
	decision->grant_len = len;
	if (!spa->ops.keep(spa->arg, decision) &&
	    !dc_spa_live_add(spa->live, holding))
		return true;
	decision->grant = NULL;
	decision->grant_len = 0;
	return spa_refuse(decision, DC_C3_BUSY,
			  "the grant could not be stored");
}

int dc_spa_revocation(struct dc_spa *spa, const struct dc_revocation *what,
		      const struct damc_name *subject,
		      uint8_t object[DC_OBJECT_MAX], uint64_t now_us)
{
	struct dc_object made = {
		.type = DC_REVOCATION, .not_after = what->until,
		.shard = what->number, .subject = *subject
	};
	uint8_t body[DC_OBJECT_MAX];

	if (what->until <= dc_trust_time(spa->trust, now_us))
		return -ESTALE;
	return sign(spa, &made, what->number, body,
		    dc_revocation_write(what, body, sizeof(body)), object);
}

int dc_spa_beacon(struct dc_spa *spa, uint64_t revocations,
		  const struct dc_hash *digest, uint8_t object[DC_OBJECT_MAX],
		  uint64_t now_us)
{
	struct dc_beacon beacon = {
		.time = dc_trust_time(spa->trust, now_us),
		.revocations = revocations, .digest = *digest
	};
	struct dc_object made = {
		.type = DC_BEACON,
		.not_after = beacon.time + BEACON_LIFETIME_MS
	};
	uint8_t body[DC_OBJECT_MAX];
	struct dc_object own;
	int len;

	if (dc_node_name(&made.subject, &spa->id))
		return -EINVAL;
	len = sign(spa, &made, beacon.time, body,
		   dc_beacon_write(&beacon, body, sizeof(body)), object);
	/* Its own clock, too, goes by what it told others. */
	if (len > 0)
		dc_trust_check(spa->trust, object, len, &own, now_us);
	return len;
}

int dc_spa_call_rule(struct dc_spa *spa, const struct dc_spa_call *call,
		     uint64_t number, uint8_t object[DC_OBJECT_MAX],
		     uint64_t now_us)
{
	struct dc_object made = {
		.type = DC_CALL_RULE, .subject = call->callee,
		.not_after = spa_until(spa, DC_SPA_LIFETIME_S, now_us)
	};
	uint8_t body[DC_OBJECT_MAX];

	return sign(spa, &made, number, body,
		    dc_call_rule_write(&call->rule, body, sizeof(body)),
		    object);
}
