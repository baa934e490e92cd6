// SPDX-License-Identifier: GPL-2.0
/*
 * Which entry of the database is due first: a binary heap by time.
 */
#include "lsdb.h"

static void swap(struct lsdb *db, size_t a, size_t b)
{
	struct lsdb_entry *entry = db->heap[a];

	db->heap[a] = db->heap[b];
	db->heap[b] = entry;
	db->heap[a]->heap = a;
	db->heap[b]->heap = b;
}

static size_t sooner_child(const struct lsdb *db, size_t i)
{
	size_t child = 2 * i + 1;

	if (child + 1 < db->n &&
	    db->heap[child + 1]->due_us < db->heap[child]->due_us)
		child++;
	return child;
}

static void sift_down(struct lsdb *db, size_t i)
{
	for (;;) {
		size_t child = sooner_child(db, i);

		if (child >= db->n ||
		    db->heap[i]->due_us <= db->heap[child]->due_us)
			return;
		swap(db, i, child);
		i = child;
	}
}

static void sift_up(struct lsdb *db, size_t i)
{
	while (i) {
		size_t parent = (i - 1) / 2;

		if (db->heap[parent]->due_us <= db->heap[i]->due_us)
			return;
		swap(db, i, parent);
		i = parent;
	}
}

void lsdb_due(struct lsdb *db, struct lsdb_entry *entry, uint64_t due_us)
{
	entry->due_us = due_us;
	sift_up(db, entry->heap);
	sift_down(db, entry->heap);
}

struct lsdb_entry *lsdb_first(const struct lsdb *db)
{
	return db->n ? db->heap[0] : NULL;
}
