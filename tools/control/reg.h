/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Registration, class 1: what the pods of a gateway offer, from the asking to
 * the last packet (DESIGN 7). A name is asked for at an SPA, unless a grant of
 * it is kept; then bound in the kernel; then announced. It is withdrawn first
 * and unbound later, so that packets under way still arrive.
 *
 * Sans-I/O: the ops do what is to be done, during the call; time is an
 * argument. One lease is one connection's (a holder's), or a number of seconds.
 * One timer serves all. Names are the key, and whoever sends them picks them:
 * hashes are keyed.
 */
#ifndef DC_REG_H
#define DC_REG_H

#include "object.h"
#include "trust.h"

#define DC_REG_NAMES_MAX 10000
#define DC_REG_GRANTS_MAX 10000
#define DC_REG_REASON_MAX 200

/* Seconds of a lease that is not a connection. */
#define DC_REG_LEASE_MIN 5
#define DC_REG_LEASE_DEFAULT 60
#define DC_REG_LEASE_MAX 86400

struct dc_reg;
/* A connection, or whatever else ends and takes its names with it. */
struct dc_reg_holder;

enum dc_reg_state {
	DC_REG_ASKING,		/* no answer yet: neither bound nor announced */
	DC_REG_ACTIVE,
	DC_REG_DRAINING,	/* withdrawn, still bound */
};

/**
 * struct dc_reg_proof - that who registers holds a key
 * @binding: the object that it signed for this (proof.h)
 * @until_us: when that ends
 */
struct dc_reg_proof {
	uint8_t key[DC_KEY_BYTES];
	uint16_t binding_len;
	uint8_t binding[DC_BINDING_MAX];
	uint64_t until_us;
};

/**
 * struct dc_reg_want - what a pod asks for
 * @pod: its own name
 * @edge: the interface it is behind
 * @right: DC_RIGHT_NAME or DC_RIGHT_MEMBER
 * @weight: 1..65535
 * @lease_s: 0: as long as the holder lasts
 * @protocol, @port: where it serves by IP, for SRV; 0: nowhere
 * @epoch: of the binding, see struct dc_prefix
 * @has_key: it is for who holds a key, as @proof shows: the name lasts no longer
 *	than that, and who brings another one goes on; else for the pod
 */
struct dc_reg_want {
	struct damc_name name;
	struct damc_name pod;
	uint32_t edge;
	uint8_t right;
	uint16_t weight;
	uint32_t lease_s;
	uint8_t protocol;
	uint16_t port;
	uint32_t epoch;
	bool has_key;
	struct dc_reg_proof proof;
};

/**
 * struct dc_reg_entry - a name that a pod has, or wants
 * @lease_us: when it ends; UINT64_MAX: with its holder
 * @until_us: when its grant does, or its proof; UINT64_MAX: it needs none
 * @grant: hash of that grant, all zero without
 * @ticket: of the question that is open, 0: none is
 * @bound: it is in the kernel
 */
struct dc_reg_entry {
	struct dc_reg_want want;
	enum dc_reg_state state;
	uint64_t lease_us;
	uint64_t until_us;
	struct dc_hash grant;
	uint64_t ticket;
	bool bound;
};

enum dc_reg_code {
	DC_REG_DONE,		/* bound and announced */
	DC_REG_ASKED,		/* told() will say */
	DC_REG_TAKEN,		/* another pod's here */
	DC_REG_RESERVED,	/* no pod may have it */
	DC_REG_FULL,
	DC_REG_REFUSED,		/* by the SPA */
	DC_REG_NO_SPA,		/* none answers, and no grant is kept */
	DC_REG_NOT_BOUND,	/* by the kernel */
	DC_REG_NOT_ANNOUNCED,	/* by the node's own judgement */
	DC_REG_ENDED,		/* withdrawn, lapsed, or its edge is gone */
};

struct dc_reg_outcome {
	enum dc_reg_code code;
	char reason[DC_REG_REASON_MAX];
};

