// SPDX-License-Identifier: GPL-2.0
/* Netlink: notifications. See notify.h. */
#include <linux/rtnetlink.h>

#include "bind.h"
#include "dev.h"
#include "neigh.h"
#include "netlink.h"
#include "netlink_neigh.h"
#include "netlink_policy.h"
#include "netlink_pool.h"
#include "netlink_route.h"
#include "netlink_set.h"
#include "netns.h"
#include "notify.h"

/* A message of a series: what a reader's dump buffer holds, too. */
#define DAMC_NOTICE_SERIES SKB_WITH_OVERHEAD(32768UL)

static bool damc_notify_on;

/**
 * damc_notify_enable() - begin or stop to tell
 * @enable: which
 *
 * When it has returned from stopping, only requests can still be telling, for
 * which unregistering the family waits.
 */
void damc_notify_enable(bool enable)
{
	rtnl_lock();
	WRITE_ONCE(damc_notify_on, enable);
	rtnl_unlock();
}

static void damc_notice_lost(const struct damc_notice *notice)
{
	genl_set_err(&damc_genl_family, notice->dn->net, 0, notice->group,
		     -ENOBUFS);
}

/* Whether there is somebody to write for. */
static bool damc_notice_open(struct damc_notice *notice)
{
	lockdep_assert_held(&notice->dn->lock);
	notice->skb = NULL;
	if (!READ_ONCE(damc_notify_on) ||
	    !genl_has_listeners(&damc_genl_family, notice->dn->net,
				notice->group))
		return false;
	notice->skb = genlmsg_new(notice->size, GFP_KERNEL);
	if (!notice->skb) {
		damc_notice_lost(notice);
		return false;
	}
	/* Room for a header is in any message. */
	notice->header = genlmsg_put(notice->skb, 0, 0, &damc_genl_family,
				     notice->flags, notice->cmd);
	return true;
}

static bool damc_notice_begin(struct damc_notice *notice, struct damc_net *dn,
			      unsigned int group, u8 cmd)
{
	*notice = (struct damc_notice){
		.dn = dn, .group = group, .cmd = cmd,
		.size = GENLMSG_DEFAULT_SIZE,
	};
	return damc_notice_open(notice);
}

/* What could not be written whole is not sent. */
static void damc_notice_check(struct damc_notice *notice, int err)
{
	if (!WARN_ON_ONCE(err))
		return;
	nlmsg_free(notice->skb);
	notice->skb = NULL;
	damc_notice_lost(notice);
}

/**
 * damc_notice_send() - tell what was written
 * @notice: the notice; may be empty
 */
void damc_notice_send(struct damc_notice *notice)
{
	if (!notice->skb)
		return;
	genlmsg_end(notice->skb, notice->header);
	genlmsg_multicast_netns(&damc_genl_family, notice->dn->net,
				notice->skb, 0, notice->group, GFP_KERNEL);
	notice->skb = NULL;
}

void damc_notice_dev(struct damc_notice *notice, const struct damc_dev *dev,
		     u8 cmd)
{
	if (damc_notice_begin(notice, dev->dn, DAMC_NL_MCGRP_DEV, cmd))
		damc_notice_check(notice, damc_put_dev(notice->skb, dev));
}

void damc_notice_neigh(struct damc_notice *notice,
		       const struct damc_neigh *neigh, u8 cmd)
{
	if (damc_notice_begin(notice, neigh->dev->dn, DAMC_NL_MCGRP_NEIGH, cmd))
		damc_notice_check(notice, damc_put_neigh(notice->skb, neigh));
}

void damc_notice_bind(struct damc_notice *notice, struct damc_net *dn,
		      const struct damc_bind *bind, u8 cmd)
{
	if (damc_notice_begin(notice, dn, DAMC_NL_MCGRP_BIND, cmd))
		damc_notice_check(notice, damc_put_bind(notice->skb, bind));
}

void damc_notice_route(struct damc_notice *notice, struct damc_net *dn,
		       const struct damc_fib_entry *entry, u8 cmd)
{
	if (damc_notice_begin(notice, dn, DAMC_NL_MCGRP_ROUTE, cmd))
		damc_notice_check(notice,
				  damc_put_route(notice->skb, dn, entry));
}

void damc_notice_pool(struct damc_notice *notice, struct damc_net *dn,
		      const struct damc_fib_entry *entry, u8 cmd)
{
	*notice = (struct damc_notice){
		.dn = dn, .group = DAMC_NL_MCGRP_POOL, .cmd = cmd,
		.size = damc_put_pool_size(dn, entry),
	};
	if (damc_notice_open(notice))
		damc_notice_check(notice, damc_put_pool(notice->skb, dn, entry));
}

