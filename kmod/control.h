/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How much control that is meant for the link's own ends (/localhop) is taken
 * in: so much from each neighbour, and from all others together so much by each
 * interface, of which no link address gets more than a share. Decided before
 * anything else is looked at, so that a flood costs little and fills no queue.
 * Liveness, which the kernel checks by itself, is not counted in.
 *
 * No lock, no allocation, and nothing is remembered of who is no neighbour.
 */
#ifndef _DAMC_CONTROL_H
#define _DAMC_CONTROL_H

#include <linux/damc_netlink.h>

#include "bucket.h"

struct damc_dev;
struct sk_buff;

/**
 * struct damc_control_strangers - what an interface takes from no neighbours
 * @all: from all of them
 * @share: from those with one keyed hash of their link address
 */
struct damc_control_strangers {
	struct damc_token_bucket all;
	struct damc_token_bucket share[DAMC_CONTROL_SHARES];
};

int damc_control_arrive(struct damc_dev *dev, struct sk_buff *skb);

#endif /* _DAMC_CONTROL_H */
