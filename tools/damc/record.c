// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "print.h"
#include "record.h"

/* False if it is no name. */
static bool add_node(struct damc_rmi_path *path, const void *wire, size_t len)
{
	if (path->hops == ARRAY_SIZE(path->node)) {
		path->missed++;
		return true;
	}
	if (damc_name_from_wire(&path->node[path->hops], wire, len))
		return false;
	path->hops++;
	return true;
}

void record_read(struct damc_rmi_path *path, const void *value, size_t len)
{
	const struct damc_record *record = value;
	size_t at = 0, room;

	memset(path, 0, sizeof(*path));
	if (len < sizeof(*record))
		return;
	path->missed = record->missed;
	room = len - sizeof(*record);
	if (record->used < room)
		room = record->used;

	while (at < room) {
		size_t size = record->entries[at++];

		if (size > room - at ||
		    !add_node(path, &record->entries[at], size))
			return;
		at += size;
	}
}

void record_print_json(const char *key, const struct damc_rmi_path *path)
{
	struct cli_text text;
	char missed[32];
	unsigned int i;

	open_json_array(PRINT_JSON, key);
	for (i = 0; i < path->hops; i++)
		print_string(PRINT_JSON, NULL, NULL,
			     cli_name(&path->node[i], &text));
	close_json_array(PRINT_JSON, key);
	snprintf(missed, sizeof(missed), "%s-missed", key);
	print_uint(PRINT_JSON, missed, NULL, path->missed);
}

void record_print_text(FILE *to, const struct damc_rmi_path *path)
{
	struct cli_text text;
	unsigned int i;

	if (!path->hops && !path->missed)
		fprintf(to, " direct");
	for (i = 0; i < path->hops; i++)
		fprintf(to, " %s", cli_name(&path->node[i], &text));
	if (path->missed)
		fprintf(to, " (and %u not recorded)", path->missed);
}
