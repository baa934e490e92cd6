/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Packets of class 2: bytes on one side, checked structs on the other
 * (Documentation/control.rst, "Packets"). Knows no key: a MAC's place is told,
 * and who has the key judges it.
 *
 * What is read points into the packet.
 */
#ifndef DC_LS_MSG_H
#define DC_LS_MSG_H

#include "crypto.h"
#include "node.h"

#define LS_VERSION 1
#define LS_NONCE_BYTES 16
#define LS_HEAD_BYTES 12
#define LS_SESSION_HEAD (LS_HEAD_BYTES + 12)
#define LS_RECORD_HEAD 3
#define LS_ACK_BYTES 8
#define LS_SUM_HEAD 1
#define LS_SUM_BYTES 9
#define LS_SAME_HEAD 2
#define LS_LIST_HEAD 12
#define LS_LISTED_BYTES 32
/* Records that a packet of the largest size has room for. */
#define LS_ROOM (DC_PACKET_MAX - LS_SESSION_HEAD - DC_MAC_BYTES)
#define LS_LISTED_MAX ((LS_ROOM - LS_RECORD_HEAD - LS_LIST_HEAD) / \
		       LS_LISTED_BYTES)
#define LS_ACKS_MAX 128
#define LS_SUMS_MAX 128

enum ls_kind {
	LS_HELLO = 1,
	LS_SESSION = 2,
	LS_CERT_ASK = 3,
	LS_CERT = 4,
};

enum ls_type {
	LS_KEEPALIVE = 1,
	LS_ACK = 2,
	LS_OBJECT = 3,
	LS_SUM = 4,
	LS_SAME = 5,
	LS_LIST = 6,
	LS_ASK = 7,
};

/**
 * struct ls_packet - what all packets have
 * @body: behind the head, without the MAC
 * @mac: of all before it; NULL if there is none
 * @tag, @seq: of LS_SESSION
 */
struct ls_packet {
	enum ls_kind kind;
	uint64_t domain;
	uint32_t tag;
	uint64_t seq;
	const uint8_t *bytes;
	const uint8_t *body;
	size_t body_len;
	const uint8_t *mac;
};

/**
 * struct ls_hello - who is there
 * @incarnation: random, of this run of the daemon
 * @public: its ephemeral key, signed by the key of certificate @cert
 * @nonce, @echo: to one neighbour only: the sender's, and what it heard; all
 *	zero where there is none
 * @link: the sender's number of the adjacency, 0 to all
 */
struct ls_hello {
	struct dc_node_id id;
	struct dc_hash cert;
	uint64_t incarnation;
	uint8_t public[32];
	uint8_t signature[DC_SIGNATURE_BYTES];
	uint8_t nonce[LS_NONCE_BYTES];
	uint8_t echo[LS_NONCE_BYTES];
	uint32_t link;
};

/* Flags of a keepalive. */
#define LS_GOING 1u

struct ls_keepalive {
	uint8_t flags;
	uint32_t link;
	uint32_t hold_ms;
	uint64_t digest;
};

/* One object in a list of what a bucket holds. */
struct ls_listed {
	uint64_t key;
	struct dc_seq seq;
	uint64_t hash;
};

struct ls_list {
	uint8_t bucket;
	uint8_t part;
	uint8_t parts;
	uint8_t round;
	uint64_t digest;
	uint32_t n;
	struct ls_listed entry[LS_LISTED_MAX];
};

struct ls_record {
	enum ls_type type;
	const uint8_t *body;
	size_t len;
};

uint16_t ls_get16(const uint8_t *p);
uint32_t ls_get32(const uint8_t *p);
uint64_t ls_get64(const uint8_t *p);
void ls_put16(uint8_t *p, uint16_t v);
void ls_put32(uint8_t *p, uint32_t v);
void ls_put64(uint8_t *p, uint64_t v);

/* Each: 0, or -EBADMSG and nothing may be used. */
int ls_packet_read(struct ls_packet *packet, const void *bytes, size_t len);
int ls_hello_read(struct ls_hello *hello, const struct ls_packet *packet);
int ls_keepalive_read(struct ls_keepalive *alive,
		      const struct ls_record *record);
int ls_list_read(struct ls_list *list, const struct ls_record *record);

/*
 * The record at @pos of a session packet's body, and step over it: 1, 0 at the
 * end, -EBADMSG. Records whose content has a fixed step are whole steps.
 */
int ls_record_next(struct ls_record *record, const struct ls_packet *packet,
		   size_t *pos);

/* What a hello's signature is over: length of @buf in use. */
#define LS_SIGNED_MAX 128
size_t ls_hello_signed(uint8_t buf[LS_SIGNED_MAX], uint64_t domain,
		       const struct ls_hello *hello);

/* A packet in the making; @urgent: DC_URGENT's queue. */
struct ls_out {
	size_t len;
	bool urgent;
	uint8_t buf[DC_PACKET_MAX];
};

/* A whole hello, with room left for a MAC that is not counted in its head. */
void ls_hello_write(struct ls_out *out, uint64_t domain,
		    const struct ls_hello *hello);
void ls_cert_ask_write(struct ls_out *out, uint64_t domain,
		       const struct dc_hash *cert);
void ls_cert_write(struct ls_out *out, uint64_t domain, const void *bytes,
		   size_t len);
/* A session packet without records yet. */
void ls_session_begin(struct ls_out *out, uint64_t domain);
/* Room for a record of @len bytes of content, or NULL: the packet is full. */
uint8_t *ls_record_add(struct ls_out *out, enum ls_type type, size_t len);
void ls_keepalive_write(struct ls_out *out, const struct ls_keepalive *alive);
void ls_list_write(struct ls_out *out, const struct ls_list *list);
/* Put the MAC behind, the length before; of a session its tag and sequence. */
void ls_seal(struct ls_out *out, uint32_t tag, uint64_t seq,
	     const uint8_t key[DC_SESSION_BYTES]);

#endif /* DC_LS_MSG_H */
