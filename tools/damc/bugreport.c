// SPDX-License-Identifier: GPL-2.0
/*
 * damc bugreport: what somebody elsewhere needs to see of this host, in one file.
 * What is in it is what the show commands say, the configuration, and the flight
 * record; no file of an identity is ever read.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"
#include "daemon.h"
#include "print.h"
#include "tar.h"

#ifndef DAMC_CLI_VERSION
#define DAMC_CLI_VERSION "unknown"
#endif

#define STATE "/var/lib/damcd"

/* Of what one command says: a table may have a million routes. */
#define PART_MAX (16 * 1024 * 1024)

/* syslog(2)'s, which the C library gives no names. */
#define KERNEL_LOG_READ 3
#define KERNEL_LOG_SIZE 10

static const char usage[] =
	"Usage: damc bugreport [ -o FILE ]\n"
	"Write one tar file with all that helps to find out what is wrong here: versions,\n"
	"damcd's configuration and state, the kernel's tables and counters, the flight\n"
	"record (see damc replay), and what the kernel logged of damc. No key is in it.\n";

/* What is asked for, each in JSON with statistics and details. */
static const struct part {
	const char *file;
	const char *words[3];
} parts[] = {
	{ "damcd/status.json", { "router", "status" } },
	{ "damcd/neighbours.json", { "router", "show" } },
	{ "damcd/names.json", { "router", "names" } },
	{ "damcd/lsdb.json", { "lsdb", "show" } },
	{ "damcd/rib.json", { "rib", "show" } },
	{ "damcd/spf.json", { "spf", "show" } },
	{ "damcd/convergence.json", { "convergence", "show" } },
	{ "damcd/trial.json", { "apply", "show" } },
	{ "kernel/info.json", { "info", "show" } },
	{ "kernel/devices.json", { "dev", "show" } },
	{ "kernel/neighbours.json", { "neigh", "show" } },
	{ "kernel/sets.json", { "set", "show" } },
	{ "kernel/routes.json", { "route", "show" } },
	{ "kernel/pools.json", { "pool", "show" } },
	{ "kernel/bindings.json", { "bind", "show" } },
	{ "kernel/policies.json", { "policy", "show" } },
	{ "kernel/stats.json", { "stats", "show" } },
};

/**
 * struct report - one that is being written
 * @notes: what could not be had, and why
 */
struct report {
	FILE *tar;
	FILE *notes;
	time_t now;
};

/* ---- parts ------------------------------------------------------------- */

static int put(struct report *report, const char *file, FILE *from)
{
	return tar_add(report->tar, file, from, report->now);
}

/* In a child: its output is @to, its complaints are notes. */
static int say_part(const struct part *part, FILE *to, FILE *notes)
{
	struct rlimit limit = { PART_MAX, PART_MAX };
	char *argv[3];
	int argc;

	for (argc = 0; argc < 3 && part->words[argc]; argc++)
		argv[argc] = (char *)part->words[argc];
	if (dup2(fileno(to), STDOUT_FILENO) < 0 ||
	    dup2(fileno(notes), STDERR_FILENO) < 0 ||
	    setrlimit(RLIMIT_FSIZE, &limit))
		return CLI_KERNEL;
	json = 1;
	show_stats = 1;
	show_details = 1;
	return -do_damc(argc, argv);
}

static int run_part(const struct part *part, FILE *to, FILE *notes)
{
	int status = -1;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (!pid) {
		status = say_part(part, to, notes);
		fflush(stdout);
		_exit(status);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return -1;
	return status;
}

static int add_part(struct report *report, const struct part *part)
{
	FILE *to = tmpfile();
	int ret = -1, status;

	if (!to)
		return -1;
	status = run_part(part, to, report->notes);
	fseek(report->notes, 0, SEEK_END);
	if (WIFSIGNALED(status))
		fprintf(report->notes, "%s: ended by signal %d (more than %d bytes?)\n",
			part->file, WTERMSIG(status), PART_MAX);
	else if (status)
		fprintf(report->notes, "%s: not to be had\n", part->file);
	ret = put(report, part->file, to);
	fclose(to);
	return ret;
}

static int add_parts(struct report *report)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(parts); i++)
		if (add_part(report, &parts[i]))
			return -1;
	return 0;
}

/* ---- files ------------------------------------------------------------- */

