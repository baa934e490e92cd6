/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Errors: telling a packet's source why it was refused, and telling a socket
 * what it was told. (Documentation/protocol.rst, "Errors")
 */
#ifndef _DAMC_ERROR_H
#define _DAMC_ERROR_H

#include <linux/spinlock.h>
#include <linux/types.h>

struct damc_net;
struct sk_buff;

/**
 * struct damc_error_bucket - tokens, one for each error that may be sent
 * @lock: guards the rest
 * @tokens: how many there are
 * @refilled: jiffies when they were last counted up
 */
struct damc_error_bucket {
	/* of what follows */
	spinlock_t lock;
	u32 tokens;
	unsigned long refilled;
};

void damc_error_bucket_init(struct damc_error_bucket *bucket);
int damc_error_errno(u8 code);
int damc_refuse(struct damc_net *dn, struct sk_buff *skb, unsigned int why,
		u8 code, u32 info);
int damc_error_receive(struct damc_net *dn, struct sk_buff *skb);

#endif /* _DAMC_ERROR_H */
