/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A message that comes in parts: what has come, in its place.
 */
#ifndef _DAMC_RMI_GATHER_H
#define _DAMC_RMI_GATHER_H

#include "rmi_msg.h"

/**
 * struct rmi_gather - a message that comes in parts
 * @part: of the first that came: type, size and total are those of all
 * @come: bits of those that have come
 * @buf: @part.total bytes; owned
 */
struct rmi_gather {
	struct rmi_part part;
	uint64_t come;
	uint8_t *buf;
};

/* 0 or -ENOMEM. */
int rmi_gather_init(struct rmi_gather *gather, const struct rmi_part *part);
void rmi_gather_free(struct rmi_gather *gather);

/*
 * Take the part in, which @msg was decoded to. Return: 1 if it is new, 0 if it
 * was there, -EBADMSG if it is of another message.
 */
int rmi_gather_add(struct rmi_gather *gather, const struct rmi_msg *msg);

static inline uint64_t rmi_gather_missing(const struct rmi_gather *gather)
{
	return rmi_parts_all(rmi_parts(&gather->part)) & ~gather->come;
}

#endif /* _DAMC_RMI_GATHER_H */
