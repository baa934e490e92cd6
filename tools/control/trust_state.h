/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of trust share, and nobody else: trust.c judges, trust_cert.c
 * has certificates and the anchor, trust_grant.c grants and what may be
 * announced, trust_bind.c where holders of keys say that it is, trust_revoke.c
 * revocations, trust_call.c who may call whom, trust_time.c the clock and what
 * ends.
 */
#ifndef DC_TRUST_STATE_H
#define DC_TRUST_STATE_H

#include <sys/queue.h>

#include "trust.h"
#include "trust_map.h"

enum trust_kind {
	TRUST_CERT,
	TRUST_GRANT,
	TRUST_KINDS,
};

/**
 * struct trust_item - a certificate or a grant
 * @hash: of the object
 * @revocation: what a revocation of it is found by
 * @state: DC_VALID, or how it ended; then @link is in ended[] (to be told) or
 *	stale[] (told)
 * @told: it is in stale[]
 */
struct trust_item {
	TAILQ_ENTRY(trust_item) link;
	struct dc_hash hash;
	struct dc_hash revocation;
	uint64_t not_after;
	struct dc_keyid issuer;
	uint8_t kind;
	uint8_t state;
	bool told;
};

TAILQ_HEAD(trust_items, trust_item);

/**
 * struct trust_cert - a certificate, of its body only the subtrees it has
 * @node: key of its node in the map of nodes
 * @previous: the node's before it, with another key, as long as that is valid
 * @superseded: a newer one ended it
 */
struct trust_cert {
	struct trust_item item;
	struct dc_hash node;
	struct dc_node_id id;
	struct dc_keyid key;
	uint32_t serial;
	bool superseded;
	struct trust_cert *previous;
	struct dc_cert body;
};

/**
 * struct trust_holding - what one key was granted of one name, portably
 * @what: hash of both
 * @bindings: of names that a grant of @grants covers
 */
struct trust_holding {
	struct dc_hash what;
	LIST_HEAD(, trust_grant) grants;
	LIST_HEAD(, trust_binding) bindings;
	uint32_t n_bindings;
};

/**
 * struct trust_binding - the newest of its key, shard and name
 * @what: hash of those
 * @prefix: what it is about, with its epoch
 * @gateway: key of the node that it names
 * @until: its end, and @queued when that is looked for; 0: it is not
 */
struct trust_binding {
	LIST_ENTRY(trust_binding) list;
	struct trust_holding *holding;
	struct dc_hash what;
	struct dc_hash hash;
	struct dc_keyid key;
	uint32_t shard;
	struct dc_prefix prefix;
	struct dc_hash gateway;
	uint64_t until;
	uint64_t queued;
	bool ended;
};

/* A binding that ended before its time. */
struct trust_unbound {
	STAILQ_ENTRY(trust_unbound) list;
	struct dc_trust_unbound is;
};

/**
 * struct trust_grant - a grant, what is needed of it
 * @pod_node: key of the node whose pods it is for, if @of_node
 * @key: id of the holder's key, if it is portable; then it is of @holding
 * @gateway: keys of nodes
 */
struct trust_grant {
	struct trust_item item;

	LIST_ENTRY(trust_grant) held;
	struct trust_holding *holding;
	struct dc_keyid key;
	bool portable;
	uint8_t rights;
	bool of_node;
	uint8_t n_gateways;
	struct damc_name subject;
	struct dc_hash pod_node;
	struct dc_hash gateway[];
};

/**
 * struct trust_revocation - a revocation
 * @what: target and subject, hashed
 * @by: key of the SPA's node; zero: the anchor
 */
struct trust_revocation {
	struct dc_hash hash;
	struct dc_hash what;
	struct dc_hash by;
	uint64_t until;
};

/**
 * struct trust_rule - the newest call rule of one SPA for one callee
 * @node: key of the SPA's node; @key: id of its key that signed
 * @until: domain time in ms; 0: it cannot be read, or was withdrawn
 * @caller: their names, hashed
 */
struct trust_rule {
	LIST_ENTRY(trust_rule) list;
	struct dc_hash node;
	struct dc_keyid key;
	struct dc_seq seq;
	struct dc_hash hash;
	uint64_t until;
	uint32_t n;
	struct dc_hash caller[DC_CALLERS_MAX];
};

/**
 * struct trust_callee - a name that has, or had, a call rule: for good
 * @what: the name, hashed
 */
struct trust_callee {
	struct dc_hash what;
	struct damc_name name;
	LIST_HEAD(, trust_rule) rules;
};

