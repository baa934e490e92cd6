/* SPDX-License-Identifier: GPL-2.0 */
/*
 * All state of one network namespace. Each has some, so it is small; what takes
 * memory is made when the first socket, interface or UDP port is.
 *
 * @lock guards every change; it nests inside RTNL, and inside a socket's lock.
 * Nothing is taken inside it but what the memory allocator and core networking
 * take themselves. Packets read under RCU and never take it.
 */
#ifndef _DAMC_NETNS_H
#define _DAMC_NETNS_H

#include <linux/hrtimer.h>
#include <linux/mutex.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "error_limit.h"
#include "fib.h"
#include "pin.h"
#include "policy.h"
#include "reassembly.h"
#include "register.h"
#include "stats.h"

struct damc_udp;

/* Neighbours are found in chains of 16384 / 512 at most, if nobody seeks worse. */
#define DAMC_NEIGH_HASH_BITS 9

/**
 * struct damc_self - a namespace's own name, replaced as a whole
 */
struct damc_self {
	struct rcu_head rcu;
	u8 len;
	u8 wire[DAMC_NAME_BOUND_MAX];
};

/**
 * struct damc_net - one network namespace
 * @net: the namespace, which outlives this
 * @lock: see above
 * @fib: prefixes
 * @binds: names that sockets and edge interfaces own
 * @begun: what only a namespace in use needs is there: @targets, @neigh_chains,
 *	@reassembler, @stats; see damc_net_begin()
 * @targets: what FIB entries lead to, one of a kind
 * @self: own name, NULL if it has none
 * @devs: enabled interfaces by index
 * @neighs: neighbours by id
 * @sets: next-hop sets' targets by id
 * @neigh_chains: neighbours by where they are, 1 << DAMC_NEIGH_HASH_BITS chains
 * @udp: the open UDP port, or NULL
 * @n_devs: how many interfaces
 * @n_neighs: how many neighbours
 * @n_sets: how many sets
 * @n_uplinks: how many of the interfaces are an uplink
 * @n_pools: how many of the prefixes are a pool's
 * @last_neigh_id: ids are not given out twice
 * @errors: how many errors may still be sent
 * @n_liveness: how many of the neighbours are watched
 * @liveness_rate: messages a second that this takes
 * @liveness_news: tells of what those messages brought
 * @lease_end: until when a daemon is sure to be at work, in ns
 * @avoided: neighbours are asked to send no packets here
 * @reg: what a gateway is asked for
 * @reassembler: messages of which fragments wait
 * @pins: which instances flows to pools were given
 * @stats: counters
 * @policies: what is to become of some packets
 * @policy_ids: the same, by id
 * @n_policies: how many
 * @last_policy_id: ids are not given out twice
 * @policy_timer: runs out when the next policy ends
 * @policy_end: ends those whose time is over
 */
struct damc_net {
	struct net *net;
	/* of every change; see above */
	struct mutex lock;
	struct damc_fib fib;
	struct damc_table binds;
	struct rhashtable targets;
	struct damc_self __rcu *self;
	struct xarray devs;
	struct xarray neighs;
	struct xarray sets;
	struct hlist_head *neigh_chains;
	struct damc_udp *udp;
	u32 n_devs;
	u32 n_neighs;
	u32 n_sets;
	u32 n_uplinks;
	u32 n_pools;
	u32 last_neigh_id;
	struct damc_error_limit errors;
	u32 n_liveness;
	u32 liveness_rate;
	struct work_struct liveness_news;
	u64 lease_end;
	bool avoided;
	struct damc_register reg;
	struct damc_reassembler *reassembler;
	struct damc_pins pins;
	struct damc_stats __percpu *stats;
	bool begun;
	struct damc_policies policies;
	struct xarray policy_ids;
	u32 n_policies;
	u32 last_policy_id;
	struct hrtimer policy_timer;
	struct work_struct policy_end;
};

extern unsigned int damc_net_id;

static inline struct damc_net *damc_net(const struct net *net)
{
	return net_generic(net, damc_net_id);
}

/* The namespace's own name, the root if it has none. Context: under RCU. */
static inline struct damc_name damc_self_name(const struct damc_net *dn)
{
	const struct damc_self *self = rcu_dereference(dn->self);

	return self ? (struct damc_name){ .wire = self->wire, .len = self->len }
		    : (struct damc_name){};
}

int damc_net_begin(struct damc_net *dn);
int damc_netns_register(void);
void damc_netns_unregister(void);

#endif /* _DAMC_NETNS_H */
