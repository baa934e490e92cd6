// SPDX-License-Identifier: GPL-2.0
/* Matching a request against an SPA's policy. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "spa_policy.h"

void dc_spa_policy_clear(struct dc_spa_policy *policy)
{
	free(policy->rule);
	free(policy->call);
	memset(policy, 0, sizeof(*policy));
}

/* ---- patterns ---------------------------------------------------------- */

static int bad(const char **why, const char *reason)
{
	if (why)
		*why = reason;
	return -EINVAL;
}

static int append_wild(struct dc_spa_pattern *pattern, unsigned int index)
{
	if (index < 32)
		pattern->wild |= 1u << index;
	return damc_name_append(&pattern->name, "*", 1);
}

/* @text: a "/" and one component, and what comes behind. */
static int append_literal(struct dc_spa_pattern *pattern, const char *text,
			  size_t len, const char **why)
{
	char component[DAMC_NAME_TEXT_MAX];
	struct damc_name name;
	int err;

	if (len == 1)
		return bad(why, "a component is empty");
	if (len >= sizeof(component))
		return bad(why, "a component is too long");
	memcpy(component, text, len);
	component[len] = '\0';
	err = damc_name_parse(&name, component, why);
	if (err)
		return err;
	return damc_name_append(&pattern->name, name.wire + 1, name.wire[0]);
}

static int append(struct dc_spa_pattern *pattern, const char *text, size_t len,
		  unsigned int index, const char **why)
{
	int err;

	if (len == 3 && !memcmp(text, "/**", 3)) {
		if (text[len])
			return bad(why, "\"**\" comes last or not at all");
		pattern->rest = true;
		return 0;
	}
	if (len == 2 && !memcmp(text, "/*", 2))
		err = append_wild(pattern, index);
	else
		err = append_literal(pattern, text, len, why);
	if (err == -ENAMETOOLONG)
		bad(why, "longer than a name can be");
	return err;
}

int dc_spa_pattern_parse(struct dc_spa_pattern *pattern, const char *text,
			 const char **why)
{
	struct dc_spa_pattern made = { 0 };
	unsigned int index;
	size_t len;
	int err;

	if (*text != '/')
		return bad(why, "a name begins with '/'");
	for (index = 0; *text; index++, text += len) {
		len = 1 + strcspn(text + 1, "/");
		err = append(&made, text, len, index, why);
		if (err)
			return err;
	}
	*pattern = made;
	return 0;
}

/* Step over one component of each; false if they differ. */
static bool same_component(const uint8_t *a, const uint8_t *b)
{
	return *a == *b && !memcmp(a + 1, b + 1, *a);
}

bool dc_spa_pattern_match(const struct dc_spa_pattern *pattern,
			  const struct damc_name *name)
{
	const struct damc_name *mine = &pattern->name;
	size_t at = 0, in = 0;
	unsigned int index;

	for (index = 0; at < mine->len; index++) {
		if (in >= name->len)
			return false;
		if (!(index < 32 && pattern->wild & 1u << index) &&
		    !same_component(mine->wire + at, name->wire + in))
			return false;
		at += 1 + mine->wire[at];
		in += 1 + name->wire[in];
	}
	return pattern->rest ? in < name->len : in == name->len;
}

/* ---- rules ------------------------------------------------------------- */

static bool has_fact(const struct dc_c3_subject *subject,
		     const struct dc_c3_fact *wanted)
{
	const struct dc_c3_fact *fact;
	uint32_t i;

	for (i = 0; i < subject->n_facts; i++) {
		fact = &subject->fact[i];
		if (fact->len == wanted->len &&
		    !memcmp(fact->text, wanted->text, wanted->len))
			return true;
	}
	return false;
}

static bool pod_matches(const struct dc_spa_rule *rule,
			const struct dc_c3_subject *subject)
{
	uint32_t i;

	if (subject->has_key ||
	    !dc_spa_pattern_match(&rule->pod, &subject->pod))
		return false;
	for (i = 0; i < rule->n_facts; i++) {
		if (!has_fact(subject, &rule->fact[i]))
			return false;
	}
	return true;
}

static bool key_matches(const struct dc_spa_rule *rule,
			const struct dc_c3_subject *subject)
{
	return subject->has_key &&
	       !memcmp(rule->key, subject->key, sizeof(rule->key)) &&
	       !(rule->fresh && subject->binding_len);
}

static bool is_at(const struct dc_spa_rule *rule, const struct dc_node_id *node)
{
	uint32_t i;

	for (i = 0; i < rule->n_at; i++) {
		if (dc_node_id_equal(&rule->at[i], node))
			return true;
	}
	return !rule->n_at;
}

static bool gateways_match(const struct dc_spa_rule *rule,
			   const struct dc_c3_request *request)
{
	uint32_t i;

	for (i = 0; i < request->n_to; i++) {
		if (!is_at(rule, &request->to[i]))
			return false;
	}
	return is_at(rule, &request->gateway);
}

static bool rule_matches(const struct dc_spa_rule *rule,
			 const struct dc_c3_request *request)
{
	return !(request->right & ~rule->rights) &&
	       dc_spa_pattern_match(&rule->name, &request->name) &&
	       (rule->has_key ? key_matches(rule, &request->subject) :
		pod_matches(rule, &request->subject)) &&
	       gateways_match(rule, request);
}

const struct dc_spa_rule *
dc_spa_policy_match(const struct dc_spa_policy *policy,
		    const struct dc_c3_request *request)
{
	uint32_t i;

	for (i = 0; i < policy->n_rules; i++) {
		if (rule_matches(&policy->rule[i], request))
			return &policy->rule[i];
	}
	return NULL;
}

/* ---- reserved names ---------------------------------------------------- */

bool dc_spa_reserved(const struct damc_name *name)
{
	static const char * const reserved[] = {
		"/damc", "/localhost", "/localhop", "/pod", NULL
	};
	struct damc_name prefix;
	size_t i;

	if (!name->len)
		return true;
	for (i = 0; reserved[i]; i++) {
		if (damc_name_parse(&prefix, reserved[i], NULL) ||
		    damc_name_below(name, &prefix))
			return true;
	}
	return false;
}
