/* SPDX-License-Identifier: GPL-2.0 */
/* What a pod may send: the check of every packet from an edge interface. */
#ifndef _DAMC_EDGE_H
#define _DAMC_EDGE_H

struct damc_dev;
struct sk_buff;

int damc_edge_admit(struct damc_dev *dev, struct sk_buff *skb);

#endif /* _DAMC_EDGE_H */
