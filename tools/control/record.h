/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The flight recorder: all that a node is told and all that it draws, from its
 * beginning on, as bytes. No key is among them, and nothing that stands for one:
 * what keys do is kept as its outcome, packets without tag and MAC.
 */
#ifndef DC_RECORD_H
#define DC_RECORD_H

#include "node.h"

struct dc_recorder;

/**
 * dc_recorder_new() - begin a record
 * @write: takes the bytes of an entry, the whole or none; false: there is no
 *	room, and the record ends before it, unless dc_recorder_middle() was
 *	called from there: then the entry is written anew, once
 *
 * Return: NULL without memory.
 */
struct dc_recorder *dc_recorder_new(bool (*write)(void *arg, const void *bytes,
						  size_t len), void *arg);
/*
 * What is written from now on is a record of its own. It begins in the middle of
 * the node's life and has its inputs alone: it can be read, and not be replayed.
 */
void dc_recorder_middle(struct dc_recorder *recorder, uint64_t wall_ms);

/* After its node. */
void dc_recorder_free(struct dc_recorder *recorder);

/* As dc_node_new(), and what becomes of the node is recorded. Once. */
struct dc_node *dc_recorder_node(struct dc_recorder *recorder,
				 const struct dc_node_config *config,
				 const struct dc_node_ops *ops, void *arg,
				 uint64_t now_us, uint64_t wall_ms);

/**
 * struct dc_recorder_counts - what is in it
 * @middle: the last record begun is of the middle
 * @ended: there was no room for more
 */
struct dc_recorder_counts {
	uint64_t inputs;
	uint64_t bytes;
	bool middle;
	bool ended;
};

void dc_recorder_counts(const struct dc_recorder *recorder,
			struct dc_recorder_counts *counts);

#endif /* DC_RECORD_H */
