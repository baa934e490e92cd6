// SPDX-License-Identifier: GPL-2.0
/* The store's rows: grants, revocations, nodes, changes, call rules, who asked. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "store_db.h"

static void bind_blob(sqlite3_stmt *statement, int column, const void *bytes,
		      size_t len)
{
	/* The root's name is a blob of no bytes, not a NULL. */
	sqlite3_bind_blob(statement, column, len ? bytes : "", len,
			  SQLITE_TRANSIENT);
}

static void bind_text(sqlite3_stmt *statement, int column, const char *text)
{
	sqlite3_bind_text(statement, column, text, -1, SQLITE_TRANSIENT);
}

/* At most @size bytes: how many there were, or -EBADMSG. */
static int column_blob(sqlite3_stmt *statement, int column, void *to,
		       size_t size)
{
	size_t len = sqlite3_column_bytes(statement, column);

	if (len > size)
		return -EBADMSG;
	if (len)
		memcpy(to, sqlite3_column_blob(statement, column), len);
	return len;
}

static void column_text(sqlite3_stmt *statement, int column, char *to,
			size_t size)
{
	const char *text = (const char *)sqlite3_column_text(statement, column);

	snprintf(to, size, "%s", text ? text : "");
}

/* Each row, as @row reads it and gives it on. */
static int each_row(struct store *store, enum store_statement which,
		    int (*row)(sqlite3_stmt *statement, void *arg), void *arg)
{
	sqlite3_stmt *statement = store->statement[which];
	int ret = 0, step;

	while ((step = sqlite3_step(statement)) == SQLITE_ROW && !ret)
		ret = row(statement, arg);
	if (step != SQLITE_DONE && step != SQLITE_ROW)
		ret = store_fault(store);
	else if (ret == -EBADMSG)
		snprintf(store->why, sizeof(store->why),
			 "the store: a row that cannot be read (\"%.100s\")",
			 sqlite3_sql(statement));
	sqlite3_reset(statement);
	return ret;
}

/* ---- grants ------------------------------------------------------------ */

int store_add_grant(struct store *store, const struct store_grant *grant)
{
	sqlite3_stmt *statement = store_statement(store, ST_ADD_GRANT);
	const struct dc_spa_holding *holding = &grant->holding;

	sqlite3_bind_int64(statement, 1, holding->number);
	bind_blob(statement, 2, holding->name.wire, holding->name.len);
	sqlite3_bind_int(statement, 3, holding->rights);
	bind_blob(statement, 4, holding->subject.byte, DC_HASH_BYTES);
	sqlite3_bind_int64(statement, 5, holding->until);
	bind_text(statement, 6, holding->label);
	bind_text(statement, 7, grant->holder);
	bind_text(statement, 8, grant->gateway);
	sqlite3_bind_int64(statement, 9, grant->revoked);
	bind_blob(statement, 10, grant->bytes, grant->len);
	return store_run(store, ST_ADD_GRANT);
}

int store_mark_revoked(struct store *store, uint64_t number,
		       uint64_t revocation)
{
	sqlite3_stmt *statement = store_statement(store, ST_MARK_REVOKED);

	sqlite3_bind_int64(statement, 1, revocation);
	sqlite3_bind_int64(statement, 2, number);
	return store_run(store, ST_MARK_REVOKED);
}

struct grants {
	int (*each)(const struct store_grant *grant, void *arg);
	void *arg;
};

static int grant_row(sqlite3_stmt *statement, void *arg)
{
	const struct grants *grants = arg;
	struct store_grant grant = { 0 };
	struct dc_spa_holding *holding = &grant.holding;
	uint8_t wire[DAMC_NAME_MAX];
	int name, subject, len;

	holding->number = sqlite3_column_int64(statement, 0);
	name = column_blob(statement, 1, wire, sizeof(wire));
	holding->rights = sqlite3_column_int(statement, 2);
	subject = column_blob(statement, 3, holding->subject.byte,
			      DC_HASH_BYTES);
	holding->until = sqlite3_column_int64(statement, 4);
	column_text(statement, 5, holding->label, sizeof(holding->label));
	column_text(statement, 6, grant.holder, sizeof(grant.holder));
	column_text(statement, 7, grant.gateway, sizeof(grant.gateway));
	grant.revoked = sqlite3_column_int64(statement, 8);
	holding->revoked = grant.revoked;
	len = column_blob(statement, 9, grant.bytes, sizeof(grant.bytes));
	if (name < 0 || subject != DC_HASH_BYTES || len < 0 ||
	    damc_name_from_wire(&holding->name, wire, name))
		return -EBADMSG;
	grant.len = len;
	return grants->each(&grant, grants->arg);
}

