/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which depths the prefixes in a table have: a lookup hashes and probes no
 * others. Written under the table's lock; @used is read by lookups.
 *
 * Pure: also compiled in user space.
 */
#ifndef _DAMC_DEPTHS_H
#define _DAMC_DEPTHS_H

#include <linux/bitops.h>
#include <linux/compiler.h>

#include "name.h"

/**
 * struct damc_depths - depths in use
 * @used: bit n set: there are prefixes of n components
 * @count: prefixes of n components
 */
struct damc_depths {
	u64 used;
	u32 count[DAMC_COMPONENTS_MAX + 1];
};

static inline void damc_depths_add(struct damc_depths *depths,
				   unsigned int depth)
{
	if (!depths->count[depth]++)
		WRITE_ONCE(depths->used, depths->used | BIT_ULL(depth));
}

static inline void damc_depths_del(struct damc_depths *depths,
				   unsigned int depth)
{
	if (!--depths->count[depth])
		WRITE_ONCE(depths->used, depths->used & ~BIT_ULL(depth));
}

/*
 * Whether there may be a prefix of @depth components, if @max depths may be in
 * use then: each costs every lookup a probe. The root is not counted.
 */
static inline bool damc_depths_allow(const struct damc_depths *depths,
				     unsigned int depth, unsigned int max)
{
	u64 used = (depths->used | BIT_ULL(depth)) & ~1ULL;

	return hweight64(used) <= max || depths->used & BIT_ULL(depth);
}

#endif /* _DAMC_DEPTHS_H */
