// SPDX-License-Identifier: GPL-2.0
/* damc replay: what the flight recorder kept, done again by the same core. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli.h"
#include "daemon.h"
#include "ls_msg.h"
#include "object_json.h"
#include "print.h"
#include "replay.h"

#define RECORD "/var/lib/damcd/record"

#define S 1000000ULL

static const char usage[] =
	"Usage: damc [ -details ] replay [ FILE ] [ until TIME ] [ route NAME ]\n"
	"Do again what damcd's core did, by the record in FILE, " RECORD "\n"
	"unless told, and compare. -details: all that it was told, and what it did.\n"
	"until: so long after the daemon's beginning, 90s. route: only what\n"
	"changed NAME's way.\n";

/**
 * struct play - a replay that goes on
 * @route: what is shown of it, NULL: all, if anything
 * @set: that it leads by, 0: none
 * @did: what the node does for the input that it was told of
 * @concerns: the route's way is among that
 */
struct play {
	struct dc_replay *replay;
	const struct damc_name *route;
	uint32_t set;
	json_t *did;
	bool concerns;
};

/* ---- what it does ------------------------------------------------------ */

static void add(struct play *play, json_t *object)
{
	if (play->did)
		json_array_append_new(play->did, object);
	else
		json_decref(object);
}

/* Certificates, grants and so on, in a word each. */
static void add_object(json_t *list, const void *bytes, size_t len)
{
	struct dc_object object;

	if (dc_object_read(&object, bytes, len, NULL))
		json_array_append_new(list, json_string("no object"));
	else
		json_array_append_new(list, object_json(&object, false));
}

static const char *const record_words[] = {
	[LS_KEEPALIVE] = "keepalive", [LS_ACK] = "ack", [LS_OBJECT] = "object",
	[LS_SUM] = "sum", [LS_SAME] = "same", [LS_LIST] = "list",
	[LS_ASK] = "ask",
};

static void add_records(json_t *list, const struct ls_packet *packet)
{
	struct ls_record record;
	size_t at = 0;

	while (ls_record_next(&record, packet, &at) > 0) {
		if (record.type == LS_OBJECT)
			add_object(list, record.body + 4, record.len - 4);
		else if (record.type < ARRAY_SIZE(record_words) &&
			 record_words[record.type])
			json_array_append_new(list,
					      json_string(record_words[record.type]));
	}
}

static json_t *packet_json(const void *bytes, size_t len)
{
	static const char *const kinds[] = {
		[LS_HELLO] = "hello", [LS_SESSION] = "session",
		[LS_CERT_ASK] = "certificate-ask", [LS_CERT] = "certificate",
	};
	json_t *list = json_array();
	struct ls_packet packet;

	if (ls_packet_read(&packet, bytes, len))
		return json_pack("{s:s, s:I, s:o}", "packet", "malformed",
				 "bytes", (json_int_t)len, "records", list);
	if (packet.kind == LS_SESSION)
		add_records(list, &packet);
	return json_pack("{s:s, s:I, s:o}", "packet", kinds[packet.kind],
			 "bytes", (json_int_t)len, "records", list);
}

static void on_send(void *arg, uint32_t ifindex,
		    const struct damc_lladdr *peer, const void *packet,
		    size_t len, enum dc_urgency urgency)
{
	json_t *json = packet_json(packet, len);
	struct cli_text text;

	(void)urgency;
	json_object_set_new(json, "did", json_string("send"));
	json_object_set_new(json, "ifindex", json_integer(ifindex));
	if (peer)
		json_object_set_new(json, "lladdr",
				    json_string(cli_lladdr(peer, &text)));
	add(arg, json);
}

static json_t *ways_json(const struct dc_fib_change *change)
{
	json_t *list = json_array();
	uint32_t i;

	for (i = 0; i < change->n; i++)
		json_array_append_new(list,
				      json_integer(change->nexthop[i].link));
	return list;
}

