// SPDX-License-Identifier: GPL-2.0
/*
 * What this node says itself: its link LSA, when, and under which sequence. It
 * says nothing before it has heard what it said before it was started, and
 * nothing while another says things in its name.
 */
#include <stdlib.h>
#include <string.h>

#include "node_int.h"

/* Between two link LSAs: bad news, the rest. */
#define BAD_GAP_US 5000ull
#define GAP_US 50000ull
/* For all neighbours that it had before it was started to be there again. */
#define BOOT_WAIT_US 10000000ull
#define FIGHT_WITHIN_US 60000000ull
#define FIGHTS_MAX 3
#define SILENCE_US 60000000ull
#define SILENCE_MAX_US 960000000ull
#define COST_MAX 0xffffff

int origin_init(struct dc_node *node)
{
	node->origin.link_due_us = UINT64_MAX;
	node->origin.silence_us = SILENCE_US;
	return shards_init(node);
}

/* /damc/ROLE/ID, an instance of /damc/ROLE. */
static void add_membership(struct dc_node *node, const char *role)
{
	struct dc_prefix prefix = {
		.right = DC_RIGHT_MEMBER,
		.weight = 100,
	};

	damc_name_append(&prefix.name, "damc", 4);
	damc_name_append(&prefix.name, role, strlen(role));
	damc_name_append(&prefix.name, node->id.byte, node->id.len);
	shards_add(node, &prefix);
}

void origin_own_names(struct dc_node *node)
{
	struct dc_prefix prefix = {
		.name = node->name,
		.right = DC_RIGHT_NAME,
	};

	shards_add(node, &prefix);
	if (node->cert.roles & DC_ROLE_SPA)
		add_membership(node, "spa");
	if (node->cert.roles & DC_ROLE_SCSC)
		add_membership(node, "scsc");
}

bool origin_may(const struct dc_node *node)
{
	return node->origin.ready && node->now_us >= node->origin.silent_us;
}

static struct lsdb_entry *entry_of(struct dc_node *node, enum dc_type type,
				   uint32_t shard)
{
	struct dc_hash key;

	lsdb_key_of(&key, type, &node->name, shard);
	return lsdb_find(node->db, &key);
}

/* ---- saying it --------------------------------------------------------- */

static void enter(struct dc_node *node, struct lsdb_entry *entry,
		  const struct dc_object *object)
{
	uint64_t life = 1000000ull * object->lifetime;
	uint64_t refresh = 1000000ull * node->config.refresh_s;
	uint8_t old[DC_OBJECT_MAX];
	size_t old_len = entry->len;
	struct dc_hash hash;

	if (old_len)
		memcpy(old, entry->bytes, old_len);
	dc_object_hash(object, &hash);
	if (lsdb_put(node->db, entry, object, &hash)) {
		node_event(node, "out-of-memory", "in=lsdb");
		return;
	}
	entry->own = true;
	entry->expires_us = node->now_us + life;
	if (entry->tombstone || refresh >= life)
		refresh = life;
	else
		refresh = node_jitter(node, refresh) - refresh * 3 / 20;
	lsdb_due(node->db, entry, node->now_us + refresh);
	names_put(node, entry, old_len ? old : NULL, old_len);
	node_flood(node, entry, NULL);
}

static enum dc_verdict say(struct dc_node *node, struct dc_object *object,
			   enum dc_type about)
{
	struct lsdb_entry *entry;
	uint8_t bytes[DC_OBJECT_MAX];
	struct dc_object made;
	int len;

	object->lifetime = node->config.lifetime_s;
	object->subject = node->name;
	object->seq.epoch = node->config.epoch;
	object->seq.counter = ++node->origin.counter;
	len = dc_trust_sign(node->trust, object, bytes);
	if (len < 0 || dc_object_read(&made, bytes, len, NULL))
		return DC_MALFORMED;
	entry = entry_of(node, about, object->shard);
	if (!entry) {
		struct dc_hash key;

		lsdb_key_of(&key, about, &node->name, object->shard);
		entry = lsdb_add(node->db, &key, about);
	}
	if (!entry)
		return DC_FULL;
	enter(node, entry, &made);
	return DC_VALID;
}

enum dc_verdict origin_issue(struct dc_node *node, enum dc_type type,
			     uint32_t shard, const uint8_t *body, size_t len)
{
	struct dc_object object = {
		.type = type, .shard = shard, .body = body, .body_len = len,
	};

	return say(node, &object, type);
}

