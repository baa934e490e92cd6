// SPDX-License-Identifier: GPL-2.0
/*
 * damc-spa bench: registrations a second of one process, from the bytes of a
 * request to those of its answer, stored. The gateway's own work is done before
 * and is not counted.
 */
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "desk.h"
#include "spa_tool.h"

#define COUNT 2000
#define COUNT_MAX 100000
#define YEAR_MS (365 * 86400000ull)

static const char usage[] =
	"Usage: damc-spa bench DIR [ count NUMBER ] [ sync { safe | quick } ]\n"
	"                     [ key ]\n"
	"Makes an SPA and a gateway in DIR, which must not exist, and has NUMBER (2000)\n"
	"names granted to attested pods, or with key to keys that are proven. safe waits\n"
	"for the disk at each grant; quick is what survives the process alone.\n";

/**
 * struct bench - one run
 * @request: bytes of each, one after the other at @size
 */
struct bench {
	const char *dir;
	uint64_t count;
	bool quick;
	bool key;
	struct dc_identity spa;
	struct dc_identity gateway;
	uint8_t anchor_secret[DC_SECRET_BYTES];
	struct dc_node_id self;
	struct desk desk;
	uint8_t *request;
	int *len;
	struct timespec cpu[2];
	struct timespec wall[2];
};

static int file(const struct bench *bench, const char *name, const char *text)
{
	char path[PATH_MAX];
	FILE *out;
	int ret;

	snprintf(path, sizeof(path), "%s/%s", bench->dir, name);
	out = fopen(path, "we");
	if (!out)
		return -errno;
	ret = fputs(text, out) < 0 ? -EIO : 0;
	return fclose(out) ? -errno : ret;
}

/* ---- a domain of its own ----------------------------------------------- */

static int certify(struct bench *bench, struct dc_identity *identity,
		   const char *id, uint8_t roles)
{
	struct dc_cert cert = {
		.roles = roles, .max_prefixes = COUNT_MAX, .max_lsas = 1000,
		.issued = tool_wall_ms(),
		.n_subtrees = roles & DC_ROLE_SPA ? 1 : 0
	};
	uint8_t body[DC_OBJECT_MAX];
	struct dc_object object = {
		.type = DC_CERT, .body = body, .seq.serial = 1,
		.domain = dc_domain_of(bench->spa.domain),
		.not_after = cert.issued + YEAR_MS
	};
	struct dc_node_id node;
	int len;

	dc_key_new(cert.key, identity->secret);
	tool_node(id, &node);
	if (dc_node_name(&object.subject, &node))
		return -EINVAL;
	object.body_len = dc_cert_write(&cert, body, sizeof(body));
	len = dc_object_sign(&object, &dc_ed25519, identity->anchor[0],
			     bench->anchor_secret, identity->cert);
	identity->cert_len = len;
	return len < 0 ? len : 0;
}

static void policy_text(const struct bench *bench, const uint8_t *key,
			char *to, size_t size)
{
	char hex[2 * DC_KEY_BYTES + 1];

	sodium_bin2hex(hex, sizeof(hex), key, DC_KEY_BYTES);
	snprintf(to, size,
		 "version: 1\ndomain: bench\nallow:\n"
		 "  - { rule: all, %s%s, name: /bench/*, right: name }\n",
		 bench->key ? "key: " : "pod: /pod/**",
		 bench->key ? hex : "");
}

