/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A streaming JSON writer. Layout is that of iproute2, so that one parser's
 * habits serve both: compact, or with -pretty each member of an object on its
 * own line and arrays opened as "[ ".
 */
#ifndef DAMC_CLI_JSON_H
#define DAMC_CLI_JSON_H

#include <stdio.h>

/**
 * struct json_out - where a document has got to
 * @pretty: with white space
 * @level: open objects and arrays
 * @filled: the innermost one has a member, so the next one needs a comma
 */
struct json_out {
	FILE *file;
	int pretty;
	unsigned int level;
	int filled;
};

void json_begin(struct json_out *out, FILE *file, int pretty);
void json_end(struct json_out *out);

void json_open(struct json_out *out, const char *key, char bracket);
void json_close(struct json_out *out, char bracket);

/* A number or word, printed as it is; a string, with quotes and escapes. */
void json_raw(struct json_out *out, const char *key, const char *text);
void json_text(struct json_out *out, const char *key, const char *text);

#endif /* DAMC_CLI_JSON_H */
