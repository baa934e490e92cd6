// SPDX-License-Identifier: GPL-2.0
/*
 * Which entry of the database is due first: a binary heap by time. The times are
 * in the heap itself: of the entries it passes by, nothing is read.
 */
#include "lsdb.h"

static void put(struct lsdb *db, size_t i, const struct lsdb_due *due)
{
	db->heap[i] = *due;
	due->entry->heap = i;
}

static size_t sooner_child(const struct lsdb *db, size_t i)
{
	size_t child = 2 * i + 1;

	if (child + 1 < db->n &&
	    db->heap[child + 1].at_us < db->heap[child].at_us)
		child++;
	return child;
}

static void sift_down(struct lsdb *db, size_t i, const struct lsdb_due *due)
{
	size_t child;

	while ((child = sooner_child(db, i)) < db->n &&
	       db->heap[child].at_us < due->at_us) {
		put(db, i, &db->heap[child]);
		i = child;
	}
	put(db, i, due);
}

static size_t sift_up(struct lsdb *db, size_t i, const struct lsdb_due *due)
{
	size_t parent;

	for (; i; i = parent) {
		parent = (i - 1) / 2;
		if (db->heap[parent].at_us <= due->at_us)
			break;
		put(db, i, &db->heap[parent]);
	}
	return i;
}

void lsdb_due(struct lsdb *db, struct lsdb_entry *entry, uint64_t due_us)
{
	struct lsdb_due due = { due_us, entry };

	sift_down(db, sift_up(db, entry->heap, &due), &due);
}

uint64_t lsdb_next(const struct lsdb *db)
{
	return db->n ? db->heap[0].at_us : UINT64_MAX;
}

struct lsdb_entry *lsdb_first(const struct lsdb *db)
{
	return db->n ? db->heap[0].entry : NULL;
}
