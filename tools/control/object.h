/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Signed objects: the one form of everything that somebody vouches for
 * (Documentation/control.rst, "Objects"). Bytes on one side, checked structs on
 * the other; who may sign what is trust.h's to say.
 *
 * A struct dc_object points into the bytes it was read from, owns nothing.
 */
#ifndef DC_OBJECT_H
#define DC_OBJECT_H

#include "damc.h"

/* A whole object: never fragmented, whatever carries it. */
#define DC_OBJECT_MAX 1200
#define DC_KEY_BYTES 32
#define DC_KEYID_BYTES 16
#define DC_HASH_BYTES 16
#define DC_SIGNATURE_BYTES 64
#define DC_NODE_ID_MAX 32
/* Before the subject; the signature comes last. */
#define DC_HEADER_BYTES 61
/* s that an LSA or a tombstone may last. */
#define DC_LIFETIME_MAX 86400

enum dc_type {
	DC_CERT = 1,
	DC_ANCHOR = 2,
	DC_GRANT = 3,
	DC_LINK_LSA = 4,
	DC_PREFIX_LSA = 5,
	DC_TOMBSTONE = 6,
	DC_REVOCATION = 7,
	DC_BEACON = 8,
	DC_CALL_RULE = 9,
	DC_POLICY = 10,
	DC_PATH = 11,
	DC_BINDING = 12,
};

enum dc_role {
	DC_ROLE_SG = 1,
	DC_ROLE_SR = 2,
	DC_ROLE_SPA = 4,
	DC_ROLE_SCSC = 8,
};

/* Rights over a name (DESIGN 3); a set. */
enum dc_right {
	DC_RIGHT_NAME = 1,
	DC_RIGHT_MEMBER = 2,
	DC_RIGHT_TREE = 4,
};

/* The set of all rights there are. */
#define DC_RIGHTS (DC_RIGHT_NAME | DC_RIGHT_MEMBER | DC_RIGHT_TREE)

struct dc_keyid {
	uint8_t byte[DC_KEYID_BYTES];
};

struct dc_hash {
	uint8_t byte[DC_HASH_BYTES];
};

/**
 * struct dc_node_id - a node's one component in /damc/node/ID
 * @len: 1..DC_NODE_ID_MAX
 */
struct dc_node_id {
	uint8_t len;
	uint8_t byte[DC_NODE_ID_MAX];
};

/**
 * struct dc_seq - which of two versions of an object is newer
 * @serial: of the issuer's certificate
 * @epoch: of its boot
 * @counter: within the epoch
 *
 * Compared in this order; dc_seq_cmp() as memcmp().
 */
struct dc_seq {
	uint32_t serial;
	uint32_t epoch;
	uint64_t counter;
};

/**
 * struct dc_object - what every object says, read and bounded
 * @type: enum dc_type
 * @domain: first bytes of the hash of the domain's name, as a number
 * @issuer: whose key signed
 * @seq: its version
 * @lifetime: s that it lasts from when it was made (LSA, tombstone); else 0
 * @not_after: domain time in ms (others); 0 where @lifetime counts
 * @shard: which of its issuer's objects of this type and subject
 * @subject: what it is about: a node's name, a service's
 * @body: into the bytes, as are the others
 * @bytes: the whole object
 */
struct dc_object {
	enum dc_type type;
	uint64_t domain;
	struct dc_keyid issuer;
	struct dc_seq seq;
	uint32_t lifetime;
	uint64_t not_after;
	uint32_t shard;
	struct damc_name subject;
	const uint8_t *body;
	size_t body_len;
	const uint8_t *bytes;
	size_t len;
};

/**
 * dc_object_read() - bytes to a struct, lengths checked, nothing believed
 * @why: if not NULL, an English reason on error (a constant)
 *
 * Return: 0 or -EBADMSG.
 */
int dc_object_read(struct dc_object *object, const void *bytes, size_t len,
		   const char **why);

/**
 * dc_object_write() - a struct to bytes, all but the signature
 * @buf: at least DC_OBJECT_MAX bytes
 *
 * Return: bytes without signature, which goes right behind; -EMSGSIZE; -EINVAL
 * for what dc_object_read() would refuse.
 */
int dc_object_write(const struct dc_object *object, uint8_t *buf);

/* Hash of a whole object, by which others refer to it. */
void dc_object_hash(const struct dc_object *object, struct dc_hash *hash);

int dc_seq_cmp(const struct dc_seq *a, const struct dc_seq *b);

/* Whether objects of @type end after a lifetime, not at a domain time. */
bool dc_type_has_lifetime(enum dc_type type);
const char *dc_type_text(enum dc_type type);

/* ---- bodies (object_body.c) -------------------------------------------- */

#define DC_SUBTREES_MAX 8
#define DC_GATEWAYS_MAX 16
#define DC_LINKS_MAX 24
#define DC_PREFIXES_MAX 64

