/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of a node share. node.c owns it all; the others are given the
 * whole node and change their own part.
 *
 *	node.c		making, time, links, what is called from outside
 *	node_input.c	packets to records, and who gets them
 *	node_accept.c	objects: judged, kept, flooded on
 *	node_end.c	how objects end
 *	node_wait.c	objects that wait for their issuer's certificate
 *	node_names.c	what the database means for the RIB
 *	node_grants.c	which LSAs lean on a grant, and which grants stand in
 *	node_tally.c	which LSAs each node has, and how many names
 *	node_origin.c	what this node says itself: when, and which sequence
 *	node_shards.c	names announced here, in shards
 *	node_show.c	for people
 */
#ifndef DC_NODE_INT_H
#define DC_NODE_INT_H

#include "adj.h"
#include "due.h"
#include "lsdb.h"
#include "node.h"
#include "spf_delay.h"

#define NODE_WAITING_MAX 256
#define NODE_REFUSED_MAX 1024
#define NODE_CHECKS 500
#define NODE_LIES 8
#define NODE_GRANT_CHAINS 4096
#define NODE_EVENT_MAX 512
#define NODE_TALLY_CHAINS 1024

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#endif

struct own_name;
struct own_shard;
struct tally;

/**
 * struct grant_ref - an LSA leans on a grant
 * @prefix: while @lent is queued, for which of its names it stands in
 * @lent: when it does so no more
 * @next: in the chain of the grant's hash
 */
struct grant_ref {
	struct dc_hash grant;
	struct lsdb_entry *entry;
	uint32_t prefix;
	struct dc_due lent;
	struct grant_ref *next;
	struct grant_ref *of_entry;
};

/**
 * struct grant_lent - under which grant a name is told
 * @until_us: 0: by the grant that its LSA names
 */
struct grant_lent {
	struct dc_hash grant;
	uint64_t until_us;
};

struct waiting {
	uint8_t *bytes;
	size_t len;
	uint32_t left_ms;
	uint64_t came_us;
	uint64_t hash;
};

/**
 * struct origin - what this node says
 * @ready: it has heard what it said before it was started last
 * @hold: what it said of names then stands, until it knows who still offers them
 * @link_due_us: when to issue the link LSA; UINT64_MAX: it is as it should be
 * @silent_us: a duplicate of it exists: nothing is said until then
 * @fights: times of its own LSAs heard from another incarnation
 * @bad_news, @news: shards, by when they are to be issued (node_shards.c)
 * @issues: of shards
 */
struct origin {
	bool ready;
	bool hold;
	bool started;
	uint64_t ready_us;
	uint64_t counter;
	bool overload;
	bool has_link;
	bool again;
	uint64_t link_due_us;
	uint64_t link_issued_us;
	uint64_t silent_us;
	uint64_t silence_us;
	uint64_t fight_us[3];
	uint32_t fights;
	struct own_shard *shards;
	struct own_name **names;
	uint32_t n_names;
	uint32_t n_present;
	struct dc_dues bad_news;
	struct dc_dues news;
	struct budget issues;
};

struct dc_node {
	struct dc_node_config config;
	struct dc_node_ops ops;
	void *arg;
	uint64_t now_us;
	uint64_t domain;
	struct dc_node_id id;
	struct damc_name name;
	struct dc_cert cert;
	struct dc_hash cert_hash;
	uint32_t serial;
	uint32_t cert_serial;
	uint64_t incarnation;
	uint8_t random_key[DC_SESSION_BYTES];
	uint64_t random_count;
	struct dc_trust *trust;
	struct dc_rib *rib;
	struct lsdb *db;
	struct adj_key key;
	struct adj_iface iface[ADJ_IFACES_MAX];
	uint64_t heard[ADJ_HEARD];
	uint32_t n_ifaces;
	struct adj *adj[ADJ_MAX];
	uint32_t n_adjs;
	struct waiting waiting[NODE_WAITING_MAX];
	uint32_t n_waiting;
	uint64_t refused[NODE_REFUSED_MAX];
	struct grant_ref *grants[NODE_GRANT_CHAINS];
	struct dc_dues lent;
	struct tally *tally[NODE_TALLY_CHAINS];
	uint64_t ended_us;
	bool retry;
	struct spf_delay spf;
	bool fib_dirty;
	bool more;
	struct origin origin;
	uint64_t told_us;
	struct dc_node_twin twin;
	struct dc_node_counts counts;
};

/* Fill with bytes that only the seed and the node's key tell. */
void node_random_secret(struct dc_node *node, void *buf, size_t len);
/* The same of what others will see: @what says its @len. */
void node_random(struct dc_node *node, enum dc_tape_draw what, void *buf,
		 size_t len);
