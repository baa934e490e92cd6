// SPDX-License-Identifier: GPL-2.0
/* Netlink: pools. */
#include <linux/mm.h>

#include "netlink.h"
#include "netlink_pool.h"
#include "netns.h"
#include "pool_change.h"

/* An instance in a request: one component, which the pool's name has room for. */
static int damc_nl_member_name(const struct nlattr *attr,
			       const struct damc_pool_spec *spec,
			       struct damc_member *member,
			       struct netlink_ext_ack *extack)
{
	struct damc_name name;
	int err;

	err = damc_nl_name(attr, &name, extack);
	if (err)
		return err;
	if (damc_name_depth(name.wire, name.len) != 1 ||
	    name.len > DAMC_MEMBER_WIRE_MAX ||
	    name.len > DAMC_NAME_BOUND_MAX - spec->name.len) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "An instance is its pool's name and one component, no longer than can be bound");
		return -EINVAL;
	}
	member->len = name.len;
	memcpy(member->wire, name.wire, name.len);
	return 0;
}

static int damc_nl_member(const struct damc_net *dn, const struct nlattr *nest,
			  const struct damc_pool_spec *spec,
			  struct damc_pool *members,
			  struct netlink_ext_ack *extack)
{
	struct nlattr *tb[DAMC_A_POOL_MEMBER_MAX + 1];
	struct damc_member member = { .weight = 1 };
	struct damc_name name;
	int err;

	err = damc_nl_parse(nest, tb, DAMC_A_POOL_MEMBER_MAX, 0, extack);
	if (err)
		return err;
	if (NL_REQ_ATTR_CHECK(extack, nest, tb, DAMC_A_POOL_MEMBER_NAME)) {
		NL_SET_ERR_MSG(extack, "Which instance?");
		return -EINVAL;
	}
	err = damc_nl_member_name(tb[DAMC_A_POOL_MEMBER_NAME], spec, &member,
				  extack);
	if (err)
		return err;
	if (tb[DAMC_A_POOL_MEMBER_WEIGHT])
		member.weight = nla_get_u32(tb[DAMC_A_POOL_MEMBER_WEIGHT]);
	name = damc_member_name(&member);
	member.id = damc_name_hash_whole(&dn->pins.key, &name);
	err = damc_pool_put(members, &member);
	if (err == -EEXIST)
		NL_SET_ERR_MSG_ATTR(extack, nest, "The same instance twice");
	else if (err)
		NL_SET_ERR_MSG_ATTR(extack, nest, "Too many instances");
	return err;
}

/* The instances that a request names; to be freed whatever is returned. */
static int damc_nl_members(const struct damc_net *dn, struct genl_info *info,
			   const struct damc_pool_spec *spec,
			   struct damc_pool **members)
{
	const struct nlattr *pool = info->attrs[DAMC_A_POOL], *nest;
	unsigned int n = 0;
	int rem, err = 0;

	nla_for_each_nested(nest, pool, rem)
		n += nla_type(nest) == DAMC_A_POOL_MEMBER;
	*members = damc_pool_alloc(min_t(u32, n, DAMC_POOL_MEMBERS_MAX));
	if (!*members)
		return -ENOMEM;
	nla_for_each_nested(nest, pool, rem)
		if (!err && nla_type(nest) == DAMC_A_POOL_MEMBER)
			err = damc_nl_member(dn, nest, spec, *members,
					     info->extack);
	return err;
}

static int damc_nl_pool_name(struct genl_info *info, struct nlattr **tb,
			     struct damc_name *name)
{
	int err;

	err = damc_nl_nest_multi(info, DAMC_A_POOL, tb, DAMC_A_POOL_MAX,
				 DAMC_A_POOL_MEMBER);
	if (err)
		return err;
	if (NL_REQ_ATTR_CHECK(info->extack, info->attrs[DAMC_A_POOL], tb,
			      DAMC_A_POOL_NAME)) {
		NL_SET_ERR_MSG(info->extack, "Which pool?");
		return -EINVAL;
	}
	return damc_nl_name(tb[DAMC_A_POOL_NAME], name, info->extack);
}

