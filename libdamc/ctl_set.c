// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Control: next-hop sets.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <libmnl/libmnl.h>

#include "ctl.h"

/* A set of DAMC_NEXTHOPS_MAX next hops and a backup takes some 1,400. */
#define SET_REQUEST_MAX 2048

static const struct ctl_field set_fields[] = {
	CTL_FIELD(DAMC_A_SET_ID, CTL_U32, damc_set, id),
	CTL_FIELD(DAMC_A_SET_PROTOCOL, CTL_U32, damc_set, protocol),
};

static const struct ctl_field state_fields[] = {
	CTL_FIELD(DAMC_A_SET_STATE_ROUTES, CTL_U32, damc_set, routes),
};

static int decode_backup(const struct nlattr *nest, struct damc_set *set)
{
	const struct nlattr *attr = NULL;
	int err;

	while ((attr = ctl_next(nest, attr, &err))) {
		if (mnl_attr_get_type(attr) != DAMC_A_SET_BACKUP)
			continue;
		set->has_backup = true;
		return ctl_nexthop_decode(attr, &set->backup);
	}
	return err;
}

int ctl_set_decode(const struct nlmsghdr *msg, struct damc_set *set)
{
	struct ctl_objects objects;
	const struct nlattr *nest;
	int err;

	memset(set, 0, sizeof(*set));
	err = ctl_objects(msg, &objects);
	nest = err ? NULL : objects.attr[DAMC_A_SET];
	if (!nest)
		return -EBADMSG;
	err = ctl_decode(nest, set_fields, ARRAY_SIZE(set_fields), set, NULL);
	if (!err)
		err = ctl_nexthops_decode(nest, DAMC_A_SET_NEXTHOP,
					  set->nexthops, &set->n_nexthops);
	if (!err)
		err = decode_backup(nest, set);
	nest = objects.attr[DAMC_A_SET_STATE];
	if (!err && nest)
		err = ctl_decode(nest, state_fields, ARRAY_SIZE(state_fields),
				 set, NULL);
	return !err && !set->id ? -EBADMSG : err;
}

static int check_set(const struct damc_set *set)
{
	if (!set->id || ctl_nexthops_check(set->nexthops, set->n_nexthops))
		return -EINVAL;
	return set->has_backup ? ctl_nexthops_check(&set->backup, 1) : 0;
}

static void put_set(struct nlmsghdr *msg, const struct damc_set *set)
{
	struct nlattr *nest = mnl_attr_nest_start(msg, DAMC_A_SET);
	unsigned int i;

	mnl_attr_put_u32(msg, DAMC_A_SET_ID, set->id);
	if (set->protocol)
		mnl_attr_put_u32(msg, DAMC_A_SET_PROTOCOL, set->protocol);
	for (i = 0; i < set->n_nexthops; i++)
		ctl_nexthop_put(msg, DAMC_A_SET_NEXTHOP, &set->nexthops[i]);
	if (set->has_backup)
		ctl_nexthop_put(msg, DAMC_A_SET_BACKUP, &set->backup);
	mnl_attr_nest_end(msg, nest);
}

static int put_sets(struct nlmsghdr *msg, const struct damc_set *sets, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (check_set(&sets[i]))
			return -EINVAL;
		if (msg->nlmsg_len > DAMC_BATCH_MAX - SET_REQUEST_MAX)
			return -EMSGSIZE;
		put_set(msg, &sets[i]);
	}
	return 0;
}

DAMC_PUBLIC
int damc_set_replace_all(struct damc_ctl *ctl, const struct damc_set *sets,
			 size_t n)
{
	struct nlmsghdr *msg;
	void *buffer;
	int err;

	if (!n)
		return 0;
	buffer = malloc(DAMC_BATCH_MAX);
	if (!buffer)
		return -ENOMEM;
	msg = ctl_begin_in(ctl, buffer, DAMC_CMD_SET_REPLACE);
	err = put_sets(msg, sets, n);
	if (!err)
		err = ctl_do(ctl, msg, NULL, NULL);
	free(buffer);
	return err;
}

static int send_set(struct damc_ctl *ctl, uint8_t cmd,
		    const struct damc_set *set)
{
	struct nlmsghdr *msg = ctl_begin(ctl, cmd);
	int err = put_sets(msg, set, 1);

	return err ? err : ctl_do(ctl, msg, NULL, NULL);
}

DAMC_PUBLIC
int damc_set_add(struct damc_ctl *ctl, const struct damc_set *set)
{
	return send_set(ctl, DAMC_CMD_SET_ADD, set);
}

DAMC_PUBLIC
int damc_set_replace(struct damc_ctl *ctl, const struct damc_set *set)
{
	return send_set(ctl, DAMC_CMD_SET_REPLACE, set);
}

DAMC_PUBLIC
int damc_set_del(struct damc_ctl *ctl, uint32_t id)
{
	struct damc_set key = { .id = id };

	return send_set(ctl, DAMC_CMD_SET_DEL, &key);
}

static int take_set(const struct nlmsghdr *msg, void *arg)
{
	return ctl_set_decode(msg, arg);
}

DAMC_PUBLIC
int damc_set_get(struct damc_ctl *ctl, uint32_t id, struct damc_set *set)
{
	struct nlmsghdr *msg = ctl_begin(ctl, DAMC_CMD_SET_GET);
	struct damc_set key = { .id = id }, result = { 0 };
	int err = put_sets(msg, &key, 1);

	if (!err)
		err = ctl_do(ctl, msg, take_set, &result);
	if (!err && result.id != id)
		err = -EBADMSG;
	if (!err)
		*set = result;
	return err;
}

struct each_set {
	int (*each)(const struct damc_set *set, void *arg);
	void *arg;
};

static int each_set(const struct nlmsghdr *msg, void *arg)
{
	struct each_set *each = arg;
	struct damc_set set;
	int err;

	err = ctl_set_decode(msg, &set);
	return err ? err : each->each(&set, each->arg);
}

DAMC_PUBLIC
int damc_set_dump(struct damc_ctl *ctl,
		  int (*each)(const struct damc_set *set, void *arg),
		  void *arg)
{
	struct each_set context = { each, arg };

	return ctl_dump(ctl, DAMC_CMD_SET_GET, each_set, &context);
}