/**
 * struct dc_cert - the body of a node certificate; subject /damc/node/ID
 * @roles: enum dc_role, a set
 * @max_prefixes: that it may originate
 * @max_lsas: a second
 * @issued: domain time in ms at which it was
 * @subtree: that it may originate (sg), sign grants for (spa)
 */
struct dc_cert {
	uint8_t roles;
	uint8_t key[DC_KEY_BYTES];
	uint32_t max_prefixes;
	uint32_t max_lsas;
	uint64_t issued;
	uint32_t n_subtrees;
	struct damc_name subtree[DC_SUBTREES_MAX];
};

/**
 * struct dc_grant - the body of a grant; subject: the name
 * @rights: enum dc_right, a set
 * @number: with the issuer, what a revocation names
 * @has_key: it is for who holds @key; else for pods at or below @pod, as their
 *	SG attests: of /pod/NODE/... only NODE can, of / any
 * @gateway: node ids of SGs it may appear at; none: any
 */
struct dc_grant {
	uint8_t rights;
	uint64_t number;
	bool has_key;
	uint8_t key[DC_KEY_BYTES];
	struct damc_name pod;
	uint32_t n_gateways;
	struct dc_node_id gateway[DC_GATEWAYS_MAX];
};

/**
 * struct dc_link - one of a node's links, as it sees it
 * @peer: at its other end
 * @id: the sender's number of it, @peer_id the other's
 * @cost: 1..0xffffff, configured
 * @delay_us, @jitter_us, @loss_ppm: measured; steer nothing by themselves
 */
struct dc_link {
	struct dc_node_id peer;
	uint32_t id;
	uint32_t peer_id;
	uint32_t cost;
	uint32_t delay_us;
	uint32_t jitter_us;
	uint32_t loss_ppm;
};

/* Flags of a link LSA. */
#define DC_LSA_OVERLOAD 1u

struct dc_link_lsa {
	uint32_t flags;
	uint32_t n;
	struct dc_link link[DC_LINKS_MAX];
};

/**
 * struct dc_anchor - the body of a change of anchor; subject / and shard serial
 * @key: the current key and the next (all zero: none) from now on
 * @proof: the key's that is not yet, or no more, the issuer's partner: a
 *	signature over what dc_anchor_proof_bytes() gives
 *
 * Signed by the current key. Either it stays and @key[1] is new, or @key[0] is
 * what was the next and there is no next.
 */
struct dc_anchor {
	uint8_t key[2][DC_KEY_BYTES];
	uint8_t proof[DC_SIGNATURE_BYTES];
};

/**
 * struct dc_prefix - one name in a prefix LSA
 * @right: DC_RIGHT_NAME, or DC_RIGHT_MEMBER for an instance of the pool that
 *	is called as it is without its last component
 * @weight: 0..65535, of a member
 * @grant: what allows it; all zero where the certificate does
 * @epoch: of its binding: the higher of two counts
 */
struct dc_prefix {
	struct damc_name name;
	uint8_t right;
	uint16_t weight;
	uint32_t epoch;
	struct dc_hash grant;
};

struct dc_prefix_lsa {
	uint32_t n;
	struct dc_prefix prefix[DC_PREFIXES_MAX];
};

/*
 * A tombstone's subject and shard are those of what it ends: an LSA, a call
 * rule, a policy or a path.
 */
struct dc_tombstone {
	enum dc_type type;
};

/**
 * struct dc_revocation - ends a grant or a certificate before its time
 * @number: one more than the SPA's last
 * @target: hash of what it ends
 * @until: domain time in ms at which that would have ended by itself
 *
 * The object's subject is that of what it ends, its not_after is @until.
 */
struct dc_revocation {
	uint64_t number;
	struct dc_hash target;
	uint64_t until;
};

/**
 * struct dc_beacon - an SPA's clock
 * @time: domain time in ms
 * @revocations: number of its last
 * @digest: hashes of all its revocations whose until is after @time, XORed
 */
struct dc_beacon {
	uint64_t time;
	uint64_t revocations;
	struct dc_hash digest;
};

/* s that a binding lasts from its epoch on, at most. */
#define DC_BINDING_LIFE_S 86400
#define DC_BINDING_NONCE_BYTES 32
/* The longest one, whole: its name takes 112 bytes, its gateway's id 32. */
#define DC_BINDING_MAX 336

/**
 * struct dc_binding - where a name is that a key's grant allows at several
 *	gateways; signed with that key
 * @ended: it is there no more
 * @right: DC_RIGHT_NAME, or DC_RIGHT_MEMBER as in struct dc_prefix
 * @key: the subject's, of which the issuer is the id
 * @nonce: the gateway's, for which it was signed
 *
 * Its epoch is the object's seq.epoch: domain time in s when it was made, the
 * higher counts. Serial and counter are 0. Of a name there is one (shard 0), of
 * a member one for each gateway.
 */
