// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <event2/event.h>
#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "authority.h"
#include "leases.h"
#include "namemap.h"
#include "state_file.h"

#define S 1000000ULL

/* From a change to its being written: at least, and so many times the work. */
#define SOON_US S
#define REST 200
/* What could not be written is tried again after so long, changed or not. */
#define AGAIN_US (5 * S)

#define FILE_NAME "leases"
#define LINE_MAX_BYTES (4 * DC_OBJECT_MAX)
#define BASE64 sodium_base64_VARIANT_ORIGINAL

struct record {
	struct namemap_node node;
	struct dc_reg_want want;
	uint64_t lease_us;
};

struct leases {
	struct daemon *daemon;
	const struct dc_reg *reg;
	struct event *timer;
	bool dirty;
	uint64_t took_us;
	struct namemap names;
	/* The lines that are grants, as they were read. */
	json_t *grants;
};

/* ---- writing ----------------------------------------------------------- */

static json_t *object_text(const void *bytes, size_t len)
{
	char text[sodium_base64_ENCODED_LEN(DC_OBJECT_MAX, BASE64)];

	return json_string(sodium_bin2base64(text, sizeof(text), bytes, len,
					     BASE64));
}

/* Who holds a key is told by what it signed. */
static json_t *want_json(const struct dc_reg_want *want)
{
	char name[DAMC_NAME_TEXT_MAX], pod[DAMC_NAME_TEXT_MAX];
	json_t *json;

	damc_name_format(&want->name, name, sizeof(name));
	damc_name_format(&want->pod, pod, sizeof(pod));
	json = json_pack("{s:s, s:s, s:i}", "name", name, "pod", pod, "right",
			 want->right);
	if (json && want->has_key)
		json_object_set_new(json, "binding",
				    object_text(want->proof.binding,
						want->proof.binding_len));
	return json;
}

/* One line, and the reference. */
static int put(FILE *file, json_t *json)
{
	int err = !json || json_dumpf(json, file, JSON_COMPACT) ||
		  fputc('\n', file) == EOF;

	json_decref(json);
	return err ? -EIO : 0;
}

static int put_name(const struct dc_reg_entry *entry, void *arg)
{
	const struct dc_reg_want *want = &entry->want;
	json_t *json, *terms;

	/* A connection's end is heard of, or it ends with this process. */
	if (entry->state == DC_REG_DRAINING || !want->lease_s)
		return 0;
	json = want_json(want);
	terms = json_pack("{s:i, s:I, s:i, s:i, s:I}", "lease", want->lease_s,
			  "end", (json_int_t)entry->lease_us, "protocol",
			  want->protocol, "port", want->port, "epoch",
			  (json_int_t)want->epoch);
	if (json)
		json_object_update(json, terms);
	json_decref(terms);
	return put(arg, json);
}

struct writing {
	const struct authority *authority;
	FILE *file;
};

static int put_grant(const struct dc_reg_want *want, const void *grant,
		     size_t len, void *arg)
{
	const struct writing *writing = arg;
	uint64_t renew_ms = authority_due(writing->authority, want);
	json_t *json = want_json(want);

	if (json)
		json_object_set_new(json, "grant", object_text(grant, len));
	if (json && renew_ms)
		json_object_set_new(json, "renew", json_integer(renew_ms));
	return put(writing->file, json);
}

static int write_all(FILE *file, void *arg)
{
	const struct leases *leases = arg;
	struct writing writing = { leases->daemon->authority, file };
	int err = dc_reg_each(leases->reg, put_name, file);

	return err ? err : dc_reg_kept(leases->reg, put_grant, &writing);
}

static void write_in(struct leases *leases, uint64_t us)
{
	struct timeval tv = { .tv_sec = us / S, .tv_usec = us % S };

	leases->dirty = true;
	event_add(leases->timer, &tv);
}

static void write_now(struct leases *leases)
{
	uint64_t from = clock_us();
	int err = state_file_replace(leases->daemon, FILE_NAME, write_all,
				     leases);

	leases->dirty = false;
	leases->took_us = clock_us() - from;
	if (!err)
		return;
	log_event(&leases->daemon->log, LOG_WARNING, "leases-not-written",
		  "error=\"%s\"", strerror(-err));
	write_in(leases, AGAIN_US);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	write_now(arg);
}

void leases_changed(struct leases *leases)
{
	uint64_t in = REST * leases->took_us;

	if (!leases->dirty)
		write_in(leases, in > SOON_US ? in : SOON_US);
}

/* ---- reading ----------------------------------------------------------- */

