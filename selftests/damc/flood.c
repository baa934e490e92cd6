// SPDX-License-Identifier: GPL-2.0
/*
 * flood DEV: send frames that are forwarded, refused, malformed and for the node
 * itself, until killed. flood DEV SOURCE DESTINATION: send parts of messages that
 * never become whole, under names below SOURCE. flood control DEV: send what may be
 * a session's packets of a daemon's behind DEV's address, and is not, and what is
 * neither that, by turns. flood socket: open an AF_DAMC
 * socket and end.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "testlib.h"

static void flood(int fd)
{
	static const char * const to[] = {
		"/far/x", "/nowhere", "/a", "/localhop/x", "/far/y",
	};
	uint8_t packet[DT_FRAME_MAX];
	struct dt_packet what = { .src = "/far/z", .hop_limit = 3 };
	unsigned int n;

	for (n = 0;; n++) {
		what.dst = to[n % 5];
		what.proto = n % 7 ? DAMC_PROTO_MESSAGE : DAMC_PROTO_ECHO;
		what.payload = "\0\0\0\0";
		what.payload_len = 4;
		dt_frame_send(fd, packet,
			      dt_packet_write(packet, &what) - !(n % 11));
		if (!(n % 64))
			usleep(1000);
	}
}

/* Each of a message of its own, from one of a thousand sources. */
static void flood_fragments(int fd, const char *src, const char *dst)
{
	static uint8_t payload[sizeof(struct damc_fragment_hdr) + 1024];
	struct damc_fragment_hdr *hdr = (void *)payload;
	uint8_t packet[DT_FRAME_MAX];
	char name[100];
	struct dt_packet what = {
		.src = name, .dst = dst, .proto = DAMC_PROTO_FRAGMENT,
		.payload = payload, .payload_len = sizeof(payload),
	};
	unsigned int n;

	hdr->next_proto = DAMC_PROTO_MESSAGE;
	hdr->total = htons(60000);
	for (n = 0;; n++) {
		hdr->id = htonl(n);
		hdr->offset = htons(n % 50 * 1024);
		snprintf(name, sizeof(name), "%s/%u", src, n % 1000);
		dt_frame_send(fd, packet, dt_packet_write(packet, &what));
		if (!(n % 64))
			usleep(1000);
	}
}

/* The front of class 2's packets, Documentation/control.rst. */
static void flood_control(int fd)
{
	uint8_t payload[64] = { 1 }, packet[DT_FRAME_MAX];
	const struct dt_packet what = {
		.src = "/damc/node/x", .dst = "/localhop/damc/ls",
		.proto = DAMC_PROTO_CONTROL, .hop_limit = 255,
		.payload = payload, .payload_len = sizeof(payload),
	};
	uint32_t n, sequence;

	payload[3] = sizeof(payload);
	for (n = 0;; n++) {
		payload[1] = 1 + n % 2;
		sequence = htonl(n);
		memcpy(payload + 20, &sequence, sizeof(sequence));
		dt_frame_send(fd, packet, dt_packet_write(packet, &what));
		if (!(n % 64))
			usleep(1000);
	}
}

int main(int argc, char **argv)
{
	int fd;

	if (argc < 2 || argc > 4)
		return 2;
	if (!strcmp(argv[1], "socket"))
		return socket(AF_DAMC_DEFAULT, SOCK_DGRAM, 0) < 0;
	fd = dt_frames_open(argv[argc == 3 ? 2 : 1]);
	if (fd < 0)
		return 1;
	if (argc == 3)
		flood_control(fd);
	if (argc == 4)
		flood_fragments(fd, argv[2], argv[3]);
	flood(fd);
}
