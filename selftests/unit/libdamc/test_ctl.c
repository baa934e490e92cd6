// SPDX-License-Identifier: GPL-2.0
/* Control: what each object's calls ask, and what they make of the answer. */
#include <errno.h>
#include <string.h>

#include "ctl_peer.h"

static void test_dev_set(void **state)
{
	struct peer *peer = *state;
	const struct nlattr *nest;

	say_error(peer, 0, NULL);
	assert_int_equal(damc_dev_set(peer->ctl, 7, DAMC_DEV_MODE_EDGE), 0);
	nest = nest_of(heard(peer, DAMC_CMD_DEV_SET, DO), DAMC_A_DEV);
	has_u32(nest, DAMC_A_DEV_IFINDEX, 7);
	has_u32(nest, DAMC_A_DEV_MODE, DAMC_DEV_MODE_EDGE);
}

static void test_edge_set(void **state)
{
	static const uint8_t lladdr[6] = { 2, 0, 0, 0, 0, 9 };
	struct damc_edge edge = {
		.has = DAMC_EDGE_RATE | DAMC_EDGE_CLASS, .rate = 1000,
		.class_max = 2, .burst = 7,
	};
	struct peer *peer = *state;
	const struct nlattr *nest;

	say_error(peer, 0, NULL);
	assert_int_equal(damc_edge_set(peer->ctl, 7, &edge), 0);
	nest = nest_of(heard(peer, DAMC_CMD_DEV_SET, DO), DAMC_A_DEV);
	has_u32(nest, DAMC_A_DEV_IFINDEX, 7);
	has_u32(nest, DAMC_A_DEV_MODE, DAMC_DEV_MODE_EDGE);
	has_u32(nest, DAMC_A_DEV_RATE, 1000);
	has_u32(nest, DAMC_A_DEV_CLASS, 2);
	assert_null(find(nest, DAMC_A_DEV_BURST, 0));
	assert_null(find(nest, DAMC_A_DEV_LLADDR, 0));

	edge.has = DAMC_EDGE_LLADDR | DAMC_EDGE_BURST;
	edge.lladdr.len = sizeof(lladdr);
	memcpy(edge.lladdr.addr, lladdr, sizeof(lladdr));
	say_error(peer, 0, NULL);
	assert_int_equal(damc_edge_set(peer->ctl, 7, &edge), 0);
	nest = nest_of(heard(peer, DAMC_CMD_DEV_SET, DO), DAMC_A_DEV);
	has_bytes(nest, DAMC_A_DEV_LLADDR, lladdr, sizeof(lladdr));
	has_u32(nest, DAMC_A_DEV_BURST, 7);
	edge.lladdr.len = DAMC_LLADDR_MAX + 1;
	assert_int_equal(damc_edge_set(peer->ctl, 7, &edge), -EINVAL);
}

/* What is there is told by bits, which are the attributes' own order. */
static void test_edge_get(void **state)
{
	struct peer *peer = *state;
	struct nlmsghdr *msg = reply(peer);
	struct nlattr *nest = mnl_attr_nest_start(msg, DAMC_A_DEV);
	struct damc_dev dev;

	mnl_attr_put_u32(msg, DAMC_A_DEV_IFINDEX, 7);
	mnl_attr_put_u32(msg, DAMC_A_DEV_MODE, DAMC_DEV_MODE_EDGE);
	mnl_attr_put_u32(msg, DAMC_A_DEV_CLASS, 5);
	mnl_attr_put(msg, DAMC_A_DEV_LLADDR, 6, "abcdef");
	mnl_attr_nest_end(msg, nest);
	say(peer, msg);
	say_error(peer, 0, NULL);
	assert_int_equal(damc_dev_get(peer->ctl, 7, &dev), 0);
	assert_int_equal(dev.edge.has, DAMC_EDGE_LLADDR | DAMC_EDGE_CLASS);
	assert_int_equal(dev.edge.class_max, 5);
	assert_int_equal(dev.edge.lladdr.len, 6);
	assert_memory_equal(dev.edge.lladdr.addr, "abcdef", 6);
}

