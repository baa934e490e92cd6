/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What SPAs have for nodes to flood: certificates, beacons, revocations, call
 * rules. The SPA on this host is asked every few seconds, others while no beacon
 * comes by flooding; and any may call this node with news, at /damc/node/ID/news
 * and /localhost/damc/node.
 */
#ifndef DAMCD_NEWS_H
#define DAMCD_NEWS_H

#include "daemon.h"

struct news;

/* NULL: why is logged. */
struct news *news_new(struct daemon *daemon);
void news_free(struct news *news);

/* Ask the SPAs that the configuration names now. */
void news_configure(struct news *news);

#endif /* DAMCD_NEWS_H */
