// SPDX-License-Identifier: GPL-2.0
/* damc-spa: options, and which command. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "spa_tool.h"

#ifndef DAMC_SPA_VERSION
#define DAMC_SPA_VERSION "unknown"
#endif

#define DEFAULT_CONFIG "/etc/damc/spa.yaml"

static const char usage[] =
	"Usage: damc-spa [ OPTIONS ] COMMAND { ARGUMENTS | help }\n"
	"where  COMMAND := { anchor | enrol | key | join | policy | serve | grant |\n"
	"                    revoke | rule | status | audit | bench }\n"
	"       OPTIONS := { -c[onfig] FILE | -j[son] | -V[ersion] | -h[elp] }\n"
	"\n"
	"On the anchor's machine, which is best kept offline:\n"
	"  anchor   make a domain's anchor, change its keys\n"
	"  enrol    certify a node: a gateway, a router, an SPA, a scheduling center\n"
	"  policy   check, show, try and sign what SPAs go by\n"
	"On each host:\n"
	"  key      make the host's key, and a request to be enrolled\n"
	"  join     take the certificate that came back\n"
	"On an SPA's host:\n"
	"  serve    answer gateways\n"
	"  grant    give, show and revoke grants by hand\n"
	"  revoke   end a certificate or a grant\n"
	"  rule     say by hand who may call whom\n"
	"  status   how it is, and how long the fabric lives without it\n"
	"  audit    what was done\n"
	"  bench    how many registrations a second\n"
	"The configuration is " DEFAULT_CONFIG " unless told.\n";

static const struct {
	const char *name;
	int (*run)(struct tool *tool);
} commands[] = {
	{ "anchor", cmd_anchor }, { "key", cmd_key }, { "enrol", cmd_enrol },
	{ "join", cmd_join }, { "grant", cmd_grant }, { "revoke", cmd_revoke },
	{ "rule", cmd_rule }, { "policy", cmd_policy }, { "status", cmd_status },
	{ "audit", cmd_audit }, { "serve", cmd_serve }, { "bench", cmd_bench },
};

/* Whether @word, behind its dashes, is @full or begins it. */
static bool is_option(const char *word, const char *full)
{
	word += word[1] == '-' ? 2 : 1;
	return *word && !strncmp(word, full, strlen(word));
}

static int take_option(struct tool *tool, const char *word)
{
	if (is_option(word, "config")) {
		tool->config = tool_take(tool);
		return tool->config ? TOOL_OK : tool_incomplete();
	}
	if (is_option(word, "json")) {
		tool->json = true;
		return TOOL_OK;
	}
	if (is_option(word, "Version")) {
		printf("damc-spa, damc-%s\n", DAMC_SPA_VERSION);
		exit(TOOL_OK);
	}
	if (is_option(word, "help")) {
		fputs(usage, stdout);
		exit(TOOL_OK);
	}
	fprintf(stderr, "Option \"%s\" is unknown, try \"damc-spa -help\".\n",
		word);
	return TOOL_USAGE;
}

/* "COMMAND --help" asks for what "COMMAND help" does: it is nobody's directory. */
static void take_help(struct tool *tool)
{
	const char *word = tool_peek(tool);

	if (word && *word == '-' && word[1] && is_option(word, "help"))
		*tool->next = (char *)"help";
}

static int run(struct tool *tool, const char *command)
{
	size_t i;
	int ret;

	take_help(tool);

	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		if (strcmp(commands[i].name, command))
			continue;
		ret = commands[i].run(tool);
		if (tool->rows || (tool->json && !ret))
			tool_show(tool);
		return ret;
	}
	fprintf(stderr, "Command \"%s\" is unknown, try \"damc-spa help\".\n",
		command);
	return TOOL_USAGE;
}

int main(int argc, char **argv)
{
	struct tool tool = {
		.left = argc - 1, .next = argv + 1, .config = DEFAULT_CONFIG
	};
	const char *word;
	int ret;

	if (sodium_init() < 0)
		return tool_failed("no libsodium");
	while ((word = tool_peek(&tool)) && *word == '-' && word[1]) {
		tool_take(&tool);
		ret = take_option(&tool, word);
		if (ret)
			return ret;
	}
	word = tool_take(&tool);
	if (!word || !strcmp(word, "help")) {
		fputs(usage, word ? stdout : stderr);
		return word ? TOOL_OK : TOOL_USAGE;
	}
	return run(&tool, word);
}
