// SPDX-License-Identifier: GPL-2.0
/* libFuzzer: one netlink message through every decoder of control, and the monitor's. */
#include <stdlib.h>
#include <string.h>

#include <linux/genetlink.h>

#include "ctl.h"
#include "decode_all.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Names are whole, and next hops no more than there is room for. */
static int take_event(const struct damc_event *event, void *arg)
{
	char text[DAMC_NAME_TEXT_MAX];

	(void)arg;
	if (event->object != DAMC_OBJECT_ROUTE)
		return 0;
	if (event->route.n_nexthops > DAMC_NEXTHOPS_MAX ||
	    damc_name_format(&event->route.name, text, sizeof(text)) < 1)
		abort();
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t len = NLMSG_HDRLEN + size;
	struct nlmsghdr *msg = calloc(1, len);

	if (!msg)
		return 0;
	msg->nlmsg_len = len;
	memcpy((char *)msg + NLMSG_HDRLEN, data, size);
	decode_all(msg);
	/* Its first byte is the command. */
	ctl_event(msg, take_event, NULL);
	free(msg);
	return 0;
}
