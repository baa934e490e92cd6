// SPDX-License-Identifier: GPL-2.0
/* The configuration file. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "config.h"
#include "yaml_tree.h"

/* Names, as many as they are. */
struct names {
	struct damc_name *name;
	uint32_t *n;
};

static int take_sync(struct yaml_tree *tree, yaml_node_t *node,
		     const struct yaml_key *key)
{
	const char *text = yaml_text(tree, node);
	enum store_sync *sync = key->to;

	if (!text)
		return -EINVAL;
	*sync = strcmp(text, "quick") ? STORE_SAFE : STORE_QUICK;
	if (*sync == STORE_SAFE && strcmp(text, "safe"))
		return yaml_tree_fail(tree, node, "safe or quick");
	return 0;
}

static int take_one(struct yaml_tree *tree, yaml_node_t *node, void *arg)
{
	const struct names *names = arg;
	const struct yaml_key key = { .to = &names->name[*names->n] };

	if (*names->n >= CONFIG_NAMES_MAX)
		return yaml_tree_fail(tree, node, "%d names at most",
				      CONFIG_NAMES_MAX);
	++*names->n;
	return yaml_take_name(tree, node, &key);
}

static int take_names(struct yaml_tree *tree, yaml_node_t *node,
		      const struct yaml_key *key)
{
	return yaml_take_some(tree, node, take_one, key->to);
}

static int take_config(struct yaml_tree *tree, struct config *config)
{
	struct names names = { config->name, &config->n_names };
	struct names push = { config->push, &config->n_push };
	const struct yaml_key keys[] = {
		{ "identity", yaml_take_text, config->identity, 0, PATH_MAX,
		  true },
		{ "state", yaml_take_text, config->state, 0, PATH_MAX, true },
		{ "policy", yaml_take_text, config->policy, 0, PATH_MAX, true },
		{ "unsigned-policy", yaml_take_bool, &config->unsigned_policy,
		  0, 0, false },
		{ "sync", take_sync, &config->sync, 0, 0, false },
		{ "log-level", yaml_take_level, &config->log.level, 0, 0,
		  false },
		{ "log-format", yaml_take_format, &config->log.format, 0, 0,
		  false },
		{ "names", take_names, &names, 0, 0, false },
		{ "push", take_names, &push, 0, 0, false },
		{ NULL }
	};

	return yaml_take_map(tree, yaml_tree_root(tree), keys);
}

int config_load(struct config *config, const char *path, char why[DC_WHY_MAX])
{
	struct yaml_tree tree;
	int err;

	memset(config, 0, sizeof(*config));
	config->log.level = LOG_INFO;
	err = yaml_tree_open(&tree, path);
	if (!err) {
		err = take_config(&tree, config);
		yaml_tree_close(&tree);
	}
	if (err)
		snprintf(why, DC_WHY_MAX, "%.*s", DC_WHY_MAX - 1, tree.error);
	return err;
}