int store_grants(struct store *store, uint64_t number, uint64_t after,
		 int (*each)(const struct store_grant *grant, void *arg),
		 void *arg)
{
	struct grants grants = { each, arg };
	sqlite3_stmt *statement;

	if (!number) {
		sqlite3_bind_int64(store_statement(store, ST_GRANTS), 1, after);
		return each_row(store, ST_GRANTS, grant_row, &grants);
	}
	statement = store_statement(store, ST_NEW_GRANTS);
	sqlite3_bind_int64(statement, 1, number);
	sqlite3_bind_int64(statement, 2, after);
	return each_row(store, ST_NEW_GRANTS, grant_row, &grants);
}

static int count(struct store *store, enum store_statement which,
		 uint64_t after, uint64_t *n)
{
	sqlite3_stmt *statement = store_statement(store, which);

	sqlite3_bind_int64(statement, 1, after);
	if (sqlite3_step(statement) != SQLITE_ROW)
		return store_fault(store);
	*n = sqlite3_column_int64(statement, 0);
	return store_run(store, which);
}

int store_count_grants(struct store *store, uint64_t after, uint64_t *n)
{
	return count(store, ST_COUNT_GRANTS, after, n);
}

/**
 * struct about - what may stand in a grant's way
 * @n: rows so far
 */
struct about {
	struct store *store;
	const struct dc_spa_holding *wanted;
	uint64_t after;
	struct grants grants;
	unsigned int n;
};

static int about_row(sqlite3_stmt *statement, void *arg)
{
	struct about *about = arg;

	about->n++;
	return grant_row(statement, &about->grants);
}

static int held(struct about *about, enum store_statement which,
		const struct damc_name *name, uint8_t rights)
{
	sqlite3_stmt *statement = store_statement(about->store, which);

	bind_blob(statement, 1, name->wire, name->len);
	sqlite3_bind_int(statement, 2, rights);
	sqlite3_bind_int64(statement, 3, about->after);
	bind_blob(statement, 4, about->wanted->subject.byte, DC_HASH_BYTES);
	return each_row(about->store, which, about_row, about);
}

static int held_at(struct about *about, const struct damc_name *name)
{
	unsigned int before;
	uint8_t rights;
	int err = 0;

	for (rights = 1; rights <= DC_RIGHTS && !err; rights++) {
		before = about->n;
		err = held(about, ST_HELD_BY_OTHER, name, rights);
		if (!err && about->n == before)
			err = held(about, ST_HELD_BY, name, rights);
	}
	return err;
}

int store_grants_about(struct store *store,
		       const struct dc_spa_holding *wanted, uint64_t after,
		       int (*each)(const struct store_grant *grant, void *arg),
		       void *arg)
{
	struct about about = {
		.store = store, .wanted = wanted, .after = after,
		.grants = { each, arg },
	};
	struct damc_name name = wanted->name;
	int err;

	do {
		err = held_at(&about, &name);
	} while (!err && dc_spa_to_parent(&name));
	return err;
}

/* At once: others wait for it. */
#define PRUNED_MAX 1000

static int prune(struct store *store, enum store_statement which,
		 uint64_t before)
{
	sqlite3_stmt *statement = store_statement(store, which);

	sqlite3_bind_int64(statement, 1, before);
	sqlite3_bind_int(statement, 2, PRUNED_MAX);
	return store_run(store, which);
}

int store_prune(struct store *store, uint64_t before)
{
	return prune(store, ST_PRUNE, before) ?:
	       prune(store, ST_PRUNE_REVOCATIONS, before);
}

