/* SPDX-License-Identifier: GPL-2.0 */
/* Run a command on somebody's behalf, within bounds. */
#ifndef DAMC_CLI_EXEC_H
#define DAMC_CLI_EXEC_H

#include <signal.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Bytes of output that are kept: no answer takes more. Of errors less, they
 * are a message.
 */
#define EXEC_OUTPUT_MAX 65536
#define EXEC_ERRORS_MAX 4096

/**
 * struct exec_job - a command and what it is given
 * @argv: run as it is, by execvp(): no shell sees anything
 * @env: "NAME=value" words to add, ends with NULL
 * @timeout_ms: after which it and its children are killed
 * @mask: signals blocked in the command
 */
struct exec_job {
	char *const *argv;
	char *const *env;
	const void *input;
	size_t input_len;
	uint32_t timeout_ms;
	const sigset_t *mask;
};

enum exec_end {
	EXEC_EXITED,
	EXEC_KILLED,
	EXEC_TIMED_OUT,
	EXEC_OUTPUT_TOO_BIG,
	/* Somebody stopped us meanwhile. */
	EXEC_STOPPED,
};

/* @status: exit status or signal; @output: to be freed, @errors too. */
struct exec_result {
	enum exec_end end;
	int status;
	char *output;
	size_t output_len;
	char *errors;
	size_t errors_len;
};

/* 0, or a negative errno if it could not be started. */
int exec_run(const struct exec_job *job, struct exec_result *result);

#endif /* DAMC_CLI_EXEC_H */
