/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which interfaces there are and whether they have carrier, by rtnetlink: told
 * as it happens.
 */
#ifndef DAMCD_LINKS_H
#define DAMCD_LINKS_H

#include <net/if.h>

#include "daemon.h"

/**
 * struct link - an interface
 * @up: enabled, and with carrier
 * @gone: it is no more
 */
struct link {
	uint32_t ifindex;
	char name[IF_NAMESIZE];
	bool up;
	bool gone;
};

struct links;

typedef void (*links_told)(void *arg, const struct link *link);

/* NULL and errno. @told is not called before links_each(). */
struct links *links_new(struct daemon *daemon, links_told told, void *arg);
void links_free(struct links *links);

/* Tell of all there are. */
void links_each(struct links *links);

#endif /* DAMCD_LINKS_H */
