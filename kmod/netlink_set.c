// SPDX-License-Identifier: GPL-2.0
/* Netlink: next-hop sets. */
#include "neigh.h"
#include "netlink.h"
#include "netlink_nexthop.h"
#include "netlink_set.h"
#include "netns.h"
#include "notify.h"
#include "set.h"

/**
 * struct damc_nl_sets - a request to change sets, in work
 * @dn: the namespace
 * @info: the request
 * @change: the same for all
 * @total: how many there are
 * @done: how many have been changed
 * @spec: the one in work
 * @undo: how each can be taken back
 */
struct damc_nl_sets {
	struct damc_net *dn;
	struct genl_info *info;
	enum damc_set_change change;
	unsigned int total;
	unsigned int done;
	struct damc_set_spec spec;
	struct damc_set_undo undo[];
};

static struct damc_nl_sets *damc_sets_alloc(struct genl_info *info,
					    enum damc_set_change change)
{
	struct damc_nl_sets *sets;
	const struct nlattr *nest;
	unsigned int n = 0;
	int rem;

	/* The policy takes nothing but sets. */
	nlmsg_for_each_attr(nest, info->nlhdr, GENL_HDRLEN, rem)
		n++;
	sets = kvzalloc(struct_size(sets, undo, n), GFP_KERNEL_ACCOUNT);
	if (!sets)
		return NULL;
	sets->dn = damc_net(genl_info_net(info));
	sets->info = info;
	sets->change = change;
	sets->total = n;
	return sets;
}

/* A set's id alone, for what is there. */
static int damc_set_key(struct nlattr **tb, struct netlink_ext_ack *extack)
{
	int i;

	for (i = DAMC_A_SET_ID + 1; i <= DAMC_A_SET_MAX; i++)
		if (tb[i]) {
			NL_SET_ERR_MSG_ATTR(extack, tb[i],
					    "The id alone says which set");
			return -EINVAL;
		}
	return 0;
}

static int damc_set_parse(const struct nlattr *nest, struct nlattr **tb,
			  u32 *id, struct netlink_ext_ack *extack)
{
	int err;

	err = damc_nl_parse(nest, tb, DAMC_A_SET_MAX, DAMC_A_SET_NEXTHOP,
			    extack);
	if (err)
		return err;
	if (NL_REQ_ATTR_CHECK(extack, nest, tb, DAMC_A_SET_ID)) {
		NL_SET_ERR_MSG(extack, "Which set?");
		return -EINVAL;
	}
	*id = nla_get_u32(tb[DAMC_A_SET_ID]);
	return 0;
}

static int damc_set_protocol(const struct nlattr *attr,
			     struct damc_set_spec *spec,
			     struct netlink_ext_ack *extack)
{
	spec->protocol = attr ? nla_get_u32(attr) : DAMC_ROUTE_PROTOCOL_STATIC;
	if (spec->protocol != DAMC_ROUTE_PROTOCOL_KERNEL)
		return 0;
	NL_SET_ERR_MSG_ATTR(extack, attr, "Sets are not the kernel's");
	return -EINVAL;
}

/* The backup has no share, so no weight. */
static int damc_set_backup(struct damc_net *dn, const struct nlattr *nest,
			   struct damc_set_spec *spec,
			   struct netlink_ext_ack *extack)
{
	int err;

	if (nla_find_nested(nest, DAMC_A_NEXTHOP_WEIGHT)) {
		NL_SET_ERR_MSG_ATTR(extack, nest, "A backup has no weight");
		return -EINVAL;
	}
	err = damc_nl_nexthop(dn, nest, spec->nexthops, spec->n, extack);
	if (err)
		return err;
	spec->nexthops[spec->n].weight = 0;
	spec->backup = 1;
	return 0;
}

/* What a nest says, its next hops held, also on error. */
static int damc_set_read(struct damc_nl_sets *sets, const struct nlattr *nest)
{
	struct netlink_ext_ack *extack = sets->info->extack;
	struct damc_set_spec *spec = &sets->spec;
	struct nlattr *tb[DAMC_A_SET_MAX + 1];
	int err;

	err = damc_set_parse(nest, tb, &spec->id, extack);
	if (err)
		return err;
	if (sets->change == DAMC_SET_DEL)
		return damc_set_key(tb, extack);
	err = damc_set_protocol(tb[DAMC_A_SET_PROTOCOL], spec, extack);
	if (err)
		return err;
	err = damc_nl_nexthops(sets->dn, nest, DAMC_A_SET_NEXTHOP,
			       spec->nexthops, &spec->n, extack);
	if (err || !tb[DAMC_A_SET_BACKUP])
		return err;
	return damc_set_backup(sets->dn, tb[DAMC_A_SET_BACKUP], spec, extack);
}

static void damc_sets_blame(const struct damc_nl_sets *sets,
			    const struct nlattr *nest)
{
	struct netlink_ext_ack *extack = sets->info->extack;

	if (!extack->bad_attr)
		NL_SET_BAD_ATTR(extack, nest);
#ifdef NL_SET_ERR_MSG_FMT
	if (sets->total > 1 && extack->_msg)
		NL_SET_ERR_MSG_FMT(extack, "Set %u: %s", sets->done + 1,
				   extack->_msg);
#endif
}

