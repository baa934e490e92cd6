/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who may say what: the anchor, the certificates it signed, grants, revocations
 * and domain time (DESIGN 7); and who may call whom. One per node. Remembers by hash what it has
 * verified, so that nothing is verified twice. Sans-I/O: time is an argument.
 *
 * Bounded: DC_TRUST_CERTS certificates, DC_TRUST_GRANTS grants, and so on; what
 * no longer counts makes room first. No function keeps a pointer to its input.
 */
#ifndef DC_TRUST_H
#define DC_TRUST_H

#include "crypto.h"
#include "object.h"

struct dc_trust;

/*
 * Caps, for 1,000,000 names of 1,000 services and 10,000 grants. Tables begin
 * small and grow. DC_TRUST_STALE: what ended is remembered that long, so that
 * it is told from what was never heard of. Beyond DC_TRUST_REVOCATIONS there is
 * room for those of certificates, DC_TRUST_CERTS of them.
 */
#define DC_TRUST_CERTS 16384
#define DC_TRUST_GRANTS 131072
#define DC_TRUST_REVOCATIONS 65536
#define DC_TRUST_SPAS 64
#define DC_TRUST_SEEN 262144
#define DC_TRUST_STALE 4096
/* In all, and of one key below one granted name. */
#define DC_TRUST_BINDINGS 65536
#define DC_TRUST_BINDINGS_EACH 4096
/* Names that call rules are about: in all, and of one SPA's rules. */
#define DC_TRUST_CALLEES 65536
#define DC_TRUST_CALLEES_EACH 1024

enum dc_verdict {
	DC_VALID,
	/* Nothing wrong with it, but its issuer or its grant is not known (yet). */
	DC_UNKNOWN,
	DC_MALFORMED,
	DC_FOREIGN,		/* another domain's */
	DC_FORGED,		/* the signature is not its issuer's */
	DC_NOT_ALLOWED,		/* its issuer may not say this */
	DC_EXPIRED,
	DC_REVOKED,
	DC_FULL,		/* a cap is reached; see Documentation/control.rst */
};

const char *dc_verdict_text(enum dc_verdict verdict);

/**
 * struct dc_identity - what a node is, from the directory it joins with
 * @anchor: the domain's keys, the current and the next (all zero if none)
 * @cert: its own certificate, a whole object
 */
struct dc_identity {
	char domain[64];
	uint8_t anchor[2][DC_KEY_BYTES];
	uint8_t secret[DC_SECRET_BYTES];
	uint8_t cert[DC_OBJECT_MAX];
	size_t cert_len;
};

/*
 * NULL and errno: EINVAL for an identity that does not fit together (the key is
 * not the certificate's, no anchor signed that), ENOMEM. @wall_ms, and if it is
 * later the certificate's issue time, is domain time until a beacon says better.
 */
struct dc_trust *dc_trust_new(const struct dc_identity *identity,
			      const struct dc_crypto *crypto, uint64_t now_us,
			      uint64_t wall_ms);
void dc_trust_free(struct dc_trust *trust);

/**
 * dc_trust_check() - read an object and judge it
 * @object: set if the result is not DC_MALFORMED
 *
 * Certificates, grants, bindings, revocations, beacons and call rules that are
 * valid are remembered and take effect; so are changes of the anchor. A binding that no
 * portable grant covers is DC_UNKNOWN. Of a prefix LSA it is the
 * signature and that it alone has no more names than its issuer may that count:
 * each of its names is dc_trust_prefix()'s, the sum over shards and the rate
 * are for who has the database. Nothing is said against the issuer
 * (DC_NOT_ALLOWED) that it did not sign.
 */
enum dc_verdict dc_trust_check(struct dc_trust *trust, const void *bytes,
			       size_t len, struct dc_object *object,
			       uint64_t now_us);
/* The same of what the crypto's tape was told of already, with its cause. */
enum dc_verdict dc_trust_judge(struct dc_trust *trust, const void *bytes,
			       size_t len, struct dc_object *object,
			       uint64_t now_us);

/*
 * Whether @node may announce this, by its certificate or (with @prefix->grant)
 * by a grant. By the certificate: its own /damc/node/ID; /pod/ID and below; by
 * role /damc/spa/ID and /damc/scsc/ID as members; its subtrees. By a grant with
 * the right NAME: the grant's name and below; MEMBER: as a member, one component
 * more than it; TREE: all strictly below, as a name or a member. A portable
 * grant (dc_grant_portable()) allows it only where, and with no higher epoch
 * than, the newest binding of its key says; DC_UNKNOWN without one.
 */
enum dc_verdict dc_trust_prefix(struct dc_trust *trust,
				const struct dc_node_id *node,
				const struct dc_prefix *prefix,
				uint64_t now_us);

/*
 * The certificate that a key, or a node, has: NULL if unknown or not valid any
 * more. It lives until the next call that is not const. Behind subtree[] of
 * n_subtrees there is no memory: do not copy the struct whole.
 */
const struct dc_cert *dc_trust_cert_of_key(const struct dc_trust *trust,
					   const struct dc_keyid *key);
const struct dc_cert *dc_trust_cert_of_node(const struct dc_trust *trust,
					    const struct dc_node_id *node);

