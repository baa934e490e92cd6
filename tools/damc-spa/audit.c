// SPDX-License-Identifier: GPL-2.0
/* The audit log's chain: "HASH WORDS\n", HASH over the last one's and WORDS. */
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit.h"

#define HEX_LEN (2 * AUDIT_HASH_BYTES)
#define WHOLE_MAX (HEX_LEN + 1 + AUDIT_LINE_MAX + 1)

static void chain(uint8_t hash[AUDIT_HASH_BYTES], const char *words)
{
	crypto_generichash_state state;

	crypto_generichash_init(&state, NULL, 0, AUDIT_HASH_BYTES);
	crypto_generichash_update(&state, hash, AUDIT_HASH_BYTES);
	crypto_generichash_update(&state, (const uint8_t *)words,
				  strlen(words));
	crypto_generichash_final(&state, hash, AUDIT_HASH_BYTES);
}

int audit_append(int fd, struct audit_head *head, const char *words, bool sync)
{
	char line[WHOLE_MAX + 1], hex[HEX_LEN + 1];
	ssize_t len, written;

	if (strlen(words) > AUDIT_LINE_MAX || strchr(words, '\n'))
		return -EMSGSIZE;
	chain(head->hash, words);
	head->lines++;
	sodium_bin2hex(hex, sizeof(hex), head->hash, sizeof(head->hash));
	len = snprintf(line, sizeof(line), "%s %s\n", hex, words);
	/* One write: a reader never sees half of it, nor does a kill leave one. */
	written = write(fd, line, len);
	if (written != len)
		return written < 0 ? -errno : -ENOSPC;
	head->bytes += head->bytes || head->lines == 1 ? len : 0;
	return sync && fdatasync(fd) ? -errno : 0;
}

static bool is_wanted(const struct audit_head *want,
		      const struct audit_head *have)
{
	return want->lines != have->lines ||
	       !memcmp(want->hash, have->hash, sizeof(want->hash));
}

/* Its words, or NULL if it is not what the line before asks for. */
static const char *check_line(char *line, struct audit_head *have)
{
	char hex[HEX_LEN + 1];

	if (strlen(line) < HEX_LEN + 1 || line[HEX_LEN] != ' ')
		return NULL;
	chain(have->hash, line + HEX_LEN + 1);
	have->lines++;
	sodium_bin2hex(hex, sizeof(hex), have->hash, sizeof(have->hash));
	return memcmp(hex, line, HEX_LEN) ? NULL : line + HEX_LEN + 1;
}

static int broken(char *why, const char *path, uint64_t line, const char *what)
{
	snprintf(why, DC_WHY_MAX, "%.200s: line %llu %s", path,
		 (unsigned long long)line, what);
	return -EBADMSG;
}

static int walk(FILE *file, const char *path,
		void (*each)(uint64_t line, const char *words, void *arg),
		void *arg, const struct audit_head *want,
		struct audit_head *have, uint64_t *end, char *why)
{
	char line[WHOLE_MAX + 1];
	const char *words;
	size_t len;
	bool whole;

	while (fgets(line, sizeof(line), file)) {
		/* A zero, as crashed file systems leave them, is no line's end. */
		len = strcspn(line, "\n");
		whole = line[len] == '\n';
		/* Half a line at the end was never acknowledged. */
		if (!whole && feof(file))
			break;
		line[len] = '\0';
		words = check_line(line, have);
		if (!whole || !words)
			return broken(why, path, have->lines,
				      "is not the one that was written");
		if (want && !is_wanted(want, have))
			return broken(why, path, have->lines,
				      "is not the one that the store knows");
		*end += len + 1;
		if (each)
			each(have->lines, words, arg);
	}
	if (want && have->lines < want->lines)
		return broken(why, path, have->lines,
			      "is its last, and the store knows of more");
	return 0;
}

int audit_walk(const char *path, void (*each)(uint64_t line, const char *words,
					      void *arg), void *arg,
	       const struct audit_head *want, struct audit_head *have,
	       uint64_t *end, char why[DC_WHY_MAX])
{
	FILE *file = fopen(path, "re");
	int err;

	memset(have, 0, sizeof(*have));
	*end = 0;
	if (!file) {
		err = -errno;
		snprintf(why, DC_WHY_MAX, "%.200s: %s", path, strerror(errno));
		return err;
	}
	err = walk(file, path, each, arg, want, have, end, why);
	fclose(file);
	return err;
}

/* ---- a part of it ------------------------------------------------------ */

/* The hash of the first whole line from here on, which is believed. */
static bool take_hash(FILE *file, struct audit_head *have)
{
	char line[WHOLE_MAX + 1];

	return fgets(line, sizeof(line), file) &&
	       fgets(line, sizeof(line), file) && strlen(line) > HEX_LEN &&
	       !sodium_hex2bin(have->hash, sizeof(have->hash), line, HEX_LEN,
			       NULL, NULL, NULL);
}

/* From somewhere in it to the end that is known: whether one leads to the other. */
static bool tail_fits(FILE *file, const struct audit_head *want)
{
	struct audit_head have = { 0 };
	char line[WHOLE_MAX + 1];

	if (fseek(file, want->bytes - AUDIT_TAIL, SEEK_SET) ||
	    !take_hash(file, &have))
		return false;
	while (ftell(file) < (long)want->bytes) {
		if (!fgets(line, sizeof(line), file))
			return false;
		line[strcspn(line, "\n")] = '\0';
		if (!check_line(line, &have))
			return false;
	}
	return ftell(file) == (long)want->bytes &&
	       !memcmp(have.hash, want->hash, sizeof(have.hash));
}

static int join_tail(FILE *file, const char *path,
		     const struct audit_head *want, struct audit_head *have,
		     char why[DC_WHY_MAX])
{
	uint64_t end = want->bytes;
	int err;

	if (!tail_fits(file, want))
		return broken(why, path, want->lines,
			      "or one before it is not the one that was written");
	*have = *want;
	err = walk(file, path, NULL, NULL, NULL, have, &end, why);
	have->bytes = end;
	return err;
}

int audit_join(const char *path, const struct audit_head *want,
	       struct audit_head *have, char why[DC_WHY_MAX])
{
	uint64_t end;
	FILE *file;
	int err;

	if (want->bytes <= AUDIT_TAIL) {
		err = audit_walk(path, NULL, NULL, want, have, &end, why);
		have->bytes = end;
		return err;
	}
	file = fopen(path, "re");
	if (!file) {
		err = -errno;
		snprintf(why, DC_WHY_MAX, "%.200s: %s", path, strerror(errno));
		return err;
	}
	err = join_tail(file, path, want, have, why);
	fclose(file);
	return err;
}
