// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "epoch.h"

static uint32_t read_last(const char *path)
{
	unsigned long last = 0;
	FILE *file = fopen(path, "re");

	if (!file)
		return 0;
	if (fscanf(file, "%lu", &last) != 1 || last >= UINT32_MAX)
		last = 0;
	fclose(file);
	return last;
}

static int write_whole(int fd, uint32_t epoch)
{
	if (dprintf(fd, "%u\n", epoch) < 0 || fsync(fd))
		return -errno;
	return 0;
}

static int sync_dir(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int err = fd < 0 || fsync(fd) ? -errno : 0;

	if (fd >= 0)
		close(fd);
	return err;
}

static int replace(const char *dir, const char *path, uint32_t epoch)
{
	char fresh[PATH_MAX + 8];
	int fd, err;

	snprintf(fresh, sizeof(fresh), "%s.new", path);
	fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	err = write_whole(fd, epoch);
	close(fd);
	if (!err && rename(fresh, path))
		err = -errno;
	return err ? err : sync_dir(dir);
}

int epoch_next(const char *dir, uint32_t *epoch)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/epoch", dir) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	if (mkdir(dir, 0700) && errno != EEXIST)
		return -errno;
	*epoch = read_last(path) + 1;
	return replace(dir, path, *epoch);
}
