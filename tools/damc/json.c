// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "json.h"

#define INDENT 4

void json_begin(struct json_out *out, FILE *file, int pretty)
{
	*out = (struct json_out){ .file = file, .pretty = pretty };
}

void json_end(struct json_out *out)
{
	fputc('\n', out->file);
	fflush(out->file);
}

static void new_line(struct json_out *out)
{
	if (out->pretty)
		fprintf(out->file, "\n%*s", (int)(INDENT * out->level), "");
}

static void quoted(FILE *file, const char *text)
{
	/* At equal places: what is escaped, and by which letter. */
	static const char special[] = "\t\n\r\f\b\\\"";
	static const char letter[] = "tnrfb\\\"";

	fputc('"', file);
	for (; *text; text++) {
		const char *hit = strchr(special, *text);

		if (hit)
			fprintf(file, "\\%c", letter[hit - special]);
		else
			fputc(*text, file);
	}
	fputc('"', file);
}

/* Everything that stands before a value. */
static void lead_in(struct json_out *out, const char *key)
{
	if (out->filled)
		fputc(',', out->file);
	out->filled = 1;
	if (!key)
		return;

	new_line(out);
	quoted(out->file, key);
	fputs(out->pretty ? ": " : ":", out->file);
}

void json_open(struct json_out *out, const char *key, char bracket)
{
	lead_in(out, key);
	fputc(bracket, out->file);
	if (bracket == '[' && out->pretty)
		fputc(' ', out->file);
	out->level++;
	out->filled = 0;
}

void json_close(struct json_out *out, char bracket)
{
	out->level--;
	if (out->filled && bracket == '}')
		new_line(out);
	else if (out->filled && out->pretty)
		fputc(' ', out->file);
	fputc(bracket, out->file);
	out->filled = 1;
}

void json_raw(struct json_out *out, const char *key, const char *text)
{
	lead_in(out, key);
	fputs(text, out->file);
}

void json_text(struct json_out *out, const char *key, const char *text)
{
	lead_in(out, key);
	quoted(out->file, text);
}
