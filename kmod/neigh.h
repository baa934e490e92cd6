/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Neighbours: a link address on an interface, one link away.
 *
 * A neighbour lives while an administrator wants it (permanent) or a route leads
 * to it; no packet makes one. Changed under the namespace's lock, read under
 * RCU, freed a grace period after it was unlinked.
 */
#ifndef _DAMC_NEIGH_H
#define _DAMC_NEIGH_H

#include <linux/list.h>
#include <linux/netdevice.h>
#include <linux/u64_stats_sync.h>

#include <linux/damc_netlink.h>

struct damc_dev;
struct damc_net;

struct damc_neigh_stats {
	u64_stats_t packets;
	u64_stats_t bytes;
	struct u64_stats_sync sync;
};

/**
 * struct damc_neigh - a neighbour
 * @dev: its interface, which outlives it
 * @link: in its interface's list
 * @stats: what was sent to it
 * @id: by which user space knows it
 * @users: next hops that lead to it
 * @permanent: an administrator added it
 * @group: stands for DAMC's group address
 * @lladdr: as long as the interface's addresses are
 */
struct damc_neigh {
	struct damc_dev *dev;
	struct list_head link;
	struct rcu_head rcu;
	struct damc_neigh_stats __percpu *stats;
	u32 id;
	u32 users;
	bool permanent;
	bool group;
	u8 lladdr[MAX_ADDR_LEN];
};

/**
 * struct damc_neigh_key - how a request names a neighbour
 * @lladdr: NULL: the group address
 */
struct damc_neigh_key {
	const u8 *lladdr;
	unsigned int lladdr_len;
};

struct damc_neigh *damc_neigh_by_id(struct damc_net *dn, u32 id);
struct damc_neigh *damc_neigh_find(struct damc_dev *dev,
				   const struct damc_neigh_key *key);
struct damc_neigh *damc_neigh_get(struct damc_dev *dev,
				  const struct damc_neigh_key *key,
				  struct netlink_ext_ack *extack);
void damc_neigh_hold(struct damc_neigh *neigh);
void damc_neigh_put(struct damc_neigh *neigh);
int damc_neigh_add(struct damc_dev *dev, const struct damc_neigh_key *key,
		   struct netlink_ext_ack *extack);
int damc_neigh_del(struct damc_neigh *neigh, struct netlink_ext_ack *extack);
void damc_neigh_read_stats(const struct damc_neigh *neigh, u64 *packets,
			   u64 *bytes);
void damc_neigh_count(const struct damc_neigh *neigh, unsigned int bytes);
unsigned int damc_neigh_mtu(const struct damc_neigh *neigh);
bool damc_neigh_usable(const struct damc_neigh *neigh);

#endif /* _DAMC_NEIGH_H */
