// SPDX-License-Identifier: GPL-2.0
/* How names, addresses and words are written. */
#include <arpa/inet.h>
#include <ctype.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "print.h"

const char *cli_name(const struct damc_name *name, struct cli_text *text)
{
	if (damc_name_format(name, text->buf, sizeof(text->buf)) < 0)
		return "?";
	return text->buf;
}

const char *cli_lladdr(const struct damc_lladdr *addr, struct cli_text *text)
{
	char *at = text->buf;
	unsigned int i;

	*at = '\0';
	for (i = 0; i < addr->len && i < DAMC_LLADDR_MAX; i++)
		at += sprintf(at, i ? ":%02x" : "%02x", addr->addr[i]);
	return text->buf;
}

/* A dump of a million routes names a few interfaces. */
static struct {
	uint32_t ifindex;
	char name[IF_NAMESIZE];
} cache[16];

void cli_ifname_forget(void)
{
	memset(cache, 0, sizeof(cache));
}

const char *cli_ifname(uint32_t ifindex, struct cli_text *text)
{
	unsigned int slot = ifindex % 16;

	if (cache[slot].ifindex != ifindex) {
		if (!if_indextoname(ifindex, cache[slot].name)) {
			snprintf(text->buf, sizeof(text->buf), "if%u", ifindex);
			return text->buf;
		}
		cache[slot].ifindex = ifindex;
	}
	snprintf(text->buf, sizeof(text->buf), "%s", cache[slot].name);
	return text->buf;
}

static const struct damc_spec_word *find(const struct damc_spec_word *words,
					 uint32_t value)
{
	for (; words->name; words++) {
		if (words->value == value)
			return words;
	}
	return NULL;
}

const char *cli_word(const struct damc_spec_word *words, uint32_t value,
		     struct cli_text *text)
{
	const struct damc_spec_word *word = find(words, value);

	if (word)
		return word->name;
	snprintf(text->buf, sizeof(text->buf), "#%u", value);
	return text->buf;
}

const char *cli_word_doc(const struct damc_spec_word *words, uint32_t value)
{
	const struct damc_spec_word *word = find(words, value);

	return word ? word->doc : "A newer kernel's; this damc has no words for it.";
}

const char *cli_proto(uint32_t proto, struct cli_text *text)
{
	static const struct damc_spec_word words[] = {
		{ DAMC_PROTO_MESSAGE, "message", "" },
		{ DAMC_PROTO_CONTROL, "control", "" },
		{ DAMC_PROTO_ERROR, "error", "" },
		{ DAMC_PROTO_IPV4, "ipv4", "" },
		{ DAMC_PROTO_ECHO, "echo", "" },
		{ DAMC_PROTO_IPV6, "ipv6", "" },
		{ 0, NULL, NULL }
	};

	return cli_word(words, proto, text);
}

static void print_inet(const char *key, const struct damc_inet_addr *addr)
{
	bool v4 = addr->len == sizeof(struct in_addr);
	char buf[INET6_ADDRSTRLEN] = "?";

	inet_ntop(v4 ? AF_INET : AF_INET6, addr->addr, buf, sizeof(buf));
	print_string(PRINT_FP, NULL, " %s ", key);
	print_color_string(PRINT_ANY, v4 ? COLOR_INET : COLOR_INET6, key, "%s",
			   buf);
}

void cli_print_udp(const struct damc_inet_addr *remote, uint32_t port,
		   const struct damc_inet_addr *local)
{
	if (!remote->len)
		return;
	print_inet("udp", remote);
	print_uint(PRINT_ANY, "port", " port %u", port);
	if (local->len)
		print_inet("local", local);
}

void cli_print_link(uint32_t ifindex, const struct damc_lladdr *lladdr)
{
	struct cli_text text;

	if (ifindex) {
		print_string(PRINT_FP, NULL, "%s", " dev ");
		print_color_string(PRINT_ANY, COLOR_IFNAME, "dev", "%s",
				   cli_ifname(ifindex, &text));
	}
	if (lladdr->len) {
		print_string(PRINT_FP, NULL, "%s", " lladdr ");
		print_color_string(PRINT_ANY, COLOR_MAC, "lladdr", "%s",
				   cli_lladdr(lladdr, &text));
	}
}

void cli_print_foreign(const void *data, size_t len)
{
	const unsigned char *at = data;

	for (; len; len--, at++) {
		if (*at == '\\' || !isprint(*at))
			fprintf(stderr, "\\x%02x", *at);
		else
			fputc(*at, stderr);
	}
	fputc('\n', stderr);
}
