/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The control socket: for the damc command, as root or the daemon's own user. A
 * line of JSON each way: {"do": WORD, ...} gets any number of objects, and then
 * {"end": true}, or {"error": TEXT} (Documentation/damcd.rst).
 */
#ifndef DAMCD_CONTROL_H
#define DAMCD_CONTROL_H

#include <jansson.h>

#include "daemon.h"

/* Connections at once; bytes of a request's line. */
#define CONTROL_CLIENTS_MAX 16
#define CONTROL_LINE_MAX (1024 * 1024)

/* NULL: why is logged. */
struct control *control_new(struct daemon *daemon);
void control_free(struct control *control);

/**
 * struct control_answer - one that is being made
 * @to: an evbuffer
 * @error: why there is none; "" if there is
 */
struct control_answer {
	struct daemon *daemon;
	struct evbuffer *to;
	char error[256];
};

/* Add an object, whose reference is taken. */
void control_add(struct control_answer *answer, json_t *object);
void control_fail(struct control_answer *answer, const char *why, ...)
	__attribute__((format(printf, 2, 3)));

/* Do what a request asks for (control_do.c). */
void control_do(struct control_answer *answer, json_t *request);

#endif /* DAMCD_CONTROL_H */
