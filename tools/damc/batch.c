// SPDX-License-Identifier: GPL-2.0
/* damc -batch: lines as ip takes them, with # comments, quotes and \ at ends. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "batch.h"
#include "cli.h"
#include "print.h"

#define WORDS_MAX 512

struct source {
	const char *name;
	unsigned int line;
	/* What is to be run: one line, or several that \ joins. */
	char *text;
	size_t len;
	size_t room;
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
	char *line = NULL;
	size_t room = 0;
	bool joined = true;

	src->len = 0;
	while (joined) {
		size_t len;

		if (getline(&line, &room, stdin) < 0) {
			free(line);
			if (src->len)
				fprintf(stderr, "Missing continuation line\n");
			return 0;
		}
		src->line++;
		len = strcspn(line, "#\n");
		joined = len && line[len] == '\n' && line[len - 1] == '\\';
		if (append_text(src, line, joined ? len - 1 : len)) {
			free(line);
			fprintf(stderr, "Out of memory\n");
			return 0;
		}
	}
	free(line);
	return 1;
}

/* Cut the text into words, in place: how many, or -1 after saying why. */
static int split(char *text, char **words)
{
	static const char blank[] = " \t\r\n";
	int n = 0;

	for (;;) {
		text += strspn(text, blank);
		if (!*text)
			return n;
		if (n == WORDS_MAX) {
			fprintf(stderr, "Too many arguments to command\n");
			return -1;
		}
		if (*text == '\'' || *text == '"') {
			char quote = *text++;

			words[n++] = text;
			text = strchr(text, quote);
			if (!text) {
				fprintf(stderr, "Unterminated quoted string\n");
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

static int run_line(struct source *src)
{
	char *words[WORDS_MAX];
	int n = split(src->text, words);
	int skip;

	if (n < 0)
		exit(EXIT_FAILURE);
	skip = n > 0 && !strcmp(words[0], "damc");
	return n ? do_damc(n - skip, words + skip) : 0;
}

int batch_run(const char *name)
{
	struct source src = { .name = name };
	int ret = EXIT_SUCCESS;

	if (strcmp(name, "-") && !freopen(name, "r", stdin)) {
		fprintf(stderr, "Cannot open file \"%s\" for reading: %s\n",
			name, strerror(errno));
		return EXIT_FAILURE;
	}
	batch_mode = 1;
	while (next_command(&src)) {
		if (!run_line(&src))
			continue;
		fprintf(stderr, "Command failed %s:%u\n", name, src.line);
		ret = EXIT_FAILURE;
		if (!force)
			break;
	}
	free(src.text);
	return ret;
}
