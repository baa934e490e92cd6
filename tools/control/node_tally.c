// SPDX-License-Identifier: GPL-2.0
/*
 * Each node's prefix LSAs in the database, and how many names they have: its
 * certificate's cap is on their sum, and no single LSA tells that.
 */
#include <stdlib.h>
#include <string.h>

#include "node_int.h"

struct tally {
	struct dc_node_id id;
	uint32_t n;
	struct tally *next;
	LIST_HEAD(, lsdb_entry) lsas;
};

static struct tally **place(struct dc_node *node, const struct dc_node_id *id)
{
	uint8_t mac[DC_MAC_BYTES];
	struct tally **at;

	dc_mac(mac, id->byte, id->len, node->random_key);
	at = &node->tally[ls_get16(mac) % NODE_TALLY_CHAINS];
	while (*at && !dc_node_id_equal(&(*at)->id, id))
		at = &(*at)->next;
	return at;
}

static uint32_t cap_of(const struct dc_node *node, const struct dc_node_id *id)
{
	const struct dc_cert *cert = dc_trust_cert_of_node(node->trust, id);

	return cert ? cert->max_prefixes : 0;
}

bool tally_change(struct dc_node *node, const struct dc_node_id *id,
		  uint32_t more, uint32_t fewer)
{
	struct tally **at = place(node, id), *tally = *at;

	if (!tally) {
		tally = calloc(1, sizeof(*tally));
		if (!tally)
			return false;
		tally->id = *id;
		*at = tally;
	}
	tally->n += more - fewer;
	if (!tally->n) {
		*at = tally->next;
		free(tally);
		return true;
	}
	return tally->n <= cap_of(node, id);
}

void tally_link(struct dc_node *node, const struct dc_node_id *id,
		struct lsdb_entry *entry)
{
	struct tally *tally = *place(node, id);

	if (!tally || entry->listed)
		return;
	LIST_INSERT_HEAD(&tally->lsas, entry, of_node);
	entry->listed = true;
}

void tally_unlink(struct lsdb_entry *entry)
{
	if (!entry->listed)
		return;
	LIST_REMOVE(entry, of_node);
	entry->listed = false;
}

void tally_each(struct dc_node *node, const struct dc_node_id *id,
		void (*each)(struct dc_node *node, struct lsdb_entry *entry))
{
	struct tally *tally = *place(node, id);
	struct lsdb_entry *entry;

	if (!tally)
		return;
	LIST_FOREACH(entry, &tally->lsas, of_node)
		each(node, entry);
}

void tally_free(struct dc_node *node)
{
	struct tally *tally;
	unsigned int i;

	for (i = 0; i < NODE_TALLY_CHAINS; i++) {
		while ((tally = node->tally[i])) {
			node->tally[i] = tally->next;
			free(tally);
		}
	}
}
