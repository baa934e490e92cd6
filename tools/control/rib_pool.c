// SPDX-License-Identifier: GPL-2.0
/*
 * Pools: which instances there are, and with which weights the gateway picks.
 *
 * All that can be reached are members. Those at the least cost have their weight
 * and all others 0, so that flows begin at the nearest and live ones stay where
 * they are. What this node serves itself costs nothing; its binding puts it into
 * the table, not the RIB.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rib_internal.h"

#define ROOM_MIN 4

uint8_t dc_pool_len(const struct dc_rib_name *name)
{
	uint8_t at = 0, last = 0;

	while (at < name->len) {
		last = at;
		at += 1 + name->wire[at];
	}
	return last;
}

struct dc_pool *dc_pool_find(const struct dc_rib *rib, const uint8_t *wire,
			     uint8_t len)
{
	uint32_t hash = dc_table_hash(&rib->pools, wire, len);
	struct dc_entry *entry = dc_table_first(&rib->pools, hash);

	for (; entry; entry = entry->next) {
		struct dc_pool *pool = dc_entry_of(entry, struct dc_pool);

		if (entry->hash == hash && pool->len == len &&
		    !memcmp(pool->wire, wire, len))
			return pool;
	}
	return NULL;
}

static struct dc_pool *make(struct dc_rib *rib, const uint8_t *wire,
			    uint8_t len)
{
	struct dc_pool *pool = dc_pool_find(rib, wire, len);
	const struct dc_rib_name *name;

	if (pool)
		return pool;
	pool = calloc(1, offsetof(struct dc_pool, wire) + len);
	if (!pool)
		return NULL;
	pool->len = len;
	memcpy(pool->wire, wire, len);
	name = dc_name_find(rib, wire, len);
	pool->refused = name && name->named;
	dc_table_add(&rib->pools, &pool->entry,
		     dc_table_hash(&rib->pools, wire, len));
	return pool;
}

void dc_pool_free(struct dc_pool *pool)
{
	free(pool->member);
	free(pool);
}

static void tidy(struct dc_rib *rib, struct dc_pool *pool)
{
	if (pool->n)
		return;
	dc_table_del(&rib->pools, &pool->entry);
	dc_pool_free(pool);
}

/* ---- what the table has ------------------------------------------------- */

static uint32_t weight_of(const struct dc_member *member)
{
	if (member->set && member->set->kind == DC_SET_NEAREST)
		return member->set->ways.weight;
	return member->weight;
}

static uint32_t cost_of(const struct dc_member *member)
{
	if (member->local)
		return 0;
	if (!member->set || member->set->state != DC_SET_UP)
		return DC_FAR;
	return member->set->ways.cost;
}

static uint32_t shown(const struct dc_pool *pool)
{
	return pool->n < DC_POOL_TOLD_MAX ? pool->n : DC_POOL_TOLD_MAX;
}

/* The least cost at which there is an instance that takes new flows. */
static uint32_t nearest(const struct dc_pool *pool)
{
	uint32_t least = DC_FAR, n = shown(pool), i;

	for (i = 0; i < n; i++) {
		uint32_t cost = cost_of(&pool->member[i]);

		if (cost < least && weight_of(&pool->member[i]))
			least = cost;
	}
	return least;
}

/* What the table should have; an instance on hold keeps the flows it has. */
static uint32_t wanted(const struct dc_pool *pool,
		       const struct dc_member *member, uint32_t least)
{
	uint32_t cost = cost_of(member);

	if (pool->refused || member->local || !member->set)
		return DC_NOT_TOLD;
	if (member->set->state == DC_SET_HOLD)
		return 0;
	if (cost == DC_FAR)
		return DC_NOT_TOLD;
	return cost == least ? weight_of(member) : 0;
}

static void tell(struct dc_rib *rib, const struct dc_pool *pool,
		 struct dc_member *member, uint32_t want)
{
	if (member->told == want)
		return;
	member->told = want;
	dc_emit_member(rib, pool, member);
}

/* ---- places ------------------------------------------------------------- */

/* What a place is for; those on hold keep theirs. */
static bool needs_place(const struct dc_member *member)
{
	return member->local || (member->set &&
				 (member->set->state == DC_SET_HOLD ||
				  cost_of(member) != DC_FAR));
}

static void put(struct dc_pool *pool, uint32_t i, struct dc_member member)
{
	pool->member[i] = member;
	member.name->slot = i + 1;
}

/* Who waits as number @waiting takes place @i. */
static void take_place(struct dc_rib *rib, struct dc_pool *pool, uint32_t i,
		       uint32_t waiting)
{
	struct dc_member before = pool->member[i];

	tell(rib, pool, &before, DC_NOT_TOLD);
	put(pool, i, pool->member[waiting]);
	put(pool, waiting, before);
}

/* Places that none needs go to those that wait; @most of these are looked at. */
static void give_places(struct dc_rib *rib, struct dc_pool *pool, uint32_t most)
{
	uint32_t n = shown(pool), i = 0;

	if (pool->n == n)
		return;
	for (; most; most--) {
		while (i < n && needs_place(&pool->member[i]))
			i++;
		if (i == n)
			return;
		if (++pool->looked < n || pool->looked >= pool->n)
			pool->looked = n;
		if (needs_place(&pool->member[pool->looked]))
			take_place(rib, pool, i, pool->looked);
	}
}

/* One that this node serves is in the table by its binding: another one waits. */
static void place_local(struct dc_rib *rib, struct dc_pool *pool,
			const struct dc_rib_name *name)
{
	uint32_t waiting = name->slot - 1, i = DC_POOL_TOLD_MAX;

	if (waiting < DC_POOL_TOLD_MAX)
		return;
	while (i--) {
		if (!pool->member[i].local) {
			take_place(rib, pool, i, waiting);
			return;
		}
	}
}

