// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "namemap.h"
#include "sets.h"
#include "table_pools.h"

struct member {
	struct damc_name name;
	uint32_t weight;
};

/**
 * struct pool - one
 * @there: the kernel has it as configured, as far as we know
 * @lacking: the kernel had no room for it as it is
 * @stale: an earlier process configured it, and nobody has confirmed it
 * @dirty: the kernel is to be told; then it is in @next's list
 */
struct pool {
	struct namemap_node node;
	struct pool *next;
	uint32_t n;
	uint32_t room;
	struct member *member;
	bool there;
	bool lacking;
	bool stale;
	bool dirty;
};

struct table_pools {
	struct daemon *daemon;
	struct damc_ctl *ctl;
	struct namemap names;
	struct pool *dirty;
	unsigned int swept;
	uint32_t lacking;
	uint64_t removed;
	/* Too large for a stack, and in use during one call only. */
	struct damc_pool request;
};

static void mark(struct table_pools *pools, struct pool *pool)
{
	if (pool->dirty)
		return;
	pool->dirty = true;
	pool->next = pools->dirty;
	pools->dirty = pool;
}

static struct pool *pool_of(struct table_pools *pools,
			    const struct damc_name *name)
{
	struct pool *pool = (void *)namemap_find(&pools->names, name);

	if (pool)
		return pool;
	pool = calloc(1, sizeof(*pool));
	if (!pool)
		return NULL;
	pool->node.name = *name;
	namemap_add(&pools->names, &pool->node);
	return pool;
}

static int adopt(const struct damc_pool *is, void *arg)
{
	struct pool *pool;

	if (is->protocol != DAMC_ROUTE_PROTOCOL_DAMCD)
		return 0;
	pool = pool_of(arg, &is->name);
	if (!pool)
		return -ENOMEM;
	pool->there = true;
	pool->stale = true;
	return 0;
}

struct table_pools *table_pools_new(struct daemon *daemon, struct damc_ctl *ctl)
{
	struct table_pools *pools = calloc(1, sizeof(*pools));
	int err = -ENOMEM;

	if (!pools)
		return NULL;
	pools->daemon = daemon;
	pools->ctl = ctl;
	if (!namemap_init(&pools->names))
		err = damc_pool_dump(ctl, adopt, pools);
	if (!err)
		return pools;
	table_pools_free(pools);
	errno = -err;
	return NULL;
}

static void forget(struct table_pools *pools, struct pool *pool)
{
	namemap_remove(&pools->names, &pool->node);
	free(pool->member);
	free(pool);
}

static void free_pool(struct namemap_node *node, void *arg)
{
	forget(arg, (struct pool *)node);
}

void table_pools_free(struct table_pools *pools)
{
	if (!pools)
		return;
	if (pools->names.bucket)
		namemap_each(&pools->names, free_pool, pools);
	namemap_free(&pools->names);
	free(pools);
}

/* ---- what is wanted ---------------------------------------------------- */

static struct member *find(struct pool *pool, const struct damc_name *name)
{
	uint32_t i;

	for (i = 0; i < pool->n; i++)
		if (damc_name_equal(&pool->member[i].name, name))
			return &pool->member[i];
	return NULL;
}

static void take_out(struct pool *pool, struct member *member)
{
	*member = pool->member[--pool->n];
}

static int add(struct pool *pool, const struct damc_name *name, uint32_t weight)
{
	struct member *member = find(pool, name);
	uint32_t room = pool->room ? 2 * pool->room : 4;

	/* Who gives the changes chooses (fib.h). */
	if (!member && pool->n == DAMC_POOL_MEMBERS_MAX)
		return -ENOSPC;
	if (!member && pool->n == pool->room) {
		member = reallocarray(pool->member, room, sizeof(*member));
		if (!member)
			return -ENOMEM;
		pool->member = member;
		pool->room = room;
		member = NULL;
	}
	if (!member)
		member = &pool->member[pool->n++];
	member->name = *name;
	member->weight = weight;
	return 0;
}

