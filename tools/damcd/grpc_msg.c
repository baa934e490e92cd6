// SPDX-License-Identifier: GPL-2.0
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "grpc_msg.h"

#define SEE "See class1.proto, the API's description."

static const struct class1_problem no_message = {
	400, "bad-request", "This is not the method's message.", SEE,
};

/* ---- decoding ---------------------------------------------------------- */

/* What a message costs in memory is its sender's choice, so it is counted. */
struct purse {
	ProtobufCAllocator allocator;
	size_t left;
};

static void *take(void *arg, size_t size)
{
	struct purse *purse = arg;

	if (size > purse->left)
		return NULL;
	purse->left -= size;
	return malloc(size);
}

static void give(void *arg, void *p)
{
	(void)arg;
	free(p);
}

static void purse_init(struct purse *purse)
{
	purse->allocator = (ProtobufCAllocator){ take, give, purse };
	purse->left = GRPC_DECODED_MAX;
}

static void *unpack(struct purse *purse, const ProtobufCMessageDescriptor *is,
		    const void *bytes, size_t len,
		    struct class1_problem *problem)
{
	void *message;

	purse_init(purse);
	message = protobuf_c_message_unpack(is, &purse->allocator, len, bytes);
	if (!message)
		*problem = no_message;
	return message;
}

static void drop(struct purse *purse, void *message)
{
	protobuf_c_message_free_unpacked(message, &purse->allocator);
}

/* ---- registrations ----------------------------------------------------- */

static const struct class1_problem bad_right = {
	400, "bad-request", "\"right\" has to be RIGHT_NAME or RIGHT_MEMBER.",
	SEE,
};

static const struct class1_problem bad_weight = {
	400, "bad-request", "\"weight\" has to be 1 to 65535.", SEE,
};

static const struct class1_problem bad_lease = {
	400, "bad-request", "\"lease_s\" has to be 5 to 86400 seconds.", SEE,
};

static const struct class1_problem bad_protocol = {
	400, "bad-request",
	"\"protocol\" has to be PROTOCOL_TCP or PROTOCOL_UDP.", SEE,
};

static const struct class1_problem bad_port = {
	400, "bad-request", "\"port\" has to be 1 to 65535.", SEE,
};

static bool lease_fits(uint32_t lease_s)
{
	return !lease_s || (lease_s >= DC_REG_LEASE_MIN &&
			    lease_s <= DC_REG_LEASE_MAX);
}

static bool take_name(struct damc_name *name, const ProtobufCBinaryData *text,
		      struct class1_problem *problem)
{
	return class1_name(name, text->data ? (const char *)text->data : "",
			   text->len, problem);
}

/* Enumerations are open: any number may have come. */
static bool right_fits(Damc__Class1__V1__Right right)
{
	return right == DAMC__CLASS1__V1__RIGHT__RIGHT_NAME ||
	       right == DAMC__CLASS1__V1__RIGHT__RIGHT_MEMBER;
}

static const struct class1_problem *
unfit(const Damc__Class1__V1__Registration *message)
{
	if (!right_fits(message->right))
		return &bad_right;
	if (message->weight > DAMC_WEIGHT_MAX)
		return &bad_weight;
	if (!lease_fits(message->lease_s))
		return &bad_lease;
	if (message->protocol != DAMC__CLASS1__V1__PROTOCOL__PROTOCOL_UNSPECIFIED &&
	    message->protocol != DAMC__CLASS1__V1__PROTOCOL__PROTOCOL_TCP &&
	    message->protocol != DAMC__CLASS1__V1__PROTOCOL__PROTOCOL_UDP)
		return &bad_protocol;
	return message->port > 65535 ? &bad_port : NULL;
}

static const struct class1_problem bad_signed = {
	400, "bad-request",
	"\"signed\" has to be what Nonce gave as \"sign\".", SEE,
};

static const struct class1_problem bad_signature = {
	400, "bad-request", "\"signature\" has to be 64 bytes.", SEE,
};

static const struct class1_problem bad_key = {
	400, "bad-request",
	"\"key\" has to be an Ed25519 public key, 32 bytes.", SEE,
};

