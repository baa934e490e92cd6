// SPDX-License-Identifier: GPL-2.0
/* The scripted peer: what ctl_peer.h promises. */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ctl_peer.h"

const struct damc_name b4 = { .len = 4, .wire = { 1, 'b', 1, '4' } };
const struct damc_lladdr mac = { 6, { 2, 0, 0, 0, 0, 1 } };

int open_peer(void **state)
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

int close_peer(void **state)
{
	struct peer *peer = *state;

	damc_ctl_close(peer->ctl);
	close(peer->fd);
	free(peer);
	return 0;
}

/* ---- answers ---- */

struct nlmsghdr *message(struct peer *peer, uint16_t type)
{
	struct nlmsghdr *msg = mnl_nlmsg_put_header(peer->buf);

	msg->nlmsg_type = type;
	msg->nlmsg_seq = peer->ctl->seq + 1;
	msg->nlmsg_pid = PORT;
	return msg;
}

struct nlmsghdr *reply(struct peer *peer)
{
	struct nlmsghdr *msg = message(peer, FAMILY);

	mnl_nlmsg_put_extra_header(msg, GENL_HDRLEN);
	return msg;
}

void say(struct peer *peer, const struct nlmsghdr *msg)
{
	assert_int_equal(send(peer->fd, msg, msg->nlmsg_len, 0),
			 msg->nlmsg_len);
}

void say_error(struct peer *peer, int err, const char *words)
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

void say_done(struct peer *peer, int err, const char *words)
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
const struct nlmsghdr *heard(struct peer *peer, uint8_t cmd,
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

/* The one nest a request holds, its flag set. */
const struct nlattr *nest_of(const struct nlmsghdr *msg, uint16_t type)
{
	const struct nlattr *attr;

	attr = mnl_nlmsg_get_payload_offset(msg, GENL_HDRLEN);
	assert_int_equal(attr->nla_type, type | NLA_F_NESTED);
	assert_int_equal(attr->nla_len,
			 msg->nlmsg_len - NLMSG_HDRLEN - GENL_HDRLEN);
	return attr;
}

/* The @nth attribute of a type in a nest, or NULL. */
const struct nlattr *find(const struct nlattr *nest, uint16_t type,
			  int nth)
{
	const struct nlattr *attr;

	mnl_attr_for_each_nested(attr, nest)
		if (mnl_attr_get_type(attr) == type && !nth--)
			return attr;
	return NULL;
}

void has_u32(const struct nlattr *nest, uint16_t type, uint32_t value)
{
	const struct nlattr *attr = find(nest, type, 0);

	assert_non_null(attr);
	assert_int_equal(mnl_attr_get_payload_len(attr), 4);
	assert_int_equal(mnl_attr_get_u32(attr), value);
	assert_null(find(nest, type, 1));
}

void has_bytes(const struct nlattr *nest, uint16_t type,
	       const void *bytes, size_t len)
{
	const struct nlattr *attr = find(nest, type, 0);

	assert_non_null(attr);
	assert_int_equal(mnl_attr_get_payload_len(attr), len);
	assert_memory_equal(mnl_attr_get_payload(attr), bytes, len);
}

/* ---- objects in answers ---- */

struct damc_route full_route(void)
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

void put_route(struct nlmsghdr *msg, const struct damc_route *route)
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

static void put_member(struct nlmsghdr *msg, uint16_t type, const char *wire,
		       uint32_t weight)
{
	struct nlattr *nest = mnl_attr_nest_start(msg, type);

	mnl_attr_put(msg, DAMC_A_POOL_MEMBER_NAME, 2, wire);
	mnl_attr_put_u32(msg, DAMC_A_POOL_MEMBER_WEIGHT, weight);
	mnl_attr_nest_end(msg, nest);
}

void put_pool(struct nlmsghdr *msg, const struct damc_name *name)
{
	struct nlattr *nest = mnl_attr_nest_start(msg, DAMC_A_POOL);

	mnl_attr_put(msg, DAMC_A_POOL_NAME, name->len, name->wire);
	mnl_attr_put_u32(msg, DAMC_A_POOL_PROTOCOL, DAMC_ROUTE_PROTOCOL_STATIC);
	put_member(msg, DAMC_A_POOL_MEMBER, "\1x", 3);
	mnl_attr_nest_end(msg, nest);
	nest = mnl_attr_nest_start(msg, DAMC_A_POOL_STATE);
	put_member(msg, DAMC_A_POOL_STATE_BOUND, "\1y", 5);
	mnl_attr_nest_end(msg, nest);
}

void put_info(struct nlmsghdr *msg, const struct damc_name *name)
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

void say_dev(struct peer *peer, uint32_t ifindex, uint32_t mode)
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
