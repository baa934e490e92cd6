/* SPDX-License-Identifier: GPL-2.0 */
/* Commands that run until somebody stops them. */
#ifndef DAMC_CLI_SIGNALS_H
#define DAMC_CLI_SIGNALS_H

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

struct cli_signals {
	sigset_t mask;
	struct sigaction on_int;
	struct sigaction on_term;
};

/* From begin to end SIGINT and SIGTERM only set what cli_stopped() tells. */
void cli_signals_begin(struct cli_signals *saved);
void cli_signals_end(const struct cli_signals *saved);
bool cli_stopped(void);

/*
 * Wait until @fd is readable, has an error, or @ns have passed (negative: no
 * end); a signal ends it, even one that came just before.
 */
int cli_wait(const struct cli_signals *saved, int fd, int64_t ns);

/* The same of several, as ppoll() tells it; @mask is cli_signals' own. */
int cli_wait_fds(const sigset_t *mask, struct pollfd *fds, unsigned int n,
		 int64_t ns);

/* Nanoseconds of a clock that nobody sets. */
int64_t cli_now(void);

/* "[seconds.microseconds] " of the day, where -t was given. */
void cli_print_timestamp(void);

#endif /* DAMC_CLI_SIGNALS_H */
