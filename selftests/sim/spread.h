/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where much is said all the time, something is always under way, and databases
 * that are right differ. What anybody's database had at one look is then to be in
 * all of its part at the next, as it was or newer, or nowhere, having ended.
 */
#ifndef SIM_SPREAD_H
#define SIM_SPREAD_H

#include "oracle.h"

/*
 * What is lost is sent again after 0.2, 0.6 and 1.4 s (FLOOD_RESEND_US, doubled),
 * so this takes four losses in a row on a link, or one on each of ten that follow
 * each other: of what chaos loses, a tenth at most, too few to hide a rest from a
 * few looks. What is stuck is behind at each of them, until it is said again.
 */
#define SPREAD_NS (2 * SIM_S)

/**
 * struct spread - the newest version of each object that anybody had
 * @at: when it was noted
 * @bucket: first of those of one hash, by index; UINT32_MAX: none
 */
struct spread {
	uint64_t at;
	struct version *version;
	size_t n;
	size_t size;
	uint32_t *bucket;
	size_t buckets;
};

/**
 * spread_look() - note what is there now, and judge by what was noted before
 * @behind: by host; if something was noted SPREAD_NS ago, who lacks some of it
 *	now, or as it was
 * @content: gets a sum by host, the same for databases that are equal
 */
void spread_look(struct spread *spread, const struct sim *sim,
		 const struct oracle *oracle, bool *behind, uint64_t *content);
void spread_free(struct spread *spread);

#endif /* SIM_SPREAD_H */
