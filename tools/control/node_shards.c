// SPDX-License-Identifier: GPL-2.0
/*
 * Names announced here, in shards: the leaves of a binary tree by the bits of
 * their hashes. A shard's number is 1 and those bits. What grows too large for
 * one object is split, so a change issues one small LSA whatever the number of
 * names; a split shard is ended after its halves were issued.
 *
 * What a gateway says costs all others a signature to check, so it has a budget:
 * while names are few each is told at once, and when they are many shards take
 * turns and tell of several together. Bad news does not wait for it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "node_int.h"

#define NAMES_MAX 65536
#define NAME_CHAINS 8192
#define DEPTH_MAX 20
#define DEEPEST_NAMES 8
/* Between two issues of one shard: bad news, the rest. */
#define BAD_GAP_US 2000ull
#define GAP_US 10000ull
/* Shards issued a second, and at once, but for bad news. */
#define ISSUE_RATE 1000
#define ISSUE_BURST 64

/**
 * struct own_name - announced here, or not long ago
 * @good_us: when it may be told
 * @gone_us: when it was withdrawn
 */
struct own_name {
	struct dc_prefix prefix;
	bool present;
	struct damp damp;
	uint64_t good_us;
	uint64_t gone_us;
	struct own_name *in_chain;
	struct own_name *in_shard;
};

/**
 * struct own_shard - a leaf, or split
 * @bad, @news: when to issue it, for a name that goes or for another reason; a
 *	leaf is in both queues always, so there is room for it in them
 * @issued: an LSA of it is out
 */
struct own_shard {
	struct dc_due bad;
	struct dc_due news;
	uint32_t number;
	unsigned int depth;
	struct own_shard *half[2];
	struct own_name *names;
	uint32_t n;
	bool issued;
	uint64_t issued_us;
};

static void leave_queues(struct dc_node *node, struct own_shard *shard)
{
	dc_due_clear(&node->origin.bad_news, &shard->bad);
	dc_due_clear(&node->origin.news, &shard->news);
}

static struct own_shard *new_shard(struct dc_node *node, uint32_t number,
				   unsigned int depth)
{
	struct own_shard *shard = calloc(1, sizeof(*shard));

	if (!shard)
		return NULL;
	shard->number = number;
	shard->depth = depth;
	if (!dc_due_set(&node->origin.bad_news, &shard->bad, UINT64_MAX) &&
	    !dc_due_set(&node->origin.news, &shard->news, UINT64_MAX))
		return shard;
	leave_queues(node, shard);
	free(shard);
	return NULL;
}

int shards_init(struct dc_node *node)
{
	node->origin.names = calloc(NAME_CHAINS, sizeof(*node->origin.names));
	node->origin.shards = new_shard(node, 1, 0);
	return node->origin.names && node->origin.shards ? 0 : -ENOMEM;
}

static void free_shard(struct own_shard *shard)
{
	struct own_name *name;

	if (!shard)
		return;
	free_shard(shard->half[0]);
	free_shard(shard->half[1]);
	while ((name = shard->names)) {
		shard->names = name->in_shard;
		free(name);
	}
	free(shard);
}

void shards_free(struct dc_node *node)
{
	free_shard(node->origin.shards);
	dc_dues_free(&node->origin.bad_news);
	dc_dues_free(&node->origin.news);
	free(node->origin.names);
}

/* ---- finding ----------------------------------------------------------- */

static struct own_name **chain(struct dc_node *node,
			       const struct damc_name *name)
{
	uint8_t mac[DC_MAC_BYTES];

	dc_mac(mac, name->wire, name->len, node->random_key);
	return &node->origin.names[ls_get16(mac) % NAME_CHAINS];
}

static struct own_name *find(struct dc_node *node, const struct damc_name *name)
{
	struct own_name *own = *chain(node, name);

	while (own && !damc_name_equal(&own->prefix.name, name))
		own = own->in_chain;
	return own;
}

static struct own_shard *leaf_of(struct dc_node *node,
				 const struct damc_name *name)
{
	struct own_shard *shard = node->origin.shards;

	while (shard->half[0])
		shard = shard->half[names_shard(name, shard->depth + 1) & 1];
	return shard;
}

static struct own_shard *by_number(const struct dc_node *node, uint32_t number)
{
	struct own_shard *shard = node->origin.shards;
	unsigned int depth = 0;

	while (number >> depth > 1)
		depth++;
	while (shard && shard->number != number && depth--)
		shard = shard->half[number >> depth & 1];
	return shard && shard->number == number ? shard : NULL;
}

bool shards_has(const struct dc_node *node, uint32_t number)
{
	struct own_shard *shard = by_number(node, number);
	struct own_name *own = shard ? shard->names : NULL;

	while (own && !own->present)
		own = own->in_shard;
	return own;
}

/* ---- changing ---------------------------------------------------------- */

static void sooner(struct dc_dues *dues, struct dc_due *due, uint64_t us)
{
	if (us < due->at)
		dc_due_set(dues, due, us);
}

