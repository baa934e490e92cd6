// SPDX-License-Identifier: GPL-2.0
/* What an SPA stores: numbers, grants, revocations, the log, after kill -9, too. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "audit.h"
#include "c3_lab.h"
#include "desk.h"
#include "lab.h"
#include "news.h"
#include "spa_tool.h"

#define KILLS 50
/* Grants that a process would give if it were let. */
#define GRANTS 200

struct place {
	char dir[64];
	char config[128];
	struct lab lab;
	struct dc_identity spa, sg;
};

static void write_file(const struct place *place, const char *name,
		       const char *text)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", place->dir, name);
	file = fopen(path, "we");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static int setup(void **state)
{
	struct place *place = calloc(1, sizeof(*place));
	char text[512], why[DC_WHY_MAX];

	assert_non_null(place);
	strcpy(place->dir, "/tmp/damc-spa-XXXXXX");
	assert_non_null(mkdtemp(place->dir));
	lab_init(&place->lab, &dc_ed25519, 1);
	place->lab.time_ms = tool_wall_ms();
	lab_enrol(&place->lab, &place->spa, "spa1", DC_ROLE_SPA, "/shop");
	lab_enrol(&place->lab, &place->sg, "sg1", DC_ROLE_SG, "");
	snprintf(text, sizeof(text), "%s/id", place->dir);
	assert_int_equal(dc_identity_store(&place->spa, text, why), 0);
	snprintf(text, sizeof(text),
		 "identity: %s/id\nstate: %s/state\npolicy: %s/policy.yaml\n"
		 "unsigned-policy: yes\nsync: quick\n",
		 place->dir, place->dir, place->dir);
	write_file(place, "spa.yaml", text);
	write_file(place, "policy.yaml",
		   "version: 1\ndomain: " LAB_DOMAIN "\nallow:\n"
		   "  - { rule: all, pod: /pod/**, name: /shop/**, right: name }\n");
	snprintf(place->config, sizeof(place->config), "%s/spa.yaml",
		 place->dir);
	*state = place;
	return 0;
}

static int teardown(void **state)
{
	struct place *place = *state;
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", place->dir);
	assert_int_equal(system(command), 0);
	free(place);
	return 0;
}

static void open_desk(struct desk *desk, const struct place *place)
{
	if (desk_open(desk, place->config)) {
		print_error("%s\n", desk->why);
		fail();
	}
}

/* Ask for /shop/NUMBER as its own pod: what the SPA answers. */
static int ask(const struct place *place, struct desk *desk, unsigned int number,
	       struct dc_c3_answer *answer)
{
	static uint8_t bytes[DC_C3_REQUEST_MAX], back[DC_C3_ANSWER_MAX];
	struct dc_c3_request request = {
		.domain = dc_domain_of(LAB_DOMAIN), .right = DC_RIGHT_NAME,
		.cert = place->sg.cert, .cert_len = place->sg.cert_len
	};
	struct dc_c3_nonce_request want = { .count = 1 };
	struct dc_c3_nonce_answer nonces;
	char name[64];
	int len;

	c3_node(&want.gateway, "sg1");
	len = dc_c3_nonce_request_write(&want, bytes, sizeof(bytes));
	len = dc_spa_nonce(desk->spa, bytes, len, back, tool_now_us());
	if (dc_c3_nonce_answer_read(&nonces, back, len))
		return -EBADMSG;
	request.gateway = want.gateway;
	request.nonce = nonces.nonce[0];
	snprintf(name, sizeof(name), "/shop/%u", number);
	c3_name(&request.name, name);
	snprintf(name, sizeof(name), "/pod/sg1/%u", number);
	c3_name(&request.subject.pod, name);
	len = dc_c3_request_write(&request, &dc_ed25519, place->sg.secret,
				  bytes, sizeof(bytes));
	len = dc_spa_grant(desk->spa, bytes, len, back, tool_now_us());
	return len < 0 ? len : dc_c3_answer_read(answer, back, len);
}

