// SPDX-License-Identifier: GPL-2.0
/*
 * Portable grants, which count only where their holder binds them. Grants of one
 * key and one name are together a holding; a binding hangs on the nearest holding
 * at or above its name and ends with the last grant there that covers it. So what
 * a node remembers does not depend on the order in which things came.
 */
#include <stdlib.h>
#include <string.h>

#include "trust_state.h"

/* ms that a binding may be ahead of this node's clock. */
#define AHEAD_MS 600000

static struct dc_hash hash_of(const struct dc_keyid *key, uint32_t shard,
			      const struct damc_name *name)
{
	uint8_t bytes[DC_KEYID_BYTES + 4 + DAMC_NAME_MAX];
	struct dc_hash hash;

	memcpy(bytes, key->byte, DC_KEYID_BYTES);
	memcpy(bytes + DC_KEYID_BYTES, &shard, 4);
	memcpy(bytes + DC_KEYID_BYTES + 4, name->wire, name->len);
	dc_hash_bytes(&hash, bytes, DC_KEYID_BYTES + 4 + name->len);
	return hash;
}

/* ---- holdings ---------------------------------------------------------- */

static struct trust_holding *holding_make(struct dc_trust *trust,
					  const struct dc_hash *what)
{
	struct trust_holding *holding = dc_map_get(&trust->holdings, what);

	if (holding)
		return holding;
	holding = calloc(1, sizeof(*holding));
	if (!holding)
		return NULL;
	holding->what = *what;
	if (!dc_map_put(&trust->holdings, what, holding))
		return holding;
	free(holding);
	return NULL;
}

static void tidy(struct dc_trust *trust, struct trust_holding *holding)
{
	if (!LIST_EMPTY(&holding->grants) || !LIST_EMPTY(&holding->bindings))
		return;
	dc_map_del(&trust->holdings, &holding->what);
	free(holding);
}

int trust_hold(struct dc_trust *trust, struct trust_grant *grant)
{
	struct dc_hash what = hash_of(&grant->key, 0, &grant->subject);

	grant->holding = holding_make(trust, &what);
	if (!grant->holding)
		return -1;
	LIST_INSERT_HEAD(&grant->holding->grants, grant, held);
	return 0;
}

void trust_unhold(struct dc_trust *trust, struct trust_grant *grant)
{
	if (!grant->holding)
		return;
	LIST_REMOVE(grant, held);
	tidy(trust, grant->holding);
	grant->holding = NULL;
}

static bool covers(const struct trust_holding *holding,
		   const struct dc_prefix *prefix, const struct dc_hash *node)
{
	const struct trust_grant *grant;

	LIST_FOREACH(grant, &holding->grants, held)
		if (grant->item.state == DC_VALID &&
		    trust_grant_allows(grant, prefix, node))
			return true;
	return false;
}

/* The nearest holding of the key that allows this there now, or NULL. */
static struct trust_holding *find_cover(const struct dc_trust *trust,
					const struct dc_keyid *key,
					const struct dc_prefix *prefix,
					const struct dc_hash *node)
{
	struct damc_name above = prefix->name;
	struct trust_holding *holding;
	struct dc_hash what;

	for (; above.len; above = trust_name_up(&above)) {
		what = hash_of(key, 0, &above);
		holding = dc_map_get(&trust->holdings, &what);
		if (holding && covers(holding, prefix, node))
			return holding;
	}
	return NULL;
}

/* ---- bindings ---------------------------------------------------------- */

static void hang(struct trust_binding *binding, struct trust_holding *holding)
{
	LIST_INSERT_HEAD(&holding->bindings, binding, list);
	holding->n_bindings++;
	binding->holding = holding;
}

static void unhang(struct trust_binding *binding)
{
	LIST_REMOVE(binding, list);
	binding->holding->n_bindings--;
}

/* Its holding may be without anything then. */
static void forget(struct dc_trust *trust, struct trust_binding *binding)
{
	unhang(binding);
	dc_map_del(&trust->bindings, &binding->what);
	free(binding);
	trust->counts.rebound++;
}

