// SPDX-License-Identifier: GPL-2.0
/* See testlib.h. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/wait.h>
#include <linux/genetlink.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>

#include "testlib.h"

uint64_t dt_seed(void)
{
	const char *given = getenv("DAMC_SEED");
	struct timespec now;

	if (given)
		return strtoull(given, NULL, 0);
	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec << 20 ^ now.tv_nsec;
}

/* splitmix64 */
uint32_t dt_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z >> 32;
}

bool dt_checked(void)
{
	const char *kernel = getenv("DAMC_KERNEL");

	return kernel && !strcmp(kernel, "debug");
}

int dt_run(const char *format, ...)
{
	char command[2048];
	va_list args;

	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	return system(command);
}

/*
 * A program that reads lines, without a shell between: under emulation and with every check of the
 * kernel's, starting a program is most of what a test takes.
 */
static int feed(char *const argv[], const char *lines, bool quiet)
{
	posix_spawn_file_actions_t files;
	int pipe[2], status = -1, bad;
	size_t len = strlen(lines);
	pid_t pid;

	if (pipe2(pipe, O_CLOEXEC))
		return -1;
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, pipe[0], STDIN_FILENO);
	posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null",
					 O_WRONLY, 0);
	if (quiet)
		posix_spawn_file_actions_adddup2(&files, STDOUT_FILENO,
						 STDERR_FILENO);
	bad = posix_spawnp(&pid, argv[0], &files, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&files);
	close(pipe[0]);
	if (!bad && write(pipe[1], lines, len) != (ssize_t)len)
		bad = -1;
	close(pipe[1]);
	if (!bad && waitpid(pid, &status, 0) == pid)
		bad = status;
	return bad;
}

int dt_damc(const char *commands)
{
	char *const argv[] = { "damc", "-b", "-", NULL };

	return feed(argv, commands, false);
}

int dt_damc_refused(const char *commands)
{
	char *const argv[] = { "damc", "-b", "-", NULL };
	int status = feed(argv, commands, true);

	return status == -1 || !WIFEXITED(status) || !WEXITSTATUS(status);
}

int dt_ip(const char *format, ...)
{
	char *const argv[] = { "ip", "-b", "-", NULL };
	char commands[2048];
	va_list args;

	va_start(args, format);
	vsnprintf(commands, sizeof(commands), format, args);
	va_end(args);
	return feed(argv, commands, false);
}

uint8_t dt_wire(const char *text, uint8_t *wire)
{
	size_t at = 0, len;

	while (*text == '/' && text[1]) {
		len = strcspn(++text, "/");
		wire[at] = len;
		memcpy(wire + at + 1, text, len);
		at += len + 1;
		text += len;
	}
	return at;
}

socklen_t dt_addr(struct sockaddr_damc *sa, const char *text, uint32_t flow)
{
	memset(sa, 0, sizeof(*sa));
	sa->sdamc_family = AF_DAMC_DEFAULT;
	sa->sdamc_flow = flow;
	sa->sdamc_nlen = dt_wire(text, sa->sdamc_name);
	return DAMC_SOCKADDR_MIN + sa->sdamc_nlen;
}

bool dt_addr_is(const struct sockaddr_damc *sa, const char *text)
{
	struct sockaddr_damc want;

	dt_addr(&want, text, 0);
	return sa->sdamc_family == want.sdamc_family &&
	       sa->sdamc_nlen == want.sdamc_nlen &&
	       !memcmp(sa->sdamc_name, want.sdamc_name, want.sdamc_nlen);
}

int dt_bound(int protocol, const char *text)
{
	int fd = socket(AF_DAMC_DEFAULT, SOCK_DGRAM, protocol);
	struct sockaddr_damc sa;
	socklen_t len = dt_addr(&sa, text, 0);

	if (fd >= 0 && bind(fd, (void *)&sa, len)) {
		close(fd);
		return -1;
	}
	return fd;
}

ssize_t dt_send(int fd, const char *to, const void *data, size_t len)
{
	struct sockaddr_damc sa;
	socklen_t sa_len = dt_addr(&sa, to, 0);

	return sendto(fd, data, len, 0, (void *)&sa, sa_len);
}

ssize_t dt_recv(int fd, void *data, size_t len, struct sockaddr_damc *from)
{
	struct sockaddr_damc sa;
	socklen_t sa_len = sizeof(sa);

	if (!dt_readable(fd, 3000)) {
		errno = ETIMEDOUT;
		return -1;
	}
	return recvfrom(fd, data, len, MSG_DONTWAIT, (void *)(from ?: &sa),
			&sa_len);
}

