// SPDX-License-Identifier: GPL-2.0
/* Values of the command line, from text to what the library takes. */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

int cli_take_name(const struct cli_key *key, const char *value)
{
	const char *why = NULL;
	int err;

	err = damc_name_parse(key->to, value, &why);
	if (err)
		return cli_wrong(value, why ? why : strerror(-err));
	return CLI_OK;
}

/* Digits, or 0x and hexadecimal ones; no sign, no white space. */
static bool number(const char *text, unsigned long long *result)
{
	bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	char *end;

	if (!isdigit((unsigned char)text[0]))
		return false;
	if (hex && !isxdigit((unsigned char)text[2]))
		return false;
	errno = 0;
	*result = strtoull(text, &end, hex ? 16 : 10);
	return !*end && !errno;
}

int cli_take_u32(const struct cli_key *key, const char *value)
{
	unsigned long long result;
	char why[64];

	if (number(value, &result) && result >= key->min &&
	    result <= key->max) {
		*(uint32_t *)key->to = result;
		return CLI_OK;
	}
	snprintf(why, sizeof(why), "expected a number from %u to %u", key->min,
		 key->max);
	return cli_wrong(value, why);
}

/* The last name looked up, while cli_dev_keep(): a socket and a call less. */
static struct {
	bool keep;
	char name[IF_NAMESIZE];
	uint32_t ifindex;
} last_dev;

void cli_dev_keep(bool keep)
{
	last_dev.keep = keep;
	if (!keep)
		last_dev.ifindex = 0;
}

int cli_take_dev(const struct cli_key *key, const char *value)
{
	uint32_t ifindex;

	if (last_dev.ifindex && !strcmp(value, last_dev.name)) {
		*(uint32_t *)key->to = last_dev.ifindex;
		return CLI_OK;
	}
	ifindex = if_nametoindex(value);
	if (!ifindex)
		return cli_no_device(value);
	if (last_dev.keep) {
		snprintf(last_dev.name, sizeof(last_dev.name), "%s", value);
		last_dev.ifindex = ifindex;
	}
	*(uint32_t *)key->to = ifindex;
	return CLI_OK;
}

/* One or two hexadecimal digits: how many, 0 if there are none. */
static int hex_byte(const char *text, uint8_t *byte)
{
	int n;

	*byte = 0;
	for (n = 0; n < 2 && isxdigit((unsigned char)text[n]); n++) {
		unsigned char c = text[n];

		*byte = *byte << 4 | (isdigit(c) ? c - '0' : (c | ' ') - 'a' + 10);
	}
	return n;
}

int cli_take_lladdr(const struct cli_key *key, const char *value)
{
	static const char why[] =
		"expected hexadecimal bytes with colons, like 02:00:00:00:00:01";
	struct damc_lladdr addr = { 0 };
	const char *at = value;
	int digits;

	do {
		if (addr.len == DAMC_LLADDR_MAX)
			return cli_wrong(value, "link address too long");
		digits = hex_byte(at, &addr.addr[addr.len]);
		if (!digits)
			return cli_wrong(value, why);
		addr.len++;
		at += digits;
	} while (*at++ == ':');
	if (at[-1] || addr.len == 1)
		return cli_wrong(value, why);

	*(struct damc_lladdr *)key->to = addr;
	return CLI_OK;
}

int cli_take_inet(const struct cli_key *key, const char *value)
{
	struct damc_inet_addr addr = { 0 };

	if (inet_pton(AF_INET, value, addr.addr) == 1)
		addr.len = sizeof(struct in_addr);
	else if (inet_pton(AF_INET6, value, addr.addr) == 1)
		addr.len = sizeof(struct in6_addr);
	else
		return cli_wrong(value, "expected an IPv4 or IPv6 address");
	*(struct damc_inet_addr *)key->to = addr;
	return CLI_OK;
}

int cli_take_word(const struct cli_key *key, const char *value)
{
	const struct damc_spec_word *word;
	char why[128] = "expected one of";
	size_t len;

	for (word = key->words; word->name; word++) {
		if (!strcmp(word->name, value)) {
			*(unsigned int *)key->to = word->value;
			return CLI_OK;
		}
		len = strlen(why);
		snprintf(why + len, sizeof(why) - len, " %s", word->name);
	}
	return cli_wrong(value, why);
}

/* Thousandths from "1", "0.2" or ".2": false if it is none or too fine. */
static bool thousandths(const char *text, size_t len, uint64_t *result)
{
	uint64_t whole = 0, part = 0, scale = 1000;
	size_t i = 0;

	if (!len || (len == 1 && text[0] == '.'))
		return false;
	for (; i < len && isdigit((unsigned char)text[i]); i++) {
		whole = whole * 10 + (text[i] - '0');
		if (whole > UINT32_MAX)
			return false;
	}
	if (i < len && text[i] == '.')
		i++;
	for (; i < len && isdigit((unsigned char)text[i]) && scale > 1; i++) {
		scale /= 10;
		part += (text[i] - '0') * scale;
	}
	*result = whole * 1000 + part;
	return i == len;
}

int cli_take_ms(const struct cli_key *key, const char *value)
{
	size_t len = strlen(value);
	uint64_t ms;
	char why[80];
	bool ok;

	if (len > 2 && !strcmp(value + len - 2, "ms")) {
		ok = thousandths(value, len - 2, &ms) && ms % 1000 == 0;
		ms /= 1000;
	} else {
		if (len > 1 && value[len - 1] == 's')
			len--;
		ok = thousandths(value, len, &ms);
	}
	if (ok && ms >= key->min && ms <= key->max) {
		*(uint32_t *)key->to = ms;
		return CLI_OK;
	}
	snprintf(why, sizeof(why),
		 "expected seconds from %g to %g, or milliseconds with \"ms\"",
		 key->min / 1e3, key->max / 1e3);
	return cli_wrong(value, why);
}

int cli_take_text(const struct cli_key *key, const char *value)
{
	*(const char **)key->to = value;
	return CLI_OK;
}
