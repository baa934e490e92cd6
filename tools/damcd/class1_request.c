// SPDX-License-Identifier: GPL-2.0
#include <event2/buffer.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "class1_edge.h"
#include "registrar.h"
#include "router.h"

#define NAMES "/v1/names"

struct request {
	struct class1_edge *edge;
	struct evhttp_request *http;
	struct dc_reg *reg;
	const char *path;
	struct evkeyvalq query;
};

/* ---- answers ----------------------------------------------------------- */

static void free_text(const void *data, size_t len, void *text)
{
	(void)data;
	(void)len;
	free(text);
}

/* Takes @text: its ending zero becomes the line's end, and nothing is copied. */
static void send_text(struct evhttp_request *http, int status, char *text)
{
	struct evkeyvalq *headers = evhttp_request_get_output_headers(http);
	struct evbuffer *buffer = evbuffer_new();
	size_t len = strlen(text);

	text[len] = '\n';
	if (!buffer ||
	    evbuffer_add_reference(buffer, text, len + 1, free_text, text)) {
		free(text);
		evhttp_send_error(http, HTTP_INTERNAL, NULL);
	} else {
		evhttp_add_header(headers, "Content-Type", "application/json");
		evhttp_send_reply(http, status, NULL, buffer);
	}
	if (buffer)
		evbuffer_free(buffer);
}

void class1_reply(struct evhttp_request *http, int status, json_t *json)
{
	char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;

	json_decref(json);
	if (text)
		send_text(http, status, text);
	else
		evhttp_send_error(http, HTTP_INTERNAL, NULL);
}

void class1_reply_problem(struct evhttp_request *http,
			  const struct class1_problem *problem)
{
	if (problem->status == 503)
		evhttp_add_header(evhttp_request_get_output_headers(http),
				  "Retry-After", "1");
	class1_reply(http, problem->status, class1_problem_json(problem));
}

void class1_reply_outcome(struct class1_edge *edge,
			  struct evhttp_request *http,
			  const struct dc_reg_entry *entry,
			  const struct dc_reg_outcome *outcome)
{
	struct class1_problem problem;

	(void)edge;
	if (outcome->code == DC_REG_DONE) {
		class1_reply(http, 201,
			     class1_entry_json(entry, true, clock_us()));
		return;
	}
	class1_problem_of(outcome, &problem);
	class1_reply_problem(http, &problem);
}

static void not_found(const struct request *request)
{
	static const struct class1_problem problem = {
		404, "not-found", "There is nothing at this path.",
		"There are /v1/names, /v1/names/NAME, /v1/nonce and /v1/renew.",
	};

	class1_reply_problem(request->http, &problem);
}

static void not_registered(const struct request *request, bool other)
{
	class1_reply_problem(request->http, other ? &class1_not_yours
						  : &class1_not_registered);
}

/* Nothing can be kept of its connection. */
static void no_connection(const struct request *request)
{
	bool full = request->edge->connections == CLASS1_CONNECTIONS_MAX;

	class1_reply_problem(request->http, full ? &class1_too_many_connections :
						   &class1_no_memory);
}

/* ---- what came --------------------------------------------------------- */

static const void *body_of(struct evhttp_request *http, size_t *len)
{
	struct evbuffer *buffer = evhttp_request_get_input_buffer(http);

	*len = evbuffer_get_length(buffer);
	return evbuffer_pullup(buffer, -1);
}

static const char *query(const struct request *request, const char *key)
{
	return evhttp_find_header(&request->query, key);
}

static bool query_is_set(const struct request *request, const char *key)
{
	const char *value = query(request, key);

	return value && strcmp(value, "0");
}

/* The name in the path, behind /v1/names; its text is a path as it is. */
static bool path_name(const struct request *request, struct damc_name *name)
{
	const char *text = request->path + strlen(NAMES);
	struct class1_problem problem;

	if (class1_name(name, text, strlen(text), &problem))
		return true;
	class1_reply_problem(request->http, &problem);
	return false;
}

/* ---- POST /v1/names ---------------------------------------------------- */

