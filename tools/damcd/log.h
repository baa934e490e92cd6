/* SPDX-License-Identifier: GPL-2.0 */
/* The log: one line an event, key=value words, on standard error. */
#ifndef DAMCD_LOG_H
#define DAMCD_LOG_H

enum log_level {
	LOG_ERROR,
	LOG_WARNING,
	LOG_INFO,
	LOG_DEBUG,
};

struct log {
	enum log_level level;
};

/**
 * log_event() - tell of something
 * @event: a word
 * @words: format of the rest: key=value, a value with spaces in it in quotes
 */
void log_event(const struct log *log, enum log_level level, const char *event,
	       const char *words, ...)
	__attribute__((format(printf, 4, 5)));

/* The level that @word names, or -1. */
int log_level_of(const char *word);

#endif /* DAMCD_LOG_H */