static uint64_t number_of(const struct dc_c3_answer *answer)
{
	struct dc_object object;
	struct dc_grant grant;

	assert_int_equal(dc_object_read(&object, answer->grant,
					answer->grant_len, NULL), 0);
	assert_int_equal(dc_grant_read(&grant, &object), 0);
	return grant.number;
}

/* ---- numbers ----------------------------------------------------------- */

static void restart_keeps_numbers(void **state)
{
	struct place *place = *state;
	struct dc_c3_answer answer;
	struct desk desk;
	uint64_t last = 0, number;
	unsigned int i;

	for (i = 0; i < 5; i++) {
		open_desk(&desk, place);
		assert_int_equal(ask(place, &desk, i, &answer), 0);
		assert_int_equal(answer.code, DC_C3_GRANTED);
		number = number_of(&answer);
		assert_true(number > last);
		last = number;
		desk_close(&desk);
	}
	/* And knows who holds what. */
	open_desk(&desk, place);
	assert_int_equal(ask(place, &desk, 0, &answer), 0);
	assert_int_equal(answer.code, DC_C3_GRANTED);
	assert_int_equal(ask(place, &desk, 1000, &answer), 0);
	assert_int_equal(answer.code, DC_C3_GRANTED);
	desk_close(&desk);
}

struct last {
	struct store_grant grant;
	unsigned int n;
};

static int take_last(const struct store_grant *grant, void *arg)
{
	struct last *last = arg;

	last->grant = *grant;
	last->n++;
	return 0;
}

static int take_number(const struct store_revocation *revocation, void *arg)
{
	uint64_t *number = arg;

	assert_int_equal(revocation->number, *number + 1);
	*number = revocation->number;
	return 0;
}

static void revocations_are_numbered(void **state)
{
	struct place *place = *state;
	struct store_revocation revocation;
	struct dc_c3_answer answer;
	struct last last;
	struct desk desk;
	uint64_t number = 0;
	unsigned int i;

	for (i = 0; i < 4; i++) {
		open_desk(&desk, place);
		assert_int_equal(ask(place, &desk, i, &answer), 0);
		memset(&last, 0, sizeof(last));
		assert_int_equal(store_grants(desk.store, 0, take_last, &last),
				 0);
		assert_int_equal(desk_revoke(&desk, last.grant.bytes,
					     last.grant.len,
					     last.grant.holding.number,
					     &revocation), 0);
		assert_int_equal(revocation.number, i + 1);
		/* Not to be had again, in this run and the next. */
		assert_int_equal(ask(place, &desk, i, &answer), 0);
		assert_int_equal(answer.code, DC_C3_REVOKED);
		desk_close(&desk);
		open_desk(&desk, place);
		assert_int_equal(ask(place, &desk, i, &answer), 0);
		assert_int_equal(answer.code, DC_C3_REVOKED);
		assert_int_equal(desk.revocations, i + 1);
		desk_close(&desk);
	}
	open_desk(&desk, place);
	assert_int_equal(store_revocations(desk.store, 0, 0, take_number,
					   &number), 0);
	assert_int_equal(number, 4);
	desk_close(&desk);
}

/* Two processes at one store: neither gives what the other gave. */
static void two_at_one_store(void **state)
{
	struct place *place = *state;
	struct dc_spa_wish wish = { .grant.rights = DC_RIGHT_NAME };
	struct dc_spa_decision decision;
	uint8_t object[DC_OBJECT_MAX];
	struct dc_c3_answer answer;
	struct desk one, other;

	open_desk(&one, place);
	open_desk(&other, place);
	c3_name(&wish.name, "/shop/7");
	c3_name(&wish.grant.pod, "/pod/sg1/else");
	assert_true(desk_give(&one, &wish, &decision, object) > 0);
	assert_int_equal(ask(place, &other, 7, &answer), 0);
	assert_int_equal(answer.code, DC_C3_BUSY);
	assert_int_equal(ask(place, &other, 7, &answer), 0);
	assert_int_equal(answer.code, DC_C3_TAKEN);
	desk_close(&one);
	desk_close(&other);
}

