// SPDX-License-Identifier: GPL-2.0
/* The policy file: Documentation/spa.rst, "Policy". */
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy_file.h"
#include "spa_tool.h"
#include "yaml_tree.h"

/* ---- a rule ------------------------------------------------------------ */

static int take_pattern(struct yaml_tree *tree, yaml_node_t *node,
			const struct yaml_key *key)
{
	const char *text = yaml_text(tree, node), *why = "no name";

	if (!text)
		return -EINVAL;
	if (dc_spa_pattern_parse(key->to, text, &why))
		return yaml_tree_fail(tree, node, "%s", why);
	return 0;
}

static int take_label(struct yaml_tree *tree, yaml_node_t *node,
		      const struct yaml_key *key)
{
	const char *text = yaml_text(tree, node);
	size_t len = text ? strlen(text) : 0;

	if (!text)
		return -EINVAL;
	if (!len || len > DC_SPA_LABEL_MAX ||
	    strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-_.") != len)
		return yaml_tree_fail(tree, node,
				      "a rule is called by 1 to %d of a-z, 0-9, -, _, .",
				      DC_SPA_LABEL_MAX);
	memcpy(key->to, text, len + 1);
	return 0;
}

static int take_key(struct yaml_tree *tree, yaml_node_t *node,
		    const struct yaml_key *key)
{
	const char *text = yaml_text(tree, node), *end;
	struct dc_spa_rule *rule = key->to;
	size_t len;

	if (!text)
		return -EINVAL;
	if (sodium_hex2bin(rule->key, DC_KEY_BYTES, text, strlen(text), NULL,
			   &len, &end) ||
	    len != DC_KEY_BYTES || *end)
		return yaml_tree_fail(tree, node,
				      "a key is 64 hexadecimal digits");
	rule->has_key = true;
	return 0;
}

static int take_fact(struct yaml_tree *tree, yaml_node_t *name_node,
		     yaml_node_t *node, void *arg)
{
	const char *name = yaml_text(tree, name_node);
	const char *text = name ? yaml_text(tree, node) : NULL;
	struct dc_spa_rule *rule = arg;
	struct dc_c3_fact *fact;
	size_t len;

	if (!text)
		return -EINVAL;
	if (rule->n_facts >= DC_SPA_RULE_FACTS_MAX)
		return yaml_tree_fail(tree, name_node,
				      "%d attributes at most",
				      DC_SPA_RULE_FACTS_MAX);
	fact = &rule->fact[rule->n_facts++];
	len = strlen(name) + 1 + strlen(text);
	if (len > DC_C3_FACT_MAX)
		return yaml_tree_fail(tree, node,
				      "an attribute is %d bytes at most",
				      DC_C3_FACT_MAX);
	fact->len = len;
	memcpy(fact->text, name, strlen(name));
	fact->text[strlen(name)] = '=';
	memcpy(fact->text + strlen(name) + 1, text, strlen(text));
	return 0;
}

static int take_with(struct yaml_tree *tree, yaml_node_t *node,
		     const struct yaml_key *key)
{
	return yaml_take_pairs(tree, node, take_fact, key->to);
}

static int take_name(struct yaml_tree *tree, yaml_node_t *node,
		     const struct yaml_key *key)
{
	const struct dc_spa_pattern *name = key->to;

	if (take_pattern(tree, node, key))
		return -EINVAL;
	if (!(name->wild & 1) && dc_spa_reserved(&name->name) &&
	    !(name->rest && !name->name.len))
		return yaml_tree_fail(tree, node,
				      "this name is reserved, nobody is granted it");
	return 0;
}

static int take_right(struct yaml_tree *tree, yaml_node_t *node, void *arg)
{
	const char *text = yaml_text(tree, node);
	uint8_t *rights = arg, right;

	if (!text)
		return -EINVAL;
	if (!tool_right_parse(text, &right))
		return yaml_tree_fail(tree, node,
				      "rights are name, member and tree");
	*rights |= right;
	return 0;
}

static int take_rights(struct yaml_tree *tree, yaml_node_t *node,
		       const struct yaml_key *key)
{
	return yaml_take_some(tree, node, take_right, key->to);
}

static int take_gateway(struct yaml_tree *tree, yaml_node_t *node, void *arg)
{
	const char *text = yaml_text(tree, node);
	struct dc_spa_rule *rule = arg;
	struct dc_node_id *id;
	size_t len = text ? strlen(text) : 0;

	if (!text)
		return -EINVAL;
	if (!len || len > DC_NODE_ID_MAX)
		return yaml_tree_fail(tree, node,
				      "a node is called by 1 to 32 bytes");
	if (rule->n_at >= DC_GATEWAYS_MAX)
		return yaml_tree_fail(tree, node, "%d gateways at most",
				      DC_GATEWAYS_MAX);
	id = &rule->at[rule->n_at++];
	id->len = len;
	memcpy(id->byte, text, len);
	return 0;
}

static int take_at(struct yaml_tree *tree, yaml_node_t *node,
		   const struct yaml_key *key)
{
	return yaml_take_some(tree, node, take_gateway, key->to);
}

/* Seconds, into a uint32_t. */
static int take_lifetime(struct yaml_tree *tree, yaml_node_t *node,
			 const struct yaml_key *key)
{
	const char *text = yaml_text(tree, node);
	uint32_t *seconds = key->to;

	if (!text)
		return -EINVAL;
	if (!tool_seconds_parse(text, seconds) ||
	    *seconds < DC_SPA_LIFETIME_MIN_S ||
	    *seconds > DC_SPA_LIFETIME_MAX_S)
		return yaml_tree_fail(tree, node,
				      "a time from %us to %us, like 90s, 30m, 12h, 1d",
				      DC_SPA_LIFETIME_MIN_S,
				      DC_SPA_LIFETIME_MAX_S);
	return 0;
}

static int read_rule(struct yaml_tree *tree, yaml_node_t *node,
		     struct dc_spa_rule *rule)
{
	const struct yaml_key keys[] = {
		{ "rule", take_label, rule->label, 0, 0, true },
		{ "pod", take_pattern, &rule->pod, 0, 0, false },
		{ "key", take_key, rule, 0, 0, false },
		{ "with", take_with, rule, 0, 0, false },
		{ "name", take_name, &rule->name, 0, 0, true },
		{ "right", take_rights, &rule->rights, 0, 0, true },
		{ "at", take_at, rule, 0, 0, false },
		{ "portable", yaml_take_bool, &rule->portable, 0, 0, false },
		{ "fresh", yaml_take_bool, &rule->fresh, 0, 0, false },
		{ "max", yaml_take_u32, &rule->max, 0, DC_SPA_LIVE_MAX, false },
		{ "max-each", yaml_take_u32, &rule->max_each, 0,
		  DC_SPA_LIVE_MAX, false },
		{ "lifetime", take_lifetime, &rule->lifetime, 0, 0, false },
		{ NULL }
	};

	return yaml_take_map(tree, node, keys);
}

static bool label_is_known(const struct dc_spa_policy *policy,
			   const char *label)
{
	uint32_t i;

	for (i = 0; i < policy->n_rules; i++) {
		if (!strcmp(policy->rule[i].label, label))
			return true;
	}
	return false;
}

static int take_rule(struct yaml_tree *tree, yaml_node_t *node, void *arg)
{
	struct dc_spa_policy *policy = arg;
	struct dc_spa_rule *rule = &policy->rule[policy->n_rules];
	bool has_pod;

	if (read_rule(tree, node, rule))
		return -EINVAL;
	if (label_is_known(policy, rule->label))
		return yaml_tree_fail(tree, node, "rule \"%s\" comes twice",
				      rule->label);
	has_pod = rule->pod.name.len || rule->pod.rest;
	if (has_pod == rule->has_key)
		return yaml_tree_fail(tree, node,
				      "a rule is for a pod or for a key, for one of both");
	if (rule->has_key && rule->n_facts)
		return yaml_tree_fail(tree, node,
				      "attributes are a pod's, not a key's");
	if (!rule->has_key && (rule->portable || rule->fresh))
		return yaml_tree_fail(tree, node,
				      "\"portable\" and \"fresh\" are for keys");
	policy->n_rules++;
	return 0;
}

static int take_allow(struct yaml_tree *tree, yaml_node_t *node,
		      const struct yaml_key *key)
{
	struct dc_spa_policy *policy = key->to;
	size_t n = yaml_count(node);

	if (n > DC_SPA_RULES_MAX)
		return yaml_tree_fail(tree, node, "%d rules at most",
				      DC_SPA_RULES_MAX);
	policy->rule = calloc(n + 1, sizeof(*policy->rule));
	if (!policy->rule)
		return yaml_tree_fail(tree, node, "no memory");
	return yaml_take_some(tree, node, take_rule, policy);
}

/* ---- calls ------------------------------------------------------------- */

static int take_caller(struct yaml_tree *tree, yaml_node_t *node, void *arg)
{
	struct dc_call_rule *rule = arg;
	struct damc_name *caller = &rule->caller[rule->n];
	const struct yaml_key key = { .to = caller };
	uint32_t i;

	if (rule->n >= DC_CALLERS_MAX)
		return yaml_tree_fail(tree, node, "%d callers at most",
				      DC_CALLERS_MAX);
	if (yaml_take_name(tree, node, &key))
		return -EINVAL;
	for (i = 0; i < rule->n; i++)
		if (damc_name_equal(&rule->caller[i], caller))
			return yaml_tree_fail(tree, node,
					      "this caller comes twice");
	rule->n++;
	return 0;
}

static int take_callers(struct yaml_tree *tree, yaml_node_t *node,
			const struct yaml_key *key)
{
	return yaml_take_some(tree, node, take_caller, key->to);
}

static int take_call(struct yaml_tree *tree, yaml_node_t *node, void *arg)
{
	struct dc_spa_policy *policy = arg;
	struct dc_spa_call *call = &policy->call[policy->n_calls];
	const struct yaml_key keys[] = {
		{ "callee", yaml_take_name, &call->callee, 0, 0, true },
		{ "callers", take_callers, &call->rule, 0, 0, true },
		{ NULL }
	};
	uint32_t i;

	if (yaml_take_map(tree, node, keys))
		return -EINVAL;
	for (i = 0; i < policy->n_calls; i++) {
		if (damc_name_equal(&policy->call[i].callee, &call->callee))
			return yaml_tree_fail(tree, node,
					      "this callee comes twice");
	}
	policy->n_calls++;
	return 0;
}

static int take_calls(struct yaml_tree *tree, yaml_node_t *node,
		      const struct yaml_key *key)
{
	struct dc_spa_policy *policy = key->to;
	size_t n = yaml_count(node);

	if (n > DC_SPA_CALLS_MAX)
		return yaml_tree_fail(tree, node, "%d call rules at most",
				      DC_SPA_CALLS_MAX);
	policy->call = calloc(n + 1, sizeof(*policy->call));
	if (!policy->call)
		return yaml_tree_fail(tree, node, "no memory");
	return yaml_take_some(tree, node, take_call, policy);
}

/* ---- the whole --------------------------------------------------------- */

/* NULL: any. */
static int take_domain(struct yaml_tree *tree, yaml_node_t *node,
		       const struct yaml_key *key)
{
	const char *text = yaml_text(tree, node), *domain = key->to;

	if (!text)
		return -EINVAL;
	if (domain && strcmp(domain, text))
		return yaml_tree_fail(tree, node,
				      "for another domain than \"%.63s\"",
				      domain);
	return 0;
}

static int take_mode(struct yaml_tree *tree, yaml_node_t *node,
		     const struct yaml_key *key)
{
	const char *text = yaml_text(tree, node);
	bool *observe = key->to;

	if (!text)
		return -EINVAL;
	*observe = !strcmp(text, "observe");
	if (!*observe && strcmp(text, "enforce"))
		return yaml_tree_fail(tree, node, "enforce or observe");
	return 0;
}

static int take_policy(struct yaml_tree *tree, struct dc_spa_policy *policy,
		       const char *domain)
{
	const struct yaml_key keys[] = {
		{ "version", yaml_take_u64, &policy->version, 0, INT64_MAX,
		  true },
		{ "domain", take_domain, (void *)domain, 0, 0, true },
		{ "mode", take_mode, &policy->observe, 0, 0, false },
		{ "lifetime", take_lifetime, &policy->lifetime, 0, 0, false },
		{ "max-grants", yaml_take_u32, &policy->max, 0, DC_SPA_LIVE_MAX,
		  false },
		{ "allow", take_allow, policy, 0, 0, false },
		{ "calls", take_calls, policy, 0, 0, false },
		{ NULL }
	};

	return yaml_take_map(tree, yaml_tree_root(tree), keys);
}

static int told(const struct yaml_tree *tree, int err, char why[DC_WHY_MAX])
{
	if (err)
		snprintf(why, DC_WHY_MAX, "%.*s", DC_WHY_MAX - 1, tree->error);
	return err;
}

int policy_file_read(struct policy_file *file, const char *path,
		     char why[DC_WHY_MAX])
{
	struct yaml_tree tree;

	file->path = path;
	return told(&tree, yaml_tree_file(&tree, path, &file->bytes,
					  &file->len), why);
}

void policy_file_free(struct policy_file *file)
{
	free(file->bytes);
}

int policy_load(struct dc_spa_policy *policy, const struct policy_file *file,
		const char *domain, char why[DC_WHY_MAX])
{
	struct yaml_tree tree;
	int err;

	memset(policy, 0, sizeof(*policy));
	policy->lifetime = DC_SPA_LIFETIME_S;
	err = yaml_tree_open_bytes(&tree, file->path, file->bytes, file->len);
	if (!err) {
		err = take_policy(&tree, policy, domain);
		yaml_tree_close(&tree);
	}
	if (err)
		dc_spa_policy_clear(policy);
	return told(&tree, err, why);
}
