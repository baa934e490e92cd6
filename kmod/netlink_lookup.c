// SPDX-License-Identifier: GPL-2.0
/* Netlink: what would happen to a packet. */
#include "dev.h"
#include "neigh.h"
#include "netlink.h"
#include "netlink_route.h"
#include "netns.h"
#include "target.h"

/**
 * struct damc_decision - the answer
 * @entry: what matched, or NULL
 * @neigh: where it would go, or NULL
 * @error: what it would be refused with
 */
struct damc_decision {
	const struct damc_fib_entry *entry;
	const struct damc_neigh *neigh;
	u32 error;
};

static void damc_decide(const struct damc_net *dn, const struct damc_name *name,
			u32 flow, struct damc_decision *decision)
{
	const struct damc_target *target;
	struct damc_way way;

	decision->entry = damc_fib_lookup(&dn->fib, name);
	if (!decision->entry) {
		decision->error = DAMC_ERROR_CODE_NO_ROUTE;
		return;
	}
	target = rcu_dereference_protected(decision->entry->target,
					   lockdep_is_held(&dn->lock));
	switch (target->type) {
	case DAMC_ROUTE_TYPE_UNREACHABLE:
		decision->error = DAMC_ERROR_CODE_NO_ROUTE;
		break;
	case DAMC_ROUTE_TYPE_PROHIBIT:
		decision->error = DAMC_ERROR_CODE_PROHIBITED;
		break;
	case DAMC_ROUTE_TYPE_UNICAST:
	case DAMC_ROUTE_TYPE_EDGE:
		decision->neigh = damc_target_choose(dn, target, flow, &way);
		if (decision->neigh)
			damc_way_leave(&way);
		else
			decision->error = DAMC_ERROR_CODE_NO_ROUTE;
		break;
	}
}

static const struct damc_nl_neigh_attrs damc_decision_attrs = {
	.ifindex = DAMC_A_DECISION_IFINDEX,
	.lladdr = DAMC_A_DECISION_LLADDR,
	.remote = DAMC_A_DECISION_REMOTE,
	.port = DAMC_A_DECISION_PORT,
	.local = DAMC_A_DECISION_LOCAL,
};

static int damc_put_decision(struct sk_buff *skb,
			     const struct damc_decision *decision)
{
	const struct damc_neigh *neigh = decision->neigh;
	struct nlattr *nest = nla_nest_start(skb, DAMC_A_DECISION);

	if (!nest)
		return -EMSGSIZE;
	if (decision->error &&
	    nla_put_u32(skb, DAMC_A_DECISION_ERROR, decision->error))
		return -EMSGSIZE;
	if (neigh &&
	    (nla_put_u32(skb, DAMC_A_DECISION_NEIGH_ID, neigh->id) ||
	     neigh->encap->put(skb, neigh, &damc_decision_attrs) ||
	     nla_put_u32(skb, DAMC_A_DECISION_MTU, damc_neigh_mtu(neigh))))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int damc_nl_lookup(struct genl_info *info, struct damc_name *name,
			  u32 *flow)
{
	struct nlattr *tb[DAMC_A_LOOKUP_MAX + 1];
	struct damc_name from;
	int err;

	err = damc_nl_nest(info, DAMC_A_LOOKUP, tb, DAMC_A_LOOKUP_MAX);
	if (err)
		return err;
	if (NL_REQ_ATTR_CHECK(info->extack, info->attrs[DAMC_A_LOOKUP], tb,
			      DAMC_A_LOOKUP_NAME)) {
		NL_SET_ERR_MSG(info->extack, "Look up which name?");
		return -EINVAL;
	}
	err = damc_nl_name(tb[DAMC_A_LOOKUP_NAME], name, info->extack);
	if (err)
		return err;
	*flow = tb[DAMC_A_LOOKUP_FLOW] ? nla_get_u32(tb[DAMC_A_LOOKUP_FLOW]) : 0;
	/* Nothing decides by the source yet; it must be a name all the same. */
	return tb[DAMC_A_LOOKUP_FROM] ?
	       damc_nl_name(tb[DAMC_A_LOOKUP_FROM], &from, info->extack) : 0;
}

int damc_nl_route_lookup_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct damc_net *dn = damc_net(genl_info_net(info));
	struct damc_decision decision = {};
	struct damc_name name;
	struct sk_buff *reply;
	void *header;
	u32 flow;
	int err;

	err = damc_nl_lookup(info, &name, &flow);
	if (err)
		return err;
	reply = damc_nl_reply(info, &header);
	if (!reply)
		return -ENOMEM;
	mutex_lock(&dn->lock);
	damc_decide(dn, &name, flow, &decision);
	err = damc_put_decision(reply, &decision);
	if (!err && decision.entry)
		err = damc_put_route(reply, dn, decision.entry);
	mutex_unlock(&dn->lock);
	return damc_nl_send(info, reply, header, err);
}
