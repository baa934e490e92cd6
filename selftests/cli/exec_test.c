// SPDX-License-Identifier: GPL-2.0
/* The bounds within which damc serve runs a command: tools/damc/exec.c. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "exec.h"
#include "print.h"
#include "signals.h"

/* signals.c tells these of the command's print layer. */
int timestamp;
bool is_json_context(void)
{
	return false;
}

static int count, failed;

static void check(const char *what, bool good)
{
	count++;
	failed += !good;
	printf("%sok %d - %s\n", good ? "" : "not ", count, what);
}

static int run(char *script, const char *input, size_t len, uint32_t ms,
	       struct exec_result *result)
{
	char *const argv[] = { "sh", "-c", script, NULL };
	char *const env[] = { "DAMC_METHOD=$(touch bad)`touch bad`", NULL };
	sigset_t mask;
	struct exec_job job = {
		.argv = argv, .env = env, .input = input, .input_len = len,
		.timeout_ms = ms, .mask = &mask,
	};

	sigemptyset(&mask);
	return exec_run(&job, result);
}

static void drop(struct exec_result *result)
{
	free(result->output);
	free(result->errors);
}

static bool says(const struct exec_result *result, const char *text)
{
	return result->output_len == strlen(text) &&
	       !memcmp(result->output, text, strlen(text));
}

static void test_answers(void)
{
	struct exec_result r;

	run("cat", "hello", 5, 5000, &r);
	check("input comes back", r.end == EXEC_EXITED && !r.status &&
	      says(&r, "hello"));
	drop(&r);
	run("printf %s \"$DAMC_METHOD\"", "", 0, 5000, &r);
	check("the environment is not interpreted",
	      says(&r, "$(touch bad)`touch bad`") && access("bad", F_OK));
	drop(&r);
	run("echo why >&2; exit 3", "", 0, 5000, &r);
	check("exit status and errors", r.end == EXEC_EXITED && r.status == 3 &&
	      r.errors_len == 4 && !memcmp(r.errors, "why\n", 4));
	drop(&r);
	run("exec 0<&-; echo fine", "unread", 6, 5000, &r);
	check("input that nobody reads", r.end == EXEC_EXITED && says(&r, "fine\n"));
	drop(&r);
	run("kill -9 $$", "", 0, 5000, &r);
	check("death by a signal", r.end == EXEC_KILLED && r.status == 9);
	drop(&r);
}

static void test_big(void)
{
	size_t len = 1 << 20;
	char *big = calloc(1, len);
	struct exec_result r;

	run("wc -c", big, len, 5000, &r);
	check("a MiB of input", r.end == EXEC_EXITED && says(&r, "1048576\n"));
	drop(&r);
	run("head -c 65536 /dev/zero", "", 0, 5000, &r);
	check("as much output as is kept", r.end == EXEC_EXITED &&
	      r.output_len == EXEC_OUTPUT_MAX);
	drop(&r);
	run("head -c 65537 /dev/zero", "", 0, 5000, &r);
	check("one byte more", r.end == EXEC_OUTPUT_TOO_BIG);
	drop(&r);
	run("cat /dev/zero >&2 & sleep 0.2; echo done", "", 0, 5000, &r);
	check("endless errors", r.end == EXEC_EXITED && says(&r, "done\n") &&
	      r.errors_len == EXEC_ERRORS_MAX);
	drop(&r);
	free(big);
}

/* Long before what is waited for would end by itself, on any machine. */
#define AWAY_NS 30000000000LL

/* What was killed may take a while to be gone. */
#define NO_SLEEPER "for i in $(seq 100); do" \
	" pgrep -x sleep -a | grep -q '4711$' || exit 0; sleep 0.1; done; exit 1"

static void test_time(void)
{
	struct exec_result r;
	int64_t began = cli_now();

	run("sleep 60", "", 0, 200, &r);
	check("killed at the deadline", r.end == EXEC_TIMED_OUT &&
	      cli_now() - began < AWAY_NS);
	drop(&r);
	began = cli_now();
	run("trap '' TERM INT HUP; sleep 60.4711 & sleep 61.4711 & wait", "", 0, 200, &r);
	check("its children, too", r.end == EXEC_TIMED_OUT &&
	      cli_now() - began < AWAY_NS &&
	      !system(NO_SLEEPER));
	drop(&r);
	began = cli_now();
	run("sleep 62 & echo early", "", 0, 5000, &r);
	check("a child left behind is not waited for", r.end == EXEC_EXITED &&
	      says(&r, "early\n") && cli_now() - began < AWAY_NS);
	drop(&r);
}

static void test_missing(void)
{
	char *const argv[] = { "/nonexistent/command", NULL };
	char *const env[] = { NULL };
	sigset_t mask;
	struct exec_job job = { .argv = argv, .env = env, .timeout_ms = 5000,
		.mask = &mask };
	struct exec_result r;

	sigemptyset(&mask);
	exec_run(&job, &r);
	check("a command that is not there", r.end == EXEC_EXITED &&
	      r.status == 127 && r.errors_len);
	drop(&r);
}

int main(void)
{
	printf("TAP version 13\n");
	fflush(stdout);
	test_answers();
	test_big();
	test_time();
	test_missing();
	printf("1..%d\n", count);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
