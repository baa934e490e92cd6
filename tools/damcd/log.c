// SPDX-License-Identifier: GPL-2.0
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "log.h"

static const char *const levels[] = {
	[LOG_ERROR] = "error",
	[LOG_WARNING] = "warning",
	[LOG_INFO] = "info",
	[LOG_DEBUG] = "debug",
};

int log_level_of(const char *word)
{
	int i;

	for (i = LOG_ERROR; i <= LOG_DEBUG; i++)
		if (!strcmp(levels[i], word))
			return i;
	return -1;
}

void log_event(const struct log *log, enum log_level level, const char *event,
	       const char *words, ...)
{
	char line[1024], when[32];
	struct timespec now;
	struct tm tm;
	va_list args;

	if (level > log->level)
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%S", &tm);
	va_start(args, words);
	vsnprintf(line, sizeof(line), words, args);
	va_end(args);
	fprintf(stderr, "time=%s.%06ldZ level=%s event=%s%s%s\n", when,
		now.tv_nsec / 1000, levels[level], event, *line ? " " : "",
		line);
}
