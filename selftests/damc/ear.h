/* SPDX-License-Identifier: GPL-2.0 */
/* Hearing what the family tells its groups, and reading it. */
#ifndef DAMC_EAR_H
#define DAMC_EAR_H

#include "testlib.h"

/* A socket in all groups; 0 or an error. */
int ear_open(struct dt_nl *ear);
/* Each message that waits; how many, or an error (-ENOBUFS: some were lost). */
int ear_each(struct dt_nl *ear,
	     void (*each)(const struct nlmsghdr *nlh, void *arg), void *arg);
/*
 * All that waits, as text: "neigh+4 route+/a/1 route-/b " and so on, object,
 * whether it is there or gone, and its key. Lies in static memory.
 */
const char *ear_text(struct dt_nl *ear);

/* Attributes of a message, and a nest's by type. */
const struct nlattr *ear_attr(const struct nlmsghdr *nlh, uint16_t type);
const struct nlattr *ear_inner(const struct nlattr *nest, uint16_t type);
/* The nest of type @type that comes after @nest, or the first. */
const struct nlattr *ear_next(const struct nlmsghdr *nlh, uint16_t type,
			      const struct nlattr *nest);
/* A name's text form, in static memory. */
const char *ear_name(const struct nlattr *name);

#endif
