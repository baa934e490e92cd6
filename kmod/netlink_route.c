// SPDX-License-Identifier: GPL-2.0
/* Netlink: routes. */
#include "netlink.h"
#include "netlink_nexthop.h"
#include "netlink_route.h"
#include "netns.h"
#include "notify.h"
#include "route.h"
#include "set.h"

static int damc_spec_type(struct nlattr **tb, struct damc_route_spec *spec,
			  struct netlink_ext_ack *extack)
{
	bool hops = tb[DAMC_A_ROUTE_NEXTHOP] || tb[DAMC_A_ROUTE_SET];
	bool unicast;

	spec->type = tb[DAMC_A_ROUTE_TYPE] ?
		     nla_get_u32(tb[DAMC_A_ROUTE_TYPE]) :
		     DAMC_ROUTE_TYPE_UNICAST;
	if (spec->type == DAMC_ROUTE_TYPE_POOL) {
		NL_SET_ERR_MSG_ATTR(extack, tb[DAMC_A_ROUTE_TYPE],
				    "A pool is configured by its own requests; see damc pool");
		return -EINVAL;
	}
	if (spec->type == DAMC_ROUTE_TYPE_EDGE) {
		NL_SET_ERR_MSG_ATTR(extack, tb[DAMC_A_ROUTE_TYPE],
				    "A name is led to an edge by binding it");
		return -EINVAL;
	}
	if (tb[DAMC_A_ROUTE_NEXTHOP] && tb[DAMC_A_ROUTE_SET]) {
		NL_SET_ERR_MSG_ATTR(extack, tb[DAMC_A_ROUTE_SET],
				    "Either next hops or a set");
		return -EINVAL;
	}
	unicast = spec->type == DAMC_ROUTE_TYPE_UNICAST;
	if (hops == unicast)
		return 0;
	if (hops)
		NL_SET_ERR_MSG(extack, "A route of this type takes no next hop");
	else
		NL_SET_ERR_MSG(extack, "The route has no next hop");
	return -EINVAL;
}

/* The name of a request about an entry, and nothing else. */
static int damc_spec_key(struct nlattr **tb, struct netlink_ext_ack *extack)
{
	int i;

	for (i = DAMC_A_ROUTE_NAME + 1; i <= DAMC_A_ROUTE_MAX; i++)
		if (tb[i]) {
			NL_SET_ERR_MSG_ATTR(extack, tb[i],
					    "The name alone says which route");
			return -EINVAL;
		}
	return 0;
}

static int damc_spec_fixed(struct nlattr **tb, struct damc_route_spec *spec,
			   struct netlink_ext_ack *extack)
{
	struct nlattr *protocol = tb[DAMC_A_ROUTE_PROTOCOL];

	spec->protocol = protocol ? nla_get_u32(protocol) :
				    DAMC_ROUTE_PROTOCOL_STATIC;
	if (spec->protocol == DAMC_ROUTE_PROTOCOL_KERNEL) {
		NL_SET_ERR_MSG_ATTR(extack, protocol,
				    "Routes of the kernel's are not to be had by request");
		return -EINVAL;
	}
	return damc_spec_type(tb, spec, extack);
}

static int damc_spec_set(struct damc_net *dn, const struct nlattr *attr,
			 struct damc_route_spec *spec,
			 struct netlink_ext_ack *extack)
{
	spec->target = damc_set_find(dn, nla_get_u32(attr));
	if (spec->target)
		return 0;
	NL_SET_ERR_MSG_ATTR(extack, attr, "No such set");
	return -ENOENT;
}

/* What a nest says, its next hops held. */
static int damc_spec_read(struct damc_net *dn, const struct nlattr *nest,
			  enum damc_route_change change,
			  struct damc_route_spec *spec,
			  struct netlink_ext_ack *extack)
{
	struct nlattr *tb[DAMC_A_ROUTE_MAX + 1];
	int err;