static void test_pktinfo(void **state)
{
	char control[256] __attribute__((aligned(8))) = { 0 };
	struct damc_pktinfo info = { .ifindex = 9 }, got;
	struct msghdr msg = { .msg_control = control };
	struct cmsghdr *cmsg = (struct cmsghdr *)control;

	assert_int_equal(damc_pktinfo(&got, &msg), -ENOENT);
	msg.msg_controllen = CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(info));
	cmsg->cmsg_level = SOL_DAMC;
	cmsg->cmsg_type = DAMC_HOP_LIMIT;
	cmsg->cmsg_len = CMSG_LEN(sizeof(int));
	cmsg = CMSG_NXTHDR(&msg, cmsg);
	cmsg->cmsg_level = SOL_DAMC;
	cmsg->cmsg_type = DAMC_PKTINFO;
	cmsg->cmsg_len = CMSG_LEN(sizeof(info));
	memcpy(CMSG_DATA(cmsg), &info, sizeof(info));
	assert_int_equal(damc_pktinfo(&got, &msg), 0);
	assert_memory_equal(&got, &info, sizeof(info));
	/* Cut short: not to be read. */
	cmsg->cmsg_len = CMSG_LEN(sizeof(info) - 1);
	assert_int_equal(damc_pktinfo(&got, &msg), -ENOENT);
	(void)state;
}

static void test_dev_get(void **state)
{
	struct peer *peer = *state;
	const struct nlattr *nest;
	struct damc_dev dev;

	say_dev(peer, 7, DAMC_DEV_MODE_UP);
	say_error(peer, 0, NULL);
	assert_int_equal(damc_dev_get(peer->ctl, 7, &dev), 0);
	assert_int_equal(dev.ifindex, 7);
	assert_int_equal(dev.mode, DAMC_DEV_MODE_UP);
	assert_int_equal(dev.mtu, 1500);
	nest = nest_of(heard(peer, DAMC_CMD_DEV_GET, DO), DAMC_A_DEV);
	has_u32(nest, DAMC_A_DEV_IFINDEX, 7);

	/* Another interface's answer, and none at all. */
	say_dev(peer, 8, DAMC_DEV_MODE_UP);
	say_error(peer, 0, NULL);
	assert_int_equal(damc_dev_get(peer->ctl, 7, &dev), -EBADMSG);
	say_error(peer, 0, NULL);
	assert_int_equal(damc_dev_get(peer->ctl, 7, &dev), -EBADMSG);
	assert_int_equal(dev.ifindex, 7);
}

static void test_neigh_add(void **state)
{
	struct peer *peer = *state;
	const struct nlattr *nest;
	struct nlmsghdr *msg;
	struct nlattr *out;
	uint32_t id = 0;

	msg = reply(peer);
	out = mnl_attr_nest_start(msg, DAMC_A_NEIGH);
	mnl_attr_put_u32(msg, DAMC_A_NEIGH_ID, 42);
	mnl_attr_nest_end(msg, out);
	say(peer, msg);
	say_error(peer, 0, NULL);
	assert_int_equal(damc_neigh_add(peer->ctl, 3, &mac, &id), 0);
	assert_int_equal(id, 42);
	nest = nest_of(heard(peer, DAMC_CMD_NEIGH_ADD, DO), DAMC_A_NEIGH);
	has_u32(nest, DAMC_A_NEIGH_IFINDEX, 3);
	has_bytes(nest, DAMC_A_NEIGH_LLADDR, mac.addr, 6);
	assert_null(find(nest, DAMC_A_NEIGH_ID, 0));

	/* No address: the group's. */
	say_error(peer, -EEXIST, "it is there");
	assert_int_equal(damc_neigh_add(peer->ctl, 3, NULL, &id), -EEXIST);
	nest = nest_of(heard(peer, DAMC_CMD_NEIGH_ADD, DO), DAMC_A_NEIGH);
	assert_null(find(nest, DAMC_A_NEIGH_LLADDR, 0));
}