/* A pool's instances can be bound, and reached from elsewhere. */
static int damc_nl_pool_check(const struct nlattr *attr,
			      const struct damc_name *name,
			      struct netlink_ext_ack *extack)
{
	if (damc_name_bindable(name) &&
	    damc_name_scope(name) != DAMC_SCOPE_LINK)
		return 0;
	NL_SET_ERR_MSG_ATTR(extack, attr,
			    "No pool can have this name: it is the root, too long, or a link's own");
	return -EINVAL;
}

static int damc_nl_pool_spec(struct genl_info *info,
			     enum damc_pool_change change,
			     struct damc_pool_spec *spec)
{
	struct nlattr *tb[DAMC_A_POOL_MAX + 1], *protocol;
	int err;

	err = damc_nl_pool_name(info, tb, &spec->name);
	if (err)
		return err;
	err = damc_nl_pool_check(tb[DAMC_A_POOL_NAME], &spec->name,
				 info->extack);
	if (err)
		return err;
	protocol = tb[DAMC_A_POOL_PROTOCOL];
	spec->protocol = protocol ? nla_get_u32(protocol) :
				    DAMC_ROUTE_PROTOCOL_STATIC;
	if (change == DAMC_POOL_DEL && protocol) {
		NL_SET_ERR_MSG_ATTR(info->extack, protocol,
				    "The name alone says which pool");
		return -EINVAL;
	}
	if (spec->protocol == DAMC_ROUTE_PROTOCOL_KERNEL) {
		NL_SET_ERR_MSG_ATTR(info->extack, protocol,
				    "Pools of the kernel's come by binding instances");
		return -EINVAL;
	}
	return 0;
}

static int damc_nl_pool_change(struct genl_info *info,
			       enum damc_pool_change change)
{
	struct damc_net *dn = damc_net(genl_info_net(info));
	struct damc_pool_spec spec;
	struct damc_pool *members;
	int err;

	err = damc_nl_pool_spec(info, change, &spec);
	if (err)
		return err;
	err = damc_nl_members(dn, info, &spec, &members);
	if (!err) {
		spec.members = members;
		mutex_lock(&dn->lock);
		err = damc_pool_change(dn, &spec, change, info->extack);
		mutex_unlock(&dn->lock);
	}
	kvfree(members);
	return err;
}

int damc_nl_pool_add_doit(struct sk_buff *skb, struct genl_info *info)
{
	return damc_nl_pool_change(info, DAMC_POOL_ADD);
}

int damc_nl_pool_replace_doit(struct sk_buff *skb, struct genl_info *info)
{
	return damc_nl_pool_change(info, DAMC_POOL_REPLACE);
}

int damc_nl_pool_append_doit(struct sk_buff *skb, struct genl_info *info)
{
	return damc_nl_pool_change(info, DAMC_POOL_APPEND);
}

int damc_nl_pool_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	return damc_nl_pool_change(info, DAMC_POOL_DEL);
}

