// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Control: policies.
 */
#include <errno.h>
#include <string.h>

#include <libmnl/libmnl.h>

#include "ctl.h"

static const struct ctl_field policy_fields[] = {
	CTL_FIELD(DAMC_A_POLICY_ID, CTL_U32, damc_policy, id),
	CTL_FIELD(DAMC_A_POLICY_NAME, CTL_NAME, damc_policy, name),
	CTL_FIELD(DAMC_A_POLICY_FROM, CTL_NAME, damc_policy, from),
	CTL_FIELD(DAMC_A_POLICY_CLASS, CTL_U32, damc_policy, class_selector),
	CTL_FIELD(DAMC_A_POLICY_ACTION, CTL_U32, damc_policy, action),
	CTL_FIELD(DAMC_A_POLICY_PROTOCOL, CTL_U32, damc_policy, protocol),
	CTL_FIELD(DAMC_A_POLICY_LIFETIME, CTL_U32, damc_policy, lifetime_ms),
};

/* A policy without these is none; the bit that says whether it has a class. */
#define POLICY_REQUIRED 0x33
#define POLICY_CLASS 0x08

static const struct ctl_field state_fields[] = {
	CTL_FIELD(DAMC_A_POLICY_STATE_PACKETS, CTL_U64, damc_policy, packets),
	CTL_FIELD(DAMC_A_POLICY_STATE_BYTES, CTL_U64, damc_policy, bytes),
	CTL_FIELD(DAMC_A_POLICY_STATE_INACTIVE, CTL_U64, damc_policy, inactive),
	CTL_FIELD(DAMC_A_POLICY_STATE_LEFT, CTL_U32, damc_policy, left_ms),
};

static int decode_neighs(const struct nlattr *nest, struct damc_policy *policy)
{
	const struct nlattr *attr = NULL;
	int err;

	while ((attr = ctl_next(nest, attr, &err))) {
		if (mnl_attr_get_type(attr) != DAMC_A_POLICY_NEIGH)
			continue;
		if (policy->n_neighs == DAMC_NEXTHOPS_MAX ||
		    mnl_attr_get_payload_len(attr) != sizeof(uint32_t))
			return -EBADMSG;
		policy->neighs[policy->n_neighs++] = mnl_attr_get_u32(attr);
	}
	return err;
}

static int decode_nest(const struct nlattr *nest, struct damc_policy *policy)
{
	uint32_t seen;
	int err;

	err = ctl_decode(nest, policy_fields, ARRAY_SIZE(policy_fields), policy,
			 &seen);
	if (err)
		return err;
	if ((seen & POLICY_REQUIRED) != POLICY_REQUIRED)
		return -EBADMSG;
	policy->has_class = seen & POLICY_CLASS;
	return decode_neighs(nest, policy);
}

int ctl_policy_decode(const struct ctl_objects *objects,
		      struct damc_policy *policy)
{
	const struct nlattr *state = objects->attr[DAMC_A_POLICY_STATE];
	int err;

	memset(policy, 0, sizeof(*policy));
	if (!objects->attr[DAMC_A_POLICY])
		return -EBADMSG;
	err = decode_nest(objects->attr[DAMC_A_POLICY], policy);
	if (!err && state)
		err = ctl_decode(state, state_fields, ARRAY_SIZE(state_fields),
				 policy, NULL);
	return err;
}

int ctl_policy_decode_msg(const struct nlmsghdr *msg,
			  struct damc_policy *policy)
{
	struct ctl_objects objects;
	int err = ctl_objects(msg, &objects);

	return err ? err : ctl_policy_decode(&objects, policy);
}

static int check_policy(const struct damc_policy *policy)
{
	return policy->n_neighs > DAMC_NEXTHOPS_MAX ||
	       ctl_check_name(&policy->name) ||
	       ctl_check_name(&policy->from) ? -EINVAL : 0;
}

/* Which one: by its id, or the packets that it is about. */
static void put_key(struct nlmsghdr *msg, const struct damc_policy *policy)
{
	if (policy->id) {
		mnl_attr_put_u32(msg, DAMC_A_POLICY_ID, policy->id);
		return;
	}
	ctl_put_name(msg, DAMC_A_POLICY_NAME, &policy->name);
	if (policy->from.len)
		ctl_put_name(msg, DAMC_A_POLICY_FROM, &policy->from);
	if (policy->has_class)
		mnl_attr_put_u32(msg, DAMC_A_POLICY_CLASS,
				 policy->class_selector);
}

