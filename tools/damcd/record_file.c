// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "record_file.h"

/* The file's room grows by so much: what is not there cannot be written to. */
#define STEP (1024 * 1024)

struct record_file {
	struct daemon *daemon;
	struct dc_recorder *recorder;
	int fd;
	uint8_t *map;
	size_t max;
	size_t room;
	size_t used;
};

/* Once: from then on nothing more is asked for. */
static bool stop(struct record_file *file, const char *why)
{
	log_event(&file->daemon->log, LOG_WARNING, "record-ended",
		  "bytes=%zu why=\"%s\"", file->used, why);
	return false;
}

static bool grow(struct record_file *file)
{
	size_t room = file->room + STEP;
	int err;

	if (room > file->max)
		return stop(file, "it is as long as it may be");
	/* A hole in it would be a SIGBUS on a disk that is full. */
	err = posix_fallocate(file->fd, file->room, STEP);
	if (err)
		return stop(file, strerror(err));
	file->room = room;
	return true;
}

static bool keep(void *arg, const void *bytes, size_t len)
{
	struct record_file *file = arg;

	/* A byte that is zero stays behind: the end. */
	if (file->used + len >= file->room && !grow(file))
		return false;
	memcpy(file->map + file->used, bytes, len);
	file->used += len;
	return true;
}

static int open_fresh(const char *dir)
{
	char path[PATH_MAX + sizeof(RECORD_FILE) + 1];
	char old[PATH_MAX + sizeof(RECORD_FILE_OLD) + 1];

	/* The state's directory is made where the epoch is. */
	if (mkdir(dir, 0700) && errno != EEXIST)
		return -1;
	snprintf(path, sizeof(path), "%s/%s", dir, RECORD_FILE);
	snprintf(old, sizeof(old), "%s/%s", dir, RECORD_FILE_OLD);
	if (rename(path, old) && errno != ENOENT)
		return -1;
	return open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
}

static int start(struct record_file *file)
{
	const struct config *config = &file->daemon->config;
	void *map;

	file->max = (size_t)config->record_mib * STEP;
	file->fd = open_fresh(config->state);
	if (file->fd < 0)
		return -errno;
	map = mmap(NULL, file->max, PROT_READ | PROT_WRITE, MAP_SHARED,
		   file->fd, 0);
	if (map == MAP_FAILED)
		return -errno;
	file->map = map;
	file->recorder = dc_recorder_new(keep, file);
	return file->recorder ? 0 : -ENOMEM;
}

struct record_file *record_file_new(struct daemon *daemon)
{
	struct record_file *file;
	int err;

	if (!daemon->config.record_mib)
		return NULL;
	file = calloc(1, sizeof(*file));
	if (!file)
		return NULL;
	file->daemon = daemon;
	file->fd = -1;
	err = start(file);
	if (!err)
		return file;
	log_event(&daemon->log, LOG_WARNING, "no-record", "dir=%s error=\"%s\"",
		  daemon->config.state, strerror(-err));
	record_file_free(file);
	return NULL;
}

struct dc_recorder *record_file_recorder(struct record_file *file)
{
	return file ? file->recorder : NULL;
}

void record_file_free(struct record_file *file)
{
	if (!file)
		return;
	dc_recorder_free(file->recorder);
	if (file->map)
		munmap(file->map, file->max);
	/* What there was room for and nothing came. */
	if (file->fd >= 0 && ftruncate(file->fd, file->used))
		log_event(&file->daemon->log, LOG_WARNING, "record-long",
			  "error=\"%s\"", strerror(errno));
	if (file->fd >= 0)
		close(file->fd);
	free(file);
}