static int make_place(struct bench *bench, const uint8_t *key)
{
	char text[4 * PATH_MAX], path[PATH_MAX], why[DC_WHY_MAX] = "";
	int err;

	strcpy(bench->spa.domain, "bench");
	dc_key_new(bench->spa.anchor[0], bench->anchor_secret);
	bench->gateway = bench->spa;
	err = certify(bench, &bench->spa, "spa", DC_ROLE_SPA);
	err = err ? err : certify(bench, &bench->gateway, "sg", DC_ROLE_SG);
	snprintf(path, sizeof(path), "%.2000s/id", bench->dir);
	err = err ? err : dc_identity_store(&bench->spa, path, why);
	policy_text(bench, key, text, sizeof(text));
	err = err ? err : file(bench, "policy.yaml", text);
	snprintf(text, sizeof(text),
		 "identity: %.2000s/id\nstate: %.2000s/state\n"
		 "policy: %.2000s/policy.yaml\nunsigned-policy: yes\nsync: %s\n",
		 bench->dir, bench->dir, bench->dir,
		 bench->quick ? "quick" : "safe");
	err = err ? err : file(bench, "spa.yaml", text);
	return err ? tool_failed("%s: %s", bench->dir, *why ? why :
				 strerror(-err)) : TOOL_OK;
}

/* ---- requests ---------------------------------------------------------- */

static int take_nonce(struct bench *bench, struct dc_c3_nonce *nonce)
{
	struct dc_c3_nonce_request want = {
		.gateway = bench->self, .count = 1
	};
	uint8_t bytes[64], back[DC_C3_NONCES_ANSWER_MAX];
	struct dc_c3_nonce_answer given;
	int len;

	len = dc_c3_nonce_request_write(&want, bytes, sizeof(bytes));
	len = dc_spa_nonce(bench->desk.spa, bytes, len, back, tool_now_us());
	if (len < 0 || dc_c3_nonce_answer_read(&given, back, len))
		return -EBADMSG;
	*nonce = given.nonce[0];
	return 0;
}

static void prove(struct dc_c3_request *request, const uint8_t *key,
		  const uint8_t *secret)
{
	uint8_t bytes[DC_C3_PROOF_MAX];
	size_t len;

	request->subject.has_key = true;
	memcpy(request->subject.key, key, DC_KEY_BYTES);
	len = dc_c3_proof_bytes(bytes, request->domain, &request->nonce,
				&request->gateway, &request->name,
				request->right, key);
	dc_ed25519.sign(request->subject.proof, bytes, len, secret);
}

static int make_request(struct bench *bench, uint64_t number,
			const uint8_t *key, const uint8_t *secret)
{
	struct dc_c3_request request = {
		.domain = dc_domain_of("bench"), .gateway = bench->self,
		.right = DC_RIGHT_NAME, .cert = bench->gateway.cert,
		.cert_len = bench->gateway.cert_len
	};
	char text[64];
	int err;

	err = take_nonce(bench, &request.nonce);
	snprintf(text, sizeof(text), "/bench/%llu", (unsigned long long)number);
	err = err ? err : damc_name_parse(&request.name, text, NULL);
	snprintf(text, sizeof(text), "/pod/sg/%llu",
		 (unsigned long long)number);
	err = err ? err : damc_name_parse(&request.subject.pod, text, NULL);
	if (err)
		return err;
	if (bench->key)
		prove(&request, key, secret);
	bench->len[number] =
		dc_c3_request_write(&request, &dc_ed25519,
				    bench->gateway.secret, bench->request +
				    number * DC_C3_REQUEST_MAX,
				    DC_C3_REQUEST_MAX);
	return bench->len[number] < 0 ? -EMSGSIZE : 0;
}

/* ---- the run ----------------------------------------------------------- */

static int answer_all(struct bench *bench)
{
	uint8_t back[DC_C3_ANSWER_MAX];
	struct dc_c3_answer answer;
	uint64_t i;
	int len;

	for (i = 0; i < bench->count; i++) {
		len = dc_spa_grant(bench->desk.spa, bench->request +
				   i * DC_C3_REQUEST_MAX, bench->len[i], back,
				   tool_now_us());
		if (len < 0 || dc_c3_answer_read(&answer, back, len))
			return tool_failed("no answer");
		if (answer.code != DC_C3_GRANTED)
			return tool_failed("%.*s", answer.words_len,
					   answer.words);
	}
	return TOOL_OK;
}

