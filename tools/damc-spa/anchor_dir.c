// SPDX-License-Identifier: GPL-2.0
/* An anchor's directory, made and opened. */
#include <errno.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "anchor_dir.h"

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

int anchor_dir_open(struct anchor_dir *dir, const char *path)
{
	char file[PATH_MAX];
	int err;

	memset(dir, 0, sizeof(*dir));
	dir->path = path;
	file_of(file, path, "anchor.txt");
	err = dc_anchor_load(&dir->identity, file, dir->why);
	err = err ? err : load_key(dir, 0, "anchor.key");
	dir->signer = !sodium_is_zero(dir->identity.anchor[1], DC_KEY_BYTES);
	if (!err && dir->signer)
		err = load_key(dir, 1, "next.key");
	if (err)
		return err;
	dir->store = store_open(path, STORE_SAFE, dir->why);
	return dir->store ? 0 : -EIO;
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