void origin_end(struct dc_node *node, enum dc_type type, uint32_t shard)
{
	struct dc_tombstone stone = { .type = type };
	uint8_t body[16];
	struct dc_object object = {
		.type = DC_TOMBSTONE, .shard = shard, .body = body,
	};
	int len = dc_tombstone_write(&stone, body, sizeof(body));

	if (len < 0)
		return;
	object.body_len = len;
	say(node, &object, type);
}

/* ---- links ------------------------------------------------------------- */

void origin_link(struct dc_node *node, bool bad)
{
	struct origin *origin = &node->origin;
	uint64_t due = origin->link_issued_us + (bad ? BAD_GAP_US : GAP_US);

	if (!origin->has_link || due < node->now_us)
		due = node->now_us;
	if (due < origin->link_due_us)
		origin->link_due_us = due;
}

void origin_overload(struct dc_node *node, bool on)
{
	if (node->origin.overload == on)
		return;
	node->origin.overload = on;
	origin_link(node, on);
}

static void issue_link(struct dc_node *node)
{
	struct dc_link_lsa lsa = { 0 };
	uint8_t body[DC_OBJECT_MAX];
	uint32_t i;
	int len;

	lsa.flags = node->origin.overload ? DC_LSA_OVERLOAD : 0;
	for (i = 0; i < node->n_adjs; i++) {
		const struct adj *adj = node->adj[i];
		struct dc_link *link = &lsa.link[lsa.n];

		if (!adj->told || !adj->peer_link)
			continue;
		link->peer = adj->hello.id;
		link->id = adj->link;
		link->peer_id = adj->peer_link;
		link->cost = adj->shunned ? COST_MAX : adj->iface->cost;
		lsa.n++;
	}
	node->origin.link_due_us = UINT64_MAX;
	node->origin.link_issued_us = node->now_us;
	node->origin.has_link = true;
	len = dc_link_lsa_write(&lsa, body, sizeof(body));
	if (len < 0 || origin_issue(node, DC_LINK_LSA, 0, body, len))
		node_event(node, "not-issued", "what=links n=%u", lsa.n);
}

/* ---- what it said before ----------------------------------------------- */

/* All neighbours that its link LSA from before tells of are there again. */
static bool all_back(struct dc_node *node)
{
	struct lsdb_entry *entry = entry_of(node, DC_LINK_LSA, 0);
	struct dc_object object;
	struct dc_link_lsa lsa;
	struct adj *adj;
	uint32_t i;

	if (!entry || !entry->bytes || entry->tombstone ||
	    dc_object_read(&object, entry->bytes, entry->len, NULL) ||
	    dc_link_lsa_read(&lsa, &object))
		return true;
	for (i = 0; i < lsa.n; i++) {
		adj = adj_by_link(node, lsa.link[i].id);
		if (!adj || !adj->told)
			return false;
	}
	return true;
}

void origin_synced(struct dc_node *node)
{
	if (node->origin.started)
		return;
	node->origin.started = true;
	node->origin.ready_us = node->now_us + BOOT_WAIT_US;
}

struct sweep {
	struct dc_node *node;
	uint32_t shard[64];
	uint32_t n;
};

static int find_stale(struct lsdb_entry *entry, void *arg)
{
	struct sweep *sweep = arg;
	struct dc_object object;

	if (sweep->n == 64 || entry->own || !entry->bytes || entry->tombstone ||
	    entry->type != DC_PREFIX_LSA ||
	    dc_object_read(&object, entry->bytes, entry->len, NULL) ||
	    !damc_name_equal(&object.subject, &sweep->node->name) ||
	    shards_has(sweep->node, object.shard))
		return 0;
	sweep->shard[sweep->n++] = object.shard;
	return 0;
}

/* Shards from before that nothing was put in since. */
static void sweep_stale(struct dc_node *node)
{
	struct sweep sweep = { .node = node };
	uint32_t i;

	do {
		sweep.n = 0;
		lsdb_each(node->db, find_stale, &sweep);
		for (i = 0; i < sweep.n; i++)
			origin_end(node, DC_PREFIX_LSA, sweep.shard[i]);
	} while (sweep.n);
}

/* What it does not say any more is ended. */
static void say_names(struct dc_node *node)
{
	if (node->origin.hold)
		return;
	shards_dirty(node);
	sweep_stale(node);
}