	spec->target = NULL;
	err = damc_nl_parse(nest, tb, DAMC_A_ROUTE_MAX, DAMC_A_ROUTE_NEXTHOP,
			    extack);
	if (err)
		return err;
	if (NL_REQ_ATTR_CHECK(extack, nest, tb, DAMC_A_ROUTE_NAME)) {
		NL_SET_ERR_MSG(extack, "A route to which name?");
		return -EINVAL;
	}
	err = damc_nl_name(tb[DAMC_A_ROUTE_NAME], &spec->name, extack);
	if (err)
		return err;
	if (change == DAMC_ROUTE_DEL)
		return damc_spec_key(tb, extack);
	err = damc_spec_fixed(tb, spec, extack);
	if (err)
		return err;
	if (tb[DAMC_A_ROUTE_SET])
		return damc_spec_set(dn, tb[DAMC_A_ROUTE_SET], spec, extack);
	return damc_nl_nexthops(dn, nest, DAMC_A_ROUTE_NEXTHOP, spec->nexthops,
				&spec->n, extack);
}

/**
 * struct damc_nl_batch - a request to change routes, in work
 * @dn: the namespace
 * @info: the request
 * @change: the same for all
 * @spec: the one in work
 * @total: how many there are
 * @done: how many have been changed
 * @target: where the last one leads that says so, held, or NULL
 * @model: its nest, if its name comes first there, or NULL
 * @news: some lead to neighbours that nobody was told of
 * @undo: how each can be taken back
 */
struct damc_nl_batch {
	struct damc_net *dn;
	struct genl_info *info;
	enum damc_route_change change;
	struct damc_route_spec spec;
	unsigned int total;
	unsigned int done;
	struct damc_target *target;
	const struct nlattr *model;
	bool news;
	struct damc_route_undo undo[];
};

static struct damc_nl_batch *damc_batch_alloc(struct genl_info *info,
					      enum damc_route_change change)
{
	struct damc_nl_batch *batch;
	const struct nlattr *nest;
	unsigned int n = 0;
	int rem;

	/* The policy takes nothing but routes. */
	nlmsg_for_each_attr(nest, info->nlhdr, GENL_HDRLEN, rem)
		n++;
	batch = kvmalloc(struct_size(batch, undo, n), GFP_KERNEL_ACCOUNT);
	if (!batch)
		return NULL;
	/* Each change writes its own undo. */
	memset(batch, 0, sizeof(*batch));
	batch->dn = damc_net(genl_info_net(info));
	batch->info = info;
	batch->change = change;
	batch->total = n;
	return batch;
}

/* Which of several routes it was: the attribute tells, and where it can the text. */
static void damc_batch_blame(const struct damc_nl_batch *batch,
			     const struct nlattr *nest)
{
	struct netlink_ext_ack *extack = batch->info->extack;

	if (!extack->bad_attr)
		NL_SET_BAD_ATTR(extack, nest);
#ifdef NL_SET_ERR_MSG_FMT
	if (batch->total > 1 && extack->_msg)
		NL_SET_ERR_MSG_FMT(extack, "Route %u: %s", batch->done + 1,
				   extack->_msg);
#endif
}

/*
 * Routes of a batch often differ by name alone: then what follows the name needs
 * to be read but once, and its next hops to be found but once; and need not be
 * there again.
 */
static bool damc_batch_like_last(const struct damc_nl_batch *batch,
				 const struct nlattr *nest)
{
	const struct nlattr *a, *b = nla_data(nest);
	int a_left, b_left = nla_len(nest);

	if (!batch->target || !nla_ok(b, b_left) ||
	    nla_type(b) != DAMC_A_ROUTE_NAME)
		return false;
	b = nla_next(b, &b_left);
	if (b_left <= 0)
		return true;
	if (!batch->model)
		return false;
	a = nla_data(batch->model);
	a_left = nla_len(batch->model);
	a = nla_next(a, &a_left);
	return a_left == b_left && !memcmp(a, b, a_left);
}

/* Where the name does not come first, the rest is in pieces: no model for others. */
static void damc_batch_set_last(struct damc_nl_batch *batch,
				const struct nlattr *nest)
{
	const struct damc_route_spec *spec = &batch->spec;
	const struct nlattr *first = nla_data(nest);
	struct damc_fib_entry *entry;

	if (batch->total == 1 || batch->change == DAMC_ROUTE_DEL ||
	    batch->change == DAMC_ROUTE_APPEND)
		return;
	if (batch->target)
		damc_target_put(batch->dn, batch->target);
	entry = damc_fib_find(&batch->dn->fib, &spec->name);
	batch->target = damc_entry_target(batch->dn, entry);
	damc_target_hold(batch->target);
	batch->model = spec->name.wire == nla_data(first) ? nest : NULL;
}

