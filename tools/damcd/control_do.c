// SPDX-License-Identifier: GPL-2.0
/* What can be asked of a running daemon. */
#include <string.h>

#include "apply.h"
#include "array.h"
#include "class1_json.h"
#include "control.h"
#include "control_json.h"
#include "object_json.h"
#include "registrar.h"
#include "router.h"

/* From being told to leave to being gone. */
#define LEAVE_MS 200

static struct router *router_of(struct control_answer *answer)
{
	return answer->daemon->router;
}

static const char *member(json_t *request, const char *key)
{
	return json_string_value(json_object_get(request, key));
}

/* ---- show -------------------------------------------------------------- */

static int add_neighbour(const struct dc_neighbour *neighbour, void *arg)
{
	control_add(arg, control_neighbour_json(router_of(arg), neighbour,
						clock_us()));
	return 0;
}

static void do_router(struct control_answer *answer, json_t *request)
{
	(void)request;
	dc_node_neighbours(router_node(router_of(answer)), add_neighbour,
			   answer);
}

struct lsdb_walk {
	struct control_answer *answer;
	bool details;
};

static int add_object(const struct dc_object *object, uint32_t left_s,
		      void *arg)
{
	struct lsdb_walk *walk = arg;
	json_t *json = object_json(object, walk->details);

	if (json)
		json_object_set_new(json, "left", json_integer(left_s));
	control_add(walk->answer, json);
	return 0;
}

static void do_lsdb(struct control_answer *answer, json_t *request)
{
	struct lsdb_walk walk = {
		answer, json_is_true(json_object_get(request, "details")),
	};

	dc_node_lsdb(router_node(router_of(answer)), add_object, &walk);
}

struct rib_walk {
	struct control_answer *answer;
	struct control_links *links;
};

static struct rib_walk walk_begin(struct control_answer *answer)
{
	struct rib_walk walk = {
		answer, control_links_new(router_of(answer)),
	};

	if (!walk.links)
		control_fail(answer, "no memory");
	return walk;
}

static int add_entry(const struct dc_rib_entry *entry, void *arg)
{
	struct rib_walk *walk = arg;

	control_add(walk->answer, control_rib_json(entry, walk->links));
	return 0;
}

static bool take_name(struct control_answer *answer, json_t *request,
		      struct damc_name *name)
{
	const char *text = member(request, "name");
	const char *why = "it is missing";

	if (text && !damc_name_parse(name, text, &why))
		return true;
	control_fail(answer, "no name: %s", why);
	return false;
}

static void do_rib(struct control_answer *answer, json_t *request)
{
	struct rib_walk walk = walk_begin(answer);

	(void)request;
	if (walk.links &&
	    dc_rib_each(dc_node_rib(router_node(router_of(answer))), add_entry,
			&walk))
		control_fail(answer, "no memory");
	control_links_free(walk.links);
}

static void explain(struct rib_walk *walk, const struct damc_name *name)
{
	struct router *router = router_of(walk->answer);
	struct dc_rib_entry entry;

	if (dc_rib_explain(dc_node_rib(router_node(router)), name, &entry))
		control_fail(walk->answer, "nothing in the RIB matches it");
	else
		add_entry(&entry, walk);
}

static void do_explain(struct control_answer *answer, json_t *request)
{
	struct damc_name name;
	struct rib_walk walk;

	if (!take_name(answer, request, &name))
		return;
	walk = walk_begin(answer);
	if (walk.links)
		explain(&walk, &name);
	control_links_free(walk.links);
}

static int add_spf(const struct dc_spf_node *node, void *arg)
{
	struct rib_walk *walk = arg;

	control_add(walk->answer, control_spf_json(node, walk->links));
	return 0;
}

static void do_spf(struct control_answer *answer, json_t *request)
{
	struct rib_walk walk = walk_begin(answer);

	(void)request;
	if (walk.links)
		dc_spf_each(dc_node_rib(router_node(router_of(answer))),
			    add_spf, &walk);
	control_links_free(walk.links);
}

static const struct converge_record *
converge_at(const struct converge *converge, uint64_t i)
{
	return &converge->record[i % CONVERGE_RECORDS];
}