/* What ended long ago is forgotten; its number is not used again. */
static void pruned(void **state)
{
	struct place *place = *state;
	struct dc_c3_answer answer;
	struct last last = { .n = 0 };
	struct desk desk;
	uint64_t number;

	open_desk(&desk, place);
	assert_int_equal(ask(place, &desk, 1, &answer), 0);
	number = number_of(&answer);
	assert_int_equal(store_prune(desk.store, tool_wall_ms()), 0);
	assert_int_equal(store_grants(desk.store, 0, take_last, &last), 0);
	assert_int_equal(last.n, 1);
	assert_int_equal(store_prune(desk.store, last.grant.holding.until + 1),
			 0);
	last.n = 0;
	assert_int_equal(store_grants(desk.store, 0, take_last, &last), 0);
	assert_int_equal(last.n, 0);
	desk_close(&desk);
	open_desk(&desk, place);
	assert_int_equal(ask(place, &desk, 1, &answer), 0);
	assert_true(number_of(&answer) > number);
	desk_close(&desk);
}

static int find_object(const struct dc_c3_objects *objects, enum dc_type type)
{
	struct dc_object object;
	uint32_t i;
	int n = 0;

	for (i = 0; i < objects->n; i++) {
		assert_int_equal(dc_object_read(&object,
						objects->object[i].bytes,
						objects->object[i].len, NULL),
				 0);
		n += object.type == type;
	}
	return n;
}

/* All that there is comes, in as many messages as it takes. */
static void news_in_pieces(void **state)
{
	static uint8_t bytes[DC_C3_OBJECTS_ANSWER_MAX];
	static struct news news;
	struct dc_c3_objects_request want = { 0 };
	struct store_revocation revocation;
	struct place *place = *state;
	struct dc_c3_objects objects;
	struct dc_c3_answer answer;
	struct desk desk;
	uint8_t ask_bytes[64];
	int i, len, revocations = 0, rules = 0, pieces = 0;

	write_file(place, "policy.yaml",
		   "version: 2\ndomain: " LAB_DOMAIN "\nallow:\n"
		   "  - { rule: all, pod: /pod/**, name: /shop/**, right: name }\n"
		   "calls: [ { callee: /shop/a, callers: [ /x ] },\n"
		   "  { callee: /shop/b, callers: [ /y, /z ] } ]\n");
	open_desk(&desk, place);
	memset(&news, 0, sizeof(news));
	news.desk = &desk;
	assert_int_equal(news_tick(&news), 1);
	assert_int_equal(news_tick(&news), 0);
	for (i = 0; i < 40; i++) {
		assert_int_equal(ask(place, &desk, i, &answer), 0);
		assert_int_equal(desk_revoke(&desk, answer.grant,
					     answer.grant_len,
					     number_of(&answer), &revocation),
				 0);
	}
	c3_node(&want.node, "sg1");
	do {
		len = dc_c3_objects_request_write(&want, ask_bytes,
						  sizeof(ask_bytes));
		len = news_answer(&news, ask_bytes, len, bytes);
		assert_int_equal(dc_c3_objects_read(&objects, bytes, len), 0);
		assert_int_equal(find_object(&objects, DC_CERT), 1);
		assert_int_equal(find_object(&objects, DC_BEACON), 1);
		revocations += find_object(&objects, DC_REVOCATION);
		rules += find_object(&objects, DC_CALL_RULE);
		want.revocation = objects.revocation;
		want.rule = objects.rule;
		assert_true(++pieces < 10);
	} while (objects.more);
	assert_int_equal(revocations, 40);
	assert_int_equal(rules, 2);
	assert_int_equal(want.revocation, 40);
	assert_true(news_push(&news, bytes) > 0);
	assert_int_equal(news_take(&news, bytes, 3), -EBADMSG);
	news_close(&news);
	desk_close(&desk);
}

/* ---- call rules -------------------------------------------------------- */

static const char calls[] =
	"domain: " LAB_DOMAIN "\n"
	"calls: [ { callee: /shop/a, callers: [ /x ] },\n"
	"  { callee: /shop/b, callers: [ /y, /z ] } ]\n";