bool dt_readable(int fd, int ms)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };

	return poll(&poll_fd, 1, ms) == 1 && poll_fd.revents & POLLIN;
}

size_t dt_packet_write(uint8_t *to, const struct dt_packet *packet)
{
	struct damc_hdr *hdr = (void *)to;
	size_t at = sizeof(*hdr);

	memset(to, 0, DAMC_NAME_MAX * 2 + sizeof(*hdr) + 4 + packet->tlvs_len);
	hdr->version = DAMC_VERSION << 4;
	hdr->flags = packet->flags;
	hdr->hop_limit = packet->hop_limit ?: 64;
	hdr->traffic_class = packet->class;
	hdr->next_proto = packet->proto ?: DAMC_PROTO_MESSAGE;
	hdr->payload_len = htons(packet->payload_len);
	hdr->flow = htonl(packet->flow);
	hdr->path = htonl(packet->path);
	hdr->dst_len = dt_wire(packet->dst, to + at);
	at += hdr->dst_len;
	hdr->src_len = dt_wire(packet->src, to + at);
	at += hdr->src_len;
	if (packet->tlvs_len)
		memcpy(to + at, packet->tlvs, packet->tlvs_len);
	at = (at + packet->tlvs_len + 3) & ~(size_t)3;
	hdr->header_len = at / 4;
	if (packet->payload_len)
		memcpy(to + at, packet->payload, packet->payload_len);
	return at + packet->payload_len;
}

bool dt_packet_name(const uint8_t *packet, int which, const char *text)
{
	const struct damc_hdr *hdr = (const void *)packet;
	const uint8_t *name = packet + sizeof(*hdr);
	uint8_t wire[DAMC_NAME_MAX], len = dt_wire(text, wire);

	if (which)
		name += hdr->dst_len;
	return len == (which ? hdr->src_len : hdr->dst_len) &&
	       !memcmp(name, wire, len);
}

int dt_frames_open(const char *dev)
{
	struct sockaddr_ll ll = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(DAMC_ETHERTYPE_DEFAULT),
		.sll_ifindex = if_nametoindex(dev),
	};
	int fd = socket(AF_PACKET, SOCK_DGRAM, htons(DAMC_ETHERTYPE_DEFAULT));

	if (fd >= 0 && bind(fd, (void *)&ll, sizeof(ll))) {
		close(fd);
		return -1;
	}
	return fd;
}

int dt_frame_send(int fd, const void *packet, size_t len)
{
	return dt_frame_send_to(fd, "\003DAMC\0", packet, len);
}

int dt_frame_send_to(int fd, const void *lladdr, const void *packet, size_t len)
{
	struct sockaddr_ll ll;
	socklen_t ll_len = sizeof(ll);

	if (getsockname(fd, (void *)&ll, &ll_len))
		return -1;
	ll.sll_halen = ETH_ALEN;
	memcpy(ll.sll_addr, lladdr, ETH_ALEN);
	return sendto(fd, packet, len, 0, (void *)&ll, sizeof(ll)) == (ssize_t)len ?
	       0 : -1;
}

ssize_t dt_frame_recv(int fd, void *packet, size_t len, int ms)
{
	struct sockaddr_ll ll;
	socklen_t ll_len;
	ssize_t got;

	while (dt_readable(fd, ms)) {
		ll_len = sizeof(ll);
		got = recvfrom(fd, packet, len, MSG_DONTWAIT, (void *)&ll,
			       &ll_len);
		if (got >= 0 && ll.sll_pkttype != PACKET_OUTGOING)
			return got;
	}
	return -1;
}

static int dt_nl_family(struct dt_nl *nl)
{
	const struct nlattr *id;
	struct dt_msg msg, reply;
	int err;

	nl->family = GENL_ID_CTRL;
	dt_msg_init(nl, &msg, CTRL_CMD_GETFAMILY, 0);
	dt_put(&msg, CTRL_ATTR_FAMILY_NAME, DAMC_GENL_NAME,
	       sizeof(DAMC_GENL_NAME));
	err = dt_talk(nl, &msg, &reply);
	if (err)
		return err;
	id = dt_reply_find(&reply, CTRL_ATTR_FAMILY_ID);
	if (!id)
		return -ENOENT;
	memcpy(&nl->family, id + 1, sizeof(nl->family));
	return 0;
}

int dt_nl_open(struct dt_nl *nl)
{
	int one = 1;

	memset(nl, 0, sizeof(*nl));
	nl->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	if (nl->fd < 0)
		return -errno;
	setsockopt(nl->fd, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one));
	setsockopt(nl->fd, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof(one));
	setsockopt(nl->fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &one,
		   sizeof(one));
	return dt_nl_family(nl);
}

