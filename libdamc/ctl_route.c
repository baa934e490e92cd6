// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Control: entries of the name FIB, and the question what a packet would do.
 */
#include <errno.h>
#include <string.h>

#include <libmnl/libmnl.h>

#include "ctl.h"

static const struct ctl_field route_fields[] = {
	CTL_FIELD(DAMC_A_ROUTE_NAME, CTL_NAME, damc_route, name),
	CTL_FIELD(DAMC_A_ROUTE_TYPE, CTL_U32, damc_route, type),
	CTL_FIELD(DAMC_A_ROUTE_PROTOCOL, CTL_U32, damc_route, protocol),
	CTL_FIELD(DAMC_A_ROUTE_SET, CTL_U32, damc_route, set),
};

/* A route without these is none. */
#define ROUTE_REQUIRED 3

int ctl_route_decode(const struct nlattr *nest, struct damc_route *route)
{
	uint32_t seen;
	int err;

	memset(route, 0, sizeof(*route));
	err = ctl_decode(nest, route_fields, ARRAY_SIZE(route_fields), route,
			 &seen);
	if (err)
		return err;
	if ((seen & ROUTE_REQUIRED) != ROUTE_REQUIRED)
		return -EBADMSG;
	return ctl_nexthops_decode(nest, DAMC_A_ROUTE_NEXTHOP, route->nexthops,
				   &route->n_nexthops);
}

int ctl_route_check(const struct damc_route *route)
{
	if (ctl_check_name(&route->name))
		return -EINVAL;
	return ctl_nexthops_check(route->nexthops, route->n_nexthops);
}

void ctl_route_put_key(struct nlmsghdr *msg, const struct damc_name *name)
{
	struct nlattr *nest = mnl_attr_nest_start(msg, DAMC_A_ROUTE);

	ctl_put_name(msg, DAMC_A_ROUTE_NAME, name);
	mnl_attr_nest_end(msg, nest);
}

/* What the kernel has a default for is left out where it is 0. */
void ctl_route_put(struct nlmsghdr *msg, const struct damc_route *route)
{
	struct nlattr *nest = mnl_attr_nest_start(msg, DAMC_A_ROUTE);
	unsigned int i;

	ctl_put_name(msg, DAMC_A_ROUTE_NAME, &route->name);
	if (route->type)
		mnl_attr_put_u32(msg, DAMC_A_ROUTE_TYPE, route->type);
	if (route->protocol)
		mnl_attr_put_u32(msg, DAMC_A_ROUTE_PROTOCOL, route->protocol);
	if (route->set)
		mnl_attr_put_u32(msg, DAMC_A_ROUTE_SET, route->set);
	for (i = 0; i < route->n_nexthops; i++)
		ctl_nexthop_put(msg, DAMC_A_ROUTE_NEXTHOP, &route->nexthops[i]);
	mnl_attr_nest_end(msg, nest);
}

static int send_route(struct damc_ctl *ctl, uint8_t cmd,
		      const struct damc_route *route)
{
	struct nlmsghdr *msg = ctl_begin(ctl, cmd);

	if (ctl_route_check(route))
		return -EINVAL;
	ctl_route_put(msg, route);
	return ctl_do(ctl, msg, NULL, NULL);
}

DAMC_PUBLIC
int damc_route_add(struct damc_ctl *ctl, const struct damc_route *route)
{
	return send_route(ctl, DAMC_CMD_ROUTE_ADD, route);
}

DAMC_PUBLIC
int damc_route_replace(struct damc_ctl *ctl, const struct damc_route *route)
{
	return send_route(ctl, DAMC_CMD_ROUTE_REPLACE, route);
}

DAMC_PUBLIC
int damc_route_append(struct damc_ctl *ctl, const struct damc_route *route)
{
	return send_route(ctl, DAMC_CMD_ROUTE_APPEND, route);
}

DAMC_PUBLIC
int damc_route_del(struct damc_ctl *ctl, const struct damc_name *name)
{
	struct damc_route key = { .name = *name };

	return send_route(ctl, DAMC_CMD_ROUTE_DEL, &key);
}

static const struct ctl_field decision_fields[] = {
	CTL_FIELD(DAMC_A_DECISION_ERROR, CTL_U32, damc_decision, error),
	CTL_FIELD(DAMC_A_DECISION_NEIGH_ID, CTL_U32, damc_decision, neigh_id),
	CTL_FIELD(DAMC_A_DECISION_IFINDEX, CTL_U32, damc_decision, ifindex),
	CTL_FIELD(DAMC_A_DECISION_LLADDR, CTL_LLADDR, damc_decision, lladdr),
	CTL_FIELD(DAMC_A_DECISION_MTU, CTL_U32, damc_decision, mtu),
	CTL_FIELD(DAMC_A_DECISION_REMOTE, CTL_INET, damc_decision, remote),
	CTL_FIELD(DAMC_A_DECISION_LOCAL, CTL_INET, damc_decision, local),
	CTL_FIELD(DAMC_A_DECISION_PORT, CTL_U32, damc_decision, port),
	CTL_FIELD(DAMC_A_DECISION_INSTANCE, CTL_NAME, damc_decision, instance),
	CTL_FIELD(DAMC_A_DECISION_REASON, CTL_U32, damc_decision, reason),
	CTL_FIELD(DAMC_A_DECISION_WEIGHT, CTL_U32, damc_decision, weight),
	CTL_FIELD(DAMC_A_DECISION_POLICY_INACTIVE, CTL_U32, damc_decision,
		  policy_inactive),
};

