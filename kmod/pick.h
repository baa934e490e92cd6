/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Packets to a pool: which instance they go to. Only where a packet enters the
 * fabric is there a choice, and it is made once for a flow.
 */
#ifndef _DAMC_PICK_H
#define _DAMC_PICK_H

#include "pool.h"

struct damc_dev;
struct damc_neigh;
struct damc_net;
struct damc_target;

/**
 * struct damc_choice - a question and its answer
 * @dn: the namespace
 * @in: edge interface that the packet came by, NULL if it was made here
 * @pool: the pool's name
 * @src: source name
 * @label: flow label
 * @class: class selector
 * @member: the instance, valid under RCU; NULL if the pool has none to offer
 * @neigh: where the way to it begins, NULL if it is here
 * @mtu: what @neigh takes, UINT_MAX if it is here
 * @reason: enum damc_pick_reason
 */
struct damc_choice {
	const struct damc_net *dn;
	const struct damc_dev *in;
	struct damc_name pool;
	struct damc_name src;
	u32 label;
	u8 class;
	const struct damc_member *member;
	const struct damc_neigh *neigh;
	unsigned int mtu;
	u32 reason;
};

int damc_pick_peek(const struct damc_target *target,
		   struct damc_choice *choice);
unsigned int damc_choice_mtu(const struct damc_choice *choice);

#endif /* _DAMC_PICK_H */
