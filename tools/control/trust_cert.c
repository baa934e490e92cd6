// SPDX-License-Identifier: GPL-2.0
/*
 * Certificates, by hash, key and node. A node has its newest and, if that came
 * with a new key, the one before, so that what the old key signed lasts until
 * the node has signed it anew.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "trust_state.h"

struct trust_cert *trust_cert_of_key(const struct dc_trust *trust,
				     const struct dc_keyid *key)
{
	return dc_map_get(&trust->keys, key);
}

struct trust_cert *trust_cert_of_node(const struct dc_trust *trust,
				      const struct dc_hash *node)
{
	return dc_map_get(&trust->nodes, node);
}

static const struct dc_cert *valid_body(const struct trust_cert *cert)
{
	return cert && cert->item.state == DC_VALID ? &cert->body : NULL;
}

const struct dc_cert *dc_trust_cert_of_key(const struct dc_trust *trust,
					   const struct dc_keyid *key)
{
	return valid_body(trust_cert_of_key(trust, key));
}

const struct dc_cert *dc_trust_cert_of_node(const struct dc_trust *trust,
					    const struct dc_node_id *node)
{
	struct dc_hash key = trust_node_key(trust, node);

	return valid_body(trust_cert_of_node(trust, &key));
}

/* ---- its end ----------------------------------------------------------- */

static void end_grants(struct dc_trust *trust, const struct trust_cert *cert)
{
	struct trust_item *grant;
	uint32_t at = 0;

	while ((grant = dc_map_next(&trust->grants, &at)))
		if (!memcmp(&grant->issuer, &cert->key, sizeof(cert->key)))
			trust_end(trust, grant, cert->item.state);
}

void trust_cert_ended(struct dc_trust *trust, struct trust_cert *cert)
{
	struct trust_cert *newest = trust_cert_of_node(trust, &cert->node);

	if (newest && newest->previous == cert)
		newest->previous = NULL;
	if (cert->body.roles & DC_ROLE_SPA &&
	    trust_cert_of_key(trust, &cert->key) == cert) {
		end_grants(trust, cert);
		trust_rules_review(trust, cert);
	}
}

void trust_cert_free(struct dc_trust *trust, struct trust_cert *cert)
{
	if (trust_cert_of_key(trust, &cert->key) == cert)
		dc_map_del(&trust->keys, &cert->key);
	if (trust_cert_of_node(trust, &cert->node) != cert)
		return;
	if (cert->previous)
		dc_map_put(&trust->nodes, &cert->node, cert->previous);
	else
		dc_map_del(&trust->nodes, &cert->node);
}

void trust_certs_revive(struct dc_trust *trust, uint64_t now_ms)
{
	struct trust_cert *cert;
	uint32_t at = 0;

	while ((cert = dc_map_next(&trust->certs, &at))) {
		struct trust_item *item = &cert->item;

		if (item->state == DC_EXPIRED && !cert->superseded &&
		    item->not_after > now_ms)
			trust_revive(trust, item);
	}
}

/* ---- a new one --------------------------------------------------------- */

/* By serial; an anchor that signs two of one serial gets one of them. */
static bool newer(const struct trust_cert *a, const struct trust_cert *b)
{
	if (a->serial != b->serial)
		return a->serial > b->serial;
	return memcmp(&a->item.hash, &b->item.hash, sizeof(a->item.hash)) > 0;
}

static void supersede(struct dc_trust *trust, struct trust_cert *cert)
{
	cert->superseded = true;
	trust_end(trust, &cert->item, DC_EXPIRED);
}

static bool same_key(const struct trust_cert *a, const struct trust_cert *b)
{
	return !memcmp(&a->key, &b->key, sizeof(a->key));
}

/* Memory for the subtrees it has, not for all it could have. */
static struct trust_cert *make(const struct dc_cert *body)
{
	size_t head = offsetof(struct dc_cert, subtree);
	size_t subtrees = body->n_subtrees * sizeof(body->subtree[0]);
	struct trust_cert *cert;

