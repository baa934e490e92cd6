/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * RMI's messages: bytes to struct and back. Documentation/rmi.rst is the
 * normative text.
 */
#ifndef _DAMC_RMI_MSG_H
#define _DAMC_RMI_MSG_H

#include "damc.h"
#include "internal.h"

#define RMI_MAGIC 0xda
#define RMI_VERSION 1
#define RMI_HEADER_SIZE 48
#define RMI_MESSAGE_MAX 65000

enum rmi_type {
	RMI_HELLO = 1,
	RMI_WELCOME = 2,
	RMI_REQUEST = 3,
	RMI_WORKING = 4,
	RMI_REPLY = 5,
	RMI_REJECT = 6,
	RMI_DONE = 7,
};

enum rmi_flag {
	/* REQUEST: say WORKING before it is executed. */
	RMI_F_URGE = 0x01,
	/* HELLO, REQUEST: packets record their path. REPLY: a record follows. */
	RMI_F_RECORD = 0x02,
};

/* Why a transmission was not taken: a REJECT's status. */
enum rmi_reason {
	/* It names another incarnation of the server. */
	RMI_OTHER_INCARNATION = 1,
	/* It came after the time it was good for. */
	RMI_EXPIRED = 2,
	/* The server cannot even remember that it refused. */
	RMI_NO_ROOM = 3,
	/* It has a version that the server does not speak. */
	RMI_BAD_VERSION = 4,
	/* It breaks the protocol. */
	RMI_MALFORMED = 5,
};

/**
 * struct rmi_msg - one message
 * @version: what it says; what follows is read only if it is RMI_VERSION
 * @type: enum rmi_type
 * @flags: enum rmi_flag
 * @tx: number of the transmission; an answer names the one that it answers
 * @status: REPLY: enum damc_rmi_status; REJECT: enum rmi_reason; else 0
 * @client: the client object's random number
 * @call: the call's number, from 1 up
 * @incarnation: the server's random number
 * @time: REQUEST: end of its time by the server's clock; from a server: that
 *	clock; in milliseconds
 * @oldest: REQUEST, DONE: no call below it is of interest any more; else 0
 * @method, @record, @data: what follows the header
 */
struct rmi_msg {
	uint8_t version;
	uint8_t type;
	uint8_t flags;
	uint8_t status;
	uint16_t tx;
	uint64_t client;
	uint64_t call;
	uint64_t incarnation;
	uint64_t time;
	uint64_t oldest;
	const uint8_t *method;
	size_t method_len;
	const uint8_t *record;
	size_t record_len;
	const uint8_t *data;
	size_t len;
};

/*
 * Read @buf; @msg points into it.
 * Return: 0; -EBADMSG; -EPROTONOSUPPORT if the version is another, then
 * version, type, tx, client and call are set and no more.
 */
int rmi_decode(struct rmi_msg *msg, const void *buf, size_t size);

/* Return: bytes written to @buf; -EMSGSIZE if they don't fit in @size. */
int rmi_encode(const struct rmi_msg *msg, void *buf, size_t size);

/*
 * Read as much of a message's start as a refusal quotes: type, tx, client,
 * call. Return: 0, -EBADMSG.
 */
int rmi_decode_quote(struct rmi_msg *msg, const void *buf, size_t size);

/* Read a record of the nodes passed: 0, -EBADMSG. See rmi_path.c. */
int rmi_path_decode(struct damc_rmi_path *path, const void *record,
		    size_t len);

#endif /* _DAMC_RMI_MSG_H */
