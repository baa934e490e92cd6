// SPDX-License-Identifier: GPL-2.0
/* damc call: call a method of a service by its name. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "print.h"
#include "record.h"

static const char usage[] =
	"Usage: damc call NAME METHOD [ [ data ] { DATA | - } ] [ from NAME ]\n"
	"                 [ deadline { SECONDS | MSms } ] [ record ]\n"
	"The answer goes to standard output; \"-\" reads the data from standard input.\n"
	"Exit status: 0 if the method answered, 1 for a wrong command line,\n"
	"2 if the call was refused, 3 without an answer by the deadline,\n"
	"4 if the method failed, 5 if its outcome is unknown.\n";

enum {
	CALL_OK = 0,
	CALL_REFUSED = 2,
	CALL_DEADLINE = 3,
	CALL_FAILED = 4,
	CALL_UNKNOWN = 5,
};

/* What is read from standard input at most; the library's own limit is lower. */
#define INPUT_MAX 1048576

struct call {
	struct damc_rmi_request request;
	struct damc_name from;
	bool has_from;
	/* Data read from standard input, to be freed. */
	char *input;
};

static int read_input(struct call *call)
{
	size_t len = 0, room = 65536;
	char *data = NULL, *bigger;

	do {
		if (!data || len == room) {
			room *= data ? 2 : 1;
			bigger = realloc(data, room);
			if (!bigger) {
				free(data);
				return cli_failed("call", ENOMEM);
			}
			data = bigger;
		}
		len += fread(data + len, 1, room - len, stdin);
	} while (len <= INPUT_MAX && !feof(stdin) && !ferror(stdin));

	if (ferror(stdin) || len > INPUT_MAX) {
		free(data);
		return cli_failed("standard input",
				  len > INPUT_MAX ? EMSGSIZE : EIO);
	}
	call->input = data;
	call->request.data = data;
	call->request.len = len;
	return CLI_OK;
}

static int parse_method(struct cli_args *args, struct damc_rmi_request *request)
{
	request->method = cli_take(args);
	if (!request->method)
		return cli_incomplete();
	if (!*request->method || strlen(request->method) > DAMC_RMI_METHOD_MAX)
		return cli_wrong(request->method,
				 "a method's name has 1 to 255 bytes");
	return CLI_OK;
}

/* What follows the method and is none of the keys is the data. */
static bool is_key(const char *word)
{
	return !strcmp(word, "from") || !strcmp(word, "deadline") ||
	       !strcmp(word, "record") || !strcmp(word, "data");
}

static int parse_keys(struct cli_args *args, struct call *call,
		      const char **data)
{
	struct cli_key keys[] = {
		{ .key = "from", .take = cli_take_name, .to = &call->from },
		{ .key = "deadline", .take = cli_take_ms,
		  .to = &call->request.deadline_ms, .min = 1,
		  .max = 86400000 },
		{ .key = "data", .take = cli_take_text, .to = data,
		  .seen = *data },
		{ .key = "record", .to = &call->request.record },
		{ .key = NULL }
	};
	int ret = cli_keys(args, keys, NULL, "call");

	call->has_from = keys[0].seen;
	return ret;
}

static int parse(struct cli_args *args, struct call *call)
{
	const char *data = NULL;
	int ret;

	ret = cli_name_arg(args, &call->request.target);
	if (!ret)
		ret = parse_method(args, &call->request);
	if (ret)
		return ret;
	if (cli_peek(args) && !is_key(cli_peek(args)))
		data = cli_take(args);
	ret = parse_keys(args, call, &data);
	if (ret || !data)
		return ret;
	if (!strcmp(data, "-"))
		return read_input(call);
	call->request.data = data;
	call->request.len = strlen(data);
	return CLI_OK;
}

static int code_of(enum damc_rmi_status status)
{
	switch (status) {
	case DAMC_RMI_OK:
		return CALL_OK;
	case DAMC_RMI_APPLICATION:
	case DAMC_RMI_REPLY_TOO_BIG:
		return CALL_FAILED;
	case DAMC_RMI_NO_METHOD:
	case DAMC_RMI_REFUSED:
	case DAMC_RMI_TOO_BIG:
	case DAMC_RMI_UNREACHABLE:
		return CALL_REFUSED;
	case DAMC_RMI_DEADLINE:
		return CALL_DEADLINE;
	case DAMC_RMI_OUTCOME_UNKNOWN:
	case DAMC_RMI_PROTOCOL:
		break;
	}
	/* Something may have been executed, or a newer library says so. */
	return CALL_UNKNOWN;
}

static const struct damc_spec_word statuses[] = {
	{ DAMC_RMI_OK, "ok", "" },
	{ DAMC_RMI_APPLICATION, "application", "" },
	{ DAMC_RMI_NO_METHOD, "no-method", "" },
	{ DAMC_RMI_REFUSED, "refused", "" },
	{ DAMC_RMI_TOO_BIG, "too-big", "" },
	{ DAMC_RMI_DEADLINE, "deadline", "" },
	{ DAMC_RMI_OUTCOME_UNKNOWN, "outcome-unknown", "" },
	{ DAMC_RMI_UNREACHABLE, "unreachable", "" },
	{ DAMC_RMI_PROTOCOL, "protocol", "" },
	{ DAMC_RMI_REPLY_TOO_BIG, "reply-too-big", "" },
	{ 0, NULL, NULL }
};

