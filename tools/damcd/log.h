/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The log: one line an event, on standard error, as key=value words (logfmt) or as
 * a JSON object. damcd's and damc-spa's.
 */
#ifndef DAMCD_LOG_H
#define DAMCD_LOG_H

enum log_level {
	LOG_ERROR,
	LOG_WARNING,
	LOG_INFO,
	LOG_DEBUG,
};

enum log_format {
	LOG_LOGFMT,
	LOG_JSON,
};

struct log {
	enum log_level level;
	enum log_format format;
};

/**
 * log_event() - tell of something
 * @event: a word
 * @words: format of the rest: key=value, a value with spaces in it in quotes
 */
void log_event(const struct log *log, enum log_level level, const char *event,
	       const char *words, ...)
	__attribute__((format(printf, 4, 5)));

/**
 * log_json() - an event as a JSON object
 * @when: its time, as text
 * @words: key=value words; all values are strings, bytes that are no UTF-8 are "?"
 *
 * Return: text to be freed, without an end of line, or NULL.
 */
char *log_json(const char *when, enum log_level level, const char *event,
	       const char *words);

/* The level, the format that @word names, or -1. */
int log_level_of(const char *word);
int log_format_of(const char *word);

#endif /* DAMCD_LOG_H */
