// SPDX-License-Identifier: GPL-2.0
/*
 * For netns.sh: send frames that are forwarded, refused, malformed and for the
 * node itself, until killed; or "socket": open an AF_DAMC socket and end.
 */
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

int main(int argc, char **argv)
{
	int fd;

	if (argc != 2)
		return 2;
	if (!strcmp(argv[1], "socket"))
		return socket(AF_DAMC_DEFAULT, SOCK_DGRAM, 0) < 0;
	fd = dt_frames_open(argv[1]);
	if (fd < 0)
		return 1;
	flood(fd);
}