/* Whether it is the route, or the set that it leads by. */
static bool is_its(struct play *play, const struct dc_fib_change *change)
{
	if (!play->route)
		return false;
	if (change->op == DC_FIB_SET || change->op == DC_FIB_SET_DEL)
		return play->set && change->set == play->set;
	if (!damc_name_equal(&change->name, play->route))
		return false;
	if (change->op == DC_FIB_ROUTE)
		play->set = change->unreachable ? 0 : change->set;
	else if (change->op == DC_FIB_ROUTE_DEL)
		play->set = 0;
	return true;
}

static void on_change(void *arg, const struct dc_fib_change *change)
{
	static const char *const ops[] = {
		[DC_FIB_SET] = "set", [DC_FIB_SET_DEL] = "delete-set",
		[DC_FIB_ROUTE] = "route", [DC_FIB_ROUTE_DEL] = "delete-route",
		[DC_FIB_MEMBER] = "member",
		[DC_FIB_MEMBER_DEL] = "delete-member",
	};
	bool is_set = change->op == DC_FIB_SET || change->op == DC_FIB_SET_DEL;
	json_t *json = json_pack("{s:s}", "did", ops[change->op]);
	struct play *play = arg;

	play->concerns |= is_its(play, change);
	if (!is_set)
		json_object_set_new(json, "name",
				    object_name_json(&change->name));
	if (change->set)
		json_object_set_new(json, "set", json_integer(change->set));
	if (change->op == DC_FIB_SET)
		json_object_set_new(json, "links", ways_json(change));
	if (change->backup)
		json_object_set_new(json, "backup",
				    json_integer(change->backup));
	if (change->unreachable)
		json_object_set_new(json, "unreachable", json_true());
	add(play, json);
}

static void on_neighbour(void *arg, uint32_t link, uint32_t ifindex,
			 const struct damc_lladdr *peer,
			 const struct dc_node_id *id, bool up)
{
	(void)peer;
	add(arg, json_pack("{s:s, s:o, s:I, s:I}", "did",
			   up ? "neighbour-up" : "neighbour-down", "node",
			   object_id_json(id), "link", (json_int_t)link,
			   "ifindex", (json_int_t)ifindex));
}

static void on_event(void *arg, const char *what, const char *words)
{
	add(arg, json_pack("{s:s, s:s, s:s}", "did", "event", "what", what,
			   "words", words));
}

/* ---- what it is told --------------------------------------------------- */

static const char *const inputs[DC_TAPE_INPUTS] = {
	[DC_TAPE_LINK] = "link", [DC_TAPE_LINK_GONE] = "link-gone",
	[DC_TAPE_LIVENESS] = "liveness", [DC_TAPE_PACKET] = "receive",
	[DC_TAPE_MORE] = "more", [DC_TAPE_TIMER] = "timer",
	[DC_TAPE_ANNOUNCE] = "announce", [DC_TAPE_WITHDRAW] = "withdraw",
	[DC_TAPE_OBJECT] = "object", [DC_TAPE_OVERLOAD] = "overload",
	[DC_TAPE_SHUTDOWN] = "shutdown", [DC_TAPE_KNOW] = "know",
	[DC_TAPE_TIMERS] = "timers", [DC_TAPE_HOLD] = "hold",
};

/* What the numbers of an input are called. */
static const char *const numbers[DC_TAPE_INPUTS][DC_TAPE_NUMBERS] = {
	[DC_TAPE_LINK] = { "ifindex", "up", "cost" },
	[DC_TAPE_LINK_GONE] = { "ifindex" },
	[DC_TAPE_LIVENESS] = { "link", "up" },
	[DC_TAPE_PACKET] = { "ifindex" },
	[DC_TAPE_MORE] = { "more" },
	[DC_TAPE_ANNOUNCE] = { "right", "weight", "epoch" },
	[DC_TAPE_OVERLOAD] = { "on" },
	[DC_TAPE_TIMERS] = { "hello-ms", "dead", "restart-s", "refresh-s",
			     "lifetime-s", "rotate-s" },
	[DC_TAPE_HOLD] = { "on" },
};

static void add_name(json_t *json, const struct dc_tape_input *input)
{
	struct damc_name name = { .len = input->len };

	if (input->len > sizeof(name.wire))
		return;
	memcpy(name.wire, input->bytes, input->len);
	json_object_set_new(json, "name", object_name_json(&name));
}

