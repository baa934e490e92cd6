// SPDX-License-Identifier: GPL-2.0
/*
 * Who may call whom. A name that once had a rule stays a callee, so that nothing
 * lapses into being allowed: without a rule that counts, nobody may call it. What
 * there is no room for refuses, too, in the subtrees of the SPA that signed it.
 *
 * Names are told by their hashes, keyed with trust's own seed. Of the depths that
 * no callee has nothing is looked up.
 */
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "trust_state.h"

static struct dc_hash hash_of(const uint8_t seed[DC_MAP_SEED_BYTES],
			      const uint8_t *wire, size_t len)
{
	struct dc_hash hash;

	crypto_shorthash_siphashx24(hash.byte, wire, len, seed);
	return hash;
}

/**
 * struct ends - where the components of a name end
 * @n: of them; at[0] is the root's
 */
struct ends {
	unsigned int n;
	uint8_t at[DAMC_COMPONENTS_MAX + 1];
};

static void find_ends(struct ends *ends, const struct damc_name *name)
{
	uint32_t at = 0;

	ends->n = 0;
	ends->at[0] = 0;
	while (at < name->len && ends->n < DAMC_COMPONENTS_MAX) {
		at += 1 + name->wire[at];
		ends->at[++ends->n] = at;
	}
}

/* ---- callers ----------------------------------------------------------- */

/* What is at or above its names, hashed. */
struct dc_caller {
	uint8_t seed[DC_MAP_SEED_BYTES];
	struct dc_map above;
};

struct dc_caller *dc_caller_new(const struct dc_trust *trust)
{
	struct dc_caller *caller = calloc(1, sizeof(*caller));

	if (!caller)
		return NULL;
	memcpy(caller->seed, trust->seed, sizeof(caller->seed));
	dc_map_init(&caller->above, caller->seed);
	return caller;
}

void dc_caller_free(struct dc_caller *caller)
{
	if (!caller)
		return;
	dc_map_clear(&caller->above);
	free(caller);
}

int dc_caller_is(struct dc_caller *caller, const struct damc_name *name)
{
	struct ends ends;
	struct dc_hash above;
	unsigned int i;

	find_ends(&ends, name);
	for (i = 0; i <= ends.n; i++) {
		above = hash_of(caller->seed, name->wire, ends.at[i]);
		if (dc_map_put(&caller->above, &above, caller))
			return -ENOMEM;
	}
	return 0;
}

/* ---- what is asked ----------------------------------------------------- */

const char *dc_call_text(enum dc_call call)
{
	static const char *const text[] = {
		[DC_CALL_FREE] = "no call rule is about it",
		[DC_CALL_ALLOWED] = "its call rule names the caller",
		[DC_CALL_REFUSED] = "its call rule does not name the caller",
		[DC_CALL_LAPSED] = "its call rule has ended, or is not known",
		[DC_CALL_UNKNOWN] = "there are more call rules than are kept",
	};

	return text[call];
}

static bool counts(const struct dc_trust *trust, const struct trust_rule *rule,
		   uint64_t now_ms)
{
	return rule->until > now_ms && dc_trust_cert_of_key(trust, &rule->key);
}

static bool names(const struct trust_rule *rule, const struct dc_caller *caller)
{
	uint32_t i;

	for (i = 0; i < rule->n; i++)
		if (dc_map_get(&caller->above, &rule->caller[i]))
			return true;
	return false;
}

static enum dc_call decide(const struct dc_trust *trust,
			   const struct trust_callee *callee,
			   const struct dc_caller *caller, uint64_t now_ms)
{
	enum dc_call call = DC_CALL_LAPSED;
	const struct trust_rule *rule;

	LIST_FOREACH(rule, &callee->rules, list) {
		if (!counts(trust, rule, now_ms))
			continue;
		if (names(rule, caller))
			return DC_CALL_ALLOWED;
		call = DC_CALL_REFUSED;
	}
	return call;
}

/* A name without a rule: it may have one that was not kept. */
static enum dc_call without_rule(const struct dc_trust *trust,
				 const struct damc_name *name)
{
	const struct trust_ruler *ruler;
	const struct trust_cert *cert;
	uint32_t at = 0;

	while (trust->counts.rules_unkept &&
	       (ruler = dc_map_next(&trust->rulers, &at))) {
		cert = trust_cert_of_node(trust, &ruler->node);
		if (ruler->over &&
		    (!cert || trust_in_subtrees(&cert->body, name)))
			return DC_CALL_UNKNOWN;
	}
	return DC_CALL_FREE;
}

