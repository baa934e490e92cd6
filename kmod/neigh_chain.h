/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Neighbours by where they are. Inline, since each frame of control looks one up,
 * those that are refused, too.
 */
#ifndef _DAMC_NEIGH_CHAIN_H
#define _DAMC_NEIGH_CHAIN_H

#include <linux/hash.h>

#include "dev.h"
#include "netns.h"

/* Of an encapsulation's hash: nobody outside knows it. */
static inline u32 damc_neigh_seed(const struct damc_dev *dev)
{
	return dev->dn->fib.table.key.key[1];
}

/**
 * damc_neigh_chain() - the list that a neighbour is in
 * @dev: its interface
 * @hash: of its address, as the encapsulation makes it with damc_neigh_seed()
 */
static inline struct hlist_head *damc_neigh_chain(const struct damc_dev *dev,
						  u32 hash)
{
	return &dev->dn->neigh_chains[hash_32(hash ^ hash_ptr(dev, 32),
					      DAMC_NEIGH_HASH_BITS)];
}

#endif /* _DAMC_NEIGH_CHAIN_H */
