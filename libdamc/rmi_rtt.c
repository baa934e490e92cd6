// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * How long to wait for an answer: smoothed time and mean deviation. An answer
 * names the transmission that it answers, so retransmitted calls count, too.
 */
#include "rmi_rtt.h"

/* An answer later than this says nothing about the way. */
#define SAMPLE_MAX 60000000u

void rmi_rtt_sample(struct rmi_rtt *rtt, uint64_t us)
{
	uint32_t sample = us < SAMPLE_MAX ? us : SAMPLE_MAX;
	uint32_t error;

	if (!rtt->known) {
		rtt->known = true;
		rtt->smooth = sample;
		rtt->var = sample / 2;
		return;
	}
	error = sample > rtt->smooth ? sample - rtt->smooth :
				       rtt->smooth - sample;
	rtt->var = rtt->var - rtt->var / 4 + error / 4;
	rtt->smooth = rtt->smooth - rtt->smooth / 8 + sample / 8;
}

uint32_t rmi_rtt_timeout(const struct rmi_rtt *rtt)
{
	uint32_t timeout;

	if (!rtt->known)
		return RMI_TIMEOUT_INITIAL;
	timeout = rtt->smooth + 4 * rtt->var;
	if (timeout < RMI_TIMEOUT_MIN)
		return RMI_TIMEOUT_MIN;
	return timeout < RMI_TIMEOUT_MAX ? timeout : RMI_TIMEOUT_MAX;
}

uint32_t rmi_rtt_loss(const struct rmi_rtt *rtt)
{
	return rmi_rtt_timeout(rtt) + rtt->smooth / 2 + RMI_LOSS_SLACK;
}

/*
 * Doubling without end would leave a long call over a bad path with a dozen
 * tries. A share of the call's time keeps their number bounded, too.
 */
uint64_t rmi_interval_max(uint64_t deadline)
{
	uint64_t share = deadline / RMI_INTERVALS;

	return share < RMI_INTERVAL_MAX ? share : RMI_INTERVAL_MAX;
}
