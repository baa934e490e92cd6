// SPDX-License-Identifier: GPL-2.0
#include <endian.h>
#include <errno.h>
#include <string.h>

#include "bind_msg.h"

static bool printable(char c)
{
	return c >= ' ' && c <= '~';
}

/* Bytes before the name. */
#define HEAD sizeof(struct damc_bind_hdr)

int bind_msg_read(struct bind_msg *msg, const void *bytes, size_t len)
{
	const uint8_t *at = bytes;
	struct damc_bind_hdr hdr;
	size_t i;

	if (len < HEAD)
		return -EINVAL;
	memcpy(&hdr, at, HEAD);
	if (hdr.version != DAMC_BIND_VERSION ||
	    len != HEAD + hdr.name_len + hdr.reason_len ||
	    hdr.reason_len > DAMC_BIND_REASON_MAX ||
	    damc_name_from_wire(&msg->name, at + HEAD, hdr.name_len))
		return -EINVAL;
	msg->type = hdr.type;
	msg->weight = be16toh(hdr.weight);
	msg->id = be64toh(hdr.id);
	memcpy(msg->reason, at + HEAD + hdr.name_len, hdr.reason_len);
	msg->reason[hdr.reason_len] = '\0';
	for (i = 0; i < hdr.reason_len; i++)
		if (!printable(msg->reason[i]))
			return -EINVAL;
	return 0;
}

size_t bind_msg_write(const struct bind_msg *msg, uint8_t *bytes)
{
	struct damc_bind_hdr hdr = {
		.version = DAMC_BIND_VERSION, .type = msg->type,
		.name_len = msg->name.len, .reason_len = strlen(msg->reason),
		.weight = htobe16(msg->weight), .id = htobe64(msg->id),
	};
	uint8_t *reason = bytes + HEAD + msg->name.len;
	size_t i;

	memcpy(bytes, &hdr, HEAD);
	memcpy(bytes + HEAD, msg->name.wire, msg->name.len);
	for (i = 0; i < hdr.reason_len; i++)
		reason[i] = printable(msg->reason[i]) ? msg->reason[i] : '?';
	return HEAD + hdr.name_len + hdr.reason_len;
}
