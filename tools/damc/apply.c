// SPDX-License-Identifier: GPL-2.0
/* damc apply: a configuration for damcd, that may turn out wrong. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "daemon.h"
#include "print.h"

/* Without "confirm": the time to write the file in. */
#define AT_ONCE_S 60

#define SECONDS_MAX 86400

static const char usage[] =
	"Usage: damc apply FILE [ --confirm SECONDS ]\n"
	"       damc apply { --confirmed | show }\n"
	"Have damcd use the configuration in FILE, and make it its own file. --confirm:\n"
	"use it for so long, and go back to what was before unless \"damc apply\n"
	"--confirmed\" comes in time. show: what is on trial, and for how long.\n";

/* ---- the file ---------------------------------------------------------- */

static int say(const char *what, const char *path)
{
	fprintf(stderr, "Cannot %s \"%s\": %s\n", what, path, strerror(errno));
	return CLI_KERNEL;
}

static int write_fd(int fd, const char *text, size_t len)
{
	ssize_t n;

	for (; len; text += n, len -= n) {
		n = write(fd, text, len);
		if (n < 0)
			return -1;
	}
	return fsync(fd);
}

/* A new file with the old one's mode, in its place at once or not at all. */
static int write_file(const char *path, const char *text)
{
	struct stat was = { .st_mode = 0644 };
	char fresh[PATH_MAX];
	int fd, err;

	if (snprintf(fresh, sizeof(fresh), "%s.new", path) >=
	    (int)sizeof(fresh)) {
		errno = ENAMETOOLONG;
		return say("write", path);
	}
	stat(path, &was);
	fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return say("write", fresh);
	err = write_fd(fd, text, strlen(text)) || fchmod(fd, was.st_mode & 0777);
	if (close(fd) || err || rename(fresh, path))
		return say("write", path);
	return CLI_OK;
}

/* ---- the daemon -------------------------------------------------------- */

static int try(const char *path, const char *text, uint32_t seconds)
{
	json_t *request = json_pack("{s:s, s:s, s:s, s:I}", "do", "apply",
				    "name", path, "text", text, "seconds",
				    (json_int_t)seconds);

	if (request)
		return cli_daemon(request, NULL);
	fprintf(stderr, "Error: \"%s\" is no text in UTF-8.\n", path);
	return CLI_USAGE;
}

/* What is on trial becomes the daemon's file. */
static int confirm(void)
{
	json_t *list;
	const json_t *trial;
	int ret = cli_daemon_list(json_pack("{s:s}", "do", "trial"), &list);

	if (ret)
		return ret;
	trial = json_array_get(list, 0);
	if (trial)
		ret = write_file(cli_member(trial, "file"),
				 cli_member(trial, "text"));
	json_decref(list);
	/* Where nothing is on trial, the daemon says so. */
	return ret ? ret : cli_daemon(json_pack("{s:s}", "do", "confirm"),
				      NULL);
}

static void print_trial(const json_t *trial)
{
	printf("# %lld seconds left, then %s counts again\n%s",
	       cli_number(trial, "left"), cli_member(trial, "file"),
	       cli_member(trial, "text"));
}

/* ---- words ------------------------------------------------------------- */

/* With or without the dashes that other commands have. */
static bool is_word(const char *word, const char *full)
{
	return !strcmp(word, full) ||
	       (!strncmp(word, "--", 2) && !strcmp(word + 2, full));
}

static int take_seconds(struct cli_args *args, uint32_t *seconds)
{
	struct cli_key key = { .to = seconds, .min = 1, .max = SECONDS_MAX };
	const char *word = cli_take(args);
	int ret;

	if (!word)
		return CLI_OK;
	if (!is_word(word, "confirm"))
		return cli_wrong(word, "\"--confirm SECONDS\", or nothing");
	word = cli_take(args);
	if (!word)
		return cli_incomplete();
	ret = cli_take_u32(&key, word);
	return ret ? ret : cli_end(args, "nothing may follow the seconds");
}

static int apply_file(const char *path, uint32_t seconds)
{
	size_t len;
	char *text = cli_file(path, &len);
	int ret;

	if (!text)
		return CLI_USAGE;
	text[len] = '\0';
	ret = try(path, text, seconds ?: AT_ONCE_S);
	free(text);
	return ret || seconds ? ret : confirm();
}

static int run(struct cli_args *args)
{
	const char *word = cli_take(args);
	uint32_t seconds = 0;
	int ret;

	if (!word)
		return cli_incomplete();
	if (is_word(word, "confirmed")) {
		ret = cli_end(args, "nothing may follow it");
		return ret ? ret : confirm();
	}
	if (!strcmp(word, "show")) {
		ret = cli_end(args, CLI_NO_CHOICE);
		return ret ? ret : cli_daemon_show(json_pack("{s:s}", "do",
							     "trial"),
						   print_trial);
	}
	ret = take_seconds(args, &seconds);
	return ret ? ret : apply_file(word, seconds);
}

const struct cli_object cli_apply = {
	.name = "apply", .usage = usage, .run = run
};