/* Whether a JSON string can hold it: ASCII, and what has a short escape. */
static bool is_text(const unsigned char *data, size_t len)
{
	for (; len; len--, data++) {
		if (*data > 0x7e)
			return false;
		if (*data < 0x20 && !(*data && strchr("\t\n\r\f\b", *data)))
			return false;
	}
	return true;
}

/* "data" if it is text, else "data-hex"; never both. */
static void print_data(const unsigned char *data, size_t len)
{
	bool plain = is_text(data, len);
	char *text = malloc(2 * len + 1);
	size_t i;

	if (!text)
		return;
	if (plain && len)
		memcpy(text, data, len);
	text[plain ? len : 2 * len] = '\0';
	for (i = 0; i < len && !plain; i++)
		sprintf(text + 2 * i, "%02x", data[i]);
	print_string(PRINT_JSON, plain ? "data" : "data-hex", NULL, text);
	free(text);
}

static void print_json(const struct call *call,
		       const struct damc_rmi_reply *reply)
{
	struct cli_text text;

	new_json_obj(json);
	open_json_object(NULL);
	print_string(PRINT_JSON, "status", NULL,
		     cli_word(statuses, reply->status, &text));
	if (reply->status == DAMC_RMI_UNREACHABLE)
		print_string(PRINT_JSON, "error", NULL,
			     cli_word(damc_spec_error_code, reply->error,
				      &text));
	if (reply->server.len)
		print_string(PRINT_JSON, "server", NULL,
			     cli_name(&reply->server, &text));
	print_data(reply->data, reply->len);
	print_u64(PRINT_JSON, "bytes", NULL, reply->len);
	print_uint(PRINT_JSON, "transmissions", NULL, reply->transmissions);
	print_u64(PRINT_JSON, "rtt-us", NULL, reply->rtt_us);
	if (call->request.record) {
		record_print_json("there", &reply->there);
		record_print_json("back", &reply->back);
	}
	close_json_object();
	delete_json_obj();
}

static void print_way(const char *word, const struct damc_rmi_path *path)
{
	fprintf(stderr, "%s:", word);
	record_print_text(stderr, path);
	fputc('\n', stderr);
}

/* On standard error, so that the answer's bytes stay alone. */
static void print_details(const struct call *call,
			  const struct damc_rmi_reply *reply)
{
	/* Without a reply there is no way, no server and no time to tell. */
	bool answered = reply->rtt_us;
	struct cli_text text;

	if (!show_details && !call->request.record)
		return;
	if (answered && call->request.record) {
		print_way("there", &reply->there);
		print_way("back", &reply->back);
	}
	if (answered && reply->server.len)
		fprintf(stderr, "server: %s\n", cli_name(&reply->server, &text));
	fprintf(stderr, "transmissions: %u\n", reply->transmissions);
	if (answered)
		fprintf(stderr, "rtt: %.3f ms\n", reply->rtt_us / 1e3);
}

static void say_failure(const struct damc_rmi_reply *reply)
{
	struct cli_text text;

	if (reply->status == DAMC_RMI_UNREACHABLE) {
		fprintf(stderr, "Error: %s: %s\n",
			cli_word(damc_spec_error_code, reply->error, &text),
			cli_word_doc(damc_spec_error_code, reply->error));
		if (reply->server.len)
			fprintf(stderr, "Refused by %s.\n",
				cli_name(&reply->server, &text));
		return;
	}
	fprintf(stderr, "Error: %s.\n", damc_rmi_strerror(reply->status));
	if (reply->status == DAMC_RMI_APPLICATION && reply->len && !json)
		cli_print_foreign(reply->data, reply->len);
}

static int finish(const struct call *call, const struct damc_rmi_reply *reply)
{
	if (json)
		print_json(call, reply);
	else if (reply->status == DAMC_RMI_OK)
		fwrite(reply->data, 1, reply->len, stdout);
	if (reply->status != DAMC_RMI_OK)
		say_failure(reply);
	if (!json)
		print_details(call, reply);
	return code_of(reply->status);
}

static int make_call(const struct call *call)
{
	struct damc_rmi_reply reply = { 0 };
	struct damc_rmi_client *client;
	int ret;

	client = damc_rmi_client_open(call->has_from ? &call->from : NULL);
	if (!client)
		return cli_failed("open", errno);
	ret = damc_rmi_call(client, &call->request, &reply);
	if (ret) {
		ret = cli_failed("call", ret);
	} else {
		ret = finish(call, &reply);
		damc_rmi_reply_free(&reply);
	}
	damc_rmi_client_close(client);
	return ret;
}

static int run(struct cli_args *args)
{
	struct call call = { .request.deadline_ms = 5000 };
	int ret;

	ret = parse(args, &call);
	if (!ret)
		ret = make_call(&call);
	free(call.input);
	return ret;
}

const struct cli_object cli_call = {
	.name = "call", .usage = usage, .run = run
};
