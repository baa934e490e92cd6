// SPDX-License-Identifier: GPL-2.0
/* Words and keys of the command line, and what is said of wrong ones. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"

bool cli_quiet;

static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void say(const char *format, ...)
{
	va_list args;

	if (cli_quiet)
		return;
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
}

char *cli_take(struct cli_args *args)
{
	if (args->left <= 0)
		return NULL;
	args->left--;
	return *args->next++;
}

const char *cli_peek(const struct cli_args *args)
{
	return args->left > 0 ? *args->next : NULL;
}

bool cli_abbrev(const char *word, const char *full)
{
	return *word && !strncmp(word, full, strlen(word));
}

int cli_incomplete(void)
{
	say("Command line is not complete. Try option \"help\"\n");
	return CLI_USAGE;
}

int cli_required(const char *what)
{
	say("Error: argument \"%s\" is required\n", what);
	return CLI_USAGE;
}

int cli_wrong(const char *arg, const char *why)
{
	say("Error: argument \"%s\" is wrong: %s\n", arg, why);
	return CLI_USAGE;
}

int cli_duplicate(const char *key, const char *value)
{
	say("Error: duplicate \"%s\": \"%s\" is the second value.\n", key,
	    value);
	return CLI_USAGE;
}

int cli_no_device(const char *name)
{
	say("Cannot find device \"%s\"\n", name);
	return CLI_USAGE;
}

static int unknown_key(const char *word, const char *object)
{
	char why[64];

	snprintf(why, sizeof(why), "unknown key, try \"damc %s help\"", object);
	return cli_wrong(word, why);
}

static struct cli_key *find_key(struct cli_key *keys, const char *word)
{
	for (; keys->key; keys++) {
		if (!strcmp(keys->key, word))
			return keys;
	}
	return NULL;
}

static int take_key(struct cli_args *args, struct cli_key *key)
{
	const char *value = key->key;

	if (key->take) {
		value = cli_take(args);
		if (!value)
			return cli_incomplete();
	}
	if (key->seen)
		return cli_duplicate(key->key, value);
	key->seen = true;
	if (key->take)
		return key->take(key, value);
	*(bool *)key->to = true;
	return CLI_OK;
}

int cli_keys(struct cli_args *args, struct cli_key *keys, const char *stop,
	     const char *object)
{
	struct cli_key *key;
	const char *word;
	int ret;

	while ((word = cli_peek(args))) {
		if (stop && !strcmp(word, stop))
			break;
		key = find_key(keys, word);
		if (!key)
			return unknown_key(word, object);
		cli_take(args);
		ret = take_key(args, key);
		if (ret)
			return ret;
	}
	return CLI_OK;
}

int cli_name_arg(struct cli_args *args, struct damc_name *name)
{
	struct cli_key key = { .to = name };
	const char *word = cli_take(args);

	return word ? cli_take_name(&key, word) : cli_incomplete();
}

int cli_name_alone(struct cli_args *args, struct damc_name *name)
{
	int ret = cli_name_arg(args, name);

	return ret ? ret : cli_end(args, "nothing may follow the name");
}

int cli_end(const struct cli_args *args, const char *why)
{
	const char *word = cli_peek(args);

	return word ? cli_wrong(word, why) : CLI_OK;
}
