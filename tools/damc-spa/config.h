/* SPDX-License-Identifier: GPL-2.0 */
/* An SPA's configuration file: Documentation/spa.rst, "Configuration". */
#ifndef SPA_CONFIG_H
#define SPA_CONFIG_H

#include <limits.h>

#include "log.h"
#include "store.h"

#define CONFIG_NAMES_MAX 8

/**
 * struct config - what it says
 * @identity: the node's directory
 * @state: where the store is
 * @unsigned_policy: go by a policy without a signature
 * @name: what to serve beside /damc/spa/ID and /localhost/damc/spa
 * @push: whom to call with news, beside who asked
 * @log: how a server's log is written
 */
struct config {
	char identity[PATH_MAX];
	char state[PATH_MAX];
	char policy[PATH_MAX];
	bool unsigned_policy;
	enum store_sync sync;
	uint32_t n_names;
	struct damc_name name[CONFIG_NAMES_MAX];
	uint32_t n_push;
	struct damc_name push[CONFIG_NAMES_MAX];
	struct log log;
};

int config_load(struct config *config, const char *path, char why[DC_WHY_MAX]);

#endif /* SPA_CONFIG_H */
