/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a pod's kernel and this daemon say to each other of a name that a socket
 * has bound: Documentation/protocol.rst, "Bindings". No I/O.
 */
#ifndef DAMCD_BIND_MSG_H
#define DAMCD_BIND_MSG_H

#include "damc.h"

#define BIND_MSG_MAX \
	(sizeof(struct damc_bind_hdr) + DAMC_NAME_MAX + DAMC_BIND_REASON_MAX)

/**
 * struct bind_msg - a message
 * @type: enum damc_bind_msg_type
 * @weight: as an instance; 0 if it is none
 * @id: the binding's
 */
struct bind_msg {
	uint8_t type;
	uint16_t weight;
	uint64_t id;
	struct damc_name name;
	char reason[DAMC_BIND_REASON_MAX + 1];
};

/* 0, or -EINVAL: it is not taken. */
int bind_msg_read(struct bind_msg *msg, const void *bytes, size_t len);

/* Into BIND_MSG_MAX bytes; how many. What a kernel would not show is a '?'. */
size_t bind_msg_write(const struct bind_msg *msg, uint8_t *bytes);

#endif /* DAMCD_BIND_MSG_H */
