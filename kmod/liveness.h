/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Liveness: of neighbours for which an administrator or a daemon wants to know.
 * Messages go to /localhop/live and are made, taken and answered here, in
 * softirq; what is decided is in liveness_fsm.h.
 *
 * A struct damc_liveness belongs to its neighbour, from when it is configured to
 * when it is taken off or the neighbour ends. Its own lock is the last to be
 * taken; nobody holds it while a packet is sent.
 */
#ifndef _DAMC_LIVENESS_H
#define _DAMC_LIVENESS_H

#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/spinlock.h>

#include "liveness_fsm.h"

struct damc_dev;
struct damc_name;
struct damc_neigh;
struct damc_net;
struct netlink_ext_ack;
struct sk_buff;

/* /localhop/live, as in a packet; its first component is the scope. */
#define DAMC_LIVENESS_WIRE \
	{ 8, 'l', 'o', 'c', 'a', 'l', 'h', 'o', 'p', 4, 'l', 'i', 'v', 'e', }
#define DAMC_LIVENESS_WIRE_SCOPE 9

/**
 * struct damc_liveness - what a neighbour's liveness needs in the kernel
 * @neigh: whose
 * @lock: of all that follows
 * @live: the state
 * @key: of messages sent, and taken
 * @old_key: the one before, if @rotating: taken, and sent by as well
 * @rotating: no message by @key has come yet
 * @ended: the timer is not to be started any more
 * @news: something that listeners have not been told yet
 * @armed: when the timer goes off
 * @timer: schedules @tasklet
 * @tasklet: calls damc_live_expire()
 */
struct damc_liveness {
	struct damc_neigh *neigh;
	/* of all that follows */
	spinlock_t lock;
	struct damc_live live;
	siphash_key_t key;
	siphash_key_t old_key;
	bool rotating;
	bool ended;
	bool news;
	u64 armed;
	struct hrtimer timer;
	struct tasklet_struct tasklet;
	struct rcu_head rcu;
};

/**
 * struct damc_liveness_config - what a request wants
 * @interval_ms: 0 to stop
 * @multiplier: how many messages may be missed
 * @key: DAMC_LIVENESS_KEY_SIZE bytes, or NULL: as it is
 */
struct damc_liveness_config {
	u32 interval_ms;
	u8 multiplier;
	const u8 *key;
};

int damc_liveness_configure(struct damc_neigh *neigh,
			    const struct damc_liveness_config *config,
			    struct netlink_ext_ack *extack);
void damc_liveness_end(struct damc_neigh *neigh);
bool damc_liveness_read(const struct damc_neigh *neigh, struct damc_live *live);
bool damc_liveness_claims(struct sk_buff *skb);
void damc_liveness_receive(struct damc_dev *dev, struct sk_buff *skb);
void damc_liveness_set_lease(struct damc_net *dn, u32 ms);
u32 damc_liveness_lease(const struct damc_net *dn);
void damc_liveness_set_forward(struct damc_net *dn, bool forward);
void damc_liveness_net_init(struct damc_net *dn);
void damc_liveness_net_exit(struct damc_net *dn);

#endif /* _DAMC_LIVENESS_H */
