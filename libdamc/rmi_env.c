// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * RMI's clock and random numbers, and the words for how a call ended.
 */
#include <errno.h>
#include <sys/random.h>
#include <time.h>

#include "internal.h"
#include "rmi_sock.h"

uint64_t rmi_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000ull + ts.tv_nsec / 1000;
}

int rmi_random(uint64_t *value)
{
	do {
		if (getrandom(value, sizeof(*value), 0) != sizeof(*value))
			return errno == EINTR ? -EAGAIN : -errno;
	} while (!*value);
	return 0;
}

static const char *const words[] = {
	[DAMC_RMI_OK] = "done",
	[DAMC_RMI_APPLICATION] = "the service failed",
	[DAMC_RMI_NO_METHOD] = "the service has no such method",
	[DAMC_RMI_REFUSED] =
		"the service refused the call; it was not executed",
	[DAMC_RMI_TOO_BIG] = "the request is too big; it was not executed",
	[DAMC_RMI_DEADLINE] =
		"no answer in time; it may or may not have been executed",
	[DAMC_RMI_OUTCOME_UNKNOWN] =
		"the service may have executed the call and can't tell any more",
	[DAMC_RMI_UNREACHABLE] =
		"the service can't be reached; the call was not executed",
	[DAMC_RMI_PROTOCOL] = "the service answered against the protocol",
	[DAMC_RMI_REPLY_TOO_BIG] =
		"the call was executed, but its answer is too big",
};

DAMC_PUBLIC
const char *damc_rmi_strerror(enum damc_rmi_status status)
{
	if ((unsigned int)status >= ARRAY_SIZE(words))
		return "an unknown status";
	return words[status];
}
