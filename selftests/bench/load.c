// SPDX-License-Identifier: GPL-2.0
/*
 * Add routes and print what one took, in ns of CLOCK_MONOTONIC.
 *
 * usage: load libdamc ROUTES DEV SIZE	damc_route_batch_add()
 *	  load single  ROUTES DEV SIZE	damc_route_add(), a request each
 *	  load damc    ROUTES DEV SIZE	the same requests packed into buffers
 *	  load ip6     ROUTES DEV	RTM_NEWROUTE packed into equal buffers
 *
 * Names and addresses are there before the clock starts, in binary. Of what is
 * packed only a buffer's last request asks for an answer; the others answer only
 * if they fail. SIZE: 25 or 40, see names.h. DEV: an IPv4 address
 * is that of a neighbour by UDP.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <libmnl/libmnl.h>

#include <damc.h>
#include <linux/damc_netlink.h>

#include "names.h"

#define BUFFER 32768
#define MESSAGE_MAX 256

static const uint8_t lladdr[6] = { 2, 0, 0, 0, 0, 0x99 };

/* Where a route leads: one of the two. */
union key {
	struct damc_name name;
	struct in6_addr dst;
};

struct job {
	struct mnl_socket *nl;
	union key *keys;
	uint32_t ifindex;
	struct in_addr remote;
	unsigned int size;
	uint16_t family;
	uint32_t seq;
	char buf[BUFFER + MESSAGE_MAX];
};

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static void make_name(struct damc_name *name, unsigned int size, unsigned int i)
{
	char text[BENCH_NAME_ROOM];
	const char *why;

	bench_route(text, size, i);
	if (damc_name_parse(name, text, &why))
		fail(why);
}

static void make_prefix(struct in6_addr *dst, unsigned int i)
{
	inet_pton(AF_INET6, "2001:db8::", dst);
	dst->s6_addr16[2] = htons(i >> 16);
	dst->s6_addr16[3] = htons(i & 0xffff);
}

static void make_keys(struct job *job, unsigned int routes, bool ip6)
{
	unsigned int i;

	job->keys = calloc(routes, sizeof(*job->keys));
	if (!job->keys)
		fail("load: keys");
	for (i = 0; i < routes; i++)
		if (ip6)
			make_prefix(&job->keys[i].dst, i);
		else
			make_name(&job->keys[i].name, job->size, i);
}

/* What is the same for all routes. */
static void route_common(struct damc_route *route, const struct job *job)
{
	memset(route, 0, sizeof(*route));
	route->n_nexthops = 1;
	if (!job->ifindex) {
		route->nexthops[0].remote.len = sizeof(job->remote);
		memcpy(route->nexthops[0].remote.addr, &job->remote, sizeof(job->remote));
		return;
	}
	route->nexthops[0].ifindex = job->ifindex;
	route->nexthops[0].lladdr.len = sizeof(lladdr);
	memcpy(route->nexthops[0].lladdr.addr, lladdr, sizeof(lladdr));
}

static void put_damc(struct job *job, struct nlmsghdr *msg, unsigned int i)
{
	struct genlmsghdr *genl = mnl_nlmsg_put_extra_header(msg, sizeof(*genl));
	const struct damc_name *name = &job->keys[i].name;
	struct nlattr *nest, *hop;

	msg->nlmsg_type = job->family;
	genl->cmd = DAMC_CMD_ROUTE_ADD;
	genl->version = DAMC_GENL_VERSION;
	nest = mnl_attr_nest_start(msg, DAMC_A_ROUTE);
	mnl_attr_put(msg, DAMC_A_ROUTE_NAME, name->len, name->wire);
	hop = mnl_attr_nest_start(msg, DAMC_A_ROUTE_NEXTHOP);
	if (job->ifindex) {
		mnl_attr_put_u32(msg, DAMC_A_NEXTHOP_IFINDEX, job->ifindex);
		mnl_attr_put(msg, DAMC_A_NEXTHOP_LLADDR, sizeof(lladdr), lladdr);
	} else {
		mnl_attr_put(msg, DAMC_A_NEXTHOP_REMOTE, sizeof(job->remote), &job->remote);
	}
	mnl_attr_nest_end(msg, hop);
	mnl_attr_nest_end(msg, nest);
}

static void put_ip6(struct job *job, struct nlmsghdr *msg, unsigned int i)
{
	struct rtmsg *rt = mnl_nlmsg_put_extra_header(msg, sizeof(*rt));
	static const struct in6_addr via = { { { 0xfe, 0x80, [15] = 0x99 } } };

	msg->nlmsg_type = RTM_NEWROUTE;
	msg->nlmsg_flags |= NLM_F_CREATE | NLM_F_EXCL;
	rt->rtm_family = AF_INET6;
	rt->rtm_dst_len = 64;
	rt->rtm_table = RT_TABLE_MAIN;
	rt->rtm_protocol = RTPROT_STATIC;
	rt->rtm_scope = RT_SCOPE_UNIVERSE;
	rt->rtm_type = RTN_UNICAST;
	mnl_attr_put(msg, RTA_DST, sizeof(struct in6_addr), &job->keys[i].dst);
	mnl_attr_put(msg, RTA_GATEWAY, sizeof(via), &via);
	mnl_attr_put_u32(msg, RTA_OIF, job->ifindex);
}