/* At once, if it was not issued just now. */
static void dirty(struct dc_node *node, struct own_shard *shard, bool bad)
{
	uint64_t us = shard->issued_us + (bad ? BAD_GAP_US : GAP_US);

	if (!shard->issued || us < node->now_us)
		us = node->now_us;
	if (bad)
		sooner(&node->origin.bad_news, &shard->bad, us);
	else
		sooner(&node->origin.news, &shard->news, us);
}

static struct own_name *new_name(struct dc_node *node,
				 const struct dc_prefix *prefix)
{
	struct own_shard *shard = leaf_of(node, &prefix->name);
	struct own_name *own, **at = chain(node, &prefix->name);

	if (node->origin.n_names >= NAMES_MAX ||
	    (shard->depth == DEPTH_MAX && shard->n >= DEEPEST_NAMES))
		return NULL;
	own = calloc(1, sizeof(*own));
	if (!own)
		return NULL;
	own->in_chain = *at;
	*at = own;
	own->in_shard = shard->names;
	shard->names = own;
	shard->n++;
	node->origin.n_names++;
	return own;
}

static void free_name(struct dc_node *node, struct own_shard *shard,
		      struct own_name **in_shard)
{
	struct own_name *own = *in_shard, **at = chain(node, &own->prefix.name);

	while (*at != own)
		at = &(*at)->in_chain;
	*at = own->in_chain;
	*in_shard = own->in_shard;
	shard->n--;
	node->origin.n_names--;
	free(own);
}

static bool same(const struct dc_prefix *a, const struct dc_prefix *b)
{
	return a->right == b->right && a->weight == b->weight &&
	       a->epoch == b->epoch &&
	       !memcmp(&a->grant, &b->grant, sizeof(a->grant));
}

static bool too_many(const struct dc_node *node)
{
	return node->cert.max_prefixes &&
	       node->origin.n_present >= node->cert.max_prefixes;
}

enum dc_verdict shards_add(struct dc_node *node, const struct dc_prefix *prefix)
{
	struct own_name *own = find(node, &prefix->name);

	if (own && own->present) {
		if (same(&own->prefix, prefix))
			return DC_VALID;
		own->prefix = *prefix;
		dirty(node, leaf_of(node, &prefix->name), false);
		return DC_VALID;
	}
	if (too_many(node))
		return DC_FULL;
	if (!own)
		own = new_name(node, prefix);
	if (!own)
		return DC_FULL;
	own->prefix = *prefix;
	own->present = true;
	node->origin.n_present++;
	own->good_us = damp_good(&own->damp, node->now_us);
	if (own->good_us <= node->now_us)
		dirty(node, leaf_of(node, &prefix->name), false);
	else
		sooner(&node->origin.news, &leaf_of(node, &prefix->name)->news,
		       own->good_us);
	return DC_VALID;
}

static void take_away(struct dc_node *node, struct own_name *own)
{
	own->present = false;
	own->gone_us = node->now_us;
	node->origin.n_present--;
}

void shards_remove(struct dc_node *node, const struct damc_name *name)
{
	struct own_name *own = find(node, name);

	if (!own || !own->present)
		return;
	take_away(node, own);
	dirty(node, leaf_of(node, name), true);
}

/* ---- what may not be said any more ------------------------------------- */

static bool allowed(struct dc_node *node, const struct own_name *own)
{
	return dc_trust_prefix(node->trust, &node->id, &own->prefix,
			       node->now_us) == DC_VALID;
}

static void refuse(struct dc_node *node, struct own_name *own)
{
	char text[DAMC_NAME_TEXT_MAX];

	if (damc_name_format(&own->prefix.name, text, sizeof(text)) < 0)
		text[0] = '\0';
	node_event(node, "withdrawn", "name=%s why=not-allowed", text);
	take_away(node, own);
}

void shards_refused(struct dc_node *node, const struct damc_name *name)
{
	struct own_name *own = find(node, name);

	if (!own || !own->present || allowed(node, own))
		return;
	refuse(node, own);
	dirty(node, leaf_of(node, name), true);
}

/*
 * What allowed it ended before it was said, so no LSA led here. A node whose
 * own certificate is over may say nothing at all, which is no name's fault.
 */
static bool ended_unsaid(struct dc_node *node, const struct own_name *own)
{
	return !allowed(node, own) &&
	       dc_trust_cert_of_node(node->trust, &node->id);
}

void shards_dirty_one(struct dc_node *node, uint32_t number)
{
	struct own_shard *shard = by_number(node, number);

	if (shard && !shard->half[0])
		dirty(node, shard, false);
}

static void dirty_below(struct dc_node *node, struct own_shard *shard)
{
	if (!shard->half[0]) {
		dirty(node, shard, false);
		return;
	}
	dirty_below(node, shard->half[0]);
	dirty_below(node, shard->half[1]);
}

void shards_dirty(struct dc_node *node)
{
	dirty_below(node, node->origin.shards);
}