/* @us, a tenth less or more at most. */
uint64_t node_jitter(struct dc_node *node, uint64_t us);
void node_event(struct dc_node *node, const char *what, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
const char *node_id_text(const struct dc_node_id *id, char buf[128]);

/* A certificate is in the database: it may be this node's own, renewed. */
void node_renew(struct dc_node *node, const struct dc_object *object,
		const struct dc_hash *hash);

void node_input(struct dc_node *node, struct adj_iface *iface,
		const struct damc_lladdr *from, const struct ls_packet *packet);

/* ---- objects ----------------------------------------------------------- */

/*
 * An object from @adj, or (NULL) from this node's own side. @left_ms caps its
 * life. DC_VALID: it is in the database, or something newer is.
 */
enum dc_verdict node_accept(struct dc_node *node, struct adj *adj,
			    const void *bytes, size_t len, uint32_t left_ms);
/* To all neighbours that have sessions, but @except. */
void node_flood(struct dc_node *node, struct lsdb_entry *entry,
		const struct adj *except);
/* What trust says has ended; entries that are due. */
void node_ended(struct dc_node *node);
void node_objects_timer(struct dc_node *node);
bool node_refused(const struct dc_node *node, uint64_t hash);
uint32_t node_left_ms(const struct dc_node *node,
		      const struct lsdb_entry *entry);

void node_wait_add(struct dc_node *node, const void *bytes, size_t len,
		   uint32_t left_ms, uint64_t hash);
/* A certificate came: try them again. */
void node_wait_retry(struct dc_node *node);
void node_wait_free(struct dc_node *node);

/* ---- their meaning ----------------------------------------------------- */

/* @entry has new bytes in the place of @old, which may be NULL. */
void names_put(struct dc_node *node, struct lsdb_entry *entry,
	       const uint8_t *old, size_t old_len);
/* What @entry said is over; hold its names if that is for want of a right. */
void names_gone(struct dc_node *node, struct lsdb_entry *entry, bool hold);
/* A grant came, or ended, or never counts. */
void names_grant(struct dc_node *node, const struct dc_hash *grant);
/* Grants that stood in for long enough do so no more. */
void names_timer(struct dc_node *node);
/* A node's certificate came, or ended. */
void names_cert(struct dc_node *node, const struct damc_name *subject);
/* A binding came in the place of @old (which may be NULL), or ended. */
void names_binding(struct dc_node *node, const struct lsdb_entry *entry,
		   const uint8_t *old, size_t old_len);
/* Which shard a name's hash leads to, @depth bits deep. */
uint32_t names_shard(const struct damc_name *name, unsigned int depth);
void names_changed(struct dc_node *node, int ret);

/* @entry names this grant. */
void grants_add(struct dc_node *node, struct lsdb_entry *entry,
		const struct dc_hash *grant);
/* It names none any more, and none stands in. */
void grants_drop(struct dc_node *node, struct lsdb_entry *entry);
/* Each LSA that leans on it; @each may return grants, not add or drop any. */
void grants_each(struct dc_node *node, const struct dc_hash *grant,
		 void (*each)(struct dc_node *node, struct lsdb_entry *entry));
/* The grant that stands in for that of name @i, if one does. */
bool grants_lent(const struct dc_node *node, const struct lsdb_entry *entry,
		 uint32_t i, struct grant_lent *lent);
/* Let it, for as long as it did already or from now on: whether it does. */
bool grants_lend(struct dc_node *node, struct lsdb_entry *entry, uint32_t i,
		 const struct grant_lent *lent);
void grants_return(struct dc_node *node, struct lsdb_entry *entry, uint32_t i);
/* An LSA for which one stood in long enough: returned. NULL: none. */
struct lsdb_entry *grants_overdue(struct dc_node *node);
uint64_t grants_next(const struct dc_node *node);
void grants_free(struct dc_node *node);

/* So many names of a node came and went: whether the rest is within its cap. */
bool tally_change(struct dc_node *node, const struct dc_node_id *id,
		  uint32_t more, uint32_t fewer);
/* Its names are counted: a prefix LSA is among that node's, or is no more. */
void tally_link(struct dc_node *node, const struct dc_node_id *id,
		struct lsdb_entry *entry);
void tally_unlink(struct lsdb_entry *entry);
void tally_each(struct dc_node *node, const struct dc_node_id *id,
		void (*each)(struct dc_node *node, struct lsdb_entry *entry));
void tally_free(struct dc_node *node);

/* ---- what this node says ----------------------------------------------- */

/* 0 or -ENOMEM. */
int origin_init(struct dc_node *node);
/* The names that its certificate gives it. */
void origin_own_names(struct dc_node *node);
void origin_overload(struct dc_node *node, bool on);
void origin_hold(struct dc_node *node, bool hold);
bool origin_is_own(const struct dc_node *node, const struct dc_object *object);
/*
 * Its own LSA, valid and newer than what it said itself.
 * Return: whether it may be kept as if it were another's.
 */
bool origin_heard(struct dc_node *node, const struct dc_object *object,
		  enum dc_type type);
/* A neighbour is usable, or is no more; its cost or number changed. */
void origin_link(struct dc_node *node, bool bad);
/* The first neighbour told all it had. */
void origin_synced(struct dc_node *node);
void origin_refresh(struct dc_node *node, struct lsdb_entry *entry);
void origin_timer(struct dc_node *node);
uint64_t origin_next(const struct dc_node *node);
/* Say it: DC_VALID, or why not. */
enum dc_verdict origin_issue(struct dc_node *node, enum dc_type type,
			     uint32_t shard, const uint8_t *body, size_t len);
/* A tombstone for the object of this type and shard. */
void origin_end(struct dc_node *node, enum dc_type type, uint32_t shard);
bool origin_may(const struct dc_node *node);

/* 0 or -ENOMEM. */
int shards_init(struct dc_node *node);
enum dc_verdict shards_add(struct dc_node *node,
			   const struct dc_prefix *prefix);
void shards_remove(struct dc_node *node, const struct damc_name *name);
/*
 * What an LSA of this node says of a name is not allowed any more. It is
 * withdrawn, unless it was announced under another grant since.
 */
void shards_refused(struct dc_node *node, const struct damc_name *name);
/* All are to be issued again. */
void shards_dirty(struct dc_node *node);
void shards_dirty_one(struct dc_node *node, uint32_t shard);
/* Whether a name of such a hash is announced by this shard now. */
bool shards_has(const struct dc_node *node, uint32_t shard);
void shards_timer(struct dc_node *node);
uint64_t shards_next(const struct dc_node *node);
void shards_free(struct dc_node *node);

#endif /* DC_NODE_INT_H */