static int damc_put_member(struct sk_buff *skb, int type,
			   const struct damc_member *member)
{
	struct nlattr *nest = nla_nest_start(skb, type);

	if (!nest ||
	    nla_put(skb, DAMC_A_POOL_MEMBER_NAME, member->len, member->wire) ||
	    nla_put_u32(skb, DAMC_A_POOL_MEMBER_WEIGHT, member->weight))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int damc_put_members(struct sk_buff *skb, const struct damc_pool *pool,
			    int type, bool bound)
{
	u32 i;

	for (i = 0; i < pool->n; i++)
		if (pool->member[i].bound == bound &&
		    damc_put_member(skb, type, &pool->member[i]))
			return -EMSGSIZE;
	return 0;
}

/* What a pool of so many instances takes in a message, at most. */
static size_t damc_pool_size(u32 members)
{
	size_t member = nla_total_size(nla_total_size(DAMC_MEMBER_WIRE_MAX) +
				       nla_total_size(sizeof(u32)));

	return 2 * nla_total_size(0) + nla_total_size(DAMC_NAME_MAX) +
	       nla_total_size(sizeof(u32)) + members * member;
}

/**
 * damc_put_pool_size() - a message's bytes that damc_put_pool() needs at most
 * @dn: the namespace, locked
 * @entry: a pool's entry
 */
size_t damc_put_pool_size(const struct damc_net *dn,
			  const struct damc_fib_entry *entry)
{
	return damc_pool_size(damc_entry_pool(dn, entry)->n);
}

/**
 * damc_put_pool() - write a pool
 * @skb: the message
 * @dn: the namespace, locked
 * @entry: a pool's entry
 *
 * Return: 0 or -EMSGSIZE.
 */
int damc_put_pool(struct sk_buff *skb, const struct damc_net *dn,
		  const struct damc_fib_entry *entry)
{
	const struct damc_pool *pool = damc_entry_pool(dn, entry);
	struct nlattr *nest = nla_nest_start(skb, DAMC_A_POOL);

	if (!nest ||
	    nla_put(skb, DAMC_A_POOL_NAME, entry->node.len, entry->node.wire) ||
	    nla_put_u32(skb, DAMC_A_POOL_PROTOCOL, entry->protocol) ||
	    damc_put_members(skb, pool, DAMC_A_POOL_MEMBER, false))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	nest = nla_nest_start(skb, DAMC_A_POOL_STATE);
	if (!nest || damc_put_members(skb, pool, DAMC_A_POOL_STATE_BOUND, true))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/* The answer to a request for one pool; its size is known under the lock. */
static int damc_nl_pool_answer(struct genl_info *info, struct damc_net *dn,
			       const struct damc_fib_entry *entry,
			       struct sk_buff **reply)
{
	void *header;
	int err;

	if (!entry || !damc_entry_pool(dn, entry)) {
		NL_SET_ERR_MSG(info->extack, "The name is no pool");
		return -ESRCH;
	}
	*reply = genlmsg_new(damc_put_pool_size(dn, entry), GFP_KERNEL);
	if (!*reply)
		return -ENOMEM;
	/* Room for a header is in any message. */
	header = genlmsg_put_reply(*reply, info, &damc_genl_family, 0,
				   info->genlhdr->cmd);
	err = damc_put_pool(*reply, dn, entry);
	if (err)
		nlmsg_free(*reply);
	else
		genlmsg_end(*reply, header);
	return err;
}

int damc_nl_pool_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct damc_net *dn = damc_net(genl_info_net(info));
	struct nlattr *tb[DAMC_A_POOL_MAX + 1];
	struct damc_name name;
	struct sk_buff *reply;
	int err;

	err = damc_nl_pool_name(info, tb, &name) ?:
	      damc_nl_name_alone(tb, DAMC_A_POOL_NAME, DAMC_A_POOL_MAX,
				 info->extack);
	if (err)
		return err;
	mutex_lock(&dn->lock);
	err = damc_nl_pool_answer(info, dn, damc_fib_find(&dn->fib, &name),
				  &reply);
	mutex_unlock(&dn->lock);
	return err ?: genlmsg_reply(reply, info);
}

static int damc_nl_dump_pool(struct sk_buff *skb, const struct damc_net *dn,
			     const void *object)
{
	const struct damc_fib_entry *entry;

	entry = container_of(object, struct damc_fib_entry, node);
	return damc_entry_pool(dn, entry) ? damc_put_pool(skb, dn, entry) :
					    -ENOENT;
}

/*
 * A pool is told of in one message, and one that comes during the dump may be
 * full. Without this a dump's first buffer holds but a page, whatever the reader
 * has room for.
 */
int damc_nl_pool_get_start(struct netlink_callback *cb)
{
	cb->min_dump_alloc =
		nlmsg_total_size(GENL_HDRLEN +
				 damc_pool_size(DAMC_POOL_MEMBERS_MAX));
	return 0;
}

/* Pools are found among all entries, if there are any: a dump is rare. */
int damc_nl_pool_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct damc_net *dn = damc_net(sock_net(skb->sk));

	if (!READ_ONCE(dn->n_pools))
		return damc_nl_dump_check(cb);
	return damc_nl_dump_table(skb, cb, &dn->fib.table, DAMC_CMD_POOL_GET,
				  damc_nl_dump_pool);
}
