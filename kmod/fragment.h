/* SPDX-License-Identifier: GPL-2.0 */
/* Cutting messages into fragments, where they are made. */
#ifndef _DAMC_FRAGMENT_H
#define _DAMC_FRAGMENT_H

#include "header.h"
#include "reassembly_map.h"

struct sk_buff;

unsigned int damc_fragment_packet_min(const struct damc_hdr_args *args);
unsigned int damc_fragment_size(const struct damc_hdr_args *args,
				unsigned int mtu);
unsigned int damc_fragment_front(const struct damc_hdr_args *args,
				 const struct damc_fragment *part);
void damc_fragment_header(struct sk_buff *skb, const struct damc_hdr_args *args,
			  const struct damc_fragment *part, u32 id);

/* Whether a part is the whole, and so needs no header of its own. */
static inline bool damc_fragment_is_whole(const struct damc_fragment *part)
{
	return part->len == part->total;
}

#endif /* _DAMC_FRAGMENT_H */
