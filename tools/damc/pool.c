// SPDX-License-Identifier: GPL-2.0
/* damc pool: names that stand for any of several instances. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "print.h"

static const char usage[] =
	"Usage: damc pool [ show | get NAME ]\n"
	"       damc pool { add | replace | append } NAME [ proto PROTO ] [ MEMBER ] ...\n"
	"       damc pool del NAME [ member NAME ] ...\n"
	"       damc pool flush { all | proto PROTO }\n"
	"MEMBER := member NAME [ weight WEIGHT ]\n"
	"An instance's name is the pool's and one component more. One of weight 0 gets\n"
	"no new flow, and keeps those it has. Instances that are bound here are added\n"
	"by \"damc bind add NAME dev DEV member\".\n";

static void print_member(const struct damc_pool_member *member)
{
	struct cli_text text;

	open_json_object(NULL);
	print_nl();
	print_color_string(PRINT_ANY, COLOR_INET6, "name", "\tmember %s",
			   cli_name(&member->name, &text));
	print_uint(PRINT_ANY, "weight", " weight %u", member->weight);
	print_bool(PRINT_JSON, "bound", NULL, member->bound);
	print_string(PRINT_FP, NULL, "%s", member->bound ? " bound" : "");
	close_json_object();
}

void cli_print_pool(const struct damc_pool *pool)
{
	struct cli_text text;
	unsigned int i;

	open_json_object(NULL);
	cli_print_event();
	print_color_string(PRINT_ANY, COLOR_INET6, "name", "%s",
			   cli_name(&pool->name, &text));
	print_string(PRINT_ANY, "protocol", " proto %s",
		     cli_word(damc_spec_route_protocol, pool->protocol, &text));
	open_json_array(PRINT_JSON, "members");
	for (i = 0; i < pool->n_members; i++)
		print_member(&pool->members[i]);
	close_json_array(PRINT_JSON, "members");
	print_string(PRINT_FP, NULL, "%s", "\n");
	close_json_object();
}

static int print_one(const struct damc_pool *pool, void *arg)
{
	(void)arg;
	cli_print_pool(pool);
	return 0;
}

static int show(struct cli_args *args)
{
	struct damc_ctl *ctl;
	int ret;

	if (cli_end(args, CLI_NO_CHOICE))
		return CLI_USAGE;
	ctl = cli_ctl();
	if (!ctl)
		return CLI_KERNEL;
	new_json_obj(json);
	ret = damc_pool_dump(ctl, print_one, NULL);
	delete_json_obj();
	return ret ? cli_refused(ret) : CLI_OK;
}

static int get(struct cli_args *args)
{
	static struct damc_pool pool;
	struct damc_name name;
	struct damc_ctl *ctl;
	int ret;

	if (cli_name_alone(args, &name))
		return CLI_USAGE;
	ctl = cli_ctl();
	if (!ctl)
		return CLI_KERNEL;
	ret = damc_pool_get(ctl, &name, &pool);
	if (ret)
		return cli_refused(ret);
	new_json_obj(json);
	cli_print_pool(&pool);
	delete_json_obj();
	return CLI_OK;
}

/* What the library cannot write at all; anything else the kernel says. */
static int check_member(const struct damc_pool *pool,
			const struct damc_name *name, const char *word)
{
	const uint8_t *at = name->wire + pool->name.len;

	if (name->len > pool->name.len && damc_name_below(name, &pool->name) &&
	    1 + at[0] == name->len - pool->name.len)
		return CLI_OK;
	return cli_wrong(word, "an instance is the pool's name and one component");
}

