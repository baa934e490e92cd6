// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Names: text to wire form and back, comparison, appending.
 *
 * Wire form is what counts; text is for people. Every name has one text:
 * unreserved bytes of RFC 3986 as they are, all others as %XX in upper case,
 * and the components "." and ".." encoded, since paths take them away.
 * Documentation/vectors/names.txt holds what must be read and refused.
 */
#include <errno.h>
#include <string.h>

#include "damc.h"
#include "internal.h"

/* What went wrong, for the caller's @why, and the errno that goes with it. */
struct fault {
	int err;
	const char *why;
};

static const struct fault no_slash = { EINVAL, "a name begins with '/'" };

static const struct fault end_slash = { EINVAL, "a name does not end with '/'" };

static const struct fault empty = { EINVAL, "a component is empty" };

static const struct fault dots = {
	EINVAL, "components \".\" and \"..\" are written %2E and %2E%2E"
};

static const struct fault bad_escape = {
	EINVAL, "'%' is not followed by two hexadecimal digits"
};

static const struct fault raw_byte = {
	EINVAL, "only letters, digits and -._~ stand for themselves, write %XX"
};

static const struct fault too_long = {
	ENAMETOOLONG, "more than 112 bytes in wire form"
};

static const struct fault too_deep = {
	ENAMETOOLONG, "more than 32 components"
};

/* Bytes that stand for themselves. A name is read once a route and once a call. */
static const bool unreserved[UINT8_MAX + 1] = {
	['a' ... 'z'] = true,
	['A' ... 'Z'] = true,
	['0' ... '9'] = true,
	['-'] = true,
	['.'] = true,
	['_'] = true,
	['~'] = true,
};

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static const struct fault *read_escape(const char *text, uint8_t *byte)
{
	int high, low;

	if (*text != '%')
		return &raw_byte;
	high = hex_value(text[1]);
	low = high < 0 ? -1 : hex_value(text[2]);
	if (low < 0)
		return &bad_escape;
	*byte = high << 4 | low;
	return NULL;
}

static bool at_end(char c)
{
	return !c || c == '/';
}

static bool is_dots(const char *text, size_t len)
{
	return (len == 1 && text[0] == '.') ||
	       (len == 2 && text[0] == '.' && text[1] == '.');
}

/* What no component is: nothing, "." and "..". */
static const struct fault *check_component(const char *text)
{
	if (at_end(*text))
		return *text ? &empty : &end_slash;
	if (*text == '.' &&
	    (at_end(text[1]) || (text[1] == '.' && at_end(text[2]))))
		return &dots;
	return NULL;
}

/* Read one component, from behind its slash, and append it. */
static const struct fault *read_component(const char **text,
					  struct damc_name *name)
{
	const struct fault *fault = check_component(*text);
	uint8_t *len = &name->wire[name->len];
	size_t at = name->len;
	const char *from;

	if (fault)
		return fault;
	if (at++ == DAMC_NAME_MAX)
		return &too_long;
	for (from = *text;; from++) {
		uint8_t byte = *from;

		if (!unreserved[byte]) {
			if (at_end(byte))
				break;
			fault = read_escape(from, &byte);
			if (fault)
				return fault;
			from += 2;
		}
		if (at == DAMC_NAME_MAX)
			return &too_long;
		name->wire[at++] = byte;
	}
	*len = at - name->len - 1;
	name->len = at;
	*text = from;
	return NULL;
}

static const struct fault *read_name(const char *text, struct damc_name *name)
{
	const struct fault *fault;
	unsigned int depth = 0;

	if (*text != '/')
		return &no_slash;
	if (!text[1])
		return NULL;
	while (*text) {
		text++;
		if (++depth > DAMC_COMPONENTS_MAX)
			return &too_deep;
		fault = read_component(&text, name);
		if (fault)
			return fault;
	}
	return NULL;
}

DAMC_PUBLIC
int damc_name_parse(struct damc_name *name, const char *text, const char **why)
{
	struct damc_name result = { 0 };
	const struct fault *fault = read_name(text, &result);

	if (fault) {
		if (why)
			*why = fault->why;
		return -fault->err;
	}
	*name = result;
	return 0;
}

/* Components in @wire, or -1 if it is not well formed. */
static int count_components(const uint8_t *wire, size_t len)
{
	size_t pos = 0;
	int depth = 0;

	while (pos < len) {
		if (!wire[pos] || wire[pos] > len - pos - 1)
			return -1;
		pos += 1 + wire[pos];
		depth++;
	}
	return depth;
}

bool name_well_formed(const void *wire, size_t len)
{
	int depth;

	if (len > DAMC_NAME_MAX)
		return false;
	depth = count_components(wire, len);
	return depth >= 0 && depth <= DAMC_COMPONENTS_MAX;
}

/* Write one component's text to @out, which has room; return its end. */
static char *write_component(char *out, const uint8_t *bytes, size_t len)
{
	static const char digits[] = "0123456789ABCDEF";
	bool encode_all = is_dots((const char *)bytes, len);
	size_t i;

	*out++ = '/';
	for (i = 0; i < len; i++) {
		if (unreserved[bytes[i]] && !encode_all) {
			*out++ = bytes[i];
			continue;
		}
		*out++ = '%';
		*out++ = digits[bytes[i] >> 4];
		*out++ = digits[bytes[i] & 15];
	}
	return out;
}

DAMC_PUBLIC
int damc_name_format(const struct damc_name *name, char *buf, size_t size)
{
	char text[DAMC_NAME_TEXT_MAX];
	char *out = text;
	size_t pos;

	if (!name_well_formed(name->wire, name->len))
		return -EINVAL;
	for (pos = 0; pos < name->len; pos += 1 + name->wire[pos])
		out = write_component(out, &name->wire[pos + 1],
				      name->wire[pos]);
	if (out == text)
		*out++ = '/';
	if ((size_t)(out - text) >= size)
		return -ENOSPC;
	memcpy(buf, text, out - text);
	buf[out - text] = '\0';
	return out - text;
}

DAMC_PUBLIC
int damc_name_from_wire(struct damc_name *name, const void *wire, size_t len)
{
	if (!name_well_formed(wire, len))
		return -EINVAL;
	memset(name, 0, sizeof(*name));
	name->len = len;
	if (len)
		memcpy(name->wire, wire, len);
	return 0;
}

DAMC_PUBLIC
bool damc_name_equal(const struct damc_name *a, const struct damc_name *b)
{
	return a->len == b->len && !memcmp(a->wire, b->wire, a->len);
}

/*
 * Both being well formed, equal bytes up to @prefix's length put a component
 * border there: the length bytes are among those compared.
 */
DAMC_PUBLIC
bool damc_name_below(const struct damc_name *name,
		     const struct damc_name *prefix)
{
	return name->len >= prefix->len &&
	       !memcmp(name->wire, prefix->wire, prefix->len);
}

DAMC_PUBLIC
int damc_name_append(struct damc_name *name, const void *component, size_t len)
{
	if (!len || !name_well_formed(name->wire, name->len))
		return -EINVAL;
	if (len >= DAMC_NAME_MAX || name->len + 1 + len > DAMC_NAME_MAX)
		return -ENAMETOOLONG;
	if (count_components(name->wire, name->len) == DAMC_COMPONENTS_MAX)
		return -ENAMETOOLONG;
	name->wire[name->len] = len;
	memcpy(&name->wire[name->len + 1], component, len);
	name->len += 1 + len;
	return 0;
}
