/* SPDX-License-Identifier: GPL-2.0 */
/* The path that a packet recorded. */
#ifndef DAMC_CLI_RECORD_H
#define DAMC_CLI_RECORD_H

#include <stdio.h>

#include "cli.h"

/* Read a RECORD TLV's value; what is broken in it ends it. */
void record_read(struct damc_rmi_path *path, const void *value, size_t len);

/* JSON's members @key and @key-missed; the names only, for text. */
void record_print_json(const char *key, const struct damc_rmi_path *path);
void record_print_text(FILE *to, const struct damc_rmi_path *path);

#endif /* DAMC_CLI_RECORD_H */
