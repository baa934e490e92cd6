// SPDX-License-Identifier: GPL-2.0
/* Netlink: interfaces. */
#include <linux/etherdevice.h>
#include <linux/rtnetlink.h>

#include "dev.h"
#include "netlink.h"
#include "netns.h"

/* The interface that a request is about. */
static int damc_nl_dev(struct genl_info *info, struct nlattr **tb, u32 *ifindex)
{
	int err;

	err = damc_nl_nest(info, DAMC_A_DEV, tb, DAMC_A_DEV_MAX);
	if (err)
		return err;
	if (NL_REQ_ATTR_CHECK(info->extack, info->attrs[DAMC_A_DEV], tb,
			      DAMC_A_DEV_IFINDEX)) {
		NL_SET_ERR_MSG(info->extack, "Which interface?");
		return -EINVAL;
	}
	*ifindex = nla_get_u32(tb[DAMC_A_DEV_IFINDEX]);
	return 0;
}

static const u32 *damc_nl_u32(const struct nlattr *attr)
{
	return attr ? nla_data(attr) : NULL;
}

static void damc_nl_edge(struct nlattr **tb, struct damc_edge_attrs *attrs)
{
	const struct nlattr *lladdr = tb[DAMC_A_DEV_LLADDR];

	*attrs = (struct damc_edge_attrs){
		.lladdr = lladdr ? nla_data(lladdr) : NULL,
		.lladdr_len = lladdr ? nla_len(lladdr) : 0,
		.rate = damc_nl_u32(tb[DAMC_A_DEV_RATE]),
		.burst = damc_nl_u32(tb[DAMC_A_DEV_BURST]),
		.class = damc_nl_u32(tb[DAMC_A_DEV_CLASS]),
	};
}

int damc_nl_dev_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct damc_net *dn = damc_net(genl_info_net(info));
	struct nlattr *tb[DAMC_A_DEV_MAX + 1];
	struct damc_edge_attrs attrs;
	u32 ifindex;
	int err;

	err = damc_nl_dev(info, tb, &ifindex);
	if (err)
		return err;
	if (NL_REQ_ATTR_CHECK(info->extack, info->attrs[DAMC_A_DEV], tb,
			      DAMC_A_DEV_MODE)) {
		NL_SET_ERR_MSG(info->extack, "Up, edge, uplink or down?");
		return -EINVAL;
	}
	damc_nl_edge(tb, &attrs);
	rtnl_lock();
	mutex_lock(&dn->lock);
	err = damc_dev_set(dn, ifindex, nla_get_u32(tb[DAMC_A_DEV_MODE]),
			   &attrs, info->extack);
	mutex_unlock(&dn->lock);
	rtnl_unlock();
	return err;
}

/* What is set of an edge; without a link address any may be its pod's. */
static int damc_put_edge(struct sk_buff *skb, const struct damc_edge *edge)
{
	u8 lladdr[ETH_ALEN];

	u64_to_ether_addr(edge->lladdr, lladdr);
	if ((edge->lladdr &&
	     nla_put(skb, DAMC_A_DEV_LLADDR, sizeof(lladdr), lladdr)) ||
	    nla_put_u32(skb, DAMC_A_DEV_RATE, edge->rate) ||
	    nla_put_u32(skb, DAMC_A_DEV_BURST, edge->burst) ||
	    nla_put_u32(skb, DAMC_A_DEV_CLASS, edge->class))
		return -EMSGSIZE;
	return 0;
}

static int damc_put_mode(struct sk_buff *skb, const struct damc_dev *dev)
{
	if (!dev)
		return nla_put_u32(skb, DAMC_A_DEV_MODE, DAMC_DEV_MODE_DOWN);
	if (nla_put_u32(skb, DAMC_A_DEV_MODE, dev->mode))
		return -EMSGSIZE;
	if (dev->mode != DAMC_DEV_MODE_EDGE)
		return 0;
	return damc_put_edge(skb, &dev->edge);
}

/* @dev is NULL if the interface is not enabled. */
static int damc_put_netdev(struct sk_buff *skb, const struct damc_dev *dev,
			   const struct net_device *netdev)
{
	struct nlattr *nest = nla_nest_start(skb, DAMC_A_DEV);

	if (!nest || nla_put_u32(skb, DAMC_A_DEV_IFINDEX, netdev->ifindex) ||
	    damc_put_mode(skb, dev))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	nest = nla_nest_start(skb, DAMC_A_DEV_STATE);
	if (!nest || nla_put_u32(skb, DAMC_A_DEV_STATE_MTU,
				 READ_ONCE(netdev->mtu)))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/**
 * damc_put_dev() - write an enabled interface
 * @skb: the message
 * @dev: the interface
 *
 * Return: 0 or -EMSGSIZE.
 */
int damc_put_dev(struct sk_buff *skb, const struct damc_dev *dev)
{
	return damc_put_netdev(skb, dev, dev->netdev);
}

int damc_nl_dev_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct damc_net *dn = damc_net(genl_info_net(info));
	struct nlattr *tb[DAMC_A_DEV_MAX + 1];
	const struct net_device *netdev;
	struct sk_buff *reply;
	void *header;
	u32 ifindex;
	int err;

	err = damc_nl_dev(info, tb, &ifindex);
	if (err)
		return err;
	reply = damc_nl_reply(info, &header);
	if (!reply)
		return -ENOMEM;
	mutex_lock(&dn->lock);
	rcu_read_lock();
	netdev = dev_get_by_index_rcu(dn->net, ifindex);
	if (netdev) {
		err = damc_put_netdev(reply, damc_dev_find(dn, ifindex),
				      netdev);
	} else {
		NL_SET_ERR_MSG(info->extack, "No such interface");
		err = -ENODEV;
	}
	rcu_read_unlock();
	mutex_unlock(&dn->lock);
	return damc_nl_send(info, reply, header, err);
}

static int damc_nl_dump_dev(struct sk_buff *skb, const struct damc_net *dn,
			    const void *object)
{
	return damc_put_dev(skb, object);
}

int damc_nl_dev_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct damc_net *dn = damc_net(sock_net(skb->sk));

	return damc_nl_dump_array(skb, cb, &dn->devs, DAMC_CMD_DEV_GET,
				  damc_nl_dump_dev);
}
