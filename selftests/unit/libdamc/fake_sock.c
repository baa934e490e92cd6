// SPDX-License-Identifier: GPL-2.0
/*
 * The fake socket: see fake_sock.h. In front of each payload travels the
 * sender's name; the flow label does not.
 */
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "fake_sock.h"
#include "rmi_sock.h"

char fake_dir[64];
unsigned int fake_loss;
unsigned int fake_mtu = 100000;

static struct damc_name self_of[1024];
static _Thread_local uint32_t chance = 12345;

static struct sockaddr_un address(const struct damc_name *name)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int i, n;

	n = snprintf(sun.sun_path, sizeof(sun.sun_path), "%s/", fake_dir);
	for (i = 0; i < name->len && n < (int)sizeof(sun.sun_path) - 3; i++)
		n += sprintf(sun.sun_path + n, "%02x", name->wire[i]);
	return sun;
}

static struct damc_name own_name(void)
{
	static atomic_uint next;
	struct damc_name name = { 0 };
	char component[32];

	damc_name_append(&name, "pod", 3);
	snprintf(component, sizeof(component), "~%u", ++next);
	damc_name_append(&name, component, strlen(component));
	return name;
}

int rmi_sock_open(const struct damc_name *self, uint32_t weight)
{
	struct damc_name name = self ? *self : own_name();
	const struct timeval timeout = { .tv_usec = RMI_SOCK_WAIT_US };
	struct sockaddr_un sun = address(&name);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	(void)weight;
	if (fd < 0)
		return -errno;
	unlink(sun.sun_path);
	if (bind(fd, (struct sockaddr *)&sun, sizeof(sun))) {
		close(fd);
		return -errno;
	}
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
	self_of[fd] = name;
	return fd;
}

int rmi_sock_send(int fd, const struct damc_name *to, uint32_t flow,
		  bool record, const void *buf, size_t len)
{
	struct sockaddr_un sun = address(to);
	struct iovec iov[2] = {
		{ &self_of[fd], sizeof(self_of[fd]) }, { (void *)buf, len },
	};
	struct msghdr msg = {
		.msg_name = &sun, .msg_namelen = sizeof(sun),
		.msg_iov = iov, .msg_iovlen = 2,
	};

	(void)flow;
	(void)record;
	if (len > fake_mtu)
		return -EMSGSIZE;
	chance = chance * 1103515245 + 12345;
	if ((chance >> 16) % 100 < fake_loss)
		return 0;
	if (sendmsg(fd, &msg, MSG_DONTWAIT) >= 0)
		return 0;
	return errno == ENOENT ? -ECONNREFUSED : -errno;
}

int rmi_sock_receive(int fd, struct rmi_sock_packet *packet, void *buf,
		     size_t size, bool wait)
{
	/* One node, which is the sender's. */
	static const uint8_t record[] = { 5, 0, 4, 3, 's', 'g', '1' };
	struct iovec iov[2] = {
		{ &packet->from, sizeof(packet->from) }, { buf, size },
	};
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 2 };
	ssize_t n;

	n = recvmsg(fd, &msg, wait ? 0 : MSG_DONTWAIT);
	if (n < 0)
		return errno == EAGAIN ? 0 : -errno;
	packet->flow = 1;
	packet->len = n - sizeof(packet->from);
	packet->record_len = sizeof(record);
	memcpy(packet->record, record, sizeof(record));
	return 1;
}

int rmi_sock_receive_error(int fd, struct rmi_sock_error *error)
{
	(void)fd;
	(void)error;
	return 0;
}
