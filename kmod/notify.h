/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Notifications: what changed, to the family's multicast groups.
 *
 * A notice is written while the object is there and sent once the change is
 * made, both under the namespace's lock: so they leave in the order of the
 * changes. Sending does not wait for receivers; one that is too slow gets
 * ENOBUFS, as does everyone when there is no memory for a notice. Where nobody
 * listens, nothing is written.
 */
#ifndef _DAMC_NOTIFY_H
#define _DAMC_NOTIFY_H

#include <linux/types.h>

struct damc_bind;
struct damc_dev;
struct damc_fib_entry;
struct damc_neigh;
struct damc_net;
struct damc_policy;
struct damc_target;
struct sk_buff;

/**
 * struct damc_notice - one message, or a series of them about routes
 * @dn: the namespace, locked
 * @skb: the message; NULL if nobody is to be told
 * @header: its header
 * @size: of the message
 * @group: DAMC_NL_MCGRP_*
 * @flags: NLM_F_*, which request it was
 * @cmd: DAMC_CMD_*_NTF
 */
struct damc_notice {
	struct damc_net *dn;
	struct sk_buff *skb;
	void *header;
	size_t size;
	unsigned int group;
	u16 flags;
	u8 cmd;
};

/* Write a notice about one object. */
void damc_notice_dev(struct damc_notice *notice, const struct damc_dev *dev,
		     u8 cmd);
void damc_notice_neigh(struct damc_notice *notice,
		       const struct damc_neigh *neigh, u8 cmd);
void damc_notice_route(struct damc_notice *notice, struct damc_net *dn,
		       const struct damc_fib_entry *entry, u8 cmd);
void damc_notice_bind(struct damc_notice *notice, struct damc_net *dn,
		      const struct damc_bind *bind, u8 cmd);
void damc_notice_pool(struct damc_notice *notice, struct damc_net *dn,
		      const struct damc_fib_entry *entry, u8 cmd);
void damc_notice_set(struct damc_notice *notice, struct damc_net *dn,
		     const struct damc_target *set, u8 cmd);
void damc_notice_policy(struct damc_notice *notice, struct damc_net *dn,
			const struct damc_policy *policy, u8 cmd);

/* Begin a series, which sends what is full by itself. */
void damc_notice_routes(struct damc_notice *notice, struct damc_net *dn,
			unsigned int n, u8 cmd, u16 flags);
void damc_notice_add(struct damc_notice *notice,
		     const struct damc_fib_entry *entry);

void damc_notice_send(struct damc_notice *notice);

/* Write and send at once, where the change has been made. */
void damc_notify_dev(const struct damc_dev *dev);
void damc_notify_neigh(const struct damc_neigh *neigh);
void damc_notify_route(struct damc_net *dn, const struct damc_fib_entry *entry);
void damc_notify_bind(struct damc_net *dn, const struct damc_bind *bind);
void damc_notify_pool(struct damc_net *dn, const struct damc_fib_entry *entry);
void damc_notify_set(struct damc_net *dn, const struct damc_target *set);
void damc_notify_info(struct damc_net *dn);
void damc_notify_policy(struct damc_net *dn, const struct damc_policy *policy);

/* While the family is not registered, its groups are nobody's or another's. */
void damc_notify_enable(bool enable);

#endif /* _DAMC_NOTIFY_H */
