// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Control: pools, and which instances they have.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>

#include "ctl.h"

/*
 * The largest request. The kernel takes no name that is longer than can be
 * bound, but that is its to say.
 */
#define NUMBER_SIZE (MNL_ATTR_HDRLEN + sizeof(uint32_t))
#define NAME_SIZE (MNL_ATTR_HDRLEN + MNL_ALIGN(DAMC_NAME_MAX))
#define MEMBER_SIZE (MNL_ATTR_HDRLEN + NAME_SIZE + NUMBER_SIZE)
#define POOL_REQUEST_MAX \
	(MNL_NLMSG_HDRLEN + GENL_HDRLEN + MNL_ATTR_HDRLEN + NAME_SIZE + \
	 NUMBER_SIZE + DAMC_POOL_MEMBERS_MAX * MEMBER_SIZE)

static const struct ctl_field pool_fields[] = {
	CTL_FIELD(DAMC_A_POOL_NAME, CTL_NAME, damc_pool, name),
	CTL_FIELD(DAMC_A_POOL_PROTOCOL, CTL_U32, damc_pool, protocol),
};

/* On the wire an instance is called by its last component. */
static const struct ctl_field member_fields[] = {
	CTL_FIELD(DAMC_A_POOL_MEMBER_NAME, CTL_NAME, damc_pool_member, name),
	CTL_FIELD(DAMC_A_POOL_MEMBER_WEIGHT, CTL_U32, damc_pool_member, weight),
};

/* Put the pool's name in front of an instance's component. */
static int complete(const struct damc_name *pool, struct damc_name *name)
{
	struct damc_name whole = *pool;

	if (!name->len || 1u + name->wire[0] != name->len ||
	    damc_name_append(&whole, name->wire + 1, name->wire[0]))
		return -EBADMSG;
	*name = whole;
	return 0;
}

static int decode_members(const struct nlattr *nest, uint16_t type, bool bound,
			  struct damc_pool *pool)
{
	const struct nlattr *attr = NULL;
	struct damc_pool_member *member;
	int err;

	while ((attr = ctl_next(nest, attr, &err))) {
		if (mnl_attr_get_type(attr) != type)
			continue;
		if (pool->n_members == DAMC_POOL_MEMBERS_MAX)
			return -EBADMSG;
		member = &pool->members[pool->n_members++];
		member->weight = 1;
		member->bound = bound;
		err = ctl_decode(attr, member_fields, ARRAY_SIZE(member_fields),
				 member, NULL);
		if (!err)
			err = complete(&pool->name, &member->name);
		if (err)
			return err;
	}
	return err;
}

int ctl_pool_decode(const struct nlmsghdr *msg, struct damc_pool *pool)
{
	struct ctl_objects objects;
	const struct nlattr *nest;
	uint32_t seen;
	int err;

	memset(pool, 0, sizeof(*pool));
	err = ctl_objects(msg, &objects);
	nest = err ? NULL : objects.attr[DAMC_A_POOL];
	if (!nest)
		return -EBADMSG;
	err = ctl_decode(nest, pool_fields, ARRAY_SIZE(pool_fields), pool,
			 &seen);
	if (err)
		return err;
	if (!(seen & 1))
		return -EBADMSG;
	err = decode_members(nest, DAMC_A_POOL_MEMBER, false, pool);
	nest = objects.attr[DAMC_A_POOL_STATE];
	if (!err && nest)
		err = decode_members(nest, DAMC_A_POOL_STATE_BOUND, true, pool);
	return err;
}

/* The last component of an instance's name; NULL if it is not the pool's. */
static const uint8_t *component_of(const struct damc_pool *pool,
				   const struct damc_name *name)
{
	const uint8_t *at = name->wire + pool->name.len;

	if (name->len <= pool->name.len ||
	    !damc_name_below(name, &pool->name) ||
	    1u + at[0] != (unsigned int)(name->len - pool->name.len))
		return NULL;
	return at;
}

