// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The record of the nodes that a packet passed: a RECORD TLV's value into
 * struct damc_rmi_path.
 */
#include <errno.h>
#include <string.h>

#include "rmi_msg.h"

/* Read the entry at @entries; return the bytes it takes, or -EBADMSG. */
static int read_entry(struct damc_name *name, const uint8_t *entries,
		      size_t left)
{
	size_t len = entries[0];

	if (len > left - 1 || damc_name_from_wire(name, entries + 1, len))
		return -EBADMSG;
	return 1 + len;
}

/* Nodes beyond what a path holds count as missed. */
int rmi_path_decode(struct damc_rmi_path *path, const void *record, size_t len)
{
	const struct damc_record *head = record;
	struct damc_rmi_path result = { 0 };
	struct damc_name name;
	size_t pos = 0;
	int n;

	if (len < sizeof(*head) || head->used > len - sizeof(*head))
		return -EBADMSG;
	result.missed = head->missed;
	while (pos < head->used) {
		n = read_entry(&name, head->entries + pos, head->used - pos);
		if (n < 0)
			return n;
		pos += n;
		if (result.hops < ARRAY_SIZE(result.node))
			result.node[result.hops++] = name;
		else
			result.missed++;
	}
	*path = result;
	return 0;
}