static double seconds(const struct timespec *span)
{
	return (span[1].tv_sec - span[0].tv_sec) +
	       (span[1].tv_nsec - span[0].tv_nsec) / 1e9;
}

static void tell(struct tool *tool, const struct bench *bench)
{
	json_t *row = json_object();
	double cpu = seconds(bench->cpu), wall = seconds(bench->wall);

	json_object_set_new(row, "registrations", json_integer(bench->count));
	json_object_set_new(row, "subject", json_string(bench->key ? "key" :
							"pod"));
	json_object_set_new(row, "sync", json_string(bench->quick ? "quick" :
						     "safe"));
	json_object_set_new(row, "per-second",
			    json_integer(bench->count / wall));
	json_object_set_new(row, "per-cpu-second",
			    json_integer(bench->count / cpu));
	json_object_set_new(row, "cpu-us-each",
			    json_integer(cpu * 1e6 / bench->count));
	tool_row(tool, row);
}

static int measure(struct tool *tool, struct bench *bench)
{
	int ret;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &bench->cpu[0]);
	clock_gettime(CLOCK_MONOTONIC, &bench->wall[0]);
	ret = answer_all(bench);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &bench->cpu[1]);
	clock_gettime(CLOCK_MONOTONIC, &bench->wall[1]);
	if (!ret)
		tell(tool, bench);
	return ret;
}

static int run(struct tool *tool, struct bench *bench)
{
	uint8_t key[DC_KEY_BYTES], secret[DC_SECRET_BYTES];
	char path[PATH_MAX];
	uint64_t i;
	int err = 0;

	dc_key_new(key, secret);
	if (mkdir(bench->dir, 0700))
		return tool_failed("%s: %s", bench->dir, strerror(errno));
	if (make_place(bench, key))
		return TOOL_FAILED;
	snprintf(path, sizeof(path), "%s/spa.yaml", bench->dir);
	if (desk_open(&bench->desk, path) || desk_enforce_policy(&bench->desk) ||
	    desk_sync(&bench->desk) < 0)
		return tool_failed("%s", bench->desk.why);
	tool_node("sg", &bench->self);
	for (i = 0; i < bench->count && !err; i++)
		err = make_request(bench, i, key, secret);
	return err ? tool_failed("%s", strerror(-err)) : measure(tool, bench);
}

static int take_count(const char *word, uint64_t *count)
{
	int ret = tool_number(word, count, COUNT_MAX);

	return !ret && !*count ? tool_wrong(word, "one registration at least") :
		ret;
}

static int take_sync(const char *word, bool *quick)
{
	if (!word)
		return tool_incomplete();
	*quick = !strcmp(word, "quick");
	return *quick || !strcmp(word, "safe") ? TOOL_OK :
		tool_wrong(word, "safe or quick is expected");
}

static int parse(struct tool *tool, struct bench *bench)
{
	int ret = TOOL_OK;

	while (!ret && tool_peek(tool)) {
		if (tool_is(tool, "count"))
			ret = take_count(tool_take(tool), &bench->count);
		else if (tool_is(tool, "key"))
			bench->key = true;
		else if (tool_is(tool, "sync"))
			ret = take_sync(tool_take(tool), &bench->quick);
		else
			ret = tool_end(tool);
	}
	return ret;
}

int cmd_bench(struct tool *tool)
{
	static struct bench bench = { .count = COUNT };
	int ret;

	if (!tool_peek(tool) || tool_is(tool, "help")) {
		fputs(usage, stdout);
		return TOOL_OK;
	}
	bench.dir = tool_take(tool);
	if (parse(tool, &bench))
		return TOOL_USAGE;
	bench.request = malloc(bench.count * DC_C3_REQUEST_MAX);
	bench.len = calloc(bench.count, sizeof(*bench.len));
	if (bench.request && bench.len)
		ret = run(tool, &bench);
	else
		ret = tool_failed("%s", strerror(ENOMEM));
	desk_close(&bench.desk);
	free(bench.request);
	free(bench.len);
	return ret;
}
