// SPDX-License-Identifier: GPL-2.0
/* Which parts of a message have come: what fits, what is there, what clashes. */
#include <linux/kernel.h>

#include "reassembly_map.h"

static bool damc_fragment_is_last(const struct damc_fragment *fragment)
{
	return fragment->offset + fragment->len == fragment->total;
}

/**
 * damc_fragment_valid() - whether any message can have such a fragment
 * @fragment: the fragment
 *
 * Each is a part, not the whole; ends within the whole; and if it is not the
 * last, is of the least size or more and stands at a multiple of its size.
 */
bool damc_fragment_valid(const struct damc_fragment *fragment)
{
	unsigned int end = fragment->offset + fragment->len;

	if (!fragment->len || fragment->total > DAMC_MESSAGE_MAX ||
	    fragment->len == fragment->total || end > fragment->total)
		return false;
	if (damc_fragment_is_last(fragment))
		return fragment->offset >= DAMC_FRAGMENT_MIN;
	return fragment->len >= DAMC_FRAGMENT_MIN &&
	       fragment->offset % fragment->len == 0;
}

/* The last begins where one of the others could, and is no longer than they. */
static bool damc_last_fits(unsigned int total, unsigned int last,
			   unsigned int size)
{
	return last % size == 0 && total - last <= size;
}

static enum damc_reassembly_verdict
damc_map_add_last(struct damc_reassembly_map *map,
		  const struct damc_fragment *fragment)
{
	if (map->last)
		return map->last == fragment->offset ?
		       DAMC_REASSEMBLY_DUPLICATE : DAMC_REASSEMBLY_CONFLICT;
	if (map->size &&
	    !damc_last_fits(map->total, fragment->offset, map->size))
		return DAMC_REASSEMBLY_CONFLICT;
	map->last = fragment->offset;
	return DAMC_REASSEMBLY_TAKEN;
}

static enum damc_reassembly_verdict
damc_map_add_other(struct damc_reassembly_map *map,
		   const struct damc_fragment *fragment)
{
	unsigned int n = fragment->offset / fragment->len;
	u64 *word = &map->have[n / DAMC_REASSEMBLY_WORD];
	u64 bit = 1ULL << n % DAMC_REASSEMBLY_WORD;

	if (!map->size) {
		if (map->last &&
		    !damc_last_fits(map->total, map->last, fragment->len))
			return DAMC_REASSEMBLY_CONFLICT;
		map->size = fragment->len;
	}
	if (map->size != fragment->len)
		return DAMC_REASSEMBLY_CONFLICT;
	if (*word & bit)
		return DAMC_REASSEMBLY_DUPLICATE;
	*word |= bit;
	return DAMC_REASSEMBLY_TAKEN;
}

/**
 * damc_reassembly_map_add() - add a fragment
 * @map: zeroed before the first; not to be used after a conflict
 * @fragment: for which damc_fragment_valid() is true
 */
enum damc_reassembly_verdict
damc_reassembly_map_add(struct damc_reassembly_map *map,
			const struct damc_fragment *fragment)
{
	enum damc_reassembly_verdict verdict;

	if (!map->total)
		map->total = fragment->total;
	if (map->total != fragment->total)
		return DAMC_REASSEMBLY_CONFLICT;
	verdict = damc_fragment_is_last(fragment) ?
		  damc_map_add_last(map, fragment) :
		  damc_map_add_other(map, fragment);
	if (verdict != DAMC_REASSEMBLY_TAKEN)
		return verdict;
	map->got += fragment->len;
	return map->got == map->total ? DAMC_REASSEMBLY_COMPLETE :
					DAMC_REASSEMBLY_TAKEN;
}
