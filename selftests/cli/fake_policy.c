// SPDX-License-Identifier: GPL-2.0
/* The fake library, see fake.h: policies. */
#include <errno.h>
#include <stdio.h>

#include "fake.h"

static void say_packets(const char *verb, const struct damc_policy *policy)
{
	fprintf(stderr, "fake: policy %s %u to %s from %s", verb, policy->id,
		fake_text(&policy->name), fake_text(&policy->from));
	if (policy->has_class)
		fprintf(stderr, " class %u", policy->class_selector);
}

static int say_policy(const char *verb, const struct damc_policy *policy)
{
	unsigned int i;

	say_packets(verb, policy);
	fprintf(stderr, " action %d protocol %d lifetime %u", policy->action,
		policy->protocol, policy->lifetime_ms);
	for (i = 0; i < policy->n_neighs; i++)
		fprintf(stderr, " neigh %u", policy->neighs[i]);
	return fake_change();
}

int damc_policy_add(struct damc_ctl *ctl, const struct damc_policy *policy)
{
	(void)ctl;
	return say_policy("add", policy);
}

int damc_policy_replace(struct damc_ctl *ctl, const struct damc_policy *policy)
{
	(void)ctl;
	return say_policy("replace", policy);
}

int damc_policy_del(struct damc_ctl *ctl, const struct damc_policy *key)
{
	(void)ctl;
	say_packets("del", key);
	return fake_change();
}

int damc_policy_flush(struct damc_ctl *ctl)
{
	(void)ctl;
	fprintf(stderr, "fake: policy flush");
	return fake_change();
}

struct damc_policy fake_policy(void)
{
	return (struct damc_policy){
		.id = 4294967295, .name = fake_name("/b"),
		.from = fake_name("/pod/n/1"), .has_class = true,
		.class_selector = 2, .action = DAMC_POLICY_ACTION_NEIGH,
		.protocol = DAMC_ROUTE_PROTOCOL_DAMCD, .n_neighs = 2,
		.neighs = { 3, 4294967295 }, .lifetime_ms = 30000,
		.left_ms = 29999, .packets = 7, .bytes = 700, .inactive = 1,
	};
}

int damc_policy_dump(struct damc_ctl *ctl,
		     int (*each)(const struct damc_policy *policy, void *arg),
		     void *arg)
{
	struct damc_policy policies[] = {
		{ .id = 1, .action = DAMC_POLICY_ACTION_PROHIBIT,
		  .protocol = DAMC_ROUTE_PROTOCOL_STATIC },
		fake_policy(),
	};
	int i;

	(void)ctl;
	for (i = 0; i < 2 && !fake_is("empty"); i++)
		each(&policies[i], arg);
	return fake_end();
}

int damc_policy_get(struct damc_ctl *ctl, const struct damc_policy *key,
		    struct damc_policy *policy)
{
	(void)ctl;
	fake_words("");
	*policy = fake_policy();
	return key->id == policy->id || key->has_class ? 0 : -ESRCH;
}
