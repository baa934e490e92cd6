// SPDX-License-Identifier: GPL-2.0
/*
 * Control against a scripted peer: at the other end of a socketpair lie the
 * kernel's answers before the question is put, and afterwards the question.
 * Each answer is also cut short and mutated byte by byte.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>

#include "check.h"
#include "ctl.h"

#define FAMILY 33
#define PORT 4711
#define MUTATIONS 20000

static const struct damc_name b4 = { .len = 4, .wire = { 1, 'b', 1, '4' } };
static const struct damc_lladdr mac = { 6, { 2, 0, 0, 0, 0, 1 } };

/* The two ends; the peer's is ours. */
struct peer {
	struct damc_ctl *ctl;
	int fd;
	/* Of the dump that another thread answers. */
	uint32_t seq;
	uint32_t buf[CTL_REPLY_MAX / 4];
};

static int open_peer(void **state)
{
	struct peer *peer = calloc(1, sizeof(*peer));
	int fd[2];

	if (!peer || socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fd))
		return -1;
	peer->ctl = ctl_open_fd(fd[0], FAMILY, PORT);
	peer->fd = fd[1];
	*state = peer;
	return peer->ctl ? 0 : -1;
}

static int close_peer(void **state)
{
	struct peer *peer = *state;

	damc_ctl_close(peer->ctl);
	close(peer->fd);
	free(peer);
	return 0;
}

/* ---- answers ---- */

static struct nlmsghdr *message(struct peer *peer, uint16_t type)
{
	struct nlmsghdr *msg = mnl_nlmsg_put_header(peer->buf);

	msg->nlmsg_type = type;
	msg->nlmsg_seq = peer->ctl->seq + 1;
	msg->nlmsg_pid = PORT;
	return msg;
}

static struct nlmsghdr *reply(struct peer *peer)
{
	struct nlmsghdr *msg = message(peer, FAMILY);

	mnl_nlmsg_put_extra_header(msg, GENL_HDRLEN);
	return msg;
}

static void say(struct peer *peer, const struct nlmsghdr *msg)
{
	assert_int_equal(send(peer->fd, msg, msg->nlmsg_len, 0),
			 msg->nlmsg_len);
}

static void say_error(struct peer *peer, int err, const char *words)
{
	struct nlmsghdr *msg = message(peer, NLMSG_ERROR);
	struct nlmsgerr *error;

	error = mnl_nlmsg_put_extra_header(msg, sizeof(*error));
	error->error = err;
	error->msg.nlmsg_len = sizeof(error->msg);
	msg->nlmsg_flags = NLM_F_CAPPED;
	if (words) {
		msg->nlmsg_flags |= NLM_F_ACK_TLVS;
		mnl_attr_put_strz(msg, NLMSGERR_ATTR_MSG, words);
	}
	say(peer, msg);
}

static void say_done(struct peer *peer, int err, const char *words)
{
	struct nlmsghdr *msg = message(peer, NLMSG_DONE);
	int *error = mnl_nlmsg_put_extra_header(msg, sizeof(*error));

	*error = err;
	msg->nlmsg_flags = NLM_F_MULTI;
	if (words) {
		msg->nlmsg_flags |= NLM_F_ACK_TLVS;
		mnl_attr_put_strz(msg, NLMSGERR_ATTR_MSG, words);
	}
	say(peer, msg);
}

/* ---- questions ---- */

/* The request that was sent; its command is checked. */
static const struct nlmsghdr *heard(struct peer *peer, uint8_t cmd,
				    uint16_t flags)
{
	const struct nlmsghdr *msg = (void *)peer->buf;
	const struct genlmsghdr *genl;
	ssize_t n;

	n = recv(peer->fd, peer->buf, sizeof(peer->buf), MSG_DONTWAIT);
	assert_true(n >= (ssize_t)(NLMSG_HDRLEN + GENL_HDRLEN));
	assert_int_equal(msg->nlmsg_len, n);
	assert_int_equal(msg->nlmsg_type, FAMILY);
	assert_int_equal(msg->nlmsg_flags, flags);
	genl = mnl_nlmsg_get_payload(msg);
	assert_int_equal(genl->cmd, cmd);
	assert_int_equal(genl->version, DAMC_GENL_VERSION);
	return msg;
}