/**
 * struct dc_reg_answer - an SPA's, or why there is none
 * @code: DC_REG_DONE, DC_REG_REFUSED, DC_REG_NO_SPA
 * @grant: the object, or NULL where none is needed
 * @hash: of the object
 * @until_us: when the grant ends
 */
struct dc_reg_answer {
	enum dc_reg_code code;
	char reason[DC_REG_REASON_MAX];
	const void *grant;
	size_t grant_len;
	struct dc_hash hash;
	uint64_t until_us;
};

/**
 * struct dc_reg_ops - what a registration does to the world
 * @ask: ask for a grant; true: @answer is filled, else dc_reg_answer() brings
 *	it with @ticket, or that there is none
 * @bind: into the kernel, unless it is there as @entry has it: 0, or a
 *	negative errno with words in @outcome
 * @unbind: out of it
 * @announce: DC_VALID once it is advertised
 * @withdraw: it is advertised no more
 * @told: what became of a name, for who waits for it and who watches
 * @forget: the grant that was asked for as @want is not kept any more, so it
 *	needs no renewing
 */
struct dc_reg_ops {
	bool (*ask)(void *arg, uint64_t ticket, const struct dc_reg_entry *entry,
		    struct dc_reg_answer *answer);
	int (*bind)(void *arg, const struct dc_reg_entry *entry,
		    struct dc_reg_outcome *outcome);
	void (*unbind)(void *arg, const struct dc_reg_entry *entry);
	enum dc_verdict (*announce)(void *arg, const struct dc_reg_entry *entry,
				    const void *grant, size_t grant_len);
	void (*withdraw)(void *arg, const struct dc_reg_entry *entry);
	void (*told)(void *arg, uint64_t ticket,
		     const struct dc_reg_entry *entry,
		     const struct dc_reg_outcome *outcome);
	void (*forget)(void *arg, const struct dc_reg_want *want);
};

/**
 * struct dc_reg_config - what does not change while it runs
 * @seed: of the hash key
 * @drain_us: from withdrawing to unbinding
 */
struct dc_reg_config {
	uint64_t seed;
	uint64_t drain_us;
};

struct dc_reg *dc_reg_new(const struct dc_reg_config *config,
			  const struct dc_reg_ops *ops, void *arg);
/* Does nothing to the world; holders that are left go, too. */
void dc_reg_free(struct dc_reg *reg);

/* From withdrawing to unbinding, of what is withdrawn from now on. */
void dc_reg_set_drain(struct dc_reg *reg, uint64_t drain_us);

struct dc_reg_holder *dc_reg_holder_new(struct dc_reg *reg);
/* It ended: so do its names. The holder is freed. */
void dc_reg_holder_gone(struct dc_reg *reg, struct dc_reg_holder *holder,
			uint64_t now_us);
/* The holder is freed, its names stay: this process ends, not they. */
void dc_reg_holder_abandon(struct dc_reg_holder *holder);

/**
 * dc_reg_add() - a pod wants a name, or wants what it has on other terms
 * @holder: NULL if @want->lease_s is not 0
 * @ticket: where @outcome is DC_REG_ASKED, what told() will name
 * @outcome: of it
 *
 * Asking for what one has is no error: lease, holder and weight are the new
 * ones.
 */
void dc_reg_add(struct dc_reg *reg, const struct dc_reg_want *want,
		struct dc_reg_holder *holder, uint64_t now_us, uint64_t *ticket,
		struct dc_reg_outcome *outcome);

/**
 * dc_reg_adopt() - a name that the kernel has bound since before this process
 * @lease_us: when its lease ends; 0: after @want->lease_s from now
 *
 * It is asked for, and announced if the answer is yes. While no SPA answers, or
 * the node does not know the SPA that signed its grant, it stays bound and is
 * tried again, until its lease ends.
 */
void dc_reg_adopt(struct dc_reg *reg, const struct dc_reg_want *want,
		  uint64_t lease_us, uint64_t now_us);

/* Whether each adopted name has been announced, or was refused. */
bool dc_reg_settled(const struct dc_reg *reg);

