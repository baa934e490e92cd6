/* SPDX-License-Identifier: GPL-2.0 */
#ifndef DAMC_CLI_PING_H
#define DAMC_CLI_PING_H

#include "cli.h"
#include "echo.h"

struct ping_counts {
	uint32_t sent;
	uint32_t received;
	uint32_t duplicates;
	uint32_t errors;
	int64_t began;
	int64_t ended;
	/* Of round trips, in milliseconds. */
	double min;
	double max;
	double sum;
	double squares;
};

/* Results as they come, in text or as members of a JSON object. */
void ping_report_begin(const struct echo *echo);
void ping_report_reply(const struct echo_event *event, double ms, bool again);
void ping_report_error(const struct echo_event *event);
void ping_report_send_error(uint32_t seq, int err);
void ping_report_end(const struct echo *echo, const struct ping_counts *counts);

/* "No route", "Too big, 1480 bytes fit": an error's words. */
void ping_error_words(const struct echo_event *event, char *buf, size_t size);

/* Who refused; a node without a name of its own has none to tell. */
const char *ping_offender(const struct damc_name *name, struct cli_text *text);

#endif /* DAMC_CLI_PING_H */
