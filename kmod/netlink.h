/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The generic netlink family "damc". A handler takes a request apart, checks
 * it, takes the namespace's lock (dev-set: RTNL first), and calls the file that
 * owns the object. Each refusal says why in the extended ack.
 */
#ifndef _DAMC_NETLINK_H
#define _DAMC_NETLINK_H

#include <net/genetlink.h>
#include <net/sock.h>

#include "name.h"
#include "netlink_gen.h"

#define DAMC_VERSION_STRING "0.1"

struct damc_bind;
struct damc_dev;
struct damc_neigh;
struct damc_net;
struct damc_table;

/**
 * struct damc_nl_neigh_attrs - what a nest's attributes that say where a
 * neighbour is are called there
 */
struct damc_nl_neigh_attrs {
	u16 ifindex;
	u16 lladdr;
	u16 remote;
	u16 port;
	u16 local;
};

/**
 * struct damc_nl_cursor - where a dump goes on, in its callback's context
 * @hash: of the last node told, for tables
 * @index: of the next object, for arrays
 * @started: @hash is valid
 */
struct damc_nl_cursor {
	u64 hash;
	unsigned long index;
	bool started;
};

static inline struct damc_nl_cursor *damc_nl_cursor(struct netlink_callback *cb)
{
	BUILD_BUG_ON(sizeof(struct damc_nl_cursor) > sizeof(cb->ctx));
	return (struct damc_nl_cursor *)cb->ctx;
}

/*
 * Write an object for a dump: 0; -EMSGSIZE; -ENOENT if it is not one to tell of.
 * Under the namespace's lock.
 */
typedef int (*damc_nl_put_t)(struct sk_buff *skb, const struct damc_net *dn,
			     const void *object);

extern struct genl_family damc_genl_family;

int damc_netlink_register(void);
void damc_netlink_unregister(void);

int damc_nl_nest(struct genl_info *info, int type, struct nlattr **tb, int max);
int damc_nl_nest_multi(struct genl_info *info, int type, struct nlattr **tb,
		       int max, int multi);
int damc_nl_batch_check(struct genl_info *info, int type);
int damc_nl_parse(const struct nlattr *nest, struct nlattr **tb, int max,
		  int multi, struct netlink_ext_ack *extack);
int damc_nl_name(const struct nlattr *attr, struct damc_name *name,
		 struct netlink_ext_ack *extack);
int damc_nl_name_alone(struct nlattr **tb, int name, int max,
		       struct netlink_ext_ack *extack);
int damc_nl_dump_check(const struct netlink_callback *cb);
int damc_nl_dump_table(struct sk_buff *skb, struct netlink_callback *cb,
		       const struct damc_table *table, u8 cmd,
		       damc_nl_put_t put);
int damc_nl_dump_array(struct sk_buff *skb, struct netlink_callback *cb,
		       struct xarray *array, u8 cmd, damc_nl_put_t put);
struct sk_buff *damc_nl_reply(struct genl_info *info, void **header);
int damc_nl_send(struct genl_info *info, struct sk_buff *skb, void *header,
		 int err);

/* Write an object's nests, for an answer or a notice: 0 or -EMSGSIZE. */
int damc_put_info(struct sk_buff *skb, const struct damc_net *dn);
int damc_put_dev(struct sk_buff *skb, const struct damc_dev *dev);
int damc_put_bind(struct sk_buff *skb, const struct damc_bind *bind);

#endif /* _DAMC_NETLINK_H */