static void do_convergence(struct control_answer *answer, json_t *request)
{
	const struct converge *converge = &answer->daemon->converge;
	uint64_t i = 0;

	(void)request;
	if (converge->n > CONVERGE_RECORDS)
		i = converge->n - CONVERGE_RECORDS;
	for (; i < converge->n; i++)
		control_add(answer, control_converge_json(converge_at(converge, i)));
}

static int add_name(const struct dc_reg_entry *entry, void *arg)
{
	json_t *json = class1_entry_json(entry, true, clock_us());
	char pod[DAMC_NAME_TEXT_MAX];

	damc_name_format(&entry->want.pod, pod, sizeof(pod));
	json_object_set_new(json, "pod", json_string(pod));
	control_add(arg, json);
	return 0;
}

static void do_names(struct control_answer *answer, json_t *request)
{
	(void)request;
	dc_reg_each(registrar_reg(answer->daemon->registrar), add_name, answer);
}

static void do_status(struct control_answer *answer, json_t *request)
{
	(void)request;
	control_add(answer, control_status_json(answer->daemon));
}

/* ---- change ------------------------------------------------------------ */

static void do_reload(struct control_answer *answer, json_t *request)
{
	(void)request;
	daemon_reload(answer->daemon, answer->error, sizeof(answer->error));
}

static void do_apply(struct control_answer *answer, json_t *request)
{
	json_int_t seconds = json_integer_value(json_object_get(request,
								"seconds"));
	const char *name = member(request, "name");
	const char *text = member(request, "text");

	if (!name || !text || strlen(text) > APPLY_TEXT_MAX)
		control_fail(answer, "a name and a text of %d bytes at most are expected",
			     APPLY_TEXT_MAX);
	else if (seconds < 1 || seconds > APPLY_SECONDS_MAX)
		control_fail(answer, "1 to %d seconds", APPLY_SECONDS_MAX);
	else
		apply_try(answer->daemon->apply, name, text, seconds,
			  answer->error, sizeof(answer->error));
}

static void do_trial(struct control_answer *answer, json_t *request)
{
	const char *text;
	uint32_t left;

	(void)request;
	text = apply_text(answer->daemon->apply, &left);
	if (text)
		control_add(answer, json_pack("{s:s, s:s, s:I}", "file",
					      answer->daemon->path, "text",
					      text, "left", (json_int_t)left));
}

static void do_confirm(struct control_answer *answer, json_t *request)
{
	(void)request;
	apply_confirm(answer->daemon->apply, answer->error,
		      sizeof(answer->error));
}

static void do_resync(struct control_answer *answer, json_t *request)
{
	(void)request;
	router_replay(router_of(answer));
}

static void do_drain(struct control_answer *answer, json_t *request)
{
	bool on = !json_is_false(json_object_get(request, "on"));

	router_drain(router_of(answer), on);
}

static void do_leave(struct control_answer *answer, json_t *request)
{
	/* The answer is still to be sent. */
	static const struct timeval soon = { .tv_usec = LEAVE_MS * 1000 };

	(void)request;
	router_leave(router_of(answer));
	event_base_loopexit(answer->daemon->base, &soon);
}

static const struct {
	const char *word;
	void (*run)(struct control_answer *answer, json_t *request);
} words[] = {
	{ "router", do_router },
	{ "lsdb", do_lsdb },
	{ "rib", do_rib },
	{ "explain", do_explain },
	{ "spf", do_spf },
	{ "convergence", do_convergence },
	{ "names", do_names },
	{ "status", do_status },
	{ "reload", do_reload },
	{ "apply", do_apply },
	{ "trial", do_trial },
	{ "confirm", do_confirm },
	{ "resync", do_resync },
	{ "drain", do_drain },
	{ "leave", do_leave },
};

void control_do(struct control_answer *answer, json_t *request)
{
	const char *word = json_string_value(json_object_get(request, "do"));
	size_t i;

	for (i = 0; word && i < ARRAY_SIZE(words); i++)
		if (!strcmp(words[i].word, word)) {
			words[i].run(answer, request);
			return;
		}
	control_fail(answer, "\"do\" is none of what this daemon does");
}
