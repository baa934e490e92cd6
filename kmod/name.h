/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Names in wire form: components, each a length byte and that many bytes.
 * Pure: no skb, no netdev, no allocation, no lock; also compiled in user space.
 */
#ifndef _DAMC_NAME_H
#define _DAMC_NAME_H

#include <linux/types.h>
#include <linux/string.h>
#include <linux/siphash.h>
#include <asm/byteorder.h>

#include <linux/damc.h>

/* Text of any name and its ending zero, each byte as %XX at worst. */
#define DAMC_NAME_TEXT_MAX (3 * DAMC_NAME_MAX + 2)

/**
 * struct damc_name - a name that lies somewhere else
 * @wire: its bytes, owned by whoever made this
 * @len: how many; 0 is the root
 */
struct damc_name {
	const u8 *wire;
	u8 len;
};

/* How far a name reaches, by its first component. */
enum damc_scope {
	DAMC_SCOPE_GLOBAL,
	DAMC_SCOPE_FABRIC,	/* /damc: the fabric's own */
	DAMC_SCOPE_LINK,	/* /localhop: crosses one link at most */
	DAMC_SCOPE_HOST,	/* /localhost: never leaves */
};

/**
 * struct damc_prefix_hash - hashes of a name's prefixes
 * @n: prefixes hashed, shallowest first
 * @len: length of each in bytes
 * @hash: keyed hash of each
 */
struct damc_prefix_hash {
	unsigned int n;
	u8 len[DAMC_DEPTHS_MAX + 1];
	u64 hash[DAMC_DEPTHS_MAX + 1];
};

int damc_name_depth(const u8 *wire, size_t len);
bool damc_name_bindable(const struct damc_name *name);
void damc_name_hash(const siphash_key_t *key, const struct damc_name *name,
		    u64 depths, struct damc_prefix_hash *out);
u64 damc_name_hash_whole(const siphash_key_t *key,
			 const struct damc_name *name);
int damc_name_text(const struct damc_name *name, char *buf, size_t size);

/* Eight bytes, wherever they lie, as a little-endian number. */
static inline u64 damc_load_word(const u8 *p)
{
	__le64 word;

	memcpy(&word, p, sizeof(word));
	return le64_to_cpu(word);
}

/*
 * Whether two names have the same bytes. By words, of which the last may overlap
 * the one before: a lookup compares names once a packet, each a few words long.
 */
static inline bool damc_name_equal(const struct damc_name *a,
				   const struct damc_name *b)
{
	const u8 *p = a->wire, *q = b->wire;
	unsigned int len = a->len, at = 0;

	if (len != b->len)
		return false;
	if (len < 8) {
		while (at < len && p[at] == q[at])
			at++;
		return at == len;
	}
	for (; at + 8 < len; at += 8)
		if (damc_load_word(p + at) != damc_load_word(q + at))
			return false;
	return damc_load_word(p + len - 8) == damc_load_word(q + len - 8);
}

/**
 * damc_name_scope() - how far a well-formed name reaches
 * @name: the name
 *
 * Asked several times for each packet. No component runs past the name's end,
 * so its length byte says that there are so many bytes.
 */
static inline enum damc_scope damc_name_scope(const struct damc_name *name)
{
	const u8 *word = name->wire + 1;

	switch (name->len ? name->wire[0] : 0) {
	case 4:
		return memcmp(word, "damc", 4) ? DAMC_SCOPE_GLOBAL :
						 DAMC_SCOPE_FABRIC;
	case 8:
		return memcmp(word, "localhop", 8) ? DAMC_SCOPE_GLOBAL :
						     DAMC_SCOPE_LINK;
	case 9:
		return memcmp(word, "localhost", 9) ? DAMC_SCOPE_GLOBAL :
						      DAMC_SCOPE_HOST;
	default:
		return DAMC_SCOPE_GLOBAL;
	}
}

#endif /* _DAMC_NAME_H */