void dt_msg_init(const struct dt_nl *nl, struct dt_msg *msg, uint8_t cmd,
		 uint16_t flags)
{
	struct genlmsghdr *genl = NLMSG_DATA(&msg->nlh);

	memset(msg, 0, NLMSG_HDRLEN + GENL_HDRLEN);
	msg->nlh.nlmsg_len = NLMSG_HDRLEN + GENL_HDRLEN;
	msg->nlh.nlmsg_type = nl->family;
	msg->nlh.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	genl->cmd = cmd;
	genl->version = 1;
}

void dt_put(struct dt_msg *msg, uint16_t type, const void *data, size_t len)
{
	struct nlattr *attr = (void *)((char *)msg +
				       NLMSG_ALIGN(msg->nlh.nlmsg_len));

	attr->nla_type = type;
	attr->nla_len = NLA_HDRLEN + len;
	memset((char *)attr + NLA_HDRLEN, 0, NLA_ALIGN(len));
	if (len)
		memcpy((char *)attr + NLA_HDRLEN, data, len);
	msg->nlh.nlmsg_len = NLMSG_ALIGN(msg->nlh.nlmsg_len) +
			     NLA_ALIGN(attr->nla_len);
}

void dt_put_u32(struct dt_msg *msg, uint16_t type, uint32_t value)
{
	dt_put(msg, type, &value, sizeof(value));
}

void dt_put_name(struct dt_msg *msg, uint16_t type, const char *text)
{
	uint8_t wire[DAMC_NAME_MAX];

	dt_put(msg, type, wire, dt_wire(text, wire));
}

struct nlattr *dt_nest(struct dt_msg *msg, uint16_t type)
{
	struct nlattr *nest = (void *)((char *)msg +
				       NLMSG_ALIGN(msg->nlh.nlmsg_len));

	dt_put(msg, type | NLA_F_NESTED, NULL, 0);
	return nest;
}

void dt_nest_end(struct dt_msg *msg, struct nlattr *nest)
{
	nest->nla_len = (char *)msg + msg->nlh.nlmsg_len - (char *)nest;
}

static void dt_ack_message(struct dt_nl *nl, const struct nlmsghdr *nlh,
			   size_t at)
{
	const struct nlattr *text, *offset;

	at = NLMSG_ALIGN(at);
	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS) || at >= nlh->nlmsg_len)
		return;
	offset = dt_find((const char *)nlh + at, nlh->nlmsg_len - at,
			 NLMSGERR_ATTR_OFFS);
	nl->offset = offset ? dt_uint(offset) : 0;
	text = dt_find((const char *)nlh + at, nlh->nlmsg_len - at,
		       NLMSGERR_ATTR_MSG);
	if (!text)
		return;
	nl->has_message = true;
	snprintf(nl->message, sizeof(nl->message), "%s", (const char *)(text + 1));
}

/* The error of an answer without data, or of the end of a dump. */
static int dt_ack(struct dt_nl *nl, const struct nlmsghdr *nlh)
{
	const struct nlmsgerr *ack = NLMSG_DATA(nlh);
	size_t at = NLMSG_HDRLEN + sizeof(*ack);

	if (nlh->nlmsg_type == NLMSG_DONE)
		at = NLMSG_HDRLEN + sizeof(ack->error);
	else if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
		at += ack->msg.nlmsg_len - sizeof(ack->msg);
	dt_ack_message(nl, nlh, at);
	return ack->error;
}

/* One datagram of answers; 1 if the end is not among them. */
static int dt_answers(struct dt_nl *nl, char *buf, ssize_t len,
		      void (*each)(const struct nlmsghdr *nlh, void *arg),
		      void *arg)
{
	struct nlmsghdr *nlh = (void *)buf;

	for (; NLMSG_OK(nlh, len); nlh = NLMSG_NEXT(nlh, len)) {
		if (nlh->nlmsg_seq != nl->seq)
			continue;
		if (nlh->nlmsg_type == NLMSG_ERROR ||
		    nlh->nlmsg_type == NLMSG_DONE)
			return dt_ack(nl, nlh);
		if (each)
			each(nlh, arg);
	}
	return 1;
}

