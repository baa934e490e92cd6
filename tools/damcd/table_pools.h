/* SPDX-License-Identifier: GPL-2.0 */
/* The pools of table.h: their instances at other gateways. */
#ifndef DAMCD_TABLE_POOLS_H
#define DAMCD_TABLE_POOLS_H

#include "table.h"

/* Routes of one call of libdamc's batch; see table.c. */
#define TABLE_BATCH 4096

struct table_pools;

/* NULL and errno. */
struct table_pools *table_pools_new(struct daemon *daemon,
				    struct damc_ctl *ctl);
void table_pools_free(struct table_pools *pools);

/* 0, -ENOMEM, -ENOSPC: a pool has 256 instances at most. */
int table_pools_change(struct table_pools *pools,
		       const struct dc_fib_change *change);
unsigned int table_pools_flush(struct table_pools *pools);
unsigned int table_pools_sweep(struct table_pools *pools);
void table_pools_lost(struct table_pools *pools);
/* Those that there was no room for go into the next flush. */
void table_pools_retry(struct table_pools *pools);
uint32_t table_pools_count(const struct table_pools *pools);
/* That the kernel has no room for, as they are now; that were taken out, ever. */
uint32_t table_pools_lacking(const struct table_pools *pools);
uint64_t table_pools_removed(const struct table_pools *pools);

#endif /* DAMCD_TABLE_POOLS_H */
