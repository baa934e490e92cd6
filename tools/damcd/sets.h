/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Next-hop sets in the kernel, and the neighbours in them, by the RIB's numbers.
 * Owned by table.c, which writes routes between sets_flush() and sets_drop().
 *
 * The kernel may have sets of an earlier process under the numbers that the RIB
 * gives today; routes lead there until they are confirmed. So the kernel's
 * numbers are the RIB's and an offset beyond those.
 */
#ifndef DAMCD_SETS_H
#define DAMCD_SETS_H

#include <errno.h>

#include "daemon.h"
#include "fib.h"

struct sets;

/* Whether the kernel refused for want of room: then it is worth another try. */
static inline bool sets_no_room(int err)
{
	return err == -ENOSPC || err == -ENOBUFS || err == -ENOMEM;
}

/* NULL and errno. */
struct sets *sets_new(struct daemon *daemon, struct damc_ctl *ctl);
/* What is in the kernel stays there. */
void sets_free(struct sets *sets);

/*
 * Where the neighbour with the number @link is; the kernel is told at once, and again
 * by sets_retry() if it had no room.
 */
void sets_neighbour(struct sets *sets, uint32_t link,
		    const struct damc_neigh *where,
		    const struct damc_neigh_config *config);
/*
 * The kernel's number of one, made if need be: 0; or a negative errno and @id 0, and
 * why is logged.
 */
int sets_make_neighbour(const struct daemon *daemon, struct damc_ctl *ctl,
			const struct damc_neigh *where, uint32_t *id);
/* The number of the kernel's neighbour @id; 0: none has it. */
uint32_t sets_link_of(const struct sets *sets, uint32_t id);

/* 0 or -ENOMEM. */
int sets_change(struct sets *sets, const struct dc_fib_change *change);

/* New and changed ones into the kernel: how many it refused. */
unsigned int sets_flush(struct sets *sets);
/* Those that nothing leads to any more out of it. */
void sets_drop(struct sets *sets);

/* Neighbours and sets that there was no room for: those go into the next flush. */
void sets_retry(struct sets *sets);

/**
 * struct sets_counts - how it stands
 * @lacking: that the kernel has no room for, as they are now; neighbours, too
 * @removed: that were taken out of it, ever
 */
struct sets_counts {
	uint32_t lacking;
	uint64_t removed;
};

void sets_counts(const struct sets *sets, struct sets_counts *counts);

/* The kernel's number of a set. */
uint32_t sets_id(const struct sets *sets, uint32_t set);

/* Take out those of an earlier process: how many. */
unsigned int sets_sweep(struct sets *sets);
/* The kernel has none of them any more. */
void sets_lost(struct sets *sets);

#endif /* DAMCD_SETS_H */