int ctl_decision_decode(const struct nlmsghdr *msg,
			struct damc_decision *decision)
{
	struct ctl_objects objects;
	int err;

	memset(decision, 0, sizeof(*decision));
	err = ctl_objects(msg, &objects);
	if (err || !objects.attr[DAMC_A_DECISION])
		return -EBADMSG;
	err = ctl_decode(objects.attr[DAMC_A_DECISION], decision_fields,
			 ARRAY_SIZE(decision_fields), decision, NULL);
	if (!err && objects.attr[DAMC_A_POLICY]) {
		decision->has_policy = true;
		err = ctl_policy_decode(&objects, &decision->policy);
	}
	if (err || !objects.attr[DAMC_A_ROUTE])
		return err;
	decision->has_route = true;
	return ctl_route_decode(objects.attr[DAMC_A_ROUTE], &decision->route);
}

/* Whether an answer came at all; an empty decision says "it would go". */
struct lookup_answer {
	struct damc_decision decision;
	bool came;
};

static int take_decision(const struct nlmsghdr *msg, void *arg)
{
	struct lookup_answer *answer = arg;

	answer->came = true;
	return ctl_decision_decode(msg, &answer->decision);
}

DAMC_PUBLIC
int damc_route_lookup(struct damc_ctl *ctl, const struct damc_lookup *question,
		      struct damc_decision *decision)
{
	struct nlmsghdr *msg = ctl_begin(ctl, DAMC_CMD_ROUTE_LOOKUP);
	struct lookup_answer answer = { .came = false };
	struct nlattr *nest;
	int err;

	if (ctl_check_name(&question->name) ||
	    (question->has_from && ctl_check_name(&question->from)))
		return -EINVAL;
	nest = mnl_attr_nest_start(msg, DAMC_A_LOOKUP);
	ctl_put_name(msg, DAMC_A_LOOKUP_NAME, &question->name);
	if (question->has_from)
		ctl_put_name(msg, DAMC_A_LOOKUP_FROM, &question->from);
	if (question->flow)
		mnl_attr_put_u32(msg, DAMC_A_LOOKUP_FLOW, question->flow);
	if (question->class_selector)
		mnl_attr_put_u32(msg, DAMC_A_LOOKUP_CLASS,
				 question->class_selector);
	mnl_attr_nest_end(msg, nest);
	err = ctl_do(ctl, msg, take_decision, &answer);
	if (!err && !answer.came)
		err = -EBADMSG;
	if (!err)
		*decision = answer.decision;
	return err;
}

int ctl_route_decode_first(const struct nlmsghdr *msg,
			   struct damc_route *route)
{
	struct ctl_objects objects;

	if (ctl_objects(msg, &objects) || !objects.attr[DAMC_A_ROUTE])
		return -EBADMSG;
	return ctl_route_decode(objects.attr[DAMC_A_ROUTE], route);
}

/* A reply, and whether there was one. */
struct one_route {
	struct damc_route route;
	bool came;
};

static int take_route(const struct nlmsghdr *msg, void *arg)
{
	struct one_route *one = arg;

	one->came = true;
	return ctl_route_decode_first(msg, &one->route);
}

DAMC_PUBLIC
int damc_route_get(struct damc_ctl *ctl, const struct damc_name *name,
		   struct damc_route *route)
{
	struct nlmsghdr *msg = ctl_begin(ctl, DAMC_CMD_ROUTE_GET);
	struct damc_route key = { .name = *name };
	struct one_route one = { .came = false };
	int err;

	if (ctl_route_check(&key))
		return -EINVAL;
	ctl_route_put(msg, &key);
	err = ctl_do(ctl, msg, take_route, &one);
	if (!err && (!one.came || !damc_name_equal(&one.route.name, name)))
		err = -EBADMSG;
	if (!err)
		*route = one.route;
	return err;
}

struct each_route {
	int (*each)(const struct damc_route *route, void *arg);
	void *arg;
};

static int each_route(const struct nlmsghdr *msg, void *arg)
{
	struct each_route *each = arg;
	struct damc_route route;
	int err;

	err = ctl_route_decode_first(msg, &route);
	return err ? err : each->each(&route, each->arg);
}

DAMC_PUBLIC
int damc_route_dump(struct damc_ctl *ctl,
		    int (*each)(const struct damc_route *route, void *arg),
		    void *arg)
{
	struct each_route context = { each, arg };

	return ctl_dump(ctl, DAMC_CMD_ROUTE_GET, each_route, &context);
}
