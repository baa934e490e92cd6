// SPDX-License-Identifier: GPL-2.0
/* Control: pools in requests, answers and notices, against a scripted peer. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ctl_peer.h"

static const struct damc_name b = { .len = 2, .wire = { 1, 'b' } };

/* /b with so many instances, whose last components are of @len bytes. */
static struct damc_pool *make_pool(unsigned int n, unsigned int len)
{
	struct damc_pool *pool = calloc(1, sizeof(*pool));
	unsigned int i;

	assert_non_null(pool);
	pool->name = b;
	pool->n_members = n;
	for (i = 0; i < n; i++) {
		struct damc_name *name = &pool->members[i].name;

		*name = b;
		name->len += 1 + len;
		name->wire[2] = len;
		memset(name->wire + 3, 'x', len);
		memcpy(name->wire + 3, &i, sizeof(uint16_t));
		pool->members[i].weight = 1 + i;
	}
	return pool;
}

static unsigned int members_in(const struct nlattr *nest)
{
	unsigned int n = 0;

	while (find(nest, DAMC_A_POOL_MEMBER, n))
		n++;
	return n;
}

static void test_add(void **state)
{
	struct damc_pool *pool = make_pool(2, 4);
	struct peer *peer = *state;
	const struct nlattr *nest;

	pool->protocol = DAMC_ROUTE_PROTOCOL_DAMCD;
	pool->members[0].weight = 0;
	say_error(peer, 0, NULL);
	assert_int_equal(damc_pool_add(peer->ctl, pool), 0);
	nest = nest_of(heard(peer, DAMC_CMD_POOL_ADD, DO), DAMC_A_POOL);
	has_bytes(nest, DAMC_A_POOL_NAME, b.wire, b.len);
	has_u32(nest, DAMC_A_POOL_PROTOCOL, DAMC_ROUTE_PROTOCOL_DAMCD);
	assert_int_equal(members_in(nest), 2);
	has_u32(find(nest, DAMC_A_POOL_MEMBER, 0), DAMC_A_POOL_MEMBER_WEIGHT, 0);
	nest = find(nest, DAMC_A_POOL_MEMBER, 1);
	has_bytes(nest, DAMC_A_POOL_MEMBER_NAME,
		  pool->members[1].name.wire + 2, 5);
	has_u32(nest, DAMC_A_POOL_MEMBER_WEIGHT, 2);
	free(pool);
}

/* As many and as long as a struct can say: what is too much, the kernel says. */
static void test_largest(void **state)
{
	struct damc_pool *pool = make_pool(DAMC_POOL_MEMBERS_MAX,
					   DAMC_NAME_MAX - 3);
	struct peer *peer = *state;
	const struct nlattr *nest;

	say_error(peer, -EINVAL, NULL);
	assert_int_equal(damc_pool_replace(peer->ctl, pool), -EINVAL);
	nest = nest_of(heard(peer, DAMC_CMD_POOL_REPLACE, DO), DAMC_A_POOL);
	assert_int_equal(members_in(nest), DAMC_POOL_MEMBERS_MAX);
	pool->n_members++;
	assert_int_equal(damc_pool_replace(peer->ctl, pool), -EINVAL);
	free(pool);
}

/* What was read of a pool can be given back to delete it. */
static void test_del(void **state)
{
	struct damc_pool *pool = make_pool(1, 4);
	struct peer *peer = *state;
	const struct nlattr *nest;

	pool->protocol = DAMC_ROUTE_PROTOCOL_STATIC;
	say_error(peer, 0, NULL);
	assert_int_equal(damc_pool_del(peer->ctl, pool), 0);
	nest = nest_of(heard(peer, DAMC_CMD_POOL_DEL, DO), DAMC_A_POOL);
	assert_null(find(nest, DAMC_A_POOL_PROTOCOL, 0));
	assert_int_equal(members_in(nest), 1);
	free(pool);
}

/* An instance is the pool's name and one component. */
static void test_bad_member(void **state)
{
	static const struct damc_name bad[] = {
		{ .len = 2, .wire = { 1, 'b' } },
		{ .len = 4, .wire = { 1, 'c', 1, 'x' } },
		{ .len = 6, .wire = { 1, 'b', 1, 'x', 1, 'y' } },
		{ .len = 0 },
	};
	struct damc_pool *pool = make_pool(1, 4);
	struct peer *peer = *state;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		pool->members[0].name = bad[i];
		assert_int_equal(damc_pool_append(peer->ctl, pool), -EINVAL);
	}
	free(pool);
}

static void is_the_pool(const struct damc_pool *pool)
{
	static const struct damc_name x = { 4, { 1, 'b', 1, 'x' } };
	static const struct damc_name y = { 4, { 1, 'b', 1, 'y' } };

	assert_true(damc_name_equal(&pool->name, &b));
	assert_int_equal(pool->protocol, DAMC_ROUTE_PROTOCOL_STATIC);
	assert_int_equal(pool->n_members, 2);
	assert_true(damc_name_equal(&pool->members[0].name, &x));
	assert_int_equal(pool->members[0].weight, 3);
	assert_false(pool->members[0].bound);
	assert_true(damc_name_equal(&pool->members[1].name, &y));
	assert_int_equal(pool->members[1].weight, 5);
	assert_true(pool->members[1].bound);
}

static void test_get(void **state)
{
	struct damc_pool *pool = make_pool(0, 0);
	struct peer *peer = *state;
	struct nlmsghdr *msg = reply(peer);

	put_pool(msg, &b);
	say(peer, msg);
	say_error(peer, 0, NULL);
	assert_int_equal(damc_pool_get(peer->ctl, &b, pool), 0);
	is_the_pool(pool);
	heard(peer, DAMC_CMD_POOL_GET, DO);
	/* Another pool's is no answer. */
	msg = reply(peer);
	put_pool(msg, &b4);
	say(peer, msg);
	say_error(peer, 0, NULL);
	assert_int_equal(damc_pool_get(peer->ctl, &b, pool), -EBADMSG);
	free(pool);
}

static int take_event(const struct damc_event *event, void *arg)
{
	bool *deleted = arg;

	assert_int_equal(event->object, DAMC_OBJECT_POOL);
	is_the_pool(event->pool);
	*deleted = event->deleted;
	return -ECANCELED;
}

static void test_event(void **state)
{
	struct peer *peer = *state;
	struct nlmsghdr *msg = reply(peer);
	struct genlmsghdr *genl = mnl_nlmsg_get_payload(msg);
	bool deleted = false;

	put_pool(msg, &b);
	genl->cmd = DAMC_CMD_POOL_DEL_NTF;
	assert_int_equal(ctl_event(msg, take_event, &deleted), -ECANCELED);
	assert_true(deleted);
	genl->cmd = DAMC_CMD_POOL_NTF;
	assert_int_equal(ctl_event(msg, take_event, &deleted), -ECANCELED);
	assert_false(deleted);
	msg = reply(peer);
	genl = mnl_nlmsg_get_payload(msg);
	genl->cmd = DAMC_CMD_POOL_NTF;
	assert_int_equal(ctl_event(msg, take_event, &deleted), -EBADMSG);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_add),
		TEST(test_largest),
		TEST(test_del),
		TEST(test_bad_member),
		TEST(test_get),
		TEST(test_event),
	};

	return cmocka_run_group_tests_name("ctl_pool", tests, NULL, NULL);
}
