// SPDX-License-Identifier: GPL-2.0
/* Control: one answer with every object, cut short and mutated byte by byte. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ctl_peer.h"
#include "decode_all.h"

#define MUTATIONS 20000

/* One of each object in one message. */
static struct nlmsghdr *everything(struct peer *peer)
{
	struct damc_route route = full_route();
	struct nlmsghdr *msg = reply(peer);
	struct nlattr *nest;

	put_info(msg, &b4);
	nest = mnl_attr_nest_start(msg, DAMC_A_DEV);
	mnl_attr_put_u32(msg, DAMC_A_DEV_IFINDEX, 1);
	mnl_attr_nest_end(msg, nest);
	nest = mnl_attr_nest_start(msg, DAMC_A_NEIGH);
	mnl_attr_put_u32(msg, DAMC_A_NEIGH_ID, 1);
	mnl_attr_put(msg, DAMC_A_NEIGH_LLADDR, 6, mac.addr);
	mnl_attr_nest_end(msg, nest);
	nest = mnl_attr_nest_start(msg, DAMC_A_NEIGH_STATE);
	mnl_attr_put_u64(msg, DAMC_A_NEIGH_STATE_TX_BYTES, 1);
	mnl_attr_nest_end(msg, nest);
	nest = mnl_attr_nest_start(msg, DAMC_A_BIND);
	mnl_attr_put(msg, DAMC_A_BIND_NAME, 4, b4.wire);
	mnl_attr_nest_end(msg, nest);
	nest = mnl_attr_nest_start(msg, DAMC_A_BIND_STATE);
	mnl_attr_put_u32(msg, DAMC_A_BIND_STATE_KIND, 1);
	mnl_attr_nest_end(msg, nest);
	nest = mnl_attr_nest_start(msg, DAMC_A_STATS);
	mnl_attr_put_u64(msg, DAMC_A_STATS_RX_BYTES, 1);
	mnl_attr_nest_end(msg, nest);
	put_pool(msg, &b4);
	put_route(msg, &route);
	/* Last, since without it nothing says what the route is for. */
	nest = mnl_attr_nest_start(msg, DAMC_A_DECISION);
	mnl_attr_put_u32(msg, DAMC_A_DECISION_MTU, 1);
	mnl_attr_nest_end(msg, nest);
	return msg;
}

static void test_truncated(void **state)
{
	const struct nlmsghdr *whole = everything(*state);
	size_t len;

	assert_int_equal(decode_all(whole), 7);
	for (len = NLMSG_HDRLEN; len < whole->nlmsg_len; len++) {
		struct nlmsghdr *msg = malloc(len);

		memcpy(msg, whole, len);
		msg->nlmsg_len = len;
		assert_true(decode_all(msg) <= 6);
		free(msg);
	}
}

/* Each attribute's length, one less and one more. */
static void test_wrong_lengths(void **state)
{
	static const struct {
		uint16_t object, type;
		size_t len;
		int ok;
	} rows[] = {
		{ DAMC_A_DEV, DAMC_A_DEV_IFINDEX, 4, 1 },
		{ DAMC_A_DEV, DAMC_A_DEV_IFINDEX, 3, 0 },
		{ DAMC_A_DEV, DAMC_A_DEV_IFINDEX, 5, 0 },
		{ DAMC_A_DEV, DAMC_A_DEV_IFINDEX, 0, 0 },
		{ DAMC_A_NEIGH, DAMC_A_NEIGH_ID, 8, 0 },
		{ DAMC_A_STATS, DAMC_A_STATS_RX_BYTES, 8, 1 },
		{ DAMC_A_STATS, DAMC_A_STATS_RX_BYTES, 4, 0 },
		{ DAMC_A_BIND, DAMC_A_BIND_NAME, 0, 1 },
		{ DAMC_A_BIND, DAMC_A_BIND_NAME, 2, 1 },
		{ DAMC_A_BIND, DAMC_A_BIND_NAME, 3, 0 },
		{ DAMC_A_DECISION, DAMC_A_DECISION_LLADDR, 32, 1 },
		{ DAMC_A_DECISION, DAMC_A_DECISION_LLADDR, 33, 0 },
		{ DAMC_A_BIND, DAMC_A_BIND_IFINDEX, 4, 0 },
	};
	static const uint8_t bytes[64] = { 1, 1, 1, 1 };
	struct peer *peer = *state;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct nlmsghdr *msg = reply(peer);
		struct nlattr *nest;

		nest = mnl_attr_nest_start(msg, rows[i].object);
		mnl_attr_put(msg, rows[i].type, rows[i].len, bytes);
		mnl_attr_nest_end(msg, nest);
		if (decode_all(msg) != rows[i].ok)
			fail_msg("row %zu", i);
	}
}

static void test_too_many_nexthops(void **state)
{
	struct damc_route route = full_route();
	struct peer *peer = *state;
	struct nlmsghdr *msg = reply(peer);
	struct nlattr *nest, *hop;

	put_route(msg, &route);
	nest = mnl_nlmsg_get_payload_offset(msg, GENL_HDRLEN);
	hop = mnl_attr_nest_start(msg, DAMC_A_ROUTE_NEXTHOP);
	mnl_attr_nest_end(msg, hop);
	nest->nla_len += hop->nla_len;
	assert_int_equal(ctl_route_decode(nest, &route), -EBADMSG);
}

static void test_mutated(void **state)
{
	const struct nlmsghdr *whole = everything(*state);
	unsigned int read = 0;
	int i, n;

	for (i = 0; i < MUTATIONS; i++) {
		struct nlmsghdr *msg = malloc(whole->nlmsg_len);
		uint8_t *bytes = (uint8_t *)msg;

		memcpy(msg, whole, whole->nlmsg_len);
		for (n = 1 + check_below(4); n; n--)
			bytes[NLMSG_HDRLEN + check_below(whole->nlmsg_len -
							 NLMSG_HDRLEN)] =
				check_below(2) ? check_random() :
						 check_below(8);
		read += decode_all(msg);
		free(msg);
	}
	print_message("# %u objects were read from %d mutated messages\n",
		      read, MUTATIONS);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_truncated),
		TEST(test_wrong_lengths),
		TEST(test_too_many_nexthops),
		TEST(test_mutated),
	};

	check_seed();
	return cmocka_run_group_tests_name("ctl_broken", tests, NULL, NULL);
}