/* What nodes are called with: how many rules, and who may call @callee. */
static uint32_t pushed(struct news *news, const char *callee,
		       struct dc_call_rule *rule)
{
	static uint8_t bytes[DC_C3_OBJECTS_ANSWER_MAX];
	struct dc_c3_objects objects;
	struct dc_object object;
	struct damc_name name;
	uint32_t i, n = 0;
	int len;

	c3_name(&name, callee);
	memset(rule, 0, sizeof(*rule));
	len = news_push(news, bytes);
	assert_int_equal(dc_c3_objects_read(&objects, bytes, len), 0);
	for (i = 0; i < objects.n; i++) {
		assert_int_equal(dc_object_read(&object,
						objects.object[i].bytes,
						objects.object[i].len, NULL),
				 0);
		if (object.type != DC_CALL_RULE)
			continue;
		n++;
		if (damc_name_equal(&object.subject, &name))
			assert_int_equal(dc_call_rule_read(rule, &object), 0);
	}
	return n;
}

static void policy_of(const struct place *place, int version, const char *text)
{
	char policy[1024];

	snprintf(policy, sizeof(policy), "version: %d\n%s", version, text);
	write_file(place, "policy.yaml", policy);
}

static void open_news(struct news *news, struct desk *desk)
{
	memset(news, 0, sizeof(*news));
	assert_int_equal(news_open(news, desk), 0);
}

/* Only what says something else is signed, and pushed; what is taken out closes. */
static void rules_of_the_policy(void **state)
{
	struct place *place = *state;
	struct dc_call_rule rule;
	struct news news;
	struct desk desk;

	policy_of(place, 2, calls);
	open_desk(&desk, place);
	open_news(&news, &desk);
	assert_int_equal(news_tick(&news), 1);
	assert_int_equal(pushed(&news, "/shop/b", &rule), 2);
	assert_int_equal(rule.n, 2);
	assert_int_equal(news_sign_rules(&news), 0);
	policy_of(place, 3, "domain: " LAB_DOMAIN "\n"
		  "calls: [ { callee: /shop/a, callers: [ /x ] } ]\n");
	assert_int_equal(desk_reload(&desk), 0);
	assert_int_equal(news_sign_rules(&news), 1);
	assert_int_equal(pushed(&news, "/shop/b", &rule), 1);
	assert_int_equal(rule.n, 0);
	news_close(&news);
	desk_close(&desk);
	/* Another process knows what was closed, too. */
	open_desk(&desk, place);
	open_news(&news, &desk);
	assert_int_equal(news_tick(&news), 1);
	assert_int_equal(pushed(&news, "/shop/b", &rule), 2);
	assert_int_equal(rule.n, 0);
	news_close(&news);
	desk_close(&desk);
}

static void by_hand(struct desk *desk, const char *callee, const char *caller,
		    bool is_by_hand)
{
	struct store_rule rule = { .by_hand = is_by_hand };

	c3_name(&rule.call.callee, callee);
	if (caller)
		c3_name(&rule.call.rule.caller[rule.call.rule.n++], caller);
	assert_int_equal(store_begin(desk->store), 0);
	assert_int_equal(store_put_rule(desk->store, &rule), 0);
	assert_int_equal(store_commit(desk->store, "rule"), 0);
}

/* What an operator says at the command line counts, until it is taken back. */
static void rules_by_hand(void **state)
{
	struct place *place = *state;
	struct desk desk, other;
	struct dc_call_rule rule;
	struct news news;

	policy_of(place, 2, calls);
	open_desk(&desk, place);
	open_desk(&other, place);
	open_news(&news, &desk);
	assert_int_equal(news_tick(&news), 1);
	assert_int_equal(pushed(&news, "/shop/a", &rule), 2);
	by_hand(&other, "/shop/a", "/w", true);
	by_hand(&other, "/shop/c", "/w", true);
	assert_int_equal(news_tick(&news), 1);
	assert_int_equal(pushed(&news, "/shop/a", &rule), 2);
	assert_int_equal(rule.n, 1);
	assert_int_equal(rule.caller[0].wire[1], 'w');
	by_hand(&other, "/shop/a", NULL, false);
	by_hand(&other, "/shop/c", NULL, false);
	assert_int_equal(news_tick(&news), 1);
	assert_int_equal(pushed(&news, "/shop/a", &rule), 2);
	assert_int_equal(rule.caller[0].wire[1], 'x');
	assert_int_equal(news_tick(&news), 0);
	news_close(&news);
	desk_close(&other);
	desk_close(&desk);
}

