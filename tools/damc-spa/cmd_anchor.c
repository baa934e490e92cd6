// SPDX-License-Identifier: GPL-2.0
/* damc-spa anchor: make a domain's anchor, change its keys, show it. */
#include <errno.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "anchor_dir.h"
#include "identity_file.h"
#include "spa_tool.h"

/* A change of the anchor is to reach each node within a year. */
#define CHANGE_LIFETIME_MS (365 * 86400000ull)

static const char usage[] =
	"Usage: damc-spa anchor new DIR DOMAIN\n"
	"       damc-spa anchor show DIR\n"
	"       damc-spa anchor rotate DIR\n"
	"The first rotate makes the next key, the second puts it in the place of the\n"
	"current one: in between, enrol every node anew, for what the old key signed\n"
	"ends with it. Each writes DIR/change-N.damc, to be flooded.\n";

static int show(struct tool *tool, const struct dc_identity *identity)
{
	json_t *row = json_object();

	json_object_set_new(row, "domain", json_string(identity->domain));
	json_object_set_new(row, "anchor",
			    tool_json_hex(identity->anchor[0], DC_KEY_BYTES));
	if (!sodium_is_zero(identity->anchor[1], DC_KEY_BYTES))
		json_object_set_new(row, "next",
				    tool_json_hex(identity->anchor[1],
						  DC_KEY_BYTES));
	tool_row(tool, row);
	return TOOL_OK;
}

static int show_dir(struct tool *tool, const char *path)
{
	struct dc_identity identity;
	char file[PATH_MAX], why[DC_WHY_MAX];

	snprintf(file, sizeof(file), "%s/anchor.txt", path);
	if (dc_anchor_load(&identity, file, why))
		return tool_failed("%s", why);
	return show(tool, &identity);
}

static int make(struct tool *tool, const char *path, const char *domain)
{
	struct anchor_dir dir;
	char why[DC_WHY_MAX];
	int ret;

	if (anchor_dir_new(path, domain, why))
		return tool_failed("%s", why);
	if (anchor_dir_open(&dir, path))
		ret = tool_failed("%s", dir.why);
	else if (store_log(dir.store, "anchor new"))
		ret = tool_failed("%s", store_why(dir.store));
	else
		ret = show(tool, &dir.identity);
	anchor_dir_close(&dir);
	return ret;
}

/* ---- rotation ---------------------------------------------------------- */

/* What both keys say: signed by the current one, proven by the other. */
static int sign_change(struct anchor_dir *dir, const struct dc_anchor *wanted,
		       const uint8_t *other, uint64_t serial,
		       uint8_t bytes[DC_OBJECT_MAX])
{
	struct dc_anchor change = *wanted;
	struct dc_object object = {
		.type = DC_ANCHOR, .shard = serial, .seq.serial = serial,
		.not_after = tool_wall_ms() + CHANGE_LIFETIME_MS,
	};
	uint8_t proof[DC_ANCHOR_PROOF_MAX], body[DC_OBJECT_MAX];
	size_t len;
	int signer = dir->signer, ret;

	len = dc_anchor_proof_bytes(&change,
				    dc_domain_of(dir->identity.domain), serial,
				    proof);
	dc_ed25519.sign(change.proof, proof, len, other);
	ret = dc_anchor_write(&change, body, sizeof(body));
	if (ret < 0)
		return ret;
	object.body = body;
	object.body_len = ret;
	dir->signer = 0;
	ret = anchor_dir_sign(dir, &object, bytes);
	dir->signer = signer;
	return ret;
}

/*
 * First: there is a next key from now on. One that is there, and that no change names,
 * was left by a process that was ended: nobody has heard of it, and it is taken.
 */
static int introduce(struct anchor_dir *dir, struct dc_anchor *change)
{
	char file[PATH_MAX];
	int err;

	anchor_dir_file(file, dir, "next.key");
	err = dc_key_load(change->key[1], dir->secret[1], file, dir->why);
	if (err == -ENOENT) {
		*dir->why = '\0';
		dc_key_new(change->key[1], dir->secret[1]);
		err = dc_key_store(dir->secret[1], file, dir->why);
	}
	memcpy(change->key[0], dir->identity.anchor[0], DC_KEY_BYTES);
	return err;
}

/* Second: it is the current one. */
static void promote(struct dc_anchor *change, const struct dc_identity *identity)
{
	memcpy(change->key[0], identity->anchor[1], DC_KEY_BYTES);
	memset(change->key[1], 0, DC_KEY_BYTES);
}

/* Into the store, with its line of the log in @log. */
static int take_step(struct anchor_dir *dir, char *log, size_t size)
{
	struct dc_anchor change = { 0 };
	bool promoted = dir->signer;
	struct store_change made;
	int len, err = 0;

	if (store_number(dir->store, STORE_SERIAL, &made.serial))
		return -EIO;
	if (promoted)
		promote(&change, &dir->identity);
	else
		err = introduce(dir, &change);
	if (err)
		return err;
	len = sign_change(dir, &change, dir->secret[1], made.serial,
			  made.bytes);
	if (len < 0)
		return len;
	made.len = len;
	snprintf(log, size, "anchor rotate %s change-%llu.damc",
		 promoted ? "done" : "begun", (unsigned long long)made.serial);
	return store_add_change(dir->store, &made);
}

static int rotate_dir(struct tool *tool, const char *path)
{
	struct anchor_dir dir;
	char log[128];
	int ret;

	if (anchor_dir_open(&dir, path) || anchor_dir_begin(&dir)) {
		ret = tool_failed("%s", dir.why);
	} else if (take_step(&dir, log, sizeof(log))) {
		store_abort(dir.store);
		ret = tool_failed("%s", *dir.why ? dir.why :
				  store_why(dir.store));
	} else if (store_commit(dir.store, log)) {
		ret = tool_failed("%s", store_why(dir.store));
	} else if (anchor_dir_reload(&dir)) {
		ret = tool_failed("%s; the change is made, the next command writes its files",
				  dir.why);
	} else {
		ret = show(tool, &dir.identity);
	}
	anchor_dir_close(&dir);
	return ret;
}

int cmd_anchor(struct tool *tool)
{
	const char *verb = tool_take(tool), *path, *domain;

	if (!verb || !strcmp(verb, "help")) {
		fputs(usage, verb ? stdout : stderr);
		return verb ? TOOL_OK : TOOL_USAGE;
	}
	path = tool_take(tool);
	if (!path)
		return tool_incomplete();
	if (!strcmp(verb, "new")) {
		domain = tool_take(tool);
		if (!domain)
			return tool_incomplete();
		return tool_end(tool) ? TOOL_USAGE : make(tool, path, domain);
	}
	if (tool_end(tool))
		return TOOL_USAGE;
	if (!strcmp(verb, "show"))
		return show_dir(tool, path);
	if (!strcmp(verb, "rotate"))
		return rotate_dir(tool, path);
	return tool_wrong(verb, "unknown, try \"damc-spa anchor help\"");
}
