// SPDX-License-Identifier: GPL-2.0
/* damc -batch: lines as ip takes them, with # comments, quotes and \ at ends. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "batch.h"
#include "cli.h"
#include "print.h"
#include "route_queue.h"

struct source {
	const char *name;
	unsigned int line;
	/* What is to be run: the line that was read, or what \ joins. */
	char *command;
	size_t len;
	/* Lines that \ joins. */
	char *text;
	size_t room;
	/* The line that was read last, as getline() has it. */
	char *read;
	size_t read_room;
	/* The file ended within a line that \ joins to the next. */
	bool cut;
	int ret;
};

static int append_text(struct source *src, const char *text, size_t len)
{
	if (src->len + len + 1 > src->room) {
		size_t room = 2 * (src->len + len + 1);
		char *bigger = realloc(src->text, room);

		if (!bigger)
			return -ENOMEM;
		src->text = bigger;
		src->room = room;
	}
	memcpy(src->text + src->len, text, len);
	src->len += len;
	src->text[src->len] = '\0';
	return 0;
}

/* Bytes of a line before a comment or its end, and whether \ is the last. */
static size_t cut_line(const char *line, bool *joined)
{
	size_t len = strlen(line);
	bool ended = len && line[len - 1] == '\n';
	const char *comment;

	len -= ended;
	comment = memchr(line, '#', len);
	if (comment)
		len = comment - line;
	*joined = len && ended && !comment && line[len - 1] == '\\';
	return len;
}

/* Whether there is one: 0 at the end of the file. */
static int next_command(struct source *src)
{
	bool joined = true;

	src->len = 0;
	while (joined) {
		size_t len;

		if (getline(&src->read, &src->read_room, stdin) < 0) {
			src->cut = src->len > 0;
			return 0;
		}
		src->line++;
		len = cut_line(src->read, &joined);
		src->read[len] = '\0';
		if (!src->len && !joined) {
			src->command = src->read;
			src->len = len;
			return 1;
		}
		if (append_text(src, src->read, joined ? len - 1 : len)) {
			fprintf(stderr, "Out of memory\n");
			return 0;
		}
	}
	src->command = src->text;
	return 1;
}

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

int batch_split(char *text, char **words, const char **why)
{
	int n = 0;

	for (;;) {
		while (blank(*text))
			text++;
		if (!*text)
			return n;
		if (n == BATCH_WORDS_MAX) {
			*why = "Too many arguments to command";
			return -1;
		}
		if (*text == '\'' || *text == '"') {
			char quote = *text++;

			words[n++] = text;
			text = strchr(text, quote);
			if (!text) {
				*why = "Unterminated quoted string";
				return -1;
			}
		} else {
			words[n++] = text;
			while (*text && !blank(*text))
				text++;
			if (!*text)
				return n;
		}
		*text++ = '\0';
	}
}

int batch_do(int n, char **words)
{
	int skip = !strcmp(words[0], "damc");

	return do_damc(n - skip, words + skip);
}

static void blame(unsigned int line, void *arg)
{
	struct source *src = arg;

	fprintf(stderr, "Command failed %s:%u\n", src->name, line);
	src->ret = EXIT_FAILURE;
}

/* Whether to go on. */
static bool flush(struct source *src)
{
	return !route_queue_flush(blame, src) || force;
}

/* Whether to go on. */
static bool run_line(struct source *src)
{
	char *words[BATCH_WORDS_MAX];
	const char *why;
	int n, ret;

	if (route_queue_take(src->command, src->len, src->line, blame, src,
			     &ret))
		return !ret || force;
	n = batch_split(src->command, words, &why);
	/* An empty line ends no run. */
	if (!n)
		return true;
	if (!flush(src))
		return false;
	if (n < 0) {
		fprintf(stderr, "%s\n", why);
		exit(EXIT_FAILURE);
	}
	if (!batch_do(n, words))
		return true;
	blame(src->line, src);
	return force;
}

/* Whether a line is there without waiting for who writes it. */
static bool line_ready(void)
{
	struct pollfd pfd = { .fd = fileno(stdin), .events = POLLIN };

#ifdef __GLIBC__
	size_t left = stdin->_IO_read_end - stdin->_IO_read_ptr;

	if (left && memchr(stdin->_IO_read_ptr, '\n', left))
		return true;
#endif
	return poll(&pfd, 1, 0) > 0;
}

static bool next_without_waiting(struct source *src)
{
	return line_ready() || flush(src);
}

int batch_run(const char *name)
{
	struct source src = { .name = name, .ret = EXIT_SUCCESS };
	bool on = true;

	if (strcmp(name, "-") && !freopen(name, "r", stdin)) {
		fprintf(stderr, "Cannot open file \"%s\" for reading: %s\n",
			name, strerror(errno));
		return EXIT_FAILURE;
	}
	batch_mode = 1;
	while (on && next_without_waiting(&src) && next_command(&src))
		on = run_line(&src);
	if (on)
		flush(&src);
	if (src.cut)
		fprintf(stderr, "Missing continuation line\n");
	free(src.read);
	free(src.text);
	return src.ret;
}
