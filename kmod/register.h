/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Registration of what sockets bind in a pod: the namespace's claims, the messages
 * that ask its gateway for them, and what its answers do. claim.h is what is said
 * and when; bind.c owns the bindings.
 *
 * Claims change under the namespace's lock. Answers come in softirq, and wait for
 * the work item that takes it.
 */
#ifndef _DAMC_REGISTER_H
#define _DAMC_REGISTER_H

#include <linux/list.h>
#include <linux/skbuff.h>
#include <linux/workqueue.h>

#include <linux/damc_netlink.h>

#include "claim.h"

struct damc_bind;
struct damc_dev;
struct damc_net;

/**
 * struct damc_registration - a claim and whose it is
 * @claim: its state
 * @link: in the namespace's claims, or in those that are left
 * @bind: the binding; NULL once its socket is closed
 * @weight: as an instance of its pool, 0 if it is none's
 * @reason: the gateway's last, ends with 0
 * @len: bytes of @wire
 * @wire: the name, which outlives the binding
 */
struct damc_registration {
	struct damc_claim claim;
	struct list_head link;
	struct damc_bind *bind;
	u32 weight;
	char reason[DAMC_BIND_REASON_MAX + 1];
	u8 len;
	u8 wire[];
};

/**
 * struct damc_register - a namespace's registrations
 * @managed: what is bound from now on is asked for
 * @claims: struct damc_registration, of bindings
 * @leaving: likewise, which the gateway is told of that they are left
 * @n_leaving: how many of these
 * @due: when @work is to run, in ns
 * @work: says what is due, takes answers
 * @answers: packets
 */
struct damc_register {
	bool managed;
	struct list_head claims;
	struct list_head leaving;
	u32 n_leaving;
	u64 due;
	struct delayed_work work;
	struct sk_buff_head answers;
};

extern const struct damc_name damc_register_name;

bool damc_register_asks(const struct damc_net *dn,
			const struct damc_name *name);
int damc_register_want(struct damc_net *dn, struct damc_bind *bind, u32 weight);
void damc_register_leave(struct damc_net *dn, struct damc_registration *r);
void damc_register_again(struct damc_net *dn);
bool damc_register_claims(const struct damc_dev *dev, struct sk_buff *skb);
void damc_register_receive(struct damc_dev *dev, struct sk_buff *skb);
void damc_register_net_init(struct damc_net *dn);
void damc_register_net_exit(struct damc_net *dn);

#endif /* _DAMC_REGISTER_H */
