// SPDX-License-Identifier: GPL-2.0
/*
 * libFuzzer: messages through the codec, and through both cores: the first
 * byte says to whom, the next how much time passes.
 */
#include <stdlib.h>
#include <string.h>

#include "rmi_client_core.h"
#include "rmi_server_core.h"

static const struct rmi_limits limits = { 4, 8, 4, 4, 1 << 20, 2 };
static const struct damc_name from = { .len = 2, .wire = { 1, 'b' } };

static void check_codec(const uint8_t *data, size_t size)
{
	static uint8_t buf[RMI_MESSAGE_MAX];
	struct rmi_msg msg;

	if (rmi_decode(&msg, data, size))
		return;
	if (rmi_encode(&msg, buf, sizeof(buf)) != (int)size ||
	    memcmp(buf, data, size))
		abort();
}

static void feed_server(struct rmi_server_core *core, const uint8_t *data,
			size_t size, uint64_t now)
{
	static uint8_t out[RMI_MESSAGE_MAX];
	struct rmi_work work;

	rmi_server_core_input(core, &from, data, size, data, size & 255, &work,
			      out, sizeof(out), now);
	if (work.execute)
		rmi_server_core_finish(core, work.execute, data[0] & 15, data,
				       size, &work, out, sizeof(out), now);
	rmi_server_core_too_big(core, &from, data, size, &work, out,
				sizeof(out), now);
}

static void feed_client(struct rmi_client_core *core, const uint8_t *data,
			size_t size, uint64_t now)
{
	static uint8_t out[RMI_MESSAGE_MAX];
	struct rmi_packet packet;

	rmi_client_core_timer(core, now);
	while (rmi_client_core_output(core, &packet, out, sizeof(out), now))
		;
	rmi_client_core_input(core, &from, data, size, data, size & 255, now);
	if (size)
		rmi_client_core_refused(core, data, size, data[0] & 63, &from,
					now);
}

/* Numbers that the cores know, where the fuzzer can reach them. */
static void patch(uint8_t *buf, size_t size, uint8_t how)
{
	static const uint8_t one[8] = { [7] = 1 };

	if (size < RMI_HEADER_SIZE)
		return;
	buf[0] = RMI_MAGIC;
	buf[1] = RMI_VERSION;
	if (how & 0x10)
		memcpy(buf + 24, one, 8);
	if (how & 0x20)
		memset(buf + 32, 0, 5);
	if (how & 0x40)
		memset(buf + 16, 0, 7);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct damc_rmi_request request = {
		.target = from, .method = "m", .deadline_ms = 10000,
	};
	struct rmi_server_core *server = rmi_server_core_new(1, &limits, 0);
	struct rmi_client_core *client = rmi_client_core_new(1);
	uint8_t first[RMI_MESSAGE_MAX];
	uint64_t now = 0, number;
	struct rmi_packet packet;

	check_codec(data, size);
	rmi_client_core_start(client, &request, now);
	rmi_client_core_output(client, &packet, first, sizeof(first), now);
	memcpy(&number, first + 8, sizeof(number));
	while (size >= 3) {
		size_t len = data[2] < size - 3 ? data[2] : size - 3;
		uint8_t *copy = malloc(len ? len : 1);

		memcpy(copy, data + 3, len);
		patch(copy, len, data[0]);
		now += data[1] * 10000ull;
		if (data[0] & 1) {
			feed_server(server, copy, len, now);
		} else {
			if (len >= 16)
				memcpy(copy + 8, &number, sizeof(number));
			feed_client(client, copy, len, now);
		}
		free(copy);
		data += 3 + len;
		size -= 3 + len;
	}
	rmi_client_core_free(client);
	rmi_server_core_free(server);
	return 0;
}
