// SPDX-License-Identifier: GPL-2.0
/* The store: its file, transactions, counters, and the log's place in them. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store_db.h"

/* How long a change waits for another process's. */
#define BUSY_MS 10000

static const char schema[] =
	"CREATE TABLE IF NOT EXISTS counter (id INTEGER PRIMARY KEY, last INTEGER NOT NULL);"
	"CREATE TABLE IF NOT EXISTS value (name TEXT PRIMARY KEY, value INTEGER NOT NULL);"
	"CREATE TABLE IF NOT EXISTS head (id INTEGER PRIMARY KEY, lines INTEGER NOT NULL,\n"
	" hash BLOB NOT NULL);"
	"CREATE TABLE IF NOT EXISTS grants (number INTEGER PRIMARY KEY, name BLOB NOT NULL,\n"
	" rights INTEGER NOT NULL, subject BLOB NOT NULL, until INTEGER NOT NULL,\n"
	" label TEXT NOT NULL, holder TEXT NOT NULL, gateway TEXT NOT NULL,\n"
	" revoked INTEGER NOT NULL DEFAULT 0, bytes BLOB NOT NULL);"
	"CREATE INDEX IF NOT EXISTS grants_until ON grants (until);"
	"CREATE INDEX IF NOT EXISTS grants_held ON grants (name, rights, until, subject)\n"
	" WHERE revoked = 0;"
	"CREATE TABLE IF NOT EXISTS revocations (number INTEGER PRIMARY KEY, until INTEGER NOT NULL,\n"
	" granted INTEGER NOT NULL, bytes BLOB NOT NULL);"
	"CREATE INDEX IF NOT EXISTS revocations_until ON revocations (until);"
	"CREATE TABLE IF NOT EXISTS nodes (serial INTEGER PRIMARY KEY, id BLOB NOT NULL,\n"
	" until INTEGER NOT NULL, bytes BLOB NOT NULL);"
	"CREATE TABLE IF NOT EXISTS rules (callee BLOB PRIMARY KEY, by_hand INTEGER NOT NULL,\n"
	" callers BLOB NOT NULL);"
	"CREATE TABLE IF NOT EXISTS changes (serial INTEGER PRIMARY KEY, bytes BLOB NOT NULL);"
	"CREATE TABLE IF NOT EXISTS asked (id BLOB PRIMARY KEY, at INTEGER NOT NULL);";

static const char * const texts[STATEMENTS] = {
	[ST_BEGIN] = "BEGIN IMMEDIATE",
	[ST_COMMIT] = "COMMIT",
	[ST_ROLLBACK] = "ROLLBACK",
	[ST_NUMBER] = "INSERT INTO counter VALUES (?, 1) ON CONFLICT (id)\n"
		" DO UPDATE SET last = last + 1 RETURNING last",
	[ST_LAST] = "SELECT last FROM counter WHERE id = ?",
	[ST_GET] = "SELECT value FROM value WHERE name = ?",
	[ST_SET] = "INSERT OR REPLACE INTO value VALUES (?, ?)",
	[ST_GET_HEAD] = "SELECT lines, hash FROM head WHERE id = 0",
	[ST_SET_HEAD] = "INSERT OR REPLACE INTO head VALUES (0, ?, ?)",
	[ST_ADD_GRANT] = "INSERT INTO grants VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[ST_MARK_REVOKED] = "UPDATE grants SET revoked = ? WHERE number = ?",
	[ST_GRANTS] = "SELECT * FROM grants WHERE until > ? ORDER BY number",
	/* By number, which is where new ones are, and not by the index of ends. */
	[ST_NEW_GRANTS] = "SELECT * FROM grants WHERE number > ? AND +until > ?\n"
		" ORDER BY number",
	[ST_COUNT_GRANTS] = "SELECT count(*) FROM grants WHERE until > ?",
	[ST_HELD_BY_OTHER] = "SELECT * FROM grants WHERE name = ? AND rights = ?\n"
		" AND revoked = 0 AND until > ? AND subject <> ? LIMIT 1",
	[ST_HELD_BY] = "SELECT * FROM grants WHERE name = ? AND rights = ?\n"
		" AND revoked = 0 AND until > ? AND subject = ? LIMIT 1",
	[ST_PRUNE] = "DELETE FROM grants WHERE number IN\n"
		" (SELECT number FROM grants WHERE until < ? LIMIT ?)",
	[ST_PRUNE_REVOCATIONS] = "DELETE FROM revocations WHERE number IN\n"
		" (SELECT number FROM revocations WHERE until < ? LIMIT ?)",
	[ST_COUNT_REVOCATIONS] = "SELECT count(*) FROM revocations WHERE until > ?",
	[ST_ADD_REVOCATION] = "INSERT INTO revocations VALUES (?, ?, ?, ?)",
	[ST_REVOCATIONS] = "SELECT * FROM revocations WHERE number > ? AND +until > ?\n"
		" ORDER BY number",
	[ST_ADD_NODE] = "INSERT INTO nodes VALUES (?, ?, ?, ?)",
	[ST_NODES] = "SELECT max(serial), id, until, bytes FROM nodes GROUP BY id\n"
		" ORDER BY id",
	[ST_VERSION] = "PRAGMA data_version",
	[ST_PUT_RULE] = "INSERT OR REPLACE INTO rules VALUES (?, ?, ?)",
	[ST_NOTE_RULE] = "INSERT OR IGNORE INTO rules VALUES (?, ?, ?)",
	[ST_RULES] = "SELECT callee, by_hand, callers FROM rules ORDER BY callee",
	[ST_PUT_ASKED] = "INSERT OR REPLACE INTO asked VALUES (?, ?)",
	[ST_ASKED] = "SELECT id, at FROM asked WHERE at > ? ORDER BY at DESC",
	[ST_FORGET_ASKED] = "DELETE FROM asked WHERE at <= ?",
	[ST_KEEP_ASKED] = "DELETE FROM asked WHERE id NOT IN\n"
		" (SELECT id FROM asked ORDER BY at DESC LIMIT ?)",
	[ST_ADD_CHANGE] = "INSERT INTO changes VALUES (?, ?)",
	[ST_LAST_CHANGE] = "SELECT * FROM changes ORDER BY serial DESC LIMIT 1",
};