static void put_rest(struct nlmsghdr *msg, const struct damc_policy *policy)
{
	unsigned int i;

	mnl_attr_put_u32(msg, DAMC_A_POLICY_ACTION, policy->action);
	if (policy->protocol)
		mnl_attr_put_u32(msg, DAMC_A_POLICY_PROTOCOL, policy->protocol);
	for (i = 0; i < policy->n_neighs; i++)
		mnl_attr_put_u32(msg, DAMC_A_POLICY_NEIGH, policy->neighs[i]);
	if (policy->lifetime_ms)
		mnl_attr_put_u32(msg, DAMC_A_POLICY_LIFETIME,
				 policy->lifetime_ms);
}

static int change_policy(struct damc_ctl *ctl, uint8_t cmd,
			 const struct damc_policy *policy)
{
	struct nlmsghdr *msg = ctl_begin(ctl, cmd);
	struct nlattr *nest;

	if (check_policy(policy) || policy->id)
		return -EINVAL;
	nest = mnl_attr_nest_start(msg, DAMC_A_POLICY);
	put_key(msg, policy);
	put_rest(msg, policy);
	mnl_attr_nest_end(msg, nest);
	return ctl_do(ctl, msg, NULL, NULL);
}

DAMC_PUBLIC
int damc_policy_add(struct damc_ctl *ctl, const struct damc_policy *policy)
{
	return change_policy(ctl, DAMC_CMD_POLICY_ADD, policy);
}

DAMC_PUBLIC
int damc_policy_replace(struct damc_ctl *ctl, const struct damc_policy *policy)
{
	return change_policy(ctl, DAMC_CMD_POLICY_REPLACE, policy);
}

static int ask_policy(struct damc_ctl *ctl, uint8_t cmd,
		      const struct damc_policy *key, ctl_handler handler,
		      void *arg)
{
	struct nlmsghdr *msg = ctl_begin(ctl, cmd);
	struct nlattr *nest;

	if (check_policy(key))
		return -EINVAL;
	nest = mnl_attr_nest_start(msg, DAMC_A_POLICY);
	put_key(msg, key);
	mnl_attr_nest_end(msg, nest);
	return ctl_do(ctl, msg, handler, arg);
}

DAMC_PUBLIC
int damc_policy_del(struct damc_ctl *ctl, const struct damc_policy *key)
{
	return ask_policy(ctl, DAMC_CMD_POLICY_DEL, key, NULL, NULL);
}

DAMC_PUBLIC
int damc_policy_flush(struct damc_ctl *ctl)
{
	return ctl_do(ctl, ctl_begin(ctl, DAMC_CMD_POLICY_FLUSH), NULL, NULL);
}

static int take_policy(const struct nlmsghdr *msg, void *arg)
{
	return ctl_policy_decode_msg(msg, arg);
}

DAMC_PUBLIC
int damc_policy_get(struct damc_ctl *ctl, const struct damc_policy *key,
		    struct damc_policy *policy)
{
	struct damc_policy result = { 0 };
	int err;

	err = ask_policy(ctl, DAMC_CMD_POLICY_GET, key, take_policy, &result);
	if (!err && !result.id)
		err = -EBADMSG;
	if (!err)
		*policy = result;
	return err;
}

struct each_policy {
	int (*each)(const struct damc_policy *policy, void *arg);
	void *arg;
};

static int each_policy(const struct nlmsghdr *msg, void *arg)
{
	struct each_policy *each = arg;
	struct damc_policy policy;
	int err;

	err = ctl_policy_decode_msg(msg, &policy);
	return err ? err : each->each(&policy, each->arg);
}

DAMC_PUBLIC
int damc_policy_dump(struct damc_ctl *ctl,
		     int (*each)(const struct damc_policy *policy, void *arg),
		     void *arg)
{
	struct each_policy context = { each, arg };

	return ctl_dump(ctl, DAMC_CMD_POLICY_GET, each_policy, &context);
}
