// SPDX-License-Identifier: GPL-2.0
/* Netlink: neighbours. */
#include "dev.h"
#include "liveness.h"
#include "neigh.h"
#include "netlink.h"
#include "netlink_neigh.h"
#include "netlink_udp.h"
#include "netns.h"
#include "udp.h"

static const struct damc_nl_neigh_attrs damc_neigh_attrs = {
	.ifindex = DAMC_A_NEIGH_IFINDEX,
	.lladdr = DAMC_A_NEIGH_LLADDR,
	.remote = DAMC_A_NEIGH_REMOTE,
	.port = DAMC_A_NEIGH_PORT,
	.local = DAMC_A_NEIGH_LOCAL,
};

/**
 * damc_nl_neigh_dev() - the interface that a neighbour is to be on
 * @dn: the namespace, locked
 * @attr: its index
 * @extack: says what is wrong
 *
 * Return: the interface, or ERR_PTR(-ENODEV).
 */
struct damc_dev *damc_nl_neigh_dev(struct damc_net *dn,
				   const struct nlattr *attr,
				   struct netlink_ext_ack *extack)
{
	struct damc_dev *dev = damc_dev_find(dn, nla_get_u32(attr));

	if (dev)
		return dev;
	NL_SET_ERR_MSG_ATTR(extack, attr,
			    "The interface is not enabled; see damc dev set");
	return ERR_PTR(-ENODEV);
}

static struct damc_dev *damc_nl_where_udp(struct damc_net *dn,
					  struct nlattr **tb,
					  const struct damc_nl_neigh_attrs *attrs,
					  struct damc_neigh_key *key,
					  struct netlink_ext_ack *extack)
{
	int err;

	if (!dn->udp) {
		NL_SET_ERR_MSG_ATTR(extack, tb[attrs->remote],
				    "No UDP port is open; see damc info set udp-port");
		return ERR_PTR(-ENOTCONN);
	}
	err = damc_nl_udp_key(dn, tb, attrs, &key->udp, extack);
	return err ? ERR_PTR(err) : &dn->udp->dev;
}

/**
 * damc_nl_neigh_where() - where a request says that a neighbour is
 * @dn: the namespace, locked
 * @tb: the nest's attributes
 * @attrs: their types
 * @key: gets the neighbour's address there
 * @extack: says what is wrong
 *
 * Return: the interface, or what stands for the open UDP port; or ERR_PTR():
 * -EINVAL, -ENODEV, -ENOTCONN.
 */
struct damc_dev *damc_nl_neigh_where(struct damc_net *dn, struct nlattr **tb,
				     const struct damc_nl_neigh_attrs *attrs,
				     struct damc_neigh_key *key,
				     struct netlink_ext_ack *extack)
{
	const struct nlattr *lladdr = tb[attrs->lladdr];

	*key = (struct damc_neigh_key){};
	if (tb[attrs->remote])
		return damc_nl_where_udp(dn, tb, attrs, key, extack);
	if (tb[attrs->port] || tb[attrs->local]) {
		NL_SET_ERR_MSG(extack, "Port and local address go with a remote one");
		return ERR_PTR(-EINVAL);
	}
	if (!tb[attrs->ifindex]) {
		NL_SET_ERR_MSG(extack, "A neighbour is on an interface, or has an IP address");
		return ERR_PTR(-EINVAL);
	}
	if (lladdr) {
		key->lladdr = nla_data(lladdr);
		key->lladdr_len = nla_len(lladdr);
	}
	return damc_nl_neigh_dev(dn, tb[attrs->ifindex], extack);
}

static int damc_put_live_config(struct sk_buff *skb,
				const struct damc_neigh *neigh)
{
	struct damc_live live;

	if (!damc_liveness_read(neigh, &live))
		return 0;
	if (nla_put_u32(skb, DAMC_A_NEIGH_LIVE_INTERVAL,
			live.interval / USEC_PER_MSEC) ||
	    nla_put_u32(skb, DAMC_A_NEIGH_LIVE_MULTIPLIER, live.multiplier))
		return -EMSGSIZE;
	return 0;
}