static int count_asked(const struct dc_node_id *id, uint64_t ms, void *arg)
{
	(void)id;
	(void)ms;
	++*(int *)arg;
	return 0;
}

/* Who asked for news is called with it by the next process, too. */
static void who_asked_is_remembered(void **state)
{
	static uint8_t answer[DC_C3_OBJECTS_ANSWER_MAX];
	struct dc_c3_objects_request want = { 0 };
	struct place *place = *state;
	uint8_t bytes[64];
	struct news news;
	struct desk desk;
	int len, n = 0;

	open_desk(&desk, place);
	open_news(&news, &desk);
	assert_int_equal(news.n_restored, 0);
	for (int i = 0; i < 3; i++) {
		c3_node(&want.node, i ? "sg2" : "sg1");
		len = dc_c3_objects_request_write(&want, bytes, sizeof(bytes));
		assert_true(news_answer(&news, bytes, len, answer) > 0);
	}
	news_close(&news);
	desk_close(&desk);
	open_desk(&desk, place);
	open_news(&news, &desk);
	assert_int_equal(news.n_restored, 2);
	c3_node(&want.node, "sg1");
	assert_true(dc_node_id_equal(&news.node[0].id, &want.node) ||
		    dc_node_id_equal(&news.node[1].id, &want.node));
	/* Who did long ago is not. */
	assert_int_equal(store_asked(desk.store, desk_time(&desk) + 1,
				     count_asked, &n), 0);
	assert_int_equal(n, 0);
	news_close(&news);
	desk_close(&desk);
	open_desk(&desk, place);
	open_news(&news, &desk);
	assert_int_equal(news.n_restored, 0);
	news_close(&news);
	desk_close(&desk);
}

static void old_policy(void **state)
{
	struct place *place = *state;
	struct desk desk;

	write_file(place, "policy.yaml", "version: 5\ndomain: " LAB_DOMAIN "\n");
	open_desk(&desk, place);
	write_file(place, "policy.yaml", "version: 4\ndomain: " LAB_DOMAIN "\n");
	assert_int_equal(desk_reload(&desk), -ESTALE);
	assert_int_equal(desk.policy.version, 5);
	write_file(place, "policy.yaml", "version: 6\ndomain: other\n");
	assert_int_equal(desk_reload(&desk), -EINVAL);
	assert_non_null(strstr(desk.why, "policy.yaml:2:9: "));
	desk_close(&desk);
}

/* ---- kill -9 ----------------------------------------------------------- */

/* The child: grants, and says so down the pipe as soon as it may. */
static void grant_until_killed(const struct place *place, int to,
			       unsigned int from)
{
	struct dc_c3_answer answer;
	struct desk desk;
	uint64_t number;
	unsigned int i;

	if (desk_open(&desk, place->config))
		_exit(1);
	for (i = 0; i < GRANTS; i++) {
		if (ask(place, &desk, from + i, &answer) ||
		    answer.code != DC_C3_GRANTED)
			_exit(2);
		number = number_of(&answer);
		if (write(to, &number, sizeof(number)) != sizeof(number))
			_exit(3);
	}
	_exit(0);
}

struct known {
	bool there[KILLS * GRANTS + 1];
	uint64_t last;
	unsigned int n;
};

static int note(const struct store_grant *grant, void *arg)
{
	struct known *known = arg;

	assert_true(grant->holding.number <= KILLS * GRANTS);
	assert_true(grant->holding.number > known->last);
	known->there[grant->holding.number] = true;
	known->last = grant->holding.number;
	known->n++;
	return 0;
}

/* Whole numbers that were acknowledged, before the pipe's end. */
static unsigned int read_all(int from, uint64_t *numbers, unsigned int n)
{
	while (read(from, &numbers[n], sizeof(numbers[n])) ==
	       sizeof(numbers[n]))
		n++;
	return n;
}

