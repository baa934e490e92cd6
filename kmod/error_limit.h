/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How many errors may be sent: about what came from one neighbour or by one
 * interface, and in all, so that who provokes many silences itself alone. What
 * senders need to find out how large a packet may be has buckets of its own,
 * and each flow its share of them. No lock, no allocation.
 */
#ifndef _DAMC_ERROR_LIMIT_H
#define _DAMC_ERROR_LIMIT_H

#include <linux/damc_netlink.h>

#include "bucket.h"

struct damc_net;
struct sk_buff;

/**
 * struct damc_error_limit - of one namespace, interface or neighbour
 * @too_big: for errors that are too-big
 * @others: for all others
 */
struct damc_error_limit {
	struct damc_token_bucket too_big;
	struct damc_token_bucket others;
};

/**
 * struct damc_error_flows - too-big errors, by source and flow label
 * @flow: by keyed hash
 */
struct damc_error_flows {
	struct damc_token_bucket flow[DAMC_TOO_BIG_FLOWS];
};

bool damc_error_allowed(struct damc_net *dn, struct sk_buff *cause, u8 code);

#endif /* _DAMC_ERROR_LIMIT_H */
