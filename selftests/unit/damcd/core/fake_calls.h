/* SPDX-License-Identifier: GPL-2.0 */
/* libdamc's calls, which end when a test says so. */
#ifndef FAKE_CALLS_H
#define FAKE_CALLS_H

#include <stdbool.h>

#define FAKE_CALLS_MAX 1024

/**
 * struct fake_calls - all there were
 * @n: so many
 * @ended: which of them
 * @looks: how often was asked whether one had
 * @none: no more can be made
 */
struct fake_calls {
	unsigned int n;
	bool ended[FAKE_CALLS_MAX];
	unsigned int looks;
	bool none;
};

extern struct fake_calls fake_calls;

#endif /* FAKE_CALLS_H */
