// SPDX-License-Identifier: GPL-2.0
/*
 * Bodies of LSAs. Names in a prefix LSA are in the order of their bytes, and of
 * each only what differs from the one before is written; grants are written
 * once, in the order of their first use. So 64 instances of one service fit.
 */
#include <errno.h>
#include <string.h>

#include "object.h"
#include "object_wire.h"

#define COST_MAX 0xffffff
#define LOSS_MAX 1000000

/* ---- links ------------------------------------------------------------- */

static void read_link(struct dc_link *link, struct dc_in *in)
{
	dc_get_node_id(in, &link->peer);
	link->id = dc_get(in, 4);
	link->peer_id = dc_get(in, 4);
	link->cost = dc_get(in, 4);
	link->delay_us = dc_get(in, 4);
	link->jitter_us = dc_get(in, 4);
	link->loss_ppm = dc_get(in, 4);
}

static bool link_ok(const struct dc_link *link)
{
	return link->peer.len && link->peer.len <= DC_NODE_ID_MAX &&
	       link->cost && link->cost <= COST_MAX &&
	       link->loss_ppm <= LOSS_MAX;
}

int dc_link_lsa_read(struct dc_link_lsa *lsa, const struct dc_object *object)
{
	struct dc_in in = { .at = object->body, .left = object->body_len };
	uint32_t i;

	memset(lsa, 0, sizeof(*lsa));
	lsa->flags = dc_get(&in, 4);
	lsa->n = dc_get(&in, 1);
	if (lsa->flags & ~DC_LSA_OVERLOAD || lsa->n > DC_LINKS_MAX)
		return -EBADMSG;
	for (i = 0; i < lsa->n; i++) {
		read_link(&lsa->link[i], &in);
		if (in.bad || !link_ok(&lsa->link[i]) ||
		    (i && lsa->link[i - 1].id >= lsa->link[i].id))
			return -EBADMSG;
	}
	return dc_in_end(&in);
}

static void write_link(struct dc_out *out, const struct dc_link *link)
{
	dc_put_node_id(out, &link->peer);
	dc_put(out, link->id, 4);
	dc_put(out, link->peer_id, 4);
	dc_put(out, link->cost, 4);
	dc_put(out, link->delay_us, 4);
	dc_put(out, link->jitter_us, 4);
	dc_put(out, link->loss_ppm, 4);
}

/* Which link goes where, by number: 0, or -EINVAL if two have one. */
static int order_links(const struct dc_link_lsa *lsa, uint8_t *order)
{
	uint32_t i, j;

	for (i = 0; i < lsa->n; i++) {
		uint32_t id = lsa->link[i].id;

		if (!link_ok(&lsa->link[i]))
			return -EINVAL;
		for (j = i; j && id < lsa->link[order[j - 1]].id; j--)
			order[j] = order[j - 1];
		if (j && id == lsa->link[order[j - 1]].id)
			return -EINVAL;
		order[j] = i;
	}
	return 0;
}

int dc_link_lsa_write(const struct dc_link_lsa *lsa, uint8_t *buf, size_t size)
{
	struct dc_out out = { .at = buf, .room = size };
	uint8_t order[DC_LINKS_MAX];
	uint32_t i;

	if (lsa->flags & ~DC_LSA_OVERLOAD || lsa->n > DC_LINKS_MAX ||
	    order_links(lsa, order))
		return -EINVAL;
	dc_put(&out, lsa->flags, 4);
	dc_put(&out, lsa->n, 1);
	for (i = 0; i < lsa->n; i++)
		write_link(&out, &lsa->link[order[i]]);
	return dc_out_end(&out);
}

/* ---- names ------------------------------------------------------------- */

/* Grants of an LSA, the first being number 1. */
struct grants {
	uint32_t n;
	uint32_t used;
	struct dc_hash hash[DC_PREFIXES_MAX];
};

static const struct dc_hash no_grant;

static bool hash_equal(const struct dc_hash *a, const struct dc_hash *b)
{
	return !memcmp(a, b, sizeof(*a));
}

/* Its number, or 0. */
static uint32_t find_grant(const struct grants *grants,
			   const struct dc_hash *hash)
{
	uint32_t i;

	for (i = 0; i < grants->n; i++)
		if (hash_equal(&grants->hash[i], hash))
			return i + 1;
	return 0;
}

static void read_grants(struct grants *grants, struct dc_in *in)
{
	uint32_t n = dc_get(in, 1);

	grants->n = 0;
	grants->used = 0;
	if (n > DC_PREFIXES_MAX)
		in->bad = true;
	while (grants->n < n && !in->bad) {
		struct dc_hash hash;

		dc_get_bytes(in, hash.byte, DC_HASH_BYTES);
		if (hash_equal(&hash, &no_grant) || find_grant(grants, &hash))
			in->bad = true;
		grants->hash[grants->n++] = hash;
	}
}

static size_t shared_bytes(const struct damc_name *a, const struct damc_name *b)
{
	size_t n = 0;

	while (n < a->len && n < b->len && a->wire[n] == b->wire[n])
		n++;
	return n;
}

/* A name that is told as what differs from @before, which comes before it. */
static void read_name(struct dc_in *in, struct damc_name *name,
		      const struct damc_name *before)
{
	size_t shared = dc_get(in, 1), rest = dc_get(in, 1);
	uint8_t wire[DAMC_NAME_MAX];

	if (shared > before->len || shared + rest > sizeof(wire)) {
		in->bad = true;
		return;
	}
	memcpy(wire, before->wire, shared);
	dc_get_bytes(in, wire + shared, rest);
	if (damc_name_from_wire(name, wire, shared + rest) ||
	    shared_bytes(name, before) != shared)
		in->bad = true;
}