int store_fault(struct store *store)
{
	snprintf(store->why, sizeof(store->why), "the store: %s",
		 sqlite3_errmsg(store->db));
	return -EIO;
}

static int log_fault(struct store *store, int err)
{
	snprintf(store->why, sizeof(store->why), "the audit log: %s",
		 strerror(-err));
	return err;
}

const char *store_why(const struct store *store)
{
	return store->why;
}

/*
 * Prepared when it is first needed: a command needs few. One that cannot be is NULL,
 * and whoever runs it is told why.
 */
static sqlite3_stmt *prepared(struct store *store, enum store_statement which)
{
	sqlite3_stmt **statement = &store->statement[which];

	if (!*statement)
		sqlite3_prepare_v3(store->db, texts[which], -1,
				   SQLITE_PREPARE_PERSISTENT, statement, NULL);
	return *statement;
}

sqlite3_stmt *store_statement(struct store *store, enum store_statement which)
{
	sqlite3_stmt *statement = prepared(store, which);

	if (statement) {
		sqlite3_reset(statement);
		sqlite3_clear_bindings(statement);
	}
	return statement;
}

int store_run(struct store *store, enum store_statement which)
{
	sqlite3_stmt *statement = prepared(store, which);
	int ret;

	do {
		ret = sqlite3_step(statement);
	} while (ret == SQLITE_ROW);
	sqlite3_reset(statement);
	return ret == SQLITE_DONE ? 0 : store_fault(store);
}

/* ---- open and close ---------------------------------------------------- */

/* Of the schema's text, as the file keeps it: another text, another number. */
static int schema_version(void)
{
	uint32_t hash = 2166136261u;
	const char *at;

	for (at = schema; *at; at++)
		hash = (hash ^ (uint8_t)*at) * 16777619;
	return hash & INT_MAX;
}

static int take_version(void *arg, int columns, char **text, char **names)
{
	(void)columns;
	(void)names;
	*(long *)arg = *text ? strtol(*text, NULL, 10) : -1;
	return 0;
}

/* What is there has all tables if it was made, or opened, by this text before. */
static int make_tables(struct store *store)
{
	char set[64];
	long is = -1;

	if (sqlite3_exec(store->db, "PRAGMA user_version", take_version, &is,
			 NULL))
		return store_fault(store);
	if (is == schema_version())
		return 0;
	snprintf(set, sizeof(set), "PRAGMA user_version = %d",
		 schema_version());
	if (sqlite3_exec(store->db, schema, NULL, NULL, NULL) ||
	    sqlite3_exec(store->db, set, NULL, NULL, NULL))
		return store_fault(store);
	return 0;
}

