// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Control: what an interface is to DAMC.
 */
#include <errno.h>
#include <string.h>

#include <libmnl/libmnl.h>

#include "ctl.h"

static const struct ctl_field dev_fields[] = {
	CTL_FIELD(DAMC_A_DEV_IFINDEX, CTL_U32, damc_dev, ifindex),
	CTL_FIELD(DAMC_A_DEV_MODE, CTL_U32, damc_dev, mode),
};

static const struct ctl_field edge_fields[] = {
	CTL_FIELD(DAMC_A_DEV_LLADDR, CTL_LLADDR, damc_edge, lladdr),
	CTL_FIELD(DAMC_A_DEV_RATE, CTL_U32, damc_edge, rate),
	CTL_FIELD(DAMC_A_DEV_BURST, CTL_U32, damc_edge, burst),
	CTL_FIELD(DAMC_A_DEV_CLASS, CTL_U32, damc_edge, class_max),
};

static const struct ctl_field state_fields[] = {
	CTL_FIELD(DAMC_A_DEV_STATE_MTU, CTL_U32, damc_dev, mtu),
};

int ctl_dev_decode(const struct nlmsghdr *msg, struct damc_dev *dev)
{
	struct ctl_objects objects;
	int err;

	memset(dev, 0, sizeof(*dev));
	err = ctl_objects(msg, &objects);
	if (err || !objects.attr[DAMC_A_DEV])
		return -EBADMSG;
	err = ctl_decode(objects.attr[DAMC_A_DEV], dev_fields,
			 ARRAY_SIZE(dev_fields), dev, NULL);
	/* The fields' order is that of DAMC_EDGE_*. */
	if (!err)
		err = ctl_decode(objects.attr[DAMC_A_DEV], edge_fields,
				 ARRAY_SIZE(edge_fields), &dev->edge,
				 &dev->edge.has);
	if (!err && objects.attr[DAMC_A_DEV_STATE])
		err = ctl_decode(objects.attr[DAMC_A_DEV_STATE], state_fields,
				 ARRAY_SIZE(state_fields), dev, NULL);
	return !err && !dev->ifindex ? -EBADMSG : err;
}

DAMC_PUBLIC
int damc_dev_set(struct damc_ctl *ctl, uint32_t ifindex,
		 enum damc_dev_mode mode)
{
	struct nlmsghdr *msg = ctl_begin(ctl, DAMC_CMD_DEV_SET);
	struct nlattr *nest = mnl_attr_nest_start(msg, DAMC_A_DEV);

	mnl_attr_put_u32(msg, DAMC_A_DEV_IFINDEX, ifindex);
	mnl_attr_put_u32(msg, DAMC_A_DEV_MODE, mode);
	mnl_attr_nest_end(msg, nest);
	return ctl_do(ctl, msg, NULL, NULL);
}

static void put_edge(struct nlmsghdr *msg, const struct damc_edge *edge)
{
	if (edge->has & DAMC_EDGE_LLADDR)
		mnl_attr_put(msg, DAMC_A_DEV_LLADDR, edge->lladdr.len,
			     edge->lladdr.addr);
	if (edge->has & DAMC_EDGE_RATE)
		mnl_attr_put_u32(msg, DAMC_A_DEV_RATE, edge->rate);
	if (edge->has & DAMC_EDGE_BURST)
		mnl_attr_put_u32(msg, DAMC_A_DEV_BURST, edge->burst);
	if (edge->has & DAMC_EDGE_CLASS)
		mnl_attr_put_u32(msg, DAMC_A_DEV_CLASS, edge->class_max);
}

DAMC_PUBLIC
int damc_edge_set(struct damc_ctl *ctl, uint32_t ifindex,
		  const struct damc_edge *edge)
{
	struct nlmsghdr *msg = ctl_begin(ctl, DAMC_CMD_DEV_SET);
	struct nlattr *nest;

	if (ctl_check_lladdr(&edge->lladdr))
		return -EINVAL;
	nest = mnl_attr_nest_start(msg, DAMC_A_DEV);
	mnl_attr_put_u32(msg, DAMC_A_DEV_IFINDEX, ifindex);
	mnl_attr_put_u32(msg, DAMC_A_DEV_MODE, DAMC_DEV_MODE_EDGE);
	put_edge(msg, edge);
	mnl_attr_nest_end(msg, nest);
	return ctl_do(ctl, msg, NULL, NULL);
}

static int take_dev(const struct nlmsghdr *msg, void *arg)
{
	return ctl_dev_decode(msg, arg);
}

DAMC_PUBLIC
int damc_dev_get(struct damc_ctl *ctl, uint32_t ifindex, struct damc_dev *dev)
{
	struct nlmsghdr *msg = ctl_begin(ctl, DAMC_CMD_DEV_GET);
	struct nlattr *nest = mnl_attr_nest_start(msg, DAMC_A_DEV);
	struct damc_dev result = { 0 };
	int err;

	mnl_attr_put_u32(msg, DAMC_A_DEV_IFINDEX, ifindex);
	mnl_attr_nest_end(msg, nest);
	err = ctl_do(ctl, msg, take_dev, &result);
	if (!err && result.ifindex != ifindex)
		err = -EBADMSG;
	if (!err)
		*dev = result;
	return err;
}

struct each_dev {
	int (*each)(const struct damc_dev *dev, void *arg);
	void *arg;
};

static int each_dev(const struct nlmsghdr *msg, void *arg)
{
	struct each_dev *each = arg;
	struct damc_dev dev;
	int err;

	err = ctl_dev_decode(msg, &dev);
	return err ? err : each->each(&dev, each->arg);
}

DAMC_PUBLIC
int damc_dev_dump(struct damc_ctl *ctl,
		  int (*each)(const struct damc_dev *dev, void *arg), void *arg)
{
	struct each_dev context = { each, arg };

	return ctl_dump(ctl, DAMC_CMD_DEV_GET, each_dev, &context);
}