/* Send what is packed; the first answer that is an error is the result. */
static void send_buffer(struct job *job, size_t len)
{
	char answer[BUFFER];
	ssize_t got;

	if (mnl_socket_sendto(job->nl, job->buf, len) < 0)
		fail("load: sendto");
	got = mnl_socket_recvfrom(job->nl, answer, sizeof(answer));
	if (got < 0 || mnl_cb_run(answer, got, job->seq, 0, NULL, NULL) < 0)
		fail("load: route");
}

static void load_packed(struct job *job, unsigned int routes, bool ip6)
{
	size_t len = 0;
	unsigned int i;

	for (i = 0; i < routes; i++) {
		struct nlmsghdr *msg = mnl_nlmsg_put_header(job->buf + len);
		bool last;

		msg->nlmsg_flags = NLM_F_REQUEST;
		msg->nlmsg_seq = job->seq;
		if (ip6)
			put_ip6(job, msg, i);
		else
			put_damc(job, msg, i);
		len += MNL_ALIGN(msg->nlmsg_len);
		last = len > BUFFER - MESSAGE_MAX || i + 1 == routes;
		if (!last)
			continue;
		msg->nlmsg_flags |= NLM_F_ACK;
		send_buffer(job, len);
		len = 0;
	}
}

static void load_libdamc(const struct job *job, unsigned int routes)
{
	struct damc_ctl *ctl = damc_ctl_open();
	struct damc_route_batch *batch;
	struct damc_route route;
	unsigned int i;

	batch = ctl ? damc_route_batch_open(ctl, DAMC_ROUTE_VERB_ADD) : NULL;
	if (!batch)
		fail("load: libdamc");
	route_common(&route, job);
	for (i = 0; i < routes; i++) {
		route.name = job->keys[i].name;
		if (damc_route_batch_add(batch, &route))
			fail("load: damc_route_batch_add");
	}
	if (damc_route_batch_flush(batch))
		fail("load: damc_route_batch_flush");
	damc_route_batch_close(batch);
	damc_ctl_close(ctl);
}

static void load_single(const struct job *job, unsigned int routes)
{
	struct damc_ctl *ctl = damc_ctl_open();
	struct damc_route route;
	unsigned int i;

	if (!ctl)
		fail("load: libdamc");
	route_common(&route, job);
	for (i = 0; i < routes; i++) {
		route.name = job->keys[i].name;
		if (damc_route_add(ctl, &route))
			fail("load: damc_route_add");
	}
	damc_ctl_close(ctl);
}

/* The family's number: the reply to CTRL_CMD_GETFAMILY has it. */
static int family_attr(const struct nlattr *attr, void *arg)
{
	if (mnl_attr_get_type(attr) == CTRL_ATTR_FAMILY_ID)
		*(uint16_t *)arg = mnl_attr_get_u16(attr);
	return MNL_CB_OK;
}

static int family_reply(const struct nlmsghdr *msg, void *arg)
{
	return mnl_attr_parse(msg, sizeof(struct genlmsghdr), family_attr, arg);
}

static void resolve(struct job *job)
{
	struct nlmsghdr *msg = mnl_nlmsg_put_header(job->buf);
	struct genlmsghdr *genl;
	char answer[BUFFER];
	ssize_t got;

	msg->nlmsg_type = GENL_ID_CTRL;
	msg->nlmsg_flags = NLM_F_REQUEST;
	genl = mnl_nlmsg_put_extra_header(msg, sizeof(*genl));
	genl->cmd = CTRL_CMD_GETFAMILY;
	genl->version = 1;
	mnl_attr_put_strz(msg, CTRL_ATTR_FAMILY_NAME, DAMC_GENL_NAME);
	if (mnl_socket_sendto(job->nl, msg, msg->nlmsg_len) < 0)
		fail("load: family");
	got = mnl_socket_recvfrom(job->nl, answer, sizeof(answer));
	if (got < 0 || mnl_cb_run(answer, got, 0, 0, family_reply, &job->family) < 0)
		fail("load: family");
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1e9 + ts.tv_nsec;
}

int main(int argc, char **argv)
{
	static struct job job;
	unsigned int routes;
	double start;
	bool ip6;

	if (argc < 4)
		return 2;
	ip6 = !strcmp(argv[1], "ip6");
	routes = strtoul(argv[2], NULL, 10);
	job.ifindex = if_nametoindex(argv[3]);
	if (!job.ifindex && inet_pton(AF_INET, argv[3], &job.remote) != 1)
		fail(argv[3]);
	job.size = argc > 4 ? strtoul(argv[4], NULL, 10) : 25;
	job.nl = mnl_socket_open(ip6 ? NETLINK_ROUTE : NETLINK_GENERIC);
	if (!job.nl || mnl_socket_bind(job.nl, 0, MNL_SOCKET_AUTOPID) < 0)
		fail("load: socket");
	if (!ip6)
		resolve(&job);
	make_keys(&job, routes, ip6);
	start = now();
	if (!strcmp(argv[1], "libdamc"))
		load_libdamc(&job, routes);
	else if (!strcmp(argv[1], "single"))
		load_single(&job, routes);
	else
		load_packed(&job, routes, ip6);
	printf("%.1f\n", (now() - start) / routes);
	return 0;
}
