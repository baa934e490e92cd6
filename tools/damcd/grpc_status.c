// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "array.h"
#include "grpc_status.h"

/* Where HTTP's status is too coarse. */
static const struct {
	const char *code;
	const char *status;
} by_code[] = {
	{ "name-taken", "6" },		/* ALREADY_EXISTS */
	{ "full", "8" },		/* RESOURCE_EXHAUSTED */
	{ "too-many-watches", "8" },
	{ "not-announced", "9" },	/* FAILED_PRECONDITION */
	{ "ended", "10" },		/* ABORTED */
	{ "rules-changed", "10" },
};

static const struct {
	int http;
	const char *status;
} by_http[] = {
	{ 400, "3" },	/* INVALID_ARGUMENT */
	{ 401, "16" },	/* UNAUTHENTICATED */
	{ 403, "7" },	/* PERMISSION_DENIED */
	{ 404, "5" },	/* NOT_FOUND */
	{ 408, "4" },	/* DEADLINE_EXCEEDED */
	{ 409, "9" },	/* FAILED_PRECONDITION */
	{ 413, "8" },	/* RESOURCE_EXHAUSTED */
	{ 429, "8" },
	{ 501, "12" },	/* UNIMPLEMENTED */
	{ 503, "14" },	/* UNAVAILABLE */
};

const char *grpc_status_code(const struct class1_problem *problem)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(by_code); i++)
		if (!strcmp(by_code[i].code, problem->code))
			return by_code[i].status;
	for (i = 0; i < ARRAY_SIZE(by_http); i++)
		if (by_http[i].http == problem->status)
			return by_http[i].status;
	return "13";	/* INTERNAL */
}

static size_t encode(char *to, size_t room, const char *text)
{
	static const char digits[] = "0123456789ABCDEF";
	size_t n = 0;

	for (; *text && n + 3 <= room; text++) {
		unsigned char c = *text;

		if (c >= ' ' && c <= '~' && c != '%') {
			to[n++] = c;
			continue;
		}
		to[n++] = '%';
		to[n++] = digits[c >> 4];
		to[n++] = digits[c & 15];
	}
	return n;
}

size_t grpc_status_text(char text[GRPC_STATUS_TEXT_MAX],
			const struct class1_problem *problem)
{
	size_t n = encode(text, GRPC_STATUS_TEXT_MAX, problem->message);

	n += encode(text + n, GRPC_STATUS_TEXT_MAX - n, " ");
	return n + encode(text + n, GRPC_STATUS_TEXT_MAX - n, problem->hint);
}
