/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Neighbours: a link address on an interface, one link away, or an IP address
 * that UDP reaches.
 *
 * A neighbour lives while an administrator wants it (permanent) or a route leads
 * to it; no packet makes one. Changed under the namespace's lock, read under
 * RCU, freed a grace period after it was unlinked.
 */
#ifndef _DAMC_NEIGH_H
#define _DAMC_NEIGH_H

#include <linux/compiler.h>
#include <linux/in6.h>
#include <linux/list.h>
#include <linux/u64_stats_sync.h>
#include <net/dst.h>

#include <linux/damc_netlink.h>

#include "control.h"
#include "encap.h"
#include "error_limit.h"

struct damc_dev;
struct damc_liveness;
struct damc_net;

/* Bits of a neighbour's @down. */
enum {
	DAMC_NEIGH_DOWN_ADMIN,
	DAMC_NEIGH_DOWN_LIVENESS,
};

/**
 * struct damc_neigh_stats - a processor's row of a neighbour's counters
 * @packets: sent to it
 * @bytes: of those
 * @control: of the link's, taken in from it
 * @control_dropped: that was beyond what is taken in
 */
struct damc_neigh_stats {
	u64 packets;
	u64 bytes;
	u64 control;
	u64 control_dropped;
	struct u64_stats_sync sync;
};

/**
 * struct damc_neigh - a neighbour
 * @encap: what carries packets to it
 * @dev: its interface, or the open UDP port's; outlives it
 * @link: in its interface's list
 * @chain: in the namespace's, by where it is
 * @stats: what was sent to it, and of its control
 * @errors: how many errors may be sent about what it sends, if by UDP
 * @control: how much control is still taken in from it
 * @liveness: NULL if it is not watched; read under RCU
 * @id: by which user space knows it
 * @users: next hops that lead to it
 * @permanent: an administrator added it
 * @told: listeners heard of it
 * @told_status: and of this status last, enum damc_neigh_status
 * @group: stands for DAMC's group address
 * @down: why no packet goes to it, DAMC_NEIGH_DOWN_*; written under the
 *	namespace's lock or by its liveness, read by each packet
 */
struct damc_neigh {
	const struct damc_encap_ops *encap;
	struct damc_dev *dev;
	struct list_head link;
	struct hlist_node chain;
	struct rcu_head rcu;
	struct damc_neigh_stats __percpu *stats;
	struct damc_error_limit errors;
	struct damc_control control;
	struct damc_liveness __rcu *liveness;
	u32 id;
	u32 users;
	u32 told_status;
	bool permanent;
	bool told;
	bool group;
	unsigned long down;
};

/**
 * struct damc_neigh_sums - a neighbour's counters, summed over processors
 */
struct damc_neigh_sums {
	u64 packets;
	u64 bytes;
	u64 control;
	u64 control_dropped;
};

/**
 * struct damc_udp_key - where a UDP neighbour is
 * @remote: its address; IPv4's as IPv6 maps it
 * @local: the only address of ours to use with it, or all zero
 * @ifindex: the only interface to use, or 0
 * @port: the one that datagrams to it go to
 */
struct damc_udp_key {
	struct in6_addr remote;
	struct in6_addr local;
	u32 ifindex;
	__be16 port;
};

/**
 * struct damc_neigh_key - how a request names a neighbour
 * @lladdr: on an interface; NULL: the group address
 * @lladdr_len: of @lladdr
 * @udp: by UDP
 */
struct damc_neigh_key {
	const u8 *lladdr;
	unsigned int lladdr_len;
	struct damc_udp_key udp;
};

struct damc_neigh *damc_neigh_by_id(struct damc_net *dn, u32 id);
struct damc_neigh *damc_neigh_find(struct damc_dev *dev,
				   const struct damc_neigh_key *key);
struct damc_neigh *damc_neigh_find_rcu(const struct damc_dev *dev,
				       const struct damc_neigh_key *key);
struct damc_neigh *damc_neigh_get(struct damc_dev *dev,
				  const struct damc_neigh_key *key,
				  struct netlink_ext_ack *extack);
void damc_neigh_tell(struct damc_neigh *neigh);
void damc_neigh_announce(struct damc_neigh *neigh);
void damc_neigh_tell_status(struct damc_neigh *neigh);
void damc_neigh_hold(struct damc_neigh *neigh);
void damc_neigh_put(struct damc_neigh *neigh);
int damc_neigh_add(struct damc_dev *dev, const struct damc_neigh_key *key,
		   struct netlink_ext_ack *extack);
int damc_neigh_del(struct damc_neigh *neigh, struct netlink_ext_ack *extack);
void damc_neigh_set_admin(struct damc_neigh *neigh, u32 admin);
u32 damc_neigh_status(const struct damc_neigh *neigh);
void damc_neigh_read_stats(const struct damc_neigh *neigh,
			   struct damc_neigh_sums *sums);
unsigned int damc_neigh_mtu(const struct damc_neigh *neigh);
int damc_neigh_xmit(const struct damc_neigh *neigh, struct sk_buff *skb,
		    struct damc_way *way);
void damc_neigh_sent(const struct damc_neigh *neigh, unsigned int bytes);

/*
 * The way to a neighbour that packets may go to: of one that is down not even
 * its mtu is told.
 *
 * Context of these two: under RCU, or under the namespace's lock.
 */
static inline bool damc_neigh_way(const struct damc_neigh *neigh,
				  struct damc_way *way)
{
	if (unlikely(READ_ONCE(neigh->down))) {
		way->mtu = 0;
		return false;
	}
	return neigh->encap->way(neigh, way);
}

/* Of a way that was found and is not used. */
static inline void damc_way_leave(struct damc_way *way)
{
	if (way->dst)
		dst_release(way->dst);
}

#endif /* _DAMC_NEIGH_H */