/* "member NAME [ weight WEIGHT ]" */
static int parse_member(struct cli_args *args, struct damc_pool *pool,
			bool weighed)
{
	struct damc_pool_member *member = &pool->members[pool->n_members];
	struct cli_key keys[] = {
		{ .key = weighed ? "weight" : NULL, .take = cli_take_u32,
		  .to = &member->weight, .max = DAMC_WEIGHT_MAX },
		{ .key = NULL }
	};
	const char *word;
	int ret;

	cli_take(args);
	word = cli_peek(args);
	if (pool->n_members == DAMC_POOL_MEMBERS_MAX)
		return cli_wrong("member", "too many");
	member->weight = 1;
	ret = cli_name_arg(args, &member->name);
	if (!ret)
		ret = check_member(pool, &member->name, word);
	if (!ret)
		ret = cli_keys(args, keys, "member", "pool");
	pool->n_members++;
	return ret;
}

static int parse(struct cli_args *args, struct damc_pool *pool, bool key)
{
	unsigned int protocol = 0;
	struct cli_key keys[] = {
		{ .key = key ? NULL : "proto", .take = cli_take_word,
		  .to = &protocol, .words = damc_spec_route_protocol },
		{ .key = NULL }
	};
	int ret;

	memset(pool, 0, sizeof(*pool));
	ret = cli_name_arg(args, &pool->name);
	if (!ret)
		ret = cli_keys(args, keys, "member", "pool");
	while (!ret && cli_peek(args))
		ret = parse_member(args, pool, !key);
	pool->protocol = protocol;
	return ret;
}

typedef int (*pool_fn)(struct damc_ctl *ctl, const struct damc_pool *pool);

static int change(struct cli_args *args, pool_fn fn, bool key)
{
	static struct damc_pool pool;
	struct damc_ctl *ctl;
	int ret;

	ret = parse(args, &pool, key);
	if (ret)
		return ret;
	ctl = cli_ctl();
	if (!ctl)
		return CLI_KERNEL;
	return cli_outcome(fn(ctl, &pool));
}

static int add(struct cli_args *args)
{
	return change(args, damc_pool_add, false);
}

static int replace(struct cli_args *args)
{
	return change(args, damc_pool_replace, false);
}

static int append(struct cli_args *args)
{
	return change(args, damc_pool_append, false);
}

static int del(struct cli_args *args)
{
	return change(args, damc_pool_del, true);
}

/* Which pools go: whose protocol this is; 0: all that are configured. */
struct flush {
	struct cli_flush base;
	unsigned int protocol;
};

static int flush_one(const struct damc_pool *pool, void *arg)
{
	struct flush *flush = arg;

	/* Bound instances go with what is bound. */
	if (pool->protocol == DAMC_ROUTE_PROTOCOL_KERNEL ||
	    (flush->protocol && pool->protocol != flush->protocol))
		return 0;
	return cli_flush_take(&flush->base, &pool->name);
}

/* Its argument is part of a struct flush. */
static int flush_dump(struct damc_ctl *ctl, struct cli_flush *base)
{
	return damc_pool_dump(ctl, flush_one, base);
}

static int flush_del(struct damc_ctl *ctl, const struct damc_name *name)
{
	static struct damc_pool pool;

	pool.name = *name;
	return damc_pool_del(ctl, &pool);
}

static int flush(struct cli_args *args)
{
	struct flush which = {
		.base = {
			.what = "pools", .dump = flush_dump, .del = flush_del,
		},
	};
	struct cli_key keys[] = {
		{ .key = "proto", .take = cli_take_word, .to = &which.protocol,
		  .words = damc_spec_route_protocol },
		{ .key = NULL }
	};
	int ret;

	ret = cli_flush_which(args, "pool");
	if (!ret)
		ret = cli_keys(args, keys, NULL, "pool");
	return ret ? ret : cli_flush(&which.base);
}

static const struct cli_verb verbs[] = {
	{ "show", show },
	{ "list", show },
	{ "get", get },
	{ "add", add },
	{ "replace", replace },
	{ "append", append },
	{ "delete", del },
	{ "flush", flush },
	{ NULL, NULL }
};

const struct cli_object cli_pool = {
	.name = "pool", .usage = usage, .verbs = verbs, .run = show
};
