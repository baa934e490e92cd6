// SPDX-License-Identifier: GPL-2.0
/* A pool's instances: keeping them in order, picking one for a flow. See pool.h. */
#include <linux/bitops.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "pool.h"

/* Binary logarithms are in units of 2^-31. */
#define DAMC_LOG_BITS 31
#define DAMC_LOG_STEP_BITS 6

/* log2(1 + i / 64), i from 0 to 64. */
static const u32 damc_log_table[(1 << DAMC_LOG_STEP_BITS) + 1] = {
	0x00000000, 0x02dcf2d1, 0x05aeb4dd, 0x08759c50, 0x0b31fb7d, 0x0de42120,
	0x108c588d, 0x132ae9e2, 0x15c01a3a, 0x184c2bd0, 0x1acf5e2e, 0x1d49ee4c,
	0x1fbc16b9, 0x22260fb6, 0x24880f56, 0x26e2499d, 0x2934f098, 0x2b803474,
	0x2dc4439b, 0x30014ac6, 0x32377512, 0x3466ec15, 0x368fd7ee, 0x38b25f5a,
	0x3acea7c0, 0x3ce4d544, 0x3ef50ad2, 0x40ff6a2e, 0x43041403, 0x450327eb,
	0x46fcc47a, 0x48f10751, 0x4ae00d1d, 0x4cc9f1ab, 0x4eaecfeb, 0x508ec1fa,
	0x5269e12f, 0x5440461c, 0x5612089a, 0x57df3fd0, 0x59a80239, 0x5b6c65aa,
	0x5d2c7f59, 0x5ee863e5, 0x60a02757, 0x6253dd2c, 0x64039858, 0x65af6b4b,
	0x675767f5, 0x68fb9fce, 0x6a9c23d6, 0x6c39049b, 0x6dd2523d, 0x6f681c73,
	0x70fa728c, 0x72896373, 0x7414fdb5, 0x759d4f81, 0x772266ad, 0x78a450b8,
	0x7a231ace, 0x7b9ed1c7, 0x7d17822f, 0x7e8d3846, 0x80000000,
};

/**
 * damc_pool_alloc() - make a pool without instances
 * @room: how many will be put in at most
 *
 * Context: may sleep.
 * Return: the pool, or NULL.
 */
struct damc_pool *damc_pool_alloc(u32 room)
{
	struct damc_pool *pool;

	pool = kvzalloc(struct_size(pool, member, room), GFP_KERNEL_ACCOUNT);
	if (pool)
		pool->room = room;
	return pool;
}

/**
 * damc_pool_free() - free a pool that readers may still see
 * @pool: the pool, or NULL
 *
 * Context: may sleep.
 */
void damc_pool_free(struct damc_pool *pool)
{
	if (pool)
		kvfree_rcu_mightsleep(pool);
}

static int damc_member_cmp(const struct damc_member *member, const u8 *wire,
			   u8 len)
{
	/* The first byte is the length. */
	return memcmp(member->wire, wire, min_t(u8, member->len, len));
}

/* The first instance that does not come before this one. */
static u32 damc_pool_at(const struct damc_pool *pool, const u8 *wire, u8 len)
{
	u32 from = 0, to = pool->n;

	while (from < to) {
		u32 at = (from + to) / 2;

		if (damc_member_cmp(&pool->member[at], wire, len) < 0)
			from = at + 1;
		else
			to = at;
	}
	return from;
}

/**
 * damc_pool_find() - an instance by its component
 * @pool: the pool
 * @wire: the component, its length byte included
 * @len: bytes of it, at least 1
 *
 * Return: the instance, or NULL.
 */
const struct damc_member *damc_pool_find(const struct damc_pool *pool,
					 const u8 *wire, u8 len)
{
	u32 at = damc_pool_at(pool, wire, len);

	if (at < pool->n && !damc_member_cmp(&pool->member[at], wire, len))
		return &pool->member[at];
	return NULL;
}

/**
 * damc_pool_put() - add an instance to a pool that nobody sees yet
 * @pool: the pool, with room
 * @member: the instance, copied
 *
 * Return: 0; -EEXIST if the pool has it; -ENOSPC at DAMC_POOL_MEMBERS_MAX.
 */
int damc_pool_put(struct damc_pool *pool, const struct damc_member *member)
{
	u32 at = damc_pool_at(pool, member->wire, member->len);

	if (damc_pool_find(pool, member->wire, member->len))
		return -EEXIST;
	if (pool->n >= DAMC_POOL_MEMBERS_MAX || pool->n >= pool->room)
		return -ENOSPC;
	memmove(&pool->member[at + 1], &pool->member[at],
		(pool->n - at) * sizeof(*member));
	pool->member[at] = *member;
	pool->n++;
	return 0;
}

/* Spreads every bit over all; what goes in is secret already. */
static u64 damc_mix(u64 x)
{
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
	return x ^ (x >> 31);
}

/**
 * damc_pool_cost() - minus the binary logarithm of a hash, taken as a fraction
 * @hash: u * 2^64; 0 counts as 1
 *
 * Return: -log2(u) in units of 2^-31: from 1 to 64 * 2^31. The straight lines
 * between the table's points are off by less than 0.4 % everywhere.
 */
u64 damc_pool_cost(u64 hash)
{
	unsigned int top = hash ? fls64(hash) - 1 : 0;
	/* The leading one, then the table's index, then how far beyond it. */
	u64 mantissa = (hash ?: 1) << (63 - top);
	u32 at = (mantissa << 1) >> (64 - DAMC_LOG_STEP_BITS);
	u32 beyond = (mantissa << (1 + DAMC_LOG_STEP_BITS)) >> 32;
	u32 low = damc_log_table[at];
	u64 step = damc_log_table[at + 1] - low;

	return ((u64)(64 - top) << DAMC_LOG_BITS) - low -
	       ((step * beyond) >> 32);
}

/**
 * damc_pool_pick() - the instance for a flow
 * @pool: the pool
 * @flow: keyed hash of the flow
 * @usable: tells whether an instance can be reached; is asked only about one
 *	that would be picked
 * @arg: for @usable
 *
 * Return: the instance; NULL if none is usable, or of a weight above 0.
 */
const struct damc_member *damc_pool_pick(const struct damc_pool *pool, u64 flow,
					 damc_member_usable_t usable, void *arg)
{
	const struct damc_member *best = NULL;
	u64 least = 0;
	u32 i;

	for (i = 0; i < pool->n; i++) {
		const struct damc_member *member = &pool->member[i];
		u64 cost;

		if (!member->weight)
			continue;
		cost = damc_pool_cost(damc_mix(flow ^ member->id));
		/* Below 2^38 and 2^16: the products fit. */
		if (best && cost * best->weight >= least * member->weight)
			continue;
		if (!usable(member, arg))
			continue;
		best = member;
		least = cost;
	}
	return best;
}