static int damc_put_neigh_key(struct sk_buff *skb,
			      const struct damc_neigh *neigh)
{
	struct nlattr *nest = nla_nest_start(skb, DAMC_A_NEIGH);

	if (!nest || nla_put_u32(skb, DAMC_A_NEIGH_ID, neigh->id) ||
	    neigh->encap->put(skb, neigh, &damc_neigh_attrs) ||
	    nla_put_u32(skb, DAMC_A_NEIGH_ADMIN,
			test_bit(DAMC_NEIGH_DOWN_ADMIN, &neigh->down) ?
			DAMC_NEIGH_ADMIN_DOWN : DAMC_NEIGH_ADMIN_UP) ||
	    damc_put_live_config(skb, neigh))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static u32 damc_neigh_flags(const struct damc_neigh *neigh)
{
	return (neigh->permanent ? DAMC_NEIGH_FLAGS_PERMANENT : 0) |
	       (neigh->group ? DAMC_NEIGH_FLAGS_GROUP : 0);
}

static int damc_put_live_stats(struct sk_buff *skb,
			       const struct damc_live_stats *stats)
{
	if (nla_put_u32(skb, DAMC_A_NEIGH_STATE_LIVE_DOWNS, stats->downs) ||
	    nla_put_u32(skb, DAMC_A_NEIGH_STATE_LIVE_STALLS, stats->stalls) ||
	    nla_put_u64_64bit(skb, DAMC_A_NEIGH_STATE_LIVE_DELAY, stats->delay,
			      DAMC_A_NEIGH_STATE_PAD) ||
	    nla_put_u64_64bit(skb, DAMC_A_NEIGH_STATE_LIVE_JITTER,
			      stats->jitter, DAMC_A_NEIGH_STATE_PAD) ||
	    nla_put_u64_64bit(skb, DAMC_A_NEIGH_STATE_LIVE_RECEIVED,
			      stats->received, DAMC_A_NEIGH_STATE_PAD) ||
	    nla_put_u64_64bit(skb, DAMC_A_NEIGH_STATE_LIVE_LOST, stats->lost,
			      DAMC_A_NEIGH_STATE_PAD))
		return -EMSGSIZE;
	return 0;
}

static int damc_put_live(struct sk_buff *skb, const struct damc_neigh *neigh)
{
	struct damc_live live;
	bool up;

	if (!damc_liveness_read(neigh, &live))
		return 0;
	up = live.state == DAMC_LIVENESS_STATE_UP;
	if (nla_put_u32(skb, DAMC_A_NEIGH_STATE_LIVE_STATE, live.state) ||
	    nla_put_u32(skb, DAMC_A_NEIGH_STATE_LIVE_REASON, live.reason) ||
	    nla_put_u32(skb, DAMC_A_NEIGH_STATE_LIVE_FLAGS,
			live.remote.flags) ||
	    nla_put_u32(skb, DAMC_A_NEIGH_STATE_LIVE_SENT_US, live.pace) ||
	    nla_put_u32(skb, DAMC_A_NEIGH_STATE_LIVE_DETECT_US,
			up ? damc_live_detection(&live) : 0))
		return -EMSGSIZE;
	return damc_put_live_stats(skb, &live.stats);
}

static int damc_put_neigh_stats(struct sk_buff *skb,
				const struct damc_neigh *neigh)
{
	struct damc_neigh_sums sums;

	damc_neigh_read_stats(neigh, &sums);
	if (nla_put_u64_64bit(skb, DAMC_A_NEIGH_STATE_TX_PACKETS, sums.packets,
			      DAMC_A_NEIGH_STATE_PAD) ||
	    nla_put_u64_64bit(skb, DAMC_A_NEIGH_STATE_TX_BYTES, sums.bytes,
			      DAMC_A_NEIGH_STATE_PAD) ||
	    nla_put_u64_64bit(skb, DAMC_A_NEIGH_STATE_CONTROL, sums.control,
			      DAMC_A_NEIGH_STATE_PAD) ||
	    nla_put_u64_64bit(skb, DAMC_A_NEIGH_STATE_CONTROL_DROPPED,
			      sums.control_dropped, DAMC_A_NEIGH_STATE_PAD))
		return -EMSGSIZE;
	return 0;
}

/**
 * damc_put_neigh() - write a neighbour
 * @skb: the message
 * @neigh: the neighbour
 *
 * Return: 0 or -EMSGSIZE.
 */
int damc_put_neigh(struct sk_buff *skb, const struct damc_neigh *neigh)
{
	struct nlattr *nest;

	if (damc_put_neigh_key(skb, neigh))
		return -EMSGSIZE;
	nest = nla_nest_start(skb, DAMC_A_NEIGH_STATE);
	if (!nest ||
	    nla_put_u32(skb, DAMC_A_NEIGH_STATE_MTU, damc_neigh_mtu(neigh)) ||
	    nla_put_u32(skb, DAMC_A_NEIGH_STATE_FLAGS, damc_neigh_flags(neigh)) ||
	    nla_put_u32(skb, DAMC_A_NEIGH_STATE_STATUS, damc_neigh_status(neigh)) ||
	    damc_put_neigh_stats(skb, neigh) ||
	    damc_put_live(skb, neigh))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/* The neighbour that a request names, by its id or by where it is. */
static struct damc_neigh *damc_nl_neigh(struct damc_net *dn,
					struct nlattr **tb,
					struct netlink_ext_ack *extack)
{
	struct damc_neigh *neigh;
	struct damc_neigh_key key;
	struct damc_dev *dev;

	if (tb[DAMC_A_NEIGH_ID] && tb[DAMC_A_NEIGH_IFINDEX]) {
		NL_SET_ERR_MSG_ATTR(extack, tb[DAMC_A_NEIGH_IFINDEX],
				    "The id alone says which neighbour");
		return ERR_PTR(-EINVAL);
	}
	if (tb[DAMC_A_NEIGH_ID]) {
		neigh = damc_neigh_by_id(dn, nla_get_u32(tb[DAMC_A_NEIGH_ID]));
	} else {
		dev = damc_nl_neigh_where(dn, tb, &damc_neigh_attrs, &key,
					  extack);
		if (IS_ERR(dev))
			return ERR_CAST(dev);
		neigh = damc_neigh_find(dev, &key);
	}
	if (neigh)
		return neigh;
	NL_SET_ERR_MSG(extack, "No such neighbour");
	return ERR_PTR(-ENOENT);
}

static void damc_neigh_apply_admin(struct damc_neigh *neigh,
				   struct nlattr **tb)
{
	if (tb[DAMC_A_NEIGH_ADMIN])
		damc_neigh_set_admin(neigh,
				     nla_get_u32(tb[DAMC_A_NEIGH_ADMIN]));
}

static bool damc_neigh_has_live(struct nlattr **tb)
{
	return tb[DAMC_A_NEIGH_LIVE_INTERVAL] ||
	       tb[DAMC_A_NEIGH_LIVE_MULTIPLIER] || tb[DAMC_A_NEIGH_LIVE_KEY];
}

/* What is left out stays, or begins as the spec says. */
static int damc_neigh_apply_live(struct damc_neigh *neigh, struct nlattr **tb,
				 struct netlink_ext_ack *extack)
{
	struct damc_liveness_config config = {
		.multiplier = DAMC_LIVENESS_MULTIPLIER_DEFAULT,
	};
	struct damc_live live;
	bool watched;

	if (!damc_neigh_has_live(tb))
		return 0;
	watched = damc_liveness_read(neigh, &live);
	if (watched) {
		config.interval_ms = live.interval / USEC_PER_MSEC;
		config.multiplier = live.multiplier;
	} else if (!tb[DAMC_A_NEIGH_LIVE_INTERVAL]) {
		NL_SET_ERR_MSG(extack, "The neighbour is not watched: how often?");
		return -EINVAL;
	}
	if (tb[DAMC_A_NEIGH_LIVE_INTERVAL])
		config.interval_ms = nla_get_u32(tb[DAMC_A_NEIGH_LIVE_INTERVAL]);
	if (tb[DAMC_A_NEIGH_LIVE_MULTIPLIER])
		config.multiplier =
			nla_get_u32(tb[DAMC_A_NEIGH_LIVE_MULTIPLIER]);
	if (tb[DAMC_A_NEIGH_LIVE_KEY])
		config.key = nla_data(tb[DAMC_A_NEIGH_LIVE_KEY]);
	if (neigh->dev->mode == DAMC_DEV_MODE_EDGE) {
		NL_SET_ERR_MSG(extack, "A pod's liveness is not watched");
		return -EINVAL;
	}
	return damc_liveness_configure(neigh, &config, extack);
}

/* The session that a request tells of; NULL: of none, or that there is none. */
static struct damc_control_session *
damc_neigh_read_session(const struct damc_neigh *neigh, struct nlattr **tb,
			struct netlink_ext_ack *extack)
{
	const struct nlattr *key = tb[DAMC_A_NEIGH_CONTROL_KEY];

	if (!key)
		return NULL;
	/* Nobody sends from there. */
	if (neigh->group) {
		NL_SET_ERR_MSG_ATTR(extack, key,
				    "There is no session with a link's group");
		return ERR_PTR(-EINVAL);
	}
	return damc_control_session_new(nla_data(key));
}

/*
 * What a request says that a neighbour is to be; what is left out stays. What may
 * fail comes first, so that a request that is refused changes nothing.
 */
static int damc_neigh_apply(struct damc_neigh *neigh, struct nlattr **tb,
			    struct netlink_ext_ack *extack)
{
	struct damc_control_session *session;
	int err;

	session = damc_neigh_read_session(neigh, tb, extack);
	if (IS_ERR(session))
		return PTR_ERR(session);
	err = damc_neigh_apply_live(neigh, tb, extack);
	if (err) {
		kfree(session);
		return err;
	}
	if (tb[DAMC_A_NEIGH_CONTROL_KEY])
		damc_control_begin(neigh, session);
	damc_neigh_apply_admin(neigh, tb);
	return 0;
}

static int damc_neigh_add_locked(struct damc_net *dn, struct nlattr **tb,
				 struct sk_buff *reply,
				 struct netlink_ext_ack *extack)
{
	struct damc_neigh_key key;
	struct damc_neigh *neigh;
	struct damc_dev *dev;
	int err;

	dev = damc_nl_neigh_where(dn, tb, &damc_neigh_attrs, &key, extack);
	if (IS_ERR(dev))
		return PTR_ERR(dev);
	if (dev->mode == DAMC_DEV_MODE_EDGE) {
		NL_SET_ERR_MSG(extack, "An edge takes bindings, not neighbours");
		return -EINVAL;
	}
	if (damc_neigh_has_live(tb)) {
		NL_SET_ERR_MSG(extack, "Watch a neighbour once it is there");
		return -EINVAL;
	}
	if (tb[DAMC_A_NEIGH_CONTROL_KEY]) {
		NL_SET_ERR_MSG_ATTR(extack, tb[DAMC_A_NEIGH_CONTROL_KEY],
				    "A session is with a neighbour that is there");
		return -EINVAL;
	}
	err = damc_neigh_add(dev, &key, extack);
	if (err)
		return err;
	neigh = damc_neigh_find(dev, &key);
	damc_neigh_apply_admin(neigh, tb);
	return damc_put_neigh(reply, neigh);
}

int damc_nl_neigh_add_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct damc_net *dn = damc_net(genl_info_net(info));
	struct nlattr *tb[DAMC_A_NEIGH_MAX + 1];
	struct sk_buff *reply;
	void *header;
	int err;

	err = damc_nl_nest(info, DAMC_A_NEIGH, tb, DAMC_A_NEIGH_MAX);
	if (err)
		return err;
	if (tb[DAMC_A_NEIGH_ID]) {
		NL_SET_ERR_MSG_ATTR(info->extack, tb[DAMC_A_NEIGH_ID],
				    "The kernel chooses the id");
		return -EINVAL;
	}
	reply = damc_nl_reply(info, &header);
	if (!reply)
		return -ENOMEM;
	mutex_lock(&dn->lock);
	err = damc_neigh_add_locked(dn, tb, reply, info->extack);
	mutex_unlock(&dn->lock);
	return damc_nl_send(info, reply, header, err);
}

/* Do something with the neighbour that a request names. */
static int damc_nl_neigh_change(struct genl_info *info,
				int (*change)(struct damc_neigh *neigh,
					      struct nlattr **tb,
					      struct netlink_ext_ack *extack))
{
	struct damc_net *dn = damc_net(genl_info_net(info));
	struct nlattr *tb[DAMC_A_NEIGH_MAX + 1];
	struct damc_neigh *neigh;
	int err;

	err = damc_nl_nest(info, DAMC_A_NEIGH, tb, DAMC_A_NEIGH_MAX);
	if (err)
		return err;
	mutex_lock(&dn->lock);
	neigh = damc_nl_neigh(dn, tb, info->extack);
	err = IS_ERR(neigh) ? PTR_ERR(neigh) : change(neigh, tb, info->extack);
	mutex_unlock(&dn->lock);
	return err;
}

static int damc_neigh_remove(struct damc_neigh *neigh, struct nlattr **tb,
			     struct netlink_ext_ack *extack)
{
	return damc_neigh_del(neigh, extack);
}

int damc_nl_neigh_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	return damc_nl_neigh_change(info, damc_neigh_remove);
}