static json_t *input_json(const struct dc_tape_input *input, uint64_t us)
{
	json_t *json = input->kind == DC_TAPE_PACKET ?
		packet_json(input->bytes, input->len) : json_object();
	struct cli_text text;
	json_t *list;
	int i;

	json_object_set_new(json, "us", json_integer(us));
	json_object_set_new(json, "told", json_string(inputs[input->kind]));
	for (i = 0; i < DC_TAPE_NUMBERS; i++)
		if (numbers[input->kind][i])
			json_object_set_new(json, numbers[input->kind][i],
					    json_integer(input->number[i]));
	if (input->from)
		json_object_set_new(json, "lladdr",
				    json_string(cli_lladdr(input->from, &text)));
	if (input->kind == DC_TAPE_ANNOUNCE || input->kind == DC_TAPE_WITHDRAW)
		add_name(json, input);
	if (input->kind != DC_TAPE_OBJECT && input->kind != DC_TAPE_KNOW)
		return json;
	list = json_array();
	add_object(list, input->bytes, input->len);
	json_object_set_new(json, "records", list);
	return json;
}

/* ---- for people -------------------------------------------------------- */

static void print_object(const json_t *object)
{
	if (json_is_string(object))
		printf(" %s", json_string_value(object));
	else
		printf(" %s %s", cli_member(object, "type"),
		       cli_member(object, "subject"));
}

static void print_value(const char *key, const json_t *value)
{
	const json_t *item;
	size_t i;

	if (json_is_string(value))
		printf(" %s %s", key, json_string_value(value));
	else if (json_is_integer(value))
		printf(" %s %lld", key, (long long)json_integer_value(value));
	else if (json_is_true(value))
		printf(" %s", key);
	if (!json_array_size(value))
		return;
	if (strcmp(key, "records"))
		printf(" %s", key);
	json_array_foreach(value, i, item) {
		if (json_is_integer(item))
			printf(" %lld", (long long)json_integer_value(item));
		else
			print_object(item);
	}
}

/* All but what stands at the line's beginning. */
static void print_rest(const json_t *object)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)object, key, value)
		if (strcmp(key, "us") && strcmp(key, "told") &&
		    strcmp(key, "did") && strcmp(key, "does"))
			print_value(key, value);
	printf("\n");
}

static void print_input(const json_t *object)
{
	long long us = cli_number(object, "us");
	const json_t *one;
	size_t i;

	printf("+%lld.%06lld %s", us / (long long)S, us % (long long)S,
	       cli_member(object, "told"));
	print_rest(object);
	json_array_foreach(json_object_get(object, "does"), i, one) {
		printf("\t%s", cli_member(one, "did"));
		print_rest(one);
	}
}

static void show(const json_t *object)
{
	if (is_json_context())
		cli_daemon_json(object);
	else
		print_input(object);
}

static void print_outcome(const struct dc_replay_counts *counts,
			  const char *why, uint64_t us, bool middle)
{
	if (*why)
		printf("input %llu, %llu.%06llus after the beginning: %s\n",
		       (unsigned long long)counts->inputs,
		       (unsigned long long)(us / S),
		       (unsigned long long)(us % S), why);
	if (middle)
		printf("%llu inputs read: it begins in the middle, and cannot be replayed\n",
		       (unsigned long long)counts->inputs);
	else
		printf("%llu inputs replayed, %llu outputs equal\n",
		       (unsigned long long)counts->inputs,
		       (unsigned long long)counts->outputs);
}

static void show_outcome(struct dc_replay *replay, uint64_t us)
{
	const char *why = dc_replay_why(replay);
	struct dc_replay_counts counts;

	dc_replay_counts(replay, &counts);
	if (!is_json_context()) {
		print_outcome(&counts, why, us, !dc_replay_node(replay));
		return;
	}
	open_json_object(NULL);
	print_u64(PRINT_JSON, "inputs", NULL, counts.inputs);
	print_u64(PRINT_JSON, "outputs", NULL, counts.outputs);
	print_u64(PRINT_JSON, "us", NULL, us);
	print_u64(PRINT_JSON, "started-ms", NULL, counts.wall_ms);
	if (dc_replay_node(replay))
		print_bool(PRINT_JSON, "equal", NULL, !*why);
	else
		print_bool(PRINT_JSON, "middle", NULL, true);
	if (*why)
		print_string(PRINT_JSON, "why", NULL, why);
	close_json_object();
}

