/* SPDX-License-Identifier: GPL-2.0 */
/* One message through the decoder of every object. */
#ifndef DECODE_ALL_H
#define DECODE_ALL_H

#include "ctl.h"

/* How many of them found what they read. */
static inline int decode_all(const struct nlmsghdr *msg)
{
	static union {
		struct damc_info info;
		struct damc_dev dev;
		struct damc_neigh neigh;
		struct damc_decision decision;
		struct damc_bind bind;
		struct damc_stats stats;
		struct damc_pool pool;
		struct damc_set set;
		struct damc_policy policy;
	} object;
	int ok = 0;

	ok += !ctl_info_decode(msg, &object.info);
	ok += !ctl_dev_decode(msg, &object.dev);
	ok += !ctl_neigh_decode(msg, &object.neigh);
	ok += !ctl_decision_decode(msg, &object.decision);
	ok += !ctl_bind_decode(msg, &object.bind);
	ok += !ctl_stats_decode(msg, &object.stats);
	ok += !ctl_pool_decode(msg, &object.pool);
	ok += !ctl_set_decode(msg, &object.set);
	ok += !ctl_policy_decode_msg(msg, &object.policy);
	return ok;
}

#endif /* DECODE_ALL_H */
