/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Signatures that are counted as they are made and verified, whoever does it.
 * What a core's crypto is given has no argument of its own, so the counters, and
 * who really signs, are the process's.
 */
#ifndef SIM_COUNTED_H
#define SIM_COUNTED_H

#include "crypto.h"

struct counted {
	uint64_t signed_;
	uint64_t verified;
};

/* What counts, and has @real do it, until it is called with another. */
const struct dc_crypto *counted_by(const struct dc_crypto *real);

/* Since the process began; what matters is the difference. */
struct counted counted_so_far(void);

#endif /* SIM_COUNTED_H */