/* All anew: links, shards. */
static void say_all(struct dc_node *node)
{
	node->origin.link_due_us = node->now_us;
	say_names(node);
}

void origin_hold(struct dc_node *node, bool hold)
{
	bool over = node->origin.hold && !hold;

	node->origin.hold = hold;
	if (over && origin_may(node))
		say_names(node);
}

static void check_ready(struct dc_node *node)
{
	struct origin *origin = &node->origin;

	if (origin->ready || !origin->started)
		return;
	if (node->now_us < origin->ready_us && !all_back(node))
		return;
	origin->ready = true;
	say_all(node);
}

/* ---- another of the same name ------------------------------------------ */

bool origin_is_own(const struct dc_node *node, const struct dc_object *object)
{
	return dc_type_has_lifetime(object->type) &&
	       damc_name_equal(&object->subject, &node->name);
}

static void be_silent(struct dc_node *node)
{
	struct origin *origin = &node->origin;

	origin->silent_us = node->now_us + origin->silence_us;
	node->twin.heard_us = node->now_us;
	node->twin.by = "lsa";
	node_event(node, "duplicate-node-id", "heard=lsa silent_s=%llu",
		   (unsigned long long)origin->silence_us / 1000000);
	origin->silence_us *= 2;
	if (origin->silence_us > SILENCE_MAX_US)
		origin->silence_us = SILENCE_MAX_US;
	memset(origin->fight_us, 0, sizeof(origin->fight_us));
	origin->link_due_us = origin->silent_us;
	origin->again = true;
}

/* Its own LSA from another incarnation: whether that was once too often. */
static bool fight(struct dc_node *node)
{
	struct origin *origin = &node->origin;
	uint64_t *oldest = &origin->fight_us[origin->fights++ % FIGHTS_MAX];

	*oldest = node->now_us + 1;
	oldest = &origin->fight_us[origin->fights % FIGHTS_MAX];
	return *oldest && node->now_us < *oldest + FIGHT_WITHIN_US;
}

static void take_epoch(struct dc_node *node, uint32_t epoch)
{
	node_event(node, "epoch", "was=%u heard=%u", node->config.epoch, epoch);
	node->config.epoch = epoch < UINT32_MAX ? epoch + 1 : epoch;
	node->origin.counter = 0;
}

/* Say again, or end, what was heard. */
static void answer(struct dc_node *node, enum dc_type type, uint32_t shard)
{
	if (type == DC_LINK_LSA)
		node->origin.link_due_us = node->now_us;
	else if (shards_has(node, shard))
		shards_dirty_one(node, shard);
	else
		origin_end(node, type, shard);
}

bool origin_heard(struct dc_node *node, const struct dc_object *object,
		  enum dc_type type)
{
	bool higher = object->seq.epoch >= node->config.epoch;

	if (object->seq.serial > node->serial) {
		if (origin_may(node))
			be_silent(node);
		return true;
	}
	if (higher)
		take_epoch(node, object->seq.epoch);
	if (!origin_may(node) ||
	    (node->origin.hold && type == DC_PREFIX_LSA))
		return true;
	if (higher && fight(node)) {
		be_silent(node);
		return true;
	}
	if (higher)
		say_all(node);
	answer(node, type, object->shard);
	return false;
}

/* ---- time -------------------------------------------------------------- */

void origin_refresh(struct dc_node *node, struct lsdb_entry *entry)
{
	struct dc_object object;

	if (!entry->own || entry->tombstone || !origin_may(node) ||
	    dc_object_read(&object, entry->bytes, entry->len, NULL))
		return;
	if (entry->type == DC_LINK_LSA)
		origin_link(node, false);
	else if (shards_has(node, object.shard))
		shards_dirty_one(node, object.shard);
}

void origin_timer(struct dc_node *node)
{
	struct origin *origin = &node->origin;

	check_ready(node);
	if (!origin_may(node))
		return;
	if (origin->again) {
		origin->again = false;
		say_all(node);
	}
	if (node->now_us >= origin->link_due_us)
		issue_link(node);
	if (!origin->hold)
		shards_timer(node);
}

uint64_t origin_next(const struct dc_node *node)
{
	const struct origin *origin = &node->origin;
	uint64_t next = origin->link_due_us;

	if (!origin->ready)
		return origin->started ? origin->ready_us : UINT64_MAX;
	if (node->now_us < origin->silent_us)
		return origin->silent_us;
	if (origin->hold)
		return next;
	return shards_next(node) < next ? shards_next(node) : next;
}
