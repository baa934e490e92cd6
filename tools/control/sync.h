/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Synchronisation: each side asks the other for what it lacks, bucket by bucket
 * by their digests, revocations first. Each step can be lost or repeated: what
 * is done stays done, and the next is asked for again with back-off.
 */
#ifndef DC_SYNC_H
#define DC_SYNC_H

#include "lsdb.h"
#include "ls_msg.h"

#define SYNC_WAIT_US 200000ull
#define SYNC_WAIT_MAX_US 5000000ull
/* Packets of lists that answer one summary. */
#define SYNC_LISTS_MAX 16
/* Full ones look again when digests differ for longer, first, at most. */
#define SYNC_AGAIN_US 10000000ull
#define SYNC_AGAIN_MAX_US 600000000ull

struct adj;
struct dc_node;

/**
 * struct sync - what a node still wants from a neighbour
 * @open: buckets of which it is not known that nothing is lacking
 * @clean: bit i: part i of the list of @digest lacked nothing
 * @want: objects asked for that did not come
 * @round: of the last summary, @lists: that came for it, @lists_due: that
 *	were sent, -1 as long as that is not known
 * @progress: something came of it
 * @due_us: when to ask again
 * @differ_us: since when a full neighbour's digest differs, 0: it does not
 * @again_us: for how long it may before all is compared again
 */
struct sync {
	bool running;
	bool open[LSDB_BUCKETS];
	uint32_t n_open;
	uint64_t clean[LSDB_BUCKETS];
	uint64_t digest[LSDB_BUCKETS];
	uint32_t want;
	uint8_t round;
	uint8_t lists;
	int16_t lists_due;
	bool progress;
	uint64_t due_us;
	uint64_t wait_us;
	uint64_t differ_us;
	uint64_t again_us;
};

void sync_start(struct dc_node *node, struct adj *adj);
void sync_timer(struct dc_node *node, struct adj *adj);
uint64_t sync_next(const struct adj *adj);
/* An object came from it. */
void sync_came(struct dc_node *node, struct adj *adj);
/* Its digest, in a keepalive. */
void sync_digest(struct dc_node *node, struct adj *adj, uint64_t digest);

void sync_sum_input(struct dc_node *node, struct adj *adj,
		    const struct ls_record *record);
void sync_same_input(struct dc_node *node, struct adj *adj,
		     const struct ls_record *record);
void sync_list_input(struct dc_node *node, struct adj *adj,
		     const struct ls_record *record);
void sync_ask_input(struct dc_node *node, struct adj *adj,
		    const struct ls_record *record);

#endif /* DC_SYNC_H */