static int put_member(struct nlmsghdr *msg, const struct damc_pool *pool,
		      const struct damc_pool_member *member)
{
	const uint8_t *component = component_of(pool, &member->name);
	struct nlattr *nest;

	if (!component)
		return -EINVAL;
	nest = mnl_attr_nest_start(msg, DAMC_A_POOL_MEMBER);
	mnl_attr_put(msg, DAMC_A_POOL_MEMBER_NAME, 1 + component[0], component);
	mnl_attr_put_u32(msg, DAMC_A_POOL_MEMBER_WEIGHT, member->weight);
	mnl_attr_nest_end(msg, nest);
	return 0;
}

/* Who configured it is nothing to find it by. */
static int put_pool(struct nlmsghdr *msg, uint8_t cmd,
		    const struct damc_pool *pool)
{
	struct nlattr *nest = mnl_attr_nest_start(msg, DAMC_A_POOL);
	unsigned int i;
	int err = 0;

	ctl_put_name(msg, DAMC_A_POOL_NAME, &pool->name);
	if (pool->protocol && cmd != DAMC_CMD_POOL_DEL)
		mnl_attr_put_u32(msg, DAMC_A_POOL_PROTOCOL, pool->protocol);
	for (i = 0; i < pool->n_members && !err; i++)
		err = put_member(msg, pool, &pool->members[i]);
	mnl_attr_nest_end(msg, nest);
	return err;
}

static int send_pool(struct damc_ctl *ctl, uint8_t cmd,
		     const struct damc_pool *pool, ctl_handler handler,
		     void *arg)
{
	void *buffer;
	struct nlmsghdr *msg;
	int err;

	if (ctl_check_name(&pool->name) ||
	    pool->n_members > DAMC_POOL_MEMBERS_MAX)
		return -EINVAL;
	buffer = malloc(POOL_REQUEST_MAX);
	if (!buffer)
		return -ENOMEM;
	msg = ctl_begin_in(ctl, buffer, cmd);
	err = put_pool(msg, cmd, pool);
	if (!err)
		err = ctl_do(ctl, msg, handler, arg);
	free(buffer);
	return err;
}

DAMC_PUBLIC
int damc_pool_add(struct damc_ctl *ctl, const struct damc_pool *pool)
{
	return send_pool(ctl, DAMC_CMD_POOL_ADD, pool, NULL, NULL);
}

DAMC_PUBLIC
int damc_pool_replace(struct damc_ctl *ctl, const struct damc_pool *pool)
{
	return send_pool(ctl, DAMC_CMD_POOL_REPLACE, pool, NULL, NULL);
}

DAMC_PUBLIC
int damc_pool_append(struct damc_ctl *ctl, const struct damc_pool *pool)
{
	return send_pool(ctl, DAMC_CMD_POOL_APPEND, pool, NULL, NULL);
}

DAMC_PUBLIC
int damc_pool_del(struct damc_ctl *ctl, const struct damc_pool *pool)
{
	return send_pool(ctl, DAMC_CMD_POOL_DEL, pool, NULL, NULL);
}

/* A reply, and whether there was one. */
struct one_pool {
	struct damc_pool *pool;
	bool came;
};

static int take_pool(const struct nlmsghdr *msg, void *arg)
{
	struct one_pool *one = arg;

	one->came = true;
	return ctl_pool_decode(msg, one->pool);
}

DAMC_PUBLIC
int damc_pool_get(struct damc_ctl *ctl, const struct damc_name *name,
		  struct damc_pool *pool)
{
	struct one_pool one = { .pool = pool };
	int err;

	memset(pool, 0, sizeof(*pool));
	pool->name = *name;
	err = send_pool(ctl, DAMC_CMD_POOL_GET, pool, take_pool, &one);
	if (!err && (!one.came || !damc_name_equal(&pool->name, name)))
		err = -EBADMSG;
	return err;
}

struct each_pool {
	int (*each)(const struct damc_pool *pool, void *arg);
	void *arg;
	struct damc_pool pool;
};

static int each_pool(const struct nlmsghdr *msg, void *arg)
{
	struct each_pool *each = arg;
	int err;

	err = ctl_pool_decode(msg, &each->pool);
	return err ? err : each->each(&each->pool, each->arg);
}

DAMC_PUBLIC
int damc_pool_dump(struct damc_ctl *ctl,
		   int (*each)(const struct damc_pool *pool, void *arg),
		   void *arg)
{
	struct each_pool context = { .each = each, .arg = arg };

	return ctl_dump(ctl, DAMC_CMD_POOL_GET, each_pool, &context);
}
