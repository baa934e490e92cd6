// SPDX-License-Identifier: GPL-2.0
/* damc neigh: the words and the lines about liveness. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "neigh.h"
#include "print.h"

/* A number from 1 up at @*at, which is moved behind it; 0 if there is none. */
static unsigned long number(const char **at)
{
	unsigned long value;
	char *end;

	if (!isdigit((unsigned char)**at))
		return 0;
	value = strtoul(*at, &end, 10);
	*at = end;
	return value;
}

int neigh_take_liveness(const struct cli_key *key, const char *value)
{
	struct damc_neigh_config *config = key->to;
	unsigned long interval, multiplier;
	const char *at = value;

	config->has |= DAMC_NEIGH_HAS_INTERVAL;
	if (!strcmp(value, "off")) {
		config->interval_ms = 0;
		return CLI_OK;
	}
	interval = number(&at);
	multiplier = *at == 'x' && at++ ? number(&at) : 0;
	if (*at || !interval || interval > DAMC_LIVENESS_MAX_US / 1000 ||
	    multiplier < 2 || multiplier > UINT8_MAX)
		return cli_wrong(value,
				 "expected off, or milliseconds and how many times, like 10x3");
	config->has |= DAMC_NEIGH_HAS_MULTIPLIER;
	config->interval_ms = interval;
	config->multiplier = multiplier;
	return CLI_OK;
}

static int digit(char c)
{
	if (isdigit((unsigned char)c))
		return c - '0';
	return isxdigit((unsigned char)c) ? (c | ' ') - 'a' + 10 : -1;
}

int neigh_take_key(const struct cli_key *key, const char *value)
{
	struct damc_neigh_config *config = key->to;
	size_t i;

	for (i = 0; i < 2 * sizeof(config->key); i++) {
		if (digit(value[i]) < 0)
			break;
		config->key[i / 2] = config->key[i / 2] << 4 | digit(value[i]);
	}
	/* What was wrong is a secret that was mistyped: it is not repeated. */
	if (i < 2 * sizeof(config->key) || value[i])
		return cli_wrong("key", "expected 32 hexadecimal digits");
	config->has |= DAMC_NEIGH_HAS_KEY;
	return CLI_OK;
}

static void print_flags(uint32_t flags)
{
	const struct damc_spec_word *word;

	open_json_array(PRINT_JSON, "flags");
	for (word = damc_spec_liveness_flags; word->name; word++)
		if (flags & word->value)
			print_string(PRINT_ANY, NULL, " %s", word->name);
	close_json_array(PRINT_JSON, "flags");
}

void neigh_print_liveness(const struct damc_liveness *live)
{
	struct cli_text text;

	if (!live->interval_ms)
		return;
	open_json_object("liveness");
	print_uint(PRINT_ANY, "interval-ms", " liveness %u", live->interval_ms);
	print_uint(PRINT_ANY, "multiplier", "x%u", live->multiplier);
	print_string(PRINT_ANY, "state", " %s",
		     cli_word(damc_spec_liveness_state, live->state, &text));
	if (is_json_context() || live->reason != DAMC_LIVENESS_REASON_NONE)
		print_string(PRINT_ANY, "reason", " %s",
			     cli_word(damc_spec_liveness_reason, live->reason,
				      &text));
	print_flags(live->flags);
	close_json_object();
}

void neigh_print_liveness_stats(const struct damc_liveness *live)
{
	if (!live->interval_ms)
		return;
	print_nl();
	print_uint(PRINT_ANY, "sent-us", "    sent-us %u", live->sent_us);
	print_uint(PRINT_ANY, "detect-us", " detect-us %u", live->detect_us);
	print_u64(PRINT_ANY, "delay-ns", " delay-ns %lu", live->delay_ns);
	print_u64(PRINT_ANY, "jitter-ns", " jitter-ns %lu", live->jitter_ns);
	print_u64(PRINT_ANY, "received", " received %lu", live->received);
	print_u64(PRINT_ANY, "lost", " lost %lu", live->lost);
	print_uint(PRINT_ANY, "downs", " downs %u", live->downs);
	print_uint(PRINT_ANY, "stalls", " stalls %u", live->stalls);
}
