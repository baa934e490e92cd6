// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "http.h"

#define UNIX "unix:"

/* ---- the way there ----------------------------------------------------- */

static int open_unix(const char *path)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd, err;

	if (strlen(path) >= sizeof(sa.sun_path))
		return -ENAMETOOLONG;
	strcpy(sa.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (!connect(fd, (void *)&sa, sizeof(sa)))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

static int open_one(const struct addrinfo *info)
{
	int fd = socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int err;

	if (fd < 0)
		return -errno;
	if (!connect(fd, info->ai_addr, info->ai_addrlen))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

/* @host is cut at its last colon. */
static int open_inet(char *host)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *all, *one;
	char *port = strrchr(host, ':');
	int fd = -EADDRNOTAVAIL;

	if (!port)
		return -EINVAL;
	*port++ = '\0';
	if (*host == '[' && port - host > 2 && port[-2] == ']') {
		port[-2] = '\0';
		host++;
	}
	if (getaddrinfo(host, port, &hints, &all))
		return -EADDRNOTAVAIL;
	for (one = all; one && fd < 0; one = one->ai_next)
		fd = open_one(one);
	freeaddrinfo(all);
	return fd;
}

int http_open(const char *address)
{
	static const struct timeval patience = { .tv_sec = HTTP_PATIENCE_S };
	char *host;
	int fd;

	if (!strncmp(address, UNIX, strlen(UNIX))) {
		fd = open_unix(address + strlen(UNIX));
	} else {
		host = strdup(address);
		if (!host)
			return -ENOMEM;
		fd = open_inet(host);
		free(host);
	}
	if (fd >= 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience,
			   sizeof(patience));
	return fd;
}

/* ---- asking ------------------------------------------------------------ */

static int send_all(int fd, const char *bytes, size_t len)
{
	ssize_t n;

	for (; len; bytes += n, len -= n) {
		n = send(fd, bytes, len, MSG_NOSIGNAL);
		if (n < 0)
			return -errno;
	}
	return 0;
}

static int send_request(int fd, const char *path, const json_t *body)
{
	char *text = json_dumps(body, JSON_COMPACT), *whole = NULL;
	int len, err = -ENOMEM;

	if (!text)
		return err;
	len = asprintf(&whole,
		       "POST %s HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/json\r\n"
		       "Content-Length: %zu\r\n\r\n%s", path, strlen(text),
		       text);
	if (len >= 0) {
		err = send_all(fd, whole, len);
		free(whole);
	}
	free(text);
	return err;
}

/* ---- the answer -------------------------------------------------------- */

/* The number that the header tells, -1 if it tells none. */
static long body_len(const char *header)
{
	static const char key[] = "content-length:";
	const char *line;

	for (line = strchr(header, '\n'); line; line = strchr(line, '\n')) {
		line++;
		if (!strncasecmp(line, key, sizeof(key) - 1))
			return strtol(line + sizeof(key) - 1, NULL, 10);
	}
	return -1;
}

/* The body in @buf, whole, or NULL as long as it is not. */
static const char *whole_body(const char *buf, size_t have, long *len)
{
	const char *end = strstr(buf, "\r\n\r\n");

	if (!end)
		return NULL;
	end += strlen("\r\n\r\n");
	*len = body_len(buf);
	return *len >= 0 && have - (end - buf) >= (size_t)*len ? end : NULL;
}

static json_t *take_answer(int fd, char *buf, int *status)
{
	const char *body = NULL;
	size_t have = 0;
	json_t *json;
	ssize_t n;
	long len;

	while (!body && have < HTTP_ANSWER_MAX) {
		n = recv(fd, buf + have, HTTP_ANSWER_MAX - have, 0);
		if (n <= 0) {
			errno = n ? errno : ECONNRESET;
			return NULL;
		}
		have += n;
		buf[have] = '\0';
		body = whole_body(buf, have, &len);
	}
	if (!body || sscanf(buf, "HTTP/1.%*d %d", status) != 1) {
		errno = EBADMSG;
		return NULL;
	}
	json = json_loadb(body, len, 0, NULL);
	errno = EBADMSG;
	return json;
}

json_t *http_post(int fd, const char *path, json_t *body, int *status)
{
	char *buf = malloc(HTTP_ANSWER_MAX + 1);
	json_t *answer = NULL;
	int err = -ENOMEM;

	if (buf)
		err = body ? send_request(fd, path, body) : -ENOMEM;
	json_decref(body);
	errno = -err;
	if (!err)
		answer = take_answer(fd, buf, status);
	free(buf);
	return answer;
}
