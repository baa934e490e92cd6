// SPDX-License-Identifier: GPL-2.0
/* The print layer of the standalone command; ip brings its own. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "json.h"
#include "print.h"

int json;
int pretty;
int oneline;
int brief;
int show_stats;
int show_details;
int timestamp;
int timestamp_short;
int echo_request;
int force;
int batch_mode;

static struct json_out out;
static bool in_json;

void new_json_obj(int wanted)
{
	if (!wanted)
		return;

	json_begin(&out, stdout, pretty);
	json_open(&out, NULL, '[');
	in_json = true;
}

void delete_json_obj(void)
{
	if (!in_json)
		return;

	json_close(&out, ']');
	json_end(&out);
	in_json = false;
}

bool is_json_context(void)
{
	return in_json;
}

/* Which of the two a call is for now. */
static bool as_json(enum output_type type)
{
	return in_json && type != PRINT_FP;
}

static bool as_text(enum output_type type)
{
	return !in_json && type != PRINT_JSON;
}

void open_json_object(const char *key)
{
	if (in_json)
		json_open(&out, key, '{');
}

void close_json_object(void)
{
	if (in_json)
		json_close(&out, '}');
}

void open_json_array(enum output_type type, const char *key)
{
	if (as_json(type))
		json_open(&out, key, '[');
	else if (as_text(type))
		fputs(key, stdout);
}

void close_json_array(enum output_type type, const char *key)
{
	if (as_json(type))
		json_close(&out, ']');
	else if (as_text(type))
		fputs(key, stdout);
}

void print_nl(void)
{
	if (!in_json)
		fputs(oneline ? "\\" : "\n", stdout);
}

static int color_wanted;
static bool color_on;

/* ANSI colours by enum color_attr, on a light background and on a dark one. */
static const char *const palette[][2] = {
	[COLOR_IFNAME] = { "\033[36m", "\033[1;36m" },
	[COLOR_MAC] = { "\033[33m", "\033[1;33m" },
	[COLOR_INET] = { "\033[35m", "\033[1;35m" },
	[COLOR_INET6] = { "\033[34m", "\033[1;34m" },
	[COLOR_OPERSTATE_UP] = { "\033[32m", "\033[1;32m" },
	[COLOR_OPERSTATE_DOWN] = { "\033[31m", "\033[1;31m" },
};

bool print_color_option(const char *option)
{
	static const char *const words[] = { "never", "auto", "always" };
	const char *value = strchr(option, '=');
	size_t len = value ? (size_t)(value - option) : strlen(option);
	int i;

	if (len < 2 || len > strlen("-color") || strncmp(option, "-color", len))
		return false;
	if (!value || !value[1]) {
		color_wanted = 2;
		return true;
	}
	for (i = 0; i < 3; i++) {
		if (!strcmp(value + 1, words[i])) {
			color_wanted = i;
			return true;
		}
	}
	return false;
}

void print_color_start(void)
{
	color_on = !json && (color_wanted == 2 ||
			     (color_wanted == 1 && isatty(STDOUT_FILENO)));
}

/* Terminals tell "foreground;background", the latter 0-6 or 8 if dark. */
static bool dark_background(void)
{
	const char *hint = getenv("COLORFGBG");

	hint = hint ? strrchr(hint, ';') : NULL;
	return hint && hint[1] && strchr("01234568", hint[1]) && !hint[2];
}

/* @fmt comes from the front end's own calls, never from input. */
static int text(enum color_attr color, const char *fmt, ...)
{
	va_list args;
	int len;

	if (color_on && color != COLOR_NONE)
		fputs(palette[color][dark_background()], stdout);
	va_start(args, fmt);
	len = vprintf(fmt, args);
	va_end(args);
	if (color_on && color != COLOR_NONE)
		fputs("\033[0m", stdout);
	return len;
}

int print_color_string(enum output_type type, enum color_attr color,
		       const char *key, const char *fmt, const char *value)
{
	if (as_json(type))
		json_text(&out, key, value);
	else if (as_text(type))
		return text(color, fmt, value);
	return 0;
}

int print_color_uint(enum output_type type, enum color_attr color,
		     const char *key, const char *fmt, unsigned int value)
{
	char number[16];

	if (as_text(type))
		return text(color, fmt, value);
	if (as_json(type)) {
		snprintf(number, sizeof(number), "%u", value);
		json_raw(&out, key, number);
	}
	return 0;
}

int print_u64(enum output_type type, const char *key, const char *fmt,
	      uint64_t value)
{
	char number[24];

	if (as_text(type))
		return text(COLOR_NONE, fmt, value);
	if (as_json(type)) {
		snprintf(number, sizeof(number), "%llu",
			 (unsigned long long)value);
		json_raw(&out, key, number);
	}
	return 0;
}

int print_float(enum output_type type, const char *key, const char *fmt,
		double value)
{
	char number[32];

	if (as_text(type))
		return text(COLOR_NONE, fmt, value);
	if (as_json(type)) {
		snprintf(number, sizeof(number), "%g", value);
		json_raw(&out, key, number);
	}
	return 0;
}

int print_bool(enum output_type type, const char *key, const char *fmt,
	       bool value)
{
	const char *word = value ? "true" : "false";

	if (as_text(type))
		return text(COLOR_NONE, fmt, word);
	if (as_json(type))
		json_raw(&out, key, word);
	return 0;
}

int print_null(enum output_type type, const char *key, const char *fmt,
	       const char *value)
{
	if (as_text(type))
		return text(COLOR_NONE, fmt, value);
	if (as_json(type))
		json_raw(&out, key, "null");
	return 0;
}

int print_0xhex(enum output_type type, const char *key, const char *fmt,
		unsigned long long value)
{
	char number[24];

	if (as_text(type))
		return text(COLOR_NONE, fmt, value);
	if (as_json(type)) {
		snprintf(number, sizeof(number), "%#llx", value);
		json_text(&out, key, number);
	}
	return 0;
}

int print_timestamp(FILE *to)
{
	struct timespec now;
	char text[64];
	struct tm *tm;

	clock_gettime(CLOCK_REALTIME, &now);
	tm = localtime(&now.tv_sec);
	if (timestamp_short) {
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", tm);
		fprintf(to, "[%s.%06ld] ", text, now.tv_nsec / 1000);
	} else {
		strftime(text, sizeof(text), "%a %b %e %H:%M:%S %Y", tm);
		fprintf(to, "Timestamp: %s %ld usec\n", text,
			now.tv_nsec / 1000);
	}
	return 0;
}
