/* SPDX-License-Identifier: GPL-2.0 */
/* What is due first: a heap of things that carry their own place in it. */
#ifndef DC_DUE_H
#define DC_DUE_H

#include <stddef.h>
#include <stdint.h>

/**
 * struct dc_due - to embed in what is due at some time
 * @at: in whatever unit
 * @place: from 1; 0: not queued, so a zeroed one is good
 */
struct dc_due {
	uint64_t at;
	size_t place;
};

struct dc_dues {
	struct dc_due **heap;
	size_t n;
	size_t size;
};

/* Queue, or queue anew: 0 or -ENOMEM (only where it was not queued). */
int dc_due_set(struct dc_dues *dues, struct dc_due *due, uint64_t at);
void dc_due_clear(struct dc_dues *dues, struct dc_due *due);

/* The first one, or NULL. */
struct dc_due *dc_due_first(const struct dc_dues *dues);

/* What a due is embedded in. */
#define dc_due_of(due, type, member) \
	((type *)((char *)(due) - offsetof(type, member)))

/* Of an empty or an abandoned queue. */
void dc_dues_free(struct dc_dues *dues);

#endif /* DC_DUE_H */
