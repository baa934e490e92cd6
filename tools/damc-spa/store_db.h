/* SPDX-License-Identifier: GPL-2.0 */
/* The store's inside, which store.c and store_rows.c share. */
#ifndef SPA_STORE_DB_H
#define SPA_STORE_DB_H

#include <limits.h>
#include <sqlite3.h>

#include "audit.h"
#include "store.h"

/* Prepared once: some are used for each grant. */
enum store_statement {
	ST_BEGIN, ST_COMMIT, ST_ROLLBACK, ST_NUMBER, ST_LAST, ST_GET, ST_SET,
	ST_GET_HEAD, ST_SET_HEAD, ST_ADD_GRANT, ST_MARK_REVOKED, ST_GRANTS,
	ST_NEW_GRANTS, ST_COUNT_GRANTS, ST_HELD_BY_OTHER, ST_HELD_BY,
	ST_PRUNE, ST_PRUNE_REVOCATIONS, ST_COUNT_REVOCATIONS,
	ST_ADD_REVOCATION, ST_REVOCATIONS, ST_ADD_NODE, ST_NODES, ST_VERSION,
	ST_PUT_RULE, ST_NOTE_RULE, ST_RULES, ST_PUT_ASKED, ST_ASKED,
	ST_FORGET_ASKED, ST_KEEP_ASKED, ST_ADD_CHANGE, ST_LAST_CHANGE,
	STATEMENTS,
};

struct store {
	struct sqlite3 *db;
	struct sqlite3_stmt *statement[STATEMENTS];
	int log;
	char log_path[PATH_MAX + 16];
	enum store_sync sync;
	char why[DC_WHY_MAX];
};

/* Made ready, with nothing bound. */
sqlite3_stmt *store_statement(struct store *store, enum store_statement which);
/* Step it to its end: 0, or -EIO and why. */
int store_run(struct store *store, enum store_statement which);
/* After a step that was neither a row nor the end. */
int store_fault(struct store *store);

#endif /* SPA_STORE_DB_H */
