// SPDX-License-Identifier: GPL-2.0
/*
 * Grants, and who may announce what. What is announced is compared with a
 * certificate or one grant, so its cost does not depend on how many there are.
 */
#include <stdlib.h>
#include <string.h>

#include "trust_state.h"

static const struct damc_name damc_tree = { 5, "\4damc" };
static const struct damc_name localhost_tree = { 10, "\11localhost" };
static const struct damc_name localhop_tree = { 9, "\10localhop" };
static const struct damc_name pod_tree = { 4, "\3pod" };
static const struct damc_name spa_pool = { 9, "\4damc\3spa" };
static const struct damc_name scsc_pool = { 10, "\4damc\4scsc" };

static const struct dc_hash no_grant;

/* The fabric's own, and the root. */
static bool reserved(const struct damc_name *name)
{
	return !name->len || damc_name_below(name, &damc_tree) ||
	       damc_name_below(name, &localhost_tree) ||
	       damc_name_below(name, &localhop_tree);
}

/* A pod's name is its gateway's to announce, by certificate. */
bool trust_grantable(const struct damc_name *name)
{
	return !reserved(name) && !damc_name_below(name, &pod_tree);
}

/* Whether @name is @pool and one component more. */
static bool member_of(const struct damc_name *name,
		      const struct damc_name *pool)
{
	return name->len > pool->len && damc_name_below(name, pool) &&
	       name->len == pool->len + 1 + name->wire[pool->len];
}

/* ---- by certificate ---------------------------------------------------- */

static bool ends_with(const struct damc_name *name,
		      const struct damc_name *prefix,
		      const struct dc_node_id *id)
{
	return member_of(name, prefix) &&
	       name->wire[prefix->len] == id->len &&
	       !memcmp(&name->wire[prefix->len + 1], id->byte, id->len);
}

static bool by_role(const struct trust_cert *cert,
		    const struct dc_prefix *prefix)
{
	static const struct damc_name node_tree = { 10, "\4damc\4node" };
	const struct damc_name *name = &prefix->name;
	uint8_t roles = cert->body.roles;

	if (prefix->right == DC_RIGHT_NAME)
		return ends_with(name, &node_tree, &cert->id);
	return prefix->right == DC_RIGHT_MEMBER &&
	       ((roles & DC_ROLE_SPA &&
		 ends_with(name, &spa_pool, &cert->id)) ||
		(roles & DC_ROLE_SCSC &&
		 ends_with(name, &scsc_pool, &cert->id)));
}

/* At or below /pod/ID. */
static bool own_pod(const struct trust_cert *cert,
		    const struct damc_name *name)
{
	struct damc_name mine = pod_tree;

	return !damc_name_append(&mine, cert->id.byte, cert->id.len) &&
	       damc_name_below(name, &mine);
}

struct damc_name trust_name_up(const struct damc_name *name)
{
	struct damc_name above = *name;
	uint32_t at, last = 0;

	for (at = 0; at < name->len; at += 1 + name->wire[at])
		last = at;
	above.len = last;
	return above;
}

/* What is decided about: the name, of a member its pool. */
static struct damc_name claimed(const struct dc_prefix *prefix)
{
	return prefix->right == DC_RIGHT_NAME ? prefix->name :
	       trust_name_up(&prefix->name);
}

static enum dc_verdict by_cert(const struct trust_cert *cert,
			       const struct dc_prefix *prefix)
{
	const struct damc_name *name = &prefix->name;
	struct damc_name claim = claimed(prefix);

	if (by_role(cert, prefix))
		return DC_VALID;
	if (reserved(name) || !(cert->body.roles & DC_ROLE_SG))
		return DC_NOT_ALLOWED;
	if (prefix->right == DC_RIGHT_NAME && own_pod(cert, name))
		return DC_VALID;
	return trust_in_subtrees(&cert->body, &claim) ? DC_VALID :
		DC_NOT_ALLOWED;
}

/* ---- by grant ---------------------------------------------------------- */

static bool covers(const struct trust_grant *grant,
		   const struct dc_prefix *prefix)
{
	const struct damc_name *name = &prefix->name;

	if (!damc_name_below(name, &grant->subject))
		return false;
	if (grant->rights & DC_RIGHT_TREE && name->len > grant->subject.len)
		return true;
	if (prefix->right == DC_RIGHT_NAME)
		return grant->rights & DC_RIGHT_NAME;
	return grant->rights & DC_RIGHT_MEMBER &&
	       member_of(name, &grant->subject);
}

static bool allows_node(const struct trust_grant *grant,
			const struct dc_hash *node)
{
	uint32_t i;

	if (grant->of_node &&
	    memcmp(&grant->pod_node, node, sizeof(*node)))
		return false;
	for (i = 0; i < grant->n_gateways; i++)
		if (!memcmp(&grant->gateway[i], node, sizeof(*node)))
			return true;
	return !grant->n_gateways;
}

bool trust_grant_allows(const struct trust_grant *grant,
			const struct dc_prefix *prefix,
			const struct dc_hash *node)
{
	return covers(grant, prefix) && allows_node(grant, node);
}

