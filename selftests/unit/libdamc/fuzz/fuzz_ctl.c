// SPDX-License-Identifier: GPL-2.0
/* libFuzzer: one netlink message through every decoder of control. */
#include <stdlib.h>
#include <string.h>

#include <linux/genetlink.h>

#include "ctl.h"

static union {
	struct damc_info info;
	struct damc_dev dev;
	struct damc_neigh neigh;
	struct damc_decision decision;
	struct damc_bind bind;
	struct damc_stats stats;
} object;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t len = NLMSG_HDRLEN + size;
	struct nlmsghdr *msg = calloc(1, len);

	if (!msg)
		return 0;
	msg->nlmsg_len = len;
	memcpy((char *)msg + NLMSG_HDRLEN, data, size);
	ctl_info_decode(msg, &object.info);
	ctl_dev_decode(msg, &object.dev);
	ctl_neigh_decode(msg, &object.neigh);
	ctl_decision_decode(msg, &object.decision);
	ctl_bind_decode(msg, &object.bind);
	ctl_stats_decode(msg, &object.stats);
	free(msg);
	return 0;
}