static void test_neigh_del(void **state)
{
	const struct damc_neigh by_id = { .id = 9, .ifindex = 3 };
	const struct damc_neigh by_address = { .ifindex = 3, .lladdr = mac };
	struct peer *peer = *state;
	const struct nlattr *nest;

	say_error(peer, 0, NULL);
	assert_int_equal(damc_neigh_del(peer->ctl, &by_id), 0);
	nest = nest_of(heard(peer, DAMC_CMD_NEIGH_DEL, DO), DAMC_A_NEIGH);
	has_u32(nest, DAMC_A_NEIGH_ID, 9);
	assert_null(find(nest, DAMC_A_NEIGH_IFINDEX, 0));
	say_error(peer, 0, NULL);
	assert_int_equal(damc_neigh_del(peer->ctl, &by_address), 0);
	nest = nest_of(heard(peer, DAMC_CMD_NEIGH_DEL, DO), DAMC_A_NEIGH);
	has_u32(nest, DAMC_A_NEIGH_IFINDEX, 3);
	has_bytes(nest, DAMC_A_NEIGH_LLADDR, mac.addr, 6);
}

static void test_route_add(void **state)
{
	struct damc_route route = full_route();
	const struct nlattr *nest, *hop, *lladdr;
	struct peer *peer = *state;

	say_error(peer, 0, NULL);
	assert_int_equal(damc_route_add(peer->ctl, &route), 0);
	nest = nest_of(heard(peer, DAMC_CMD_ROUTE_ADD, DO), DAMC_A_ROUTE);
	has_bytes(nest, DAMC_A_ROUTE_NAME, b4.wire, 4);
	has_u32(nest, DAMC_A_ROUTE_TYPE, DAMC_ROUTE_TYPE_UNICAST);
	has_u32(nest, DAMC_A_ROUTE_PROTOCOL, DAMC_ROUTE_PROTOCOL_DAMCD);
	hop = find(nest, DAMC_A_ROUTE_NEXTHOP, 15);
	assert_non_null(hop);
	assert_true(hop->nla_type & NLA_F_NESTED);
	has_u32(hop, DAMC_A_NEXTHOP_NEIGH_ID, 15);
	has_u32(hop, DAMC_A_NEXTHOP_WEIGHT, 16);
	hop = find(nest, DAMC_A_ROUTE_NEXTHOP, 14);
	has_u32(hop, DAMC_A_NEXTHOP_IFINDEX, 114);
	assert_null(find(hop, DAMC_A_NEXTHOP_NEIGH_ID, 0));
	lladdr = find(hop, DAMC_A_NEXTHOP_LLADDR, 0);
	assert_int_equal(mnl_attr_get_payload_len(lladdr), 32);
	assert_null(find(nest, DAMC_A_ROUTE_NEXTHOP, 16));
}

static void test_route_others(void **state)
{
	struct damc_route route = {
		.type = DAMC_ROUTE_TYPE_UNREACHABLE,
	};
	struct peer *peer = *state;
	const struct nlattr *nest;

	say_error(peer, 0, NULL);
	assert_int_equal(damc_route_replace(peer->ctl, &route), 0);
	nest = nest_of(heard(peer, DAMC_CMD_ROUTE_REPLACE, DO), DAMC_A_ROUTE);
	/* The default route's name is there, and empty. */
	has_bytes(nest, DAMC_A_ROUTE_NAME, "", 0);
	assert_null(find(nest, DAMC_A_ROUTE_PROTOCOL, 0));
	say_error(peer, 0, NULL);
	assert_int_equal(damc_route_append(peer->ctl, &route), 0);
	heard(peer, DAMC_CMD_ROUTE_APPEND, DO);
	say_error(peer, -ESRCH, "no such route");
	assert_int_equal(damc_route_del(peer->ctl, &b4), -ESRCH);
	assert_string_equal(damc_ctl_error(peer->ctl), "no such route");
	nest = nest_of(heard(peer, DAMC_CMD_ROUTE_DEL, DO), DAMC_A_ROUTE);
	has_bytes(nest, DAMC_A_ROUTE_NAME, b4.wire, 4);
	assert_null(find(nest, DAMC_A_ROUTE_TYPE, 0));
	/* What can't be put in a message isn't sent. */
	route.n_nexthops = DAMC_NEXTHOPS_MAX + 1;
	assert_int_equal(damc_route_add(peer->ctl, &route), -EINVAL);
	route.n_nexthops = 1;
	route.nexthops[0].lladdr.len = 33;
	assert_int_equal(damc_route_add(peer->ctl, &route), -EINVAL);
	route.n_nexthops = 0;
	route.name.len = 5;
	assert_int_equal(damc_route_add(peer->ctl, &route), -EINVAL);
}

