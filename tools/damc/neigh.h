/* SPDX-License-Identifier: GPL-2.0 */
/* What damc neigh says of liveness. */
#ifndef DAMC_CLI_NEIGH_H
#define DAMC_CLI_NEIGH_H

#include "cli.h"

/* "10x3" or "off", 32 hexadecimal digits: into a struct damc_neigh_config. */
int neigh_take_liveness(const struct cli_key *key, const char *value);
int neigh_take_key(const struct cli_key *key, const char *value);

/* Nothing of a neighbour that is not watched. */
void neigh_print_liveness(const struct damc_liveness *live);
void neigh_print_liveness_stats(const struct damc_liveness *live);

#endif /* DAMC_CLI_NEIGH_H */
