// SPDX-License-Identifier: GPL-2.0
/* Netlink: the module, the namespace's name, its counters. */
#include "dev.h"
#include "liveness.h"
#include "netlink.h"
#include "netns.h"
#include "notify.h"
#include "route.h"
#include "sock.h"
#include "udp.h"

static int damc_put_info_set(struct sk_buff *skb, const struct damc_net *dn)
{
	struct nlattr *nest = nla_nest_start(skb, DAMC_A_INFO);
	const struct damc_self *self;

	if (!nest)
		return -EMSGSIZE;
	self = rcu_dereference_protected(dn->self, lockdep_is_held(&dn->lock));
	if (self && nla_put(skb, DAMC_A_INFO_NAME, self->len, self->wire))
		return -EMSGSIZE;
	if (dn->udp &&
	    nla_put_u32(skb, DAMC_A_INFO_UDP_PORT, ntohs(dn->udp->port)))
		return -EMSGSIZE;
	if (nla_put_u32(skb, DAMC_A_INFO_LEASE, damc_liveness_lease(dn)) ||
	    nla_put_u32(skb, DAMC_A_INFO_FORWARD, !dn->avoided) ||
	    nla_put_u32(skb, DAMC_A_INFO_BIND_POLICY,
			dn->reg.managed ? DAMC_BIND_POLICY_MANAGED :
					  DAMC_BIND_POLICY_OPEN))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int damc_put_info_state(struct sk_buff *skb, const struct damc_net *dn)
{
	struct nlattr *nest = nla_nest_start(skb, DAMC_A_INFO_STATE);

	if (!nest ||
	    nla_put_string(skb, DAMC_A_INFO_STATE_VERSION, DAMC_VERSION_STRING) ||
	    nla_put_u32(skb, DAMC_A_INFO_STATE_FAMILY, damc_family) ||
	    nla_put_u32(skb, DAMC_A_INFO_STATE_ETHERTYPE, damc_ethertype) ||
	    nla_put_u32(skb, DAMC_A_INFO_STATE_ROUTES, dn->fib.table.count) ||
	    nla_put_u32(skb, DAMC_A_INFO_STATE_BINDS, dn->binds.count) ||
	    nla_put_u32(skb, DAMC_A_INFO_STATE_NEIGHS, dn->n_neighs))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/**
 * damc_put_info() - write the module's facts and the namespace's name
 * @skb: the message
 * @dn: the namespace, locked
 *
 * Return: 0 or -EMSGSIZE.
 */
int damc_put_info(struct sk_buff *skb, const struct damc_net *dn)
{
	return damc_put_info_set(skb, dn) ?: damc_put_info_state(skb, dn);
}

int damc_nl_info_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct damc_net *dn = damc_net(genl_info_net(info));
	struct sk_buff *reply;
	void *header;
	int err;

	reply = damc_nl_reply(info, &header);
	if (!reply)
		return -ENOMEM;
	mutex_lock(&dn->lock);
	err = damc_put_info(reply, dn);
	mutex_unlock(&dn->lock);
	return damc_nl_send(info, reply, header, err);
}

static int damc_info_set_name(struct damc_net *dn, struct genl_info *info,
			      struct nlattr **tb)
{
	struct damc_name name;
	int err;

	err = damc_nl_name(tb[DAMC_A_INFO_NAME], &name, info->extack);
	if (err)
		return err;
	if (name.len && !damc_name_bindable(&name)) {
		NL_SET_ERR_MSG_ATTR(info->extack, tb[DAMC_A_INFO_NAME],
				    "A component is longer than a name that is bound may have");
		return -EINVAL;
	}
	if (damc_name_scope(&name) >= DAMC_SCOPE_LINK) {
		NL_SET_ERR_MSG_ATTR(info->extack, tb[DAMC_A_INFO_NAME],
				    "Nobody else could reach a name of this scope");
		return -EINVAL;
	}
	mutex_lock(&dn->lock);
	err = damc_route_set_self(dn, &name, info->extack);
	mutex_unlock(&dn->lock);
	return err;
}

static int damc_info_set_udp(struct damc_net *dn, const struct nlattr *attr,
			     struct netlink_ext_ack *extack)
{
	int err;

	mutex_lock(&dn->lock);
	err = damc_udp_set_port(dn, nla_get_u32(attr), extack);
	mutex_unlock(&dn->lock);
	return err;
}

static int damc_info_set_forward(struct damc_net *dn, const struct nlattr *attr)
{
	mutex_lock(&dn->lock);
	damc_liveness_set_forward(dn, nla_get_u32(attr));
	damc_notify_info(dn);
	mutex_unlock(&dn->lock);
	return 0;
}

static int damc_info_set_bind_policy(struct damc_net *dn,
				     const struct nlattr *attr)
{
	mutex_lock(&dn->lock);
	dn->reg.managed = nla_get_u32(attr) == DAMC_BIND_POLICY_MANAGED;
	damc_notify_info(dn);
	mutex_unlock(&dn->lock);
	return 0;
}

/* So that what fails has changed nothing. */
static int damc_info_one(struct nlattr **tb, struct netlink_ext_ack *extack)
{
	int i, n = 0;

	for (i = 1; i <= DAMC_A_INFO_MAX; i++)
		n += !!tb[i];
	if (n == 1)
		return 0;
	NL_SET_ERR_MSG(extack, "Set one thing a request");
	return -EINVAL;
}

int damc_nl_info_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct damc_net *dn = damc_net(genl_info_net(info));
	struct nlattr *tb[DAMC_A_INFO_MAX + 1];
	int err;

	err = damc_nl_nest(info, DAMC_A_INFO, tb, DAMC_A_INFO_MAX) ?:
	      damc_info_one(tb, info->extack);
	if (err)
		return err;
	if (tb[DAMC_A_INFO_UDP_PORT])
		return damc_info_set_udp(dn, tb[DAMC_A_INFO_UDP_PORT],
					 info->extack);
	if (tb[DAMC_A_INFO_FORWARD])
		return damc_info_set_forward(dn, tb[DAMC_A_INFO_FORWARD]);
	if (tb[DAMC_A_INFO_BIND_POLICY])
		return damc_info_set_bind_policy(dn, tb[DAMC_A_INFO_BIND_POLICY]);
	if (tb[DAMC_A_INFO_LEASE]) {
		damc_liveness_set_lease(dn, nla_get_u32(tb[DAMC_A_INFO_LEASE]));
		return 0;
	}
	return damc_info_set_name(dn, info, tb);
}

/* Without lock: a namespace that was not used yet has counted nothing. */
static u64 damc_net_count(const struct damc_net *dn, unsigned int what)
{
	/* Pairs with damc_net_begin(). */
	return smp_load_acquire(&dn->begun) ?
	       damc_stats_read(dn->stats, what) : 0;
}

static int damc_put_stats(struct sk_buff *skb, const struct damc_net *dn)
{
	struct nlattr *nest = nla_nest_start(skb, DAMC_A_STATS);
	int i;

	if (!nest)
		return -EMSGSIZE;
	for (i = DAMC_A_STATS_PAD + 1; i <= DAMC_A_STATS_MAX; i++)
		if (nla_put_u64_64bit(skb, i, damc_net_count(dn, i),
				      DAMC_A_STATS_PAD))
			return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

int damc_nl_stats_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct damc_net *dn = damc_net(genl_info_net(info));
	struct sk_buff *reply;
	void *header;

	reply = damc_nl_reply(info, &header);
	if (!reply)
		return -ENOMEM;
	return damc_nl_send(info, reply, header, damc_put_stats(reply, dn));
}
