// SPDX-License-Identifier: GPL-2.0
/* damc-spa enrol: a node certificate, signed by the domain's anchor. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "anchor_dir.h"
#include "identity_file.h"
#include "request_file.h"
#include "spa_tool.h"

#define LIFETIME_S (365 * 86400u)
#define MAX_PREFIXES 100000
#define MAX_LSAS 1000

static const char usage[] =
	"Usage: damc-spa enrol NODE role ROLE[,ROLE]... request FILE anchor DIR\n"
	"                      [ subtree NAME ]... [ out DIR ] [ lifetime TIME ]\n"
	"                      [ max-prefixes NUMBER ] [ max-lsas NUMBER ]\n"
	"       damc-spa enrol show anchor DIR\n"
	"ROLE := { sg | sr | spa | scsc }\n"
	"Writes cert.damc and anchor.txt into out (NODE unless told), for the host to\n"
	"\"damc-spa join\". subtree: names that a gateway may announce without a grant,\n"
	"that an SPA may grant, that an SCSC may steer. TIME: 365d unless told.\n";

struct wish {
	struct dc_node_id node;
	struct dc_cert cert;
	const char *node_text;
	const char *request;
	const char *anchor;
	const char *out;
	uint32_t lifetime;
};

/* ---- words ------------------------------------------------------------- */

static int take_subtree(struct tool *tool, struct dc_cert *cert)
{
	const char *word = tool_take(tool);

	if (word && cert->n_subtrees >= DC_SUBTREES_MAX)
		return tool_wrong(word, "more than 8 subtrees");
	return tool_name(word, &cert->subtree[cert->n_subtrees++]);
}

static int take_number(struct tool *tool, uint32_t *to)
{
	uint64_t number;
	int ret = tool_number(tool_take(tool), &number, UINT32_MAX);

	*to = number;
	return ret;
}

static int take_text(struct tool *tool, const char **to)
{
	*to = tool_take(tool);
	return *to ? TOOL_OK : tool_incomplete();
}

static int take_pair(struct tool *tool, struct wish *wish)
{
	const char *key = tool_take(tool);

	if (!strcmp(key, "role"))
		return tool_roles(tool_take(tool), &wish->cert.roles);
	if (!strcmp(key, "subtree"))
		return take_subtree(tool, &wish->cert);
	if (!strcmp(key, "request"))
		return take_text(tool, &wish->request);
	if (!strcmp(key, "anchor"))
		return take_text(tool, &wish->anchor);
	if (!strcmp(key, "out"))
		return take_text(tool, &wish->out);
	if (!strcmp(key, "lifetime"))
		return tool_seconds(tool_take(tool), &wish->lifetime);
	if (!strcmp(key, "max-prefixes"))
		return take_number(tool, &wish->cert.max_prefixes);
	if (!strcmp(key, "max-lsas"))
		return take_number(tool, &wish->cert.max_lsas);
	return tool_wrong(key, "unknown key, try \"damc-spa enrol help\"");
}

static int parse(struct tool *tool, struct wish *wish)
{
	int ret = TOOL_OK;

	while (!ret && tool_peek(tool))
		ret = take_pair(tool, wish);
	if (ret)
		return ret;
	if (!wish->cert.roles || !wish->request || !wish->anchor ||
	    !wish->lifetime)
		return tool_incomplete();
	return TOOL_OK;
}

/* ---- the certificate --------------------------------------------------- */

static int sign(struct anchor_dir *dir, const struct wish *wish,
		struct store_node *node)
{
	struct dc_cert cert = wish->cert;
	uint8_t body[DC_OBJECT_MAX];
	struct dc_object object = { .type = DC_CERT, .body = body };
	int len;

	cert.issued = tool_wall_ms();
	node->id = wish->node;
	node->not_after = cert.issued + wish->lifetime * 1000ull;
	object.not_after = node->not_after;
	object.seq.serial = node->serial;
	len = dc_cert_write(&cert, body, sizeof(body));
	if (len < 0 || dc_node_name(&object.subject, &wish->node))
		return -EINVAL;
	object.body_len = len;
	len = anchor_dir_sign(dir, &object, node->bytes);
	if (len < 0)
		return len;
	node->len = len;
	return 0;
}