/* Without one it is the pod's. */
static bool take_proof(struct dc_reg_proof *proof,
		       const Damc__Class1__V1__Proof *message,
		       struct class1_problem *problem)
{
	const char *none;

	proof->binding_len = 0;
	if (!message)
		return true;
	none = class1_proof(proof, message->signed_.data, message->signed_.len,
			    message->signature.data, message->signature.len);
	if (!none)
		return true;
	*problem = strcmp(none, "signed") ? bad_signature : bad_signed;
	return false;
}

static uint8_t right_of(Damc__Class1__V1__Right right)
{
	return right == DAMC__CLASS1__V1__RIGHT__RIGHT_MEMBER ?
	       DC_RIGHT_MEMBER : DC_RIGHT_NAME;
}

static bool take_want(struct dc_reg_want *want,
		      const Damc__Class1__V1__Registration *message,
		      struct class1_problem *problem)
{
	static const uint8_t protocols[] = {
		[DAMC__CLASS1__V1__PROTOCOL__PROTOCOL_UNSPECIFIED] = 0,
		[DAMC__CLASS1__V1__PROTOCOL__PROTOCOL_TCP] = IPPROTO_TCP,
		[DAMC__CLASS1__V1__PROTOCOL__PROTOCOL_UDP] = IPPROTO_UDP,
	};
	const struct class1_problem *why = unfit(message);

	if (why) {
		*problem = *why;
		return false;
	}
	if (!take_name(&want->name, &message->name, problem) ||
	    !take_proof(&want->proof, message->proof, problem))
		return false;
	want->right = right_of(message->right);
	want->weight = message->weight ?: 1;
	want->lease_s = message->lease_s;
	want->protocol = protocols[message->protocol];
	want->port = message->port;
	return true;
}

bool grpc_read_want(struct dc_reg_want *want, const void *bytes, size_t len,
		    struct class1_problem *problem)
{
	Damc__Class1__V1__Registration *message;
	struct purse purse;
	bool ok;

	message = unpack(&purse, &damc__class1__v1__registration__descriptor,
			 bytes, len, problem);
	if (!message)
		return false;
	ok = take_want(want, message, problem);
	drop(&purse, message);
	return ok;
}

static bool take_claim(struct dc_proof_claim *claim,
		       const Damc__Class1__V1__NonceRequest *message,
		       struct class1_problem *problem)
{
	if (!right_fits(message->right)) {
		*problem = bad_right;
		return false;
	}
	if (message->key.len != sizeof(claim->key)) {
		*problem = bad_key;
		return false;
	}
	claim->right = right_of(message->right);
	memcpy(claim->key, message->key.data, sizeof(claim->key));
	return take_name(&claim->name, &message->name, problem);
}

bool grpc_read_claim(struct dc_proof_claim *claim, const void *bytes, size_t len,
		     struct class1_problem *problem)
{
	Damc__Class1__V1__NonceRequest *message;
	struct purse purse;
	bool ok;

	message = unpack(&purse, &damc__class1__v1__nonce_request__descriptor,
			 bytes, len, problem);
	if (!message)
		return false;
	ok = take_claim(claim, message, problem);
	drop(&purse, message);
	return ok;
}

bool grpc_read_withdrawal(struct damc_name *name, const void *bytes, size_t len,
			  struct class1_problem *problem)
{
	Damc__Class1__V1__WithdrawRequest *message;
	struct purse purse;
	bool ok;

	message = unpack(&purse,
			 &damc__class1__v1__withdraw_request__descriptor,
			 bytes, len, problem);
	if (!message)
		return false;
	ok = take_name(name, &message->name, problem);
	drop(&purse, message);
	return ok;
}

/* ---- which names ------------------------------------------------------- */

/* No name is all names. */
static bool take_below(struct damc_name *below, const ProtobufCBinaryData *text,
		       struct class1_problem *problem)
{
	below->len = 0;
	return !text->len || take_name(below, text, problem);
}

bool grpc_read_list(struct grpc_filter *filter, const void *bytes, size_t len,
		    struct class1_problem *problem)
{
	Damc__Class1__V1__ListRequest *message;
	struct purse purse;
	bool ok;

