/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Errors: telling a packet's source why it was refused, and telling a socket
 * what it was told. (Documentation/protocol.rst, "Errors")
 */
#ifndef _DAMC_ERROR_H
#define _DAMC_ERROR_H

#include <linux/types.h>

struct damc_net;
struct damc_target;
struct sk_buff;

int damc_error_errno(u8 code);
int damc_refuse(struct damc_net *dn, struct sk_buff *skb, unsigned int why,
		u8 code, u32 info);
int damc_error_receive(struct damc_net *dn, const struct damc_target *target,
		       struct sk_buff *skb);

#endif /* _DAMC_ERROR_H */
