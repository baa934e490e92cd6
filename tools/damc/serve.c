// SPDX-License-Identifier: GPL-2.0
/* damc serve: answer calls to a name, by echoing or by running a command. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "exec.h"
#include "print.h"
#include "signals.h"

static const char usage[] =
	"Usage: damc serve NAME [ member [ weight WEIGHT ] ] [ method METHOD ]\n"
	"                  [ exec COMMAND [ ARGUMENT ]... ]\n"
	"Answers each call with its own data, or with what COMMAND writes: the data\n"
	"on its standard input, DAMC_METHOD and DAMC_CALLER in its environment. If its\n"
	"exit status is not 0 the call fails, with what it wrote to standard error.\n"
	"member: NAME is an instance of the pool that is called as it is without its last\n"
	"component.\n";

struct serve {
	struct damc_name name;
	/* As an instance of its pool; 0 of none. */
	uint32_t weight;
	const char *method;
	/* What to run, NULL to echo. */
	char **command;
	struct cli_signals signals;
};

static enum damc_rmi_status answer(void **data, size_t *len, const void *from,
				   size_t from_len,
				   enum damc_rmi_status status)
{
	*data = malloc(from_len + 1);
	if (!*data)
		return DAMC_RMI_REFUSED;
	if (from_len)
		memcpy(*data, from, from_len);
	*len = from_len;
	return status;
}

static enum damc_rmi_status fail(void **data, size_t *len, const char *why)
{
	return answer(data, len, why, strlen(why), DAMC_RMI_APPLICATION);
}

static enum damc_rmi_status exec_answer(const struct exec_result *result,
					void **data, size_t *len)
{
	char why[64];

	switch (result->end) {
	case EXEC_TIMED_OUT:
		return fail(data, len, "killed at the call's deadline");
	case EXEC_OUTPUT_TOO_BIG:
		return fail(data, len, "killed: it wrote more than 64 KiB");
	case EXEC_STOPPED:
		return fail(data, len, "killed: the server was stopped");
	case EXEC_KILLED:
		snprintf(why, sizeof(why), "ended by signal %d",
			 result->status);
		return fail(data, len, why);
	case EXEC_EXITED:
		break;
	}
	if (!result->status)
		return answer(data, len, result->output, result->output_len,
			      DAMC_RMI_OK);
	if (result->errors_len)
		return answer(data, len, result->errors, result->errors_len,
			      DAMC_RMI_APPLICATION);
	snprintf(why, sizeof(why), "exit status %d", result->status);
	return fail(data, len, why);
}

static enum damc_rmi_status execute(const struct serve *serve,
				    const struct damc_rmi_call_info *call,
				    void **data, size_t *len)
{
	char method[sizeof("DAMC_METHOD=") + DAMC_RMI_METHOD_MAX];
	char caller[sizeof("DAMC_CALLER=") + DAMC_NAME_TEXT_MAX];
	char *const env[] = { method, caller, NULL };
	struct exec_job job = {
		.argv = serve->command, .env = env,
		.input = call->data, .input_len = call->len,
		.timeout_ms = call->remaining_ms, .mask = &serve->signals.mask,
	};
	struct exec_result result;
	enum damc_rmi_status status;
	struct cli_text text;

	snprintf(method, sizeof(method), "DAMC_METHOD=%s", call->method);
	snprintf(caller, sizeof(caller), "DAMC_CALLER=%s",
		 cli_name(&call->caller, &text));
	if (exec_run(&job, &result))
		return DAMC_RMI_REFUSED;
	status = exec_answer(&result, data, len);
	free(result.output);
	free(result.errors);
	return status;
}

/* A method's name comes from the network: only printable bytes as they are. */
static void print_method(const char *method)
{
	for (; *method; method++) {
		if (isgraph((unsigned char)*method) && *method != '\\')
			putchar(*method);
		else
			printf("\\x%02x", (unsigned char)*method);
	}
}

static void log_call(const struct damc_rmi_call_info *call,
		     enum damc_rmi_status status, size_t len)
{
	struct cli_text text;

	if (!show_details)
		return;
	cli_print_timestamp();
	printf("call from %s: ", cli_name(&call->caller, &text));
	print_method(call->method);
	printf(", %zu bytes: %s, %zu bytes\n", call->len,
	       damc_rmi_strerror(status), len);
	fflush(stdout);
}

static enum damc_rmi_status serve_call(const struct damc_rmi_call_info *call,
				       void **data, size_t *len, void *arg)
{
	const struct serve *serve = arg;
	enum damc_rmi_status status;

	*data = NULL;
	*len = 0;
	if (serve->method && strcmp(serve->method, call->method))
		status = DAMC_RMI_NO_METHOD;
	else if (serve->command)
		status = execute(serve, call, data, len);
	else
		status = answer(data, len, call->data, call->len, DAMC_RMI_OK);
	log_call(call, status, *len);
	return status;
}

static int parse(struct cli_args *args, struct serve *serve)
{
	bool member = false;
	struct cli_key keys[] = {
		{ .key = "member", .to = &member },
		{ .key = "weight", .take = cli_take_u32, .to = &serve->weight,
		  .min = 1, .max = DAMC_WEIGHT_MAX },
		{ .key = "method", .take = cli_take_text, .to = &serve->method },
		{ .key = NULL }
	};
	int ret;

	ret = cli_name_arg(args, &serve->name);
	if (!ret)
		ret = cli_keys(args, keys, "exec", "serve");
	if (!ret && serve->weight && !member)
		ret = cli_required("member");
	if (member && !serve->weight)
		serve->weight = 1;
	if (ret || !cli_take(args))
		return ret;
	if (!cli_peek(args))
		return cli_incomplete();
	/* The rest of the words, which argv ends with a NULL. */
	serve->command = args->next;
	return CLI_OK;
}

/* Scripts wait for this line before they call. */
static void say_ready(const struct serve *serve)
{
	struct cli_text text;

	printf("serving %s\n", cli_name(&serve->name, &text));
	fflush(stdout);
}

static int loop(struct serve *serve, struct damc_rmi_server *server)
{
	int ret = 0;

	cli_signals_begin(&serve->signals);
	say_ready(serve);
	while (!cli_stopped() && ret >= 0) {
		cli_wait(&serve->signals, damc_rmi_server_fd(server), -1);
		if (!cli_stopped())
			ret = damc_rmi_server_step(server);
	}
	cli_signals_end(&serve->signals);
	return ret < 0 ? cli_failed("receive", ret) : CLI_OK;
}

static int run(struct cli_args *args)
{
	struct serve serve = { 0 };
	struct damc_rmi_server *server;
	struct cli_text text;
	char what[sizeof(text.buf) + 16];
	int ret;

	ret = parse(args, &serve);
	if (ret)
		return ret;
	server = damc_rmi_server_open_member(&serve.name, serve.weight,
					     serve_call, &serve);
	if (!server) {
		snprintf(what, sizeof(what), "serve %s",
			 cli_name(&serve.name, &text));
		return cli_failed(what, errno);
	}
	ret = loop(&serve, server);
	damc_rmi_server_close(server);
	return ret;
}

const struct cli_object cli_serve = {
	.name = "serve", .usage = usage, .run = run
};
