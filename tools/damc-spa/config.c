// SPDX-License-Identifier: GPL-2.0
/* The configuration file. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "yaml_read.h"

static int take_path(struct yaml_read *yaml, yaml_node_t *value, char *to)
{
	const char *text = yaml_text(yaml, value);

	if (!text)
		return -EINVAL;
	if (!*text || strlen(text) >= PATH_MAX)
		return yaml_fault(yaml, value, "a path is expected");
	strcpy(to, text);
	return 0;
}

static int take_identity(struct yaml_read *yaml, yaml_node_t *value, void *to)
{
	return take_path(yaml, value, ((struct config *)to)->identity);
}

static int take_state(struct yaml_read *yaml, yaml_node_t *value, void *to)
{
	return take_path(yaml, value, ((struct config *)to)->state);
}

static int take_policy(struct yaml_read *yaml, yaml_node_t *value, void *to)
{
	return take_path(yaml, value, ((struct config *)to)->policy);
}

static int take_unsigned(struct yaml_read *yaml, yaml_node_t *value, void *to)
{
	struct config *config = to;

	return yaml_bool(yaml, value, &config->unsigned_policy);
}

static int take_sync(struct yaml_read *yaml, yaml_node_t *value, void *to)
{
	const char *text = yaml_text(yaml, value);
	struct config *config = to;

	if (!text)
		return -EINVAL;
	config->sync = strcmp(text, "quick") ? STORE_SAFE : STORE_QUICK;
	if (config->sync == STORE_SAFE && strcmp(text, "safe"))
		return yaml_fault(yaml, value, "safe or quick is expected");
	return 0;
}

static int take_level(struct yaml_read *yaml, yaml_node_t *value, void *to)
{
	const char *text = yaml_text(yaml, value);
	struct config *config = to;
	int level = text ? log_level_of(text) : -1;

	if (!text)
		return -EINVAL;
	if (level < 0)
		return yaml_fault(yaml, value,
				  "error, warning, info or debug is expected");
	config->log.level = level;
	return 0;
}

static int take_format(struct yaml_read *yaml, yaml_node_t *value, void *to)
{
	const char *text = yaml_text(yaml, value);
	struct config *config = to;
	int format = text ? log_format_of(text) : -1;

	if (!text)
		return -EINVAL;
	if (format < 0)
		return yaml_fault(yaml, value, "logfmt or json is expected");
	config->log.format = format;
	return 0;
}

static int take_one(struct yaml_read *yaml, yaml_node_t *value,
		    struct damc_name *list, uint32_t *n)
{
	const char *text = yaml_text(yaml, value), *why;

	if (!text)
		return -EINVAL;
	if (*n >= CONFIG_NAMES_MAX)
		return yaml_fault(yaml, value, "more than %d names",
				  CONFIG_NAMES_MAX);
	return damc_name_parse(&list[(*n)++], text, &why) ?
		yaml_fault(yaml, value, "%s", why) : 0;
}

static int take_name(struct yaml_read *yaml, yaml_node_t *value, void *to)
{
	struct config *config = to;

	return take_one(yaml, value, config->name, &config->n_names);
}

static int take_names(struct yaml_read *yaml, yaml_node_t *value, void *to)
{
	return yaml_list(yaml, value, take_name, to);
}

static int take_target(struct yaml_read *yaml, yaml_node_t *value, void *to)
{
	struct config *config = to;

	return take_one(yaml, value, config->push, &config->n_push);
}

static int take_push(struct yaml_read *yaml, yaml_node_t *value, void *to)
{
	return yaml_list(yaml, value, take_target, to);
}

static const struct yaml_key keys[] = {
	{ "identity", take_identity, true },
	{ "state", take_state, true },
	{ "policy", take_policy, true },
	{ "unsigned-policy", take_unsigned, false },
	{ "sync", take_sync, false },
	{ "log-level", take_level, false },
	{ "log-format", take_format, false },
	{ "names", take_names, false },
	{ "push", take_push, false },
	{ NULL, NULL, false }
};

static int take_config(struct yaml_read *yaml, yaml_node_t *value, void *to)
{
	return yaml_map(yaml, value, keys, to);
}

int config_load(struct config *config, const char *path, char why[DC_WHY_MAX])
{
	char *bytes;
	size_t len;
	int err;

	memset(config, 0, sizeof(*config));
	config->log.level = LOG_INFO;
	bytes = yaml_file(path, &len, why);
	if (!bytes)
		return -EINVAL;
	err = yaml_read(path, bytes, len, take_config, config, why);
	free(bytes);
	return err;
}
