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

/* What a PART has between header and data; what an ACK and a PULL have. */
#define RMI_PART_HEAD_SIZE 8
#define RMI_BITMAP_SIZE 8

/*
 * A message goes whole up to this size. With names of 40 bytes a packet of it
 * has the 1,280 bytes that every link carries; the links cut a larger one.
 */
#define RMI_WHOLE_MAX 1208
#define RMI_PART_DATA (RMI_WHOLE_MAX - RMI_HEADER_SIZE - RMI_PART_HEAD_SIZE)
#define RMI_PARTS_MAX 64

enum rmi_type {
	RMI_HELLO = 1,
	RMI_WELCOME = 2,
	RMI_REQUEST = 3,
	RMI_WORKING = 4,
	RMI_REPLY = 5,
	RMI_REJECT = 6,
	RMI_DONE = 7,
	RMI_PART = 8,
	RMI_ACK = 9,
	RMI_PULL = 10,
};

enum rmi_flag {
	/* REQUEST, PART: say WORKING before it is executed. */
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
 * struct rmi_part - which part of a message a PART is
 * @whole: type of the whole: REQUEST or REPLY
 * @index: 0 ..
 * @size: bytes of each part but the last, which has at most as many
 * @total: bytes of the whole; more than @size, at most RMI_MESSAGE_MAX
 */
struct rmi_part {
	uint8_t whole;
	uint8_t index;
	uint16_t size;
	uint16_t total;
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
 * @oldest: REQUEST, DONE: no call below it is of interest any more; WORKING,
 *	REPLY, and a PART of it: microseconds that the answer waited in the
 *	server; else 0
 * @part: of a PART
 * @bitmap: of an ACK, the parts that have come; of a PULL, those wanted
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
	struct rmi_part part;
	uint64_t bitmap;
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

/* Bytes that @msg takes. */
size_t rmi_size(const struct rmi_msg *msg);

/*
 * Write @part, a PART that says which, with its bytes of @whole: @whole's own
 * encoding is never made as one piece. Return: bytes; -EMSGSIZE.
 */
int rmi_encode_part(const struct rmi_msg *part, const struct rmi_msg *whole,
		    void *buf, size_t size);

/* How many parts there are, and the bytes of one. */
static inline unsigned int rmi_parts(const struct rmi_part *part)
{
	return (part->total + part->size - 1u) / part->size;
}

static inline size_t rmi_part_len(const struct rmi_part *part)
{
	size_t left = part->total - (size_t)part->index * part->size;

	return left < part->size ? left : part->size;
}

/* The bits of parts 0 .. @n - 1. */
static inline uint64_t rmi_parts_all(unsigned int n)
{
	return n >= 64 ? ~0ull : (1ull << n) - 1;
}

/*
 * Read as much of a message's start as a refusal quotes: type, tx, client,
 * call. Return: 0, -EBADMSG.
 */
int rmi_decode_quote(struct rmi_msg *msg, const void *buf, size_t size);

/* Read a record of the nodes passed: 0, -EBADMSG. See rmi_path.c. */
int rmi_path_decode(struct damc_rmi_path *path, const void *record,
		    size_t len);

#endif /* _DAMC_RMI_MSG_H */
