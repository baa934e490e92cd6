// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Control: next hops, of routes and of sets.
 */
#include <errno.h>
#include <string.h>

#include <libmnl/libmnl.h>

#include "ctl.h"

static const struct ctl_field nexthop_fields[] = {
	CTL_FIELD(DAMC_A_NEXTHOP_NEIGH_ID, CTL_U32, damc_nexthop, neigh_id),
	CTL_FIELD(DAMC_A_NEXTHOP_IFINDEX, CTL_U32, damc_nexthop, ifindex),
	CTL_FIELD(DAMC_A_NEXTHOP_LLADDR, CTL_LLADDR, damc_nexthop, lladdr),
	CTL_FIELD(DAMC_A_NEXTHOP_WEIGHT, CTL_U32, damc_nexthop, weight),
	CTL_FIELD(DAMC_A_NEXTHOP_REMOTE, CTL_INET, damc_nexthop, remote),
	CTL_FIELD(DAMC_A_NEXTHOP_LOCAL, CTL_INET, damc_nexthop, local),
	CTL_FIELD(DAMC_A_NEXTHOP_PORT, CTL_U32, damc_nexthop, port),
};

static const struct ctl_inet_attrs inet_attrs = {
	.ifindex = DAMC_A_NEXTHOP_IFINDEX,
	.remote = DAMC_A_NEXTHOP_REMOTE,
	.port = DAMC_A_NEXTHOP_PORT,
	.local = DAMC_A_NEXTHOP_LOCAL,
};

static struct ctl_inet nexthop_inet(const struct damc_nexthop *hop)
{
	return (struct ctl_inet){
		.remote = &hop->remote,
		.local = &hop->local,
		.port = hop->port,
		.ifindex = hop->ifindex,
	};
}

int ctl_nexthop_decode(const struct nlattr *nest, struct damc_nexthop *hop)
{
	hop->weight = 1;
	return ctl_decode(nest, nexthop_fields, ARRAY_SIZE(nexthop_fields), hop,
			  NULL);
}

int ctl_nexthops_decode(const struct nlattr *nest, uint16_t type,
			struct damc_nexthop *hops, unsigned int *n)
{
	const struct nlattr *attr = NULL;
	int err;

	while ((attr = ctl_next(nest, attr, &err))) {
		if (mnl_attr_get_type(attr) != type)
			continue;
		if (*n == DAMC_NEXTHOPS_MAX)
			return -EBADMSG;
		err = ctl_nexthop_decode(attr, &hops[(*n)++]);
		if (err)
			return err;
	}
	return err;
}

void ctl_nexthop_put(struct nlmsghdr *msg, uint16_t type,
		     const struct damc_nexthop *hop)
{
	struct nlattr *nest = mnl_attr_nest_start(msg, type);

	if (hop->neigh_id) {
		mnl_attr_put_u32(msg, DAMC_A_NEXTHOP_NEIGH_ID, hop->neigh_id);
	} else if (hop->remote.len) {
		struct ctl_inet inet = nexthop_inet(hop);

		ctl_put_inet(msg, &inet_attrs, &inet);
	} else {
		mnl_attr_put_u32(msg, DAMC_A_NEXTHOP_IFINDEX, hop->ifindex);
		ctl_put_lladdr(msg, DAMC_A_NEXTHOP_LLADDR, &hop->lladdr);
	}
	if (hop->weight)
		mnl_attr_put_u32(msg, DAMC_A_NEXTHOP_WEIGHT, hop->weight);
	mnl_attr_nest_end(msg, nest);
}

int ctl_nexthops_check(const struct damc_nexthop *hops, unsigned int n)
{
	unsigned int i;

	if (n > DAMC_NEXTHOPS_MAX)
		return -EINVAL;
	for (i = 0; i < n; i++) {
		struct ctl_inet inet = nexthop_inet(&hops[i]);

		if (ctl_check_lladdr(&hops[i].lladdr) || ctl_check_inet(&inet))
			return -EINVAL;
	}
	return 0;
}
