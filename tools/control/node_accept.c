// SPDX-License-Identifier: GPL-2.0
/*
 * Objects: known already, or judged, kept and flooded on; and what becomes of
 * them with time. Verified before flooded on or used, under a budget that what
 * is good gives back.
 */
#include <stdlib.h>
#include <string.h>

#include "node_int.h"

/* LSAs of one kind that may follow each other at once, beyond the rate. */
#define LSA_BURST 16

/**
 * struct offer - an object on its way into the database
 * @adj: who brought it; NULL: this node itself
 */
struct offer {
	struct adj *adj;
	const uint8_t *bytes;
	size_t len;
	uint32_t left_ms;
	struct dc_object object;
	struct dc_hash hash;
	struct dc_hash key;
	enum dc_type type;
	struct lsdb_entry *entry;
};

bool node_refused(const struct dc_node *node, uint64_t hash)
{
	uint32_t i;

	if (node->refused[hash % NODE_REFUSED_MAX] == hash)
		return true;
	for (i = 0; i < node->n_waiting; i++)
		if (node->waiting[i].hash == hash)
			return true;
	return false;
}

static void refuse(struct dc_node *node, uint64_t hash)
{
	node->refused[hash % NODE_REFUSED_MAX] = hash;
}

/* Of its life by what beacons say; UINT32_MAX: it does not matter. */
static uint32_t beacon_left_ms(const struct dc_node *node,
			       const struct lsdb_entry *entry)
{
	uint64_t now_ms = dc_trust_heard_time(node->trust, node->now_us);
	uint64_t left;

	if (!now_ms || now_ms >= entry->not_after)
		return now_ms ? 0 : UINT32_MAX;
	left = entry->not_after - now_ms;
	return left < UINT32_MAX ? left : UINT32_MAX;
}

uint32_t node_left_ms(const struct dc_node *node,
		      const struct lsdb_entry *entry)
{
	uint64_t left;

	if (entry->type == DC_BEACON)
		return beacon_left_ms(node, entry);
	if (entry->expires_us == UINT64_MAX)
		return UINT32_MAX;
	if (entry->expires_us <= node->now_us)
		return 0;
	left = (entry->expires_us - node->now_us) / 1000;
	return left < UINT32_MAX ? left : UINT32_MAX;
}

void node_flood(struct dc_node *node, struct lsdb_entry *entry,
		const struct adj *except)
{
	uint32_t i;

	for (i = 0; i < node->n_adjs; i++) {
		struct adj *adj = node->adj[i];

		if (adj != except && adj->state >= ADJ_EXCHANGE)
			flood_add(&adj->flood, entry);
	}
}

/* ---- one that is here, or was ------------------------------------------ */

static bool known(struct dc_node *node, struct offer *offer)
{
	struct lsdb_entry *entry = offer->entry;
	int cmp;

	if (!entry)
		return false;
	cmp = lsdb_cmp(entry, &offer->object.seq, &offer->hash);
	if (cmp > 0)
		return false;
	if (!cmp)
		node->counts.duplicate++;
	else
		node->counts.older++;
	if (!offer->adj)
		return true;
	if (!cmp)
		flood_has(&offer->adj->flood, entry);
	else if (entry->bytes)
		flood_add(&offer->adj->flood, entry);
	return true;
}

/* ---- judged and kept --------------------------------------------------- */

static void count(struct dc_node *node, enum dc_verdict verdict)
{
	struct dc_node_counts *counts = &node->counts;
	uint64_t *counter[] = {
		[DC_UNKNOWN] = &counts->unknown,
		[DC_MALFORMED] = &counts->malformed,
		[DC_FOREIGN] = &counts->not_allowed,
		[DC_FORGED] = &counts->forged,
		[DC_NOT_ALLOWED] = &counts->not_allowed,
		[DC_EXPIRED] = &counts->expired,
		[DC_REVOKED] = &counts->revoked,
		[DC_FULL] = &counts->over_budget,
	};

	if (verdict != DC_VALID)
		(*counter[verdict])++;
}

