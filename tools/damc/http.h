/* SPDX-License-Identifier: GPL-2.0 */
/* As much of HTTP/1.1 as asking a gateway takes: JSON there, JSON back. */
#ifndef DAMC_CLI_HTTP_H
#define DAMC_CLI_HTTP_H

#include <jansson.h>

/* Bytes of an answer, its header included. */
#define HTTP_ANSWER_MAX 65536
/* Seconds to wait for an answer: an SPA is asked meanwhile. */
#define HTTP_PATIENCE_S 30

/* "unix:PATH" or "HOST:PORT": a connected socket, or a negative errno. */
int http_open(const char *address);

/**
 * http_post() - ask
 * @body: stolen
 * @status: of HTTP
 *
 * Return: the answer, a new reference; NULL and errno: none came, or no JSON.
 */
json_t *http_post(int fd, const char *path, json_t *body, int *status);

#endif /* DAMC_CLI_HTTP_H */
