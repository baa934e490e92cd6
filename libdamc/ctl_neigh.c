// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Control: neighbours.
 */
#include <errno.h>
#include <string.h>

#include <libmnl/libmnl.h>

#include "ctl.h"

static const struct ctl_field neigh_fields[] = {
	CTL_FIELD(DAMC_A_NEIGH_ID, CTL_U32, damc_neigh, id),
	CTL_FIELD(DAMC_A_NEIGH_IFINDEX, CTL_U32, damc_neigh, ifindex),
	CTL_FIELD(DAMC_A_NEIGH_LLADDR, CTL_LLADDR, damc_neigh, lladdr),
	CTL_FIELD(DAMC_A_NEIGH_REMOTE, CTL_INET, damc_neigh, remote),
	CTL_FIELD(DAMC_A_NEIGH_LOCAL, CTL_INET, damc_neigh, local),
	CTL_FIELD(DAMC_A_NEIGH_PORT, CTL_U32, damc_neigh, port),
	CTL_FIELD(DAMC_A_NEIGH_ADMIN, CTL_U32, damc_neigh, admin),
	CTL_FIELD(DAMC_A_NEIGH_LIVE_INTERVAL, CTL_U32, damc_neigh,
		  live.interval_ms),
	CTL_FIELD(DAMC_A_NEIGH_LIVE_MULTIPLIER, CTL_U32, damc_neigh,
		  live.multiplier),
};

static const struct ctl_inet_attrs inet_attrs = {
	.ifindex = DAMC_A_NEIGH_IFINDEX,
	.remote = DAMC_A_NEIGH_REMOTE,
	.port = DAMC_A_NEIGH_PORT,
	.local = DAMC_A_NEIGH_LOCAL,
};

/* Write where a neighbour is: 0 or -EINVAL. */
static int put_where(struct nlmsghdr *msg, const struct damc_neigh *key)
{
	struct ctl_inet inet = {
		.remote = &key->remote,
		.local = &key->local,
		.port = key->port,
		.ifindex = key->ifindex,
	};

	if (ctl_check_lladdr(&key->lladdr) || ctl_check_inet(&inet))
		return -EINVAL;
	if (key->remote.len) {
		ctl_put_inet(msg, &inet_attrs, &inet);
		return 0;
	}
	mnl_attr_put_u32(msg, DAMC_A_NEIGH_IFINDEX, key->ifindex);
	ctl_put_lladdr(msg, DAMC_A_NEIGH_LLADDR, &key->lladdr);
	return 0;
}