	message = unpack(&purse, &damc__class1__v1__list_request__descriptor,
			 bytes, len, problem);
	if (!message)
		return false;
	ok = take_below(&filter->below, &message->below, problem);
	filter->mine = message->mine;
	filter->fabric = message->fabric;
	drop(&purse, message);
	return ok;
}

bool grpc_read_watch(struct grpc_filter *filter, const void *bytes, size_t len,
		     struct class1_problem *problem)
{
	Damc__Class1__V1__WatchRequest *message;
	struct purse purse;
	bool ok;

	message = unpack(&purse, &damc__class1__v1__watch_request__descriptor,
			 bytes, len, problem);
	if (!message)
		return false;
	ok = take_below(&filter->below, &message->below, problem);
	filter->mine = false;
	filter->fabric = message->fabric;
	drop(&purse, message);
	return ok;
}

/* ---- renewals ---------------------------------------------------------- */

struct renewal {
	const Damc__Class1__V1__RenewRequest *message;
	const char *(*one)(const struct damc_name *name, uint32_t lease_s,
			   void *arg);
	void *arg;
	Damc__Class1__V1__RenewReply reply;
	Damc__Class1__V1__RenewReply__Failure *failure;
};

static ProtobufCBinaryData text_of(const char *text)
{
	return (ProtobufCBinaryData){ strlen(text), (uint8_t *)text };
}

static void renew_one(struct renewal *renewal,
		      const ProtobufCBinaryData *text)
{
	Damc__Class1__V1__RenewReply__Failure *failure;
	const char *code = "bad-name";
	struct class1_problem problem;
	struct damc_name name;

	if (take_name(&name, text, &problem))
		code = renewal->one(&name, renewal->message->lease_s,
				    renewal->arg);
	if (!code) {
		renewal->reply.renewed++;
		return;
	}
	failure = &renewal->failure[renewal->reply.n_failed];
	damc__class1__v1__renew_reply__failure__init(failure);
	failure->name = *text;
	failure->code = text_of(code);
	renewal->reply.failed[renewal->reply.n_failed++] = failure;
}

static bool renew_all(struct renewal *renewal, void **reply, size_t *len,
		      struct class1_problem *problem)
{
	size_t i, n = renewal->message->n_names;

	damc__class1__v1__renew_reply__init(&renewal->reply);
	renewal->failure = calloc(n ?: 1, sizeof(*renewal->failure));
	renewal->reply.failed = calloc(n ?: 1, sizeof(renewal->failure));
	*reply = NULL;
	if (renewal->failure && renewal->reply.failed) {
		for (i = 0; i < n; i++)
			renew_one(renewal, &renewal->message->names[i]);
		*reply = grpc_pack(&renewal->reply.base, len);
	}
	free(renewal->reply.failed);
	free(renewal->failure);
	if (!*reply)
		*problem = class1_no_memory;
	return *reply;
}

static bool renew(struct renewal *renewal, void **reply, size_t *reply_len,
		  struct class1_problem *problem)
{
	bool ok = false;

	if (renewal->message->n_names > CLASS1_RENEW_MAX)
		*problem = class1_too_many;
	else if (!lease_fits(renewal->message->lease_s))
		*problem = bad_lease;
	else
		ok = renew_all(renewal, reply, reply_len, problem);
	return ok;
}

bool grpc_read_renewal(const char *(*one)(const struct damc_name *name,
					  uint32_t lease_s, void *arg),
		       void *arg, const void *bytes, size_t len, void **reply,
		       size_t *reply_len, struct class1_problem *problem)
{
	struct renewal renewal = { .one = one, .arg = arg };
	Damc__Class1__V1__RenewRequest *message;
	struct purse purse;
	bool ok;

	message = unpack(&purse, &damc__class1__v1__renew_request__descriptor,
			 bytes, len, problem);
	if (!message)
		return false;
	renewal.message = message;
	ok = renew(&renewal, reply, reply_len, problem);
	drop(&purse, message);
	return ok;
}

/* ---- answers ----------------------------------------------------------- */

void *grpc_pack(const ProtobufCMessage *message, size_t *len)
{
	void *bytes;

	*len = protobuf_c_message_get_packed_size(message);
	/* An empty message has no bytes. */
	bytes = malloc(*len ?: 1);
	if (bytes)
		protobuf_c_message_pack(message, bytes);
	return bytes;
}

