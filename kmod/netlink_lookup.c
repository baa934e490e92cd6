// SPDX-License-Identifier: GPL-2.0
/* Netlink: what would happen to a packet. */
#include "dev.h"
#include "neigh.h"
#include "netlink.h"
#include "netlink_policy.h"
#include "netlink_route.h"
#include "netns.h"
#include "pick.h"
#include "policy_change.h"
#include "target.h"

/**
 * struct damc_decision - the answer
 * @entry: what matched, or NULL
 * @neigh: where it would go, or NULL
 * @choice: of which instance, if @instance.len is not 0
 * @instance: its name
 * @wire: that name's bytes
 * @error: what it would be refused with
 * @policy: about it, or NULL
 */
struct damc_decision {
	const struct damc_fib_entry *entry;
	const struct damc_neigh *neigh;
	struct damc_choice choice;
	struct damc_name instance;
	u8 wire[DAMC_NAME_MAX];
	u32 error;
	const struct damc_policy *policy;
};

/* What would happen to which packet. */
struct damc_question {
	struct damc_name name;
	struct damc_name from;
	u32 flow;
	u8 class;
};

/* As for a packet that is made here and may make a pin. */
static void damc_decide_pool(const struct damc_net *dn,
			     const struct damc_target *target,
			     const struct damc_question *question,
			     struct damc_decision *decision)
{
	struct damc_choice *choice = &decision->choice;
	const struct damc_member *member;

	choice->dn = dn;
	choice->pool = question->name;
	choice->src = question->from;
	choice->label = question->flow;
	choice->class = question->class;
	if (decision->entry->node.len != question->name.len) {
		decision->error = DAMC_ERROR_CODE_NO_INSTANCE;
		return;
	}
	decision->error = damc_pick_peek(target, choice);
	member = choice->member;
	if (decision->error || !member)
		return;
	decision->neigh = choice->neigh;
	memcpy(decision->wire, choice->pool.wire, choice->pool.len);
	memcpy(decision->wire + choice->pool.len, member->wire, member->len);
	decision->instance.wire = decision->wire;
	decision->instance.len = choice->pool.len + member->len;
}

/* The policy that a packet to @name meets where it is sent on. */
static const struct damc_policy *
damc_decide_policy(const struct damc_net *dn,
		   const struct damc_question *question,
		   const struct damc_name *name, struct damc_decision *decision)
{
	struct damc_policy_key key = {
		.dst = *name,
		.src = question->from,
		.class = question->class,
	};

	decision->policy = damc_policy_of(dn, &key);
	if (decision->policy &&
	    decision->policy->action == DAMC_POLICY_ACTION_PROHIBIT)
		decision->error = DAMC_ERROR_CODE_PROHIBITED;
	return decision->policy;
}

static void damc_decide_neigh(const struct damc_net *dn,
			      const struct damc_target *target,
			      const struct damc_question *question,
			      struct damc_decision *decision)
{
	const struct damc_policy *policy;
	struct damc_way way;

	policy = damc_decide_policy(dn, question, &question->name, decision);
	if (decision->error)
		return;
	decision->neigh = damc_target_choose(dn, target, policy, question->flow,
					     &way);
	if (decision->neigh)
		damc_way_leave(&way);
	else
		decision->error = DAMC_ERROR_CODE_NO_ROUTE;
}

static void damc_decide(const struct damc_net *dn,
			const struct damc_question *question,
			struct damc_decision *decision)
{
	const struct damc_target *target;

	decision->entry = damc_fib_lookup(&dn->fib, &question->name);
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
		damc_decide_neigh(dn, target, question, decision);
		break;
	case DAMC_ROUTE_TYPE_POOL:
		damc_decide_pool(dn, target, question, decision);
		if (decision->neigh)
			damc_decide_policy(dn, question, &decision->instance,
					   decision);
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
	if (decision->policy && !damc_target_obeys(decision->policy, neigh) &&
	    nla_put_u32(skb, DAMC_A_DECISION_POLICY_INACTIVE, 1))
		return -EMSGSIZE;
	if (neigh &&
	    (nla_put_u32(skb, DAMC_A_DECISION_NEIGH_ID, neigh->id) ||
	     neigh->encap->put(skb, neigh, &damc_decision_attrs) ||
	     nla_put_u32(skb, DAMC_A_DECISION_MTU, decision->instance.len ?
			 damc_choice_mtu(&decision->choice) :
			 damc_neigh_mtu(neigh))))
		return -EMSGSIZE;
	if (decision->instance.len &&
	    (nla_put(skb, DAMC_A_DECISION_INSTANCE, decision->instance.len,
		     decision->instance.wire) ||
	     nla_put_u32(skb, DAMC_A_DECISION_REASON, decision->choice.reason) ||
	     nla_put_u32(skb, DAMC_A_DECISION_WEIGHT,
			 decision->choice.member->weight)))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/* The source is the root if it is left out. */
static int damc_nl_lookup(struct genl_info *info, struct damc_question *question)
{
	struct nlattr *tb[DAMC_A_LOOKUP_MAX + 1];
	int err;

	err = damc_nl_nest(info, DAMC_A_LOOKUP, tb, DAMC_A_LOOKUP_MAX);
	if (err)
		return err;
	if (NL_REQ_ATTR_CHECK(info->extack, info->attrs[DAMC_A_LOOKUP], tb,
			      DAMC_A_LOOKUP_NAME)) {
		NL_SET_ERR_MSG(info->extack, "Look up which name?");
		return -EINVAL;
	}
	err = damc_nl_name(tb[DAMC_A_LOOKUP_NAME], &question->name, info->extack);
	if (err)
		return err;
	question->flow = tb[DAMC_A_LOOKUP_FLOW] ?
			 nla_get_u32(tb[DAMC_A_LOOKUP_FLOW]) : 0;
	question->class = tb[DAMC_A_LOOKUP_CLASS] ?
			  nla_get_u32(tb[DAMC_A_LOOKUP_CLASS]) : 0;
	return tb[DAMC_A_LOOKUP_FROM] ?
	       damc_nl_name(tb[DAMC_A_LOOKUP_FROM], &question->from,
			    info->extack) : 0;
}

int damc_nl_route_lookup_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct damc_net *dn = damc_net(genl_info_net(info));
	struct damc_decision decision = {};
	struct damc_question question = {};
	struct sk_buff *reply;
	void *header;
	int err;

	err = damc_nl_lookup(info, &question);
	if (err)
		return err;
	reply = damc_nl_reply(info, &header);
	if (!reply)
		return -ENOMEM;
	mutex_lock(&dn->lock);
	rcu_read_lock();
	if (!question.from.len)
		question.from = damc_self_name(dn);
	damc_decide(dn, &question, &decision);
	err = damc_put_decision(reply, &decision);
	if (!err && decision.entry)
		err = damc_put_route(reply, dn, decision.entry);
	if (!err && decision.policy)
		err = damc_put_policy(reply, decision.policy);
	rcu_read_unlock();
	mutex_unlock(&dn->lock);
	return damc_nl_send(info, reply, header, err);
}