/* ---- the replay -------------------------------------------------------- */

static bool wanted(const struct play *play)
{
	return play->route ? play->concerns : show_details > 0;
}

static int run_one(struct play *play, const struct dc_tape_input *input,
		   uint64_t us)
{
	json_t *json = NULL;
	int ret;

	if (!dc_replay_node(play->replay)) {
		json = input_json(input, us);
		show(json);
		json_decref(json);
		return 0;
	}
	play->concerns = false;
	if (show_details || play->route) {
		json = input_json(input, us);
		play->did = json_array();
	}
	ret = dc_replay_run(play->replay, input);
	if (json && (wanted(play) || ret)) {
		json_object_set(json, "does", play->did);
		show(json);
	}
	json_decref(json);
	json_decref(play->did);
	play->did = NULL;
	return ret;
}

/* The last input's time, after the beginning. */
static uint64_t run_all(struct play *play, uint64_t until_us)
{
	struct dc_replay_counts counts;
	struct dc_tape_input input;
	uint64_t us = 0;

	dc_replay_counts(play->replay, &counts);
	while (dc_replay_next(play->replay, &input) > 0 &&
	       input.now_us - counts.started_us <= until_us) {
		us = input.now_us - counts.started_us;
		if (run_one(play, &input, us))
			break;
	}
	return us;
}

static int play_bytes(const void *bytes, size_t len,
		      const struct damc_name *route, uint64_t until_us)
{
	static const struct dc_node_ops ops = {
		.send = on_send, .fib = { .change = on_change },
		.neighbour = on_neighbour, .event = on_event,
	};
	struct play play = { .route = route };
	uint64_t us;
	int ret;

	play.replay = dc_replay_middle(bytes, len);
	if (!play.replay)
		play.replay = dc_replay_new(bytes, len, &dc_ed25519, &ops,
					    &play);
	if (!play.replay) {
		fprintf(stderr, "Error: no record: %s.\n", strerror(errno));
		return CLI_KERNEL;
	}
	new_json_obj(json);
	us = run_all(&play, until_us);
	show_outcome(play.replay, us);
	delete_json_obj();
	ret = *dc_replay_why(play.replay) ? CLI_KERNEL : CLI_OK;
	dc_replay_free(play.replay);
	return ret;
}

static int play_file(const char *path, const struct damc_name *route,
		     uint64_t until_us)
{
	size_t len;
	void *bytes = cli_file(path, &len);
	int ret;

	if (!bytes)
		return CLI_USAGE;
	ret = play_bytes(bytes, len, route, until_us);
	free(bytes);
	return ret;
}

static bool is_key(const char *word, const struct cli_key *keys)
{
	for (; keys->key; keys++)
		if (!strcmp(word, keys->key))
			return true;
	return false;
}

static int run(struct cli_args *args)
{
	struct damc_name route;
	uint32_t until_ms = UINT32_MAX;
	struct cli_key keys[] = {
		{ .key = "until", .take = cli_take_ms, .to = &until_ms,
		  .min = 0, .max = UINT32_MAX },
		{ .key = "route", .take = cli_take_name, .to = &route },
		{ .key = NULL }
	};
	const char *path = RECORD;
	int ret;

	if (cli_peek(args) && !is_key(cli_peek(args), keys))
		path = cli_take(args);
	ret = cli_keys(args, keys, NULL, "replay");
	if (ret)
		return ret;
	return play_file(path, keys[1].seen ? &route : NULL,
			 keys[0].seen ? until_ms * 1000ULL : UINT64_MAX);
}

const struct cli_object cli_replay = {
	.name = "replay", .usage = usage, .run = run
};