static unsigned int one_kill(const struct place *place, unsigned int round,
			     unsigned int after_us, uint64_t *numbers,
			     unsigned int n)
{
	int ends[2], status;
	pid_t child;

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	child = fork();
	assert_true(child >= 0);
	if (!child)
		grant_until_killed(place, ends[1], round * GRANTS);
	close(ends[1]);
	/* From its first grant on, so that it is in the middle of the work. */
	if (read(ends[0], &numbers[n], sizeof(numbers[n])) ==
	    sizeof(numbers[n]))
		n++;
	usleep(after_us);
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) || !WEXITSTATUS(status));
	n = read_all(ends[0], numbers, n);
	close(ends[0]);
	return n;
}

static void killed_in_the_middle(void **state)
{
	const char *text = getenv("SEED");
	unsigned int seed = text ? strtoul(text, NULL, 0) : 1;
	static uint64_t numbers[KILLS * GRANTS + 1];
	static struct known known;
	struct place *place = *state;
	unsigned int round, n = 0, i;
	struct desk desk;

	printf("SEED=%u\n", seed);
	for (round = 0; round < KILLS; round++) {
		n = one_kill(place, round, rand_r(&seed) % 20000, numbers, n);
		memset(&known, 0, sizeof(known));
		open_desk(&desk, place);
		assert_int_equal(store_grants(desk.store, 0, note, &known), 0);
		desk_close(&desk);
		for (i = 0; i < n; i++)
			assert_true(known.there[numbers[i]]);
		/* No number twice: each round's are above what there was. */
		for (i = 1; i < n; i++)
			assert_true(numbers[i] > numbers[i - 1]);
	}
	printf("%u acknowledged, %u stored\n", n, known.n);
	assert_true(n >= KILLS);
	assert_true(known.n >= n);
}

/* ---- the log ----------------------------------------------------------- */

static void audit_path(const struct place *place, char path[128])
{
	snprintf(path, 128, "%s/state/audit.log", place->dir);
}

static void some_lines(const struct place *place)
{
	struct dc_c3_answer answer;
	struct desk desk;
	unsigned int i;

	open_desk(&desk, place);
	for (i = 0; i < 3; i++)
		assert_int_equal(ask(place, &desk, i, &answer), 0);
	desk_close(&desk);
}

static int reopen(const struct place *place)
{
	struct desk desk;
	int err = desk_open(&desk, place->config);

	desk_close(&desk);
	return err;
}

/* Change a byte of the log, @at from its end. */
static void change(const char *path, long at)
{
	FILE *file = fopen(path, "r+e");
	int byte;

	assert_non_null(file);
	fseek(file, -at, SEEK_END);
	byte = fgetc(file);
	fseek(file, -at, SEEK_END);
	fputc(byte == 'x' ? 'y' : 'x', file);
	fclose(file);
}

static void log_changed(void **state)
{
	struct place *place = *state;
	char path[128];

	some_lines(place);
	audit_path(place, path);
	change(path, 400);
	assert_int_not_equal(reopen(place), 0);
}

static void log_cut_off(void **state)
{
	struct place *place = *state;
	struct audit_head have;
	char path[128], why[DC_WHY_MAX], line[4096];
	uint64_t end;
	FILE *file;

	some_lines(place);
	audit_path(place, path);
	assert_int_equal(audit_walk(path, NULL, NULL, NULL, &have, &end, why),
			 0);
	assert_int_equal(have.lines, 4);
	file = fopen(path, "re");
	assert_non_null(file);
	assert_non_null(fgets(line, sizeof(line), file));
	fclose(file);
	assert_int_equal(truncate(path, strlen(line)), 0);
	/* What is left is a good chain; the store knows that it was longer. */
	assert_int_equal(audit_walk(path, NULL, NULL, NULL, &have, &end, why),
			 0);
	assert_int_not_equal(reopen(place), 0);
}