/* ---- revocations ------------------------------------------------------- */

int store_add_revocation(struct store *store,
			 const struct store_revocation *revocation)
{
	sqlite3_stmt *statement = store_statement(store, ST_ADD_REVOCATION);

	sqlite3_bind_int64(statement, 1, revocation->number);
	sqlite3_bind_int64(statement, 2, revocation->until);
	sqlite3_bind_int64(statement, 3, revocation->grant);
	bind_blob(statement, 4, revocation->bytes, revocation->len);
	return store_run(store, ST_ADD_REVOCATION);
}

struct revocations {
	int (*each)(const struct store_revocation *revocation, void *arg);
	void *arg;
};

static int revocation_row(sqlite3_stmt *statement, void *arg)
{
	const struct revocations *revocations = arg;
	struct store_revocation revocation = {
		.number = sqlite3_column_int64(statement, 0),
		.until = sqlite3_column_int64(statement, 1),
		.grant = sqlite3_column_int64(statement, 2),
	};
	int len = column_blob(statement, 3, revocation.bytes,
			      sizeof(revocation.bytes));

	if (len < 0)
		return len;
	revocation.len = len;
	return revocations->each(&revocation, revocations->arg);
}

int store_count_revocations(struct store *store, uint64_t after, uint64_t *n)
{
	return count(store, ST_COUNT_REVOCATIONS, after, n);
}

int store_revocations(struct store *store, uint64_t number, uint64_t after,
		      int (*each)(const struct store_revocation *revocation,
				  void *arg), void *arg)
{
	struct revocations revocations = { each, arg };
	sqlite3_stmt *statement = store_statement(store, ST_REVOCATIONS);

	sqlite3_bind_int64(statement, 1, number);
	sqlite3_bind_int64(statement, 2, after);
	return each_row(store, ST_REVOCATIONS, revocation_row, &revocations);
}

/* ---- nodes ------------------------------------------------------------- */

int store_add_node(struct store *store, const struct store_node *node)
{
	sqlite3_stmt *statement = store_statement(store, ST_ADD_NODE);

	sqlite3_bind_int64(statement, 1, node->serial);
	bind_blob(statement, 2, node->id.byte, node->id.len);
	sqlite3_bind_int64(statement, 3, node->not_after);
	bind_blob(statement, 4, node->bytes, node->len);
	return store_run(store, ST_ADD_NODE);
}

struct nodes {
	int (*each)(const struct store_node *node, void *arg);
	void *arg;
};

static int node_row(sqlite3_stmt *statement, void *arg)
{
	const struct nodes *nodes = arg;
	struct store_node node = {
		.serial = sqlite3_column_int64(statement, 0),
		.not_after = sqlite3_column_int64(statement, 2),
	};
	int id, len;

	id = column_blob(statement, 1, node.id.byte, DC_NODE_ID_MAX);
	len = column_blob(statement, 3, node.bytes, sizeof(node.bytes));
	if (id <= 0 || len < 0)
		return -EBADMSG;
	node.id.len = id;
	node.len = len;
	return nodes->each(&node, nodes->arg);
}

int store_nodes(struct store *store,
		int (*each)(const struct store_node *node, void *arg),
		void *arg)
{
	struct nodes nodes = { each, arg };

	store_statement(store, ST_NODES);
	return each_row(store, ST_NODES, node_row, &nodes);
}

/* ---- changes of the anchor's keys -------------------------------------- */

int store_add_change(struct store *store, const struct store_change *change)
{
	sqlite3_stmt *statement = store_statement(store, ST_ADD_CHANGE);

	sqlite3_bind_int64(statement, 1, change->serial);
	bind_blob(statement, 2, change->bytes, change->len);
	return store_run(store, ST_ADD_CHANGE);
}

static int change_row(sqlite3_stmt *statement, void *arg)
{
	struct store_change *change = arg;
	int len = column_blob(statement, 1, change->bytes,
			      sizeof(change->bytes));

	if (len < 0)
		return len;
	change->serial = sqlite3_column_int64(statement, 0);
	change->len = len;
	return 0;
}

