// SPDX-License-Identifier: GPL-2.0
/* Cutting what does not fit its link: how large the parts are, their headers. */
#include "fragment.h"
#include "packet.h"

/**
 * damc_fragment_packet_min() - the least packet that carries a fragment
 * @args: header of the whole
 *
 * What carries no more, cannot carry a message that has to be cut.
 */
unsigned int damc_fragment_packet_min(const struct damc_hdr_args *args)
{
	return damc_hdr_size(args) + sizeof(struct damc_fragment_hdr) +
	       DAMC_FRAGMENT_MIN;
}

/**
 * damc_fragment_size() - bytes of payload that each packet is to carry
 * @args: header of the whole
 * @mtu: what the link carries
 *
 * Return: @args->payload_len if the whole fits, else what each fragment but the
 * last carries; 0 if that would be less than a fragment may.
 */
unsigned int damc_fragment_size(const struct damc_hdr_args *args,
				unsigned int mtu)
{
	unsigned int header = damc_hdr_size(args);

	if (header + args->payload_len <= mtu)
		return args->payload_len;
	if (mtu < damc_fragment_packet_min(args))
		return 0;
	return mtu - header - sizeof(struct damc_fragment_hdr);
}

/**
 * damc_fragment_front() - bytes that damc_fragment_header() will write
 * @args: header of the whole
 * @part: what follows them
 */
unsigned int damc_fragment_front(const struct damc_hdr_args *args,
				 const struct damc_fragment *part)
{
	unsigned int header = damc_hdr_size(args);

	if (damc_fragment_is_whole(part))
		return header;
	return header + sizeof(struct damc_fragment_hdr);
}

/**
 * damc_fragment_header() - make a packet of a part
 * @skb: holds the part, with room in front
 * @args: header of the whole
 * @part: which part that is
 * @id: of the whole
 */
void damc_fragment_header(struct sk_buff *skb, const struct damc_hdr_args *args,
			  const struct damc_fragment *part, u32 id)
{
	struct damc_hdr_args own = *args;
	struct damc_fragment_hdr *hdr;

	if (!damc_fragment_is_whole(part)) {
		hdr = skb_push(skb, sizeof(*hdr));
		*hdr = (struct damc_fragment_hdr){
			.next_proto = args->next_proto,
			.offset = cpu_to_be16(part->offset),
			.total = cpu_to_be16(part->total),
			.id = cpu_to_be32(id),
		};
		own.next_proto = DAMC_PROTO_FRAGMENT;
		own.payload_len = sizeof(*hdr) + part->len;
	}
	damc_packet_header(skb, &own);
}
