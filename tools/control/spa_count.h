/* SPDX-License-Identifier: GPL-2.0 */
/* How many there are of each of many things, which are known by their hashes. */
#ifndef DC_SPA_COUNT_H
#define DC_SPA_COUNT_H

#include "object.h"

struct dc_spa_counts {
	struct dc_spa_count *slot;
	size_t slots;
	size_t n;
};

/* All zero is an empty one. @hash: of something, keyed: nobody can choose it. */
int dc_spa_count_up(struct dc_spa_counts *counts, const struct dc_hash *hash);
void dc_spa_count_down(struct dc_spa_counts *counts,
		       const struct dc_hash *hash);
uint32_t dc_spa_count(const struct dc_spa_counts *counts,
		      const struct dc_hash *hash);
void dc_spa_counts_free(struct dc_spa_counts *counts);

#endif /* DC_SPA_COUNT_H */
