/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Pins: which instance of a pool a flow was given, so that it stays there while
 * instances come and go. A flow is (source, pool, flow label).
 *
 * A pin is made by a packet, under hard caps: of the namespace, and of its
 * owner, an edge interface or a user, for his sockets in the namespace. It ends
 * when no packet used it for DAMC_PIN_IDLE_MS, or its instance is lost.
 *
 * Found under RCU, made and ended under the lock of its chain, freed a grace
 * period later. The namespace's lock is not needed, but where it says so.
 */
#ifndef _DAMC_PIN_H
#define _DAMC_PIN_H

#include <linux/siphash.h>
#include <linux/spinlock.h>
#include <linux/uidgid.h>
#include <linux/workqueue.h>

#include "pool.h"

struct damc_net;

/* Locks for the chains to share. */
#define DAMC_PIN_LOCKS 16

/* Users are counted apart by a keyed hash; few have sockets that call pools. */
#define DAMC_PIN_USERS 64

/**
 * struct damc_flow - whose packets go to one instance
 * @src: keyed hash of the source name
 * @pool: keyed hash of the pool's name
 * @label: flow label
 * @hash: keyed hash of all three
 *
 * Nobody can seek two names with one hash, so hashes stand for names.
 */
struct damc_flow {
	u64 src;
	u64 pool;
	u64 hash;
	u32 label;
};

/**
 * struct damc_pin - a pin
 * @node: in its chain
 * @rcu: for freeing it
 * @flow: whose
 * @used: jiffies when a packet used it last
 * @owner: counts the pins of whoever made it
 * @len: bytes of @wire
 * @wire: the instance's last component
 */
struct damc_pin {
	struct hlist_node node;
	struct rcu_head rcu;
	struct damc_flow flow;
	unsigned long used;
	atomic_t *owner;
	u8 len;
	u8 wire[DAMC_MEMBER_WIRE_MAX];
};

/**
 * struct damc_pins - a namespace's pins
 * @key: secret of all hashes here
 * @chains: the pins by flow; NULL until the namespace has a pool
 * @mask: number of chains, less 1
 * @n: pins
 * @users: of these, made by the namespace's sockets, by their user
 * @share: by what the caps are divided
 * @collector: ends idle pins
 * @lock: of chains, by the low bits of their number
 */
struct damc_pins {
	siphash_key_t key;
	struct hlist_head *chains;
	u32 mask;
	atomic_t n;
	atomic_t users[DAMC_PIN_USERS];
	u32 share;
	struct delayed_work collector;
	/* see above */
	spinlock_t lock[DAMC_PIN_LOCKS];
};

void damc_pins_init(struct damc_net *dn);
void damc_pins_free(struct damc_net *dn);
int damc_pins_prepare(struct damc_net *dn);
void damc_pins_flush(struct damc_net *dn, const atomic_t *owner);
atomic_t *damc_pins_of_user(struct damc_net *dn, kuid_t uid);

struct damc_flow damc_flow_of(const struct damc_net *dn,
			      const struct damc_name *src,
			      const struct damc_name *pool, u32 label);
struct damc_pin *damc_pin_find(const struct damc_net *dn,
			       const struct damc_flow *flow);
int damc_pin_add(struct damc_net *dn, const struct damc_flow *flow,
		 atomic_t *owner, const struct damc_member *member);
void damc_pin_end(struct damc_net *dn, const struct damc_flow *flow);

/* A packet used it. The line is written to at most once a tick. */
static inline void damc_pin_touch(struct damc_pin *pin)
{
	unsigned long now = jiffies;

	if (READ_ONCE(pin->used) != now)
		WRITE_ONCE(pin->used, now);
}

#endif /* _DAMC_PIN_H */
