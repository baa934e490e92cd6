/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Encapsulations: what carries a packet to a neighbour. Each kind of neighbour
 * has one of these tables, and nothing else asks which kind it is.
 *
 * What changes neighbours is called under the namespace's lock; what sends,
 * under RCU.
 */
#ifndef _DAMC_ENCAP_H
#define _DAMC_ENCAP_H

#include <linux/in6.h>
#include <linux/types.h>

struct damc_dev;
struct damc_neigh;
struct damc_neigh_key;
struct damc_nl_neigh_attrs;
struct netlink_ext_ack;
struct dst_entry;
struct sk_buff;

/**
 * struct damc_way - the way to a neighbour at this moment
 * @mtu: the largest packet that it takes, 0 if none can be sent
 * @dst: the route there, with a reference; NULL where there is no such thing
 * @src: our address on it, IPv4's mapped; UDP's
 *
 * Found once for a packet, then given to @xmit or to damc_way_leave().
 */
struct damc_way {
	unsigned int mtu;
	struct dst_entry *dst;
	struct in6_addr src;
};

/**
 * struct damc_encap_ops - one encapsulation
 * @neigh_size: of the structure whose first member is a struct damc_neigh
 * @check: whether there may be such a neighbour; may sleep
 * @hash: of where a neighbour is, seeded
 * @match: whether a neighbour is the one that is meant
 * @init: fill a neighbour in, and let packets find it; may sleep
 * @unlink: packets are to find it no more; NULL: none do
 * @free: give back what @init took, after a grace period; NULL: nothing. In
 *	softirq.
 * @way: find the way to it; false if a packet would not leave now, there is then
 *	nothing to leave, and of the way only its mtu is told
 * @headroom: what is best left free in front of a packet that is to go by this
 *	way; with less it is copied
 * @xmit: send it a packet that is no larger than the way's mtu. Consumes the
 *	packet and the way; 0 or an errno.
 * @put: write where it is to netlink; 0 or -EMSGSIZE
 */
struct damc_encap_ops {
	size_t neigh_size;
	int (*check)(struct damc_dev *dev, const struct damc_neigh_key *key,
		     struct netlink_ext_ack *extack);
	u32 (*hash)(const struct damc_neigh_key *key, u32 seed);
	bool (*match)(const struct damc_neigh *neigh,
		      const struct damc_neigh_key *key);
	int (*init)(struct damc_neigh *neigh, const struct damc_neigh_key *key);
	void (*unlink)(struct damc_neigh *neigh);
	void (*free)(struct damc_neigh *neigh);
	bool (*way)(const struct damc_neigh *neigh, struct damc_way *way);
	unsigned int (*headroom)(const struct damc_neigh *neigh,
				 const struct damc_way *way);
	int (*xmit)(const struct damc_neigh *neigh, struct sk_buff *skb,
		    struct damc_way *way);
	int (*put)(struct sk_buff *skb, const struct damc_neigh *neigh,
		   const struct damc_nl_neigh_attrs *attrs);
};

#endif /* _DAMC_ENCAP_H */
