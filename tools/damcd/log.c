// SPDX-License-Identifier: GPL-2.0
#include <jansson.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "log.h"

static const char *const levels[] = {
	[LOG_ERROR] = "error",
	[LOG_WARNING] = "warning",
	[LOG_INFO] = "info",
	[LOG_DEBUG] = "debug",
};

static const char *const formats[] = {
	[LOG_LOGFMT] = "logfmt",
	[LOG_JSON] = "json",
};

static int find(const char *const *list, int last, const char *word)
{
	int i;

	for (i = 0; i <= last; i++)
		if (!strcmp(list[i], word))
			return i;
	return -1;
}

int log_level_of(const char *word)
{
	return find(levels, LOG_DEBUG, word);
}

int log_format_of(const char *word)
{
	return find(formats, LOG_JSON, word);
}

/* ---- JSON -------------------------------------------------------------- */

/* Whether a word begins there, or nothing does: a value may have quotes in it. */
static bool is_next(const char *p)
{
	size_t len;

	if (!*p)
		return true;
	if (*p != ' ')
		return false;
	len = strcspn(p + 1, " =\"");
	return len && p[1 + len] == '=';
}

/* The bytes of a value that begins at @p, and what follows it. */
static size_t value_len(const char **p, const char **rest)
{
	const char *end;

	if (**p != '"') {
		*rest = *p + strcspn(*p, " ");
		return *rest - *p;
	}
	++*p;
	for (end = *p; *end && !(*end == '"' && is_next(end + 1)); end++)
		;
	*rest = *end ? end + 1 : end;
	return end - *p;
}

static json_t *text_json(const char *text, size_t len)
{
	json_t *json = json_stringn(text, len);
	char clean[1024];
	size_t i;

	if (json)
		return json;
	for (i = 0; i < len && i < sizeof(clean); i++)
		clean[i] = (unsigned char)text[i] < 0x80 ? text[i] : '?';
	return json_stringn(clean, i);
}

static void add_words(json_t *json, const char *p)
{
	const char *value, *rest;
	char key[64];
	size_t len;

	while (*p) {
		len = strcspn(p, "= ");
		if (!len || p[len] != '=' || len >= sizeof(key)) {
			json_object_set_new(json, "words",
					    text_json(p, strlen(p)));
			return;
		}
		memcpy(key, p, len);
		key[len] = 0;
		value = p + len + 1;
		len = value_len(&value, &rest);
		json_object_set_new(json, key, text_json(value, len));
		p = rest + (*rest == ' ');
	}
}

char *log_json(const char *when, enum log_level level, const char *event,
	       const char *words)
{
	json_t *json = json_pack("{s:s, s:s, s:s}", "time", when, "level",
				 levels[level], "event", event);
	char *text;

	if (!json)
		return NULL;
	add_words(json, words);
	text = json_dumps(json, JSON_COMPACT);
	json_decref(json);
	return text;
}

/* ---- events ------------------------------------------------------------ */

/* An event is one line, whatever others' words are in it. */
static void clean_line(char *line)
{
	for (; *line; line++)
		if ((unsigned char)*line < ' ' || *line == 0x7f)
			*line = '?';
}

static void write_event(const struct log *log, const char *when,
			enum log_level level, const char *event, char *words)
{
	char *text;

	if (log->format == LOG_JSON) {
		text = log_json(when, level, event, words);
		fprintf(stderr, "%s\n", text ? text : "{}");
		free(text);
		return;
	}
	clean_line(words);
	fprintf(stderr, "time=%s level=%s event=%s%s%s\n", when, levels[level],
		event, *words ? " " : "", words);
}

void log_event(const struct log *log, enum log_level level, const char *event,
	       const char *words, ...)
{
	char line[1024], second[32], when[64];
	struct timespec now;
	struct tm tm;
	va_list args;

	if (level > log->level)
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	strftime(second, sizeof(second), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(when, sizeof(when), "%s.%06ldZ", second, now.tv_nsec / 1000);
	va_start(args, words);
	vsnprintf(line, sizeof(line), words, args);
	va_end(args);
	write_event(log, when, level, event, line);
}
