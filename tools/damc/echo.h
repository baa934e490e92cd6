/* SPDX-License-Identifier: GPL-2.0 */
/* Echo requests and what comes of them, for ping and trace. */
#ifndef DAMC_CLI_ECHO_H
#define DAMC_CLI_ECHO_H

#include "cli.h"

/* What precedes the data in an echo packet, added by the kernel. */
#define ECHO_HEADER ((unsigned int)sizeof(struct damc_echo_hdr))

/* Data must hold our own mark, and fit in a header's length field. */
#define ECHO_SIZE_MIN 16
#define ECHO_SIZE_MAX (DAMC_MESSAGE_MAX - ECHO_HEADER)

/**
 * struct echo - an echo socket and whom it asks
 * @mark: begins our requests' data, so that no other's replies are taken
 */
struct echo {
	int fd;
	struct damc_name target;
	unsigned int size;
	uint64_t mark;
};

/**
 * struct echo_event - what came of one request
 * @code: 0 if it is a reply, else the error's enum damc_error_code
 * @info: the error's, the largest packet for too-big
 * @from: who replied or refused
 * @hops: hop limit that a reply arrived with, -1 if not known
 */
struct echo_event {
	uint32_t seq;
	uint32_t code;
	uint32_t info;
	struct damc_name from;
	size_t bytes;
	int hops;
	int64_t when;
	bool has_path;
	struct damc_rmi_path path;
};

/* @from: name to speak as, NULL for one of the socket's own. CLI_OK or not. */
int echo_open(struct echo *echo, const struct damc_name *from, bool record);
void echo_close(struct echo *echo);
int echo_hop_limit(struct echo *echo, unsigned int hops);

/* 0 or a negative errno. */
int echo_send(struct echo *echo, uint32_t seq);

/* Without waiting: 1 for an event, 0 for none, or a negative errno. */
int echo_receive(struct echo *echo, struct echo_event *event);

#endif /* DAMC_CLI_ECHO_H */