static int damc_batch_read(struct damc_nl_batch *batch,
			   const struct nlattr *nest, bool like)
{
	struct damc_route_spec *spec = &batch->spec;

	if (!like)
		return damc_spec_read(batch->dn, nest, batch->change, spec,
				      batch->info->extack);
	spec->target = batch->target;
	return damc_nl_name(nla_data(nest), &spec->name, batch->info->extack);
}

static int damc_batch_one(struct damc_nl_batch *batch,
			  const struct nlattr *nest)
{
	bool like = damc_batch_like_last(batch, nest);
	struct damc_route_spec *spec = &batch->spec;
	int err;

	err = damc_batch_read(batch, nest, like);
	if (!err)
		err = damc_route_change(batch->dn, spec, batch->change,
					&batch->undo[batch->done],
					batch->info->extack);
	batch->news |= damc_nexthops_news(spec->nexthops, spec->n);
	damc_nexthops_release(spec->nexthops, spec->n);
	spec->n = 0;
	if (err) {
		damc_batch_blame(batch, nest);
		return err;
	}
	if (!like)
		damc_batch_set_last(batch, nest);
	batch->done++;
	return 0;
}

static void damc_batch_undo(struct damc_nl_batch *batch)
{
	while (batch->done) {
		damc_route_undo(batch->dn, &batch->undo[--batch->done]);
		cond_resched();
	}
}

static void damc_batch_tell(const struct damc_nl_batch *batch,
			    const struct damc_route_undo *undo,
			    struct damc_notice *notice)
{
	const struct damc_fib_entry *entry = undo->entry;

	if (!entry)
		entry = damc_fib_find(&batch->dn->fib, &undo->name);
	if (batch->news)
		damc_target_tell(damc_entry_target(batch->dn, entry));
	damc_notice_add(notice, entry);
}

/*
 * A deleted entry is written before it goes, any other as it is then. Neighbours
 * are told of before the first route to them, and their end after the last.
 */
static void damc_batch_commit(struct damc_nl_batch *batch)
{
	static const u16 flags[] = {
		[DAMC_ROUTE_ADD] = NLM_F_CREATE | NLM_F_EXCL,
		[DAMC_ROUTE_REPLACE] = NLM_F_CREATE | NLM_F_REPLACE,
		[DAMC_ROUTE_APPEND] = NLM_F_CREATE | NLM_F_APPEND,
		[DAMC_ROUTE_DEL] = 0,
	};
	bool del = batch->change == DAMC_ROUTE_DEL;
	struct damc_notice notice;
	unsigned int i;

	damc_notice_routes(&notice, batch->dn, batch->total,
			   del ? DAMC_CMD_ROUTE_DEL_NTF : DAMC_CMD_ROUTE_NTF,
			   flags[batch->change]);
	for (i = 0; i < batch->done; i++) {
		if (notice.skb || batch->news)
			damc_batch_tell(batch, &batch->undo[i], &notice);
		damc_route_commit(batch->dn, &batch->undo[i]);
		cond_resched();
	}
	damc_notice_send(&notice);
	for (i = 0; i < batch->done; i++) {
		damc_route_release(batch->dn, &batch->undo[i]);
		cond_resched();
	}
}

static int damc_batch_run(struct damc_nl_batch *batch)
{
	const struct nlattr *nest;
	int rem, err = 0;

	mutex_lock(&batch->dn->lock);
	nlmsg_for_each_attr(nest, batch->info->nlhdr, GENL_HDRLEN, rem) {
		err = damc_batch_one(batch, nest);
		if (err)
			break;
		cond_resched();
	}
	if (err)
		damc_batch_undo(batch);
	else
		damc_batch_commit(batch);
	if (batch->target)
		damc_target_put(batch->dn, batch->target);
	mutex_unlock(&batch->dn->lock);
	return err;
}

static int damc_nl_route_change(struct genl_info *info,
				enum damc_route_change change)
{
	struct damc_nl_batch *batch;
	int err;

