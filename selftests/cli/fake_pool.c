// SPDX-License-Identifier: GPL-2.0
/* The fake library, see fake.h: pools. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "fake.h"

static int say_pool(const char *verb, const struct damc_pool *pool)
{
	unsigned int i;

	fprintf(stderr, "fake: pool %s %s protocol %d", verb,
		fake_text(&pool->name), pool->protocol);
	for (i = 0; i < pool->n_members; i++)
		fprintf(stderr, " [%s weight %u]",
			fake_text(&pool->members[i].name),
			pool->members[i].weight);
	return fake_change();
}

int damc_pool_add(struct damc_ctl *ctl, const struct damc_pool *pool)
{
	(void)ctl;
	return say_pool("add", pool);
}

int damc_pool_replace(struct damc_ctl *ctl, const struct damc_pool *pool)
{
	(void)ctl;
	return say_pool("replace", pool);
}

int damc_pool_append(struct damc_ctl *ctl, const struct damc_pool *pool)
{
	(void)ctl;
	return say_pool("append", pool);
}

int damc_pool_del(struct damc_ctl *ctl, const struct damc_pool *pool)
{
	(void)ctl;
	return say_pool("del", pool);
}

static void fill_pool(struct damc_pool *pool)
{
	memset(pool, 0, sizeof(*pool));
	pool->name = fake_name("/p");
	pool->protocol = DAMC_ROUTE_PROTOCOL_STATIC;
	pool->n_members = 2;
	pool->members[0].name = fake_name("/p/1");
	pool->members[0].weight = 1;
	pool->members[1].name = fake_name("/p/%00");
	pool->members[1].weight = 65535;
	pool->members[1].bound = true;
}

int damc_pool_get(struct damc_ctl *ctl, const struct damc_name *name,
		  struct damc_pool *pool)
{
	(void)ctl;
	fake_words("");
	if (fake_is("broken"))
		return -EIO;
	fill_pool(pool);
	return fake_is("empty") || !damc_name_equal(name, &pool->name) ? -ESRCH : 0;
}

int damc_pool_dump(struct damc_ctl *ctl,
		   int (*each)(const struct damc_pool *pool, void *arg),
		   void *arg)
{
	static struct damc_pool filled;

	(void)ctl;
	if (fake_is("empty"))
		return fake_end();
	fill_pool(&filled);
	each(&filled, arg);
	filled = (struct damc_pool){
		.name = fake_name("/q"), .protocol = DAMC_ROUTE_PROTOCOL_KERNEL,
	};
	each(&filled, arg);
	return fake_end();
}