static int damc_sets_one(struct damc_nl_sets *sets, const struct nlattr *nest)
{
	struct damc_set_spec *spec = &sets->spec;
	int err;

	spec->n = 0;
	spec->backup = 0;
	err = damc_set_read(sets, nest);
	if (!err)
		err = damc_set_change(sets->dn, spec, sets->change,
				      &sets->undo[sets->done],
				      sets->info->extack);
	damc_nexthops_release(spec->nexthops, spec->n + spec->backup);
	if (err)
		damc_sets_blame(sets, nest);
	else
		sets->done++;
	return err;
}

static void damc_sets_undo(struct damc_nl_sets *sets)
{
	while (sets->done) {
		damc_set_undo(sets->dn, &sets->undo[--sets->done]);
		cond_resched();
	}
}

/*
 * A deleted set is written before it goes. Neighbours are told of before the
 * first set that they are in, and their end after the last.
 */
static void damc_sets_commit(struct damc_nl_sets *sets)
{
	bool del = sets->change == DAMC_SET_DEL;
	struct damc_net *dn = sets->dn;
	struct damc_target *set;
	struct damc_notice notice;
	unsigned int i;

	for (i = 0; i < sets->done; i++) {
		set = sets->undo[i].set;
		damc_target_tell(damc_set_content(dn, set));
		damc_notice_set(&notice, dn, set,
				del ? DAMC_CMD_SET_DEL_NTF : DAMC_CMD_SET_NTF);
		damc_notice_send(&notice);
		damc_set_commit(dn, &sets->undo[i]);
		cond_resched();
	}
}

static int damc_sets_run(struct damc_nl_sets *sets)
{
	const struct nlattr *nest;
	int rem, err = 0;

	mutex_lock(&sets->dn->lock);
	nlmsg_for_each_attr(nest, sets->info->nlhdr, GENL_HDRLEN, rem) {
		err = damc_sets_one(sets, nest);
		if (err)
			break;
		cond_resched();
	}
	if (err)
		damc_sets_undo(sets);
	else
		damc_sets_commit(sets);
	mutex_unlock(&sets->dn->lock);
	return err;
}

static int damc_nl_set_change(struct genl_info *info,
			      enum damc_set_change change)
{
	struct damc_nl_sets *sets;
	int err;

	err = damc_nl_batch_check(info, DAMC_A_SET);
	if (err)
		return err;
	sets = damc_sets_alloc(info, change);
	if (!sets)
		return -ENOMEM;
	err = damc_sets_run(sets);
	kvfree(sets);
	return err;
}

int damc_nl_set_add_doit(struct sk_buff *skb, struct genl_info *info)
{
	return damc_nl_set_change(info, DAMC_SET_ADD);
}

int damc_nl_set_replace_doit(struct sk_buff *skb, struct genl_info *info)
{
	return damc_nl_set_change(info, DAMC_SET_REPLACE);
}

int damc_nl_set_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	return damc_nl_set_change(info, DAMC_SET_DEL);
}

static int damc_put_set_nexthops(struct sk_buff *skb,
				 const struct damc_target *content)
{
	unsigned int i;

	for (i = 0; i < damc_target_hops(content); i++)
		if (damc_put_nexthop(skb, i < content->n ?
				     DAMC_A_SET_NEXTHOP : DAMC_A_SET_BACKUP,
				     &content->nexthop[i]))
			return -EMSGSIZE;
	return 0;
}

/**
 * damc_put_set() - write a set
 * @skb: the message
 * @dn: the namespace, locked
 * @set: the set's target
 *
 * Return: 0 or -EMSGSIZE.
 */
int damc_put_set(struct sk_buff *skb, const struct damc_net *dn,
		 const struct damc_target *set)
{
	struct nlattr *nest = nla_nest_start(skb, DAMC_A_SET);

	if (!nest || nla_put_u32(skb, DAMC_A_SET_ID, set->set) ||
	    nla_put_u32(skb, DAMC_A_SET_PROTOCOL, set->protocol) ||
	    damc_put_set_nexthops(skb, damc_set_content(dn, set)))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	nest = nla_nest_start(skb, DAMC_A_SET_STATE);
	if (!nest || nla_put_u32(skb, DAMC_A_SET_STATE_ROUTES,
				 damc_set_routes(set)))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

int damc_nl_set_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct damc_net *dn = damc_net(genl_info_net(info));
	struct nlattr *tb[DAMC_A_SET_MAX + 1];
	const struct damc_target *set;
	struct sk_buff *reply;
	void *header;
	int err;
	u32 id;

	err = damc_nl_nest(info, DAMC_A_SET, tb, DAMC_A_SET_MAX) ?:
	      damc_set_parse(info->attrs[DAMC_A_SET], tb, &id, info->extack) ?:
	      damc_set_key(tb, info->extack);
	if (err)
		return err;
	reply = damc_nl_reply(info, &header);
	if (!reply)
		return -ENOMEM;
	mutex_lock(&dn->lock);
	set = damc_set_find(dn, id);
	if (set) {
		err = damc_put_set(reply, dn, set);
	} else {
		NL_SET_ERR_MSG(info->extack, "No such set");
		err = -ESRCH;
	}
	mutex_unlock(&dn->lock);
	return damc_nl_send(info, reply, header, err);
}

static int damc_nl_dump_set(struct sk_buff *skb, const struct damc_net *dn,
			    const void *object)
{
	return damc_put_set(skb, dn, object);
}

int damc_nl_set_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct damc_net *dn = damc_net(sock_net(skb->sk));

	return damc_nl_dump_array(skb, cb, &dn->sets, DAMC_CMD_SET_GET,
				  damc_nl_dump_set);
}
