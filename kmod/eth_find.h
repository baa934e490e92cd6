/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The neighbour with a link address. Inline, as neigh_chain.h is: what
 * damc_neigh_find_rcu() does, for a fraction of the instructions.
 */
#ifndef _DAMC_ETH_FIND_H
#define _DAMC_ETH_FIND_H

#include <linux/etherdevice.h>

#include "neigh.h"
#include "neigh_chain.h"

/**
 * struct damc_eth_neigh - a neighbour on a link
 * @neigh: what all neighbours have
 * @lladdr: as long as the interface's addresses are
 */
struct damc_eth_neigh {
	struct damc_neigh neigh;
	u8 lladdr[MAX_ADDR_LEN];
};

static inline const struct damc_eth_neigh *
damc_eth_neigh(const struct damc_neigh *neigh)
{
	return container_of(neigh, struct damc_eth_neigh, neigh);
}

/* Only who is a neighbour is in a chain, so it need not be a strong one. */
static inline u32 damc_eth_hash_addr(const u8 *lladdr, u32 seed)
{
	u64 word = (u64)get_unaligned((const u32 *)lladdr) << 16 |
		   get_unaligned((const u16 *)(lladdr + 4));

	return hash_64(word ^ seed, 32);
}

/**
 * damc_eth_find() - the neighbour with an address, for each frame of control
 * @dev: the link, with addresses of ETH_ALEN bytes
 * @lladdr: the address
 *
 * Context: under RCU.
 */
static inline struct damc_neigh *damc_eth_find(const struct damc_dev *dev,
					       const u8 *lladdr)
{
	u32 hash = damc_eth_hash_addr(lladdr, damc_neigh_seed(dev));
	struct damc_neigh *neigh;

	hlist_for_each_entry_rcu(neigh, damc_neigh_chain(dev, hash), chain)
		if (neigh->dev == dev && !neigh->group &&
		    ether_addr_equal_unaligned(damc_eth_neigh(neigh)->lladdr,
					       lladdr))
			return neigh;
	return NULL;
}

#endif /* _DAMC_ETH_FIND_H */
