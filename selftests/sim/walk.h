/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where packets for a name would go: every way that the tables offer, from every
 * host, as the kernels would look it up.
 */
#ifndef SIM_WALK_H
#define SIM_WALK_H

#include "oracle.h"

enum walk_end {
	WALK_UNSEEN,
	WALK_UNDER_WAY,
	WALK_DELIVERED,		/* by every way */
	WALK_LOST,		/* by some way at least */
	WALK_LOOP,
};

/**
 * struct walk - all walks for one name
 * @end: of a walk from each host
 */
struct walk {
	const struct oracle *oracle;
	uint32_t name;
	uint8_t *end;
};

void walk_init(struct walk *walk, const struct oracle *oracle);
void walk_free(struct walk *walk);
/* Forget what was seen, and look at another name. */
void walk_name(struct walk *walk, uint32_t name);
enum walk_end walk_from(struct walk *walk, uint32_t host);
/* Whether a packet handed to @via for the name may come by @host again. */
bool walk_visits(struct walk *walk, uint32_t via, uint32_t host);

/*
 * The entry that a host's kernel finds, and the table it is in; NULL if none.
 * *@local: it is delivered there.
 */
const struct table_route *walk_lookup(const struct oracle *oracle,
				      const struct host *host, uint32_t name,
				      const struct table **table, bool *local);

#endif /* SIM_WALK_H */
