/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Class 1's messages (Documentation/grpc/class1.proto): bytes from a pod to a
 * checked struct, and answers to bytes.
 *
 * The C side has each text as bytes, see the Makefile: it is what came, of the
 * length that came, a zero byte or not.
 */
#ifndef DAMCD_GRPC_MSG_H
#define DAMCD_GRPC_MSG_H

#include "class1.pb-c.h"
#include "class1_edge.h"

/* Bytes that a request may need in memory, beside its own. */
#define GRPC_DECODED_MAX (4 * 1024 * 1024)

/* A registration into @want, as far as a pod has a say; see class1_want(). */
bool grpc_read_want(struct dc_reg_want *want, const void *bytes, size_t len,
		    struct class1_problem *problem);

/* Who asks for a nonce, and for what. */
bool grpc_read_claim(struct dc_proof_claim *claim, const void *bytes, size_t len,
		     struct class1_problem *problem);

/* What is to be signed, to be freed, of @binding; see class1_offer_json(). */
void *grpc_offer(const struct dc_node_id *gateway, uint32_t epoch,
		 const uint8_t *binding, size_t binding_len, size_t *len);

bool grpc_read_withdrawal(struct damc_name *name, const void *bytes, size_t len,
			  struct class1_problem *problem);

/**
 * struct grpc_filter - what of the names is asked for
 * @below: the root for all
 */
struct grpc_filter {
	struct damc_name below;
	bool mine;
	bool fabric;
};

bool grpc_read_list(struct grpc_filter *filter, const void *bytes, size_t len,
		    struct class1_problem *problem);
bool grpc_read_watch(struct grpc_filter *filter, const void *bytes, size_t len,
		     struct class1_problem *problem);

/**
 * grpc_read_renewal() - names to renew, and for how long
 * @one: renews one: NULL, or a word that says why not
 * @reply, @reply_len: what became of them, to be freed
 */
bool grpc_read_renewal(const char *(*one)(const struct damc_name *name,
					  uint32_t lease_s, void *arg),
		       void *arg, const void *bytes, size_t len, void **reply,
		       size_t *reply_len, struct class1_problem *problem);

/* A message's bytes, to be freed; NULL without memory. */
void *grpc_pack(const ProtobufCMessage *message, size_t *len);

/* A node's id, as a name's component. */
#define GRPC_ID_TEXT_MAX (3 * DC_NODE_ID_MAX + 2)

/**
 * struct grpc_name - a name to tell of, and the bytes that it points to
 */
struct grpc_name {
	Damc__Class1__V1__Name pb;
	char name[DAMC_NAME_TEXT_MAX];
	char gateway[32][GRPC_ID_TEXT_MAX];
	ProtobufCBinaryData gateways[32];
};

/* One of this gateway; its lease is told if it is the pod's @own. */
void grpc_name_entry(struct grpc_name *name, const struct dc_reg_entry *entry,
		     bool own, uint64_t now_us);
void grpc_name_offer(struct grpc_name *name, const struct class1_offer *offer);
/* One elsewhere, of which only that is known. */
void grpc_name_bare(struct grpc_name *name, const struct damc_name *is);

#endif /* DAMCD_GRPC_MSG_H */
