// SPDX-License-Identifier: GPL-2.0
/* Netlink: policies. */
#include "neigh.h"
#include "netlink.h"
#include "netlink_policy.h"
#include "netns.h"
#include "policy_change.h"

/* Which packets a policy is about; what it is named by, unless by its id. */
static int damc_policy_key(struct nlattr **tb, struct damc_policy_key *key,
			   struct netlink_ext_ack *extack)
{
	struct nlattr *class = tb[DAMC_A_POLICY_CLASS];
	int err;

	err = damc_nl_name(tb[DAMC_A_POLICY_NAME], &key->dst, extack);
	if (!err && tb[DAMC_A_POLICY_FROM])
		err = damc_nl_name(tb[DAMC_A_POLICY_FROM], &key->src, extack);
	if (err)
		return err;
	key->class = class ? nla_get_u32(class) : DAMC_POLICY_CLASS_ANY;
	return 0;
}

static int damc_policy_nest(struct genl_info *info, struct nlattr **tb)
{
	return damc_nl_nest_multi(info, DAMC_A_POLICY, tb, DAMC_A_POLICY_MAX,
				  DAMC_A_POLICY_NEIGH);
}

/* A policy about what none is asked about would never count. */
static int damc_policy_scope(const struct nlattr *attr,
			     const struct damc_name *dst,
			     struct netlink_ext_ack *extack)
{
	if (damc_name_scope(dst) == DAMC_SCOPE_GLOBAL)
		return 0;
	NL_SET_ERR_MSG_ATTR(extack, attr,
			    "No policy is about /damc, /localhop or /localhost");
	return -EINVAL;
}

static int damc_policy_protocol(const struct nlattr *attr,
				struct damc_policy_spec *spec,
				struct netlink_ext_ack *extack)
{
	spec->protocol = attr ? nla_get_u32(attr) : DAMC_ROUTE_PROTOCOL_STATIC;
	if (spec->protocol != DAMC_ROUTE_PROTOCOL_KERNEL)
		return 0;
	NL_SET_ERR_MSG_ATTR(extack, attr, "Policies are not the kernel's");
	return -EINVAL;
}

/*
 * A neighbour is known by its id alone: it may go, and as ids are not given out
 * twice the policy then leads nowhere else.
 */
static int damc_policy_neigh(struct damc_net *dn, const struct nlattr *attr,
			     struct damc_policy_spec *spec,
			     struct netlink_ext_ack *extack)
{
	u32 id = nla_get_u32(attr);

	if (spec->n == DAMC_NEXTHOPS_MAX) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "Too many neighbours");
		return -ENOSPC;
	}
	if (damc_policy_ids_have(spec->neigh, spec->n, id)) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "The same neighbour twice");
		return -EINVAL;
	}
	if (!damc_neigh_by_id(dn, id)) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "No such neighbour");
		return -ENOENT;
	}
	spec->neigh[spec->n++] = id;
	return 0;
}

static int damc_policy_neighs(struct damc_net *dn, const struct nlattr *nest,
			      struct damc_policy_spec *spec,
			      struct netlink_ext_ack *extack)
{
	const struct nlattr *attr;
	int rem, err;
	bool by;

	nla_for_each_nested(attr, nest, rem) {
		if (nla_type(attr) != DAMC_A_POLICY_NEIGH)
			continue;
		err = damc_policy_neigh(dn, attr, spec, extack);
		if (err)
			return err;
	}
	by = spec->action == DAMC_POLICY_ACTION_NEIGH;
	if (by == !!spec->n)
		return 0;
	if (spec->n)
		NL_SET_ERR_MSG(extack,
			       "Only a policy of action neigh takes neighbours");
	else
		NL_SET_ERR_MSG(extack, "By which neighbours?");
	return -EINVAL;
}

/* What can be read without the namespace's lock. */
static int damc_policy_read(struct genl_info *info, struct nlattr **tb,
			    struct damc_policy_spec *spec)
{
	struct netlink_ext_ack *extack = info->extack;
	int err;