enum dc_call dc_trust_call(const struct dc_trust *trust,
			   const struct dc_caller *caller,
			   const struct damc_name *callee, uint64_t now_us)
{
	const struct trust_callee *found = NULL;
	struct dc_hash what;
	struct ends ends;
	unsigned int i;

	find_ends(&ends, callee);
	for (i = ends.n + 1; i-- && !found;) {
		if (!trust->depths[i])
			continue;
		what = hash_of(trust->seed, callee->wire, ends.at[i]);
		found = dc_map_get(&trust->callees, &what);
	}
	if (!found)
		return without_rule(trust, callee);
	return decide(trust, found, caller, dc_trust_time(trust, now_us));
}

static bool gains(const struct dc_trust *trust, const struct trust_callee *at,
		  const struct dc_caller *caller, const struct dc_caller *more,
		  uint64_t now_ms)
{
	const struct trust_rule *rule;

	LIST_FOREACH(rule, &at->rules, list)
		if (names(rule, more) && counts(trust, rule, now_ms))
			return decide(trust, at, caller, now_ms) !=
			       DC_CALL_ALLOWED;
	return false;
}

bool dc_trust_call_gains(const struct dc_trust *trust,
			 const struct dc_caller *caller,
			 const struct damc_name *name, uint64_t now_us)
{
	uint64_t now_ms = dc_trust_time(trust, now_us);
	const struct trust_callee *callee;
	struct dc_caller *more;
	bool found = false;
	uint32_t at = 0;

	if (!trust->callees.n)
		return false;
	more = dc_caller_new(trust);
	/* Who cannot tell says that it does. */
	if (!more || dc_caller_is(more, name))
		found = true;
	while (!found && (callee = dc_map_next(&trust->callees, &at)))
		found = gains(trust, callee, caller, more, now_ms);
	dc_caller_free(more);
	return found;
}

int dc_trust_callees(const struct dc_trust *trust,
		     int (*each)(const struct damc_name *callee, void *arg),
		     void *arg)
{
	const struct trust_callee *callee;
	uint32_t at = 0;
	int ret = 0;

	while (!ret && (callee = dc_map_next(&trust->callees, &at)))
		ret = each(&callee->name, arg);
	return ret;
}

/* ---- what is known ----------------------------------------------------- */

/* NULL: no room. */
static struct trust_callee *callee_make(struct dc_trust *trust,
					const struct damc_name *name)
{
	struct dc_hash what = hash_of(trust->seed, name->wire, name->len);
	struct trust_callee *callee = dc_map_get(&trust->callees, &what);
	struct ends ends;

	if (callee || trust->callees.n >= DC_TRUST_CALLEES)
		return callee;
	callee = calloc(1, sizeof(*callee));
	if (!callee)
		return NULL;
	callee->what = what;
	callee->name = *name;
	if (dc_map_put(&trust->callees, &what, callee)) {
		free(callee);
		return NULL;
	}
	find_ends(&ends, name);
	trust->depths[ends.n]++;
	trust->counts.recalled++;
	return callee;
}

static struct trust_ruler *ruler_make(struct dc_trust *trust,
				      const struct dc_hash *node)
{
	struct trust_ruler *ruler = dc_map_get(&trust->rulers, node);

	if (ruler)
		return ruler;
	ruler = calloc(1, sizeof(*ruler));
	if (!ruler)
		return NULL;
	ruler->node = *node;
	if (!dc_map_put(&trust->rulers, node, ruler))
		return ruler;
	free(ruler);
	return NULL;
}

static struct trust_rule *rule_of(const struct trust_callee *callee,
				  const struct dc_hash *node)
{
	struct trust_rule *rule;

	LIST_FOREACH(rule, &callee->rules, list)
		if (!memcmp(&rule->node, node, sizeof(*node)))
			return rule;
	return NULL;
}

static struct trust_rule *rule_make(struct dc_trust *trust,
				    const struct dc_object *object,
				    struct trust_ruler *ruler)
{
	struct trust_callee *callee = callee_make(trust, &object->subject);
	struct trust_rule *rule;

	if (!callee)
		return NULL;
	rule = rule_of(callee, &ruler->node);
	if (rule || ruler->n >= DC_TRUST_CALLEES_EACH)
		return rule;
	rule = calloc(1, sizeof(*rule));
	if (!rule)
		return NULL;
	rule->node = ruler->node;
	LIST_INSERT_HEAD(&callee->rules, rule, list);
	ruler->n++;
	return rule;
}

