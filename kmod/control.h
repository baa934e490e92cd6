/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How much control that is meant for the link's own ends (/localhop) is taken
 * in: so much from each neighbour, and from all others together so much by each
 * interface, of which no link address gets more than a share. Where the daemon
 * has a session with a neighbour and says by which key its packets are told,
 * those alone have the neighbour's bucket, and whatever else comes from its
 * address, as anybody on the link can forge it, has two small ones. Decided
 * before anything else is looked at, so that a flood costs little and fills no
 * queue. Liveness, which the kernel checks by itself, is not counted in.
 *
 * No allocation, no lock but to note what a session's key vouches for, and
 * nothing is remembered of who is no neighbour.
 */
#ifndef _DAMC_CONTROL_H
#define _DAMC_CONTROL_H

#include <linux/skbuff.h>
#include <linux/spinlock.h>

#include <linux/damc.h>
#include <linux/damc_netlink.h>

#include "bucket.h"
#include "seal.h"

struct damc_dev;
struct damc_neigh;

/**
 * struct damc_control_session - what tells a session's packets from others
 * @lock: of who notes that a packet came
 * @seal: in use
 * @before: and the one that it replaced, whose packets may be under way
 * @before_end: until when, in jiffies
 */
struct damc_control_session {
	/* of who notes that a packet came */
	spinlock_t lock;
	struct damc_seal seal;
	struct damc_seal before;
	unsigned long before_end;
	struct rcu_head rcu;
};

/**
 * struct damc_control - what is taken in from a neighbour
 * @bucket: of all, or of what @session vouches for
 * @unsealed: where there is a @session: of what it does not vouch for; of packets
 *	that have a tag, as those to another node on the link have, and of others
 * @session: NULL: none is known; changed under the namespace's lock
 */
struct damc_control {
	struct damc_token_bucket bucket;
	struct damc_token_bucket unsealed[2];
	struct damc_control_session __rcu *session;
};

/**
 * struct damc_control_strangers - what an interface takes from no neighbours
 * @all: from all of them
 * @share: from those with one keyed hash of their link address
 */
struct damc_control_strangers {
	struct damc_token_bucket all;
	struct damc_token_bucket share[DAMC_CONTROL_SHARES];
};

/**
 * damc_control_is_other() - whether one byte tells that a packet is no control
 * @skb: the packet, nothing in it checked
 *
 * So that what is forwarded costs no call.
 */
static inline bool damc_control_is_other(const struct sk_buff *skb)
{
	const struct damc_hdr *hdr = (const void *)skb->data;

	return skb_headlen(skb) >= sizeof(*hdr) &&
	       hdr->next_proto != DAMC_PROTO_CONTROL;
}

int damc_control_from_link(struct damc_dev *dev, const struct sk_buff *skb);
int damc_control_from_neigh(struct damc_neigh *neigh,
			    const struct sk_buff *skb);
struct damc_control_session *damc_control_session_new(const u8 *key);
void damc_control_begin(struct damc_neigh *neigh,
			struct damc_control_session *session);

#endif /* _DAMC_CONTROL_H */