static void test_lookup(void **state)
{
	struct damc_lookup question = { .name = b4, .flow = 0x1234 };
	struct damc_route route = full_route();
	struct peer *peer = *state;
	struct damc_decision answer;
	const struct nlattr *nest;
	struct nlmsghdr *msg;
	struct nlattr *out;

	msg = reply(peer);
	out = mnl_attr_nest_start(msg, DAMC_A_DECISION);
	mnl_attr_put_u32(msg, DAMC_A_DECISION_NEIGH_ID, 5);
	mnl_attr_put_u32(msg, DAMC_A_DECISION_IFINDEX, 6);
	mnl_attr_put(msg, DAMC_A_DECISION_LLADDR, 6, mac.addr);
	mnl_attr_put_u32(msg, DAMC_A_DECISION_MTU, 1400);
	mnl_attr_nest_end(msg, out);
	put_route(msg, &route);
	say(peer, msg);
	say_error(peer, 0, NULL);
	assert_int_equal(damc_route_lookup(peer->ctl, &question, &answer), 0);
	assert_int_equal(answer.error, DAMC_ERROR_CODE_NONE);
	assert_int_equal(answer.neigh_id, 5);
	assert_int_equal(answer.ifindex, 6);
	assert_int_equal(answer.mtu, 1400);
	assert_memory_equal(&answer.lladdr, &mac, sizeof(mac));
	assert_true(answer.has_route);
	assert_memory_equal(&answer.route, &route, sizeof(route));
	nest = nest_of(heard(peer, DAMC_CMD_ROUTE_LOOKUP, DO), DAMC_A_LOOKUP);
	has_bytes(nest, DAMC_A_LOOKUP_NAME, b4.wire, 4);
	has_u32(nest, DAMC_A_LOOKUP_FLOW, 0x1234);
	assert_null(find(nest, DAMC_A_LOOKUP_FROM, 0));

	/* A source, which may be the root; an empty decision; no route. */
	question.has_from = true;
	msg = reply(peer);
	out = mnl_attr_nest_start(msg, DAMC_A_DECISION);
	mnl_attr_nest_end(msg, out);
	say(peer, msg);
	say_error(peer, 0, NULL);
	assert_int_equal(damc_route_lookup(peer->ctl, &question, &answer), 0);
	assert_false(answer.has_route);
	nest = nest_of(heard(peer, DAMC_CMD_ROUTE_LOOKUP, DO), DAMC_A_LOOKUP);
	has_bytes(nest, DAMC_A_LOOKUP_FROM, "", 0);
	say_error(peer, 0, NULL);
	assert_int_equal(damc_route_lookup(peer->ctl, &question, &answer),
			 -EBADMSG);
}