int store_last_change(struct store *store, struct store_change *change)
{
	memset(change, 0, sizeof(*change));
	store_statement(store, ST_LAST_CHANGE);
	return each_row(store, ST_LAST_CHANGE, change_row, change);
}

/* ---- call rules -------------------------------------------------------- */

static int write_rule(struct store *store, enum store_statement which,
		      const struct store_rule *rule)
{
	sqlite3_stmt *statement = store_statement(store, which);
	const struct damc_name *callee = &rule->call.callee;
	uint8_t callers[DC_OBJECT_MAX];
	int len = dc_call_rule_write(&rule->call.rule, callers,
				     sizeof(callers));

	if (len < 0) {
		snprintf(store->why, sizeof(store->why),
			 "a call rule with a caller twice, or too many");
		return len;
	}
	bind_blob(statement, 1, callee->wire, callee->len);
	sqlite3_bind_int(statement, 2, rule->by_hand);
	bind_blob(statement, 3, callers, len);
	return store_run(store, which);
}

int store_put_rule(struct store *store, const struct store_rule *rule)
{
	return write_rule(store, ST_PUT_RULE, rule);
}

int store_note_rule(struct store *store, const struct damc_name *callee)
{
	struct store_rule rule = { .call.callee = *callee };

	return write_rule(store, ST_NOTE_RULE, &rule);
}

struct rules {
	int (*each)(const struct store_rule *rule, void *arg);
	void *arg;
};

static int rule_row(sqlite3_stmt *statement, void *arg)
{
	const struct rules *rules = arg;
	struct store_rule rule = { .by_hand = sqlite3_column_int(statement, 1) };
	uint8_t wire[DAMC_NAME_MAX], callers[DC_OBJECT_MAX];
	struct dc_object body = { .body = callers };
	int name, len;

	name = column_blob(statement, 0, wire, sizeof(wire));
	len = column_blob(statement, 2, callers, sizeof(callers));
	if (name < 0 || len < 0)
		return -EBADMSG;
	body.body_len = len;
	if (damc_name_from_wire(&rule.call.callee, wire, name) ||
	    dc_call_rule_read(&rule.call.rule, &body))
		return -EBADMSG;
	return rules->each(&rule, rules->arg);
}

int store_rules(struct store *store,
		int (*each)(const struct store_rule *rule, void *arg),
		void *arg)
{
	struct rules rules = { each, arg };

	store_statement(store, ST_RULES);
	return each_row(store, ST_RULES, rule_row, &rules);
}

/* ---- who asked for news ------------------------------------------------ */

int store_put_asked(struct store *store, const struct dc_node_id *id,
		    uint64_t ms, uint32_t most)
{
	sqlite3_stmt *statement = store_statement(store, ST_PUT_ASKED);
	int err;

	bind_blob(statement, 1, id->byte, id->len);
	sqlite3_bind_int64(statement, 2, ms);
	err = store_run(store, ST_PUT_ASKED);
	if (err)
		return err;
	sqlite3_bind_int(store_statement(store, ST_KEEP_ASKED), 1, most);
	return store_run(store, ST_KEEP_ASKED);
}

struct asked {
	int (*each)(const struct dc_node_id *id, uint64_t ms, void *arg);
	void *arg;
};

static int asked_row(sqlite3_stmt *statement, void *arg)
{
	const struct asked *asked = arg;
	struct dc_node_id id;
	int len = column_blob(statement, 0, id.byte, DC_NODE_ID_MAX);

	if (len <= 0)
		return -EBADMSG;
	id.len = len;
	return asked->each(&id, sqlite3_column_int64(statement, 1), asked->arg);
}

int store_asked(struct store *store, uint64_t after,
		int (*each)(const struct dc_node_id *id, uint64_t ms,
			    void *arg), void *arg)
{
	struct asked asked = { each, arg };

	sqlite3_bind_int64(store_statement(store, ST_FORGET_ASKED), 1, after);
	if (store_run(store, ST_FORGET_ASKED))
		return -EIO;
	sqlite3_bind_int64(store_statement(store, ST_ASKED), 1, after);
	return each_row(store, ST_ASKED, asked_row, &asked);
}
