// SPDX-License-Identifier: GPL-2.0
/* Netlink: next hops, of routes and of sets. */
#include "dev.h"
#include "neigh.h"
#include "netlink.h"
#include "netlink_neigh.h"
#include "netlink_nexthop.h"

static const struct damc_nl_neigh_attrs damc_nexthop_attrs = {
	.ifindex = DAMC_A_NEXTHOP_IFINDEX,
	.lladdr = DAMC_A_NEXTHOP_LLADDR,
	.remote = DAMC_A_NEXTHOP_REMOTE,
	.port = DAMC_A_NEXTHOP_PORT,
	.local = DAMC_A_NEXTHOP_LOCAL,
};

static struct damc_neigh *damc_nexthop_neigh(struct damc_net *dn,
					     struct nlattr **tb,
					     const struct nlattr *nest,
					     struct netlink_ext_ack *extack)
{
	bool where = tb[DAMC_A_NEXTHOP_IFINDEX] || tb[DAMC_A_NEXTHOP_REMOTE];
	struct damc_neigh_key key;
	struct damc_neigh *neigh;
	struct damc_dev *dev;

	if (!tb[DAMC_A_NEXTHOP_NEIGH_ID] == !where) {
		NL_SET_ERR_MSG_ATTR(extack, nest,
				    "A next hop is a neighbour, an interface, or an IP address");
		return ERR_PTR(-EINVAL);
	}
	if (where) {
		dev = damc_nl_neigh_where(dn, tb, &damc_nexthop_attrs, &key,
					  extack);
		return IS_ERR(dev) ? ERR_CAST(dev) :
				     damc_neigh_get(dev, &key, extack);
	}
	neigh = damc_neigh_by_id(dn, nla_get_u32(tb[DAMC_A_NEXTHOP_NEIGH_ID]));
	if (neigh)
		return neigh;
	NL_SET_ERR_MSG_ATTR(extack, tb[DAMC_A_NEXTHOP_NEIGH_ID],
			    "No such neighbour");
	return ERR_PTR(-ENOENT);
}

static bool damc_nexthops_have(const struct damc_nexthop *nexthops,
			       unsigned int n, const struct damc_neigh *neigh)
{
	while (n--)
		if (nexthops[n].neigh == neigh)
			return true;
	return false;
}

/**
 * damc_nl_nexthop() - read one next hop
 * @dn: the namespace, locked
 * @nest: what says it
 * @nexthops: those before, of which it must be none; gets it at @n, held
 * @n: how many those are
 * @extack: says what is wrong
 *
 * Return: 0; -EINVAL, -ENODEV, -ENOTCONN, -ENOENT, -ENOSPC, -ENOMEM.
 */
int damc_nl_nexthop(struct damc_net *dn, const struct nlattr *nest,
		    struct damc_nexthop *nexthops, unsigned int n,
		    struct netlink_ext_ack *extack)
{
	struct nlattr *tb[DAMC_A_NEXTHOP_MAX + 1], *weight;
	struct damc_neigh *neigh;
	int err;

	err = damc_nl_parse(nest, tb, DAMC_A_NEXTHOP_MAX, 0, extack);
	if (err)
		return err;
	neigh = damc_nexthop_neigh(dn, tb, nest, extack);
	if (IS_ERR(neigh))
		return PTR_ERR(neigh);
	damc_neigh_hold(neigh);
	if (neigh->dev->mode == DAMC_DEV_MODE_EDGE) {
		NL_SET_ERR_MSG_ATTR(extack, nest,
				    "An edge takes bindings, not routes");
		goto err_put;
	}
	if (damc_nexthops_have(nexthops, n, neigh)) {
		NL_SET_ERR_MSG_ATTR(extack, nest, "The same next hop twice");
		goto err_put;
	}
	weight = tb[DAMC_A_NEXTHOP_WEIGHT];
	nexthops[n].neigh = neigh;
	nexthops[n].weight = weight ? nla_get_u32(weight) : 1;
	return 0;

err_put:
	damc_neigh_put(neigh);
	return -EINVAL;
}

/**
 * damc_nl_nexthops() - read the next hops of an object
 * @dn: the namespace, locked
 * @object: its nest
 * @type: of the nests in there that say one each
 * @nexthops: room for DAMC_NEXTHOPS_MAX of them; gets them, held
 * @n: counts them, from 0; right also on error
 * @extack: says what is wrong
 *
 * Return: 0, or what damc_nl_nexthop() returns.
 */
int damc_nl_nexthops(struct damc_net *dn, const struct nlattr *object, int type,
		     struct damc_nexthop *nexthops, unsigned int *n,
		     struct netlink_ext_ack *extack)
{
	const struct nlattr *nest;
	int rem, err;

	nla_for_each_nested(nest, object, rem) {
		if (nla_type(nest) != type)
			continue;
		if (*n == DAMC_NEXTHOPS_MAX) {
			NL_SET_ERR_MSG_ATTR(extack, nest, "Too many next hops");
			return -ENOSPC;
		}
		err = damc_nl_nexthop(dn, nest, nexthops, *n, extack);
		if (err)
			return err;
		++*n;
	}
	return 0;
}

/* Whether some are neighbours that nobody was told of. */
bool damc_nexthops_news(const struct damc_nexthop *nexthops, unsigned int n)
{
	while (n--)
		if (!nexthops[n].neigh->told)
			return true;
	return false;
}

void damc_nexthops_release(struct damc_nexthop *nexthops, unsigned int n)
{
	while (n--)
		damc_neigh_put(nexthops[n].neigh);
}

/**
 * damc_put_nexthop() - write a next hop
 * @skb: the message
 * @type: of the nest
 * @nexthop: the next hop; one without a weight is a backup
 *
 * Return: 0 or -EMSGSIZE.
 */
int damc_put_nexthop(struct sk_buff *skb, int type,
		     const struct damc_nexthop *nexthop)
{
	struct nlattr *nest = nla_nest_start(skb, type);
	const struct damc_neigh *neigh = nexthop->neigh;

	if (!nest ||
	    nla_put_u32(skb, DAMC_A_NEXTHOP_NEIGH_ID, neigh->id) ||
	    neigh->encap->put(skb, neigh, &damc_nexthop_attrs) ||
	    (nexthop->weight &&
	     nla_put_u32(skb, DAMC_A_NEXTHOP_WEIGHT, nexthop->weight)))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}
