// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replay.h"
#include "vnet_record.h"

static bool keep(void *arg, const void *bytes, size_t len)
{
	struct vnet_record *record = arg;

	if (record->forgotten)
		return false;
	if (record->len + len > record->size) {
		record->size = 2 * (record->len + len);
		record->bytes = realloc(record->bytes, record->size);
	}
	memcpy(record->bytes + record->len, bytes, len);
	record->len += len;
	return true;
}

struct dc_node *vnet_record_node(struct vnet_record *record,
				 const struct dc_node_config *config,
				 const struct dc_node_ops *ops, void *arg,
				 uint64_t now_us, uint64_t wall_ms)
{
	record->crypto = config->crypto;
	record->recorder = dc_recorder_new(keep, record);
	return dc_recorder_node(record->recorder, config, ops, arg, now_us,
				wall_ms);
}

static void fail(const struct dc_replay *replay)
{
	struct dc_replay_counts counts;

	dc_replay_counts(replay, &counts);
	fprintf(stderr, "replay: input %llu, byte %zu: %s\n",
		(unsigned long long)counts.inputs, counts.at,
		dc_replay_why(replay));
	abort();
}

static void play(struct vnet_record *record)
{
	static const struct dc_node_ops quiet;
	struct dc_replay *replay = dc_replay_new(record->bytes, record->len,
						 record->crypto, &quiet, NULL);
	struct dc_recorder_counts made;
	struct dc_replay_counts counts;
	struct dc_tape_input input;
	int ret;

	if (!replay)
		abort();
	while ((ret = dc_replay_next(replay, &input)) > 0)
		if (dc_replay_run(replay, &input))
			break;
	dc_replay_counts(replay, &counts);
	dc_recorder_counts(record->recorder, &made);
	if (ret || counts.inputs != made.inputs)
		fail(replay);
	dc_replay_free(replay);
}

void vnet_record_forget(struct vnet_record *record)
{
	record->len = 0;
	record->forgotten = true;
}

void vnet_record_end(struct vnet_record *record)
{
	if (!record->recorder)
		return;
	if (!record->forgotten)
		play(record);
	dc_recorder_free(record->recorder);
	free(record->bytes);
	memset(record, 0, sizeof(*record));
}
