// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <string.h>

#include "converge.h"

/*
 * What led to no change of the table by then will not. What neighbours tell changes
 * names at once, and ways 0.5 s later at the latest (spf_delay.h); most of it nothing.
 */
#define OPEN_US 10000000
#define OBJECT_OPEN_US 1000000

static struct converge_record *last(struct converge *converge)
{
	return &converge->record[(converge->n - 1) % CONVERGE_RECORDS];
}

static struct converge_record *open_one(struct converge *converge,
					uint64_t now_us)
{
	uint64_t most_us = OPEN_US;

	if (converge->open && !strcmp(last(converge)->what, CONVERGE_OBJECT))
		most_us = OBJECT_OPEN_US;
	/* A record may begin later than the call of the node that it belongs to. */
	if (converge->open && now_us > last(converge)->at_us + most_us)
		converge->open = false;
	return converge->open ? last(converge) : NULL;
}

bool converge_waits(struct converge *converge, uint64_t now_us)
{
	return open_one(converge, now_us);
}

void converge_begin(struct converge *converge, const char *what,
		    const char *words, uint64_t at_us, uint64_t wall_ms)
{
	struct converge_record *record = open_one(converge, at_us);

	/* An object may lead to nothing: what happens here does not hide behind it. */
	if (record && (strcmp(record->what, CONVERGE_OBJECT) ||
		       !strcmp(what, CONVERGE_OBJECT))) {
		record->more++;
		return;
	}
	/* What changed nothing is of no interest. */
	if (!converge->n || last(converge)->fib_us != UINT32_MAX)
		converge->n++;
	converge->open = true;
	record = last(converge);
	*record = (struct converge_record){
		.at_us = at_us, .wall_ms = wall_ms, .flood_us = UINT32_MAX,
		.spf_us = UINT32_MAX, .fib_us = UINT32_MAX,
	};
	snprintf(record->what, sizeof(record->what), "%s", what);
	snprintf(record->words, sizeof(record->words), "%s", words);
}

void converge_flooded(struct converge *converge, uint64_t now_us)
{
	struct converge_record *record = open_one(converge, now_us);

	if (record && record->flood_us == UINT32_MAX)
		record->flood_us = now_us - record->at_us;
}

void converge_computed(struct converge *converge, uint64_t now_us)
{
	struct converge_record *record = open_one(converge, now_us);

	if (record)
		record->spf_us = now_us - record->at_us;
}

void converge_done(struct converge *converge, const char *words,
		   uint32_t changes, uint64_t now_us)
{
	struct converge_record *record = open_one(converge, now_us);

	if (!record)
		return;
	record->fib_us = now_us - record->at_us;
	record->changes += changes;
	if (!*record->words)
		snprintf(record->words, sizeof(record->words), "%s", words);
	converge->open = false;
}