/* Newer versions of one LSA come no faster than its certificate allows. */
static bool too_fast(struct dc_node *node, struct offer *offer)
{
	const struct dc_cert *cert;
	struct budget *budget;

	if (!offer->entry || !offer->adj ||
	    !dc_type_has_lifetime(offer->object.type))
		return false;
	cert = dc_trust_cert_of_key(node->trust, &offer->object.issuer);
	budget = &offer->entry->rate;
	return cert && cert->max_lsas &&
	       !budget_take(budget, cert->max_lsas,
			    cert->max_lsas + LSA_BURST, node->now_us);
}

static uint64_t domain_end(struct dc_node *node, uint64_t not_after)
{
	uint64_t time = dc_trust_time(node->trust, node->now_us);
	uint64_t left;

	if (not_after <= time)
		return node->now_us;
	left = not_after - time;
	return left < UINT64_MAX / 2000 ? node->now_us + left * 1000 :
		UINT64_MAX;
}

static void set_end(struct dc_node *node, struct offer *offer)
{
	struct lsdb_entry *entry = offer->entry;
	uint64_t life = 1000ull * offer->object.lifetime;

	if (!dc_type_has_lifetime(offer->object.type)) {
		entry->expires_us = UINT64_MAX;
		lsdb_due(node->db, entry,
			 domain_end(node, entry->not_after));
		return;
	}
	if (offer->left_ms < life)
		life = offer->left_ms;
	entry->expires_us = node->now_us + 1000 * life;
	lsdb_due(node->db, entry, entry->expires_us);
}

/* What it ends may not have come yet, and an LSA may lean on it all the same. */
static void revoked(struct dc_node *node, const struct dc_object *object)
{
	struct dc_revocation revocation;

	if (!dc_revocation_read(&revocation, object))
		names_grant(node, &revocation.target);
}

/* What a new object of its kind changes for others. */
static void consequences(struct dc_node *node, struct offer *offer)
{
	switch (offer->object.type) {
	case DC_CERT:
		node_renew(node, &offer->object, &offer->hash);
		names_cert(node, &offer->object.subject);
		node->retry = true;
		break;
	case DC_ANCHOR:
	case DC_BEACON:
		node->retry = true;
		break;
	case DC_GRANT:
		names_grant(node, &offer->hash);
		/* A binding may have come before it. */
		node->retry = true;
		break;
	case DC_REVOCATION:
		revoked(node, &offer->object);
		return;
	default:
		return;
	}
	if (offer->object.type != DC_GRANT)
		memset(node->refused, 0, sizeof(node->refused));
}

static enum dc_verdict keep(struct dc_node *node, struct offer *offer)
{
	uint8_t old[DC_OBJECT_MAX];
	struct lsdb_entry *entry = offer->entry;
	size_t old_len = 0;

	if (!entry)
		entry = lsdb_add(node->db, &offer->key, offer->type);
	if (!entry)
		return DC_FULL;
	offer->entry = entry;
	if (entry->bytes) {
		old_len = entry->len;
		memcpy(old, entry->bytes, old_len);
	}
	if (lsdb_put(node->db, entry, &offer->object, &offer->hash)) {
		if (!old_len)
			lsdb_remove(node->db, entry);
		return DC_FULL;
	}
	entry->own = false;
	set_end(node, offer);
	node->counts.installed++;
	names_put(node, entry, old_len ? old : NULL, old_len);
	if (offer->adj)
		flood_has(&offer->adj->flood, entry);
	node_flood(node, entry, offer->adj);
	consequences(node, offer);
	return DC_VALID;
}

/*
 * Before it is known what it will be. A neighbour floods nothing that it has not
 * verified, so a bad signature is its fault, and there are to be few.
 */
static bool may_check(struct dc_node *node, struct adj *adj)
{
	if (!adj)
		return true;
	if (!budget_take(&adj->lies, NODE_LIES, NODE_LIES, node->now_us))
		return false;
	if (budget_take(&adj->checks, NODE_CHECKS, NODE_CHECKS, node->now_us))
		return true;
	budget_return(&adj->lies, NODE_LIES);
	return false;
}

/* So often a neighbour is told of whose objects are not what their issuer said. */
#define LIES_TOLD_US 60000000ull