/* ---- issuing ----------------------------------------------------------- */

/*
 * What a shard says now; when it will say more is @later.
 * Return: 0, or -E2BIG: it is to be split.
 */
static int gather(struct dc_node *node, struct own_shard *shard,
		  struct dc_prefix_lsa *lsa, uint64_t *later)
{
	struct own_name **at = &shard->names, *own;

	lsa->n = 0;
	*later = UINT64_MAX;
	while ((own = *at)) {
		if (!own->present &&
		    node->now_us >= own->gone_us + 2 * DAMP_MAX_US) {
			free_name(node, shard, at);
			continue;
		}
		at = &own->in_shard;
		if (own->present && ended_unsaid(node, own))
			refuse(node, own);
		if (!own->present)
			continue;
		if (own->good_us > node->now_us) {
			if (own->good_us < *later)
				*later = own->good_us;
			continue;
		}
		if (lsa->n == DC_PREFIXES_MAX)
			return -E2BIG;
		lsa->prefix[lsa->n++] = own->prefix;
	}
	return 0;
}

/* There is no room for the second. */
static void discard_half(struct dc_node *node, struct own_shard *shard)
{
	if (!shard->half[0])
		return;
	leave_queues(node, shard->half[0]);
	free(shard->half[0]);
	shard->half[0] = NULL;
}

static bool split(struct dc_node *node, struct own_shard *shard)
{
	struct own_shard *half;
	struct own_name *own;
	unsigned int i;

	if (shard->depth == DEPTH_MAX)
		return false;
	for (i = 0; i < 2; i++) {
		shard->half[i] = new_shard(node, 2 * shard->number + i,
					   shard->depth + 1);
		if (!shard->half[i]) {
			discard_half(node, shard);
			return false;
		}
	}
	leave_queues(node, shard);
	while ((own = shard->names)) {
		shard->names = own->in_shard;
		half = leaf_of(node, &own->prefix.name);
		own->in_shard = half->names;
		half->names = own;
		half->n++;
	}
	shard->n = 0;
	return true;
}

static void issue(struct dc_node *node, struct own_shard *shard);

static void issue_halves(struct dc_node *node, struct own_shard *shard)
{
	if (!split(node, shard)) {
		node_event(node, "not-issued", "what=prefixes shard=%u",
			   shard->number);
		return;
	}
	issue(node, shard->half[0]);
	issue(node, shard->half[1]);
	if (shard->issued)
		origin_end(node, DC_PREFIX_LSA, shard->number);
	shard->issued = false;
}

/* Write it; an object of 1,200 bytes says whether it fits. */
static enum dc_verdict write_shard(struct dc_node *node,
				   struct own_shard *shard,
				   const struct dc_prefix_lsa *lsa)
{
	uint8_t body[DC_OBJECT_MAX];
	int len = dc_prefix_lsa_write(lsa, body, sizeof(body));

	if (len < 0)
		return DC_MALFORMED;
	return origin_issue(node, DC_PREFIX_LSA, shard->number, body, len);
}

static void issue(struct dc_node *node, struct own_shard *shard)
{
	struct dc_prefix_lsa lsa;
	uint64_t later;
	int err = gather(node, shard, &lsa, &later);

	dc_due_set(&node->origin.bad_news, &shard->bad, UINT64_MAX);
	dc_due_set(&node->origin.news, &shard->news, later);
	if (!err && lsa.n && write_shard(node, shard, &lsa) == DC_VALID) {
		shard->issued = true;
	} else if (err || lsa.n) {
		issue_halves(node, shard);
		return;
	} else if (shard->issued) {
		origin_end(node, DC_PREFIX_LSA, shard->number);
		shard->issued = false;
	}
	shard->issued_us = node->now_us;
}

static struct own_shard *first_bad(const struct dc_node *node)
{
	return dc_due_of(dc_due_first(&node->origin.bad_news),
			 struct own_shard, bad);
}

static struct own_shard *first_news(const struct dc_node *node)
{
	return dc_due_of(dc_due_first(&node->origin.news), struct own_shard,
			 news);
}

void shards_timer(struct dc_node *node)
{
	struct budget *issues = &node->origin.issues;
	struct own_shard *shard;

	while ((shard = first_bad(node))->bad.at <= node->now_us) {
		budget_take(issues, ISSUE_RATE, ISSUE_BURST, node->now_us);
		issue(node, shard);
	}
	while ((shard = first_news(node))->news.at <= node->now_us &&
	       budget_take(issues, ISSUE_RATE, ISSUE_BURST, node->now_us))
		issue(node, shard);
}

uint64_t shards_next(const struct dc_node *node)
{
	uint64_t bad = first_bad(node)->bad.at, news = first_news(node)->news.at;
	uint64_t when = budget_when(&node->origin.issues, ISSUE_RATE,
				    ISSUE_BURST, node->now_us);

	if (news < when)
		news = when;
	return bad < news ? bad : news;
}
