/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What RMI asks of a socket. rmi_sock.c does it with the family's own; tests
 * put another file in its place.
 */
#ifndef _DAMC_RMI_SOCK_H
#define _DAMC_RMI_SOCK_H

#include <sys/types.h>

#include "damc.h"

/* A refused packet: where it went, how it began, who refused it and why. */
struct rmi_sock_error {
	struct damc_name to;
	struct damc_name offender;
	enum damc_error_code code;
	uint32_t info;
	uint32_t flow;
	size_t len;
	uint8_t quote[576];
};

/*
 * Too big for a node on the way, which told how much is not: the kernel cuts
 * what follows to that, so that the packet is no more than lost.
 */
static inline bool rmi_sock_error_mended(const struct rmi_sock_error *error)
{
	return error->code == DAMC_ERROR_CODE_TOO_BIG &&
	       error->info >= DAMC_PATH_MTU_MIN;
}

/* A packet that came. */
struct rmi_sock_packet {
	struct damc_name from;
	uint32_t flow;
	size_t len;
	size_t record_len;
	uint8_t record[DAMC_RECORD_MAX];
};

/*
 * How long a receive that waits does: a tick or two of the kernel's. Such a wait
 * is one system call less than poll(), and doesn't hear of refusals.
 */
#define RMI_SOCK_WAIT_US 4000

/*
 * A socket that takes @self, if not NULL, if @weight is not 0 as an instance of
 * its pool: the descriptor or -errno.
 */
int rmi_sock_open(const struct damc_name *self, uint32_t weight);

/* Without waiting: 0 or -errno. */
int rmi_sock_send(int fd, const struct damc_name *to, uint32_t flow,
		  bool record, const void *buf, size_t len);

/* 1, 0 if nothing is there, or after @wait has not come; or -errno. */
int rmi_sock_receive(int fd, struct rmi_sock_packet *packet, void *buf,
		     size_t size, bool wait);
/* Without waiting: the same. */
int rmi_sock_receive_error(int fd, struct rmi_sock_error *error);

/* Microseconds of the clock that RMI runs by, and 64 random bits, not 0. */
uint64_t rmi_now(void);
int rmi_random(uint64_t *value);

#endif /* _DAMC_RMI_SOCK_H */