static int write_out(const struct anchor_dir *dir, const struct wish *wish,
		     const struct store_node *node, char why[DC_WHY_MAX])
{
	char path[PATH_MAX];
	int err;

	if (mkdir(wish->out, 0755) && errno != EEXIST)
		return dc_fault(why, -errno, wish->out, "%s", strerror(errno));
	snprintf(path, sizeof(path), "%s/anchor.txt", wish->out);
	err = dc_anchor_store(&dir->identity, path, why);
	if (err)
		return err;
	snprintf(path, sizeof(path), "%s/cert.damc", wish->out);
	return dc_file_write(path, node->bytes, node->len, 0644, false, why);
}

/* Numbered, signed and kept, before anybody gets it. */
static int keep(struct anchor_dir *dir, const struct wish *wish,
		struct store_node *node)
{
	char log[512];
	int err;

	err = anchor_dir_begin(dir);
	if (err)
		return err;
	err = store_number(dir->store, STORE_SERIAL, &node->serial);
	err = err ? err : sign(dir, wish, node);
	err = err ? err : store_add_node(dir->store, node);
	if (err) {
		store_abort(dir->store);
		return err;
	}
	snprintf(log, sizeof(log), "enrol %.64s serial %llu", wish->node_text,
		 (unsigned long long)node->serial);
	return store_commit(dir->store, log);
}

static json_t *row_of(const struct store_node *node)
{
	json_t *row = json_object(), *subtrees = json_array();
	struct dc_object object;
	struct dc_cert cert;
	uint32_t i;

	json_object_set_new(row, "node", tool_json_node(&node->id));
	if (!dc_object_read(&object, node->bytes, node->len, NULL) &&
	    !dc_cert_read(&cert, &object)) {
		json_object_set_new(row, "role", tool_json_roles(cert.roles));
		json_object_set_new(row, "serial", json_integer(node->serial));
		json_object_set_new(row, "key",
				    tool_json_hex(cert.key, DC_KEY_BYTES));
		for (i = 0; i < cert.n_subtrees; i++)
			json_array_append_new(subtrees, tool_json_name
					      (&cert.subtree[i]));
		json_object_set(row, "subtree", subtrees);
		json_object_set_new(row, "not-after",
				    tool_json_time(node->not_after));
	}
	json_decref(subtrees);
	return row;
}

static int enrol(struct tool *tool, struct wish *wish)
{
	struct store_node node = { 0 };
	struct anchor_dir dir;
	char why[DC_WHY_MAX];
	int ret;

	if (request_read(wish->request, wish->cert.key, why))
		return tool_failed("%s", why);
	if (anchor_dir_open(&dir, wish->anchor)) {
		ret = tool_failed("%s", dir.why);
	} else if (keep(&dir, wish, &node)) {
		if (!*dir.why)
			snprintf(dir.why, sizeof(dir.why), "%s",
				 *store_why(dir.store) ? store_why(dir.store) :
				 "such a certificate can't be written");
		ret = tool_failed("%s", dir.why);
	} else if (write_out(&dir, wish, &node, why)) {
		ret = tool_failed("%s", why);
	} else {
		tool_row(tool, row_of(&node));
		ret = TOOL_OK;
	}
	anchor_dir_close(&dir);
	return ret;
}

/* ---- show -------------------------------------------------------------- */

static int show_node(const struct store_node *node, void *arg)
{
	tool_row(arg, row_of(node));
	return 0;
}

static int show(struct tool *tool)
{
	struct anchor_dir dir;
	const char *path;
	int ret = TOOL_OK;

	if (!tool_is(tool, "anchor"))
		return tool_incomplete();
	path = tool_take(tool);
	if (!path)
		return tool_incomplete();
	if (tool_end(tool))
		return TOOL_USAGE;
	if (anchor_dir_open(&dir, path))
		ret = tool_failed("%s", dir.why);
	else if (store_nodes(dir.store, show_node, tool))
		ret = tool_failed("%s", store_why(dir.store));
	anchor_dir_close(&dir);
	return ret;
}

int cmd_enrol(struct tool *tool)
{
	struct wish wish = {
		.lifetime = LIFETIME_S,
		.cert = { .max_prefixes = MAX_PREFIXES, .max_lsas = MAX_LSAS }
	};
	int ret;

	if (!tool_peek(tool) || !strcmp(tool_peek(tool), "help")) {
		fputs(usage, tool_peek(tool) ? stdout : stderr);
		return tool_peek(tool) ? TOOL_OK : TOOL_USAGE;
	}
	if (tool_is(tool, "show"))
		return show(tool);
	wish.node_text = tool_take(tool);
	wish.out = wish.node_text;
	ret = tool_node(wish.node_text, &wish.node);
	ret = ret ? ret : parse(tool, &wish);
	return ret ? ret : enrol(tool, &wish);
}