static void wait_for(struct request *request, struct class1_conn *conn,
		     uint64_t ticket)
{
	struct class1 *class1 = request->edge->class1;

	conn->waiting = request->http;
	conn->ticket = ticket;
	LIST_INSERT_HEAD(&class1->waits[ticket % CLASS1_BUCKETS], conn, waits);
}

static bool holder_of(struct request *request, const struct dc_reg_want *want,
		      struct class1_conn **conn, struct dc_reg_holder **holder)
{
	*conn = class1_conn(request->edge, request->http);
	*holder = NULL;
	if (*conn && !want->lease_s)
		*holder = class1_holder(*conn);
	return *conn && (want->lease_s || *holder);
}

static bool has_interface(struct request *request)
{
	if (request->edge->ifindex)
		return true;
	class1_reply_problem(request->http, &class1_no_interface);
	return false;
}

static void post_name(struct request *request)
{
	struct class1_edge *edge = request->edge;
	struct dc_reg_want want = {
		.pod = edge->config.pod, .edge = edge->ifindex,
		.epoch = router_time(edge->class1->daemon->router) / 1000,
	};
	struct dc_reg_outcome outcome;
	struct class1_problem problem;
	struct dc_reg_holder *holder;
	struct class1_conn *conn;
	enum dc_proof_code code;
	uint64_t ticket;
	const void *body;
	size_t len;

	if (!has_interface(request))
		return;
	body = body_of(request->http, &len);
	if (!class1_want(&want, body, len, &problem)) {
		class1_reply_problem(request->http, &problem);
		return;
	}
	code = want.proof.binding_len ?
	       registrar_prove(edge->class1->daemon->registrar, &want) :
	       DC_PROOF_GOOD;
	if (code != DC_PROOF_GOOD) {
		class1_problem_of_proof(code, &problem);
		class1_reply_problem(request->http, &problem);
		return;
	}
	if (!holder_of(request, &want, &conn, &holder)) {
		no_connection(request);
		return;
	}
	dc_reg_add(request->reg, &want, holder, clock_us(), &ticket, &outcome);
	registrar_arm(edge->class1->daemon->registrar);
	if (outcome.code == DC_REG_ASKED)
		wait_for(request, conn, ticket);
	else
		class1_reply_outcome(edge, request->http,
				     dc_reg_find(request->reg, &want.name),
				     &outcome);
}

/* ---- POST /v1/nonce ---------------------------------------------------- */

static void post_nonce(struct request *request)
{
	struct daemon *daemon = request->edge->class1->daemon;
	uint8_t binding[DC_OBJECT_MAX];
	struct class1_problem problem;
	struct dc_proof_claim claim;
	const void *body;
	uint32_t epoch;
	size_t len;
	int n;

	body = body_of(request->http, &len);
	if (!class1_claim(&claim, body, len, &problem)) {
		class1_reply_problem(request->http, &problem);
		return;
	}
	n = dc_proof_offer(registrar_proof(daemon->registrar), &claim,
			   clock_us(), &epoch, binding);
	if (n < 0) {
		class1_problem_of_proof(DC_PROOF_MALFORMED, &problem);
		class1_reply_problem(request->http, &problem);
		return;
	}
	class1_reply(request->http, 200,
		     class1_offer_json(router_id(daemon->router), epoch,
				       binding, n));
}

/* ---- DELETE /v1/names/NAME, POST /v1/renew ----------------------------- */

static void delete_name(struct request *request)
{
	struct damc_name name;
	int err;

	if (!path_name(request, &name))
		return;
	err = dc_reg_del(request->reg, &name, request->edge->ifindex,
			 clock_us());
	registrar_arm(request->edge->class1->daemon->registrar);
	if (err)
		not_registered(request, err == -EPERM);
	else
		evhttp_send_reply(request->http, HTTP_NOCONTENT, NULL, NULL);
}

static const char *renew_one(struct request *request, json_t *value,
			     uint32_t lease_s)
{
	struct class1_problem problem;
	struct damc_name name;
	int err;

	if (!json_is_string(value) ||
	    !class1_name(&name, json_string_value(value),
			 json_string_length(value), &problem))
		return "bad-name";
	err = dc_reg_renew(request->reg, &name, request->edge->ifindex, lease_s,
			   clock_us());
	if (!err)
		return NULL;
	return err == -EPERM ? "not-yours" : "not-registered";
}