/* What its liveness says has names alike on both sides. */
#define LIVE(attr, type, member) \
	CTL_FIELD(DAMC_A_NEIGH_STATE_LIVE_##attr, type, damc_neigh, live.member)

static const struct ctl_field state_fields[] = {
	CTL_FIELD(DAMC_A_NEIGH_STATE_MTU, CTL_U32, damc_neigh, mtu),
	CTL_FIELD(DAMC_A_NEIGH_STATE_FLAGS, CTL_U32, damc_neigh, flags),
	CTL_FIELD(DAMC_A_NEIGH_STATE_TX_PACKETS, CTL_U64, damc_neigh,
		  tx_packets),
	CTL_FIELD(DAMC_A_NEIGH_STATE_TX_BYTES, CTL_U64, damc_neigh, tx_bytes),
	CTL_FIELD(DAMC_A_NEIGH_STATE_CONTROL, CTL_U64, damc_neigh, control),
	CTL_FIELD(DAMC_A_NEIGH_STATE_CONTROL_DROPPED, CTL_U64, damc_neigh,
		  control_dropped),
	CTL_FIELD(DAMC_A_NEIGH_STATE_STATUS, CTL_U32, damc_neigh, status),
	LIVE(STATE, CTL_U32, state),
	LIVE(REASON, CTL_U32, reason),
	LIVE(FLAGS, CTL_U32, flags),
	LIVE(SENT_US, CTL_U32, sent_us),
	LIVE(DETECT_US, CTL_U32, detect_us),
	LIVE(DOWNS, CTL_U32, downs),
	LIVE(STALLS, CTL_U32, stalls),
	LIVE(DELAY, CTL_U64, delay_ns),
	LIVE(JITTER, CTL_U64, jitter_ns),
	LIVE(RECEIVED, CTL_U64, received),
	LIVE(LOST, CTL_U64, lost),
};

int ctl_neigh_decode(const struct nlmsghdr *msg, struct damc_neigh *neigh)
{
	struct ctl_objects objects;
	int err;

	memset(neigh, 0, sizeof(*neigh));
	err = ctl_objects(msg, &objects);
	if (err || !objects.attr[DAMC_A_NEIGH])
		return -EBADMSG;
	err = ctl_decode(objects.attr[DAMC_A_NEIGH], neigh_fields,
			 ARRAY_SIZE(neigh_fields), neigh, NULL);
	if (!err && objects.attr[DAMC_A_NEIGH_STATE])
		err = ctl_decode(objects.attr[DAMC_A_NEIGH_STATE],
				 state_fields, ARRAY_SIZE(state_fields), neigh,
				 NULL);
	return !err && !neigh->id ? -EBADMSG : err;
}

static int take_neigh(const struct nlmsghdr *msg, void *arg)
{
	return ctl_neigh_decode(msg, arg);
}

DAMC_PUBLIC
int damc_neigh_create(struct damc_ctl *ctl, const struct damc_neigh *key,
		      uint32_t *id)
{
	struct nlmsghdr *msg = ctl_begin(ctl, DAMC_CMD_NEIGH_ADD);
	struct damc_neigh result = { 0 };
	struct nlattr *nest;
	int err;

	nest = mnl_attr_nest_start(msg, DAMC_A_NEIGH);
	err = put_where(msg, key);
	if (err)
		return err;
	mnl_attr_nest_end(msg, nest);
	err = ctl_do(ctl, msg, take_neigh, &result);
	if (!err && !result.id)
		err = -EBADMSG;
	if (!err && id)
		*id = result.id;
	return err;
}

DAMC_PUBLIC
int damc_neigh_add(struct damc_ctl *ctl, uint32_t ifindex,
		   const struct damc_lladdr *lladdr, uint32_t *id)
{
	struct damc_neigh key = { .ifindex = ifindex };

	if (lladdr)
		key.lladdr = *lladdr;
	return damc_neigh_create(ctl, &key, id);
}

/* Name a neighbour by its id, or where that is 0 by where it is. */
static int put_which(struct nlmsghdr *msg, const struct damc_neigh *key)
{
	if (!key->id)
		return put_where(msg, key);
	mnl_attr_put_u32(msg, DAMC_A_NEIGH_ID, key->id);
	return 0;
}

static int put_key(struct nlmsghdr *msg, const struct damc_neigh *key)
{
	struct nlattr *nest = mnl_attr_nest_start(msg, DAMC_A_NEIGH);
	int err = put_which(msg, key);

	if (err)
		return err;
	mnl_attr_nest_end(msg, nest);
	return 0;
}

static void put_config(struct nlmsghdr *msg,
		       const struct damc_neigh_config *config)
{
	if (config->has & DAMC_NEIGH_HAS_ADMIN)
		mnl_attr_put_u32(msg, DAMC_A_NEIGH_ADMIN, config->admin);
	if (config->has & DAMC_NEIGH_HAS_INTERVAL)
		mnl_attr_put_u32(msg, DAMC_A_NEIGH_LIVE_INTERVAL,
				 config->interval_ms);
	if (config->has & DAMC_NEIGH_HAS_MULTIPLIER)
		mnl_attr_put_u32(msg, DAMC_A_NEIGH_LIVE_MULTIPLIER,
				 config->multiplier);
	if (config->has & DAMC_NEIGH_HAS_KEY)
		mnl_attr_put(msg, DAMC_A_NEIGH_LIVE_KEY, sizeof(config->key),
			     config->key);
	if (config->has & DAMC_NEIGH_HAS_CONTROL_KEY)
		mnl_attr_put(msg, DAMC_A_NEIGH_CONTROL_KEY,
			     sizeof(config->control_key), config->control_key);
}

DAMC_PUBLIC
int damc_neigh_set(struct damc_ctl *ctl, const struct damc_neigh *key,
		   const struct damc_neigh_config *config)
{
	struct nlmsghdr *msg = ctl_begin(ctl, DAMC_CMD_NEIGH_SET);
	struct nlattr *nest = mnl_attr_nest_start(msg, DAMC_A_NEIGH);
	int err = put_which(msg, key);

	if (err)
		return err;
	put_config(msg, config);
	mnl_attr_nest_end(msg, nest);
	return ctl_do(ctl, msg, NULL, NULL);
}

DAMC_PUBLIC
int damc_neigh_del(struct damc_ctl *ctl, const struct damc_neigh *key)
{
	struct nlmsghdr *msg = ctl_begin(ctl, DAMC_CMD_NEIGH_DEL);
	int err = put_key(msg, key);

	return err ? err : ctl_do(ctl, msg, NULL, NULL);
}

DAMC_PUBLIC
int damc_neigh_get(struct damc_ctl *ctl, const struct damc_neigh *key,
		   struct damc_neigh *neigh)
{
	struct nlmsghdr *msg = ctl_begin(ctl, DAMC_CMD_NEIGH_GET);
	struct damc_neigh result = { 0 };
	int err = put_key(msg, key);

	if (!err)
		err = ctl_do(ctl, msg, take_neigh, &result);
	if (!err && !result.id)
		err = -EBADMSG;
	if (!err)
		*neigh = result;
	return err;
}

struct each_neigh {
	int (*each)(const struct damc_neigh *neigh, void *arg);
	void *arg;
};

static int each_neigh(const struct nlmsghdr *msg, void *arg)
{
	struct each_neigh *each = arg;
	struct damc_neigh neigh;
	int err;

	err = ctl_neigh_decode(msg, &neigh);
	return err ? err : each->each(&neigh, each->arg);
}

DAMC_PUBLIC
int damc_neigh_dump(struct damc_ctl *ctl,
		    int (*each)(const struct damc_neigh *neigh, void *arg),
		    void *arg)
{
	struct each_neigh context = { each, arg };

	return ctl_dump(ctl, DAMC_CMD_NEIGH_GET, each_neigh, &context);
}