int dt_each(struct dt_nl *nl, struct dt_msg *msg,
	    void (*each)(const struct nlmsghdr *nlh, void *arg), void *arg)
{
	static _Thread_local char buf[65536];
	ssize_t len;
	int err;

	msg->nlh.nlmsg_seq = ++nl->seq;
	nl->has_message = false;
	nl->message[0] = 0;
	nl->offset = 0;
	if (send(nl->fd, msg, msg->nlh.nlmsg_len, 0) < 0)
		return -errno;
	do {
		if (!dt_readable(nl->fd, 5000))
			return -ETIMEDOUT;
		len = recv(nl->fd, buf, sizeof(buf), MSG_DONTWAIT);
		if (len < 0)
			return -errno;
		err = dt_answers(nl, buf, len, each, arg);
	} while (err == 1);
	return err;
}

static void dt_keep(const struct nlmsghdr *nlh, void *arg)
{
	if (nlh->nlmsg_len <= sizeof(struct dt_msg))
		memcpy(arg, nlh, nlh->nlmsg_len);
}

int dt_talk(struct dt_nl *nl, struct dt_msg *msg, struct dt_msg *reply)
{
	if (reply)
		memset(reply, 0, NLMSG_HDRLEN + GENL_HDRLEN);
	return dt_each(nl, msg, reply ? dt_keep : NULL, reply);
}

const struct nlattr *dt_next(const struct nlattr *nest,
			     const struct nlattr *attr)
{
	const char *at = attr ? (const char *)attr + NLA_ALIGN(attr->nla_len) :
				(const char *)(nest + 1);
	const char *end = (const char *)nest + nest->nla_len;

	attr = (const void *)at;
	return at + NLA_HDRLEN <= end && attr->nla_len >= NLA_HDRLEN &&
	       at + attr->nla_len <= end ? attr : NULL;
}

uint64_t dt_uint(const struct nlattr *attr)
{
	uint64_t value = 0;
	size_t len = attr->nla_len - NLA_HDRLEN;

	/* Little end first, as on any machine this runs on. */
	memcpy(&value, attr + 1, len < sizeof(value) ? len : sizeof(value));
	return value;
}

static uint32_t dt_group(const struct dt_msg *family, const char *name)
{
	const struct nlattr *groups, *group = NULL, *attr;

	groups = dt_reply_find(family, CTRL_ATTR_MCAST_GROUPS);
	while (groups && (group = dt_next(groups, group))) {
		attr = dt_find(group + 1, group->nla_len - NLA_HDRLEN,
			       CTRL_ATTR_MCAST_GRP_NAME);
		if (!attr || strcmp((const char *)(attr + 1), name))
			continue;
		attr = dt_find(group + 1, group->nla_len - NLA_HDRLEN,
			       CTRL_ATTR_MCAST_GRP_ID);
		return attr ? dt_uint(attr) : 0;
	}
	return 0;
}

int dt_join(struct dt_nl *nl, const char *group)
{
	struct dt_msg msg, reply;
	uint32_t id;
	int err;

	dt_msg_init(nl, &msg, CTRL_CMD_GETFAMILY, 0);
	msg.nlh.nlmsg_type = GENL_ID_CTRL;
	dt_put(&msg, CTRL_ATTR_FAMILY_NAME, DAMC_GENL_NAME,
	       sizeof(DAMC_GENL_NAME));
	err = dt_talk(nl, &msg, &reply);
	if (err)
		return err;
	id = dt_group(&reply, group);
	if (!id)
		return -ENOENT;
	return setsockopt(nl->fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &id,
			  sizeof(id)) ? -errno : 0;
}

const struct nlattr *dt_find(const void *attrs, size_t len, uint16_t type)
{
	const char *at = attrs;
	const struct nlattr *attr;

	while (len >= NLA_HDRLEN) {
		attr = (const void *)at;
		if (attr->nla_len < NLA_HDRLEN || attr->nla_len > len)
			break;
		if ((attr->nla_type & NLA_TYPE_MASK) == type)
			return attr;
		if (NLA_ALIGN(attr->nla_len) >= len)
			break;
		len -= NLA_ALIGN(attr->nla_len);
		at += NLA_ALIGN(attr->nla_len);
	}
	return NULL;
}

const struct nlattr *dt_reply_find(const struct dt_msg *reply, uint16_t type)
{
	if (reply->nlh.nlmsg_len < NLMSG_HDRLEN + GENL_HDRLEN)
		return NULL;
	return dt_find(reply->rest + GENL_HDRLEN,
		       reply->nlh.nlmsg_len - NLMSG_HDRLEN - GENL_HDRLEN, type);
}

