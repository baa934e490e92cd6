// SPDX-License-Identifier: GPL-2.0
/* Netlink: bindings. */
#include "bind.h"
#include "dev.h"
#include "netlink.h"
#include "netlink_neigh.h"
#include "netns.h"
#include "register.h"
#include "sock.h"

static int damc_nl_bind(struct genl_info *info, struct nlattr **tb,
			struct damc_name *name)
{
	int err;

	err = damc_nl_nest(info, DAMC_A_BIND, tb, DAMC_A_BIND_MAX);
	if (err)
		return err;
	if (NL_REQ_ATTR_CHECK(info->extack, info->attrs[DAMC_A_BIND], tb,
			      DAMC_A_BIND_NAME)) {
		NL_SET_ERR_MSG(info->extack, "Which name?");
		return -EINVAL;
	}
	return damc_nl_name(tb[DAMC_A_BIND_NAME], name, info->extack);
}

/* The name in a request about a binding, and nothing else. */
static int damc_nl_bind_name(struct genl_info *info, struct damc_name *name)
{
	struct nlattr *tb[DAMC_A_BIND_MAX + 1];
	int err;

	err = damc_nl_bind(info, tb, name);
	return err ?: damc_nl_name_alone(tb, DAMC_A_BIND_NAME, DAMC_A_BIND_MAX,
					 info->extack);
}

/* A pod may own what is anybody's, but nothing of the fabric's or the host's. */
static int damc_bind_check(const struct nlattr *attr,
			   const struct damc_name *name,
			   struct netlink_ext_ack *extack)
{
	if (!damc_name_bindable(name)) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "The name is the root, or too long to bind");
		return -EINVAL;
	}
	if (damc_name_scope(name) != DAMC_SCOPE_GLOBAL) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "No pod may have a name of the fabric's or the host's");
		return -EPERM;
	}
	return 0;
}

/* What the kernel put in goes with its cause. */
static int damc_nl_bind_over(const struct nlattr *attr, u32 *over,
			     struct netlink_ext_ack *extack)
{
	*over = attr ? nla_get_u32(attr) : 0;
	if (*over != DAMC_ROUTE_PROTOCOL_KERNEL)
		return 0;
	NL_SET_ERR_MSG_ATTR(extack, attr,
			    "What the kernel put in makes room for nothing");
	return -EINVAL;
}

static int damc_bind_add_locked(struct damc_net *dn, struct nlattr **tb,
				const struct damc_name *name,
				struct netlink_ext_ack *extack)
{
	const struct nlattr *weight = tb[DAMC_A_BIND_WEIGHT];
	struct damc_dev *dev;
	u32 over;
	int err;

	err = damc_nl_bind_over(tb[DAMC_A_BIND_OVER], &over, extack);
	if (err)
		return err;
	dev = damc_nl_neigh_dev(dn, tb[DAMC_A_BIND_IFINDEX], extack);
	if (IS_ERR(dev))
		return PTR_ERR(dev);
	if (dev->mode != DAMC_DEV_MODE_EDGE) {
		NL_SET_ERR_MSG_ATTR(extack, tb[DAMC_A_BIND_IFINDEX],
				    "The interface is not an edge");
		return -EINVAL;
	}
	return damc_bind_dev(dn, name, weight ? nla_get_u32(weight) : 0, over,
			     dev, extack);
}

int damc_nl_bind_add_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct damc_net *dn = damc_net(genl_info_net(info));
	struct nlattr *tb[DAMC_A_BIND_MAX + 1];
	struct damc_name name;
	int err;

	err = damc_nl_bind(info, tb, &name);
	if (err)
		return err;
	if (NL_REQ_ATTR_CHECK(info->extack, info->attrs[DAMC_A_BIND], tb,
			      DAMC_A_BIND_IFINDEX)) {
		NL_SET_ERR_MSG(info->extack, "To which interface?");
		return -EINVAL;
	}
	err = damc_bind_check(tb[DAMC_A_BIND_NAME], &name, info->extack);
	if (err)
		return err;
	mutex_lock(&dn->lock);
	err = damc_bind_add_locked(dn, tb, &name, info->extack);
	mutex_unlock(&dn->lock);
	return err;
}

static int damc_bind_del_locked(struct damc_net *dn,
				const struct damc_name *name,
				struct netlink_ext_ack *extack)
{
	struct damc_bind *bind = damc_bind_find(dn, name);

