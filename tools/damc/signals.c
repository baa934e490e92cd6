// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <time.h>

#include "cli.h"
#include "print.h"
#include "signals.h"

#define NS 1000000000LL

static volatile sig_atomic_t stopped;

static void on_signal(int sig)
{
	(void)sig;
	stopped = 1;
}

void cli_signals_begin(struct cli_signals *saved)
{
	struct sigaction action = { .sa_handler = on_signal };
	sigset_t block;

	stopped = 0;
	sigemptyset(&block);
	sigaddset(&block, SIGINT);
	sigaddset(&block, SIGTERM);
	/* Let in by cli_wait() only, so that none is missed before it. */
	sigprocmask(SIG_BLOCK, &block, &saved->mask);
	sigaction(SIGINT, &action, &saved->on_int);
	sigaction(SIGTERM, &action, &saved->on_term);
}

void cli_signals_end(const struct cli_signals *saved)
{
	sigset_t pending;
	const struct timespec now = { 0 };

	/* One that came since is what stopped us, and no more than that. */
	sigemptyset(&pending);
	sigaddset(&pending, SIGINT);
	sigaddset(&pending, SIGTERM);
	while (stopped && sigtimedwait(&pending, NULL, &now) > 0)
		;
	sigaction(SIGINT, &saved->on_int, NULL);
	sigaction(SIGTERM, &saved->on_term, NULL);
	sigprocmask(SIG_SETMASK, &saved->mask, NULL);
}

bool cli_stopped(void)
{
	sigset_t pending;

	/* ppoll() lets none in while there always is something to read. */
	sigpending(&pending);
	if (sigismember(&pending, SIGINT) || sigismember(&pending, SIGTERM))
		stopped = 1;
	return stopped;
}

int cli_wait(const struct cli_signals *saved, int fd, int64_t ns)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };

	return cli_wait_fds(&saved->mask, &pfd, 1, ns);
}

int cli_wait_fds(const sigset_t *mask, struct pollfd *fds, unsigned int n,
		 int64_t ns)
{
	struct timespec ts = { .tv_sec = ns / NS, .tv_nsec = ns % NS };
	sigset_t open = *mask;

	sigdelset(&open, SIGINT);
	sigdelset(&open, SIGTERM);
	return ppoll(fds, n, ns < 0 ? NULL : &ts, &open);
}

int64_t cli_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * NS + ts.tv_nsec;
}

void cli_print_timestamp(void)
{
	struct timespec ts;

	if (!timestamp || is_json_context())
		return;
	clock_gettime(CLOCK_REALTIME, &ts);
	printf("[%lld.%06ld] ", (long long)ts.tv_sec, ts.tv_nsec / 1000);
}
