/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The audit log: lines that are only ever added, each beginning with a hash over
 * the one before and itself, so that none can be changed or left out unseen. The
 * store keeps the last hash, so that the end can't be cut off either.
 */
#ifndef SPA_AUDIT_H
#define SPA_AUDIT_H

#include "identity.h"
#include "object.h"

/* A line's words, without its hash. */
#define AUDIT_LINE_MAX 2048
#define AUDIT_HASH_BYTES 32

/* Before what the store knows, so much is read again where a log is opened. */
#define AUDIT_TAIL 65536

/**
 * struct audit_head - a log's end
 * @bytes: where its last whole line ends; 0: not known
 */
struct audit_head {
	uint64_t lines;
	uint64_t bytes;
	uint8_t hash[AUDIT_HASH_BYTES];
};

/* Add a line to @fd, and to @head; @sync: it is on the disk then. */
int audit_append(int fd, struct audit_head *head, const char *words, bool sync);

/**
 * audit_walk() - read a log from its beginning
 * @each: if not NULL, called with each line's number and words
 * @want: if not NULL: its line must be there, and be so; lines behind it were
 *	written and then not acknowledged
 * @have: what the log ends with
 * @end: where its last whole line ends
 *
 * Return: 0; -EBADMSG with a reason if the chain breaks; -errno.
 */
int audit_walk(const char *path, void (*each)(uint64_t line, const char *words,
					      void *arg), void *arg,
	       const struct audit_head *want, struct audit_head *have,
	       uint64_t *end, char why[DC_WHY_MAX]);

/*
 * The same for a log whose end was known to be @want: AUDIT_TAIL bytes before that
 * and what is behind it are read, whatever its length; all of it where @want does
 * not know where it ends.
 */
int audit_join(const char *path, const struct audit_head *want,
	       struct audit_head *have, char why[DC_WHY_MAX]);

#endif /* SPA_AUDIT_H */