int dt_stats(struct dt_nl *nl, uint64_t stats[DAMC_A_STATS_MAX + 1])
{
	const struct nlattr *nest, *attr;
	struct dt_msg msg, reply;
	int err, i;

	dt_msg_init(nl, &msg, DAMC_CMD_STATS_GET, 0);
	err = dt_talk(nl, &msg, &reply);
	if (err)
		return err;
	nest = dt_reply_find(&reply, DAMC_A_STATS);
	if (!nest)
		return -ENOENT;
	for (i = DAMC_A_STATS_PAD + 1; i <= DAMC_A_STATS_MAX; i++) {
		attr = dt_find(nest + 1, nest->nla_len - NLA_HDRLEN, i);
		if (!attr)
			return -ENOENT;
		memcpy(&stats[i], attr + 1, sizeof(stats[i]));
	}
	return 0;
}

/* Of those from DAMC_A_STATS_DROP_NOT_FOR_US up. */
static bool dt_stats_is_drop(int counter)
{
	return counter != DAMC_A_STATS_EDGE_MASKED &&
	       counter != DAMC_A_STATS_POOL_PICKS &&
	       counter != DAMC_A_STATS_PINS_MADE;
}

int64_t dt_stats_balance(const uint64_t stats[DAMC_A_STATS_MAX + 1])
{
	int64_t in = stats[DAMC_A_STATS_RX_PACKETS] +
		     stats[DAMC_A_STATS_ORIGINATED] +
		     stats[DAMC_A_STATS_REASSEMBLED] +
		     stats[DAMC_A_STATS_ERRORS_SENT];
	int64_t out = stats[DAMC_A_STATS_TX_PACKETS] +
		      stats[DAMC_A_STATS_DELIVERED] +
		      stats[DAMC_A_STATS_ERRORS_RECEIVED] +
		      stats[DAMC_A_STATS_FRAGMENTS_JOINED];
	int i;

	for (i = DAMC_A_STATS_DROP_NOT_FOR_US; i <= DAMC_A_STATS_MAX; i++)
		if (dt_stats_is_drop(i))
			out += stats[i];
	return in - out;
}

int dt_netns_new(void)
{
	if (unshare(CLONE_NEWNET))
		return -1;
	return open("/proc/self/ns/net", O_RDONLY);
}

int dt_netns_enter(int fd)
{
	return setns(fd, CLONE_NEWNET);
}

static int dt_node_links(const struct dt_node *node)
{
	return dt_ip("link add v0 mtu 9000 type veth peer name v1 mtu 9000 netns %s%d\n"
		     "link add w0 mtu 1500 type veth peer name w1 mtu 1500 netns %s%d\n"
		     "link set v0 up\nlink set w0 up\n",
		     DT_FD, node->outside, DT_FD, node->outside) ||
	       dt_netns_enter(node->outside) ||
	       dt_ip("link set v1 up\nlink set w1 up\n") ||
	       dt_netns_enter(node->net);
}

static int dt_node_config(const char *mode)
{
	char commands[512];

	snprintf(commands, sizeof(commands),
		 "info set name /damc/node/g\ndev set v0 %s\ndev set w0 up\n"
		 "route add /far dev w0\n%s\n",
		 mode, strcmp(mode, "edge") ? "route add /p dev v0" :
					      "bind add /p dev v0");
	return dt_damc(commands);
}

int dt_node_open(struct dt_node *node, const char *mode)
{
	node->outside = dt_netns_new();
	node->net = dt_netns_new();
	if (node->outside < 0 || node->net < 0)
		return 1;
	if (dt_node_links(node))
		return 2;
	if (dt_node_config(mode))
		return 3;
	if (dt_netns_enter(node->outside))
		return 4;
	node->v = dt_frames_open("v1");
	node->w = dt_frames_open("w1");
	if (node->v < 0 || node->w < 0 || dt_netns_enter(node->net))
		return 5;
	return dt_nl_open(&node->nl) || dt_node_mark(node) ? 6 : 0;
}

int dt_node_mark(struct dt_node *node)
{
	return dt_stats(&node->nl, node->before);
}

int64_t dt_node_grew(struct dt_node *node, int counter)
{
	int still = 0, enough = getenv("KSFT_MACHINE_SLOW") ? 20 : 1;
	uint64_t rx;

	/* A frame may be handled a little later, by a thread that must run. */
	do {
		rx = node->after[DAMC_A_STATS_RX_PACKETS];
		usleep(1000);
		if (dt_stats(&node->nl, node->after))
			return -1;
		still = rx == node->after[DAMC_A_STATS_RX_PACKETS] ?
			still + 1 : 0;
	} while (still < enough);
	return node->after[counter] - node->before[counter];
}
