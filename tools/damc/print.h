/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Text and JSON from one set of calls, in the shape that iproute2's objects
 * use. Built into ip the calls are iproute2's own; here they are print.c, and
 * only those that the front end needs.
 */
#ifndef DAMC_CLI_PRINT_H
#define DAMC_CLI_PRINT_H

#ifdef DAMC_IN_IP

#include "utils.h"

#else

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum output_type {
	PRINT_FP = 1,
	PRINT_JSON = 2,
	PRINT_ANY = 4,
};

enum color_attr {
	COLOR_IFNAME,
	COLOR_MAC,
	COLOR_INET,
	COLOR_INET6,
	COLOR_OPERSTATE_UP,
	COLOR_OPERSTATE_DOWN,
	COLOR_NONE
};

/* The global options, under the names that ip gives them. */
extern int json;
extern int pretty;
extern int oneline;
extern int brief;
extern int show_stats;
extern int show_details;
extern int timestamp;
extern int timestamp_short;
extern int echo_request;
extern int force;
extern int batch_mode;

void new_json_obj(int json);
void delete_json_obj(void);
bool is_json_context(void);

void open_json_object(const char *key);
void close_json_object(void);
void open_json_array(enum output_type type, const char *key);
void close_json_array(enum output_type type, const char *key);

void print_nl(void);

/* The time of day, as -timestamp and -tshort want it. */
int print_timestamp(FILE *to);

/*
 * @key is JSON's, NULL inside an array; @fmt is the text's, with one
 * conversion for the value.
 */
int print_color_string(enum output_type type, enum color_attr color,
		       const char *key, const char *fmt, const char *value);
int print_color_uint(enum output_type type, enum color_attr color,
		     const char *key, const char *fmt, unsigned int value);
int print_u64(enum output_type type, const char *key, const char *fmt,
	      uint64_t value);
int print_float(enum output_type type, const char *key, const char *fmt,
		double value);
int print_bool(enum output_type type, const char *key, const char *fmt,
	       bool value);
int print_null(enum output_type type, const char *key, const char *fmt,
	       const char *value);
int print_0xhex(enum output_type type, const char *key, const char *fmt,
		unsigned long long value);

static inline int print_string(enum output_type type, const char *key,
			       const char *fmt, const char *value)
{
	return print_color_string(type, COLOR_NONE, key, fmt, value);
}

static inline int print_uint(enum output_type type, const char *key,
			     const char *fmt, unsigned int value)
{
	return print_color_uint(type, COLOR_NONE, key, fmt, value);
}

/* Take "-c", "-color[=always|auto|never]": whether @option is that. */
bool print_color_option(const char *option);
void print_color_start(void);

#endif /* DAMC_IN_IP */

#endif /* DAMC_CLI_PRINT_H */