/* A node's id as a name's component is written, without its slash. */
static bool id_text(const struct dc_node_id *id, char text[GRPC_ID_TEXT_MAX],
		    ProtobufCBinaryData *to)
{
	struct damc_name is = { 0 };

	if (damc_name_append(&is, id->byte, id->len) ||
	    damc_name_format(&is, text, GRPC_ID_TEXT_MAX) < 0)
		return false;
	*to = text_of(text + 1);
	return true;
}

void *grpc_offer(const struct dc_node_id *gateway, uint32_t epoch,
		 const uint8_t *binding, size_t binding_len, size_t *len)
{
	uint8_t bytes[DC_OBJECT_SIGNED_MAX];
	Damc__Class1__V1__Offer offer;
	char id[GRPC_ID_TEXT_MAX];

	damc__class1__v1__offer__init(&offer);
	offer.sign.data = bytes;
	offer.sign.len = dc_object_signed_bytes(bytes, binding, binding_len);
	offer.epoch = epoch;
	offer.seconds = DC_PROOF_NONCE_S;
	offer.lasts_s = DC_BINDING_LIFE_S;
	id_text(gateway, id, &offer.gateway);
	return grpc_pack(&offer.base, len);
}

void grpc_name_bare(struct grpc_name *name, const struct damc_name *is)
{
	damc__class1__v1__name__init(&name->pb);
	damc_name_format(is, name->name, sizeof(name->name));
	name->pb.name = text_of(name->name);
	name->pb.fabric = true;
}

static uint32_t lease_left(const struct dc_reg_entry *entry, uint64_t now_us)
{
	if (entry->lease_us == UINT64_MAX)
		return 0;
	if (entry->lease_us <= now_us)
		return 1;
	return (entry->lease_us - now_us + 999999) / 1000000;
}

static Damc__Class1__V1__Protocol protocol_of(uint8_t protocol)
{
	if (protocol == IPPROTO_TCP)
		return DAMC__CLASS1__V1__PROTOCOL__PROTOCOL_TCP;
	if (protocol == IPPROTO_UDP)
		return DAMC__CLASS1__V1__PROTOCOL__PROTOCOL_UDP;
	return DAMC__CLASS1__V1__PROTOCOL__PROTOCOL_UNSPECIFIED;
}

static void set_member(struct grpc_name *name, uint32_t weight)
{
	name->pb.right = DAMC__CLASS1__V1__RIGHT__RIGHT_MEMBER;
	name->pb.weight = weight;
}

void grpc_name_entry(struct grpc_name *name, const struct dc_reg_entry *entry,
		     bool own, uint64_t now_us)
{
	static const Damc__Class1__V1__State states[] = {
		[DC_REG_ASKING] = DAMC__CLASS1__V1__STATE__STATE_ASKING,
		[DC_REG_ACTIVE] = DAMC__CLASS1__V1__STATE__STATE_REGISTERED,
		[DC_REG_DRAINING] = DAMC__CLASS1__V1__STATE__STATE_DRAINING,
	};
	const struct dc_reg_want *want = &entry->want;

	grpc_name_bare(name, &want->name);
	name->pb.fabric = false;
	name->pb.state = states[entry->state];
	if (want->right == DC_RIGHT_MEMBER)
		set_member(name, want->weight);
	name->pb.protocol = protocol_of(want->protocol);
	name->pb.port = want->port;
	name->pb.own = own;
	if (own)
		name->pb.lease_s = lease_left(entry, now_us);
	if (own && want->has_key)
		name->pb.proof_lasts_s = class1_proof_lasts(want, now_us);
}

static void add_gateway(struct grpc_name *name, const struct dc_node_id *id)
{
	size_t n = name->pb.n_gateways;

	if (id_text(id, name->gateway[n], &name->gateways[n]))
		name->pb.n_gateways++;
}

void grpc_name_offer(struct grpc_name *name, const struct class1_offer *offer)
{
	uint32_t i;

	grpc_name_bare(name, offer->name);
	if (offer->member)
		set_member(name, offer->weight);
	name->pb.gateways = name->gateways;
	for (i = 0; i < offer->n; i++)
		add_gateway(name, offer->gateway[i]);
}
