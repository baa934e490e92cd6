// SPDX-License-Identifier: GPL-2.0
/*
 * Send frames to 1,000 destinations in turn and print what one took, in ns of
 * CLOCK_MONOTONIC. On one CPU all that the frame causes is done before the send
 * returns. The same program for both sides, and for the sink: a frame of the
 * same length with an EtherType that nobody takes.
 *
 * usage: blast DEV damc25|damc40|ip6 ROUTES FRAMES [sink]
 */
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/ipv6.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <linux/damc.h>

#include "names.h"

#define PAYLOAD 72
#define SINK_ETHERTYPE 0x88b6

struct frame {
	unsigned int len;
	unsigned char data[512];
};

static struct frame frames[BENCH_DESTINATIONS];

static unsigned int put_ether(struct frame *frame, uint16_t type)
{
	struct ethhdr *eth = (struct ethhdr *)frame->data;
	static const unsigned char to[ETH_ALEN] = { 2, 0, 0, 0, 0, 2 };
	static const unsigned char from[ETH_ALEN] = { 2, 0, 0, 0, 0, 1 };

	memcpy(eth->h_dest, to, ETH_ALEN);
	memcpy(eth->h_source, from, ETH_ALEN);
	eth->h_proto = htons(type);
	return sizeof(*eth);
}

/* The sender's name, as long as the destination's: below /pod/gw1/p1. */
static unsigned int put_source(unsigned char *wire, unsigned int size)
{
	unsigned int at = bench_wire(wire, "/pod/gw1/p1");

	wire[at] = size - at - 1;
	memset(wire + at + 1, '~', wire[at]);
	return size;
}

static void make_damc(struct frame *frame, unsigned int size, unsigned int route)
{
	unsigned int at = put_ether(frame, DAMC_ETHERTYPE_DEFAULT), start = at;
	struct damc_hdr *hdr = (struct damc_hdr *)(frame->data + at);
	char text[BENCH_NAME_ROOM];

	bench_destination(text, size, route);
	hdr->version = 0x10;
	hdr->hop_limit = 64;
	hdr->next_proto = DAMC_PROTO_MESSAGE;
	hdr->payload_len = htons(PAYLOAD);
	hdr->flow = htonl(route + 1);
	at += sizeof(*hdr);
	hdr->dst_len = bench_wire(frame->data + at, text);
	hdr->src_len = put_source(frame->data + at + hdr->dst_len, size);
	at += hdr->dst_len + hdr->src_len;
	at = start + ((at - start + 3) & ~3U);
	hdr->header_len = (at - start) / 4;
	frame->len = at + PAYLOAD;
}

static void make_ip6(struct frame *frame, unsigned int route)
{
	unsigned int at = put_ether(frame, ETH_P_IPV6);
	struct ipv6hdr *hdr = (struct ipv6hdr *)(frame->data + at);

	hdr->version = 6;
	hdr->payload_len = htons(PAYLOAD);
	hdr->nexthdr = IPPROTO_UDP;
	hdr->hop_limit = 64;
	inet_pton(AF_INET6, "2001:db9::1", &hdr->saddr);
	inet_pton(AF_INET6, "2001:db8::1", &hdr->daddr);
	hdr->daddr.s6_addr16[2] = htons(route >> 16);
	hdr->daddr.s6_addr16[3] = htons(route & 0xffff);
	frame->len = at + sizeof(*hdr) + PAYLOAD;
}

static int make_frames(const char *kind, unsigned int routes, bool sink)
{
	unsigned int k, size = !strcmp(kind, "damc25") ? 25 : 40;

	for (k = 0; k < BENCH_DESTINATIONS; k++) {
		if (!strcmp(kind, "ip6"))
			make_ip6(&frames[k], bench_pick(k, routes));
		else
			make_damc(&frames[k], size, bench_pick(k, routes));
		if (sink)
			put_ether(&frames[k], SINK_ETHERTYPE);
	}
	return frames[0].len;
}

static int open_device(const char *name)
{
	struct sockaddr_ll addr = {
		.sll_family = AF_PACKET,
		.sll_ifindex = if_nametoindex(name),
	};
	int fd = socket(AF_PACKET, SOCK_RAW, 0);

	if (fd < 0 || !addr.sll_ifindex || bind(fd, (struct sockaddr *)&addr, sizeof(addr))) {
		perror(name);
		exit(1);
	}
	return fd;
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1e9 + ts.tv_nsec;
}

static double send_frames(int fd, unsigned int count)
{
	double start = now();
	unsigned int i;

	for (i = 0; i < count; i++) {
		struct frame *frame = &frames[i % BENCH_DESTINATIONS];

		if (send(fd, frame->data, frame->len, 0) != (ssize_t)frame->len) {
			perror("send");
			exit(1);
		}
	}
	return (now() - start) / count;
}

int main(int argc, char **argv)
{
	if (argc < 5) {
		fprintf(stderr, "usage: blast DEV damc25|damc40|ip6 ROUTES FRAMES [sink]\n");
		return 2;
	}
	make_frames(argv[2], strtoul(argv[3], NULL, 10), argc > 5);
	printf("%.1f\n", send_frames(open_device(argv[1]), strtoul(argv[4], NULL, 10)));
	return 0;
}
