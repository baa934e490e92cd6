// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exec.h"
#include "signals.h"

/* Ends of the pipes, the parent's; -1 once closed. */
struct run {
	const struct exec_job *job;
	struct exec_result *result;
	pid_t pid;
	int pidfd;
	int in;
	int out;
	int err;
	size_t written;
	bool exited;
};

struct pipes {
	int in[2];
	int out[2];
	int err[2];
};

static void close_end(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void close_pipes(struct pipes *pipes)
{
	int i;

	for (i = 0; i < 2; i++) {
		close_end(&pipes->in[i]);
		close_end(&pipes->out[i]);
		close_end(&pipes->err[i]);
	}
}

static int open_pipes(struct pipes *pipes)
{
	int err;

	memset(pipes, 0xff, sizeof(*pipes));
	if (!pipe2(pipes->in, O_CLOEXEC) && !pipe2(pipes->out, O_CLOEXEC) &&
	    !pipe2(pipes->err, O_CLOEXEC))
		return 0;
	err = -errno;
	close_pipes(pipes);
	return err;
}

static void child(const struct exec_job *job, const struct pipes *pipes)
{
	char *const *env;

	/* Its own group, so that its children die with it. */
	setpgid(0, 0);
	if (dup2(pipes->in[0], STDIN_FILENO) < 0 ||
	    dup2(pipes->out[1], STDOUT_FILENO) < 0 ||
	    dup2(pipes->err[1], STDERR_FILENO) < 0)
		_exit(126);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	sigprocmask(SIG_SETMASK, job->mask, NULL);
	for (env = job->env; *env; env++)
		putenv(*env);
	execvp(job->argv[0], job->argv);
	dprintf(STDERR_FILENO, "cannot run %s: %s\n", job->argv[0],
		strerror(errno));
	_exit(127);
}

/* Up to @max bytes kept; false once there is more than that. */
static bool take(int *fd, char **data, size_t *len, size_t max)
{
	ssize_t n;

	if (*len < max) {
		n = read(*fd, *data + *len, max - *len);
		if (n > 0)
			*len += n;
	} else {
		char more;

		n = read(*fd, &more, 1);
		if (n > 0)
			return false;
	}
	if (!n || (n < 0 && errno != EAGAIN && errno != EINTR))
		close_end(fd);
	return true;
}

static void feed(struct run *run)
{
	const struct exec_job *job = run->job;
	ssize_t n = 0;

	if (run->written < job->input_len)
		n = write(run->in, (const char *)job->input + run->written,
			  job->input_len - run->written);
	if (n > 0)
		run->written += n;
	/* All of it, or the command wants no more. */
	if (run->written == job->input_len ||
	    (n < 0 && errno != EAGAIN && errno != EINTR))
		close_end(&run->in);
}

/* Errors beyond the cap are read and forgotten: a message, not an answer. */
static void take_errors(struct run *run)
{
	char sink[4096], *data = sink;
	size_t none = 0;

	if (run->result->errors_len < EXEC_ERRORS_MAX)
		take(&run->err, &run->result->errors, &run->result->errors_len,
		     EXEC_ERRORS_MAX);
	else
		take(&run->err, &data, &none, sizeof(sink));
}

/* One round: true while there is something to wait for. */
static bool step(struct run *run, int64_t left_ns)
{
	struct pollfd pfd[] = {
		{ .fd = run->in, .events = POLLOUT },
		{ .fd = run->out, .events = POLLIN },
		{ .fd = run->err, .events = POLLIN },
		{ .fd = run->exited ? -1 : run->pidfd, .events = POLLIN },
	};
	struct exec_result *result = run->result;
	int ready;

	/* After its exit only what is in the pipes already. */
	ready = cli_wait_fds(run->job->mask, pfd, 4, run->exited ? 0 : left_ns);
	if (ready < 0)
		return errno == EINTR;
	if (!ready)
		return !run->exited;
	if (pfd[0].revents)
		feed(run);
	if (pfd[1].revents &&
	    !take(&run->out, &result->output, &result->output_len,
		  EXEC_OUTPUT_MAX)) {
		result->end = EXEC_OUTPUT_TOO_BIG;
		return false;
	}
	if (pfd[2].revents)
		take_errors(run);
	if (pfd[3].revents)
		run->exited = true;
	return !run->exited || run->out >= 0 || run->err >= 0;
}

static void supervise(struct run *run)
{
	int64_t end = cli_now() + run->job->timeout_ms * 1000000LL;
	int64_t left;

	do {
		left = end - cli_now();
		if (!run->exited && cli_stopped())
			run->result->end = EXEC_STOPPED;
		else if (!run->exited && left <= 0)
			run->result->end = EXEC_TIMED_OUT;
		/* Whom it left behind may write on, but not for ever. */
		if (left <= 0 || run->result->end != EXEC_EXITED)
			return;
	} while (step(run, left));
}

static void reap(struct run *run)
{
	struct exec_result *result = run->result;
	int status = 0;

	/* Before it is reaped, so that the group's number is still its own. */
	kill(-run->pid, SIGKILL);
	while (waitpid(run->pid, &status, 0) < 0 && errno == EINTR)
		;
	if (result->end != EXEC_EXITED)
		return;
	if (WIFSIGNALED(status)) {
		result->end = EXEC_KILLED;
		result->status = WTERMSIG(status);
	} else {
		result->status = WEXITSTATUS(status);
	}
}

static int start(struct run *run, struct pipes *pipes)
{
	run->pid = fork();
	if (run->pid < 0)
		return -errno;
	if (!run->pid)
		child(run->job, pipes);
	/* Here too: whoever is first, the group exists before it is killed. */
	setpgid(run->pid, run->pid);
	run->pidfd = syscall(SYS_pidfd_open, run->pid, 0);
	if (run->pidfd < 0) {
		int err = -errno;

		reap(run);
		return err;
	}
	return 0;
}

static void parent_ends(struct run *run, struct pipes *pipes)
{
	run->in = pipes->in[1];
	run->out = pipes->out[0];
	run->err = pipes->err[0];
	close_end(&pipes->in[0]);
	close_end(&pipes->out[1]);
	close_end(&pipes->err[1]);
	fcntl(run->in, F_SETFL, O_NONBLOCK);
	fcntl(run->out, F_SETFL, O_NONBLOCK);
	fcntl(run->err, F_SETFL, O_NONBLOCK);
}

static int run_piped(struct run *run)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN }, old;
	struct pipes pipes;
	int ret;

	ret = open_pipes(&pipes);
	if (ret)
		return ret;
	ret = start(run, &pipes);
	if (ret) {
		close_pipes(&pipes);
		return ret;
	}
	parent_ends(run, &pipes);
	sigaction(SIGPIPE, &ignore, &old);
	supervise(run);
	reap(run);
	sigaction(SIGPIPE, &old, NULL);
	close_end(&run->in);
	close_end(&run->out);
	close_end(&run->err);
	close_end(&run->pidfd);
	return 0;
}

int exec_run(const struct exec_job *job, struct exec_result *result)
{
	struct run run = { .job = job, .result = result, .pidfd = -1 };
	int ret = -ENOMEM;

	memset(result, 0, sizeof(*result));
	result->output = malloc(EXEC_OUTPUT_MAX);
	result->errors = malloc(EXEC_ERRORS_MAX);
	if (result->output && result->errors)
		ret = run_piped(&run);
	if (!ret)
		return 0;
	free(result->output);
	free(result->errors);
	return ret;
}
