// SPDX-License-Identifier: GPL-2.0
/*
 * What the database means for the RIB: links, and of prefix LSAs the names that
 * stand in the right shard and that their origin may announce. Which names of an
 * LSA were told is a bit each in its entry.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "node_int.h"

#define DEPTH_MAX 20

void names_changed(struct dc_node *node, int ret)
{
	node->fib_dirty = true;
	if (ret == 1) {
		spf_delay_event(&node->spf, node->now_us);
		adj_shun_quiet(node);
	} else if (ret == -ENOMEM) {
		node_event(node, "out-of-memory", "in=rib");
	}
}

uint32_t names_shard(const struct damc_name *name, unsigned int depth)
{
	struct dc_hash hash;

	if (!depth)
		return 1;
	dc_hash_bytes(&hash, name->wire, name->len);
	return 1u << depth | ls_get32(hash.byte) >> (32 - depth);
}

static unsigned int depth_of(uint32_t shard)
{
	unsigned int depth = 0;

	while (shard > 1) {
		shard >>= 1;
		depth++;
	}
	return depth;
}

/* A name counts in the shard that its hash leads to, and in no other. */
static bool in_its_shard(const struct damc_name *name, uint32_t shard)
{
	unsigned int depth = depth_of(shard);

	return shard && depth <= DEPTH_MAX &&
	       names_shard(name, depth) == shard;
}

/* ---- names ------------------------------------------------------------- */

/**
 * struct said - a prefix LSA, read
 * @counts: not what somebody else says in this node's name
 */
struct said {
	struct dc_node_id id;
	uint32_t shard;
	bool counts;
	struct dc_prefix_lsa lsa;
};

static bool is_counted(const struct dc_node *node,
		       const struct lsdb_entry *entry, const struct said *said)
{
	return !entry->over &&
	       (entry->own || !dc_node_id_equal(&said->id, &node->id));
}

/* Of a tombstone, or of nothing: no names. */
static void read_said(struct dc_node *node, const struct lsdb_entry *entry,
		      const uint8_t *bytes, size_t len, struct said *said)
{
	struct dc_object object;

	said->lsa.n = 0;
	said->counts = false;
	if (!bytes || dc_object_read(&object, bytes, len, NULL) ||
	    dc_node_id_of(&said->id, &object.subject))
		return;
	said->shard = object.shard;
	said->counts = is_counted(node, entry, said);
	if (object.type != DC_PREFIX_LSA ||
	    dc_prefix_lsa_read(&said->lsa, &object))
		said->lsa.n = 0;
}

static void tell(struct dc_node *node, const struct said *said, uint32_t i,
		 bool present)
{
	names_changed(node, dc_rib_prefix(node->rib, &said->id,
					  &said->lsa.prefix[i], present));
}

static enum dc_verdict judge(struct dc_node *node, const struct said *said,
			     uint32_t i)
{
	if (!said->counts)
		return DC_NOT_ALLOWED;
	return dc_trust_prefix(node->trust, &said->id, &said->lsa.prefix[i],
			       node->now_us);
}

/* Whether another grant than the one it names allows what is said. */
static bool allowed_by(struct dc_node *node, const struct said *said,
		       uint32_t i, const struct dc_hash *grant)
{
	struct dc_prefix prefix = said->lsa.prefix[i];

	prefix.grant = *grant;
	return dc_trust_prefix(node->trust, &said->id, &prefix,
			       node->now_us) == DC_VALID;
}

static int find_name(const struct said *said, const struct damc_name *name)
{
	uint32_t i;

	for (i = 0; i < said->lsa.n; i++)
		if (damc_name_equal(&said->lsa.prefix[i].name, name))
			return i;
	return -1;
}

/* A shard of the same node, if it has the name and told it: told again. */
static bool told_at(struct dc_node *node, const struct damc_name *subject,
		    uint32_t shard, const struct damc_name *name)
{
	struct lsdb_entry *entry;
	struct said other;
	struct dc_hash key;
	int i;

	lsdb_key_of(&key, DC_PREFIX_LSA, subject, shard);
	entry = lsdb_find(node->db, &key);
	if (!entry || !entry->told)
		return false;
	read_said(node, entry, entry->bytes, entry->len, &other);
	i = find_name(&other, name);
	if (i < 0 || !(entry->told >> i & 1))
		return false;
	tell(node, &other, i, true);
	return true;
}