static json_t *renew_all(struct request *request, json_t *names,
			 uint32_t lease_s)
{
	json_t *failed = json_array(), *value;
	json_int_t renewed = 0;
	const char *code;
	size_t i;

	json_array_foreach(names, i, value) {
		code = renew_one(request, value, lease_s);
		if (code)
			json_array_append_new(failed,
					      json_pack("{s:O, s:s}", "name",
							value, "code", code));
		else
			renewed++;
	}
	registrar_arm(request->edge->class1->daemon->registrar);
	return json_pack("{s:I, s:o}", "renewed", renewed, "failed", failed);
}

static void post_renew(struct request *request)
{
	struct class1_problem problem;
	const void *body;
	json_t *names;
	uint32_t lease;
	size_t len;

	body = body_of(request->http, &len);
	if (!class1_renewal(&names, &lease, body, len, &problem)) {
		class1_reply_problem(request->http, &problem);
		return;
	}
	if (json_array_size(names) > CLASS1_RENEW_MAX)
		class1_reply_problem(request->http, &class1_too_many);
	else
		class1_reply(request->http, 200,
			     renew_all(request, names, lease));
	json_decref(names);
}

/* ---- GET /v1/names ----------------------------------------------------- */

struct listing {
	const struct request *request;
	struct damc_name below;
	bool mine;
	bool up;
	uint64_t now_us;
	json_t *names;
};

static int list_one(const struct dc_reg_entry *entry, void *arg)
{
	struct listing *listing = arg;
	bool own = entry->want.edge == listing->request->edge->ifindex;

	if (!damc_name_below(&entry->want.name, &listing->below) ||
	    (!own && listing->mine) ||
	    ((!own || listing->up) && entry->state != DC_REG_ACTIVE) ||
	    (!own && !class1_may_see(listing->request->edge,
				     &entry->want.name)))
		return 0;
	json_array_append_new(listing->names,
			      class1_entry_json(entry, own, listing->now_us));
	return 0;
}

static bool query_below(const struct request *request, struct damc_name *below)
{
	const char *text = query(request, "below");
	struct class1_problem problem;

	below->len = 0;
	if (!text || class1_name(below, text, strlen(text), &problem))
		return true;
	class1_reply_problem(request->http, &problem);
	return false;
}

static void watch_line(json_t *json, struct evbuffer *to)
{
	char *text;

	json_object_set_new(json, "event", json_string("up"));
	text = json_dumps(json, JSON_COMPACT);
	if (text)
		evbuffer_add_printf(to, "%s\n", text);
	free(text);
}

/* What there is, then what changes, a line each. */
static void begin_watch(const struct request *request, struct listing *listing)
{
	struct evkeyvalq *headers =
		evhttp_request_get_output_headers(request->http);
	struct class1_conn *conn = class1_conn(request->edge, request->http);
	struct evbuffer *buffer = evbuffer_new();
	json_t *value;
	size_t i;

	if (!conn || !buffer || request->edge->watches == CLASS1_WATCHES_MAX) {
		if (!conn || !buffer)
			no_connection(request);
		else
			class1_reply_problem(request->http,
					     &class1_too_many_watches);
		if (buffer)
			evbuffer_free(buffer);
		return;
	}
	request->edge->watches++;
	conn->watch = request->http;
	conn->below = listing->below;
	conn->fabric = query_is_set(request, "fabric");
	LIST_INSERT_HEAD(&request->edge->class1->watches, conn, watches);
	evhttp_add_header(headers, "Content-Type", "application/x-ndjson");
	evhttp_send_reply_start(request->http, 200, NULL);
	json_array_foreach(listing->names, i, value)
		watch_line(value, buffer);
	evbuffer_add(buffer, "\n", 1);
	conn->unread_max = evbuffer_get_length(buffer) + CLASS1_WATCH_BYTES_MAX;
	evhttp_send_reply_chunk(request->http, buffer);
	evbuffer_free(buffer);
}