static int add_file(struct report *report, const char *file, const char *path)
{
	FILE *from = fopen(path, "re");
	int ret;

	if (!from) {
		fprintf(report->notes, "%s: %s: %s\n", file, path,
			strerror(errno));
		return 0;
	}
	ret = put(report, file, from);
	fclose(from);
	return ret;
}

static int add_record(struct report *report, const char *state,
		      const char *name)
{
	char path[PATH_MAX], file[64];

	if (snprintf(path, sizeof(path), "%s/%s", state, name) >=
	    (int)sizeof(path))
		return 0;
	snprintf(file, sizeof(file), "damcd/%s", name);
	return add_file(report, file, path);
}

/* Where its files are, a daemon that runs knows best. */
static int add_files(struct report *report)
{
	const char *state = STATE, *config = "/etc/damc/damcd.conf";
	json_t *list = NULL, *status;
	int ret;

	cli_daemon_list(json_pack("{s:s}", "do", "status"), &list);
	status = json_array_get(list, 0);
	if (status) {
		state = cli_member(status, "state");
		config = cli_member(status, "config");
	}
	ret = add_file(report, "damcd/damcd.conf", config) ||
	      add_record(report, state, "record") ||
	      add_record(report, state, "record.old") ||
	      add_record(report, state, "record.tail") ||
	      add_record(report, state, "record.tail.old") ? -1 : 0;
	json_decref(list);
	return ret;
}

/* ---- the rest ---------------------------------------------------------- */

static int add_versions(struct report *report)
{
	FILE *to = tmpfile();
	struct utsname name;
	char when[32];
	int ret;

	if (!to)
		return -1;
	uname(&name);
	strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ",
		 gmtime(&report->now));
	fprintf(to, "time %s\ndamc %s\nkernel %s %s %s\n", when,
		DAMC_CLI_VERSION, name.release, name.version, name.machine);
	ret = put(report, "versions.txt", to);
	fclose(to);
	return ret;
}

/* The lines of the kernel's log that are about damc. */
static void filter(FILE *to, char *log)
{
	char *line, *rest = log;

	while ((line = strsep(&rest, "\n")))
		if (strcasestr(line, "damc"))
			fprintf(to, "%s\n", line);
}

static int add_kernel_log(struct report *report)
{
	int size = klogctl(KERNEL_LOG_SIZE, NULL, 0), len;
	char *log = size > 0 ? malloc(size + 1) : NULL;
	FILE *to = tmpfile();
	int ret;

	if (!to) {
		free(log);
		return -1;
	}
	len = log ? klogctl(KERNEL_LOG_READ, log, size) : -1;
	if (len < 0) {
		fprintf(report->notes, "kernel/log.txt: %s\n", strerror(errno));
	} else {
		log[len] = '\0';
		filter(to, log);
	}
	ret = put(report, "kernel/log.txt", to);
	fclose(to);
	free(log);
	return ret;
}

static int add_all(struct report *report)
{
	if (add_versions(report) || add_parts(report) || add_files(report) ||
	    add_kernel_log(report) ||
	    put(report, "notes.txt", report->notes))
		return -1;
	return tar_end(report->tar);
}

/* ---- the command ------------------------------------------------------- */

static int write_report(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	struct report report = { .now = time(NULL) };
	int ret = -1;

	if (fd >= 0)
		report.tar = fdopen(fd, "w");
	report.notes = report.tar ? tmpfile() : NULL;
	if (report.notes)
		ret = add_all(&report);
	if (ret)
		fprintf(stderr, "Cannot write \"%s\": %s\n", path,
			strerror(errno));
	else
		printf("%s\n", path);
	if (report.notes)
		fclose(report.notes);
	if (report.tar)
		fclose(report.tar);
	return ret ? CLI_KERNEL : CLI_OK;
}

static int run(struct cli_args *args)
{
	char own[64];
	const char *path = own, *word = cli_take(args);
	time_t now = time(NULL);
	int ret;

	strftime(own, sizeof(own), "damc-bugreport-%Y%m%d-%H%M%S.tar",
		 gmtime(&now));
	if (word) {
		if (strcmp(word, "-o"))
			return cli_wrong(word, "\"-o FILE\", or nothing");
		path = cli_take(args);
		if (!path)
			return cli_incomplete();
		ret = cli_end(args, "nothing may follow the file");
		if (ret)
			return ret;
	}
	return write_report(path);
}

const struct cli_object cli_bugreport = {
	.name = "bugreport", .usage = usage, .run = run
};