/* No grant allows it any more: who keeps its object is to hear of it. */
static void unbind(struct dc_trust *trust, struct trust_binding *binding)
{
	struct trust_unbound *unbound = calloc(1, sizeof(*unbound));

	/* Without memory it is not told, and found out when it is due. */
	if (unbound) {
		unbound->is.name = binding->prefix.name;
		unbound->is.key = binding->key;
		unbound->is.shard = binding->shard;
		STAILQ_INSERT_TAIL(&trust->unbound, unbound, list);
	}
	forget(trust, binding);
}

void trust_holding_review(struct dc_trust *trust, struct trust_holding *holding)
{
	struct trust_binding *binding, *next;
	struct trust_holding *other;

	if (!holding)
		return;
	for (binding = LIST_FIRST(&holding->bindings); binding;
	     binding = next) {
		next = LIST_NEXT(binding, list);
		other = find_cover(trust, &binding->key, &binding->prefix,
				   &binding->gateway);
		if (!other) {
			unbind(trust, binding);
		} else if (other != holding) {
			unhang(binding);
			hang(binding, other);
		}
	}
	tidy(trust, holding);
}

static int queue_end(struct dc_trust *trust, struct trust_binding *binding)
{
	/* One that was put off is queued again when it was due. */
	if (binding->queued && binding->queued <= binding->until)
		return 0;
	if (dc_heap_push(&trust->unbinds, binding->until, &binding->what))
		return -1;
	binding->queued = binding->until;
	return 0;
}

void trust_forget_bindings(struct dc_trust *trust, uint64_t now_ms)
{
	struct trust_binding *binding;
	struct trust_holding *holding;
	struct dc_hash what;

	while (dc_heap_pop(&trust->unbinds, now_ms, &what)) {
		binding = dc_map_get(&trust->bindings, &what);
		if (!binding)
			continue;
		binding->queued = 0;
		if (binding->until > now_ms && !queue_end(trust, binding))
			continue;
		holding = binding->holding;
		forget(trust, binding);
		tidy(trust, holding);
	}
}

static bool is_newer(const struct dc_object *object, const struct dc_hash *hash,
		     const struct trust_binding *than)
{
	if (object->seq.epoch != than->prefix.epoch)
		return object->seq.epoch > than->prefix.epoch;
	return memcmp(hash, &than->hash, sizeof(*hash)) > 0;
}

static struct trust_binding *binding_make(struct dc_trust *trust,
					  const struct dc_hash *what,
					  struct trust_holding *holding)
{
	struct trust_binding *binding;

	if (trust->bindings.n >= DC_TRUST_BINDINGS ||
	    holding->n_bindings >= DC_TRUST_BINDINGS_EACH)
		return NULL;
	binding = calloc(1, sizeof(*binding));
	if (!binding)
		return NULL;
	binding->what = *what;
	if (dc_map_put(&trust->bindings, what, binding)) {
		free(binding);
		return NULL;
	}
	hang(binding, holding);
	return binding;
}

static void binding_set(struct trust_binding *binding,
			const struct trust_binding *as)
{
	binding->hash = as->hash;
	binding->key = as->key;
	binding->shard = as->shard;
	binding->prefix = as->prefix;
	binding->gateway = as->gateway;
	binding->until = as->until;
	binding->ended = as->ended;
}

static enum dc_verdict take_effect(struct dc_trust *trust,
				   const struct dc_object *object,
				   const struct trust_binding *fresh,
				   struct trust_holding *holding)
{
	struct trust_binding *binding;

	binding = dc_map_get(&trust->bindings, &fresh->what);
	if (binding && !is_newer(object, &fresh->hash, binding))
		return DC_VALID;
	if (!binding)
		binding = binding_make(trust, &fresh->what, holding);
	if (!binding)
		return DC_FULL;
	binding_set(binding, fresh);
	trust->counts.rebound++;
	if (!queue_end(trust, binding))
		return DC_VALID;
	forget(trust, binding);
	return DC_FULL;
}

