/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How long to wait for an answer: RFC 6298's estimate, with bounds for a
 * fabric. All in microseconds.
 */
#ifndef _DAMC_RMI_RTT_H
#define _DAMC_RMI_RTT_H

#include <stdbool.h>
#include <stdint.h>

#define RMI_TIMEOUT_INITIAL 200000
#define RMI_TIMEOUT_MIN 10000
#define RMI_TIMEOUT_MAX 1000000
#define RMI_INTERVAL_MAX 8000000

#define RMI_LOSS_SLACK 5000

/* Transmissions that the time of a call is divided among at its longest. */
#define RMI_INTERVALS 128

struct rmi_rtt {
	bool known;
	uint32_t smooth;
	uint32_t var;
};

/* Take in one measured answer time. */
void rmi_rtt_sample(struct rmi_rtt *rtt, uint64_t us);

/* How long to wait after the first transmission. */
uint32_t rmi_rtt_timeout(const struct rmi_rtt *rtt);

/*
 * How long until a packet is taken to be lost. What is measured for each packet
 * of a flight has little deviation, until a queue grows.
 */
uint32_t rmi_rtt_loss(const struct rmi_rtt *rtt);

/* The longest wait between two transmissions of a call. */
uint64_t rmi_interval_max(uint64_t deadline);

#endif /* _DAMC_RMI_RTT_H */
