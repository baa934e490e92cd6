// SPDX-License-Identifier: GPL-2.0
/* A node with a pool: what pools.h promises. */
#include <stdio.h>
#include <sys/socket.h>

#include "pools.h"

int pools_damc(const char * const *commands)
{
	char text[1024];
	size_t at = 0;

	for (; *commands; commands++)
		at += snprintf(text + at, sizeof(text) - at, "%s\n", *commands);
	return dt_damc(text);
}

int pools_open(struct dt_node *node)
{
	int err = dt_node_open(node, "edge");

	return err ? err :
	       DAMC("route add /b/1 dev w0", "route add /b/2 dev w0",
		    "route add /b/3 dev w0", "route add /b/4 dev w0",
		    "pool add /b member /b/1 member /b/2 member /b/3 member /b/4");
}

int pools_instance(struct dt_node *node, int ms)
{
	const struct damc_hdr *hdr = (const void *)node->got;
	char name[8];
	int i;

	if (dt_frame_recv(node->w, node->got, sizeof(node->got), ms) < 0)
		return 0;
	if (hdr->dst_len != 4)
		return -1;
	for (i = 1; i <= 9; i++) {
		snprintf(name, sizeof(name), "/b/%d", i);
		if (dt_packet_name(node->got, 0, name))
			return i;
	}
	return -1;
}

int pools_connected(const char *name)
{
	struct sockaddr_damc sa;
	int fd = socket(AF_DAMC_DEFAULT, SOCK_DGRAM, 0);
	socklen_t len = dt_addr(&sa, name, 0);

	return connect(fd, (struct sockaddr *)&sa, len) ? -1 : fd;
}
