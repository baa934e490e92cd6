/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tests of pools at one node begin with: v0 is an edge to which /p is
 * bound, the instances /b/1 to /b/4 of the pool /b are behind w0.
 */
#ifndef DAMC_POOLS_H
#define DAMC_POOLS_H

#include "testlib.h"

/* Runs damc's commands, one an argument; 0 if all succeed. */
#define DAMC(...) pools_damc((const char * const []){ __VA_ARGS__, NULL })
int pools_damc(const char * const *commands);

/* Made and entered; 0, or what failed. */
int pools_open(struct dt_node *node);

/* The instance that the next packet out is for; 0 if none comes, -1 if odd. */
int pools_instance(struct dt_node *node, int ms);

/* A socket that is connected to a name: a descriptor, or -1. */
int pools_connected(const char *name);

#endif
