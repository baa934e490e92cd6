/* SPDX-License-Identifier: GPL-2.0 */
/* Sockets that listen, from the configuration's text. */
#ifndef DAMCD_LISTEN_H
#define DAMCD_LISTEN_H

#include <stdbool.h>
#include <sys/types.h>

/**
 * listen_open() - a listening socket, not blocking, close-on-exec
 * @address: "unix:PATH", "unix:@NAME" or "ADDRESS:PORT" ("[V6]:PORT")
 * @interface: an IP address that is not the host's own is listened on by this
 *	interface alone: whoever else could reach it would speak as its pod; NULL:
 *	by any
 * @mode: permissions of a unix socket's path
 *
 * A path that a dead process left is taken over.
 * Return: the descriptor or a negative errno.
 */
int listen_open(const char *address, const char *interface, mode_t mode);

/*
 * Take a unix socket's path away again, once what listened there is closed: what
 * another process has made of it meanwhile, or before, stays.
 */
void listen_remove(const char *address);

#endif /* DAMCD_LISTEN_H */
