// SPDX-License-Identifier: GPL-2.0
/* Whole files. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli.h"

static void *read_whole(FILE *file, size_t *len)
{
	struct stat stat;
	void *bytes;

	if (fstat(fileno(file), &stat))
		return NULL;
	if (!S_ISREG(stat.st_mode)) {
		errno = S_ISDIR(stat.st_mode) ? EISDIR : EINVAL;
		return NULL;
	}
	/* One that grows meanwhile is taken as long as it was. */
	bytes = malloc(stat.st_size + 1);
	if (bytes)
		*len = fread(bytes, 1, stat.st_size, file);
	return bytes;
}

void *cli_file(const char *path, size_t *len)
{
	FILE *file = fopen(path, "re");
	void *bytes = file ? read_whole(file, len) : NULL;

	if (!bytes)
		fprintf(stderr, "Cannot read \"%s\": %s\n", path,
			strerror(errno));
	if (file)
		fclose(file);
	return bytes;
}
