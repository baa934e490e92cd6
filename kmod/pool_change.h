/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Pools in the FIB: what is configured of them, and what is bound as their
 * instance. A pool is an entry of its own kind, so a name is a pool or leads
 * somewhere, not both. All under the namespace's lock, may sleep.
 *
 * What an entry's protocol says of a pool is who configured it; kernel: nobody,
 * so that it goes with its last instance.
 */
#ifndef _DAMC_POOL_CHANGE_H
#define _DAMC_POOL_CHANGE_H

#include "pool.h"

struct damc_fib_entry;
struct damc_net;
struct netlink_ext_ack;

enum damc_pool_change {
	DAMC_POOL_ADD,
	DAMC_POOL_REPLACE,
	DAMC_POOL_APPEND,
	DAMC_POOL_DEL,
};

/**
 * struct damc_pool_spec - a pool as asked for
 * @members: instances to add, or to delete
 */
struct damc_pool_spec {
	struct damc_name name;
	u32 protocol;
	const struct damc_pool *members;
};

const struct damc_pool *damc_entry_pool(const struct damc_net *dn,
					const struct damc_fib_entry *entry);
int damc_pool_change(struct damc_net *dn, const struct damc_pool_spec *spec,
		     enum damc_pool_change change,
		     struct netlink_ext_ack *extack);
int damc_pool_join(struct damc_net *dn, const struct damc_name *name,
		   u32 weight, struct netlink_ext_ack *extack);
void damc_pool_leave(struct damc_net *dn, const struct damc_name *name);

#endif /* _DAMC_POOL_CHANGE_H */
