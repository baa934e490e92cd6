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

/* Of all that it may be, so much is for the beginning; the rest for two tails. */
#define PARTS 8
#define HEAD_PARTS 6

/**
 * struct record_file - the file that is written now
 * @map: @max bytes, of which @room are in the file and @used are in use
 */
struct record_file {
	struct daemon *daemon;
	struct dc_recorder *recorder;
	int fd;
	uint8_t *map;
	size_t max;
	size_t room;
	size_t used;
};

/* ---- one file ---------------------------------------------------------- */

static int open_fresh(const char *dir, const char *name, const char *old_name)
{
	char path[PATH_MAX + 32], old[PATH_MAX + 32];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	snprintf(old, sizeof(old), "%s/%s", dir, old_name);
	if (rename(path, old) && errno != ENOENT)
		return -1;
	return open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
}

static int begin(struct record_file *file, const char *name,
		 const char *old_name, unsigned int parts)
{
	const struct config *config = &file->daemon->config;
	void *map;

	file->max = (size_t)config->record_mib * STEP / PARTS * parts;
	file->room = 0;
	file->used = 0;
	file->fd = open_fresh(config->state, name, old_name);
	if (file->fd < 0)
		return -errno;
	map = mmap(NULL, file->max, PROT_READ | PROT_WRITE, MAP_SHARED,
		   file->fd, 0);
	if (map == MAP_FAILED)
		return -errno;
	file->map = map;
	return 0;
}

static void end(struct record_file *file)
{
	if (file->map)
		munmap(file->map, file->max);
	/* What there was room for and nothing came. */
	if (file->fd >= 0 && ftruncate(file->fd, file->used))
		log_event(&file->daemon->log, LOG_WARNING, "record-long",
			  "error=\"%s\"", strerror(errno));
	if (file->fd >= 0)
		close(file->fd);
	file->map = NULL;
	file->fd = -1;
}

/* ---- bytes ------------------------------------------------------------- */

/* Once: from then on nothing more is asked for. */
static bool stop(struct record_file *file, int err)
{
	log_event(&file->daemon->log, LOG_WARNING, "record-ended",
		  "error=\"%s\"", strerror(err));
	return false;
}

/* The next tail: the one before last goes. */
static bool turn(struct record_file *file)
{
	struct dc_recorder_counts counts;
	int err;

	dc_recorder_counts(file->recorder, &counts);
	if (!counts.middle)
		log_event(&file->daemon->log, LOG_WARNING, "record-full",
			  "bytes=%zu now=%s", file->used, RECORD_TAIL);
	end(file);
	err = begin(file, RECORD_TAIL, RECORD_TAIL_OLD, 1);
	if (err)
		return stop(file, -err);
	dc_recorder_middle(file->recorder, clock_wall_ms());
	return false;
}

static bool grow(struct record_file *file)
{
	size_t step = file->max - file->room < STEP ? file->max - file->room
						    : STEP;
	int err;

	if (!step)
		return turn(file);
	/* A hole in it would be a SIGBUS on a disk that is full. */
	err = posix_fallocate(file->fd, file->room, step);
	if (err)
		return stop(file, err);
	file->room += step;
	return true;
}

static bool keep(void *arg, const void *bytes, size_t len)
{
	struct record_file *file = arg;

	/* A byte that is zero stays behind: the end. */
	while (file->used + len >= file->room)
		if (!grow(file))
			return false;
	memcpy(file->map + file->used, bytes, len);
	file->used += len;
	return true;
}

/* ---- start and end ----------------------------------------------------- */

/* What is left of another process's tails belongs to no record any more. */
static void forget_tails(const char *dir)
{
	char path[PATH_MAX + 32];

	snprintf(path, sizeof(path), "%s/%s", dir, RECORD_TAIL);
	unlink(path);
	snprintf(path, sizeof(path), "%s/%s", dir, RECORD_TAIL_OLD);
	unlink(path);
}

static int start(struct record_file *file)
{
	const char *dir = file->daemon->config.state;
	int err;

	/* The state's directory is made where the epoch is. */
	if (mkdir(dir, 0700) && errno != EEXIST)
		return -errno;
	forget_tails(dir);
	err = begin(file, RECORD_FILE, RECORD_FILE_OLD, HEAD_PARTS);
	if (err)
		return err;
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
	end(file);
	free(file);
}
