/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What an SPA's policy says: who may have which names, and who may call whom.
 * Nothing is allowed that no rule allows. Where it is read from is
 * tools/damc-spa's matter. Pure: a policy does not change once it is made.
 */
#ifndef DC_SPA_POLICY_H
#define DC_SPA_POLICY_H

#include "class3.h"

#define DC_SPA_LABEL_MAX 31
#define DC_SPA_RULES_MAX 4096
#define DC_SPA_RULE_FACTS_MAX 8
#define DC_SPA_CALLS_MAX 256
#define DC_SPA_LIFETIME_S 86400
/* An hour: below it, renewal is more work than it is worth. */
#define DC_SPA_LIFETIME_MIN_S 60
#define DC_SPA_LIFETIME_MAX_S (30 * 86400)

/**
 * struct dc_spa_pattern - names by their components
 * @name: what a wild component holds here does not count
 * @wild: bit n: component n is any one
 * @rest: and one or more components below
 */
struct dc_spa_pattern {
	struct damc_name name;
	uint32_t wild;
	bool rest;
};

/**
 * struct dc_spa_rule - allows something to someone
 * @label: what logs and caps call it, unique
 * @has_key: to who holds @key; else to pods that @pod matches
 * @fact: that a pod must have, all of them
 * @rights: a set that what is asked for must be within
 * @at: gateways that a grant may name; none: any
 * @portable: a grant may name no gateway at all
 * @fresh: a key's proof must be over the SPA's nonce, not the gateway's
 * @max, @max_each: live grants by this rule, and to one subject; 0: no cap
 * @lifetime: s, 0: the policy's
 */
struct dc_spa_rule {
	char label[DC_SPA_LABEL_MAX + 1];
	bool has_key;
	uint8_t key[DC_KEY_BYTES];
	struct dc_spa_pattern pod;
	uint32_t n_facts;
	struct dc_c3_fact fact[DC_SPA_RULE_FACTS_MAX];
	struct dc_spa_pattern name;
	uint8_t rights;
	uint32_t n_at;
	struct dc_node_id at[DC_GATEWAYS_MAX];
	bool portable;
	bool fresh;
	uint32_t max;
	uint32_t max_each;
	uint32_t lifetime;
};

/* Who may call @callee, and what is below it. */
struct dc_spa_call {
	struct damc_name callee;
	struct dc_call_rule rule;
};

/**
 * struct dc_spa_policy - a whole policy
 * @version: a lower one than was once in force is refused
 * @observe: allow what no rule does, and log it
 * @max: live grants in all, 0: no cap
 */
struct dc_spa_policy {
	uint64_t version;
	bool observe;
	uint32_t lifetime;
	uint32_t max;
	uint32_t n_rules;
	struct dc_spa_rule *rule;
	uint32_t n_calls;
	struct dc_spa_call *call;
};

/* Frees what is in it. */
void dc_spa_policy_clear(struct dc_spa_policy *policy);

/**
 * dc_spa_pattern_parse() - read a name with "*" for one component of any kind
 * @text: a "**" at the end is one or more of them
 * @why: if not NULL, an English reason on error (a constant)
 *
 * Return: 0; -EINVAL; -ENAMETOOLONG.
 */
int dc_spa_pattern_parse(struct dc_spa_pattern *pattern, const char *text,
			 const char **why);
bool dc_spa_pattern_match(const struct dc_spa_pattern *pattern,
			  const struct damc_name *name);

/* The first rule that allows a request (not looking at caps), or NULL. */
const struct dc_spa_rule *
dc_spa_policy_match(const struct dc_spa_policy *policy,
		    const struct dc_c3_request *request);

/* At or under /damc, /localhost, /localhop, /pod, or the root: nobody's. */
bool dc_spa_reserved(const struct damc_name *name);

#endif /* DC_SPA_POLICY_H */
