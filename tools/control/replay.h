/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A record (record.h) played again: the same core is told the same, and what it
 * does is compared with what it did. Nothing of a record is trusted.
 */
#ifndef DC_REPLAY_H
#define DC_REPLAY_H

#include "node.h"

struct dc_replay;

/**
 * dc_replay_new() - make the node that a record begins with
 * @bytes: the record; stays where it is until dc_replay_free()
 * @crypto: the kind of signatures that it was made with
 * @ops: are told what the node does; members may be NULL
 *
 * Return: NULL and errno: EINVAL for what is no record, or begins in its middle.
 */
struct dc_replay *dc_replay_new(const void *bytes, size_t len,
				const struct dc_crypto *crypto,
				const struct dc_node_ops *ops, void *arg);
void dc_replay_free(struct dc_replay *replay);

/*
 * The same for a record that begins in the middle of a node's life: there is no
 * node, and nothing but dc_replay_next() to do with it.
 */
struct dc_replay *dc_replay_middle(const void *bytes, size_t len);

/*
 * The next thing that it is told, which points into memory of the replay until
 * the next call: 1; 0 at the end; -EBADMSG for a record that is damaged there.
 */
int dc_replay_next(struct dc_replay *replay, struct dc_tape_input *input);

/* Tell it. 0, or -EPROTO: the node did not do what it did then. */
int dc_replay_run(struct dc_replay *replay, const struct dc_tape_input *input);

/* What was different, or damaged; "" as long as nothing is. */
const char *dc_replay_why(const struct dc_replay *replay);

/**
 * struct dc_replay_counts - so far
 * @inputs: told
 * @outputs: found equal
 * @started_us, @wall_ms: the node's beginning, by both clocks
 * @at: byte of the record that is read next
 */
struct dc_replay_counts {
	uint64_t inputs;
	uint64_t outputs;
	uint64_t started_us;
	uint64_t wall_ms;
	size_t at;
};

void dc_replay_counts(const struct dc_replay *replay,
		      struct dc_replay_counts *counts);

/* For people: as it is now. NULL: it began in the middle. */
struct dc_node *dc_replay_node(struct dc_replay *replay);

#endif /* DC_REPLAY_H */
