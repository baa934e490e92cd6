// SPDX-License-Identifier: GPL-2.0
/* What one host's database has and another's has not, in words. */
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "check.h"

struct seen {
	struct dc_hash hash;
	struct dc_object object;
	uint32_t left_s;
};

struct all {
	struct seen *seen;
	size_t n;
	size_t size;
};

/* The object's bytes are the database's; until it changes, they stay. */
static int note(const struct dc_object *object, uint32_t left_s, void *arg)
{
	struct all *all = arg;

	all->seen = sim_grow(all->seen, all->n, &all->size, sizeof(*all->seen));
	all->seen[all->n] = (struct seen){ .object = *object, .left_s = left_s };
	dc_object_hash(object, &all->seen[all->n++].hash);
	return 0;
}

static bool has(const struct all *all, const struct dc_hash *hash)
{
	size_t i;

	for (i = 0; i < all->n; i++)
		if (!memcmp(&all->seen[i].hash, hash, sizeof(*hash)))
			return true;
	return false;
}

static uint32_t more_in(struct sim *sim, const struct all *a,
			const struct all *b, const struct host *host)
{
	char text[DAMC_NAME_TEXT_MAX];
	uint32_t n = 0;
	size_t i;

	for (i = 0; i < a->n; i++) {
		const struct dc_object *object = &a->seen[i].object;

		if (has(b, &a->seen[i].hash))
			continue;
		n++;
		damc_name_format(&object->subject, text, sizeof(text));
		sim_broken(sim, "only host %u has %s %s shard %u %u.%u.%llu, %u s left",
			   host->number, dc_type_text(object->type), text,
			   object->shard, object->seq.serial, object->seq.epoch,
			   (unsigned long long)object->seq.counter,
			   a->seen[i].left_s);
	}
	return n;
}

uint32_t check_differ(struct sim *sim, const struct host *a,
		      const struct host *b)
{
	struct all in_a = { 0 }, in_b = { 0 };
	uint32_t n;

	dc_node_lsdb(a->core, note, &in_a);
	dc_node_lsdb(b->core, note, &in_b);
	n = more_in(sim, &in_a, &in_b, a);
	n += more_in(sim, &in_b, &in_a, b);
	free(in_a.seen);
	free(in_b.seen);
	return n;
}
