// SPDX-License-Identifier: GPL-2.0
/*
 * Domain time, and what ends by it. The clock is the newest beacon plus this
 * host's monotonic clock; it stands still rather than goes back. Only the first
 * beacon can put it back, for until then it was this host's own guess.
 *
 * The first one may be hours old: an SPA is silent, and a neighbour has its last
 * word. How old it is only that neighbour can say, and it is believed within the
 * beacon's own lifetime, until an SPA speaks again: the next beacon counts as the
 * first, too.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "trust_state.h"

#define US_PER_MS 1000
#define US_PER_S 1000000

uint64_t dc_trust_time(const struct dc_trust *trust, uint64_t now_us)
{
	const struct trust_clock *clock = &trust->clock;
	uint64_t passed = 0, ms;

	if (now_us > clock->base_us)
		passed = (now_us - clock->base_us) / US_PER_MS;
	ms = clock->base_ms + passed;
	return ms > clock->least_ms ? ms : clock->least_ms;
}

uint32_t dc_trust_beacon_age(const struct dc_trust *trust, uint64_t now_us)
{
	const struct trust_clock *clock = &trust->clock;
	uint64_t age;

	if (!clock->has_beacon)
		return UINT32_MAX;
	if (now_us <= clock->beacon_us)
		return clock->word_ms / 1000;
	age = (now_us - clock->beacon_us) / US_PER_S +
	      clock->word_ms / 1000;
	return age < UINT32_MAX ? age : UINT32_MAX - 1;
}

bool trust_has_time(const struct dc_trust *trust)
{
	return trust->clock.has_beacon && !trust->clock.word_ms;
}

uint64_t dc_trust_heard_time(const struct dc_trust *trust, uint64_t now_us)
{
	const struct trust_clock *clock = &trust->clock;

	if (!clock->has_beacon)
		return 0;
	return clock->base_ms + (now_us > clock->base_us ?
				 (now_us - clock->base_us) / US_PER_MS : 0);
}

void dc_trust_beacon_left(struct dc_trust *trust,
			  const struct dc_object *object, uint64_t left_ms,
			  uint64_t now_us)
{
	struct trust_clock *clock = &trust->clock;
	struct dc_beacon beacon;

	if (dc_beacon_read(&beacon, object) || !clock->first ||
	    beacon.time != clock->beacon_ms || now_us != clock->beacon_us ||
	    left_ms >= object->not_after - beacon.time)
		return;
	clock->word_ms = object->not_after - beacon.time - left_ms;
	clock->base_ms = beacon.time + clock->word_ms;
}

/* A beacon newer than any before. */
static void set_clock(struct dc_trust *trust, uint64_t ms, uint64_t now_us)
{
	struct trust_clock *clock = &trust->clock;
	uint64_t was = dc_trust_time(trust, now_us);

	clock->skew_ms = (int64_t)(ms - was);
	clock->first = !trust_has_time(trust);
	if (!clock->first)
		clock->least_ms = was;
	clock->base_ms = ms;
	clock->base_us = now_us;
	clock->beacon_ms = ms;
	clock->beacon_us = now_us;
	clock->word_ms = 0;
	clock->has_beacon = true;
	if (clock->first)
		trust_certs_revive(trust, dc_trust_time(trust, now_us));
}

static struct trust_spa *spa_of(struct dc_trust *trust,
				const struct dc_hash *node)
{
	struct trust_spa *spa = dc_map_get(&trust->spas, node);

	if (spa || trust->spas.n >= DC_TRUST_SPAS)
		return spa;
	spa = calloc(1, sizeof(*spa));
	if (spa && dc_map_put(&trust->spas, node, spa)) {
		free(spa);
		spa = NULL;
	}
	return spa;
}

enum dc_verdict trust_beacon(struct dc_trust *trust,
			     const struct dc_object *object,
			     const struct trust_issuer *issuer, uint64_t now_us)
{
	struct dc_beacon beacon;
	struct trust_spa *spa;

	if (dc_beacon_read(&beacon, object))
		return DC_MALFORMED;
	spa = spa_of(trust, &issuer->cert->node);
	if (!spa)
		return DC_FULL;
	if (beacon.time > spa->time) {
		spa->time = beacon.time;
		spa->revocations = beacon.revocations;
		spa->behind = !trust_in_step(trust, &issuer->cert->node,
					     &beacon);
	}
	if (!trust->clock.has_beacon || beacon.time > trust->clock.beacon_ms)
		set_clock(trust, beacon.time, now_us);
	return DC_VALID;
}

