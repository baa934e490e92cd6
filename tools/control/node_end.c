// SPDX-License-Identifier: GPL-2.0
/*
 * How objects end: by their lifetime, by domain time, by revocation. Of an LSA
 * that expired the header is remembered for one more lifetime, so that no late
 * copy brings it back.
 */
#include <string.h>

#include "node_int.h"

static bool is_by(const struct lsdb_entry *entry, const struct dc_keyid *issuer)
{
	struct dc_object object;

	return !dc_object_read(&object, entry->bytes, entry->len, NULL) &&
	       !memcmp(&object.issuer, issuer, sizeof(*issuer));
}

/* LSAs of a key that no valid certificate has any more. */
static void end_lsas(struct dc_node *node, const struct dc_keyid *issuer)
{
	struct lsdb_entry *entry, *next;

	entry = LIST_FIRST(lsdb_issued(node->db, issuer));
	for (; entry; entry = next) {
		next = LIST_NEXT(entry, of_issuer);
		if (!is_by(entry, issuer))
			continue;
		names_gone(node, entry, true);
		lsdb_remove(node->db, entry);
	}
}

static void end_neighbours(struct dc_node *node, const struct dc_hash *cert)
{
	uint32_t i = 0;

	while (i < node->n_adjs) {
		struct adj *adj = node->adj[i];

		if (memcmp(&adj->hello.cert, cert, sizeof(*cert))) {
			i++;
			continue;
		}
		/* Its hello was verified with that: it has to be anew. */
		adj_down(node, adj, "certificate");
		adj_free(node, adj);
	}
}

static void end_cert(struct dc_node *node, struct lsdb_entry *entry)
{
	struct dc_hash hash = entry->hash;
	struct dc_object object;
	struct dc_keyid key;
	struct dc_cert cert;

	if (!memcmp(&hash, &node->cert_hash, sizeof(hash)))
		node_event(node, "certificate-ended", "serial=%u",
			   node->serial);
	if (!dc_object_read(&object, entry->bytes, entry->len, NULL) &&
	    !dc_cert_read(&cert, &object)) {
		dc_keyid_of(&key, cert.key);
		if (!dc_trust_cert_of_key(node->trust, &key)) {
			end_neighbours(node, &hash);
			end_lsas(node, &key);
		}
		names_cert(node, &object.subject);
	}
	lsdb_remove(node->db, entry);
}

static void ended(struct dc_node *node, const struct dc_hash *hash)
{
	struct lsdb_entry *entry;
	struct dc_hash key;

	lsdb_key_of_hash(&key, DC_CERT, hash);
	entry = lsdb_find(node->db, &key);
	if (entry && entry->bytes) {
		end_cert(node, entry);
		return;
	}
	lsdb_key_of_hash(&key, DC_GRANT, hash);
	entry = lsdb_find(node->db, &key);
	if (entry)
		lsdb_remove(node->db, entry);
	names_grant(node, hash);
}

static void end_binding(struct dc_node *node, struct lsdb_entry *entry)
{
	names_binding(node, entry, NULL, 0);
	lsdb_remove(node->db, entry);
}

static void unbound(struct dc_node *node, const struct dc_trust_unbound *is)
{
	struct lsdb_entry *entry;
	struct dc_hash key;

	lsdb_key_of_issuers(&key, DC_BINDING, &is->name, is->shard, &is->key);
	entry = lsdb_find(node->db, &key);
	if (entry && entry->bytes)
		end_binding(node, entry);
}

void node_ended(struct dc_node *node)
{
	struct dc_trust_unbound is;
	struct dc_hash hash;

	while (dc_trust_ended(node->trust, &hash, node->now_us))
		ended(node, &hash);
	while (dc_trust_unbound(node->trust, &is))
		unbound(node, &is);
}

static void expire(struct dc_node *node, struct lsdb_entry *entry)
{
	node->counts.expired++;
	names_gone(node, entry, false);
	lsdb_expire(node->db, entry);
	lsdb_due(node->db, entry,
		 node->now_us + 1000000ull * entry->lifetime);
}

static void due(struct dc_node *node, struct lsdb_entry *entry)
{
	uint64_t time = dc_trust_time(node->trust, node->now_us);

	if (!entry->bytes) {
		lsdb_remove(node->db, entry);
	} else if (entry->expires_us == UINT64_MAX) {
		if (time < entry->not_after)
			lsdb_due(node->db, entry, node->now_us + 1000 *
				 (entry->not_after - time < 3600000 ?
				  entry->not_after - time : 3600000));
		else if (entry->type == DC_BINDING)
			end_binding(node, entry);
		else
			lsdb_remove(node->db, entry);
	} else if (node->now_us >= entry->expires_us) {
		expire(node, entry);
	} else {
		lsdb_due(node->db, entry, entry->expires_us);
		origin_refresh(node, entry);
	}
}

void node_objects_timer(struct dc_node *node)
{
	struct lsdb_entry *entry;

	while ((entry = lsdb_first(node->db)) &&
	       lsdb_next(node->db) <= node->now_us)
		due(node, entry);
}
