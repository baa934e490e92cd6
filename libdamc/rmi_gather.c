// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A message that comes in parts: see rmi_gather.h. The parts' own fields were
 * checked when they were decoded.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rmi_gather.h"

int rmi_gather_init(struct rmi_gather *gather, const struct rmi_part *part)
{
	gather->part = *part;
	gather->come = 0;
	gather->buf = malloc(part->total);
	return gather->buf ? 0 : -ENOMEM;
}

void rmi_gather_free(struct rmi_gather *gather)
{
	free(gather->buf);
	memset(gather, 0, sizeof(*gather));
}

int rmi_gather_add(struct rmi_gather *gather, const struct rmi_msg *msg)
{
	const struct rmi_part *part = &msg->part;
	uint64_t bit = 1ull << part->index;

	if (part->whole != gather->part.whole ||
	    part->size != gather->part.size ||
	    part->total != gather->part.total)
		return -EBADMSG;
	if (gather->come & bit)
		return 0;
	memcpy(gather->buf + (size_t)part->index * part->size, msg->data,
	       msg->len);
	gather->come |= bit;
	return 1;
}