static uint32_t depth_of(const struct damc_name *name)
{
	uint32_t depth = 0, at;

	for (at = 0; at < name->len; at += 1 + name->wire[at])
		depth++;
	return depth;
}

/* A pool has a name itself, so its members have two components. */
static bool right_ok(const struct dc_prefix *prefix)
{
	return prefix->right == DC_RIGHT_NAME ||
	       (prefix->right == DC_RIGHT_MEMBER &&
		depth_of(&prefix->name) >= 2);
}

static void read_prefix(struct dc_in *in, struct dc_prefix *prefix,
			struct grants *grants)
{
	uint32_t grant;

	prefix->right = dc_get(in, 1);
	prefix->weight = dc_get(in, 2);
	prefix->epoch = dc_get(in, 4);
	grant = dc_get(in, 1);
	if (grant > grants->n || grant > grants->used + 1 || !right_ok(prefix))
		in->bad = true;
	else if (grant)
		prefix->grant = grants->hash[grant - 1];
	if (grant > grants->used)
		grants->used = grant;
}

int dc_prefix_lsa_read(struct dc_prefix_lsa *lsa,
		       const struct dc_object *object)
{
	struct dc_in in = { .at = object->body, .left = object->body_len };
	static const struct damc_name root;
	const struct damc_name *before = &root;
	struct grants grants;
	uint32_t i;

	read_grants(&grants, &in);
	lsa->n = dc_get(&in, 1);
	if (lsa->n > DC_PREFIXES_MAX)
		return -EBADMSG;
	memset(lsa->prefix, 0, lsa->n * sizeof(lsa->prefix[0]));
	for (i = 0; i < lsa->n && !in.bad; i++) {
		struct dc_prefix *prefix = &lsa->prefix[i];

		read_name(&in, &prefix->name, before);
		read_prefix(&in, prefix, &grants);
		if (i && dc_bytes_cmp(before->wire, before->len,
				      prefix->name.wire,
				      prefix->name.len) >= 0)
			return -EBADMSG;
		before = &prefix->name;
	}
	return grants.used == grants.n ? dc_in_end(&in) : -EBADMSG;
}

uint32_t dc_prefix_lsa_count(const struct dc_object *object)
{
	return object->body[1 + object->body[0] * DC_HASH_BYTES];
}

/* Which prefix goes where, by name: 0, or -EINVAL if two have one. */
static int order_prefixes(const struct dc_prefix_lsa *lsa, uint8_t *order)
{
	uint32_t i, j;
	int diff;

	for (i = 0; i < lsa->n; i++) {
		const struct damc_name *name = &lsa->prefix[i].name;

		if (!right_ok(&lsa->prefix[i]))
			return -EINVAL;
		for (j = i; j; j--) {
			const struct damc_name *other =
				&lsa->prefix[order[j - 1]].name;

			diff = dc_bytes_cmp(name->wire, name->len, other->wire,
					    other->len);
			if (!diff)
				return -EINVAL;
			if (diff > 0)
				break;
			order[j] = order[j - 1];
		}
		order[j] = i;
	}
	return 0;
}

static void number_grants(const struct dc_prefix_lsa *lsa, const uint8_t *order,
			  struct grants *grants)
{
	uint32_t i;

	grants->n = 0;
	for (i = 0; i < lsa->n; i++) {
		const struct dc_hash *hash = &lsa->prefix[order[i]].grant;

		if (!hash_equal(hash, &no_grant) && !find_grant(grants, hash))
			grants->hash[grants->n++] = *hash;
	}
}

static void write_prefix(struct dc_out *out, const struct dc_prefix *prefix,
			 const struct damc_name *before,
			 const struct grants *grants)
{
	size_t shared = shared_bytes(&prefix->name, before);

	dc_put(out, shared, 1);
	dc_put(out, prefix->name.len - shared, 1);
	dc_put_bytes(out, prefix->name.wire + shared,
		     prefix->name.len - shared);
	dc_put(out, prefix->right, 1);
	dc_put(out, prefix->weight, 2);
	dc_put(out, prefix->epoch, 4);
	dc_put(out, find_grant(grants, &prefix->grant), 1);
}

int dc_prefix_lsa_write(const struct dc_prefix_lsa *lsa, uint8_t *buf,
			size_t size)
{
	struct dc_out out = { .at = buf, .room = size };
	static const struct damc_name root;
	const struct damc_name *before = &root;
	uint8_t order[DC_PREFIXES_MAX];
	struct grants grants;
	uint32_t i;

	if (lsa->n > DC_PREFIXES_MAX || order_prefixes(lsa, order))
		return -EINVAL;
	number_grants(lsa, order, &grants);
	dc_put(&out, grants.n, 1);
	dc_put_bytes(&out, grants.hash, grants.n * sizeof(grants.hash[0]));
	dc_put(&out, lsa->n, 1);
	for (i = 0; i < lsa->n; i++) {
		const struct dc_prefix *prefix = &lsa->prefix[order[i]];

		write_prefix(&out, prefix, before, &grants);
		before = &prefix->name;
	}
	return dc_out_end(&out);
}