/*
 * Another shard of the same node that has the name and told it: tell it again.
 * A split moves names down, so it is mostly the next.
 */
static bool told_elsewhere(struct dc_node *node, const struct said *said,
			   const struct damc_name *name)
{
	unsigned int own = depth_of(said->shard), i;
	uint32_t deepest = names_shard(name, DEPTH_MAX);
	struct damc_name subject;

	if (dc_node_name(&subject, &said->id))
		return false;
	for (i = 1; i <= DEPTH_MAX; i++) {
		unsigned int depth = (own + i) % (DEPTH_MAX + 1);

		if (told_at(node, &subject, deepest >> (DEPTH_MAX - depth),
			    name))
			return true;
	}
	return false;
}

static void untell(struct dc_node *node, const struct said *said, uint32_t i,
		   bool hold)
{
	const struct damc_name *name = &said->lsa.prefix[i].name;

	if (told_elsewhere(node, said, name))
		return;
	if (hold)
		names_changed(node, dc_rib_hold(node->rib, name,
						node->now_us));
	tell(node, said, i, false);
}

static bool same_prefix(const struct dc_prefix *a, const struct dc_prefix *b)
{
	return a->right == b->right && a->weight == b->weight &&
	       a->epoch == b->epoch;
}

/* Under which grants names of an entry are told, before its refs are dropped. */
static void read_lent(const struct dc_node *node,
		      const struct lsdb_entry *entry, const struct said *was,
		      struct grant_lent lent[DC_PREFIXES_MAX])
{
	uint32_t i;

	for (i = 0; i < was->lsa.n; i++) {
		if (grants_lent(node, entry, i, &lent[i]))
			continue;
		lent[i].grant = was->lsa.prefix[i].grant;
		lent[i].until_us = 0;
	}
}

/* Name @i of @now counts, by its grant or by what it was told under till now. */
static bool counts_now(struct dc_node *node, struct lsdb_entry *entry,
		       const struct said *now, uint32_t i,
		       const struct grant_lent *lent)
{
	enum dc_verdict verdict = judge(node, now, i);

	if (verdict != DC_UNKNOWN)
		return verdict == DC_VALID;
	return lent && allowed_by(node, now, i, &lent->grant) &&
	       grants_lend(node, entry, i, lent);
}

/* Names of @now: those that count are told, unless @was told the same. */
static uint64_t tell_new(struct dc_node *node, struct lsdb_entry *entry,
			 const struct said *was, const struct said *now,
			 const struct grant_lent *lent)
{
	uint64_t told = 0;
	uint32_t i;
	bool had;
	int j;

	for (i = 0; i < now->lsa.n; i++) {
		grants_add(node, entry, &now->lsa.prefix[i].grant);
		j = find_name(was, &now->lsa.prefix[i].name);
		had = j >= 0 && entry->told >> j & 1;
		/* What was told of this shard is in its shard. */
		if (!had && !in_its_shard(&now->lsa.prefix[i].name, now->shard))
			continue;
		if (!counts_now(node, entry, now, i, had ? &lent[j] : NULL))
			continue;
		told |= 1ull << i;
		if (!had ||
		    !same_prefix(&was->lsa.prefix[j], &now->lsa.prefix[i]))
			tell(node, now, i, true);
	}
	return told;
}

/* Return: whether a name of @was is not in @now. */
static bool untell_old(struct dc_node *node, struct lsdb_entry *entry,
		       const struct said *was, const struct said *now,
		       uint64_t told)
{
	bool fewer = false;
	uint32_t i;
	int j;

	for (i = 0; i < was->lsa.n; i++) {
		j = find_name(now, &was->lsa.prefix[i].name);
		fewer |= j < 0;
		if (entry->told >> i & 1 && (j < 0 || !(told >> j & 1)))
			untell(node, was, i, j >= 0);
	}
	return fewer;
}