	cert = calloc(1, offsetof(struct trust_cert, body) + head + subtrees);
	if (!cert)
		return NULL;
	memcpy(&cert->body, body, head);
	memcpy(cert->body.subtree, body->subtree, subtrees);
	return cert;
}

static struct trust_cert *from_object(const struct dc_trust *trust,
				      const struct dc_object *object,
				      const struct dc_hash *hash)
{
	struct trust_cert *cert;
	struct dc_cert body;

	if (dc_cert_read(&body, object))
		return NULL;
	cert = make(&body);
	if (!cert)
		return NULL;
	cert->item.kind = TRUST_CERT;
	cert->item.state = DC_VALID;
	cert->item.hash = *hash;
	cert->item.not_after = object->not_after;
	cert->item.issuer = object->issuer;
	trust_revocation_key(&cert->item.revocation, hash, &object->subject);
	cert->serial = object->seq.serial;
	dc_keyid_of(&cert->key, body.key);
	dc_node_id_of(&cert->id, &object->subject);
	cert->node = trust_node_key(trust, &cert->id);
	return cert;
}

/* Whether it may take its place, given what is known of its node and key. */
static enum dc_verdict place(struct dc_trust *trust,
			     const struct trust_cert *cert)
{
	struct trust_cert *holder = trust_cert_of_key(trust, &cert->key);
	struct trust_cert *newest = trust_cert_of_node(trust, &cert->node);

	if (holder && holder->item.state == DC_VALID &&
	    memcmp(&holder->node, &cert->node, sizeof(cert->node)))
		return DC_NOT_ALLOWED;
	if (trust_is_revoked(trust, &cert->item.revocation))
		return DC_REVOKED;
	if (!newest || newer(cert, newest))
		return DC_VALID;
	if (same_key(cert, newest) ||
	    (newest->previous && newer(newest->previous, cert)))
		return DC_EXPIRED;
	return DC_VALID;
}

/* The node's newest from now on. */
static int enter_newest(struct dc_trust *trust, struct trust_cert *cert,
			struct trust_cert *was)
{
	struct trust_cert *before;

	if (dc_map_put(&trust->nodes, &cert->node, cert) ||
	    dc_map_put(&trust->keys, &cert->key, cert))
		return -ENOMEM;
	if (!was)
		return 0;
	before = was->previous;
	was->previous = NULL;
	if (before)
		supersede(trust, before);
	if (same_key(was, cert))
		supersede(trust, was);
	else if (was->item.state == DC_VALID)
		cert->previous = was;
	return 0;
}

/* It came later than its successor. */
static int enter_previous(struct dc_trust *trust, struct trust_cert *cert,
			  struct trust_cert *newest)
{
	if (dc_map_put(&trust->keys, &cert->key, cert))
		return -ENOMEM;
	if (newest->previous)
		supersede(trust, newest->previous);
	newest->previous = cert;
	return 0;
}

static int enter(struct dc_trust *trust, struct trust_cert *cert)
{
	struct trust_cert *newest = trust_cert_of_node(trust, &cert->node);

	if (trust_item_add(trust, &cert->item))
		return -ENOMEM;
	if (!newest || newer(cert, newest))
		return enter_newest(trust, cert, newest);
	return enter_previous(trust, cert, newest);
}

enum dc_verdict trust_cert_add(struct dc_trust *trust,
			       const struct dc_object *object,
			       const struct dc_hash *hash)
{
	struct trust_item *known = dc_map_get(&trust->certs, hash);
	enum dc_verdict verdict;
	struct trust_cert *cert;

	if (known)
		return known->state;
	cert = from_object(trust, object, hash);
	if (!cert)
		return DC_FULL;
	verdict = place(trust, cert);
	if (verdict == DC_VALID && !trust_room(trust, TRUST_CERT))
		verdict = DC_FULL;
	if (verdict != DC_VALID) {
		free(cert);
		return verdict;
	}
	if (enter(trust, cert)) {
		trust_item_free(trust, &cert->item);
		return DC_FULL;
	}
	return DC_VALID;
}