static bool is_older(const struct dc_object *object, const struct dc_hash *hash,
		     const struct trust_rule *than)
{
	int cmp = dc_seq_cmp(&object->seq, &than->seq);

	return cmp < 0 ||
	       (!cmp && memcmp(hash, &than->hash, sizeof(*hash)) < 0);
}

/* What it says, but for who signed it when. */
static void read_rule(const struct dc_trust *trust,
		      const struct dc_object *object, struct trust_rule *rule)
{
	struct dc_call_rule body;
	uint32_t i;

	if (object->type != DC_CALL_RULE || dc_call_rule_read(&body, object))
		return;
	rule->until = object->not_after;
	rule->n = body.n;
	for (i = 0; i < body.n; i++)
		rule->caller[i] = hash_of(trust->seed, body.caller[i].wire,
					  body.caller[i].len);
}

static bool says_the_same(const struct trust_rule *a,
			  const struct trust_rule *b)
{
	return !a->until == !b->until && a->n == b->n &&
	       !memcmp(a->caller, b->caller, a->n * sizeof(a->caller[0]));
}

static void rule_set(struct dc_trust *trust, struct trust_rule *rule,
		     const struct dc_object *object, const struct dc_hash *hash)
{
	struct trust_rule fresh = {
		.list = rule->list, .node = rule->node, .key = object->issuer,
		.seq = object->seq, .hash = *hash,
	};

	read_rule(trust, object, &fresh);
	trust->counts.recalled += !says_the_same(rule, &fresh);
	*rule = fresh;
}

enum dc_verdict trust_rule(struct dc_trust *trust,
			   const struct dc_object *object,
			   const struct dc_hash *hash,
			   const struct trust_issuer *issuer)
{
	struct dc_tombstone stone;
	struct trust_ruler *ruler;
	struct trust_rule *rule;
	struct dc_hash what;

	if (object->type == DC_TOMBSTONE &&
	    (dc_tombstone_read(&stone, object) || stone.type != DC_CALL_RULE))
		return DC_VALID;
	ruler = ruler_make(trust, &issuer->cert->node);
	if (!ruler)
		return DC_FULL;
	rule = rule_make(trust, object, ruler);
	if (!rule) {
		trust->counts.recalled += !ruler->over;
		trust->counts.rules_unkept++;
		ruler->over = true;
		return DC_VALID;
	}
	if (is_older(object, hash, rule))
		return DC_VALID;
	rule_set(trust, rule, object, hash);
	what = hash_of(trust->seed, object->subject.wire, object->subject.len);
	/* Without memory it ends all the same, and nobody is told. */
	if (rule->until)
		dc_heap_push(&trust->lapses, rule->until, &what);
	return DC_VALID;
}

void dc_trust_call_had_rule(struct dc_trust *trust,
			    const struct damc_name *callee)
{
	callee_make(trust, callee);
}

/* ---- what ends --------------------------------------------------------- */

void trust_rules_review(struct dc_trust *trust, const struct trust_cert *cert)
{
	const struct trust_ruler *ruler = dc_map_get(&trust->rulers,
						     &cert->node);

	trust->counts.recalled += ruler && (ruler->n || ruler->over);
}

void trust_lapse(struct dc_trust *trust, uint64_t now_ms)
{
	struct trust_callee *callee;
	struct trust_rule *rule;
	struct dc_hash what;

	while (dc_heap_pop(&trust->lapses, now_ms, &what)) {
		callee = dc_map_get(&trust->callees, &what);
		LIST_FOREACH(rule, &callee->rules, list) {
			if (!rule->until || rule->until > now_ms)
				continue;
			rule->until = 0;
			rule->n = 0;
			trust->counts.recalled++;
		}
	}
}

void trust_calls_free(struct dc_trust *trust)
{
	struct trust_callee *callee;
	struct trust_rule *rule;
	uint32_t at = 0;
	void *ruler;

	while ((callee = dc_map_next(&trust->callees, &at))) {
		while ((rule = LIST_FIRST(&callee->rules))) {
			LIST_REMOVE(rule, list);
			free(rule);
		}
		free(callee);
	}
	for (at = 0; (ruler = dc_map_next(&trust->rulers, &at));)
		free(ruler);
	dc_map_clear(&trust->callees);
	dc_map_clear(&trust->rulers);
	dc_heap_clear(&trust->lapses);
}
