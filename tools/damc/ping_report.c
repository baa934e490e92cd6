// SPDX-License-Identifier: GPL-2.0
/* How damc ping tells what it sees. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "ping.h"
#include "print.h"
#include "record.h"
#include "signals.h"

void ping_error_words(const struct echo_event *event, char *buf, size_t size)
{
	struct cli_text text;
	char *at;

	snprintf(buf, size, "%s",
		 cli_word(damc_spec_error_code, event->code, &text));
	for (at = buf; *at; at++) {
		if (*at == '-')
			*at = ' ';
	}
	*buf = toupper((unsigned char)*buf);
	if (event->code == DAMC_ERROR_CODE_TOO_BIG) {
		size_t len = strlen(buf);

		snprintf(buf + len, size - len, ", %u bytes fit", event->info);
	}
}

const char *ping_offender(const struct damc_name *name, struct cli_text *text)
{
	return name->len ? cli_name(name, text) : "(unnamed)";
}

void ping_report_begin(const struct echo *echo)
{
	struct cli_text text;

	new_json_obj(json);
	open_json_object(NULL);
	print_string(PRINT_JSON, "target", NULL,
		     cli_name(&echo->target, &text));
	print_uint(PRINT_JSON, "size", NULL, echo->size + ECHO_HEADER);
	open_json_array(PRINT_JSON, "events");
	if (is_json_context())
		return;
	printf("PING %s %u(%u) bytes of data.\n",
	       cli_name(&echo->target, &text), echo->size,
	       echo->size + ECHO_HEADER);
	fflush(stdout);
}

void ping_report_reply(const struct echo_event *event, double ms, bool again)
{
	struct cli_text text;

	if (brief)
		return;
	cli_print_timestamp();
	open_json_object(NULL);
	print_string(PRINT_JSON, "type", NULL, "reply");
	print_uint(PRINT_ANY, "bytes", "%u bytes", event->bytes + ECHO_HEADER);
	print_string(PRINT_ANY, "from", " from %s:",
		     cli_name(&event->from, &text));
	print_uint(PRINT_ANY, "seq", " seq=%u", event->seq);
	if (event->hops >= 0)
		print_uint(PRINT_ANY, "hops-left", " hops-left=%u",
			   event->hops);
	print_float(PRINT_ANY, "time-ms", " time=%.3f ms", ms);
	print_bool(PRINT_JSON, "duplicate", NULL, again);
	if (event->has_path && is_json_context())
		record_print_json("path", &event->path);
	close_json_object();
	if (is_json_context())
		return;
	printf("%s\n", again ? " (DUP!)" : "");
	if (event->has_path) {
		printf("    path:");
		record_print_text(stdout, &event->path);
		printf("\n");
	}
	fflush(stdout);
}

void ping_report_error(const struct echo_event *event)
{
	struct cli_text text;
	char words[64];

	if (brief)
		return;
	cli_print_timestamp();
	ping_error_words(event, words, sizeof(words));
	open_json_object(NULL);
	print_string(PRINT_JSON, "type", NULL, "error");
	print_string(PRINT_ANY, "from", "From %s",
		     ping_offender(&event->from, &text));
	print_uint(PRINT_ANY, "seq", " seq=%u", event->seq);
	print_string(PRINT_FP, NULL, " %s\n", words);
	print_string(PRINT_JSON, "error", NULL,
		     cli_word(damc_spec_error_code, event->code, &text));
	if (event->code == DAMC_ERROR_CODE_TOO_BIG)
		print_uint(PRINT_JSON, "mtu", NULL, event->info);
	close_json_object();
	fflush(stdout);
}

void ping_report_send_error(uint32_t seq, int err)
{
	if (brief)
		return;
	cli_print_timestamp();
	open_json_object(NULL);
	print_string(PRINT_JSON, "type", NULL, "send-error");
	print_uint(PRINT_ANY, "seq", "Not sent seq=%u", seq);
	print_string(PRINT_ANY, "error", " %s\n", strerror(-err));
	close_json_object();
	fflush(stdout);
}

static void print_times(const struct ping_counts *counts)
{
	double n = counts->received + counts->duplicates;
	double mean = counts->sum / n;
	double spread = counts->squares / n - mean * mean;

	open_json_object("rtt-ms");
	print_float(PRINT_ANY, "min", "rtt min/avg/max/mdev = %.3f",
		    counts->min);
	print_float(PRINT_ANY, "avg", "/%.3f", mean);
	print_float(PRINT_ANY, "max", "/%.3f", counts->max);
	print_float(PRINT_ANY, "mdev", "/%.3f ms\n",
		    spread > 0 ? sqrt(spread) : 0);
	close_json_object();
}

void ping_report_end(const struct echo *echo, const struct ping_counts *counts)
{
	struct cli_text text;
	uint32_t lost = counts->sent - counts->received;
	double loss = counts->sent ? 100.0 * lost / counts->sent : 0;

	close_json_array(PRINT_JSON, "events");
	print_string(PRINT_FP, NULL, "\n--- %s ping statistics ---\n",
		     cli_name(&echo->target, &text));
	print_uint(PRINT_ANY, "transmitted", "%u packets transmitted, ",
		   counts->sent);
	print_uint(PRINT_ANY, "received", "%u received, ", counts->received);
	if (counts->duplicates || is_json_context())
		print_uint(PRINT_ANY, "duplicates", "+%u duplicates, ",
			   counts->duplicates);
	if (counts->errors || is_json_context())
		print_uint(PRINT_ANY, "errors", "+%u errors, ",
			   counts->errors);
	print_float(PRINT_ANY, "loss-percent", "%g%% packet loss, ", loss);
	print_u64(PRINT_ANY, "duration-ms", "time %lums\n",
		  (counts->ended - counts->began) / 1000000);
	if (counts->received)
		print_times(counts);
	close_json_object();
	delete_json_obj();
}
