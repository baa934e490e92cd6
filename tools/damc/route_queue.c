// SPDX-License-Identifier: GPL-2.0
/*
 * Lines of a batch that change routes alike: see route_queue.h.
 *
 * Each goes into the library's batch as soon as it is read. Its text is kept
 * until it is known to be in force: where a request is refused, which did nothing
 * then, its lines are run again one by one, as if there were no batches.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "batch.h"
#include "cli.h"
#include "print.h"
#include "route.h"
#include "route_queue.h"

/* More at once are hardly faster, and must be kept until they are done. */
#define QUEUE_MAX 4096

/* Of so many lines the words are remembered. */
#define MODELS_MAX 8

/* A line that was read: @at is where its text is in the queue's room. */
struct kept {
	unsigned int line;
	size_t at;
};

/*
 * A kept line whose words are known. Lines of a file often differ by name alone:
 * of such a one only the name must be read. @route has room for that.
 */
struct model {
	int verb;
	size_t at;
	size_t name;
	size_t name_end;
	size_t len;
	struct damc_route route;
};

static struct {
	int verb;
	unsigned int n;
	struct kept *kept;
	/* Texts, one after the other, each with its zero. */
	char *room;
	size_t used;
	size_t size;
	struct damc_route_batch *batch;
	struct model models[MODELS_MAX];
	unsigned int n_models;
	unsigned int last_model;
} queue;

/* A request was refused, and did nothing: again, as if there were no batches. */
static int run_each(unsigned int from, route_queue_failed failed, void *arg)
{
	char *words[BATCH_WORDS_MAX];
	const char *why;
	int n, ret = 0;

	for (; from < queue.n; from++) {
		n = batch_split(queue.room + queue.kept[from].at, words, &why);
		if (!batch_do(n, words))
			continue;
		failed(queue.kept[from].line, arg);
		ret = -1;
		if (!force)
			break;
	}
	return ret;
}

/* How many lines are in force then. */
static unsigned int end_batch(void)
{
	unsigned int done;

	if (!queue.batch)
		return 0;
	/* A line that is alone is run as such. */
	if (queue.n > 1)
		damc_route_batch_flush(queue.batch);
	done = damc_route_batch_done(queue.batch);
	damc_route_batch_close(queue.batch);
	queue.batch = NULL;
	return done;
}

int route_queue_flush(route_queue_failed failed, void *arg)
{
	int ret;

	/* What was known of interfaces may change from here on. */
	cli_dev_keep(false);
	queue.n_models = 0;
	if (!queue.n)
		return 0;
	ret = run_each(end_batch(), failed, arg);
	queue.n = 0;
	queue.used = 0;
	return ret;
}

/* Room for one more line, of @len bytes. */
static bool allocate(size_t len)
{
	size_t size = queue.used + len + 1;
	char *room;

	if (!queue.kept)
		queue.kept = calloc(QUEUE_MAX, sizeof(*queue.kept));
	if (!queue.kept)
		return false;
	if (size <= queue.size)
		return true;
	room = realloc(queue.room, 2 * size);
	if (!room)
		return false;
	queue.room = room;
	queue.size = 2 * size;
	return true;
}

/* Whether a line says what a model does, of whatever name. */
static bool model_fits(struct model *model, char *text, size_t len)
{
	const char *own = queue.room + model->at;
	size_t after = model->len - model->name_end;
	char *end = text + len - after, stop;
	int err;

	/* What follows the name differs more often than what is before it. */
	if (len <= model->name + after ||
	    memcmp(end, own + model->name_end, after) ||
	    memcmp(text, own, model->name))
		return false;
	stop = *end;
	*end = '\0';
	err = damc_name_parse(&model->route.name, text + model->name, NULL);
	*end = stop;
	return !err;
}

static struct model *find_model(char *text, size_t len)
{
	unsigned int i, at = queue.last_model;

	for (i = 0; i < queue.n_models; i++) {
		if (model_fits(&queue.models[at], text, len)) {
			queue.last_model = at;
			return &queue.models[at];
		}
		at = (at + 1) % queue.n_models;
	}
	return NULL;
}

/* The model to be made anew: any, once there are all. */
static struct model *next_model(void)
{
	if (queue.n_models < MODELS_MAX)
		queue.last_model = queue.n_models++;
	else
		queue.last_model = (queue.last_model + 1) % MODELS_MAX;
	return &queue.models[queue.last_model];
}

/* What is wrong with a line is said when it is run, after those before it. */
static bool parse(int verb, int n, char **words, struct damc_route *route)
{
	struct cli_args args = { .left = n, .next = words };
	int ret;

	cli_dev_keep(true);
	cli_quiet = true;
	ret = route_parse_for(verb, &args, route);
	cli_quiet = false;
	return !ret;
}

/* Read a line word by word: NULL if it is none for the queue. */
static struct model *read_model(const char *text, size_t len)
{
	char *words[BATCH_WORDS_MAX], **word = words;
	char *copy = queue.room + queue.used;
	struct damc_route route;
	struct model *model;
	const char *why;
	int n, verb;

	memcpy(copy, text, len + 1);
	n = batch_split(copy, words, &why);
	if (n > 0 && !strcmp(words[0], "damc")) {
		word++;
		n--;
	}
	if (n < 3 || !cli_abbrev(word[0], cli_route.name))
		return NULL;
	verb = route_verb(word[1]);
	/* A deletion sets the name only. */
	route.n_nexthops = 0;
	if (verb < 0 || !parse(verb, n - 2, word + 2, &route))
		return NULL;
	model = next_model();
	model->verb = verb;
	model->at = queue.used;
	model->name = word[2] - copy;
	model->name_end = model->name + strlen(word[2]);
	model->len = len;
	/* Next hops are many, and most routes have one. */
	memcpy(&model->route, &route, offsetof(struct damc_route, nexthops) +
	       route.n_nexthops * sizeof(route.nexthops[0]));
	return model;
}

static void open_batch(int verb)
{
	struct damc_ctl *ctl;

	/* Without one, each line says why. */
	cli_quiet = true;
	ctl = cli_ctl();
	cli_quiet = false;
	queue.verb = verb;
	queue.batch = ctl ? damc_route_batch_open(ctl, verb) : NULL;
}

/* 0, or not if the request before was refused, and lines with it. */
static int keep(const struct model *model, const char *text, size_t len,
		unsigned int line)
{
	memcpy(queue.room + queue.used, text, len + 1);
	queue.kept[queue.n].line = line;
	queue.kept[queue.n].at = queue.used;
	queue.used += len + 1;
	if (!queue.n++)
		open_batch(model->verb);
	return queue.batch ? damc_route_batch_add(queue.batch, &model->route) : 0;
}

bool route_queue_take(char *text, size_t len, unsigned int line,
		      route_queue_failed failed, void *arg, int *ret)
{
	struct model *model;

	*ret = 0;
	if (!allocate(len))
		return false;
	model = find_model(text, len);
	if (!model)
		model = read_model(text, len);
	if (!model)
		return false;
	if (queue.n && (queue.n == QUEUE_MAX || queue.verb != model->verb)) {
		*ret = route_queue_flush(failed, arg);
		if (*ret && !force)
			return true;
		return route_queue_take(text, len, line, failed, arg, ret);
	}
	if (keep(model, text, len, line))
		*ret = route_queue_flush(failed, arg);
	return true;
}