static void test_bind(void **state)
{
	struct peer *peer = *state;
	const struct nlattr *nest;

	say_error(peer, -EADDRINUSE, "another has it");
	assert_int_equal(damc_bind_add(peer->ctl, &b4, 9), -EADDRINUSE);
	nest = nest_of(heard(peer, DAMC_CMD_BIND_ADD, DO), DAMC_A_BIND);
	has_bytes(nest, DAMC_A_BIND_NAME, b4.wire, 4);
	has_u32(nest, DAMC_A_BIND_IFINDEX, 9);
	assert_null(find(nest, DAMC_A_BIND_OVER, 0));
	say_error(peer, 0, NULL);
	assert_int_equal(damc_bind_take(peer->ctl, &b4, 9, 3,
					DAMC_ROUTE_PROTOCOL_DAMCD), 0);
	nest = nest_of(heard(peer, DAMC_CMD_BIND_ADD, DO), DAMC_A_BIND);
	has_u32(nest, DAMC_A_BIND_WEIGHT, 3);
	has_u32(nest, DAMC_A_BIND_OVER, DAMC_ROUTE_PROTOCOL_DAMCD);
	say_error(peer, 0, NULL);
	assert_int_equal(damc_bind_del(peer->ctl, &b4), 0);
	nest = nest_of(heard(peer, DAMC_CMD_BIND_DEL, DO), DAMC_A_BIND);
	assert_null(find(nest, DAMC_A_BIND_IFINDEX, 0));
}

static void test_info(void **state)
{
	struct peer *peer = *state;
	const struct nlattr *nest;
	struct damc_info info;
	struct nlmsghdr *msg;

	msg = reply(peer);
	put_info(msg, &b4);
	say(peer, msg);
	say_error(peer, 0, NULL);
	assert_int_equal(damc_info_get(peer->ctl, &info), 0);
	assert_string_equal(info.version, "1.2");
	assert_int_equal(info.family, 18);
	assert_int_equal(info.ethertype, 0x88b5);
	assert_int_equal(info.routes + 10 * info.binds + 100 * info.neighs,
			 321);
	assert_true(info.has_name && damc_name_equal(&info.name, &b4));
	heard(peer, DAMC_CMD_INFO_GET, DO);
	msg = reply(peer);
	put_info(msg, NULL);
	say(peer, msg);
	say_error(peer, 0, NULL);
	assert_int_equal(damc_info_get(peer->ctl, &info), 0);
	assert_false(info.has_name);
	heard(peer, DAMC_CMD_INFO_GET, DO);
	say_error(peer, 0, NULL);
	assert_int_equal(damc_info_set_name(peer->ctl, &b4), 0);
	nest = nest_of(heard(peer, DAMC_CMD_INFO_SET, DO), DAMC_A_INFO);
	has_bytes(nest, DAMC_A_INFO_NAME, b4.wire, 4);
}

static void test_stats(void **state)
{
	struct peer *peer = *state;
	struct damc_stats stats;
	struct nlmsghdr *msg;
	struct nlattr *nest;
	int i;

	msg = reply(peer);
	nest = mnl_attr_nest_start(msg, DAMC_A_STATS);
	mnl_attr_put(msg, DAMC_A_STATS_PAD, 0, NULL);
	for (i = DAMC_A_STATS_RX_PACKETS; i <= DAMC_A_STATS_MAX + 3; i++)
		mnl_attr_put_u64(msg, i, (1ull << 40) + i);
	mnl_attr_nest_end(msg, nest);
	say(peer, msg);
	say_error(peer, 0, NULL);
	assert_int_equal(damc_stats_get(peer->ctl, &stats), 0);
	for (i = DAMC_A_STATS_RX_PACKETS; i <= DAMC_A_STATS_MAX; i++)
		assert_true(stats.counter[i] == (1ull << 40) + i);
	heard(peer, DAMC_CMD_STATS_GET, DO);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_dev_set),
		TEST(test_edge_set),
		TEST(test_edge_get),
		TEST(test_pktinfo),
		TEST(test_dev_get),
		TEST(test_neigh_add),
		TEST(test_neigh_del),
		TEST(test_route_add),
		TEST(test_route_others),
		TEST(test_lookup),
		TEST(test_bind),
		TEST(test_info),
		TEST(test_stats),
	};

	return cmocka_run_group_tests_name("ctl", tests, NULL, NULL);
}
