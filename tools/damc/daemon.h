/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The way to damcd's control socket, and how what it says is written. It listens
 * at @damcd, in its network namespace, unless DAMCD_CONTROL says otherwise.
 */
#ifndef DAMC_CLI_DAEMON_H
#define DAMC_CLI_DAEMON_H

#include <jansson.h>

/**
 * cli_daemon() - have the daemon do something
 * @request: taken
 * @each: for every object of the answer; NULL: there is none
 *
 * Return: CLI_OK, or CLI_KERNEL after saying why on stderr.
 */
int cli_daemon(json_t *request, void (*each)(const json_t *object));

/* The same: all of them in a list, for the caller to release; NULL if it fails. */
int cli_daemon_list(json_t *request, json_t **list);

/* Ask to show @what, in JSON or by @text for each object. */
int cli_daemon_show(json_t *request, void (*text)(const json_t *object));

/* An object of the answer into the JSON that is being written. */
void cli_daemon_json(const json_t *object);

/* Members, "?" or 0 if they are missing. */
const char *cli_member(const json_t *object, const char *key);
long long cli_number(const json_t *object, const char *key);

/* " udp ADDR port PORT local ADDR dev DEV", as far as it has them. */
void cli_daemon_place(const json_t *object);

/* " via NODE dev DEV" for each of "nexthops", and " backup ..." */
void cli_daemon_ways(const json_t *object);

#endif /* DAMC_CLI_DAEMON_H */
