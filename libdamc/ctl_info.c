// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Control: the module's facts, the namespace's own name, its counters.
 */
#include <errno.h>
#include <string.h>

#include <libmnl/libmnl.h>

#include "ctl.h"

static const struct ctl_field info_fields[] = {
	CTL_FIELD(DAMC_A_INFO_NAME, CTL_NAME, damc_info, name),
	CTL_FIELD(DAMC_A_INFO_UDP_PORT, CTL_U32, damc_info, udp_port),
	CTL_FIELD(DAMC_A_INFO_LEASE, CTL_U32, damc_info, lease_ms),
	CTL_FIELD(DAMC_A_INFO_FORWARD, CTL_U32, damc_info, forward),
	CTL_FIELD(DAMC_A_INFO_BIND_POLICY, CTL_U32, damc_info, bind_policy),
};

static const struct ctl_field state_fields[] = {
	CTL_FIELD(DAMC_A_INFO_STATE_VERSION, CTL_STRING, damc_info, version),
	CTL_FIELD(DAMC_A_INFO_STATE_FAMILY, CTL_U32, damc_info, family),
	CTL_FIELD(DAMC_A_INFO_STATE_ETHERTYPE, CTL_U32, damc_info, ethertype),
	CTL_FIELD(DAMC_A_INFO_STATE_ROUTES, CTL_U32, damc_info, routes),
	CTL_FIELD(DAMC_A_INFO_STATE_BINDS, CTL_U32, damc_info, binds),
	CTL_FIELD(DAMC_A_INFO_STATE_NEIGHS, CTL_U32, damc_info, neighs),
};

int ctl_info_decode(const struct nlmsghdr *msg, struct damc_info *info)
{
	const struct nlattr *nest, *state;
	struct ctl_objects objects;
	uint32_t seen;
	int err;

	memset(info, 0, sizeof(*info));
	err = ctl_objects(msg, &objects);
	if (err)
		return err;
	nest = objects.attr[DAMC_A_INFO];
	state = objects.attr[DAMC_A_INFO_STATE];
	if (!state)
		return -EBADMSG;
	if (nest) {
		err = ctl_decode(nest, info_fields, ARRAY_SIZE(info_fields),
				 info, &seen);
		/* An empty name is none. */
		info->has_name = info->name.len > 0;
	}
	if (!err)
		err = ctl_decode(state, state_fields, ARRAY_SIZE(state_fields),
				 info, NULL);
	return err;
}

static int take_info(const struct nlmsghdr *msg, void *arg)
{
	return ctl_info_decode(msg, arg);
}

DAMC_PUBLIC
int damc_info_get(struct damc_ctl *ctl, struct damc_info *info)
{
	struct damc_info result = { 0 };
	int err;

	err = ctl_do(ctl, ctl_begin(ctl, DAMC_CMD_INFO_GET), take_info,
		     &result);
	if (!err && !result.family)
		err = -EBADMSG;
	if (!err)
		*info = result;
	return err;
}

DAMC_PUBLIC
int damc_info_set_name(struct damc_ctl *ctl, const struct damc_name *name)
{
	struct nlmsghdr *msg = ctl_begin(ctl, DAMC_CMD_INFO_SET);
	struct nlattr *nest;

	if (ctl_check_name(name))
		return -EINVAL;
	nest = mnl_attr_nest_start(msg, DAMC_A_INFO);
	ctl_put_name(msg, DAMC_A_INFO_NAME, name);
	mnl_attr_nest_end(msg, nest);
	return ctl_do(ctl, msg, NULL, NULL);
}

static int set_number(struct damc_ctl *ctl, uint16_t type, uint32_t value)
{
	struct nlmsghdr *msg = ctl_begin(ctl, DAMC_CMD_INFO_SET);
	struct nlattr *nest = mnl_attr_nest_start(msg, DAMC_A_INFO);

	mnl_attr_put_u32(msg, type, value);
	mnl_attr_nest_end(msg, nest);
	return ctl_do(ctl, msg, NULL, NULL);
}

DAMC_PUBLIC
int damc_info_set_udp_port(struct damc_ctl *ctl, uint32_t port)
{
	return set_number(ctl, DAMC_A_INFO_UDP_PORT, port);
}

DAMC_PUBLIC
int damc_info_set_lease(struct damc_ctl *ctl, uint32_t ms)
{
	return set_number(ctl, DAMC_A_INFO_LEASE, ms);
}

DAMC_PUBLIC
int damc_info_set_forward(struct damc_ctl *ctl, bool forward)
{
	return set_number(ctl, DAMC_A_INFO_FORWARD, forward);
}

DAMC_PUBLIC
int damc_info_set_bind_policy(struct damc_ctl *ctl,
			      enum damc_bind_policy policy)
{
	return set_number(ctl, DAMC_A_INFO_BIND_POLICY, policy);
}

int ctl_stats_decode(const struct nlmsghdr *msg, struct damc_stats *stats)
{
	const struct nlattr *attr = NULL;
	struct ctl_objects objects;
	int err;

	memset(stats, 0, sizeof(*stats));
	err = ctl_objects(msg, &objects);
	if (err || !objects.attr[DAMC_A_STATS])
		return -EBADMSG;
	while ((attr = ctl_next(objects.attr[DAMC_A_STATS], attr, &err))) {
		uint16_t type = mnl_attr_get_type(attr);

		if (type > DAMC_A_STATS_MAX || type == DAMC_A_STATS_PAD)
			continue;
		if (mnl_attr_get_payload_len(attr) != sizeof(uint64_t))
			return -EBADMSG;
		stats->counter[type] = mnl_attr_get_u64(attr);
	}
	return err;
}

static int take_stats(const struct nlmsghdr *msg, void *arg)
{
	return ctl_stats_decode(msg, arg);
}

DAMC_PUBLIC
int damc_stats_get(struct damc_ctl *ctl, struct damc_stats *stats)
{
	struct damc_stats result = { 0 };
	int err;

	err = ctl_do(ctl, ctl_begin(ctl, DAMC_CMD_STATS_GET), take_stats,
		     &result);
	if (!err)
		*stats = result;
	return err;
}
