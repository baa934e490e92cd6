// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "state_file.h"

static int path_of(const struct daemon *daemon, char path[PATH_MAX],
		   const char *name, const char *end)
{
	int len = snprintf(path, PATH_MAX, "%s/%s%s", daemon->config.state,
			   name, end);

	return len < PATH_MAX ? 0 : -ENAMETOOLONG;
}

FILE *state_file_open(const struct daemon *daemon, const char *name)
{
	char path[PATH_MAX];
	int err = path_of(daemon, path, name, "");

	if (!err)
		return fopen(path, "re");
	errno = -err;
	return NULL;
}

static int write_file(FILE *file, int (*write)(FILE *file, void *arg),
		      void *arg, bool safe)
{
	int err = write(file, arg);

	if (!err && safe && (fflush(file) || fdatasync(fileno(file))))
		err = -errno;
	if (fclose(file) && !err)
		err = -errno;
	return err;
}

static int replace(const struct daemon *daemon, const char *name,
		   int (*write)(FILE *file, void *arg), void *arg, bool safe)
{
	char path[PATH_MAX], fresh[PATH_MAX];
	FILE *file;
	int err;

	err = path_of(daemon, path, name, "");
	if (!err)
		err = path_of(daemon, fresh, name, ".new");
	if (err)
		return err;
	file = fopen(fresh, "we");
	if (!file)
		return -errno;
	err = write_file(file, write, arg, safe);
	if (!err && rename(fresh, path))
		err = -errno;
	return err;
}

int state_file_replace(const struct daemon *daemon, const char *name,
		       int (*write)(FILE *file, void *arg), void *arg)
{
	return replace(daemon, name, write, arg, false);
}

int state_file_replace_safe(const struct daemon *daemon, const char *name,
			    int (*write)(FILE *file, void *arg), void *arg)
{
	return replace(daemon, name, write, arg, true);
}
