/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a pod may send: the check of every packet from an edge interface, and
 * what an administrator may set of it.
 */
#ifndef _DAMC_EDGE_H
#define _DAMC_EDGE_H

#include <linux/types.h>

#include "bucket.h"

struct damc_dev;
struct netlink_ext_ack;
struct sk_buff;

/**
 * struct damc_edge - what an edge's pod may do
 * @lladdr: the only link address it may send from, as a number; 0: any
 * @rate: packets a second that are taken in; 0: all
 * @burst: how many of them in a row
 * @class: the highest class selector it may use
 * @bucket: what @rate and @burst are kept by
 * @binds: the same of requests for bindings, within them
 *
 * Set under the namespace's lock, read one by one without.
 */
struct damc_edge {
	u64 lladdr;
	u32 rate;
	u32 burst;
	u8 class;
	struct damc_token_bucket bucket;
	struct damc_token_bucket binds;
};

/**
 * struct damc_edge_attrs - what is to be set of an edge
 * @lladdr: a link address; of no bytes for any; NULL to leave it
 * @lladdr_len: its length
 * @rate: NULL to leave it, as are the others
 * @burst: see struct damc_edge
 * @class: see struct damc_edge
 */
struct damc_edge_attrs {
	const u8 *lladdr;
	unsigned int lladdr_len;
	const u32 *rate;
	const u32 *burst;
	const u32 *class;
};

void damc_edge_init(struct damc_edge *edge);
int damc_edge_check(const struct damc_edge_attrs *attrs, u32 mode,
		    struct netlink_ext_ack *extack);
bool damc_edge_set(struct damc_edge *edge, const struct damc_edge_attrs *attrs);
int damc_edge_arrive(struct damc_dev *dev, struct sk_buff *skb);
int damc_edge_admit(struct damc_dev *dev, struct sk_buff *skb);

#endif /* _DAMC_EDGE_H */