#define DO (NLM_F_REQUEST | NLM_F_ACK)
#define DUMP (NLM_F_REQUEST | NLM_F_DUMP)

/* The one nest a request holds, its flag set. */
static const struct nlattr *nest_of(const struct nlmsghdr *msg, uint16_t type)
{
	const struct nlattr *attr;

	attr = mnl_nlmsg_get_payload_offset(msg, GENL_HDRLEN);
	assert_int_equal(attr->nla_type, type | NLA_F_NESTED);
	assert_int_equal(attr->nla_len,
			 msg->nlmsg_len - NLMSG_HDRLEN - GENL_HDRLEN);
	return attr;
}

/* The @nth attribute of a type in a nest, or NULL. */
static const struct nlattr *find(const struct nlattr *nest, uint16_t type,
				 int nth)
{
	const struct nlattr *attr;

	mnl_attr_for_each_nested(attr, nest)
		if (mnl_attr_get_type(attr) == type && !nth--)
			return attr;
	return NULL;
}

static void has_u32(const struct nlattr *nest, uint16_t type, uint32_t value)
{
	const struct nlattr *attr = find(nest, type, 0);

	assert_non_null(attr);
	assert_int_equal(mnl_attr_get_payload_len(attr), 4);
	assert_int_equal(mnl_attr_get_u32(attr), value);
	assert_null(find(nest, type, 1));
}

static void has_bytes(const struct nlattr *nest, uint16_t type,
		      const void *bytes, size_t len)
{
	const struct nlattr *attr = find(nest, type, 0);

	assert_non_null(attr);
	assert_int_equal(mnl_attr_get_payload_len(attr), len);
	assert_memory_equal(mnl_attr_get_payload(attr), bytes, len);
}

/* ---- requests of the objects ---- */

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

