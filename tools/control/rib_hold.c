// SPDX-License-Identifier: GPL-2.0
/*
 * Unreachable for a while: names that were refused or revoked, and sets whose
 * origins nobody reaches any more. Neither is covered by a shorter name while
 * other routers may still send here (review-routing 14).
 *
 * All holds are equally long, so they end in the order in which they began.
 */
#include <errno.h>
#include <stdlib.h>

#include "rib_internal.h"

/* ---- sets --------------------------------------------------------------- */

void dc_hold_set(struct dc_rib *rib, struct dc_set *set)
{
	set->until = 0;
	set->hold_next = NULL;
	set->hold_prev = rib->hold_last;
	if (rib->hold_last)
		rib->hold_last->hold_next = set;
	else
		rib->hold_first = set;
	rib->hold_last = set;
	if (!rib->hold_new)
		rib->hold_new = set;
}

void dc_unhold_set(struct dc_rib *rib, struct dc_set *set)
{
	if (rib->hold_new == set)
		rib->hold_new = set->hold_next;
	if (set->hold_prev)
		set->hold_prev->hold_next = set->hold_next;
	else
		rib->hold_first = set->hold_next;
	if (set->hold_next)
		set->hold_next->hold_prev = set->hold_prev;
	else
		rib->hold_last = set->hold_prev;
}

/* Those that began since the last call have the whole time before them. */
static void begin(struct dc_rib *rib, uint64_t now_us)
{
	for (; rib->hold_new; rib->hold_new = rib->hold_new->hold_next)
		rib->hold_new->until = now_us + DC_HOLD_US;
}

/* Members, names, the set: in this order they can be taken away. */
static uint32_t end_set(struct dc_rib *rib, struct dc_set *set)
{
	struct dc_rib_name *name;
	uint32_t n = 0;

	dc_unhold_set(rib, set);
	set->state = DC_SET_GONE;
	dc_pool_touch(rib, set);
	dc_pools_update(rib);
	for (name = set->names; name; name = name->next, n++)
		dc_name_update(rib, name);
	dc_emit_set_del(rib, set);
	return n;
}

/* ---- names -------------------------------------------------------------- */

static void append(struct dc_rib *rib, struct dc_name_hold *hold)
{
	hold->next = NULL;
	hold->prev = rib->held_last;
	if (rib->held_last)
		rib->held_last->next = hold;
	else
		rib->held_first = hold;
	rib->held_last = hold;
}

static void detach(struct dc_rib *rib, struct dc_name_hold *hold)
{
	if (hold->prev)
		hold->prev->next = hold->next;
	else
		rib->held_first = hold->next;
	if (hold->next)
		hold->next->prev = hold->prev;
	else
		rib->held_last = hold->prev;
}

void dc_unhold_name(struct dc_rib *rib, struct dc_rib_name *name)
{
	detach(rib, name->hold);
	free(name->hold);
	name->hold = NULL;
	dc_name_update(rib, name);
	dc_name_tidy(rib, name);
}

int dc_rib_hold(struct dc_rib *rib, const struct damc_name *name,
		uint64_t now_us)
{
	struct dc_rib_name *held = dc_name_make(rib, name->wire, name->len);

	if (!held)
		return -ENOMEM;
	if (held->hold) {
		detach(rib, held->hold);
	} else {
		held->hold = calloc(1, sizeof(*held->hold));
		if (!held->hold) {
			dc_name_tidy(rib, held);
			return -ENOMEM;
		}
		held->hold->name = held;
	}
	held->hold->until = now_us + DC_HOLD_US;
	append(rib, held->hold);
	dc_name_update(rib, held);
	return 0;
}

/* ---- time --------------------------------------------------------------- */

void dc_rib_timer(struct dc_rib *rib, uint64_t now_us)
{
	uint32_t n = 0;

	begin(rib, now_us);
	while (n < DC_SWEEP_MAX && rib->hold_first &&
	       rib->hold_first->until <= now_us)
		n += 1 + end_set(rib, rib->hold_first);
	while (n < DC_SWEEP_MAX && rib->held_first &&
	       rib->held_first->until <= now_us) {
		dc_unhold_name(rib, rib->held_first->name);
		n++;
	}
}

uint64_t dc_rib_next(const struct dc_rib *rib)
{
	uint64_t next = UINT64_MAX;

	if (rib->hold_new)
		return 0;
	if (rib->hold_first)
		next = rib->hold_first->until;
	if (rib->held_first && rib->held_first->until < next)
		next = rib->held_first->until;
	return next;
}