/* Names beyond what its origin may have do not count, and that is told. */
static void count_names(struct dc_node *node, struct lsdb_entry *entry,
			const struct said *was, struct said *now)
{
	bool was_over = entry->over, over;
	char id[128];

	if (!now->lsa.n)
		tally_unlink(entry);
	over = !tally_change(node, &now->id, now->lsa.n, was->lsa.n);
	if (over && !was_over)
		node_event(node, "too-many-prefixes", "id=%s shard=%u",
			   node_id_text(&now->id, id), now->shard);
	entry->over = over;
	now->counts = !over && is_counted(node, entry, now);
}

static void put_prefixes(struct dc_node *node, struct lsdb_entry *entry,
			 const uint8_t *old, size_t old_len)
{
	struct grant_lent lent[DC_PREFIXES_MAX];
	struct said was, now;
	uint64_t told, before = entry->told;
	bool fewer;

	read_said(node, entry, old, old_len, &was);
	read_said(node, entry, entry->bytes, entry->len, &now);
	count_names(node, entry, &was, &now);
	if (now.lsa.n)
		tally_link(node, &now.id, entry);
	read_lent(node, entry, &was, lent);
	grants_drop(node, entry);
	told = tell_new(node, entry, &was, &now, lent);
	/* While old names go, those that stay are found as told. */
	entry->told = told;
	if (was.lsa.n) {
		struct lsdb_entry before_it = { .told = before };

		fewer = untell_old(node, &before_it, &was, &now, told);
		entry->urgency = fewer;
	} else {
		entry->urgency = 0;
	}
}

/* ---- links ------------------------------------------------------------- */

static bool read_links(const uint8_t *bytes, size_t len,
		       struct dc_node_id *id, struct dc_link_lsa *lsa)
{
	struct dc_object object;

	return bytes && !dc_object_read(&object, bytes, len, NULL) &&
	       !dc_node_id_of(id, &object.subject) &&
	       object.type == DC_LINK_LSA && !dc_link_lsa_read(lsa, &object);
}

static bool has_link(const struct dc_link_lsa *lsa, const struct dc_link *link)
{
	uint32_t i;

	for (i = 0; i < lsa->n; i++)
		if (lsa->link[i].id == link->id &&
		    lsa->link[i].cost <= link->cost &&
		    dc_node_id_equal(&lsa->link[i].peer, &link->peer))
			return true;
	return false;
}

/* A link fewer, or dearer, or not to be crossed any more. */
static bool worse(const struct dc_link_lsa *was, const struct dc_link_lsa *now)
{
	uint32_t i;

	if (now->flags & ~was->flags & DC_LSA_OVERLOAD)
		return true;
	for (i = 0; i < was->n; i++)
		if (!has_link(now, &was->link[i]))
			return true;
	return false;
}

static void put_links(struct dc_node *node, struct lsdb_entry *entry,
		      const uint8_t *old, size_t old_len)
{
	struct dc_link_lsa was, now;
	struct dc_node_id id = { 0 };
	bool had = read_links(old, old_len, &id, &was);
	bool has = read_links(entry->bytes, entry->len, &id, &now);

	entry->urgency = had && (!has || worse(&was, &now));
	if (!had && !has)
		return;
	if (dc_node_id_equal(&id, &node->id) && !entry->own)
		has = false;
	names_changed(node, dc_rib_links(node->rib, &id, has ? &now : NULL));
}

/* ---- what changes ------------------------------------------------------ */

void names_put(struct dc_node *node, struct lsdb_entry *entry,
	       const uint8_t *old, size_t old_len)
{
	if (entry->type == DC_LINK_LSA)
		put_links(node, entry, old, old_len);
	else if (entry->type == DC_PREFIX_LSA)
		put_prefixes(node, entry, old, old_len);
	else
		entry->urgency = entry->type == DC_CERT;
	if (entry->type == DC_BINDING)
		names_binding(node, entry, old, old_len);
}