/* Half a line, and a line that was not acknowledged, are no harm. */
static void log_unfinished(void **state)
{
	struct place *place = *state;
	struct audit_head have;
	char path[128], why[DC_WHY_MAX];
	uint64_t end;
	int fd;

	some_lines(place);
	audit_path(place, path);
	assert_int_equal(audit_walk(path, NULL, NULL, NULL, &have, &end, why),
			 0);
	fd = open(path, O_WRONLY | O_APPEND);
	assert_true(fd >= 0);
	assert_int_equal(audit_append(fd, &have, "grant 9 not kept", false), 0);
	assert_int_equal(write(fd, "0123", 4), 4);
	close(fd);
	assert_int_equal(reopen(place), 0);
	some_lines(place);
	assert_int_equal(reopen(place), 0);
}

/* More than is read at opening. */
static void many_lines(const struct place *place)
{
	static const char words[] = "note 0123456789 0123456789 0123456789";
	struct desk desk;
	unsigned int i;

	open_desk(&desk, place);
	for (i = 0; i < 2 * AUDIT_TAIL / sizeof(words); i++)
		assert_int_equal(store_log(desk.store, words), 0);
	desk_close(&desk);
}

/* What is far from the end costs nothing at opening, and is found when all is read. */
static void log_long(void **state)
{
	struct place *place = *state;
	struct audit_head have;
	char path[128], why[DC_WHY_MAX];
	uint64_t end;

	many_lines(place);
	audit_path(place, path);
	assert_int_equal(audit_walk(path, NULL, NULL, NULL, &have, &end, why),
			 0);
	assert_true(end > 2 * AUDIT_TAIL);
	assert_int_equal(reopen(place), 0);
	some_lines(place);
	change(path, end - 100);
	assert_int_equal(reopen(place), 0);
	assert_int_equal(audit_walk(path, NULL, NULL, NULL, &have, &end, why),
			 -EBADMSG);
	change(path, AUDIT_TAIL / 2);
	assert_int_not_equal(reopen(place), 0);
}

static void log_long_unfinished(void **state)
{
	struct place *place = *state;
	struct audit_head have;
	char path[128], why[DC_WHY_MAX];
	uint64_t end;
	int fd;

	many_lines(place);
	audit_path(place, path);
	assert_int_equal(audit_walk(path, NULL, NULL, NULL, &have, &end, why),
			 0);
	fd = open(path, O_WRONLY | O_APPEND);
	assert_true(fd >= 0);
	assert_int_equal(audit_append(fd, &have, "grant 9 not kept", false), 0);
	assert_int_equal(write(fd, "0123", 4), 4);
	close(fd);
	assert_int_equal(reopen(place), 0);
	some_lines(place);
	assert_int_equal(reopen(place), 0);
	assert_int_equal(audit_walk(path, NULL, NULL, NULL, &have, &end, why),
			 0);
	/* Shorter than is known: no chain leads there. */
	assert_int_equal(truncate(path, end - 1), 0);
	assert_int_not_equal(reopen(place), 0);
}

/* Who watches a store is told of what others committed, when it is there. */
static void watched(void **state)
{
	struct place *place = *state;
	struct desk one, other;
	int fd;

	open_desk(&one, place);
	open_desk(&other, place);
	fd = store_watch(one.config.state);
	assert_true(fd >= 0);
	assert_false(store_watched(fd));
	assert_int_equal(store_begin(other.store), 0);
	assert_false(store_watched(fd));
	assert_int_equal(store_commit(other.store, "something"), 0);
	assert_true(store_watched(fd));
	assert_int_equal(desk_sync(&one), 1);
	assert_false(store_watched(fd));
	close(fd);
	desk_close(&one);
	desk_close(&other);
	assert_true(store_watch("/nowhere") < 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(restart_keeps_numbers),
		TEST(revocations_are_numbered),
		TEST(two_at_one_store),
		TEST(watched),
		TEST(pruned),
		TEST(news_in_pieces),
		TEST(rules_of_the_policy),
		TEST(rules_by_hand),
		TEST(who_asked_is_remembered),
		TEST(old_policy),
		TEST(killed_in_the_middle),
		TEST(log_changed),
		TEST(log_cut_off),
		TEST(log_unfinished),
		TEST(log_long),
		TEST(log_long_unfinished),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
