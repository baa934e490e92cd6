// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Control's transport: one netlink socket to the damc family, one request at
 * a time, its answer read to the end. Owns struct damc_ctl; knows nothing of
 * the objects that travel.
 *
 * libmnl lays out messages and attributes. The socket is not libmnl's, so that
 * tests can put a scripted peer at its other end.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>

#include "ctl.h"

/* Where the answer to a request stands. */
struct answer {
	ctl_handler handler;
	void *arg;
	bool done;
	int result;
};

static uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000ull + ts.tv_nsec / 1000000;
}

static struct nlmsghdr *begin(struct damc_ctl *ctl, void *buffer, uint16_t type,
			      uint8_t cmd, uint8_t version)
{
	struct nlmsghdr *msg = mnl_nlmsg_put_header(buffer);
	struct genlmsghdr *genl;

	msg->nlmsg_type = type;
	msg->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	msg->nlmsg_seq = ++ctl->seq;
	genl = mnl_nlmsg_put_extra_header(msg, sizeof(*genl));
	genl->cmd = cmd;
	genl->version = version;
	return msg;
}

struct nlmsghdr *ctl_begin(struct damc_ctl *ctl, uint8_t cmd)
{
	return ctl_begin_in(ctl, ctl->request, cmd);
}

struct nlmsghdr *ctl_begin_in(struct damc_ctl *ctl, void *buffer, uint8_t cmd)
{
	return begin(ctl, buffer, ctl->family, cmd, DAMC_GENL_VERSION);
}

static int send_request(struct damc_ctl *ctl, const struct nlmsghdr *msg)
{
	ssize_t n;

	do {
		n = send(ctl->fd, msg, msg->nlmsg_len, MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}

static int wait_readable(struct damc_ctl *ctl, uint64_t until)
{
	struct pollfd pfd = { .fd = ctl->fd, .events = POLLIN };
	uint64_t now;
	int n;

	do {
		now = now_ms();
		if (now >= until)
			return -ETIMEDOUT;
		n = poll(&pfd, 1, until - now);
	} while (n == 0 || (n < 0 && errno == EINTR));
	return n < 0 ? -errno : 0;
}

/* Bytes received into ctl->reply; only the kernel's (port 0) count. */
static ssize_t receive(struct damc_ctl *ctl)
{
	uint64_t until = now_ms() + CTL_TIMEOUT_MS;
	struct iovec iov = { ctl->reply, sizeof(ctl->reply) };
	struct sockaddr_nl from;
	ssize_t n;
	int err;

	for (;;) {
		struct msghdr msg = {
			.msg_name = &from, .msg_namelen = sizeof(from),
			.msg_iov = &iov, .msg_iovlen = 1,
		};

		err = wait_readable(ctl, until);
		if (err)
			return err;
		n = recvmsg(ctl->fd, &msg, MSG_DONTWAIT);
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			return -EPIPE;
		if (msg.msg_namelen == sizeof(from) && from.nl_pid)
			continue;
		return msg.msg_flags & MSG_TRUNC ? -EMSGSIZE : n;
	}
}

/* Keep the kernel's words, from the attributes of an error or end of dump. */
static void keep_words(struct damc_ctl *ctl, const char *attrs, size_t len)
{
	const struct nlattr *attr = (const struct nlattr *)attrs;

	while (mnl_attr_ok(attr, len - ((const char *)attr - attrs))) {
		if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_MSG)
			snprintf(ctl->error, sizeof(ctl->error), "%.*s",
				 (int)mnl_attr_get_payload_len(attr),
				 (const char *)mnl_attr_get_payload(attr));
		if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_OFFS &&
		    mnl_attr_get_payload_len(attr) == sizeof(uint32_t))
			ctl->error_offset = mnl_attr_get_u32(attr);
		if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_MISS_TYPE &&
		    !*ctl->error)
			snprintf(ctl->error, sizeof(ctl->error),
				 "a required attribute is missing");
		attr = mnl_attr_next(attr);
	}
}

/* What an error message says: 0 for an acknowledgment. */
static int take_error(struct damc_ctl *ctl, const struct nlmsghdr *msg)
{
	const struct nlmsgerr *error = mnl_nlmsg_get_payload(msg);
	size_t len = mnl_nlmsg_get_payload_len(msg);
	size_t skip = sizeof(*error);

	if (len < sizeof(*error) || error->error > 0)
		return -EBADMSG;
	if (!(msg->nlmsg_flags & NLM_F_CAPPED)) {
		if (error->msg.nlmsg_len < sizeof(error->msg))
			return -EBADMSG;
		skip += NLMSG_ALIGN(error->msg.nlmsg_len) - sizeof(error->msg);
	}
	if (error->error && msg->nlmsg_flags & NLM_F_ACK_TLVS && skip < len)
		keep_words(ctl, (const char *)error + skip, len - skip);
	return error->error;
}