int table_pools_change(struct table_pools *pools,
		       const struct dc_fib_change *change)
{
	struct pool *pool = pool_of(pools, &change->pool);
	struct member *member;

	if (!pool)
		return -ENOMEM;
	pool->stale = false;
	mark(pools, pool);
	/* With weight 0 it keeps the flows that it has. */
	if (change->op == DC_FIB_MEMBER)
		return add(pool, &change->name, change->weight);
	member = find(pool, &change->name);
	if (member)
		take_out(pool, member);
	return 0;
}

/* ---- into the kernel --------------------------------------------------- */

static int tell(struct table_pools *pools, const struct pool *pool)
{
	struct damc_pool *request = &pools->request;
	uint32_t i;

	request->name = pool->node.name;
	request->protocol = DAMC_ROUTE_PROTOCOL_DAMCD;
	request->n_members = pool->n;
	for (i = 0; i < pool->n; i++)
		request->members[i] = (struct damc_pool_member){
			.name = pool->member[i].name,
			.weight = pool->member[i].weight,
		};
	if (pool->n)
		return damc_pool_replace(pools->ctl, request);
	if (!pool->there)
		return 0;
	/* There may be instances that are bound here: those stay. */
	request->protocol = 0;
	return damc_pool_del(pools->ctl, request);
}

/* Return: how many were refused. */
static unsigned int tell_one(struct table_pools *pools, struct pool *pool)
{
	char name[DAMC_NAME_TEXT_MAX];
	int err = tell(pools, pool);
	bool refused = err && (pool->n || err != -ESRCH);
	bool lacking = pool->n && sets_no_room(err);

	pools->lacking += lacking - pool->lacking;
	pool->lacking = lacking;
	pools->removed += !pool->n && pool->there && !err;
	if (refused) {
		damc_name_format(&pool->node.name, name, sizeof(name));
		log_event(&pools->daemon->log, LOG_WARNING, "pool-refused",
			  "name=%s error=\"%s\" reason=\"%s\"", name,
			  strerror(-err), damc_ctl_error(pools->ctl));
	}
	pool->there = pool->n && !err;
	if (!pool->n)
		forget(pools, pool);
	return refused;
}

unsigned int table_pools_flush(struct table_pools *pools)
{
	unsigned int refused = 0;
	struct pool *pool;

	while ((pool = pools->dirty)) {
		pools->dirty = pool->next;
		pool->dirty = false;
		refused += tell_one(pools, pool);
	}
	return refused;
}

static void sweep_one(struct namemap_node *node, void *arg)
{
	struct pool *pool = (void *)node;
	struct table_pools *pools = arg;

	if (!pool->stale)
		return;
	mark(pools, pool);
	pools->swept++;
}

unsigned int table_pools_sweep(struct table_pools *pools)
{
	pools->swept = 0;
	namemap_each(&pools->names, sweep_one, pools);
	return pools->swept;
}

static void retry_one(struct namemap_node *node, void *arg)
{
	struct pool *pool = (void *)node;

	if (pool->lacking)
		mark(arg, pool);
}

void table_pools_retry(struct table_pools *pools)
{
	if (pools->lacking)
		namemap_each(&pools->names, retry_one, pools);
}

static void lose_one(struct namemap_node *node, void *arg)
{
	struct pool *pool = (void *)node;
	struct table_pools *pools = arg;

	pool->there = false;
	mark(pools, pool);
}

void table_pools_lost(struct table_pools *pools)
{
	namemap_each(&pools->names, lose_one, pools);
}

uint32_t table_pools_count(const struct table_pools *pools)
{
	return pools->names.n;
}

uint32_t table_pools_lacking(const struct table_pools *pools)
{
	return pools->lacking;
}

uint64_t table_pools_removed(const struct table_pools *pools)
{
	return pools->removed;
}