static void update(struct dc_rib *rib, struct dc_pool *pool)
{
	uint32_t least, n = shown(pool), i;
	bool leave = false;

	give_places(rib, pool, DC_POOL_TOLD_MAX);
	least = nearest(pool);

	for (i = 0; i < n; i++) {
		uint32_t want = wanted(pool, &pool->member[i], least);

		if (want == DC_NOT_TOLD)
			leave = true;
		else
			tell(rib, pool, &pool->member[i], want);
	}
	for (i = 0; leave && i < n; i++)
		if (wanted(pool, &pool->member[i], least) == DC_NOT_TOLD)
			tell(rib, pool, &pool->member[i], DC_NOT_TOLD);
}

/* ---- sets know their members -------------------------------------------- */

static int set_add(struct dc_pool *pool, struct dc_member *member)
{
	struct dc_set *set = member->set;
	uint32_t room = set->members_room ? set->members_room * 2 : ROOM_MIN;
	void *more;

	if (set->n_members == set->members_room) {
		more = realloc(set->member, room * sizeof(*set->member));
		if (!more)
			return -ENOMEM;
		set->member = more;
		set->members_room = room;
	}
	member->at = set->n_members++;
	set->member[member->at] =
		(struct dc_set_member){ pool, member->name };
	return 0;
}

static void set_del(struct dc_member *member)
{
	struct dc_set *set = member->set;
	struct dc_set_member *last = &set->member[--set->n_members];

	set->member[member->at] = *last;
	last->pool->member[last->name->slot - 1].at = member->at;
	member->set = NULL;
}

void dc_pool_touch(struct dc_rib *rib, const struct dc_set *set)
{
	uint32_t i;

	for (i = 0; i < set->n_members; i++) {
		struct dc_pool *pool = set->member[i].pool;

		if (pool->dirty)
			continue;
		pool->dirty = true;
		pool->next_dirty = rib->dirty_pools;
		rib->dirty_pools = pool;
	}
}

void dc_pools_update(struct dc_rib *rib)
{
	struct dc_pool *pool, *next;

	for (pool = rib->dirty_pools; pool; pool = next) {
		next = pool->next_dirty;
		pool->dirty = false;
		give_places(rib, pool, pool->n);
		update(rib, pool);
	}
	rib->dirty_pools = NULL;
}

/* ---- coming and going --------------------------------------------------- */

static struct dc_member *join(struct dc_rib *rib, struct dc_rib_name *name)
{
	struct dc_pool *pool = make(rib, name->wire, dc_pool_len(name));
	uint32_t room;
	void *more;

	if (!pool)
		return NULL;
	if (pool->n == pool->room) {
		room = pool->room ? pool->room * 2 : ROOM_MIN;
		more = realloc(pool->member, room * sizeof(*pool->member));
		if (!more) {
			tidy(rib, pool);
			return NULL;
		}
		pool->member = more;
		pool->room = room;
	}
	pool->member[pool->n++] = (struct dc_member){
		.name = name,
		.told = DC_NOT_TOLD,
	};
	name->slot = pool->n;
	return &pool->member[pool->n - 1];
}

/* Leaves its set and the table; the last takes its place, and may be told. */
static void leave(struct dc_rib *rib, struct dc_pool *pool,
		  struct dc_rib_name *name)
{
	struct dc_member *member = &pool->member[name->slot - 1];
	struct dc_member *last = &pool->member[pool->n - 1];

	if (member->set)
		set_del(member);
	if (member->told != DC_NOT_TOLD)
		tell(rib, pool, member, DC_NOT_TOLD);
	last->name->slot = name->slot;
	*member = *last;
	name->slot = 0;
	pool->n--;
	update(rib, pool);
	tidy(rib, pool);
}

/* Of an instance that this node serves, whatever others say of the name. */
static uint16_t announced(const struct dc_rib *rib,
			  const struct dc_rib_name *name)
{
	const struct dc_cand *cand = dc_name_cands(name);
	uint32_t i;

	for (i = 0; name->local && i < name->n; i++)
		if (cand[i].node == rib->graph.self)
			return cand[i].weight;
	return cand->weight;
}

/* What a member is now; without memory it is out of the table. */
static int refresh(struct dc_rib *rib, struct dc_pool *pool,
		   struct dc_rib_name *name)
{
	struct dc_member *member = &pool->member[name->slot - 1];
	int err = 0;

	member->weight = announced(rib, name);
	member->local = name->local;
	if (member->set != name->set) {
		if (member->set)
			set_del(member);
		member->set = name->set;
		if (member->set)
			err = set_add(pool, member);
		if (err)
			member->set = NULL;
	}
	if (member->local)
		place_local(rib, pool, name);
	update(rib, pool);
	return err;
}

int dc_pool_follow(struct dc_rib *rib, struct dc_rib_name *name)
{
	bool member = name->n && !dc_name_is_name(name) && dc_pool_len(name);
	struct dc_pool *pool;

	if (!member && !name->slot)
		return 0;
	if (!name->slot && !join(rib, name))
		return -ENOMEM;
	pool = dc_pool_find(rib, name->wire, dc_pool_len(name));
	if (member)
		return refresh(rib, pool, name);
	leave(rib, pool, name);
	return 0;
}

void dc_pool_refuse(struct dc_rib *rib, const struct dc_rib_name *name)
{
	struct dc_pool *pool = dc_pool_find(rib, name->wire, name->len);

	if (!pool)
		return;
	pool->refused = name->named;
	update(rib, pool);
}