	if (tb[DAMC_A_POLICY_ID]) {
		NL_SET_ERR_MSG_ATTR(extack, tb[DAMC_A_POLICY_ID],
				    "Ids are the kernel's to choose");
		return -EINVAL;
	}
	if (NL_REQ_ATTR_CHECK(extack, info->attrs[DAMC_A_POLICY], tb,
			      DAMC_A_POLICY_NAME)) {
		NL_SET_ERR_MSG(extack, "A policy about which name?");
		return -EINVAL;
	}
	if (NL_REQ_ATTR_CHECK(extack, info->attrs[DAMC_A_POLICY], tb,
			      DAMC_A_POLICY_ACTION)) {
		NL_SET_ERR_MSG(extack, "What is to become of the packets?");
		return -EINVAL;
	}
	err = damc_policy_key(tb, &spec->key, extack) ?:
	      damc_policy_scope(tb[DAMC_A_POLICY_NAME], &spec->key.dst, extack) ?:
	      damc_policy_protocol(tb[DAMC_A_POLICY_PROTOCOL], spec, extack);
	spec->action = nla_get_u32(tb[DAMC_A_POLICY_ACTION]);
	if (tb[DAMC_A_POLICY_LIFETIME])
		spec->lifetime_ms = nla_get_u32(tb[DAMC_A_POLICY_LIFETIME]);
	return err;
}

typedef int (*damc_policy_change_t)(struct damc_net *dn,
				    const struct damc_policy_spec *spec,
				    struct netlink_ext_ack *extack);

static int damc_nl_policy_change(struct genl_info *info,
				 damc_policy_change_t change)
{
	struct damc_net *dn = damc_net(genl_info_net(info));
	struct nlattr *tb[DAMC_A_POLICY_MAX + 1];
	struct damc_policy_spec spec = {};
	int err;

	err = damc_policy_nest(info, tb) ?: damc_policy_read(info, tb, &spec);
	if (err)
		return err;
	mutex_lock(&dn->lock);
	err = damc_policy_neighs(dn, info->attrs[DAMC_A_POLICY], &spec,
				 info->extack) ?:
	      change(dn, &spec, info->extack);
	mutex_unlock(&dn->lock);
	return err;
}

int damc_nl_policy_add_doit(struct sk_buff *skb, struct genl_info *info)
{
	return damc_nl_policy_change(info, damc_policy_add);
}

int damc_nl_policy_replace_doit(struct sk_buff *skb, struct genl_info *info)
{
	return damc_nl_policy_change(info, damc_policy_replace);
}

/**
 * struct damc_policy_ref - how a request names a policy
 * @id: or 0
 * @key: if it does not by @id
 */
struct damc_policy_ref {
	u32 id;
	struct damc_policy_key key;
};

/* An id, or the packets that it is about; and nothing else. */
static int damc_policy_ref(struct genl_info *info, struct damc_policy_ref *ref)
{
	struct nlattr *tb[DAMC_A_POLICY_MAX + 1];
	int err, i, first;

	err = damc_policy_nest(info, tb);
	if (err)
		return err;
	if (!tb[DAMC_A_POLICY_ID] && !tb[DAMC_A_POLICY_NAME]) {
		NL_SET_ERR_MSG(info->extack, "Which policy?");
		return -EINVAL;
	}
	first = (tb[DAMC_A_POLICY_ID] ? DAMC_A_POLICY_ID :
					DAMC_A_POLICY_CLASS) + 1;
	for (i = first; i <= DAMC_A_POLICY_MAX; i++)
		if (tb[i]) {
			NL_SET_ERR_MSG_ATTR(info->extack, tb[i],
					    "The id alone says which policy, or name, source and class");
			return -EINVAL;
		}
	if (!tb[DAMC_A_POLICY_ID])
		return damc_policy_key(tb, &ref->key, info->extack);
	ref->id = nla_get_u32(tb[DAMC_A_POLICY_ID]);
	return 0;
}

static struct damc_policy *damc_policy_seek(struct damc_net *dn,
					    const struct damc_policy_ref *ref,
					    struct netlink_ext_ack *extack)
{
	struct damc_policy *policy;

	policy = ref->id ? xa_load(&dn->policy_ids, ref->id) :
			   damc_policy_find(&dn->policies, &ref->key);
	if (!policy)
		NL_SET_ERR_MSG(extack, "No such policy");
	return policy;
}

int damc_nl_policy_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct damc_net *dn = damc_net(genl_info_net(info));
	struct damc_policy_ref ref = {};
	struct damc_policy *policy;
	int err;

	err = damc_policy_ref(info, &ref);
	if (err)
		return err;
	mutex_lock(&dn->lock);
	policy = damc_policy_seek(dn, &ref, info->extack);
	if (policy)
		damc_policy_del(dn, policy);
	mutex_unlock(&dn->lock);
	return policy ? 0 : -ESRCH;
}

