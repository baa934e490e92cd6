/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What an SPA, or an anchor, must not forget: numbers that were used, nodes that
 * were enrolled, changes of the anchor's keys, grants and revocations; in one SQLite
 * file in a directory, with
 * the audit log beside it. A change and its line of the log are in one
 * transaction: what was acknowledged survives the process, and with STORE_SAFE
 * the machine. Several processes may have it open.
 *
 * Functions return 0 or a negative errno and then have words for it: store_why().
 */
#ifndef SPA_STORE_H
#define SPA_STORE_H

#include "identity.h"
#include "object.h"
#include "spa.h"

struct store;

enum store_sync {
	STORE_SAFE,		/* survives the machine's end, too */
	STORE_QUICK,		/* survives the process's */
};

/* Make it if there is none. NULL: the reason is in @why. */
struct store *store_open(const char *dir, enum store_sync sync,
			 char why[DC_WHY_MAX]);
void store_close(struct store *store);
const char *store_why(const struct store *store);

/* What is numbered, each from 1. */
enum store_counter {
	STORE_GRANT,
	STORE_REVOCATION,
	STORE_SERIAL,
	STORE_RULE,
};

/*
 * A change: store_begin(), which waits for others' to end; then what changes;
 * then store_commit() with a line of the log, or store_abort().
 */
int store_begin(struct store *store);
int store_number(struct store *store, enum store_counter counter,
		 uint64_t *number);
/* The last that was given: 0: none yet. */
int store_last(struct store *store, enum store_counter counter,
	       uint64_t *number);
int store_commit(struct store *store, const char *log);
void store_abort(struct store *store);
/*
 * A descriptor to poll, which is readable once something was committed to the
 * store in @dir, by whatever process; store_watched() reads it: whether something
 * was. Its owner closes it. A negative errno.
 */
int store_watch(const char *dir);
bool store_watched(int fd);
/* Add a line to the log and nothing else. */
int store_log(struct store *store, const char *log);

/**
 * struct store_grant - a grant that was given
 * @holder: whose it is, for people
 * @gateway: who asked, "" for a person
 * @revoked: number of its revocation, 0: none
 */
struct store_grant {
	struct dc_spa_holding holding;
	char holder[DAMC_NAME_TEXT_MAX];
	char gateway[DC_NODE_ID_MAX + 1];
	uint64_t revoked;
	uint8_t bytes[DC_OBJECT_MAX];
	size_t len;
};

int store_add_grant(struct store *store, const struct store_grant *grant);
int store_mark_revoked(struct store *store, uint64_t number,
		       uint64_t revocation);
/*
 * Above @number, those that end after @after ms, by number; what @each returns but 0
 * ends it.
 */
int store_grants(struct store *store, uint64_t number, uint64_t after,
		 int (*each)(const struct store_grant *grant, void *arg),
		 void *arg);

/* How many end after @after. */
int store_count_grants(struct store *store, uint64_t after, uint64_t *n);
/*
 * Those that @wanted can conflict with, as far as one of them will do: of its name
 * and of each above, and of each set of rights, one of another subject, or if there
 * is none one of its own. Costs nothing by the number of the others.
 */
int store_grants_about(struct store *store,
		       const struct dc_spa_holding *wanted, uint64_t after,
		       int (*each)(const struct store_grant *grant, void *arg),
		       void *arg);

/*
 * Forget some of them, and of the revocations, that ended before @before; numbers and
 * the log know of them.
 */
int store_prune(struct store *store, uint64_t before);

struct store_revocation {
	uint64_t number;
	uint64_t until;
	/* Of a grant: its number; else 0. */
	uint64_t grant;
	uint8_t bytes[DC_OBJECT_MAX];
	size_t len;
};

int store_add_revocation(struct store *store,
			 const struct store_revocation *revocation);
/* How many end after @after. */
int store_count_revocations(struct store *store, uint64_t after, uint64_t *n);
/* Above @number, those that end after @after. */
int store_revocations(struct store *store, uint64_t number, uint64_t after,
		      int (*each)(const struct store_revocation *revocation,
				  void *arg), void *arg);

struct store_node {
	uint64_t serial;
	struct dc_node_id id;
	uint64_t not_after;
	uint8_t bytes[DC_OBJECT_MAX];
	size_t len;
};

int store_add_node(struct store *store, const struct store_node *node);
/* Each node's newest certificate. */
int store_nodes(struct store *store,
		int (*each)(const struct store_node *node, void *arg),
		void *arg);

/* A change of the anchor's keys, an object; no bytes: there was none. */
struct store_change {
	uint64_t serial;
	uint8_t bytes[DC_OBJECT_MAX];
	size_t len;
};

int store_add_change(struct store *store, const struct store_change *change);
int store_last_change(struct store *store, struct store_change *change);

/* As many as nodes keep of one SPA's. */
#define STORE_RULES_MAX DC_TRUST_CALLEES_EACH

/**
 * struct store_rule - a name that has, or had, a call rule: for good
 * @by_hand: @call says who may call it; else the policy does, and nobody may
 *	where that says nothing
 */
struct store_rule {
	struct dc_spa_call call;
	bool by_hand;
};

/* In the place of what there is of its callee. */
int store_put_rule(struct store *store, const struct store_rule *rule);
/* The policy has a rule about it: nothing changes if it is there. */
int store_note_rule(struct store *store, const struct damc_name *callee);
/* Each, by callee. */
int store_rules(struct store *store,
		int (*each)(const struct store_rule *rule, void *arg),
		void *arg);

/* A node asked for news at @ms of domain time: the last @most that did are kept. */
int store_put_asked(struct store *store, const struct dc_node_id *id,
		    uint64_t ms, uint32_t most);
/* Those that did after @after, the last first; the others are forgotten. */
int store_asked(struct store *store, uint64_t after,
		int (*each)(const struct dc_node_id *id, uint64_t ms,
			    void *arg), void *arg);

/* Numbers by name: 0 if it was never set. */
int store_get(struct store *store, const char *name, uint64_t *value);
int store_set(struct store *store, const char *name, uint64_t value);

/* Another number when another process changed something. */
uint64_t store_version(struct store *store);

#endif /* SPA_STORE_H */
