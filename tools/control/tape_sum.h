/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a node does, as a number: equal for equal doings, whatever the keys. It
 * stands between a node and its ops.
 */
#ifndef DC_TAPE_SUM_H
#define DC_TAPE_SUM_H

#include "node.h"

/**
 * struct tape_sum - ops that add up and hand on
 * @inner: whose doing it is; members may be NULL
 * @n: so many things were done since it was reset
 */
struct tape_sum {
	struct dc_node_ops inner;
	void *arg;
	uint64_t hash;
	uint32_t n;
};

extern const struct dc_node_ops tape_sum_ops;

static inline void tape_sum_reset(struct tape_sum *sum)
{
	sum->hash = 0;
	sum->n = 0;
}

/*
 * A packet without what only a key tells: its tag and MAC become zero. What is
 * no packet stays as it is.
 */
void tape_blank(uint8_t *packet, size_t len);

#endif /* DC_TAPE_SUM_H */