/* Not here: it may come yet, unless it was revoked before. */
static enum dc_verdict without(const struct dc_trust *trust,
			       const struct dc_prefix *prefix)
{
	struct damc_name above = prefix->name;
	struct dc_hash key;

	if (!trust->revoked.n)
		return DC_UNKNOWN;
	for (; above.len; above = trust_name_up(&above)) {
		trust_revocation_key(&key, &prefix->grant, &above);
		if (trust_is_revoked(trust, &key))
			return DC_REVOKED;
	}
	return DC_UNKNOWN;
}

static enum dc_verdict by_grant(const struct dc_trust *trust,
				const struct trust_cert *cert,
				const struct dc_prefix *prefix, uint64_t now_ms)
{
	const struct trust_grant *grant =
		dc_map_get(&trust->grants, &prefix->grant);

	if (!grant)
		return without(trust, prefix);
	if (grant->item.state != DC_VALID)
		return grant->item.state;
	if (!(cert->body.roles & DC_ROLE_SG) ||
	    !trust_grant_allows(grant, prefix, &cert->node))
		return DC_NOT_ALLOWED;
	if (!grant->portable)
		return DC_VALID;
	return trust_is_bound(trust, grant, prefix, &cert->id, &cert->node,
			      now_ms);
}

enum dc_verdict dc_trust_prefix(struct dc_trust *trust,
				const struct dc_node_id *node,
				const struct dc_prefix *prefix, uint64_t now_us)
{
	struct dc_hash key = trust_node_key(trust, node);
	uint64_t now_ms = trust_advance(trust, now_us);
	const struct trust_cert *cert;

	cert = trust_cert_of_node(trust, &key);
	if (!cert)
		return DC_UNKNOWN;
	if (cert->item.state != DC_VALID)
		return cert->item.state;
	if (prefix->right != DC_RIGHT_NAME && prefix->right != DC_RIGHT_MEMBER)
		return DC_NOT_ALLOWED;
	if (!memcmp(&prefix->grant, &no_grant, sizeof(no_grant)))
		return by_cert(cert, prefix);
	return by_grant(trust, cert, prefix, now_ms);
}

/* ---- a new one --------------------------------------------------------- */

/* Of /pod/NODE and below, the node's key. */
static bool node_of_pod(const struct dc_trust *trust,
			const struct damc_name *pod, struct dc_hash *node)
{
	struct dc_node_id id = { 0 };
	size_t len;

	if (pod->len <= pod_tree.len || !damc_name_below(pod, &pod_tree))
		return false;
	len = pod->wire[pod_tree.len];
	if (len > DC_NODE_ID_MAX)
		return false;
	id.len = len;
	memcpy(id.byte, &pod->wire[pod_tree.len + 1], len);
	*node = trust_node_key(trust, &id);
	return true;
}

static struct trust_grant *from_object(const struct dc_trust *trust,
				       const struct dc_object *object,
				       const struct dc_hash *hash)
{
	struct trust_grant *grant;
	struct dc_grant body;
	uint32_t i;

	if (dc_grant_read(&body, object))
		return NULL;
	grant = calloc(1, sizeof(*grant) +
		       body.n_gateways * sizeof(grant->gateway[0]));
	if (!grant)
		return NULL;
	grant->item.kind = TRUST_GRANT;
	grant->item.state = DC_VALID;
	grant->item.hash = *hash;
	grant->item.not_after = object->not_after;
	grant->item.issuer = object->issuer;
	trust_revocation_key(&grant->item.revocation, hash, &object->subject);
	grant->rights = body.rights;
	grant->subject = object->subject;
	grant->of_node = !body.has_key &&
			 node_of_pod(trust, &body.pod, &grant->pod_node);
	grant->n_gateways = body.n_gateways;
	for (i = 0; i < body.n_gateways; i++)
		grant->gateway[i] = trust_node_key(trust, &body.gateway[i]);
	grant->portable = dc_grant_portable(&body);
	if (grant->portable)
		dc_keyid_of(&grant->key, body.key);
	return grant;
}

enum dc_verdict trust_grant_add(struct dc_trust *trust,
				const struct dc_object *object,
				const struct dc_hash *hash)
{
	struct trust_item *known = dc_map_get(&trust->grants, hash);
	struct trust_grant *grant;

	if (known) {
		/* Neither its time nor its issuer's is over, or it were not here. */
		if (known->state == DC_EXPIRED)
			trust_revive(trust, known);
		return known->state;
	}
	grant = from_object(trust, object, hash);
	if (!grant)
		return DC_FULL;
	if (trust_is_revoked(trust, &grant->item.revocation)) {
		free(grant);
		return DC_REVOKED;
	}
	if (!trust_room(trust, TRUST_GRANT) ||
	    (grant->portable && trust_hold(trust, grant))) {
		free(grant);
		return DC_FULL;
	}
	if (trust_item_add(trust, &grant->item)) {
		trust_item_free(trust, &grant->item);
		return DC_FULL;
	}
	return DC_VALID;
}
