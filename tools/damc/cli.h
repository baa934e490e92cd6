/* SPDX-License-Identifier: GPL-2.0 */
/* What the objects of the damc command share. */
#ifndef DAMC_CLI_H
#define DAMC_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "damc.h"
#include "spec_gen.h"

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#endif

/* Exit codes; call, ping and trace have more, see damc(8). */
enum cli_exit {
	CLI_OK = 0,
	CLI_USAGE = 1,
	CLI_KERNEL = 2,
};

/* ---- words of the command line (args.c, values.c) ----------------------- */

struct cli_args {
	int left;
	char **next;
};

/* The next word, taken, or NULL at the end. */
char *cli_take(struct cli_args *args);
const char *cli_peek(const struct cli_args *args);

/* Whether @word is @full or begins it, as ip lets one abbreviate. */
bool cli_abbrev(const char *word, const char *full);

/* Each says on stderr what is wrong, unless quiet, and returns CLI_USAGE. */
extern bool cli_quiet;
int cli_incomplete(void);
int cli_required(const char *what);
int cli_wrong(const char *arg, const char *why);
int cli_duplicate(const char *key, const char *value);
int cli_no_device(const char *name);

/**
 * struct cli_key - a key that a command takes
 * @key: exact word
 * @take: reads its value into @to; NULL if it has none and @to is a bool
 * @words: for cli_take_word()
 * @min, @max: for cli_take_u32() and cli_take_ms()
 * @seen: set by cli_keys() once it came
 */
struct cli_key {
	const char *key;
	int (*take)(const struct cli_key *key, const char *value);
	void *to;
	const struct damc_spec_word *words;
	uint32_t min;
	uint32_t max;
	bool seen;
};

/**
 * cli_keys() - read "KEY VALUE" pairs in any order, each at most once
 * @keys: ends with an entry without @key
 * @stop: if not NULL, a word to stop before
 * @object: whose help to name for an unknown word
 */
int cli_keys(struct cli_args *args, struct cli_key *keys, const char *stop,
	     const char *object);

/* Values: @to points to what the comment names. Usable without a key, too. */
int cli_take_name(const struct cli_key *key, const char *value); /* damc_name */
int cli_take_u32(const struct cli_key *key, const char *value); /* uint32_t */
int cli_take_dev(const struct cli_key *key, const char *value); /* uint32_t */
int cli_take_lladdr(const struct cli_key *key, const char *value);
int cli_take_inet(const struct cli_key *key, const char *value);
int cli_take_word(const struct cli_key *key, const char *value); /* unsigned */
int cli_take_ms(const struct cli_key *key, const char *value); /* uint32_t */
int cli_take_text(const struct cli_key *key, const char *value); /* char * */

/* Whether cli_take_dev() may remember a name's index. */
void cli_dev_keep(bool keep);

/* A command's first word, a name: taken into @name. */
int cli_name_arg(struct cli_args *args, struct damc_name *name);

/* The same where it is all there is. */
int cli_name_alone(struct cli_args *args, struct damc_name *name);

/* Whether no word is left; @why says what is wrong with one. */
int cli_end(const struct cli_args *args, const char *why);

/* What to say of words for a command that shows all there is. */
#define CLI_NO_CHOICE "unknown, there is nothing to choose"

/* ---- objects and verbs (object.c) --------------------------------------- */

struct cli_verb {
	const char *name;
	int (*run)(struct cli_args *args);
};

/**
 * struct cli_object - what comes after "damc"
 * @usage: whole text of its help
 * @verbs: ends with an entry without a name; NULL if it has none
 * @run: without any word, or for an object without verbs
 */
struct cli_object {
	const char *name;
	const char *usage;
	const struct cli_verb *verbs;
	int (*run)(struct cli_args *args);
};

int cli_object_run(const struct cli_object *object, struct cli_args *args);