/* The end of a dump carries how it went, where an error message would. */
static int take_done(struct damc_ctl *ctl, const struct nlmsghdr *msg)
{
	const int *error = mnl_nlmsg_get_payload(msg);
	size_t len = mnl_nlmsg_get_payload_len(msg);

	if (!len)
		return 0;
	if (len < sizeof(*error) || *error > 0)
		return -EBADMSG;
	if (*error && msg->nlmsg_flags & NLM_F_ACK_TLVS)
		keep_words(ctl, (const char *)(error + 1),
			   len - sizeof(*error));
	return *error;
}

/* After the handler has failed, the rest of the answer is only read. */
static void take_message(struct damc_ctl *ctl, const struct nlmsghdr *msg,
			 struct answer *answer)
{
	int err = 0;

	switch (msg->nlmsg_type) {
	case NLMSG_NOOP:
		return;
	case NLMSG_ERROR:
		answer->done = true;
		err = take_error(ctl, msg);
		break;
	case NLMSG_DONE:
		answer->done = true;
		err = take_done(ctl, msg);
		break;
	default:
		if (msg->nlmsg_type < NLMSG_MIN_TYPE)
			err = -EBADMSG;
		else if (answer->handler && !answer->result)
			err = answer->handler(msg, answer->arg);
	}
	if (!answer->result)
		answer->result = err;
}

/* A message that answers no request of ours is one of an abandoned answer. */
static int take_datagram(struct damc_ctl *ctl, uint32_t seq, ssize_t len,
			 struct answer *answer)
{
	const struct nlmsghdr *msg = (const void *)ctl->reply;
	int left = len;

	for (; ctl_msg_ok(msg, left); msg = mnl_nlmsg_next(msg, &left)) {
		if (msg->nlmsg_seq == seq && msg->nlmsg_pid == ctl->portid &&
		    !answer->done)
			take_message(ctl, msg, answer);
	}
	return left > 0 ? -EBADMSG : 0;
}

static int ask(struct damc_ctl *ctl, struct nlmsghdr *request,
	       struct answer *answer)
{
	uint32_t seq = request->nlmsg_seq;
	ssize_t n;
	int err;

	err = send_request(ctl, request);
	while (!err && !answer->done) {
		n = receive(ctl);
		if (n < 0)
			return n;
		err = take_datagram(ctl, seq, n, answer);
	}
	return err ? err : answer->result;
}

int ctl_do(struct damc_ctl *ctl, struct nlmsghdr *request, ctl_handler handler,
	   void *arg)
{
	struct answer answer = { .handler = handler, .arg = arg };
	int err;

	/* Another answer would be read over the one whose handler asks. */
	if (ctl->asking)
		return -EBUSY;
	ctl->error[0] = '\0';
	ctl->error_offset = 0;
	ctl->asking = true;
	err = ask(ctl, request, &answer);
	ctl->asking = false;
	return err;
}

int ctl_dump(struct damc_ctl *ctl, uint8_t cmd, ctl_handler handler, void *arg)
{
	struct nlmsghdr *request = ctl_begin(ctl, cmd);

	/* NLM_F_DUMP_INTR is no matter: a damc dump has no gaps. */
	request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	return ctl_do(ctl, request, handler, arg);
}

static int take_family(const struct nlmsghdr *msg, void *arg)
{
	struct damc_ctl *ctl = arg;
	const struct nlattr *attr;

	mnl_attr_for_each(attr, msg, GENL_HDRLEN) {
		if (mnl_attr_get_type(attr) != CTRL_ATTR_FAMILY_ID)
			continue;
		if (mnl_attr_get_payload_len(attr) != sizeof(uint16_t))
			return -EBADMSG;
		ctl->family = mnl_attr_get_u16(attr);
	}
	return 0;
}

int ctl_resolve(struct damc_ctl *ctl)
{
	struct nlmsghdr *msg;
	int err;

	msg = begin(ctl, ctl->request, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 1);
	mnl_attr_put_strz(msg, CTRL_ATTR_FAMILY_NAME, DAMC_GENL_NAME);
	err = ctl_do(ctl, msg, take_family, ctl);
	if (err == -ENOENT)
		return -EAFNOSUPPORT;
	if (!err && ctl->family < NLMSG_MIN_TYPE)
		return -EBADMSG;
	return err;
}

