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
};

static const struct ctl_field state_fields[] = {
	CTL_FIELD(DAMC_A_NEIGH_STATE_MTU, CTL_U32, damc_neigh, mtu),
	CTL_FIELD(DAMC_A_NEIGH_STATE_FLAGS, CTL_U32, damc_neigh, flags),
	CTL_FIELD(DAMC_A_NEIGH_STATE_TX_PACKETS, CTL_U64, damc_neigh,
		  tx_packets),
	CTL_FIELD(DAMC_A_NEIGH_STATE_TX_BYTES, CTL_U64, damc_neigh, tx_bytes),
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
int damc_neigh_add(struct damc_ctl *ctl, uint32_t ifindex,
		   const struct damc_lladdr *lladdr, uint32_t *id)
{
	struct nlmsghdr *msg = ctl_begin(ctl, DAMC_CMD_NEIGH_ADD);
	struct damc_neigh result = { 0 };
	struct nlattr *nest;
	int err;

	if (lladdr && ctl_check_lladdr(lladdr))
		return -EINVAL;
	nest = mnl_attr_nest_start(msg, DAMC_A_NEIGH);
	mnl_attr_put_u32(msg, DAMC_A_NEIGH_IFINDEX, ifindex);
	if (lladdr)
		ctl_put_lladdr(msg, DAMC_A_NEIGH_LLADDR, lladdr);
	mnl_attr_nest_end(msg, nest);
	err = ctl_do(ctl, msg, take_neigh, &result);
	if (!err && !result.id)
		err = -EBADMSG;
	if (!err && id)
		*id = result.id;
	return err;
}

DAMC_PUBLIC
int damc_neigh_del(struct damc_ctl *ctl, const struct damc_neigh *key)
{
	struct nlmsghdr *msg = ctl_begin(ctl, DAMC_CMD_NEIGH_DEL);
	struct nlattr *nest;

	if (ctl_check_lladdr(&key->lladdr))
		return -EINVAL;
	nest = mnl_attr_nest_start(msg, DAMC_A_NEIGH);
	if (key->id) {
		mnl_attr_put_u32(msg, DAMC_A_NEIGH_ID, key->id);
	} else {
		mnl_attr_put_u32(msg, DAMC_A_NEIGH_IFINDEX, key->ifindex);
		ctl_put_lladdr(msg, DAMC_A_NEIGH_LLADDR, &key->lladdr);
	}
	mnl_attr_nest_end(msg, nest);
	return ctl_do(ctl, msg, NULL, NULL);
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