extern const struct cli_object cli_dev, cli_neigh, cli_route, cli_bind,
	cli_stats, cli_info, cli_monitor, cli_ping, cli_trace, cli_call, cli_serve,
	cli_pool, cli_set, cli_router, cli_lsdb, cli_rib, cli_spf,
	cli_convergence, cli_object, cli_register, cli_replay, cli_apply, cli_bugreport,
	cli_policy;

/* What "damc ..." does, in ip's manner: minus the exit code. */
int do_damc(int argc, char **argv);

/* ---- files (file.c) ----------------------------------------------------- */

/* A regular file's bytes, malloc()ed; NULL after saying why on stderr. */
void *cli_file(const char *path, size_t *len);

/* ---- the kernel (kernel.c) ---------------------------------------------- */

/* The control socket, opened once, or NULL after saying why on stderr. */
struct damc_ctl *cli_ctl(void);

/* Say that the kernel refused with @err, in its own words: CLI_KERNEL. */
int cli_refused(int err);

/* A call's outcome: CLI_OK, or that. */
int cli_outcome(int err);

/* The same of a socket call: @what was tried. */
int cli_failed(const char *what, int err);

/* ---- deleting what a dump finds (flush.c) ------------------------------- */

/**
 * struct cli_flush - what to delete
 * @what: what they are called
 * @dump: dumps all, and gives each name that is to go to cli_flush_take()
 * @del: deletes one
 * @n: how many there are in @names
 * @names: of those to delete next
 */
struct cli_flush {
	const char *what;
	int (*dump)(struct damc_ctl *ctl, struct cli_flush *flush);
	int (*del)(struct damc_ctl *ctl, const struct damc_name *name);
	unsigned int n;
	struct damc_name *names;
};

/* For the dump's callback to return. */
int cli_flush_take(struct cli_flush *flush, const struct damc_name *name);

/* Until none is left: an enum cli_exit, with the reason on stderr. */
int cli_flush(struct cli_flush *flush);

/* "all" is taken, and must stand alone; something must be there. */
int cli_flush_which(struct cli_args *args, const char *object);

/* ---- how things are written (format.c) ---------------------------------- */

struct cli_text {
	char buf[DAMC_NAME_TEXT_MAX];
};

const char *cli_name(const struct damc_name *name, struct cli_text *text);
const char *cli_lladdr(const struct damc_lladdr *addr, struct cli_text *text);
const char *cli_ifname(uint32_t ifindex, struct cli_text *text);

/* Names may change between two commands of a batch. */
void cli_ifname_forget(void);

/* The table's word for @value, or "#VALUE" where it has none. */
const char *cli_word(const struct damc_spec_word *words, uint32_t value,
		     struct cli_text *text);
const char *cli_word_doc(const struct damc_spec_word *words, uint32_t value);

/* An enum damc_proto's word. */
const char *cli_proto(uint32_t proto, struct cli_text *text);

/* " udp ADDR port N local ADDR", and nothing if @remote is empty. */
void cli_print_udp(const struct damc_inet_addr *remote, uint32_t port,
		   const struct damc_inet_addr *local);

/* " dev X lladdr Y", in JSON members "dev" and "lladdr". */
void cli_print_link(uint32_t ifindex, const struct damc_lladdr *lladdr);

/* One object each, as its show command and the monitor write it. */
void cli_print_dev(const struct damc_dev *dev);
void cli_print_neigh(const struct damc_neigh *neigh);
void cli_print_route(const struct damc_route *route);
void cli_print_bind(const struct damc_bind *bind);
void cli_print_pool(const struct damc_pool *pool);
void cli_print_set(const struct damc_set *set);
void cli_print_policy(const struct damc_policy *policy);
void cli_print_info(const struct damc_info *info);

/* What a monitor writes before an object, within its JSON; else nothing. */
void cli_print_event(void);

/* A text that came from the network: what is no printable ASCII as \xNN. */
void cli_print_foreign(const void *data, size_t len);

#endif /* DAMC_CLI_H */
