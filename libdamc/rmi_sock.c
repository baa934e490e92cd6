// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * RMI's packets on a socket of the family: addresses, records of the path,
 * refusals from the error queue.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

#include "internal.h"
#include "rmi_sock.h"

/* Not in the system's headers without _GNU_SOURCE. */
#ifndef MSG_ERRQUEUE
#define MSG_ERRQUEUE 0x2000
#endif

/* A room of its own for each control message that can come with a packet. */
union control {
	struct cmsghdr align;
	char buf[CMSG_SPACE(DAMC_RECORD_MAX) + CMSG_SPACE(sizeof(int)) +
		 CMSG_SPACE(sizeof(struct damc_sock_err))];
};

static int set_up(int fd, const struct damc_name *self, int weight)
{
	struct sockaddr_damc sa;
	socklen_t len;
	const struct timeval wait = { .tv_usec = RMI_SOCK_WAIT_US };
	int one = 1;

	if (setsockopt(fd, SOL_DAMC, DAMC_RECVERR, &one, sizeof(one)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)))
		return -errno;
	if (!self)
		return 0;
	if (weight && setsockopt(fd, SOL_DAMC, DAMC_MEMBER, &weight,
				 sizeof(weight)))
		return -errno;
	len = damc_sockaddr(&sa, self);
	return bind(fd, (struct sockaddr *)&sa, len) ? -errno : 0;
}

int rmi_sock_open(const struct damc_name *self, uint32_t weight)
{
	int fd, err;

	fd = damc_socket(DAMC_PROTO_MESSAGE);
	if (fd < 0)
		return fd;
	err = set_up(fd, self, weight);
	if (err) {
		close(fd);
		return err;
	}
	return fd;
}

static void ask_for_record(struct msghdr *msg, union control *control)
{
	int room = DAMC_RECORD_MAX;
	struct cmsghdr *cmsg;

	memset(control, 0, sizeof(*control));
	msg->msg_control = control;
	msg->msg_controllen = CMSG_SPACE(sizeof(room));
	cmsg = CMSG_FIRSTHDR(msg);
	cmsg->cmsg_level = SOL_DAMC;
	cmsg->cmsg_type = DAMC_RECORD;
	cmsg->cmsg_len = CMSG_LEN(sizeof(room));
	memcpy(CMSG_DATA(cmsg), &room, sizeof(room));
}

/* Without control messages sendto() does: the kernel has less to read. */
static ssize_t send_bytes(int fd, const struct msghdr *msg)
{
	int flags = MSG_DONTWAIT | MSG_NOSIGNAL;

	if (msg->msg_controllen)
		return sendmsg(fd, msg, flags);
	return sendto(fd, msg->msg_iov->iov_base, msg->msg_iov->iov_len, flags,
		      msg->msg_name, msg->msg_namelen);
}

static int send_once(int fd, const struct msghdr *msg)
{
	ssize_t n;

	do {
		n = send_bytes(fd, msg);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}

/*
 * What a former packet met can be this call's error. Asking twice tells it
 * from what this one meets.
 */
int rmi_sock_send(int fd, const struct damc_name *to, uint32_t flow,
		  bool record, const void *buf, size_t len)
{
	struct iovec iov = { (void *)buf, len };
	struct sockaddr_damc sa;
	union control control;
	struct msghdr msg = {
		.msg_name = &sa, .msg_iov = &iov, .msg_iovlen = 1,
	};
	int err;

	msg.msg_namelen = damc_sockaddr(&sa, to);
	sa.sdamc_flow = flow;
	if (record)
		ask_for_record(&msg, &control);
	err = send_once(fd, &msg);
	if (err && err != -EAGAIN && err != -ENOBUFS && err != -ENOMEM)
		err = send_once(fd, &msg);
	return err;
}

/* The payload of a control message of ours, or NULL. */
static const void *find_control(struct msghdr *msg, int type, size_t *len)
{
	struct cmsghdr *cmsg;

	for (cmsg = CMSG_FIRSTHDR(msg); cmsg; cmsg = CMSG_NXTHDR(msg, cmsg)) {
		if (cmsg->cmsg_level != SOL_DAMC || cmsg->cmsg_type != type ||
		    cmsg->cmsg_len < CMSG_LEN(0))
			continue;
		*len = cmsg->cmsg_len - CMSG_LEN(0);
		return CMSG_DATA(cmsg);
	}
	return NULL;
}

static ssize_t receive(int fd, struct msghdr *msg, int flags)
{
	ssize_t n;

	do {
		n = recvmsg(fd, msg, flags);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

int rmi_sock_receive(int fd, struct rmi_sock_packet *packet, void *buf,
		     size_t size, bool wait)
{
	struct iovec iov = { buf, size };
	struct sockaddr_damc sa;
	union control control;
	struct msghdr msg = {
		.msg_name = &sa, .msg_namelen = sizeof(sa),
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	const void *record;
	ssize_t n;

	packet->len = 0;
	packet->record_len = 0;
	n = receive(fd, &msg, wait ? 0 : MSG_DONTWAIT);
	if (n < 0)
		return n == -EAGAIN ? 0 : n;
	/* Whatever can't be used is a packet without contents. */
	if (msg.msg_flags & MSG_TRUNC ||
	    damc_sockaddr_name(&packet->from, &sa, msg.msg_namelen)) {
		packet->from.len = 0;
		return 1;
	}
	packet->flow = sa.sdamc_flow;
	packet->len = n;
	record = find_control(&msg, DAMC_RECORD, &packet->record_len);
	if (!record || packet->record_len > sizeof(packet->record))
		packet->record_len = 0;
	else
		memcpy(packet->record, record, packet->record_len);
	return 1;
}

int rmi_sock_receive_error(int fd, struct rmi_sock_error *error)
{
	struct iovec iov = { error->quote, sizeof(error->quote) };
	struct sockaddr_damc sa;
	struct damc_sock_err sock_err;
	union control control;
	struct msghdr msg = {
		.msg_name = &sa, .msg_namelen = sizeof(sa),
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	const void *found;
	size_t len;
	ssize_t n;

	memset(error, 0, offsetof(struct rmi_sock_error, quote));
	n = receive(fd, &msg, MSG_DONTWAIT | MSG_ERRQUEUE);
	if (n < 0)
		return n == -EAGAIN ? 0 : n;
	found = find_control(&msg, DAMC_RECVERR, &len);
	if (!found || len < sizeof(sock_err))
		return 1;
	memcpy(&sock_err, found, sizeof(sock_err));
	damc_sockaddr_name(&error->to, &sa, msg.msg_namelen);
	damc_sockaddr_name(&error->offender, &sock_err.offender,
			   sizeof(sock_err.offender));
	error->code = sock_err.code;
	error->info = sock_err.info;
	error->flow = sa.sdamc_flow;
	error->len = n;
	return 1;
}
