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

#define WORDS_MAX 512

struct source {
	const char *name;
	unsigned int line;
	/* What is to be run: one line, or several that \ joins. */
	char *text;
	size_t len;
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

/* Whether there is one: 0 at the end of the file. */
static int next_command(struct source *src)
{
	bool joined = true;

	src->len = 0;
	while (joined) {
		const char *line;
		size_t len;

		if (getline(&src->read, &src->read_room, stdin) < 0) {
			src->cut = src->len > 0;
			return 0;
		}
		line = src->read;
		src->line++;
		len = strcspn(line, "#\n");
		joined = len && line[len] == '\n' && line[len - 1] == '\\';
		if (append_text(src, line, joined ? len - 1 : len)) {
			fprintf(stderr, "Out of memory\n");
			return 0;
		}
	}
	return 1;
}

/* Cut the text into words, in place: how many, or -1 with why not. */
static int split(char *text, char **words, const char **why)
{
	static const char blank[] = " \t\r\n";
	int n = 0;

	for (;;) {
		text += strspn(text, blank);
		if (!*text)
			return n;
		if (n == WORDS_MAX) {
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
			text += strcspn(text, blank);
			if (!*text)
				return n;
		}
		*text++ = '\0';
	}
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
	char *words[WORDS_MAX];
	const char *why;
	int n = split(src->text, words, &why);
	int skip, ret;

	skip = n > 0 && !strcmp(words[0], "damc");
	if (n > 0 && route_queue_take(n - skip, words + skip, src->line,
				      blame, src, &ret))
		return !ret || force;
	/* An empty line ends no run. */
	if (!n)
		return true;
	if (!flush(src))
		return false;
	if (n < 0) {
		fprintf(stderr, "%s\n", why);
		exit(EXIT_FAILURE);
	}
	if (!do_damc(n - skip, words + skip))
		return true;
	blame(src->line, src);
	return force;
}

/* Whether a line is there without waiting for who writes it. */
static bool line_ready(void)
{
	struct pollfd pfd = { .fd = fileno(stdin), .events = POLLIN };

#ifdef __GLIBC__
	if (memchr(stdin->_IO_read_ptr, '\n',
		   stdin->_IO_read_end - stdin->_IO_read_ptr))
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