/*
 * A grant of before this process, for names to stand on (@answer->grant is not
 * believed before the node has judged it): 0, -ENOMEM, -EMSGSIZE.
 */
int dc_reg_keep(struct dc_reg *reg, const struct dc_reg_want *want,
		const struct dc_reg_answer *answer);
/* Those that are kept; stops when @each returns other than 0, and returns that. */
int dc_reg_kept(const struct dc_reg *reg,
		int (*each)(const struct dc_reg_want *want, const void *grant,
			    size_t len, void *arg), void *arg);

/* An answer to ask() of @name; one that nobody waits for any more is dropped. */
void dc_reg_answer(struct dc_reg *reg, const struct damc_name *name,
		   uint64_t ticket, const struct dc_reg_answer *answer,
		   uint64_t now_us);

/* The name that a grant for @want has to have: of an instance, its pool's. */
void dc_reg_grant_name(const struct dc_reg_want *want, struct damc_name *name);

/*
 * A grant that is kept was renewed before it ended: what stands on it does on the
 * new one. False if it is not kept any more.
 */
bool dc_reg_renewed(struct dc_reg *reg, const struct dc_reg_want *want,
		    const struct dc_reg_answer *answer, uint64_t now_us);

/* Whether both are for the same pod, or holder of a key. */
bool dc_reg_same_subject(const struct dc_reg_want *a,
			 const struct dc_reg_want *b);

/* Whether a name is the fabric's or the host's: the root, /damc/... */
bool dc_reg_reserved(const struct damc_name *name);

/* 0; -ENOENT; -EPERM: it is another pod's. @lease_s 0: as long as before. */
int dc_reg_renew(struct dc_reg *reg, const struct damc_name *name,
		 uint32_t edge, uint32_t lease_s, uint64_t now_us);
int dc_reg_del(struct dc_reg *reg, const struct damc_name *name, uint32_t edge,
	       uint64_t now_us);

/* An edge is no more: what was bound to it is not, either. */
void dc_reg_edge_gone(struct dc_reg *reg, uint32_t edge, uint64_t now_us);
/* Its interface is there and no edge any more: its names end as if withdrawn. */
void dc_reg_edge_closed(struct dc_reg *reg, uint32_t edge, uint64_t now_us);

enum dc_reg_review {
	DC_REG_STAYS,
	DC_REG_REVOKED,		/* its grant was: it goes at once, the grant with it */
	DC_REG_MOVED,		/* its key's holder has bound it elsewhere since */
};

/* Judge each name anew: one pass, however many go. */
void dc_reg_review(struct dc_reg *reg,
		   enum dc_reg_review (*judge)(const struct dc_reg_entry *entry,
					       void *arg),
		   void *arg, uint64_t now_us);

/* Bind and announce all there is again: the kernel, or the node, lost it. */
void dc_reg_replay(struct dc_reg *reg, uint64_t now_us);

void dc_reg_timer(struct dc_reg *reg, uint64_t now_us);
uint64_t dc_reg_next(const struct dc_reg *reg);		/* UINT64_MAX: never */

/* NULL if no pod has it. */
const struct dc_reg_entry *dc_reg_find(const struct dc_reg *reg,
				       const struct damc_name *name);
/* In no order; stops when @each returns other than 0, and returns that. */
int dc_reg_each(const struct dc_reg *reg,
		int (*each)(const struct dc_reg_entry *entry, void *arg),
		void *arg);

struct dc_reg_counts {
	uint32_t names;
	uint32_t grants;
	uint64_t asked;
	uint64_t granted;
	uint64_t cached;	/* answered by a grant that was kept */
	uint64_t refused;
	uint64_t lapsed;
	uint64_t renewed;
};

void dc_reg_counts(const struct dc_reg *reg, struct dc_reg_counts *counts);

/* A word for a program, as in class1.yaml. */
const char *dc_reg_code_text(enum dc_reg_code code);

#endif /* DC_REG_H */
