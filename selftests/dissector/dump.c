// SPDX-License-Identifier: GPL-2.0
/* Write each frame that a network namespace receives or sends as a line "frame HEX". */
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <stdio.h>
#include <sys/socket.h>

static void print_frame(const unsigned char *frame, ssize_t len)
{
	ssize_t i;

	fputs("frame ", stdout);
	for (i = 0; i < len; i++)
		printf("%02x", frame[i]);
	fputs("\n", stdout);
	fflush(stdout);
}

int main(void)
{
	static unsigned char frame[65536];
	int fd = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));
	ssize_t len;

	if (fd < 0) {
		perror("dump: socket");
		return 1;
	}
	while ((len = recv(fd, frame, sizeof(frame), 0)) >= 0)
		print_frame(frame, len);
	perror("dump: recv");
	return 1;
}