static void tell_lie(struct dc_node *node, struct adj *adj)
{
	char id[128];

	if (adj->lied_us && node->now_us < adj->lied_us + LIES_TOLD_US)
		return;
	adj->lied_us = node->now_us;
	node_event(node, "neighbour-lies", "id=%s link=%u",
		   node_id_text(&adj->hello.id, id), adj->link);
}

static void give_back(struct adj *adj, enum dc_verdict verdict)
{
	if (verdict != DC_FORGED)
		budget_return(&adj->lies, NODE_LIES);
	if (verdict == DC_VALID || verdict == DC_UNKNOWN)
		budget_return(&adj->checks, NODE_CHECKS);
}

static enum dc_verdict judge(struct dc_node *node, struct offer *offer)
{
	enum dc_verdict verdict;

	if (!may_check(node, offer->adj))
		return DC_FULL;
	verdict = dc_trust_judge(node->trust, offer->bytes, offer->len,
				 &offer->object, node->now_us);
	if (offer->adj)
		give_back(offer->adj, verdict);
	if (offer->adj && verdict == DC_FORGED)
		tell_lie(node, offer->adj);
	if (verdict != DC_VALID)
		return verdict;
	if (offer->object.type == DC_BEACON)
		dc_trust_beacon_left(node->trust, &offer->object,
				     offer->left_ms, node->now_us);
	if (dc_type_has_lifetime(offer->object.type) && !offer->left_ms)
		return DC_EXPIRED;
	if (too_fast(node, offer))
		return DC_FULL;
	if (origin_is_own(node, &offer->object) &&
	    !origin_heard(node, &offer->object, offer->type))
		return DC_VALID;
	return keep(node, offer);
}

static enum dc_verdict settle(struct dc_node *node, struct offer *offer)
{
	uint64_t hash = lsdb_short(&offer->hash);
	enum dc_verdict verdict;

	if (known(node, offer))
		return DC_VALID;
	if (offer->adj && node_refused(node, hash)) {
		node->counts.duplicate++;
		return DC_VALID;
	}
	verdict = judge(node, offer);
	count(node, verdict);
	if (verdict == DC_UNKNOWN)
		node_wait_add(node, offer->bytes, offer->len, offer->left_ms,
			      hash);
	else if (verdict != DC_VALID && verdict != DC_FULL)
		refuse(node, hash);
	return verdict;
}

/* From a neighbour of whose objects none would be verified now. */
static bool from_liar(const struct dc_node *node, const struct adj *adj)
{
	return adj && budget_when(&adj->lies, NODE_LIES, NODE_LIES,
				  node->now_us) > node->now_us;
}

/*
 * Most of what comes is here already, and to compare is cheaper than to hash; of a
 * liar that is all.
 */
static bool hash_of(const struct dc_node *node, struct offer *offer)
{
	const struct lsdb_entry *entry = offer->entry;

	if (entry && entry->len == offer->len &&
	    !memcmp(entry->bytes, offer->bytes, offer->len)) {
		offer->hash = entry->hash;
		return true;
	}
	if (from_liar(node, offer->adj))
		return false;
	dc_object_hash(&offer->object, &offer->hash);
	return true;
}

/* Its key, hash and entry: DC_VALID if there are such, and time for it. */
static enum dc_verdict identify(struct dc_node *node, struct offer *offer)
{
	int ret;

	if (dc_object_read(&offer->object, offer->bytes, offer->len, NULL))
		return DC_MALFORMED;
	ret = lsdb_key(&offer->key, &offer->type, &offer->object, &offer->hash);
	if (ret < 0)
		return DC_MALFORMED;
	offer->entry = lsdb_find(node->db, &offer->key);
	return ret || hash_of(node, offer) ? DC_VALID : DC_FULL;
}

enum dc_verdict node_accept(struct dc_node *node, struct adj *adj,
			    const void *bytes, size_t len, uint32_t left_ms)
{
	struct offer offer = {
		.adj = adj, .bytes = bytes, .len = len, .left_ms = left_ms,
	};
	enum dc_verdict verdict = identify(node, &offer);

	if (verdict != DC_VALID) {
		count(node, verdict);
		return verdict;
	}
	verdict = settle(node, &offer);
	/* What there was no room for is to come again. */
	if (adj && verdict != DC_FULL)
		adj_ack(node, adj, &offer.hash);
	return verdict;
}
