// SPDX-License-Identifier: GPL-2.0
/* The policy file: Documentation/spa.rst, "Policy". */
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "policy_file.h"
#include "spa_tool.h"
#include "yaml_read.h"

struct reader {
	struct dc_spa_policy *policy;
	const char *domain;
};

/* ---- a rule ------------------------------------------------------------ */

static int take_pattern(struct yaml_read *yaml, yaml_node_t *value,
			struct dc_spa_pattern *pattern)
{
	const char *text = yaml_text(yaml, value), *why = "no name";

	if (!text)
		return -EINVAL;
	if (dc_spa_pattern_parse(pattern, text, &why))
		return yaml_fault(yaml, value, "%s", why);
	return 0;
}

static int take_label(struct yaml_read *yaml, yaml_node_t *value, void *to)
{
	struct dc_spa_rule *rule = to;
	const char *text = yaml_text(yaml, value);
	size_t len = text ? strlen(text) : 0;

	if (!text)
		return -EINVAL;
	if (!len || len > DC_SPA_LABEL_MAX ||
	    strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-_.") != len)
		return yaml_fault(yaml, value,
				  "a rule is called by 1 to %d of a-z, 0-9, -, _, .",
				  DC_SPA_LABEL_MAX);
	memcpy(rule->label, text, len + 1);
	return 0;
}

static int take_pod(struct yaml_read *yaml, yaml_node_t *value, void *to)
{
	struct dc_spa_rule *rule = to;

	return take_pattern(yaml, value, &rule->pod);
}

static int take_key(struct yaml_read *yaml, yaml_node_t *value, void *to)
{
	const char *text = yaml_text(yaml, value), *end;
	struct dc_spa_rule *rule = to;
	size_t len;

	if (!text)
		return -EINVAL;
	if (sodium_hex2bin(rule->key, DC_KEY_BYTES, text, strlen(text), NULL,
			   &len, &end) ||
	    len != DC_KEY_BYTES || *end)
		return yaml_fault(yaml, value,
				  "a key is 64 hexadecimal digits");
	rule->has_key = true;
	return 0;
}

static int take_fact(struct yaml_read *yaml, yaml_node_t *key,
		     yaml_node_t *value, void *to)
{
	const char *name = yaml_text(yaml, key);
	const char *text = name ? yaml_text(yaml, value) : NULL;
	struct dc_spa_rule *rule = to;
	struct dc_c3_fact *fact;
	size_t len;

	if (!text)
		return -EINVAL;
	if (rule->n_facts >= DC_SPA_RULE_FACTS_MAX)
		return yaml_fault(yaml, key, "more than %d attributes",
				  DC_SPA_RULE_FACTS_MAX);
	fact = &rule->fact[rule->n_facts++];
	len = strlen(name) + 1 + strlen(text);
	if (len > DC_C3_FACT_MAX)
		return yaml_fault(yaml, value, "an attribute is %d bytes at most",
				  DC_C3_FACT_MAX);
	fact->len = len;
	memcpy(fact->text, name, strlen(name));
	fact->text[strlen(name)] = '=';
	memcpy(fact->text + strlen(name) + 1, text, strlen(text));
	return 0;
}

static int take_with(struct yaml_read *yaml, yaml_node_t *value, void *to)
{
	return yaml_pairs(yaml, value, take_fact, to);
}

static int take_name(struct yaml_read *yaml, yaml_node_t *value, void *to)
{
	struct dc_spa_rule *rule = to;

	if (take_pattern(yaml, value, &rule->name))
		return -EINVAL;
	if (!(rule->name.wild & 1) && dc_spa_reserved(&rule->name.name) &&
	    !(rule->name.rest && !rule->name.name.len))
		return yaml_fault(yaml, value,
				  "this name is reserved, nobody is granted it");
	return 0;
}

static int take_right(struct yaml_read *yaml, yaml_node_t *value, void *to)
{
	const char *text = yaml_text(yaml, value);
	struct dc_spa_rule *rule = to;
	uint8_t right;

	if (!text)
		return -EINVAL;
	if (!tool_right_parse(text, &right))
		return yaml_fault(yaml, value,
				  "rights are name, member and tree");
	rule->rights |= right;
	return 0;
}

static int take_rights(struct yaml_read *yaml, yaml_node_t *value, void *to)
{
	return yaml_list(yaml, value, take_right, to);
}

static int take_gateway(struct yaml_read *yaml, yaml_node_t *value, void *to)
{
	const char *text = yaml_text(yaml, value);
	struct dc_spa_rule *rule = to;
	struct dc_node_id *node;
	size_t len = text ? strlen(text) : 0;

	if (!text)
		return -EINVAL;
	if (!len || len > DC_NODE_ID_MAX)
		return yaml_fault(yaml, value, "a node is called by 1 to 32 bytes");
	if (rule->n_at >= DC_GATEWAYS_MAX)
		return yaml_fault(yaml, value, "more than %d gateways",
				  DC_GATEWAYS_MAX);
	node = &rule->at[rule->n_at++];
	node->len = len;
	memcpy(node->byte, text, len);
	return 0;
}

static int take_at(struct yaml_read *yaml, yaml_node_t *value, void *to)
{
	return yaml_list(yaml, value, take_gateway, to);
}

static int take_portable(struct yaml_read *yaml, yaml_node_t *value, void *to)
{
	struct dc_spa_rule *rule = to;

	return yaml_bool(yaml, value, &rule->portable);
}

static int take_fresh(struct yaml_read *yaml, yaml_node_t *value, void *to)
{
	struct dc_spa_rule *rule = to;

	return yaml_bool(yaml, value, &rule->fresh);
}

static int take_cap(struct yaml_read *yaml, yaml_node_t *value, uint32_t *cap)
{
	uint64_t number;

	if (yaml_number(yaml, value, &number, DC_SPA_LIVE_MAX))
		return -EINVAL;
	*cap = number;
	return 0;
}

static int take_max(struct yaml_read *yaml, yaml_node_t *value, void *to)
{
	struct dc_spa_rule *rule = to;

	return take_cap(yaml, value, &rule->max);
}

static int take_max_each(struct yaml_read *yaml, yaml_node_t *value, void *to)
{
	struct dc_spa_rule *rule = to;

	return take_cap(yaml, value, &rule->max_each);
}

static int take_rule_lifetime(struct yaml_read *yaml, yaml_node_t *value,
			      void *to)
{
	struct dc_spa_rule *rule = to;

	return yaml_seconds(yaml, value, &rule->lifetime, DC_SPA_LIFETIME_MIN_S,
			    DC_SPA_LIFETIME_MAX_S);
}

static const struct yaml_key rule_keys[] = {
	{ "rule", take_label, true },
	{ "pod", take_pod, false },
	{ "key", take_key, false },
	{ "with", take_with, false },
	{ "name", take_name, true },
	{ "right", take_rights, true },
	{ "at", take_at, false },
	{ "portable", take_portable, false },
	{ "fresh", take_fresh, false },
	{ "max", take_max, false },
	{ "max-each", take_max_each, false },
	{ "lifetime", take_rule_lifetime, false },
	{ NULL, NULL, false }
};

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

static int take_rule(struct yaml_read *yaml, yaml_node_t *value, void *to)
{
	struct dc_spa_policy *policy = ((struct reader *)to)->policy;
	struct dc_spa_rule *rule = &policy->rule[policy->n_rules];
	bool has_pod;

	if (yaml_map(yaml, value, rule_keys, rule))
		return -EINVAL;
	if (label_is_known(policy, rule->label))
		return yaml_fault(yaml, value, "rule \"%s\" is here twice",
				  rule->label);
	has_pod = rule->pod.name.len || rule->pod.rest;
	if (has_pod == rule->has_key)
		return yaml_fault(yaml, value,
				  "a rule is for a pod or for a key, for one of both");
	if (rule->has_key && rule->n_facts)
		return yaml_fault(yaml, value,
				  "attributes are a pod's, not a key's");
	if (!rule->has_key && (rule->portable || rule->fresh))
		return yaml_fault(yaml, value,
				  "\"portable\" and \"fresh\" are for keys");
	policy->n_rules++;
	return 0;
}

static int take_allow(struct yaml_read *yaml, yaml_node_t *value, void *to)
{
	struct reader *reader = to;
	size_t n = yaml_count(value);

	if (n > DC_SPA_RULES_MAX)
		return yaml_fault(yaml, value, "more than %d rules",
				  DC_SPA_RULES_MAX);
	reader->policy->rule = calloc(n + 1, sizeof(struct dc_spa_rule));
	if (!reader->policy->rule)
		return yaml_fault(yaml, value, "no memory");
	return yaml_list(yaml, value, take_rule, reader);
}

/* ---- calls ------------------------------------------------------------- */

static int take_plain_name(struct yaml_read *yaml, yaml_node_t *value,
			   struct damc_name *name)
{
	const char *text = yaml_text(yaml, value), *why;

	if (!text)
		return -EINVAL;
	return damc_name_parse(name, text, &why) ?
		yaml_fault(yaml, value, "%s", why) : 0;
}

static int take_callee(struct yaml_read *yaml, yaml_node_t *value, void *to)
{
	struct dc_spa_call *call = to;

	return take_plain_name(yaml, value, &call->callee);
}

static int take_caller(struct yaml_read *yaml, yaml_node_t *value, void *to)
{
	struct dc_call_rule *rule = &((struct dc_spa_call *)to)->rule;
	struct damc_name *caller = &rule->caller[rule->n];
	uint32_t i;

	if (rule->n >= DC_CALLERS_MAX)
		return yaml_fault(yaml, value, "more than %d callers",
				  DC_CALLERS_MAX);
	if (take_plain_name(yaml, value, caller))
		return -EINVAL;
	for (i = 0; i < rule->n; i++)
		if (damc_name_equal(&rule->caller[i], caller))
			return yaml_fault(yaml, value,
					  "this caller is here twice");
	rule->n++;
	return 0;
}

static int take_callers(struct yaml_read *yaml, yaml_node_t *value, void *to)
{
	return yaml_list(yaml, value, take_caller, to);
}

static const struct yaml_key call_keys[] = {
	{ "callee", take_callee, true },
	{ "callers", take_callers, true },
	{ NULL, NULL, false }
};

static int take_call(struct yaml_read *yaml, yaml_node_t *value, void *to)
{
	struct dc_spa_policy *policy = ((struct reader *)to)->policy;
	struct dc_spa_call *call = &policy->call[policy->n_calls];
	uint32_t i;

	if (yaml_map(yaml, value, call_keys, call))
		return -EINVAL;
	for (i = 0; i < policy->n_calls; i++) {
		if (damc_name_equal(&policy->call[i].callee, &call->callee))
			return yaml_fault(yaml, value,
					  "this callee is here twice");
	}
	policy->n_calls++;
	return 0;
}

static int take_calls(struct yaml_read *yaml, yaml_node_t *value, void *to)
{
	struct reader *reader = to;
	size_t n = yaml_count(value);

	if (n > DC_SPA_CALLS_MAX)
		return yaml_fault(yaml, value, "more than %d call rules",
				  DC_SPA_CALLS_MAX);
	reader->policy->call = calloc(n + 1, sizeof(struct dc_spa_call));
	if (!reader->policy->call)
		return yaml_fault(yaml, value, "no memory");
	return yaml_list(yaml, value, take_call, reader);
}

/* ---- the whole --------------------------------------------------------- */

static int take_version(struct yaml_read *yaml, yaml_node_t *value, void *to)
{
	struct reader *reader = to;

	return yaml_number(yaml, value, &reader->policy->version, INT64_MAX);
}

static int take_domain(struct yaml_read *yaml, yaml_node_t *value, void *to)
{
	const char *text = yaml_text(yaml, value);
	struct reader *reader = to;

	if (!text)
		return -EINVAL;
	if (reader->domain && strcmp(reader->domain, text))
		return yaml_fault(yaml, value,
				  "for another domain than \"%.63s\"",
				  reader->domain);
	return 0;
}

static int take_mode(struct yaml_read *yaml, yaml_node_t *value, void *to)
{
	const char *text = yaml_text(yaml, value);
	struct reader *reader = to;

	if (!text)
		return -EINVAL;
	reader->policy->observe = !strcmp(text, "observe");
	if (!reader->policy->observe && strcmp(text, "enforce"))
		return yaml_fault(yaml, value,
				  "enforce or observe is expected");
	return 0;
}

static int take_lifetime(struct yaml_read *yaml, yaml_node_t *value, void *to)
{
	struct reader *reader = to;

	return yaml_seconds(yaml, value, &reader->policy->lifetime,
			    DC_SPA_LIFETIME_MIN_S, DC_SPA_LIFETIME_MAX_S);
}

static int take_max_grants(struct yaml_read *yaml, yaml_node_t *value, void *to)
{
	struct reader *reader = to;

	return take_cap(yaml, value, &reader->policy->max);
}

static const struct yaml_key policy_keys[] = {
	{ "version", take_version, true },
	{ "domain", take_domain, true },
	{ "mode", take_mode, false },
	{ "lifetime", take_lifetime, false },
	{ "max-grants", take_max_grants, false },
	{ "allow", take_allow, false },
	{ "calls", take_calls, false },
	{ NULL, NULL, false }
};

static int take_policy(struct yaml_read *yaml, yaml_node_t *value, void *to)
{
	return yaml_map(yaml, value, policy_keys, to);
}

int policy_load(struct dc_spa_policy *policy, const char *path,
		const char *domain, char why[DC_WHY_MAX])
{
	struct reader reader = { .policy = policy, .domain = domain };
	char *bytes;
	size_t len;
	int err;

	memset(policy, 0, sizeof(*policy));
	policy->lifetime = DC_SPA_LIFETIME_S;
	bytes = yaml_file(path, &len, why);
	if (!bytes)
		return -EINVAL;
	err = yaml_read(path, bytes, len, take_policy, &reader, why);
	free(bytes);
	if (err)
		dc_spa_policy_clear(policy);
	return err;
}