static int open_db(struct store *store, const char *dir)
{
	const char *sync = store->sync == STORE_SAFE ?
		"PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL";
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/store.db", dir);
	if (sqlite3_open_v2(path, &store->db, SQLITE_OPEN_READWRITE |
			    SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL) ||
	    sqlite3_busy_timeout(store->db, BUSY_MS) ||
	    sqlite3_exec(store->db, "PRAGMA journal_mode = WAL", NULL, NULL,
			 NULL) ||
	    sqlite3_exec(store->db, sync, NULL, NULL, NULL))
		return store_fault(store);
	return make_tables(store);
}

/* Where the log's last line ends, among the counters. */
#define LOG_BYTES "audit-bytes"

static int get_head(struct store *store, struct audit_head *head)
{
	sqlite3_stmt *statement = store_statement(store, ST_GET_HEAD);

	memset(head, 0, sizeof(*head));
	if (sqlite3_step(statement) == SQLITE_ROW) {
		head->lines = sqlite3_column_int64(statement, 0);
		if (sqlite3_column_bytes(statement, 1) == AUDIT_HASH_BYTES)
			memcpy(head->hash, sqlite3_column_blob(statement, 1),
			       AUDIT_HASH_BYTES);
	}
	return store_run(store, ST_GET_HEAD) ?:
	       store_get(store, LOG_BYTES, &head->bytes);
}

static int set_head(struct store *store, const struct audit_head *head)
{
	sqlite3_stmt *statement = store_statement(store, ST_SET_HEAD);

	sqlite3_bind_int64(statement, 1, head->lines);
	sqlite3_bind_blob(statement, 2, head->hash, sizeof(head->hash),
			  SQLITE_TRANSIENT);
	return store_run(store, ST_SET_HEAD) ?:
	       store_set(store, LOG_BYTES, head->bytes);
}

/*
 * The log against the store, which has @head of it. Lines that the store does not
 * know were written by a process that was ended, or had no room, before it could
 * acknowledge them: they stay, and count from now on; half a line goes.
 */
static int join_log(struct store *store, struct audit_head *head)
{
	struct audit_head have;
	int err;

	err = audit_join(store->log_path, head, &have, store->why);
	if (err)
		return err;
	if (ftruncate(store->log, have.bytes))
		return log_fault(store, -errno);
	*head = have;
	return 0;
}

/* As a rule the log ends where it is known to, and nothing is to be written. */
static int settle_log(struct store *store)
{
	struct audit_head known, head;
	int err;

	err = get_head(store, &known);
	head = known;
	err = err ? err : join_log(store, &head);
	if (!err && memcmp(&head, &known, sizeof(head)))
		err = set_head(store, &head);
	return err ? err : store_run(store, ST_COMMIT);
}

