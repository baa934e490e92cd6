// SPDX-License-Identifier: GPL-2.0
/*
 * Which prefix LSAs lean on which grants, found by the grant's hash; and grants
 * that stand in. An LSA may come before the grant that it names: what was told
 * of one of its names under an older grant stays told under that, as long as it
 * still allows it and LENT_US at most. The newer LSA is the origin's own word, so
 * a name that it does not have, or whose grant was revoked, goes all the same.
 */
#include <stdlib.h>
#include <string.h>

#include "node_int.h"

/*
 * For a grant that comes behind its LSA. What is lost is sent again after 0.2,
 * 0.6, 1.4 s and so on (flood.h); a grant that never comes is no grant.
 */
#define LENT_US 10000000ull

static struct grant_ref **chain(struct dc_node *node,
				const struct dc_hash *grant)
{
	uint64_t secret = ls_get64(node->random_key) | 1;

	return &node->grants[lsdb_short(grant) * secret >> 52];
}

/* ---- which LSAs lean on it --------------------------------------------- */

static struct grant_ref *new_ref(struct dc_node *node, struct lsdb_entry *entry,
				 const struct dc_hash *grant)
{
	struct grant_ref *ref = calloc(1, sizeof(*ref)), **at;

	if (!ref)
		return NULL;
	at = chain(node, grant);
	ref->grant = *grant;
	ref->entry = entry;
	ref->of_entry = entry->refs;
	entry->refs = ref;
	ref->next = *at;
	*at = ref;
	return ref;
}

static void free_ref(struct dc_node *node, struct grant_ref *ref)
{
	struct grant_ref **at = chain(node, &ref->grant);

	while (*at != ref)
		at = &(*at)->next;
	*at = ref->next;
	dc_due_clear(&node->lent, &ref->lent);
	free(ref);
}

void grants_drop(struct dc_node *node, struct lsdb_entry *entry)
{
	struct grant_ref *ref;

	while ((ref = entry->refs)) {
		entry->refs = ref->of_entry;
		free_ref(node, ref);
	}
}

static bool has_ref(const struct lsdb_entry *entry, const struct dc_hash *grant)
{
	const struct grant_ref *ref;

	for (ref = entry->refs; ref; ref = ref->of_entry)
		if (!memcmp(&ref->grant, grant, sizeof(*grant)))
			return true;
	return false;
}

void grants_add(struct dc_node *node, struct lsdb_entry *entry,
		const struct dc_hash *grant)
{
	static const struct dc_hash none;

	if (memcmp(grant, &none, sizeof(none)) && !has_ref(entry, grant))
		new_ref(node, entry, grant);
}

void grants_each(struct dc_node *node, const struct dc_hash *grant,
		 void (*each)(struct dc_node *node, struct lsdb_entry *entry))
{
	struct grant_ref *ref;

	for (ref = *chain(node, grant); ref; ref = ref->next)
		if (!memcmp(&ref->grant, grant, sizeof(*grant)))
			each(node, ref->entry);
}

/* ---- those that stand in ----------------------------------------------- */

static struct grant_ref *find_lent(const struct lsdb_entry *entry, uint32_t i)
{
	struct grant_ref *ref;

	for (ref = entry->refs; ref; ref = ref->of_entry)
		if (ref->lent.place && ref->prefix == i)
			return ref;
	return NULL;
}

static struct grant_ref *first_lent(const struct dc_node *node)
{
	struct dc_due *first = dc_due_first(&node->lent);

	return first ? dc_due_of(first, struct grant_ref, lent) : NULL;
}

bool grants_lent(const struct dc_node *node, const struct lsdb_entry *entry,
		 uint32_t i, struct grant_lent *lent)
{
	const struct grant_ref *ref;

	/* As nearly always: none anywhere, so no refs are walked. */
	if (!first_lent(node))
		return false;
	ref = find_lent(entry, i);
	if (!ref)
		return false;
	lent->grant = ref->grant;
	lent->until_us = ref->lent.at;
	return true;
}

bool grants_lend(struct dc_node *node, struct lsdb_entry *entry, uint32_t i,
		 const struct grant_lent *lent)
{
	uint64_t until_us = lent->until_us;
	struct grant_ref *ref;

	if (!until_us)
		until_us = node->now_us + LENT_US;
	if (until_us <= node->now_us)
		return false;
	ref = new_ref(node, entry, &lent->grant);
	if (!ref)
		return false;
	ref->prefix = i;
	return !dc_due_set(&node->lent, &ref->lent, until_us);
}

/* It stays as what the LSA leans on, for who is on the way along its chain. */
void grants_return(struct dc_node *node, struct lsdb_entry *entry, uint32_t i)
{
	struct grant_ref *ref = find_lent(entry, i);

	if (ref)
		dc_due_clear(&node->lent, &ref->lent);
}

struct lsdb_entry *grants_overdue(struct dc_node *node)
{
	struct grant_ref *ref = first_lent(node);

	if (!ref || ref->lent.at > node->now_us)
		return NULL;
	dc_due_clear(&node->lent, &ref->lent);
	return ref->entry;
}

uint64_t grants_next(const struct dc_node *node)
{
	const struct grant_ref *ref = first_lent(node);

	return ref ? ref->lent.at : UINT64_MAX;
}

void grants_free(struct dc_node *node)
{
	struct grant_ref *ref;
	unsigned int i;

	for (i = 0; i < NODE_GRANT_CHAINS; i++) {
		while ((ref = node->grants[i])) {
			node->grants[i] = ref->next;
			free(ref);
		}
	}
	dc_dues_free(&node->lent);
}
