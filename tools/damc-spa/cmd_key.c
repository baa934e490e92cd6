// SPDX-License-Identifier: GPL-2.0
/* damc-spa key, join: what a host does to become a node. */
#include <errno.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "identity_file.h"
#include "request_file.h"
#include "spa_tool.h"

static const char usage[] =
	"Usage: damc-spa key new DIR\n"
	"       damc-spa key show DIR\n"
	"Makes a host's private key, DIR/key, which never leaves the host, and\n"
	"DIR/request, which goes to where the anchor is: see \"damc-spa enrol help\".\n";

static const char join_usage[] =
	"Usage: damc-spa join DIR FROM\n"
	"Takes cert.damc and anchor.txt, which \"damc-spa enrol\" wrote, from FROM into\n"
	"DIR, if they fit the key there. With that, DIR is all that a node needs.\n";

static void path_in(char to[PATH_MAX], const char *dir, const char *file)
{
	snprintf(to, PATH_MAX, "%.3000s/%s", dir, file);
}

static int show(struct tool *tool, const uint8_t *key)
{
	json_t *row = json_object();

	json_object_set_new(row, "key", tool_json_hex(key, DC_KEY_BYTES));
	tool_row(tool, row);
	return TOOL_OK;
}

static int make(struct tool *tool, const char *dir)
{
	uint8_t key[DC_KEY_BYTES], secret[DC_SECRET_BYTES];
	char path[PATH_MAX], why[DC_WHY_MAX];
	int err;

	if (mkdir(dir, 0700) && errno != EEXIST)
		return tool_failed("%s: %s", dir, strerror(errno));
	dc_key_new(key, secret);
	path_in(path, dir, "key");
	err = dc_key_store(secret, path, why);
	if (!err) {
		path_in(path, dir, "request");
		err = request_write(path, key, secret, why);
	}
	sodium_memzero(secret, sizeof(secret));
	return err ? tool_failed("%s", why) : show(tool, key);
}

static int show_dir(struct tool *tool, const char *dir)
{
	uint8_t key[DC_KEY_BYTES], secret[DC_SECRET_BYTES];
	char path[PATH_MAX], why[DC_WHY_MAX];
	int err;

	path_in(path, dir, "key");
	err = dc_key_load(key, secret, path, why);
	sodium_memzero(secret, sizeof(secret));
	return err ? tool_failed("%s", why) : show(tool, key);
}

int cmd_key(struct tool *tool)
{
	const char *verb = tool_take(tool), *dir;

	if (!verb || !strcmp(verb, "help")) {
		fputs(usage, verb ? stdout : stderr);
		return verb ? TOOL_OK : TOOL_USAGE;
	}
	dir = tool_take(tool);
	if (!dir)
		return tool_incomplete();
	if (tool_end(tool))
		return TOOL_USAGE;
	if (!strcmp(verb, "new"))
		return make(tool, dir);
	if (!strcmp(verb, "show"))
		return show_dir(tool, dir);
	return tool_wrong(verb, "unknown, try \"damc-spa key help\"");
}

/* ---- join -------------------------------------------------------------- */

static int copy(const char *from_dir, const char *to_dir, const char *file,
		char why[DC_WHY_MAX])
{
	char from[PATH_MAX], to[PATH_MAX], bytes[DC_FILE_MAX];
	int len;

	path_in(from, from_dir, file);
	path_in(to, to_dir, file);
	len = dc_file_read(from, bytes, false, why);
	return len < 0 ? len : dc_file_write(to, bytes, len, 0644, false, why);
}

/* Read what would be there, before it is: the key from @dir, all else new. */
static int check(struct dc_identity *identity, const char *dir,
		 const char *from, char why[DC_WHY_MAX])
{
	uint8_t key[DC_KEY_BYTES];
	char path[PATH_MAX], bytes[DC_FILE_MAX];
	struct dc_object object;
	struct dc_cert cert;
	int len, err;

	path_in(path, dir, "key");
	err = dc_key_load(key, identity->secret, path, why);
	path_in(path, from, "anchor.txt");
	err = err ? err : dc_anchor_load(identity, path, why);
	if (err)
		return err;
	path_in(path, from, "cert.damc");
	len = dc_file_read(path, bytes, false, why);
	if (len < 0)
		return len;
	if (dc_object_read(&object, bytes, len, NULL) ||
	    object.type != DC_CERT || dc_cert_read(&cert, &object) ||
	    memcmp(cert.key, key, DC_KEY_BYTES))
		return dc_fault(why, -EINVAL, path,
				"is no certificate of the key in %.100s", dir);
	return 0;
}

int cmd_join(struct tool *tool)
{
	const char *dir = tool_take(tool), *from;
	struct dc_identity identity;
	char why[DC_WHY_MAX];
	int err;

	if (!dir || !strcmp(dir, "help")) {
		fputs(join_usage, dir ? stdout : stderr);
		return dir ? TOOL_OK : TOOL_USAGE;
	}
	from = tool_take(tool);
	if (!from)
		return tool_incomplete();
	if (tool_end(tool))
		return TOOL_USAGE;
	err = check(&identity, dir, from, why);
	err = err ? err : copy(from, dir, "anchor.txt", why);
	err = err ? err : copy(from, dir, "cert.damc", why);
	err = err ? err : dc_identity_load(&identity, dir, why);
	sodium_memzero(&identity, sizeof(identity));
	return err ? tool_failed("%s", why) : TOOL_OK;
}