int damc_nl_policy_flush_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct damc_net *dn = damc_net(genl_info_net(info));

	mutex_lock(&dn->lock);
	damc_policy_flush(dn);
	mutex_unlock(&dn->lock);
	return 0;
}

static int damc_put_policy_key(struct sk_buff *skb,
			       const struct damc_policy *policy)
{
	struct damc_name dst = damc_policy_dst(policy);

	if (nla_put_u32(skb, DAMC_A_POLICY_ID, policy->id) ||
	    nla_put(skb, DAMC_A_POLICY_NAME, dst.len, dst.wire))
		return -EMSGSIZE;
	if (policy->src_len &&
	    nla_put(skb, DAMC_A_POLICY_FROM, policy->src_len, policy->src))
		return -EMSGSIZE;
	if (policy->class != DAMC_POLICY_CLASS_ANY)
		return nla_put_u32(skb, DAMC_A_POLICY_CLASS, policy->class);
	return 0;
}

static int damc_put_policy_rest(struct sk_buff *skb,
				const struct damc_policy *policy)
{
	u32 i;

	if (nla_put_u32(skb, DAMC_A_POLICY_ACTION, policy->action) ||
	    nla_put_u32(skb, DAMC_A_POLICY_PROTOCOL, policy->protocol))
		return -EMSGSIZE;
	for (i = 0; i < policy->n; i++)
		if (nla_put_u32(skb, DAMC_A_POLICY_NEIGH, policy->neigh[i]))
			return -EMSGSIZE;
	if (policy->lifetime_ms)
		return nla_put_u32(skb, DAMC_A_POLICY_LIFETIME,
				   policy->lifetime_ms);
	return 0;
}

static int damc_put_policy_state(struct sk_buff *skb,
				 const struct damc_policy *policy)
{
	struct damc_policy_sums sums;

	damc_policy_read_stats(policy, &sums);
	if (nla_put_u64_64bit(skb, DAMC_A_POLICY_STATE_PACKETS, sums.packets,
			      DAMC_A_POLICY_STATE_PAD) ||
	    nla_put_u64_64bit(skb, DAMC_A_POLICY_STATE_BYTES, sums.bytes,
			      DAMC_A_POLICY_STATE_PAD) ||
	    nla_put_u64_64bit(skb, DAMC_A_POLICY_STATE_INACTIVE, sums.inactive,
			      DAMC_A_POLICY_STATE_PAD))
		return -EMSGSIZE;
	if (policy->lifetime_ms)
		return nla_put_u32(skb, DAMC_A_POLICY_STATE_LEFT,
				   damc_policy_left(policy));
	return 0;
}

/**
 * damc_put_policy() - write a policy
 * @skb: the message
 * @policy: the policy; the namespace is locked
 *
 * Return: 0 or -EMSGSIZE.
 */
int damc_put_policy(struct sk_buff *skb, const struct damc_policy *policy)
{
	struct nlattr *nest = nla_nest_start(skb, DAMC_A_POLICY);

	if (!nest || damc_put_policy_key(skb, policy) ||
	    damc_put_policy_rest(skb, policy))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	nest = nla_nest_start(skb, DAMC_A_POLICY_STATE);
	if (!nest || damc_put_policy_state(skb, policy))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

int damc_nl_policy_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct damc_net *dn = damc_net(genl_info_net(info));
	const struct damc_policy *policy;
	struct damc_policy_ref ref = {};
	struct sk_buff *reply;
	void *header;
	int err;

	err = damc_policy_ref(info, &ref);
	if (err)
		return err;
	reply = damc_nl_reply(info, &header);
	if (!reply)
		return -ENOMEM;
	mutex_lock(&dn->lock);
	policy = damc_policy_seek(dn, &ref, info->extack);
	err = policy ? damc_put_policy(reply, policy) : -ESRCH;
	mutex_unlock(&dn->lock);
	return damc_nl_send(info, reply, header, err);
}

static int damc_nl_dump_policy(struct sk_buff *skb, const struct damc_net *dn,
			       const void *object)
{
	return damc_put_policy(skb, object);
}

int damc_nl_policy_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct damc_net *dn = damc_net(sock_net(skb->sk));

	return damc_nl_dump_array(skb, cb, &dn->policy_ids,
				  DAMC_CMD_POLICY_GET, damc_nl_dump_policy);
}
