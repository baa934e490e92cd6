// SPDX-License-Identifier: GPL-2.0
/* An anchor's directory, made and opened. */
#include <errno.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "anchor_dir.h"
#include "identity_file.h"

static void file_of(char *to, const char *path, const char *file)
{
	snprintf(to, PATH_MAX, "%.3000s/%s", path, file);
}

void anchor_dir_file(char *to, const struct anchor_dir *dir, const char *file)
{
	file_of(to, dir->path, file);
}

int anchor_dir_new(const char *path, const char *domain, char why[DC_WHY_MAX])
{
	struct dc_identity identity = { 0 };
	uint8_t secret[DC_SECRET_BYTES];
	char file[PATH_MAX];
	int err;

	if (!*domain || strlen(domain) >= sizeof(identity.domain)) {
		snprintf(why, DC_WHY_MAX, "a domain has 1 to 63 bytes");
		return -EINVAL;
	}
	if (mkdir(path, 0700)) {
		snprintf(why, DC_WHY_MAX, "%.200s: %s", path, strerror(errno));
		return -errno;
	}
	strcpy(identity.domain, domain);
	dc_key_new(identity.anchor[0], secret);
	file_of(file, path, "anchor.key");
	err = dc_key_store(secret, file, why);
	sodium_memzero(secret, sizeof(secret));
	file_of(file, path, "anchor.txt");
	return err ? err : dc_anchor_store(&identity, file, why);
}

static int load_key(struct anchor_dir *dir, int number, const char *name)
{
	uint8_t key[DC_KEY_BYTES];
	char file[PATH_MAX];
	int err;

	file_of(file, dir->path, name);
	err = dc_key_load(key, dir->secret[number], file, dir->why);
	if (err)
		return err;
	if (!memcmp(key, dir->identity.anchor[number], DC_KEY_BYTES))
		return 0;
	snprintf(dir->why, sizeof(dir->why),
		 "%.200s is not the key that anchor.txt names", file);
	return -EINVAL;
}

static int load_keys(struct anchor_dir *dir)
{
	int err = load_key(dir, 0, "anchor.key");

	dir->signer = !sodium_is_zero(dir->identity.anchor[1], DC_KEY_BYTES);
	return err || !dir->signer ? err : load_key(dir, 1, "next.key");
}

static int store_fault(struct anchor_dir *dir)
{
	snprintf(dir->why, sizeof(dir->why), "%s", store_why(dir->store));
	return -EIO;
}

/* ---- what follows a change of the keys ---------------------------------- */

static int write_change(struct anchor_dir *dir,
			const struct store_change *change)
{
	char file[PATH_MAX], name[64];

	snprintf(name, sizeof(name), "change-%llu.damc",
		 (unsigned long long)change->serial);
	anchor_dir_file(file, dir, name);
	return dc_file_write(file, change->bytes, change->len, 0644, false,
			     dir->why);
}

/* It may be done already: load_key() sees that it was. */
static int promote_key(struct anchor_dir *dir)
{
	char file[PATH_MAX], next[PATH_MAX];

	anchor_dir_file(file, dir, "anchor.key");
	anchor_dir_file(next, dir, "next.key");
	if (!rename(next, file) || errno == ENOENT)
		return 0;
	return dc_fault(dir->why, -errno, next, "%s", strerror(errno));
}

/* What anchor.txt says is done: it is the last. */
static int carry_out(struct anchor_dir *dir, const struct store_change *made,
		     const struct dc_anchor *change)
{
	char file[PATH_MAX];
	int err;

	err = write_change(dir, made);
	if (!err && sodium_is_zero(change->key[1], DC_KEY_BYTES))
		err = promote_key(dir);
	if (err)
		return err;
	memcpy(dir->identity.anchor, change->key, sizeof(change->key));
	anchor_dir_file(file, dir, "anchor.txt");
	return dc_anchor_store(&dir->identity, file, dir->why);
}

static int follow_change(struct anchor_dir *dir)
{
	struct store_change made;
	struct dc_object object;
	struct dc_anchor change;

	if (store_last_change(dir->store, &made))
		return store_fault(dir);
	if (!made.len)
		return 0;
	if (dc_object_read(&object, made.bytes, made.len, NULL) ||
	    dc_anchor_read(&change, &object))
		return dc_fault(dir->why, -EBADMSG, dir->path,
				"the store has a change that is none");
	return memcmp(change.key, dir->identity.anchor, sizeof(change.key)) ?
		carry_out(dir, &made, &change) : 0;
}

/* ---- open -------------------------------------------------------------- */

static int load_names(struct anchor_dir *dir)
{
	char file[PATH_MAX];

	anchor_dir_file(file, dir, "anchor.txt");
	return dc_anchor_load(&dir->identity, file, dir->why);
}

int anchor_dir_begin(struct anchor_dir *dir)
{
	int err;

	if (store_begin(dir->store))
		return store_fault(dir);
	err = load_names(dir);
	err = err ? err : follow_change(dir);
	err = err ? err : load_keys(dir);
	if (err)
		store_abort(dir->store);
	return err;
}

int anchor_dir_reload(struct anchor_dir *dir)
{
	int err = anchor_dir_begin(dir);

	if (!err)
		store_abort(dir->store);
	return err;
}

int anchor_dir_open(struct anchor_dir *dir, const char *path)
{
	int err;

	memset(dir, 0, sizeof(*dir));
	dir->path = path;
	/* Where there is no anchor no store is made. */
	err = load_names(dir);
	if (err)
		return err;
	dir->store = store_open(path, STORE_SAFE, dir->why);
	return dir->store ? anchor_dir_reload(dir) : -EIO;
}

void anchor_dir_close(struct anchor_dir *dir)
{
	store_close(dir->store);
	sodium_memzero(dir->secret, sizeof(dir->secret));
}

int anchor_dir_sign(const struct anchor_dir *dir, struct dc_object *object,
		    uint8_t bytes[DC_OBJECT_MAX])
{
	object->domain = dc_domain_of(dir->identity.domain);
	return dc_object_sign(object, &dc_ed25519,
			      dir->identity.anchor[dir->signer],
			      dir->secret[dir->signer], bytes);
}