static bool take_name(const json_t *json, const char *key,
		      struct damc_name *name)
{
	const char *text = json_string_value(json_object_get(json, key));

	return text && !damc_name_parse(name, text, NULL);
}

static json_int_t take_int(const json_t *json, const char *key)
{
	return json_integer_value(json_object_get(json, key));
}

/* At most @size bytes: how many, 0 for none. */
static size_t take_object(const json_t *json, const char *key, uint8_t *to,
			  size_t size)
{
	const char *text = json_string_value(json_object_get(json, key));
	size_t len;

	if (!text || sodium_base642bin(to, size, text, strlen(text), NULL,
				       &len, NULL, BASE64))
		return 0;
	return len;
}

static bool read_want(const json_t *json, struct dc_reg_want *want)
{
	struct dc_reg_proof *proof = &want->proof;

	*want = (struct dc_reg_want){
		.right = take_int(json, "right"),
		.lease_s = take_int(json, "lease"),
		.protocol = take_int(json, "protocol"),
		.port = take_int(json, "port"),
		.epoch = take_int(json, "epoch"),
	};
	proof->binding_len = take_object(json, "binding", proof->binding,
					 sizeof(proof->binding));
	return take_name(json, "name", &want->name) &&
	       take_name(json, "pod", &want->pod);
}

static void take_line(struct leases *leases, const char *line)
{
	json_t *json = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
	struct record *record;
	struct dc_reg_want want;

	if (json && json_object_get(json, "grant")) {
		json_array_append(leases->grants, json);
	} else if (json && read_want(json, &want) && want.lease_s &&
		   !namemap_find(&leases->names, &want.name)) {
		record = calloc(1, sizeof(*record));
		if (record) {
			record->node.name = want.name;
			record->want = want;
			record->lease_us = take_int(json, "end");
			namemap_add(&leases->names, &record->node);
		}
	}
	json_decref(json);
}

static int read_all(struct leases *leases)
{
	FILE *file = state_file_open(leases->daemon, FILE_NAME);
	char line[LINE_MAX_BYTES];
	unsigned int n = 0;

	if (!file)
		return errno == ENOENT ? 0 : -errno;
	while (n++ < DC_REG_NAMES_MAX + DC_REG_GRANTS_MAX &&
	       fgets(line, sizeof(line), file))
		take_line(leases, line);
	fclose(file);
	return 0;
}

uint64_t leases_take(struct leases *leases, struct dc_reg_want *want)
{
	struct namemap_node *node = namemap_find(&leases->names, &want->name);
	struct record *record = (void *)node;
	uint64_t end = 0;

	if (!node)
		return 0;
	namemap_remove(&leases->names, node);
	if (record->want.right == want->right &&
	    damc_name_equal(&record->want.pod, &want->pod)) {
		want->lease_s = record->want.lease_s;
		want->protocol = record->want.protocol;
		want->port = record->want.port;
		want->epoch = record->want.epoch;
		want->proof = record->want.proof;
		end = record->lease_us;
	}
	free(record);
	return end;
}

void leases_grants(struct leases *leases,
		   void (*each)(void *arg, const struct leases_grant *grant),
		   void *arg)
{
	struct leases_grant grant;
	json_t *json;
	size_t i;

	json_array_foreach(leases->grants, i, json) {
		grant.renew_ms = take_int(json, "renew");
		grant.len = take_object(json, "grant", grant.bytes,
					sizeof(grant.bytes));
		if (grant.len && read_want(json, &grant.want))
			each(arg, &grant);
	}
	json_array_clear(leases->grants);
}

/* ---- start and end ----------------------------------------------------- */

struct leases *leases_new(struct daemon *daemon, struct dc_reg *reg)
{
	struct leases *leases = calloc(1, sizeof(*leases));
	int err = -ENOMEM;

	if (!leases)
		return NULL;
	leases->daemon = daemon;
	leases->reg = reg;
	leases->grants = json_array();
	leases->timer = evtimer_new(daemon->base, on_timer, leases);
	if (leases->grants && leases->timer && !namemap_init(&leases->names))
		err = read_all(leases);
	if (!err)
		return leases;
	leases_free(leases);
	errno = -err;
	return NULL;
}

static void free_record(struct namemap_node *node, void *arg)
{
	(void)arg;
	free(node);
}

void leases_free(struct leases *leases)
{
	if (!leases)
		return;
	if (leases->dirty)
		write_now(leases);
	if (leases->timer)
		event_free(leases->timer);
	if (leases->names.bucket)
		namemap_each(&leases->names, free_record, NULL);
	namemap_free(&leases->names);
	json_decref(leases->grants);
	free(leases);
}