/* Whether it is for a call rule that there is nothing to tell; then it is told. */
static bool is_refused(const struct listing *listing)
{
	const struct request *request = listing->request;
	struct class1_problem problem;
	enum dc_call call;

	if (listing->mine || listing->up || json_array_size(listing->names))
		return false;
	call = class1_call(request->edge, &listing->below);
	if (dc_call_may(call))
		return false;
	class1_problem_of_call(&problem, call);
	class1_reply_problem(request->http, &problem);
	return true;
}

static void get_names(struct request *request)
{
	struct listing listing = {
		.request = request, .mine = query_is_set(request, "mine"),
		.up = query_is_set(request, "watch"),
		.now_us = clock_us(),
	};

	if (!query_below(request, &listing.below))
		return;
	listing.names = json_array();
	dc_reg_each(request->reg, list_one, &listing);
	if (query_is_set(request, "fabric") &&
	    !class1_fabric_json(request->edge, &listing.below, listing.names)) {
		class1_reply_problem(request->http, &class1_too_often);
		json_decref(listing.names);
		return;
	}
	if (listing.up)
		begin_watch(request, &listing);
	else if (!is_refused(&listing))
		class1_reply(request->http, 200,
			     json_pack("{s:O}", "names", listing.names));
	json_decref(listing.names);
}

static void get_name(struct request *request)
{
	const struct dc_reg_entry *entry;
	struct class1_problem problem;
	struct damc_name name;
	enum dc_call call;
	bool own;

	if (!path_name(request, &name))
		return;
	entry = dc_reg_find(request->reg, &name);
	own = entry && entry->want.edge == request->edge->ifindex;
	call = own ? DC_CALL_FREE : class1_call(request->edge, &name);
	/* Whether it is there or not: that is not the pod's to know, either. */
	if (!dc_call_may(call)) {
		class1_problem_of_call(&problem, call);
		class1_reply_problem(request->http, &problem);
	} else if (!entry || (!own && entry->state != DC_REG_ACTIVE)) {
		not_registered(request, false);
	} else {
		class1_reply(request->http, 200,
			     class1_entry_json(entry, own, clock_us()));
	}
}

/* ---- which is it ------------------------------------------------------- */

static const struct {
	enum evhttp_cmd_type method;
	const char *path;
	bool below;
	void (*run)(struct request *request);
} routes[] = {
	{ EVHTTP_REQ_POST, NAMES, false, post_name },
	{ EVHTTP_REQ_GET, NAMES, false, get_names },
	{ EVHTTP_REQ_GET, NAMES "/", true, get_name },
	{ EVHTTP_REQ_DELETE, NAMES "/", true, delete_name },
	{ EVHTTP_REQ_POST, "/v1/renew", false, post_renew },
	{ EVHTTP_REQ_POST, "/v1/nonce", false, post_nonce },
};

static bool matches(const char *path, const char *want, bool below)
{
	return below ? !strncmp(path, want, strlen(want))
		     : !strcmp(path, want);
}

static const struct class1_problem method_problem = {
	405, "bad-method", "This path is not used with this method.",
	"See class1.yaml, the API's description.",
};

static void dispatch(struct request *request)
{
	enum evhttp_cmd_type method = evhttp_request_get_command(request->http);
	bool there = false;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(routes); i++) {
		if (!matches(request->path, routes[i].path, routes[i].below))
			continue;
		there = true;
		if (routes[i].method == method) {
			routes[i].run(request);
			return;
		}
	}
	if (there)
		class1_reply_problem(request->http, &method_problem);
	else
		not_found(request);
}

void class1_request(struct evhttp_request *http, void *arg)
{
	const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(http);
	const char *text = evhttp_uri_get_query(uri);
	struct class1_edge *edge = arg;
	struct request request = {
		.edge = edge, .http = http,
		.reg = registrar_reg(edge->class1->daemon->registrar),
		.path = evhttp_uri_get_path(uri) ?: "",
	};

	if (evhttp_parse_query_str(text ?: "", &request.query)) {
		evhttp_send_error(http, HTTP_BADREQUEST, NULL);
		return;
	}
	dispatch(&request);
	evhttp_clear_headers(&request.query);
}