/*
 * Sign in the node's own name: whole object's bytes in @buf, its length or what
 * dc_object_write() says. Domain, issuer and seq.serial are the node's own,
 * whatever @object says.
 */
int dc_trust_sign(struct dc_trust *trust, const struct dc_object *object,
		  uint8_t buf[DC_OBJECT_MAX]);

/* Domain time in ms, and s since the last beacon (UINT32_MAX: none yet). */
uint64_t dc_trust_time(const struct dc_trust *trust, uint64_t now_us);
uint32_t dc_trust_beacon_age(const struct dc_trust *trust, uint64_t now_us);

/*
 * The same by beacons alone, which may be less: it may go back. 0: none yet. By it
 * is told how much of its life a beacon has left.
 */
uint64_t dc_trust_heard_time(const struct dc_trust *trust, uint64_t now_us);
/*
 * Of a beacon just judged valid, its bringer says that it has so many ms left. Only
 * where that beacon is the first; until the next it is believed.
 */
void dc_trust_beacon_left(struct dc_trust *trust,
			  const struct dc_object *object, uint64_t left_ms,
			  uint64_t now_us);

/*
 * What ended since the last call, by time or revocation: hash of a grant or
 * certificate, one at a time; false if nothing did.
 */
bool dc_trust_ended(struct dc_trust *trust, struct dc_hash *hash,
		    uint64_t now_us);
/*
 * When dc_trust_ended() is to be asked again, in us, as domain time goes now:
 * until the next beacon. UINT64_MAX: never, or beyond what fits.
 */
uint64_t dc_trust_next(const struct dc_trust *trust);

/*
 * The epoch of the newest binding of @name by @key, as a member of that at @node;
 * 0 without one: the next has to be higher.
 */
uint32_t dc_trust_binding_epoch(const struct dc_trust *trust,
				const uint8_t key[DC_KEY_BYTES],
				const struct damc_name *name, uint8_t right,
				const struct dc_node_id *node);

/**
 * struct dc_trust_unbound - a binding that ended with its grants
 * @key: id of the key that signed it
 */
struct dc_trust_unbound {
	struct damc_name name;
	struct dc_keyid key;
	uint32_t shard;
};

/* One that did since the last call; false if none did. */
bool dc_trust_unbound(struct dc_trust *trust, struct dc_trust_unbound *is);

/* ---- who may call whom (trust_call.c) ---------------------------------- */

enum dc_call {
	DC_CALL_FREE,		/* no rule is, or ever was, about it */
	DC_CALL_ALLOWED,
	DC_CALL_REFUSED,	/* a rule is, and names no caller that this is */
	DC_CALL_LAPSED,		/* one was, and none counts any more, or yet */
	DC_CALL_UNKNOWN,	/* an SPA has more rules than are kept */
};

/* Whether it may be called. */
static inline bool dc_call_may(enum dc_call call)
{
	return call == DC_CALL_FREE || call == DC_CALL_ALLOWED;
}

/* For people: a constant. */
const char *dc_call_text(enum dc_call call);

/* As whom somebody calls: all the names it has. */
struct dc_caller;

/* NULL: no memory. */
struct dc_caller *dc_caller_new(const struct dc_trust *trust);
void dc_caller_free(struct dc_caller *caller);
/* It has this name, too: 0 or -ENOMEM. */
int dc_caller_is(struct dc_caller *caller, const struct damc_name *name);

/**
 * dc_trust_call() - whether call rules let @caller call @callee
 *
 * The nearest name at or above @callee that had a rule decides. Of its rules
 * (one of each SPA, the newest) one that counts has to name the caller, or what
 * is above it; a rule counts until it ends, if its body can be read and its
 * signer's certificate is valid.
 */
enum dc_call dc_trust_call(const struct dc_trust *trust,
			   const struct dc_caller *caller,
			   const struct damc_name *callee, uint64_t now_us);

/* Whether some rule lets @name call what it does not let @caller, who has it not. */
bool dc_trust_call_gains(const struct dc_trust *trust,
			 const struct dc_caller *caller,
			 const struct damc_name *name, uint64_t now_us);

/* @callee had a rule, before this process: it is LAPSED until there is one. */
void dc_trust_call_had_rule(struct dc_trust *trust,
			    const struct damc_name *callee);
/* Names that have, or had, a rule; stops when @each returns other than 0. */
int dc_trust_callees(const struct dc_trust *trust,
		     int (*each)(const struct damc_name *callee, void *arg),
		     void *arg);

/* How many signatures were really verified, and how many found remembered. */
struct dc_trust_counts {
	uint64_t verified;
	uint64_t remembered;
	uint64_t signed_;
	uint32_t certs;
	uint32_t grants;
	uint32_t revocations;
	uint32_t bindings;
	uint64_t rebound;	/* bindings that came, or went */
	uint32_t callees;	/* names with a call rule, or that had one */
	uint64_t recalled;	/* changes of who may call whom */
	uint64_t rules_unkept;	/* call rules that there was no room for */
	uint32_t behind;	/* SPAs of whose revocations some are missing */
	int64_t skew_ms;	/* last beacon's time less what it was here */
};

void dc_trust_counts(const struct dc_trust *trust,
		     struct dc_trust_counts *counts);

#endif /* DC_TRUST_H */
