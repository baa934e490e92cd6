// SPDX-License-Identifier: GPL-2.0
/* Names: well-formedness, scope, hashes of prefixes, text for messages. */
#include <linux/bitops.h>
#include <linux/errno.h>
#include <asm/byteorder.h>

#include "name.h"

/**
 * damc_name_depth() - check a name from anywhere and count its components
 * @wire: the bytes
 * @len: how many there are
 *
 * Return: components, 0 for the root; -EINVAL if the bytes are no name: too
 * many, a component of no bytes, or one that runs past the end.
 */
int damc_name_depth(const u8 *wire, size_t len)
{
	size_t at = 0;
	int depth = 0;

	if (len > DAMC_NAME_MAX)
		return -EINVAL;
	while (at < len) {
		if (!wire[at] || wire[at] >= len - at)
			return -EINVAL;
		at += wire[at] + 1;
		if (++depth > DAMC_COMPONENTS_MAX)
			return -EINVAL;
	}
	return depth;
}

/**
 * damc_name_bindable() - whether a well-formed name is short enough to bind
 * @name: the name
 *
 * What is bound leaves room for an unbound socket's own component, and its
 * components fit a DNS label.
 */
bool damc_name_bindable(const struct damc_name *name)
{
	unsigned int at;

	if (!name->len || name->len > DAMC_NAME_BOUND_MAX)
		return false;
	for (at = 0; at < name->len; at += name->wire[at] + 1)
		if (name->wire[at] > DAMC_COMPONENT_BOUND_MAX)
			return false;
	return true;
}

/*
 * SipHash-1-3 over the name's bytes, finished off at each depth asked for: one
 * pass hashes all prefixes, and the hash depends on the components' order.
 */
struct damc_sip {
	u64 v0, v1, v2, v3;
};

static __always_inline void damc_sip_init(struct damc_sip *s, const siphash_key_t *key)
{
	s->v0 = SIPHASH_CONST_0 ^ key->key[0];
	s->v1 = SIPHASH_CONST_1 ^ key->key[1];
	s->v2 = SIPHASH_CONST_2 ^ key->key[0];
	s->v3 = SIPHASH_CONST_3 ^ key->key[1];
}

static __always_inline void damc_sip_word(struct damc_sip *s, u64 word)
{
	s->v3 ^= word;
	SIPHASH_PERMUTATION(s->v0, s->v1, s->v2, s->v3);
	s->v0 ^= word;
}

/* @s by value: the state before the finish goes on with the next component. */
static __always_inline u64 damc_sip_finish(struct damc_sip s, u64 tail,
					   unsigned int len)
{
	damc_sip_word(&s, tail | (u64)len << 56);
	s.v2 ^= 0xff;
	SIPHASH_PERMUTATION(s.v0, s.v1, s.v2, s.v3);
	SIPHASH_PERMUTATION(s.v0, s.v1, s.v2, s.v3);
	SIPHASH_PERMUTATION(s.v0, s.v1, s.v2, s.v3);
	return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

/*
 * The bytes from @done to @end of a name of @size bytes, fewer than 8: part of a
 * word that lies within the name, where it has one.
 */
static __always_inline u64 damc_load_tail(const u8 *wire, size_t size,
					  size_t done, size_t end)
{
	size_t len = end - done;
	u64 tail = 0;

	if (!len)
		return 0;
	if (end >= 8)
		return damc_load_word(wire + end - 8) >> (64 - 8 * len);
	if (size >= 8)
		return damc_load_word(wire) & ((1ULL << 8 * len) - 1);
	while (len--)
		tail = tail << 8 | wire[done + len];
	return tail;
}

/**
 * damc_name_hash() - hash those prefixes of a name that a table may hold
 * @key: the table's key
 * @name: well formed
 * @depths: bit n set: the table holds prefixes of n components; at most
 *	DAMC_DEPTHS_MAX of the bits above 0
 * @out: the result
 */
void damc_name_hash(const siphash_key_t *key, const struct damc_name *name,
		    u64 depths, struct damc_prefix_hash *out)
{
	size_t len = name->len, end = 0, done = 0;
	unsigned int depth = 0, n = 0;
	const u8 *wire = name->wire;
	struct damc_sip s;

	damc_sip_init(&s, key);
	for (; depths; depths &= depths - 1) {
		for (; depth < __ffs64(depths); depth++) {
			if (end == len)
				goto out;
			end += wire[end] + 1;
		}
		for (; done + 8 <= end; done += 8)
			damc_sip_word(&s, damc_load_word(wire + done));
		out->len[n] = end;
		out->hash[n++] = damc_sip_finish(s, damc_load_tail(wire, len,
								   done, end),
						 end);
	}
out:
	out->n = n;
}

/**
 * damc_name_hash_whole() - the hash under which a table keeps a name
 * @key: the table's key
 * @name: well formed
 */
u64 damc_name_hash_whole(const siphash_key_t *key,
			 const struct damc_name *name)
{
	unsigned int done = 0;
	struct damc_sip s;

	damc_sip_init(&s, key);
	for (; name->len - done >= 8; done += 8)
		damc_sip_word(&s, damc_load_word(name->wire + done));
	return damc_sip_finish(s, damc_load_tail(name->wire, name->len, done,
						 name->len), name->len);
}

static bool damc_unreserved(u8 c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
	       c == '~';
}

/* "." and ".." would be taken away by whatever reads a path. */
static bool damc_dots(const u8 *component, u8 len)
{
	return len <= 2 && component[0] == '.' && component[len - 1] == '.';
}

static char *damc_text_component(char *to, const u8 *component, u8 len)
{
	static const char hex[] = "0123456789ABCDEF";
	bool escape = damc_dots(component, len);
	unsigned int i;

	*to++ = '/';
	for (i = 0; i < len; i++) {
		u8 c = component[i];

		if (damc_unreserved(c) && !escape) {
			*to++ = c;
			continue;
		}
		*to++ = '%';
		*to++ = hex[c >> 4];
		*to++ = hex[c & 15];
	}
	return to;
}

/**
 * damc_name_text() - write a well-formed name's text (RFC 3986 path)
 * @name: the name
 * @buf: gets the text and a zero
 * @size: of @buf, at least DAMC_NAME_TEXT_MAX
 *
 * Return: length of the text, or -ENOSPC.
 */
int damc_name_text(const struct damc_name *name, char *buf, size_t size)
{
	unsigned int at;
	char *to = buf;

	if (size < DAMC_NAME_TEXT_MAX)
		return -ENOSPC;
	for (at = 0; at < name->len; at += name->wire[at] + 1)
		to = damc_text_component(to, name->wire + at + 1,
					 name->wire[at]);
	if (!name->len)
		*to++ = '/';
	*to = 0;
	return to - buf;
}