	if (!bind) {
		NL_SET_ERR_MSG(extack, "The name is not bound");
		return -ENOENT;
	}
	if (bind->kind != DAMC_BIND_KIND_DEV) {
		NL_SET_ERR_MSG(extack, "A socket has the name, until it closes");
		return -EBUSY;
	}
	damc_bind_release(dn, bind);
	return 0;
}

int damc_nl_bind_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct damc_net *dn = damc_net(genl_info_net(info));
	struct damc_name name;
	int err;

	err = damc_nl_bind_name(info, &name);
	if (err)
		return err;
	mutex_lock(&dn->lock);
	err = damc_bind_del_locked(dn, &name, info->extack);
	mutex_unlock(&dn->lock);
	return err;
}

static int damc_put_sock(struct sk_buff *skb, struct sock *sk)
{
	kuid_t uid = sock_i_uid(sk);

	return nla_put_u32(skb, DAMC_A_BIND_STATE_PROTOCOL, sk->sk_protocol) ||
	       nla_put_u32(skb, DAMC_A_BIND_STATE_UID,
			   from_kuid_munged(sock_net(sk)->user_ns, uid)) ||
	       nla_put_u32(skb, DAMC_A_BIND_STATE_INODE, sock_i_ino(sk)) ||
	       nla_put_u32(skb, DAMC_A_BIND_STATE_RX_QUEUE,
			   sk_rmem_alloc_get(sk)) ||
	       nla_put_u32(skb, DAMC_A_BIND_STATE_TX_QUEUE,
			   sk_wmem_alloc_get(sk)) ? -EMSGSIZE : 0;
}

static int damc_put_standing(struct sk_buff *skb, const struct damc_bind *bind)
{
	const struct damc_registration *r = bind->registration;

	if (!r)
		return 0;
	if (nla_put_u32(skb, DAMC_A_BIND_STATE_STANDING, bind->standing))
		return -EMSGSIZE;
	return *r->reason ? nla_put_string(skb, DAMC_A_BIND_STATE_REASON,
					   r->reason) : 0;
}

/**
 * damc_put_bind() - write a binding, and the socket if it is one's
 * @skb: the message
 * @bind: the binding
 *
 * Return: 0 or -EMSGSIZE.
 */
int damc_put_bind(struct sk_buff *skb, const struct damc_bind *bind)
{
	struct nlattr *nest = nla_nest_start(skb, DAMC_A_BIND);

	if (!nest ||
	    nla_put(skb, DAMC_A_BIND_NAME, bind->node.len, bind->node.wire))
		return -EMSGSIZE;
	if (bind->dev && nla_put_u32(skb, DAMC_A_BIND_IFINDEX,
				     bind->dev->netdev->ifindex))
		return -EMSGSIZE;
	if (bind->weight && nla_put_u32(skb, DAMC_A_BIND_WEIGHT, bind->weight))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	nest = nla_nest_start(skb, DAMC_A_BIND_STATE);
	if (!nest || nla_put_u32(skb, DAMC_A_BIND_STATE_KIND, bind->kind))
		return -EMSGSIZE;
	if (bind->sk && damc_put_sock(skb, bind->sk))
		return -EMSGSIZE;
	if (damc_put_standing(skb, bind))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

int damc_nl_bind_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct damc_net *dn = damc_net(genl_info_net(info));
	const struct damc_bind *bind;
	struct damc_name name;
	struct sk_buff *reply;
	void *header;
	int err;

	err = damc_nl_bind_name(info, &name);
	if (err)
		return err;
	reply = damc_nl_reply(info, &header);
	if (!reply)
		return -ENOMEM;
	mutex_lock(&dn->lock);
	bind = damc_bind_find(dn, &name);
	if (bind) {
		err = damc_put_bind(reply, bind);
	} else {
		NL_SET_ERR_MSG(info->extack, "The name is not bound");
		err = -ENOENT;
	}
	mutex_unlock(&dn->lock);
	return damc_nl_send(info, reply, header, err);
}

static int damc_nl_dump_bind(struct sk_buff *skb, const struct damc_net *dn,
			     const void *object)
{
	return damc_put_bind(skb, container_of(object, struct damc_bind, node));
}

int damc_nl_bind_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct damc_net *dn = damc_net(sock_net(skb->sk));

	return damc_nl_dump_table(skb, cb, &dn->binds, DAMC_CMD_BIND_GET,
				  damc_nl_dump_bind);
}