/* ---- what ends --------------------------------------------------------- */

static struct dc_map *map_of(struct dc_trust *trust, enum trust_kind kind)
{
	return kind == TRUST_CERT ? &trust->certs : &trust->grants;
}

void trust_item_free(struct dc_trust *trust, struct trust_item *item)
{
	dc_map_del(map_of(trust, item->kind), &item->hash);
	if (item->kind == TRUST_CERT)
		trust_cert_free(trust, (struct trust_cert *)item);
	else
		trust_unhold(trust, (struct trust_grant *)item);
	free(item);
}

int trust_item_add(struct dc_trust *trust, struct trust_item *item)
{
	if (dc_heap_push(&trust->ends, item->not_after, &item->hash))
		return -ENOMEM;
	return dc_map_put(map_of(trust, item->kind), &item->hash, item);
}

void trust_end(struct dc_trust *trust, struct trust_item *item,
	       enum dc_verdict why)
{
	if (item->state != DC_VALID)
		return;
	item->state = why;
	item->told = false;
	TAILQ_INSERT_TAIL(&trust->ended[item->kind], item, link);
	if (item->kind == TRUST_CERT)
		trust_cert_ended(trust, (struct trust_cert *)item);
	else
		trust_holding_review(trust,
				     ((struct trust_grant *)item)->holding);
}

void trust_revive(struct dc_trust *trust, struct trust_item *item)
{
	if (dc_heap_push(&trust->ends, item->not_after, &item->hash))
		return;
	if (item->told) {
		TAILQ_REMOVE(&trust->stale[item->kind], item, link);
		trust->n_stale[item->kind]--;
	} else {
		TAILQ_REMOVE(&trust->ended[item->kind], item, link);
	}
	item->state = DC_VALID;
}

static void drop_oldest(struct dc_trust *trust, enum trust_kind kind)
{
	struct trust_item *item = TAILQ_FIRST(&trust->stale[kind]);

	TAILQ_REMOVE(&trust->stale[kind], item, link);
	trust->n_stale[kind]--;
	trust_item_free(trust, item);
}

bool trust_room(struct dc_trust *trust, enum trust_kind kind)
{
	uint32_t cap = kind == TRUST_CERT ? DC_TRUST_CERTS : DC_TRUST_GRANTS;

	if (map_of(trust, kind)->n >= cap && trust->n_stale[kind])
		drop_oldest(trust, kind);
	return map_of(trust, kind)->n < cap;
}

uint64_t trust_advance(struct dc_trust *trust, uint64_t now_us)
{
	uint64_t now_ms = dc_trust_time(trust, now_us);
	struct trust_item *item;
	struct dc_hash hash;

	while (dc_heap_pop(&trust->ends, now_ms, &hash)) {
		item = dc_map_get(&trust->certs, &hash);
		if (!item)
			item = dc_map_get(&trust->grants, &hash);
		if (item && item->not_after <= now_ms)
			trust_end(trust, item, DC_EXPIRED);
	}
	trust_forget_revocations(trust, now_ms);
	trust_forget_bindings(trust, now_ms);
	trust_lapse(trust, now_ms);
	return now_ms;
}

uint64_t dc_trust_next(const struct dc_trust *trust)
{
	const struct trust_clock *clock = &trust->clock;
	uint64_t when = dc_heap_first(&trust->ends), left;

	if (when <= clock->base_ms || when <= clock->least_ms)
		return clock->base_us;
	left = when - clock->base_ms;
	if (left > (UINT64_MAX - clock->base_us) / US_PER_MS)
		return UINT64_MAX;
	return clock->base_us + left * US_PER_MS;
}

bool dc_trust_ended(struct dc_trust *trust, struct dc_hash *hash,
		    uint64_t now_us)
{
	struct trust_item *item;
	int kind;

	trust_advance(trust, now_us);
	for (kind = 0; kind < TRUST_KINDS; kind++) {
		item = TAILQ_FIRST(&trust->ended[kind]);
		if (!item)
			continue;
		*hash = item->hash;
		item->told = true;
		TAILQ_REMOVE(&trust->ended[kind], item, link);
		TAILQ_INSERT_TAIL(&trust->stale[kind], item, link);
		if (++trust->n_stale[kind] > DC_TRUST_STALE)
			drop_oldest(trust, kind);
		return true;
	}
	return false;
}