/**
 * struct trust_ruler - an SPA that signed call rules
 * @n: that are kept
 * @over: one was not, so any name in its subtrees may have a rule unknown
 */
struct trust_ruler {
	struct dc_hash node;
	uint32_t n;
	bool over;
};

/* What an SPA said last. */
struct trust_spa {
	uint64_t time;
	uint64_t revocations;
	bool behind;
};

/**
 * struct trust_clock - domain time
 * @base_ms: it was at @base_us of the monotonic clock
 * @least_ms: what it never goes below
 * @beacon_us: when the last beacon came, if @has_beacon
 * @first: until that one it was a guess, or a neighbour's word
 * @word_ms: so old a neighbour said that beacon was; 0: it is the SPA's word alone
 */
struct trust_clock {
	uint64_t base_ms;
	uint64_t base_us;
	uint64_t least_ms;
	uint64_t beacon_ms;
	uint64_t beacon_us;
	uint64_t word_ms;
	bool has_beacon;
	bool first;
	int64_t skew_ms;
};

/**
 * struct dc_trust - see trust.h
 * @seed: of all maps
 * @certs, @grants: by hash; own all items
 * @keys, @nodes: certificates by key's id, and the newest by node
 * @revocations: by their hash, own them; @revoked: the same by what they end
 * @holdings, @bindings: by their @what; own them; @unbinds: when one may end
 * @unbound: not told yet
 * @callees, @rulers: by @what and by node; own them; @depths: callees by how many
 *	components they have; @lapses: when a rule may end
 * @ends: when something may end
 * @seen: hashes of what was verified, the newer half and the older
 */
struct dc_trust {
	const struct dc_crypto *crypto;
	uint64_t domain;
	uint8_t anchor[2][DC_KEY_BYTES];
	struct dc_keyid anchor_id[2];
	uint32_t anchor_serial;
	uint8_t secret[DC_SECRET_BYTES];
	uint8_t key[DC_KEY_BYTES];
	uint32_t serial;
	struct dc_node_id self;
	uint8_t seed[DC_MAP_SEED_BYTES];
	struct trust_clock clock;
	struct dc_map certs;
	struct dc_map keys;
	struct dc_map nodes;
	struct dc_map grants;
	struct dc_map revocations;
	struct dc_map revoked;
	struct dc_map spas;
	struct dc_map holdings;
	struct dc_map bindings;
	struct dc_map callees;
	struct dc_map rulers;
	uint32_t depths[DAMC_COMPONENTS_MAX + 1];
	struct dc_map seen[2];
	struct dc_heap lapses;
	struct dc_heap ends;
	struct dc_heap unbinds;
	struct dc_heap forgets;
	struct trust_items ended[TRUST_KINDS];
	struct trust_items stale[TRUST_KINDS];
	uint32_t n_stale[TRUST_KINDS];

	STAILQ_HEAD(, trust_unbound) unbound;
	struct dc_trust_counts counts;
};

/**
 * struct trust_issuer - whose key it is
 * @cert: NULL for the anchor's
 */
struct trust_issuer {
	const uint8_t *key;
	const struct trust_cert *cert;
};

/* ---- trust.c ----------------------------------------------------------- */

struct dc_hash trust_node_key(const struct dc_trust *trust,
			      const struct dc_node_id *id);
/* Whether @cert's subtrees have it. */
bool trust_in_subtrees(const struct dc_cert *cert,
		       const struct damc_name *name);
/* Whether the signature is the key's; it is remembered if so. */
bool trust_verify(struct dc_trust *trust, const struct dc_object *object,
		  const struct dc_hash *hash, const uint8_t *key);

/* ---- trust_cert.c ------------------------------------------------------ */

enum dc_verdict trust_cert_add(struct dc_trust *trust,
			       const struct dc_object *object,
			       const struct dc_hash *hash);
/* It ended; so do the grants it signed, unless another one has its key. */
void trust_cert_ended(struct dc_trust *trust, struct trust_cert *cert);
void trust_cert_free(struct dc_trust *trust, struct trust_cert *cert);
struct trust_cert *trust_cert_of_key(const struct dc_trust *trust,
				     const struct dc_keyid *key);
struct trust_cert *trust_cert_of_node(const struct dc_trust *trust,
				      const struct dc_hash *node);
/* Time was found to be earlier: what seemed expired may not be. */
void trust_certs_revive(struct dc_trust *trust, uint64_t now_ms);

/* ---- trust_anchor.c ---------------------------------------------------- */

void trust_anchor_set(struct dc_trust *trust,
		      const uint8_t key[2][DC_KEY_BYTES]);
