// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "cli.h"
#include "daemon.h"
#include "print.h"

#define ADDRESS "@damcd"

/* ---- the way there ----------------------------------------------------- */

static int failed(const char *what)
{
	fprintf(stderr, "damc: damcd: %s\n", what);
	return CLI_KERNEL;
}

/*
 * A name of the namespace's own is anybody's to take while no daemon runs, and
 * files are written and reports are filled by what is said here.
 */
static bool is_trusted(int fd)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len))
		return false;
	errno = EPERM;
	return !peer.uid || peer.uid == geteuid();
}

static FILE *connect_to(const char *address)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	size_t len = strlen(address);
	int fd;

	if (len >= sizeof(sa.sun_path)) {
		errno = ENAMETOOLONG;
		return NULL;
	}
	memcpy(sa.sun_path, address, len);
	if (*address == '@')
		sa.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return NULL;
	if (!connect(fd, (void *)&sa,
		     offsetof(struct sockaddr_un, sun_path) + len) &&
	    is_trusted(fd))
		return fdopen(fd, "r+");
	close(fd);
	return NULL;
}

static int send_request(FILE *daemon, const json_t *request)
{
	char *text = json_dumps(request, JSON_COMPACT);
	int ret;

	if (!text)
		return failed(strerror(ENOMEM));
	ret = fprintf(daemon, "%s\n", text) < 0 || fflush(daemon);
	free(text);
	return ret ? failed(strerror(errno)) : CLI_OK;
}

/* What becomes of an answer's objects: each member may be NULL. */
struct taker {
	void (*each)(const json_t *object);
	json_t *list;
};

/* One line: true, with the outcome, if it was the last. */
static bool take_line(const char *line, int *ret, const struct taker *taker)
{
	json_t *object = json_loads(line, 0, NULL);
	bool last = true;

	if (!json_is_object(object))
		*ret = failed("it answers with something else than JSON");
	else if (json_object_get(object, "error"))
		*ret = failed(cli_member(object, "error"));
	else
		last = json_is_true(json_object_get(object, "end"));
	if (!last && taker->each)
		taker->each(object);
	if (!last && taker->list)
		json_array_append(taker->list, object);
	json_decref(object);
	return last;
}

static int take_answer(FILE *daemon, const struct taker *taker)
{
	size_t size = 0;
	char *line = NULL;
	int ret = CLI_OK;
	bool last = false;

	while (!last && getline(&line, &size, daemon) > 0)
		last = take_line(line, &ret, taker);
	free(line);
	return last ? ret : failed("the answer ends too early");
}

static int ask(json_t *request, const struct taker *taker)
{
	const char *address = getenv("DAMCD_CONTROL");
	FILE *daemon = connect_to(address ?: ADDRESS);
	int ret;

	if (!daemon) {
		json_decref(request);
		fprintf(stderr, "damc: no damcd at %s: %s\n",
			address ?: ADDRESS, errno == EPERM ?
			"a user who is neither root nor you listens there" :
			strerror(errno));
		return CLI_KERNEL;
	}
	ret = send_request(daemon, request);
	json_decref(request);
	if (!ret)
		ret = take_answer(daemon, taker);
	fclose(daemon);
	return ret;
}

int cli_daemon(json_t *request, void (*each)(const json_t *object))
{
	return ask(request, &(struct taker){ .each = each });
}

int cli_daemon_list(json_t *request, json_t **list)
{
	int ret;

	*list = json_array();
	ret = ask(request, &(struct taker){ .list = *list });
	if (!ret)
		return ret;
	json_decref(*list);
	*list = NULL;
	return ret;
}

/* ---- what it says ------------------------------------------------------ */

const char *cli_member(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key)) ?: "?";
}

long long cli_number(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

static void put(const char *key, const json_t *value);

static void put_members(const json_t *object)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)object, key, value)
		put(key, value);
}

static void put_list(const char *key, const json_t *list)
{
	json_t *value;
	size_t i;

	open_json_array(PRINT_JSON, key);
	json_array_foreach(list, i, value)
		put(NULL, value);
	close_json_array(PRINT_JSON, key);
}

static void put(const char *key, const json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		open_json_object(key);
		put_members(value);
		close_json_object();
		break;
	case JSON_ARRAY:
		put_list(key, value);
		break;
	case JSON_STRING:
		print_string(PRINT_JSON, key, NULL, json_string_value(value));
		break;
	case JSON_INTEGER:
		print_u64(PRINT_JSON, key, NULL, json_integer_value(value));
		break;
	case JSON_REAL:
		print_float(PRINT_JSON, key, NULL, json_real_value(value));
		break;
	case JSON_TRUE:
	case JSON_FALSE:
		print_bool(PRINT_JSON, key, NULL, json_is_true(value));
		break;
	case JSON_NULL:
		print_null(PRINT_JSON, key, NULL, NULL);
		break;
	}
}

void cli_daemon_json(const json_t *object)
{
	put(NULL, object);
}

int cli_daemon_show(json_t *request, void (*text)(const json_t *object))
{
	int ret;

	new_json_obj(json);
	ret = cli_daemon(request, json ? cli_daemon_json : text);
	delete_json_obj();
	return ret;
}

void cli_daemon_place(const json_t *object)
{
	if (json_object_get(object, "udp"))
		printf(" udp %s port %lld", cli_member(object, "udp"),
		       cli_number(object, "port"));
	if (json_object_get(object, "local"))
		printf(" local %s", cli_member(object, "local"));
	if (json_object_get(object, "dev"))
		printf(" dev %s", cli_member(object, "dev"));
}

static void print_way(const char *word, const json_t *way)
{
	if (json_object_get(way, "node")) {
		printf(" %s %s", word, cli_member(way, "node"));
		cli_daemon_place(way);
	} else {
		printf(" %s link %lld", word, cli_number(way, "link"));
	}
	if (cli_number(way, "weight") > 1)
		printf(" weight %lld", cli_number(way, "weight"));
}

void cli_daemon_ways(const json_t *object)
{
	const json_t *backup = json_object_get(object, "backup"), *way;
	size_t i;

	json_array_foreach(json_object_get(object, "nexthops"), i, way)
		print_way("via", way);
	if (backup)
		print_way("backup", backup);
	else if (show_details && json_object_get(object, "unprotected"))
		printf(" unprotected \"%s\"",
		       cli_member(object, "unprotected"));
}