void damc_notice_set(struct damc_notice *notice, struct damc_net *dn,
		     const struct damc_target *set, u8 cmd)
{
	if (damc_notice_begin(notice, dn, DAMC_NL_MCGRP_SET, cmd))
		damc_notice_check(notice, damc_put_set(notice->skb, dn, set));
}

void damc_notice_policy(struct damc_notice *notice, struct damc_net *dn,
			const struct damc_policy *policy, u8 cmd)
{
	if (damc_notice_begin(notice, dn, DAMC_NL_MCGRP_POLICY, cmd))
		damc_notice_check(notice, damc_put_policy(notice->skb, policy));
}

/**
 * damc_notice_routes() - begin to tell of the routes that one request changed
 * @notice: the notice
 * @dn: the namespace, locked
 * @n: how many there will be
 * @cmd: DAMC_CMD_ROUTE_NTF or DAMC_CMD_ROUTE_DEL_NTF
 * @flags: NLM_F_*, which request it was
 */
void damc_notice_routes(struct damc_notice *notice, struct damc_net *dn,
			unsigned int n, u8 cmd, u16 flags)
{
	*notice = (struct damc_notice){
		.dn = dn, .group = DAMC_NL_MCGRP_ROUTE,
		.cmd = cmd, .flags = flags,
		.size = n > 1 ? DAMC_NOTICE_SERIES - GENL_HDRLEN - NLMSG_HDRLEN
			      : GENLMSG_DEFAULT_SIZE,
	};
	damc_notice_open(notice);
}

/**
 * damc_notice_add() - one more route
 * @notice: the notice; is sent if it is full, and begun anew
 * @entry: the route
 */
void damc_notice_add(struct damc_notice *notice,
		     const struct damc_fib_entry *entry)
{
	unsigned char *end;

	if (!notice->skb)
		return;
	end = skb_tail_pointer(notice->skb);
	if (!damc_put_route(notice->skb, notice->dn, entry))
		return;
	nlmsg_trim(notice->skb, end);
	damc_notice_send(notice);
	if (damc_notice_open(notice))
		damc_notice_check(notice,
				  damc_put_route(notice->skb, notice->dn,
						 entry));
}

void damc_notify_dev(const struct damc_dev *dev)
{
	struct damc_notice notice;

	damc_notice_dev(&notice, dev, DAMC_CMD_DEV_NTF);
	damc_notice_send(&notice);
}

void damc_notify_neigh(const struct damc_neigh *neigh)
{
	struct damc_notice notice;

	damc_notice_neigh(&notice, neigh, DAMC_CMD_NEIGH_NTF);
	damc_notice_send(&notice);
}

void damc_notify_route(struct damc_net *dn, const struct damc_fib_entry *entry)
{
	struct damc_notice notice;

	damc_notice_route(&notice, dn, entry, DAMC_CMD_ROUTE_NTF);
	damc_notice_send(&notice);
}

void damc_notify_bind(struct damc_net *dn, const struct damc_bind *bind)
{
	struct damc_notice notice;

	damc_notice_bind(&notice, dn, bind, DAMC_CMD_BIND_NTF);
	damc_notice_send(&notice);
}

void damc_notify_pool(struct damc_net *dn, const struct damc_fib_entry *entry)
{
	struct damc_notice notice;

	damc_notice_pool(&notice, dn, entry, DAMC_CMD_POOL_NTF);
	damc_notice_send(&notice);
}

void damc_notify_set(struct damc_net *dn, const struct damc_target *set)
{
	struct damc_notice notice;

	damc_notice_set(&notice, dn, set, DAMC_CMD_SET_NTF);
	damc_notice_send(&notice);
}

void damc_notify_policy(struct damc_net *dn, const struct damc_policy *policy)
{
	struct damc_notice notice;

	damc_notice_policy(&notice, dn, policy, DAMC_CMD_POLICY_NTF);
	damc_notice_send(&notice);
}

void damc_notify_info(struct damc_net *dn)
{
	struct damc_notice notice;

	if (damc_notice_begin(&notice, dn, DAMC_NL_MCGRP_INFO,
			      DAMC_CMD_INFO_NTF))
		damc_notice_check(&notice, damc_put_info(notice.skb, dn));
	damc_notice_send(&notice);
}