/* Whoever else has it open adds nothing meanwhile. */
static int open_log(struct store *store, const char *dir)
{
	int err;

	snprintf(store->log_path, sizeof(store->log_path), "%s/audit.log", dir);
	store->log = open(store->log_path,
			  O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	if (store->log < 0)
		return log_fault(store, -errno);
	err = store_begin(store);
	if (err)
		return err;
	err = settle_log(store);
	if (err)
		store_abort(store);
	return err;
}

struct store *store_open(const char *dir, enum store_sync sync,
			 char why[DC_WHY_MAX])
{
	struct store *store = calloc(1, sizeof(*store));

	if (!store) {
		snprintf(why, DC_WHY_MAX, "%s", strerror(ENOMEM));
		return NULL;
	}
	store->log = -1;
	store->sync = sync;
	if (mkdir(dir, 0700) && errno != EEXIST)
		snprintf(store->why, sizeof(store->why), "%s", strerror(errno));
	else if (!open_db(store, dir) && !open_log(store, dir))
		return store;
	snprintf(why, DC_WHY_MAX, "%.100s: %.200s", dir, store->why);
	store_close(store);
	return NULL;
}

void store_close(struct store *store)
{
	int i;

	if (!store)
		return;
	for (i = 0; i < STATEMENTS; i++)
		sqlite3_finalize(store->statement[i]);
	sqlite3_close(store->db);
	if (store->log >= 0)
		close(store->log);
	free(store);
}

/* ---- transactions ------------------------------------------------------ */

int store_begin(struct store *store)
{
	if (!sqlite3_get_autocommit(store->db))
		store_abort(store);
	store_statement(store, ST_BEGIN);
	return store_run(store, ST_BEGIN);
}

void store_abort(struct store *store)
{
	store_statement(store, ST_ROLLBACK);
	if (!sqlite3_get_autocommit(store->db))
		store_run(store, ST_ROLLBACK);
}

/* The next line is to follow the log's last one, whether the store knows it or not. */
static int follow_log(struct store *store, struct audit_head *head)
{
	struct stat stat;

	if (fstat(store->log, &stat))
		return log_fault(store, -errno);
	return (uint64_t)stat.st_size == head->bytes ? 0 :
	       join_log(store, head);
}

static int append(struct store *store, struct audit_head *head,
		  const char *log)
{
	int err = audit_append(store->log, head, log,
			       store->sync == STORE_SAFE);

	return err ? log_fault(store, err) : 0;
}

/* The log first: the store never knows of a line that is not there. */
static int commit(struct store *store, const char *log)
{
	struct audit_head head;
	int err;

	err = get_head(store, &head);
	err = err ? err : follow_log(store, &head);
	err = err ? err : append(store, &head, log);
	err = err ? err : set_head(store, &head);
	if (err)
		return err;
	store_statement(store, ST_COMMIT);
	err = store_run(store, ST_COMMIT);
	/* Who watches is told of what is there now; the line was there before. */
	if (!err)
		futimens(store->log, NULL);
	return err;
}

int store_watch(const char *dir)
{
	int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	char path[PATH_MAX];
	int err;

	if (fd < 0)
		return -errno;
	snprintf(path, sizeof(path), "%s/audit.log", dir);
	if (inotify_add_watch(fd, path, IN_ATTRIB) >= 0)
		return fd;
	err = -errno;
	close(fd);
	return err;
}

bool store_watched(int fd)
{
	char events[4096];
	bool any = false;

	while (read(fd, events, sizeof(events)) > 0)
		any = true;
	return any;
}

int store_commit(struct store *store, const char *log)
{
	int err = commit(store, log);

	if (err)
		store_abort(store);
	return err;
}

int store_log(struct store *store, const char *log)
{
	int err = store_begin(store);

	return err ? err : store_commit(store, log);
}

int store_number(struct store *store, enum store_counter counter,
		 uint64_t *number)
{
	sqlite3_stmt *statement = store_statement(store, ST_NUMBER);

	sqlite3_bind_int(statement, 1, counter);
	if (sqlite3_step(statement) != SQLITE_ROW)
		return store_fault(store);
	*number = sqlite3_column_int64(statement, 0);
	return store_run(store, ST_NUMBER);
}

int store_last(struct store *store, enum store_counter counter,
	       uint64_t *number)
{
	sqlite3_stmt *statement = store_statement(store, ST_LAST);

	sqlite3_bind_int(statement, 1, counter);
	*number = 0;
	if (sqlite3_step(statement) == SQLITE_ROW)
		*number = sqlite3_column_int64(statement, 0);
	return store_run(store, ST_LAST);
}

uint64_t store_version(struct store *store)
{
	sqlite3_stmt *statement = store_statement(store, ST_VERSION);
	uint64_t version = 0;

	if (sqlite3_step(statement) == SQLITE_ROW)
		version = sqlite3_column_int64(statement, 0);
	sqlite3_reset(statement);
	return version;
}

int store_get(struct store *store, const char *name, uint64_t *value)
{
	sqlite3_stmt *statement = store_statement(store, ST_GET);

	sqlite3_bind_text(statement, 1, name, -1, SQLITE_TRANSIENT);
	*value = 0;
	if (sqlite3_step(statement) == SQLITE_ROW)
		*value = sqlite3_column_int64(statement, 0);
	return store_run(store, ST_GET);
}

int store_set(struct store *store, const char *name, uint64_t value)
{
	sqlite3_stmt *statement = store_statement(store, ST_SET);

	sqlite3_bind_text(statement, 1, name, -1, SQLITE_TRANSIENT);
	sqlite3_bind_int64(statement, 2, value);
	return store_run(store, ST_SET);
}
