// SPDX-License-Identifier: GPL-2.0
/*
 * A kernel that takes everything: what of libdamc's control damcd uses, in
 * memory, so that the daemon runs where there is no module. Bindings are
 * remembered; a name below /fake/refused is not taken.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "namemap.h"

struct damc_ctl {
	char error[64];
};

struct damc_route_batch {
	unsigned long done;
};

struct bound {
	struct namemap_node node;
	uint32_t ifindex;
	uint32_t weight;
};

static struct namemap bound;

struct damc_ctl *damc_ctl_open(void)
{
	if (!bound.bucket)
		namemap_init(&bound);
	return calloc(1, sizeof(struct damc_ctl));
}

void damc_ctl_close(struct damc_ctl *ctl)
{
	free(ctl);
}

const char *damc_ctl_error(const struct damc_ctl *ctl)
{
	return ctl->error;
}

int damc_info_set_name(struct damc_ctl *ctl, const struct damc_name *name)
{
	(void)ctl;
	(void)name;
	return 0;
}

int damc_dev_set(struct damc_ctl *ctl, uint32_t ifindex, enum damc_dev_mode mode)
{
	(void)ctl;
	(void)ifindex;
	(void)mode;
	return 0;
}

int damc_dev_get(struct damc_ctl *ctl, uint32_t ifindex, struct damc_dev *dev)
{
	(void)ctl;
	*dev = (struct damc_dev){ .ifindex = ifindex,
				  .mode = DAMC_DEV_MODE_EDGE };
	return 0;
}

int damc_bind_add_member(struct damc_ctl *ctl, const struct damc_name *name,
			 uint32_t ifindex, uint32_t weight)
{
	struct damc_name refused;
	struct bound *bind;

	damc_name_parse(&refused, "/fake/refused", NULL);
	if (damc_name_below(name, &refused)) {
		strcpy(ctl->error, "The fake does not take it");
		return -EINVAL;
	}
	if (namemap_find(&bound, name)) {
		strcpy(ctl->error, "The name is in use");
		return -EADDRINUSE;
	}
	bind = calloc(1, sizeof(*bind));
	bind->node.name = *name;
	bind->ifindex = ifindex;
	bind->weight = weight;
	namemap_add(&bound, &bind->node);
	return 0;
}

int damc_bind_add(struct damc_ctl *ctl, const struct damc_name *name,
		  uint32_t ifindex)
{
	return damc_bind_add_member(ctl, name, ifindex, 0);
}

int damc_bind_get(struct damc_ctl *ctl, const struct damc_name *name,
		  struct damc_bind *bind)
{
	const struct bound *found = (void *)namemap_find(&bound, name);

	(void)ctl;
	if (!found)
		return -ENOENT;
	*bind = (struct damc_bind){
		.name = *name, .ifindex = found->ifindex,
		.kind = DAMC_BIND_KIND_DEV, .weight = found->weight,
	};
	return 0;
}

int damc_bind_del(struct damc_ctl *ctl, const struct damc_name *name)
{
	struct namemap_node *found = namemap_find(&bound, name);

	(void)ctl;
	if (!found)
		return -ENOENT;
	namemap_remove(&bound, found);
	free(found);
	return 0;
}

int damc_bind_dump(struct damc_ctl *ctl,
		   int (*each)(const struct damc_bind *bind, void *arg),
		   void *arg)
{
	(void)ctl;
	(void)each;
	(void)arg;
	return 0;
}

int damc_route_dump(struct damc_ctl *ctl,
		    int (*each)(const struct damc_route *route, void *arg),
		    void *arg)
{
	(void)ctl;
	(void)each;
	(void)arg;
	return 0;
}

int damc_pool_dump(struct damc_ctl *ctl,
		   int (*each)(const struct damc_pool *pool, void *arg),
		   void *arg)
{
	(void)ctl;
	(void)each;
	(void)arg;
	return 0;
}

int damc_route_replace(struct damc_ctl *ctl, const struct damc_route *route)
{
	(void)ctl;
	(void)route;
	return 0;
}

int damc_route_del(struct damc_ctl *ctl, const struct damc_name *name)
{
	(void)ctl;
	(void)name;
	return 0;
}

int damc_pool_replace(struct damc_ctl *ctl, const struct damc_pool *pool)
{
	(void)ctl;
	(void)pool;
	return 0;
}

int damc_pool_del(struct damc_ctl *ctl, const struct damc_pool *pool)
{
	(void)ctl;
	(void)pool;
	return 0;
}

struct damc_route_batch *damc_route_batch_open(struct damc_ctl *ctl,
					       enum damc_route_verb verb)
{
	(void)ctl;
	(void)verb;
	return calloc(1, sizeof(struct damc_route_batch));
}

void damc_route_batch_close(struct damc_route_batch *batch)
{
	free(batch);
}

int damc_route_batch_add(struct damc_route_batch *batch,
			 const struct damc_route *route)
{
	(void)route;
	batch->done++;
	return 0;
}

int damc_route_batch_flush(struct damc_route_batch *batch)
{
	(void)batch;
	return 0;
}

unsigned long damc_route_batch_done(const struct damc_route_batch *batch)
{
	return batch->done;
}

long damc_route_batch_refused(const struct damc_route_batch *batch)
{
	(void)batch;
	return -1;
}