struct dc_binding {
	bool ended;
	uint8_t right;
	uint8_t key[DC_KEY_BYTES];
	uint8_t nonce[DC_BINDING_NONCE_BYTES];
	struct dc_node_id gateway;
};

/* Callers that one rule names: with all of them it fits an object. */
#define DC_CALLERS_MAX 8

/**
 * struct dc_call_rule - who may call the object's subject, and what is below it
 * @n: 0: nobody
 * @caller: names, each with what is below it; the root is everybody
 */
struct dc_call_rule {
	uint32_t n;
	struct damc_name caller[DC_CALLERS_MAX];
};

/*
 * Each: 0 or -EBADMSG; bounded by the caps above, one encoding for each content:
 * links by number, names, subtrees, gateways and callers in the order of their
 * bytes.
 */
int dc_cert_read(struct dc_cert *cert, const struct dc_object *object);
int dc_grant_read(struct dc_grant *grant, const struct dc_object *object);
int dc_link_lsa_read(struct dc_link_lsa *lsa, const struct dc_object *object);
int dc_prefix_lsa_read(struct dc_prefix_lsa *lsa,
		       const struct dc_object *object);
int dc_tombstone_read(struct dc_tombstone *stone,
		      const struct dc_object *object);
int dc_revocation_read(struct dc_revocation *revocation,
		       const struct dc_object *object);
int dc_beacon_read(struct dc_beacon *beacon, const struct dc_object *object);
int dc_anchor_read(struct dc_anchor *anchor, const struct dc_object *object);
int dc_call_rule_read(struct dc_call_rule *rule,
		      const struct dc_object *object);
/* Of the frame, too: all of it but domain and subject follows from the body. */
int dc_binding_read(struct dc_binding *binding, const struct dc_object *object);

/* How many names are in a body that was read before. */
uint32_t dc_prefix_lsa_count(const struct dc_object *object);

/*
 * The body, whatever its type. Types without a reader above pass; so does a call
 * rule, for one that cannot be read has to reach all who are to refuse by it.
 */
int dc_body_check(const struct dc_object *object);

/*
 * Each writes a body to at most @size bytes: its length, -EMSGSIZE, or -EINVAL
 * for what the reader would refuse. Order does not matter, the writer sorts.
 */
int dc_cert_write(const struct dc_cert *cert, uint8_t *buf, size_t size);
int dc_grant_write(const struct dc_grant *grant, uint8_t *buf, size_t size);
int dc_link_lsa_write(const struct dc_link_lsa *lsa, uint8_t *buf, size_t size);
int dc_prefix_lsa_write(const struct dc_prefix_lsa *lsa, uint8_t *buf,
			size_t size);
int dc_tombstone_write(const struct dc_tombstone *stone, uint8_t *buf,
		       size_t size);
int dc_revocation_write(const struct dc_revocation *revocation, uint8_t *buf,
			size_t size);
int dc_beacon_write(const struct dc_beacon *beacon, uint8_t *buf, size_t size);
int dc_anchor_write(const struct dc_anchor *anchor, uint8_t *buf, size_t size);
int dc_binding_write(const struct dc_binding *binding, uint8_t *buf,
		     size_t size);
int dc_call_rule_write(const struct dc_call_rule *rule, uint8_t *buf,
		       size_t size);

/* Which shard a binding has to be. */
uint32_t dc_binding_shard(uint8_t right, const struct dc_node_id *gateway);
/* The key in a body that may be none: NULL if it is too short. */
const uint8_t *dc_binding_key(const struct dc_object *object);

/**
 * dc_binding_unsigned() - the object that a key's holder is to sign
 * @epoch: s of domain time; it ends @life_s (DC_BINDING_LIFE_S at most) later
 *
 * Return: its length without the signature, or -EINVAL.
 */
int dc_binding_unsigned(const struct dc_binding *binding, uint64_t domain,
			const struct damc_name *name, uint32_t epoch,
			uint32_t life_s, uint8_t buf[DC_OBJECT_MAX]);

/* Whether what a grant allows counts only where its holder binds it. */
bool dc_grant_portable(const struct dc_grant *grant);

/* What an anchor's proof signs: its length, at most DC_ANCHOR_PROOF_MAX. */
#define DC_ANCHOR_PROOF_MAX 96
size_t dc_anchor_proof_bytes(const struct dc_anchor *anchor, uint64_t domain,
			     uint32_t serial,
			     uint8_t buf[DC_ANCHOR_PROOF_MAX]);

/* /damc/node/ID to ID and back: 0 or -EINVAL. */
int dc_node_id_of(struct dc_node_id *id, const struct damc_name *name);
int dc_node_name(struct damc_name *name, const struct dc_node_id *id);
bool dc_node_id_equal(const struct dc_node_id *a, const struct dc_node_id *b);

#endif /* DC_OBJECT_H */