	err = damc_nl_batch_check(info, DAMC_A_ROUTE);
	if (err)
		return err;
	batch = damc_batch_alloc(info, change);
	if (!batch)
		return -ENOMEM;
	err = damc_batch_run(batch);
	kvfree(batch);
	return err;
}

int damc_nl_route_add_doit(struct sk_buff *skb, struct genl_info *info)
{
	return damc_nl_route_change(info, DAMC_ROUTE_ADD);
}

int damc_nl_route_replace_doit(struct sk_buff *skb, struct genl_info *info)
{
	return damc_nl_route_change(info, DAMC_ROUTE_REPLACE);
}

int damc_nl_route_append_doit(struct sk_buff *skb, struct genl_info *info)
{
	return damc_nl_route_change(info, DAMC_ROUTE_APPEND);
}

/* The name in a request about an entry, and nothing else. */
static int damc_nl_route_name(struct genl_info *info, struct damc_name *name)
{
	struct nlattr *tb[DAMC_A_ROUTE_MAX + 1];
	int err;

	err = damc_nl_nest(info, DAMC_A_ROUTE, tb, DAMC_A_ROUTE_MAX);
	if (err)
		return err;
	if (NL_REQ_ATTR_CHECK(info->extack, info->attrs[DAMC_A_ROUTE], tb,
			      DAMC_A_ROUTE_NAME)) {
		NL_SET_ERR_MSG(info->extack, "The route to which name?");
		return -EINVAL;
	}
	err = damc_spec_key(tb, info->extack);
	if (err)
		return err;
	return damc_nl_name(tb[DAMC_A_ROUTE_NAME], name, info->extack);
}

int damc_nl_route_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	return damc_nl_route_change(info, DAMC_ROUTE_DEL);
}

/**
 * damc_put_route() - write an entry
 * @skb: the message
 * @dn: the namespace, locked
 * @entry: the entry
 *
 * Return: 0 or -EMSGSIZE.
 */
int damc_put_route(struct sk_buff *skb, const struct damc_net *dn,
		   const struct damc_fib_entry *entry)
{
	struct nlattr *nest = nla_nest_start(skb, DAMC_A_ROUTE);
	const struct damc_target *target;
	unsigned int i;

	target = damc_entry_target(dn, entry);
	if (!nest ||
	    nla_put(skb, DAMC_A_ROUTE_NAME, entry->node.len, entry->node.wire) ||
	    nla_put_u32(skb, DAMC_A_ROUTE_TYPE, target->type) ||
	    nla_put_u32(skb, DAMC_A_ROUTE_PROTOCOL,
			damc_entry_protocol(entry)))
		return -EMSGSIZE;
	for (i = 0; i < target->n; i++)
		if (damc_put_nexthop(skb, DAMC_A_ROUTE_NEXTHOP,
				     &target->nexthop[i]))
			return -EMSGSIZE;
	if (target->set && nla_put_u32(skb, DAMC_A_ROUTE_SET, target->set))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

int damc_nl_route_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct damc_net *dn = damc_net(genl_info_net(info));
	const struct damc_fib_entry *entry;
	struct damc_name name;
	struct sk_buff *reply;
	void *header;
	int err;

	err = damc_nl_route_name(info, &name);
	if (err)
		return err;
	reply = damc_nl_reply(info, &header);
	if (!reply)
		return -ENOMEM;
	mutex_lock(&dn->lock);
	entry = damc_fib_find(&dn->fib, &name);
	if (entry) {
		err = damc_put_route(reply, dn, entry);
	} else {
		NL_SET_ERR_MSG(info->extack, "The name has no route");
		err = -ESRCH;
	}
	mutex_unlock(&dn->lock);
	return damc_nl_send(info, reply, header, err);
}

static int damc_nl_dump_route(struct sk_buff *skb, const struct damc_net *dn,
			      const void *object)
{
	return damc_put_route(skb, dn,
			      container_of(object, struct damc_fib_entry, node));
}

int damc_nl_route_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct damc_net *dn = damc_net(sock_net(skb->sk));

	return damc_nl_dump_table(skb, cb, &dn->fib.table, DAMC_CMD_ROUTE_GET,
				  damc_nl_dump_route);
}
