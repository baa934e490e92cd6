/* SPDX-License-Identifier: GPL-2.0 */
/* A kernel's forwarding table in which there is only so much room. */
#ifndef FULL_KERNEL_H
#define FULL_KERNEL_H

#include <stdbool.h>

#include "damc.h"

#define FULL_KERNEL_MAX 16

/**
 * struct full_kernel - what is in it, and how much may be
 * @error: what one too many is refused with
 * @neigh: what each, by interface, was last told
 * @tries: of sets, pools and routes, to write them
 */
struct full_kernel {
	unsigned int sets_max, pools_max, routes_max, neighs_max;
	int error;
	unsigned int n_sets, n_pools, n_routes, n_neighs;
	uint32_t set_hops[FULL_KERNEL_MAX];
	struct damc_neigh_config neigh[FULL_KERNEL_MAX];
	uint32_t set[FULL_KERNEL_MAX];
	struct damc_name pool[FULL_KERNEL_MAX];
	struct damc_name route[FULL_KERNEL_MAX];
	unsigned int tries;
};

extern struct full_kernel full_kernel;

bool full_kernel_has_route(const char *name);
bool full_kernel_has_pool(const char *name);
/* Next hops of a set. */
uint32_t full_kernel_hops(uint32_t id);

#endif /* FULL_KERNEL_H */
