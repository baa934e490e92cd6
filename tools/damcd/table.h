/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's forwarding table, as the RIB's fib ops want it, and all that has
 * to do with its being the kernel's: batches, refusals, what an earlier process
 * left behind.
 */
#ifndef DAMCD_TABLE_H
#define DAMCD_TABLE_H

#include "daemon.h"
#include "fib.h"

struct table;

/* NULL and errno. Reads what the kernel has of an earlier damcd. */
struct table *table_new(struct daemon *daemon, struct damc_ctl *ctl);
/* What is in the kernel stays there. */
void table_free(struct table *table);

/*
 * Where the neighbour with the number @link is, and what the kernel is to do. What
 * there was no room for is in the counts at once.
 */
void table_neighbour(struct table *table, uint32_t link,
		     const struct damc_neigh *where,
		     const struct damc_neigh_config *config);
/* The number of the kernel's neighbour @id; 0: it is none of ours. */
uint32_t table_link_of(const struct table *table, uint32_t id);

void table_change(struct table *table, const struct dc_fib_change *change);
/* Into the kernel: the number of changes that it refused. */
unsigned int table_flush(struct table *table);

/* Try again what the kernel had no room for. */
void table_retry(struct table *table);
/*
 * In how many seconds to do so, 0: nothing waits. Each try in vain doubles it, to
 * TABLE_RETRY_MAX_S; anything that was taken out makes it TABLE_RETRY_MIN_S: no less,
 * for in a full table a try can be hundreds of thousands of refusals.
 */
#define TABLE_RETRY_MIN_S 10
#define TABLE_RETRY_MAX_S 160
uint32_t table_retry_s(const struct table *table);

/*
 * The kernel keeps no route to a name that is bound here. Once it is not any
 * more, a way that the RIB has to it is written.
 */
void table_bound(struct table *table, const struct damc_name *name);
void table_unbound(struct table *table, const struct damc_name *name);

/*
 * While it is held, changes are gathered and the kernel keeps what it has: a
 * process that just started knows less than what the one before it put in.
 */
void table_hold(struct table *table, bool hold);
bool table_is_held(const struct table *table);

/* Take out what an earlier process put in and this one did not confirm. */
unsigned int table_sweep(struct table *table);

/* Forget what is known to be in the kernel: it was lost, all comes again. */
void table_lost(struct table *table);

struct table_counts {
	uint32_t routes;
	uint32_t pools;
	uint32_t unconfirmed;
	bool full;	/* there was no room for some route, its set or neighbour */
	uint32_t lacking;	/* neighbours, sets, pools without room */
	uint64_t changes;
	uint64_t refused;
	uint64_t flushes;
	uint64_t flush_us;	/* of the last one */
};

void table_counts(const struct table *table, struct table_counts *counts);

#endif /* DAMCD_TABLE_H */
