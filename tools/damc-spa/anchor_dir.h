/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An anchor's directory, which is to be offline but for enrolling:
 *
 *	anchor.txt	the domain's name and keys, as each node has it
 *	anchor.key	the current key, mode 0600
 *	next.key	the next one, while keys change
 *	change-N.damc	each change of the keys, for nodes
 *	store.db	numbers given, nodes enrolled, changes of the keys; audit.log
 *			beside it
 *
 * The keys change when the store has the change. The files follow: those of a process
 * that was ended before they did are made by who opens the directory next.
 */
#ifndef SPA_ANCHOR_DIR_H
#define SPA_ANCHOR_DIR_H

#include "identity.h"
#include "store.h"

/**
 * struct anchor_dir - an open one
 * @identity: domain and keys, no more
 * @signer: which of the two keys signs: the next one, once there is one
 */
struct anchor_dir {
	const char *path;
	struct dc_identity identity;
	int signer;
	uint8_t secret[2][DC_SECRET_BYTES];
	struct store *store;
	char why[DC_WHY_MAX];
};

/* Each: 0, or a negative errno with @dir->why. */
int anchor_dir_new(const char *path, const char *domain, char why[DC_WHY_MAX]);
int anchor_dir_open(struct anchor_dir *dir, const char *path);
void anchor_dir_close(struct anchor_dir *dir);

/*
 * Begin a change of its store, with the keys as they are now: another process may have
 * changed them since it was opened.
 */
int anchor_dir_begin(struct anchor_dir *dir);
/* The same without a change: what another process, or this one, did is taken in. */
int anchor_dir_reload(struct anchor_dir *dir);

/* Path of a file in it. */
void anchor_dir_file(char *to, const struct anchor_dir *dir, const char *file);

/* Sign an object: its length, or what dc_object_write() says. */
int anchor_dir_sign(const struct anchor_dir *dir, struct dc_object *object,
		    uint8_t bytes[DC_OBJECT_MAX]);

#endif /* SPA_ANCHOR_DIR_H */
