// SPDX-License-Identifier: GPL-2.0
/* damc lsdb, damc object: signed objects, the daemon's and a file's. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "daemon.h"
#include "object.h"
#include "object_json.h"
#include "print.h"

static const char lsdb_usage[] =
	"Usage: damc [ -details ] lsdb [ show ]\n"
	"The objects that damcd here has: links, prefixes, grants and so on.\n";

static const char object_usage[] =
	"Usage: damc object show FILE\n"
	"What the bytes of a signed object in FILE say. Their signature is not checked:\n"
	"who may sign what, only a node of the domain can tell.\n";

static void print_value(const json_t *value);

static void print_list(const json_t *list)
{
	const json_t *value;
	size_t i;

	json_array_foreach(list, i, value)
		print_value(value);
}

static void print_members(const json_t *object)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)object, key, value) {
		printf(" %s", key);
		print_value(value);
	}
}

/* What stands in a list of objects gets a line each. */
static void print_value(const json_t *value)
{
	if (json_is_string(value))
		printf(" %s", json_string_value(value));
	else if (json_is_integer(value))
		printf(" %lld", (long long)json_integer_value(value));
	else if (json_is_boolean(value))
		printf(" %s", json_is_true(value) ? "yes" : "no");
	else if (json_is_array(value))
		print_list(value);
	else if (json_is_object(value))
		printf("\n\t  "), print_members(value);
}

static void print_object(const json_t *object)
{
	const json_t *body = json_object_get(object, "body");

	printf("%s %s shard %lld seq %lld.%lld.%lld bytes %lld",
	       cli_member(object, "type"), cli_member(object, "subject"),
	       cli_number(object, "shard"), cli_number(object, "serial"),
	       cli_number(object, "epoch"), cli_number(object, "counter"),
	       cli_number(object, "bytes"));
	if (json_object_get(object, "left"))
		printf(" left %llds", cli_number(object, "left"));
	if (body) {
		printf("\n\tissuer %s hash %s\n\t", cli_member(object, "issuer"),
		       cli_member(object, "hash"));
		print_members(body);
	}
	printf("\n");
}

static int lsdb_show(struct cli_args *args)
{
	int ret = cli_end(args, CLI_NO_CHOICE);

	if (ret)
		return ret;
	return cli_daemon_show(json_pack("{s:s, s:b}", "do", "lsdb", "details",
					 show_details > 0), print_object);
}

/* ---- files ------------------------------------------------------------- */

static int read_file(const char *path, uint8_t buf[DC_OBJECT_MAX + 1],
		     size_t *len)
{
	FILE *file = fopen(path, "re");

	if (!file) {
		fprintf(stderr, "Cannot open \"%s\": %s\n", path,
			strerror(errno));
		return CLI_USAGE;
	}
	*len = fread(buf, 1, DC_OBJECT_MAX + 1, file);
	fclose(file);
	return CLI_OK;
}

static int show_bytes(const void *bytes, size_t len)
{
	const char *why = "?";
	struct dc_object object;
	json_t *value;

	if (dc_object_read(&object, bytes, len, &why) ||
	    dc_body_check(&object)) {
		fprintf(stderr, "Error: no object: %s.\n", why);
		return CLI_KERNEL;
	}
	value = object_json(&object, true);
	new_json_obj(json);
	if (json)
		cli_daemon_json(value);
	else
		print_object(value);
	delete_json_obj();
	json_decref(value);
	return CLI_OK;
}

static int object_show(struct cli_args *args)
{
	uint8_t bytes[DC_OBJECT_MAX + 1];
	const char *path = cli_take(args);
	size_t len;
	int ret;

	if (!path)
		return cli_incomplete();
	ret = cli_end(args, "nothing may follow the file");
	if (!ret)
		ret = read_file(path, bytes, &len);
	return ret ? ret : show_bytes(bytes, len);
}

static int object_run(struct cli_args *args)
{
	(void)args;
	return cli_incomplete();
}

static const struct cli_verb lsdb_verbs[] = {
	{ "show", lsdb_show },
	{ "list", lsdb_show },
	{ NULL, NULL }
};

static const struct cli_verb object_verbs[] = {
	{ "show", object_show },
	{ NULL, NULL }
};

const struct cli_object cli_lsdb = {
	.name = "lsdb", .usage = lsdb_usage, .verbs = lsdb_verbs,
	.run = lsdb_show
};

const struct cli_object cli_object = {
	.name = "object", .usage = object_usage, .verbs = object_verbs,
	.run = object_run
};
