// SPDX-License-Identifier: GPL-2.0
/*
 * libFuzzer: one datagram as the kernel's answer to a request: headers, errors,
 * the kernel's words, ends of dumps, and routes within it.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>

#include "ctl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int take(const struct nlmsghdr *msg, void *arg)
{
	struct damc_route route;

	(void)arg;
	return ctl_route_decode_first(msg, &route);
}

/* Messages that answer another request are passed over unread. */
static void address(uint8_t *bytes, size_t size, uint32_t seq)
{
	struct nlmsghdr *msg = (struct nlmsghdr *)bytes;
	int left = size;

	for (; ctl_msg_ok(msg, left); msg = mnl_nlmsg_next(msg, &left)) {
		msg->nlmsg_seq = seq;
		msg->nlmsg_pid = 7;
	}
}

static void answer(struct damc_ctl *ctl, int kernel, const uint8_t *data,
		   size_t size)
{
	struct nlmsghdr *request = ctl_begin(ctl, DAMC_CMD_ROUTE_GET);
	uint8_t *copy = malloc(size + 1);

	memcpy(copy, data, size);
	address(copy, size, request->nlmsg_seq);
	send(kernel, copy, size, MSG_DONTWAIT);
	shutdown(kernel, SHUT_WR);
	ctl_do(ctl, request, take, NULL);
	if (strlen(damc_ctl_error(ctl)) > 4096)
		abort();
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct damc_ctl *ctl;
	int fds[2];

	if (!size || socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds))
		return 0;
	ctl = ctl_open_fd(fds[0], NLMSG_MIN_TYPE, 7);
	if (ctl)
		answer(ctl, fds[1], data, size);
	close(fds[1]);
	damc_ctl_close(ctl);
	return 0;
}
