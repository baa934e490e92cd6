/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What all files of libdamc share and no user of it sees.
 */
#ifndef _DAMC_INTERNAL_H
#define _DAMC_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>

/* In the library's interface; libdamc.map must list it too. */
#define DAMC_PUBLIC __attribute__((visibility("default")))

#ifndef __packed
#define __packed __attribute__((packed))
#endif

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* Whether so many bytes are a name in wire form. */
bool name_well_formed(const void *wire, size_t len);

#endif /* _DAMC_INTERNAL_H */