void names_gone(struct dc_node *node, struct lsdb_entry *entry, bool hold)
{
	struct dc_link_lsa lsa;
	uint64_t told = entry->told;
	struct dc_node_id id;
	struct said said;
	uint32_t i;

	grants_drop(node, entry);
	if (entry->type == DC_LINK_LSA &&
	    read_links(entry->bytes, entry->len, &id, &lsa))
		names_changed(node, dc_rib_links(node->rib, &id, NULL));
	if (entry->type != DC_PREFIX_LSA || !entry->bytes)
		return;
	read_said(node, entry, entry->bytes, entry->len, &said);
	tally_unlink(entry);
	tally_change(node, &said.id, 0, said.lsa.n);
	entry->told = 0;
	for (i = 0; i < said.lsa.n; i++)
		if (told >> i & 1)
			untell(node, &said, i, hold);
}

static bool wanted(struct dc_node *node, struct lsdb_entry *entry,
		   const struct said *said, uint32_t i)
{
	enum dc_verdict verdict = judge(node, said, i);
	struct grant_lent lent;

	if (verdict == DC_UNKNOWN && grants_lent(node, entry, i, &lent) &&
	    allowed_by(node, said, i, &lent.grant))
		return true;
	grants_return(node, entry, i);
	return verdict == DC_VALID &&
	       in_its_shard(&said->lsa.prefix[i].name, said->shard);
}

/* The right to a name in an LSA may have changed. */
static void again_one(struct dc_node *node, struct lsdb_entry *entry,
		      const struct said *said, uint32_t i)
{
	bool told = entry->told >> i & 1;
	bool want = wanted(node, entry, said, i);

	if (told == want)
		return;
	entry->told ^= 1ull << i;
	if (want) {
		tell(node, said, i, true);
		return;
	}
	untell(node, said, i, true);
	if (entry->own)
		shards_refused(node, &said->lsa.prefix[i].name);
}

static void again(struct dc_node *node, struct lsdb_entry *entry)
{
	struct said said;
	uint32_t i;

	read_said(node, entry, entry->bytes, entry->len, &said);
	for (i = 0; i < said.lsa.n; i++)
		again_one(node, entry, &said, i);
}

void names_grant(struct dc_node *node, const struct dc_hash *grant)
{
	grants_each(node, grant, again);
}

void names_timer(struct dc_node *node)
{
	struct lsdb_entry *entry;

	while ((entry = grants_overdue(node)))
		again(node, entry);
}

void names_cert(struct dc_node *node, const struct damc_name *subject)
{
	struct dc_node_id id;

	if (!dc_node_id_of(&id, subject))
		tally_each(node, &id, again);
}

/* ---- bindings ---------------------------------------------------------- */

/* Where a node's LSA has a name, whichever of its shards that is in. */
static void again_at(struct dc_node *node, const struct dc_node_id *id,
		     const struct damc_name *name)
{
	struct lsdb_entry *entry;
	struct damc_name subject;
	unsigned int depth;
	struct dc_hash key;
	struct said said;
	int i;

	if (dc_node_name(&subject, id))
		return;
	for (depth = 0; depth <= DEPTH_MAX; depth++) {
		lsdb_key_of(&key, DC_PREFIX_LSA, &subject,
			    names_shard(name, depth));
		entry = lsdb_find(node->db, &key);
		if (!entry || !entry->bytes)
			continue;
		read_said(node, entry, entry->bytes, entry->len, &said);
		i = find_name(&said, name);
		if (i >= 0)
			again_one(node, entry, &said, i);
	}
}

static void again_bound(struct dc_node *node, const uint8_t *bytes, size_t len)
{
	struct dc_binding binding;
	struct dc_object object;

	if (bytes && !dc_object_read(&object, bytes, len, NULL) &&
	    !dc_binding_read(&binding, &object))
		again_at(node, &binding.gateway, &object.subject);
}

void names_binding(struct dc_node *node, const struct lsdb_entry *entry,
		   const uint8_t *old, size_t old_len)
{
	/* The new place first: what moves is not without one. */
	again_bound(node, entry->bytes, entry->len);
	again_bound(node, old, old_len);
}
