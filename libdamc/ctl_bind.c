// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Control: which socket or edge interface owns a name.
 */
#include <errno.h>
#include <string.h>

#include <libmnl/libmnl.h>

#include "ctl.h"

static const struct ctl_field bind_fields[] = {
	CTL_FIELD(DAMC_A_BIND_NAME, CTL_NAME, damc_bind, name),
	CTL_FIELD(DAMC_A_BIND_IFINDEX, CTL_U32, damc_bind, ifindex),
	CTL_FIELD(DAMC_A_BIND_WEIGHT, CTL_U32, damc_bind, weight),
};

static const struct ctl_field state_fields[] = {
	CTL_FIELD(DAMC_A_BIND_STATE_KIND, CTL_U32, damc_bind, kind),
	CTL_FIELD(DAMC_A_BIND_STATE_PROTOCOL, CTL_U32, damc_bind, protocol),
	CTL_FIELD(DAMC_A_BIND_STATE_UID, CTL_U32, damc_bind, uid),
	CTL_FIELD(DAMC_A_BIND_STATE_INODE, CTL_U32, damc_bind, inode),
	CTL_FIELD(DAMC_A_BIND_STATE_RX_QUEUE, CTL_U32, damc_bind, rx_queue),
	CTL_FIELD(DAMC_A_BIND_STATE_TX_QUEUE, CTL_U32, damc_bind, tx_queue),
	CTL_FIELD(DAMC_A_BIND_STATE_STANDING, CTL_U32, damc_bind, standing),
	CTL_FIELD(DAMC_A_BIND_STATE_REASON, CTL_STRING, damc_bind, reason),
};

int ctl_bind_decode(const struct nlmsghdr *msg, struct damc_bind *bind)
{
	struct ctl_objects objects;
	uint32_t seen;
	int err;

	memset(bind, 0, sizeof(*bind));
	err = ctl_objects(msg, &objects);
	if (err || !objects.attr[DAMC_A_BIND])
		return -EBADMSG;
	err = ctl_decode(objects.attr[DAMC_A_BIND], bind_fields,
			 ARRAY_SIZE(bind_fields), bind, &seen);
	if (!err && !(seen & 1))
		return -EBADMSG;
	if (!err && objects.attr[DAMC_A_BIND_STATE])
		err = ctl_decode(objects.attr[DAMC_A_BIND_STATE], state_fields,
				 ARRAY_SIZE(state_fields), bind, NULL);
	return err;
}

/* What a request says of a name beside it; what is 0, nothing. */
struct terms {
	uint32_t ifindex;
	uint32_t weight;
	uint32_t over;
};

static void put_u32(struct nlmsghdr *msg, uint16_t type, uint32_t value)
{
	if (value)
		mnl_attr_put_u32(msg, type, value);
}

static int send_bind(struct damc_ctl *ctl, uint8_t cmd,
		     const struct damc_name *name, const struct terms *terms,
		     ctl_handler handler, void *arg)
{
	struct nlmsghdr *msg = ctl_begin(ctl, cmd);
	struct nlattr *nest;

	if (ctl_check_name(name))
		return -EINVAL;
	nest = mnl_attr_nest_start(msg, DAMC_A_BIND);
	ctl_put_name(msg, DAMC_A_BIND_NAME, name);
	put_u32(msg, DAMC_A_BIND_IFINDEX, terms->ifindex);
	put_u32(msg, DAMC_A_BIND_WEIGHT, terms->weight);
	put_u32(msg, DAMC_A_BIND_OVER, terms->over);
	mnl_attr_nest_end(msg, nest);
	return ctl_do(ctl, msg, handler, arg);
}

static const struct terms no_terms;

DAMC_PUBLIC
int damc_bind_take(struct damc_ctl *ctl, const struct damc_name *name,
		   uint32_t ifindex, uint32_t weight,
		   enum damc_route_protocol over)
{
	const struct terms terms = { ifindex, weight, over };

	return send_bind(ctl, DAMC_CMD_BIND_ADD, name, &terms, NULL, NULL);
}

DAMC_PUBLIC
int damc_bind_add(struct damc_ctl *ctl, const struct damc_name *name,
		  uint32_t ifindex)
{
	return damc_bind_take(ctl, name, ifindex, 0, 0);
}

DAMC_PUBLIC
int damc_bind_add_member(struct damc_ctl *ctl, const struct damc_name *name,
			 uint32_t ifindex, uint32_t weight)
{
	return damc_bind_take(ctl, name, ifindex, weight, 0);
}

DAMC_PUBLIC
int damc_bind_del(struct damc_ctl *ctl, const struct damc_name *name)
{
	return send_bind(ctl, DAMC_CMD_BIND_DEL, name, &no_terms, NULL, NULL);
}

/* A reply, and whether there was one. */
struct one_bind {
	struct damc_bind bind;
	bool came;
};

static int take_bind(const struct nlmsghdr *msg, void *arg)
{
	struct one_bind *one = arg;

	one->came = true;
	return ctl_bind_decode(msg, &one->bind);
}

DAMC_PUBLIC
int damc_bind_get(struct damc_ctl *ctl, const struct damc_name *name,
		  struct damc_bind *bind)
{
	struct one_bind one = { .came = false };
	int err;

	err = send_bind(ctl, DAMC_CMD_BIND_GET, name, &no_terms, take_bind,
			&one);
	if (!err && (!one.came || !damc_name_equal(&one.bind.name, name)))
		err = -EBADMSG;
	if (!err)
		*bind = one.bind;
	return err;
}

struct each_bind {
	int (*each)(const struct damc_bind *bind, void *arg);
	void *arg;
};

static int each_bind(const struct nlmsghdr *msg, void *arg)
{
	struct each_bind *each = arg;
	struct damc_bind bind;
	int err;

	err = ctl_bind_decode(msg, &bind);
	return err ? err : each->each(&bind, each->arg);
}

DAMC_PUBLIC
int damc_bind_dump(struct damc_ctl *ctl,
		   int (*each)(const struct damc_bind *bind, void *arg),
		   void *arg)
{
	struct each_bind context = { each, arg };

	return ctl_dump(ctl, DAMC_CMD_BIND_GET, each_bind, &context);
}