static void read_binding(const struct dc_trust *trust,
			 const struct dc_object *object,
			 const struct dc_binding *body,
			 struct trust_binding *fresh)
{
	*fresh = (struct trust_binding){
		.key = object->issuer, .shard = object->shard,
		.until = object->not_after, .ended = body->ended,
		.gateway = trust_node_key(trust, &body->gateway),
		.prefix = {
			.name = object->subject, .right = body->right,
			.epoch = object->seq.epoch,
		},
	};
	fresh->what = hash_of(&fresh->key, fresh->shard, &object->subject);
}

enum dc_verdict trust_bind(struct dc_trust *trust,
			   const struct dc_object *object,
			   const struct dc_hash *hash, bool seen,
			   uint64_t now_ms)
{
	struct trust_holding *holding;
	struct trust_binding fresh;
	struct dc_binding body;

	if (dc_binding_read(&body, object))
		return DC_MALFORMED;
	read_binding(trust, object, &body, &fresh);
	fresh.hash = *hash;
	holding = find_cover(trust, &fresh.key, &fresh.prefix, &fresh.gateway);
	if (!holding)
		return DC_UNKNOWN;
	trust->counts.remembered += seen;
	if (!seen && !trust_verify(trust, object, hash, body.key))
		return DC_FORGED;
	if (object->seq.epoch * 1000ull > now_ms + AHEAD_MS)
		return DC_NOT_ALLOWED;
	if (object->not_after <= now_ms)
		return DC_EXPIRED;
	return take_effect(trust, object, &fresh, holding);
}

/* ---- what they say ----------------------------------------------------- */

enum dc_verdict trust_is_bound(const struct dc_trust *trust,
			       const struct trust_grant *grant,
			       const struct dc_prefix *prefix,
			       const struct dc_node_id *node,
			       const struct dc_hash *node_key, uint64_t now_ms)
{
	struct dc_hash what = hash_of(&grant->key,
				      dc_binding_shard(prefix->right, node),
				      &prefix->name);
	const struct trust_binding *binding =
		dc_map_get(&trust->bindings, &what);

	if (!binding)
		return DC_UNKNOWN;
	if (binding->until <= now_ms)
		return DC_EXPIRED;
	if (binding->ended || binding->prefix.right != prefix->right ||
	    prefix->epoch > binding->prefix.epoch ||
	    memcmp(&binding->gateway, node_key, sizeof(*node_key)))
		return DC_NOT_ALLOWED;
	return DC_VALID;
}

uint32_t dc_trust_binding_epoch(const struct dc_trust *trust,
				const uint8_t key[DC_KEY_BYTES],
				const struct damc_name *name, uint8_t right,
				const struct dc_node_id *node)
{
	const struct trust_binding *binding;
	struct dc_keyid id;
	struct dc_hash what;

	dc_keyid_of(&id, key);
	what = hash_of(&id, dc_binding_shard(right, node), name);
	binding = dc_map_get(&trust->bindings, &what);
	return binding ? binding->prefix.epoch : 0;
}

bool dc_trust_unbound(struct dc_trust *trust, struct dc_trust_unbound *is)
{
	struct trust_unbound *unbound = STAILQ_FIRST(&trust->unbound);

	if (!unbound)
		return false;
	*is = unbound->is;
	STAILQ_REMOVE_HEAD(&trust->unbound, list);
	free(unbound);
	return true;
}

void trust_bindings_free(struct dc_trust *trust)
{
	struct dc_trust_unbound is;
	uint32_t at = 0;
	void *value;

	while (dc_trust_unbound(trust, &is))
		;
	while ((value = dc_map_next(&trust->bindings, &at)))
		free(value);
	for (at = 0; (value = dc_map_next(&trust->holdings, &at));)
		free(value);
	dc_map_clear(&trust->bindings);
	dc_map_clear(&trust->holdings);
	dc_heap_clear(&trust->unbinds);
}