int damc_nl_neigh_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	return damc_nl_neigh_change(info, damc_neigh_apply);
}

int damc_nl_neigh_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct damc_net *dn = damc_net(genl_info_net(info));
	struct nlattr *tb[DAMC_A_NEIGH_MAX + 1];
	struct damc_neigh *neigh;
	struct sk_buff *reply;
	void *header;
	int err;

	err = damc_nl_nest(info, DAMC_A_NEIGH, tb, DAMC_A_NEIGH_MAX);
	if (err)
		return err;
	reply = damc_nl_reply(info, &header);
	if (!reply)
		return -ENOMEM;
	mutex_lock(&dn->lock);
	neigh = damc_nl_neigh(dn, tb, info->extack);
	if (IS_ERR(neigh))
		err = PTR_ERR(neigh);
	else
		err = damc_put_neigh(reply, neigh);
	mutex_unlock(&dn->lock);
	return damc_nl_send(info, reply, header, err);
}

static int damc_nl_dump_neigh(struct sk_buff *skb, const struct damc_net *dn,
			      const void *object)
{
	return damc_put_neigh(skb, object);
}

int damc_nl_neigh_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct damc_net *dn = damc_net(sock_net(skb->sk));

	return damc_nl_dump_array(skb, cb, &dn->neighs, DAMC_CMD_NEIGH_GET,
				  damc_nl_dump_neigh);
}