/* Its number, 0 or 1, or -1 if it is no key of the anchor. */
int trust_anchor_find(const struct dc_trust *trust,
		      const struct dc_keyid *key);
enum dc_verdict trust_anchor_change(struct dc_trust *trust,
				    const struct dc_object *object);

/* ---- trust_grant.c ----------------------------------------------------- */

enum dc_verdict trust_grant_add(struct dc_trust *trust,
				const struct dc_object *object,
				const struct dc_hash *hash);
/* Whether a grant can be for this name at all. */
bool trust_grantable(const struct damc_name *name);

/* Whether it allows this at that node, wherever it is bound. */
bool trust_grant_allows(const struct trust_grant *grant,
			const struct dc_prefix *prefix,
			const struct dc_hash *node);
/* The name without its last component. */
struct damc_name trust_name_up(const struct damc_name *name);

/* ---- trust_bind.c ------------------------------------------------------ */

/* A portable grant is known: 0 or -1, no memory; and is so no more. */
int trust_hold(struct dc_trust *trust, struct trust_grant *grant);
void trust_unhold(struct dc_trust *trust, struct trust_grant *grant);
/* A grant of it ended: bindings that nothing else covers do, too. */
void trust_holding_review(struct dc_trust *trust,
			  struct trust_holding *holding);
/* A whole binding, its signature not looked at unless @seen. */
enum dc_verdict trust_bind(struct dc_trust *trust,
			   const struct dc_object *object,
			   const struct dc_hash *hash, bool seen,
			   uint64_t now_ms);
/* Whether the holder of a portable grant says that it is there. */
enum dc_verdict trust_is_bound(const struct dc_trust *trust,
			       const struct trust_grant *grant,
			       const struct dc_prefix *prefix,
			       const struct dc_node_id *node,
			       const struct dc_hash *node_key, uint64_t now_ms);
void trust_forget_bindings(struct dc_trust *trust, uint64_t now_ms);
void trust_bindings_free(struct dc_trust *trust);

/* ---- trust_revoke.c ---------------------------------------------------- */

/* What a revocation of the object with @hash and @subject is found by. */
void trust_revocation_key(struct dc_hash *key, const struct dc_hash *hash,
			  const struct damc_name *subject);
bool trust_is_revoked(const struct dc_trust *trust, const struct dc_hash *key);
enum dc_verdict trust_revoke(struct dc_trust *trust,
			     const struct dc_object *object,
			     const struct dc_hash *hash,
			     const struct trust_issuer *issuer);
/* Whether what @by said in its beacon is what is known of its revocations. */
bool trust_in_step(const struct dc_trust *trust, const struct dc_hash *by,
		   const struct dc_beacon *beacon);
void trust_forget_revocations(struct dc_trust *trust, uint64_t now_ms);

/* ---- trust_call.c ------------------------------------------------------ */

/* A call rule, or its tombstone. */
enum dc_verdict trust_rule(struct dc_trust *trust,
			   const struct dc_object *object,
			   const struct dc_hash *hash,
			   const struct trust_issuer *issuer);
/* What an SPA's certificate vouched for may not count any more. */
void trust_rules_review(struct dc_trust *trust, const struct trust_cert *cert);
/* Rules that end by @now_ms. */
void trust_lapse(struct dc_trust *trust, uint64_t now_ms);
void trust_calls_free(struct dc_trust *trust);

/* ---- trust_time.c ------------------------------------------------------ */

/* Domain time is an SPA's word: only forward from now on. */
bool trust_has_time(const struct dc_trust *trust);
enum dc_verdict trust_beacon(struct dc_trust *trust,
			     const struct dc_object *object,
			     const struct trust_issuer *issuer,
			     uint64_t now_us);
/* What is due ends. Gives domain time. */
uint64_t trust_advance(struct dc_trust *trust, uint64_t now_us);
/* The item is valid no more, and why. */
void trust_end(struct dc_trust *trust, struct trust_item *item,
	       enum dc_verdict why);
/* It expired too early: time went back, or its issuer is certified anew. */
void trust_revive(struct dc_trust *trust, struct trust_item *item);
/* Make a new item, in its map and with its end known: 0 or -ENOMEM. */
int trust_item_add(struct dc_trust *trust, struct trust_item *item);
/* Room for one more of the kind. */
bool trust_room(struct dc_trust *trust, enum trust_kind kind);
void trust_item_free(struct dc_trust *trust, struct trust_item *item);

#endif /* DC_TRUST_STATE_H */