static void say_dev(struct peer *peer, uint32_t ifindex, uint32_t mode)
{
	struct nlmsghdr *msg = reply(peer);
	struct nlattr *nest = mnl_attr_nest_start(msg, DAMC_A_DEV);

	mnl_attr_put_u32(msg, DAMC_A_DEV_IFINDEX, ifindex);
	mnl_attr_put_u32(msg, 999, 5);
	mnl_attr_put_u32(msg, DAMC_A_DEV_MODE, mode);
	mnl_attr_nest_end(msg, nest);
	nest = mnl_attr_nest_start(msg, DAMC_A_DEV_STATE);
	mnl_attr_put_u32(msg, DAMC_A_DEV_STATE_MTU, 1500);
	mnl_attr_nest_end(msg, nest);
	mnl_attr_put_u32(msg, 77, 1);
	say(peer, msg);
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

static struct damc_route full_route(void)
{
	struct damc_route route = {
		.name = b4, .type = DAMC_ROUTE_TYPE_UNICAST,
		.protocol = DAMC_ROUTE_PROTOCOL_DAMCD,
		.n_nexthops = DAMC_NEXTHOPS_MAX,
	};
	int i;

	for (i = 0; i < DAMC_NEXTHOPS_MAX; i++) {
		route.nexthops[i].weight = i + 1;
		if (i % 2) {
			route.nexthops[i].neigh_id = i;
			continue;
		}
		route.nexthops[i].ifindex = 100 + i;
		route.nexthops[i].lladdr.len = DAMC_LLADDR_MAX;
		memset(route.nexthops[i].lladdr.addr, i, DAMC_LLADDR_MAX);
	}
	return route;
}

static void put_route(struct nlmsghdr *msg, const struct damc_route *route)
{
	struct nlattr *nest = mnl_attr_nest_start(msg, DAMC_A_ROUTE), *hop;
	unsigned int i;

	mnl_attr_put(msg, DAMC_A_ROUTE_NAME, route->name.len, route->name.wire);
	mnl_attr_put_u32(msg, DAMC_A_ROUTE_TYPE, route->type);
	mnl_attr_put_u32(msg, DAMC_A_ROUTE_PROTOCOL, route->protocol);
	for (i = 0; i < route->n_nexthops; i++) {
		const struct damc_nexthop *from = &route->nexthops[i];

		hop = mnl_attr_nest_start(msg, DAMC_A_ROUTE_NEXTHOP);
		mnl_attr_put_u32(msg, DAMC_A_NEXTHOP_NEIGH_ID, from->neigh_id);
		mnl_attr_put_u32(msg, DAMC_A_NEXTHOP_IFINDEX, from->ifindex);
		mnl_attr_put(msg, DAMC_A_NEXTHOP_LLADDR, from->lladdr.len,
			     from->lladdr.addr);
		mnl_attr_put_u32(msg, DAMC_A_NEXTHOP_WEIGHT, from->weight);
		mnl_attr_nest_end(msg, hop);
	}
	mnl_attr_nest_end(msg, nest);
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
	say_error(peer, 0, NULL);
	assert_int_equal(damc_bind_del(peer->ctl, &b4), 0);
	nest = nest_of(heard(peer, DAMC_CMD_BIND_DEL, DO), DAMC_A_BIND);
	assert_null(find(nest, DAMC_A_BIND_IFINDEX, 0));
}

static void put_info(struct nlmsghdr *msg, const struct damc_name *name)
{
	struct nlattr *nest;

	if (name) {
		nest = mnl_attr_nest_start(msg, DAMC_A_INFO);
		mnl_attr_put(msg, DAMC_A_INFO_NAME, name->len, name->wire);
		mnl_attr_nest_end(msg, nest);
	}
	nest = mnl_attr_nest_start(msg, DAMC_A_INFO_STATE);
	mnl_attr_put_strz(msg, DAMC_A_INFO_STATE_VERSION, "1.2");
	mnl_attr_put_u32(msg, DAMC_A_INFO_STATE_FAMILY, 18);
	mnl_attr_put_u32(msg, DAMC_A_INFO_STATE_ETHERTYPE, 0x88b5);
	mnl_attr_put_u32(msg, DAMC_A_INFO_STATE_ROUTES, 1);
	mnl_attr_put_u32(msg, DAMC_A_INFO_STATE_BINDS, 2);
	mnl_attr_put_u32(msg, DAMC_A_INFO_STATE_NEIGHS, 3);
	mnl_attr_nest_end(msg, nest);
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

/* ---- dumps ---- */

#define MANY 100000

static void *write_many(void *arg)
{
	struct peer *peer = arg;
	struct damc_route route = { .type = DAMC_ROUTE_TYPE_LOCAL };
	static uint8_t out[32768];
	uint32_t seq = peer->seq;
	struct nlmsghdr *msg;
	size_t used = 0;
	uint32_t i;

	for (i = 0; i < MANY; i++) {
		msg = reply(peer);
		msg->nlmsg_seq = seq;
		route.name.len = 5;
		route.name.wire[0] = 4;
		memcpy(&route.name.wire[1], &i, 4);
		msg->nlmsg_flags = NLM_F_MULTI | (i % 2 ? NLM_F_DUMP_INTR : 0);
		put_route(msg, &route);
		if (used + msg->nlmsg_len > sizeof(out)) {
			if (send(peer->fd, out, used, 0) < 0)
				return NULL;
			used = 0;
		}
		memcpy(out + used, msg, msg->nlmsg_len);
		used += NLMSG_ALIGN(msg->nlmsg_len);
	}
	send(peer->fd, out, used, 0);
	msg = message(peer, NLMSG_DONE);
	msg->nlmsg_seq = seq;
	mnl_nlmsg_put_extra_header(msg, sizeof(int));
	say(peer, msg);
	return NULL;
}

static int in_order(const struct damc_route *route, void *arg)
{
	uint32_t *next = arg, i;

	memcpy(&i, &route->name.wire[1], 4);
	assert_int_equal(i, *next);
	++*next;
	return 0;
}

static void test_dump_many(void **state)
{
	struct peer *peer = *state;
	pthread_t thread;
	uint32_t next = 0;

	/* It answers the request to come. */
	peer->seq = peer->ctl->seq + 1;
	pthread_create(&thread, NULL, write_many, peer);
	usleep(20000);
	assert_int_equal(damc_route_dump(peer->ctl, in_order, &next), 0);
	pthread_join(thread, NULL);
	assert_int_equal(next, MANY);
	heard(peer, DAMC_CMD_ROUTE_GET, DUMP);
}

static int stop_at_once(const struct damc_dev *dev, void *arg)
{
	(void)dev;
	++*(int *)arg;
	return -77;
}

static int count_dev(const struct damc_dev *dev, void *arg)
{
	(void)dev;
	++*(int *)arg;
	return 0;
}

static void test_dump_stopped(void **state)
{
	struct peer *peer = *state;
	int n = 0;

	say_dev(peer, 1, 1);
	say_dev(peer, 2, 1);
	say_done(peer, 0, NULL);
	assert_int_equal(damc_dev_dump(peer->ctl, stop_at_once, &n), -77);
	assert_int_equal(n, 1);
	heard(peer, DAMC_CMD_DEV_GET, DUMP);
	/* The rest was read: the next dump is not disturbed. */
	n = 0;
	say_dev(peer, 3, 1);
	say_done(peer, 0, NULL);
	assert_int_equal(damc_dev_dump(peer->ctl, count_dev, &n), 0);
	assert_int_equal(n, 1);
}

static void test_dump_fails(void **state)
{
	struct peer *peer = *state;
	int n = 0;

	say_dev(peer, 1, 1);
	say_done(peer, -EPERM, "CAP_NET_ADMIN is needed");
	assert_int_equal(damc_dev_dump(peer->ctl, count_dev, &n), -EPERM);
	assert_string_equal(damc_ctl_error(peer->ctl),
			    "CAP_NET_ADMIN is needed");
	say_error(peer, -EPERM, NULL);
	assert_int_equal(damc_dev_dump(peer->ctl, count_dev, &n), -EPERM);
	assert_string_equal(damc_ctl_error(peer->ctl), "");
}

/* ---- transport ---- */

static void test_strangers(void **state)
{
	struct peer *peer = *state;
	struct nlmsghdr *msg;
	struct damc_dev dev;

	/* An answer to an older request, and one for another port. */
	peer->ctl->seq -= 5;
	say_error(peer, -EIO, "old");
	peer->ctl->seq += 5;
	msg = message(peer, NLMSG_ERROR);
	mnl_nlmsg_put_extra_header(msg, sizeof(struct nlmsgerr));
	msg->nlmsg_pid = PORT + 1;
	say(peer, msg);
	say(peer, message(peer, NLMSG_NOOP));
	say_dev(peer, 7, 1);
	say_error(peer, 0, NULL);
	assert_int_equal(damc_dev_get(peer->ctl, 7, &dev), 0);
	assert_string_equal(damc_ctl_error(peer->ctl), "");
}

static void test_broken_errors(void **state)
{
	struct peer *peer = *state;
	struct nlmsghdr *msg;
	struct nlmsgerr *error;
	char words[4000];

	memset(words, 'x', sizeof(words));
	say(peer, message(peer, NLMSG_ERROR));
	assert_int_equal(damc_dev_set(peer->ctl, 1, 1), -EBADMSG);
	say_error(peer, 5, NULL);
	assert_int_equal(damc_dev_set(peer->ctl, 1, 1), -EBADMSG);
	say(peer, message(peer, NLMSG_OVERRUN));
	say_error(peer, 0, NULL);
	assert_int_equal(damc_dev_set(peer->ctl, 1, 1), -EBADMSG);
	/* Not capped: the words stand behind the whole request. */
	msg = message(peer, NLMSG_ERROR);
	error = mnl_nlmsg_put_extra_header(msg, sizeof(*error) + 8);
	error->error = -EINVAL;
	error->msg.nlmsg_len = sizeof(error->msg) + 8;
	msg->nlmsg_flags = NLM_F_ACK_TLVS;
	mnl_attr_put_str(msg, NLMSGERR_ATTR_MSG, "behind it");
	say(peer, msg);
	assert_int_equal(damc_dev_set(peer->ctl, 1, 1), -EINVAL);
	assert_string_equal(damc_ctl_error(peer->ctl), "behind it");
	/* A request longer than the message. */
	msg = message(peer, NLMSG_ERROR);
	error = mnl_nlmsg_put_extra_header(msg, sizeof(*error));
	error->error = -EINVAL;
	error->msg.nlmsg_len = 0xfffffff0;
	msg->nlmsg_flags = NLM_F_ACK_TLVS;
	say(peer, msg);
	assert_int_equal(damc_dev_set(peer->ctl, 1, 1), -EINVAL);
	/* Words without an end, and more than there is room for. */
	msg = message(peer, NLMSG_ERROR);
	error = mnl_nlmsg_put_extra_header(msg, sizeof(*error));
	error->error = -EINVAL;
	msg->nlmsg_flags = NLM_F_ACK_TLVS | NLM_F_CAPPED;
	mnl_attr_put(msg, NLMSGERR_ATTR_MSG, sizeof(words), words);
	say(peer, msg);
	assert_int_equal(damc_dev_set(peer->ctl, 1, 1), -EINVAL);
	assert_int_equal(strlen(damc_ctl_error(peer->ctl)), 255);
	close(peer->fd);
	assert_true(damc_dev_set(peer->ctl, 1, 1) < 0);
	peer->fd = dup(0);
}

static void test_family(void **state)
{
	struct peer *peer = *state;
	struct nlmsghdr *msg;

	say_error(peer, -ENOENT, NULL);
	assert_int_equal(ctl_resolve(peer->ctl), -EAFNOSUPPORT);
	msg = message(peer, GENL_ID_CTRL);
	mnl_nlmsg_put_extra_header(msg, GENL_HDRLEN);
	mnl_attr_put_u16(msg, CTRL_ATTR_FAMILY_ID, 44);
	say(peer, msg);
	say_error(peer, 0, NULL);
	assert_int_equal(ctl_resolve(peer->ctl), 0);
	assert_int_equal(peer->ctl->family, 44);
	msg = message(peer, GENL_ID_CTRL);
	mnl_nlmsg_put_extra_header(msg, GENL_HDRLEN);
	mnl_attr_put_u32(msg, CTRL_ATTR_FAMILY_ID, 44);
	say(peer, msg);
	say_error(peer, 0, NULL);
	assert_int_equal(ctl_resolve(peer->ctl), -EBADMSG);
}

/* On a machine without the module, which is where these tests run. */
static void test_no_module(void **state)
{
	struct damc_ctl *ctl;

	(void)state;
	ctl = damc_ctl_open();
	if (ctl) {
		damc_ctl_close(ctl);
		skip();
	}
	assert_int_equal(errno, EAFNOSUPPORT);
	assert_int_equal(damc_family(), -EAFNOSUPPORT);
	assert_int_equal(damc_socket(DAMC_PROTO_MESSAGE), -EAFNOSUPPORT);
	assert_null(damc_rmi_client_open(NULL));
	assert_int_equal(errno, EAFNOSUPPORT);
}

/* ---- broken answers ---- */

static union {
	struct damc_info info;
	struct damc_dev dev;
	struct damc_neigh neigh;
	struct damc_decision decision;
	struct damc_bind bind;
	struct damc_stats stats;
} object;

static int decode_all(const struct nlmsghdr *msg)
{
	int ok = 0;

	ok += !ctl_info_decode(msg, &object.info);
	ok += !ctl_dev_decode(msg, &object.dev);
	ok += !ctl_neigh_decode(msg, &object.neigh);
	ok += !ctl_decision_decode(msg, &object.decision);
	ok += !ctl_bind_decode(msg, &object.bind);
	ok += !ctl_stats_decode(msg, &object.stats);
	return ok;
}

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

	assert_int_equal(decode_all(whole), 6);
	for (len = NLMSG_HDRLEN; len < whole->nlmsg_len; len++) {
		struct nlmsghdr *msg = malloc(len);

		memcpy(msg, whole, len);
		msg->nlmsg_len = len;
		assert_true(decode_all(msg) <= 5);
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

#define TEST(f) cmocka_unit_test_setup_teardown(f, open_peer, close_peer)

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
		TEST(test_dump_many),
		TEST(test_dump_stopped),
		TEST(test_dump_fails),
		TEST(test_strangers),
		TEST(test_broken_errors),
		TEST(test_family),
		TEST(test_no_module),
		TEST(test_truncated),
		TEST(test_wrong_lengths),
		TEST(test_too_many_nexthops),
		TEST(test_mutated),
	};

	check_seed();
	return cmocka_run_group_tests_name("ctl", tests, NULL, NULL);
}
