/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A DAMC packet in the kernel.
 *
 * skb->data and the network header are at the DAMC header, which is linear, and
 * the control block holds what a check found in it. Names are found by their
 * offsets, never kept as pointers: what pulls or copies the head moves them.
 *
 * Every function that takes a packet to input, output, forward, deliver or
 * refuse it consumes it, on success and on error.
 */
#ifndef _DAMC_PACKET_H
#define _DAMC_PACKET_H

#include <linux/skbuff.h>
#include <net/sock.h>

#include "header.h"
#include "netns.h"

struct damc_dev;

/* Room for most links' headers, where it is not known which: sending seldom copies. */
#define DAMC_HEADROOM_ANY LL_MAX_HEADER

/**
 * struct damc_cb - control block of a packet
 * @pkt: the checked header
 * @match_len: bytes of the destination that the FIB entry matched
 * @fragment: instead of @match_len, while a fragment waits: its index
 * @neigh: id of the neighbour it came from, if by UDP
 * @in: interface it arrived on, NULL if it was made here; gone once it is
 *	queued to a socket
 */
struct damc_cb {
	struct damc_pkt pkt;
	union {
		u8 match_len;
		u8 fragment;
	};
	u32 neigh;
	struct damc_dev *in;
};

static inline struct damc_cb *damc_cb(struct sk_buff *skb)
{
	sock_skb_cb_check_size(sizeof(struct damc_cb));
	return (struct damc_cb *)skb->cb;
}

static inline struct damc_hdr *damc_hdr(const struct sk_buff *skb)
{
	return (struct damc_hdr *)skb_network_header(skb);
}

static inline struct damc_name damc_dst(struct sk_buff *skb)
{
	return damc_pkt_dst(&damc_cb(skb)->pkt, damc_hdr(skb));
}

static inline struct damc_name damc_src(struct sk_buff *skb)
{
	return damc_pkt_src(&damc_cb(skb)->pkt, damc_hdr(skb));
}

struct sk_buff *damc_packet_room(unsigned int len);
struct sk_buff *damc_packet_alloc(const struct damc_hdr_args *args);
void damc_packet_header(struct sk_buff *skb, const struct damc_hdr_args *args);
void damc_input(struct damc_dev *dev, struct sk_buff *skb);
void damc_input_all(struct damc_dev *dev, struct sk_buff **skbs,
		    unsigned int n);
int damc_output(struct damc_net *dn, struct sk_buff *skb);
int damc_output_again(struct damc_net *dn, struct sk_buff *skb,
		      struct damc_match *match);
void damc_output_all(struct damc_net *dn, struct sk_buff **skbs,
		     unsigned int n);
void damc_drop(struct damc_net *dn, struct sk_buff *skb, unsigned int why);
void damc_drop_unread(struct damc_net *dn, struct sk_buff *skb,
		      unsigned int why);
unsigned int damc_output_mtu(struct damc_net *dn,
			     const struct damc_hdr_args *args,
			     struct damc_match *match, unsigned int *headroom);

#endif /* _DAMC_PACKET_H */
