/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Bindings: which socket or edge interface owns a name.
 *
 * A binding has its FIB entry, which it puts in and takes out, but for an unbound
 * socket's own name, which the namespace's name covers; and its place in a pool,
 * if it is an instance. One that a gateway is asked for (register.h) has neither
 * before it is granted. Changed under the
 * namespace's lock, read under RCU. A binding to a socket ends before the socket
 * does, and a socket is freed a grace period after its binding.
 */
#ifndef _DAMC_BIND_H
#define _DAMC_BIND_H

#include <linux/list.h>

#include <linux/damc_netlink.h>

#include "table.h"

struct damc_dev;
struct damc_net;
struct damc_registration;
struct netlink_ext_ack;
struct sock;

/**
 * struct damc_bind - a binding
 * @sk: the socket, or NULL
 * @dev: the edge interface, or NULL
 * @link: in its list, if there is one
 * @kind: enum damc_bind_kind
 * @weight: as an instance of its pool; 0 if it is none's, or not yet
 * @registration: what its gateway is asked, or NULL
 * @standing: enum damc_bind_standing; 0 if no gateway is asked
 * @node: the name
 */
struct damc_bind {
	struct rcu_head rcu;
	struct sock *sk;
	struct damc_dev *dev;
	struct list_head link;
	u32 kind;
	u32 weight;
	struct damc_registration *registration;
	u8 standing;
	struct damc_node node;
};

/* Whether packets come and go by it. Context: under RCU or the namespace's lock. */
static inline bool damc_bind_usable(const struct damc_bind *bind)
{
	u8 standing = READ_ONCE(bind->standing);

	return !standing || standing == DAMC_BIND_STANDING_GRANTED;
}

struct damc_bind *damc_bind_find(const struct damc_net *dn,
				 const struct damc_name *name);
struct damc_bind *damc_bind_sock(struct damc_net *dn,
				 const struct damc_name *name, u32 weight,
				 struct sock *sk);
int damc_bind_permitted(const struct damc_net *dn, const struct damc_name *name,
			const struct sock *sk);
struct damc_bind *damc_bind_ephemeral(struct damc_net *dn, struct sock *sk);
int damc_bind_dev(struct damc_net *dn, const struct damc_name *name,
		  u32 weight, u32 over, struct damc_dev *dev,
		  struct netlink_ext_ack *extack);
void damc_bind_granted(struct damc_net *dn, struct damc_bind *bind, u32 weight);
void damc_bind_refused(struct damc_net *dn, struct damc_bind *bind, int err);
void damc_bind_release(struct damc_net *dn, struct damc_bind *bind);
void damc_bind_flush_dev(struct damc_dev *dev);

#endif /* _DAMC_BIND_H */
