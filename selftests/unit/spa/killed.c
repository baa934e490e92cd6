// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/ptrace.h>

#include <cmocka.h>

#include "killed.h"

/* The child could not be traced. */
#define NO_TRACE 99

static bool changes_a_file(uint64_t call)
{
	switch (call) {
	case SYS_write:
	case SYS_pwrite64:
	case SYS_ftruncate:
	case SYS_renameat2:
	case SYS_linkat:
	case SYS_unlinkat:
#ifdef SYS_rename
	case SYS_rename:
	case SYS_renameat:
	case SYS_link:
	case SYS_unlink:
#endif
		return true;
	}
	return false;
}

/* Whether @child stands before such a call. */
static bool is_before_change(pid_t child)
{
	struct __ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, child, sizeof(info), &info) < 0)
		fail_msg("PTRACE_GET_SYSCALL_INFO");
	return info.op == PTRACE_SYSCALL_INFO_ENTRY &&
	       changes_a_file(info.entry.nr);
}

/* To its next system call, or the end of one: false if it has ended. */
static bool go_on(pid_t child, int *status)
{
	assert_int_equal(ptrace(PTRACE_SYSCALL, child, 0, 0), 0);
	assert_int_equal(waitpid(child, status, 0), child);
	return WIFSTOPPED(*status);
}

bool killed_before(unsigned int before, int (*work)(void *arg), void *arg)
{
	unsigned int n = 0;
	int status;
	pid_t child;

	child = fork();
	assert_true(child >= 0);
	if (!child) {
		if (ptrace(PTRACE_TRACEME, 0, 0, 0) || raise(SIGSTOP))
			_exit(NO_TRACE);
		_exit(work(arg));
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	if (WIFEXITED(status) && WEXITSTATUS(status) == NO_TRACE)
		skip();
	assert_true(WIFSTOPPED(status));
	assert_int_equal(ptrace(PTRACE_SETOPTIONS, child, 0,
				PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL), 0);
	while (go_on(child, &status)) {
		if (!is_before_change(child) || n++ < before)
			continue;
		kill(child, SIGKILL);
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFSIGNALED(status));
		return true;
	}
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	return false;
}
