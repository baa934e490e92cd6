// SPDX-License-Identifier: GPL-2.0
/* Packets that arrived: bytes to a checked header, scope, edge check, lookup. */
#include "dev.h"
#include "edge.h"
#include "error.h"
#include "eth.h"
#include "liveness.h"
#include "packet.h"
#include "register.h"
#include "target.h"

/* Make the header linear, check it, and cut off what the link padded. */
static int damc_input_header(struct sk_buff *skb)
{
	struct damc_pkt *pkt = &damc_cb(skb)->pkt;
	int len;

	/*
	 * What is checked must be what leaves: no device writes a checksum into
	 * it later, or cuts it up. Neither means anything for this EtherType; a
	 * sender that asks for it has another protocol inside, or none.
	 */
	if (skb_is_gso(skb))
		return -EINVAL;
	skb->ip_summed = CHECKSUM_NONE;
	if (!pskb_may_pull(skb, sizeof(struct damc_hdr)))
		return -EINVAL;
	len = damc_hdr_len(damc_hdr(skb));
	if (len < 0)
		return len;
	if (!pskb_may_pull(skb, len))
		return -EINVAL;
	len = damc_hdr_parse(skb->data, len, skb->len, pkt);
	if (len < 0)
		return len;
	return pskb_trim_rcsum(skb, pkt->header_len + pkt->payload_len);
}

/* /localhost never comes over a link; /localhop only from the link itself. */
static bool damc_input_scope(struct sk_buff *skb)
{
	struct damc_name dst = damc_dst(skb), src = damc_src(skb);
	enum damc_scope scope = damc_name_scope(&src);

	if (scope == DAMC_SCOPE_HOST || scope == DAMC_SCOPE_LINK)
		return false;
	scope = damc_name_scope(&dst);
	if (scope == DAMC_SCOPE_LINK)
		return damc_cb(skb)->pkt.hop_limit == U8_MAX;
	return scope != DAMC_SCOPE_HOST;
}

/*
 * What many hosts got is for none of them to send on: only the link's own names
 * are heard in it. Our own group address is the node at a link's other end.
 */
static bool damc_input_addressed(struct sk_buff *skb)
{
	struct damc_name dst = damc_dst(skb);

	return skb->pkt_type == PACKET_HOST || damc_eth_is_group(skb) ||
	       damc_name_scope(&dst) == DAMC_SCOPE_LINK;
}

static int damc_input_check(struct damc_dev *dev, struct sk_buff *skb)
{
	bool edge = damc_dev_mode(dev) == DAMC_DEV_MODE_EDGE;
	/* A pod that sends too much is told before its packets are read. */
	int err = edge ? damc_edge_arrive(dev, skb) : 0;

	if (err)
		return err;
	err = damc_input_header(skb);

	/* What failed its check is not to be believed in part. */
	if (err)
		memset(&damc_cb(skb)->pkt, 0, sizeof(struct damc_pkt));
	switch (err) {
	case 0:
		break;
	case -EPROTONOSUPPORT:
		return DAMC_A_STATS_DROP_VERSION;
	case -ENOMEM:
		return DAMC_A_STATS_DROP_MEMORY;
	default:
		return DAMC_A_STATS_DROP_MALFORMED;
	}
	if (!damc_input_scope(skb))
		return DAMC_A_STATS_DROP_SCOPE;
	if (!damc_input_addressed(skb))
		return DAMC_A_STATS_DROP_GROUP;
	return edge ? damc_edge_admit(dev, skb) : 0;
}

/* What this kernel takes itself, and no socket. */
static bool damc_input_own(struct damc_dev *dev, struct sk_buff *skb)
{
	if (damc_liveness_claims(skb))
		damc_liveness_receive(dev, skb);
	else if (damc_register_claims(dev, skb))
		damc_register_receive(dev, skb);
	else
		return false;
	return true;
}

/* False: it was for the kernel itself, refused or dropped, and is gone. */
static bool damc_input_admit(struct damc_dev *dev, struct sk_buff *skb)
{
	int why = damc_input_check(dev, skb);

	damc_cb(skb)->in = dev;
	if (!why)
		return !damc_input_own(dev, skb);
	if (why == DAMC_A_STATS_DROP_EDGE_PROHIBITED)
		damc_refuse(dev->dn, skb, why, DAMC_ERROR_CODE_PROHIBITED, 0);
	else
		damc_drop(dev->dn, skb, why);
	return false;
}

/**
 * damc_input() - a packet arrived
 * @dev: where
 * @skb: the packet, nothing in it checked, not shared, its control block zero
 *
 * Context: softirq, under RCU. Consumes @skb.
 */
void damc_input(struct damc_dev *dev, struct sk_buff *skb)
{
	if (damc_input_admit(dev, skb))
		damc_output(dev->dn, skb);
}

/**
 * damc_input_all() - several packets arrived
 * @dev: where
 * @skbs: the packets, as damc_input() takes them; the array is used up
 * @n: how many, at most DAMC_BATCH
 *
 * Context: softirq, under RCU. Consumes all of @skbs.
 */
void damc_input_all(struct damc_dev *dev, struct sk_buff **skbs,
		    unsigned int n)
{
	unsigned int i, admitted = 0;

	for (i = 0; i < n; i++)
		if (damc_input_admit(dev, skbs[i]))
			skbs[admitted++] = skbs[i];
	damc_output_all(dev->dn, skbs, admitted);
}