/* The number of the group's name in a family's list of groups; 0: not there. */
static uint32_t group_id(const struct nlattr *groups, const char *name)
{
	const struct nlattr *group, *attr;
	const char *found;
	uint32_t id;

	mnl_attr_for_each_nested(group, groups) {
		found = "";
		id = 0;
		mnl_attr_for_each_nested(attr, group) {
			if (mnl_attr_get_type(attr) == CTRL_ATTR_MCAST_GRP_NAME &&
			    !mnl_attr_validate(attr, MNL_TYPE_NUL_STRING))
				found = mnl_attr_get_str(attr);
			if (mnl_attr_get_type(attr) == CTRL_ATTR_MCAST_GRP_ID &&
			    !mnl_attr_validate(attr, MNL_TYPE_U32))
				id = mnl_attr_get_u32(attr);
		}
		if (!strcmp(found, name))
			return id;
	}
	return 0;
}

struct group_query {
	const char *name;
	uint32_t id;
};

static int take_group(const struct nlmsghdr *msg, void *arg)
{
	struct group_query *query = arg;
	const struct nlattr *attr;

	mnl_attr_for_each(attr, msg, GENL_HDRLEN)
		if (mnl_attr_get_type(attr) == CTRL_ATTR_MCAST_GROUPS)
			query->id = group_id(attr, query->name);
	return 0;
}

int ctl_join(struct damc_ctl *ctl, const char *name)
{
	struct group_query query = { .name = name };
	struct nlmsghdr *msg;
	int err;

	msg = begin(ctl, ctl->request, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 1);
	mnl_attr_put_strz(msg, CTRL_ATTR_FAMILY_NAME, DAMC_GENL_NAME);
	err = ctl_do(ctl, msg, take_group, &query);
	if (err)
		return err;
	if (!query.id)
		return -EOPNOTSUPP;
	return setsockopt(ctl->fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP,
			  &query.id, sizeof(query.id)) ? -errno : 0;
}

struct damc_ctl *ctl_open_fd(int fd, uint16_t family, uint32_t portid)
{
	struct damc_ctl *ctl = calloc(1, sizeof(*ctl));

	if (!ctl)
		return NULL;
	ctl->fd = fd;
	ctl->family = family;
	ctl->portid = portid;
	ctl->seq = now_ms();
	return ctl;
}

/* Ask for the kernel's words, for short errors, and for strict reading. */
static int set_options(int fd)
{
	static const int options[] = {
		NETLINK_EXT_ACK, NETLINK_CAP_ACK, NETLINK_GET_STRICT_CHK
	};
	int one = 1;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(options); i++)
		if (setsockopt(fd, SOL_NETLINK, options[i], &one, sizeof(one)))
			return -errno;
	return 0;
}

static int bind_port(int fd, uint32_t *portid)
{
	struct sockaddr_nl addr = { .nl_family = AF_NETLINK };
	socklen_t len = sizeof(addr);

	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) ||
	    getsockname(fd, (struct sockaddr *)&addr, &len))
		return -errno;
	*portid = addr.nl_pid;
	return 0;
}

static int open_socket(uint32_t *portid)
{
	int fd, err;

	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	if (fd < 0)
		return -errno;
	err = set_options(fd);
	if (!err)
		err = bind_port(fd, portid);
	if (err) {
		close(fd);
		return err;
	}
	return fd;
}

DAMC_PUBLIC
struct damc_ctl *damc_ctl_open(void)
{
	struct damc_ctl *ctl;
	uint32_t portid = 0;
	int fd, err;

	fd = open_socket(&portid);
	if (fd < 0) {
		errno = -fd;
		return NULL;
	}
	ctl = ctl_open_fd(fd, 0, portid);
	if (!ctl) {
		close(fd);
		errno = ENOMEM;
		return NULL;
	}
	err = ctl_resolve(ctl);
	if (err) {
		damc_ctl_close(ctl);
		errno = -err;
		return NULL;
	}
	return ctl;
}

DAMC_PUBLIC
void damc_ctl_close(struct damc_ctl *ctl)
{
	if (!ctl)
		return;
	close(ctl->fd);
	free(ctl);
}

DAMC_PUBLIC
const char *damc_ctl_error(const struct damc_ctl *ctl)
{
	return ctl->error;
}
